"""Small optimizers, and updates that can be watched."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

Rates = list[float]


def sgd(groups: int = 1, **options: Any) -> torch.optim.SGD:
    """An optimizer of `groups` groups named "0", "1", ..., each of one parameter with a gradient."""
    parameters = [torch.nn.Parameter(torch.ones(1)) for _ in range(groups)]
    for parameter in parameters:
        parameter.grad = torch.ones(1)
    options = {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.01} | options
    return torch.optim.SGD([{"params": [p], "name": str(i)} for i, p in enumerate(parameters)], **options)


def record(optimizer: Any) -> list[Rates]:
    """A list that grows, at each update, by the rates that the groups had when it began."""
    used: list[Rates] = []

    def hook(optimizer: Any, args: Any, kwargs: Any) -> None:
        used.append([float(group["lr"]) for group in optimizer.param_groups])

    optimizer.register_step_pre_hook(hook)
    return used


def told(loop: Callable[[], Any]) -> list[str]:
    """What a loop is told by warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop()
    return [str(each.message) for each in caught]
