"""What a format of a configuration is: what a dict of it is known by, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lrcore.port._call import Missing, reading
from lrcore.port._part import Asked, Part
from lrcore.port._reading import Reading, Refusal

Data = Mapping[str, Any]


class Format(NamedTuple):
    """A configuration's format.

    Args:
        name: the system's, and what of it, as a reading's source.
        fits: whether a dict is of this format.
        read: what it is here. It may raise `Refusal`, and `ValueError` and `TypeError` with lrcore's own words.
        rounding: the bound on the difference from the system's own values.
    """

    name: str
    fits: Callable[[Data], bool]
    read: Callable[[Data, Asked], Part | Reading]
    rounding: float = 1e-14

    def reading(self, data: Data, asked: Asked) -> Reading:
        """The configuration as a reading."""
        try:
            made = self.read(data, asked)
        except Refusal:
            raise
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            raise Refusal(f"{self.name} cannot be read: {error}") from None
        if isinstance(made, Reading):
            return made
        return reading([made if made.error is not None else made._replace(error=self.rounding)], self.name)


def number(data: Data, name: str, default: float | None = None) -> Any:
    """A number of a configuration; YAML takes `3e-4` for text."""
    value = data.get(name, default)
    if isinstance(value, Missing):
        raise value.refusal(name)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Refusal(f"{name} must be a number, got {value!r}.") from None
        value = (
            int(value)
            if value == int(value) and "e" not in str(data[name]).lower() and "." not in str(data[name])
            else value
        )
    if value is None:
        raise Refusal(f"{name} is missing.")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal(f"{name} must be a number, got {value!r}.")
    return value


def first(data: Data, *names: str) -> Any:
    """The first of some keys that is there and not None."""
    return next((data[name] for name in names if data.get(name) is not None), None)


def under(data: Data, *path: str) -> Any:
    """What stands under a path of keys; None where one of them is missing."""
    at: Any = data
    for key in path:
        at = at.get(key) if isinstance(at, Mapping) else None
    return at
