"""The decision table: for each task and optimizer a schedule, why, when not, what to watch, and who has published it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.inverse import InverseSqrt
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle
from lrcore._families.polynomial import Polynomial
from lrcore._families.step_decay import MultiStep
from lrcore._schedule import Schedule
from lrcore._shorthands import noam, wsd
from lrcore.advice._budget import Budget
from lrcore.advice._corrected import digits
from lrcore.advice._plan import ADAM

PLAIN_ADAM = ("adam", "adamw", "nadam", "radam")
"""Where the recipes have Adam itself."""


class Run(NamedTuple):
    """What was answered: the budget and the batch, which the peak follows where a recipe says how."""

    budget: Budget
    batch: int
    optimizer: str


class Alternative(NamedTuple):
    """Another schedule, and when to take it."""

    when: str
    schedule: Schedule


@dataclass(frozen=True)
class Choice:
    """A row of the decision table.

    Args:
        task: what is trained.
        optimizers: the optimizers that it is for, its own first.
        make: the schedule of a run.
        why: the reasons.
        peak: where the peak is from, and how to move it.
        when_not: when to take something else.
        watch: what to look at in the run.
        recipes: the zoo's recipes that it follows.
        sources: papers beside those of the recipes.
        pretrained: whether it is for weights that are trained already.
        open: whether it is for a run whose length is not known; False for one that is.
        model: the kind of model.
        batch: the batch that the peak is given for.
        weight_decay: the optimizer's weight decay in those recipes.
        others: alternatives for a run.
    """

    task: str
    optimizers: tuple[str, ...]
    make: Callable[[Run], Schedule]
    why: str
    peak: str
    when_not: str
    watch: str
    recipes: tuple[str, ...]
    sources: tuple[str, ...] = ()
    pretrained: bool = False
    open: bool = False
    model: str = "transformer"
    batch: int = 256
    weight_decay: float | None = None
    others: Callable[[Run], tuple[Alternative, ...]] = lambda run: ()


def _short(value: float) -> float:
    return digits(value, 3)


def _total(run: Run) -> int:
    assert run.budget.total is not None
    return run.budget.total


_D2Z = "Bergsma et al., Straight to Zero (arXiv:2502.15938)"
_HAEGELE = "Haegele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations (arXiv:2405.18392)"
_CHINCHILLA = "Hoffmann et al., Training Compute-Optimal Large Language Models (arXiv:2203.15556), appendix B"

_LM_PEAK = "3e-4 is what models of about 7B parameters take; 6e-4 at 100M, 1e-4 at 70B."


def _lm_others(run: Run) -> tuple[Alternative, ...]:
    total = _total(run)
    warmup = run.budget.warmup(0.01)
    return (
        Alternative(
            "the lowest loss at just this length: on 124M models 0.027 below cosine to a tenth, at about the same peak",
            Linear(3e-4, end=0.0, steps=total).warmup(warmup),
        ),
        Alternative(
            "the run may get longer, or its checkpoints are to be trained on: its best peak is about half of a cosine's",
            wsd(1.5e-4, steps=total, warmup=warmup, cooldown=max(1, total // 5)),
        ),
    )


def _vision(make: Callable[[float, int], Schedule], peak: float, batch: int, epochs: float) -> Callable[[Run], Schedule]:
    """A schedule over the run's epochs, whose peak follows the batch, with a warmup of so many epochs."""

    def made(run: Run) -> Schedule:
        scaled = _short(peak * run.batch / batch)

        def whole(length: int, warmup: int) -> Schedule:
            lr = make(scaled, length)
            return lr.warmup(warmup) if warmup else lr

        return run.budget.schedule(whole, epochs)

    return made


def _resnet(run: Run) -> Schedule:
    epochs = run.budget.epochs
    if epochs is not None and epochs <= 30:
        return OneCycle(_short(0.1 * run.batch / 256), steps=_total(run))
    return _vision(lambda peak, steps: Cosine(peak, steps=steps), 0.1, 256, 5 if run.batch > 512 else 0)(run)


def _resnet_others(run: Run) -> tuple[Alternative, ...]:
    peak, total = _short(0.1 * run.batch / 256), _total(run)
    steps = [round(total * share) for share in (1 / 3, 2 / 3, 8 / 9)]
    return (Alternative("comparing with papers that drop by ten", MultiStep(peak, milestones=steps)),)


def _noam(run: Run) -> Schedule:
    """With the peak of 4,000 updates of warmup, also where the run has room for fewer."""
    total = run.budget.total
    warmup = 4_000 if total is None else run.budget.warmup(0.1, most=4_000)
    return noam(512, warmup=warmup, scale=_short((warmup / 4_000) ** 0.5))


def _t5(hold: int) -> Schedule:
    return Constant(0.01).then(InverseSqrt(0.01, timescale=hold), at=hold)


def _detection(run: Run) -> Schedule:
    total, peak = _total(run), _short(0.02 * run.batch / 16)
    warmup = run.budget.warmup(0.01, least=1_000)
    milestones = [round(total * share) - warmup for share in (2 / 3, 8 / 9)]
    return MultiStep(peak, milestones=milestones).warmup(warmup, start=_short(peak / 1000))


CHOICES: tuple[Choice, ...] = (
    Choice(
        "language-model",
        ADAM,
        lambda run: Cosine(3e-4, steps=_total(run), end=3e-5).warmup(run.budget.warmup(0.01)),
        why="A cosine to a tenth of its peak, over just the run's length, after a warmup over 1% of it: what most "
        "language models were trained with.",
        peak=_LM_PEAK,
        when_not="The length may change: a cosine has to know it. Take a constant rate with a cooldown then.",
        watch="The loss in the first updates after the warmup: spikes ask for a lower peak or a longer warmup, not "
        "for another shape.",
        recipes=("gpt3-175b", "pythia-160m", "llama-7b", "olmo2-1b"),
        sources=(_CHINCHILLA, _D2Z),
        weight_decay=0.1,
        batch=512,
        others=_lm_others,
    ),
    Choice(
        "language-model",
        ADAM,
        lambda run: Constant(3e-4).warmup(2_000),
        why="A rate that does not decay has no length to know. When the run is to end, `lr.cooldown(at=now, "
        "steps=now // 5)` takes the loss down to that of a cosine; without it the run goes on.",
        peak=_LM_PEAK + " With a cooldown the best peak is about half of a cosine's.",
        when_not="The length is known: a schedule that decays from the beginning ends lower.",
        watch="The loss before the cooldown looks bad beside a cosine's. It falls in the cooldown.",
        recipes=("minicpm-wsd", "smollm-135m", "wsd-1-sqrt"),
        sources=(_HAEGELE,),
        open=True,
        weight_decay=0.1,
        batch=512,
    ),
    Choice(
        "language-model",
        ("adafactor",),
        lambda run: _t5(10_000 if run.budget.total is None else min(10_000, max(1, run.budget.total // 10))),
        why="10,000 updates at 0.01, then an inverse square root, which needs no length: what T5 and PaLM were "
        "trained with.",
        peak="0.01 belongs to Adafactor's relative steps: it is no rate for Adam.",
        when_not="The length is known, and the lowest loss is wanted: a decay to the end does better.",
        watch="The loss at 10,000 updates, where the decay begins.",
        recipes=("t5", "palm-540b"),
        open=True,
        batch=128,
    ),
    Choice(
        "masked-language-model",
        ADAM,
        lambda run: Linear(2e-4, end=0.0, steps=_total(run)).warmup(run.budget.warmup(0.04)),
        why="A line to 0 after a warmup over some percent of the run: BERT's, RoBERTa's and their successors'.",
        peak="1e-4 for batches of 256 sequences, 5e-4 for those of 8,000.",
        when_not="The run may get longer.",
        watch="Divergence in the warmup: a longer one, or a lower peak.",
        recipes=("bert-base", "roberta-base"),
        weight_decay=0.01,
    ),
    Choice(
        "fine-tuning",
        ADAM,
        lambda run: Linear(2e-5, end=0.0, steps=_total(run)).warmup(run.budget.warmup(0.06)),
        why="Weights that are trained already want small steps: a short warmup, then a line to 0, over 2 to 5 epochs.",
        peak="1e-5 to 5e-5; with adapters such as LoRA, whose weights are new, 1e-4 to 3e-4.",
        when_not="Only a new last layer is trained: then the rates of training from scratch hold.",
        watch="The validation loss after each epoch: it turns early. A layer-wise decay of rates helps where it does.",
        recipes=("bert-fine-tuning", "alpaca-7b"),
        sources=("Mosbach et al., On the Stability of Fine-tuning BERT (arXiv:2006.04884)",),
        pretrained=True,
        batch=32,
        weight_decay=0.01,
    ),
    Choice(
        "fine-tuning",
        ("adafactor",),
        lambda run: Constant(1e-3),
        why="T5 is fine-tuned at a constant rate.",
        peak="1e-3, with Adafactor's relative steps off.",
        when_not="Another optimizer: 1e-3 destroys what the weights know.",
        watch="The validation metric: nothing else says when to stop.",
        recipes=("t5-fine-tuning",),
        pretrained=True,
        open=True,
        batch=128,
    ),
    Choice(
        "fine-tuning",
        ("sgd",),
        lambda run: Cosine(_short(0.003 * run.batch / 512), steps=_total(run)).warmup(run.budget.warmup(0.05)),
        why="A cosine to 0 after a short warmup, without weight decay: how vision transformers are fine-tuned.",
        peak="0.001 to 0.03 for batches of 512: try three.",
        when_not="AdamW was the optimizer of the training: keep it.",
        watch="The validation accuracy of the three peaks after a tenth of the run.",
        recipes=("vit-fine-tuning",),
        pretrained=True,
        batch=512,
    ),
    Choice(
        "image-classification",
        ("sgd",),
        _resnet,
        why="SGD with momentum 0.9 and a cosine to 0: a peak of 0.1 for batches of 256, in proportion to the "
        "batch, with 5 epochs of warmup above 512. A OneCycle where there are 30 epochs or fewer.",
        peak="0.1 x batch/256, to a batch of about 8,000 (the linear rule).",
        when_not="A vision transformer: it wants AdamW.",
        watch="The accuracy jumps at the end of the decay: earlier epochs say little about the last.",
        recipes=("resnet50-goyal", "resnet50-8k", "resnet50-v2", "super-convergence"),
        sources=("Goyal et al., Accurate, Large Minibatch SGD (arXiv:1706.02677)",),
        model="convnet",
        weight_decay=1e-4,
        others=_resnet_others,
    ),
    Choice(
        "image-classification",
        ADAM,
        _vision(lambda peak, steps: Cosine(peak, steps=steps, end=1e-5), 1e-3, 1_024, 10),
        why="Vision transformers and their kin take AdamW, a cosine to almost 0, and a warmup of 5 to 20 epochs of 300.",
        peak="1e-3 x batch/1024.",
        when_not="A plain convolutional network: SGD does as well, for less memory.",
        watch="The first epochs after the warmup. With strong augmentation the training loss says little.",
        recipes=("deit", "swin-t", "convnext"),
        weight_decay=0.05,
        batch=1_024,
    ),
    Choice(
        "image-classification",
        ("lamb",),
        _vision(lambda peak, steps: Cosine(peak, steps=steps, end=1e-6), 5e-3, 2_048, 5),
        why="LAMB with a cosine over 300 epochs and 5 of warmup: the A2 recipe of ResNet strikes back.",
        peak="5e-3 for batches of 2,048.",
        when_not="Small batches: LAMB is for large ones.",
        watch="The rate of each layer's norm, where the optimizer tells it.",
        recipes=("resnet50-rsb-a2",),
        model="convnet",
        weight_decay=0.02,
        batch=2_048,
    ),
    Choice(
        "detection",
        ("sgd",),
        _detection,
        why="A warmup of 1,000 updates, then the rate drops by ten at two thirds and eight ninths of the run.",
        peak="0.02 x batch/16.",
        when_not="A detector of DETR's kind: AdamW at 1e-4, with a tenth of that for the backbone.",
        watch="The losses of the heads in the warmup; the metric at each drop.",
        recipes=("faster-rcnn-1x", "faster-rcnn-3x"),
        pretrained=True,
        model="convnet",
        batch=16,
        weight_decay=1e-4,
    ),
    Choice(
        "detection",
        ADAM,
        lambda run: MultiStep(1e-4, milestones=[max(1, round(_total(run) * 2 / 3))]),
        why="DETR: 1e-4, a tenth of it for the backbone, and one drop at two thirds of the run.",
        peak="1e-4 for batches of 64, whatever the batch.",
        when_not="An anchor-based detector: SGD.",
        watch="The gradient norm, which is clipped at 0.1.",
        recipes=("detr",),
        pretrained=True,
        batch=64,
        weight_decay=1e-4,
    ),
    Choice(
        "segmentation",
        ("sgd",),
        lambda run: Polynomial(_short(0.007 * run.batch / 16), steps=_total(run), power=0.9),
        why="The 'poly' schedule: almost a line to 0, from a pretrained backbone.",
        peak="0.007 x batch/16, ten times that for a new head.",
        when_not="A transformer backbone: AdamW at 6e-5 and a linear decay.",
        watch="The intersection over union on whole images, not on crops.",
        recipes=("deeplab-v3",),
        pretrained=True,
        model="convnet",
        batch=16,
        weight_decay=1e-4,
    ),
    Choice(
        "self-supervised-images",
        ADAM,
        _vision(lambda peak, steps: Cosine(peak, steps=steps), 1.5e-4, 256, 10),
        why="Masked and contrastive learning of images: a cosine to 0 over 100 to 1,600 epochs, a twentieth to a "
        "tenth of them warmup.",
        peak="1.5e-4 x batch/256.",
        when_not="SimCLR with LARS: 0.3 x batch/256.",
        watch="A probe on frozen features: the loss itself hardly tells.",
        recipes=("mae-vit-l", "dino-vit-s"),
        batch=4_096,
        weight_decay=0.05,
    ),
    Choice(
        "image-text",
        ADAM,
        lambda run: Cosine(5e-4, steps=_total(run)).warmup(run.budget.warmup(0.02, least=2_000, most=10_000)),
        why="CLIP and its successors: a cosine to 0 after 2,000 to 10,000 updates of warmup.",
        peak="4e-4 for the largest models, 1e-3 for small ones.",
        when_not="Pretrained towers: a tenth of the rate for them.",
        watch="The temperature, which is to be kept from exploding.",
        recipes=("clip-vit-l14", "clip-cc12m"),
        batch=1_024,
        weight_decay=0.2,
    ),
    Choice(
        "diffusion",
        ADAM,
        lambda run: (
            Constant(1e-4) if run.budget.total is None else Constant(1e-4).warmup(run.budget.warmup(0.01, most=10_000))
        ),
        why="A constant rate, and an average of the weights that takes the part of a decay.",
        peak="1e-4, for batches of 256 to 2,048.",
        when_not="The weights are not averaged: decay then.",
        watch="Samples of the averaged weights: the loss hardly moves.",
        recipes=("dit-xl2", "stable-diffusion-v1"),
        open=True,
        weight_decay=0.0,
        model="diffusion",
    ),
    Choice(
        "speech",
        PLAIN_ADAM,
        lambda run: Linear(5e-4, end=0.0, steps=_total(run)).warmup(run.budget.warmup(0.08)),
        why="A line to 0 after a warmup over 8% of the run.",
        peak="5e-4 for base models; Whisper has 1.5e-3 for tiny and 1.75e-4 for large ones.",
        when_not="Fine-tuning: hold the rate for a while before it decays.",
        watch="The loss of the first updates: contrastive objectives collapse there.",
        recipes=("wav2vec2-base", "whisper-large"),
    ),
    Choice(
        "translation",
        PLAIN_ADAM,
        _noam,
        why="A warmup of 4,000 updates and an inverse square root: no length is needed.",
        peak="7e-4 for a width of 512: it falls with the square root of the width, by the formula.",
        when_not="The length is known: a linear or cosine decay ends lower.",
        watch="Divergence at the end of the warmup, where the rate is highest.",
        recipes=("transformer-base", "transformer-fairseq"),
        open=True,
        batch=4_096,
    ),
    Choice(
        "reinforcement-learning",
        PLAIN_ADAM,
        lambda run: Linear(2.5e-4, end=0.0, steps=_total(run)),
        why="PPO's own: a line to 0 over the run, in rollouts or updates.",
        peak="2.5e-4 on Atari, 3e-4 on control.",
        when_not="The environment changes in the run: keep a rate then.",
        watch="The KL divergence of each update.",
        recipes=("ppo-atari",),
        model="other",
    ),
    Choice(
        "other",
        ADAM,
        lambda run: Cosine(3e-4, steps=_total(run)).warmup(run.budget.warmup(0.02)),
        why="What most recipes have in common: a short warmup, one decay, to 0, at the end of the run.",
        peak="3e-4 is near the median of the zoo's recipes with Adam and AdamW, 4e-4: find yours with a sweep.",
        when_not="The length is not known.",
        watch="Three peaks, a factor of three apart, over a tenth of the run: the choice among shapes matters less.",
        recipes=("vit-s16", "whisper-large"),
        model="other",
    ),
    Choice(
        "other",
        ADAM,
        lambda run: Constant(3e-4).warmup(1_000),
        why="Without a length there is nothing to decay over. `lr.cooldown(at=now, steps=now // 5)` when the run "
        "is to end; or a plateau where nobody watches: see the page on plateaus.",
        peak="3e-4 is near the median of the zoo's recipes with Adam and AdamW, 4e-4: find yours with a sweep.",
        when_not="The length is known after all.",
        watch="The validation metric: when it stalls, cool down.",
        recipes=("wsd-1-sqrt",),
        sources=(_HAEGELE,),
        open=True,
        model="other",
    ),
    Choice(
        "other",
        ("sgd",),
        lambda run: Cosine(0.05, steps=_total(run)).warmup(run.budget.warmup(0.02)),
        why="What most recipes have in common: a short warmup, one decay, to 0, at the end of the run.",
        peak="0.05 is near the median of the zoo's SGD recipes: find yours with a sweep.",
        when_not="The length is not known.",
        watch="Three peaks, a factor of three apart, over a tenth of the run.",
        recipes=("resnet50-v2", "sgdr"),
        model="other",
    ),
    Choice(
        "other",
        ("sgd",),
        lambda run: Constant(0.05).warmup(1_000),
        why="Without a length there is nothing to decay over. `lr.cooldown(at=now, steps=now // 5)` when the run "
        "is to end, or a plateau where nobody watches.",
        peak="0.05 is near the median of the zoo's SGD recipes: find yours with a sweep.",
        when_not="The length is known after all.",
        watch="The validation metric: when it stalls, cool down.",
        recipes=("resnet-cifar10",),
        sources=(_HAEGELE,),
        open=True,
        model="other",
    ),
)
"""The rows, of which the first that fits is taken."""

TASKS: tuple[str, ...] = tuple(dict.fromkeys(choice.task for choice in CHOICES))
"""What `choose` knows the recipes of."""
