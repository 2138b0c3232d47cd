"""Where a run is, read from its optimizer state: for logging."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrcore import Schedule
from lrcore_optax._names import check_schedule, key
from lrcore_optax._optax import import_optax
from lrcore_optax._plateau import ScaleOnPlateauState
from lrcore_optax._rate import RateState

OptaxSchedule = Schedule | Callable[[Any], Any]


class Current(NamedTuple):
    """What `current` finds; a pytree, so that a compiled train step can return it."""

    step: jax.Array
    """How many updates were made."""
    used: dict[str, jax.Array]
    """The hyperparameters that the last update used; before the first one, those that it will use."""
    next: dict[str, jax.Array]
    """The hyperparameters that the next update will use."""


def used(opt_state: Any, /, **schedules: OptaxSchedule) -> dict[str, jax.Array]:
    """The hyperparameters that the last update used, for a log: `current(opt_state, **schedules).used`.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from lrcore import Linear
    >>> lr = Linear(1.0, end=0.0, steps=4)
    >>> optimizer = optax.adamw(lr)
    >>> state = optimizer.init(jnp.ones(3))
    >>> for _ in range(2):
    ...     _, state = optimizer.update(jnp.ones(3), state, jnp.ones(3))
    >>> used(state, lr=lr)
    {'lr': Array(0.75, dtype=float32)}
    """
    return current(opt_state, **schedules).used


def current(opt_state: Any, /, **schedules: OptaxSchedule) -> Current:
    """The number of updates made, and the hyperparameters of the last and of the next update.

    The count is the one that the schedules in the state go by, wherever `optax.chain`, `MultiSteps`, `apply_if_finite`,
    `multi_transform`, `inject_hyperparams`, `contrib.schedule_free` and the like put it: micro-steps and skipped updates do
    not count. Without schedules in the state it is the count of `MultiSteps`, or of Adam and its kin.

    What `hyperparameters` or `optax.inject_hyperparams` keep in the state is what was used, scale included, and needs no
    schedule here. A schedule of the same name then serves `next` alone, where the scale that the state holds multiplies it.
    The scale of a `scale_on_plateau` is shown as "scale", and multiplies the learning rates, those given here too.

    The keys are those of the other adapters: "lr", "momentum" (for `b1` too), "weight_decay", and anything else under
    Optax's own name; of the group "head" of `multi_transform`, "lr/head".

    Args:
        opt_state: the state of an Optax optimizer, before or after an update, inside `jax.jit` or outside.
        schedules: what to evaluate, by its key; Optax's own names are understood.

    Raises:
        TypeError: what is given as a schedule is not one.
        ValueError: the state holds no count, or counts that differ.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from lrcore import Linear
    >>> lr = Linear(1.0, end=0.0, steps=4)
    >>> optimizer = optax.chain(optax.clip(1.0), optax.adamw(lr))
    >>> state = optimizer.init(jnp.ones(3))
    >>> _, state = optimizer.update(jnp.ones(3), state, jnp.ones(3))
    >>> now = current(state, lr=lr)
    >>> int(now.step), float(now.used["lr"]), float(now.next["lr"])
    (1, 1.0, 0.75)
    """
    given: dict[str, OptaxSchedule] = {}
    for name, schedule in schedules.items():
        check_schedule("current", name, schedule)
        given[key(name, given)] = schedule
    parts = list(_parts(opt_state, ""))
    step = _step(parts, opt_state)
    kept, scales = _kept(parts)
    # Before the first update this is step -1, which schedules read as 0, as they do any negative JAX step
    last = {name: schedule(step - 1) for name, schedule in given.items() if name not in kept}
    coming = {name: schedule(step) * scales.get(name, 1) for name, schedule in given.items()}
    plateaus = _plateaus(parts)
    return Current(step, _on_plateau(kept | last, plateaus), _on_plateau(coming, plateaus))


def _parts(node: Any, group: str) -> Iterator[tuple[Any, str]]:
    """Each part of a state, outer before inner, with what the keys of its group end in."""
    if isinstance(node, import_optax("current").transforms.PartitionState):
        for name, inner in node.inner_states.items():
            yield from _parts(inner, f"{group}/{name}")
    elif isinstance(node, (tuple, list)):
        yield node, group
        for inner in node:
            yield from _parts(inner, group)
    elif isinstance(node, Mapping):
        for inner in node.values():
            yield from _parts(inner, group)


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


def _kept(parts: list[tuple[Any, str]]) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:
    """The hyperparameters that the state itself keeps, and the scales of those that have one."""
    kept: dict[str, jax.Array] = {}
    scales: dict[str, jax.Array] = {}
    for node, group in parts:
        if not isinstance(node, _injected()):
            continue
        states = getattr(node, "hyperparams_states", {})
        for name, value in node.hyperparams.items():
            label = f"{key(name, node.hyperparams)}{group}"
            if label in kept:
                raise ValueError(f"current found {label!r} twice: give it the part of the state that you mean.")
            kept[label] = jnp.asarray(value)
            if isinstance(states.get(name), RateState):
                scales[label] = jnp.asarray(states[name].scale, kept[label].dtype)
                # What is kept before the first update was computed with a scale of 1
                kept[label] *= jnp.where(node.count == 0, scales[label], 1)
    return kept, scales


def _plateaus(parts: list[tuple[Any, str]]) -> dict[str, jax.Array]:
    """What the plateau rules of each group multiply its updates by, under the group's part of the keys."""
    found: dict[str, jax.Array] = {}
    for node, group in parts:
        if isinstance(node, ScaleOnPlateauState):
            found[group] = found.get(group, 1) * jnp.asarray(node.plateau.scale)
    return found


def _on_plateau(values: dict[str, jax.Array], plateaus: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """The values with the scales beside them, and the rates multiplied by those of their group and of all around it."""
    scaled = dict(values)
    for group, scale in plateaus.items():
        scaled[f"scale{group}"] = scale
        for label in values:
            name, _, its = label.partition("/")
            if name == "lr" and f"/{its}/".startswith(f"{group}/"):
                scaled[label] *= jnp.asarray(scale, jnp.asarray(scaled[label]).dtype)
    return scaled


def _injected() -> tuple[Any, ...]:
    optax = import_optax("current")
    return optax.InjectStatefulHyperparamsState, optax.InjectHyperparamsState


def _fields(node: Any) -> tuple[str, ...]:
    return getattr(node, "_fields", ())
