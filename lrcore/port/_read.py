"""`read`: another library's schedule, by what it is."""

from __future__ import annotations

from typing import Any

from lrcore import Schedule
from lrcore.port._reading import Reading


def read(thing: Any, *, exact: bool = True) -> Reading:
    """What another library's schedule is here."""
    if isinstance(thing, Schedule):
        return Reading((thing,), source="lrcore")
    raise TypeError(f"lrcore.port.read knows no schedule in {thing!r}.")
