"""What the machines share that draw programs at random: how many, and what they count.

`LRCORE_PROGRAMS=1000` has each machine draw so many programs, anew at every run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

MANY = int(os.environ.get("LRCORE_PROGRAMS", "0"))


def runs(operation: Any, most: int) -> Any:
    """Lists of up to so many operations: as many long ones as short ones, which Hypothesis's own lists are not."""
    return st.integers(1, most).flatmap(lambda length: st.lists(operation, min_size=length, max_size=length))


def draw(
    program: Callable[..., int], few: int, record: Callable[[str, object], None], label: str, **arguments: Any
) -> None:
    """Run `few` programs, or as many as are asked for; each gives the number of its updates, and the sum is reported."""
    counts: Counter[str] = Counter()

    @settings(max_examples=MANY or few)
    @given(**arguments)
    def run(**drawn: Any) -> None:
        counts.update(updates=program(**drawn), programs=1)

    run()
    record("programs", {label: dict(counts)})
