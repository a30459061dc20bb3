/** Checks whether two runs are comparable. */
import type { ComparedSet } from '../../storage/results/types.js';
import type { ComparedRun } from './compared-run.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import { isObject, type Json, type JsonObject } from '../../core/util/json.js';

/**
 * What a difference in one part of a set's provenance means. In order: where one part differs,
 * those after it often do for the same reason.
 */
const MEANINGS: Readonly<Record<string, string>> = {
  limit: 'the number of rows differs (--limit)',
  data: 'the questions differ',
  protocol: 'the protocol differs',
  scorer: 'the scorer differs',
  scorerCode: 'the code of the scorer differs',
  grades: 'the models, how they answer, or how they are graded differ',
  outcomes: 'the answers or their grades came out differently',
  label: 'the meaning of the label differs',
  scale: 'the scale of grades differs',
  lowBand: 'the low band differs',
  recoveryBand: 'the recovery band differs',
  prices: 'the price tables differ',
};

/** Parts in the order of their meanings, other ones last. */
function listParts(set: ComparedSet): readonly string[] {
  const known = Object.keys(MEANINGS).filter((part) => Object.hasOwn(set.provenance, part));
  const others = Object.keys(set.provenance).filter((part) => !Object.hasOwn(MEANINGS, part));
  return [...known, ...others.filter((part) => part !== 'metrics')];
}

const formatValue = (value: unknown): string => {
  const text = value === undefined ? 'none' : canonicalJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const formatLimit = (limit: Json | undefined): string =>
  limit === null ? 'all rows' : formatValue(limit);

/** A member of its own: names in files may be those of members that every object has. */
const getOwn = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/**
 * Shows the two values of a part; for the protocol and the grades, which have many members, only
 * the members that differ.
 */
function describeDifference(part: string, a: Json | undefined, b: Json | undefined): string {
  if (part === 'limit') return `${formatLimit(a)} and ${formatLimit(b)}`;
  if ((part !== 'protocol' && part !== 'grades') || !isObject(a) || !isObject(b))
    return `${formatValue(a)} and ${formatValue(b)}`;
  const members = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => canonicalJson(getOwn(a, name) ?? null) !== canonicalJson(getOwn(b, name) ?? null),
  );
  return members
    .map(
      (name) =>
        `${name} ${formatValue(getOwn(a, name) ?? null)} and ${formatValue(getOwn(b, name) ?? null)}`,
    )
    .join(', ');
}

/**
 * The text by which a part is compared. Price tables are equal where their prices are, on whatever
 * day they were looked up.
 */
const getComparedText = (part: string, value: Json | undefined): string =>
  canonicalJson((part === 'prices' && isObject(value) ? value['hash'] : value) ?? null);

/**
 * Why the sets that both runs have cannot be compared, for people, the most telling difference
 * first; empty where they can. Parts that only one of the runs records are ignored, except the code
 * of scorers: built-in ones have none.
 */
export function listSetDifferences(a: ComparedRun, b: ComparedRun): readonly string[] {
  const reasons = new Map<string, string[]>();
  const pairs = a.sets.flatMap((set) => {
    const other = b.sets.find(({ name }) => name === set.name);
    return other === undefined ? [] : [[set, other] as const];
  });
  const addReason = (reason: string, { name }: ComparedSet): unknown =>
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  for (const [set, other] of pairs)
    if (set.role !== other.role || set.group !== other.group)
      addReason('its position in the leaderboard differs', set);
  for (const [set, other] of pairs) {
    const parts = new Set([
      ...listParts(set),
      ...((set.provenance['scorerCode'] ?? other.provenance['scorerCode']) ? ['scorerCode'] : []),
    ]);
    for (const part of parts) {
      const [one, two] = [getOwn(set.provenance, part), getOwn(other.provenance, part)];
      if (part !== 'scorerCode' && !Object.hasOwn(other.provenance, part)) continue;
      if (getComparedText(part, one) === getComparedText(part, two)) continue;
      const meaning = Object.hasOwn(MEANINGS, part) ? MEANINGS[part] : `${part} differs`;
      addReason(`${meaning}: ${describeDifference(part, one, two)}`, set);
    }
  }
  return [...reasons].map(([reason, sets]) => `${sets.join(', ')}: ${reason}`);
}
