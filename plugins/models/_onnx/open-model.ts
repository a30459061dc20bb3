import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { JsonObject, ModelAbility, ModelInfo } from '../../../core/index.js';
import { copyWithOutputs, writeCopyWithOutputs } from './added-outputs.js';
import { digest, fingerprint } from './fingerprint.js';
import { readTraining } from './fine-tuned.js';
import type { Layout } from './layout.js';
import { ModelProcess } from './model-process.js';
import type { OnnxOptions } from './options.js';
import { checkOnnxruntime } from './session.js';
import { TextCoder } from './text-coder.js';
import type { OpenedFolder } from './text-messages.js';

/** A prepared model folder; its weights are loaded when there is work. */
export interface Opened {
  readonly modelPath: string;
  readonly layout: Layout;
  readonly coder: TextCoder;
  /** Maximum tokens of a prompt. */
  readonly limit: number;
  readonly model: ModelProcess;
  readonly info: ModelInfo;
  /**
   * Prepares reading hidden states: writes a copy of the model file with more outputs, if the graph
   * lacks them.
   */
  readonly readyForStates: () => Promise<void>;
}

/**
 * Models up to this size are loaded once per core: for small models, parallel batches are faster
 * than threads within an operator.
 */
const SMALL_WEIGHTS = 64 * 2 ** 20;
const MOST_WORKERS = 8;

/**
 * Reads a model folder, its tokenizer and its template.
 * @throws HarnessError RXB4001 that describes the problem; RXB6301, RXB6302 for a classifier whose
 * head was never trained; RXB4024 where onnxruntime is not installed.
 */
export async function openFolder(path: string, options: OnnxOptions): Promise<Opened> {
  checkOnnxruntime();
  const { coder, opened } = await TextCoder.open(path, options, options);
  try {
    return await prepareModel(path, options, coder, opened);
  } catch (error) {
    await coder.close();
    throw error;
  }
}

async function prepareModel(
  path: string,
  options: OnnxOptions,
  coder: TextCoder,
  { settings, graph, layout, limit }: OpenedFolder,
): Promise<Opened> {
  if (graph === null || layout === null) throw new Error('the folder was opened without its graph');
  const { modelFile, weightBytes } = graph;
  const cores = availableParallelism();
  const small = options.device === 'cpu' && weightBytes <= SMALL_WEIGHTS;
  const workers =
    options.workers ?? (small && options.threads === undefined ? Math.min(cores, MOST_WORKERS) : 1);
  const threads = options.threads ?? (workers > 1 ? 1 : cores);
  const modelPath = join(path, modelFile);
  const added = layout.kind === 'decoder' ? (layout.hidden?.added ?? []) : [];
  const copy =
    added.length === 0 ? undefined : copyWithOutputs(modelPath, await digest(modelPath), added);
  let copied: Promise<void> | undefined;
  const model = new ModelProcess(
    {
      session: { folder: path, modelPath, modelFile, device: options.device, threads },
      ...(copy === undefined ? {} : { withStates: copy }),
      layout,
    },
    workers,
  );
  return {
    modelPath,
    layout,
    coder,
    limit,
    model,
    readyForStates: async () =>
      await (copied ??=
        copy === undefined ? Promise.resolve() : writeCopyWithOutputs(modelPath, copy, added)),
    info: {
      name: basename(path),
      fingerprint: await fingerprint(settings, options),
      ...describe(layout),
      ...readTraining(settings),
      notes: {
        backend: 'onnx',
        file: modelFile,
        device: options.device,
        workers,
        threads,
      } satisfies JsonObject,
    },
  };
}

function describe(
  layout: Layout,
): Pick<ModelInfo, 'can' | 'lacks' | 'vocabulary' | 'hiddenStates' | 'embedding' | 'classes'> {
  if (layout.kind !== 'decoder') {
    return layout.kind === 'encoder'
      ? { can: ['embedding'], embedding: { dim: layout.dim } }
      : { can: ['classification'], classes: layout.dim };
  }
  const { hidden, noHidden, vocabulary } = layout;
  const can: ModelAbility[] = ['generate', 'logits', 'choice-logprobs'];
  if (hidden === undefined)
    return {
      can,
      vocabulary,
      ...(noHidden === undefined ? {} : { lacks: { 'hidden-states': noHidden } }),
    };
  return {
    can: [...can, 'hidden-states'],
    vocabulary,
    hiddenStates: { indices: hidden.indices, dim: hidden.dim },
  };
}
