"""What a reading of another library's schedule is: the schedules, the step, and how exact they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY
from typing import Any

from lrcore import Schedule
from lrcore._arguments import NON_NEGATIVE, WHOLE, check, refuse, set_field
from lrcore._value import Value, value_class
from lrcore.plateau import Plateau, PlateauState


class Refusal(ValueError):  # noqa: N818 (what is read is at fault, and no error of the program's)
    """What cannot be read, naming the part and what to write instead."""


@value_class
class Reading(Value):
    """What another library's scheduler, schedule or configuration is here.

    Most have one schedule, `reading.schedule`. Its step is the number of updates already made, so that
    `ScheduleLR(optimizer, reading.schedule, step=reading.step)` goes on where the original is.

    Args:
        rates: the learning rate's schedules: one, or one for each parameter group where they differ.
        momenta: those of the momentum, or of the first of Adam's betas; none if the original leaves it alone.
        weight_decays: those of the weight decay; likewise.
        step: the updates that the original has made.
        until: the last step at which the original is known to be equal; None if that is every step.
        error: the largest difference from the original, as a fraction of the highest value. 0 is bit for bit in float64,
            and anything else the rounding of the original; of a table, how far off it is.
        exact: False for a table of the original's values, which `read(..., exact=False)` makes where no expression is
            equal.
        remarks: what else there is to know, in sentences.
        source: what was read.
        plateau: the rule about a metric whose scale multiplies the rate; None for what is a function of the step.
        plateau_state: what the original's rule remembers, for `plateau.update`; None before it has begun.

    Raises:
        ValueError: there is no rate, or a number is out of range.
        TypeError: a rate is not a schedule, or a number is of the wrong kind.

    >>> from lrcore import Cosine
    >>> from lrcore.port import read
    >>> read(Cosine(0.1, steps=100)).schedule
    Cosine(0.1, steps=100)
    """

    rates: tuple[Schedule, ...]
    _: KW_ONLY
    momenta: tuple[Schedule, ...] = ()
    weight_decays: tuple[Schedule, ...] = ()
    step: int = 0
    until: int | None = None
    error: float = 0.0
    exact: bool = True
    remarks: tuple[str, ...] = ()
    source: str = ""
    plateau: Plateau | None = None
    plateau_state: PlateauState | None = None

    def __post_init__(self) -> None:
        for field in ("rates", "momenta", "weight_decays"):
            schedules: Any = getattr(self, field)
            if isinstance(schedules, Schedule) or not isinstance(schedules, Iterable):
                refuse("Reading", field, "a sequence of schedules", schedules, kind=True)
            set_field(self, field, tuple(schedules))
            for i, schedule in enumerate(getattr(self, field)):
                if not isinstance(schedule, Schedule):
                    refuse("Reading", f"{field}[{i}]", "a schedule", schedule, kind=True)
        if not self.rates:
            refuse("Reading", "rates", "have at least 1 schedule", self.rates)
        check(self, step=WHOLE, error=NON_NEGATIVE)
        if self.until is not None:
            check(self, until=WHOLE)
        set_field(self, "remarks", tuple(self.remarks))
        if self.plateau_state is not None:  # as text and data have it, a list
            set_field(self, "plateau_state", PlateauState(*self.plateau_state))

    @property
    def schedule(self) -> Schedule:
        """The schedule of the learning rate, where there is one for all groups.

        Raises:
            ValueError: the groups have schedules of their own: `rates` has one for each.
        """
        first, *others = self.rates
        if others:
            raise ValueError(
                f"Reading.schedule is one for all groups, and {len(self.rates)} groups differ: "
                "Reading.rates has one for each."
            )
        return first

    @property
    def schedules(self) -> dict[str, Schedule]:
        """Every schedule, by "rate", "momentum" and "weight_decay", with `[0]`, `[1]`, ... where groups differ."""
        named = (("rate", self.rates), ("momentum", self.momenta), ("weight_decay", self.weight_decays))
        return {
            name if len(several) == 1 else f"{name}[{i}]": schedule
            for name, several in named
            for i, schedule in enumerate(several)
        }

    def __str__(self) -> str:
        named = self.schedules
        lines = [repr(schedule) if len(named) == 1 else f"{name}: {schedule!r}" for name, schedule in named.items()]
        rule = [] if self.plateau is None else [f"times the scale of {self.plateau!r}"]
        return "\n".join([*lines, *rule, self._exactness(), *self.remarks])

    def _exactness(self) -> str:
        steps = "at every step" if self.until is None else f"up to step {self.until:,}"
        here = f", which is at step {self.step:,}," if self.step else ""
        source = self.source or "the original"
        if not self.exact:
            return f"Through values of {source}{here} {steps}, within {self.error:.1g} of the highest value."
        how = "bit for bit" if self.error == 0 else f"within {self.error:.1g} of the highest value: its rounding"
        return f"Equal to {source}{here} {steps}, {how}."


Reading.__module__ = "lrcore.port"
