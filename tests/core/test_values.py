"""What holds of every schedule: ends, direction, purity, text, data."""

from __future__ import annotations

import copy
import json
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest

import lrcore
from cases import CASES, FAMILIES, Case, numbers, steps_of
from lrcore import Cosine, Exponential, WarmRestarts
from lrcore._catalogue import CLASSES


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_ends_are_exact(case: Case) -> None:
    lr = case.schedule
    assert lr(0) == float(case.exact(0))
    if lr.length is not None:
        assert lr(lr.length) == float(case.exact(lr.length))


@pytest.mark.parametrize("case", [case for case in FAMILIES if hasattr(case.schedule, "start")], ids=numbers)
def test_starts_at_its_start(case: Case) -> None:
    assert case.schedule(0) == case.schedule.start


@pytest.mark.parametrize("case", [case for case in FAMILIES if hasattr(case.schedule, "end")], ids=numbers)
def test_reaches_its_end(case: Case) -> None:
    assert case.schedule.length is None or case.schedule(case.schedule.length) == case.schedule.end


@pytest.mark.parametrize("case", [case for case in CASES if case.schedule.length], ids=numbers)
def test_is_constant_for_ever_after_its_end(case: Case) -> None:
    lr = case.schedule
    last = lr(lr.length)
    assert {lr(lr.length + t) for t in (1, 2, 7, 10**3, 10**6, 10**12, 10**15)} == {last}


@pytest.mark.parametrize("case", [case for case in CASES if case.way], ids=numbers)
def test_a_monotone_schedule_never_turns(case: Case) -> None:
    values = np.array([case.schedule(step) for step in steps_of(case, dense=400)])
    turns = {"up": values[1:] < values[:-1], "down": values[1:] > values[:-1], "flat": values[1:] != values[:-1]}
    assert not turns[case.way].any()


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_gives_plain_floats_for_numbers_and_float64_for_arrays(case: Case) -> None:
    lr = case.schedule
    values = [lr(5), lr(5.0), lr(np.int32(5)), lr(np.uint8(5)), lr(np.float32(5)), lr(np.float64(5))]
    assert {type(value) for value in values} == {float}
    assert len(set(values)) == 1
    for shape in [(), (0,), (1,), (2, 3)]:
        for dtype in (np.int8, np.int64, np.uint64, np.float32):
            result = lr(np.full(shape, 5, dtype))
            assert (result.shape, result.dtype) == (shape, np.float64)
            assert set(result.ravel().tolist()) <= {values[0]}


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_is_pure(case: Case) -> None:
    steps = steps_of(case, dense=10)
    values = [case.schedule(step) for step in steps]
    shuffled = random.Random(0).sample(list(enumerate(steps)), len(steps))
    with ThreadPoolExecutor(4) as pool:
        again = dict(pool.map(lambda item: (item[0], case.schedule(item[1])), shuffled))
    assert [again[i] for i in range(len(steps))] == values


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_survives_text_data_pickle_and_copy(case: Case) -> None:
    lr = case.schedule
    for twin in (
        lrcore.parse(repr(lr)),
        lrcore.from_dict(json.loads(json.dumps(lr.to_dict()))),
        pickle.loads(pickle.dumps(lr)),
        copy.copy(lr),
        copy.deepcopy(lr),
    ):
        assert twin == lr
        assert hash(twin) == hash(lr)
        assert repr(twin) == repr(lr)
        assert twin(7) == lr(7)
    assert len(json.dumps(lr.to_dict())) < 2000


def test_every_family_has_a_row() -> None:
    def kinds(lr: lrcore.Schedule) -> set[str]:
        inner = [getattr(lr, field.name) for field in fields(lr)]
        inner += [item for value in inner if isinstance(value, tuple) for item in value]
        return {lr._name}.union(*(kinds(value) for value in inner if isinstance(value, lrcore.Schedule)))

    assert set().union(*(kinds(case.schedule) for case in CASES)) == set(CLASSES) - {"Custom"}


@pytest.mark.parametrize("growth", [1, 1.1, 1.2, 1.5, 2, 3, 7, 10])
@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_warm_restarts_find_every_boundary_up_to_10_to_the_12(growth: float, steps: int) -> None:
    lr = WarmRestarts(1.0, steps=steps, growth=growth)
    begin, n, checked = 0, 0, 0
    while begin <= 10**12 and checked < 3000:
        length = max(1, round(steps * growth**n))
        assert lr(begin) == 1.0, f"cycle {n} begins at {begin}"
        if length > 1:
            assert lr(begin + length - 1) < 1.0
            assert lr(begin + 1) < 1.0 or length > 10**7
        begin, n, checked = begin + length, n + 1, checked + 1
        if growth == 1 and checked > 1000:
            begin, n = begin + 10**9 // steps * steps, n + 10**9 // steps


def test_a_limit_of_cycles_ends_at_the_sum_of_their_lengths() -> None:
    assert WarmRestarts(1.0, steps=7, growth=1.5, cycles=4).length == 7 + 10 + 16 + 24
    assert WarmRestarts(1.0, steps=10, cycles=3).length == 30
    assert WarmRestarts(1.0, steps=10, growth=2).length is None


@pytest.mark.parametrize("every", [1e301, 1e-301])
def test_a_clock_beyond_what_can_be_split_is_no_nan(every: float) -> None:
    assert Exponential(1.0, factor=0.5, every=every)(0) == 1.0
    assert Cosine(0.1, steps=10**301)(1) == 0.1
