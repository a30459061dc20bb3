"""Probes in PyTorch, for bench/train.ts: `loop` mixes layers example by example and makes each fused vector, `vector` whole batches at once.

python3 train-reference.py FILE LABELS ROWS LAYERS DIM KIND STYLE EPOCHS BATCH RATE
Prints {"seconds", "cpu", "loss"} as JSON; both times include reading, loss is the best validation loss.
"""
import json
import sys
import time

import numpy as np
import torch
from torch import nn

file, label_file = sys.argv[1:3]
rows, layers, dim = map(int, sys.argv[3:6])
kind, style = sys.argv[6:8]
epochs, batch, rate = int(sys.argv[8]), int(sys.argv[9]), float(sys.argv[10])
torch.manual_seed(1)


class Probe(nn.Module):
    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(layers))
        self.level = nn.Parameter(torch.tensor(1.0))
        if kind == "mlp":
            self.head = nn.Sequential(nn.Linear(dim, 256), nn.ReLU(), nn.Dropout(0.1), nn.Linear(256, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1))
        elif kind == "conv":
            self.conv = nn.Conv1d(dim, 32, 3, padding=1)
            self.head = nn.Linear(32, 1)
        else:
            self.head = nn.Linear(dim, 1)

    def weights(self, count):
        mean = torch.softmax(self.logits, 0)
        if kind == "softmax" or not self.training:
            return mean.expand(count, layers)
        return torch.distributions.Dirichlet(self.level.exp() * mean).rsample((count,))

    def fused(self, states):
        if kind == "last":
            return states[:, -1]
        if kind == "mean":
            return torch.stack([one.mean(0) for one in states]) if style == "loop" else states.mean(1)
        if style == "vector":
            return torch.einsum("bl,bld->bd", self.weights(len(states)), states)
        return torch.stack([(self.weights(1)[0].unsqueeze(1) * one).sum(0) for one in states])

    def forward(self, states):
        if kind == "mlp":
            return self.head(states[:, 0]).squeeze(1)
        if kind == "conv":
            return self.head(torch.relu(self.conv(states.transpose(1, 2))).mean(2)).squeeze(1)
        return self.head(self.fused(states)).squeeze(1)


start, before = time.perf_counter(), time.process_time()
states = torch.from_numpy(np.fromfile(file, dtype=np.float32).reshape(rows, layers, dim))
labels = torch.from_numpy(np.fromfile(label_file, dtype=np.float32))
cut = rows - rows // 5
model = Probe()
optimizer = torch.optim.Adam(model.parameters(), lr=rate)
schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=5)
cost = nn.BCEWithLogitsLoss()
best = float("inf")
for _ in range(epochs):
    model.train()
    order = torch.randperm(cut)
    for index in order.split(batch):
        optimizer.zero_grad()
        cost(model(states[index]), labels[index]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        loss = sum(cost(model(states[at : at + batch]), labels[at : at + batch]).item() * len(labels[at : at + batch]) for at in range(cut, rows, batch)) / (rows - cut)
    schedule.step(loss)
    best = min(best, loss)
print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - before, "loss": best}))
