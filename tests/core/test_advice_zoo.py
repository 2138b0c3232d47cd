"""What `check` says of the zoo's published recipes, all of which worked: a committed list, each finding explained."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lrcore.advice import RULES, Plan, check
from lrcore.advice._seen import Seen
from lrcore.zoo import RECIPES, Recipe

MODELS = {
    "language models": "transformer",
    "translation and speech": "transformer",
    "vision and language": "transformer",
    "science": "transformer",
    "images": "convnet",
    "reinforcement learning": "other",
}
VITS = {
    "vit-s16",
    "vit-imagenet21k",
    "vit-jft",
    "vit-fine-tuning",
    "deit",
    "swin-t",
    "mae-vit-l",
    "dino-vit-s",
    "detr",
}
DIFFUSION = {"stable-diffusion-v1", "dit-xl2"}
PRETRAINED = {"bert-fine-tuning", "t5-fine-tuning", "alpaca-7b", "wav2vec2-base-100h", "vit-fine-tuning", "detr"}
LENGTHS = {  # where the source gives none, and where another clock than updates is the schedule's
    "t5-fine-tuning": 262_144,
    "transformer-fairseq": 100_000,
    "alphafold2": 90_000,
    "stable-diffusion-v1": 600_000,
    "dit-xl2": 7_000_000,
    "cyclical-cifar10": 24_000,  # six whole cycles
    "bloom-176b": 220_000_000,
    "deepseek-v3": 14_800_000_000_000,
}
"""What the zoo does not say of a run."""

EXPECTED: dict[str, list[tuple[str, str]]] = {
    # A cosine over most of the run, whose tenth of the peak then stays: as their sources say
    "gpt3-175b": [("ends-early", "info")],
    "gpt3-175b-megatron": [("ends-early", "info")],
    "bloom-176b": [("ends-early", "info")],
    # Constant rates: a fine-tuned model and two of diffusion, whose weights are averaged instead
    "t5-fine-tuning": [("never-decays", "info")],
    "stable-diffusion-v1": [("never-decays", "info")],
    "dit-xl2": [("never-decays", "info")],
    # 0.95 at every 50,000 updates: two such steps in the 90,000 of the run
    "alphafold2": [("never-decays", "warning")],
    # 200 epochs are four cycles of 10 * 2**n, which end at 150, and a third of the fifth: the paper's own 200
    "sgdr": [("cut-cycle", "warning")],
    # Its row leaves the warmup out, of which the paper does not say how long it is
    "chinchilla-70b": [("no-warmup", "warning")],
}


def plan(recipe: Recipe) -> Plan:
    known: dict[str, Any] = {
        "total": LENGTHS.get(recipe.name, recipe.total),
        "optimizer": recipe.optimizer,
        "batch": recipe.batch if recipe.clock == "updates" else None,
        "model": MODELS[recipe.field],
        "pretrained": recipe.name in PRETRAINED,
    }
    if recipe.name in VITS:
        known["model"] = "transformer"
    if recipe.name in DIFFUSION:
        known["model"] = "diffusion"
    return Plan(recipe.schedule, **known)


@pytest.mark.parametrize("name", RECIPES)
def test_a_published_recipe_has_the_findings_of_the_list(name: str) -> None:
    found = check(plan(RECIPES[name]))
    assert [(finding.rule, finding.severity) for finding in found] == EXPECTED.get(name, [])


def test_few_are_above_info_and_none_is_an_error() -> None:
    severities = [severity for found in EXPECTED.values() for _, severity in found]
    assert set(EXPECTED) <= set(RECIPES)
    assert severities.count("warning") <= 3
    assert "error" not in severities


def test_what_rules_say_of_published_recipes_is_true_of_them_all() -> None:
    seen = {name: Seen(plan(recipe)) for name, recipe in RECIPES.items()}
    peaks: dict[str, list[float]] = {}
    for name, one in seen.items():
        peaks.setdefault(RECIPES[name].optimizer.removesuffix("W"), []).append(one.peak)
    told = {name: f"{min(all_):.2g}" + f" to {max(all_):.2g}" * (min(all_) < max(all_)) for name, all_ in peaks.items()}
    told["Adam"] = told["Adam"].replace("2e-05", "2e-5")
    for name in ("Adam", "SGD", "Adafactor", "LAMB", "LARS"):
        assert re.search(rf"{name}( and AdamW)? {told[name]}\b", RULES["peak-range"].source), (name, told[name])
    for rule in ("peak-range", "zero-too-early", "long-warmup"):
        assert f"{len(RECIPES)} published recipes" in RULES[rule].source
    ends = [one.at(one.length) / one.peak for one in seen.values() if one.length is not None and one.total]
    above = [end for end in ends if end]
    tenths = sum(abs(end - 0.1) < 0.01 for end in ends)
    counts = f"Of {len(ends)} published recipes with an end, {len(ends) - len(above)} have 0, {tenths} a tenth, "
    assert RULES["high-end"].source.startswith(counts)
    assert max(above) < 0.11
    assert RULES["low-end"].source.startswith(
        f"Of {len(above)} published recipes with an end above 0, the lowest is 2.5e-4"
    )
    assert min(above) == pytest.approx(2.5e-4)
    shares = sorted(one.warm / one.total for one in seen.values() if one.total and one.warm and not one.cyclic)
    assert shares[len(shares) // 2] <= 0.011
    assert shares[len(shares) * 9 // 10] <= 0.1
