"""Optax: `scale_on_plateau` gives the core's scales, bit for bit, wherever an optimizer's state may go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrcore import Cosine
from lrcore.plateau import Plateau
from lrcore_optax import ScaleOnPlateauState, current, hyperparameters, report, scale_on_plateau, used

RULE = Plateau(factor=0.3, patience=0, window=3, cooldown=1)
LR = Cosine(0.5, steps=100).warmup(4, start=0.25)
ONES = {"w": jnp.ones(3)}


def metrics(count: int, seed: int = 0) -> Any:
    """A noisy metric of float32 that falls and then stalls, with a NaN and an infinity."""
    random = np.random.default_rng(seed)
    values = np.maximum(1.0, 3.0 - 0.4 * np.arange(count)) + random.normal(0, 0.05, count)
    values[[count // 3, count // 2]] = np.nan, np.inf
    return values.astype(np.float32)


def core(rule: Plateau, values: Any, every: int = 1, after: int = 0) -> list[np.float32]:
    """The scale of each update, by the rule in Python, rounded once."""
    state, scales = rule.start(), []
    for i, value in enumerate(values):
        if (i + 1) % every == 0 and i >= after:
            state = rule.update(state, float(value))
        scales.append(np.float32(state.scale))
    return scales


def kept(state: Any) -> ScaleOnPlateauState:
    """The transformation's state, wherever it is in another's."""
    leaves = jax.tree.leaves(state, is_leaf=lambda node: isinstance(node, ScaleOnPlateauState))
    (found,) = (leaf for leaf in leaves if isinstance(leaf, ScaleOnPlateauState))
    return found


def scaled(rule: Plateau = RULE) -> Any:
    return optax.chain(optax.sgd(LR), scale_on_plateau(rule))


WRAPPED: dict[str, tuple[int, Any]] = {
    "chain": (0, scaled()),
    "hyperparameters, if finite, after some updates": (
        10,
        optax.apply_if_finite(
            optax.chain(hyperparameters(optax.sgd, learning_rate=LR), scale_on_plateau(RULE, after=10)), 3
        ),
    ),
}
"""Optimizers, and the updates before which they report nothing."""


def followed(optimizer: Any, values: Any, params: Any = ONES, **tell: Any) -> tuple[Any, Any, Any]:
    """The updates, what `current` says after each, and the last state, of a compiled loop over metrics."""
    counted = not isinstance(optimizer.init(params), ScaleOnPlateauState | optax.contrib.ReduceLROnPlateauState)

    @jax.jit
    def run(values: Any) -> Any:
        def update(state: Any, value: Any) -> Any:
            updates, state = optimizer.update(params, state, params, value=value)
            return state, (updates, current(state, **tell) if counted else None)

        return jax.lax.scan(update, optimizer.init(params), values)

    state, (updates, now) = run(values)
    return updates, now, state


@pytest.mark.parametrize("name", WRAPPED)
def test_each_update_is_scaled_as_the_rule_says(name: str) -> None:
    after, optimizer = WRAPPED[name]
    values = metrics(40)
    scales = np.array(core(RULE, values, after=after))
    updates, now, state = followed(optimizer, values, lr=LR)
    rates, coming = (LR(np.arange(first, first + 40)).astype(np.float32) * scales for first in (0, 1))
    np.testing.assert_array_equal(updates["w"], -rates[:, None] * np.ones(3, np.float32))
    for found, want in ((now.used, rates), (now.next, coming)):
        np.testing.assert_array_equal(found["scale"], scales)
        np.testing.assert_array_equal(found["lr"], want)
    np.testing.assert_array_equal(now.step, np.arange(1, 41))
    assert int(kept(state).plateau.reports) == 40 - after
    assert scales[-1] < 0.1


def test_multi_steps_reports_once_for_each_update() -> None:
    values = metrics(120)
    scales = core(RULE, values, every=4)
    _, now, _ = followed(optax.MultiSteps(scaled(), every_k_schedule=4), values)
    np.testing.assert_array_equal(now.used["scale"], scales)
    assert scales[-1] < 0.5


def test_a_rule_is_mapped_over_runs_and_compiled_once_for_single_updates() -> None:
    optimizer = scaled()
    runs = np.stack([metrics(40, seed) for seed in range(3)])
    update = jax.jit(jax.vmap(optimizer.update, in_axes=(None, 0, None)))
    state = jax.vmap(lambda _: optimizer.init(ONES))(jnp.arange(3))
    found = []
    for values in runs.T:
        _, state = update(ONES, state, ONES, value=values)
        found.append(used(state)["scale"])
    np.testing.assert_array_equal(np.transpose(found), [core(RULE, values) for values in runs])
    assert update._cache_size() == 1


def test_what_float32_leaves_of_the_rule_s_numbers_is_needed() -> None:
    """The twin of the tests above: without it a scale would differ."""
    rule = Plateau(factor=0.3, patience=0)
    plain = scale_on_plateau(rule)

    def update(updates: Any, state: Any, params: Any = None, **more: Any) -> Any:
        numbers = state.plateau._replace(exact=state.plateau.scale)
        return plain.update(updates, state._replace(plateau=numbers, rest=state.rest * 0), params, **more)

    flat = np.ones(20, np.float32)
    found = followed(optax.GradientTransformationExtraArgs(plain.init, update), flat)[0]["w"]
    assert not np.array_equal(found[:, 0], core(rule, flat))


def test_a_scale_that_is_set_is_where_the_rule_goes_on_from() -> None:
    rule = Plateau(factor=0.3, patience=0)
    optimizer = scaled(rule)
    update = jax.jit(optimizer.update)
    begun = optimizer.init(ONES)
    for value in (1.0, 1.0, 1.0):
        _, begun = update(ONES, begun, ONES, value=value)
    assert used(begun)["scale"] == np.float32(0.3 * 0.3)
    for scale in (0.5, jnp.float32(1e-6), 2.0):
        state = optax.tree_utils.tree_set(begun, scale=scale)
        assert used(state)["scale"] == np.float32(scale)
        for value, want in ((0.5, float(scale)), (0.5, float(scale) * 0.3)):
            _, state = update(ONES, state, ONES, value=value)
            assert used(state)["scale"] == np.float32(want)


def test_a_metric_of_each_evaluation_is_reported_between_updates() -> None:
    rule = Plateau(factor=0.3, patience=0)
    optimizer = optax.MultiSteps(optax.chain(optax.sgd(LR), scale_on_plateau(rule, after=4, every_update=False)), 2)
    update, tell = jax.jit(optimizer.update), jax.jit(report, static_argnums=1)
    state, expected = optimizer.init(ONES), rule.start()
    for epoch, value in enumerate(metrics(12)):
        for _ in range(4):  # two updates of two micro-steps
            updates, state = update(ONES, state, ONES)
        assert np.all(np.asarray(updates["w"]) == -np.float32(LR(2 * epoch + 1)) * np.float32(expected.scale))
        state = tell(state, rule, value)
        if epoch >= 1:
            expected = rule.update(expected, float(value))
        assert used(state)["scale"] == np.float32(expected.scale)
    assert expected.cuts > 3


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32], ids=["bfloat16", "float16", "float32"])
def test_updates_keep_their_dtype_and_the_state_its_own(dtype: Any) -> None:
    optimizer = scaled()
    params = jnp.ones(2, dtype)
    state = optimizer.init(params)
    kinds = jax.tree.map(lambda leaf: (leaf.dtype, leaf.weak_type), state)
    for value in (1.0, jnp.asarray(1.0, dtype), np.float64(0.5), 1):
        updates, state = optimizer.update(params, state, params, value=value)
        assert updates.dtype == dtype
        assert jax.tree.map(lambda leaf: (leaf.dtype, leaf.weak_type), state) == kinds
    later = scale_on_plateau(RULE, every_update=False)
    updates, after = later.update(params, optax.tree_utils.tree_set(later.init(params), scale=0.3))
    assert updates.dtype == dtype
    assert float(updates[0]) == float(jnp.asarray(0.3, dtype))
    assert jax.tree.map(lambda leaf: (leaf.dtype, leaf.weak_type), after) == kinds[-1]
    assert optax.tree_utils.tree_get(state, "plateau") == kept(state).plateau


def test_each_group_of_a_partition_may_have_a_rule_and_all_another() -> None:
    groups = {"head": scaled(Plateau(factor=0.5, patience=0)), "body": optax.sgd(LR)}
    optimizer = optax.chain(optax.partition(groups, {"h": "head", "b": "body"}), scale_on_plateau(Plateau(0.1, patience=1)))
    params = {"h": jnp.ones(()), "b": jnp.ones(())}
    state = optimizer.init(params)
    for _ in range(3):
        _, state = optimizer.update(params, state, params, value=1.0)
    rates = {name: float(value) for name, value in used(state, **{"lr/head": LR, "lr/body": LR}).items()}
    lr, tenth = np.float32(LR(2)), np.float32(0.1)
    quarter = np.float32(0.25)
    assert rates == {"lr/head": lr * quarter * tenth, "lr/body": lr * tenth, "scale/head": 0.25, "scale": tenth}


def test_it_is_saved_and_restored_in_mid_count(tmp_path: Path) -> None:
    import orbax.checkpoint as ocp

    optimizer, values = scaled(), metrics(40)
    _, _, state = followed(optimizer, values[:16])
    assert int(kept(state).plateau.seen) == 1
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "at", state)
        checkpointer.wait_until_finished()
        state = checkpointer.restore(tmp_path / "at", optimizer.init(ONES))
    update = jax.jit(optimizer.update)
    for value, scale in zip(values[16:], core(RULE, values)[16:], strict=True):
        _, state = update(ONES, state, ONES, value=value)
        assert used(state)["scale"] == scale


SETTINGS: list[tuple[bool, dict[str, Any]]] = [
    (False, {"patience": 1, "cooldown": 2, "factor": 0.5}),
    (True, {"patience": 2, "accumulation_size": 3, "rtol": 0.01, "atol": 0.01, "min_scale": 0.02, "cooldown": 1}),
]


@pytest.mark.parametrize(("x64", "settings"), SETTINGS, ids=["float32", "float64"])
def test_gives_the_numbers_of_reduce_on_plateau(x64: bool, settings: dict[str, Any]) -> None:
    rule = Plateau.like("optax", **settings)
    values = np.stack([np.round(metrics(80, seed), 2) for seed in range(50)])  # with ties
    with jax.enable_x64(x64):
        theirs, mine = (
            np.asarray(jax.vmap(lambda values, it=optimizer: followed(it, values, jnp.ones(()))[0])(values))
            for optimizer in (optax.contrib.reduce_on_plateau(**settings), scale_on_plateau(rule))
        )
    # With a factor of 0.1 theirs would be rounded to float32 at each cut, where x64 is off
    np.testing.assert_array_equal(mine, theirs)
    assert mine.max(axis=0)[-1] < 1


MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: scale_on_plateau(RULE).update(ONES, scale_on_plateau(RULE).init(ONES)),
        TypeError,
        "scale_on_plateau.value must be a number, got None; write optimizer.update(gradients, state, params, value=loss).",
    ),
    (
        lambda: jax.jit(scaled().update)(ONES, scaled().init(ONES)),
        TypeError,
        "scale_on_plateau.value must be a number, got None; write optimizer.update(gradients, state, params, value=loss).",
    ),
    (
        lambda: scale_on_plateau(RULE).update(ONES, scale_on_plateau(RULE).init(ONES), value=np.ones(2)),
        ValueError,
        "scale_on_plateau.value must be a single number, got array([1., 1.]); give the mean over a batch.",
    ),
    (
        lambda: scale_on_plateau(RULE).update(ONES, scale_on_plateau(RULE).init(ONES), value="0.5"),
        TypeError,
        "scale_on_plateau.value must be a number, got '0.5'.",
    ),
    (
        lambda: report(optax.sgd(LR).init(ONES), RULE, 1.0),
        ValueError,
        "report found no scale_on_plateau in this optimizer state.",
    ),
    (
        lambda: report(scaled().init(ONES), RULE, 1.0),
        ValueError,
        "report: value was reported before the first update; report after an evaluation of a trained model.",
    ),
    (lambda: report((), RULE, None), TypeError, "report.value must be a number, got None."),
    (lambda: report((), LR, 1.0), TypeError, f"report.plateau must be a Plateau, got {LR!r}."),  # type: ignore[arg-type]
    (
        lambda: scale_on_plateau(RULE, every_update=1),  # type: ignore[arg-type]
        TypeError,
        "scale_on_plateau.every_update must be True or False, got 1.",
    ),
    (lambda: scale_on_plateau(LR), TypeError, f"scale_on_plateau.plateau must be a Plateau, got {LR!r}."),  # type: ignore[arg-type]
    (
        lambda: scale_on_plateau(RULE, after=-1),
        ValueError,
        "scale_on_plateau.after must be an integer, 0 or more, got -1.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_a_mistake_is_one_line(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message
