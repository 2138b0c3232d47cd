"""The expressions of a Python text: literals, arithmetic of them, names, and the calls that make schedules."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lrcore.port._call import CALLS, SPREAD, Missing, Optimizer, call, meant, takes_optimizer
from lrcore.port._found import Found
from lrcore.port._names import Names
from lrcore.port._part import Asked, Function
from lrcore.port._reading import Reading, Refusal

RATES = ("lr", "learning_rate")
"""The words for an optimizer's own rate."""

_OPTIMIZERS = (
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "NAdam",
    "RAdam",
    "ASGD",
    "Rprop",
    "LBFGS",
)
"""PyTorch's, which take their rate as the second argument too."""

Configure = Callable[[str, Mapping[str, Any]], Callable[[Asked], Reading] | None]
"""What a call by that name with these arguments is, if it is a configuration."""

Configured = Callable[[Mapping[Any, Any]], "list[Found]"]
"""The schedules of a dict that is a configuration."""


class Expressions:
    """What expressions are, and the schedules that were found in them.

    Args:
        asked: what the user says beside the text.
        given: what expressions stand for that the text computes, by their own text.
        configure: the reading of a call with a configuration's name, such as `TrainingArguments`, or None.
        configured: the schedules of a dict.
    """

    def __init__(self, asked: Asked, given: Mapping[str, Any], configure: Configure, configured: Configured) -> None:
        self._asked, self._given, self._configure, self._configured = asked, given, configure, configured
        self.found: list[Found] = []
        self.origins: dict[str, str] = {}
        """What an imported name is, dotted; what a file makes itself is its own."""

        self._inside = 0

    def value(self, node: ast.expr, names: Names) -> Any:
        if self._given and (text := ast.unparse(node)) in self._given:
            return self._given[text]
        made = self.computed(node, names)
        return Missing(ast.unparse(node)) if made is None and not isinstance(node, ast.Constant) else made

    def computed(self, node: ast.expr, names: Names) -> Any:
        """What an expression is; None where it is not followed."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return names.get(name, Missing(name))
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return [self.value(item, names) for item in items]
            case ast.Dict():
                return self.mapping(node, names)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
                return _computed(_SIGNS[type(op)], self.value(operand, names))
            case ast.BinOp(left=left, op=op, right=right):
                sides = self.value(left, names), self.value(right, names)
                return _computed(_ARITHMETIC[type(op)], *sides) if type(op) in _ARITHMETIC else None
            case ast.Attribute(value=value, attr=attribute):
                if ast.unparse(node) in names:
                    return names[ast.unparse(node)]
                owner = self.value(value, names)
                if ast.unparse(node) == "math.pi":
                    return math.pi
                return owner.get(attribute) if isinstance(owner, dict) else None
            case ast.Subscript(value=value, slice=index):
                owner, at = self.value(value, names), self.value(index, names)
                try:
                    return owner[at] if isinstance(owner, (list, dict)) else None
                except (LookupError, TypeError):
                    return None
            case ast.Lambda():
                return self.function(node, names)
            case ast.NamedExpr(target=target, value=value):
                made = self.value(value, names)
                names.bind(target, made)
                return made
            case ast.Call():
                return self.called(node, names)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                inner = names.inner()
                for generator in node.generators:
                    self.value(generator.iter, inner)
                    inner.bind(generator.target, Missing(ast.unparse(generator.target)))
                for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
                    self.value(part, inner)
                return None
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child, names)
                return None

    def mapping(self, node: ast.Dict, names: Names) -> dict[Any, Any]:
        """A dict of what is known; the outermost may be a configuration."""
        made: dict[Any, Any] = {}
        self._inside += 1
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.value(value, names)
            if key is None:
                made.update(inner if isinstance(inner, dict) else {SPREAD: inner})
            else:
                at = self.value(key, names)
                made[at if isinstance(at, (str, int, float)) else ast.unparse(key)] = inner
        self._inside -= 1
        if not self._inside:
            for found in self._configured(made):
                found.line = node.lineno
                found.where = f"line {node.lineno}{f', {found.where}' if found.where else ''}"
                self.found.append(found)
        return made

    def function(self, node: ast.Lambda, names: Names) -> Any:
        """A function of the user's own; one that does not use its argument is the number that it gives."""
        arguments = {argument.arg for argument in node.args.args}
        used = {inner.id for inner in ast.walk(node.body) if isinstance(inner, ast.Name)}
        inner, text = names.inner(), ast.unparse(node)
        inner.update({argument: Missing(argument) for argument in arguments})
        constant = self.value(node.body, inner)
        if not arguments & used:
            return constant if isinstance(constant, (int, float)) else Function(None, text)
        match node.body:
            case ast.BinOp(left=base, op=ast.Pow(), right=ast.Name(id=step)) if {step} == arguments:
                factor = self.value(base, names)
                return Function(None, text, factor if isinstance(factor, float) else None)
        return Function(None, text)

    def called(self, node: ast.Call, names: Names) -> Any:
        names.changed(node)
        written = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else node.func.id
            if isinstance(node.func, ast.Name)
            else ""
        )
        origin = self.origin(node.func)
        name = origin.rpartition(".")[2] if isinstance(node.func, ast.Name) and origin else written
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, names)
            if (
                written == "get"
                and isinstance(owner, dict)
                and isinstance(node.args[0] if node.args else None, ast.Constant)
            ):
                given = [self.value(argument, names) for argument in node.args]
                return owner.get(*given)
        elif not isinstance(node.func, ast.Name):
            self.value(node.func, names)
        args = [item for argument in node.args for item in self.argument(argument, names)]
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, names)
            if keyword.arg is None:
                kwargs.update(value if isinstance(value, dict) else {SPREAD: value})
            else:
                kwargs[keyword.arg] = value
        name = meant(name, args, kwargs)
        if name in CALLS:
            if origin and origin.partition(".")[0] not in CALLS[name].modules:
                return self.another(node, name, origin)
            return self.schedule(node, name, args, kwargs)
        if name in _FUNCTIONS:
            if any(isinstance(value, Missing) for value in args):
                return None
            return _computed(lambda *_: _FUNCTIONS[name](*args, **kwargs), *args)
        return self.made(node, name, args, kwargs)

    def origin(self, node: ast.expr) -> str:
        """Where a name or the beginning of a dotted one is imported from; empty where the text does not say."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return self.origins.get(node.id, "") if isinstance(node, ast.Name) else ""

    def another(self, node: ast.Call, name: str, origin: str) -> Any:
        """A call that has the name of one that is known, and is not that one."""
        found = self.note(node)
        module = origin.rpartition(".")[0] if isinstance(node.func, ast.Name) else origin
        whose = "the file's own" if origin == f".{name}" else f"{module}'s"
        found.refusal = f"this {name} is {whose} and not {CALLS[name].name}'s: write its curve in lrcore's words."
        return Missing(found.text, found.refusal, found)

    def argument(self, node: ast.expr, names: Names) -> list[Any]:
        if isinstance(node, ast.Starred):
            several = self.value(node.value, names)
            return several if isinstance(several, list) else [Missing(ast.unparse(node))]
        return [self.value(node, names)]

    def schedule(self, node: ast.Call, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A call that another library's schedule is made with."""
        found = self.note(node)
        for inner in _nested([*args, *kwargs.values()]):
            if isinstance(getattr(inner, "place", None), Found):
                inner.place.part = True
        if takes_optimizer(name) and args:
            args[0] = _optimizer(args[0])
        if "optimizer" in kwargs:
            kwargs["optimizer"] = _optimizer(kwargs["optimizer"])
        try:
            made = replace(call(name, args, kwargs, self._asked), place=found)
            found.reading = made.reading()
        except Refusal as refusal:
            found.refusal = str(refusal)
            return Missing(found.text, found.refusal, found)
        return made

    def note(self, node: ast.Call) -> Found:
        found = Found(f"line {node.lineno}", ast.unparse(node), line=node.lineno)
        self.found.append(found)
        return found

    def made(self, node: ast.Call, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A call that is none of ours: an optimizer, by its rate, or a configuration; None if it is neither."""
        configured = self._configure(name, kwargs) if name[:1].isupper() else None
        if configured is not None:
            found = self.note(node)
            try:
                found.reading = configured(self._asked)
            except Refusal as refusal:
                found.refusal = str(refusal)
            return None
        rate = next((kwargs[word] for word in RATES if word in kwargs), None)
        if rate is None and name in _OPTIMIZERS and len(args) > 1:
            rate = args[1]
        if rate is None and name not in _OPTIMIZERS:
            return None
        groups = args[0] if args and isinstance(args[0], list) else [{}]
        rates = [group.get("lr", rate) if isinstance(group, dict) else rate for group in groups] or [rate]
        known = tuple(one if isinstance(one, (int, float)) else None for one in rates)
        return Optimizer(known, rate if isinstance(rate, (int, float)) else None)


def _optimizer(value: Any) -> Any:
    return value if isinstance(value, Optimizer) else Optimizer()


def _nested(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield value
        if isinstance(value, dict):
            yield from _nested(value.values())
        elif isinstance(value, list):
            yield from _nested(value)


_LARGEST = 10**5
"""Items of a list, characters of a text, and the numbers that a power may have: no schedule needs more."""


def _computed(function: Callable[..., Any], *values: Any) -> Any:
    """A function of values that are known; None where one is not, or there is no result that a schedule would need."""
    if any(not isinstance(value, (int, float, str, list, dict)) for value in values):
        return None
    sizes = [
        len(value) if isinstance(value, (str, list)) else abs(value) for value in values if not isinstance(value, dict)
    ]
    if function is operator.mul and any(isinstance(value, (str, list)) for value in values) and math.prod(sizes) > _LARGEST:
        return None
    if function is operator.pow and (max(sizes, default=0) > _LARGEST or sizes[-1] > 64):
        return None
    if function is operator.mod and isinstance(values[0], str):
        return None
    try:
        return function(*values)
    except (TypeError, ValueError, ArithmeticError):
        return None


_SIGNS: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "float64": float,  # NumPy's
    "int64": int,
    "round": round,
    "max": max,
    "min": min,
    "abs": abs,
    "sum": sum,
    "len": len,
    "ceil": math.ceil,
    "floor": math.floor,
    "sqrt": math.sqrt,
    "dict": dict,
    "list": list,
    "tuple": list,
}
"""What is computed, by name."""
