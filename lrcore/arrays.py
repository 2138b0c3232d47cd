"""Where a formula meets an array library: the contract of an adapter.

Every family writes its formula once, over a namespace `xp`. This module says what `xp` offers (`Namespace`), and finds the
one of an array (`library_of`). Two are in `lrcore/_numeric/`: NumPy's, and that of Python numbers, `scalar`, on which an
adapter may build. Each adapter brings its own through the entry-point group `lrcore.arrays`:

    [project.entry-points."lrcore.arrays"]
    torch = "lrcore_torch._arrays:evaluate"

The key is the top-level module of the array's type; the value is an `Evaluate`. An adapter that is installed by itself
comes before one that is installed with lrcore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lrcore._arguments import check_step, is_array, is_number, refuse
from lrcore._numeric.namespace import Array, Namespace
from lrcore._numeric.scalar import Scalar, scalar

if TYPE_CHECKING:
    from lrcore._schedule import Schedule

__all__ = [
    "Array",
    "Compute",
    "Evaluate",
    "Formula",
    "Namespace",
    "Scalar",
    "ahead",
    "check_rate",
    "check_step",
    "compute_of",
    "computing",
    "library_of",
    "scalar",
]

Formula = Callable[[Array, "Namespace"], Array]
"""A schedule's value at float64 steps that are at least 0."""


class Evaluate(Protocol):
    """What an array library gives the core: one function.

    It refuses steps that are no real numbers (`TypeError`), and a concrete one that is negative or not finite
    (`check_step`), reads one that cannot be looked at and is negative as 0, calls `formula` with the steps as float64 and a
    `Namespace`, and rounds the result once to `dtype`: the name of a dtype, or None for the library's own default.
    """

    def __call__(self, formula: Formula, step: Any, dtype: str | None = None) -> Any: ...


class Compute(Protocol):
    """The other function that an array library may give: what is no schedule, a rule over a metric, is computed by it.

    It calls `function(xp, *arrays)` with all that it is given as float64 arrays of one shape, cut off from any gradient,
    and returns the arrays that this returns, in float64.
    """

    def __call__(self, function: Callable[..., tuple[Array, ...]], *arrays: Any) -> tuple[Any, ...]: ...


_Evaluate = TypeVar("_Evaluate", bound=Evaluate)


def computing(compute: Compute) -> Callable[[_Evaluate], _Evaluate]:
    """Put a `Compute` beside the `Evaluate` that this decorates: one entry point brings both."""

    def beside(evaluate: _Evaluate) -> _Evaluate:
        vars(evaluate)["compute"] = compute
        return evaluate

    return beside


def compute_of(array: Any) -> Compute:
    """The `Compute` of the library that an array comes from.

    Raises:
        TypeError: the library is not known, or has none.
    """
    compute: Compute | None = getattr(library_of(array), "compute", None)
    if compute is None:
        kind = type(array).__module__.partition(".")[0]
        raise TypeError(f"the adapter of {kind} brings no lrcore.arrays.Compute: write float(...) of its arrays.")
    return compute


def check_rate(owner: str, field: str, schedule: Schedule) -> None:
    """Refuse a schedule of a learning rate that is seen to be negative: other schedules may be, no rate is.

    Looked at are the start, the end, both sides of the first edges, between which our families are monotone, and some steps
    on the way. A value that is a tracer, of a field or a function of the user's, is not known.
    """
    if schedule._array is not None:
        return
    edges = [edge.step for edge in islice(schedule._edges(), 500)]
    end = schedule.length or 10_000
    way = (end * i // 64 for i in range(65))
    for step in sorted({*edges, *(step - 1 for step in edges if step), *way}):
        value = schedule._value(float(step), scalar)
        if is_number(value) and value < 0:
            refuse(owner, field, "a schedule that is never below 0", schedule, hint=f"it is {value!r} at step {step}")


def ahead(schedules: Sequence[Schedule], step: float) -> Iterator[tuple[float, ...]]:
    """The values of several schedules at a step, then at the one after it, and so on, without an end.

    For an adapter that asks for a rate and a momentum at every update. After some steps, NumPy computes the next ones at
    once: the same bits, in less time than the compiled formulas take.
    """
    from lrcore._evaluate import ahead  # builds on this module

    return ahead(schedules, step)


def library_of(array: Any) -> Evaluate:
    """The `Evaluate` of the library that the type of `array`, or one of its bases, comes from.

    Raises:
        TypeError: no array library is known for it.
        RuntimeError: two adapters bring one.
    """
    try:
        return _libraries[type(array)]
    except KeyError:
        hint = "; write numpy.asarray(...)" if isinstance(array, (list, tuple, range)) else ""
        if is_array(array):
            hint = f"; no adapter is installed for the arrays of {type(array).__module__.partition('.')[0]}"
        raise TypeError(f"step must be a number or an array, got {array!r}{hint}.") from None


class _Libraries(dict[type, Evaluate]):
    """The `Evaluate` of each type met so far.

    Not a function beside a dict, nor a cached one: TensorFlow's AutoGraph would follow the first into `importlib.metadata`,
    and TorchDynamo warns of the second.
    """

    def __missing__(self, kind: type) -> Evaluate:
        from importlib.metadata import entry_points

        modules = [base.__module__.partition(".")[0] for base in kind.__mro__]
        if "numpy" in modules and hasattr(kind, "__array_ufunc__"):
            numpy_arrays: Evaluate = import_module("lrcore._numeric.numpy").evaluate
            return self.setdefault(kind, numpy_arrays)
        entries = entry_points(group="lrcore.arrays")
        for module in modules:
            found = {entry.value: entry for entry in entries if entry.name == module}
            apart = sorted(value for value, entry in found.items() if entry.dist is None or entry.dist.name != "lrcore")
            if len(apart) > 1:
                raise RuntimeError(f"two adapters bring the arrays of {module}: {' and '.join(apart)}; uninstall one.")
            if found:
                library: Evaluate = found[next(iter(apart or found))].load()
                return self.setdefault(kind, library)
        raise KeyError(kind)


_libraries = _Libraries()
