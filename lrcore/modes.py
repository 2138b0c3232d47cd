"""How `lrcore.verify` goes through a framework.

A mode is one way in which a framework computes a schedule: an array of steps, a compiled function, the update that an
optimizer makes. The core brings NumPy's; every adapter brings those of its framework through the entry-point group
`lrcore.modes`:

    [project.entry-points."lrcore.modes"]
    torch = "lrcore_torch._modes:MODES"

The key is a module of the framework: whether it can be imported says whether the framework is there, and its `__version__`
which one. It is the top-level module, or the one below it that has the `__version__`. The value loads a mapping from the
name of each mode to a `Mode`.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrcore._schedule import Schedule

__all__ = ["Mode", "Steps", "Values", "of_rates", "slow"]


class Steps(NamedTuple):
    """The steps at which a schedule is worth looking at.

    Args:
        many: in increasing order, up to 2**53: for what takes an array.
        runs: consecutive ones, from 0 and around every boundary: for what makes one update after another. A run begins
            with an optimizer that has made `run.start` updates.
    """

    many: NDArray[np.int64]
    runs: tuple[range, ...]


Values = tuple[Any, Any, Any]
"""What a mode gives: the steps it took, some of those in `many` or `runs`; a NumPy array of the values there in float32, as
training gets them; and what was rounded to those, in float64, or None where it cannot be seen."""


class Mode(Protocol):
    """One way of computing a schedule, for `verify` to compare with the core's.

    It fails by raising, and gives None for a schedule that means nothing to it (`of_rates`).
    """

    def __call__(self, schedule: Schedule, steps: Steps) -> Values | None: ...


def of_rates(mode: Mode) -> Mode:
    """The mode of an optimizer, which takes no rate below 0: such a schedule is one of something else."""

    @wraps(mode)
    def only(schedule: Schedule, steps: Steps) -> Values | None:
        return None if schedule(steps.many).min() < 0 else mode(schedule, steps)

    return only


def slow(mode: Mode) -> Mode:
    """Mark a mode that compiles for seconds, or makes many small updates. What it adds does not depend on the formula.

    `verify` runs it like any other; a suite that goes through all families may run it for some of them.
    """
    vars(mode)["slow"] = True
    return mode
