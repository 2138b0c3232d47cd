"""Measuring, for every program here: two sides that take turns in one process, and a row of the table as a line of JSON.

A ratio is the peer's time over ours, so that above 1 we are faster; of bytes and instructions likewise.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Callable, Sequence
from timeit import Timer
from typing import Any

QUICK = "--quick" in sys.argv
"""Whether one call of everything is enough: that it runs is what is asked, not how fast."""

MILLION = 1_000_000

Function = Callable[[], Any]


def compare(subject: str, what: str, against: str, ours: Function, theirs: Function, **options: Any) -> None:
    """A row: our time and the peer's."""
    mine, others = alternating(ours, theirs, **options)
    row(subject, what, against, [b / a for a, b in zip(mine, others, strict=True)], duration(statistics.median(mine)))


def alternating(
    ours: Function, theirs: Function, *, rounds: int = 15, calls: int | None = None, times: int = 1
) -> tuple[list[float], list[float]]:
    """Seconds of the processor a call of each, a round a pair: what else the machine does slows both sides of a pair.

    Args:
        ours: what is called.
        theirs: what it is compared with.
        rounds: how often the two take turns.
        calls: calls of each in a round, where calling it is not the same each time; else as many as last 10 ms.
        times: what theirs counts for, where doing all of it would take too long.
    """
    timers = Timer(ours, timer=busy), Timer(theirs, timer=busy)
    for timer in timers:
        timer.timeit(1)  # what the first call makes is no part of what is measured
    many = [1 if QUICK else calls or _calls(timer) for timer in timers]
    taken: tuple[list[float], list[float]] = [], []
    for i in range(1 if QUICK else rounds):
        for side in (0, 1) if i % 2 == 0 else (1, 0):
            taken[side].append(timers[side].timeit(many[side]) / many[side])
    return taken[0], [times * seconds for seconds in taken[1]]


def busy() -> float:
    """Seconds that the processor has worked for this process and those it has started: not those it worked for others."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _calls(timer: Timer, span: float = 0.01) -> int:
    calls = 1
    while timer.timeit(calls) < span:
        calls *= 2
    return calls


def count(subject: str, what: str, against: str, ours: int, theirs: int, unit: str) -> None:
    """A row: two counts, which are what they are however busy the machine is."""
    row(subject, what, against, [theirs / ours], f"{ours:,} {unit}")


def row(subject: str, what: str, against: str, ratios: Sequence[float], ours: str) -> None:
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(json.dumps({"subject": subject, "what": what, "against": against, "ratio": [low, middle, high], "ours": ours}))


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def same(ours: Any, theirs: Any) -> None:
    """Two curves are only worth comparing where they are one: peers compute in float32, and lose the end of a cosine."""
    if abs(float(ours) - float(theirs)) > 2e-5 * abs(float(theirs)) + 1e-7:
        raise AssertionError(f"not the same curve: {float(ours)} and {float(theirs)}")
