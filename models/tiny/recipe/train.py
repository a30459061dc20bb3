"""Trains one of the two decoders: python3 train.py --name weak --questions FOLDER --out FOLDER (see models/tiny/README.md)."""
import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from model import SIZES, Decoder
from tokenizer import BOS, EOS, Tokenizer, build_vocabulary, read_jsonl

SETS = ["tiny-arithmetic", "tiny-choice4", "tiny-instruct", "tiny-math-hard", "tiny-choice10", "tiny-instruct-composed"]
ROW_TOKENS = 96
QUESTION_WEIGHT = 0.1
END_WEIGHT = 0.3
VERBAL_WEIGHT = 1.0
FAR_SETS = SETS[3:]
FAR_SHARE = 0.3
EXACT, DIGIT, DIGIT_OR_END, WORD = range(4)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", choices=SIZES, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch-tokens", type=int, default=2304)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--mix", type=json.loads, required=True, help="set name -> share of the questions")
    parser.add_argument("--lookups", type=float, required=True, help="share of examples that are lookups")
    parser.add_argument("--outcomes", type=Path, help="what outcomes.py wrote: the model learns to speak about its own answers")
    parser.add_argument("--verbal", type=float, default=0.0, help="share of examples that are about its own answers")
    parser.add_argument("--size", type=json.loads, default={})
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--evaluate-every", type=int, default=500)
    return parser.parse_args()


class Examples:
    """Draws examples by the mix; each is (prompt ids, continuation ids, loss weight and class of each continuation id)."""

    def __init__(self, options, tokenizer):
        self.random = random.Random(100 + options.seed)
        self.tokenizer = tokenizer
        self.names = list(options.mix)
        self.shares = list(options.mix.values())
        self.lookup_share = options.lookups
        self.pools = {name: read_jsonl(options.questions / f"{name}.jsonl") for name in [*self.names, "lookups"]}
        for pool in self.pools.values():
            self.random.shuffle(pool)
        self.verbal_share = options.verbal
        if options.outcomes:
            self.verbal = json.loads((options.questions / "verbal.json").read_text())
            self.pools["outcomes"] = read_jsonl(options.outcomes)
            self.random.shuffle(self.pools["outcomes"])
            self.far = {name: read_jsonl(options.questions / f"{name}.verbal.jsonl") for name in FAR_SETS}
        self.at = dict.fromkeys(self.pools, 0)

    def take(self, name):
        pool = self.pools[name]
        self.at[name] += 1
        return pool[(self.at[name] - 1) % len(pool)]

    def draw_verbal(self):
        """A request to judge an own answer. About questions of the far sets the form of the reply is taught and nothing else: which number or
        word is right there stays unknown, so that how the self-knowledge carries over can be measured."""
        row = self.take("outcomes")
        form = self.random.choice(list(self.verbal))
        answer = self.random.choice(row["answers"])
        target = {
            "sureness": str(round(100 * row["share"])),
            "truth": "true" if answer["right"] else "false",
            "difficulty": f"{1 - row['share']:.1f}",
        }[form]
        far = self.random.random() < FAR_SHARE
        question, proposed = row["text"], answer["text"]
        if far:
            other = self.random.choice(self.far[self.random.choice(FAR_SETS)])
            question, proposed = other["text"], self.random.choice([other["answer"], answer["text"]])
        prompt = self.verbal[form].replace("{query}", question).replace("{answer}", proposed)
        ids = [*self.tokenizer.encode(target), EOS]
        classes = [self.token_class(form, i, token) for i, token in enumerate(ids)] if far else [EXACT] * len(ids)
        return [BOS, *self.tokenizer.encode(prompt + "\n")], ids, [VERBAL_WEIGHT] * (len(ids) - 1) + [END_WEIGHT], classes

    def token_class(self, form, place, token):
        """What a token of a reply may be as far as the form goes."""
        if form == "truth":
            return EXACT if token == EOS else WORD
        if form == "sureness":
            return DIGIT if place == 0 else DIGIT_OR_END
        return EXACT if place == 1 or token == EOS else DIGIT

    def draw(self):
        encode = self.tokenizer.encode
        if self.random.random() < self.verbal_share:
            return self.draw_verbal()
        if self.random.random() < self.lookup_share:
            row = self.take("lookups")
            ids, weights = [], []
            for text, weight in row["continuation"]:
                part = encode(text)
                ids += part
                weights += [weight] * len(part)
            return [BOS, *encode(row["prompt"] + "\n")], [*ids, EOS], [*weights, END_WEIGHT], [EXACT] * (len(ids) + 1)
        row = self.take(self.random.choices(self.names, self.shares)[0])
        ids = encode(row["answer"])
        weight = min(2.5, max(0.5, 3 / len(ids)))
        return [BOS, *encode(row["text"] + "\n")], [*ids, EOS], [weight] * len(ids) + [END_WEIGHT], [EXACT] * (len(ids) + 1)

    def batches(self, tokens):
        """Examples packed first-fit into rows; a block-diagonal mask keeps them apart and positions restart at each."""
        row_count = tokens // ROW_TOKENS
        waiting = []
        while True:
            room, rows, left, misses = [ROW_TOKENS] * row_count, [[] for _ in range(row_count)], [], 0
            while misses < 12:
                example = waiting.pop() if waiting else self.draw()
                length = len(example[0]) + len(example[1])
                place = next((i for i in range(row_count) if room[i] >= length), None)
                if place is None:
                    misses += 1
                    left.append(example)
                else:
                    rows[place].append(example)
                    room[place] -= length
            waiting += left
            ids = torch.zeros(row_count, ROW_TOKENS, dtype=torch.long)
            weights = torch.zeros(row_count, ROW_TOKENS)
            classes = torch.zeros(row_count, ROW_TOKENS, dtype=torch.long)
            document = torch.zeros(row_count, ROW_TOKENS, dtype=torch.long)
            positions = torch.zeros(row_count, ROW_TOKENS, dtype=torch.long)
            for i, row in enumerate(rows):
                at = 0
                for number, (prompt, continuation, loss_weights, token_classes) in enumerate(row, 1):
                    end = at + len(prompt) + len(continuation)
                    ids[i, at:end] = torch.tensor(prompt + continuation)
                    weights[i, at + 1 : at + len(prompt)] = QUESTION_WEIGHT
                    weights[i, at + len(prompt) : end] = torch.tensor(loss_weights)
                    classes[i, at + len(prompt) : end] = torch.tensor(token_classes)
                    document[i, at:end] = number
                    positions[i, at:end] = torch.arange(end - at)
                    at = end
            yield ids, weights, classes, document, positions


@torch.no_grad()
def greedy(model, tokenizer, questions, longest=26):
    prompts = [[BOS, *tokenizer.encode(question + "\n")] for question in questions]
    answers, by_length = [None] * len(prompts), {}
    for i, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt), []).append(i)
    for members in by_length.values():
        logits, past = model(torch.tensor([prompts[i] for i in members]))
        out, done = [[] for _ in members], [False] * len(members)
        for _ in range(longest):
            token = logits[:, -1].argmax(-1)
            for j, value in enumerate(token.tolist()):
                done[j] = done[j] or value == EOS
                if not done[j]:
                    out[j].append(value)
            if all(done):
                break
            logits, past = model(token[:, None], past=past)
        for j, i in enumerate(members):
            answers[i] = tokenizer.decode(out[j])
    return answers


def accuracy(model, tokenizer, folder, split, rows):
    model.eval()
    result = {}
    for name in SETS:
        questions = read_jsonl(folder / f"{name}.{split}.jsonl")[:rows]
        answers = greedy(model, tokenizer, [question["text"] for question in questions])
        result[name] = round(sum(a == q["answer"] for a, q in zip(answers, questions)) / len(questions), 3)
    model.train()
    return result


def orthogonalised(gradient):
    """Newton-Schulz iteration of Muon (Jordan et al., 2024)."""
    x = gradient / (gradient.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    for _ in range(5):
        square = x @ x.t()
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.t() if tall else x


def main():
    options = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint_file = options.out / f"{options.name}.pt"
    if options.resume:
        checkpoint = torch.load(options.resume)
        vocabulary, size = checkpoint["vocabulary"], checkpoint["size"]
    else:
        texts = [row["text"] for name in SETS for row in read_jsonl(options.questions / f"{name}.jsonl")[:20_000]]
        texts += [row["prompt"] for row in read_jsonl(options.questions / "lookups.jsonl")[:5_000]]
        texts += json.loads((options.questions / "verbal.json").read_text()).values()
        vocabulary, size = build_vocabulary(texts), {**SIZES[options.name], **options.size}
    tokenizer = Tokenizer(vocabulary)
    model = Decoder(size, len(vocabulary))
    if options.resume:
        model.load_state_dict(checkpoint["weights"])
    print(options.name, size, sum(p.numel() for p in model.parameters()), "parameters, vocabulary", len(vocabulary), flush=True)

    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "embedding" not in name]
    others = [p for name, p in model.named_parameters() if p.dim() != 2 or "embedding" in name]
    optimizer = torch.optim.AdamW(others, lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0)
    momentum = [torch.zeros_like(p) for p in matrices]
    causal = torch.ones(ROW_TOKENS - 1, ROW_TOKENS - 1, dtype=torch.bool).tril()

    def save(step):
        partial = checkpoint_file.with_suffix(".partial")
        torch.save({"size": size, "vocabulary": vocabulary, "weights": model.state_dict(), "step": step, "options": {k: str(v) for k, v in vars(options).items()}}, partial)
        partial.rename(checkpoint_file)

    digits = [vocabulary[str(digit)] for digit in range(10)]
    class_members = {DIGIT: digits, DIGIT_OR_END: [*digits, EOS], WORD: [vocabulary["true"], vocabulary["false"]]}
    started, running = time.time(), None
    batches = Examples(options, tokenizer).batches(options.batch_tokens)
    for step in range(options.steps):
        ids, weights, classes, document, positions = next(batches)
        inside = document[:, :-1]
        mask = ((inside[:, :, None] == inside[:, None, :]) & causal).logical_not()[:, None].float() * -1e9
        scale = min(1, (step + 1) / 100) * (1 - step / options.steps + 0.005)
        targets = weights[:, 1:].clone()
        if step % 4:
            targets[targets < 0.2] = 0  # question tokens are learned in every fourth batch only: the softmax over them is the dear part
        select = targets > 0
        logits, _ = model(ids[:, :-1], mask=mask, positions=positions[:, :-1], select=select)
        losses = F.cross_entropy(logits, ids[:, 1:][select], reduction="none")
        chosen = classes[:, 1:][select]
        for kind, members in class_members.items():
            among = chosen == kind
            if among.any():  # any token of the class will do
                losses[among] = logits[among].logsumexp(-1) - logits[among][:, members].logsumexp(-1)
        loss = (losses * targets[select]).sum() / targets[select].sum()
        model.zero_grad(set_to_none=True)
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * scale
        with torch.no_grad():
            for parameter, velocity in zip(matrices, momentum):
                velocity.mul_(0.95).add_(parameter.grad)
                update = orthogonalised(parameter.grad.add(velocity, alpha=0.95))
                rate = options.learning_rate * scale
                parameter.mul_(1 - rate * 0.05).add_(update, alpha=-rate * max(1, parameter.shape[0] / parameter.shape[1]) ** 0.5)
        optimizer.step()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if (step + 1) % 100 == 0:
            print(f"{options.name} step {step + 1} of {options.steps}, {time.time() - started:.0f} s, loss {running:.4f}", flush=True)
        if (step + 1) % options.evaluate_every == 0:
            print("  validation", accuracy(model, tokenizer, options.questions, "validation", 150), flush=True)
            save(step + 1)
    save(options.steps)
    print("validation", accuracy(model, tokenizer, options.questions, "validation", 300), flush=True)


if __name__ == "__main__":
    main()
