"""What a schedule does, in a sentence of plain words.

Each family has one entry, which says what its curve does as clauses that are joined by "then".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from lrcore._compositions.clock import PerEpoch, Repeat, Shift
from lrcore._compositions.product import Clip, Product, Scaled
from lrcore._compositions.samples import PerSample
from lrcore._compositions.sequence import Sequence as SequenceOf
from lrcore._compositions.warmup import Warmup
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.custom import Custom
from lrcore._families.cyclic import Cyclic, CyclicMomentum
from lrcore._families.exponential import Exponential, Geometric, ShiftedExponential
from lrcore._families.interpolate import Interpolate
from lrcore._families.inverse import InverseSqrt, InverseTime
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle, OneCycleMomentum
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt, Polynomial
from lrcore._families.step_decay import MultiStep, PiecewiseConstant, StepDecay
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Schedule
from lrcore._shorthands import WSD, Noam

_LISTED = 8
"""The items of a list that a sentence can have and still be read."""


@dataclass(frozen=True)
class _Story:
    """How far a sentence has come: on which clock, since when and until when, and what the value is there."""

    unit: str = "update"
    begin: float = 0
    until: float | None = None
    value: float | None = None
    last: bool = True
    """Whether nothing comes after, so that the end of this part is the end of all."""
    notes: list[str] = field(default_factory=list)
    """Sentences to follow."""

    def at(self, step: float) -> str:
        """A step of the clock that tells this part, as the whole counts it."""
        return f"{self.unit} {_count(self.begin + step)}"

    def lasting(self, steps: float) -> str:
        return f"{_count(steps)} {self.unit}{'s' * (steps != 1)}"

    def cut(self) -> str:
        """How a clause ends whose curve would not end by itself."""
        return "" if self.until is None else f", until {self.unit} {_count(self.until)}"

    def jump(self, first: float) -> str:
        """How a clause begins that begins at a value."""
        return "" if self.value is None or _same(self.value, first) else f"jumps to {_number(first)} and "

    def go(self, first: float, last: float, steps: float, how: str) -> str:
        """A clause about a curve from one value to another, which the story may cut short or outlast."""
        if first == last:
            return self.stay(first)
        verb = "rises" if last > first else "decays"
        start = "" if self.value is not None else f" from {_number(first)}"
        way = f"{self.jump(first)}{verb} {how}{start}"
        end = self.begin + steps
        if self.until is not None and end > self.until:
            return f"{way} towards {_number(last)}, which it would reach at {self.at(steps)}{self.cut()}"
        return f"{way} to {_number(last)} at {self.at(steps)}{self.after(end)}"

    def after(self, end: float) -> str:
        """How a clause goes on about a curve that has come to its end."""
        if self.until is None:
            return ", and stays there" * self.last
        return "" if end == self.until else f" and stays there until {self.unit} {_count(self.until)}"

    def stay(self, value: float) -> str:
        until = "" if self.until is None else f" until {self.unit} {_count(self.until)}"
        if self.value is None:
            return f"is {_number(value)}{until}"
        return f"{self.jump(value)}stays there{until}"


def sentence(schedule: Schedule) -> str:
    """What a schedule does.

    >>> from lrcore import Cosine
    >>> sentence(Cosine(3e-4, steps=100_000).warmup(2_000))[:62]
    'Rises linearly from 0 to 0.0003 over 2,000 updates, then decay'
    """
    story = _Story()
    text = _told(schedule, story)
    return " ".join([f"{text[0].upper()}{text[1:]}.", *dict.fromkeys(story.notes)])


def _told(schedule: Schedule, story: _Story) -> str:
    """The clauses of a schedule, joined."""
    return ", then ".join(_clauses(schedule, story))


def _that(schedule: Schedule, story: _Story) -> str:
    """A schedule inside another one: a story of its own."""
    return f"a schedule that {_told(schedule, replace(story, value=None, until=None, last=True))}"


def _number(value: float) -> str:
    return f"{value:.6g}"


def _count(steps: float) -> str:
    return f"{steps:,}" if isinstance(steps, int) else f"{steps:,.6g}"


def _same(a: float, b: float) -> bool:
    """Whether two values read the same."""
    return _number(a) == _number(b)


def _listed(items: Sequence[str]) -> str:
    """Items as people list them, the middle of a long list left out."""
    if len(items) > _LISTED:
        items = [*items[: _LISTED - 2], f"{len(items) - _LISTED + 1:,} more", items[-1]]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _after(story: _Story, schedule: Schedule, steps: Any) -> _Story:
    """The story from where a part of it has passed."""
    return replace(story, begin=story.begin + steps, value=schedule(steps) if steps else story.value)


# The families and compositions, an entry each.


@singledispatch
def _clauses(schedule: Schedule, story: _Story) -> Iterator[str]:
    """The clauses of a schedule. Of a class that has no entry, only the name is known."""
    yield f"follows {schedule!r}{story.cut()}"


@_clauses.register
def _(schedule: Constant, story: _Story) -> Iterator[str]:
    yield story.stay(schedule.value)


@_clauses.register
def _(schedule: Linear, story: _Story) -> Iterator[str]:
    yield story.go(schedule.start, schedule.end, schedule.steps, "linearly")


@_clauses.register
def _(schedule: Cosine, story: _Story) -> Iterator[str]:
    yield story.go(schedule.start, schedule.end, schedule.steps, "as a half cosine")


@_clauses.register
def _(schedule: Polynomial, story: _Story) -> Iterator[str]:
    how = f"as power {_number(schedule.power)} of the fraction left"
    yield story.go(schedule.start, schedule.end, schedule.steps, how)


@_clauses.register
def _(schedule: OneMinusPower, story: _Story) -> Iterator[str]:
    how = f"as one minus power {_number(schedule.power)} of the fraction passed"
    yield story.go(schedule.start, schedule.end, schedule.steps, how)


@_clauses.register
def _(schedule: OneMinusSqrt, story: _Story) -> Iterator[str]:
    how = "as one minus the square root of the fraction passed"
    yield story.go(schedule.start, schedule.end, schedule.steps, how)


@_clauses.register
def _(schedule: Geometric, story: _Story) -> Iterator[str]:
    yield story.go(schedule.start, schedule.end, schedule.steps, "in equal ratios")


@_clauses.register
def _(schedule: ShiftedExponential, story: _Story) -> Iterator[str]:
    how = f"as an exponential of base {_number(schedule.base)}, shifted to reach its end,"
    yield story.go(schedule.start, schedule.end, schedule.steps, how)


@_clauses.register
def _(schedule: Exponential, story: _Story) -> Iterator[str]:
    how = "" if schedule.staircase else ", smoothly"
    yield _multiplied(story, schedule.start, f"by {_number(schedule.factor)} every {story.lasting(schedule.every)}{how}")


@_clauses.register
def _(schedule: StepDecay, story: _Story) -> Iterator[str]:
    yield _multiplied(story, schedule.start, f"by {_number(schedule.factor)} every {story.lasting(schedule.every)}")


@_clauses.register
def _(schedule: MultiStep, story: _Story) -> Iterator[str]:
    steps = _listed([_count(story.begin + step) for step in schedule.milestones])
    many = "s" * (len(schedule.milestones) > 1)
    yield _multiplied(story, schedule.start, f"by {_number(schedule.factor)} at {story.unit}{many} {steps}")


def _multiplied(story: _Story, start: float, how: str) -> str:
    starts = f"starts at {_number(start)} and " if story.value is None else story.jump(start)
    return f"{starts}is multiplied {how}{story.cut()}"


@_clauses.register
def _(schedule: PiecewiseConstant, story: _Story) -> Iterator[str]:
    begins = [0, *schedule.boundaries]
    items = [
        f"{_number(value)} from {story.at(begin)} on" if begin else _number(value)
        for begin, value in zip(begins, schedule.values, strict=True)
    ]
    yield f"is {_listed(items)}{story.cut()}"


@_clauses.register
def _(schedule: InverseTime, story: _Story) -> Iterator[str]:
    if not schedule.rate:
        yield story.stay(schedule.start)
        return
    stairs = f", changing every {story.lasting(schedule.every)}" if schedule.staircase else ""
    half = story.at(schedule.every / schedule.rate)
    start = f" from {_number(schedule.start)}" if story.value is None else ""
    yield f"{story.jump(schedule.start)}decays hyperbolically{start}, to half of that at {half}{stairs}{story.cut()}"


@_clauses.register
def _(schedule: InverseSqrt, story: _Story) -> Iterator[str]:
    start = f" from {_number(schedule.start)}" if story.value is None else ""
    half = f", to half of that at {story.at(3 * schedule.timescale)}"
    yield f"{story.jump(schedule.start)}decays with the inverse square root of the {story.unit}{start}{half}{story.cut()}"


@_clauses.register
def _(schedule: WarmRestarts, story: _Story) -> Iterator[str]:
    start = f" from {_number(schedule.start)}" if story.value is None else ""
    text = f"{story.jump(schedule.start)}decays as a half cosine{start} to {_number(schedule.end)}"
    if schedule.cycles == 1:
        yield story.go(schedule.start, schedule.end, schedule.steps, "as a half cosine")
        return
    often = "again and again" if schedule.cycles is None else f"{_count(schedule.cycles)} times"
    longer = f", each cycle {_number(schedule.growth)} times as long as the one before" if schedule.growth != 1 else ""
    lower = f", each peak {_number(schedule.decay)} times as high above the end as the one before" * (schedule.decay != 1)
    first = "the first time" if schedule.growth != 1 else "each time"
    last = "" if schedule.length is None or story.until is not None else f", up to {story.at(schedule.length)}"
    stays = ", and stays there" * (bool(last) and story.last)
    yield f"{text} {often}, over {story.lasting(schedule.steps)} {first}{longer}{lower}{last}{stays}{story.cut()}"


@_clauses.register
def _(schedule: OneCycle, story: _Story) -> Iterator[str]:
    first = schedule.peak / schedule.div_factor
    middle = (first,) if schedule.three_phase else ()
    values = (first, schedule.peak, *middle, first / schedule.final_div_factor)
    yield from _through(schedule._knots, values, schedule.shape == "cosine", story)


@_clauses.register
def _(schedule: OneCycleMomentum, story: _Story) -> Iterator[str]:
    middle = (schedule.high,) if schedule.cycle.three_phase else ()
    values = (schedule.high, schedule.low, *middle, schedule.high)
    yield from _through(schedule.cycle._knots, values, schedule.cycle.shape == "cosine", story)


@_clauses.register
def _(schedule: Interpolate, story: _Story) -> Iterator[str]:
    steps, values = zip(*schedule.points, strict=True)
    if len(steps) <= _LISTED:
        yield from _through(steps, values, schedule.shape == "cosine", story)
        return
    items = [f"{_number(value)} at {story.at(step)}" for step, value in schedule.points]
    how = "as half cosines" if schedule.shape == "cosine" else "linearly"
    yield f"goes {how} through {_listed(items)}{story.cut()}"


def _through(knots: Sequence[float], values: Sequence[float], cosine: bool, story: _Story) -> Iterator[str]:
    """From each knot's value to the next one's, as far as the story goes."""
    how = "as a half cosine" if cosine else "linearly"
    for a, b, first, last in zip(knots, knots[1:], values, values[1:], strict=False):
        part = replace(story, begin=story.begin + a)
        if part.until is not None and part.begin >= part.until:
            return
        final = b == knots[-1] or (part.until is not None and part.begin + b - a >= part.until)
        yield (part if final else replace(part, until=None, last=False)).go(first, last, b - a, how)
        story = replace(story, value=last)


@_clauses.register
def _(schedule: Cyclic, story: _Story) -> Iterator[str]:
    yield _cycles(schedule, "rises", "falls", schedule.low, schedule.high, story)


@_clauses.register
def _(schedule: CyclicMomentum, story: _Story) -> Iterator[str]:
    yield _cycles(schedule.cycle, "falls", "rises", schedule.high, schedule.low, story)


def _cycles(cycle: Cyclic, there: str, back: str, first: float, last: float, story: _Story) -> str:
    down = cycle.up if cycle.down is None else cycle.down
    start = f" from {_number(first)}" if story.value is None else ""
    height = {
        "triangular": "",
        "triangular2": ", each time half as far as the time before",
        "exp_range": f", the distance multiplied by {_number(cycle.factor)} every {story.unit}",
    }[cycle.mode]
    to = "towards" if cycle.mode == "exp_range" else "to"
    way = f"{story.jump(first)}{there} linearly{start} {to} {_number(last)} over {story.lasting(cycle.up)}"
    return f"{way} and {back} back over {story.lasting(down)}, again and again{height}{story.cut()}"


@_clauses.register
def _(schedule: WSD, story: _Story) -> Iterator[str]:
    return _clauses(schedule._expression, story)


@_clauses.register
def _(schedule: Noam, story: _Story) -> Iterator[str]:
    return _clauses(schedule._expression, story)


@_clauses.register
def _(schedule: Custom, story: _Story) -> Iterator[str]:
    name = repr(schedule).removeprefix("Custom(").removesuffix(")")
    yield f"follows the Python function {name}{story.cut()}"


_RAMPS = {"linear": "linearly", "cosine": "as a half cosine"}


@_clauses.register
def _(schedule: Warmup, story: _Story) -> Iterator[str]:
    first, last = schedule.start, schedule._rest(0)
    how = _RAMPS.get(schedule.shape, f"as the cooldown '{schedule.shape}' backwards")
    start = f" from {_number(first)}" if story.value is None else ""
    if story.until is not None and story.begin + schedule.steps >= story.until:
        yield replace(story).go(first, last, schedule.steps, how)
        return
    verb = "rises" if last > first else "decays"
    over = story.lasting(schedule.steps)
    if first == last:
        yield story.stay(first) + ("" if story.until is not None else f" for {over}")
    else:
        yield f"{story.jump(first)}{verb} {how}{start} to {_number(last)} over {over}"
    yield from _clauses(schedule._rest, _after(story, schedule, schedule.steps))


@_clauses.register
def _(schedule: SequenceOf, story: _Story) -> Iterator[str]:
    begins, ends = (0, *schedule.boundaries), (*schedule.boundaries, None)
    for piece, begin, end in zip(schedule.schedules, begins, ends, strict=True):
        bounds = [bound for bound in (story.until, None if end is None else story.begin + end) if bound is not None]
        part = replace(story, begin=story.begin + begin, until=min(bounds, default=None))
        if story.until is not None and part.begin >= story.until:
            return
        yield from _clauses(piece, part)
        if end is not None:
            # What the piece comes to at its very end, which may be less than the next one begins with
            story = replace(story, value=piece(end - begin))


@_clauses.register
def _(schedule: Product, story: _Story) -> Iterator[str]:
    yield f"is the product of {_that(schedule.left, story)}, and of {_that(schedule.right, story)}{story.cut()}"


@_clauses.register
def _(schedule: Scaled, story: _Story) -> Iterator[str]:
    yield f"is {_number(schedule.factor)} times {_that(schedule.schedule, story)}{story.cut()}"


@_clauses.register
def _(schedule: Clip, story: _Story) -> Iterator[str]:
    bounds = [] if schedule.low is None else [f"never below {_number(schedule.low)}"]
    bounds += [] if schedule.high is None else [f"never above {_number(schedule.high)}"]
    but = f"; but {' and '.join(bounds)}" if bounds else ""
    yield f"is {_that(schedule.schedule, story)}{but}{story.cut()}"


@_clauses.register
def _(schedule: Shift, story: _Story) -> Iterator[str]:
    inner = replace(story, begin=0, value=None)
    yield f"is what comes from {inner.at(schedule.steps)} on in {_that(schedule.schedule, inner)}{story.cut()}"


@_clauses.register
def _(schedule: Repeat, story: _Story) -> Iterator[str]:
    inner = _told(schedule.schedule, replace(story, begin=0, until=None, value=None, last=False))
    times = f"repeats {_count(schedule.times)} times over {story.lasting(schedule._period)} each"
    yield f"{times}: it {inner}{story.after(story.begin + schedule.length)}"


@_clauses.register
def _(schedule: PerSample, story: _Story) -> Iterator[str]:
    sizes = schedule._counted.sizes
    batch = f"of {_count(sizes[0])}" if len(sizes) == 1 else f"that grow from {_count(sizes[0])} to {_count(sizes[-1])}"
    if story.begin or story.until is not None or story.unit != "update":
        yield f"follows {_that(schedule.schedule, replace(story, unit='sample', begin=0))}, in batches {batch}{story.cut()}"
        return
    story.notes.append(f"Updates take batches {batch} samples.")
    yield from _clauses(schedule.schedule, replace(story, unit="sample"))


@_clauses.register
def _(schedule: PerEpoch, story: _Story) -> Iterator[str]:
    if schedule.smooth:
        yield from _clauses(schedule._in_updates, story)
        return
    size = f"{_count(schedule.steps_per_epoch)} {story.unit}s"
    note = f"An epoch is {size}, within which the value does not change."
    if story.begin or story.until is not None or story.unit != "update":
        yield f"follows {_that(schedule.schedule, replace(story, unit='epoch', begin=0))}, in epochs of {size}{story.cut()}"
        return
    story.notes.append(note)
    yield from _clauses(schedule.schedule, replace(story, unit="epoch"))
