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
from lrcore._catalogue import CALLS, FAMILIES, METHOD_NAMES
from lrcore._text.text import Places, mistake, tree_of

OPERATORS = ("product", "scaled")
"""The parts that are written with `*`: by another schedule, or by a number."""


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


_METHODS_OF = {"momentum": ("OneCycle", "Cyclic")}
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


def callee(name: str, family: str = "") -> Callable[..., Any]:
    """What a part calls."""
    if name in CALLS:
        return CALLS[name]
    families = _METHODS_OF.get(name)
    owner: Any = Schedule if families is None else CALLS[family if family in families else families[0]]
    method: Callable[..., Any] = getattr(owner, name)
    return method


# Text again


def text_of(parts: Sequence[Part]) -> str:
    """The expression of a chain."""
    text, open_ = "", False
    for part in parts:
        inner = f"({text})" if open_ else text
        if part.name == "product":
            text = f"{text} * {_within(part.given['by'], (ast.BinOp,))}"
        elif part.name == "scaled":
            text = f"{_within(part.given['factor'], (ast.Add, ast.Sub))} * {inner}"
        elif part.name in CALLS:
            text = f"{part.name}({_written(part, parts[0].name)})"
        else:
            text = f"{inner}.{part.name}({_written(part, parts[0].name)})"
        open_ = part.name in OPERATORS
    return text


def _within(text: str, looser: tuple[type[ast.AST], ...]) -> str:
    """An operand, in parentheses where its operator would be taken apart."""
    node: Any = tree_of(text)
    return f"({text})" if isinstance(node, looser) or isinstance(getattr(node, "op", None), looser) else text


def _written(part: Part, family: str) -> str:
    """The arguments of a call; one that stands alone without a default needs no name."""
    known = parameters(part.name, family)
    needed = [word for word, parameter in known.items() if _by_place(parameter) and parameter.default is parameter.empty]
    bare = needed[0] if len(needed) == 1 else None
    ordered = sorted(part.given, key=lambda word: (word != bare, list(known).index(word)))
    return ", ".join(part.given[word] if word == bare else f"{word}={part.given[word]}" for word in ordered)


def _by_place(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.POSITIONAL_OR_KEYWORD


# Changes


def changed(text: str, change: Mapping[str, Any]) -> str:
    """The text after a change of a person's, which may be wrong: whoever reads it says where.

    Raises:
        ValueError: there is no such part or field, or the text is none of a chain.
    """
    parts = parts_of(text)
    if "field" in change:
        return _set(text, parts, _index(change, "part", parts), str(change["field"]), str(change["to"]))
    if "add" in change:
        return text_of(_added(text, parts, str(change["add"]), _index(change, "at", parts, behind=True)))
    if "remove" in change:
        i = _index(change, "remove", parts)
        if not i:
            raise ValueError("The family stays: choose another one in its place.")
        return text_of([*parts[:i], *parts[i + 1 :]])
    if "move" in change:
        i, to = _index(change, "move", parts), _index(change, "to", parts)
        if not i or not to:
            raise ValueError("The family comes first.")
        rest = [*parts[:i], *parts[i + 1 :]]
        return text_of([*rest[:to], parts[i], *rest[to:]])
    raise ValueError(f"answer knows no change {dict(change)!r}.")


def _index(change: Mapping[str, Any], word: str, parts: Sequence[Part], *, behind: bool = False) -> int:
    value = change.get(word)
    if not isinstance(value, int) or not 0 <= value < len(parts) + behind:
        raise ValueError(f"answer.change.{word} must be the place of one of {len(parts)} parts, got {value!r}.")
    return value


def _set(text: str, parts: Sequence[Part], i: int, field: str, to: str) -> str:
    """The text with another value in a field, which must be an expression of its own; an empty one takes the default."""
    part = parts[i]
    if field not in parameters(part.name, parts[0].name):
        raise ValueError(f"{part.name} has no field {field!r}.")
    to = to.strip()
    if not to:
        given = {word: item for word, item in part.given.items() if word != field}
        return text_of([*parts[:i], Part(part.name, given, {}), *parts[i + 1 :]])
    tree_of(to)
    if field in part.places and part.name not in OPERATORS:
        begin, end = part.places[field]
        return f"{text[:begin]}{to}{text[end:]}"
    return text_of([*parts[:i], Part(part.name, {**part.given, field: to}, {}), *parts[i + 1 :]])


def _added(text: str, parts: list[Part], name: str, at: int) -> list[Part]:
    """The chain with a part more; a family in the first place takes the other's, with the fields that both have."""
    if name in CALLS and name != "Custom":
        new = parts_of(repr(FAMILIES[name]))[0]
        if at == 0:
            known = parameters(name)
            kept = {word: item for word, item in parts[0].given.items() if word in known}
            return [Part(name, {**new.given, **_renamed(parts[0].given, known), **kept}, {}), *parts[1:]]
        return [*parts[:at], Part("then", {"after": text_of([new])}, {}), *parts[at:]]
    at = max(at, 1)
    before = parse(text_of(parts[:at]))
    return [*parts[:at], Part(name, _beginning(name, before), {}), *parts[at:]]


_HEIGHTS = ("start", "peak", "value", "high")
"""What the families call their height."""


def _renamed(given: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """The height of one family under the name that another has for it."""
    height = next((given[word] for word in _HEIGHTS if word in given), None)
    name = next((word for word in _HEIGHTS if word in known), None)
    return {} if height is None or name is None else {name: height}


def _beginning(name: str, before: Schedule) -> dict[str, str]:
    """What a part that is added begins with, by the schedule that it is added to."""
    reach, length = max(10, before._reach()), before.length
    at = {} if length is not None else {"at": str(reach)}
    fields: dict[str, dict[str, str]] = {
        "warmup": {"steps": str(max(1, reach // 20))},
        "then": {"after": f"Constant({before(reach)!r})", **at},
        "repeat": {"times": "3"},
        "shift": {"steps": str(reach // 10)},
        "stretch": {"total": str(2 * reach)},
        "per_epoch": {"steps_per_epoch": "100"},
        "per_sample": {"batch": "32"},
        "clip": {"low": repr(before(reach // 2) / 2)},
        "cooldown": {"at": str(reach - reach // 5), "steps": str(reach // 5)},
        "extend": {"total": str(2 * reach), "at": str(reach // 2)},
        "scaled": {"factor": "0.5"},
        "product": {"by": f"StepDecay(1.0, every={max(1, reach // 3)}, factor=0.5)"},
        "momentum": {},
    }
    if name not in fields:
        raise ValueError(f"answer knows no part {name!r}.")
    return fields[name]
