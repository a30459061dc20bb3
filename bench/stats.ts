/**
 * The paired bootstrap of every metric beside numpy and scikit-learn: npm run bench -- stats. The
 * reference does a stated share of the same work (one set, some
 * resamples) and five of the metrics; the ratio is of processor time a (router, set, resample).
 */
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from '../core/index.js';
import { DEFAULT_SETTINGS } from '../analysis/metrics/types.js';
import { resample } from '../pipeline/stages/resample.js';
import { spread } from '../analysis/statistics/spread.js';
import { openMetrics } from '../pipeline/project-metrics.js';
import type { ResampleJob } from '../analysis/statistics/resample-job.js';

const { values: flags } = parseArgs({
  options: {
    routers: { type: 'string', default: '20' },
    sets: { type: 'string', default: '20' },
    rows: { type: 'string', default: '5000' },
    resamples: { type: 'string', default: '2000' },
    share: { type: 'string', default: '20' },
  },
});
const [routers, sets, rows, resamples, share] = [
  flags.routers,
  flags.sets,
  flags.rows,
  flags.resamples,
  flags.share,
].map(Number) as [number, number, number, number, number];

const metrics = await openMetrics(undefined);
const names = metrics.map(({ definition }) => definition.name);
const jobs = Array.from({ length: sets }, (_, set): ResampleJob => {
  const random = seededRandom(`bench/${set}`);
  const label = Uint8Array.from({ length: rows }, () => (random.float() < 0.55 ? 1 : 0));
  const tokens = Float64Array.from(label, () => 20 + 400 * random.float());
  const cost = {
    weak: tokens.map((count) => 2e-7 * count),
    strong: tokens.map((count) => 4e-6 * (0.5 + random.float()) * count),
  };
  return {
    shared: {
      n: rows,
      weak: Float64Array.from(label),
      strong: Float64Array.from(label, () => (random.float() < 0.85 ? 1 : 0)),
      label,
      cluster: Uint32Array.from(label, (_y, i) => i),
      clusters: rows,
    },
    routers: Array.from({ length: routers }, (_r, router) => ({
      calibrated: router % 2 === 0,
      cost,
      confidences: [Float64Array.from(label, (y) => random.normal() + 0.8 * y)],
    })),
    settings: DEFAULT_SETTINGS,
    seed: `bench/${set}`,
    resamples,
  };
});
const started = performance.now();
const before = cpuUsage();
const values = await resample(metrics, jobs, {
  signal: new AbortController().signal,
  advance: () => {},
});
const used = cpuUsage(before);
const [wall, processor] = [(performance.now() - started) / 1000, (used.user + used.system) / 1e6];
const each = processor / (routers * sets * resamples);
console.log(
  `routerxbench  ${resamples} resamples of ${names.length} metrics, ${routers} routers × ${sets} sets × ${rows} rows: ${wall.toFixed(1)} s on ${availableParallelism()} cores, ${processor.toFixed(1)} s of processor time`,
);
const aurocIndex = names.indexOf('auroc');
const auroc = Float32Array.from(
  { length: resamples },
  (_, b) => values[0]?.[0]?.[b * names.length + aurocIndex] ?? NaN,
);
const interval = spread(auroc, 0.95);

const folder = await mkdtemp(join(tmpdir(), 'rxb-bench-'));
try {
  const { shared, routers: columns } = jobs[0] as ResampleJob;
  const confidences = new Float64Array(routers * rows);
  columns.forEach(({ confidences: [only] }, i) => confidences.set(only as Float64Array, i * rows));
  for (const [name, data] of [
    ['weak', shared.weak],
    ['strong', shared.strong],
    ['confidences', confidences],
  ] as const)
    await writeFile(join(folder, `${name}.f64`), data);
  const script = fileURLToPath(new URL('../../bench/stats-reference.py', import.meta.url));
  let reference: string | undefined;
  for (const python of ['python3', '/usr/bin/python3']) {
    reference ??= await execa(
      python,
      [script, folder, String(rows), String(routers), String(share)],
      { reject: false },
    ).then(({ failed, stdout }) => (failed ? undefined : stdout));
  }
  if (reference === undefined)
    console.log('numpy / scikit-learn: not installed for python3, skipped');
  else {
    const theirs = JSON.parse(reference) as {
      readonly seconds: number;
      readonly low: number;
      readonly high: number;
    };
    const theirEach = theirs.seconds / (routers * share);
    console.log(
      `numpy/sklearn ${share} resamples of 5 metrics, ${routers} routers × 1 set × ${rows} rows: ${theirs.seconds.toFixed(1)} s of processor time`,
    );
    console.log(
      `ratio ${(theirEach / each).toFixed(1)} (their processor time a router, set and resample over ours: ${(1e6 * theirEach).toFixed(0)} µs and ${(1e6 * each).toFixed(0)} µs)`,
    );
    if ('low' in interval)
      console.log(
        `interval of the first auroc: ours ${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}, theirs ${theirs.low.toFixed(4)} to ${theirs.high.toFixed(4)}`,
      );
  }
} finally {
  await rm(folder, { recursive: true });
}
