"""What a rule remembers between two reports."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from lrcore._arguments import is_number


class PlateauState(NamedTuple):
    """What a `Plateau` remembers: plain numbers, so a pytree of JAX and, by `to_dict`, an object of JSON.

    In Python they are numbers; after a report that is an array or a tensor they are arrays of its library and shape, of
    float64 but for `scale`, which has the dtype of `lr(step)` there.

    Args:
        scale: the factor on the learning rate. Another may be set: `state._replace(scale=0.5)`.
        best: the best report so far; inf (-inf for "max") before there is one.
        bad: reports since the last one that was better.
        wait: reports of the cooldown that are left.
        cuts: how often the scale was made smaller.
        nonfinite: reports that were NaN or infinite.
        reports: all reports.
        seen: reports of the present window.
        mean: their mean.
        exact: the scale in float64, of which the next cut is made.
        more: what only the rules of some other libraries remember.
    """

    scale: Any = 1.0
    best: Any = math.inf
    bad: Any = 0
    wait: Any = 0
    cuts: Any = 0
    nonfinite: Any = 0
    reports: Any = 0
    seen: Any = 0
    mean: Any = 0.0
    exact: Any = 1.0
    more: tuple[Any, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The state as JSON-ready data; NaN and the infinities, which JSON does not have, are text.

        >>> PlateauState(scale=0.5, cuts=1).to_dict()["best"]
        'inf'
        """
        return {name: _written(value) for name, value in self._asdict().items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlateauState:
        """The state that `to_dict` gave.

        Raises:
            ValueError: it is not one.

        >>> PlateauState.from_dict(PlateauState(bad=3).to_dict()) == PlateauState(bad=3)
        True
        """
        if not isinstance(data, Mapping) or set(data) != set(cls._fields):
            raise ValueError(f"PlateauState.from_dict reads a dict of {', '.join(cls._fields)}, got {data!r}.")
        return cls(**{name: _read(name, value) for name, value in data.items()})


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_written(item) for item in value]
    return value if math.isfinite(value) else repr(float(value))


def _read(name: str, value: Any) -> Any:
    if name == "more" and isinstance(value, (list, tuple)):
        return tuple(_read("", item) for item in value)
    if isinstance(value, str) and value in ("inf", "-inf", "nan"):
        return float(value)
    if not is_number(value):
        raise ValueError(f"PlateauState.from_dict reads numbers, got {value!r}.")
    return value
