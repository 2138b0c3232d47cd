"""A schedule as text, both ways: the expression that rebuilds it, and a parser that runs nothing."""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cache
from typing import Any, NoReturn, TypeVar, overload

from lrcore._arguments import explain, is_number, nearest, parameters_of
from lrcore._compositions.product import Product, Scaled
from lrcore._families.shapes import meant
from lrcore._schedule import Schedule
from lrcore._value import Value

V = TypeVar("V", bound=Value)

_LONGEST = 100_000
"""Characters of text that `parse` reads: 10,000 milestones fit."""


def express(value: Value) -> str:
    """The expression that rebuilds a value; arguments that have their default are left out."""
    if isinstance(value, Product):
        return f"{value.left!r} * {_operand(value.right)}"
    if isinstance(value, Scaled):
        return f"{value.factor!r} * {_operand(value.schedule)}"
    given = [(word, getattr(value, field.name), field.default) for word, field in value._parameters().items()]
    if value._method:
        (_, receiver, _), *given = given
        call = f"{_operand(receiver)}.{value._method}"
        positional = [item for _, item, default in given if default is MISSING]
        named = [(word, item) for word, item, default in given if default is not MISSING and not _equal(default, item)]
    else:
        call = value._name
        positional = [item for _, item, default in given[:1] if default is MISSING]
        named = [(word, item) for word, item, default in given[len(positional) :] if not _equal(default, item)]
    arguments = [*map(_literal, positional), *(f"{word}={_literal(item)}" for word, item in named)]
    return f"{call}({', '.join(arguments)})"


def _operand(value: Value) -> str:
    from lrcore._catalogue import OPERATORS

    return f"({value!r})" if isinstance(value, OPERATORS) else repr(value)


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return repr(value)


def _equal(default: Any, value: Any) -> bool:
    return value is default or (
        default is not MISSING and type(value) in (int, float, str, bool, type(None)) and value == default
    )


@overload
def parse(text: str) -> Schedule: ...
@overload
def parse(text: str, kind: type[V]) -> V: ...
def parse(text: str, kind: type[Any] = Value) -> Any:
    """The schedule that `text` describes: what `repr` prints, and what a person would type.

    Text may call the families and their methods by name, multiply, and use numbers with `+ - * / // **`, strings, lists,
    True, False and None. Nothing is executed: any other construct is an error.

    Args:
        text: the expression.
        kind: the class that it must be of, such as `Schedule`, or that of a tool's value, `lrcore.plateau.Plateau`.
            Without one text may be of either, and a type checker takes it for a schedule.

    Raises:
        ValueError: one line that says what is wrong and at which column, with the nearest name where one is misspelt. It is
            an `argparse.ArgumentTypeError` too, so that `add_argument("--lr", type=lrcore.parse)` shows it.
        TypeError: `text` is not a string.

    >>> parse("Cosine(3e-4, steps=90 * 1_000).warmup(500)")
    Cosine(0.0003, steps=90000).warmup(500)
    >>> parse("Cosin(3e-4, steps=100)")
    Traceback (most recent call last):
        ...
    lrcore.ParseError: there is no schedule 'Cosin'; did you mean 'Cosine'?
    """
    if not isinstance(text, str):
        raise TypeError(f"parse takes a string, got {text!r}.")
    places = Places(text)
    try:
        value = _Reader(places).read(tree_of(text))
    except (RecursionError, MemoryError):
        raise mistake("the text is nested too deeply.") from None
    if not isinstance(value, kind):
        wanted = "schedule" if kind in (Value, Schedule) else kind.__name__
        raise mistake(f"the text is not a {wanted} but {value!r}.", places.whole)
    return value


def tree_of(text: str) -> ast.expr:
    """The syntax tree of an expression, or the error that `parse` raises for what is none."""
    if len(text) > _LONGEST:
        raise mistake(f"the text has {len(text)} characters, more than {_LONGEST}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of Python about the text, which is data here
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        place = Places(text).between((line, column), (error.end_lineno or line, error.end_offset or column))
        raise mistake(_placed(f"this is not an expression: {error.msg}.", line, column), place) from None
    except (RecursionError, MemoryError):
        raise mistake("the text is nested too deeply.") from None


class Places:
    """Where the nodes of a text's syntax tree stand in the text: from a character to the one behind the last."""

    def __init__(self, text: str) -> None:
        inside = text.strip()
        first = len(text) - len(text.lstrip())
        self.whole = (first, first + len(inside))
        self._lines = re.split("(?<=\n)|(?<=\r)(?!\n)", inside)  # as Python counts them; `splitlines` knows more ends
        self._begins = list(itertools.accumulate(map(len, self._lines), initial=first))

    def column(self, line: int, before: int) -> int:
        """The characters that are before a byte of a line, both counted as a syntax tree does."""
        return len(self._lines[line - 1].encode()[:before].decode(errors="replace"))

    def of(self, node: Any) -> tuple[int, int]:
        """Where a node begins and ends."""
        line, last = node.lineno, node.end_lineno
        begin = self._begins[line - 1] + self.column(line, node.col_offset)
        return begin, self._begins[last - 1] + self.column(last, node.end_col_offset)

    def between(self, begin: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
        """The same of lines and columns that are counted from 1, in characters, and may be beyond the text's end."""
        first, last = (self._begins[min(line, len(self._lines)) - 1] + max(column - 1, 0) for line, column in (begin, end))
        return min(first, self.whole[1]), min(max(first + 1, last), self.whole[1])


@cache
def parse_error() -> type[ValueError]:
    """The class of what `parse` raises: a ValueError which argparse shows to the user of `type=lrcore.parse`."""
    import argparse  # only a mistake needs it

    class ParseError(ValueError, argparse.ArgumentTypeError):
        """What is wrong with a text, in one line.

        `start` and `end` say where in the text: the first character, and the one behind the last. They are None where the
        whole of it is wrong.
        """

        start: int | None = None
        end: int | None = None

    ParseError.__module__, ParseError.__qualname__ = "lrcore", "ParseError"
    return ParseError


def mistake(message: str, place: tuple[int | None, int | None] = (None, None)) -> ValueError:
    error: Any = parse_error()(message)
    error.start, error.end = place
    mistake: ValueError = error
    return mistake


def _placed(text: str, line: int, column: int) -> str:
    """An error with its place; the beginning of the text needs no telling."""
    if (line, column) == (1, 1):
        return text
    place = f"(at column {column})" if line == 1 else f"(at line {line}, column {column})"
    return f"{text[:-1]} {place}." if text.endswith(".") else f"{text} {place}"


class _Reader:
    """Turns a syntax tree into values, and an error into one line that names its column."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def fail(self, node: Any, message: str, name: str = "", names: Any = (), at: Any = None) -> NoReturn:
        """Raise the error at a node, whose column it tells, and whose place, or the narrower one of `at`, it has."""
        line, bytes_before = node.lineno, node.col_offset
        begin, end = self._places.of(node if at is None else at)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):  # at the method, not where its chain begins
            line = node.func.end_lineno or line
            bytes_before = (node.func.end_col_offset or 0) - len(node.func.attr.encode())
            if at is None:
                begin = self._places.of(node.func)[1] - len(node.func.attr)
        column = self._places.column(line, bytes_before) + 1
        text = message if message.endswith((".", "?")) else message + nearest(name, names)
        raise mistake(_placed(text, line, column), (begin, end))

    def unknown(self, node: ast.AST, name: str) -> NoReturn:
        from lrcore._catalogue import CALLS, TOOLS
        from lrcore._elsewhere import scheduler

        theirs = scheduler(name)
        self.fail(node, f"there is no schedule {name!r}{f'; {theirs}.' if theirs else ''}", name, (*CALLS, *TOOLS))

    def read(self, node: ast.expr) -> Any:
        # Its examples take a tenth of the time of `import lrcore`
        from lrcore._catalogue import ALTERNATIVES, CALLS, METHOD_NAMES, TOOLS, call_of, class_of

        match node:
            case ast.Constant(value=int() | float() | str() | None as value):
                if isinstance(value, float) and not math.isfinite(value):
                    self.fail(node, "a number is too large")
                return value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.read(item) for item in items]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                value = self.number(operand)
                return -value if isinstance(sign, ast.USub) else value
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self.product(node, self.read(left), self.read(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return self.operated(node, type(op), self.read(left), self.read(right))
            case ast.Call(func=ast.Name(id=name) as at):
                if name == "Custom":
                    self.fail(at, "Custom takes a function, which no text holds: build it in Python")
                function = call_of(name)
                if function is None:
                    self.unknown(at, name)
                return self.call(node, name, function)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=tool), attr=name)) if (tool, name) in ALTERNATIVES:
                return self.call(node, f"{tool}.{name}", getattr(class_of(tool), name))
            case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as module, attr=name)):
                if name in CALLS or name in TOOLS:
                    self.fail(module, f"write {name}(...), without a module before it")
                self.unknown(node, name)
            case ast.Call(func=ast.Attribute(value=receiver, attr=name)):
                schedule = self.read(receiver)
                if not isinstance(schedule, Schedule):
                    self.fail(receiver, f"{schedule!r} is not a schedule and has no methods")
                if name not in METHOD_NAMES or not hasattr(schedule, name):
                    known = [method for method in sorted(METHOD_NAMES) if hasattr(schedule, method)]
                    self.fail(node, f"{schedule._name} has no method {name!r}", name, known)
                return self.call(node, f"{schedule._name}.{name}", getattr(schedule, name))
            case ast.Name(id=name):
                self.fail(node, f"{name!r} is only a name; a schedule is written as a call", name, CALLS)
            case ast.Attribute(attr=name):
                self.fail(node, f"{name!r} is only a name; write {name}(...), without a module before it")
            case _:
                self.fail(
                    node, f"{_WORDS.get(type(node).__name__, type(node).__name__)} is not allowed in a schedule expression"
                )
        return None

    def number(self, node: ast.expr) -> Any:
        value = self.read(node)
        if not is_number(value):
            self.fail(node, f"{value!r} is not a number")
        return value

    def product(self, node: ast.expr, left: Any, right: Any) -> Any:
        if is_number(left) and is_number(right):
            return self.arithmetic(node, ast.Mult, left, right)
        for side in (left, right):
            if not is_number(side) and not isinstance(side, Schedule):
                self.fail(node, f"{side!r} cannot be multiplied")
        return self.guarded(node, lambda: left * right)

    def operated(self, node: ast.BinOp, op: type[ast.operator], left: Any, right: Any) -> Any:
        if is_number(left) and is_number(right):
            return self.arithmetic(node, op, left, right)
        for side, value in ((node.left, left), (node.right, right)):
            if not is_number(value) and not isinstance(value, Schedule):
                self.fail(side, f"{value!r} is not a number")
        return self.guarded(node, lambda: _ARITHMETIC[op](left, right))

    def arithmetic(self, node: ast.expr, op: type[ast.operator], left: Any, right: Any) -> Any:
        if op is ast.Pow and (abs(left) > 1e6 or abs(right) > 64):
            self.fail(node, f"{left!r} ** {right!r} is beyond what a schedule needs")
        value = self.guarded(node, lambda: _ARITHMETIC[op](left, right))
        if not is_number(value) or not abs(value) < 1e300:
            self.fail(node, "the result is not a number that a schedule can use")
        return value

    def call(self, node: ast.Call, name: str, function: Callable[..., Any]) -> Any:
        keywords: dict[str, ast.keyword] = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in keywords:
                self.fail(keyword, f"{name} takes each argument once, by its name")
            keywords[keyword.arg] = keyword
        try:
            explain(name, function, node.args, list(keywords), show=ast.unparse)
        except TypeError as error:
            known = parameters_of(function)
            place = next((keyword for word, keyword in keywords.items() if word not in known), node)
            self.fail(place, str(error))
        shape = keywords["shape"].value if "shape" in keywords else None
        if isinstance(shape, ast.Name) and meant(shape.id):
            self.fail(shape, f"{shape.id!r} is only a name; {meant(shape.id)}.")
        args = [self.read(argument) for argument in node.args]
        named = {key: self.read(keyword.value) for key, keyword in keywords.items()}
        given = {**dict(zip(parameters_of(function), node.args, strict=False)), **keywords}
        return self.guarded(node, lambda: function(*args, **named), given)

    def guarded(self, node: ast.expr, compute: Callable[[], Any], given: Mapping[str, ast.AST] | None = None) -> Any:
        try:
            return compute()
        except (TypeError, ValueError, ArithmeticError) as error:
            self.fail(node, str(error), at=_meant_by(str(error), given or {}))


_FIELD = re.compile(r"[\w.]+\.(\w+)((?:\[\d+\])*) must ")
"""How an error about a field begins: its owner, its name, and which of its items is meant."""


def _meant_by(message: str, given: Mapping[str, ast.AST]) -> ast.AST | None:
    """The argument of a call that an error is about, or the item of it; None where that is not said."""
    found = _FIELD.match(message)
    node = given.get(found[1]) if found else None
    if found is None or node is None:
        return None
    node = node.value if isinstance(node, ast.keyword) else node
    for i in map(int, re.findall(r"\d+", found[2])):
        if not isinstance(node, (ast.List, ast.Tuple)) or i >= len(node.elts):
            break
        node = node.elts[i]
    return node


_WORDS = {
    "Lambda": "a lambda",
    "ListComp": "a comprehension",
    "Dict": "a dict",
    "Compare": "a comparison",
    "IfExp": "a condition",
}
"""What people call the parts of Python's grammar that they are likeliest to try."""

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}
