"""Repeated sweeps: how much of a suggestion is chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from lrcore._arguments import owner, refuse, set_field
from lrcore._value import value_class
from lrcore.finder._found import Found, Line, rate
from lrcore.finder._sweep import Sweep

WIDE = 3.0
"""A factor of spread above which a suggestion is called not reproducible."""


@value_class
class Sweeps(Found):
    """Sweeps of one training, each with its own seed and batches: the median of their marks, and the spread.

        spread = exp(1.4826·median(|log suggestion - median(log suggestion)|))

    a factor: 1.4 says that one sweep in three or so is off by more than 1.4 times. Sweeps that suggest nothing are left out
    of the median; where they are half or more, nothing is suggested.

    Args:
        sweeps: the sweeps, at least one.

    Raises:
        TypeError: an item is not a `Sweep`.

    >>> Sweeps([Sweep([0.1, 0.2], [1.0, 1.1])]).flags
    ('too few points',)
    """

    sweeps: Sequence[Sweep]

    def __post_init__(self) -> None:
        for i, sweep in enumerate(self.sweeps):
            if not isinstance(sweep, Sweep):
                refuse(owner(self), f"sweeps[{i}]", "a Sweep", sweep, kind=True)
        if not self.sweeps:
            refuse(owner(self), "sweeps", "have at least 1 sweep", self.sweeps)
        set_field(self, "sweeps", tuple(self.sweeps))

    def _answers(self, name: str) -> list[float]:
        return [value for sweep in self.sweeps if (value := getattr(sweep, name)) is not None]

    def _median(self, name: str) -> float | None:
        found = self._answers(name)
        return math.exp(median(map(math.log, found))) if 2 * len(found) > len(self.sweeps) else None

    @property
    def suggestion(self) -> float | None:
        """The median of the sweeps' suggestions, or None."""
        return self._median("suggestion")

    @property
    def steepest(self) -> float | None:
        """The median of the sweeps' `steepest`."""
        return self._median("steepest")

    @property
    def minimum(self) -> float | None:
        """The median of the sweeps' `minimum`."""
        return self._median("minimum")

    @property
    def low(self) -> float | None:
        """The median of the sweeps' `low`."""
        return self._median("low")

    @property
    def high(self) -> float | None:
        """The median of the sweeps' `high`."""
        return self._median("high")

    @property
    def range(self) -> tuple[float, float] | None:
        """From a tenth of the median `minimum` to that, or None where there is no suggestion."""
        return None if self.suggestion is None or self.minimum is None else (self.minimum / 10, self.minimum)

    @property
    def spread(self) -> float | None:
        """The factor by which suggestions differ; None where there are fewer than two."""
        logs = [math.log(value) for value in self._answers("suggestion")]
        if len(logs) < 2:
            return None
        middle = median(logs)
        return math.exp(1.4826 * median(abs(log - middle) for log in logs))

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that half of the sweeps or more have, and "not reproducible" where the spread is above 3."""
        every = [flag for sweep in self.sweeps for flag in sweep.flags]
        common = [flag for flag in dict.fromkeys(every) if 2 * every.count(flag) >= len(self.sweeps)]
        return (*common, *["not reproducible"] * ((self.spread or 1.0) > WIDE))

    @property
    def reason(self) -> str:
        """The result in a sentence or two."""
        silent = len(self.sweeps) - len(self._answers("suggestion"))
        if self.suggestion is None:
            first = next(sweep for sweep in self.sweeps if sweep.suggestion is None)
            return f"{silent} of {len(self.sweeps)} sweeps suggest nothing. The first of them: {first.reason}"
        words = [f"The loss falls fastest at {rate(self.steepest)} and is lowest at {rate(self.minimum)}, by the median."]
        if silent:
            words.append(f"{silent} of {len(self.sweeps)} sweeps suggest nothing.")
        if "not diverged" in self.flags:
            words.append("It still falls at the end: sweep up to a higher rate.")
        if "not reproducible" in self.flags:
            words.append("The sweeps disagree: use more updates, or larger batches.")
        return " ".join(words)

    def lines(self) -> list[Line]:
        """What is drawn: a line for each sweep."""
        return [line for sweep in self.sweeps for line in sweep.lines()]

    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table: what, and its value."""
        spread = "" if self.spread is None else f" (×÷ {self.spread:.1f} over {len(self.sweeps)})"
        bounds = "none" if self.range is None else " to ".join(map(rate, self.range))
        return [
            ("suggestion", f"{rate(self.suggestion)}{spread}"),
            ("range", bounds),
            ("steepest", rate(self.steepest)),
            ("minimum", rate(self.minimum)),
            ("low, high", f"{rate(self.low)}, {rate(self.high)}"),
            ("each", ", ".join(rate(sweep.suggestion) for sweep in self.sweeps)),
            *(("note", note) for note in dict.fromkeys(note for sweep in self.sweeps for note in sweep.notes)),
        ]
