"""`choose`: every recommendation can be run, is grounded in the zoo, and is what `check` would let pass."""

from __future__ import annotations

import io
import itertools
import json
import re
from typing import Any

import pytest

from lrcore import Constant, Cosine, Linear, parse
from lrcore._cli import run
from lrcore.advice import FRAMEWORKS, TASKS, check, choose
from lrcore.advice._budget import Budget, budget_of
from lrcore.advice._choices import CHOICES
from lrcore.zoo import RECIPES

BUDGETS = [20, 600, 100_000, "90 epochs of 500", "3 epochs of 200"]


@pytest.mark.parametrize("task", TASKS)
def test_check_finds_nothing_above_info_in_what_is_recommended(task: str) -> None:
    optimizers = [None, *dict.fromkeys(choice.optimizers[0] for choice in CHOICES if choice.task == task)]
    asked = [*itertools.product(optimizers, BUDGETS, [False]), (None, None, False), (None, 600, True)]
    for optimizer, budget, pretrained in asked:
        found = choose(task, optimizer=optimizer, budget=budget, pretrained=pretrained)
        worse = [str(finding) for finding in check(found.plan) if finding.severity != "info"]
        assert worse == [], (found.schedule, optimizer, budget, pretrained)
        assert parse(repr(found.schedule)) == found.schedule


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: f"{choice.task} {choice.optimizers[0]}")
def test_a_row_names_published_recipes_of_its_optimizer(choice: Any) -> None:
    assert choice.recipes
    assert set(choice.recipes) <= set(RECIPES)
    published = {RECIPES[name].optimizer.lower() for name in choice.recipes}
    assert published & set(choice.optimizers)
    for text in (choice.why, choice.peak, choice.when_not, choice.watch):
        assert text.endswith((".", ")."))


def test_a_known_length_decays_to_its_end_and_an_open_one_does_not_decay() -> None:
    known = choose("language-model", budget=100_000)
    assert known.schedule == Cosine(3e-4, steps=100_000, end=3e-5).warmup(1_000)
    assert [one.schedule.length for one in known.alternatives] == [100_000, 100_000]
    assert choose("language-model").schedule == Constant(3e-4).warmup(2_000)


def test_the_peak_follows_the_batch_where_the_recipes_say_so() -> None:
    small, large = (choose("image-classification", budget=(90, 100), batch=batch) for batch in (256, 2_048))
    assert small.schedule == Cosine(0.1, steps=90).per_epoch(100, smooth=True)
    assert large.schedule == Cosine(0.8, steps=90).warmup(5).per_epoch(100, smooth=True)
    assert choose("image-classification", budget=1_000, batch=16_384).notes == (
        "The recipes have batches of about 256: a peak for 16,384 is far from what is known.",
    )


def test_weights_that_are_trained_already_are_fine_tuned() -> None:
    found = choose("speech", budget=10_000, pretrained=True)
    assert found.schedule == Linear(2e-5, end=0.0, steps=10_000).warmup(600)
    assert found.plan.pretrained
    assert found.notes == ("The weights are trained already: this is the recipe of fine-tuning, not of speech.",)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("100_000", Budget(100_000)),
        ("100,000 updates", Budget(100_000)),
        (100_000, Budget(100_000)),
        ("90 epochs of 5_004", Budget(450_360, 90, 5_004)),
        ("90x5004", Budget(450_360, 90, 5_004)),
        ((90, 5_004), Budget(450_360, 90, 5_004)),
        ("open", Budget()),
        (None, Budget()),
    ],
)
def test_a_budget_is_read_as_people_write_it(text: Any, budget: Budget) -> None:
    assert budget_of("choose", text) == budget


UNKNOWN = f"choose knows no task '{{}}'; did you mean 'language-model'? It knows {', '.join(TASKS)}."

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"task": "language-modle"}, UNKNOWN.format("language-modle")),
    (
        {"task": "other", "budget": "some"},
        "choose.budget must be updates, as 100_000, epochs, as '90 epochs of 5_004', or 'open', got 'some'.",
    ),
    ({"task": "other", "budget": 0}, "choose.budget must be a positive integer, got 0."),
    (
        {"task": "other", "budget": "2 epochs of 5"},
        "choose.budget must be 20 updates or more, as even the shortest recipes have, got 10.",
    ),
    ({"task": "other", "batch": 0}, "choose.batch must be a positive integer, got 0."),
    (
        {"task": "other", "optimizer": "lars", "budget": 900},
        "choose.optimizer must be one of which there are recipes: adamw, adam, nadam, radam, adafactor, sgd, lamb, "
        "got 'lars'.",
    ),
    (
        {"task": "other", "optimizer": "adan"},
        "Plan.optimizer must be 'adam', 'adamw', 'nadam', 'radam', 'sgd', 'rmsprop', 'adagrad', 'adafactor', 'lamb', "
        "'lars', 'lion', 'muon', 'prodigy', 'dadaptation' or 'other', got 'adan'.",
    ),
]


@pytest.mark.parametrize(("given", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_what_cannot_be_chosen_says_why(given: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        choose(**given)
    assert str(error.value) == message


def test_a_recommendation_is_text_data_and_html() -> None:
    found = choose("detection", budget=90_000)
    data = json.loads(json.dumps(found.to_dict()))
    assert data["schedule"] == repr(found.schedule)
    assert set(data["code"]) == set(FRAMEWORKS)
    assert "As in Faster R-CNN 1x" in str(found)
    assert "<svg" in found._repr_html_()


# The command


def test_the_command_prints_one_plan_its_reasons_and_the_code(told: Any) -> None:
    text = told("choose", "--task", "language-model", "--budget", "100_000", "--framework", "optax")
    assert text.startswith("Cosine(0.0003, steps=100000, end=3e-05).warmup(1000)\n")
    for word in ("Peak: ", "Not if: ", "Watch: ", "As in GPT-3", "Source: ", "Or, if "):
        assert f"\n{word}" in text
    assert "optimizer = optax.adamw(lr, weight_decay=0.1)" in text


def test_it_asks_five_questions_and_enter_takes_the_default_of_each(
    told: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(5 * "\n"))
    assert run(["choose"]) == 0
    out, err = capsys.readouterr()
    assert re.findall(r"\[(.*?)\]", err) == ["other", "that of the recipes", "open", "y/N", "that of the recipes"]
    assert out.lstrip(" ") == told("choose", "--task", "other")  # click writes a space for each question
    monkeypatch.setattr("sys.stdin", io.StringIO(4 * "\n"))
    assert run(["choose"]) != 0


def test_an_unknown_task_is_asked_for_again(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["detecton", "detection", "sgd", "100_000", "16"])
    monkeypatch.setattr("typer.prompt", lambda question, **options: next(answers))
    monkeypatch.setattr("typer.confirm", lambda question, **options: False)
    assert run(["choose", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.endswith("That is no task; did you mean 'detection'?\n")
    assert json.loads(out)["schedule"].startswith("MultiStep(0.02"), "questions do not go where the answer is read"


def test_a_batch_that_is_no_number_is_refused(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["other", "sgd", "100_000", "a few"])
    monkeypatch.setattr("typer.prompt", lambda question, **options: next(answers))
    monkeypatch.setattr("typer.confirm", lambda question, **options: False)
    text = told("choose", code=2)
    assert text.splitlines()[-1] == "lrcore: choose.batch must be a positive integer, got 'a few'."


def test_a_mistake_is_told_in_one_line(told: Any) -> None:
    assert told("choose", "--task", "langage-model", code=2) == f"lrcore: {UNKNOWN.format('langage-model')}\n"
    assert told("choose", "--task", "other", "--framework", "jax", code=2) == (
        "lrcore: choose.framework must be 'torch', 'keras' or 'optax', got 'jax'.\n"
    )
