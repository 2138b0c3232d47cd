"""What is given: a model and an optimizer, a Trainer of Hugging Face's, or a module of Lightning's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.nn.parallel import DistributedDataParallel

from lrcore._arguments import refuse
from lrcore_torch._finder._updates import Forward, forward
from lrcore_torch._processes import processes


class Given(NamedTuple):
    """The parts of a training."""

    model: Any
    optimizer: Any
    loader: Any
    forward: Forward
    accumulate: int = 1
    """The batches of one update."""
    clip: Callable[[], Any] | None = None
    """What is done to the gradients before the optimizer's step."""


@contextmanager
def parts(model: Any, optimizer: Any, loss: Any, loader: Any, *, own_step: bool) -> Iterator[Given]:
    """The parts of a training, whichever way it is given; what had to be made for that is gone afterwards."""
    if hasattr(model, "get_train_dataloader") and hasattr(model, "create_optimizer"):
        with _trainer(model, optimizer, loader) as given:
            yield given
    elif hasattr(model, "configure_optimizers") and hasattr(model, "training_step"):
        with _lightning(model, optimizer, loader, own_step=own_step) as given:
            yield given
    else:
        for name, value in (("model", model), ("optimizer", optimizer)):
            needed = "modules" if name == "model" else "param_groups"
            if not hasattr(value, needed):
                rule = "a torch.nn.Module" if name == "model" else "an object with param_groups"
                refuse("find_lr", name, rule, value, kind=True)
        if loss is not None and not callable(loss):
            refuse("find_lr", "loss", "a function of the output and the target", loss, kind=True)
        yield Given(model, optimizer, _batches(loader), forward(model, loss))


def _batches(loader: Any, hint: str = "") -> Any:
    """A loader, if it is one."""
    if not hasattr(loader, "__iter__") and not hasattr(loader, "__getitem__"):
        refuse("find_lr", "loader", "an iterable of batches", loader, kind=True, hint=hint)
    return loader


@contextmanager
def _trainer(trainer: Any, optimizer: Any, loader: Any) -> Iterator[Given]:
    """A Trainer, with its own optimizer, loss, accumulation and clipping; an optimizer that it had to make goes again."""
    own, settings = trainer.optimizer, trainer.args
    made = optimizer or own or trainer.create_optimizer()
    try:
        model = trainer.model
        together = DistributedDataParallel(model) if processes() > 1 else model  # a Trainer wraps it when it trains

        def of(batch: Any) -> Any:
            with trainer.compute_loss_context_manager():
                return trainer.compute_loss(together, batch)

        def clip() -> None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm)

        batches = _batches(trainer.get_train_dataloader() if loader is None else loader)
        clips = bool(settings.max_grad_norm and settings.max_grad_norm > 0)
        yield Given(model, made, batches, of, settings.gradient_accumulation_steps, clip if clips else None)
    finally:
        trainer.optimizer = own


@contextmanager
def _lightning(module: Any, optimizer: Any, loader: Any, *, own_step: bool) -> Iterator[Given]:
    """A LightningModule, with its own optimizer and `training_step`; what that logs goes nowhere."""
    if not own_step and not getattr(module, "automatic_optimization", True):
        kind = type(module).__name__
        refuse("find_lr", "model", "a module that optimizes automatically", kind, kind=True, hint="give step=")
    if loader is None and _has_own_loader(module):
        loader = module
    if (of_its_own := getattr(loader, "train_dataloader", None)) is not None:
        loader = of_its_own()
    loader = _batches(loader, "write find_lr(module, loader=...)")
    chosen = _first_optimizer(module.configure_optimizers()) if optimizer is None else optimizer
    counted = iter(range(10**12))

    def of(batch: Any) -> Any:
        output = module.training_step(batch, next(counted))
        return output["loss"] if isinstance(output, dict) else output

    quiet = ("log", "log_dict")
    for name in quiet:
        object.__setattr__(module, name, lambda *args, **options: None)
    try:
        yield Given(module, chosen, loader, of)
    finally:
        for name in quiet:
            object.__delattr__(module, name)


def _has_own_loader(module: Any) -> bool:
    """Whether a module defines `train_dataloader`, which Lightning's own class has too, to raise an error there."""
    owner = next((kind for kind in type(module).__mro__ if "train_dataloader" in vars(kind)), object)
    return owner.__module__.partition(".")[0] not in ("builtins", "lightning", "pytorch_lightning")


def _first_optimizer(configured: Any) -> Any:
    """The one optimizer among what `configure_optimizers` may give: itself, a list, a pair of lists, a dict."""
    if isinstance(configured, tuple) and configured and isinstance(configured[0], (list, tuple)):
        configured = configured[0]
    if isinstance(configured, (list, tuple)):
        if len(configured) != 1:
            refuse("find_lr", "model", "a module with one optimizer", len(configured), hint="give optimizer=")
        configured = configured[0]
    optimizer = configured["optimizer"] if isinstance(configured, dict) else configured
    if not hasattr(optimizer, "param_groups"):
        refuse("find_lr", "model", "a module with one optimizer", optimizer, kind=True, hint="give optimizer=")
    return optimizer
