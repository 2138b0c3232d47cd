"""What one call of another library is for one parameter group, and what it may be told beside its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from lrcore import Schedule
from lrcore.plateau import Plateau
from lrcore.port._reading import Refusal


class Asked(NamedTuple):
    """What the user says beside the thing that is read.

    Args:
        lr: the optimizer's own rate, where what is read does not have it.
        updates: the updates of the run, where what is read does not say how many there are.
        steps_per_epoch: the updates of an epoch, where what is read counts epochs.
        step: the step that the original is at.
    """

    lr: float | None = None
    updates: int | None = None
    steps_per_epoch: int | None = None
    step: int = 0

    def last(self, default: int) -> int:
        """The last step that matters."""
        return max(default, (self.updates or 1) - 1, self.step)

    def within(self, begin: int, end: int | None) -> Asked:
        """The same for a piece that runs from `begin` until `end`, on its own clock."""
        if end is not None:
            return self._replace(updates=end - begin, step=0)
        left = None if self.updates is None else max(self.updates - begin, 1)
        return self._replace(updates=left, step=max(self.step - begin, 0))


class Base(NamedTuple):
    """The optimizer, as a scheduler sees it: one group's own rate. Where that is not known, a rate of 1 stands for it."""

    lr: float = 1.0
    known: bool = True
    group: int = 0
    default: float | None = None
    """The rate that the optimizer was made with, which may not be the group's."""

    def needs_rate(self, argument: str, value: float) -> None:
        """Refuse a rate of its own beside one that is not known."""
        if not self.known and value:
            raise Refusal(
                f"{argument} is a rate of its own, {value!r}, and the optimizer's rate is not given: say it as lr=."
            )


class Part(NamedTuple):
    """A schedule, and how it stands to the original.

    Args:
        rate: the learning rate.
        until: the last step at which it is equal; None if that is every step.
        error: the bound on its difference, as a fraction of the highest value; None is what is usual in its library.
        remarks: what else there is to know.
        momentum: what the momentum, or the first of Adam's betas, follows.
        weight_decay: what the weight decay follows.
        plateau: the rule about a metric whose scale multiplies the rate.
        role: how it acts on the rate when it is one of several of PyTorch's. "factor" and "steps" multiply whatever the
            rate is, "absolute" sets it, "own" adds to it. In a sequence, "steps" and "continues" begin from what it is.
    """

    rate: Schedule
    until: int | None = None
    error: float | None = None
    remarks: tuple[str, ...] = ()
    momentum: Schedule | None = None
    weight_decay: Schedule | None = None
    role: str = "absolute"
    plateau: Plateau | None = None


class Nested(Protocol):
    """A call that is an argument of another: it gets the optimizer of that one."""

    @property
    def name(self) -> str: ...
    def own(self, base: Base) -> Base: ...
    def part(self, base: Base, asked: Asked | None = None) -> Part: ...


class Library(NamedTuple):
    """A library's calls, by name, each a function with that library's own signature.

    A function that has a first argument `optimizer` gets a `Base` for it; one that has a keyword `asked` gets that.
    """

    name: str
    modules: tuple[str, ...]
    """The packages that its names are imported from."""
    rounding: float
    """The bound on the difference from it, as a fraction of the highest value, where a call has no other."""
    calls: Mapping[str, Callable[..., Part | Schedule]]


class Function(NamedTuple):
    """A function of the user's own: live, or a place in a text, where it is not run."""

    call: Callable[[Any], Any] | None
    text: str
    factor: float | None = None
    """Of a function that is a number to the power of the step."""


def whole(name: str, value: Any) -> int:
    """A number of steps, which some libraries let be a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise Refusal(f"{name} must be a whole number of steps to be read, got {value!r}.")
    return int(value)


def shortest(value: float, fits: Callable[[float], bool]) -> float:
    """The number with the fewest digits that does what `value` does: a ratio as it was typed, out of what it gave."""
    for digits in range(1, 18):
        short = float(f"{value:.{digits}g}")
        if fits(short):
            return short
    return value
