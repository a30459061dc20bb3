"""Probes in PyTorch, for bench/train.ts. `upstream`: a data set that copies one example after the other into a tensor, stacked to batches by a
loader with every epoch, layers weighed by a product and a sum over whole states. `vector`: batches by index, layers weighed by one contraction.

python3 train-reference.py FILE LABELS ROWS LAYERS DIM KIND STYLE EPOCHS BATCH RATE [START]
START holds the head's first weights and biases as float32, layer after layer; without it PyTorch draws them.
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
            return states if style == "upstream" else states[:, -1]
        if kind == "mean":
            return states.mean(1)
        if style == "vector":
            return torch.einsum("bl,bld->bd", self.weights(len(states)), states)
        return torch.sum(states * self.weights(len(states)).unsqueeze(-1), dim=1)

    def forward(self, states):
        if kind == "mlp":
            return self.head(states[:, 0]).squeeze(1)
        if kind == "conv":
            return self.head(torch.relu(self.conv(states.transpose(1, 2))).mean(2)).squeeze(1)
        return self.head(self.fused(states)).squeeze(1)


class Examples(torch.utils.data.Dataset):
    """One example after the other, converted whenever it is asked for."""

    def __init__(self, first, last):
        self.data = [(states[i], labels[i]) for i in range(first, last)]

    def __len__(self):
        return len(self.data)

    def __getitem__(self, at):
        own, label = self.data[at]
        own = torch.tensor(own, dtype=torch.float32)
        return (own[-1] if kind == "last" else own), torch.tensor(label, dtype=torch.float32)


def batches(first, last, shuffle):
    if style == "upstream":
        return torch.utils.data.DataLoader(Examples(first, last), batch_size=batch, shuffle=shuffle)
    order = first + (torch.randperm(last - first) if shuffle else torch.arange(last - first))
    return ((states[index], labels[index]) for index in order.split(batch))


start, before = time.perf_counter(), time.process_time()
states = np.fromfile(file, dtype=np.float32).reshape(rows, layers, dim)
labels = np.fromfile(label_file, dtype=np.float32)
if style == "vector":
    states, labels = torch.from_numpy(states), torch.from_numpy(labels)
cut = rows - rows // 5
model = Probe()
if len(sys.argv) > 11:
    first = torch.from_numpy(np.fromfile(sys.argv[11], dtype=np.float32))
    nn.utils.vector_to_parameters(first, model.head.parameters())
optimizer = torch.optim.Adam(model.parameters(), lr=rate)
schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=5)
cost = nn.BCEWithLogitsLoss()
best = float("inf")
for _ in range(epochs):
    model.train()
    for own, wanted in batches(0, cut, True):
        optimizer.zero_grad()
        cost(model(own), wanted).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        loss = sum(cost(model(own), wanted).item() * len(wanted) for own, wanted in batches(cut, rows, False)) / (rows - cut)
    schedule.step(loss)
    best = min(best, loss)
print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - before, "loss": best}))
