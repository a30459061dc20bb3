"""Small random classifiers of every form of DeBERTa that can be fine-tuned: exported to OUT/<form>.onnx, with PyTorch's logits on stdout.

python3 forms.py SCRIPTS OUT. Where transformers is installed, the largest difference of its hidden states is told, too.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import torch  # noqa: E402

import deberta  # noqa: E402
import finetune  # noqa: E402
import onnx_deberta  # noqa: E402
import safetensors_file  # noqa: E402

PLAIN = {
    "model_type": "deberta-v2", "vocab_size": 60, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40, "hidden_act": "gelu",
    "max_position_embeddings": 96, "type_vocab_size": 0, "relative_attention": True, "max_relative_positions": -1, "position_buckets": 8, "position_biased_input": False,
    "pos_att_type": "p2c|c2p", "share_att_key": True, "norm_rel_ebd": "layer_norm", "layer_norm_eps": 1e-7, "pad_token_id": 0, "pooler_hidden_size": 24,
    "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "pooler_dropout": 0, "pooler_hidden_act": "gelu", "initializer_range": 0.2,
}
FORMS = {
    "v3": {},
    "v2-xlarge": {"conv_kernel_size": 3, "conv_act": "gelu", "attention_head_size": 8},
    "wide-convolution": {"conv_kernel_size": 5, "conv_act": "tanh"},
    "without-buckets": {"position_buckets": -1, "norm_rel_ebd": "none"},
    "content-to-position": {"pos_att_type": ["c2p"]},
    "position-to-content": {"pos_att_type": ["p2c"], "pooler_hidden_act": "tanh"},
    "narrow-heads": {"attention_head_size": 8, "num_attention_heads": 3},
    "short-reach": {"max_relative_positions": 40},
    "weights-beside": {},
    "pickled": {},
    "sharded": {},
}


def write(folder, name, weights):
    """As Hugging Face folders keep their weights."""
    if name == "pickled":
        torch.save(weights, folder / "pytorch_model.bin")
    elif name == "sharded":
        shards = {tensor: f"model-{1 + at % 2:05}-of-00002.safetensors" for at, tensor in enumerate(weights)}
        for shard in set(shards.values()):
            safetensors_file.write(folder / shard, {tensor: weights[tensor] for tensor in weights if shards[tensor] == shard})
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    else:
        safetensors_file.write(folder / "model.safetensors", weights)


def main():
    out = Path(sys.argv[2])
    torch.manual_seed(1)
    rows = [{"ids": [1 + int(torch.randint(0, 59, ())) for _ in range(length)], "label": length % 2} for length in (1, 7, 30, 90)]
    told = {}
    for name, own in FORMS.items():
        config = {**PLAIN, **own}
        folder = out / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(config))
        fresh = deberta.Classifier(deberta.Size(config))
        for parameter in fresh.parameters():
            torch.nn.init.normal_(parameter, 0, 0.3)
        write(folder, name, fresh.state_dict())
        model, _, had_head = deberta.load(folder, 5)
        same = all(torch.equal(mine, theirs) for mine, theirs in zip(model.state_dict().values(), fresh.state_dict().values()))
        job, device = {"batchSize": 4}, torch.device("cpu")
        logits = finetune.logits_of(model, rows, job, device)
        onnx_deberta.export(model, folder / "model.onnx", **({"inline": 0} if name == "weights-beside" else {}))
        told[name] = {"logits": logits.tolist(), "readBack": same and had_head, "transformers": finetune.compare(model, config, rows, job, device)}
    print(json.dumps({"rows": [row["ids"] for row in rows], "forms": told}))


main()
