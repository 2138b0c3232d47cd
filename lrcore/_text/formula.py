"""A schedule's formula with its numbers put in, by cases: as text, as LaTeX, and as what Python can evaluate.

Each family has one entry, which writes what its curve is on a clock: `t` for a schedule alone, `(t - 100)` for one that
begins at step 100, `floor(t/391)` for one in epochs. The textbook's form of a formula is written here; the core evaluates
another where that keeps more digits.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from lrcore._compositions.clock import PerEpoch, Repeat, Shift
from lrcore._compositions.product import Clip, Product, Scaled
from lrcore._compositions.samples import PerSample
from lrcore._compositions.sequence import Sequence
from lrcore._compositions.warmup import Warmup
from lrcore._families.constant import Constant
from lrcore._families.cosine import Cosine
from lrcore._families.custom import Custom
from lrcore._families.cyclic import Cyclic, CyclicMomentum
from lrcore._families.exponential import Exponential, Geometric, ShiftedExponential
from lrcore._families.interpolate import Interpolate
from lrcore._families.inverse import InverseSqrt, InverseTime
from lrcore._families.linear import Linear
from lrcore._families.one_cycle import OneCycle, OneCycleMomentum
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt, Polynomial
from lrcore._families.step_decay import MultiStep, PiecewiseConstant, StepDecay
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Schedule
from lrcore._shorthands import WSD, Noam

_MOST = 24
"""The cases that are written; of the others it is said how many there are."""

_NAMES = "fghpqrsuvw"
"""Of the functions that a formula may need beside lr."""


@dataclass(frozen=True)
class Case:
    """What the value is up to a step, its bound excluded; to the end of time where that is None."""

    value: str
    until: float | None = None


@dataclass(frozen=True)
class Clock:
    """The step that a formula is written in: a name or an expression, less the step at which this clock began."""

    base: str = "t"
    begin: float = 0

    def __str__(self) -> str:
        if not self.begin:
            return self.base
        return f"({self.base} {'-' if self.begin > 0 else '+'} {number(abs(self.begin))})"

    def later(self, steps: float) -> Clock:
        """The clock of what begins `steps` later."""
        return replace(self, begin=self.begin + steps)


@dataclass
class Formula:
    """The cases of lr(t), and of other functions that they call."""

    cases: list[Case]
    others: dict[str, list[Case]] = field(default_factory=dict)
    opaque: dict[str, str] = field(default_factory=dict)
    """Functions of the user's, which have no formula, by what they are called here."""
    cut: int = 0
    """The cases that are left out at the end: too many, or without end."""

    def text(self) -> str:
        """Lines by cases with inequalities, the conditions in a column."""
        lines = [*_lines("lr", "t", self.cases, self.cut)]
        for name, cases in self.others.items():
            lines += ["", *_lines(name, "n", cases, 0)]
        where = ["with t the step.", *(f"{name} is the function {said}." for name, said in self.opaque.items())]
        return "\n".join([*(f"    {line}".rstrip() for line in lines), "", *where])

    def latex(self) -> str:
        """The same for a paper, within what amsmath knows."""
        whole = [_latex_cases(r"\mathrm{lr}(t)", "t", self.cases, self.cut)]
        whole += [_latex_cases(f"{name}(n)", "n", cases, 0) for name, cases in self.others.items()]
        return "\n\n".join(rf"\[ {one} \]" for one in whole)

    def python(self) -> Callable[[float], float]:
        """The text as a function that computes what it says: how it is held to the schedule."""
        names: dict[str, Any] = {name: getattr(math, name) for name in ("cos", "sqrt", "floor", "pi", "log")}
        names |= {"min": min, "max": max, "abs": abs}

        def function(variable: str, cases: list[Case]) -> Callable[[float], float]:
            codes = [(case.until, compile(_python(case.value), "formula", "eval")) for case in cases]

            def value(step: float) -> float:
                for until, code in codes:
                    if until is None or step < until:
                        return float(eval(code, {"__builtins__": {}}, {**names, variable: step}))
                raise ValueError(f"nothing is said of {step}")

            return value

        for name, cases in self.others.items():
            names[name] = function("n", cases)
        return function("t", self.cases)


def formula(schedule: Schedule) -> Formula:
    """The formula of a schedule."""
    made = Formula([])
    cases = list(_first(_cases(schedule, Clock(), made), _MOST + 1))
    made.cut = len(cases) > _MOST
    made.cases = _joined(cases[:_MOST])
    return made


def _first(cases: Iterator[Case], most: int) -> Iterator[Case]:
    for _, case in zip(range(most), cases, strict=False):
        yield case


def _joined(cases: list[Case]) -> list[Case]:
    """The cases, neighbours that say the same as one."""
    kept: list[Case] = []
    for case in cases:
        if kept and kept[-1].value == case.value:
            kept[-1] = case
        else:
            kept.append(case)
    return kept


# Writing.


def number(value: float) -> str:
    """A number as people write it, in 12 digits."""
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def _between(first: float, last: float, part: str) -> str:
    """From `first` where `part` is 0 to `last` where it is 1."""
    return number(first) if first == last else _sum(first, _times(last - first, part))


def _sum(constant: float, term: str) -> str:
    if not constant:
        return term
    return f"{number(constant)} - {term[1:]}" if term.startswith("-") else f"{number(constant)} + {term}"


def _times(factor: float, term: str) -> str:
    if factor in (1, -1):
        return term if factor == 1 else f"-{term}"
    return f"{number(factor)}·{term}"


def _over(term: str, divisor: float) -> str:
    return term if divisor == 1 else f"{term}/{number(divisor)}"


def _power(base: str, exponent: float) -> str:
    if exponent == 1:
        return base
    return (
        f"{base}²" if exponent == 2 else f"{base}**{number(exponent)}" if exponent >= 0 else f"{base}**({number(exponent)})"
    )


def _lines(name: str, variable: str, cases: list[Case], cut: int) -> Iterator[str]:
    width = max(len(case.value) for case in cases)
    for case, when in zip(cases, _conditions(variable, cases), strict=True):
        yield f"{name}({variable}) = {case.value.ljust(width)}    {when}"
    if cut:
        yield "and so on."


def _conditions(variable: str, cases: list[Case]) -> Iterator[str]:
    begin: float = 0
    for case in cases:
        if case.until is None:
            yield f"{variable} >= {number(begin)}" if begin else f"0 <= {variable}"
        else:
            yield f"{number(begin)} <= {variable} < {number(case.until)}"
            begin = case.until


# The same as Python and as LaTeX: what is written above is read as Python's grammar has it.


def _python(text: str) -> str:
    for sign, word in (("·", "*"), ("²", "**2"), ("π", "pi"), (" mod ", " % ")):
        text = text.replace(sign, word)
    return text


def _latex_cases(left: str, variable: str, cases: list[Case], cut: int) -> str:
    rows = []
    for case, when in zip(cases, _conditions(variable, cases), strict=True):
        value = _tex(ast.parse(_python(case.value), mode="eval").body)
        rows.append(f"{value} & " + when.replace("<=", r"\leq").replace(">=", r"\geq"))
    if len(rows) == 1 and not cut:
        return f"{left} = " + rows[0].replace(" &", r", \quad")
    rows += [r"\dots"] * bool(cut)
    return f"{left} = \\begin{{cases}}\n" + " \\\\\n".join(f"  {row}" for row in rows) + "\n\\end{cases}"


_BINDS = {ast.Add: 1, ast.Sub: 1, ast.Mod: 1, ast.Mult: 2, ast.Div: 4, ast.Pow: 3}
"""How tightly an operator binds in LaTeX, where a fraction needs no brackets; mod is read less easily than by Python."""


def _tex(node: ast.expr, least: int = 0) -> str:
    match node:
        case ast.Constant(value=int() | float() as value):
            digits, _, exponent = number(value).partition("e")
            return digits if not exponent else (rf"{digits} \cdot " if digits != "1" else "") + f"10^{{{int(exponent)}}}"
        case ast.Name(id="pi"):
            return r"\pi"
        case ast.Name(id=name):
            return name
        case ast.UnaryOp(operand=operand):
            return f"-{_tex(operand, 2)}"
        case ast.Call(func=ast.Name(id="sqrt"), args=[inside]):
            return rf"\sqrt{{{_tex(inside)}}}"
        case ast.Call(func=ast.Name(id="floor"), args=[inside]):
            return rf"\left\lfloor {_tex(inside)} \right\rfloor"
        case ast.Call(func=ast.Name(id="abs"), args=[inside]):
            return rf"\left| {_tex(inside)} \right|"
        case ast.Call(func=ast.Name(id=name), args=arguments):
            known = name in ("cos", "min", "max", "log")
            return rf"{chr(92) if known else ''}{name}\left({', '.join(map(_tex, arguments))}\right)"
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return rf"\frac{{{_tex(left)}}}{{{_tex(right)}}}"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base = _tex(left, 5)
            return f"{base}^{{{_tex(right)}}}"
        case ast.BinOp(left=left, op=op, right=right):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\cdot", ast.Mod: r"\bmod"}[type(op)]
            binds = _BINDS[type(op)]
            first = _tex(left, binds + isinstance(op, ast.Mod))
            text = f"{first} {sign} {_tex(right, binds + (not isinstance(op, ast.Add | ast.Mult)))}"
            return rf"\left({text}\right)" if binds < least else text
    raise AssertionError(ast.dump(node))  # nothing else is written above


# The families and compositions, an entry each. A case's bound is on the clock's own base, as a reader counts.


@singledispatch
def _cases(schedule: Schedule, clock: Clock, made: Formula) -> Iterator[Case]:
    """The cases on a clock. Of a class that has no entry, only the name is known."""
    yield _opaque(repr(schedule), clock, made)


def _opaque(said: str, clock: Clock, made: Formula) -> Case:
    known = [name for name, other in made.opaque.items() if other == said]
    name = known[0] if known else _new_name(made)
    made.opaque[name] = said
    return Case(f"{name}({_inside(clock)})")


def _new_name(made: Formula) -> str:
    taken = {*made.opaque, *made.others}
    return next(name for name in itertools.chain(_NAMES, map("f{}".format, itertools.count())) if name not in taken)


def _inside(clock: Clock) -> str:
    """The clock as the only argument of a function, whose brackets are enough."""
    text = str(clock)
    return text[1:-1] if text.startswith("(") and clock.begin else text


def _until(clock: Clock, steps: float) -> float:
    return clock.begin + steps


def _flat(clock: Clock, steps: float, value: str, end: float) -> Iterator[Case]:
    """A curve up to `steps`, then its end."""
    yield Case(value, _until(clock, steps))
    yield Case(number(end))


def _cosine(first: float, last: float, part: str) -> str:
    return _between(last, first, f"(1 + cos(π·{part}))/2")


@_cases.register
def _(schedule: Constant, clock: Clock, made: Formula) -> Iterator[Case]:
    yield Case(number(schedule.value))


@_cases.register
def _(schedule: Linear, clock: Clock, made: Formula) -> Iterator[Case]:
    part = _over(str(clock), schedule.steps)
    yield from _flat(clock, schedule.steps, _between(schedule.start, schedule.end, part), schedule.end)


@_cases.register
def _(schedule: Cosine, clock: Clock, made: Formula) -> Iterator[Case]:
    part = _over(str(clock), schedule.steps)
    yield from _flat(clock, schedule.steps, _cosine(schedule.start, schedule.end, part), schedule.end)


@_cases.register
def _(schedule: Polynomial, clock: Clock, made: Formula) -> Iterator[Case]:
    value = _between(schedule.end, schedule.start, _power(f"(1 - {_over(str(clock), schedule.steps)})", schedule.power))
    yield from _flat(clock, schedule.steps, value, schedule.end)


@_cases.register
def _(schedule: OneMinusPower, clock: Clock, made: Formula) -> Iterator[Case]:
    part = _power(f"({_over(str(clock), schedule.steps)})", schedule.power)
    yield from _flat(clock, schedule.steps, _between(schedule.start, schedule.end, part), schedule.end)


@_cases.register
def _(schedule: OneMinusSqrt, clock: Clock, made: Formula) -> Iterator[Case]:
    value = _between(schedule.end, schedule.start, f"(1 - sqrt({_over(str(clock), schedule.steps)}))")
    yield from _flat(clock, schedule.steps, value, schedule.end)


@_cases.register
def _(schedule: Geometric, clock: Clock, made: Formula) -> Iterator[Case]:
    ratio = f"({number(schedule.end)}/{number(schedule.start)})**({_over(str(clock), schedule.steps)})"
    yield from _flat(clock, schedule.steps, _times(schedule.start, ratio), schedule.end)


@_cases.register
def _(schedule: ShiftedExponential, clock: Clock, made: Formula) -> Iterator[Case]:
    base = number(schedule.base)
    part = f"({base}**({_over(str(clock), schedule.steps)}) - {base})/{number(1 - schedule.base)}"
    yield from _flat(clock, schedule.steps, _between(schedule.end, schedule.start, part), schedule.end)


@_cases.register
def _(schedule: Exponential, clock: Clock, made: Formula) -> Iterator[Case]:
    passed = _over(str(clock), schedule.every)
    power = f"{number(schedule.factor)}**{f'floor({passed})' if schedule.staircase else f'({passed})'}"
    yield Case(_times(schedule.start, power))


@_cases.register
def _(schedule: InverseTime, clock: Clock, made: Formula) -> Iterator[Case]:
    passed = _over(str(clock), schedule.every)
    grown = _times(schedule.rate, f"floor({passed})" if schedule.staircase else passed)
    yield Case(f"{number(schedule.start)}/(1 + {grown})")


@_cases.register
def _(schedule: InverseSqrt, clock: Clock, made: Formula) -> Iterator[Case]:
    scale = schedule.timescale
    whole = clock.later(-scale)
    yield Case(_times(schedule.start, f"sqrt({number(scale)}/{whole})"))


@_cases.register
def _(schedule: StepDecay, clock: Clock, made: Formula) -> Iterator[Case]:
    yield Case(_times(schedule.start, f"{number(schedule.factor)}**floor({_over(str(clock), schedule.every)})"))


@_cases.register
def _(schedule: MultiStep, clock: Clock, made: Formula) -> Iterator[Case]:
    bounds = (*schedule.milestones, None)
    for n, bound in enumerate(bounds):
        yield Case(number(schedule.start * schedule.factor**n), None if bound is None else _until(clock, bound))


@_cases.register
def _(schedule: PiecewiseConstant, clock: Clock, made: Formula) -> Iterator[Case]:
    for value, bound in zip(schedule.values, (*schedule.boundaries, None), strict=True):
        yield Case(number(value), None if bound is None else _until(clock, bound))


@_cases.register
def _(schedule: WarmRestarts, clock: Clock, made: Formula) -> Iterator[Case]:
    if schedule.growth == 1:
        passed = str(clock)
        height = f"{number(schedule.decay)}**floor({_over(passed, schedule.steps)})·" if schedule.decay != 1 else ""
        place = f"({passed} mod {schedule.steps})/{schedule.steps}"
        value = _between(schedule.end, schedule.start, f"{height}(1 + cos(π·{place}))/2")
        if schedule.length is None:
            yield Case(value)
        else:
            yield from _flat(clock, schedule.length, value, schedule.end)
        return
    begins = schedule._begins
    for n, (begin, end) in enumerate(itertools.pairwise(begins)):
        peak = schedule.end + (schedule.start - schedule.end) * schedule.decay**n
        part = _over(str(clock.later(begin)), end - begin)
        yield Case(_cosine(peak, schedule.end, part), _until(clock, end))
    yield Case(number(schedule.end))


@_cases.register
def _(schedule: Interpolate, clock: Clock, made: Formula) -> Iterator[Case]:
    steps, values = zip(*schedule.points, strict=True)
    yield from _through(steps, values, schedule.shape == "cosine", clock)


@_cases.register
def _(schedule: OneCycle, clock: Clock, made: Formula) -> Iterator[Case]:
    first = schedule.peak / schedule.div_factor
    middle = (first,) if schedule.three_phase else ()
    values = (first, schedule.peak, *middle, first / schedule.final_div_factor)
    yield from _through(schedule._knots, values, schedule.shape == "cosine", clock)


@_cases.register
def _(schedule: OneCycleMomentum, clock: Clock, made: Formula) -> Iterator[Case]:
    middle = (schedule.high,) if schedule.cycle.three_phase else ()
    values = (schedule.high, schedule.low, *middle, schedule.high)
    yield from _through(schedule.cycle._knots, values, schedule.cycle.shape == "cosine", clock)


def _through(knots: tuple[float, ...], values: tuple[float, ...], cosine: bool, clock: Clock) -> Iterator[Case]:
    """From each knot's value to the next one's; flat after the last."""
    for a, b, first, last in zip(knots, knots[1:], values, values[1:], strict=False):
        part = _over(str(clock.later(a)), b - a)
        yield Case(_cosine(first, last, part) if cosine else _between(first, last, part), _until(clock, b))
    yield Case(number(values[-1]))


@_cases.register
def _(schedule: Cyclic, clock: Clock, made: Formula) -> Iterator[Case]:
    yield Case(_between(schedule.low, schedule.high, _wave(schedule, clock)))


@_cases.register
def _(schedule: CyclicMomentum, clock: Clock, made: Formula) -> Iterator[Case]:
    yield Case(_between(schedule.high, schedule.low, _wave(schedule.cycle, clock)))


def _wave(cycle: Cyclic, clock: Clock) -> str:
    down = cycle.up if cycle.down is None else cycle.down
    period = cycle.up + down
    place = f"({clock} mod {period})"
    wave = f"min({_over(place, cycle.up)}, {_over(f'({period} - {place})', down)})"
    if cycle.mode == "triangular2":
        return f"{wave}·0.5**floor({_over(str(clock), period)})"
    return wave if cycle.mode == "triangular" or cycle.factor == 1 else f"{wave}·{number(cycle.factor)}**{clock}"


@_cases.register
def _(schedule: WSD, clock: Clock, made: Formula) -> Iterator[Case]:
    return _cases(schedule._expression, clock, made)


@_cases.register
def _(schedule: Noam, clock: Clock, made: Formula) -> Iterator[Case]:
    step = str(clock.later(-1))
    rise, fall = f"{step}·{_power(number(schedule.warmup_), -1.5)}", _power(step, -0.5)
    yield Case(_times(schedule.scale, f"{_power(number(schedule.d_model), -0.5)}·min({rise}, {fall})"))


@_cases.register
def _(schedule: Custom, clock: Clock, made: Formula) -> Iterator[Case]:
    yield _opaque(repr(schedule).removeprefix("Custom(").removesuffix(")"), clock, made)


@_cases.register
def _(schedule: Warmup, clock: Clock, made: Formula) -> Iterator[Case]:
    ramp, steps = schedule._known_down, schedule.steps
    up: Any = ramp
    if isinstance(ramp, Linear | Cosine):  # which are the same forwards
        cases = _cases(replace(up, start=up.end, end=up.start), clock, made)
    else:
        cases = _cases(ramp, Clock(f"({steps} - {clock})"), made)
    yield Case(next(cases).value, _until(clock, steps))
    yield from _cases(schedule._rest, clock.later(steps), made)


@_cases.register
def _(schedule: Sequence, clock: Clock, made: Formula) -> Iterator[Case]:
    begins, ends = (0, *schedule.boundaries), (*schedule.boundaries, None)
    for piece, begin, end in zip(schedule.schedules, begins, ends, strict=True):
        cases = _cases(piece, clock.later(begin), made)
        yield from cases if end is None else _cut(cases, _until(clock, end))


def _cut(cases: Iterator[Case], end: float) -> Iterator[Case]:
    """The cases up to a bound."""
    for case in cases:
        if case.until is None or case.until >= end:
            yield Case(case.value, end)
            return
        yield case


@_cases.register
def _(schedule: Product, clock: Clock, made: Formula) -> Iterator[Case]:
    left, right = _cases(schedule.left, clock, made), _cases(schedule.right, clock, made)
    a, b = next(left), next(right)
    while True:
        bounds = [case.until for case in (a, b) if case.until is not None]
        bound = min(bounds, default=None)
        yield Case(_product(a.value, b.value), bound)
        if bound is None:
            return
        if a.until == bound:
            a = next(left)
        if b.until == bound:
            b = next(right)


def _product(left: str, right: str) -> str:
    if "0" in (left, right):
        return "0"
    return f"{_factor(left)}·{_factor(right)}"


def _factor(text: str) -> str:
    """In brackets where it is a sum."""
    node = ast.parse(_python(text), mode="eval").body
    return (
        f"({text})"
        if isinstance(node, ast.UnaryOp) or (isinstance(node, ast.BinOp) and _BINDS[type(node.op)] == 1)
        else text
    )


@_cases.register
def _(schedule: Scaled, clock: Clock, made: Formula) -> Iterator[Case]:
    for case in _cases(schedule.schedule, clock, made):
        yield Case(_product(number(schedule.factor), case.value), case.until)


@_cases.register
def _(schedule: Clip, clock: Clock, made: Formula) -> Iterator[Case]:
    for case in _cases(schedule.schedule, clock, made):
        value = case.value if schedule.low is None else f"max({case.value}, {number(schedule.low)})"
        yield Case(value if schedule.high is None else f"min({value}, {number(schedule.high)})", case.until)


@_cases.register
def _(schedule: Shift, clock: Clock, made: Formula) -> Iterator[Case]:
    for case in _cases(schedule.schedule, clock.later(-schedule.steps), made):
        if case.until is None or case.until > clock.begin:
            yield case


@_cases.register
def _(schedule: PerEpoch, clock: Clock, made: Formula) -> Iterator[Case]:
    if schedule.smooth:
        yield from _cases(schedule._in_updates, clock, made)
        return
    size = schedule.steps_per_epoch
    for case in _cases(schedule.schedule, Clock(f"floor({_over(str(clock), size)})"), made):
        # An epoch below a bound is a step below the bound's first step
        yield Case(case.value, None if case.until is None else _until(clock, math.ceil(case.until) * size))


@_cases.register
def _(schedule: PerSample, clock: Clock, made: Formula) -> Iterator[Case]:
    counted = schedule._counted
    ends = (*counted.begins[1:], None)
    for size, begin, seen, end in zip(counted.sizes, counted.begins, counted.seen, ends, strict=True):
        # The samples before a step are size·step, and what the smaller batches before make less
        less = begin * size - seen
        for case in _cases(schedule.schedule, Clock(f"{size}·{clock}", less), made):
            until = None if case.until is None else counted.step(math.ceil(case.until - less))
            if until is not None and until <= begin:
                continue
            last = end is not None and (until is None or until >= end)
            until = end if last else until
            yield Case(case.value, None if until is None else _until(clock, until))
            if last:
                break


@_cases.register
def _(schedule: Repeat, clock: Clock, made: Formula) -> Iterator[Case]:
    period = schedule._period
    cases = list(_first(_cut(_cases(schedule.schedule, Clock("n"), made), period), _MOST + 1))
    if len(cases) == 1:
        value = next(_cases(schedule.schedule, Clock(f"({clock} mod {period})"), made)).value
    else:
        name = _new_name(made)
        made.others[name] = _joined(cases)
        value = f"{name}({clock} mod {period})"
    yield from _flat(clock, schedule.length, value, schedule.schedule(period))
