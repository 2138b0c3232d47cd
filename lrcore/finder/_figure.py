"""Results drawn by matplotlib, which this file alone imports here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lrcore._arguments import refuse
from lrcore._view.plot import written_to
from lrcore.finder._found import Found, Line, height

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def plot(found: Sequence[Found], *, path: str | Path | None, labels: Any, ax: Any) -> Any:
    """What `Found.plot` does."""
    names = [""] * len(found) if labels is None else [str(label) for label in labels]
    if len(names) != len(found):
        refuse("plot", "labels", f"{len(found)} name{'s' * (len(found) > 1)}, one a result", labels)
    axes = _axes(path is not None) if ax is None else ax
    bounds = []
    for i, one in enumerate(found):
        color = COLORS[i % len(COLORS)]
        for j, line in enumerate(one.lines()):
            bounds.append(_draw(axes, line, color, names[i] if j == 0 else ""))
        if one.range is not None and len(found) == 1:
            axes.axvspan(*one.range, color=color, alpha=0.1, linewidth=0)
        if len(found) == len(one.lines()) == 1:
            _name_marks(axes, one)
        if one.suggestion is not None:
            axes.axvline(one.suggestion, color=color, linewidth=1.2, linestyle="--")
    axes.set_xscale("log")
    if bounds:
        low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
        room = 0.08 * (high - low) or 1.0
        axes.set_ylim(low - room, high + room)
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.2, linewidth=0.6)
    if any(names):
        axes.legend(frameon=False)
    if len(found) == 1:
        axes.set_title(found[0].reason.partition(". ")[0], loc="left", fontsize=8)
    if path is not None:
        axes.get_figure(root=True).savefig(written_to(path), dpi=200)
    return axes


def _draw(axes: Any, line: Line, color: str, label: str) -> tuple[float, float]:
    rates, losses, smoothed = line
    if smoothed is None:
        axes.plot(rates, losses, "o-", color=color, markersize=4, linewidth=1.8, label=label or None)
    else:
        axes.plot(rates, losses, ".", color=color, markersize=3, alpha=0.4)
        axes.plot(rates, smoothed, color=color, linewidth=1.8, label=label or None)
    return height(line)


def _name_marks(axes: Any, found: Found) -> None:
    """The marks of one sweep, as named dots on its smoothed curve."""
    import numpy as np

    ((rates, _, smoothed),) = found.lines()
    for name in ("low", "steepest", "high", "minimum"):
        rate = getattr(found, name, None)
        if rate is not None and smoothed is not None:
            loss = float(np.interp(np.log(rate), np.log(rates), smoothed))
            axes.plot([rate], [loss], "o", color="black", markersize=4, zorder=4)
            axes.annotate(name, (rate, loss), xytext=(4, 4), textcoords="offset points", fontsize=7, color="0.25")


def _axes(to_file: bool) -> Any:
    """Axes of pyplot's for the screen, or of a figure that is dropped with them for a file."""
    if to_file:
        try:
            from matplotlib.figure import Figure
        except ModuleNotFoundError as missing:
            raise ImportError("plots need matplotlib: pip install 'lrcore[plot]'") from missing
        return Figure(figsize=(7.2, 3.4), layout="constrained").subplots()
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as missing:
        raise ImportError("plots need matplotlib: pip install 'lrcore[plot]'") from missing
    return plt.subplots(figsize=(7.2, 3.4), layout="constrained")[1]
