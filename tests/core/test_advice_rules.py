"""The rules of `check`: each fires on its own example, and is silent on the neighbour; and the published recipes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import lrcore
from lrcore import (
    Constant,
    Cosine,
    Custom,
    Cyclic,
    Exponential,
    Geometric,
    Interpolate,
    Linear,
    MultiStep,
    OneCycle,
    Schedule,
    StepDecay,
    WarmRestarts,
    wsd,
)
from lrcore.advice import RULES, Findings, Plan, Rule, check
from lrcore.plateau import Plateau

EVERY = list(RULES.values())


def names(found: Findings) -> list[str]:
    return [finding.rule for finding in found]


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
def test_a_rule_fires_on_its_example_with_its_severity(rule: Rule) -> None:
    found = check(rule.fires, every=rule.optional)
    assert rule.name in names(found)
    (finding,) = (finding for finding in found if finding.rule == rule.name)
    assert finding.severity == rule.severity
    assert re.search(r"\d|'", finding.message), "it says its numbers, or its words"


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
def test_a_rule_is_silent_on_the_neighbour_and_so_are_all_others(rule: Rule) -> None:
    assert names(check(rule.silent, every=rule.optional)) == []


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
def test_a_rule_has_a_sentence_a_reason_and_a_source(rule: Rule) -> None:
    for text in (rule.trigger, rule.why):
        assert text.endswith("."), text
    assert rule.source


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
def test_a_fix_mends_what_its_rule_has_found(rule: Rule) -> None:
    for finding in check(rule.fires, every=rule.optional):
        if finding.rule == rule.name and finding.fix is not None:
            assert rule.name not in names(check(replace(rule.fires, schedule=finding.fix), every=rule.optional))
            assert lrcore.parse(repr(finding.fix)) == finding.fix


def test_a_rule_that_is_ignored_is_not_asked() -> None:
    plan = Plan(Cosine(0.1, steps=10_000), total=100_000)
    assert names(check(plan)) == ["dead-tail"]
    assert names(check(plan, ignore=["dead-tail"])) == []


def test_a_fix_does_not_mend_what_is_ignored() -> None:
    plan = Plan(Cosine(3e-4, steps=100_000), total=60_000, optimizer="adamw", model="transformer")
    assert check(plan).fixed == Cosine(3e-4, steps=60_000).warmup(600)
    assert check(plan, ignore=["no-warmup"]).fixed == Cosine(3e-4, steps=60_000)
    assert check(plan, ignore="ends-late").fixed == Cosine(3e-4, steps=100_000).warmup(600)


def test_an_ignored_rule_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^check knows no rule 'dead-tial'; did you mean 'dead-tail'\?$"):
        check(Constant(0.1), ignore=["dead-tial"])


def test_what_is_no_plan_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^check\.plan must be a Plan or a schedule, got 0\.1\.$"):
        check(0.1)  # type: ignore[arg-type]


NEEDED = (
    "total",
    "steps_per_epoch",
    "optimizer",
    "model",
    "batch",
    "reference_batch",
    "beta2",
    "weight_decay",
    "dtype",
)


@pytest.mark.parametrize("field", NEEDED)
def test_what_is_not_given_switches_the_rules_off_that_need_it(field: str) -> None:
    needing = [rule for rule in EVERY if getattr(rule.fires, field) is not None and not rule.optional]
    off = [rule for rule in needing if rule.name not in names(check(replace(rule.fires, **{field: None})))]
    assert off, "no rule needs it: it is useless in a plan"


def test_a_schedule_alone_is_checked_for_what_can_be_seen_of_it() -> None:
    assert names(check(Cosine(0.1, steps=100).then(Constant(0.1), at=100))) == ["jump-up"]
    assert names(check(Cosine(0.1, steps=1_000).warmup(400))) == ["long-warmup"]


# The class of mistakes, not the example


def per_update(n: int) -> dict[str, Any]:
    return {"steps_per_epoch": n, "total": 100 * n}


@pytest.mark.parametrize("n", [2, 30, 390, 5_004, 40_036])
@pytest.mark.parametrize(
    "lr",
    [
        Cosine(0.1, steps=100),
        Cosine(0.1, steps=100).warmup(5),
        Linear(0.1, end=0.0, steps=100),
        OneCycle(0.1, steps=100),
        wsd(0.1, steps=100, warmup=5, cooldown=20),
        2 * Cosine(0.1, steps=100).clip(low=1e-4),
        StepDecay(0.1, every=30).cooldown(at=90, steps=10),
    ],
    ids=repr,
)
def test_any_schedule_in_epochs_is_seen(lr: Schedule, n: int) -> None:
    found = check(Plan(lr, **per_update(n)))
    assert "epochs-as-updates" in names(found)
    assert "dead-tail" not in names(found)


@pytest.mark.parametrize("n", [31, 390])
def test_milestones_in_epochs_are_seen_where_all_lie_in_the_first_epoch(n: int) -> None:
    lr = MultiStep(0.1, milestones=[10, 20, 30])
    assert "epochs-as-updates" in names(check(Plan(lr, **per_update(n))))
    assert check(Plan(lr, **per_update(n))).fixed == lr.per_epoch(n)
    assert names(check(Plan(lr.per_epoch(n), **per_update(n)))) == []


@pytest.mark.parametrize(("total", "stepped"), [(100, "update"), (39_000, "epoch"), (100, "epoch")])
def test_a_schedule_in_updates_that_is_stepped_per_epoch_is_seen_in_calls_or_in_updates(total: int, stepped: str) -> None:
    plan = Plan(Cosine(0.1, steps=39_000), total=total, steps_per_epoch=390, stepped=stepped)
    assert names(check(plan)) == ["updates-as-epochs"]
    assert check(plan).fixed == Cosine(0.1, steps=100)


@pytest.mark.parametrize(("total", "stepped"), [(9_000, "epoch"), (90, "epoch"), (90, "update")])
def test_milestones_in_updates_that_are_stepped_per_epoch_are_seen(total: int, stepped: str) -> None:
    plan = Plan(MultiStep(0.1, milestones=[3_000, 6_000, 8_000]), total=total, steps_per_epoch=100, stepped=stepped)
    assert names(check(plan)) == ["updates-as-epochs"]
    assert check(plan)[0].fix == MultiStep(0.1, milestones=[30, 60, 80])
    assert names(check(replace(plan, schedule=check(plan)[0].fix, total=9_000, stepped="epoch"))) == []


@pytest.mark.parametrize("warmup", [10, 500, 2_000, 40_000])
def test_a_decay_of_the_whole_run_after_a_warmup_is_seen_however_long_that_is(warmup: int) -> None:
    decay = Cosine(1e-3, steps=200_000)
    found = check(Plan(Linear(1e-6, end=1e-3, steps=warmup).then(decay), total=200_000))
    assert names(found) == ["warmup-on-top"]
    assert found.fixed.length == 200_000
    assert names(check(Plan(decay.warmup(warmup), total=200_000))) == []


def test_a_rate_of_0_is_all_that_is_told_of_it() -> None:
    for known in ({}, {"total": 5_000}, {"total": 5_000, "optimizer": "adamw", "weight_decay": 0.1, "dtype": "float32"}):
        assert names(check(Plan(Constant(0.0), **known))) == ["zero-everywhere"]


def test_stairs_in_epochs_that_fall_away_are_read_in_epochs() -> None:
    found = check(Plan(StepDecay(0.1, every=30), total=9_000, steps_per_epoch=100))
    assert found.fixed == StepDecay(0.1, every=30).per_epoch(100)
    again = check(Plan(StepDecay(0.1, every=3).per_epoch(100), total=9_000, steps_per_epoch=100))
    assert again.fixed == Geometric(0.1, end=1e-4, steps=9_000)


@pytest.mark.parametrize(
    "lr",
    [
        Linear(1.0, end=0.1, steps=500).then(Linear(0.1, end=0.9, steps=500)),
        Interpolate([(0, 1.0), (500, 0.1), (700, 0.9), (1_000, 0.0)]),
    ],
    ids=repr,
)
def test_a_rise_that_is_no_restart_is_seen_also_where_a_piece_begins(lr: Schedule) -> None:
    assert names(check(Plan(lr, total=1_000), ignore="never-decays")) == ["rises-again"]


def test_a_batch_is_large_beside_the_one_that_the_peak_was_found_at() -> None:
    plan = Plan(Cosine(0.1, steps=900), total=900, batch=512, reference_batch=32, optimizer="sgd")
    assert names(check(plan, ignore=["batch-scaling"])) == ["large-batch-no-warmup"]
    for silent in (replace(plan, reference_batch=64), replace(plan, schedule=Cosine(0.1, steps=900).warmup(50))):
        assert names(check(silent, ignore=["batch-scaling"])) == []


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [("val_acc", "max"), ("dice", "max"), ("val/mAP", "max"), ("wer", "min"), ("dice_loss", "min"), ("iou", "max")],
)
def test_the_direction_of_a_metric_is_read_from_its_words(monitor: str, mode: str) -> None:
    other = {"min": "max", "max": "min"}[mode]
    assert names(check(Plan(Constant(0.1), plateau=Plateau(mode=mode), monitor=monitor))) == []
    if monitor != "dice_loss":  # which says both
        assert names(check(Plan(Constant(0.1), plateau=Plateau(mode=other), monitor=monitor))) == ["plateau-direction"]


@pytest.mark.parametrize("tokens", [None, 2_048])
def test_samples_and_tokens_are_no_updates(tokens: int | None) -> None:
    lr = Cosine(6e-4, steps=512 * 10_000 * (tokens or 1)).warmup(512 * 100 * (tokens or 1))
    plan = Plan(lr, total=10_000, batch=512, tokens_per_sample=tokens)
    found = check(plan)
    assert names(found) == ["samples-as-updates"]
    assert found.fixed == lr.per_sample(512 * (tokens or 1))
    assert names(check(replace(plan, schedule=found.fixed))) == []


@pytest.mark.parametrize("counts", [{"accumulation": 4}, {"processes": 4}, {"accumulation": 2, "processes": 2}])
@pytest.mark.parametrize("length", [40_000, 2_500])
def test_micro_batches_and_processes_are_no_updates(counts: dict[str, int], length: int) -> None:
    found = check(Plan(Cosine(3e-4, steps=length), total=10_000, **counts))
    assert names(found) == ["accumulation"]
    assert found.fixed == Cosine(3e-4, steps=10_000)


@pytest.mark.parametrize("total", [100, 300, 700, 1_500])
def test_a_run_of_whole_cycles_is_not_cut(total: int) -> None:
    lr = WarmRestarts(0.1, steps=100, growth=2)
    assert "cut-cycle" not in names(check(Plan(lr, total=total)))
    assert "cut-cycle" in names(check(Plan(lr, total=total + 100)))


def test_a_cyclic_rate_is_not_cut_at_its_low_ends() -> None:
    lr = Cyclic(0.05, high=0.1, up=100)
    assert names(check(Plan(lr, total=2_000))) == []
    assert names(check(Plan(lr, total=2_100))) == ["cut-cycle"]


def test_a_custom_function_that_takes_numbers_only_is_looked_at_too() -> None:
    found = check(Plan(Custom(lambda t: 0.1 if t < 500 else -0.1), total=1_000))
    assert names(found) == ["not-finite-or-negative"]
    assert found[0].steps[0] <= 525


def test_what_is_not_a_number_is_all_that_is_told_of_it() -> None:
    assert names(check(Plan(Custom(lambda t, xp: t * float("nan")), total=5_000))) == ["not-finite-or-negative"]


def test_a_range_test_is_not_a_warmup_that_is_cut() -> None:
    assert names(check(Plan(Geometric(1e-7, end=1.0, steps=100), total=100))) == []


def test_findings_are_values_texts_data_and_html() -> None:
    plan = Plan(Exponential(0.1, factor=0.9), total=5_000, optimizer="adamw")
    found = check(plan)
    assert [one.severity for one in found] == ["warning", "warning", "info"]
    data = found.to_dict()
    assert [one["rule"] for one in data["findings"]] == names(found)
    assert data["ok"] is found.ok is True
    assert str(found).count("\n") == 3
    assert found._repr_html_().count("<li>") == 3
    assert check(Constant(0.1))._repr_html_() == "<p>Nothing was found.</p>"


def test_the_time_scale_of_weight_decay_is_the_exact_one() -> None:
    # Of 100,000 updates of rate 1e-3 and weight decay 0.1 the last 44,721 are remembered
    plan = Plan(Linear(1e-3, end=0.0, steps=100_000), total=100_000, optimizer="adamw", weight_decay=0.1)
    assert names(check(replace(plan, steps_per_epoch=44_721))) == []
    (finding,) = check(replace(plan, steps_per_epoch=44_722))
    assert "a mean over 44,721 updates, and an epoch has 44,722." in finding.message
