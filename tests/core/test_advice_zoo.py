"""What `check` says of published recipes, all of which worked: a committed list, each finding looked at and explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lrcore
from lrcore.advice import Plan, check

RECIPES = {recipe["name"]: recipe for recipe in json.loads((Path(__file__).parent / "recipes.json").read_text())}
"""Each recipe as a plan: what its source says of the run."""

EXPECTED: dict[str, list[tuple[str, str]]] = {
    # A cosine over most of the run, whose tenth of the peak then stays: as their sources say
    "GPT-3 175B": [("ends-early", "info")],
    "GPT-3 175B (Megatron)": [("ends-early", "info")],
    "BLOOM 176B": [("ends-early", "info")],
    # Constant rates: a fine-tuned model and two of diffusion, whose weights are averaged instead
    "T5 fine-tuning": [("never-decays", "info")],
    "Stable Diffusion v1": [("never-decays", "info")],
    "DiT XL/2": [("never-decays", "info")],
    # 0.95 at every 50,000 updates: two such steps in the 90,000 of the run
    "AlphaFold 2 (OpenFold)": [("never-decays", "warning")],
    # 200 epochs are four cycles of 10 * 2**n, which end at 150, and a third of the fifth: the paper's own 200
    "Wide ResNet (SGDR)": [("cut-cycle", "warning")],
    # Its row leaves the warmup out, of which the paper does not say how long it is
    "Chinchilla 70B": [("no-warmup", "warning")],
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_published_recipe_has_the_findings_of_the_list(name: str) -> None:
    found = check(plan(RECIPES[name]))
    assert [(finding.rule, finding.severity) for finding in found] == EXPECTED.get(name, [])


def plan(recipe: dict[str, Any]) -> Plan:
    known = {key: value for key, value in recipe.items() if key not in ("name", "schedule", "source")}
    return Plan(lrcore.parse(recipe["schedule"]), **known)


def test_few_are_above_info_and_none_is_an_error() -> None:
    severities = [severity for found in EXPECTED.values() for _, severity in found]
    assert len(RECIPES) == 64
    assert severities.count("warning") <= 3
    assert "error" not in severities
