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
from hypothesis import strategies as st
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

import lrcore
from curves import stepped
from lrcore._elsewhere import GAPS, ROWS, Row

Values = Callable[[Any], Any]
README = Path(__file__).parents[2] / "README.md"
TORCH = {**vars(torch_lr), "SWALR": SWALR}


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
        "m": draw(st.integers(1, 4)),
        "div": draw(st.floats(2, 30)),
        "final": draw(st.floats(2, 1e4)),
        "f": lambda t: 1 / (1 + t / 10),
    }


# timm and Megatron-LM, from their formulas: functions of t under the names and arguments of their classes.


def _after_warmup(over: int, start: float, lr: float, rest: Callable[[int], float]) -> Callable[[int], float]:
    return lambda t: start + t * (lr - start) / over if t < over else rest(t)


def timm(lr: float) -> dict[str, Any]:
    """The schedulers as functions of t, for an optimizer whose own rate is `lr`."""

    def warmed(prefix: bool, warmup_t: int, warmup_lr_init: float, rest: Callable[[int], float]) -> Callable[[int], float]:
        """The ramp that all of them have, then `rest`, on its own clock where the warmup comes before it."""
        shifted = (lambda t: rest(t - warmup_t)) if prefix else rest
        return _after_warmup(warmup_t, warmup_lr_init, lr, shifted)

    def cosine(
        _: Any,
        t_initial: int,
        *,
        lr_min: float = 0.0,
        cycle_mul: int = 1,
        cycle_decay: float = 1.0,
        cycle_limit: int = 1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        k_decay: float = 1.0,
    ) -> Callable[[int], float]:
        def rest(t: int) -> float:
            i, length = 0, t_initial
            while t >= length:  # by whole cycles, where timm takes a logarithm
                i, t, length = i + 1, t - length, length * cycle_mul
            if i >= cycle_limit:
                return lr_min
            peak = lr * cycle_decay**i
            return lr_min + 0.5 * (peak - lr_min) * (1 + math.cos(math.pi * t**k_decay / length**k_decay))

        return warmed(warmup_prefix, warmup_t, warmup_lr_init, rest)

    def poly(
        _: Any,
        t_initial: int,
        *,
        power: float,
        lr_min: float,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        k_decay: float = 1.0,
    ) -> Callable[[int], float]:
        def rest(t: int) -> float:
            return lr_min + (lr - lr_min) * (1 - t**k_decay / t_initial**k_decay) ** power if t < t_initial else lr_min

        return warmed(warmup_prefix, warmup_t, warmup_lr_init, rest)

    def tanh(_: Any, t_initial: int, *, lr_min: float, lb: float = -7.0, ub: float = 3.0) -> Callable[[int], float]:
        def value(t: int) -> float:
            tr = t / t_initial
            return lr_min + 0.5 * (lr - lr_min) * (1 - math.tanh(lb * (1 - tr) + ub * tr)) if tr < 1 else lr_min

        return value

    def step(
        _: Any, *, decay_t: int, decay_rate: float, warmup_t: int = 0, warmup_lr_init: float = 0.0
    ) -> Callable[[int], float]:
        return warmed(True, warmup_t, warmup_lr_init, lambda t: lr * decay_rate ** (t // decay_t))

    def multi_step(
        _: Any, *, decay_t: list[int], decay_rate: float, warmup_t: int = 0, warmup_lr_init: float = 0.0
    ) -> Callable[[int], float]:
        passed = lambda t: sum(t + 1 >= milestone for milestone in decay_t)  # noqa: E731
        return warmed(True, warmup_t, warmup_lr_init, lambda t: lr * decay_rate ** passed(t))

    def wsd(
        _: Any,
        t_initial: int,
        *,
        decay_t: int,
        lr_min: float = 0.0,
        stable_fn: str = "constant",
        stable_timescale: float = 1.0,
        decay_fn: str = "1-sqrt",
        decay_power: float = 0.5,
        decay_ratio: float = 0.1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
    ) -> Callable[[int], float]:
        decays: dict[str, Callable[[float], float]] = {
            "linear": lambda r: 1 - r,
            "1-sqrt": lambda r: 1 - math.sqrt(r),
            "power": lambda r: 1 - r**decay_power,
            "exp": lambda r: (decay_ratio**r - decay_ratio) / (1 - decay_ratio),
        }

        def rest(t: int) -> float:
            stable = max(lr * (1.0 if stable_fn == "constant" else (1 + t / stable_timescale) ** -0.5), lr_min)
            into = t - (t_initial - decay_t)
            return stable if into <= 0 else lr_min + (stable - lr_min) * decays[decay_fn](min(into / decay_t, 1.0))

        return warmed(True, warmup_t, warmup_lr_init, rest)

    return {
        "CosineLRScheduler": cosine,
        "PolyLRScheduler": poly,
        "TanhLRScheduler": tanh,
        "StepLRScheduler": step,
        "MultiStepLRScheduler": multi_step,
        "WSDLRScheduler": wsd,
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


P = {"lr": 0.1, "end": 0.01, "start": 0.0, "T": 90, "W": 9, "C": 20, "n": 17, "i": 5, "j": 31, "k": 3} | {
    "a": 0.5,
    "b": 0.3,
    "factor": 0.7,
    "power": 2.0,
    "pct": 0.3,
    "m": 2,
    "div": 10.0,
    "final": 100.0,
    "f": lambda t: 1 / (1 + t / 10),
}


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
