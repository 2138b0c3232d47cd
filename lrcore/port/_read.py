"""`read` and `find`: another library's schedule, by what it is."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lrcore import Schedule, parse
from lrcore._arguments import COUNT, FINITE, as_number
from lrcore.port._call import CALLS, Missing
from lrcore.port._config import FORMATS, SAID, expressions_in, formats_in
from lrcore.port._configs.format import Format
from lrcore.port._configs.training_arguments import TRAINING_ARGUMENTS, of_object
from lrcore.port._document import KINDS, document
from lrcore.port._found import Found
from lrcore.port._libraries.pytorch import OWN
from lrcore.port._live import keras_objects, optax_closures, pytorch, timm_objects
from lrcore.port._live.clock import in_updates
from lrcore.port._part import Asked
from lrcore.port._reading import Reading, Refusal
from lrcore.port._source import schedules_in
from lrcore.port._tabulate import tabulated


def read(
    thing: Any,
    *,
    exact: bool = True,
    lr: float | None = None,
    updates: int | None = None,
    steps_per_epoch: int | None = None,
    names: Mapping[str, Any] | None = None,
) -> Reading:
    """What another library's scheduler, schedule or configuration is here.

    Args:
        thing: one of these.

            - A live object: a scheduler of `torch.optim.lr_scheduler` or timm, with Hugging Face's `get_*` functions in
              it, accelerate or Lightning around it; a schedule, an optimizer or a `LearningRateScheduler` of Keras; a
              schedule or an optimizer of Optax; a `TrainingArguments`; a schedule or scheduler of lrcore's own.
            - Data: a dict of Keras's `get_config`, or of a configuration of DeepSpeed, Hugging Face, axolotl, timm,
              Megatron-LM, nanoGPT, torchtitan, open_clip, Lightning CLI or Hydra.
            - Text of such data in JSON, TOML or YAML, or of Python, which is read and never run; or the `Path` of a file.
        exact: with False, a live object that no expression is equal to is read as a table of its values, an `Interpolate`,
            whose reading says how far off it is.
        lr: the optimizer's own rate, where what is read does not say it.
        updates: the updates of the run, where what is read does not say it, or where it goes on behind its end.
        steps_per_epoch: the updates of an epoch, for what counts epochs.
        names: for a Python text, what is behind expressions that it computes: `{"args.epochs": 90, "len(loader)": 5004}`.

    Raises:
        ValueError: what cannot be read, naming the part and what to write instead; no schedule in a text, or several.
        TypeError: `thing` is none of these.

    >>> read("optimizer = AdamW(model.parameters(), lr=3e-4)\\n"
    ...      "scheduler = get_cosine_schedule_with_warmup(optimizer, 500, 10_000)").schedule
    Cosine(0.0003, steps=10000).warmup(500)
    >>> params = {"warmup_max_lr": 1e-3, "warmup_num_steps": 100, "warmup_type": "linear"}
    >>> read({"type": "WarmupLR", "params": params}).schedule
    Sequence([Constant(0.0), Linear(0.0, end=0.001, steps=100)], boundaries=[1])
    """
    asked = _asked(lr, updates, steps_per_epoch)
    if isinstance(thing, (str, os.PathLike)):
        return _only(_found(thing, asked, names or {}), thing)
    if isinstance(thing, Mapping) and not _is_of_lightning(thing):
        return _only(_configured(thing, asked), thing)
    try:
        made = _live(thing, asked)
    except Refusal as refusal:
        if exact:
            raise
        return tabulated(thing, asked, refusal)
    if exact or asked.updates is None or OWN not in made.remarks:
        return made
    return tabulated(thing, asked, Refusal("it calls a function of your own."))


def find(
    thing: Any,
    *,
    lr: float | None = None,
    updates: int | None = None,
    steps_per_epoch: int | None = None,
    names: Mapping[str, Any] | None = None,
) -> list[Found]:
    """Every schedule in a text, a file or a configuration: what `read` takes one of.

    Each has `where` it stands, its `text`, and either its `reading` or the `refusal` that `read` would raise.

    Raises:
        ValueError: the text is of no known format.
        OSError: the file cannot be read.
        TypeError: it is none of these.

    >>> for found in find("scheduler = StepLR(SGD(parameters, lr=0.1), step_size=30)"):
    ...     print(found.where, found.reading.schedule)
    line 1 StepDecay(0.1, every=30)
    """
    asked = _asked(lr, updates, steps_per_epoch)
    if isinstance(thing, Mapping):
        return _configured(thing, asked)
    if not isinstance(thing, str | os.PathLike):
        kind = type(thing).__name__
        raise TypeError(f"lrcore.port.find takes a text, a path or a dict, got a {kind}: lrcore.port.read takes more.")
    return _found(thing, asked, names or {})


def _asked(lr: float | None, updates: int | None, steps_per_epoch: int | None) -> Asked:
    return Asked(
        None if lr is None else as_number("read", "lr", lr, FINITE),
        None if updates is None else as_number("read", "updates", updates, COUNT),
        None if steps_per_epoch is None else as_number("read", "steps_per_epoch", steps_per_epoch, COUNT),
    )


# Texts and data


def _found(thing: str | os.PathLike[str], asked: Asked, names: Mapping[str, Any]) -> list[Found]:
    if isinstance(thing, str):
        text, ending = thing, ""
        if "\n" not in text and text.endswith(KINDS) and "(" not in text:
            raise Refusal(f"a file is read by its path: read(Path({text!r})).")
    else:
        path = Path(thing)
        text, ending = path.read_text(encoding="utf-8"), path.suffix.lower()
    try:
        return _in_text(text, ending, asked, names)
    except RecursionError:
        raise Refusal("the text is nested too deeply to be read.") from None


def _in_text(text: str, ending: str, asked: Asked, names: Mapping[str, Any]) -> list[Found]:
    made = document(text, ending)
    if made.data is not None:
        return _configured(made.data, asked)
    if "\n" not in text.strip():
        try:
            return [Found("", text.strip(), Reading((parse(text),), source="lrcore's text"))]
        except ValueError:
            pass  # perhaps another library's
    found, literals = schedules_in(text, asked, names, _configuration, lambda data: _configured(data, asked, SAID))
    return found or _configured(literals, asked)


def _configuration(name: str, given: Mapping[str, Any]) -> Callable[[Asked], Reading] | None:
    """What a call of a class of training arguments is."""
    if "lr_scheduler_type" not in given and not (name.endswith("TrainingArguments") and "learning_rate" in given):
        return None
    words = (
        "learning_rate",
        "lr_scheduler_type",
        "lr_scheduler_kwargs",
        "warmup_ratio",
        "warmup_steps",
        "max_steps",
        "num_train_epochs",
    )
    known = {word: given[word] for word in words if word in given}

    def reading(asked: Asked) -> Reading:
        for word, value in known.items():
            if isinstance(value, Missing):
                raise value.refusal(f"{name}.{word}")
        return TRAINING_ARGUMENTS.reading(known, asked)

    return reading


def _configured(data: Any, asked: Asked, formats: Sequence[Format] = FORMATS) -> list[Found]:
    found = []
    for path, form, block in formats_in(data, formats):
        one = Found(path, form.name)
        try:
            one.reading = form.reading(block, asked)
        except Refusal as refusal:
            one.refusal = str(refusal)
        found.append(one)
    if found or formats is not FORMATS:
        return found
    return [Found(path, "lrcore's text", reading) for path, reading in expressions_in(data)]


INSTEAD = 'write its curve as an expression, such as "Cosine(0.1, steps=1000)"'
"""What is said where nothing was found."""


def _only(found: list[Found], thing: Any) -> Reading:
    """The one schedule that was found."""
    what = os.fspath(thing) if isinstance(thing, os.PathLike) else "the text" if isinstance(thing, str) else "the dict"
    if not found:
        raise Refusal(f"{what} has no schedule that is known here{_likely(thing)}; {INSTEAD}.")
    if len(found) > 1:
        places = ", ".join(one.where or one.text for one in found)
        raise Refusal(f"{what} has {len(found)} schedules, at {places}: lrcore.port.find gives them all.")
    (one,) = found
    if one.reading is None:
        place = f"{what}, {one.where}: " if one.where else ""
        raise Refusal(f"{place}{one.refusal}")
    return one.reading


def _likely(thing: Any) -> str:
    """What a Python text calls that sounds like a schedule of its own, or the keys of a dict."""
    if isinstance(thing, Mapping):
        return f": its keys are {', '.join(map(str, list(thing)[:8]))}" if thing else ""
    text = thing if isinstance(thing, str) else Path(thing).read_text(encoding="utf-8")
    try:
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    names = (ast.unparse(call.func).rpartition(".")[2] for call in calls)
    several = dict.fromkeys(
        name for name in names if re.search(r"(?i)sched|anneal|warmup|LR$|Decay$", name) and name not in CALLS
    )
    if not several:
        return ""
    return f"; it calls {', '.join(list(several)[:4])}, which {'is' if len(several) == 1 else 'are'} not known"


# Live objects


def _live(thing: Any, asked: Asked) -> Reading:
    """By the name of its class's library, and by attributes where that is not enough."""
    kind = type(thing)
    library = kind.__module__.partition(".")[0]
    if isinstance(thing, Reading):
        return thing
    if isinstance(thing, Schedule):
        return Reading((thing,), source="lrcore")
    if library == "lrcore_torch" and hasattr(thing, "schedules"):
        return _of_ours(thing)
    if library == "lrcore_keras" and isinstance(getattr(thing, "schedule", None), Schedule):
        return Reading((thing.schedule,), source="KerasSchedule")
    if kind.__name__ == "AcceleratedScheduler":
        return _accelerated(thing, asked)
    if _is_of_lightning(thing):
        return _of_lightning(thing, asked)
    if library == "timm" and hasattr(thing, "base_values"):
        return timm_objects.read_scheduler(thing, asked)
    if hasattr(thing, "optimizer") and (
        hasattr(thing, "base_lrs") or hasattr(thing, "_schedulers") or hasattr(thing, "min_lrs")
    ):
        return pytorch.read_scheduler(thing, asked)
    if hasattr(thing, "lr_scheduler_type"):
        return of_object(thing, asked)
    if hasattr(thing, "_learning_rate") and hasattr(thing, "iterations"):
        return keras_objects.read_optimizer(thing, asked)
    if hasattr(thing, "get_config") and callable(thing):
        return keras_objects.read_schedule(thing, asked)
    if kind.__name__ == "LearningRateScheduler" and hasattr(thing, "schedule"):
        return keras_objects.read_callback(thing, asked)
    if optax_closures.is_optax(thing):
        return optax_closures.read_function(thing, asked)
    if isinstance(thing, tuple) and hasattr(thing, "init") and hasattr(thing, "update"):
        return optax_closures.read_transformation(thing, asked)
    if callable(thing) and not isinstance(thing, type):
        name = getattr(thing, "__qualname__", kind.__name__).rpartition(".")[2]
        raise Refusal(f"{name} is a function of your own: write lrcore.Custom(function).")
    told = repr(thing) if isinstance(thing, (int, float, type, type(None))) else f"a {kind.__name__}"
    raise TypeError(f"lrcore.port.read takes a scheduler, a schedule, a configuration or a path, got {told}.")


def _of_ours(scheduler: Any) -> Reading:
    """A `ScheduleLR`, whose schedules may be given by group."""
    given = {name: _several(what) for name, what in scheduler.schedules.items()}
    return Reading(
        given.get("lr", ()),
        momenta=given.get("momentum", ()),
        weight_decays=given.get("weight_decay", ()),
        step=int(scheduler.last_epoch),
        source="ScheduleLR",
    )


def _several(what: Any) -> tuple[Schedule, ...]:
    if isinstance(what, Mapping):
        what = list(what.values())
    return (what,) if isinstance(what, Schedule) else tuple(what)


def _accelerated(scheduler: Any, asked: Asked) -> Reading:
    made = _live(scheduler.scheduler, asked)
    if getattr(scheduler, "split_batches", False):
        return made
    remark = "accelerate steps it once for each process, num_processes times an update, unless split_batches is set."
    return replace(made, remarks=(*made.remarks, remark))


def _is_of_lightning(thing: Any) -> bool:
    """A `LRSchedulerConfig`, or the dict that `configure_optimizers` gives for it, alone or beside its optimizer."""
    if isinstance(thing, Mapping):
        inner = thing.get("lr_scheduler", thing.get("scheduler"))
        inner = inner.get("scheduler") if isinstance(inner, Mapping) and "scheduler" in inner else inner
        return inner is not None and not isinstance(inner, (Mapping, str, list))
    return type(thing).__name__ == "LRSchedulerConfig"


def _of_lightning(thing: Any, asked: Asked) -> Reading:
    data: Any = thing if isinstance(thing, Mapping) else vars(thing)
    data = data.get("lr_scheduler", data)
    if not isinstance(data, Mapping):
        data = {"scheduler": data}
    made = _live(data["scheduler"], asked)
    interval, frequency = data.get("interval") or "epoch", int(data.get("frequency") or 1)
    if frequency > 1:
        made = in_updates(made, frequency)
    return in_updates(made, asked.steps_per_epoch) if interval == "epoch" else made
