/** Hidden states as vLLM's ExampleHiddenStatesConnector writes them: in files. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCopyWithOutputs } from '../../../plugins/models/_onnx/added-outputs.js';
import { promptFeeds } from '../../../plugins/models/_onnx/feeds.js';
import { floats } from '../../../plugins/models/_onnx/last-logits.js';
import { readNodes } from '../../../plugins/models/_onnx/nodes.js';
import type { Opened } from '../../../plugins/models/_onnx/open-model.js';
import { onnxruntime } from '../../../plugins/models/_onnx/session.js';

/** States of every prompt token: [tokens, layers, dim]. */
export interface TokenStates {
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number];
  readonly ids: readonly number[];
}

/** Faults of the files that a server writes. */
export type FileFault =
  'missing' | 'garbled' | 'cut' | 'link' | 'other-tokens' | 'not-finite' | 'outside' | 'unnamed';

/** How a server writes them. */
export interface StatesSettings {
  readonly folder: string;
  /** Layers by number, in ascending order; the last of the model is given before the final norm. */
  readonly layers: readonly number[];
  readonly type?: 'F32' | 'F16' | 'BF16';
  /** Milliseconds between the reply and the complete file; until then half of it exists. */
  readonly delayMs?: number;
  readonly fault?: FileFault;
}

/**
 * Reads the states of prompts in an embedded model: all layers, the last one before the final norm.
 */
export async function stateReader({ modelPath, layout }: Opened): Promise<{
  readonly read: (ids: readonly number[]) => Promise<TokenStates>;
  readonly close: () => Promise<void>;
}> {
  if (layout.kind !== 'decoder' || layout.hidden?.form !== 'stacked')
    throw new TypeError('the graph gives no stacked hidden states');
  const { hidden } = layout;
  const model = modelPath;
  const copies = join(tmpdir(), `rxb-states-${randomUUID()}`);
  await mkdir(copies);
  const copy = join(copies, 'model.onnx');
  const before = beforeNorm(model);
  await writeCopyWithOutputs(model, copy, [before]);
  const session = await onnxruntime().InferenceSession.create(copy);
  const read = async (ids: readonly number[]): Promise<TokenStates> => {
    const [output] = hidden.outputs as readonly [string];
    const fetched = await session.run(promptFeeds(layout, [ids]), [output, before]);
    const [stacked, last] = [fetched[output], fetched[before]].map((tensor) => {
      if (tensor === undefined) throw new TypeError('the graph gave no hidden states');
      return floats(tensor);
    }) as [Float32Array, Float32Array];
    const [layers, tokens, dim] = [hidden.indices.length, ids.length, hidden.dim];
    const values = new Float32Array(stacked.length);
    for (let layer = 0; layer < layers; layer++) {
      const [from, at] = layer === layers - 1 ? [last, 0] : [stacked, layer * tokens * dim];
      for (let token = 0; token < tokens; token++)
        values.set(
          from.subarray(at + token * dim, at + (token + 1) * dim),
          (token * layers + layer) * dim,
        );
    }
    return { values, shape: [tokens, layers, dim], ids };
  };
  return {
    read,
    close: async () => {
      await session.release();
      await rm(copies, { recursive: true, force: true });
    },
  };
}

/**
 * The tensor that the final norm reads: found from the logits back over its weight, its division
 * and its mean.
 */
function beforeNorm(model: string): string {
  const makers = new Map(
    readNodes(model).flatMap((node) => node.outputs.map((name) => [name, node] as const)),
  );
  let at = makers.get('logits');
  for (const operator of ['MatMul', 'Mul', 'Div', 'Sub']) {
    if (at?.operator !== operator)
      throw new TypeError(
        `the final norm is not as it was: ${at?.operator ?? 'nothing'} where ${operator} stood`,
      );
    if (operator === 'Sub') return at.inputs[0] as string;
    at = makers.get(at.inputs[0] as string);
  }
  throw new TypeError('the final norm was not found');
}

const HALF: Readonly<Record<'F16' | 'BF16', (value: number) => number>> = {
  BF16: (value) => (new Uint32Array(Float32Array.of(value).buffer)[0] as number) >>> 16,
  F16: (value) => {
    const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
    const exponent = ((bits >>> 23) & 255) - 112;
    const sign = (bits >>> 16) & 0x8000;
    return exponent <= 0 ? sign : sign | (Math.min(31, exponent) << 10) | ((bits >>> 13) & 1023);
  },
};

/**
 * The bytes of a file: `token_ids` (I64) and `hidden_states`, in the layout of the safetensors
 * library.
 */
function encodeStates(
  { values, shape: [tokens, layers, dim], ids }: TokenStates,
  { layers: wanted, type = 'F32', fault }: StatesSettings,
): Buffer {
  const count = fault === 'other-tokens' ? tokens - 1 : tokens;
  const chosen = Float32Array.from({ length: count * wanted.length * dim }, (_, at) => {
    const [token, layer, i] = [
      Math.floor(at / (wanted.length * dim)),
      Math.floor(at / dim) % wanted.length,
      at % dim,
    ];
    return values[(token * layers + (wanted[layer] as number)) * dim + i] as number;
  });
  if (fault === 'not-finite') chosen[0] = NaN;
  const states = type === 'F32' ? chosen : Uint16Array.from(chosen, HALF[type]);
  const tokenIds = BigInt64Array.from(ids.slice(0, count), BigInt);
  const header = Buffer.from(
    JSON.stringify({
      token_ids: { dtype: 'I64', shape: [count], data_offsets: [0, tokenIds.byteLength] },
      hidden_states: {
        dtype: type,
        shape: [count, wanted.length, dim],
        data_offsets: [tokenIds.byteLength, tokenIds.byteLength + states.byteLength],
      },
    }),
  );
  const padded = Buffer.concat([header, Buffer.alloc((8 - (header.length % 8)) % 8, ' ')]);
  const lead = Buffer.alloc(8);
  lead.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([
    lead,
    padded,
    Buffer.from(tokenIds.buffer),
    Buffer.from(states.buffer, states.byteOffset, states.byteLength),
  ]);
}

const pause = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms));

async function writeStates(
  file: string,
  bytes: Buffer,
  { delayMs = 0, fault, folder }: StatesSettings,
): Promise<void> {
  if (delayMs > 0) {
    await pause(delayMs / 2);
    await writeFile(file, bytes.subarray(0, Math.floor(bytes.length / 2)));
    await pause(delayMs / 2);
  }
  if (fault === 'missing') return;
  if (fault === 'garbled') return await writeFile(file, Buffer.from('not what it should be'));
  if (fault === 'cut') return await writeFile(file, bytes.subarray(0, bytes.length - 3));
  if (fault === 'link') {
    await writeFile(join(folder, 'target'), bytes);
    return await symlink(join(folder, 'target'), file);
  }
  await writeFile(file, bytes);
}

/**
 * Starts to write the files of a request, one per text, each with a lock file that exists before
 * the reply; returns the path that the reply names. The names contain the id of the request, and a
 * random part, as in vLLM.
 */
export async function beginFiles(
  id: string,
  texts: number,
  states: TokenStates,
  settings: StatesSettings,
): Promise<string | null> {
  const { folder, fault } = settings;
  await mkdir(folder, { recursive: true });
  const bytes = encodeStates(states, settings);
  const home = fault === 'outside' ? join(folder, '..') : folder;
  const files = Array.from({ length: texts }, (_, i) =>
    join(home, `${texts > 1 ? `${i}_` : ''}${id}-${randomUUID().slice(0, 8)}.safetensors`),
  );
  for (const file of files) await writeFile(`${file}.lock`, '');
  // the folder may no longer exist
  for (const file of files) void writeStates(file, bytes, settings).catch(() => undefined);
  return fault === 'unnamed' ? null : (files[0] as string);
}
