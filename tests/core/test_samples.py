"""The clock of the data: exact whole numbers, monotone, invertible; batches that grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrcore import Constant, Cosine, Exponential, InverseSqrt, Linear, MultiStep, PiecewiseConstant, StepDecay
from lrcore._compositions.samples import PerSample, SampleClock
from lrcore.advice import batch_ramp

sizes: Any = st.lists(st.integers(1, 5_000), min_size=1, max_size=6)
lengths: Any = st.lists(st.integers(1, 2_000), min_size=5, max_size=5)


def clock_of(sizes: list[int], lengths: list[int]) -> tuple[SampleClock, list[int]]:
    """A clock, and the batch of each update, one by one."""
    begins = np.concatenate([[0], np.cumsum(lengths[: len(sizes) - 1])]).astype(int).tolist()
    every = [size for size, n in zip(sizes, [*lengths[: len(sizes) - 1], 500], strict=False) for _ in range(n)]
    return SampleClock(tuple(sizes), tuple(begins)), every


@given(sizes, lengths)
def test_samples_are_the_sum_of_the_batches_before(sizes: list[int], lengths: list[int]) -> None:
    clock, every = clock_of(sizes, lengths)
    seen = [0, *np.cumsum(every).tolist()]
    steps = range(len(seen))
    assert [clock.samples(t) for t in steps] == seen
    assert [clock.step(n) for n in seen] == list(steps)


@given(sizes, lengths, st.integers(0, 10**18))
def test_the_inverse_is_the_first_update_by_which_so_many_are_seen(
    sizes: list[int], lengths: list[int], samples: int
) -> None:
    clock, _ = clock_of(sizes, lengths)
    step = clock.step(samples)
    assert clock.samples(step) >= samples
    assert step == 0 or clock.samples(step - 1) < samples


@given(sizes, lengths, st.integers(0, 2**40))
def test_a_formula_of_an_array_library_counts_as_the_integers_do(sizes: list[int], lengths: list[int], step: int) -> None:
    from lrcore._numeric.scalar import scalar

    clock, _ = clock_of(sizes, lengths)
    if clock.samples(step) < 2**53:
        assert clock.value(float(step), scalar) == clock.samples(step)


@pytest.mark.parametrize(
    "batch",
    [
        PiecewiseConstant([16, 32, 64], boundaries=[100, 200]),
        64 * MultiStep(1.0, milestones=[100, 200], factor=0.5),
        Constant(16).then(Constant(32), at=100).then(Constant(64), at=200),
        Linear(16, end=64, steps=300),
    ],
    ids=repr,
)
def test_a_batch_may_be_any_schedule_that_ends_or_goes_in_stairs(batch: Any) -> None:
    lr = Cosine(0.1, steps=40_000).per_sample(batch)
    assert isinstance(lr, PerSample)
    assert lr.length is not None
    batches = [lr.samples_at(t + 1) - lr.samples_at(t) for t in range(500)]
    assert batches == [int(batch(t) + 0.5) for t in range(500)]
    assert lr(lr.length) == 0.0 < lr(lr.length - 1)


def test_values_are_rounded_to_whole_multiples() -> None:
    lr = Cosine(0.1, steps=10**6).per_sample(Linear(32, end=320, steps=1_000), multiple=32)
    assert isinstance(lr, PerSample)
    batches = {lr.samples_at(t + 1) - lr.samples_at(t) for t in range(1_200)}
    assert batches == {32 * i for i in range(1, 11)}


FAULTS: list[tuple[Any, dict[str, Any], str]] = [
    (0, {}, "Cosine.per_sample.batch must be a positive integer, got 0."),
    (1.5, {}, "Cosine.per_sample.batch must be a positive integer, got 1.5."),
    (8, {"multiple": 0}, "Cosine.per_sample.multiple must be a positive integer, got 0."),
    (Constant(0.2), {}, "Cosine.per_sample.batch must be 1 or more at every update, got Constant(0.2)."),
    (
        InverseSqrt(100, timescale=5),
        {},
        "Cosine.per_sample.batch must be a positive integer, or a schedule of one that goes in stairs or ends within "
        "10,000,000 updates, got InverseSqrt(100, timescale=5).",
    ),
]


@pytest.mark.parametrize(("batch", "options", "message"), FAULTS, ids=lambda value: str(value)[:30])
def test_what_is_no_batch_is_refused(batch: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        Cosine(0.1, steps=100).per_sample(batch, **options)
    assert str(error.value) == message


def test_a_warmup_comes_before() -> None:
    with pytest.raises(
        ValueError, match=r"^A warmup after \.per_sample\(\) is not supported: call \.warmup\(samples\) first"
    ):
        Cosine(0.1, steps=1_000).per_sample(10).warmup(5)


def test_edges_are_told_in_updates() -> None:
    lr = Cosine(0.1, steps=1_000).warmup(95).per_sample(10)
    assert [(edge.step, edge.text) for edge in lr.edges()] == [(10, "warmup ends"), (100, "end")]
    assert [edge.step for edge in StepDecay(0.1, every=25).per_sample(10).edges(until=10)] == [3, 5, 8, 10]


def test_a_schedule_in_epochs_of_a_batch_that_grows_goes_by_samples() -> None:
    batch = PiecewiseConstant([16, 64], boundaries=[100])
    lr = Exponential(0.1, factor=0.5).per_epoch(1_000).per_sample(batch)
    assert [lr(t) for t in (0, 62, 63, 100)] == [0.1, 0.1, 0.05, 0.05]  # 1,000 samples are seen before update 63


@given(st.integers(1, 64), st.integers(1, 20), st.integers(1, 64), st.integers(1, 10**6))
def test_a_ramp_is_megatrons(start: int, stairs: int, increment: int, samples: int) -> None:
    ramp = batch_ramp(start, start + stairs * increment, increment=increment, samples=samples)
    seen = 0
    for update in range(300):
        # As megatron/core/num_microbatches_calculator.py has it
        steps = int(seen * stairs // samples)
        expected = start + stairs * increment if seen > samples else start + min(steps, stairs) * increment
        assert ramp(update) == expected
        seen += expected


def test_a_ramp_whose_stairs_do_not_fit_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^batch_ramp\.end must be start and a number of increments, 16 \+ n·32, got 64\.$"
    ):
        batch_ramp(16, 64, increment=32, samples=1_000)
