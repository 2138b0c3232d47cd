"""What `import lrcore` takes over starting Python, beside the frameworks' own imports: each in fresh processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from measure import QUICK, duration, row

PEERS = ("numpy",) if QUICK else ("numpy", "optax", "torch", "keras")


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


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
        row("import, over bare Python", "import lrcore", f"import {peer}", ratios, duration(statistics.median(ours)))


if __name__ == "__main__":
    main()
