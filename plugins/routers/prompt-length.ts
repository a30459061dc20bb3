import { router, type Router, type RouterInput } from '../../core/index.js';

/** Minus the length of the query: the simplest router, and a baseline that others must beat. */
@router({
  name: 'prompt-length',
  summary: 'Minus the length of the query',
  aliases: ['prompt_length', 'length'],
  needs: [],
  formula: '−(UTF-16 code units of the query)',
  source: 'baseline',
  cost: 'none',
})
export class PromptLength implements Router<object> {
  readonly score = ({ query }: RouterInput<object>): number => -query.text.length;
}
