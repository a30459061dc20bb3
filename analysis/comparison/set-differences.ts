/** Checks whether two runs are comparable. */
import type { ComparedRun } from './compared-run.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import { isObject, type Json } from '../../core/util/json.js';

/** What a difference in one part of a set's provenance means. */
const MEANINGS: Readonly<Record<string, string>> = {
  data: 'the questions differ',
  grades: 'the models, how they answer, or how they are graded differ',
  outcomes: 'the answers or their grades came out differently',
  scorer: 'the scorer differs',
  scorerCode: 'the code of the scorer differs',
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
 * Shows the two values of a part; for the protocol and the grades, which have many members, only
 * the members that differ.
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
 * The text by which a part is compared. Price tables are equal where their prices are, on whatever
 * day they were looked up.
 */
const getComparedText = (part: string, value: Json | undefined): string =>
  canonicalJson((part === 'prices' && isObject(value) ? value['hash'] : value) ?? null);

/**
 * Why the sets that both runs have cannot be compared, for people; empty where they can. Parts that
 * only one of the runs records are ignored.
 */
export function listSetDifferences(a: ComparedRun, b: ComparedRun): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const set of a.sets) {
    const other = b.sets.find(({ name }) => name === set.name);
    if (other === undefined) continue;
    const addReason = (reason: string): unknown =>
      reasons.set(reason, [...(reasons.get(reason) ?? []), set.name]);
    if (set.role !== other.role || set.group !== other.group)
      addReason('its position in the leaderboard differs');
    for (const [part, value] of Object.entries(set.provenance)) {
      if (
        !(part in other.provenance) ||
        getComparedText(part, value) === getComparedText(part, other.provenance[part])
      )
        continue;
      addReason(
        `${MEANINGS[part] ?? `${part} differs`}: ${describeDifference(part, value, other.provenance[part])}`,
      );
    }
  }
  return [...reasons].map(([reason, sets]) => `${sets.join(', ')}: ${reason}`);
}
