"""The learning-rate finder: a sweep or a grid of short trainings, after which everything is as it was."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from lrcore import Schedule
from lrcore._arguments import COUNT, as_number, chosen, refuse
from lrcore.finder import check_options, grid_of, progress, run_sweeps, run_training, search, sweep_schedule
from lrcore_torch._finder._batches import Batches, moved
from lrcore_torch._finder._given import parts
from lrcore_torch._finder._keep import Kept
from lrcore_torch._finder._rates import Rates, paused
from lrcore_torch._finder._updates import update
from lrcore_torch._processes import processes


def find_lr(
    model: Any,
    optimizer: Any = None,
    loss: Callable[..., Any] | None = None,
    loader: Any = None,
    *,
    step: Callable[[Any], Any] | None = None,
    method: str = "sweep",
    low: float | None = None,
    high: float | None = None,
    updates: int = 100,
    repeats: int = 1,
    peaks: Sequence[float] | None = None,
    schedule: Schedule | None = None,
    halving: int = 0,
    validation: Any = None,
    accumulate: int | None = None,
    scaler: Any = None,
    autocast: Any = None,
    scheduler: Any = None,
    keep: str = "memory",
    show: bool = True,
) -> Any:
    """Find the peak of a learning-rate schedule, and leave the training as it was, bit for bit.

        found = find_lr(model, optimizer, loss, loader)
        scheduler = ScheduleLR(optimizer, found.schedule(OneCycle, steps=10_000))

    A sweep makes some updates at rates that rise by one factor from each to the next, until the loss blows up. The grid
    makes short, equal trainings from the same start, one for each peak.

    Parameters, buffers, gradients, the optimizer's state, train and eval mode, random numbers, scaler and scheduler are
    put back afterwards, also after an error and after Ctrl-C, which are passed on. A `ScheduleLR` on the optimizer is
    paused meanwhile. The copies take as much memory as the model and the optimizer's state; `keep="disk"` needs only that
    of the largest tensor.

    Args:
        model: the model; or a Trainer of Hugging Face's, which brings everything, its accumulation and its clipping of
            gradients included; or a LightningModule, which brings its loss, its optimizer and the loader that it may have.
        optimizer: its optimizer. Groups keep the ratios of their rates: the rate is the first group's.
        loss: `loss(output, target)`. None where the model's output has a `loss`, as Hugging Face's do.
        loader: the batches, gone through again where the sweep is longer. A tuple is (inputs..., target), a mapping goes to
            the model by name.
        step: the user's own update, `step(batch)`: forward, backward, `optimizer.step()`, and the loss returned.
        method: "sweep" or "grid".
        low: the first rate; 1e-7 by default, and 1e-4 for the grid.
        high: the last rate; 10 by default, and 1 for the grid.
        updates: the updates of a sweep, or of each training of the grid.
        repeats: sweeps from the same start with other batches and random numbers, for the spread.
        peaks: the peaks of the grid; by default from `low` to `high`, each twice the one before.
        schedule: what the grid trains with, its peak 1; by default `OneCycle(1.0, steps=updates)`. For a sweep, another
            schedule of its rate, such as a `Linear` that rises, in place of `low` and `high`.
        halving: how often the grid leaves out the worse half of the peaks, by shorter trainings.
        validation: what measures instead of the batch's loss: a loader, whose mean loss is taken in eval mode, or a
            function without arguments.
        accumulate: the batches of one update, whose mean loss is recorded; by default 1, or what a Trainer has.
        scaler: a `GradScaler`, for mixed precision.
        autocast: the context of the forward pass, `torch.autocast("cuda")`.
        scheduler: a scheduler that `step` calls, to be paused.
        keep: where the copies are kept: "memory" or "disk".
        show: whether a progress bar is shown, where tqdm is installed.

    Returns:
        A `lrcore.finder.Sweep`, `Sweeps` where there are repeats, or a `Grid`.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind or value; the loader is empty; something else writes the
            learning rate.

    Several processes average their losses, and so stop together.

    >>> import torch
    >>> from lrcore import OneCycle
    >>> _ = torch.manual_seed(0)
    >>> model = torch.nn.Linear(8, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> x = torch.randn(256, 8)
    >>> batches = list(zip(x.split(32), (x @ torch.arange(8.0)).split(32)))
    >>> def loss(output, target):
    ...     return torch.nn.functional.mse_loss(output.squeeze(-1), target)
    >>> found = find_lr(model, optimizer, loss, batches, show=False)
    >>> found.ended, 0.01 < found.suggestion < 1
    ('rise', True)
    >>> found.schedule(OneCycle, steps=100).peak == found.suggestion
    True
    """
    check_options(method, repeats=repeats, peaks=peaks, halving=halving, updates=updates)
    chosen("find_lr", "keep", keep, ("memory", "disk"))
    if accumulate is not None:
        as_number("find_lr", "accumulate", accumulate, COUNT)
    if step is not None and not callable(step):
        refuse("find_lr", "step", "a function step(batch) that makes an update and returns its loss", step, kind=True)
    if validation is not None and not any(hasattr(validation, name) for name in ("__call__", "__iter__", "__getitem__")):
        refuse("find_lr", "validation", "a loader, or a function without arguments", validation, kind=True)
    with contextlib.ExitStack() as stack:
        given = stack.enter_context(parts(model, optimizer, loss, loader, own_step=step is not None))
        notes = stack.enter_context(paused(given.optimizer, scheduler))
        others = tuple(each for each in (scaler, scheduler) if each is not None)
        kept = Kept(given.model, given.optimizer, others, given.loader, on_disk=keep == "disk")
        stack.callback(kept.put_back)
        kept.restart()
        device = next((p.device for p in given.model.parameters()), None)
        batches = Batches(given.loader, device)
        rates = Rates(given.optimizer)
        own = update(given, batches, accumulate=accumulate or given.accumulate, scaler=scaler, autocast=autocast)
        make = own if step is None else lambda: step(next(batches))
        measure = _measure(validation, given.model, given.forward, device)
        given.model.train()

        def one(rate: float) -> float:
            """Make an update at a rate, and give the loss before it."""
            rates.write(rate)
            before = measure() if measure is not None and method == "sweep" else None
            recorded = make()
            rates.check()
            return _mean(recorded if before is None else before, device)

        if len(set(rates.factors)) > 1:
            notes.append(f"the groups kept their ratios, {', '.join(f'{factor:.3g}' for factor in rates.factors)}")
        if method == "sweep":

            def said() -> list[str]:
                rounds, batches.rounds = batches.rounds, 0
                short = f"the loader has fewer batches than the sweep, which began it {rounds} times"
                return [*notes, *[short] * (rounds > 1)]

            sweep = sweep_schedule(low, high, updates, schedule)
            return run_sweeps(one, sweep, updates, repeats=repeats, again=kept.restart, said=said, show=show)
        grid, shape = grid_of(low, high, updates, peaks, schedule)

        def train(peak: float, shape: Schedule) -> float:
            """A training from the same start, with the same batches."""
            kept.restart()
            kept.rewind()
            batches.restart()
            last = run_training(one, peak * shape, say)
            return last if measure is None or math.isnan(last) else _mean(measure(), device)

        with progress(len(grid) * (shape.length or 1), show) as say:
            return search(
                lambda peaks, shape: [train(peak, shape) for peak in peaks], grid, shape, halving=halving, notes=notes
            )


def _measure(validation: Any, model: Any, forward: Any, device: Any) -> Callable[[], Any] | None:
    """What measures instead of the batch's loss."""
    if validation is None or callable(validation):
        return validation  # type: ignore[no-any-return]

    def mean() -> float:
        modes = [(module, module.training) for module in model.modules()]
        model.eval()
        with torch.no_grad():
            losses = [float(forward(moved(batch, device))) for batch in validation]
        for module, training in modes:
            module.training = training
        if not losses:
            refuse("find_lr", "validation", "a loader that can be gone through again", validation)
        return sum(losses) / len(losses)

    return mean


def _mean(loss: Any, device: Any) -> float:
    """A loss as a float, the mean of all processes'."""
    if loss is None:
        refuse("find_lr", "step", "a function that returns the loss", loss, kind=True)
    value = loss.detach().double().mean() if isinstance(loss, torch.Tensor) else torch.tensor(float(loss)).double()
    if processes() > 1:
        value = value.to(device)
        torch.distributed.all_reduce(value)
        value = value / processes()
    return float(value)
