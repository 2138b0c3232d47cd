"""Schedules one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as SequenceOf
from dataclasses import KW_ONLY
from functools import cached_property
from typing import Any

from lrcore._arguments import COUNT, as_number, check_length, check_many, is_array, refuse, set_field
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace

_MANY, _FEW = 32, 4
"""So many pieces that are so few schedules, each of them again and again, are computed together."""


@value_class
class Sequence(Schedule):
    """Schedules that run one after another, each on its own clock.

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
        set_field(self, "schedules", tuple(self.schedules))
        for i, piece in enumerate(self.schedules):
            if not isinstance(piece, Schedule):
                refuse("Sequence", f"schedules[{i}]", "a schedule", piece, kind=True)
        check_many(self, "boundaries", COUNT, increasing=True)
        if len(self.schedules) != len(self.boundaries) + 1:
            rule = f"{len(self.boundaries) + 1} schedules, one more than boundaries"
            refuse("Sequence", "schedules", rule, self.schedules)
        check_length(self)

    @cached_property
    def _begins(self) -> tuple[int, ...]:
        return (0, *self.boundaries)

    @property
    def length(self) -> int | None:
        last = self.schedules[-1].length
        return None if last is None else self.boundaries[-1] + last

    @cached_property
    def _kinds(self) -> tuple[tuple[Schedule, ...], tuple[int, ...]]:
        """The few schedules that many pieces are, and which of them each piece is; nothing, where it is not so."""
        if len(self.schedules) < _MANY or not self._ours:
            return (), ()
        numbers: dict[Schedule, int] = {}
        objects = {id(piece): piece for piece in self.schedules}
        for piece in objects.values():
            if numbers.setdefault(piece, len(numbers)) == _FEW:
                return (), ()
        kinds = {key: numbers[piece] for key, piece in objects.items()}
        return tuple(numbers), tuple(kinds[id(piece)] for piece in self.schedules)

    def _value(self, t: Array, xp: Namespace) -> Array:
        different, kinds = self._kinds
        if different:  # all steps together, instead of those of each piece
            i = xp.searchsorted(self.boundaries, t)
            elapsed, kind = t - xp.take(self._begins, i), xp.take(kinds, i)
            value = different[0]._value(elapsed, xp)
            for k, piece in enumerate(different[1:], 1):
                value = xp.where(kind == k, piece._value(elapsed, xp), value)
            return value
        return xp.piecewise(t, self.boundaries, _Pieces(self.schedules, self._begins, xp))

    def _edges(self) -> Iterator[Edge]:
        for i, (piece, begin) in enumerate(zip(self.schedules, self._begins, strict=True)):
            if i:
                yield Edge(begin, "piece", f"{piece._name} begins")
            for step, kind, text in piece._edges():
                if i < len(self.boundaries) and begin + step >= self.boundaries[i]:
                    break
                inside = kind == "end" and i < len(self.boundaries)
                yield Edge(begin + step, "piece", "piece ends") if inside else Edge(begin + step, kind, text)

    def _reach(self) -> int:
        return self.boundaries[-1] + self.schedules[-1]._reach()

    def _continued(self, total: int, at: int) -> Schedule:
        begin = self.boundaries[-1]
        if at < begin:
            refuse("Sequence.extend", "at", f"in the last piece, which begins at step {begin}", at)
        return self.schedules[-1]._continued(total - begin, at - begin)

    def _after_warmup(self, steps: int) -> Schedule:
        first, *others = self.schedules
        end = self.boundaries[0]
        if not is_array(end) and not is_array(steps) and steps >= end:
            refuse("Sequence.warmup", "steps", f"below the first boundary, {end}", steps)
        begins = [boundary - steps for boundary in self.boundaries]
        return Sequence([first._after_warmup(steps), *others], boundaries=begins)


class _Pieces(SequenceOf[Callable[[Array], Array]]):
    """The pieces of a sequence as functions of the whole's step, each made when it is asked for: there may be many.

    They hold the schedules of the pieces, not that of the sequence, which may hold what is compiled from them.
    """

    def __init__(self, schedules: SequenceOf[Schedule], begins: SequenceOf[Any], xp: Namespace) -> None:
        self._schedules, self._begins, self._xp = schedules, begins, xp

    def __len__(self) -> int:
        return len(self._schedules)

    def __getitem__(self, i: Any) -> Any:
        schedule, begin, xp = self._schedules[i], self._begins[i], self._xp
        return lambda t: schedule._value(t - begin, xp)


def then(before: Schedule, after: Schedule, at: int | None) -> Sequence:
    """What `Schedule.then` does: a sequence that ends is lengthened, not nested."""
    if at is None:
        at = before.length
        if at is None:
            name = before._name
            raise ValueError(f"{name}.then needs at=, the step to change at: {before!r} never ends.")
    boundary: Any = as_number(f"{before._name}.then", "at", at, COUNT)
    if isinstance(before, Sequence) and (is_array(boundary) or boundary > before.boundaries[-1]):
        return Sequence((*before.schedules, after), boundaries=(*before.boundaries, boundary))
    return Sequence((before, after), boundaries=(boundary,))
