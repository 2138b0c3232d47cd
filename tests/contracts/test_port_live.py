"""Live schedulers and schedules of torch, Hugging Face, Keras, Optax, Lightning and accelerate, read in the middle of runs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import keras
import optax
import pytest
import torch
import transformers
from accelerate import Accelerator
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning.pytorch.utilities.types import LRSchedulerConfig
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

import lrcore
from lrcore import Constant, Cosine, Custom, Exponential, Interpolate, Linear, StepDecay
from lrcore._elsewhere import ROWS, Row
from lrcore.port import Reading, read
from lrcore_torch import ScheduleLR
from originals import P, parameters
from plateaus import metrics
from torch_helpers import sgd

TORCH = {**vars(torch_lr), **vars(transformers.optimization), "SWALR": SWALR}
OF_TORCH = [row for row in ROWS if row.library in ("PyTorch", "PyTorch's momentum", "Hugging Face")]
KERAS = [row for row in ROWS if row.library == "Keras"]
OPTAX = [row for row in ROWS if row.library == "Optax"]


def of_torch(theirs: str, p: dict[str, Any], **options: Any) -> tuple[Any, Any]:
    """A scheduler, as an expression makes it, and its optimizer."""
    optimizer = sgd(**{"lr": p["lr"], "momentum": 0.9} | options)
    return optimizer, eval(theirs, TORCH | p | {"optimizer": optimizer})


def advance(optimizer: Any, scheduler: Any, updates: int) -> None:
    for _ in range(updates):
        optimizer.step()
        scheduler.step()


def parted(made: Reading, optimizer: Any, scheduler: Any, updates: int, key: str = "lr") -> float:
    """The largest difference in the rest of a run, as a fraction of the highest value."""
    schedules = made.momenta if key == "momentum" else made.rates
    worst = peak = 0.0
    for t in range(made.step, min(made.step + updates, updates if made.until is None else made.until + 1)):
        for i, group in enumerate(optimizer.param_groups):
            theirs = float(group[key])
            worst = max(worst, abs(schedules[i % len(schedules)](t) - theirs))
            peak = max(peak, abs(theirs), *(abs(float(base)) for base in getattr(scheduler, "base_lrs", [0.0])))
        advance(optimizer, scheduler, 1)
    return worst / peak if peak else worst


@pytest.mark.parametrize("row", OF_TORCH, ids=lambda row: f"{row.library} {row.theirs}")
def test_a_scheduler_is_equal_from_the_step_on_that_it_is_at(row: Row) -> None:
    @settings(max_examples=4)
    @given(parameters(), st.integers(0, 70))
    def holds(p: dict[str, Any], step: int) -> None:
        p |= {"f": P["f"]}
        optimizer, scheduler = of_torch(row.theirs, p)
        advance(optimizer, scheduler, min(step, p["T"] - 2))
        made = read(scheduler)
        assert made.step == min(step, p["T"] - 2)
        key = "momentum" if "momentum" in row.library else "lr"
        assert parted(made, optimizer, scheduler, p["T"], key) <= made.error

    holds()


EXCEPTIONS = {
    # A live function is kept for whole steps, and is equal by what it calls
    "LambdaLR(optimizer, lr_lambda=f)",
    "MultiplicativeLR(optimizer, lr_lambda=f)",
    # It is of a run that goes on behind the turn, which a scheduler does not say
    "CosineAnnealingLR(optimizer, T_max=n, eta_min=end)",
    # It reads a number from outside, which may change
    "MultiplicativeLR(optimizer, lr_lambda=lambda t: factor)",
    # Optax makes the same closure of both
    "warmup_constant_schedule(init_value=start, peak_value=lr, warmup_steps=W)",
}


@pytest.mark.parametrize("row", [*OF_TORCH, *KERAS, *OPTAX], ids=lambda row: f"{row.library} {row.theirs}")
def test_a_live_object_is_the_expression_of_its_row(row: Row) -> None:
    p = P | {"start": 0.02}
    if row in OF_TORCH:
        _, theirs = of_torch(row.theirs, p)
    else:
        theirs = eval(row.theirs, vars(optax if row in OPTAX else keras.optimizers.schedules) | p)
    made = read(theirs)
    mine = made.momenta[0] if "momentum" in row.library else made.schedule
    ours = eval(row.ours, vars(lrcore) | {"math": math} | p)
    if row.theirs not in EXCEPTIONS and "Custom" not in row.ours:
        assert mine == ours
    else:
        until = min(60, 60 if made.until is None else made.until)
        assert [mine(t) for t in range(until)] == pytest.approx([ours(t) for t in range(until)], rel=1e-13)


def test_which_are_bit_for_bit_is_said_and_true() -> None:
    exact = []
    for row in OF_TORCH:
        optimizer, scheduler = of_torch(row.theirs, P)
        made = read(scheduler)
        if made.error == 0:
            exact.append(row.theirs)
            assert parted(made, optimizer, scheduler, 80) == 0
    assert exact == ["LambdaLR(optimizer, lr_lambda=f)", "get_constant_schedule(optimizer)"]


# Runs that go on behind a turn


@pytest.mark.parametrize(
    "theirs",
    [
        "CosineAnnealingLR(optimizer, T_max=n, eta_min=end)",
        "get_cosine_schedule_with_warmup(optimizer, W, n + W)",
        "get_cosine_with_min_lr_schedule_with_warmup(optimizer, W, n + W, min_lr=end)",
        "get_cosine_schedule_with_warmup(optimizer, W, W + 20, num_cycles=2.5)",
        "SequentialLR(optimizer, [StepLR(optimizer, 3), CosineAnnealingLR(optimizer, T_max=n)], [i])",
    ],
)
def test_a_run_that_is_longer_is_read_with_its_turns(theirs: str) -> None:
    optimizer, scheduler = of_torch(theirs, P)
    made = read(scheduler, updates=80)
    assert made.until is None
    assert parted(made, optimizer, scheduler, 80) < 1e-12
    optimizer, scheduler = of_torch(theirs, P)
    advance(optimizer, scheduler, 40)  # behind the turn, no one needs to say how long the run is
    made = read(scheduler)
    assert parted(made, optimizer, scheduler, 40) < 1e-12


@pytest.mark.parametrize(
    ("theirs", "until"),
    [
        ("StepLR(optimizer, 7, gamma=1.5)", 77),
        ("ExponentialLR(optimizer, gamma=1.05)", 80),
        ("MultiStepLR(optimizer, [5, 5, 9], gamma=0.5)", None),
        ("MultiStepLR(optimizer, [0, 5, 9], gamma=0.5)", None),
        ("MultiStepLR(optimizer, [5, 9], gamma=2.0)", None),
        ("ConstantLR(optimizer, 0.5, total_iters=0)", None),
        ("PolynomialLR(optimizer, total_iters=9, power=0)", None),
        ("SWALR(optimizer, 0.05, anneal_epochs=0)", None),
        ("LambdaLR(optimizer, lambda t: 0.5)", None),
        ("ChainedScheduler([StepLR(optimizer, 3), OneCycleLR(optimizer, 0.1, 100)])", 99),
        ("ChainedScheduler([LinearLR(optimizer), MultiplicativeLR(optimizer, lambda t: 0.9)])", None),
        ("get_linear_schedule_with_warmup(optimizer, 9, 9)", None),
        ("get_linear_schedule_with_warmup(optimizer, 12, 9)", None),
        ("get_cosine_schedule_with_warmup(optimizer, 0, 90)", 90),
        ("get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, 0, 90, min_lr=0.01)", 89),
        ("get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, 1, 90, min_lr_rate=0.1, warmup_lr_rate=0.5)", 89),
        ("get_inverse_sqrt_schedule(optimizer, 0)", None),
        ("get_wsd_schedule(optimizer, 5, 20, num_stable_steps=0)", None),
        ("get_wsd_schedule(optimizer, 0, 20, num_stable_steps=5, min_lr_ratio=0.1)", None),
        ("get_wsd_schedule(optimizer, 5, 0, num_stable_steps=5, min_lr_ratio=0.1)", None),
        ("get_scheduler('cosine', optimizer, 5, 90)", 90),
        ("get_scheduler('constant_with_warmup', optimizer, 5)", None),
    ],
)
def test_what_is_out_of_the_way_is_equal_too(theirs: str, until: int | None) -> None:
    optimizer, scheduler = of_torch(theirs, P)
    made = read(scheduler, updates=80)
    assert made.until == until
    assert parted(made, optimizer, scheduler, 80) <= max(made.error, 1e-12)


# Groups, and what others have done to the optimizer


def test_each_group_is_read_by_its_own_rate() -> None:
    parameters = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in (0.1, 0.2)]
    optimizer = torch.optim.SGD(parameters, lr=1.0)
    scheduler = torch_lr.StepLR(optimizer, 30)
    assert read(scheduler).rates == (StepDecay(0.1, every=30), StepDecay(0.2, every=30))
    scheduler = torch_lr.LambdaLR(optimizer, [lambda t: 1 / (1 + t), lambda t: 0.5])
    made = read(scheduler)
    assert made.rates[1] == Constant(0.1)
    assert parted(made, optimizer, scheduler, 9) == 0


@pytest.mark.parametrize(
    ("theirs", "now", "remark"),
    [
        ("StepLR(optimizer, 30)", 0.05, "something else has set it, and PyTorch goes on from there."),
        (
            "CosineAnnealingLR(optimizer, 90, eta_min=0.01)",
            0.05,
            "something else has set it, and PyTorch goes on from there.",
        ),
        ("OneCycleLR(optimizer, 0.1, 90)", 0.05, "something else has set it, and the scheduler's next step sets it back."),
    ],
)
def test_a_rate_that_another_has_set_is_gone_on_from_as_torch_does(theirs: str, now: float, remark: str) -> None:
    optimizer, scheduler = of_torch(theirs, P)
    advance(optimizer, scheduler, 7)
    optimizer.param_groups[0]["lr"] = now
    made = read(scheduler)
    assert made.remarks[-1].endswith(remark)
    advance(optimizer, scheduler, 1)
    late = Reading(made.rates, step=8, until=made.until, error=made.error)
    assert parted(late, optimizer, scheduler, 60) <= 1e-12


def test_where_that_is_no_function_of_the_step_it_is_refused() -> None:
    optimizer, scheduler = of_torch("SequentialLR(optimizer, [ConstantLR(optimizer, a), StepLR(optimizer, 3)], [9])", P)
    optimizer.param_groups[0]["lr"] = 0.02
    with pytest.raises(
        ValueError, match=r"^The optimizer's rate is 0\.02 now, where SequentialLR has 0\.05: something else"
    ):
        read(scheduler)


@pytest.mark.parametrize(
    "several",
    [
        "LinearLR(optimizer, a, total_iters=9), OneCycleLR(optimizer, max_lr=1.0, total_steps=90)",
        "OneCycleLR(optimizer, max_lr=1.0, total_steps=90), LinearLR(optimizer, a, total_iters=9)",
        "CyclicLR(optimizer, 0.01, 0.5, 4), ExponentialLR(optimizer, 0.9)",
        "ExponentialLR(optimizer, 0.9), CyclicLR(optimizer, 0.01, 0.5, 4), StepLR(optimizer, 9)",
        "CosineAnnealingLR(optimizer, 40), OneCycleLR(optimizer, 1.0, 90), PolynomialLR(optimizer, 20)",
        "LambdaLR(optimizer, lambda t: 0.9**t), OneCycleLR(optimizer, 1.0, 90), ConstantLR(optimizer, 0.5, 0)",
    ],
)
def test_a_scheduler_that_sets_the_initial_rate_sets_that_of_those_built_after_it(several: str) -> None:
    milestones = [9, 30][: several.count("(optimizer") - 1]
    theirs = f"SequentialLR(optimizer, [{several}], {milestones})"
    for step in (0, 4, 20, 50):
        optimizer, scheduler = of_torch(theirs, P)
        advance(optimizer, scheduler, step)
        made = read(scheduler)
        if step == 0 and "lambda" not in several:
            text = theirs.replace("optimizer, a", f"optimizer, {P['a']}")
            assert read(f"optimizer = SGD(parameters, lr={P['lr']})\nscheduler = {text}").schedule == made.schedule
        assert parted(made, optimizer, scheduler, 70) <= made.error


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        (
            "ChainedScheduler([OneCycleLR(optimizer, 0.1, 9), ExponentialLR(optimizer, 0.9)])",
            "ChainedScheduler cannot be stepped to 10 of updates=50: Tried to step 10 times",
        ),
        (
            "SequentialLR(optimizer, [StepLR(optimizer, 3), ChainedScheduler([StepLR(optimizer, 3)])], [4])",
            "SequentialLR cannot be stepped to 4 of updates=50: NotImplementedError.",
        ),
    ],
)
def test_a_table_that_torch_itself_cannot_step_says_how_far_it_came(theirs: str, message: str) -> None:
    _, scheduler = of_torch(theirs, P)
    with pytest.raises(ValueError, match=re.escape(message)):
        read(scheduler, exact=False, updates=50)


@pytest.mark.parametrize(
    "theirs",
    [
        "LambdaLR(optimizer, f)",
        "SequentialLR(optimizer, [LambdaLR(optimizer, f), StepLR(optimizer, 3)], [9])",
        "ChainedScheduler([MultiplicativeLR(optimizer, f), StepLR(optimizer, 3)])",
    ],
)
def test_a_function_of_the_users_is_a_table_where_asked(theirs: str) -> None:
    _, scheduler = of_torch(theirs, P | {"f": lambda t: 0.5 + 0.25 * math.sin(t)})
    mine, table = read(scheduler), read(scheduler, exact=False, updates=60)
    assert any("exact=False with updates= makes a table" in remark for remark in mine.remarks)
    assert isinstance(table.schedule, Interpolate)
    assert table.exact is False
    assert [table.schedule(t) for t in range(60)] == pytest.approx([mine.schedule(t) for t in range(60)], rel=1e-12)


@pytest.mark.parametrize(
    "several",
    [
        "LinearLR(optimizer, a), StepLR(optimizer, 3, gamma=1.5)",
        "LinearLR(optimizer, a), ExponentialLR(optimizer, gamma=1.05)",
        "StepLR(optimizer, 3), OneCycleLR(optimizer, 1.0, 90), LambdaLR(optimizer, lambda t: 0.9**t)",
    ],
)
def test_a_chain_whose_last_grows_or_was_built_with_another_rate_is_its_product(several: str) -> None:
    for step in (0, 7):
        optimizer, scheduler = of_torch(f"ChainedScheduler([{several}])", P)
        advance(optimizer, scheduler, step)
        assert parted(read(scheduler, updates=60), optimizer, scheduler, 60) <= 1e-12


def test_a_cosine_that_turns_by_another_rate_than_it_begins_from_is_refused() -> None:
    theirs = "SequentialLR(optimizer, [CosineAnnealingLR(optimizer, 4), OneCycleLR(optimizer, 1.0, 90)], [9])"
    _, scheduler = of_torch(theirs, P)
    with pytest.raises(
        ValueError, match=r"begins from 0\.04, which a scheduler built after it has set, and turns by 0\.1, "
    ):
        read(scheduler)


def test_a_scheduler_restored_without_its_optimizer_is_read_as_it_will_run() -> None:
    _, first = of_torch("StepLR(optimizer, 5)", P)
    advance(first.optimizer, first, 12)
    optimizer, scheduler = of_torch("StepLR(optimizer, 5)", P)
    scheduler.load_state_dict(first.state_dict())
    made = read(scheduler)
    assert made.step == 12
    assert made.schedule(12) == 0.1  # and not 0.001
    assert parted(made, optimizer, scheduler, 40) <= 1e-12


def test_swa_begins_from_the_rate_that_it_finds() -> None:
    optimizer, before = of_torch("ExponentialLR(optimizer, gamma=0.9)", P)
    advance(optimizer, before, 10)
    scheduler = SWALR(optimizer, swa_lr=0.05, anneal_epochs=20)
    advance(optimizer, scheduler, 5)
    made = read(scheduler)
    assert made.step == 5
    assert made.schedule(0) == pytest.approx(0.1 * 0.9**10, rel=1e-12)
    assert parted(made, optimizer, scheduler, 30) <= 1e-12


def test_a_tensor_rate_is_said_to_be_rounded() -> None:
    optimizer, scheduler = of_torch("ExponentialLR(optimizer, gamma=0.9)", P, lr=torch.tensor(0.1))
    advance(optimizer, scheduler, 20)
    made = read(scheduler)
    assert made.remarks == ("The optimizer's rate is a tensor, and PyTorch rounds it to its dtype at every step.",)
    assert made.schedule(0) == pytest.approx(0.1, rel=1e-6)
    assert parted(made, optimizer, scheduler, 30) <= made.error


# What is refused, and read as a table where that is wanted


class Own(torch_lr.StepLR):
    def get_lr(self) -> list[Any]:
        return [0.1 / (1 + self.last_epoch)]


NO_PRODUCT = "ChainedScheduler([CosineAnnealingLR(optimizer, 50, eta_min=0.01), ExponentialLR(optimizer, 0.9)])"

REFUSED: dict[str, str] = {
    NO_PRODUCT: "ChainedScheduler.schedulers[0], a CosineAnnealingLR, does more than multiply the rate, so that the chain is "
    "no product of schedules: exact=False with updates= makes a table of its values.",
    "ChainedScheduler([LambdaLR(optimizer, f), ExponentialLR(optimizer, 0.9)])": "ChainedScheduler.schedulers[0], a LambdaLR, "
    "does more than multiply the rate, so that the chain is no product of schedules: exact=False with updates= makes a table "
    "of its values.",
    "Own(optimizer, 3)": "Own is a class of your own, made of StepLR, and its get_lr may compute anything: exact=False with "
    "updates= makes a table of its values.",
    "CyclicLR(optimizer, 0.01, 0.1, step_size_up=9, scale_fn=f)": "CyclicLR.scale_fn is a function of your own: write the "
    "whole wave as lrcore.Custom(function).",
    "get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, 5, 90, num_cycles=3)": (
        "get_cosine_with_hard_restarts_schedule_with_warmup has 3 cycles of 28.3333 updates, which begin between updates: "
        "exact=False makes a table of them, and cycles of whole updates are Cosine(lr, steps=n).repeat(k).warmup(W)."
    ),
    "get_cosine_schedule_with_warmup(optimizer, 5, 90, num_cycles=0.7)": (
        "num_cycles is 0.7, and its waves turn every 60.7143 updates, between two of them: exact=False makes a table of them."
    ),
}


@pytest.mark.parametrize("theirs", REFUSED)
def test_what_no_expression_gives_names_the_part(theirs: str) -> None:
    _, scheduler = of_torch(theirs, P | {"Own": Own})
    with pytest.raises(ValueError, match=f"^{re.escape(REFUSED[theirs])}$"):
        read(scheduler)


@pytest.mark.parametrize("theirs", REFUSED)
def test_it_is_read_as_a_table_where_asked(theirs: str) -> None:
    optimizer, scheduler = of_torch(theirs, P | {"Own": Own})
    advance(optimizer, scheduler, 7)
    before = scheduler.state_dict(), float(optimizer.param_groups[0]["lr"])
    made = read(scheduler, exact=False, updates=80)
    assert (made.step, made.exact, made.until) == (7, False, 79)
    assert isinstance(made.schedule, Interpolate)
    assert (scheduler.state_dict(), float(optimizer.param_groups[0]["lr"])) == before  # nothing was moved on
    assert parted(made, optimizer, scheduler, 80) <= made.error + 1e-15


def test_what_is_exact_stays_an_expression_where_a_table_is_allowed() -> None:
    _, scheduler = of_torch("StepLR(optimizer, 30)", P)
    assert read(scheduler, exact=False).schedule == StepDecay(0.1, every=30)


def test_a_product_of_what_is_no_product_would_be_seen() -> None:
    optimizer, scheduler = of_torch(NO_PRODUCT, P)
    wrong = Cosine(0.1, steps=50, end=0.01) * Exponential(1.0, factor=0.9)
    assert parted(Reading((wrong,)), optimizer, scheduler, 50) > 5e-3


@settings(max_examples=20)
@given(metrics(finite=True), st.integers(0, 20))
def test_a_rule_about_a_metric_goes_on_with_what_it_remembers(reports: list[float], begun: int) -> None:
    optimizer, scheduler = of_torch("ReduceLROnPlateau(optimizer, factor=a, patience=1, cooldown=2, min_lr=end)", P)
    for report in reports[:begun]:
        scheduler.step(report)
    made = read(scheduler)
    plateau, state = made.plateau, made.plateau_state
    assert plateau is not None
    for report in reports[begun:]:
        state = plateau.update(state, report)
        scheduler.step(report)
        assert made.schedule(0) * state.scale == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-14)


# Keras, Optax, Lightning, accelerate, and lrcore's own


def test_keras_optimizers_and_callbacks_are_read() -> None:
    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 100), gradient_accumulation_steps=2)
    optimizer.build([])
    optimizer._iterations.assign(6)
    made = read(optimizer)
    assert (made.schedule, made.step, int(optimizer.iterations)) == (Cosine(0.1, steps=100), 6, 3)
    assert made.remarks[0].startswith("Keras shows a schedule the batches, 2 of which make an update")
    with pytest.raises(ValueError, match=r"^the optimizer's learning rate is a number and no schedule"):
        read(keras.optimizers.SGD(0.1))
    callback = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    assert read(callback, steps_per_epoch=10).schedule(25) == 0.1 / 3
    with pytest.raises(
        ValueError, match=r"^LearningRateScheduler\.schedule is a function of the epoch: say steps_per_epoch=,"
    ):
        read(callback)


def test_a_schedule_of_keras_s_that_is_no_family_is_a_table() -> None:
    theirs = keras.optimizers.schedules.CosineDecayRestarts(0.1, 10, t_mul=1.5)
    with pytest.raises(ValueError, match=r"^CosineDecayRestarts\.t_mul is 1\.5, and its cycles begin between updates"):
        read(theirs)
    made = read(theirs, exact=False, updates=40)
    assert [made.schedule(t) for t in range(40)] == [float(theirs(t)) for t in range(40)]


def test_optax_optimizers_are_read_by_the_schedules_that_they_hold() -> None:
    cosine, rising = optax.cosine_decay_schedule(0.1, 100), optax.linear_schedule(0.01, 0.1, 100)
    assert read(optax.adamw(cosine)).schedule == Cosine(0.1, steps=100)
    assert read(optax.chain(optax.clip(1.0), optax.sgd(cosine, momentum=0.9))).schedule == Cosine(0.1, steps=100)
    injected = optax.inject_hyperparams(optax.adamw)(learning_rate=cosine, weight_decay=rising)
    assert read(injected).schedules == {"rate": Cosine(0.1, steps=100), "weight_decay": Linear(0.01, end=0.1, steps=100)}
    with pytest.raises(ValueError, match=r"^the Optax optimizer holds no schedule of its learning rate\.$"):
        read(optax.adamw(0.1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: optax.join_schedules([optax.constant_schedule(0.1), lambda t: t], [9]),
            "join_schedules.schedules[1] is a function of your own: write that piece as lrcore.Custom(function).",
        ),
        (
            lambda: optax.exponential_decay(0.1, 10, 1.5),
            "exponential_decay grows without end, with decay_rate 1.5: lrcore.Geometric(start, end=, steps=) is such a curve "
            "up to a value.",
        ),
    ],
)
def test_a_part_of_optax_s_that_cannot_be_read_is_named(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        read(make())


def test_a_release_that_hides_its_arguments_says_so() -> None:
    def schedule(count: Any) -> Any:
        return count

    schedule.__module__, schedule.__qualname__ = "optax.schedules", "cosine_decay_schedule.<locals>.schedule"
    message = (
        "cosine_decay_schedule: missing a required argument: 'init_value'. This release of Optax may keep it elsewhere"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        read(schedule)
    schedule.__qualname__ = "brand_new_schedule.<locals>.schedule"
    with pytest.raises(
        ValueError, match=r"^optax\.brand_new_schedule is no schedule that is known here: write lrcore\.Custom"
    ):
        read(schedule)


@pytest.mark.parametrize(
    "make",
    [
        lambda: optax.exponential_decay(0.1, 10, 0.5, transition_begin=5, end_value=0.2),
        lambda: optax.exponential_decay(0.1, 0, 0.5),
        lambda: optax.polynomial_schedule(0.1, 0.0, 2, 0),
        lambda: optax.piecewise_constant_schedule(0.1),
        lambda: optax.piecewise_constant_schedule(0.1, {9: 0.5, 3: 2.0}),
        lambda: optax.warmup_cosine_decay_schedule(0.0, 0.1, 0, 30, exponent=2.0),
        lambda: optax.cosine_onecycle_schedule(30, 0.1, pct_start=0.01),
        lambda: optax.join_schedules([optax.constant_schedule(0.1), optax.constant_schedule(0.2)], [0]),
    ],
)
def test_optax_s_corners_are_equal_too(make: Callable[[], Any]) -> None:
    theirs = make()
    made = read(theirs)
    assert max(abs(float(theirs(t)) - made.schedule(t)) for t in range(40)) <= made.error * 0.2


def test_lightnings_clock_is_followed() -> None:
    optimizer, scheduler = of_torch("StepLR(optimizer, 3, gamma=a)", P)
    advance(optimizer, scheduler, 4)
    ours = StepDecay(0.1, every=3, factor=0.5)
    assert read(LRSchedulerConfig(scheduler, interval="step")).schedule == ours
    made = read({"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}, steps_per_epoch=10)
    assert (made.schedule, made.step) == (ours.per_epoch(10), 40)
    assert read({"scheduler": scheduler, "interval": "step", "frequency": 2}).schedule == ours.per_epoch(2)
    assert read({"optimizer": optimizer, "lr_scheduler": scheduler}).remarks == (
        "It counts epochs: steps_per_epoch= reads it in updates.",
    )


def test_accelerates_wrapper_is_looked_into() -> None:
    optimizer, scheduler = of_torch("StepLR(optimizer, 3)", P)
    _, wrapped = Accelerator(cpu=True).prepare(optimizer, scheduler)
    made = read(wrapped)
    assert made.schedule == StepDecay(0.1, every=3)
    assert made.remarks[0].startswith("accelerate steps it once for each process")


def test_training_arguments_give_what_the_trainer_will_run() -> None:
    for name, kwargs in (("cosine", {}), ("polynomial", {"power": 2.0}), ("inverse_sqrt", {}), ("constant", {})):
        arguments = transformers.TrainingArguments(
            "out",
            learning_rate=0.1,
            lr_scheduler_type=name,
            lr_scheduler_kwargs=kwargs,
            warmup_steps=0.05,
            max_steps=90,
            use_cpu=True,
        )
        made = read(arguments)
        optimizer = sgd(lr=0.1)
        scheduler = transformers.get_scheduler(name, optimizer, arguments.get_warmup_steps(90), 90, kwargs)
        assert parted(made, optimizer, scheduler, 90) <= 1e-12


def test_our_own_scheduler_is_read_as_its_schedules() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=90), momentum=Constant(0.9))
    advance(optimizer, scheduler, 3)
    made = read(scheduler)
    assert (made.schedules, made.step) == ({"rate": Cosine(0.1, steps=90), "momentum": Constant(0.9)}, 3)


def test_a_function_is_called_with_whole_steps() -> None:
    table = [1.0, 0.5, 0.25]
    _, scheduler = of_torch("LambdaLR(optimizer, lambda t: table[min(t, 2)])", P | {"table": table})
    made = read(scheduler)
    assert [made.schedule(t) for t in range(3)] == [0.1 * value for value in table]
    assert made.remarks[0].startswith("It calls a function of your own")
    assert isinstance(made.schedule, type(2 * Custom(lambda t: t)))
