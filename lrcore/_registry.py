"""Every name that text and data may use."""

from __future__ import annotations

from collections.abc import Callable

from lrcore._compositions.clock import PerEpoch, Repeat, Shift
from lrcore._compositions.product import Clip, Product, Scaled
from lrcore._compositions.sequence import Sequence
from lrcore._compositions.warmup import Warmup
from lrcore._cooldown import wsd
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.cyclic import Cyclic, CyclicMomentum
from lrcore._families.exponential import Exponential, ExponentialCooldown, Geometric
from lrcore._families.interpolate import Interpolate
from lrcore._families.inverse import InverseSqrt, InverseTime, noam
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle, OneCycleMomentum
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt, Polynomial
from lrcore._families.step_decay import MultiStep, PiecewiseConstant, StepDecay
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Schedule

FAMILIES: dict[str, type[Schedule]] = {
    family.__name__: family
    for family in (
        Constant,
        Linear,
        Polynomial,
        Cosine,
        OneMinusSqrt,
        OneMinusPower,
        Geometric,
        StepDecay,
        MultiStep,
        PiecewiseConstant,
        Exponential,
        ExponentialCooldown,
        InverseTime,
        InverseSqrt,
        WarmRestarts,
        OneCycle,
        Cyclic,
        Interpolate,
        Sequence,
    )
}
"""Classes written as calls, `Cosine(0.1, steps=10)`."""

METHODS: dict[type[Schedule], str] = {
    Warmup: "warmup",
    Repeat: "repeat",
    Shift: "shift",
    PerEpoch: "per_epoch",
    Clip: "clip",
    OneCycleMomentum: "momentum",
    CyclicMomentum: "momentum",
}
"""Classes written as methods of the schedule in their first field, `Cosine(0.1, steps=10).warmup(2)`."""

OPERATORS: tuple[type[Schedule], ...] = (Product, Scaled)
"""Classes written with `*`."""

SAVED: dict[str, type[Schedule]] = {**FAMILIES, **{kind.__name__: kind for kind in (*METHODS, *OPERATORS)}}
"""Classes that can be data."""

CALLS: dict[str, Callable[..., Schedule]] = {**FAMILIES, "wsd": wsd, "noam": noam}
"""What text may call by name."""

ALLOWED_METHODS = frozenset({*METHODS.values(), "then", "stretch", "cooldown", "extend"})
"""What text may call as a method."""
