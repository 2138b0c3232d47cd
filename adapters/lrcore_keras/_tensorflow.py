"""TensorFlow tensors for the core, eager, in graphs and under XLA: float64 inside, rounded once to float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lrcore.arrays import Formula, Namespace, check_step, computing


class TensorFlow(Namespace):
    """The operations on float64 tensors."""

    def float64(self, x: Any) -> Any:
        return tf.cast(x, tf.float64) if tf.is_tensor(x) else tf.constant(x, tf.float64)

    def float32(self, x: Any) -> Any:
        return tf.cast(tf.cast(x, tf.float32), tf.float64)

    def full(self, t: Any, value: Any) -> Any:
        return tf.broadcast_to(self.float64(value), tf.shape(t))

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return tf.where(condition, self.float64(x), self.float64(y))

    def minimum(self, x: Any, y: Any) -> Any:
        return tf.minimum(self.float64(x), self.float64(y))

    def maximum(self, x: Any, y: Any) -> Any:
        return tf.maximum(self.float64(x), self.float64(y))

    def floor(self, x: Any) -> Any:
        return tf.floor(self.float64(x))

    def floor_divide(self, x: Any, y: Any) -> Any:
        # By a y that neither Grappler nor XLA sees to be constant: they would multiply by the reciprocal
        one = tf.raw_ops.ClipByValue(t=x, clip_value_min=self.float64(1.0), clip_value_max=self.float64(1.0))
        return self.corrected_quotient(tf.floor(x / (self.float64(y) * one)), x, y)

    def sqrt(self, x: Any) -> Any:
        return tf.sqrt(self.float64(x))

    def sin(self, x: Any) -> Any:
        return tf.sin(self.float64(x))

    def cos(self, x: Any) -> Any:
        return tf.cos(self.float64(x))

    def tanh(self, x: Any) -> Any:
        return tf.tanh(self.float64(x))

    def exp(self, x: Any) -> Any:
        return tf.exp(self.float64(x))

    def log(self, x: Any) -> Any:
        return tf.math.log(self.float64(x))

    def power(self, x: Any, y: Any) -> Any:
        return tf.pow(self.float64(x), self.float64(y))

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        # Not tf.searchsorted, which wants the same leading shape on both sides
        reached = tf.expand_dims(t, -1) >= self._stack(edges)
        return tf.reduce_sum(tf.cast(reached, tf.int32), axis=-1)

    def take(self, values: Sequence[Any], index: Any) -> Any:
        return tf.gather(self._stack(values), index)

    def _stack(self, values: Sequence[Any]) -> Any:
        if any(tf.is_tensor(value) for value in values):
            return tf.stack([self.float64(value) for value in values])
        return tf.constant(np.asarray(values, np.float64))


_tensorflow = TensorFlow()


@tf.autograph.experimental.do_not_convert
def compute(function: Callable[..., tuple[Any, ...]], *arrays: Any) -> tuple[Any, ...]:
    """The function of TensorFlow's tensors and numbers, in float64."""
    given = [tf.stop_gradient(_tensorflow.float64(array)) for array in arrays]
    common = [array.shape for array in given]
    shape = tf.shape(given[0])
    for array in given[1:]:
        shape = tf.broadcast_dynamic_shape(shape, tf.shape(array))
    known = common[0]
    for other in common[1:]:
        known = tf.broadcast_static_shape(known, other)
    return function(_tensorflow, *(tf.ensure_shape(tf.broadcast_to(array, shape), known) for array in given))


@computing(compute)
@tf.autograph.experimental.do_not_convert  # the formulas are TensorFlow operations as they stand
def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> Any:
    """The formula at TensorFlow steps: float32, or `dtype`."""
    steps = tf.convert_to_tensor(step)
    if not (steps.dtype.is_integer or steps.dtype.is_floating):
        raise TypeError(f"step must hold real numbers, got a tensor of {steps.dtype.name}.")
    if tf.executing_eagerly() and tf.size(steps):
        check_step(steps.numpy().min())
        check_step(steps.numpy().max())
    t = tf.maximum(tf.cast(steps, tf.float64), 0.0)
    return tf.cast(formula(t, _tensorflow), dtype or tf.float32)
