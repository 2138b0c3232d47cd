"""Rules about the curve itself: jumps, rises, ends, and values that no rate may have."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.custom import Custom
from lrcore._families.linear import Linear
from lrcore._families.step_decay import MultiStep
from lrcore._schedule import Edge
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen

_CYCLES = ("restart", "low", "peak")


@rule(
    "error",
    why="An update with such a rate climbs the loss, or destroys the weights.",
    source="Every adapter of lrcore refuses it, in the middle of the run",
    fires=Plan(Linear(0.1, end=-0.01, steps=1_000), total=1_000),
    silent=Plan(Linear(0.1, end=0.0, steps=1_000), total=1_000),
)
def not_finite_or_negative(seen: Seen) -> Iterator[Note]:
    """A value is below 0, infinite or not a number."""
    step = next((step for step, rate in seen.pairs if not 0 <= rate < math.inf), None)
    if step is not None:
        # NaN is neither above nor below what it is clipped to
        fix = seen.schedule.clip(low=0.0) if all(map(math.isfinite, seen.rates)) else None
        yield Note(f"the rate of update {step:,} is {seen.at(step):.3g}.", (step,), fix)


@rule(
    "warning",
    why="Nothing is trained. Parameters that are to stay as they are need no gradients, and no memory of the optimizer.",
    source="An update is the rate times what the optimizer makes of the gradient",
    fires=Plan(Constant(0.0), total=1_000),
    silent=Plan(Constant(1e-30), total=1_000),
)
def zero_everywhere(seen: Seen) -> Iterator[Note]:
    """The rate is 0 at every update."""
    if not seen.peak:
        yield Note(f"the rate of all {seen.horizon:,} updates is 0.")


def _sides(seen: Seen, edge: Edge) -> tuple[float, float, float]:
    """The values two updates before an edge, one before it, and at it."""
    before = seen.at(edge.step - 1)
    return (seen.at(edge.step - 2) if edge.step > 1 else before), before, seen.at(edge.step)


@rule(
    "warning",
    why="A warmup that does not end where the next piece begins was made for another peak: the rate jumps or falls "
    "at once.",
    source="PyTorch's SequentialLR and Optax's join_schedules, which take each piece's own peak",
    fires=Plan(Linear(0.0, end=1e-3, steps=500).then(Cosine(5e-4, steps=9_500))),
    silent=Plan(Linear(0.0, end=1e-3, steps=500).then(Cosine(1e-3, steps=9_500))),
)
def warmup_misses_peak(seen: Seen) -> Iterator[Note]:
    """A rising piece ends more than a fifth below or above where the next piece begins."""
    for edge in seen.inside:
        if edge.kind not in ("piece", "warmup") or edge.step < 3:
            continue
        before, last, value = _sides(seen, edge)
        rise = last - before
        if rise > 0 and last + rise > 0.1 * seen.peak and abs(value - (last + rise)) > 0.2 * value + rise:
            note = f"the warmup ends with {last:.3g} at update {edge.step - 1:,}, and what follows begins with {value:.3g}."
            yield Note(note, (edge.step,))
            return


@rule(
    "warning",
    why="A sudden rise of the rate after a decay throws the run back; warm restarts and cycles mean it, a joined "
    "piece seldom does.",
    source="Goyal et al., Accurate, Large Minibatch SGD (arXiv:1706.02677), section 2.2, on why rates are raised gradually",
    fires=Plan(Cosine(0.1, steps=100).then(Constant(0.1), at=100)),
    silent=Plan(Cosine(0.1, steps=100).then(Constant(0.001), at=100)),
    unless="warmup-misses-peak",
)
def jump_up(seen: Seen) -> Iterator[Note]:
    """The value more than doubles at once, to more than a tenth of the peak, and no restart or cycle is named there."""
    for edge in seen.inside:
        if edge.kind in (*_CYCLES, "warmup"):
            continue
        before, last, value = _sides(seen, edge)
        if value > 2 * last and last >= 0 and value > 0.1 * seen.peak and value - last > 2 * abs(last - before):
            yield Note(f"the rate jumps from {last:.3g} to {value:.3g} at update {edge.step:,}.", (edge.step,))
            return


@rule(
    "info",
    why="A drop by a hundred leaves the last part of the run almost without effect; the published factors are 0.1 to 0.98.",
    source="He et al., Deep Residual Learning (arXiv:1512.03385), section 3.4",
    fires=Plan(MultiStep(0.1, milestones=[300, 600], factor=0.01), total=1_000),
    silent=Plan(MultiStep(0.1, milestones=[300, 600], factor=0.1), total=1_000),
)
def drop(seen: Seen) -> Iterator[Note]:
    """The value falls to less than a twentieth from one update to the next."""
    for edge in seen.inside:
        _, last, value = _sides(seen, edge)
        if last > 20 * value and last > 0.05 * seen.peak and edge.kind not in _CYCLES:
            yield Note(f"the rate falls from {last:.3g} to {value:.3g} at update {edge.step:,}.", (edge.step,))
            return


def _climbing(t: Any, xp: Any) -> Any:
    return 0.01 + 0.045 * (1 + xp.cos(xp.pi * t / 600))


def _holding(t: Any, xp: Any) -> Any:
    return 0.01 + 0.045 * (1 + xp.cos(xp.pi * xp.minimum(t, 600.0) / 600))


@rule(
    "warning",
    why="A formula that is periodic climbs again where the run is longer than it: what the decay gave is lost.",
    source="PyTorch's CosineAnnealingLR, which does so past T_max",
    fires=Plan(Custom(_climbing), total=1_000),
    silent=Plan(Custom(_holding), total=1_000),
    unless="warmup-misses-peak jump-up",
)
def rises_again(seen: Seen) -> Iterator[Note]:
    """After its peak the value rises by more than a hundredth of it, where no restart or cycle is named."""
    if seen.cyclic or any(edge.kind in ("restart", "low") for edge in seen.inside):
        return
    low, begin = math.inf, 0
    for step, rate in seen.pairs[bisect_right(seen.steps, seen.top) :]:
        if rate < low:
            low, begin = rate, step
        elif rate > low + 0.01 * seen.peak:
            high = max(seen.rates[bisect_left(seen.steps, step) :])
            yield Note(f"the rate is {low:.3g} at update {begin:,} and rises to {high:.3g}.", (begin, step))
            return
