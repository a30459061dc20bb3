import { expect } from 'chai';
import { WatchedThread } from '../../../storage/watched-thread.js';
import { rejection } from '../../support/temporary.js';

async function ask(request: string): Promise<string> {
  const thread = new WatchedThread<string>(
    new URL('../../support/watched-body.js', import.meta.url),
    'what it was given',
  );
  try {
    thread.begin(request);
    return await thread.next();
  } finally {
    await thread.end();
    expect(thread.usable).to.equal(false);
  }
}

describe('a watched thread', () => {
  it('answers, with what it was given', async () => {
    expect(await ask('data')).to.equal('what it was given');
  });

  it('may take longer than the limit of one step', async () => {
    expect(await ask('long')).to.equal('what it was given');
  });

  it('is ended where a step does not end, or where it throws', async () => {
    expect((await rejection(ask('endless'))).message).to.equal('it did not end within 0.3 s');
    expect((await rejection(ask('throws'))).message).to.equal('it is broken');
  });
});
