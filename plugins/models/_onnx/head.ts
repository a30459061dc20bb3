/** Checks whether the head of a classifier was ever trained. */
import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { openRegularSync } from 'routerxbench/regular-file';
import { dirname, join, relative, resolve } from 'node:path';
import type { ModelFolder } from './folder.js';
import { ProtobufFile, type Field } from './protobuf.js';
import { ModelError } from '../_errors.js';

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5 };
const NODE = { input: 1, output: 2, operator: 4, attribute: 5 };
const ATTRIBUTE = { tensor: 5 };
const TENSOR = { floats: 4, name: 8, raw: 9, external: 13 };
const ENTRY = { key: 1, value: 2 };

/** Operators that pass their input on, and those that add a bias. */
const PASSING = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Flatten', 'Dropout']);
const BIAS_INPUT = new Map([
  ['Gemm', [2]],
  ['Add', [0, 1]],
]);

/** Longer chains of operators that pass their input on are circles. */
const MOST_STEPS = 100;
/** The longest bias: one number a class. */
const MOST_BIAS_BYTES = 2 ** 24;

type Span = Extract<Field, { readonly start: number }>;
interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly constant: Span | undefined;
}

/**
 * Rejects a classifier whose head was never trained: libraries draw the weights of a new head at
 * random and start its bias at exactly 0, and any training step changes the bias. The bias is found
 * in the graph as the constant that is added last before the logits.
 * @throws HarnessError RXB6301 if the bias is 0, RXB6302 if there is no bias to check.
 */
export function refuseUntrainedHead(
  { path, modelFile }: Pick<ModelFolder, 'path' | 'modelFile'>,
  output: string,
): void {
  const bias = biasBefore(join(path, modelFile), output);
  if (bias === undefined)
    throw new ModelError('headNotVerified', {
      folder: path,
      problem: `${modelFile} has no bias before its output "${output}"`,
    });
  if (bias.every((byte) => byte === 0)) throw new ModelError('untrainedHead', { folder: path });
}

/** The bytes of the bias that is added last before an output; undefined if there is none. */
function biasBefore(modelPath: string, output: string): Buffer | undefined {
  const descriptor = openRegularSync(modelPath);
  try {
    const file = new ProtobufFile(descriptor, fstatSync(descriptor).size);
    const { nodes, tensors } = constantsAndNodes(file);
    const constant = (name: string, left = MOST_STEPS): Span | undefined => {
      const node = nodes.get(name);
      if (node === undefined) return tensors.get(name);
      if (left === 0) return undefined;
      return (
        node.constant ??
        (PASSING.has(node.operator) ? constant(node.inputs[0] ?? '', left - 1) : undefined)
      );
    };
    let current = output;
    let left = MOST_STEPS;
    for (
      let node = nodes.get(current);
      node !== undefined && left-- > 0;
      node = nodes.get(current)
    ) {
      for (const input of BIAS_INPUT.get(node.operator) ?? []) {
        const found = constant(node.inputs[input] ?? '');
        if (found !== undefined) return tensorBytes(file, descriptor, found, dirname(modelPath));
      }
      if (!PASSING.has(node.operator)) return undefined;
      current = node.inputs[0] ?? '';
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function* spans(
  file: ProtobufFile,
  within: { readonly start: number; readonly end: number },
  number: number,
): Generator<Span> {
  for (const field of file.fields(within.start, within.end))
    if (field.number === number && 'start' in field) yield field;
}

/** Nodes by the name of their first output, and constants by their name. */
function constantsAndNodes(file: ProtobufFile): {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly tensors: ReadonlyMap<string, Span>;
} {
  const nodes = new Map<string, Node>();
  const tensors = new Map<string, Span>();
  for (const graph of spans(file, { start: 0, end: file.size }, MODEL.graph)) {
    for (const tensor of spans(file, graph, GRAPH.initializer))
      for (const name of spans(file, tensor, TENSOR.name)) tensors.set(file.text(name), tensor);
    for (const node of spans(file, graph, GRAPH.node)) {
      const texts = (number: number): string[] =>
        [...spans(file, node, number)].map((span) => file.text(span));
      const [operator = ''] = texts(NODE.operator);
      const held =
        operator === 'Constant'
          ? [...spans(file, node, NODE.attribute)].flatMap((attribute) => [
              ...spans(file, attribute, ATTRIBUTE.tensor),
            ])
          : [];
      nodes.set(texts(NODE.output)[0] ?? '', {
        operator,
        inputs: texts(NODE.input),
        constant: held[0],
      });
    }
  }
  return { nodes, tensors };
}

/** The bytes of a tensor, wherever they are stored. */
function tensorBytes(
  file: ProtobufFile,
  descriptor: number,
  tensor: Span,
  folder: string,
): Buffer | undefined {
  for (const number of [TENSOR.raw, TENSOR.floats])
    for (const { start, end } of spans(file, tensor, number))
      return readBytes(descriptor, start, end - start);
  const text = (entry: Span, number: number): string =>
    [...spans(file, entry, number)].map((span) => file.text(span)).join('');
  const beside = new Map(
    [...spans(file, tensor, TENSOR.external)].map((entry) => [
      text(entry, ENTRY.key),
      text(entry, ENTRY.value),
    ]),
  );
  const path = resolve(folder, beside.get('location') ?? '');
  const isInside = !relative(folder, path).startsWith('..');
  if (!beside.has('length') || !isInside || !existsSync(path)) return undefined;
  const other = openRegularSync(path);
  try {
    return readBytes(other, Number(beside.get('offset') ?? 0), Number(beside.get('length')));
  } finally {
    closeSync(other);
  }
}

function readBytes(descriptor: number, start: number, length: number): Buffer {
  if (!Number.isInteger(length) || length < 0 || length > MOST_BIAS_BYTES || !(start >= 0))
    throw new RangeError(`a bias has ${length} bytes from byte ${start} on`);
  const bytes = Buffer.alloc(length);
  readSync(descriptor, bytes, 0, length, start);
  return bytes;
}
