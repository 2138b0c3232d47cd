"""The PyTorch scheduler: its rates are always recomputed from the step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, Self

from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from lrcore import Schedule
from lrcore._arguments import LARGEST, NON_NEGATIVE, WHOLE, as_number, is_array, is_number, refuse
from lrcore.arrays import ahead, check_step
from lrcore_torch import _habits as habits
from lrcore_torch._groups import Group, Hyperparameter, put
from lrcore_torch._habits import Habits
from lrcore_torch._state import differences, pack, unpack
from lrcore_torch._updates import Updates

if TYPE_CHECKING:
    from lrcore.plateau import Plateau

Schedules = Schedule | Sequence[Schedule | None] | Mapping[str, Schedule | None]
"""One schedule for every group, one per group in their order, or by their names. None (not for `lr`) leaves one alone."""


class ScheduleLR(LRScheduler):
    """A schedule as a `torch.optim.lr_scheduler.LRScheduler`.

    Building it applies the rate of step `step` (0: the first update's). The applied rate is always `scale * lr(step)`,
    recomputed: it depends on nothing that the optimizer holds, so that a resumed run needs the step and nothing else. The
    `lr=` that the optimizer was made with is not used, except as what `relative` multiplies.

    Args:
        optimizer: anything with `param_groups`, which are written to. `optimizer.step` is never replaced.
        lr: the schedule of the learning rate: one for every group, a list in the groups' order, or a dict by their
            `name`s. One schedule for groups whose own rates differ is refused unless `relative` says what it means.
        momentum: likewise of `momentum`, or of the first of `betas`, whose others are kept.
        weight_decay: likewise of `weight_decay`. In a list or a dict, None leaves a group as it is.
        relative: `lr` is a factor on each group's own initial rate, so that the ratios between groups stay. That rate is
            kept as the group's `initial_lr`, as torch's schedulers keep it, however often one is built.
        count: what moves the schedule on. "calls": each call of `step()`, once per update or once per epoch as the
            schedule is written. "updates": each update that the optimizer really makes, heard of through its hooks, however
            often `step()` is called, or never; an update that GradScaler skips is none. What counts exactly is said in
            `lrcore_torch/_updates.py`.
            With `plateau` that is the default, as who calls `step(metric)` does not call `step()` after each update.
        step: the number of updates (or calls) already made.
        plateau: a `lrcore.plateau.Plateau`: `cut = scheduler.report(metric)` after each evaluation turns `scale` down where
            the metric stalls. The scheduler is a `ReduceLROnPlateau` then, by class, so that Trainer and Lightning hand
            their metric to `step(metric)`.
        plateau_after: the step before which reports do nothing: by default the end of the schedule's warmup.

    Raises:
        TypeError: an argument is of the wrong kind, or `count` is "updates" for an optimizer without hooks.
        ValueError: a group has no schedule or nothing to schedule, the meaning is ambiguous, `step` is negative, or, at any
            step, a schedule's value is negative or not finite.

    What a loop does that leads to a wrong rate is told by one warning, once: another scheduler that writes the same groups,
    `step()` before the first update or never called, updates at rate 0 past the end.

    Tensor rates and betas are written in place, on their device, so that compiled and captured updates see them. The
    replay of a captured CUDA graph calls no hooks: count "calls" there.

    >>> import torch
    >>> from lrcore import Cosine, OneCycle
    >>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    >>> scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=10))
    >>> optimizer.step(); scheduler.step(); scheduler.get_last_lr()
    [0.09755282581475769]
    >>> cycle = OneCycle(0.1, steps=10)
    >>> scheduler = ScheduleLR(optimizer, cycle, momentum=cycle.momentum(), step=2)
    >>> optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]
    (0.1, 0.85)
    """

    def __new__(cls, *args: Any, plateau: Plateau | None = None, **fields: Any) -> Self:
        if plateau is None or issubclass(cls, ReduceLROnPlateau):
            return super().__new__(cls)
        from lrcore_torch._plateau import with_plateau  # which builds on this class

        kind: Any = cls
        made: Any = object.__new__(with_plateau(kind))
        return made  # type: ignore[no-any-return]

    def __init__(
        self,
        optimizer: Any,
        lr: Schedules,
        *,
        momentum: Schedules | None = None,
        weight_decay: Schedules | None = None,
        relative: bool = False,
        count: str = "calls",
        step: int = 0,
        plateau: Plateau | None = None,
        plateau_after: int | None = None,
        **elsewhere: Any,
    ) -> None:
        # Not super().__init__, which replaces optimizer.step and reads the rates that the optimizer happens to hold.
        _refuse_arguments(elsewhere)
        if plateau_after is not None:
            refuse("ScheduleLR", "plateau_after", "None where no plateau is given", plateau_after)
        if not hasattr(optimizer, "param_groups"):
            refuse("ScheduleLR", "optimizer", "an object with param_groups", optimizer, kind=True)
        groups = optimizer.param_groups
        if any(a is not b for a, b in zip(groups, optimizer.param_groups, strict=True)):
            hint = "give it the optimizer inside"
            refuse("ScheduleLR", "optimizer", "one whose param_groups are no copies", optimizer, kind=True, hint=hint)
        if not isinstance(relative, bool):
            refuse("ScheduleLR", "relative", "True or False", relative, kind=True)
        if not isinstance(count, str) or count not in ("calls", "updates"):
            refuse("ScheduleLR", "count", "'calls' or 'updates'", count, kind=not isinstance(count, str))
        if is_array(step):
            refuse("ScheduleLR", "step", WHOLE.text, step, kind=True)
        self.optimizer = optimizer
        self.count = count
        self.last_epoch = as_number("ScheduleLR", "step", step, WHOLE)
        self._step_count = self.last_epoch + 1
        self._scale = 1.0
        self._closed = False
        self._lr = Hyperparameter("lr", lr, groups, relative=relative)
        given = {"momentum": momentum, "weight_decay": weight_decay}
        self._others = tuple(Hyperparameter(name, what, groups) for name, what in given.items() if what is not None)
        self._habits = Habits()
        self._written = Rates()
        self._used: Rates | None = None
        self._direct: Direct | None = None
        self._easy: Direct | None = None
        """The former, once `step()` has been called and where it is what moves the schedule on."""
        self._listen()
        self._take_over()

    # The contract of LRScheduler.

    def step(self, epoch: int | None = None, *, at: float | None = None) -> None:
        """Apply the rates of the next step; of step `epoch`; or of `at`, which may lie between two updates.

        Where updates are counted this moves nothing on.

        Raises:
            TypeError: `epoch` is not an integer, but a metric, say.
            ValueError: the step is negative, or one is named where updates are counted.
        """
        easy = self._easy
        if easy is None or epoch is not None or at is not None:
            self._step(epoch, at)
            return
        # The common case, as short as can be, since it runs at every update
        self._step_count += 1
        habits, written = self._habits, self._written
        if habits.updates:
            habits.updates = 0
        else:  # no hook has told of an update: it is taken for granted
            self._note_used()
        step = self.last_epoch + 1
        if easy.write(self.optimizer.param_groups, step, self._scale, written):
            self.last_epoch = step
        else:
            self._apply(step)

    def report(self, value: Any, *, name: str = "", reduce: Any = None) -> bool:
        """Give the rule of `plateau` a metric, and say whether it has cut; a cut applies to the next update.

        Args:
            value: the metric: a number, or a tensor of one.
            name: what it is called, for errors.
            reduce: what makes one metric of those of all processes: "mean", "min", "max", or a function of their list.
                Every process must report. None: they are equal, which is looked at once.

        Reports before `plateau_after`, by default the end of the schedule's warmup, do nothing: what improves by warming up
        sets no best.

        Raises:
            TypeError: the metric is not a number, or the scheduler was built without `plateau`.
            ValueError: no update was made yet, or the metric differs between processes and there is no `reduce`.

        >>> import torch
        >>> from lrcore import Constant
        >>> from lrcore.plateau import Plateau
        >>> sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)])
        >>> scheduler = ScheduleLR(sgd, Constant(0.1), plateau=Plateau(factor=0.5, patience=1))
        >>> for loss in (1.0, 1.0, 1.0):
        ...     sgd.step()
        ...     print(scheduler.report(loss), scheduler.next_lr)
        False [0.1]
        False [0.1]
        True [0.05]
        """
        raise TypeError("ScheduleLR.report needs a rule: build it by ScheduleLR(optimizer, lr, plateau=Plateau(...)).")

    def get_last_lr(self) -> list[Any]:
        """What torch's contract says: the rates set by the latest `step()`.

        With `count="updates"`, the rates of the latest update, until `step()` is called.
        """
        return list(self._last_lr)

    def get_lr(self) -> list[Any]:
        """Each group's rate at the present step."""
        return self._lr.values(self.last_epoch, self._scale)

    @property
    def base_lrs(self) -> list[Any]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Each group's own initial rate: what `relative` multiplies. Nothing to assign to."""
        return self._lr.own

    @property
    def _last_lr(self) -> list[Any]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """Some look at torch's own attribute."""
        return self._used.rates if self._used is not None and self._used.latest else self._written.rates

    # What torch's schedulers do not say.

    @property
    def schedules(self) -> dict[str, Any]:
        """The schedules as they were given, of `lr`, and of `momentum` and `weight_decay` where these have any."""
        return {each.name: each.given for each in (self._lr, *self._others)}

    @property
    def next_lr(self) -> list[Any]:
        """Each group's rate for the next update."""
        return list(self._written.rates)

    @property
    def scale(self) -> float:
        """A factor on the rates, 1.0 unless set. It applies at once, is saved, and `used()` has it in its rates.

        >>> import torch
        >>> from lrcore import Constant
        >>> scheduler = ScheduleLR(torch.optim.SGD([torch.zeros(1)], lr=1.0), Constant(0.5))
        >>> scheduler.scale = 0.5
        >>> scheduler.next_lr
        [0.25]
        """
        return self._scale

    @scale.setter
    def scale(self, value: float) -> None:
        self._set_scale(value)

    def _set_scale(self, value: float) -> None:
        self._scale = float(as_number("ScheduleLR", "scale", value, NON_NEGATIVE))
        if not self._closed:
            self._apply(self.last_epoch)

    def close(self) -> None:
        """Let go of the optimizer: no hook is left, and nothing is written again. Its rates stay what they are."""
        self._updates.close()
        self._closed = True
        self._direct = self._easy = None

    def used(self) -> dict[str, float]:
        """The rate and every scheduled hyperparameter of the last update, for a log; the coming one's if there was none.

            run.log(scheduler.used(), step=step)    anywhere after `optimizer.step()`

        The keys are `lr`, `momentum` (of Adam the first beta) and `weight_decay`, and of several groups "lr/head" for the
        one named head; "lr/1" for one without a name, and for all of them where two share one. The values are what was
        written, as Python floats: no device is waited for. Where calls are counted and the optimizer has no hooks, each
        call of `step()` takes the rates that were in force before it for those of an update.

        >>> import torch
        >>> from lrcore import Constant, Linear
        >>> groups = [{"params": [torch.zeros(1)], "name": "body"}, {"params": [torch.zeros(1)], "name": "head"}]
        >>> adamw = torch.optim.AdamW(groups)
        >>> scheduler = ScheduleLR(adamw, {"body": Constant(0.25), "head": Linear(1.0, end=0.0, steps=4)})
        >>> adamw.step(); scheduler.step(); adamw.step(); scheduler.used()
        {'lr/body': 0.25, 'lr/head': 0.75}
        """
        last = self._used or self._written
        names: list[Any] = [group.get("name", i) for i, group in enumerate(self.optimizer.param_groups)]
        if len(set(names)) < len(names):
            names = list(range(len(names)))
        labels = [f"/{name}" for name in names] if len(names) > 1 else [""]
        found: dict[str, float] = {}
        values = {"lr": last.rates} | {each.name: each.values(last.step) for each in self._others}
        for name, each in values.items():
            # A group added since then comes last, and has no values yet
            found |= {f"{name}{label}": float(v) for label, v in zip(labels, each, strict=False) if v is not None}
        return found

    # State.

    def state_dict(self) -> dict[str, Any]:
        """The step, the scale and the schedules, as plain data: `version`, `step`, `scale`, and `schedule`, a JSON text."""
        return pack(self.last_epoch, self._scale, self._parts())

    def load_state_dict(self, state_dict: dict[str, Any], *, strict: bool = False) -> None:
        """Go on from the step that was saved; the rates are applied at once.

        The schedule stays the one this was built with. Where the saved one was another, that is a warning which names
        what changed, or with `strict` an error, and then nothing is loaded.

        Raises:
            ValueError: the state is not one of `ScheduleLR`, or `strict` and the schedule has changed.
        """
        step, scale, saved = unpack(state_dict)
        changes = differences(saved, self._parts())
        if changes:
            text = f"the schedule is not the saved one: {'; '.join(changes)}"
            if strict:
                raise ValueError(f"ScheduleLR.load_state_dict: {text}.")
            warnings.warn(f"ScheduleLR keeps its own schedule, at step {step}: {text}.", UserWarning, stacklevel=2)
        self._used = None
        self._habits.heard, self._habits.updates = False, 0
        self.last_epoch = step
        self._scale = scale
        self._step_count = int(step) + 1
        if not self._closed:
            self._take_over()

    def _parts(self) -> dict[str, Any]:
        """What the state keeps beside the step and the scale."""
        parts: dict[str, Any] = {}
        for each in (self._lr, *self._others):
            parts |= each.labelled()
        return {**parts, "base_lrs": self._lr.own} if self._lr.relative else parts

    def __repr__(self) -> str:
        return f"ScheduleLR(lr={self._lr.given!r}, step={self.last_epoch!r}, count={self.count!r})"

    # Pickling and copying: the hooks belong to this object and are registered anew.

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_updates", "_direct", "_easy")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._direct = self._easy = None
        self._listen()
        if self._closed:
            self.close()
        else:
            self._take_over()

    # Applying.

    def _step(self, epoch: Any, at: Any) -> None:
        """A call of `step()` that is not the common one: the first, one that names a step, or where updates are counted."""
        if epoch is not None or at is not None:
            self._refuse_step(epoch, at)
        if self._closed:
            return
        self._step_count += 1
        if self.count == "updates":
            if self._used is not None:
                self._used.latest = False
            if not self._habits.heard:
                self._habits.unheard(self.optimizer.param_groups)
            return
        if self._updates.heard and not self._habits.heard and epoch is None and at is None:
            self._habits.say(habits.EARLY, step=self.last_epoch)
        if not self._updates.heard:
            self._tell_past_the_end()
        if not self._habits.updates:
            self._note_used()
        self._habits.updates, self._habits.heard = 0, True
        self._move(self.last_epoch + 1 if epoch is at is None else at if epoch is None else int(epoch))
        self._easy = self._direct

    def _refuse_step(self, epoch: Any, at: Any) -> None:
        field, value = ("epoch", epoch) if epoch is not None else ("at", at)
        if field == "epoch" and (not isinstance(epoch, Integral) or isinstance(epoch, bool)):
            hint = "a metric is for ScheduleLR(..., plateau=Plateau(...)); write step(at=...) between two steps"
            refuse("ScheduleLR.step", "epoch", "an integer", epoch, kind=True, hint=hint)
        if self.count == "updates":
            refuse("ScheduleLR.step", field, "None where the optimizer's updates are counted", value)
        if not is_number(value):
            refuse("ScheduleLR.step", field, "a number", value, kind=True)
        check_step(value)

    def _take_over(self) -> None:
        """Apply the present rates to groups that may be new objects, with tensors that may be shared."""
        for each in (self._lr, *self._others):
            each.meet(self.optimizer.param_groups)
            each.separate(self.optimizer)
        for group, own in zip(self.optimizer.param_groups, self._lr.own, strict=True):
            group["initial_lr"] = own
        self._written.rates = []  # what the groups hold is somebody else's, and no matter
        self._direct = self._easy = None
        self._apply(self.last_epoch)
        self._direct = Direct.of([self._lr, *self._others], self.optimizer.param_groups, self._written.step)

    def _move(self, step: Any) -> None:
        """Apply the rates of a step."""
        direct = self._direct
        if direct is not None and direct.write(self.optimizer.param_groups, step, self._scale, self._written):
            self.last_epoch = step
        else:
            self._apply(step)

    def _apply(self, step: Any) -> None:
        groups = self.optimizer.param_groups
        if not self._knows(groups):
            self._take_over()  # which is here again, at the present step
        self._tell_other(self._written.foreign(groups))
        rates = self._lr.apply(groups, step, self._scale)
        for each in self._others:
            each.apply(groups, step)
        self.last_epoch = step
        self._written.put(step, rates, groups)

    def _knows(self, groups: list[Group]) -> bool:
        known = self._lr.members
        return len(groups) == len(known) and all(a["params"] is b.params for a, b in zip(groups, known, strict=True))

    # What the optimizer's hooks tell.

    def _listen(self) -> None:
        self._updates = Updates(self.optimizer, self)
        if not self._updates.heard and self.count == "updates":
            rule = "'calls' for an optimizer that has no hooks to tell of its updates"
            refuse("ScheduleLR", "count", rule, self.count, kind=True)

    def _note_used(self) -> None:
        """The rates in force were those of an update."""
        if self._used is None:
            self._used = Rates()
        used, written = self._used, self._written
        used.step, used.one, used.each = written.step, written.one, written.each

    def _has_written(self, groups: Any) -> bool:
        return self._written.untouched(groups)

    def _before_update(self, optimizer: Any) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self._lr.members):
            self._apply(self.last_epoch)
        foreign = self._written.foreign(groups)
        if foreign and not self._knows(groups):
            self._apply(self.last_epoch)
            foreign = {}
        if foreign:
            self._tell_other(foreign)
            self._written.rates = [foreign.get(i, rate) for i, rate in enumerate(self._written.rates)]
            self._written.mark(groups)
        if not self._habits.heard:
            for each in (self._lr, *self._others):
                for name in each.unknown(groups):
                    names = ", ".join(repr(group.get("name")) for group in groups)
                    self._habits.say(habits.NAMES, name=each.name, unknown=name, names=names)
        self._tell_past_the_end()
        self._look_at(optimizer)

    def _after_update(self, optimizer: Any) -> None:
        self._note_used()
        self._habits.heard = True
        if self.count == "updates":
            self._move(self.last_epoch + 1)
            if self._used is not None:
                self._used.latest = True
        else:
            self._habits.update(self._written.rates, self._written.step, self._length())

    def _after_capture(self) -> None:
        self._habits.heard = True
        if self.count == "updates":
            self._habits.say(habits.CAPTURED)

    def _after_load(self) -> None:
        self._take_over()

    # What is told once.

    def _length(self) -> int | None:
        """The longest of the rates' schedules, or None where one never ends."""
        lengths = [member.schedule.length for member in self._lr.members if member.schedule is not None]
        return None if None in lengths or not lengths else max(lengths)  # type: ignore[type-var]

    def _tell_past_the_end(self) -> None:
        if not any(self._written.rates):
            length = self._length()
            if length and self._written.step > length:
                self._habits.say(habits.PAST, step=self._written.step, length=length)

    def _tell_other(self, foreign: dict[int, float]) -> None:
        for group, found in foreign.items():
            self._habits.say(habits.OTHER, group=group, found=found, rate=self._written.rates[group])

    def _look_at(self, optimizer: Any) -> None:
        """Whether an optimizer inside another makes its updates with our rates, where its groups are not ours."""
        if optimizer is self.optimizer or optimizer.param_groups[0] is self.optimizer.param_groups[0]:
            return
        ours = zip(self.optimizer.param_groups, self._written.rates, strict=False)
        rates = {id(parameter): rate for group, rate in ours for parameter in group["params"]}
        for group in optimizer.param_groups:
            found = float(group["lr"])
            for rate in {rates[id(parameter)] for parameter in group["params"] if id(parameter) in rates}:
                if abs(found - rate) > 1e-6 * rate:  # one of the two may hold float32
                    kinds = {"kind": type(optimizer).__name__, "outer": type(self.optimizer).__name__}
                    self._habits.say(habits.APART, **kinds, found=found, rate=rate)


class Rates:
    """The rate of each group at a step: what was written, or what an update used."""

    __slots__ = ("each", "latest", "marks", "one", "step")

    def __init__(self) -> None:
        self.step: Any = 0
        self.marks: dict[int, tuple[Any, int]] | None = None
        """Of each rate that is a tensor: the tensor, and how often it had been written to."""
        self.latest = False
        """Whether this is of an update that no call of `step()` has followed."""
        self.rates = []

    @property
    def rates(self) -> list[Any]:
        return self.each if self.one is None else [self.one] * len(self.each)

    @rates.setter
    def rates(self, rates: list[Any]) -> None:
        self.one: Any = rates[0] if rates and all(rate is rates[0] for rate in rates) else None
        """The very object that is the rate of every group, whatever is in `each`; or None."""
        self.each = rates

    def put(self, step: Any, rates: list[Any], groups: list[Group]) -> None:
        """Remember what was written."""
        self.step, self.rates = step, rates
        self.mark(groups)

    def mark(self, groups: list[Group]) -> None:
        held = ((i, group["lr"]) for i, group in enumerate(groups))
        self.marks = {i: (rate, _version(rate)) for i, rate in held if isinstance(rate, Tensor)} or None

    def foreign(self, groups: list[Group]) -> dict[int, float]:
        """The rates that are not what was written, by the group's number. No device is waited for where nobody wrote."""
        found: dict[int, float] = {}
        one = self.one
        if one is not None and all(group["lr"] is one for group in groups):
            return found
        for i, (group, rate) in enumerate(zip(groups, self.rates, strict=False)):
            held = group["lr"]
            if held is rate or self._marked(i, held):
                continue
            if held != (held.new_tensor(float(rate)).item() if isinstance(held, Tensor) else rate):
                found[i] = float(held)
        return found

    def untouched(self, groups: list[Group]) -> bool:
        """Whether the groups hold the very objects that were written, and not their equals."""
        pairs = enumerate(zip(groups, self.rates, strict=False))
        return all(group["lr"] is rate or self._marked(i, group["lr"]) for i, (group, rate) in pairs)

    def _marked(self, i: int, held: Any) -> bool:
        if self.marks is None:
            return False
        tensor, version = self.marks.get(i, (None, 0))
        return tensor is held and version == _version(held)


def _version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version  # inference tensors do not count


class Direct:
    """What can be written without a look at each group: one float for all of them, under the hyperparameter's own name."""

    __slots__ = ("_ahead", "_next", "_others", "_schedules")

    def __init__(self, schedules: list[Schedule], others: list[str]) -> None:
        self._schedules = schedules
        self._others = tuple(enumerate(others, 1))
        self._next: Any = None
        """The step whose values are the next of `_ahead`."""

    @classmethod
    def of(cls, every: list[Hyperparameter], groups: list[Group], step: Any) -> Direct | None:
        """The common case, if it is one."""
        schedules = [schedule for each in every if (schedule := each.direct(groups, step)) is not None]
        return cls(schedules, [each.name for each in every[1:]]) if len(schedules) == len(every) else None

    def write(self, groups: list[Group], step: Any, scale: float, written: Rates) -> bool:
        """Write the rates of a step; False, and nothing is written, where that needs a closer look."""
        if step != self._next:
            self._ahead = ahead(self._schedules, step)
        self._next = None  # unless the schedules have values there
        values = next(self._ahead)
        self._next = step + 1
        rate, last = values[0] * scale, written.one
        if not 0.0 < rate <= LARGEST or len(groups) != len(written.each):
            return False
        for i, _ in self._others:
            if not 0.0 <= values[i] <= LARGEST:
                return False
        for group in groups:
            if group["lr"] is not last:
                for each in groups:
                    each["lr"] = last if each["lr"] is rate else each["lr"]
                return False
            group["lr"] = rate
        for i, name in self._others:
            value = values[i]
            for group in groups:
                if type(group[name]) is float:
                    group[name] = value
                else:
                    put(group, name, value)
        written.step, written.one = step, rate
        return True


def _refuse_arguments(elsewhere: dict[str, Any]) -> None:
    """Name what to write for an argument of another scheduler's."""
    for name, value in elsewhere.items():
        if name == "last_epoch":
            done = value + 1 if is_number(value) else "..."
            hint = f"write step={done}, the number of updates (or calls) already made"
        else:
            hint = "what a curve needs is an argument of the schedule"
        raise TypeError(f"ScheduleLR has no argument {name!r}; {hint}.")
