"""One update of a training: the loss of a batch, its gradients, the optimizer's step."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lrcore._arguments import refuse

if TYPE_CHECKING:
    from lrcore_torch._finder._given import Given

Forward = Callable[[Any], Tensor]
"""The loss of a batch."""


def forward(model: Any, loss: Any) -> Forward:
    """How the loss of a batch is computed.

    A tuple or list is (inputs..., target): `loss(model(*inputs), target)`. A mapping goes to the model by name, and its
    loss is the output's own; or `loss(output, batch)`, where a loss is given. Anything else is `loss(model(batch), batch)`.
    """

    def of(batch: Any) -> Tensor:
        if isinstance(batch, Mapping):
            output = model(**batch)
            return _own(output) if loss is None else loss(output, batch)
        if loss is None:
            refuse("find_lr", "loss", "a function where batches are not mappings", loss, kind=True)
        if isinstance(batch, (list, tuple)):
            *inputs, target = batch
            return loss(model(*inputs), target)  # type: ignore[no-any-return]
        return loss(model(batch), batch)  # type: ignore[no-any-return]

    return of


def _own(output: Any) -> Tensor:
    """The loss that an output brings along: its `loss`, or its item "loss"."""
    found = output.get("loss") if isinstance(output, Mapping) else getattr(output, "loss", None)
    if not isinstance(found, Tensor) or found.numel() != 1:
        refuse("find_lr", "loss", "a function where the model's output brings no loss along", None, kind=True)
    return found


def update(given: Given, batches: Any, *, accumulate: int, scaler: Any, autocast: Any) -> Callable[[], Tensor]:
    """A function that makes one update and gives the loss before it, the mean of its micro-batches."""
    optimizer = given.optimizer
    needs_closure = inspect.signature(optimizer.step).parameters.get("closure") is not None and (
        inspect.signature(optimizer.step).parameters["closure"].default is inspect.Parameter.empty
    )
    if needs_closure and scaler is not None:
        refuse("find_lr", "scaler", "None for an optimizer whose step needs a closure", scaler, kind=True)

    def gradients(chosen: list[Any]) -> Tensor:
        optimizer.zero_grad()
        total: Any = 0.0
        for batch in chosen:
            with autocast or contextlib.nullcontext():
                loss = given.forward(batch)
            if not isinstance(loss, Tensor) or loss.numel() != 1:
                is_tensor = isinstance(loss, Tensor)
                shown = f"one of shape {tuple(loss.shape)}" if is_tensor else type(loss).__name__
                raise TypeError(f"find_lr.loss must give a tensor of a single number, got {shown}.")
            part = loss / accumulate
            (part if scaler is None else scaler.scale(part)).backward()
            total = total + part.detach()
        if given.clip is not None:
            if scaler is not None:
                scaler.unscale_(optimizer)
            given.clip()
        return total  # type: ignore[no-any-return]

    def make() -> Tensor:
        chosen = [next(batches) for _ in range(accumulate)]
        if needs_closure:
            first: list[Tensor] = []

            def closure() -> Tensor:
                with torch.enable_grad():
                    first.append(gradients(chosen))
                return first[-1]

            optimizer.step(closure)
            return first[0]
        loss = gradients(chosen)
        if scaler is None:
            optimizer.step()
        else:
            scaler.step(optimizer)
            scaler.update()
        return loss

    return make
