"""Schedules in the text of a Python file, which is read and never run.

What is followed: names bound to numbers, texts, lists and dicts of such, arithmetic of them, and the constructors that
`_call.py` knows. Everything else stands as what is written there, and an argument that needs it says so.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lrcore.port._call import CALLS, Missing, Optimizer, call, takes_optimizer
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


@dataclass
class Found:
    """A schedule in a text: where, what is written there, and what it is here or why it cannot be read.

    Args:
        where: the line of a Python text, or the keys that lead to it in a configuration.
        text: the call, or the format of the configuration.
        reading: what it is here; None if it cannot be read.
        refusal: why not.
    """

    where: str
    text: str
    reading: Reading | None = None
    refusal: str = ""
    part: bool = field(default=False, repr=False)
    """Whether it is an argument of another one that was found."""
    line: int = field(default=0, repr=False)


def schedules_in(
    text: str, asked: Asked, names: Mapping[str, Any], configure: Callable[[str, Mapping[str, Any]], Any]
) -> tuple[list[Found], dict[str, Any]]:
    """The schedules that a Python file makes, in the order of their lines, and what its own names are bound to.

    Args:
        text: the file's text.
        asked: what the user says beside it.
        names: what expressions stand for that the file computes, by their text.
        configure: the reading of a call with a configuration's name, such as `TrainingArguments`, or None.

    Raises:
        SyntaxError: the text is not Python.
    """
    reader = _Reader(asked, names, configure)
    names_of_it = _Names({})
    reader.body(ast.parse(text).body, names_of_it)
    literals = {
        name: value for name, value in names_of_it.items() if isinstance(value, (int, float, str, bool, list, dict))
    }
    return sorted((found for found in reader.found if not found.part), key=lambda found: found.line), literals


class _Names(dict[str, Any]):
    """What names are bound to, in a scope."""


class _Reader:
    def __init__(self, asked: Asked, names: Mapping[str, Any], configure: Any) -> None:
        self._asked, self._given, self._configure = asked, names, configure
        self.found: list[Found] = []
        self._modules: dict[str, str] = {}

    # Statements

    def body(self, statements: Iterable[ast.stmt], names: _Names) -> None:
        for statement in statements:
            self.statement(statement, names)

    def statement(self, node: ast.stmt, names: _Names) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    if alias.asname:
                        self._modules[alias.asname] = alias.name.rpartition(".")[2]
            case ast.Assign(targets=targets, value=value):
                made = self.value(value, names)
                for target in targets:
                    self.bind(target, made, names)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.value(value, names), names)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                whole = ast.BinOp(ast.copy_location(ast.Name(name, ast.Load()), target), op, value)
                names[name] = self.value(ast.copy_location(whole, node), names)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names[node.name] = Function(None, node.name)
                inner = _Names(names)
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                for argument in arguments:
                    inner[argument.arg] = Missing(argument.arg)
                self.body(node.body, inner)
                for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
                    self.value(default, names)
            case ast.ClassDef():
                self.body(node.body, _Names(names))
            case ast.If(test=test, body=body, orelse=orelse):
                self.value(test, names)
                if "__name__" in ast.unparse(test):
                    return self.body(body, names)
                self.branches(node, [body, orelse], names)
            case ast.For() | ast.While() | ast.AsyncFor():
                self.forget(node, names)
                self.branches(node, [node.body, node.orelse], names)
            case ast.Try():
                self.branches(node, [node.body, *(handler.body for handler in node.handlers), node.orelse], names)
                self.body(node.finalbody, names)
            case ast.With() | ast.AsyncWith():
                self.body(node.body, names)
            case ast.Match(cases=cases):
                self.branches(node, [case.body for case in cases], names)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child, names)
        return None

    def branches(self, node: ast.stmt, bodies: Iterable[list[ast.stmt]], names: _Names) -> None:
        """Statements that may run or not: what they bind is known inside them, and not after them."""
        for body in bodies:
            self.body(body, _Names(names))
        self.forget(node, names)

    def forget(self, node: ast.stmt, names: _Names) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                names[inner.id] = Missing(f"{inner.id}, set in line {inner.lineno} if at all")

    def bind(self, target: ast.expr, value: Any, names: _Names) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Attribute():
                names[ast.unparse(target)] = value
            case ast.Tuple(elts=items) | ast.List(elts=items):
                several = (
                    value
                    if isinstance(value, list) and len(value) == len(items)
                    else [Missing(ast.unparse(target))] * len(items)
                )
                for item, one in zip(items, several, strict=True):
                    self.bind(item, one, names)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key)) if isinstance(names.get(name), dict):
                names[name] = {**names[name], key: value}

    # Expressions

    def value(self, node: ast.expr, names: _Names) -> Any:
        text = ast.unparse(node)
        if text in self._given:
            return self._given[text]
        made = self.computed(node, names)
        return Missing(text) if made is None and not isinstance(node, ast.Constant) else made

    def computed(self, node: ast.expr, names: _Names) -> Any:
        """What an expression is; None where it is not followed."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return names.get(name, Missing(name))
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return [self.value(item, names) for item in items]
            case ast.Dict(keys=keys, values=values):
                made = {}
                for key, value in zip(keys, values, strict=True):
                    inner = self.value(value, names)
                    if key is None:
                        made.update(inner if isinstance(inner, dict) else {})
                    else:
                        at = self.value(key, names)
                        made[at if isinstance(at, (str, int, float)) else ast.unparse(key)] = inner
                return made
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
            case ast.Call():
                return self.called(node, names)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child, names)
                return None

    def function(self, node: ast.Lambda, names: _Names) -> Any:
        """A function of the user's own; one that does not use its argument is the number that it gives."""
        arguments = {argument.arg for argument in node.args.args}
        used = {inner.id for inner in ast.walk(node.body) if isinstance(inner, ast.Name)}
        text = ast.unparse(node)
        if not arguments & used:
            constant = self.value(node.body, names)
            return constant if isinstance(constant, (int, float)) else Function(None, text)
        match node.body:
            case ast.BinOp(left=base, op=ast.Pow(), right=ast.Name(id=step)) if {step} == arguments:
                factor = self.value(base, names)
                return Function(None, text, factor if isinstance(factor, float) else None)
        return Function(None, text)

    def called(self, node: ast.Call, names: _Names) -> Any:
        written = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else node.func.id
            if isinstance(node.func, ast.Name)
            else ""
        )
        name = self._modules.get(written, written)
        if not isinstance(node.func, ast.Name):
            self.value(node.func.value if isinstance(node.func, ast.Attribute) else node.func, names)
        args = [item for argument in node.args for item in self.argument(argument, names)]
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, names)
            if keyword.arg is None:
                kwargs.update(value if isinstance(value, dict) else {})
            else:
                kwargs[keyword.arg] = value
        if name in CALLS:
            return self.schedule(node, name, args, kwargs)
        if name in _FUNCTIONS:
            if any(isinstance(value, Missing) for value in args):
                return None
            return _computed(lambda *_: _FUNCTIONS[name](*args, **kwargs), *args)
        return self.made(node, name, args, kwargs)

    def argument(self, node: ast.expr, names: _Names) -> list[Any]:
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


def _computed(function: Callable[..., Any], *values: Any) -> Any:
    """A function of values that are known; None where one is not, or there is no result."""
    if any(not isinstance(value, (int, float, str, list, dict)) for value in values):
        return None
    if function is operator.pow and any(abs(value) > 1e6 for value in values):
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
