/**
 * Milliseconds that a server asks to wait, by its header `retry-after-ms`, or `retry-after` in
 * seconds or as a date; undefined if it does not say.
 */
export function retryAfter(
  header: (name: string) => string | undefined,
  now: number,
): number | undefined {
  const exact = Number(header('retry-after-ms') ?? NaN);
  if (exact >= 0) return exact;
  const text = header('retry-after');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return 1000 * seconds;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
