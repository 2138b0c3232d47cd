"""Each row of docs/coming-from.md, run as it is written, with random parameters: their curve is ours.

torch's and Hugging Face's schedulers are stepped in float64; Optax's and Keras's compute in float32. timm and Megatron-LM
are stood in for by the formulas of their sources.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import optax
import pytest
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler as torch_lr

import lrcore
from curves import stepped

Values = Callable[[Any], Any]
TABLES = Path(__file__).parents[2] / "docs" / "coming-from.md"


@dataclass(frozen=True)
class Row:
    """Two expressions, and for which steps they agree."""

    library: str
    theirs: str
    ours: str
    steps: str


def rows() -> list[Row]:
    found = []
    for section in TABLES.read_text().split("\n## ")[1:]:
        library = section.partition("\n")[0]
        found += [Row(library, *row) for row in re.findall(r"^\| `(.+?)` \| `(.+?)` \| (.+?) \|$", section, re.MULTILINE)]
    return found


@st.composite
def parameters(draw: Any) -> dict[str, Any]:
    """Values for every name that the expressions use."""
    fractions = st.floats(0.05, 0.95)
    lr, T = draw(st.floats(1e-4, 1)), draw(st.integers(40, 150))
    i = draw(st.integers(2, 40))
    return {
        "lr": lr,
        "end": lr * draw(st.just(0.0) | fractions),
        "start": lr * draw(st.just(0.0) | fractions),
        "T": T,
        "W": draw(st.integers(1, T // 3)),
        "C": draw(st.integers(1, T // 3)),
        "n": draw(st.integers(5, 60)),
        "i": i,
        "j": i + draw(st.integers(1, 40)),
        "k": draw(st.integers(1, 4)),
        "a": draw(fractions),
        "b": draw(fractions),
        "factor": draw(st.floats(0.1, 0.99)),
        "power": draw(st.floats(0.3, 4)),
        "pct": draw(st.floats(0.1, 0.45)),
    }


# timm and Megatron-LM, from their formulas: functions of t under the names and arguments of their classes.


def _after_warmup(over: int, start: float, lr: float, rest: Callable[[int], float]) -> Callable[[int], float]:
    return lambda t: start + t * (lr - start) / over if t < over else rest(t)


def timm(lr: float) -> dict[str, Any]:
    """The schedulers as functions of t, for an optimizer whose own rate is `lr`."""

    def cosine(
        _: Any,
        t_initial: int,
        *,
        lr_min: float,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        k_decay: float = 1.0,
    ) -> Callable[[int], float]:
        def rest(t: int) -> float:
            t = t - warmup_t if warmup_prefix else t
            angle = math.pi * t**k_decay / t_initial**k_decay
            return lr_min + 0.5 * (lr - lr_min) * (1 + math.cos(angle)) if t < t_initial else lr_min

        return _after_warmup(warmup_t, warmup_lr_init, lr, rest)

    def poly(_: Any, t_initial: int, *, power: float, lr_min: float, k_decay: float = 1.0) -> Callable[[int], float]:
        def value(t: int) -> float:
            return lr_min + (lr - lr_min) * (1 - t**k_decay / t_initial**k_decay) ** power if t < t_initial else lr_min

        return value

    def tanh(_: Any, t_initial: int, *, lr_min: float, lb: float = -7.0, ub: float = 3.0) -> Callable[[int], float]:
        def value(t: int) -> float:
            tr = t / t_initial
            return lr_min + 0.5 * (lr - lr_min) * (1 - math.tanh(lb * (1 - tr) + ub * tr)) if tr < 1 else lr_min

        return value

    def step(_: Any, *, decay_t: int, decay_rate: float) -> Callable[[int], float]:
        return lambda t: lr * decay_rate ** (t // decay_t)

    def multi_step(_: Any, *, decay_t: list[int], decay_rate: float) -> Callable[[int], float]:
        return lambda t: lr * decay_rate ** sum(t + 1 >= milestone for milestone in decay_t)

    return {
        "CosineLRScheduler": cosine,
        "PolyLRScheduler": poly,
        "TanhLRScheduler": tanh,
        "StepLRScheduler": step,
        "MultiStepLRScheduler": multi_step,
    }


def megatron(
    _: Any,
    init_lr: float,
    max_lr: float,
    min_lr: float,
    lr_warmup_steps: int,
    lr_decay_steps: int,
    lr_decay_style: str,
    wsd_decay_steps: int = 0,
    lr_wsd_decay_style: str = "",
) -> Callable[[int], float]:
    """`OptimizerParamScheduler`, as a function of its steps."""
    W, T = lr_warmup_steps, lr_decay_steps
    shapes = {
        "linear": lambda r: 1 - r,
        "cosine": lambda r: 0.5 * (math.cos(math.pi * r) + 1),
        "exponential": lambda r: 2 * 0.5**r - 1,
        "minus_sqrt": lambda r: 1 - math.sqrt(r),
    }

    def value(n: int) -> float:
        if n <= W:
            return init_lr + (max_lr - init_lr) * n / W
        if n > T:
            return min_lr
        if lr_decay_style == "inverse-square-root":
            return max(min_lr, max_lr * math.sqrt(max(W, 1)) / math.sqrt(max(n, 1)))
        if lr_decay_style == "WSD":
            begin = T - wsd_decay_steps
            shape = shapes[lr_wsd_decay_style]
            return max_lr if n <= begin else min_lr + (max_lr - min_lr) * shape((n - begin) / wsd_decay_steps)
        return min_lr + (max_lr - min_lr) * shapes[lr_decay_style]((n - W) / (T - W))

    return value


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
            build = lambda optimizer: eval(row.theirs, vars(torch_lr) | p | {"optimizer": optimizer})  # noqa: E731
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
    updates = {"t < T": T, "t <= T": T + 1, "t <= 2T": 2 * T + 1, "all": 2 * T}[row.steps.partition(",")[0]]
    if row.library not in EAGER:
        return np.arange(updates)
    turns = [0, updates, p["W"], p["W"] + p["n"], int(p["pct"] * T), int(0.85 * T), *(p[name] for name in "nijT")]
    turns += [T + p["i"], T + p["i"] + p["n"], *(p["n"] * c for c in (2, 3, p["k"], 1 + p["k"]))]
    steps = np.concatenate([np.add.outer(turns, [-1, 0, 1]).ravel(), np.linspace(0, updates - 1, 8).astype(int)])
    return np.unique(steps[(steps >= 0) & (steps < updates)])


def compare(row: Row, p: dict[str, Any]) -> None:
    schedule = eval(row.ours, vars(lrcore) | p)
    steps = steps_to_compare(row, p)
    values, error = theirs(row, p)
    scale = 1.0 if row.library == "PyTorch's momentum" else p["lr"]
    np.testing.assert_allclose(values(steps), schedule(steps), rtol=0, atol=error * scale, err_msg=str(p))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.library} {row.theirs}")
def test_their_curve_is_ours(row: Row) -> None:
    @settings(max_examples=EAGER.get(row.library, 20))
    @given(parameters())
    def holds(p: dict[str, Any]) -> None:
        compare(row, p)

    holds()


P = {"lr": 0.1, "end": 0.01, "start": 0.0, "T": 90, "W": 9, "C": 20, "n": 17, "i": 5, "j": 31, "k": 3} | {
    "a": 0.5,
    "b": 0.3,
    "factor": 0.7,
    "power": 2.0,
    "pct": 0.3,
}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.library} {row.theirs}")
def test_a_curve_one_update_late_would_be_seen(row: Row) -> None:
    late = Row(row.library, row.theirs, f"Constant(0.0).then({row.ours}, at=1)", row.steps)
    compare(row, P)
    with pytest.raises(AssertionError):
        compare(late, P)


def test_keras_misses_a_restart_and_has_cycles_that_begin_between_updates() -> None:
    restarts = keras.optimizers.schedules.CosineDecayRestarts
    schedule = lrcore.WarmRestarts(1.0, steps=2, growth=2)
    assert 16_382 in schedule.edges(20_000)
    assert (schedule(16_382), float(restarts(1.0, 2, t_mul=2.0)(16_382))) == (1.0, 0.0)
    broken, whole = restarts(1.0, 5, t_mul=1.5), lrcore.WarmRestarts(1.0, steps=5, growth=1.5)
    parted = [t for t in range(30) if abs(float(broken(t)) - whole(t)) > 1e-3]
    assert parted[0] == 6


def test_no_row_is_passed_over() -> None:
    lines = [line for line in TABLES.read_text().splitlines() if line.startswith("| `")]
    assert len(rows()) == len(lines) > 50
    names = {row.library.partition("'")[0] for row in rows()}
    assert names == {"PyTorch", "Hugging Face", "Optax", "Keras", "timm", "Megatron-LM"}


def test_the_readmes_lines_are_among_these() -> None:
    text = (TABLES.parents[1] / "README.md").read_text()
    lines = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", text, re.MULTILINE)
    assert [line for line in lines if line not in {(row.library, row.theirs, row.ours) for row in rows()}] == []
    assert {library for library, _, _ in lines} == {"PyTorch", "Hugging Face", "Optax", "Keras"}
