"""Two curves, or a curve and a height: where they part, and how often one is above."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from lrcore import Schedule
from lrcore._view.curve import drawn, evaluator
from lrcore._view.summary import first_where, top
from lrcore.studio._curve import Window, finite

_LOOKED = 4_000
"""The pixels that a whole run is looked at in."""


def difference(a: Schedule, b: Schedule, window: Window) -> dict[str, Any]:
    """By how much the second curve is above the first, and of the whole run where they part, and where they do most."""
    left, right = evaluator(a), evaluator(b)

    def apart(step: float) -> float:
        return right(float(step)) - left(float(step))

    several = (drawn(lr, window.first, window.last, window.pixels, log=window.log)[0] for lr in (a, b))
    steps = sorted(set().union(*several))
    whole = sorted({int(step) for lr in (a, b) for step in drawn(lr, 0, window.total, _LOOKED)[0]})
    found = [abs(apart(step)) for step in whole]
    first = first_where(apart, whole, found, bool)
    most = None if first is None else top(lambda step: abs(apart(step)), whole, found).step
    return {
        "steps": steps,
        "rates": finite([apart(step) for step in steps]),
        "first": _read(apart, first),
        "largest": _read(apart, most),
    }


def _read(apart: Callable[[float], float], step: int | None) -> dict[str, Any] | None:
    return None if step is None else {"step": step, "rate": finite([apart(step)])[0]}


def above(schedule: Schedule, rate: float, total: int) -> int:
    """How many of the updates 0 to total - 1 have a rate above `rate`."""
    steps, rates = drawn(schedule, 0, total, _LOOKED)
    value = evaluator(schedule)
    known = [(int(step), found > rate) for step, found in zip(steps, rates, strict=True) if step == int(step)]
    count = 0
    for (step, over), (following, then_over) in pairwise(known):
        low, high = (step, following) if over != then_over else (following, following)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if (value(float(middle)) > rate) == over else (low, middle)
        count += high - step if over else following - high
    return count
