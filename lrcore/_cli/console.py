"""How commands write to the terminal: text in its width, and curves with their axes."""

from __future__ import annotations

import re
from textwrap import TextWrapper

from rich.console import Console, Group
from rich.text import Text

from lrcore import Schedule
from lrcore._view.axis import Axis, short
from lrcore._view.curve import marks
from lrcore._view.terminal import draw

STYLES = ("cyan", "yellow", "green", "magenta", "red", "blue")
"""The colours of curves, one after another."""

_EDGES = 24
"""The edges that fit under a curve."""


def new_console() -> Console:
    """Standard output."""
    return Console(highlight=False)


def is_plain(console: Console) -> bool:
    """Whether it shows ASCII only."""
    return not console.encoding.startswith("utf")


def print_expression(console: Console, text: str, style: str = "bold") -> None:
    """An expression, whole where something else reads it, and broken between its parts where a narrow terminal shows it."""
    if console.is_terminal and len(text) > console.width:
        text = broken(text, console.width, later="    ")
    console.print(Text(text, style=style), soft_wrap=True)


def broken(text: str, width: int, first: str = "", later: str = "") -> str:
    """Text in lines of at most `width`, a word of code that is longer broken where a reader would break it."""
    return _Wrapper(width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False).fill(text)


class _Wrapper(TextWrapper):
    """Breaks words of code where a reader would: behind a bracket or a sign, before a method's point."""

    def _split(self, text: str) -> list[str]:
        parts = super()._split(text)
        room = self.width - len(self.subsequent_indent)
        pieces = ([part] if len(part) <= room else re.split(r"(?<=[(=_/])|(?=\.\D)", part) for part in parts)
        return [piece for several in pieces for piece in several if piece]


def drawing(
    schedule: Schedule, total: int, scale: Axis, console: Console, width: int, *, title: str = "", style: str = STYLES[0]
) -> Group:
    """A curve with its axes, as lines of one width."""
    floor, bar, tick, corner = "-|++" if is_plain(console) else "─│┴└"
    top, bottom = short(scale.high), short(scale.low)
    left = max(len(top), len(bottom))
    right = width - left - 1
    lines = draw(schedule, total, scale, right, 10, plain=is_plain(console))
    margins = [top.rjust(left), *[" " * left] * (len(lines) - 1)]
    below = [floor] * right
    for edge in marks(schedule, total, _EDGES):
        below[min(right - 1, round(edge.step / total * right))] = tick
    text = [Text(f"{' ' * left}{title}"[:width], style="bold")] if title else []
    text += [Text.assemble(margin, bar, (line, style)) for margin, line in zip(margins, lines, strict=True)]
    text += [Text(f"{bottom.rjust(left)}{corner}{''.join(below)}"), Text(f"{' ' * left} 0{f'{total:,}'.rjust(right - 1)}")]
    return Group(*text)
