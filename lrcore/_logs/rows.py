"""A log as rows, each a dict of what was written together, whatever wrote it."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lrcore._logs.events import MARK, event_files, event_rows

Row = Mapping[str, Any]

_SEPARATORS = (",", ";", "\t")


def rows_of(log: Any) -> list[Row]:
    """The rows of a file, by its content, or of an object, by what it has.

    Raises:
        OSError: the file cannot be read.
        TypeError: it is neither a path nor an object that holds a log.
        ValueError: a file is of no known form.
    """
    if isinstance(log, (str, os.PathLike)):
        return _rows_of_file(Path(log))
    history = getattr(log, "history", None)
    if isinstance(history, Mapping):  # Keras's History, whose epochs are counted from 0
        return _rows_of_columns({"epoch": getattr(log, "epoch", ()), **history})
    log = getattr(log, "state", log)  # a Trainer has its TrainerState
    log = getattr(log, "log_history", log)
    if isinstance(log, Mapping):
        return _rows_of_data(log)
    if isinstance(log, Iterable):
        rows = list(log)
        if all(isinstance(row, Mapping) for row in rows):
            return rows
    raise TypeError(
        f"a log must be a path, a Keras History, a Trainer, a dict of columns or a list of dicts, got {type(log).__name__}."
    )


def _rows_of_file(path: Path) -> list[Row]:
    if path.is_dir():
        files = event_files(path)
        if not files:
            raise ValueError(f"{path} has no event files of TensorBoard; give a file for CSV or JSON.")
        return list(event_rows(files, path))
    if MARK in path.name:
        return list(event_rows([path], path.parent))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is neither text nor an event file of TensorBoard.") from error
    try:
        return _rows_of_json(text) if text.lstrip()[:1] in ("{", "[") else list(_rows_of_csv(text))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _rows_of_json(text: str) -> list[Row]:
    """One document, or one on each line, whatever the file is called."""
    try:
        return _rows_of_data(json.loads(text))
    except json.JSONDecodeError:
        pass
    rows: list[Row] = []
    for i, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"line {i} is not JSON: {error.msg}.") from None
        if not isinstance(row, dict):
            raise ValueError(f"line {i} must be an object, got {row!r}.")
        rows.append(row)
    return rows


def _rows_of_data(data: Any) -> list[Row]:
    """What a JSON document or a dict holds: a Trainer's state, rows, or columns."""
    if isinstance(data, Mapping):
        log = data.get("log_history")
        if isinstance(log, list):
            return _rows_of_data(log)
        columns = {name: column for name, column in data.items() if _is_column(column)}
        return _rows_of_columns(columns) if columns else [data]
    for i, row in enumerate(data, 1):
        if not isinstance(row, Mapping):
            raise ValueError(f"item {i} must be an object, got {row!r}.")
    return list(data)


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, Mapping))


def _rows_of_columns(columns: Mapping[str, Any]) -> list[Row]:
    """Rows of columns that are equally long. A shorter one, as of every second epoch, has no epochs that are known."""
    rows: list[Row] = []
    for length in dict.fromkeys(map(len, columns.values())):
        together = {name: column for name, column in columns.items() if len(column) == length}
        rows += [dict(zip(together, items, strict=True)) for items in zip(*together.values(), strict=True)]
    return rows


def _rows_of_csv(text: str) -> Iterator[Row]:
    lines = text.splitlines()
    header = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=header.count)
    for row in csv.DictReader(lines, delimiter=separator):
        yield {str(name).strip(): value for name, value in row.items() if name is not None}
