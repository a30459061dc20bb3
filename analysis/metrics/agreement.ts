/** How far two gradings of the same answers agree. */

/** Agreement of two raters over classes. */
export interface Agreement {
  /** Answers that both graded. */
  readonly pairs: number;
  /** Share of answers put into the same class; null without answers. */
  readonly agreement: number | null;
  /**
   * Cohen's kappa: agreement beyond chance agreement. Null where both raters put everything into
   * one class, because chance agreement is then 1.
   */
  readonly kappa: number | null;
  /**
   * Kappa with squared distances between classes as weights (Cohen 1968); null with fewer than
   * three classes.
   */
  readonly weightedKappa: number | null;
  readonly classes: readonly string[];
  /** counts[i][j]: put into class i by the first, j by the second. */
  readonly counts: readonly (readonly number[])[];
}

/**
 * Computes the agreement of class indices. kappa = (p_o − p_e) / (1 − p_e), with p_o the observed
 * agreement and p_e the agreement expected by chance from the two margins (Cohen 1960).
 */
export function computeAgreement(
  pairs: readonly (readonly [number, number])[],
  classes: readonly string[],
): Agreement {
  const n = pairs.length;
  const counts = classes.map(() => classes.map(() => 0));
  for (const [a, b] of pairs) (counts[a] as number[])[b] = (counts[a]?.[b] ?? 0) + 1;
  const rows = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = classes.map((_, j) => counts.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  const share = (
    weight: (i: number, j: number) => number,
  ): readonly [observed: number, chance: number] => {
    let [observed, expected] = [0, 0];
    counts.forEach((row, i) =>
      row.forEach((count, j) => {
        observed += weight(i, j) * count;
        expected += (weight(i, j) * (rows[i] as number) * (columns[j] as number)) / n;
      }),
    );
    return [observed / n, expected / n];
  };
  const kappa = ([observed, expected]: readonly [number, number]): number | null =>
    n === 0 || 1 - expected < 1e-12 ? null : (observed - expected) / (1 - expected);
  const last = classes.length - 1;
  const same = share((i, j) => (i === j ? 1 : 0));
  return {
    pairs: n,
    agreement: n === 0 ? null : same[0],
    kappa: kappa(same),
    weightedKappa: classes.length < 3 ? null : kappa(share((i, j) => 1 - ((i - j) / last) ** 2)),
    classes,
    counts,
  };
}

/**
 * At most so many integer grades are a class each. With more, or with fractional grades, there are
 * two classes.
 */
const MOST_CLASSES = 11;

/**
 * Puts grades into classes: integer grades of the same scale are a class each; others fall into two
 * classes, below `threshold` (as a share of the scale) and from it on.
 */
export function classified(
  pairs: readonly (readonly [number, number])[],
  scales: readonly [readonly [number, number], readonly [number, number]],
  threshold: number | undefined,
): { readonly pairs: readonly (readonly [number, number])[]; readonly classes: readonly string[] } {
  const [[min, max], [otherMin, otherMax]] = scales;
  const whole =
    threshold === undefined &&
    min === otherMin &&
    max === otherMax &&
    pairs.flat().every(Number.isInteger) &&
    max - min < MOST_CLASSES &&
    Number.isInteger(min);
  if (whole) {
    const classes = Array.from({ length: max - min + 1 }, (_, i) => String(min + i));
    return { pairs: pairs.map(([a, b]) => [a - min, b - min]), classes };
  }
  const cut = threshold ?? 0.5;
  const classify = (value: number, [low, high]: readonly [number, number]): number =>
    (value - low) / (high - low) >= cut ? 1 : 0;
  return {
    pairs: pairs.map(([a, b]) => [classify(a, scales[0]), classify(b, scales[1])]),
    classes: [`below ${cut}`, `from ${cut} on`],
  };
}
