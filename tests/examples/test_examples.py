"""Each example runs as a user would run it, from a folder of its own, and what it prints is true."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrcore import Cosine, Linear, OneCycle, Schedule, parse, wsd
from lrcore.plateau import Metric, read_metric
from lrcore.theory import best_peak_ratio

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(path.name for path in EXAMPLES.glob("*.py"))


def printed(name: str, folder: Path, *arguments: str, **environment: str) -> str:
    """What an example prints."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env={**os.environ, **environment}, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(text: str) -> dict[int, list[str]]:
    """The columns of the lines that begin with a step."""
    lines = [line.split() for line in text.splitlines()]
    return {
        int(words[0]): words[1:]
        for words in lines
        if len(words) > 2 and words[0].isdigit() and words[1][0] in "-0123456789"
    }


def single(schedule: Schedule, step: int) -> float:
    return float(np.float32(schedule(step)))


def test_the_readme_lists_every_program() -> None:
    listed = re.findall(r"^\| \[(\w+\.py)\]\((\w+\.py)\) \|", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == [(name, name) for name in PROGRAMS]


FRAMEWORK = {"torch": "torch", "keras": "keras", "jax": "jax", "optax": "optax", "frameworks": "sklearn"}


WITHOUT = """
import runpy, sys
class Missing:
    def find_spec(name, path=None, target=None):
        if name == {framework!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing)
sys.argv = [{path!r}]
runpy.run_path({path!r}, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("name", "framework"),
    [(name, FRAMEWORK[name.removesuffix(".py").rpartition("_")[2]]) for name in PROGRAMS]
    + [("three_frameworks.py", "torch")],
)
def test_a_missing_framework_is_one_line_that_says_what_to_install(name: str, framework: str, tmp_path: Path) -> None:
    code = WITHOUT.format(framework=framework, path=str(EXAMPLES / name))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert re.fullmatch(rf"No module '{framework}': run `make demo`, or pip install 'lrcore\[.*\n", done.stderr), (
        done.stderr
    )


def test_fine_tuning_gives_each_group_its_rates_and_the_body_waits(tmp_path: Path) -> None:
    text = printed("finetune_torch.py", tmp_path).partition("Fine-tuning")[2]
    body, head = (parse(re.search(rf"^{name}: (.*)$", text, re.MULTILINE)[1]) for name in ("body", "head"))  # type: ignore[index]
    updates = re.findall(r"^update +(\d+)  ({.*?})  body moved (\S+)  accuracy (\S+)%$", text, re.MULTILINE)
    assert [int(step) for step, *_ in updates] == [0, 25, 50, 75, 100, 125, 149]
    for step, used, moved, _ in updates:
        assert ast.literal_eval(used) == {"lr/body": body(int(step)), "lr/head": head(int(step))}
        assert (float(moved) > 0) == (int(step) > 50)
    assert float(updates[-1][-1]) > 80


def test_a_resumed_run_is_bit_equal_and_changes_of_plan_do_not_jump(tmp_path: Path) -> None:
    text = printed("resume_torch.py", tmp_path)
    planned = Cosine(0.5, steps=200, end=0.005).warmup(20)
    longer = planned.extend(300, at=120)
    branch = longer.cooldown(at=180, steps=40)
    for name, schedule in (("planned", planned), ("longer", longer), ("branch", branch)):
        assert re.search(rf"^{name} +{re.escape(repr(schedule))}$", text, re.MULTILINE)
    found = rows(text)
    for column, (schedule, end) in enumerate(((planned, 200), (planned, 200), (longer, 300), (branch, 220))):
        for step, words in found.items():
            assert words[column] == (repr(schedule(step)) if step < end else "-")
    assert {119, 120, 179, 180, 219, 299} < set(found)
    for what in ("rates", "losses"):
        assert f"200 of the 200 {what} of the resumed run are bit-equal to those of the whole one" in text


def test_two_processes_use_the_same_rates_and_reach_the_same_weights(tmp_path: Path) -> None:
    text = printed("two_processes_torch.py", tmp_path)
    lr = Cosine(0.5, steps=60).warmup(6)
    assert rows(text) == {step: [repr(lr(step))] * 2 for step in (0, 1, 6, 33, 59)}
    assert "60 of 60 rates are the schedule's in both; the schedulers are at steps 60 and 60" in text
    assert "the same weights in both: True" in text
    assert float(re.search(r"accuracy (\S+)%", text)[1]) > 95  # type: ignore[index]


@pytest.mark.parametrize("backend", ["jax", "torch"])  # TensorFlow: log_keras.py
def test_one_cycle_drives_rate_and_momentum_on(backend: str, tmp_path: Path) -> None:
    text = printed("one_cycle_keras.py", tmp_path, KERAS_BACKEND=backend)
    assert text.startswith(f"Keras on {backend}, 120 updates")
    cycle = OneCycle(0.5, steps=120)
    found = rows(text)
    assert found == {step: [repr(single(s, step)) for s in (cycle, cycle.momentum())] for step in found}
    assert {0, 36, 119} < set(found)
    assert float(re.search(r"others: (\S+)%", text)[1]) > 90  # type: ignore[index]


def test_a_population_of_peaks_is_traced_once_and_each_has_the_cores_rates(tmp_path: Path) -> None:
    text = printed("population_jax.py", tmp_path)
    assert "traced 1 time(s)" in text
    lines = [line.split() for line in text.splitlines() if re.match(r"\d\S+ +\d\S+ +\S+ +\S+%", line)]
    assert len(lines) == 12
    for peak, rate, *_ in lines:
        assert float(rate) == single(Cosine(float(peak), steps=150).warmup(10), 100)
    assert "1800 of 1800 rates are bit-equal to the core's" in text
    accuracies = [float(words[3].rstrip("%")) for words in lines]
    best = accuracies.index(max(accuracies))
    assert 0 < best < 11
    assert [i for i, words in enumerate(lines) if words[-1] == "best"] == [best]
    assert accuracies[best] > 90
    assert f"best: Cosine({lines[best][0]}, steps=150).warmup(10)" in text


def test_a_noisy_curve_gives_the_same_cuts_in_three_frameworks(tmp_path: Path) -> None:
    text = printed("plateau_three_frameworks.py", tmp_path, KERAS_BACKEND="jax")
    assert "The 120 rates of each framework are bit-equal to lr(step) * scale, rounded once to float32." in text
    lr = parse(re.search(r"^lr = (.*)$", text, re.MULTILINE)[1])  # type: ignore[index]
    scale, cuts = 1.0, []
    for line in text.splitlines():
        if re.match(r" +\d+ ", line):
            epoch, _, *rates = line.removesuffix("  cut").split()
            want = f"{single(lr * scale, 5 * int(epoch) - 1):.8g}"
            assert rates == [want] * 3
            if line.endswith("  cut"):
                cuts.append(int(epoch))
                scale /= 2
    assert len(cuts) > 2
    assert f"It cut after epochs {cuts}; with patience=5 it would have after [" in text


def board(folder: Path) -> dict[str, list[tuple[int, np.float32]]]:
    """What TensorBoard's own reader finds: of each name the steps and numbers."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    reader = EventAccumulator(str(folder), size_guidance={"tensors": 0, "scalars": 0})
    reader.Reload()
    tags = reader.Tags()
    found = {tag: [(e.step, np.float32(e.value)) for e in reader.Scalars(tag)] for tag in tags["scalars"]}
    for tag in tags["tensors"]:
        arrays = [(e.step, make_ndarray(e.tensor_proto)) for e in reader.Tensors(tag)]
        found[tag] = [(step, array[()]) for step, array in arrays if array.dtype == np.float32 and array.ndim == 0]
    return found


CYCLE, STEPS = OneCycle(0.5, steps=100), range(100)


def logged(text: str) -> dict[int, dict[str, float]]:
    """What the stand-in for a run of Weights & Biases was given."""
    return {int(step): ast.literal_eval(values) for step, values in re.findall(r"^(\d+) ({.*})$", text, re.MULTILINE)}


def agree(
    text: str,
    found: dict[str, list[tuple[int, np.float32]]],
    schedules: dict[str, Schedule],
    prefix: str = "",
    first: int = 0,
) -> None:
    """Assert that TensorBoard has every update's values bit for bit, and the run got them too."""
    for name, schedule in schedules.items():
        assert found[prefix + name] == [(first + step, np.float32(schedule(step))) for step in STEPS]
    run = logged(text)
    assert list(run) == [0, 20, 40, 60, 80, 99]
    for step, values in run.items():
        got = {name: np.float32(value) for name, value in values.items() if name != "loss"}
        assert got == {name: np.float32(schedule(step)) for name, schedule in schedules.items()}
    assert run[99]["loss"] < 0.5 * run[0]["loss"]


def same_as_read(found: list[tuple[int, np.float32]], metric: Metric) -> None:
    assert list(zip(metric.steps or (), metric.values, strict=True)) == found
    assert len(found) > 1


def test_torchs_log_is_every_updates_values_by_group(tmp_path: Path) -> None:
    text = printed("log_torch.py", tmp_path)
    decay, momentum = Linear(1e-4, end=1e-3, steps=100), CYCLE.momentum()
    schedules = {"lr/weights": CYCLE, "lr/biases": CYCLE, "momentum/weights": momentum, "momentum/biases": momentum}
    found = board(tmp_path / "out" / "log_torch")
    agree(text, found, {**schedules, "weight_decay/weights": decay})
    assert set(found) == {*schedules, "weight_decay/weights", "loss"}
    same_as_read(found["loss"], read_metric(tmp_path / "out" / "log_torch", "loss"))


def test_kerass_log_is_every_updates_values(tmp_path: Path) -> None:
    text = printed("log_keras.py", tmp_path, KERAS_BACKEND="tensorflow")
    schedules = {"lr": CYCLE, "momentum": CYCLE.momentum(), "weight_decay": Linear(1e-4, end=1e-3, steps=100)}
    found = board(tmp_path / "out" / "log_keras" / "train")
    agree(text, found, schedules, prefix="batch_", first=1)
    same_as_read(found["epoch_loss"], read_metric(tmp_path / "out" / "log_keras", "epoch_loss"))
    for name, schedule in schedules.items():
        assert f"  {name} {[single(schedule, step) for step in (24, 49, 74, 99)]}\n" in text


def test_optaxs_log_is_every_updates_values(tmp_path: Path) -> None:
    text = printed("log_optax.py", tmp_path)
    cycle = OneCycle(0.02, steps=100)
    schedules = {"lr": cycle, "momentum": cycle.momentum(), "weight_decay": Linear(0.01, end=0.1, steps=100)}
    found = board(tmp_path / "out" / "log_optax")
    agree(text, found, schedules)
    assert set(found) == {*schedules, "loss"}


def test_a_forecast_beside_the_runs_that_it_is_of(tmp_path: Path) -> None:
    text = printed("forecast_torch.py", tmp_path, "--updates", "30", "--peaks", "1", "--held-out", "16", "--processes", "1")
    ratio = best_peak_ratio(
        Cosine(1.0, steps=30).warmup(1), wsd(1.0, steps=30, warmup=1, cooldown=6, shape="linear"), total=30
    )
    assert f"by theory {ratio:.2f}\n" in text
    table = [line.rsplit(maxsplit=7) for line in text.splitlines() if " to " in line and line.endswith("%")]
    assert [row[0] for row in table] == ["constant", "cosine 10%", "two stages", "linear", "wsd"]
    for _, predicted, low, _, high, measured, off, _ in table:
        assert float(low) < float(predicted) < float(high)
        assert float(predicted) / float(measured) - 1 == pytest.approx(float(off.rstrip("%")) / 100, abs=1e-4)
    assert (tmp_path / "out" / "forecast.png").stat().st_size > 10_000
