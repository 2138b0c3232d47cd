"""A straight line."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lrcore._arguments import COUNT, NON_NEGATIVE, check
from lrcore._numeric.blend import LINEAR, symmetric
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Linear(Schedule):
    """A straight line from `start` at step 0 to `end` at step `steps`; flat afterwards.

        lr(t) = start·(T - t)/T + end·t/T    0 <= t < T
        lr(t) = end                          t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        end: the value from step T on; above `start` for a ramp up.
        steps: T, the first step whose value is `end`. In optimizer updates.

    Raises:
        ValueError: `steps` is below 1, or a value is negative or not finite.

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

    _clock = ("steps",)

    def __post_init__(self) -> None:
        check(self, start=NON_NEGATIVE, end=NON_NEGATIVE, steps=COUNT)

    def _value(self, t: Array, xp: Namespace) -> Array:
        t = xp.minimum(t, self.steps)
        return symmetric(self.start, self.end, t, self.steps - t, LINEAR, LINEAR.per(self.steps), xp)

    _after_warmup = Schedule._shortened
