"""One table of all names, by example: what text and data may use, what lists and pages draw.

A new family is its file, a line in `lrcore/__init__.py`, a row here, and a case in the tests' table. A new composition is
the same, with the method of `Schedule` that makes it; `Schedule` lists the hooks that it may give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from lrcore._compositions.clock import PerEpoch
from lrcore._compositions.product import Product, Scaled
from lrcore._compositions.sequence import Sequence
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.custom import Custom
from lrcore._families.cyclic import Cyclic
from lrcore._families.exponential import Exponential, Geometric, ShiftedExponential
from lrcore._families.interpolate import Interpolate
from lrcore._families.inverse import InverseSqrt, InverseTime
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt, Polynomial
from lrcore._families.step_decay import MultiStep, PiecewiseConstant, StepDecay
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Schedule
from lrcore._shorthands import noam, wsd
from lrcore._value import Value

_FAMILIES: tuple[Schedule, ...] = (
    Constant(0.1),
    Linear(0.1, end=0.0, steps=100),
    Cosine(0.1, steps=100),
    Polynomial(0.1, steps=100, power=2),
    OneMinusSqrt(0.1, steps=100),
    OneMinusPower(0.1, steps=100, power=2),
    Geometric(1e-3, end=0.1, steps=100),
    Exponential(0.1, factor=0.5, every=20),
    ShiftedExponential(0.1, steps=100, base=0.1),
    StepDecay(0.1, every=20, factor=0.5),
    MultiStep(0.1, milestones=[30, 60, 80], factor=0.5),
    PiecewiseConstant([0.05, 0.1, 0.02], boundaries=[20, 60]),
    InverseTime(0.1, rate=0.5, every=10),
    InverseSqrt(0.1, timescale=20),
    noam(512, warmup=20),
    WarmRestarts(0.1, steps=20, growth=2, decay=0.8, cycles=3),
    OneCycle(0.1, steps=100),
    Cyclic(0.01, high=0.1, up=20, mode="triangular2"),
    wsd(0.1, steps=100, warmup=10, cooldown=30),
    Interpolate([(0, 0.0), (20, 0.1), (60, 0.06), (100, 0.0)]),
    Custom(lambda t, xp: 0.1 * xp.exp(-0.03 * t) * (1 + 0.3 * xp.sin(t / 5))),
    Sequence([Constant(0.02), Constant(0.1), Cosine(0.06, steps=50)], boundaries=[20, 50]),
)
"""Written as calls."""

METHODS: dict[str, Schedule] = {
    "warmup": Cosine(0.1, steps=100).warmup(20),
    "then": Linear(0.1, end=0.05, steps=50).then(Cosine(0.03, steps=50)),
    "repeat": Linear(0.1, end=0.02, steps=30).repeat(3),
    "shift": Cosine(0.1, steps=100).shift(30),
    "stretch": Cosine(0.1, steps=10).stretch(100),
    "per_epoch": PerEpoch(Cosine(0.1, steps=8), steps_per_epoch=12),
    "per_sample": Cosine(0.1, steps=3_000).per_sample(PiecewiseConstant([10, 20, 40], boundaries=[30, 60])),
    "clip": Cosine(0.1, steps=100).clip(0.02, 0.08),
    "cooldown": InverseSqrt(0.1, timescale=30).cooldown(at=70, steps=30),
    "extend": Linear(0.1, end=0.0, steps=60).extend(120, at=30),
}
"""Written as methods of any schedule, by the method."""

_MOMENTA: tuple[Schedule, ...] = (OneCycle(0.1, steps=100).momentum(), Cyclic(0.01, high=0.1, up=20).momentum())
"""Written as a method of the schedules that have one."""

_PRODUCTS: tuple[Schedule, ...] = (2 * Cosine(0.1, steps=100), Cosine(0.1, steps=100) * StepDecay(1.0, every=30))
"""Written with `*`."""

FAMILIES: dict[str, Schedule] = {example._name: example for example in _FAMILIES}
"""An example of everything that is written as a call, by its name."""


def _classes() -> Iterator[type[Value]]:
    for example in (*_FAMILIES, *METHODS.values(), *_MOMENTA, *_PRODUCTS):
        yield type(example)


CLASSES: dict[str, type[Value]] = {kind._name: kind for kind in _classes()}
"""Every class, by the name that data has for it. A `Custom` is among them, and cannot be saved."""

CALLS: dict[str, Callable[..., Schedule]] = {
    **{name: type(example) for name, example in FAMILIES.items()},
    "wsd": wsd,
    "noam": noam,
}
"""What text may call by name."""

METHOD_NAMES = frozenset({*METHODS, "momentum"})
"""What text may call as a method."""

OPERATORS = (Product, Scaled)
"""The classes that are written with `*`."""

TOOLS = {
    "Grid": "lrcore.finder",
    "GroupRates": "lrcore.advice",
    "LossLaw": "lrcore.forecast",
    "Plan": "lrcore.advice",
    "Plateau": "lrcore.plateau",
    "Reading": "lrcore.port",
    "Sweep": "lrcore.finder",
    "Sweeps": "lrcore.finder",
}
"""The values of tools, and their modules: imported when text or data first names one, and not with lrcore."""


ALTERNATIVES = {("Plateau", "like")}
"""What text may call as a method of a tool's class, which makes a value too."""


def class_of(name: str) -> type[Value] | None:
    """The class of that name, if data may have it."""
    kind: type[Value] | None = getattr(import_module(TOOLS[name]), name) if name in TOOLS else CLASSES.get(name)
    return kind


def call_of(name: str) -> Callable[..., Any] | None:
    """What text calls by that name."""
    return class_of(name) if name in TOOLS else CALLS.get(name)
