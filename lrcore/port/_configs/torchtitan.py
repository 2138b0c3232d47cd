"""torchtitan's sections `lr_scheduler`, `optimizer` and `training`."""

from __future__ import annotations

from collections.abc import Mapping

from lrcore import Constant, Linear, Schedule, shapes
from lrcore.port._configs.format import Data, Format, first, number, under
from lrcore.port._join import joined
from lrcore.port._part import Asked, Part, whole
from lrcore.port._reading import Refusal

_WORDS = {"warmup_steps", "total_steps", "decay_ratio", "decay_type", "min_lr_factor", "lr_min"}
_SHAPES = {"linear": "linear", "sqrt": "1-sqrt", "cosine": "cosine"}


def _fits(data: Data) -> bool:
    section = data.get("lr_scheduler")
    known = isinstance(section, Mapping) and section.keys() <= _WORDS and section
    return bool(known) and isinstance(data.get("training"), Mapping) and under(data, "optimizer", "lr") is not None


def _read(data: Data, asked: Asked) -> Part:
    section = data["lr_scheduler"]
    rate = under(data, "optimizer", "lr")
    lr = number({"lr": rate}, "lr")
    steps = first(
        {"a": under(data, "training", "steps"), "b": section.get("total_steps"), "c": asked.updates}, "a", "b", "c"
    )
    T, W = (
        whole("training.steps", number({"steps": steps}, "steps")),
        whole("warmup_steps", number(section, "warmup_steps", 200)),
    )
    ratio = section.get("decay_ratio")
    C = T - W if ratio is None else round(T * number(section, "decay_ratio"))
    end = lr * number({"f": first(section, "min_lr_factor", "lr_min") or 0.0}, "f")
    if section.get("decay_type", "linear") not in _SHAPES:
        raise Refusal(f"decay_type must be {', '.join(_SHAPES)}, got {section['decay_type']!r}.")
    decay: Schedule = shapes[_SHAPES[section.get("decay_type", "linear")]](lr, steps=C, end=end) if C else Constant(lr)
    pieces: list[tuple[int, Schedule]] = [(0, Linear(lr / W, end=lr, steps=W - 1))] if W > 1 else []
    if W < T - C or not pieces:
        pieces.append((W if pieces else 0, Constant(lr)))
    pieces.append((T - C, decay))
    remark = "torchtitan changed these formulas: this is the one whose warmup is (t + 1)/warmup_steps."
    return Part(joined([piece for _, piece in pieces], [begin for begin, _ in pieces[1:]]), until=T, remarks=(remark,))


TORCHTITAN = Format("torchtitan's configuration", _fits, _read)
