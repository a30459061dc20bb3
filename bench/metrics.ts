/**
 * auroc and the whole curve at n = 1,000,000 beside numpy and scikit-learn, in one call: npm run
 * bench -- metrics.
 */
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../core/index.js';
import { auroc } from '../analysis/metrics/auroc.js';
import { buildCurve } from '../analysis/metrics/curve.js';
import { gridScores } from '../plugins/metrics/_grid/scores.js';
import type { ScoredRows } from '../analysis/metrics/types.js';

const N = 1_000_000;
const REPEATS = 7;

// The reference: rank-based area from scikit-learn, and the mean score at 101 call rates from one
// argsort and a running sum.
const REFERENCE = `
import json, sys, time
import numpy as np
from sklearn.metrics import roc_auc_score
folder, repeats = sys.argv[1], int(sys.argv[2])
weak, strong, confidence = (np.fromfile(f"{folder}/{name}.f64") for name in ("weak", "strong", "confidence"))
times = []
for _ in range(repeats):
    start = time.perf_counter()
    area = roc_auc_score(weak, confidence)
    order = np.argsort(confidence, kind="stable")
    gained = np.concatenate([[0.0], np.cumsum((strong - weak)[order])]) / len(weak) + weak.mean()
    curve = gained[(np.linspace(0, 1, 101) * len(weak)).astype(int)]
    times.append(time.perf_counter() - start)
print(json.dumps({"times": times, "auroc": area, "middle": curve[50]}))
`;

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
const shown = (times: readonly number[]): string =>
  `median ${(1000 * median(times)).toFixed(0)} ms (${(1000 * Math.min(...times)).toFixed(0)} to ${(1000 * Math.max(...times)).toFixed(0)})`;

const random = seededRandom('bench');
const rows: ScoredRows = {
  n: N,
  weak: new Float64Array(N),
  strong: new Float64Array(N),
  label: new Uint8Array(N),
  confidence: new Float64Array(N),
};
for (let i = 0; i < N; i++) {
  const right = random.float() < 0.55 ? 1 : 0;
  rows.weak[i] = right;
  rows.label[i] = right;
  rows.strong[i] = random.float() < 0.85 ? 1 : 0;
  rows.confidence[i] = random.float() + 0.4 * right;
}

const times: number[] = [];
let measured = { auroc: NaN, middle: NaN };
for (let i = 0; i < REPEATS; i++) {
  const started = performance.now();
  const curve = buildCurve({ ...rows }); // curves of the same rows are kept
  measured = { auroc: auroc(curve), middle: gridScores(curve)[50] ?? NaN };
  times.push((performance.now() - started) / 1000);
}
console.log(`routerxbench  n = ${N}: ${shown(times)}`);

const folder = await mkdtemp(join(tmpdir(), 'rxb-bench-'));
try {
  for (const name of ['weak', 'strong', 'confidence'] as const)
    await writeFile(join(folder, `${name}.f64`), rows[name]);
  const pythons = ['python3', '/usr/bin/python3'];
  let reference: string | undefined;
  for (const python of pythons)
    reference ??= await execa(python, ['-c', REFERENCE, folder, String(REPEATS)], {
      reject: false,
    }).then(({ failed, stdout }) => (failed ? undefined : stdout));
  if (reference === undefined)
    console.log('numpy / scikit-learn: not installed for python3, skipped');
  else {
    const theirs = JSON.parse(reference) as {
      readonly times: readonly number[];
      readonly auroc: number;
      readonly middle: number;
    };
    console.log(`numpy/sklearn n = ${N}: ${shown(theirs.times)}`);
    console.log(
      `ratio ${(median(theirs.times) / median(times)).toFixed(2)} (their median over ours); difference in auroc ${Math.abs(theirs.auroc - measured.auroc).toExponential(1)}, in the curve ${Math.abs(theirs.middle - measured.middle).toExponential(1)}`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
