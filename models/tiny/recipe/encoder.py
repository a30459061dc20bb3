"""A small DeBERTa-v2 encoder (He et al., arXiv 2006.03654 and 2111.09543): disentangled attention with shared projections, log buckets.

Parameters have the names that Hugging Face's DebertaV2Model gives them, so `Encoder.state_dict()` loads there as it is.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZE = {"dim": 128, "heads": 4, "layers": 3, "feed_forward": 384, "buckets": 32, "longest": 512}
NORM_EPSILON = 1e-7


def relative_buckets(buckets, longest):
    """Bucket of each distance -(longest - 1) … longest - 1: exact up to half the buckets, logarithmic beyond."""
    distance = torch.arange(-(longest - 1), longest)
    half = buckets // 2
    far = distance.abs().clamp(min=half).double()
    log_bucket = torch.ceil(torch.log(far / half) / math.log((longest - 1) / half) * (half - 1)).long() + half
    return torch.where(distance.abs() <= half, distance, log_bucket * distance.sign())


class SelfAttention(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.heads, self.head_dim, self.buckets = size["heads"], size["dim"] // size["heads"], size["buckets"]
        self.query_proj, self.key_proj, self.value_proj = (nn.Linear(size["dim"], size["dim"]) for _ in range(3))

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, self.head_dim).transpose(1, 2)

    def forward(self, x, mask, relative, between):
        """`between` [tokens, tokens] holds the bucket of query position - key position."""
        batch, length, dim = x.shape
        query, key, value = self.split(self.query_proj(x)), self.split(self.key_proj(x)), self.split(self.value_proj(x))
        position_key, position_query = self.split(self.key_proj(relative[None])), self.split(self.query_proj(relative[None]))
        last = 2 * self.buckets - 1
        index = (between + self.buckets).clamp(0, last).expand(batch, self.heads, length, length)
        reverse = (self.buckets - between).clamp(0, last).expand(batch, self.heads, length, length)
        content_to_position = torch.gather(query @ position_key.transpose(-1, -2), -1, index)
        position_to_content = torch.gather(key @ position_query.transpose(-1, -2), -1, reverse).transpose(-1, -2)
        scores = (query @ key.transpose(-1, -2) + content_to_position + position_to_content) / math.sqrt(3 * self.head_dim)
        return ((scores + mask).softmax(-1) @ value).transpose(1, 2).reshape(batch, length, dim)


class Residual(nn.Module):
    """A projection that is added to its input, then normalised."""

    def __init__(self, inner, dim):
        super().__init__()
        self.dense, self.LayerNorm = nn.Linear(inner, dim), nn.LayerNorm(dim, NORM_EPSILON)

    def forward(self, x, residual):
        return self.LayerNorm(self.dense(x) + residual)


class Layer(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.attention = nn.ModuleDict({"self": SelfAttention(size), "output": Residual(size["dim"], size["dim"])})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size["dim"], size["feed_forward"])})
        self.output = Residual(size["feed_forward"], size["dim"])

    def forward(self, x, mask, relative, between):
        x = self.attention["output"](self.attention["self"](x, mask, relative, between), x)
        return self.output(F.gelu(self.intermediate["dense"](x)), x)


class Encoder(nn.Module):
    def __init__(self, size, vocabulary):
        super().__init__()
        self.size = {**size, "vocabulary": vocabulary}
        dim = size["dim"]
        self.embeddings = nn.ModuleDict({"word_embeddings": nn.Embedding(vocabulary, dim, padding_idx=0), "LayerNorm": nn.LayerNorm(dim, NORM_EPSILON)})
        self.encoder = nn.ModuleDict(
            {
                "layer": nn.ModuleList([Layer(size) for _ in range(size["layers"])]),
                "rel_embeddings": nn.Embedding(2 * size["buckets"], dim),
                "LayerNorm": nn.LayerNorm(dim, NORM_EPSILON),
            }
        )
        self.register_buffer("bucket_of", relative_buckets(size["buckets"], size["longest"]), persistent=False)
        for name, parameter in self.named_parameters():
            if "embeddings" in name and parameter.dim() == 2:
                nn.init.normal_(parameter, 0, 0.05)
            elif parameter.dim() == 2:
                nn.init.normal_(parameter, 0, dim**-0.5)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, input_ids, attention_mask):
        """Last hidden state [batch, tokens, dim]."""
        longest = self.size["longest"]
        positions = torch.arange(input_ids.shape[1])
        between = self.bucket_of[(positions[:, None] - positions[None, :]).clamp(1 - longest, longest - 1) + longest - 1]
        mask = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -1e9
        relative = self.encoder["LayerNorm"](self.encoder["rel_embeddings"].weight)
        x = self.embeddings["LayerNorm"](self.embeddings["word_embeddings"](input_ids))
        for layer in self.encoder["layer"]:
            x = layer(x, mask, relative, between)
        return x


class MaskedWords(nn.Module):
    """The head of masked language modelling; its output weights are the word embeddings."""

    def __init__(self, encoder):
        super().__init__()
        dim, words = encoder.size["dim"], encoder.size["vocabulary"]
        self.embeddings = encoder.embeddings["word_embeddings"]
        self.dense, self.LayerNorm, self.bias = nn.Linear(dim, dim), nn.LayerNorm(dim, NORM_EPSILON), nn.Parameter(torch.zeros(words))

    def forward(self, states):
        return F.linear(self.LayerNorm(F.gelu(self.dense(states))), self.embeddings.weight, self.bias)
