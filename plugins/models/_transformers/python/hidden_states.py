"""Reads prompts with a decoder in transformers and returns the mean hidden states of each layer: python3 hidden_states.py SETTINGS.
Started by the backend `transformers`; needs torch and transformers. `python3 hidden_states.py --check` only reports the environment.

SETTINGS is JSON: folder, dtype, device, trustRemoteCode, pad. stdin receives batches, one line of JSON each: {"id", "rows": token ids of
each prompt, "logits", "hiddenStates"}; stdout returns one line per batch: {"event": "batch", "id", "rows"}, with float32 as base64.
The process exits at the end of stdin, even during a batch. It keeps no results: the harness stores them shard by shard.
"""
import base64
import inspect
import json
import os
import queue
import signal
import sys
import threading

lines = queue.SimpleQueue()


def listen():
    """Queues lines as they arrive. The end of stdin means that the model was closed or the harness has exited."""
    rest = b""
    while chunk := os.read(0, 2**16):  # not sys.stdin: its lock would be held when this process ends
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            lines.put(line)
    os._exit(0)


if sys.argv[1] != "--check":
    threading.Thread(target=listen, daemon=True).start()  # imports and loading weights take long

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the harness passes it on as SIGTERM
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # output of libraries must not mix with the answers


def say(event, **values):
    answers.write(json.dumps({"event": event, **values}) + "\n")
    answers.flush()


def fail(kind, error):
    say("error", kind=kind, problem=f"{type(error).__name__}: {error}")
    sys.exit(1)


try:
    import torch
except Exception as error:  # a broken install fails in many ways
    fail("torch", error)
try:
    import transformers
except Exception as error:
    fail("transformers", error)


def versions():
    return {"python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__}


def device_of(wanted):
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    mps = getattr(torch.backends, "mps", None)
    return torch.device("mps" if mps is not None and mps.is_available() else "cpu")


def load(settings):
    """The loaded model, in the precision of the checkpoint if dtype is auto."""
    dtype = settings["dtype"] if settings["dtype"] == "auto" else getattr(torch, settings["dtype"])
    major, minor = (int(part) for part in transformers.__version__.split(".")[:2])
    renamed = (major, minor) >= (4, 56)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        settings["folder"], local_files_only=True, trust_remote_code=settings["trustRemoteCode"], **{"dtype" if renamed else "torch_dtype": dtype}
    )
    return model.to(device_of(settings["device"])).eval()


class Reader:
    """Reads batches with one model."""

    def __init__(self, model, pad):
        self.model, self.pad = model, pad
        self.device = next(model.parameters()).device
        self.takes = set(inspect.signature(model.forward).parameters)

    @torch.no_grad()
    def forward(self, rows):
        """Padded on the left, so that the last position is the last token of every row."""
        width = max(map(len, rows))
        ids = torch.tensor([[self.pad] * (width - len(row)) + row for row in rows], device=self.device)
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=self.device)
        given = {"input_ids": ids, "attention_mask": mask, "output_hidden_states": True, "use_cache": False, "return_dict": True}
        if "position_ids" in self.takes:
            given["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)
        for name in ("logits_to_keep", "num_logits_to_keep"):  # logits of all positions would take gigabytes
            if name in self.takes:
                given[name] = 1
                break
        return self.model(**given), mask

    def read(self, rows, logits, hidden):
        """The outputs of each row. A batch that is too large for the device is halved; a row that is too large is a failed row."""
        try:
            out, mask = self.forward(rows)
            given = [{} for _ in rows]
            if hidden:
                for one, states in zip(given, self.means(out.hidden_states, mask)):
                    one["hidden"] = packed(states)
            if logits:
                for one, values in zip(given, out.logits[:, -1].float().cpu()):
                    one["logits"] = packed(values)
            return given
        except RuntimeError as error:  # torch's OutOfMemoryError is one
            if "out of memory" not in str(error).lower():
                raise
            problem = str(error).split("\n")[0]
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if len(rows) == 1:
            return [{"problem": f"{len(rows[0])} tokens do not fit: {problem}"}]
        half = len(rows) // 2
        return self.read(rows[:half], logits, hidden) + self.read(rows[half:], logits, hidden)

    @staticmethod
    def means(layers, mask):
        """[rows, layers, dim] in float32: the mean over the tokens of a row, padding left out."""
        weights = (mask / mask.sum(-1, keepdim=True)).float()
        # masked, not multiplied by 0: values at padding may be infinite
        pooled = [torch.einsum("rt,rtd->rd", weights, states.float().masked_fill(mask[:, :, None] == 0, 0)) for states in layers]
        return torch.stack(pooled, 1).cpu()


def packed(values):
    return base64.b64encode(values.contiguous().numpy().astype("<f4", copy=False).tobytes()).decode("ascii")


def main():
    if sys.argv[1] == "--check":
        return say("here", **versions(), device=str(device_of("auto")))
    settings = json.loads(sys.argv[1])
    try:
        model = load(settings)
        reader = Reader(model, settings["pad"])
        out, _ = reader.forward([[settings["pad"]]])  # shows the shapes of the outputs before the first request
    except Exception as error:  # for example not a model folder, or no such device
        fail("model", error)
    say("ready", **versions(), device=str(reader.device), dtype=str(model.dtype), layers=len(out.hidden_states), dim=out.hidden_states[0].shape[-1], vocabulary=out.logits.shape[-1])
    while True:
        batch = json.loads(lines.get())
        say("batch", id=batch["id"], rows=reader.read(batch["rows"], batch["logits"], batch["hiddenStates"]))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        say("error", kind="script", problem=f"{type(error).__name__}: {error}")
        raise
