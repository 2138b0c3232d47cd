"""Transformations nested at random: each update is what the schedule, read at the updates made, says.

Beside each Optax transformation stands what it is documented to do, in Python: a `Node`, whose update gives floats.
"""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from hypothesis import strategies as st

from lrcore import Constant, Cosine, InverseSqrt, Linear, Schedule, StepDecay
from lrcore_optax import current, hyperparameters, used
from programs import draw, runs

SCHEDULES = [
    Linear(0.5, end=0.25, steps=30),
    Cosine(0.5, steps=20, end=0.125).warmup(4),
    StepDecay(0.5, every=3, factor=0.5),
    InverseSqrt(0.5, timescale=4).warmup(4),
    Constant(0.25),
]
MOMENTUM = StepDecay(0.5, every=2, factor=0.5)
"""Powers of two, so that a product and a sum are the same whether they are rounded once or twice."""

NAMES = ("a", "b", "c")
F = np.float32
Tree = dict[str, Any]


class Leaf:
    """A rate on a schedule, in one of the ways that there are, some with a momentum."""

    def __init__(self, kind: str, lr: Schedule) -> None:
        self.kind, self.lr = kind, lr
        self.count, self.scale = 0, F(1)
        self.trace: Tree = {}
        self.last: Any = None

    def make(self) -> Any:
        return LEAVES[self.kind](self.lr)

    def leaves(self) -> list[Leaf]:
        return [self]

    def update(self, gradients: Tree) -> Tree:
        self.last = F(self.lr(self.count)) * self.scale
        if self.kind == "momentum":
            momentum = F(MOMENTUM(self.count))
            gradients = {name: gradient + momentum * self.trace.get(name, F(0)) for name, gradient in gradients.items()}
            self.trace = gradients
        self.count += 1
        return {name: -self.last * gradient for name, gradient in gradients.items()}


LEAVES: dict[str, Callable[[Schedule], Any]] = {
    "sgd": optax.sgd,
    "hyperparameters": lambda lr: hyperparameters(optax.sgd, learning_rate=lr),
    "momentum": lambda lr: hyperparameters(optax.sgd, learning_rate=lr, momentum=MOMENTUM),
    "inject_hyperparams": lambda lr: optax.inject_hyperparams(optax.sgd)(learning_rate=lr),
    "scale_by_learning_rate": optax.scale_by_learning_rate,
    "scale_by_schedule": lambda lr: optax.chain(optax.scale_by_schedule(lr), optax.scale(-1.0)),
}

SCALED = ("hyperparameters", "momentum")
"""Those that have a scale."""


class Around:
    """A transformation around another, which leaves its updates as they are."""

    def __init__(self, kind: str, inner: Any, number: int) -> None:
        self.kind, self.inner, self.number = kind, inner, number
        self.calls = self.mini = self.bad = 0
        self.mean: Tree = {}

    def make(self) -> Any:
        named = self.kind == "flatten" and kinds(self.inner) & {"masked", "partition"}  # of one vector there are no names
        return AROUND["chain" if named else self.kind](self.inner.make(), self.number)

    def leaves(self) -> list[Leaf]:
        found: list[Leaf] = self.inner.leaves()
        return found

    def update(self, gradients: Tree) -> Tree:
        found: Tree = getattr(self, f"_{self.kind}", self.inner.update)(gradients)
        return found

    def _multi_steps(self, gradients: Tree) -> Tree:
        """The mean of so many gradients, and else nothing."""
        before = self.mean or dict.fromkeys(gradients, F(0))
        self.mean = {name: before[name] + (g - before[name]) / F(self.mini + 1) for name, g in gradients.items()}
        self.mini += 1
        mean = self.mean
        if self.mini < self.number:
            return dict.fromkeys(gradients, F(0))
        self.mean, self.mini = {}, 0
        updates: Tree = self.inner.update(mean)
        return updates

    def _skipping(self, gradients: Tree) -> Tree:
        """The same, where a gradient that is not finite is left out."""
        if any(math.isnan(g) for g in gradients.values()):
            return dict.fromkeys(gradients, F(0))
        return self._multi_steps(gradients)

    def _apply_if_finite(self, gradients: Tree) -> Tree:
        """Nothing where a gradient is not finite, unless too many were."""
        finite = not any(math.isnan(g) for g in gradients.values())
        self.bad = 0 if finite else self.bad + 1
        if finite or self.bad > self.number:
            updates: Tree = self.inner.update(gradients)
            return updates
        return dict.fromkeys(gradients, F(0))

    def _masked(self, gradients: Tree) -> Tree:
        """Every gradient but one, which passes."""
        mine = {name: g for name, g in gradients.items() if name != NAMES[self.number % 3]}
        return {**gradients, **self.inner.update(mine)}

    def _conditionally_transform(self, gradients: Tree) -> Tree:
        """Every second or third gradient; the others pass."""
        self.calls += 1
        return self.inner.update(gradients) if (self.calls - 1) % self.number == 0 else gradients

    def _conditionally_mask(self, gradients: Tree) -> Tree:
        self.calls += 1
        if (self.calls - 1) % self.number == 0:
            updates: Tree = self.inner.update(gradients)
            return updates
        return dict.fromkeys(gradients, F(0))


AROUND: dict[str, Callable[[Any, int], Any]] = {
    "chain": lambda inner, _: optax.chain(optax.clip(10.0), inner, optax.identity()),
    "named_chain": lambda inner, _: optax.named_chain(("first", optax.identity()), ("second", inner)),
    "flatten": lambda inner, _: optax.flatten(inner),
    "extra": lambda inner, _: optax.with_extra_args_support(inner),
    "multi_steps": lambda inner, k: optax.MultiSteps(inner, k).gradient_transformation(),
    "skipping": lambda inner, k: optax.MultiSteps(
        inner, k, should_skip_update_fn=optax.skip_not_finite
    ).gradient_transformation(),
    "apply_if_finite": optax.apply_if_finite,
    "masked": lambda inner, n: optax.masked(inner, lambda tree: {name: name != NAMES[n % 3] for name in tree}),
    "conditionally_transform": lambda inner, n: optax.conditionally_transform(inner, lambda step: step % n == 0),
    "conditionally_mask": lambda inner, n: optax.conditionally_mask(inner, lambda step: step % n == 0),
}


class Both:
    """Two transformations: one after the other, or each for parameters of its own."""

    def __init__(self, kind: str, first: Any, second: Any) -> None:
        self.kind, self.first, self.second = kind, first, second

    def make(self) -> Any:
        first, second = self.first.make(), self.second.make()
        if self.kind == "after":
            return optax.chain(first, second)
        return optax.partition({"one": first, "two": second}, lambda tree: {name: self._label(name) for name in tree})

    def _label(self, name: str) -> str:
        return "one" if name == "a" else "two"

    def leaves(self) -> list[Leaf]:
        return [*self.first.leaves(), *self.second.leaves()]

    def update(self, gradients: Tree) -> Tree:
        if self.kind == "after":
            updates: Tree = self.second.update(self.first.update(gradients))
            return updates
        found: Tree = {}
        for label, inner in (("one", self.first), ("two", self.second)):
            mine = {name: g for name, g in gradients.items() if self._label(name) == label}
            found |= inner.update(mine) if mine else {}
        return found


LEAF = st.builds(Leaf, st.sampled_from(sorted(LEAVES)), st.sampled_from(SCHEDULES))
TREE: Any = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(Around, st.sampled_from(sorted(AROUND)), inner, st.integers(1, 3)),
        st.builds(Around, st.sampled_from(sorted(AROUND)), inner, st.integers(1, 3)),
        st.builds(Both, st.sampled_from(["after", "partition"]), inner, inner),
    ),
    max_leaves=3,
)


def kinds(tree: Any) -> set[str]:
    inside = [value for value in vars(tree).values() if isinstance(value, (Leaf, Around, Both))]
    return {tree.kind}.union(*map(kinds, inside))


def program(tree: Any, way: str, operations: list[tuple[str, float]]) -> int:
    """Updates in a loop, compiled or not, in a scan, or of three copies at once with gradients of their own."""
    optimizer = tree.make()
    params = {name: jnp.zeros(()) for name in NAMES}
    state = optimizer.init(params)
    leaves = tree.leaves()
    if "multi_steps" in kinds(tree):  # which multiplies by 0 what is not finite, as it may be in XLA's hands
        operations = [("update" if what == "nan" else what, number) for what, number in operations]
    if way in ("scan", "vmap"):
        gradients = np.array([F("nan") if what == "nan" else F(1) for what, _ in operations])
        copies = np.stack([gradients, np.roll(gradients, 1), np.ones_like(gradients)])
        many = copies if way == "vmap" else copies[:1]

        def body(state: Any, gradient: Any) -> Any:
            updates, state = optimizer.update(dict.fromkeys(NAMES, gradient), state, params)
            return state, updates

        found = jax.jit(jax.vmap(lambda run: jax.lax.scan(body, state, run)[1]))(many)
        for i, run in enumerate(many):
            reference = copy.deepcopy(tree)
            for step, gradient in enumerate(run):
                want = reference.update(dict.fromkeys(NAMES, gradient))
                for name in NAMES:
                    np.testing.assert_array_equal(found[name][i][step], want[name], err_msg=f"{name}, {step}")
        return int(many.size)
    update = jax.jit(optimizer.update) if way == "jit" else optimizer.update
    operations = operations if way == "jit" else operations[:5]  # each compiles its conditions anew
    alone = leaves[0] if len(leaves) == 1 else None
    for what, number in operations:
        gradient = F("nan") if what == "nan" else F(1)
        if what == "scale" and any(leaf.kind in SCALED for leaf in leaves):
            state = optax.tree_utils.tree_set(state, scale=number)
            for leaf in leaves:
                if leaf.kind in SCALED:
                    leaf.scale = F(number)
        elif what == "save":
            state = jax.tree.map(jnp.asarray, pickle.loads(pickle.dumps(jax.device_get(state))))
        updates, state = update(dict.fromkeys(NAMES, jnp.asarray(gradient)), state, params)
        want = tree.update(dict.fromkeys(NAMES, gradient))
        for name in NAMES:
            np.testing.assert_array_equal(updates[name], want[name], err_msg=name)
        if alone and alone.last is not None and alone.kind != "scale_by_schedule":
            label = next((key for key in used(state, lr=alone.lr) if key.startswith("lr")), "lr")
            assert float(used(state, **{label: alone.lr})[label]) == alone.last
            assert int(current(state, lr=alone.lr).step) == alone.count
    return len(operations)


def test_every_update_applies_the_schedules_rate(record_property: Any) -> None:
    draw(
        program,
        25,
        record_property,
        "Optax",
        tree=TREE,
        way=st.sampled_from(["eager", "jit", "jit", "jit", "scan", "vmap", "vmap"]),
        operations=runs(
            st.tuples(st.sampled_from(["update"] * 5 + ["nan", "scale", "save"]), st.sampled_from([0.5, 0.25, 2.0])), 16
        ),
    )
