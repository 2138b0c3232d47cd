"""Words of other libraries, and calls that do not fit, are answered in our words, without any framework."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lrcore
from lrcore import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    Linear,
    OneCycle,
    Polynomial,
    Sequence,
    StepDecay,
    noam,
    parse,
    wsd,
)
from lrcore._catalogue import CALLS, FAMILIES, METHODS
from lrcore._elsewhere import ADAPTERS, GAPS, ROWS, _meanings, argument, scheduler

ROOT = Path(__file__).parents[2]
COSINE = Cosine(0.1, steps=100)
CYCLE = OneCycle(0.1, steps=100)

# A word of another library, in Python. Each message is whole.

WORDS: list[tuple[Callable[[], Any], str]] = [
    (lambda: Cosine(0.1, T_max=100), "Cosine has no argument 'T_max'; PyTorch's T_max is steps=."),
    (lambda: Cosine(0.1, steps=9, eta_min=0.0), "Cosine has no argument 'eta_min'; PyTorch's eta_min is end=."),
    (lambda: StepDecay(0.1, step_size=30), "StepDecay has no argument 'step_size'; PyTorch's step_size is every=."),
    (lambda: StepDecay(0.1, every=3, gamma=0.1), "StepDecay has no argument 'gamma'; PyTorch's gamma is factor=."),
    (lambda: OneCycle(max_lr=0.1, steps=9), "OneCycle has no argument 'max_lr'; PyTorch's max_lr is peak=."),
    (lambda: OneCycle(0.1, total_steps=9), "OneCycle has no argument 'total_steps'; PyTorch's total_steps is steps=."),
    (
        lambda: OneCycle(0.1, epochs=9, steps_per_epoch=5),
        "OneCycle has no argument 'epochs'; PyTorch's epochs is steps=epochs * steps_per_epoch.",
    ),
    (
        lambda: OneCycle(0.1, steps=9, base_momentum=0.8),
        "OneCycle has no argument 'base_momentum'; PyTorch's base_momentum is .momentum(low=base_momentum).",
    ),
    (lambda: Cyclic(base_lr=0.1, high=1, up=5), "Cyclic has no argument 'base_lr'; PyTorch's base_lr is low=."),
    (
        lambda: Cosine(0.1, decay_steps=9),
        "Cosine has no argument 'decay_steps'; Optax's and Keras's decay_steps is steps=.",
    ),
    (lambda: Exponential(0.1, decay_steps=9), "Exponential has no argument 'decay_steps'; Keras's decay_steps is every=."),
    (
        lambda: Cosine(0.1, steps=9, alpha=0.1),
        "Cosine has no argument 'alpha'; Optax's and Keras's alpha is end=alpha * start.",
    ),
    (
        lambda: Cosine(init_value=0.1, decay_steps=9, alpha=0.1),
        "Cosine has no argument 'init_value'; Optax's init_value is start=.",
    ),
    (
        lambda: Cosine(init_value=0.0, peak_value=0.1, decay_steps=9),
        "Cosine has no argument 'init_value'; Optax's init_value is .warmup(..., start=init_value).",
    ),
    (
        lambda: Cosine(init_value=0.1, steps=9),
        "Cosine has no argument 'init_value'; Optax's init_value is start= in cosine_decay_schedule and "
        ".warmup(..., start=init_value) in warmup_cosine_decay_schedule.",
    ),
    (
        lambda: Cosine(initial_learning_rate=0.1, steps=9),
        "Cosine has no argument 'initial_learning_rate'; Keras's initial_learning_rate is start=.",
    ),
    (
        lambda: Cosine(0.1, steps=9, num_warmup_steps=3),
        "Cosine has no argument 'num_warmup_steps'; Hugging Face's num_warmup_steps is .warmup(num_warmup_steps).",
    ),
    (
        lambda: Linear(0.1, end=0, num_training_steps=9),
        "Linear has no argument 'num_training_steps'; Hugging Face's num_training_steps is steps=.",
    ),
    (lambda: Polynomial(0.1, t_initial=9), "Polynomial has no argument 't_initial'; timm's t_initial is steps=."),
    (lambda: Cosine(0.1, steps=9, lr_min=0), "Cosine has no argument 'lr_min'; timm's lr_min is end=."),
    (lambda: Cosine(0.1, steps=9, warmup_t=3), "Cosine has no argument 'warmup_t'; timm's warmup_t is .warmup(warmup_t)."),
    (
        lambda: Linear(0.1, end=0, transition_steps=9),
        "Linear has no argument 'transition_steps'; Optax's transition_steps is steps=.",
    ),
    (
        lambda: Sequence([COSINE], milestones=[5]),
        "Sequence has no argument 'milestones'; PyTorch's milestones is boundaries=.",
    ),
    (
        lambda: lrcore.PiecewiseConstant([1], boundaries_and_scales={5: 0.1}),
        "PiecewiseConstant has no argument 'boundaries_and_scales'; Optax's piecewise_constant_schedule(init_value, "
        "boundaries_and_scales={i: a, j: b}) is PiecewiseConstant([init_value, a * init_value, a * b * init_value], "
        "boundaries=[i, j]).",
    ),
    (lambda: Cosine(lr=0.1, steps=9), "Cosine has no argument 'lr'; PyTorch's lr is start=."),
    (
        lambda: Cosine(learning_rate=0.1, steps=9),
        "Cosine has no argument 'learning_rate'; Keras's and Optax's learning_rate is start=.",
    ),
    (
        lambda: wsd(0.1, steps=99, warmup=9, num_decay_steps=9),
        "wsd has no argument 'num_decay_steps'; Hugging Face's num_decay_steps is cooldown=.",
    ),
    (
        lambda: COSINE.warmup(num_warmup_steps=9),
        "Cosine.warmup has no argument 'num_warmup_steps'; Hugging Face's num_warmup_steps is steps=.",
    ),
    (
        lambda: CYCLE.momentum(max_momentum=0.9),
        "OneCycle.momentum has no argument 'max_momentum'; PyTorch's max_momentum is high=.",
    ),
    (
        lambda: Cosine(0.1, steps=9, last_epoch=3),
        "Cosine has no argument 'last_epoch'; PyTorch's and Hugging Face's last_epoch belongs to the adapter: "
        "lrcore_torch.ScheduleLR(optimizer, schedule, step=updates_made).",
    ),
]

# A call that does not fit, with no word of another library in it.

CALLED: list[tuple[Callable[[], Any], str]] = [
    (lambda: Cosine(0.1, step=5), "Cosine has no argument 'step'; did you mean 'steps'?"),
    (lambda: Cosine(0.1, foo=5), "Cosine has no argument 'foo'; it has start, steps, end."),
    (lambda: Cosine(0.1), "Cosine needs steps=."),
    (lambda: Cosine(), "Cosine needs start and steps=."),
    (lambda: Linear(), "Linear needs start, end= and steps=."),
    (lambda: Cosine(0.1, 1000), "Cosine takes one positional argument, start; write steps=1000."),
    (lambda: Cosine(0.1, 0.01, steps=9), "Cosine takes one positional argument, start; write end=0.01."),
    (lambda: Cosine(0.1, 9, 0.01), "Cosine takes one positional argument, start; write steps=9, end=0.01."),
    (lambda: Cosine(0.1, 9, 0.01, 5), "Cosine takes one positional argument, start, got 3 more."),
    (lambda: Cosine(0.1, list(range(99))), "Cosine takes one positional argument, start; write steps=...."),
    (lambda: Cosine(0.1, start=0.2, steps=9), "Cosine has start twice, by its place and by its name."),
    (lambda: lrcore.Warmup(), "Warmup needs schedule and steps."),
    (lambda: COSINE.warmup(), "Cosine.warmup needs steps."),
    (lambda: COSINE.warmup(n=5), "Cosine.warmup has no argument 'n'; it has steps, start, shape."),
    (
        lambda: COSINE.warmup(5, 0.0, "linear", 7),
        "Cosine.warmup takes three positional arguments, steps, start and shape, got 1 more.",
    ),
    (lambda: COSINE.then(COSINE, 5), "Cosine.then takes one positional argument, after; write at=5."),
    (lambda: COSINE.repeat(), "Cosine.repeat needs times."),
    (lambda: COSINE.shift(by=5), "Cosine.shift has no argument 'by'; it has steps."),
    (lambda: COSINE.stretch(totl=5), "Cosine.stretch has no argument 'totl'; did you mean 'total'?"),
    (
        lambda: COSINE.per_epoch(5, True),
        "Cosine.per_epoch takes one positional argument, steps_per_epoch; write smooth=True.",
    ),
    (lambda: COSINE.clip(lo=5), "Cosine.clip has no argument 'lo'; did you mean 'low'?"),
    (lambda: COSINE.cooldown(5), "Cosine.cooldown needs steps."),
    (lambda: COSINE.extend(200), "Cosine.extend needs at=."),
    (lambda: CYCLE.momentum(0.9), "OneCycle.momentum takes no positional argument; write high=0.9."),
    (lambda: CYCLE.momentum().repeat(), "OneCycleMomentum.repeat needs times."),
    (lambda: wsd(0.1, 100, 10), "wsd takes one positional argument, peak; write steps=100, warmup=10."),
    (lambda: wsd(0.1, steps=100), "wsd needs warmup= and cooldown=."),
    (lambda: noam(512), "noam needs warmup=."),
]


@pytest.mark.parametrize(("call", "message"), [*WORDS, *CALLED], ids=[message for _, message in [*WORDS, *CALLED]])
def test_a_call_that_does_not_fit_is_answered_in_our_words(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        call()


def test_nothing_that_makes_a_schedule_answers_in_pythons_words() -> None:
    calls: dict[str, Callable[..., Any]] = dict(CALLS)
    calls |= {
        name: getattr(lrcore, name) for name in ("Warmup", "Repeat", "Shift", "PerEpoch", "Clip", "Product", "Scaled")
    }
    calls |= {f"Cosine.{name}": getattr(COSINE, name) for name in METHODS}
    calls |= {"OneCycle.momentum": CYCLE.momentum, "Cyclic.momentum": Cyclic(0.1, high=1, up=5).momentum}
    for name, function in calls.items():
        for arguments in ((), tuple(range(20))):
            with pytest.raises(TypeError) as caught:
                function(*arguments, unheard_of=1)
            assert str(caught.value).startswith(f"{name} has no argument 'unheard_of'; it has "), name
        with pytest.raises(TypeError) as caught:
            function(*range(20))
        assert re.match(rf"{re.escape(name)} takes \w+ positional argument", str(caught.value)), name


def test_an_error_inside_a_call_stays_what_it_was() -> None:
    def fails(t: float) -> float:
        return len(t)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"^object of type 'float' has no len\(\)$"):
        Constant(0.1).then(lrcore.Custom(fails), at=5).cooldown(at=9, steps=3)


# The same in text, where the place is told.

PARSED = [
    ("Cosine(0.1, T_max=total)", "Cosine has no argument 'T_max'; PyTorch's T_max is steps= (at column 13)."),
    ("Cosine(0.1, 90 * 5004)", "Cosine takes one positional argument, start; write steps=90 * 5004."),
    ("2 * Cosine(0.1)", "Cosine needs steps= (at column 5)."),
    (
        "CosineAnnealingLR(0.1, 100)",
        "there is no schedule 'CosineAnnealingLR'; PyTorch's CosineAnnealingLR(optimizer, T_max, eta_min) is "
        "Cosine(lr, steps=T_max, end=eta_min).",
    ),
    (
        "2 * optax.cosine_decay_schedule(0.1, 100)",
        "there is no schedule 'cosine_decay_schedule'; Optax's cosine_decay_schedule(init_value, decay_steps, alpha) is "
        "Cosine(init_value, steps=decay_steps, end=alpha * init_value) (at column 11).",
    ),
    (
        "ExponentialDecay(0.1, 100)",
        "there is no schedule 'ExponentialDecay'; Keras's ExponentialDecay(initial_learning_rate, decay_steps, decay_rate) "
        "is Exponential(initial_learning_rate, factor=decay_rate, every=decay_steps).",
    ),
    (
        "ReduceLROnPlateau(optimizer)",
        "there is no schedule 'ReduceLROnPlateau'; PyTorch's ReduceLROnPlateau follows a metric, and is no schedule: "
        "lrcore.plateau.Plateau.like('torch', ...) is its rule.",
    ),
    ("lrcore.Cosine(0.1, steps=5)", "write Cosine(...), without a module before it."),
]


@pytest.mark.parametrize(("text", "message"), PARSED, ids=[text for text, _ in PARSED])
def test_text_is_answered_likewise(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse(text)


@pytest.mark.parametrize(("name", "words"), [
    ("CosineAnnealingLR", "PyTorch's CosineAnnealingLR(optimizer, T_max, eta_min) is Cosine(lr, steps=T_max, end=eta_min)."),  # noqa: E501
    ("ScheduleLR", "write `from lrcore_torch import ScheduleLR`."),
    ("KerasSchedule", "write `from lrcore_keras import KerasSchedule`."),
    ("current", "write `from lrcore_optax import current`."),
])  # fmt: skip
def test_a_name_that_lrcore_does_not_have_says_where_it_is(name: str, words: str) -> None:
    with pytest.raises(
        AttributeError, match=f"^{re.escape(f'module {lrcore.__name__!r} has no attribute {name!r}; {words}')}$"
    ):
        getattr(lrcore, name)
    with pytest.raises(ImportError, match=f"^{re.escape(f'lrcore has no {name!r}; {words}')}$"):
        exec(f"from lrcore import {name}")


def test_each_name_of_an_adapter_is_found() -> None:
    for package in ADAPTERS:
        (names,) = re.findall(
            r"^__all__ = (\[[^\]]+\])", (ROOT / f"adapters/{package}/__init__.py").read_text(), re.MULTILINE
        )
        for name in ast.literal_eval(names):
            with pytest.raises(AttributeError, match=rf"`from {package} import {name}`"):
                getattr(lrcore, name)


def test_a_name_that_nobody_has_is_a_plain_error() -> None:
    assert not hasattr(lrcore, "unheard_of")
    assert not hasattr(lrcore, "ScheduleLR")
    assert not hasattr(lrcore, "__wrapped__")
    with pytest.raises(AttributeError, match=r"^module 'lrcore' has no attribute 'Cosin'$") as caught:
        lrcore.Cosin  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("Cosin", lrcore)  # from which Python suggests `Cosine`
    with pytest.raises(ImportError, match=r"^cannot import name 'unheard_of' from 'lrcore'"):
        exec("from lrcore import unheard_of")


# What the words cost: nothing that is seen, loaded or copied.


def test_the_table_is_loaded_by_an_error_only() -> None:
    code = """
import sys, lrcore
lrcore.parse("Cosine(0.1, steps=5).warmup(2)")(3)
print("lrcore._elsewhere" in sys.modules)
try:
    lrcore.Cosine(0.1, T_max=5)
except TypeError:
    loaded = {name.partition(".")[0] for name in sys.modules}
    print("lrcore._elsewhere" in sys.modules, loaded & {"numpy", "torch", "optax"})
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["False", "True set()", ""]


def test_signatures_and_pickles_are_as_without_the_words() -> None:
    assert str(inspect.signature(Cosine)) == "(start: 'float', *, steps: 'int', end: 'float' = 0.0) -> None"
    assert list(inspect.signature(COSINE.warmup).parameters) == ["steps", "start", "shape"]
    assert [name for name in METHODS if getattr(lrcore.Schedule, name).__name__ != name] == []
    for lr in FAMILIES.values():
        if not isinstance(lr, lrcore.Custom):
            assert pickle.loads(pickle.dumps(lr)) == copy.deepcopy(lr) == lr
    assert pickle.loads(pickle.dumps(wsd)) is wsd


# The table itself. That its rows are true is tests/contracts/test_originals.py.


def test_every_row_parses_and_names_what_lrcore_has() -> None:
    for row in ROWS:
        ours = [node for node in ast.walk(ast.parse(row.ours)) if isinstance(node, ast.Call)]
        assert [call.func.id for call in ours if isinstance(call.func, ast.Name) and call.func.id[0].isupper()
                and not hasattr(lrcore, call.func.id)] == []  # fmt: skip
        name = row.theirs.partition("(")[0]
        assert scheduler(name), row
        assert not hasattr(lrcore, name), row


def test_every_argument_of_a_row_has_a_meaning_for_the_family_beside_it() -> None:
    told = 0
    for row in ROWS:
        theirs = ast.parse(row.theirs, mode="eval").body
        assert isinstance(theirs, ast.Call)
        families = {node.func.id for node in ast.walk(ast.parse(row.ours)) if isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name) and node.func.id in CALLS}  # fmt: skip
        for word in (str(keyword.arg) for keyword in theirs.keywords):
            for family in families:
                parameters = list(inspect.signature(CALLS[family]).parameters)
                assert list(_meanings(row, family, word, frozenset([word]), parameters)), (row, word)
                if word not in parameters:
                    assert argument(family, word, [word], parameters).startswith(
                        ("PyTorch", "Hugging", "Optax", "Keras", "timm", "Mega")
                    )
                    told += 1
    assert told > 200


def test_a_word_that_is_in_no_row_of_a_family_has_no_meaning_there() -> None:
    assert argument("StepDecay", "T_max", ["T_max"], ["start", "every", "factor"]) == ""
    assert argument("Cosine", "T_max", ["T_max"], ["start", "steps", "end"]) == "PyTorch's T_max is steps="


def test_every_gap_reads_as_a_sentence() -> None:
    for gap in GAPS:
        assert gap.why.split()[0] in {"is", "belongs", "follows", "has", "counts", "keeps", "reports", "calls"}, gap
        assert not gap.why.endswith(".")


def test_the_page_shows_the_table_of_today() -> None:
    module = runpy.run_path(str(ROOT / "docs" / "coming_from.py"))
    text = module["PAGE"].read_text(encoding="utf-8")
    assert text == module["page"](text), "write it anew: python docs/coming_from.py"
    for row in ROWS:
        assert f"| `{row.theirs}` | `{row.ours}` | {row.steps} |\n" in text
    assert len(re.findall(r"^\| `", text, re.MULTILINE)) == len(ROWS)
    assert module["page"](text.replace("| all |", "| none |", 1)) == text
