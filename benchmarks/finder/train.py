"""Train every task at every peak, and sweep each: some 20 minutes of one core, written to results.json.

python benchmarks/finder/train.py
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tasks import HELD_OUT, OPTIMIZERS, TASKS, Task, begin, train

RESULTS = Path(__file__).with_name("results.json")

SEEDS = (1, 2, 3)
"""Of the full trainings."""

SHORT = 8
"""A short training of the grid has the updates of a full one over this."""

SWEEPS = {"sweeps": (1e-7, 10.0, 100, 5), "lightning": (1e-8, 1.0, 100, 5), "long": (1e-7, 10.0, 300, 3)}
"""Each kind of sweep: its lowest and highest rate, its updates, and how often, each time with another seed."""


def swept(task: Task, optimizer: str, low: float, high: float, updates: int, seed: int) -> list[float]:
    """The losses of a geometric sweep, up to the first that is not finite."""
    model, optimizer_, stream = begin(task, optimizer, seed)
    losses: list[float] = []
    for rate in np.geomspace(low, high, updates).tolist():
        inputs, targets = next(stream)
        optimizer_.param_groups[0]["lr"] = rate
        optimizer_.zero_grad()
        loss = task.loss(model(inputs), targets)
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            break
        loss.backward()
        optimizer_.step()
    return losses


def measured(task: Task, optimizer: str) -> dict[str, Any]:
    """Everything about one task and optimizer."""
    peaks = [2.0**power for power in OPTIMIZERS[optimizer][1]]
    found: dict[str, Any] = {"peaks": peaks}
    for name, (low, high, updates, times) in SWEEPS.items():
        found[name] = [swept(task, optimizer, low, high, updates, seed) for seed in range(10, 10 + times)]
    found["short"] = [train(task, optimizer, peak, task.steps // SHORT, 10) for peak in peaks]
    found["full"] = [[train(task, optimizer, peak, task.steps, seed) for peak in peaks] for seed in SEEDS]
    return found


def rounded(value: Any) -> Any:
    """Seven digits, and what JSON has no number for as text."""
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return float(f"{value:.7g}") if math.isfinite(value) else str(value)


def main() -> None:
    torch.set_num_threads(1)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, task in (TASKS | HELD_OUT).items():
        for optimizer in OPTIMIZERS:
            key = f"{name}, {optimizer}"
            if key in results:
                continue
            start = time.perf_counter()
            results[key] = rounded(measured(task, optimizer))
            RESULTS.write_text(json.dumps(results))
            print(f"{time.perf_counter() - start:4.0f} s  {key}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
