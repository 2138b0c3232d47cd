"""The zoo: every recipe against the numbers that its source prints, and some against its source's own formula."""

from __future__ import annotations

import itertools
import math
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lrcore
from lrcore import Cosine, parse, zoo
from lrcore._cli import run
from lrcore.zoo import CHECKED, RECIPES, Recipe, recipe

DOCS = Path(__file__).parents[2] / "docs"

# Each source's own formula, as its file has it, with its numbers: the rate of update t.


def half(x: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * x))


def nano_gpt(lr: float, warm: int, total: int, low: float) -> Callable[[int], float]:
    return lambda t: (
        lr * (t + 1) / (warm + 1)
        if t < warm
        else low
        if t > total
        else low + half((t - warm) / (total - warm)) * (lr - low)
    )


def spaced(lr: float, warm: int, total: int, low: float) -> Callable[[int], float]:
    """DINO's and ConvNeXt's: a list of all rates, of which np.linspace makes the warmup."""
    decay = np.arange(total - warm)
    rates = np.concatenate(
        [np.linspace(0, lr, warm), low + 0.5 * (lr - low) * (1 + np.cos(np.pi * decay / (total - warm)))]
    )
    return lambda t: float(rates[t])


def linear_warmup(warm: int, start: float, peak: float, rest: Callable[[int], float]) -> Callable[[int], float]:
    return lambda t: start + (peak - start) * t / warm if t < warm else rest(t)


def multi_step(lr: float, steps: tuple[int, ...], warm: int, factor: float) -> Callable[[int], float]:
    """detectron2's WarmupMultiStepLR."""
    scale = lambda t: factor * (1 - t / warm) + t / warm if t < warm else 1.0  # noqa: E731
    return lambda t: lr * scale(t) * 0.1 ** sum(t >= step for step in steps)


def tri_stage(t: int) -> float:
    peak, W, hold, decay = 3e-5, 8_000, 32_000, 40_000
    if t < W:
        return 0.01 * peak + (peak - 0.01 * peak) / W * t
    return peak if t < W + hold else peak * math.exp(math.log(0.05) / decay * (t - W - hold))


def deit(t: int) -> float:
    epoch = t // 1_251
    return 1e-6 + epoch * (1e-3 - 1e-6) / 5 if epoch < 5 else 1e-5 + (1e-3 - 1e-5) * half(epoch / 300)


def mae(t: int) -> float:
    epoch = t / 312
    return 2.4e-3 * epoch / 40 if epoch < 40 else 2.4e-3 * half((epoch - 40) / (800 - 40))


FORMULAS: dict[str, Callable[[int], float]] = {
    "gpt2-124m": nano_gpt(6e-4, 2_000, 600_000, 6e-5),
    "gpt-char": nano_gpt(1e-3, 100, 5_000, 1e-4),
    "opt-6.7b": linear_warmup(178, 0, 1.2e-4, lambda t: (1.2e-4 - 1.2e-5) * (1 - (t - 178) / (143_051 - 178)) + 1.2e-5),
    "llama3-8b-torchtitan": lambda t: 3e-4 * ((t + 1) / 200 if t < 200 else 1 - (t - 200) / 800),
    "tinyllama-1.1b": linear_warmup(
        2_000, 0, 4e-4, lambda t: 4e-5 + half((t - 2_000) / (1_430_512 - 2_000)) * (4e-4 - 4e-5)
    ),
    "smollm2-1.7b": linear_warmup(2_000, 0, 5e-4, lambda t: 5e-4 if t < 4_716_000 else 5e-4 * (5_240_000 - t) / 524_000),
    "bert-base": linear_warmup(10_000, 0, 1e-4, lambda t: 1e-4 * (1 - t / 1_000_000)),
    "t5": lambda t: 1 / math.sqrt(max(t, 10_000)),
    "transformer-base": lambda t: 512**-0.5 * min((t + 1) ** -0.5, (t + 1) * 4_000**-1.5),
    "transformer-fairseq": linear_warmup(4_000, 1e-7, 5e-4, lambda t: 5e-4 * 4_000**0.5 * t**-0.5),
    "wav2vec2-base": linear_warmup(32_000, 0, 5e-4, lambda t: 5e-4 * (1 - (t - 32_000) / (400_000 - 32_000))),
    "wav2vec2-base-100h": tri_stage,
    "alphafold2": linear_warmup(
        1_000, 0, 1e-3, lambda t: 1e-3 if t <= 50_000 else 1e-3 * 0.95 ** ((t - 50_000) // 50_000 + 1)
    ),
    "clip-cc12m": lambda t: 1e-3 * (t + 1) / 10_000 if t < 10_000 else half((t - 10_000) / 300_000) * 1e-3,
    "stable-diffusion-v1": lambda t: 1e-4 * ((1 - 1e-6) / 10_000 * t + 1e-6 if t < 10_000 else 1),
    "mobilenet-v2": lambda t: 0.045 * 0.98 ** (t // 5_005),
    "efficientnet-b0": linear_warmup(1_560, 0, 0.256, lambda t: 0.256 * 0.97 ** math.floor(t / 748.8)),
    "deit": deit,
    "swin-t": linear_warmup(25_020, 1e-6, 1e-3, lambda t: 1e-5 + (1e-3 - 1e-5) * half((t - 25_020) / (375_300 - 25_020))),
    "convnext": spaced(4e-3, 6_240, 93_600, 1e-6),
    "mae-vit-l": mae,
    "dino-vit-s": spaced(2e-3, 12_510, 125_100, 1e-6),
    "simclr": linear_warmup(3_127, 0, 4.8, lambda t: 4.8 * half((t - 3_127) / (312_785 - 3_127))),
    "faster-rcnn-1x": multi_step(0.02, (60_000, 80_000), 1_000, 1 / 1000),
    "faster-rcnn-3x": multi_step(0.02, (210_000, 250_000), 1_000, 1 / 1000),
    "detr": lambda t: 1e-4 * 0.1 ** (t // 1_848 // 200),
}
"""Of every recipe that says it was compared."""

APART = {"alphafold2": {50_000}}
"""The steps at which the note says that they differ."""


def looked_at(one: Recipe) -> list[int]:
    """The steps where a curve turns and their neighbours, and some on the way, within the run."""
    edges = [edge.step for edge in itertools.islice(one.schedule._edges(), 50)]
    steps = {*range(5), *(step + i for step in edges for i in (-1, 0, 1)), *(one.total * k // 40 for k in range(40))}
    return sorted(step for step in steps if 0 <= step < one.total)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_the_numbers_that_its_source_prints(name: str) -> None:
    one = RECIPES[name]
    assert len(one.points) > 1
    assert one.printed
    assert one.source
    for step, value in one.points:
        assert one.schedule(step) == pytest.approx(value, rel=1e-12, abs=0), step
    if one.clock == "updates" and one.updates and one.schedule.length:
        assert one.updates >= one.schedule.length


@pytest.mark.parametrize("name", FORMULAS)
def test_a_recipe_that_was_compared_has_the_values_of_its_sources_formula(name: str) -> None:
    one = RECIPES[name]
    top = max(value for _, value in one.points)
    for step in looked_at(one):
        if step not in APART.get(name, ()):
            assert one.schedule(step) == pytest.approx(FORMULAS[name](step), rel=1e-9, abs=1e-13 * top), step


def test_a_recipe_that_was_compared_has_a_formula_here_and_no_other_says_so() -> None:
    assert {name for name, one in RECIPES.items() if one.checked == "compared"} == set(FORMULAS)
    assert {one.checked for one in RECIPES.values()} == set(CHECKED)


def test_a_curve_one_update_late_would_be_seen() -> None:
    one = RECIPES["gpt2-124m"]
    late = [one.schedule(step + 1) for step in looked_at(one)]
    assert late != pytest.approx([FORMULAS[one.name](step) for step in looked_at(one)], rel=1e-9)
    assert {step for step in looked_at(RECIPES["alphafold2"]) if step in APART["alphafold2"]}


def test_a_recipe_is_found_by_what_people_type() -> None:
    for typed in ("gpt3-175b", "GPT3-175B", "GPT-3 175B", "gpt 3 175b"):
        assert recipe(typed) is RECIPES["gpt3-175b"]
    assert recipe("Whisper").name == "whisper-large"
    assert [recipe(one.title).name for one in RECIPES.values()] == list(RECIPES)
    for typed, message in {
        "gpt3-150b": "the zoo has no recipe 'gpt3-150b'; did you mean 'gpt3-175b'?",
        "": "the zoo has no recipe ''; `lrcore list --zoo` has them all.",
        "pythia": "the zoo has several recipes 'pythia': pythia-160m, pythia-6.9b.",
    }.items():
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            recipe(typed)
    with pytest.raises(TypeError, match=r"^recipe\.name must be a text, got 3\.$"):
        recipe(3)  # type: ignore[arg-type]


def test_the_zoo_is_not_imported_with_lrcore() -> None:
    assert not hasattr(lrcore, "RECIPES")
    assert zoo.RECIPES["t5"].schedule == parse("Constant(0.01).then(InverseSqrt(0.01, timescale=10_000), at=10_000)")


def test_the_command_takes_a_recipe_where_it_takes_a_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "gpt3-175b"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Cosine(6e-05, steps=81250, end=6e-06).warmup(117)" in text
    assert "Adam, batches of 1,600 sequences of 2,048 tokens, 93,750 updates, 300B tokens." in text
    assert "Source: arXiv:2005.14165, table 2.1 and appendix B (its numbers were read in copies of the text named)." in text
    assert "93,750" in text  # the run goes on after the schedule's end
    assert run(["diff", "gpt3-175b", repr(Cosine(6e-5, steps=81_250, end=6e-6).warmup(117))]) == 0


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("gpt3-150b", "the zoo has no recipe 'gpt3-150b'; did you mean 'gpt3-175b'?"),
        ("Cosine", "'Cosine' is only a name; a schedule is written as a call."),
        ("Cosin", "'Cosin' is only a name; a schedule is written as a call; did you mean 'Cosine'?"),
        ("0.1", "the text is not a schedule but 0.1."),
        ("Cosine(0.1", "this is not an expression: '(' was never closed (at column 7)."),
    ],
)
def test_a_name_that_is_not_known_is_told_in_one_line(typed: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", typed]) == 2
    assert capsys.readouterr().err == f"lrcore: {message}\n"


def test_the_list_has_every_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--zoo"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [name for name in RECIPES if not any(name in line for line in lines)] == []


def test_the_gallery_is_what_the_data_says_now() -> None:
    made = runpy.run_path(str(DOCS / "zoo.py"))
    text = (DOCS / "zoo.md").read_text(encoding="utf-8")
    assert text == made["page"](text), "write it anew: python docs/zoo.py"
    assert (DOCS / "zoo.svg").read_text(encoding="utf-8") == made["picture"](), "draw it anew: python docs/zoo.py"
