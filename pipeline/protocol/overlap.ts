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
  readonly #ids: string[] = [];
  readonly #prompts: string[] = [];
  readonly #texts: string[] = [];
  /** Numbers of the first questions with a prompt, and with a normalised text. */
  readonly #exact = new Map<string, number>();
  readonly #normalised = new Map<string, number>();
  readonly #near = new NearIndex();
  /** Of each question in `#near`: its number, and the numbers in its text. */
  readonly #nearQuestions: number[] = [];
  readonly #nearNumbers: string[] = [];
  /** The number in `#near` of each question that is the first with its text and long enough. */
  readonly #signatures = new Map<number, number>();

  constructor(private readonly leastShared: number) {}

  /** How many questions there are. */
  get size(): number {
    return this.#ids.length;
  }

  add(id: string, { prompt, text, numbers, signature }: Fingerprint): void {
    const number = this.#ids.push(id) - 1;
    const samePrompt = this.#exact.get(prompt);
    if (samePrompt === undefined) this.#exact.set(prompt, number);
    this.#prompts.push(this.#prompts[samePrompt ?? number] ?? prompt);
    const sameText = this.#normalised.get(text);
    this.#texts.push(this.#texts[sameText ?? number] ?? text);
    if (sameText !== undefined) return; // the first of equal ones stands for them
    this.#normalised.set(text, number);
    if (signature === null) return;
    this.#signatures.set(number, this.#near.add(signature));
    this.#nearQuestions.push(number);
    this.#nearNumbers.push(numbers);
  }

  /** The id of a question. Questions are numbered in the order in which they were added. */
  idOf(number: number): string {
    return this.#ids[number] as string;
  }

  /** The id of the first question with the prompt of this one. */
  firstIdOf(number: number): string {
    return this.idOf(this.#exact.get(this.#prompts[number] as string) as number);
  }

  /** The fingerprint of a question. */
  fingerprintOf(number: number): Fingerprint {
    const [prompt, text] = [this.#prompts[number] as string, this.#texts[number] as string];
    const near = this.#signatures.get(this.#normalised.get(text) as number);
    const signature = near === undefined ? null : this.#near.at(near);
    return { prompt, text, numbers: extractNumbers(text), signature };
  }

  /** The question of the set that is this one, and how alike they are; undefined where none is. */
  find({ prompt, text, numbers, signature }: Fingerprint): Found | undefined {
    const exact = this.#exact.get(prompt);
    if (exact !== undefined) return { id: this.idOf(exact), likeness: 'exact' };
    const same = text === '' ? undefined : this.#normalised.get(text);
    if (same !== undefined) return { id: this.idOf(same), likeness: 'normalised' };
    if (signature === null) return undefined;
    const near = this.#near.find(
      signature,
      this.leastShared,
      (number) => this.#nearNumbers[number] === numbers,
    );
    return near === undefined
      ? undefined
      : { id: this.idOf(this.#nearQuestions[near] as number), likeness: 'near' };
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
