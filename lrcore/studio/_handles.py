"""The handles of a curve: the numbers in its text that move a point of it.

Which number moves which point is not written down for each family: each is changed a little, and the edges and the values
there tell. Dragging is the same backwards: the number is looked for with which the point is where it was dragged to.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lrcore import Edge, Schedule, parse
from lrcore._arguments import FINITE, as_number, is_number
from lrcore._text.text import Places, tree_of
from lrcore.studio._parts import is_schedule, parameters, parts_of, schedule_of

_NUMBERS = 64
"""The numbers of a text that are tried: a curve with more is a table, which is not shaped by hand."""

_EDGES = 24
"""The edges that can have a handle."""

_ROUNDS, _FAR = 8, 14.0
"""The steps towards a number, and how far one may go: a million times, in logarithms."""


@dataclass(frozen=True)
class Number:
    """A number in a text, or one that may be written into it.

    Args:
        path: the place of its part in the chain, its field, and its place in a list; of a schedule in a field behind a /.
        value: the number.
        whole: whether it counts something.
        text: the whole text.
        place: where it stands.
        before: what is to be written before it, where it is not given.
    """

    path: str
    value: float
    whole: bool
    text: str
    place: tuple[int, int]
    before: str = ""

    def set(self, value: float) -> str:
        """The text with another number, in as many digits as a person would write."""
        told = str(round(value)) if self.whole else f"{value:.12g}"
        begin, end = self.place
        return f"{self.text[:begin]}{self.before}{told}{self.text[end:]}"

    def schedule(self, value: float) -> Schedule | None:
        """The schedule with that number, or None if there is none."""
        try:
            return schedule_of(self.set(value))
        except (ValueError, TypeError, OverflowError):
            return None

    def tried(self, height: float) -> Iterator[tuple[float, Schedule]]:
        """A number a little larger or smaller, and the schedule with that."""
        much = (abs(self.value) or height or 1.0) / 8
        for change in (1, -1, max(1, round(much)), -max(1, round(much))) if self.whole else (much, -much):
            found = self.schedule(self.value + change)
            if found is not None:
                yield self.value + change, found


def numbers(text: str) -> Iterator[Number]:
    """The numbers of an expression that its curve depends on, in the order of its parts."""
    yield from _numbers(text, text, 0, "")


def _numbers(text: str, whole: str, offset: int, prefix: str) -> Iterator[Number]:
    chain = parts_of(text)
    for i, part in enumerate(chain):
        for field, parameter in parameters(part.name, chain[0].name).items():
            path, counts = f"{prefix}{i}.{field}", "int" in str(parameter.annotation)
            if field in part.places:
                yield from _in(part.given[field], whole, offset + part.places[field][0], path, counts)
            elif is_number(parameter.default) and field not in part.given:
                at = offset + part.end
                comma = "" if not part.given else " " if whole[:at].rstrip().endswith(",") else ", "
                yield Number(path, parameter.default, counts, whole, (at, at), f"{comma}{field}=")


def _in(text: str, whole: str, offset: int, path: str, counts: bool) -> Iterator[Number]:
    """The numbers of a field's text: one, those of a list, or those of a schedule."""
    node, places = tree_of(f"({text})"), Places(f"({text})")  # it may go over several lines
    if is_schedule(node):
        yield from _numbers(text, whole, offset, f"{path}/")
    elif isinstance(node, (ast.List, ast.Tuple)):
        for i, item in enumerate(node.elts):
            begin, end = (place - 1 for place in places.of(item))
            first = i == 0 or not path.endswith("]")  # a point of a curve is a step, which counts, and a value
            yield from _in(text[begin:end], whole, offset + begin, f"{path}[{i}]", counts and first)
    else:
        value: Any = parse(f"({text})", object)  # type: ignore[type-var]
        if is_number(value):
            yield Number(path, value, counts, whole, (offset, offset + len(text)))


# Points of the curve.


@dataclass(frozen=True)
class _Point:
    """A place on the curve: a step, or an edge by its place among them, or the step before it."""

    edge: int | None = None
    before: bool = False

    @property
    def name(self) -> str:
        """As `read_point` reads it."""
        return "start" if self.edge is None else f"{self.edge}{'-' * self.before}"

    def step(self, schedule: Schedule) -> int | None:
        """The step, on a schedule that may have other edges."""
        if self.edge is None:
            return 0
        found = next(islice(schedule._edges(), self.edge, None), None)
        return None if found is None else found.step - self.before

    def rate(self, schedule: Schedule) -> float | None:
        """The value there."""
        step = self.step(schedule)
        return None if step is None or step < 0 else schedule(step)


def read_point(name: str) -> _Point:
    """The point of that name."""
    return _Point() if name == "start" else _Point(int(name.removesuffix("-")), name.endswith("-"))


@dataclass(frozen=True)
class Handle:
    """A point of the curve that can be dragged, and the numbers that move it.

    Args:
        says: what it is, for people.
        step: where it is.
        rate: the value there.
        point: which point of the curve that is.
        along: the number that moves it along the steps, if any.
        up: the number that changes its rate, if any.
    """

    says: str
    step: int
    rate: float
    point: _Point
    along: Number | None
    up: Number | None

    @property
    def name(self) -> str:
        """Its point and the paths of its numbers, which stay the same while it is dragged."""
        return " ".join([self.point.name, self.along.path if self.along else "-", self.up.path if self.up else "-"])

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        moves = "both" if self.along and self.up else "step" if self.along else "rate"
        return {"name": self.name, "says": self.says, "step": self.step, "rate": self.rate, "moves": moves}


def handles(text: str, schedule: Schedule) -> list[Handle]:
    """The handles of a curve, in the order of their steps."""
    known = list(islice(numbers(text), _NUMBERS + 1))
    if len(known) > _NUMBERS:
        return []
    edges = list(islice(schedule._edges(), _EDGES))
    points = _points(schedule, edges)
    rates = [point.rate(schedule) or 0.0 for point in points]
    height = max(map(abs, rates))
    along: dict[Number, list[_Point]] = {}
    up: dict[Number, list[_Point]] = {}
    for number in known:
        for _, changed in number.tried(height):
            if moved := _moved(edges, changed):
                along[number] = moved
            elif not number.whole and (raised := _raised(points, rates, changed)):
                up[number] = raised
            else:
                continue
            break
    of_step, of_rate = _shared_out(along), _shared_out(up)
    found = [
        Handle("", step, rate, point, of_step.get(point), of_rate.get(point))
        for point, rate in zip(points, rates, strict=True)
        if (point in of_step or point in of_rate) and (step := point.step(schedule)) is not None
    ]
    return _named(sorted(found, key=lambda handle: handle.step), edges)


def _points(schedule: Schedule, edges: Sequence[Edge]) -> list[_Point]:
    """The beginning, every edge, and the last step before one at which the value jumps."""
    points = [_Point()]
    for i, edge in enumerate(edges):
        if edge.step > 1:
            there, last, before = (schedule(edge.step - back) for back in range(3))
            if abs(there - last) > 4 * abs(last - before):
                points.append(_Point(i, before=True))
        points.append(_Point(i))
    return points


def _moved(edges: Sequence[Edge], changed: Schedule) -> list[_Point]:
    """The edges that have moved."""
    after = [edge.step for edge in islice(changed._edges(), len(edges))]
    return [_Point(i) for i, (edge, step) in enumerate(zip(edges, after, strict=False)) if edge.step != step]


def _raised(points: Sequence[_Point], rates: Sequence[float], changed: Schedule) -> list[_Point]:
    """The points at which the value has changed, if not by much less than where it has most."""
    apart = [abs((point.rate(changed) or 0.0) - rate) for point, rate in zip(points, rates, strict=True)]
    most = max(apart)
    return [point for point, by in zip(points, apart, strict=True) if by >= 0.5 * most > 0]


def _shared_out(found: Mapping[Number, Sequence[_Point]]) -> dict[_Point, Number]:
    """A point for each number: those that move the fewest choose first, and each takes the first that is left."""
    taken: dict[_Point, Number] = {}
    for number, points in sorted(found.items(), key=lambda item: len(item[1])):
        free = next((point for point in points if point not in taken), None)
        if free is not None:
            taken[free] = number
    return taken


def _named(found: Sequence[Handle], edges: Sequence[Edge]) -> list[Handle]:
    """With what each is, the highest as the peak, and those of one kind counted."""
    raising = [handle.rate for handle in found if handle.up]
    top = max(raising, default=math.inf)
    words: list[str] = []
    for handle in found:
        edge = None if handle.point.edge is None else edges[handle.point.edge]
        word = "start" if edge is None else "end of the warmup" if edge.kind == "warmup" else edge.text
        word = f"before {word}" if handle.point.before else word
        if handle.up and handle.rate == top > 0 and not any(other.startswith("peak") for other in (*words, word)):
            word = f"peak, {word}"
        words.append(word)
    counted = [f"{word} {words[:i].count(word) + 1}" if words.count(word) > 1 else word for i, word in enumerate(words)]
    return [
        Handle(says, handle.step, handle.rate, handle.point, handle.along, handle.up)
        for says, handle in zip(counted, found, strict=True)
    ]


# Dragging.


def dragged(text: str, change: Mapping[str, Any], grain: float) -> str:
    """The text after a handle was dragged to a step and a rate, as far as it can be.

    Args:
        text: the text before.
        change: "drag", the handle's name, with "step" and "rate".
        grain: the steps of a pixel: numbers are rounded to what can be seen.

    Raises:
        ValueError: there is no such handle, or the text is no schedule.
    """
    try:
        name, along, up = change["drag"].split()
        point = read_point(name)
    except ValueError:
        raise ValueError(f"answer.change.drag must be the name of a handle, got {change['drag']!r}.") from None
    if along != "-":
        step = as_number("answer.change", "step", change.get("step"), FINITE)
        text = _towards(_number(text, along), point.step, max(1.0, step), grain)
    if up != "-":
        rate = as_number("answer.change", "rate", change.get("rate"), FINITE)
        text = _towards(_number(text, up), point.rate, rate, 0.0)
    return text


def _number(text: str, path: str) -> Number:
    found = next((number for number in numbers(text) if number.path == path), None)
    if found is None:
        raise ValueError(f"The schedule has no number {path} to drag.")
    return found


def _towards(number: Number, measure: Callable[[Schedule], float | None], goal: float, grain: float) -> str:
    """The text with which a measure is at its goal, or as near as the schedule's rules let it: by the secant's rule."""
    best, here = number.value, _measured(number, measure, number.value)
    near = ((value, measure(schedule)) for value, schedule in number.tried(goal))
    found = next(((value, there) for value, there in near if there is not None and there != here), None)
    if here is None or found is None:
        return number.text
    # Most rates are a multiple of their number, or of its reciprocal: their logarithms are on a line
    positive = not number.whole and min(best, here, goal, *found) > 0
    to, back = (math.log, math.exp) if positive else (float, float)
    slope = (to(found[1]) - to(here)) / (to(found[0]) - to(best))
    for _ in range(_ROUNDS):
        way = (to(goal) - to(here)) / slope
        value = _rounded(number, back(to(best) + (max(-_FAR, min(_FAR, way)) if positive else way)), grain)
        value, there = _reached(number, measure, best, value)
        if there is None or value == best or (positive and there <= 0):
            break
        if abs(to(there) - to(goal)) >= (1.0 if number.whole else 0.95) * abs(to(here) - to(goal)):
            break  # a rate that hardly comes nearer has a bound
        slope = (to(there) - to(here)) / (to(value) - to(best)) or slope
        best, here = value, there
    return number.set(best) if best != number.value else number.text


def _measured(number: Number, measure: Callable[[Schedule], float | None], value: float) -> float | None:
    schedule = number.schedule(value)
    return None if schedule is None else measure(schedule)


def _reached(
    number: Number, measure: Callable[[Schedule], float | None], best: float, value: float
) -> tuple[float, float | None]:
    """The number and its measure; where no schedule can have it, the last one on the way that a schedule can."""
    found = _measured(number, measure, value)
    bad = best if found is not None else value
    for _ in range(40):
        middle = float(round((best + bad) / 2)) if number.whole else (best + bad) / 2
        if middle in (best, bad):
            break
        there = _measured(number, measure, middle)
        if there is None:
            bad = middle
        else:
            best, found = middle, there
    return (value if bad == best else best), found


def _rounded(number: Number, value: float, grain: float) -> float:
    """A number in the digits that can be seen."""
    if not number.whole:
        return float(f"{value:.3g}")
    unit = 10 ** max(0, math.floor(math.log10(grain))) if grain > 1 else 1
    return round(value / unit) * unit
