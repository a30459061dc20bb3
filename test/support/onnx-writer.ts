/**
 * Writes small ONNX graphs, and text classifiers in the Hugging Face layout, so that tests need no
 * exporter.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { copyFile, readFile } from 'node:fs/promises';

/** Element types of onnx.proto. */
export const [FLOAT, UINT8, INT64] = [1, 2, 7];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}
export const number = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field << 3), varint(value)]);
export const chunk = (field: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const data = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
};

export const tensor = (
  name: string,
  type: number,
  shape: readonly number[],
  data: Buffer,
): Buffer =>
  chunk(
    5,
    ...shape.map((extent) => number(1, extent)),
    number(2, type),
    chunk(8, name),
    chunk(9, data),
  );
export const floats = (name: string, shape: readonly number[], values: readonly number[]): Buffer =>
  tensor(name, FLOAT, shape, Buffer.from(Float32Array.from(values).buffer));
export const value = (
  field: number,
  name: string,
  type: number,
  shape: readonly (number | string)[],
): Buffer =>
  chunk(
    field,
    chunk(1, name),
    chunk(
      2,
      chunk(
        1,
        number(1, type),
        chunk(
          2,
          ...shape.map((extent) =>
            chunk(1, typeof extent === 'number' ? number(1, extent) : chunk(2, extent)),
          ),
        ),
      ),
    ),
  );
const whole = (name: string, to: number): Buffer =>
  chunk(5, chunk(1, name), number(3, to), number(20, 2));
export const node = (
  operator: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  ...further: readonly Buffer[]
): Buffer =>
  chunk(
    1,
    ...inputs.map((name) => chunk(1, name)),
    ...[outputs].flat().map((name) => chunk(2, name)),
    chunk(4, operator),
    ...further,
  );

/** The bag-of-words classifier to write: logits = weights summed over the tokens, plus a bias. */
export interface BagClassifier {
  /** Weight of token t for class c. */
  readonly weight: (token: number, type: number) => number;
  readonly classes: number;
  /** null: the graph has none. */
  readonly bias: readonly number[] | null;
  /** Where the bias is stored: in the graph, behind a Cast, or in an external file. */
  readonly place?: 'inline' | 'cast' | 'beside';
  /** Maximum number of tokens, for tokenizer_config.json. */
  readonly longest?: number;
  readonly trainedOn?: object;
}

const VOCABULARY = 678;

/** Writes one into `folder`, with the tokenizer of the embedded encoder. */
export async function writeClassifier(
  folder: string,
  { weight, classes, bias, place = 'inline', longest, trainedOn }: BagClassifier,
): Promise<void> {
  const values = bias ?? [];
  const raw = Buffer.from(Float32Array.from(values).buffer);
  const entry = (key: string, text: string): Buffer => chunk(13, chunk(1, key), chunk(2, text));
  const held =
    place === 'beside'
      ? chunk(
          5,
          number(1, classes),
          number(2, FLOAT),
          chunk(8, 'bias'),
          entry('location', 'bias.bin'),
          entry('offset', '4'),
          entry('length', String(raw.length)),
          number(14, 1),
        )
      : floats(place === 'cast' ? 'bias_stored' : 'bias', [classes], values);
  const table = Array.from({ length: VOCABULARY * classes }, (_, i) =>
    weight(Math.floor(i / classes), i % classes),
  );
  const graph = chunk(
    7,
    node('Gather', ['weights', 'input_ids'], 'words'),
    node('Cast', ['attention_mask'], 'mask', whole('to', FLOAT)),
    node('Unsqueeze', ['mask', 'last'], 'keep'),
    node('Mul', ['words', 'keep'], 'kept'),
    node('ReduceSum', ['kept', 'tokens'], bias === null ? 'logits' : 'sum', whole('keepdims', 0)),
    ...(place === 'cast' ? [node('Cast', ['bias_stored'], 'bias', whole('to', FLOAT))] : []),
    ...(bias === null
      ? []
      : [node('Add', ['sum', 'bias'], 'added'), node('Identity', ['added'], 'logits')]),
    chunk(2, 'bag'),
    floats('weights', [VOCABULARY, classes], table),
    tensor('last', INT64, [1], Buffer.from(BigInt64Array.of(2n).buffer)),
    tensor('tokens', INT64, [1], Buffer.from(BigInt64Array.of(1n).buffer)),
    ...(bias === null ? [] : [held]),
    value(11, 'input_ids', INT64, ['batch_size', 'sequence_length']),
    value(11, 'attention_mask', INT64, ['batch_size', 'sequence_length']),
    value(12, 'logits', FLOAT, ['batch_size', classes]),
  );
  const file = join(folder, 'onnx/model.onnx');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    Buffer.concat([number(1, 8), graph, chunk(8, chunk(1, ''), number(2, 17))]),
  );
  if (place === 'beside')
    await writeFile(join(folder, 'onnx/bias.bin'), Buffer.concat([Buffer.alloc(4), raw]));
  await copySettings(folder, longest);
  if (trainedOn !== undefined)
    await writeFile(join(folder, 'finetune.json'), JSON.stringify({ trainedOn }));
}

async function copySettings(folder: string, longest: number | undefined): Promise<void> {
  const encoder = resolve('models/tiny/encoder');
  for (const name of ['config.json', 'tokenizer.json'])
    await copyFile(join(encoder, name), join(folder, name));
  const settings = JSON.parse(
    await readFile(join(encoder, 'tokenizer_config.json'), 'utf8'),
  ) as object;
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify(longest === undefined ? settings : { ...settings, model_max_length: longest }),
  );
}
