"""Curves worth publishing: what may be asked for. Drawn by `lrcore/_view/figure.py`, which alone imports matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lrcore._arguments import COUNT, plain, refuse
from lrcore._schedule import Schedule

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes


def plot(
    schedules: Schedule | Sequence[Schedule],
    *,
    total: int | None = None,
    path: str | Path | None = None,
    labels: Sequence[str] | None = None,
    momentum: Schedule | Sequence[Schedule] | None = None,
    difference: bool = False,
    steps_per_epoch: int | None = None,
    log: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw schedules into one figure: every update's rate, warmup and edges marked.

    Args:
        schedules: one, or several to compare.
        total: how many updates to draw. Where not given: up to the end of the one that ends last; if none ever ends, five
            times the longest length that any is written with, or 1,000.
        path: the file to write, whose suffix says the format: .png, .svg, .pdf and what else matplotlib knows.
        labels: names for the legend, one a schedule; the expressions where not given.
        momentum: a momentum schedule, or one for each of `schedules`, drawn below on the same steps.
        difference: draw below what the others have more than the first.
        steps_per_epoch: updates in an epoch: adds a second axis, in epochs.
        log: whether the rate's axis is logarithmic; where not given, if the rates are positive and a quarter of them is
            below a thirtieth of the highest.
        ax: the axes to draw in, without `momentum` and `difference`; a new figure where not given.

    Returns:
        The axes of the rate. Those of momentum and difference come after it in `axes.figure.axes`.

    Raises:
        ImportError: matplotlib is missing: `pip install 'lrcore[plot]'`.
        ValueError: there is nothing to draw or to compare, or the numbers of things do not match.

    >>> import tempfile
    >>> from lrcore import Cosine, OneCycle
    >>> cycle = OneCycle(0.1, steps=10_000)
    >>> axes = plot([cycle, Cosine(0.1, steps=10_000)], path=f"{tempfile.mkdtemp()}/rates.svg")
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('update', 'learning rate')
    """
    curves = _several("schedules", schedules)
    momenta = [] if momentum is None else _several("momentum", momentum)
    names = [_short(repr(curve)) for curve in curves] if labels is None else [str(label) for label in labels]
    if len(names) != len(curves):
        refuse("plot", "labels", f"{len(curves)} name{'s' * (len(curves) > 1)}, one a schedule", labels)
    if len(momenta) not in (0, 1, len(curves)):
        refuse("plot", "momentum", f"1 schedule or {len(curves)}, one for each", momentum)
    if difference and len(curves) < 2:
        refuse("plot", "schedules", "at least 2 where the difference is drawn", schedules)
    if ax is not None and (momenta or difference):
        refuse("plot", "ax", "None with momentum or difference, which have axes of their own", ax)
    if steps_per_epoch is not None:
        steps_per_epoch = plain("plot", "steps_per_epoch", steps_per_epoch, COUNT)
    try:
        from lrcore._view.figure import draw
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ImportError("plots need matplotlib: pip install 'lrcore[plot]'") from missing

    from lrcore._view.curve import horizon

    last = horizon([*curves, *momenta]) if total is None else plain("plot", "total", total, COUNT)
    return draw(
        curves,
        names,
        momenta,
        last,
        difference=difference,
        steps_per_epoch=steps_per_epoch,
        log=log,
        ax=ax,
        path=path,
        named=labels is not None,
    )


def _several(field: str, schedules: Any) -> list[Schedule]:
    """One schedule or some, as a list of some."""
    several = [schedules] if isinstance(schedules, Schedule) else schedules
    if not isinstance(several, Iterable) or isinstance(several, str):
        refuse("plot", field, "a schedule or a sequence of them", schedules, kind=True)
    several = list(several)
    if not several:
        refuse("plot", field, "at least 1 schedule", schedules)
    for i, schedule in enumerate(several):
        if not isinstance(schedule, Schedule):
            refuse("plot", f"{field}[{i}]", "a schedule", schedule, kind=True)
    return several


def _short(text: str) -> str:
    return text if len(text) <= 88 else f"{text[:85]}..."
