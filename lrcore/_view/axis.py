"""The axis of a drawing, chosen in one place for the terminal, the notebook and matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrcore._families.cyclic import CyclicMomentum
from lrcore._families.one_cycle import OneCycleMomentum
from lrcore._schedule import Schedule
from lrcore._view.curve import values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SAMPLES = 257
"""The steps that the choice between a linear and a logarithmic axis looks at, the same for every size of drawing."""

_DECADES = 4
"""The powers of ten that a logarithmic axis shows of a curve that reaches 0, which would need all of them."""

_FAR = 0.75
"""A linear axis begins at 0 unless the lowest value is above this part of the highest."""


@dataclass(frozen=True)
class Axis:
    """The range of values that a drawing shows, linear or logarithmic."""

    low: float
    high: float
    log: bool = False

    def heights(self, rates: Any) -> Floats:
        """Where values lie between the bottom, 0, and the top, 1. On a logarithmic axis all that is below it lies at 0."""
        import numpy as np

        if not self.log:
            return np.asarray((np.asarray(rates) - self.low) / (self.high - self.low), np.float64)
        bounded = np.clip(rates, self.low, None)
        return np.asarray(np.log(bounded / self.low) / math.log(self.high / self.low), np.float64)


def axis(schedules: Sequence[Schedule], drawn: Sequence[Any], total: int, log: bool | None = None) -> Axis:
    """The axis for the curves of `total` updates whose values are `drawn`.

    It is logarithmic where that is asked for or, with None, where it helps.

    Raises:
        ValueError: a logarithmic axis is asked for, and a value is below 0 or none is above it.
    """
    low, high = min(float(rates.min()) for rates in drawn), max(float(rates.max()) for rates in drawn)
    if log and (low < 0 or high <= 0):
        raise ValueError("a logarithmic axis needs a value above 0 and none below: leave log out for a linear one.")
    if log or (log is None and low > 0 and _log_helps(schedules, total)):
        bottom = min(_bottom(rates) for rates in drawn if rates.max() > 0)
        return Axis(bottom, high, log=True) if bottom < high else Axis(high / 10, high, log=True)
    return Axis(*_span(low, high))


def _log_helps(schedules: Sequence[Schedule], total: int) -> bool:
    """Whether a quarter of all values is below a thirtieth of the highest: much would lie on a linear axis's floor."""
    import numpy as np

    steps = np.linspace(0, total, _SAMPLES).round()
    rates = np.concatenate([values(schedule, steps) for schedule in schedules])
    return bool(np.quantile(rates, 0.25) < rates.max() / 30)


def _bottom(rates: Any) -> float:
    """Where a logarithmic axis begins for one curve: at its lowest value, or some powers of ten down if that is 0."""
    lowest = float(rates[rates > 0].min())
    return lowest if rates.min() > 0 else max(lowest, float(rates.max()) / 10**_DECADES)


def _span(low: float, high: float) -> tuple[float, float]:
    """Where a linear axis begins and ends: with 0, except for values of both signs or far from it."""
    if low == high:
        return (min(low, 0.0), max(high, 0.0)) if low else (0.0, 1.0)
    if low >= 0:
        return (low if low > _FAR * high else 0.0), high
    if high <= 0:
        return low, (high if high < _FAR * low else 0.0)
    return low, high


def short(value: float) -> str:
    """A value as the ends of an axis have it."""
    return f"{value:.4g}"


def quantity(schedules: Sequence[Schedule]) -> str:
    """What the values are, where nobody says: a learning rate, unless all are of a family of momenta."""
    momenta = all(isinstance(schedule, CyclicMomentum | OneCycleMomentum) for schedule in schedules)
    return "momentum" if momenta else "learning rate"
