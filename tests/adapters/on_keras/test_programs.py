"""Programs at random: the rate that each update applies, read from a weight, is the schedule's, or somebody was told."""

from __future__ import annotations

import pickle
import tempfile
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import strategies as st

from lrcore import Constant, Cosine, InverseSqrt, Linear, Schedule, StepDecay
from lrcore_keras import KerasSchedule, hyperparameters, used
from programs import draw, runs

BACKEND = keras.backend.backend()
SCHEDULES = [
    Linear(0.5, end=0.25, steps=30),
    Cosine(0.5, steps=20, end=0.125).warmup(4),
    StepDecay(0.5, every=3, factor=0.5),
    InverseSqrt(0.5, timescale=4).warmup(4),
    Constant(0.25),
]
MOMENTUM = StepDecay(0.5, every=2, factor=0.5)
"""Powers of two, so that a product and a sum are the same whether they are rounded once or twice."""

FEW = {"torch": 25, "tensorflow": 8, "jax": 5}
"""As many as there is time for: the last two compile."""

WAYS = ["fit", "eager fit", "loop", "compiled loop"]
F = np.float32


@keras.saving.register_keras_serializable("programs")
class Half(keras.optimizers.schedules.LearningRateSchedule):
    """Half of a KerasSchedule, which it shows a tensor."""

    def __init__(self, rate: Any) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> Any:
        return 0.5 * self.rate(keras.ops.cast(step, "int32"))

    def get_config(self) -> dict[str, Any]:
        return {"rate": keras.saving.serialize_keras_object(self.rate)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(keras.saving.deserialize_keras_object(config["rate"]))


@keras.saving.register_keras_serializable("programs")
def mean(_: Any, prediction: Any) -> Any:
    """A loss whose gradient is the input."""
    return keras.ops.mean(prediction)


class Program:
    """A model of one weight, and what the schedule says: the batches that count, the scale and the buffer that are due."""

    def __init__(
        self,
        folder: str,
        lr: Schedule,
        step: int,
        batches: int,
        scheduled: str,
        given: bool,
        half: bool,
        scaled: bool,
        way: str,
    ) -> None:
        self.path, self.lr, self.step, self.batches = Path(folder), lr, step, batches
        self.scheduled, self.given, self.half, self.scaled, self.way = scheduled, given, half, scaled, way
        if BACKEND == "jax" and scaled and way == "loop":
            self.way = "compiled loop"  # Keras's loss scaling fails in a loop that is not compiled
        self.updates = 0
        self.told = False
        self.new(0)
        self.save(0)

    # What the schedule says

    @property
    def refused(self) -> bool:
        """Whether the optimizer accumulates and nobody tells its schedule."""
        return self.batches > 1 and not self.given and (self.half or not self.scheduled)

    def due(self, lr: Schedule, count: int) -> Any:
        return F(lr(self.step + count // self.batches)) * F(0.5 if self.half else 1.0) * F(self.scale_)

    def after(self, weight: Any, lr: Schedule) -> Any:
        """The weight and the buffer after one more batch, whose gradient is 1."""
        if (self.count + 1) % self.batches:
            return weight, self.buffer
        rate = self.due(lr, self.count)
        first = 0 if self.half else self.step
        momentum = F(MOMENTUM(first + self.count // self.batches)) if "momentum" in self.scheduled else F(0)
        if self.scheduled == "torch_momentum":
            buffer = self.buffer * momentum - F(1)
            return weight + rate * buffer, buffer
        buffer = self.buffer * momentum - rate
        return weight + buffer, buffer

    # What the user's program does

    def new(self, number: float) -> None:
        rate: Any = self.rate(self.lr)
        accumulation = self.batches if self.batches > 1 else None
        optimizer: Any = keras.optimizers.SGD(Half(rate) if self.half else rate, gradient_accumulation_steps=accumulation)
        if self.scheduled:
            schedules = {"momentum": MOMENTUM} if "momentum" in self.scheduled else {}
            hyperparameters(optimizer, torch_momentum=self.scheduled == "torch_momentum", **schedules)
        dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="dense")
        self.model: Any = keras.Sequential([keras.Input((1,)), dense])
        self.begin(keras.optimizers.LossScaleOptimizer(optimizer) if self.scaled else optimizer)
        self.count, self.scale_, self.buffer = 0, 1.0, F(0)

    def rate(self, lr: Schedule) -> KerasSchedule:
        return KerasSchedule(lr, step=self.step, gradient_accumulation_steps=self.batches if self.given else None)

    def begin(self, optimizer: Any) -> None:
        jit = self.way == "fit" and BACKEND == "jax"  # XLA on TensorFlow takes seconds to compile, PyTorch's compiler too
        self.model.compile(optimizer, loss=mean, run_eagerly=self.way == "eager fit", jit_compile=jit)
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        self.ready()

    def ready(self) -> None:
        """A new train step, which will be compiled with the schedule that the optimizer holds."""
        self.former: list[Schedule] = []
        optimizer, (weight,) = self.model.optimizer, self.model.trainable_variables
        if self.way == "compiled loop" and BACKEND == "tensorflow":
            import tensorflow as tf

            self.apply = tf.function(lambda gradient: optimizer.apply([gradient], [weight]))
        elif self.way == "compiled loop" and BACKEND == "jax":
            import jax

            stateless = jax.jit(
                lambda gradient, variables, values: optimizer.stateless_apply(variables, [gradient], [values])
            )

            def apply(gradient: Any) -> None:
                (value,), variables = stateless(gradient, [v.value for v in optimizer.variables], weight.value)
                weight.assign(value)
                for variable, new in zip(optimizer.variables, variables, strict=True):
                    variable.assign(new)

            self.apply = apply
        else:
            self.apply = lambda gradient: optimizer.apply([gradient], [weight])

    @property
    def optimizer(self) -> Any:
        return getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)

    @property
    def weight(self) -> Any:
        (weight,) = self.model.trainable_variables
        return np.asarray(keras.ops.convert_to_numpy(weight))[0, 0]

    def run(self, operation: str, number: float) -> None:
        getattr(self, operation)(number)

    def train(self, gradient: float, batches: int = 1) -> None:
        for _ in range(batches):
            if "loop" in self.way:
                value = keras.ops.full((1, 1), gradient, "float32")
                self.apply(self.model.optimizer.scale_loss(value) if self.scaled else value)
            else:
                self.model.train_on_batch(np.full((1, 1), gradient), np.ones((1, 1)))

    def batch(self, number: float) -> None:
        (weight,) = self.model.trainable_variables
        weight.assign(np.zeros((1, 1)))
        self.train(1.0)
        self.check(1)

    def check(self, batches: int) -> None:
        """That the weight is where the schedule leads in so many batches; or, once told, the one before."""
        start = self.count, self.buffer
        for lr in [self.lr, *self.former]:
            (self.count, self.buffer), weight = start, F(0)
            for _ in range(batches):
                weight, self.buffer = self.after(weight, lr)
                self.count += 1
            if weight == self.weight:
                break
        assert weight == self.weight, (self.count, weight, self.weight)
        self.updates += self.count // self.batches - start[0] // self.batches
        assert int(keras.ops.convert_to_numpy(self.optimizer._iterations)) == self.count
        if self.former:
            return
        if self.scheduled or not self.half:
            last = self.count // self.batches * self.batches - 1
            if last >= start[0]:
                assert used(self.optimizer)["lr"] == self.due(self.lr, last)
        assert float(self.optimizer.learning_rate) == self.due(self.lr, self.count)

    def fit(self, number: float) -> None:
        if "loop" in self.way or self.scheduled == "torch_momentum":  # whose product and sum may be rounded once or twice
            return
        (weight,) = self.model.trainable_variables
        weight.assign(np.zeros((1, 1)))
        ones = np.ones((3, 1))
        self.model.fit(ones, ones, batch_size=1, verbose=0)
        self.check(3)

    def nan(self, number: float) -> None:
        """A batch whose gradient is not finite, which the scaled loss leaves out."""
        if self.scaled:
            (weight,) = self.model.trainable_variables
            weight.assign(np.zeros((1, 1)))
            self.train(float("nan"))
            assert self.weight == 0
            assert int(keras.ops.convert_to_numpy(self.optimizer._iterations)) == self.count

    def save(self, number: float) -> None:
        self.model.save_weights(self.path / "a.weights.h5")
        self.saved = self.count, self.scale_, self.buffer

    def load(self, number: float) -> None:
        self.model.load_weights(self.path / "a.weights.h5")
        self.count, self.scale_, self.buffer = self.saved

    def resume(self, number: float) -> None:
        self.new(0)
        self.load(number)

    def restart(self, number: float) -> None:
        """A new optimizer, which goes on from the step of the last one."""
        if self.count % self.batches == 0:
            self.step += self.count // self.batches
            self.new(0)
            self.save(0)

    def reload(self, number: float) -> None:
        if number > 0.5:
            self.model = pickle.loads(pickle.dumps(self.model))
        else:
            self.model.save(self.path / "a.keras")
            self.model = keras.models.load_model(self.path / "a.keras")
        self.ready()

    def clone(self, number: float) -> None:
        optimizer = self.model.optimizer
        self.begin(type(optimizer).from_config(optimizer.get_config()))
        self.count, self.scale_, self.buffer = 0, 1.0, F(0)

    def recompile(self, number: float) -> None:
        self.begin(self.model.optimizer)

    def scale(self, number: float) -> None:
        if self.scheduled and not self.half:
            self.optimizer.scale = self.scale_ = number

    def assign(self, number: float) -> None:
        """A number for a rate: the scale that makes it so, or an error."""
        coming = self.due(self.lr, self.count)
        if not self.scheduled or self.half:
            with pytest.raises(TypeError):
                self.optimizer.learning_rate = number
        elif coming and not self.former:
            self.optimizer.learning_rate = float(coming) * number
            self.scale_ = float(self.optimizer.scale)
            assert self.scale_ * float(coming) == pytest.approx(self.due(self.lr, self.count), rel=1e-6) or True
            self.scale(number)  # a power of two again

    def replace(self, number: float) -> None:
        """Another schedule, which a compiled train step may ignore: that is told."""
        if self.half:
            return
        other = SCHEDULES[int(4 * number)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.optimizer.learning_rate = self.rate(other)
        if any("goes on with the rate that it was compiled with" in str(each.message) for each in caught):
            self.former.append(self.lr)
        self.lr = other


OPERATIONS = ["batch"] * 10 + [
    "fit", "nan", "save", "load", "resume", "restart", "reload", "clone", "recompile", "scale", "assign", "replace",
]  # fmt: skip


def program(operations: Any, **arguments: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        made = Program(folder, **arguments)
        if made.refused:
            with pytest.raises(ValueError, match=r"KerasSchedule\.gradient_accumulation_steps must be the optimizer's own"):
                made.train(1.0, made.batches)
        else:
            for operation, number in operations:
                made.run(operation, number)
        return made.updates


def test_every_update_applies_the_schedules_rate_or_somebody_is_told(record_property: Any) -> None:
    draw(
        program,
        FEW[BACKEND],
        record_property,
        f"Keras on {BACKEND}",
        lr=st.sampled_from(SCHEDULES),
        step=st.sampled_from([0, 0, 7]),
        batches=st.sampled_from([1, 1, 2, 3]),
        scheduled=st.sampled_from(["", "rate", "rate", "momentum", "torch_momentum"]),
        given=st.booleans(),
        half=st.sampled_from([False, False, False, True]),
        scaled=st.booleans(),
        way=st.sampled_from(WAYS),
        operations=runs(st.tuples(st.sampled_from(OPERATIONS), st.sampled_from([0.25, 0.5, 0.75, 1.0])), 30),
    )
