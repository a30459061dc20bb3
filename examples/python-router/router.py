"""A router that learns: logistic regression on features of the query and on the log-probabilities of the weak model's answer."""

import math

from protocol import receive, named_tensors, send, signals, tensors

NAME = "python-logistic"
NEEDS = [{"kind": "answer", "key": "answer", "params": {}}]
SCHEMA = {
    "type": "object",
    "properties": {"epochs": {"type": "integer", "minimum": 1, "default": 200, "description": "steps of gradient descent"}},
    "additionalProperties": False,
}
DEFINITION = {
    "name": NAME,
    "summary": "Logistic regression on the query's shape and the answer's log-probability, in Python",
    "formula": "w · z + b over five z-scored features",
    "source": "an example of this repository",
    "cost": "the weak model's answer",
    "calibrated": "logit",
}


def features(text, answer):
    """Five numbers of a query and its answer."""
    logprobs = answer["tokenLogprobs"] or [0.0]
    digits = sum(letter.isdigit() for letter in text)
    return [len(text), len(text.split()), digits, sum(logprobs) / len(logprobs), min(logprobs)]


def rows_of(header, payload):
    return [features(text, answer) for text, answer in zip(header["texts"], signals(header, payload, "answer"))]


def logit(state, row):
    return state["bias"][0] + sum(w * (x - m) / s for w, x, m, s in zip(state["weights"], row, state["means"], state["spreads"]))


class Refused(Exception):
    """Invalid options, with their path."""


class Router:
    def __init__(self):
        self.epochs = 200
        self.state = None

    def open(self, header, _payload):
        if header["router"] != NAME:
            raise ValueError(f"there is no router {header['router']!r} here")
        options = header["options"]
        for key in options:
            if key != "epochs":
                raise Refused(key, "this option does not exist")
        epochs = options.get("epochs", 200)
        if not isinstance(epochs, int) or isinstance(epochs, bool) or epochs < 1:
            raise Refused("epochs", "it must be a whole number of at least 1")
        self.epochs = epochs
        send({"type": "opened", "options": {"epochs": epochs}, "needs": NEEDS, "fitted": True})

    def fit(self, _header, _payload):
        rows, labels = [], []
        while True:
            send({"type": "next", "reader": 0, "part": "train"})
            header, payload = receive()
            if header["type"] == "stop":
                raise RuntimeError("stopped")
            if not header["texts"]:
                break
            rows += rows_of(header, payload)
            labels += header["labels"]
        columns = list(zip(*rows))
        means = [sum(column) / len(column) for column in columns]
        spreads = [math.sqrt(sum((x - m) ** 2 for x in column) / len(column)) or 1.0 for column, m in zip(columns, means)]
        self.state = {"weights": [0.0] * len(columns), "bias": [0.0], "means": means, "spreads": spreads}
        for epoch in range(1, self.epochs + 1):
            gradient, shift, loss = [0.0] * len(columns), 0.0, 0.0
            for row, label in zip(rows, labels):
                value = logit(self.state, row)
                probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
                loss -= math.log(probability if label else 1 - probability)
                shift += probability - label
                for i, (x, m, s) in enumerate(zip(row, means, spreads)):
                    gradient[i] += (probability - label) * (x - m) / s
            self.state["weights"] = [w - g / len(rows) for w, g in zip(self.state["weights"], gradient)]
            self.state["bias"] = [self.state["bias"][0] - shift / len(rows)]
            if epoch % 50 == 0:
                send({"type": "progress", "epoch": epoch, "epochs": self.epochs, "trainLoss": loss / len(rows)})
        described, payload = tensors(self.state)
        send({"type": "fitted", "meta": {"rows": len(rows)}, "tensors": described}, payload)

    def restore(self, header, payload):
        state = named_tensors(header, payload)
        missing = {"weights", "bias", "means", "spreads"} - state.keys()
        if missing:
            raise ValueError(f"the weights have no {', '.join(sorted(missing))}")
        self.state = state
        send({"type": "restored"})

    def score(self, header, payload):
        send({"type": "scored", "confidences": [logit(self.state, row) for row in rows_of(header, payload)]})

    def describe(self, _header, _payload):
        send({"type": "described", "plugins": [{"kind": "router", "api": 1, "definition": DEFINITION, "options": SCHEMA, "needs": NEEDS}]})


def main():
    router = Router()
    while True:
        frame = receive()
        if frame is None:
            return
        header, payload = frame
        if header["type"] == "stop":
            continue
        try:
            getattr(router, header["type"])(header, payload)
        except Refused as refused:
            path, problem = refused.args
            send({"type": "refused", "mistakes": [{"path": path, "problem": problem}]})
        except Exception as error:  # the harness reports it to the user
            send({"type": "failed", "message": f"{type(error).__name__}: {error}"})


main()
