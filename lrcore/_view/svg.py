"""A small drawing of a curve, as notebooks show it: made here, since matplotlib need not be there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lrcore._schedule import Schedule
from lrcore._view.curve import horizon, marks, points

_WIDTH, _HEIGHT = 420, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 8, 20
"""The margins, for the numbers."""


def html(schedule: Schedule) -> str:
    """The drawing and the expression under it.

    HTML with the SVG inside it, not SVG alone: notebooks show that as an image, to which the page's text colour, and so
    whether it is light or dark, is unknown.
    """
    never = "" if schedule.length is not None else " <i>never ends</i>"
    return f"<div>{svg(schedule)}<br><code>{escape(repr(schedule))}</code>{never}</div>"


def svg(schedule: Schedule, total: int | None = None) -> str:
    """A curve of `total` updates with its axes' ends, as SVG in the colour of the text around it.

    >>> from lrcore import Cosine
    >>> svg(Cosine(0.1, steps=100))[:30]
    '<svg xmlns="http://www.w3.org/'
    """
    total = horizon([schedule]) if total is None else total
    steps, rates = points(schedule, total, bins=_WIDTH // 2)
    top = float(rates.max()) or 1.0
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    across, down = _LEFT + wide * steps / total, _TOP + high * (1 - rates / top)
    line = path(across.tolist(), down.tolist())
    dots = "".join(
        f'<circle cx="{_LEFT + wide * step / total:.1f}" cy="{_TOP + high * (1 - schedule(step) / top):.1f}" r="2.5"/>'
        for step in marks(schedule, total, 24)
    )
    floor, right = _TOP + high, _LEFT + wide
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" style="max-width:100%"><title>{escape(repr(schedule))}</title>'
        f'<path d="M{_LEFT} {_TOP}V{floor}H{right}" fill="none" stroke="currentColor" stroke-opacity=".35"/>'
        f'<path d="{line}" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>'
        f'<g fill="currentColor">{dots}</g>'
        f'<g fill="currentColor" fill-opacity=".75" font-family="sans-serif" font-size="11">'
        f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{top:.4g}</text>'
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{floor + 15}">0</text>'
        f'<text x="{right}" y="{floor + 15}" text-anchor="end">{total:,} updates</text></g></svg>'
    )


def path(across: Sequence[float], down: Sequence[float]) -> str:
    """The line through points, those left out that would lie on the one before to a tenth of a pixel."""
    places = (f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))
    return "M" + "L".join(dict.fromkeys(places))
