"""Writes a llama with random weights, as transformers saves it: random_llama.py FOLDER VOCABULARY."""
import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(1)
sizes = {"vocab_size": int(sys.argv[2]), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256}
LlamaForCausalLM(LlamaConfig(**sizes, bos_token_id=1, eos_token_id=2, pad_token_id=0, initializer_range=0.3)).save_pretrained(sys.argv[1])
