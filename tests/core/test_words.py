"""A schedule explained: the formula that is printed computes the schedule, and the sentence tells its values."""

from __future__ import annotations

import re
from itertools import islice
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

import strategies
from cases import CASES, Case
from lrcore import (
    Constant,
    Cosine,
    Custom,
    Cyclic,
    Exponential,
    InverseSqrt,
    Linear,
    MultiStep,
    OneCycle,
    PiecewiseConstant,
    Schedule,
    StepDecay,
    WarmRestarts,
    noam,
    wsd,
)
from lrcore._text.formula import formula
from lrcore._text.words import sentence
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


def test_a_class_without_an_entry_is_told_by_its_expression() -> None:
    @value_class
    class Mine(Schedule):
        start: float

        def _value(self, t: Array, xp: Namespace) -> Array:
            return xp.full(t, self.start)

    lr = Constant(0.5).then(Mine(0.1), at=10)
    assert sentence(lr) == "Is 0.5 until update 10, then follows Mine(0.1)."
    assert formula(lr).text().splitlines()[-1] == "f is the function Mine(0.1)."


# The formula


def highest(lr: Schedule) -> float:
    """The largest value that a schedule has, or a part of it."""
    edges = (max(edge.step - before, 0) for edge in islice(lr._edges(), 100) for before in (0, 1))
    return max(*(abs(lr(step)) for step in (0, *edges, lr._reach())), *map(highest, lr._inner()))


def off(lr: Schedule, steps: list[int]) -> float:
    """How far the printed formula is from the schedule at most, beside the largest value of all.

    Not beside those at `steps`: a curve that rises from nearly 0 is written as its end minus what is missing, which is
    rounded as numbers of that size are.
    """
    made = formula(lr)
    said, last = made.python(), made.cases[-1].until
    told = [step for step in steps if last is None or step < last]
    return max(abs(said(step) - lr(step)) for step in told) / (highest(lr) or 1.0)


NESTED = [
    Cosine(0.02, steps=90).warmup(5).per_epoch(49),
    Cosine(1.0, steps=90).warmup(10).repeat(3).warmup(5),
    Cosine(1.0, steps=90).warmup(10).repeat(3).per_epoch(7) * StepDecay(1.0, every=100),
    (Linear(1.0, end=0.5, steps=50) * Cyclic(0.1, high=0.9, up=7)).shift(13).clip(0.2, 0.5),
    Cosine(1.0, steps=90).warmup(10, shape="1-square").cooldown(at=40, steps=20, shape="exponential"),
    WarmRestarts(1.0, steps=10, growth=1.5, decay=0.5).cooldown(at=90, steps=9, end=0.25),
    Cosine(1.0, steps=100).extend(200, at=50).then(Constant(0.3)),
    wsd(0.1, steps=100, warmup=10, cooldown=20).repeat(2),
    InverseSqrt(1.0, timescale=20).warmup(9).per_epoch(3, smooth=True),
    noam(512, warmup=40).shift(5),
    Linear(-4.0, end=-1.0, steps=50).then(Cosine(-1.0, end=3.0, steps=20)),
    -2 * Linear(-1.0, end=0.5, steps=30).warmup(5, start=-3.0),
    PiecewiseConstant([0.3, -0.1], boundaries=[7]) * Cosine(1.0, steps=20),
]


@pytest.mark.parametrize(
    "lr", [*(case.schedule for case in CASES if (case.schedule.length or 0) < 10**9), *NESTED], ids=lambda lr: repr(lr)[:50]
)
def test_the_printed_formula_computes_the_schedule(lr: Schedule) -> None:
    total = 2 * (lr.length or 500)
    edges = [edge.step + near for edge in lr.edges(min(total, 2_000)) for near in (-1, 0, 1)]
    if not formula(lr).opaque:  # a class of which only the name is known
        assert off(lr, sorted({*np.linspace(0, total, 101).astype(int).tolist(), *edges})) < 1e-9


@settings(max_examples=60)
@given(strategies.schedules, st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_the_formula_of_any_schedule_does(lr: Schedule, steps: list[int]) -> None:
    # In all digits: the error of 12, to a power of many steps, is one of many
    with patch("lrcore._text.formula.number", "{:.17g}".format):
        if not formula(lr).opaque:
            assert off(lr, [0, *steps]) < 1e-12


def test_a_wrong_formula_would_be_seen() -> None:
    made = formula(Cosine(1.0, steps=100).warmup(10))
    made.cases[1] = made.cases[1].__class__("0.5·(1 + cos(π·(t - 10)/91))", 100)
    assert abs(made.python()(50) - Cosine(1.0, steps=100).warmup(10)(50)) > 1e-3


TEXTS = [
    (
        Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000),
        "    lr(t) = 0.0003·t/2000                                      0 <= t < 2000\n"
        "    lr(t) = 3e-05 + 0.00027·(1 + cos(π·(t - 2000)/98000))/2    2000 <= t < 100000\n"
        "    lr(t) = 3e-05                                              t >= 100000\n"
        "\n"
        "with t the step.",
    ),
    (StepDecay(0.1, every=30), "    lr(t) = 0.1·0.1**floor(t/30)    0 <= t\n\nwith t the step."),
    (
        Cosine(1.0, steps=9).warmup(2).repeat(2),
        "    lr(t) = f(t mod 9)    0 <= t < 18\n"
        "    lr(t) = 0             t >= 18\n"
        "\n"
        "    f(n) = n/2                         0 <= n < 2\n"
        "    f(n) = (1 + cos(π·(n - 2)/7))/2    2 <= n < 9\n"
        "\n"
        "with t the step.",
    ),
    (
        Custom(abs).per_epoch(3) * Custom(abs),
        "    lr(t) = f(floor(t/3))·f(t)    0 <= t\n\nwith t the step.\nf is the function abs.",
    ),
]


@pytest.mark.parametrize(("lr", "text"), TEXTS, ids=lambda value: repr(value)[:40])
def test_the_formula_has_the_numbers_by_cases(lr: Schedule, text: str) -> None:
    assert formula(lr).text() == text


def test_a_formula_of_very_many_cases_shows_the_first_ones() -> None:
    made = formula(MultiStep(1.0, milestones=range(1, 10_001), factor=0.999))
    assert len(made.cases) == 24
    assert made.text().splitlines()[24] == "    and so on."
    assert r"\dots" in made.latex()


LATEX = r"""\[ \mathrm{lr}(t) = \begin{cases}
  \frac{0.0003 \cdot t}{20} & 0 \leq t < 20 \\
  \frac{0.0003 \cdot \left(1 + \cos\left(\frac{\pi \cdot \left(t - 20\right)}{80}\right)\right)}{2} & 20 \leq t < 100 \\
  0 & t \geq 100
\end{cases} \]"""


def test_latex_is_the_formula() -> None:
    assert formula(Cosine(3e-4, steps=100).warmup(20)).latex() == LATEX
    assert (
        formula(Exponential(3e-5, factor=0.5)).latex()
        == r"\[ \mathrm{lr}(t) = 3 \cdot 10^{-5} \cdot 0.5^{t}, \quad 0 \leq t \]"
    )


@pytest.mark.parametrize("lr", [*(case.schedule for case in CASES), *NESTED], ids=lambda lr: repr(lr)[:50])
def test_latex_is_well_formed(lr: Schedule) -> None:
    for line in formula(lr).latex().splitlines():
        line = line.replace(r"\bmod", "+")  # which matplotlib does not know
        mathematics = re.sub(r"\\\[|\\\]|\\(begin|end)\{cases\}|\\\\$|&|\\quad", " ", line).strip()
        if mathematics:
            MathTextParser("path").parse(f"${mathematics}$")


# The sentence

SENTENCES = [
    (
        Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000),
        "Rises linearly from 0 to 0.0003 over 2,000 updates, then decays as a half cosine to 3e-05 at update 100,000, and "
        "stays there.",
    ),
    (
        wsd(0.1, steps=1000, warmup=100, cooldown=200),
        "Rises linearly from 0 to 0.1 over 100 updates, then stays there until update 800, then decays as one minus the "
        "square root of the fraction passed to 0 at update 1,000, and stays there.",
    ),
    (
        Cosine(0.1, steps=90).warmup(5).per_epoch(391),
        "Rises linearly from 0 to 0.1 over 5 epochs, then decays as a half cosine to 0 at epoch 90, and stays there. An "
        "epoch is 391 updates, within which the value does not change.",
    ),
    (
        MultiStep(0.1, milestones=[30, 60]).warmup(5),
        "Rises linearly from 0 to 0.1 over 5 updates, then is multiplied by 0.1 at updates 35 and 65.",
    ),
    (
        Linear(1.0, end=0.0, steps=100).extend(200, at=50),
        "Decays linearly from 1 towards 0, which it would reach at update 100, until update 50, then decays linearly to 0 "
        "at update 200, and stays there.",
    ),
    (
        Linear(1.0, end=0.5, steps=100) * StepDecay(0.1, every=30),
        "Is the product of a schedule that decays linearly from 1 to 0.5 at update 100, and stays there, and of a schedule "
        "that starts at 0.1 and is multiplied by 0.1 every 30 updates.",
    ),
    (
        Cosine(0.1, steps=9).repeat(3).then(Constant(0.01)),
        "Repeats 3 times over 9 updates each: it decays as a half cosine from 0.1 to 0 at update 9, then jumps to 0.01 and "
        "stays there.",
    ),
    (2 * Constant(0.1).clip(low=0.01), "Is 2 times a schedule that is a schedule that is 0.1; but never below 0.01."),
    (
        OneCycle(0.1, steps=100).momentum(),
        "Decays as a half cosine from 0.95 to 0.85 at update 29, then rises as a half cosine to 0.95 at update 99, and "
        "stays there.",
    ),
    (Custom(abs), "Follows the Python function abs."),
]


@pytest.mark.parametrize(("lr", "text"), SENTENCES, ids=lambda value: repr(value)[:40])
def test_the_sentence_is_in_plain_words(lr: Schedule, text: str) -> None:
    assert sentence(lr) == text


def claims(text: str) -> list[tuple[float, int]]:
    """The values that a sentence tells, each with its update."""
    found = re.findall(r"to (-?[\d.e+-]+) (?:at update|over) ([\d,]+)(?![\d.])", text)
    return [(float(value), int(step.replace(",", ""))) for value, step in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_sentence_tells_the_values_of_the_schedule(case: Case) -> None:
    lr, text = case.schedule, sentence(case.schedule)
    if not text.startswith(("Is ", "Repeats ")):  # which tell of schedules inside
        for value, step in claims(text):
            # A piece is told up to its end, where the next one has begun
            assert min(abs(lr(step) - value), abs(lr(step - 1e-6) - value)) < 1e-5 * max(abs(lr(0)), abs(value), 0.1), text


def test_there_are_values_to_hold_it_to() -> None:
    assert claims(sentence(Cosine(0.1, steps=1000).warmup(100))) == [(0.1, 100), (0.0, 1000)]


@settings(max_examples=60)
@given(strategies.schedules)
def test_any_schedule_has_a_sentence(lr: Schedule) -> None:
    text = sentence(lr)
    assert text[0].isupper()
    assert text.endswith(".")
    assert "  " not in text
