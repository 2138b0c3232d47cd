"""`lrcore list`: every family and every method, or every recipe of the zoo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrcore import Schedule
from lrcore._catalogue import FAMILIES, METHODS
from lrcore._cli.console import STYLES, is_plain, new_console
from lrcore._cli.known import claim, signature
from lrcore._view.axis import axis
from lrcore._view.curve import horizon, points
from lrcore._view.terminal import draw
from lrcore.zoo import RECIPES


def list_(
    zoo: Annotated[bool, typer.Option("--zoo", help="List the recipes of published models instead.")] = False,
) -> None:
    """List every family and every method, each with a drawing.

    With --zoo, list the recipes of published models. Their names stand wherever a schedule does: lrcore show gpt3-175b.
    """
    console = new_console()
    for title, rows in _recipes() if zoo else _names():
        console.print(Text(title[0].upper() + title[1:], style="bold"))
        table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), show_header=False)
        for schedule, total, name, text in rows:
            table.add_row(_thumbnail(schedule, total, console), Text.assemble((name, "bold"), "\n", text))
        console.print(table)


_Row = tuple[Schedule, int, str, str]
"""A schedule, how many of its steps are drawn, its name, and a text about it."""


def _names() -> Iterator[tuple[str, Iterator[_Row]]]:
    def rows(examples: Mapping[str, Schedule]) -> Iterator[_Row]:
        return ((example, horizon([example]), signature(name), claim(name)) for name, example in examples.items())

    yield "families", rows(FAMILIES)
    yield "methods", rows(METHODS)


def _recipes() -> Iterator[tuple[str, Iterator[_Row]]]:
    for field, recipes in groupby(RECIPES.values(), key=lambda one: one.field):
        yield field, ((one.schedule, one.total, one.name, f"{one.title}\n{one.facts}") for one in recipes)


def _thumbnail(example: Schedule, total: int, console: Console) -> Text:
    scale = axis([example], [points(example, total)[1]], total, log=False)
    return Text("\n".join(draw(example, total, scale, 16, 3, plain=is_plain(console))), style=STYLES[0])
