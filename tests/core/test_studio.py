"""What a page is told of schedules: `lrcore.studio.answer`."""

from __future__ import annotations

import json

import pytest

import lrcore
from lrcore._catalogue import FAMILIES, METHODS
from lrcore.studio import answer

EXPRESSIONS = [repr(example) for name, example in (FAMILIES | METHODS).items() if name != "Custom"]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_family_and_method_is_answered_with_its_own_values(text: str) -> None:
    reply = answer({"schedules": [text], "at": 7, "code": "lrcore"})
    (curve,) = json.loads(json.dumps(reply, allow_nan=False))["curves"]
    schedule = lrcore.parse(text)
    assert curve["schedule"] == text
    assert curve["rates"] == [schedule(step) for step in curve["steps"]]
    assert curve["at"] == schedule(7)


def test_a_spike_of_one_update_in_a_million_is_drawn() -> None:
    text = "PiecewiseConstant([0.1, 0.9, 0.1], boundaries=[777777, 777778])"
    (curve,) = answer({"schedules": [text], "total": 1_000_000})["curves"]
    assert max(curve["rates"]) == 0.9
    assert len(curve["steps"]) < 10_000


def test_a_zoomed_drawing_has_the_steps_that_it_shows() -> None:
    (curve,) = answer({"schedules": ["Cosine(0.1, steps=100)"], "first": 50, "last": 51})["curves"]
    assert (curve["steps"][0], curve["steps"][-1]) == (50, 51)
    assert curve["rates"][0] == lrcore.Cosine(0.1, steps=100)(50)


def test_a_mistake_stands_in_the_words_of_parse_beside_the_other_curves() -> None:
    wrong = "Cosine(0.1, stepz=100)"
    with pytest.raises(Exception) as told:  # noqa: PT011 - its words are compared below
        lrcore.parse(wrong)
    good, bad = answer({"schedules": ["Constant(0.1)", wrong]})["curves"]
    assert bad == {"error": str(told.value)}
    assert good["schedule"] == "Constant(0.1)"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"schedules": []}, "answer.schedules must be 1 to 8 expressions, got 0."),
        ({"schedules": ["Constant(1.0)"], "first": 9, "last": 9}, "answer.last must be after first = 9, got 9."),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(request_: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole message is compared
        answer(request_)
    assert str(told.value) == message
