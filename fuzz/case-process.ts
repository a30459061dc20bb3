/**
 * A process that runs cases of one target, each when its parent asks for it: one that never ends,
 * or takes all memory, can be ended without the others. Arguments: module of the target, seed.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { HarnessError, HarnessErrors, seededRandom } from '../core/index.js';
import { WrongValue, type FuzzTarget } from './target.js';
import type { CaseMessage, Verdict } from './verdict.js';

const [module = '', seed = '', parent = ''] = argv.slice(2);

const say = (message: CaseMessage): Promise<void> =>
  new Promise((sent) => void process.send?.(message, () => sent()));

/** Text that is equal for cases that show the same fault: without numbers and paths. */
const general = (text: string): string =>
  text
    .replace(/(file:\/\/)?\/[^\s:'")]*\/(?=[^/\s]+)/g, '')
    .replace(/(?<![\w.-])-?\d+(\.\d+)?(e[+-]?\d+)?(?![\w.]*:\d)/g, 'N')
    .slice(0, 160);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The first line of a stack that is in our code. */
const whereIn = (stack: string): string =>
  stack
    .split('\n')
    .find((line) => line.includes(ROOT) && !/node_modules|fuzz\/case-process/.test(line))
    ?.replace(
      /^\s+|(file:\/\/)?\/\S*?\/(?=(core|sandbox|storage|analysis|pipeline|cli|plugins)\/)/g,
      '',
    )
    .replace(ROOT, '') ?? '';

function judge(error: unknown): Verdict {
  if (error instanceof WrongValue) return { kind: 'wrong', problem: error.message.slice(0, 300) };
  if (error instanceof HarnessErrors)
    return { kind: 'refused', codes: [...new Set(error.errors.map(({ code }) => code))] };
  if (error instanceof HarnessError) return { kind: 'refused', codes: [error.code] };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'uncoded', problem: `${name}: ${general(message)} ${whereIn(stack ?? '')}` };
}

/** Own names of what every object inherits: a reader must not add any. */
const inherited = (): string =>
  [Object.prototype, Array.prototype].map((shared) => Object.keys(shared).join()).join(';');

/** What was thrown where nothing could catch it, since the case began. */
let unhandled: unknown[] = [];
process.on('unhandledRejection', (error) => void unhandled.push(error));
// nothing that follows one can be trusted: the parent starts another process
process.on('uncaughtException', (error) => {
  const problem = `uncaught: ${judge(error).problem ?? 'refused'}`;
  const verdict = { kind: 'uncoded', problem, endsProcess: true } as const;
  void say({ type: 'ends', verdict }).then(() => process.exit(1));
});

async function runCase(run: () => Promise<void>): Promise<Verdict> {
  unhandled = [];
  const before = inherited();
  let verdict: Verdict = { kind: 'accepted' };
  try {
    await run();
  } catch (error) {
    verdict = judge(error);
  }
  for (let turns = 0; turns < 3; turns++) await new Promise((turn) => setImmediate(turn));
  if (unhandled.length > 0)
    verdict = {
      kind: 'uncoded',
      problem: `unhandled: ${judge(unhandled[0]).problem ?? 'refused'}`,
    };
  if (inherited() !== before) {
    for (const shared of [Object.prototype, Array.prototype] as object[])
      for (const key of Object.keys(shared)) Reflect.deleteProperty(shared, key);
    verdict = { kind: 'wrong', problem: 'a name was added to what all objects inherit' };
  }
  return verdict;
}

const folder = await mkdtemp(join(parent, 'process-'));
const { target } = (await import(module)) as { readonly target: FuzzTarget };
const opened = await target.open(folder);

/** Files of the last case: they stay until the next one, because the parent may keep them. */
let files: readonly string[] = [];

async function begin(number: number): Promise<void> {
  for (const path of files) await rm(path, { recursive: true, force: true });
  const { files: contents, run } = opened.next(seededRandom(`${seed}/${number}`));
  files = Object.keys(contents).map((name) => join(folder, name));
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await say({ type: 'begins', files });
  await say({ type: 'ends', verdict: await runCase(run) });
}

process.on('message', (number: number) => void begin(number));
process.on('disconnect', () => process.exit());
await say({ type: 'ready' });
