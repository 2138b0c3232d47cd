"""Checkpoints of JAX, averaged one after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lrcore._arguments import refuse
from lrcore.theory import add_up


def average(checkpoints: Iterable[Any], weights: Sequence[float]) -> Any:
    """The weighted average of pytrees, in place of a decay: `lrcore.theory.averaging_weights` gives the weights.

    Floating-point leaves are summed in float32, or in their own dtype if that is wider, and come back in their own dtype.
    Everything else (integer counts, keys of random numbers, booleans) is taken from the last checkpoint. The statistics of
    batch normalization are averaged like weights: compute them anew afterwards.

    Args:
        checkpoints: pytrees of one structure, the earliest first. A generator that restores them has one in memory at a
            time, beside the sum.
        weights: one for each, which sum to 1.

    Raises:
        ValueError: there are fewer checkpoints than weights, or more; the weights do not sum to 1; or a checkpoint has
            another structure or other shapes than the first.

    >>> trees = [{"w": jnp.zeros(2), "count": 1}, {"w": jnp.ones(2), "count": 2}]
    >>> average(trees, [0.25, 0.75])
    {'count': 2, 'w': Array([0.75, 0.75], dtype=float32)}
    """
    found: list[Any] = []
    dtypes: list[Any] = []
    structure: Any = None

    def add(checkpoint: Any, weight: float) -> None:
        nonlocal structure
        leaves, mine = jax.tree.flatten(checkpoint)
        if structure is None:
            structure = mine
            dtypes.extend(_dtype(leaf) for leaf in leaves)
            found.extend([None] * len(leaves))
        elif mine != structure:
            refuse("average", "checkpoints", f"of one structure, {structure}", mine)
        for i, leaf in enumerate(leaves):
            if dtypes[i] is None:
                found[i] = leaf
                continue
            part = _wide(leaf) * weight
            if found[i] is not None and jnp.shape(part) != jnp.shape(found[i]):
                refuse("average", "checkpoints", f"of one shape {jnp.shape(found[i])} at leaf {i}", jnp.shape(part))
            found[i] = part if found[i] is None else found[i] + part

    add_up("average", checkpoints, weights, add)
    own = [
        leaf if dtype is None or dtype is float else leaf.astype(dtype) for leaf, dtype in zip(found, dtypes, strict=True)
    ]
    return jax.tree.unflatten(structure, own)


def _dtype(leaf: Any) -> Any:
    """The dtype in which a leaf comes back; `float` for a Python number; None where it is not averaged."""
    if isinstance(leaf, float):
        return float
    dtype = getattr(leaf, "dtype", None)
    return dtype if dtype is not None and jnp.issubdtype(dtype, jnp.inexact) else None


def _wide(leaf: Any) -> Any:
    return leaf if isinstance(leaf, float) else leaf.astype(jnp.promote_types(leaf.dtype, jnp.float32))
