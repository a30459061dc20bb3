/** The options of a multiple-choice question, and those that a text names. */
import type { DatasetRow } from '../../../core/index.js';

/** Letter → text of the option. The text is empty if it is unknown. */
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

/**
 * The options of a row: those it declares, else those listed in its prompt; empty if there are
 * none.
 */
export function parseOptions(row: DatasetRow): Options {
  if (row.choices === undefined) return fromPrompt(row.prompt);
  return new Map(row.choices.map((text, i) => [LETTERS[i] ?? String(i + 1), plain(text)]));
}

/** Whether a letter can be an answer: any letter if the options are unknown. */
export const isLetter = (options: Options, letter: string): boolean =>
  options.size === 0 ? LETTERS.includes(letter) : options.has(letter);

/** The only option with that text. */
export function optionWithText(options: Options, text: string): string | undefined {
  const wanted = plain(text);
  if (wanted === '') return undefined;
  const found = [...options].filter(([, option]) => option === wanted);
  return found.length === 1 ? found[0]?.[0] : undefined;
}
