"""Two real gloo processes: each trains, and writes the rates that its updates used and that its client logged."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from lrcore import Cosine
from lrcore_torch import ScheduleLR, find_lr
from torch_helpers import record

LR = Cosine(0.01, steps=20).warmup(4)
POINTS = [(torch.full((2,), i / 48), torch.tensor([i / 24])) for i in range(48)]


def plain(count: str) -> tuple[list[Any], list[float]]:
    model = DistributedDataParallel(torch.nn.Linear(2, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    used, logged = record(optimizer), []
    scheduler = ScheduleLR(optimizer, LR, count=count)
    for x, y in POINTS[torch.distributed.get_rank() :: 2]:
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        logged.append(scheduler.get_last_lr()[0])
        scheduler.step()
        optimizer.zero_grad()
    return used, logged


def accelerated(count: str) -> tuple[list[Any], list[float]]:
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    assert accelerator.num_processes == 2
    model = torch.nn.Linear(2, 1)
    inner = torch.optim.AdamW(model.parameters(), lr=1.0)
    used, logged = record(inner), []
    model, optimizer, scheduler, loader = accelerator.prepare(
        model, inner, ScheduleLR(inner, LR, count=count), DataLoader(POINTS, batch_size=2)
    )
    for x, y in loader:
        with accelerator.accumulate(model):
            accelerator.backward(torch.nn.functional.mse_loss(model(x), y))
            optimizer.step()
            if accelerator.sync_gradients:
                logged.append(scheduler.get_last_lr()[0])
            scheduler.step()
            optimizer.zero_grad()
    return used, logged


class Trainer:
    """What a Trainer of Hugging Face's has, without its import: a model that it wraps only when it trains."""

    args = SimpleNamespace(gradient_accumulation_steps=1, max_grad_norm=0.0)
    optimizer = None

    def __init__(self, batches: Any) -> None:
        torch.manual_seed(0)
        self.model = torch.nn.Linear(2, 1)
        self._batches = batches

    def create_optimizer(self) -> Any:
        return torch.optim.AdamW(self.model.parameters(), lr=1.0)

    def get_train_dataloader(self) -> Any:
        return self._batches

    def compute_loss_context_manager(self) -> Any:
        return contextlib.nullcontext()

    def compute_loss(self, model: Any, batch: Any) -> Any:
        return torch.nn.functional.mse_loss(model(batch[0]), batch[1])


def found() -> dict[str, Any]:
    """A sweep in which each rank has its own batches, and whether anything of the training changed."""
    torch.manual_seed(0)
    model = DistributedDataParallel(torch.nn.Linear(2, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    mine = [(x[None] + i, y[None]) for i, (x, y) in enumerate(POINTS[torch.distributed.get_rank() :: 2])]
    before = [p.tolist() for p in model.parameters()]
    sweep = find_lr(model, optimizer, torch.nn.functional.mse_loss, mine, high=1e4, show=False)
    after = [p.tolist() for p in model.parameters()]
    trainers = find_lr(Trainer(mine), high=1e4, show=False)
    return {
        "sweep": sweep.to_dict(),
        "trainer": trainers.to_dict(),
        "same": before == after and not optimizer.state,
        "first": len(mine),
    }


if __name__ == "__main__":
    _, how, count, folder = sys.argv
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo")
    used, logged = {"plain": plain, "accelerate": accelerated}[how](count)
    result: dict[str, Any] = {"used": used, "logged": logged}
    if (how, count) == ("plain", "updates"):
        result |= {"found": found()}
    Path(folder, f"{torch.distributed.get_rank()}.json").write_text(json.dumps(result))
    torch.distributed.destroy_process_group()
    os._exit(0)  # threads of gloo's that DistributedDataParallel leaves behind abort the interpreter's own end at times
