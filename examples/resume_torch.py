"""A run is interrupted, resumed bit for bit, made longer, and branched into a cooldown, in PyTorch.

A schedule is a function of the step, so the step is all that a checkpoint needs to say of it. What is loaded here goes on
with exactly the rates and losses of a run that was never interrupted. Then two changes of plan from the middle of that run,
neither of which makes the rate jump: `extend` for a run that gets longer, `cooldown` for one that is to be ended soon.

    python examples/resume_torch.py        (`make demo` installs what it needs)
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

try:
    import torch
    from sklearn.datasets import load_digits
except ModuleNotFoundError as missing:
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[torch]' scikit-learn") from None

from lrcore import Cosine, Schedule
from lrcore_torch import ScheduleLR

PLAN = Cosine(0.5, steps=200, end=0.005).warmup(20)
LONGER = PLAN.extend(300, at=120)  # the same to step 120, and from there the same family to the same end, at 300
BRANCH = LONGER.cooldown(at=180, steps=40)  # the same to step 180, then down to 0 in 40 updates

images, labels = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
images = (images / 16).float()
Log = dict[int, tuple[float, float]]  # the rate and the loss of each update


def build(lr: Schedule, step: int = 0) -> tuple[torch.nn.Module, Any, ScheduleLR]:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
    return model, optimizer, ScheduleLR(optimizer, lr, step=step)


def train(model: Any, optimizer: Any, scheduler: ScheduleLR, until: int) -> Log:
    log: Log = {}
    for step in range(int(scheduler.last_epoch), until):
        # The batch is a function of the step too: nothing of it to save
        chosen = torch.randint(len(images), (64,), generator=torch.Generator().manual_seed(step))
        loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        log[step] = scheduler.used()["lr"], loss.item()
    return log


def main() -> None:
    torch.set_num_threads(1)
    whole = train(*build(PLAN), until=200)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.pt"
        parts = build(PLAN)
        first = train(*parts, until=120)
        torch.save([part.state_dict() for part in parts], path)
        saved = torch.load(path, weights_only=True)

    # Resumed: new objects, which load what was saved.
    parts = build(PLAN)
    for part, state in zip(parts, saved, strict=True):
        part.load_state_dict(state)
    resumed = first | train(*parts, until=200)

    # Another schedule from here on, meant so: the weights are loaded, and the new schedule is told the step.
    model, optimizer, scheduler = build(LONGER, step=saved[2]["step"])
    model.load_state_dict(saved[0])
    optimizer.load_state_dict(saved[1])
    longer = first | train(model, optimizer, scheduler, until=180)
    saved = [part.state_dict() for part in (model, optimizer)]

    branched = build(BRANCH, step=180)
    for part, state in zip(branched[:2], saved, strict=True):
        part.load_state_dict(state)
    branch = longer | train(*branched, until=220)
    longer |= train(model, optimizer, scheduler, until=300)

    print(f"planned  {PLAN!r}\nlonger   {LONGER!r}\nbranch   {BRANCH!r}\n")
    runs = {"whole": whole, "resumed": resumed, "longer": longer, "branch": branch}
    print("the rate at".ljust(13) + "".join(name.ljust(24) for name in runs))
    for step in (0, 20, 119, 120, 121, 179, 180, 181, 199, 219, 299):
        rates = [repr(run[step][0]) if step in run else "-" for run in runs.values()]
        print(f"{step:6d}".ljust(13) + "".join(rate.ljust(24) for rate in rates))
    print("last loss".ljust(13) + "".join(f"{run[max(run)][1]:<24.6f}" for run in runs.values()))
    for what, i in (("rates", 0), ("losses", 1)):
        same = sum(whole[step][i] == resumed[step][i] for step in whole)
        print(f"{same} of the {len(whole)} {what} of the resumed run are bit-equal to those of the whole one")


if __name__ == "__main__":
    main()
