"""DeBERTa-v2 and -v3 for sequence classification (He et al., arXiv 2006.03654 and 2111.09543) in plain torch.

Parameters have the names that Hugging Face gives them, so checkpoints load as they are. The forms that released v2 and v3 checkpoints
have are covered: disentangled attention with shared projections, log buckets, the convolution of v2-xlarge. Others are refused.
"""
import json
import math
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import safetensors_file

ACTIVATIONS = {"gelu": F.gelu, "tanh": torch.tanh}
CLASSES = 2


class Refused(Exception):
    """The folder is none that this file can read; the text says why."""


class Size:
    """The numbers of config.json."""

    def __init__(self, config):
        kind = config.get("model_type")
        if kind != "deberta-v2":
            raise Refused(f"config.json says model_type {kind!r}; only deberta-v2 (which v3 is, too) can be fine-tuned")
        types = config.get("pos_att_type", [])
        self.position_types = set(types.split("|") if isinstance(types, str) else types)
        wants = {
            "relative_attention true": config.get("relative_attention") is True,
            "share_att_key true": config.get("share_att_key") is True,
            "position_biased_input false": config.get("position_biased_input", True) is False,
            "type_vocab_size 0": config.get("type_vocab_size", 0) == 0,
            "embedding_size as hidden_size": config.get("embedding_size", config["hidden_size"]) == config["hidden_size"],
            "pos_att_type of c2p and p2c": self.position_types <= {"c2p", "p2c"} and len(self.position_types) > 0,
            "hidden_act gelu": config.get("hidden_act") == "gelu",
            "pooler_hidden_act gelu or tanh": config.get("pooler_hidden_act", "gelu") in ACTIVATIONS,
            "conv_act gelu or tanh": config.get("conv_act", "tanh") in ACTIVATIONS,
            "conv_groups 1": config.get("conv_groups", 1) == 1,
            "pooler_hidden_size as hidden_size": config.get("pooler_hidden_size", config["hidden_size"]) == config["hidden_size"],
        }
        missing = [want for want, there in wants.items() if not there]
        if missing:
            raise Refused(f"config.json has another form of DeBERTa than the released v2 and v3: wanted {', '.join(missing)}")
        self.vocabulary, self.dim, self.layers = config["vocab_size"], config["hidden_size"], config["num_hidden_layers"]
        self.heads, self.feed_forward = config["num_attention_heads"], config["intermediate_size"]
        self.head_dim = config.get("attention_head_size", self.dim // self.heads)
        self.epsilon = config.get("layer_norm_eps", 1e-7)
        self.longest = config["max_position_embeddings"]
        reach = config.get("max_relative_positions", -1)
        self.reach = reach if reach >= 1 else self.longest
        self.buckets = config.get("position_buckets", -1)
        self.span = self.buckets if self.buckets > 0 else self.reach
        self.norm_relative = "layer_norm" in config.get("norm_rel_ebd", "none")
        self.convolution, self.convolution_act = config.get("conv_kernel_size", 0), config.get("conv_act", "tanh")
        self.pooler_act = config.get("pooler_hidden_act", "gelu")
        self.pad = config.get("pad_token_id") or 0
        self.dropout, self.attention_dropout = config.get("hidden_dropout_prob", 0.1), config.get("attention_probs_dropout_prob", 0.1)
        self.pooler_dropout = config.get("pooler_dropout", 0.0)
        head = config.get("cls_dropout")
        self.head_dropout = self.dropout if head is None else head
        self.initial = config.get("initializer_range", 0.02)


def buckets_of(size):
    """Bucket of each distance -(longest - 1) … longest - 1: exact up to half the buckets, logarithmic beyond; the distance itself without buckets."""
    distance = torch.arange(1 - size.longest, size.longest)
    if size.buckets <= 0:
        return distance
    half = size.buckets // 2
    far = torch.where((distance < half) & (distance > -half), torch.tensor(half - 1), distance.abs())
    scale = math.log((size.reach - 1) / half)
    logarithmic = torch.ceil(torch.log(far / half) / scale * (half - 1)) + half
    return torch.where(far <= half, distance.to(logarithmic.dtype), logarithmic * distance.sign()).long()


class SelfAttention(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size
        width = size.heads * size.head_dim
        self.query_proj, self.key_proj, self.value_proj = (nn.Linear(size.dim, width) for _ in range(3))
        self.dropout = nn.Dropout(size.attention_dropout)
        self.scale = math.sqrt(size.head_dim * (1 + len(size.position_types)))

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.size.heads, self.size.head_dim).transpose(1, 2)

    def forward(self, x, mask, relative, indices):
        """`indices` [2, tokens, tokens]: the rows of `relative` that a query position reads for a key position, and the other way round."""
        batch, length, _ = x.shape
        query, key, value = self.split(self.query_proj(x)), self.split(self.key_proj(x)), self.split(self.value_proj(x))
        scores = query @ key.transpose(-1, -2)
        wide = (batch, self.size.heads, length, length)
        if "c2p" in self.size.position_types:
            scores = scores + torch.gather(query @ self.split(self.key_proj(relative)).transpose(-1, -2), -1, indices[0].expand(wide))
        if "p2c" in self.size.position_types:
            scores = scores + torch.gather(key @ self.split(self.query_proj(relative)).transpose(-1, -2), -1, indices[1].expand(wide)).transpose(-1, -2)
        weights = self.dropout((scores / self.scale + mask).softmax(-1))
        return (weights @ value).transpose(1, 2).reshape(batch, length, -1)


class Residual(nn.Module):
    """A projection that is added to its input, then normalised."""

    def __init__(self, inner, size):
        super().__init__()
        self.dense, self.LayerNorm, self.dropout = nn.Linear(inner, size.dim), nn.LayerNorm(size.dim, size.epsilon), nn.Dropout(size.dropout)

    def forward(self, x, residual):
        return self.LayerNorm(self.dropout(self.dense(x)) + residual)


class Layer(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.attention = nn.ModuleDict({"self": SelfAttention(size), "output": Residual(size.heads * size.head_dim, size)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size.dim, size.feed_forward)})
        self.output = Residual(size.feed_forward, size)

    def forward(self, x, mask, relative, indices):
        x = self.attention["output"](self.attention["self"](x, mask, relative, indices), x)
        return self.output(F.gelu(self.intermediate["dense"](x)), x)


class Convolution(nn.Module):
    """Beside the first layer of v2-xlarge: its input convolved over the tokens is added to its output."""

    def __init__(self, size):
        super().__init__()
        self.size = size
        self.conv = nn.Conv1d(size.dim, size.dim, size.convolution, padding=(size.convolution - 1) // 2)
        self.LayerNorm, self.dropout = nn.LayerNorm(size.dim, size.epsilon), nn.Dropout(size.dropout)

    def forward(self, x, residual, keep):
        out = self.conv(x.transpose(1, 2)).transpose(1, 2) * keep
        out = ACTIVATIONS[self.size.convolution_act](self.dropout(out))
        return self.LayerNorm(residual + out) * keep


class Encoder(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size
        self.embeddings = nn.ModuleDict({"word_embeddings": nn.Embedding(size.vocabulary, size.dim, padding_idx=size.pad), "LayerNorm": nn.LayerNorm(size.dim, size.epsilon)})
        parts = {"layer": nn.ModuleList([Layer(size) for _ in range(size.layers)]), "rel_embeddings": nn.Embedding(2 * size.span, size.dim)}
        if size.norm_relative:
            parts["LayerNorm"] = nn.LayerNorm(size.dim, size.epsilon)
        if size.convolution > 0:
            parts["conv"] = Convolution(size)
        self.encoder = nn.ModuleDict(parts)
        self.dropout = nn.Dropout(size.dropout)
        buckets = buckets_of(size)
        rows = torch.stack([(size.span + buckets).clamp(0, 2 * size.span - 1), (size.span - buckets).clamp(0, 2 * size.span - 1)])
        self.register_buffer("relative_rows", rows, persistent=False)

    def relative(self):
        """The vectors of relative positions [1, 2 · span, dim]."""
        weight = self.encoder["rel_embeddings"].weight[None]
        return self.encoder["LayerNorm"](weight) if self.size.norm_relative else weight

    def forward(self, input_ids, attention_mask):
        """Last hidden state [batch, tokens, dim]."""
        keep = attention_mask[:, :, None].to(torch.float32)
        mask = (1 - keep[:, None, None, :, 0]) * -1e9
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        indices = self.relative_rows[:, positions[:, None] - positions[None, :] + self.size.longest - 1]
        relative = self.dropout(self.relative())
        x = start = self.dropout(self.embeddings["LayerNorm"](self.embeddings["word_embeddings"](input_ids)) * keep)
        for depth, layer in enumerate(self.encoder["layer"]):
            x = layer(x, mask, relative, indices)
            if depth == 0 and self.size.convolution > 0:
                x = self.encoder["conv"](start, x, keep)
        return x


class Classifier(nn.Module):
    """Encoder, pooler on the first token (dense, activation), dropout, linear: logits [batch, 2]."""

    def __init__(self, size):
        super().__init__()
        self.deberta = Encoder(size)
        self.pooler = nn.ModuleDict({"dense": nn.Linear(size.dim, size.dim)})
        self.classifier = nn.Linear(size.dim, CLASSES)
        self.before, self.after = nn.Dropout(size.pooler_dropout), nn.Dropout(size.head_dropout)

    def forward(self, input_ids, attention_mask):
        first = self.before(self.deberta(input_ids, attention_mask)[:, 0])
        return self.classifier(self.after(ACTIVATIONS[self.deberta.size.pooler_act](self.pooler["dense"](first))))


def weights_of(folder):
    """The tensors of a Hugging Face folder: model.safetensors, its shards, or pytorch_model.bin."""
    folder = Path(folder)
    index = folder / "model.safetensors.index.json"
    shards = sorted(set(json.loads(index.read_text())["weight_map"].values())) if index.exists() else ["model.safetensors"]
    if all((folder / name).exists() for name in shards):
        tensors = {}
        for name in shards:
            tensors.update(safetensors_file.read(folder / name))
        return tensors
    pickled = folder / "pytorch_model.bin"
    if pickled.exists():
        return {name: tensor.to(torch.float32) if tensor.is_floating_point() else tensor for name, tensor in torch.load(pickled, map_location="cpu", weights_only=True).items()}
    raise Refused("it holds no weights (model.safetensors or pytorch_model.bin)")


def load(folder, seed):
    """A classifier from a folder. A head that the folder has is kept, else it is drawn anew; says which: (model, config, had_head)."""
    file = Path(folder) / "config.json"
    if not file.exists():
        raise Refused("config.json is missing")
    try:
        config = json.loads(file.read_text())
        size = Size(config)
    except (KeyError, ValueError) as error:
        raise Refused(f"config.json is not one of DeBERTa: {type(error).__name__} {error}") from error
    torch.manual_seed(seed)
    model = Classifier(size)
    for linear in (model.pooler["dense"], model.classifier):
        nn.init.normal_(linear.weight, 0, size.initial)
        nn.init.zeros_(linear.bias)
    given = {name if name.startswith(("deberta.", "pooler.", "classifier.")) else f"deberta.{name}": tensor for name, tensor in weights_of(folder).items()}
    own = model.state_dict()
    head = [name for name in own if not name.startswith("deberta.")]
    had_head = all(name in given and given[name].shape == own[name].shape for name in head)
    taken = {name: tensor for name, tensor in given.items() if name in own and (had_head or name not in head)}
    missing = [name for name in own if name not in taken and name not in head]
    if missing:
        raise Refused(f"its weights lack {len(missing)} tensors, such as {missing[0]}")
    wrong = [name for name, tensor in taken.items() if tensor.shape != own[name].shape]
    if wrong:
        raise Refused(f"{wrong[0]} has the shape {list(taken[wrong[0]].shape)} where config.json asks for {list(own[wrong[0]].shape)}")
    model.load_state_dict(taken, strict=False)
    return model, config, had_head
