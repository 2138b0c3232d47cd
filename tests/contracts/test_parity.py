"""The promise, counted: every schedule in every framework gives the core's float64 value, rounded once to float32.

What compares them is `lrcore.verify`, which anyone can run for a schedule of their own.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from lrcore._parity import Backend, Verification, steps_of

import lrcore
from cases import CASES
from lrcore import Cosine, Custom, InverseTime, Linear, Schedule, StepDecay, WarmRestarts
from lrcore_torch._arrays import Torch
from recipes import RECIPES

BACKENDS = ["NumPy", "PyTorch", "JAX jit", "TensorFlow eager", "TensorFlow graph", "TensorFlow XLA"]
SCHEDULES: dict[str, Schedule] = {case.name: case.schedule for case in CASES} | RECIPES
SLACK = {case.name: case.slack for case in CASES}
ULP = 2
"""Of float64, between a framework and the core: each is within 4 of the exact value."""
POWERS = {
    *("polynomial", "power 10", "cubic up", "1-square", "exponential cooldown", "exponential cooldown 0.1"),
    *("restarts doubling", "decaying restarts", "cyclic exp", "DeepLab"),
}
"""Those that take powers or logarithms, which are an ulp or two off in the frameworks and meet in one formula."""
VANISHING = {"steps of 49"}
"""Those that fall to nothing within the steps, by a power."""


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_backend_gives_the_core_rounded_once_to_float32(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    report = lrcore.verify(SCHEDULES[name])
    assert [backend.name for backend in report.backends] == BACKENDS
    assert [backend.name for backend in report.backends if backend.version is None] == []
    for backend in report.backends:
        assert backend.evaluations == evaluations(backend.name, SCHEDULES[name])
    assert report.mismatches == 0, str(report)
    for backend in report.backends:
        assert backend.float64_ulp <= allowed(name, backend.name), str(report)
    record_property("evaluations", {backend.name: backend.evaluations for backend in report.backends})


def evaluations(backend: str, schedule: Schedule) -> int:
    """How many there are to be: JAX counts in int32."""
    steps = steps_of(schedule)
    return int((steps < 2**31).sum()) if backend == "JAX jit" else len(steps)


def allowed(name: str, backend: str) -> float:
    """What the float64 values of a backend may be from the core's, in ulp."""
    ulp = ULP + 4 * (name in POWERS) + SLACK.get(name, 0.0)
    if name in VANISHING and backend in ("TensorFlow eager", "TensorFlow graph"):
        ulp += 709  # |ln x| of the smallest float64, which is what TensorFlow's power of arrays is off by
    return ulp


def test_that_is_a_million_evaluations_of_each_backend() -> None:
    for name in BACKENDS:
        assert sum(evaluations(name, schedule) for schedule in SCHEDULES.values()) >= 1_000_000


def test_the_steps_are_where_mistakes_live() -> None:
    for case in CASES:
        steps = set(steps_of(case.schedule).tolist())
        for edge in (0, *case.edges, 2**24, 2**31):
            assert {edge - 1, edge, edge + 1} - {-1} <= steps, (case.name, edge)
        assert max(steps) == 2**53 - 1


# What is wrong is seen.


def of(report: Verification, name: str) -> Backend:
    (backend,) = (backend for backend in report.backends if backend.name == name)
    return backend


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
    wrong = of(lrcore.verify(lrcore.Constant(0.5)), "PyTorch")
    assert (wrong.mismatches, wrong.float32_ulp) == (1, 1)


def test_nan_and_a_negative_rate_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (math.nan, -0.5):
        monkeypatch.setattr(Torch, "full", lambda self, t, _, value=value: torch.full(t.shape, value, dtype=torch.float64))
        wrong = of(lrcore.verify(lrcore.Constant(0.5)), "PyTorch")
        assert wrong.mismatches == wrong.evaluations
        assert wrong.float32_ulp > 2**22


def test_a_division_by_the_reciprocal_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Torch, "floor_divide", lambda self, x, y: torch.floor(x * (1 / y)))
    for schedule in (StepDecay(0.1, every=49), WarmRestarts(0.1, steps=103), Linear(1, end=0, steps=9).per_epoch(49)):
        assert of(lrcore.verify(schedule), "PyTorch").mismatches > 5


@pytest.mark.parametrize("every", [49, 98, 103, 107, 161, 187, 2.5, 0.1, 0.7])
def test_whole_numbers_of_periods_are_counted_exactly(every: float) -> None:
    report = lrcore.verify(InverseTime(0.1, rate=0.5, every=every, staircase=True))
    assert report.mismatches == 0, str(report)


# The report.


def test_a_framework_that_is_missing_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    report = lrcore.verify(Linear(0.1, end=0.0, steps=10))
    assert of(report, "JAX jit") == Backend("JAX jit", None)
    assert report.mismatches == 0
    (line,) = (line for line in str(report).splitlines() if line.startswith("JAX"))
    assert line.split() == ["JAX", "jit", "not", "installed"]


def test_the_report_is_a_table() -> None:
    report = Verification(
        Linear(0.1, end=0.0, steps=10),
        (
            Backend("NumPy", "2.4.6", 12_345, 0, 0, 1),
            Backend("PyTorch", "2.13.0", 12_345, 678, 1, 90),
            Backend("JAX jit", None),
        ),
    )
    assert str(report).splitlines() == [
        "Linear(0.1, end=0.0, steps=10)",
        "",
        "backend  version        evaluations  mismatches  float32 ulp  float64 ulp",
        "NumPy    2.4.6               12,345           0            0            1",
        "PyTorch  2.13.0              12,345         678            1           90",
        "JAX jit  not installed",
    ]


def test_what_cannot_be_verified_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^verify\.schedule must be a schedule, got 0\.1\.$"):
        lrcore.verify(0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^verify\.schedule must be of plain numbers, none of them an array, got "):
        lrcore.verify(lrcore.Constant(torch.tensor(0.1)))  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"is a function of one Python number: give it a second parameter, xp, for arrays\.$"
    ):
        lrcore.verify(Custom(lambda t: 0.1))
