"""What `import lrcore` takes over starting Python, beside the imports of what it works with: each in fresh processes.

The processor's time, not the clock's: in a process this short, what else the machine does is most of the latter.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from measure import QUICK, duration, row

PEERS = ("numpy",) if QUICK else ("numpy", "optax", "torch", "keras")


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


if __name__ == "__main__":
    main()
