"""A table that prints in a terminal, shows in a notebook, and is data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any


class Table:
    """Rows of values under names.

    >>> table = Table(("group", "rate"), [["head", 1e-3], ["body", 1e-5]])
    >>> print(table)
    group   rate
    head   0.001
    body   1e-05
    >>> table.to_dict()
    [{'group': 'head', 'rate': 0.001}, {'group': 'body', 'rate': 1e-05}]
    """

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self.columns = tuple(columns)
        self.rows = tuple(tuple(row) for row in rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_dict(self) -> list[dict[str, Any]]:
        """A JSON-ready dict for each row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def _cells(self) -> list[list[str]]:
        return [list(self.columns), *([shown(value) for value in row] for row in self.rows)]

    def _numeric(self) -> list[bool]:
        return [
            all(isinstance(row[i], int | float) or row[i] is None for row in self.rows) for i in range(len(self.columns))
        ]

    def __repr__(self) -> str:
        cells, numeric = self._cells(), self._numeric()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = (
            "  ".join(
                cell.rjust(w) if right else cell.ljust(w) for cell, w, right in zip(row, widths, numeric, strict=True)
            )
            for row in cells
        )
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head, *rows = ([escape(cell) for cell in row] for row in self._cells())
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>{body}</table>"


def shown(value: Any) -> str:
    """A value as people write it."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


Table.__module__ = "lrcore.advice"
