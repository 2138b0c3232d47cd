"""The shape that ends lowest by the law, at the peak to which it was fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from lrcore._arguments import COUNT, FINITE, WHOLE, as_number, nearest, refuse
from lrcore._families.cosine import Cosine
from lrcore._families.interpolate import Interpolate
from lrcore._schedule import Schedule
from lrcore._shorthands import wsd
from lrcore._value import Value
from lrcore.forecast._law import LossLaw, check_law, deviations
from lrcore.forecast._sums import Floats, Sums, exact, in_blocks, losses
from lrcore.theory._rates import rates

_GRID = 5

_UPDATES = 20_000
"""The updates of a run by which free-form tables are compared while they are searched for."""


class Gain(NamedTuple):
    """By how much a schedule ends lower than another one, by the law. As text it is a sentence.

    Args:
        over: the other one.
        gain: the other's loss less the schedule's.
        low: the lower end of the range in which the gain is expected, with a probability of 90%.
        high: the upper end.
    """

    over: Schedule
    gain: float
    low: float
    high: float

    @property
    def certain(self) -> float:
        """What of the gain is above the uncertainty; 0 if nothing is."""
        return max(0.0, self.low)

    def __str__(self) -> str:
        if np.isinf(self.high):
            return f"{self.gain:+.4f} over {self.over!r}, how certain is not known: the law has no draws"
        certain = f"{self.certain:.4f}" if self.certain else "none"
        return f"{self.gain:+.4f} over {self.over!r}, {certain} of it above the uncertainty"


class Best(NamedTuple):
    """A shape that was searched for.

    Args:
        schedule: the one that ends lowest.
        loss: its predicted loss after the whole run.
        gains: what it gains over others.
    """

    schedule: Schedule
    loss: float
    gains: tuple[Gain, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.schedule!r} ends at {self.loss:.4f}:", *(f"  {gain}" for gain in self.gains)])


def best(
    law: LossLaw,
    lr: Schedule,
    total: int,
    *,
    vary: Mapping[str, tuple[float, float]],
    over: Sequence[Schedule] | None = None,
) -> Best:
    """The schedule of a family that ends lowest by the law, over some of its own fields, at its own peak.

    The law says nothing of peaks and little of warmups: that of its runs was always the same. It describes what a falling
    rate brings: lengths and shapes of cooldowns, powers, ends.

    Args:
        law: fitted at the peak of `lr`.
        lr: the schedule to begin with.
        total: the updates of the whole run.
        vary: the fields, as `lr.diff` names them, each with its lowest and highest value; two integers for whole numbers.
            What a family refuses is passed over, and so is what changes the peak.
        over: what the gain is predicted over; by default a cosine to 0 and `wsd` with a fifth of the run as its cooldown,
            with the peak and the warmup of `lr`.

    Raises:
        ImportError: SciPy is missing: `pip install 'lrcore[forecast]'`.
        ValueError: a field is unknown, a range is empty, nothing in the ranges is a schedule of that peak, or the law
            refuses the peak.

    >>> from lrcore import wsd
    >>> law = LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=(3e-4, 3e-4))
    >>> lr = wsd(3e-4, steps=24_000, warmup=2_160, cooldown=4_000)
    >>> found = best(law, lr, 24_000, vary={"cooldown": (500, 20_000)})
    >>> print(f"{found.loss:.2f} {found.loss < law.predict(lr, 24_000)} {5_000 < found.schedule.length < 24_001}")
    3.26 True True
    """
    check_law("best", law)
    total = as_number("best", "total", total, COUNT)
    law.predict(lr, total)  # which refuses a peak
    peak = float(rates("best", "lr", lr, total).max())
    if not isinstance(vary, Mapping) or not vary:
        refuse("best", "vary", "a dict of fields and their ranges", vary, kind=True)
    ranges = [_range(lr, path, vary[path]) for path in vary]

    def made(point: Sequence[float]) -> tuple[Schedule, Floats] | None:
        changed: Any = lr
        try:
            for path, (low, high), x in zip(vary, ranges, point, strict=True):
                whole = isinstance(low, int) and isinstance(high, int)
                changed = _with(changed, path, round(low + x * (high - low)) if whole else low + x * (high - low))
            run = rates("best", "lr", changed, total)
        except ValueError:
            return None
        return (changed, run) if abs(float(run.max()) / peak - 1) < 1e-9 else None

    def loss(point: Any) -> float:
        found = made([float(x) for x in np.clip(point, 0, 1)])
        return np.inf if found is None else _last(law._law, found[1])

    grid = [(loss(point), point) for point in product(np.linspace(0, 1, _GRID), repeat=len(ranges))]
    least, start = min(grid, key=lambda pair: pair[0])
    if least == np.inf:
        refuse("best", "vary", "ranges with a schedule of the same peak in them", dict(vary))
    point = _minimized(loss, start)
    found = made([float(x) for x in np.clip(point, 0, 1)])
    assert found is not None
    return _best(law, found[0], total, over if over is not None else _usual(peak, total, _warmup(lr)))


def best_table(law: LossLaw, total: int, *, warmup: int, points: int = 24, over: Sequence[Schedule] | None = None) -> Best:
    """The table of rates that never rise after the warmup and end lowest by the law, at the highest fitted peak.

    Args:
        law: fitted at one peak.
        total: the updates of the whole run.
        warmup: the updates of linear increase, as in the fitted runs.
        points: how many points the table has after the warmup, denser towards the end.
        over: as for `best`.

    Returns:
        The schedule is an `Interpolate`.

    Raises:
        ImportError: SciPy is missing: `pip install 'lrcore[forecast]'`.
        ValueError: `warmup` leaves no room for the points.

    >>> law = LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=(3e-4, 3e-4))
    >>> found = best_table(law, 2_000, warmup=100, points=6)
    >>> print(found.schedule(100), found.gains[0].gain > 0)
    0.0003 True
    """
    check_law("best_table", law)
    total = as_number("best_table", "total", total, COUNT)
    start = as_number("best_table", "warmup", warmup, WHOLE)
    count = as_number("best_table", "points", points, COUNT)
    if start + count > total:
        refuse("best_table", "warmup + points", f"at most total, which is {total}", start + count)
    peak = law.peaks[1]
    steps = np.unique(np.round(start + (total - start) * (1 - (1 - np.arange(count + 1) / count) ** 2)).astype(int))
    knots = steps if not start else np.append(0, steps)

    def values(shares: Floats) -> Floats:
        found = peak * np.append(1.0, np.cumprod(shares))
        return found if not start else np.append(0.0, found)

    times, coarse = _slowed(law._law, total)

    def loss(shares: Floats) -> float:
        return _last(coarse, np.interp(times, knots, values(shares)))

    left = (total - steps[1:]) / (total - start)
    shapes = [np.maximum(left, 1e-3), np.minimum(1.0, np.maximum(left, 1e-3) / 0.2)]
    found = [_minimized(loss, shape / np.append(1.0, shape[:-1]), smooth=True) for shape in shapes]
    rounded = [float(f"{value:.6g}") for value in values(min(found, key=loss))]
    table = Interpolate(list(zip(knots.tolist(), rounded, strict=True)))
    return _best(law, table, total, over if over is not None else _usual(peak, total, start))


def _best(law: LossLaw, schedule: Schedule, total: int, over: Sequence[Schedule]) -> Best:
    loss = float(law.predict(schedule, total))
    return Best(schedule, loss, tuple(_gain(law, schedule, other, total) for other in over))


def _gain(law: LossLaw, schedule: Schedule, other: Schedule, total: int) -> Gain:
    law.predict(other, total)  # which refuses a peak
    mine, its = (_at_end(rates("best", "over", lr, total)) for lr in (schedule, other))

    def difference(parameters: Floats) -> float:
        return float(losses(parameters, its)[0] - losses(parameters, mine)[0])

    gain = difference(law._law)
    spread = np.inf
    if law.draws:
        around = np.array([difference(np.array(draw)) for draw in law.draws]) - gain
        noise = law.noise / deviations(0.9) * float(losses(law._law, mine)[0])  # of each of the two runs
        spread = deviations(0.9) * float(np.sqrt((around**2).mean() + 2 * noise**2))
    return Gain(other, gain, gain - spread, gain + spread)


def _at_end(run: Floats) -> Sums:
    return in_blocks(run, np.array([len(run)]))


def _last(law: Floats, run: Floats) -> float:
    """The loss after the whole run, every change counted where they are few enough to do so thousands of times."""
    end = np.array([len(run)])
    sums = next(exact(run, end)) if len(run) <= 50_000 else in_blocks(run, end)
    return float(losses(law, sums)[0])


def _slowed(law: Floats, total: int) -> tuple[Floats, Floats]:
    """The middles of blocks of updates, and the law with one update for each: a search needs no more than 20,000.

    A sum of the rates of n blocks of k updates is S/k, by which A and C are divided and multiplied: A·S**-α and C·S stay.
    """
    each = max(1, total // _UPDATES)
    level, a, alpha, b, c, *rest = law
    middles = np.arange(0, total, each) + (each - 1) / 2
    return np.minimum(middles, total - 1), np.array([level, a * each**-alpha, alpha, b, c * each, *rest])


def _usual(peak: float, total: int, warmup: int) -> list[Schedule]:
    cooldown = max(1, min(round(0.2 * total), total - warmup - 1))
    return [Cosine(peak, steps=total).warmup(warmup), wsd(peak, steps=total, warmup=warmup, cooldown=cooldown)]


def _warmup(lr: Schedule) -> int:
    """The first step after a warmup, if it begins with one."""
    first = next(iter(lr._edges()), None)
    return first.step if first is not None and first.kind == "warmup" else 0


def _range(lr: Schedule, path: str, ends: Any) -> tuple[float, float]:
    _with(lr, path, None, look=True)
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        refuse("best", f"vary[{path!r}]", "a lowest and a highest value", ends, kind=True)
    low, high = (as_number("best", f"vary[{path!r}][{i}]", end, FINITE) for i, end in enumerate(ends))
    if low > high:
        refuse("best", f"vary[{path!r}]", "a lowest and a highest value", ends)
    return low, high


def _with(value: Any, path: str, new: Any, *, look: bool = False) -> Any:
    """The value with another field at a path, such as `cooldown` or `schedule.end`; with `look`, whether it is there."""
    word, _, rest = path.partition(".")
    fields = value._parameters() if isinstance(value, Value) else {}
    if word not in fields:
        paths = list(_paths(value))
        deeper = [known for known in paths if known.endswith(f".{path}")]
        meant = f"; write {deeper[0]!r}." if deeper else nearest(path, paths)
        raise ValueError(f"best.vary must name fields of {value!r}, got {path!r}{meant}")
    name = fields[word].name
    if rest:
        new = _with(getattr(value, name), rest, new, look=look)
    return value if look else replace(value, **{name: new})


def _paths(value: Any, before: str = "") -> Iterator[str]:
    """The paths of a value's fields, and of those of the values in it."""
    for word, field in value._parameters().items() if isinstance(value, Value) else ():
        yield f"{before}{word}"
        yield from _paths(getattr(value, field.name), f"{before}{word}.")


def _minimized(loss: Callable[[Any], float], start: Any, *, smooth: bool = False) -> Any:
    """The point in the unit cube where a function is least, from `start`."""
    try:
        from scipy.optimize import minimize
    except ModuleNotFoundError:
        raise ImportError("lrcore.forecast.best needs SciPy: pip install 'lrcore[forecast]'") from None
    options = {"maxiter": 60} if smooth else {"maxiter": 200, "xatol": 1e-4, "fatol": 1e-7}
    method = "L-BFGS-B" if smooth else "Nelder-Mead"
    simplex = {} if smooth else {"initial_simplex": _simplex(np.array(start))}
    return minimize(loss, start, method=method, bounds=[(0, 1)] * len(start), options={**options, **simplex}).x


def _simplex(start: Floats) -> Floats:
    """Corners half a cell of the grid away."""
    step = np.where(start <= 0.5, 0.5, -0.5) / _GRID
    return np.concatenate([start[None], start + np.diag(step)])
