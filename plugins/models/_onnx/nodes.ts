import { closeSync, fstatSync } from 'node:fs';
import { openRegularSync } from 'routerxbench/regular-file';
import { ProtobufFile, type Field } from './protobuf.js';

/** One node of an ONNX graph. An omitted input or output is ''. */
export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** It contains subgraphs (If, Loop), which may read any tensor. */
  readonly nested: boolean;
}

type Span = Extract<Field, { readonly start: number }>;

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 };
const GRAPH = { node: 1 };
const NODE = { input: 1, output: 2, operator: 4, attribute: 5 };
const ATTRIBUTE = { graph: 6 };

/** The nodes of the outermost graph, in topological order. Weights are skipped. */
export function readNodes(path: string): readonly GraphNode[] {
  const descriptor = openRegularSync(path);
  try {
    const file = new ProtobufFile(descriptor, fstatSync(descriptor).size);
    const nodes: GraphNode[] = [];
    for (const graph of spans(file, { start: 0, end: file.size }, MODEL.graph)) {
      for (const node of spans(file, graph, GRAPH.node)) nodes.push(parseNode(file, node));
    }
    return nodes;
  } finally {
    closeSync(descriptor);
  }
}

function parseNode(file: ProtobufFile, node: Span): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let [operator, nested] = ['', false];
  for (const field of file.fields(node.start, node.end)) {
    if (!('start' in field)) continue;
    if (field.number === NODE.input) inputs.push(file.text(field));
    else if (field.number === NODE.output) outputs.push(file.text(field));
    else if (field.number === NODE.operator) operator = file.text(field);
    else if (field.number === NODE.attribute && !nested)
      nested = !spans(file, field, ATTRIBUTE.graph).next().done;
  }
  return { operator, inputs, outputs, nested };
}

function* spans(
  file: ProtobufFile,
  within: { readonly start: number; readonly end: number },
  number: number,
): Generator<Span> {
  for (const field of file.fields(within.start, within.end))
    if (field.number === number && 'start' in field) yield field;
}
