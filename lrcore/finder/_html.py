"""A result as notebooks show it: a drawing made here, since matplotlib need not be there, and its table."""

from __future__ import annotations

import math
from html import escape

from lrcore._view.axis import short
from lrcore._view.svg import path
from lrcore.finder._found import Found, height

_WIDTH, _HEIGHT = 480, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 8, 20
"""The margins, for the numbers."""


def html(found: Found) -> str:
    """The drawing, and the table under it."""
    rows = "".join(f"<tr><td>{escape(what)}</td><td>{escape(value)}</td></tr>" for what, value in found.rows())
    return f"<div>{svg(found)}<p>{escape(found.reason)}</p><table>{rows}</table></div>"


def svg(found: Found) -> str:
    """The losses over the logarithm of the rates, as SVG in the colour of the text around it."""
    lines = [line for line in found.lines() if line[0]]
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    first, last = min((line[0][0] for line in lines), default=1.0), max((line[0][-1] for line in lines), default=10.0)
    bounds = [height(line) for line in lines] or [(0.0, 1.0)]
    low, up = min(bound[0] for bound in bounds), max(bound[1] for bound in bounds)
    decades, span = math.log(last / first) or 1.0, (up - low) or 1.0

    def across(rate: float) -> float:
        return _LEFT + wide * math.log(rate / first) / decades

    def down(loss: float) -> float:
        return _TOP + high * min(1.0, max(0.0, (up - loss) / span))

    drawn = []
    if found.range is not None:
        left, right = map(across, found.range)
        box = f'x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{high}"'
        drawn.append(f'<rect {box} fill="currentColor" fill-opacity=".08"/>')
    for rates, losses, smoothed in lines:
        places = [(across(rate), down(loss)) for rate, loss in zip(rates, losses, strict=True)]
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.5"/>' for x, y in places)
        drawn.append(f'<g fill="currentColor" fill-opacity=".45">{dots}</g>')
        line = path([x for x, _ in places], [down(loss) for loss in (losses if smoothed is None else smoothed)])
        drawn.append(f'<path d="{line}" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>')
    floor, end = _TOP + high, _LEFT + wide
    if found.suggestion is not None:
        x = f"{across(found.suggestion):.1f}"
        drawn.append(f'<path d="M{x} {_TOP}V{floor}" fill="none" stroke="currentColor" stroke-dasharray="4 3"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" style="max-width:100%;height:auto"><title>{escape(found.reason)}</title>'
        f'<path d="M{_LEFT} {_TOP}V{floor}H{end}" fill="none" stroke="currentColor" stroke-opacity=".35"/>{"".join(drawn)}'
        f'<g fill="currentColor" fill-opacity=".75" font-family="sans-serif" font-size="11">'
        f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{short(up)}</text>'
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">{short(low)}</text>'
        f'<text x="{_LEFT}" y="{floor + 15}">{short(first)}</text>'
        f'<text x="{end}" y="{floor + 15}" text-anchor="end">rate {short(last)}</text></g></svg>'
    )
