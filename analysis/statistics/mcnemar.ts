/**
 * Two-sided mid-p value of McNemar's exact test (Fagerland, Lydersen and Laake, 2013): `first`
 * pairs where only the first is right, `second` where only the second is.
 */
export function mcnemar(first: number, second: number): number {
  const n = first + second;
  const fewer = Math.min(first, second);
  let log = -n * Math.LN2; // log of the binomial probability of k, from k = 0 upwards
  let below = 0;
  for (let k = 0; k < fewer; k++) {
    below += Math.exp(log);
    log += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * below + Math.exp(log));
}
