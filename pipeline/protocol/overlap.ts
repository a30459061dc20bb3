/** Questions of one set that are also in another: as they are, normalised, or nearly. */
import { NearIndex, computeSignature, type Signature } from './min-hash.js';
import { normalised } from './normalise.js';

/**
 * How alike two questions are. Numbers that differ make another question: templates of mathematics
 * are no leak.
 */
export type Likeness = 'exact' | 'normalised' | 'near';

/** From the strictest on. */
const LIKENESSES: readonly Likeness[] = ['exact', 'normalised', 'near'];

/**
 * How many questions of a set are in another. Each is counted once, under the strictest kind that
 * holds.
 */
export interface Overlap {
  readonly exact: number;
  readonly normalised: number;
  readonly near: number;
  /** A few of them: the id here, the id there. */
  readonly examples: readonly {
    readonly id: string;
    readonly other: string;
    readonly likeness: Likeness;
  }[];
}

/** A question that was found, and how alike it is. */
export interface Found {
  readonly id: string;
  readonly likeness: Likeness;
}

const extractNumbers = (text: string): string => (text.match(/\p{N}+/gu) ?? []).join(' ');

/** What of a question is compared: made once, looked up in many sets. */
export interface Fingerprint {
  readonly prompt: string;
  readonly text: string;
  readonly numbers: string;
  readonly signature: Signature | null;
}

/** Makes the fingerprint of a question. */
export function computeFingerprint(prompt: string): Fingerprint {
  const text = normalised(prompt);
  return { prompt, text, numbers: extractNumbers(text), signature: computeSignature(text) };
}

/** The questions of a set, found by likeness. */
export class QuestionIndex {
  readonly #exact = new Map<string, string>();
  readonly #normalised = new Map<string, string>();
  readonly #near = new NearIndex();
  readonly #nearIds: { readonly id: string; readonly numbers: string }[] = [];

  constructor(private readonly leastShared: number) {}

  add(id: string, { prompt, text, numbers, signature }: Fingerprint): void {
    if (!this.#exact.has(prompt)) this.#exact.set(prompt, id);
    if (this.#normalised.has(text)) return; // the first of equal ones stands for them
    this.#normalised.set(text, id);
    if (signature === null) return;
    this.#near.add(signature);
    this.#nearIds.push({ id, numbers });
  }

  /** The question of the set that is this one, and how alike they are; undefined where none is. */
  find({ prompt, text, numbers, signature }: Fingerprint): Found | undefined {
    const exact = this.#exact.get(prompt);
    if (exact !== undefined) return { id: exact, likeness: 'exact' };
    const same = text === '' ? undefined : this.#normalised.get(text);
    if (same !== undefined) return { id: same, likeness: 'normalised' };
    if (signature === null) return undefined;
    const near = this.#near.find(
      signature,
      this.leastShared,
      (number) => this.#nearIds[number]?.numbers === numbers,
    );
    return near === undefined
      ? undefined
      : { id: this.#nearIds[near]?.id as string, likeness: 'near' };
  }
}

const SHOWN = 5;

/** Whether a likeness is as strict as another, or stricter. */
export const asStrict = (likeness: Likeness, least: Likeness): boolean =>
  LIKENESSES.indexOf(likeness) <= LIKENESSES.indexOf(least);

/** Counts overlaps as questions come. */
export class OverlapCount {
  #counts = { exact: 0, normalised: 0, near: 0 };
  readonly #examples: {
    readonly id: string;
    readonly other: string;
    readonly likeness: Likeness;
  }[] = [];
  /** Ids there of questions that were found word by word. */
  readonly exactOthers = new Set<string>();

  add(id: string, found: Found): void {
    if (found.likeness === 'exact') this.exactOthers.add(found.id);
    this.#counts = { ...this.#counts, [found.likeness]: this.#counts[found.likeness] + 1 };
    if (this.#examples.length < SHOWN)
      this.#examples.push({ id, other: found.id, likeness: found.likeness });
  }

  get overlap(): Overlap {
    return { ...this.#counts, examples: this.#examples };
  }
}
