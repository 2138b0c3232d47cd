"""What a page is told of schedules: `lrcore.studio.answer`."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lrcore
from lrcore._catalogue import FAMILIES, METHODS
from lrcore.studio import answer

EXPRESSIONS = [repr(example) for name, example in (FAMILIES | METHODS).items() if name != "Custom"]


def asked(**request: Any) -> dict[str, Any]:
    """The reply, through JSON as a page has it."""
    return json.loads(json.dumps(answer(json.loads(json.dumps(request))), allow_nan=False))


def curve(schedule: Any, **options: Any) -> dict[str, Any]:
    """The one curve of a drawing."""
    (found,) = asked(ask="draw", schedules=[schedule], **options)["curves"]
    return found


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_family_and_method_is_drawn_with_its_own_values(text: str) -> None:
    found, schedule = curve(text), lrcore.parse(text)
    assert (found["text"], found["printed"]) == (text, text)
    assert found["rates"] == [schedule(step) for step in found["steps"]]


def test_a_spike_of_one_update_in_a_million_is_drawn() -> None:
    found = curve("PiecewiseConstant([0.1, 0.9, 0.1], boundaries=[777777, 777778])", total=1_000_000)
    assert max(found["rates"]) == 0.9
    assert len(found["steps"]) < 3_000


def test_a_zoomed_drawing_has_the_steps_that_it_shows() -> None:
    found = curve("Cosine(0.1, steps=100)", first=50, last=51)
    assert (found["steps"][0], found["steps"][-1]) == (50, 51)
    assert found["rates"][0] == lrcore.Cosine(0.1, steps=100)(50)


def test_a_mistake_stands_with_its_place_beside_the_other_curves() -> None:
    wrong = "Cosine(0.1, stepz=100)"
    with pytest.raises(Exception) as told:  # noqa: PT011 - its words are compared below
        lrcore.parse(wrong)
    good, bad = asked(ask="draw", schedules=["Constant(0.1)", wrong])["curves"]
    assert bad["error"] == {"message": str(told.value), "start": 12, "end": 21}
    assert good["text"] == "Constant(0.1)"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ask": "draw", "schedules": []}, "answer.schedules must be a list of 1 to 8 schedules, got []."),
        (
            {"ask": "draw", "schedules": ["Constant(1.0)"], "first": 9, "last": 9},
            "answer.last must be after first, which is 9, got 9.",
        ),
    ],
)
def test_a_request_that_the_page_would_not_send_is_refused(request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole message is compared
        answer(request_)
    assert str(told.value) == message
