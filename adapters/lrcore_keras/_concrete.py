"""Steps whose value is at hand, and rates made from Python numbers: where Keras's backends differ.

A step that is known takes the core's scalar path, a hundred times shorter than a dozen eager operations. `known` gives None
in a graph, under a tracer and on an accelerator, where asking for the value would fail or wait for the device.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    def known(step: Any) -> Any:
        """The value of a step as a Python number, or None."""
        if not tf.executing_eagerly() or step.shape.rank != 0:
            return None
        # A tensor first: that of a variable is read in half the time of its own `.numpy()`
        return tf.convert_to_tensor(step).numpy().item()

    def value_now(variable: Any) -> Any:
        """The value that a variable has while a graph is made of it, or None."""
        with tf.init_scope():
            return known(variable.value)

    def compiling(step: Any) -> bool:
        """Whether what is asked at this step becomes part of something compiled."""
        return not tf.executing_eagerly()

    def tensor(value: float) -> Any:
        """A Python number, rounded once to float32."""
        # keras.ops.convert_to_tensor takes eight times as long
        return tf.constant(value, tf.float32)

else:
    if keras.backend.backend() == "jax":
        import jax
        import jax.core

        def known(step: Any) -> Any:
            """The value of a step as a Python number, or None."""
            return step.item() if not isinstance(step, jax.core.Tracer) and step.ndim == 0 else None

        def value_now(variable: Any) -> Any:
            """The value that a variable has while it is traced, or None: `fit` empties it for that time."""
            return None if variable._value is None else known(variable._value)

        def compiling(step: Any) -> bool:
            """Whether what is asked at this step becomes part of something compiled."""
            return isinstance(value_of(step) if isinstance(step, keras.Variable) else step, jax.core.Tracer)

    elif keras.backend.backend() == "torch":
        import torch

        def known(step: Any) -> Any:
            """The value of a step as a Python number, or None."""
            here = step.ndim == 0 and step.device.type == "cpu" and not torch.compiler.is_compiling()
            return step.item() if here else None

        def value_now(variable: Any) -> Any:
            """The value of a variable, or None."""
            return known(variable.value)

        def compiling(step: Any) -> bool:
            """Whether what is asked at this step becomes part of something compiled."""
            return torch.compiler.is_compiling()

    else:

        def known(step: Any) -> Any:
            """None: of another backend nothing is known here."""
            return None

        def value_now(variable: Any) -> Any:
            """None, likewise."""
            return None

        def compiling(step: Any) -> bool:
            """False, likewise."""
            return False

    def tensor(value: float) -> Any:
        """A Python number, rounded once to float32."""
        return keras.ops.convert_to_tensor(value, "float32")


def of_another_backend(step: Any) -> bool:
    """Whether a step is a tracer of JAX's while Keras runs on something else: it has no value to be converted."""
    jax = sys.modules.get("jax")
    return jax is not None and keras.backend.backend() != "jax" and isinstance(step, jax.core.Tracer)


def outside_graphs(function: Callable[..., Any]) -> Any:
    """A function that looks at Python's objects: TorchDynamo would trace it, and cannot."""
    if keras.backend.backend() != "torch":
        return function
    import torch

    disable: Any = torch.compiler.disable
    return disable(function)


def value_of(variable: Any) -> Any:
    """The value of a variable.

    Raises:
        RuntimeError: it is not there. On JAX, `fit` takes an optimizer's values out of its variables, and puts them back
            when a callback asks for `self.model`. Until then, Keras cannot read them and forgets what is written.
    """
    try:
        return variable.value
    except TypeError as error:
        if variable._value is not None:
            raise
        raise RuntimeError(
            f"{variable.path} has no value here: on JAX, fit keeps an optimizer's values to itself until a callback asks "
            "for self.model; write self.model.optimizer."
        ) from error


def number(value: Any) -> float:
    """A scalar tensor or variable as a Python number, wherever it is."""
    array: Any = keras.ops.convert_to_numpy(value_of(value) if isinstance(value, keras.Variable) else value)
    return float(array)
