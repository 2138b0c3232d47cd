"""The last-iterate bound of convex optimization: which shape ends best, and which peak suits it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from lrcore._arguments import COUNT, FINITE, as_number, refuse
from lrcore._schedule import Schedule
from lrcore.theory._rates import rates

if TYPE_CHECKING:
    from lrcore.theory._rates import Floats


class Bound(NamedTuple):
    """What `bound` gives, for a distance D = 1 to the optimum and gradients of norm G = 1.

    Args:
        peak: the best highest rate of the schedule's shape. For other D and G, times D/G.
        bound: how far above the least loss the last iterate is at most, with that peak. For other D and G, times D·G.
    """

    peak: float
    bound: float


class Compared(NamedTuple):
    """One row of `compare`.

    Args:
        schedule: what was compared.
        bound: the bound of its shape with the best peak. Less is better.
        excess: by which share that is above the least bound of all.
        ratio: its best peak, divided by that of the schedule that was given first.
    """

    schedule: Schedule
    bound: float
    excess: float
    ratio: float


def bound(lr: Schedule, total: int) -> Bound:
    """The bound on the last iterate's loss after a run of `total` updates, and the peak with which it is least.

        Ω = D²/(2 Σ η) + G² Σ η²/(2 Σ η) + G²/2 · Σ_{k<T} η_k/(Σ_{t>k} η_t) · (Σ_{t>=k} η_t²)/(Σ_{t>=k} η_t)

    with η_1 = lr(0) to η_T = lr(T - 1), T = `total`, D the distance from the start to the optimum and G the largest norm of
    a gradient. It holds for stochastic gradient descent on a convex function. Multiplying the schedule by γ gives
    Ω(γ) = a/γ + γ·b, which is least at γ = sqrt(a/b): so the result does not depend on how high the schedule was.
    It takes time and memory in proportion to T. Rates of 0 at the end change nothing.

    Args:
        lr: the schedule, of which only the shape counts.
        total: T, the updates of the whole run.

    Raises:
        ValueError: `total` is below 1, or a rate is below 0, or none is above it.

    Reference: Defazio et al. (arXiv:2310.07831), theorem 10; Schaipp et al. (arXiv:2501.18965), theorem 1.

    >>> from lrcore import Constant, Linear
    >>> for lr in (Constant(1.0), Linear(1.0, end=0.0, steps=4_000)):
    ...     print("{:.6f} {:.5f}".format(*bound(lr, 4_000)))
    0.005033 0.04968
    0.015793 0.03165
    """
    return _bound(rates("bound", "lr", lr, total))


def _bound(run: Floats) -> Bound:
    import numpy as np

    shape = np.trim_zeros(run, "b") / run.max()
    left = np.cumsum(shape[::-1])[::-1]  # sums from the end: differences of sums from the start would cancel
    squares = np.cumsum((shape * shape)[::-1])[::-1]
    start = 1 / (2 * left[0])
    noise = squares[0] / (2 * left[0]) + 0.5 * np.sum(shape[:-1] / left[1:] * squares[:-1] / left[:-1])
    return Bound(float(np.sqrt(start / noise)), float(2 * np.sqrt(start * noise)))


def compare(schedules: Iterable[Schedule], total: int) -> tuple[Compared, ...]:
    """Rank the shapes of schedules for a run of `total` updates, each at its own best peak: the least bound first.

    Raises:
        ValueError: there is no schedule, or `bound` refuses one.

    >>> from lrcore import Constant, Cosine, Linear
    >>> for row in compare([Cosine(1.0, steps=4_000), Constant(1.0), Linear(1.0, end=0.0, steps=4_000)], 4_000):
    ...     print(f"{row.bound:.4f} {row.excess:.1%} {row.ratio:.2f} {row.schedule!r}")
    0.0317 0.0% 1.03 Linear(1.0, end=0.0, steps=4000)
    0.0326 3.0% 1.00 Cosine(1.0, steps=4000)
    0.0497 56.9% 0.33 Constant(1.0)
    """
    if isinstance(schedules, Schedule):
        refuse("compare", "schedules", "a sequence of schedules", schedules, kind=True)
    several = tuple(schedules)
    if not several:
        refuse("compare", "schedules", "have at least 1 schedule", several)
    found = [_bound(rates("compare", f"schedules[{i}]", lr, total)) for i, lr in enumerate(several)]
    least = min(one.bound for one in found)
    rows = [
        Compared(lr, one.bound, one.bound / least - 1, one.peak / found[0].peak)
        for lr, one in zip(several, found, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: row.bound))


def best_peak_ratio(a: Schedule, b: Schedule, total: int) -> float:
    """The best peak of b's shape, divided by that of a's, for runs of `total` updates; warmups count.

    >>> from lrcore import Cosine, wsd
    >>> round(best_peak_ratio(Cosine(1.0, steps=4_000), wsd(1.0, steps=4_000, warmup=0, cooldown=800), 4_000), 2)
    0.56
    """
    first, second = (_bound(rates("best_peak_ratio", field, lr, total)) for field, lr in (("a", a), ("b", b)))
    return second.peak / first.peak


def transfer(
    lr: Schedule, *, to: Schedule, total: int, to_total: int | None = None, exponent: float | None = None
) -> Schedule:
    """Another shape, with the peak that suits it as well as the peak of `lr` suits `lr`.

        peak of the result = peak of lr · γ(to)/γ(lr)                                               at the same length
        peak of the result = peak of lr · γ(to)/γ(lr) · (to_total/total)**(1/2 + exponent)          at another one

    with γ the best peak of a shape by `bound`. In theory γ falls with the square root of the length, which the 1/2 takes
    out: `exponent` alone says how the peak moves with the length. Theory's is -0.5; -0.16 to -0.32 were measured.

    Args:
        lr: a schedule whose peak has been tuned.
        to: the shape to use instead. Its own peak does not matter.
        total: the updates of the run with `lr`.
        to_total: the updates of the run with the result; by default the same.
        exponent: how the best peak moves with the length of a run, as yours have shown. Needed if the lengths differ.

    Returns:
        `to`, multiplied by a number.

    Raises:
        ValueError: `bound` refuses a schedule, or the lengths differ and there is no `exponent`.

    >>> from lrcore import Cosine, wsd
    >>> lr = Cosine(1e-3, steps=25_000).warmup(300)
    >>> new = transfer(lr, to=wsd(1.0, steps=25_000, warmup=300, cooldown=5_000, shape="linear"), total=25_000)
    >>> round(new(12_000), 6)
    0.000533
    >>> transfer(lr, to=lr, total=25_000, to_total=50_000)
    Traceback (most recent call last):
    ...
    ValueError: transfer.exponent must be given, since the lengths differ (25000 and 50000), got None; theory's -0.5 is
    wrong in practice, where -0.16 to -0.32 were measured: state what your runs have shown.
    """
    mine = rates("transfer", "lr", lr, total)
    length = total if to_total is None else as_number("transfer", "to_total", to_total, COUNT)
    other = rates("transfer", "to", to, length)
    power = None if exponent is None else as_number("transfer", "exponent", exponent, FINITE)
    if power is None and length != total:
        refuse(
            "transfer",
            "exponent",
            f"given, since the lengths differ ({total} and {length})",
            None,
            hint="theory's -0.5 is wrong in practice, where -0.16 to -0.32 were measured: state what your runs have shown",
        )
    ratio = _bound(other).peak / _bound(mine).peak
    if power is not None:
        ratio *= (length / total) ** (0.5 + power)
    return float(ratio * mine.max() / other.max()) * to
