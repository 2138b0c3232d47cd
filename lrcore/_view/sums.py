"""Sums over the updates of a run, of which few are looked at: between two edges a curve is smooth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

_DIRECT = 48
"""A piece of so many updates is added up one by one."""

_INTERVALS = 16
"""Those of a longer one whose ends are looked at."""

_CLOSE = 1e-12
"""How far apart two estimates may be, as a fraction of the sum so far, or of what the highest value would add to it.

The better one is far nearer than that.
"""


def summed(value: Callable[[float], float], begins: Sequence[int], most: int) -> float | None:
    """The sum of a curve's values at the steps from the first of `begins` to before the last, or None if `most` do not do.

    By the formula of Euler and Maclaurin the sum over every h-th step is a series in h². Four of them, of a piece between
    two of `begins`, are extrapolated to h = 1; where two estimates differ, the piece is halved.
    """
    left = [(a, b) for a, b in pairwise(begins) if a < b][::-1]
    parts: list[float] = []
    looked, so_far = 0, 0.0
    while left and looked <= most:
        a, b = left.pop()
        if b - a <= _DIRECT:
            parts += (value(float(step)) for step in range(a, b))
            looked += b - a
            continue
        stride = (b - a - 1) // _INTERVALS
        last = a + _INTERVALS * stride
        values = [value(float(step)) for step in range(a, last + 1, stride)]
        looked += len(values)
        integral = _extrapolated(values, stride, so_far)
        if integral is None:
            left += [((a + b) // 2, b), (a, (a + b) // 2)]
        else:
            parts.append(integral + (values[0] + values[-1]) / 2)
            so_far += parts[-1]
            left.append((last + 1, b))
    return math.fsum(parts) if looked <= most else None


def _extrapolated(values: Sequence[float], stride: int, so_far: float) -> float | None:
    """The trapezoidal sum at a stride of 1, from those at this stride and at its doubles; None where that is not sure."""
    strides = [stride * k for k in (8, 4, 2, 1)]
    found = [h * (math.fsum(values[:: h // stride]) - (values[0] + values[-1]) / 2) for h in strides]
    rough = _at_one(strides[1:], found[1:])
    fine = _at_one(strides, found)
    near = _CLOSE * max(abs(so_far), max(map(abs, values)) * stride * (len(values) - 1))
    return fine if abs(fine - rough) <= near else None


def _at_one(strides: Sequence[int], found: Sequence[float]) -> float:
    """The polynomial in h² through these, at h = 1: Neville's rule."""
    left = list(found)
    for order in range(1, len(left)):
        for i in range(len(left) - order):
            near, far = strides[i + order] ** 2 - 1, strides[i] ** 2 - 1
            left[i] = (far * left[i + 1] - near * left[i]) / (far - near)
    return left[0]
