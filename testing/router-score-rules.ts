/** Rules for every router: its definition, and how it scores. */
import type { RouterInput } from '../core/contracts.js';
import { SIGNALS } from '../core/signals/table.js';
import { seededRandom } from '../core/util/random.js';
import { confidences, toInputs, type RouterUnderTest } from './router-subject.js';
import type { Rule } from './rule.js';
import { edgeInputs } from './synthetic.js';
import { detectRandomness, digest, watchedInput } from './detect-impurity.js';

const KINDS: ReadonlySet<string> = new Set(SIGNALS.map(({ kind }) => kind));
const ROWS = 40;

const inputs = ({ rows }: RouterUnderTest): readonly RouterInput<object>[] =>
  toInputs(rows(ROWS, 21));

const unfit = (values: readonly unknown[], wanted: number): readonly string[] => {
  if (!Array.isArray(values) || values.length !== wanted)
    return [
      `${wanted} inputs gave ${Array.isArray(values) ? values.length : typeof values} confidences`,
    ];
  return values.flatMap((value, i) =>
    value === null || (typeof value === 'number' && Number.isFinite(value))
      ? []
      : [`input ${i + 1} got ${String(value)}; a confidence is a finite number or null`],
  );
};

const differing = (
  first: readonly unknown[],
  second: readonly unknown[],
  how: string,
): readonly string[] =>
  first.flatMap((value, i) =>
    Object.is(value, second[i])
      ? []
      : [`${how}, input ${i + 1} gets ${String(second[i])} instead of ${String(value)}`],
  );

/** Rules about declaring and scoring. */
export const routerScoreRules: readonly Rule<RouterUnderTest>[] = [
  {
    name: 'needs',
    sentence: 'declares its needs as a list of signal requests, each under a unique key',
    check: ({ needs, mark }) => {
      if (mark?.kind !== 'router') return [];
      const declared = needs();
      if (!Array.isArray(declared)) return ['needs is not an array'];
      const problems: string[] = [];
      for (const { kind, key, params } of declared as ReturnType<typeof needs>) {
        if (!KINDS.has(kind)) problems.push(`the signal kind "${kind}" does not exist`);
        if (typeof key !== 'string' || key === '') problems.push(`a ${kind} request has no key`);
        if (digest(JSON.parse(JSON.stringify(params))) !== digest(params))
          problems.push(`JSON does not preserve the parameters of ${key}`);
      }
      if (new Set(declared.map(({ key }) => key)).size !== declared.length)
        problems.push('two requests have the same key; rename one with as()');
      if (digest(needs()) !== digest(declared))
        problems.push('the same options give other needs the second time');
      return problems;
    },
  },
  {
    name: 'one-score',
    sentence: 'has either score or scoreBatch, and fit only together with restore',
    check: (subject) => {
      const { score, scoreBatch, fit, restore } = subject.make();
      const problems: string[] = [];
      if ((score === undefined) === (scoreBatch === undefined))
        problems.push(
          score === undefined
            ? 'it has neither score nor scoreBatch'
            : 'it has both score and scoreBatch',
        );
      if ((fit === undefined) !== (restore === undefined))
        problems.push(
          fit === undefined ? 'it has restore without fit' : 'it has fit without restore',
        );
      return problems;
    },
  },
  {
    name: 'finite-or-null',
    sentence: 'returns one finite number or null for every input, and nothing for an empty batch',
    check: async (subject) => {
      const router = await subject.ready();
      return [
        ...unfit(await confidences(router, inputs(subject)), ROWS),
        ...unfit(await confidences(router, []), 0),
      ];
    },
  },
  {
    name: 'pure',
    sentence: 'returns the same confidence for the same input, from this instance and from another',
    check: async (subject) => {
      const rows = inputs(subject);
      const router = await subject.ready();
      const first = await confidences(router, rows);
      return [
        ...differing(first, await confidences(router, rows), 'scored again'),
        ...differing(
          first,
          await confidences(await subject.ready(), rows),
          'scored by another instance',
        ),
      ];
    },
  },
  {
    name: 'no-randomness',
    sentence: 'uses neither the clock nor Math.random while scoring',
    check: async (subject) => {
      const router = await subject.ready();
      const rows = inputs(subject);
      return (await detectRandomness(() => confidences(router, rows))).map(
        (source) => `it calls ${source}`,
      );
    },
  },
  {
    name: 'order-independent',
    sentence: 'returns the same confidence for an input alone, in a batch, and in another order',
    check: async (subject) => {
      const rows = inputs(subject);
      const order = seededRandom(31).shuffle(rows.map((_, i) => i));
      const first = await confidences(await subject.ready(), rows);
      const shuffled = await confidences(
        await subject.ready(),
        order.map((i) => rows[i] as RouterInput<object>),
      );
      const back = rows.map((_, i) => shuffled[order.indexOf(i)]);
      const fresh = await subject.ready();
      const alone: unknown[] = [];
      for (const input of rows) alone.push(...(await confidences(fresh, [input])));
      return [...differing(first, back, 'in another order'), ...differing(first, alone, 'alone')];
    },
  },
  {
    name: 'leaves-inputs-alone',
    sentence: 'does not change its inputs',
    check: async (subject) => {
      const rows = inputs(subject);
      const router = await subject.ready();
      const before = digest(rows);
      await confidences(router, rows);
      return digest(rows) === before ? [] : ['scoring changed a signal'];
    },
  },
  {
    name: 'reads-only-declared',
    sentence: 'reads the query text and its declared signals, and nothing else',
    check: async (subject) => {
      const reads = new Set<string>();
      const rows = inputs(subject).map((input) => watchedInput(input, (read) => reads.add(read)));
      const router = await subject.ready();
      try {
        await confidences(router, rows);
      } catch (thrown) {
        if (reads.size === 0) throw thrown; // the forbidden access is the better explanation
      }
      return [...reads].map((read) => `it reads ${read}`);
    },
  },
  {
    name: 'edge-signals',
    sentence: 'stays finite or null on zeros, constants, huge values and odd texts',
    check: async (subject) => {
      const [like] = inputs(subject);
      const edge = edgeInputs(subject.needs(), like as RouterInput<object>);
      return unfit(await confidences(await subject.ready(), edge), edge.length);
    },
  },
];
