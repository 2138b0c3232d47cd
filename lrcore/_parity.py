"""Whether a schedule gives the same numbers in every framework that is here: what lrcore's own tests ask, for any one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lrcore._arguments import is_array, is_number, refuse
from lrcore._schedule import Schedule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Steps = NDArray[np.int64]
    Pair = tuple[Any, Any]
    """The values in float32 and in float64."""


@dataclass(frozen=True)
class Backend:
    """What one backend gave, beside the core's float64 value of one step at a time, rounded once to float32.

    Args:
        name: the framework, and its mode.
        version: the framework's, or None where it is not installed.
        evaluations: how many steps were compared.
        mismatches: how many float32 values were not bit-equal. One below 1.2e-38 may be flushed to 0.
        float32_ulp: the largest difference in float32, in ulp.
        float64_ulp: the largest difference before that rounding, in ulp of float64.
    """

    name: str
    version: str | None
    evaluations: int = 0
    mismatches: int = 0
    float32_ulp: int = 0
    float64_ulp: int = 0


@dataclass(frozen=True, eq=False)
class Verification:
    """What `verify` found; as text, a table."""

    schedule: Schedule
    backends: tuple[Backend, ...]

    @property
    def mismatches(self) -> int:
        """Those of all backends together."""
        return sum(backend.mismatches for backend in self.backends)

    def __str__(self) -> str:
        head = ("backend", "version", "evaluations", "mismatches", "float32 ulp", "float64 ulp")
        rows = [head, *map(cells, self.backends)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
        return "\n".join([repr(self.schedule), "", *lines])


def cells(backend: Backend) -> tuple[str, ...]:
    """A line of the table."""
    if backend.version is None:
        return (backend.name, "not installed", "", "", "", "")
    counts = (backend.evaluations, backend.mismatches, backend.float32_ulp, backend.float64_ulp)
    return (backend.name, backend.version, *(f"{count:,}" if count < 10**6 else f"{count:.3g}" for count in counts))


def _aligned(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.ljust(width) if i < 2 else cell.rjust(width)


def verification(schedule: Schedule) -> Verification:
    """What `lrcore.verify` does."""
    if not isinstance(schedule, Schedule):
        refuse("verify", "schedule", "a schedule", schedule, kind=True)
    if schedule._array is not None:
        refuse("verify", "schedule", "of plain numbers, none of them an array", schedule)
    import numpy as np

    steps = steps_of(schedule)
    exact = np.array([schedule(step) for step in steps.tolist()])
    return Verification(schedule, tuple(_compared(name, schedule, steps, exact) for name in _BACKENDS))


def _compared(name: str, schedule: Schedule, steps: Steps, exact: Any) -> Backend:
    module, values = _BACKENDS[name]
    try:
        framework: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return Backend(name, None)
    single, double = values(framework, schedule, steps)
    different, single_ulp = _difference(single, exact[: len(single)], "float32")
    _, double_ulp = _difference(double, exact[: len(double)], "float64")
    return Backend(name, framework.__version__, len(single), different, single_ulp, double_ulp)


def _difference(got: Any, exact: Any, dtype: str) -> tuple[int, int]:
    """How many values are not the exact ones rounded to `dtype`, and by how many ulp at most."""
    import numpy as np

    got, want = np.asarray(got), exact.astype(dtype)
    if got.dtype != want.dtype or got.shape != want.shape:
        raise TypeError(f"a backend gave {got.dtype} of shape {got.shape}, not {want.dtype} of shape {want.shape}")
    flushed = (got == 0) & (want < np.finfo(dtype).tiny)
    wrong = (got != want) & ~flushed
    # As integers, the bits of neighbouring floats are neighbours, and those of a NaN or a negative one far away
    bits = dtype.replace("float", "int")
    apart = np.abs(got[wrong].view(bits).astype(object) - want[wrong].view(bits).astype(object))
    return int(wrong.sum()), int(apart.max(initial=0))


# The steps.


def steps_of(schedule: Schedule) -> Steps:
    """The steps where mistakes live, in increasing order."""
    import numpy as np

    edges = np.array(sorted({number for number in _whole_numbers(schedule) if number < 2**52}), np.int64)
    if len(edges) > 32:
        edges = edges[np.linspace(0, len(edges) - 1, 32).astype(int)]
    # A boundary inside a piece is as far from 0 as the piece's beginning and its own place together
    sums = (edges[:, None] + edges).ravel()
    # A period comes again and again, and 49·(1/49) is below 1
    multiples = np.outer(edges[:8], np.round(np.geomspace(1, 10**6, 31))).ravel()
    length = min(schedule.length or 10**6, 2**52)
    parts = [
        np.arange(12_000),
        _around([2**24, 2**31, 2**53 - 64, *edges.tolist()], 32),
        _around(sums, 2),
        _around(multiples[multiples < 2**52], 1),
        np.linspace(0, 2 * length, 4097),
        np.geomspace(1, 2**53 - 1, 4096),
    ]
    steps = np.unique(np.concatenate([part.astype(np.int64) for part in parts]))
    return steps[steps >= 0]


def _around(middles: Any, reach: int) -> Steps:
    import numpy as np

    return (np.asarray(middles).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)).ravel()


def _whole_numbers(value: Any) -> Iterator[int]:
    """The whole numbers among the fields of a schedule at any depth, the lengths, and one cycle's knots: boundaries all."""
    if isinstance(value, Schedule):
        yield from _whole_numbers((value.length, getattr(value, "_knots", ())))
        yield from _whole_numbers(tuple(getattr(value, field.name) for field in fields(value)))
    elif isinstance(value, tuple):
        for item in value:
            yield from _whole_numbers(item)
    elif is_number(value) and not is_array(value) and value >= 2:
        yield int(value)


# The backends: the framework, a schedule and steps in, the values out. Both dtypes from one call where a call is compiled.


def _numpy(np: Any, schedule: Schedule, steps: Steps) -> Pair:
    return _both(schedule)(steps)


def _torch(torch: Any, schedule: Schedule, steps: Steps) -> Pair:
    single, double = _both(schedule)(torch.tensor(steps))
    return single.cpu().numpy(), double.cpu().numpy()


def _jax(jax: Any, schedule: Schedule, steps: Steps) -> Pair:
    import numpy as np

    counted = steps[steps < 2**31].astype(np.int32)  # as JAX does
    single, double = jax.jit(_both(schedule))(counted)
    return np.asarray(single), np.asarray(double)


def _tensorflow(tf: Any, schedule: Schedule, steps: Steps) -> Pair:
    single, double = _both(schedule)(tf.constant(steps))
    return single.numpy(), double.numpy()


def _tensorflow_graph(tf: Any, schedule: Schedule, steps: Steps, **options: Any) -> Pair:
    single, double = tf.function(_both(schedule), autograph=False, **options)(tf.constant(steps))
    return single.numpy(), double.numpy()


def _tensorflow_xla(tf: Any, schedule: Schedule, steps: Steps) -> Pair:
    return _tensorflow_graph(tf, schedule, steps, jit_compile=True)


def _both(schedule: Schedule) -> Callable[[Any], Pair]:
    return lambda t: (schedule(t, "float32"), schedule(t, "float64"))


_BACKENDS: dict[str, tuple[str, Callable[[Any, Schedule, Steps], Pair]]] = {
    "NumPy": ("numpy", _numpy),
    "PyTorch": ("torch", _torch),
    "JAX jit": ("jax", _jax),
    "TensorFlow eager": ("tensorflow", _tensorflow),
    "TensorFlow graph": ("tensorflow", _tensorflow_graph),
    "TensorFlow XLA": ("tensorflow", _tensorflow_xla),
}
