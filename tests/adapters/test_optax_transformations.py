"""JAX: under every transformation and with every kind of count, bit-equal to the core rounded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.export
import jax.monitoring
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from mpmath import mpf

from cases import CASES, Case, numbers, steps_of
from lrcore import Constant, Cosine, Custom, Linear, PiecewiseConstant, Schedule

TINY = np.finfo(np.float32).tiny
"""Below it float32 is subnormal, which XLA takes for 0 on CPUs."""


def core(schedule: Schedule, steps: Any, dtype: Any = np.float32) -> Any:
    """The core's values, one Python number at a time, rounded once."""
    return np.array([schedule(step) for step in np.asarray(steps).tolist()]).astype(dtype)


def assert_same_bits(got: Any, want: Any) -> None:
    got = np.asarray(got)
    assert got.dtype == want.dtype
    normal = np.abs(want) >= TINY
    np.testing.assert_array_equal(got[normal], want[normal])
    assert np.all(np.abs(got[~normal]) < TINY)


def ints(case: Case, limit: int = 2**31, dense: int = 10) -> Any:
    """Steps below `limit`: also near and past 2**24, where float32 no longer counts, and Optax's last count, 2**31 - 1."""
    steps = [*steps_of(case, dense), 2**24, 2**24 + 3, 2**30 + 1, 2**31 - 2]
    return np.array([step for step in steps if step < limit])


ALIKE = 256
"""Steps of every case, some of them twice: outside jit JAX compiles each operation for each shape."""


def one_at_a_time(schedule: Schedule, steps: Any) -> Any:
    """What a loop over updates sees: every step a tracer of no shape."""
    return lax.map(schedule, steps)


def by_scan(schedule: Schedule, steps: Any) -> Any:
    def body(count: Any, _: None) -> tuple[Any, Any]:
        return count + 1, schedule(steps[count])

    return lax.scan(body, jnp.zeros((), jnp.int32), length=len(steps))[1]


def by_fori_loop(schedule: Schedule, steps: Any) -> Any:
    def body(i: Any, rates: Any) -> Any:
        return rates.at[i].set(schedule(steps[i]))

    return lax.fori_loop(0, len(steps), body, jnp.zeros(len(steps)))


def by_cond(schedule: Schedule, steps: Any) -> Any:
    return lax.cond(steps[0] >= 0, schedule, lambda steps: jnp.full(steps.shape, -1.0), steps)


def by_grad(schedule: Schedule, steps: Any) -> Any:
    """The rate as the gradient of what it multiplies."""
    return jax.grad(lambda x: jnp.sum(x * schedule(steps)))(jnp.ones(steps.shape))


def by_remat(schedule: Schedule, steps: Any) -> Any:
    return jax.grad(jax.checkpoint(lambda x: jnp.sum(x * schedule(steps))))(jnp.ones(steps.shape))


def by_export(schedule: Schedule, steps: Any) -> Any:
    """A program for any number of steps."""
    any_number = jax.export.symbolic_shape("n")
    program = jax.export.export(jax.jit(schedule))(jax.ShapeDtypeStruct(any_number, steps.dtype))
    return jax.export.deserialize(program.serialize()).call(steps)


TRANSFORMATIONS: dict[str, Callable[[Schedule, Any], Any]] = {
    "jit": lambda schedule, steps: schedule(steps),
    "vmap": lambda schedule, steps: jax.vmap(schedule)(steps),
    "one at a time": one_at_a_time,
    "scan": by_scan,
    "fori_loop": by_fori_loop,
    "cond": by_cond,
    "grad": by_grad,
    "remat": by_remat,
}


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_equals_the_core_under_every_transformation(case: Case) -> None:
    steps = ints(case, dense=3)

    @jax.jit  # all in one program: compiling is what costs
    def rates(counts: Any) -> dict[str, Any]:
        return {name: transformed(case.schedule, counts) for name, transformed in TRANSFORMATIONS.items()}

    counts, want = jnp.asarray(steps, jnp.int32), core(case.schedule, steps)
    for got in rates(counts).values():
        assert_same_bits(got, want)
    assert_same_bits(by_export(case.schedule, counts), want)


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_equals_the_core_outside_jit(case: Case) -> None:
    steps = np.resize(ints(case, dense=3), ALIKE)
    counts = jnp.asarray(steps, jnp.int32)
    assert_same_bits(np.array([case.schedule(count) for count in counts[:40]]), core(case.schedule, steps[:40]))
    assert_same_bits(case.schedule(counts.reshape(-1, 1)), core(case.schedule, steps).reshape(-1, 1))


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_equals_the_core_for_every_dtype_of_count(case: Case) -> None:
    counts = [
        jnp.asarray(ints(case, limit, dense=3), dtype)
        for dtype, limit in ((jnp.uint32, 2**32), (jnp.int16, 2**15), (jnp.uint8, 2**8))
    ]
    parts = np.concatenate([ints(case, 60_000, dense=3), np.linspace(0, 300, 77)])
    counts += [jnp.asarray(parts, dtype) for dtype in (jnp.float32, jnp.bfloat16, jnp.float16)]
    rates = jax.jit(lambda counts: [case.schedule(count) for count in counts])(counts)
    for got, steps in zip(rates, counts, strict=True):
        assert_same_bits(got, core(case.schedule, np.asarray(steps, np.float64)))


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_is_float64_with_x64_on_and_within_4_ulp(case: Case) -> None:
    steps = ints(case, 2**62, dense=4)
    with jax.enable_x64(True):
        got = jax.jit(case.schedule)(jnp.asarray(steps))
        assert got.dtype == jnp.float64
        assert not got.weak_type
        alone = case.schedule(jnp.asarray(steps[1]))
        assert alone.dtype == jnp.float64
        assert float(alone) == case.schedule(int(steps[1]))
    for value, step in zip(np.asarray(got).tolist(), steps.tolist(), strict=True):
        exact = case.exact(step)
        ulp = mpf(float(np.spacing(max(abs(float(exact)), np.finfo(np.float64).tiny))))
        assert abs(mpf(value) - exact) <= (4 + case.slack) * ulp, step
    np.testing.assert_array_equal(np.asarray(got).astype(np.float32)[...] >= TINY, core(case.schedule, steps) >= TINY)


def test_a_formula_in_float32_would_be_caught() -> None:
    case = next(case for case in CASES if case.name == "cosine")
    steps = ints(case)
    naive = 3e-5 + (3e-4 - 3e-5) * (1 + jnp.cos(jnp.pi * jnp.minimum(jnp.asarray(steps, jnp.float32), 1e5) / 1e5)) / 2
    with pytest.raises(AssertionError):
        assert_same_bits(naive, core(case.schedule, steps))


# Steps near and past 2**24, where float32 no longer counts, and the largest count that Optax has


@pytest.mark.parametrize("traced", [True, False], ids=["jit", "no jit"])
@pytest.mark.parametrize("last", [2**24, 2**24 + 2, 2**31 - 2])
def test_steps_that_float32_cannot_count_are_told_apart(last: int, traced: bool) -> None:
    lr = PiecewiseConstant([1.0, 0.5], boundaries=[last + 1])
    f = jax.jit(lr) if traced else lr
    assert [float(f(jnp.asarray(step, jnp.int32))) for step in (last - 1, last, last + 1)] == [1.0, 1.0, 0.5]


def test_a_decay_as_long_as_optax_counts_ends_at_its_last_count() -> None:
    lr = jax.jit(Linear(1.0, end=0.0, steps=2**31 - 1))
    assert float(lr(jnp.asarray(2**31 - 1, jnp.int32))) == 0.0
    assert float(lr(jnp.asarray(2**31 - 2, jnp.int32))) == np.float32(1 / (2**31 - 1))


# Nothing leaks, and nothing compiles twice


def test_dtypes_and_weak_types_around_the_call_stay_as_they_were() -> None:
    lr = Cosine(0.1, steps=100).warmup(10)

    def around(x: Any, count: Any) -> Any:
        before = jnp.sin(x) * 2.0
        rate = lr(count)
        return before, rate, x * rate, x * 2.0, jnp.arange(3) / 2, jnp.asarray(1.5), count + 1

    def without(x: Any, count: Any) -> Any:
        return (
            jnp.sin(x) * 2.0,
            jnp.float32(0.1),
            x * jnp.float32(0.1),
            x * 2.0,
            jnp.arange(3) / 2,
            jnp.asarray(1.5),
            count + 1,
        )

    for dtype in (jnp.float32, jnp.bfloat16, jnp.float16):
        x, count = jnp.ones(3, dtype), jnp.asarray(5, jnp.int32)
        for f, g in ((around, without), (jax.jit(around), jax.jit(without))):
            kinds = [(a.dtype, a.weak_type) for a in f(x, count)]
            assert kinds == [(a.dtype, a.weak_type) for a in g(x, count)]
    assert jax.config.jax_enable_x64 is False


def test_x64_is_off_again_after_a_formula_that_fails() -> None:
    def fails(t: Any, xp: Any) -> Any:
        raise RuntimeError("the user's")

    with pytest.raises(RuntimeError, match="the user's"):
        jax.jit(Custom(fails))(jnp.asarray(1))
    assert jax.config.jax_enable_x64 is False
    assert jnp.asarray(np.float64(1)).dtype == jnp.float32


def compilations(run: Callable[[], Any]) -> int:
    """How many programs XLA compiles while `run` runs."""
    seen = []

    def listen(name: str, seconds: float, **_: Any) -> None:
        if name == "/jax/core/compile/backend_compile_duration":
            seen.append(seconds)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        run()
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    return len(seen)


def test_nothing_is_compiled_from_step_to_step() -> None:
    lr = Cosine(0.1, steps=100).warmup(10)
    f = jax.jit(lambda count: (count + 1, lr(count)))
    count = jnp.zeros((), jnp.int32)

    def ten_steps(count: Any) -> None:
        for _ in range(10):
            lr(count)
            count, _ = f(count)

    assert compilations(lambda: ten_steps(count)) > 0
    jax.clear_caches()
    lr(count), f(count)
    assert compilations(lambda: ten_steps(count)) == 0


# Bad steps, and steps that only look bad


@pytest.mark.parametrize("step", [True, 1j])
def test_a_step_that_is_no_real_number_is_refused(step: Any) -> None:
    name = "bool" if step is True else "complex64"
    for array in (jnp.asarray(step), jnp.asarray([step])):
        for f in (Cosine(0.1, steps=10), jax.jit(Cosine(0.1, steps=10))):
            with pytest.raises(TypeError) as error:
                f(array)
            assert str(error.value) == f"step must hold real numbers, got an array of {name}."


@pytest.mark.parametrize("step", [np.nan, np.inf])
def test_a_step_that_is_known_not_to_be_finite_is_refused(step: float) -> None:
    for array in (jnp.asarray(step), jnp.asarray([1.0, step, 2.0])):
        with pytest.raises(ValueError, match=f"step must be a finite number, 0 or more, got .*{step}"):
            Cosine(0.1, steps=10)(array)


def test_a_negative_step_reads_as_0_under_jit_and_outside() -> None:
    lr = Linear(0.3, end=1.0, steps=10)
    for step in (jnp.asarray(-1), jnp.asarray([-7, 0]), jnp.asarray(-(2**31)), jnp.asarray(-0.5)):
        for f in (lr, jax.jit(lr)):
            np.testing.assert_array_equal(f(step), np.full(step.shape, 0.3, np.float32))


def test_a_traced_step_that_is_not_a_number_gives_no_number_in_any_family() -> None:
    rates = jax.jit(lambda steps: {case.name: case.schedule(steps) for case in CASES})(jnp.asarray([np.nan, 3.0]))
    for name, (nothing, rate) in rates.items():
        assert np.isnan(nothing), name
        assert np.isfinite(rate), name


def test_an_empty_array_of_steps_gives_an_empty_array() -> None:
    for f in (Cosine(0.1, steps=10), jax.jit(Cosine(0.1, steps=10)), Constant(0.1)):
        rates = f(jnp.zeros((0, 2), jnp.int32))
        assert rates.shape == (0, 2)
        assert rates.dtype == jnp.float32


def test_a_long_table_equals_the_core() -> None:
    boundaries = list(range(7, 7 + 3 * 500, 3))
    lr = PiecewiseConstant([1.0 / (i + 1) for i in range(501)], boundaries=boundaries)
    steps = np.arange(1600)
    assert_same_bits(jax.jit(lr)(jnp.asarray(steps)), core(lr, steps))
    assert_same_bits(jax.jit(jax.vmap(lr))(jnp.asarray(steps)), core(lr, steps))


def test_custom_is_traced_where_it_meets_a_tracer() -> None:
    def loss(peak: Any, count: Any) -> Any:
        return Custom(lambda t, xp: xp.sqrt(peak) / (1 + t))(count)

    count = jnp.asarray(3)
    assert float(jax.grad(loss)(4.0, count)) == 0.0625
    assert float(jax.jit(jax.grad(loss))(4.0, count)) == 0.0625
