"""A grid: short trainings from one start, each with another peak, of the schedule that will be used."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from lrcore import Schedule
from lrcore._arguments import COUNT, FINITE, POSITIVE, WHOLE, as_number, as_numbers, check_many, owner, refuse, set_field
from lrcore._value import value_class
from lrcore.finder._found import Found, Line, rate

FEWEST = 3
"""Peaks below which a best one has no neighbours."""

Train = Callable[[Sequence[float], Schedule], Sequence[float]]
"""Trains with each of some peaks for the length of a schedule whose peak is 1, and gives the losses at the end."""


@value_class
class Grid(Found):
    """The loss at the end of short, equal trainings, one for each peak.

    A sweep shows each rate to weights that all lower rates have trained before: it confounds the rate with the time. Here
    every rate starts from the same weights, and runs through a whole schedule.

        best      the peak of the least loss
        bracket   its neighbours: the best peak of such trainings lies between them

    Args:
        peaks: the peaks, rising.
        losses: the loss at the end of each training; None where it diverged.
        shape: what was trained: a schedule whose peak is 1, which each peak multiplies.
        stages: the number of updates of each peak's last training, where successive halving gave some fewer than others.
        notes: what a runner has to say.

    Raises:
        ValueError: there are fewer than 3 peaks, they do not rise, or there are not as many losses; or the shape does not
            end, or its peak is not 1.

    >>> from lrcore import OneCycle
    >>> found = Grid([0.01, 0.02, 0.04, 0.08], [0.9, 0.7, 0.6, None], OneCycle(1.0, steps=50))
    >>> found.best, found.bracket
    (0.04, (0.02, 0.08))
    >>> found.schedule(OneCycle, steps=1000)
    OneCycle(0.04, steps=1000)
    """

    peaks: Sequence[float]
    losses: Sequence[float | None]
    shape: Schedule
    stages: Sequence[int] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        name = owner(self)
        set_field(self, "peaks", peaks_of(name, self.peaks))
        check_shape(name, "shape", self.shape)
        if len(self.losses) != len(self.peaks):
            refuse(name, "losses", f"as many as the peaks, {len(self.peaks)}", len(self.losses))
        losses = [None if x is None else as_number(name, f"losses[{i}]", x, FINITE) for i, x in enumerate(self.losses)]
        set_field(self, "losses", tuple(losses))
        check_many(self, "stages", COUNT, at_least=0)
        if len(self.stages) not in (0, len(self.peaks)):
            refuse(name, "stages", f"as many as the peaks, {len(self.peaks)}", len(self.stages))
        set_field(self, "notes", tuple(self.notes))

    @cached_property
    def _best(self) -> int | None:
        longest = max(self.stages, default=0)
        ended = [
            (loss, i)
            for i, loss in enumerate(self.losses)
            if loss is not None and (not self.stages or self.stages[i] == longest)
        ]
        return min(ended)[1] if ended else None

    @property
    def best(self) -> float | None:
        """The peak of the least loss, of those that were trained longest; None where all diverged."""
        return None if self._best is None else self.peaks[self._best]

    @property
    def bracket(self) -> tuple[float, float] | None:
        """The peaks beside the best; None where it is the first or the last, so that one side is open."""
        i = self._best
        return None if i is None or not 0 < i < len(self.peaks) - 1 else (self.peaks[i - 1], self.peaks[i + 1])

    @property
    def suggestion(self) -> float | None:
        """The best peak."""
        return self.best

    @property
    def range(self) -> tuple[float, float] | None:
        """The peaks beside the best, or what there is of them."""
        i = self._best
        return None if i is None else (self.peaks[max(0, i - 1)], self.peaks[min(len(self.peaks) - 1, i + 1)])

    @property
    def flags(self) -> tuple[str, ...]:
        """Empty, or one of "diverged everywhere", "lowest is best" and "highest is best"."""
        if self._best is None:
            return ("diverged everywhere",)
        ends = {0: "lowest is best", len(self.peaks) - 1: "highest is best"}
        return (ends[self._best],) if self._best in ends else ()

    @property
    def reason(self) -> str:
        """The result in a sentence or two."""
        first, last = self.peaks[0], self.peaks[-1]
        if self._best is None:
            return f"Every training diverged: try peaks below {rate(first)}."
        words = f"The best of {len(self.peaks)} short trainings has its peak at {rate(self.best)}"
        if self.bracket:
            return f"{words}, between {rate(self.bracket[0])} and {rate(self.bracket[1])}."
        beyond = f"below {rate(first)}" if self._best == 0 else f"above {rate(last)}"
        return f"{words}, the last on that side: try peaks {beyond} too."

    def lines(self) -> list[Line]:
        """What is drawn: the trainings that did not diverge."""
        points = [(peak, loss) for peak, loss in zip(self.peaks, self.losses, strict=True) if loss is not None]
        return [([peak for peak, _ in points], [loss for _, loss in points], None)]

    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table: what, and its value."""
        bounds = "none" if self.range is None else " to ".join(map(rate, self.range))
        each = [
            (f"  {rate(peak)}", "diverged" if loss is None else f"{loss:.4g}")
            for peak, loss in zip(self.peaks, self.losses, strict=True)
        ]
        if self.stages:
            each = [(peak, f"{loss}, {n} updates") for (peak, loss), n in zip(each, self.stages, strict=True)]
        head = [("suggestion", rate(self.suggestion)), ("range", bounds), ("shape", repr(self.shape)), ("peak", "loss")]
        return [*head, *each, *(("note", note) for note in self.notes)]


def search(train: Train, peaks: Sequence[float], shape: Schedule, *, halving: int = 0, notes: Sequence[str] = ()) -> Grid:
    """Train with each peak, and say which is best.

    With `halving` the trainings begin shorter: of the first, `steps/2**halving` updates long, the better half goes on to
    one that is twice as long, from the start again and through a whole schedule, until some run the full length.

    Args:
        train: trains with some peaks for the length of a schedule, and gives the loss at each one's end, NaN where it
            diverged. `lrcore_torch`, `lrcore_keras` and `lrcore_optax` have one each.
        peaks: the peaks, rising.
        shape: the schedule to train with, its peak 1.
        halving: how often half of the peaks are left out.
        notes: what a runner has to say.

    Raises:
        ValueError: before anything is trained: the schedule does not end, its peak is not 1, or it is too short to be
            halved so often; or there are fewer than 3 peaks, or they do not rise.

    >>> from lrcore import Cosine
    >>> found = search(lambda peaks, shape: [abs(peak - 0.1) for peak in peaks], powers(0.01, 1.0), Cosine(1.0, steps=40))
    >>> found.best
    0.08
    """
    peaks = peaks_of("search", peaks)
    length = check_shape("search", "shape", shape)
    as_number("search", "halving", halving, WHOLE)
    if length >> halving < 1:
        refuse("search", "halving", f"so small that {length} updates can be halved so often", halving)
    losses: list[float | None] = [None] * len(peaks)
    stages = [0] * len(peaks)
    left = list(range(len(peaks)))
    for stage in range(halving, -1, -1):
        if not left:  # all diverged
            break
        steps = length >> stage
        part = shape if stage == 0 else shape.stretch(steps)
        ended = train([peaks[i] for i in left], part)
        for i, loss in zip(left, ended, strict=True):
            losses[i], stages[i] = (float(loss) if math.isfinite(loss) else None), steps
        ranked = sorted((losses[i], i) for i in left if losses[i] is not None)
        if stage:
            left = sorted(i for _, i in ranked[: max(1, math.ceil(len(left) / 2))])
    return Grid(peaks, losses, shape, stages=stages if halving else (), notes=notes)


def peaks_of(owner: str, peaks: Any) -> tuple[float, ...]:
    """The peaks of a grid, of which a best one has neighbours."""
    return as_numbers(owner, "peaks", peaks, POSITIVE, at_least=FEWEST, increasing=True)


def check_shape(owner: str, field: str, shape: Schedule) -> int:
    """The length of a shape: refused is one that does not end, or whose peak is not 1, since each peak multiplies it."""
    import numpy as np

    if not isinstance(shape, Schedule):
        refuse(owner, field, "a schedule", shape, kind=True)
    if shape.length is None:
        refuse(owner, field, "a schedule that ends", shape)
    highest = shape(np.arange(shape.length + 1)).max()
    if not 0.5 < highest <= 1.0 + 1e-9:  # a peak between two steps is met by neither
        hint = "the peaks to be tried multiply it"
        refuse(owner, field, "a schedule whose peak is 1", shape, hint=hint)
    return max(shape.length, 1)


def powers(low: float, high: float, factor: float = 2.0) -> list[float]:
    """Rates from `low` up to `high` at most, each `factor` times the one before.

    >>> powers(0.1, 1.0)
    [0.1, 0.2, 0.4, 0.8]
    """
    low, high = as_number("powers", "low", low, POSITIVE), as_number("powers", "high", high, POSITIVE)
    if as_number("powers", "factor", factor, POSITIVE) <= 1:
        refuse("powers", "factor", "above 1", factor)
    if high <= low:
        refuse("powers", "high", f"above low, {low!r}", high)
    steps = math.floor(math.log(high / low) / math.log(factor) * (1 + 1e-12))
    return [low * factor**i for i in range(steps + 1)]
