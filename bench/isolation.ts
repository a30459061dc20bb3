/**
 * What it costs to score a router in a process of its own, behind the wall, beside the same router inside the harness: npm run bench:isolation.
 * Both read the same stored hidden states and write the same confidences; runs of the two alternate. Flags: --rows, --layers, --dim, --repeats.
 */
import { loadavg, tmpdir } from 'node:os';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../core/observer.js';
import { openSpending } from '../core/spend/spending.js';
import { makePlan, type PlannedRouter, type PlannedSet } from '../core/plan.js';
import { openProject } from '../core/project.js';
import type { RunContext } from '../core/run-context.js';
import { score } from '../core/stages/score.js';
import { signalOf } from '../core/stages/observe.js';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000' }, layers: { type: 'string', default: '33' }, dim: { type: 'string', default: '4096' }, repeats: { type: 'string', default: '3' }, folder: { type: 'string' } } });
const [rows, layers, dim, repeats] = [values.rows, values.layers, values.dim, values.repeats].map(Number) as [number, number, number, number];

const DATA = `
import { dataset, model } from 'routerxbench';
export class Wide { card = async () => ({ name: 'wide', fingerprint: 'wide', can: ['generate', 'hidden-states'], hiddenStates: { indices: Array.from({ length: ${layers} }, (_, i) => i), dim: ${dim} } }); }
model({ name: 'wide', summary: 'Hidden states made up by the benchmark' })(Wide);
export class Many { *read() { for (let i = 0; i < ${rows}; i++) yield { id: 'q' + i, prompt: 'What is ' + i + ' and ' + 3 * i + '?', reference: String(4 * i), domain: 'sums' }; } }
dataset({ name: 'many', summary: 'Sums', splits: ['train', 'test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Many);
`;

/** A probe on the mean over layers, as a stranger would write it. */
const PROBE = `
import { hiddenStates, router } from 'routerxbench';
export class MeanProbe {
  score({ signals }) {
    const { layers, dim, values } = signals.hiddenStates;
    let sum = 0;
    for (let at = 0; at < values.length; at++) sum += values[at] * ((at % dim) - dim / 2);
    return sum / layers;
  }
}
router({ name: 'mean-probe', summary: 'A mean probe', needs: [hiddenStates()] })(MeanProbe);
`;

const folder = await mkdtemp(join(values.folder ?? tmpdir(), 'rxb-bench-'));
try {
  await mkdir(join(folder, 'node_modules'));
  await symlink(fileURLToPath(new URL('../..', import.meta.url)), join(folder, 'node_modules/routerxbench'), 'dir');
  await writeFile(join(folder, 'data.mjs'), DATA);
  await writeFile(join(folder, 'probe.mjs'), PROBE);
  const config = (inProcess: readonly string[]): string =>
    JSON.stringify({ plugins: ['./data.mjs', './probe.mjs'], models: { weak: { use: 'wide' }, strong: { use: 'wide' } }, datasets: { inDomain: ['many'] }, routers: ['mean-probe'], isolation: { inProcess } });
  const contextOf = async (inProcess: readonly string[]): Promise<RunContext> => {
    await writeFile(join(folder, 'harness.config.json'), config(inProcess));
    const plan = await makePlan(await openProject({ cwd: folder, env: {} }));
    return { plan, results: join(folder, 'results'), observer: SILENT, signal: new AbortController().signal, calls: new Map(), latency: new Map(), spend: openSpending(plan.project), reopening: { opening: plan.project.opening, selection: {} } };
  };
  const contexts = { inside: await contextOf(['all']), apart: await contextOf(['./data.mjs']) };
  const [router] = contexts.inside.plan.routers as [PlannedRouter];
  const [set] = contexts.inside.plan.sets as [PlannedSet];
  const states = signalOf(contexts.inside, router.needs[0] as PlannedRouter['needs'][number], set.test);
  const row = new Float32Array(layers * dim);
  for (let shard = 0; shard < states.shards; shard++) {
    const all = Array.from({ length: states.rowsIn(shard) }, (_, i) => row.map((_value, at) => Math.fround(Math.sin(shard * 256 + i + at))));
    if (shard === 0) await states.describe();
    await states.writeTensorRows(shard, all, [layers, dim]);
  }

  const seconds: Record<keyof typeof contexts, number[]> = { inside: [], apart: [] };
  const bytes = new Map<string, string>();
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const way of ['inside', 'apart'] as const) {
      await rm(join(folder, 'results/artifacts/confidences'), { recursive: true, force: true });
      const context = contexts[way];
      const [planned] = context.plan.routers as [PlannedRouter];
      const [own] = context.plan.sets as [PlannedSet];
      const started = performance.now();
      const confidences = await score(context, { planned, seed: null, weightsHash: null, fit: null, instance: () => Promise.resolve(planned.make()) }, own);
      if (repeat > 0) seconds[way].push((performance.now() - started) / 1000); // the first of each warms the disk's cache
      bytes.set(way, JSON.stringify(confidences));
    }
  }
  const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
  const [inside, apart] = [median(seconds.inside), median(seconds.apart)];
  console.log(`${rows} queries of ${layers} × ${dim}; medians of ${repeats}; load ${loadavg()[0]?.toFixed(1)}; ${contexts.apart.plan.routers[0]?.isolated === true ? 'isolated' : 'NOT ISOLATED'}`);
  console.log(`inside the harness  ${inside.toFixed(2)} s  (${seconds.inside.map((one) => one.toFixed(2)).join(', ')})`);
  console.log(`in its own process  ${apart.toFixed(2)} s  (${seconds.apart.map((one) => one.toFixed(2)).join(', ')})`);
  console.log(`overhead            ${((apart / inside - 1) * 100).toFixed(0)} %  (goal: at most 25 %)`);
  console.log(bytes.get('inside') === bytes.get('apart') ? 'equal confidences' : 'THE CONFIDENCES DIFFER');
} finally {
  await rm(folder, { recursive: true, force: true });
}
