"""The finder against others: their suggestions are those of the originals, and the page has today's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import table
from peers import PEERS, suggested

from sweeps import SUGGESTED, curve

PAGE = (Path(__file__).parents[2] / "docs" / "finder.md").read_text(encoding="utf-8")

_I = np.arange(100)
RATES: dict[str, Any] = {
    "torch_lr_finder, steepest": 1e-7 * 1e8 ** (_I / 99),
    "Lightning": 1e-7 * 1e8 ** (np.r_[0, np.arange(2, 101)] / 100),
}
"""The rates at which each finder sees the curve, where they are not those of fastai."""


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", SUGGESTED["ignite"])
def test_a_peer_suggests_what_the_original_suggests(peer: str, name: str) -> None:
    rates = RATES.get(peer, 1e-7 * 1e8 ** (_I / 100))
    assert suggested(peer, 1e-7, 10.0, curve(name, rates)) == pytest.approx(SUGGESTED[peer][name], rel=4e-3)


@pytest.mark.parametrize("peer", PEERS)
def test_on_negative_losses_the_peers_suggest_nothing(peer: str) -> None:
    rates = RATES.get(peer, 1e-7 * 1e8 ** (_I / 100))
    assert suggested(peer, 1e-7, 10.0, curve("negative", rates)) is None


@pytest.mark.parametrize("made", [table.summary, table.details, table.constants], ids=lambda made: made.__name__)
def test_the_page_has_the_tables_of_today(made: Any) -> None:
    assert "\n".join(made()) in PAGE, "print them anew: python benchmarks/finder/table.py"


def test_our_recommendation_loses_less_than_the_others_on_average() -> None:
    lost = {finder: np.mean(list(table.losses(s).values())) for finder, s in table.finders().items()}
    ours = [lost[f"lrcore, {how}"] for how in ("one sweep", "three sweeps", "grid of short trainings")]
    assert max(ours) < min(lost[peer] for peer in ("fastai, valley", "torch_lr_finder, steepest", "Lightning"))
