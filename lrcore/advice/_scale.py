"""A plan for another batch, more data or another budget: peak, warmup, lengths and betas change together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lrcore._arguments import COUNT, FINITE, POSITIVE, as_number, chosen, refuse
from lrcore._compositions.samples import sample_clock
from lrcore._schedule import Schedule
from lrcore.advice._batch_rules import BATCH_RULES, BatchRule
from lrcore.advice._corrected import digits, lasting, times
from lrcore.advice._lengths import Shares, moved, rounded, with_batch
from lrcore.advice._plan import ADAM, DECOUPLED, Plan
from lrcore.advice._seen import Seen
from lrcore.advice._table import Table

_BETAS = {**dict.fromkeys(ADAM, ("momentum", "beta2")), "rmsprop": ("beta2",)}
"""The decay rates of running means of gradients, by the optimizer: RMSprop's momentum is not one."""

_LINEAR = 8_192
"""The largest batch to which the linear rule was shown to hold."""


@dataclass(frozen=True)
class Rescaled:
    """A plan for another batch, more data or another budget, and what is known of the rule that made it.

    Args:
        plan: the new plan.
        before: the old one.
        rule: the batch rule, or "" where the batch has not changed.
        holds: where the rule is known to hold.
        fails: where it is known to fail.
        source: where that is from.
        notes: what to do besides.
    """

    plan: Plan
    before: Plan
    rule: str
    holds: str
    fails: str
    source: str
    notes: tuple[str, ...]

    def table(self) -> Table:
        """What changed: the peak, the lengths, the batch, the optimizer's own numbers."""
        old, new = Seen(self.before), Seen(self.plan)
        rows: list[tuple[str, Any, Any]] = [
            ("peak", old.peak, new.peak),
            ("warmup", old.warm, new.warm),
            ("total", self.before.total, self.plan.total),
        ]
        names = ("steps_per_epoch", "batch", "dataset_size", "momentum", "beta2", "weight_decay")
        rows += [(name, getattr(self.before, name), getattr(self.plan, name)) for name in names]
        return Table(("", "before", "after"), [row for row in rows if row[1] != row[2]])

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-ready data, the plans as expressions."""
        return {
            "plan": repr(self.plan),
            "before": repr(self.before),
            "rule": self.rule,
            "holds": self.holds,
            "fails": self.fails,
            "source": self.source,
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        told = [f"{self.plan!r}", "", str(self.table())]
        if self.rule:
            told += ["", f"The rule {self.rule!r}, {BATCH_RULES[self.rule].formula}, holds for {self.holds}."]
            told += [f"It fails for {self.fails}.", f"Source: {self.source}"]
        return "\n".join([*told, *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{text}</p>" for text in (self.holds and f"Holds for {self.holds}.", *self.notes) if text)
        return f"{self.plan._repr_html_()}{self.table()._repr_html_()}{notes}"


def rescaled(
    plan: Plan,
    *,
    batch: int | Schedule | None = None,
    rule: str | None = None,
    noise_scale: float | None = None,
    keep: str = "samples",
    dataset_size: int | None = None,
    total: int | None = None,
    exponent: float = 0.0,
    keep_warmup: bool = False,
) -> Rescaled:
    """The plan of the same run with another batch, more data or another budget.

    The batch changes first, then the data, then the budget. With another batch the run sees the same samples, so that every
    length in updates is divided by B/B0; a schedule in epochs or samples stays as it is written, and its clock changes.
    Weight decay that is multiplied by the rate keeps its time scale in epochs.

    Args:
        plan: the plan, with its batch and total as far as they change.
        batch: the new batch.
        rule: how the peak follows the batch: a name of `lrcore.advice.BATCH_RULES`.
        noise_scale: N of the rules that need it, in samples.
        keep: what stays where the batch changes: "samples", or "updates", of which each then sees more.
        dataset_size: the new samples of an epoch, of which the run has as many as before.
        total: the new number of updates. Every length is stretched, and so is the warmup.
        exponent: the peak is divided by (total/old total)**exponent: 0.32 by Bjorck et al. (arXiv:2409.19913) for language
            models. 0: the peak stays.
        keep_warmup: the warmup keeps its updates where the total changes.

    Raises:
        ValueError: nothing changes, the plan lacks what it takes, the rule is missing, or the schedule has no lengths that
            can be changed.
        TypeError: an argument is of the wrong kind.

    >>> from lrcore import Cosine
    >>> plan = Plan(Cosine(0.1, steps=45_000).warmup(500), total=45_000, batch=256, optimizer="sgd")
    >>> scaled = rescaled(plan, batch=1_024, rule="linear")
    >>> scaled.plan
    Plan(Cosine(0.4, steps=11250).warmup(125), total=11250, batch=1024, optimizer='sgd')
    >>> print(scaled.fails)
    Adam; a batch above the critical one; small data
    """
    if not isinstance(plan, Plan):
        refuse("rescaled", "plan", "a Plan", plan, kind=True)
    if batch is None and dataset_size is None and total is None:
        raise TypeError("rescaled needs batch=, dataset_size= or total=: nothing else changes.")
    chosen("rescaled", "keep", keep, ("samples", "updates"))
    made, used = plan, None
    notes: list[str] = []
    if batch is not None:
        made, used, notes = _with_batch(plan, batch, rule, noise_scale, keep)
    elif rule is not None:
        refuse("rescaled", "rule", "left out where the batch does not change", rule)
    if dataset_size is not None:
        made = _with_data(made, as_number("rescaled", "dataset_size", dataset_size, COUNT))
    if total is not None:
        made = _with_total(made, as_number("rescaled", "total", total, COUNT), exponent, keep_warmup)
        if exponent == 0 and made.total != plan.total:
            notes.append("The peak is the old run's: longer runs have somewhat lower best peaks (arXiv:2409.19913).")
    told = ("", "", "") if used is None else (used.holds, used.fails, used.source)
    return Rescaled(made, plan, rule or "", *told, tuple(notes))


def _with_batch(
    plan: Plan, batch: int | Schedule, rule: str | None, noise: float | None, keep: str
) -> tuple[Plan, BatchRule, list[str]]:
    """The plan with another batch, by a rule; what is to be done besides."""
    used, scale = _used(rule, noise)
    if plan._samples is None:
        refuse("rescaled", "plan", "one with its batch", plan)
    clock = sample_clock("rescaled", batch)
    before, after = plan._samples.sizes[-1], clock.sizes[-1]
    factor, ratio = used.factor(before, after, scale), after / before
    made = moved(plan, with_batch(plan, clock, keep), batch=batch)
    changes: dict[str, Any] = {"schedule": times(made.schedule, factor)}
    notes: list[str] = []
    if rule == "sqrt":
        betas, notes = _betas(plan, ratio, before, after)
        changes |= betas
    if plan.weight_decay and plan.optimizer in DECOUPLED and factor:
        changes["weight_decay"] = digits(plan.weight_decay * ratio / factor, 12)
    if plan.reference_batch is not None:
        changes["reference_batch"] = rounded(Fraction(plan.reference_batch * after, before))
    if rule == "linear":
        notes = _doubts_about_linear(plan, before, after)
    return replace(made, **changes), used, notes


def _used(rule: str | None, noise: float | None) -> tuple[BatchRule, float]:
    """The rule of a name, and the noise scale that it asks for."""
    if rule is None:
        raise TypeError(f"rescaled needs rule=, how the peak follows the batch: {', '.join(map(repr, BATCH_RULES))}.")
    chosen("rescaled", "rule", rule, BATCH_RULES)
    used = BATCH_RULES[rule]
    if used.noise and noise is None:
        raise TypeError(
            f"rescaled needs noise_scale= for the rule {rule!r}: the batch at which noise and gradient are alike."
        )
    return used, as_number("rescaled", "noise_scale", noise, POSITIVE) if noise is not None else 1.0


def _betas(plan: Plan, ratio: float, before: int, after: int) -> tuple[dict[str, float], list[str]]:
    """The optimizer's betas by the square root rule, and what else it asks for."""
    names = _BETAS.get(plan.optimizer or "", ())
    if plan.optimizer is None:
        return {}, ["With Adam or RMSprop the rule changes betas and epsilon too: name the optimizer."]
    changes = {}
    for name in names:
        beta = getattr(plan, name)
        if beta is None:
            continue
        rest = (1 - beta) * ratio
        if rest >= 1:
            refuse("rescaled", "batch", f"below {before / (1 - beta):,.4g}, where {name} would be 0", after)
        changes[name] = digits(1 - rest, 12)
    notes = [f"The optimizer's epsilon is to be divided by {math.sqrt(ratio):.4g}."] if names else []
    if len(changes) < len(names):
        notes.append(f"1 - beta is to be multiplied by {ratio:.4g} for each beta that the plan does not say.")
    return changes, notes


def _doubts_about_linear(plan: Plan, before: int, after: int) -> list[str]:
    """What the plan shows of where the linear rule fails."""
    doubts = {
        "The linear rule needs a warmup, of some 5 epochs: the schedule has none.": after > before and not Seen(plan).warm,
        f"The optimizer is {plan.optimizer}, for which the square root is the rule that is known to hold.": plan.optimizer
        in ADAM,
        f"The linear rule was shown to hold up to a batch of about 8,000, and the batch is {after:,}.": after > _LINEAR,
    }
    return [text for text, doubtful in doubts.items() if doubtful]


def _with_data(plan: Plan, dataset_size: int) -> Plan:
    """The plan with more or fewer samples in an epoch, and as many epochs."""
    if plan.dataset_size is None:
        refuse("rescaled", "plan", "one with its dataset_size", plan)
    samples = updates = Fraction(dataset_size, plan.dataset_size)
    clock, total = plan._samples, plan.total
    if clock is not None and total is not None:
        updates = Fraction(clock.step(math.ceil(clock.samples(total) * samples)), total)
    return moved(plan, Shares(updates=updates, epochs=Fraction(1), samples=samples), dataset_size=dataset_size)


def _with_total(plan: Plan, total: int, exponent: float, keep_warmup: bool) -> Plan:
    """The plan of a longer or shorter run."""
    if plan.total is None:
        refuse("rescaled", "plan", "one with its total", plan)
    share = Fraction(total, plan.total)
    if keep_warmup:
        steps = None if plan.calls is None else rounded(share * plan.calls)
        longer = None if steps is None else lasting(plan.schedule, steps)
        if longer is None:
            refuse("rescaled", "schedule", "a decay, with a warmup or without, where the warmup is kept", plan.schedule)
        made = replace(plan, total=total, schedule=longer)
    else:
        clock = plan._samples
        samples = share if clock is None else Fraction(clock.samples(total), clock.samples(plan.total))
        made = moved(plan, Shares(updates=share, epochs=share, samples=samples))
    factor = float(share) ** -as_number("rescaled", "exponent", exponent, FINITE)
    return made if factor == 1 else replace(made, schedule=times(made.schedule, factor))
