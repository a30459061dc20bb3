import { expect } from 'chai';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AnswerCache } from '../../../../storage/cache/answer-cache.js';
import { callParts } from '../../../../storage/cache/call-key.js';
import { explainCall, listCache, pruneCache } from '../../../../storage/cache/inspect.js';
import { inTemporaryFolder } from '../../../support/temporary.js';

const MODEL = 'f'.repeat(64);
const parts = (prompt: string, temperature = 0): ReturnType<typeof callParts> =>
  callParts(MODEL, 'generate', { text: prompt }, { temperature });
const call = {
  requestedModel: 'm',
  servedModel: 'm-2026',
  usage: { prompt: 1, completion: 2 },
  latencyMs: 3,
  requests: 1,
};

const withCache = async <T>(root: string, work: (cache: AnswerCache) => Promise<T>): Promise<T> => {
  const cache = new AnswerCache(root);
  try {
    return await work(cache);
  } finally {
    await cache.close();
  }
};

describe('the answer cache', () => {
  it('returns stored replies, in this process and the next, including long texts and arrays of floats', async () => {
    await inTemporaryFolder(async (root) => {
      const values = [
        [{ text: 'x'.repeat(20_000) }],
        Float32Array.of(1.5, -2),
        { logits: Float32Array.of(0.25) },
      ];
      await withCache(root, async (cache) => {
        for (const [i, value] of values.entries())
          await cache.add(parts(`p${i}`), { ok: true, value, call });
        expect(await cache.find(parts('p1'))).to.deep.equal({ ok: true, value: values[1], call });
      });
      await withCache(root, async (cache) => {
        for (const [i, value] of values.entries())
          expect(await cache.find(parts(`p${i}`))).to.deep.equal({ ok: true, value, call });
        expect(await cache.find(parts('p0', 1)), 'other settings').to.equal(undefined);
        expect(
          await cache.find({ ...parts('p0'), model: 'e'.repeat(64) }),
          'another model',
        ).to.equal(undefined);
      });
    });
  });

  it('stores no failures', async () => {
    await inTemporaryFolder(async (root) => {
      await withCache(root, async (cache) => {
        await cache.add(parts('p'), { ok: false, code: 'RXB4106', message: 'broken' });
        expect(await cache.find(parts('p'))).to.equal(undefined);
      });
    });
  });

  it('reads a segment up to the line that a crash truncated', async () => {
    await inTemporaryFolder(async (root) => {
      await withCache(
        root,
        async (cache) => await cache.add(parts('whole'), { ok: true, value: 1, call }),
      );
      const folder = join(root, MODEL.slice(0, 24));
      const [segment] = await readdir(folder);
      await appendFile(join(folder, segment as string), `{"key":"${'0'.repeat(24)}","at":"20`);
      await withCache(root, async (cache) => {
        expect((await cache.find(parts('whole')))?.ok).to.equal(true);
        await cache.add(parts('next'), { ok: true, value: 2, call });
        expect((await cache.find(parts('next')))?.ok).to.equal(true);
      });
      expect((await listCache(root)).map(({ entries, models }) => [entries, models])).to.deep.equal(
        [[2, ['m-2026']]],
      );
    });
  });

  it('accepts replies from several processes at once: each appends to a separate segment', async () => {
    await inTemporaryFolder(async (root) => {
      await withCache(root, async (one) => {
        await withCache(root, async (other) => {
          await Promise.all(
            Array.from({ length: 40 }, (_, i) =>
              (i % 2 === 0 ? one : other).add(parts(`p${i}`), { ok: true, value: i, call }),
            ),
          );
        });
      });
      await withCache(root, async (cache) => {
        for (let i = 0; i < 40; i++)
          expect(await cache.find(parts(`p${i}`))).to.deep.include({ value: i });
      });
      expect(await readdir(join(root, MODEL.slice(0, 24)))).to.have.length(2);
    });
  });

  it('explains a miss by the differences, and prunes by age and by model', async () => {
    await inTemporaryFolder(async (root) => {
      await withCache(root, async (cache) => {
        await cache.add(parts('p', 0.5), { ok: true, value: 1, call });
        await cache.add(parts('q'), { ok: true, value: 2, call });
      });
      const { found, near } = await explainCall(root, parts('p'));
      expect([found, near.map(({ differs }) => differs)]).to.deep.equal([null, [['temperature']]]);
      expect((await explainCall(root, parts('q'))).found?.value).to.equal(2);
      expect(await pruneCache(root, { before: '2000-01-01' })).to.deep.equal({
        removed: 0,
        kept: 2,
      });
      expect(await pruneCache(root, { keep: (id) => !MODEL.startsWith(id) })).to.deep.equal({
        removed: 2,
        kept: 0,
      });
      await withCache(root, async (cache) =>
        expect(await cache.find(parts('q'))).to.equal(undefined),
      );
    });
  });
});
