"""Several schedules side by side: reading, zooming, units, and what the table says."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, expect

from browsing import SCHEDULE, Studio
from lrcore import parse

LONG = "Cosine(0.001, steps=1000000).warmup(10000)"
OTHER = "Linear(0.001, end=0.0, steps=1000000)"


def row(studio: Studio, letter: str) -> Locator:
    return studio.page.get_by_role("row").filter(has=studio.page.get_by_role("radio", name=f"Curve {letter}, "))


def numbers(one: Locator) -> list[str]:
    return one.get_by_role("cell").all_inner_texts()


def span(studio: Studio) -> tuple[int, int]:
    """The updates in view, as the address has them."""
    studio.settle()
    state = parse_qs(studio.page.evaluate("location.hash.slice(1)"))
    whole = studio.page.get_by_role("slider", name="Update to read").get_attribute("aria-valuemax")
    return int(state.get("from", ["0"])[0]), int(state.get("to", [str(whole)])[0])


def test_up_to_eight_curves_are_compared_and_each_can_be_worked_on_and_removed(studio: Studio) -> None:
    add = studio.button("Add a curve to compare")
    for i in range(7):
        add.click()
        expect(studio.page.get_by_role("radio", name="Curve ")).to_have_count(i + 2)
    expect(add).to_be_disabled()
    add.click(force=True)
    studio.settle()
    expect(studio.page.get_by_role("radio", name="Curve ")).to_have_count(8)
    studio.page.get_by_role("radio", name="Curve C, ").check()
    studio.box(1, "start").fill("0.001")
    expect(studio.page.get_by_role("radio", name="Curve C, Cosine(0.001, ")).to_be_checked()
    expect(studio.page.get_by_role("radio", name="Curve D, Cosine(0.0003, ")).to_be_visible()
    studio.button("Remove curve A").click()
    expect(studio.page.get_by_role("radio", name="Curve B, Cosine(0.001, ")).to_be_checked()
    studio.button("Copy curve B").click()
    expect(studio.page.get_by_role("radio", name="Curve H, Cosine(0.001, ")).to_be_checked()


def test_one_wrong_schedule_leaves_the_others(studio: Studio) -> None:
    studio.open("Cosine(0.1, steps=0)", "Linear(0.1, end=0.0, steps=10)")
    expect(studio.expression).to_have_attribute("aria-invalid", "true")
    assert "0.1" in " ".join(numbers(row(studio, "B")))
    studio.page.get_by_role("radio", name="Curve B, ").check()
    expect(studio.expression).not_to_have_attribute("aria-invalid", "true")


def test_the_table_has_what_the_schedule_is(studio: Studio) -> None:
    studio.open("Linear(0.1, end=0.0, steps=10)", "Constant(0.02)", total=10)
    studio.page.get_by_role("textbox", name="Count the updates above this rate").fill("0.05")
    studio.settle()
    names = studio.page.get_by_role("columnheader").all_inner_texts()
    assert names[2:7] == ["Peak", "Mean", "At the end", "Area", "Above 0.05"]
    lr = parse("Linear(0.1, end=0.0, steps=10)")
    values = [lr(step) for step in range(10)]
    mean, area, above = sum(values) / 10, sum(values), sum(value > 0.05 for value in values)
    assert numbers(row(studio, "A"))[1:6] == ["0.1 at 0", f"{mean:g}", f"{values[-1]:g}", f"{area:g}", str(above)]
    assert numbers(row(studio, "B"))[1:6] == ["0.02 at 0", "0.02", "0.02", "0.2", "0"]


def test_the_pointer_reads_all_curves_at_a_step_exactly(studio: Studio) -> None:
    texts = [SCHEDULE, "Linear(0.0003, end=0.0, steps=100000)"]
    studio.open(*texts)
    box = studio.page.get_by_role("figure").bounding_box()
    assert box is not None
    studio.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 3)
    studio.settle()
    step = int(studio.page.get_by_role("spinbutton", name="Update to read, exactly").input_value())
    assert 50_000 < step < 90_000
    for letter, text in zip("AB", texts, strict=True):
        assert float(numbers(row(studio, letter))[0]) == parse(text)(step)


def test_the_keys_read_from_update_to_update(studio: Studio) -> None:
    box = studio.page.get_by_role("spinbutton", name="Update to read, exactly")
    box.fill("1999")
    box.press("Enter")
    box.press("ArrowUp")
    expect(box).to_have_value("2000")
    reader = studio.page.get_by_role("slider", name="Update to read")
    reader.press("Home")
    expect(box).to_have_value("0")
    reader.press("Alt+ArrowRight")
    expect(box).to_have_value("1")
    expect(reader).to_have_attribute("aria-valuetext", "update 1: rate 1.5e-07")


def test_the_view_zooms_to_one_update_and_back(studio: Studio) -> None:
    studio.open(LONG)
    assert span(studio) == (0, 1_000_000)
    step = studio.page.get_by_role("spinbutton", name="Update to read, exactly")
    step.fill("123456")
    step.press("Enter")
    studio.button("Zoom to the update that is read").click()
    assert span(studio) == (123_456, 123_457)
    studio.button("Zoom out").click()
    low, high = span(studio)
    assert high - low == 2
    studio.button("Later").click()
    assert span(studio) == (low + 1, high + 1)
    studio.button("Earlier").click()
    assert span(studio) == (low, high)
    studio.button("Show the whole run").click()
    assert span(studio) == (0, 1_000_000)
    studio.button("Zoom in").click()
    low, high = span(studio)
    assert high - low == 600_000


def test_the_wheel_the_keys_and_a_selection_zoom(studio: Studio) -> None:
    studio.open(LONG)
    figure = studio.page.get_by_role("figure")
    box = figure.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    studio.page.mouse.move(x, y)
    studio.page.mouse.wheel(0, -200)
    low, high = span(studio)
    assert 0 < low < high < 1_000_000
    studio.page.get_by_role("slider", name="Update to read").press("0")
    assert span(studio) == (0, 1_000_000)
    studio.page.get_by_role("slider", name="Update to read").press("+")
    assert span(studio)[1] - span(studio)[0] == 600_000
    studio.page.keyboard.press("0")
    studio.page.mouse.move(x, y)
    studio.page.mouse.down()
    studio.page.mouse.move(x + 100, y, steps=3)
    studio.page.mouse.up()
    low, high = span(studio)
    assert 400_000 < low < high < 800_000


@pytest.mark.parametrize("axis", ["steps", "rates"])
def test_an_axis_is_linear_or_logarithmic(studio: Studio, axis: str) -> None:
    studio.open(LONG, OTHER)
    linear = studio.page.get_by_role("figure").screenshot()
    choice = studio.page.get_by_role("radiogroup", name=f"Axis of {axis}")
    choice.get_by_role("radio", name="log").check(force=True)
    studio.settle()
    assert studio.page.get_by_role("figure").screenshot() != linear
    expect(choice.get_by_role("radio", name="log")).to_be_checked()


def test_steps_are_counted_in_updates_epochs_samples_and_tokens(studio: Studio) -> None:
    for name, value in (("Updates of an epoch", "1000"), ("Samples of an update", "64"), ("Tokens of a sample", "512")):
        studio.page.get_by_role("textbox", name=name).fill(value)
    studio.settle()
    reading = studio.page.get_by_role("region", name="Drawing").get_by_text("is at")
    expect(reading).to_have_text("Update 50,000 is at 50 epochs, 3.2e+6 samples, 1.638e+9 tokens.")
    before = studio.page.get_by_role("figure").screenshot()
    for unit in ("epochs", "samples", "tokens"):
        studio.page.get_by_role("combobox", name="Unit of the axis of steps").select_option(unit)
        studio.settle()
        now = studio.page.get_by_role("figure").screenshot()
        assert now != before
        before = now


def test_the_difference_of_two_is_drawn_and_told(studio: Studio) -> None:
    studio.open("Constant(0.1)", "Linear(0.1, end=0.0, steps=10)", total=10)
    expect(studio.page.get_by_role("figure").locator("canvas")).to_have_count(1)
    studio.page.get_by_role("combobox", name="Difference of curve").select_option("A")
    studio.settle()
    expect(studio.page.get_by_role("figure").locator("canvas")).to_have_count(2)
    told = studio.page.get_by_role("region", name="Drawing").get_by_text("They part at update")
    expect(told).to_contain_text("They part at update 1 (0.01) and are furthest apart at update 10 (0.1)")


def test_momentum_is_drawn_below(studio: Studio) -> None:
    studio.open("OneCycle(0.1, steps=100)")
    expect(studio.page.get_by_role("figure").locator("canvas")).to_have_count(2)


def test_boundaries_are_listed_and_lead_to_their_update(studio: Studio) -> None:
    studio.page.get_by_text("2 boundaries").click()
    studio.button("Update 2,000").click()
    expect(studio.page.get_by_role("spinbutton", name="Update to read, exactly")).to_have_value("2000")
    studio.page.get_by_text("2 boundaries").click()


def test_the_run_is_as_long_as_is_said(studio: Studio) -> None:
    box = studio.page.get_by_role("textbox", name="Total updates of the run")
    box.fill("250_000")
    box.press("Enter")
    assert span(studio) == (0, 250_000)
    box.fill("")
    box.press("Enter")
    assert span(studio) == (0, 100_000)
