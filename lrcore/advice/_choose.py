"""`choose`: one recommended plan, with its reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from lrcore._arguments import COUNT, as_number, chosen, nearest, refuse
from lrcore._catalogue import CALLS
from lrcore._families.constant import Constant
from lrcore._schedule import Schedule
from lrcore.advice._budget import Budget, budget_of
from lrcore.advice._choices import CHOICES, TASKS, Alternative, Choice, Run
from lrcore.advice._plan import Plan
from lrcore.zoo import RECIPES, Recipe

FRAMEWORKS = ("torch", "keras", "optax")
"""What `code` can be written for."""


@dataclass(frozen=True)
class Recommendation:
    """One plan, and why.

    Args:
        task: what it is for.
        plan: the plan.
        why: the reasons.
        peak: where the peak is from, and how to move it.
        when_not: when to take something else.
        watch: what to look at in the run.
        recipes: the published recipes that it follows.
        sources: papers besides.
        alternatives: other schedules for the same run, and when to take them.
        notes: what was asked for and is not in the recipes.
    """

    task: str
    plan: Plan
    why: str
    peak: str
    when_not: str
    watch: str
    recipes: tuple[Recipe, ...]
    sources: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    notes: tuple[str, ...]

    @property
    def schedule(self) -> Schedule:
        """The recommended schedule."""
        return self.plan.schedule

    def code(self, framework: str) -> str:
        """A program's lines for "torch", "keras" or "optax".

        Raises:
            ValueError: the framework is not one of these.
        """
        chosen("Recommendation.code", "framework", framework, FRAMEWORKS)
        return _WRITERS[framework](self.plan)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-ready data."""
        return {
            "task": self.task,
            "plan": repr(self.plan),
            "schedule": repr(self.schedule),
            "why": self.why,
            "peak": self.peak,
            "when_not": self.when_not,
            "watch": self.watch,
            "recipes": [{"name": one.name, "schedule": repr(one.schedule), "source": one.source} for one in self.recipes],
            "sources": list(self.sources),
            "alternatives": [{"when": one.when, "schedule": repr(one.schedule)} for one in self.alternatives],
            "notes": list(self.notes),
            "code": {framework: self.code(framework) for framework in FRAMEWORKS},
        }

    def __str__(self) -> str:
        told = [repr(self.schedule), "", self.why, f"Peak: {self.peak}", f"Not if: {self.when_not}", f"Watch: {self.watch}"]
        told += [f"As in {recipe.title}: {recipe.schedule!r} ({recipe.source})" for recipe in self.recipes]
        told += [f"Source: {source}" for source in self.sources]
        told += [f"Or, if {one.when}: {one.schedule!r}" for one in self.alternatives]
        return "\n".join([*told, *self.notes])

    def _repr_html_(self) -> str:
        """The curve and the reasons, as notebooks show it."""
        lines = "".join(f"<p>{escape(line)}</p>" for line in str(self).splitlines()[2:])
        return f"{self.plan._repr_html_()}{lines}"


def choose(
    task: str,
    *,
    optimizer: str | None = None,
    budget: Any = None,
    pretrained: bool = False,
    batch: int | None = None,
) -> Recommendation:
    """Recommend one plan for a run, after published recipes.

    Args:
        task: what is trained: a name of `lrcore.advice.TASKS`.
        optimizer: the optimizer; by default that of the recipes.
        budget: the run's updates, as 100_000; its epochs and the updates of one, as "90 epochs of 5_004" or (90, 5_004); or
            "open" or None where it is not known.
        pretrained: whether the weights are trained already.
        batch: the samples of one update; by default those of the recipes. Where the recipes say how, the peak follows it.

    Raises:
        ValueError: the task or the optimizer is not known, or a number is out of range.

    >>> found = choose("image-classification", budget="90 epochs of 1_252", batch=1_024)
    >>> found.schedule
    Cosine(0.4, steps=90).warmup(5).per_epoch(1252, smooth=True)
    >>> [recipe.title for recipe in found.recipes][:2]
    ['ResNet-50, batch of 256 (Goyal)', 'ResNet-50, batch of 8,192 (Goyal)']
    """
    if not isinstance(task, str) or task not in TASKS:
        raise ValueError(f"choose knows no task {task!r}{nearest(task, TASKS)} It knows {', '.join(TASKS)}.")
    if pretrained not in (True, False):
        refuse("choose", "pretrained", "True or False", pretrained, kind=True)
    size = None if batch is None else as_number("choose", "batch", batch, COUNT)
    given = budget_of("choose", budget)
    name = Plan(Constant(1.0), optimizer=optimizer).optimizer  # which checks it
    notes: list[str] = []
    choice = _row(task, name, given, pretrained, notes)
    run = Run(given, size or choice.batch, name or choice.optimizers[0])
    if size is not None and not 1 / 16 <= size / choice.batch <= 16:
        notes.append(f"The recipes have batches of about {choice.batch:,}: a peak for {size:,} is far from what is known.")
    lr = choice.make(run)
    plan = Plan(
        lr,
        total=given.total,
        steps_per_epoch=given.steps_per_epoch,
        batch=size,
        optimizer=run.optimizer,
        weight_decay=choice.weight_decay if run.optimizer in choice.optimizers[:1] else None,
        model=choice.model,
        pretrained=pretrained or choice.pretrained,
    )
    return Recommendation(
        task,
        plan,
        choice.why,
        choice.peak,
        choice.when_not,
        choice.watch,
        tuple(RECIPES[recipe] for recipe in choice.recipes),
        choice.sources,
        choice.others(run) if given.total is not None else (),
        tuple(notes),
    )


def _row(task: str, optimizer: str | None, budget: Budget, pretrained: bool, notes: list[str]) -> Choice:
    """The first row that fits; of weights that are trained already, that of fine-tuning."""
    rows = [choice for choice in CHOICES if choice.task == task]
    if pretrained and not any(choice.pretrained for choice in rows):
        notes.append(f"The weights are trained already: this is the recipe of fine-tuning, not of {task}.")
        rows = [choice for choice in CHOICES if choice.task == "fine-tuning"]
    if optimizer is not None:
        fitting = [choice for choice in rows if optimizer in choice.optimizers]
        if not fitting:
            fitting = [choice for choice in CHOICES if choice.task == "other" and optimizer in choice.optimizers]
            notes.append(f"No recipe of the zoo has {task} with {optimizer}: this is what recipes have in common.")
        if not fitting:
            known = ", ".join(dict.fromkeys(name for choice in CHOICES for name in choice.optimizers))
            refuse("choose", "optimizer", f"one of which there are recipes: {known}", optimizer)
        rows = fitting
    if budget.total is None:
        open_ones = [choice for choice in rows if choice.open]
        if not open_ones:
            notes.append(
                "The recipes for this task know their length: without one, this rate is kept, and cooled down at the end."
            )
            kept = optimizer or rows[0].optimizers[0]
            open_ones = [
                choice for choice in CHOICES if choice.task == "other" and choice.open and kept in choice.optimizers
            ]
        if not open_ones:
            refuse("choose", "budget", f"known for {optimizer}, whose recipes all have a length", None)
        return open_ones[0]
    return next((choice for choice in rows if not choice.open), rows[0])


# The code: lrcore's own adapters.

_TORCH = {
    "adam": "torch.optim.Adam(model.parameters())",
    "adamw": "torch.optim.AdamW(model.parameters(){decay})",
    "nadam": "torch.optim.NAdam(model.parameters())",
    "radam": "torch.optim.RAdam(model.parameters())",
    "sgd": "torch.optim.SGD(model.parameters(), momentum=0.9{decay})",
    "adafactor": "torch.optim.Adafactor(model.parameters())",
}
_KERAS = {
    "adam": "keras.optimizers.Adam(KerasSchedule(lr))",
    "adamw": "keras.optimizers.AdamW(KerasSchedule(lr){decay})",
    "nadam": "keras.optimizers.Nadam(KerasSchedule(lr))",
    "sgd": "keras.optimizers.SGD(KerasSchedule(lr), momentum=0.9)",
    "adafactor": "keras.optimizers.Adafactor(KerasSchedule(lr))",
    "lamb": "keras.optimizers.Lamb(KerasSchedule(lr){decay})",
}
_OPTAX = {  # add_decayed_weights before SGD is what PyTorch's SGD does
    "adam": "optax.adam(lr)",
    "adamw": "optax.adamw(lr{decay})",
    "nadam": "optax.nadam(lr)",
    "radam": "optax.radam(lr)",
    "sgd": "optax.chain(optax.add_decayed_weights({weight_decay:g}), optax.sgd(lr, momentum=0.9))",
    "adafactor": "optax.adafactor(lr)",
    "lamb": "optax.lamb(lr{decay})",
}


def _lines(plan: Plan, head: str, calls: dict[str, str], after: str) -> str:
    """The imports, the schedule, the optimizer, and what follows."""
    names = [name for name in dict.fromkeys(re.findall(r"\b[A-Za-z]\w*(?=\()", repr(plan.schedule))) if name in CALLS]
    decay = f", weight_decay={plan.weight_decay:g}" if plan.weight_decay is not None else ""
    call = calls.get(plan.optimizer or "")
    made = (
        call.format(decay=decay, weight_decay=plan.weight_decay or 0.0)
        if call
        else f"...  # {plan.optimizer}: of a library of its own"
    )
    return f"{head}from lrcore import {', '.join(sorted(names))}\n\nlr = {plan.schedule!r}\noptimizer = {made}\n{after}"


def _torch(plan: Plan) -> str:
    after = "scheduler = ScheduleLR(optimizer, lr)\n# after each optimizer.step(): scheduler.step()\n"
    return _lines(plan, "import torch\nfrom lrcore_torch import ScheduleLR\n", _TORCH, after)


def _keras(plan: Plan) -> str:
    head = "import keras\nfrom lrcore_keras import KerasSchedule\n"
    after = "# model.compile(optimizer, ...): the schedule moves on by itself\n"
    if plan.optimizer == "sgd" and plan.weight_decay:  # Keras's own is decoupled, which is another one with momentum
        penalty = f"keras.regularizers.L2({plan.weight_decay / 2:g})"
        after += f"# weight decay {plan.weight_decay:g}, in each layer: kernel_regularizer={penalty}\n"
    return _lines(plan, head, _KERAS, after)


def _optax(plan: Plan) -> str:
    return _lines(plan, "import optax\n", _OPTAX, "# an Optax schedule as it is: optimizer.update moves it on\n")


_WRITERS = {"torch": _torch, "keras": _keras, "optax": _optax}
