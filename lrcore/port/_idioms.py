"""A schedule as the call of another library's own scheduler, by the table of "Coming from another library" read backwards.

A row says that `CosineAnnealingLR(optimizer, T_max=T, eta_min=end)` is `Cosine(lr, steps=T, end=end)`. To write a schedule,
the row's parameters are found from its fields: each field of the right side, with probing values, is a sum or a product of
parameters, and those are solved one after another. What was found is put into the row, which has to give the schedule back.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, NamedTuple

import lrcore
from lrcore import Schedule
from lrcore._elsewhere import ROWS, Row
from lrcore._value import Value

Parameters = dict[str, Any]

PROBES: Parameters = {"lr": 0.1, "end": 0.01, "start": 0.02, "a": 0.5, "b": 0.3, "c": 0.7, "factor": 0.6, "power": 2.5}
PROBES |= {"pct": 0.31, "div": 10.0, "final": 100.0, "T": 97, "W": 9, "C": 20, "n": 17, "i": 5, "j": 31, "k": 3, "m": 2}
PROBES |= {f"i{number}": 31 + 7 * number for number in range(3, 40)}
PROBES |= {f"a{number}": 0.1 + 0.013 * number for number in range(3, 40)}
"""A value for each name of a row: the whole ones are whole numbers there too."""

_MOST = 1e-14
"""How far a number may be from the one asked for, which a row has as the product of two."""

# Rows for writing only, before those of the page: arguments that it leaves at their defaults. The cycles move the momentum
# too unless they are told not to.

_ONE_CYCLES = (
    (
        f"OneCycleLR(optimizer, max_lr=lr, total_steps=T, pct_start=pct{theirs}, div_factor=div, "
        f"final_div_factor=final{phases}, cycle_momentum=False)",
        f"OneCycle(lr, steps=T, pct_start=pct, div_factor=div, final_div_factor=final{ours}{phases})",
        "t < T, where PyTorch's stops",
    )
    for theirs, ours in (("", ""), (', anneal_strategy="linear"', ', shape="linear"'))
    for phases in ("", ", three_phase=True")
)
_CYCLES = (
    (
        f"CyclicLR(optimizer, base_lr=end, max_lr=lr, step_size_up=i{theirs}{mode}{gamma}, cycle_momentum=False)",
        f"Cyclic(end, high=lr, up=i{ours}{mode}{factor})",
        "all",
    )
    for theirs, ours in (("", ""), (", step_size_down=j", ", down=j"))
    for mode, gamma, factor in (
        ("", "", ""),
        (', mode="triangular2"', "", ""),
        (', mode="exp_range"', ", gamma=factor", ", factor=factor"),
    )
)
_WSD = (
    (
        f"get_wsd_schedule(optimizer, num_warmup_steps=W, num_decay_steps=C, num_training_steps=T, decay_type={word!r})",
        f"wsd(lr, steps=T, warmup=W, cooldown=C, shape={word!r})",
        "all",
    )
    for word in ("linear", "cosine", "1-sqrt")
)
_MORE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "PyTorch": (
        ("ConstantLR(optimizer, factor=1.0, total_iters=0)", "Constant(lr)", "all"),
        *_ONE_CYCLES,
        *_CYCLES,
    ),
    "Hugging Face": (
        # By a share: min_lr would be one of the rate that the optimizer was made with
        (
            "get_cosine_with_min_lr_schedule_with_warmup(optimizer, num_warmup_steps=W, num_training_steps=T, "
            "min_lr_rate=a)",
            "Cosine(lr, steps=T, end=a * lr).warmup(W)",
            "t <= T",
        ),
        (
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, num_warmup_steps=W, num_training_steps=T, "
            "min_lr_rate=a)",
            "Cosine(lr, steps=T - 1, end=a * lr).warmup(W - 1, start=lr / W)",
            "t < T",
        ),
        *_WSD,
    ),
}


class Idiom(NamedTuple):
    """A call of the library's own scheduler that gives a schedule."""

    call: ast.expr
    lr: float | None
    """The optimizer's own rate that it needs, if it takes one."""
    steps: str
    """The steps for which it holds, as the row says them with its numbers put in."""


def idiom(schedule: Schedule, library: str, lr: float | None = None) -> Idiom | None:
    """The call of a library's own scheduler that gives a schedule, for an optimizer with the rate `lr` if one is given."""
    for row in _rows(library, _longest(schedule)):
        peak = max(schedule(0), schedule(schedule.length or 0))
        # Of a row that is right for any rate of the optimizer's, the peak
        for known in ({"lr": lr},) if lr is not None else ({}, {"lr": peak}):
            found = _solved(row, schedule, known)
            if found is not None and _allowed(row, found):
                call = ast.parse(row.theirs, mode="eval").body
                return Idiom(_filled(call, found), found.get("lr"), _numbers_in(row.steps, found))
    return None


def _allowed(row: Row, found: Parameters) -> bool:
    """Whether PyTorch takes the factors: it refuses those above 1, and a LinearLR that begins at 0."""
    if "min_lr_rate=a" in row.theirs:
        return bool(found["a"])  # a cosine to 0 has a name of its own
    if row.library != "PyTorch" or "factor=a" not in row.theirs:
        return True
    return bool(0 < found["a"] <= 1 and 0 <= found.get("b", 1) <= 1)


def _longest(schedule: Schedule) -> int:
    """How many steps the longest list of a schedule has."""
    several = [
        getattr(one, word) for one in _parts(schedule) for word in ("milestones", "boundaries") if hasattr(one, word)
    ]
    several += [one.points[1:] for one in _parts(schedule) if isinstance(one, lrcore.Interpolate)]
    return max(map(len, several), default=0)


def _parts(schedule: Schedule) -> Iterator[Any]:
    yield schedule
    for inner in schedule._inner():
        yield from _parts(inner)


@cache
def _rows(library: str, count: int) -> tuple[Row, ...]:
    """The rows of a library, those for writing first, with lists as long as a schedule's."""
    more = tuple(Row(library, *row) for row in _MORE.get(library, ()))
    rows = (
        row
        for row in (*more, *ROWS)
        if row.library == library
        and not row.theirs.startswith("SWALR")
        and "Custom" not in row.ours
        and "lambda" not in row.theirs
    )
    return tuple(_lengthened(row, count) if count else row for row in rows)


def _lengthened(row: Row, count: int) -> Row:
    """A row whose lists `[i, j]` have `count` items: what follows i and j, as j follows i."""

    def longer(text: str) -> str:
        tree = ast.parse(text, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.List) and _names(node) & {"j", "b"} and len(node.elts) > 1:
                node.elts = _continued(node.elts, count + len(node.elts) - 2)
            elif isinstance(node, ast.Dict) and "j" in _names(node):
                keys = [key for key in node.keys if key is not None]
                node.keys, node.values = [*_continued(keys, count)], _continued(node.values, count)
        return ast.unparse(tree)

    return row._replace(theirs=longer(row.theirs), ours=longer(row.ours))


def _continued(items: list[ast.expr], count: int) -> list[ast.expr]:
    items = items[:count]
    while len(items) < count:
        items = [*items, _next(items[-1], len(items) - 2 + 1)]
    return items


def _next(last: ast.expr, place: int) -> ast.expr:
    """The item after `last`: the next step in the place of its step, and the next factor in that of, or behind, its own."""
    text = ast.unparse(last)
    names = _names(last)
    step = max(
        (name for name in names if name == "j" or _number(name, "i")), key=lambda name: _number(name, "i"), default=""
    )
    factor = max(
        (name for name in names if name == "b" or _number(name, "a")), key=lambda name: _number(name, "a"), default=""
    )
    number = max(_number(step, "i"), _number(factor, "a"), 2) + 1
    many = "a" in names and bool(factor)
    words = {step: f"i{number}", factor: f"{factor} * a{number}" if many else f"a{number}"}
    tree = ast.parse(text, mode="eval").body

    class Renamed(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(words[node.id], mode="eval").body if node.id in words else node

    return ast.parse(ast.unparse(Renamed().visit(tree)), mode="eval").body


def _number(name: str, letter: str) -> int:
    return int(name[1:]) if name[:1] == letter and name[1:].isdigit() else 0


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


# A row's parameters, found from the fields of a schedule.


def _built(code: Any, parameters: Parameters) -> Schedule | None:
    try:
        made = eval(code, {"__builtins__": {}, "int": int, "float": float, **vars(lrcore)}, parameters)
    except (ValueError, TypeError, ArithmeticError):
        return None
    return made if isinstance(made, Schedule) else None


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Every field of a schedule that is a number, a word or a class, by where it stands."""
    if isinstance(value, Value):
        found: dict[str, Any] = {f"{path}": type(value)}
        for field in fields(value):
            found |= _flat(getattr(value, field.name), f"{path}.{field.name}")
        return found
    if isinstance(value, tuple):
        found = {f"{path}[]": len(value)}
        for i, item in enumerate(value):
            found |= _flat(item, f"{path}[{i}]")
        return found
    return {path: value}


class _Relation(NamedTuple):
    """A field as a sum of parameters and a constant, or as a product of powers of them and a constant."""

    product: bool
    powers: dict[str, int]
    constant: float

    def solved(self, name: str, value: float, known: Parameters) -> float | None:
        """The parameter `name` where the field has this value and the others are known."""
        power, others = self.powers[name], {word: n for word, n in self.powers.items() if word != name}
        if not self.product:
            return float(value - self.constant - sum(n * known[word] for word, n in others.items())) / power
        rest = self.constant * math.prod(known[word] ** n for word, n in others.items())
        if not rest or (power < 0 and not value):
            return None
        return float(value / rest) if power == 1 else float(rest / value) if power == -1 else None


@cache
def _relations(ours: str) -> dict[str, _Relation | Any]:
    """How the fields of a row's right side follow from its parameters; those that do not, as they are."""
    code = compile(ours, "a row", "eval")
    names = sorted(_names(ast.parse(ours)) & PROBES.keys())
    base = _built(code, PROBES)
    if base is None:
        return {}
    fields_of = _flat(base)
    moved = {}
    for name in names:
        step = 1 if isinstance(PROBES[name], int) else 0.001
        other = _built(code, {**PROBES, name: PROBES[name] + step})
        if other is None or _flat(other).keys() != fields_of.keys():
            return {}
        moved[name] = (step, _flat(other))
    found: dict[str, Any] = {}
    for path, value in fields_of.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            found[path] = value
            continue
        slopes = {name: (after[path] - value) / step for name, (step, after) in moved.items() if after[path] != value}
        relation = _relation(value, slopes)
        if relation is None:
            return {}
        found[path] = relation if slopes else value
    return found


def _relation(value: float, slopes: dict[str, float]) -> _Relation | None:
    if all(abs(slope - round(slope)) < 1e-9 for slope in slopes.values()):
        powers = {name: round(slope) for name, slope in slopes.items()}
        constant = value - sum(n * PROBES[name] for name, n in powers.items())
        if len(powers) == 1 or isinstance(value, int):
            return _Relation(False, powers, round(constant, 12))
    powers = {}
    for name, slope in slopes.items():
        step = 1 if isinstance(PROBES[name], int) else 0.001
        ratio = 1 + slope * step / value
        power = math.log(ratio) / math.log1p(step / PROBES[name])
        if abs(power - round(power)) > 1e-6:
            return None
        powers[name] = round(power)
    return _Relation(True, powers, value / math.prod(PROBES[name] ** n for name, n in powers.items()))


def _solved(row: Row, schedule: Schedule, known: Parameters) -> Parameters | None:
    """The parameters with which a row gives a schedule, or None if it does not."""
    relations, wanted = _relations(row.ours), _flat(schedule)
    if not relations or relations.keys() != wanted.keys():
        return None
    open_ = {path: relation for path, relation in relations.items() if isinstance(relation, _Relation)}
    if any(
        wanted[path] != value or type(wanted[path]) is not type(value)
        for path, value in relations.items()
        if path not in open_
    ):
        return None
    if not all(isinstance(wanted[path], (int, float)) and not isinstance(wanted[path], bool) for path in open_):
        return None
    found = dict(known)
    progress = True
    while progress:
        progress = False
        for path, relation in open_.items():
            missing = [name for name in relation.powers if name not in found]
            if len(missing) == 1:
                value = relation.solved(missing[0], wanted[path], found)
                if value is None:
                    return None
                found[missing[0]] = _rounded(missing[0], value)
                progress = True
    names = _names(ast.parse(row.theirs)) & PROBES.keys()
    if "lr" in names and "lr" not in found:
        return None
    if not names <= found.keys():
        return None
    made = _built(compile(row.ours, "a row", "eval"), found)
    return found if made is not None and _alike(_flat(made), wanted) else None


def _rounded(name: str, value: float) -> float:
    """A parameter without the digits that are only rounding; a whole one whole."""
    if isinstance(PROBES[name], int):
        return round(value)
    short = float(f"{value:.12g}")
    return short if abs(short - value) <= 4 * math.ulp(value) else value


def _alike(mine: dict[str, Any], wanted: dict[str, Any]) -> bool:
    def alike(a: Any, b: Any) -> bool:
        if isinstance(a, float) and isinstance(b, (int, float)):
            return abs(a - b) <= _MOST * abs(b)
        return bool(a == b)

    return mine.keys() == wanted.keys() and all(alike(value, wanted[path]) for path, value in mine.items())


# A row with its numbers put in.


def _filled(call: ast.expr, parameters: Parameters) -> ast.expr:
    class Filled(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.Constant(parameters[node.id]) if node.id in parameters else node

        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            return _computed(self.generic_visit(node))

        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            return _computed(node) if isinstance(node.func, ast.Name) and node.func.id == "float" else node

    filled: ast.expr = Filled().visit(call)
    return filled


def _computed(node: Any) -> ast.expr:
    """Arithmetic on numbers as its result."""
    try:
        value = eval(
            compile(ast.fix_missing_locations(ast.Expression(node)), "a row", "eval"), {"__builtins__": {}, "float": float}
        )
    except (NameError, TypeError):
        return node  # type: ignore[no-any-return]
    if not isinstance(value, (int, float)):
        return node  # type: ignore[no-any-return]
    return ast.Constant(_rounded("lr", value) if isinstance(value, float) else value)


def _numbers_in(steps: str, parameters: Parameters) -> str:
    """A row's steps with its numbers: `t < T, where PyTorch's stops` as `t < 1,000, where PyTorch's stops`."""
    steps = re.split(r": |, with |; ", steps)[0]

    def length(found: re.Match[str]) -> str:
        times, name = found.groups()
        return f"{(int(times) if times.isdigit() else parameters.get(times, 1)) * parameters[name]:,}"

    return re.sub(r"(\b[k2]?)(T)\b", length, steps)
