import { promptFeeds } from '../../plugins/models/_onnx/feeds.js';
import { floats } from '../../plugins/models/_onnx/last-logits.js';
import type { Opened } from '../../plugins/models/_onnx/opened.js';
import { onnxruntime } from '../../plugins/models/_onnx/session.js';
import { join } from 'node:path';

/** Hidden states of every prompt token of a folder with stacked outputs: [tokens, layers, dim]. */
export async function hiddenStatesOf({ folder, layout }: Opened, ids: readonly number[]): Promise<{ readonly values: Float32Array; readonly shape: readonly [number, number, number]; readonly ids: readonly number[] }> {
  if (layout.kind !== 'decoder' || layout.hidden?.form !== 'stacked') throw new TypeError('the graph gives no stacked hidden states');
  const session = await onnxruntime().InferenceSession.create(join(folder.path, folder.modelFile));
  try {
    const [output] = layout.hidden.outputs as readonly [string];
    const tensor = (await session.run(promptFeeds(layout, [ids]), [output]))[output];
    if (tensor === undefined) throw new TypeError('the graph gave no hidden states');
    const [layers, tokens, dim] = [layout.hidden.indices.length, ids.length, layout.hidden.dim];
    const given = floats(tensor);
    const values = new Float32Array(given.length);
    for (let layer = 0; layer < layers; layer++) for (let token = 0; token < tokens; token++) values.set(given.subarray((layer * tokens + token) * dim, (layer * tokens + token + 1) * dim), (token * layers + layer) * dim);
    return { values, shape: [tokens, layers, dim], ids };
  } finally {
    await session.release();
  }
}
