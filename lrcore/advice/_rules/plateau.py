"""Rules about a plateau: one that cannot cut, that looks the wrong way, or that decays what decays already."""

from __future__ import annotations

from collections.abc import Iterator

from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore.advice._plan import Plan
from lrcore.advice._rule import Note, rule
from lrcore.advice._seen import Seen
from lrcore.plateau import Plateau
from lrcore.plateau._mistakes import doubts, first_cut

_TORCH = 'PyTorch\'s ReduceLROnPlateau, whose mode is "min" and whose patience is 10 where they are not said'


@rule(
    "error",
    why="The rule is never met: the rate stays as it is, and nobody is told.",
    source=_TORCH,
    fires=Plan(Constant(0.1), total=800, plateau=Plateau(patience=10), reports=8),
    silent=Plan(Constant(0.1), total=800, plateau=Plateau(patience=2), reports=8),
)
def plateau_never(seen: Seen) -> Iterator[Note]:
    """The plateau needs more reports for its first cut than the run has."""
    plateau, reports = seen.plan.plateau, seen.plan.reports
    if plateau is None or reports is None or (needed := first_cut(plateau)) <= reports:
        return
    yield Note(f"with patience={plateau.patience} the first cut takes {needed} reports, and the run has {reports}.")


@rule(
    "error",
    why="Early stopping ends the run before the rate was ever made smaller, which is what might have helped.",
    source="Keras's documentation of EarlyStopping and ReduceLROnPlateau, which count the same reports",
    fires=Plan(Constant(0.1), plateau=Plateau(patience=10), stop_patience=5),
    silent=Plan(Constant(0.1), plateau=Plateau(patience=3), stop_patience=10),
)
def plateau_after_stop(seen: Seen) -> Iterator[Note]:
    """The run is stopped after no more reports without improvement than the plateau tolerates."""
    plateau, stop = seen.plan.plateau, seen.plan.stop_patience
    if plateau is None or stop is None or plateau.divergence is not None:
        return
    if plateau.patience * plateau.window >= stop:
        note = f"the run stops after {stop} reports without improvement, and the plateau tolerates {plateau.patience}"
        yield Note(f"{note}{f' means of {plateau.window}' if plateau.window > 1 else ''}.")


@rule(
    "warning",
    why="With the wrong mode each improvement counts as a bad report: the rate falls while the model gets better.",
    source=_TORCH,
    fires=Plan(Constant(0.1), plateau=Plateau(), monitor="val_accuracy"),
    silent=Plan(Constant(0.1), plateau=Plateau(mode="max"), monitor="val_accuracy"),
)
def plateau_direction(seen: Seen) -> Iterator[Note]:
    """The metric's name says that higher is better and the plateau's mode that lower is, or the reverse."""
    if seen.plan.plateau is not None and seen.plan.monitor:
        for doubt in doubts(seen.plan.plateau, seen.plan.monitor, None):
            yield Note(f"Plateau with {doubt}.")


@rule(
    "info",
    why="The product of the two falls faster than either: a plateau is for a rate that does not fall by itself.",
    source="The rate of every adapter is lr(step) x the plateau's scale",
    fires=Plan(Cosine(0.1, steps=10_000), total=10_000, plateau=Plateau()),
    silent=Plan(Constant(0.1), total=1_000, plateau=Plateau()),
)
def plateau_and_decay(seen: Seen) -> Iterator[Note]:
    """There is a plateau, and the schedule decays to less than half its peak."""
    if seen.plan.plateau is not None and seen.total is not None and seen.decays:
        yield Note(f"the schedule itself falls from {seen.peak:.3g} to {seen.last:.3g} in the run.")


@rule(
    "info",
    why="A single batch says little: the best of many noisy reports is luck, and what follows looks like a stall.",
    source='Lightning\'s interval="step", which reports every batch; Plateau.window takes the mean of some',
    fires=Plan(Constant(0.1), total=1_000, steps_per_epoch=100, plateau=Plateau(patience=20), reports=1_000),
    silent=Plan(Constant(0.1), total=1_000, steps_per_epoch=100, plateau=Plateau(patience=3, window=100), reports=1_000),
)
def plateau_noise(seen: Seen) -> Iterator[Note]:
    """A plateau decides on every report, of which there are more than 20 an epoch."""
    plan = seen.plan
    if plan.plateau is None or plan.reports is None or plan.total is None or plan.epoch is None:
        return
    each = plan.reports / max(1.0, plan.total / plan.epoch)
    if each > 20 and plan.plateau.window == 1 and plan.plateau.moving == 1:
        window = min(100, round(each))
        yield Note(f"there are {each:,.4g} reports an epoch, and the plateau decides on each: write window={window}.")
