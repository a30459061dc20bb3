/** A project of addition questions, for fine-tuning the embedded encoder quickly. */
import { join, resolve } from 'node:path';
import {
  finetune,
  type FinetuneOptions,
  type FinetuneOutcome,
} from '../../pipeline/finetune/finetune.js';
import { FINETUNE_DEFAULTS } from '../../pipeline/finetune/settings.js';
import { SILENT } from '../../storage/observer.js';
import { openProject } from '../../pipeline/project.js';

/** The encoder to start from. */
export const ENCODER = resolve('models/tiny/encoder');

/** Its config, with a classifier that does not exist yet. */
export const TOY = {
  models: {
    weak: { use: 'toy-weak' },
    strong: { use: 'toy-strong' },
    classifier: { use: 'onnx', options: { folder: 'tuned', workers: 1 } },
  },
  datasets: { inDomain: ['toy-near'], outOfDomain: ['toy-far'] },
  routers: [{ use: 'trained_deberta', options: { classifier: 'classifier' } }],
};

/** Settings under which the encoder learns the toy rows. */
export const QUICK = { ...FINETUNE_DEFAULTS, epochs: 3, learningRate: 1e-3, batchSize: 8 };

/** Fine-tunes in this process; progress is discarded. */
export async function finetuneIn(
  folder: string,
  over: Partial<FinetuneOptions> = {},
): Promise<FinetuneOutcome> {
  const project = await openProject({ cwd: folder, env: {} });
  return await finetune(project, {
    base: ENCODER,
    out: join(folder, 'tuned'),
    python: 'python3',
    settings: QUICK,
    signal: new AbortController().signal,
    observer: SILENT,
    ...over,
  });
}

/** The same settings as flags. */
export const finetuneArgs = (python: string, ...more: readonly string[]): readonly string[] => [
  'finetune',
  ENCODER,
  'tuned',
  '--python',
  python,
  '--epochs',
  '3',
  '--learning-rate',
  '0.001',
  '--batch-size',
  '8',
  ...more,
];
