import { expect } from 'chai';
import { join } from 'node:path';
import type { FitContext, FitData } from '../../../core/contracts.js';
import { answerFit } from '../../../sandbox/host-fit.js';
import { expectMessage } from '../../../sandbox/messages.js';
import { Program } from '../../../sandbox/plugin-program.js';
import { ISOLATION } from '../../../sandbox/settings.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const SENDS = `
const send = (header, bytes = 0) => {
  const json = Buffer.from(JSON.stringify(bytes > 0 ? { ...header, bytes } : header));
  const lead = Buffer.alloc(4);
  lead.writeUInt32LE(json.length);
  process.stdout.write(Buffer.concat([lead, json, Buffer.alloc(bytes)]));
};
const [CONFIDENCES, WEIGHTS] = [{ type: 'scored', confidences: [1] }, { type: 'fitted', meta: {}, tensors: [{ name: 'w', shape: [1], at: 0 }] }];
process.stdin.on('end', () => process.exit()).once('data', async () => {
  BODY
});
`;

/** Runs work with a program whose whole body, once it is asked something, is `body`. */
const inProgram = async <T>(
  body: string,
  work: (program: Program) => Promise<T>,
  { notes = [] }: { readonly notes?: string[] } = {},
): Promise<T> =>
  await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, { 'program.mjs': SENDS.replace('BODY', body) });
    const note = (text: string): void => void notes.push(text);
    const program = new Program({
      title: 'the program',
      command: [process.execPath, join(folder, 'program.mjs')],
      cwd: folder,
      env: {},
      memoryMiB: 256,
      descriptor: false,
      logger: { info: note, warn: note },
      cleanUp: () => undefined,
    });
    try {
      return await work(program);
    } finally {
      await program.close();
    }
  });

const score = async (program: Program): Promise<unknown> =>
  await program.request(
    { header: { type: 'score' } },
    { what: 'scoring', seconds: 20, option: 'scoreSeconds' },
    ({ message }) => expectMessage(message, 'scored', ({ message: text }) => new Error(text)),
  );

const rows: FitData<object> = {
  rows: 0,
  blocks: async function* () {
    // none
  },
};

const fit =
  (fitSeconds: number) =>
  async (program: Program): Promise<unknown> =>
    await answerFit(
      program,
      {
        title: 'the program',
        package: 'p',
        needs: [],
        fitted: true,
        settings: { ...ISOLATION, fitSeconds },
        start: async () => program,
      },
      rows,
      rows,
      {
        seed: 1,
        signal: new AbortController().signal,
        progress: () => undefined,
      } as unknown as FitContext,
    );

describe('a program', function () {
  this.timeout(60_000);

  it('returns confidences and weights', async () => {
    expect(await inProgram('send(CONFIDENCES);', score)).to.deep.include({ confidences: [1] });
    expect(await inProgram('send(WEIGHTS, 4);', fit(20))).to.have.property('tensors');
  });

  it('that sends numbers where none belong is stopped before they are read', async () => {
    const refused = await rejection(inProgram('send(CONFIDENCES, 1e8);', score));
    expect(refused.message).to.match(/^RXB2203 .*announced 100000000 bytes/);
  });

  it('that reports epochs it does not have is stopped', async () => {
    for (const step of ['{ epoch: 2, epochs: 1 }', '{ epoch: -1, epochs: 1 }'])
      expect(
        (await rejection(inProgram(`send({ type: 'progress', ...${step} });`, fit(20)))).message,
      ).to.match(/^RXB2203 .*"progress" is invalid/);
  });

  it('that sends messages for ever is stopped', async () => {
    const body = `setInterval(() => send({ type: 'progress', epoch: 0, epochs: 1 }), 5);`;
    const limit = { what: 'fitting', seconds: 20, total: 0.5, option: 'fitSeconds' } as const;
    const stopped = await rejection(
      inProgram(body, async (program) =>
        program.request({ header: { type: 'fit' } }, limit, () => undefined),
      ),
    );
    expect(stopped.message).to.match(/^RXB2209 .*still fitting after 0.5 s/);
  });

  it('that opens readers without end, or does not read what it asks for, is stopped', async () => {
    const many = `for (let i = 0; i < 1000; i++) send({ type: 'next', reader: i, part: 'train' });`;
    expect((await rejection(inProgram(many, fit(20)))).message).to.match(
      /^RXB2203 .*more than 64 readers/,
    );
    const deaf = async (program: Program): Promise<unknown> => {
      for (let i = 0; i < 30; i++)
        program.send({ header: { type: 'loaded' }, payload: Buffer.alloc(1e7) });
      return await score(program);
    };
    expect((await rejection(inProgram('process.stdin.pause();', deaf))).message).to.match(
      /^RXB2203 .*does not read/,
    );
  });

  it('shows its first notes, and is stopped where it sends notes for ever', async () => {
    const notes: string[] = [];
    const body = `for (let i = 0; i < 20000; i++) send({ type: 'note', level: 'warn', text: 'n' });`;
    const stopped = await rejection(inProgram(body, score, { notes }));
    expect(stopped.message).to.match(/^RXB2203 .*more than 10000 notes/);
    expect(notes).to.have.length(50);
    expect(notes.at(-1)).to.contain('not shown');
  });
});
