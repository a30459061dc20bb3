/** `rxb finetune BASE OUT`. */
import { relative, resolve } from 'node:path';
import { finetune, type FinetuneOutcome } from '../../pipeline/finetune/finetune.js';
import { FINETUNE_DEFAULTS } from '../../pipeline/finetune/settings.js';
import { openCommandProject } from '../open-project.js';
import { parseChoice, positive, wholeNumber } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { progress } from '../progress.js';

/** Flags of the command, as typed. */
export interface FinetuneFlags extends GlobalOptions {
  readonly epochs?: string;
  readonly learningRate?: string;
  readonly weightDecay?: string;
  readonly batchSize?: string;
  readonly maxTokens?: string;
  readonly trainingSeed?: string;
  readonly device?: string;
  readonly python?: string;
  readonly limit?: string;
  readonly results?: string;
  readonly quiet?: boolean;
}

const NAME = 'finetune';

/** Fine-tunes a classifier and prints how to use it in a config. */
export async function finetuneCommand(
  base: string,
  out: string,
  flags: FinetuneFlags,
  io: Io,
): Promise<ExitCode> {
  const fallback = FINETUNE_DEFAULTS;
  const number = (option: string, text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : positive(option, text, NAME);
  const settings = {
    epochs: wholeNumber('--epochs', flags.epochs, 1, NAME) ?? fallback.epochs,
    learningRate: number('--learning-rate', flags.learningRate, fallback.learningRate),
    weightDecay:
      flags.weightDecay === '0'
        ? 0
        : number('--weight-decay', flags.weightDecay, fallback.weightDecay),
    batchSize: wholeNumber('--batch-size', flags.batchSize, 1, NAME) ?? fallback.batchSize,
    maxTokens: wholeNumber('--max-tokens', flags.maxTokens, 2, NAME),
    seed: wholeNumber('--training-seed', flags.trainingSeed, 0, NAME) ?? fallback.seed,
    device: parseChoice('--device', flags.device ?? fallback.device, ['auto', 'cpu', 'cuda'], NAME),
  };
  const limit = wholeNumber('--limit', flags.limit, 1, NAME);
  const observer = progress(io, flags.quiet === true);
  try {
    const overrides = {
      ...(limit === undefined ? {} : { limit }),
      ...(flags.results === undefined ? {} : { results: flags.results }),
    };
    const project = await openCommandProject(io, {
      configFile: flags.config,
      flags: overrides,
      observer,
    });
    const python = flags.python ?? io.env['RXB_PYTHON'] ?? 'python3';
    const outcome = await finetune(project, {
      base: resolve(io.cwd, base),
      out: resolve(io.cwd, out),
      python,
      settings,
      signal: io.signal,
      observer,
    });
    observer.end();
    const named = relative(project.folder, resolve(io.cwd, out));
    if (flags.json === true)
      printJson(io, { folder: out, reused: outcome.reused, ...outcome.record });
    else io.out(inWords(out, named.startsWith('..') ? resolve(io.cwd, out) : named, outcome));
    return 0;
  } finally {
    observer.end();
  }
}

function inWords(out: string, named: string, { record, reused }: FinetuneOutcome): string {
  const { rows, bestEpoch, validationLosses, trainLosses, exportGap, trainedOn, transformers } =
    record;
  const losses = validationLosses.map(
    (loss, i) =>
      `  epoch ${i + 1}: training loss ${trainLosses[i]?.toFixed(4) ?? '–'}, validation loss ${loss.toFixed(4)}${i + 1 === bestEpoch ? '  (kept)' : ''}\n`,
  );
  return [
    reused ? `${out} was finished before.\n` : `Fine-tuned ${record.base.folder} into ${out}.\n`,
    `  ${rows.train} training and ${rows.validation} validation rows of ${trainedOn.map(({ dataset, split }) => `${dataset}/${split}`).join(', ')}; torch ${record.torch} on ${record.device}\n`,
    ...losses,
    `  the exported graph and PyTorch differ by at most ${exportGap.toExponential(1)}${transformers === null ? '' : `; PyTorch here and transformers ${transformers.version} by ${transformers.gap.toExponential(1)}`}\n`,
    `In the config: models: { classifier: { use: 'onnx', options: { folder: '${named}' } } }, and the router { use: 'deberta', options: { classifier: 'classifier' } }.\n`,
  ].join('');
}
