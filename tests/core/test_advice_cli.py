"""`lrcore check`: what it prints, its exit codes, its JSON and its fixes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lrcore import parse

EPOCHS = ("Cosine(0.1, steps=90)", "--total", "450360", "--steps-per-epoch", "5004")
WARNED = ("Constant(0.1)", "--total", "10000")
FINE = ("Cosine(3e-4, steps=10000).warmup(100)", "--total", "10000", "--optimizer", "adamw", "--model", "transformer")


def test_an_error_is_1_and_is_told_with_its_reason_source_and_fix(told: Any) -> None:
    text = told("check", *EPOCHS, code=1)
    assert "error epochs-as-updates\n" in text
    assert "Source: " in text
    assert "Write Cosine(0.1, steps=90).per_epoch(5004, smooth=True)\n" in text
    assert text.splitlines()[-1] == "1 error."
    assert max(map(len, text.splitlines())) <= 80


def test_a_warning_is_0_and_1_where_it_is_strict(told: Any) -> None:
    assert told("check", *WARNED).splitlines()[-1] == "1 warning."
    assert told("check", *WARNED, "--strict", code=1).splitlines()[-1] == "1 warning."


def test_nothing_is_0_and_says_so(told: Any) -> None:
    assert told("check", *FINE).splitlines()[-1] == "Nothing was found."
    assert told("check", *FINE, "--all").splitlines()[-1] == "1 line of information."


def test_nothing_says_little_where_the_length_of_the_run_is_not_given(told: Any) -> None:
    assert told("check", FINE[0]).endswith(
        "\nNothing was found.\nWithout --total, the number of updates of the run, many rules are not asked.\n"
    )


def test_a_rule_can_be_left_out(told: Any) -> None:
    assert told("check", *EPOCHS, "--ignore", "epochs-as-updates").splitlines()[-1] == "Nothing was found."
    error = told("check", *EPOCHS, "--ignore", "nothing", code=2)
    assert error == "lrcore: check knows no rule 'nothing'; lrcore.advice.RULES has them all.\n"


def test_fix_prints_the_corrected_schedule_and_nothing_else(told: Any) -> None:
    assert told("check", *EPOCHS, "--fix") == "Cosine(0.1, steps=90).per_epoch(5004, smooth=True)\n"
    assert told("check", *FINE, "--fix") == f"{parse(FINE[0])!r}\n"
    # What has no fix stays an error
    wrong = ("Linear(0.1, end=-0.1, steps=100) * Linear(1, end=2, steps=100)", "--total", "100")
    assert told("check", *wrong, "--fix") == f"({parse(wrong[0])!r}).clip(low=0.0)\n"


def test_json_has_all_of_it(told: Any) -> None:
    (found,) = json.loads(told("check", *EPOCHS, "--json", code=1))
    assert found["ok"] is False
    assert found["fixed"] == "Cosine(0.1, steps=90).per_epoch(5004, smooth=True)"
    (finding,) = found["findings"]
    assert (finding["rule"], finding["severity"], finding["steps"]) == ("epochs-as-updates", "error", [90])
    assert parse(finding["fix"]) == parse(found["fixed"])


def test_several_are_checked_with_one_run(told: Any) -> None:
    found = json.loads(told("check", "Constant(1)", *EPOCHS, "--json", code=1))
    assert [one["ok"] for one in found] == [True, False]


def test_a_recipe_of_the_zoo_brings_what_is_known_of_its_run(told: Any) -> None:
    (found,) = json.loads(told("check", "sgdr", "--json"))
    assert "total=78200" in found["plan"]
    assert "optimizer='sgd'" in found["plan"]
    assert [finding["rule"] for finding in found["findings"]] == ["cut-cycle"]


def test_a_batch_may_be_a_schedule(told: Any) -> None:
    batch = "PiecewiseConstant([64, 128], boundaries=[100])"
    text = told("check", "Cosine(0.1, steps=121600)", "--total", "1000", "--batch", batch, code=1)
    assert "samples-as-updates" in text
    assert f"per_sample({batch})" in " ".join(text.split())
    assert told("check", "Constant(1)", "--batch", "many", code=2) == (
        "lrcore: --batch: 'many' is only a name; a schedule is written as a call.\n"
    )


MISTAKES = [
    (("check",), "lrcore check: Missing argument 'SCHEDULE'."),
    (("check", "Cosin(1)"), "lrcore: there is no schedule 'Cosin'; did you mean 'Cosine'?"),
    (("check", "Constant(1)", "--total", "0"), "lrcore: Plan.total must be a positive integer, got 0."),
    (
        ("check", "Constant(1)", "--model", "cnn"),
        "lrcore: Plan.model must be 'transformer', 'convnet', 'diffusion' or 'other', got 'cnn'.",
    ),
]


@pytest.mark.parametrize(("args", "message"), MISTAKES, ids=lambda value: str(value)[:30])
def test_a_mistake_is_told_in_one_line_and_is_2(args: tuple[str, ...], message: str, told: Any) -> None:
    assert told(*args, code=2) == f"{message}\n"
