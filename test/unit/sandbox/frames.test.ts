import { expect } from 'chai';
import { FrameReader, frameParts } from '../../../sandbox/frames.js';

describe('frames of the plugin protocol', () => {
  const payload = Uint8Array.from({ length: 40 }, (_, i) => i);
  const bytes = Buffer.concat([
    ...frameParts({ type: 'a', text: 'größer' }),
    ...frameParts({ type: 'b' }, payload),
    ...frameParts({ type: 'c', at: 0, bytes: 9 }),
  ]);

  it('are decoded unchanged, however they are split into chunks', () => {
    for (const size of [1, 3, 7, 64, bytes.length]) {
      const reader = new FrameReader(() => 1000);
      const frames = [];
      for (let at = 0; at < bytes.length; at += size)
        frames.push(...reader.push(bytes.subarray(at, at + size)));
      expect(frames.map(({ header }) => header)).to.deep.equal([
        { type: 'a', text: 'größer' },
        { type: 'b', bytes: 40 },
        { type: 'c', at: 0, bytes: 9 },
      ]);
      expect(frames.map(({ payload: own }) => own.length)).to.deep.equal([0, 40, 0]);
      expect(Array.from(frames[1]?.payload ?? [])).to.deep.equal(Array.from(payload));
    }
  });

  it('that announce too much, or are not a JSON object, are rejected before memory is allocated', () => {
    const refused = (piece: Uint8Array): string => {
      try {
        new FrameReader(() => 1000).push(piece);
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refused(Buffer.from('this is no frame'))).to.match(/header of \d+ bytes/);
    expect(refused(Buffer.concat(frameParts({ bytes: 2000 })))).to.equal(
      'it announced 2000 bytes of data',
    );
    const kinds = new FrameReader(({ type }) => (type === 'save' ? 1000 : 0));
    expect(kinds.push(Buffer.concat(frameParts({ type: 'save' }, Buffer.alloc(9))))).to.have.length(
      1,
    );
    expect(() => kinds.push(Buffer.concat(frameParts({ type: 'note', bytes: 1 })))).to.throw(
      'it announced 1 bytes of data',
    );
    expect(refused(Buffer.concat(frameParts({ bytes: -1 })))).to.equal(
      'it announced -1 bytes of data',
    );
    expect(refused(Buffer.concat(frameParts([1])))).to.equal('a header is not a JSON object');
    expect(refused(Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.from('{a}')]))).to.contain(
      'not JSON',
    );
  });
});
