"""Small real tasks on data that is on any machine, each trained in a second or so on one core.

A score is in points: the accuracy of classes and of the next character, or R² of a regression, times 100. The data is split
once; the seed sets the weights and the order of the batches.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, make_friedman1
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (its usual name)

from lrcore import Cosine
from lrcore_torch import ScheduleLR

Data = tuple[Tensor, Tensor, Tensor, Tensor]
"""Inputs and targets of the training, then of the test."""


@dataclass(frozen=True)
class Task:
    """What is trained: data, a model, a loss, the updates of a full training and the samples of a batch."""

    data: Callable[[], Data]
    model: Callable[[], nn.Module]
    steps: int
    batch: int = 64
    regression: bool = False

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        if self.regression:
            return F.mse_loss(output.view_as(target), target)
        return F.cross_entropy(output.flatten(0, -2), target.flatten())


def _split(inputs: Any, targets: Any) -> Data:
    order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(0))
    cut = 3 * len(inputs) // 4
    return inputs[order[:cut]], targets[order[:cut]], inputs[order[cut:]], targets[order[cut:]]


@cache
def digits() -> Data:
    loaded = load_digits()
    return _split(torch.tensor(loaded.images, dtype=torch.float32) / 16 - 0.3, torch.tensor(loaded.target))


def images() -> Data:
    a, b, c, d = digits()
    return a[:, None], b, c[:, None], d


def _standardized(inputs: Any, targets: Any) -> Data:
    x, y = torch.tensor(inputs, dtype=torch.float32), torch.tensor(targets, dtype=torch.float32)
    return _split((x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std())


@cache
def diabetes() -> Data:
    return _standardized(*load_diabetes(return_X_y=True))


@cache
def friedman() -> Data:
    return _standardized(*make_friedman1(n_samples=2_000, noise=1.0, random_state=0))


@cache
def pixels() -> Data:
    """Digits, to be drawn again."""
    a, _, b, _ = digits()
    return a.flatten(1), a.flatten(1), b.flatten(1), b.flatten(1)


@cache
def cells() -> Data:
    loaded = load_breast_cancer()
    x = torch.tensor(loaded.data, dtype=torch.float32)
    return _split((x - x.mean(0)) / x.std(0), torch.tensor(loaded.target))


CONTEXT = 32
CHARACTERS = 96


@cache
def characters() -> Data:
    """Python's own reference, 32 characters at a time, each with the next one as its target."""
    from pydoc_data.topics import topics

    text = " ".join("".join(topics[name] for name in sorted(topics)).split())
    codes = torch.tensor([min(max(ord(letter) - 32, 0), CHARACTERS - 1) for letter in text])
    pieces = codes[: len(codes) // (CONTEXT + 1) * (CONTEXT + 1)].view(-1, CONTEXT + 1)
    inputs, targets, test, answers = _split(pieces[:, :-1], pieces[:, 1:])
    return inputs, targets, test[:1_000], answers[:1_000]


def perceptron(inputs: int, outputs: int, width: int = 64) -> nn.Module:
    layers = (nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs))
    return nn.Sequential(nn.Flatten(), *layers)


def convolutional() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)),
    )


class Block(nn.Module):
    """Two convolutions with BatchNorm, and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        layers = []
        for _ in range(2):
            layers += [nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        self.inside = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.inside(x))


def residual() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2), Block(16), Block(16)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)),
    )


class Transformer(nn.Module):
    """One layer of width 64 that reads characters."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = nn.Embedding(CHARACTERS, 64)
        self.places = nn.Parameter(0.02 * torch.randn(CONTEXT, 64))
        self.layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True, norm_first=True)
        self.head = nn.Linear(64, CHARACTERS)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(CONTEXT))

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.layer(self.letters(x) + self.places, src_mask=self.mask, is_causal=True)
        return self.head(hidden)  # type: ignore[no-any-return]


class Recurrent(nn.Module):
    """A GRU that reads characters."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = nn.Embedding(CHARACTERS, 32)
        self.layer = nn.GRU(32, 64, batch_first=True)
        self.head = nn.Linear(64, CHARACTERS)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(self.letters(x))[0])  # type: ignore[no-any-return]


def autoencoder() -> nn.Module:
    widths = (64, 48, 8, 48)
    layers = [part for a, b in itertools.pairwise(widths) for part in (nn.Linear(a, b), nn.Tanh())]
    return nn.Sequential(*layers, nn.Linear(48, 64))


TASKS = {
    "digits, MLP": Task(digits, lambda: perceptron(64, 10), 1_000),
    "diabetes, MLP": Task(diabetes, lambda: perceptron(10, 1, 32), 300, batch=32, regression=True),
    "friedman, MLP": Task(friedman, lambda: perceptron(10, 1), 1_500, regression=True),
    "digits, CNN": Task(images, convolutional, 600),
    "digits, ResNet": Task(images, residual, 500),
    "text, transformer": Task(characters, Transformer, 1_500, batch=16),
}

HELD_OUT = {
    "pixels, autoencoder": Task(pixels, autoencoder, 800, regression=True),
    "cells, MLP": Task(cells, lambda: perceptron(30, 2), 200, batch=32),
    "text, GRU": Task(characters, Recurrent, 600, batch=16),
}
"""Trained after the constants of the finder were fixed: a check of them on what they were not chosen by."""

OPTIMIZERS: dict[str, tuple[Callable[..., Any], range]] = {
    "SGD": (lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9), range(-13, 4)),
    "AdamW": (lambda weights: torch.optim.AdamW(weights), range(-16, 1)),
}
"""Each optimizer, and the powers of 2 that are tried as its peak."""


def batches(task: Task, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches in a new order each epoch, without end."""
    inputs, targets, *_ = task.data()
    while True:
        order = torch.randperm(len(inputs), generator=generator)
        for chosen in order.split(task.batch)[: len(inputs) // task.batch]:
            yield inputs[chosen], targets[chosen]


def begin(task: Task, optimizer: str, seed: int) -> tuple[nn.Module, Any, Iterator[tuple[Tensor, Tensor]]]:
    torch.manual_seed(seed)
    model = task.model()
    return model, OPTIMIZERS[optimizer][0](model.parameters()), batches(task, torch.Generator().manual_seed(seed))


def train(task: Task, optimizer: str, peak: float, steps: int, seed: int) -> tuple[float, float]:
    """The loss on the test set and the score at the end; infinity and 0 points where the training diverged."""
    model, updates, stream = begin(task, optimizer, seed)
    scheduler = ScheduleLR(updates, Cosine(peak, steps=steps).warmup(steps // 20))
    for step in range(steps):
        inputs, targets = next(stream)
        updates.zero_grad()
        loss = task.loss(model(inputs), targets)
        if step % 20 == 0 and not math.isfinite(loss.item()):
            return math.inf, 0.0
        loss.backward()
        updates.step()
        scheduler.step()
    _, _, inputs, targets = task.data()
    model.eval()
    with torch.no_grad():
        output = model(inputs)
        loss = task.loss(output, targets).item()
    if not math.isfinite(loss):
        return math.inf, 0.0
    if task.regression:
        return loss, max(0.0, 100 * (1 - loss / targets.var().item()))
    return loss, 100 * (output.argmax(-1) == targets).float().mean().item()
