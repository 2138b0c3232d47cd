"""A formula as expressions over one step, simplified while they are built: what `write` prints in another library's words.

lrcore's formulas are made for the last digit: they count from the nearer end, clamp, and split constants in two. What is
written for people needs none of that where it changes nothing. Four rules take it out:

- what is known is computed: sums of constants, comparisons and bounds that the range of the step decides;
- equal expressions are one;
- of two ways to one value, of which the formula takes the better one at each step, the simpler one is kept;
- `n·high - n·low`, a constant in two parts, is n times that constant.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Floats = list[float]
"""The values of an expression at some steps."""


class Expression:
    """An operation and what it is applied to: expressions, numbers, and tuples of either. `Builder` makes each one once."""

    __slots__ = ("args", "build", "name", "op")

    def __init__(self, op: str, args: tuple[Any, ...], build: Builder) -> None:
        self.op, self.args, self.build = op, args, build
        self.name = ""
        """What the formula calls it, if it does."""

    def __neg__(self) -> Any:
        return self.build.subtract(0.0, self)

    def __pow__(self, power: Any) -> Any:
        return self.build.power(self, power)

    def __bool__(self) -> bool:
        raise TypeError("a formula cannot branch on the step: xp.where or xp.piecewise does")

    def parts(self) -> Iterator[Expression]:
        """The expressions among the arguments."""
        for arg in self.args:
            yield from (item for item in (arg if isinstance(arg, tuple) else (arg,)) if isinstance(item, Expression))


def _operator(name: str, *, swapped: bool = False) -> Callable[[Expression, Any], Any]:
    def apply(self: Expression, other: Any) -> Any:
        return getattr(self.build, name)(*((other, self) if swapped else (self, other)))

    return apply


for _name, _method in (("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide")):
    setattr(Expression, f"__{_name}__", _operator(_method))
    setattr(Expression, f"__r{_name}__", _operator(_method, swapped=True))
for _name in ("lt", "le", "gt", "ge", "eq"):
    setattr(Expression, f"__{_name}__", _operator(_name))
Expression.__hash__ = object.__hash__  # type: ignore[method-assign]


class Builder:
    """Makes expressions of a step, each once, and knows the ranges that they stay in."""

    def __init__(self, reach: int, precise: bool) -> None:
        self._precise = precise
        self._made: dict[tuple[Any, ...], Expression] = {}
        self.within: dict[Expression, tuple[float, float]] = {}
        """The ranges that hold in the branch under way."""
        self.step = self.make("step")
        self._reach = reach

    def make(self, op: str, *args: Any) -> Expression:
        """The expression, the same one each time."""
        key = (op, *(id(arg) if isinstance(arg, Expression) else arg for arg in args))
        if any(isinstance(arg, tuple) for arg in args):
            key = (op, *(tuple(map(_key, arg)) if isinstance(arg, tuple) else _key(arg) for arg in args))
        return self._made.setdefault(key, Expression(op, args, self))

    # Arithmetic.

    def add(self, x: Any, y: Any) -> Any:
        if not _either(x, y):
            return x + y
        if _is(x, 0.0) or _is(y, 0.0):
            return y if _is(x, 0.0) else x
        if isinstance(y, Expression) and not isinstance(x, Expression):
            if _whole(x) and y.op == "+" and _whole(y.args[1]):
                return self.add(y.args[0], x + y.args[1])
            if _whole(x) and y.op == "-" and _whole(y.args[0]):
                return self.subtract(x + y.args[0], y.args[1])
            if y.op == "*" and _negative(y.args[1]):
                return self.make("-", x, self.multiply(y.args[0], -y.args[1]))
            return self.make("+", y, x) if _whole(x) else self.make("+", x, y)
        if _whole(y) and _negative(y):
            return self.subtract(x, -y)
        if _whole(y) and x.op in ("+", "-") and _whole(x.args[1]):
            return self.add(x.args[0], y + (x.args[1] if x.op == "+" else -x.args[1]))
        return self.make("+", x, y)

    def subtract(self, x: Any, y: Any) -> Any:
        if not _either(x, y):
            return x - y
        if x is y:
            return 0.0
        if _is(y, 0.0):
            return x
        if isinstance(y, Expression):
            if _whole(x) and y.op == "-" and _whole(y.args[0]):  # c - (d - y)
                return self.add(y.args[1], x - y.args[0])
            if _whole(x) and y.op == "-" and _whole(y.args[1]):  # c - (y - d)
                return self.subtract(x + y.args[1], y.args[0])
            if _whole(x) and y.op == "+" and _whole(y.args[1]):
                return self.subtract(x - y.args[1], y.args[0])
            if isinstance(x, Expression) and x.op == y.op == "*" and x.args[0] is y.args[0]:
                constant = self.subtract(x.args[1], y.args[1])
                return self.multiply(x.args[0], constant if isinstance(constant, Expression) else Inverse(constant))
            if isinstance(x, Expression) and x.op == y.op == "take" and x.args[1] is y.args[1]:
                return self.take(tuple(a - b for a, b in zip(x.args[0], y.args[0], strict=True)), x.args[1])
            if y.op == "*" and not isinstance(y.args[1], Expression) and (_is(x, 0.0) or _negative(y.args[1])):
                return self.add(x, self.multiply(y.args[0], -y.args[1]))
            if _whole(x) and y.op == "min" and _whole(y.args[1]):
                return self.maximum(self.subtract(x, y.args[0]), self.subtract(x, y.args[1]))
            if not isinstance(x, Expression):
                return self.make("-", x, y)
            if y.op == "*" and y.args[0].op == "//" and _identical(y.args[0].args, (x, y.args[1])):
                return self.make("%", x, y.args[1])  # n - (n // d)·d
        elif x.op == "+" and _key(x.args[0]) == y:
            return x.args[1]
        elif _whole(y):
            if y < 0:
                return self.add(x, -y)
            if x.op in ("+", "-") and _whole(x.args[1]):
                return self.add(x.args[0], (x.args[1] if x.op == "+" else -x.args[1]) - y)
            if x.op == "-" and _whole(x.args[0]):
                return self.subtract(x.args[0] - y, x.args[1])
        return self.make("-", x, y)

    def multiply(self, x: Any, y: Any) -> Any:
        if not _either(x, y):
            return x * y
        if not isinstance(x, Expression):
            x, y = y, x
        if _is(y, 1.0):
            return x
        if _is(y, 0.0):
            return 0.0
        if isinstance(y, Expression) and _scaled(y):
            x, y = y, x
        if _scaled(x) and isinstance(y, Expression):  # the constant last
            return self.multiply(self.multiply(x.args[0], y), x.args[1])
        if _scaled(x) and not isinstance(y, Inverse):
            return self.multiply(x.args[0], x.args[1] * y)
        if isinstance(y, Expression) and x.op == y.op == "**" and _key(x.args[0]) == _key(y.args[0]):
            exponent = self._whole_and_rest(x.args[1], y.args[1])
            if exponent is not None:
                return self.power(x.args[0], exponent)
        return self.make("*", x, y)

    def _whole_and_rest(self, whole: Any, rest: Any) -> Any:
        """`n/d` of `n // d` and `(n % d)/d`, the exponents that an exponential splits its own into."""
        if isinstance(rest, Expression) and rest.op == "*" and rest.args[0].op == "%" and whole.op == "//":
            n, d = rest.args[0].args
            return self.divide(n, d) if _identical(whole.args, (n, d)) else None
        return None

    def divide(self, x: Any, y: Any) -> Any:
        if not _either(x, y):
            return x / y
        if isinstance(y, Powered) and isinstance(x, Expression) and x.op == "**" and _is(x.args[1], y.power):
            return self.power(self.divide(x.args[0], y.base), y.power)
        return self.multiply(x, Inverse(1.0 / y)) if not isinstance(y, Expression) else self.make("/", x, y)

    def power(self, x: Any, y: Any) -> Any:
        if not _either(x, y):
            return Powered(x, y)
        if _is(y, 1.0):
            return x
        return 1.0 if _is(x, 1.0) else self.make("**", x, y)

    def call(self, function: str, x: Any) -> Any:
        """A function of one number that `math` has."""
        return self.make(function, x) if isinstance(x, Expression) else getattr(math, function)(x)

    def floor_divide(self, x: Any, y: Any) -> Any:
        if not _either(x, y):
            return math.floor(x / y)
        return (
            self.call("floor", x) if _is(y, 1.0) and not self.is_whole(x) else x if _is(y, 1.0) else self.make("//", x, y)
        )

    # Choices.

    def lt(self, x: Any, y: Any) -> Any:
        (low, high), (least, most) = self.range(x), self.range(y)
        return True if high < least else False if low >= most else self.make("<", x, y)

    def le(self, x: Any, y: Any) -> Any:
        (low, high), (least, most) = self.range(x), self.range(y)
        return True if high <= least else False if low > most else self.make("<=", x, y)

    def gt(self, x: Any, y: Any) -> Any:
        return self.lt(y, x) if not isinstance(x, Expression) else self._not(self.le(x, y), ">", x, y)

    def ge(self, x: Any, y: Any) -> Any:
        return self.le(y, x) if not isinstance(x, Expression) else self._not(self.lt(x, y), ">=", x, y)

    def _not(self, opposite: Any, op: str, x: Any, y: Any) -> Any:
        return not opposite if isinstance(opposite, bool) else self.make(op, x, y)

    def eq(self, x: Any, y: Any) -> Any:
        return self.make("==", x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        (low, high), (least, most) = self.range(x), self.range(y)
        return x if high <= least else y if most <= low else self.make("min", *_constant_last(x, y))

    def maximum(self, x: Any, y: Any) -> Any:
        (low, high), (least, most) = self.range(x), self.range(y)
        return x if low >= most else y if least >= high else self.make("max", *_constant_last(x, y))

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        if not isinstance(condition, Expression):
            return x if condition else y
        x, y = self._given(x, condition, 1), self._given(y, condition, 2)
        if x is y or (not _either(x, y) and x == y):
            return x
        if condition.op == "==" and isinstance(y, Expression) and not isinstance(x, Expression):
            known = self.replaced(y, lambda old: condition.args[1] if old is condition.args[0] else None)
            if not isinstance(known, Expression) and abs(known - x) <= 2 * math.ulp(x):
                return y  # says the same there
        if condition.op == "<=" and self._touches(condition, x, y):
            return y
        if _either(x, y) and self._same(x, y):
            return self._simpler(x, y)
        if condition.op == "<=" and _identical(condition.args, (x, y)):
            return self.minimum(x, y)
        return self.make("where", condition, x, y)

    def _touches(self, condition: Expression, x: Any, y: Any) -> bool:
        """Whether a condition holds at one end of the step's range alone, where both choices are one value."""
        (low, _), (_, most) = map(self.range, condition.args)
        if low != most:
            return False
        ends = [end for end in self.range(self.step) if end < math.inf]
        both = zip(evaluate(condition, ends), evaluate(x, ends), evaluate(y, ends), strict=True)
        return all(not holds or abs(a - b) <= 1e-15 * abs(b) for holds, a, b in both)

    def _given(self, x: Any, condition: Expression, side: int) -> Any:
        """An expression where the condition is known to hold, or not to: its own choices by that condition are made."""

        def chosen(old: Expression) -> Any:
            if old.op == "where" and old.args[0] is condition:
                return old.args[side]
            if old.op == "min" and condition.op == "<=" and _identical(old.args, condition.args):
                return condition.args[side - 1]
            return None

        return self.replaced(x, chosen)

    def replaced(self, x: Any, new: Callable[[Expression], Any]) -> Any:
        """An expression, with what `new` gives, if it does, in the place of each part."""
        if not isinstance(x, Expression):
            return x
        instead = new(x)
        if instead is not None:
            return self.replaced(instead, new)
        if x.op in ("step", "piecewise", "take", "search"):
            return x
        args = [self.replaced(arg, new) for arg in x.args]
        return x if _identical(args, x.args) else self.again(x.op, args)

    def again(self, op: str, args: Sequence[Any]) -> Any:
        """The operation on other arguments."""
        methods: dict[str, Callable[..., Any]] = {
            "+": self.add,
            "-": self.subtract,
            "*": self.multiply,
            "/": self.divide,
            "**": self.power,
        }
        methods |= {"min": self.minimum, "max": self.maximum, "where": self.where, "//": self.floor_divide}
        methods |= {"<": self.lt, "<=": self.le, ">": self.gt, ">=": self.ge, "==": self.eq}
        if op in methods:
            return methods[op](*args)
        return self.call(op, *args) if len(args) == 1 and hasattr(math, op) else self.make(op, *args)

    def _same(self, x: Any, y: Any) -> bool:
        """Whether the two are one value, to rounding, wherever the step may be: two ways of computing it."""
        t = self._steps()
        a, b = evaluate(x, t), evaluate(y, t)
        most = 1e-13 * max(1e-300, *map(abs, b))
        return all(abs(one - other) <= most for one, other in zip(a, b, strict=True))  # which NaN is not

    def _simpler(self, x: Any, y: Any) -> Any:
        """The second of two ways, which counts from the end, unless the first is much simpler and ends as exactly."""
        if self._precise:
            return y
        last = self.range(self.step)[1]
        exact = math.isinf(last) or evaluate(x, [last]) == evaluate(y, [last])
        return x if exact and _size(x) < 0.7 * _size(y) else y

    def _steps(self) -> Floats:
        low, high = self.range(self.step)
        distance = (min(high, 4.0 * self._reach + low) - low) / 64
        return [low + i * distance for i in range(65)]

    def search(self, edges: tuple[float, ...], x: Expression) -> Expression:
        return self.make("search", edges, x)

    def take(self, values: tuple[Any, ...], index: Expression) -> Any:
        return values[0] if len(set(values)) == 1 else self.make("take", values, index)

    def piecewise(self, x: Expression, edges: Sequence[float], values: Sequence[Any]) -> Any:
        if not edges:
            return values[0]
        while len(x.args) == 2 and not isinstance(x.args[1], Expression):
            if x.op in ("+", "-") and _whole(x.args[1]):  # on the clock of the whole
                shift = x.args[1] if x.op == "-" else -x.args[1]
                x, edges = x.args[0], [edge + shift for edge in edges]
            elif x.op == "min" and edges[-1] <= x.args[1]:
                x = x.args[0]
            else:
                break
        pieces: list[tuple[float, Any]] = []
        for begin, end, value in zip((-math.inf, *edges), (*edges, math.inf), values, strict=True):
            inner = isinstance(value, Expression) and value.op == "piecewise" and value.args[0] is x
            for at, piece in zip((begin, *value.args[1]), value.args[2], strict=True) if inner else [(begin, value)]:
                if at < end and not (pieces and _key(pieces[-1][1]) == _key(piece)):
                    pieces.append((at, piece))
        if len(pieces) == 1:
            return pieces[0][1]
        return self.make("piecewise", x, tuple(at for at, _ in pieces[1:]), tuple(piece for _, piece in pieces))

    # What is known of an expression.

    def is_whole(self, x: Any) -> bool:
        """Whether it is a whole number at a whole step."""
        if not isinstance(x, Expression):
            return _whole(x)
        if x.op in ("+", "-", "*", "%", "min", "max"):
            return all(map(self.is_whole, x.args))
        return x.op in ("step", "floor", "//", "search")

    def range(self, x: Any) -> tuple[float, float]:
        """The least and the largest value that is known of an expression."""
        if not isinstance(x, Expression):
            return x, x
        if x in self.within:
            return self.within[x]
        if x.op == "step":
            return 0.0, math.inf
        if x.op == "%":
            return 0.0, x.args[1]
        if x.op in ("+", "-", "*", "min", "max", "//"):
            (low, high), (least, most) = map(self.range, x.args)
            match x.op:
                case "+":
                    return low + least, high + most
                case "-":
                    return low - most, high - least
                case "min":
                    return min(low, least), min(high, most)
                case "max":
                    return max(low, least), max(high, most)
                case "//" if low >= 0 and least > 0:
                    return low // most, math.floor(high / least) if high < math.inf else math.inf
                case "*" if low >= 0 and least >= 0:
                    return low * least, high * most if high and most else 0.0
        return -math.inf, math.inf


class Powered(float):
    """A power of two constants, which remembers them: `a**p / b**p` is then `(a/b)**p`."""

    base: float
    power: float

    def __new__(cls, base: float, power: float) -> Powered:
        made = super().__new__(cls, math.pow(base, power))
        made.base, made.power = base, power
        return made


class Inverse(float):
    """A constant that stands for a division, such as 1/steps or π/steps: it is not multiplied into others."""


def _scaled(x: Expression) -> bool:
    """Whether it is something times a constant."""
    return x.op == "*" and not isinstance(x.args[1], (Expression, Inverse))


def _key(x: Any) -> Any:
    return id(x) if isinstance(x, Expression) else x


def _identical(some: Sequence[Any], others: Sequence[Any]) -> bool:
    return all(_key(a) == _key(b) for a, b in zip(some, others, strict=True))


def _either(x: Any, y: Any) -> bool:
    return isinstance(x, Expression) or isinstance(y, Expression)


def _is(x: Any, value: float) -> bool:
    return not isinstance(x, Expression) and bool(x == value)


def _whole(x: Any) -> bool:
    return not isinstance(x, Expression) and abs(x) < 2**53 and x == math.floor(x)


def _negative(x: Any) -> bool:
    return not isinstance(x, Expression) and x < 0


def _constant_last(x: Any, y: Any) -> tuple[Any, Any]:
    return (x, y) if isinstance(x, Expression) else (y, x)


def _size(x: Any) -> int:
    return 1 + sum(map(_size, x.parts())) if isinstance(x, Expression) else 0


def _or_nan(operation: Callable[..., float]) -> Callable[..., float]:
    """An operation that gives NaN where it would raise."""

    def safe(*values: float) -> float:
        try:
            return operation(*values)
        except (ArithmeticError, ValueError):
            return math.nan

    return safe


_OPERATIONS: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _or_nan(operator.truediv),
    "**": _or_nan(math.pow),
    "%": _or_nan(operator.mod),
    "//": _or_nan(lambda x, y: math.floor(x / y)),
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "min": lambda x, y: x if x <= y or x != x else y,
    "max": lambda x, y: x if x >= y or x != x else y,
    "where": lambda condition, x, y: x if condition else y,
    **{name: _or_nan(getattr(math, name)) for name in ("floor", "sqrt", "sin", "cos", "tanh", "exp", "log")},
}


def evaluate(x: Any, t: Floats) -> Floats:
    """The values of an expression at steps; what a branch not taken would raise is NaN there."""
    if not isinstance(x, Expression):
        return [x] * len(t)
    match x.op:
        case "step":
            return t
        case "search":
            return [float(bisect_right(x.args[0], value)) for value in evaluate(x.args[1], t)]
        case "take":
            return [x.args[0][int(i)] for i in evaluate(x.args[1], t)]
        case "piecewise":
            at, edges, values = x.args
            places = [bisect_right(edges, value) for value in evaluate(at, t)]
            several = [evaluate(value, t) for value in values]
            return [several[place][i] for i, place in enumerate(places)]
    return list(map(_OPERATIONS[x.op], *(evaluate(arg, t) for arg in x.args)))
