"""The "Same curve" and "Not the same" lines of the docstrings, against the real libraries.

Where the other computes in float64 (torch, Hugging Face) the values agree to rounding; Optax and Keras compute in float32
with errors of their own, which their rows allow. Libraries that are not installed here are stood in for by their formulas.
"""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path
from typing import Any

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
    wsd,
)
from lrcore._catalogue import CALLS, CLASSES

keras_lr = keras.optimizers.schedules

SINGLE, DOUBLE = 3e-6, 1e-12

SAME: list[tuple[str, str, Schedule, Curve, int, float]] = [
    ("Constant", "optax.constant_schedule", Constant(BASE), called(optax.constant_schedule(BASE)), 9, SINGLE),
    ("Constant", "torch.optim.lr_scheduler.ConstantLR", Constant(BASE), stepped(lambda o: torch_lr.ConstantLR(o, factor=1)), 9, DOUBLE),
    ("Linear", "optax.linear_schedule", Linear(BASE, end=0.02, steps=50), called(optax.linear_schedule(BASE, 0.02, 50)), 70, SINGLE),
    ("Linear", "torch.optim.lr_scheduler.LinearLR", Linear(0.25 * BASE, end=0.5 * BASE, steps=50), stepped(lambda o: torch_lr.LinearLR(o, 0.25, 0.5, total_iters=50)), 70, DOUBLE),
    ("Cosine", "optax.cosine_decay_schedule", Cosine(BASE, steps=50, end=0.02), called(optax.cosine_decay_schedule(BASE, 50, alpha=0.02 / BASE)), 70, SINGLE),
    ("Cosine", "keras.optimizers.schedules.CosineDecay", Cosine(BASE, steps=50, end=0.02), called(keras_lr.CosineDecay(BASE, 50, alpha=0.02 / BASE)), 70, SINGLE),
    ("Polynomial", "optax.polynomial_schedule", Polynomial(BASE, steps=50, end=0.02, power=2), called(optax.polynomial_schedule(BASE, 0.02, 2, 50)), 70, SINGLE),
    ("Polynomial", "keras.optimizers.schedules.PolynomialDecay", Polynomial(BASE, steps=50, end=0.02, power=2), called(keras_lr.PolynomialDecay(BASE, 50, 0.02, 2)), 70, SINGLE),
    ("Polynomial", "torch.optim.lr_scheduler.PolynomialLR", Polynomial(BASE, steps=50, power=0.9), stepped(lambda o: torch_lr.PolynomialLR(o, 50, 0.9)), 70, DOUBLE),
    ("wsd", "transformers.get_wsd_schedule", wsd(BASE, steps=100, warmup=10, cooldown=20, shape="1-sqrt"), stepped(lambda o: transformers.get_wsd_schedule(o, 10, 20, num_training_steps=100, decay_type="1-sqrt", min_lr_ratio=0)), 120, DOUBLE),
    ("wsd", "transformers.get_wsd_schedule", wsd(BASE, steps=100, warmup=10, cooldown=20, shape="linear"), stepped(lambda o: transformers.get_wsd_schedule(o, 10, 20, num_training_steps=100, decay_type="linear", min_lr_ratio=0)), 120, DOUBLE),
    ("wsd", "transformers.get_wsd_schedule", wsd(BASE, steps=100, warmup=10, cooldown=20, shape="cosine"), stepped(lambda o: transformers.get_wsd_schedule(o, 10, 20, num_training_steps=100, decay_type="cosine", min_lr_ratio=0)), 120, DOUBLE),
    ("Geometric", "optax.exponential_decay", Geometric(BASE, end=1e-4, steps=50), called(optax.exponential_decay(BASE, 50, 1e-4 / BASE, end_value=1e-4)), 70, SINGLE),
    ("StepDecay", "torch.optim.lr_scheduler.StepLR", StepDecay(BASE, every=7, factor=0.5), stepped(lambda o: torch_lr.StepLR(o, 7, 0.5)), 50, DOUBLE),
    ("StepDecay", "optax.exponential_decay", StepDecay(BASE, every=7, factor=0.5), called(optax.exponential_decay(BASE, 7, 0.5, staircase=True)), 50, SINGLE),
    ("MultiStep", "torch.optim.lr_scheduler.MultiStepLR", MultiStep(BASE, milestones=[3, 8], factor=0.5), stepped(lambda o: torch_lr.MultiStepLR(o, [3, 8], 0.5)), 20, DOUBLE),
    ("MultiStep", "optax.piecewise_constant_schedule", MultiStep(BASE, milestones=[3, 8], factor=0.5), called(optax.piecewise_constant_schedule(BASE, {3: 0.5, 8: 0.5})), 20, SINGLE),
    ("PiecewiseConstant", "optax.piecewise_constant_schedule", PiecewiseConstant([0.1, 0.02, 0.05], boundaries=[3, 8]), called(optax.piecewise_constant_schedule(0.1, {3: 0.2, 8: 2.5})), 20, SINGLE),
    ("Exponential", "optax.exponential_decay", Exponential(BASE, factor=0.9, every=7), called(optax.exponential_decay(BASE, 7, 0.9)), 50, SINGLE),
    ("Exponential", "keras.optimizers.schedules.ExponentialDecay", Exponential(BASE, factor=0.9, every=7, staircase=True), called(keras_lr.ExponentialDecay(BASE, 7, 0.9, True)), 50, SINGLE),
    ("Exponential", "torch.optim.lr_scheduler.ExponentialLR", Exponential(BASE, factor=0.9), stepped(lambda o: torch_lr.ExponentialLR(o, 0.9)), 50, DOUBLE),
    ("InverseTime", "keras.optimizers.schedules.InverseTimeDecay", InverseTime(BASE, rate=0.5, every=7, staircase=True), called(keras_lr.InverseTimeDecay(BASE, 7, 0.5, True)), 50, SINGLE),
    ("InverseSqrt", "transformers.get_inverse_sqrt_schedule", InverseSqrt(BASE, timescale=10).warmup(10), stepped(lambda o: transformers.get_inverse_sqrt_schedule(o, 10)), 90, DOUBLE),
    ("WarmRestarts", "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts", WarmRestarts(BASE, steps=7, end=0.01, growth=2), stepped(lambda o: torch_lr.CosineAnnealingWarmRestarts(o, 7, 2, 0.01)), 99, DOUBLE),
    ("OneCycle", "torch.optim.lr_scheduler.OneCycleLR", OneCycle(BASE, steps=101), stepped(lambda o: torch_lr.OneCycleLR(o, BASE, total_steps=101)), 101, DOUBLE),
    ("OneCycle", "torch.optim.lr_scheduler.OneCycleLR", OneCycle(BASE, steps=100, three_phase=True, shape="linear"), stepped(lambda o: torch_lr.OneCycleLR(o, BASE, total_steps=100, three_phase=True, anneal_strategy="linear")), 100, DOUBLE),
    ("OneCycleMomentum", "torch.optim.lr_scheduler.OneCycleLR", OneCycle(BASE, steps=100).momentum(), stepped(lambda o: torch_lr.OneCycleLR(o, BASE, total_steps=100), "momentum"), 100, DOUBLE),
    ("Cyclic", "torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7, down=9), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7, 9)), 60, DOUBLE),
    ("Cyclic", "torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7, mode="triangular2"), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7, mode="triangular2")), 60, DOUBLE),
    ("Cyclic", "torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7, mode="exp_range", factor=0.99), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7, mode="exp_range", gamma=0.99)), 60, DOUBLE),
    ("CyclicMomentum", "torch.optim.lr_scheduler.CyclicLR", Cyclic(0.01, high=BASE, up=7).momentum(), stepped(lambda o: torch_lr.CyclicLR(o, 0.01, BASE, 7), "momentum"), 60, DOUBLE),
    ("Interpolate", "numpy.interp", Interpolate([(0, 0.0), (10, 0.1), (30, 0.05)]), called(lambda t: np.interp(t, [0, 10, 30], [0.0, 0.1, 0.05])), 40, DOUBLE),
    ("Interpolate", "optax.piecewise_interpolate_schedule", Interpolate([(0, 0.02), (10, 0.1), (30, 0.05)]), called(optax.piecewise_interpolate_schedule("linear", 0.02, {10: 5, 30: 0.5})), 40, SINGLE),
    ("Sequence", "optax.join_schedules", Sequence([Linear(0, end=1, steps=5), Constant(0.3)], boundaries=[7]), called(optax.join_schedules([optax.linear_schedule(0, 1, 5), optax.constant_schedule(0.3)], [7])), 12, SINGLE),
    ("Sequence", "torch.optim.lr_scheduler.SequentialLR", Sequence([Constant(0.5 * BASE), Exponential(BASE, factor=0.9)], boundaries=[5]), stepped(lambda o: torch_lr.SequentialLR(o, [torch_lr.ConstantLR(o, 0.5, total_iters=99), torch_lr.ExponentialLR(o, 0.9)], [5])), 20, DOUBLE),
    ("OneMinusSqrt", "transformers.get_wsd_schedule", OneMinusSqrt(BASE, steps=50), stepped(lambda o: transformers.get_wsd_schedule(o, 0, 50, num_training_steps=50, decay_type="1-sqrt", min_lr_ratio=0)), 70, DOUBLE),
    ("Clip", "optax.exponential_decay", Exponential(BASE, factor=0.5, every=7).clip(low=0.01), called(optax.exponential_decay(BASE, 7, 0.5, end_value=0.01)), 50, SINGLE),
    ("Geometric", "fastai", Geometric(BASE, end=1e-4, steps=50), called(lambda t: BASE * (1e-4 / BASE) ** (t / 50)), 51, DOUBLE),
    ("OneMinusPower", "fastai", OneMinusPower(BASE, steps=50, end=0.02, power=3), called(lambda t: BASE + (0.02 - BASE) * (t / 50) ** 3), 51, DOUBLE),
    ("OneMinusPower", "timm", OneMinusPower(BASE, steps=50, end=0.02, power=3), called(lambda t: 0.02 + (BASE - 0.02) * (1 - (t / 50) ** 3)), 51, DOUBLE),
    ("ShiftedExponential", "Megatron-LM", ShiftedExponential(BASE, steps=50, end=0.02), called(lambda t: 0.02 + (BASE - 0.02) * (2 * 0.5 ** (t / 50) - 1)), 51, DOUBLE),
    ("ShiftedExponential", "timm", ShiftedExponential(BASE, steps=50, end=0.02, base=0.1), called(lambda t: 0.02 + (BASE - 0.02) * (0.1 ** (t / 50) - 0.1) / (1 - 0.1)), 51, DOUBLE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "name", "ours", "theirs", "updates", "close"), SAME, ids=[f"{r[0]} {r[1]} {i}" for i, r in enumerate(SAME)]
)
def test_same_curve(owner: str, name: str, ours: Schedule, theirs: Curve, updates: int, close: float) -> None:
    values = ours(np.arange(updates))
    np.testing.assert_allclose(theirs(updates), values, rtol=close, atol=close * values.max())


NOT_THE_SAME: list[tuple[str, str, Schedule, Curve, int, int]] = [
    ("Cosine", "torch.optim.lr_scheduler.CosineAnnealingLR", Cosine(BASE, steps=50), stepped(lambda o: torch_lr.CosineAnnealingLR(o, T_max=50)), 60, 51),
    ("PiecewiseConstant", "keras.optimizers.schedules.PiecewiseConstantDecay", PiecewiseConstant([1.0, 0.5], boundaries=[3]), called(keras_lr.PiecewiseConstantDecay([3], [1.0, 0.5])), 5, 3),
    ("WarmRestarts", "keras.optimizers.schedules.CosineDecayRestarts", WarmRestarts(BASE, steps=5), called(keras_lr.CosineDecayRestarts(BASE, 5)), 15, 6),
    ("OneCycle", "optax.cosine_onecycle_schedule", OneCycle(BASE, steps=100), called(optax.cosine_onecycle_schedule(100, BASE)), 100, 1),
    ("Exponential", "Geometric", Exponential(BASE, factor=0.9), called(Geometric(BASE, end=1.0, steps=50)), 60, 1),
    ("ShiftedExponential", "Exponential", ShiftedExponential(BASE, steps=50), called(Exponential(BASE, factor=0.5, every=50)), 60, 1),
    ("ShiftedExponential", "Geometric", ShiftedExponential(BASE, steps=50), called(Geometric(BASE, end=0.5 * BASE, steps=50)), 60, 1),
    ("Polynomial", "fastai", Polynomial(BASE, steps=50, power=2), called(lambda t: BASE * (1 - (t / 50) ** 2)), 50, 1),
    ("Polynomial", "OneMinusPower", Polynomial(BASE, steps=50, power=2), called(OneMinusPower(BASE, steps=50, power=2)), 50, 1),
    ("OneMinusPower", "Polynomial", OneMinusPower(BASE, steps=50, power=2), called(Polynomial(BASE, steps=50, power=2)), 50, 1),
    ("Linear", "mmengine", Linear(BASE, end=0.0, steps=5), called(lambda t: BASE * (1 - min(t, 4) / 4)), 5, 1),
    ("noam", "NeMo", noam(512, warmup=10), called(lambda t: 512**-0.5 * min(max(1, t) ** -0.5, max(1, t) * 10**-1.5)), 20, 1),
    ("noam", "Paddle", noam(512, warmup=10), called(lambda t: 512**-0.5 * min(t**-0.5, t * 10**-1.5) if t else 0.0), 20, 0),
    ("MultiStep", "timm", MultiStep(BASE, milestones=[3, 8], factor=0.5), called(lambda t: BASE * 0.5 ** sum(t + 1 >= milestone for milestone in (3, 8))), 20, 2),
    ("OneCycle", "fastai", OneCycle(BASE, steps=100, pct_start=0.25, final_div_factor=2), called(Interpolate([(0, BASE / 25), (24, BASE), (99, BASE / 2)], shape="cosine")), 100, 27),
]  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "name", "ours", "theirs", "updates", "first"), NOT_THE_SAME, ids=[f"{r[0]} {r[1]}" for r in NOT_THE_SAME]
)
def test_not_the_same(owner: str, name: str, ours: Schedule, theirs: Curve, updates: int, first: int) -> None:
    values = ours(np.arange(updates))
    different = ~np.isclose(theirs(updates), values, rtol=1e-3, atol=1e-5)
    assert np.flatnonzero(different)[0] == first


LIBRARIES = r"(?:torch|optax|keras|transformers|numpy)\.[\w.]*\w|\b(?:fastai|timm|Megatron-LM|mmengine|NeMo|Paddle)\b"
Claim = tuple[bool, str, str]
"""Whether they are the same, the family that says it, and what it names: a function, a library, another family."""


def claims(owner: str, text: str) -> list[set[Claim]]:
    """Those of each "Same curve" and "Not the same" of a docstring."""
    found = []
    for verdict, line in re.findall(r"^ *(Same curve|Not the same): (.*?)(?=\n\n|\n *[A-Z][\w ]+: |\Z)", text, re.M | re.S):
        named = (
            set(re.findall(LIBRARIES, line))
            | set(re.findall(r"(\S+)'s `", line))
            | set(re.findall(r"`(\w+)", line)) & set(CALLS)
        )
        found.append({(verdict == "Same curve", owner, name) for name in named - {owner}})
    return found


def owners() -> dict[str, str]:
    """The docstring of all that `lrcore` calls a schedule, by name."""
    return {kind.__name__: inspect.getdoc(kind) or "" for kind in (*CALLS.values(), *CLASSES.values())}


def test_every_line_of_every_family_has_its_rows() -> None:
    said = [claim for owner, text in owners().items() for claim in claims(owner, text)]
    assert all(said), "a line that names nothing"
    rows = {(True, *row[:2]) for row in SAME} | {(False, *row[:2]) for row in NOT_THE_SAME}
    assert rows == set().union(*said)
    sources = "".join(path.read_text() for path in Path(lrcore.__file__).parent.rglob("*.py"))
    assert len(said) == len(re.findall("(?:Same curve|Not the same): ", sources))


def test_a_line_without_a_row_would_be_seen() -> None:
    text = """A claim.

    Same curve: `optax.sgdr_schedule(cycles)`; fastai's `SchedNo(start)`,
        `torch.optim.lr_scheduler.StepLR` with `factor=1`.
    Not the same: composer's `CosineAnnealing`, or `Cosine(start, steps=steps)`.

    >>> 1
    """
    assert claims("Linear", text) == [
        {(True, "Linear", name) for name in ("optax.sgdr_schedule", "fastai", "torch.optim.lr_scheduler.StepLR")},
        {(False, "Linear", name) for name in ("composer", "Cosine")},
    ]
    assert claims("Linear", "Same curve: something else.") == [set()]


def test_all_that_is_public_has_an_example() -> None:
    methods = [method for name, method in inspect.getmembers(Schedule, inspect.isfunction) if not name.startswith("_")]
    public: list[Any] = [*(getattr(lrcore, name) for name in lrcore.__all__ if name != "shapes"), *methods]
    assert len(public) > 40
    finder = doctest.DocTestFinder(recurse=False)
    for thing in public:
        (found,) = finder.find(thing, thing.__name__)
        assert found.examples, thing
