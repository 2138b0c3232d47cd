"""Rules about the peak: beside what the optimizer usually takes, the batch, and weights that are trained already."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrcore._compositions.warmup import Warmup
from lrcore._families.cosine import Cosine
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen

USUAL = {
    "adam": (1e-6, 1e-2),
    "adamw": (1e-6, 1e-2),
    "nadam": (1e-6, 1e-2),
    "radam": (1e-6, 1e-2),
    "sgd": (1e-4, 10.0),
    "adafactor": (1e-5, 5e-2),
    "lamb": (1e-4, 5e-2),
    "lars": (1e-2, 50.0),
    "rmsprop": (1e-5, 1.0),
    "lion": (1e-7, 3e-3),
    "muon": (1e-3, 1e-1),
    "prodigy": (1.0, 1.0),
    "dadaptation": (1.0, 1.0),
}
"""The peaks that published recipes have with an optimizer, with room on both sides."""

UNSETTLED = ("lion", "muon", "prodigy", "dadaptation")
"""Those of which there are few recipes, or which find the rate themselves, so that a schedule is a factor of 1."""


@rule(
    "warning",
    why="A peak for another optimizer was kept: SGD takes about a hundred times what Adam does, and Lion 3 to 10 "
    "times less than AdamW. Prodigy and D-Adaptation find the rate themselves, and want 1.",
    source="The peaks of 72 published recipes: Adam and AdamW 2e-5 to 0.01, SGD 0.006 to 3.2, Adafactor 0.001 to "
    "0.01, LAMB 0.005, LARS 4.8; Chen et al. (arXiv:2302.06675), section 4.1, for Lion",
    fires=Plan(Cosine(0.1, steps=10_000).warmup(100), total=10_000, optimizer="adamw"),
    silent=Plan(Cosine(0.1, steps=10_000).warmup(100), total=10_000, optimizer="sgd"),
)
def peak_range(seen: Seen) -> Iterator[Note]:
    """The peak is outside what is usual with the optimizer: info for Lion, Muon, Prodigy and D-Adaptation."""
    name = seen.plan.optimizer
    if name is None or name not in USUAL:
        return
    low, high = USUAL[name]
    if not low <= seen.peak <= high:
        usual = f"{low:g} to {high:g}" if low < high else f"{low:g}"
        way = "above" if seen.peak > high else "below"
        note = f"the peak, {seen.peak:.3g}, is {way} what {name} usually takes, {usual}."
        yield Note(note, (seen.top,), severity="info" if name in UNSETTLED else None)


@rule(
    "warning",
    why="A high rate in the first updates destroys what the weights know. Adapters such as LoRA, whose weights are "
    "new, take more: say pretrained=False for them.",
    source="Devlin et al., BERT (arXiv:1810.04805), appendix A.3: 2e-5 to 5e-5",
    fires=Plan(Cosine(2e-3, steps=1_000).warmup(60), total=1_000, optimizer="adamw", pretrained=True),
    silent=Plan(Cosine(2e-5, steps=1_000).warmup(60), total=1_000, optimizer="adamw", pretrained=True),
    unless="peak-range",
)
def finetune_peak(seen: Seen) -> Iterator[Note]:
    """Pretrained weights are trained with Adam's kind above 1e-3."""
    if seen.plan.pretrained and seen.adam and seen.peak > 1e-3:
        yield Note(f"the peak is {seen.peak:.3g}; fine-tuning takes 1e-5 to 1e-4.", (seen.top,))


@rule(
    "info",
    why="Which rule holds depends on the optimizer and on how noisy the gradients are: see `rescaled`, which applies one.",
    source="Goyal et al. (arXiv:1706.02677), the linear rule; Malladi et al. (arXiv:2205.10287), the square root for Adam",
    fires=Plan(Cosine(0.1, steps=10_000), total=10_000, batch=512, reference_batch=256),
    silent=Plan(Cosine(0.1, steps=10_000), total=10_000, batch=256, reference_batch=256),
)
def batch_scaling(seen: Seen) -> Iterator[Note]:
    """The batch is not the one that the peak was found at."""
    before, clock = seen.plan.reference_batch, seen.plan._samples
    if before is None or clock is None or clock.sizes[-1] == before:
        return
    ratio, peak = clock.sizes[-1] / before, seen.peak
    note = f"the peak, {peak:.3g}, is of batch {before:,}, and the batch is {clock.sizes[-1]:,}: by the linear rule it is "
    yield Note(f"{note}{peak * ratio:.3g}, by the square root {peak * math.sqrt(ratio):.3g}.")


@rule(
    "warning",
    why="The linear rule fails in the first updates, where the weights change fastest: large batches need a "
    "gradual warmup.",
    source="Goyal et al., Accurate, Large Minibatch SGD (arXiv:1706.02677), section 2.2: 5 epochs",
    fires=Plan(Cosine(3.2, steps=14_040), total=14_040, batch=8_192, optimizer="sgd", steps_per_epoch=156),
    silent=Plan(Cosine(3.2, steps=14_040).warmup(780), total=14_040, batch=8_192, optimizer="sgd", steps_per_epoch=156),
)
def large_batch_no_warmup(seen: Seen) -> Iterator[Note]:
    """SGD begins at its peak with batches above 512, or above eight times the batch that the peak was found at."""
    plan, clock = seen.plan, seen.plan._samples
    if plan.optimizer != "sgd" or clock is None or seen.warm or plan.pretrained:
        return
    if clock.sizes[0] <= min(512, 8 * (plan.reference_batch or 512)):
        return
    if seen.rates[0] < 0.999 * seen.peak:
        return
    n, total = seen.epoch, seen.total or seen.length
    fix = None
    if n and total and 5 * n < 0.2 * total and not isinstance(seen.schedule, Warmup):
        try:
            fix = seen.schedule.warmup(5 * n)
        except ValueError:
            fix = None
    yield Note(f"batch {clock.sizes[0]:,} begins at the peak, {seen.peak:.3g}.", (0,), fix)
