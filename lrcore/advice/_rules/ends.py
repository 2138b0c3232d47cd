"""Rules about where the rate ends: too early at next to nothing, too high, too low."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lrcore._families.cosine import Cosine
from lrcore._families.exponential import Exponential, Geometric
from lrcore._families.one_cycle import OneCycle
from lrcore._families.step_decay import StepDecay
from lrcore.advice._corrected import in_epochs
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen


@rule(
    "warning",
    why="Below a ten-thousandth of the peak nothing is learned in practice: that part of the run is paid for and unused.",
    source="Of 72 published recipes, SGDR's alone has more than 5% of its run there",
    fires=Plan(Exponential(0.1, factor=0.9), total=1_000),
    silent=Plan(Exponential(0.1, factor=0.995), total=1_000),
    unless="epochs-as-updates accumulation dead-tail cut-cycle",
)
def zero_too_early(seen: Seen) -> Iterator[Note]:
    """After the peak, the value stays below a ten-thousandth of it for more than 5% of the run."""
    step = next((after for (after, _), (_, rate) in pairwise(reversed(seen.pairs)) if rate >= seen.peak / 1e4), None)
    if step is None or seen.last >= seen.peak / 1e4:
        return
    if seen.horizon - step <= 0.05 * seen.horizon or seen.total is None:
        return
    rest = seen.share(seen.horizon - step)
    note = f"from update {step:,} on, for {rest} of the run, the rate is below {seen.peak / 1e4:.3g}."
    n = seen.plan.epoch
    fix = None
    if any(seen.parts(kind) for kind in (Exponential, StepDecay)):
        in_run = in_epochs(seen.schedule, n) if n and seen.plan.stepped == "update" else None
        fix = in_run or Geometric(seen.peak, end=seen.peak / 1000, steps=seen.total)
    yield Note(note, (step,), fix)


@rule(
    "info",
    why="Published runs decay to 0 or to a tenth of the peak, a few to a hundredth or less; an end of a third "
    "leaves most of the decay's gain.",
    source="Of 49 published recipes with an end, 24 have 0, 17 a tenth, and the others less than that",
    fires=Plan(Cosine(1e-3, steps=10_000, end=4e-4), total=10_000),
    silent=Plan(Cosine(1e-3, steps=10_000, end=1e-4), total=10_000),
    unless="ends-late ends-early updates-as-epochs cut-cycle",
)
def high_end(seen: Seen) -> Iterator[Note]:
    """The schedule ends with the run, between 15% of its peak and half of it."""
    if seen.total and seen.total > 1_000 and seen.length is not None and seen.decays and seen.last > 0.15 * seen.peak:
        note = f"the rate ends at {seen.last:.3g}, {100 * seen.last / seen.peak:.3g}% of the peak."
        yield Note(note, (seen.total - 1,))


@rule(
    "info",
    why="It is as good as 0, and reads like a mistake in the exponent: write end=0, or the tenth or hundredth that "
    "was meant.",
    source="Of 25 published recipes with an end above 0, the lowest is 2.5e-4 of the peak",
    fires=Plan(Cosine(1e-3, steps=10_000, end=1e-9), total=10_000),
    silent=Plan(Cosine(1e-3, steps=10_000, end=1e-6), total=10_000),
)
def low_end(seen: Seen) -> Iterator[Note]:
    """The schedule ends above 0, and below a hundred-thousandth of its peak; a OneCycle has a rule of its own."""
    if seen.length is None or seen.length > (seen.total or seen.length) or seen.parts(OneCycle):
        return
    end = seen.at(seen.length)
    if 0 < end < 0.99e-5 * seen.peak:
        yield Note(f"the rate ends at {end:.3g}, which is {end / seen.peak:.2g} of the peak.", (seen.length,))


@rule(
    "info",
    why="The last part of the cycle is below what float32 weights can feel: a smaller cycle at a useful rate is "
    "thrown away.",
    source="fastai and PyTorch end at a 10,000th of the first rate, 250,000 times below the peak",
    fires=Plan(OneCycle(0.1, steps=10_000, final_div_factor=1e6), total=10_000),
    silent=Plan(OneCycle(0.1, steps=10_000), total=10_000),
)
def one_cycle_div(seen: Seen) -> Iterator[Note]:
    """A OneCycle ends more than a million times below its peak."""
    for cycle in seen.parts(OneCycle):
        ratio = cycle.div_factor * cycle.final_div_factor
        if ratio > 1e6:
            yield Note(f"the cycle ends at {cycle.peak / ratio:.3g}, {ratio:,.4g} times below its peak.")
            return
