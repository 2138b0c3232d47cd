"""Where a run is, read from its optimizer state: for logging."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrcore import Schedule
from lrcore_optax._optax import import_optax


class Current(NamedTuple):
    """What `current` finds; a pytree, so that a compiled train step can return it."""

    step: jax.Array
    """How many updates were made."""
    last: dict[str, jax.Array]
    """The hyperparameters of the last update; before the first one, those that it will have."""
    next: dict[str, jax.Array]
    """The hyperparameters that the next update will have."""


def current(opt_state: Any, /, **schedules: Schedule) -> Current:
    """The number of updates made, and the hyperparameters of the last and of the next update.

    The count is the one that the schedules in the state go by, wherever `optax.chain`, `MultiSteps`, `apply_if_finite`,
    `multi_transform`, `inject_hyperparams`, `contrib.schedule_free` and the like put it: micro-steps and skipped updates do
    not count. Without schedules in the state it is the count of `MultiSteps`, or of Adam and its kin.

    Args:
        opt_state: the state of an Optax optimizer, before or after an update, inside `jax.jit` or outside.
        schedules: what to evaluate, by the name that it shall have in the result.

    What `hyperparameters` or `optax.inject_hyperparams` keep in the state is in `last` too, under its own name; in
    `multi_transform` after the label of its group, as "head/learning_rate".

    Raises:
        ValueError: the state holds no count, or counts that differ.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from lrcore import Linear
    >>> lr = Linear(1.0, end=0.0, steps=4)
    >>> optimizer = optax.chain(optax.clip(1.0), optax.adamw(lr))
    >>> state = optimizer.init(jnp.ones(3))
    >>> _, state = optimizer.update(jnp.ones(3), state, jnp.ones(3))
    >>> now = current(state, learning_rate=lr)
    >>> int(now.step), float(now.last["learning_rate"]), float(now.next["learning_rate"])
    (1, 1.0, 0.75)
    """
    parts = list(_parts(opt_state, ""))
    step = _step(parts, opt_state)
    last = _kept(parts, schedules)
    # Before the first update this is step -1, which schedules read as 0, as they do any negative JAX step
    last.update({name: schedule(step - 1) for name, schedule in schedules.items()})
    return Current(step, last, {name: schedule(step) for name, schedule in schedules.items()})


def _parts(node: Any, label: str) -> Iterator[tuple[Any, str]]:
    """Each part of a state, outer before inner, with the labels of the groups that it is in."""
    if isinstance(node, import_optax("current").transforms.PartitionState):
        for name, inner in node.inner_states.items():
            yield from _parts(inner, f"{label}{name}/")
    elif isinstance(node, (tuple, list)):
        yield node, label
        for inner in node:
            yield from _parts(inner, label)
    elif isinstance(node, Mapping):
        for inner in node.values():
            yield from _parts(inner, label)


def _step(parts: list[tuple[Any, str]], opt_state: Any) -> jax.Array:
    """The count of the schedules, or else of the wrapper around the optimizer, or else of the optimizer itself."""
    optax = import_optax("current")
    nodes = [node for node, _ in parts]
    clocks = (optax.ScaleByScheduleState, *_injected())
    not_of_updates = (optax.ApplyEvery, optax.contrib.ReduceLROnPlateauState)  # their counts begin anew
    found = (
        [node.count for node in nodes if isinstance(node, clocks)]
        or [node.gradient_step for node in nodes if isinstance(node, optax.MultiStepsState)]
        or [node.step_count - 1 for node in nodes if isinstance(node, optax.contrib.ScheduleFreeState)]  # it begins at 1
        or [node.count for node in nodes if "count" in _fields(node) and not isinstance(node, not_of_updates)]
    )
    if not found:
        names = ", ".join(dict.fromkeys(type(node).__name__ for node in nodes if _fields(node))) or repr(opt_state)
        raise ValueError(
            f"current found no count of updates in this optimizer state ({names}); "
            "with a schedule for its learning rate, lrcore.Constant at least, the optimizer keeps one."
        )
    counts = [jnp.asarray(count) for count in found]
    known = [np.asarray(count) for count in counts if not isinstance(count, Tracer)]
    if any(not np.array_equal(known[0], other) for other in known[1:]):
        values = ", ".join(str(count) for count in known)
        raise ValueError(f"current found counts that differ ({values}): give it the part of the state that you mean.")
    return counts[0]


def _kept(parts: list[tuple[Any, str]], schedules: Mapping[str, Schedule]) -> dict[str, jax.Array]:
    """The hyperparameters that the state itself keeps."""
    kept: dict[str, jax.Array] = {}
    for node, label in parts:
        if not isinstance(node, _injected()):
            continue
        for name, value in node.hyperparams.items():
            key = f"{label}{name}"
            if key in kept and key not in schedules:
                raise ValueError(f"current found {key!r} twice: give it the part of the state that you mean.")
            kept[key] = jnp.asarray(value)
    return kept


def _injected() -> tuple[type, ...]:
    optax = import_optax("current")
    return optax.InjectStatefulHyperparamsState, optax.InjectHyperparamsState


def _fields(node: Any) -> tuple[str, ...]:
    return getattr(node, "_fields", ())
