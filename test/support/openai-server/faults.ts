/** Seeded faults: which requests fail, and how. */
import { hash32 } from '../../../core/util/hash32.js';

/** Kinds of faults. */
export const FAULTS = [
  'throttle',
  'error',
  'reset',
  'slow',
  'truncated',
  'wrong-model',
  'silence',
] as const;

/** One of them. */
export type Fault = (typeof FAULTS)[number];

/** Which requests fail. */
export interface FaultPlan {
  readonly seed?: number;
  /** Share of requests that fail; each attempt is drawn independently. */
  readonly rate: number;
  readonly kinds?: readonly Fault[];
  /** Duration in milliseconds for which a 429 applies to all requests. */
  readonly stormMs?: number;
  /** Content of Retry-After in a 429: seconds, a date, or nothing. */
  readonly retryAfter?: 'seconds' | 'milliseconds' | 'date' | 'none';
}

/** Draws faults: a request's n-th attempt fails the same way in every run. */
export class FaultSource {
  readonly #attempts = new Map<number, number>();
  readonly counts = new Map<Fault, number>();

  constructor(readonly plan: FaultPlan) {}

  draw(body: string): Fault | null {
    const { rate, kinds = FAULTS, seed = 0 } = this.plan;
    if (rate <= 0 || kinds.length === 0) return null;
    const key = hash32(body);
    const attempt = this.#attempts.get(key) ?? 0;
    this.#attempts.set(key, attempt + 1);
    const unit = (hash32(`${seed}/${key}/${attempt}`) >>> 0) / 2 ** 32;
    if (unit >= rate) return null;
    const fault = kinds[Math.floor((unit / rate) * kinds.length)] as Fault;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    return fault;
  }
}
