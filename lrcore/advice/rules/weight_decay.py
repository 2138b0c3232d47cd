"""Rules about weight decay beside the rate: over how many updates AdamW's weights are an average."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrcore._families.cosine import Cosine
from lrcore.advice.plan import Plan
from lrcore.advice.rule import Note, rule
from lrcore.advice.seen import Seen

_WANG = "Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size (arXiv:2405.13698)"
_DECOUPLED = ("adamw", "lion", "lamb")


def memory(seen: Seen) -> float | None:
    """The last updates of the run over which rate times weight decay adds up to 1, or None where the run is too short.

    AdamW's weights are a mean of past updates, with weights that fall to 1/e over these.
    """
    import numpy as np

    decay, total = seen.plan.weight_decay, seen.plan.total
    assert decay is not None
    assert total is not None
    updates = seen.shares * total
    # From the end: how much of the sum is behind each step
    sums = np.cumsum((seen.rates * decay * updates)[::-1])
    if sums[-1] < 1:
        return None
    i = int(np.searchsorted(sums, 1.0))
    counted = np.cumsum(updates[::-1])
    before = float(sums[i - 1]) if i else 0.0
    part = (1.0 - before) / float(sums[i] - before)
    return float(counted[i] - (1 - part) * updates[::-1][i])


@rule(
    "info",
    why="AdamW's weights are a mean of its last updates. Over more updates than the run has, weight decay does "
    "nothing; over fewer than an epoch has, the weights forget samples before they see them again.",
    source=_WANG,
    fires=Plan(Cosine(1e-5, steps=10_000).warmup(600), total=10_000, optimizer="adamw", weight_decay=0.01),
    silent=Plan(Cosine(1e-3, steps=10_000).warmup(600), total=10_000, optimizer="adamw", weight_decay=0.5),
)
def decay_memory(seen: Seen) -> Iterator[Note]:
    """With weight decay times the rate, the weights are a mean over more than the run, or over less than an epoch."""
    plan = seen.plan
    if not plan.weight_decay or plan.optimizer not in _DECOUPLED or plan.total is None or not seen.peak:
        return
    updates = memory(seen)
    if updates is None:
        shrunk = -100 * math.expm1(-float((seen.rates * seen.shares).sum()) * plan.total * plan.weight_decay)
        note = f"at the peak the weights are a mean over {1 / (seen.peak * plan.weight_decay):,.3g} updates, of a run of "
        yield Note(f"{note}{plan.total:,}: weight decay {plan.weight_decay:g} shrinks a weight by {shrunk:.2g}% in all.")
    elif plan.epoch is not None and updates < plan.epoch < plan.total:
        yield Note(f"at the end the weights are a mean over {updates:,.3g} updates, and an epoch has {plan.epoch:,}.")
