"""One over the time, and over its square root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from lrcore._arguments import COUNT, NON_NEGATIVE, POSITIVE, check, check_bool, plain
from lrcore._families.step_decay import stairs
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class InverseTime(Schedule):
    """Divided by a line that rises with time.

        lr(t) = start/(1 + rate·t/every)           0 <= t
        lr(t) = start/(1 + rate·floor(t/every))    0 <= t, with staircase

    with t the step.

    Args:
        start: the value at step 0.
        rate: how much the divisor grows over `every` steps.
        every: the steps that takes. In optimizer updates; need not be whole.
        staircase: change only every `every` steps.

    Raises:
        ValueError: `every` is not above 0, or another number is negative or not finite.
        TypeError: `staircase` is not a bool.

    Same curve: `keras.optimizers.schedules.InverseTimeDecay(start, every, rate, staircase)`.

    >>> lr = InverseTime(1.0, rate=1.0)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 3, 9)]
    [1.0, 0.5, 0.3333, 0.25, 0.1]
    """

    start: float
    _: KW_ONLY
    rate: float
    every: float = 1
    staircase: bool = False

    _clock = ("every",)

    def __post_init__(self) -> None:
        check(self, start=NON_NEGATIVE, rate=NON_NEGATIVE, every=POSITIVE)
        check_bool(self, "staircase")

    def _value(self, t: Array, xp: Namespace) -> Array:
        passed = xp.floor_divide(t, self.every) if self.staircase else t / self.every
        return self.start / (1.0 + self.rate * passed)

    def _edges(self) -> Iterator[tuple[int, str]]:
        return stairs(self.every) if self.staircase else iter(())


@dataclass(frozen=True, eq=False, repr=False)
class InverseSqrt(Schedule):
    """Divided by the square root of the time.

        lr(t) = start·sqrt(timescale/(t + timescale))    0 <= t

    with t the step. With `timescale=W` and `.warmup(W)` it is start·sqrt(W/t) from step W on: the schedule of T5,
    fairseq and the Transformer, which need the warmup since theirs is infinite at step 0.

    Args:
        start: the value at step 0. With warmup before it, the peak.
        timescale: the step at which the value has fallen to start/sqrt(2). In optimizer updates; need not be whole.

    Raises:
        ValueError: `timescale` is not above 0, or `start` is negative or not finite.

    Reference: Vaswani et al., Attention Is All You Need (arXiv:1706.03762), equation 3, its second branch.
    Same curve: `InverseSqrt(lr, timescale=W).warmup(W)` is `transformers.get_inverse_sqrt_schedule(optimizer, W)`.

    >>> lr = InverseSqrt(1.0, timescale=100).warmup(100)
    >>> [lr(t) for t in (0, 50, 100, 400, 10_000)]
    [0.0, 0.5, 1.0, 0.5, 0.1]
    """

    start: float
    _: KW_ONLY
    timescale: float

    _clock = ("timescale",)

    def __post_init__(self) -> None:
        check(self, start=NON_NEGATIVE, timescale=POSITIVE)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.start * xp.sqrt(self.timescale / (t + self.timescale))


def noam(d_model: int, *, warmup: int, scale: float = 1.0) -> Schedule:
    """The Transformer's schedule, as an expression in `InverseSqrt` and `.warmup`.

        lr(t) = scale·d_model**-0.5 · min(s**-0.5, s·warmup**-1.5)    s = t + 1

    with t the step, counted from 0 as everywhere here; the paper counts from 1.

    Args:
        d_model: the width of the model.
        warmup: the updates of linear increase; the update after them is the first to decrease.
        scale: a factor on the whole.

    Raises:
        ValueError: `d_model` or `warmup` is below 1, or `scale` is not above 0.

    Reference: Vaswani et al., Attention Is All You Need (arXiv:1706.03762), equation 3.
    Not the same: NeMo's and Paddle's Noam count from 0, so that their first update has rate 0 or repeats the second's.

    >>> lr = noam(512, warmup=4000)
    >>> f"{lr(0):.4g} {lr(3999):.4g} {lr(15_999):.4g}"
    '1.747e-07 0.0006988 0.0003494'
    """
    d_model = plain("noam", "d_model", d_model, COUNT)
    warmup = plain("noam", "warmup", warmup, COUNT)
    scale = plain("noam", "scale", scale, POSITIVE)
    peak = scale * (d_model * warmup) ** -0.5
    return InverseSqrt(peak, timescale=warmup).warmup(warmup - 1, start=peak / warmup)
