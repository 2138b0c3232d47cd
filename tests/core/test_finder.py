"""The finder's pure part: smoothing, stopping, suggestions, results."""

from __future__ import annotations

import json
import math
import pickle
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrcore import Constant, Cosine, Cyclic, Geometric, Linear, OneCycle, from_dict, parse
from lrcore._cli import run
from lrcore.finder import (
    Grid,
    Sweep,
    Sweeps,
    Watch,
    check_options,
    grid_of,
    marks,
    powers,
    progress,
    search,
    smooth,
    stopped,
    sweep_schedule,
)
from sweeps import RATES, STEEPEST, curve

MARKS = ("steepest", "minimum", "low", "high", "suggestion")


def swept(losses: Any, rates: Any = RATES) -> Sweep:
    """A sweep of these losses, ended by the rule."""
    count, ended = stopped(losses)
    return Sweep(rates[:count].tolist(), losses[:count].tolist(), ended)


# Smoothing


def test_smoothing_is_exact_on_straight_lines_up_to_both_ends() -> None:
    line = 3.0 - 0.25 * np.arange(40)
    np.testing.assert_allclose(smooth(line, 4.0), line, rtol=0, atol=1e-13)


def test_smoothing_has_no_lag() -> None:
    there, back = smooth(curve("smooth"), 4.0), smooth(curve("smooth")[::-1], 4.0)[::-1]
    np.testing.assert_allclose(there, back, rtol=1e-9)


def test_smoothing_is_the_weighted_fit_of_its_docstring() -> None:
    losses, span = np.random.default_rng(0).normal(size=30), 2.5
    for k in (0, 1, 14, 29):
        apart = np.arange(30) - k
        # polyfit's weights multiply what is squared
        fit = np.polyfit(apart, losses, 1, w=np.exp(-0.25 * (apart / span) ** 2))
        assert smooth(losses, span)[k] == pytest.approx(fit[1], abs=1e-6)  # weights below exp(-5**2 / 2) are left out


def test_a_few_losses_are_smoothed_too() -> None:
    assert smooth([], 2.0).tolist() == []
    assert smooth([1.5], 2.0).tolist() == [1.5]


def test_smoothing_refuses_what_is_no_loss() -> None:
    with pytest.raises(ValueError, match=r"^smooth\.losses\[1\] must be a finite number, got nan\.$"):
        smooth([1.0, math.nan], 2.0)


# Stopping


@pytest.mark.parametrize(
    ("name", "ended"),
    [("smooth", "rise"), ("negative", "rise"), ("early divergence", "rise"), ("no rise before NaN", "not finite")],
)
def test_a_sweep_stops_where_it_should(name: str, ended: str) -> None:
    count, why = stopped(curve(name))
    assert why == ended
    assert RATES[count - 1] > 4 * STEEPEST[name] if ended == "rise" else 0.015 < RATES[count - 1] <= 0.02


def test_a_loss_that_never_rises_does_not_stop_it() -> None:
    assert stopped(curve("range too low")) == (100, "end")


def test_one_batch_that_is_an_outlier_does_not_stop_it() -> None:
    losses = np.random.default_rng(0).normal(1.0, 0.1, 60)
    losses[30] += 2.0
    assert stopped(losses) == (60, "end")


@pytest.mark.parametrize("shift", [-3.0, 100.0])
@pytest.mark.parametrize("scale", [7.0, 0.001])
@pytest.mark.parametrize("name", ["smooth", "noise", "nothing to learn", "two descents"])
def test_neither_a_shift_nor_a_scale_changes_where_it_stops(name: str, shift: float, scale: float) -> None:
    assert stopped(scale * curve(name)) == stopped(curve(name) + shift) == stopped(curve(name))


def test_watch_says_the_same_as_stopped_loss_by_loss() -> None:
    watch, losses = Watch(), curve("smooth")
    told = [watch.sees(loss) for loss in losses[: stopped(losses)[0]]]
    assert told[-1] == "rise"
    assert set(told[:-1]) == {""}


# Suggestions


@pytest.mark.parametrize("name", STEEPEST)
def test_steepest_is_within_a_third_of_the_true_one(name: str) -> None:
    found = swept(curve(name)).steepest
    assert found is not None
    assert abs(math.log(found / STEEPEST[name])) < math.log(4 / 3)


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("smooth", ()),
        ("noise", ()),
        ("two descents", ()),
        ("negative", ()),
        ("early divergence", ()),
        ("nothing to learn", ("no descent",)),
        ("range too low", ("not diverged",)),
        ("no rise before NaN", ("diverged at once",)),
    ],
)
def test_flags_say_what_is_wrong_and_nothing_where_nothing_is(name: str, flags: tuple[str, ...]) -> None:
    assert swept(curve(name)).flags == flags


@pytest.mark.parametrize("shift", [-3.0, 100.0])
@pytest.mark.parametrize("scale", [7.0, 0.001])
@pytest.mark.parametrize("name", [*STEEPEST, "range too low"])
def test_a_shift_and_a_scale_of_the_losses_change_no_bit_of_a_suggestion(name: str, shift: float, scale: float) -> None:
    plain = swept(curve(name))
    for other in (swept(curve(name) + shift), swept(scale * curve(name)), swept(scale * curve(name) + shift)):
        assert [getattr(other, mark) for mark in MARKS] == [getattr(plain, mark) for mark in MARKS]
        assert (other.flags, other.ended, len(other.rates)) == (plain.flags, plain.ended, len(plain.rates))


@pytest.mark.parametrize("places", [[50], [20, 70], [10, 40, 90]])
def test_a_loss_that_seldom_changes_falls_only_where_it_stays_low(places: list[int]) -> None:
    losses = np.ones(100)
    losses[places] = 0.99
    assert swept(losses).flags == ("no descent",)
    losses[60:] = 0.9
    assert swept(losses).minimum is not None


def test_rates_that_are_doubled_double_the_suggestions() -> None:
    plain, doubled = swept(curve("noise")), swept(curve("noise"), 2 * RATES)
    for mark in MARKS:
        assert getattr(doubled, mark) == 2 * getattr(plain, mark)


@pytest.mark.parametrize("updates", [30, 100, 300])
@pytest.mark.parametrize("blows_up", [False, True])
def test_noise_alone_has_no_descent(updates: int, blows_up: bool) -> None:
    rates = np.geomspace(1e-7, 10, updates)
    for seed in range(200):
        losses = np.random.default_rng(seed).normal(size=updates) + blows_up * (10 * rates) ** 2
        found = swept(losses, rates)
        assert found.suggestion is None, seed
        assert set(found.flags) & {"no descent", "began too high"}, seed


def descents() -> list[tuple[Any, float]]:
    """Sixty random curves: a descent of random place, width and depth, noise up to 6% of it, a random blow-up."""
    random, made = np.random.default_rng(1), []
    u = np.log10(RATES)
    for i in range(60):
        place, width = random.uniform(-5, -1.5), random.uniform(0.15, 0.6)
        z = (u - place) / width
        shape = [_sigmoid(z), 0.5 * (1 + np.vectorize(math.erf)(z)), 1 - np.exp(-np.exp(z))][i % 3]
        edge = place + random.uniform(0.8, 2.0)
        depth = random.uniform(0.3, 3.0)
        noise = random.normal(0, depth * random.uniform(0, 0.06), len(u))
        made.append((3 - depth * shape + 10 ** (random.uniform(1, 4) * (u - edge)) * depth + noise, 10**place))
    return made


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def test_a_clean_descent_always_gets_a_rate_and_a_good_one() -> None:
    errors = []
    for i, (losses, true) in enumerate(descents()):
        found = swept(losses)
        assert found.flags == (), i
        errors.append(abs(math.log10(found.steepest / true)))
    assert np.median(errors) < 0.1  # of powers of ten; other finders are off by 0.25 to 0.47
    assert np.quantile(errors, 0.9) < 0.25


@pytest.mark.parametrize("updates", [30, 50, 100, 200, 1000])
def test_the_number_of_updates_hardly_matters(updates: int) -> None:
    rates = np.geomspace(1e-7, 10, updates)
    found = swept(curve("smooth", rates), rates).steepest
    assert found is not None
    assert abs(math.log(found / 3.16e-3)) < math.log(1.3)


# Mistakes: one line each, and no suggestion


@pytest.mark.parametrize(
    ("sweep", "flag", "words"),
    [
        (
            Sweep([], [], "not finite"),
            "not finite at once",
            "The first loss is not finite, before any update: look at the data and the model, not at the rate.",
        ),
        (
            Sweep([0.1, 0.2, 0.3], [1.0, 0.9, 0.8]),
            "too few points",
            "The sweep has 3 of the 8 losses that are needed: sweep over more updates.",
        ),
        (
            Sweep([0.1], [1.0], "not finite"),
            "began too high",
            "The loss rises from the start: the sweep began above the edge of stability. Begin lower than 1.0e-01.",
        ),
        (
            swept(curve("nothing to learn")),
            "no descent",
            "The loss falls nowhere between 1.0e-07 and 2.0e-01 by more than its noise: "
            "sweep over more updates or larger batches, or see whether the model trains at all.",
        ),
        (
            swept(curve("smooth", np.geomspace(0.3, 300, 100)), np.geomspace(0.3, 300, 100)),
            "began too high",
            "The loss rises from the start: the sweep began above the edge of stability. Begin lower than 3.0e-01.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_mistake_is_told_in_a_line_and_suggests_nothing(sweep: Sweep, flag: str, words: str) -> None:
    assert sweep.flags == (flag,)
    assert sweep.reason == words
    assert [getattr(sweep, mark) for mark in (*MARKS, "range")] == [None] * 6
    with pytest.raises(ValueError, match=r"^Sweep\.schedule needs a suggestion, and there is none\. "):
        sweep.schedule(OneCycle, steps=10)


def test_a_loss_that_falls_to_the_end_has_marks_and_no_suggestion() -> None:
    found = swept(curve("range too low"))
    assert found.reason.endswith("where it still falls: sweep up to a higher rate than 1.0e+01.")
    assert (found.suggestion, found.range) == (None, None)
    assert found.steepest is not None


def test_an_end_without_a_warning_is_told_beside_the_suggestion() -> None:
    found = swept(curve("no rise before NaN"))
    assert found.reason.endswith("after which it blows up at once: stay below, the edge comes without a warning.")
    assert found.suggestion is not None


def test_a_rise_in_one_update_is_no_range_that_is_too_low() -> None:
    losses = np.where(RATES > 0.02, 1e9, curve("smooth"))
    assert swept(losses).ended == "rise"
    assert "not diverged" not in swept(losses).flags
    assert swept(losses).suggestion < 0.02


@pytest.mark.parametrize("name", [*STEEPEST])
def test_marks_are_in_their_order_and_the_suggestion_in_its_range(name: str) -> None:
    found = swept(curve(name))
    assert found.low <= found.steepest <= found.high <= found.minimum
    assert found.range[0] < found.suggestion < found.range[1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Sweep([0.1, 0.1], [1.0, 1.0]),
            "Sweep.rates must be in increasing order, each number once, got [0.1, 0.1].",
        ),
        (lambda: Sweep([0.1], [1.0, 1.0]), "Sweep.losses must be as many as the rates, 1, got 2."),
        (lambda: Sweep([0.1], [math.inf]), "Sweep.losses[0] must be a finite number, got inf."),
        (
            lambda: Sweep([0.1], [1.0], "later"),
            "Sweep.ended must be 'end', 'rise' or 'not finite', got 'later'.",
        ),
        (lambda: Sweeps([]), "Sweeps.sweeps must have at least 1 sweep, got []."),
        (lambda: Sweeps([0.1]), "Sweeps.sweeps[0] must be a Sweep, got 0.1."),
        (
            lambda: Grid([0.1, 0.2], [1, 1], OneCycle(1.0, steps=9)),
            "Grid.peaks must have at least 3 numbers, got [0.1, 0.2].",
        ),
        (lambda: Grid([1, 2, 3], [1], OneCycle(1.0, steps=9)), "Grid.losses must be as many as the peaks, 3, got 1."),
        (lambda: sweep_schedule(1.0, 0.1, 100), "find_lr.high must be above low, 1.0, got 0.1."),
        (lambda: powers(0.1, 1.0, 1.0), "powers.factor must be above 1, got 1.0."),
    ],
)
def test_what_cannot_be_is_refused(make: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        make()
    assert str(raised.value) == words


# Repeats


def test_repeats_give_the_median_and_the_spread() -> None:
    sweeps = [swept(curve("smooth"), factor * RATES) for factor in (0.5, 1.0, 2.0)]
    found = Sweeps(sweeps)
    assert found.suggestion == pytest.approx(sweeps[1].suggestion)
    assert found.spread == pytest.approx(2**1.4826)
    assert found.flags == ()


def test_repeats_that_disagree_are_not_reproducible() -> None:
    found = Sweeps([swept(curve("smooth"), factor * RATES) for factor in (0.1, 1.0, 10.0)])
    assert found.flags == ("not reproducible",)
    assert found.reason.endswith("The sweeps disagree: use more updates, or larger batches.")


def test_repeats_of_which_half_find_nothing_suggest_nothing() -> None:
    found = Sweeps([swept(curve("smooth")), swept(curve("nothing to learn"))])
    assert found.suggestion is None
    assert found.reason.startswith("1 of 2 sweeps suggest nothing. The first of them: The loss falls nowhere")


# The grid


def test_the_grid_finds_the_best_peak_and_its_bracket() -> None:
    peaks = powers(0.01, 1.0)
    found = search(lambda rates, _: [math.log(rate / 0.1) ** 2 for rate in rates], peaks, Cosine(1.0, steps=40))
    assert (found.best, found.bracket, found.flags) == (0.08, (0.04, 0.16), ())
    assert (found.suggestion, found.range) == (found.best, found.bracket)
    assert found.reason == "The best of 7 short trainings has its peak at 8.0e-02, between 4.0e-02 and 1.6e-01."


@pytest.mark.parametrize(
    ("losses", "range_", "flags", "words"),
    [
        ([3, 2, 1], (0.2, 0.4), ("highest is best",), "The best of 3 short trainings has its peak at 4.0e-01, the last on that side: try peaks above 4.0e-01 too."),  # noqa: E501
        ([1, 2, None], (0.1, 0.2), ("lowest is best",), "The best of 3 short trainings has its peak at 1.0e-01, the last on that side: try peaks below 1.0e-01 too."),  # noqa: E501
        ([None] * 3, None, ("diverged everywhere",), "Every training diverged: try peaks below 1.0e-01."),
    ],
)  # fmt: skip
def test_a_best_peak_without_a_bracket_is_said(losses: Any, range_: Any, flags: tuple[str, ...], words: str) -> None:
    found = Grid([0.1, 0.2, 0.4], losses, Cosine(1.0, steps=40))
    assert (found.bracket, found.range, found.flags, found.reason) == (None, range_, flags, words)


def test_halving_gives_the_full_length_to_the_better_half_of_the_better_half() -> None:
    asked = []

    def train(peaks: Any, shape: Any) -> list[float]:
        asked.append((len(peaks), shape.length))
        return [math.nan if peak > 0.5 else abs(math.log(peak / 0.1)) for peak in peaks]

    found = search(train, powers(0.01, 1.28), Cosine(1.0, steps=40), halving=2)
    assert asked == [(8, 10), (4, 20), (2, 40)]
    assert found.best == 0.08
    assert found.stages == (10, 10, 20, 40, 40, 20, 10, 10)
    assert found.losses[-1] is None


def test_the_grid_trains_the_shape_that_it_is_given() -> None:
    seen = []
    search(lambda peaks, shape: seen.append(shape) or [1.0] * len(peaks), [1, 2, 3], Linear(1.0, end=0.0, steps=9))
    assert seen == [Linear(1.0, end=0.0, steps=9)]


@pytest.mark.parametrize("halving", [0, 2])
def test_a_grid_that_diverges_everywhere_is_no_error(halving: int) -> None:
    asked = []

    def train(peaks: Any, shape: Any) -> list[float]:
        asked.append(len(peaks))
        return [math.nan] * len(peaks)

    found = search(train, [1, 2, 4], Cosine(1.0, steps=40), halving=halving)
    assert (found.flags, asked) == (("diverged everywhere",), [3])


def never(peaks: Any, shape: Any) -> Any:
    raise AssertionError("trained before the arguments were looked at")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: search(never, [1, 2], Cosine(1.0, steps=8)), "search.peaks must have at least 3 numbers, got [1, 2]."),
        (
            lambda: search(never, [4, 2, 1], Cosine(1.0, steps=8)),
            "search.peaks must be in increasing order, each number once, got [4, 2, 1].",
        ),
        (
            lambda: search(never, [1, 2, 4], Cosine(0.1, steps=8)),
            "search.shape must be a schedule whose peak is 1, got Cosine(0.1, steps=8); the peaks to be tried multiply it.",
        ),
        (
            lambda: Grid([1, 2, 4], [1, 2, 3], Linear(2.0, end=0.0, steps=8)),
            "Grid.shape must be a schedule whose peak is 1, got Linear(2.0, end=0.0, steps=8); the peaks to be tried "
            "multiply it.",
        ),
        (
            lambda: search(never, [1, 2, 4], Constant(1.0)),
            "search.shape must be a schedule that ends, got Constant(1.0).",
        ),
        (
            lambda: search(never, [1, 2, 4], Cosine(1.0, steps=8), halving=-1),
            "search.halving must be an integer, 0 or more, got -1.",
        ),
        (
            lambda: search(never, [1, 2, 4], Cosine(1.0, steps=8), halving=4),
            "search.halving must be so small that 8 updates can be halved so often, got 4.",
        ),
        (
            lambda: grid_of(peaks=[0.1, 0.2, 0.4], low=0.1),
            "find_lr.peaks must be None where low or high are given, got [0.1, 0.2, 0.4].",
        ),
        (lambda: grid_of(0.1, 0.3), "find_lr.high must be at least 4 times low, 0.1, for 3 peaks, got 0.3."),
        (lambda: grid_of(schedule="cosine"), "find_lr.schedule must be a schedule, got 'cosine'."),
        (
            lambda: check_options("sweep", repeats=1, peaks=[1, 2, 4], halving=0),
            "find_lr.peaks must be None with method='sweep', got [1, 2, 4]; write method='grid'.",
        ),
        (
            lambda: check_options("sweep", repeats=1, peaks=None, halving=1),
            "find_lr.halving must be 0 with method='sweep', got 1; write method='grid'.",
        ),
        (
            lambda: check_options("grid", repeats=2, peaks=None, halving=0),
            "find_lr.repeats must be 1 with method='grid', got 2.",
        ),
        (lambda: marks([1, 2], [1.0]), "marks.losses must be as many as the rates, 2, got 1."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_trained(call: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == words


# The bar


def test_without_tqdm_there_is_no_bar_and_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with progress(3, shown=True) as say:
        say(0.1, 2.3)
    assert capsys.readouterr().err == ""


def test_with_tqdm_a_bar_shows_the_rate_and_the_loss(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    auto = pytest.importorskip("tqdm.auto")
    monkeypatch.setattr(auto, "tqdm", partial(auto.tqdm, mininterval=0))  # or it waits a tenth of a second
    with progress(3, shown=True) as say:
        say(0.1, 2.3)
    with progress(3, shown=False) as say:
        say(0.9, 9.9)
    told = capsys.readouterr().err
    assert re.search(r"find_lr: +33%.*1/3 .*lr 1\.0e-01, loss 2\.3\]", told)
    assert "9.9" not in told


# From result to schedule, and out


@pytest.mark.parametrize("family", ["OneCycle", OneCycle(1.0, steps=9)])
def test_a_schedule_is_made_by_a_family(family: Any) -> None:
    with pytest.raises(TypeError) as raised:
        swept(curve("smooth")).schedule(family, steps=9)
    rule = "Sweep.schedule.family must be a family, or a function that takes its peak first, got "
    assert str(raised.value) == f"{rule}{family!r}; write found.schedule(OneCycle, steps=...)."


def test_a_result_becomes_a_schedule_in_one_line() -> None:
    found = swept(curve("smooth"))
    assert found.schedule(OneCycle, steps=1000) == OneCycle(found.suggestion, steps=1000)
    assert found.schedule(Cosine, steps=100).warmup(5) == Cosine(found.suggestion, steps=100).warmup(5)
    low, high = found.range
    assert found.schedule(Cyclic, up=50) == Cyclic(low, high=high, up=50)


def test_the_sweep_is_a_schedule() -> None:
    assert sweep_schedule(1e-7, 10.0, 100) == Geometric(1e-7, end=10.0, steps=99)


RESULTS = [
    swept(curve("noise")),
    Sweeps([swept(curve("noise")), swept(curve("smooth"))]),
    Grid([0.1, 0.2, 0.4], [2, 1, None], Cosine(1.0, steps=9).warmup(2), stages=[9, 9, 4], notes=["said"]),
]


@pytest.mark.parametrize("found", RESULTS, ids=lambda found: type(found).__name__)
def test_a_result_survives_pickle(found: Any) -> None:
    again = pickle.loads(pickle.dumps(found))
    assert (again, again.table()) == (found, found.table())
    assert type(found).__module__ == "lrcore.finder"


@pytest.mark.parametrize("found", RESULTS, ids=lambda found: type(found).__name__)
def test_a_notebook_shows_the_drawing_and_the_table(found: Any) -> None:
    text = found._repr_html_()
    assert text.count("<svg") == text.count("<table>") == 1
    assert found.reason in text


def test_a_plot_compares_results(tmp_path: Any) -> None:
    axes = RESULTS[0].plot(*RESULTS[1:], path=tmp_path / "found", labels=["one", "several", "grid"])
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "several", "grid"]
    assert (tmp_path / "found.png").stat().st_size > 1_000
    with pytest.raises(TypeError, match=r"^Sweep\.plot\.others\[0\] must be a result of a finder, got 3\.$"):
        RESULTS[0].plot(3)
    with pytest.raises(ValueError, match=r"^plot\.labels must be 1 name, one a result, got \['a', 'b'\]\.$"):
        RESULTS[0].plot(labels=["a", "b"])


def test_a_plot_of_one_sweep_names_its_marks(tmp_path: Any) -> None:
    axes = RESULTS[0].plot(path=tmp_path / "found.svg")
    assert [text.get_text() for text in axes.texts] == ["low", "steepest", "high", "minimum"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "loss")


def test_results_of_nothing_are_drawn_too(tmp_path: Any) -> None:
    Sweep([], [], "not finite").plot(path=tmp_path / "nothing.svg")
    assert "<svg" in Sweep([], [], "not finite")._repr_html_()


@pytest.mark.parametrize("found", RESULTS, ids=lambda found: type(found).__name__)
def test_a_result_survives_json_and_text(found: Any) -> None:
    assert from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert parse(repr(found)) == found


def test_what_is_empty_is_left_out_of_the_text() -> None:
    assert repr(Sweep([0.1], [1.0])) == "Sweep([0.1], losses=[1.0])"


# The command


@pytest.fixture
def saved(tmp_path: Path) -> list[str]:
    """Results in files."""
    paths = [tmp_path / f"{type(found).__name__}.json" for found in RESULTS]
    for path, found in zip(paths, RESULTS, strict=True):
        path.write_text(json.dumps(found.to_dict()))
    return [str(path) for path in paths]


def test_the_command_shows_a_result(saved: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for path, found in zip(saved, RESULTS, strict=True):
        assert run(["finder", path]) == 0
        text = capsys.readouterr().out
        assert "⠉" in text
        assert f"{found.suggestion:.1e}" in text
        assert found.reason.split()[:5] == text.split("\n\n")[-1].split()[:5]


def test_the_command_compares_and_draws(saved: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--label", "a", "--label", "b", "-o", str(tmp_path / "both.svg")]
    assert run(["finder", *saved[:2], *options]) == 0
    assert capsys.readouterr().out.endswith("both.svg\n")
    assert (tmp_path / "both.svg").stat().st_size > 1_000


def test_the_command_prints_json(saved: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["finder", saved[0], "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["suggestion"] == RESULTS[0].suggestion
    assert told["range"] == list(RESULTS[0].range)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)."),
        ('{"family": "Constant", "value": 0.1}', "this is no result of a finder but Constant(0.1)."),
    ],
)
def test_the_command_says_what_a_file_is_not(told: Any, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text(text)
    assert told("finder", str(path), code=2) == f"lrcore: {path}: {message}\n"


def test_a_result_that_suggests_nothing_has_the_exit_code_1(told: Any, tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text('{"family": "Sweep", "rates": [0.1], "losses": [1.0]}')
    text = told("finder", str(path), code=1)
    assert text.endswith("\nThe sweep has 1 of the 8 losses that are needed: sweep over more updates.\n")
