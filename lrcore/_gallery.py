"""One example of everything that makes a schedule, for lists and drawings."""

from __future__ import annotations

from lrcore._compositions.clock import PerEpoch
from lrcore._compositions.sequence import Sequence
from lrcore._cooldown import wsd
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.custom import Custom
from lrcore._families.cyclic import Cyclic
from lrcore._families.exponential import Exponential, ExponentialCooldown, Geometric
from lrcore._families.interpolate import Interpolate
from lrcore._families.inverse import InverseSqrt, InverseTime, noam
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt, Polynomial
from lrcore._families.step_decay import MultiStep, PiecewiseConstant, StepDecay
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Schedule

FAMILIES: dict[str, Schedule] = {
    "Constant": Constant(0.1),
    "Linear": Linear(0.1, end=0.0, steps=100),
    "Cosine": Cosine(0.1, steps=100),
    "Polynomial": Polynomial(0.1, steps=100, power=2),
    "OneMinusSqrt": OneMinusSqrt(0.1, steps=100),
    "OneMinusPower": OneMinusPower(0.1, steps=100, power=2),
    "Geometric": Geometric(1e-3, end=0.1, steps=100),
    "Exponential": Exponential(0.1, factor=0.5, every=20),
    "ExponentialCooldown": ExponentialCooldown(0.1, steps=100, base=0.1),
    "StepDecay": StepDecay(0.1, every=20, factor=0.5),
    "MultiStep": MultiStep(0.1, milestones=[30, 60, 80], factor=0.5),
    "PiecewiseConstant": PiecewiseConstant([0.05, 0.1, 0.02], boundaries=[20, 60]),
    "InverseTime": InverseTime(0.1, rate=0.5, every=10),
    "InverseSqrt": InverseSqrt(0.1, timescale=20),
    "noam": noam(512, warmup=20),
    "WarmRestarts": WarmRestarts(0.1, steps=20, growth=2, decay=0.8, cycles=3),
    "OneCycle": OneCycle(0.1, steps=100),
    "Cyclic": Cyclic(0.01, high=0.1, up=20, mode="triangular2"),
    "wsd": wsd(0.1, steps=100, warmup=10, cooldown=30),
    "Interpolate": Interpolate([(0, 0.0), (20, 0.1), (60, 0.06), (100, 0.0)]),
    "Custom": Custom(lambda t, xp: 0.1 * xp.exp(-0.03 * t) * (1 + 0.3 * xp.sin(t / 5))),
    "Sequence": Sequence([Constant(0.02), Constant(0.1), Cosine(0.06, steps=50)], boundaries=[20, 50]),
}
"""Every public class or function that makes a schedule, by its name."""

METHODS: dict[str, Schedule] = {
    "warmup": Cosine(0.1, steps=100).warmup(20),
    "then": Linear(0.1, end=0.05, steps=50).then(Cosine(0.03, steps=50)),
    "repeat": Linear(0.1, end=0.02, steps=30).repeat(3),
    "shift": Cosine(0.1, steps=100).shift(30),
    "stretch": Cosine(0.1, steps=10).stretch(100),
    "per_epoch": PerEpoch(Cosine(0.1, steps=8), steps_per_epoch=12),
    "clip": Cosine(0.1, steps=100).clip(0.02, 0.08),
    "cooldown": InverseSqrt(0.1, timescale=30).cooldown(at=70, steps=30),
    "extend": Linear(0.1, end=0.0, steps=60).extend(120, at=30),
}
"""Every method of `Schedule` that makes another one, by its name."""
