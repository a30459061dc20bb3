/** Labelled rows → a fine-tuned classifier folder that the `onnx` backend reads. */
import { copyFile, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { checkOptions, instantiate } from '../../core/container.js';
import type { Model } from '../../core/contracts.js';
import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { Observer } from '../../storage/observer.js';
import { closeContext, openContext } from '../open-context.js';
import { makePlan } from '../plan.js';
import type { Project } from '../project.js';
import type { RunContext } from '../run-context.js';
import { writeAtomic } from '../../storage/atomic.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';
import { openBase, type BaseFolder } from './base-folder.js';
import { labelledRows, type LabelledRows } from './rows.js';
import { checkScript, runScript, type ScriptEvent } from './training-script.js';
import type { FinetuneSettings } from './settings.js';
import type { Selection } from '../planning/planned.js';
import { PipelineError } from '../errors.js';
import { makeFolder } from '../../storage/make-folder.js';
import { claimFolder } from '../../storage/owned-folder.js';
import { countText } from '../../analysis/util/count-text.js';

/** Raise it when the same rows and settings would give another classifier. */
const REVISION = 1;
/**
 * Validation rows whose logits are compared between PyTorch and the exported graph, and how far
 * they may be apart.
 */
const CHECK_ROWS = 32;
const CHECK_GAP = 1e-3;
const RECORD = 'finetune.json';

/** What to fine-tune, where to put it, and how. Paths are absolute. */
export interface FinetuneOptions {
  readonly base: string;
  readonly out: string;
  readonly python: string;
  readonly settings: FinetuneSettings;
  readonly signal: AbortSignal;
  readonly observer: Observer;
}

/** What is stored beside the classifier: all that made it, and how it went. */
const Count = z.int().min(0);
const FinetuneRecord = z
  .object({
    schema: z.literal(1),
    /** Hash of all that made it. */
    key: z.string(),
    base: z.object({ folder: z.string(), fingerprint: z.string() }).readonly(),
    settings: z
      .object({
        epochs: z.number(),
        learningRate: z.number(),
        weightDecay: z.number(),
        batchSize: z.number(),
        maxTokens: z.number().optional(),
        seed: z.number(),
        device: z.enum(['auto', 'cpu', 'cuda']),
      })
      .readonly(),
    trainedOn: z
      .array(z.object({ dataset: z.string(), split: z.string(), prompts: z.string() }).readonly())
      .readonly(),
    rows: z.object({ train: Count, validation: Count, dropped: Count }).readonly(),
    bestEpoch: Count,
    trainLosses: z.array(z.number()).readonly(),
    validationLosses: z.array(z.number()).readonly(),
    /** Largest difference between PyTorch's logits and those of the exported graph. */
    exportGap: z.number(),
    torch: z.string(),
    device: z.string(),
    transformers: z.object({ version: z.string(), gap: z.number() }).readonly().nullable(),
  })
  .readonly();
type FinetuneRecord = z.output<typeof FinetuneRecord>;

/**
 * What came of it; `reused`: the folder was there already, made from the same rows and settings.
 */
export interface FinetuneOutcome {
  readonly record: FinetuneRecord;
  readonly reused: boolean;
}

type Of<Name extends ScriptEvent['event']> = Extract<ScriptEvent, { readonly event: Name }>;

/**
 * Fine-tunes a classifier on the in-domain training splits of a project: the rows, labels and cut
 * that every fitted router gets. The same call resumes where it stopped.
 * @throws HarnessError RXB6303 to RXB6307, and whatever planning and preparing refuse; the signal's
 * reason when stopped.
 */
export async function finetune(
  project: Project,
  options: FinetuneOptions,
): Promise<FinetuneOutcome> {
  const { signal, observer } = options;
  const base = await openBase(options.base, options.settings.maxTokens);
  const settings = { ...options.settings, maxTokens: base.maxTokens };
  const selection: Selection = { routers: [], datasets: [], fitRows: true };
  const plan = await makePlan(project, selection);
  const context = openContext(project, plan, { selection, observer, signal });
  try {
    await claimFolder(context.results, 'results');
    const held = await readFinetuneRecord(options.out);
    if (held === null)
      await checkScript(
        {
          python: options.python,
          base: base.path,
          log: join(context.results, 'artifacts', 'finetune', 'check.log'),
        },
        signal,
      );
    const labelled = await labelledRows(context, base);
    const { validationShare, seed } = project.config.protocol;
    const key = jsonHash({
      revision: REVISION,
      base: base.fingerprint,
      settings,
      fit: labelled.key,
      validationShare,
      split: seed,
    } as unknown as JsonObject);
    if (held !== null) {
      if (held.key === key) return { record: held, reused: true };
      throw new PipelineError('outputFolderInUse', {
        folder: options.out,
        holds: 'a classifier that was fine-tuned from other rows or settings',
      });
    }
    if (labelled.dropped > 0)
      observer.warn(`${countText(labelled.dropped, 'fit row')} without a grade left out`);
    return {
      record: await make(project, context, { ...options, settings }, base, labelled, key),
      reused: false,
    };
  } finally {
    await closeContext(context);
  }
}

/** The record of a folder; null where the folder is not there or is empty. */
async function readFinetuneRecord(out: string): Promise<FinetuneRecord | null> {
  const names = await readdir(out).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] as string[];
    throw new PipelineError(
      'outputFolderInUse',
      { folder: out, holds: `files that cannot be read (${getErrorMessage(error)})` },
      { cause: error },
    );
  });
  if (names.length === 0) return null;
  if (!names.includes(RECORD))
    throw new PipelineError('outputFolderInUse', {
      folder: out,
      holds: `files that "rxb finetune" did not write (there is no ${RECORD})`,
    });
  try {
    return FinetuneRecord.parse(JSON.parse(await readFile(join(out, RECORD), 'utf8')));
  } catch (cause) {
    throw new PipelineError(
      'outputFolderInUse',
      { folder: out, holds: `a damaged ${RECORD}` },
      { cause },
    );
  }
}

/** Where a classifier is made, before its folder is renamed to what the caller asked for. */
interface Workspace {
  /** Folder of the rows, the job, the log and what the script needs to go on. */
  readonly work: string;
  /** Beside the folder that is wanted, so that renaming is one step. */
  readonly staging: string;
  readonly log: string;
  readonly job: string;
}

/** Writes the rows and the settings for the script. */
async function openWorkspace(
  { results }: RunContext,
  { out, settings }: FinetuneOptions,
  base: BaseFolder,
  rows: LabelledRows['rows'],
  key: string,
): Promise<Workspace> {
  const work = join(results, 'artifacts', 'finetune', key);
  const staging = `${out}.${key.slice(0, 8)}.partial`;
  await rm(staging, { recursive: true, force: true });
  await makeFolder(staging);
  const rowsFile = join(work, 'rows.jsonl');
  const job = join(work, 'job.json');
  await writeAtomic(
    rowsFile,
    rows.map(({ part, ids, label }) => `${JSON.stringify({ part, ids, label })}\n`).join(''),
  );
  const orders = { base: base.path, out: staging, work, rows: rowsFile, checkRows: CHECK_ROWS };
  await writeAtomic(job, JSON.stringify({ ...settings, ...orders }));
  return { work, staging, log: join(work, 'log.txt'), job };
}

/** Runs the training script and shows how it goes. @throws PipelineError finetuneFailed */
async function trainClassifier(
  { python, settings, signal, observer }: FinetuneOptions,
  base: BaseFolder,
  { log, job }: Workspace,
  trainRows: number,
): Promise<{ readonly started: Of<'start'>; readonly done: Of<'done'> }> {
  let started: Of<'start'> | undefined;
  let done: Of<'done'> | undefined;
  let task: ReturnType<Observer['task']> | undefined;
  let step = 0;
  const onEvent = (event: ScriptEvent): void => {
    if (event.event === 'start') {
      started = event;
      step = event.step;
      const steps = settings.epochs * Math.ceil(trainRows / settings.batchSize);
      task = observer.task(`fine-tune ${basename(base.path)}`, steps, event.step);
    } else if (event.event === 'batch') {
      task?.advance(event.step - step);
      step = event.step;
    } else if (event.event === 'epoch') {
      const loss = event.validationLoss.toFixed(4);
      task?.note(`epoch ${event.epoch}/${event.epochs}, validation loss ${loss}`);
    } else if (event.event === 'done') done = event;
  };
  try {
    await runScript({ python, base: base.path, log }, [job], signal, onEvent);
  } finally {
    task?.end();
  }
  if (started === undefined || done === undefined)
    throw new PipelineError('finetuneFailed', {
      problem: 'the script exited without a result',
      log,
    });
  return { started, done };
}

/** Compares the exported classifier with PyTorch on some validation rows. @throws PipelineError */
async function checkExport(
  project: Project,
  { staging, log }: Workspace,
  rows: LabelledRows['rows'],
  checked: Of<'done'>['checked'],
  signal: AbortSignal,
): Promise<number> {
  const shown = rows.filter(({ part }) => part === 'validation').slice(0, CHECK_ROWS);
  const texts = shown.map(({ text }) => text);
  const gap = await measureGap(project, staging, texts, checked, signal);
  if (gap < CHECK_GAP) return gap;
  const by = gap.toPrecision(2);
  throw new PipelineError('finetuneFailed', {
    problem: `the logits of the exported classifier differ from those of PyTorch (by ${by})`,
    log,
  });
}

async function make(
  project: Project,
  context: RunContext,
  options: FinetuneOptions,
  base: BaseFolder,
  labelled: LabelledRows,
  key: string,
): Promise<FinetuneRecord> {
  const { out, settings, signal } = options;
  const { rows } = labelled;
  const train = rows.filter(({ part }) => part === 'train').length;
  const validation = rows.filter(({ part }) => part === 'validation').length;
  if (train === 0 || validation === 0)
    throw new HarnessError('fitFailed', {
      router: 'deberta',
      rows: rows.length,
      problem: 'the split into training and validation rows leaves one part empty',
    });
  const workspace = await openWorkspace(context, options, base, rows, key);
  const { work, staging } = workspace;
  try {
    const { started, done } = await trainClassifier(options, base, workspace, train);
    await copyTokenizer(base, staging);
    const exportGap = await checkExport(project, workspace, rows, done.checked, signal);
    const { trainLosses, validationLosses, bestEpoch } = done;
    const record: FinetuneRecord = {
      schema: 1,
      key,
      base: { folder: basename(base.path), fingerprint: base.fingerprint },
      settings,
      trainedOn: labelled.trainedOn,
      rows: { train, validation, dropped: labelled.dropped },
      bestEpoch,
      trainLosses,
      validationLosses,
      exportGap,
      torch: started.torch,
      device: started.device,
      transformers: started.reference,
    };
    await writeAtomic(join(staging, RECORD), `${JSON.stringify(record, null, 1)}\n`);
    await rmdir(out).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return;
      const problem = `${out} cannot be replaced: ${getErrorMessage(cause)}`;
      throw new PipelineError('finetuneFailed', { problem, log: workspace.log }, { cause });
    });
    await makeFolder(dirname(out));
    await rename(staging, out);
    await rm(work, { recursive: true, force: true });
    return record;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The tokenizer goes with the classifier, and says where queries are cut. */
async function copyTokenizer(base: BaseFolder, to: string): Promise<void> {
  await copyFile(join(base.path, 'tokenizer.json'), join(to, 'tokenizer.json'));
  await writeAtomic(
    join(to, 'tokenizer_config.json'),
    `${JSON.stringify({ ...base.tokenizerConfig, model_max_length: base.maxTokens }, null, 1)}\n`,
  );
}

/**
 * How far the classifier, opened as a run opens it, is from what PyTorch said of the same texts.
 */
async function measureGap(
  project: Project,
  folder: string,
  texts: readonly string[],
  wanted: readonly (readonly number[])[],
  signal: AbortSignal,
): Promise<number> {
  const backend = project.registry.find('model', 'onnx');
  const model: Model = instantiate(backend, checkOptions(backend, { folder }), project.tools);
  try {
    const outcomes = (await model.classify?.(texts, { signal, advance: () => undefined })) ?? [];
    return Math.max(
      ...wanted.map((logits, row) => {
        const outcome = outcomes[row];
        return outcome?.ok === true
          ? Math.max(...logits.map((logit, at) => Math.abs(logit - (outcome.value[at] ?? NaN))))
          : NaN;
      }),
    );
  } finally {
    await model.close?.();
  }
}
