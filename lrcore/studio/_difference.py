"""Two curves, or a curve and a height: where they part, and how often one is above."""

from __future__ import annotations

import math
from typing import Any

from lrcore import Schedule
from lrcore._view.curve import drawn, evaluator

_LOOKED = 4_000
"""The pixels that a run is looked at in."""


def difference(a: Schedule, b: Schedule, first: int, last: int, pixels: int) -> dict[str, Any]:
    """By how much the second is above the first, the first step at which they differ, and the one where they do most."""
    steps = sorted({*drawn(a, first, last, pixels)[0], *drawn(b, first, last, pixels)[0]})
    left, right = evaluator(a), evaluator(b)
    rates = [right(float(step)) - left(float(step)) for step in steps]
    if not all(map(math.isfinite, rates)):
        raise ValueError("A difference needs finite rates, and one of these is beyond the largest float.")
    apart = [i for i, rate in enumerate(rates) if rate and steps[i] == int(steps[i])]
    if not apart:
        return {"steps": steps, "rates": rates, "first": None, "largest": None}
    begin = apart[0]
    low = next((int(steps[i]) for i in range(begin - 1, -1, -1) if steps[i] == int(steps[i])), int(steps[begin]) - 1)
    high = int(steps[begin])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if left(float(middle)) != right(float(middle)) else (middle, high)
    most = max(apart, key=lambda i: abs(rates[i]))
    return {
        "steps": steps,
        "rates": rates,
        "first": {"step": high, "rate": right(float(high)) - left(float(high))},
        "largest": {"step": int(steps[most]), "rate": rates[most]},
    }


def above(schedule: Schedule, rate: float, total: int) -> int:
    """How many of the updates 0 to total - 1 have a rate above `rate`."""
    if total == 1:
        return int(schedule(0) > rate)
    value = evaluator(schedule)
    steps, rates = drawn(schedule, 0, total - 1, _LOOKED)
    whole = [(int(step), found > rate) for step, found in zip(steps, rates, strict=True) if step == int(step)]
    count = 0
    for (step, over), (following, then_over) in zip(whole, [*whole[1:], (total, whole[-1][1])], strict=True):
        if over == then_over:
            count += (following - step) * over
            continue
        low, high = step, following
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if (value(float(middle)) > rate) == over else (low, middle)
        count += high - step if over else following - high
    return count
