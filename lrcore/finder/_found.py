"""What every result of a finder has: a recommendation with its range, reasons in words, a schedule, a table, a drawing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lrcore import Cyclic, Schedule
from lrcore._arguments import refuse
from lrcore._value import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

S = TypeVar("S", bound=Schedule)

Line = tuple[Sequence[float], Sequence[float], Sequence[float] | None]
"""What is drawn: rates, losses, and the smoothed losses where there are any."""


class Found(Value):
    """A result of `find_lr`: a value that recommends a peak, or says why there is none to recommend."""

    @property
    @abstractmethod
    def suggestion(self) -> float | None:
        """The recommended peak of a schedule with a warmup and a decay, or None."""

    @property
    @abstractmethod
    def range(self) -> tuple[float, float] | None:
        """The lowest and the highest rate between which the best peak is expected, or None."""

    @property
    @abstractmethod
    def flags(self) -> tuple[str, ...]:
        """What is wrong with the result, in fixed words for programs; empty where nothing is."""

    @property
    @abstractmethod
    def reason(self) -> str:
        """The result in a sentence or two: what was seen, and what to do where nothing can be recommended."""

    @abstractmethod
    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table: what, and its value."""

    @abstractmethod
    def lines(self) -> list[Line]:
        """What is drawn of the result, one line for each sweep."""

    def schedule(self, family: Callable[..., S], **fields: Any) -> S:
        """A schedule of a family with the recommended peak: `found.schedule(OneCycle, steps=1000)`.

        A `Cyclic` goes from the lowest to the highest rate of the range.

        Args:
            family: `OneCycle`, `Cosine`, `wsd`, or whatever takes its peak first.
            fields: its other arguments.

        Raises:
            TypeError: `family` is not one, but a schedule or a name.
            ValueError: there is no recommendation.
        """
        if not callable(family) or isinstance(family, Schedule):
            rule = "a family, or a function that takes its peak first"
            refuse(
                f"{self._name}.schedule",
                "family",
                rule,
                family,
                kind=True,
                hint="write found.schedule(OneCycle, steps=...)",
            )
        if self.suggestion is None or self.range is None:
            raise ValueError(f"{self._name}.schedule needs a suggestion, and there is none. {self.reason}")
        if family is Cyclic:
            low, high = self.range
            return family(low, **{"high": high, **fields})
        return family(self.suggestion, **fields)

    def table(self) -> str:
        """The result as text: its numbers, and what they mean."""
        rows = self.rows()
        width = max(len(what) for what, _ in rows)
        return "\n".join([*(f"{what.ljust(width)}  {value}" for what, value in rows), "", self.reason])

    def plot(self, *others: Found, path: str | Path | None = None, labels: Any = None, ax: Axes | None = None) -> Axes:
        """Draw the losses against the rates, with the range and the marks; several results are compared.

        Args:
            others: more results, drawn in the same axes.
            path: the file to write, a PNG unless its suffix says another format.
            labels: a name for each result.
            ax: the axes to draw in; by default a new figure.

        Raises:
            ImportError: matplotlib is missing: `pip install 'lrcore[plot]'`.
        """
        from lrcore.finder._figure import plot

        for i, other in enumerate(others):
            if not isinstance(other, Found):
                refuse(f"{type(self).__name__}.plot", f"others[{i}]", "a result of a finder", other, kind=True)
        axes: Axes = plot([self, *others], path=path, labels=labels, ax=ax)
        return axes

    def _repr_html_(self) -> str:
        from lrcore.finder._html import html

        return html(self)

    def __str__(self) -> str:
        return self.table()


def rate(value: float | None) -> str:
    """A rate as people write one: 3.2e-03."""
    return "none" if value is None else f"{value:.1e}"


def height(line: Line) -> tuple[float, float]:
    """The lowest and the highest loss that a drawing shows: the rest of what blows up is cut off."""
    _, losses, smoothed = line
    shown = losses if smoothed is None else smoothed
    return min(shown, default=0.0), max(shown, default=1.0)
