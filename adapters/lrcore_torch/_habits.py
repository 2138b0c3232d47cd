"""What a training loop is told once, in one line that says what to do: nothing is guessed, and nothing is changed."""

from __future__ import annotations

import warnings
from typing import Any

OFTEN = 100
"""Updates without a call of `step()` from which a loop looks like one that calls it once an epoch, or never."""

LONG = 5_000
"""A schedule of so many steps is one in updates: nobody trains for as many epochs of `OFTEN` updates."""

PART = 0.05
"""What a run has seen of its schedule that has seen too little of it."""

EPOCHS = 5
"""Times as many updates as the schedule has steps, from which these are taken for epochs."""

EARLY = (
    "scheduler.step() was called before the first optimizer.step(), so that the rate of step {step} is used by no update: "
    "call it after each update, or write count='updates', which also waits where GradScaler skips one."
)
FORGOTTEN = (
    "{updates} updates were made at rate 0 without a call of scheduler.step(): call it after each update, or write "
    "count='updates'; a schedule in epochs should begin above 0, as .warmup(epochs, start=...) does."
)
SELDOM = (
    "{updates} updates were made without a call of scheduler.step(), of a schedule of {length} steps: call it after each "
    "update, write count='updates', or write the schedule in epochs."
)
NEVER = (
    "{updates} updates were made, all at the rate of the first, and scheduler.step() was never called: call it after each "
    "update, or after each epoch where the schedule is written in epochs, or write count='updates'."
)
ENDED = (
    "after {updates} updates the run ended at step {step} of a schedule of {length} steps: if these are updates, call "
    "scheduler.step() after each, or write count='updates'."
)
PAST = (
    "an update at step {step}, past the schedule's end at {length}, uses rate 0 and trains nothing: .per_epoch(updates) "
    "makes updates of epochs, .stretch(total) and .extend(total, at=step) a longer schedule."
)
OTHER = (
    "group {group} has the rate {found!r}, where this scheduler wrote {rate!r}: something else writes it too. Turn the "
    "rate down by scheduler.scale, end the schedule by scheduler.close(), or write one schedule: a * b, a.then(b)."
)
APART = (
    "{kind} inside {outer} steps at the rate {found!r}, where this scheduler wrote {rate!r}: their param_groups are not "
    "the same. Give ScheduleLR the one inside."
)
UNHEARD = (
    "the weights change, and no update of the optimizer is heard of, so that count='updates' does not move the schedule: "
    "write count='calls' and call scheduler.step() after each update."
)
CAPTURED = (
    "a CUDA graph was captured, whose replays tell of no update, so that count='updates' does not move the schedule: "
    "write count='calls' and call scheduler.step() after each replay."
)
NAMES = "{name} has a schedule for {unknown!r}, and no group has that name: their names are {names}."


class Habits:
    """What was told, and what has been seen of the loop so far."""

    def __init__(self) -> None:
        self._told: tuple[str, ...] = ()
        self.updates = 0
        """Updates since the last call of `step()`."""
        self.heard = False
        """Whether there was an update, or a capture of one, since the scheduler was built or loaded."""
        self._made = 0
        """Updates since the scheduler was built: as many as above where `step()` was never called."""
        self._runs = 0
        """Runs of updates without a call between them."""
        self._step: Any = 0
        self._length: int | None = None
        self._weights: Any = None
        self._changes = 0

    def __getstate__(self) -> dict[str, Any]:
        # Of a copy nobody knows whether it is used
        return {**self.__dict__, "_made": -1}

    def __del__(self) -> None:
        if OFTEN is None:  # the interpreter ends, and has cleared this module before the scheduler
            return
        # Only here: a schedule of 90 steps may be one in epochs of any number of updates, and this one the first
        if self._made == self.updates >= OFTEN and {FORGOTTEN, SELDOM}.isdisjoint(self._told):
            self.say(NEVER, updates=self.updates)
        seldom = self._runs >= 2 and self._made >= OFTEN * self._runs and {FORGOTTEN, SELDOM}.isdisjoint(self._told)
        if seldom and self._length and self._step < PART * self._length and self._made <= EPOCHS * self._length:
            self.say(ENDED, updates=self._made, step=self._step, length=self._length)

    def say(self, text: str, *, once: str = "", **what: Any) -> None:
        """Tell something, once: a text to be filled in, or a whole one with its key `once`."""
        if (once or text) not in self._told:
            self._told += (once or text,)
            warnings.warn(f"ScheduleLR: {text if once else text.format(**what)}", UserWarning, stacklevel=2)

    def update(self, rates: list[Any], step: Any, length: int | None) -> None:
        """An update was made where calls are counted."""
        self._runs += not self.updates
        self._step, self._length = step, length
        self.updates += 1
        self._made += 1
        if self.updates == OFTEN:
            if not any(rates):
                self.say(FORGOTTEN, updates=OFTEN)
            elif length is not None and length >= LONG:
                self.say(SELDOM, updates=OFTEN, length=length)

    def unheard(self, groups: list[dict[str, Any]]) -> None:
        """`step()` was called where updates are counted, and none has been heard of yet."""
        weights = [parameter._version for group in groups for parameter in group["params"][:1]]
        self._changes += self._weights is not None and weights != self._weights
        self._weights = weights
        if self._changes == 3:  # once is a model that is loaded
            self.say(UNHEARD)
