"""The steps at which a formula takes another branch, found by watching it: whatever its family, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lrcore._numeric.numpy import NumPy
from lrcore.arrays import Formula, Namespace

_ROUNDS = 3
"""Each finds one branch between two steps that differ, and cuts what is between them in two."""
_MOST = 1024
"""How many are looked for in one round: a period comes again and again, without end."""


def branches(formula: Formula, steps: Any) -> Any:
    """The first steps of other branches than the step before takes, one at least between any two of `steps` that differ.

    `steps` are increasing int64. A list of all the fields that are steps would be shorter, and wrong for the next family.
    """
    found = steps[:0]
    for _ in range(_ROUNDS):
        paths = _paths(formula, steps)
        (apart,) = np.nonzero((paths[1:] != paths[:-1]) & (steps[1:] - steps[:-1] > 1))
        if len(apart) > _MOST:
            apart = apart[np.linspace(0, len(apart) - 1, _MOST).astype(int)]
        low, high, path = steps[apart], steps[apart + 1], paths[apart]
        while (wide := np.flatnonzero(high - low > 1)).size:
            middle = low[wide] + (high[wide] - low[wide]) // 2
            same = _paths(formula, middle) == path[wide]
            low[wide], high[wide] = np.where(same, middle, low[wide]), np.where(same, high[wide], middle)
        found = np.union1d(found, high)
        steps = np.union1d(steps, np.concatenate([low, high]))
    return found


def _paths(formula: Formula, steps: Any) -> Any:
    """A number for each step that is another where any of the formula's choices is another."""
    watch = _Watch(len(steps))
    with np.errstate(all="ignore"):
        formula(steps.astype(np.float64), watch)
    return watch.paths


class _Watch(NumPy):
    """NumPy, and a number for each step that every choice is mixed into."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.paths = np.zeros(count, np.uint64)
        self._here: Any = np.arange(count)
        """Which of the steps the operations are over: a piece sees its own only."""

    def _note(self, choice: Any) -> Any:
        mixed = self.paths[self._here] * np.uint64(0x9E3779B97F4A7C15)
        self.paths[self._here] = (mixed ^ (mixed >> np.uint64(29))) + np.asarray(choice, np.float64).view(np.uint64)
        return choice

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return np.where(self._note(condition), x, y)

    either = Namespace.either  # what is not computed would not be watched

    def minimum(self, x: Any, y: Any) -> Any:
        self._note(np.less(x, y))
        return np.minimum(x, y)

    def maximum(self, x: Any, y: Any) -> Any:
        self._note(np.less(x, y))
        return np.maximum(x, y)

    def floor(self, x: Any) -> Any:
        return self._note(np.floor(x))

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        return self._note(super().searchsorted(edges, t))

    def piecewise(self, t: Any, edges: Sequence[Any], pieces: Sequence[Callable[[Any], Any]]) -> Any:
        index = self.searchsorted(edges, t)
        value, outer = np.empty(t.shape, np.float64), self._here
        for i in np.unique(index):
            here = np.flatnonzero(index == i)
            self._here = outer[here]
            value[here] = pieces[i](t[here])
        self._here = outer
        return value
