"""The rules of other libraries: their rows, what they once computed, and the formulas of those that are not installed."""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrcore._elsewhere_plateaus import PLATEAUS, PlateauRow
from lrcore.plateau import Plateau
from lrcore.plateau._like import _RULES
from plateaus import CASES, examples, margins, metrics, modes, patiences, scales, waits

NAMES = {"lr": 0.5, "factor": 0.3, "end": 0.0625, "peak": 0.9, "a": 0.02, "b": 0.01, "e": 1e-7, "mode": "max"} | {
    "n": 4,
    "m": 2,
    "k": 3,
    "i": 5,
    "j": 7,
}


def evaluated(text: str) -> Any:
    return eval(text, {"Plateau": Plateau, "max": max}, dict(NAMES))


@pytest.mark.parametrize("row", PLATEAUS, ids=lambda row: f"{row.key} {row.theirs}")
def test_each_row_is_what_like_makes_of_their_arguments(row: PlateauRow) -> None:
    call = ast.parse(row.theirs, mode="eval").body
    assert isinstance(call, ast.Call)
    theirs = {str(word.arg): evaluated(ast.unparse(word.value)) for word in call.keywords}
    assert Plateau.like(row.key, lr=NAMES["lr"], **theirs) == evaluated(row.ours)


def test_there_are_fourteen_and_each_has_a_row() -> None:
    assert len(_RULES) == 14
    assert {row.key for row in PLATEAUS} == set(_RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['name']} ({case['library']})")
def test_the_rates_that_the_library_once_computed(case: dict[str, Any]) -> None:
    rule = Plateau.like(case["like"], lr=case["lr"], **case["arguments"])
    rates = [case["lr"] * scale for scale in scales(rule, [float(metric) for metric in case["metrics"]])]
    assert rates == pytest.approx(case["rates"], rel=case["tolerance"], abs=0)


def test_each_library_has_such_rates() -> None:
    assert {case["like"] for case in CASES} == set(_RULES)


# The formulas of the sources, for libraries that are not installed. Each takes reports and yields rates, from a rate of 1.


def fastai(reports: list[float], *, lower: bool, min_delta: float, patience: int, factor: float) -> Iterator[float]:
    best, wait, rate = math.inf if lower else -math.inf, 0, 1.0
    for x in reports:
        better = x + min_delta < best if lower else x - min_delta > best
        best, wait = (x, 0) if better else (best, wait + 1)
        if not better and wait >= patience:
            rate, wait = rate / factor, 0
        yield rate


def paddle(
    reports: list[float], *, mode: str, threshold: float, threshold_mode: str, patience: int, cooldown: int
) -> Iterator[float]:
    best, bad, wait, rate = None, 0, 0, 1.0
    for x in reports:
        if wait > 0:
            wait -= 1
            yield rate
            continue
        if best is not None:
            margin = best * threshold if threshold_mode == "rel" else threshold
        if best is None or (x < best - margin if mode == "min" else x > best + margin):
            best, bad = x, 0
        else:
            bad += 1
        if bad > patience:
            wait, bad, rate = cooldown, 0, max(rate * 0.5, 0.1)
        yield rate


def new_bob(reports: list[float], *, improvement_threshold: float, patient: int) -> Iterator[float]:
    left, rate = patient, 1.0
    for i, x in enumerate(reports):
        if i:
            before = reports[i - 1]
            if ((before - x) / before if before else 0) < improvement_threshold:
                rate, left = (rate * 0.5, patient) if left == 0 else (rate, left - 1)
        yield rate


def open_nmt(reports: list[float], *, start_decay_at: int, start_decay_score_delta: float, decay: str) -> Iterator[float]:
    decaying, rate = False, 1.0
    for i, x in enumerate(reports):
        bad = i > 0 and not x - (reports[i - 1] - start_decay_score_delta) <= 0
        if decay == "default":
            decaying = decaying or bad or i + 1 >= start_decay_at
        if decaying or (decay == "score_only" and bad):
            rate *= 0.5
        yield rate


@given(st.booleans(), margins, patiences, metrics())
@examples(100)
def test_fastais_rule(lower: bool, delta: float, patience: int, reports: list[float]) -> None:
    theirs = list(fastai(reports, lower=lower, min_delta=delta, patience=patience, factor=2.0))
    monitor = "valid_loss" if lower else "accuracy"
    rule = Plateau.like("fastai", monitor=monitor, min_delta=delta, patience=patience, factor=2.0)
    assert scales(rule, reports) == theirs


@given(modes, margins, st.sampled_from(["rel", "abs"]), patiences, waits, metrics())
@examples(100)
def test_paddles_rule(mode: str, threshold: float, how: str, patience: int, cooldown: int, reports: list[float]) -> None:
    fields: dict[str, Any] = {"mode": mode, "threshold": threshold, "threshold_mode": how, "patience": patience}
    theirs = list(paddle(reports, **fields, cooldown=cooldown))
    rule = Plateau.like("paddle", lr=1.0, factor=0.5, min_lr=0.1, epsilon=0.0, cooldown=cooldown, **fields)
    assert scales(rule, reports) == theirs


@given(st.sampled_from([0.0025, 0.1, 0.5]), patiences, metrics())
@examples(100)
def test_new_bobs_rule(threshold: float, patient: int, reports: list[float]) -> None:
    theirs = list(new_bob(reports, improvement_threshold=threshold, patient=patient))
    assert scales(Plateau.like("speechbrain", improvement_threshold=threshold, patient=patient), reports) == theirs


@given(st.integers(1, 9), margins, st.sampled_from(["default", "score_only"]), metrics())
@examples(100)
def test_open_nmts_rule(at: int, delta: float, decay: str, reports: list[float]) -> None:
    fields: dict[str, Any] = {"start_decay_at": at, "start_decay_score_delta": delta, "decay": decay}
    theirs = list(open_nmt(reports, **fields))
    assert scales(Plateau.like("opennmt", learning_rate_decay=0.5, **fields), reports) == theirs


@pytest.mark.parametrize("key", list(_RULES))
def test_every_number_is_checked_by_the_name_that_it_was_given_by(key: str) -> None:
    for name, parameter in inspect.signature(_RULES[key]).parameters.items():
        if isinstance(parameter.default, (int, float)):
            with pytest.raises(TypeError, match=rf"^Plateau\.like\.{name} must be .*, got 'x'\.$"):
                Plateau.like(key, lr=0.1, **{name: "x"})


WRONG: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: Plateau.like(["torch"]),  # type: ignore[arg-type]
        "Plateau.like.library must be one of 'torch', 'huggingface', 'lightning', 'ignite', 'mmengine', 'timm', 'fairseq', "
        "'paddle', 'keras', 'optax', 'fastai', 'greedy', 'speechbrain', 'opennmt', got ['torch'].",
    ),
    (
        lambda: Plateau.like("trax"),
        "Plateau.like.library must be one of 'torch', 'huggingface', 'lightning', 'ignite', 'mmengine', 'timm', 'fairseq', "
        "'paddle', 'keras', 'optax', 'fastai', 'greedy', 'speechbrain', 'opennmt', got 'trax'; its EvalAdjustingSchedule "
        "computes the rate anew from the whole history, and may raise it.",
    ),
    (
        lambda: Plateau.like("torch", patience=2),
        "Plateau.like('torch') needs lr=, since its smallest cut of 1e-08 is a rate there and a share of lr here; eps=0 "
        "lets every cut be made.",
    ),
    (
        lambda: Plateau.like("keras", min_lr=1e-5),
        "Plateau.like('keras') needs lr=, since 1e-05 is a rate there and a share of lr here.",
    ),
    (
        lambda: Plateau.like("torch", lr=0.1, min_lr=0.1),
        "Plateau.floor must be a number, 0 or more and below 1, got 1.0; it is a share of the rate, and one of 1 leaves "
        "nothing to cut.",
    ),
    (
        lambda: Plateau.like("keras", monitor="val_accuracy"),
        "Plateau.like.mode must be 'min' or 'max', got 'auto'; Keras finds it by the metric's class, which is not known "
        "here.",
    ),
    (
        lambda: Plateau.like("optax", patience=0),
        "Plateau.like.patience must be a positive integer, got 0; with 0 Optax's rule cuts at improvements, and never on "
        "a plateau.",
    ),
    (
        lambda: Plateau.like("torch", treshold=2),
        "Plateau.like('torch') has no argument 'treshold'; did you mean 'threshold'?",
    ),
    (
        lambda: Plateau.like("torch", lr=0.1, min_lr=[0.0, 0.1]),
        "Plateau.like.min_lr must be a finite number, 0 or more, got [0.0, 0.1].",
    ),
    (
        lambda: Plateau.like("optax", patience=-1),
        "Plateau.like.patience must be an integer, 0 or more, got -1.",
    ),
    (
        lambda: Plateau.like("keras", patience=None),
        "Plateau.like.patience must be an integer, 0 or more, got None.",
    ),
    (
        lambda: Plateau.like("fastai", factor=0.1),
        "Plateau.like.factor must be a number above 1, which divides the rate, got 0.1.",
    ),
    (
        lambda: Plateau.like("greedy", lr=0.1, factor=0),
        "Plateau.like.factor must be a number above 0 and below 1, got 0.",
    ),
    (
        lambda: Plateau.like("greedy", lr=0.1, smooth="yes"),
        "Plateau.like.smooth must be True or False, got 'yes'.",
    ),
    (
        lambda: Plateau.like("fastai", comp="less"),
        "Plateau.like.comp must be np.less or np.greater, got 'less'.",
    ),
    (
        lambda: Plateau(min_delta=0.1),  # type: ignore[call-arg]
        "Plateau has no argument 'min_delta'; Keras's min_delta is atol=.",
    ),
    (
        lambda: Plateau(threshold=0.1),  # type: ignore[call-arg]
        "Plateau has no argument 'threshold'; PyTorch's threshold is rtol=.",
    ),
    (
        lambda: Plateau(decay_rate=0.1),  # type: ignore[call-arg]
        "Plateau has no argument 'decay_rate'; timm's decay_rate is factor=.",
    ),
    (
        lambda: Plateau(accumulation_size=10),  # type: ignore[call-arg]
        "Plateau has no argument 'accumulation_size'; Optax's accumulation_size is window=.",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_mistakes_are_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        call()
