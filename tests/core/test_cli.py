"""The command: what it draws and tells, its exit codes, and what it says of mistakes."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lrcore
from cases import CASES, Case
from lrcore import Cosine, Linear, Schedule, parse
from lrcore._catalogue import CALLS, FAMILIES, METHOD_NAMES, METHODS
from lrcore._cli import run
from lrcore._cli.app import COMMANDS
from lrcore._cli.known import docstring, signature
from lrcore._verify import _installed_modes
from lrcore._view.axis import axis
from lrcore._view.curve import horizon, points
from lrcore._view.terminal import draw

ONE = "OneCycle(0.1, steps=10_000)"
WSD = "wsd(0.1, steps=9_000, warmup=500, cooldown=1_800)"
WARM = "Cosine(0.1, steps=9_000).warmup(500)"


pytestmark = pytest.mark.usefixtures("terminal")


def process(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, its output piped."""
    command = [sys.executable, "-m", "lrcore", *args]
    return subprocess.run(command, capture_output=True, cwd=cwd, env={**os.environ, **env}, check=False)


def row(text: str, what: str) -> list[str]:
    """The cells of a table's row."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"{what}  ")]
    return re.split(r" {2,}", line.strip())[1:]


# show


def test_the_table_has_what_there_is_to_know(told: Any) -> None:
    text = told("show", WSD)
    lr = parse(WSD)
    rates = lr(np.arange(9_000))
    assert row(text, "first") == ["0", "0"]
    assert row(text, "peak") == ["500", "0.1"]
    assert row(text, "warmup ends") == ["500", "0.1"]
    assert row(text, "OneMinusSqrt begins") == ["7,200", "0.1"]
    assert row(text, "last update") == ["8,999", f"{lr(8_999):.6g}"]
    assert row(text, "after the end") == ["9,000", "0"]
    assert row(text, "mean") == [f"{rates.mean():.6g}"]
    assert row(text, "area under the curve") == [f"{rates.sum():.6g}"]


def test_epochs_stand_beside_steps(told: Any) -> None:
    text = told("show", ONE, "--steps-per-epoch", "500")
    assert row(text, "peak") == ["2,999", "5.998", "0.1"]
    assert "10,000 updates are 20 epochs." in text


def test_several_stand_side_by_side(told: Any) -> None:
    text = told("show", WARM, WSD, ONE)
    assert row(text, "OneMinusSqrt begins") == ["7,200", *(f"{parse(lr)(7_200):.6g}" for lr in (WARM, WSD, ONE))]
    assert row(text, "peak") == ["0.1 at 500", "0.1 at 500", "0.1 at 2,999"]
    assert [line for line in text.splitlines() if re.match(" +A {20,}B", line)]
    assert max(len(line) for line in text.splitlines() if "⠀" in line) <= 80


def test_what_never_ends_says_so_and_has_no_end(told: Any) -> None:
    text = told("show", "StepDecay(0.1, every=30)", "--total", "100")
    assert "StepDecay(0.1, every=30)  (never ends)" in text
    assert [line.split()[1:] for line in text.splitlines() if line.startswith("stair")] == [
        ["30", "0.01"],
        ["60", "0.001"],
        ["90", "0.0001"],
    ]
    assert row(text, "last update") == ["99", "0.0001"]
    assert "after the end" not in text


@pytest.mark.parametrize("log", [None, False], ids=["chosen", "linear"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_drawing_goes_through_both_ends_without_a_gap(case: Case, log: bool | None) -> None:
    lr: Schedule = case.schedule
    total = min(horizon([lr]), 10**5)
    scale = axis([lr], [points(lr, total)[1]], total, log)
    stars = draw(lr, total, scale, 40, 10, plain=True)
    grid = [[cell == "*" for cell in line] for line in stars]
    columns = [[i for i in range(10) if grid[i][j]] for j in range(40)]
    assert all(columns)
    assert all(min(a) <= max(b) + 1 and min(b) <= max(a) + 1 for a, b in itertools.pairwise(columns))
    for step, column in ((0, columns[0]), (total, columns[-1])):
        assert round((1 - scale.heights(lr(step))) * 39) // 4 in column


def test_csv_is_every_update(told: Any) -> None:
    lr = parse(ONE)
    rows = list(csv.reader(io.StringIO(told("show", ONE, "--csv"))))
    assert rows[0] == ["step", "rate"]
    assert [(int(step), float(rate)) for step, rate in rows[1:]] == list(enumerate(lr(np.arange(10_000)).tolist()))


def test_csv_of_several_has_a_column_each(told: Any) -> None:
    rows = list(csv.reader(io.StringIO(told("show", WARM, ONE, "--csv", "--steps-per-epoch", "100", "--total", "300"))))
    assert rows[0] == ["step", "epoch", repr(parse(WARM)), repr(parse(ONE))]
    assert len(rows) == 301
    assert [float(cell) for cell in rows[251]] == [250, 2.5, 0.05, parse(ONE)(np.arange(300))[250]]


def test_json_is_the_table(told: Any) -> None:
    warm, step = json.loads(told("show", WARM, "StepDecay(0.1, every=30)", "--json", "--total", "60"))
    assert parse(warm["schedule"]) == Cosine(0.1, steps=9000).warmup(500)
    assert (warm["length"], warm["total"]) == (9000, 60)
    assert warm["after_the_end"] == {"step": 9000, "rate": 0.0}
    assert step["length"] is None
    assert step["after_the_end"] is None
    assert step["edges"] == [{"step": 30, "kind": "change", "text": "stair", "rate": 0.1 * 0.1}]
    assert step["mean"] == pytest.approx((0.1 + 0.01) / 2, rel=1e-15)
    assert step["area"] == pytest.approx(30 * (0.1 + 0.01), rel=1e-15)
    assert step["last_update"] == {"step": 59, "rate": 0.1 * 0.1}


def test_the_sum_of_more_updates_than_are_looked_at_is_the_mean_s(told: Any) -> None:
    (lr,) = json.loads(told("show", "Linear(1.0, end=0.0, steps=10**12)", "--json"))
    assert lr["area"] == pytest.approx(5e11, rel=1e-6)


def test_labels_stand_for_the_expressions(told: Any) -> None:
    text = told("show", WARM, ONE, "--label", "warm", "--label", "cycle")
    assert f"warm   {parse(WARM)!r}" in text or f"warm  {parse(WARM)!r}" in text
    assert re.search(r"^ +step +warm +cycle$", text, re.MULTILINE)
    rows = told("show", WARM, ONE, "--label", "warm", "--label", "cycle", "--csv", "--total", "1").splitlines()
    assert rows[0] == "step,warm,cycle"
    packed = json.loads(told("show", WARM, ONE, "--label", "warm", "--label", "cycle", "--json"))
    assert [one["label"] for one in packed] == ["warm", "cycle"]


def test_the_axis_is_logarithmic_where_asked_for_and_where_it_helps(told: Any) -> None:
    sweep = "Geometric(1e-7, end=10, steps=100)"
    assert "  10│" in told("show", sweep)
    assert "1e-07└" in told("show", sweep)
    assert "The axis is logarithmic." in told("show", sweep)
    assert "The axis is logarithmic." not in told("show", sweep, "--no-log")
    assert "0.00001└" not in told("show", WARM, "--log")
    assert "1e-05└" in told("show", WARM, "--log")


def test_values_below_0_are_drawn_and_summed(told: Any) -> None:
    text = told("show", "Linear(-3, end=1, steps=100)")
    assert " 1│" in text
    assert "-3└" in text
    assert row(text, "mean") == [f"{Linear(-3.0, end=1.0, steps=100)(np.arange(100)).mean():.6g}"]


def test_dashes_read_standard_input_one_schedule_a_line(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"# two\n{WARM}\n\n  {ONE}\n"))
    both = json.loads(told("show", "-", "--json"))
    assert [parse(one["schedule"]) for one in both] == [parse(WARM), parse(ONE)]
    monkeypatch.setattr("sys.stdin", io.StringIO("# none\n"))
    message = "lrcore: - reads schedules from standard input, one a line, and there was none.\n"
    assert told("show", "-", code=2) == message


def test_a_first_epoch_that_trains_nothing_is_told(told: Any) -> None:
    assert "The first 100 updates have the value 0." in told("show", "Cosine(0.1, steps=90).warmup(5).per_epoch(100)")
    assert "have the value 0" not in told("show", WARM)
    assert "B: The first 100 updates have the value 0." in told(
        "show", WARM, "Cosine(0.1, steps=9).warmup(5).per_epoch(100)"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_on_a_terminal_of_any_width_nothing_is_cut_in_a_word(
    width: int, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    milestones = [30_000 * i for i in range(1, 12)]
    long = f"MultiStep(0.1, milestones={milestones}, factor=0.30000001).warmup(5_000, shape='cosine')"
    for text in (told("show", long, WARM, ONE, "--steps-per-epoch", "391"), told("explain", long).split("    lr(t)")[0]):
        text = re.sub("\x1b.*?m", "", text)
        assert max(len(line.rstrip()) for line in text.splitlines()) <= width
        assert "…" not in text
        assert " ".join(re.findall(r"\d{5,6}(?=[\],])", text)).startswith(" ".join(map(str, milestones)))


# plot


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_plot_writes_the_file(suffix: str, magic: bytes, tmp_path: Path, told: Any) -> None:
    path = tmp_path / f"rates.{suffix}"
    momentum = f"{ONE}.momentum()"
    args = ("plot", ONE, WARM, "-o", str(path), "--momentum", momentum, "--difference", "--steps-per-epoch", "391")
    assert told(*args) == f"{path}\n"
    assert path.read_bytes().startswith(magic)


def test_plot_prints_the_file_that_it_wrote(tmp_path: Path, told: Any) -> None:
    assert told("plot", ONE, "-o", str(tmp_path / "cycle")) == f"{tmp_path / 'cycle.png'}\n"
    assert (tmp_path / "cycle.png").exists()


# list and explain


def public_families() -> set[str]:
    return {name for name in lrcore.__all__ if name in CALLS}


def test_there_is_an_example_of_everything() -> None:
    assert set(FAMILIES) == public_families()
    assert set(METHODS) == METHOD_NAMES - {"momentum"}


def test_list_has_every_family_with_its_drawing_and_signature(told: Any) -> None:
    text = told("list")
    assert "Cosine(start, *, steps, end=0.0)" in text
    assert ".warmup(steps, start=0.0, shape='linear')" in text
    for name in FAMILIES:
        (line,) = [line for line in text.splitlines() if re.search(rf"^[⠀-⣿]{{16}}  {name}\(", line)]
        assert line
    assert all(f"  .{name}(" in text for name in METHODS)


@pytest.mark.parametrize("name", [*FAMILIES, *METHODS])
def test_explain_says_all_that_the_docstring_does(name: str, told: Any) -> None:
    text = told("explain", name.lower())
    owner: Any = Schedule if name in METHODS else lrcore
    first, *_ = getattr(owner, name).__doc__.splitlines()
    assert " ".join(first.split()) in " ".join(text.split())
    if name in FAMILIES:
        assert "lr(t) = " in text or "knots" in text


@pytest.mark.parametrize("name", [*FAMILIES, *METHODS])
def test_explain_breaks_prose_to_the_width_and_nothing_else(name: str, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {signature(name), repr({**FAMILIES, **METHODS}[name])}
    for paragraph in docstring(name).split("\n\n"):
        if paragraph.startswith((" ", ">>>")):
            kept.update(paragraph.splitlines())
    for width in (40, 60, 80):
        monkeypatch.setenv("COLUMNS", str(width))
        text = told("explain", name)
        assert {line for line in text.splitlines() if len(line) > width} <= kept
        assert docstring(name).replace("\n", "").replace(" ", "") in text.replace("\n", "").replace(" ", "")


def test_explain_says_what_an_expression_does(told: Any) -> None:
    text = told("explain", WARM)
    assert "Rises linearly from 0 to 0.1 over 500 updates, then decays as a half cosine to 0\nat update 9,000" in text
    assert re.search(r"^    lr\(t\) = 0\.1·t/500 +0 <= t < 500$", text, re.MULTILINE)
    latex = told("explain", WARM, "--latex")
    assert latex.startswith(r"\[ \mathrm{lr}(t) = \begin{cases}")
    assert latex in text
    assert "schedule with its numbers" in told("explain", "cosine", "--latex", code=2)


def test_explain_in_ascii_has_words_for_signs(tmp_path: Path) -> None:
    for what in ("cosine", WARM, "wsd"):
        done = process("explain", what, cwd=tmp_path, PYTHONIOENCODING="ascii")
        text = done.stdout.decode("ascii")
        assert "?" not in text
        assert "*" in text
    assert "sin^2(pi/2 * (T - t)/T)" in process("explain", "cosine", cwd=tmp_path, PYTHONIOENCODING="ascii").stdout.decode()


def test_explain_has_the_formula_of_a_method_too(told: Any) -> None:
    assert "lr(t) = schedule(t mod L)    0 <= t < times·L" in told("explain", "repeat")


# diff


def test_diff_of_the_same_is_0(told: Any) -> None:
    text = told("diff", WARM, "Cosine(1e-1, end=0, steps=9_000).warmup(500, shape='linear')")
    assert text == "The fields are the same, and so are the curves.\n"


def test_diff_names_the_fields_and_where_the_curves_part(told: Any) -> None:
    text = told("diff", "Cosine(0.1, steps=100).warmup(10)", "Cosine(0.1, steps=90).warmup(10)", code=1)
    a, b = Cosine(0.1, steps=100).warmup(10), Cosine(0.1, steps=90).warmup(10)
    gaps = np.abs(a(np.arange(101)) - b(np.arange(101)))
    most = int(gaps.argmax())
    assert row(text, "schedule.steps") == ["100", "90"]
    assert f"part at step 11: A {a(11):.6g}, B {b(11):.6g}." in text
    assert f"furthest apart at step {most}: A {a(most):.6g}, B {b(most):.6g}." in text


def test_diff_of_two_names_for_one_curve_is_1_and_says_so(told: Any) -> None:
    text = told("diff", "Linear(1, end=0, steps=4)", "Polynomial(1, steps=4, power=1)", code=1)
    assert row(text, "family") == ["'Linear'", "'Polynomial'"]
    assert "The curves are the same at 5 steps from 0 to 4." in text


def test_diff_of_very_long_ones_claims_no_more_than_it_looked_at(told: Any) -> None:
    text = told("diff", "Linear(1, end=0, steps=10**9)", "Linear(1, end=0.5, steps=10**9)", code=1)
    assert "The curves part by step 100:" in text
    text = told("diff", "Constant(1)", "Linear(1, end=1, steps=10**9)", code=1)
    assert "The curves are the same at 10,000,000 steps from 0 to 1,000,000,000." in text


def test_diff_shows_as_many_digits_as_it_takes(told: Any) -> None:
    text = told("diff", "Constant(0.1)", "Constant(0.1000000000000001)", code=1)
    assert "A 0.1, B 0.1000000000000001." in text


# verify: with all the frameworks in tests/contracts/test_verify_command.py


FRAMEWORKS = tuple(_installed_modes())


@pytest.fixture
def only_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    for framework in FRAMEWORKS:
        monkeypatch.setitem(sys.modules, framework, None)


@pytest.mark.usefixtures("only_numpy")
def test_verify_is_0_where_all_agree_and_names_what_is_not_installed(told: Any) -> None:
    text = told("verify", WARM)
    (mode,) = (mode for mode in lrcore.verify(parse(WARM)).modes if mode.installed)
    assert row(text, "NumPy") == [np.__version__, f"{mode.evaluations:,}", "0", "0", str(mode.float64_ulp)]
    for name in FRAMEWORKS:
        assert row(text, name) == ["not installed"]
    assert text.splitlines()[0] == repr(parse(WARM))
    assert text.splitlines()[-1] == "Every value is the core's, rounded once to float32."


@pytest.mark.usefixtures("only_numpy")
def test_verify_of_a_wrong_backend_is_1_and_counts(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one_ulp_up = lambda self, t, value: np.where(t == 7, np.nextafter(np.float32(value), np.float32(1)), value)  # noqa: E731
    monkeypatch.setattr("lrcore._numeric.numpy.NumPy.full", one_ulp_up)
    text = told("verify", WARM, "Constant(0.5)", code=1)
    (right, wrong) = (line.split()[2:] for line in text.splitlines() if line.startswith("NumPy  "))
    assert right[1] == "0"
    assert wrong[1:] == ["1", "1", f"{2**29:.3g}"]
    assert text.splitlines()[-1] == "1 value is not the core's, rounded once to float32."
    _, wrong_again = json.loads(told("verify", WARM, "Constant(0.5)", "--json", code=1))
    numpy, *_ = wrong_again["modes"]
    assert not wrong_again["ok"]
    assert (numpy["mismatches"], numpy["first"], numpy["float32_ulp"], numpy["float64_ulp"]) == (1, 7, 1, 2**29)


@pytest.mark.usefixtures("only_numpy")
def test_verify_as_json_is_the_table(told: Any) -> None:
    (report,) = json.loads(told("verify", WARM, "--json"))
    assert parse(report["schedule"]) == parse(WARM)
    numpy, *others = report["modes"]
    assert (numpy["name"], numpy["version"], numpy["mismatches"]) == ("NumPy", np.__version__, 0)
    assert numpy["evaluations"] > 12_000
    assert [other["version"] for other in others] == [None] * len(FRAMEWORKS)


@pytest.mark.usefixtures("only_numpy")
def test_verify_keeps_stderr_clear_of_what_is_said_past_sys_stderr(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def talkative(schedule: Schedule) -> Any:
        os.write(2, b"I0000 port.cc: custom operations are on")
        return verify(schedule)

    verify = lrcore.verify
    monkeypatch.setattr(lrcore, "verify", talkative)
    assert run(["verify", "Constant(1)"]) == 0
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


# mistakes

MISTAKES = [
    (["show", "Cosin(0.1)"], "lrcore: there is no schedule 'Cosin'; did you mean 'Cosine'?"),
    (["show", ONE, "Cosin(0.1)"], "lrcore: schedule 2: there is no schedule 'Cosin'; did you mean 'Cosine'?"),
    (
        ["show", "Cosine(0.1, step=5)"],
        "lrcore: Cosine has no argument 'step'; did you mean 'steps'? (at column 13)",
    ),
    (["show", "Cosine(0.1, steps=0)"], "lrcore: Cosine.steps must be a positive integer, got 0."),
    (["show", ONE, "--csv", "--json"], "lrcore: --csv and --json are two outputs: choose one."),
    (["show"], "lrcore show: Missing argument 'SCHEDULE'."),
    (["shwo", ONE], "lrcore: No such command 'shwo'. Did you mean 'show'?"),
    (["show", ONE, "--jsn"], "lrcore show: No such option: --jsn (Possible options: --csv, --json)"),
    (
        ["show", ONE, "--total", "0"],
        "lrcore show: Invalid value for '--total': Input should be greater than or equal to 1",
    ),
    (["plot", ONE], "lrcore plot: Missing option '-o' / '--output'."),
    (["plot", ONE, "-o", "/no/such/folder/a.png"], "lrcore: /no/such/folder/a.png: No such file or directory"),
    (["plot", ONE, "-o", "a.png", "--momentum", "0.9"], "lrcore: the text is not a schedule but 0.9."),
    (
        ["plot", ONE, "-o", "a.png", "--label", "a", "--label", "b"],
        "lrcore: --label must be given once for each schedule, 1 in all; got ['a', 'b'].",
    ),
    (["explain", "cosin"], "lrcore: there is no family or method 'cosin'; did you mean 'Cosine'?"),
    (["explain", "xyzzy"], "lrcore: there is no family or method 'xyzzy'; `lrcore list` draws them all."),
    (["diff", ONE], "lrcore diff: Missing argument 'B'."),
    (["verify"], "lrcore verify: Missing argument 'SCHEDULE'."),
    (
        ["verify", ONE, "Cosin(0.1)"],
        "lrcore: schedule 2: there is no schedule 'Cosin'; did you mean 'Cosine'?",
    ),
]


@pytest.mark.parametrize(("args", "message"), MISTAKES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_mistake_is_told_in_one_line_and_is_2(args: list[str], message: str, told: Any) -> None:
    assert told(*args, code=2) == f"{message}\n"


def test_an_unknown_format_names_the_known_ones(tmp_path: Path, told: Any) -> None:
    message = told("plot", ONE, "-o", str(tmp_path / "a.txt"), code=2)
    assert message.startswith("lrcore: Format 'txt' is not supported (supported formats: ")
    assert message.count("\n") == 1


# the process


def test_alone_it_shows_its_help(told: Any) -> None:
    text = told()
    assert all(command in text for command in (*COMMANDS, "--install-completion"))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_for_people(command: str, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (60, 80):
        monkeypatch.setenv("COLUMNS", str(width))
        text = told(command, "--help")
        assert not re.search(r"<\w+.*?>|…|[^]}]\.\.\.$", text, re.MULTILINE)
        assert max(map(len, text.splitlines())) <= width


def test_version(told: Any) -> None:
    assert told("--version") == f"{lrcore.__version__}\n"


def test_piped_it_has_no_colour_and_no_trailing_escape(tmp_path: Path) -> None:
    done = process("show", ONE, cwd=tmp_path)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert "⠉" in done.stdout.decode()


def test_colour_would_be_seen(tmp_path: Path) -> None:
    assert b"\x1b[36m" in process("show", ONE, cwd=tmp_path, FORCE_COLOR="1").stdout
    assert b"\x1b[36m" not in process("show", ONE, cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_without_unicode_it_draws_stars(tmp_path: Path) -> None:
    done = process("show", ONE, WARM, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    text = done.stdout.decode("ascii")
    assert "?" not in text
    assert text.count("*") > 40


def test_errors_and_codes_leave_the_process(tmp_path: Path) -> None:
    done = process("show", "Cosin(1)", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"lrcore: there is no schedule 'Cosin'; did you mean 'Cosine'?\n"
    assert process("diff", "Constant(1)", "Constant(2)", cwd=tmp_path).returncode == 1


def test_a_reader_that_stops_is_no_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lrcore", "show", "Cosine(1, steps=500_000)", "--csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"step,rate\n"
        running.stdout.close()
        assert running.stderr.read() == b""


def test_the_shell_completes_names(tmp_path: Path) -> None:
    done = process(cwd=tmp_path, _LRCORE_COMPLETE="complete_bash", COMP_WORDS="lrcore explain Cos", COMP_CWORD="2")
    assert done.stdout.split() == [b"Cosine"]


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_a_missing_library_says_what_to_install(library: str, tmp_path: Path) -> None:
    program = f"import sys; sys.modules[{library!r}] = None\nfrom lrcore.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr == f"lrcore: the command needs {library}: pip install 'lrcore[cli]'\n"


def test_the_script_is_declared() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"lrcore": "lrcore.__main__:main"}
    assert "cli" in project["optional-dependencies"]["all"][0]
