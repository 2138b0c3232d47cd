"""The lines that the studio writes for our adapters run."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lrcore import Cosine
from lrcore.studio import answer


@pytest.mark.parametrize("to", ["lrcore-torch", "lrcore-keras", "lrcore-optax"])
def test_the_line_for_an_adapter_runs(to: str) -> None:
    names: dict[str, Any] = {"optimizer": torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)}
    exec(answer({"ask": "write", "text": "2 * Cosine(3e-4, steps=100)", "to": to})["code"], names)
    if to == "lrcore-torch":
        assert names["scheduler"].get_last_lr() == [6e-4]
    elif to == "lrcore-keras":
        assert (
            names["optimizer"].get_config()["learning_rate"]["config"]["schedule"]
            == (2 * Cosine(3e-4, steps=100)).to_dict()
        )
    else:
        assert names["optimizer"].init({}) is not None
