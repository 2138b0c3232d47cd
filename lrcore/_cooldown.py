"""The ways down: warmup-hold-decay, a cooldown from wherever the rate is, and a run that got longer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

from lrcore._arguments import COUNT, NON_NEGATIVE, WHOLE, plain, refuse
from lrcore._compositions.sequence import Sequence
from lrcore._compositions.warmup import Warmup
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.exponential import ExponentialCooldown
from lrcore._families.linear import Linear
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt
from lrcore._schedule import Schedule

Cooldown = Callable[..., Schedule]
"""A family that falls from a value to another over some steps: called as `cooldown(start, steps=steps, end=end)`."""


def _one_minus_square(start: float, *, steps: int, end: float) -> Schedule:
    return OneMinusPower(start, steps=steps, end=end, power=2)


cooldowns: Mapping[str, Cooldown] = MappingProxyType(
    {
        "linear": Linear,
        "cosine": Cosine,
        "1-sqrt": OneMinusSqrt,
        "1-square": _one_minus_square,
        "exponential": ExponentialCooldown,
    }
)
"""The shapes of a cooldown by name. Others are families called with more: `functools.partial(OneMinusPower, power=3)`."""


def family(shape: str | Cooldown) -> Cooldown:
    """The cooldown of that name, or the one given."""
    if callable(shape):
        return shape
    if not isinstance(shape, str) or shape not in cooldowns:
        words = " or ".join(f"'{name}'" for name in cooldowns)
        refuse("cooldown", "shape", f"{words}, or a family", shape, kind=not isinstance(shape, str))
    return cooldowns[shape]


def wsd(
    peak: float, *, steps: int, warmup: int, cooldown: int, end: float = 0.0, shape: str | Cooldown = "1-sqrt"
) -> Schedule:
    """Warmup, hold, decay: the trapezoid, as an expression in the families.

        lr(t) = peak·t/W                                0 <= t < W
        lr(t) = peak                                    W <= t < T - C
        lr(t) = end + (peak - end)·shape(r)             T - C <= t < T,    r = (t - T + C)/C
        lr(t) = end                                     t >= T

        shape(r) = 1 - r              "linear"
        shape(r) = (1 + cos πr)/2     "cosine"
        shape(r) = 1 - sqrt(r)        "1-sqrt"
        shape(r) = 1 - r²             "1-square"
        shape(r) = 2·0.5**r - 1       "exponential"

    with t the step, T = `steps`, W = `warmup` and C = `cooldown`.

    Args:
        peak: the value that is held.
        steps: T, the updates of the whole run.
        warmup: W, the updates of linear increase from 0; 0 for none.
        cooldown: C, the updates of the decay, counted from the end.
        end: the value from step T on.
        shape: one of the above, or a family called as `shape(peak, steps=cooldown, end=end)`:
            `functools.partial(OneMinusPower, power=3)`, `functools.partial(ExponentialCooldown, base=0.1)`.

    Raises:
        ValueError: warmup and cooldown leave no update between them, or a number is outside its range.

    Reference: Hu et al., MiniCPM (arXiv:2404.06395), section 4.
    Same curve: `transformers.get_wsd_schedule` with `min_lr_ratio=0`, `decay_type` as the shape.

    >>> lr = wsd(1.0, steps=100, warmup=10, cooldown=20, shape="linear")
    >>> [lr(t) for t in (0, 5, 10, 80, 90, 100)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    """
    steps = plain("wsd", "steps", steps, COUNT)
    warmup = plain("wsd", "warmup", warmup, WHOLE)
    after = plain("wsd", "cooldown", cooldown, COUNT)
    peak, end = plain("wsd", "peak", peak, NON_NEGATIVE), plain("wsd", "end", end, NON_NEGATIVE)
    if warmup + after >= steps:
        refuse("wsd", "warmup + cooldown", f"below steps, which is {steps}", warmup + after)
    decay = family(shape)(peak, steps=after, end=end)
    return Sequence([Constant(peak), decay], boundaries=[steps - after]).warmup(warmup)


def extend(schedule: Schedule, total: int, at: int) -> Schedule:
    """What `Schedule.extend` does."""
    name = type(schedule).__name__
    total = plain(f"{name}.extend", "total", total, COUNT)
    at = plain(f"{name}.extend", "at", at, COUNT)
    decay: Any = schedule
    if isinstance(schedule, Warmup) and at >= schedule.over:
        decay = schedule.schedule
    elif isinstance(schedule, Sequence) and at >= schedule.boundaries[-1]:
        decay = schedule.schedules[-1]
    if not {"start", "steps", "end"} <= {field.name for field in fields(decay)} or decay.length != decay.steps:
        raise ValueError(f"{name}.extend needs a single decay, or one past its warmup: compose {schedule!r} with .then().")
    if at >= total:
        refuse(f"{name}.extend", "total", f"above at, which is {at}", total)
    return schedule.then(replace(decay, start=schedule(at), steps=total - at), at=at)
