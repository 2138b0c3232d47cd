"""What a page is told of schedules: `lrcore.studio.answer`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrcore
from lrcore._catalogue import CALLS, FAMILIES, METHODS
from lrcore.advice import DTYPES, MODELS, OPTIMIZERS
from lrcore.port._config import FORMATS
from lrcore.port._write import TARGETS
from lrcore.studio import answer
from lrcore.zoo import RECIPES

EXPRESSIONS = [repr(example) for name, example in (FAMILIES | METHODS).items() if name != "Custom"]
WARMED = "Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000)"


def asked(**request: Any) -> dict[str, Any]:
    """The reply, through JSON as a page has it."""
    reply: dict[str, Any] = json.loads(json.dumps(answer(json.loads(json.dumps(request))), allow_nan=False))
    return reply


def curve(schedule: Any, **options: Any) -> dict[str, Any]:
    """The one curve of a drawing."""
    (found,) = asked(ask="draw", schedules=[schedule], **options)["curves"]
    return found  # type: ignore[no-any-return]


# offer


def test_the_offer_has_every_family_and_method_with_what_its_fields_need() -> None:
    offer = asked(ask="offer")
    assert {family["name"] for family in offer["families"]} == CALLS.keys() - {"Custom"}
    assert {method["name"] for method in offer["methods"]} == {*METHODS, "momentum", "product", "scaled"}
    assert {method["name"]: method["families"] for method in offer["methods"] if method["families"]} == {
        "momentum": ["OneCycle", "Cyclic"]
    }
    for part in (*offer["families"], *offer["methods"]):
        assert part["says"].endswith((".", ":"))
        for field in part["fields"]:
            assert field["says"], (part["name"], field["name"])
            assert ("least" in field) == (field["kind"] in ("number", "whole"))
            assert field["kind"] != "choice" or field["default"] in (None, *field["choices"])


def test_the_example_of_a_family_is_what_its_fields_say() -> None:
    for family in asked(ask="offer")["families"]:
        (part,) = curve(family["text"], want=[])["parts"]
        assert (part["name"], part["fields"]) == (family["name"], family["fields"])


def test_a_slider_stays_in_what_the_curve_can_take() -> None:
    cosine, warmup = curve("Cosine(4e-4, steps=90 * 10).warmup(50)", want=[])["parts"]
    ranges = {
        f"{part['name']}.{field['name']}": (field["least"], field["most"], field["log"])
        for part in (cosine, warmup)
        for field in part["fields"]
        if "least" in field
    }
    assert ranges == {
        "Cosine.start": (1e-6, 1.0, True),
        "Cosine.steps": (1, 1_000_000, True),
        "Cosine.end": (0.0, 4e-4, False),
        "warmup.steps": (1, 899, True),
        "warmup.start": (0.0, 4e-4, False),
    }


def test_the_words_of_tools_are_the_tools_own() -> None:
    offer = asked(ask="offer")
    assert offer["read"] == [form.name for form in FORMATS]
    assert offer["write"][: len(TARGETS)] == list(TARGETS)
    assert (offer["optimizers"], offer["models"], offer["dtypes"]) == (list(OPTIMIZERS), list(MODELS), list(DTYPES))
    assert [one["text"] for one in offer["zoo"]] == [recipe.expression for recipe in RECIPES.values()]


# draw


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_family_and_method_is_drawn_with_its_own_values(text: str) -> None:
    found, schedule = curve(text), lrcore.parse(text)
    assert (found["text"], found["printed"]) == (text, text)
    assert found["rates"] == [schedule(step) for step in found["steps"]]
    for edge in found["edges"]:
        assert edge["rate"] == schedule(edge["step"])


def test_the_text_stays_as_it_is_typed() -> None:
    found = curve("Cosine( 3e-4,steps=90 * 1_000 )", want=[])
    assert found["text"] == "Cosine( 3e-4,steps=90 * 1_000 )"
    assert found["printed"] == "Cosine(0.0003, steps=90000)"
    assert [field["text"] for field in found["parts"][0]["fields"]] == ["3e-4", "90 * 1_000", "0.0"]


def test_a_zoomed_drawing_has_the_steps_that_it_shows() -> None:
    found = curve("Cosine(0.1, steps=100).warmup(50)", first=50, last=51)
    assert (found["steps"][0], found["steps"][-1]) == (50, 51)
    assert found["rates"][0] == 0.1
    assert [edge["step"] for edge in found["edges"]] == [50]
    found = curve("Cosine(0.1, steps=100).warmup(50)", first=51, last=100)
    assert [edge["step"] for edge in found["edges"]] == [100]


def test_only_what_is_wanted_is_computed() -> None:
    wants = {"points": {"steps", "rates", "edges", "momentum"}, "handles": {"handles"}, "told": {"summary", "findings"}}
    for want, keys in wants.items():
        assert curve(WARMED, want=[want]).keys() == {"text", "parts", "printed"} | keys


def test_a_cycle_is_drawn_with_its_momentum() -> None:
    found = curve("OneCycle(0.1, steps=100)", want=["points"])
    momentum = lrcore.OneCycle(0.1, steps=100).momentum()
    assert found["momentum"]["text"] == repr(momentum)
    assert found["momentum"]["rates"] == [momentum(step) for step in found["momentum"]["steps"]]
    assert curve(WARMED, want=["points"])["momentum"] is None


def test_a_rate_beyond_the_largest_float_is_null() -> None:
    found = curve("1e300 * Constant(1e300)")
    assert set(found["rates"]) == {None}
    assert found["summary"]["mean"] is None


def test_findings_come_with_the_fix_that_can_be_taken_over() -> None:
    found = curve("Cosine(0.1, steps=100)", total=39_000, plan={"steps_per_epoch": "390"})
    (finding,) = found["findings"]
    assert (finding["rule"], finding["severity"]) == ("epochs-as-updates", "error")
    assert "error" not in curve(finding["fix"], want=[])


def test_a_mistake_in_the_plan_stands_beside_the_curve() -> None:
    found = curve(WARMED, plan={"batch": "many", "optimizer": "adamw"})
    assert found["findings"] == []
    assert found["plan_error"]["message"].startswith("Plan.batch must be a positive integer")
    assert curve(WARMED, plan={"batch": "Constant(0"})["plan_error"]["message"].startswith("this is not an expression")


# Mistakes.


def test_a_mistake_stands_with_its_place_beside_the_other_curves() -> None:
    wrong = "Cosine(0.1, stepz=100)"
    with pytest.raises(Exception) as told:  # noqa: PT011 - its words are compared below
        lrcore.parse(wrong)
    good, bad = asked(ask="draw", schedules=["Constant(0.1)", wrong])["curves"]
    assert bad["error"] == {"message": str(told.value), "start": 12, "end": 21}
    assert good["text"] == "Constant(0.1)"


def test_a_mistake_in_a_field_names_the_field() -> None:
    found = curve("Cosine(0.1, steps=90).warmup(-5)", want=[])
    message = "Cosine.warmup.steps must be an integer, 0 or more, got -5 (at column 23)."
    assert found["error"] == {"message": message, "start": 29, "end": 31, "part": 1, "field": "steps"}
    assert [part["name"] for part in found["parts"]] == ["Cosine", "warmup"]


def test_what_is_no_expression_is_not_written_into_the_text() -> None:
    change = {"part": 0, "field": "steps", "to": "5) * Constant(2"}
    found = curve({"text": "Cosine(0.1, steps=90)", "change": change})
    message = "this is not an expression: unmatched ')' (at column 2)."
    assert found["error"] == {"message": message, "start": None, "end": None, "part": 0, "field": "steps"}
    assert found["text"] == "Cosine(0.1, steps=90)"


TYPED = st.one_of(
    st.text(max_size=60),
    st.text("Cosine(0.1,steps=90).warmup5*[]{}'\" \n\\#:é", max_size=60),
    st.sampled_from(
        [
            "",
            " ",
            "(" * 5_000,
            "[" * 10_000 + "]" * 10_000,
            "Constant(1)" + ".shift(1)" * 9_000,
            "a" * 200_000,
            "Custom(abs)",
            "Constant(10**400)",
            "Constant(1e999)",
            f"Cosine(0.1, steps={'9' * 400})",
            f"Cosine({'9' * 400}, steps={'9' * 400}).warmup(5)",
            "Cosine(0.1, steps=10**60).warmup(10**59)",
            "Cosine(1e308, steps=2) * Constant(1e308)",
            "Linear(0.1, end=0, steps=1).repeat(10**50)",
            "Plan(Constant(1))",
            "Interpolate([])",
            "\0",
            "\ud800",
            "Constant(1).momentum()",
            "Constant(-1)",
            "Constant(0)",
            "Sequence([Cosine(1, steps=2)], boundaries=[])",
            "Exponential(1.0, factor=0.5, every=1e-300, staircase=True)",
            "Polynomial(1, steps=10**18, power=1e300)",
            "Interpolate([(0, 0), (10**200, 1)])",
            "Cyclic(0, high=1, up=10**200)",
            "noam(10**300, warmup=10**9)",
        ]
    ),
)


@settings(max_examples=60)
@given(TYPED, TYPED, st.integers(0, 2**53 - 1), st.integers(1, 2**53))
def test_whatever_is_typed_is_answered(text: str, other: str, first: int, more: int) -> None:
    requests: list[dict[str, Any]] = [
        {"ask": "draw", "schedules": [text, {"text": text, "change": {"part": 0, "field": "steps", "to": other}}]},
        {"ask": "draw", "schedules": [text], "first": first, "last": min(2**53, first + more), "pixels": 10},
        {"ask": "draw", "schedules": ["Cosine(0.1, steps=90)"], "plan": {"batch": text, "optimizer": other}, "pixels": 10},
        {"ask": "at", "schedules": [text], "steps": [0, first], "plan": {"batch": text}},
        {"ask": "above", "schedules": [text], "rate": 0.1},
        {"ask": "difference", "schedules": [text, "Constant(1)"]},
        {"ask": "read", "text": text},
        *({"ask": "write", "text": text, "to": to} for to in ("json", "torch", "lrcore-keras")),
        {"ask": "write", "text": "Constant(0.1)", "to": text},
        {"ask": "forecast", "text": text, "law": other},
    ]
    for request in requests:
        json.dumps(answer(request), allow_nan=False)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "answer.ask must be one of offer, draw, at, above, difference, read, write, forecast, got None."),
        ({"ask": "draw", "schedules": []}, "answer.schedules must be a list of 1 to 8 schedules, got []."),
        (
            {"ask": "draw", "schedules": ["Constant(1.0)"], "first": 9, "last": 9},
            "answer.last must be after first, which is 9, got 9.",
        ),
        (
            {"ask": "draw", "schedules": ["Constant(1.0)"], "pixels": 9},
            "answer.pixels must be a whole number from 10 to 10_000, got 9.",
        ),
        (
            {"ask": "difference", "schedules": ["Constant(1.0)"]},
            "answer.schedules must be a list of 2 schedules, got ['Constant(1.0)'].",
        ),
        (
            {"ask": "draw", "schedules": [7]},
            "answer.schedules[0] must be a text, or an object with a text or parts, got 7.",
        ),
        ({"ask": "draw", "schedules": ["Constant(1.0)"], "plan": [1]}, "answer.plan must be an object, got [1]."),
        ({"ask": "draw", "schedules": [{"text": "", "change": [1]}]}, "answer.change must be an object, got [1]."),
        (
            {"ask": "draw", "schedules": [{"text": "", "change": {"remove": "x"}}]},
            "answer.change.remove must be an integer, 0 or more, got 'x'.",
        ),
        (
            {"ask": "draw", "schedules": [{"parts": [{"name": "Constant", "fields": [{"name": "value", "text": 1}]}]}]},
            "answer.parts[0].fields[0].text must be a text, got 1.",
        ),
        ({"ask": "draw", "schedules": ["Constant(1.0)"], "want": "told"}, "answer.want must be a list, got 'told'."),
        ({"ask": "at", "schedules": ["Constant(1.0)"]}, "answer.steps must be a list, got None."),
        ({"ask": "write", "text": "Constant(1.0)"}, "answer.to must be a text, got None."),
    ],
)
def test_a_request_that_the_page_would_not_send_is_refused(request_: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as told:
        answer(request_)
    assert str(told.value) == message


def sent() -> Iterator[dict[str, Any]]:
    """Requests with every field that there is, and every change."""
    drawn = curve(WARMED, want=["handles"])
    changes = (
        {"part": 0, "field": "steps", "to": "90"},
        {"add": "shift", "at": 1},
        {"remove": 1},
        {"move": 1, "to": 1},
        {"drag": drawn["handles"][1]["name"], "step": 20, "rate": 0.05},
    )
    window = {"total": 100, "first": 0, "last": 100, "pixels": 50, "spread": "log"}
    fields = ("name", "text", "given")
    parts = [
        {"name": one["name"], "fields": [{word: field[word] for word in fields} for field in one["fields"]]}
        for one in drawn["parts"]
    ]
    yield {"ask": "offer"}
    yield {"ask": "draw", "schedules": [WARMED], **window, "want": ["points"], "plan": {"batch": "32", "dtype": "float32"}}
    for schedule in ({"parts": parts}, *({"text": WARMED, "change": change} for change in changes)):
        yield {"ask": "draw", "schedules": [schedule], "want": []}
    yield {"ask": "at", "schedules": [WARMED], "steps": [0, 5], "plan": {"batch": 32}}
    yield {"ask": "above", "schedules": [WARMED], "rate": 0.05, "total": 100}
    yield {"ask": "difference", "schedules": [WARMED, "Constant(0.1)"], **window}
    yield {"ask": "read", "text": "StepLR(SGD(p, lr=0.1), 30)", "lr": 0.1, "updates": 100, "steps_per_epoch": 10}
    yield {"ask": "write", "text": WARMED, "to": "csv", "total": 30}
    yield {"ask": "forecast", "text": WARMED, "law": "LossLaw(2.6, A=0.5, alpha=0.5, C=0.4)", "total": 100}


def replaced(given: Any, value: Any) -> Iterator[Any]:
    """The same data with the value in each of its places, one at a time."""
    yield value
    for key, item in given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ():
        for other in replaced(item, value):
            copy = given.copy()
            copy[key] = other
            yield copy


def told(reply: Any) -> Iterator[str]:
    """The messages of all mistakes in a reply."""
    if isinstance(reply, dict):
        if isinstance(reply.get("message"), str):
            yield reply["message"]
        reply = list(reply.values())
    for item in reply if isinstance(reply, list) else ():
        yield from told(item)


STRANGE = [
    None,
    True,
    -1,
    1.5,
    10**400,
    math.inf,
    math.nan,
    "",
    "x",
    "1",
    [],
    [1],
    [None],
    ["x"],
    {},
    {"x": 1},
    {"parts": 1},
]
PYTHON = re.compile(r"' object |argument of type|indices must be|sequence (element|item)|unhashable|^'\w*'$|is not in list")
"""What Python says of data that is not what a program takes it for."""


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: str(value)[:9])
def test_whatever_is_sent_is_answered_or_refused_in_our_words(value: Any) -> None:
    for words in ("'int' object is not iterable", "'text'", "'x' is not in list", "list indices must be integers"):
        assert PYTHON.search(words)
    for request in sent():
        for strange in replaced(request, value):
            try:
                messages = list(told(json.loads(json.dumps(answer(strange), allow_nan=False))))
            except (ValueError, TypeError) as error:
                messages = [str(error)]
                assert re.match(r"answer\.[\w.\[\]]+ must be ", messages[0]), strange
            assert not any(PYTHON.search(message.partition(", got ")[0]) for message in messages), strange


# at, above, difference


def test_a_step_is_read_on_every_curve_and_every_clock() -> None:
    reply = asked(
        ask="at",
        schedules=[WARMED, "wrong", "Constant(0.1)"],
        steps=[0, 2_000],
        plan={"batch": 32, "tokens_per_sample": "2_048", "steps_per_epoch": 100},
    )
    assert reply["rates"] == [[0.0, 3e-4], None, [0.1, 0.1]]
    assert reply["units"][1] == {"updates": 2_000, "epochs": 20.0, "samples": 64_000, "tokens": 131_072_000}


@pytest.mark.parametrize("text", ["Cosine(0.1, steps=1000).warmup(100)", "Cyclic(0.0, high=0.2, up=7)", "Constant(0.1)"])
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.1])
def test_the_updates_above_a_rate_are_counted(text: str, rate: float) -> None:
    schedule = lrcore.parse(text)
    wanted = sum(schedule(step) > rate for step in range(30_000))
    assert asked(ask="above", schedules=[text, "wrong"], rate=rate, total=30_000)["above"] == [wanted, None]


@pytest.mark.parametrize(
    "text",
    [
        "Cosine(1.0, steps=10).repeat(100_000)",
        "Cosine(1.0, steps=10).repeat(1_000).per_epoch(100)",
        "Cosine(1.0, steps=10).repeat(1_000).repeat(100).warmup(5)",
        "WarmRestarts(1.0, steps=3, cycles=100_000)",
    ],
)
def test_the_updates_above_a_rate_are_counted_where_there_are_more_cycles_than_pixels(text: str) -> None:
    schedule = lrcore.parse(text)
    wanted = sum(schedule(step) > 0.5 for step in range(1_000_000))
    (found,) = asked(ask="above", schedules=[text], rate=0.5, total=1_000_000)["above"]
    assert math.isclose(found, wanted, rel_tol=1e-3)


def test_the_first_and_the_largest_difference_are_found() -> None:
    a, b = "Cosine(0.1, steps=100_000)", "Cosine(0.1, steps=100_000).then(Constant(0.05), at=61_234)"
    reply = asked(ask="difference", schedules=[a, b], total=100_000)
    assert reply["first"]["step"] == 61_234
    assert reply["largest"] == {"step": 100_000, "rate": 0.05}
    zoomed = asked(ask="difference", schedules=[a, b], total=100_000, first=10, last=20)
    assert (zoomed["first"], zoomed["largest"]) == (reply["first"], reply["largest"])
    assert set(zoomed["rates"]) == {0.0}
    crossed = asked(ask="difference", schedules=[a, "Linear(0.1, end=0, steps=100_000)"])
    assert crossed["largest"]["step"] in (21_967, 78_033)  # there it is as far above as below
    assert math.isclose(abs(crossed["largest"]["rate"]), 0.0105257, rel_tol=1e-5)
    assert asked(ask="difference", schedules=[a, a])["largest"] is None
    assert asked(ask="difference", schedules=[a, "wrong"])["error"]["start"] == 0


# read, write, forecast


def test_what_is_pasted_is_read_with_what_there_is_to_know() -> None:
    text = "scheduler = get_cosine_schedule_with_warmup(AdamW(params, lr=3e-4), 500, 10_000)"
    reply = asked(ask="read", text=text)
    assert reply["schedules"] == {"rate": "Cosine(0.0003, steps=10000).warmup(500)"}
    assert reply["says"][0].startswith("Equal to Hugging Face's")
    given_later = asked(ask="read", text="StepLR(optimizer, 30)", lr=0.5)
    assert given_later["schedules"] == {"rate": "StepDecay(0.5, every=30)"}


def test_several_schedules_are_read_each_by_its_place() -> None:
    text = "a = StepLR(SGD(p, lr=0.1), 30)\nb = StepLR(SGD(p, lr=0.2), 30)\nc = Strange(d)"
    assert asked(ask="read", text=text)["schedules"] == {
        "line 1: rate": "StepDecay(0.1, every=30)",
        "line 2: rate": "StepDecay(0.2, every=30)",
    }
    assert "no schedule that is known here" in asked(ask="read", text="x = 1")["error"]["message"]


def test_what_no_text_holds_is_not_given_as_one() -> None:
    params = {"warmup_max_lr": 1e-3, "warmup_num_steps": 100}  # by default its ramp is a logarithm
    reply = asked(ask="read", text=json.dumps({"scheduler": {"type": "WarmupLR", "params": params}}))
    message = "rate is a function of the step that no text holds: lrcore.port.read gives it."
    assert reply["error"] == {"message": message, "start": None, "end": None}


@pytest.mark.parametrize("to", asked(ask="offer")["write"])
def test_a_schedule_is_written_to_every_target(to: str) -> None:
    reply = asked(ask="write", text=WARMED, to=to, total=3)
    assert reply["ending"] == {"json": "json", "yaml": "yaml", "csv": "csv"}.get(to, "py")
    if reply["ending"] == "py":
        compile(reply["code"], to, "exec")


def test_data_and_tables_give_the_schedule_back() -> None:
    lr = lrcore.parse(WARMED)
    assert lrcore.from_dict(json.loads(asked(ask="write", text=WARMED, to="json")["code"])) == lr
    assert asked(ask="write", text=WARMED, to="yaml")["code"] == f'lr: "{lr!r}"\n'
    rows = asked(ask="write", text=WARMED, to="csv", total=2_001)["code"].splitlines()
    assert (rows[0], rows[-1], len(rows)) == ("step,rate", "2000,0.0003", 2_002)
    too_long = asked(ask="write", text=WARMED, to="csv", total=10**7)
    assert too_long["error"]["message"] == "A table of 10,000,000 updates is too long; ask for at most 1,000,000."


def test_a_forecast_of_more_updates_than_can_be_looked_at_is_refused() -> None:
    law = "LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=[3e-4, 3e-4])"
    reply = asked(ask="forecast", text="Cosine(3e-4, steps=10**12)", law=law)
    message = "A forecast adds up every update, 10,000,000 at most, and there are 1,000,000,000,000."
    assert reply["error"]["message"] == message


def test_a_law_of_losses_forecasts_a_schedule() -> None:
    law = "LossLaw(3.04, 0.525, 0.508, 363.8, 2.07, 0.583, 0.641, peaks=[3e-4, 3e-4])"
    text = "Cosine(3e-4, steps=24_000, end=3e-5).warmup(2_160)"
    reply = asked(ask="forecast", text=text, law=law, total=24_000)
    assert (len(reply["steps"]), reply["steps"][-1]) == (200, 24_000)
    assert reply["loss"] == reply["losses"][-1] == lrcore.parse(law).predict(lrcore.parse(text), 24_000)
    assert asked(ask="forecast", text=WARMED, law="")["error"]["message"].startswith("this is not an expression")
