"""The paired bootstrap of some metrics with numpy and scikit-learn, as one would write it: rows are taken by index and sorted again in each resample."""
import json, sys, time
import numpy as np
from sklearn.metrics import roc_auc_score

folder, n, routers, resamples = sys.argv[1], *map(int, sys.argv[2:5])
weak, strong = (np.fromfile(f"{folder}/{name}.f64") for name in ("weak", "strong"))
confidences = np.fromfile(f"{folder}/confidences.f64").reshape(routers, n)
rng = np.random.default_rng(1)
grid = (np.linspace(0, 1, 101) * n).astype(int)
rates = np.linspace(0, 1, 101)
low = (rates >= 0.25) & (rates <= 0.3)


def measure(w, s, f):
    area = roc_auc_score(w, f)
    curve = np.concatenate([[0.0], np.cumsum((s - w)[np.argsort(f)])]) / n + w.mean()
    points = curve[grid]
    gap = s.mean() - w.mean()
    between = (points >= w.mean() + 0.85 * gap) & (points <= w.mean() + 0.95 * gap)
    risk = np.mean(np.cumsum(1 - w[np.argsort(-f)]) / np.arange(1, n + 1))
    return [area, points[low].mean(), 1 - rates[between].mean(), (np.trapz(curve) / n - w.mean()) / gap, risk]


start = time.process_time()
values = np.empty((resamples, routers, 5))
for b in range(resamples):
    rows = rng.integers(0, n, n)
    for r in range(routers):
        values[b, r] = measure(weak[rows], strong[rows], confidences[r, rows])
print(json.dumps({"seconds": time.process_time() - start, "low": np.percentile(values[:, 0, 0], 2.5), "high": np.percentile(values[:, 0, 0], 97.5)}))
