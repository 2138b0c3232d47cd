"""Configurations that name a class and its arguments: Lightning CLI's, Hydra's, and Keras's `get_config`."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any

from lrcore.port._call import CALLS, Call, Optimizer, call, takes_optimizer
from lrcore.port._configs.format import Data, Format, number
from lrcore.port._libraries.keras_schedules import KERAS
from lrcore.port._live.clock import in_updates
from lrcore.port._part import Asked, Function
from lrcore.port._reading import Reading, Refusal

_SECTIONS = ("lr_scheduler", "scheduler")
"""Where a configuration has its scheduler beside its optimizer."""


def named(data: Any) -> tuple[str, dict[str, Any]] | None:
    """The last part of the class that a dict names, and its arguments; None if it names none."""
    if not isinstance(data, Mapping):
        return None
    if isinstance(data.get("class_path"), str):
        return data["class_path"].rpartition(".")[2], dict(data.get("init_args") or {})
    if isinstance(data.get("_target_"), str):
        given = {
            key: value for key, value in data.items() if key not in ("_target_", "_partial_", "_convert_", "_recursive_")
        }
        return data["_target_"].rpartition(".")[2], given
    if isinstance(data.get("class_name"), str) and isinstance(data.get("config"), Mapping):
        return data["class_name"], dict(data["config"])
    return None


def _fits(data: Data) -> bool:
    if any((found := named(data.get(section))) and found[0] in CALLS for section in _SECTIONS):
        return True
    found = named(data)
    return found is not None and found[0] in CALLS


def _read(data: Data, asked: Asked) -> Reading:
    section = next((section for section in _SECTIONS if named(data.get(section))), None)
    block = data if section is None else data[section]
    optimizer = named(data.get("optimizer")) if section else None
    rate = None if optimizer is None else optimizer[1].get("lr")
    interval, made = block.get("interval") if isinstance(block, Mapping) else None, _made(block, rate, asked).reading()
    return in_updates(made, asked.steps_per_epoch) if interval == "epoch" else made


def _made(block: Any, rate: Any, asked: Asked) -> Call:
    found = named(block)
    assert found is not None
    name, given = found
    if name not in CALLS:
        raise Refusal(f"{name} is no scheduler that is known here.")
    arguments = {key: _argument(key, value, rate, asked) for key, value in given.items()}
    if takes_optimizer(name) or "schedulers" in arguments:
        known = (None,) if rate is None else (float(number({"lr": rate}, "lr")),)
        arguments["optimizer"] = Optimizer(known, known[0])
    return call(name, [], arguments, asked)


def _argument(key: str, value: Any, rate: Any, asked: Asked) -> Any:
    if isinstance(value, list):
        return [_argument(key, item, rate, asked) for item in value]
    if named(value) is not None:
        return _made(value, rate, asked)
    if key == "lr_lambda" and isinstance(value, str):
        return Function(None, value)
    if isinstance(value, str):
        try:
            return float(value)  # YAML takes 3e-4 for text
        except ValueError:
            return value
    return value


CLASSES = Format("a class of a configuration", _fits, _read, 0.0)


def _fits_keras(data: Data) -> bool:
    return _keras(data) is not None


def _keras(data: Data) -> str | None:
    """The class whose `get_config` gave a dict: the one with these keys, and where two have the same, of that name."""
    fitting = [name for name, call in KERAS.calls.items() if signature(call).parameters.keys() - {"asked"} == data.keys()]
    return fitting[0] if len(fitting) == 1 else data["name"] if data.get("name") in fitting else None


def _read_keras(data: Data, asked: Asked) -> Reading:
    return call(str(_keras(data)), [], data, asked).reading()


KERAS_CONFIG = Format("Keras's get_config", _fits_keras, _read_keras)
