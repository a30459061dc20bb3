"""Encoder checkpoint -> folder in the Hugging Face layout: python3 export_encoder.py encoder.pt FOLDER.

The same weights are written as model.safetensors, to be fine-tuned. The ONNX graph takes input_ids and attention_mask and gives last_hidden_state [batch, tokens, dim]; a text's embedding is its mean over
the tokens that are not padding. Weights are stored as float16 and cast to float32 in the graph.
"""
import json
import struct
import sys
from pathlib import Path

import onnx
import torch
from encoder import NORM_EPSILON, Encoder
from export import OPSET, store_half_precision, write_json
from tokenizer import BOS, EOS, PAD, hugging_face_json
from train_encoder import MASK_TOKEN


def export_graph(encoder, path):
    example = (torch.randint(3, 200, (2, 5)), torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]))
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in ("input_ids", "attention_mask", "last_hidden_state")}
    with torch.no_grad():
        torch.onnx.export(
            encoder, example, str(path), opset_version=OPSET, do_constant_folding=True,
            input_names=["input_ids", "attention_mask"], output_names=["last_hidden_state"], dynamic_axes=axes,
        )
    graph = onnx.load(path)
    names = ["batch_size", "sequence_length", encoder.size["dim"]]
    for axis, name in zip(graph.graph.output[0].type.tensor_type.shape.dim, names):  # the exporter invents names here
        axis.Clear()
        setattr(axis, "dim_value" if isinstance(name, int) else "dim_param", name)
    return graph


def write_safetensors(path, weights):
    """Matrices as float16 and vectors as float32, as in the graph."""
    tensors = {name: (tensor.half() if tensor.dim() == 2 else tensor.float()).contiguous().numpy() for name, tensor in sorted(weights.items())}
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": {"float16": "F16", "float32": "F32"}[str(values.dtype)], "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(values.tobytes() for values in tensors.values()))


def tokenizer_json(vocabulary):
    settings = hugging_face_json(vocabulary)
    settings["added_tokens"].append({**settings["added_tokens"][PAD], "id": vocabulary[MASK_TOKEN], "content": MASK_TOKEN})
    return settings


def config_json(size, words):
    return {
        "architectures": ["DebertaV2Model"], "model_type": "deberta-v2", "vocab_size": words, "hidden_size": size["dim"],
        "num_hidden_layers": size["layers"], "num_attention_heads": size["heads"], "intermediate_size": size["feed_forward"],
        "hidden_act": "gelu", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "max_position_embeddings": size["longest"],
        "type_vocab_size": 0, "layer_norm_eps": NORM_EPSILON, "relative_attention": True, "max_relative_positions": -1,
        "position_buckets": size["buckets"], "position_biased_input": False, "pos_att_type": ["p2c", "c2p"], "share_att_key": True,
        "norm_rel_ebd": "layer_norm", "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS, "torch_dtype": "float32",
    }


def main():
    checkpoint, folder = torch.load(sys.argv[1]), Path(sys.argv[2])
    size, vocabulary = checkpoint["size"], checkpoint["vocabulary"]
    encoder = Encoder(size, len(vocabulary))
    encoder.load_state_dict(checkpoint["weights"])
    encoder.eval()
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    path = folder / "onnx" / "model.onnx"
    graph = export_graph(encoder, path)
    store_half_precision(graph)
    onnx.save(graph, path)
    write_safetensors(folder / "model.safetensors", encoder.state_dict())
    write_json(folder / "tokenizer.json", tokenizer_json(vocabulary))
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "mask_token": MASK_TOKEN,
            "padding_side": "right", "model_max_length": size["longest"], "add_bos_token": True, "clean_up_tokenization_spaces": False,
        },
    )
    write_json(folder / "config.json", config_json(size, len(vocabulary)))
    print(folder, round(path.stat().st_size / 1e6, 3), "MB")


if __name__ == "__main__":
    main()
