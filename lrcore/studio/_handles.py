"""The handles of a curve: the numbers in its text that move a point of it, found by moving each one a little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrcore import Schedule


@dataclass(frozen=True)
class Handle:
    """A point of the curve that can be dragged."""

    name: str
    says: str
    step: int
    rate: float
    moves: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {"name": self.name, "says": self.says, "step": self.step, "rate": self.rate, "moves": self.moves}


def handles(text: str, schedule: Schedule) -> list[Handle]:
    """The handles of a curve, in the order of their steps."""
    return []


def dragged(text: str, change: Mapping[str, Any], window: Mapping[str, Any]) -> str:
    """The text after a handle was dragged to a step and a rate."""
    return text
