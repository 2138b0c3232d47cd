"""Rules for a metric that stalls, and metrics that try them: ties, values at the margin, NaN, infinities, long plateaus."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from lrcore.plateau import Plateau

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text())["cases"]
"""What other libraries computed, with their arguments."""

DEEP = settings().max_examples >= 2_000
"""Whether these are the many examples of `--hypothesis-profile=deep`."""


def examples(few: int, many: int = 10_000) -> settings:
    """So many examples, and many more where they are to be deep."""
    return settings(max_examples=many if DEEP else few)


fractions = st.sampled_from([0.1, 0.5]) | st.floats(0.05, 0.95)
patiences = st.integers(0, 4)
margins = st.sampled_from([0.0, 1e-4, 0.01, 0.1, 0.5])
waits = st.integers(0, 3)
modes = st.sampled_from(["min", "max"])


@st.composite
def metrics(draw: Any, *, finite: bool = False, single: bool = False, size: int = 30) -> list[float]:
    """Reports that go up and down by the margins above, and by one digit of the last place more or less."""
    value = draw(st.sampled_from([1.0, -1.0, 0.1, 3.7, 1e-3]))
    rounded = _single if single else float
    reports = []
    for kind in draw(st.lists(st.integers(0, 11), min_size=3, max_size=size)):
        if kind == 11 and not finite:
            reports.append(draw(st.sampled_from([math.nan, math.inf, -math.inf])))
            continue
        if kind > 7:
            value *= draw(st.sampled_from([0.9999, 0.99, 0.9, 0.5, 1.0001, 1.01, 1.1]))
        elif kind > 4:
            value -= draw(st.sampled_from([1e-4, 0.01, 0.1, -1e-4, -0.01, -0.1]))
        elif kind > 3:
            value = math.nextafter(value, draw(st.sampled_from([-math.inf, math.inf])))
        value = rounded(value)
        reports.append(value)
    return reports


def _single(x: float) -> float:
    import numpy as np

    return float(np.float32(x))


def random_rule(chance: Random) -> Plateau:
    """A rule with any fields."""
    pick = chance.choice
    fields: dict[str, Any] = {
        "factor": pick([0.1, 0.5, chance.uniform(0.05, 0.95)]),
        "patience": chance.randint(0, 3),
        "mode": pick(["min", "max"]),
        "rtol": pick([0.0, 1e-4, 0.01, chance.random()]),
        "atol": pick([0.0, 1e-3, 0.1]),
        "cooldown": chance.randint(0, 2),
        "floor": pick([0.0, 0.01, 0.2]),
        "window": pick([1, 1, 3, 10]),
        "divergence": pick([None, 1.5, 4.0]),
        "margin": pick(["factor", "difference", "report"]),
        "smallest": pick([0.0, 0.0, 1e-3]),
        "always_from": pick([0, 0, 0, 40]),
    }
    fields |= {name: chance.random() < 0.3 for name in ("signed", "infinite_is_best", "float32")}
    fields |= {name: chance.random() < 0.7 for name in ("learn_in_cooldown", "in_a_row")}
    if chance.random() < 0.3:
        fields |= {"raise_by": pick([2.0, 1.1]), "ceiling": pick([None, 1.0, 2.0]), "rest": 1, "restart": pick([0, 2])}
    if fields["window"] == 1:
        fields |= {"moving": pick([1, 1, 3]), "first_is_best": chance.random() < 0.3}
    if fields["mode"] == "min" and chance.random() < 0.2:
        fields |= {"previous": True, "sticky": chance.random() < 0.3}
    return Plateau(**fields)


def random_metrics(chance: Random, size: int) -> list[float]:
    """Reports that float32 holds exactly."""
    value, reports = chance.choice([1.0, -1.0, 0.1, 250.0]), []
    while len(reports) < size:
        kind = chance.random()
        if kind < 0.05:
            reports.append(chance.choice([math.nan, math.inf, -math.inf]))
        elif kind < 0.1:
            reports += [value] * chance.randint(2, 12)
        else:
            value = _single(value * chance.choice([1, 0.999, 0.9999, 0.99, 1.01]) - chance.choice([0, 0, 1e-3, 0.1, -0.1]))
            reports.append(value)
    return reports[:size]


def scales(rule: Plateau, reports: list[float]) -> list[float]:
    """The scale after each report."""
    state, found = rule.start(), []
    for report in reports:
        state = rule.update(state, report)
        found.append(state.scale)
    return found
