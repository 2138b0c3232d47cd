"""`lrcore write`: a schedule as the code of one library alone."""

from __future__ import annotations

from typing import Annotated

import typer

from lrcore._cli.asked import as_mistakes, read
from lrcore._vocabulary import TARGETS
from lrcore.port import write as written

_NAMES = f"{', '.join(TARGETS[:-1])} or {TARGETS[-1]}"


def write(
    schedule: Annotated[str, typer.Argument(metavar="SCHEDULE", hidden=True)],
    to: Annotated[str, typer.Option("--to", metavar="LIBRARY", help=f"Whose code to write: {_NAMES}.")],
) -> None:
    """Write a schedule as the code of another library.

    It needs that library alone, and runs as it is printed: with the library's own scheduler where that has this curve, and
    with a plain function otherwise. The comment above it says how exact it is. SCHEDULE is written as in Python and put in
    quotes: "Cosine(3e-4, steps=1000)"; the name of a recipe of `lrcore list --zoo` stands for its schedule.
    """
    (one,) = read([schedule])
    with as_mistakes():
        text = written(one, to=to)
    print(text, end="")
