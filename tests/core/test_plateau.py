"""The plateau rule: what it decides, that it is a value, its state as data, and its mistakes."""

from __future__ import annotations

import json
import math
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrcore
from lrcore import Constant, Cosine
from lrcore.plateau import Plateau, PlateauState, warmup_end
from plateaus import fractions, margins, metrics, modes, patiences, scales, waits

NAN, INF = math.nan, math.inf


def cuts(rule: Plateau, reports: list[float]) -> list[int]:
    """The reports that cut, the first being 1."""
    found = scales(rule, reports)
    return [i for i, (before, after) in enumerate(zip([1.0, *found], found, strict=False), 1) if after < before]


# What it decides.


def test_the_report_after_patience_bad_ones_cuts() -> None:
    assert cuts(Plateau(patience=3), [1.0] * 14) == [5, 9, 13]
    assert cuts(Plateau(patience=0), [1.0] * 4) == [2, 3, 4]


def test_a_better_report_makes_patience_begin_again() -> None:
    assert cuts(Plateau(patience=1), [1.0, 1.0, 0.9, 0.9, 0.8, 0.8, 0.8]) == [7]


def test_a_cooldown_adds_its_reports_to_the_period() -> None:
    assert cuts(Plateau(patience=1, cooldown=2), [1.0] * 12) == [3, 7, 11]


def test_better_is_by_more_than_the_margin() -> None:
    assert cuts(Plateau(patience=0, rtol=0.1), [1.0, 0.9]) == [2]
    assert cuts(Plateau(patience=0, rtol=0.1), [1.0, math.nextafter(0.9, 0)]) == []
    assert cuts(Plateau(patience=0, rtol=0.0, atol=0.25), [1.0, 0.75, 0.7, 0.4]) == [2]
    assert cuts(Plateau(patience=0, rtol=0.0), [1.0, 1.0]) == [2]
    assert cuts(Plateau(patience=0, rtol=0.0), [1.0, math.nextafter(1.0, 0)]) == []


def test_a_negative_best_needs_a_report_that_is_lower() -> None:
    rising = [-1.0, -0.99999, -0.99998, -0.99997]
    assert cuts(Plateau(patience=1), rising) == [3]
    assert cuts(Plateau(patience=1, signed=True), rising) == []  # as in PyTorch: a little worse is better
    assert cuts(Plateau(patience=0, mode="max"), [-1.0, -0.9, -0.80]) == []


@given(st.builds(Plateau, factor=fractions, patience=patiences, rtol=margins, atol=margins, cooldown=waits), metrics())
def test_max_is_min_of_the_negative(rule: Plateau, reports: list[float]) -> None:
    fields = {name: getattr(rule, name) for name in ("factor", "patience", "rtol", "atol", "cooldown")}
    assert scales(Plateau(mode="max", **fields), [-report for report in reports]) == scales(rule, reports)


@given(
    st.builds(Plateau, factor=fractions, patience=patiences, mode=modes, floor=st.sampled_from([0, 0.01, 0.4])), metrics()
)
def test_the_scale_falls_by_the_factor_down_to_the_floor(rule: Plateau, reports: list[float]) -> None:
    before = 1.0
    for scale in scales(rule, reports):
        assert scale in (before, max(before * rule.factor, rule.floor))
        before = scale


def test_nan_and_infinity_are_bad_reports_and_counted() -> None:
    rule = Plateau(patience=1)
    for strange in (NAN, INF, -INF):
        state = rule.start()
        for report in (strange, 1.0, strange, strange):
            state = rule.update(state, report)
        assert (state.nonfinite, state.cuts, state.best) == (3, 1, 1.0)


def test_divergence_cuts_at_once_but_for_the_cooldown() -> None:
    rule = Plateau(patience=9, divergence=4.0, cooldown=1)
    for far in (NAN, INF, -INF, 4.1):
        assert cuts(rule, [1.0, far]) == [2]
        assert cuts(rule, [1.0, far, far, far]) == [2, 4]
    assert cuts(rule, [1.0, 4.0]) == []
    assert cuts(rule, [NAN, 1.0]) == [1]
    assert cuts(rule, [0.0, 1e9]) == []  # nothing is so many times 0
    assert cuts(Plateau(patience=9), [1.0, NAN, INF, 1e9]) == []


def test_divergence_does_not_wait_for_the_windows_end() -> None:
    rule = Plateau(factor=0.5, patience=9, divergence=4.0, window=3)
    assert cuts(rule, [1.0, 1.0, 1.0, 1.0, NAN, 1.0, 1.0, 1.0]) == [5]
    state = rule.start()
    for report in (1.0, 1.0, 1.0, 1.0, 9.0):
        state = rule.update(state, report)
    assert (state.seen, state.mean, state.best) == (0, 0.0, 1.0)
    assert type(state.seen) is int


def test_divergence_from_a_best_on_the_other_side_of_0() -> None:
    assert cuts(Plateau(divergence=4.0), [-1.0, -0.3]) == []
    assert cuts(Plateau(divergence=4.0), [-1.0, -0.2]) == [2]
    assert cuts(Plateau(divergence=4.0, mode="max"), [0.8, 0.3]) == []
    assert cuts(Plateau(divergence=4.0, mode="max"), [0.8, 0.1]) == [2]
    assert cuts(Plateau(divergence=4.0, mode="max"), [-1.0, -5.0]) == [2]


def test_a_window_decides_on_the_mean_of_its_reports() -> None:
    rule = Plateau(patience=0, window=3)
    assert cuts(rule, [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0]) == [6]
    state = rule.start()
    for report in (1.0, 2.0, 6.0, 5.0):
        state = rule.update(state, report)
    assert (state.best, state.seen, state.mean, state.reports) == (3.0, 1, 5.0, 4)


def test_the_rate_is_the_schedules_times_the_scale() -> None:
    lr, rule = Cosine(0.1, steps=20).warmup(5), Plateau(factor=0.5, patience=0)
    state = rule.start()
    for step in range(20):
        state = rule.update(state, 1.0)
        assert lr(step) * state.scale == lr(step) * 0.5**step


# A value.


def test_it_is_printed_parsed_saved_compared_and_pickled() -> None:
    rule = Plateau(factor=0.5, patience=3, mode="max", divergence=4)
    assert repr(rule) == "Plateau(factor=0.5, patience=3, mode='max', divergence=4)"
    assert repr(Plateau()) == "Plateau()"
    assert lrcore.parse(repr(rule)) == rule == lrcore.from_dict(json.loads(json.dumps(rule.to_dict())))
    assert lrcore.parse("Plateau(0.5)") == Plateau(0.5)
    assert rule.diff(Plateau(factor=0.5, mode="max", divergence=4)) == {"patience": (3, 10)}
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert len({rule, Plateau(factor=0.5, patience=3, mode="max", divergence=4), Plateau()}) == 2
    assert (Plateau.__module__, PlateauState.__module__) == ("lrcore.plateau", "lrcore.plateau")


def test_lrcore_imports_it_when_text_or_data_names_it() -> None:
    code = """
import sys, lrcore
lrcore.parse("Cosine(0.1, steps=5)"), lrcore.from_dict({"family": "Constant", "value": 1})
print("lrcore.plateau" in sys.modules)
lrcore.parse("Plateau(patience=3)")
print("lrcore.plateau" in sys.modules, {"numpy", "torch"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["False", "True set()", ""]


def test_text_may_name_another_librarys_rule() -> None:
    text = "Plateau.like('keras', patience=3, mode='max', verbose=1)"
    assert lrcore.parse(text) == Plateau.like("keras", patience=3, mode="max")
    wrong = {
        "Plateau.like('keras', patients=3)": "Plateau.like('keras') has no argument 'patients'; did you mean 'patience'? "
        "(at column 9)",
        "Plateau.like()": "Plateau.like needs library (at column 9).",
        "Plateau.start()": "there is no schedule 'start'; did you mean 'Constant'? (at column 9)",
    }
    for text, message in wrong.items():
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            lrcore.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Platau()", "there is no schedule 'Platau'; did you mean 'Plateau'?"),
        ("Plateau().warmup(5)", "Plateau() is not a schedule and has no methods."),
        ("Cosine(1, steps=5) * Plateau()", "Plateau() cannot be multiplied."),
        ("plateau.Plateau()", "write Plateau(...), without a module before it."),
        (
            "Plateau(min_lr=1e-5)",
            "Plateau has no argument 'min_lr'; PyTorch's and Keras's min_lr is floor=min_lr / lr (at column 9).",
        ),
    ],
)
def test_text_that_is_wrong_about_it(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        lrcore.parse(text)


# Its state.


@given(metrics(), st.integers(0, 9))
def test_a_state_through_json_goes_on_where_it_was(reports: list[float], at: int) -> None:
    for rule in (Plateau(patience=1, window=2), Plateau.like("greedy", lr=1.0, patience=1, smooth=True, window_size=3)):
        state = rule.start()
        for report in reports[:at]:
            state = rule.update(state, report)
        text = json.dumps(state.to_dict(), allow_nan=False)
        again = PlateauState.from_dict(json.loads(text))
        for report in reports[at:]:
            state, again = rule.update(state, report), rule.update(again, report)
        assert repr(again) == repr(state)


def test_the_rule_goes_on_from_a_scale_that_is_set() -> None:
    rule = Plateau(patience=0)
    state = rule.update(rule.start(), 1.0)._replace(scale=0.5)
    assert rule.update(state, 1.0).scale == 0.05
    assert rule.update(rule.update(state, 0.9), 0.9).scale == 0.05


def test_an_array_of_reports_is_a_batch_of_runs() -> None:
    rule = Plateau(patience=0)
    state = rule.start(np.zeros((2, 1)))
    assert state.scale.shape == (2, 1)
    state = rule.update(rule.update(state, np.array([[1.0], [1.0]])), np.array([[2.0], [0.5]]))
    assert state.scale.tolist() == [[0.1], [1.0]]
    assert state.to_dict()["best"] == [[1.0], [0.5]]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("val_loss", "min"),
        ("valLoss", "min"),
        ("val/iou_loss", "min"),  # of a score, and yet a loss
        ("f1_loss", "min"),
        ("word error rate", "min"),
        ("eval_accuracy", "max"),
        ("valAcc", "max"),
        ("mAP", "max"),
        ("neg_log_loss", ""),  # scikit-learn's is better if higher
        ("reward", ""),
        ("glossary", ""),
        ("", ""),
    ],
)
def test_a_direction_that_a_name_contradicts_is_doubted_and_no_other(name: str, mode: str) -> None:
    for chosen in ("min", "max"):
        doubts = Plateau(mode=chosen).doubts(name)
        assert len(doubts) == (mode not in ("", chosen))
        assert all(doubt.endswith(f"write mode={mode!r}") for doubt in doubts)


# Mistakes.

WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: Plateau(factor=1), "Plateau.factor must be a number above 0 and below 1, got 1."),
    (lambda: Plateau(patience=-1), "Plateau.patience must be an integer, 0 or more, got -1."),
    (lambda: Plateau(patience=2.0), "Plateau.patience must be an integer, 0 or more, got 2.0; write 2."),  # type: ignore[arg-type]
    (lambda: Plateau(mode="auto"), "Plateau.mode must be 'min' or 'max', got 'auto'."),
    (lambda: Plateau(rtol=1.0), "Plateau.rtol must be a number, 0 or more and below 1, got 1.0."),
    (
        lambda: Plateau(floor=1),
        "Plateau.floor must be a number, 0 or more and below 1, got 1; it is a share of the rate, and one of 1 leaves "
        "nothing to cut.",
    ),
    (lambda: Plateau(window=0), "Plateau.window must be a positive integer, got 0."),
    (lambda: Plateau(divergence=1), "Plateau.divergence must be a number above 1, got 1."),
    (lambda: Plateau(signed=1), "Plateau.signed must be True or False, got 1."),  # type: ignore[arg-type]
    (lambda: Plateau(patience=3, window=2, moving=2), "Plateau.window must be 1 beside moving or first_is_best, got 2."),
    (lambda: Plateau(mode="max", previous=True), "Plateau.mode must be 'min' where previous is true, got 'max'."),
    (lambda: Plateau(0.5, 3), "Plateau takes one positional argument, factor; write patience=3."),  # type: ignore[misc]
    (
        lambda: Plateau().update(Plateau().start(), None),
        "Plateau.update.metric must be a number, or an array of numbers, got None; there is no report without one.",
    ),
    (
        lambda: Plateau().update(Plateau().start(), "0.5"),
        "Plateau.update.metric must be a number, or an array of numbers, got '0.5'.",
    ),
    (
        lambda: Plateau().update(Plateau().start(), np.array([True])),
        "Plateau.update.metric must be a number, or an array of numbers, got array([ True]).",
    ),
    (
        lambda: Plateau().update(0.5, 1.0),  # type: ignore[arg-type]
        "Plateau.update.state must be a PlateauState, got 0.5; begin with plateau.start().",
    ),
    (
        lambda: PlateauState.from_dict({"scale": 1.0}),
        "PlateauState.from_dict reads a dict of scale, best, bad, wait, cuts, nonfinite, reports, seen, mean, exact, more, "
        "got {'scale': 1.0}.",
    ),
    (
        lambda: PlateauState.from_dict(PlateauState().to_dict() | {"best": None}),
        "PlateauState.from_dict reads numbers, got None.",
    ),
    (
        lambda: Constant(0.1) * Plateau(),
        "Plateau is a rule and has no value to multiply Constant(0.1) by: the rate is lr(step) * state.scale, and an "
        "adapter takes the rule beside the schedule, as in ScheduleLR(optimizer, lr, plateau=...).",
    ),
    (lambda: lrcore.parse("Plateau()", lrcore.Schedule), "the text is not a schedule but Plateau()."),
    (lambda: lrcore.parse("Constant(1)", Plateau), "the text is not a Plateau but Constant(1)."),
    (
        lambda: lrcore.from_dict({"family": "Constant", "value": 1}, Plateau),
        "from_dict was to give a Plateau, and the data is of Constant(1).",
    ),
    (
        lambda: lrcore.from_dict({"family": "Platau"}),
        "from_dict knows no family 'Platau'; did you mean 'Plateau'?",
    ),
    (lambda: warmup_end(0.1), "warmup_end.schedule must be a schedule, got 0.1."),  # type: ignore[arg-type]
    (
        lambda: Plateau(patience="3"),  # type: ignore[arg-type]
        "Plateau.patience must be an integer, 0 or more, got '3'; that is text: write 3.",
    ),
    (lambda: Constant(0.1).then(Plateau(), at=3), "Sequence.schedules[1] must be a schedule, got Plateau()."),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_mistakes_are_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        call()
