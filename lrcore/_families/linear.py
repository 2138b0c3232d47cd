"""A straight line."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Any

from lrcore._families.decay import Decay
from lrcore._numeric.blend import split_quotient
from lrcore._numeric.segments import Shape, segment
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Linear(Decay):
    """A straight line from `start` at step 0 to `end` at step `steps`; flat afterwards.

        lr(t) = start·(T - t)/T + end·t/T    0 <= t < T
        lr(t) = end                          t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        end: the value from step T on; above `start` for a ramp up.
        steps: T, the first step whose value is `end`. In optimizer updates.

    Raises:
        ValueError: `steps` is below 1, or a value is not finite.

    Same curve: `optax.linear_schedule(start, end, steps)`;
        `Linear(a * lr, end=b * lr, steps=n)` is `torch.optim.lr_scheduler.LinearLR(optimizer, a, b, total_iters=n)`.
    Not the same: mmengine's `LinearLR` reaches its end one update earlier.

    >>> lr = Linear(1.0, end=0.2, steps=4)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 3, 4, 9)]
    [1.0, 0.8, 0.6, 0.4, 0.2, 0.2]
    """

    start: float
    _: KW_ONLY
    end: float
    steps: int

    def _value(self, t: Array, xp: Namespace) -> Array:
        return line(self.start, self.end, t, self.steps, xp)


def line(start: Any, end: Any, t: Array, steps: Any, xp: Namespace) -> Array:
    """From `start` to `end` by n/steps, with n counted from the nearer end; flat after `steps`."""
    t = xp.minimum(t, steps)
    return segment(start, end, t, steps - t, LINEAR, LINEAR.constants(steps), xp)


# Not n/steps: compilers make a product with the reciprocal of it, an ulp off; and where `start` is a float32, the exact
# value often lies halfway between two others
LINEAR = Shape(
    constants=lambda steps: split_quotient(1.0, 0.0, steps),
    fraction=lambda n, high, low, xp: n * high - n * low,
)
