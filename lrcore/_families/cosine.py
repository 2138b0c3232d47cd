"""Half a cosine."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY
from typing import Any

from lrcore._families.decay import Decay
from lrcore._numeric.blend import split_quotient
from lrcore._numeric.segments import Shape, segment
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Cosine(Decay):
    """Half a cosine from `start` at step 0 to `end` at step `steps`; flat afterwards.

        lr(t) = start·sin²(π/2 · (T - t)/T) + end·sin²(π/2 · t/T)    0 <= t < T
        lr(t) = end                                                  t >= T

    with t the step and T = `steps`. It is the familiar end + (start - end)·(1 + cos(π·t/T))/2, whose digits it keeps
    near both ends.

    Args:
        start: the value at step 0. With warmup before it, the peak.
        steps: T, the first step whose value is `end`. In optimizer updates.
        end: the value from step T on.

    Raises:
        ValueError: `steps` is below 1, or a value is not finite.

    Reference: Loshchilov and Hutter, SGDR (arXiv:1608.03983), equation 5, first cycle.
    Same curve: `optax.cosine_decay_schedule(start, steps, alpha=end / start)`,
        `keras.optimizers.schedules.CosineDecay(start, steps, alpha=end / start)`.
    Not the same: `torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=end)` climbs again after T.

    >>> lr = Cosine(0.1, steps=4)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 3, 4, 9)]
    [0.1, 0.0854, 0.05, 0.0146, 0.0, 0.0]
    """

    start: float
    _: KW_ONLY
    steps: int
    end: float = 0.0

    def _value(self, t: Array, xp: Namespace) -> Array:
        return half_cosine(self.start, self.end, t, self.steps, xp)


def half_cosine(start: Any, end: Any, t: Array, steps: Any, xp: Namespace) -> Array:
    """From `start` to `end` by sin²(π/2·n/steps), with n counted from the nearer end; flat after `steps`.

    The familiar (1 + cos(π·t/steps))/2 keeps no digits near the end, where it subtracts from 1 what is almost 1.
    """
    t = xp.minimum(t, steps)
    return segment(start, end, t, steps - t, COSINE, COSINE.constants(steps), xp)


COSINE = Shape(
    constants=lambda steps: split_quotient(math.pi / 2, _HALF_PI_LOW, steps),
    fraction=lambda n, high, low, xp: xp.sin_squared(n * high, n * low),
)
_HALF_PI_LOW = 6.123233995736766e-17
"""The difference between π/2 and its float."""
