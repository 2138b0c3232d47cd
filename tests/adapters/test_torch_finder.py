"""The finder in PyTorch: whatever is given, it sweeps, and everything is as it was."""

from __future__ import annotations

import copy
import inspect
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from lrcore import Cosine, Linear, OneCycle
from lrcore.finder import Grid, Sweep, Sweeps
from lrcore_torch import ScheduleLR, find_lr

torch.set_num_threads(1)


class Net(nn.Module):
    """Layers with everything that training changes: weights, buffers that are saved and one that is not, dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Linear(16, 1)
        self.register_buffer("calls", torch.zeros(()), persistent=False)

    def forward(self, x: Any) -> Any:
        if self.training:
            self.calls += 1
        return self.head(self.body(x)).squeeze(-1)


class Points(Dataset[Any]):
    """Points that are augmented by all three sources of random numbers."""

    def __len__(self) -> int:
        return 64

    def __getitem__(self, i: int) -> Any:
        x = torch.linspace(-1, 1, 8).roll(i) * (1 + i / 64)
        return x + 0.01 * (random.random() + np.random.rand() + torch.rand(())), x[0] - 2 * x[3]


class Training:
    """A training that can be run on, and looked at."""

    def __init__(self, optimizer: str = "AdamW", scheduler: Callable[[Any], Any] | None = None) -> None:
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        self.model = Net()
        groups = [{"params": self.model.body.parameters()}, {"params": self.model.head.parameters(), "lr": 2e-3}]
        options: dict[str, Any] = {"lr": 1e-3, "foreach": False} | ({"momentum": 0.9} if optimizer == "SGD" else {})
        self.optimizer = getattr(torch.optim, optimizer)(groups, **options)
        self.loader = DataLoader(Points(), batch_size=8, shuffle=True, generator=torch.Generator().manual_seed(1))
        self.scheduler = scheduler(self.optimizer) if scheduler else None

    def loss(self, output: Any, target: Any) -> Any:
        return nn.functional.mse_loss(output, target)

    def run(self, epochs: int) -> None:
        for _ in range(epochs):
            for x, y in self.loader:
                self.optimizer.zero_grad()
                self.loss(self.model(x), y).backward()
                self.optimizer.step()
                if self.scheduler:
                    self.scheduler.step()

    def find(self, **options: Any) -> Any:
        return find_lr(self.model, self.optimizer, self.loss, self.loader, **{"show": False, "updates": 30} | options)

    def state(self) -> list[Any]:
        """Every bit of it."""
        tensors = [*self.model.parameters(), *self.model.buffers()]
        held = [value for state in self.optimizer.state.values() for value in state.values()]
        grads = [p.grad for p in self.model.parameters()]
        values = [x.detach().numpy().tobytes() if isinstance(x, torch.Tensor) else x for x in (*tensors, *held, *grads)]
        groups = [{**group, "params": len(group["params"])} for group in self.optimizer.param_groups]
        modes = [module.training for module in self.model.modules()]
        luck = (torch.get_rng_state().numpy().tobytes(), random.getstate(), np.random.get_state()[1].tobytes())
        generator = self.loader.generator.get_state().numpy().tobytes()
        return [values, groups, modes, luck, generator, self.scheduler and self.scheduler.state_dict()]


def explode(after: int, error: BaseException) -> Callable[..., Any]:
    """A loss that raises at its so manieth call."""
    calls = iter(range(after))

    def loss(output: Any, target: Any) -> Any:
        if next(calls, None) is None:
            raise error
        return nn.functional.mse_loss(output, target)

    return loss


def count_updates(optimizer: Any) -> Any:
    return ScheduleLR(optimizer, [Cosine(1e-3, steps=60).warmup(5)] * 2, count="updates")


def count_calls(optimizer: Any) -> Any:
    return ScheduleLR(optimizer, [Cosine(1e-3, steps=60).warmup(5)] * 2)


SEARCHES: dict[str, Callable[[Training], Any]] = {
    "a sweep": lambda t: t.find(),
    "a sweep that diverges": lambda t: t.find(high=1e6),
    "a sweep to NaN": lambda t: t.find(low=1e5, high=1e30),
    "repeats": lambda t: t.find(repeats=2),
    "the copies on disk": lambda t: t.find(keep="disk"),
    "the grid": lambda t: t.find(method="grid", updates=6, low=0.01, high=0.3),
    "accumulation": lambda t: t.find(accumulate=2),
    "validation": lambda t: t.find(validation=[(torch.ones(8, 8), torch.ones(8))]),
}


@pytest.mark.parametrize("optimizer", ["AdamW", "SGD"])
@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("begun", [0, 2])
def test_a_training_goes_on_as_if_nothing_had_been(search: str, optimizer: str, begun: int) -> None:
    if optimizer == "SGD" and search not in ("a sweep", "the copies on disk"):
        return
    with_one = Training(optimizer)
    with_one.run(begun)
    before = with_one.state()
    found = SEARCHES[search](with_one)
    assert isinstance(found, Sweep | Sweeps | Grid)
    assert with_one.state() == before
    with_one.run(3)
    after = with_one.state()
    without = Training(optimizer)
    without.run(begun)
    without.run(3)
    assert after == without.state()


def test_the_state_would_show_one_more_update() -> None:
    training = Training()
    training.run(1)
    before = training.state()
    training.optimizer.step()
    assert training.state() != before


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("out of memory")], ids=["Ctrl-C", "an error"])
@pytest.mark.parametrize("options", [{}, {"keep": "disk"}, {"method": "grid", "updates": 4}], ids=str)
@pytest.mark.parametrize("schedule", [None, count_updates, count_calls], ids=["none", "updates", "calls"])
def test_everything_is_put_back_when_it_breaks_off(error: BaseException, options: Any, schedule: Any) -> None:
    training = Training(scheduler=schedule)
    training.run(1)
    before = training.state()
    with pytest.raises(type(error)):
        find_lr(training.model, training.optimizer, explode(7, error), training.loader, show=False, **options)
    assert training.state() == before


@pytest.mark.parametrize("schedule", [count_updates, count_calls])
def test_a_running_schedule_is_paused_and_says_so(schedule: Any) -> None:
    training = Training(scheduler=schedule)
    training.run(1)
    found = training.find()
    assert "ScheduleLR was paused" in found.notes
    assert "ScheduleLR was paused" in str(found)
    training.run(3)
    state, used = training.state(), training.scheduler.used()
    other = Training(scheduler=schedule)
    other.run(1)
    other.run(3)
    assert (state, used) == (other.state(), other.scheduler.used())


def test_a_scheduler_of_pytorchs_stays_where_it_is_and_that_is_said() -> None:
    training = Training(scheduler=lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 3))
    training.run(1)
    before = training.state()
    assert training.find().notes[0] == "the scheduler of PyTorch's on this optimizer was not stepped"
    assert training.state() == before
    assert Training().find().notes == Training().find(keep="disk").notes


def test_the_rates_are_those_of_the_sweep_and_groups_keep_their_ratio() -> None:
    training, used = Training(), []
    training.optimizer.register_step_pre_hook(lambda o, *_: used.append([group["lr"] for group in o.param_groups]))
    found = training.find(high=1e-2)
    assert used == [[rate, 2 * rate] for rate in found.rates]
    assert "the groups kept their ratios, 1, 2" in found.notes


def test_the_warmup_of_a_running_schedule_does_not_hide_the_ratio() -> None:
    groups = [{"params": [nn.Parameter(torch.ones(2))], "lr": lr} for lr in (0.1, 0.3)]
    optimizer = torch.optim.SGD(groups)
    ScheduleLR(optimizer, Cosine(1.0, steps=9).warmup(3), relative=True)
    weights = [group["params"][0] for group in optimizer.param_groups]
    model = nn.ParameterList(weights)
    used: list[Any] = []
    optimizer.register_step_pre_hook(lambda o, *_: used.append([group["lr"] for group in o.param_groups]))

    def step(batch: Any) -> Any:
        optimizer.zero_grad()
        loss = sum((w**2).sum() for w in weights)
        loss.backward()
        optimizer.step()
        return loss

    find_lr(model, optimizer, loader=[0], step=step, updates=8, show=False)
    assert used[0] == pytest.approx([1e-7, 3e-7])


def test_tensor_rates_are_written_in_place_and_put_back() -> None:
    model = nn.Linear(8, 1)
    rate = torch.tensor(0.25)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    held = optimizer.param_groups[0]["lr"]
    batches = [(torch.randn(4, 8), torch.randn(4, 1))] * 3
    find_lr(model, optimizer, nn.functional.mse_loss, batches, updates=10, show=False)
    assert optimizer.param_groups[0]["lr"] is held
    assert held.item() == 0.25


@pytest.mark.parametrize("keep", ["memory", "disk"])
def test_the_same_tensors_are_there_afterwards(keep: str) -> None:
    training = Training()
    training.run(1)
    before = [value for state in training.optimizer.state.values() for value in state.values()]
    grads = [p.grad for p in training.model.parameters()]
    training.find(keep=keep)
    after = [value for state in training.optimizer.state.values() for value in state.values()]
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert all(p.grad is grad for p, grad in zip(training.model.parameters(), grads, strict=True))


def test_copies_on_disk_take_no_memory_and_leave_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from lrcore_torch._finder._keep import Copies

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    weights = [torch.randn(1000) for _ in range(5)]
    for folder, expected in ((None, 5 * 4000), (str(tmp_path), 0)):
        copies = Copies(folder)
        for weight in weights:
            copies.keep(weight)
        assert sum(c.numel() * 4 for _, c in copies._tensors if isinstance(c, torch.Tensor)) == expected
    for file in tmp_path.iterdir():
        file.unlink()
    Training().find(keep="disk")
    assert list(tmp_path.iterdir()) == []


# What may be given


def batches(n: int = 4) -> list[Any]:
    random = torch.Generator().manual_seed(0)
    inputs = torch.randn(n, 16, 8, generator=random)
    return [(x, x @ torch.arange(8.0)) for x in inputs]


def fresh(optimizer: Any = torch.optim.SGD, **options: Any) -> tuple[Any, Any]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 1), nn.Flatten(0))
    return model, optimizer(model.parameters(), **{"lr": 0.1} | options)


def find(model: Any, optimizer: Any, loss: Any = nn.functional.mse_loss, loader: Any = None, **options: Any) -> Any:
    return find_lr(
        model, optimizer, loss, batches() if loader is None else loader, **{"show": False, "updates": 40} | options
    )


EXPECTED = find(*fresh())


def test_it_finds_something() -> None:
    assert EXPECTED.suggestion is not None
    assert EXPECTED.ended in ("rise", "not finite")


def test_the_loader_goes_round_and_that_is_said() -> None:
    assert any(note.startswith("the loader has fewer batches than the sweep") for note in EXPECTED.notes)


def test_a_dict_goes_to_the_model_by_name_and_brings_its_own_loss() -> None:
    class Named(nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any, labels: Any) -> Any:
            return {"loss": nn.functional.mse_loss(self.inner(x), labels), "logits": x}

    model, optimizer = fresh()
    loader = [{"x": x, "labels": y} for x, y in batches()]
    assert find(Named(model), optimizer, None, loader) == EXPECTED


def test_several_inputs_come_before_the_target() -> None:
    class Two(nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, a: Any, b: Any) -> Any:
            return self.inner(torch.cat([a, b], 1))

    model, optimizer = fresh()
    assert find(Two(model), optimizer, loader=[(x[:, :3], x[:, 3:], y) for x, y in batches()]) == EXPECTED


def test_the_users_own_step_gives_the_same() -> None:
    model, optimizer = fresh()

    def step(batch: Any) -> Any:
        x, y = batch
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    assert find(model, optimizer, None, step=step) == EXPECTED


def test_a_step_that_calls_a_scheduler_needs_to_name_it() -> None:
    model, optimizer = fresh()
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)

    def step(batch: Any) -> Any:
        x, y = batch
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        return loss

    with pytest.raises(ValueError, match=r"write find_lr\(\.\.\., scheduler=\.\.\.\)"):
        find(model, optimizer, None, step=step)
    before = copy.deepcopy(scheduler.state_dict())
    found = find(model, optimizer, None, step=step, scheduler=scheduler)
    assert (found.losses, found.rates) == (EXPECTED.losses, EXPECTED.rates)
    assert "ExponentialLR was paused" in found.notes
    assert scheduler.state_dict() == before
    optimizer.step()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.09)


def test_accumulation_records_the_mean_of_the_micro_batches() -> None:
    halves = [half for x, y in batches() for half in zip(x.split(8), y.split(8), strict=True)]
    found = find(*fresh(), loader=halves, accumulate=2)
    np.testing.assert_allclose(found.losses[:20], EXPECTED.losses[:20], rtol=1e-5)


def test_a_closure_is_given_where_the_optimizer_needs_one() -> None:
    model, optimizer = fresh(torch.optim.LBFGS, max_iter=2)
    before = [p.clone() for p in model.parameters()]
    found = find(model, optimizer)
    assert found.losses[0] == EXPECTED.losses[0]
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_scaler_is_used_and_put_back() -> None:
    model, optimizer = fresh()
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=3)
    before = copy.deepcopy(scaler.state_dict())
    found = find(model, optimizer, scaler=scaler, autocast=torch.autocast("cpu", dtype=torch.bfloat16))
    assert found.suggestion is not None
    assert scaler.state_dict() == before
    assert vars(scaler)["_scale"] is None


def test_the_grid_finds_the_peak_of_short_trainings() -> None:
    found = find(*fresh(), method="grid", updates=20, low=0.01, high=4.0)
    assert isinstance(found, Grid)
    assert found.bracket is not None
    assert found.shape == OneCycle(1.0, steps=20)
    assert find(*fresh(), method="grid", updates=20, low=0.01, high=4.0) == found


def test_a_sweep_may_follow_another_schedule_that_rises() -> None:
    line = Linear(0.001, end=1.0, steps=39)
    found = find(*fresh(), schedule=line)
    assert found.rates == tuple(line(i) for i in range(len(found.rates)))
    for falls in (Cosine(1.0, steps=39), Linear(0.0, end=1.0, steps=39)):
        with pytest.raises(
            ValueError, match=r"^find_lr\.schedule must be one that rises from above 0 over 40 updates, got"
        ):
            find(*fresh(), schedule=falls)


def test_every_training_of_the_grid_sees_the_same_batches() -> None:
    training = Training()
    flat = Linear(1.0, end=1.0, steps=5)
    found = training.find(method="grid", peaks=[1e-9, 2e-9, 4e-9], schedule=flat)
    assert np.ptp(found.losses) < 1e-6


def test_halving_trains_fewer_updates() -> None:
    found = find(*fresh(), method="grid", updates=20, low=0.001, high=1.0, halving=1)
    assert sorted(set(found.stages)) == [10, 20]


def test_repeats_see_other_batches() -> None:
    found = find(*fresh(), loader=batches(12), repeats=3)
    assert isinstance(found, Sweeps)
    assert len({sweep.losses[0] for sweep in found.sweeps}) == 3
    assert found.spread is not None


def test_a_validation_loss_is_what_is_recorded() -> None:
    model, optimizer = fresh()
    (x, y), *_ = batches()
    first = nn.functional.mse_loss(model(x), y).item()
    found = find(model, optimizer, validation=[(x, y)])
    assert found.losses[0] == pytest.approx(first)
    assert find(*fresh(), validation=lambda: 3.0).losses == (3.0,) * 40


class Persistent:
    """A loader with one iterator, which it sets back when asked for another: as DataLoader with persistent workers has it.

    Not a real one: workers are forked, which JAX warns about where it was imported before.
    """

    _iterator: Any = None

    def __iter__(self) -> Any:
        if self._iterator is None:
            self._iterator = Iterator()
        self._iterator.position = 0
        return self._iterator


class Iterator:
    position = 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        if self.position == 4:
            raise StopIteration
        self.position += 1
        return batches()[self.position - 1]


def test_persistent_workers_go_on_where_they_were() -> None:
    loader = Persistent()
    running = iter(loader)
    next(running)
    assert find(*fresh(), loader=loader).losses == EXPECTED.losses
    assert loader._iterator is running
    assert running.position == 1


def test_dataloader_keeps_its_iterator_where_it_is_looked_for() -> None:
    assert "self._iterator" in inspect.getsource(DataLoader.__iter__)


def test_a_loader_with_a_position_gets_it_back() -> None:
    class Stateful:
        position = 7

        def __iter__(self) -> Any:
            for batch in batches():
                self.position += 1
                yield batch

        def state_dict(self) -> Any:
            return {"position": self.position}

        def load_state_dict(self, state: Any) -> None:
            self.position = state["position"]

    loader = Stateful()
    find(*fresh(), loader=loader)
    assert loader.position == 7


def test_a_trainer_of_hugging_faces_is_given_as_it_is(tmp_path: Path) -> None:
    from transformers import Trainer, TrainingArguments

    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = fresh()[0]

        def forward(self, x: Any, labels: Any = None) -> Any:
            return {"loss": nn.functional.mse_loss(self.inner(x), labels), "logits": x}

    data = [{"x": x, "labels": y} for xs, ys in batches() for x, y in zip(xs, ys, strict=True)]
    arguments = TrainingArguments(
        str(tmp_path),
        per_device_train_batch_size=16,
        gradient_accumulation_steps=2,
        max_grad_norm=0.5,
        use_cpu=True,
        report_to=[],
        dataloader_pin_memory=False,
    )
    trainer = Trainer(Named(), arguments, train_dataset=data)
    before = copy.deepcopy(trainer.model.state_dict())
    find_lr(trainer, updates=40, high=100.0, show=False)
    assert trainer.optimizer is None
    assert all(torch.equal(before[name], value) for name, value in trainer.model.state_dict().items())

    def step(halves: Any) -> Any:
        """What the Trainer does in one update."""
        optimizer.zero_grad()
        losses = [trainer.model(**half)["loss"] for half in halves]
        sum(loss / 2 for loss in losses).backward()
        nn.utils.clip_grad_norm_(trainer.model.parameters(), 0.5)
        optimizer.step()
        return sum(loss.detach() for loss in losses) / 2

    optimizer = trainer.create_optimizer()
    torch.manual_seed(0)
    ours = find_lr(trainer, updates=20, low=1e-3, show=False)
    torch.manual_seed(0)
    loader = [*trainer.get_train_dataloader()]
    pairs = [*zip(loader[::2], loader[1::2], strict=False)]
    written = find_lr(trainer.model, optimizer, loader=pairs, step=step, updates=20, low=1e-3, show=False)
    np.testing.assert_allclose(ours.losses[: len(pairs)], written.losses[: len(pairs)], rtol=1e-5)


def test_a_module_of_lightnings_is_given_as_it_is() -> None:
    from lightning.pytorch import LightningModule

    class Module(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.inner = fresh()[0]

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            loss = nn.functional.mse_loss(self.inner(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    class WithLoader(Module):
        def train_dataloader(self) -> Any:
            return batches()

    class Manual(Module):
        automatic_optimization = False

    class Unoptimized(Module):
        def configure_optimizers(self) -> Any:
            return None

    def step(batch: Any) -> Any:
        optimizer.zero_grad()
        loss = manual.training_step(batch, 0)
        loss.backward()
        optimizer.step()
        return loss

    manual = Manual()
    optimizer = manual.configure_optimizers()
    assert find_lr(manual, optimizer, loader=batches(), step=step, updates=40, show=False) == EXPECTED
    with pytest.raises(TypeError, match=r"a module that optimizes automatically, got 'Manual'; give step=\.$"):
        find_lr(manual, loader=batches(), show=False)
    with pytest.raises(TypeError, match=r"a module with one optimizer, got None; give optimizer=\.$"):
        find_lr(Unoptimized(), loader=batches(), show=False)
    module = Module()
    assert find_lr(module, loader=batches(), updates=40, show=False) == EXPECTED
    assert "log" not in vars(module)
    assert find_lr(WithLoader(), updates=40, show=False) == EXPECTED
    with pytest.raises(TypeError, match=r"got None; write find_lr\(module, loader=\.\.\.\)\.$"):
        find_lr(module, show=False)


# Mistakes


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, o: find_lr(3, o), "find_lr.model must be a torch.nn.Module, got 3."),
        (lambda m, o: find_lr(m, None), "find_lr.optimizer must be an object with param_groups, got None."),
        (lambda m, o: find_lr(m, o), "find_lr.loader must be an iterable of batches, got None."),
        (lambda m, o: find(m, o, keep="tape"), "find_lr.keep must be 'memory' or 'disk', got 'tape'."),
        (lambda m, o: find(m, o, updates=0), "find_lr.updates must be a positive integer, got 0."),
        (lambda m, o: find(m, o, low=1.0, high=0.1), "find_lr.high must be above low, 1.0, got 0.1."),
        (
            lambda m, o: find(m, o, loader=[]),
            "find_lr.loader must be an iterable of batches that can be gone through again, and it is empty.",
        ),
        (
            lambda m, o: find(m, o, loader=iter(batches())),
            "find_lr.loader must be an iterable of batches that can be gone through again, and it is empty.",
        ),
        (
            lambda m, o: find(m, o, step=lambda batch: None),
            "find_lr.step must be a function that returns the loss, got None.",
        ),
        (
            lambda m, o: find(m, o, loss=None),
            "find_lr.loss must be a function where batches are not mappings, got None.",
        ),
        (lambda m, o: find(m, o, loss="mse"), "find_lr.loss must be a function of the output and the target, got 'mse'."),
        (
            lambda m, o: find(m, o, loss=lambda output, target: output - target),
            "find_lr.loss must give a tensor of a single number, got one of shape (16,).",
        ),
        (
            lambda m, o: find(m, o, loss=lambda output, target: 1.0),
            "find_lr.loss must give a tensor of a single number, got float.",
        ),
        (lambda m, o: find(m, o, loader=3), "find_lr.loader must be an iterable of batches, got 3."),
        (
            lambda m, o: find(m, o, step="step"),
            "find_lr.step must be a function step(batch) that makes an update and returns its loss, got 'step'.",
        ),
        (
            lambda m, o: find(m, o, validation=3),
            "find_lr.validation must be a loader, or a function without arguments, got 3.",
        ),
        (lambda m, o: find(m, o, accumulate=0), "find_lr.accumulate must be a positive integer, got 0."),
        (
            lambda m, o: find(o, m),
            "find_lr.model must be a torch.nn.Module, got SGD ( Parameter Group 0 dampening: 0 differentiable: False "
            "foreach: None fused: None lr: 0.1 maximize: False momentum: 0 nesterov: False weight_decay: 0 ).",
        ),
    ],
    ids=range(18),
)
def test_a_mistake_is_one_line_and_changes_nothing(call: Any, words: str) -> None:
    model, optimizer = fresh()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises((TypeError, ValueError)) as raised:
        call(model, optimizer)
    assert str(raised.value) == words
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_loss_that_is_not_finite_at_once_suggests_nothing() -> None:
    found = find(*fresh(), loss=lambda output, target: (output * math.nan).mean())
    assert (found.flags, found.losses, found.suggestion) == (("not finite at once",), (), None)


def test_a_bar_is_shown_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    find(*fresh(), updates=3)
    assert capsys.readouterr().err == ""
    find(*fresh(), updates=3, show=True)
    assert "find_lr: " in capsys.readouterr().err
