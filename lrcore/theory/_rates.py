"""The rates of a run, as one array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrcore._arguments import COUNT, as_number, refuse
from lrcore._schedule import Schedule
from lrcore._view import curve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def values(owner: str, field: str, schedule: Any, total: int) -> Floats:
    """The values of updates 0 to total - 1, none of them below 0."""
    import numpy as np

    if not isinstance(schedule, Schedule):
        refuse(owner, field, "a schedule", schedule, kind=True)
    if schedule._array is not None:
        refuse(owner, field, "a schedule of known numbers, without arrays or tracers", schedule, kind=True)
    found = curve.values(schedule, np.arange(as_number(owner, "total", total, COUNT)))
    wrong = np.flatnonzero(~(found >= 0) | np.isinf(found))
    if wrong.size:
        hint = f"it is {float(found[wrong[0]])!r} at step {wrong[0]}"
        refuse(owner, field, "a schedule that is finite and never below 0", schedule, hint=hint)
    return found


def rates(owner: str, field: str, schedule: Any, total: int) -> Floats:
    """Those of a learning rate, which is above 0 somewhere."""
    found = values(owner, field, schedule, total)
    if not found.any():
        refuse(owner, field, f"a schedule that is above 0 somewhere before step {total}", schedule)
    return found
