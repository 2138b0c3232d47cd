"""An expression of the step as the lines of a function, in the operations of one library."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lrcore.port._expression import Expression, Inverse

_LONG = 60
"""Characters of a part that has a name in the formula, and becomes a line of its own."""

_CHOICE, _COMPARED, _SUM, _PRODUCT, _POWER, _ATOM = range(6)
"""How tightly the operations bind, from the loosest."""

_INFIX = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "//": _PRODUCT, "**": _POWER}
_INFIX |= dict.fromkeys(("<", "<=", ">", ">=", "=="), _COMPARED)


@dataclass(frozen=True)
class Operations:
    """How a library writes what Python has no sign for. Those of Python itself branch, those of arrays choose."""

    calls: dict[str, str]
    """By operation: `{0}`, `{1}` and `{2}` are its arguments."""
    pi: str
    arrays: bool = False
    single: bool = field(default=False, kw_only=True)
    """Whether it computes in float32, where a power is better taken as an exponential."""


PYTHON = Operations(
    {
        "min": "min({0}, {1})",
        "max": "max({0}, {1})",
        "search": "bisect_right({0}, {1})",
        "take": "{0}[{1}]",
        **{name: f"math.{name}({{0}})" for name in ("floor", "sqrt", "sin", "cos", "tanh", "exp", "log")},
    },
    pi="math.pi",
)


def _arrays(module: str, **others: str) -> Operations:
    names = ("floor", "sqrt", "sin", "cos", "tanh", "exp", "log")
    calls = {name: f"{module}.{name}({{0}})" for name in names}
    calls |= {"min": f"{module}.minimum({{0}}, {{1}})", "max": f"{module}.maximum({{0}}, {{1}})"}
    calls |= {"where": f"{module}.where({{0}}, {{1}}, {{2}})"}
    return Operations(calls | others, pi="math.pi", arrays=True, single=True)


JAX = _arrays(
    "jnp",
    search='jnp.searchsorted(jnp.array({0}, jnp.float32), {1}, side="right")',
    take="jnp.array({0}, jnp.float32)[{1}]",
)
KERAS = _arrays(
    "ops",
    search='ops.sum(ops.cast({1} >= ops.convert_to_tensor({0}, "float32"), "float32"))',
    take='ops.take(ops.convert_to_tensor({0}, "float32"), ops.cast({1}, "int32"))',
    **{"//": "ops.round(({0} - ops.mod({0}, {1})) / {1})", "%": "ops.mod({0}, {1})", "**": "ops.power({0}, {1})"},
)
NUMPY32 = _arrays(
    "np",
    search='np.searchsorted(np.array({0}, np.float32), {1}, side="right")',
    take="np.array({0}, np.float32)[{1}]",
)
"""What JAX's and Keras's text is tried in, where neither is installed."""


def lines(value: Any, operations: Operations) -> list[str]:
    """The body of a function of `step` that returns the value."""
    return list(_Writer(operations).returned(value, {}))


class _Writer:
    def __init__(self, operations: Operations) -> None:
        self._to = operations
        self._taken = Counter({"step": 1})

    def returned(self, value: Any, known: dict[Expression, str]) -> Iterator[str]:
        if _branches(value) and not self._to.arrays:
            yield from self._branched(value, known, self.returned)
            return
        known = dict(known)
        yield from self._named(value, known)
        yield f"return {self._text(value, known)}"

    def _branched(self, value: Expression, known: dict[Expression, str], block: Any) -> Iterator[str]:
        """The pieces of a piecewise expression, each in its branch."""
        at, edges, pieces = value.args
        known = dict(known)
        yield from self._named(at, known)
        text = self._text(at, known, _COMPARED + 1)
        for i, piece in enumerate(pieces):
            last = i == len(edges)
            returns = block == self.returned
            if not last:
                yield f"{'elif' if i and not returns else 'if'} {text} < {number(edges[i])}:"
            elif not returns:
                yield "else:"
            indent = "" if last and returns else "    "
            yield from (f"{indent}{line}" for line in block(piece, known))

    def _named(self, value: Any, known: dict[Expression, str]) -> Iterator[str]:
        """The lines that give names to the parts which need one; `known` learns them."""
        uses: Counter[Expression] = Counter()
        order: list[Expression] = []

        def count(x: Any) -> None:
            if not isinstance(x, Expression) or x in known:
                return
            uses[x] += 1
            if uses[x] == 1:
                parts = x.parts() if self._to.arrays or not _branches(x) else [x.args[0]]
                for part in parts:
                    count(part)
                order.append(x)

        count(value)
        for x in order:
            if x.op == "step" or (x is value and not (_branches(x) and self._to.arrays)):
                continue
            if _branches(x):
                yield from self._chosen(x, known)
            elif uses[x] > 1 or (x.name and len(self._text(x, known)) > _LONG):
                text = self._text(x, known)
                known[x] = self._new(x.name or "part")
                yield f"{known[x]} = {text}"

    def _chosen(self, x: Expression, known: dict[Expression, str]) -> Iterator[str]:
        """A piecewise expression as a variable."""
        name = self._new(x.name or "value")
        if not self._to.arrays:

            def assigned(piece: Any, known: dict[Expression, str]) -> Iterator[str]:
                if _branches(piece):
                    yield from self._branched(piece, known, assigned)
                    return
                inner = dict(known)
                yield from self._named(piece, inner)
                yield f"{name} = {self._text(piece, inner)}"

            yield from self._branched(x, known, assigned)
        else:
            at, edges, pieces = x.args
            text = self._text(at, known, _COMPARED + 1)
            texts = [
                self._text(piece, known) if isinstance(piece, Expression) else repr(float(number(piece)))
                for piece in pieces
            ]
            yield f"{name} = {texts[-1]}"
            for edge, chosen in zip(reversed(edges), reversed(texts[:-1]), strict=True):
                chosen = self._to.calls["where"].format(f"{text} < {number(edge)}", chosen, name)
                yield f"{name} = {chosen}"
        known[x] = name

    def _new(self, name: str) -> str:
        name = name.rstrip("_") if name != "t" else "counted"
        self._taken[name] += 1
        return name if self._taken[name] == 1 else f"{name}_{self._taken[name]}"

    def _text(self, x: Any, known: dict[Expression, str], least: int = _CHOICE, *, angle: bool = False) -> str:
        """The text of an expression, in brackets if it binds less tightly than `least`."""
        if isinstance(x, tuple):
            return f"[{', '.join(map(number, x))}]"
        if not isinstance(x, Expression):
            return number(x)
        if x in known:
            return known[x]
        text, binds = self._bare(x, known, angle)
        return f"({text})" if binds < least else text

    def _bare(self, x: Expression, known: dict[Expression, str], angle: bool) -> tuple[str, int]:
        def part(i: int, least: int = _CHOICE) -> str:
            return self._text(x.args[i], known, least)

        calls = self._to.calls
        if x.op == "step":
            return "step", _ATOM
        if x.op == "*" and isinstance(x.args[1], Inverse):
            return self._divided(part(0, _factor(x.args[0])), x.args[1], angle), _PRODUCT
        if x.op == "*":
            constant = not isinstance(x.args[1], Expression)
            first, second = (1, 0) if constant else (0, 1)
            # what is multiplied by a constant may be a product itself, but for a remainder
            looser = isinstance(x.args[second], Expression) and x.args[second].op in ("*", "/")
            return f"{part(first, _factor(x.args[first]))} * {part(second, _PRODUCT + (not looser))}", _PRODUCT
        if x.op == "//" and not x.build.is_whole(x.args[1]):  # 11 // 1.1 is 9, and 11 / 1.1 is 10
            return calls["floor"].format(f"{part(0, _PRODUCT)} / {part(1, _PRODUCT + 1)}"), _ATOM
        if x.op == "**" and self._to.single and not isinstance(x.args[0], Expression):
            return calls["exp"].format(f"{number(math.log(x.args[0]))} * {part(1, _PRODUCT + 1)}"), _ATOM
        if x.op == "where" and not self._to.arrays:
            return f"{part(1, _COMPARED)} if {part(0, _COMPARED)} else {part(2)}", _CHOICE
        if x.op in calls and not _multiplied(x):
            return calls[x.op].format(*(self._argument(x, i, known) for i in range(len(x.args)))), _ATOM
        binds = _INFIX[x.op]
        base = self._safe(x, 0, known, binds + (x.op == "**"))
        return f"{base} {x.op} {part(1, binds + (x.op != '**'))}", binds

    def _argument(self, x: Expression, i: int, known: dict[Expression, str]) -> str:
        """An argument of a call; a number to choose is not a whole one, which would make the choice whole."""
        constant = x.op == "where" and not isinstance(x.args[i], Expression)
        return repr(float(number(x.args[i]))) if constant else self._safe(x, i, known)

    def _safe(self, x: Expression, i: int, known: dict[Expression, str], least: int = _CHOICE) -> str:
        """An argument; of a root or a power kept from below 0, for the steps at which arrays do not choose it."""
        text = self._text(x.args[i], known, least, angle=x.op in ("sin", "cos"))
        rooted = x.op == "sqrt" or (x.op == "**" and i == 0 and not _multiplied(x))
        if self._to.arrays and rooted and x.build.range(x.args[i])[0] < 0:
            return self._to.calls["max"].format(self._text(x.args[i], known), "0")
        return text

    def _divided(self, text: str, by: float, angle: bool) -> str:
        """Something times a constant that stands for a division; an angle is a share of π."""
        for factor, sign in ((1.0, ""), (math.pi, f"{self._to.pi} * ")):
            if abs(factor / by - round(factor / by)) <= 4e-16 * abs(factor / by):
                return f"{sign}{text} / {number(round(factor / by))}"
        return f"{self._to.pi} * {text} / {number(math.pi / by)}" if angle else f"{text} / {number(1 / by)}"


def _factor(x: Any) -> int:
    """How tightly a first factor must bind: `a // b` and `a % b` are others with a factor before them."""
    return _PRODUCT + (isinstance(x, Expression) and x.op in ("//", "%"))


def _multiplied(x: Expression) -> bool:
    """Whether it is a square or a cube, which any sign has."""
    return x.op == "**" and not isinstance(x.args[1], Expression) and x.args[1] in (2, 3)


def _branches(x: Any) -> bool:
    return isinstance(x, Expression) and x.op == "piecewise"


def number(x: float) -> str:
    """A number as people write it: whole ones without a point, and no digits that are only rounding."""
    if x == math.floor(x) and abs(x) < 2**31:
        return str(int(x))
    short = float(f"{x:.12g}")
    return repr(short if abs(short - x) <= 2 * math.ulp(x) else float(x))
