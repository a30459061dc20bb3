"""What a decoder makes of extra questions: python3 outcomes.py CHECKPOINT QUESTIONS OUT ROWS TEMPERATURE (see models/tiny/README.md).

One JSON line a question: its text, the share of sampled answers that are right, and the greedy and one sampled answer with whether they are.
"""
import json
import sys
from pathlib import Path

import torch
from model import Decoder
from tokenizer import BOS, EOS, Tokenizer, read_jsonl

SETS = ["tiny-arithmetic", "tiny-choice4", "tiny-instruct"]
BATCH = 256
SAMPLES = 8
LONGEST = 26


@torch.no_grad()
def texts(model, tokenizer, prompts, temperature, generator):
    """One text a prompt, greedy at temperature 0; all prompts have one length."""
    logits, past = model(torch.tensor(prompts))
    out, done = [[] for _ in prompts], torch.zeros(len(prompts), dtype=torch.bool)
    for _ in range(LONGEST):
        last = logits[:, -1]
        token = torch.multinomial((last / temperature).softmax(-1), 1, generator=generator)[:, 0] if temperature > 0 else last.argmax(-1)
        done |= token == EOS
        for row, value, ended in zip(out, token.tolist(), done.tolist()):
            if not ended:
                row.append(value)
        if done.all():
            break
        logits, past = model(token[:, None], past=past)
    return [tokenizer.decode(row) for row in out]


def main():
    checkpoint, questions, out = torch.load(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    rows, temperature = int(sys.argv[4]), float(sys.argv[5])
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(7)
    tokenizer = Tokenizer(checkpoint["vocabulary"])
    model = Decoder(checkpoint["size"], len(checkpoint["vocabulary"]))
    model.load_state_dict(checkpoint["weights"])
    model.eval()
    with out.open("w") as lines:
        for name in SETS:
            pool = read_jsonl(questions / f"{name}.verbal.jsonl")[:rows]
            by_length = {}
            for question in pool:
                prompt = [BOS, *tokenizer.encode(question["text"] + "\n")]
                by_length.setdefault(len(prompt), []).append((prompt, question))
            share = 0
            for members in by_length.values():
                for start in range(0, len(members), BATCH):
                    part = members[start : start + BATCH]
                    prompts = [prompt for prompt, _ in part]
                    greedy = texts(model, tokenizer, prompts, 0, generator)
                    drawn = [texts(model, tokenizer, prompts, temperature, generator) for _ in range(SAMPLES)]
                    for i, (_, question) in enumerate(part):
                        answer = question["answer"]
                        right = sum(sample[i] == answer for sample in drawn) / SAMPLES
                        share += right / len(pool)
                        answers = [{"text": text, "right": text == answer} for text in (greedy[i], drawn[0][i])]
                        lines.write(json.dumps({"text": question["text"], "share": right, "answers": answers}) + "\n")
            print(name, len(pool), "questions, share of right samples", round(share, 3), flush=True)


if __name__ == "__main__":
    main()
