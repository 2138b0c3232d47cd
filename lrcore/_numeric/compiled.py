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
from threading import RLock
from typing import Any

from lrcore._numeric.scalar import scalar
from lrcore.arrays import Namespace

Function = Callable[[float], Any]


def compiled(formula: Callable[[Any, Namespace], Any]) -> Function:
    """`formula` as a flat function of a float step. What the values of a tuple share is done once."""
    program = _Program()
    return program.function(lambda t: formula(t, program))


def _nested(lines: dict[str, str], result: str) -> Iterator[str]:
    """The lines, each that is used once inside the one that uses it: storing and loading names is a fifth of the time."""
    uses = Counter(_NAME.findall(" ".join([*lines, result])))
    inside: dict[str, str] = {}

    def filled(text: str) -> str:
        return _NAME.sub(lambda found: inside.get(found[0], found[0]), text)

    for expression, name in lines.items():
        whole = filled(expression)
        if uses[name] == 1 and whole.count("(") < _DEEP:
            inside[name] = f"({whole})"
        else:
            yield f"{name} = {whole}"
    yield f"return {filled(result)}"


_NAME = re.compile(r"\bv\d+\b")
_DEEP = 50
"""Parentheses: Python reads 200, one inside another."""


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
        return self.program.line(f"{right} {sign} {left}" if swapped else f"{left} {sign} {right}")

    return apply


for _name, _sign in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")):
    setattr(_Symbol, f"__{_name}__", _operator(_sign))
    setattr(_Symbol, f"__r{_name}__", _operator(_sign, swapped=True))
for _name, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "==")):
    setattr(_Symbol, f"__{_name}__", _operator(_sign))


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
        self._names: dict[str, Any] = {"inf": math.inf, "nan": math.nan}  # as `repr` writes them
        """What the lines refer to: functions, tables, and the functions made of the lines."""

    def function(self, formula: Callable[[Any], Any]) -> Function:
        with self._lock:
            outer, self._lines = self._lines, {}
            result = formula(_Symbol("t", self))
            result = f"({', '.join(map(self.name, result))},)" if isinstance(result, tuple) else self.name(result)
            source = "\n    ".join(["def value(t):", *_nested(self._lines, result)])
            self._lines = outer
            made: dict[str, Function] = {}
            exec(compile(source, "<an lrcore formula>", "exec"), self._names, made)  # its own lines: no text of a user's
            return made["value"]

    def line(self, expression: str) -> _Symbol:
        """A line of the program, and the symbol of its value."""
        return _Symbol(self._lines.setdefault(expression, f"v{len(self._lines)}"), self)

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
        x, y = self.name(x), self.name(y)
        return self.line(f"{x} if {x} <= {y} else {y}")

    def maximum(self, x: Any, y: Any) -> Any:
        x, y = self.name(x), self.name(y)
        return self.line(f"{x} if {x} >= {y} else {y}")

    def floor(self, x: Any) -> Any:
        return self.line(f"{self.name(x)} // 1.0")

    def sqrt(self, x: Any) -> Any:
        return self.call(scalar.sqrt, x)

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
        return self.line(f"{self.bound(bisect_right)}({self.bound(tuple(edges))}, {self.name(t)})")

    def take(self, values: Sequence[Any], index: Any) -> Any:
        return self.line(f"{self.bound(tuple(map(float, values)))}[{index.name}]")

    def piecewise(self, t: Any, edges: Sequence[Any], pieces: Sequence[Callable[[Any], Any]]) -> Any:
        name, place = self.name(t), self.searchsorted(edges, t).name
        return self.line(f"{self.bound(_Pieces(self, pieces))}[{place}]({name})")
