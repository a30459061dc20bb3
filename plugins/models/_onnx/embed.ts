import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { int64, type Feeds } from './feeds.js';
import { floats } from './last-logits.js';
import type { EncoderLayout } from './layout.js';
import { computeRowMean } from './read.js';

/** Texts to embed or to classify together. */
export interface EmbedJob {
  readonly prompts: readonly (readonly number[])[];
}

/**
 * One vector per text: the output for the whole text if the graph has one (the logits of a
 * classifier), else the mean of the last hidden state over its tokens, without padding (on the
 * right).
 */
export async function embed(
  { session, layout }: { readonly session: InferenceSession; readonly layout: EncoderLayout },
  { prompts }: EmbedJob,
): Promise<readonly Float32Array[]> {
  const rows = prompts.length;
  const width = Math.max(...prompts.map((ids) => ids.length));
  const ids = new Int32Array(rows * width).fill(layout.padToken);
  const mask = new Int32Array(rows * width);
  prompts.forEach((prompt, row) => {
    ids.set(prompt, row * width);
    mask.fill(1, row * width, row * width + prompt.length);
  });
  const dims = [rows, width];
  const feeds: Feeds = { input_ids: int64(ids, dims) };
  if (layout.takesMask) feeds['attention_mask'] = int64(mask, dims);
  if (layout.takesTokenTypes) feeds['token_type_ids'] = int64(new Int32Array(rows * width), dims);
  const tensor = (await session.run(feeds, [layout.output]))[layout.output] as Tensor;
  const values = floats(tensor);
  return prompts.map((prompt, row) => {
    const vector = layout.pooled
      ? values.slice(row * layout.dim, (row + 1) * layout.dim)
      : Float32Array.from(
          computeRowMean(values, row * width * layout.dim, prompt.length, layout.dim),
        );
    if (!vector.every(Number.isFinite))
      throw new RangeError('the model gave values that are not finite numbers');
    return vector;
  });
}
