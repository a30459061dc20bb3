/** Where the weights of fitted routers are stored, and how they are read back. */
import { access, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { FitCheckpoint, Tensor, Weights } from '../../core/contracts.js';
import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import { plannedModel, type RunContext } from '../run-context.js';
import { getModelName } from '../signals/requests.js';
import { writeAtomic } from '../../storage/atomic.js';
import { FITTED_ROWS, unpackFittedRows } from './fitted-rows.js';
import { SafetensorsFile, writeSafetensors, type StoredTensor } from '../../storage/safetensors.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import type { Json, JsonObject } from '../../core/util/json.js';
import { getSignal } from '../../core/signals/table.js';
import { shapeSize } from '../../core/util/shape-size.js';
import { hashWeights, routerKey } from './artifacts.js';
import { getFitSets, getLabelKey, hashSignals, type Prepared } from './prepared.js';
import { StorageError } from '../../storage/errors.js';
import { getRunPath } from '../../storage/results/run-path.js';
import { PipelineError } from '../errors.js';

/** Stored weights of one training seed, for those who only read them. */
export interface SeedWeights {
  readonly seed: number;
  readonly file: string;
}

/** Stored weights: where, and the hash of all that made them. */
export interface WeightsFile extends SeedWeights {
  readonly hash: string;
}

/** Weights of fitted routers, by the router's name, one for each training seed. */
export type FittedWeights<Entry extends SeedWeights = SeedWeights> = ReadonlyMap<
  string,
  readonly Entry[]
>;

const forEachFitted = <Entry extends SeedWeights>(
  { plan }: RunContext,
  build: (router: PlannedRouter, seed: number) => Entry,
): FittedWeights<Entry> =>
  new Map(
    plan.routers
      .filter(({ fitted }) => fitted)
      .map((router) => [
        router.name,
        plan.project.config.protocol.trainingSeeds.map((seed) => build(router, seed)),
      ]),
  );

/** The handle of the weights of one fit, made or not. */
export function nameFit(
  context: RunContext,
  prepared: Prepared,
  router: PlannedRouter,
  seed: number,
): WeightsFile {
  const fit = getFitSets(prepared).map((set) => ({
    ...getLabelKey(set),
    signals: hashSignals(set.fit, router),
  }));
  const hash = hashWeights(context, router, fit, seed);
  const folder = join(context.results, 'artifacts', 'weights', hash);
  return { seed, hash, file: join(folder, 'weights.safetensors') };
}

/** Handles of the weights of all fitted routers, made or not. */
export const nameWeights = (context: RunContext, prepared: Prepared): FittedWeights<WeightsFile> =>
  forEachFitted(context, (router, seed) => nameFit(context, prepared, router, seed));

/** Handles of the weights that another run keeps in its folder. */
export const borrowWeights = (context: RunContext, folder: string): FittedWeights =>
  forEachFitted(context, ({ name }, seed) => ({
    seed,
    file: publishedWeights(folder, name, seed),
  }));

/** The layers and shapes a router was fitted on; scoring with others is refused. */
const inputShapes = ({ plan }: RunContext, { needs }: PlannedRouter): JsonObject =>
  Object.fromEntries(
    needs.flatMap((request): readonly [string, Json][] => {
      const { shape, weightsInput } = getSignal(request);
      if (shape === undefined || weightsInput === undefined) return [];
      const { info } = plannedModel(plan, getModelName(request));
      return [[request.key, weightsInput(shape(info, request.params), info)]];
    }),
  );

/** Where a run keeps its own copy of the weights, which `--weights` reads. */
const publishedWeights = (runFolder: string, router: string, seed: number): string =>
  getRunPath(runFolder, router, 'weights', `seed-${seed}.safetensors`);

export const exists = async (file: string): Promise<boolean> =>
  await access(file).then(
    () => true,
    () => false,
  );

const describeMismatch = (name: string, { shape, data }: Tensor): string =>
  `tensor "${name}" has ${data.length} numbers for shape [${shape.join(', ')}]`;

/** Stores weights in their file, with the fingerprints of the rows that they were fitted on. */
export async function writeWeights(
  context: RunContext,
  router: PlannedRouter,
  weightsFile: WeightsFile,
  weights: Weights,
  fitted: StoredTensor,
): Promise<void> {
  const broken = (problem: string): HarnessError =>
    new HarnessError('brokenPluginContract', { kind: 'router', name: router.name, problem });
  const wrong = Object.entries(weights.tensors).find(
    ([, { shape, data }]) => shapeSize(shape) !== data.length,
  );
  if (wrong !== undefined) throw broken(describeMismatch(...wrong));
  if (FITTED_ROWS in weights.tensors) throw broken(`no tensor may be called "${FITTED_ROWS}"`);
  await writeSafetensors(
    weightsFile.file,
    { ...weights.tensors, [FITTED_ROWS]: fitted },
    {
      unverified: router.unverifiedReason ?? '',
      meta: canonicalJson(weights.meta),
      router: canonicalJson(routerKey(router)),
      inputs: canonicalJson(inputShapes(context, router)),
      hash: weightsFile.hash,
    },
  );
}

/** Where a run keeps which options its weights were fitted with. */
export const publishedChoice = (runFolder: string, router: string): string =>
  getRunPath(runFolder, router, 'weights', 'choice.json');

/** Copies stored weights into the folder of the run, which `--weights` reads. */
export async function publishWeights(
  runFolder: string,
  { name, choice }: PlannedRouter,
  { seed, file }: SeedWeights,
): Promise<void> {
  await writeAtomic(publishedWeights(runFolder, name, seed), await readFile(file));
  const choiceFile = publishedChoice(runFolder, name);
  if (choice === undefined) await rm(choiceFile, { force: true });
  else await writeAtomic(choiceFile, `${JSON.stringify(choice)}\n`);
}

const getCheckpointFile = ({ file }: Pick<WeightsFile, 'file'>): string =>
  join(dirname(file), 'checkpoint.safetensors');

/**
 * Seconds between two checkpoints: a fit that is killed loses no more than that, and a fit that
 * continues spends next to nothing on them.
 */
const CHECKPOINT_SECONDS = 10;

/** Where a fit keeps its state until its weights are there. */
export function checkpointAt(weightsFile: Pick<WeightsFile, 'file'>): FitCheckpoint {
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
          meta: parseMeta(file, stored.metadata['meta'] ?? '{}'),
        };
      } finally {
        await stored.close();
      }
    },
  };
}

/** Throws the state of a fit away. */
export async function dropCheckpoint(weightsFile: Pick<WeightsFile, 'file'>): Promise<void> {
  await rm(getCheckpointFile(weightsFile), { force: true });
}

const Meta = z.record(z.string(), z.json());

function parseMeta(file: string, text: string): JsonObject {
  try {
    return Meta.parse(JSON.parse(text));
  } catch (cause) {
    throw new StorageError(
      'damagedArtifact',
      { file, problem: `its metadata "meta" are not JSON (${getErrorMessage(cause)})` },
      { cause },
    );
  }
}

async function readTensors(stored: SafetensorsFile): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const name of stored.names.filter((each) => each !== FITTED_ROWS))
    tensors[name] = { shape: stored.shape(name), data: await stored.floats(name) };
  return tensors;
}

/** Weights as they were read. */
export interface ReadWeights {
  readonly weights: Weights;
  readonly hash: string;
  /** Fingerprints of the rows that they were fitted on; null where it is not known. */
  readonly fitted: ReadonlySet<string> | null;
  /** Why what they give is unverified; null where they were made in a sandbox. */
  readonly unverified: string | null;
}

/** Reads weights back; weights of another router or for other inputs are refused. */
export async function readWeights(
  context: RunContext,
  router: PlannedRouter,
  file: string,
): Promise<ReadWeights> {
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
      weights: { tensors: await readTensors(stored), meta: parseMeta(file, meta) },
      hash,
      fitted: stored.names.includes(FITTED_ROWS)
        ? unpackFittedRows(await stored.bytes(FITTED_ROWS))
        : null,
      unverified: stored.metadata['unverified'] || null,
    };
  } finally {
    await stored.close();
  }
}
