"""Two processes train one model in PyTorch, each update from four micro-batches; both use the same rates.

Real processes with gloo and `DistributedDataParallel`, started by this program. Each accumulates the gradients of two
micro-batches, and the two average theirs. `count="updates"` follows the updates that the optimizer really makes, so that
neither micro-batches nor processes can shift the schedule, and nobody needs to call `scheduler.step()`.

    python examples/two_processes_torch.py        (`make demo` installs what it needs)
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    import torch
    from sklearn.datasets import load_breast_cancer
    from torch import distributed, nn
    from torch.nn.parallel import DistributedDataParallel
except ModuleNotFoundError as missing:
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[torch]' scikit-learn") from None

from lrcore import Cosine
from lrcore_torch import ScheduleLR

PROCESSES, MICRO_BATCHES, SIZE, UPDATES = 2, 2, 16, 60
LR = Cosine(0.5, steps=UPDATES).warmup(6)


def batches(rank: int, x: torch.Tensor, y: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The micro-batches of one process: all take turns in one order."""
    order = torch.cat([torch.randperm(len(x), generator=torch.Generator().manual_seed(epoch)) for epoch in range(7)])
    for i in range(rank, UPDATES * MICRO_BATCHES * PROCESSES, PROCESSES):
        chosen = order[i * SIZE : (i + 1) * SIZE]
        yield x[chosen], y[chosen]


def train(rank: int) -> dict[str, Any]:
    """Train, and give the rates that this process used and what it reached."""
    x, y = (torch.from_numpy(array).float() for array in load_breast_cancer(return_X_y=True))
    x = (x - x.mean(0)) / x.std(0)
    torch.manual_seed(0)
    model = DistributedDataParallel(nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0)))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = ScheduleLR(optimizer, LR, count="updates")

    rates = []
    for i, (some_x, some_y) in enumerate(batches(rank, x, y)):
        last = (i + 1) % MICRO_BATCHES == 0
        with contextlib.nullcontext() if last else model.no_sync():  # the processes talk once an update
            loss = nn.functional.binary_cross_entropy_with_logits(model(some_x), some_y)
            (loss / MICRO_BATCHES).backward()
        if last:
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            optimizer.zero_grad()

    weights = nn.utils.parameters_to_vector(model.parameters())
    correct = ((model.module(x) > 0) == (y > 0.5)).double().mean().item()
    return {"rates": rates, "step": scheduler.last_epoch, "weights": weights.tolist(), "correct": correct}


def work(rank: int, rendezvous: str) -> None:
    """What each process does."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=PROCESSES)
    every: list[Any] = [None] * PROCESSES
    distributed.all_gather_object(every, train(rank))
    if rank == 0:
        report(*every)
    distributed.destroy_process_group()
    # Not a return: threads of gloo's that DistributedDataParallel leaves behind abort the interpreter's end at times
    sys.stdout.flush()
    os._exit(0)


def report(a: dict[str, Any], b: dict[str, Any]) -> None:
    print(f"lr = {LR!r}\n\nupdate  process 0               process 1")
    for step in (0, 1, 6, 33, UPDATES - 1):
        print(f"{step:6d}  {a['rates'][step]!r:24}{b['rates'][step]!r}")
    same = sum(a["rates"][step] == b["rates"][step] == LR(step) for step in range(UPDATES))
    print(
        f"\n{same} of {UPDATES} rates are the schedule's in both; the schedulers are at steps {a['step']} and {b['step']}"
    )
    print(f"the same weights in both: {a['weights'] == b['weights']}; accuracy {a['correct']:.1%}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rendezvous = (Path(folder) / "rendezvous").as_uri()
        torch.multiprocessing.spawn(work, (rendezvous,), nprocs=PROCESSES)


if __name__ == "__main__":
    main()
