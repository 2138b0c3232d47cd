"""`lrcore verify`: the same numbers in every framework that is installed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

import lrcore
from lrcore._cli.asked import Expressions, read, told
from lrcore._cli.console import new_console, print_expression

if TYPE_CHECKING:
    from lrcore._parity import Verification


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
    with told(), _without_chatter():
        reports = [lrcore.verify(schedule) for schedule in several]
    if as_json:
        packed = [
            {"schedule": repr(report.schedule), "backends": [asdict(backend) for backend in report.backends]}
            for report in reports
        ]
        print(json.dumps(packed, indent=2))
    else:
        console = new_console()
        for report in reports:
            print_expression(console, repr(report.schedule))
            console.print()
            console.print(_table(report))
            console.print()
        wrong = sum(report.mismatches for report in reports)
        apart = f"{wrong:,} values are not" if wrong > 1 else "1 value is not" if wrong else "Every value is"
        console.print(f"{apart} the core's, rounded once to float32.")
    if any(report.mismatches for report in reports):
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
    from lrcore._parity import cells

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("backend", "version"):
        table.add_column(column, no_wrap=True)
    for column in ("evaluations", "mismatches", "float32\nulp", "float64\nulp"):
        table.add_column(column, justify="right", vertical="bottom")
    for backend in report.backends:
        table.add_row(*cells(backend), style="red" if backend.mismatches else "")
    return table
