"""Each row of the table of other libraries' words, run as it is written, with random parameters: their curve is ours.

torch's and Hugging Face's schedulers are stepped in float64; Optax's and Keras's compute in float32. timm and Megatron-LM
are stood in for by the formulas of their sources.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import optax
import pytest
import transformers
from hypothesis import given, settings
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

import lrcore
from curves import stepped
from lrcore._elsewhere import GAPS, ROWS, Row
from originals import P, megatron, parameters, timm

Values = Callable[[Any], Any]
README = Path(__file__).parents[2] / "README.md"
TORCH = {**vars(torch_lr), "SWALR": SWALR}


# What a library's expression is evaluated among, and how its values are had.


EAGER = {"Optax": 8, "Keras": 4}
"""Examples of those that run a dozen eager operations a step. Compiled, Optax's own values differ: see the document."""


def at(schedule: Callable[[int], Any]) -> Values:
    return lambda steps: [float(schedule(step)) for step in steps.tolist()]


def theirs(row: Row, p: dict[str, Any]) -> tuple[Values, float]:
    """Their values, and the error of their arithmetic as a fraction of `lr`, or of the momentum."""
    match row.library:
        case "PyTorch" | "PyTorch's momentum":
            key = "lr" if row.library == "PyTorch" else "momentum"
            build = lambda optimizer: eval(row.theirs, TORCH | p | {"optimizer": optimizer})  # noqa: E731
            curve = stepped(build, key, base=p["lr"])
            return lambda steps: np.array(curve(steps[-1] + 1))[steps], 1e-12
        case "Hugging Face":
            (name,) = re.findall(r"^\w+", row.theirs)
            names = p | {name: getattr(transformers, name)}
            curve = stepped(lambda optimizer: eval(row.theirs, names | {"optimizer": optimizer}), base=p["lr"])
            return lambda steps: np.array(curve(steps[-1] + 1))[steps], 1e-13
        case "Optax":
            return at(eval(row.theirs, vars(optax) | p)), 4e-6
        case "Keras":
            return at(eval(row.theirs, vars(keras.optimizers.schedules) | p)), 4e-6
        case "timm":
            return at(eval(row.theirs, timm(p["lr"]) | p | {"optimizer": None})), 1e-14
        case "Megatron-LM":
            return at(eval(row.theirs, {"OptimizerParamScheduler": megatron, "optimizer": None} | p)), 1e-14
        case library:
            raise ValueError(library)


def steps_to_compare(row: Row, p: dict[str, Any]) -> Any:
    """All of them or, of a library that takes long, those around the numbers that a curve can turn at."""
    T = p["T"]
    updates = {"t < T": T, "t <= T": T + 1, "t < kT": p["k"] * T, "t <= 2T": 2 * T + 1, "all": 2 * T}[
        re.split("[,;:]", row.steps)[0]
    ]
    if row.library not in EAGER:
        return np.arange(updates)
    turns = [0, updates, p["W"], p["W"] + p["n"], int(p["pct"] * T), int(0.85 * T), *(p[name] for name in "nijT")]
    turns += [T + p["i"], T + p["i"] + p["n"], *(p["n"] * c for c in (2, 3, p["k"], 1 + p["k"]))]
    steps = np.concatenate([np.add.outer(turns, [-1, 0, 1]).ravel(), np.linspace(0, updates - 1, 8).astype(int)])
    return np.unique(steps[(steps >= 0) & (steps < updates)])


def compare(row: Row, p: dict[str, Any]) -> None:
    schedule = eval(row.ours, vars(lrcore) | {"math": math} | p)
    steps = steps_to_compare(row, p)
    values, error = theirs(row, p)
    ours = [schedule(step) for step in steps.tolist()] if "Custom" in row.ours else schedule(steps)  # any function's way
    scale = 1.0 if row.library == "PyTorch's momentum" else p["lr"]
    np.testing.assert_allclose(values(steps), ours, rtol=0, atol=error * scale, err_msg=str(p))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.library} {row.theirs}")
def test_their_curve_is_ours(row: Row) -> None:
    @settings(max_examples=EAGER.get(row.library, 20))
    @given(parameters())
    def holds(p: dict[str, Any]) -> None:
        compare(row, p)

    holds()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.library} {row.theirs}")
def test_a_curve_one_update_late_would_be_seen(row: Row) -> None:
    late = Row(row.library, row.theirs, f"Constant(0.0).then({row.ours}, at=1)", row.steps)
    compare(row, P)
    with pytest.raises(AssertionError):
        compare(late, P)


def test_keras_misses_a_restart_and_has_cycles_that_begin_between_updates() -> None:
    restarts = keras.optimizers.schedules.CosineDecayRestarts
    schedule = lrcore.WarmRestarts(1.0, steps=2, growth=2)
    assert 16_382 in {edge.step for edge in schedule.edges(20_000)}
    assert (schedule(16_382), float(restarts(1.0, 2, t_mul=2.0)(16_382))) == (1.0, 0.0)
    broken, whole = restarts(1.0, 5, t_mul=1.5), lrcore.WarmRestarts(1.0, steps=5, growth=1.5)
    parted = [t for t in range(30) if abs(float(broken(t)) - whole(t)) > 1e-3]
    assert parted[0] == 6


def test_the_readmes_lines_are_among_these() -> None:
    lines = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", README.read_text(), re.MULTILINE)
    assert [line for line in lines if line not in {row[:3] for row in ROWS}] == []
    assert {library for library, _, _ in lines} == {"PyTorch", "Hugging Face", "Optax", "Keras"}


# Every scheduler of these libraries, and every argument of each, is in the table or in the list of those without an equal.

TIMM = {
    "CosineLRScheduler": "t_initial lr_min cycle_mul cycle_decay cycle_limit warmup_t warmup_lr_init warmup_prefix k_decay",
    "TanhLRScheduler": "t_initial lb ub lr_min cycle_mul cycle_decay cycle_limit warmup_t warmup_lr_init warmup_prefix",
    "StepLRScheduler": "decay_t decay_rate warmup_t warmup_lr_init warmup_prefix",
    "MultiStepLRScheduler": "decay_t decay_rate warmup_t warmup_lr_init warmup_prefix",
    "PolyLRScheduler": "t_initial power lr_min cycle_mul cycle_decay cycle_limit warmup_t warmup_lr_init warmup_prefix "
    "k_decay",
    "WSDLRScheduler": "t_initial decay_t lr_min stable_fn stable_timescale stable_power decay_fn decay_power decay_ratio "
    "warmup_t warmup_lr_init",
    "PlateauLRScheduler": "decay_rate patience_t threshold cooldown_t warmup_t warmup_lr_init lr_min mode noise_type",
}
"""The arguments of timm 1.0.31's schedulers, as their sources have them, but for those that all of them have."""

ALL_OF_TIMM = ("optimizer", "t_in_epochs", "noise_range_t", "noise_pct", "noise_std", "noise_seed", "initialize")


def schedulers() -> dict[str, dict[str, list[str]]]:
    """The libraries' public schedulers, and the arguments of each."""

    def parameters(of: dict[str, Any]) -> dict[str, list[str]]:
        return {name: list(inspect.signature(function).parameters) for name, function in of.items()}

    def classes(of: dict[str, Any], base: type) -> dict[str, Any]:
        kinds = {name: kind for name, kind in of.items() if inspect.isclass(kind) and issubclass(kind, base)}
        return {name: kind for name, kind in kinds.items() if kind is not base and not name.startswith("_")}

    hf = {
        n: getattr(transformers.optimization, n) for n in vars(transformers.optimization) if re.match("get_.*schedule", n)
    }
    return {
        "PyTorch": parameters(classes(TORCH, torch_lr.LRScheduler)),
        "Hugging Face": parameters(hf),
        "Optax": parameters({n: f for n, f in vars(optax.schedules).items() if inspect.isfunction(f)}),
        "Keras": parameters(classes(vars(keras.optimizers.schedules), keras.optimizers.schedules.LearningRateSchedule)),
        "timm": {name: [*names.split(), *ALL_OF_TIMM] for name, names in TIMM.items()},
    }


def told(library: str) -> set[str]:
    """Each scheduler that a row or a gap has, and each of its arguments as `scheduler.argument`."""
    found = {gap.name for gap in GAPS if gap.library == library}
    for row in ROWS:
        if row.library.partition("'")[0] == library:
            for call in (node for node in ast.walk(ast.parse(row.theirs)) if isinstance(node, ast.Call)):
                found |= {ast.unparse(call.func), *(f"{ast.unparse(call.func)}.{word.arg}" for word in call.keywords)}
                found |= {f"{ast.unparse(call.func)}.{name.id}" for name in call.args if isinstance(name, ast.Name)}
    return found


def untold(library: str, names: dict[str, list[str]], found: set[str]) -> list[str]:
    """What is in neither list. A scheduler without an equal needs none for its arguments."""
    gaps = {gap.name for gap in GAPS if gap.library == library}
    missing = [name for name in names if name not in found]
    for name in sorted(set(names) - gaps):
        missing += [f"{name}.{word}" for word in names[name] if not {f"{name}.{word}", word} & found]
    return missing


@pytest.mark.parametrize("library", ["PyTorch", "Hugging Face", "Optax", "Keras", "timm"])
def test_every_scheduler_and_argument_is_told_or_has_no_equal(library: str) -> None:
    names, found = schedulers()[library], told(library)
    assert len(names) > 5
    assert untold(library, names, found) == []
    assert untold(library, {**names, "NewLR": ["rate"]}, found) == ["NewLR", "NewLR.rate"]
    words = {*names, *(f"{name}.{word}" for name in names for word in names[name])}
    words |= {word for arguments in names.values() for word in arguments}
    assert [gap.name for gap in GAPS if gap.library == library and gap.name not in words] == []
