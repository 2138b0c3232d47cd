"""No learning rate is negative, though a schedule may be: where that can be known, it is refused at construction."""

from __future__ import annotations

from itertools import islice
from typing import Any

from lrcore import Schedule
from lrcore._arguments import refuse


def refuse_negative(owner: str, field: str, schedule: Schedule) -> None:
    """Refuse a schedule that is negative at one of the steps that are looked at."""
    for step in _looked_at(schedule):
        value: Any = schedule(step)
        if isinstance(value, float) and value < 0:
            refuse(owner, field, "0 or more at every step", schedule, hint=f"its value at step {step} is {value!r}")


def _looked_at(schedule: Schedule) -> list[int]:
    """The start, the first edges and the step before each, the end, and some steps on the way there."""
    length = schedule.length if isinstance(schedule.length, int) else None
    edges = schedule.edges(until=10_000 if length is None else min(length, 10_000))
    near = {int(getattr(edge, "step", edge)) for edge in islice(edges, 500)}
    way = {length * i // 64 for i in range(65)} if length else {0}
    return sorted(way | near | {step - 1 for step in near if step})
