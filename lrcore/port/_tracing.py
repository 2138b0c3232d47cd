"""A schedule's own formula, run once over an expression of the step: no second copy of any formula is written here.

The names are the formula's own too: what a local variable of lrcore's files was called when it held an expression.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from lrcore import Schedule
from lrcore.arrays import Namespace
from lrcore.port._expression import Builder, Expression

_FEW = 8
"""The edges of a table that become branches; of more, the table is looked up."""

_HERE = {__file__, str(Path(__file__).with_name("_expression.py"))}
_FORMULAS = str(Path(__file__).parents[1])


def traced(schedule: Schedule, *, precise: bool = False) -> Any:
    """The value of a schedule as an expression of `step`, or a number where it is one.

    With `precise`, a decay always counts from its end: longer to read, and exact where much is subtracted from much.
    """
    build = Builder(schedule._reach(), precise)
    tracing = _Tracing(build)
    with _named():
        return tracing.branches(lambda: schedule._value(build.step, tracing))


@contextmanager
def _named() -> Iterator[None]:
    """Expressions get the names of the local variables that hold them when a function of lrcore's formulas returns."""

    def returned(frame: FrameType, event: str, result: Any) -> None:
        file = frame.f_code.co_filename
        if event == "return" and file.startswith(_FORMULAS) and file not in _HERE:
            for name, value in frame.f_locals.items():
                if isinstance(value, Expression) and not value.name:
                    value.name = name

    before = sys.getprofile()
    sys.setprofile(returned)
    try:
        yield
    finally:
        sys.setprofile(before)


class _Fork(Exception):  # noqa: N818 (not an error: where the trace divides)
    """A table is looked up at an expression whose place in it is not chosen yet."""


class _Tracing(Namespace):
    """The operations, as expressions."""

    def __init__(self, build: Builder) -> None:
        self._build = build
        self._places: dict[tuple[tuple[float, ...], Expression], int] = {}
        """The place of an expression among edges, in the branch under way."""

    def branches(self, formula: Callable[[], Any]) -> Any:
        """The value of a formula; where it looks up a short table, that of each branch."""
        try:
            return formula()
        except _Fork as fork:
            edges, x = key = fork.args
            values = []
            places = self._reached(edges, x)
            for place in places:
                self._places[key] = place
                with self._within(x, edges, place):
                    values.append(self.branches(formula))
            del self._places[key]
            return self._build.piecewise(x, edges[places[0] : places[-1]], values)

    def _reached(self, edges: Sequence[float], x: Expression) -> range:
        """The places among edges that an expression can have: there is no value in the others."""
        least, most = self._build.range(x)
        return range(sum(edge <= least for edge in edges), sum(edge <= most for edge in edges) + 1)

    @contextmanager
    def _within(self, x: Expression, edges: Sequence[float], place: int) -> Iterator[None]:
        """The branch in which an expression lies between two edges."""
        before = dict(self._build.within)
        self._narrow(x, edges[place - 1] if place else -math.inf, edges[place] if place < len(edges) else math.inf)
        try:
            yield
        finally:
            self._build.within = before

    def _narrow(self, x: Expression, low: float, high: float) -> None:
        least, most = self._build.range(x)
        self._build.within[x] = (max(low, least), min(high, most))
        if x.op == "step":
            return
        inside, other = x.args[0], x.args[-1]
        if x.op in ("+", "-") and not isinstance(other, Expression):
            by = -other if x.op == "+" else other
            self._narrow(inside, low + by, high + by)
        elif x.op == "min" and not isinstance(other, Expression):
            self._narrow(inside, low, high if high < other else math.inf)

    def piecewise(self, t: Any, edges: Sequence[Any], pieces: Sequence[Callable[[Any], Any]]) -> Any:
        if not isinstance(t, Expression):
            return pieces[sum(edge <= t for edge in edges)](t)
        values = []
        edges = tuple(map(float, edges))
        places = self._reached(edges, t)
        for place in places:
            with self._within(t, edges, place):
                values.append(self.branches(lambda piece=pieces[place]: piece(t)))  # type: ignore[misc]
        return self._build.piecewise(t, edges[places[0] : places[-1]], values)

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        edges = tuple(map(float, edges))
        if not isinstance(t, Expression):
            return sum(edge <= t for edge in edges)
        low, high = self._build.range(t)
        if (place := sum(edge <= low for edge in edges)) == sum(edge < high for edge in edges):
            return place
        if len(edges) > _FEW:
            return self._build.search(edges, t)
        if (edges, t) not in self._places:
            raise _Fork(edges, t)
        return self._places[edges, t]

    def take(self, values: Sequence[Any], index: Any) -> Any:
        if isinstance(index, Expression):
            return self._build.take(tuple(map(float, values)), index)
        return float(values[index])

    def float64(self, x: Any) -> Any:
        return x if isinstance(x, Expression) else float(x)

    def full(self, t: Any, value: Any) -> Any:
        return float(value)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return self._build.where(condition, x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        return self._build.minimum(x, y)

    def maximum(self, x: Any, y: Any) -> Any:
        return self._build.maximum(x, y)

    def floor(self, x: Any) -> Any:
        return self._build.call("floor", x)

    def floor_divide(self, x: Any, y: Any) -> Any:
        return self._build.floor_divide(x, y)

    def sqrt(self, x: Any) -> Any:
        return self._build.call("sqrt", x)

    def sin(self, x: Any) -> Any:
        return self._build.call("sin", x)

    def sin_squared(self, p: Any, q: Any) -> Any:
        return self._build.power(self.sin(p - q), 2)

    def cos(self, x: Any) -> Any:
        return self._build.call("cos", x)

    def tanh(self, x: Any) -> Any:
        return self._build.call("tanh", x)

    def exp(self, x: Any) -> Any:
        return self._build.call("exp", x)

    def expm1(self, x: Any) -> Any:
        return self.exp(x) - 1.0

    def log(self, x: Any) -> Any:
        return self._build.call("log", x)

    def power(self, x: Any, y: Any) -> Any:
        return self._build.power(x, y)

    def one_minus_power(self, base: Any, off: Any, power: Any, raised: Callable[[], Any]) -> Any:
        return 1.0 - raised()
