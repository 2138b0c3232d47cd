"""Torch tensors for the core: float64 on the tensor's own device, rounded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from lrcore.arrays import Formula, Namespace, check_step, computing


class Torch(Namespace):
    """The operations on float64 tensors of one device."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def float64(self, x: Any) -> torch.Tensor:
        if isinstance(x, torch.Tensor):
            # Not `to` where nothing is to be done: the compiler traces each
            return x if x.dtype == torch.float64 and x.device == self._device else x.to(self._device, torch.float64)
        # Not torch.tensor, whose copy from the host makes it wait for the device
        return torch.full((), x, dtype=torch.float64, device=self._device)

    def float32(self, x: Any) -> torch.Tensor:
        return self.float64(x).to(torch.float32).to(torch.float64)

    def full(self, t: torch.Tensor, value: Any) -> torch.Tensor:
        return self.float64(value).expand(t.shape)

    def where(self, condition: torch.Tensor, x: Any, y: Any) -> torch.Tensor:
        return torch.where(condition, self.float64(x), self.float64(y))

    def minimum(self, x: Any, y: Any) -> torch.Tensor:
        return self.float64(x).clamp(max=y)  # a number or a tensor

    def maximum(self, x: Any, y: Any) -> torch.Tensor:
        return self.float64(x).clamp(min=y)

    def floor(self, x: Any) -> torch.Tensor:
        return torch.floor(self.float64(x))

    def floor_divide(self, x: Any, y: Any) -> torch.Tensor:
        # A tensor, because CUDA multiplies by the reciprocal of a number; and one that the compiler cannot tell to be
        # constant, because so does what it generates
        y = self.float64(y)
        return torch.floor(x / (y * x.clamp(1.0, 1.0) if torch.compiler.is_compiling() else y))

    def sqrt(self, x: Any) -> torch.Tensor:
        return torch.sqrt(self.float64(x))

    def sin(self, x: Any) -> torch.Tensor:
        return torch.sin(self.float64(x))

    def cos(self, x: Any) -> torch.Tensor:
        return torch.cos(self.float64(x))

    def tanh(self, x: Any) -> torch.Tensor:
        return torch.tanh(self.float64(x))

    def exp(self, x: Any) -> torch.Tensor:
        return torch.exp(self.float64(x))

    def log(self, x: Any) -> torch.Tensor:
        return torch.log(self.float64(x))

    def power(self, x: Any, y: Any) -> torch.Tensor:
        return torch.pow(self.float64(x), self.float64(y))

    def searchsorted(self, edges: Sequence[Any], t: torch.Tensor) -> torch.Tensor:
        return torch.searchsorted(self._stack(edges), t.contiguous(), right=True)

    def take(self, values: Sequence[Any], index: torch.Tensor) -> torch.Tensor:
        return self._stack(values)[index[None]][0]  # one index without a dimension would be a number to the compiler

    def _stack(self, values: Sequence[Any]) -> torch.Tensor:
        if self._device.type == "cpu" and not any(isinstance(value, torch.Tensor) for value in values):
            return torch.tensor(values, dtype=torch.float64)
        return torch.stack([self.float64(value) for value in values])


class Torch32(Torch):
    """The same where compiled values are rounded to float32: the sine is good enough.

    What the arithmetic of `sin_squared` uses several times TorchInductor writes out as often: 25 operations became 5,000,
    and a restart's seconds.
    """

    sin_squared = Namespace.sine_squared


def compute(function: Callable[..., tuple[Any, ...]], *arrays: Any) -> tuple[Any, ...]:
    """The function of tensors and numbers, in float64 on the tensors' device: on the CPU where that has no float64."""
    (device, *_) = [array.device for array in arrays if isinstance(array, torch.Tensor)]
    xp = Torch(device if device.type != "mps" else torch.device("cpu"))
    given = [array.detach() if isinstance(array, torch.Tensor) else array for array in arrays]
    return function(xp, *torch.broadcast_tensors(*(xp.float64(array) for array in given)))  # type: ignore[no-untyped-call]


@computing(compute)
def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> torch.Tensor:
    """The formula at a tensor of steps, or at a number where a field of the schedule is a tensor."""
    steps = torch.as_tensor(step)
    if steps.dtype == torch.bool or steps.is_complex():
        raise TypeError(f"step must hold real numbers, got a tensor of {steps.dtype}.")
    if steps.device.type == "cpu" and not torch.compiler.is_compiling():
        _check(steps)
    # MPS has no float64: the formula then runs on the CPU
    device = steps.device if steps.device.type != "mps" else torch.device("cpu")
    t = steps.to(device=device, dtype=torch.float64).clamp(min=0.0)
    target = getattr(torch, dtype) if dtype else torch.get_default_dtype()
    namespace = Torch32 if torch.compiler.is_compiling() and target != torch.float64 else Torch
    value: torch.Tensor = formula(t, namespace(device))
    return value.to(device=steps.device, dtype=target)


def _check(steps: torch.Tensor) -> None:
    """Refuse steps on the host whose values can be looked at; those of other devices would have to be waited for."""
    if not steps.numel():
        return
    try:
        lowest, highest = steps.min().item(), steps.max().item()
    except RuntimeError:  # inside torch.func.vmap, or fake: the values are not known yet
        return
    check_step(lowest)
    check_step(highest)
