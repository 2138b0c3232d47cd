"""What is told of a curve beside its drawing: the numbers that sum it up, its edges, its momentum."""

from __future__ import annotations

from typing import Any

from lrcore import Schedule
from lrcore._view.curve import drawn, marks
from lrcore._view.summary import summary

_EDGES = 200
"""The edges that can be marked and still be told apart."""


def told(schedule: Schedule, total: int, first: int, last: int, pixels: int) -> dict[str, Any]:
    """The summary of a run, the edges in it, and the momentum that goes with the rate, if there is one."""
    found = summary(schedule, total)
    return {
        "edges": [
            {"step": edge.step, "rate": schedule(edge.step), "kind": edge.kind, "says": edge.text}
            for edge in marks(schedule, last, _EDGES)
        ],
        "summary": {
            "first": found.first._asdict(),
            "peak": found.peak._asdict(),
            "last": found.last._asdict(),
            "end": None if found.after_end is None else found.after_end._asdict(),
            "mean": found.mean,
            "area": found.area,
            "idle": found.idle,
        },
        "momentum": _momentum(schedule, first, last, pixels),
    }


def _momentum(schedule: Schedule, first: int, last: int, pixels: int) -> dict[str, Any] | None:
    if not hasattr(schedule, "momentum"):
        return None
    momentum: Schedule = schedule.momentum()
    steps, rates = drawn(momentum, first, last, pixels)
    return {"text": repr(momentum), "steps": steps, "rates": rates}
