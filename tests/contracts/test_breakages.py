"""What `verify` would see: operations, dtypes, counts, boundaries and adapters, each broken on purpose, one at a time."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from lrcore import (
    Constant,
    Cosine,
    Custom,
    Linear,
    MultiStep,
    PiecewiseConstant,
    Schedule,
    StepDecay,
    Verification,
    WarmRestarts,
)
from lrcore._numeric.numpy import NumPy
from lrcore._verify import verification
from lrcore_keras import _schedule as keras_schedule
from lrcore_keras._modes import KERAS, TENSORFLOW
from lrcore_keras._tensorflow import TensorFlow
from lrcore_optax import _arrays as optax_arrays
from lrcore_optax._arrays import Jax
from lrcore_optax._modes import JAX, OPTAX
from lrcore_optax._rate import Rate
from lrcore_torch import ScheduleLR
from lrcore_torch import _modes as torch_modes
from lrcore_torch._arrays import Torch
from lrcore_torch._modes import MODES as TORCH

ALL = TORCH | JAX | OPTAX | TENSORFLOW | KERAS
KNOWN, COMPILED, UPDATES, BATCHES = KERAS
Patch = pytest.MonkeyPatch
Break = Callable[[Patch], None]

OFF = 1 + 2e-8
"""A third of an ulp of float32 at most: what a value computed in float32 would be off by, and no picture would show."""
ULP = 1 + 2**-23


def verified(schedule: Schedule, *names: str) -> Verification:
    """What `verify` finds in these modes alone."""
    return verification(schedule, {"numpy": [lambda: {name: ALL[name] for name in names}]})


# Operations, in each array library.

LR = Cosine(0.1, steps=1000).warmup(100)
DEEP = Linear(0.3, end=0.1, steps=40_003).then(MultiStep(0.2, milestones=[5, 70_001, 2**25 + 1])).shift(12_345)
"""Boundaries at 27,658, at 5 and 70,001 behind that, and at one that float32 cannot tell from its neighbours."""
REPEATED = Linear(0.3, end=0.1, steps=20_011).then(Cosine(0.2, steps=10_007)).repeat(50).shift(123)


def op(formula: Callable[[Any, Any], Any]) -> Schedule:
    return Custom(lambda t, xp: 0.5 + 0.25 * formula(1e-3 * xp.minimum(t, 1e4), xp))


OPERATIONS: dict[str, tuple[str, Callable[..., Any], Schedule]] = {
    # what it is, the method, what it becomes of the original and its arguments, a schedule that needs it
    "sin in float32": ("sin", lambda f, x: f(x) * OFF, op(lambda x, xp: xp.sin(x))),
    "cos in float32": ("cos", lambda f, x: f(x) * OFF, op(lambda x, xp: xp.cos(x))),
    "tanh in float32": ("tanh", lambda f, x: f(x) * OFF, op(lambda x, xp: xp.tanh(x))),
    "exp in float32": ("exp", lambda f, x: f(x) * OFF, op(lambda x, xp: xp.exp(-x))),
    "log in float32": ("log", lambda f, x: f(x) * OFF, op(lambda x, xp: xp.log(1.0 + x))),
    "sqrt in float32": ("sqrt", lambda f, x: f(x) * OFF, op(lambda x, xp: xp.sqrt(x))),
    "power in float32": ("power", lambda f, x, y: f(x, y) * OFF, op(lambda x, xp: xp.power(x, 0.9))),
    "sin² in float32": ("sin_squared", lambda f, p, q: f(p, q) * OFF, LR),
    "a constant an ulp off": ("full", lambda f, t, value: f(t, value) * ULP, Constant(0.1)),
    "a table an ulp off": ("take", lambda f, values, i: f(values, i) * ULP, PiecewiseConstant([0.3, 0.1], boundaries=[30])),
    "a boundary one step late": (
        "searchsorted",
        lambda f, edges, t: f(edges, t - 1.0),
        MultiStep(0.3, milestones=[30, 60]),
    ),
    "a deep boundary one step late": ("searchsorted", lambda f, edges, t: f(edges, t - 1.0), DEEP),
    "boundaries in float32": ("searchsorted", lambda f, edges, t: f([float(np.float32(e)) for e in edges], t), DEEP),
    "where one step late": ("where", lambda f, c, x, y: f(c, y, x), LR),
    "one of two for both": ("either", lambda f, c, x, y: f(c, x, x), LR),
    "an end one step late": ("minimum", lambda f, x, y: f(x, y + 1.0), LR),
    "a beginning one step late": ("maximum", lambda f, x, y: f(x, y + 1.0), Linear(0.1, end=0.0, steps=9).clip(0.05)),
    "a floor that is early": ("floor", lambda f, x: f(x + 2e-3), op(lambda x, xp: 0.1 * xp.floor(x))),
    "a period by its reciprocal": ("floor_divide", lambda f, x, y: _floor(x * (1.0 / y)), StepDecay(0.3, every=49)),
    "a period one step late": ("floor_divide", lambda f, x, y: f(x - 1.0, y), WarmRestarts(0.1, steps=103)),
    "a deep period one step late": ("floor_divide", lambda f, x, y: f(x - 1.0, y), REPEATED),
    "pieces from a step too late": (
        "piecewise",
        lambda f, t, edges, pieces: f(t, [edge + 1 for edge in edges], pieces),
        DEEP,
    ),
    "the last pieces left out": ("piecewise", lambda f, t, edges, pieces: f(t, (), [pieces[0]]), DEEP),
}


def _floor(x: Any) -> Any:
    for kind, floor in ((torch.Tensor, torch.floor), (tf.Tensor, tf.floor), (jax.Array, jax.numpy.floor)):
        if isinstance(x, kind):
            return floor(x)
    return np.floor(x)


LIBRARIES: dict[str, tuple[type, list[str]]] = {
    "NumPy": (NumPy, []),
    "PyTorch": (Torch, ["PyTorch"]),
    "TensorFlow": (TensorFlow, ["TensorFlow eager"]),
    "JAX": (Jax, ["JAX jit"]),
}
CASES = [(library, name) for library in LIBRARIES for name in OPERATIONS]


@pytest.mark.parametrize(("library", "name"), CASES)
def test_a_broken_operation_is_seen(library: str, name: str, monkeypatch: Patch) -> None:
    namespace, modes = LIBRARIES[library]
    method, broken, schedule = OPERATIONS[name]
    raw = inspect.getattr_static(namespace, method)

    def instead(self: Any, *arguments: Any) -> Any:
        return broken(raw.__get__(self, namespace), *arguments)

    monkeypatch.setattr(namespace, method, instead)
    report = verified(schedule, *modes)
    assert report.modes[-1].mismatches, report
    assert report.modes[-1].error is None
    assert not report.ok
    if modes:
        assert report.modes[0].ok


@pytest.mark.parametrize("library", LIBRARIES)
def test_unbroken_none_of_that_is_seen(library: str) -> None:
    for schedule in {id(schedule): schedule for _, _, schedule in OPERATIONS.values()}.values():
        report = verified(schedule, *LIBRARIES[library][1])
        assert report.ok, report


# Adapters: what stands between a schedule and a weight, each broken in a way of its own.


def earlier(schedule: Schedule, updates: int) -> Schedule:
    """The schedule that many updates late."""
    return Custom(lambda t: schedule(max(t - updates, 0)))


def rounded(schedule: Schedule) -> Schedule:
    """The schedule in bfloat16."""
    return Custom(lambda t: float(torch.tensor(schedule(t), dtype=torch.bfloat16)))


def late_scheduler(patch: Patch, change: Callable[[Schedule], Schedule]) -> None:
    class Broken(ScheduleLR):
        def __init__(self, optimizer: Any, lr: Any, **options: Any) -> None:
            super().__init__(optimizer, change(lr), **options)

    patch.setattr("lrcore_torch._modes.ScheduleLR", Broken)


def deaf_scheduler(patch: Patch) -> None:
    """Every third `step()` does nothing."""
    calls = itertools.count(1)
    step = ScheduleLR.step
    patch.setattr(ScheduleLR, "step", lambda self, *args, **options: next(calls) % 3 and step(self, *args, **options))


def stale_weight(patch: Patch) -> None:
    """An update that uses the rate of the one before."""
    apply = torch_modes._applied
    before = [0.0]

    def stale(*given: Any) -> float:
        now, before[0] = before[0], apply(*given)
        return now

    patch.setattr(torch_modes, "_applied", stale)


def late_keras(patch: Patch, **change: Any) -> None:
    value_at = keras_schedule.value_at

    def broken(schedule: Any, count: Any, batches: int = 1, first: int = 0) -> Any:
        return value_at(schedule, count, change.get("batches", batches), first + change.get("first", 0))

    patch.setattr(keras_schedule, "value_at", broken)


def rounded_keras(patch: Patch) -> None:
    value_at = keras_schedule.value_at
    patch.setattr(
        keras_schedule,
        "value_at",
        lambda *given: keras.ops.cast(keras.ops.cast(value_at(*given), "bfloat16"), "float32"),
    )


def late_optax(patch: Patch) -> None:
    patch.setattr(Rate, "__call__", lambda self, state, **_: self._schedule(jnp.maximum(state.step - 1, 0)))


def forgotten_scale(patch: Patch) -> None:
    patch.setattr(Rate, "__call__", lambda self, state, **_: 0.5 * self._schedule(jnp.asarray(state.step)))


def frozen_count(patch: Patch) -> None:
    patch.setattr(Rate, "update", lambda self, state, **_: state)


def int32_only(patch: Patch) -> None:
    """A count past 2**31 is negative, as int32 has it."""
    eager = optax_arrays.eager
    patch.setattr(optax_arrays, "eager", lambda f, step, target: eager(f, float(np.int64(step).astype(np.int32)), target))


def float16_steps(patch: Patch) -> None:
    eager = optax_arrays.eager
    patch.setattr(optax_arrays, "eager", lambda f, step, target: eager(f, float(np.float32(step)) // 8 * 8, target))


ADAPTERS: dict[str, tuple[str, Break]] = {
    "ScheduleLR one update late": ("ScheduleLR", lambda p: late_scheduler(p, lambda lr: earlier(lr, 1))),
    "ScheduleLR one update early": ("ScheduleLR", lambda p: late_scheduler(p, lambda lr: lr.shift(1))),
    "ScheduleLR in bfloat16": ("ScheduleLR", lambda p: late_scheduler(p, rounded)),
    "ScheduleLR twice as high": ("ScheduleLR", lambda p: late_scheduler(p, lambda lr: 2 * lr)),
    "ScheduleLR that counts epochs": ("ScheduleLR", lambda p: late_scheduler(p, lambda lr: lr.per_epoch(10))),
    "a step() that is not heard": ("ScheduleLR", deaf_scheduler),
    "an optimizer with the rate before": ("ScheduleLR", stale_weight),
    "counted updates one late": ("ScheduleLR, updates", lambda p: late_scheduler(p, lambda lr: earlier(lr, 1))),
    "counted updates in bfloat16": ("ScheduleLR, updates", lambda p: late_scheduler(p, rounded)),
    "counted updates that stand still": (
        "ScheduleLR, updates",
        lambda p: late_scheduler(p, lambda lr: lr.per_epoch(10**6)),
    ),
    "KerasSchedule one update on, known": (KNOWN, lambda p: late_keras(p, first=1)),
    "KerasSchedule one update on, compiled": (COMPILED, lambda p: late_keras(p, first=1)),
    "Keras's optimizer one update on": (UPDATES, lambda p: late_keras(p, first=1)),
    "KerasSchedule in bfloat16, compiled": (COMPILED, rounded_keras),
    "Keras's optimizer in bfloat16": (UPDATES, rounded_keras),
    "KerasSchedule that counts batches": (BATCHES, lambda p: late_keras(p, batches=1)),
    "hyperparameters one update late": ("Optax hyperparameters", late_optax),
    "hyperparameters at half the rate": ("Optax hyperparameters", forgotten_scale),
    "hyperparameters whose count stands still": ("Optax hyperparameters", frozen_count),
    "known JAX counts in int32": ("JAX known steps", int32_only),
    "known JAX counts by the eight": ("JAX known steps", float16_steps),
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_broken_adapter_is_seen(name: str, monkeypatch: Patch) -> None:
    mode, broken = ADAPTERS[name]
    schedule = (
        Cosine(0.1, steps=400, end=0.01).warmup(20, start=0.003) if "int32" not in name else Linear(1, end=2, steps=2**33)
    )
    broken(monkeypatch)
    report = verified(schedule, mode)
    assert report.modes[0].ok
    assert report.modes[1].error is None, report
    assert report.modes[1].mismatches, report


def test_these_are_at_least_60_breakages_and_unbroken_every_mode_is_right() -> None:
    assert len(CASES) + len(ADAPTERS) >= 60
    report = verified(Cosine(0.1, steps=400, end=0.01).warmup(20, start=0.003), *{mode for mode, _ in ADAPTERS.values()})
    assert report.ok, report
