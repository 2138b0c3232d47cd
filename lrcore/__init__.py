"""lrcore: learning-rate schedules as pure functions of the step, with the same numbers in every framework.

Families       Constant Linear Polynomial Cosine OneMinusSqrt OneMinusPower Geometric StepDecay MultiStep
               PiecewiseConstant Exponential ExponentialCooldown InverseTime InverseSqrt noam WarmRestarts OneCycle
               Cyclic wsd Interpolate Custom
Composition    Sequence, and the methods of Schedule: warmup then repeat shift stretch per_epoch clip cooldown extend *
Text and data  repr and parse, to_dict and from_dict, diff
To look at     plot, and the command `lrcore`
Check          verify: the same numbers in every framework that is here, as a Verification of VerifiedModes
Adapters       lrcore.arrays: the arrays that they bring; lrcore.modes: how verify goes through their frameworks
"""

from lrcore._compositions.sequence import Sequence
from lrcore._cooldown import cooldowns, wsd
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
from lrcore._text.data import from_dict
from lrcore._text.text import parse
from lrcore._verify import Verification, VerifiedMode, verify
from lrcore._view.plot import plot

__version__ = "0.1.0"

__all__ = [
    "Constant",
    "Cosine",
    "Custom",
    "Cyclic",
    "Exponential",
    "ExponentialCooldown",
    "Geometric",
    "Interpolate",
    "InverseSqrt",
    "InverseTime",
    "Linear",
    "MultiStep",
    "OneCycle",
    "OneMinusPower",
    "OneMinusSqrt",
    "PiecewiseConstant",
    "Polynomial",
    "Schedule",
    "Sequence",
    "StepDecay",
    "Verification",
    "VerifiedMode",
    "WarmRestarts",
    "cooldowns",
    "from_dict",
    "noam",
    "parse",
    "plot",
    "verify",
    "wsd",
]
