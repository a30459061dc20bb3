"""A fine-tuned classifier as an ONNX graph: input_ids and attention_mask [batch, tokens] → logits [batch, 2]."""
import math

import torch

from deberta import CLASSES
from onnx_file import FLOAT, INT64, Graph


class Writer(Graph):
    """A graph with the pieces that transformers are made of."""

    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def weight(self, name):
        return name if name in self.tensors else self.constant(self.weights[name], name)

    def linear(self, x, name):
        product = self.op("MatMul", x, self.constant(self.weights[f"{name}.weight"].t(), f"{name}.weight"))
        return self.op("Add", product, self.weight(f"{name}.bias"))

    def norm(self, x, name, epsilon):
        return self.op("LayerNormalization", x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), axis=-1, epsilon=float(epsilon))

    def gelu(self, x):
        half = self.op("Mul", x, self.constant(0.5))
        return self.op("Mul", half, self.op("Add", self.op("Erf", self.op("Mul", x, self.constant(1 / math.sqrt(2)))), self.constant(1.0)))

    def activation(self, x, kind):
        return self.gelu(x) if kind == "gelu" else self.op("Tanh", x)


def relative_indices(graph, model):
    """Rows of the relative positions that each pair of tokens reads, [batch, heads, tokens, tokens] each: c2p, p2c."""
    size = model.deberta.size
    shape = graph.op("Shape", "input_ids")
    batch, tokens = (graph.op("Gather", shape, graph.constant([at]), axis=0) for at in (0, 1))
    zero, one = graph.constant(0), graph.constant(1)
    positions = graph.op("Range", zero, graph.op("Squeeze", tokens), one)
    between = graph.op("Sub", graph.op("Unsqueeze", positions, graph.constant([1])), graph.op("Unsqueeze", positions, graph.constant([0])))
    at = graph.op("Add", between, graph.constant(size.longest - 1))
    wide = graph.op("Concat", batch, graph.constant([size.heads]), tokens, tokens, axis=0)
    return [graph.op("Expand", graph.op("Gather", graph.constant(rows), at), wide) for rows in model.deberta.relative_rows]


def attention(graph, x, model, depth, mask, indices, relative):
    size, name = model.deberta.size, f"deberta.encoder.layer.{depth}.attention.self"
    split = graph.constant([0, 0, size.heads, size.head_dim])

    def heads(projection, order):
        return graph.op("Transpose", graph.op("Reshape", graph.linear(x, f"{name}.{projection}"), split), perm=order)

    def positions(projection):
        layer = getattr(model.deberta.encoder["layer"][depth].attention["self"], projection)
        rows = layer(relative).view(1, -1, size.heads, size.head_dim).permute(0, 2, 3, 1)
        return graph.constant(rows)

    query, value = heads("query_proj", [0, 2, 1, 3]), heads("value_proj", [0, 2, 1, 3])
    key = heads("key_proj", [0, 2, 3, 1])
    scores = graph.op("MatMul", query, key)
    if "c2p" in size.position_types:
        scores = graph.op("Add", scores, graph.op("GatherElements", graph.op("MatMul", query, positions("key_proj")), indices[0], axis=-1))
    if "p2c" in size.position_types:
        rows = graph.op("MatMul", graph.op("Transpose", key, perm=[0, 1, 3, 2]), positions("query_proj"))
        scores = graph.op("Add", scores, graph.op("Transpose", graph.op("GatherElements", rows, indices[1], axis=-1), perm=[0, 1, 3, 2]))
    scale = math.sqrt(size.head_dim * (1 + len(size.position_types)))
    weights = graph.op("Softmax", graph.op("Add", graph.op("Div", scores, graph.constant(scale)), mask), axis=-1)
    together = graph.op("Transpose", graph.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.op("Reshape", together, graph.constant([0, 0, size.heads * size.head_dim]))


def convolution(graph, start, x, size, keep):
    name = "deberta.encoder.conv"
    margin = (size.convolution - 1) // 2
    turned = graph.op("Transpose", start, perm=[0, 2, 1])
    out = graph.op("Conv", turned, graph.weight(f"{name}.conv.weight"), graph.weight(f"{name}.conv.bias"), kernel_shape=[size.convolution], pads=[margin, margin])
    out = graph.activation(graph.op("Mul", graph.op("Transpose", out, perm=[0, 2, 1]), keep), size.convolution_act)
    return graph.op("Mul", graph.norm(graph.op("Add", x, out), f"{name}.LayerNorm", size.epsilon), keep)


@torch.no_grad()
def export(model, path, **settings):
    """Writes the classifier, its dropout left out."""
    size = model.deberta.size
    graph = Writer(model.state_dict())
    keep = graph.op("Unsqueeze", graph.op("Cast", "attention_mask", to=FLOAT), graph.constant([2]))
    hidden = graph.op("Mul", graph.op("Sub", graph.constant(1.0), keep), graph.constant(-1e9))
    mask = graph.op("Unsqueeze", graph.op("Transpose", hidden, perm=[0, 2, 1]), graph.constant([1]))
    indices = relative_indices(graph, model)
    relative = model.deberta.relative()
    words = graph.op("Gather", graph.weight("deberta.embeddings.word_embeddings.weight"), "input_ids")
    x = start = graph.op("Mul", graph.norm(words, "deberta.embeddings.LayerNorm", size.epsilon), keep)
    for depth in range(size.layers):
        name = f"deberta.encoder.layer.{depth}"
        attended = graph.linear(attention(graph, x, model, depth, mask, indices, relative), f"{name}.attention.output.dense")
        x = graph.norm(graph.op("Add", attended, x), f"{name}.attention.output.LayerNorm", size.epsilon)
        inner = graph.gelu(graph.linear(x, f"{name}.intermediate.dense"))
        x = graph.norm(graph.op("Add", graph.linear(inner, f"{name}.output.dense"), x), f"{name}.output.LayerNorm", size.epsilon)
        if depth == 0 and size.convolution > 0:
            x = convolution(graph, start, x, size, keep)
    first = graph.op("Gather", x, graph.constant(0), axis=1)
    pooled = graph.activation(graph.linear(first, "pooler.dense"), size.pooler_act)
    graph.op("Gemm", pooled, graph.weight("classifier.weight"), graph.weight("classifier.bias"), transB=1, output="logits")
    axes = ["batch_size", "sequence_length"]
    graph.write(path, [("input_ids", INT64, axes), ("attention_mask", INT64, axes)], [("logits", FLOAT, ["batch_size", CLASSES])], **settings)
