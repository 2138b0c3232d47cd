"""NumPy arrays for the core, imported when the first one is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lrcore._arguments import JOINED, check_real, check_step
from lrcore._numeric.elementary import log_array
from lrcore._numeric.scalar import scalar
from lrcore.arrays import Formula, Namespace, computing

_BLOCK = 1 << 14
"""Steps evaluated at a time: the intermediate arrays of a formula then stay in the processor's cache."""

_LONG = 1 << 10
"""Steps from which on it pays to look at how they lie."""

_FEW = 8
"""Pieces that are looked for one by one, rather than by sorting."""


def _one_by_one(function: Callable[[float], float]) -> Any:
    def over_array(x: Any) -> Any:
        x = np.asarray(x, np.float64)
        return np.array([function(item) for item in x.ravel().tolist()], np.float64).reshape(x.shape)

    return staticmethod(over_array)


class NumPy(Namespace):
    """The operations on float64 arrays, for one call: what its blocks look up is made an array once."""

    def __init__(self) -> None:
        self._tables: dict[int, tuple[Any, Any]] = {}

    def _table(self, values: Sequence[Any]) -> Any:
        if id(values) not in self._tables:
            self._tables[id(values)] = values, np.asarray(values, np.float64)  # with the values, or another takes their id
        return self._tables[id(values)][1]

    def float64(self, x: Any) -> Any:
        return np.asarray(x, np.float64)

    def float32(self, x: Any) -> Any:
        return np.asarray(x).astype(np.float32).astype(np.float64)

    def full(self, t: Any, value: Any) -> Any:
        return np.full(t.shape, value, np.float64)

    where: Any = staticmethod(np.where)

    def either(self, condition: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Any:
        holds = np.count_nonzero(condition)
        if holds == np.size(condition):
            return x()
        return self.where(condition, x(), y()) if holds else y()

    minimum: Any = staticmethod(np.minimum)
    maximum: Any = staticmethod(np.maximum)
    floor: Any = staticmethod(np.floor)
    sqrt: Any = staticmethod(np.sqrt)
    # One by one, as Python's: NumPy has faster ones of its own, an ulp off on some processors, and only a function of the
    # user's asks for them
    sin = _one_by_one(scalar.sin)
    cos = _one_by_one(scalar.cos)
    tanh = _one_by_one(scalar.tanh)
    exp = _one_by_one(scalar.exp)

    def power(self, x: Any, y: Any) -> Any:
        # The C library's, as in Python: np.power has a faster one of its own, an ulp off. It takes as long as fifty
        # additions, so that equal exponents in a row, as those of stairs are, are looked at once
        if np.size(y) > _LONG and y.ndim == 1 and not np.ndim(x):
            changes = np.flatnonzero(y[1:] != y[:-1]) + 1
            if changes.size < y.size / 8:
                bounds = np.concatenate(([0], changes, [y.size]))
                return _in_a_row(np.float_power(x, y[bounds[:-1]]), bounds)
        return np.float_power(x, y)

    def log(self, x: Any) -> Any:
        if not np.ndim(x):
            return np.float64(scalar.log(float(x)))
        x = np.asarray(x, np.float64)
        inside = (x > 0.0) & (x < np.inf)
        if inside.all():
            return log_array(x)
        return np.where(inside, log_array(np.where(inside, x, 1.0)), np.log(np.where(inside, 1.0, x)))

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        table = self._table(edges)
        if np.size(t) > _LONG and t.ndim == 1 and (t[1:] >= t[:-1]).all():
            # Steps in order: the few edges among them are looked for, instead of each step among all the edges
            first, last = table.searchsorted(t[[0, -1]], side="right")
            bounds = np.concatenate(([0], t.searchsorted(table[first:last]), [t.size]))
            return _in_a_row(np.arange(first, last + 1), bounds)
        return table.searchsorted(t, side="right")

    def take(self, values: Sequence[Any], index: Any) -> Any:
        return self._table(values)[index]

    def piecewise(self, t: Any, edges: Sequence[Any], pieces: Sequence[Callable[[Any], Any]]) -> Any:
        index = self.searchsorted(edges, t)
        if not index.ndim:
            return pieces[index](t)
        value = np.empty(t.shape, np.float64)
        if len(pieces) <= _FEW:
            for i, piece in enumerate(pieces):
                here = index == i
                if here.any():
                    value[here] = piece(t[here])
            return value
        order = np.argsort(index, kind="stable")
        for here in np.split(order, np.flatnonzero(np.diff(index[order])) + 1):
            value[here] = pieces[index[here[0]]](t[here])
        return value


def _in_a_row(values: Any, bounds: Any) -> Any:
    """Each value from its bound to the next; one of them alone, which serves a whole block, as a number."""
    return np.repeat(values, np.diff(bounds)) if values.size > 1 else values[0]


def compute(function: Callable[..., tuple[Any, ...]], *arrays: Any) -> tuple[Any, ...]:
    """The function of NumPy arrays and numbers, in float64."""
    given = np.broadcast_arrays(*(np.asarray(array, np.float64) for array in arrays))
    with np.errstate(all="ignore"):
        return function(NumPy(), *given)


@computing(compute)
def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> Any:
    """The formula over a NumPy array of steps of any real dtype: float64 of the same shape, unless `dtype` says else."""
    steps = np.asarray(step)
    check_real(steps)
    if steps.size:
        check_step(steps.min(), JOINED)
        if steps.dtype.kind == "f":
            check_step(steps.max())
    if steps.size == 1:
        # One step is a number, which is what a user's own function may be able to take and no more
        value = np.full(steps.shape, formula(float(steps.item()), scalar))
        return value.astype(dtype or np.float64, copy=False)
    flat = steps.ravel()
    value = np.empty(flat.shape, np.float64)
    xp = NumPy()
    with np.errstate(under="ignore"):
        for first in range(0, flat.size, _BLOCK):
            block = slice(first, first + _BLOCK)
            value[block] = formula(flat[block].astype(np.float64), xp)
    return value.reshape(steps.shape).astype(dtype or np.float64, copy=False)
