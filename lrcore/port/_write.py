"""`write`: a schedule as the code of one library alone, for a team that does not install lrcore.

Where the library has a scheduler of its own with this curve, its call is written; else a plain function of the step, traced
from the schedule's own formula.
"""

from __future__ import annotations

import ast
import math
import re
import textwrap
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from lrcore import WSD, Linear, Product, Schedule, Warmup
from lrcore import Sequence as Pieces
from lrcore._arguments import refuse
from lrcore._catalogue import CALLS
from lrcore._view.curve import along
from lrcore._vocabulary import TARGETS
from lrcore.port._idioms import Idiom, idiom
from lrcore.port._printing import JAX, KERAS, NUMPY32, PYTHON, lines
from lrcore.port._tracing import traced

_DOUBLE, _SINGLE = 1e-8, 2e-5
"""The largest errors that are written, as a fraction of the highest value: in float64 and in float32."""

_COUNTED = 2**23
"""The steps that float32 tells apart with a half to spare."""

_SINGLY = "at the steps up to 16,777,216, all that float32 counts"
_WIDTH = 100


def write(schedule: Schedule, *, to: str) -> str:
    """A schedule as code of one library alone, which runs as it is printed.

    "torch" and "huggingface" define `make_scheduler(optimizer)`; "keras", "optax", "lrcore" and "python" define
    `learning_rate`. Where the library has a scheduler of its own with this curve, it is used, and otherwise a plain
    function of the step in that library's operations. The comment above says for which steps it is equal and how exactly:
    PyTorch's and Python's functions compute in float64, Keras's and Optax's in float32.

    Args:
        schedule: the schedule, over plain numbers.
        to: "torch", "keras", "optax", "huggingface", "lrcore" or "python".

    Raises:
        ValueError: the target is unknown; the schedule holds a function that cannot be written down, or an array; or
            float32 cannot tell its stairs apart.
        TypeError: `schedule` is not a schedule.

    >>> from lrcore import Cosine
    >>> print(write(Cosine(0.1, steps=1000).warmup(100), to="python"))
    # Cosine(0.1, steps=1000).warmup(100) of lrcore, as a plain function. Equal at every step, to within
    # 2e-15 of the highest value. Step 0: 0, step 100: 0.1, step 1000: 0.
    import math
    <BLANKLINE>
    <BLANKLINE>
    def learning_rate(step):
        if step < 100:
            return 0.1 * step / 100
        return 0.1 * math.sin(math.pi * max(1000 - step, 0) / 1800) ** 2
    <BLANKLINE>
    """
    if not isinstance(schedule, Schedule):
        refuse("write", "schedule", "a schedule", schedule, kind=True)
    if to not in TARGETS:
        refuse("write", "to", ", ".join(map(repr, TARGETS[:-1])) + f" or {TARGETS[-1]!r}", to)
    if schedule._array is not None:
        raise ValueError(f"{schedule!r} cannot be written: it holds an array, not a number.")
    if to == "lrcore":
        return _lrcore(schedule)
    return _own(schedule, to) or _plain(schedule, to)


def _lrcore(schedule: Schedule) -> str:
    text = repr(schedule)
    if "Custom(" in text:
        raise ValueError(f"{text} cannot be written: it is code, not data. Copy its function.")
    names = sorted({name.id for name in ast.walk(ast.parse(text)) if isinstance(name, ast.Name)} & CALLS.keys())
    return f"from lrcore import {', '.join(names)}\n\nlearning_rate = {text}\n"


# The library's own schedulers.


class _Library(NamedTuple):
    """How a library's own schedulers are called, by the name that the table of rows has for it."""

    row: str
    said: str
    module: str
    prefix: str
    error: float
    """How far its own arithmetic is from the curve, as a fraction of the highest value."""


_OWN = {
    "torch": _Library("PyTorch", "PyTorch", "torch.optim.lr_scheduler", "", 1e-12),
    "huggingface": _Library("Hugging Face", "Hugging Face", "transformers.optimization", "", 1e-13),
    "keras": _Library("Keras", "Keras", "keras", "keras.optimizers.schedules.", 4e-6),
    "optax": _Library("Optax", "Optax", "optax", "optax.", 4e-6),
}

_JOINED = ("ConstantLR", "LinearLR", "StepLR", "MultiStepLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR")
"""PyTorch's schedulers that go by the optimizer's own rate: those that may stand in a SequentialLR together."""


def _own(schedule: Schedule, to: str) -> str:
    """The text with the library's own scheduler, or nothing."""
    library = _OWN.get(to)
    if library is None:
        return ""
    found = idiom(schedule, library.row) or _joined(schedule, to)
    if found is None or "few late" in found.steps or (library.error > 1e-6 and _has_uneven_stairs(schedule)):
        return ""
    calls = {
        node.func.id for node in ast.walk(found.call) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    code = _formatted(found.call, library.prefix)
    stairs = " Compiled by XLA, its stairs may come one update late." if "staircase=True" in code else ""
    when = f"at the steps {found.steps}" if found.steps != "all" else "at every step" if library.error < 1e-6 else _SINGLY
    head = _head(schedule, f"as {library.said} has it", when, library.error, stairs)
    if to in ("keras", "optax"):
        return f"{head}import {library.module}\n\nlearning_rate = {code}\n"
    names = ", ".join(sorted(calls))
    read = "lr_end=" in code  # as a share of the rate that the optimizer was made with
    return f"{head}from {library.module} import {names}\n\n\n{_scheduler(found.lr, code, default=read)}"


def _has_uneven_stairs(schedule: Schedule) -> bool:
    """Whether it changes every so many steps, and so many is not whole: float32 may take one step for another there."""
    uneven = getattr(schedule, "staircase", False) and schedule.every != int(schedule.every)  # type: ignore[attr-defined]
    return uneven or any(map(_has_uneven_stairs, schedule._inner()))


def _scheduler(rate: float | None, code: str, why: str = "", *, default: bool = False) -> str:
    """A function that makes a scheduler for an optimizer, whose own rate it sets."""
    body = [] if rate is None else ["for group in optimizer.param_groups:", f'    group["lr"] = {rate!r}{why}']
    body += [f'optimizer.defaults["lr"] = {rate!r}'] * default
    return _def("def make_scheduler(optimizer):", [*body, *f"return {code}".splitlines()])


def _joined(schedule: Schedule, to: str) -> Idiom | None:
    """Pieces one after another, each of which the library has."""
    pieces = _pieces(schedule)
    if len(pieces) < 2 or to not in ("torch", "optax"):
        return None
    found: list[Idiom] = []
    rates: set[float | None] = set()
    until = ""
    # A LinearLR is right for any rate of the optimizer's: the pieces that are not come first
    lr = next((one.lr for _, piece in reversed(pieces) if (one := idiom(piece, _OWN[to].row)) and to == "torch"), None)
    for i, (begin, piece) in enumerate(pieces):
        one = idiom(piece, _OWN[to].row, lr)
        if one is None or (to == "torch" and _called(one) not in _JOINED):
            return None
        if one.steps != "all":
            number = re.search(r"\d[\d,]*\d|\d", one.steps)
            assert number is not None
            last = int(number[0].replace(",", ""))
            if i + 1 < len(pieces) and pieces[i + 1][0] - begin > last:
                return None
            if i + 1 == len(pieces):
                until = f"{one.steps[: number.start()]}{begin + last:,}{one.steps[number.end() :]}"
        found.append(one)
        rates.add(one.lr)
    if to == "torch" and len(rates) != 1:
        return None
    words = ("SequentialLR(optimizer, schedulers=[{}], milestones=[{}])", "join_schedules(schedules=[{}], boundaries=[{}])")
    text = words[to == "optax"].format(
        ", ".join(ast.unparse(one.call) for one in found), ", ".join(str(begin) for begin, _ in pieces[1:])
    )
    return Idiom(ast.parse(text, mode="eval").body, found[0].lr, until or "all")


def _called(one: Idiom) -> str:
    assert isinstance(one.call, ast.Call)
    return ast.unparse(one.call.func)


def _pieces(schedule: Schedule, begin: int = 0) -> list[tuple[int, Schedule]]:
    """A schedule as pieces that begin one after another, each on its own clock."""
    if isinstance(schedule, WSD):
        return _pieces(schedule._expression, begin)
    if isinstance(schedule, Warmup) and schedule.shape == "linear":
        ramp = Linear(schedule.start, end=schedule._rest(0), steps=schedule.steps)
        return [(begin, ramp), *_pieces(schedule._rest, begin + schedule.steps)]
    if isinstance(schedule, Pieces):
        found = [
            _pieces(piece, begin + at) for piece, at in zip(schedule.schedules, (0, *schedule.boundaries), strict=True)
        ]
        return [piece for several in found for piece in several]
    return [(begin, schedule)]


# A plain function.


def _plain(schedule: Schedule, to: str) -> str:
    """The text with a function of the step, traced from the schedule's formula."""
    single = to in ("keras", "optax")
    allowed = _SINGLE if single else _DOUBLE
    for precise in (False, True):
        try:
            value = traced(schedule, precise=precise)
        except (TypeError, AttributeError) as mistake:
            raise ValueError(f"{schedule!r} cannot be written: its formula is not one of (t, xp): {mistake}.") from mistake
        error, until = _error(schedule, value, single)
        if error <= allowed:
            break
    else:
        raise ValueError(
            f"{schedule!r} cannot be written to {to!r}: it would be {error:.1g} of its highest value off"
            + ("; float32 cannot tell its steps or its stairs apart, write it to 'python'." if single else ".")
        )
    when = "at every step" if until is None else f"at the steps up to {until:,}, which float32 counts"
    # A compiler computes in another order, and with functions of its own
    bound = max(8 * error, (2e-6 if single else 2e-15) * _cancelled(schedule))
    said = f"as a function for {_OWN[to].said}" if to in _OWN else "as a plain function"
    return _head(schedule, said, when, bound) + _FORMS[to](value)


def _on_python(value: Any) -> str:
    body = lines(value, PYTHON)
    return _imports(body, "") + _def("def learning_rate(step):", body)


def _on_torch(value: Any) -> str:
    body = lines(value, PYTHON)
    made = _scheduler(1.0, "LambdaLR(optimizer, learning_rate)", "  # LambdaLR multiplies it by the function")
    imports = _imports(body, "from torch.optim.lr_scheduler import LambdaLR\n")
    return f"{imports}{_def('def learning_rate(step):', body)}\n\n{made}"


def _on_optax(value: Any) -> str:
    body = ["step = jnp.asarray(count, jnp.float32)", *lines(value, JAX)]
    if not body[-1].startswith("return") or "step" not in "".join(body[1:]):
        body[-1] = f"return jnp.full(step.shape, {body[-1].removeprefix('return ')}, jnp.float32)"
    return _imports(body, "import jax.numpy as jnp\n") + _def("def learning_rate(count):", body)


def _on_keras(value: Any) -> str:
    body = ['step = ops.cast(step, "float32")', *lines(value, KERAS)]
    if "step" not in "".join(body[1:]):
        body = [f'return ops.convert_to_tensor({body[-1].removeprefix("return ")}, "float32")']
    call = textwrap.indent(_def("def __call__(self, step):", body), "    ")
    imports = _imports(body, "import keras\nfrom keras import ops\n")
    return (
        f"{imports}"
        '@keras.saving.register_keras_serializable(package="schedules")\n'
        "class LearningRate(keras.optimizers.schedules.LearningRateSchedule):\n"
        f"{call}\n    def get_config(self):\n        return {{}}\n\n\nlearning_rate = LearningRate()\n"
    )


_FORMS: dict[str, Callable[[Any], str]] = {
    "python": _on_python,
    "torch": _on_torch,
    "huggingface": _on_torch,
    "keras": _on_keras,
    "optax": _on_optax,
}


def _imports(body: Sequence[str], library: str) -> str:
    text = "".join(body)
    needed = "import math\n" * ("math." in text) + "from bisect import bisect_right\n" * ("bisect_right" in text)
    together = f"{needed}\n{library}" if needed and library else needed + library
    return f"{together}\n\n" if together else "\n"


def _def(signature: str, body: Sequence[str]) -> str:
    return "\n".join([signature, *(f"    {line}" for line in body)]) + "\n"


def _function(body: Sequence[str], **names: Any) -> Callable[[Any], Any]:
    """The lines as a function, to be tried: they are ours throughout, made of operations and numbers."""
    names |= {"math": math, "bisect_right": bisect_right}
    exec(compile(_def("def learning_rate(step):", body), "<what is written>", "exec"), names)
    return names["learning_rate"]  # type: ignore[no-any-return]


def _error(schedule: Schedule, value: Any, single: bool) -> tuple[float, int | None]:
    """The largest difference from the schedule, as a fraction of its highest value, and the last step of that, if any."""
    steps = _looked_at(schedule)
    wanted = along(schedule, steps)
    highest = max(map(abs, wanted)) or 1.0
    if not single:
        function = _function(lines(value, PYTHON))
        return _largest(abs(function(step) - rate) / highest for step, rate in zip(steps, wanted, strict=True)), None
    import numpy as np

    function = _function(lines(value, NUMPY32), np=np)
    with np.errstate(all="ignore"):
        written = np.broadcast_to(function(np.array(steps, np.float32)), len(steps)).astype(np.float64).tolist()
    apart = [abs(one - rate) / highest for one, rate in zip(written, wanted, strict=True)]
    if _largest(apart) <= _SINGLE or steps[-1] < _COUNTED:
        return _largest(apart), None
    return _largest(apart[: bisect_right(steps, _COUNTED)]), _COUNTED


def _largest(values: Iterable[float]) -> float:
    """The largest value, which is NaN where one is."""
    known = list(values)
    return math.nan if any(map(math.isnan, known)) else max(known)


def _cancelled(schedule: Schedule) -> float:
    """How many times higher the factors of products are, at their highest, than the products are."""
    inside = [_cancelled(inner) for inner in schedule._inner()]
    if not isinstance(schedule, Product):
        return max(inside, default=1.0)
    steps = _looked_at(schedule)
    left, right, both = (max(map(abs, along(lr, steps))) for lr in (schedule.left, schedule.right, schedule))
    return math.prod(inside) * (max(1.0, left * right / both) if both else 1.0)


def _looked_at(schedule: Schedule) -> list[int]:
    """The steps that are compared: all near the beginning and near the edges, and some on the way and beyond the end."""
    reach = min(max(4 * schedule._reach(), 4_000), 2**31 - 1)
    edges = (edge.step for edge in islice(schedule._edges(), 500) if edge.step < 2**31 - 2)
    near = {edge + i for edge in edges for i in range(-2, 3) if edge + i >= 0}
    way = {int(i * (reach / 4_000)) for i in range(4_001)}
    far = {2**power + i for power in range(12, 31) for i in (-1, 1, 100)}
    return sorted({*range(2_001), *near, *way, *(step + 1 for step in way), *far})


# Text.


def _head(schedule: Schedule, said: str, when: str, bound: float, remark: str = "") -> str:
    """The comment above: the schedule, how exact the code is, and some values."""
    last = min(schedule._reach(), 2**31 - 1)
    steps = dict.fromkeys([0, *(edge.step for edge in islice(schedule._edges(), 2) if 0 < edge.step < last), last])
    values = ", ".join(f"step {step}: {schedule(step):.9g}" for step in steps)
    exactness = f"Equal {when}, to within {bound:.0e} of the highest value"
    text = f"{schedule!r} of lrcore, {said}. {exactness}.{remark} {values[0].upper()}{values[1:]}."
    lines = textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)
    return "".join(f"{line}\n" for line in lines)


def _formatted(node: ast.expr, prefix: str, indent: int = 0) -> str:
    """A call with its arguments on lines of their own where one line would be too long."""

    class Prefixed(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id != "dict":
                node.func = ast.Name(f"{prefix}{node.func.id}")
            return node

    return _broken(Prefixed().visit(node), indent)


def _broken(node: ast.expr, indent: int) -> str:
    text = ast.unparse(node).replace("'", '"')
    if len(text) + indent <= _WIDTH - 20:
        return text
    inner = " " * (indent + 4)
    if isinstance(node, ast.Call):
        items = [_broken(arg, indent + 4) for arg in node.args]
        items += [f"{word.arg}={_broken(word.value, indent + 4)}" for word in node.keywords]
        opening, closing = f"{ast.unparse(node.func)}(", ")"
    elif isinstance(node, ast.List):
        items, opening, closing = [_broken(item, indent + 4) for item in node.elts], "[", "]"
    else:
        return text
    return "\n".join([opening, *(f"{inner}{item}," for item in items), f"{' ' * indent}{closing}"])
