"""Plans that change while a run is under way: a cooldown from here, or a longer run."""

from __future__ import annotations

from lrcore._arguments import COUNT, as_number, is_array, refuse
from lrcore._families.decay import Decay
from lrcore._families.shapes import Falling, falling
from lrcore._schedule import Schedule


def cooldown(schedule: Schedule, at: int, steps: int, end: float, shape: str | Falling) -> Schedule:
    """What `Schedule.cooldown` does."""
    name = f"{schedule._name}.cooldown"
    family = falling(name, shape)
    at, steps = as_number(name, "at", at, COUNT), as_number(name, "steps", steps, COUNT)
    start, length = schedule(at, "float64"), schedule.length
    known = not any(map(is_array, (at, start, end, length)))
    if known and length is not None and at >= length and start == end:
        refuse(name, "at", f"before step {length}, from which the value is {end!r} already", at)
    return schedule.then(family(start, steps=steps, end=end), at=at)


def extend(schedule: Schedule, total: int, at: int) -> Schedule:
    """What `Schedule.extend` does."""
    name = f"{schedule._name}.extend"
    total, at = as_number(name, "total", total, COUNT), as_number(name, "at", at, COUNT)
    length = schedule.length
    if length is None:
        raise ValueError(f"{name} needs a schedule that ends: {schedule!r} never does.")
    if not isinstance(schedule, Decay) and (is_array(at) or is_array(length)):
        raise TypeError(f"{name} needs lengths that are plain numbers, got an array: only a single decay does without.")
    if not is_array(at) and not is_array(length) and at >= length:
        refuse(name, "at", f"before the end, which is at step {length}", at)
    if not is_array(at) and not is_array(total) and at >= total:
        refuse(name, "total", f"above at, which is {at}", total)
    return schedule._extended(total, at)
