"""A plateau rule as a transformation of Optax: it looks at a metric at each update, and scales the updates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from lrcore._arguments import WHOLE, as_number, is_number, refuse
from lrcore.plateau import Plateau, PlateauState
from lrcore_optax._optax import import_optax

if TYPE_CHECKING:
    from optax import GradientTransformationExtraArgs


class ScaleOnPlateauState(NamedTuple):
    """What `scale_on_plateau` keeps; `optax.tree_utils.tree_set(state, scale=0.5)` sets the scale."""

    plateau: PlateauState
    """The rule's state in float32, whose `scale` is what the last update was multiplied by."""
    rest: jax.Array
    """What float32 leaves of the rule's float64 numbers, so that a report is the same as in Python."""
    step: jax.Array
    """How many updates were made."""
    after: jax.Array
    """How many of them there are before a metric is looked at."""


def scale_on_plateau(plateau: Plateau, *, after: int = 0, every_update: bool = True) -> GradientTransformationExtraArgs:
    """A transformation that multiplies updates by the scale of a plateau rule.

        state = plateau.update(state, value)
        updates = updates·state.scale              in float32, then rounded to the dtype of the updates

    Put it behind the optimizer in `optax.chain`, and give each update its metric: `optimizer.update(gradients, state,
    params, value=loss)`. A report is one update, and acts on the same update: give the rule a `window`, since the loss of
    one batch is noisy. Or write `every_update=False`, and give the metric of each evaluation to `report`. `current(state)`
    shows the scale, and `optax.tree_utils.tree_get(state, "plateau")` all that the rule remembers.

    The state is of float32 arrays whatever the dtype of the parameters, and yet the scale is the one that the rule gives in
    Python, bit for bit, if the metrics are the same: `rest` keeps what float32 leaves. That is why it may go through
    `MultiSteps`, a checkpoint or a cast.

    Args:
        plateau: the rule. It may be one of `Plateau.like("optax", ...)`.
        after: the updates at the beginning whose metrics are not looked at, `lrcore.plateau.warmup_end(lr)` for those of a
            warmup: a metric that improves because the rate rises sets no useful best.
        every_update: whether each update comes with a metric.

    Raises:
        TypeError: `plateau` is not a rule; or, when an update is traced, it comes without a `value`.
        ValueError: `after` is below 0, or a value is not a single number.

    Same rule: `optax.contrib.reduce_on_plateau(factor, patience + 1, rtol, atol, cooldown, window, floor)`, for a metric
    above 0.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from lrcore import Cosine
    >>> from lrcore_optax import current
    >>> rule = Plateau(factor=0.5, patience=1)
    >>> optimizer = optax.chain(optax.sgd(Cosine(1.0, steps=100)), scale_on_plateau(rule))
    >>> state = optimizer.init(jnp.ones(3))
    >>> for loss in (1.0, 1.0, 1.0):
    ...     _, state = optimizer.update(jnp.ones(3), state, value=loss)
    >>> float(current(state).used["scale"])
    0.5
    """
    optax = import_optax("scale_on_plateau")
    if not isinstance(plateau, Plateau):
        refuse("scale_on_plateau", "plateau", "a Plateau", plateau, kind=True)
    after = as_number("scale_on_plateau", "after", after, WHOLE)
    if not isinstance(every_update, bool):
        refuse("scale_on_plateau", "every_update", "True or False", every_update, kind=True)

    def init(params: Any) -> ScaleOnPlateauState:
        numbers, rest = _rounded(plateau.start(), _default())
        return ScaleOnPlateauState(numbers, rest, jnp.zeros((), jnp.int32), jnp.asarray(after, jnp.int32))

    def update(
        updates: Any, state: ScaleOnPlateauState, params: Any = None, *, value: Any = None, **_: Any
    ) -> tuple[Any, ScaleOnPlateauState]:
        if every_update:
            hint = "write optimizer.update(gradients, state, params, value=loss)" if value is None else ""
            _check("scale_on_plateau", value, hint)
            state = _reported(plateau, state, value)
        scale = jnp.asarray(state.plateau.scale, _default())  # it may have been set as a Python number
        scaled = jax.tree.map(lambda u: (u * scale).astype(u.dtype), updates)
        return scaled, state._replace(plateau=state.plateau._replace(scale=scale), step=optax.safe_increment(state.step))

    made: GradientTransformationExtraArgs = optax.GradientTransformationExtraArgs(init, update)
    return made


def report(opt_state: Any, plateau: Plateau, value: Any) -> Any:
    """The state of an optimizer after a report, wherever in it a `scale_on_plateau` is; the scale acts on the next update.

    For a metric that comes once an evaluation: `scale_on_plateau(plateau, every_update=False)`. Of an optimizer with
    several rules, give it the part of the state that is meant.

    Args:
        opt_state: the state of an Optax optimizer, inside `jax.jit` or outside.
        plateau: the rule that the transformation was made with.
        value: the metric.

    Raises:
        TypeError: `plateau` is not a rule, or the value is not a number.
        ValueError: the value is not a single number, no update was made yet, or the state has no `scale_on_plateau`.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> rule = Plateau(factor=0.5, patience=0)
    >>> optimizer = optax.chain(optax.sgd(0.1), scale_on_plateau(rule, every_update=False))
    >>> state = optimizer.init(jnp.ones(3))
    >>> for loss in (1.0, 1.0):
    ...     _, state = optimizer.update(jnp.ones(3), state)
    ...     state = report(state, rule, loss)
    >>> float(optax.tree_utils.tree_get(state, "scale"))
    0.5
    """
    if not isinstance(plateau, Plateau):
        refuse("report", "plateau", "a Plateau", plateau, kind=True)
    _check("report", value)
    nodes, tree = jax.tree.flatten(opt_state, is_leaf=_is_ours)
    if not any(map(_is_ours, nodes)):
        raise ValueError("report found no scale_on_plateau in this optimizer state.")
    for node in filter(_is_ours, nodes):
        if not isinstance(node.step, Tracer) and not np.all(np.asarray(node.step)):
            hint = "report after an evaluation of a trained model"
            raise ValueError(f"report: value was reported before the first update; {hint}.")
    return jax.tree.unflatten(tree, [_reported(plateau, node, value) if _is_ours(node) else node for node in nodes])


def _is_ours(node: Any) -> bool:
    return isinstance(node, ScaleOnPlateauState)


def _check(owner: str, value: Any, hint: str = "") -> None:
    """Refuse a metric that is not there, is not a number, or is many."""
    dtype = getattr(value, "dtype", np.dtype(bool))
    if not is_number(value) and not jnp.issubdtype(dtype, jnp.floating) and not jnp.issubdtype(dtype, jnp.integer):
        refuse(owner, "value", "a number", value, kind=True, hint=hint)
    if getattr(value, "shape", ()):
        refuse(owner, "value", "a single number", value, hint="give the mean over a batch")


# A float64 number as the sum of three of float32, each what rounding the one before took away. An array of float64 would
# not do: where JAX's x64 is off, an operation that takes one makes it float32, and Optax's wrappers have such operations.


def _reported(plateau: Plateau, state: ScaleOnPlateauState, value: Any) -> ScaleOnPlateauState:
    """The state after a report, which does nothing before `after`."""
    dtype = _default()
    with jax.enable_x64(True):  # around the call: a Python number would become a float32 on its way
        given = state.plateau, state.rest, jnp.asarray(value, jnp.float64)
        numbers, rest = _compiled(plateau, dtype, *given)
    before = state.plateau, state.rest
    due = jnp.asarray(state.step) >= state.after
    numbers, rest = jax.tree.map(lambda new, old: jnp.where(due, new, old), (numbers, rest), before)
    return state._replace(plateau=numbers, rest=rest)


@partial(jax.jit, static_argnums=(0, 1))
def _compiled(plateau: Plateau, dtype: Any, numbers: PlateauState, rest: jax.Array, value: Any) -> Any:
    return _rounded(plateau.update(_exact(numbers, rest, dtype), value), dtype)


def _default() -> Any:
    """The type of the state's numbers: float64 where x64 is on."""
    return jax.dtypes.canonicalize_dtype(np.float64)


def _rounded(state: PlateauState, dtype: Any) -> tuple[PlateauState, jax.Array]:
    """A state rounded to a type, and the rest."""
    with jax.enable_x64(True):
        numbers, tree = jax.tree.flatten(state)
        left = jnp.stack([lax.convert_element_type(number, jnp.float64) for number in numbers])
        parts = []
        for its in (dtype, np.dtype(np.float32), np.dtype(np.float32)):
            part = _to_precision(left, its)
            left = jnp.where(jnp.isfinite(part), left - part, 0.0)
            parts.append(lax.convert_element_type(part, its))
        first, *rest = parts
        return jax.tree.unflatten(tree, list(first)), jnp.stack(rest)


def _exact(state: PlateauState, rest: jax.Array, dtype: Any) -> PlateauState:
    """The state in float64. A number that was set by hand is not what the rest belongs to."""
    numbers, tree = jax.tree.flatten(state)
    first = jnp.stack([lax.convert_element_type(number, jnp.float64) for number in numbers])
    middle, last = lax.convert_element_type(rest, jnp.float64)
    whole = first + middle + last
    exact = jnp.where(_to_precision(whole, dtype) == first, whole, first)
    return jax.tree.unflatten(tree, list(exact))  # type: ignore[no-any-return]


def _to_precision(numbers: jax.Array, dtype: Any) -> jax.Array:
    """Numbers of float64 with the precision of another type. Not by a conversion and back, which XLA may leave out."""
    info = np.finfo(dtype)
    return lax.reduce_precision(numbers, exponent_bits=info.nexp, mantissa_bits=info.nmant)
