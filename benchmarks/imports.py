"""What imports take: of lrcore, of each adapter beside its framework, of the command beside its libraries.

Each is in a fresh process, and lrcore's over starting Python alone.

The processor's time, not the clock's: in a process this short, what else the machine does is most of the latter.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from measure import QUICK, duration, row

PEERS = ("numpy",) if QUICK else ("numpy", "optax", "torch", "keras")
ADAPTERS = ("optax",) if QUICK else ("torch", "optax", "keras")
SHOW = "from lrcore._cli import run; run(['show', 'Cosine(3e-4, steps=1000).warmup(100)'])"
BESIDE = [
    ("import, an adapter", f"lrcore_{own}", "its framework", f"import lrcore_{own}", f"import {own}") for own in ADAPTERS
]
BESIDE += [("the command", "lrcore show", "importing typer and rich", SHOW, "import typer, rich.table, rich.text")]
"""What is measured, against what, and the code of both."""


def seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    codes = {name: f"import {name}" for name in ("lrcore", *PEERS)}
    for code in codes.values():
        seconds(code)  # from the disk
    rounds = []
    for _ in range(1 if QUICK else 5):
        bare = seconds("pass")
        rounds.append({name: seconds(code) - bare for name, code in codes.items()})
    ours = [times["lrcore"] for times in rounds]
    for peer in PEERS:
        ratios = [times[peer] / times["lrcore"] for times in rounds]
        row("import, over bare Python", peer, "its own import", ratios, duration(statistics.median(ours)))
    for subject, what, against, code, other in BESIDE:
        pairs = [(seconds(code), seconds(other)) for _ in range(1 if QUICK else 5)]
        taken = duration(statistics.median(mine for mine, _ in pairs))
        row(subject, what, against, [theirs / mine for mine, theirs in pairs], taken)


if __name__ == "__main__":
    main()
