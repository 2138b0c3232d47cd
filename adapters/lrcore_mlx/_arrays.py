"""MLX arrays for the core: float64 on the CPU, where alone MLX has it, rounded once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mlx.core as mx
import numpy as np

from lrcore.arrays import Formula, Namespace, check_step, computing

_REST_OF_E = 5.318237706605892e-17
"""(e - math.e) / math.e."""


class Mlx(Namespace):
    """The operations on float64 arrays; called inside `mx.stream(mx.cpu)`.

    MLX computes the exponential, the sine and the cosine of a float64 array to the 7 digits of float32, and its powers and
    tangents to all 16.
    """

    def float64(self, x: Any) -> mx.array:
        return x.astype(mx.float64) if isinstance(x, mx.array) else mx.array(float(x), mx.float64)

    def float32(self, x: Any) -> mx.array:
        return self.float64(x).astype(mx.float32).astype(mx.float64)

    def full(self, t: mx.array, value: Any) -> mx.array:
        return mx.broadcast_to(self.float64(value), t.shape)

    def where(self, condition: Any, x: Any, y: Any) -> mx.array:
        return mx.where(condition, self.float64(x), self.float64(y))

    def minimum(self, x: Any, y: Any) -> mx.array:
        return mx.minimum(self.float64(x), self.float64(y))

    def maximum(self, x: Any, y: Any) -> mx.array:
        return mx.maximum(self.float64(x), self.float64(y))

    def floor(self, x: Any) -> mx.array:
        return mx.floor(self.float64(x))

    def sqrt(self, x: Any) -> mx.array:
        return mx.sqrt(self.float64(x))

    def sin(self, x: Any) -> mx.array:
        return mx.tan(self.float64(x)) * self.cos(x)

    def cos(self, x: Any) -> mx.array:
        x = self.float64(x)
        tangent, half = mx.tan(x), mx.tan(x / 2)
        size = 1 / mx.sqrt(1 + tangent * tangent)  # which keeps its digits near 0, where 1 - half² loses them
        return mx.where(mx.abs(half) > 1, -size, size)

    def tanh(self, x: Any) -> mx.array:
        return mx.tanh(self.float64(x))

    def exp(self, x: Any) -> mx.array:
        x = self.float64(x)
        power = self.power(math.e, x)
        return mx.where(mx.isfinite(power), power + power * (x * _REST_OF_E), power)

    def log(self, x: Any) -> mx.array:
        return mx.log(self.float64(x))

    def power(self, x: Any, y: Any) -> mx.array:
        return mx.power(self.float64(x), self.float64(y))

    def searchsorted(self, edges: Sequence[Any], t: mx.array) -> mx.array:
        return mx.searchsorted(self._stack(edges), t, side="right")

    def take(self, values: Sequence[Any], index: mx.array) -> mx.array:
        return mx.take(self._stack(values), index)

    def _stack(self, values: Sequence[Any]) -> mx.array:
        if any(isinstance(value, mx.array) for value in values):
            return mx.stack([self.float64(value) for value in values])
        return mx.array([float(value) for value in values], mx.float64)


class Mlx32(Mlx):
    """The same where float64 values are rounded to float32: fewer operations, of which `mx.compile` makes fewer kernels."""

    def sin_squared(self, p: Any, q: Any) -> mx.array:
        tangent = mx.tan(self.float64(p - q))
        square = tangent * tangent
        return square / (1 + square)


_mlx, _mlx32 = Mlx(), Mlx32()


def compute(function: Callable[..., tuple[Any, ...]], *arrays: Any) -> tuple[Any, ...]:
    """The function of MLX arrays and numbers, in float64."""
    with mx.stream(mx.cpu):
        given = [mx.stop_gradient(_mlx.float64(array)) for array in arrays]
        return function(_mlx, *mx.broadcast_arrays(*given))


@computing(compute)
def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> mx.array:
    """The formula at an MLX array of steps, or at a number or a NumPy array where a field of the schedule is one of MLX."""
    with mx.stream(mx.cpu):
        if not isinstance(step, mx.array):
            step = mx.array(np.asarray(step, np.float64), mx.float64)
        if step.dtype == mx.bool_ or mx.issubdtype(step.dtype, mx.complexfloating):
            raise TypeError(f"step must hold real numbers, got an array of {str(step.dtype).removeprefix('mlx.core.')}.")
        _check(step)
        xp, target = (_mlx, mx.float64) if dtype == "float64" else (_mlx32, mx.float32)
        value: mx.array = formula(mx.maximum(step.astype(mx.float64), 0.0), xp)
        return value.astype(target)


def _check(steps: mx.array) -> None:
    """Refuse steps whose values can be looked at. The count of an optimizer, which is unsigned, is not waited for."""
    if not steps.size or mx.issubdtype(steps.dtype, mx.unsignedinteger):
        return
    try:
        lowest, highest = steps.min().item(), steps.max().item()
    except ValueError:  # inside mx.compile or mx.vmap
        return
    check_step(lowest)
    check_step(highest)
