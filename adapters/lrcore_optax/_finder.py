"""The learning-rate finder: a sweep in one scan, a grid in one vmap. What the caller holds is never changed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrcore import Schedule
from lrcore._arguments import refuse
from lrcore.finder import Sweep, Sweeps, check_options, grid_of, last_tenth, search, stopped, sweep_schedule

Make = Callable[..., Any]
"""Makes an optimizer from a learning rate."""


def find_lr(
    loss: Callable[..., Any],
    params: Any,
    batches: Iterable[Any],
    *,
    optimizer: Make,
    state: Any = None,
    key: Any = None,
    method: str = "sweep",
    low: float | None = None,
    high: float | None = None,
    updates: int = 100,
    repeats: int = 1,
    peaks: Sequence[float] | None = None,
    schedule: Schedule | None = None,
    halving: int = 0,
    validation: Callable[[Any], Any] | None = None,
) -> Any:
    """Find the peak of a learning-rate schedule. Nothing is changed: parameters and states are values.

        found = find_lr(loss, params, batches, optimizer=optax.adamw)
        optimizer = optax.adamw(found.schedule(OneCycle, steps=10_000))

    A sweep makes some updates at rates that rise by one factor from each to the next, in one `lax.scan`. The grid makes
    short, equal trainings from the same start, one for each peak, in one `vmap` of a scan.

    Args:
        loss: `loss(params, batch)`; with a state, `loss(params, state, batch)`, which gives the loss and the next state;
            with a key, `loss(..., key)`, which gets another one at each update.
        params: the parameters to begin with.
        batches: pytrees of arrays of one shape, gone through again where the sweep is longer. All that a scan uses are on
            the device together.
        optimizer: a function of the learning rate that makes an optimizer: `optax.adamw`, or
            `lambda lr: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(lr))`. Its state begins anew.
        state: what else a model changes while it trains, such as the statistics of BatchNorm.
        key: a random key, for dropout.
        method: "sweep" or "grid".
        low: the first rate; 1e-7 by default, and 1e-4 for the grid.
        high: the last rate; 10 by default, and 1 for the grid.
        updates: the updates of a sweep, or of each training of the grid.
        repeats: sweeps from the same start with other batches and keys, for the spread.
        peaks: the peaks of the grid; by default from `low` to `high`, each twice the one before.
        schedule: what the grid trains with, its peak 1; by default `OneCycle(1.0, steps=updates)`. For a sweep, another
            schedule of its rate, such as a `Linear` that rises, in place of `low` and `high`.
        halving: how often the grid leaves out the worse half of the peaks, by shorter trainings.
        validation: `validation(params)`, or with a state `validation(params, state)`: what measures instead of the batch's
            loss.

    Returns:
        A `lrcore.finder.Sweep`, `Sweeps` where there are repeats, or a `Grid`.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind or value, or there are no batches.

    >>> import optax
    >>> from lrcore import OneCycle
    >>> x = jax.random.normal(jax.random.key(0), (8, 32, 4))
    >>> def loss(params, batch):
    ...     return jnp.mean((batch @ params - batch @ jnp.arange(4.0)) ** 2)
    >>> found = find_lr(loss, jnp.zeros(4), list(x), optimizer=optax.sgd)
    >>> found.ended, 0.01 < found.suggestion < 1
    ('rise', True)
    >>> found.schedule(OneCycle, steps=100).peak == found.suggestion
    True
    """
    check_options(method, repeats=repeats, peaks=peaks, halving=halving, updates=updates)
    if not callable(loss):
        refuse("find_lr", "loss", "a function loss(params, batch)", loss, kind=True)
    if not callable(optimizer) or hasattr(optimizer, "update"):
        hint = "write optimizer=optax.adamw"
        refuse("find_lr", "optimizer", "a function of the learning rate", type(optimizer).__name__, kind=True, hint=hint)
    if validation is not None and not callable(validation):
        refuse("find_lr", "validation", "a function of the parameters", type(validation).__name__, kind=True)
    if not hasattr(batches, "__iter__") and not hasattr(batches, "__getitem__"):
        refuse("find_lr", "batches", "an iterable of batches", batches, kind=True)
    made = optimizer(0.0)
    if not hasattr(made, "init") or not hasattr(made, "update"):
        refuse("find_lr", "optimizer", "a function that makes an optimizer of a learning rate", made, kind=True)
    given = _Batches(batches)
    begin = (params, made.init(params), state)
    measure = validation if method == "sweep" else None  # of the grid only the ends are measured
    train = jax.jit(_training(loss, _reading(optimizer, params), measure, with_state=state is not None))
    if method == "sweep":
        sweep = sweep_schedule(low, high, updates, schedule)
        rates = sweep(np.arange(updates))
        found = []
        for repeat in range(repeats):
            stacked, notes = given.take(updates)
            _, losses = train(begin, jnp.asarray(rates, jnp.float32), stacked, _keys(key, repeat, updates))
            recorded = np.asarray(losses, np.float64).tolist()
            count, why = stopped(recorded)
            found.append(Sweep(rates[:count].tolist(), recorded[:count], why, notes=notes))
        return found[0] if repeats == 1 else Sweeps(found)
    grid, shape = grid_of(low, high, updates, peaks, schedule)
    stacked, notes = given.take(shape.length or updates)
    together = jax.jit(jax.vmap(train, in_axes=(None, 0, None, None)))

    def short(peaks: Sequence[float], shape: Schedule) -> list[float]:
        steps = shape.length or 1
        rates = np.outer(peaks, shape(np.arange(steps)))
        part = jax.tree.map(lambda leaf: leaf[:steps], stacked)
        ended, losses = together(begin, jnp.asarray(rates, jnp.float32), part, _keys(key, 0, steps))
        if validation is not None:
            params, _, last = ended
            states = () if state is None else (last,)
            final = jax.vmap(validation)(params, *states)
            return np.where(np.isfinite(losses).all(1), np.asarray(final), np.nan).tolist()  # type: ignore[no-any-return]
        return [last_tenth(each) for each in np.asarray(losses, np.float64).tolist()]

    return search(short, grid, shape, halving=halving, notes=notes)


def _reading(make: Make, params: Any) -> Make:
    """The optimizers of `make`, which take their rate from it even if they keep one in their state.

    Optax's `inject_hyperparams` does so, and would go on with the rate of the first update.
    """

    @jax.jit
    def depend(params: Any) -> Any:
        low, high = (make(rate).init(params) for rate in (0.0, 1.0))
        return jax.tree.map(lambda a, b: jnp.any(a != b), low, high)

    kept = jax.tree.map(bool, depend(params))
    if not any(jax.tree.leaves(kept)):
        return make

    def of(rate: Any) -> Any:
        made = make(rate)

        def update(gradients: Any, state: Any, params: Any) -> Any:
            state = jax.tree.map(lambda its, new, old: new if its else old, kept, made.init(params), state)
            return made.update(gradients, state, params)

        return made._replace(update=update)

    return of


def _training(loss: Any, optimizer: Make, validation: Any, *, with_state: bool) -> Callable[..., Any]:
    """A training in one scan: from its begin, rates, batches and keys to its end and the loss before each update."""

    def of(params: Any, state: Any, batch: Any, key: Any) -> Any:
        arguments = (params, *([state] * with_state), batch, *([key] * (key is not None)))
        return loss(*arguments) if with_state else (loss(*arguments), None)

    def update(carry: Any, given: Any) -> Any:
        params, opt_state, state = carry
        rate, batch, key = given
        (recorded, after), gradients = jax.value_and_grad(of, has_aux=True)(params, state, batch, key)
        if validation is not None:
            recorded = validation(params, state) if with_state else validation(params)
        updates, opt_state = optimizer(rate).update(gradients, opt_state, params)
        params = jax.tree.map(lambda p, u: jnp.asarray(p + u, p.dtype), params, updates)
        return (params, opt_state, after), recorded

    return lambda begin, rates, batches, keys: jax.lax.scan(update, begin, (rates, batches, keys))


def _keys(key: Any, repeat: int, count: int) -> Any:
    """A key for each update, or None."""
    return None if key is None else jax.random.split(jax.random.fold_in(key, repeat), count)


class _Batches:
    """Batches without end, stacked for a scan."""

    def __init__(self, batches: Iterable[Any]) -> None:
        self._first: Any = None
        self._left_out = self._rounds = 0
        self._stream = self._forever(batches)

    def take(self, count: int) -> tuple[Any, list[str]]:
        """The next batches along a new first axis, and what is to be said of them."""
        before, left_out = self._rounds, self._left_out
        found = list(itertools.islice(self._stream, count))
        rounds = self._rounds - before
        notes = [f"the batches are fewer than the updates, and were begun {rounds} times"] * (rounds > 1)
        notes += ["batches of another shape than the first were left out"] * (self._left_out > left_out)
        return jax.tree.map(lambda *leaves: jnp.stack(leaves), *found), notes

    def _forever(self, batches: Iterable[Any]) -> Iterator[Any]:
        while True:
            self._rounds += 1
            any_there = False
            for batch in batches:
                shape = jax.tree.map(jnp.shape, batch)
                self._first = shape if self._first is None else self._first
                if shape == self._first:
                    any_there = True
                    yield batch
                else:
                    self._left_out += 1
            if not any_there:
                raise ValueError(
                    "find_lr.batches must be an iterable of batches that can be gone through again, and it is empty."
                )
