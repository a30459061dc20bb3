"""Checkpoint -> folder in the Hugging Face layout: python3 export.py weak.pt FOLDER.

The ONNX graph has the inputs and outputs of a llama decoder with past, plus `hidden_states` [batch, layers + 1, tokens, dim]
(index 0 the embedding output, the last index after the final norm). Weights are stored as float16 and cast to float32 in the graph.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
from model import ROPE_BASE, Decoder
from onnx import TensorProto, helper, numpy_helper
from tokenizer import BOS, EOS, PAD, hugging_face_json

OPSET = 14  # at 17 this exporter writes an empty third input to LayerNormalization, on which onnxruntime 1.30 crashes
LONGEST = 512
CHAT_TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{{ '\\n' }}{% endfor %}"


class WithPast(nn.Module):
    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder

    def forward(self, input_ids, attention_mask, position_ids, *past):
        pairs = [(past[2 * i], past[2 * i + 1]) for i in range(self.decoder.size["layers"])]
        keys = torch.arange(attention_mask.shape[1])
        queries = torch.arange(input_ids.shape[1]) + (attention_mask.shape[1] - input_ids.shape[1])
        visible = (keys[None, :] <= queries[:, None])[None, None] & (attention_mask[:, None, None, :] > 0)
        mask = (1.0 - visible.to(torch.float32)) * -1e9
        logits, keys_values, states = self.decoder(input_ids, mask=mask, positions=position_ids, past=pairs, hidden=True)
        return (logits, states, *[tensor for pair in keys_values for tensor in pair])


def export_graph(decoder, path):
    size = decoder.size
    layers, heads = size["layers"], size["heads"]
    head_dim = size["dim"] // heads
    batch, before, length = 2, 3, 4
    example = (
        torch.randint(3, 200, (batch, length)),
        torch.ones(batch, before + length, dtype=torch.long),
        torch.arange(before, before + length)[None].repeat(batch, 1),
        *[torch.randn(batch, heads, before, head_dim) for _ in range(2 * layers)],
    )
    past = [f"past_key_values.{i}.{kind}" for i in range(layers) for kind in ("key", "value")]
    present = [f"present.{i}.{kind}" for i in range(layers) for kind in ("key", "value")]
    axes = {
        "input_ids": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"},
        "logits": {0: "batch_size", 1: "sequence_length"},
        "hidden_states": {0: "batch_size", 2: "sequence_length"},
        **{name: {0: "batch_size", 2: "past_sequence_length"} for name in past},
        **{name: {0: "batch_size", 2: "total_sequence_length"} for name in present},
    }
    with torch.no_grad():
        torch.onnx.export(
            WithPast(decoder), example, str(path), opset_version=OPSET, do_constant_folding=True,
            input_names=["input_ids", "attention_mask", "position_ids", *past],
            output_names=["logits", "hidden_states", *present], dynamic_axes=axes,
        )
    graph = onnx.load(path)
    static = {"logits": {2: size["vocabulary"]}, "hidden_states": {1: layers + 1, 3: size["dim"]}}
    for output in graph.graph.output:  # the exporter leaves invented names on dimensions that are fixed
        for axis, value in static.get(output.name, {1: heads, 3: head_dim}).items():
            dimension = output.type.tensor_type.shape.dim[axis]
            dimension.ClearField("dim_param")
            dimension.dim_value = value
    return graph


def store_half_precision(model):
    """Initialisers as float16 with a cast back; the runtime folds the casts when it loads the graph."""
    casts, kept = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 1024:
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}_half"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}_half"], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def main():
    checkpoint, folder = torch.load(sys.argv[1]), Path(sys.argv[2])
    size, vocabulary = checkpoint["size"], checkpoint["vocabulary"]
    decoder = Decoder(size, len(vocabulary))
    decoder.load_state_dict(checkpoint["weights"])
    decoder.eval()
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    path = folder / "onnx" / "model.onnx"
    graph = export_graph(decoder, path)
    store_half_precision(graph)
    onnx.save(graph, path)
    write_json(folder / "tokenizer.json", hugging_face_json(vocabulary))
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "padding_side": "left",
            "model_max_length": LONGEST, "add_bos_token": True, "clean_up_tokenization_spaces": False, "chat_template": CHAT_TEMPLATE,
        },
    )
    write_json(
        folder / "config.json",
        {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": size["dim"], "intermediate_size": size["feed_forward"],
            "num_hidden_layers": size["layers"], "num_attention_heads": size["heads"], "num_key_value_heads": size["heads"],
            "head_dim": size["dim"] // size["heads"], "vocab_size": len(vocabulary), "max_position_embeddings": LONGEST, "rope_theta": ROPE_BASE,
            "rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": True, "bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD,
            "torch_dtype": "float32",
        },
    )
    write_json(folder / "generation_config.json", {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD, "max_new_tokens": 32})
    print(folder, round(path.stat().st_size / 1e6, 3), "MB")


if __name__ == "__main__":
    main()
