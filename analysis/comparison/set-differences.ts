/** Whether two sides may be compared at all. */
import type { ComparedRun } from './compared-run.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import { isObject, type Json } from '../../core/util/json.js';

/** What a difference in one part of a set's provenance means. */
const IN_WORDS: Readonly<Record<string, string>> = {
  data: 'the questions differ',
  grades: 'the models, how they answer, or how they are graded differ',
  outcomes: 'the answers or their grades came out differently',
  scorer: 'the scorer differs',
  label: 'the meaning of the label differs',
  scale: 'the scale of grades differs',
  lowBand: 'the low band differs',
  recoveryBand: 'the recovery band differs',
  limit: 'the number of rows differs (--limit)',
  prices: 'the price tables differ',
  protocol: 'the protocol differs',
};

const formatValue = (value: unknown): string => {
  const text = canonicalJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/**
 * Two values of a part; of the protocol and the grades, which have many members, those that differ.
 */
function describeDifference(part: string, a: Json | undefined, b: Json | undefined): string {
  if ((part !== 'protocol' && part !== 'grades') || !isObject(a) || !isObject(b))
    return `${formatValue(a)} and ${formatValue(b)}`;
  const members = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => canonicalJson(a[name] ?? null) !== canonicalJson(b[name] ?? null),
  );
  return members
    .map((name) => `${name} ${formatValue(a[name] ?? null)} and ${formatValue(b[name] ?? null)}`)
    .join(', ');
}

/**
 * What of a part counts: a table of prices looked up on another day is the same where its prices
 * are.
 */
const compared = (part: string, value: Json | undefined): string =>
  canonicalJson((part === 'prices' && isObject(value) ? value['hash'] : value) ?? null);

/**
 * Why sets that both sides have cannot be compared, in words; empty where they can. Parts that only
 * one side knows are not held against them.
 */
export function listSetDifferences(a: ComparedRun, b: ComparedRun): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const set of a.sets) {
    const other = b.sets.find(({ name }) => name === set.name);
    if (other === undefined) continue;
    const differs = (reason: string): unknown =>
      reasons.set(reason, [...(reasons.get(reason) ?? []), set.name]);
    if (set.role !== other.role || set.group !== other.group)
      differs('its position in the leaderboard differs');
    for (const [part, value] of Object.entries(set.provenance)) {
      if (
        !(part in other.provenance) ||
        compared(part, value) === compared(part, other.provenance[part])
      )
        continue;
      differs(
        `${IN_WORDS[part] ?? `${part} differs`}: ${describeDifference(part, value, other.provenance[part])}`,
      );
    }
  }
  return [...reasons].map(([reason, sets]) => `${sets.join(', ')}: ${reason}`);
}
