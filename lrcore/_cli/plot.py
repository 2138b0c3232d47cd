"""`lrcore plot`: curves into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import lrcore
from lrcore._cli.asked import Expressions, Labels, Log, StepsPerEpoch, Total, as_mistakes, named, read
from lrcore._view.plot import written_to


def plot(
    schedules: Expressions,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture to write: .png, .svg or .pdf.", show_default=False
        ),
    ],
    total: Total = None,
    steps_per_epoch: StepsPerEpoch = None,
    log: Log = None,
    label: Labels = None,
    ylabel: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the values are (default: learning rate).")
    ] = None,
    momentum: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCHEDULE",
            help='A momentum schedule to draw below: "OneCycle(0.1, steps=90).momentum()"; one, or one for each schedule.',
        ),
    ] = None,
    difference: Annotated[
        bool, typer.Option("--difference", help="Draw below by how much the other schedules differ from the first.")
    ] = False,
) -> None:
    """Draw schedules into a file and print its name.

    A SCHEDULE is written as in Python and put in quotes: "Cosine(3e-4, steps=1000).warmup(50)". A dash in its place reads
    schedules from standard input, one a line.
    """
    several, momenta = read(schedules), read(momentum or [], "momentum")
    named(several, label)
    with as_mistakes():
        lrcore.plot(
            several,
            total=total,
            path=output,
            labels=label or None,
            ylabel=ylabel,
            momentum=momenta or None,
            difference=difference,
            steps_per_epoch=steps_per_epoch,
            log=log,
        )
    print(written_to(output))
