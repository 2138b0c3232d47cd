"""One schedule after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as SequenceOf
from dataclasses import KW_ONLY, dataclass
from typing import Any

from lrcore._arguments import COUNT, check_many, is_array, plain, put, refuse
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Sequence(Schedule):
    """One schedule after another, each on its own clock.

        lr(t) = schedules[0](t)                           0 <= t < boundaries[0]
        lr(t) = schedules[i](t - boundaries[i - 1])       boundaries[i - 1] <= t < boundaries[i]
        lr(t) = schedules[-1](t - boundaries[-1])         t >= boundaries[-1]

    with t the step.

    Args:
        schedules: the pieces, one more than there are boundaries.
        boundaries: increasing steps, each the first step of its piece. In optimizer updates.

    Raises:
        ValueError: boundaries are not positive and increasing, or the numbers of the two do not match.
        TypeError: a piece is not a schedule.

    Same curve: `optax.join_schedules(schedules, boundaries)`, `torch.optim.lr_scheduler.SequentialLR`.

    >>> from lrcore import Constant, Linear
    >>> lr = Sequence([Constant(0.5), Linear(1.0, end=0.0, steps=2)], boundaries=[3])
    >>> [lr(t) for t in range(7)]
    [0.5, 0.5, 0.5, 1.0, 0.5, 0.0, 0.0]
    """

    schedules: SequenceOf[Schedule]
    _: KW_ONLY
    boundaries: SequenceOf[int]

    _clock = ("boundaries",)

    def __post_init__(self) -> None:
        if isinstance(self.schedules, Schedule) or not isinstance(self.schedules, Iterable):
            refuse("Sequence", "schedules", "a sequence of schedules", self.schedules, kind=True)
        put(self, "schedules", tuple(self.schedules))
        for i, piece in enumerate(self.schedules):
            if not isinstance(piece, Schedule):
                refuse("Sequence", f"schedules[{i}]", "a schedule", piece, kind=True)
        check_many(self, "boundaries", COUNT, increasing=True)
        if len(self.schedules) != len(self.boundaries) + 1:
            rule = f"{len(self.boundaries) + 1} schedules, one more than boundaries"
            refuse("Sequence", "schedules", rule, self.schedules)

    @property
    def length(self) -> int | None:
        last = self.schedules[-1].length
        return None if last is None else self.boundaries[-1] + last

    def _value(self, t: Array, xp: Namespace) -> Array:
        return xp.piecewise(t, self.boundaries, _Pieces(self, xp))

    def _edges(self) -> Iterator[tuple[int, str]]:
        begins = (0, *self.boundaries)
        for i, (piece, begin) in enumerate(zip(self.schedules, begins, strict=True)):
            if i:
                yield begin, f"{type(piece).__name__} begins"
            for step, what in piece._edges():
                if i < len(self.boundaries) and begin + step >= self.boundaries[i]:
                    break
                yield begin + step, "piece ends" if what == "end" and i < len(self.boundaries) else what

    def _after_warmup(self, steps: int) -> Schedule:
        first, *others = self.schedules
        end = self.boundaries[0]
        if not is_array(end) and not is_array(steps) and steps >= end:
            refuse("Sequence.warmup", "steps", f"below the first boundary, {end}", steps)
        begins = [boundary - steps for boundary in self.boundaries]
        return Sequence([first._after_warmup(steps), *others], boundaries=begins)


class _Pieces(SequenceOf[Callable[[Array], Array]]):
    """The pieces of a sequence as functions of the whole's step, each made when it is asked for: there may be many."""

    def __init__(self, sequence: Sequence, xp: Namespace) -> None:
        self._sequence, self._xp = sequence, xp

    def __len__(self) -> int:
        return len(self._sequence.schedules)

    def __getitem__(self, i: Any) -> Any:
        schedule, xp = self._sequence.schedules[i], self._xp
        begin = self._sequence.boundaries[i - 1] if i else 0
        return lambda t: schedule._value(t - begin, xp)


def then(before: Schedule, after: Schedule, at: int | None) -> Sequence:
    """What `Schedule.then` does: a sequence that ends is lengthened, not nested."""
    if at is None:
        at = before.length
        if at is None:
            name = type(before).__name__
            raise ValueError(f"{name}.then needs at=, the step to change at: {before!r} never ends.")
    boundary: Any = plain(f"{type(before).__name__}.then", "at", at, COUNT)
    if isinstance(before, Sequence) and (is_array(boundary) or boundary > before.boundaries[-1]):
        return Sequence((*before.schedules, after), boundaries=(*before.boundaries, boundary))
    return Sequence((before, after), boundaries=(boundary,))
