"""Everything that is measured, in one table: each program here runs in a process of its own, one after another.

    python benchmarks [--markdown] [--quick] [PROGRAM ...]

A ratio is the peer's time over ours, the least, the median and the largest of rounds in which the two take turns: above 1
we are faster. Of bytes and instructions likewise. `ours` is the median time of one call of ours, or the number.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PROGRAMS: list[tuple[str, str]] = [
    ("core_schedules", ""),
    ("torch_scheduler", ""),
    ("optax_schedule", ""),
    ("keras_schedule", "tensorflow"),
    ("keras_schedule", "jax"),
    ("keras_schedule", "torch"),
    ("imports", "tensorflow"),
    ("plots", "tensorflow"),
]
"""Each program, and the backend of Keras where there is one: a process has only one."""

PACKAGES = ("numpy", "torch", "optax", "jax", "keras", "tensorflow-cpu")

Rows = list[dict[str, Any]]


def measured(program: str, backend: str, *, quick: bool) -> Rows:
    """The rows of one program, which says what went wrong and ends everything where something does."""
    # One thread: of two that wait for each other, what else the machine does would be measured
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    if backend:
        environment["KERAS_BACKEND"] = backend
    command = [sys.executable, str(Path(__file__).with_name(f"{program}.py")), *["--quick"] * quick]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(f"{done.stderr}\n{program} {backend} failed")
    return [json.loads(line) for line in done.stdout.splitlines()]


def sections(rows: Rows) -> dict[str, Rows]:
    """The rows by what they measure, whichever program they come from."""
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row["subject"], []).append(row)
    return found


def machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"Python {platform.python_version()}, {versions}; {platform.machine()}, {os.cpu_count()} cores"


def figure(ratio: float) -> str:
    """Three digits of a ratio, and no power of ten."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}" if ratio >= 0.001 else f"{ratio:.1g}"


def table(rows: Rows) -> Table:
    drawn = Table(title="The peer's time over ours: above 1 we are faster", caption=machine())
    for name in ("measured", "what", "against"):
        drawn.add_column(name, no_wrap=True)
    for name in ("min", "median", "max", "ours"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for subject, its in sections(rows).items():
        for i, row in enumerate(its):
            figures = map(figure, row["ratio"])
            drawn.add_row(
                "" if i else subject, row["what"], row["against"], *figures, row["ours"], end_section=row is its[-1]
            )
    return drawn


def markdown(rows: Rows) -> str:
    """A line for all that is measured against one peer: the median ratios of the slowest, middle and fastest case."""
    lines = ["| measured | against | cases | slowest | median | fastest |", "| --- | --- | --: | --: | --: | --: |"]
    for subject, its in sections(rows).items():
        for against in dict.fromkeys(row["against"] for row in its):
            ranked = sorted((r["ratio"][1], r["what"]) for r in its if r["against"] == against)
            (low, slowest), *_, (high, fastest) = ranked if len(ranked) > 1 else ranked * 2
            middle = figure(statistics.median(ratio for ratio, _ in ranked))
            cells = (f"{figure(low)} ({slowest})", middle, f"{figure(high)} ({fastest})")
            lines.append(f"| {' | '.join((subject, against, str(len(ranked)), *cells))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="only these: " + ", ".join(dict(PROGRAMS)))
    parser.add_argument("--markdown", action="store_true", help="a shorter table, as docs/performance.md has it")
    parser.add_argument("--quick", action="store_true", help="one call of everything: does it run?")
    options = parser.parse_args()
    if unknown := set(options.programs) - set(dict(PROGRAMS)):
        parser.error(f"no program named {', '.join(sorted(unknown))}")
    rows: Rows = []
    begin = time.perf_counter()
    # A dict has each program once, with the last of its backends
    for program, backend in dict(PROGRAMS).items() if options.quick else PROGRAMS:
        if not options.programs or program in options.programs:
            print(f"{time.perf_counter() - begin:4.0f} s  {program} {backend}", file=sys.stderr)
            rows += measured(program, backend, quick=options.quick)
    if options.markdown:
        print(f"{markdown(rows)}\n\n{machine()}.")
        return
    Console(width=200, highlight=False).print(table(rows))  # as wide as it is: cut off, the figures would go first


if __name__ == "__main__":
    main()
