/** Checks whether two runs computed the same metrics. */
import { canonicalJson } from '../../core/util/canonical-json.js';
import { isObject, type Json, type JsonObject } from '../../core/util/json.js';
import type { ComparedRun } from './compared-run.js';

/** What a run says of a metric by its name; a built-in metric of version 1 needs no words. */
const findKey = (keys: Json | undefined, metric: string): JsonObject | null => {
  const listed: readonly Json[] = Array.isArray(keys) ? keys : [];
  const found = listed.find((key) => isObject(key) && key['name'] === metric);
  return (found as JsonObject | undefined) ?? null;
};

const describeKey = (key: JsonObject | null): string =>
  key === null ? 'the built-in one' : `${String(key['metric'])} of ${String(key['package'])}`;

/** What differs between two metrics of one name, in words; undefined where nothing does. */
function describeDifference(a: JsonObject | null, b: JsonObject | null): string | undefined {
  if (canonicalJson(a) === canonicalJson(b)) return undefined;
  if (a === null || b === null || describeKey(a) !== describeKey(b))
    return `${describeKey(a)} and ${describeKey(b)}`;
  const members = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => canonicalJson(a[name] ?? null) !== canonicalJson(b[name] ?? null),
  );
  return members
    .map((name) =>
      name === 'code'
        ? 'its code'
        : `${name} ${canonicalJson(a[name] ?? null)} and ${canonicalJson(b[name] ?? null)}`,
    )
    .join(', ');
}

/**
 * Which of these metrics two runs did not compute in the same way, for people; empty where they
 * did. `current`: what the project would compute them with now.
 */
export function listMetricDifferences(
  a: ComparedRun,
  b: ComparedRun,
  metrics: readonly string[],
  current: readonly Json[],
): readonly string[] {
  return metrics.flatMap((metric) => {
    const now = findKey(current, metric);
    for (const set of b.sets) {
      const other = a.sets.find(({ name }) => name === set.name);
      const of = findKey(set.provenance['metrics'], metric);
      const before = other && describeDifference(findKey(other.provenance['metrics'], metric), of);
      if (before !== undefined) return [`the metric ${metric} differs: ${before}`];
      const stale = describeDifference(of, now);
      if (stale !== undefined)
        return [`the metric ${metric} has changed since ${b.label}: ${stale}; run it again`];
    }
    return [];
  });
}
