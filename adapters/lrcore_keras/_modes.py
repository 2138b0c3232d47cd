"""How TensorFlow and Keras are verified: tensors of steps, and the rate that an optimizer applies, read out of a weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from lrcore import Schedule
from lrcore.modes import Steps, Values, of_rates, slow
from lrcore_keras._hyperparameters import hyperparameters
from lrcore_keras._schedule import KerasSchedule

# TensorFlow, whatever Keras runs on.


def eager(schedule: Schedule, steps: Steps) -> Values:
    """The whole as one tensor of int64."""
    import tensorflow as tf

    single, double = _both(schedule)(tf.constant(steps.many))
    return steps.many, single.numpy(), double.numpy()


def graph(schedule: Schedule, steps: Steps, **options: Any) -> Values:
    """The same in a `tf.function`."""
    import tensorflow as tf

    single, double = tf.function(_both(schedule), autograph=False, **options)(tf.constant(steps.many))
    return steps.many, single.numpy(), double.numpy()


def xla(schedule: Schedule, steps: Steps) -> Values:
    """The same, compiled by XLA."""
    return graph(schedule, steps, jit_compile=True)


def _both(schedule: Schedule) -> Callable[[Any], tuple[Any, Any]]:
    return lambda t: (schedule(t), schedule(t, "float64"))


# Keras, on the backend that it runs on.


@of_rates
def known(schedule: Schedule, steps: Steps) -> Values:
    """One known step after another, counted from where an earlier run ended, as a tensor or a Python number."""
    runs = _some(steps.runs, 64)
    return [step for run in runs for step in run], np.array([rate for run in runs for rate in _known(schedule, run)]), None


def _known(schedule: Schedule, run: range) -> Iterator[Any]:
    rate = KerasSchedule(schedule, step=run.start)
    for i in range(len(run)):
        yield _numpy(rate(keras.ops.convert_to_tensor(i, "int32") if i % 2 else i))


@of_rates
def unknown(schedule: Schedule, steps: Steps) -> Values:
    """Many steps at once that are not known yet, as in a compiled train step; past 2**31, where int32 ends, by `step`."""
    low, high = (steps.many[steps.many // _HALF == i] for i in range(2))

    @_compiled
    def rates(counted: Any, more: Any) -> Any:
        return KerasSchedule(schedule)(counted), KerasSchedule(schedule, step=_HALF)(more)

    found = rates(_counts(low), _counts(high - _HALF))
    return np.concatenate([low, high]), np.concatenate([_numpy(rate) for rate in found]), None


_HALF = 2**31


def _counts(steps: Any) -> Any:
    return keras.ops.convert_to_tensor(steps, "int32" if keras.backend.backend() == "jax" else "int64")


@slow
@of_rates
def updates(schedule: Schedule, steps: Steps) -> Values:
    """The updates of `keras.optimizers.SGD`, not compiled: Keras knows its step."""
    rate: Any = KerasSchedule(schedule)
    optimizer = keras.optimizers.SGD(rate, name="verified")
    weight = _weight()
    optimizer.build([weight])

    def rates(run: range) -> Iterator[Any]:
        optimizer._iterations.assign(run.start)
        for _ in run:
            optimizer.apply([_gradient()])
            yield _applied(weight)

    runs = _few(steps)
    return [step for run in runs for step in run], np.array([rate for run in runs for rate in rates(run)]), None


@slow
@of_rates
def accumulated(schedule: Schedule, steps: Steps) -> Values:
    """Compiled updates of two micro-batches each; and beside each rate a hyperparameter on the same schedule."""
    rate: Any = KerasSchedule(schedule)
    optimizer = keras.optimizers.SGD(rate, gradient_accumulation_steps=2, name="verified")
    hyperparameters(optimizer, weight_decay=schedule)
    weight = _weight()
    optimizer.build([weight])
    micro_step = _compiled_apply(optimizer, weight)

    def values(run: range) -> Iterator[Any]:
        optimizer._iterations.assign(2 * run.start)
        for _ in run:
            micro_step()
            micro_step()
            yield _applied(weight)
            yield _numpy(optimizer.weight_decay)

    runs = _few(steps)
    taken = [step for run in runs for step in run for _ in range(2)]
    return taken, np.array([value for run in runs for value in values(run)]), None


def _few(steps: Steps) -> list[range]:
    """As many runs as there is time for, an update taking a millisecond; a count of micro-steps is an int32."""
    return _some([run for run in steps.runs if run.stop < 2**30], 16)


def _some(runs: Sequence[range], most: int) -> list[range]:
    """The first run, the last one, and others between them, evenly."""
    return [runs[i] for i in sorted({round(i * (len(runs) - 1) / (most - 1)) for i in range(most)})]


def _weight() -> Any:
    return keras.Variable(np.zeros((), np.float32), name="verified")


def _gradient() -> Any:
    return keras.ops.ones((), "float32")


def _applied(weight: Any) -> Any:
    """What an update has subtracted from a weight of 0 at a gradient of 1: its rate."""
    rate = -_numpy(weight)
    weight.assign(0.0)
    return rate


def _numpy(value: Any) -> Any:
    return keras.ops.convert_to_numpy(value.value if isinstance(value, keras.Variable) else value)


# What the backends compile with.

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    def _compiled(function: Any) -> Any:
        return tf.function(function, autograph=False)

    def _compiled_apply(optimizer: Any, weight: Any) -> Any:
        return tf.function(lambda: optimizer.apply([_gradient()]), autograph=False)

elif keras.backend.backend() == "jax":
    import jax

    def _compiled(function: Any) -> Any:
        return jax.jit(function)

    def _compiled_apply(optimizer: Any, weight: Any) -> Any:
        made = jax.jit(lambda variables, values: optimizer.stateless_apply(variables, [_gradient()], values))

        def apply() -> None:
            values, variables = made([v.value for v in optimizer.variables], [weight.value])
            weight.assign(values[0])
            for variable, value in zip(optimizer.variables, variables, strict=True):
                variable.assign(value)

        return apply

else:

    def _compiled(function: Any) -> Any:
        return function

    def _compiled_apply(optimizer: Any, weight: Any) -> Any:
        return lambda: optimizer.apply([_gradient()])


TENSORFLOW = {"TensorFlow eager": eager, "TensorFlow graph": graph, "TensorFlow XLA": xla}
KERAS = {
    f"Keras/{keras.backend.backend()} {name}": mode
    for name, mode in {"known": known, "compiled": unknown, "updates": updates, "batches": accumulated}.items()
}
