"""What a check finds: one finding, and all of a plan's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, overload

from lrcore._schedule import Schedule
from lrcore.advice._plan import Plan

Severity = Literal["error", "warning", "info"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From the worst. An error: the schedule does not do what it says. A warning: it is rarely meant. Info: worth a line."""


@dataclass(frozen=True)
class Finding:
    """One thing that a rule has seen.

    Args:
        rule: the rule's name, as `ignore` takes it.
        severity: "error", "warning" or "info".
        message: what was seen, with its numbers, and what to write instead.
        why: why it matters.
        source: where that is from.
        steps: the updates that it is about.
        fix: the corrected schedule, or None where it is not the schedule that is to be corrected.
    """

    rule: str
    severity: Severity
    message: str
    why: str
    source: str
    steps: tuple[int, ...] = ()
    fix: Schedule | None = None

    def __str__(self) -> str:
        return f"{self.severity}: {self.rule}: {self.message}"

    @property
    def mends(self) -> bool:
        """Whether `Findings.fixed` takes the fix over: that of an error or a warning."""
        return self.fix is not None and self.severity != "info"

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready data, the fix as an expression."""
        fix = None if self.fix is None else repr(self.fix)
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "why": self.why,
            "source": self.source,
            "steps": list(self.steps),
            "fix": fix,
        }


@dataclass(frozen=True)
class Findings:
    """All that `check` has found in a plan, the worst first.

    Args:
        plan: the plan.
        findings: what was found.
        ignore: the names of the rules whose findings are left out.

    >>> from lrcore import Cosine
    >>> from lrcore.advice import check
    >>> found = check(Plan(Cosine(0.1, steps=10_000), total=100_000))
    >>> print(found)
    error: dead-tail: the schedule ends at 10,000 of 100,000 updates, and the last 90% of the run have a rate of 0.
        Write Cosine(0.1, steps=100000).
    >>> found.ok, len(found), found[0].rule
    (False, 1, 'dead-tail')
    """

    plan: Plan
    findings: tuple[Finding, ...]
    ignore: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @overload
    def __getitem__(self, i: int) -> Finding: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, i: int | slice) -> Finding | tuple[Finding, ...]:
        return self.findings[i]

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(finding.severity == "error" for finding in self.findings)

    def of(self, severity: str) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    @property
    def fixed(self) -> Schedule:
        """The schedule with every fix of an error or a warning taken over, until none is left that has one.

        >>> from lrcore import Cosine
        >>> from lrcore.advice import check
        >>> check(Plan(Cosine(0.1, steps=90), total=90 * 391, steps_per_epoch=391)).fixed
        Cosine(0.1, steps=90).per_epoch(391, smooth=True)
        """
        from lrcore.advice._check import fixed

        return fixed(self)

    def to_dict(self) -> dict[str, Any]:
        """The plan and its findings as JSON-ready data."""
        return {"plan": repr(self.plan), "ok": self.ok, "findings": [finding.to_dict() for finding in self.findings]}

    def __str__(self) -> str:
        if not self.findings:
            return "Nothing was found."
        return "\n".join(
            f"{finding}{f'{chr(10)}    Write {finding.fix!r}.' if finding.fix is not None else ''}"
            for finding in self.findings
        )

    def _repr_html_(self) -> str:
        """The findings as a list, as notebooks show it."""
        items = "".join(
            f"<li><b>{finding.severity}</b> <code>{finding.rule}</code>: {escape(finding.message)}"
            f"{f'<br>Write <code>{escape(repr(finding.fix))}</code>' if finding.fix is not None else ''}"
            f"<br><small>{escape(finding.why)} {escape(finding.source)}</small></li>"
            for finding in self.findings
        )
        return f"<ul>{items}</ul>" if items else "<p>Nothing was found.</p>"


Finding.__module__ = Findings.__module__ = "lrcore.advice"
