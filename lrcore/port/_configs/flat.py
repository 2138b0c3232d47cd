"""Configurations that are flat lists of options: nanoGPT's, Megatron-LM's, open_clip's and timm's.

Each is known by words that only it has: another system's `lr` and `warmup` may be another curve.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrcore import Constant, Cosine, Linear
from lrcore.port._call import Optimizer, call
from lrcore.port._configs.format import Data, Format, first, number
from lrcore.port._live.clock import in_updates
from lrcore.port._part import Asked, Part, whole
from lrcore.port._reading import Reading, Refusal


def _options(data: Data) -> dict[str, Any]:
    """Options under the names that Python has for them: `--lr-decay-style` is `lr_decay_style`."""
    return {str(key).lstrip("-").replace("-", "_"): value for key, value in data.items()}


# nanoGPT

_NANOGPT = {"learning_rate": 6e-4, "min_lr": 6e-5, "warmup_iters": 2000, "lr_decay_iters": 600_000}


def _read_nanogpt(data: Data, asked: Asked) -> Part:
    missing = [name for name in _NANOGPT if data.get(name) is None]
    lr, least, W, D = (number(data, name, default) for name, default in _NANOGPT.items())
    told = (f"Not given, and as in nanoGPT's train.py: {', '.join(f'{name}={_NANOGPT[name]:g}' for name in missing)}.",)
    if data.get("decay_lr") is False:
        return Part(Constant(lr))
    warmed = Cosine(lr, steps=D, end=least).warmup(W, start=lr / (W + 1))
    return Part(warmed, remarks=told if missing else ())


def _fits_nanogpt(data: Data) -> bool:
    return "lr_decay_iters" in data and not {"lr", "lr_decay_style"} & data.keys()


NANOGPT = Format("nanoGPT's train.py", _fits_nanogpt, _read_nanogpt)

# Megatron-LM


def _read_megatron(data: Data, asked: Asked) -> Reading:
    options = _options(data)
    remarks: tuple[str, ...] = ()
    batch = first(options, "global_batch_size")
    style = first(options, "lr_decay_style") or "linear"
    if first(options, "lr_decay_samples", "lr_warmup_samples", "train_samples") is None:
        D = number(options, "lr_decay_iters", first(options, "train_iters") or asked.updates)
        W: Any = number(options, "lr_warmup_iters", 0)
        C: Any = first(options, "lr_wsd_decay_iters")
    else:
        samples = {
            name: number(options, key, 0)
            for name, key in (("D", "lr_decay_samples"), ("W", "lr_warmup_samples"), ("C", "lr_wsd_decay_samples"))
        }
        samples["D"] = samples["D"] or number(options, "train_samples")
        size = 1 if batch is None else number(options, "global_batch_size")
        if any(count % size for count in samples.values()):
            raise Refusal(
                "the samples of Megatron-LM's options are not whole updates of its global_batch_size: leave "
                "that out to count samples."
            )
        D, W, C = (samples[name] // size for name in "DWC")
        remarks = () if batch is not None else ("It counts samples: global_batch_size makes updates of them.",)
    fraction = first(options, "lr_warmup_fraction")
    if fraction is not None:
        W = number(options, "lr_warmup_fraction") * D
        if abs(W - round(W)) < 1e-9 * max(W, 1):
            W = round(W)
    rate = asked.lr if options.get("lr") is None else number(options, "lr")
    arguments = {
        "init_lr": number(options, "lr_warmup_init", 0.0),
        "max_lr": number({"lr": rate}, "lr"),
        "min_lr": number(options, "min_lr", 0.0),
        "lr_warmup_steps": W,
        "lr_decay_steps": D,
        "lr_decay_style": style,
        "wsd_decay_steps": C,
        "lr_wsd_decay_style": first(options, "lr_wsd_decay_style") or "exponential",
    }
    if first(options, "start_weight_decay") is not None:
        arguments |= {
            "start_wd": number(options, "start_weight_decay"),
            "end_wd": number(options, "end_weight_decay"),
            "wd_incr_steps": D,
            "wd_incr_style": first(options, "weight_decay_incr_style") or "constant",
        }
    made = call("OptimizerParamScheduler", [], {"optimizer": Optimizer(), **arguments}, asked._replace(lr=rate)).reading()
    return replace(made, source="Megatron-LM's options", remarks=(*made.remarks, *remarks))


def _fits_megatron(data: Data) -> bool:
    keys = _options(data).keys()
    return "lr_decay_style" in keys or ("lr" in keys and bool({"lr_decay_iters", "lr_decay_samples"} & keys))


MEGATRON_OPTIONS = Format("Megatron-LM's options", _fits_megatron, _read_megatron)

# open_clip


def _read_open_clip(data: Data, asked: Asked) -> Part:
    options = _options(data)
    lr, W = number(options, "lr"), whole("warmup", number(options, "warmup", 0))
    T = options.get("total_steps") or asked.updates
    if T is None and asked.steps_per_epoch is not None:
        T = asked.steps_per_epoch * whole("epochs", number(options, "epochs"))
    name = options.get("lr_scheduler", "cosine")
    if name == "const":
        rest: Any = Constant(lr)
    elif T is None:
        raise Refusal("open_clip's options do not say how long the run is: say updates= or steps_per_epoch=.")
    elif name == "cosine":
        rest = Cosine(lr, steps=T - W)
    else:
        raise Refusal(f"open_clip's lr_scheduler {name!r} is not read: write Constant(lr).cooldown(at=, steps=, end=).")
    if W < 2:
        return Part(rest.shift(0) if not W else Constant(lr).then(rest, at=1), until=T)
    return Part(Linear(lr / W, end=lr, steps=W - 1).then(rest, at=W), until=None if name == "const" else T)


def _fits_open_clip(data: Data) -> bool:
    options = _options(data)
    return {"lr", "warmup"} <= options.keys() and options.get("lr_scheduler") in ("cosine", "const", "const-cooldown")


OPEN_CLIP = Format("open_clip's options", _fits_open_clip, _read_open_clip)

# timm

_TIMM = {
    "cosine": "CosineLRScheduler",
    "tanh": "TanhLRScheduler",
    "step": "StepLRScheduler",
    "multistep": "MultiStepLRScheduler",
    "poly": "PolyLRScheduler",
    "plateau": "PlateauLRScheduler",
}


_TRAIN = {"warmup_epochs": 5, "cycle_decay": 0.5}
"""What timm's train.py has where its `create_scheduler_v2` has something else."""


def _read_timm(data: Data, asked: Asked) -> Reading:
    options = {key.removeprefix("lr_"): value for key, value in _options(data).items()}  # train.py's `lr_cycle_mul`
    name = options["sched"]
    if not isinstance(name, str) or name not in _TIMM:
        raise Refusal(f"timm's sched {name!r} is not read: it may be {', '.join(_TIMM)}.")
    if first(options, "noise") is not None:
        raise Refusal("timm's noise is no function of the step alone: leave it out.")
    rate = asked.lr if options.get("lr") is None else number(options, "lr")
    if rate is None:
        raise Refusal("timm's lr is not given, and it computes one from lr_base and the batch: say it as lr=.")
    given = {**({} if "num_epochs" in options else _TRAIN), **options}
    on_updates = given.get("sched_on_updates") is True or given.get("step_on_epochs") is False
    n = 1
    if on_updates:
        n = number(given, "updates_per_epoch", asked.steps_per_epoch or 0)
        if n < 1:
            raise Refusal("timm counts updates here, and an epoch's are not given: say steps_per_epoch=.")
    clock = {"t_initial": n * number(given, "num_epochs", first(given, "epochs") or 300)}
    shared: dict[str, Any] = {
        "warmup_t": n * number(given, "warmup_epochs", 0),
        "warmup_lr_init": number(given, "warmup_lr", 1e-5),
        "warmup_prefix": bool(given.get("warmup_prefix", False)),
    }
    least, decay = {"lr_min": number(given, "min_lr", 0.0)}, number(given, "decay_rate", 0.1)
    cycles = {"cycle_limit": number(given, "cycle_limit", 1), "cycle_mul": number(given, "cycle_mul", 1.0)}
    cycles |= {"cycle_decay": number(given, "cycle_decay", 0.1)}
    waves = {**clock, **least, **cycles}
    own: dict[str, Any] = {
        "cosine": {**waves, "k_decay": number(given, "k_decay", 1.0)},
        "tanh": waves,
        "poly": {**waves, "k_decay": number(given, "k_decay", 1.0), "power": decay},
        "step": {"decay_t": n * number(given, "decay_epochs", 90), "decay_rate": decay},
        "multistep": {
            "decay_t": [n * milestone for milestone in given.get("decay_milestones") or (90, 180, 270)],
            "decay_rate": decay,
        },
        "plateau": {
            **least,
            "decay_rate": decay,
            "patience_t": number(given, "patience_epochs", 10),
            "mode": given.get("plateau_mode", "max"),
        },
    }[name]
    if name == "plateau":
        del shared["warmup_prefix"]
    made = call(_TIMM[name], [], {**own, **shared, "optimizer": Optimizer((float(rate),))}, asked).reading()
    return made if on_updates else in_updates(made, asked.steps_per_epoch)


def _fits_timm(data: Data) -> bool:
    keys = _options(data).keys()
    words = {"epochs", "num_epochs", "warmup_epochs", "decay_epochs", "decay_milestones", "lr_noise"}
    return "sched" in keys and bool(words & keys)


TIMM_ARGUMENTS = Format("timm's arguments", _fits_timm, _read_timm)
