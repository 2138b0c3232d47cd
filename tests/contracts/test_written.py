"""What `lrcore.port.write` prints, executed in its library, is the schedule: at every step, to the bound that it states."""

from __future__ import annotations

import ast
import math
import re
from functools import cache
from itertools import islice
from typing import Any

import jax
import keras
import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings

import lrcore
from cases import CASES, Case, steps_of
from lrcore import Constant, Cosine, Custom, Exponential, Linear, MultiStep, PiecewiseConstant, Schedule, wsd
from lrcore._elsewhere import ROWS, Row
from lrcore.port import write
from strategies import schedules

TARGETS = ("torch", "huggingface", "keras", "optax", "python", "lrcore")
ALLOWED = {
    "torch": {"torch", "math", "bisect"},
    "huggingface": {"torch", "transformers", "math", "bisect"},
    "keras": {"keras", "math", "bisect"},
    "optax": {"optax", "jax", "math", "bisect"},
    "python": {"math", "bisect"},
    "lrcore": {"lrcore"},
}
LARGEST = {"torch": 1e-11, "huggingface": 1e-11, "python": 1e-11, "keras": 1e-4, "optax": 1e-4, "lrcore": 0.0}
"""The largest bound that a text may state."""

LENGTH = 256
STEPPED = 1_500
"""Updates that a scheduler of PyTorch's is stepped through."""


def executed(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "written", "exec"), names)
    return names


def head(text: str) -> str:
    """The comment above the code, as one line."""
    return " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))


def stated(text: str) -> tuple[float, float]:
    """The bound that a text states, and the first step for which it states none."""
    bound = float(re.search(r"to within ([\d.e+-]+) of the highest value", head(text))[1])  # type: ignore[index]
    found = re.search(r"t (<=?) ([\d,]+)|up to ([\d,]+)", head(text))
    if found is None:
        assert "Equal at every step" in head(text)
        return bound, math.inf
    last = int((found[2] or found[3]).replace(",", ""))
    return bound, last if found[1] == "<" else last + 1


def values(text: str, steps: Any) -> Any:
    """What the executed text gives at steps; of a PyTorch scheduler, at those of the first updates."""
    names = executed(text)
    if "make_scheduler" in names:
        if "learning_rate" in names:
            return np.array([names["learning_rate"](step) for step in steps.tolist()]), steps
        return stepped(names["make_scheduler"], steps)
    function = names["learning_rate"]
    if isinstance(function, keras.optimizers.schedules.LearningRateSchedule):
        tensors = keras.ops.convert_to_tensor(padded(steps), "int32")
        return keras.ops.convert_to_numpy(keras.ops.vectorized_map(function, tensors))[: len(steps)], steps
    if "jnp" in names or "optax" in names:
        return np.array(jax.vmap(function)(padded(steps)), np.float64)[: len(steps)], steps
    return np.array([function(step) for step in steps.tolist()]), steps


def padded(steps: Any) -> Any:
    """As many steps as ever, since JAX compiles each operation anew for another number of them."""
    assert 0 < len(steps) <= LENGTH
    return np.resize(steps, LENGTH).astype(np.int32)


def stepped(make: Any, steps: Any) -> tuple[Any, Any]:
    """The rates that a scheduler sets, for an optimizer whose own rate is another."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=123.0, momentum=0.9)
    scheduler = make(optimizer)
    steps = steps[steps < STEPPED]
    rates = []
    for _ in range(steps[-1] + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert optimizer.param_groups[0]["momentum"] == 0.9
    return np.array(rates)[steps], steps


def compare(schedule: Schedule, to: str, steps: Any, share: float = 1.0) -> None:
    text = write(schedule, to=to)
    if to == "lrcore":
        assert executed(text)["learning_rate"] == schedule
        return
    bound, until = stated(text)
    assert bound * share <= LARGEST[to], text
    steps = steps[(steps < until) & (steps < 2**31)]
    written, steps = values(text, steps)
    whole = np.concatenate([steps, np.arange(2_000), np.linspace(0, schedule._reach(), 1_000).astype(int)])
    highest = np.max(np.abs(schedule(whole)))
    np.testing.assert_allclose(written, schedule(steps), rtol=0, atol=bound * max(highest, 1e-30), err_msg=text)
    imported = {alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= ALLOWED[to]


@pytest.mark.parametrize("to", TARGETS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_written_is_the_schedule(case: Case, to: str) -> None:
    compare(case.schedule, to, np.array(steps_of(case, dense=12)))


@pytest.mark.parametrize("to", ["python", "torch", "optax", "keras"])
def test_what_is_written_of_a_composition_is_the_schedule(to: str) -> None:
    refused = []

    @settings(max_examples=60 if to in ("python", "torch") else 15)
    @given(schedules)
    def holds(schedule: Schedule) -> None:
        edges = [edge.step for edge in islice(schedule._edges(), 20)]
        steps = np.unique([0, 1, 2, 7, *(edge + i for edge in edges for i in (-1, 0, 1)), schedule._reach()])
        try:
            write(schedule, to=to)
        except ValueError as error:
            refused.append(str(error))
        else:
            # What a product or a clip leaves may be little beside the terms whose rounding it has
            compare(schedule, to, steps[steps >= 0], share=1e-3)

    holds()
    assert [told for told in refused if "float32 cannot tell its steps or its stairs apart" not in told] == []
    assert len(refused) < 12


# A factor that is near 0 where the other one is not: how exact a compiler's float32 is there is a matter of luck
SPIKE = Linear(1.0, end=-1.0, steps=1000) * PiecewiseConstant([0.0, 1.0, 0.0], boundaries=[493, 494])


@pytest.mark.parametrize("schedule", [SPIKE, 3.0 * SPIKE, SPIKE.clip(low=-1.0), SPIKE * Constant(1.0)], ids=str)
@pytest.mark.parametrize("to", ["keras", "optax"])
def test_the_bound_allows_for_what_the_factors_of_a_product_cancel(schedule: Schedule, to: str) -> None:
    compare(schedule, to, np.arange(490, 497), share=1e-3)


@cache
def parameters() -> dict[str, Any]:
    values = {"lr": 3e-4, "end": 3e-5, "start": 1e-5, "T": 1000, "W": 100, "C": 200, "n": 50, "i": 20, "j": 70, "k": 3}
    return values | {"a": 0.25, "b": 0.1, "factor": 0.9, "power": 2.0, "pct": 0.25, "div": 10.0, "final": 1e3}


OWN = {"PyTorch": "torch", "Hugging Face": "huggingface", "Keras": "keras", "Optax": "optax"}
OTHER_WORDS = {
    'SWALR(optimizer, swa_lr=end, anneal_epochs=n, anneal_strategy="linear")': "LinearLR",
    "SWALR": "CosineAnnealingLR",
    "cosine_onecycle_schedule": "piecewise_interpolate_schedule",
    "linear_onecycle_schedule": "def learning_rate",
    "join_schedules": "warmup_cosine_decay_schedule",
    "CosineDecayRestarts": "class LearningRate",
    "ChainedScheduler": "ChainedScheduler",
}
"""Rows that are written as another scheduler of the library, since several have the curve, or as a function.

Keras's restarts miss some steps, and so are not exact."""


def rows() -> list[Row]:
    return [row for row in ROWS if row.library in OWN and "Custom" not in row.ours]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.library} {row.theirs}")
def test_a_librarys_own_scheduler_is_given_back(row: Row) -> None:
    if "lambda" in row.theirs:
        return  # is written as the ExponentialLR that it is
    schedule = eval(row.ours, vars(lrcore) | {"math": math} | parameters())
    text = write(schedule, to=OWN[row.library])
    name = row.theirs.partition("(")[0]
    wanted = next((other for words, other in OTHER_WORDS.items() if row.theirs.startswith(words)), name)
    assert f"{wanted}(" in text, text
    compare(schedule, OWN[row.library], np.arange(0, 1_200, 7))


def test_a_bound_that_does_not_hold_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    late = write(Cosine(0.1, steps=100).shift(1), to="python")
    monkeypatch.setitem(globals(), "write", lambda schedule, to: late)
    with pytest.raises(AssertionError):
        compare(Cosine(0.1, steps=100), "python", np.arange(100))


def test_lists_of_any_length_are_the_librarys_own() -> None:
    for count in (1, 2, 3, 7):
        steps = [10 * (i + 1) for i in range(count)]
        rates = [0.1, *(0.1 / (i + 2) for i in range(count))]
        for schedule, to, name in (
            (MultiStep(0.1, milestones=steps), "torch", "MultiStepLR"),
            (PiecewiseConstant(rates, boundaries=steps), "keras", "PiecewiseConstantDecay"),
            (PiecewiseConstant(rates, boundaries=steps), "optax", "piecewise_constant_schedule"),
            (lrcore.Interpolate([*zip([0, *steps], rates, strict=True)], shape="cosine"), "optax", "piecewise_interpolate"),
        ):
            assert name in write(schedule, to=to)
            compare(schedule, to, np.arange(120))


def test_pieces_are_joined_in_the_librarys_own_words() -> None:
    several = [
        (wsd(0.1, steps=900, warmup=100, cooldown=300, shape="linear"), "optax", "join_schedules"),
        (Exponential(0.1, factor=0.99).warmup(50, start=0.001), "torch", "SequentialLR"),
        (Constant(0.1).then(Cosine(0.1, steps=300, end=0.01), at=200), "torch", "SequentialLR"),
        (Cosine(0.1, steps=300).warmup(50, start=0.01), "torch", "SequentialLR"),
    ]
    for schedule, to, name in several:
        assert name in write(schedule, to=to)
        compare(schedule, to, np.arange(0, 1_200, 5))
    assert stated(write(Cosine(0.1, steps=30_000).warmup(5_000, start=0.01), to="torch"))[1] == 30_001
    # LinearLR cannot begin at 0
    assert "LambdaLR" in write(Cosine(0.1, steps=300).warmup(50), to="torch")


def test_what_lies_before_the_first_step_is_not_written() -> None:
    points = [(20 * i, 0.1 / (i + 1)) for i in range(8)]
    late = lrcore.Interpolate(points).shift(70)
    for schedule in (late, MultiStep(0.1, milestones=[step for step, _ in points[1:]]).shift(70), late.clip(low=0.01)):
        text = write(schedule, to="python")
        assert "step < 10:" in text
        assert "-10" not in text
        assert text.count("if ") <= 4
        compare(schedule, "python", np.arange(200))


def test_float32_is_looked_at_as_far_as_steps_go() -> None:
    for schedule in (lrcore.WarmRestarts(0.0, steps=1, end=1.0, growth=3.0), lrcore.MultiStep(0.1, milestones=[9, 2**27])):
        text = write(schedule, to="optax")
        ends = [edge.step for edge in islice(schedule._edges(), 20)]
        compare(schedule, "optax", np.unique([ends, np.subtract(ends, 1), np.add(ends, 1)]))
        assert "which float32 counts" in text or "all that float32 counts" in text


def test_a_formula_of_the_users_is_written_in_each_librarys_operations() -> None:
    schedule = Custom(lambda t, xp: 0.1 * xp.exp(-0.03 * t) * (1 + 0.3 * xp.sin(t / 5)) + xp.where(t < 9, 0.01, 0.02))
    for to in ("python", "torch", "keras", "optax"):
        compare(schedule, to, np.arange(200))
    assert "ops.exp(" in write(schedule, to="keras")
    assert "jnp.exp(" in write(schedule, to="optax")


def test_keras_text_uses_its_operations_only() -> None:
    for case in CASES:
        text = write(case.schedule, to="keras")
        called = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
        assert {name for name in called if not name.startswith(("ops.", "keras.")) and name != "LearningRate"} == set(), (
            text
        )


def test_a_scheduler_of_a_function_sets_it_whatever_the_optimizers_rate() -> None:
    schedule = Cosine(0.1, steps=50).warmup(10)
    rates, steps = stepped(executed(write(schedule, to="torch"))["make_scheduler"], np.arange(60))
    np.testing.assert_allclose(rates, schedule(steps), rtol=0, atol=1e-16)


def test_keras_saves_and_loads_what_is_written() -> None:
    made = executed(write(wsd(0.1, steps=100, warmup=10, cooldown=20), to="keras"))["learning_rate"]
    optimizer = keras.optimizers.SGD(made)
    again = keras.optimizers.SGD.from_config(optimizer.get_config())
    assert float(again._learning_rate(50)) == float(made(50))


def test_optax_takes_what_is_written_inside_jit() -> None:
    made = executed(write(wsd(0.1, steps=100, warmup=10, cooldown=20), to="optax"))["learning_rate"]
    optimizer = optax.sgd(made)
    state = optimizer.init(1.0)
    update, state = jax.jit(optimizer.update)(1.0, state)
    assert float(update) == 0.0


@pytest.mark.parametrize(
    ("schedule", "to", "message"),
    [
        (
            Cosine(0.1, steps=9),
            "jax",
            "write.to must be 'torch', 'keras', 'optax', 'huggingface', 'lrcore' or 'python', got 'jax'.",
        ),
        (Custom(lambda t: 0.1 if t < 5 else 0.2), "python", "cannot be written: its formula is not one of (t, xp): "),
        (Custom(lambda t, xp: 0.1 * t), "lrcore", "cannot be written: it is code, not data. Copy its function."),
        (
            Exponential(0.1, factor=0.99, every=1.1, staircase=True),
            "optax",
            "float32 cannot tell its steps or its stairs apart",
        ),
    ],
)
def test_what_cannot_be_written_says_so(schedule: Schedule, to: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        write(schedule, to=to)


def test_only_a_schedule_is_written() -> None:
    with pytest.raises(TypeError, match=r"^write\.schedule must be a schedule, got 0\.1\.$"):
        write(0.1, to="python")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="it holds an array, not a number"):
        write(Cosine(torch.tensor(0.1), steps=9), to="python")  # type: ignore[arg-type]
