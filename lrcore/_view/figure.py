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

from lrcore._schedule import Schedule
from lrcore._view.curve import marks, points, values

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, which readers with any colour vision tell apart."""

_NOBODYS = "0.35"
"""A grey, for what belongs to no curve more than to another."""

_MARKS = 24
"""The edges that a curve may have and still be marked with them."""


def draw(
    curves: list[Schedule],
    names: list[str],
    momenta: list[Schedule],
    total: int,
    *,
    difference: bool,
    steps_per_epoch: int | None,
    log: bool | None,
    ax: Axes | None,
    path: str | Path | None,
    named: bool,
) -> Axes:
    """What `lrcore.plot` does with checked arguments; `named` if the names are the user's, not expressions."""
    panels: list[Any] = [ax] if ax is not None else _panels(1 + bool(momenta) + difference, len(curves), path is not None)
    rate: Axes = panels[0]
    below = panels[1:]
    lines = _draw_rates(rate, curves, names, total, log)
    if len(curves) == 1:
        rate.set_title(names[0], loc="left", fontsize=8, pad=10, family=None if named else "monospace")
    else:
        font = {"size": 9} if named else {"size": 8, "family": "monospace"}
        beside: Any = {"loc": "outside upper left"} if ax is None else {}
        (rate.figure if ax is None else rate).legend(handles=lines, frameon=False, prop=font, **beside)
    if momenta:
        _draw_momenta(below.pop(0), momenta, total, shared=len(momenta) < len(curves))
    if difference:
        _draw_differences(below.pop(0), curves, total)
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.2, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlim(0, total)
        axes.xaxis.set_major_formatter(lambda step, _: f"{step:,.10g}" if total < 10**6 else f"{step / 1e6:,.6g}M")
    panels[-1].set_xlabel("update")
    if steps_per_epoch is not None:
        clocks = (lambda step: step / steps_per_epoch, lambda epoch: epoch * steps_per_epoch)
        rate.secondary_xaxis("top", functions=clocks).set_xlabel("epoch")
    if path is not None:
        panels[0].get_figure(root=True).savefig(path, dpi=200)
    return rate


def _panels(count: int, curves: int, to_file: bool) -> list[Any]:
    """Axes one below the other: of a figure of pyplot's for the screen, of one that is dropped with them for a file."""
    options: dict[str, Any] = {
        "figsize": (7.2, 3.4 + 1.4 * (count - 1) + 0.18 * (curves if curves > 1 else 0)),  # a line of legend each
        "layout": ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06),
    }
    if to_file:
        figure = Figure(**options)
    else:
        import matplotlib.pyplot as plt

        figure = plt.figure(**options)
    return list(figure.subplots(count, 1, sharex=True, squeeze=False, height_ratios=(3.4, 1.5, 1.5)[:count])[:, 0])


def _draw_rates(axes: Any, curves: list[Schedule], names: list[str], total: int, log: bool | None) -> list[Any]:
    drawn = [points(curve, total) for curve in curves]
    everything = np.concatenate([rates for _, rates in drawn])
    if log is None:
        log = _log_helps(everything)
    lines = []
    if log:
        axes.set_yscale("log")
    for i, (curve, name, (steps, rates)) in enumerate(zip(curves, names, drawn, strict=True)):
        color = _COLORS[i % len(_COLORS)]
        lines += axes.plot(steps, rates, color=color, linewidth=1.8, label=name, solid_joinstyle="round", zorder=3)
        _mark(axes, curve, total, color)
    if len(curves) == 1:
        _name_marks(axes, curves[0], total)
    axes.set_ylabel("learning rate")
    if not log:
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(_as_written(everything.max()))
    return lines


def _as_written(top: float) -> Callable[[float, int], str]:
    """How people write rates, 2.5e-4 beside 3e-4, with one power of ten for a whole axis; small ones only."""
    power = math.floor(math.log10(top)) if top > 0 else 0
    if power >= -3:
        return lambda value, _: f"{value:.6g}"
    return lambda value, _: f"{value / 10**power:.6g}e{power}" if value else "0"


def _log_helps(rates: Any) -> bool:
    """Whether much of a curve would lie on the floor of a linear axis: not one that only ends there."""
    return bool(rates.min() > 0 and np.quantile(rates, 0.25) < rates.max() / 30)


def _draw_momenta(axes: Any, momenta: list[Schedule], total: int, *, shared: bool) -> None:
    for i, momentum in enumerate(momenta):
        color = _NOBODYS if shared else _COLORS[i % len(_COLORS)]
        axes.plot(*points(momentum, total), color=color, linewidth=1.5, zorder=3)
        _mark(axes, momentum, total, color)
    axes.set_ylabel("momentum")


def _draw_differences(axes: Any, curves: list[Schedule], total: int) -> None:
    first, *others = curves
    axes.axhline(0, color=_COLORS[0], linewidth=1.2)
    for i, other in enumerate(others, 1):

        def more(steps: Any, other: Schedule = other) -> Any:
            return values(other, steps) - values(first, steps)

        axes.plot(*points(more, total), color=_COLORS[i % len(_COLORS)], linewidth=1.5, zorder=3)
    axes.set_ylabel("difference")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:+.6g}" if value else "0")


def _mark(axes: Any, curve: Schedule, total: int, color: str) -> None:
    """A dot on the curve at each edge, where there are few enough to tell apart."""
    steps = list(marks(curve, total, _MARKS))
    axes.plot(steps, [curve(step) for step in steps], "o", color=color, markersize=4, clip_on=False, zorder=4)


def _name_marks(axes: Any, curve: Schedule, total: int) -> None:
    """What happens at each edge, in words beside a line, for one curve alone; its warmup shaded."""
    edges = marks(curve, total, _MARKS)
    for step, what in edges.items():
        if what.startswith("warmup ends"):
            axes.axvspan(0, step, color=_COLORS[0], alpha=0.08, linewidth=0)
    inside = {step: what for step, what in edges.items() if step < total}
    for step, what in inside.items():
        axes.axvline(step, color="0.5", linewidth=0.8, linestyle=":")
        if len(inside) <= 6:
            place = {"xy": (step, 0), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            axes.annotate(what, xytext=(3, 4), va="bottom", rotation=90, fontsize=7, color="0.35", **place)
