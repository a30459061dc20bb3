/**
 * Finds a decoder's hidden states in a graph that was exported without them. Names are not used:
 * the stream is the sequence of residual additions, and an addition is residual if one input was
 * computed from the other. So fused and decomposed norms, quantised weights, biases and scaled
 * embeddings all work the same way.
 */
import type { GraphNode } from './nodes.js';

/**
 * The tensors, where index 0 is the embedding output and the last one the state after the final
 * norm; or the problem, as the end of a sentence.
 */
export type ResidualStream =
  | { readonly found: true; readonly tensors: readonly string[] }
  | { readonly found: false; readonly problem: string };

/** Additions that may be residual; the fused ones add their first two inputs, then normalise. */
const ADDING = new Set(['Add', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization']);
/** Products with weights: the last one before the logits is the head. */
const HEADS = new Set([
  'MatMul',
  'Gemm',
  'FusedMatMul',
  'MatMulNBits',
  'MatMulBnb4',
  'MatMulFpQ4',
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'DynamicQuantizeMatMul',
  'QLinearMatMul',
]);
/** Operators that pass the stream on, possibly in another type or shape. */
const PASSING = new Set(['Cast', 'Identity', 'Dropout', 'Reshape']);
/** Values computed from the size of a tensor (positions, masks) do not depend on its numbers. */
const MEASURING = new Set(['Shape', 'Size']);
/**
 * Other operators that may occur between the final norm and the head: selecting positions,
 * quantisation.
 */
const BEFORE_HEAD = new Set([
  ...PASSING,
  'Slice',
  'Gather',
  'GatherND',
  'Squeeze',
  'Unsqueeze',
  'DynamicQuantizeLinear',
  'QuantizeLinear',
  'DequantizeLinear',
]);

const missing = (problem: string): ResidualStream => ({ found: false, problem });

/** One residual addition, and the stream that it adds to. */
interface Addition {
  readonly stream: string;
}

/**
 * Walks from `output` (the logits) back to the embeddings. `layers`: the number of blocks of the
 * model.
 */
export function residualStream(
  nodes: readonly GraphNode[],
  graphInputs: readonly string[],
  output: string,
  layers: number,
): ResidualStream {
  return new Walk(nodes, graphInputs).walkFrom(output, layers);
}

class Walk {
  readonly #producer = new Map<string, number>();
  /** Tensors whose values depend on the inputs; all others are weights and constants. */
  readonly #fed: Set<string>;
  readonly #additions = new Map<number, Addition | undefined>();

  constructor(
    private readonly nodes: readonly GraphNode[],
    graphInputs: readonly string[],
  ) {
    this.#fed = new Set(graphInputs);
    nodes.forEach(({ operator, inputs, outputs, nested }, index) => {
      const fed =
        nested || (!MEASURING.has(operator) && inputs.some((name) => this.#fed.has(name)));
      for (const name of outputs) {
        if (name === '') continue;
        this.#producer.set(name, index);
        if (fed) this.#fed.add(name);
      }
    });
  }

  walkFrom(output: string, layers: number): ResidualStream {
    const end = this.#producer.get(output);
    if (end === undefined) return missing(`no node produces "${output}"`);
    if (this.nodes[end]?.nested === true)
      return missing(
        `its layers are inside a node ${this.nodes[end].operator} (two graphs merged into one); export the decoder as one graph`,
      );
    const head = this.#last(
      output,
      ({ operator, inputs }) =>
        HEADS.has(operator) &&
        this.#fed.has(inputs[0] ?? '') &&
        inputs.slice(1).some((name) => name !== '' && !this.#fed.has(name)),
    );
    if (head === undefined)
      return missing(`no multiplication with weights was found before "${output}"`);
    const normed = this.#back(this.nodes[head]?.inputs[0] ?? '', BEFORE_HEAD, false);
    const chain = this.#chain(normed);
    if (chain.length === 0)
      return missing(`no residual addition was found before "${normed}", which the head reads`);
    if (chain.length % layers !== 0) {
      return missing(
        `${chain.length} residual additions were found between "${chain[0]?.stream ?? ''}" and "${normed}", which cannot be divided among ${layers} layers`,
      );
    }
    const each = chain.length / layers;
    return {
      found: true,
      tensors: [
        ...Array.from({ length: layers }, (_, layer) => chain[layer * each]?.stream ?? ''),
        normed,
      ],
    };
  }

  /** The residual additions before a tensor, first to last. */
  #chain(normed: string): readonly Addition[] {
    const chain: Addition[] = [];
    const last = this.#last(normed, (_node, index) => this.#addition(index) !== undefined);
    for (
      let current = last === undefined ? undefined : this.#addition(last);
      current !== undefined;
    ) {
      chain.push(current);
      const before = this.#producer.get(this.#back(current.stream, PASSING, true));
      current = before === undefined ? undefined : this.#addition(before);
    }
    return chain.reverse();
  }

  /** The residual addition of a node, if it makes one. */
  #addition(index: number): Addition | undefined {
    if (this.#additions.has(index)) return this.#additions.get(index);
    const { operator, inputs } = this.nodes[index] as GraphNode;
    const [a = '', b = ''] = inputs;
    const adds = ADDING.has(operator) && this.#fed.has(a) && this.#fed.has(b);
    let found: Addition | undefined;
    if (adds && this.#isBranch(b, a)) found = { stream: a };
    else if (adds && this.#isBranch(a, b)) found = { stream: b };
    this.#additions.set(index, found);
    return found;
  }

  /**
   * Whether one input of an addition was computed from the other, or from what that was just added
   * to: attention and feed-forward may be parallel.
   */
  #isBranch(branch: string, stream: string): boolean {
    const made = this.#back(branch, PASSING, true);
    const source = this.#back(stream, PASSING, true);
    if (this.#isMadeFrom(made, source)) return true;
    const before = this.#producer.get(source);
    const addition = before === undefined ? undefined : this.#addition(before);
    return (
      addition !== undefined && this.#isMadeFrom(made, this.#back(addition.stream, PASSING, true))
    );
  }

  /**
   * Follows a tensor back through operators that pass on their first input; `biased`: also through
   * the addition of a constant.
   */
  #back(name: string, passing: ReadonlySet<string>, biased: boolean): string {
    for (let current = name; ;) {
      const node = this.nodes[this.#producer.get(current) ?? -1];
      if (node === undefined) return current;
      const fed = node.inputs.filter((input) => this.#fed.has(input));
      let first = '';
      if (passing.has(node.operator)) first = node.inputs[0] ?? '';
      else if (biased && node.operator === 'Add' && fed.length === 1) first = fed[0] ?? '';
      if (!this.#fed.has(first)) return current;
      current = first;
    }
  }

  /**
   * Whether `made` was computed from the value of `source`, or from another output of the node that
   * produces it.
   */
  #isMadeFrom(made: string, source: string): boolean {
    const goal = this.#producer.get(source);
    if (made === source || (goal !== undefined && this.#producer.get(made) === goal)) return false;
    for (const node of this.#before(made, goal ?? 0)) {
      if (
        node === goal ||
        (goal === undefined && this.nodes[node]?.inputs.includes(source) === true)
      )
        return true;
    }
    return false;
  }

  /** The last node before a tensor that satisfies the condition. */
  #last(name: string, wanted: (node: GraphNode, index: number) => boolean): number | undefined {
    return [...this.#before(name, 0)]
      .sort((a, b) => b - a)
      .find((index) => wanted(this.nodes[index] as GraphNode, index));
  }

  /** Every node that a tensor depends on, down to a position in their order. */
  *#before(name: string, first: number): Generator<number> {
    const seen = new Set<number>();
    const open = [name];
    for (let current = open.pop(); current !== undefined; current = open.pop()) {
      const node = this.#producer.get(current);
      if (node === undefined || node < first || seen.has(node)) continue;
      seen.add(node);
      yield node;
      open.push(...(this.nodes[node] as GraphNode).inputs.filter((input) => this.#fed.has(input)));
    }
  }
}
