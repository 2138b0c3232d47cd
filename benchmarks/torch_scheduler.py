"""`ScheduleLR.step()` against torch's scheduler of the same curve: how many times faster, in alternating runs.

    python benchmarks/torch_scheduler.py

Each line is min / median / max over the rounds of one process; a round times both, one right after the other.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import lr_scheduler

from lrcore import Cosine, OneCycle
from lrcore_torch import ScheduleLR

T = 10**7
ROUNDS = 40
CYCLE = OneCycle(0.1, steps=T)


def sgd(groups: int) -> torch.optim.SGD:
    return torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(groups)], lr=0.1, momentum=0.9)


def sequential(optimizer: Any) -> Any:
    warmup = lr_scheduler.LinearLR(optimizer, 0.01, 1.0, total_iters=100)
    return lr_scheduler.SequentialLR(optimizer, [warmup, lr_scheduler.CosineAnnealingLR(optimizer, T - 100)], [100])


CURVES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "cosine": (
        lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T),
        lambda optimizer: ScheduleLR(optimizer, Cosine(0.1, steps=T)),
    ),
    "warmup, then cosine": (
        sequential,
        lambda optimizer: ScheduleLR(optimizer, Cosine(0.1, steps=T).warmup(100, start=0.001)),
    ),
    "one-cycle with momentum": (
        lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=T),
        lambda optimizer: ScheduleLR(optimizer, CYCLE, momentum=CYCLE.momentum()),
    ),
}


def ratios(theirs: Any, ours: Any, calls: int) -> list[float]:
    found = []
    for _ in range(ROUNDS):
        their_time = timeit.timeit(theirs.step, number=calls)
        found.append(their_time / timeit.timeit(ours.step, number=calls))
    return found


def main() -> None:
    for groups in (1, 64):
        for name, (torchs, lrcores) in CURVES.items():
            theirs, ours = torchs(sgd(groups)), lrcores(sgd(groups))
            for scheduler in (theirs, ours):
                for _ in range(200):
                    scheduler.optimizer.step()
                    scheduler.step()
            applied = [scheduler.optimizer.param_groups[0]["lr"] for scheduler in (theirs, ours)]
            assert abs(applied[0] - applied[1]) < 1e-9, "not the same curve"
            found = ratios(theirs, ours, 2000 if groups == 1 else 200)
            low, middle, high = min(found), statistics.median(found), max(found)
            print(f"{groups:3} groups  {name:24} {low:6.2f} {middle:6.2f} {high:6.2f} times faster (min, median, max)")


if __name__ == "__main__":
    main()
