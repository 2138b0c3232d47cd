"""A curve drawn with characters."""

from __future__ import annotations

from lrcore._schedule import Schedule
from lrcore._view.axis import Axis
from lrcore._view.curve import points

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots, by row and column."""


def draw(schedule: Schedule, total: int, scale: Axis, width: int, height: int, *, plain: bool = False) -> list[str]:
    """Lines of `width` characters, `height` of them: a curve of `total` updates within an axis, upright at jumps.

    Each is a braille character, two dots wide and four high; with `plain`, a star where one of its dots would be.

    >>> from lrcore import Linear
    >>> draw(Linear(1.0, end=0.0, steps=100), 100, Axis(0.0, 1.0), 8, 2)
    ['⠙⠲⢤⣀⠀⠀⠀⠀', '⠀⠀⠀⠀⠉⠓⠦⣄']
    """
    steps, rates = points(schedule, total)
    columns = (steps / total * (2 * width - 1)).round().astype(int)
    rows = ((1 - scale.heights(rates)) * (4 * height - 1)).round().clip(0, 4 * height - 1).astype(int)
    cells = [[0] * width for _ in range(height)]
    before = rows[0]
    for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
        # What lies between two neighbours is drawn too, so that a jump is a line
        for y in range(min(before + 1, row), max(before - 1, row) + 1):
            cells[y // 4][column // 2] |= _DOTS[y % 4][column % 2]
        before = row
    if plain:
        return ["".join("*" if cell else " " for cell in line) for line in cells]
    return ["".join(chr(0x2800 + cell) for cell in line) for line in cells]
