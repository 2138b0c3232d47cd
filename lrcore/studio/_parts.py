"""An expression as a chain of parts, a family and what is done to it, and the changes that a person makes to one.

The text is the state: a change of a field writes over that field alone, and what a person has typed elsewhere stays.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lrcore import Schedule, parse
from lrcore._arguments import parameters_of
from lrcore._catalogue import CALLS, METHOD_NAMES
from lrcore._text.text import Places, mistake, tree_of

OPERATORS = ("product", "scaled")
"""The parts that are written with `*`: by another schedule, or by a number."""

HEIGHTS = ("start", "peak", "value", "high")
"""What families call their height."""


@dataclass(frozen=True)
class Part:
    """A family, or what is done to the schedule before it.

    Args:
        name: the family's name, the method's, "product" or "scaled".
        given: the text of each argument that is given.
        places: where that text stands.
        end: where the next argument of its call would stand.
    """

    name: str
    given: Mapping[str, str]
    places: Mapping[str, tuple[int, int]]
    end: int = 0


def schedule_of(text: str) -> Schedule:
    """The schedule that an expression is.

    Raises:
        ValueError: it is none; the place of the mistake is in the error.
    """
    return parse(text, Schedule)  # type: ignore[type-abstract]


def is_schedule(node: ast.expr) -> bool:
    """Whether an expression is of a schedule and not of a number: only schedules are called."""
    if isinstance(node, ast.BinOp):
        return is_schedule(node.left) or is_schedule(node.right)
    return isinstance(node, ast.Call)


def parts_of(text: str) -> list[Part]:
    """The chain of an expression.

    Raises:
        ValueError: it is no expression, or none of a schedule; its fields are not looked at.
    """
    places = Places(text)
    return list(_chain(tree_of(text), text, places))


def _chain(node: ast.expr, text: str, places: Places) -> Iterator[Part]:
    def part(name: str, given: Mapping[str, ast.expr], end: int = 0) -> Part:
        at = {word: places.of(item) for word, item in given.items()}
        return Part(name, {word: text[slice(*place)] for word, place in at.items()}, at, end)

    match node:
        case ast.Call(func=ast.Name(id=name)) if name in CALLS and name != "Custom":
            yield part(name, _arguments(node, parameters(name)), places.of(node)[1] - 1)
        case ast.Call(func=ast.Attribute(value=before, attr=name)) if name in METHOD_NAMES:
            yield from (chain := list(_chain(before, text, places)))
            yield part(name, _arguments(node, parameters(name, chain[0].name)), places.of(node)[1] - 1)
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if is_schedule(left) and is_schedule(right):
            yield from _chain(left, text, places)
            yield part("product", {"by": right})
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if is_schedule(left) or is_schedule(right):
            inner, number = (left, right) if is_schedule(left) else (right, left)
            yield from _chain(inner, text, places)
            yield part("scaled", {"factor": number})
        case ast.BinOp(left=left, op=ast.Div(), right=right) if is_schedule(left) and not is_schedule(right):
            yield from _chain(left, text, places)
            at = places.of(right)
            yield Part("scaled", {"factor": f"1 / {_within(text[slice(*at)], (ast.BinOp,))}"}, {})
        case _:
            begin, end = places.of(node)
            raise mistake("this is not a chain of a family and what is done to it.", (begin, end))


def _arguments(node: ast.Call, names: Mapping[str, inspect.Parameter]) -> dict[str, ast.expr]:
    """The arguments of a call by their names, as far as they fit."""
    given = dict(zip(names, node.args, strict=False))
    return {**given, **{str(keyword.arg): keyword.value for keyword in node.keywords if keyword.arg in names}}


METHODS_OF = {"momentum": ("OneCycle", "Cyclic")}
"""The methods that only these families have."""

_OPERANDS = {
    "product": inspect.Parameter("by", inspect.Parameter.POSITIONAL_ONLY, annotation=Schedule),
    "scaled": inspect.Parameter("factor", inspect.Parameter.POSITIONAL_ONLY, annotation=float),
}


@cache
def parameters(name: str, family: str = "") -> Mapping[str, inspect.Parameter]:
    """What a part is called with; of a method that not every schedule has, as this family has it."""
    if name in _OPERANDS:
        return {_OPERANDS[name].name: _OPERANDS[name]}
    found = parameters_of(callee(name, family))
    return {word: parameter for word, parameter in found.items() if word != "self"}


def check_field(name: str, family: str, field: str) -> None:
    """Refuse a field that a part does not have."""
    if field not in parameters(name, family):
        raise ValueError(f"{name} has no field {field!r}.")


def callee(name: str, family: str = "") -> Callable[..., Any]:
    """What a part calls."""
    if name in CALLS:
        return CALLS[name]
    if name not in METHOD_NAMES:
        raise ValueError(f"answer knows no part {name!r}.")
    families = METHODS_OF.get(name)
    owner: Any = Schedule if families is None else CALLS[family if family in families else families[0]]
    method: Callable[..., Any] = getattr(owner, name)
    return method


# Text again


def text_of(parts: Sequence[Part]) -> str:
    """The expression of a chain.

    Raises:
        ValueError: there is no such part or field, or an operator has no operand.
    """
    text, open_ = "", False
    for i, part in enumerate(parts):
        inner = f"({text})" if open_ else text
        if part.name == "product":
            text = f"{text} * {_operand(part, (ast.BinOp,))}"
        elif part.name == "scaled":
            text = f"{_operand(part, (ast.Add, ast.Sub))} * {inner}"
        elif not i:
            text = f"{part.name}({_written(part, part.name)})"
        else:
            text = f"{inner}.{part.name}({_written(part, parts[0].name)})"
        open_ = part.name in OPERATORS
    return text


def _operand(part: Part, looser: tuple[type[ast.AST], ...]) -> str:
    (word,) = parameters(part.name)
    if word not in part.given:
        raise ValueError(f"{part.name} needs {word}.")
    return _within(part.given[word], looser)


def _within(text: str, looser: tuple[type[ast.AST], ...]) -> str:
    """An operand, in parentheses where its operator would be taken apart."""
    node: Any = tree_of(text)
    return f"({text})" if isinstance(node, looser) or isinstance(getattr(node, "op", None), looser) else text


def _written(part: Part, family: str) -> str:
    """The arguments of a call; one that stands alone without a default needs no name."""
    known = parameters(part.name, family)
    for word in part.given:
        check_field(part.name, family, word)
    needed = [word for word, parameter in known.items() if _by_place(parameter) and parameter.default is parameter.empty]
    bare = needed[0] if len(needed) == 1 else None
    ordered = sorted(part.given, key=lambda word: (word != bare, list(known).index(word)))
    return ", ".join(part.given[word] if word == bare else f"{word}={part.given[word]}" for word in ordered)


def _by_place(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.POSITIONAL_OR_KEYWORD
