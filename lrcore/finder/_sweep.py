"""One sweep: the loss at rates that rise from update to update."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from lrcore._arguments import FINITE, POSITIVE, check_choice, check_many, owner, refuse, set_field
from lrcore._value import value_class
from lrcore.finder._found import Found, Line, rate
from lrcore.finder._marks import FEWEST, Marks, marks

ENDED = ("end", "rise", "not finite")
"""Why a sweep is over: it reached its last rate; the loss rose; it was not finite."""


@value_class
class Sweep(Found):
    """A sweep: the rate rises from update to update, and each update's loss is recorded.

    The loss of update i was computed before its step, so it shows what the rate of update i - 1 did. What the losses say is
    computed from them, as functions that no shift or scale of the losses changes:

        smoothed   a local line with Gaussian weights, a third of a power of ten wide: without a lag
        minimum    the rate of the least smoothed loss
        steepest   the rate at which the smoothed loss falls fastest with the logarithm of the rate
        low, high  the last rates before which less than a tenth, and nine tenths, of the descent are behind
        suggestion a third of `minimum`: near the edge, and as far from it as a longer training with a warmup needs to be

    Args:
        rates: the rate of each update, rising.
        losses: the loss of each of these updates. One that was not finite is left out, and ends the sweep.
        ended: why there are no more: "end", "rise" or "not finite".
        notes: what a runner has to say about how it swept.

    Raises:
        ValueError: the rates do not rise, a rate is not above 0, or the losses are not as many, or not finite.

    >>> from lrcore import Geometric, OneCycle
    >>> import numpy as np
    >>> rates = Geometric(1e-7, end=10.0, steps=99)(np.arange(100))
    >>> losses = 2.3 - 2 / (1 + np.exp(-(np.log10(rates) + 2.5) / 0.35)) + rates**2
    >>> found = Sweep(rates[:90], losses[:90])
    >>> print(found)
    suggestion  3.2e-02
    range       9.5e-03 to 9.5e-02
    steepest    3.4e-03
    minimum     9.5e-02
    low, high   3.6e-04, 1.8e-02
    sweep       90 updates from 1.0e-07 to 1.6e+00; it reached its last rate
    <BLANKLINE>
    The loss falls fastest at 3.4e-03 and is lowest at 9.5e-02.
    >>> found.schedule(OneCycle, steps=1000).peak == found.suggestion
    True
    """

    rates: Sequence[float]
    losses: Sequence[float]
    ended: str = "end"
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_many(self, "rates", POSITIVE, at_least=0, increasing=True)
        check_many(self, "losses", FINITE, at_least=0)
        if len(self.losses) != len(self.rates):
            refuse(owner(self), "losses", f"as many as the rates, {len(self.rates)}", len(self.losses))
        check_choice(self, "ended", ENDED)
        if isinstance(self.notes, str) or not all(isinstance(note, str) for note in self.notes):
            refuse(owner(self), "notes", "a sequence of texts", self.notes, kind=True)
        set_field(self, "notes", tuple(self.notes))

    @cached_property
    def _marks(self) -> Marks:
        return marks(self.rates, self.losses, self.ended)

    @property
    def smoothed(self) -> tuple[float, ...]:
        """The losses, smoothed. What blows up is cut off first."""
        return self._marks.smoothed

    @property
    def noise(self) -> float:
        """The standard deviation of a loss around the smoothed curve, from the changes between neighbours."""
        return self._marks.noise

    @property
    def flags(self) -> tuple[str, ...]:
        """Empty, or one of "not finite at once", "too few points", "no descent", "began too high", "not diverged" and
        "diverged at once".
        """  # noqa: D205
        return self._marks.flags

    @property
    def steepest(self) -> float | None:
        """The rate at which the smoothed loss falls fastest."""
        return self._marks.steepest

    @property
    def minimum(self) -> float | None:
        """The rate of the least smoothed loss."""
        return self._marks.minimum

    @property
    def low(self) -> float | None:
        """The rate at which a tenth of the descent is behind."""
        return self._marks.low

    @property
    def high(self) -> float | None:
        """The rate at which nine tenths of the descent are behind."""
        return self._marks.high

    @property
    def suggestion(self) -> float | None:
        """The recommended peak of a schedule with a warmup and a decay, or None."""
        return self._marks.suggestion

    @property
    def range(self) -> tuple[float, float] | None:
        """From a tenth of `minimum` to `minimum`, or None where there is no suggestion."""
        found = self._marks
        return None if found.suggestion is None or found.minimum is None else (found.minimum / 10, found.minimum)

    @property
    def reason(self) -> str:
        """The result in a sentence or two."""
        found, first, last = self._marks, *(self.rates[:1] or (0.0,)), *(self.rates[-1:] or (0.0,))
        seen = f"The loss falls fastest at {rate(found.steepest)} and is lowest at {rate(found.minimum)}"
        words = {
            "not finite at once": "The first loss is not finite, before any update: "
            "look at the data and the model, not at the rate.",
            "too few points": f"The sweep has {len(self.rates)} of the {FEWEST} losses that are needed: "
            "sweep over more updates.",
            "no descent": f"The loss falls nowhere between {rate(first)} and {rate(last)} by more than its noise: "
            "sweep over more updates or larger batches, or see whether the model trains at all.",
            "began too high": "The loss rises from the start: the sweep began above the edge of stability. "
            f"Begin lower than {rate(first)}.",
            "not diverged": f"{seen}, at the end of the sweep, where it still falls: "
            f"sweep up to a higher rate than {rate(last)}.",
            "diverged at once": f"{seen}, after which it blows up at once: stay below, the edge comes without a warning.",
        }
        return " ".join(words[flag] for flag in found.flags) or f"{seen}."

    def lines(self) -> list[Line]:
        """What is drawn: one line."""
        return [(self.rates, self.losses, self.smoothed)]

    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table: what, and its value."""
        ends = {
            "end": "it reached its last rate",
            "rise": "the loss rose",
            "not finite": "the loss was not finite",
        }
        between = f" from {rate(self.rates[0])} to {rate(self.rates[-1])}" if self.rates else ""
        bounds = "none" if self.range is None else " to ".join(map(rate, self.range))
        return [
            ("suggestion", rate(self.suggestion)),
            ("range", bounds),
            ("steepest", rate(self.steepest)),
            ("minimum", rate(self.minimum)),
            ("low, high", f"{rate(self.low)}, {rate(self.high)}"),
            ("sweep", f"{len(self.rates)} updates{between}; {ends[self.ended]}"),
            *(("note", note) for note in self.notes),
        ]
