"""`lrcore diff`: the fields in which two schedules differ, and where their curves part."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lrcore._cli.asked import StepsPerEpoch, Total, as_mistakes, read
from lrcore._cli.console import new_console
from lrcore._view.curve import SUMMED, first_and_largest_difference, horizon


def diff(
    a: Annotated[str, typer.Argument(metavar="A", hidden=True)],
    b: Annotated[str, typer.Argument(metavar="B", hidden=True)],
    total: Total = None,
    steps_per_epoch: StepsPerEpoch = None,
) -> None:
    """Name the fields in which two schedules differ.

    It also tells where their curves part. The exit code is 1 if anything differs. A and B are written as in Python and put
    in quotes: "Cosine(3e-4, steps=1000)".
    """
    mine, other = read([a, b])
    fields = mine.diff(other)
    with as_mistakes():
        last = horizon([mine, other]) if total is None else total
        parted = first_and_largest_difference(mine, other, last)
    console = new_console()
    if fields:
        table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
        for column in ("field", "A", "B"):
            table.add_column(column, overflow="fold")
        for path, (left, right) in fields.items():
            table.add_row(Text(path or "(all)"), Text(repr(left)), Text(repr(right)))
        console.print(table)
    if not fields:
        console.print("The fields are the same, and so are the curves.")
    elif parted is None:
        console.print(f"The curves are the same at {min(last + 1, SUMMED):,} steps from 0 to {last:,}.")
    else:

        def at(step: int) -> str:
            epoch = f" (epoch {step / steps_per_epoch:,.6g})" if steps_per_epoch else ""
            return f"step {step:,}{epoch}: {_apart(mine(step), other(step))}."

        first, most = parted
        console.print(f"The curves part {'at' if last < SUMMED else 'by'} {at(first)}")
        console.print(f"They are furthest apart at {at(most)}")
    if fields or parted:
        raise typer.Exit(1)


def _apart(a: float, b: float) -> str:
    """Two values, in as many digits as tell them apart."""
    short = f"{a:.6g}", f"{b:.6g}"
    left, right = short if short[0] != short[1] else (repr(a), repr(b))
    return f"A {left}, B {right}"
