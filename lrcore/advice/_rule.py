"""What a rule is: a function of what is seen, its texts, a plan on which it fires and a neighbour on which it does not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lrcore._schedule import Schedule
from lrcore.advice._finding import Severity
from lrcore.advice._plan import Plan
from lrcore.advice._seen import Seen


class Note(NamedTuple):
    """What a rule's function yields: the message of a finding, where it is, and what to write instead."""

    message: str
    steps: tuple[int, ...] = ()
    fix: Schedule | None = None
    severity: Severity | None = None
    """Another than the rule's own, where what is known of the plan makes it less, or more."""


Find = Callable[[Seen], Iterator[Note]]


@dataclass(frozen=True)
class Rule:
    """One thing that `check` looks for.

    Args:
        name: what a finding and `ignore` call it.
        severity: "error", "warning" or "info".
        trigger: what it looks for, in a sentence.
        why: why it matters.
        source: where that is from.
        fires: a plan on which it fires.
        silent: a neighbour, often the corrected plan, on which it does not.
        find: the function.
        unless: rules that say the same with more knowledge: where one of them has fired, this one is silent.
        optional: whether it is asked for by `every=True` only.
    """

    name: str
    severity: Severity
    trigger: str
    why: str
    source: str
    fires: Plan
    silent: Plan
    find: Find
    unless: frozenset[str] = frozenset()
    optional: bool = False


RULES: dict[str, Rule] = {}
"""Every rule by its name, in the order in which `check` asks them: those that others wait for come first."""


def rule(
    severity: Severity,
    *,
    why: str,
    source: str,
    fires: Plan,
    silent: Plan,
    unless: str = "",
    optional: bool = False,
) -> Callable[[Find], Find]:
    """Register a function as a rule: its name becomes the rule's, its docstring says what it looks for."""

    def register(find: Find) -> Find:
        name = find.__name__.replace("_", "-")
        trigger = " ".join((inspect.getdoc(find) or "").split())
        assert set(unless.split()) <= set(RULES), f"{name} waits for rules that are not registered before it"
        RULES[name] = Rule(name, severity, trigger, why, source, fires, silent, find, frozenset(unless.split()), optional)
        return find

    return register


Rule.__module__ = "lrcore.advice"
