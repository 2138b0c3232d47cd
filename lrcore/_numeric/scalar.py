"""Python numbers as a `Namespace`: what `lr(7)` computes in."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from lrcore._numeric.elementary import log
from lrcore._numeric.namespace import Namespace


class Scalar(Namespace):
    """The operations on Python floats. Outside a function's domain they give what NumPy gives instead of raising."""

    def float64(self, x: Any) -> float:
        return float(x)

    def float32(self, x: float) -> float:
        import struct  # only a rule asks for it

        try:
            value: float = struct.unpack("f", struct.pack("f", x))[0]
        except OverflowError:
            return math.copysign(math.inf, x)
        return value

    def full(self, t: float, value: Any) -> float:
        return float(value)

    def where(self, condition: Any, x: float, y: float) -> float:
        return x if condition else y

    def either(self, condition: Any, x: Callable[[], float], y: Callable[[], float]) -> float:
        return x() if condition else y()

    def minimum(self, x: float, y: float) -> float:
        return x if x <= y else y

    def maximum(self, x: float, y: float) -> float:
        return x if x >= y else y

    def floor(self, x: float) -> float:
        return x // 1.0

    def sqrt(self, x: float) -> float:
        return math.sqrt(x) if x >= 0 else math.nan

    sin: Any = staticmethod(math.sin)
    cos: Any = staticmethod(math.cos)
    tanh: Any = staticmethod(math.tanh)

    def exp(self, x: float) -> float:
        return math.exp(x) if x < 709.0 else math.inf

    def log(self, x: float) -> float:
        if 0 < x < math.inf:
            return log(x)
        return -math.inf if x == 0 else math.nan if x < 0 else x

    power: Any = staticmethod(math.pow)

    def searchsorted(self, edges: Sequence[Any], t: float) -> int:
        return bisect_right(edges, t)

    def take(self, values: Sequence[Any], index: int) -> float:
        return float(values[index])

    def piecewise(self, t: float, edges: Sequence[Any], pieces: Sequence[Callable[[float], float]]) -> float:
        return pieces[bisect_right(edges, t)](t)


scalar = Scalar()
