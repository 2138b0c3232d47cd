"""A schedule from another library's words, and into them, into data or into a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lrcore import Schedule
from lrcore._view.curve import along, horizon

_ROWS = 1_000_000
"""The updates of a table: more are no table that anything opens."""

_LINES = {
    "lrcore-torch": "from lrcore import {names}\nfrom lrcore_torch import ScheduleLR\n\n"
    "scheduler = ScheduleLR(optimizer, {text})\n",
    "lrcore-keras": "import keras\nfrom lrcore import {names}\nfrom lrcore_keras import KerasSchedule\n\n"
    "optimizer = keras.optimizers.AdamW(KerasSchedule({text}))\n",
    "lrcore-optax": "import optax\nfrom lrcore import {names}\n\noptimizer = optax.adamw({text})\n",
}
"""The line for each of our adapters."""


def read(text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The schedules in a text of another library, and how exact they are; or why there are none."""
    from lrcore.port import find
    from lrcore.port import read as in_words_from

    found = find(text, **options)
    readings = [one for one in found if one.reading is not None]
    refused = [f"{one.where}: {one.refusal}" if one.where else one.refusal for one in found if one.reading is None]
    if not readings:
        in_words_from(text, **options)  # which says why
    schedules: dict[str, str] = {}
    says: list[str] = []
    for one in readings:
        assert one.reading is not None
        place = f"{one.where}: " if len(readings) > 1 else ""
        for name, schedule in one.reading.schedules.items():
            if "Custom(" in repr(schedule):
                refused.append(f"{place}{name} is a function of the step that no text holds: lrcore.port.read gives it.")
            else:
                schedules[f"{place}{name}"] = repr(schedule)
        says += str(one.reading).splitlines()[len(one.reading.schedules) :]
    if not schedules:
        raise ValueError(" ".join(refused))
    return {"schedules": schedules, "says": [*says, *refused]}


def write(schedule: Schedule, to: str, total: int | None) -> dict[str, Any]:
    """The code, the data or the table of a schedule, and the ending of a file of it."""
    from lrcore.port import write as in_words_of

    if to in _LINES:
        code = in_words_of(schedule, to="lrcore")
        names = code.partition("\n")[0].removeprefix("from lrcore import ")
        return {"code": _LINES[to].format(names=names, text=repr(schedule)), "ending": "py"}
    if to == "json":
        return {"code": json.dumps(schedule.to_dict(), indent=2) + "\n", "ending": "json"}
    if to == "yaml":
        return {"code": f"lr: {json.dumps(repr(schedule))}\n", "ending": "yaml"}
    if to == "csv":
        rows = horizon([schedule]) if total is None else total
        if rows > _ROWS:
            raise ValueError(f"A table of {rows:,} updates is too long; ask for at most {_ROWS:,}.")
        lines = (f"{step},{rate!r}\n" for step, rate in enumerate(along(schedule, range(rows))))
        return {"code": "step,rate\n" + "".join(lines), "ending": "csv"}
    return {"code": in_words_of(schedule, to=to), "ending": "py"}
