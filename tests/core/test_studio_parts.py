"""A text as a chain of parts, changes to it, and the handles of its curve."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrcore
from lrcore import Schedule, parse
from lrcore._catalogue import CALLS, FAMILIES, METHODS
from lrcore._view.summary import summary
from lrcore.studio import answer
from lrcore.studio._changes import changed
from lrcore.studio._handles import handles
from lrcore.studio._parts import Part, parts_of, text_of
from strategies import schedules

FAMILY_NAMES = [name for name in CALLS if name != "Custom"]
PART_NAMES = [*METHODS, "momentum", "product", "scaled"]
WARMED = "Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000)"


# A chain, both ways.


@pytest.mark.parametrize(
    ("text", "names", "again"),
    [
        (WARMED, ["Cosine", "warmup"], WARMED),
        ("2*Constant( .1 )", ["Constant", "scaled"], "2 * Constant(.1)"),
        ("Constant(1) / 4", ["Constant", "scaled"], "1 / 4 * Constant(1)"),
        ("Constant(1) / (1 + 3)", ["Constant", "scaled"], "1 / (1 + 3) * Constant(1)"),
        ("(1 + 1) * Constant(1)", ["Constant", "scaled"], "(1 + 1) * Constant(1)"),
        ("(Constant(1) * Constant(2)).shift(3)", ["Constant", "product", "shift"], "(Constant(1) * Constant(2)).shift(3)"),
        ("Constant(1) * (2 * Constant(2))", ["Constant", "product"], "Constant(1) * (2 * Constant(2))"),
        ("2 * (3 * Constant(1))", ["Constant", "scaled", "scaled"], "2 * (3 * Constant(1))"),
        ("Cosine(steps=9, start=1,)", ["Cosine"], "Cosine(1, steps=9)"),
        ("Constant(1).cooldown(5, 3)", ["Constant", "cooldown"], "Constant(1).cooldown(at=5, steps=3)"),
        ("OneCycle(1, steps=90).momentum(low=.8)", ["OneCycle", "momentum"], "OneCycle(1, steps=90).momentum(low=.8)"),
        ("Cyclic(0, high=1, up=9).momentum()", ["Cyclic", "momentum"], "Cyclic(0, high=1, up=9).momentum()"),
        ("Constant(\n  1  # the rate\n).shift(\n 2)", ["Constant", "shift"], "Constant(1).shift(2)"),
    ],
)
def test_a_text_is_a_chain_and_a_chain_a_text(text: str, names: list[str], again: str) -> None:
    chain = parts_of(text)
    assert [part.name for part in chain] == names
    assert text_of(chain) == again
    assert parse(again) == parse(text)


@settings(max_examples=150)
@given(schedules)
def test_a_chain_gives_every_composition_back(schedule: Schedule) -> None:
    text = repr(schedule)
    chain = parts_of(text)
    assert text_of(chain) == text
    for part in chain:
        for field, (begin, end) in part.places.items():
            assert text[begin:end] == part.given[field]


def test_the_page_can_send_a_chain_instead_of_a_text() -> None:
    (drawn,) = answer({"ask": "draw", "schedules": [WARMED], "want": []})["curves"]
    (again,) = answer({"ask": "draw", "schedules": [{"parts": drawn["parts"]}], "want": []})["curves"]
    assert again["text"] == WARMED


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([("Constant", {"value": "1"}), ("product", {})], "product needs by."),
        ([("Constant", {"value": "1"}), ("scaled", {})], "scaled needs factor."),
        ([("Constant", {"valeu": "1"})], "Constant has no field 'valeu'."),
        ([("Constant", {"value": "1"}), ("Linear", {})], "Constant has no method 'Linear' (at column 13)."),
    ],
)
def test_a_chain_that_no_text_can_be_is_told(parts: list[tuple[str, dict[str, str]]], message: str) -> None:
    several = [
        {"name": name, "fields": [{"name": word, "text": text} for word, text in given.items()]} for name, given in parts
    ]
    (curve,) = answer({"ask": "draw", "schedules": [{"parts": several}], "want": []})["curves"]
    assert curve["error"]["message"] == message


def test_an_operand_that_is_taken_away_is_missed() -> None:
    change = {"part": 1, "field": "factor", "to": ""}
    (curve,) = answer({"ask": "draw", "schedules": [{"text": "2 * Constant(1)", "change": change}], "want": []})["curves"]
    assert curve["error"]["message"] == "scaled needs factor."


# Changes.


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"part": 0, "field": "start", "to": "1e-3"}, "Cosine( 1e-3,steps=90 * 10 ).warmup(5)"),
        ({"part": 0, "field": "end", "to": "1e-5"}, "Cosine(3e-4, steps=90 * 10, end=1e-5).warmup(5)"),
        ({"part": 1, "field": "shape", "to": "'cosine'"}, "Cosine(3e-4, steps=90 * 10).warmup(5, shape='cosine')"),
        ({"part": 1, "field": "steps", "to": "2 * 4"}, "Cosine( 3e-4,steps=90 * 10 ).warmup(2 * 4)"),
        ({"remove": 1}, "Cosine(3e-4, steps=90 * 10)"),
        ({"add": "scaled", "at": 2}, "0.5 * Cosine(3e-4, steps=90 * 10).warmup(5)"),
        ({"add": "scaled", "at": 1}, "(0.5 * Cosine(3e-4, steps=90 * 10)).warmup(5)"),
        ({"add": "repeat", "at": 2}, "Cosine(3e-4, steps=90 * 10).warmup(5).repeat(3)"),
        ({"add": "Constant", "at": 2}, "Cosine(3e-4, steps=90 * 10).warmup(5).then(Constant(0.0003))"),
        ({"add": "Linear", "at": 0}, "Linear(3e-4, end=0.0, steps=90 * 10).warmup(5)"),
        ({"add": "wsd", "at": 0}, "wsd(3e-4, steps=90 * 10, warmup=5, cooldown=270)"),
    ],
)
def test_a_change_writes_over_what_it_is_about(change: dict[str, Any], text: str) -> None:
    assert changed("Cosine( 3e-4,steps=90 * 10 ).warmup(5)", change) == text


def test_a_part_is_moved() -> None:
    assert changed("Constant(1).shift(2).clip(low=0.5)", {"move": 2, "to": 1}) == "Constant(1).clip(low=0.5).shift(2)"


def test_an_empty_field_takes_its_default() -> None:
    assert changed("Cosine(1, steps=9, end=0.5)", {"part": 0, "field": "end", "to": " "}) == "Cosine(1, steps=9)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"remove": 0}, "The family stays: choose another one in its place."),
        ({"move": 0, "to": 1}, "The family comes first."),
        ({"move": 1, "to": 0}, "The family comes first."),
        ({"remove": 2}, "answer.change.remove must be the place of one of 2 parts, got 2."),
        ({"part": 0, "field": "stepz", "to": "1"}, "Cosine has no field 'stepz'."),
        ({"add": "strange", "at": 1}, "answer knows no part 'strange'."),
        ({"strange": 1}, "answer knows no change {'strange': 1}."),
        ({"drag": "strange"}, "answer.change.drag must be the name of a handle, got 'strange'."),
        ({"drag": "0 7.steps -", "step": 5}, "The schedule has no number 7.steps to drag."),
    ],
)
def test_a_change_that_cannot_be_made_says_why_and_changes_nothing(change: dict[str, Any], message: str) -> None:
    (curve,) = answer({"ask": "draw", "schedules": [{"text": WARMED, "change": change}], "want": []})["curves"]
    assert (curve["error"]["message"], curve["text"]) == (message, WARMED)


CHANGES = st.one_of(
    st.fixed_dictionaries({"add": st.sampled_from(FAMILY_NAMES + PART_NAMES), "at": st.integers(0, 4)}),
    st.fixed_dictionaries({"remove": st.integers(0, 4)}),
    st.fixed_dictionaries({"move": st.integers(0, 4), "to": st.integers(0, 4)}),
    st.fixed_dictionaries(
        {
            "part": st.integers(0, 4),
            "field": st.sampled_from(["steps", "start", "end", "shape", "after", "by", "factor", "at", "low"]),
            "to": st.sampled_from(
                ["5", "1e-3", "", "'cosine'", "Constant(1)", "x", "(", "[1, 2]", "10**99", "-1", "2 * 3"]
            ),
        }
    ),
)


@settings(max_examples=100)
@given(schedules, st.lists(CHANGES, min_size=1, max_size=3))
def test_whatever_is_changed_the_text_can_be_read_or_its_mistake_has_a_place(
    schedule: Schedule, several: list[dict[str, Any]]
) -> None:
    text = repr(schedule)
    for change in several:
        (curve,) = answer({"ask": "draw", "schedules": [{"text": text, "change": change}], "want": []})["curves"]
        if "error" not in curve:
            assert text_of(parts_of(curve["text"]))
            text = curve["text"]
        elif curve["text"] != text:
            start, end = curve["error"]["start"], curve["error"]["end"]
            assert 0 <= start <= end <= len(curve["text"])


@pytest.mark.parametrize("name", FAMILY_NAMES)
@pytest.mark.parametrize("before", [WARMED, "InverseSqrt(3e-4, timescale=10).warmup(50)", "OneCycle(0.1, steps=99)"])
def test_a_family_that_is_chosen_is_no_mistake_and_as_high_as_the_one_before(name: str, before: str) -> None:
    schedule = parse(changed(before, {"add": name, "at": 0}))
    peak = 0.1 if before.startswith("OneCycle") else 3e-4
    # The factor of noam has three digits
    assert math.isclose(summary(schedule, schedule._reach() + 1).peak.value, peak, rel_tol=5e-3)


REFUSES = {"warmup": {"noam", "wsd", "OneCycle", "Interpolate"}, "extend": {"WarmRestarts", "OneCycle", "Interpolate"}}
"""The families that cannot have such a part, whatever its numbers; those that never end have no extend, repeat, stretch."""


@pytest.mark.parametrize("name", [name for name in PART_NAMES if name != "momentum"])
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_a_part_that_is_added_begins_with_numbers_that_suit_the_schedule(name: str, family: str) -> None:
    example = FAMILIES[family]
    text = changed(repr(example), {"add": name, "at": 1})
    (curve,) = answer({"ask": "draw", "schedules": [text], "want": []})["curves"]
    endless = example.length is None and name in ("extend", "repeat", "stretch")
    assert ("error" in curve) == (endless or family in REFUSES.get(name, ()))
    assert text_of(parts_of(text)) == text != repr(example)


# Handles.


def named(text: str) -> dict[str, tuple[int, float, str]]:
    """The handles of a curve, by what they are called."""
    return {handle.says: (handle.step, handle.rate, handle.to_dict()["moves"]) for handle in handles(text, parse(text))}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            WARMED,
            {
                "start": (0, 0.0, "rate"),
                "peak, end of the warmup": (2_000, 3e-4, "both"),
                "end": (100_000, 3e-5, "both"),
            },
        ),
        (
            "wsd(0.1, steps=100, warmup=10, cooldown=30)",
            {
                "peak, end of the warmup": (10, 0.1, "both"),
                "OneMinusSqrt begins": (70, 0.1, "step"),
                "end": (100, 0.0, "both"),
            },
        ),
        (
            "OneCycle(0.1, steps=100)",
            {"start": (0, 0.004, "rate"), "peak": (29, 0.1, "both"), "end": (100, 4e-7, "both")},
        ),
        (
            "MultiStep(0.1, milestones=[30, 60], factor=0.5)",
            {
                "peak, start": (0, 0.1, "rate"),
                "milestone 1": (30, 0.05, "both"),
                "milestone 2": (60, 0.025, "step"),
            },
        ),
        (
            "Interpolate([(0, 0.0), (20, 0.1), (60, 0.05)])",
            {"start": (0, 0.0, "rate"), "peak, point": (20, 0.1, "both"), "end": (60, 0.05, "both")},
        ),
        (
            "InverseSqrt(0.1, timescale=30).cooldown(at=90, steps=30)",
            {
                "peak, start": (0, 0.1, "rate"),
                "OneMinusSqrt begins": (90, 0.05, "both"),
                "end": (120, 0.0, "both"),
            },
        ),
        (
            "Linear(0.1, end=0.05, steps=50).then(Cosine(0.03, steps=50))",
            {
                "peak, start": (0, 0.1, "rate"),
                "before Cosine begins": (49, 0.051, "rate"),
                "Cosine begins": (50, 0.03, "both"),
                "end": (100, 0.0, "both"),
            },
        ),
    ],
)
def test_a_curve_has_its_handles(text: str, found: dict[str, tuple[int, float, str]]) -> None:
    got = named(text)
    assert got.keys() == found.keys()
    for word, (step, rate, moves) in found.items():
        assert (got[word][0], got[word][2]) == (step, moves)
        assert math.isclose(got[word][1], rate, rel_tol=1e-12)


def drag(text: str, says: str, step: float, rate: float, **window: int) -> str:
    """The text after the handle of that name was dragged there."""
    name = next(handle.name for handle in handles(text, parse(text)) if handle.says == says)
    change = {"drag": name, "step": step, "rate": rate}
    (curve,) = answer({"ask": "draw", "schedules": [{"text": text, "change": change}], "want": [], **window})["curves"]
    assert "error" not in curve
    return str(curve["text"])


@pytest.mark.parametrize(
    ("text", "says", "step", "rate", "after"),
    [
        (WARMED, "peak, end of the warmup", 5_123, 4.44444e-4, "Cosine(0.000444, steps=100_000, end=3e-5).warmup(5123)"),
        (WARMED, "end", 80_000, 1e-5, "Cosine(3e-4, steps=80000, end=1e-05).warmup(2_000)"),
        (WARMED, "start", 7, 1e-4, "Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000, start=0.0001)"),
        # As far as the schedule's rules let it
        (WARMED, "end", 1, 1e-5, "Cosine(3e-4, steps=2001, end=1e-05).warmup(2_000)"),
        (WARMED, "peak, end of the warmup", 10**9, 3e-4, "Cosine(3e-4, steps=100_000, end=3e-5).warmup(99999)"),
        ("2 * Constant(0.1)", "peak, start", 0, 0.5, "2 * Constant(0.25)"),
        ("Cosine(1, steps=9).per_epoch(100)", "end", 450, 0, "Cosine(1, steps=4).per_epoch(100)"),
        ("OneCycle(0.1, steps=100)", "peak", 60, 0.2, "OneCycle(0.2, steps=100, pct_start=0.612)"),
        ("OneCycle(0.1, steps=100)", "end", 80, 0.01, "OneCycle(0.1, steps=80, final_div_factor=0.4)"),
        ("wsd(1, steps=99, warmup=9, cooldown=9)", "OneMinusSqrt begins", 60, 1, "wsd(1, steps=99, warmup=9, cooldown=39)"),
        ("Interpolate([(0, 0), (20, 1), (60, 0)])", "peak, point", 90, 2, "Interpolate([(0, 0), (59, 2), (60, 0)])"),
        ("MultiStep(1, milestones=[30, 60])", "milestone 1", 40, 0.3, "MultiStep(1, milestones=[40, 60], factor=0.3)"),
        ("Constant(1).then(Cosine(1, steps=9,), at=5)", "end", 9, 1, "Constant(1).then(Cosine(1, steps=4, end=1), at=5)"),
    ],
)  # fmt: skip
def test_a_handle_is_dragged(text: str, says: str, step: float, rate: float, after: str) -> None:
    assert drag(text, says, step, rate) == after


def test_a_number_is_dragged_in_the_digits_that_can_be_seen() -> None:
    assert "warmup(5100)" in drag(WARMED, "peak, end of the warmup", 5_123, 3e-4, total=100_000, pixels=500)
    assert "warmup(5123)" in drag(WARMED, "peak, end of the warmup", 5_123, 3e-4, first=5_000, last=5_200, pixels=500)


@settings(max_examples=60)
@given(schedules, st.floats(0, 2), st.floats(0, 3))
def test_every_handle_can_be_dragged_anywhere(schedule: Schedule, along: float, up: float) -> None:
    text = repr(schedule)
    for handle in handles(text, schedule)[:3]:
        change = {"drag": handle.name, "step": handle.step * along, "rate": handle.rate * up}
        (curve,) = answer({"ask": "draw", "schedules": [{"text": text, "change": change}], "want": []})["curves"]
        assert "error" not in curve


def test_a_table_of_many_numbers_has_no_handles() -> None:
    text = repr(lrcore.Interpolate([(i, 1.0) for i in range(50)]))
    assert handles(text, parse(text)) == []


def test_a_part_is_compared_by_what_it_holds() -> None:
    assert parts_of("Constant(1)") == [Part("Constant", {"value": "1"}, {"value": (9, 10)}, 10)]


@pytest.mark.parametrize("text", ["Cosine(0.1, steps=100)", "Linear(0.1, end=0.05, steps=50).warmup(5)", "Constant(0.1)"])
def test_what_comes_after_a_schedule_makes_it_longer(text: str) -> None:
    before, after = parse(text), parse(changed(text, {"add": "then", "at": len(parts_of(text))}))
    assert after.length is not None
    assert after.length > (before.length or before._reach())
