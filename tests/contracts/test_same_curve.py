"""The "Same curve" and "Not the same" lines of the docstrings, against the real libraries.

Where the other computes in float64 (torch, Hugging Face) the values agree to rounding; Optax and Keras compute in float32
with errors of their own, which their rows allow.
"""

from __future__ import annotations

import re

import keras
import numpy as np
import optax
import pytest
import transformers
from torch.optim import lr_scheduler as torch_lr

import lrcore
from curves import BASE, Curve, called, stepped
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
    PiecewiseConstant,
    Polynomial,
    Schedule,
    Sequence,
    StepDecay,
    WarmRestarts,
    wsd,
)
from lrcore._registry import CALLS, METHODS

keras_lr = keras.optimizers.schedules

SINGLE, DOUBLE = 3e-6, 1e-12

SAME: list[tuple[str, Schedule, Curve, int, float]] = [
    ("optax.constant_schedule", Constant(BASE), called(optax.constant_schedule(BASE)), 9, SINGLE),
    ("torch.optim.lr_scheduler.ConstantLR", Constant(BASE), stepped(lambda o: torch_lr.ConstantLR(o, factor=1)), 9, DOUBLE),
    ("optax.linear_schedule", Linear(BASE, end=0.02, steps=50), called(optax.linear_schedule(BASE, 0.02, 50)), 70, SINGLE),
    ("torch.optim.lr_scheduler.LinearLR", Linear(0.25 * BASE, end=0.5 * BASE, steps=50), stepped(lambda o: torch_lr.LinearLR(o, 0.25, 0.5, total_iters=50)), 70, DOUBLE),
    ("optax.cosine_decay_schedule", Cosine(BASE, steps=50, end=0.02), called(optax.cosine_decay_schedule(BASE, 50, alpha=0.02 / BASE)), 70, SINGLE),
    ("keras.optimizers.schedules.CosineDecay", Cosine(BASE, steps=50, end=0.02), called(keras_lr.CosineDecay(BASE, 50, alpha=0.02 / BASE)), 70, SINGLE),
    ("optax.polynomial_schedule", Polynomial(BASE, steps=50, end=0.02, power=2), called(optax.polynomial_schedule(BASE, 0.02, 2, 50)), 70, SINGLE),
    ("keras.optimizers.schedules.PolynomialDecay", Polynomial(BASE, steps=50, end=0.02, power=2), called(keras_lr.PolynomialDecay(BASE, 50, 0.02, 2)), 70, SINGLE),
    ("torch.optim.lr_scheduler.PolynomialLR", Polynomial(BASE, steps=50, power=0.9), stepped(lambda o: torch_lr.PolynomialLR(o, 50, 0.9)), 70, DOUBLE),
    ("transformers.get_wsd_schedule", wsd(BASE, steps=100, warmup=10, cooldown=20, shape="1-sqrt"), stepped(lambda o: transformers.get_wsd_schedule(o, 10, 20, num_training_steps=100, decay_type="1-sqrt", min_lr_ratio=0)), 120, DOUBLE),
    ("transformers.get_wsd_schedule", wsd(BASE, steps=100, warmup=10, cooldown=20, shape="linear"), stepped(lambda o: transformers.get_wsd_schedule(o, 10, 20, num_training_steps=100, decay_type="linear", min_lr_ratio=0)), 120, DOUBLE),
    ("transformers.get_wsd_schedule", wsd(BASE, steps=100, warmup=10, cooldown=20, shape="cosine"), stepped(lambda o: transformers.get_wsd_schedule(o, 10, 20, num_training_steps=100, decay_type="cosine", min_lr_ratio=0)), 120, DOUBLE),
    ("optax.exponential_decay", Geometric(BASE, end=1e-4, steps=50), called(optax.exponential_decay(BASE, 50, 1e-4 / BASE, end_value=1e-4)), 70, SINGLE),
    ("torch.optim.lr_scheduler.StepLR", StepDecay(BASE, every=7, factor=0.5), stepped(lambda o: torch_lr.StepLR(o, 7, 0.5)), 50, DOUBLE),
    ("optax.exponential_decay", StepDecay(BASE, every=7, factor=0.5), called(optax.exponential_decay(BASE, 7, 0.5, staircase=True)), 50, SINGLE),
    ("torch.optim.lr_scheduler.MultiStepLR", MultiStep(BASE, milestones=[3, 8], factor=0.5), stepped(lambda o: torch_lr.MultiStepLR(o, [3, 8], 0.5)), 20, DOUBLE),
    ("optax.piecewise_constant_schedule", MultiStep(BASE, milestones=[3, 8], factor=0.5), called(optax.piecewise_constant_schedule(BASE, {3: 0.5, 8: 0.5})), 20, SINGLE),
    ("optax.piecewise_constant_schedule", PiecewiseConstant([0.1, 0.02, 0.05], boundaries=[3, 8]), called(optax.piecewise_constant_schedule(0.1, {3: 0.2, 8: 2.5})), 20, SINGLE),
    ("optax.exponential_decay", Exponential(BASE, factor=0.9, every=7), called(optax.exponential_decay(BASE, 7, 0.9)), 50, SINGLE),
    ("keras.optimizers.schedules.ExponentialDecay", Exponential(BASE, factor=0.9, every=7, staircase=True), called(keras_lr.ExponentialDecay(BASE, 7, 0.9, True)), 50, SINGLE),
    ("torch.optim.lr_scheduler.ExponentialLR", Exponential(BASE, factor=0.9), stepped(lambda o: torch_lr.ExponentialLR(o, 0.9)), 50, DOUBLE),
    ("keras.optimizers.schedules.InverseTimeDecay", InverseTime(BASE, rate=0.5, every=7, staircase=True), called(keras_lr.InverseTimeDecay(BASE, 7, 0.5, True)), 50, SINGLE),
    ("transformers.get_inverse_sqrt_schedule", InverseSqrt(BASE, timescale=10).warmup(10), stepped(lambda o: transformers.get_inverse_sqrt_schedule(o, 10)), 90, DOUBLE),
    ("torch.optim.lr_scheduler.CosineAnnealingWarmRestarts", WarmRestarts(BASE, steps=7, end=0.01, growth=2), stepped(lambda o: torch_lr.CosineAnnealingWarmRestarts(o, 7, 2, 0.01)), 99, DOUBLE),
    ("torch.optim.lr_scheduler.OneCycleLR", OneCycle(BASE, steps=101), stepped(lambda o: torch_lr.OneCycleLR(o, BASE, total_steps=101)), 101, DOUBLE),
    ("torch.optim.lr_scheduler.OneCycleLR", OneCycle(BASE, steps=100, three_phase=True, anneal="linear"), stepped(lambda o: torch_lr.OneCycleLR(o, BASE, total_steps=100, three_phase=True, anneal_strategy="linear")), 100, DOUBLE),
    ("torch.optim.lr_scheduler.OneCycleLR", OneCycle(BASE, steps=100).momentum(), stepped(lambda o: torch_lr.OneCycleLR(o, BASE, total_steps=100), "momentum"), 100, DOUBLE),
    ("torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7, down=9), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7, 9)), 60, DOUBLE),
    ("torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7, mode="triangular2"), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7, mode="triangular2")), 60, DOUBLE),
    ("torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7, mode="exp_range", factor=0.99), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7, mode="exp_range", gamma=0.99)), 60, DOUBLE),
    ("torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7).momentum(), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7), "momentum"), 60, DOUBLE),
    ("numpy.interp", Interpolate([(0, 0.0), (10, 0.1), (30, 0.05)]), called(lambda t: np.interp(t, [0, 10, 30], [0.0, 0.1, 0.05])), 40, DOUBLE),
    ("optax.piecewise_interpolate_schedule", Interpolate([(0, 0.02), (10, 0.1), (30, 0.05)]), called(optax.piecewise_interpolate_schedule("linear", 0.02, {10: 5, 30: 0.5})), 40, SINGLE),
    ("optax.join_schedules", Sequence([Linear(0, end=1, steps=5), Constant(0.3)], boundaries=[7]), called(optax.join_schedules([optax.linear_schedule(0, 1, 5), optax.constant_schedule(0.3)], [7])), 12, SINGLE),
    ("torch.optim.lr_scheduler.SequentialLR", Sequence([Constant(0.5 * BASE), Exponential(BASE, factor=0.9)], boundaries=[5]), stepped(lambda o: torch_lr.SequentialLR(o, [torch_lr.ConstantLR(o, 0.5, total_iters=99), torch_lr.ExponentialLR(o, 0.9)], [5])), 20, DOUBLE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "updates", "close"), SAME, ids=[f"{r[0]} {i}" for i, r in enumerate(SAME)]
)
def test_same_curve(name: str, ours: Schedule, theirs: Curve, updates: int, close: float) -> None:
    values = ours(np.arange(updates))
    np.testing.assert_allclose(theirs(updates), values, rtol=close, atol=close * values.max())


NOT_THE_SAME: list[tuple[str, Schedule, Curve, int, int]] = [
    ("torch.optim.lr_scheduler.CosineAnnealingLR", Cosine(BASE, steps=50), stepped(lambda o: torch_lr.CosineAnnealingLR(o, T_max=50)), 60, 51),
    ("keras.optimizers.schedules.PiecewiseConstantDecay", PiecewiseConstant([1.0, 0.5], boundaries=[3]), called(keras_lr.PiecewiseConstantDecay([3], [1.0, 0.5])), 5, 3),
    ("keras.optimizers.schedules.CosineDecayRestarts", WarmRestarts(BASE, steps=5), called(keras_lr.CosineDecayRestarts(BASE, 5)), 15, 6),
    ("optax.cosine_onecycle_schedule", OneCycle(BASE, steps=100), called(optax.cosine_onecycle_schedule(100, BASE)), 100, 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ours", "theirs", "updates", "first"), NOT_THE_SAME, ids=[r[0] for r in NOT_THE_SAME])
def test_not_the_same(name: str, ours: Schedule, theirs: Curve, updates: int, first: int) -> None:
    values = ours(np.arange(updates))
    different = ~np.isclose(theirs(updates), values, rtol=1e-3, atol=1e-5)
    assert np.flatnonzero(different)[0] == first


def test_every_line_has_its_row() -> None:
    named: set[str] = set()
    for kind in (*CALLS.values(), *METHODS, lrcore.Sequence):
        lines = re.split(r"\n    (?=\S)|\n\n", kind.__doc__ or "")
        text = " ".join(line for line in lines if line.strip().startswith(("Same curve", "Not the same")))
        named |= set(re.findall(r"`(?:\w+ is )?((?:torch|optax|keras|transformers|numpy)\.[\w.]+)", text))
        named |= set(re.findall(r"is `((?:torch|transformers)\.[\w.]+)", text))
    assert named == {row[0] for row in SAME} | {row[0] for row in NOT_THE_SAME}
