"""How long a run is: updates, epochs of so many updates, or nobody knows yet."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lrcore._arguments import COUNT, as_number, refuse
from lrcore._schedule import Schedule

_NUMBER = r"([\d_,]+)"
_EPOCHS = re.compile(rf"{_NUMBER}\s*(?:epochs?\s*(?:of|x|×)|x|×)\s*{_NUMBER}(?:\s*updates)?", re.IGNORECASE)
_UPDATES = re.compile(rf"{_NUMBER}(?:\s*(?:updates|steps))?", re.IGNORECASE)
OPEN = ("open", "unknown", "")

_SHORTEST = 20
"""The updates below which a warmup and a decay are too short to tell from a jump."""


@dataclass(frozen=True)
class Budget:
    """A run's length.

    Args:
        total: its updates, or None where it is open.
        epochs: its epochs, or None where it is not counted in them.
        steps_per_epoch: the updates of one.
    """

    total: int | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None

    def warmup(self, share: float, least: int = 0, most: int | None = None) -> int:
        """A share of the updates, within bounds, and never more than a fifth of the run."""
        assert self.total is not None
        steps = max(least, round(share * self.total))
        return max(1, min(steps if most is None else min(steps, most), self.total // 5))

    def schedule(self, make: Callable[[int, int], Schedule], epochs: float) -> Schedule:
        """`make(length, warmup)`, in epochs where the run is counted in them, the warmup being of so many."""
        assert self.total is not None
        if self.epochs is None or self.steps_per_epoch is None:
            return make(self.total, self.warmup(epochs / 100) if epochs else 0)
        warmup = min(round(epochs), self.epochs // 5)
        if warmup < 1 and epochs:  # shorter than an epoch
            return make(self.total, self.warmup(0.05))
        return make(self.epochs, warmup).per_epoch(self.steps_per_epoch, smooth=True)


def budget_of(owner: str, given: Any) -> Budget:
    """A budget as a person writes it: 100_000, "90 epochs of 5_004", (90, 5_004), "open" or None.

    >>> budget_of("choose", "90 epochs of 5_004")
    Budget(total=450360, epochs=90, steps_per_epoch=5004)
    """
    if given is None or (isinstance(given, str) and given.strip().lower() in OPEN):
        return Budget()
    if isinstance(given, (tuple, list)) and len(given) == 2:
        epochs, each = (as_number(owner, f"budget[{i}]", value, COUNT) for i, value in enumerate(given))
        return replace(_counted(owner, epochs * each), epochs=epochs, steps_per_epoch=each)
    if isinstance(given, str):
        if found := _EPOCHS.fullmatch(given.strip()):
            return budget_of(owner, tuple(_count(text) for text in found.groups()))
        if found := _UPDATES.fullmatch(given.strip()):
            return budget_of(owner, _count(found[1]))
        refuse(owner, "budget", "updates, as 100_000, epochs, as '90 epochs of 5_004', or 'open'", given)
    return _counted(owner, as_number(owner, "budget", given, COUNT))


def _counted(owner: str, total: int) -> Budget:
    if total < _SHORTEST:
        refuse(owner, "budget", f"{_SHORTEST} updates or more, as even the shortest recipes have", total)
    return Budget(total)


def _count(text: str) -> int:
    return int(re.sub(r"[_,]", "", text) or 0)
