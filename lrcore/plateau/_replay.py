"""What a rule would have done in a run that is over: the rule is pure, so the metric is all that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from lrcore._arguments import COUNT, LARGEST, as_number, is_number, refuse
from lrcore._compositions.product import Product
from lrcore._families.constant import Constant
from lrcore._families.interpolate import Interpolate
from lrcore._families.step_decay import PiecewiseConstant
from lrcore._logs.metric import Metric
from lrcore._schedule import Schedule
from lrcore.plateau._mistakes import warmup_end
from lrcore.plateau._state import PlateauState

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from lrcore.plateau._rule import Plateau


class Cut(NamedTuple):
    """A report after which the scale is smaller.

    Args:
        report: which report it is, counted from 1.
        step: its step in the log, or None if the log has none.
        metric: the value that was reported.
        best: the best one then.
        scale: the scale from here on.
    """

    report: int
    step: float | None
    metric: float
    best: float
    scale: float


class Replay(NamedTuple):
    """What `Plateau.replay` found. As text it is a table of the cuts, and of what looks like a mistake.

    Args:
        plateau: the rule.
        metric: what was reported, with its steps.
        states: the rule's state after each report; where it is that of the report before, the report was in the warmup.
        lr: the schedule that the scale multiplies, or None.
    """

    plateau: Plateau
    metric: Metric
    states: tuple[PlateauState, ...]
    lr: Schedule | None = None

    @property
    def scales(self) -> tuple[float, ...]:
        """The scale after each report."""
        return tuple(state.scale for state in self.states)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The reports after which the scale is smaller."""
        steps = self.metric.steps or (None,) * len(self.states)
        cuts = []
        for i, (before, after) in enumerate(pairwise((self.plateau.start(), *self.states))):
            if after.scale < before.scale:
                cuts.append(Cut(i + 1, steps[i], self.metric.values[i], after.best, after.scale))
        return tuple(cuts)

    @property
    def schedule(self) -> Schedule:
        """The rates as a schedule, which knows the cuts beforehand.

        It is `lr` times stairs, and its steps are updates. Without `lr` it is the scale alone, and its steps are reports.
        """
        values, boundaries = [1.0], []
        for place, scale in zip(self.places, self.scales, strict=True):
            if scale != values[-1]:
                values.append(scale)
                boundaries.append(place)
        stairs: Schedule = PiecewiseConstant(values, boundaries=boundaries) if boundaries else Constant(1.0)
        return stairs if self.lr is None else Product(self.lr, stairs)

    @property
    def places(self) -> tuple[int, ...]:
        """Where each report stands on the clock of `schedule`, after so many updates or reports."""
        if self.lr is None or self.metric.steps is None:
            return tuple(range(1, len(self.states) + 1))
        return tuple(int(step) for step in self.metric.steps)

    @property
    def total(self) -> int:
        """How far there is something to draw, to the end of `lr` or the last report."""
        return max(self.places[-1], (self.lr.length or 0) if self.lr is not None else 0)

    @property
    def doubts(self) -> list[str]:
        """A line for each thing that looks like a mistake, such as too few reports for a cut."""
        return self.plateau.doubts(self.metric.name, self.states[-1].reports)

    def curve(self) -> Schedule:
        """The metric, with a line from each finite report to the next, on the clock of `schedule`."""
        reported = zip(self.places, self.metric.values, strict=True)
        finite = [(place, value) for place, value in reported if -LARGEST <= value <= LARGEST]
        if not finite:
            return Constant(0.0)
        return Interpolate([(0, finite[0][1]), *finite])  # no report is at 0, where a schedule begins

    def plot(self, *others: Replay, path: str | Path | None = None, labels: Sequence[str] | None = None) -> Axes:
        """Draw the metric with the cuts, and below it the rate; of several rules each in a colour of its own.

        Args:
            others: what other rules would have done in the same run.
            path: the file to write, a PNG unless its suffix says another format.
            labels: a name for each rule; by default the expressions.

        Returns:
            The axes of the metric. Those of the rate come after it in `axes.figure.axes`.

        Raises:
            ImportError: matplotlib is missing: `pip install 'lrcore[plot]'`.
            ValueError: the number of labels is another than that of the rules.
        """
        several = [self, *others]
        names = [repr(one.plateau) for one in several] if labels is None else [str(label) for label in labels]
        if len(names) != len(several):
            refuse("Replay.plot", "labels", f"{len(several)} name{'s' * (len(several) > 1)}, one a rule", labels)
        try:
            from lrcore.plateau._figure import draw
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] != "matplotlib":
                raise
            raise ImportError("plots need matplotlib: pip install 'lrcore[plot]'") from missing
        return draw(several, names, path)

    def __repr__(self) -> str:
        cuts = self.cuts
        reports = f"{len(self.states)} report{'s' * (len(self.states) != 1)}"
        head = f"{self.plateau!r} on {reports} of {self.metric.name}: {len(cuts)} cut{'s' * (len(cuts) != 1)}"
        clock = [self.metric.clock] if self.metric.steps else []
        rows = [["report", *clock, self.metric.name, "best", "scale"]]
        for cut in cuts:
            step = [f"{cut.step:,}"] if clock else []
            rows.append([str(cut.report), *step, f"{cut.metric:.6g}", f"{cut.best:.6g}", f"{cut.scale:.6g}"])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        doubts = [line for doubt in self.doubts for line in ("", f"{doubt[:1].upper()}{doubt[1:]}.")]
        return "\n".join([head, *(["", *lines] if cuts else []), *doubts])


def replay(rule: Plateau, metrics: Any, steps: Any, lr: Any) -> Replay:
    """What `Plateau.replay` does."""
    metric = metrics if isinstance(metrics, Metric) else Metric("metric", _numbers("metrics", metrics))
    if not metric.values:
        refuse("Plateau.replay", "metrics", "at least 1 report", metrics)
    if steps is not None:
        metric = metric._replace(steps=_steps(steps, len(metric.values)), clock="step")
    if lr is not None:
        _check_clock(metric, lr)
    first = 0 if lr is None else warmup_end(lr)
    state, states = rule.start(), []
    for step, value in zip(metric.steps or metric.values, metric.values, strict=True):
        if lr is None or step >= first:
            state = rule.update(state, value)
        states.append(state)
    return Replay(rule, metric, tuple(states), lr)


def _numbers(field: str, values: Any) -> tuple[float, ...]:
    """Numbers, NaN and the infinities too."""
    tolist: Any = getattr(values, "tolist", None)
    items = values if tolist is None else tolist()
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        refuse(
            "Plateau.replay", field, "a sequence of numbers, or what lrcore.plateau.read_metric gives", values, kind=True
        )
    numbers = []
    for i, value in enumerate(items):
        if not is_number(value):
            refuse("Plateau.replay", f"{field}[{i}]", "a number", value, kind=True)
        numbers.append(float(value))
    return tuple(numbers)


def _steps(steps: Any, reports: int) -> tuple[float, ...]:
    """The updates before each report, of which one number is those between two."""
    if is_number(steps):
        every = as_number("Plateau.replay", "steps", steps, COUNT)
        return tuple(every * (i + 1) for i in range(reports))
    found = _numbers("steps", steps)
    if len(found) != reports:
        refuse("Plateau.replay", "steps", f"as many as there are reports, {reports}", len(found))
    return tuple(int(step) if step.is_integer() else step for step in found)


def _check_clock(metric: Metric, lr: Any) -> None:
    """Hold the steps to being counts of updates, which a schedule takes."""
    if not isinstance(lr, Schedule):
        refuse("Plateau.replay", "lr", "a schedule", lr, kind=True)
    if metric.steps is None or metric.clock.lower() == "epoch":
        has = "nothing" if metric.steps is None else "epochs"
        hint = f"the log counts {has}: write steps=N for N updates between two reports"
        refuse("Plateau.replay", "steps", "given with lr", None, hint=hint)
    if metric.steps[0] < 1 or any(later - earlier < 1 for earlier, later in pairwise(metric.steps)):
        refuse("Plateau.replay", "steps", "above 0 and in increasing order", list(metric.steps))
