"""lrcore: learning-rate schedules as pure functions of the step, with the same numbers in every framework.

Families       Constant Linear Polynomial Cosine OneMinusSqrt OneMinusPower Geometric StepDecay MultiStep
               PiecewiseConstant Exponential ShiftedExponential InverseTime InverseSqrt noam WarmRestarts OneCycle
               Cyclic wsd Interpolate Custom; shapes, the names of warmups and cooldowns
Composition    Sequence, and the methods of Schedule: warmup then repeat shift stretch per_epoch per_sample clip cooldown
               extend *
Classes        Schedule Decay, and those that a method or a shorthand makes: Warmup Repeat Shift PerEpoch PerSample Clip
               Product Scaled OneCycleMomentum CyclicMomentum WSD Noam
Text and data  repr and parse, to_dict and from_dict, diff
To look at     plot, Edge, and the command `lrcore`
Check          verify: the same numbers in every framework that is installed; Verification, of a VerifiedMode each
Adapters       lrcore.arrays: the arrays that they bring; lrcore.modes: how verify goes through their frameworks
"""

import sys as _sys
from typing import TYPE_CHECKING as _TYPE_CHECKING

from lrcore._compositions.clock import PerEpoch, Repeat, Shift
from lrcore._compositions.product import Clip, Product, Scaled
from lrcore._compositions.samples import PerSample
from lrcore._compositions.sequence import Sequence
from lrcore._compositions.warmup import Warmup
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.custom import Custom
from lrcore._families.cyclic import Cyclic, CyclicMomentum
from lrcore._families.decay import Decay
from lrcore._families.exponential import Exponential, Geometric, ShiftedExponential
from lrcore._families.interpolate import Interpolate
from lrcore._families.inverse import InverseSqrt, InverseTime
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle, OneCycleMomentum
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt, Polynomial
from lrcore._families.shapes import shapes
from lrcore._families.step_decay import MultiStep, PiecewiseConstant, StepDecay
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Edge, Schedule
from lrcore._shorthands import WSD, Noam, noam, wsd
from lrcore._text.data import from_dict
from lrcore._text.text import parse
from lrcore._verify import Verification, VerifiedMode, verify
from lrcore._view.plot import plot

__version__ = "0.1.0"

__all__ = [
    "WSD",
    "Clip",
    "Constant",
    "Cosine",
    "Custom",
    "Cyclic",
    "CyclicMomentum",
    "Decay",
    "Edge",
    "Exponential",
    "Geometric",
    "Interpolate",
    "InverseSqrt",
    "InverseTime",
    "Linear",
    "MultiStep",
    "Noam",
    "OneCycle",
    "OneCycleMomentum",
    "OneMinusPower",
    "OneMinusSqrt",
    "PerEpoch",
    "PerSample",
    "PiecewiseConstant",
    "Polynomial",
    "Product",
    "Repeat",
    "Scaled",
    "Schedule",
    "Sequence",
    "Shift",
    "ShiftedExponential",
    "StepDecay",
    "Verification",
    "VerifiedMode",
    "WarmRestarts",
    "Warmup",
    "from_dict",
    "noam",
    "parse",
    "plot",
    "shapes",
    "verify",
    "wsd",
]

if not _TYPE_CHECKING:  # a type checker would take any name to exist

    def __getattr__(name: str) -> object:
        """Say where a name is that is not here: in an adapter, or under another name."""
        if name == "ParseError":
            from lrcore._text.text import parse_error

            return parse_error()
        words = ""
        if not name.startswith("_"):
            from lrcore._elsewhere import adapter, scheduler

            words = adapter(name) or scheduler(name)
        if words and _sys._getframe(1).f_code.co_name == "_handle_fromlist":
            # `from lrcore import name` asks like this first, and has no words of its own for what it does not find.
            raise ImportError(f"lrcore has no {name!r}; {words}.", name=__name__)
        hint = f"; {words}." if words else ""
        raise AttributeError(f"module 'lrcore' has no attribute {name!r}{hint}", name=name, obj=_sys.modules[__name__])


for _public in (Verification, VerifiedMode, from_dict, noam, parse, plot, verify, wsd):
    _public.__module__ = "lrcore"  # their one address, as the classes of values have it: pickles survive a later move
del _public
