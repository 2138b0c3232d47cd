"""A scheduler whose rates a `Plateau` makes smaller: what `ScheduleLR(optimizer, lr, plateau=...)` makes.

It is a `ReduceLROnPlateau` too, by class, since that is how Trainer and Lightning know whom to give a metric. Nothing of
torch's own rule is used.
"""

from __future__ import annotations

import functools
import json
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrcore._arguments import WHOLE, as_number, is_number, refuse
from lrcore.plateau import Plateau, PlateauState, nonfinite, warmup_end
from lrcore_torch._processes import processes
from lrcore_torch._scheduler import ScheduleLR
from lrcore_torch._state import LOAD

Reduce = str | Callable[[Sequence[float]], float]

_REDUCE: dict[str, Callable[[Sequence[float]], float]] = {"mean": statistics.fmean, "min": min, "max": max}


@functools.cache
def with_plateau(kind: Any) -> Any:
    """The class of schedulers with a rule that is of `kind` too: a user's own is derived from both."""
    return PlateauLR if kind is ScheduleLR else type(kind.__name__, (kind, PlateauLR), {"__module__": kind.__module__})


class PlateauLR(ScheduleLR, ReduceLROnPlateau):  # pyright: ignore[reportIncompatibleVariableOverride]
    """A `ScheduleLR` with a rule. Build it by `ScheduleLR(optimizer, lr, plateau=...)`."""

    def __init__(
        self,
        optimizer: Any,
        lr: Any,
        *,
        plateau: Any,
        plateau_after: int | None = None,
        count: str = "updates",
        **others: Any,
    ) -> None:
        if not isinstance(plateau, Plateau):
            hint = "write lrcore.plateau.Plateau(...)"
            refuse("ScheduleLR", "plateau", "a Plateau", plateau, kind=True, hint=hint)
        self.plateau = plateau
        self._state = plateau.start()
        self._reported: Any = None
        """The latest report, as long as no update has followed it."""
        self._agreed = False
        self._first_report: int | None = None
        super().__init__(optimizer, lr, count=count, **others)
        schedules = [member.schedule for member in self._lr.members if member.schedule is not None]
        ends = [warmup_end(schedule) for schedule in schedules]
        self._after = max(ends) if plateau_after is None else as_number("ScheduleLR", "plateau_after", plateau_after, WHOLE)
        length = self._length()
        if length is not None:
            for doubt in plateau.doubts(reports=max(0, length - self._after)):
                raise ValueError(f"ScheduleLR.plateau: {doubt}.")

    @property
    def plateau_state(self) -> PlateauState:
        """What the rule remembers: `best`, `bad`, `cuts` and so on."""
        return self._state

    @property
    def scale(self) -> float:
        """The rule's factor on the rates; the rule goes on from what is set."""
        return self._scale

    @scale.setter
    def scale(self, value: float) -> None:
        self._set_scale(value)
        self._state = self._state._replace(scale=self._scale)

    def report(self, value: Any, *, name: str = "", reduce: Reduce | None = None) -> bool:
        """What `ScheduleLR.report` says."""
        what = name or "value"
        metric = _number(what, value)
        if self.last_epoch == 0 and not self._updates_made():
            hint = "report after an evaluation of a trained model"
            raise ValueError(f"ScheduleLR.report: {what} was reported before the first update; {hint}.")
        metric = self._agree(what, metric, reduce)
        if self.last_epoch < self._after or self._closed:
            return False
        self._tell(metric, name)
        before, self._state = self._state, self.plateau.update(self._state, metric)
        self._reported = metric
        if self._state.scale != before.scale:
            self._scale = float(self._state.scale)
            self._apply(self.last_epoch)
        return bool(self._state.cuts > before.cuts)

    def step(self, metrics: Any = None, epoch: Any = None, *, at: float | None = None) -> None:  # type: ignore[override]
        """With a metric, `report(metric)`, which is what Trainer and Lightning call; without, as of any `ScheduleLR`.

        The same metric again is not another report unless an update was made since: accelerate calls this once for each
        process.
        """
        if metrics is None:
            self._reported = None
            super().step(epoch, at=at)
        elif not self._is_again(metrics):
            self.report(metrics)

    @property
    def in_cooldown(self) -> bool:
        """As of torch's class: whether a cooldown is on."""
        return bool(self._state.wait > 0)

    # State.

    def state_dict(self) -> dict[str, Any]:
        """That of any `ScheduleLR`, and `plateau`: the rule's state, a JSON text."""
        return super().state_dict() | {"plateau": json.dumps(self._state.to_dict(), allow_nan=False)}

    def load_state_dict(self, state_dict: dict[str, Any], *, strict: bool = False) -> None:
        """Go on from what was saved, the rule's state included; what was saved without a rule leaves that as it is."""
        state = self._state
        if isinstance(state_dict, dict) and "plateau" in state_dict:
            state = _read(state_dict["plateau"])
        super().load_state_dict(state_dict, strict=strict)
        self._state = state._replace(scale=self._scale)
        self._reported = None

    def _parts(self) -> dict[str, Any]:
        return super()._parts() | {"plateau": self.plateau}

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, plateau={self.plateau!r})"

    # What is looked at.

    def _after_update(self, optimizer: Any) -> None:
        self._reported = None
        super()._after_update(optimizer)

    def _updates_made(self) -> bool:
        return self._used is not None or not self._updates.heard

    def _is_again(self, metric: Any) -> bool:
        if self._reported is None or not self._updates.heard:
            return False
        value = _number("value", metric)
        return bool(value == self._reported) or (value != value and self._reported != self._reported)

    def _agree(self, what: str, metric: float, reduce: Reduce | None) -> float:
        """One metric for all processes."""
        if reduce is not None and not callable(reduce) and reduce not in _REDUCE:
            refuse("ScheduleLR.report", "reduce", "'mean', 'min', 'max' or a function", reduce)
        world = processes()
        values: list[Any] = [metric] * world
        if world > 1 and not (reduce is None and self._agreed):
            torch.distributed.all_gather_object(values, metric)
        if reduce is not None:
            return _number("reduce", (_REDUCE[reduce] if isinstance(reduce, str) else reduce)(values))
        other = next((i for i, value in enumerate(values) if repr(value) != repr(values[0])), 0)
        if other:
            raise ValueError(
                f"ScheduleLR.report: {what} must be the same in every process, got {values[0]!r} in process 0 and "
                f"{values[other]!r} in process {other}; write report({what}, reduce='mean'), or reduce it before."
            )
        self._agreed = True
        return metric

    def _tell(self, metric: float, name: str) -> None:
        """What is told once of a report."""
        if not math.isfinite(metric):
            self._habits.say(f"{nonfinite(self.plateau, name or 'the metric', metric)}.", once="nonfinite")
        length, reports = self._length(), None
        if self._state.reports == 0:
            self._first_report = self.last_epoch
        elif self._state.reports == 1 and self._first_report is not None and length:
            every = self.last_epoch - self._first_report
            reports = (length - self._first_report) // every + 1 if every > 0 else None
        for doubt in self.plateau.doubts(name, reports):
            self._habits.say(f"{doubt}.", once=doubt)


def _number(what: str, value: Any) -> float:
    """A metric as a Python number; waiting for its device is what a decision costs."""
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_complex() and value.dtype != torch.bool:
        value = value.item()
    if not is_number(value):
        hint = ""
        if isinstance(value, dict):
            hint = f"write report(metrics[{next(iter(value), 'name')!r}])"
        refuse("ScheduleLR.report", what, "a number", value, kind=True, hint=hint)
    return float(value)


def _read(text: Any) -> PlateauState:
    try:
        return PlateauState.from_dict(json.loads(text))
    except (TypeError, ValueError):
        refuse(LOAD, "plateau", "the JSON text that state_dict() wrote", text)
