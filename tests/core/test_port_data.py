"""Configurations of other systems: each as its expression, and as the values of its source's formula."""

from __future__ import annotations

import argparse
import json
import math
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import lrcore
from lrcore import Constant, Cosine, Exponential, Interpolate, Linear, MultiStep, Schedule, Sequence, StepDecay, parse
from lrcore.port import Reading, find, read
from originals import timm

Formula = Callable[[int], float]

# What the sources compute, for the tests below. DeepSpeed evaluates its warmups at the update before, and sets the lowest
# rate before the first.


def deepspeed(low: float, high: float, W: int, shape: str, after: Formula = lambda i: 1.0) -> Formula:  # noqa: N803
    def value(t: int) -> float:
        i = t - 1
        if i < 0:
            return low
        if i < W:
            return low + (high - low) * (i / W if shape == "linear" else math.log(i + 1) / math.log(W))
        return low + (high - low) * after(i)

    return value


def deepspeed_cosine(t: int) -> float:
    i, W, T, end = t - 1, 10, 90, 0.01
    if i < W:
        return 0.1 * max(i, 0) / W
    return 0.1 * (end + (1 - end) * (1 + math.cos(math.pi * min(1.0, (i - W + 1) / (T - W)))) / 2)


def nanogpt(t: int) -> float:
    if t < 10:
        return 6e-4 * (t + 1) / 11
    if t > 80:
        return 6e-5
    return 6e-5 + 0.5 * (1.0 + math.cos(math.pi * (t - 10) / 70)) * (6e-4 - 6e-5)


def torchtitan(t: int) -> float:
    W, T, C, least = 10, 90, 36, 0.1
    stable = T + 1 - W - C
    if t < W:
        return 8e-4 * (t + 1) / W
    if t < W + stable:
        return 8e-4
    return 8e-4 * (least + (1 - least) * (1 - math.sqrt((t + 1 - (W + stable)) / C)))


def axolotl_quadratic(t: int) -> float:
    return 1e-4 * (t / 10) ** 2 if t < 10 else 0.5e-4 * (1 + math.cos(math.pi * (t - 10) / 80))


def axolotl_held(t: int) -> float:
    W, reached, least = 9, int(90 * 0.7), 0.2
    if t < W:
        return 1e-4 * t / W
    return 1e-4 * ((1 - least) * 0.5 * (1 + math.cos(math.pi * (min(t, reached) - W) / (reached - W))) + least)


def open_clip(t: int) -> float:
    return 1e-3 * (t + 1) / 10 if t < 10 else 0.5e-3 * (1 + math.cos(math.pi * (t - 10) / 80))


def deepspeed_one_cycle(t: int) -> float:
    if t <= 30:
        return 0.01 + 0.09 * t / 30
    return 0.1 - 0.09 * (t - 30) / 20 if t <= 50 else 0.01 / (1 + 0.5 * (t - 50) / 10)


STAIRS = StepDecay(0.1, every=30)
LINEAR = {"warmup_min_lr": 0.001, "warmup_max_lr": 0.1, "warmup_num_steps": 10, "warmup_type": "linear"}
TITAN = {"warmup_steps": 10, "decay_ratio": 0.4, "decay_type": "sqrt", "min_lr_factor": 0.1}

CONFIGURATIONS: dict[str, tuple[Any, str, Formula | None]] = {
    "DeepSpeed WarmupLR": (
        {"optimizer": {"params": {"lr": 1}}, "scheduler": {"type": "WarmupLR", "params": LINEAR}},
        "Sequence([Constant(0.001), Linear(0.001, end=0.1, steps=10)], boundaries=[1])",
        deepspeed(0.001, 0.1, 10, "linear"),
    ),
    "DeepSpeed WarmupLR, log": (
        {"type": "WarmupLR", "params": {"warmup_max_lr": 0.1, "warmup_num_steps": 10}},
        "",
        deepspeed(0.0, 0.1, 10, "log"),
    ),
    "DeepSpeed WarmupDecayLR": (
        {"scheduler": {"type": "WarmupDecayLR", "params": {**LINEAR, "total_num_steps": 90}}},
        "Sequence([Constant(0.001), Linear(0.001, end=0.1, steps=10), Linear(0.1, end=0.001, steps=80)], boundaries=[1, 11])",
        deepspeed(0.001, 0.1, 10, "linear", lambda i: max(0.0, (90 - i) / 80)),
    ),
    "DeepSpeed WarmupCosineLR": (
        {
            "optimizer": {"type": "AdamW", "params": {"lr": 0.1}},
            "scheduler": {
                "type": "WarmupCosineLR",
                "params": {"total_num_steps": 90, "warmup_num_steps": 10, "cos_min_ratio": 0.01, "warmup_type": "linear"},
            },
        },
        "",
        deepspeed_cosine,
    ),
    "DeepSpeed OneCycle": (
        {
            "type": "OneCycle",
            "params": {
                "cycle_min_lr": 0.01,
                "cycle_max_lr": 0.1,
                "cycle_first_step_size": 30,
                "cycle_second_step_size": 20,
                "decay_step_size": 10,
                "decay_lr_rate": 0.5,
            },
        },
        "",
        deepspeed_one_cycle,
    ),
    "nanoGPT": (
        {"learning_rate": 6e-4, "max_iters": 90, "warmup_iters": 10, "lr_decay_iters": 80, "min_lr": 6e-5},
        f"Cosine(6e-4, steps=80, end=6e-5).warmup(10, start={6e-4 / 11!r})",
        nanogpt,
    ),
    "torchtitan": (
        {"optimizer": {"name": "AdamW", "lr": 8e-4}, "lr_scheduler": TITAN, "training": {"steps": 90}},
        "",
        torchtitan,
    ),
    "axolotl, quadratic warmup": (
        {"learning_rate": 1e-4, "lr_scheduler": "cosine", "max_steps": 90, "warmup_steps": 10, "lr_quadratic_warmup": True},
        "OneMinusPower(0.0, steps=10, end=1e-4, power=2).then(Cosine(1e-4, steps=80), at=10)",
        axolotl_quadratic,
    ),
    "axolotl, held": (
        {
            "learning_rate": 1e-4,
            "lr_scheduler": "cosine",
            "max_steps": 90,
            "warmup_ratio": 0.1,
            "cosine_min_lr_ratio": 0.2,
            "cosine_constant_lr_ratio": 0.7,
        },
        f"Cosine(1e-4, steps=62, end={0.2 * 1e-4!r}).warmup(9)",
        axolotl_held,
    ),
    "axolotl": (
        {"base_model": "x", "learning_rate": 1e-4, "lr_scheduler": "linear", "max_steps": 90, "warmup_steps": 9},
        "Linear(1e-4, end=0.0, steps=90).warmup(9)",
        None,
    ),
    "open_clip": (
        {"lr": 1e-3, "warmup": 10, "lr_scheduler": "cosine", "total_steps": 90},
        "Sequence([Linear(1e-4, end=1e-3, steps=9), Cosine(1e-3, steps=80)], boundaries=[10])",
        open_clip,
    ),
    "TrainingArguments": (
        {"learning_rate": 2e-5, "lr_scheduler_type": "cosine", "warmup_ratio": 0.03, "max_steps": 1218},
        "Cosine(2e-5, steps=1218).warmup(37)",
        None,
    ),
    "TrainingArguments, a share in warmup_steps": (
        {
            "learning_rate": 2e-5,
            "lr_scheduler_type": "cosine_with_min_lr",
            "lr_scheduler_kwargs": {"min_lr": 2e-6},
            "warmup_steps": 0.5,
            "max_steps": 9,
        },
        "Cosine(2e-5, steps=9, end=2e-6).warmup(5)",
        None,
    ),
    "Megatron-LM": (
        {
            "--lr": 1.5e-4,
            "--min-lr": 1e-5,
            "--lr-decay-style": "cosine",
            "--lr-decay-iters": 430_000,
            "--lr-warmup-fraction": 0.001,
        },
        "Cosine(1.5e-4, steps=430_000, end=1e-5).warmup(430)",
        None,
    ),
    "Megatron-LM, samples": (
        {
            "lr": 1e-4,
            "lr_decay_style": "WSD",
            "lr_decay_samples": 12_800,
            "lr_warmup_samples": 1_280,
            "lr_wsd_decay_samples": 2_560,
            "lr_wsd_decay_style": "minus_sqrt",
            "global_batch_size": 128,
        },
        'Constant(1e-4).cooldown(at=80, steps=20, shape="1-sqrt").warmup(10)',
        None,
    ),
    "timm": (
        {"sched": "cosine", "epochs": 90, "lr": 0.1, "warmup_epochs": 5, "warmup_lr": 0.001, "min_lr": 0.01},
        "Linear(0.001, end=0.1, steps=5).then(Cosine(0.1, steps=90, end=0.01).shift(5), at=5)",
        timm(0.1)["CosineLRScheduler"](None, 90, lr_min=0.01, warmup_t=5, warmup_lr_init=0.001),
    ),
    "timm, multistep": (
        {"sched": "multistep", "lr": 0.1, "decay_milestones": [30, 60], "decay_rate": 0.5, "warmup_epochs": 0},
        "MultiStep(0.1, milestones=[29, 59], factor=0.5)",
        timm(0.1)["MultiStepLRScheduler"](None, decay_t=[30, 60], decay_rate=0.5),
    ),
    "timm, create_scheduler_v2, in updates": (
        {"sched": "cosine", "num_epochs": 9, "lr": 0.1, "updates_per_epoch": 10, "step_on_epochs": False},
        "Cosine(0.1, steps=90)",
        None,
    ),
    "timm, poly": (
        {"sched": "poly", "lr": 0.1, "epochs": 90, "decay_rate": 0.5, "warmup_epochs": 0},
        "Polynomial(0.1, steps=90, power=0.5)",
        None,
    ),
    "Lightning CLI": (
        {
            "optimizer": {"class_path": "torch.optim.SGD", "init_args": {"lr": 0.1}},
            "lr_scheduler": {
                "class_path": "torch.optim.lr_scheduler.MultiStepLR",
                "init_args": {"milestones": [30, 60], "gamma": 0.5},
            },
            "model": {"class_path": "my.Model"},
        },
        "MultiStep(0.1, milestones=[30, 60], factor=0.5)",
        None,
    ),
    "Hydra": (
        {
            "train": {
                "optimizer": {"_target_": "torch.optim.AdamW", "lr": 3e-4},
                "scheduler": {"_target_": "torch.optim.lr_scheduler.CosineAnnealingLR", "_partial_": True, "T_max": 90},
            }
        },
        "Cosine(3e-4, steps=90)",
        None,
    ),
    "Hydra, nested": (
        {
            "optimizer": {"_target_": "torch.optim.AdamW", "lr": 1.0},
            "scheduler": {
                "_target_": "torch.optim.lr_scheduler.SequentialLR",
                "schedulers": [
                    {"_target_": "torch.optim.lr_scheduler.LinearLR", "start_factor": 0.1, "total_iters": 10},
                    {"_target_": "torch.optim.lr_scheduler.CosineAnnealingLR", "T_max": 80},
                ],
                "milestones": [10],
            },
        },
        "Cosine(1.0, steps=90).warmup(10, start=0.1)",
        None,
    ),
    "Hydra, Optax": (
        {"lr": {"_target_": "optax.cosine_decay_schedule", "init_value": 0.1, "decay_steps": 90}},
        "Cosine(0.1, steps=90)",
        None,
    ),
    "Keras, serialized": (
        {
            "module": "keras.optimizers.schedules",
            "class_name": "ExponentialDecay",
            "config": {"initial_learning_rate": 0.1, "decay_steps": 30, "decay_rate": 0.5, "staircase": True, "name": "x"},
        },
        "StepDecay(0.1, every=30, factor=0.5)",
        None,
    ),
    "Keras, get_config": (
        {
            "initial_learning_rate": 0.0,
            "decay_steps": 80,
            "alpha": 0.1,
            "name": "CosineDecay",
            "warmup_target": 0.1,
            "warmup_steps": 10,
        },
        f"Cosine(0.1, steps=90, end={0.1 * 0.1!r}).warmup(10)",
        None,
    ),
    "lrcore": (Cosine(0.1, steps=90).warmup(9).to_dict(), "Cosine(0.1, steps=90).warmup(9)", None),
    "lrcore, text": ({"train": {"schedule": "Cosine(0.1, steps=90).warmup(9)"}}, "Cosine(0.1, steps=90).warmup(9)", None),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_is_its_expression_and_its_source_s_values(name: str) -> None:
    data, text, formula = CONFIGURATIONS[name]
    made = read(data)
    schedule = made.schedule
    if text:
        assert schedule == parse(text)
    if formula is not None:
        until = 120 if made.until is None else made.until
        peak = max(schedule(t) for t in range(until + 1))
        worst = max(abs(schedule(t) - formula(t)) for t in range(until + 1))
        assert worst <= made.error * peak
        late = Constant(0.0).then(schedule, at=1)
        assert max(abs(late(t) - formula(t)) for t in range(until + 1)) > made.error * peak


def as_toml(data: Any, path: str = "") -> str:
    """TOML of dicts, numbers, texts and lists of such."""
    lines = [f"{json.dumps(key)} = {_toml(value)}" for key, value in data.items() if not isinstance(value, dict)]
    text = "\n".join(([f"[{path}]"] if path else []) + lines) + "\n"
    for key, value in data.items():
        if isinstance(value, dict):
            text += as_toml(value, f"{path}.{json.dumps(key)}" if path else json.dumps(key))
    return text


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize("name", [name for name, (_, text, _) in CONFIGURATIONS.items() if text])
def test_json_yaml_and_toml_say_the_same_as_text_and_as_files(name: str, tmp_path: Path) -> None:
    data = json.loads(json.dumps({key: value for key, value in CONFIGURATIONS[name][0].items() if value is not None}))
    texts = {".json": json.dumps(data), ".yaml": yaml.safe_dump(data), ".toml": as_toml(data)}
    for ending, text in texts.items():
        file = tmp_path / f"config{ending}"
        file.write_text(text)
        assert read(text) == read(file) == read(data)


def test_yaml_that_takes_a_rate_for_text_is_read_as_the_number() -> None:
    made = read("learning_rate: 3e-4\nlr_scheduler_type: linear\nmax_steps: 90\nwarmup_steps: 9\n")
    assert made.schedule == Linear(3e-4, end=0.0, steps=90).warmup(9)


def test_without_pyyaml_one_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ValueError, match=r"^YAML is read by PyYAML, which is not installed: pip install pyyaml\.$"):
        read("a:\n  - b\n")
    assert read('{"family": "Constant", "value": 0.1}').schedule == Constant(0.1)  # JSON needs nothing


def test_a_module_of_options_is_a_configuration() -> None:
    text = "# nanoGPT\nlearning_rate = 6e-4\nwarmup_iters = 10\nlr_decay_iters = 80\nmin_lr = learning_rate / 10\n"
    assert read(text).schedule == parse(f"Cosine(6e-4, steps=80, end={6e-4 / 10!r}).warmup(10, start={6e-4 / 11!r})")


def test_megatrons_weight_decay_is_read_too() -> None:
    made = read(
        {"lr": 0.1, "lr_decay_style": "linear", "lr_decay_iters": 90}
        | {"start_weight_decay": 0.01, "end_weight_decay": 0.1, "weight_decay_incr_style": "cosine"}
    )
    assert made.schedules == {"rate": Linear(0.1, end=0.0, steps=90), "weight_decay": Cosine(0.01, end=0.1, steps=90)}


def test_deepspeeds_momentum_is_the_inverse_of_its_cycle() -> None:
    made = read(CONFIGURATIONS["DeepSpeed OneCycle"][0])
    assert [made.momenta[0](t) for t in (0, 30, 50, 90)] == [0.9, 0.8, 0.9, 0.9]


def test_what_a_program_fills_in_for_deepspeed_is_never_a_default() -> None:
    auto = dict.fromkeys(("warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "total_num_steps"), "auto")
    block: dict[str, Any] = {"type": "WarmupDecayLR", "params": {**auto, "warmup_type": "linear"}}
    asked = {"lr": 2e-5, "updates": 90}
    with pytest.raises(ValueError, match=r"^warmup_num_steps is 'auto', .*: write its number there\.$"):
        read(block, **asked)  # and not of DeepSpeed's own 1,000 updates
    block["params"]["warmup_num_steps"] = 10
    assert read(block, **asked).schedule(11) == 2e-5  # and not DeepSpeed's own 0.001
    with pytest.raises(ValueError, match=r"^warmup_max_lr is 'auto', .*: say the optimizer's rate as lr=\.$"):
        read(block, updates=90)


def test_epochs_become_updates() -> None:
    data = {**CONFIGURATIONS["timm"][0], "warmup_epochs": 0}
    assert read(data, steps_per_epoch=10).schedule == Cosine(0.1, steps=90, end=0.01).per_epoch(10)
    assert read(data).remarks == ("It counts epochs: steps_per_epoch= reads it in updates.",)
    hf = {"learning_rate": 0.1, "lr_scheduler_type": "linear", "num_train_epochs": 3}
    assert read(hf, steps_per_epoch=10).schedule == Linear(0.1, end=0.0, steps=30)


@pytest.mark.parametrize(("interval", "ours"), [("epoch", STAIRS.per_epoch(10)), ("step", STAIRS), (None, STAIRS)])
def test_a_block_that_is_stepped_per_epoch_is_read_in_updates(interval: str | None, ours: Schedule) -> None:
    block = {"class_path": "torch.optim.lr_scheduler.StepLR", "init_args": {"step_size": 30}, "interval": interval}
    optimizer = {"class_path": "torch.optim.SGD", "init_args": {"lr": 0.1}}
    assert read({"optimizer": optimizer, "lr_scheduler": block}, steps_per_epoch=10).schedule == ours


# timm's objects, by their attributes


def scheduler_of_timm(name: str, **attributes: Any) -> Any:
    """What stands in for a scheduler of timm: a class of its module with its attributes."""
    kind = type(name, (), {"__module__": "timm.scheduler.x"})
    made = kind()
    vars(made).update({"base_values": [0.1], "t_in_epochs": False, "noise_range_t": None, "optimizer": None, **attributes})
    return made


OF_TIMM = {
    "CosineLRScheduler": {"t_initial": 90, "lr_min": 0.01, "warmup_t": 5, "warmup_lr_init": 0.001, "warmup_prefix": True},
    "PolyLRScheduler": {"t_initial": 90, "lr_min": 0.01, "power": 0.5},
    "TanhLRScheduler": {"t_initial": 90, "lr_min": 0.01, "lb": -7.0, "ub": 3.0, "warmup_t": 20, "warmup_lr_init": 0.001},
    "StepLRScheduler": {"decay_t": 30, "decay_rate": 0.5, "warmup_t": 5, "warmup_lr_init": 0.001},
    "MultiStepLRScheduler": {"decay_t": [30, 60], "decay_rate": 0.5, "warmup_t": 5},
    "WSDLRScheduler": {"t_initial": 90, "decay_t": 20, "decay_fn": "exp", "decay_ratio": 0.2, "warmup_t": 5},
}


@pytest.mark.parametrize("name", OF_TIMM)
def test_a_scheduler_of_timms_is_its_formula(name: str) -> None:
    arguments = dict(OF_TIMM[name])
    positional = [arguments.pop("t_initial")] if "t_initial" in arguments else []
    formula = timm(0.1)[name](None, *positional, **arguments)
    made = read(scheduler_of_timm(name, **OF_TIMM[name]))
    assert max(abs(made.schedule(t) - formula(t)) for t in range(120)) <= made.error * 0.1
    assert max(abs(made.schedule(t + 1) - formula(t)) for t in range(120)) > made.error * 0.1


def test_a_peak_that_shrinks_above_a_floor_is_a_piece_for_each_cycle() -> None:
    arguments = {"lr_min": 0.01, "cycle_decay": 0.5, "cycle_mul": 2, "cycle_limit": 3}
    formula = timm(0.1)["CosineLRScheduler"](None, 10, **arguments)
    made = read(scheduler_of_timm("CosineLRScheduler", t_initial=10, **arguments))
    assert max(abs(made.schedule(t) - formula(t)) for t in range(120)) <= made.error * 0.1


def test_groups_of_timm_have_rates_of_their_own() -> None:
    made = read(scheduler_of_timm("StepLRScheduler", decay_t=30, decay_rate=0.5, base_values=[0.1, 0.2]))
    assert made.rates == (StepDecay(0.1, every=30, factor=0.5), StepDecay(0.2, every=30, factor=0.5))


@pytest.mark.parametrize(
    "data",
    [
        {"lr": 0.1, "warmup": 10, "total_steps": 90},
        {"learning_rate": 0.1, "warmup_iters": 10, "min_lr": 0.0},
        {"learning_rate": 0.1, "lr_scheduler": "cosine", "max_steps": 90},
        {"learning_rate": 0.1, "warmup_ratio": 0.1, "max_steps": 90},
        {"lr_scheduler": {"name": "cosine", "warmup_steps": 10}, "optimizer": {"lr": 0.1}},
        {"boundaries": [3], "values": [0.1, 0.2]},
        {"sched": "cosine"},
        {"type": "CosineAnnealingLR", "T_max": 90},
    ],
    ids=str,
)
def test_words_that_many_have_are_taken_for_nobody_s(data: dict[str, Any]) -> None:
    assert find(data) == []


WORDS = sorted(
    {word for data, *_ in CONFIGURATIONS.values() for word in (*data, *data.get("scheduler", {}), *data.get("params", {}))}
    | {
        "scheduler",
        "optimizer",
        "params",
        "init_args",
        "class_path",
        "_target_",
        "type",
        "config",
        "class_name",
        "training",
    }
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 200) | st.floats() | st.sampled_from(["", "auto", "cosine", "WSD", "3e-4", "WarmupLR", "OneCycle", "StepLR", "torch.optim.lr_scheduler.SequentialLR", "linear", "multistep", "poly", "CosineDecay", "1.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=9), st.sampled_from(list(CONFIGURATIONS)))
def test_whatever_stands_in_a_configuration_is_read_or_refused(given: dict[str, Any], name: str) -> None:
    for data in (given, CONFIGURATIONS[name][0] | given):
        for found in find(data, updates=90):
            assert (found.reading is None) == bool(found.refusal)


# Refusals

BLOCK = {"type": "WarmupDecayLR", "params": {**LINEAR, "total_num_steps": "auto"}}

REFUSED: list[tuple[Any, str]] = [
    ({"a": 1, "b": {"c": 2}}, 'the dict has no schedule that is known here: its keys are a, b; write its curve as an expression, such as "Cosine(0.1, steps=1000)".'),
    ({"learning_rate": 1e-4, "lr_scheduler_type": "cosine"}, "the length of the run is not given: say max_steps, or updates= or steps_per_epoch=, the updates of an epoch, which are ceil(batches / gradient_accumulation_steps)."),
    (BLOCK, "total_num_steps is 'auto', which the program that trains fills in: say the updates of the run as updates=."),
    ({"type": "WarmupCosineLR", "params": {"total_num_steps": 90}}, "WarmupCosineLR has ratios of the optimizer's rate, which is not given: say it as lr=."),
    ({"sched": "cosine", "epochs": 90}, "timm's lr is not given, and it computes one from lr_base and the batch: say it as lr=."),
    ({"sched": "cosine", "lr": 0.1, "lr_noise": 0.5}, "timm's noise is no function of the step alone: leave it out."),
    ({"base_model": "x", "learning_rate": 1e-4, "lr_scheduler": "rex", "max_steps": 9}, "axolotl's lr_scheduler 'rex' is one of its own that is not known here: write lrcore.Custom(function)."),
    ({"lr": 0.1, "lr_decay_style": "power", "lr_decay_iters": 9}, "lr_decay_style must be constant, linear, cosine, inverse-square-root or WSD, got 'power'."),
    ({"learning_rate": "fast", "lr_decay_iters": 10}, "learning_rate must be a number, got 'fast'."),
    ({"_target_": "torch.optim.lr_scheduler.ReduceLROnPlateau"}, "PyTorch's ReduceLROnPlateau cannot be read: Plateau.like('torch') needs lr=, since its smallest cut of 1e-08 is a rate there and a share of lr here; eps=0 lets every cut be made."),
    ({"x": [{"_target_": "StepLR", "step_size": 3}, {"_target_": "StepLR", "step_size": 4}]}, "the dict has 2 schedules, at x[0], x[1]: lrcore.port.find gives them all."),
    ({"lr_scheduler": {"class_path": "LambdaLR", "init_args": {"lr_lambda": "my.f"}}}, "LambdaLR.lr_lambda is a function of your own, my.f, which is not run: write lr * lrcore.Custom(function)."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_a_refusal_says_what_is_missing_and_what_to_write(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read(data)


@pytest.mark.parametrize(("ending", "text"), [(".json", "{"), (".toml", "a = "), (".yaml", "a: [")])
def test_a_file_that_is_not_what_its_ending_says_is_refused(ending: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / f"config{ending}"
    file.write_text(text)
    with pytest.raises(ValueError, match=rf"^this is not {ending[1:].upper()}: .+\.$"):
        read(file)


def test_what_is_no_schedule_at_all_is_a_type_error() -> None:
    with pytest.raises(
        TypeError, match=r"^lrcore\.port\.read takes a scheduler, a schedule, a configuration or a path, got 3\.$"
    ):
        read(3)
    with pytest.raises(
        TypeError,
        match=r"^lrcore\.port\.find takes a text, a path or a dict, got a Namespace: lrcore\.port\.read takes more\.$",
    ):
        find(argparse.Namespace(lr=0.1))
    with pytest.raises(TypeError, match=r", got a Namespace\.$"):  # in one line, however long it prints
        read(argparse.Namespace(lr=0.1))
    with pytest.raises(ValueError, match=r"^<lambda> is a function of your own: write lrcore\.Custom\(function\)\.$"):
        read(lambda t: t)
    with pytest.raises(TypeError, match=r"^read\.updates must be a positive integer, got 1\.5\.$"):
        read({}, updates=1.5)  # type: ignore[arg-type]


def test_a_function_is_read_as_a_table_where_asked() -> None:
    made = read(lambda t: 0.1 / (1 + t), exact=False, updates=90)
    assert isinstance(made.schedule, Interpolate)
    assert [made.schedule(t) for t in range(90)] == [0.1 / (1 + t) for t in range(90)]
    assert (made.until, made.error, made.exact) == (89, 0.0, False)
    long = read(lambda t: 0.1 / (1 + t), exact=False, updates=50_000)
    assert 0 < long.error < 1e-4
    assert max(abs(long.schedule(t) - 0.1 / (1 + t)) for t in range(0, 50_000, 7)) <= long.error * 0.1
    assert str(long).splitlines()[1].startswith("Through values of ")
    with pytest.raises(ValueError, match=r"With exact=False, say how far the run goes as updates=\.$"):
        read(lambda t: t, exact=False)


# A reading is a value.


def test_a_reading_is_a_value() -> None:
    made = read({"type": "WarmupLR", "params": LINEAR})
    again = read({"type": "WarmupLR", "params": LINEAR})
    assert made == again
    assert hash(made) == hash(again)
    assert pickle.loads(pickle.dumps(made)) == made
    assert repr(Reading((Constant(0.1),), step=3)) == "Reading([Constant(0.1)], step=3)"
    assert lrcore.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert made.diff(Reading(made.rates, step=3, source=made.source, error=made.error)) == {"step": (0, 3)}


def test_a_reading_says_how_exact_it_is() -> None:
    told = str(Reading((Cosine(0.1, steps=9),), step=4, until=9, error=1e-12, remarks=("So.",), source="PyTorch's X"))
    assert told.splitlines() == [
        "Cosine(0.1, steps=9)",
        "Equal to PyTorch's X, which is at step 4, up to step 9, within 1e-12 of the highest value: its rounding.",
        "So.",
    ]
    assert str(Reading((Constant(0.1),))).endswith("\nEqual to the original at every step, bit for bit.")


READINGS = [
    (lambda: Reading(Constant(0.1)), TypeError, "Reading.rates must be a sequence of schedules, got Constant(0.1)."),  # type: ignore[arg-type]
    (lambda: Reading((0.1,)), TypeError, "Reading.rates[0] must be a schedule, got 0.1."),  # type: ignore[arg-type]
    (lambda: Reading(()), ValueError, "Reading.rates must have at least 1 schedule, got ()."),
    (lambda: Reading((Constant(0.1),), step=-1), ValueError, "Reading.step must be an integer, 0 or more, got -1."),
]


@pytest.mark.parametrize(("make", "kind", "message"), READINGS, ids=[message for _, _, message in READINGS])
def test_a_reading_refuses_what_it_cannot_hold(make: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        make()


def test_a_schedule_of_ours_is_read_as_itself() -> None:
    lr: Schedule = Sequence([Constant(0.1), Exponential(0.1, factor=0.9)], boundaries=[9])
    assert read(lr).schedule is lr
    assert read("MultiStep(0.1, milestones=[3])").schedule == MultiStep(0.1, milestones=[3])
    assert find("Cosine(0.1, steps=3)")[0].reading == Reading((Cosine(0.1, steps=3),), source="lrcore's text")


def test_training_arguments_are_read_by_their_attributes() -> None:
    arguments = SimpleNamespace(
        learning_rate=0.1, lr_scheduler_type="linear", warmup_steps=9, max_steps=90, lr_scheduler_kwargs=None
    )
    assert read(arguments).schedule == Linear(0.1, end=0.0, steps=90).warmup(9)
