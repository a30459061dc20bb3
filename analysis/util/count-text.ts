/** A number of things: `1 row`, `2 rows`, `2 replies`; `plural` is for words without a plain s. */
export const countText = (count: number, singular: string, plural = `${singular}s`): string =>
  `${count} ${count === 1 ? singular : plural}`;
