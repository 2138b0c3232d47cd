"""Torch tensors as steps: the core's values on the tensor's own device, compiled and mapped too."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import lrcore_torch
from cases import CASES, Case, numbers, steps_of
from lrcore import Cosine, MultiStep
from lrcore_torch import ScheduleLR

assert lrcore_torch.ScheduleLR is ScheduleLR  # what torch.compile needs: the package has been imported

SMALLEST = 2.0**-126
"""The smallest normal float32: what lies below may be flushed to zero."""


def expected(case: Case, steps: list[int]) -> torch.Tensor:
    values = torch.tensor([case.schedule(step) for step in steps], dtype=torch.float64)
    return torch.where(values < SMALLEST, 0.0, values).float()


def flushed(values: torch.Tensor) -> torch.Tensor:
    return torch.where(values < SMALLEST, 0.0, values)


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_tensors_give_the_cores_values_in_float32(case: Case) -> None:
    steps = steps_of(case)
    found = case.schedule(torch.tensor(steps))
    assert found.dtype == torch.float32
    assert torch.equal(flushed(found), expected(case, steps))
    assert torch.equal(case.schedule(torch.tensor(steps).reshape(-1, 1)), found.reshape(-1, 1))
    assert case.schedule(torch.tensor(steps[-1])).shape == ()
    assert case.schedule(torch.tensor([], dtype=torch.int64)).shape == (0,)


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_compiled_as_one_graph_gives_the_same(case: Case) -> None:
    steps = steps_of(case)[:200]
    torch._dynamo.reset()
    compiled = torch.compile(lambda t: (case.schedule(t), case.schedule(t[-1])), backend="eager", fullgraph=True)
    found, last = compiled(torch.tensor(steps))
    assert torch.equal(flushed(found), expected(case, steps))
    assert torch.equal(flushed(last), expected(case, steps)[-1])


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_vmapped_gives_the_same(case: Case) -> None:
    steps = steps_of(case)
    found = torch.func.vmap(case.schedule)(torch.tensor(steps))
    assert torch.equal(flushed(found), expected(case, steps))


def test_compiled_by_inductor_gives_the_same() -> None:
    torch._dynamo.reset()
    case = next(case for case in CASES if case.name == "warmup cosine")
    steps = steps_of(case)
    compiled = torch.compile(lambda t: case.schedule(t), fullgraph=True)
    assert torch.equal(flushed(compiled(torch.tensor(steps))), expected(case, steps))


class OnlyOn(TorchDispatchMode):
    """Fails on any operation that reads a value on the host or brings a tensor from another device."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert "_local_scalar_dense" not in str(func), "a value was read on the host"
        out = func(*args, **(kwargs or {}))
        for tensor in (*args, out):
            if isinstance(tensor, torch.Tensor):
                assert tensor.device.type == self.device, f"{func} touched {tensor.device}"
        return out


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_nothing_is_read_on_the_host_and_nothing_leaves_the_device(case: Case) -> None:
    steps = torch.empty(5, dtype=torch.int64, device="meta")  # has no values: reading one is an error
    with OnlyOn("meta"):
        found = case.schedule(steps)
    assert (found.shape, found.dtype, found.device.type) == ((5,), torch.float32, "meta")


def test_a_copy_from_the_host_would_be_caught() -> None:
    with pytest.raises(AssertionError, match="touched cpu"), OnlyOn("meta"):
        torch.tensor([0.5]).to("meta")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_a_gpu_is_not_waited_for(case: Case) -> None:
    steps = steps_of(case)
    on_device = torch.tensor(steps, device="cuda")
    torch.cuda.set_sync_debug_mode("error")
    try:
        found = case.schedule(on_device)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert torch.equal(flushed(found.cpu()), expected(case, steps))


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.float32, torch.float64, torch.bfloat16])
def test_steps_of_every_real_dtype_are_taken(dtype: torch.dtype) -> None:
    lr = Cosine(0.1, steps=10)
    assert lr(torch.tensor(3, dtype=dtype)).item() == torch.tensor(lr(3), dtype=torch.float64).float().item()


def test_the_default_dtype_is_followed() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        found = Cosine(0.1, steps=10)(torch.tensor(3))
    finally:
        torch.set_default_dtype(torch.float32)
    assert found.dtype == torch.float64
    assert found.item() == Cosine(0.1, steps=10)(3)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (torch.tensor(-1), "step must be a finite number, 0 or more, got -1."),
        (torch.tensor([3, -2, 5]), "step must be a finite number, 0 or more, got -2."),
        (torch.tensor(float("nan")), "step must be a finite number, 0 or more, got nan."),
        (torch.tensor([0.0, float("inf")]), "step must be a finite number, 0 or more, got inf."),
    ],
    ids=["negative", "one of many", "nan", "infinite"],
)
def test_a_step_on_the_host_that_cannot_be_is_refused(step: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        Cosine(0.1, steps=10)(step)
    assert str(error.value) == message


@pytest.mark.parametrize(("step", "what"), [(torch.tensor(True), "torch.bool"), (torch.tensor(1j), "torch.complex64")])
def test_steps_that_are_no_real_numbers_are_refused(step: torch.Tensor, what: str) -> None:
    with pytest.raises(TypeError) as error:
        Cosine(0.1, steps=10)(step)
    assert str(error.value) == f"step must hold real numbers, got a tensor of {what}."


def test_a_negative_step_that_cannot_be_looked_at_reads_as_0() -> None:
    lr = Cosine(0.1, steps=10)
    torch._dynamo.reset()
    steps = torch.tensor([-5, 0])
    zero = torch.tensor([0.1, 0.1])
    assert torch.equal(torch.func.vmap(lr)(steps), zero)
    assert torch.equal(torch.compile(lambda t: lr(t), backend="eager", fullgraph=True)(steps), zero)


def test_a_field_may_be_a_tensor_with_a_gradient() -> None:
    peak = torch.tensor(0.1, requires_grad=True)
    rate = Cosine(peak, steps=10)(5)
    (gradient,) = torch.autograd.grad(rate, peak)
    assert gradient.item() == pytest.approx(0.5)


def test_ten_thousand_milestones_are_one_table() -> None:
    lr = MultiStep(0.1, milestones=range(1, 10_001), factor=0.9999)
    assert lr(torch.tensor(10_000)).item() == torch.tensor(lr(10_000), dtype=torch.float64).float().item()
