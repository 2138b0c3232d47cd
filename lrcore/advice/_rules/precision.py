"""Rules about numbers: rates whose updates are rounded away, and rates that float32 cannot tell apart."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise

from lrcore._families.cosine import Cosine
from lrcore._families.exponential import Exponential
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen

HALF_ULP = {"float32": 2.0**-25, "float16": 2.0**-12, "bfloat16": 2.0**-9}
"""The least change of a weight, beside the weight, that is not rounded away at the top of a power of two."""

WEIGHT = 0.02
"""The size of a weight that the rules go by: what BERT, GPT-2 and most transformers are initialised with."""


@rule(
    "warning",
    why="An update of Adam's kind changes each weight by about the rate. Where that is under half of what the "
    "number format can tell apart, the weight stays what it was. Keep a float32 copy of the parameters, or "
    "round at random.",
    source="Zamirai et al., Revisiting BFloat16 Training (arXiv:2010.06192), on why the weight update is the bottleneck",
    fires=Plan(Cosine(2e-5, steps=1_000).warmup(60), total=1_000, optimizer="adamw", dtype="bfloat16"),
    silent=Plan(Cosine(2e-5, steps=1_000).warmup(60), total=1_000, optimizer="adamw", dtype="float32"),
)
def update_rounds_away(seen: Seen) -> Iterator[Note]:
    """For more than half of the run, with Adam's kind or Lion, parameters of 0.02 cannot feel the rate in their format."""
    dtype = seen.plan.dtype
    if dtype is None or not (seen.adam or seen.plan.optimizer == "lion"):
        return
    least = HALF_ULP[dtype] * WEIGHT
    felt = [rate >= least or not rate for rate in seen.rates]  # a rate of 0 is another rule's
    share = 1 - math.fsum(compress(seen.shares, felt))
    if share > 0.5:
        step = _first_below(seen, felt)
        note = (
            f"{dtype} rounds changes of a weight of {WEIGHT} below {least:.2g} away, and for {100 * share:.3g}% of the run "
        )
        yield Note(f"{note}the rate is below that.", (step,))


def _first_below(seen: Seen, felt: Sequence[bool]) -> int:
    """The first step, from the peak on, whose rate is not felt."""
    return next((step for step, one in zip(seen.steps, felt, strict=True) if not one and step >= seen.top), 0)


@rule(
    "info",
    why="The values are the same number to a framework: the rate does not fall there, or is 0.",
    source="float32's smallest normal number is 1.2e-38",
    fires=Plan(Exponential(0.1, factor=0.9), total=5_000),
    silent=Plan(Exponential(0.1, factor=0.999), total=5_000),
)
def float32_collapse(seen: Seen) -> Iterator[Note]:
    """For more than 1% of the run neighbouring values above 0, and below the peak, are one number in float32."""
    below, pairs = 0.999 * seen.peak, zip(pairwise(seen.rates), pairwise(array("f", seen.rates)), strict=True)
    lost = [before != rate and 0 < rate < below and single == other for (before, rate), (single, other) in pairs]
    share = math.fsum(compress(seen.shares[1:], lost))
    if share > 0.01:
        step = seen.steps[1 + lost.index(True)]
        yield Note(f"from update {step:,} on float32 has one value for many rates, below {seen.at(step):.2g}.", (step,))
