import { expect } from 'chai';
import type { GraphNode } from '../../../../../plugins/models/_onnx/nodes.js';
import {
  residualStream,
  type ResidualStream,
} from '../../../../../plugins/models/_onnx/residual-stream.js';

/** `Operator a, b -> c`: names beginning with `w` are weights, and `_` is an omitted output. */
const parse = (line: string): GraphNode => {
  const [, operator = '', inputs = '', outputs = ''] =
    /^(\S+) (.*) -> (.*)$/.exec(line.trim()) ?? [];
  const names = (text: string): readonly string[] =>
    text.split(',').map((name) => (name.trim() === '_' ? '' : name.trim()));
  return { operator, inputs: names(inputs), outputs: names(outputs), nested: operator === 'If' };
};
const graph = (...parts: readonly string[]): readonly GraphNode[] =>
  parts.flatMap((part) => part.trim().split('\n')).map(parse);
const walk = (layers: number, ...parts: readonly string[]): ResidualStream =>
  residualStream(graph(...parts), ['ids', 'mask', 'positions', 'past'], 'logits', layers);
const tensors = (stream: ResidualStream): readonly string[] => {
  if (!stream.found) throw new Error(stream.problem);
  return stream.tensors;
};
const layers = (count: number, write: (layer: number) => string): string =>
  Array.from({ length: count }, (_, layer) => write(layer)).join('\n');

describe('the residual stream of a graph', () => {
  it('is found through fused skip norms, the last of which outputs no sum, quantised weights, casts and a selection of the last token', () => {
    const stream = walk(
      3,
      'Gather wE, ids -> embed\nSimplifiedLayerNormalization embed, wg -> n0',
      layers(3, (l) => {
        const [into, normed] = l === 0 ? ['embed', 'n0'] : [`sum.${l}`, `n.${l}`];
        return `
          MatMulNBits ${normed}, wq, ws -> q.${l}
          GroupQueryAttention q.${l}, _, _, past, _ -> heads.${l}
          MatMulNBits heads.${l}, wo, ws -> o.${l}
          SkipSimplifiedLayerNormalization ${into}, o.${l}, wg -> mid.n.${l}, _, _, mid.${l}
          MatMulNBits mid.n.${l}, wgate, ws -> gate.${l}
          Sigmoid gate.${l} -> act.${l}
          Mul gate.${l}, act.${l} -> silu.${l}
          MatMulNBits silu.${l}, wdown, ws -> down.${l}
          SkipSimplifiedLayerNormalization mid.${l}, down.${l}, wg -> n.${l + 1}${l === 2 ? '' : `, _, _, sum.${l + 1}`}`.trim();
      }),
      'Cast n.3 -> wide\nGather wide, last -> kept\nMatMulNBits kept, whead, ws -> few\nCast few -> logits',
    );
    expect(tensors(stream)).to.deep.equal(['embed', 'sum.1', 'sum.2', 'n.3']);
  });

  it('is found through decomposed norms with biases, learned positions, the tanh GELU, a reshape in between, and a head tied to the embeddings', () => {
    const norm = (from: string, to: string): string =>
      `
      ReduceMean ${from} -> ${to}.mean
      Sub ${from}, ${to}.mean -> ${to}.c
      Mul ${to}.c, ${to}.c -> ${to}.sq
      ReduceMean ${to}.sq -> ${to}.var
      Add ${to}.var, weps -> ${to}.safe
      Sqrt ${to}.safe -> ${to}.sd
      Div ${to}.c, ${to}.sd -> ${to}.z
      Mul ${to}.z, wg -> ${to}.g
      Add ${to}.g, wb -> ${to}`.trim();
    const stream = walk(
      2,
      'Transpose wE -> wT\nGather wE, ids -> tokens\nShape tokens -> extents\nRange w0, extents, w1 -> at\nGather wP, at -> places\nAdd tokens, places -> h0',
      layers(2, (l) =>
        `
        ${norm(`h${l}`, `a${l}`)}
        MatMul a${l}, wqk -> q${l}
        Add q${l}, wb -> q${l}.b
        MatMul q${l}.b, past -> scores${l}
        Add scores${l}, mask -> masked${l}
        Softmax masked${l} -> p${l}
        MatMul p${l}, q${l}.b -> heads${l}
        Gemm heads${l}, wo, wb -> o${l}
        Add o${l}, h${l} -> mid${l}
        ${norm(`mid${l}`, `f${l}`)}
        MatMul f${l}, wup -> up${l}
        Pow up${l}, w3 -> cube${l}
        Mul cube${l}, wc -> third${l}
        Add up${l}, third${l} -> inner${l}
        Tanh inner${l} -> t${l}
        Mul up${l}, t${l} -> gelu${l}
        MatMul gelu${l}, wdown -> down${l}
        Reshape mid${l}, wflat -> flat${l}
        Add flat${l}, down${l} -> sum${l}
        Reshape sum${l}, wdeep -> deep${l}
        Add deep${l}, wb -> h${l + 1}`.trim(),
      ),
      norm('h2', 'final'),
      'Slice final, wstart, wend -> tail\nMatMul tail, wT -> logits',
    );
    expect(tensors(stream)).to.deep.equal(['h0', 'h1', 'final']);
  });

  it('is found where attention and feed-forward are added side by side', () => {
    for (const added of [
      'Add a%, f% -> both%\nAdd both%, h% -> h+',
      'Add h%, a% -> both%\nAdd both%, f% -> h+',
    ]) {
      const stream = walk(
        2,
        'Gather wE, ids -> h0',
        layers(2, (l) =>
          `LayerNormalization h%, wg, wb -> n%\nMatMul n%, wa -> a%\nMatMul n%, wf -> f%\n${added}`
            .replaceAll('%', String(l))
            .replaceAll('h+', `h${l + 1}`),
        ),
        'LayerNormalization h2, wg, wb -> final\nMatMul final, whead -> bare\nAdd bare, wb -> logits',
      );
      expect(tensors(stream)).to.deep.equal(['h0', 'h1', 'final']);
    }
  });

  it('begins after the scaling of embeddings, passes norms after branches, casts inside the stream and a cap on the logits', () => {
    const stream = walk(
      2,
      'Gather wE, ids -> raw\nMul raw, wscale -> h0',
      layers(2, (l) =>
        `
        Cast h${l} -> h${l}.wide
        RMSNormalization h${l}.wide, wg -> n${l}
        MatMulInteger n${l}, wa, zero, w0 -> a${l}
        RMSNormalization a${l}, wg -> an${l}
        Add h${l}.wide, an${l} -> mid${l}
        RMSNormalization mid${l}, wg -> m${l}
        MatMul m${l}, wf -> f${l}
        RMSNormalization f${l}, wg -> fn${l}
        Add mid${l}, fn${l} -> h${l + 1}`.trim(),
      ),
      'RMSNormalization h2, wg -> final\nDynamicQuantizeLinear final -> q, qs, qz\nMatMulInteger q, whead, qz, w0 -> ints\nCast ints -> floats\nMul qs, ws -> s\nMul floats, s -> bare\nDiv bare, wcap -> d\nTanh d -> t\nMul t, wcap -> logits',
    );
    expect(tensors(stream)).to.deep.equal(['h0.wide', 'h1.wide', 'final']);
  });

  const fails: readonly (readonly [string, number, readonly string[], string])[] = [
    ['lies inside a merged If', 2, ['If cached -> logits'], 'inside a node If'],
    ['has no head', 2, ['Gather wE, ids -> logits'], 'no multiplication with weights'],
    [
      'has no residual additions',
      2,
      ['Gather wE, ids -> h\nMatMul h, wA -> g\nMatMul g, wB -> logits'],
      'no residual addition was found before "g"',
    ],
    [
      'is normed after each addition',
      2,
      [
        'Gather wE, ids -> h\nMatMul h, wA -> a\nAdd h, a -> s\nLayerNormalization s, wg -> n\nMatMul n, wB -> b\nAdd n, b -> t\nLayerNormalization t, wg -> u\nMatMul u, wC -> logits',
      ],
      '1 residual additions were found between "n" and "u"',
    ],
    ['gives no logits', 2, ['Gather wE, ids -> h'], 'no node produces "logits"'],
  ];
  for (const [what, count, lines, words] of fails) {
    it(`is not guessed if a graph ${what}: the reason is given`, () => {
      const stream = walk(count, ...lines);
      expect(stream.found ? '' : stream.problem).to.include(words);
    });
  }
});
