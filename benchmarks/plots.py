"""A million steps as a picture, as a user makes it in a process of its own: the memory at its peak, and the time.

By hand it is a line of matplotlib's through every step. Both have their values from NumPy, so only the drawing differs.
"""

from __future__ import annotations

import subprocess
import sys

from measure import MILLION, QUICK, count, duration, row

BEGIN = f"""
import resource, sys, tempfile, time
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
import numpy as np
from lrcore import Cosine
lr, path = Cosine(0.1, steps={MILLION}).warmup(1_000), tempfile.mkdtemp() + "/lr.png"
begin = time.process_time()
"""
OURS = "lr.plot(path=path)"
BY_HAND = f"""
steps = np.arange({MILLION})
figure, axes = pyplot.subplots()
axes.plot(steps, lr(steps))
figure.savefig(path)
"""
END = """
seconds = time.process_time() - begin
size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seconds, size * (1 if sys.platform == "darwin" else 1024))
"""


def measured(code: str) -> tuple[float, int]:
    """Seconds of the processor, and bytes."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code + END], check=True, capture_output=True, text=True)
    seconds, size = done.stdout.split()
    return float(seconds), int(size)


def main() -> None:
    pairs = [(measured(OURS), measured(BY_HAND)) for _ in range(1 if QUICK else 5)]
    what, against = "warmup + cosine, a million steps", "matplotlib by hand"
    ratios = [theirs / mine for (mine, _), (theirs, _) in pairs]
    row("a plot", what, against, ratios, duration(min(mine for (mine, _), _ in pairs)))
    sizes = [min(pair[side][1] for pair in pairs) for side in (0, 1)]
    count("memory: a plot", what, against, *sizes, "bytes")


if __name__ == "__main__":
    main()
