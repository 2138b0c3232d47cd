"""What every schedule is: a value that is also a function of the step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, NoReturn, Self, overload

from lrcore._arguments import COUNT, LARGEST, WHOLE, Rule, as_number, explained, is_array, is_number, refuse
from lrcore._evaluate import evaluate, number
from lrcore._numeric.scalar import scalar
from lrcore._value import Value, move
from lrcore.arrays import Array, Namespace

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_DIVISOR = Rule("a finite number other than 0", False, lambda x: 0 < abs(x) <= LARGEST)

Kind = Literal["warmup", "change", "restart", "peak", "low", "point", "piece", "end"]


class Edge(NamedTuple):
    """A step at which something changes, as `Schedule.edges` finds them.

    Args:
        step: the first step of what is new. In optimizer updates.
        kind: what happens, for programs. "warmup": a warmup ends. "change": the value jumps to another one (a stair, a
            milestone, a boundary). "restart": a cycle begins again. "peak" and "low": a cycle turns. "point": a given
            point is passed. "piece": a piece of a composition begins or ends. "end": the schedule ends.
        text: the same for people, such as "warmup ends" or "milestone".

    >>> from lrcore import Cosine
    >>> warmup, end = Cosine(0.1, steps=100).warmup(5).edges()
    >>> warmup.step, warmup.kind, warmup.text
    (5, 'warmup', 'warmup ends')
    """

    step: int
    kind: Kind
    text: str


class Schedule(Value, ABC):
    """A learning-rate schedule: a frozen, comparable, printable, saveable value, and a pure function `lr(step)`.

    The step is the number of optimizer updates already made, so the first update uses `lr(0)`. A Python or NumPy number
    gives a Python float; a NumPy array gives a float64 array of its shape; an array, tensor or tracer of a framework
    whose adapter is installed gives that framework's array, computed in float64 and rounded once. `lr(step, dtype)` with
    "float32" or "float64" says to which dtype.

    Raises:
        ValueError: a number, NumPy array or host tensor holds a negative, infinite or NaN step. Where it cannot be known (a
            tracer, a device's tensor), and in JAX, whose own compositions ask for such steps, a negative one reads as 0.
        TypeError: the step is neither a number nor an array of a known library.

    >>> import numpy as np
    >>> from lrcore import Cosine
    >>> lr = Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000)
    >>> lr(0), lr(2_000), lr(100_000)
    (0.0, 0.0003, 3e-05)
    >>> lr(np.array([[0, 1_000], [2_000, 200_000]]))
    array([[0.0e+00, 1.5e-04],
           [3.0e-04, 3.0e-05]])
    >>> lr(np.array([2_000]), dtype="float32").dtype
    dtype('float32')
    """

    # The hooks of a family or a composition. The formula is needed, and so is `_reach` if there is no length. Give the
    # others where what stands here is not right.

    @abstractmethod
    def _value(self, t: Array, xp: Namespace) -> Array:
        """The formula: the value at float64 steps t >= 0, over any array library."""

    _clock: ClassVar[tuple[str, ...]] = ()
    """The fields that are measured in steps: what `stretch` and `per_epoch` multiply."""

    _compiles: ClassVar[bool] = True
    """Whether the formula may be compiled: not where a function of the user's is called."""

    @property
    def length(self) -> int | None:
        """The step from which the value no longer changes, or None if there is none.

        `then`, `repeat` and `stretch` go by it.
        """
        return None

    def _reach(self) -> int:
        """How many updates show what there is to see: the length, or some periods of what never ends."""
        if self.length is None:
            raise NotImplementedError(f"{self._name} has no length, and does not say how far to draw it")
        return self.length

    def _edges(self) -> Iterator[Edge]:
        """The edges in order, without end where there are so many."""
        if self.length is not None:
            yield Edge(self.length, "end", "end")

    def _after_warmup(self, steps: int) -> Schedule:
        """What runs, on its own clock, after a warmup of `steps`: itself, or a shorter one that keeps the total."""
        return self

    def _extended(self, total: int, at: int) -> Schedule:
        """The schedule of a run that has reached `at` and now takes `total` steps."""
        return self.then(self._continued(total, at), at=at)

    def _continued(self, total: int, at: int) -> Schedule:
        """What such a run follows from `at` on, on its own clock."""
        raise ValueError(
            f"{self._name}.extend needs a single decay, or one past its warmup: compose {self!r} with .then()."
        )

    def _scaled(self, total: int, length: int) -> Self:
        """The same curve on a clock that runs total/length times as slowly; whole lengths stay whole, and above 0."""

        def scale(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(scale(item) for item in value)
            return scaled(value, total, length, least=min(value, 1) if isinstance(value, int) else 0)

        changes: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in self._clock:
                changes[field.name] = None if value is None else scale(value)
            elif isinstance(value, Schedule):
                changes[field.name] = value._scaled(total, length)
            elif isinstance(value, tuple) and value and isinstance(value[0], Schedule):
                changes[field.name] = tuple(item._scaled(total, length) for item in value)
        return replace(self, **changes)

    # A function of the step: `lrcore/_evaluate.py` has the way of a step.

    @overload
    def __call__(self, step: float, dtype: str | None = None) -> float: ...
    @overload
    def __call__(self, step: NDArray[Any], dtype: str | None = None) -> NDArray[np.float64]: ...
    @overload
    def __call__(self, step: Any = None, dtype: str | None = None) -> Any: ...
    def __call__(self, step: Any = None, dtype: str | None = None) -> Any:
        # What a training loop asks for at every update comes first: an int that is a float too, which `0.0 +` makes of it
        if type(step) is int and dtype is None and 0 <= step <= 2**53:
            return self._number(0.0 + step)
        return evaluate(self, step, dtype)

    def _prepare(self) -> None:
        # Tables and the like are made by the first evaluation, inside which torch.compile could not trace their making
        if self._ours:
            self._value(0.0, scalar)

    def _number(self, t: float) -> float:
        """The value at a float. An instance that is called often gets a compiled function instead."""
        return number(self, t)

    @cached_property
    def _ours(self) -> bool:
        """Whether the formula is ours throughout, over plain numbers: a user's may do what no symbol can."""
        ours = type(self).__module__ == "lrcore" and self._compiles and self._array is None
        return ours and all(schedule._ours for schedule in self._inner())

    def edges(self, until: int | None = None) -> tuple[Edge, ...]:
        """The steps where something changes: a warmup ends, a milestone, a restart, the next piece, the end.

        Args:
            until: the last step to look at; by default the schedule's length. In optimizer updates.

        Raises:
            ValueError: the schedule never ends and `until` is not given.

        >>> from lrcore import Cosine, StepDecay
        >>> for edge in Cosine(0.1, steps=100).warmup(5).edges():
        ...     print(edge)
        Edge(step=5, kind='warmup', text='warmup ends')
        Edge(step=100, kind='end', text='end')
        >>> [edge.step for edge in StepDecay(0.1, every=30).edges(until=90)]
        [30, 60, 90]
        """
        name = self._name
        last: Any = self.length if until is None else as_number(f"{name}.edges", "until", until, WHOLE)
        if last is None:
            raise ValueError(f"{name}.edges needs until=, the last step to look at: {self!r} never ends.")
        _check_known(f"{name}.edges", last)
        try:
            found = self._edges_to(last)
        except (TypeError, RuntimeError):  # of a library whose array is asked for a value that is not known yet
            _check_known(f"{name}.edges", self._array)
            raise
        return tuple(found)

    def _edges_to(self, last: int) -> dict[Edge, None]:
        found: dict[Edge, None] = {}
        for edge in self._edges():
            _check_known(f"{self._name}.edges", edge.step)
            if edge.step > last:
                break
            if edge.step > 0:
                found[edge._replace(step=int(edge.step))] = None
        return found

    # To look at.

    def plot(self, total: int | None = None, **options: Any) -> Axes:
        """Draw the schedule with matplotlib. `lrcore.plot` says what else may be asked for.

        >>> import tempfile
        >>> from lrcore import Cosine
        >>> axes = Cosine(0.1, steps=90).warmup(5).plot(steps_per_epoch=10, path=f"{tempfile.mkdtemp()}/rate.png")
        """
        from lrcore._view.plot import plot

        return plot(self, total=total, **options)

    def _repr_html_(self) -> str:
        """The curve and the expression, as notebooks show a value."""
        from lrcore._view.svg import html

        return html(self)

    # Composition: each gives a schedule again. The imports are inside because each of those files builds on this one.

    @explained
    def warmup(self, steps: int, start: float = 0.0, shape: str = "linear") -> Schedule:
        """Ramp up from `start` to the schedule's first value over `steps` updates, then run the schedule.

        With an end, the warmup is part of the total: a single decay is shortened to its steps less the warmup's, and a
        sequence passes the warmup to its first piece. Without an end, everything starts `steps` updates later, milestones
        too.

        Args:
            steps: the step that reaches the schedule's first value. 0 gives the schedule itself.
            start: the value at step 0.
            shape: "linear", or another name of `lrcore.shapes`, of which the ramp is the mirror image.

        Raises:
            ValueError: nothing is left of the schedule after the warmup, it has a warmup of its own (`OneCycle`, `wsd`) or
                another clock (`per_epoch`, `shift`: warm up first), or an argument is out of range.
            TypeError: an argument is of the wrong kind.

        >>> from lrcore import Cosine
        >>> lr = Cosine(0.1, steps=10).warmup(4)
        >>> [round(lr(t), 3) for t in (0, 1, 2, 3, 4, 7, 10)]
        [0.0, 0.025, 0.05, 0.075, 0.1, 0.05, 0.0]
        """
        from lrcore._compositions.warmup import warmup

        return warmup(self, steps, start, shape)

    @explained
    def then(self, after: Schedule, *, at: int | None = None) -> Schedule:
        """This schedule, then `after` on its own clock from step `at`, or from where this one ends.

        Args:
            after: the schedule that follows.
            at: its first step; by default the step at which this schedule ends.

        Raises:
            ValueError: this schedule never ends and `at` is not given, or `at` is below 1.
            TypeError: `after` is not a schedule.

        >>> from lrcore import Constant, Linear
        >>> lr = Linear(0.0, end=1.0, steps=4).then(Constant(0.5))
        >>> lr(3), lr(4)
        (0.75, 0.5)
        """
        from lrcore._compositions.sequence import then

        return then(self, after, at)

    @explained
    def repeat(self, times: int) -> Schedule:
        """Run the schedule `times` times, each time from its beginning; the last value then stays.

        Args:
            times: how many times.

        >>> from lrcore import Linear
        >>> lr = Linear(1.0, end=0.0, steps=2).repeat(2)
        >>> [lr(t) for t in range(6)]
        [1.0, 0.5, 1.0, 0.5, 0.0, 0.0]
        """
        from lrcore._compositions.clock import Repeat

        return Repeat(self, times=times)

    @explained
    def shift(self, steps: int) -> Schedule:
        """Start `steps` updates into the schedule: `s.shift(n)(t) == s(t + n)`.

        Args:
            steps: the updates that are left out.

        >>> from lrcore import Linear
        >>> Linear(1.0, end=0.0, steps=4).shift(1)(0)
        0.75
        """
        from lrcore._compositions.clock import Shift

        return Shift(self, steps=steps)

    @explained
    def stretch(self, total: int) -> Schedule:
        """The same shape over `total` steps: every length in it is multiplied, and whole ones are rounded to whole ones.

        A schedule written in epochs gets more or fewer epochs of the same length.

        Args:
            total: the step at which the stretched schedule ends.

        Raises:
            ValueError: `total` is below 1, the schedule never ends, or its parts, rounded, do not add up to `total`.

        >>> from lrcore import Cosine
        >>> Cosine(0.1, steps=100).warmup(10).stretch(500)
        Cosine(0.1, steps=500).warmup(50)
        """
        name = f"{self._name}.stretch"
        total = as_number(name, "total", total, COUNT)
        length = self.length
        if length is None or not (is_array(length) or length):
            raise ValueError(f"{name} needs a schedule that ends: {self!r} never does.")
        _check_known(name, total)
        _check_known(name, length)
        stretched = self._scaled(total, length)
        if stretched.length != total:
            refuse(name, "total", f"one that its parts add up to in whole steps, as {stretched.length} is", total)
        return stretched

    @explained
    def per_epoch(self, steps_per_epoch: int, *, smooth: bool = False) -> Schedule:
        """Read a schedule that is written in epochs at updates: the one converter between the two clocks.

        By default each epoch's value is held for the whole epoch, so that a warmup from 0 trains nothing in its first
        epoch: give that warmup a `start`, or use `smooth=True`.

        Args:
            steps_per_epoch: the optimizer updates of one epoch.
            smooth: False holds each epoch's value for the whole epoch, `s(t // steps_per_epoch)`. True multiplies every
                length in the schedule, so that it moves with every update.

        >>> from lrcore import Linear
        >>> lr = Linear(1.0, end=0.0, steps=2)
        >>> [lr.per_epoch(2)(t) for t in range(5)], [lr.per_epoch(2, smooth=True)(t) for t in range(5)]
        ([1.0, 1.0, 0.5, 0.5, 0.0], [1.0, 0.75, 0.5, 0.25, 0.0])
        """
        from lrcore._compositions.clock import PerEpoch

        return PerEpoch(self, steps_per_epoch=steps_per_epoch, smooth=smooth)

    @explained
    def per_sample(self, batch: int | Schedule, *, multiple: int = 1) -> Schedule:
        """Read a schedule that is written in samples, or in tokens, at updates, of a batch that may grow.

        The samples before an update are counted in whole numbers: exact up to 2**53, never falling, and invertible.

        Args:
            batch: the samples of one update, over all processes and accumulated batches; or a schedule of them, in updates.
                Of a schedule written in tokens it is the tokens of one update: `2_048 * batch` for sequences of 2,048.
            multiple: the values of a schedule are rounded to whole multiples of it.

        Raises:
            ValueError: a batch is below 1, or is a schedule that neither ends nor goes in stairs.
            TypeError: `batch` is neither an integer nor a schedule.

        Reference: Brown et al., Language Models are Few-Shot Learners (arXiv:2005.14165), appendix B: a cosine over 260
        billion tokens, and a batch that grows over the first 4 to 12 billion.

        >>> from lrcore import Cosine, PiecewiseConstant
        >>> batch = PiecewiseConstant([16, 32, 64], boundaries=[1_000, 2_000])
        >>> lr = Cosine(6e-4, steps=10_000_000).warmup(20_000).per_sample(batch)
        >>> lr.samples_at(2_000), lr.step_at(48_000), lr(1_125) == 6e-4, lr.length
        (48000, 2000, True, 157500)
        """
        from lrcore._compositions.samples import PerSample

        return PerSample(self, batch=batch, multiple=multiple)

    @explained
    def clip(self, low: float | None = None, high: float | None = None) -> Schedule:
        """Keep the value at `low` or above, and at `high` or below; None means that there is no such bound.

        Args:
            low: the least value.
            high: the largest value.

        >>> from lrcore import Exponential
        >>> Exponential(0.1, factor=0.5).clip(low=0.01)(50)
        0.01
        """
        from lrcore._compositions.product import Clip

        return Clip(self, low=low, high=high)

    @explained
    def cooldown(self, at: int, steps: int, end: float = 0.0, shape: Any = "1-sqrt") -> Schedule:
        """Follow the schedule up to step `at`, then decay over `steps` from the value reached to `end`.

        Args:
            at: the first step of the cooldown; before it nothing changes, bit for bit.
            steps: the length of the cooldown.
            end: the value from step `at + steps` on.
            shape: a name of `lrcore.shapes`, or a family to call as `shape(start, steps=steps, end=end)`.

        Raises:
            ValueError: the schedule has ended at `at` with the value `end` already, or a number is out of range.

        Reference: Haegele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations
        (arXiv:2405.18392), section 3.

        >>> from lrcore import InverseSqrt
        >>> InverseSqrt(0.1, timescale=100).cooldown(at=300, steps=50)
        Sequence([InverseSqrt(0.1, timescale=100), OneMinusSqrt(0.05, steps=50)], boundaries=[300])
        """
        from lrcore._compositions.extend import cooldown

        return cooldown(self, at, steps, end, shape)

    @explained
    def extend(self, total: int, *, at: int) -> Schedule:
        """Make the run longer: the schedule as it was up to step `at`, then the same family to the same end at `total`.

        There is no jump: the second part starts at the value reached at `at`, and ends at step `total`.

        Args:
            total: the new total number of steps.
            at: the step that the run has reached, before the schedule's end.

        Raises:
            ValueError: `at` is not before the end, `total` is not above `at`, or the schedule is not a single decay,
                possibly after a warmup or in the last piece of a sequence.

        >>> from lrcore import Linear
        >>> lr = Linear(1.0, end=0.0, steps=100).extend(200, at=50)
        >>> lr(50), lr(125), lr(200)
        (0.5, 0.25, 0.0)
        """
        from lrcore._compositions.extend import extend

        return extend(self, total, at)

    def __mul__(self, other: Any) -> Schedule:
        from lrcore._compositions.product import Product, Scaled

        if isinstance(other, Schedule):
            return Product(self, other)
        if hasattr(other, "shape"):
            if other.shape != ():
                self._refuse_arithmetic(other)
            return Scaled(self, factor=other if is_array(other) else other.item())
        return Scaled(self, factor=other) if is_number(other) else NotImplemented

    def __rmul__(self, other: Any) -> Schedule:
        return self.__mul__(other)

    __array_ufunc__ = None  # or NumPy would multiply each item of an array by the schedule, and give an array of objects

    def _refuse_arithmetic(self, other: object) -> NoReturn:
        what = f"an array of shape {tuple(shape)}" if (shape := getattr(other, "shape", None)) else repr(other)
        raise TypeError(
            f"{self._name} is a function of the step and cannot be combined with {what}: compute with its value, lr(step). "
            "In Optax, a schedule of anything but the learning rate goes through lrcore_optax.hyperparameters."
        )

    def __truediv__(self, other: Any) -> Schedule:
        from lrcore._compositions.product import Scaled

        if is_array(other) and other.shape == ():
            return Scaled(self, factor=1 / other)
        if is_number(other):
            return Scaled(self, factor=1 / as_number(self._name, "divisor", other, _DIVISOR))
        refused: Schedule = self._undefined(other, "/")
        return refused

    # What is not defined says what is, where Python would only say "unsupported operand".

    def __add__(self, other: Any) -> Any:
        return self._undefined(other, "+")

    def __radd__(self, other: Any) -> Any:
        return self._undefined(other, "+", before=True)

    def __sub__(self, other: Any) -> Any:
        return self._undefined(other, "-")

    def __rsub__(self, other: Any) -> Any:
        return self._undefined(other, "-", before=True)

    def __rtruediv__(self, other: Any) -> Any:
        return self._undefined(other, "/", before=True)

    def __floordiv__(self, other: Any) -> Any:
        return self._undefined(other, "//")

    def __rfloordiv__(self, other: Any) -> Any:
        return self._undefined(other, "//", before=True)

    def __pow__(self, other: Any) -> Any:
        return self._undefined(other, "**")

    def __rpow__(self, other: Any) -> Any:
        return self._undefined(other, "**", before=True)

    def _undefined(self, other: Any, operator: str, *, before: bool = False) -> Any:
        if hasattr(other, "shape"):
            self._refuse_arithmetic(other)
        if not isinstance(other, Schedule) and not is_number(other):
            return NotImplemented  # another type may know what to do with a schedule
        sides = [self._name, other._name if isinstance(other, Schedule) else repr(other)]
        text = f" {operator} ".join(reversed(sides) if before else sides)
        raise TypeError(
            f"{text} is not a schedule: a schedule is multiplied with *, or divided by a number; write another formula as "
            f"Custom(lambda t, xp: ...)."
        )


def scaled(value: Any, total: Any, length: int, least: int) -> Any:
    """A field in steps, on a clock that runs total/length times as slowly; a whole one stays whole, `least` at least."""
    if not is_array(value) and value == 0:
        return value
    if is_array(value) or is_array(total):
        if length != 1:
            _check_known("stretch", value)
        return value * total
    if isinstance(value, int):
        return max(least, (2 * value * total + length) // (2 * length))
    return value * total / length


def _check_known(owner: str, step: Any) -> None:
    if is_array(step):
        raise TypeError(f"{owner} needs lengths that are plain numbers, got an array: its value may not be known.")


move(Schedule)
Edge.__module__ = "lrcore"
