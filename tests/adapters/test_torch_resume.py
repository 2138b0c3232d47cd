"""A resumed run applies the schedule exactly, however it was put together."""

from __future__ import annotations

import copy
import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict, set_optimizer_state_dict

from cases import CASES, Case, numbers
from lrcore import Constant, Cosine, Custom, Cyclic, Linear, OneCycle
from lrcore_torch import ScheduleLR
from torch_helpers import record, sgd

pytestmark = pytest.mark.filterwarnings("ignore:ScheduleLR. an update at step [0-9]+, past")
MOMENTUM = Cyclic(0.0, high=0.1, up=3).momentum()
DECAY = Linear(0.01, end=0.1, steps=30)


def build(optimizer: Any, case: Case, **options: Any) -> ScheduleLR:
    return ScheduleLR(optimizer, case.schedule, momentum=MOMENTUM, weight_decay=DECAY, **options)


def through_a_file(state: Any) -> Any:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def saved_steps(case: Case) -> list[int]:
    T = case.schedule.length or (case.edges or (100,))[-1]
    return sorted({max(k, 0) for k in (0, 1, 7, T // 2, T - 1, T, T + 5)})


def follows(optimizer: Any, scheduler: ScheduleLR, case: Case, step: int, updates: int = 50) -> None:
    """Assert that the next updates use the schedules' values, the very first included."""
    for u in range(step, step + updates):
        group = optimizer.param_groups[0]
        applied = (group["lr"], group["momentum"], group["weight_decay"])
        assert applied == (case.schedule(u), MOMENTUM(u), DECAY(u)), f"update {u} after a resume at {step}"
        assert scheduler.next_lr == [group["lr"]]
        optimizer.step()
        scheduler.step()
        assert tuple(scheduler.used().values()) == applied


def scheduler_only(case: Case, step: int, saved: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    scheduler = build(optimizer, case)
    scheduler.load_state_dict(saved["scheduler"])
    return optimizer, scheduler


def optimizer_then_scheduler(case: Case, step: int, saved: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    scheduler = build(optimizer, case)
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    return optimizer, scheduler


def scheduler_then_optimizer(case: Case, step: int, saved: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    scheduler = build(optimizer, case)
    scheduler.load_state_dict(saved["scheduler"])
    optimizer.load_state_dict(saved["optimizer"])
    return optimizer, scheduler


def built_after_the_optimizer_was_loaded(case: Case, step: int, saved: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    optimizer.load_state_dict(saved["optimizer"])
    scheduler = build(optimizer, case)
    scheduler.load_state_dict(saved["scheduler"])
    return optimizer, scheduler


def the_step_alone(case: Case, step: int, saved: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    keys = set(optimizer.param_groups[0])
    scheduler = build(optimizer, case, step=step)
    assert set(optimizer.param_groups[0]) == keys | {"initial_lr"}  # as torch's own schedulers do
    return optimizer, scheduler


def the_step_with_the_optimizer(case: Case, step: int, saved: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    optimizer.load_state_dict(saved["optimizer"])
    return optimizer, build(optimizer, case, step=step)


single_process = pytest.mark.filterwarnings(
    "ignore:torch.distributed is disabled, unavailable or uninitialized:UserWarning"
)

WAYS: list[Callable[[Case, int, Any], tuple[Any, ScheduleLR]]] = [
    scheduler_only,
    optimizer_then_scheduler,
    scheduler_then_optimizer,
    built_after_the_optimizer_was_loaded,
    the_step_alone,
    the_step_with_the_optimizer,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_a_resumed_run_equals_the_schedule(case: Case, way: Callable[..., tuple[Any, ScheduleLR]]) -> None:
    for step in saved_steps(case):
        optimizer, before = sgd(), max(step - 1, 0)
        scheduler = build(optimizer, case, step=before)
        follows(optimizer, scheduler, case, before, updates=step - before)  # none where it is saved at step 0
        saved = through_a_file({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()})
        follows(*way(case, step, saved), case, step)


def test_torchs_scheduler_fails_what_these_tests_ask() -> None:
    optimizer = sgd()
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100)
    rates = []
    for _ in range(60):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        if len(rates) == 40:
            saved = copy.deepcopy(scheduler.state_dict())
    optimizer = sgd()
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100)
    scheduler.load_state_dict(saved)
    assert optimizer.param_groups[0]["lr"] != rates[40]


@single_process
@pytest.mark.parametrize("step", [0, 1, 7, 50, 99, 100, 105])
@pytest.mark.parametrize("count", ["calls", "updates"])
@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW])
def test_a_distributed_checkpoint_resumes_exactly(tmp_path: Path, step: int, count: str, kind: Any) -> None:
    lr = Cosine(0.1, steps=100).warmup(5)

    def fresh(step: int = 0) -> tuple[torch.nn.Module, Any, ScheduleLR]:
        model = torch.nn.Linear(2, 1)
        optimizer = kind(model.parameters(), lr=0.7)
        return model, optimizer, ScheduleLR(optimizer, lr, weight_decay=DECAY, count=count, step=step)

    def updates(model: torch.nn.Module, optimizer: Any, scheduler: ScheduleLR, n: int) -> list[tuple[float, float]]:
        applied = []
        for _ in range(n):
            model(torch.ones(1, 2)).sum().backward()
            applied.append((optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["weight_decay"]))
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        return applied

    # A checkpoint of an optimizer without state makes it run one update at rate 0, which must count for nothing
    model, optimizer, scheduler = fresh(step)
    updates(model, optimizer, scheduler, 1)
    dcp.save({"optimizer": get_optimizer_state_dict(model, optimizer), "scheduler": scheduler}, checkpoint_id=tmp_path)
    assert scheduler.last_epoch == step + 1

    for load_optimizer in (True, False):
        model, optimizer, scheduler = fresh()
        state: dict[str, Any] = {"scheduler": scheduler}
        if load_optimizer:
            state["optimizer"] = get_optimizer_state_dict(model, optimizer)
        dcp.load(state, checkpoint_id=tmp_path)
        if load_optimizer:
            set_optimizer_state_dict(model, optimizer, state["optimizer"])
        expected = [(lr(u), DECAY(u)) for u in range(step + 1, step + 51)]
        assert updates(model, optimizer, scheduler, 50) == expected


@single_process
def test_a_distributed_checkpoint_loads_into_another_family(tmp_path: Path) -> None:
    dcp.save({"scheduler": ScheduleLR(sgd(), Cosine(0.1, steps=100), step=40)}, checkpoint_id=tmp_path)
    scheduler = ScheduleLR(sgd(), Linear(0.1, end=0.0, steps=100).warmup(10))
    with pytest.warns(UserWarning, match="family"):
        dcp.load({"scheduler": scheduler}, checkpoint_id=tmp_path)
    assert scheduler.next_lr == [Linear(0.1, end=0.0, steps=100).warmup(10)(40)]


def test_the_state_is_plain_data() -> None:
    scheduler = ScheduleLR(sgd(), Cosine(0.1, steps=100), step=40)
    state = scheduler.state_dict()
    assert (state["version"], state["step"]) == (1, 40)
    assert json.loads(state["schedule"]) == {"lr": Cosine(0.1, steps=100).to_dict()}
    assert json.loads(json.dumps(state)) == state


CYCLE = OneCycle(0.1, steps=100)
PARTS = {
    "a momentum of the rate's cycle": (1, {"lr": CYCLE, "momentum": CYCLE.momentum()}),
    "groups that share a schedule": (2, {"lr": [CYCLE, CYCLE], "momentum": [CYCLE.momentum(), CYCLE.momentum()]}),
    "a schedule in a piece of another": (2, {"lr": [CYCLE, Linear(1.0, end=0.0, steps=9).then(CYCLE * 0.5)]}),
}


@pytest.mark.parametrize(("groups", "schedules"), PARTS.values(), ids=PARTS)
def test_what_two_parts_share_is_saved_once_and_both_ways_of_saving_load(groups: int, schedules: dict[str, Any]) -> None:
    def built() -> ScheduleLR:
        return ScheduleLR(sgd(groups), **schedules)

    state = through_a_file(built().state_dict())
    assert state["schedule"].count('"OneCycle"') == 1
    whole = {label: part.to_dict() for label, part in built()._parts().items()}
    for saved in (state, state | {"schedule": json.dumps(whole)}):  # the latter is what lrcore wrote before
        built().load_state_dict(saved, strict=True)
    changed = json.dumps(whole).replace('"peak": 0.1', '"peak": 0.2')
    for text in (state["schedule"].replace('"peak": 0.1', '"peak": 0.2'), changed):
        with pytest.raises(ValueError, match=r"peak is 0\.1, was 0\.2") as error:
            built().load_state_dict(state | {"schedule": text}, strict=True)
        assert str(error.value).count("was 0.2") == changed.count('"peak": 0.2')


def test_a_changed_schedule_is_kept_and_the_warning_names_what_changed() -> None:
    cycle = OneCycle(0.1, steps=100)
    saved = ScheduleLR(sgd(), Cosine(0.1, steps=100), momentum=cycle.momentum(), step=40).state_dict()
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=200, end=0.01))
    with pytest.warns(UserWarning, match="keeps its own schedule") as caught:
        scheduler.load_state_dict(saved)
    assert [str(warning.message) for warning in caught] == [
        "ScheduleLR keeps its own schedule, at step 40: the schedule is not the saved one: "
        "lr.steps is 200, was 100; lr.end is 0.01, was 0.0; "
        "momentum is none, was OneCycle(0.1, steps=100).momentum()."
    ]
    assert caught[0].filename == __file__
    assert optimizer.param_groups[0]["lr"] == Cosine(0.1, steps=200, end=0.01)(40)


def test_strict_refuses_a_changed_schedule_and_loads_nothing() -> None:
    saved = ScheduleLR(sgd(), Cosine(0.1, steps=100), step=40).state_dict()
    scheduler = ScheduleLR(sgd(), Cosine(0.1, steps=200))
    with pytest.raises(ValueError, match=r"^ScheduleLR\.load_state_dict: .* lr\.steps is 200, was 100\.$"):
        scheduler.load_state_dict(saved, strict=True)
    assert scheduler.last_epoch == 0
    same = ScheduleLR(sgd(), Cosine(0.1, steps=100))
    same.load_state_dict(saved, strict=True)
    assert same.last_epoch == 40


def test_a_changed_schedule_survives_the_optimizers_old_rate() -> None:
    old = sgd()
    saved = ScheduleLR(old, Cosine(0.1, steps=100), step=40).state_dict()
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=200))
    with pytest.warns(UserWarning, match=r"lr\.steps"):
        scheduler.load_state_dict(saved)
    optimizer.load_state_dict(old.state_dict())
    assert optimizer.param_groups[0]["lr"] == Cosine(0.1, steps=200)(40)


def halve(step: float) -> float:
    return 0.1 * 0.5**step


def test_a_schedule_that_is_code_resumes_by_its_step_and_another_function_is_noticed() -> None:
    saved = through_a_file(ScheduleLR(sgd(), Custom(halve), step=3).state_dict())
    scheduler = ScheduleLR(sgd(), Custom(halve))
    scheduler.load_state_dict(saved)
    assert scheduler.next_lr == [0.0125]
    other = ScheduleLR(sgd(), Custom(lambda t: 0.5))
    with pytest.warns(UserWarning, match=r"lr is Custom\(.*lambda.*\), was Custom\(halve.*\)"):
        other.load_state_dict(saved)


@pytest.mark.parametrize("way", ["before", "after", "step alone", "step alone, optimizer loaded"])
def test_relative_rates_resume_whatever_the_optimizer_holds(way: str) -> None:
    def groups() -> torch.optim.SGD:
        optimizer = sgd(2)
        optimizer.param_groups[1]["lr"] = 0.01
        return optimizer

    shape = Cosine(1.0, steps=100).warmup(10)
    old = groups()
    scheduler = ScheduleLR(old, shape, relative=True)
    for _ in range(40):
        old.step()
        scheduler.step()
    saved = through_a_file({"optimizer": old.state_dict(), "scheduler": scheduler.state_dict()})
    optimizer = groups()
    if way == "before":
        scheduler = ScheduleLR(optimizer, shape, relative=True)
        optimizer.load_state_dict(saved["optimizer"])
        scheduler.load_state_dict(saved["scheduler"])
    elif way == "after":
        optimizer.load_state_dict(saved["optimizer"])
        scheduler = ScheduleLR(optimizer, shape, relative=True)
        scheduler.load_state_dict(saved["scheduler"])
    else:
        if "loaded" in way:
            optimizer.load_state_dict(saved["optimizer"])
        scheduler = ScheduleLR(optimizer, shape, relative=True, step=40)
    used = record(optimizer)
    for _ in range(50):
        optimizer.step()
        scheduler.step()
    assert used == [[0.1 * shape(u), 0.01 * shape(u)] for u in range(40, 90)]
    assert scheduler.base_lrs == [0.1, 0.01]


def test_changed_initial_rates_are_kept_and_named() -> None:
    saved = ScheduleLR(sgd(), Cosine(1.0, steps=100), relative=True, step=40).state_dict()
    scheduler = ScheduleLR(sgd(lr=0.2), Cosine(1.0, steps=100), relative=True)
    with pytest.warns(UserWarning, match=r"base_lrs is \[0\.2\], was \[0\.1\]\.$"):
        scheduler.load_state_dict(saved)
    assert scheduler.next_lr == [0.2 * Cosine(1.0, steps=100)(40)]


def test_nothing_is_warned_of_where_nothing_changed() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for schedules in (Constant(0.1), [Constant(0.1)], {"0": Constant(0.1)}):
            saved = through_a_file(ScheduleLR(sgd(), schedules, step=3).state_dict())
            ScheduleLR(sgd(), schedules).load_state_dict(saved)


def test_a_state_of_another_scheduler_is_refused_with_the_way_out() -> None:
    state = torch.optim.lr_scheduler.ExponentialLR(sgd(), 0.5).state_dict()
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        ScheduleLR(sgd(), Constant(0.1)).load_state_dict(state)
    assert str(error.value) == (
        "ScheduleLR.load_state_dict reads a state of version 1, got a dict with 'gamma', 'base_lrs', 'last_epoch', "
        "'_step_count', '_is_initial', '_get_lr_called_within_step', '_last_lr'; "
        "to go on from another scheduler's, build ScheduleLR with step=0."
    )
