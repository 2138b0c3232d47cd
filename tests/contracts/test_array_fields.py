"""Fields may be JAX values: mapped over, they give what plain numbers give; their gradients are right and finite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cases import CASES, FAMILIES, Case, steps_of
from lrcore import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    Interpolate,
    InverseSqrt,
    Linear,
    MultiStep,
    OneCycle,
    PiecewiseConstant,
    Schedule,
    WarmRestarts,
    noam,
    wsd,
)

STRUCTURAL = {("WarmRestarts", "growth"), ("WarmRestarts", "cycles"), ("Interpolate", "points")}
"""Fields that say how many pieces there are: plain numbers only."""


def numeric_fields(kinds: tuple[type, ...]) -> Iterator[Any]:
    for case in FAMILIES:
        if (case.schedule.length or 0) >= 2**31:
            continue  # a 32-bit program cannot hold its length
        for field in fields(case.schedule):
            value = getattr(case.schedule, field.name)
            fixed = (type(case.schedule).__name__, field.name) in STRUCTURAL or (
                (field.name == "factor" and getattr(case.schedule, "mode", "exp_range") != "exp_range")
                or (field.name == "steps" and getattr(case.schedule, "growth", 1) == 1.5)
            )
            if type(value) in kinds and not fixed:
                yield pytest.param(case, field.name, id=f"{case.name}-{field.name}")


def near(case: Case) -> np.ndarray:
    """The steps of a case that a 32-bit program can hold, as many of each: JAX compiles an operation for each number."""
    found = np.array([step for step in steps_of(case, dense=10) if step < 2**31], np.int32)
    return np.resize(found, 64 * -(-len(found) // 64))


@pytest.mark.parametrize(("case", "name"), [*numeric_fields((int, float))])
def test_vmap_over_a_field_gives_what_numbers_give(case: Case, name: str) -> None:
    value, steps = getattr(case.schedule, name), near(case)
    dtype = np.int32 if name in case.schedule._clock and isinstance(value, int) else np.float32
    other = value + 1 if dtype == np.int32 else value * (1.02 if name == "high" else 0.75)
    batch = np.array([value, other], dtype)
    mapped = jax.jit(jax.vmap(lambda x: replace(case.schedule, **{name: x})(steps)))(batch)
    assert mapped.dtype == np.float32
    for row, x in zip(mapped, batch, strict=True):
        expected = replace(case.schedule, **{name: x.item()})(steps)
        normal = expected > np.finfo(np.float32).tiny  # smaller ones may be flushed to 0
        np.testing.assert_array_equal(row[normal], expected.astype(np.float32)[normal])


@pytest.mark.parametrize(("case", "name"), [*numeric_fields((float,))])
def test_gradients_are_finite_and_right(case: Case, name: str) -> None:
    value, steps = getattr(case.schedule, name), near(case)

    def total(x: Any) -> Any:
        return replace(case.schedule, **{name: x})(steps).sum()

    with jax.enable_x64(True):
        each = jax.jacobian(lambda x: replace(case.schedule, **{name: x})(steps))(jnp.float64(value))
        assert np.isfinite(each).all()
        gradient = float(jax.grad(total)(jnp.float64(value)))
    h = 1e-6 * value if value else 1e-3  # a start or end of 0 enters linearly
    low, high = max(0.0, value - h), value + h
    if name in ("factor", "decay", "base", "pct_start") and high > 1:
        high = value
    slope = (total(high) - total(low)) / (high - low)
    assert gradient == pytest.approx(slope, rel=2e-4, abs=1e-7)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if (case.schedule.length or 0) < 2**31 and not case.steep],
    ids=lambda case: case.name,
)
def test_gradients_with_respect_to_the_step_are_finite(case: Case) -> None:
    steps = near(case).astype(np.float32)
    assert np.isfinite(jax.vmap(jax.grad(case.schedule))(steps)).all()


def test_a_population_of_peaks_lengths_and_warmups_in_one_call() -> None:
    def curve(peak: Any, steps: Any, warmup: Any) -> Any:
        return Cosine(peak, steps=steps, end=1e-5).warmup(warmup)(jnp.arange(200))

    peaks, lengths, warmups = np.float32([0.1, 0.2, 0.3]), np.int32([100, 150, 200]), np.int32([10, 1, 50])
    got = jax.jit(jax.vmap(curve))(peaks, lengths, warmups)
    for row, peak, steps, warmup in zip(got, peaks, lengths, warmups, strict=True):
        expected = Cosine(peak, steps=int(steps), end=1e-5).warmup(int(warmup))(np.arange(200))
        np.testing.assert_array_equal(row, expected.astype(np.float32))


@pytest.mark.parametrize(
    "compose",
    [
        lambda peak: 2 * Cosine(peak, steps=50),
        lambda peak: peak * Cosine(1.0, steps=50),
        lambda peak: Cosine(peak, steps=50) * InverseSqrt(peak, timescale=9),
        lambda peak: Cosine(peak, steps=50).then(Cosine(peak, steps=20)),
        lambda peak: Cosine(peak, steps=50).repeat(3),
        lambda peak: Cosine(peak, steps=50).shift(5).clip(low=0.01),
        lambda peak: Cosine(peak, steps=5).per_epoch(10),
        lambda peak: WarmRestarts(peak, steps=5, growth=2),
    ],
)
def test_compositions_take_arrays_too(compose: Any) -> None:
    steps = jnp.arange(120)
    for row, peak in zip(
        jax.vmap(lambda p: compose(p)(steps))(np.float32([0.1, 0.7])), np.float32([0.1, 0.7]), strict=True
    ):
        np.testing.assert_array_equal(row, compose(peak.item())(np.arange(120)).astype(np.float32))


LENGTHS: dict[str, Callable[[Any], Schedule]] = {
    "warmup": lambda n: Cosine(0.1, steps=50).warmup(n),
    "of a warmup": lambda n: Cosine(0.1, steps=n).warmup(2),
    "milestone": lambda n: MultiStep(0.1, milestones=[3, n]),
    "boundary": lambda n: PiecewiseConstant([1.0, 0.5], boundaries=[n]),
    "points": lambda n: Interpolate([(0, 1.0), (n, 0.5), (2 * n, 0.25)]),
    "points, cosine": lambda n: Interpolate([(0, 1.0), (n, 0.5)], shape="cosine"),
    "restarts": lambda n: WarmRestarts(0.1, steps=n, cycles=3, growth=2),
    "then": lambda n: Cosine(0.1, steps=n).then(Constant(0.05)).then(Constant(0.1), at=2 * n),
    "repeat": lambda n: Cosine(0.1, steps=3).repeat(n),
    "of a repeat": lambda n: Cosine(0.1, steps=n).repeat(3),
    "shift": lambda n: Cosine(0.1, steps=9).shift(n),
    "per_epoch": lambda n: Cosine(0.1, steps=3).per_epoch(n),
    "per_epoch, smooth": lambda n: Cosine(0.1, steps=9).warmup(2).per_epoch(n, smooth=True),
    "of per_epoch": lambda n: Exponential(0.1, factor=0.7, every=n, staircase=True).per_epoch(3, smooth=True),
    "points of per_epoch": lambda n: Interpolate([(0, 1.0), (n, 0.5)]).per_epoch(3, smooth=True),
    "points per_epoch": lambda n: Interpolate([(0, 1.0), (3, 0.5)]).per_epoch(n, smooth=True),
    "cooldown": lambda n: InverseSqrt(0.1, timescale=3).cooldown(at=n, steps=n),
    "extend": lambda n: Cosine(0.1, steps=20).extend(4 * n, at=n),
    "of extend": lambda n: Linear(0.1, end=0.01, steps=n).extend(40, at=2),
    "wsd, steps": lambda n: wsd(0.1, steps=n, warmup=1, cooldown=2),
    "wsd, warmup": lambda n: wsd(0.1, steps=20, warmup=n, cooldown=4),
    "wsd, cooldown": lambda n: wsd(0.1, steps=20, warmup=0, cooldown=n),
    "noam": lambda n: noam(64, warmup=n),
    "cyclic": lambda n: Cyclic(0.0, high=0.1, up=n, down=2 * n),
    "one cycle": lambda n: OneCycle(0.1, steps=4 * n),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_a_length_that_is_traced_gives_what_its_number_gives(name: str) -> None:
    steps, lengths = np.arange(70), [5, 7]
    rates = jax.jit(jax.vmap(lambda n: LENGTHS[name](n)(steps)))(np.int32(lengths))
    for row, n in zip(rates, lengths, strict=True):
        np.testing.assert_array_equal(row, LENGTHS[name](n)(steps).astype(np.float32))


@pytest.mark.parametrize("name", LENGTHS)
def test_the_edges_of_a_length_that_is_traced_are_refused_in_one_way(name: str) -> None:
    message = r"[A-Za-z]+\.edges needs lengths that are plain numbers, got an array: its value may not be known\."
    with pytest.raises(TypeError) as error:
        jax.jit(lambda n: [edge.step for edge in LENGTHS[name](n).edges(50)])(5)
    assert re.fullmatch(message, str(error.value))
    assert LENGTHS[name](5).edges(50)


def test_where_a_length_must_be_known_the_error_says_so() -> None:
    needs = "needs lengths that are plain numbers, got an array"
    messages: dict[str, Callable[[Any], Any]] = {
        f"Cosine.stretch {needs}: its value may not be known.": lambda n: Cosine(0.1, steps=n).stretch(20),
        f"Linear.stretch {needs}: its value may not be known.": lambda n: Linear(0.1, end=0.0, steps=9).stretch(n),
        f"Cosine.edges {needs}: its value may not be known.": lambda n: Cosine(0.1, steps=n).edges(),
        f"Warmup.extend {needs}: only a single decay does without.": lambda n: (
            Cosine(0.1, steps=9).warmup(2).extend(20, at=n)
        ),
    }
    for message, make in messages.items():
        with pytest.raises(TypeError) as error:
            jax.jit(lambda n, make=make: make(n)(0))(5)
        assert str(error.value) == message


@pytest.mark.parametrize(
    "make",
    [
        lambda peak: Linear(peak, end=0.0, steps=10_000),
        lambda peak: Constant(peak).warmup(10_000),
        lambda peak: Interpolate([(0, 0.0), (5_000, peak), (10_000, 0.0)]),
    ],
    ids=["linear", "warmup", "interpolate"],
)
def test_peaks_in_float32_meet_no_ties_on_a_straight_line(make: Callable[[Any], Schedule]) -> None:
    peaks = np.float32([3e-4, 1e-3, 0.1, 1e-2, *np.random.default_rng(0).random(16, np.float32)])
    steps = np.arange(10_000)
    rates = jax.jit(jax.vmap(lambda peak: make(peak)(steps)))(peaks)
    for row, peak in zip(rates, peaks, strict=True):
        np.testing.assert_array_equal(row, make(peak.item())(steps).astype(np.float32))


def test_a_plain_step_with_an_array_field_gives_that_librarys_array() -> None:
    value = Cosine(jnp.float32(0.5), steps=10)(5)
    assert isinstance(value, jax.Array)
    assert value == np.float32(0.25)


def test_numpy_steps_with_an_array_field_are_checked_before_its_library_converts_them() -> None:
    schedule = Cosine(jnp.float32(0.5), steps=10)
    for steps, dtype in {np.True_: "bool", (True,): "bool", (1j,): "complex128", ("1",): "<U1"}.items():
        with pytest.raises(TypeError, match=rf"^step must hold real numbers, got an array of {dtype}\.$"):
            schedule(np.asarray(steps))
        with pytest.raises(TypeError, match=rf"^step must hold real numbers, got an array of {dtype}\.$"):
            schedule(np.asarray(steps).ravel()[0])
    assert schedule(np.uint8([5]))[0] == schedule(np.int64(5)) == schedule(np.float16(5)) == np.float32(0.25)


def test_what_fixes_the_number_of_pieces_must_be_plain() -> None:
    with pytest.raises(TypeError, match=r"^WarmRestarts\.growth must be a plain number"):
        WarmRestarts(0.1, steps=5, growth=jnp.float32(2))
    with pytest.raises(
        ValueError, match=r"^WarmRestarts\.growth must be a whole number where steps is an array, got 1\.5\.$"
    ):
        WarmRestarts(0.1, steps=jnp.int32(5), growth=1.5)


def test_a_field_is_one_number() -> None:
    message = r"^Cosine\.start must be a single number, got an array of shape \(2,\); map over it with vmap\.$"
    with pytest.raises(TypeError, match=message):
        Cosine(jnp.ones(2), steps=5)


def test_an_array_field_cannot_be_saved_and_says_so() -> None:
    schedule: Schedule = Cosine(jnp.float32(0.5), steps=10)
    with pytest.raises(ValueError, match=r"^Cosine\.start cannot be saved: it is an array, not a number\.$"):
        schedule.to_dict()
