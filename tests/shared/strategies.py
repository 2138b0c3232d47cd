"""Hypothesis strategies: every family with any fields it allows, and nested compositions of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import lrcore
from lrcore import Schedule

lengths = st.integers(1, 10**6) | st.integers(1, 12)
values = st.floats(0, 10, allow_subnormal=False).map(lambda x: x if x == 0 or x > 1e-12 else 0.0) | st.sampled_from(
    [0.0, 0.1, 3e-4, 1.0]
)
positive = st.floats(1e-8, 10)
factors = st.floats(0.05, 1)
growths = st.sampled_from([1, 1.1, 1.5, 2, 3, 7]) | st.floats(1.01, 4)
shapes = st.sampled_from(["linear", "cosine", "1-sqrt", "1-square", "exponential"])


def increasing(least: int = 1, most: int = 6) -> Any:
    return st.lists(st.integers(1, 10**6), min_size=least, max_size=most, unique=True).map(sorted)


@st.composite
def one_cycles(draw: Any) -> Schedule:
    steps, three = draw(st.integers(30, 10**6)), draw(st.booleans())
    return lrcore.OneCycle(
        draw(positive),
        steps=steps,
        pct_start=draw(st.floats(0.05, 0.45)),
        div_factor=draw(st.floats(1, 100)),
        final_div_factor=draw(st.floats(1, 1e5)),
        shape=draw(st.sampled_from(["cosine", "linear"])),
        three_phase=three,
    )


@st.composite
def cyclics(draw: Any) -> Schedule:
    low, high = sorted([draw(values), draw(values)])
    mode = draw(st.sampled_from(["triangular", "triangular2", "exp_range"]))
    factor = draw(st.floats(0.9, 1)) if mode == "exp_range" else 1.0
    down = draw(st.none() | lengths)
    return lrcore.Cyclic(low, high=high, up=draw(lengths), down=down, mode=mode, factor=factor)


@st.composite
def piecewise(draw: Any) -> Schedule:
    boundaries = draw(increasing())
    count = len(boundaries) + 1
    return lrcore.PiecewiseConstant(draw(st.lists(values, min_size=count, max_size=count)), boundaries=boundaries)


@st.composite
def interpolations(draw: Any) -> Schedule:
    steps = [0, *draw(increasing())]
    points = [(step, draw(values)) for step in steps]
    return lrcore.Interpolate(points, shape=draw(st.sampled_from(["linear", "cosine"])))


decays: Any = st.one_of(
    st.builds(lrcore.Linear, values, end=values, steps=lengths),
    st.builds(lrcore.Cosine, values, end=values, steps=lengths),
    st.builds(lrcore.Polynomial, values, end=values, steps=lengths, power=st.floats(0.3, 5) | st.integers(1, 4)),
    st.builds(lrcore.OneMinusPower, values, end=values, steps=lengths, power=st.floats(0.3, 5) | st.integers(1, 4)),
    st.builds(lrcore.OneMinusSqrt, values, end=values, steps=lengths),
    st.builds(lrcore.ShiftedExponential, values, end=values, steps=lengths, base=st.floats(0.01, 0.99)),
    st.builds(lrcore.Geometric, positive, end=positive, steps=lengths),
)
"""Single decays, up or down, that a warmup shortens."""

unbounded: Any = st.one_of(
    st.builds(lrcore.Constant, values),
    st.builds(lrcore.StepDecay, values, every=lengths, factor=factors),
    st.builds(lrcore.MultiStep, values, milestones=increasing(), factor=factors),
    st.builds(lrcore.Exponential, values, factor=factors, every=st.floats(0.5, 1e5) | lengths, staircase=st.booleans()),
    st.builds(lrcore.InverseTime, values, rate=values, every=st.floats(0.5, 1e5) | lengths, staircase=st.booleans()),
    st.builds(lrcore.InverseSqrt, values, timescale=st.floats(0.5, 1e5) | lengths),
    st.builds(
        lrcore.WarmRestarts,
        values,
        end=values,
        steps=lengths,
        growth=growths,
        decay=factors,
        cycles=st.none() | st.integers(1, 9),
    ),
    cyclics(),
    piecewise(),
)

families: Any = st.one_of(decays, unbounded, one_cycles(), one_cycles().map(lambda s: s.momentum()), interpolations())


def _warmed(inner: Any) -> Any:
    return st.builds(
        lambda lr, fraction, start, shape: lr.warmup(max(1, int(fraction * (lr.length or 1000))), start, shape),
        inner.filter(lambda lr: lr.length is None or lr.length > 1),
        st.floats(0, 0.9),
        values,
        shapes,
    )


@st.composite
def _clipped(draw: Any, inner: Any) -> Schedule:
    low, high = sorted([draw(values), draw(values)])
    return draw(inner).clip(low, draw(st.sampled_from([None, high])))


def _composed(inner: Any) -> Any:
    finite = inner.filter(lambda lr: lr.length is not None and 0 < lr.length < 10**9)
    return st.one_of(
        st.builds(lambda a, b, at: a.then(b, at=at), inner, inner, lengths),
        st.builds(lambda a, b: a.then(b), finite, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, factor: factor * a, inner, values),
        st.builds(lambda a, n: a.shift(n), inner, lengths),
        st.builds(lambda a, n: a.repeat(n), finite, st.integers(1, 5)),
        st.builds(lambda a, n: a.per_epoch(n), inner, st.integers(1, 1000)),
        # In whole updates, or a stretched one would not be so many times as long
        st.builds(lambda a, n, m: a.per_epoch(n * m).per_sample(n), inner, st.integers(1, 1000), st.integers(1, 9)),
        _clipped(inner),
    )


schedules: Any = st.recursive(st.one_of(families, _warmed(decays), _warmed(unbounded)), _composed, max_leaves=4)
"""Families, and compositions of up to four of them."""

steps: Any = st.integers(0, 100) | st.integers(0, 2 * 10**6) | st.integers(0, 10**12)
