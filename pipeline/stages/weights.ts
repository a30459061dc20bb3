/** Where the weights of fitted routers lie, and how they are read back. */
import { access, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FitCheckpoint, Tensor, Weights } from '../../core/contracts.js';
import { HarnessError } from '../../core/errors.js';
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import { writeAtomic } from '../../storage/atomic.js';
import { SafetensorsFile, writeSafetensors } from '../../storage/safetensors.js';
import { canonicalJson, jsonHash } from '../../core/util/canonical-json.js';
import type { Json, JsonObject } from '../../core/util/json.js';
import { getModelName, type SignalRequest } from '../../core/signals/requests.js';
import { plannedModel } from './answer.js';
import { getGradesArtifact } from './grade.js';
import { getSignalArtifact, tensorShape } from './observe.js';
import { shapeSize } from '../../core/util/shape-size.js';
import { StorageError } from '../../storage/errors.js';
import { PipelineError } from '../errors.js';

/** Stored weights: where, and the hash of all that made them. */
export interface WeightsFile {
  readonly hash: string;
  readonly file: string;
}

/** What a router is, for artifact keys. */
export const routerKey = (router: PlannedRouter): JsonObject => ({
  router: router.definition.name,
  package: router.package,
  version: router.definition.version ?? 1,
  options: router.options as JsonObject,
});

/** The layers and shapes a router was fitted on; scoring with others is refused. */
export const inputShapes = (context: RunContext, router: PlannedRouter): JsonObject =>
  Object.fromEntries(
    router.needs
      .filter(
        (request) =>
          request.kind === 'hidden-states' ||
          request.kind === 'logits' ||
          request.kind === 'embedding' ||
          request.kind === 'class-logits',
      )
      .map((request) => [
        request.key,
        request.kind === 'hidden-states'
          ? statesShape(context, request)
          : [...tensorShape(context, request)],
      ]),
  );

/**
 * The shape alone where all layers are given as Hugging Face gives them; else which layers, and
 * which of them lack a norm.
 */
function statesShape(context: RunContext, request: SignalRequest): Json {
  const shape = [...tensorShape(context, request)];
  const { indices = [], unnormalised = [] } =
    plannedModel(context.plan, getModelName(request)).info.hiddenStates ?? {};
  return unnormalised.length === 0 && indices.every((index, at) => index === at)
    ? shape
    : { shape, layers: [...indices], unnormalised: [...unnormalised] };
}

/** What the texts and labels of the fit rows of a set hang on. */
export const labelledKey = (
  context: RunContext,
  set: PlannedSet,
  queries: QuerySet,
): JsonObject => ({
  grades: (set.label.kind === 'at-least-strong' ? ['weak', 'strong'] : ['weak']).map(
    (model) => getGradesArtifact(context, model, set, queries).hash,
  ),
  label: set.label as unknown as JsonObject,
  prompts: queries.promptsHash,
});

/** Where the weights of a router and a seed lie, made or not. */
export function getWeightsFile(
  context: RunContext,
  router: PlannedRouter,
  seed: number,
): WeightsFile {
  const { protocol } = context.plan.project.config;
  const fit = context.plan.sets
    .filter((set) => set.fit !== null)
    .map((set) => {
      const queries = set.fit as QuerySet;
      return {
        ...labelledKey(context, set, queries),
        signals: router.needs.map((request) => getSignalArtifact(context, request, queries).hash),
      };
    });
  const hash = jsonHash({
    ...routerKey(router),
    fit,
    validationShare: protocol.validationShare,
    split: protocol.seed,
    seed,
  } as unknown as JsonObject);
  return { hash, file: join(context.results, 'artifacts', 'weights', hash, 'weights.safetensors') };
}

/** Where a run keeps its own copy of the weights, which `--weights` reads. */
export const publishedWeights = (runFolder: string, router: string, seed: number): string =>
  join(runFolder, router, 'weights', `seed-${seed}.safetensors`);

export const exists = async (file: string): Promise<boolean> =>
  await access(file).then(
    () => true,
    () => false,
  );

/** Stores weights under `at.file`. */
export async function writeWeights(
  context: RunContext,
  router: PlannedRouter,
  weightsFile: WeightsFile,
  weights: Weights,
): Promise<void> {
  const wrong = Object.entries(weights.tensors).find(
    ([, { shape, data }]) => shapeSize(shape) !== data.length,
  );
  if (wrong !== undefined) {
    throw new HarnessError('brokenPluginContract', {
      kind: 'router',
      name: router.name,
      problem: `tensor "${wrong[0]}" has ${wrong[1].data.length} numbers for shape [${wrong[1].shape.join(', ')}]`,
    });
  }
  await writeSafetensors(weightsFile.file, weights.tensors, {
    meta: canonicalJson(weights.meta),
    router: canonicalJson(routerKey(router)),
    inputs: canonicalJson(inputShapes(context, router)),
    hash: weightsFile.hash,
  });
}

/** Copies stored weights into the folder of the run. */
export async function publishWeights(weightsFile: WeightsFile, to: string): Promise<void> {
  await writeAtomic(to, await readFile(weightsFile.file));
}

const getCheckpointFile = ({ file }: WeightsFile): string =>
  join(dirname(file), 'checkpoint.safetensors');

/**
 * Seconds between two checkpoints: a fit that dies loses no more, and a fit that lives spends next
 * to nothing on them.
 */
const CHECKPOINT_SECONDS = 10;

/** Where a fit keeps its state until its weights are there. */
export function checkpointAt(weightsFile: WeightsFile): FitCheckpoint {
  const file = getCheckpointFile(weightsFile);
  let saved = performance.now();
  return {
    due: () => performance.now() - saved >= 1000 * CHECKPOINT_SECONDS,
    save: async ({ tensors, meta }) => {
      await writeSafetensors(file, tensors, { meta: JSON.stringify(meta) });
      saved = performance.now();
    },
    load: async () => {
      if (!(await exists(file))) return undefined;
      const stored = await SafetensorsFile.open(file);
      try {
        return {
          tensors: await readTensors(stored),
          meta: JSON.parse(stored.metadata['meta'] ?? '{}') as JsonObject,
        };
      } finally {
        await stored.close();
      }
    },
  };
}

/** Throws the state of a fit away. */
export async function dropCheckpoint(weightsFile: WeightsFile): Promise<void> {
  await rm(getCheckpointFile(weightsFile), { force: true });
}

async function readTensors(stored: SafetensorsFile): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const name of stored.names)
    tensors[name] = { shape: stored.shape(name), data: await stored.floats(name) };
  return tensors;
}

/** Reads weights back; weights of another router or for other inputs are refused. */
export async function readWeights(
  context: RunContext,
  router: PlannedRouter,
  file: string,
): Promise<{ readonly weights: Weights; readonly hash: string }> {
  if (!(await exists(file)))
    throw new StorageError('notPrepared', { what: `the weights of router "${router.name}"`, file });
  const stored = await SafetensorsFile.open(file);
  try {
    const mismatch = (problem: string): HarnessError =>
      new HarnessError('weightsMismatch', {
        folder: `the weights in ${dirname(file)}`,
        router: router.name,
        problem,
      });
    const { meta, router: made, inputs, hash } = stored.metadata;
    if (meta === undefined || made === undefined || inputs === undefined || hash === undefined)
      throw mismatch('they were not written by routerxbench');
    if (made !== canonicalJson(routerKey(router))) throw mismatch(`they were made by ${made}`);
    const given = canonicalJson(inputShapes(context, router));
    if (inputs !== given) throw new PipelineError('inputShapeMismatch', { fitted: inputs, given });
    return {
      weights: { tensors: await readTensors(stored), meta: JSON.parse(meta) as JsonObject },
      hash,
    };
  } finally {
    await stored.close();
  }
}
