/** The options of a multiple-choice question, and those that a text names. */
import type { DatasetRow } from '../../../core/index.js';

/** Label → text of the option: letters, or numbers if the prompt has those. */
export type Options = ReadonlyMap<string, string>;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MARK = /(^|[\s(（[])([A-Z])\s?[).:、．）\]]\s*(?=\S)/g;

/**
 * Normalises case, punctuation and white space, so that `**Paris.**` becomes `paris`; a minus is
 * kept, next to its number.
 */
export const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[−–]/g, '-')
    .replace(/\\(?:text|mathrm|mathbf|textbf)\b|[*_`"'“”‘’$\\{}]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/(?<![^ =(])- (?=[\d.])/g, '-')
    .replace(/^[\s.,;:!?()[\]]+/, '')
    .slice(0, 4000)
    .replace(/[\s.,;:!?()[\]]{1,50}$/, '');

/** `A) x B) y …` in a prompt: the last run of letters that begins with A. */
function fromPrompt(prompt: string): Options {
  const marks = [...prompt.matchAll(MARK)].map((match) => ({
    letter: match[2] as string,
    from: match.index,
    text: match.index + match[0].length,
  }));
  let start = -1;
  marks.forEach(({ letter }, i) => {
    if (letter === 'A' && marks[i + 1]?.letter === 'B') start = i;
  });
  const options = new Map<string, string>();
  for (let i = start; start >= 0 && marks[i]?.letter === LETTERS[i - start]; i++) {
    const { letter, text } = marks[i] as (typeof marks)[number];
    const next = marks[i + 1]?.letter === LETTERS[i - start + 1] ? marks[i + 1]?.from : undefined;
    const option = prompt.slice(text, next);
    options.set(letter, plain(next === undefined ? (option.split('\n')[0] as string) : option));
  }
  return options;
}

/** Whether a prompt lists these options under the numbers from 1. */
function isNumbered(prompt: string, choices: readonly string[]): boolean {
  if (choices.length < 2) return false;
  let from = 0;
  return choices.every((choice, i) => {
    const label = new RegExp(`(?:^|[\\s(\\[])${i + 1}\\s?[).:、．\\]]\\s{0,3}`, 'g');
    label.lastIndex = from;
    for (let found = label.exec(prompt); found !== null; found = label.exec(prompt)) {
      from = label.lastIndex;
      if (prompt.startsWith(choice.trim(), from)) return true;
    }
    return false;
  });
}

/**
 * The options of a row: those it declares, else those listed in its prompt; empty if there are
 * none. Their labels are the letters from A, or the numbers from 1 if the prompt lists them so.
 */
export function parseOptions(row: DatasetRow): Options {
  const { choices, prompt } = row;
  if (choices === undefined) return fromPrompt(prompt);
  const numbered = isNumbered(prompt.slice(-20_000), choices);
  return new Map(
    choices.map((text, i) => [
      numbered ? String(i + 1) : (LETTERS[i] ?? String(i + 1)),
      plain(text),
    ]),
  );
}

/** Whether the options are labelled by numbers. */
export const hasNumbers = (options: Options): boolean => options.has('1');

/** What matches a label: a letter, or a number. */
export const labelPattern = (options: Options): string =>
  hasNumbers(options) ? '[1-9]\\d?' : '[A-Z]';

/** Whether a label can be an answer: any letter if the options are unknown. */
export const isLabel = (options: Options, label: string): boolean =>
  options.size === 0 ? LETTERS.includes(label) : options.has(label);

/** The label of an option that a reference names by a letter, where the labels are numbers. */
export const labelOfLetter = (options: Options, letter: string): string | undefined => {
  const label = String(LETTERS.indexOf(letter.trim().toUpperCase()) + 1);
  return letter.trim().length === 1 && options.has(label) ? label : undefined;
};

/** The only option with that text. */
export function optionWithText(options: Options, text: string): string | undefined {
  const wanted = plain(text);
  if (wanted === '') return undefined;
  const found = [...options].filter(([, option]) => option === wanted);
  return found.length === 1 ? found[0]?.[0] : undefined;
}
