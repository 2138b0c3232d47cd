"""Corrected schedules: the same one with another length, which keeps its warmup, or with another peak."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from lrcore._compositions.clock import PerEpoch
from lrcore._compositions.product import Pointwise
from lrcore._compositions.samples import PerSample
from lrcore._compositions.sequence import Sequence
from lrcore._compositions.warmup import Warmup
from lrcore._families.decay import Decay
from lrcore._families.one_cycle import OneCycle
from lrcore._schedule import Schedule


def lasting(schedule: Schedule, total: int) -> Schedule | None:
    """The schedule with `total` steps in all: a decay becomes longer and its warmup stays; others are stretched.

    >>> from lrcore import Cosine
    >>> lasting(Cosine(0.1, steps=100).warmup(5), 1_000)
    Cosine(0.1, steps=1000).warmup(5)
    """
    changes: dict[str, Any] = {}
    try:
        if isinstance(schedule, Decay | OneCycle):
            changes["steps"] = total
        elif (isinstance(schedule, Warmup) and isinstance(schedule.schedule, Decay | Pointwise)) or isinstance(
            schedule, Pointwise
        ):
            changes["schedule"] = lasting(schedule.schedule, total)
        elif isinstance(schedule, Sequence) and isinstance(schedule.schedules[-1], Decay):
            *first, last = schedule.schedules
            changes["schedules"] = (*first, lasting(last, total - schedule.boundaries[-1]))
        elif isinstance(schedule, PerEpoch) and total % schedule.steps_per_epoch == 0:
            changes["schedule"] = lasting(schedule.schedule, total // schedule.steps_per_epoch)
        elif isinstance(schedule, PerSample):
            changes["schedule"] = lasting(schedule.schedule, schedule.samples_at(total))
        else:
            return schedule.stretch(total)
        return None if changes.get("schedule", 0) is None else replace(schedule, **changes)
    except (ValueError, TypeError):
        return None


def in_epochs(schedule: Schedule, steps_per_epoch: int) -> Schedule | None:
    """A schedule that was written in epochs, read in updates: with every update, where it has lengths that allow it."""
    if isinstance(schedule, PerEpoch | PerSample):  # which has a clock already
        return None
    stairs = not isinstance(schedule, Decay | Warmup | OneCycle)
    try:
        return schedule.per_epoch(steps_per_epoch, smooth=not stairs)
    except (ValueError, TypeError):
        return None


_VALUES = {"start", "peak", "end", "low", "high", "value", "values"}


def times(schedule: Schedule, factor: float) -> Schedule:
    """The schedule times a factor, in its own words where it has a value to multiply: peak, end, and where a warmup starts.

    >>> from lrcore import Cosine
    >>> times(Cosine(0.1, steps=100, end=0.01).warmup(5), 2)
    Cosine(0.2, steps=100, end=0.02).warmup(5)
    """
    changes: dict[str, Any] = {}
    known = False
    for field in fields(schedule):
        value = getattr(schedule, field.name)
        if field.name in _VALUES and value is not None:
            known = True
            changes[field.name] = (
                tuple(digits(item * factor) for item in value) if isinstance(value, tuple) else digits(value * factor)
            )
        elif isinstance(value, Schedule) and field.name in ("schedule", "shape"):
            known = True
            changes[field.name] = times(value, factor)
        elif isinstance(value, tuple) and value and isinstance(value[0], Schedule):
            known = True
            changes[field.name] = tuple(times(item, factor) for item in value)
    return replace(schedule, **changes) if known else factor * schedule


def digits(value: float, count: int = 15) -> float:
    """A product as a person would write it."""
    return float(f"{value:.{count}g}")
