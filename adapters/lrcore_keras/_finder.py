"""The learning-rate finder: a sweep or a grid of short trainings, after which everything is as it was."""

from __future__ import annotations

import contextlib
import math
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

from lrcore import Schedule
from lrcore._arguments import chosen, refuse
from lrcore.finder import check_options, grid_of, progress, run_sweeps, run_training, search, sweep_schedule


def find_lr(
    model: Any,
    data: Any,
    *,
    batch_size: int = 32,
    method: str = "sweep",
    low: float | None = None,
    high: float | None = None,
    updates: int = 100,
    repeats: int = 1,
    peaks: Sequence[float] | None = None,
    schedule: Schedule | None = None,
    halving: int = 0,
    validation: Any = None,
    keep: str = "memory",
    show: bool = True,
) -> Any:
    """Find the peak of a learning-rate schedule, and leave the model as it was, bit for bit.

        found = find_lr(model, (x, y))
        model.compile(keras.optimizers.AdamW(KerasSchedule(found.schedule(OneCycle, steps=10_000))), ...)

    A sweep makes some updates, with the model's own compiled train step, at rates that rise by one factor from each to the
    next, until the loss blows up. The grid makes short, equal trainings from the same start, one for each peak.

    All variables of the model, its metrics and its optimizer are put back afterwards, and with them its seed generators and
    the random numbers of Keras, NumPy, Python and PyTorch; also after an error and after Ctrl-C, which are passed on. A
    schedule that the optimizer follows is paused meanwhile. The copies take as much memory as the model and the optimizer's
    state; `keep="disk"` needs only that of the largest variable.

    Args:
        model: a compiled model.
        data: arrays (x, y), shuffled; or batches (x, y) or (x, y, sample_weight): a list, a `tf.data.Dataset`, a PyTorch
            `DataLoader`, a `keras.utils.PyDataset`. They are gone through again where the sweep is longer.
        batch_size: of arrays.
        method: "sweep" or "grid".
        low: the first rate; 1e-7 by default, and 1e-4 for the grid.
        high: the last rate; 10 by default, and 1 for the grid.
        updates: the updates of a sweep, or of each training of the grid. An optimizer that accumulates gradients over k
            batches gets k for each, whose mean loss is recorded.
        repeats: sweeps from the same start with other batches and random numbers, for the spread.
        peaks: the peaks of the grid; by default from `low` to `high`, each twice the one before.
        schedule: what the grid trains with, its peak 1; by default `OneCycle(1.0, steps=updates)`. For a sweep, another
            schedule of its rate, such as a `Linear` that rises, in place of `low` and `high`.
        halving: how often the grid leaves out the worse half of the peaks, by shorter trainings.
        validation: what measures instead of the batch's loss: arrays or batches, whose mean loss is taken, or a function
            without arguments.
        keep: where the copies are kept: "memory" or "disk".
        show: whether a progress bar is shown, where tqdm is installed.

    Returns:
        A `lrcore.finder.Sweep`, `Sweeps` where there are repeats, or a `Grid`.

    Raises:
        TypeError, ValueError: the model is not compiled, there are no batches, or an argument is of the wrong kind or
            value.

    >>> from lrcore import OneCycle
    >>> keras.utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(256, 4))
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> found = find_lr(model, (x, x @ np.arange(4.0)[:, None]), show=False)
    >>> found.ended, 0.01 < found.suggestion < 1
    ('rise', True)
    >>> found.schedule(OneCycle, steps=100).peak == found.suggestion
    True
    """
    check_options(method, repeats=repeats, peaks=peaks, halving=halving, updates=updates, batch_size=batch_size)
    chosen("find_lr", "keep", keep, ("memory", "disk"))
    if getattr(model, "optimizer", None) is None:
        refuse("find_lr", "model", "a compiled model", model, kind=True, hint="call model.compile(optimizer, loss)")
    batches = _Batches(data, batch_size)
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    _build(model, batches)
    with contextlib.ExitStack() as stack:
        kept = stack.enter_context(_kept(model, on_disk=keep == "disk"))
        rate, notes = stack.enter_context(_rate_variable(model, optimizer))
        measure = _measure(model, validation, batch_size)
        count = optimizer.gradient_accumulation_steps or 1

        def one(value: float) -> float:
            """Make an update at a rate, and give the loss before it."""
            rate.assign(value)
            before = measure() if measure is not None and method == "sweep" else None
            losses = [_loss(model.train_on_batch(*next(batches))) for _ in range(count)]
            return sum(losses) / count if before is None else before

        if method == "sweep":

            def said() -> list[str]:
                rounds, batches.rounds = batches.rounds, 0
                short = f"the data has fewer batches than the sweep, which began it {rounds} times"
                return [*notes, *[short] * (rounds > 1)]

            def again() -> None:
                kept.put_back(seeds=False)

            sweep = sweep_schedule(low, high, updates, schedule)
            return run_sweeps(one, sweep, updates, repeats=repeats, again=again, said=said, show=show)
        grid, shape = grid_of(low, high, updates, peaks, schedule)

        def train(peak: float, shape: Schedule) -> float:
            """A training from the same start, with the same batches."""
            kept.put_back()
            batches.restart()
            last = run_training(one, peak * shape, say)
            return last if measure is None or math.isnan(last) else float(measure())

        with progress(len(grid) * (shape.length or 1), show) as say:
            return search(
                lambda peaks, shape: [train(peak, shape) for peak in peaks], grid, shape, halving=halving, notes=notes
            )


def _loss(logs: Any) -> float:
    """The loss among what a step returns, which may have metrics behind it."""
    return float(np.ravel(logs[0] if isinstance(logs, (list, tuple)) else logs)[0])


def _measure(model: Any, validation: Any, batch_size: int) -> Callable[[], float] | None:
    """What measures instead of the batch's loss."""
    if validation is None or (callable(validation) and not hasattr(validation, "__iter__")):
        return validation  # type: ignore[no-any-return]

    def mean() -> float:
        batches = _once("validation", validation, batch_size)
        losses = [_loss(model.test_on_batch(*_as_batch("validation", batch))) for batch in batches]
        if not losses:
            refuse("find_lr", "validation", "arrays, or batches that can be gone through again", validation)
        return sum(losses) / len(losses)

    return mean


def _build(model: Any, batches: _Batches) -> None:
    """Make every variable that the first update would make."""
    with _same_random_numbers():
        model._symbolic_build(data_batch=_filled(next(batches)))
    batches.restart()
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def _filled(batch: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*batch, *[None] * (3 - len(batch)))


@contextlib.contextmanager
def _rate_variable(model: Any, optimizer: Any) -> Iterator[tuple[Any, list[str]]]:
    """The learning rate as a variable, which the compiled train step reads; in place of a schedule for the time."""
    held, functions = optimizer._learning_rate, (model.train_function, model.steps_per_execution)
    scheduled = not isinstance(held, keras.Variable)
    if scheduled:
        options = {"dtype": "float32", "trainable": False, "aggregation": "only_first_replica"}
        rate = keras.Variable(0.0, name="learning_rate", **options)
        optimizer._tracker.unlock()
        optimizer._learning_rate = rate
        if not any(rate is each for each in optimizer._variables):
            optimizer._track_variable(rate)
        optimizer._tracker.lock()
    else:
        rate = held
    compiled_anew = scheduled or functions[1] != 1
    if compiled_anew:
        model.steps_per_execution, model.train_function = 1, None
    try:
        yield rate, [f"{type(held).__name__} was paused"] * scheduled
    finally:
        if compiled_anew:
            model.train_function, model.steps_per_execution = functions
        if scheduled:
            optimizer._learning_rate = held
            optimizer._untrack_variable(rate)


class _Copies:
    """Copies of variables, in memory or on disk, and the states of random numbers."""

    def __init__(self, variables: list[Any], folder: str | None) -> None:
        self._variables = list({id(v): v for v in variables}.values())
        self._copies = [self._copy(i, variable, folder) for i, variable in enumerate(self._variables)]
        self._seeds = [i for i, v in enumerate(self._variables) if "seed" in v.path]
        self._random = list(_random_states())

    def put_back(self, *, seeds: bool = True) -> None:
        """Give every variable its value, and, with `seeds`, the random numbers their states."""
        for i, (variable, copy) in enumerate(zip(self._variables, self._copies, strict=True)):
            if seeds or i not in self._seeds:
                variable.assign(copy if isinstance(copy, np.ndarray) else _loaded(*copy))
        if seeds:
            for restore in self._random:
                restore()

    @staticmethod
    def _copy(i: int, variable: Any, folder: str | None) -> Any:
        value = np.array(keras.ops.convert_to_numpy(variable))
        if folder is None:
            return value
        path = Path(folder, str(i))
        path.write_bytes(value.tobytes())  # NumPy's own files have no bfloat16
        return path, value.dtype, value.shape


def _loaded(path: Path, dtype: Any, shape: tuple[int, ...]) -> Any:
    return np.frombuffer(path.read_bytes(), dtype).reshape(shape)


@contextlib.contextmanager
def _kept(model: Any, *, on_disk: bool) -> Iterator[_Copies]:
    """Everything that training changes, put back in the end."""
    seeds = global_state.get_global_attribute("global_seed_generator")
    variables = [
        *(*model.variables, *model.optimizer.variables, *model.metrics_variables),
        *([] if seeds is None else [seeds.state]),
    ]
    stop, initial = model.stop_training, set(map(id, variables))
    with tempfile.TemporaryDirectory(prefix="lrcore-") if on_disk else contextlib.nullcontext() as folder:
        copies = _Copies(variables, folder)
        try:
            yield copies
        finally:
            copies.put_back()
            if seeds is None:  # made by the sweep: a training without one would make it later
                global_state.set_global_attribute("global_seed_generator", None)
            for metric in model.metrics:  # of those that the first batch made, nothing is counted
                if not initial.issuperset(map(id, metric.variables)):
                    metric.reset_state()
            model.stop_training = stop


@contextlib.contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Random numbers as they were, afterwards."""
    states = list(_random_states())
    try:
        yield
    finally:
        for restore in states:
            restore()


def _random_states() -> Iterator[Callable[[], Any]]:
    """What puts each source of random numbers back that is no variable."""
    python, numpy = random.getstate(), np.random.get_state()
    yield lambda: random.setstate(python)
    yield lambda: np.random.set_state(numpy)
    if keras.backend.backend() == "torch":
        import torch

        state = torch.get_rng_state()
        yield lambda: torch.set_rng_state(state)


class _Batches:
    """Batches without end."""

    def __init__(self, data: Any, batch_size: int) -> None:
        self._data, self._size = data, batch_size
        self.rounds = 0
        """How often the data was begun."""
        self._running: Iterator[Any] | None = None
        self._random = np.random.default_rng(0)

    def restart(self) -> None:
        """Begin with the first batch again."""
        self._running = None
        self._random = np.random.default_rng(0)
        self.rounds = 0

    def __next__(self) -> tuple[Any, ...]:
        for _ in range(2):
            if self._running is not None:
                for batch in self._running:
                    return _as_batch("data", batch)
            self._running = iter(_once("data", self._data, self._size, self._random))
            self.rounds += 1
        raise ValueError("find_lr.data must be arrays, or batches that can be gone through again, and it is empty.")


def _once(field: str, data: Any, size: int, shuffled: np.random.Generator | None = None) -> Iterable[Any]:
    """The batches of arrays, shuffled ones all of one size; or of what has batches itself."""
    if hasattr(data, "num_batches") and hasattr(data, "__getitem__"):
        return (data[i] for i in range(data.num_batches))
    if not isinstance(data, tuple) or not data or not all(hasattr(part, "shape") for part in data):
        if not hasattr(data, "__iter__") and not hasattr(data, "__getitem__"):
            refuse("find_lr", field, "arrays (x, y), or batches", type(data).__name__, kind=True)
        return data  # type: ignore[no-any-return]
    lengths = [len(part) for part in data]
    if len(set(lengths)) > 1:
        refuse("find_lr", field, "arrays of one length", lengths)
    order = np.arange(lengths[0]) if shuffled is None else shuffled.permutation(lengths[0])
    size = min(size, len(order))
    whole = len(order) if shuffled is None else len(order) - size + 1
    pieces = (order[i : i + size] for i in range(0, whole, max(size, 1)))
    return (tuple(np.asarray(part)[piece] for part in data) for piece in pieces)


def _as_batch(field: str, batch: Any) -> tuple[Any, ...]:
    """A batch as `train_on_batch` takes it: (x, y) or (x, y, sample_weight)."""
    if not isinstance(batch, (tuple, list)) or not 1 <= len(batch) <= 3:
        refuse("find_lr", field, "batches (x, y) or (x, y, sample_weight)", type(batch).__name__, kind=True)
    return tuple(batch)
