"""What the names of a Python text are bound to, in one of its scopes, as far as that is sure."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from lrcore.port._call import Missing, Optimizer


class Names(dict[str, Any]):
    """What names are bound to, in a scope: a name that may have another value than the one seen last is not known."""

    def __init__(self, names: Mapping[str, Any] = {}, shared: frozenset[str] = frozenset()) -> None:
        super().__init__(names)
        self.anew: dict[str, int] = {}
        """The names that are bound more than once here, and the line of the last time."""

        self.shared = shared
        """The names that a function sets from inside."""

    def inner(self) -> Names:
        """The scope of what stands inside: it sees these names, and binds its own."""
        return Names(self, self.shared)

    def bind(self, target: ast.expr, value: Any) -> None:
        """Assign a value to what stands on the left of an assignment."""
        match target:
            case ast.Name(id=name):
                if name in self:
                    self.anew[name] = target.lineno
                self[name] = Missing(name) if name in self.shared else value
            case ast.Attribute():
                self[ast.unparse(target)] = value
                self.touch(target)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                fits = isinstance(value, list) and len(value) == len(items)
                for i, item in enumerate(items):
                    self.bind(item, value[i] if fits else Missing(ast.unparse(target)))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key)) if isinstance(self.get(name), dict):
                self._change(self[name], {**self[name], key: value})
            case ast.Subscript():
                self.touch(target)

    def forget(self, node: ast.stmt) -> None:
        """Whatever a statement may set, which may run or not, is not known any more."""
        for inner in ast.walk(node):
            stored = isinstance(getattr(inner, "ctx", None), ast.Store)
            if stored and isinstance(inner, ast.Name | ast.Attribute | ast.Subscript):
                name = ast.unparse(inner.value if isinstance(inner, ast.Subscript) else inner)
                self._lose(name, inner.lineno)
            elif isinstance(inner, ast.Call):
                self.changed(inner)

    def changed(self, node: ast.Call) -> None:
        """A list or a dict that a method of its own may have changed is not known any more."""
        if isinstance(node.func, ast.Attribute) and node.func.attr not in _READING:
            name, value = ast.unparse(node.func.value), self.get(ast.unparse(node.func.value))
            if isinstance(value, (list, dict)) or (isinstance(value, Optimizer) and node.func.attr in _REGROUPING):
                self._lose(name, node.lineno)

    def touch(self, node: ast.expr) -> None:
        """What is changed inside is not known any more: an optimizer's groups, an item of a list."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
            if isinstance(self.get(name := ast.unparse(node)), (Optimizer, list, dict)):
                self._lose(name, node.lineno)

    def _lose(self, name: str, line: int) -> None:
        value = self.get(name)
        self[name] = Missing(name, line=line)
        if isinstance(value, (Optimizer, list, dict)):
            self._change(value, Missing(name, line=line))

    def _change(self, value: Any, changed: Any) -> None:
        """Another value for all names of one: a list may have several."""
        self.update({name: changed for name, other in self.items() if other is value})


_REGROUPING = ("add_param_group", "load_state_dict")
"""Methods of an optimizer that change its groups."""

_READING = ("get", "items", "keys", "values", "copy", "index", "count", "format", "join", "split")
"""Methods that leave their object as it is."""
