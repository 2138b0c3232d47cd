"""Habits from elsewhere: what leads to a wrong rate is refused or told once, in one line that says what to do."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from typing import Any

import pytest
import torch

from lrcore import Constant, Cosine, Custom, InverseSqrt, Linear
from lrcore_torch import ScheduleLR
from lrcore_torch._habits import Habits
from torch_helpers import sgd, told

LR = Cosine(0.1, steps=40).warmup(5)


def loop(optimizer: Any, scheduler: Any, updates: int, *, every: int = 1, first: bool = False) -> None:
    """Updates, with a call of `step()` after (or before) each, or after every so many."""
    for update in range(updates):
        if first:
            scheduler.step()
        optimizer.step()
        if not first and every and (update + 1) % every == 0:
            scheduler.step()


EARLY = (
    "ScheduleLR: scheduler.step() was called before the first optimizer.step(), so that the rate of step 0 is used by no "
    "update: call it after each update, or write count='updates', which also waits where GradScaler skips one."
)
FORGOTTEN = (
    "ScheduleLR: 100 updates were made at rate 0 without a call of scheduler.step(): call it after each update, or write "
    "count='updates'; a schedule in epochs should begin above 0, as .warmup(epochs, start=...) does."
)
SELDOM = (
    "ScheduleLR: 100 updates were made without a call of scheduler.step(), of a schedule of 100000 steps: call it after each "
    "update, write count='updates', or write the schedule in epochs."
)
NEVER = (
    "ScheduleLR: 150 updates were made, all at the rate of the first, and scheduler.step() was never called: call it after "
    "each update, or after each epoch where the schedule is written in epochs, or write count='updates'."
)
ENDED = (
    "ScheduleLR: after 400 updates the run ended at step {step} of a schedule of {length} steps: if these are updates, call "
    "scheduler.step() after each, or write count='updates'."
)
PAST = (
    "ScheduleLR: an update at step 41, past the schedule's end at 40, uses rate 0 and trains nothing: .per_epoch(updates) "
    "makes updates of epochs, .stretch(total) and .extend(total, at=step) a longer schedule."
)


@pytest.mark.parametrize(
    ("schedule", "how", "message"),
    [
        (LR, {"updates": 3, "first": True}, EARLY),
        (LR, {"updates": 300, "every": 0}, FORGOTTEN),
        (LR, {"updates": 900, "every": 300}, FORGOTTEN),
        (Cosine(0.1, steps=100_000), {"updates": 900, "every": 300}, SELDOM),
        (Cosine(0.1, steps=100_000), {"updates": 300, "every": 0}, SELDOM),
        (LR, {"updates": 60}, PAST),
    ],
    ids=["early", "never", "an epoch at 0", "an epoch of a schedule in updates", "never, above 0", "past the end"],
)
def test_a_loop_that_goes_wrong_is_told_once(schedule: Any, how: dict[str, Any], message: str) -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, schedule)
    assert told(lambda: loop(optimizer, scheduler, **how)) == [message]
    assert told(lambda: loop(optimizer, scheduler, 3)) == []


@pytest.mark.parametrize(
    ("schedule", "how"),
    [
        (LR, {"updates": 41}),
        (Cosine(0.1, steps=100_000), {"updates": 300}),
        (Cosine(0.1, steps=90), {"updates": 900, "every": 300}),
        (Cosine(0.1, steps=90, end=0.01), {"updates": 200}),
        (InverseSqrt(0.1, timescale=10), {"updates": 300, "every": 150}),
        (Constant(0.0).then(Linear(0.0, end=0.1, steps=9), at=200), {"updates": 250}),
    ],
    ids=["to the end", "updates", "epochs", "past an end above 0", "no end", "frozen at first"],
)
def test_a_loop_that_goes_right_is_told_nothing(schedule: Any, how: dict[str, Any]) -> None:
    for count in ("calls", "updates"):
        optimizer = sgd()
        scheduler = ScheduleLR(optimizer, schedule, count=count)
        if count == "calls" or how["updates"] < 100:
            assert told(lambda: loop(optimizer, scheduler, **how)) == []  # noqa: B023


def run_and_drop(
    schedule: Any, *, updates: int = 150, every: int = 0, count: str = "calls", how: Any = lambda scheduler: None
) -> None:
    """A run of so many updates, at whose end the scheduler goes."""
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, schedule, count=count)
    loop(optimizer, scheduler, updates, every=every)
    how(scheduler)


@pytest.mark.parametrize("schedule", [Cosine(0.1, steps=90), InverseSqrt(0.1, timescale=10)], ids=["short", "endless"])
def test_a_step_that_was_never_called_is_told_when_the_scheduler_goes(schedule: Any) -> None:
    assert told(lambda: run_and_drop(schedule)) == [NEVER]
    # Not twice, where a copy goes too
    assert told(lambda: run_and_drop(schedule, how=copy.deepcopy)) == [NEVER]


@pytest.mark.parametrize("every", [100, 130, 200])
@pytest.mark.parametrize("length", [100, 400, 4000])
@pytest.mark.parametrize("end", [0.0, 0.01])
def test_a_run_that_ends_near_the_start_of_its_schedule_is_told(every: int, length: int, end: float) -> None:
    step = (400 - 1) // every
    expected = [ENDED.format(step=step, length=length)]
    assert told(lambda: run_and_drop(Linear(0.1, end=end, steps=length), updates=400, every=every)) == expected
    # Of a copy nobody knows whether it is used
    run = {"updates": 400, "every": every, "how": copy.deepcopy}
    assert told(lambda: run_and_drop(Linear(0.1, end=end, steps=length), **run)) == expected


@pytest.mark.parametrize(
    "how",
    [
        {"schedule": Cosine(0.1, steps=60), "every": 100, "updates": 400},
        {"schedule": Cosine(0.1, steps=90), "every": 150, "updates": 600},
        {"schedule": Cosine(0.1, steps=400), "every": 19, "updates": 400},
        {"schedule": Cosine(0.1, steps=400), "every": 200, "updates": 400, "count": "updates"},
        {"schedule": InverseSqrt(0.1, timescale=10), "every": 200, "updates": 400},
        {"schedule": Cosine(0.1, steps=90), "every": 150},
        {"schedule": Cosine(0.1, steps=90), "every": 120},
        {"schedule": Cosine(0.1, steps=90, end=0.01), "every": 1},
        {"schedule": Cosine(0.1, steps=90, end=0.01), "count": "updates"},
        {"schedule": Cosine(0.1, steps=90), "how": lambda scheduler: scheduler.step()},
    ],
    ids=[
        "epochs, 6 times as many updates",
        "epochs of 90",
        "calls within an epoch",
        "counted, and called seldom",
        "no end",
        "an epoch",
        "an epoch and a part",
        "updates",
        "counted",
        "called at the end",
    ],
)
def test_a_step_that_was_called_once_is_told_nothing(how: dict[str, Any]) -> None:
    assert told(lambda: run_and_drop(**how)) == []


def test_a_program_that_ends_is_told_what_it_forgot() -> None:
    program = """
import torch
from lrcore import Cosine
from lrcore_torch import ScheduleLR
weight = torch.nn.Parameter(torch.ones(1))
weight.grad = torch.ones(1)
optimizer = torch.optim.SGD([weight], lr=0.1)
scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=90))
for _ in range(150):
    optimizer.step()
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert NEVER in run.stderr


def test_a_scheduler_that_outlives_its_module_ends_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    habits = Habits()
    for name in ("OFTEN", "FORGOTTEN", "SELDOM", "NEVER"):  # as the end of the interpreter does
        monkeypatch.setattr(f"lrcore_torch._habits.{name}", None)
    habits.__del__()


@pytest.mark.parametrize(
    "metric", [0.734, torch.tensor(0.734), True, "0.7"], ids=["a float", "a tensor", "a truth", "a text"]
)
@pytest.mark.parametrize("count", ["calls", "updates"])
def test_a_metric_is_refused_with_the_way_out(count: str, metric: Any) -> None:
    scheduler = ScheduleLR(sgd(), LR, count=count, step=3)
    with pytest.raises(TypeError) as error:
        scheduler.step(metric)
    assert str(error.value) == (
        f"ScheduleLR.step.epoch must be an integer, got {metric!r}; a metric is for ScheduleLR(..., "
        "plateau=Plateau(...)); write step(at=...) between two steps."
    )
    assert scheduler.last_epoch == 3


RULE = "ScheduleLR.lr must be a schedule, or one per group: a list, or a dict by the groups' names"


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (LR, {"last_epoch": 40}, r"ScheduleLR has no argument 'last_epoch'; write step=41, the number of updates \(or calls\) "
         r"already made\."),
        (LR, {"last_epoch": -1}, r"ScheduleLR has no argument 'last_epoch'; write step=0, the number of .* already made\."),
        (LR, {"T_max": 9}, r"ScheduleLR has no argument 'T_max'; what a curve needs is an argument of the schedule\."),
        (lambda t: 0.5, {}, rf"{re.escape(RULE)}, got <function .*>; write Custom\(function\), whose value is the rate; with "
         r"relative=True it is a factor, as LambdaLR's is\."),
        (Cosine, {}, rf"{re.escape(RULE)}, got <class .*Cosine'>; call it with its arguments: Cosine\(\.\.\.\)\."),
        ("Cosine(0.1, steps=9)", {}, rf"{re.escape(RULE)}, got 'Cosine\(0.1, steps=9\)'; write lrcore\.parse\('Cosine\(0.1, "
         r"steps=9\)'\)\."),
    ],
    ids=["last_epoch", "last_epoch=-1", "T_max", "a lambda", "a class", "a text"],
)  # fmt: skip
def test_what_other_schedulers_take_is_refused_with_what_to_write(given: Any, options: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        ScheduleLR(sgd(), given, **options)


@pytest.mark.parametrize("what", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.5])
@pytest.mark.parametrize("at", [0, 3])
def test_a_value_that_is_no_rate_is_refused_at_its_step(what: str, value: float, at: int) -> None:
    bad = Custom(lambda t: value if t == at else 0.5)
    optimizer = sgd()

    def run() -> None:
        scheduler = ScheduleLR(optimizer, **({"lr": Constant(0.5)} | {what: bad}))
        loop(optimizer, scheduler, 4)

    hint = "; .clip(low=0.0) keeps a schedule from going below 0" if value < 0 else ""
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        run()
    assert str(error.value) == (
        f"ScheduleLR.{what} must be a schedule of finite values, 0 or more: at step {at}, got {value!r}{hint}."
    )
    assert optimizer.param_groups[0]["lr"] == (0.1 if at == 0 and what == "lr" else 0.5)


STATE = {"version": 1, "step": 3, "scale": 1.0, "schedule": "{}"}
READS = "ScheduleLR.load_state_dict reads a state"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, f"{READS} of version 1, got None."),
        ({}, f"{READS} of version 1, got a dict with nothing."),
        ({**STATE, "version": 2}, f"{READS} of version 1, got version 2."),
        ({"model": {}, "scheduler": STATE}, f"{READS} of version 1, got a dict with 'model', 'scheduler'; it is in ['scheduler']."),
        ({"version": 1, "step": 3}, f"{READS} with a 'schedule', got a dict with 'version', 'step'."),
        ({"version": 1, "schedule": "{}"}, f"{READS} with a 'step', got a dict with 'version', 'schedule'."),
        ({**STATE, "schedule": "{"}, "ScheduleLR.load_state_dict.schedule must be the JSON text that state_dict() wrote, got '{'."),
        ({**STATE, "schedule": None}, "ScheduleLR.load_state_dict.schedule must be the JSON text that state_dict() wrote, got None."),
        ({**STATE, "step": -1}, "ScheduleLR.load_state_dict.step must be a finite number, 0 or more, got -1."),
        ({**STATE, "step": "3"}, "ScheduleLR.load_state_dict.step must be a finite number, 0 or more, got '3'."),
        ({**STATE, "scale": -1}, "ScheduleLR.load_state_dict.scale must be a finite number, 0 or more, got -1."),
    ],
    ids=["none", "empty", "later", "whole", "no schedule", "no step", "broken", "none in it", "negative", "text", "scale"],
)  # fmt: skip
def test_a_broken_state_is_refused_in_one_line_and_loads_nothing(state: Any, message: str) -> None:
    scheduler = ScheduleLR(sgd(), LR, step=7)
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        scheduler.load_state_dict(state)
    assert str(error.value) == message
    assert (scheduler.last_epoch, scheduler.scale) == (7, 1.0)


def test_another_lambda_of_the_same_text_is_noticed_at_a_resume() -> None:
    def build(rate: float) -> ScheduleLR:
        return ScheduleLR(sgd(), Custom(lambda t: rate if t < 5 else 1 / (t - 5)))  # which fails at step 5

    saved = build(0.5).state_dict()
    build(0.5).load_state_dict(saved, strict=True)
    message = r"^ScheduleLR\.load_state_dict: .*: lr is Custom\(.*lambda.*\), was Custom\(.*lambda.*\)\.$"
    with pytest.raises(ValueError, match=message):
        build(0.25).load_state_dict(saved, strict=True)
