"""What source files import, read and not run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


def frameworks() -> frozenset[str]:
    """The top-level modules of the frameworks that an adapter is installed for."""
    entries = [entry for group in ("arrays", "modes") for entry in entry_points(group=f"lrcore.{group}")]
    return frozenset(entry.name.partition(".")[0] for entry in entries)


FRAMEWORKS = frameworks() | {"transformers", "flax", "equinox"}


class Import(NamedTuple):
    """One imported name: the function or class around the statement, dotted, or ""; what it is imported from; and it."""

    inside: str
    source: str
    name: str


def imports(text: str) -> list[Import]:
    """Everything that a file imports, but for what only a type checker runs."""
    return [Import(inside, *names) for inside, node in _statements(ast.parse(text), "") for names in _names(node)]


def _statements(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield inside, child
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from (found for other in child.orelse for found in _statements(other, inside))
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _statements(child, f"{inside}.{child.name}".removeprefix("."))
        else:
            yield from _statements(child, inside)


def _names(node: ast.Import | ast.ImportFrom) -> list[tuple[str, str]]:
    if isinstance(node, ast.Import):
        return [(alias.name, alias.name) for alias in node.names]
    assert node.level == 0, "imports are absolute"
    return [(str(node.module), f"{node.module}.{alias.name}") for alias in node.names]


def modules(folder: Path) -> dict[str, str]:
    """The text of every module of a package, by its dotted name."""
    found = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return found


def owner(name: str, known: dict[str, str]) -> str:
    """The module that an imported name is found in: `lrcore._schedule` of `lrcore._schedule.Edge`."""
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return name
