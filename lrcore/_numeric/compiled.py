"""A formula as one flat Python function: what a training loop calls at every update.

Interpreted, a formula spends most of its time in calls of the namespace's methods. Here it runs once over symbols that
write down what is done to them, and the lines become a function: the same operations in the same order, the same bits.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count
from textwrap import indent
from threading import RLock
from typing import Any

from lrcore._numeric.scalar import scalar
from lrcore.arrays import Namespace

Function = Callable[[float], Any]


def compiled(formula: Callable[[Any, Namespace], Any]) -> Function:
    """`formula` as a flat function of a float step. What the values of a tuple share is done once."""
    program = _Program()
    return program.function(lambda t: formula(t, program))


def _statements(lines: dict[str, str], end: str) -> Iterator[str]:
    """The lines that `end` needs, and `end`: each that is used once inside the one that uses it.

    Storing and loading names is a fifth of the time.
    """
    uses = Counter(_NAME.findall(end))
    for text, name in reversed(lines.items()):
        uses.update(_NAME.findall(text) if uses[name] else ())
    inside: dict[str, str] = {}

    def filled(text: str) -> str:
        return _NAME.sub(lambda found: inside.get(found[0], found[0]), text)

    for text, name in lines.items():
        whole = filled(text)
        if uses[name] and text.startswith("if "):
            yield whole
        elif uses[name] == 1 and whole.count("(") < _DEEP:
            inside[name] = f"({whole})"
        elif uses[name]:
            yield f"{name} = {whole}"
    yield filled(end)


_NAME = re.compile(r"\bv\d+\b")
_DEEP = 50
"""Parentheses or blocks, one inside another: Python reads 200 and 100."""
_FEW = 4
"""Pieces that are written into the function that they are pieces of."""


class _Symbol:
    """A float that is known when the function runs. What is done to it becomes a line of the program."""

    def __init__(self, name: str, program: _Program) -> None:
        self.name, self.program = name, program

    def __neg__(self) -> _Symbol:
        return self.program.line(f"-{self.name}")

    def __bool__(self) -> bool:
        raise TypeError("a formula cannot branch on the step: xp.where or xp.piecewise does")


def _operator(sign: str, *, swapped: bool = False) -> Callable[[_Symbol, Any], _Symbol]:
    def apply(self: _Symbol, other: Any) -> _Symbol:
        left, right = self.name, self.program.name(other)
        if (sign, right) in _NOTHING and (sign == "*" or not swapped):
            return self
        return self.program.line(f"{right} {sign} {left}" if swapped else f"{left} {sign} {right}")

    return apply


_NOTHING = {("*", "1.0"), ("/", "1.0"), ("-", "0.0")}
"""What leaves every float as it is; `+ 0.0` does not, it makes 0.0 of -0.0."""

for _name, _sign in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")):
    setattr(_Symbol, f"__{_name}__", _operator(_sign))
    setattr(_Symbol, f"__r{_name}__", _operator(_sign, swapped=True))
for _name, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "==")):
    setattr(_Symbol, f"__{_name}__", _operator(_sign))


def _floats(edges: Sequence[Any]) -> tuple[float, ...]:
    """Edges as floats, which are compared with a step in half the time; as they are, if one is no float."""
    floats = tuple(map(float, edges))
    return floats if floats == tuple(edges) else tuple(edges)


class _Pieces(dict[int, Function]):
    """The pieces of a piecewise formula, each compiled when a step first falls into it: there may be many."""

    def __init__(self, program: _Program, pieces: Sequence[Callable[[Any], Any]]) -> None:
        super().__init__()
        self._program, self._pieces = program, pieces

    def __missing__(self, i: int) -> Function:
        self[i] = function = self._program.function(self._pieces[i])
        return function


class _Program(Namespace):
    """The operations, written down. On plain numbers they are done at once."""

    def __init__(self) -> None:
        self._lock = RLock()  # a piece may be compiled in any thread that steps into it
        self._lines: dict[str, str] = {}
        """Each expression, once, and the name of its value: the lines of the function under way."""
        self._count = count()
        self._depth = 0
        """The blocks under way, one inside another."""
        self._names: dict[str, Any] = {"inf": math.inf, "nan": math.nan}  # as `repr` writes them
        """What the lines refer to: functions, tables, and the functions made of the lines."""

    def function(self, formula: Callable[[Any], Any]) -> Function:
        with self._lock:
            source = "\n".join(["def value(t):", *self._block(formula, _Symbol("t", self), "return")])
            made: dict[str, Function] = {}
            exec(compile(source, "<an lrcore formula>", "exec"), self._names, made)  # its own lines: no text of a user's
            return made["value"]

    def _block(self, formula: Callable[[Any], Any], t: Any, end: str) -> Iterator[str]:
        """The indented lines of a formula; `end` is what is done with its value."""
        outer, self._lines, self._depth = self._lines, {}, self._depth + 1
        result = formula(t)
        result = f"({', '.join(map(self.name, result))},)" if isinstance(result, tuple) else self.name(result)
        lines, self._lines, self._depth = self._lines, outer, self._depth - 1
        return (indent(line, "    ") for line in _statements(lines, f"{end} {result}"))

    def line(self, expression: str) -> _Symbol:
        """A line of the program, and the symbol of its value."""
        if expression not in self._lines:
            self._lines[expression] = f"v{next(self._count)}"
        return _Symbol(self._lines[expression], self)

    def name(self, x: Any) -> str:
        """How a line writes a symbol or a number. `repr` of a float gives all of it."""
        return x.name if isinstance(x, _Symbol) else repr(float(x))

    def bound(self, value: Any) -> str:
        """A name for a function or a table: the same one for the same value."""
        for name, known in self._names.items():
            if known is value or (type(known) is type(value) is tuple and known == value):
                return name
        self._names[name := f"c{len(self._names)}"] = value
        return name

    def call(self, function: Callable[..., float], *arguments: Any) -> Any:
        if not any(isinstance(argument, _Symbol) for argument in arguments):
            return function(*arguments)
        return self.line(f"{self.bound(function)}({', '.join(map(self.name, arguments))})")

    def float64(self, x: Any) -> Any:
        return x if isinstance(x, _Symbol) else float(x)

    def full(self, t: Any, value: Any) -> Any:
        return value

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        if not isinstance(condition, _Symbol):
            return x if condition else y
        return self.line(f"{self.name(x)} if {condition.name} else {self.name(y)}")

    def minimum(self, x: Any, y: Any) -> Any:
        return self.where(self.line(f"{self.name(x)} <= {self.name(y)}"), x, y)

    def maximum(self, x: Any, y: Any) -> Any:
        return self.where(self.line(f"{self.name(x)} >= {self.name(y)}"), x, y)

    def floor(self, x: Any) -> Any:
        return self.line(f"{self.name(x)} // 1.0")

    def sqrt(self, x: Any) -> Any:
        if not isinstance(x, _Symbol):
            return scalar.sqrt(x)
        return self.line(f"{self.bound(math.sqrt)}({x.name}) if {x.name} >= 0.0 else nan")

    def sin(self, x: Any) -> Any:
        return self.call(math.sin, x)

    def cos(self, x: Any) -> Any:
        return self.call(math.cos, x)

    def tanh(self, x: Any) -> Any:
        return self.call(math.tanh, x)

    def exp(self, x: Any) -> Any:
        return self.call(scalar.exp, x)

    def log(self, x: Any) -> Any:
        return self.call(scalar.log, x)

    def power(self, x: Any, y: Any) -> Any:
        return self.call(math.pow, x, y)

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        return self.line(f"{self.bound(bisect_right)}({self.bound(_floats(edges))}, {self.name(t)})")

    def take(self, values: Sequence[Any], index: Any) -> Any:
        return self.line(f"{self.bound(tuple(map(float, values)))}[{index.name}]")

    def piecewise(self, t: Any, edges: Sequence[Any], pieces: Sequence[Callable[[Any], Any]]) -> Any:
        name = self.name(t)
        if len(pieces) > _FEW or self._depth > _DEEP:
            return self.line(f"{self.bound(_Pieces(self, pieces))}[{self.searchsorted(edges, t).name}]({name})")
        result = f"v{next(self._count)}"
        conditions = [*(f"{'el' * (i > 0)}if {name} < {edge!r}:" for i, edge in enumerate(_floats(edges))), "else:"]
        blocks = (self._block(piece, t, f"{result} =") for piece in pieces)
        text = chain.from_iterable((condition, *block) for condition, block in zip(conditions, blocks, strict=True))
        self._lines["\n".join(text)] = result
        return _Symbol(result, self)
