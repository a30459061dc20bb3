"""A small decoder: tied embeddings, LayerNorm without bias, rotary positions (rotate-half), SwiGLU, no biases anywhere."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = {
    "weak": {"dim": 48, "heads": 4, "layers": 4, "feed_forward": 128},
    "strong": {"dim": 128, "heads": 4, "layers": 5, "feed_forward": 344},
}
ROPE_BASE = 10_000.0


class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, None, 1e-5)


class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        dim, self.heads = size["dim"], size["heads"]
        self.head_dim = dim // self.heads
        self.attention_norm, self.feed_norm = Norm(dim), Norm(dim)
        self.query, self.key, self.value, self.out = (nn.Linear(dim, dim, bias=False) for _ in range(4))
        self.gate, self.up = (nn.Linear(dim, size["feed_forward"], bias=False) for _ in range(2))
        self.down = nn.Linear(size["feed_forward"], dim, bias=False)

    def forward(self, x, cosine, sine, mask, past):
        batch, length, dim = x.shape
        y = self.attention_norm(x)
        query, key, value = (
            project(y).view(batch, length, self.heads, self.head_dim).transpose(1, 2) for project in (self.query, self.key, self.value)
        )

        def rotated(z):
            first, second = z[..., : self.head_dim // 2], z[..., self.head_dim // 2 :]
            return z * cosine + torch.cat([-second, first], -1) * sine

        query, key = rotated(query), rotated(key)
        if past is not None:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        attention = (query @ key.transpose(-1, -2)) * (self.head_dim**-0.5) + mask
        x = x + self.out((attention.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, dim))
        y = self.feed_norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y)), key, value


class Decoder(nn.Module):
    def __init__(self, size, vocabulary):
        super().__init__()
        self.size = {**size, "vocabulary": vocabulary}
        self.embedding = nn.Embedding(vocabulary, size["dim"])
        self.blocks = nn.ModuleList([Block(size) for _ in range(size["layers"])])
        self.norm = Norm(size["dim"])
        head_dim = size["dim"] // size["heads"]
        self.register_buffer("frequencies", ROPE_BASE ** (-torch.arange(0, head_dim, 2).float() / head_dim), persistent=False)
        depth_scale = 1 / math.sqrt(2 * size["layers"])
        for name, parameter in self.named_parameters():
            if parameter.dim() != 2:
                continue
            std = 0.02 if "embedding" in name else size["dim"] ** -0.5
            if "out." in name or "down." in name:
                std *= depth_scale
            if "down." in name:
                std *= math.sqrt(size["dim"] / size["feed_forward"])
            nn.init.normal_(parameter, 0, std)

    def forward(self, ids, mask=None, positions=None, past=None, select=None, hidden=False):
        """Logits and keys/values; `select` (a boolean mask over tokens) computes logits there only; `hidden` adds the states of every
        layer: embedding output first, the last one after the final norm."""
        length = ids.shape[1]
        before = 0 if past is None else past[0][0].shape[2]
        if positions is None:
            positions = (torch.arange(length) + before)[None]
        if mask is None:
            mask = torch.triu(torch.full((length, length + before), -1e9), 1 + before)
        angles = positions[..., None].float() * self.frequencies
        angles = torch.cat([angles, angles], -1)[:, None]
        x = self.embedding(ids)
        states, keys_values = [x], []
        for i, block in enumerate(self.blocks):
            x, key, value = block(x, angles.cos(), angles.sin(), mask, None if past is None else past[i])
            keys_values.append((key, value))
            states.append(x)
        normed = self.norm(x if select is None else x[select])
        logits = normed @ self.embedding.weight.t()
        if not hidden:
            return logits, keys_values
        return logits, keys_values, torch.stack([*states[:-1], normed], 1)
