"""One call of another library: its arguments under their names, and what it is here."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lrcore import Schedule
from lrcore.port._libraries.huggingface import HUGGING_FACE
from lrcore.port._libraries.keras_schedules import KERAS
from lrcore.port._libraries.megatron import MEGATRON
from lrcore.port._libraries.optax_schedules import OPTAX
from lrcore.port._libraries.pytorch import PYTORCH
from lrcore.port._libraries.timm import TIMM
from lrcore.port._part import Asked, Base, Library, Part
from lrcore.port._reading import Reading, Refusal

LIBRARIES = (PYTORCH, HUGGING_FACE, OPTAX, KERAS, TIMM, MEGATRON)

CALLS: Mapping[str, Library] = {name: library for library in LIBRARIES for name in library.calls}
"""The library of each name: no two libraries share one."""


class Optimizer(NamedTuple):
    """An optimizer, by the rates of its groups; None for one that is not known."""

    rates: tuple[float | None, ...] = (None,)
    default: float | None = None

    def bases(self, lr: float | None) -> list[Base]:
        """A `Base` for each group; `lr` is the rate of those that do not say theirs."""
        rates = [lr if rate is None else rate for rate in self.rates]
        return [
            Base(1.0, known=False, group=i) if rate is None else Base(float(rate), group=i, default=self.default or rate)
            for i, rate in enumerate(rates)
        ]


SPREAD = "**"
"""What stands for the arguments of a dict that is not known."""


class Missing(NamedTuple):
    """An argument that is computed, or that cannot be read itself: what stands there, and why."""

    text: str
    why: str = ""
    place: Any = None
    line: int | None = None
    """Where a name may have been set anew."""

    def refusal(self, argument: str) -> Refusal:
        """What is said of an argument that needs it."""
        place = f" (set in line {self.line}, if at all)" if self.line else ""
        instead = f"write its number there, or say it as names={{{self.text!r}: ...}}"
        return Refusal(self.why or f"{argument} is computed, {self.text}{place}: {instead}.")


@dataclass(frozen=True)
class Call:
    """A call whose arguments fit, and which may be an argument of another."""

    library: Library
    name: str
    arguments: Mapping[str, Any]
    asked: Asked
    place: Any = field(default=None, compare=False)
    resumed: bool = False
    """Whether it goes on from a `last_epoch`."""

    def bases(self) -> list[Base]:
        """The groups that it is for: of its own optimizer, or of its first scheduler's."""
        optimizer = self.arguments.get("optimizer")
        if isinstance(optimizer, Optimizer):
            return optimizer.bases(self.asked.lr)
        for inner in self.arguments.get("schedulers") or ():
            if isinstance(inner, Call):
                return inner.bases()
        return Optimizer().bases(self.asked.lr)

    def own(self, base: Base) -> Base:
        """The same group, as the optimizer that this call itself was given says it."""
        bases = self.bases()
        return bases[base.group] if base.group < len(bases) and bases[base.group].known else base

    def part(self, base: Base, asked: Asked | None = None) -> Part:
        """What it is for one group, as an argument of another call with what that one was asked."""
        function = self.library.calls[self.name]
        given: dict[str, Any] = dict(self.arguments)
        accepted = inspect.signature(function).parameters
        if "optimizer" in accepted:
            given["optimizer"] = base
        if "asked" in accepted:
            given["asked"] = self.asked if asked is None else asked
        try:
            made = function(**given)
        except Refusal:
            raise
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            raise Refusal(f"{self.library.name}'s {self.name} cannot be read: {error}") from None
        part = made if isinstance(made, Part) else Part(made)
        return part if part.error is not None else part._replace(error=self.library.rounding)

    def reading(self) -> Reading:
        """What it is for all groups."""
        bases = self.bases()
        made = reading([self.part(base) for base in bases], f"{self.library.name}'s {self.name}", self.asked.step)
        if self.resumed:
            remark = "It resumes a run: this is the schedule of all of it, which PyTorch's may leave when it is resumed."
            made = replace(made, remarks=(*made.remarks, remark))
        relative = "optimizer" in self.arguments or "schedulers" in self.arguments
        if relative and not all(base.known for base in bases) and "max_lr" not in self.arguments:
            remark = "The optimizer's rate is not given: this is a factor of it, and lr= makes it a rate."
            return replace(made, remarks=(*made.remarks, remark))
        return made


def call(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], asked: Asked) -> Call:
    """The call with its arguments under the names that its library has for them.

    Raises:
        Refusal: the arguments do not fit, or one of them is computed.
    """
    spread = kwargs.get(SPREAD)
    if isinstance(spread, Missing):
        raise spread.refusal(f"{name}'s {SPREAD}")
    library = CALLS[name]
    function = library.calls[name]
    signature = inspect.signature(function)
    kept = [p for key, p in signature.parameters.items() if key != "asked"]
    try:
        bound = signature.replace(parameters=kept).bind(*args, **kwargs)
    except TypeError as error:
        raise Refusal(f"{name}: {error}.") from None
    arguments = {key: plain(value) for key, value in bound.arguments.items()}
    resumed = arguments.pop("last_epoch", -1) not in (-1, None)
    for key, value in arguments.items():
        missing = _missing(value)
        if missing is not None and key != "optimizer":
            if key == "lr_lambda" and not missing.why:
                told = f"{name}.lr_lambda is a function of your own, {missing.text}, which is not run"
                raise Refusal(f"{told}: write its curve as lrcore.Custom(function), or give it as names.")
            raise missing.refusal(f"{name}.{key}")
    return Call(library, name, arguments, asked, resumed=resumed)


def _missing(value: Any) -> Missing | None:
    if isinstance(value, Missing):
        return value
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Optimizer)):
        return next((found for item in value if (found := _missing(item)) is not None), None)
    return None


def plain(value: Any) -> Any:
    """A number of any library as Python's, and the value of an enumeration."""
    if isinstance(value, (Optimizer, Missing, Call)) or callable(value):
        return value
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return [plain(item) for item in value]
    item = getattr(value, "item", None)
    if item is not None and getattr(value, "shape", None) == ():
        return item()
    return getattr(value, "value", value) if isinstance(value, str) else value


def reading(parts: Sequence[Part], source: str, step: int = 0) -> Reading:
    """The groups' parts as one reading: one schedule where all groups have the same."""
    momenta = [part.momentum for part in parts if part.momentum is not None]
    decays = [part.weight_decay for part in parts if part.weight_decay is not None]
    return Reading(
        _distinct([part.rate for part in parts]),
        momenta=_distinct(momenta),
        weight_decays=_distinct(decays),
        step=step,
        until=min((part.until for part in parts if part.until is not None), default=None),
        error=max(part.error or 0.0 for part in parts),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
        source=source,
        plateau=parts[0].plateau,
    )


def _distinct(schedules: Sequence[Schedule]) -> tuple[Schedule, ...]:
    return tuple(schedules[:1]) if all(schedule == schedules[0] for schedule in schedules) else tuple(schedules)


def meant(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The call of that name: Keras's callback is called like PyTorch's scheduler, and has no optimizer."""
    if name == "ReduceLROnPlateau" and "optimizer" not in kwargs and (not args or isinstance(args[0], str)):
        return "callbacks.ReduceLROnPlateau"
    return name


def takes_optimizer(name: str) -> bool:
    """Whether the first argument of a call is an optimizer."""
    return next(iter(inspect.signature(CALLS[name].calls[name]).parameters)) == "optimizer"
