"""Labels for `optax.multi_transform`, from one description of rates that differ."""

from __future__ import annotations

from typing import Any

import jax

from lrcore.advice import GroupRates


def labels(params: Any, rates: GroupRates) -> Any:
    """The label of each parameter's group, in the shape of `params`.

        transforms = {label: optax.adamw(schedule) for label, schedule in rates.schedules(lr).items()}
        optimizer = optax.multi_transform(transforms, labels(params, rates))

    The name of a parameter is its path, as "encoder/layers/0/kernel".

    Raises:
        ValueError: a rule is found in no parameter's name.

    >>> import jax.numpy as jnp
    >>> labels({"body": {"w": jnp.ones(3)}, "head": {"w": jnp.ones(1)}}, GroupRates([("^head", 10.0)]))
    {'body': {'w': 'x1.0'}, 'head': {'w': 'x10.0'}}
    """
    paths, shape = jax.tree_util.tree_flatten_with_path(params)
    names = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in paths]
    rates.groups(names)  # refuses a pattern that is found nowhere
    return jax.tree_util.tree_unflatten(shape, [rates.label(name) for name in names])
