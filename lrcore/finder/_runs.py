"""What every runner does: the same sweep, the same short trainings, the same defaults, whatever the framework."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lrcore import Geometric, OneCycle, Schedule
from lrcore._arguments import COUNT, POSITIVE, WHOLE, as_number, chosen, refuse
from lrcore.finder._grid import FEWEST, check_shape, peaks_of, powers
from lrcore.finder._losses import Watch
from lrcore.finder._progress import Say, progress
from lrcore.finder._sweep import Sweep
from lrcore.finder._sweeps import Sweeps

Update = Callable[[float], float]
"""Makes one update at a rate, and gives the loss before it."""


def check_options(method: str, *, repeats: int, peaks: Any, halving: int, **counts: int) -> None:
    """Refuse what is wrong with the arguments of every runner, and one that only the other method looks at.

    Args:
        method: "sweep" or "grid".
        repeats: how often to sweep.
        peaks: the peaks of the grid, or None.
        halving: how often half of the peaks are left out.
        counts: other arguments that are positive integers, by their names.

    >>> check_options("sweep", repeats=3, peaks=None, halving=0, updates=100)
    """
    chosen("find_lr", "method", method, ("sweep", "grid"))
    for name, value in {"repeats": repeats, **counts}.items():
        as_number("find_lr", name, value, COUNT)
    as_number("find_lr", "halving", halving, WHOLE)
    if method == "grid" and repeats != 1:
        refuse("find_lr", "repeats", "1 with method='grid'", repeats)
    if method == "sweep" and peaks is not None:
        refuse("find_lr", "peaks", "None with method='sweep'", peaks, hint="write method='grid'")
    if method == "sweep" and halving:
        refuse("find_lr", "halving", "0 with method='sweep'", halving, hint="write method='grid'")


def sweep_schedule(
    low: float | None = None, high: float | None = None, updates: int = 100, schedule: Schedule | None = None
) -> Schedule:
    """The schedule of a sweep: by default the rate rises by one factor from update to update, from 1e-7 to 10.

    Args:
        low: the first rate.
        high: the rate of the last update.
        updates: how many updates there are.
        schedule: another schedule that rises, such as a `Linear`, in place of `low` and `high`.

    Raises:
        ValueError: `high` is not above `low`, or the schedule does not rise.

    >>> sweep_schedule()
    Geometric(1e-07, end=10.0, steps=99)
    """
    updates = as_number("find_lr", "updates", updates, COUNT)
    if schedule is None:
        low, high = _bounds(low, high, 1e-7, 10.0)
        return Geometric(low, end=high, steps=max(1, updates - 1))
    if not isinstance(schedule, Schedule):
        refuse("find_lr", "schedule", "a schedule", schedule, kind=True)
    if low is not None or high is not None:
        refuse("find_lr", "schedule", "None where low or high are given", schedule)
    rates = [schedule(i) for i in range(updates)]
    if not all(before < after for before, after in zip([0.0, *rates], rates, strict=False)):
        refuse("find_lr", "schedule", f"one that rises from above 0 over {updates} updates", schedule)
    return schedule


def grid_of(
    low: float | None = None,
    high: float | None = None,
    updates: int = 100,
    peaks: Sequence[float] | None = None,
    schedule: Schedule | None = None,
) -> tuple[Sequence[float], Schedule]:
    """The peaks of a grid, by default from 1e-4 to 1 and each twice the one before; and the schedule to train with.

    Args:
        low: the first peak.
        high: the largest that the last peak may be.
        updates: how many updates a training has, where there is no `schedule`.
        peaks: the peaks, in place of `low` and `high`.
        schedule: what to train with, its peak 1.

    Raises:
        ValueError: there are fewer than 3 peaks, they do not rise, or are given beside `low` or `high`; or the schedule
            does not end, or its peak is not 1.

    >>> peaks, shape = grid_of(0.01, 0.1, updates=50)
    >>> peaks, shape
    ((0.01, 0.02, 0.04, 0.08), OneCycle(1.0, steps=50))
    """
    if peaks is None:
        low, high = _bounds(low, high, 1e-4, 1.0)
        peaks = powers(low, high)
        if len(peaks) < FEWEST:
            refuse("find_lr", "high", f"at least 4 times low, {low!r}, for {FEWEST} peaks", high)
    elif low is not None or high is not None:
        refuse("find_lr", "peaks", "None where low or high are given", peaks)
    shape = OneCycle(1.0, steps=updates) if schedule is None else schedule
    check_shape("find_lr", "schedule", shape)
    return peaks_of("find_lr", peaks), shape


def _bounds(low: float | None, high: float | None, first: float, last: float) -> tuple[float, float]:
    lowest = as_number("find_lr", "low", first if low is None else low, POSITIVE)
    highest = as_number("find_lr", "high", last if high is None else high, POSITIVE)
    if highest <= lowest:
        refuse("find_lr", "high", f"above low, {lowest!r}", highest)
    return lowest, highest


def run_sweeps(
    update: Update,
    sweep: Schedule,
    updates: int,
    *,
    repeats: int = 1,
    again: Callable[[], None],
    said: Callable[[], Sequence[str]],
    show: bool = True,
) -> Sweep | Sweeps:
    """Sweep, until the loss is not finite or far above the best; several times, where there are repeats.

    Args:
        update: makes one update at a rate, and gives the loss before it.
        sweep: the schedule of the rate.
        updates: the most updates of a sweep.
        repeats: how often to sweep.
        again: puts the weights back, before every sweep but the first.
        said: what there is to say about a sweep that has ended.
        show: whether a progress bar is shown.

    >>> found = run_sweeps(lambda rate: 1.0, sweep_schedule(), 100, again=lambda: None, said=lambda: [], show=False)
    >>> found.flags
    ('no descent',)
    """
    found = []
    with progress(updates * repeats, show) as say:
        for repeat in range(repeats):
            if repeat:
                again()
            watch, why = Watch(), ""
            rates: list[float] = []
            losses: list[float] = []
            for i in range(updates):
                rate = sweep(i)
                loss = update(rate)
                say(rate, loss)
                why = watch.sees(loss)
                if why != "not finite":
                    rates.append(rate)
                    losses.append(loss)
                if why:
                    break
            found.append(Sweep(rates, losses, why or "end", notes=said()))
    return found[0] if repeats == 1 else Sweeps(found)


def run_training(update: Update, schedule: Schedule, say: Say = lambda rate, loss: None) -> float:
    """Train for the length of a schedule: the mean loss of the last tenth, or NaN where the training diverged.

    >>> from lrcore import Linear
    >>> run_training(lambda rate: 2 * rate, Linear(1.0, end=0.0, steps=10))
    0.2
    """
    losses: list[float] = []
    for i in range(schedule.length or 1):
        losses.append(update(schedule(i)))
        say(schedule(i), losses[-1])
        if not math.isfinite(losses[-1]):
            return math.nan
    return last_tenth(losses)


def last_tenth(losses: Sequence[float]) -> float:
    """The mean of the last tenth, or of the last loss where there are fewer than ten."""
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)
