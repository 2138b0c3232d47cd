"""Fine-tuning in PyTorch: each parameter group on a schedule of its own, by name.

A small network learns the digits 0 to 4, then is fine-tuned to tell 5 to 9 apart from twenty images of each. Its new head
learns at once. Its body, which knows something already, waits until the head has settled, and then follows at a smaller
rate, warmed up: two schedules in a dict by the groups' names.

    python examples/finetune_torch.py        (`make demo` installs what it needs)
"""

from __future__ import annotations

try:
    import torch
    from sklearn.datasets import load_digits
    from torch import nn
except ModuleNotFoundError as missing:
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[torch]' scikit-learn") from None

from lrcore import Constant, Cosine, Schedule
from lrcore_torch import ScheduleLR

STEPS, WAIT = 150, 50  # updates of the fine-tuning, and how many of them the body waits

PRETRAINING: dict[str, Schedule] = {"body": Cosine(0.003, steps=STEPS), "head": Cosine(0.003, steps=STEPS)}
FINE_TUNING: dict[str, Schedule] = {
    "body": Constant(0.0).then(Cosine(0.003, steps=STEPS - WAIT).warmup(30), at=WAIT),
    "head": Cosine(0.01, steps=STEPS),
}

Data = tuple[torch.Tensor, torch.Tensor]


def accuracy(body: nn.Module, head: nn.Module, data: Data) -> float:
    with torch.no_grad():
        return (head(body(data[0])).argmax(1) == data[1]).double().mean().item()


def train(body: nn.Module, head: nn.Module, data: Data, lr: dict[str, Schedule], test: Data) -> None:
    """Train on batches of 50, and tell how it goes."""
    groups = [{"params": body.parameters(), "name": "body"}, {"params": head.parameters(), "name": "head"}]
    optimizer = torch.optim.Adam(groups)
    scheduler = ScheduleLR(optimizer, lr)
    before = nn.utils.parameters_to_vector(body.parameters()).clone()
    for step in range(STEPS):
        chosen = torch.randint(len(data[0]), (50,))
        loss = nn.functional.cross_entropy(head(body(data[0][chosen])), data[1][chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 25 == 0 or step == STEPS - 1:
            moved = (nn.utils.parameters_to_vector(body.parameters()) - before).norm().item()
            correct = accuracy(body, head, test)
            print(f"update {step:3d}  {scheduler.used()}  body moved {moved:.3f}  accuracy {correct:.1%}")


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    images = (images / 16).float().reshape(-1, 1, 8, 8)
    low = labels < 5
    pretraining = images[low], labels[low]
    few = torch.cat([torch.nonzero(labels == digit)[:20, 0] for digit in range(5, 10)])
    unseen = ~low
    unseen[few] = False

    body = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten())
    print(f"Pretraining on {int(low.sum())} images of 0 to 4")
    train(body, nn.Linear(256, 5), pretraining, PRETRAINING, pretraining)

    print(f"\nFine-tuning on {len(few)} images of 5 to 9, accuracy on {int(unseen.sum())} others")
    for name, schedule in FINE_TUNING.items():
        print(f"{name}: {schedule!r}")
    train(body, nn.Linear(256, 5), (images[few], labels[few] - 5), FINE_TUNING, (images[unseen], labels[unseen] - 5))


if __name__ == "__main__":
    main()
