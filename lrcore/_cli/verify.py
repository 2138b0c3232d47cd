"""`lrcore verify`: the same numbers in every framework that is installed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

import lrcore
from lrcore._cli.asked import Expressions, as_mistakes, read
from lrcore._cli.console import new_console, print_expression
from lrcore._verify import Verification, cells, conclusion, remarks


def verify(
    schedules: Expressions,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers of the table instead, as JSON.")] = False,
) -> None:
    """Check that every framework gives the same numbers.

    It compares all that are installed with the core, bit for bit. The exit code is 1 if any value differs.

    A SCHEDULE is written as in Python and put in quotes: "Cosine(3e-4, steps=1000).warmup(50)". A dash in its place reads
    schedules from standard input, one a line.
    """
    several = read(schedules)
    with as_mistakes(), _without_chatter():
        reports = [lrcore.verify(schedule) for schedule in several]
    if as_json:
        packed = [
            {"schedule": repr(r.schedule), "ok": r.ok, "modes": [mode._asdict() for mode in r.modes]} for r in reports
        ]
        print(json.dumps(packed, indent=2))
    else:
        console = new_console()
        for report in reports:
            print_expression(console, repr(report.schedule))
            console.print()
            console.print(_table(report))
            console.print()
            for remark in remarks(report):
                console.print(Text(remark), soft_wrap=True)
        console.print(conclusion(reports))
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Nothing on stderr: frameworks tell of kernels and devices as they are imported, TensorFlow past `sys.stderr`."""
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _table(report: Verification) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("mode", "version"):
        table.add_column(column, no_wrap=True)
    for column in ("evaluations", "mismatches", "float32\nulp", "float64\nulp"):
        table.add_column(column, justify="right", vertical="bottom")
    for mode in report.modes:
        table.add_row(*cells(mode), style="" if mode.ok else "red")
    return table
