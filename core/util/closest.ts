import { closest as nearest, distance } from 'fastest-levenshtein';

/** ` Did you mean "x"?` where a known name is close to `name` or starts with it, else ''. */
export function suggestion(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const begun = name.length > 3 ? known.filter((candidate) => candidate.startsWith(name)) : [];
  const best = nearest(name, [...(begun.length > 0 ? begun : known)]);
  return begun.length > 0 || distance(name, best) <= Math.max(2, Math.floor(name.length / 3))
    ? ` Did you mean "${best}"?`
    : '';
}
