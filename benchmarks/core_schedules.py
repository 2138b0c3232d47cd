"""The core alone: one step against Python's own arithmetic, a million against NumPy's sine, and very many milestones.

One step is compared with a function of the same curve as one would write it by hand, without a check or an end, and a
million with one `numpy.sin` over the same float64 steps. The floors measure what is not lrcore's: the two calls of an
object and its formula, and the C library's power.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from lrcore import (
    Cosine,
    Exponential,
    Interpolate,
    InverseSqrt,
    Linear,
    MultiStep,
    PiecewiseConstant,
    Schedule,
    Sequence,
    StepDecay,
)
from lrcore._catalogue import FAMILIES
from lrcore._evaluate import OFTEN
from measure import MILLION, QUICK, compare, same


def warmup_cosine(t: int) -> float:
    if t < 100:
        return 0.1 * t / 100
    return 0.05 * (1 + math.cos(math.pi * (t - 100) / 900))


BY_HAND: dict[str, tuple[Schedule, Callable[[int], float]]] = {
    "linear": (Linear(0.1, end=0.01, steps=1000), lambda t: 0.1 + (0.01 - 0.1) * t / 1000),
    "cosine": (Cosine(0.1, steps=1000), lambda t: 0.05 * (1 + math.cos(math.pi * t / 1000))),
    "warmup + cosine": (Cosine(0.1, steps=1000).warmup(100), warmup_cosine),
    "stairs": (StepDecay(0.1, every=10, factor=0.9), lambda t: 0.1 * 0.9 ** (t // 10)),
    "exponential": (Exponential(0.1, factor=0.9, every=10), lambda t: 0.1 * 0.9 ** (t / 10)),
    "inverse sqrt": (InverseSqrt(0.1, timescale=100), lambda t: 0.1 * math.sqrt(100 / (t + 100))),
}

MANY: dict[str, Callable[[range], Schedule]] = {
    "MultiStep": lambda edges: MultiStep(0.1, milestones=edges, factor=1 - 1e-6),
    "PiecewiseConstant": lambda edges: PiecewiseConstant([0.1] * (len(edges) + 1), boundaries=edges),
    "Interpolate": lambda edges: Interpolate([(0, 1.0), *((edge, 0.5) for edge in edges)]),
    "Sequence": lambda edges: Sequence([Cosine(0.1, steps=10)] * (len(edges) + 1), boundaries=edges),
}
"""What is made of milestones, boundaries, points or pieces: a schedule with as many as there are edges."""

SIZES = (10, 1_000) if QUICK else (10, 1_000, 100_000)


class Called:
    """An object that calls its formula."""

    def __init__(self, formula: Callable[[int], float]) -> None:
        self._formula = formula

    def __call__(self, step: int) -> float:
        return self._formula(step)


def one_step() -> None:
    for name, (lr, by_hand) in BY_HAND.items():
        for step in (7, 99, 500):
            same(lr(step), by_hand(step))
        compare("one step, lr(7)", name, "Python by hand", partial(lr, 7), partial(by_hand, 7))
        compare("floor of one step: two calls", name, "Python by hand", partial(Called(by_hand), 7), partial(by_hand, 7))


def a_million() -> None:
    steps = np.arange(MILLION)
    floats = steps.astype(np.float64)
    sine = partial(np.sin, floats)
    for name, lr in FAMILIES.items():
        if name != "Custom":  # the user's own formula
            long = lr._scaled(MILLION, 100)  # they are drawn over 100 steps: the same picture over a million
            compare("a million steps", name, "numpy.sin", partial(long, steps), sine)
    for what, power in {"0.5**t": (0.5, floats / MILLION), "t**0.9": (floats, 0.9)}.items():
        compare("floor of a million steps: powers", what, "numpy.sin", partial(np.float_power, *power), sine)


def very_many() -> None:
    steps, step = np.arange(MILLION), MILLION // 2 + 7
    for name, make in MANY.items():
        few, *others = (range(MILLION // n, MILLION + 1, MILLION // n) for n in SIZES)
        for edges in others:
            what, against = f"{name}, {len(edges):,}", "10 of them"
            # The first 61 calls: the hundredth would compile it
            pair = (partial(make(each), step) for each in (edges, few))
            compare("very many: a first step", what, against, *pair, calls=4, rounds=15)
            ours, theirs = make(edges), make(few)
            for _ in range(OFTEN):
                for schedule in (ours, theirs):
                    schedule(step)
            compare("very many: one step", what, against, partial(ours, step), partial(theirs, step))
            compare("very many: a million steps", what, against, partial(ours, steps), partial(theirs, steps), rounds=5)


def main() -> None:
    one_step()
    a_million()
    very_many()


if __name__ == "__main__":
    main()
