"""Scheduled momentum, betas and weight decay are what the compiled step uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import torch

from lrcore import Constant, Cosine, Custom, Linear, OneCycle, Schedule
from lrcore_keras import KerasSchedule, hyperparameters

BACKEND = keras.backend.backend()
JIT = BACKEND != "torch"
Linear_ = Callable[..., Any]

LR = Cosine(0.1, steps=40, end=1e-3).warmup(5, start=0.02)
FALLING = Linear(0.9, end=0.0, steps=10)
RISING = Linear(0.5, end=0.95, steps=20)
DECAY = Linear(0.2, end=0.0, steps=15)

Values = dict[str, np.float64]
Step = Callable[[Any, Any, Values, dict[str, Any], int], Any]

# The optimizers' formulas, in float64 over hyperparameters rounded to float32: w, gradient, hyperparameters, buffers, step


def sgd(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    w = w * (1 - h.get("weight_decay", 0.0) * h["lr"])
    state["m"] = h["momentum"] * state.get("m", 0.0) - h["lr"] * g
    return w + state["m"]


def nesterov(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    state["m"] = h["momentum"] * state.get("m", 0.0) - h["lr"] * g
    return w + h["momentum"] * state["m"] - h["lr"] * g


def rmsprop(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    state["v"] = h["rho"] * state.get("v", 0.0) + (1 - h["rho"]) * g * g
    state["m"] = h["momentum"] * state.get("m", 0.0) + h["lr"] * g / np.sqrt(state["v"] + 1e-7)
    return w - state["m"]


def adam(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    w = w * (1 - h.get("weight_decay", 0.0) * h["lr"])
    state["m"] = h["beta_1"] * state.get("m", 0.0) + (1 - h["beta_1"]) * g
    state["v"] = h["beta_2"] * state.get("v", 0.0) + (1 - h["beta_2"]) * g * g
    alpha = h["lr"] * np.sqrt(1 - h["beta_2"] ** (step + 1)) / (1 - h["beta_1"] ** (step + 1))
    return w - alpha * state["m"] / (np.sqrt(state["v"]) + 1e-7)


def nadam(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    now, coming = (h["beta_1"] * (1 - 0.5 * 0.96 ** (step + 1 + i)) for i in (0, 1))
    state["u"] = state.get("u", 1.0) * now
    state["m"] = h["beta_1"] * state.get("m", 0.0) + (1 - h["beta_1"]) * g
    state["v"] = h["beta_2"] * state.get("v", 0.0) + (1 - h["beta_2"]) * g * g
    m = coming * state["m"] / (1 - state["u"] * coming) + (1 - now) * g / (1 - state["u"])
    return w - h["lr"] * m / (np.sqrt(state["v"] / (1 - h["beta_2"] ** (step + 1))) + 1e-7)


def lion(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    w = w * (1 - h["weight_decay"] * h["lr"])
    m = state.get("m", 0.0)
    state["m"] = h["beta_2"] * m + (1 - h["beta_2"]) * g
    return w - h["lr"] * np.sign(h["beta_1"] * m + (1 - h["beta_1"]) * g)


def adamax(w: Any, g: Any, h: Values, state: dict[str, Any], step: int) -> Any:
    state["m"] = h["beta_1"] * state.get("m", 0.0) + (1 - h["beta_1"]) * g
    state["u"] = np.maximum(h["beta_2"] * state.get("u", 0.0), np.abs(g))
    return w - h["lr"] * state["m"] / ((1 - h["beta_1"] ** (step + 1)) * (state["u"] + 1e-7))


Row = tuple[str, dict[str, Any], Step, dict[str, Schedule]]
BETAS = {"beta_1": RISING, "beta_2": Linear(0.8, end=0.95, steps=20)}
ROWS: dict[str, Row] = {
    "SGD": ("SGD", {}, sgd, {"momentum": FALLING, "weight_decay": DECAY}),
    "SGD with Nesterov": ("SGD", {"nesterov": True}, nesterov, {"momentum": FALLING}),
    "RMSprop": ("RMSprop", {}, rmsprop, {"momentum": FALLING, "rho": RISING}),
    "Adam": ("Adam", {}, adam, BETAS),
    "AdamW": ("AdamW", {}, adam, {**BETAS, "weight_decay": DECAY}),
    "Nadam": ("Nadam", {}, nadam, BETAS),
    "Lion": ("Lion", {}, lion, {**BETAS, "weight_decay": DECAY}),
    "Adamax": ("Adamax", {}, adamax, BETAS),
}

RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=4).astype(np.float32)
GRADIENTS = RANDOM.normal(size=(90, 4)).astype(np.float32)


def reference(formula: Step, schedules: dict[str, Schedule], gradients: Any) -> Iterator[Any]:
    w, state = WEIGHTS.astype(np.float64), {}
    for step, g in enumerate(gradients.astype(np.float64)):
        values = {name: np.float64(np.float32(s(step))) for name, s in {"lr": LR, **schedules}.items()}
        w = formula(w, g, values, state, step)
        yield w


def close(found: Any, want: Any, updates: int) -> None:
    """Within the float32 rounding of so many updates of a few operations each."""
    ulp = np.spacing(np.float32(max(np.abs(want).max(), np.abs(WEIGHTS).max())))
    np.testing.assert_allclose(found, want, rtol=0, atol=4 * updates * ulp)


@pytest.mark.parametrize("row", ROWS)
def test_trajectories_are_those_of_the_formula_with_scheduled_hyperparameters(linear: Linear_, row: str) -> None:
    kind, arguments, formula, schedules = ROWS[row]
    optimizer = getattr(keras.optimizers, kind)(KerasSchedule(LR), **arguments)
    model = linear(hyperparameters(optimizer, **schedules), WEIGHTS, jit_compile=JIT)
    for step, want in enumerate(reference(formula, schedules, GRADIENTS[:30])):
        model.train_on_batch(GRADIENTS[step : step + 1], np.ones((1, 1)))
        close(model.get_weights()[0][:, 0], want, step + 1)
        for name, schedule in schedules.items():
            assert float(getattr(optimizer, name)) == np.float32(schedule(step))


def test_the_comparison_would_notice_a_constant_momentum() -> None:
    scheduled = list(reference(sgd, {"momentum": FALLING}, GRADIENTS[:30]))
    constant = list(reference(sgd, {"momentum": Constant(0.9)}, GRADIENTS[:30]))
    with pytest.raises(AssertionError):
        close(scheduled[5], constant[5], 6)


@pytest.mark.parametrize("micro_steps", [3, 4])
def test_accumulated_gradients_count_as_one_update(linear: Linear_, micro_steps: int) -> None:
    optimizer = keras.optimizers.SGD(KerasSchedule(LR), gradient_accumulation_steps=micro_steps)
    schedules = {"momentum": FALLING, "weight_decay": DECAY}
    model = linear(hyperparameters(optimizer, **schedules), WEIGHTS, jit_compile=JIT)
    gradients = GRADIENTS[: 15 * micro_steps].astype(np.float64).reshape(15, micro_steps, 4).mean(axis=1)
    for step, want in enumerate(reference(sgd, schedules, gradients)):
        for i in range(micro_steps):
            model.train_on_batch(GRADIENTS[step * micro_steps + i][None], np.ones((1, 1)))
        close(model.get_weights()[0][:, 0], want, step + 1)


def test_a_run_that_starts_later_has_hyperparameters_of_that_step(linear: Linear_) -> None:
    optimizer = keras.optimizers.SGD(KerasSchedule(LR, step=4))
    model = linear(hyperparameters(optimizer, momentum=FALLING), WEIGHTS, jit_compile=JIT)
    model.train_on_batch(GRADIENTS[:1], np.ones((1, 1)))
    assert float(optimizer.momentum) == np.float32(FALLING(4))


def test_inside_a_scaled_loss(linear: Linear_) -> None:
    inner = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)), momentum=FALLING)
    model = linear(keras.optimizers.LossScaleOptimizer(inner), WEIGHTS, jit_compile=JIT)
    for step, want in enumerate(reference(sgd, {"momentum": FALLING}, GRADIENTS[:12])):
        model.train_on_batch(GRADIENTS[step : step + 1], np.ones((1, 1)))
        close(model.get_weights()[0][:, 0], want, step + 1)


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_the_norm_of_gradients_can_be_clipped_on_a_schedule(linear: Linear_, kind: str) -> None:
    norm = Linear(1.0, end=0.1, steps=10).shift(3)
    make = getattr(keras.optimizers, kind)
    constant = linear(make(float(np.float32(LR(0))), clipnorm=norm(0)), WEIGHTS, jit_compile=JIT)
    scheduled = linear(hyperparameters(make(KerasSchedule(LR)), clipnorm=norm), WEIGHTS, jit_compile=JIT)
    for model in (constant, scheduled):
        model.train_on_batch(GRADIENTS[:1], np.ones((1, 1)))
    close(scheduled.get_weights()[0], constant.get_weights()[0], 1)


def regression() -> tuple[Any, Any, Any]:
    random = np.random.default_rng(1)
    x = random.normal(size=(200, 8, 3)).astype(np.float32)
    y = (x @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * random.normal(size=(200, 8, 1))).astype(np.float32)
    return x, y, random.normal(size=(3, 1)).astype(np.float32)


def torch_one_cycle(peak: float) -> list[Any]:
    """The weights after each of 200 updates of PyTorch's SGD under its own OneCycleLR."""
    x, y, start = regression()
    w = torch.nn.Parameter(torch.tensor(start))
    optimizer = torch.optim.SGD([w], lr=peak, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=peak, total_steps=200)
    weights = []
    for batch, target in zip(torch.tensor(x), torch.tensor(y), strict=True):
        optimizer.zero_grad()
        ((batch @ w - target) ** 2).mean().backward()
        optimizer.step()
        scheduler.step()
        weights.append(w.detach().numpy().copy())
    return weights


def keras_one_cycle(peak: float, *, torch_momentum: bool) -> list[Any]:
    x, y, start = regression()
    cycle = OneCycle(peak, steps=200)
    optimizer = hyperparameters(
        keras.optimizers.SGD(KerasSchedule(cycle)), momentum=cycle.momentum(), torch_momentum=torch_momentum
    )
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([start])
    model.compile(optimizer, loss="mse", jit_compile=JIT)
    weights = []
    for batch, target in zip(x, y, strict=True):
        model.train_on_batch(batch, target)
        weights.append(model.get_weights()[0])
    return weights


def test_one_cycle_trains_as_in_pytorch() -> None:
    found, want = keras_one_cycle(0.1, torch_momentum=True), torch_one_cycle(0.1)
    worst = max(np.abs(a - b).max() for a, b in zip(found, want, strict=True))
    # 32 float32 ulp of the largest weight, over 200 updates
    assert worst <= 32 * np.spacing(np.float32(np.abs(want).max()))


def test_one_cycle_with_momentum_as_keras_has_it_is_another_trajectory() -> None:
    found, want = keras_one_cycle(0.1, torch_momentum=False), torch_one_cycle(0.1)
    assert max(np.abs(a - b).max() for a, b in zip(found, want, strict=True)) > 1e-3


@pytest.mark.parametrize("micro_steps", [None, 3])
def test_pytorchs_momentum_from_a_rate_of_0_and_with_a_scale(linear: Linear_, micro_steps: int | None) -> None:
    k = micro_steps or 1
    rate = Linear(0.1, end=0.2, steps=10).warmup(3)
    optimizer = keras.optimizers.SGD(KerasSchedule(rate), gradient_accumulation_steps=micro_steps)
    hyperparameters(optimizer, momentum=FALLING, torch_momentum=True)
    model = linear(optimizer, WEIGHTS, jit_compile=JIT)
    w, buffer = WEIGHTS.astype(np.float64), 0.0
    for step in range(12):
        if step == 5:
            optimizer.scale.assign(0.5)
        for _ in range(k):
            model.train_on_batch(GRADIENTS[step : step + 1], np.ones((1, 1)))
        lr = rate(step) * (0.5 if step >= 5 else 1.0)
        buffer = FALLING(step) * buffer + GRADIENTS[step].astype(np.float64)
        w = w - lr * buffer
        close(model.get_weights()[0][:, 0], w, step + 1)
        assert float(optimizer.applied_rate) == np.float32(rate(step)) * np.float32(0.5 if step >= 5 else 1.0)


def built() -> Any:
    optimizer = keras.optimizers.SGD(0.1, name="late")
    optimizer.build([keras.Variable([1.0])])
    return optimizer


NAMES = "weight_decay, clipnorm, global_clipnorm, clipvalue, ema_momentum, momentum"


@pytest.mark.parametrize(
    ("optimizer", "arguments", "kind", "message"),
    [
        (lambda: 0.1, {}, TypeError, "optimizer must be a Keras optimizer, got 0.1."),
        (
            lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()),
            {"momentum": FALLING},
            ValueError,
            "optimizer must be one that updates weights itself, got 'LossScaleOptimizer'; schedule the one inside.",
        ),
        (
            built,
            {"momentum": FALLING},
            ValueError,
            "optimizer must be an optimizer that is not built yet, got 'late'; call it before compile and fit.",
        ),
        (keras.optimizers.SGD, {"momentum": 0.9}, TypeError, "momentum must be a schedule, got 0.9."),
        (keras.optimizers.SGD, {"beta_1": FALLING}, ValueError, f"schedules must be of {NAMES}, got 'beta_1'."),
        (
            keras.optimizers.SGD,
            {"learning_rate": FALLING},
            ValueError,
            f"schedules must be of {NAMES}, got 'learning_rate'; give the optimizer a KerasSchedule.",
        ),
        (
            keras.optimizers.SGD,
            {"torch_momentum": True},
            ValueError,
            "torch_momentum must be False without a schedule of momentum, and for optimizers other than "
            "keras.optimizers.SGD, got True.",
        ),
    ],
)
def test_bad_arguments_are_refused(optimizer: Any, arguments: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        hyperparameters(optimizer(), **arguments)
    assert str(error.value) == f"hyperparameters.{message}"


def test_an_optimizer_stays_one_of_its_class_and_takes_more_schedules() -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(0.1), momentum=FALLING)
    assert hyperparameters(optimizer, weight_decay=DECAY) is optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert optimizer.schedules == {"momentum": FALLING, "weight_decay": DECAY}
    optimizer.learning_rate = 0.2
    assert float(optimizer.learning_rate) == np.float32(0.2)


def test_a_rate_that_cannot_be_saved_is_no_hindrance() -> None:
    optimizer = keras.optimizers.SGD(KerasSchedule(Custom(lambda step: 0.1 / (1 + step))), momentum=0.9)
    hyperparameters(optimizer, momentum=FALLING)
    hyperparameters(optimizer, weight_decay=DECAY)
    assert optimizer.schedules == {"momentum": FALLING, "weight_decay": DECAY}
    assert optimizer.learning_rate == np.float32(0.1)
