"""The rate, momentum and weight decay of every update in TensorBoard and Weights & Biases, from PyTorch.

One line in the loop, `log(scheduler.used(), step)`: what the last update used, by name, as Python floats. The weights decay
and the biases do not, so there are two groups, whose values are told apart as `weight_decay/weights` and so on.

    python examples/log_torch.py        (`make demo` installs what it needs)
    tensorboard --logdir out/log_torch
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the writer loads TensorFlow where it is installed
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import torch
    from sklearn.datasets import load_digits
    from torch.utils.tensorboard import SummaryWriter
except ModuleNotFoundError as missing:
    needed = "'lrcore[torch]' scikit-learn tensorboard"
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install {needed}") from None

from lrcore import Linear, OneCycle
from lrcore_torch import ScheduleLR

STEPS = 100
CYCLE, DECAY = OneCycle(0.5, steps=STEPS), Linear(1e-4, end=1e-3, steps=STEPS)


class Run:
    """Stands for `run = wandb.init(project=...)`, whose `log` is called in the same way."""

    def log(self, values: dict[str, float], step: int) -> None:
        if step % 20 == 0 or step == STEPS - 1:
            print(step, values)


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    images = (images / 16).float()
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    groups = [
        {"params": [p for p in model.parameters() if p.ndim == 2], "name": "weights"},
        {"params": [p for p in model.parameters() if p.ndim == 1], "name": "biases"},
    ]
    optimizer = torch.optim.SGD(groups, lr=1.0, momentum=0.9)
    scheduler = ScheduleLR(optimizer, CYCLE, momentum=CYCLE.momentum(), weight_decay={"weights": DECAY, "biases": None})

    run, board = Run(), SummaryWriter("out/log_torch")

    def log(values: dict[str, float], step: int) -> None:
        run.log(values, step=step)
        for name, value in values.items():  # TensorBoard takes one number at a time
            board.add_scalar(name, value, step)

    for step in range(STEPS):
        chosen = torch.randint(len(images), (64,))
        loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        log(scheduler.used() | {"loss": loss.item()}, step)
    board.close()
    print("TensorBoard's file is in out/log_torch")


if __name__ == "__main__":
    main()
