"""MLX: the rate that an optimizer applies, compiled and not; state that is saved; hyperparameters; steps of every kind."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
import numpy as np
import pytest
import torch
from mlx.utils import tree_flatten, tree_map, tree_unflatten

from cases import FAMILIES, Case, numbers
from formulas import formula
from lrcore import Constant, Cosine, Custom, Linear, OneCycle, Schedule
from lrcore.plateau import Plateau
from lrcore_mlx import hyperparameters, used
from plateaus import random_metrics, random_rule, scales

UPDATES = 40
LR = Cosine(0.1, steps=30, end=0.01).warmup(5)
CYCLE = OneCycle(0.1, steps=30)


def applied(schedule: Schedule, begin: int, *, compiled: bool) -> np.ndarray[Any, Any]:
    """The rates of updates of a weight of 0 at a gradient of 1, read out of the weight."""
    optimizer = optim.SGD(schedule)
    optimizer.state["step"] = mx.array(begin, mx.uint64)

    def update() -> mx.array:
        weight: mx.array = optimizer.apply_gradients({"w": mx.ones(())}, {"w": mx.zeros(())})["w"]
        return -weight

    function: Any = mx.compile(update, inputs=optimizer.state, outputs=optimizer.state) if compiled else update
    return np.array([function().item() for _ in range(UPDATES)], np.float32)


def expected(schedule: Schedule, begin: int) -> np.ndarray[Any, Any]:
    return np.array([schedule(begin + i) for i in range(UPDATES)], np.float32)


def begins(case: Case) -> list[int]:
    """From the first step, from just before the last edge, and from where float32 can count no further."""
    return [0, max(0, max(case.edges, default=0) - UPDATES // 2), 2**24]


@pytest.mark.parametrize("case", FAMILIES, ids=numbers)
def test_an_optimizer_applies_the_rate_of_the_core(case: Case) -> None:
    for begin in begins(case):
        np.testing.assert_array_equal(applied(case.schedule, begin, compiled=False), expected(case.schedule, begin))


TEN = "constant, linear, cosine, polynomial, exponential, inverse time, inverse sqrt, step decay, multi step, piecewise constant"
"""Families of which few kernels are made, each of which takes half a second to compile."""


@pytest.mark.parametrize("case", [case for case in FAMILIES if case.name in TEN.split(", ")], ids=numbers)
def test_a_compiled_update_applies_the_rate_of_the_core(case: Case) -> None:
    begin = begins(case)[1]
    np.testing.assert_array_equal(applied(case.schedule, begin, compiled=True), expected(case.schedule, begin))


def test_these_are_ten_families() -> None:
    assert len({type(case.schedule) for case in FAMILIES if case.name in TEN.split(", ")}) == 10


def test_a_rate_one_ulp_off_would_be_seen() -> None:
    off = expected(LR, 0)
    off[7] = np.nextafter(off[7], np.float32(1))
    with pytest.raises(AssertionError, match="Mismatched elements: 1 / 40"):
        np.testing.assert_array_equal(applied(LR, 0, compiled=False), off)


# Steps.


def test_steps_of_every_kind_give_the_core_rounded_once() -> None:
    want = LR(np.arange(50.0))
    for dtype in (mx.uint8, mx.int32, mx.uint64, mx.int64, mx.float32, mx.float16):
        steps = mx.arange(50).astype(dtype)
        for rates in (LR(steps), mx.vmap(LR)(steps)):
            assert rates.dtype == mx.float32
            np.testing.assert_array_equal(np.array(rates), want.astype(np.float32))
    assert LR(mx.zeros((2, 0, 3), mx.int32)).shape == (2, 0, 3)
    np.testing.assert_allclose(np.array(LR(mx.arange(50), "float64")), want, rtol=1e-15)


@pytest.mark.parametrize("name", ["sin", "cos", "exp", "log", "tanh", "sqrt"])
def test_operations_have_the_digits_of_float64(name: str) -> None:
    # MLX's own sine, cosine and exponential of a float64 array have those of float32
    steps = np.arange(1, 700)
    own = Custom(lambda t, xp: getattr(xp, name)(t / 10 if name != "exp" else -t))
    got = np.array(own(mx.array(steps), "float64"))
    np.testing.assert_allclose(got, getattr(np, name)(steps / 10 if name != "exp" else -steps.astype(float)), rtol=2e-15)


def test_a_formula_of_the_users_is_the_cores() -> None:
    own, steps = Custom(formula), np.arange(30)
    for function in (own, mx.vmap(own)):
        got = np.array(function(mx.array(steps)))  # type: ignore[operator]
        np.testing.assert_array_equal(got, own(steps).astype(np.float32))


def test_steps_that_are_none_are_refused() -> None:
    for steps, message in {
        mx.array([3, -1]): "step must be a finite number, 0 or more, got -1.",
        mx.array([3.0, float("nan")]): "step must be a finite number, 0 or more, got nan.",
        mx.array([float("inf")]): "step must be a finite number, 0 or more, got inf.",
    }.items():
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            LR(steps)
    for dtype, name in {mx.bool_: "bool", mx.complex64: "complex64"}.items():
        with pytest.raises(TypeError, match=rf"^step must hold real numbers, got an array of {name}\.$"):
            LR(mx.zeros(3).astype(dtype))
    np.testing.assert_array_equal(np.array(mx.vmap(LR)(mx.array([-3, 0]))), np.float32(LR(0)))  # not known yet


def test_a_field_may_be_an_array_is_mapped_over_and_has_a_gradient() -> None:
    steps = mx.arange(40)
    rates = mx.vmap(lambda peak: Cosine(peak, steps=30).warmup(5)(steps))(mx.array([0.5, 0.25]))
    np.testing.assert_array_equal(np.array(rates[1]), Cosine(0.25, steps=30).warmup(5)(np.arange(40)).astype(np.float32))
    assert mx.grad(lambda peak: Constant(peak)(3))(mx.array(0.1)).item() == 1
    slope = mx.grad(lambda peak: Cosine(peak, steps=30)(15))(mx.array(0.1)).item()
    assert slope == pytest.approx(0.5)
    assert Constant(mx.array(0.5))(np.arange(3)).tolist() == [0.5] * 3


def test_a_schedule_does_not_change_with_the_array_that_it_was_made_of() -> None:
    held = mx.array(0.5)
    schedules = Constant(held), Cosine(held, steps=10)
    held += 1
    assert [schedule(0).item() for schedule in schedules] == [0.5, 0.5]


def test_a_rule_for_a_metric_gives_the_bits_of_python() -> None:
    for seed in range(5):
        random = Random(seed)
        rule, reports = random_rule(random), random_metrics(random, 40)
        state, found = rule.start(), []
        for report in reports:
            state = rule.update(state, mx.array(report, mx.float32))
            found.append(float(state.exact))
        assert found == scales(rule, reports)


# Training.


def train(optimizer: optim.Optimizer, updates: int, weights: Any, *, compiled: bool = False) -> None:
    optimizer.init(weights)
    state = [weights, optimizer.state]

    def update() -> None:
        weights.update(optimizer.apply_gradients(tree_map(lambda w: w * 0.5 + 0.1, weights), weights))

    function: Any = mx.compile(update, inputs=state, outputs=state) if compiled else update
    for _ in range(updates):
        function()
        mx.eval(state)


def weights(dtype: mx.Dtype = mx.float32) -> dict[str, mx.array]:
    return {"w": mx.array([1.0, -2.0, 3.0], dtype), "b": mx.array([0.5], dtype)}


def scheduled() -> optim.Optimizer:
    decay = Linear(0.1, end=0.2, steps=30)
    return hyperparameters(optim.AdamW, learning_rate=LR, betas=(CYCLE.momentum(), 0.99), weight_decay=decay)


@pytest.mark.parametrize("make", [partial(optim.Adam, LR), scheduled], ids=["plain", "hyperparameters"])
def test_a_run_that_is_saved_and_restored_by_mlxs_own_means_goes_on(make: Any, tmp_path: Path) -> None:
    whole, half, rest = make(), make(), make()
    straight, broken = weights(), weights()
    train(whole, 20, straight)
    train(half, 12, broken)
    mx.save_safetensors(str(tmp_path / "state.safetensors"), dict(tree_flatten([broken, half.state])))
    loaded = mx.load(str(tmp_path / "state.safetensors"))
    broken, rest.state = tree_unflatten(list(loaded.items()))  # type: ignore[union-attr]
    train(rest, 1, broken)
    assert used(rest)["lr"].item() == np.float32(LR(12))
    train(rest, 7, broken)
    for name, weight in straight.items():
        np.testing.assert_array_equal(np.array(weight), np.array(broken[name]))


@pytest.mark.parametrize(
    ("optimizer", "constant"),
    [
        (optim.SGD, {"momentum": 0.5, "weight_decay": 0.25, "nesterov": True}),
        (optim.SGD, {"momentum": 0.5, "dampening": 0.25}),
        (optim.AdamW, {"betas": [0.5, 0.75], "weight_decay": 0.25, "bias_correction": True}),
        (optim.Lion, {"betas": [0.5, 0.75], "weight_decay": 0.25}),
        (optim.RMSprop, {"alpha": 0.75}),
        (optim.Muon, {"momentum": 0.5, "weight_decay": 0.25}),
    ],
)
@pytest.mark.parametrize("dtype", [mx.float32, mx.bfloat16], ids=str)
def test_constant_schedules_train_as_the_numbers_do(optimizer: Any, constant: dict[str, Any], dtype: mx.Dtype) -> None:
    def on_schedule(value: Any) -> Any:
        return [Constant(one) for one in value] if isinstance(value, list) else Constant(value)

    given = {name: value if value is True else on_schedule(value) for name, value in constant.items()}
    plain, ours = weights(dtype), weights(dtype)
    train(optimizer(learning_rate=LR, **constant), 12, plain)
    train(made := hyperparameters(optimizer, learning_rate=LR, **given), 12, ours)
    assert isinstance(made, optimizer)
    for name, weight in plain.items():
        assert ours[name].dtype == dtype
        np.testing.assert_array_equal(np.array(weight.astype(mx.float32)), np.array(ours[name].astype(mx.float32)))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_momentum_on_a_schedule_trains_as_in_torch(compiled: bool) -> None:
    ours = {"w": mx.array([1.0, -2.0, 3.0])}
    decay = Linear(0.1, end=0.2, steps=30)
    optimizer = hyperparameters(optim.SGD, learning_rate=LR, momentum=CYCLE.momentum(), weight_decay=decay)
    train(optimizer, 20, ours, compiled=compiled)
    theirs = torch.tensor([1.0, -2.0, 3.0])
    reference = torch.optim.SGD([theirs], lr=1.0, momentum=0.5)
    for step in range(20):
        theirs.grad = theirs * 0.5 + 0.1
        reference.param_groups[0].update(lr=LR(step), momentum=CYCLE.momentum()(step), weight_decay=decay(step))
        reference.step()
    np.testing.assert_allclose(np.array(ours["w"]), theirs.numpy(), rtol=1e-5)


def test_what_was_used_has_the_names_of_every_adapter() -> None:
    optimizer = scheduled()
    train(optimizer, 8, weights())
    found = {name: value.item() for name, value in used(optimizer).items()}
    assert found == {
        "lr": np.float32(LR(7)),
        "momentum": np.float32(CYCLE.momentum()(7)),
        "weight_decay": np.float32(Linear(0.1, end=0.2, steps=30)(7)),
    }
    both = optim.MultiOptimizer([scheduled(), optim.SGD(LR)], [lambda name, _: name == "w"])
    train(both, 3, weights())
    assert {"lr/0", "momentum/0", "lr/1"} <= set(used(both))
    assert used(both)["lr/1"].item() == np.float32(LR(2))


def test_the_scale_turns_the_rate_down_and_is_saved_with_the_state() -> None:
    for compiled in (False, True):
        optimizer, params = hyperparameters(optim.SGD, learning_rate=LR), weights()
        train(optimizer, 3, params, compiled=compiled)
        optimizer.state["hyperparameters"]["scale"] = mx.array(0.5)
        train(optimizer, 1, params, compiled=compiled)
        assert used(optimizer)["lr"].item() == np.float32(LR(3)) * np.float32(0.5)
        assert dict(tree_flatten(optimizer.state))["hyperparameters.scale"].item() == 0.5
    rule = Plateau(factor=0.5, patience=0)
    state = rule.start()
    for loss in (1.0, 1.0):
        state = rule.update(state, loss)
    optimizer.state["hyperparameters"]["scale"] = mx.array(state.scale)
    train(optimizer, 1, params)
    assert used(optimizer)["lr"].item() == np.float32(LR(4)) * np.float32(0.5)


def test_a_state_saved_without_hyperparameters_is_taken_up() -> None:
    plain, params = optim.SGD(LR, momentum=0.5), weights()
    train(plain, 5, params)
    optimizer = hyperparameters(optim.SGD, learning_rate=LR, momentum=Constant(0.5))
    optimizer.state = plain.state
    train(optimizer, 1, params)
    assert used(optimizer)["lr"].item() == np.float32(LR(5))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (lambda: hyperparameters(optim.SGD(0.1)), TypeError, "hyperparameters.optimizer must be a class of mlx.optimizers, got "),  # type: ignore[arg-type]
        (lambda: hyperparameters(optim.SGD, learning_rate=LR, momentun=LR), TypeError, "hyperparameters: SGD has no parameter 'momentun'; did you mean 'momentum'?"),
        (lambda: hyperparameters(optim.SGD, momentum=LR), TypeError, "hyperparameters: SGD: missing a required argument: 'learning_rate'."),
        (lambda: hyperparameters(optim.SGD, learning_rate=-0.1), ValueError, "hyperparameters.learning_rate must be "),
        (lambda: hyperparameters(optim.SGD, learning_rate=Linear(0.1, end=-0.1, steps=5)), ValueError, "hyperparameters.learning_rate must be a schedule that is never below 0, got "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        given()


# The process.


def test_a_missing_framework_says_what_to_install(tmp_path: Path) -> None:
    program = "import sys; sys.modules['mlx'] = None\nimport lrcore_mlx"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stderr.splitlines()[-1].endswith("pip install 'lrcore[mlx]'")


def test_the_page_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = Path(__file__).parents[2] / "docs" / "mlx.md"
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    lr = Cosine(3e-4, steps=1_000, end=3e-5).warmup(100)
    want = np.array([lr(0), lr(1), lr(2) / 2]).astype(np.float32).tolist()
    assert [float(word) for word in capsys.readouterr().out.split()] == want
