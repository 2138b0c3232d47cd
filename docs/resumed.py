"""The README's first picture: a run that is resumed and made longer, in PyTorch and in lrcore, into `docs/resumed.svg`.

    python docs/resumed.py

PyTorch's rates are those that its scheduler really set, as a loop would do it: a `CosineAnnealingLR` with the new `T_max`,
which then loads the saved state. In middle tones on no background: a page's image cannot know whether the page is light or
dark.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from lrcore import Cosine

PEAK, PLANNED, RESUMED, LONGER = 3e-4, 98_000, 43_210, 150_000
EVERY = 500
"""Updates from one point of a curve to the next."""

WIDE, HIGH, LEFT, TOP, BELOW = 780, 170, 60, 40, 42
OURS, THEIRS, TEXT = "#1f83e0", "#d9822b", "#768089"


def torch_rates() -> list[tuple[int, float]]:
    """The rate of every 500th update after the resume, as PyTorch's scheduler set it."""
    import torch
    from torch.optim.lr_scheduler import CosineAnnealingLR

    def fresh(updates: int) -> CosineAnnealingLR:
        return CosineAnnealingLR(torch.optim.SGD([torch.zeros(1)], lr=PEAK), T_max=updates)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nothing is trained here: step() has no update before it
        first = fresh(PLANNED)
        for _ in range(RESUMED):
            first.step()
        second = fresh(LONGER)
        second.optimizer.load_state_dict(first.optimizer.state_dict())
        second.load_state_dict(first.state_dict())  # which brings back the old T_max
        rates = [(RESUMED, first.get_last_lr()[0])]
        for step in range(RESUMED + 1, LONGER + 1):
            second.step()
            if step % EVERY == 0:
                rates.append((step, second.get_last_lr()[0]))
    return rates


def lrcore_rates() -> list[tuple[int, float]]:
    """The same of the schedule that was extended, and of the updates before."""
    lr = Cosine(PEAK, steps=PLANNED).extend(LONGER, at=RESUMED)
    return [(step, lr(step)) for step in sorted({*range(0, LONGER + 1, EVERY), RESUMED})]


def picture() -> str:
    """The whole SVG."""
    x = {step: f"{_x(step):g}" for step in (0, RESUMED, PLANNED, LONGER)}
    floor, top = TOP + HIGH, TOP - 10
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 20} {floor + BELOW}" role="img">
<title>A run resumed and made longer: with PyTorch's loaded state the rate reaches 0 early and rises again</title>
<g font-family="sans-serif" font-size="13" fill="{TEXT}">
<path d="M{x[0]} {floor}H{LEFT + WIDE}" stroke="{TEXT}" stroke-opacity=".5"/>
<path d="M{x[RESUMED]} {top}V{floor}M{x[PLANNED]} {top + 85}V{floor}" stroke="{TEXT}" stroke-dasharray="3 4"/>
<path d="{_path(torch_rates())}" fill="none" stroke="{THEIRS}" stroke-width="2.5" stroke-linejoin="round"/>
<path d="{_path(lrcore_rates())}" fill="none" stroke="{OURS}" stroke-width="2.5" stroke-linejoin="round"/>
<text x="{LEFT - 8}" y="{TOP + 5}" text-anchor="end">3e-4</text>
<text x="{LEFT - 8}" y="{floor + 4}" text-anchor="end">0</text>
<text x="{x[RESUMED]}" y="{floor + 18}" text-anchor="middle">43,210</text>
<text x="{x[PLANNED]}" y="{floor + 18}" text-anchor="middle">98,000</text>
<text x="{x[LONGER]}" y="{floor + 18}" text-anchor="end">150,000 updates</text>
<text x="{_x(RESUMED) + 8:g}" y="{top + 4}">resumed here, and made longer</text>
<text x="{_x(RESUMED) + 60:g}" y="{top + 70}" fill="{OURS}">lrcore: lr.extend(150_000, at=43_210)</text>
<text x="{LEFT + WIDE}" y="{top + 70}" text-anchor="end" fill="{THEIRS}">PyTorch: T_max=150_000, state loaded</text>
</g>
</svg>
"""


def _x(step: int) -> float:
    return round(LEFT + WIDE * step / LONGER, 1)


def _path(points: list[tuple[int, float]]) -> str:
    return "M" + "L".join(f"{_x(step):g} {TOP + HIGH * (1 - rate / PEAK):.1f}" for step, rate in points)


if __name__ == "__main__":
    (Path(__file__).parent / "resumed.svg").write_text(picture(), encoding="utf-8")
