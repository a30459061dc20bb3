"""What each prompt gives when it is read alone, worked out without the script: expected.py FOLDER < rows of token ids as JSON."""
import json
import sys

import torch
from transformers import AutoModelForCausalLM

folder = sys.argv[1]
try:
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, trust_remote_code=False, dtype="auto").eval()
except TypeError:
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).eval()
given = []
with torch.no_grad():
    for row in json.load(sys.stdin):
        ids = torch.tensor([row])
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids), position_ids=torch.arange(len(row))[None], output_hidden_states=True, use_cache=False)
        hidden = torch.cat([states[0].double().mean(0) for states in out.hidden_states])
        given.append({"hidden": hidden.tolist(), "logits": out.logits[0, -1].tolist()})
print(json.dumps(given))
