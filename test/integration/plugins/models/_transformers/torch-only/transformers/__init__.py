"""Stands in for the package transformers where only torch is there: a decoder with the interface that the script uses.
Weights come from the seed in config.json, so another process can work out what must come of them. More members of it: `fits`, how
many tokens the device holds; `dies`, a token at which the process is killed; `told`, a file for the ids of processes."""
import json
import os
from types import SimpleNamespace

import torch

__version__ = "4.57.0"


class Decoder(torch.nn.Module):
    """Embeddings, layers of masked attention and a feed-forward, a final norm. Position matters, and so does the mask."""

    def __init__(self, config):
        super().__init__()
        torch.manual_seed(config["seed"])
        dim = config["hidden_size"]
        self.embed = torch.nn.Embedding(config["vocab_size"], dim)
        self.places = torch.nn.Embedding(config["max_position_embeddings"], dim)
        self.layers = torch.nn.ModuleList(torch.nn.ModuleList(torch.nn.Linear(dim, dim) for _ in range(4)) for _ in range(config["num_hidden_layers"]))
        self.head = torch.nn.Linear(dim, config["vocab_size"])
        self.config = config

    @property
    def dtype(self):
        return self.embed.weight.dtype

    def forward(self, input_ids, attention_mask, position_ids, output_hidden_states=False, use_cache=True, return_dict=True, logits_to_keep=0):
        limit = self.config.get("fits", 10**9)
        if input_ids.numel() > limit:
            raise RuntimeError(f"CUDA out of memory. Tried to allocate {input_ids.numel()}")
        if "dies" in self.config and self.config["dies"] in input_ids:
            os.kill(os.getpid(), 9)
        x = self.embed(input_ids) + self.places(position_ids)
        states = [x]
        width = x.shape[1]
        seen = torch.ones(width, width).tril().bool()[None] & attention_mask[:, None, :].bool()
        for query, key, value, feed in self.layers:
            scores = (query(x) @ key(x).transpose(1, 2)).masked_fill(~seen, -1e9)
            x = x + scores.softmax(-1) @ value(x)
            x = x + torch.tanh(feed(x))
            x = torch.where(attention_mask[:, :, None].bool(), x, torch.full_like(x, float("nan")))  # nothing may lean on padding
            states.append(x)
            x = torch.nan_to_num(x)
        states[-1] = torch.nn.functional.layer_norm(x, x.shape[-1:])
        return SimpleNamespace(hidden_states=tuple(states), logits=self.head(states[-1][:, -logits_to_keep:]))


class AutoModelForCausalLM:
    @staticmethod
    def from_pretrained(folder, local_files_only, trust_remote_code, dtype):
        print("a library that prints")
        with open(os.path.join(folder, "config.json")) as file:
            config = json.load(file)
        if config.get("model_type") == "unheard-of":
            raise ValueError("the model type `unheard-of` is not known")
        if "told" in config:
            with open(config["told"], "a") as file:
                file.write(f"{os.getpid()}\n")
        model = Decoder(config)
        return model if dtype == "auto" else model.to(dtype)
