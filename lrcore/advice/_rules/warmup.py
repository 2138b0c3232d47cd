"""Rules about the beginning: warmups that are missing, too long, too short, or at rate 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lrcore._compositions.clock import PerEpoch
from lrcore._compositions.warmup import Warmup
from lrcore._families.cosine import Cosine
from lrcore._families.one_cycle import OneCycle
from lrcore._schedule import Schedule
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen

_MA = "Ma and Yarats, On the Adequacy of Untuned Warmup for Adaptive Optimization (arXiv:1910.04209)"
_XIONG = "Xiong et al., On Layer Normalization in the Transformer Architecture (arXiv:2002.04745)"
_ZOO = "Of 72 published recipes half warm up over 1% of the run or less, and nine tenths over 10% or less"


def _smooth(seen: Seen) -> Schedule | None:
    """The schedule with its epochs read at every update."""
    lr = seen.schedule
    return replace(lr, smooth=True) if isinstance(lr, PerEpoch) and not lr.smooth else None


@rule(
    "error",
    why="A whole epoch trains nothing, and costs as much as any other.",
    source="timm's schedulers, which start a warmup in epochs at warmup_lr=1e-5 and not at 0",
    fires=Plan(Cosine(0.1, steps=90).warmup(5).per_epoch(5_004), total=450_360, steps_per_epoch=5_004),
    silent=Plan(Cosine(0.1, steps=90).warmup(5, start=0.01).per_epoch(5_004), total=450_360, steps_per_epoch=5_004),
)
def zero_epoch(seen: Seen) -> Iterator[Note]:
    """The rate is 0 for the whole of the first epoch, where an epoch has more than one update."""
    epochs = [part.steps_per_epoch for part in seen.parts(PerEpoch)]
    n = seen.plan.epoch or (epochs[0] if epochs else None)
    if n is None or (n < 2 and seen.plan.stepped == "update"):
        return
    idle = n if seen.plan.stepped == "update" else 1
    if (
        idle <= seen.horizon
        and not seen.at(0)
        and not seen.at(idle - 1)
        and not any(rate for step, rate in seen.pairs if step < idle)
    ):
        fix = _smooth(seen)
        if seen.plan.stepped == "epoch" and isinstance(seen.schedule, Warmup):
            fix = replace(seen.schedule, start=seen.at(seen.schedule.steps) / (seen.schedule.steps + 1))
        yield Note(f"the first {n:,} updates, an epoch, have the rate 0.", (0, n - 1), fix)


@rule(
    "warning",
    why="A warmup of one or two stairs is a jump, which it was to avoid.",
    source="Goyal et al., Accurate, Large Minibatch SGD (arXiv:1706.02677), section 2.2: gradual, at every update",
    fires=Plan(Cosine(0.1, steps=90).warmup(2, start=0.01).per_epoch(5_004), total=450_360),
    silent=Plan(Cosine(0.1, steps=90).warmup(2, start=0.01).per_epoch(5_004, smooth=True), total=450_360),
)
def staircase_epochs(seen: Seen) -> Iterator[Note]:
    """A warmup of fewer than 3 epochs is held for each epoch, so that it has one or two stairs."""
    for epochs in seen.parts(PerEpoch):
        warmup = epochs.schedule
        if not epochs.smooth and isinstance(warmup, Warmup) and warmup.steps < 3 and epochs.steps_per_epoch > 1:
            yield Note(f"the warmup has {warmup.steps} stairs of {epochs.steps_per_epoch:,} updates.", (), _smooth(seen))
            return


@rule(
    "warning",
    why="Most of what the run can learn is learned near the peak: a long ramp takes it away. OneCycle means it, "
    "and is left out.",
    source=_ZOO,
    fires=Plan(Cosine(1e-3, steps=1_000).warmup(400), total=1_000),
    silent=Plan(Cosine(1e-3, steps=1_000).warmup(50), total=1_000),
    unless="epochs-as-updates updates-as-epochs samples-as-updates accumulation warmup-exceeds-run",
)
def long_warmup(seen: Seen) -> Iterator[Note]:
    """The warmup takes more than a fifth of the run."""
    total = seen.total or seen.length
    if total is None or not 0.2 * total < seen.warm < total - 1 or seen.parts(OneCycle) or seen.cyclic:
        return
    lr, fix = seen.schedule, None
    if isinstance(lr, Warmup):
        fix = replace(lr, steps=max(1, round(0.05 * total)))
    yield Note(f"the peak is reached at update {seen.warm:,}, {seen.share(seen.warm)} of the run.", (seen.warm,), fix)


@rule(
    "info",
    why="Fewer than 10 updates are next to none; a few epochs may have been meant.",
    source=_ZOO,
    fires=Plan(Cosine(1e-3, steps=39_000).warmup(5), total=39_000, steps_per_epoch=390),
    silent=Plan(Cosine(1e-3, steps=39_000).warmup(5 * 390), total=39_000, steps_per_epoch=390),
    unless="epochs-as-updates zero-epoch",
)
def short_warmup(seen: Seen) -> Iterator[Note]:
    """The warmup has fewer than 10 updates, in a run of more than 1,000."""
    if not 0 < seen.warm < 10 or (seen.total or seen.length or 0) <= 1_000 or seen.plan.stepped == "epoch":
        return
    n, lr, fix = seen.plan.epoch, seen.schedule, None
    if n and isinstance(lr, Warmup):
        fix = replace(lr, steps=lr.steps * n) if lr.steps * n < 0.2 * seen.horizon else None
    yield Note(f"the peak is reached at update {seen.warm:,}.", (seen.warm,), fix)


@rule(
    "warning",
    why="Adam's second moment knows nothing in its first updates, and a transformer's gradients are largest there: "
    "without a warmup many such runs diverge.",
    source=_XIONG,
    fires=Plan(Cosine(1e-3, steps=10_000), total=10_000, optimizer="adamw", model="transformer"),
    silent=Plan(Cosine(1e-3, steps=10_000).warmup(100), total=10_000, optimizer="adamw", model="transformer"),
    unless="epochs-as-updates updates-as-epochs",
)
def no_warmup(seen: Seen) -> Iterator[Note]:
    """A transformer that is not pretrained begins at its peak, with an optimizer of Adam's kind other than RAdam."""
    plan = seen.plan
    if plan.model != "transformer" or plan.pretrained or not seen.adam or plan.optimizer == "radam":
        return
    if seen.warm or seen.rates[0] < 0.999 * seen.peak:
        return
    total = seen.total or seen.length
    fix = None
    if total is not None and total >= 100:
        try:
            fix = seen.schedule.warmup(max(1, total // 100))
        except ValueError:  # it has a warmup or another clock
            fix = None
    yield Note(f"the first update has the peak, {seen.peak:.3g}, with {plan.optimizer}.", (0,), fix)


@rule(
    "info",
    why="Adam's second moment needs about 1/(1 - beta2) updates to be worth its name; twice that is the untuned warmup.",
    source=_MA,
    fires=Plan(Cosine(1e-3, steps=100_000).warmup(200), total=100_000, optimizer="adam", beta2=0.999),
    silent=Plan(Cosine(1e-3, steps=100_000).warmup(2_000), total=100_000, optimizer="adam", beta2=0.999),
    unless="short-warmup",
)
def warmup_too_short_for_beta2(seen: Seen) -> Iterator[Note]:
    """With Adam's kind, and weights that are not pretrained, the warmup has fewer than 1/(1 - beta2) updates."""
    beta2 = seen.plan.beta2
    if beta2 is None or not seen.adam or seen.plan.pretrained or not seen.warm or seen.plan.stepped == "epoch":
        return
    needed = 1 / (1 - beta2)
    if seen.warm >= 0.99 * needed or needed > 0.2 * (seen.total or 0):
        return
    note = f"the warmup has {seen.warm:,} updates; beta2 {beta2:g} averages over {needed:,.4g}, and {2 * needed:,.4g} is "
    yield Note(f"{note}the untuned warmup.", (seen.warm,))


@rule(
    "info",
    why="One update in the run trains nothing. Counting from 1, as some libraries do, starts at peak/n instead.",
    source="Transformers' and Megatron's warmups begin at 0, fairseq's and timm's above it",
    fires=Plan(Cosine(1e-3, steps=1_000).warmup(50), total=1_000),
    silent=Plan(Cosine(1e-3, steps=1_000).warmup(50, start=1e-3 / 51), total=1_000),
    unless="zero-epoch",
    optional=True,
)
def zero_first_update(seen: Seen) -> Iterator[Note]:
    """The first update has the rate 0."""
    if seen.at(0) == 0:
        yield Note("the first update has the rate 0.", (0,))
