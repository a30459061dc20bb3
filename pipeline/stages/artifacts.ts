/**
 * The keys of stored answers, grades, signals and weights: everything that made them. Only
 * prepared.ts asks here; the stages get handles.
 */
import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignal } from '../../core/signals/table.js';
import { Artifact } from '../../storage/artifact.js';
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import {
  fillsAnswer,
  getModelName,
  isAnswer,
  readsBareText,
  samplesUnder,
} from '../signals/requests.js';

/** The code of a third-party plugin; that of built-in ones is the harness's. */
const asCode = (code: string | null): JsonObject => (code === null ? {} : { code });

/** The artifact of a model's answers to a set, made or not. */
export function nameAnswers(context: RunContext, model: string, set: QuerySet): Artifact {
  const { info, generation, code } = plannedModel(context.plan, model);
  const system = context.plan.project.config.generation.system ?? null;
  return new Artifact(
    context.results,
    'answers',
    {
      model: info.fingerprint,
      generation: { ...generation, system },
      prompts: set.promptsHash,
      ...(info.recorded === undefined ? {} : { outcomes: set.contentHash }),
    },
    { harness: context.plan.harness, ...asCode(code) },
    set.rows,
    'jsonl',
  );
}

/** The artifact of the grades of a model's answers, made or not. */
export function nameGrades(
  context: RunContext,
  set: PlannedSet,
  queries: QuerySet,
  answers: Artifact,
): Artifact {
  const { plan } = context;
  const keys = set.scorers.map(({ name, version, package: from, options, models, facts }) => ({
    name,
    version,
    package: from,
    options: options as JsonObject,
    models: models.map((judge) => plannedModel(plan, judge).info.fingerprint),
    ...(facts === null ? {} : { facts }),
  }));
  const judges = set.scorers.flatMap(({ models }) => models);
  return new Artifact(
    context.results,
    'grades',
    {
      answers: answers.origin,
      scorer: keys.length === 1 ? (keys[0] as JsonObject) : keys,
      scale: set.definition.scale,
      ...(plan.project.config.protocol.unread === 'wrong' ? {} : { unread: 'null' }),
      content: queries.contentHash,
    },
    {
      harness: plan.harness,
      answers: answers.hash,
      scorers: set.scorers.map(({ code }) => code),
      judges: judges.map((judge) => plannedModel(plan, judge).code),
    },
    queries.rows,
    'jsonl',
  );
}

/**
 * Where a signal of a set is stored, made or not. The weak model's answer is the one that is
 * graded.
 */
export function nameSignal(
  context: RunContext,
  request: SignalRequest,
  set: QuerySet,
  answers: Artifact,
): StoredSignal {
  const { shape, keyFacts } = getSignal(request);
  if (isAnswer(request)) return { request, artifact: answers, shape: null, samples: null };
  const { info, code } = plannedModel(context.plan, getModelName(request));
  const { model: _name, ...params } = request.params;
  const under = samplesUnder(request);
  const samples = under === undefined ? null : nameSignal(context, under, set, answers);
  const artifact = new Artifact(
    context.results,
    request.kind,
    {
      model: info.fingerprint,
      params,
      system: readsBareText(request)
        ? null
        : (context.plan.project.config.generation.system ?? null),
      prompts: set.promptsHash,
      ...(fillsAnswer(request) ? { answers: answers.hash } : {}),
      ...keyFacts?.(info),
      ...(samples === null ? {} : { samples: samples.artifact.hash }),
    },
    { harness: context.plan.harness, ...asCode(code) },
    set.rows,
    shape === undefined ? 'jsonl' : 'safetensors',
  );
  return { request, artifact, shape: shape?.(info, request.params) ?? null, samples };
}

/** What a router is, whatever its code. */
export const routerKey = (router: PlannedRouter): JsonObject => ({
  router: router.definition.name,
  package: router.package,
  version: router.definition.version ?? 1,
  options: router.options as JsonObject,
});

/**
 * What makes the weights and confidences of a router: also its code, and why they are unverified,
 * since what was made outside of a sandbox must not pass for what was made in one.
 */
export const madeBy = (router: PlannedRouter): JsonObject => ({
  ...routerKey(router),
  ...asCode(router.code),
  ...(router.unverifiedReason === null ? {} : { unverified: router.unverifiedReason }),
});

/** The hash of a router's weights for a training seed. `fit`: what the fit rows of each set are. */
export function hashWeights(
  context: RunContext,
  router: PlannedRouter,
  fit: readonly JsonObject[],
  seed: number,
): string {
  const { protocol } = context.plan.project.config;
  return jsonHash({
    ...madeBy(router),
    harness: context.plan.harness,
    fit,
    validationShare: protocol.validationShare,
    split: protocol.seed,
    seed,
  });
}
