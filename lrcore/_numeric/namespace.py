"""What a formula computes with, over the arrays of any library."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from lrcore._numeric.elementary import expm1, one_minus_power, sin_squared

Array = Any
"""A float64 array of some library, or a Python float."""


class Namespace(ABC):
    """The operations that a formula may use besides `+ - * /` and comparisons, over float64 arrays of one library.

    Any argument may be a Python number instead, and a sequence may hold both.
    Both branches of a `where` are evaluated: keep them finite, so that gradients are too.
    """

    pi = math.pi

    @abstractmethod
    def float64(self, x: Any) -> Array:
        """`x`, a number or an array, as a float64 array."""

    def float32(self, x: Array) -> Array:
        """`x` rounded to float32, as float64. Only a rule that compares in float32 asks for it."""
        raise NotImplementedError(f"{type(self).__name__} does not round to float32")

    @abstractmethod
    def full(self, t: Array, value: Any) -> Array:
        """`value` in the shape of `t`."""

    @abstractmethod
    def where(self, condition: Array, x: Array, y: Array) -> Array:
        """`x` where `condition` holds, else `y`."""

    def either(self, condition: Array, x: Callable[[], Array], y: Callable[[], Array]) -> Array:
        """`where` of two values that take long: where the condition is known, only those are computed that it asks for."""
        return self.where(condition, x(), y())

    @abstractmethod
    def minimum(self, x: Array, y: Array) -> Array:
        """The smaller of each pair."""

    @abstractmethod
    def maximum(self, x: Array, y: Array) -> Array:
        """The larger of each pair."""

    @abstractmethod
    def floor(self, x: Array) -> Array:
        """The largest whole number that is at most x."""

    def floor_divide(self, x: Array, y: Any) -> Array:
        """How many whole y are in x: the floor of a division that is rounded once.

        Override it where that is not what `/` compiles to: the product with 1/y is below 1 for 49 in 49.
        """
        return self.floor(x / y)

    def corrected_quotient(self, n: Array, x: Array, y: Any) -> Array:
        """What `floor_divide` gives, from an `n` that is at most 1 off where x and y are whole numbers."""
        y = self.float64(y)
        left = x - n * y  # exact, up to 2**53
        exact = self.where(left < 0.0, n - 1.0, self.where(left >= y, n + 1.0, n))
        return self.where(y == self.floor(y), exact, n)

    @abstractmethod
    def sqrt(self, x: Array) -> Array:
        """The square root."""

    @abstractmethod
    def sin(self, x: Array) -> Array:
        """The sine of x radians."""

    def sin_squared(self, p: Array, q: Array) -> Array:
        """sin²(p - q), for p from 0 to π/4 and a q that only corrects its rounding.

        By arithmetic alone, the same bits in every library; override it where float32 is all that is wanted.
        """
        return sin_squared(p, q)

    @abstractmethod
    def cos(self, x: Array) -> Array:
        """The cosine of x radians."""

    @abstractmethod
    def tanh(self, x: Array) -> Array:
        """The hyperbolic tangent."""

    @abstractmethod
    def exp(self, x: Array) -> Array:
        """e**x."""

    def expm1(self, x: Array) -> Array:
        """e**x - 1, for x from -ln 2 to ln 2."""
        return expm1(x)

    @abstractmethod
    def log(self, x: Array) -> Array:
        """The natural logarithm."""

    @abstractmethod
    def power(self, x: Array, y: Array) -> Array:
        """x**y, for x at least 0."""

    def one_minus_power(self, base: Array, off: Array, power: Any, raised: Callable[[], Array]) -> Array:
        """1 - base**power, for a base from 0 to 1, where `off` is 1 - base and `raised()` is base**power."""
        return one_minus_power(base, off, power, raised, self)

    @abstractmethod
    def searchsorted(self, edges: Sequence[Any], t: Array) -> Array:
        """How many of the increasing `edges`, which may be none, are at most t: an index for `take`."""

    @abstractmethod
    def take(self, values: Sequence[Any], index: Array) -> Array:
        """`values[index]`, as float64."""

    def piecewise(self, t: Array, edges: Sequence[Any], pieces: Sequence[Callable[[Array], Array]]) -> Array:
        """`pieces[i](t)` from `edges[i - 1]` up to but not including `edges[i]`.

        A piece is only ever shown steps of its own interval, its right edge included: steps outside are clamped into it.
        """
        lows = (None, *edges)
        highs = (*edges, None)
        value = None
        for low, high, piece in zip(lows, highs, pieces, strict=True):
            here = t if high is None else self.minimum(t, high)
            here = here if low is None else self.maximum(here, low)
            value = piece(here) if value is None else self.where(t >= low, piece(here), value)
        return value
