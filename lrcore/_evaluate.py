"""The way of a step: from what a schedule is called with to the value.

lr(7)               Python floats: the formula interpreted, and compiled once it is called often
lr(numpy array)     NumPy, float64
lr(tensor)          the tensor's library, through its adapter: float64 inside, rounded once
lr(7), where a field of `lr` is an array: that array's library
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import count
from typing import TYPE_CHECKING, Any

from lrcore._arguments import JOINED, LARGEST, check_real, is_array, is_number, refuse
from lrcore._numeric.scalar import scalar
from lrcore._value import Value
from lrcore.arrays import Formula, Namespace, check_step, library_of

if TYPE_CHECKING:
    from lrcore._schedule import Schedule

OFTEN = 100
"""The call at which compiling a formula, some hundred interpreted calls' worth of time, begins to pay."""

AHEAD = 512
"""The steps that are read ahead: 4 kB a schedule, and a twentieth of a microsecond each of what NumPy's calls cost."""

_APART = 2.0**53 - AHEAD
"""From 2**53 on a step and the next one can be the same float."""

_DTYPES = ("float32", "float64")


def evaluate(schedule: Schedule, step: Any, dtype: str | None) -> Any:
    """What `Schedule.__call__` does with any step but a whole number as a loop counts them."""
    if type(step) is float and dtype is None and 0.0 <= step <= LARGEST:
        return schedule._number(step)
    if step is None:
        name = schedule._name
        hint = "Keras calls a bare function without one: give it lrcore_keras.KerasSchedule(lr)"
        raise TypeError(f"{name} is a function of the step, lr(step), and was called without one; {hint}.")
    if dtype is not None and dtype not in _DTYPES:
        refuse(schedule._name, "dtype", "'float32' or 'float64'", dtype)
    array = schedule._array
    if is_number(step):
        check_step(step, JOINED)
        if array is None:
            value = schedule._number(float(step))
            return value if dtype != "float32" else _rounded(value, dtype)
    if array is None:
        return library_of(step)(schedule._value, step, dtype)
    numpys = type(step).__module__ == "numpy"
    if numpys:
        check_real(step)
    # The fields' library computes, unless the step is itself an array of a framework
    library = library_of(array if is_number(step) or numpys else step)
    return library(_lifting(schedule), step, dtype)


def number(schedule: Schedule, t: float) -> float:
    """The value at a float step that is known to be in range: compiled from the call on that shows it to be worth it."""
    if schedule._array is not None:
        value: float = library_of(schedule._array)(_lifting(schedule), t, None)
        return value
    memory = vars(schedule)
    calls = memory["_calls"] = memory.get("_calls", 0) + 1
    if calls == OFTEN and schedule._ours:
        from lrcore._numeric.compiled import compiled

        # It takes the place of the method. It holds none of the schedule but its numbers and the schedules inside it: a
        # function that held the schedule would make each one garbage that only the collector can free.
        memory["_number"] = compiled(schedule._value)
    return float(schedule._value(t, scalar))


def ahead(schedules: Sequence[Schedule], step: float) -> Iterator[tuple[float, ...]]:
    """What `lrcore.arrays.ahead` does."""
    ours = all(schedule._ours for schedule in schedules)
    for read in count():
        if ours and read >= OFTEN and step < _APART:
            import numpy as np

            steps = np.arange(AHEAD) + float(step)
            yield from zip(*(memoryview(schedule(steps).data) for schedule in schedules), strict=True)
            step += AHEAD
        else:
            yield tuple(schedule._number(float(step)) for schedule in schedules)
            step += 1


def _lifting(schedule: Schedule) -> Formula:
    """The formula of a schedule with array fields, which become float64 arrays of the library that computes."""
    return lambda t, xp: _lift(schedule, xp)._value(t, xp)


def _lift(value: Any, xp: Namespace) -> Any:
    if isinstance(value, tuple):
        return tuple(_lift(item, xp) for item in value)
    if is_array(value):
        return xp.float64(value)
    if not isinstance(value, Value) or value._array is None:
        return value
    lifted = object.__new__(type(value))
    for field in fields(value):
        lifted.__dict__[field.name] = _lift(getattr(value, field.name), xp)
    return lifted


def _rounded(value: float, dtype: str) -> float:
    import numpy as np

    return float(np.dtype(dtype).type(value))
