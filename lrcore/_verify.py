"""Whether a schedule gives the same numbers in every framework that is installed, in its arrays and in training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lrcore._arguments import refuse
from lrcore._schedule import Schedule
from lrcore.modes import Mode, Steps

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from numpy.typing import NDArray


class VerifiedMode(NamedTuple):
    """One row of a `Verification`: a mode of a framework, beside the core's float64 values rounded once to float32.

    Args:
        name: the mode, as "JAX jit", or the framework where none of its modes ran.
        version: the framework's, or None where it is not installed or does not import.
        evaluations: how many steps were compared: 0 where the schedule is below 0 somewhere and the mode takes rates.
        mismatches: how many float32 values were not bit-equal. One below 1.2e-38 may be flushed to 0.
        first: the first step of a mismatch, or None.
        float32_ulp: the largest difference in float32, in ulp.
        float64_ulp: the largest difference before that rounding, in ulp of float64; None where it cannot be seen.
        error: what the framework raised, at its import or later, or None.

    >>> VerifiedMode("jax").installed, VerifiedMode("NumPy", "2.4.6", evaluations=9, mismatches=1, first=7).ok
    (False, False)
    """

    name: str
    version: str | None = None
    evaluations: int = 0
    mismatches: int = 0
    first: int | None = None
    float32_ulp: int = 0
    float64_ulp: int | None = None
    error: str | None = None

    @property
    def installed(self) -> bool:
        """Whether there was anything to verify."""
        return self.version is not None or self.error is not None

    @property
    def ok(self) -> bool:
        """Whether nothing differs and nothing failed. What is not installed is ok."""
        return not self.mismatches and self.error is None


class Verification(NamedTuple):
    """What `verify` found. As text, and in a notebook, it is a table.

    >>> from lrcore import Constant
    >>> modes = VerifiedMode("NumPy", "2.4.6", evaluations=9, float64_ulp=0), VerifiedMode("jax")
    >>> print(Verification(Constant(0.1), modes))
    Constant(0.1)
    <BLANKLINE>
    mode   version        evaluations  mismatches  float32 ulp  float64 ulp
    NumPy  2.4.6                    9           0            0            0
    jax    not installed
    """

    schedule: Schedule
    modes: tuple[VerifiedMode, ...]

    @property
    def ok(self) -> bool:
        """Whether every framework that is installed ran, and gave the core's values."""
        return all(mode.ok for mode in self.modes)

    @property
    def mismatches(self) -> int:
        """The mismatches of all modes together."""
        return sum(mode.mismatches for mode in self.modes)

    def __repr__(self) -> str:
        rows = [HEAD, *map(cells, self.modes)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
        lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
        return "\n".join([repr(self.schedule), "", *lines, *(["", *remarks(self)] if not self.ok else [])])


HEAD = ("mode", "version", "evaluations", "mismatches", "float32 ulp", "float64 ulp")


def cells(mode: VerifiedMode) -> tuple[str, ...]:
    """A line of the table."""
    if not mode.installed:
        return (mode.name, "not installed", "", "", "", "")
    if mode.error is not None:
        return (mode.name, mode.version or "", "failed", "", "", "")
    if not mode.evaluations:
        return (mode.name, mode.version or "", "not a rate", "", "", "")
    counts = (mode.evaluations, mode.mismatches, mode.float32_ulp, mode.float64_ulp)
    return (mode.name, mode.version or "", *map(_count, counts))


def _count(count: int | None) -> str:
    return "" if count is None else f"{count:,}" if count < 10**6 else f"{count:.3g}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.ljust(width) if i < 2 else cell.rjust(width)


def remarks(report: Verification) -> list[str]:
    """A line about each mode that is not ok: where it differs first, or what it raised."""
    wrong = [mode for mode in report.modes if not mode.ok]
    return [
        f"{mode.name} failed: {mode.error}" if mode.error else f"{mode.name} differs first at step {mode.first:,}."
        for mode in wrong
    ]


def conclusion(reports: Sequence[Verification]) -> str:
    """One line about several reports."""
    wrong = sum(report.mismatches for report in reports)
    failed = sum(mode.error is not None for report in reports for mode in report.modes)
    apart = f"{wrong:,} values are not" if wrong > 1 else "1 value is not" if wrong else "Every value is"
    modes = f" {failed} mode{'s' * (failed > 1)} failed." if failed else ""
    return f"{apart} the core's, rounded once to float32.{modes}"


def verify(schedule: Schedule) -> Verification:
    """Compare a schedule's values in every framework that is installed with the core's own, bit for bit.

    Each adapter says how its framework is gone through (`lrcore.modes`): arrays and compiled functions, and what training
    goes through, the rate that an optimizer applies to a weight included. The steps are some 20,000: the first ones, both
    sides of every boundary that the schedule's formula has, some over the whole length, and logarithmically more beyond it,
    past 2**24 and 2**31. What makes one update after another begins anew around each boundary.
    In a shell it is `lrcore verify "Cosine(3e-4, steps=1000).warmup(100)"`, with exit code 1 where anything differs.

    Returns:
        A `Verification`, whose `ok` says whether all is well: a framework that is installed but fails is not.

    Raises:
        TypeError: `schedule` is not a schedule, or a `Custom` function in it takes Python numbers only.
        ValueError: a field of it is an array.

    >>> from lrcore import Cosine
    >>> report = verify(Cosine(3e-4, steps=1000).warmup(100))
    >>> report.ok, report.mismatches
    (True, 0)
    """
    return verification(schedule, _installed_modes())


def verification(schedule: Schedule, frameworks: Mapping[str, Iterable[Callable[[], Mapping[str, Mode]]]]) -> Verification:
    """What `verify` does, with these frameworks: for the name of each, what loads its modes."""
    if not isinstance(schedule, Schedule):
        refuse("verify", "schedule", "a schedule", schedule, kind=True)
    if schedule._array is not None:
        refuse("verify", "schedule", "of plain numbers, none of them an array", schedule)
    import numpy

    steps, exact = steps_of(schedule), _Exact(schedule)
    # What NumPy raises is an error of the schedule
    rows = [_compared("NumPy", numpy.__version__, _numpy(schedule, steps), exact)]
    for module, loaders in frameworks.items():
        rows += _rows(module, loaders, schedule, steps, exact)
    return Verification(schedule, tuple(rows))


def _installed_modes() -> dict[str, list[Callable[[], Mapping[str, Mode]]]]:
    """What loads the modes of each framework that some adapter is installed for."""
    from importlib.metadata import entry_points

    found: dict[str, list[Callable[[], Mapping[str, Mode]]]] = {}
    for entry in sorted(entry_points(group="lrcore.modes"), key=_name):
        found.setdefault(entry.name, []).append(entry.load)
    return found


def _name(entry: EntryPoint) -> tuple[str, str]:
    return entry.name, entry.value


def _rows(module: str, loaders: Iterable[Callable[[], Any]], *given: Any) -> Iterator[VerifiedMode]:
    try:
        framework = import_module(module)
        modes = [item for load in loaders for item in load().items()]
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")
        yield VerifiedMode(module, error=None if missing else _told(error))
        return
    for name, mode in modes:
        yield _row(name, str(getattr(framework, "__version__", "")), mode, *given)


def _row(name: str, version: str, mode: Mode, schedule: Schedule, steps: Steps, exact: _Exact) -> VerifiedMode:
    try:
        return _compared(name, version, mode(schedule, steps), exact)
    except Exception as error:
        return VerifiedMode(name, version, error=_told(error))


def _told(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _compared(name: str, version: str, got: tuple[Any, Any, Any] | None, exact: _Exact) -> VerifiedMode:
    import numpy as np

    if got is None:
        return VerifiedMode(name, version)
    taken, single, double = got
    taken = np.asarray(taken).tolist()
    if not taken:
        raise ValueError("the mode compared no step at all.")
    want = np.array([exact[step] for step in taken])
    wrong, single_ulp = _difference(single, want, "float32")
    double_ulp = None if double is None else _difference(double, want, "float64")[1]
    first = min((step for step, differs in zip(taken, wrong.tolist(), strict=True) if differs), default=None)
    return VerifiedMode(name, version, len(taken), int(wrong.sum()), first, single_ulp, double_ulp)


class _Exact(dict[int, float]):
    """The core's own value of each step, one at a time, as a Python number."""

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self._schedule = schedule

    def __missing__(self, step: int) -> float:
        value = self[step] = self._schedule(step)
        return value


def _difference(got: Any, exact: Any, dtype: str) -> tuple[Any, int]:
    """Which values are not the exact ones rounded to `dtype`, and by how many ulp at most."""
    import numpy as np

    got, want = np.asarray(got), exact.astype(dtype)
    if got.dtype != want.dtype or got.shape != want.shape:
        raise TypeError(f"the mode gave {got.dtype} of shape {got.shape}, not {want.dtype} of shape {want.shape}.")
    flushed = (got == 0) & (np.abs(want) < np.finfo(dtype).tiny)
    wrong = (got != want) & ~flushed
    # As integers, the bits of neighbouring floats are neighbours, and those of a NaN or of the other sign far away
    bits = dtype.replace("float", "int")
    apart = np.abs(got[wrong].view(bits).astype(object) - want[wrong].view(bits).astype(object))
    return wrong, int(apart.max(initial=0))


def _numpy(schedule: Schedule, steps: Steps) -> tuple[Any, Any, Any]:
    double = schedule(steps.many)
    return steps.many, double.astype("float32"), double


# The steps.

_EDGES = 1024
"""How many of a schedule's edges are looked at one by one; what an endless one has beyond them, at the samples."""
_RUNS = 256
"""How many boundaries updates are made around."""
_FAR = (2**24, 2**31, 2**32)
"""Where float32, int32 and uint32 can count no further."""


def steps_of(schedule: Schedule) -> Steps:
    """The steps where mistakes live."""
    import numpy as np

    from lrcore._numeric.branches import branches

    edges = np.array(sorted(set(_edges(schedule))), np.int64)
    length = min(schedule.length or 10**6, 2**52)
    samples = _increasing(
        np.arange(12_000),
        _around([*_FAR, 2**53 - 64], 32),
        _around(edges, 2),
        np.linspace(0, 2 * length, 4097),
        np.geomspace(1, 2**53 - 1, 4096),
    )
    boundaries = branches(schedule._value, samples)
    many = _increasing(samples, boundaries - 1, boundaries)
    return Steps(many, _runs(edges if len(edges) else boundaries))


def _edges(schedule: Schedule) -> Iterator[int]:
    for edge in islice(schedule._edges(), _EDGES):
        if edge.step >= 2**52:
            return
        yield int(edge.step)


def _around(middles: Any, reach: int) -> NDArray[Any]:
    import numpy as np

    return (np.asarray(middles, np.int64)[:, None] + np.arange(-reach, reach + 1)).ravel()


def _increasing(*parts: Any) -> NDArray[Any]:
    import numpy as np

    steps = np.unique(np.concatenate([np.asarray(part).astype(np.int64) for part in parts]))
    return steps[(steps >= 0) & (steps < 2**53)]


def _runs(boundaries: Any) -> tuple[range, ...]:
    """The first steps, and those around boundaries, as many as there is time for."""
    import numpy as np

    if len(boundaries) > _RUNS:
        boundaries = boundaries[np.linspace(0, len(boundaries) - 1, _RUNS).astype(int)]
    runs = [range(12)]
    for step in sorted([*boundaries.tolist(), *_FAR]):
        begin = max(step - 2, 0)
        if begin <= runs[-1].stop:
            runs[-1] = range(runs[-1].start, max(runs[-1].stop, step + 3))
        else:
            runs.append(range(begin, step + 3))
    return tuple(runs)
