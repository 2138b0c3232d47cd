"""The rule: whether a report is better, when to cut, and by how much."""

from __future__ import annotations

from dataclasses import KW_ONLY
from functools import partial
from typing import Any, NoReturn

from lrcore._arguments import (
    COUNT,
    FRACTION,
    LARGEST,
    NON_NEGATIVE,
    SHARE,
    WHOLE,
    Rule,
    check,
    check_bool,
    check_choice,
    is_array,
    is_number,
    read_variable,
    refuse,
)
from lrcore._numeric.namespace import Array, Namespace
from lrcore._value import Value, value_class
from lrcore.arrays import compute_of, library_of, scalar
from lrcore.plateau._formula import after_report
from lrcore.plateau._mistakes import doubts
from lrcore.plateau._replay import Replay, replay
from lrcore.plateau._state import PlateauState

_ABOVE_1 = Rule("a number above 1", False, lambda x: 1 < x <= LARGEST)
_AT_LEAST_1 = Rule("a number, 1 or more", False, lambda x: 1 <= x <= LARGEST)


@value_class
class Plateau(Value):
    """A rule that makes the learning rate smaller when a metric stops improving.

        better:  x < best·(1 - rtol) - atol         mode "min", best >= 0
        cut:     after more than `patience` reports in a row that are not better
        scale:   max(scale·factor, floor) at each cut, from 1

    and for a negative best, best·(1 + rtol), so that better is always lower; for mode "max" the same of -x. A rule has
    no state and no learning rate: `state = plateau.update(state, x)`, and the rate is `lr(step) * state.scale`, of any
    schedule, warmup included.

    Args:
        factor: what a cut multiplies the scale by. 0.1 as in PyTorch, Keras and Optax.
        patience: the reports in a row, not better than the best, that are tolerated; the next one cuts. This is how PyTorch
            counts; Keras, Optax and fastai count the one that cuts too. In reports.
        mode: "min" if lower is better, "max" if higher is. It is never guessed from a metric's name.
        rtol: by how much of the best a report must be better. 1e-4 as in PyTorch and Optax: it has no unit, so that it
            suits a loss of 1e-3 and one of 10. Unlike theirs it is a share of the size of the best, so that with a negative
            best a report that is a little worse is not better.
        atol: by how much, besides, in the metric's own unit.
        cooldown: the reports after a cut that cannot be bad. 0 as everywhere: patience already gives the new rate its time.
        floor: the smallest scale: a share of the rate, not a rate, which would lift a warmup and the end of a decay.
        window: the reports of whose mean one decision is made: 1 for an evaluation, some 100 for the loss of each update.
        divergence: cut at once, without patience or a window's end but not in the cooldown, at a report that is NaN or
            infinite or more than so many times the best (more than that part of it, where the best is below 0). None:
            never at once. Write 1e9 for NaN and infinity alone.
        signed: the margin is rtol·best, with best's own sign.
        infinite_is_best: an infinite report of the right sign is better, and then nothing else ever is.
        first_is_best: the first report is the best whatever it is, NaN too, and then nothing else ever is.
        margin: where it is rounded. "factor": best·(1 - rtol) - atol. "difference": best - rtol·best - atol. "report":
            x + atol < best.
        float32: what is compared is rounded to float32 before.
        learn_in_cooldown: a report in the cooldown may become the best.
        previous: the report before is compared with, not the best: better is a share of change of rtol or more, or where
            rtol is 0 a change of atol or more.
        in_a_row: a report that is better makes patience begin again.
        sticky: after one cut, every report cuts.
        always_from: every report cuts from this one on, the first being 1. 0: none does.
        smallest: a cut by no more of the scale than this is not made, and patience begins again.
        moving: decide on the mean of the last so many reports, at every report.
        raise_by: multiply by this after more than `patience` reports in a row that are better.
        ceiling: the largest scale of those. None: as large as it gets.
        rest: the reports after such a raise that are ignored.
        restart: begin anew after so many cuts at the floor. 0: never.

    The first eight are all that a new program needs, and `divergence` is for one that has seen its runs diverge. The
    others are there for `Plateau.like`.

    NaN is never better, and infinity is not either: a bad report like others, that `state.nonfinite` counts.

    Raises:
        ValueError: a field is out of its range, such as a floor that leaves nothing to cut.

    Same rule: `torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0.0)` where the metric is positive and finite.

    >>> plateau = Plateau(factor=0.5, patience=1)
    >>> state = plateau.start()
    >>> for loss in (1.0, 0.8, 0.9, 0.9, 0.7):
    ...     state = plateau.update(state, loss)
    ...     print(state.scale, state.bad)
    1.0 0
    1.0 0
    1.0 1
    0.5 0
    0.5 0
    """

    factor: float = 0.1
    _: KW_ONLY
    patience: int = 10
    mode: str = "min"
    rtol: float = 1e-4
    atol: float = 0.0
    cooldown: int = 0
    floor: float = 0.0
    window: int = 1
    divergence: float | None = None
    signed: bool = False
    infinite_is_best: bool = False
    first_is_best: bool = False
    margin: str = "factor"
    float32: bool = False
    learn_in_cooldown: bool = True
    previous: bool = False
    in_a_row: bool = True
    sticky: bool = False
    always_from: int = 0
    smallest: float = 0.0
    moving: int = 1
    raise_by: float = 1.0
    ceiling: float | None = None
    rest: int = 0
    restart: int = 0

    def __post_init__(self) -> None:
        for name in self._parameters():
            if is_array(getattr(self, name)):
                refuse("Plateau", name, "a plain number", getattr(self, name), kind=True, hint="map over states, not rules")
        check(self, factor=FRACTION, patience=WHOLE, rtol=SHARE, atol=NON_NEGATIVE, cooldown=WHOLE, window=COUNT)
        check_choice(self, "mode", ("min", "max"))
        check_choice(self, "margin", ("factor", "difference", "report"))
        check(self, smallest=NON_NEGATIVE, moving=COUNT, raise_by=_AT_LEAST_1)
        check(self, always_from=WHOLE, rest=WHOLE, restart=WHOLE)
        if self.raise_by == 1:
            self._check_floor()
        else:
            check(self, floor=NON_NEGATIVE)
        for name, rule in (("divergence", _ABOVE_1), ("ceiling", NON_NEGATIVE)):
            if getattr(self, name) is not None:
                check(self, **{name: rule})
        for name in _SWITCHES:
            check_bool(self, name)
        if self.previous and self.mode == "max":
            refuse("Plateau", "mode", "'min' where previous is true", self.mode)
        if self.window > 1 and (self.moving > 1 or self.first_is_best):
            refuse("Plateau", "window", "1 beside moving or first_is_best", self.window)

    def _check_floor(self) -> None:
        if is_number(self.floor) and self.floor >= 1:
            hint = "it is a share of the rate, and one of 1 leaves nothing to cut"
            refuse("Plateau", "floor", SHARE.text, self.floor, hint=hint)
        check(self, floor=SHARE)

    def start(self, like: Any = None) -> PlateauState:
        """The state before the first report.

        Args:
            like: a metric whose library and shape the state takes on, as a loop does that is compiled and whose state
                must keep its types: `jax.lax.scan`, `tf.while_loop`. Not needed elsewhere.

        >>> Plateau().start().scale
        1.0
        """
        more = (0.0,) * (2 + (2 + self.moving) * (self.moving > 1)) if self._remembers_more else ()
        state = PlateauState(best=self._worst, more=more)
        return state if like is None else _computed(lambda s, x, xp: s, state, like, "Plateau.start", "like")

    def update(self, state: PlateauState, metric: Any) -> PlateauState:
        """The state after one more report.

        Args:
            state: the state before it.
            metric: the report: a number, or an array of one report for each of several runs.

        Raises:
            TypeError: the metric is not a number, or the state not a `PlateauState`.

        >>> import numpy as np
        >>> plateau = Plateau(factor=0.5, patience=0)
        >>> two_runs = plateau.update(plateau.start(), np.array([1.0, 1.0]))
        >>> plateau.update(two_runs, np.array([0.9, 1.1])).scale
        array([1. , 0.5])
        """
        if not isinstance(state, PlateauState):
            hint = "begin with plateau.start()"
            refuse("Plateau.update", "state", "a PlateauState", state, kind=True, hint=hint)
        return _computed(partial(after_report, self), state, metric, "Plateau.update", "metric")

    @classmethod
    def like(cls, library: str, *, lr: float | None = None, **arguments: Any) -> Plateau:
        """The rule of another library, from that library's own arguments.

        Args:
            library: "torch", "huggingface", "lightning", "ignite", "mmengine", "timm", "fairseq", "paddle", "keras",
                "optax", "fastai", "greedy" (Hugging Face's GreedyLR), "speechbrain" (NewBob) or "opennmt".
            lr: the learning rate there. Needed where an argument is a rate: a floor, or PyTorch's `eps`, which keeps it
                from cuts of 1e-8 or less; here they are shares of it.
            arguments: what the library calls them; those left out have its own defaults. `verbose` and others that say
                nothing about the rule may stay.

        Raises:
            TypeError: the library has no such argument, or `lr` is needed.
            ValueError: the library is not known, or its rule does what no rule should, such as Optax's with patience 0.

        >>> Plateau.like("optax", patience=5, factor=0.2)
        Plateau(factor=0.2, patience=4, signed=True, infinite_is_best=True)
        """
        from lrcore.plateau._like import fields_of

        return cls(**fields_of(library, lr, arguments))

    def replay(self, metrics: Any, *, steps: Any = None, lr: Any = None) -> Replay:
        """What the rule would have done in a run that is over.

        Args:
            metrics: the reports: numbers, or what `read_metric` reads from a log.
            steps: the updates that were made before each report, or the number of them between two; by default those of
                the log. In optimizer updates.
            lr: the schedule that the scale multiplies. Reports during its warmup are then left out, as in the adapters.

        Raises:
            TypeError: a report is not a number, or `lr` not a schedule.
            ValueError: there is no report; or there is an `lr`, and the steps are missing or not in order.

        >>> Plateau(factor=0.5, patience=1).replay([1.0, 0.8, 0.9, 0.9, 0.7, 0.7, 0.7])
        Plateau(factor=0.5, patience=1) on 7 reports of metric: 2 cuts
        <BLANKLINE>
        report  metric  best  scale
             4     0.9   0.8    0.5
             7     0.7   0.7   0.25
        """
        return replay(self, metrics, steps, lr)

    def doubts(self, name: str = "", reports: int | None = None) -> list[str]:
        """What looks like a mistake, a line each: for an adapter, which knows the metric and the run.

        Args:
            name: what the metric is called.
            reports: how many there will be.

        >>> Plateau(mode="max").doubts("val_loss", reports=5)[0]
        "mode='max' takes a higher 'val_loss' for better: write mode='min'"
        """
        return list(doubts(self, name, reports))

    def __mul__(self, other: Any) -> NoReturn:
        raise TypeError(
            f"Plateau is a rule and has no value to multiply {other!r} by: the rate is lr(step) * state.scale, and an "
            "adapter takes the rule beside the schedule, as in ScheduleLR(optimizer, lr, plateau=...)."
        )

    __rmul__ = __mul__

    @property
    def _worst(self) -> float:
        return float("inf") if self.mode == "min" else float("-inf")

    @property
    def _remembers_more(self) -> bool:
        return self.raise_by > 1 or self.moving > 1 or self.restart > 0


_SWITCHES = (
    "signed",
    "infinite_is_best",
    "first_is_best",
    "float32",
    "learn_in_cooldown",
    "previous",
    "in_a_row",
    "sticky",
)


def _computed(step: Any, state: PlateauState, metric: Any, owner: str, field: str) -> PlateauState:
    """A step in the library of the metric or of the state: in Python where both are numbers."""
    metric = read_variable(metric)
    if not is_number(metric):
        _check_metric(metric, owner, field)
    given = (metric, *state[:-1], *state.more)
    array = next((x for x in given if not is_number(x)), None)
    if array is None:
        result: PlateauState = step(state, float(metric), scalar)
        return result

    def flat(xp: Namespace, x: Array, *values: Array) -> tuple[Array, ...]:
        after = step(_nested(values), x, xp)
        return (*after[:-1], *after.more)

    after = _nested(compute_of(array)(flat, *given))
    return after._replace(scale=library_of(array)(lambda scale, xp: scale, after.exact))


def _nested(values: tuple[Array, ...]) -> PlateauState:
    numbers = len(PlateauState._fields) - 1
    return PlateauState._make((*values[:numbers], values[numbers:]))


def _check_metric(metric: Any, owner: str, field: str) -> None:
    dtype = str(getattr(metric, "dtype", ""))
    if not hasattr(metric, "shape") or ("int" not in dtype and "float" not in dtype):
        hint = "there is no report without one" if metric is None else ""
        refuse(owner, field, "a number, or an array of numbers", metric, kind=True, hint=hint)
