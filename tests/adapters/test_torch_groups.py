"""Each parameter group follows its own schedule, and groups added later do too."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cases import CASES, Case, numbers
from lrcore import Constant, Cosine, Linear
from lrcore_torch import ScheduleLR
from torch_helpers import record, sgd, told

pytestmark = pytest.mark.filterwarnings("ignore:ScheduleLR. an update at step [0-9]+, past")
SLOW, FAST = Cosine(0.01, steps=50), Cosine(0.1, steps=30).warmup(5)


def two(**options: Any) -> torch.optim.SGD:
    """Groups with rates of 0.1 and 0.001."""
    optimizer = sgd(2, **options)
    optimizer.param_groups[1]["lr"] = 0.001
    return optimizer


def run(optimizer: Any, scheduler: Any, updates: int) -> None:
    for _ in range(updates):
        optimizer.step()
        scheduler.step()


def test_one_schedule_serves_every_group() -> None:
    optimizer = sgd(3)
    used = record(optimizer)
    run(optimizer, ScheduleLR(optimizer, FAST), 40)
    assert used == [[FAST(u)] * 3 for u in range(40)]


@pytest.mark.filterwarnings("ignore:ScheduleLR. lr has a schedule for 'added later'")
@pytest.mark.parametrize("schedules", [[SLOW, FAST], (SLOW, FAST), {"1": FAST, "0": SLOW, "added later": FAST}], ids=type)
def test_each_group_follows_its_own_schedule(schedules: Any) -> None:
    optimizer = two()
    used = record(optimizer)
    run(optimizer, ScheduleLR(optimizer, schedules), 60)
    assert used == [[SLOW(u), FAST(u)] for u in range(60)]


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_relative_keeps_the_ratios_between_groups(case: Case) -> None:
    optimizer = two()
    used = record(optimizer)
    run(optimizer, ScheduleLR(optimizer, case.schedule, relative=True), 60)
    assert used == [[0.1 * case.schedule(u), 0.001 * case.schedule(u)] for u in range(60)]
    for a, b in used:
        assert b == pytest.approx(a / 100, rel=4e-16)


def test_relative_takes_a_factor_for_each_group() -> None:
    optimizer = two()
    used = record(optimizer)
    run(optimizer, ScheduleLR(optimizer, {"0": SLOW, "1": FAST}, relative=True), 20)
    assert used == [[0.1 * SLOW(u), 0.001 * FAST(u)] for u in range(20)]


def test_one_schedule_for_groups_that_differ_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        ScheduleLR(two(), Cosine(0.1, steps=10))
    assert str(error.value) == (
        "ScheduleLR.lr must be one schedule per group where the groups' own values differ, as [0.1, 0.001] do, got "
        "Cosine(0.1, steps=10); choose relative=True (a factor on each group's own rate), a list or a dict by the "
        "groups' names."
    )


def test_one_weight_decay_for_groups_that_differ_is_refused_with_the_choices() -> None:
    optimizer = sgd(2)
    optimizer.param_groups[1]["weight_decay"] = 0.0
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        ScheduleLR(optimizer, Constant(0.1), weight_decay=Constant(0.01))
    assert str(error.value) == (
        "ScheduleLR.weight_decay must be one schedule per group where the groups' own values differ, as [0.01, 0.0] do, "
        "got Constant(0.01); choose a list or a dict by the groups' names, with None for a group to leave as it is."
    )


@pytest.mark.parametrize(
    ("schedules", "message"),
    [
        (
            [SLOW],
            "ScheduleLR.lr must be 2 schedules, one per group, got [Cosine(0.01, steps=50)]; after add_param_group, build "
            "a new ScheduleLR(optimizer, [...], step=scheduler.last_epoch).",
        ),
        (
            {"0": SLOW},
            "ScheduleLR.lr must be a dict with the name of every group, got {'0': Cosine(0.01, steps=50)}; group 1 is "
            "named '1'.",
        ),
        (
            0.1,
            "ScheduleLR.lr must be a schedule, or one per group: a list, or a dict by the groups' names, got 0.1; write "
            "Constant(0.1).",
        ),
        ([SLOW, 0.1], "ScheduleLR.lr[1] must be a schedule, got 0.1; write Constant(0.1)."),
        (
            [SLOW, None],
            "ScheduleLR.lr[1] must be a schedule, got None; to leave a group's rate as it is, write Constant.",
        ),
    ],
    ids=["too few", "a name missing", "a number", "a number in a list", "none"],
)
def test_a_group_without_a_schedule_is_refused(schedules: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as error:
        ScheduleLR(sgd(2), schedules)
    assert str(error.value) == message


def test_a_dict_wants_names() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    with pytest.raises(ValueError, match=r"group 0 has no 'name'\.$"):
        ScheduleLR(optimizer, {"head": SLOW})


def added(optimizer: Any, **options: Any) -> None:
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.grad = torch.ones(1)
    optimizer.add_param_group({"params": [parameter], "name": "late", **options})


@pytest.mark.parametrize("count", ["calls", "updates"])
@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_a_group_added_at_any_step_follows_at_its_first_update(case: Case, count: str) -> None:
    for step in (0, 1, 7):
        optimizer = sgd()
        used = record(optimizer)
        scheduler = ScheduleLR(optimizer, case.schedule, count=count)
        # after the scheduler's hook, so that it sees what an update sees
        optimizer._optimizer_step_pre_hooks.move_to_end(next(iter(optimizer._optimizer_step_pre_hooks)))
        run(optimizer, scheduler, step)
        added(optimizer)
        run(optimizer, scheduler, 5)
        saved = (optimizer.state_dict(), scheduler.state_dict())
        optimizer = sgd()
        added(optimizer)
        scheduler = ScheduleLR(optimizer, case.schedule, count=count)
        resumed = record(optimizer)
        optimizer.load_state_dict(saved[0])
        scheduler.load_state_dict(saved[1])
        run(optimizer, scheduler, 5)
        assert used + resumed == [[case.schedule(u)] * (1 if u < step else 2) for u in range(step + 10)]


def test_an_added_group_is_relative_to_its_own_rate() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, FAST, relative=True)
    run(optimizer, scheduler, 7)
    added(optimizer, lr=0.01)
    run(optimizer, scheduler, 5)
    assert scheduler.next_lr == [group["lr"] for group in optimizer.param_groups] == [0.1 * FAST(12), 0.01 * FAST(12)]
    saved = (optimizer.state_dict(), scheduler.state_dict())
    optimizer = sgd()
    added(optimizer, lr=0.01)
    optimizer.load_state_dict(saved[0])
    scheduler = ScheduleLR(optimizer, FAST, relative=True)
    scheduler.load_state_dict(saved[1])
    assert [group["lr"] for group in optimizer.param_groups] == [0.1 * FAST(12), 0.01 * FAST(12)]


def test_an_added_group_finds_its_schedule_by_name_and_a_list_asks_for_a_new_scheduler() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, {"0": SLOW, "late": FAST})
    assert told(lambda: run(optimizer, scheduler, 3)) == [
        "ScheduleLR: lr has a schedule for 'late', and no group has that name: their names are '0'."
    ]
    added(optimizer)
    run(optimizer, scheduler, 1)
    assert [group["lr"] for group in optimizer.param_groups] == [SLOW(4), FAST(4)]

    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, [SLOW])
    added(optimizer)
    with pytest.raises(ValueError, match=r"build a new ScheduleLR"):
        optimizer.step()
    scheduler = ScheduleLR(optimizer, [SLOW, FAST], step=scheduler.last_epoch)
    run(optimizer, scheduler, 1)
    assert [group["lr"] for group in optimizer.param_groups] == [SLOW(1), FAST(1)]


def test_a_tensor_rate_that_groups_share_is_not_shared_by_their_schedules() -> None:
    optimizer = sgd(2, lr=torch.tensor(0.1))
    assert optimizer.param_groups[0]["lr"] is optimizer.param_groups[1]["lr"]
    used = record(optimizer)
    run(optimizer, ScheduleLR(optimizer, [SLOW, FAST]), 10)
    assert used == [torch.tensor([SLOW(u), FAST(u)], dtype=torch.float64).float().tolist() for u in range(10)]


def test_an_added_group_with_a_default_tensor_rate_is_relative_to_the_initial_default() -> None:
    optimizer = sgd(lr=torch.tensor(0.5))
    scheduler = ScheduleLR(optimizer, Linear(1.0, end=0.0, steps=8), relative=True)
    run(optimizer, scheduler, 4)
    added(optimizer)
    run(optimizer, scheduler, 2)
    assert [group["lr"].item() for group in optimizer.param_groups] == [0.125, 0.125]
