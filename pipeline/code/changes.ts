/** What code made the stored results, so that a change of it can be told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../storage/atomic.js';
import type { Plan } from '../planning/planned.js';

const schema = z.object({
  harness: z.string(),
  plugins: z.record(z.string(), z.string()),
});

type MadeBy = z.output<typeof schema>;

const getFile = (results: string): string => join(results, 'artifacts', 'code.json');

/** What is done again where the code of a plugin of a kind changed. */
const AGAIN = { router: 'scoring again', scorer: 'grading again', model: 'asking again' } as const;

/** The third-party plugins of a plan, `kind name` → hash of their code. */
function listPlugins({ models, routers, sets }: Plan): Readonly<Record<string, string>> {
  const list = (
    kind: keyof typeof AGAIN,
    made: readonly { readonly name: string; readonly code: string | null }[],
  ): readonly (readonly [string, string])[] =>
    made.flatMap(({ name, code }) => (code === null ? [] : [[`${kind} ${name}`, code] as const]));
  return Object.fromEntries([
    ...list('model', [...models.values()]),
    ...list('router', routers),
    ...sets.flatMap(({ scorers }) => list('scorer', scorers)),
  ]);
}

async function readMadeBy(results: string): Promise<MadeBy | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(getFile(results), 'utf8')));
  } catch {
    return undefined; // no results yet, or it is not known what made them: nothing can be told
  }
}

/** Lines that tell what code of a plan is not that of the stored results; empty for new results. */
export async function listCodeChanges(results: string, plan: Plan): Promise<readonly string[]> {
  const before = await readMadeBy(results);
  if (before === undefined) return [];
  const changed = Object.entries(listPlugins(plan)).flatMap(([plugin, code]) => {
    const [kind = '', ...words] = plugin.split(' ');
    const known = before.plugins[plugin];
    const isChanged = known !== undefined && known !== code;
    const again = AGAIN[kind as keyof typeof AGAIN];
    return isChanged ? [`${words.join(' ')}: code changed since the stored result, ${again}`] : [];
  });
  const isNewHarness = before.harness !== plan.harness;
  return isNewHarness
    ? [...changed, 'the code of routerxbench changed since the stored results: all is made again']
    : changed;
}

/** Keeps what code the results of a plan were made by. */
export async function writeMadeBy(results: string, plan: Plan): Promise<void> {
  const before = await readMadeBy(results);
  const plugins = { ...before?.plugins, ...listPlugins(plan) };
  await writeAtomic(
    getFile(results),
    `${JSON.stringify({ harness: plan.harness, plugins } satisfies MadeBy, null, 2)}\n`,
  );
}
