import { answerSignal } from './answer.js';
import { choiceLogprobsSignal } from './choice-logprobs.js';
import { classLogitsSignal } from './class-logits.js';
import type { SignalDefinition } from './definition.js';
import { embeddingSignal } from './embedding.js';
import { entailmentSignal } from './entailment.js';
import { hiddenStatesSignal } from './hidden-states.js';
import { logitsSignal } from './logits.js';
import { replySignal } from './reply.js';
import type { SignalRequest } from './requests.js';
import { sampleEmbeddingsSignal } from './sample-embeddings.js';
import { samplesSignal } from './samples.js';

/**
 * The kinds of signal that the harness can produce. A new kind is a file in this folder and a row
 * here; no other code of the harness names a kind. core/index.ts exports its constructor, and
 * testing/synthetic.ts makes up values of it for the contract suites.
 */
export const SIGNALS = [
  logitsSignal,
  hiddenStatesSignal,
  embeddingSignal,
  classLogitsSignal,
  answerSignal,
  samplesSignal,
  sampleEmbeddingsSignal,
  replySignal,
  choiceLogprobsSignal,
  entailmentSignal,
] as const satisfies readonly SignalDefinition[];

/** The kinds of signal by name. */
export type SignalKind = (typeof SIGNALS)[number]['kind'];

const BY_KIND: ReadonlyMap<string, SignalDefinition> = new Map(
  SIGNALS.map((definition) => [definition.kind, definition]),
);

/** The definition of a kind. @throws Error where there is none; plans have checked that */
export function getSignal({ kind }: Pick<SignalRequest, 'kind'>): SignalDefinition {
  const found = BY_KIND.get(kind);
  if (found === undefined) throw new Error(`there is no signal of the kind "${kind}"`);
  return found;
}
