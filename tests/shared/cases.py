"""The one table of cases that every test file reads: a schedule, and its exact value in 50-digit arithmetic.

The exact values are written from the formulas of the papers and of DESIGN's table, not from the code: with `mpmath`, over
the exact values of the fields, with the ordinary forms (cosines, differences) that float64 could not afford.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf

import lrcore
from lrcore import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    Geometric,
    Interpolate,
    InverseSqrt,
    InverseTime,
    Linear,
    MultiStep,
    OneCycle,
    OneMinusPower,
    OneMinusSqrt,
    PiecewiseConstant,
    Polynomial,
    Schedule,
    Sequence,
    ShiftedExponential,
    StepDecay,
    WarmRestarts,
    noam,
)

mp.dps = 50

Exact = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """One row: a schedule, its exact value at any step, the steps where something changes, and which way it goes."""

    name: str
    schedule: Schedule
    exact: Exact
    edges: tuple[int, ...] = ()
    way: str = "down"
    """"down" or "up" where it never turns, "flat" for one value, "" where it turns."""
    slack: float = 0.0
    """ulp allowed over the 4 of every family: what rounding the exponent costs an exponential, |ln(value/start)|."""
    powers: bool = False
    """Whether the formula takes powers or logarithms: an ulp or two off in the frameworks, and they meet in one formula."""
    vanishing: bool = False
    """Whether it falls to nothing within the steps, by a power."""
    steep: bool = False
    """Whether the slope is infinite somewhere: where a square root begins, or a power below 1 ends."""
    found: tuple[int, tuple[int, ...]] | None = None
    """A last step, and the edges that `Schedule.edges` finds up to it, where those are not the edges of the table: they are
    without end, a knot lies between two updates, or the table has steps of a clock that are no edges."""


def between(start: float, end: float, w: Any) -> Any:
    """`start` where w is 1, `end` where it is 0."""
    return mpf(end) + (mpf(start) - mpf(end)) * w


def decay(start: float, end: float, steps: int, w: Exact) -> Exact:
    """A single decay: w of the fraction passed, `end` from `steps` on."""
    return lambda t: mpf(end) if t >= steps else between(start, end, w(mpf(t) / steps))


def half_cosine(x: Any) -> Any:
    return (1 + mp.cos(mp.pi * x)) / 2


def knots(points: list[tuple[Any, Any]], w: Exact) -> Exact:
    """Through points, with w of the fraction passed between neighbours."""

    def exact(t: Any) -> Any:
        for (a, v), (b, u) in itertools.pairwise(points):
            if t < b:
                return between(v, u, w((mpf(t) - a) / (mpf(b) - a)))
        return mpf(points[-1][1])

    return exact


def linear(x: Any) -> Any:
    return 1 - x


def restarts(start: float, end: float, steps: int, growth: float, decay: float, cycles: int | None) -> Exact:
    def exact(t: Any) -> Any:
        n, begin = 0, 0
        if growth == 1:
            n = int(t // steps)
            n = n if cycles is None else min(n, cycles)
            begin, length = n * steps, steps
        else:
            length = steps
            while t >= begin + length and (cycles is None or n < cycles):
                begin, n = begin + length, n + 1
                length = max(1, round(steps * growth**n))
        if cycles is not None and n >= cycles:
            return mpf(end)
        peak = mpf(end) + (mpf(start) - mpf(end)) * mpf(decay) ** n
        return mpf(end) + (peak - mpf(end)) * half_cosine((mpf(t) - begin) / length)

    return exact


def cyclic(low: float, high: float, up: int, down: int, height: Callable[[Any, int], Any]) -> Exact:
    def exact(t: Any) -> Any:
        n = int(t // (up + down))
        p = mpf(t) - n * (up + down)
        wave = p / up if p <= up else (up + down - p) / down
        return mpf(low) + (mpf(high) - mpf(low)) * wave * height(mpf(t), n)

    return exact


def one_cycle(peak: float, steps: int, anneal: Exact, *, pct: float = 0.3, three: bool = False) -> Exact:
    up, first = pct * steps - 1, mpf(peak / 25)  # knots and ends are floats, as torch computes them
    middle = [(2 * pct * steps - 2, first)] if three else []
    return knots([(0, first), (up, mpf(peak)), *middle, (steps - 1, mpf(peak / 25 / 1e4))], anneal)


def pieces(first: Exact, *others: tuple[int, Exact]) -> Exact:
    """One exact function after another, each on its own clock."""

    def exact(t: Any) -> Any:
        begin, piece = 0, first
        for boundary, other in others:
            if t >= boundary:
                begin, piece = boundary, other
        return piece(t - begin)

    return exact


def ramp(start: float, first: Any, steps: int, rest: Exact) -> Exact:
    return pieces(lambda t: mpf(start) + (mpf(first) - mpf(start)) * mpf(t) / steps, (steps, rest))


def _families() -> list[Case]:
    ln = lambda x: float(abs(mp.log(x)))  # noqa: E731 (the slack of an exponential, beside its row)
    return [
        Case("constant", Constant(0.1), lambda t: mpf(0.1), way="flat"),
        Case("linear", Linear(0.1, end=0.01, steps=1000), decay(0.1, 0.01, 1000, linear), (1000,)),
        Case("linear up", Linear(0.0, end=0.3, steps=7), decay(0.0, 0.3, 7, linear), (7,), "up"),
        Case("linear level", Linear(0.1, end=0.1, steps=7), lambda t: mpf(0.1), (7,), "flat"),
        Case(
            "polynomial",
            Polynomial(0.1, steps=1000, power=0.9),
            decay(0.1, 0, 1000, lambda x: (1 - x) ** mpf(0.9)),
            (1000,),
            powers=True,
            steep=True,
        ),
        Case("cubic", Polynomial(0.1, steps=997, end=1e-3, power=3), decay(0.1, 1e-3, 997, lambda x: (1 - x) ** 3), (997,)),
        Case(
            "power 10",
            Polynomial(0.1, steps=10**6, power=10),
            decay(0.1, 0, 10**6, lambda x: (1 - x) ** 10),
            (10**6,),
            powers=True,
        ),
        Case(
            "cubic up",
            Polynomial(0.0, steps=997, end=0.7, power=3),
            decay(0.0, 0.7, 997, lambda x: (1 - x) ** 3),
            (997,),
            "up",
            powers=True,
        ),
        Case("cosine", Cosine(3e-4, steps=100_000, end=3e-5), decay(3e-4, 3e-5, 100_000, half_cosine), (100_000,)),
        Case("cosine to 0", Cosine(0.1, steps=1000), decay(0.1, 0, 1000, half_cosine), (1000,)),
        Case("cosine up", Cosine(0.0, steps=1000, end=0.7), decay(0, 0.7, 1000, half_cosine), (1000,), "up"),
        Case("long cosine", Cosine(0.1, steps=10**12), decay(0.1, 0, 10**12, half_cosine), (10**12,)),
        Case("one update", Cosine(0.1, steps=1), decay(0.1, 0, 1, half_cosine), (1,)),
        Case(
            "1-sqrt",
            OneMinusSqrt(0.1, steps=1000, end=0.01),
            decay(0.1, 0.01, 1000, lambda x: 1 - mp.sqrt(x)),
            (1000,),
            steep=True,
        ),
        Case(
            "1-sqrt to 0", OneMinusSqrt(0.1, steps=1000), decay(0.1, 0, 1000, lambda x: 1 - mp.sqrt(x)), (1000,), steep=True
        ),
        Case(
            "1-square",
            OneMinusPower(0.1, steps=1000, power=2),
            decay(0.1, 0, 1000, lambda x: 1 - x**2),
            (1000,),
            powers=True,
        ),
        Case(
            "exponential cooldown",
            ShiftedExponential(0.1, steps=1000),
            decay(0.1, 0, 1000, lambda x: 2 * mpf(0.5) ** x - 1),
            (1000,),
            powers=True,
        ),
        Case(
            "exponential cooldown 0.1",
            ShiftedExponential(0.1, steps=1000, end=0.01, base=0.1),
            decay(0.1, 0.01, 1000, lambda x: (mpf(0.1) ** x - mpf(0.1)) / (1 - mpf(0.1))),
            (1000,),
            powers=True,
        ),
        Case(
            "geometric",
            Geometric(1e-7, end=10.0, steps=100),
            lambda t: mpf(1e-7) * (mpf(10.0) / mpf(1e-7)) ** (mpf(min(t, 100)) / 100),
            (100,),
            "up",
            ln(1e8),
        ),
        Case("step decay", StepDecay(0.1, every=30), lambda t: mpf(0.1) * mpf(0.1) ** int(t // 30), (30, 60, 90)),
        Case(
            "multi step",
            MultiStep(0.1, milestones=[30, 60, 80]),
            lambda t: mpf(0.1) * mpf(0.1) ** sum(t >= m for m in (30, 60, 80)),
            (30, 60, 80),
        ),
        # 49·(1/49) is below 1, and so is 103·(1/103): what a compiler makes of a division by a constant
        Case(
            "steps of 49",
            StepDecay(0.1, every=49, factor=0.9),
            lambda t: mpf(0.1) * mpf(0.9) ** int(t // 49),
            (49, 98),
            vanishing=True,
        ),
        Case(
            "restarts of 103",
            WarmRestarts(0.1, steps=103, end=0.01, decay=0.9),
            restarts(0.1, 0.01, 103, 1, 0.9, None),
            (103, 206, 309),
            "",
        ),
        Case(
            "piecewise constant",
            PiecewiseConstant([1.0, 0.5, 0.7], boundaries=[3, 9]),
            lambda t: mpf((1.0, 0.5, 0.7)[(t >= 3) + (t >= 9)]),
            (3, 9),
            "",
        ),
        Case(
            "exponential",
            Exponential(0.1, factor=0.999, every=3),
            lambda t: mpf(0.1) * mpf(0.999) ** (mpf(t) / 3),
            slack=800.0,
        ),
        Case(
            "staircase",
            Exponential(0.1, factor=0.5, every=10, staircase=True),
            lambda t: mpf(0.1) * mpf(0.5) ** int(t // 10),
            (10, 20),
        ),
        Case("inverse time", InverseTime(0.1, rate=0.5, every=10), lambda t: mpf(0.1) / (1 + mpf(0.5) * mpf(t) / 10)),
        Case(
            "inverse time stairs",
            InverseTime(0.1, rate=0.5, every=10, staircase=True),
            lambda t: mpf(0.1) / (1 + mpf(0.5) * int(t // 10)),
            (10, 20),
        ),
        Case("inverse sqrt", InverseSqrt(0.1, timescale=100), lambda t: mpf(0.1) * mp.sqrt(mpf(100) / (mpf(t) + 100))),
        Case(
            "warm restarts",
            WarmRestarts(0.1, steps=10, end=0.01),
            restarts(0.1, 0.01, 10, 1, 1, None),
            (10, 20, 10**6),
            "",
            found=(100, (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)),
        ),
        Case(
            "restarts doubling",
            WarmRestarts(0.1, steps=10, growth=2, decay=0.7),
            restarts(0.1, 0.0, 10, 2, 0.7, None),
            (10, 30, 70),
            "",
            powers=True,
        ),
        Case(
            "restarts by 1.5",
            WarmRestarts(0.1, steps=7, end=0.03, growth=1.5, decay=0.5, cycles=4),
            restarts(0.1, 0.03, 7, 1.5, 0.5, 4),
            (7, 17, 33, 57),
            "",
        ),
        Case("three cycles", WarmRestarts(0.1, steps=10, cycles=3), restarts(0.1, 0.0, 10, 1, 1, 3), (10, 20, 30), ""),
        Case(
            "one cycle",
            OneCycle(0.1, steps=1000),
            one_cycle(0.1, 1000, half_cosine),
            (299, 999, 1000),
            "",
            found=(1000, (299, 1000)),
        ),
        Case(
            "long one cycle",
            OneCycle(0.1, steps=10**6),
            one_cycle(0.1, 10**6, half_cosine),
            (299_999,),
            "",
        ),
        Case(
            "decaying restarts",
            WarmRestarts(0.1, steps=77, end=1e-6, decay=0.9),
            restarts(0.1, 1e-6, 77, 1, 0.9, None),
            (77, 154, 231),
            "",
            powers=True,
        ),
        Case(
            "one cycle 101",
            OneCycle(1.0, steps=101, shape="linear"),
            one_cycle(1.0, 101, linear),
            (29, 30, 100),
            "",
            found=(100, (29,)),
        ),
        Case(
            "one cycle three phases",
            OneCycle(0.1, steps=1000, three_phase=True),
            one_cycle(0.1, 1000, half_cosine, three=True),
            (299, 598, 999),
            "",
            found=(999, (299, 598)),
        ),
        Case(
            "one cycle momentum",
            OneCycle(0.1, steps=1000).momentum(),
            knots([(0, 0.95), (299, 0.85), (999, 0.95)], half_cosine),
            (299, 999),
            "",
            found=(999, (299,)),
        ),
        Case("cyclic", Cyclic(1e-3, high=0.1, up=20, down=30), cyclic(1e-3, 0.1, 20, 30, lambda t, n: 1), (20, 50, 70), ""),
        Case(
            "cyclic 2",
            Cyclic(0.0, high=0.1, up=20, mode="triangular2"),
            cyclic(0.0, 0.1, 20, 20, lambda t, n: mpf(0.5) ** n),
            (20, 40, 60),
            "",
        ),
        Case(
            "cyclic exp",
            Cyclic(1e-3, high=0.1, up=20, mode="exp_range", factor=0.999),
            cyclic(1e-3, 0.1, 20, 20, lambda t, n: mpf(0.999) ** t),
            (20, 40, 60),
            "",
            powers=True,
        ),
        Case(
            "cyclic momentum",
            Cyclic(1e-3, high=0.1, up=20).momentum(),
            cyclic(0.9, 0.8, 20, 20, lambda t, n: 1),
            (20, 40),
            "",
        ),
        Case(
            "interpolate",
            Interpolate([(0, 0.0), (10, 1.0), (30, 0.5)]),
            knots([(0, 0.0), (10, 1.0), (30, 0.5)], linear),
            (10, 30),
            "",
        ),
        Case(
            "interpolate cosine",
            Interpolate([(0, 0.3), (10, 1.0), (30, 0.5)], shape="cosine"),
            knots([(0, 0.3), (10, 1.0), (30, 0.5)], half_cosine),
            (10, 30),
            "",
        ),
    ]


def _compositions() -> list[Case]:
    cosine = decay(0.1, 0, 900, half_cosine)
    root = lambda t: mpf(0.1) * mp.sqrt(mpf(100) / (mpf(t) + 100))  # noqa: E731 (one row's formula, used twice)
    hold = lrcore.wsd(1.0, steps=1000, warmup=100, cooldown=200)
    return [
        Case("warmup cosine", Cosine(0.1, steps=1000).warmup(100), ramp(0.0, 0.1, 100, cosine), (100, 1000), ""),
        Case("warmup from", Cosine(0.1, steps=1000).warmup(100, start=0.02), ramp(0.02, 0.1, 100, cosine), (100, 1000), ""),
        Case(
            "cosine warmup",
            Cosine(0.1, steps=1000).warmup(100, shape="cosine"),
            pieces(lambda t: mpf(0.1) * (1 - half_cosine(mpf(t) / 100)), (100, cosine)),
            (100, 1000),
            "",
        ),
        Case(
            "1-sqrt warmup",
            Cosine(0.1, steps=1000).warmup(100, shape="1-sqrt"),
            pieces(lambda t: mpf(0.1) * (1 - mp.sqrt(1 - mpf(t) / 100)), (100, cosine)),
            (100, 1000),
            "",
            steep=True,
        ),
        Case(
            "noam",
            noam(512, warmup=400, scale=2.0),
            lambda t: 2 * mpf(512) ** mpf(-0.5) * min(mpf(t + 1) ** mpf(-0.5), mpf(t + 1) * mpf(400) ** mpf(-1.5)),
            (399,),
            "",
        ),
        Case("t5", InverseSqrt(0.1, timescale=100).warmup(100), ramp(0.0, 0.1, 100, root), (100,), ""),
        Case(
            "wsd",
            hold,
            ramp(0.0, 1.0, 100, pieces(lambda t: mpf(1), (700, decay(1.0, 0, 200, lambda x: 1 - mp.sqrt(x))))),
            (100, 800, 1000),
            "",
            steep=True,
        ),
        Case(
            "sequence",
            Sequence([Constant(0.5), Linear(1.0, end=0.0, steps=20), Cosine(0.3, steps=50)], boundaries=[10, 40]),
            pieces(lambda t: mpf(0.5), (10, decay(1.0, 0, 20, linear)), (40, decay(0.3, 0, 50, half_cosine))),
            (10, 30, 40, 90),
            "",
        ),
        Case(
            "product",
            Linear(1.0, end=0.5, steps=100) * StepDecay(0.1, every=30),
            lambda t: decay(1.0, 0.5, 100, linear)(t) * mpf(0.1) * mpf(0.1) ** int(t // 30),
            (30, 60, 90, 100),
            slack=4.0,
        ),
        Case("scaled", 2 * Cosine(0.1, steps=900), lambda t: 2 * cosine(t), (900,)),
        Case(
            "clipped", Cosine(0.1, steps=900).clip(0.01, 0.08), lambda t: min(max(cosine(t), mpf(0.01)), mpf(0.08)), (900,)
        ),
        Case("shifted", Cosine(0.1, steps=900).shift(100), lambda t: cosine(t + 100), (800,)),
        Case(
            "repeated",
            Cosine(0.1, steps=900).repeat(3),
            lambda t: mpf(0) if t >= 2700 else cosine(t % 900),
            (900, 1800, 2700),
            "",
        ),
        Case("stretched", Cosine(0.1, steps=90).stretch(900), cosine, (900,)),
        Case(
            "per epoch",
            Cosine(0.1, steps=90).per_epoch(10),
            lambda t: decay(0.1, 0, 90, half_cosine)(int(t // 10)),
            (10, 900),
            found=(900, (900,)),
        ),
        Case(
            "per epoch of 49",
            Cosine(0.1, steps=90).per_epoch(49),
            lambda t: decay(0.1, 0, 90, half_cosine)(int(t // 49)),
            (49, 98, 4410),
            found=(4410, (4410,)),
        ),
        Case("per epoch smooth", Cosine(0.1, steps=90).per_epoch(10, smooth=True), cosine, (900,)),
        Case(
            "per token",
            Linear(0.1, end=0.01, steps=3 * 10**11).per_sample(2**22),
            lambda t: decay(0.1, 0.01, 3 * 10**11, linear)(mpf(t) * 2**22),
            (71_526,),
        ),
        Case(
            "per sample of a batch that grows",
            Cosine(0.1, steps=9_000).per_sample(PiecewiseConstant([5, 10, 20], boundaries=[300, 600])),
            lambda t: decay(0.1, 0, 9_000, half_cosine)(
                5 * mpf(t) if t < 300 else 10 * mpf(t) - 1_500 if t < 600 else 20 * mpf(t) - 7_500
            ),
            (300, 600, 825),
            found=(825, (825,)),
        ),
        Case(
            "cooldown",
            Cosine(0.1, steps=900).cooldown(at=450, steps=50),
            pieces(cosine, (450, decay(0.05, 0, 50, lambda x: 1 - mp.sqrt(x)))),
            (450, 500),
            steep=True,
        ),
        Case(
            "extended",
            Linear(1.0, end=0.0, steps=100).extend(200, at=50),
            pieces(decay(1, 0, 100, linear), (50, decay(0.5, 0, 150, linear))),
            (50, 200),
        ),
    ]


FAMILIES = _families()
COMPOSITIONS = _compositions()
CASES = FAMILIES + COMPOSITIONS


def ulps(value: float, exact: Any) -> float:
    """How far a value is from the exact one, in ulp of that."""
    return float(abs(mpf(value) - exact) / mpf(math.ulp(float(exact))))


def steps_of(case: Case, dense: int = 40) -> list[int]:
    """The steps where mistakes live: near 0, near each edge, between, past the end, and far away."""
    near = set(range(dense))
    for edge in case.edges:
        near |= {edge + i for i in range(-dense, dense + 1)}
        near |= {round(edge * k / 23) for k in range(24)}
    near |= {2**24 - 1, 2**24 + 1, 2**31 - 1, 10**9 + 7, 10**12}
    return sorted(step for step in near if step >= 0)


def numbers(case: Case) -> Any:
    """For `pytest.mark.parametrize(..., ids=...)`."""
    return case.name
