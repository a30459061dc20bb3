/**
 * Fitting probes beside PyTorch, reading included, in one call: npm run bench -- train. See
 * bench/README.md for the flags.
 * Every fit runs in a process of its own, so that its peak of memory is its own too.
 */
import { execa } from 'execa';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { checkOptions, instantiate } from '../core/container.js';
import { builtIns } from '../test/support/built-ins.js';
import { filesAt } from '../storage/files.js';
import { seededRandom } from '../core/index.js';
import { newLayers } from '../plugins/routers/_fit/layers.js';
import { secretsFrom } from '../core/secrets.js';
import { buildFitData, synthesise, type States } from './train-data.js';

type Kind = 'mean' | 'last' | 'softmax' | 'dirichlet' | 'conv' | 'mlp';
interface Case {
  readonly router: string;
  readonly options?: object;
  /** Goal: times upstream's speed; null = reported only. */
  readonly goal: number | null;
}
const HIDDEN = [256, 64];
const SEED = 1;
const CASES: Readonly<Record<Kind, Case>> = {
  mean: { router: 'probe-mean', goal: 20 },
  last: { router: 'probe-hs-last-mlp', goal: 5 },
  softmax: { router: 'probe-dynamic-softmax', goal: 5 },
  dirichlet: { router: 'probe-dynamic-dirichlet', goal: 5 },
  conv: { router: 'probe-pca-conv', goal: null },
  // one "layer" of the embedding's width: the head is that of embedding-mlp
  mlp: { router: 'probe-hs-last-mlp', options: { hidden: HIDDEN, learningRate: 1e-3 }, goal: 1 },
};
const KINDS = Object.keys(CASES) as Kind[];

interface Fitted {
  readonly seconds: number;
  /** Processor time of all threads: what a busy machine stretches least. */
  readonly cpu: number;
  readonly loss: number;
  readonly peakMiB: number;
}

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000' },
    layers: { type: 'string', default: '33' },
    dim: { type: 'string', default: '4096' },
    'embedding-rows': { type: 'string', default: '4000' },
    'embedding-dim': { type: 'string', default: '1024' },
    epochs: { type: 'string', default: '20' },
    repeats: { type: 'string', default: '1' },
    only: { type: 'string', default: KINDS.join(',') },
    'no-reference': { type: 'boolean', default: false },
    'memory-rows': { type: 'string' },
    child: { type: 'string' },
  },
});

const BATCH = 32;

/** One fit, in this process. */
async function fit(kind: Kind, states: States, epochs: number): Promise<Fitted> {
  const { router, options } = CASES[kind];
  const entry = (await builtIns()).find('router', router);
  const tools = {
    logger: { info: () => {}, warn: () => {} },
    files: filesAt('.'),
    secrets: secretsFrom({}),
    seed: 1,
  };
  const instance = instantiate(
    entry,
    checkOptions(entry, { epochs, batchSize: BATCH, ...options, earlyStop: { notBefore: epochs } }),
    tools,
  );
  const [started, before] = [performance.now(), process.cpuUsage()];
  const held = Math.floor(states.rows / 5);
  const [train, validation] = [
    await buildFitData(states, 0, states.rows - held),
    await buildFitData(states, states.rows - held, held),
  ];
  const weights = await instance.fit?.(train, validation, {
    seed: SEED,
    cores: availableParallelism(),
    progress: () => {},
    signal: new AbortController().signal,
  });
  const losses = (weights?.meta['validationLosses'] ?? []) as readonly number[];
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - started) / 1000,
    cpu: (user + system) / 1e6,
    loss: Math.min(...losses),
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

const middle = (all: readonly Pick<Fitted, 'seconds' | 'cpu'>[], what: 'seconds' | 'cpu'): number =>
  all.map((one) => one[what]).sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');

async function inChild(kind: Kind, states: States, epochs: number): Promise<Fitted> {
  const { stdout } = await execa(process.execPath, [
    fileURLToPath(import.meta.url),
    '--child',
    JSON.stringify({ kind, states, epochs }),
  ]);
  return JSON.parse(stdout) as Fitted;
}

const REFERENCE = fileURLToPath(new URL('../../bench/train-reference.py', import.meta.url));
async function reference(
  python: string,
  kind: Kind,
  style: 'upstream' | 'vector',
  { file, rows, layers, dim }: States,
  epochs: number,
): Promise<Omit<Fitted, 'peakMiB'>> {
  const rate = kind === 'mlp' ? 1e-3 : 1e-4;
  const start: string[] = [];
  if (kind !== 'conv') {
    // both sides begin with the same head; the mixtures draw theirs in the same order
    const head = newLayers(
      [dim, ...(kind === 'mlp' ? HIDDEN : []), 1],
      seededRandom(SEED).fork('start'),
    );
    start.push(`${file}.${kind}.start`);
    await writeFile(
      start[0] as string,
      Float32Array.from(head.flatMap(({ weight, bias }) => [...weight.data, ...bias.data])),
    );
  }
  const { stdout } = await execa(python, [
    REFERENCE,
    file,
    `${file}.labels`,
    ...[rows, layers, dim].map(String),
    kind,
    style,
    String(epochs),
    String(BATCH),
    String(rate),
    ...start,
  ]);
  return JSON.parse(stdout) as Omit<Fitted, 'peakMiB'>;
}

async function pythonWithTorch(): Promise<string | undefined> {
  for (const python of ['/usr/bin/python3', 'python3'])
    if (!(await execa(python, ['-c', 'import torch'], { reject: false })).failed) return python;
  return undefined;
}

async function compare(folder: string): Promise<void> {
  const epochs = Number(flags.epochs);
  const hidden: States = {
    file: join(folder, 'hidden.f32'),
    rows: Number(flags.rows),
    layers: Number(flags.layers),
    dim: Number(flags.dim),
    half: false,
  };
  const embeddings: States = {
    file: join(folder, 'embeddings.f32'),
    rows: Number(flags['embedding-rows']),
    layers: 1,
    dim: Number(flags['embedding-dim']),
    half: false,
  };
  const python = flags['no-reference'] ? undefined : await pythonWithTorch();
  if (python === undefined)
    console.log('PyTorch: not installed for python3 (or --no-reference), skipped');
  console.log(
    `${hidden.rows} × ${hidden.layers} × ${hidden.dim} hidden states, ${embeddings.rows} × ${embeddings.dim} embeddings, ${epochs} epochs, batches of ${BATCH}; load ${load()}`,
  );
  const wanted = flags.only.split(',') as Kind[];
  if (wanted.some((kind) => kind !== 'mlp')) await synthesise(hidden);
  if (wanted.includes('mlp')) await synthesise(embeddings);
  for (const kind of wanted) {
    const states = kind === 'mlp' ? embeddings : hidden;
    const own: Fitted[] = [];
    const theirs: Omit<Fitted, 'peakMiB'>[] = [];
    const vector: Omit<Fitted, 'peakMiB'>[] = [];
    for (let i = 0; i < Number(flags.repeats); i++) {
      // in turns, so that a load on the machine meets all of them
      own.push(await inChild(kind, states, epochs));
      if (python === undefined) continue;
      theirs.push(await reference(python, kind, 'upstream', states, epochs));
      if (kind === 'mean' || kind === 'softmax' || kind === 'dirichlet')
        vector.push(await reference(python, kind, 'vector', states, epochs));
    }
    const { goal, router } = CASES[kind];
    const [first] = own as [Fitted];
    const both = (all: readonly Pick<Fitted, 'seconds' | 'cpu'>[]): string =>
      `${middle(all, 'seconds').toFixed(2)} s (processor ${middle(all, 'cpu').toFixed(2)} s)`;
    const times = (all: readonly Pick<Fitted, 'seconds' | 'cpu'>[]): string =>
      `${(middle(all, 'seconds') / middle(own, 'seconds')).toFixed(1)} (processor ${(middle(all, 'cpu') / middle(own, 'cpu')).toFixed(1)})`;
    console.log(
      `${router}${kind === 'mlp' ? ' [256, 64] on embeddings' : ''}: ${both(own)}, peak ${first.peakMiB.toFixed(0)} MiB, validation loss ${first.loss.toFixed(4)}`,
    );
    const [upstream] = theirs;
    if (upstream === undefined) continue;
    console.log(
      `  PyTorch as upstream ${both(theirs)}, validation loss ${upstream.loss.toFixed(4)}, ours ${((100 * (first.loss - upstream.loss)) / upstream.loss).toFixed(2)} % beside it${vector.length === 0 ? '' : `; vectorised ${both(vector)}`}`,
    );
    console.log(
      `  times upstream's speed: ${times(theirs)}${goal === null ? ', no goal' : `, goal ${goal}`}${vector.length === 0 ? '' : `; times vectorised PyTorch: ${times(vector)}`}`,
    );
  }
  console.log(`load ${load()}`);
}

async function memory(folder: string, rows: number): Promise<void> {
  const states: States = {
    file: join(folder, 'hidden.f16'),
    rows,
    layers: Number(flags.layers),
    dim: Number(flags.dim),
    half: true,
  };
  const bytes = 2 * rows * states.layers * states.dim;
  const disk = await statfs(folder);
  if (disk.bavail * disk.bsize < 2 * bytes) {
    console.log(
      `${(bytes / 1e9).toFixed(1)} GB on disk would leave too little room in ${folder}; not run`,
    );
    return;
  }
  await synthesise(states);
  const { seconds, cpu, peakMiB, loss } = await inChild('dirichlet', states, 3);
  console.log(
    `probe-dynamic-dirichlet on ${rows} × ${states.layers} × ${states.dim} in float16 (${(bytes / 1e9).toFixed(1)} GB), 3 epochs: ${seconds.toFixed(0)} s (processor ${cpu.toFixed(0)} s), peak ${peakMiB.toFixed(0)} MiB (goal 4096), validation loss ${loss.toFixed(4)}; load ${load()}`,
  );
}

if (flags.child !== undefined) {
  const { kind, states, epochs } = JSON.parse(flags.child) as {
    kind: Kind;
    states: States;
    epochs: number;
  };
  console.log(JSON.stringify(await fit(kind, states, epochs)));
} else {
  const folder = await mkdtemp(join(tmpdir(), 'rxb-bench-'));
  try {
    await (flags['memory-rows'] === undefined
      ? compare(folder)
      : memory(folder, Number(flags['memory-rows'])));
  } finally {
    await rm(folder, { recursive: true });
  }
}
