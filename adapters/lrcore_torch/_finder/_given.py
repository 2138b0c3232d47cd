"""What is given: a model and an optimizer, a Trainer of Hugging Face's, or a module of Lightning's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from lrcore._arguments import refuse
from lrcore_torch._finder._updates import Forward, forward


class Given(NamedTuple):
    """The parts of a training."""

    model: Any
    optimizer: Any
    loader: Any
    forward: Forward


@contextmanager
def parts(model: Any, optimizer: Any, loss: Any, loader: Any) -> Iterator[Given]:
    """The parts of a training, whichever way it is given; what had to be made for that is gone afterwards."""
    if hasattr(model, "get_train_dataloader") and hasattr(model, "create_optimizer"):
        with _trainer(model, optimizer, loader) as given:
            yield given
    elif hasattr(model, "configure_optimizers") and hasattr(model, "training_step"):
        with _lightning(model, optimizer, loader) as given:
            yield given
    else:
        for name, value in (("model", model), ("optimizer", optimizer)):
            needed = "modules" if name == "model" else "param_groups"
            if not hasattr(value, needed):
                rule = "a torch.nn.Module" if name == "model" else "an object with param_groups"
                refuse("find_lr", name, rule, value, kind=True)
        if loader is None:
            refuse("find_lr", "loader", "an iterable of batches", loader, kind=True)
        yield Given(model, optimizer, loader, forward(model, loss))


@contextmanager
def _trainer(trainer: Any, optimizer: Any, loader: Any) -> Iterator[Given]:
    """A Trainer, with its own optimizer and loss; one that it had to make is its own no longer."""
    own = trainer.optimizer
    made = optimizer or own or trainer.create_optimizer()
    try:
        model = trainer.model

        def of(batch: Any) -> Any:
            with trainer.compute_loss_context_manager():
                return trainer.compute_loss(model, batch)

        yield Given(model, made, trainer.get_train_dataloader() if loader is None else loader, of)
    finally:
        trainer.optimizer = own


@contextmanager
def _lightning(module: Any, optimizer: Any, loader: Any) -> Iterator[Given]:
    """A LightningModule, with its own optimizer and `training_step`; what that logs goes nowhere."""
    if not getattr(module, "automatic_optimization", True):
        refuse("find_lr", "model", "a module that optimizes automatically", module, kind=True, hint="give step=")
    if loader is None:
        refuse("find_lr", "loader", "an iterable of batches", loader, kind=True, hint="write find_lr(module, loader=...)")
    if hasattr(loader, "train_dataloader"):
        loader = loader.train_dataloader()
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


def _first_optimizer(configured: Any) -> Any:
    """The one optimizer among what `configure_optimizers` may give: itself, a list, a pair of lists, a dict."""
    if isinstance(configured, tuple) and configured and isinstance(configured[0], (list, tuple)):
        configured = configured[0]
    if isinstance(configured, (list, tuple)):
        if len(configured) != 1:
            refuse("find_lr", "model", "a module with one optimizer", len(configured), hint="give optimizer=")
        configured = configured[0]
    return configured["optimizer"] if isinstance(configured, dict) else configured
