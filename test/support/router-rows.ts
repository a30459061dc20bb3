import type { RouterDefinition } from '../../core/index.js';
import type { SignalRequest } from '../../core/signals/requests.js';

const call = ({ kind }: SignalRequest): string =>
  ({
    logits: 'logits',
    'hidden-states': 'hiddenStates',
    embedding: 'embedding',
    'class-logits': 'classLogits',
    answer: 'answer',
    samples: 'samples',
    'sample-embeddings': 'sampleEmbeddings',
    reply: 'reply',
    'choice-logprobs': 'choiceLogprobs',
    entailment: 'entailment',
  })[kind];

/** The row of docs/routers.md for a router's definition, with its default options. */
export function routerRow({
  name,
  summary,
  needs,
  formula,
  source,
  cost,
  aliases,
  options,
}: RouterDefinition): string {
  const requests = typeof needs === 'function' ? needs(options?.parse({})) : needs;
  const signals =
    requests.length === 0
      ? 'query text'
      : requests.map((request) => `\`${call(request)}\``).join(', ');
  const names = [`\`${name}\``, ...(aliases ?? []).map((alias) => `(${alias})`)].join(' ');
  return `| ${[names, summary, signals, formula ?? '', source ?? '', cost ?? ''].join(' | ')} |`;
}
