"""The loss law: its formula, its fit to real runs, what it refuses, and the best shape by it."""

from __future__ import annotations

import json
import pickle
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrcore import (
    Constant,
    Cosine,
    Geometric,
    Interpolate,
    Linear,
    PiecewiseConstant,
    Polynomial,
    Schedule,
    from_dict,
    parse,
    wsd,
)
from lrcore.forecast import LossLaw, best, best_table, plot
from lrcore.forecast._best import _slowed
from lrcore.forecast._fit import data_of
from lrcore.forecast._runs import measured
from lrcore.forecast._sums import exact, in_blocks, losses, losses_and_slopes

GOLDEN = Path(__file__).parents[1] / "golden"
KNOWN = json.loads((GOLDEN / "loss_law.json").read_text())
CURVES = json.loads((GOLDEN / "loss_curves.json").read_text())["curves"]

PEAK, LOW, WARMUP = 3e-4, 3e-5, 2160
FITTED = ("cosine_24000", "constant_24000", "wsdcon_9")
OTHERS = ("constant_72000", "cosine_72000", "wsd_20000_24000", "wsdld_20000_24000", "wsdcon_3", "wsdcon_18")

LAW = LossLaw(2.0, 1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(1e-3, 1e-3))
STEPS = range(100, 2_001, 20)
SHAPES: tuple[Schedule, ...] = (
    Constant(1e-3).warmup(50),
    Cosine(1e-3, steps=2_000, end=1e-4).warmup(50),
    PiecewiseConstant([1e-3, 3e-4], boundaries=[950]).warmup(50),
)


def theirs(name: str) -> Schedule:
    """The schedule of a published curve."""
    family, *numbers = name.split("_")
    if family == "cosine":
        tail: Schedule = Cosine(PEAK, steps=int(numbers[0]) - WARMUP, end=LOW)
    elif family == "constant":
        tail = Constant(PEAK)
    elif family == "wsdcon":
        tail = PiecewiseConstant([PEAK, float(f"{numbers[0]}e-5")], boundaries=[8_000 - WARMUP])
    else:
        decay = (Geometric if family == "wsd" else Linear)(PEAK, end=LOW, steps=4_000)
        tail = Constant(PEAK).then(decay, at=20_000 - WARMUP)
    return Linear(0.0, end=PEAK, steps=WARMUP - 1).then(tail, at=WARMUP)


def authors(size: str) -> LossLaw:
    return LossLaw(*KNOWN["params"][size], peaks=(PEAK, PEAK))


def runs(law: LossLaw, noise: float = 0.0) -> list[tuple[Schedule, range, Any]]:
    """What such a law would measure."""
    random = np.random.default_rng(0)
    return [(lr, STEPS, law.predict(lr, STEPS) * np.exp(noise * random.standard_normal(len(STEPS)))) for lr in SHAPES]


# the formula


@pytest.mark.parametrize("curve", KNOWN["curves"])
def test_the_authors_parameters_give_the_authors_predictions(curve: str) -> None:
    size, name = curve.split()
    known = KNOWN["curves"][curve]
    # They count the rate at the step too: their step n is n + 1 updates here
    found = authors(size).predict(theirs(name), known["last_step"] + 1)
    assert found == pytest.approx(known["predicted"], rel=1e-12)


def test_the_law_is_its_formula_summed_as_it_is_written() -> None:
    lr = PiecewiseConstant([0.0, 1e-3, 4e-4, 7e-4, 0.0], boundaries=[3, 20, 40, 60])
    eta = [lr(t) for t in range(80)]
    for steps in (4, 21, 50, 80):
        total = sum(eta[:steps])
        drops = 0.0
        for k in range(1, steps):
            left = sum(eta[k:steps])
            if eta[k] != eta[k - 1] and left:
                drops += (eta[k] - eta[k - 1]) * (1 - (1 + LAW.C * eta[k] ** -LAW.gamma * left) ** -LAW.beta)
        assert LAW.predict(lr, steps) == pytest.approx(LAW.L0 + LAW.A * total**-LAW.alpha + LAW.B * drops, rel=1e-13)


def test_blocks_are_near_the_sum_of_every_change() -> None:
    steps = np.array([2_200, 5_000, 24_000])
    for name in ("cosine_24000", "wsd_20000_24000", "wsdcon_3"):
        rates = theirs(name)(np.arange(24_000))
        whole = np.concatenate([losses(authors("25")._law, sums) for sums in exact(rates, steps)])
        np.testing.assert_allclose(losses(authors("25")._law, in_blocks(rates, steps)), whole, rtol=0, atol=2e-5)


def test_the_slopes_are_those_of_the_law() -> None:
    sums = in_blocks(SHAPES[1](np.arange(2_000)), np.array([200, 1_000, 2_000]))
    values, slopes = losses_and_slopes(LAW._law, sums)
    np.testing.assert_allclose(values, losses(LAW._law, sums), rtol=1e-14)
    for i in range(7):
        moved = [LAW._law * np.exp(sign * 1e-6 * (np.arange(7) == i)) for sign in (1, -1)]
        slope = (losses(moved[0], sums) - losses(moved[1], sums)) / 2e-6
        np.testing.assert_allclose(slopes[:, i], slope, rtol=1e-6, atol=1e-8)


def test_steps_may_be_a_number_or_an_array_of_any_shape() -> None:
    lr = SHAPES[1]
    many = LAW.predict(lr, np.array([[100, 2_000], [700, 300]]))
    assert many.shape == (2, 2)
    assert [LAW.predict(lr, n) for n in (100, 2_000, 700, 300)] == pytest.approx(many.ravel().tolist(), rel=1e-14)
    assert LAW.predict(lr, []).shape == (0,)


# the fit


@pytest.mark.parametrize(("size", "mean", "worst"), [("25", 0.0011, 0.0041), ("100", 0.0014, 0.0058)])
def test_the_forecasts_of_real_runs_are_no_worse_than_the_authors(size: str, mean: float, worst: float) -> None:
    law = LossLaw.fit([(theirs(name), *CURVES[size][name]) for name in FITTED], draws=0)
    errors = {}
    for name in OTHERS:
        steps, truth = CURVES[size][name]
        errors[name] = np.abs(law.predict(theirs(name), steps) / truth - 1)
    assert np.mean([error.mean() for error in errors.values()]) <= mean
    assert np.mean([error.max() for error in errors.values()]) <= worst
    assert law.r2 > 0.999
    assert law.mean_error < 8e-4
    assert law.peaks == (PEAK, PEAK)


def test_a_fit_to_a_laws_own_losses_forecasts_others() -> None:
    found = LossLaw.fit(runs(LAW), draws=0)
    assert found.r2 > 0.9999
    for lr in (Linear(1e-3, end=0.0, steps=2_000).warmup(50), wsd(1e-3, steps=4_000, warmup=50, cooldown=800)):
        steps = range(200, lr.length or 0, 100)
        np.testing.assert_allclose(found.predict(lr, steps), LAW.predict(lr, steps), rtol=2e-3)


@pytest.fixture(scope="module")
def noisy() -> LossLaw:
    return LossLaw.fit(runs(LAW, noise=2e-3), draws=8)


def test_the_band_holds_the_truth_and_grows_with_the_distance(noisy: LossLaw) -> None:
    longer = Cosine(1e-3, steps=20_000).warmup(50)
    for lr, share in ((Linear(1e-3, end=0.0, steps=2_000).warmup(50), 0.95), (longer, 0.5)):
        low, high = noisy.band(lr, STEPS)
        truth = LAW.predict(lr, STEPS)
        assert ((low <= truth) & (truth <= high)).mean() >= share
    low, high = noisy.band(longer, 20_000)
    assert low < LAW.predict(longer, 20_000) < high

    def width(steps: int, level: float = 0.9) -> float:
        low, high = noisy.band(longer, steps, level=level)
        return float(high / low - 1)

    assert width(20_000) > 1.2 * width(1_000)
    assert width(20_000, level=0.5) < 0.5 * width(20_000)


def test_a_law_is_a_value(noisy: LossLaw) -> None:
    assert parse(repr(noisy)) == noisy
    assert from_dict(json.loads(json.dumps(noisy.to_dict()))) == noisy
    assert pickle.loads(pickle.dumps(noisy)) == noisy
    assert len({noisy, pickle.loads(pickle.dumps(noisy))}) == 1
    assert repr(LAW) == "LossLaw(2.0, A=1.0, alpha=0.5, B=100.0, C=2.0, beta=0.6, gamma=0.6, peaks=[0.001, 0.001])"
    assert str(LAW) == (
        "LossLaw for a peak of 0.001: L0 2, A 1, alpha 0.5, B 100, C 2, beta 0.6, gamma 0.6.\n"
        "The fitted losses are off by 0.00% in the mean and by 0.00% at worst; R² is 1.0000."
    )


def test_runs_are_taken_as_dicts_and_arrays_alike_and_in_any_order() -> None:
    several = runs(LAW)
    as_dicts = [(lr, dict(zip(steps, values.tolist(), strict=True))) for lr, steps, values in several]
    backwards = [(lr, np.array(steps)[::-1], values[::-1]) for lr, steps, values in several]
    first, *others = (LossLaw.fit(given, draws=0) for given in (several, as_dicts, backwards))
    assert others == [first, first]


def test_points_up_to_after_are_left_out() -> None:
    spoilt = [(lr, [*range(10, 100, 10), *steps], [9.0] * 9 + values.tolist()) for lr, steps, values in runs(LAW)]
    assert LossLaw.fit(spoilt, after=90, draws=0) == LossLaw.fit(runs(LAW), draws=0)


def test_a_few_wrong_losses_hardly_move_a_fit() -> None:
    wrong = np.where(np.arange(len(STEPS)) % 40 == 7, 1.5, 1.0)
    spoilt = [(lr, steps, wrong * values) for lr, steps, values in runs(LAW)]
    found = LossLaw.fit(spoilt, draws=0)
    lr = Linear(1e-3, end=0.0, steps=2_000).warmup(50)
    np.testing.assert_allclose(found.predict(lr, STEPS), LAW.predict(lr, STEPS), rtol=4e-3)


def test_how_densely_a_run_is_measured_does_not_count() -> None:
    several = measured("fit", runs(LAW), 0)
    thin = measured("fit", [(lr, steps[::4], values[::4]) for lr, steps, values in runs(LAW)], 0)
    assert data_of(thin).weights.sum() == pytest.approx(data_of(several).weights.sum())


# what is refused

RUNS = runs(LAW)
LINEAR = Linear(1e-3, end=0.0, steps=2_000)
REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "constant rates only": (
        lambda: LossLaw.fit([RUNS[0], (Constant(5e-4), *RUNS[0][1:])]),
        ValueError,
        "LossLaw.fit.runs must be ones of which at least one ends below 0.7 of its peak, got 1.0; rates that stay "
        "constant do not tell what a decay brings: add a run that decays.",
    ),
    "one shape": (
        lambda: LossLaw.fit([RUNS[1], RUNS[1]]),
        ValueError,
        "LossLaw.fit.runs must be at least two of different shapes, got 2; one shape does not tell what progress brings "
        "and what a decay: add a run at a constant rate.",
    ),
    "few points": (
        lambda: LossLaw.fit([(lr, steps[:9], values[:9]) for lr, steps, values in RUNS]),
        ValueError,
        "LossLaw.fit.runs must have at least 30 losses in all, for 7 parameters, got 27.",
    ),
    "nothing after": (
        lambda: LossLaw.fit([(LINEAR, [5, 9], [2.0, 1.0])], after=10),
        ValueError,
        "LossLaw.fit.runs[0] must be one with losses after update 10, got [5, 9].",
    ),
    "a loss of 0": (
        lambda: LossLaw.fit([(LINEAR, [1, 2], [1.0, 0.0])]),
        ValueError,
        "LossLaw.fit.runs[0] losses[1] must be a finite number above 0, got 0.0.",
    ),
    "a loss too many": (
        lambda: LossLaw.fit([(LINEAR, [1, 2], [1.0])]),
        ValueError,
        "LossLaw.fit.runs[0] must be one with 2 losses, as many as steps, got 1.",
    ),
    "nothing learnt": (
        lambda: LossLaw.fit([(lr, steps, [2.0] * len(steps)) for lr, steps, _ in RUNS]),
        ValueError,
        "LossLaw.fit.runs must be ones that the law describes, with a median error below 0.5 of how the losses vary, 0, "
        "got 0.0; measure on data that was held out, or smooth the losses, and leave out the first ones with after=.",
    ),
    "no run": (
        lambda: LossLaw.fit([LINEAR]),  # type: ignore[list-item]
        TypeError,
        f"LossLaw.fit.runs[0] must be (schedule, steps, losses) or (schedule, {{step: loss}}), got {LINEAR!r}.",
    ),
    "a step of 0": (
        lambda: LossLaw.fit([(LINEAR, [0], [1.0])]),
        ValueError,
        "LossLaw.fit.runs[0] steps[0] must be a positive integer, got 0.",
    ),
    "a higher peak": (
        lambda: LAW.predict(Cosine(1.11e-3, steps=2_000), 100),
        ValueError,
        "LossLaw.predict.lr must be a schedule with a peak from 0.0009 to 0.0011, 10% around those of the fitted runs, got "
        "Cosine(0.00111, steps=2000); its peak up to step 100 is 0.00111, of which the law says nothing: fit it to "
        "runs at that peak.",
    ),
    "a lower peak": (
        lambda: LAW.predict(Cosine(8.9e-4, steps=2_000), 100),
        ValueError,
        "LossLaw.predict.lr must be a schedule with a peak from 0.0009 to 0.0011, 10% around those of the fitted runs, got "
        "Cosine(0.00089, steps=2000); its peak up to step 100 is 0.00089, of which the law says nothing: fit it to "
        "runs at that peak.",
    ),
    "before the first update": (
        lambda: LAW.predict(SHAPES[0], [1, 60]),
        ValueError,
        "LossLaw.predict.steps must be 2 or more, the first number of updates with a rate above 0, got 1.",
    ),
    "only before the first update": (
        lambda: LAW.predict(SHAPES[0], 1),
        ValueError,
        f"LossLaw.predict.lr must be a schedule that is above 0 somewhere before step 1, got {SHAPES[0]!r}.",
    ),
    "no draws": (
        lambda: LAW.band(LINEAR, 10),
        ValueError,
        "LossLaw.band.draws must have at least 1 law, got (); fit with draws=24.",
    ),
    "a parameter": (
        lambda: LossLaw(2.0, -1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(1e-3, 1e-3)),
        ValueError,
        "LossLaw.A must be a finite number above 0, got -1.0.",
    ),
    "peaks the wrong way round": (
        lambda: LossLaw(2.0, 1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(2e-3, 1e-3)),
        ValueError,
        "LossLaw.peaks must be two numbers, the lowest and the highest, got (0.002, 0.001).",
    ),
    "an unknown field": (
        lambda: best(LAW, LINEAR, 2_000, vary={"ende": (0.0, 1.0)}),
        ValueError,
        f"best.vary must name fields of {LINEAR!r}, got 'ende'; did you mean 'end'?",
    ),
    "a field of the schedule within": (
        lambda: best(LAW, LINEAR.warmup(100), 2_000, vary={"end": (0.0, 1e-4)}),
        ValueError,
        f"best.vary must name fields of {LINEAR.warmup(100)!r}, got 'end'; write 'schedule.end'.",
    ),
    "no schedule in the ranges": (
        lambda: best(LAW, LINEAR, 2_000, vary={"start": (2e-3, 3e-3)}),
        ValueError,
        "best.vary must be ranges with a schedule of the same peak in them, got {'start': (0.002, 0.003)}.",
    ),
    "no room": (
        lambda: best_table(LAW, 100, warmup=90, points=20),
        ValueError,
        "best_table.warmup + points must be at most total, which is 100, got 110.",
    ),
    "nothing to draw": (lambda: plot(LAW), ValueError, "plot.runs must have at least 1 schedule or run, got ()."),
}


REFUSED |= {
    f"no law for {name}": (
        call,
        TypeError,
        f"{name}.law must be a LossLaw, got {LINEAR!r}; LossLaw.fit makes one of finished runs.",
    )
    for name, call in {
        "best": lambda: best(LINEAR, LINEAR, 2_000, vary={"end": (0.0, 1e-4)}),  # type: ignore[arg-type]
        "best_table": lambda: best_table(LINEAR, 2_000, warmup=50),  # type: ignore[arg-type]
        "plot": lambda: plot(LINEAR, LINEAR),  # type: ignore[arg-type]
    }.items()
}


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_what_the_law_cannot_say_is_refused(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as found:
        call()
    assert str(found.value) == message


def test_losses_that_follow_no_law_are_refused() -> None:
    random = np.random.default_rng(0)
    for measured_losses in (random.uniform(1, 2, len(STEPS)), np.linspace(1, 2, len(STEPS))):
        with pytest.raises(ValueError, match="must be ones that the law describes"):
            LossLaw.fit([(lr, STEPS, measured_losses) for lr in SHAPES])


def test_a_peak_within_10_percent_is_taken() -> None:
    for peak in (0.9e-3, 1.1e-3):
        assert LAW.predict(Cosine(peak, steps=2_000), 2_000) > LAW.L0


def test_without_scipy_a_fit_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=r"^LossLaw\.fit needs SciPy: pip install 'lrcore\[forecast\]'$"):
        LossLaw.fit(RUNS)


# the best shape


def test_the_best_of_a_family_is_that_of_a_fine_grid() -> None:
    lr = wsd(1e-3, steps=2_000, warmup=50, cooldown=400, shape="linear")
    found = best(LAW, lr, 2_000, vary={"cooldown": (10, 1_900)})
    grid = {
        c: LAW.predict(wsd(1e-3, steps=2_000, warmup=50, cooldown=c, shape="linear"), 2_000) for c in range(10, 1_901, 10)
    }
    assert found.loss <= min(grid.values()) + 1e-6
    assert found.schedule(1_000) <= 1e-3


def test_several_fields_and_those_inside_are_searched_at_the_same_peak() -> None:
    lr = Polynomial(1e-3, steps=2_000, power=1.0, end=5e-4).warmup(50)
    law = replace(LAW, B=400.0)
    found = best(law, lr, 2_000, vary={"schedule.power": (0.2, 3.0), "schedule.end": (0.0, 5e-4)})
    assert found.loss < law.predict(lr, 2_000) - 0.01
    assert found.schedule(50) == 1e-3
    assert found.schedule.diff(lr).keys() == {"schedule.power", "schedule.end"}


def test_the_best_table_never_rises_and_beats_every_family() -> None:
    found = best_table(LAW, 2_000, warmup=50)
    assert isinstance(found.schedule, Interpolate)
    values = [value for _, value in found.schedule.points[1:]]
    assert values[0] == 1e-3
    assert all(a >= b >= 0 for a, b in pairwise(values))
    lr = wsd(1e-3, steps=2_000, warmup=50, cooldown=400, shape="linear")
    assert found.loss <= best(LAW, lr, 2_000, vary={"cooldown": (10, 1_900)}).loss + 1e-4


def test_the_gain_is_over_cosine_and_wsd_and_what_is_certain_of_it_is_said(noisy: LossLaw) -> None:
    found = best_table(noisy, 2_000, warmup=50, points=8)
    cosine, stable = found.gains
    assert cosine.over == Cosine(1e-3, steps=2_000).warmup(50)
    assert stable.over == wsd(1e-3, steps=2_000, warmup=50, cooldown=400)
    for gain in found.gains:
        assert gain.gain == pytest.approx(noisy.predict(gain.over, 2_000) - found.loss, abs=1e-4)
        assert gain.low < gain.gain < gain.high
        assert gain.certain == max(0, gain.low)
    assert str(stable).endswith("of it above the uncertainty")
    without = best_table(LAW, 2_000, warmup=50, points=8).gains[0]
    assert (without.certain, without.high) == (0, np.inf)
    assert str(without).endswith("how certain is not known: the law has no draws")


def test_a_long_run_is_searched_in_blocks_of_updates_which_move_its_loss_by_a_ten_thousandth_at_most() -> None:
    total = 100_000
    lr = Interpolate([(0, 0.0), (2_000, 1e-3), (70_000, 1e-3), (total, 0.0)])
    times, law = _slowed(LAW._law, total)
    assert len(times) == 20_000
    coarse = losses(law, next(exact(np.asarray(lr(times)), np.array([len(times)]))))[0]
    assert coarse == pytest.approx(LAW.predict(lr, total), rel=1e-4)
    assert np.array_equal(_slowed(LAW._law, 20_000)[1], LAW._law)


# to look at


def test_a_plot_has_a_line_a_band_and_the_measured_dots(noisy: LossLaw, tmp_path: Path) -> None:
    path = tmp_path / "losses.svg"
    axes = plot(noisy, RUNS[1], LINEAR, labels=["fitted", "forecast"], path=path)
    dots, line, forecast = axes.get_lines()
    np.testing.assert_array_equal(dots.get_ydata(), RUNS[1][2])
    assert [line.get_label(), forecast.get_label()] == ["fitted", "forecast"]
    assert forecast.get_xdata()[-1] == 2_000
    assert len(axes.collections) == 2
    assert path.stat().st_size > 1_000
    assert not plot(LAW, LINEAR, path=path).collections
