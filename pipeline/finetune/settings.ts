/** How to fine-tune. What decides the outcome is part of the key under which the work is kept. */
export interface FinetuneSettings {
  readonly epochs: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly batchSize: number;
  /**
   * Longer queries are cut, in fine-tuning and in scoring alike; undefined = 512, or what the model
   * can read where that is less.
   */
  readonly maxTokens: number | undefined;
  readonly seed: number;
  readonly device: 'auto' | 'cpu' | 'cuda';
}

/**
 * Those of RouterXBench (arXiv 2602.11877) for its DeBERTa router; its learning rates go from 1e-5
 * to 2e-5.
 */
export const FINETUNE_DEFAULTS: FinetuneSettings = {
  epochs: 3,
  learningRate: 2e-5,
  weightDecay: 0.01,
  batchSize: 16,
  maxTokens: undefined,
  seed: 1,
  device: 'auto',
};

/** What the paper cuts queries at. */
export const MOST_TOKENS = 512;
