"""Rules about weight decay beside the rate: over how many updates AdamW's weights are an average."""

from __future__ import annotations

from collections.abc import Iterator

from lrcore._families.cosine import Cosine
from lrcore.advice._plan import DECOUPLED, Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen
from lrcore.theory import memory

_WANG = "Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size (arXiv:2405.13698)"

_MOST = 10_000_000
"""The updates of which each one's share can be computed."""


@rule(
    "info",
    why="AdamW's weights are a mean of its last updates. Over more updates than the run has, weight decay does "
    "nothing; over fewer than an epoch has, the weights forget samples before they see them again.",
    source=_WANG,
    fires=Plan(Cosine(1e-5, steps=10_000).warmup(600), total=10_000, optimizer="adamw", weight_decay=0.01),
    silent=Plan(Cosine(1e-3, steps=10_000).warmup(600), total=10_000, optimizer="adamw", weight_decay=0.5),
    unless="epochs-as-updates updates-as-epochs samples-as-updates accumulation",
)
def decay_memory(seen: Seen) -> Iterator[Note]:
    """With weight decay times the rate, the weights are a mean over more than the run, or over less than an epoch."""
    plan, curve = seen.plan, seen.in_updates
    if not plan.weight_decay or plan.optimizer not in DECOUPLED or plan.total is None or curve is None:
        return
    if plan.total > _MOST or not 0 < seen.peak * plan.weight_decay < 1:
        return
    try:
        found = memory(curve, plan.weight_decay, plan.total)
    except ModuleNotFoundError:
        return  # NumPy is missing, as it may be in a browser
    if found.timescale > plan.total or found.updates is None:
        lost = f"{100 * (1 - found.start):.2g}% of the initial weights"
        note = f"at the peak the weights are a mean over {found.timescale:,.3g} updates, of a run of {plan.total:,}: "
        yield Note(f"{note}weight decay {plan.weight_decay:g} forgets {lost}.")
    elif plan.epoch is not None and found.updates < plan.epoch < plan.total:
        yield Note(f"at the end the weights are a mean over {found.updates:,} updates, and an epoch has {plan.epoch:,}.")
