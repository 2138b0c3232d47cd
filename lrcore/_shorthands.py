"""Schedules that are expressions in the others, under the names that people know them by."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import KW_ONLY, replace
from functools import cached_property
from typing import Self

from lrcore._arguments import COUNT, FINITE, POSITIVE, WHOLE, check, explained, is_array, refuse, set_field
from lrcore._compositions.sequence import Sequence
from lrcore._families.constant import Constant
from lrcore._families.decay import Decay
from lrcore._families.inverse import InverseSqrt
from lrcore._families.shapes import Falling, falling, shapes
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


class Shorthand(Schedule):
    """A schedule whose value is that of an expression in other schedules."""

    @abstractmethod
    def _expand(self) -> Schedule:
        """The expression: what a shorthand gives, beside its fields."""

    @cached_property
    def _expression(self) -> Schedule:
        return self._expand()

    @property
    def length(self) -> int | None:
        return self._expression.length

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self._expression._value(t, xp)

    def _reach(self) -> int:
        return self._expression._reach()

    def _edges(self) -> Iterator[Edge]:
        return self._expression._edges()

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError(f"{self!r} has a warmup already, and can have only one.")


@value_class
class WSD(Shorthand):
    """The schedule that `wsd` makes, which says all about it.

    >>> from lrcore import wsd
    >>> wsd(1.0, steps=100, warmup=10, cooldown=20)
    wsd(1.0, steps=100, warmup=10, cooldown=20)
    """

    peak: float
    _: KW_ONLY
    steps: int
    warmup_: int
    cooldown_: int
    end: float = 0.0
    shape: str | Schedule = "1-sqrt"

    _name = "wsd"
    _clock = ("steps", "warmup_", "cooldown_")

    def __post_init__(self) -> None:
        check(self, peak=FINITE, steps=COUNT, warmup_=WHOLE, cooldown_=COUNT, end=FINITE)
        together = self.warmup_ + self.cooldown_
        if not is_array(together) and not is_array(self.steps) and together >= self.steps:
            refuse("wsd", "warmup + cooldown", f"below steps, which is {self.steps}", together)
        self._check_shape()

    def _check_shape(self) -> None:
        """Keep a word as it is, and of a family the decay that it gives, which can be printed and saved."""
        if isinstance(self.shape, Schedule):
            fits = not isinstance(self.shape, Decay) or (self.shape.steps, self.shape.start, self.shape.end) == (
                self.cooldown_,
                self.peak,
                self.end,
            )
            if not fits:
                refuse(
                    "wsd", "shape", f"a decay from {self.peak!r} to {self.end!r} over {self.cooldown_} steps", self.shape
                )
            return
        family = falling("wsd", self.shape)
        if not isinstance(self.shape, str):
            words = [word for word, known in shapes.items() if known is family]
            set_field(self, "shape", words[0] if words else family(self.peak, steps=self.cooldown_, end=self.end))

    def _expand(self) -> Schedule:
        hold, shape = self.steps - self.cooldown_, self.shape
        decay = shape if isinstance(shape, Schedule) else shapes[shape](self.peak, steps=self.cooldown_, end=self.end)
        return Sequence([Constant(self.peak), decay], boundaries=[hold]).warmup(self.warmup_)

    def _extended(self, total: int, at: int) -> Schedule:
        if at <= self.steps - self.cooldown_:
            return replace(self, steps=total)
        return super()._extended(total, at)

    def _continued(self, total: int, at: int) -> Schedule:
        return self._expression._continued(total, at)


@explained
def wsd(
    peak: float,
    *,
    steps: int,
    warmup: int,
    cooldown: int,
    end: float = 0.0,
    shape: str | Schedule | Falling = "1-sqrt",
) -> Schedule:
    """Warmup, stable, decay: a ramp up to a peak that is held, and a cooldown at the end of the run.

        lr(t) = peak·t/W                                0 <= t < W
        lr(t) = peak                                    W <= t < T - C
        lr(t) = end + (peak - end)·shape(r)             T - C <= t < T,    r = (t - T + C)/C
        lr(t) = end                                     t >= T

        shape(r) = 1 - r              "linear"
        shape(r) = (1 + cos πr)/2     "cosine"
        shape(r) = 1 - sqrt(r)        "1-sqrt"
        shape(r) = 1 - r²             "1-square"
        shape(r) = 2·0.5**r - 1       "exponential"

    with t the step, T = `steps`, W = `warmup` and C = `cooldown`. The curve is that of
    `Constant(peak).cooldown(at=T - C, steps=C, end=end, shape=shape).warmup(W)`.

    Args:
        peak: the value that is held.
        steps: T, the updates of the whole run.
        warmup: W, the updates of linear increase from 0; 0 for no warmup.
        cooldown: C, the updates of the decay, counted from the end.
        end: the value from step T on.
        shape: one of the above; or a family, called as `shape(peak, steps=cooldown, end=end)`, such as
            `functools.partial(OneMinusPower, power=3)`; or the decay itself, which is what is kept of a family.

    Raises:
        ValueError: warmup and cooldown leave no update between them, or a number is outside its range.

    Reference: Hu et al., MiniCPM (arXiv:2404.06395), section 4.
    Same curve: `transformers.get_wsd_schedule` with `min_lr_ratio=0`, `decay_type` as the shape.

    >>> lr = wsd(1.0, steps=100, warmup=10, cooldown=20, shape="linear")
    >>> [lr(t) for t in (0, 5, 10, 80, 90, 100)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    """
    return WSD(peak, steps=steps, warmup_=warmup, cooldown_=cooldown, end=end, shape=shape)  # type: ignore[arg-type]


@value_class
class Noam(Shorthand):
    """The schedule that `noam` makes, which says all about it.

    >>> from lrcore import noam
    >>> noam(512, warmup=4000)
    noam(512, warmup=4000)
    """

    d_model: int
    _: KW_ONLY
    warmup_: int
    scale: float = 1.0

    _name = "noam"
    _clock = ("warmup_",)

    def __post_init__(self) -> None:
        check(self, d_model=COUNT, warmup_=COUNT, scale=POSITIVE)

    def _scaled(self, total: int, length: int) -> Self:
        """With a factor that keeps the peak, which falls with the root of the warmup."""
        slower = super()._scaled(total, length)
        return replace(slower, scale=self.scale * (slower.warmup_ / self.warmup_) ** 0.5)

    def _expand(self) -> Schedule:
        peak = self.scale * (self.d_model * self.warmup_) ** -0.5
        return InverseSqrt(peak, timescale=self.warmup_).warmup(self.warmup_ - 1, start=peak / self.warmup_)


@explained
def noam(d_model: int, *, warmup: int, scale: float = 1.0) -> Schedule:
    """The Transformer's schedule: a linear warmup, then a decay with the inverse square root of the step.

        lr(t) = scale·d_model**-0.5 · min(s**-0.5, s·warmup**-1.5)    s = t + 1

    with t the step, counted from 0 as everywhere here; the paper counts from 1. The curve is that of
    `InverseSqrt(peak, timescale=W).warmup(W - 1, start=peak / W)` with W = `warmup` and peak = scale·(d_model·W)**-0.5.

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
    return Noam(d_model, warmup_=warmup, scale=scale)
