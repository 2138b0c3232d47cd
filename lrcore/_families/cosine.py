"""Half a cosine."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lrcore._arguments import COUNT, NON_NEGATIVE, check
from lrcore._numeric.blend import COSINE, symmetric
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Cosine(Schedule):
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
        ValueError: `steps` is below 1, or a value is negative or not finite.

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

    _clock = ("steps",)

    def __post_init__(self) -> None:
        check(self, start=NON_NEGATIVE, steps=COUNT, end=NON_NEGATIVE)

    def _value(self, t: Array, xp: Namespace) -> Array:
        t = xp.minimum(t, self.steps)
        return symmetric(self.start, self.end, t, self.steps - t, COSINE, COSINE.per(self.steps), xp)

    _after_warmup = Schedule._shortened
