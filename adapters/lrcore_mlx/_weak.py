"""A scheduled number in the place of a Python one, in the arithmetic of an optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mlx.core as mx


class Weak(mx.array):
    """An array that computes as a Python number does: it takes on the dtype of the floating-point array that it meets.

    And it compares with 0 as a positive number, whatever its value, since that is how an optimizer asks whether an argument
    is in use at all: `if self.momentum <= 0`. Under `mx.compile` there is no value to ask for.
    """

    def __mul__(self, other: Any) -> Any:
        return _with(self, other, lambda x, y: x * y)

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Any:
        return _with(self, other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return _with(self, other, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> Any:
        return _with(self, other, lambda x, y: y - x)

    def __truediv__(self, other: Any) -> Any:
        return _with(self, other, lambda x, y: x / y)

    def __rtruediv__(self, other: Any) -> Any:
        return _with(self, other, lambda x, y: y / x)

    def __gt__(self, other: Any) -> Any:
        return True if _is_zero(other) else mx.array(self) > other

    def __ge__(self, other: Any) -> Any:
        return True if _is_zero(other) else mx.array(self) >= other

    def __lt__(self, other: Any) -> Any:
        return False if _is_zero(other) else mx.array(self) < other

    def __le__(self, other: Any) -> Any:
        return False if _is_zero(other) else mx.array(self) <= other

    def __eq__(self, other: Any) -> Any:
        return False if _is_zero(other) else mx.array(self) == other

    def __ne__(self, other: Any) -> Any:
        return True if _is_zero(other) else mx.array(self) != other

    __hash__ = None  # type: ignore[assignment]


def _with(weak: Weak, other: Any, compute: Callable[[Any, Any], Any]) -> Any:
    own = mx.array(weak)
    if not isinstance(other, mx.array):
        return Weak(compute(own, other))
    if isinstance(other, Weak):
        return Weak(compute(own, mx.array(other)))
    return compute(own.astype(other.dtype) if mx.issubdtype(other.dtype, mx.floating) else own, other)


def _is_zero(other: Any) -> bool:
    return not isinstance(other, mx.array) and bool(other == 0)
