"""What a notebook shows of a schedule: its curve, on a light page and on a dark one."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import strategies
from cases import CASES, Case
from lrcore import Constant, Cosine, Custom, Geometric, Linear, Schedule, StepDecay
from lrcore._view.axis import axis
from lrcore._view.curve import horizon, points
from lrcore._view.svg import _BINS

LEFT, RIGHT, TOP, FLOOR = 56, 408, 8, 100
"""The corners of the drawing's axes, in its own units."""


def drawing(lr: Schedule) -> ET.Element:
    """The parsed SVG of what `_repr_html_` gives, which is well-formed as XML too."""
    (svg,) = ET.fromstring(lr._repr_html_().replace("<br>", "<br/>")).iter("{http://www.w3.org/2000/svg}svg")
    return svg


def curve(svg: ET.Element) -> list[tuple[float, float]]:
    """The points of the curve, the second path after the axes."""
    path = svg.findall("{*}path")[1].attrib["d"]
    return [(float(x), float(y)) for x, y in (pair.split() for pair in re.split("[ML]", path)[1:])]


@pytest.mark.parametrize("case", [case for case in CASES if horizon([case.schedule]) < 10**7], ids=lambda case: case.name)
def test_the_line_lies_on_the_curve_from_end_to_end(case: Case) -> None:
    lr, total = case.schedule, horizon([case.schedule])
    scale = axis([lr], [points(lr, total, bins=_BINS)[1]], total)
    line = curve(drawing(lr))
    assert (line[0][0], line[-1][0]) == (LEFT, RIGHT)
    for x, y in line:
        near = (np.array([x - 0.05, x + 0.05]) - LEFT) / (RIGHT - LEFT) * total  # what rounds to this tenth of a unit
        steps = np.concatenate([np.linspace(*near, 9), np.round(near)]).clip(0, total)
        heights = scale.heights(lr(steps))
        assert heights.min() - 0.001 <= (FLOOR - y) / (FLOOR - TOP) <= heights.max() + 0.001


def test_the_axis_ends_at_the_peak() -> None:
    svg = drawing(Cosine(3e-4, steps=1000).warmup(100))
    assert [text.text for text in svg.findall(".//{*}text")] == ["0.0003", "0", "0", "1,000 updates"]
    assert min(y for _, y in curve(svg)) == TOP


def test_a_logarithmic_axis_says_so_and_begins_at_the_lowest_value() -> None:
    svg = drawing(Geometric(1e-7, end=10.0, steps=100))
    assert [text.text for text in svg.findall(".//{*}text")] == ["10", "1e-07", "log", "0", "100 updates"]
    line = curve(svg)
    straight = np.interp([x for x, _ in line], [LEFT, RIGHT], [FLOOR, TOP])
    assert [y for _, y in line] == pytest.approx(straight, abs=0.11)  # both are rounded to tenths


def test_values_below_0_are_drawn_as_they_are() -> None:
    svg = drawing(Linear(-3.0, end=1.0, steps=100))
    assert [text.text for text in svg.findall(".//{*}text")] == ["1", "-3", "0", "100 updates"]
    assert curve(svg)[0] == (LEFT, FLOOR)
    assert curve(svg)[-1] == (RIGHT, TOP)


def test_it_shrinks_to_a_narrow_page_and_its_expression_is_broken() -> None:
    html = Cosine(0.1, steps=10)._repr_html_()
    assert 'style="max-width:100%;height:auto"' in html
    assert '<code style="white-space:pre-wrap;overflow-wrap:anywhere">' in html


def test_edges_are_dots() -> None:
    svg = drawing(Cosine(3e-4, steps=1000).warmup(100))
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in svg.findall(".//{*}circle")]
    assert dots == [(LEFT + 0.1 * (RIGHT - LEFT), TOP), (RIGHT, FLOOR)]


def test_a_jump_is_upright() -> None:
    line = curve(drawing(StepDecay(1.0, every=50, factor=0.5)))
    jumps = [b[0] - a[0] for a, b in itertools.pairwise(line) if b[1] - a[1] > 1]
    assert len(jumps) == 5
    assert max(jumps) < 1.5  # of 352 across


@settings(max_examples=25)
@given(strategies.schedules)
def test_any_schedule_has_one_in_the_colour_of_the_page(lr: Schedule) -> None:
    svg = drawing(lr)
    paints = {value for item in svg.iter() for key, value in item.attrib.items() if key in ("fill", "stroke")}
    assert paints == {"currentColor", "none"}
    assert "style" not in {key for item in svg.iter() if item is not svg for key in item.attrib}


def test_the_expression_stands_below_as_text() -> None:
    lr = Custom(lambda t, xp: 0.1 / (1 + t))
    assert "&lt;lambda&gt;" in lr._repr_html_()
    assert "<lambda>" not in lr._repr_html_()
    assert Cosine(0.1, steps=10)._repr_html_().endswith(">Cosine(0.1, steps=10)</code></div>")
    assert Constant(0.1)._repr_html_().endswith(">Constant(0.1)</code> <i>never ends</i></div>")


def test_it_is_small() -> None:
    assert len(Cosine(3e-4, steps=100_000).warmup(2_000)._repr_html_()) < 10_000


def test_needs_no_matplotlib(tmp_path: Path) -> None:
    program = "import sys; sys.modules['matplotlib'] = None\nimport lrcore; print(lrcore.Constant(0.1)._repr_html_()[:9])"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == "<div><svg\n"
