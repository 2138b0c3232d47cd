"""Rules about numbers: rates whose updates are rounded away, and rates that float32 cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterator

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
    felt = (seen.rates >= least) | (seen.rates == 0)  # a rate of 0 is another rule's
    share = 1 - float(seen.shares[felt].sum())
    if share > 0.5:
        step = _first_below(seen, felt)
        note = (
            f"{dtype} rounds changes of a weight of {WEIGHT} below {least:.2g} away, and for {100 * share:.3g}% of the run "
        )
        yield Note(f"{note}the rate is below that.", (step,))


def _first_below(seen: Seen, felt: object) -> int:
    """The first step, from the peak on, whose rate is not felt."""
    import numpy as np

    below = ~np.asarray(felt) & (seen.steps >= seen.top)
    return int(seen.steps[below.argmax()]) if below.any() else 0


@rule(
    "info",
    why="The values are the same number to a framework: the rate does not fall there, or is 0.",
    source="float32's smallest normal number is 1.2e-38",
    fires=Plan(Exponential(0.1, factor=0.9), total=5_000),
    silent=Plan(Exponential(0.1, factor=0.999), total=5_000),
)
def float32_collapse(seen: Seen) -> Iterator[Note]:
    """For more than 1% of the run neighbouring values above 0, and below the peak, are one number in float32."""
    import numpy as np

    rates = seen.rates
    with np.errstate(under="ignore"):
        single = rates.astype(np.float32)
    lost = (single[1:] == single[:-1]) & (rates[1:] != rates[:-1]) & (rates[1:] > 0) & (rates[1:] < 0.999 * seen.peak)
    share = float(seen.shares[1:][lost].sum())
    if share > 0.01:
        step = int(seen.steps[1:][lost.argmax()])
        yield Note(f"from update {step:,} on float32 has one value for many rates, below {seen.at(step):.2g}.", (step,))
