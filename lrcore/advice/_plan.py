"""What is known of a run, and its four clocks: updates, epochs, samples, tokens."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY
from fractions import Fraction
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from lrcore._arguments import (
    COUNT,
    FRACTION,
    NON_NEGATIVE,
    SHARE,
    as_number,
    check,
    check_choice,
    check_schedule,
    chosen,
    is_array,
    is_number,
    refuse,
    set_field,
)
from lrcore._compositions.samples import SampleClock, sample_clock
from lrcore._schedule import Schedule
from lrcore._value import Value, value_class
from lrcore._view.plot import plot, written_to
from lrcore._view.svg import svg
from lrcore._vocabulary import DTYPES, MODELS, OPTIMIZERS
from lrcore.advice._table import Table
from lrcore.plateau import Plateau

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CLOCKS = ("updates", "epochs", "samples", "tokens")
"""What the progress of a run is counted in."""

ADAM = ("adamw", "adam", "nadam", "radam")
"""Those that divide by a running mean of squares, as Adam does."""

DECOUPLED = ("adamw", "lion")
"""Those whose weight decay is multiplied by the rate."""


class Progress(NamedTuple):
    """How far a run is, on every clock that is known; None where it is not.

    Args:
        updates: the optimizer updates made.
        epochs: the passes over the data, a fraction where one is under way.
        samples: the samples seen, of which each update counts a whole batch.
        tokens: the tokens seen.
        rate: the rate of the next update.
    """

    updates: int
    epochs: float | None
    samples: int | None
    tokens: int | None
    rate: float


@value_class
class Plan(Value):
    """What is known of a run: its schedule, and anything else that `check` can use. Only the schedule is needed.

    What is not given is not guessed: the rules that need it are not asked.

    Args:
        schedule: the schedule of the learning rate.
        total: the updates of the run.
        steps_per_epoch: the updates of an epoch; by default computed from `dataset_size` and a `batch` that does not grow.
        stepped: what moves the schedule on by one: "update", or "epoch" where the loop calls `step()` once an epoch.
        batch: the samples of one update, over all processes and accumulated batches; or a schedule of them, in updates.
        accumulation: the batches whose gradients make one update.
        processes: the processes that train together on parts of each batch.
        dataset_size: the samples of an epoch.
        tokens_per_sample: the tokens of a sample: the length of a sequence.
        optimizer: "adamw", "sgd", or another name of `lrcore.advice.OPTIMIZERS`; in any case, with or without signs.
        momentum: SGD's momentum, or the first beta of Adam.
        beta2: the second beta of Adam.
        weight_decay: the optimizer's weight decay.
        dtype: what the parameters are kept in, where the optimizer changes them: "float32", "bfloat16" or "float16".
            Mixed precision with a float32 copy is "float32".
        model: "transformer", "convnet", "diffusion" or "other".
        pretrained: whether the weights are trained already.
        reference_batch: the batch that the schedule's peak was found at.
        plateau: the rule that lowers the rate where a metric stalls: a `lrcore.plateau.Plateau`.
        reports: how often the metric is reported in the run.
        monitor: the metric's name.
        stop_patience: the reports without improvement after which the run is stopped early.

    Raises:
        ValueError: a number is out of range, a word is unknown, or `batch` cannot be shared by the processes.
        TypeError: an argument is of the wrong kind.

    >>> from lrcore import Cosine
    >>> plan = Plan(Cosine(6e-4, steps=10_000), total=10_000, batch=512, tokens_per_sample=2_048, optimizer="AdamW")
    >>> plan
    Plan(Cosine(0.0006, steps=10000), total=10000, batch=512, tokens_per_sample=2048, optimizer='adamw')
    >>> plan.at(tokens=2_621_440_000)
    Progress(updates=2500, epochs=None, samples=1280000, tokens=2621440000, rate=0.0005121320343559642)
    """

    schedule: Schedule
    _: KW_ONLY
    total: int | None = None
    steps_per_epoch: int | None = None
    stepped: str = "update"
    batch: int | Schedule | None = None
    accumulation: int = 1
    processes: int = 1
    dataset_size: int | None = None
    tokens_per_sample: int | None = None
    optimizer: str | None = None
    momentum: float | None = None
    beta2: float | None = None
    weight_decay: float | None = None
    dtype: str | None = None
    model: str | None = None
    pretrained: bool | None = None
    reference_batch: int | None = None
    plateau: Plateau | None = None
    reports: int | None = None
    monitor: str | None = None
    stop_patience: int | None = None

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        if self.schedule._array is not None:
            refuse("Plan", "schedule", "one whose numbers are known, not an array of a framework", self.schedule, kind=True)
        counts = ("total", "steps_per_epoch", "dataset_size", "tokens_per_sample", "reference_batch", "reports")
        check(self, accumulation=COUNT, processes=COUNT)
        check(self, **{name: COUNT for name in (*counts, "stop_patience") if getattr(self, name) is not None})
        numbers = {"momentum": SHARE, "beta2": FRACTION, "weight_decay": NON_NEGATIVE}
        check(self, **{name: rule for name, rule in numbers.items() if getattr(self, name) is not None})
        check_choice(self, "stepped", ("update", "epoch"))
        if isinstance(self.optimizer, str):
            set_field(self, "optimizer", self.optimizer.lower().replace("-", "").replace("_", "").replace(" ", ""))
        for name, choices in (("optimizer", OPTIMIZERS), ("model", MODELS), ("dtype", DTYPES)):
            if getattr(self, name) is not None:
                check_choice(self, name, choices)
        if self.pretrained is not None and not isinstance(self.pretrained, bool):
            refuse("Plan", "pretrained", "True or False", self.pretrained, kind=True)
        if self.monitor is not None and not isinstance(self.monitor, str):
            refuse("Plan", "monitor", "the name of a metric", self.monitor, kind=True)
        if self.plateau is not None and not isinstance(self.plateau, Plateau):
            refuse("Plan", "plateau", "a Plateau", self.plateau, kind=True)
        self._check_batch()

    def _check_batch(self) -> None:
        if self.batch is None:
            return
        if is_array(self.batch) or not (isinstance(self.batch, Schedule) or is_number(self.batch)):
            refuse("Plan", "batch", "a positive integer or a schedule of one", self.batch, kind=True)
        if not isinstance(self.batch, Schedule):
            check(self, batch=COUNT)
        assert self._samples is not None
        parts = self.accumulation * self.processes
        for size in self._samples.sizes:
            if size % parts:
                rule = f"a multiple of {parts}, the accumulated batches times the processes"
                refuse("Plan", "batch", rule, size, hint="batch counts the samples of one update, over all of them")

    # The clocks. Every conversion of the package goes through `_to` and `_from`.

    @cached_property
    def _samples(self) -> SampleClock | None:
        return None if self.batch is None else sample_clock("Plan", self.batch)

    @cached_property
    def epoch(self) -> int | None:
        """The updates of an epoch, as given or by `dataset_size` and `batch`, the last and smaller batch included."""
        if self.steps_per_epoch is not None or self.dataset_size is None or self._samples is None:
            return self.steps_per_epoch
        return math.ceil(self.dataset_size / self._samples.sizes[0]) if len(self._samples.sizes) == 1 else None

    @property
    def calls(self) -> int | None:
        """The steps of the schedule in the run, which are its epochs where the schedule is stepped once an epoch."""
        if self.total is None or self.stepped == "update":
            return self.total
        return None if self.epoch is None else max(1, math.ceil(self.total / self.epoch))

    def rate(self, update: int) -> float:
        """The rate of an update, by the step that the schedule has reached there."""
        if self.stepped == "update":
            return self.schedule(update)
        if self.epoch is None:
            refuse("Plan", "steps_per_epoch", "given where the schedule is stepped once an epoch", None)
        return self.schedule(update // self.epoch)

    def at(self, **clock: float) -> Progress:
        """How far the run is at so many updates, epochs, samples or tokens: the first update by which they are reached.

        Raises:
            TypeError: not one clock is named.
            ValueError: the plan does not know that clock: its batch, say.

        >>> from lrcore import Constant
        >>> plan = Plan(Constant(0.1), batch=256, dataset_size=1_281_167)
        >>> plan.at(epochs=90).updates, plan.at(samples=1_000_000).updates
        (450450, 3907)
        """
        if len(clock) != 1 or (name := next(iter(clock))) not in CLOCKS:
            raise TypeError(f"Plan.at takes one of {', '.join(f'{name}=' for name in CLOCKS)}; got {sorted(clock)}.")
        value = as_number("Plan.at", name, clock[name], NON_NEGATIVE)
        return self._progress(self._from(name, value))

    def _progress(self, update: int) -> Progress:
        counted = {name: self._to(name, update) if self.knows(name) else None for name in CLOCKS}
        return Progress(**counted, rate=self.rate(update))  # type: ignore[arg-type]

    def knows(self, clock: str) -> bool:
        """Whether updates can be told on a clock."""
        if clock == "epochs":
            return self.epoch is not None or (self.dataset_size is not None and self._samples is not None)
        known = {"updates": True, "samples": self._samples is not None}
        return known.get(clock, self._samples is not None and self.tokens_per_sample is not None)

    def _need(self, clock: str) -> None:
        needed = {
            "epochs": "steps_per_epoch, or batch and dataset_size",
            "samples": "batch",
            "tokens": "batch and tokens_per_sample",
        }
        if not self.knows(clock):
            raise ValueError(f"Plan has no clock of {clock}: it needs {needed[clock]}.")

    def _to(self, clock: str, update: int) -> float:
        """An update on another clock."""
        self._need(clock)
        if clock == "updates":
            return update
        if clock == "epochs" and self.epoch is not None:
            return update / self.epoch
        assert self._samples is not None
        seen = self._samples.samples(update)
        if clock == "epochs":
            assert self.dataset_size is not None
            return seen / self.dataset_size
        return seen if clock == "samples" else seen * (self.tokens_per_sample or 0)

    def _from(self, clock: str, value: float) -> int:
        """The first update by which so much is reached on a clock."""
        self._need(clock)
        if clock == "updates":
            return math.ceil(value)
        if clock == "epochs":
            return self._from_epochs(value)
        assert self._samples is not None
        samples = math.ceil(value)
        return self._samples.step(-(-samples // (self.tokens_per_sample or 1)) if clock == "tokens" else samples)

    def _from_epochs(self, epochs: float) -> int:
        """The first update whose epochs are as many, as floats: rounding up the product may be an update too late."""
        if self.epoch is not None:
            update = math.ceil(Fraction(epochs) * self.epoch)
        else:
            assert self._samples is not None
            update = self._samples.step(math.ceil(Fraction(epochs) * (self.dataset_size or 0)))
        return update - 1 if update and self._to("epochs", update - 1) >= epochs else update

    # To look at.

    def table(self, rows: int = 11, *, clock: str = "updates") -> Table:
        """The run in rows at even distances on a clock, each with every clock that is known, and the rate there.

        Raises:
            ValueError: the plan has neither a total nor a schedule that ends, or it does not know the clock.

        >>> from lrcore import Linear
        >>> print(Plan(Linear(1.0, end=0.0, steps=100), batch=32).table(3, clock="samples"))
        updates  samples  rate
              0        0     1
             50    1,600   0.5
            100    3,200     0
        """
        last = self._horizon("table")
        chosen("Plan.table", "clock", clock, CLOCKS)
        end = self._to(clock, last)
        count = as_number("Plan.table", "rows", rows, COUNT)
        updates = [min(last, self._from(clock, end * i / max(1, count - 1))) for i in range(count)]
        found = [self._progress(update) for update in dict.fromkeys(updates)]
        names = [name for name in CLOCKS if self.knows(name)]
        return Table((*names, "rate"), [[*(getattr(row, name) for name in names), row.rate] for row in found])

    def _horizon(self, method: str) -> int:
        length = self.schedule.length
        last = self.total or (
            None if length is None else length if self.stepped == "update" else length * (self.epoch or 1)
        )
        if last is None:
            raise ValueError(f"Plan.{method} needs the plan's total: {self.schedule!r} never ends.")
        return last

    def plot(self, *, clock: str = "updates", **options: Any) -> Axes:
        """The run's curve, with an axis of epochs, samples or tokens above that of updates. Needs `lrcore[plot]`.

        >>> import tempfile
        >>> from lrcore import Cosine
        >>> plan = Plan(Cosine(0.1, steps=100), batch=32, tokens_per_sample=128)
        >>> axes = plan.plot(clock="tokens", path=f"{tempfile.mkdtemp()}/rate.svg")
        """
        import numpy as np

        last, path = self._horizon("plot"), options.pop("path", None)
        chosen("Plan.plot", "clock", clock, CLOCKS)
        self._need(clock)
        of_epochs = self.stepped == "epoch" and self.epoch is not None
        curve = self.schedule.per_epoch(self.epoch) if of_epochs and self.epoch is not None else self.schedule
        axes = plot(curve, total=last, **options)
        if clock != "updates":
            updates = np.unique(np.linspace(0, last, 4_097).round())
            there = np.array([self._to(clock, int(update)) for update in updates])
            both = (lambda x: np.interp(x, updates, there), lambda x: np.interp(x, there, updates))
            axes.secondary_xaxis("top", functions=both).set_xlabel(clock)
        if path is not None:
            axes.get_figure(root=True).savefig(written_to(path), dpi=200)  # type: ignore[union-attr]
        return axes

    # What is done with it.

    def rescaled(self, **changes: Any) -> Any:
        """The plan of a run with another batch, more data or another budget: `lrcore.advice.rescaled` says all about it."""
        from lrcore.advice._scale import rescaled

        return rescaled(self, **changes)

    def _repr_html_(self) -> str:
        """The curve and what is known, as notebooks show it."""
        length = self.schedule.length
        drawn = svg(self.schedule, self.calls if self.calls is not None else length)
        return f"<div>{drawn}<br><code style='white-space:pre-wrap'>{escape(repr(self))}</code></div>"


Plan.__module__ = Progress.__module__ = "lrcore.advice"
