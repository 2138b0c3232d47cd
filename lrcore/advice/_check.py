"""`check`: a plan is shown to every rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lrcore._arguments import nearest, refuse
from lrcore._schedule import Schedule
from lrcore.advice import _rules
from lrcore.advice._finding import SEVERITIES, Finding, Findings
from lrcore.advice._plan import Plan
from lrcore.advice._rule import RULES
from lrcore.advice._seen import Seen

assert _rules.__all__  # imported for what it registers

_ALONE = ("not-finite-or-negative", "zero-everywhere")
"""Rules after which there is no peak to compare anything with."""

_ROUNDS = 5
"""Corrections one after another: each takes the next mistake out."""


def check(plan: Plan | Schedule, *, ignore: Iterable[str] = (), every: bool = False) -> Findings:
    """What is wrong, or worth a line, in a plan, before it runs.

    A rule that needs what the plan does not say is silent.

    Args:
        plan: a `Plan`, or a schedule of which nothing else is known.
        ignore: the names of rules whose findings are left out.
        every: ask also the rules that most runs would meet, such as `zero-first-update`.

    Raises:
        ValueError: `ignore` names a rule that there is not.
        TypeError: `plan` is neither a plan nor a schedule.

    >>> from lrcore import Cosine
    >>> plan = Plan(Cosine(0.1, steps=100), total=39_000, steps_per_epoch=390)
    >>> [finding.rule for finding in check(plan)]
    ['epochs-as-updates']
    >>> check(plan).fixed
    Cosine(0.1, steps=100).per_epoch(390, smooth=True)
    """
    if isinstance(plan, Schedule):
        plan = Plan(plan)
    if not isinstance(plan, Plan):
        refuse("check", "plan", "a Plan or a schedule", plan, kind=True)
    silent = frozenset({ignore} if isinstance(ignore, str) else ignore)
    for name in silent:
        if name not in RULES:
            raise ValueError(f"check knows no rule {name!r}{nearest(name, RULES, '; lrcore.advice.RULES has them all.')}")
    seen = Seen(plan)
    found: list[Finding] = []
    for rule in RULES.values():
        if (rule.optional and not every) or any(one.rule in rule.unless for one in found):
            continue
        found += (
            Finding(rule.name, note.severity or rule.severity, note.message, rule.why, rule.source, note.steps, note.fix)
            for note in rule.find(seen)
        )
        if rule.name in _ALONE and found:
            break
    # One that is ignored still keeps those silent that would say the same
    told = (one for one in found if one.rule not in silent)
    return Findings(plan, tuple(sorted(told, key=lambda one: SEVERITIES.index(one.severity))), silent)


def fixed(found: Findings) -> Schedule:
    """What `Findings.fixed` gives."""
    plan = found.plan
    for _ in range(_ROUNDS):
        fix = next((one.fix for one in found if one.mends), None)
        if fix is None or fix == plan.schedule:
            break
        plan = replace(plan, schedule=fix)
        found = check(plan, ignore=found.ignore)
    return plan.schedule
