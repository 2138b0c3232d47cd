"""Settings that every test shares."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings

settings.register_profile(
    "lrcore",
    deadline=None,  # the machines are shared
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    derandomize=bool(os.environ.get("CI")),  # a change is judged by what it changes; chance finds bugs elsewhere
    print_blob=True,
)
settings.register_profile("deep", settings.get_profile("lrcore"), max_examples=2000)  # --hypothesis-profile=deep
settings.load_profile("lrcore")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

collect_ignore = ["core/fuzz_parse.py", "oldest.py"]  # programs of their own


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was measured, how many programs were drawn at random, and how many values the parity suite compared."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        properties = dict(report.user_properties)
        counts.update(properties.get("evaluations", {}))
        for label, drawn in properties.get("programs", {}).items():
            line = f"programs at random: {label} {drawn['programs']:,} of {drawn['updates']:,} updates"
            terminalreporter.write_line(line)
        for label, value in properties.get("measured", {}).items():
            terminalreporter.write_line(f"{label}: {value}")
    if counts:
        each = ", ".join(f"{backend} {count:,}" for backend, count in counts.items())
        terminalreporter.write_line(f"bit-equal evaluations: {each}")
