"""How curves are drawn by matplotlib: `lrcore.plot` says what."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from lrcore._schedule import Edge, Schedule
from lrcore._view.axis import axis
from lrcore._view.curve import marks, points, values

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, which readers with any colour vision tell apart."""

_LINES = ("-", "--", "-.", ":")
"""The lines of the first round of colours, the second, and so on."""

_NOBODYS = "0.35"
"""A grey, for what belongs to no curve more than to another."""

_MARKS = 24
"""The edges that a curve may have and still be marked with them."""

_NAMED = 12
"""The edges that a curve may have and still have them named, as far as there is room."""


def draw(
    curves: list[Schedule],
    names: list[str],
    momenta: list[Schedule],
    total: int,
    *,
    difference: bool,
    steps_per_epoch: int | None,
    log: bool | None,
    ylabel: str,
    ax: Axes | None,
    path: Path | None,
    named: bool,
) -> Axes:
    """What `lrcore.plot` does with checked arguments; `named` if the names are the user's, not expressions."""
    heights = (3.4, 1.5, 1.5)[: 1 + bool(momenta) + difference]
    panels: list[Any] = [ax] if ax is not None else new_panels(heights, len(curves), path is not None)
    rate: Axes = panels[0]
    below = panels[1:]
    lines = draw_rates(rate, curves, names, total, log)
    rate.set_ylabel(ylabel)
    if momenta:
        _draw_momenta(below.pop(0), momenta, total, shared=len(momenta) < len(curves))
    if difference:
        _draw_differences(below.pop(0), curves, total)
    dress(panels, total, "update")
    if steps_per_epoch is not None:
        clocks = (lambda step: step / steps_per_epoch, lambda epoch: epoch * steps_per_epoch)
        rate.secondary_xaxis("top", functions=clocks).set_xlabel("epoch")
    if len(curves) == 1:
        rate.set_title(names[0], loc="left", fontsize=8, pad=10, family=None if named else "monospace")
    elif ax is None:
        rate.figure.legend(handles=lines, loc="outside upper left", frameon=False, prop=font(named))
    else:
        _draw_legend_inside(ax, lines, named)
    if len(curves) == 1:
        _name_marks(rate, curves[0], total)
    if path is not None:
        panels[0].get_figure(root=True).savefig(path, dpi=200)
    return rate


def new_panels(heights: tuple[float, ...], curves: int, to_file: bool) -> list[Any]:
    """Axes one below the other: of a figure of pyplot's for the screen, of one that is dropped with them for a file."""
    options: dict[str, Any] = {
        "figsize": (7.2, 3.4 + 1.4 * (len(heights) - 1) + 0.18 * (curves if curves > 1 else 0)),  # a line of legend each
        "layout": ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06),
    }
    if to_file:
        figure = Figure(**options)
    else:
        import matplotlib.pyplot as plt

        figure = plt.figure(**options)
    return list(figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0])


def dress(panels: list[Any], total: int, xlabel: str) -> None:
    """What all axes of a figure have in common."""
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.2, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlim(0, total)
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(_counted(total))
    panels[-1].set_xlabel(xlabel)


def draw_rates(axes: Any, curves: list[Schedule], names: list[str], total: int, log: bool | None) -> list[Any]:
    """The curves, with an axis that fits them, and their lines for a legend."""
    drawn = [points(curve, total) for curve in curves]
    scale = axis(curves, [rates for _, rates in drawn], total, log)
    lines = []
    if scale.log:
        axes.set_yscale("log")
    for i, (curve, name, (steps, rates)) in enumerate(zip(curves, names, drawn, strict=True)):
        # A logarithmic axis would clip what reaches 0 at a depth of its own, which no layout has room for
        shown = np.maximum(rates, scale.low / 10) if scale.log else rates
        lines += axes.plot(steps, shown, linewidth=1.8, label=name, solid_joinstyle="round", zorder=3, **line_style(i))
        _mark(axes, curve, total, line_style(i)["color"], lowest=scale.low if scale.log else -math.inf)
    if scale.log:
        room = (scale.high / scale.low) ** 0.05
        axes.set_ylim(scale.low / (1.0 if any(rates.min() < scale.low for _, rates in drawn) else room), scale.high * room)
    else:
        room = 0.05 * (scale.high - scale.low)
        axes.set_ylim(scale.low - (room if scale.low else 0), scale.high + (room if scale.high else 0))
        axes.yaxis.set_major_formatter(_as_written(max(abs(scale.low), abs(scale.high))))
    return lines


def line_style(i: int) -> dict[str, str]:
    """The colour and line of the i-th curve, which no other has of as many as there are of both."""
    return {"color": _COLORS[i % len(_COLORS)], "linestyle": _LINES[i // len(_COLORS) % len(_LINES)]}


def font(named: bool) -> dict[str, Any]:
    """The font of a legend: of names, or of expressions."""
    return {"size": 9} if named else {"size": 8, "family": "monospace"}


def _draw_legend_inside(axes: Any, lines: list[Any], named: bool) -> None:
    """A legend in axes that are not ours, where it covers least; its lines no longer than the axes are wide."""
    figure = axes.get_figure(root=True)
    wide = axes.get_window_extent().width / figure.dpi * 72
    most = max(12, int((wide - 50) / (0.6 * font(named)["size"])))
    for line in lines:
        label = line.get_label()
        line.set_label(label if len(label) <= most else f"{label[: most - 3]}...")
    axes.legend(handles=lines, loc="best", framealpha=0.8, edgecolor="none", prop=font(named))


def _counted(total: int) -> Callable[[float, int], str]:
    """How people write counts: with commas up to a million, then in millions, billions and more."""
    for least, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if total >= least:
            return lambda step, _: f"{step / least:,.6g}{unit}" if step else "0"
    return lambda step, _: f"{step:,.10g}"


def _as_written(top: float) -> Callable[[float, int], str]:
    """How people write rates, 2.5e-4 beside 5e-5, where all of an axis is small or large; else 0.025."""

    def power(value: float, _: int) -> str:
        digits, exponent = f"{value:.5e}".split("e")
        return f"{float(digits):.6g}e{int(exponent)}" if value else "0"

    return power if top < 1e-3 or top >= 1e6 else lambda value, _: f"{value:.6g}"


def _draw_momenta(axes: Any, momenta: list[Schedule], total: int, *, shared: bool) -> None:
    for i, momentum in enumerate(momenta):
        style = {"color": _NOBODYS} if shared else line_style(i)
        axes.plot(*points(momentum, total), linewidth=1.5, zorder=3, **style)
        _mark(axes, momentum, total, style["color"])
    axes.set_ylabel("momentum")
    axes.yaxis.set_major_formatter(_as_written(1.0))


def _draw_differences(axes: Any, curves: list[Schedule], total: int) -> None:
    first, *others = curves
    axes.axhline(0, linewidth=1.2, **line_style(0))
    for i, other in enumerate(others, 1):

        def more(steps: Any, other: Schedule = other) -> Any:
            return values(other, steps) - values(first, steps)

        axes.plot(*points(more, total), linewidth=1.5, zorder=3, **line_style(i))
    axes.set_ylabel("difference")
    plain = _as_written(max(abs(bound) for bound in axes.get_ylim()))
    axes.yaxis.set_major_formatter(lambda value, at: ("+" if value > 0 else "") + plain(value, at))


def _mark(axes: Any, curve: Schedule, total: int, color: str, lowest: float = -math.inf) -> None:
    """A dot on the curve at each edge, where there are few enough to tell apart and the axis has room for its value."""
    found = dict.fromkeys(edge.step for edge in marks(curve, total, _MARKS))
    steps = [step for step in found if curve(step) >= lowest]
    axes.plot(steps, [curve(step) for step in steps], "o", color=color, markersize=4, clip_on=False, zorder=4)


def _name_marks(axes: Any, curve: Schedule, total: int) -> None:
    """What happens at each edge, in words beside a line, for one curve alone; its warmup shaded."""
    edges = marks(curve, total, _MARKS)
    for edge in edges:
        if edge.kind == "warmup":
            axes.axvspan(0, edge.step, color=_COLORS[0], alpha=0.08, linewidth=0)
    inside = [edge for edge in edges if edge.step < total]
    for edge in inside:
        axes.axvline(edge.step, color="0.5", linewidth=0.8, linestyle=":")
    if 0 < len(inside) <= _NAMED:
        _write_names(axes, inside)


def _write_names(axes: Any, edges: list[Edge]) -> None:
    """Each edge's name upright beside its line, above others that it would lie on, or left out where no room is left."""
    figure = axes.get_figure(root=True)
    figure.draw_without_rendering()  # only a drawn figure knows how large a text is
    taken: list[Bbox] = []
    whole = axes.get_window_extent()
    point = figure.dpi / 72
    for edge in edges:
        place = {"xy": (edge.step, 0), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        name = axes.annotate(edge.text, xytext=(3, 4), va="bottom", rotation=90, fontsize=7, color="0.35", **place)
        box = name.get_window_extent()
        if box.x1 > whole.x1:
            name.set_position((-3, 4))
            name.set_horizontalalignment("right")
            box = name.get_window_extent()
        for other in sorted(taken, key=lambda other: other.y1):
            if box.overlaps(other):
                up = (other.y1 - whole.y0) / point + 4
                name.set_position((name.get_position()[0], up))
                box = name.get_window_extent()
        if box.y1 > whole.y1:
            name.remove()
        else:
            taken.append(box)
