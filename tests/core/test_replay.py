"""Replay: what a rule would have done is what it does; as values, pictures and the command `lrcore plateau`."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrcore import Constant, Cosine, PiecewiseConstant, parse
from lrcore.plateau import Metric, Plateau, Replay, read_metric

VALUES = [1.0, 0.9, 0.89995, 0.899905, math.nan, 0.91, *[0.8] * 6, 0.75, 0.7505, 0.75, 0.74998]
RULE = Plateau(factor=0.5, patience=2)
LR = Cosine(0.1, steps=1600).warmup(300)


def test_each_state_is_the_rules_own() -> None:
    replay, state = RULE.replay(VALUES), RULE.start()
    for value, found in zip(VALUES, replay.states, strict=True):
        state = RULE.update(state, value)
        assert found == state
    assert replay.scales == (*[1.0] * 9, *[0.5] * 6, 0.25)
    assert replay.cuts == ((10, None, 0.8, 0.8, 0.5), (16, None, 0.74998, 0.75, 0.25))


def test_a_rule_that_raises_is_replayed_too() -> None:
    rule = Plateau.like("greedy", lr=0.1, patience=1, factor=0.5, min_lr=1e-3, max_lr=1.0, cooldown=0, warmup=0)
    replay = rule.replay([4.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert max(replay.scales) == 4.0
    assert [cut.report for cut in replay.cuts] == [6, 8]
    assert [replay.schedule(report) for report in range(1, 9)] == list(replay.scales)


def test_the_schedule_of_a_replay_has_the_rates_of_the_run() -> None:
    replay = RULE.replay(VALUES, lr=LR, steps=100)
    assert replay.schedule == LR * PiecewiseConstant([1.0, 0.5, 0.25, 0.125], boundaries=[600, 1000, 1600])
    assert [cut.step for cut in replay.cuts] == [600, 1000, 1600]
    state = RULE.start()
    for i, value in enumerate(VALUES):
        for step in range(100 * i, 100 * (i + 1)):
            assert replay.schedule(step) == LR(step) * state.scale
        if 100 * (i + 1) >= 300:  # reports during the warmup are left out
            state = RULE.update(state, value)
    assert replay.states[1] == RULE.start()
    assert replay.states[-1] == state
    assert RULE.replay([1.0]).schedule == Constant(1.0)


def test_steps_are_those_of_the_log_unless_given() -> None:
    metric = Metric("loss", (1.0, 1.0, 1.0, 1.0), (10, 20, 35, 40), "step")
    assert [cut.step for cut in Plateau(patience=0).replay(metric, lr=Constant(0.1)).cuts] == [20, 35, 40]
    assert [cut.step for cut in Plateau(patience=0).replay(metric, steps=[1, 2, 3, 4]).cuts] == [2, 3, 4]
    assert [cut.step for cut in Plateau(patience=0).replay(np.ones(3), steps=7).cuts] == [14, 21]


def test_as_text_it_is_a_table() -> None:
    metric = Metric("val_loss", (1.0, 2.0, 1.0), (1000, 2000, 3000), "step")
    assert str(Plateau(patience=0).replay(metric)) == (
        "Plateau(patience=0) on 3 reports of val_loss: 2 cuts\n\n"
        "report   step  val_loss  best  scale\n"
        "     2  2,000         2     1    0.1\n"
        "     3  3,000         1     1   0.01"
    )
    assert str(Plateau(patience=0).replay([2.0, 1.0])) == "Plateau(patience=0) on 2 reports of metric: 0 cuts"


def test_as_text_it_tells_of_what_looks_like_a_mistake() -> None:
    assert str(Plateau(mode="max").replay(Metric("val_loss", (1.0,)))) == (
        "Plateau(mode='max') on 1 report of val_loss: 0 cuts\n\n"
        "Mode='max' takes a higher 'val_loss' for better: write mode='min'.\n\n"
        "Patience=10 cannot cut before report 12, and there are 1: the rule never cuts."
    )


@pytest.mark.parametrize("lr", [None, LR], ids=["reports", "updates"])
def test_a_plot_has_the_metric_the_cuts_and_the_rates(lr: Any, tmp_path: Path) -> None:
    replays = [rule.replay(VALUES, steps=100, lr=lr) for rule in (RULE, Plateau(factor=0.5, patience=1))]
    axes = replays[0].plot(*replays[1:], path=tmp_path / "runs.svg")
    above, below = axes.figure.axes
    metric, *cuts = above.lines
    np.testing.assert_array_equal(metric.get_ydata(), VALUES)
    np.testing.assert_array_equal(metric.get_xdata(), replays[0].places)
    marked = [one.places[cut.report - 1] for one in replays for cut in one.cuts]
    assert [line.get_xdata()[0] for line in cuts] == marked
    rates = [line for line in below.lines if len(line.get_xdata()) > 20]
    for line, replay in zip(rates, replays, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), replay.schedule(np.asarray(line.get_xdata())))
    assert below.get_xlabel() == ("report" if lr is None else "update")
    assert below.get_ylabel() == ("scale" if lr is None else "learning rate")
    assert (tmp_path / "runs.svg").read_text().startswith("<?xml")


MISTAKES: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"metrics": 3}, TypeError, "metrics must be a sequence of numbers, or what lrcore.plateau.read_metric gives, got 3."),
    (
        {"metrics": np.array(2.0)},
        TypeError,
        "metrics must be a sequence of numbers, or what lrcore.plateau.read_metric gives, got array(2.).",
    ),
    (
        {"metrics": {"val_loss": [1.0]}},
        TypeError,
        "metrics must be a sequence of numbers, or what lrcore.plateau.read_metric gives, got {'val_loss': [1.0]}.",
    ),
    ({"metrics": [1.0, "low"]}, TypeError, "metrics[1] must be a number, got 'low'."),
    ({"metrics": []}, ValueError, "metrics must be at least 1 report, got []."),
    ({"metrics": [1.0, 2.0], "steps": 0}, ValueError, "steps must be a positive integer, got 0."),
    ({"metrics": [1.0, 2.0], "steps": [1]}, ValueError, "steps must be as many as there are reports, 2, got 1."),
    ({"metrics": [1.0], "steps": 1, "lr": 0.1}, TypeError, "lr must be a schedule, got 0.1."),
    (
        {"metrics": [1.0], "lr": LR},
        ValueError,
        "steps must be given with lr, got None; the log counts nothing: write steps=N for N updates between two reports.",
    ),
    (
        {"metrics": Metric("loss", (1.0,), (0,), "epoch"), "lr": LR},
        ValueError,
        "steps must be given with lr, got None; the log counts epochs: write steps=N for N updates between two reports.",
    ),
    (
        {"metrics": [1.0, 1.0], "steps": [5, 5], "lr": LR},
        ValueError,
        "steps must be above 0 and in increasing order, got [5, 5].",
    ),
]


@pytest.mark.parametrize(("given", "kind", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_a_mistake_is_one_line(given: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        RULE.replay(**given)
    assert str(error.value) == f"Plateau.replay.{message}"
    with pytest.raises(ValueError) as labels:  # noqa: PT011 (the whole message is compared below)
        RULE.replay([1.0]).plot(labels=["a", "b"])
    assert str(labels.value) == "Replay.plot.labels must be 1 name, one a rule, got ['a', 'b']."


# The command


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A log in the folder where the command runs."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{100 * (i + 1)},{value},0.5" for i, value in enumerate(VALUES)]
    (tmp_path / "log.csv").write_text("\n".join(["step,val_loss,accuracy", *rows]))
    return "log.csv"


def test_the_command_prints_the_cuts_of_several_rules(log: str, told: Any) -> None:
    text = told("plateau", str(RULE), "Plateau(patience=20)", log, "--metric", "val_loss")
    assert re.findall(r"^cut at report +step +val_loss +A +B\n(?:.*\n)*", text, re.MULTILINE)
    rows = [line.split() for line in text.splitlines() if re.match(r"\d+ ", line)]
    assert rows == [["10", "1,000", "0.8", "0.5"], ["16", "1,600", "0.74998", "0.25"]]
    assert re.search(r"^cuts +2 +0$", text, re.MULTILINE)
    assert re.search(r"^not finite +1 +1$", text, re.MULTILINE)
    assert "B: patience=20 cannot cut before report 22, and there are 16: the rule never cuts." in text
    assert re.search(r"val_loss +scale A", text)


def test_the_command_shows_rates_of_a_schedule(log: str, told: Any) -> None:
    text = told("plateau", str(RULE), log, "--metric", "val_loss", "--lr", str(LR))
    rows = [line.split() for line in text.splitlines() if re.match(r"\d+ ", line)]
    rates = RULE.replay(read_metric(log, "val_loss"), lr=LR).schedule
    assert [(row[1], float(row[-1])) for row in rows] == [
        (f"{step:,}", pytest.approx(rates(step), rel=1e-5)) for step in (600, 1000, 1600)
    ]
    wrong = told("plateau", str(RULE.replay([1.0]).plateau), log, "--metric", "accuracy")
    assert "Mode='min' takes a lower 'accuracy' for better: write mode='max'." in wrong


def test_the_command_prints_json(log: str, told: Any) -> None:
    named = told(
        "plateau", str(RULE), "Plateau(divergence=2)", log, "--metric", "val_loss", "--json", "--label", "a", "--label", "b"
    )
    one, other = json.loads(named)
    replay: Replay = RULE.replay(read_metric(log, "val_loss"))
    assert parse(one["rule"]) == RULE
    assert (one["label"], one["metric"], one["clock"], one["lr"]) == ("a", "val_loss", "step", None)
    assert tuple(one["scales"]) == replay.scales
    assert [tuple(cut.values()) for cut in one["cuts"]] == [tuple(cut) for cut in replay.cuts]
    assert (one["state"], one["doubts"]) == (replay.states[-1].to_dict(), replay.doubts)
    assert other["cuts"][0]["metric"] == "nan"


def test_the_command_draws_into_a_file(log: str, told: Any, tmp_path: Path) -> None:
    args = (str(RULE), "Plateau()", log, "--metric", "val_loss", "--every", "50", "--lr", str(LR))
    assert told("plateau", *args, "-o", "rates") == "rates.png\n"
    assert (tmp_path / "rates.png").read_bytes().startswith(b"\x89PNG")


LOSS = ("--metric", "val_loss")
COMMAND_MISTAKES = [
    (
        ["Plateau(patiens=2)", "log.csv"],
        "lrcore: Plateau has no argument 'patiens'; did you mean 'patience'? (at column 9)",
    ),
    (
        ["Plateau()", "Cosine(1, steps=2)", "log.csv"],
        "lrcore: rule 2: a rule is written as Plateau(...), got Cosine(1, steps=2).",
    ),
    (["Plateau()", "log.csv"], "lrcore: log.csv has several metrics: name one of val_loss, accuracy."),
    (
        ["Plateau()", "log.csv", "--metric", "val_los"],
        "lrcore: log.csv has no metric 'val_los'; did you mean 'val_loss'? It has val_loss, accuracy.",
    ),
    (["Plateau()", "no.csv", *LOSS], "lrcore: no.csv: No such file or directory"),
    (["Plateau()", "log.csv", "--json", "-o", "a.png"], "lrcore: --output and --json are two outputs: choose one."),
    (
        ["Plateau()", "log.csv", "--label", "a", "--label", "b"],
        "lrcore: --label must be given once for each rule, 1 in all; got ['a', 'b'].",
    ),
    (["Plateau()"], "lrcore: plateau takes rules and, after them, the file of a log, got only 'Plateau()'."),
    (["log.csv", *LOSS], "lrcore: plateau takes rules and, after them, the file of a log, got only 'log.csv'."),
    ([], "lrcore plateau: Missing argument 'RULE... FILE'."),
]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(("args", "message"), COMMAND_MISTAKES, ids=[message for _, message in COMMAND_MISTAKES])
def test_a_mistake_in_a_command_is_one_line(args: list[str], message: str, told: Any) -> None:
    assert told("plateau", *args, code=2) == f"{message}\n"
