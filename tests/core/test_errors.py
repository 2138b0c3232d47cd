"""Bad input fails at construction, with one line that names the field, the rule and the value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import lrcore
from lrcore import (
    Constant,
    Cosine,
    Custom,
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
    PiecewiseConstant,
    Polynomial,
    Sequence,
    ShiftedExponential,
    StepDecay,
    WarmRestarts,
    noam,
    wsd,
)
from lrcore._arguments import JOINED

COSINE = Cosine(0.1, steps=100)
CYCLE = OneCycle(0.1, steps=100)
EPOCHS = COSINE.per_epoch(10)

FAULTS: list[tuple[str, type[Exception], Callable[[], Any], str]] = [
    ("zero steps", ValueError, lambda: Cosine(0.1, steps=0), "Cosine.steps must be a positive integer, got 0."),
    ("float steps", TypeError, lambda: Cosine(0.1, steps=1e5), "Cosine.steps must be a positive integer, got 100000.0; write 100000."),
    ("half steps", TypeError, lambda: Cosine(0.1, steps=1.5), "Cosine.steps must be a positive integer, got 1.5."),
    ("bool steps", TypeError, lambda: Cosine(0.1, steps=True), "Cosine.steps must be a positive integer, got True."),
    ("text", TypeError, lambda: Cosine("3e-4", steps=10), "Cosine.start must be a finite number, got '3e-4'; that is text: write 0.0003, and in YAML 3.0e-4 where you mean 3e-4."),
    ("None", TypeError, lambda: Cosine(None, steps=10), "Cosine.start must be a finite number, got None."),
    ("bool", TypeError, lambda: Constant(True), "Constant.value must be a finite number, got True."),
    ("NumPy bool", TypeError, lambda: Constant(np.True_), "Constant.value must be a finite number, got np.True_."),
    ("NumPy array", TypeError, lambda: Constant(np.ones(1)), "Constant.value must be a finite number, got array([1.])."),
    ("complex", TypeError, lambda: Constant(1j), "Constant.value must be a finite number, got 1j."),
    ("NaN", ValueError, lambda: Constant(math.nan), "Constant.value must be a finite number, got nan."),
    ("infinity", ValueError, lambda: Constant(math.inf), "Constant.value must be a finite number, got inf."),
    ("zero power", ValueError, lambda: Polynomial(1, steps=5, power=0), "Polynomial.power must be a finite number above 0, got 0."),
    (
        "overflowing power",
        ValueError,
        lambda: OneMinusPower(1, steps=10**12, power=50),
        "OneMinusPower.power must be small enough that 1000000000000**power is a float, got 50.",
    ),
    ("growing stairs", ValueError, lambda: StepDecay(1, every=5, factor=2), "StepDecay.factor must be a number above 0 and at most 1, got 2."),
    ("growing", ValueError, lambda: Exponential(1, factor=1.1), "Exponential.factor must be a number above 0 and at most 1, got 1.1."),
    ("staircase", TypeError, lambda: Exponential(1, factor=0.9, staircase=1), "Exponential.staircase must be True or False, got 1."),
    ("rate", ValueError, lambda: InverseTime(1, rate=-1), "InverseTime.rate must be a finite number, 0 or more, got -1."),
    ("timescale", ValueError, lambda: InverseSqrt(1, timescale=0), "InverseSqrt.timescale must be a finite number above 0, got 0."),
    ("base", ValueError, lambda: ShiftedExponential(1, steps=5, base=1), "ShiftedExponential.base must be a number above 0 and below 1, got 1."),
    ("from nothing", ValueError, lambda: Geometric(0.0, end=1.0, steps=5), "Geometric.start must be a finite number above 0, got 0.0."),
    (
        "too far",
        ValueError,
        lambda: Geometric(1e-300, end=1e300, steps=5),
        "Geometric.end must be within 300 powers of ten of start, which is 1e-300, got 1e+300.",
    ),
    ("milestone", ValueError, lambda: MultiStep(1, milestones=[0, 5]), "MultiStep.milestones[0] must be a positive integer, got 0."),
    ("order", ValueError, lambda: MultiStep(1, milestones=[5, 5]), "MultiStep.milestones must be in increasing order, each number once, got [5, 5]."),
    ("no milestones", ValueError, lambda: MultiStep(1, milestones=[]), "MultiStep.milestones must have at least 1 number, got []."),
    ("one milestone", TypeError, lambda: MultiStep(1, milestones=5), "MultiStep.milestones must be a sequence of numbers, got 5."),
    (
        "counts",
        ValueError,
        lambda: PiecewiseConstant([1, 2, 3], boundaries=[5]),
        "PiecewiseConstant.values must be 2 numbers, one more than boundaries, got (1, 2, 3).",
    ),
    ("growth", ValueError, lambda: WarmRestarts(1, steps=5, growth=1.0001), "WarmRestarts.growth must be 1, or from 1.001 to 2**53, got 1.0001."),
    ("cycles", ValueError, lambda: WarmRestarts(1, steps=5, cycles=0), "WarmRestarts.cycles must be a positive integer, got 0."),
    ("pct_start", ValueError, lambda: OneCycle(1, steps=3), "OneCycle.pct_start must be above 1/steps, which is 0.333333, got 0.3."),
    (
        "three phases",
        ValueError,
        lambda: OneCycle(1, steps=10, pct_start=0.6, three_phase=True),
        "OneCycle.pct_start must be such that its knots (0, 5.0, 10.0, 9) increase, got 0.6; make it smaller, or steps larger.",
    ),
    ("cycle shape", ValueError, lambda: OneCycle(1, steps=10, shape="cos"), "OneCycle.shape must be 'linear' or 'cosine', got 'cos'."),
    ("momentum", ValueError, lambda: CYCLE.momentum(high=1.5), "OneCycle.momentum.high must be below 1, got 1.5."),
    ("upside down", ValueError, lambda: CYCLE.momentum(high=0.8, low=0.9), "OneCycle.momentum.low must be at most high, which is 0.8, got 0.9."),
    ("mode", ValueError, lambda: Cyclic(0, high=1, up=5, mode="x"), "Cyclic.mode must be 'triangular', 'triangular2' or 'exp_range', got 'x'."),
    ("factor", ValueError, lambda: Cyclic(0, high=1, up=5, factor=0.5), "Cyclic.factor must be 1 in this mode, got 0.5; it belongs to mode='exp_range'."),
    ("low high", ValueError, lambda: Cyclic(2, high=1, up=5), "Cyclic.high must be at least low, which is 2, got 1."),
    ("one point", ValueError, lambda: Interpolate([(0, 1.0)]), "Interpolate.points must have at least 2 points, got [(0, 1.0)]."),
    ("no pair", TypeError, lambda: Interpolate([0, 1]), "Interpolate.points[0] must be a (step, value) pair, got 0."),
    ("first point", ValueError, lambda: Interpolate([(1, 1), (2, 2)]), "Interpolate.points[0][0] must be 0, the first step, got 1."),
    ("points", ValueError, lambda: Interpolate([(0, 1), (5, 2), (5, 3)]), "Interpolate.points[2][0] must be above the step before, 5, got 5."),
    ("shape", ValueError, lambda: Interpolate([(0, 1), (5, 2)], shape="x"), "Interpolate.shape must be 'linear' or 'cosine', got 'x'."),
    ("no function", TypeError, lambda: Custom(3), "Custom.function must be a function of (step, xp) or of (step), got 3."),
    ("noam", ValueError, lambda: noam(0, warmup=10), "noam.d_model must be a positive integer, got 0."),
    ("wsd", ValueError, lambda: wsd(1, steps=10, warmup=5, cooldown=5), "wsd.warmup + cooldown must be below steps, which is 10, got 10."),
    (
        "wsd shape",
        ValueError,
        lambda: wsd(1, steps=10, warmup=2, cooldown=5, shape="sqrt"),
        "wsd.shape must be 'linear', 'cosine', '1-sqrt', '1-square' or 'exponential', or a family, got 'sqrt'.",
    ),
    ("warmup", ValueError, lambda: COSINE.warmup(100), "Cosine.warmup.steps must be below the schedule's own 100 steps, got 100."),
    ("negative warmup", ValueError, lambda: COSINE.warmup(-1), "Cosine.warmup.steps must be an integer, 0 or more, got -1."),
    ("warmup shape", ValueError, lambda: COSINE.warmup(5, shape="cos"), "Cosine.warmup.shape must be 'linear', 'cosine', '1-sqrt', '1-square' or 'exponential', got 'cos'."),
    ("second warmup", ValueError, lambda: COSINE.warmup(5).warmup(5), "Cosine(0.1, steps=100).warmup(5) has a warmup already, and can have only one."),
    ("warmup of a cycle", ValueError, lambda: CYCLE.warmup(5), "OneCycle.warmup is not supported: a cycle begins with one, given by pct_start and div_factor."),
    ("warmup of points", ValueError, lambda: Interpolate([(0, 1), (9, 2)]).warmup(5), "Interpolate.warmup is not supported: begin with the points (0, start), (5, ...) instead."),
    ("warmup of epochs", ValueError, lambda: EPOCHS.warmup(5), "A warmup after .per_epoch() is not supported: call .warmup(epochs) first, then .per_epoch()."),
    ("warmup of wsd", ValueError, lambda: wsd(1, steps=10, warmup=2, cooldown=5).warmup(1), "wsd(1, steps=10, warmup=2, cooldown=5) has a warmup already, and can have only one."),
    ("warmup of a sequence", ValueError, lambda: Constant(1).then(COSINE, at=5).warmup(5), "Sequence.warmup.steps must be below the first boundary, 5, got 5."),
    ("warmup of a shift", ValueError, lambda: COSINE.shift(5).warmup(5), "A warmup after .shift() is not supported where the schedule ends: call .warmup() first, then .shift()."),
    ("then", ValueError, lambda: Constant(1).then(COSINE), "Constant.then needs at=, the step to change at: Constant(1) never ends."),
    ("no schedule", TypeError, lambda: COSINE.then(0.1), "Sequence.schedules[1] must be a schedule, got 0.1."),
    ("no sequence", TypeError, lambda: Sequence(COSINE, boundaries=[]), "Sequence.schedules must be a sequence of schedules, got Cosine(0.1, steps=100)."),
    ("pieces", ValueError, lambda: Sequence([COSINE], boundaries=[5]), "Sequence.schedules must be 2 schedules, one more than boundaries, got (Cosine(0.1, steps=100),)."),
    ("repeat", ValueError, lambda: COSINE.repeat(0), "Cosine.repeat.times must be a positive integer, got 0."),
    ("endless repeat", ValueError, lambda: Constant(1).repeat(2), "Constant.repeat needs a schedule that ends: Constant(1) never does."),
    ("shift", ValueError, lambda: COSINE.shift(-1), "Cosine.shift.steps must be an integer, 0 or more, got -1."),
    ("stretch", ValueError, lambda: Constant(1).stretch(5), "Constant.stretch needs a schedule that ends: Constant(1) never does."),
    ("stretch to 0", ValueError, lambda: COSINE.stretch(0), "Cosine.stretch.total must be a positive integer, got 0."),
    ("stretched function", ValueError, lambda: Custom(abs).per_epoch(5, smooth=True), "Custom(abs) has no lengths that could be stretched: write it for the steps you want."),
    ("epochs", ValueError, lambda: COSINE.per_epoch(0), "Cosine.per_epoch.steps_per_epoch must be a positive integer, got 0."),
    ("clip", ValueError, lambda: COSINE.clip(0.2, 0.1), "Cosine.clip.high must be at least low, which is 0.2, got 0.1."),
    ("times", ValueError, lambda: math.inf * COSINE, "Scaled.factor must be a finite number, got inf."),
    ("extend", ValueError, lambda: COSINE.extend(50, at=60), "Cosine.extend.total must be above at, which is 60, got 50."),
    ("extend what", ValueError, lambda: Constant(1).extend(50, at=5), "Constant.extend needs a schedule that ends: Constant(1) never does."),
    ("cooldown", ValueError, lambda: COSINE.cooldown(at=0, steps=5), "Cosine.cooldown.at must be a positive integer, got 0."),
    ("negative step", ValueError, lambda: COSINE(-1), f"step must be a finite number, 0 or more, got -1; {JOINED}."),
    ("NaN step", ValueError, lambda: COSINE(math.nan), "step must be a finite number, 0 or more, got nan."),
    ("infinite step", ValueError, lambda: COSINE(math.inf), "step must be a finite number, 0 or more, got inf."),
    ("bool step", TypeError, lambda: COSINE(True), "step must be a number or an array, got True."),
    ("text step", TypeError, lambda: COSINE("1"), "step must be a number or an array, got '1'."),
    ("list step", TypeError, lambda: COSINE([1]), "step must be a number or an array, got [1]; write numpy.asarray(...)."),
    ("negative steps", ValueError, lambda: COSINE(np.array([3, -1])), f"step must be a finite number, 0 or more, got -1; {JOINED}."),
    ("NaN steps", ValueError, lambda: COSINE(np.array([3, np.nan])), "step must be a finite number, 0 or more, got nan."),
    ("bool steps array", TypeError, lambda: COSINE(np.array([True])), "step must hold real numbers, got an array of bool."),
    ("plain function", TypeError, lambda: Custom(abs)(np.ones(2)), "Custom(abs) is a function of one Python number: give it a second parameter, xp, for arrays."),
    ("huge step", ValueError, lambda: COSINE(10**310), "step must be a finite number, 0 or more, got an integer of about 311 digits."),
    ("huge value", ValueError, lambda: Constant(10**310), "Constant.value must be a finite number, got an integer of about 311 digits."),
    ("no warmup, no shape", ValueError, lambda: COSINE.warmup(0, shape="cos"), "Cosine.warmup.shape must be 'linear', 'cosine', '1-sqrt', '1-square' or 'exponential', got 'cos'."),
    ("unreachable total", ValueError, lambda: Linear(0, end=1, steps=3).then(Linear(1, end=0, steps=3)).stretch(7), "Sequence.stretch.total must be one that its parts add up to in whole steps, as 8 is, got 7."),
    ("nothing to repeat", ValueError, lambda: COSINE.shift(100).repeat(2), "Shift.repeat needs a schedule that ends: Cosine(0.1, steps=100).shift(100) never does."),
    ("no signature", TypeError, lambda: Custom(max), "Custom.function must be a function of (step, xp) or of (step), got <built-in function max>."),
    ("diff with what", TypeError, lambda: COSINE.diff(3), "Cosine.diff.other must be a schedule, got 3."),
    ("huge steps", ValueError, lambda: Cosine(0.1, steps=10**400), "Cosine.steps must be a positive integer, of a size that a float can hold, got an integer of about 401 digits."),
    ("huge growth", ValueError, lambda: WarmRestarts(0.1, steps=5, growth=1e308), "WarmRestarts.growth must be 1, or from 1.001 to 2**53, got 1e+308."),
    ("huge length", ValueError, lambda: Cosine(0.1, steps=10**200).repeat(10**200), "Cosine.repeat.length must be of a size that a float can hold, got an integer of about 401 digits."),
    ("extend past the end", ValueError, lambda: COSINE.extend(200, at=100), "Cosine.extend.at must be before the end, which is at step 100, got 100."),
    ("extend a warmed-up one past the end", ValueError, lambda: COSINE.warmup(5).extend(200, at=150), "Warmup.extend.at must be before the end, which is at step 100, got 150."),
    ("extend a cycle", ValueError, lambda: CYCLE.extend(200, at=50), "OneCycle.extend needs a single decay, or one past its warmup: compose OneCycle(0.1, steps=100) with .then()."),
    ("extend in a warmup", ValueError, lambda: Constant(1).warmup(5).then(COSINE, at=50).extend(300, at=20), "Sequence.extend.at must be in the last piece, which begins at step 50, got 20."),
    ("cooldown of nothing", ValueError, lambda: COSINE.cooldown(at=200, steps=10), "Cosine.cooldown.at must be before step 100, from which the value is 0.0 already, got 200."),
    ("wsd's decay", ValueError, lambda: wsd(1, steps=10, warmup=2, cooldown=5, shape=Linear(2, end=0, steps=5)), "wsd.shape must be a decay from 1 to 0.0 over 5 steps, got Linear(2, end=0, steps=5)."),
    ("dtype", ValueError, lambda: COSINE(1, dtype="float16"), "Cosine.dtype must be 'float32' or 'float64', got 'float16'."),
    ("no step", TypeError, lambda: COSINE(), "Cosine is a function of the step, lr(step), and was called without one; Keras calls a bare function without one: give it lrcore_keras.KerasSchedule(lr)."),
]  # fmt: skip


@pytest.mark.parametrize(("error", "fault", "message"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_says_what_is_wrong(error: type[Exception], fault: Callable[[], Any], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$") as caught:
        fault()
    assert type(caught.value) is error


def test_numbers_of_any_kind_become_plain_ones() -> None:
    lr = Linear(np.float32(0.5), end=Fraction(1, 4), steps=np.int64(10))
    assert repr(lr) == "Linear(0.5, end=0.25, steps=10)"
    assert [type(value) for value in (lr.start, lr.end, lr.steps)] == [float, float, int]
    assert lrcore.Constant(1) == lrcore.Constant(1.0)
    assert hash(lrcore.Constant(1)) == hash(lrcore.Constant(1.0))


def test_fields_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="cannot assign to field 'steps'"):
        COSINE.steps = 5  # type: ignore[misc]
