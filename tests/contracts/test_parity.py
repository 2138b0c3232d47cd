"""The promise, counted: every schedule in every framework gives the core's float64 value, rounded once to float32.

What compares them is `lrcore.verify`, which anyone can run for a schedule of their own.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lrcore
from cases import CASES
from lrcore import Cosine, Custom, InverseTime, Linear, Schedule, StepDecay, Verification, VerifiedMode, WarmRestarts
from lrcore._verify import _installed_modes, steps_of, verification
from lrcore_torch._arrays import Torch
from lrcore_torch._modes import MODES as TORCH
from recipes import RECIPES

ARRAYS = ["NumPy", "PyTorch", "JAX jit", "TensorFlow eager", "TensorFlow graph", "TensorFlow XLA"]
"""The modes that take every step at once."""
MODES = {
    module: {name: mode for load in loaders for name, mode in load().items()}
    for module, loaders in _installed_modes().items()
}
SLOW = {name for modes in MODES.values() for name, mode in modes.items() if hasattr(mode, "slow")}
"""Those that their adapters say are: what they add to the others does not depend on the formula."""
SCHEDULES: dict[str, Schedule] = {case.name: case.schedule for case in CASES} | RECIPES
SLACK = {case.name: case.slack for case in CASES}
ULP = 2
"""Of float64, between a framework and the core: each is within 4 of the exact value."""
POWERS = {case.name for case in CASES if case.powers} | {"deeplab-v3"}
VANISHING = {case.name for case in CASES if case.vanishing}


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_mode_gives_the_core_rounded_once_to_float32(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    every_eighth = list(SCHEDULES).index(name) % 8 == 0
    report = lrcore.verify(SCHEDULES[name]) if every_eighth else verified(SCHEDULES[name], leave=SLOW)
    assert report.ok, report
    modes = {mode.name: mode for mode in report.modes}
    assert set(ARRAYS) < set(modes)
    for mode in report.modes:
        assert mode.version is not None
        assert mode.evaluations > 0, report
        assert (mode.float64_ulp or 0) <= allowed(name, mode.name), report
    for array in ARRAYS:
        assert modes[array].evaluations == evaluations(array, SCHEDULES[name])
    record_property("evaluations", {mode.name: mode.evaluations for mode in report.modes})


def verified(schedule: Schedule, *, only: Collection[str] | None = None, leave: Collection[str] = ()) -> Verification:
    """What `verify` finds in some of the modes."""
    kept = {
        module: {name: mode for name, mode in modes.items() if (only is None or name in only) and name not in leave}
        for module, modes in MODES.items()
    }
    return verification(schedule, {module: [lambda modes=modes: modes] for module, modes in kept.items()})


@cache
def many(schedule: Schedule) -> Any:
    """The steps at which a schedule is looked at by what takes an array."""
    return steps_of(schedule).many


def evaluations(mode: str, schedule: Schedule) -> int:
    """How many there are to be: JAX counts in int32, or in uint32 beyond."""
    steps = many(schedule)
    return int((steps < 2**31).sum()) if mode == "JAX jit" else len(steps)


def allowed(name: str, mode: str) -> float:
    """What the float64 values of a mode may be from the core's, in ulp."""
    ulp = ULP + 4 * (name in POWERS) + SLACK.get(name, 0.0)
    if name in VANISHING and mode in ("TensorFlow eager", "TensorFlow graph"):
        ulp += 709  # |ln x| of the smallest float64, which is what TensorFlow's power of arrays is off by
    return ulp


def test_that_is_a_million_evaluations_of_each_array_library() -> None:
    for mode in ARRAYS:
        assert sum(evaluations(mode, schedule) for schedule in SCHEDULES.values()) >= 1_000_000


def test_the_steps_are_where_mistakes_live() -> None:
    for case in CASES:
        steps = set(many(case.schedule).tolist())
        near = case.edges if case.schedule.length else [edge for edge in case.edges if edge < 10_000]
        for edge in (0, *near, 2**24, 2**31):
            assert {edge - 1, edge, edge + 1} - {-1} <= steps, (case.name, edge)
        assert max(steps) == 2**53 - 1


@pytest.mark.parametrize("schedule", [WarmRestarts(0.1, steps=103), StepDecay(0.1, every=103).shift(206)])
def test_of_what_comes_again_without_end_far_boundaries_are_among_them(schedule: Schedule) -> None:
    steps = set(many(schedule).tolist())
    assert sum(step % 103 == 0 and step - 1 in steps for step in steps if step > 10**9) > 100


# What is wrong is seen.


def of(report: Verification, name: str) -> VerifiedMode:
    (mode,) = (mode for mode in report.modes if mode.name == name)
    return mode


def test_a_sine_in_float32_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Torch, "sin_squared", lambda self, p, q: torch.sin((p - q).float()).double() ** 2)
    report = lrcore.verify(Cosine(0.1, steps=1000))
    wrong = of(report, "PyTorch")
    assert report.mismatches == wrong.mismatches > 300
    assert wrong.float32_ulp >= 1


def test_one_value_of_thousands_an_ulp_off_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(self: Torch, t: Any, value: Any) -> Any:
        return torch.where(t == 777, math.nextafter(np.float32(value).item(), 1) * (1 + 2**-23), value)

    monkeypatch.setattr(Torch, "full", slip)
    wrong = of(verified(lrcore.Constant(0.5), only=["PyTorch"]), "PyTorch")
    assert (wrong.mismatches, wrong.float32_ulp) == (1, 1)


def test_nan_and_a_negative_rate_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (math.nan, -0.5):
        monkeypatch.setattr(Torch, "full", lambda self, t, _, value=value: torch.full(t.shape, value, dtype=torch.float64))
        wrong = of(verified(lrcore.Constant(0.5), only=["PyTorch"]), "PyTorch")
        assert wrong.mismatches == wrong.evaluations
        assert wrong.float32_ulp > 2**22


def test_a_division_by_the_reciprocal_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Torch, "floor_divide", lambda self, x, y: torch.floor(x * (1 / y)))
    for schedule in (StepDecay(0.1, every=49), WarmRestarts(0.1, steps=103), Linear(1, end=0, steps=9).per_epoch(49)):
        assert of(verified(schedule, only=["PyTorch"]), "PyTorch").mismatches > 5


@pytest.mark.parametrize("every", [49, 98, 103, 107, 161, 187, 2.5, 0.1, 0.7])
def test_whole_numbers_of_periods_are_counted_exactly(every: float) -> None:
    report = verified(InverseTime(0.1, rate=0.5, every=every, staircase=True), only=ARRAYS)
    assert len(report.modes) == len(ARRAYS)
    assert report.ok, report


# The report.


def test_a_framework_that_is_missing_or_broken_has_its_row_and_the_others_are_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "halfinstalled.py").write_text("raise OSError('libcuda.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "jax", None)
    modes = {"jax": [dict], "halfinstalled": [dict], "torch": [lambda: {"PyTorch": TORCH["PyTorch"]}]}
    report = verification(Linear(0.1, end=0.0, steps=10), modes)
    assert [mode.name for mode in report.modes] == ["NumPy", "jax", "halfinstalled", "PyTorch"]
    assert of(report, "jax") == VerifiedMode("jax")
    assert of(report, "PyTorch").ok
    assert (report.ok, report.mismatches) == (False, 0)
    lines = repr(report).splitlines()
    assert [line.split()[1:] for line in lines if line.startswith(("jax", "halfinstalled "))] == [
        ["not", "installed"],
        ["failed"],
        ["failed:", "OSError:", "libcuda.so.1:", "cannot", "open", "shared", "object", "file"],
    ]


def test_the_report_is_a_table() -> None:
    report = Verification(
        Linear(0.1, end=0.0, steps=10),
        (
            VerifiedMode("NumPy", "2.4.6", 12_345, 0, None, 0, 1),
            VerifiedMode("PyTorch", "2.13.0", 12_345, 678, 9, 1, 90),
            VerifiedMode("jax"),
        ),
    )
    assert repr(report).splitlines() == [
        "Linear(0.1, end=0.0, steps=10)",
        "",
        "mode     version        evaluations  mismatches  float32 ulp  float64 ulp",
        "NumPy    2.4.6               12,345           0            0            1",
        "PyTorch  2.13.0              12,345         678            1           90",
        "jax      not installed",
        "",
        "PyTorch differs first at step 9.",
    ]


# A backend of somebody else's, found through its entry points: right, and one update late.

PACKAGE = """
import numpy as np
__version__ = "1.2"

class Engine:
    def __init__(self, schedule, late):
        self.schedule, self.late = schedule, late
    def rate(self, updates):
        return np.float32(self.schedule(max(updates - self.late, 0)))

def values(schedule, steps, late):
    engine = Engine(schedule, late)
    taken = [step for run in steps.runs for step in run]
    return taken, np.array([engine.rate(step) for step in taken]), None

MODES = {"engine": lambda schedule, steps: values(schedule, steps, 0)}
LATE = {"engine": lambda schedule, steps: values(schedule, steps, 1)}
"""


@pytest.mark.parametrize(("value", "ok"), [("MODES", True), ("LATE", False)])
def test_a_third_partys_backend_is_verified_right_or_an_update_late(value: str, ok: bool, tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(PACKAGE)
    info = tmp_path / "engine-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: engine\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[lrcore.modes]\nengine = engine:{value}\n")
    program = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
for name in {sorted(MODES)}:
    sys.modules[name] = None
import lrcore
report = lrcore.verify(lrcore.Cosine(0.1, steps=100).warmup(10))
(mode,) = (mode for mode in report.modes if mode.name == "engine")
print(mode.version, report.ok, mode.ok, mode.evaluations > 20, mode.mismatches > 5, mode.first)
"""
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["1.2", str(ok), str(ok), "True", str(not ok), "None" if ok else "1"]


def test_what_cannot_be_verified_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^verify\.schedule must be a schedule, got 0\.1\.$"):
        lrcore.verify(0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^verify\.schedule must be of plain numbers, none of them an array, got "):
        lrcore.verify(lrcore.Constant(torch.tensor(0.1)))  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"is a function of one Python number: give it a second parameter, xp, for arrays\.$"
    ):
        lrcore.verify(Custom(lambda t: 0.1))
