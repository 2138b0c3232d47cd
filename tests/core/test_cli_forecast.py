"""`lrcore compare` and `lrcore forecast`: what they print, and what they say of mistakes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from lrcore import Cosine, Linear, from_dict, parse
from lrcore.forecast import LossLaw
from lrcore.theory import best_peak_ratio, bound

A, B = "Cosine(3e-4, steps=4_000)", "wsd(3e-4, steps=4_000, warmup=0, cooldown=800)"
LAW = LossLaw(2.0, 1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(1e-3, 1e-3))
DRAWN = LossLaw(2.0, 1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(1e-3, 1e-3), draws=((2.0, 1.01, 0.5, 99.0, 2.0, 0.6, 0.6),))
LINEAR = "Linear(1e-3, end=0, steps=2_000)"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files are written into one that is empty."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def law(tmp_path: Path) -> str:
    path = tmp_path / "law.json"
    path.write_text(json.dumps(DRAWN.to_dict()))
    return str(path)


def written(path: Path) -> Path:
    """Runs that follow the law, as a file."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["schedule", "step", "loss"])
        for text in ("Constant(1e-3)", LINEAR):
            steps = range(50, 2_001, 50)
            rows.writerows(zip([text] * len(steps), steps, LAW.predict(parse(text), steps), strict=True))
    return path


def test_compare_ranks_and_tells_the_ratio_with_what_is_known_of_it(told: Any) -> None:
    text = told("compare", A, B, "--total", "4000")
    ratio = best_peak_ratio(parse(A), parse(B), 4_000)
    assert [line.split()[0] for line in text.splitlines()[1:3]] == ["A", "B"]
    assert f"A has the lower bound. The best peak of B is {ratio:.3g} times that of A." in text
    assert f"{bound(parse(B), 4_000).bound:.4g}        {ratio:.3g}" in text
    assert "proves nothing for networks." in text
    assert "within a factor of 1.1 to 1.2" in " ".join(text.split())
    packed = json.loads(told("compare", A, B, "--total", "4000", "--json"))
    assert packed["ratio"] == ratio
    assert [parse(one["schedule"]) for one in packed["schedules"]] == [parse(A), parse(B)]


def test_compare_of_the_same_shape_at_two_peaks_finds_no_difference(told: Any) -> None:
    text = told("compare", "Cosine(0.5, steps=100)", "Cosine(0.25, steps=100)", "--total", "100")
    assert "Both shapes have the same bound. The best peak of B is 1 times that of A." in text


def test_a_law_is_fitted_to_a_file_written_and_read_again(told: Any, tmp_path: Path) -> None:
    file = written(tmp_path / "runs.csv")
    text = told("forecast", "fit", str(file), "-o", "law.json", "--after", "100")
    assert text.startswith("LossLaw for a peak of 0.001: L0 ")
    assert text.endswith("\nlaw.json\n")
    law = from_dict(json.loads((tmp_path / "law.json").read_text()))
    (found,) = json.loads(told("forecast", "predict", "law.json", "Cosine(1e-3, steps=2_000)", "--json"))
    lr = Cosine(1e-3, steps=2_000)
    assert found["schedule"] == repr(lr)
    assert [point["step"] for point in found["losses"]] == [400, 800, 1_200, 1_600, 2_000]
    for point in found["losses"]:
        assert point["loss"] == pytest.approx(law.predict(lr, point["step"]))
        assert point["loss"] == pytest.approx(LAW.predict(lr, point["step"]), rel=1e-3)
        assert (point["low"], point["high"]) == pytest.approx(law.band(lr, point["step"]))


def test_a_forecast_is_a_table_with_bands_and_a_picture(told: Any, law: str, tmp_path: Path) -> None:
    text = told("forecast", "predict", law, LINEAR, "--total", "1000", "-o", "losses.svg")
    low, high = DRAWN.band(parse(LINEAR), 1_000)
    assert f"1,000    {DRAWN.predict(parse(LINEAR), 1_000):.4f}    {low:.4f} to {high:.4f}" in text
    assert "of its runs and of no others" in " ".join(text.split())
    assert text.endswith("losses.svg\n")
    assert (tmp_path / "losses.svg").stat().st_size > 1_000


def test_a_law_without_draws_has_no_band(told: Any, tmp_path: Path) -> None:
    (tmp_path / "law.json").write_text(json.dumps(LAW.to_dict()))
    assert " to " not in told("forecast", "predict", "law.json", LINEAR)


def test_help_is_for_people(told: Any) -> None:
    for command in (["compare"], ["forecast"], ["forecast", "fit"], ["forecast", "predict"]):
        text = told(*command, "--help")
        assert "<" not in text
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["compare", A, B], "lrcore compare: Missing option '--total'."),
        (
            ["compare", A, "Cosin(1)", "--total", "9"],
            "lrcore: schedule 2: there is no schedule 'Cosin'; did you mean 'Cosine'?",
        ),
        (["forecast"], "lrcore forecast: Missing command."),
        (["forecast", "predict", "no.json", A], "lrcore: no.json: No such file or directory"),
        (
            ["forecast", "predict", "text.json", A],
            "lrcore: text.json is not a law that `lrcore forecast fit` wrote: Expecting value: line 1 column 1 (char 0)",
        ),
        (
            ["forecast", "predict", "other.json", A],
            "lrcore: other.json is not a law that `lrcore forecast fit` wrote: it is Linear(1.0, end=0.0, steps=2).",
        ),
        (
            ["forecast", "fit", "text.json", "-o", "law.json"],
            "lrcore: text.json must have the columns schedule, step, loss; it has no schedule and no step and no loss.",
        ),
        (
            ["forecast", "fit", "wrong.csv", "-o", "law.json"],
            "lrcore: wrong.csv, line 3: loss must be a number, got 'low'.",
        ),
        (
            ["forecast", "fit", "short.csv", "-o", "law.json"],
            "lrcore: short.csv, line 2: step must be an integer, got None.",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line_and_is_2(args: list[str], message: str, told: Any, tmp_path: Path) -> None:
    (tmp_path / "text.json").write_text("text\n")
    (tmp_path / "short.csv").write_text('schedule,step,loss\n"Constant(1)"\n')
    (tmp_path / "other.json").write_text(json.dumps(Linear(1.0, end=0.0, steps=2).to_dict()))
    (tmp_path / "wrong.csv").write_text('schedule,step,loss\n"Constant(1)",1,2.5\n"Constant(1)",2,low\n')
    assert told(*args, code=2) == f"{message}\n"
