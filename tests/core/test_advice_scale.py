"""A plan for another batch, more data or another budget."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases import CASES, Case
from lrcore import (
    Constant,
    Cosine,
    Custom,
    InverseSqrt,
    MultiStep,
    OneCycle,
    PiecewiseConstant,
    Polynomial,
    StepDecay,
    WarmRestarts,
    noam,
    wsd,
)
from lrcore.advice import BATCH_RULES, Plan, check, rescaled
from lrcore.advice._corrected import times

SGD = Plan(
    MultiStep(0.1, milestones=[30, 60, 80]).warmup(5, start=0.01).per_epoch(5_004),
    total=450_360,
    steps_per_epoch=5_004,
    batch=256,
    optimizer="sgd",
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_schedule_times_a_factor_is_that_at_every_step(case: Case) -> None:
    steps = np.unique(np.concatenate([np.arange(40), np.array(case.edges, np.int64), [10**6]]))
    try:
        values = case.schedule(steps)
    except TypeError:  # a function of the user's, of one number
        steps = steps[:40]
        values = np.array([case.schedule(int(step)) for step in steps])
    found = [times(case.schedule, 0.5)(int(step)) for step in steps]
    assert found == pytest.approx(0.5 * values, rel=1e-12, abs=1e-300)


def test_the_shape_of_a_cooldown_is_multiplied_with_its_peak() -> None:
    shapes = [Polynomial(peak, steps=20, power=2.0, end=0.0) for peak in (1e-3, 5e-4)]
    mine, half = (wsd(one.start, steps=100, warmup=10, cooldown=20, shape=one) for one in shapes)
    assert times(mine, 0.5) == half


def test_a_schedule_in_epochs_stays_in_epochs() -> None:
    scaled = rescaled(SGD, batch=1_024, rule="linear")
    assert scaled.plan.schedule == MultiStep(0.4, milestones=[30, 60, 80]).warmup(5, start=0.04).per_epoch(1_251)
    assert (scaled.plan.total, scaled.plan.steps_per_epoch, scaled.plan.batch) == (112_590, 1_251, 1_024)


@pytest.mark.parametrize(
    "lr",
    [
        Cosine(0.1, steps=10_000).warmup(500),
        OneCycle(0.1, steps=10_000),
        wsd(0.1, steps=10_000, warmup=500, cooldown=2_000),
        StepDecay(0.1, every=2_500, factor=0.5),
        InverseSqrt(0.1, timescale=500).warmup(500),
        WarmRestarts(0.1, steps=2_500),
        Cosine(0.1, steps=10_000).clip(low=0.001),
    ],
    ids=repr,
)
@pytest.mark.parametrize("rule", ["linear", "sqrt", "none"])
def test_the_rate_at_a_sample_is_the_old_one_times_the_factor(lr: Any, rule: str) -> None:
    new = rescaled(Plan(lr, total=10_000, batch=64), batch=256, rule=rule).plan
    factor = {"linear": 4, "sqrt": 2, "none": 1}[rule]
    assert new.total == 2_500
    # OneCycle's knots are one update before the end of their part, and that is now as long as four were
    apart = 1e-3 if isinstance(lr, OneCycle) else 0.0
    for step in (0, 100, 625, 1_250, 2_499):
        assert new.schedule(step) == pytest.approx(factor * lr(4 * step), rel=1e-14, abs=apart * factor * 0.1)


def test_samples_stay_exact_where_the_batch_grows() -> None:
    ramp = PiecewiseConstant([32, 64], boundaries=[1_000])
    lr = Cosine(6e-4, steps=64 * 10_000).warmup(64 * 500).per_sample(ramp)
    assert lr.length is not None
    plan = Plan(lr, total=lr.length, batch=ramp)
    doubled = PiecewiseConstant([64, 128], boundaries=[500])
    new = rescaled(plan, batch=doubled, rule="none").plan
    assert new.schedule == Cosine(6e-4, steps=64 * 10_000).warmup(64 * 500).per_sample(doubled)
    assert new.total == new.schedule.length
    twice = rescaled(replace(plan, schedule=(2 * lr).clip(low=1e-5)), batch=doubled, rule="none").plan
    assert twice.schedule == (2 * new.schedule).clip(low=1e-5)


def test_the_square_root_rule_changes_the_betas_of_adam() -> None:
    plan = Plan(Cosine(1e-3, steps=8_000), total=8_000, batch=64, optimizer="adamw", momentum=0.9, beta2=0.99)
    scaled = rescaled(plan, batch=256, rule="sqrt")
    assert (scaled.plan.momentum, scaled.plan.beta2) == (0.6, 0.96)
    assert scaled.plan.schedule == Cosine(2e-3, steps=2_000)
    assert scaled.notes == ("The optimizer's epsilon is to be divided by 2.",)
    with pytest.raises(ValueError, match=r"^rescaled\.batch must be below 640, where momentum would be 0, got 1024\.$"):
        rescaled(plan, batch=1_024, rule="sqrt")


@pytest.mark.parametrize("rule", ["linear", "sqrt", "none"])
def test_weight_decay_keeps_its_time_scale_in_samples(rule: str) -> None:
    plan = Plan(Constant(1e-3), total=8_000, batch=64, optimizer="adamw", weight_decay=0.1)
    new = rescaled(plan, batch=256, rule=rule).plan
    assert new.weight_decay is not None
    # rate x weight decay x updates for a sample
    assert new.schedule(0) * new.weight_decay / 256 == pytest.approx(1e-3 * 0.1 / 64, rel=1e-12)
    assert (
        rescaled(Plan(Constant(0.1), batch=64, optimizer="sgd", weight_decay=0.1), batch=256, rule=rule).plan.weight_decay
        == 0.1
    )


def test_the_rules_of_the_noise_scale_are_those_of_their_papers() -> None:
    # Up to N the best rate of Adam rises, and beyond it falls; SGD's saturates
    plan = Plan(Constant(1.0), batch=100)

    def at(batch: int, rule: str) -> float:
        return rescaled(plan, batch=batch, rule=rule, noise_scale=1_000).plan.schedule(0)

    surge = [at(batch, "surge") for batch in (200, 1_000, 5_000)]
    assert surge[0] < surge[1] > surge[2]
    assert surge[1] == pytest.approx((math.sqrt(10) + math.sqrt(1 / 10)) / 2)
    assert at(10_000, "saturating") == pytest.approx(11 / 1.1)
    with pytest.raises(
        TypeError,
        match=r"^rescaled needs noise_scale= for the rule 'surge': the batch at which noise and gradient are alike\.$",
    ):
        rescaled(plan, batch=200, rule="surge")


def test_a_longer_run_stretches_and_may_keep_its_warmup() -> None:
    plan = Plan(Cosine(3e-4, steps=10_000).warmup(500), total=10_000)
    assert rescaled(plan, total=20_000).plan.schedule == Cosine(3e-4, steps=20_000).warmup(1_000)
    assert rescaled(plan, total=20_000, keep_warmup=True).plan.schedule == Cosine(3e-4, steps=20_000).warmup(500)
    lower = rescaled(plan, total=40_000, exponent=0.5)
    assert lower.plan.schedule == Cosine(1.5e-4, steps=40_000).warmup(2_000)
    assert lower.notes == ()


def test_more_data_has_as_many_epochs() -> None:
    plan = Plan(Cosine(0.1, steps=90).per_epoch(100), total=9_000, steps_per_epoch=100, batch=256, dataset_size=25_600)
    new = rescaled(plan, dataset_size=51_200).plan
    assert (new.schedule, new.total, new.steps_per_epoch) == (Cosine(0.1, steps=90).per_epoch(200), 18_000, 200)


def test_every_rule_says_where_it_holds_and_where_it_fails() -> None:
    for name, rule in BATCH_RULES.items():
        scaled = rescaled(SGD, batch=512, rule=name, noise_scale=4_000)
        text = str(scaled)
        assert rule.holds in text
        assert rule.fails in text
        assert rule.source in text
        assert json.loads(json.dumps(scaled.to_dict()))["rule"] == name
        assert "<table>" in scaled._repr_html_()
    assert [row[0] for row in rescaled(SGD, batch=512, rule="linear").table()] == [
        "peak",
        "warmup",
        "total",
        "steps_per_epoch",
        "batch",
    ]


def test_warnings_that_a_plan_allows_to_be_seen_are_given() -> None:
    adam = rescaled(Plan(Constant(1e-3), batch=64, optimizer="adam"), batch=256, rule="linear")
    assert len(adam.notes) == 2
    assert "needs a warmup" in adam.notes[0]
    assert "The optimizer is adam" in adam.notes[1]


BARE = Plan(Constant(0.1))

FAULTS: list[tuple[Plan, dict[str, Any], str]] = [
    (SGD, {}, "rescaled needs batch=, dataset_size= or total=: nothing else changes."),
    (
        SGD,
        {"batch": 512},
        "rescaled needs rule=, how the peak follows the batch: 'linear', 'sqrt', 'surge', 'saturating', 'none'.",
    ),
    (
        SGD,
        {"batch": 512, "rule": "root"},
        "rescaled.rule must be 'linear', 'sqrt', 'surge', 'saturating' or 'none', got 'root'.",
    ),
    (SGD, {"total": 9, "rule": "linear"}, "rescaled.rule must be left out where the batch does not change, got 'linear'."),
    (
        Plan(Constant(0.1)),
        {"batch": 512, "rule": "none"},
        "rescaled.plan must be one with its batch, got Plan(Constant(0.1)).",
    ),
    (BARE, {"total": 512}, "rescaled.plan must be one with its total, got Plan(Constant(0.1))."),
]


@pytest.mark.parametrize(("plan", "changes", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_what_cannot_be_scaled_says_why(plan: Plan, changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        plan.rescaled(**changes)
    assert str(error.value) == message


def test_a_schedule_alone_is_no_plan_to_scale() -> None:
    with pytest.raises(TypeError, match=r"^rescaled\.plan must be a Plan, got Constant\(0\.1\)\.$"):
        rescaled(Constant(0.1), total=100)  # type: ignore[arg-type]


def test_a_custom_function_has_no_lengths_to_scale() -> None:
    lr = Custom(lambda t, xp: 0.1 / (1 + t))
    message = f"{lr!r} has no lengths that could be stretched: write it for the steps you want."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        rescaled(Plan(lr, total=100, batch=64), batch=128, rule="linear")


# Units: what is kept is kept on every clock


@pytest.mark.parametrize("keep", ["samples", "updates"])
@pytest.mark.parametrize(
    ("write", "stepped"),
    [
        (lambda lr, n: lr, "update"),
        (lambda lr, n: lr.stretch(90), "epoch"),
        (lambda lr, n: lr.stretch(90).per_epoch(n, smooth=True), "update"),
        (lambda lr, n: lr.stretch(90 * n * 256).per_sample(256), "update"),
        (lambda lr, n: lr.stretch(90 * n * 256 * 2_048).per_sample(256 * 2_048), "update"),
        (lambda lr, n: 2 * lr.stretch(90 * n * 256 * 2_048).per_sample(256 * 2_048), "update"),
    ],
    ids=["updates", "calls", "epochs", "samples", "tokens", "twice the tokens"],
)
def test_a_schedule_ends_with_the_run_whatever_its_clock(write: Any, stepped: str, keep: str) -> None:
    n = 400
    lr = write(Cosine(0.1, steps=90 * n).warmup(10 * n), n)
    plan = Plan(lr, total=90 * n, steps_per_epoch=n, stepped=stepped, batch=256, tokens_per_sample=2_048)
    new = plan.rescaled(batch=1_024, rule="sqrt", keep=keep).plan
    assert new.total == (90 * n if keep == "updates" else 90 * n // 4)
    assert new.steps_per_epoch == n // 4
    assert new.schedule.length == new.calls
    assert max(map(new.rate, range(0, new.total, 50))) == pytest.approx(2 * max(map(plan.rate, range(0, 90 * n, 50))))


@pytest.mark.parametrize("batch", [96, 100, 256, 384, 1_000])
@pytest.mark.parametrize("n", [391, 390, None])
def test_whole_epochs_stay_whole(batch: int, n: int | None) -> None:
    lr = Cosine(0.1, steps=90).per_epoch(n or 391, smooth=True)
    plan = Plan(lr, total=90 * (n or 391), steps_per_epoch=n, batch=128, dataset_size=50_000)
    new = plan.rescaled(batch=batch, rule="none").plan
    each = 50_000 // batch if n == 390 else math.ceil(50_000 / batch)
    assert (new.epoch, new.total) == (each, 90 * each)
    assert new.schedule == Cosine(0.1, steps=90).per_epoch(each, smooth=True)


def test_a_clock_of_another_batch_is_refused() -> None:
    plan = Plan(Cosine(0.1, steps=64_000).per_sample(100), total=640, batch=64)
    with pytest.raises(
        ValueError,
        match=r"^rescaled\.schedule must be on the clock of the plan's batch, 64, or its tokens, got Cosine\(.*\)\.$",
    ):
        plan.rescaled(batch=128, rule="sqrt")


def test_the_peak_of_a_rescaled_plan_is_that_of_its_batch() -> None:
    plan = Plan(Cosine(0.1, steps=900).warmup(50), total=900, batch=256, reference_batch=256, optimizer="sgd")
    assert [finding.rule for finding in check(replace(plan, batch=512))] == ["batch-scaling"]
    assert [finding.rule for finding in check(plan.rescaled(batch=512, rule="linear").plan)] == []


def test_a_warmup_that_sets_the_peak_is_shortened_and_the_peak_stays() -> None:
    new = Plan(noam(512, warmup=4_000), total=40_000, batch=64).rescaled(batch=256, rule="none").plan
    assert new.schedule(999) == pytest.approx(noam(512, warmup=4_000)(3_999), rel=1e-12)
    assert new.schedule(9_999) == pytest.approx(noam(512, warmup=4_000)(39_999), rel=1e-12)


def test_the_square_root_rule_changes_what_the_optimizer_has() -> None:
    plan = Plan(Constant(1e-3), batch=64, momentum=0.9, beta2=0.99)
    for optimizer, momentum, beta2 in (("adam", 0.8, 0.98), ("rmsprop", 0.9, 0.98), ("sgd", 0.9, 0.99), (None, 0.9, 0.99)):
        found = replace(plan, optimizer=optimizer).rescaled(batch=128, rule="sqrt")
        assert (found.plan.momentum, found.plan.beta2) == (momentum, beta2)
        assert len(found.notes) == (optimizer != "sgd")


def test_the_linear_rule_says_where_it_was_not_shown() -> None:
    plan = Plan(Cosine(0.1, steps=900).warmup(50), batch=256, optimizer="sgd")
    assert plan.rescaled(batch=8_192, rule="linear").notes == ()
    assert plan.rescaled(batch=16_384, rule="linear").notes == (
        "The linear rule was shown to hold up to a batch of about 8,000, and the batch is 16,384.",
    )


@pytest.mark.parametrize("changes", [{"total": 5_000}, {"total": 1_500}, {"dataset_size": 150_000}])
def test_a_run_whose_batch_grows_stays_on_its_clock(changes: dict[str, int]) -> None:
    ramp = PiecewiseConstant([32, 64, 128], boundaries=[500, 1_000])
    plan = Plan(Constant(0.1), total=2_000, batch=ramp, dataset_size=100_000)
    seen = plan.at(updates=2_000).samples
    assert seen is not None
    new = replace(plan, schedule=Cosine(0.1, steps=seen).per_sample(ramp)).rescaled(**changes).plan
    assert new.batch == ramp
    assert new.schedule.length == new.total == changes.get("total", math.ceil((1.5 * seen - seen) / 128 + 2_000))
