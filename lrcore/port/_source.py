"""Schedules in the text of a Python file, which is read and never run.

What is followed: names bound to numbers, texts, lists and dicts of such, arithmetic of them, and the constructors that
`_call.py` knows. Everything else stands as what is written there, and an argument that needs it says so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from lrcore.port._call import Missing
from lrcore.port._expressions import Configure, Configured, Expressions
from lrcore.port._found import Found
from lrcore.port._names import Names
from lrcore.port._part import Asked, Function


def schedules_in(
    text: str, asked: Asked, given: Mapping[str, Any], configure: Configure, configured: Configured
) -> tuple[list[Found], dict[str, Any]]:
    """The schedules that a Python file makes, in the order of their lines, and what its own names are bound to.

    Args:
        text: the file's text.
        asked: what the user says beside it.
        given: what expressions stand for that the file computes, by their text.
        configure: the reading of a call with a configuration's name, such as `TrainingArguments`, or None.
        configured: the schedules of a dict.

    Raises:
        SyntaxError: the text is not Python.
    """
    tree = ast.parse(text)
    inside = (node.names for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal))
    names = Names(shared=frozenset(name for several in inside for name in several))
    reader = _Statements(asked, given, configure, configured)
    reader.body(tree.body, names)
    literals = {name: value for name, value in names.items() if isinstance(value, (int, float, str, bool, list, dict))}
    return sorted((found for found in reader.found if not found.part), key=lambda found: found.line), literals


class _Statements(Expressions):
    """The statements of a text, in the order in which they run."""

    def body(self, statements: Iterable[ast.stmt], names: Names) -> None:
        """Statements in their order, and then what is defined in them: a function runs later, when all names are bound."""
        defined = []
        for statement in statements:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                defined.append(statement)
                self.origins[statement.name] = f".{statement.name}"
                names[statement.name] = Function(None, statement.name)
            else:
                self.statement(statement, names)
        for definition in defined:
            self.define(definition, names)

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, names: Names) -> None:
        inner = names.inner()
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

    def statement(self, node: ast.stmt, names: Names) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    self.origins[bound] = alias.name if alias.asname else bound
            case ast.ImportFrom():
                for alias in node.names:
                    self.origins[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            case ast.Assign(targets=targets, value=value):
                made = self.value(value, names)
                for target in targets:
                    names.bind(target, made)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                names.bind(target, self.value(value, names))
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                whole = ast.BinOp(ast.copy_location(ast.Name(name, ast.Load()), target), op, value)
                names.bind(target, self.value(ast.copy_location(whole, node), names))
            case ast.If(test=test, body=body, orelse=orelse):
                self.value(test, names)
                if "__name__" in ast.unparse(test):
                    return self.body(body, names)
                self.branches(node, [body, orelse], names)
            case ast.For() | ast.While() | ast.AsyncFor():
                if isinstance(node, ast.For) and ast.unparse(node.iter).endswith(".param_groups"):
                    names.touch(node.iter)
                names.forget(node)
                self.branches(node, [node.body, node.orelse], names)
            case ast.Try():
                self.branches(node, [node.body, *(handler.body for handler in node.handlers), node.orelse], names)
                self.body(node.finalbody, names)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.value(item.context_expr, names)
                    if item.optional_vars is not None:
                        names.bind(item.optional_vars, Missing(ast.unparse(item.optional_vars)))
                self.body(node.body, names)
            case ast.Match(cases=cases):
                self.branches(node, [case.body for case in cases], names)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child, names)
        return None

    def branches(self, node: ast.stmt, bodies: Iterable[list[ast.stmt]], names: Names) -> None:
        """Statements that may run or not: what they bind is known inside them, and not after them."""
        for body in bodies:
            self.body(body, names.inner())
        names.forget(node)
