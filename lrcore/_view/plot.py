"""Curves worth publishing: what may be asked for. Drawn by `lrcore/_view/figure.py`, which alone imports matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lrcore._arguments import COUNT, as_number, refuse
from lrcore._schedule import Schedule

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes


def plot(
    *schedules: Schedule | Iterable[Schedule],
    total: int | None = None,
    path: str | Path | None = None,
    labels: Sequence[str] | None = None,
    ylabel: str | None = None,
    momentum: Schedule | Iterable[Schedule] | None = None,
    difference: bool = False,
    steps_per_epoch: int | None = None,
    log: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw schedules into one figure: every update's rate, warmup and edges marked.

    Args:
        schedules: one, or several to compare: `plot(a, b)` or `plot([a, b])`.
        total: how many updates to draw. Where not given: up to the end of the one that ends last; if none ever ends, some
            of the lengths that they are written with.
        path: the file to write, whose suffix says the format: .png (also where there is no suffix), .svg, .pdf and what
            else matplotlib knows.
        labels: names for the legend, one a schedule; the expressions where not given.
        ylabel: what the values are; "learning rate" where not given, or "momentum" if all are momentum schedules.
        momentum: a momentum schedule, or one for each of `schedules`, drawn below on the same steps.
        difference: draw below what the others have more than the first.
        steps_per_epoch: updates in an epoch: adds a second axis, in epochs.
        log: whether the axis of the values is logarithmic; where not given, if all are positive and a quarter of them is
            below a thirtieth of the highest. A logarithmic axis shows the four powers of ten below the peak of a curve
            that reaches 0.
        ax: the axes to draw in, without `momentum` and `difference`; a new figure where not given.

    Returns:
        The axes of the rate. Those of momentum and difference come after it in `axes.figure.axes`.

    Raises:
        ImportError: matplotlib is missing: `pip install 'lrcore[plot]'`.
        ValueError: there is nothing to draw or to compare, the numbers of things do not match, or `log=True` is asked for
            and a value is below 0 or none is above it.

    >>> import tempfile
    >>> from lrcore import Cosine, OneCycle
    >>> cycle = OneCycle(0.1, steps=10_000)
    >>> axes = plot(cycle, Cosine(0.1, steps=10_000), path=f"{tempfile.mkdtemp()}/rates.svg")
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('update', 'learning rate')
    """
    given: Any = schedules[0] if len(schedules) == 1 else [curve for item in schedules for curve in _spread(item)]
    curves = _several("schedules", given)
    momenta = [] if momentum is None else _several("momentum", momentum)
    names = [_short(repr(curve)) for curve in curves] if labels is None else [str(label) for label in labels]
    if len(names) != len(curves):
        refuse("plot", "labels", f"{len(curves)} name{'s' * (len(curves) > 1)}, one a schedule", labels)
    if len(momenta) not in (0, 1, len(curves)):
        refuse("plot", "momentum", f"1 schedule or {len(curves)}, one for each", momentum)
    if difference and len(curves) < 2:
        refuse("plot", "schedules", "at least 2 where the difference is drawn", given)
    if ax is not None and (momenta or difference):
        refuse("plot", "ax", "None with momentum or difference, which have axes of their own", ax)
    if steps_per_epoch is not None:
        steps_per_epoch = as_number("plot", "steps_per_epoch", steps_per_epoch, COUNT)
    try:
        from lrcore._view.figure import draw
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ImportError("plots need matplotlib: pip install 'lrcore[plot]'") from missing

    from lrcore._view.axis import quantity
    from lrcore._view.curve import horizon

    last = horizon([*curves, *momenta]) if total is None else as_number("plot", "total", total, COUNT)
    return draw(
        curves,
        names,
        momenta,
        last,
        difference=difference,
        steps_per_epoch=steps_per_epoch,
        log=log,
        ylabel=quantity(curves) if ylabel is None else ylabel,
        ax=ax,
        path=None if path is None else written_to(path),
        named=labels is not None,
    )


def written_to(path: str | Path) -> Path:
    """The file that `plot` writes for a path: a PNG where the path does not say what."""
    from pathlib import Path

    path = Path(path)
    return path if path.suffix else path.with_name(f"{path.name}.png")


def _spread(item: Any) -> list[Any]:
    """One of several arguments as a list, which it may be already."""
    return list(item) if isinstance(item, Iterable) and not isinstance(item, str) else [item]


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
