"""The lengths of a run on other clocks: a schedule keeps what it is written in, epochs, samples or tokens."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from lrcore._arguments import refuse
from lrcore._compositions.clock import PerEpoch
from lrcore._compositions.product import Pointwise
from lrcore._compositions.samples import PerSample, SampleClock
from lrcore._schedule import Schedule
from lrcore.advice._plan import Plan


class Shares(NamedTuple):
    """What the lengths of a run are multiplied by, on each clock."""

    updates: Fraction
    epochs: Fraction
    samples: Fraction


def with_batch(plan: Plan, clock: SampleClock, keep: str) -> Shares:
    """Those of a run with another batch, which sees as many samples as before or makes as many updates."""
    old, one = plan._samples, Fraction(1)
    assert old is not None
    steady = len(old.sizes) == len(clock.sizes) == 1
    if not steady and (plan.total is None or not isinstance(_without_factors(plan.schedule), PerSample)):
        hint = "write it in samples: .per_sample(batch)"
        refuse("rescaled", "schedule", "a PerSample where a batch grows", plan.schedule, hint=hint)
    if keep == "samples":
        updates = Fraction(old.sizes[0], clock.sizes[0])
        if not steady and plan.total is not None:
            updates = Fraction(clock.step(old.samples(plan.total)), plan.total)
        return Shares(updates=updates, epochs=one, samples=one)
    samples = Fraction(clock.sizes[0], old.sizes[0])
    if not steady and plan.total is not None:
        samples = Fraction(clock.samples(plan.total), old.samples(plan.total))
    return Shares(updates=one, epochs=samples, samples=samples)


def _without_factors(lr: Schedule) -> Schedule:
    return _without_factors(lr.schedule) if isinstance(lr, Pointwise) else lr


def moved(plan: Plan, share: Shares, **changes: Any) -> Plan:
    """The plan with other lengths, and with a batch or data that change: whole epochs stay whole."""
    made = replace(plan, **changes)
    epoch = _epoch(plan, made, share)
    if plan.total is not None:
        total = rounded(plan.total * share.updates)
        if share.epochs == 1 and plan.epoch and epoch and plan.total % plan.epoch == 0:
            total = plan.total // plan.epoch * epoch
        share = share._replace(updates=Fraction(total, plan.total))
        changes["total"] = total
    if plan.steps_per_epoch is not None:
        changes["steps_per_epoch"] = epoch
    return replace(plan, **changes, schedule=_written(plan.schedule, plan, replace(made, **changes), share))


def _epoch(plan: Plan, made: Plan, share: Shares) -> int | None:
    """The updates of an epoch, counted as they were: with the last and smaller batch, or without it."""
    if plan.epoch is None:
        return None
    if all(one.dataset_size and isinstance(one.batch, int) for one in (plan, made)):
        before, after = (Fraction(one.dataset_size, one.batch) for one in (plan, made))  # type: ignore[arg-type]
        for whole in (math.ceil, math.floor):
            if whole(before) == plan.epoch:
                return max(1, whole(after))
    return rounded(plan.epoch * share.updates / share.epochs)


def _written(lr: Schedule, plan: Plan, made: Plan, share: Shares) -> Schedule:
    """A schedule with other lengths, on the clock that it is written on."""
    if plan.stepped == "epoch":
        return _stretched(lr, share.epochs)
    if isinstance(lr, Pointwise):
        return replace(lr, schedule=_written(lr.schedule, plan, made, share))  # type: ignore[call-arg]
    if isinstance(lr, PerEpoch):
        steps = lr.steps_per_epoch
        steps = made.epoch if steps == plan.epoch and made.epoch else rounded(steps * share.updates / share.epochs)
        return replace(lr, schedule=_stretched(lr.schedule, share.epochs), steps_per_epoch=steps)
    if isinstance(lr, PerSample):
        batch = lr.batch if made.batch == plan.batch else _counted(lr, plan, made.batch)
        return replace(lr, schedule=_stretched(lr.schedule, share.samples), batch=batch)
    return _stretched(lr, share.updates)


def _counted(lr: PerSample, plan: Plan, batch: Any) -> Any:
    """A new batch, as a schedule counts it: in samples, or in the tokens of each."""
    its, mine = lr._counted, plan._samples
    assert mine is not None
    each = its.sizes[0] // mine.sizes[0]
    if its.begins != mine.begins or its.sizes != tuple(each * size for size in mine.sizes):
        refuse("rescaled", "schedule", f"on the clock of the plan's batch, {plan.batch!r}, or its tokens", lr)
    return batch if each == 1 else each * batch


def _stretched(schedule: Schedule, share: Fraction) -> Schedule:
    """Every length times a share, in whole steps."""
    return schedule if share == 1 else schedule._scaled(share.numerator, share.denominator)


def rounded(steps: Fraction) -> int:
    return max(1, math.floor(steps + Fraction(1, 2)))
