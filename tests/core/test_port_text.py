"""Other libraries' schedules in the text of a Python file: what is followed, and what is said of the rest."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrcore
from lrcore import Constant, Cosine, Exponential, Linear, MultiStep, OneCycle, Polynomial, StepDecay
from lrcore._elsewhere import ROWS, Row
from lrcore._elsewhere_plateaus import PLATEAUS, PlateauRow
from lrcore.plateau import Plateau
from lrcore.port import find, read
from originals import P, parameters

SGD = "optimizer = SGD(parameters, lr=lr, momentum=0.9)\n"
FUNCTIONS = {"f": P["f"]}


def text_of(row: Row, p: dict[str, Any]) -> str:
    """A Python file that makes what a row has on its left, with its names bound to numbers."""
    return "".join(f"{name} = {value!r}\n" for name, value in p.items() if name != "f") + SGD + row.theirs


def expected(row: Row, p: dict[str, Any]) -> Any:
    return eval(row.ours, vars(lrcore) | {"math": math} | p)


def reading(row: Row, p: dict[str, Any]) -> Any:
    """What is read of a row, of a run that is long enough to meet what it is about."""
    turns = "repeat(1000)" in row.ours
    made = read(text_of(row, p), names=FUNCTIONS, updates=3 * p["n"] if turns else None)
    return made.momenta[0] if "momentum" in row.library else made.schedule


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.library} {row.theirs}")
def test_each_row_of_the_table_is_read_as_its_expression(row: Row) -> None:
    p = P | {"start": 0.02}
    mine, ours = reading(row, p), expected(row, p)
    if "Custom" in row.ours:  # two functions are never equal: their values are
        assert [mine(t) for t in range(0, 150, 7)] == pytest.approx([ours(t) for t in range(0, 150, 7)], rel=1e-13)
    else:
        assert mine == ours


@settings(max_examples=6)
@given(parameters())
def test_each_row_is_read_as_its_curve_whatever_its_numbers(p: dict[str, Any]) -> None:
    steps = np.arange(0, 200, 3)
    for row in ROWS:
        mine, ours = reading(row, p | FUNCTIONS), expected(row, p | FUNCTIONS)
        if "Custom" not in row.ours and mine != ours:  # with one cycle only, or no start, it may be written more simply
            np.testing.assert_array_equal(mine(steps), ours(steps), err_msg=f"{row.theirs} {p}")


def test_a_row_that_is_another_would_be_seen() -> None:
    for row in ROWS:
        if "Custom" not in row.ours:
            assert reading(row, P) != 2 * expected(row, P)


RULES = [row for row in PLATEAUS if row.key in ("torch", "huggingface", "lightning", "timm", "keras", "greedy")]


@pytest.mark.parametrize("row", RULES, ids=lambda row: f"{row.library} {row.theirs}")
def test_each_rule_about_a_metric_is_read_as_its_plateau(row: PlateauRow) -> None:
    numbers = P | {"e": 1e-6, "m": 2, "mode": "max", "peak": 0.2}
    made = read(
        "".join(f"{name} = {value!r}\n" for name, value in numbers.items() if name != "f") + SGD + row.theirs, lr=0.1
    )
    assert made.plateau == eval(row.ours, {"Plateau": Plateau, "max": max} | numbers)
    assert made.schedule == Constant(0.1)


# What is followed.

FOLLOWED = {
    "EPOCHS = 90\nStepLR(SGD(p, 0.1), EPOCHS // 3)": StepDecay(0.1, every=30),
    "from torch.optim.lr_scheduler import StepLR as S\nS(torch.optim.SGD(p, lr=1e-1), step_size=30)": StepDecay(
        0.1, every=30
    ),
    "import torch\ntorch.optim.lr_scheduler.ExponentialLR(torch.optim.Adam(p, lr=0.1), gamma=1 - 0.1)": Exponential(
        0.1, factor=0.9
    ),
    "cfg = {'lr': 0.1, 'steps': int(1e3)}\noptax.linear_schedule(cfg['lr'], 0.0, cfg['steps'])": Linear(
        0.1, end=0.0, steps=1000
    ),
    "cfg = dict(init_value=0.1, decay_steps=10)\noptax.cosine_decay_schedule(**cfg)": Cosine(0.1, steps=10),
    "T, W = 100, 10\nget_cosine_schedule_with_warmup(AdamW(p, lr=1), W, num_training_steps=T)": Cosine(
        1.0, steps=100
    ).warmup(10),
    "def main():\n    lr: float = 0.2\n    return keras.optimizers.schedules.CosineDecay(lr, 100)": Cosine(0.2, steps=100),
    "class Model:\n    def setup(self):\n        self.lr = 0.3\n"
    "        return torch.optim.lr_scheduler.StepLR(SGD(p, lr=self.lr), 3)": StepDecay(0.3, every=3),
    "if __name__ == '__main__':\n    n = 7\nStepLR(SGD(p, lr=0.1), n)": StepDecay(0.1, every=7),
    "n = 3\nn *= 10\nStepLR(SGD(p, lr=0.1), n)": StepDecay(0.1, every=30),
    "LambdaLR(SGD(p, lr=0.1), lr_lambda=lambda epoch: 0.95 ** epoch)": Exponential(0.1, factor=0.95),
    "LambdaLR(SGD(p, lr=0.1), lambda _: 0.5)": Constant(0.05),
    "optax.adamw(learning_rate=optax.cosine_decay_schedule(0.1, 100))": Cosine(0.1, steps=100),
    "schedule = get_scheduler('polynomial', optimizer=AdamW(p, lr=0.1), num_warmup_steps=0, num_training_steps=9, "
    "scheduler_specific_kwargs={'lr_end': 0.0, 'power': 2})": Polynomial(0.1, steps=9, power=2),
    "warm = LinearLR(opt, 0.1, total_iters=5)\nopt = SGD(p, lr=1.0)\n"
    "SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=5), CosineAnnealingLR(opt, 95)], [5])": None,
    "from tensorflow import keras\nkeras.optimizers.schedules.CosineDecay(0.1, 9)": Cosine(0.1, steps=9),
    "from keras import callbacks\ncallbacks.ReduceLROnPlateau(patience=3)": Constant(1.0),
    "OneCycleLR(opt, max_lr=0.1, epochs=9, steps_per_epoch=10)": OneCycle(0.1, steps=90),
    "args = TrainingArguments('out', learning_rate=1e-3, lr_scheduler_type='linear', max_steps=100, warmup_ratio=0.05)": (
        Linear(1e-3, end=0.0, steps=100).warmup(5)
    ),
}


@pytest.mark.parametrize("text", FOLLOWED)
def test_names_arithmetic_and_constructors_are_followed(text: str) -> None:
    found = [one for one in find(text) if one.reading]
    last = found[-1].reading
    assert last is not None
    assert last.schedule == (FOLLOWED[text] or Cosine(1.0, steps=100).warmup(5, start=0.1))


def test_a_dict_that_names_its_kind_is_a_configuration() -> None:
    block = '{"type": "WarmupLR", "params": {"warmup_max_lr": 0.1, "warmup_num_steps": n, "warmup_type": "linear"}}'
    (found,) = find(f'n = 100\nengine = initialize(config={{"fp16": {{}}, "scheduler": {block}}})')
    assert found.where == "line 2"
    assert found.reading is not None
    assert found.reading.schedule == Constant(0.0).then(Linear(0.0, end=0.1, steps=100), at=1)
    assert find(f"config = {block}")[0].refusal.startswith("warmup_num_steps is computed, n: write its number there")
    assert find('config = {"lr": 0.1, "warmup": 5, "x": f()}') == []


def test_a_part_of_another_schedule_is_not_found_again() -> None:
    text = "opt = SGD(p, lr=1.0)\nwarm = LinearLR(opt, 0.1, total_iters=5)\ncos = CosineAnnealingLR(opt, 95)\n"
    (found,) = find(text + "schedule = SequentialLR(opt, schedulers=[warm, cos], milestones=[5])")
    assert found.where == "line 4"
    assert found.reading is not None
    assert found.reading.schedule == Cosine(1.0, steps=100).warmup(5, start=0.1)
    assert [one.where for one in find(text)] == ["line 2", "line 3"]


def test_each_group_has_its_own_rate() -> None:
    made = read("StepLR(SGD([{'params': a}, {'params': b, 'lr': 0.01}], lr=0.1), 30)")
    assert made.rates == (StepDecay(0.1, every=30), StepDecay(0.01, every=30))
    with pytest.raises(ValueError, match=r"^Reading\.schedule is one for all groups, and 2 groups differ: Reading\.rates"):
        _ = made.schedule
    assert list(made.schedules) == ["rate[0]", "rate[1]"]
    same = read("StepLR(SGD([{'params': a}, {'params': b}], lr=0.1), 30)")
    assert same.rates == (same.schedule,) == (StepDecay(0.1, every=30),)


def test_without_its_optimizer_a_schedule_is_a_factor() -> None:
    made = read("StepLR(optimizer, 30)")
    assert made.schedule == StepDecay(1.0, every=30)
    assert made.remarks == ("The optimizer's rate is not given: this is a factor of it, and lr= makes it a rate.",)
    assert read("StepLR(optimizer, 30)", lr=0.1).schedule == StepDecay(0.1, every=30)
    assert read("StepLR(optimizer, 30)", lr=0.1).remarks == ()
    assert read("OneCycleLR(optimizer, 0.1, 100)").remarks == ()


def test_what_a_file_computes_can_be_said() -> None:
    text = "MultiStepLR(SGD(p, lr=args.lr), [args.epochs // 2, len(loader)])"
    made = read(text, names={"args.lr": 0.1, "args.epochs": 60, "len(loader)": 45})
    assert made.schedule == MultiStep(0.1, milestones=[30, 45])


ODD = ["", "None", "-1", "0", "1.5", "1e400", "'cosine'", "[]", "[1, 'x']", "{}", "{1: 0.5}", "lambda t: t", "f(x)", "*x", "**x", "n=3", "lr=1",
       "optimizer=3", "schedulers=[3]", "schedulers=[StepLR(o, 3)]", "milestones=[1, 0]", "x=StepLR(o, 0)"]  # fmt: skip


@settings(max_examples=80)
@given(st.sampled_from(sorted({row.theirs.partition("(")[0] for row in ROWS})), st.lists(st.sampled_from(ODD), max_size=5))
def test_whatever_is_called_is_read_or_refused(name: str, arguments: list[str]) -> None:
    text = f"{name}({', '.join(arguments)})"
    try:
        ast.parse(text)
    except SyntaxError:
        return
    for found in find(text):
        assert (found.reading is None) == bool(found.refusal)


# What is set in a branch or a loop is known inside it only.


@pytest.mark.parametrize(
    "setting", ["if big:\n    n = 3\n", "for n in range(9):\n    pass\n", "while go():\n    n += 1\n", "try:\n    n = 3\nexcept E:\n    n = 4\n"],
    ids=["if", "for", "while", "try"],
)  # fmt: skip
def test_a_name_that_may_be_set_anew_is_not_taken_for_what_it_was(setting: str) -> None:
    (found,) = find(f"n = 30\n{setting}StepLR(SGD(p, lr=0.1), n)")
    assert found.reading is None
    assert found.refusal.startswith("StepLR.step_size is computed, n (set in line ")


@pytest.mark.parametrize(
    "setting",
    ["if big:\n    cfg['n'] = 3\n", "cfg.update(n=3)\n", "if big:\n    cfg.pop('n')\n", "with open(f) as cfg:\n    pass\n", "other = cfg\nother.clear()\n", "other = cfg\nif big:\n    other['n'] = 3\n", "cfg = load()\n"],
)  # fmt: skip
def test_a_dict_that_may_have_changed_is_not_taken_for_what_it_was(setting: str) -> None:
    (found,) = find(f"cfg = {{'n': 30}}\n{setting}StepLR(SGD(p, lr=0.1), cfg['n'])")
    assert found.reading is None
    (found,) = find("cfg = {'n': 30}\nother = cfg\nother['n'] = 3\nStepLR(SGD(p, lr=0.1), cfg['n'])")
    assert found.reading is not None
    assert found.reading.schedule == StepDecay(0.1, every=3)
    (found,) = find("cfg = {'n': 30}\nn = cfg.get('n', 3)\ncfg['n'] = 40\nStepLR(SGD(p, lr=0.1), cfg['n'] + n)")
    assert found.reading is not None
    assert found.reading.schedule == StepDecay(0.1, every=70)


@pytest.mark.parametrize(
    "text",
    ["n = 30\ndef make():\n    return StepLR(SGD(p, lr=0.1), n)\nn = 3\nmake()", "n = 30\ndef set():\n    global n\n    n = 3\nset()\nStepLR(SGD(p, lr=0.1), n)"],
)  # fmt: skip
def test_which_of_two_values_a_function_meets_is_not_guessed(text: str) -> None:
    (found,) = find(text)
    assert found.reading is None
    assert found.refusal.startswith("StepLR.step_size is computed, n")


def test_a_function_meets_what_is_bound_after_it() -> None:
    (found,) = find("def make():\n    return StepLR(SGD(p, lr=0.1), n)\nn = 3\nmake()")
    assert found.reading is not None
    assert found.reading.schedule == StepDecay(0.1, every=3)


@pytest.mark.parametrize(
    "change",
    ["opt.param_groups[0]['lr'] = 0.5", "for group in opt.param_groups:\n    group['lr'] = 0.5", "opt.add_param_group({})"],
)
def test_an_optimizer_that_was_changed_has_no_known_rate(change: str) -> None:
    (found,) = find(f"opt = SGD(p, lr=0.1)\n{change}\nStepLR(opt, 30)")
    assert found.reading is not None
    assert found.reading.schedule == StepDecay(1.0, every=30)
    assert found.reading.remarks[0].startswith("The optimizer's rate is not given")


def test_a_run_that_is_resumed_is_read_as_a_whole_and_said_to_be_resumed() -> None:
    made = read("StepLR(SGD(p, lr=0.1), 30, last_epoch=start - 1)")
    assert made.schedule == StepDecay(0.1, every=30)
    assert made.remarks[0].startswith("It resumes a run: this is the schedule of all of it")
    assert read("StepLR(SGD(p, lr=0.1), 30, last_epoch=-1)").remarks == ()


@pytest.mark.parametrize("n", ["[0] * 10**12", "'a' * 10**12", "9 ** 9 ** 9", "'%1000000000d' % 1", "len('a' * 10**12)"])
def test_what_no_schedule_needs_is_not_computed(n: str) -> None:
    (found,) = find(f"n = {n}\nStepLR(SGD(p, lr=0.1), n)")
    assert found.reading is None


@pytest.mark.parametrize(
    "text", ["x = " + "(" * 5000 + "1" + ")" * 5000, "x = " + "-" * 3000 + "1\nf()", "[" * 9999, "a: " * 9999]
)
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (Python's limits and words differ by version)
        read(text)


def test_inside_a_branch_it_is_known() -> None:
    (found,) = find("n = 30\nif big:\n    n = 3\n    StepLR(SGD(p, lr=0.1), n)")
    assert found.reading is not None
    assert found.reading.schedule == StepDecay(0.1, every=3)


def test_nothing_is_run(tmp_path: Path) -> None:
    left = tmp_path / "left"
    text = f"import pathlib\nn = int(pathlib.Path({str(left)!r}).write_text('x'))\nStepLR(SGD(p, lr=0.1), n)\nopen({str(left)!r}, 'w')"
    with pytest.raises(ValueError, match=r"StepLR\.step_size is computed"):
        read(text)
    assert not left.exists()
    exec(text.partition("StepLR")[0], {})  # the twin: run, it leaves a file
    assert left.exists()


# Refusals: what was found where, and what to write instead.

REFUSED = {
    "from mmengine.optim import CosineAnnealingLR\nCosineAnnealingLR(o, T_max=9)": (
        "the text, line 2: this CosineAnnealingLR is mmengine.optim's and not PyTorch's: write its curve in lrcore's words."
    ),
    "class StepLR:\n    pass\nStepLR(o, 3)": (
        "the text, line 3: this StepLR is the file's own and not PyTorch's: write its curve in lrcore's words."
    ),
    "import paddle\npaddle.optimizer.lr.PolynomialDecay(0.1, 9)": (
        "the text, line 2: this PolynomialDecay is paddle's and not Keras's: write its curve in lrcore's words."
    ),
    "StepLR(SGD(p, lr=0.1), 30, **options)": (
        "the text, line 1: StepLR's ** is computed, options: write its number there, or say it as names={'options': ...}."
    ),
    "StepLR(SGD(p, lr=0.1), args.step)": (
        "the text, line 1: StepLR.step_size is computed, args.step: write its number there, or say it as "
        "names={'args.step': ...}."
    ),
    "LambdaLR(SGD(p, lr=0.1), lambda t: min(1, t / 9))": (
        "the text, line 1: LambdaLR.lr_lambda is a function of your own, lambda t: min(1, t / 9), which is not run: write "
        "lr * lrcore.Custom(function)."
    ),
    "x = 1\nprint(x)": 'the text has no schedule that is known here; write its curve as an expression, such as "Cosine(0.1, steps=1000)".',
    "opt = 3\nMyWarmup(opt, 3)\nFooLR(opt)": (
        'the text has no schedule that is known here; it calls MyWarmup, FooLR, which are not known; write its curve as an expression, such as "Cosine(0.1, steps=1000)".'
    ),
    "StepLR(o, 1)\nStepLR(o, 2)": "the text has 2 schedules, at line 1, line 2: lrcore.port.find gives them all.",
    "StepLR(o, 30, gama=0.1)": "the text, line 1: StepLR: got an unexpected keyword argument 'gama'.",
    "StepLR(o, 0)": "the text, line 1: PyTorch's StepLR cannot be read: StepDecay.every must be a positive integer, got 0.",
    "StepLR(o, 2.5)": "the text, line 1: StepLR.step_size must be a whole number of steps to be read, got 2.5.",
    "CosineAnnealingLR(o, 90, eta_min=1e-5)": (
        "the text, line 1: CosineAnnealingLR.eta_min is a rate of its own, 1e-05, and the optimizer's rate is not given: say "
        "it as lr=."
    ),
    "ExponentialLR(SGD(p, lr=1e-6), gamma=1.1)": (
        "the text, line 1: ExponentialLR.gamma is 1.1, so that the rate grows without end: say how far the run goes as "
        "updates=."
    ),
    "ChainedScheduler([CosineAnnealingLR(SGD(p, lr=0.1), 90, 0.01), StepLR(o, 30)])": (
        "the text, line 1: ChainedScheduler.schedulers[0], a CosineAnnealingLR, does more than multiply the rate, so that the "
        "chain is no product of schedules: exact=False with updates= makes a table of its values."
    ),
    "SequentialLR(o, [StepLR(o, 3), MultiplicativeLR(o, lambda t: 0.9)], [5])": (
        "the text, line 1: SequentialLR.schedulers[1], a MultiplicativeLR, goes on from the rate that the scheduler before it "
        "left, and a schedule knows only its step: write that piece's curve from where it begins."
    ),
    "SequentialLR(o, [StepLR(o, 3), StepLR(o, args.n)], [5])": (
        "the text, line 1: StepLR.step_size is computed, args.n: write its number there, or say it as names={'args.n': ...}."
    ),
    "CosineLRScheduler(SGD(p, lr=0.1), 90, noise_range_t=[0, 9])": (
        "the text, line 1: CosineLRScheduler.noise_range_t adds noise, and a schedule is a function of the step alone: leave "
        "it out."
    ),
    "get_scheduler('rex', SGD(p, lr=0.1), 1, 9)": (
        "the text, line 1: get_scheduler has no 'rex'; it has linear, cosine, cosine_with_restarts, polynomial, constant, "
        "constant_with_warmup, inverse_sqrt, reduce_lr_on_plateau, cosine_with_min_lr, cosine_warmup_with_min_lr, "
        "warmup_stable_decay, greedy."
    ),
    "train.py": "a file is read by its path: read(Path('train.py')).",
    "n = 3\n[StepLR(SGD(p, lr=0.1), n) for n in sizes]": (
        "the text, line 2: StepLR.step_size is computed, n: write its number there, or say it as names={'n': ...}."
    ),
    "n = 3\nmake = lambda n: StepLR(SGD(p, lr=0.1), n)": (
        "the text, line 2: StepLR.step_size is computed, n: write its number there, or say it as names={'n': ...}."
    ),
    "TrainingArguments('out', learning_rate=args.lr)": (
        "the text, line 1: TrainingArguments.learning_rate is computed, args.lr: write its number there, or say it as "
        "names={'args.lr': ...}."
    ),
    "CosineDecayRestarts(0.1, 10, t_mul=1.5)": (
        "the text, line 1: CosineDecayRestarts.t_mul is 1.5, and its cycles begin between updates, where those of WarmRestarts "
        "begin at one: exact=False makes a table of it."
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_says_what_was_found_where_and_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(REFUSED[text])}$"):
        read(text)


def test_a_file_that_is_not_python_says_so(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("def f(:\n")
    with pytest.raises(ValueError, match=r"^this is not Python: invalid syntax \(line 1\)\.$"):
        read(file)
