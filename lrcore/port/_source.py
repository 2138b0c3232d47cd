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

from lrcore.port._call import CALLS, SPREAD, Missing, Optimizer, call, meant, takes_optimizer
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
    text: str, asked: Asked, names: Mapping[str, Any], configure: Configure, configured: Configured
) -> tuple[list[Found], dict[str, Any]]:
    """The schedules that a Python file makes, in the order of their lines, and what its own names are bound to.

    Args:
        text: the file's text.
        asked: what the user says beside it.
        names: what expressions stand for that the file computes, by their text.
        configure: the reading of a call with a configuration's name, such as `TrainingArguments`, or None.
        configured: the schedules of a dict.

    Raises:
        SyntaxError: the text is not Python.
    """
    reader = _Reader(asked, names, configure, configured)
    names_of_it, tree = _Names({}), ast.parse(text)
    reader.share(tree)
    reader.body(tree.body, names_of_it)
    literals = {
        name: value for name, value in names_of_it.items() if isinstance(value, (int, float, str, bool, list, dict))
    }
    return sorted((found for found in reader.found if not found.part), key=lambda found: found.line), literals


class _Names(dict[str, Any]):
    """What names are bound to, in a scope."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(names)
        self.anew: dict[str, int] = {}
        """The names that are bound more than once here, and the line of the last time."""


class _Reader:
    def __init__(self, asked: Asked, names: Mapping[str, Any], configure: Configure, configured: Configured) -> None:
        self._asked, self._given, self._configure, self._configured = asked, names, configure, configured
        self.found: list[Found] = []
        self._origins: dict[str, str] = {}
        """What an imported name is, dotted; what a file makes itself is its own."""

        self._shared: set[str] = set()
        self._inside = 0

    def share(self, tree: ast.Module) -> None:
        """Take note of the names that a function may set from inside."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Global | ast.Nonlocal):
                self._shared.update(node.names)

    # Statements

    def body(self, statements: Iterable[ast.stmt], names: _Names) -> None:
        """Statements in their order, and then what is defined in them: a function runs later, when all names are bound."""
        defined = []
        for statement in statements:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                defined.append(statement)
                self._origins[statement.name] = f".{statement.name}"
                names[statement.name] = Function(None, statement.name)
            else:
                self.statement(statement, names)
        for definition in defined:
            self.define(definition, names)

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, names: _Names) -> None:
        inner = _Names(names)
        for name, line in names.anew.items():  # which of its values a function meets is not known
            inner[name] = Missing(name, line=line)
        if not isinstance(node, ast.ClassDef):
            for default in [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]:
                self.value(default, names)
            for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
                inner[argument.arg] = Missing(argument.arg)
        for decorator in node.decorator_list:
            self.value(decorator, names)
        self.body(node.body, inner)

    def statement(self, node: ast.stmt, names: _Names) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    self._origins[bound] = alias.name if alias.asname else bound
            case ast.ImportFrom():
                for alias in node.names:
                    self._origins[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            case ast.Assign(targets=targets, value=value):
                made = self.value(value, names)
                for target in targets:
                    self.bind(target, made, names)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.value(value, names), names)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                whole = ast.BinOp(ast.copy_location(ast.Name(name, ast.Load()), target), op, value)
                self.bind(target, self.value(ast.copy_location(whole, node), names), names)
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
                for item in node.items:
                    self.value(item.context_expr, names)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, Missing(ast.unparse(item.optional_vars)), names)
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
            stored = isinstance(getattr(inner, "ctx", None), ast.Store)
            if stored and isinstance(inner, ast.Name | ast.Attribute | ast.Subscript):
                name = ast.unparse(inner.value if isinstance(inner, ast.Subscript) else inner)
                names[name] = Missing(name, line=inner.lineno)
            elif isinstance(inner, ast.Call):
                self.changed(inner, names)

    def changed(self, node: ast.Call, names: _Names) -> None:
        """A list or a dict that a method of its own may have changed is not known any more."""
        if isinstance(node.func, ast.Attribute) and node.func.attr not in _READING:
            name = ast.unparse(node.func.value)
            if isinstance(names.get(name), (list, dict)):
                names[name] = Missing(name, line=node.lineno)

    def bind(self, target: ast.expr, value: Any, names: _Names) -> None:
        match target:
            case ast.Name(id=name):
                if name in names:
                    names.anew[name] = target.lineno
                names[name] = Missing(name) if name in self._shared else value
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
        if self._given and (text := ast.unparse(node)) in self._given:
            return self._given[text]
        made = self.computed(node, names)
        return Missing(ast.unparse(node)) if made is None and not isinstance(node, ast.Constant) else made

    def computed(self, node: ast.expr, names: _Names) -> Any:
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
                self.bind(target, made, names)
                return made
            case ast.Call():
                return self.called(node, names)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                inner = _Names(names)
                for generator in node.generators:
                    self.value(generator.iter, inner)
                    self.bind(generator.target, Missing(ast.unparse(generator.target)), inner)
                for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
                    self.value(part, inner)
                return None
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child, names)
                return None

    def mapping(self, node: ast.Dict, names: _Names) -> dict[Any, Any]:
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

    def function(self, node: ast.Lambda, names: _Names) -> Any:
        """A function of the user's own; one that does not use its argument is the number that it gives."""
        arguments = {argument.arg for argument in node.args.args}
        used = {inner.id for inner in ast.walk(node.body) if isinstance(inner, ast.Name)}
        inner, text = _Names(names), ast.unparse(node)
        inner.update({argument: Missing(argument) for argument in arguments})
        constant = self.value(node.body, inner)
        if not arguments & used:
            return constant if isinstance(constant, (int, float)) else Function(None, text)
        match node.body:
            case ast.BinOp(left=base, op=ast.Pow(), right=ast.Name(id=step)) if {step} == arguments:
                factor = self.value(base, names)
                return Function(None, text, factor if isinstance(factor, float) else None)
        return Function(None, text)

    def called(self, node: ast.Call, names: _Names) -> Any:
        self.changed(node, names)
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
        return self._origins.get(node.id, "") if isinstance(node, ast.Name) else ""

    def another(self, node: ast.Call, name: str, origin: str) -> Any:
        """A call that has the name of one that is known, and is not that one."""
        found = self.note(node)
        module = origin.rpartition(".")[0] if isinstance(node.func, ast.Name) else origin
        whose = "the file's own" if origin == f".{name}" else f"{module}'s"
        found.refusal = f"this {name} is {whose} and not {CALLS[name].name}'s: write its curve in lrcore's words."
        return Missing(found.text, found.refusal, found)

    def argument(self, node: ast.expr, names: _Names) -> list[Any]:
        if isinstance(node, ast.Starred):
            several = self.value(node.value, names)
            return several if isinstance(several, list) else [Missing(ast.unparse(node))]
        return [self.value(node, names)]

    def schedule(self, node: ast.Call, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A call that another library's schedule is made with."""
        found, name = self.note(node), meant(name, args, kwargs)
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


_READING = ("get", "items", "keys", "values", "copy", "index", "count", "format", "join", "split")
"""Methods that leave their object as it is."""

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
