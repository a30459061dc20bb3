/**
 * What it costs to score a router in the sandbox beside the same router
 * inside the harness: npm run bench -- isolation.
 * Both read the same stored hidden states and write the same confidences; runs of the two
 * alternate, and the result is the median of the
 * ratios of neighbours. Seconds of the clock and of processors, those of the router's process
 * included. Flags: --rows, --layers, --dim, --repeats,
 * --folder (where the states are written: 5.4 GB).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuUsage, pid, platform } from 'node:process';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../storage/observer.js';
import { openContext } from '../pipeline/open-context.js';
import { makePlan } from '../pipeline/plan.js';
import { openProject } from '../pipeline/project.js';
import type { RouterInstance } from '../core/router-instance.js';
import type { RunContext } from '../pipeline/run-context.js';
import type { StoredSignal } from '../pipeline/signals/reader.js';
import { score } from '../pipeline/stages/score.js';
import { namePrepared, type PreparedSet } from '../pipeline/stages/prepared.js';
import type { PlannedRouter } from '../pipeline/planning/planned.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    layers: { type: 'string', default: '33' },
    dim: { type: 'string', default: '4096' },
    repeats: { type: 'string', default: '3' },
    folder: { type: 'string' },
  },
});
const [rows, layers, dim, repeats] = [values.rows, values.layers, values.dim, values.repeats].map(
  Number,
) as [number, number, number, number];

const DATA = `
import { dataset, model } from 'routerxbench';
export class Wide { info = async () => ({ name: 'wide', fingerprint: 'wide', can: ['generate', 'hidden-states'], hiddenStates: { indices: Array.from({ length: ${layers} }, (_, i) => i), dim: ${dim} } }); }
model({ name: 'wide', summary: 'Hidden states made up by the benchmark' })(Wide);
export class Many { *read() { for (let i = 0; i < ${rows}; i++) yield { id: 'q' + i, prompt: 'What is ' + i + ' and ' + 3 * i + '?', reference: String(4 * i), domain: 'sums' }; } }
dataset({ name: 'many', summary: 'Sums', splits: ['train', 'test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Many);
`;

/** A probe on the mean over layers, as the author of a third-party plugin would write it. */
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

interface Spent {
  /** Seconds of the clock. */
  readonly clock: number;
  /** Seconds of processors in the harness's process. */
  readonly here: number;
  /** Seconds of processors in the router's, starting included. */
  readonly elsewhere: number;
}

const processors = ({ here, elsewhere }: Spent): number => here + elsewhere;
const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
/** Ticks a second of processor times in /proc: 100 on every Linux that Node.js runs on. */
const TICKS = 100;

/** Seconds of processors that all that a process started has used. */
function measureDescendantSeconds(of: number): number {
  if (platform !== 'linux') return NaN;
  const children = readdirSync(`/proc/${of}/task`).flatMap((task) =>
    readFileSync(`/proc/${of}/task/${task}/children`, 'latin1')
      .split(' ')
      .filter((one) => one !== ''),
  );
  return children.reduce((sum, child) => {
    const fields = readFileSync(`/proc/${child}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (
      sum +
      (Number(fields[11]) + Number(fields[12])) / TICKS +
      measureDescendantSeconds(Number(child))
    );
  }, 0);
}

const folder = await mkdtemp(join(values.folder ?? tmpdir(), 'rxb-bench-'));
try {
  await mkdir(join(folder, 'node_modules'));
  await symlink(
    fileURLToPath(new URL('../..', import.meta.url)),
    join(folder, 'node_modules/routerxbench'),
    'dir',
  );
  await writeFile(join(folder, 'data.mjs'), DATA);
  await writeFile(join(folder, 'probe.mjs'), PROBE);
  const config = (inProcess: readonly string[]): string =>
    JSON.stringify({
      plugins: ['./data.mjs', './probe.mjs'],
      models: { weak: { use: 'wide' }, strong: { use: 'wide' } },
      datasets: { inDomain: ['many'] },
      routers: ['mean-probe'],
      isolation: { inProcess },
    });
  const buildContext = async (inProcess: readonly string[]): Promise<RunContext> => {
    await writeFile(join(folder, 'harness.config.json'), config(inProcess));
    const plan = await makePlan(await openProject({ cwd: folder, env: {} }));
    return openContext(plan.project, plan, { observer: SILENT });
  };
  const contexts = {
    inside: await buildContext(['all']),
    apart: await buildContext(['./data.mjs']),
  };
  const [set] = namePrepared(contexts.inside).sets as [PreparedSet];
  const states = (set.test.signals[0] as StoredSignal).artifact;
  const row = Float32Array.from({ length: layers * dim + 1024 }, (_value, at) => Math.sin(at * at));
  for (let shard = 0; shard < states.shards; shard++) {
    const all = Array.from({ length: states.rowsIn(shard) }, (_, i) =>
      row.subarray((shard * 256 + i) % 1024).subarray(0, layers * dim),
    );
    if (shard === 0) await states.describe();
    await states.writeTensorRows(shard, all, [layers, dim]);
  }

  const spent: Record<keyof typeof contexts, Spent[]> = { inside: [], apart: [] };
  const bytes = new Map<string, string>();
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const way of ['inside', 'apart'] as const) {
      await rm(join(folder, 'results/artifacts/confidences'), { recursive: true, force: true });
      const context = contexts[way];
      const [planned] = context.plan.routers as [PlannedRouter];
      const [own] = namePrepared(context).sets as [PreparedSet];
      let elsewhere = 0;
      const made = (): RouterInstance => {
        const instance = planned.make();
        return {
          ...instance,
          score: instance.score?.bind(instance) as NonNullable<RouterInstance['score']>,
          close: async () => {
            elsewhere = measureDescendantSeconds(pid);
            await instance.close?.();
          },
        };
      };
      const [started, before] = [performance.now(), cpuUsage()];
      const confidences = await score(
        context,
        {
          planned,
          seed: null,
          weightsHash: null,
          fit: null,
          instance: () => Promise.resolve(made()),
        },
        own.test,
      );
      const { user, system } = cpuUsage(before);
      if (repeat > 0)
        spent[way].push({
          clock: (performance.now() - started) / 1000,
          here: (user + system) / 1e6,
          elsewhere,
        }); // the first of each warms the disk's cache
      bytes.set(way, JSON.stringify(confidences));
    }
  }
  const shown = (all: readonly number[]): string =>
    `${median(all).toFixed(2)} s (${all.map((one) => one.toFixed(2)).join(', ')})`;
  const ratio = (of: (one: Spent) => number): string => {
    const all = spent.apart.map((one, i) => 100 * (of(one) / of(spent.inside[i] as Spent) - 1));
    return `${median(all).toFixed(0)} % (${all.map((one) => one.toFixed(0)).join(', ')})`;
  };
  console.log(
    `${rows} queries of ${layers} × ${dim}; medians of ${repeats} (and each); load ${loadavg()[0]?.toFixed(1)}; ${contexts.apart.plan.routers[0]?.isolated === true ? 'isolated' : 'NOT ISOLATED'}`,
  );
  for (const way of ['inside', 'apart'] as const) {
    console.log(
      `${way === 'inside' ? 'inside the harness' : 'in its own process'}  clock ${shown(spent[way].map(({ clock }) => clock))}; processors ${shown(spent[way].map((one) => processors(one)))}${way === 'apart' ? `, of these its own ${shown(spent[way].map((one) => one.elsewhere))}` : ''}`,
    );
  }
  console.log(
    `overhead            clock ${ratio(({ clock }) => clock)}; processors ${ratio(processors)}; goal: at most 25 %`,
  );
  console.log(
    bytes.get('inside') === bytes.get('apart') ? 'equal confidences' : 'THE CONFIDENCES DIFFER',
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
