"""What is shown of a curve: its points, its edges, the momentum that goes with it, and the numbers that sum it up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import dropwhile, islice, takewhile
from typing import Any, NamedTuple

from lrcore import Schedule
from lrcore._view.curve import drawn
from lrcore._view.summary import summary

_MARKS = 200
"""The edges that can be marked and still be told apart."""

_FOLLOWED = 20_000
"""The edges before a drawing that are passed over to find those in it."""


class Window(NamedTuple):
    """What of a run is drawn, and how wide.

    Args:
        total: the updates of the run.
        first: the first that is drawn.
        last: the last.
        pixels: the width.
        log: whether the axis of steps is logarithmic.
    """

    total: int
    first: int
    last: int
    pixels: int
    log: bool


def finite(rates: Sequence[float]) -> list[float | None]:
    """The values as JSON has them: a product may be beyond the largest float."""
    return list(rates) if all(map(math.isfinite, rates)) else [rate if math.isfinite(rate) else None for rate in rates]


def points(schedule: Schedule, window: Window) -> dict[str, Any]:
    """The steps and rates of a drawing."""
    steps, rates = drawn(schedule, window.first, window.last, window.pixels, log=window.log)
    return {"steps": steps, "rates": finite(rates)}


def edges(schedule: Schedule, window: Window) -> list[dict[str, Any]]:
    """The edges in a drawing; none where they are so dense that they would mark nothing."""
    ahead = islice(schedule._edges(), _FOLLOWED)
    inside = takewhile(lambda edge: edge.step <= window.last, dropwhile(lambda edge: edge.step < window.first, ahead))
    found = list(islice(inside, _MARKS + 1))
    if len(found) > _MARKS:
        return []
    return [
        {"step": step, "rate": _finite(schedule(step)), "kind": kind, "says": text}
        for step, kind, text in dict.fromkeys(found)
        if step > 0
    ]


def momentum(schedule: Schedule, window: Window) -> dict[str, Any] | None:
    """The momentum that goes with a cycle of the rate."""
    of_cycle = getattr(schedule, "momentum", None)
    if of_cycle is None:
        return None
    other: Schedule = of_cycle()
    return {"text": repr(other), **points(other, window)}


def summed_up(schedule: Schedule, total: int) -> dict[str, Any]:
    """The numbers that sum a run up."""
    found = summary(schedule, total)
    named = {"first": found.first, "peak": found.peak, "last": found.last, "end": found.after_end}
    return {
        **{name: point and {"step": point.step, "value": _finite(point.value)} for name, point in named.items()},
        "mean": _finite(found.mean),
        "area": _finite(found.area),
        "idle": found.idle,
    }


def _finite(rate: float) -> float | None:
    return rate if math.isfinite(rate) else None
