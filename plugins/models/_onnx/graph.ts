import { closeSync, fstatSync } from 'node:fs';
import { openRegularSync } from 'routerxbench/regular-file';
import { ProtobufFile, type Field } from './protobuf.js';

/**
 * An input or output of an ONNX graph: element type and shape; a free axis is given by its name, or
 * '' if it has none.
 */
export interface GraphValue {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file declares, read without loading it. */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Operator types of the outermost graph. */
  readonly operators: ReadonlySet<string>;
  /** Files next to it that hold its larger weights. */
  readonly externalFiles: readonly string[];
}

type Span = Extract<Field, { readonly start: number }>;
const isSpan = (field: Field): field is Span => 'start' in field;

/** Element types of onnx.proto that models use for inputs and outputs. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  16: 'bfloat16',
};

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 };
const NODE = { operator: 4 };
const TENSOR = { name: 8, external: 13 };
const ENTRY = { key: 1, value: 2 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { element: 1, shape: 2 };
const SHAPE = { dim: 1 };
const DIM = { value: 1, name: 2 };

/**
 * Reads the inputs, outputs, operators and names of weight files of an ONNX model, skipping the
 * weights.
 * @throws RangeError that describes the problem with the file; Node's error if it cannot be read.
 */
export function readGraph(path: string): Graph {
  const descriptor = openRegularSync(path);
  try {
    const { size } = fstatSync(descriptor);
    const file = new ProtobufFile(descriptor, size);
    if (
      size > 0 &&
      size < 1024 &&
      file.text({ start: 0, end: Math.min(size, 23) }).startsWith('version https://git-lfs')
    ) {
      throw new RangeError('it is a Git LFS pointer, not the file itself (run `git lfs pull`)');
    }
    let graph: Span | undefined;
    for (const field of file.fields(0, size))
      if (field.number === MODEL.graph && isSpan(field)) graph = field;
    if (graph === undefined) throw new RangeError('it is not an ONNX file (it holds no graph)');
    return walkGraph(file, graph);
  } finally {
    closeSync(descriptor);
  }
}

function walkGraph(file: ProtobufFile, graph: Span): Graph {
  const inputs: GraphValue[] = [];
  const outputs: GraphValue[] = [];
  const operators = new Set<string>();
  const initializers = new Set<string>();
  const externalFiles = new Set<string>();
  for (const field of file.fields(graph.start, graph.end)) {
    if (!isSpan(field)) continue;
    if (field.number === GRAPH.node) {
      for (const part of file.fields(field.start, field.end)) {
        if (part.number === NODE.operator && isSpan(part)) operators.add(file.text(part));
      }
    } else if (field.number === GRAPH.initializer) {
      for (const part of file.fields(field.start, field.end)) {
        if (!isSpan(part)) continue;
        if (part.number === TENSOR.name) initializers.add(file.text(part));
        if (part.number !== TENSOR.external) continue;
        const entry = textFields(file, part);
        if (entry.get(ENTRY.key) === 'location') externalFiles.add(entry.get(ENTRY.value) ?? '');
      }
    } else if (field.number === GRAPH.input) inputs.push(graphValue(file, field));
    else if (field.number === GRAPH.output) outputs.push(graphValue(file, field));
  }
  // Old exporters list the weights as inputs too.
  return {
    inputs: inputs.filter(({ name }) => !initializers.has(name)),
    outputs,
    operators,
    externalFiles: [...externalFiles].sort(),
  };
}

function textFields(file: ProtobufFile, message: Span): Map<number, string> {
  const texts = new Map<number, string>();
  for (const field of file.fields(message.start, message.end))
    if (isSpan(field)) texts.set(field.number, file.text(field));
  return texts;
}

function* getNestedMessages(file: ProtobufFile, message: Span, number: number): Generator<Span> {
  for (const field of file.fields(message.start, message.end))
    if (field.number === number && isSpan(field)) yield field;
}

function graphValue(file: ProtobufFile, message: Span): GraphValue {
  let name = '';
  let type = 'unknown';
  const shape: (number | string)[] = [];
  for (const field of getNestedMessages(file, message, VALUE.name)) name = file.text(field);
  for (const outer of getNestedMessages(file, message, VALUE.type)) {
    for (const tensor of getNestedMessages(file, outer, TYPE.tensor)) {
      for (const field of file.fields(tensor.start, tensor.end)) {
        if (field.number === TENSOR_TYPE.element && !isSpan(field))
          type = TYPES[field.value] ?? `type ${field.value}`;
        if (field.number !== TENSOR_TYPE.shape || !isSpan(field)) continue;
        for (const dim of getNestedMessages(file, field, SHAPE.dim)) {
          let extent: number | string = '';
          for (const part of file.fields(dim.start, dim.end)) {
            if (part.number === DIM.value && !isSpan(part)) extent = part.value;
            if (part.number === DIM.name && isSpan(part)) extent = file.text(part);
          }
          shape.push(extent);
        }
      }
    }
  }
  return { name, type, shape };
}
