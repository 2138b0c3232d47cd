"""The values that other systems' schedulers give, update by update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

BASE = 0.1
Curve = Callable[[int], list[float]]


def stepped(build: Callable[[Any], Any], key: str = "lr", base: float = BASE) -> Curve:
    """The values that a torch scheduler leaves in an optimizer whose own rate is `base`."""

    def curve(updates: int) -> list[float]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base, momentum=0.9)
        scheduler = build(optimizer)
        values = []
        for _ in range(updates):
            values.append(optimizer.param_groups[0][key])
            optimizer.step()
            scheduler.step()
        return values

    return curve


def called(schedule: Callable[[Any], Any]) -> Curve:
    """The values of a function of the step."""
    return lambda updates: [float(schedule(step)) for step in range(updates)]
