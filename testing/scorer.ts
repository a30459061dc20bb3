/** The contract of scorers: a list of rules, a check and tests. */
import type { DatasetRow, Grade, GradeContext, GradedAnswer } from '../core/contracts.js';
import { definitionRules } from './definition-rules.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';
import { digest, frozen } from './detect-impurity.js';

/** A question with answers that must get the top grade, and answers that must not. */
export interface GradedExample {
  readonly row: DatasetRow;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}

/** Options of the scorer suite. */
export interface ScorerSuite {
  readonly options?: object;
  /**
   * Examples for scorers that need special rows, such as choices; default: short texts and numbers.
   */
  readonly examples?: readonly GradedExample[];
  /** Replies for a scorer that uses models; default: a request is an error. */
  readonly ask?: GradeContext['ask'];
  /** The answer that the scorer gets for a text; default: the text alone. */
  readonly answer?: (text: string) => GradedAnswer;
}

/** A scorer under test. */
export interface ScorerSubject extends PluginSubject<'scorer'> {
  readonly examples: readonly GradedExample[];
  readonly grade: (row: DatasetRow, text: string) => Promise<Grade>;
  readonly answer: (text: string) => GradedAnswer;
}

const WRONG = 'surely something else entirely';

const EXAMPLES: readonly GradedExample[] = [
  {
    row: { id: 'number', prompt: 'What is 6 times 7?', reference: '42', domain: 'numbers' },
    right: ['42'],
    wrong: ['41', WRONG],
  },
  {
    row: { id: 'word', prompt: 'Which colour has the sky?', reference: 'blue', domain: 'words' },
    right: ['blue'],
    wrong: ['red', WRONG],
  },
  {
    row: {
      id: 'several',
      prompt: 'Say yes in a language.',
      reference: ['yes', 'ja'],
      domain: 'words',
    },
    right: ['yes', 'ja'],
    wrong: ['no', WRONG],
  },
];

const MEGABYTE = 1_000_000;

/** Texts that break careless parsers. */
export const HOSTILE_TEXTS: readonly string[] = [
  'a'.repeat(MEGABYTE),
  ' '.repeat(MEGABYTE) + 'x',
  '('.repeat(200_000),
  '\\frac{'.repeat(100_000),
  '\\boxed{'.repeat(100_000),
  '9'.repeat(100_000),
  'a.'.repeat(100_000),
  '\u0000\u0001\u001b[31m\u007f',
  '\uD800',
  '\u202Ereversed\u202C',
  '<script>1</script>',
  '__proto__',
  'NaN',
  '1e999',
  '-Infinity',
  '$(1)`2`${3}',
];

const subject = (plugin: PluginClass, suite: ScorerSuite): ScorerSubject => {
  const base = buildSubject('scorer', plugin, suite.options);
  const ask: GradeContext['ask'] =
    suite.ask ?? (() => Promise.reject(new Error('the suite has no models; pass `ask`')));
  const answer = suite.answer ?? ((text: string): GradedAnswer => ({ text }));
  return {
    ...base,
    examples: suite.examples ?? EXAMPLES,
    grade: async (row, text) => await base.make().grade(frozen(row), frozen(answer(text)), { ask }),
    answer,
  };
};

const getScale = ({ mark }: ScorerSubject): readonly [number, number] =>
  mark?.kind === 'scorer' ? mark.definition.scale : [NaN, NaN];

const everyAnswer = async (
  { examples }: ScorerSubject,
  look: (row: DatasetRow, text: string, right: boolean) => Promise<string | undefined>,
): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const { row, right, wrong } of examples) {
    for (const [text, isRight] of [
      ...right.map((one) => [one, true] as const),
      ...wrong.map((one) => [one, false] as const),
    ]) {
      const problem = await look(row, text, isRight);
      if (problem !== undefined) problems.push(`${row.id}, answer "${text}": ${problem}`);
    }
  }
  return problems;
};

const malformed = (grade: Grade, [min, max]: readonly [number, number]): string | undefined => {
  if (grade.value === null)
    return typeof grade.reason === 'string' && grade.reason.trim() !== ''
      ? undefined
      : 'the null grade has no reason';
  return typeof grade.value === 'number' && grade.value >= min && grade.value <= max
    ? undefined
    : `the grade ${String(grade.value)} is outside [${min}, ${max}]`;
};

/** All rules for scorers. */
export const scorerRules: readonly Rule<ScorerSubject>[] = [
  ...definitionRules,
  {
    name: 'declares',
    sentence: 'declares a scale',
    check: (own) =>
      own.mark?.kind !== 'scorer' || getScale(own)[0] < getScale(own)[1]
        ? []
        : [`the scale [${getScale(own).join(', ')}] is empty`],
  },
  {
    name: 'right-is-top',
    sentence: 'grades right answers at the top of its scale',
    check: async (own) =>
      await everyAnswer(own, async (row, text, right) =>
        right && (await own.grade(row, text)).value !== getScale(own)[1]
          ? `is right, but gets the grade ${String((await own.grade(row, text)).value)}`
          : undefined,
      ),
  },
  {
    name: 'reference-is-top',
    sentence: 'grades the reference itself at the top of its scale',
    check: async (own) => {
      const problems: string[] = [];
      for (const { row } of own.examples) {
        for (const reference of [row.reference].flat()) {
          const { value } = await own.grade(row, reference);
          if (value !== getScale(own)[1])
            problems.push(
              `${row.id}: its reference "${reference}" gets the grade ${String(value)}`,
            );
        }
      }
      return problems;
    },
  },
  {
    name: 'wrong-is-below',
    sentence: 'grades wrong answers below the top of its scale',
    check: async (own) =>
      await everyAnswer(own, async (row, text, right) =>
        !right && (await own.grade(row, text)).value === getScale(own)[1]
          ? 'is wrong, but gets the top grade'
          : undefined,
      ),
  },
  {
    name: 'empty-is-null',
    sentence: 'returns null with a reason for an empty answer',
    check: async (own) => {
      const problems: string[] = [];
      for (const { row } of own.examples) {
        for (const text of ['', ' \n\t ']) {
          const grade = await own.grade(row, text);
          if (grade.value !== null)
            problems.push(`${row.id}: an empty answer gets the grade ${String(grade.value)}`);
          else if (malformed(grade, getScale(own)) !== undefined)
            problems.push(`${row.id}: the null grade has no reason`);
        }
      }
      return problems;
    },
  },
  {
    name: 'same-grade',
    sentence: 'returns the same grade for the same answer, every time and from every instance',
    check: async (own) =>
      await everyAnswer(own, async (row, text) => {
        const instance = own.make();
        const ask = (): Promise<never> => Promise.reject(new Error('no models'));
        const first = await own.grade(row, text);
        if (digest(first) !== digest(await own.grade(row, text)))
          return 'another instance returns another grade';
        const grades: Grade[] = [];
        for (
          let i = 0;
          i < 2 && own.mark?.kind === 'scorer' && own.mark.definition.models === undefined;
          i++
        )
          grades.push(await instance.grade(row, own.answer(text), { ask }));
        return grades.every((grade) => digest(grade) === digest(first))
          ? undefined
          : 'the second grade differs';
      }),
  },
  {
    name: 'within-scale',
    sentence: 'returns grades within its scale, or null with a reason',
    check: async (own) =>
      await everyAnswer(own, async (row, text) =>
        malformed(await own.grade(row, text), getScale(own)),
      ),
  },
  {
    name: 'withstands-hostile-text',
    sentence: 'neither throws nor leaves its scale for long, broken and hostile answers',
    check: async (own) => {
      const problems: string[] = [];
      const [example] = own.examples;
      if (example === undefined) return ['there are no examples'];
      for (const text of HOSTILE_TEXTS) {
        const label = `${JSON.stringify(text.slice(0, 12))} (${text.length} characters)`;
        try {
          const problem = malformed(await own.grade(example.row, text), getScale(own));
          if (problem !== undefined) problems.push(`${label}: ${problem}`);
        } catch (thrown) {
          problems.push(`${label}: it throws ${String(thrown)}`);
        }
      }
      return problems;
    },
  },
];

/** Checks a scorer class; an empty list means that it satisfies the contract. */
export const checkScorer = (
  plugin: PluginClass,
  suite: ScorerSuite = {},
): Promise<readonly Violation[]> => checkRules(scorerRules, subject(plugin, suite));

/** Registers one test per rule for a scorer class. */
export const scorerContract = (
  plugin: PluginClass,
  suite: ScorerSuite = {},
  runner?: Runner,
): void =>
  registerRules(
    `${plugin.name} keeps the contract of scorers`,
    scorerRules,
    subject(plugin, suite),
    runner,
  );
