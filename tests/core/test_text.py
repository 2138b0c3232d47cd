"""Schedules as text and as data: what a person would type, and what a mistake is told."""

from __future__ import annotations

import re
from typing import Any

import pytest

import lrcore
from lrcore import Constant, Cosine, Custom, Cyclic, Linear, MultiStep, OneCycle, StepDecay, WarmRestarts, parse

TYPED = [
    ("Cosine(3e-4,steps=100_000)", Cosine(3e-4, steps=100_000)),
    ("  Cosine( start = .1, steps = 90*5004 )\n", Cosine(0.1, steps=90 * 5004)),
    ("Cosine(1/3, steps=2**10)", Cosine(1 / 3, steps=1024)),
    ("Cosine(0.1, steps=10).warmup(2, start=0.01, shape='cosine')", Cosine(0.1, steps=10).warmup(2, 0.01, "cosine")),
    ("MultiStep(0.1, milestones=(30, 60))", MultiStep(0.1, milestones=[30, 60])),
    ("Linear(0, end=1, steps=5).then(Constant(1))", Linear(0, end=1, steps=5).then(Constant(1))),
    ("Constant(1).then(Constant(2), at=5)", Constant(1).then(Constant(2), at=5)),
    ("2 * Constant(1) * StepDecay(1, every=5)", 2 * Constant(1) * StepDecay(1, every=5)),
    ("Constant(1) * 2", 2 * Constant(1)),
    ("Constant(1) / 4", 0.25 * Constant(1)),
    ("(Constant(1) * Constant(2)).shift(3)", (Constant(1) * Constant(2)).shift(3)),
    ("OneCycle(0.1, steps=100).momentum(high=0.9)", OneCycle(0.1, steps=100).momentum(high=0.9)),
    ("Cyclic(0.1, high=1, up=20).momentum()", Cyclic(0.1, high=1, up=20).momentum()),
    ("WarmRestarts(0.1, steps=10, cycles=None)", WarmRestarts(0.1, steps=10)),
    ("noam(512, warmup=4000)", lrcore.noam(512, warmup=4000)),
    ("wsd(1, steps=100, warmup=10, cooldown=20, shape='linear')", lrcore.wsd(1, steps=100, warmup=10, cooldown=20, shape="linear")),
    ("Cosine(.1, steps=90).per_epoch(10, smooth=True)", Cosine(0.1, steps=90).per_epoch(10, smooth=True)),
    ("Cosine(.1, steps=90).cooldown(at=45, steps=5)", Cosine(0.1, steps=90).cooldown(at=45, steps=5)),
    ("Cosine(.1, steps=90).extend(180, at=45).stretch(360)", Cosine(0.1, steps=90).extend(180, at=45).stretch(360)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "schedule"), TYPED, ids=[text.strip() for text, _ in TYPED])
def test_reads_what_a_person_would_type(text: str, schedule: lrcore.Schedule) -> None:
    assert parse(text) == schedule


NOT_A_SCHEDULE = (
    "is not a schedule: a schedule is multiplied with *, or divided by a number; write another formula as "
    "Custom(lambda t, xp: ...)"
)

MISTAKES = [
    ("Cosin(0.1, steps=5)", "there is no schedule 'Cosin'; did you mean 'Cosine'?"),
    ("onecycle(0.1, steps=50)", "there is no schedule 'onecycle'; did you mean 'OneCycle'?"),
    ("Cosine(0.1, step=5)", "Cosine has no argument 'step'; did you mean 'steps'? (at column 13)"),
    ("Cosine(0.1, steps=5).warmpu(2)", "Cosine has no method 'warmpu'; did you mean 'warmup'? (at column 22)"),
    ("Cosine(0.1, steps=5).momentum()", "Cosine has no method 'momentum' (at column 22)."),
    ("Cosine(0.1)", "Cosine needs steps=."),
    ("Cosine(0.1, 5)", "Cosine takes one positional argument, start; write steps=5."),
    ("Cosine(0.1, steps=0)", "Cosine.steps must be a positive integer, got 0."),
    ("Cosine(0.1, steps=1e5)", "Cosine.steps must be a positive integer, got 100000.0; write 100000."),
    ("Cosine(10**60, steps=-5)", "Cosine.steps must be a positive integer, got -5."),
    ("Cosine(1e999, steps=5)", "a number is too large (at column 8)."),
    ("Cosine(0.1, steps=5", "this is not an expression: '(' was never closed (at column 7)."),
    ("Cosine", "'Cosine' is only a name; a schedule is written as a call."),
    ("0.1", "the text is not a schedule but 0.1."),
    ("", "this is not an expression: invalid syntax."),
    ("Cosine(0.1, steps=2**99)", "2 ** 99 is beyond what a schedule needs (at column 19)."),
    ("Cosine(1/0, steps=9)", "division by zero (at column 8)."),
    ("Cosine(0.1, steps='a' + 'b')", "'a' is not a number (at column 19)."),
    ("Cosine(0.1, steps=x)", "'x' is only a name; a schedule is written as a call (at column 19)."),
    ("Constant(1).warmup(9, shape=ShiftedExponential)",
     "'ShiftedExponential' is only a name; write shape=\"exponential\" (at column 29)."),
    ("wsd(1, steps=9, warmup=1, cooldown=2, shape=Linear)", "'Linear' is only a name; write shape=\"linear\" (at column 45)."),
    ("Constant(1).warmup(9, shape=Cosin)",
     "'Cosin' is only a name; a schedule is written as a call; did you mean 'Cosine'? (at column 29)"),
    ("[1] * Constant(1)", "[1] cannot be multiplied."),
    ("Constant(1) + Constant(2)", f"Constant + Constant {NOT_A_SCHEDULE}."),
    ("2 * (1 - Constant(1))", f"1 - Constant {NOT_A_SCHEDULE} (at column 6)."),
    ("Constant(1) / 'a'", "'a' is not a number (at column 15)."),
    ("Constant(1) / 0", "Constant.divisor must be a finite number other than 0, got 0."),
    ("(1).warmup(2)", "1 is not a schedule and has no methods (at column 2)."),
    ("Constant(1).__class__()", "Constant has no method '__class__' (at column 13)."),
    ("Constant(1).to_dict()", "Constant has no method 'to_dict' (at column 13)."),
    ("__import__('os')", "there is no schedule '__import__'."),
    ("Custom(abs)", "Custom takes a function, which no text holds: build it in Python."),
    ("OneCycle(0.1, steps=9).momentum", "'momentum' is only a name; write momentum(...), without a module before it."),
    ("Constant(*[1])", "Starred is not allowed in a schedule expression (at column 10)."),
    ("Constant(**{'value': 1})", "Constant takes each argument once, by its name (at column 10)."),
    ("Constant(lambda: 1)", "a lambda is not allowed in a schedule expression (at column 10)."),
    ("Constant(1) if 1 else 2", "a condition is not allowed in a schedule expression."),
    ("Constant(\n 1,\n valu=2)", "Constant has no argument 'valu'; did you mean 'value'? (at line 3, column 2)"),
    ("Constant('é' * 2)", "'é' cannot be multiplied (at column 10)."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_is_told_in_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse(text)


PLACES = [
    ("Cosin(0.1, steps=5)", "Cosin"),
    ("Cosine(0.1, step=5)", "step=5"),
    ("  Cosine(0.1, steps=5).warmpu(2)  ", "warmpu(2)"),
    ("Cosine(0.1, steps=0)", "0", 18),
    ("Cosine(0.1, 5)", "Cosine(0.1, 5)"),
    ("Cosine('é', steps=5)", "'é'"),
    ("Cosine('é' * 2, steps=5)", "'é' * 2"),
    ("Cosine(0.1, steps=5).warmup(9)", "9", 28),
    ("Cosine(0.1, steps=9).warmup(2, shape='sinus')", "'sinus'"),
    ("MultiStep(0.1, milestones=[30, -1])", "-1"),
    ("Interpolate([(0, 0.0), (5, 'a')])", "'a'"),
    ("Constant(1).then(Linear(1, end=2, steps=0))", "0", 40),
    ("Cosine(0.1, steps=2**99)", "2**99"),
    ("Constant(\n 1,\n valu=2)", "valu=2"),
    ("Constant(\r\n 1,\r valu=2)", "valu=2"),
    ("Constant(\x0c1,\n\x0cvalu=2)", "valu=2"),
    ("Cosine(0.1, steps=5", "(", 6),
    ("Cosine(0.1,, steps=5)", ",", 11),
    ("0.1", "0.1"),
    ("Sequence([Constant(1), 2], boundaries=[5])", "2"),
]


@pytest.mark.parametrize(("text", "wrong", "start"), [(*row, row[0].find(row[1]))[:3] for row in PLACES])
def test_a_mistake_has_its_place_in_the_text(text: str, wrong: str, start: int) -> None:
    with pytest.raises(lrcore.ParseError) as told:  # type: ignore[attr-defined]
        parse(text)
    assert (told.value.start, text[told.value.start : told.value.end]) == (start, wrong)


def test_a_mistake_of_the_whole_text_has_no_place() -> None:
    with pytest.raises(lrcore.ParseError) as told:  # type: ignore[attr-defined]
        parse("-" * 90_000 + "1")
    assert (told.value.start, told.value.end) == (None, None)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "-" * 90_000 + "1", "[" * 90 + "]" * 90, "Constant(1)" + ".shift(1)" * 9000, "\0", "a" * 200_000]
)
def test_monstrous_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        parse(text)


def test_only_text_is_parsed() -> None:
    with pytest.raises(TypeError, match=r"^parse takes a string, got b'x'\.$"):
        parse(b"x")  # type: ignore[arg-type]


GOOD: dict[str, Any] = Cosine(0.1, steps=5).warmup(2).to_dict()

FAULTS: list[tuple[Any, type[Exception], str]] = [
    ("text", TypeError, "from_dict takes a dict, got 'text'."),
    ({}, ValueError, "from_dict knows no family None."),
    ({**GOOD, "version": None}, ValueError, "from_dict reads version 1, got version None."),
    ({**GOOD, "version": 2}, ValueError, "from_dict reads version 1, got version 2."),
    ({"version": 1}, ValueError, "from_dict knows no family None."),
    ({"version": 1, "family": "Cosin"}, ValueError, "from_dict knows no family 'Cosin'; did you mean 'Cosine'?"),
    ({"version": 1, "family": "Cosine", "start": 1}, ValueError, "Cosine.steps is missing."),
    ({"version": 1, "family": "Constant", "valeu": 1}, ValueError, "Constant has no field 'valeu'; did you mean 'value'?"),
    (
        {"version": 1, "family": "Constant", "value": 10**400},
        ValueError,
        "Constant.value must be a finite number, got an integer of about 401 digits.",
    ),
    (
        {"version": 1, "family": "Constant", "value": "1"},
        TypeError,
        "Constant.value must be a finite number, got '1'; that is text: write 1.",
    ),
    ({**GOOD, "schedule": {"family": "eval"}}, ValueError, "from_dict knows no family 'eval'."),
]


@pytest.mark.parametrize(("data", "error", "message"), FAULTS, ids=[row[2] for row in FAULTS])
def test_bad_data_is_named(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lrcore.from_dict(data)


def test_data_is_what_a_person_could_read() -> None:
    assert GOOD == {
        "version": 1,
        "family": "Warmup",
        "schedule": {"family": "Cosine", "start": 0.1, "steps": 5, "end": 0.0},
        "steps": 2,
        "start": 0.0,
        "shape": "linear",
    }


def test_code_is_not_saved_and_says_so() -> None:
    schedule = Custom(lambda t: 0.1).warmup(5)
    with pytest.raises(
        ValueError,
        match=r"^Custom\(.*<lambda> \w{8}\) cannot be saved: it is code, not data\. Build it again where it is loaded\.$",
    ):
        schedule.to_dict()


def test_diff_names_nested_fields_by_path() -> None:
    a = Cosine(0.1, steps=100).warmup(5).then(MultiStep(1, milestones=[3, 5]))
    b = Cosine(0.2, steps=100).warmup(6).then(MultiStep(1, milestones=[3, 7]), at=100)
    assert a.diff(b) == {
        "schedules[0].schedule.start": (0.1, 0.2),
        "schedules[0].steps": (5, 6),
        "schedules[1].milestones[1]": (5, 7),
    }
    assert a.diff(Constant(1)) == {"family": ("Sequence", "Constant")}
    assert a.diff(a) == {}
