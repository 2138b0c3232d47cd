"""`lrcore read`: what it finds in files, how it says so, and its exit codes."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from lrcore import Cosine, Linear, StepDecay, parse

TRAIN = """
from torch.optim import AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR, StepLR

EPOCHS, WARMUP = 90, 5


def main(args):
    optimizer = AdamW(model.parameters(), lr=3e-4)
    warmup = LinearLR(optimizer, start_factor=0.1, total_iters=WARMUP)
    decay = CosineAnnealingLR(optimizer, T_max=EPOCHS - WARMUP)
    scheduler = SequentialLR(optimizer, [warmup, decay], milestones=[WARMUP])
"""
OURS = Cosine(3e-4, steps=90).warmup(5, start=0.1 * 3e-4)


@pytest.fixture
def train(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    file.write_text(TRAIN)
    return file


def test_a_file_is_told_as_its_expression_how_exact_it_is_and_drawn(told: Any, train: Path) -> None:
    lines = told("read", str(train)).splitlines()
    assert lines[0] == f"{train}, line 12: SequentialLR(optimizer, [warmup, decay], milestones=[WARMUP])"
    assert parse(lines[1]) == OURS
    assert lines[2] == "Equal to PyTorch's SequentialLR up to step 90, within 1e-12 of the highest value: its rounding."
    assert any("⠀" in line for line in lines)


def test_several_are_compared_with_the_first(told: Any, train: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("learning_rate: 3e-4\nlr_scheduler_type: cosine\nmax_steps: 90\nwarmup_steps: 5\n")
    text = told("read", str(train), str(config))
    assert re.search(
        rf"^{re.escape(str(config))} differs from {re.escape(str(train))}, line 12 in start .+ and 0\.0: the curves part at "
        r"step 0, and are furthest apart at step 0, 3e-05 and 0\.$",
        text,
        re.MULTILINE,
    )
    assert f"{train}, line 12 is the same as {train}, line 12 at every step to 90." in told("read", str(train), str(train))


def test_one_that_cannot_be_read_is_told_and_makes_the_exit_code_1(told: Any, train: Path) -> None:
    train.write_text(TRAIN + "    StepLR(optimizer, args.step)\n")
    text = told("read", str(train), code=1)
    assert (
        "Not read: StepLR.step_size is computed, args.step: write its number there, or say it as --set args.step=...."
        in text
    )
    assert "Cosine(0.0003, steps=90)" in text
    assert "StepDecay(0.0003, every=30)" in told("read", str(train), "--set", "args.step=30")


def test_json_has_it_all(told: Any, train: Path) -> None:
    train.write_text(TRAIN + "    StepLR(optimizer, args.step)\n")
    cosine, refused = json.loads(told("read", str(train), "--json", code=1))
    assert parse(cosine["schedules"]["rate"]) == OURS
    assert (cosine["until"], cosine["error"], cosine["source"]) == (90, 1e-12, "PyTorch's SequentialLR")
    assert refused["refusal"].startswith("StepLR.step_size is computed")
    assert refused["text"] == "StepLR(optimizer, args.step)"


def test_what_is_missing_is_asked_for_in_the_commands_own_options(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    for text, sentence in {
        '{"learning_rate": 0.1, "lr_scheduler_type": "linear"}': (
            "Not read: the length of the run is not given: say max_steps, or --updates or --steps-per-epoch, the updates of an "
            "epoch, which are ceil(batches / gradient_accumulation_steps)."
        ),
        '{"sched": "cosine", "epochs": 90}': (
            "Not read: timm's lr is not given, and it computes one from lr_base and the batch: say it as --lr."
        ),
    }.items():
        file.write_text(text)
        assert told("read", str(file), code=1).splitlines()[1] == sentence
    file = tmp_path / "a.py"
    file.write_text("StepLR(optimizer, 30)")
    assert "this is a factor of it, and --lr makes it a rate." in told("read", str(file))
    assert "--lr" in json.loads(told("read", str(file), "--json"))[0]["remarks"][0]


def test_a_dash_reads_standard_input(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"type": "WarmupLR", "params": {"warmup_type": "linear"}}'))
    text = told("read", "-", "--lr", "0.1")
    assert text.startswith(
        "standard input: DeepSpeed's scheduler\nSequence([Constant(0.0), Linear(0.0, end=0.1, steps=1000)]"
    )


def test_what_the_file_does_not_say_can_be_said(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("StepLR(optimizer, 30)")
    assert repr(StepDecay(0.1, every=30)) in told("read", str(file), "--lr", "0.1")
    config = tmp_path / "a.json"
    config.write_text('{"learning_rate": 0.1, "lr_scheduler_type": "linear", "num_train_epochs": 3}')
    assert repr(Linear(0.1, end=0.0, steps=30)) in told("read", str(config), "--steps-per-epoch", "10")
    assert repr(Linear(0.1, end=0.0, steps=50)) in told("read", str(config), "--updates", "50")


MISTAKES = [
    (
        "x = 1\n",
        [],
        'lrcore: {file} has no schedule that is known here; write its curve as an expression, such as "Cosine(0.1, steps=1000)".\n',
    ),
    (
        "MyLR(3)\n",
        [],
        'lrcore: {file} has no schedule that is known here; it calls MyLR, which is not known; write its curve as an expression, such as "Cosine(0.1, steps=1000)".\n',
    ),
    ("def f(:\n", [], "lrcore: {file}: this is not Python: invalid syntax (line 1).\n"),
    (
        "StepLR(o, n)\n",
        ["--set", "n"],
        "lrcore: --set takes an expression and its value, as in \"len(loader)=5004\", got 'n'.\n",
    ),
]


@pytest.mark.parametrize(("text", "options", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_a_mistake_is_told_in_one_line(told: Any, train: Path, text: str, options: list[str], message: str) -> None:
    train.write_text(text)
    assert told("read", str(train), *options, code=2) == message.format(file=train)


def test_a_file_that_is_not_there_is_a_mistake(told: Any, tmp_path: Path) -> None:
    assert told("read", str(tmp_path / "none.py"), code=2) == f"lrcore: {tmp_path / 'none.py'}: No such file or directory\n"


def test_nothing_on_standard_input_is_a_mistake(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x = 1\n"))
    assert (
        told("read", "-", code=2)
        == 'lrcore: standard input has no schedule that is known here; write its curve as an expression, such as "Cosine(0.1, steps=1000)".\n'
    )
