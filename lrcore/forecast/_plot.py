"""Predicted and measured loss curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrcore._arguments import COUNT, as_number, refuse
from lrcore._schedule import Schedule
from lrcore._view.curve import horizon
from lrcore.forecast._law import LossLaw, check_law
from lrcore.forecast._runs import measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 200
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def plot(
    law: LossLaw,
    *runs: Any,
    total: int | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.9,
    path: str | Path | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw losses that a law predicts as lines in a band, and measured ones as dots.

    Args:
        law: with `draws`; without, there is no band.
        runs: schedules, or runs as `LossLaw.fit` takes them, whose losses are drawn too.
        total: the updates to draw of a schedule; by default until it ends.
        labels: a name for each run; by default the expressions.
        level: the probability with which a loss is expected in the band.
        path: the file to write.
        ax: the axes to draw in; by default a new figure.

    Raises:
        ImportError: matplotlib is missing: `pip install 'lrcore[plot]'`.
        ValueError: there is nothing to draw, the numbers of labels and runs differ, or the law refuses a peak.

    >>> import tempfile
    >>> from lrcore import Cosine
    >>> law = LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=(3e-4, 3e-4))
    >>> lr = Cosine(3e-4, steps=24_000, end=3e-5).warmup(2_160)
    >>> axes = plot(law, (lr, [6_000, 12_000], [3.64, 3.48]), path=f"{tempfile.mkdtemp()}/losses.png")
    """
    check_law("plot", law)
    if not runs:
        refuse("plot", "runs", "have at least 1 schedule or run", runs)
    if labels is not None and len(labels) != len(runs):
        refuse("plot", "labels", f"{len(runs)} names, one for each run", labels)
    axes: Axes = _axes(ax, path)
    for i, run in enumerate(runs):
        lr: Any = run if isinstance(run, Schedule) else run[0] if isinstance(run, (tuple, list)) and run else run
        name = labels[i] if labels is not None else repr(lr)
        color = _COLORS[i % len(_COLORS)]
        if isinstance(run, Schedule):
            steps = _steps(lr, horizon([lr]) if total is None else as_number("plot", "total", total, COUNT))
        else:
            (one,) = measured("plot", [run], 0)
            axes.plot(one.steps, one.losses, ".", color=color, markersize=3, zorder=2)
            steps = np.unique(np.linspace(one.steps.min(), one.steps.max(), _POINTS).round().astype(int))
        if law.draws:
            axes.fill_between(steps, *law.band(lr, steps, level=level), color=color, alpha=0.15, linewidth=0)
        axes.plot(steps, law.predict(lr, steps), color=color, linewidth=1.5, label=name, zorder=3)
    axes.set(xlabel="update", ylabel="loss")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.2, linewidth=0.6)
    if path is not None:
        figure: Any = axes.get_figure(root=True)
        figure.savefig(path, dpi=200)
    return axes


def _steps(lr: Schedule, total: int) -> Any:
    """From where a warmup ends, or a twentieth of the run is over: the first losses would hide all others."""
    first = next(iter(lr._edges()), None)
    begin = first.step if first is not None and first.kind == "warmup" else 0
    return np.unique(np.linspace(max(begin, total // 20, 1), total, _POINTS).round().astype(int))


def _axes(ax: Axes | None, path: str | Path | None) -> Any:
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ImportError("plots need matplotlib: pip install 'lrcore[plot]'") from None
    if path is not None:
        return Figure(figsize=(7.2, 4), layout="constrained").subplots()
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(7.2, 4), layout="constrained").subplots()
