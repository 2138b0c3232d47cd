"""The README's picture: every family, drawn by lrcore into `docs/families.svg`.

    python docs/picture.py

In middle tones on no background: a page's image cannot know whether the page is light or dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lrcore._catalogue import FAMILIES
from lrcore._schedule import Schedule
from lrcore._view.curve import points
from lrcore._view.svg import path

COLUMNS, WIDE, HIGH, GAP, NAME = 7, 108, 54, 14, 18
"""Curves in a row, the size of each, the space between two, and the height of its name."""

LINE, TEXT = "#1f83e0", "#768089"


def picture() -> str:
    """The whole SVG."""
    # The examples that never end are made for 100 steps
    curves = {name: (schedule, schedule.length or 100) for name, schedule in FAMILIES.items() if name != "Sequence"}
    return grid("The families of learning-rate schedules in lrcore", curves)


def grid(title: str, curves: Mapping[str, tuple[Schedule, int]], size: float = 11) -> str:
    """An SVG of many small curves, each of so many steps, with their names below them in a font of that size."""
    rows = -(-len(curves) // COLUMNS)
    width, height = COLUMNS * (WIDE + GAP) + GAP, rows * (HIGH + NAME + GAP) + GAP
    cells = []
    for i, (name, (schedule, total)) in enumerate(curves.items()):
        x = GAP + i % COLUMNS * (WIDE + GAP)
        y = GAP + i // COLUMNS * (HIGH + NAME + GAP)
        cells.append(f'<g transform="translate({x} {y})">{_cell(name, schedule, total, size)}</g>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{title}</title>",
            f'<g fill="none" stroke="{LINE}" stroke-width="2" stroke-linejoin="round">',
            *cells,
            "</g>\n</svg>\n",
        ]
    )


def _cell(name: str, schedule: Schedule, total: int, size: float) -> str:
    steps, rates = points(schedule, total, bins=WIDE // 2)
    line = path((steps / total * WIDE).tolist(), (HIGH * (1 - rates / rates.max())).tolist())
    return (
        f'<path d="M0 {HIGH}H{WIDE}" stroke="{TEXT}" stroke-width="1" stroke-opacity=".5"/><path d="{line}"/>'
        f'<text x="{WIDE / 2:g}" y="{HIGH + NAME - 4}" fill="{TEXT}" stroke="none" text-anchor="middle" '
        f'font-family="sans-serif" font-size="{size:g}">{name}</text>'
    )


if __name__ == "__main__":
    (Path(__file__).parent / "families.svg").write_text(picture(), encoding="utf-8")
