"""How PyTorch is verified: tensors of steps, and the rate that an optimizer applies, read out of a weight."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from lrcore import Schedule
from lrcore.modes import Steps, Values, of_rates
from lrcore_torch._scheduler import ScheduleLR


def tensors(schedule: Schedule, steps: Steps, device: str | None = None) -> Values:
    """The whole as one tensor of int64, in torch's default dtype where that is float32."""
    many = torch.tensor(steps.many, device=device)
    single = schedule(many, None if torch.get_default_dtype() == torch.float32 else "float32")
    return steps.many, single.cpu().numpy(), schedule(many, "float64").cpu().numpy()


@of_rates
def calls(schedule: Schedule, steps: Steps) -> Values:
    """Updates of float64 weights, each followed by `scheduler.step()`; the rates are Python floats."""
    return _seen(steps, (rate for run in steps.runs for rate in _calls(schedule, run)))


def _calls(schedule: Schedule, run: range) -> Iterator[float]:
    weight, optimizer = _sgd(0.5)
    scheduler = ScheduleLR(optimizer, schedule, step=run.start)
    for _ in run:
        yield _applied(weight, optimizer)
        scheduler.step()


@of_rates
def updates(schedule: Schedule, steps: Steps) -> Values:
    """Updates that the scheduler counts by itself; the rate is a tensor, as compiled and captured updates need it."""
    return _seen(steps, (rate for run in steps.runs for rate in _updates(schedule, run)))


def _updates(schedule: Schedule, run: range) -> Iterator[float]:
    weight, optimizer = _sgd(torch.tensor(0.5, dtype=torch.float64))
    scheduler = ScheduleLR(optimizer, schedule, count="updates", step=run.start)
    for _ in run:
        yield _applied(weight, optimizer)
    del scheduler  # its hooks live as long as it does


def _sgd(lr: Any) -> tuple[torch.Tensor, torch.optim.Optimizer]:
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.ones_like(weight)
    return weight, torch.optim.SGD([weight], lr=lr, foreach=False)


def _applied(weight: torch.Tensor, optimizer: torch.optim.Optimizer) -> float:
    """What an update subtracts from a weight of 0 at a gradient of 1: its rate."""
    with torch.no_grad():
        weight.zero_()
    optimizer.step()
    return -weight.item()


def _seen(steps: Steps, rates: Iterator[float]) -> Values:
    taken = [step for run in steps.runs for step in run]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that updates past the end train nothing is what is looked at here
        double = np.array(list(rates))
    return taken, double.astype(np.float32), double


MODES = {"PyTorch": tensors, "ScheduleLR": calls, "ScheduleLR, updates": updates}
if torch.cuda.is_available():
    MODES["PyTorch, CUDA"] = partial(tensors, device="cuda")
