"""A small drawing of a curve, as notebooks show it: made here, since matplotlib need not be there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from lrcore._schedule import Schedule
from lrcore._view.axis import axis, short
from lrcore._view.curve import horizon, marks, points, values

_WIDTH, _HEIGHT = 420, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 8, 20
"""The margins, for the numbers."""

_BINS = _WIDTH // 2
"""As many as the drawing can show."""


def html(schedule: Schedule) -> str:
    """The drawing and the expression under it.

    HTML with the SVG inside it, not SVG alone: notebooks show that as an image, to which the page's text colour, and so
    whether it is light or dark, is unknown.
    """
    never = "" if schedule.length is not None else " <i>never ends</i>"
    code = f'<code style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(repr(schedule))}</code>'
    return f"<div>{svg(schedule)}<br>{code}{never}</div>"


def svg(schedule: Schedule, total: int | None = None) -> str:
    """A curve of `total` updates with its axes' ends, as SVG in the colour of the text around it.

    >>> from lrcore import Cosine
    >>> svg(Cosine(0.1, steps=100))[:30]
    '<svg xmlns="http://www.w3.org/'
    """
    total = horizon([schedule]) if total is None else total
    import numpy as np

    steps, rates = points(schedule, total, bins=_BINS)
    scale = axis([schedule], [rates], total)
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(steps: Any, rates: Any) -> tuple[list[float], list[float]]:
        return (_LEFT + wide * steps / total).tolist(), (_TOP + high * (1 - scale.heights(rates))).tolist()

    line = path(*place(steps, rates))
    edges = np.array([*dict.fromkeys(edge.step for edge in marks(schedule, total, 24))])
    at = place(edges, values(schedule, edges))
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in zip(*at, strict=True))
    floor, right = _TOP + high, _LEFT + wide
    log = f'<text x="{_LEFT - 6}" y="{_TOP + high / 2 + 4:g}" text-anchor="end">log</text>' if scale.log else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" style="max-width:100%;height:auto"><title>{escape(repr(schedule))}</title>'
        f'<path d="M{_LEFT} {_TOP}V{floor}H{right}" fill="none" stroke="currentColor" stroke-opacity=".35"/>'
        f'<path d="{line}" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>'
        f'<g fill="currentColor">{dots}</g>'
        f'<g fill="currentColor" fill-opacity=".75" font-family="sans-serif" font-size="11">'
        f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{short(scale.high)}</text>'
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">{short(scale.low)}</text>'
        f'{log}<text x="{_LEFT}" y="{floor + 15}">0</text>'
        f'<text x="{right}" y="{floor + 15}" text-anchor="end">{total:,} updates</text></g></svg>'
    )


def path(across: Sequence[float], down: Sequence[float]) -> str:
    """The line through points, those left out that would lie on the one before to a tenth of a pixel."""
    places = (f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))
    return "M" + "L".join(dict.fromkeys(places))
