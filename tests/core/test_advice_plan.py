"""A plan: what it refuses, its four clocks, its table and its plot."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrcore import Constant, Cosine, Linear, PiecewiseConstant
from lrcore.advice import Plan, Progress

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"total": 0}, "Plan.total must be a positive integer, got 0."),
    ({"total": 1.5}, "Plan.total must be a positive integer, got 1.5."),
    ({"stepped": "batch"}, "Plan.stepped must be 'update' or 'epoch', got 'batch'."),
    ({"momentum": 1.0}, "Plan.momentum must be a number, 0 or more and below 1, got 1.0."),
    ({"beta2": 1.0}, "Plan.beta2 must be a number above 0 and below 1, got 1.0."),
    ({"weight_decay": -0.1}, "Plan.weight_decay must be a finite number, 0 or more, got -0.1."),
    ({"pretrained": "yes"}, "Plan.pretrained must be True or False, got 'yes'."),
    ({"model": "cnn"}, "Plan.model must be 'transformer', 'convnet', 'diffusion' or 'other', got 'cnn'."),
    ({"dtype": "fp16"}, "Plan.dtype must be 'float32', 'bfloat16' or 'float16', got 'fp16'."),
    ({"batch": "512"}, "Plan.batch must be a positive integer or a schedule of one, got '512'."),
    ({"batch": Constant(0.1)}, "Plan.batch must be 1 or more at every update, got Constant(0.1)."),
    (
        {"batch": 510, "accumulation": 4},
        "Plan.batch must be a multiple of 4, the accumulated batches times the processes, got 510; "
        "batch counts the samples of one update, over all of them.",
    ),
]


@pytest.mark.parametrize(("fields", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_fault_is_told_at_construction(fields: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        Plan(Constant(0.1), **fields)
    assert str(error.value) == message


@pytest.mark.parametrize("word", ["AdamW", "adam_w", "ADAMW", "adamw"])
def test_an_optimizer_is_known_however_it_is_written(word: str) -> None:
    assert Plan(Constant(0.1), optimizer=word).optimizer == "adamw"


def test_a_plan_is_a_value() -> None:
    plan = Plan(Cosine(0.1, steps=10), total=10, optimizer="sgd")
    assert plan == Plan(Cosine(0.1, steps=10), total=10, optimizer="SGD")
    assert hash(plan) == hash(Plan(Cosine(0.1, steps=10), total=10, optimizer="SGD"))
    assert repr(plan) == "Plan(Cosine(0.1, steps=10), total=10, optimizer='sgd')"
    assert plan.diff(Plan(Cosine(0.1, steps=20), total=10)) == {"schedule.steps": (10, 20), "optimizer": ("sgd", None)}


# The clocks

RAMP = PiecewiseConstant([32, 64, 128], boundaries=[1_000, 3_000])


@given(st.integers(0, 10**7), st.sampled_from([64, RAMP]))
def test_every_clock_gives_the_update_back(update: int, batch: Any) -> None:
    plan = Plan(Constant(0.1), batch=batch, dataset_size=50_000, tokens_per_sample=2_048)
    now = plan.at(updates=update)
    assert now.updates == plan.at(samples=now.samples or 0).updates == plan.at(tokens=now.tokens or 0).updates == update
    assert plan.at(samples=(now.samples or 0) + 1).updates == update + 1
    before = plan.at(updates=max(0, update - 1))
    assert before.samples is not None
    assert now.samples is not None
    assert now.samples - before.samples in ((32, 64, 128) if update else (0,))


@pytest.mark.parametrize("known", [{"batch": RAMP}, {"steps_per_epoch": 49}, {"batch": 1_000}, {"batch": 17}], ids=repr)
def test_epochs_give_the_update_back(known: dict[str, Any]) -> None:
    plan = Plan(Constant(0.1), dataset_size=12_347, **known)
    for update in range(2_000):
        epochs = plan.at(updates=update).epochs
        assert epochs is not None
        assert plan.at(epochs=epochs).updates == update
        assert plan.at(epochs=math.nextafter(epochs, math.inf)).updates == update + 1


def test_samples_are_exact_where_floats_would_not_be() -> None:
    plan = Plan(Constant(0.1), batch=2**20 + 1, tokens_per_sample=2**20 + 1)
    tokens = plan.at(updates=2**20 + 1).tokens
    assert tokens == (2**20 + 1) ** 3 > 2**53


def test_an_epoch_is_as_the_loader_counts_it() -> None:
    plan = Plan(Constant(0.1), batch=256, dataset_size=1_281_167)
    assert plan.epoch == math.ceil(1_281_167 / 256) == 5_005
    assert plan.at(epochs=2).updates == 10_010
    assert Plan(Constant(0.1), steps_per_epoch=5_004, batch=256, dataset_size=1_281_167).epoch == 5_004


def test_epochs_of_a_batch_that_grows_go_by_samples() -> None:
    plan = Plan(Constant(0.1), batch=RAMP, dataset_size=50_000)
    assert plan.epoch is None
    assert plan.at(updates=3_000).epochs == (32 * 1_000 + 64 * 2_000) / 50_000
    assert plan.at(epochs=(32 * 1_000 + 64 * 2_000) / 50_000).updates == 3_000


def test_a_clock_that_is_not_known_is_none_and_says_what_it_needs() -> None:
    plan = Plan(Linear(1.0, end=0.0, steps=10))
    assert plan.at(updates=5) == Progress(5, None, None, None, 0.5)
    with pytest.raises(ValueError, match=r"^Plan has no clock of tokens: it needs batch and tokens_per_sample\.$"):
        plan.at(tokens=5)
    with pytest.raises(TypeError, match=r"^Plan\.at takes one of updates=, epochs=, samples=, tokens=; got \['steps'\]\.$"):
        plan.at(steps=5)


def test_the_rate_of_a_schedule_that_is_stepped_per_epoch_is_the_epochs() -> None:
    plan = Plan(Linear(1.0, end=0.0, steps=10), stepped="epoch", steps_per_epoch=100, total=1_000)
    assert [plan.at(updates=t).rate for t in (0, 99, 100, 950)] == [1.0, 1.0, 0.9, 0.1]
    assert plan.calls == 10


# To look at


@pytest.mark.parametrize("clock", ["updates", "epochs", "samples", "tokens"])
def test_a_table_has_even_rows_on_any_clock(clock: str) -> None:
    plan = Plan(Linear(1.0, end=0.0, steps=5_000), batch=RAMP, dataset_size=50_000, tokens_per_sample=128)
    table = plan.table(5, clock=clock)
    assert table.columns == ("updates", "epochs", "samples", "tokens", "rate")
    column = [row[clock] for row in table.to_dict()]
    steps = [after - before for before, after in itertools.pairwise(column)]
    assert max(steps) == pytest.approx(min(steps), rel=0.01)
    json.dumps(table.to_dict())
    assert table._repr_html_().count("<tr>") == 6
    assert str(table).splitlines()[-1].split()[-1] == "0"


def test_a_plot_has_the_clock_above(tmp_path: Any) -> None:
    plan = Plan(Cosine(0.1, steps=5_000), batch=RAMP, tokens_per_sample=128)
    axes = plan.plot(clock="tokens", path=tmp_path / "plan.svg")
    (above,) = axes.child_axes
    assert above.get_xlabel() == "tokens"
    assert (tmp_path / "plan.svg").stat().st_size > 1_000


def test_a_notebook_shows_the_curve_and_the_plan() -> None:
    html = Plan(Cosine(0.1, steps=100), total=100, optimizer="sgd")._repr_html_()
    assert "<svg" in html
    assert "optimizer=&#x27;sgd&#x27;" in html
