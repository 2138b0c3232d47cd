"""The steps where something changes."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from cases import CASES, Case
from lrcore import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    Interpolate,
    Linear,
    MultiStep,
    OneCycle,
    PiecewiseConstant,
    Schedule,
    Sequence,
    StepDecay,
    WarmRestarts,
    wsd,
)
from lrcore._schedule import Kind


@pytest.mark.parametrize("case", [case for case in CASES if case.edges], ids=lambda case: case.name)
def test_are_those_of_the_table(case: Case) -> None:
    until, expected = case.found or (max(case.edges), case.edges)
    assert {edge.step for edge in case.schedule.edges(until)} == set(expected)


NAMED = [
    (wsd(1.0, steps=100, warmup=10, cooldown=20), {10: "warmup ends", 80: "OneMinusSqrt begins", 100: "end"}),
    (MultiStep(1.0, milestones=[3, 5]).warmup(2), {2: "warmup ends", 5: "milestone", 7: "milestone"}),
    (PiecewiseConstant([1.0, 2.0], boundaries=[4]).shift(1), {3: "boundary"}),
    (WarmRestarts(1.0, steps=2, growth=2, cycles=3), {2: "restart", 6: "restart", 14: "end"}),
    (OneCycle(1.0, steps=10), {2: "peak", 10: "end"}),
    (OneCycle(1.0, steps=100, three_phase=True), {29: "peak", 58: "down again", 100: "end"}),
    (OneCycle(1.0, steps=10).momentum(), {2: "low", 10: "end"}),
    (Cyclic(0.0, high=1.0, up=5, down=20), {5: "high", 25: "low", 30: "high"}),
    (Cyclic(0.0, high=1.0, up=5).momentum(), {5: "low", 10: "high", 15: "low", 20: "high", 25: "low", 30: "high"}),
    (
        Linear(1.0, end=0.5, steps=20) * StepDecay(1.0, every=10),
        {10: "stair", 20: "factor ends, stair", 30: "stair"},
    ),
    (Cosine(1.0, steps=3).warmup(1).repeat(2), {1: "warmup ends", 3: "repeat", 4: "warmup ends", 6: "end"}),
    ((2 * Cosine(1.0, steps=3).warmup(1)).clip(0.1).per_epoch(5), {5: "warmup ends", 15: "end"}),
    (Sequence([Linear(0.0, end=1.0, steps=2), Constant(1.0)], boundaries=[5]), {2: "piece ends", 5: "Constant begins"}),
    (
        Exponential(1.0, factor=0.5, every=2.5, staircase=True),
        dict.fromkeys((3, 5, 8, 10, 13, 15, 18, 20, 23, 25, 28, 30), "stair"),
    ),
    (Exponential(1.0, factor=0.5), {}),
]


@pytest.mark.parametrize(("lr", "edges"), NAMED, ids=lambda value: repr(value)[:40])
def test_say_what_changes(lr: Schedule, edges: dict[int, str]) -> None:
    found: dict[int, str] = {}
    for edge in lr.edges(100 if lr.length == 100 else 30):
        found[edge.step] = f"{found[edge.step]}, {edge.text}" if edge.step in found else edge.text
    assert found == edges


def test_their_kinds_are_a_fixed_set_of_words_for_programs() -> None:
    kinds = {edge.kind for lr, _ in NAMED for edge in lr.edges(100)} | {
        edge.kind for edge in Interpolate([(0, 0.0), (5, 1.0), (9, 0.0)]).edges()
    }
    assert kinds == set(get_args(Kind))


def test_one_that_never_ends_needs_to_know_how_far() -> None:
    message = "StepDecay.edges needs until=, the last step to look at: StepDecay(0.1, every=30) never ends."
    with pytest.raises(ValueError, match="never ends") as caught:
        StepDecay(0.1, every=30).edges()
    assert str(caught.value) == message


@settings(max_examples=60)
@given(strategies.schedules, st.integers(0, 500))
def test_are_in_order_and_in_range_and_a_longer_look_only_adds(lr: Schedule, until: int) -> None:
    edges = list(lr.edges(until))
    assert [edge.step for edge in edges] == sorted(edge.step for edge in edges)
    assert all(0 < edge.step <= until and type(edge.step) is int for edge in edges)
    assert [edge for edge in lr.edges(2 * until) if edge.step <= until] == edges


stairs = st.one_of(
    st.builds(StepDecay, st.just(1.0), every=st.integers(1, 40), factor=st.just(0.5)),
    st.builds(MultiStep, st.just(1.0), milestones=strategies.increasing(), factor=st.just(0.5)),
    st.builds(
        Exponential,
        st.just(1.0),
        factor=st.just(0.5),
        every=st.integers(2, 90).map(lambda n: n / 2),
        staircase=st.just(True),
    ),
)


@given(stairs)
def test_a_staircase_changes_there_and_nowhere_else(lr: Schedule) -> None:
    values = [lr(t) for t in range(201)]
    changes = [t for t, (a, b) in enumerate(itertools.pairwise(values), 1) if a != b]
    assert [edge.step for edge in lr.edges(200)] == changes
