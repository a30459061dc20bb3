/** A project whose models were recorded: a whole run takes less than a second and asks nobody. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Io } from '../cli/io.js';
import { openProject } from '../pipeline/project.js';
import { runStages, type RunOutcome } from '../pipeline/run.js';

const ROWS = 24;

const rows = (split: string): string =>
  Array.from({ length: ROWS }, (_, i) => ({
    id: `${split}${i}`,
    q: `Question of ${split} ${'x'.repeat((i * 7) % ROWS)}`,
    w: i % 3 === 0 ? 0 : 1,
    s: i % 5 === 0 ? 0 : 1,
  }))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');

/** Its config, with every section that a config may have and needs no model that replies. */
export const recordedConfig = (): Record<string, unknown> => ({
  name: 't',
  models: {
    weak: { use: 'recorded', options: { model: 'w' } },
    strong: { use: 'recorded', options: { model: 's' } },
  },
  datasets: {
    inDomain: [
      {
        use: 'jsonl',
        as: 'd',
        fitSplit: 'train',
        testSplit: 'test',
        options: {
          splits: { train: 'train.jsonl', test: 'test.jsonl' },
          fields: { id: 'id', prompt: 'q' },
          licence: 'x',
          scorer: 'recorded',
          recorded: { w: { grade: 'w' }, s: { grade: 's' } },
        },
      },
    ],
    outOfDomain: [],
  },
  routers: ['prompt-length'],
  generation: { maxTokens: 8, temperature: 0, topP: 1, seed: 0, stop: ['x'], system: 's' },
  protocol: {
    ...{ fitSplit: 'train', testSplit: 'test', validationShare: 0.2, seed: 42 },
    ...{ trainingSeeds: [1], lowBand: [0.25, 0.3], recoveryBand: [0.85, 0.95] },
    ...{ nullTolerance: 0.01, overlap: { near: 0.8, drop: 'near' }, transfer: 'fitted' },
  },
  perturbations: { on: false, kinds: ['case'], rows: 5, callRate: 0.5 },
  statistics: { resamples: 100, level: 0.95, seed: 0 },
  gate: { metrics: { auroc: { margin: 0.01 } }, strict: false },
  isolation: { trust: [], memoryMiB: 256, scoreSeconds: 5, fitSeconds: 5 },
  prices: { date: '2026-01-01', models: { m: { input: 1, output: 2 } } },
  ...{ limit: 16, dataDir: [], offline: true, results: 'results', plugins: [] },
});

/** Writes the project into a folder. */
export async function writeProject(folder: string): Promise<void> {
  const files = {
    'harness.config.json': JSON.stringify(recordedConfig()),
    'train.jsonl': rows('train'),
    'test.jsonl': rows('test'),
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Runs the project, as `rxb run` does. */
export async function runProject(folder: string, name = 't'): Promise<RunOutcome> {
  const project = await openProject({ cwd: folder, env: {}, flags: { name } });
  return await runStages(project, { stages: ['prepare', 'train', 'eval'] });
}

/** What a command sees of the process; what it prints is dropped. */
export const silentIo = (cwd: string): Io =>
  ({
    cwd,
    env: {},
    out: () => undefined,
    err: () => undefined,
    columns: () => null,
    width: undefined,
    colour: false,
    signal: new AbortController().signal,
    atEnd: () => undefined,
  }) as unknown as Io;
