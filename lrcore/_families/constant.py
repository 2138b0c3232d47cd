"""A constant."""

from __future__ import annotations

from lrcore._arguments import FINITE, check
from lrcore._schedule import Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Constant(Schedule):
    """The same value at every step.

        lr(t) = value    0 <= t

    Args:
        value: the value. Unbounded: it has no length of its own.

    Raises:
        ValueError: `value` is not finite.

    Same curve: `optax.constant_schedule(value)`, `torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)`.

    >>> lr = Constant(0.1)
    >>> lr(0), lr(10**9)
    (0.1, 0.1)
    """

    value: float

    def __post_init__(self) -> None:
        check(self, value=FINITE)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return xp.full(t, self.value)

    def _reach(self) -> int:
        return 1_000
