"""Plots: what is drawn is what the schedule gives, and says what it is."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import lrcore
from cases import CASES, Case
from lrcore import (
    Constant,
    Cosine,
    Custom,
    Cyclic,
    Exponential,
    Geometric,
    Interpolate,
    InverseSqrt,
    InverseTime,
    Linear,
    OneCycle,
    Schedule,
    StepDecay,
    WarmRestarts,
    wsd,
)
from lrcore._view.curve import horizon, points

mpl.use("agg")

SPIKE = Custom(lambda t, xp: xp.where(t == 123_457, 1.0, 0.1))
COSINE = Cosine(0.1, steps=1000)
CYCLE = OneCycle(0.1, steps=1000)


@pytest.fixture(autouse=True)
def close() -> Any:
    yield
    plt.close("all")


def curve(axes: Any, i: int = 0) -> tuple[Any, Any]:
    """The steps and values of the i-th drawn curve, marks left out."""
    lines = [line for line in axes.lines if line.get_linestyle() == "-"]
    return lines[i].get_data()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_point_drawn_is_the_schedule_s_own(case: Case) -> None:
    total = min(case.schedule.length or 2_500, 2_500)
    steps, rates = curve(case.schedule.plot(total))
    assert (steps[0], steps[-1]) == (0, total)
    assert (rates == case.schedule(np.asarray(steps))).all()


@pytest.mark.parametrize("total", [1, 7, 1999, 2000])
def test_a_short_run_is_drawn_at_every_step_and_between_if_there_is_room(total: int) -> None:
    steps, _ = points(COSINE, total)
    assert set(range(total + 1)) <= set(steps.tolist())
    assert len(steps) > 2000


@pytest.mark.parametrize("total", [2001, 5000, 123_456])
def test_no_bin_of_a_long_run_loses_its_least_or_largest_value(total: int) -> None:
    lr = Cyclic(0.0, high=1.0, up=3, down=4)
    steps, rates = points(lr, total)
    every = lr(np.arange(total + 1))
    size = (total + 1) // 1000
    for begin in range(0, total + 1, size):
        drawn = rates[(steps >= begin) & (steps < begin + size)]
        assert (drawn.min(), drawn.max()) == (every[begin : begin + size].min(), every[begin : begin + size].max())


def test_one_odd_step_in_a_million_is_drawn() -> None:
    steps, rates = points(SPIKE, 1_000_000)
    assert len(steps) < 5_000
    assert steps[rates == 1.0].tolist() == [123_457]


def test_a_function_of_plain_numbers_is_drawn_too() -> None:
    _, rates = curve(Custom(lambda t: 0.1 if t < 5 else 0.01).plot(10))
    assert set(rates.tolist()) == {0.1, 0.01}


def test_a_million_steps_take_about_a_second(tmp_path: Path) -> None:
    lr = Cosine(0.1, steps=1_000_000).warmup(10_000)
    lr.plot(100, path=tmp_path / "first.png")  # matplotlib's own import and fonts

    def seconds() -> float:
        before = time.process_time()
        lr.plot(path=tmp_path / "million.png")
        return time.process_time() - before

    assert min(seconds() for _ in range(3)) < 1.0


HORIZONS: list[tuple[list[Schedule], int]] = [
    ([COSINE], 1000),
    ([COSINE, Linear(0.1, end=0.0, steps=2000), Constant(0.1)], 2000),
    ([StepDecay(0.1, every=30)], 150),
    ([StepDecay(0.1, every=30).per_epoch(100).clip(1e-3)], 15_000),
    ([InverseSqrt(0.1, timescale=100).warmup(50)], 550),
    ([InverseTime(0.1, rate=0.01)], 500),
    ([Exponential(0.1, factor=0.5, every=10)], 73),
    ([Exponential(0.1, factor=1.0, every=10)], 50),
    ([WarmRestarts(0.1, steps=10).shift(5)], 50),
    ([2 * Cyclic(0.0, high=0.1, up=10, down=20)], 100),
    ([Cyclic(0.0, high=0.1, up=10).momentum()], 50),
    ([COSINE.then(StepDecay(0.1, every=30))], 1150),
    ([COSINE * StepDecay(0.1, every=300)], 1500),
    ([Constant(0.1)], 1000),
    ([COSINE.shift(2000)], 1),
]


@pytest.mark.parametrize(("several", "total"), HORIZONS, ids=lambda value: repr(value)[:50])
def test_draws_to_the_last_end_or_some_lengths_of_what_never_ends(several: list[Schedule], total: int) -> None:
    assert horizon(several) == total
    assert lrcore.plot(several).get_xlim() == (0, total)


def test_several_may_be_one_list_or_several_arguments() -> None:
    other = Linear(0.1, end=0.0, steps=1000)
    several = [lrcore.plot([COSINE, other]), lrcore.plot(COSINE, other), lrcore.plot(COSINE, [other])]
    assert {tuple(text.get_text() for text in axes.figure.legends[0].texts) for axes in several} == {
        (repr(COSINE), repr(other))
    }


def test_total_is_what_was_asked_for() -> None:
    assert COSINE.plot(1500).get_xlim() == (0, 1500)


def test_axes_say_what_they_show_and_the_title_what_is_drawn() -> None:
    axes = COSINE.plot()
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == ("update", "learning rate", repr(COSINE))
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize(
    ("schedules", "ylabel"),
    [([CYCLE.momentum()], "momentum"), ([CYCLE.momentum(), COSINE], "learning rate"), ([Constant(0.0)], "learning rate")],
    ids=["momentum", "both", "rate"],
)
def test_the_axis_says_what_the_values_are(schedules: list[Schedule], ylabel: str) -> None:
    assert lrcore.plot(schedules).get_ylabel() == ylabel
    assert lrcore.plot(schedules, ylabel="dropout").get_ylabel() == "dropout"


SPANS: list[tuple[Schedule, tuple[float, float]]] = [
    (Linear(0.3, end=0.1, steps=100), (0, 0.315)),
    (Linear(0.996, end=1.0, steps=100), (0.9958, 1.0002)),
    (Linear(-3.0, end=1.0, steps=100), (-3.2, 1.2)),
    (Linear(-3.0, end=-1.0, steps=100), (-3.15, 0)),
    (Linear(-1.0, end=-0.9, steps=100), (-1.005, -0.895)),
    (Constant(-2.0), (-2.1, 0)),
    (Constant(0.0), (0, 1.05)),
]


@pytest.mark.parametrize(("lr", "span"), SPANS, ids=lambda value: repr(value)[:50])
def test_the_axis_begins_at_0_unless_the_values_are_far_from_it(lr: Schedule, span: tuple[float, float]) -> None:
    assert lr.plot(log=False).get_ylim() == pytest.approx(span)


def labels(axis: Any) -> set[str]:
    return {label.get_text() for label in axis.get_ticklabels()}


def test_numbers_are_written_as_people_write_them() -> None:
    assert {"0", "1e-5", "5e-5"} <= labels(Cosine(5e-5, steps=10).plot().yaxis)
    assert {"0", "2e6"} <= labels(Cosine(4e6, steps=10).plot().yaxis)
    assert {"0", "2B", "10B"} <= labels(COSINE.plot(10**10).xaxis)
    assert {"0", "0.5M"} <= labels(COSINE.plot(2 * 10**6).xaxis)
    assert labels(COSINE.plot(3).xaxis) == {"0", "1", "2", "3"}


def test_small_rates_are_written_as_people_write_them() -> None:
    axes = Cosine(3e-4, steps=10).plot()
    assert {"0", "1e-4", "2.5e-4", "3e-4"} <= {label.get_text() for label in axes.get_yticklabels()}
    assert {"0.02", "0.1"} <= {label.get_text() for label in COSINE.plot().get_yticklabels()}


def test_steps_have_thousands_or_millions() -> None:
    assert "20,000" in {label.get_text() for label in COSINE.plot(100_000).get_xticklabels()}
    assert "0.5M" in {label.get_text() for label in COSINE.plot(2_500_000).get_xticklabels()}


def test_a_second_axis_counts_epochs() -> None:
    axes = COSINE.plot(steps_per_epoch=50)
    (epochs,) = axes.child_axes
    axes.figure.draw_without_rendering()
    assert (epochs.get_xlabel(), epochs.get_xlim()) == ("epoch", (0, 20))


LOG: list[tuple[Schedule, str]] = [
    (Geometric(1e-4, end=1.0, steps=100), "log"),
    (StepDecay(0.1, every=30), "log"),
    (Exponential(0.1, factor=0.5, every=10), "log"),
    (COSINE, "linear"),
    (CYCLE, "linear"),  # its last value is a millionth of the peak, but only its last
    (Cosine(0.1, steps=100, end=1e-6), "linear"),
    (Constant(0.1), "linear"),
    (Constant(0.0), "linear"),
]


@pytest.mark.parametrize(("lr", "scale"), LOG, ids=lambda value: repr(value)[:50])
def test_the_axis_is_logarithmic_where_that_helps(lr: Schedule, scale: str) -> None:
    assert lr.plot().get_yscale() == scale


def test_or_where_it_is_asked_for() -> None:
    assert Constant(0.1).plot(log=True).get_yscale() == "log"
    assert StepDecay(0.1, every=30).plot(log=False).get_yscale() == "linear"


@pytest.mark.parametrize(
    "several",
    [
        [Cosine(3e-4, steps=900).warmup(50)],
        [Cosine(3e-4, steps=900).warmup(50), Linear(3e-4, end=0.0, steps=900), Constant(0.0)],
        [Constant(0.1)],
    ],
    ids=["one", "three", "flat"],
)
def test_a_logarithmic_axis_ends_above_0_and_keeps_its_words_apart(several: list[Schedule]) -> None:
    axes = lrcore.plot(several, log=True, steps_per_epoch=10, total=900)
    bottom, top = axes.get_ylim()
    assert 0 < top / 1e6 < bottom < top
    dots = [y for line in axes.lines if line.get_marker() == "o" for y in line.get_ydata()]
    assert all(bottom <= y <= top for y in dots)
    figure = axes.figure
    figure.draw_without_rendering()
    label, epochs = axes.xaxis.label.get_window_extent(), axes.child_axes[0].get_tightbbox()
    assert label.y0 >= 0
    assert label.x1 <= figure.bbox.x1
    assert all(legend.get_window_extent().y0 >= epochs.y1 for legend in figure.legends)


@pytest.mark.parametrize("lr", [Constant(0.0), Linear(-1.0, end=1.0, steps=10)], ids=["zero", "below"])
def test_a_logarithmic_axis_for_what_it_cannot_show_is_refused(lr: Schedule) -> None:
    message = "a logarithmic axis needs a value above 0 and none below: leave log out for a linear one."
    with pytest.raises(ValueError, match="logarithmic") as caught:
        lr.plot(log=True)
    assert str(caught.value) == message


@pytest.mark.parametrize("lr", [case.schedule for case in CASES], ids=[case.name for case in CASES])
def test_the_choice_is_the_same_in_the_terminal_the_notebook_and_here(lr: Schedule, capsys: Any) -> None:
    from lrcore._cli import run

    total = horizon([lr])
    if total > 10**6:
        return
    here = lr.plot().get_yscale() == "log"
    assert (">log</text>" in lr._repr_html_()) == here
    assert run(["show", repr(lr)]) == 0
    assert ("The axis is logarithmic." in capsys.readouterr().out) == here


def test_edges_are_dots_on_the_curve_and_words_for_one_alone() -> None:
    lr = wsd(0.1, steps=1000, warmup=100, cooldown=200)
    axes = lr.plot()
    (dots,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert np.transpose(dots.get_data()).tolist() == [[100, 0.1], [800, 0.1], [1000, 0.0]]
    assert [text.get_text() for text in axes.texts] == ["warmup ends", "OneMinusSqrt begins"]
    (shade,) = axes.patches
    assert (shade.get_x(), shade.get_width()) == (0, 100)


def test_edges_too_dense_to_tell_apart_are_not_marked() -> None:
    axes = StepDecay(0.1, every=3, factor=0.9).plot(1000)
    (dots,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert len(dots.get_xdata()) == 0
    assert not axes.texts


def test_several_are_told_apart_by_colour_and_legend() -> None:
    several = [COSINE, CYCLE, InverseSqrt(0.1, timescale=50)]
    axes = lrcore.plot(several)
    colors = [line.get_color() for line in axes.lines if line.get_linestyle() == "-"]
    assert len(set(colors)) == 3
    (legend,) = axes.figure.legends
    assert [text.get_text() for text in legend.texts] == [repr(lr) for lr in several]
    axes = lrcore.plot(several, labels=["cosine", "one cycle", "T5"])
    assert [text.get_text() for text in axes.figure.legends[0].texts] == ["cosine", "one cycle", "T5"]


def test_twenty_curves_are_told_apart_by_colour_and_line() -> None:
    axes = lrcore.plot([Linear(float(i), end=0.0, steps=10) for i in range(1, 21)])
    drawn = [(line.get_color(), line.get_linestyle()) for line in axes.lines if line.get_marker() != "o"]
    assert len(set(drawn)) == len(drawn) == 20


def test_names_of_edges_do_not_lie_on_one_another_or_outside() -> None:
    lr = Cosine(0.1, steps=100).warmup(3).then(Constant(0.05)).then(Linear(0.05, end=0.0, steps=5), at=104)
    for several in (lr, lr.then(Constant(0.01))):
        axes = several.plot()
        axes.figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in axes.texts]
        assert len(boxes) >= 3
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
        whole = axes.get_window_extent()
        assert all(box.x1 <= whole.x1 and box.y1 <= whole.y1 for box in boxes)


def test_names_of_edges_that_have_no_room_are_left_out() -> None:
    lr = Interpolate([(0, 0.1), *((500 + i, 0.1 + i / 100) for i in range(8)), (1000, 0.0)])
    axes = lr.plot()
    (dots,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert len(dots.get_xdata()) == 9
    assert 1 <= len(axes.texts) < 9


def test_momentum_is_drawn_below_on_the_same_steps() -> None:
    axes = CYCLE.plot(momentum=CYCLE.momentum())
    rate, momentum = axes.figure.axes
    assert (rate, momentum.get_ylabel(), momentum.get_xlabel()) == (axes, "momentum", "update")
    steps, values = curve(momentum)
    assert (values == CYCLE.momentum()(steps)).all()
    assert rate.get_xlim() == momentum.get_xlim()


def test_a_momentum_has_the_colour_of_its_rate_and_a_shared_one_a_grey() -> None:
    def colors(momentum: list[Schedule]) -> list[str]:
        below = lrcore.plot([CYCLE, COSINE], momentum=momentum).figure.axes[1]
        return [line.get_color() for line in below.lines if line.get_linestyle() == "-"]

    rates = [line.get_color() for line in lrcore.plot([CYCLE, COSINE]).lines if line.get_linestyle() == "-"]
    assert colors([CYCLE.momentum(), Constant(0.9)]) == rates
    assert colors([CYCLE.momentum()]) == ["0.35"]


def test_the_difference_is_the_others_less_the_first() -> None:
    others = [CYCLE, Linear(0.1, end=0.0, steps=1000)]
    axes = lrcore.plot([COSINE, *others], difference=True)
    _, below = axes.figure.axes
    assert below.get_ylabel() == "difference"
    for i, other in enumerate(others, 1):
        steps, values = curve(below, i)
        assert (values == other(steps) - COSINE(steps)).all()


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_file_has_the_format_of_its_suffix_and_leaves_no_open_figure(suffix: str, magic: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"rate.{suffix}"
    lrcore.plot([COSINE, CYCLE], path=path, steps_per_epoch=10, difference=True, momentum=CYCLE.momentum())
    assert path.read_bytes().startswith(magic)
    assert plt.get_fignums() == []


def test_without_a_file_it_is_pyplot_s_to_show() -> None:
    axes = COSINE.plot()
    assert plt.gcf() is axes.figure


def test_a_legend_in_axes_that_are_given_stays_inside_them() -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3))
    lrcore.plot(COSINE.warmup(100, shape="cosine"), CYCLE, ax=right)
    figure.draw_without_rendering()
    legend, whole = right.get_legend().get_window_extent(), right.get_window_extent()
    assert whole.x0 <= legend.x0
    assert legend.x1 <= whole.x1
    assert whole.y0 <= legend.y0
    assert legend.y1 <= whole.y1
    assert left.get_legend() is None


def test_a_file_without_a_suffix_is_a_png(tmp_path: Path) -> None:
    COSINE.plot(path=tmp_path / "rate")
    assert (tmp_path / "rate.png").read_bytes().startswith(b"\x89PNG")


def test_draws_into_axes_that_are_given() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    assert COSINE.plot(ax=left) is left
    assert lrcore.plot([COSINE, CYCLE], ax=right) is right
    assert right.get_legend() is not None
    assert plt.get_fignums() == [figure.number]


FAULTS: list[tuple[type[Exception], Callable[[], Any], str]] = [
    (ValueError, lambda: lrcore.plot([]), "plot.schedules must be at least 1 schedule, got []."),
    (TypeError, lambda: lrcore.plot("Cosine"), "plot.schedules must be a schedule or a sequence of them, got 'Cosine'."),
    (TypeError, lambda: lrcore.plot([COSINE, 0.1]), "plot.schedules[1] must be a schedule, got 0.1."),
    (TypeError, lambda: COSINE.plot(momentum=0.9), "plot.momentum must be a schedule or a sequence of them, got 0.9."),
    (ValueError, lambda: COSINE.plot(0), "plot.total must be a positive integer, got 0."),
    (TypeError, lambda: COSINE.plot(1e4), "plot.total must be a positive integer, got 10000.0; write 10000."),
    (
        ValueError,
        lambda: COSINE.plot(labels=["a", "b"]),
        "plot.labels must be 1 name, one a schedule, got ['a', 'b'].",
    ),
    (
        ValueError,
        lambda: COSINE.plot(difference=True),
        "plot.schedules must be at least 2 where the difference is drawn, got Cosine(0.1, steps=1000).",
    ),
    (
        ValueError,
        lambda: COSINE.plot(steps_per_epoch=0),
        "plot.steps_per_epoch must be a positive integer, got 0.",
    ),
]


@pytest.mark.parametrize(("kind", "call", "message"), FAULTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_is_told_in_one_line(kind: type[Exception], call: Callable[[], Any], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)) as caught:
        call()
    assert str(caught.value) == message


def test_a_missing_matplotlib_says_what_to_install(tmp_path: Path) -> None:
    program = "import sys; sys.modules['matplotlib'] = None\nimport lrcore; lrcore.Constant(0.1).plot()"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stderr.splitlines()[-1] == "ImportError: plots need matplotlib: pip install 'lrcore[plot]'"
