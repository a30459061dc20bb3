import { expect } from 'chai';
import { appendFile, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnswerCache } from '../../../../storage/cache/answer-cache.js';
import { callParts } from '../../../../storage/cache/call-key.js';
import { explainCall, listCache, pruneCache } from '../../../../storage/cache/inspect.js';
import { addSecret, forgetSecrets } from '../../../../storage/secrets/redact.js';
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

  it('never returns an altered reply: a damaged line costs that line, is told and counted, and removed by prune', async () => {
    await inTemporaryFolder(async (root) => {
      await withCache(root, async (cache) => {
        for (const name of ['a', 'b', 'c'])
          await cache.add(parts(name), { ok: true, value: `answer ${name}`, call });
      });
      const folder = join(root, MODEL.slice(0, 24));
      const file = join(folder, (await readdir(folder))[0] as string);
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('answer b', 'answer d'));
      const told: unknown[] = [];
      const cache = new AnswerCache(root, (damage) => told.push(damage));
      expect(await cache.find(parts('a'))).to.deep.include({ value: 'answer a' });
      expect(await cache.find(parts('b'))).to.equal(undefined);
      expect(await cache.find(parts('c'))).to.deep.include({ value: 'answer c' });
      await cache.refresh();
      expect(told).to.deep.equal([{ file, lines: 1, first: 2 }]);
      await writeFile(file, text.replace('answer c', 'answer e'));
      expect(await cache.find(parts('c')), 'altered while it is read').to.equal(undefined);
      await cache.close();
      expect(
        (await listCache(root)).map(({ entries, damaged }) => [entries, damaged]),
      ).to.deep.equal([[2, 1]]);
      expect(await pruneCache(root, { before: '2000-01-01' })).to.deep.equal({
        removed: 1,
        kept: 2,
      });
      expect((await listCache(root))[0]?.damaged).to.equal(0);
    });
  });

  it('returns replies of versions without checksums, but no line that such a version would not have written', async () => {
    await inTemporaryFolder(async (root) => {
      const value = [
        { text: 'B', tokenLogprobs: [-1], finish: 'stop', promptTokens: 1, completionTokens: 1 },
      ];
      await withCache(root, async (cache) => {
        for (const name of ['a', 'b', 'c']) await cache.add(parts(name), { ok: true, value, call });
      });
      const folder = join(root, MODEL.slice(0, 24));
      const [name = ''] = await readdir(folder);
      const lines = (await readFile(join(folder, name), 'utf8')).trim().split('\n');
      const old = lines.map((line) => line.replace(/,"sum":"[^"]*"/, ''));
      old[1] = (old[1] as string).replace('"text":"B"', '"text":["B"]');
      old[2] = (old[2] as string).replace(/,"call":.*/, '}');
      await writeFile(join(folder, name), `${old.join('\n')}\n`);
      await withCache(root, async (cache) =>
        expect(await cache.find(parts('a')), 'a checksum was removed').to.equal(undefined),
      );
      await rename(join(folder, name), join(folder, name.replace('.sums', '')));
      const told: { readonly lines: number; readonly first: number }[] = [];
      const cache = new AnswerCache(root, ({ lines: damaged, first }) =>
        told.push({ lines: damaged, first }),
      );
      expect(await cache.find(parts('a'))).to.deep.equal({ ok: true, value, call });
      expect(await cache.find(parts('b'))).to.equal(undefined);
      expect(await cache.find(parts('c'))).to.equal(undefined);
      expect(told).to.deep.equal([{ lines: 2, first: 2 }]);
      await cache.close();
    });
  });

  it('stores no secret, and returns a reply at once as it will be found', async () => {
    addSecret('sk-canary-1234');
    await inTemporaryFolder(async (root) => {
      await withCache(root, async (cache) => {
        const value = [{ text: 'your key is sk-canary-1234', scores: Float32Array.of(1) }];
        const stored = await cache.add(parts('p'), { ok: true, value, call });
        expect(stored).to.deep.equal({
          ok: true,
          value: [{ text: 'your key is [secret]', scores: Float32Array.of(1) }],
          call,
        });
        expect(await cache.find(parts('p'))).to.deep.equal(stored);
      });
    });
    forgetSecrets();
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
