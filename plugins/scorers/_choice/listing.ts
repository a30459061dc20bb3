/** Answers that go through the options line by line, with a verdict on each. */
import { isLabel, labelPattern, type Options } from './options.js';

const GOOD = /\b(?:yes|correct|right|true)\b|[✓✔✅]|正确|对/i;
const BAD = /\b(?:no|not|wrong|incorrect|false|isn['’]t|doesn['’]t|cannot|can['’]t)\b|[✗✘❌]|错/i;

interface Line {
  readonly label: string;
  readonly rest: string;
  readonly index: number;
}

const listed = (lines: readonly string[], options: Options): readonly Line[] => {
  const start = new RegExp(
    `^\\s{0,10}(?:[-*•]\\s{1,3})?(?:[Oo]ption\\s)?[*_(]{0,4}(${labelPattern(options)})[)*_]{0,4}\\s?[).:、．]`,
  );
  return lines.flatMap((line, index) => {
    const found = start.exec(line);
    const label = found?.[1] ?? '';
    return found !== null && isLabel(options, label)
      ? [{ label, rest: line.slice(found[0].length, found[0].length + 400), index }]
      : [];
  });
};

/** What a list of options says. */
export interface Listing {
  /** Lines that are part of it. */
  readonly lines: ReadonlySet<number>;
  /** The only option with a good verdict, if there is one. */
  readonly chosen: string | undefined;
}

/** The list of options in an answer: lines from the first option on; undefined if there is none. */
export function findListing(lines: readonly string[], options: Options): Listing | undefined {
  const found = listed(lines, options);
  const labels = [...options.keys()];
  const start = found.findIndex(
    ({ label }, i) => label === labels[0] && found[i + 1]?.label === labels[1],
  );
  if (start < 0) return undefined;
  const run: Line[] = [];
  for (const line of found.slice(start)) {
    if (line.label !== labels[run.length]) break;
    run.push(line);
  }
  const good = run.filter(({ rest }) => GOOD.test(rest) && !BAD.test(rest));
  const bad = run.filter(({ rest }) => BAD.test(rest));
  const chosen =
    good.length === 1 && good.length + bad.length === run.length ? good[0]?.label : undefined;
  return { lines: new Set(run.map(({ index }) => index)), chosen };
}
