/**
 * A small decoder in the form that model builders write: SkipSimplifiedLayerNormalization, whose
 * fourth output is the residual sum, and a head of 4-bit weights.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { seededRandom } from '../../../../core/index.js';
import { makeTokenizer } from '../../../../plugins/models/_onnx/tokenizer.js';
import {
  chunk,
  FLOAT,
  floats,
  INT64,
  node,
  number,
  tensor,
  UINT8,
  value,
} from '../../../support/onnx-writer.js';

const [VOCABULARY, DIM] = [677, 32];
const EPSILON = 1e-5;
const MICROSOFT = chunk(7, 'com.microsoft');

const product = (x: readonly number[], weights: readonly number[]): readonly number[] =>
  x.map((_, to) =>
    x.reduce((sum, own, from) => sum + own * (weights[from * DIM + to] as number), 0),
  );
const normed = (x: readonly number[]): readonly number[] => {
  const scale = 1 / Math.sqrt(x.reduce((sum, own) => sum + own * own, 0) / DIM + EPSILON);
  return x.map((own) => own * scale);
};
const plus = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.map((own, i) => own + (b[i] as number));

interface Weights {
  /** [VOCABULARY · DIM] */
  readonly embedding: readonly number[];
  /** Two matrices per layer. */
  readonly matrices: readonly (readonly number[])[];
}

/**
 * Writes it into `folder`; `expected` computes the mean hidden states of a raw text arithmetically.
 * Tokens are independent: there is no attention.
 */
export async function writeSkipDecoder(
  folder: string,
  layers: number,
): Promise<{ readonly expected: (text: string) => Promise<Float32Array> }> {
  const random = seededRandom('skip decoder');
  const draw = (count: number, width: number): readonly number[] =>
    Array.from({ length: count }, () => Math.fround((random.float() - 0.5) * width));
  const embedding = draw(VOCABULARY * DIM, 2);
  const weights = {
    embedding,
    matrices: Array.from({ length: 2 * layers }, () => draw(DIM * DIM, 0.5)),
  };
  await writeFolder(folder, layers, buildGraph(layers, weights));
  const tokenizer = await makeTokenizer({
    path: folder,
    tokenizer: JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8')) as Record<
      string,
      unknown
    >,
    tokenizerConfig: {},
  });
  return {
    expected: (text) => Promise.resolve(meanStates(tokenizer.encode(text, true), layers, weights)),
  };
}

/** The mean hidden states of tokens: [(layers + 1) · DIM]. */
function meanStates(
  ids: readonly number[],
  layers: number,
  { embedding, matrices }: Weights,
): Float32Array {
  const means = new Float64Array((layers + 1) * DIM);
  for (const id of ids) {
    let stream: readonly number[] = embedding.slice(id * DIM, (id + 1) * DIM);
    for (let l = 0; l <= layers; l++) {
      const state = l === layers ? normed(stream) : stream;
      for (const [i, x] of state.entries())
        means[l * DIM + i] = (means[l * DIM + i] as number) + x / ids.length;
      for (const matrix of l === layers ? [] : matrices.slice(2 * l, 2 * l + 2))
        stream = plus(stream, product(normed(stream), matrix));
    }
  }
  return Float32Array.from(means);
}

const epsilon = chunk(
  5,
  chunk(1, 'epsilon'),
  Buffer.concat([Buffer.from([0x15]), Buffer.from(Float32Array.of(EPSILON).buffer)]),
  number(20, 1),
);
const skip = (stream: string, branch: string, outputs: readonly string[]): Buffer =>
  node('SkipSimplifiedLayerNormalization', [stream, branch, 'gain'], outputs, MICROSOFT, epsilon);

/** The nodes of a layer. */
const block = (l: number, layers: number): readonly Buffer[] => [
  node('MatMul', [`n${l}`, `w${2 * l}`], `o${l}`),
  skip(l === 0 ? 'embed' : `sum${l}`, `o${l}`, [`m${l}`, '', '', `mid${l}`]),
  node('MatMul', [`m${l}`, `w${2 * l + 1}`], `down${l}`),
  skip(
    `mid${l}`,
    `down${l}`,
    l === layers - 1 ? [`n${l + 1}`] : [`n${l + 1}`, '', '', `sum${l + 1}`],
  ),
  ...['key', 'value'].map((kind) =>
    node('Identity', [`past_key_values.${l}.${kind}`], `present.${l}.${kind}`),
  ),
];

function buildGraph(layers: number, { embedding, matrices }: Weights): Buffer {
  const integer = (name: string, to: number): Buffer =>
    chunk(5, chunk(1, name), number(3, to), number(20, 2));
  const cache = (field: number, prefix: string): readonly Buffer[] =>
    Array.from({ length: layers }, (_, l) =>
      ['key', 'value'].map((kind) =>
        value(field, `${prefix}.${l}.${kind}`, FLOAT, ['batch', 1, 'past', 4]),
      ),
    ).flat();
  return chunk(
    7,
    node('Gather', ['table', 'input_ids'], 'embed'),
    node('SimplifiedLayerNormalization', ['embed', 'gain'], 'n0', epsilon),
    ...Array.from({ length: layers }, (_, l) => block(l, layers)).flat(),
    node(
      'MatMulNBits',
      [`n${layers}`, 'head', 'scales'],
      'logits',
      MICROSOFT,
      integer('K', DIM),
      integer('N', VOCABULARY),
      integer('bits', 4),
      integer('block_size', 32),
    ),
    chunk(2, 'skip'),
    floats('table', [VOCABULARY, DIM], embedding),
    floats('gain', [DIM], new Array<number>(DIM).fill(1)),
    ...matrices.map((matrix, i) => floats(`w${i}`, [DIM, DIM], matrix)),
    tensor(
      'head',
      UINT8,
      [VOCABULARY, 1, 16],
      Buffer.from(Array.from({ length: VOCABULARY * 16 }, (_, i) => (i * 37) % 256)),
    ),
    floats('scales', [VOCABULARY], new Array<number>(VOCABULARY).fill(0.1)),
    value(11, 'input_ids', INT64, ['batch', 'tokens']),
    value(11, 'attention_mask', INT64, ['batch', 'total']),
    ...cache(11, 'past_key_values'),
    value(12, 'logits', FLOAT, ['batch', 'tokens', VOCABULARY]),
    ...cache(12, 'present'),
  );
}

async function writeFolder(folder: string, layers: number, graph: Buffer): Promise<void> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await writeFile(
    join(folder, 'onnx/model.onnx'),
    Buffer.concat([
      number(1, 8),
      graph,
      chunk(8, chunk(1, ''), number(2, 17)),
      chunk(8, chunk(1, 'com.microsoft'), number(2, 1)),
    ]),
  );
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(resolve('models/tiny/weak', name), join(folder, name));
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({
      hidden_size: DIM,
      num_hidden_layers: layers,
      num_attention_heads: 1,
      vocab_size: VOCABULARY,
      max_position_embeddings: 512,
    }),
  );
}
