"""One metric of a run: its values, and when each was reported."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from lrcore._arguments import is_number, nearest
from lrcore._logs.rows import Row, rows_of

_CLOCKS = ("step", "global_step", "_step", "update", "iteration", "iter", "epoch")
"""The columns that say when, in any case of letters: one of updates before one of epochs."""

_NOT_LOGGED = ("", "NA")
"""What CSV files have where a row has no value. Not "nan": that is a value, and a rule must see it."""

_SHOWN = 12
"""The names that one line of an error has room for."""


class Metric(NamedTuple):
    """The values of one metric, in the order in which they were reported.

    Args:
        name: as the log has it.
        values: one for each report; NaN and infinities are kept.
        steps: the step of each report as the log counts them, or None if it counts nothing.
        clock: the name of the column that `steps` comes from, or "".
    """

    name: str
    values: tuple[float, ...]
    steps: tuple[float, ...] | None = None
    clock: str = ""


def read_metric(log: Any, name: str | None = None) -> Metric:
    """Read one metric from a log.

    Args:
        log: the path of a CSV file, of JSON or JSON lines (a `trainer_state.json` too), of an event file of TensorBoard or
            of a folder of them; or an object: a Keras `History`, a `Trainer` or its state, a dict of columns, a list of
            dicts.
        name: the metric's name there. May be left out where there is only one. Of TensorBoard's runs in folders below the
            one given, `validation/epoch_loss`, or `epoch_loss` where only one run has it.

    Raises:
        ValueError: there is no such metric, or none is named and there are several; one of its values is not a number; or
            the file is of no known form.
        TypeError: `log` is neither a path nor a log.
        OSError: the file cannot be read.
        ImportError: the log is TensorBoard's, and its reader is missing: `pip install tensorboard`.

    >>> read_metric([{"step": 10, "loss": 2.0}, {"step": 20, "eval_loss": 1.5}, {"step": 20, "loss": 1.0}], "loss")
    Metric(name='loss', values=(2.0, 1.0), steps=(10, 20), clock='step')
    >>> read_metric({"val_loss": [2.0, 1.0]}, "valloss")
    Traceback (most recent call last):
        ...
    ValueError: the log has no metric 'valloss'; did you mean 'val_loss'? It has val_loss.
    """
    where = str(log) if isinstance(log, (str, Path)) else "the log"
    rows = rows_of(log)
    found = _named(where, rows, name)
    logged = [(i, row) for i, row in enumerate(rows, 1) if _is_logged(row.get(found))]
    values = tuple(float(_number(where, i, found, row[found])) for i, row in logged)
    clock = _clock(row for _, row in logged)
    steps = tuple(_number(where, i, clock, row[clock]) for i, row in logged) if clock else None
    return Metric(found, values, steps, clock)


def _named(where: str, rows: list[Row], name: str | None) -> str:
    """The column that is meant."""
    columns = dict.fromkeys(column for row in rows for column in row if _is_logged(row[column]))
    metrics = [column for column in columns if column.lower() not in _CLOCKS]
    if not metrics and name not in columns:
        raise ValueError(f"{where} has no metrics: it needs numbers under a name, such as val_loss.")
    if name is None:
        if len(metrics) > 1:
            raise ValueError(f"{where} has several metrics: name one of {_listed(metrics)}.")
        return metrics[0]
    if name in columns:
        return name
    runs = [column for column in metrics if column.endswith(f"/{name}")]
    if len(runs) == 1:
        return runs[0]
    if runs:
        raise ValueError(f"{where} has {name!r} in several runs: name one of {_listed(runs)}.")
    meant = nearest(name, metrics)
    raise ValueError(f"{where} has no metric {name!r}{meant} It has {_listed(metrics)}.")


def _listed(metrics: list[str]) -> str:
    more = len(metrics) - _SHOWN
    return ", ".join(metrics[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _clock(rows: Iterable[Row]) -> str:
    """The column that every row has and that says when, or ""."""
    rows = list(rows)
    for clock in _CLOCKS:
        for column in rows[0] if rows else ():
            if column.lower() == clock and all(_is_logged(row.get(column)) for row in rows):
                return column
    return ""


def _is_logged(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and value.strip() in _NOT_LOGGED)


def _number(where: str, row: int, name: str, value: Any) -> float:
    """A value as the number that it is, or is the text of."""
    number: Any = value.item() if getattr(value, "shape", None) == () else value  # of NumPy
    if isinstance(number, str):
        with suppress(ValueError):
            number = float(number)
    if not is_number(number):
        raise ValueError(f"{where}: {name} must be a number, got {value!r} in row {row}.")
    number = float(number)
    return int(number) if number.is_integer() else number
