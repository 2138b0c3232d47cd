"""`lrcore list`: every family and every method."""

from __future__ import annotations

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


def list_() -> None:
    """List every family and every method, each with a drawing."""
    console = new_console()
    for title, examples in (("Families", FAMILIES), ("Methods", METHODS)):
        console.print(Text(title, style="bold"))
        table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), show_header=False)
        for name, example in examples.items():
            table.add_row(_thumbnail(example, console), Text.assemble((signature(name), "bold"), "\n", claim(name)))
        console.print(table)


def _thumbnail(example: Schedule, console: Console) -> Text:
    total = horizon([example])
    scale = axis([example], [points(example, total)[1]], total, log=False)
    return Text("\n".join(draw(example, total, scale, 16, 3, plain=is_plain(console))), style=STYLES[0])
