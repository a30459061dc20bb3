"""Fine-tunes a DeBERTa classifier on token ids and labels: python3 finetune.py JOB.json. Started by `rxb finetune`; needs torch only.
python3 finetune.py --check FOLDER only looks whether that can be done.

Says how it goes in one line of JSON each on stdout. SIGTERM: it keeps its state in the work folder after the batch in hand, and the
same job goes on from there, to the same weights. What it writes: OUT/onnx/model.onnx, OUT/model.safetensors, OUT/config.json.
"""
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

STOPPED = 75  # exit status
KEEP_SECONDS = 300
TELL_SECONDS = 0.25
stopping = False


def say(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)


def stop(*_):
    global stopping
    stopping = True


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the harness passes it on as SIGTERM

try:
    import torch
    import torch.nn.functional as F
except Exception as error:  # a broken install fails in many ways
    say("error", kind="torch", problem=f"{type(error).__name__}: {error}")
    sys.exit(1)

import deberta  # noqa: E402
import onnx_deberta  # noqa: E402
import safetensors_file  # noqa: E402


def batch_of(rows, pad, device):
    width = max(len(row["ids"]) for row in rows)
    ids = torch.tensor([row["ids"] + [pad] * (width - len(row["ids"])) for row in rows])
    mask = torch.tensor([[1] * len(row["ids"]) + [0] * (width - len(row["ids"])) for row in rows])
    return ids.to(device), mask.to(device), torch.tensor([row["label"] for row in rows]).to(device)


def groups(count, size):
    return [range(at, min(at + size, count)) for at in range(0, count, size)]


@torch.no_grad()
def logits_of(model, rows, job, device):
    """Logits [rows, 2] as in scoring."""
    model.eval()
    pad = model.deberta.size.pad
    return torch.cat([model(*batch_of([rows[i] for i in some], pad, device)[:2]).float().cpu() for some in groups(len(rows), job["batchSize"])])


def loss_of(model, rows, job, device):
    return F.cross_entropy(logits_of(model, rows, job, device), torch.tensor([row["label"] for row in rows])).item()


def compare(model, config, rows, job, device):
    """Where transformers is installed, its reading of the same weights must give the same hidden states and logits."""
    try:
        import transformers
        from transformers import DebertaV2Config, DebertaV2ForSequenceClassification
    except Exception:  # absent, or made for another torch
        return None
    theirs = DebertaV2ForSequenceClassification(DebertaV2Config(**{**config, "num_labels": deberta.CLASSES}))
    lacking = [name for name in theirs.load_state_dict(model.state_dict(), strict=False).missing_keys if "position_ids" not in name]
    if lacking:
        raise deberta.Refused(f"transformers {transformers.__version__} wants weights that are not there, such as {lacking[0]}")
    theirs.to(device).eval()
    ids, mask, _ = batch_of(rows, model.deberta.size.pad, device)
    model.eval()
    with torch.no_grad():
        states = (theirs.deberta(input_ids=ids, attention_mask=mask).last_hidden_state - model.deberta(ids, mask)) * mask[:, :, None]
        logits = theirs(input_ids=ids, attention_mask=mask).logits - model(ids, mask)
    gap = max(states.abs().max().item(), logits.abs().max().item())
    if not gap < 1e-3:
        raise deberta.Refused(f"transformers {transformers.__version__} reads it otherwise: hidden states or logits differ by {gap:.2g}")
    return {"version": transformers.__version__, "gap": gap}


def optimiser_of(model, job):
    """AdamW; biases and norms do not decay."""
    decays = [parameter for name, parameter in model.named_parameters() if not name.endswith("bias") and "LayerNorm" not in name]
    stays = [parameter for name, parameter in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
    return torch.optim.AdamW([{"params": decays, "weight_decay": job["weightDecay"]}, {"params": stays, "weight_decay": 0.0}], lr=job["learningRate"])


class State:
    """All that is needed to go on after a batch as if nothing had happened."""

    def __init__(self, job, model, optimiser, device):
        self.file, self.model, self.optimiser, self.device = Path(job["work"]) / "state.pt", model, optimiser, device
        self.at = {"epoch": 0, "batch": 0, "step": 0, "sum": 0.0, "trainLosses": [], "validationLosses": [], "bestEpoch": 0}
        self.best, self.kept = None, time.monotonic()

    def load(self):
        if not self.file.exists():
            return
        try:
            stored = torch.load(self.file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"the state in {self.file} cannot be read ({error}); remove it to begin anew") from error
        self.at, self.best = json.loads(stored["at"]), stored["best"]
        self.model.load_state_dict(stored["model"])
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": stored["moments"]})
        torch.set_rng_state(stored["chance"])
        if self.device.type == "cuda" and stored["deviceChance"] is not None:
            torch.cuda.set_rng_state(stored["deviceChance"])

    def save(self):
        moments = self.optimiser.state_dict()["state"]
        # numbers as text: the safe loader of torch 1.13 knows no floats
        stored = {"at": json.dumps(self.at), "best": self.best, "model": self.model.state_dict(), "moments": moments, "chance": torch.get_rng_state()}
        stored["deviceChance"] = torch.cuda.get_rng_state() if self.device.type == "cuda" else None
        temporary = self.file.with_suffix(".tmp")
        torch.save(stored, temporary)
        os.replace(temporary, self.file)
        self.kept = time.monotonic()

    def look(self):
        """Keeps the state when asked to stop, and now and then."""
        if stopping or time.monotonic() - self.kept > KEEP_SECONDS:
            self.save()
        if stopping:
            say("stopped")
            sys.exit(STOPPED)


def train_epoch(model, optimiser, state, rows, job, device):
    """Goes on within the epoch where the state says; the learning rate falls to 0 over all steps."""
    at = state.at
    order = list(range(len(rows)))
    random.Random(f"{job['seed']} {at['epoch']}").shuffle(order)
    batches = groups(len(rows), job["batchSize"])
    total, told = job["epochs"] * len(batches), 0.0
    model.train()
    for batch in batches[at["batch"] :]:
        ids, mask, labels = batch_of([rows[order[i]] for i in batch], model.deberta.size.pad, device)
        for group in optimiser.param_groups:
            group["lr"] = job["learningRate"] * (1 - at["step"] / total)
        optimiser.zero_grad()
        loss = F.cross_entropy(model(ids, mask), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        at["batch"], at["step"], at["sum"] = at["batch"] + 1, at["step"] + 1, at["sum"] + loss.item() * len(batch)
        if time.monotonic() - told > TELL_SECONDS or at["batch"] == len(batches):
            told = time.monotonic()
            say("batch", epoch=at["epoch"] + 1, epochs=job["epochs"], step=at["step"], steps=total)
        state.look()


def train(model, parts, job, device, facts):
    optimiser = optimiser_of(model, job)
    state = State(job, model, optimiser, device)
    state.load()
    at = state.at
    say("start", torch=torch.__version__, device=str(device), step=at["step"], **facts)
    while at["epoch"] < job["epochs"]:
        train_epoch(model, optimiser, state, parts["train"], job, device)
        trained, held = at["sum"] / len(parts["train"]), loss_of(model, parts["validation"], job, device)
        if not (trained + held < float("inf")):
            raise ValueError(f"the loss of epoch {at['epoch'] + 1} is not a finite number; lower --learning-rate")
        at["trainLosses"].append(trained)
        at["validationLosses"].append(held)
        at["epoch"], at["batch"], at["sum"] = at["epoch"] + 1, 0, 0.0
        if held <= min(at["validationLosses"]):
            at["bestEpoch"] = at["epoch"]
            state.best = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        say("epoch", epoch=at["epoch"], epochs=job["epochs"], trainLoss=trained, validationLoss=held)
        state.look()
    model.load_state_dict(state.best)
    return at


def check(folder):
    deberta.load(folder, 0)
    say("ready", torch=torch.__version__, python=sys.version.split()[0])


def main():
    if sys.argv[1] == "--check":
        return check(sys.argv[2])
    job = json.loads(Path(sys.argv[1]).read_text())
    with open(job["rows"]) as file:
        rows = [json.loads(line) for line in file]
    parts = {part: [row for row in rows if row["part"] == part] for part in ("train", "validation")}
    wanted = job["device"]
    device = torch.device("cuda" if wanted == "auto" and torch.cuda.is_available() else "cpu" if wanted == "auto" else wanted)
    model, config, had_head = deberta.load(job["base"], job["seed"])
    largest = max(max(row["ids"]) for row in rows)
    if largest >= model.deberta.size.vocabulary:
        raise deberta.Refused(f"its tokenizer gives token {largest}, its vocabulary ends at {model.deberta.size.vocabulary - 1}")
    model.to(device)
    shown = parts["validation"][: job["checkRows"]]
    reference = compare(model, config, shown, job, device)
    torch.manual_seed(job["seed"])
    at = train(model, parts, job, device, {"reference": reference, "hadHead": had_head})
    checked = logits_of(model, shown, job, device).tolist()
    out = Path(job["out"])
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    model.to("cpu")
    onnx_deberta.export(model, out / "onnx" / "model.onnx")
    safetensors_file.write(out / "model.safetensors", model.state_dict())
    for name in ("num_labels", "id2label", "label2id"):
        config.pop(name, None)
    labels = {"id2label": {"0": "strong", "1": "weak"}, "label2id": {"strong": 0, "weak": 1}}
    (out / "config.json").write_text(json.dumps({**config, "architectures": ["DebertaV2ForSequenceClassification"], **labels}, indent=1) + "\n")
    say("done", **{name: at[name] for name in ("trainLosses", "validationLosses", "bestEpoch")}, checked=checked)


if __name__ == "__main__":
    try:
        main()
    except deberta.Refused as error:
        say("error", kind="base", problem=str(error))
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        say("error", kind="script", problem=f"{type(error).__name__}: {error}")
        raise
