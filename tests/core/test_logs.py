"""Logs: one metric and its steps, from every kind of file and object; and what is said of mistakes."""

from __future__ import annotations

import builtins
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lrcore._logs.metric import Metric, read_metric

TRAINER = {
    "best_metric": None,
    "log_history": [
        {"epoch": 0.5, "loss": 2.0, "step": 10},
        {"epoch": 1.0, "eval_loss": 1.5, "step": 20},
        {"epoch": 1.5, "loss": 1.0, "step": 30},
        {"epoch": 2.0, "eval_loss": float("nan"), "step": 40},
        {"epoch": 2.0, "train_loss": 1.25, "step": 40},
    ],
}
COLUMNS = {"loss": [3.0, 2.0], "val_loss": [4, 5.5]}

TEXTS = {
    "CSV": ("a.csv", "epoch,loss,val_loss\n0,3,4\n1,2,5.5\n", (4.0, 5.5), (0, 1), "epoch"),
    "semicolons, and a mark of Windows": (
        "a.csv",
        "\ufeffstep;val_loss\r\n5;4e0\r\n9;inf\r\n",
        (4.0, math.inf),
        (5, 9),
        "step",
    ),
    "tabs": ("a.tsv", "loss\tval_loss\n3\t4\n2\t5.5\n", (4.0, 5.5), None, ""),
    "Lightning's CSV, where a row has some": (
        "metrics.csv",
        "epoch,step,loss,val_loss\n0,9,1.0,\n0,9,,4.0\n1,19,,nan\n",
        (4.0, math.nan),
        (9, 19),
        "step",
    ),
    "Keras's CSV, where a column is not there yet": ("a.csv", "epoch,val_loss\n0,NA\n1,4.0\n", (4.0,), (1,), "epoch"),
    "JSON lines": (
        "a.jsonl",
        '{"Step": 1, "val_loss": 4}\n\n{"Step": 2, "val_loss": NaN}\n',
        (4.0, math.nan),
        (1, 2),
        "Step",
    ),
    "JSON lines in a file called .json": (
        "a.json",
        '{"step": 1, "val_loss": 4}\n{"step": 2, "loss": 4}\n',
        (4.0,),
        (1,),
        "step",
    ),
    "one JSON line": ("a.jsonl", '{"step": 1, "val_loss": 4}', (4.0,), (1,), "step"),
    "a list": ("a.json", json.dumps([{"val_loss": "Infinity"}, {"val_loss": None}]), (math.inf,), None, ""),
    "columns": ("history.json", json.dumps(COLUMNS), (4.0, 5.5), None, ""),
}


def same(found: Metric, values: tuple[float, ...], steps: tuple[float, ...] | None, clock: str) -> None:
    np.testing.assert_array_equal(found.values, values)
    assert (found.steps, found.clock) == (steps, clock)
    assert all(type(value) is float for value in found.values)


@pytest.mark.parametrize("kind", TEXTS)
def test_a_file_is_read_by_its_content(kind: str, tmp_path: Path) -> None:
    name, text, *want = TEXTS[kind]
    (tmp_path / name).write_text(text, encoding="utf-8")
    same(read_metric(tmp_path / name, "val_loss"), *want)
    same(read_metric(str(tmp_path / name), "val_loss"), *want)


def test_a_trainers_state_is_read_from_its_file_and_its_object(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(TRAINER))
    state = SimpleNamespace(log_history=TRAINER["log_history"])
    for log in (path, TRAINER, state, SimpleNamespace(state=state), TRAINER["log_history"]):
        same(read_metric(log, "eval_loss"), (1.5, math.nan), (20, 40), "step")


def test_a_history_of_keras_is_read_with_its_epochs() -> None:
    history = SimpleNamespace(history={"loss": [3.0, np.float32(2.0)], "val_loss": [0.5]}, epoch=[0, 1])
    same(read_metric(history, "loss"), (3.0, 2.0), (0, 1), "epoch")
    same(read_metric(history, "val_loss"), (0.5,), None, "")  # of one of the epochs, and nothing says which
    same(read_metric(COLUMNS, "val_loss"), (4.0, 5.5), None, "")
    same(read_metric({"loss": np.float32([4.0, 5.5]), "name": "run"}), (4.0, 5.5), None, "")


def test_a_metric_need_not_be_named_where_there_is_one() -> None:
    assert read_metric({"epoch": [0, 1], "acc": [0.5, 0.75]}).name == "acc"


def test_without_tensorboard_its_files_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "events.out.tfevents.1").touch()
    known = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("tensorboard"):
            raise ModuleNotFoundError(name, name=name)
        return known(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError) as error:
        read_metric(tmp_path, "loss")
    assert str(error.value) == "TensorBoard's event files need its reader: pip install tensorboard"


MANY = {f"loss_{i:02}": [1.0] for i in range(14)}

MISTAKES = [
    ("epoch,val_loss\n0,1\n", "valloss", "FILE has no metric 'valloss'; did you mean 'val_loss'? It has val_loss."),
    ("epoch,a,b\n0,1,\n", "xyzzy", "FILE has no metric 'xyzzy'. It has a."),
    ("epoch,a,b\n0,1,2\n", None, "FILE has several metrics: name one of a, b."),
    ("", "loss", "FILE has no metrics: it needs numbers under a name, such as val_loss."),
    ("epoch\n0\n", None, "FILE has no metrics: it needs numbers under a name, such as val_loss."),
    (json.dumps(MANY), "x", f"FILE has no metric 'x'. It has {', '.join(list(MANY)[:12])} and 2 more."),
    ("epoch,loss\n0,1\n1,high\n", "loss", "FILE: loss must be a number, got 'high' in row 2."),
    ('{"loss": 1}\n{"loss": [2]}\n', "loss", "FILE: loss must be a number, got [2] in row 2."),
    ('[{"loss": true}]', "loss", "FILE: loss must be a number, got True in row 1."),
    ("step,loss\n0,1\nend,2\n", "loss", "FILE: step must be a number, got 'end' in row 2."),
    ('{"loss": 1}\n{"loss": \n', "loss", "FILE: line 2 is not JSON: Expecting value."),
    ('{"loss": 1}\n[2]\n', "loss", "FILE: line 2 must be an object, got [2]."),
    ("[1.0, 2.0]", "loss", "FILE: item 1 must be an object, got 1.0."),
    (b"\xff\xfe\x00\x01", "loss", "FILE is neither text nor an event file of TensorBoard."),
]


@pytest.mark.parametrize(("content", "name", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_a_mistake_in_a_file_is_one_line(content: Any, name: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        read_metric(path, name)
    assert str(error.value) == message.replace("FILE", str(path))


def test_what_is_no_log_is_an_error(tmp_path: Path) -> None:
    rule = "a log must be a path, a Keras History, a Trainer, a dict of columns or a list of dicts, got"
    for log, kind in ((3, "int"), ([1.0, 2.0], "list")):
        with pytest.raises(TypeError) as error:
            read_metric(log, "loss")
        assert str(error.value) == f"{rule} {kind}."
    with pytest.raises(ValueError) as empty:  # noqa: PT011 (the whole message is compared below)
        read_metric(tmp_path, "loss")
    assert str(empty.value) == f"{tmp_path} has no event files of TensorBoard; give a file for CSV or JSON."
    with pytest.raises(FileNotFoundError):
        read_metric(tmp_path / "missing.csv", "loss")
