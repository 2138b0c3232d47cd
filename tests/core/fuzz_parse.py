"""Coverage-guided fuzzing of `parse`: nothing but ValueError may come out. Not part of the suite.

pip install atheris && python tests/core/fuzz_parse.py -max_total_time=600 -max_len=200
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports():
    import lrcore
    import lrcore._text.text

SEEDS = ["Cosine(3e-4, steps=100_000).warmup(2_000)", "2 * Linear(0, end=1, steps=5).then(Constant(1), at=3)"]


def fuzz(data: bytes) -> None:
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(200)
    for candidate in (text, SEEDS[len(data) % 2][: len(data) % 40] + text):
        try:
            schedule = lrcore.parse(candidate)
        except ValueError as error:
            if "\n" in str(error):
                raise RuntimeError(f"more than a line: {error}") from error
        else:
            assert lrcore.parse(repr(schedule)) == schedule


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
