"""What is drawn and summed without looking at every update, and without NumPy."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrcore import Custom, Schedule, parse
from lrcore._catalogue import FAMILIES, METHODS
from lrcore._view.curve import along, drawn, evaluator
from lrcore._view.summary import summary
from lrcore._view.sums import summed
from lrcore.studio import answer
from strategies import schedules

EXPRESSIONS = [repr(example) for name, example in (FAMILIES | METHODS).items() if name != "Custom"]


# Drawing.


def test_a_spike_of_one_update_in_a_million_is_drawn() -> None:
    steps, rates = drawn(parse("PiecewiseConstant([0.1, 0.9, 0.1], boundaries=[777_777, 777_778])"), 0, 10**6, 1_000)
    assert rates[steps.index(777_777)] == max(rates) == 0.9
    assert len(steps) < 1_100


@pytest.mark.parametrize(
    ("text", "total", "low", "high"),
    [
        ("Linear(0.1, end=0.02, steps=30).repeat(100_000)", 3_000_000, 0.02, 0.1),
        ("Cyclic(0.01, high=0.1, up=20)", 10**9, 0.01, 0.1),
        ("Cyclic(0.01, high=0.1, up=3, down=7).warmup(500, start=0.01)", 10**7, 0.01, 0.1),
        (
            "Sequence([Constant(0.1), Constant(0.9), Cosine(0.1, steps=93)], boundaries=[7, 8]).repeat(10**6)",
            10**8,
            0.0,
            0.9,
        ),
    ],
)
def test_more_cycles_than_pixels_have_their_least_and_largest_in_each_pixel(
    text: str, total: int, low: float, high: float
) -> None:
    steps, rates = drawn(parse(text), 0, total, 1_000)
    assert steps == sorted(set(steps))
    for pixel in range(1, 999):
        inside = [rate for step, rate in zip(steps, rates, strict=True) if pixel <= step * 1_000 / total < pixel + 1]
        assert max(inside) == high
        assert min(inside) < low + 0.05 * (high - low)


@settings(max_examples=60)
@given(schedules, st.integers(0, 10**6), st.integers(1, 10**7), st.booleans())
def test_a_drawing_goes_from_its_first_step_to_its_last_with_the_schedules_values(
    schedule: Schedule, first: int, span: int, log: bool
) -> None:
    steps, rates = drawn(schedule, first, first + span, 50, log=log)
    assert (steps[0], steps[-1]) == (first, first + span)
    assert steps == sorted(set(steps))
    assert rates == [schedule(step) for step in steps]


def test_a_logarithmic_axis_has_as_many_points_for_each_power_of_ten() -> None:
    steps, _ = drawn(parse("InverseSqrt(1.0, timescale=10)"), 0, 10**6, 600, log=True)
    counts = [sum(10**power <= step < 10 ** (power + 1) for step in steps) for power in range(6)]
    assert max(counts) <= 1.2 * min(counts)


@settings(max_examples=60)
@given(schedules, st.lists(st.floats(0, 1e9), min_size=300, max_size=300))
def test_numpy_and_python_give_the_same_bits_along_a_curve(schedule: Schedule, steps: list[float]) -> None:
    assert along(schedule, steps) == list(map(evaluator(schedule), steps))


@pytest.mark.parametrize(
    ("text", "total", "step"),
    [
        # Of more edges than pixels, only one is a warmup's
        ("StepDecay(0.9, every=2, factor=0.5).warmup(10)", 100_000, 10),
        ("InverseSqrt(0.1, timescale=1_000).shift(5).warmup(7) * Linear(0.1, end=0.0, steps=30)", 100_000, 7),
        # A top between two edges
        ("Constant(1.0).warmup(40) * Linear(0.4, end=0.0, steps=20)", 200_000, 10),
    ],
)
def test_a_top_that_is_narrower_than_a_pixel_is_drawn(text: str, total: int, step: int) -> None:
    schedule = parse(text)
    _, rates = drawn(schedule, 0, total, 1_000)
    assert max(rates) == schedule(step) == schedule(np.arange(total)).max()


# Sums.


@pytest.mark.parametrize("text", EXPRESSIONS)
@pytest.mark.parametrize("total", [1, 100, 3_001, 7_777, 200_000])
def test_a_sum_of_pieces_is_the_sum_of_every_update(text: str, total: int) -> None:
    schedule = parse(text)
    rates = schedule(np.arange(total))
    found = summary(schedule, total)
    assert math.isclose(found.area, math.fsum(rates), rel_tol=1e-11, abs_tol=1e-300)
    assert (found.peak.step, found.peak.value) == (int(rates.argmax()), float(rates.max()))
    assert found.idle == (int((rates != 0).argmax()) if rates.any() else total)


@settings(max_examples=40)
@given(schedules)
@example(
    parse("Constant(0.0).then(OneCycle(1.0, steps=33, pct_start=0.25).per_epoch(3), at=1)")
)  # a top between two epochs
@example(parse("Cyclic(1.0, high=2.0, up=2801, mode='exp_range', factor=0.9)"))  # over in a hundred steps
def test_a_summary_of_any_composition_is_that_of_every_update(schedule: Schedule) -> None:
    rates = schedule(np.arange(50_000))
    found = summary(schedule, 50_000)
    assert math.isclose(found.area, math.fsum(rates), rel_tol=1e-10, abs_tol=1e-300)
    assert found.peak.value == rates.max()


@pytest.mark.parametrize("total", [20_000, 44_891, 150_001])
def test_an_edge_between_two_steps_leaves_the_sum_its_digits(total: int) -> None:
    schedule = parse(f"OneCycle(0.24, steps={total})")
    assert math.isclose(summary(schedule, total).area, math.fsum(schedule(np.arange(total))), rel_tol=1e-12)


def test_few_values_make_the_sum_of_a_smooth_piece() -> None:
    looked: list[float] = []

    def value(step: float) -> float:
        looked.append(step)
        return math.sqrt(step)

    found = summed(value, [0, 10**6], 10**5)
    assert found is not None
    assert math.isclose(found, math.fsum(map(math.sqrt, range(10**6))), rel_tol=1e-11)
    assert len(looked) < 2_000


def test_a_sum_that_takes_too_many_values_is_given_up() -> None:
    assert summed(lambda step: math.sin(step * step), [0, 10**6], 10_000) is None


def test_the_mean_of_very_many_cycles_is_not_that_of_one_phase() -> None:
    assert math.isclose(summary(parse("Cyclic(0.01, high=0.1, up=20)"), 10**9).mean, 0.055, rel_tol=1e-3)


def test_a_formula_of_the_users_is_looked_at_at_every_update() -> None:
    spike = Custom(lambda t, xp: xp.where(t == 77_777, 1.0, 0.0))
    found = summary(spike, 100_000)
    assert (found.peak.step, found.area, found.idle) == (77_777, 1.0, 77_777)


# Without NumPy.

REQUESTS: list[dict[str, Any]] = [
    {"ask": "offer"},
    {"ask": "draw", "schedules": EXPRESSIONS[:8], "plan": {"optimizer": "adamw", "dtype": "bfloat16", "batch": 32}},
    *({"ask": "draw", "schedules": [text], "total": 300_000} for text in EXPRESSIONS),
    {"ask": "at", "schedules": EXPRESSIONS[:8], "steps": [0, 5, 99], "plan": {"batch": 32}},
    {"ask": "above", "schedules": EXPRESSIONS[:8], "rate": 0.05},
    {"ask": "difference", "schedules": EXPRESSIONS[2:4]},
    {"ask": "read", "text": "StepLR(SGD(p, lr=0.1), 30)"},
    *({"ask": "write", "text": text, "to": to} for text in EXPRESSIONS for to in ("torch", "python", "lrcore-optax")),
    {"ask": "draw", "schedules": ["Cosine(1, steps=9).per_sample(Linear(10, end=20, steps=50))"]},
]

WITHOUT = """
import json, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "scipy", "typer", "rich", "matplotlib"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from lrcore.studio import answer

json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)
"""


def without_numpy(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The replies of a Python that has none of the optional libraries."""
    command = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(command, input=json.dumps(requests), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    replies: list[dict[str, Any]] = json.loads(done.stdout)
    return replies


def test_the_same_is_answered_without_numpy_to_the_bit() -> None:
    for request, reply in zip(REQUESTS, without_numpy(REQUESTS), strict=True):
        assert reply == json.loads(json.dumps(answer(request))), request


def test_what_needs_numpy_says_so() -> None:
    law = "LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=[3e-4, 3e-4])"
    forecast, written, drawn_ = without_numpy(
        [
            {"ask": "forecast", "text": "Constant(3e-4)", "law": law},
            {"ask": "write", "text": "InverseSqrt(0.1, timescale=20)", "to": "optax"},
            {"ask": "draw", "schedules": ["Constant(0.1)"], "plan": {"weight_decay": 0.1, "optimizer": "adamw"}},
        ]
    )
    assert forecast["error"]["message"] == "A forecast needs NumPy, which is not here."
    message = "Code for optax is tried in float32 by NumPy, which is not here: `lrcore write` writes it."
    assert written["error"]["message"] == message
    sentence = "The rule decay-memory needs NumPy, which is not here: `lrcore check` asks it."
    assert drawn_["curves"][0]["says"] == [sentence]
