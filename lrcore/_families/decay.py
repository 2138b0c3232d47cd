"""What the families that go from one value to another have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from lrcore._arguments import COUNT, FINITE, check, is_array, refuse
from lrcore._schedule import Schedule


class Decay(Schedule):
    """A schedule that goes from `start` at step 0 to `end` at step `steps`, and is flat afterwards; up or down.

    The base of `Linear`, `Cosine`, `Polynomial`, `OneMinusPower`, `OneMinusSqrt`, `Geometric` and `ShiftedExponential`.

    >>> from lrcore import Cosine, StepDecay
    >>> isinstance(Cosine(0.1, steps=90), Decay), isinstance(StepDecay(0.1, every=30), Decay)
    (True, False)
    """

    start: float
    steps: int
    end: float

    _clock = ("steps",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, steps=COUNT, end=FINITE)

    @property
    def length(self) -> int:
        return self.steps

    def _after_warmup(self, steps: int) -> Self:
        left = self.steps - steps
        if not is_array(left) and left < 1:
            refuse(f"{self._name}.warmup", "steps", f"below the schedule's own {self.steps} steps", steps)
        return self._with(steps=left)

    def _continued(self, total: int, at: int) -> Self:
        return self._with(start=self(at, "float64"), steps=total - at)

    def _with(self, **changes: Any) -> Self:
        """The same decay with other ends or another length."""
        return replace(self, **changes)


Decay.__module__ = "lrcore"
