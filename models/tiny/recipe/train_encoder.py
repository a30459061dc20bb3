"""Trains the encoder: python3 train_encoder.py --questions FOLDER --vocabulary weak/tokenizer.json --out FOLDER (see ENCODER.md).

Masked language modelling on generated questions: it is shown no answer, no grade and no question of the evaluation sets.
"""
import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from encoder import SIZE, Encoder, MaskedWords
from tokenizer import BOS, EOS, Tokenizer, read_jsonl
from train import SETS, orthogonalised

MASK_TOKEN = "<mask>"
MASKED_SHARE = 0.2
BATCH_WINDOW = 64  # batches are cut from this many at once, sorted by length, so that little is padded


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True, help="tokenizer.json of a decoder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--batch", type=int, default=96, help="questions a step")
    parser.add_argument("--learning-rate", type=float, default=0.02)
    parser.add_argument("--rows", type=int, default=60_000, help="questions a set")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def vocabulary_with_mask(path):
    """The decoders' tokens with their ids, and the mask as one more at the end."""
    vocabulary = json.loads(path.read_text())["model"]["vocab"]
    return {**vocabulary, MASK_TOKEN: len(vocabulary)}


def encoded(tokenizer, folder, split, rows):
    return {name: [[BOS, *tokenizer.encode(row["text"])] for row in read_jsonl(folder / f"{name}{split}.jsonl")[:rows]] for name in SETS}


def padded(questions):
    width = max(map(len, questions))
    ids = torch.zeros(len(questions), width, dtype=torch.long)
    for row, question in enumerate(questions):
        ids[row, : len(question)] = torch.tensor(question)
    return ids, (ids > 0).long()


def batches(questions, size, seed):
    source = random.Random(seed)
    while True:
        source.shuffle(questions)
        for start in range(0, len(questions) - size * BATCH_WINDOW + 1, size * BATCH_WINDOW):
            window = sorted(questions[start : start + size * BATCH_WINDOW], key=len)
            cut = [window[at : at + size] for at in range(0, len(window), size)]
            source.shuffle(cut)
            yield from cut


def masked(ids, words, generator):
    """Chosen positions and what the encoder sees there: the mask (80 %), a random token (10 %) or the token itself (10 %)."""
    chosen = (torch.rand(ids.shape, generator=generator) < MASKED_SHARE) & (ids > EOS)
    chance = torch.rand(ids.shape, generator=generator)
    seen = ids.clone()
    seen[chosen & (chance < 0.8)] = words - 1
    random_places = chosen & (chance >= 0.9)
    seen[random_places] = torch.randint(EOS + 1, words - 1, (int(random_places.sum()),), generator=generator)
    return seen, chosen


@torch.no_grad()
def accuracy(encoder, head, questions):
    """Share of masked tokens that are guessed right, and of always guessing the commonest token, over one fixed masking of each set."""
    encoder.eval()
    words, generator, result = encoder.size["vocabulary"], torch.Generator().manual_seed(0), {}
    for name, rows in questions.items():
        guesses, truths = [], []
        for at in range(0, len(rows), 100):
            ids, present = padded(rows[at : at + 100])
            chosen = (torch.rand(ids.shape, generator=generator) < MASKED_SHARE) & (ids > EOS)
            states = encoder(ids.masked_fill(chosen, words - 1), present)
            guesses.append(head(states[chosen]).argmax(-1))
            truths.append(ids[chosen])
        guesses, truths = torch.cat(guesses), torch.cat(truths)
        result[name] = {"right": round((guesses == truths).float().mean().item(), 3), "commonest": round((truths == truths.mode().values).float().mean().item(), 3)}
    encoder.train()
    return result


def main():
    options = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = vocabulary_with_mask(options.vocabulary)
    tokenizer = Tokenizer(vocabulary)
    questions = [question for rows in encoded(tokenizer, options.questions, "", options.rows).values() for question in rows]
    validation = encoded(tokenizer, options.questions, ".validation", None)
    encoder = Encoder(SIZE, len(vocabulary))
    head = MaskedWords(encoder)
    print(SIZE, sum(p.numel() for p in encoder.parameters()), "parameters,", len(questions), "questions, vocabulary", len(vocabulary), flush=True)

    named = {**dict(encoder.named_parameters()), **{f"head.{name}": p for name, p in head.named_parameters() if not name.startswith("embeddings")}}
    matrices = [p for name, p in named.items() if p.dim() == 2 and "embeddings" not in name]
    others = [p for name, p in named.items() if p.dim() != 2 or "embeddings" in name]
    optimizer = torch.optim.AdamW(others, lr=2e-3, betas=(0.9, 0.98), weight_decay=0.0)
    momentum = [torch.zeros_like(p) for p in matrices]
    generator = torch.Generator().manual_seed(options.seed)
    started, running = time.time(), None
    source = batches(questions, options.batch, options.seed)
    for step in range(options.steps):
        ids, present = padded(next(source))
        seen, chosen = masked(ids, len(vocabulary), generator)
        loss = F.cross_entropy(head(encoder(seen, present)[chosen]), ids[chosen])
        for parameter in named.values():
            parameter.grad = None
        loss.backward()
        scale = min(1, (step + 1) / 100) * (1 - step / options.steps)
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * scale
        with torch.no_grad():
            for parameter, velocity in zip(matrices, momentum):
                velocity.mul_(0.95).add_(parameter.grad)
                update = orthogonalised(parameter.grad.add(velocity, alpha=0.95))
                rate = options.learning_rate * scale
                parameter.mul_(1 - rate * 0.05).add_(update, alpha=-rate * max(1, parameter.shape[0] / parameter.shape[1]) ** 0.5)
        optimizer.step()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} of {options.steps}, {time.time() - started:.0f} s, loss {running:.4f}", flush=True)
        if (step + 1) % 400 == 0:
            print("  validation", accuracy(encoder, head, validation), flush=True)
    measured = accuracy(encoder, head, validation)
    record = {key: str(value) for key, value in vars(options).items()}
    torch.save({"size": SIZE, "vocabulary": vocabulary, "weights": encoder.state_dict(), "head": head.state_dict(), "accuracy": measured, "options": record}, options.out / "encoder.pt")
    print("validation", measured, flush=True)


if __name__ == "__main__":
    main()
