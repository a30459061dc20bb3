/** The six datasets: one seeded generator, and all texts of all splits are different. */
import { seededRandom, type DatasetRow } from '../../../core/index.js';
import { ARITHMETIC } from './arithmetic.js';
import { CHOICE10 } from './choice10.js';
import { CHOICE4 } from './choice4.js';
import { INSTRUCT_COMPOSED } from './instruct-composed.js';
import { INSTRUCT } from './instruct.js';
import { MATH_HARD } from './math-hard.js';
import { drawQuestion, otherWordings, type Family, type TinyQuestion } from './question.js';

/** Increase it when the same seed would give other questions. */
export const GENERATOR_VERSION = 1;

const SEED = 2026;

/** Question families of each set, in the order in which the sets are generated. */
export const FAMILIES = {
  'tiny-arithmetic': ARITHMETIC,
  'tiny-choice4': CHOICE4,
  'tiny-instruct': INSTRUCT,
  'tiny-math-hard': MATH_HARD,
  'tiny-choice10': CHOICE10,
  'tiny-instruct-composed': INSTRUCT_COMPOSED,
} as const satisfies Readonly<Record<string, readonly Family[]>>;

/** Name of one of the six sets. */
export type TinySet = keyof typeof FAMILIES;

/** Rows of each split. `validation` is for choosing among trained models, never for routers. */
export const SPLITS = { train: 1500, validation: 300, test: 600 } as const;

/** A split of a set. */
type TinySplit = keyof typeof SPLITS;

type Suite = Readonly<Record<TinySet, Readonly<Record<TinySplit, readonly TinyQuestion[]>>>>;

let cachedSuite: Suite | undefined;
let texts: ReadonlySet<string> = new Set();

/**
 * All questions of all datasets. Generated once per process: test splits first, so that their rows
 * never depend on the sizes of the others.
 */
export function tinySuite(): Suite {
  if (cachedSuite !== undefined) return cachedSuite;
  const taken = new Set<string>();
  const suite: Record<string, Record<string, TinyQuestion[]>> = {};
  for (const split of ['test', 'validation', 'train'] as const) {
    for (const set of Object.keys(FAMILIES) as TinySet[]) {
      const random = seededRandom(`${SEED}/${GENERATOR_VERSION}/${set}/${split}`);
      const questions: TinyQuestion[] = [];
      while (questions.length < SPLITS[split]) {
        const question = drawQuestion(FAMILIES[set], random);
        if (taken.has(question.text)) continue;
        taken.add(question.text);
        questions.push(question);
      }
      (suite[set] ??= {})[split] = questions;
    }
  }
  cachedSuite = suite as unknown as Suite;
  texts = taken;
  return cachedSuite;
}

/**
 * The rows of one split as the dataset yields them. Questions are drawn independently, so each is
 * its own cluster.
 */
export function* tinyRows(set: TinySet, split: string): Generator<DatasetRow> {
  const questions = tinySuite()[set][split as TinySplit];
  for (const [i, { text, answer, family }] of questions.entries()) {
    yield { id: `${set}-${split}-${i + 1}`, prompt: text, reference: answer, domain: family };
  }
}

/**
 * A row in the other wordings of its family, except those that are questions in some split of some
 * dataset.
 */
export function tinyParaphrases(set: TinySet, { id }: DatasetRow): readonly string[] {
  const [, split, number] = new RegExp(`^${set}-(\\w+)-(\\d+)$`).exec(id) ?? [];
  const question = tinySuite()[set][split as TinySplit]?.[Number(number) - 1];
  return question === undefined
    ? []
    : otherWordings(FAMILIES[set], question).filter((text) => !texts.has(text));
}
