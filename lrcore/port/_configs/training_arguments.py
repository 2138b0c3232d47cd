"""Hugging Face's `TrainingArguments`, as an object, a call or a file, and axolotl's configuration, which is made of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lrcore import Cosine, OneMinusPower, Schedule
from lrcore.port._call import Optimizer, call
from lrcore.port._configs.format import Data, Format, first, number
from lrcore.port._libraries.huggingface import NAMES
from lrcore.port._part import Asked, Part
from lrcore.port._reading import Reading, Refusal


def _fits(data: Data) -> bool:
    return "lr_scheduler_type" in data


def _read(data: Data, asked: Asked) -> Reading:
    name = getattr(data.get("lr_scheduler_type"), "value", data.get("lr_scheduler_type")) or "linear"
    kwargs = data.get("lr_scheduler_kwargs") or {}
    kwargs = json.loads(kwargs) if isinstance(kwargs, str) else dict(kwargs)
    rate = asked.lr if data.get("learning_rate") is None else number(data, "learning_rate")
    rate = 5e-5 if rate is None else rate
    T = None if name in ("constant", "constant_with_warmup", "inverse_sqrt") else total(data, asked)
    warmup = _warmup(data, T, asked)
    made = call(
        "get_scheduler",
        [name],
        {
            "optimizer": Optimizer((float(rate),), float(rate)),
            "num_warmup_steps": warmup,
            "num_training_steps": T,
            "scheduler_specific_kwargs": kwargs,
        },
        asked,
    ).reading()
    return replace(made, source=f"Hugging Face's {name}")


def total(data: Data, asked: Asked) -> int:
    """The updates of the run."""
    steps = first(data, "max_steps")
    if steps is not None and (steps := number(data, "max_steps")) > 0:
        return int(steps)
    if asked.updates is not None:
        return asked.updates
    epochs = first(data, "num_train_epochs", "num_epochs")
    if asked.steps_per_epoch is not None:
        return math.ceil((3.0 if epochs is None else float(epochs)) * asked.steps_per_epoch)
    raise Refusal(
        "the length of the run is not given: say max_steps, or updates= or steps_per_epoch=, the updates of an "
        "epoch, which "
        "are ceil(batches / gradient_accumulation_steps)."
    )


def _warmup(data: Data, run: int | None, asked: Asked) -> int:
    """In updates; a share of them is rounded up, and steps below 1 are a share in transformers 5."""
    steps = number(data, "warmup_steps", 0)
    share = first(data, "warmup_ratio")
    share = steps if 0 < steps < 1 else number(data, "warmup_ratio") if share is not None and not steps else 0
    return math.ceil((total(data, asked) if run is None else run) * share) if share else int(steps)


TRAINING_ARGUMENTS = Format("Hugging Face's TrainingArguments", _fits, _read, 1e-13)


_AXOLOTL = {"base_model", "cosine_min_lr_ratio", "cosine_constant_lr_ratio", "lr_quadratic_warmup"}
"""Words that only axolotl has: many have a `learning_rate` and a `lr_scheduler`."""


def _fits_axolotl(data: Data) -> bool:
    names = (*NAMES, "one_cycle", "rex", "log_sweep")
    return bool(_AXOLOTL & data.keys()) and "learning_rate" in data and data.get("lr_scheduler") in names


def _read_axolotl(data: Data, asked: Asked) -> Part | Reading:
    name = data["lr_scheduler"]
    if name in ("one_cycle", "rex", "log_sweep"):
        raise Refusal(
            f"axolotl's lr_scheduler {name!r} is one of its own that is not known here: write lrcore.Custom(function)."
        )
    T = None if name in ("constant", "constant_with_warmup", "inverse_sqrt") else total(data, asked)
    steps, share = first(data, "warmup_steps"), first(data, "warmup_ratio")
    remarks: tuple[str, ...] = ()
    if steps is not None:
        W = int(number(data, "warmup_steps"))
    elif share is not None:
        W = int((total(data, asked) if T is None else T) * number(data, "warmup_ratio"))
    else:
        W = min(int(0.03 * (total(data, asked) if T is None else T)), 100)
        remarks = (f"The warmup is not given: axolotl takes 3% of the run and 100 updates at most, here {W}.",)
    floor, constant = first(data, "cosine_min_lr_ratio"), first(data, "cosine_constant_lr_ratio")
    rate = number(data, "learning_rate")
    if (
        name == "cosine"
        and T is not None
        and (floor is not None or constant is not None or data.get("lr_quadratic_warmup"))
    ):
        return Part(_cosine(data, rate, W, T), until=T, remarks=remarks)
    made = _read({**data, "lr_scheduler_type": name, "warmup_steps": W, "warmup_ratio": None}, asked)
    return replace(made, remarks=(*made.remarks, *remarks), source=f"axolotl's {name}")


def _cosine(data: Data, rate: float, warmup: int, run: int) -> Schedule:
    share = number(data, "cosine_constant_lr_ratio", 1.0)
    end = number(data, "cosine_min_lr_ratio", 0.0) * rate
    W, reached = warmup, int(run * share)
    if data.get("lr_quadratic_warmup") and W:
        return OneMinusPower(0.0, steps=W, end=rate, power=2).then(Cosine(rate, steps=reached - W, end=end), at=W)
    return Cosine(rate, steps=reached, end=end).warmup(W)


AXOLOTL = Format("axolotl's configuration", _fits_axolotl, _read_axolotl, 1e-13)


def of_object(arguments: Any, asked: Asked) -> Reading:
    """`TrainingArguments` itself, or what has its attributes."""
    words = (
        "learning_rate",
        "lr_scheduler_type",
        "lr_scheduler_kwargs",
        "warmup_ratio",
        "warmup_steps",
        "max_steps",
        "num_train_epochs",
    )
    data: Mapping[str, Any] = {word: getattr(arguments, word) for word in words if hasattr(arguments, word)}
    return TRAINING_ARGUMENTS.reading(data, asked)
