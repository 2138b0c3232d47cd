"""What every schedule is: a value that is also a function of the step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

from lrcore._arguments import COUNT, LARGEST, WHOLE, is_array, is_number, plain, refuse
from lrcore._numeric.scalar import scalar
from lrcore.arrays import Array, Namespace, evaluate

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


OFTEN = 100
"""The call at which compiling a formula, some hundred interpreted calls' worth of time, begins to pay."""


@dataclass(frozen=True, eq=False, repr=False)
class Schedule:
    """A learning-rate schedule: a frozen, comparable, printable, saveable value, and a pure function `lr(step)`.

    The step is the number of optimizer updates already made, so the first update uses `lr(0)`. A Python or NumPy number
    gives a Python float; a NumPy array gives a float64 array of its shape; an array, tensor or tracer of a framework
    whose adapter is installed gives that framework's array, computed in float64 and rounded once.

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
    """

    _clock: ClassVar[tuple[str, ...]] = ()
    """The fields that are measured in steps: what `stretch` and `per_epoch` multiply."""

    # The formula. One per family, over any array library.

    def _value(self, t: Array, xp: Namespace) -> Array:
        """The value at float64 steps t >= 0."""
        raise NotImplementedError

    @overload
    def __call__(self, step: float) -> float: ...
    @overload
    def __call__(self, step: NDArray[Any]) -> NDArray[np.float64]: ...
    @overload
    def __call__(self, step: Any) -> Any: ...
    def __call__(self, step: Any) -> Any:
        # The case that a training loop meets at every update comes first; `evaluate` does it too.
        if (type(step) is int or type(step) is float) and 0 <= step <= LARGEST:
            return self._number(float(step))
        return evaluate(self, step)

    @cached_property
    def _number(self) -> Callable[[float], float]:
        """The formula for Python numbers: interpreted, and compiled once it is called often enough to be worth it."""
        if self._array is not None:
            return lambda t: evaluate(self, t)
        calls = 0

        def interpreted(t: float) -> float:
            nonlocal calls
            calls += 1
            if calls == OFTEN and self._compiles():
                from lrcore._numeric.compiled import compiled

                self.__dict__["_number"] = compiled(self._value)
            return float(self._value(t, scalar))

        return interpreted

    def _compiles(self) -> bool:
        """Whether the formula is ours throughout; a user's may do with Python numbers what no symbol can."""
        ours = type(self).__module__.startswith("lrcore.")
        return ours and all(part._compiles() for part in _parts(self._state()))

    # Lengths.

    @property
    def length(self) -> int | None:
        """The step at which the schedule ends, its value staying what it is for ever; None where it has no end of its own.

        It is what `then`, `repeat` and `stretch` go by, and `steps` too where a schedule has no field of that name.
        """
        return self.__dict__.get("steps")

    def edges(self, until: int | None = None) -> dict[int, str]:
        """The steps where something changes, and what: a warmup ends, a milestone, a restart, the next piece, the end.

        Args:
            until: the last step to look at; the schedule's length where not given. In optimizer updates.

        Raises:
            ValueError: the schedule never ends and `until` is not given.

        >>> from lrcore import Cosine, StepDecay
        >>> Cosine(0.1, steps=100).warmup(5).edges()
        {5: 'warmup ends', 100: 'end'}
        >>> StepDecay(0.1, every=30).edges(until=90)
        {30: 'stair', 60: 'stair', 90: 'stair'}
        """
        name = type(self).__name__
        last: Any = self.length if until is None else plain(f"{name}.edges", "until", until, WHOLE)
        if last is None:
            raise ValueError(f"{name}.edges needs until=, the last step to look at: {self!r} never ends.")
        found: dict[int, str] = {}
        for step, what in self._edges():
            if step > last:
                break
            if step > 0:
                words = found.get(int(step), what)
                found[int(step)] = words if what in words else f"{words}, {what}"
        return found

    def _edges(self) -> Iterator[tuple[int, str]]:
        """The edges in order, without end where there are so many."""
        length = self.length
        if length is not None:
            yield length, "end"

    if not TYPE_CHECKING:  # a type checker would take any name to exist

        def __getattr__(self, name: str) -> Any:
            if name == "steps":
                return self.length
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def _after_warmup(self, steps: int) -> Schedule:
        """What runs, on its own clock, after a warmup of `steps`: itself, or a shorter one that keeps the total."""
        return self

    def _shortened(self, steps: int) -> Self:
        """A single decay after a warmup: its length less the warmup's."""
        decay: Any = self
        left = decay.steps - steps
        if not is_array(left) and left < 1:
            refuse(f"{type(self).__name__}.warmup", "steps", f"below the schedule's own {decay.steps} steps", steps)
        shorter: Self = replace(decay, steps=left)
        return shorter

    def _scaled(self, total: int, length: int) -> Self:
        """The same curve on a clock that runs total/length times as slowly; whole lengths stay whole, and above 0."""

        def scale(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(scale(item) for item in value)
            if is_array(value):
                return value * (total / length)
            if isinstance(value, int):
                return max(min(value, 1), (2 * value * total + length) // (2 * length))
            return value * total / length

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

    # Fields that are arrays or tracers of a framework.

    @cached_property
    def _array(self) -> Any:
        """One field, at any depth, that is an array or tracer of a framework, or None."""
        return _first_array(self._state())

    def _lifted(self, xp: Namespace) -> Self:
        """The same schedule with its array fields as float64 of `xp`."""
        lifted = object.__new__(type(self))
        for field in fields(self):
            lifted.__dict__[field.name] = _lift(getattr(self, field.name), xp)
        return lifted

    # A value: equal by its fields, printed as the expression that rebuilds it, saved without what is only remembered.
    # One `__eq__` here, not one that dataclass compiles for each family: that would be a third of the import's time.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schedule):
            return NotImplemented
        return self is other or (type(self) is type(other) and self._state() == other._state())

    def __hash__(self) -> int:
        return hash((type(self), *self._state()))

    def _state(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        from lrcore._text.text import express

        return express(self)

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def to_dict(self) -> dict[str, Any]:
        """The schedule as JSON-ready data, versioned; `lrcore.from_dict` reads it.

        Raises:
            ValueError: a part cannot be saved: a `Custom` function, or a field that is an array.

        >>> from lrcore import Constant
        >>> Constant(0.1).to_dict()
        {'version': 1, 'family': 'Constant', 'value': 0.1}
        """
        from lrcore._text.data import to_dict

        return to_dict(self)

    def diff(self, other: Schedule) -> dict[str, tuple[Any, Any]]:
        """The fields in which two schedules differ: path to (mine, the other's). Empty when they are equal.

        >>> from lrcore import Cosine
        >>> Cosine(0.1, steps=100).warmup(5).diff(Cosine(0.1, steps=90).warmup(5))
        {'schedule.steps': (100, 90)}
        """
        from lrcore._text.data import diff

        if not isinstance(other, Schedule):
            refuse(f"{type(self).__name__}.diff", "other", "a schedule", other, kind=True)
        return diff(self, other)

    # To look at.

    def plot(self, total: int | None = None, **options: Any) -> Axes:
        """Draw the schedule by matplotlib: `lrcore.plot`, which says all about it, for one.

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

    def warmup(self, steps: int, start: float = 0.0, shape: str = "linear") -> Schedule:
        """Ramp up from `start` to the schedule's first value over `steps` updates, then run the schedule.

        The total stays what it was: a single decay is shortened to its steps less the warmup's, and a sequence passes the
        warmup to its first piece. Unbounded and cyclic schedules are moved right by `steps`, and so are milestones.

        Args:
            steps: the step that reaches the schedule's first value. 0 gives the schedule itself.
            start: the value at step 0.
            shape: "linear", or another name of `lrcore.cooldowns`: that cooldown, run backwards.

        Raises:
            ValueError: nothing is left of the schedule after the warmup, it has a warmup of its own (`OneCycle`, `wsd`) or
                another clock (`per_epoch`, `shift`: warm up first), or an argument is out of range.
            TypeError: an argument is of the wrong kind.

        >>> from lrcore import Cosine
        >>> lr = Cosine(0.1, steps=10).warmup(4)
        >>> [round(lr(t), 3) for t in (0, 1, 2, 3, 4, 7, 10)]
        [0.0, 0.025, 0.05, 0.075, 0.1, 0.05, 0.0]
        """
        from lrcore._compositions.warmup import Warmup
        from lrcore._families.constant import Constant

        if is_number(steps) and plain("warmup", "steps", steps, WHOLE) == 0:
            Warmup(Constant(0.0), over=1, start=start, shape=shape)  # what is wrong does not wait for a longer warmup
            return self
        return Warmup(self, over=steps, start=start, shape=shape)

    def then(self, after: Schedule, *, at: int | None = None) -> Schedule:
        """This schedule, then `after` on its own clock from step `at`, or from where this one ends.

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

    def repeat(self, times: int) -> Schedule:
        """Run the schedule `times` times, each on its own clock; its end value holds for ever after the last.

        >>> from lrcore import Linear
        >>> lr = Linear(1.0, end=0.0, steps=2).repeat(2)
        >>> [lr(t) for t in range(6)]
        [1.0, 0.5, 1.0, 0.5, 0.0, 0.0]
        """
        from lrcore._compositions.clock import Repeat

        return Repeat(self, times=times)

    def shift(self, steps: int) -> Schedule:
        """The schedule as it is from step `steps` on: `s.shift(n)(t) == s(t + n)`.

        >>> from lrcore import Linear
        >>> Linear(1.0, end=0.0, steps=4).shift(1)(0)
        0.75
        """
        from lrcore._compositions.clock import Shift

        return Shift(self, by=steps)

    def stretch(self, total: int) -> Schedule:
        """The same shape over `total` steps: every length in it is multiplied, whole ones rounded to whole ones.

        A schedule written in epochs gets more or fewer epochs of the same length.

        Raises:
            ValueError: `total` is below 1, the schedule never ends, or its parts, rounded, do not add up to `total`.

        >>> from lrcore import Cosine
        >>> Cosine(0.1, steps=100).warmup(10).stretch(500)
        Cosine(0.1, steps=500).warmup(50)
        """
        total = plain(f"{type(self).__name__}.stretch", "total", total, COUNT)
        length = self.length
        name = f"{type(self).__name__}.stretch"
        if not length:
            raise ValueError(f"{name} needs a schedule that ends: {self!r} never does.")
        stretched = self._scaled(total, length)
        if not is_array(stretched.length) and stretched.length != total:
            refuse(name, "total", f"one that its parts add up to in whole steps, as {stretched.length} is", total)
        return stretched

    def per_epoch(self, steps_per_epoch: int, *, smooth: bool = False) -> Schedule:
        """A schedule written in epochs, read in updates: the one converter between the two clocks.

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

    def clip(self, low: float = 0.0, high: float | None = None) -> Schedule:
        """Never below `low`, never above `high`.

        >>> from lrcore import Exponential
        >>> Exponential(0.1, factor=0.5).clip(low=0.01)(50)
        0.01
        """
        from lrcore._compositions.product import Clip

        return Clip(self, low=low, high=high)

    def cooldown(self, at: int, steps: int, end: float = 0.0, shape: Any = "1-sqrt") -> Schedule:
        """Follow the schedule up to step `at`, then decay over `steps` from wherever it was to `end`.

        Args:
            at: the first step of the cooldown; before it nothing changes, bit for bit.
            steps: its length.
            end: the value from step `at + steps` on.
            shape: a name of `lrcore.cooldowns`, or a family to call as `shape(start, steps=steps, end=end)`.

        Reference: Haegele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations
        (arXiv:2405.18392), section 3.

        >>> from lrcore import InverseSqrt
        >>> InverseSqrt(0.1, timescale=100).cooldown(at=300, steps=50)
        Sequence([InverseSqrt(0.1, timescale=100), OneMinusSqrt(0.05, steps=50)], boundaries=[300])
        """
        from lrcore._cooldown import family

        return self.then(family(shape)(self(at), steps=steps, end=end), at=at)

    def extend(self, total: int, *, at: int) -> Schedule:
        """The run got longer: follow the schedule up to step `at`, then the same family from there to the same end.

        There is no jump: the second part starts at the value `at` had, and ends at step `total`.

        Args:
            total: the new total number of steps.
            at: the step the run has reached.

        Raises:
            ValueError: the schedule is not a single decay, possibly with a warmup that ends before `at`.

        >>> from lrcore import Linear
        >>> lr = Linear(1.0, end=0.0, steps=100).extend(200, at=50)
        >>> lr(50), lr(125), lr(200)
        (0.5, 0.25, 0.0)
        """
        from lrcore._cooldown import extend

        return extend(self, total, at)

    def __mul__(self, other: Schedule | float) -> Schedule:
        from lrcore._compositions.product import Product, Scaled

        if isinstance(other, Schedule):
            return Product(self, other)
        if is_number(other) or is_array(other):
            return Scaled(self, factor=other)
        return NotImplemented

    def __rmul__(self, other: float) -> Schedule:
        return self * other


def _parts(value: Any) -> Iterator[Schedule]:
    """The schedules among some fields."""
    if isinstance(value, Schedule):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)


def _first_array(value: Any) -> Any:
    if isinstance(value, Schedule):
        return value._array
    if isinstance(value, tuple):
        for item in value:
            found = _first_array(item)
            if found is not None:
                return found
        return None
    return value if is_array(value) else None


def _lift(value: Any, xp: Namespace) -> Any:
    if isinstance(value, Schedule):
        return value if value._array is None else value._lifted(xp)
    if isinstance(value, tuple):
        return tuple(_lift(item, xp) for item in value)
    return xp.float64(value) if is_array(value) else value
