/** Rules for every router that learns. */
import { z } from 'zod';
import type { Weights } from '../core/contracts.js';
import { confidences, toInputs, pairwiseAuroc, type RouterUnderTest } from './router-subject.js';
import type { Rule } from './rule.js';
import { digest } from './detect-impurity.js';

const LEARNED = 0.8;
const Meta = z.record(z.string(), z.json());

const stored = ({ tensors, meta }: Weights): Weights => ({
  tensors: Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape: [...shape], data: Float32Array.from(data) },
    ]),
  ),
  meta: Meta.parse(JSON.parse(JSON.stringify(meta))),
});

const computeAuroc = async (subject: RouterUnderTest, weights: Weights): Promise<number> => {
  const rows = subject.rows(120, 41);
  return pairwiseAuroc(
    await confidences(await subject.ready(weights), toInputs(rows)),
    rows.map(({ label }) => label),
  );
};

const applies = ({ fitted }: RouterUnderTest): boolean => fitted;

const rejected = async (work: Promise<unknown>): Promise<{ readonly thrown: unknown } | null> =>
  await work.then(
    () => null,
    (thrown: unknown) => ({ thrown }),
  );

/** A rule about fitting on one label; `refuse` says what is wrong with an error thrown by it. */
export const oneClassRule = (
  sentence: string,
  refuse: (thrown: unknown) => string | null,
): Rule<RouterUnderTest> => ({
  name: 'one-class',
  sentence,
  applies,
  check: async (subject) => {
    for (const label of [0, 1] as const) {
      const rows = subject.rows(80, 43).filter((row) => row.label === label);
      const outcome = await subject.fit({ rows }).then(
        (weights) => ({ weights }),
        (thrown: unknown) => ({ thrown }),
      );
      if ('thrown' in outcome) {
        const problem = refuse(outcome.thrown);
        if (problem !== null) return [`labels all ${label}: ${problem}`];
        continue;
      }
      const scores = await confidences(
        await subject.ready(outcome.weights),
        toInputs(subject.rows(20, 44)),
      );
      if (!scores.every((score) => score === null || Number.isFinite(score)))
        return [`labels all ${label}: it scores numbers that are not finite`];
    }
    return [];
  },
});

/** Rules about fitting. */
export const routerFitRules: readonly Rule<RouterUnderTest>[] = [
  {
    name: 'weights-well-formed',
    sentence:
      'fits to finite Float32 tensors of the declared shapes, and to meta that JSON preserves',
    applies,
    check: async (subject) => {
      const { tensors, meta } = await subject.weights();
      const problems: string[] = [];
      for (const [name, { shape, data }] of Object.entries(tensors)) {
        if (!(data instanceof Float32Array)) problems.push(`tensor ${name} is not a Float32Array`);
        else if (shape.reduce((a, b) => a * b, 1) !== data.length)
          problems.push(
            `tensor ${name} has ${data.length} numbers for shape [${shape.join(', ')}]`,
          );
        else if (!data.every(Number.isFinite))
          problems.push(`tensor ${name} has a number that is not finite`);
      }
      if (digest(JSON.parse(JSON.stringify(meta))) !== digest(meta))
        problems.push('meta changes when written as JSON');
      return problems;
    },
  },
  {
    name: 'fit-deterministic',
    sentence: 'fits to the same weights with the same seed and rows, for any block size',
    applies,
    check: async (subject) => {
      const wanted = digest(await subject.weights());
      const problems: string[] = [];
      if (digest(await subject.fit()) !== wanted)
        problems.push('a second fit with the same seed gives other weights');
      if (digest(await subject.fit({ blockRows: 7 })) !== wanted)
        problems.push('blocks of 7 rows give other weights than blocks of 64');
      return problems;
    },
  },
  {
    name: 'restores',
    sentence: 'scores the same after its weights were stored and read again',
    applies,
    check: async (subject) => {
      const weights = await subject.weights();
      const inputs = toInputs(subject.rows(40, 42));
      const before = await confidences(await subject.ready(weights), inputs);
      const after = await confidences(await subject.ready(stored(weights)), inputs);
      return digest(before) === digest(after) ? [] : ['stored weights give other confidences'];
    },
  },
  {
    name: 'refuses-empty-weights',
    sentence: 'rejects weights without any tensor',
    applies,
    check: async (subject) => {
      const restoring = async (): Promise<void> =>
        await subject.make().restore?.({ tensors: {}, meta: {} });
      return (await rejected(restoring())) === null
        ? ['restore accepts weights without any tensor']
        : [];
    },
  },
  {
    name: 'learns',
    sentence: `separates the labels of new rows after fitting (AUROC above ${LEARNED} on synthetic rows)`,
    applies,
    check: async (subject) => {
      const auroc = await computeAuroc(subject, await subject.weights());
      return auroc > LEARNED ? [] : [`AUROC is ${auroc.toFixed(3)}`];
    },
  },
  {
    name: 'learns-direction',
    sentence: 'reverses its order when it is fitted on flipped labels',
    applies,
    check: async (subject) => {
      const auroc = await computeAuroc(subject, await subject.fit({ flip: true }));
      return auroc < 1 - LEARNED
        ? []
        : [
            `with flipped labels AUROC is ${auroc.toFixed(3)}, which should be below ${(1 - LEARNED).toFixed(1)}`,
          ];
    },
  },
  oneClassRule(
    'fitted on rows of one label, fails with a coded error or scores finite numbers',
    (thrown) =>
      thrown instanceof Error && 'code' in thrown
        ? null
        : `it throws an error without a code (${String(thrown)})`,
  ),
  {
    name: 'abortable',
    sentence: 'stops fitting when told to, with the reason of the signal',
    applies,
    check: async (subject) => {
      const problems: string[] = [];
      const already = new AbortController();
      already.abort(new Error('stop before the start'));
      const before = await rejected(subject.fit({ context: { signal: already.signal } }));
      if (before === null)
        problems.push('it fits to the end although the signal was aborted before');
      else if (before.thrown !== already.signal.reason)
        problems.push('it fails with something other than the reason of the signal');
      const later = new AbortController();
      let steps = 0;
      const progress = (): void => {
        if (steps++ === 0) later.abort(new Error('stop after the first step'));
      };
      const during = await rejected(subject.fit({ context: { signal: later.signal, progress } }));
      if (steps > 1 && (during === null || steps > 2))
        problems.push(`it continues for ${steps - 1} steps after it was told to stop`);
      return problems;
    },
  },
  {
    name: 'leaves-fit-rows-alone',
    sentence: 'does not change the rows it is fitted on',
    applies,
    check: async (subject) => {
      const rows = subject.rows(80, 45);
      const before = digest(rows);
      await subject.fit({ rows });
      return digest(rows) === before ? [] : ['a fit row has changed'];
    },
  },
];
