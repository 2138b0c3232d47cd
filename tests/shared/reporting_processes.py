"""Two real gloo processes, each of which reports a metric: what both decided, or the error that both met."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from lrcore import Constant
from lrcore.plateau import Plateau
from lrcore_torch import ScheduleLR


def made() -> tuple[Any, Any]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    return optimizer, ScheduleLR(optimizer, Constant(1.0), plateau=Plateau(factor=0.5, patience=1))


def reported(reports: list[list[float]], **options: Any) -> list[float] | str:
    """The scale after each report of this process, or the error."""
    optimizer, scheduler = made()
    scales = []
    for pair in reports:
        optimizer.step()
        try:
            scheduler.report(pair[torch.distributed.get_rank()], name="val_loss", **options)
        except ValueError as error:
            return str(error)
        scales.append(scheduler.scale)
    return scales


def accelerated() -> list[float]:
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    assert accelerator.num_processes == 2
    inner, made_scheduler = made()
    optimizer, scheduler = accelerator.prepare(inner, made_scheduler)
    scales = []
    for _ in range(6):
        optimizer.step()
        scheduler.step(1.0)  # which accelerate calls once for each process
        scales.append(made_scheduler.scale)
    return scales


if __name__ == "__main__":
    _, folder = sys.argv
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo")
    nan = float("nan")
    result = {
        "equal": reported([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]),
        "nan": reported([[nan, nan], [nan, nan]]),
        "unequal": reported([[1.0, 1.5]]),
        "mean": reported([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]], reduce="mean"),
        "max": reported([[1.0, 3.0], [2.0, 2.5], [2.0, 2.5]], reduce="max"),
        "own": reported([[1.0, 3.0], [9.0, 3.0], [9.0, 3.0]], reduce=lambda values: values[1]),
        "accelerate": accelerated(),
    }
    Path(folder, f"{torch.distributed.get_rank()}.json").write_text(json.dumps(result))
    torch.distributed.destroy_process_group()
    os._exit(0)  # threads of gloo's that are left behind abort the interpreter's own end at times
