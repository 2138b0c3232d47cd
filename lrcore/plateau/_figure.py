"""How a replay is drawn by matplotlib: `Replay.plot` says what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrcore._view.figure import draw_rates, dress, font, line_style, new_panels
from lrcore._view.plot import written_to

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lrcore.plateau._replay import Replay


def draw(several: list[Replay], names: list[str], path: str | Path | None) -> Axes:
    """The metric above, the rates below."""
    first, total = several[0], max(one.total for one in several)
    panels: list[Any] = new_panels((2.0, 2.0), len(several), path is not None)
    above, below = panels
    _draw_metric(above, first)
    lines = draw_rates(below, [one.schedule for one in several], names, total, None)
    for i, one in enumerate(several):
        for cut in one.cuts:
            above.axvline(one.places[cut.report - 1], linewidth=1.0, alpha=0.6, **line_style(i))
    above.set_ylabel(first.metric.name)
    below.set_ylabel("scale" if first.lr is None else "learning rate")
    dress(panels, total, "report" if first.lr is None else "update")
    figure = above.get_figure(root=True)
    if len(several) == 1:
        above.set_title(names[0], loc="left", pad=10, fontsize=8)
    else:
        figure.legend(handles=lines, loc="outside upper left", frameon=False, prop=font(named=True))
    if path is not None:
        figure.savefig(written_to(path), dpi=200)
    axes: Axes = above
    return axes


def _draw_metric(axes: Any, replay: Replay) -> None:
    """Each report as a point; those that are not finite have none, and leave a gap in the line."""
    values = np.array(replay.metric.values)
    values[~np.isfinite(values)] = np.nan
    axes.plot(replay.places, values, ".-", color="0.35", markersize=4, linewidth=1.0)
