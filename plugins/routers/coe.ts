import {
  hiddenStates,
  router,
  type HiddenStates,
  type Router,
  type RouterInput,
} from '../../core/index.js';

/**
 * Mean over neighbouring layers of the sum of both norms and of the cosine between them, all in one
 * mean, unsquashed.
 */
@router({
  name: 'coe',
  summary: 'Lengths and angles along the chain of layer embeddings',
  batches: ['logits_based_routers'],
  needs: [hiddenStates()],
  formula: 'mean over i of { ‖hᵢ‖ + ‖hᵢ₊₁‖ , cos(hᵢ, hᵢ₊₁) }',
  source: 'RouterXBench, arXiv 2602.11877; after Chain-of-Embedding, arXiv 2410.13640',
  cost: 'one reading of the prompt by the weak model',
})
export class Coe implements Router<{ hiddenStates: HiddenStates }> {
  readonly score = ({
    signals: { hiddenStates: h },
  }: RouterInput<{ hiddenStates: HiddenStates }>): number | null => {
    if (h.layers < 2) return null;
    let sum = 0;
    for (let layer = 0; layer + 1 < h.layers; layer++) {
      let [current, next, product] = [0, 0, 0];
      for (let i = 0; i < h.dim; i++) {
        const a = h.values[layer * h.dim + i]!;
        const b = h.values[(layer + 1) * h.dim + i]!;
        current += a * a;
        next += b * b;
        product += a * b;
      }
      const lengths = [Math.sqrt(current), Math.sqrt(next)] as const;
      const scale = lengths[0] * lengths[1];
      sum += lengths[0] + lengths[1] + (scale === 0 ? 0 : product / scale);
    }
    return sum / (2 * (h.layers - 1));
  };
}
