import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Completion } from '../../core/index.js';
import { AnswerCache, modelFolder } from '../../storage/cache/answer-cache.js';
import { listSegments } from '../../storage/cache/cache-names.js';
import { callParts, type CallParts } from '../../storage/cache/call-key.js';
import { explainCall, listCache, pruneCache } from '../../storage/cache/inspect.js';
import { mutateLines } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const MODEL = 'f'.repeat(64);
const REPLIES = 5;
const getParts = (question: number): CallParts =>
  callParts(MODEL, 'generate', { form: 'raw', text: `q${question}` }, { maxTokens: 8 });
const getReply = (question: number): readonly Completion[] => [
  {
    text: `answer ${question}`,
    tokenLogprobs: [-0.25, -1.5],
    finish: 'stop',
    promptTokens: 3,
    completionTokens: 2,
  },
];
const CALL = {
  requestedModel: 'm',
  servedModel: 'm-1',
  usage: { prompt: 3, completion: 2 },
  latencyMs: 12,
  requests: 1,
};

/** A segment with a few replies: its name and the objects of its lines. */
async function makeSegment(
  root: string,
): Promise<{ readonly name: string; readonly rows: readonly Record<string, unknown>[] }> {
  const cache = new AnswerCache(root);
  for (let i = 0; i < REPLIES; i++)
    await cache.add(getParts(i), { ok: true, value: getReply(i), call: CALL });
  await cache.close();
  const [name = ''] = await listSegments(modelFolder(root, MODEL));
  const text = await readFile(join(modelFolder(root, MODEL), name), 'utf8');
  await rm(root, { recursive: true });
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { name, rows };
}

/** Reads all replies, adds one, and inspects the cache. */
async function readCache(root: string, sealed: boolean): Promise<void> {
  const cache = new AnswerCache(root);
  try {
    for (let i = 0; i < REPLIES; i++) {
      const found = await cache.find(getParts(i));
      if (found === undefined || !found.ok) continue;
      if (sealed && JSON.stringify(found.value) !== JSON.stringify(getReply(i)))
        throw new WrongValue('an altered reply was returned');
      if (sealed && JSON.stringify(found.call) !== JSON.stringify(CALL))
        throw new WrongValue('a reply was returned with another record of its call');
      if (!Array.isArray(found.value)) throw new WrongValue('a reply without texts was returned');
    }
    await cache.add(getParts(REPLIES), { ok: true, value: getReply(REPLIES), call: CALL });
    if ((await cache.find(getParts(REPLIES))) === undefined)
      throw new WrongValue('a new reply was not found');
  } finally {
    await cache.close();
  }
  await listCache(root);
  await explainCall(root, getParts(0));
  await pruneCache(root, { before: '2000-01-01' });
  for (const { damaged } of await listCache(root))
    if (damaged > 0) throw new WrongValue('damaged lines are left after they were removed');
}

export const target: FuzzTarget = {
  summary: 'files of the answer cache, with checksums and of versions without, read by a run',
  open: async (folder) => {
    const root = join(folder, 'cache');
    const { name, rows } = await makeSegment(root);
    const old = rows.map(({ sum: _, ...members }) => members);
    return {
      next: (random) => {
        const sealed = random.float() < 0.7;
        const file = sealed ? name : name.replace('.sums', '');
        return {
          files: {
            [`cache/${MODEL.slice(0, 24)}/${file}`]: mutateLines(sealed ? rows : old, random),
          },
          run: async () => {
            try {
              await readCache(root, sealed);
            } finally {
              await rm(root, { recursive: true, force: true });
            }
          },
        };
      },
    };
  },
};
