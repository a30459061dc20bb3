import { closest as nearest, distance } from 'fastest-levenshtein';

/** ` Did you mean "x"?` where a known name is close to `name`, else the empty string. */
export function suggestion(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const best = nearest(name, [...known]);
  return distance(name, best) <= Math.max(2, Math.floor(name.length / 3)) ? ` Did you mean "${best}"?` : '';
}
