"""Shaping one schedule: by its drawing, its fields, its steps, its text, and the handles of its curve."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

import lrcore
from browsing import Studio
from lrcore.studio import answer

OFFER = answer({"ask": "offer"})
FAMILIES = {family["name"]: family for family in OFFER["families"]}
METHODS = [method["name"] for method in OFFER["methods"]]
PLAIN = "Cosine(0.1, steps=1000)"
MOMENTUM, CYCLE = "momentum", "OneCycle(0.1, steps=100)"


def family(studio: Studio, name: str) -> Locator:
    return studio.page.get_by_role("group", name="Family").get_by_role("button", name=name, exact=True)


def differs(studio: Studio, before: str) -> str:
    """The expression, once it is another one."""
    expect(studio.expression).not_to_have_value(before)
    studio.settle()
    return studio.expression.input_value()


def test_every_family_is_chosen_by_its_drawing(studio: Studio) -> None:
    studio.open(PLAIN)
    chosen = studio.page.evaluate(
        """async (names) => {
          const chosen = [];
          for (const name of names) {
            const button = document.querySelector(`[data-key="family.${name}"]`);
            button.click();
            await until(() => button.getAttribute("aria-pressed") === "true", name);
            chosen.push([name, document.querySelector(".part h3").textContent, expression().value]);
          }
          return chosen;
        }""",
        [*list(FAMILIES)[3:], *list(FAMILIES)[:3]],  # Cosine is there already
    )
    assert {name for name, _, _ in chosen} == set(FAMILIES)
    for name, title, text in chosen:
        assert title == name
        assert text.startswith(f"{name}(")
        assert isinstance(lrcore.parse(text), lrcore.Schedule)


@pytest.mark.parametrize(
    ("base", "names"), [(PLAIN, [name for name in METHODS if name != "momentum"]), (CYCLE, ["momentum"])]
)
def test_every_step_is_added_and_removed(studio: Studio, base: str, names: list[str]) -> None:
    studio.open(base)
    added = studio.page.evaluate(
        """async (names) => {
          const base = expression().value;
          const added = [];
          for (const name of names) {
            button(`Add ${name}`).click();
            await until(() => expression().value !== base && button(`Remove ${name}`), `${name} added`);
            added.push(expression().value);
            button(`Remove ${name}`).click();
            await until(() => expression().value === base && !button(`Remove ${name}`), `${name} removed`);
          }
          return added;
        }""",
        [name.replace("_", " ") for name in names],
    )
    assert len(added) == len(names)
    for text in added:
        assert base in text
        assert isinstance(lrcore.parse(text), lrcore.Schedule)


def test_steps_change_places_by_button_and_by_key(studio: Studio) -> None:
    studio.open("Cosine(0.1, steps=1000).warmup(10).clip(low=0.01).repeat(3)")
    studio.button("Move clip down").click()
    studio.shows("Cosine(0.1, steps=1000).warmup(10).repeat(3).clip(low=0.01)")
    expect(studio.button("Move clip down")).to_be_focused()
    studio.page.keyboard.press("Alt+ArrowUp")
    studio.shows("Cosine(0.1, steps=1000).warmup(10).clip(low=0.01).repeat(3)")
    studio.button("Move warmup up").click(force=True)  # it is the first, and the button says that it does nothing
    studio.shows("Cosine(0.1, steps=1000).warmup(10).clip(low=0.01).repeat(3)")


@pytest.mark.parametrize("name", ["Cosine", "OneCycle"])
def test_a_field_follows_the_keys(studio: Studio, name: str) -> None:
    studio.open(FAMILIES[name]["text"])
    for field in FAMILIES[name]["fields"]:
        before, words = studio.expression.input_value(), field["name"].replace("_", " ")
        if field["kind"] == "choice":
            studio.box(1, words).press("ArrowUp")
        elif field["kind"] == "switch":
            studio.box(1, words).press("Space")
        else:
            studio.box(1, words).press("ArrowUp")
            before = differs(studio, before)
            slider = studio.box(1, f"{words}, slider")
            slider.press("ArrowLeft" if slider.input_value() == slider.get_attribute("max") else "ArrowRight")
        differs(studio, before)


def test_every_field_of_every_family_has_controls_that_change_the_text(studio: Studio) -> None:
    texts = {family["text"]: [field["name"] for field in family["fields"]] for family in FAMILIES.values()}
    changed = studio.page.evaluate(
        """async (texts) => {
          const changed = {};
          const take = async (text, control, act) => {
            const before = expression().value;
            act(control());
            await until(() => expression().value !== before, `a change by ${control().dataset.key}`);
            changed[text].push(expression().value);
          };
          for (const [text, fields] of Object.entries(texts)) {
            changed[text] = [];
            location.hash = new URLSearchParams({ lr: text });
            for (const field of fields) {
              const box = () => document.querySelector(`[data-key="0.${field}"]`);
              await until(() => (changed[text].length || expression().value === text) && box(), text);
              if (box().type === "checkbox") await take(text, box, (one) => one.click());
              else if (box().tagName === "SELECT")
                await take(text, box, (one) => {
                  one.selectedIndex = one.selectedIndex ? 0 : 1;
                  one.dispatchEvent(new Event("change"));
                });
              else if (box().getAttribute("role") === "spinbutton") {
                const slider = () => document.querySelector(`[data-key="0.${field}.slider"]`);
                await take(text, slider, (one) => {
                  one.value = one.value === one.max ? one.min : one.max;
                  one.dispatchEvent(new Event("input"));
                  one.dispatchEvent(new Event("change"));
                });
              } else
                await take(text, box, (one) => {
                  one.value = one.value.replace(/\\d+(?=\\D*$)/, "99");
                  one.dispatchEvent(new Event("input"));
                  one.dispatchEvent(new Event("change"));
                });
            }
          }
          return changed;
        }""",
        texts,
    )
    for text, fields in texts.items():
        assert len(changed[text]) >= len(fields)


def test_the_text_and_the_fields_follow_each_other(studio: Studio) -> None:
    studio.expression.fill("Linear(0.2, end=0.01, steps=500).warmup(25, shape='cosine')")
    expect(studio.box(1, "start")).to_have_value("0.2")
    expect(studio.box(2, "shape")).to_have_value("'cosine'")
    expect(family(studio, "Linear")).to_have_attribute("aria-pressed", "true")
    studio.box(1, "steps").fill("600")
    studio.shows("Linear(0.2, end=0.01, steps=600).warmup(25, shape='cosine')")
    studio.box(2, "shape").select_option("linear")
    studio.shows("Linear(0.2, end=0.01, steps=600).warmup(25, shape='linear')")


def test_a_list_has_a_control_for_each_value(studio: Studio) -> None:
    studio.open("MultiStep(0.1, milestones=[30, 60, 80], factor=0.5)")
    studio.part(1).get_by_text("Each value").click()
    studio.box(1, "value 2").fill("65")
    studio.shows("MultiStep(0.1, milestones=[30, 65, 80], factor=0.5)")


def test_a_schedule_in_a_field_is_a_chain_of_its_own(studio: Studio) -> None:
    studio.open("Cosine(0.1, steps=100).then(Linear(0.05, end=0.0, steps=50))")
    studio.part(2).get_by_text("Parts of after").click()
    inner = studio.part(2).get_by_role("group", name="Part 1: Linear")
    inner.get_by_label("start", exact=True).fill("0.04")
    studio.shows("Cosine(0.1, steps=100).then(Linear(0.04, end=0.0, steps=50))")


MISTAKES = [
    "Cosine(0.1, stepz=100)",
    "Cosine(0.1, steps=100).warmup(200)",
    "Cosine(0.1, steps=0)",
    "Cosine(0.1, steps=100",
    "Kosine(0.1, steps=100)",
]


@pytest.mark.parametrize("wrong", MISTAKES)
def test_a_mistake_is_told_in_the_words_of_parse_at_its_place(studio: Studio, wrong: str) -> None:
    with pytest.raises((ValueError, TypeError)) as told:
        lrcore.parse(wrong)
    (curve,) = answer({"ask": "draw", "schedules": [wrong]})["curves"]
    studio.expression.fill(wrong)
    expect(studio.expression).to_have_attribute("aria-invalid", "true")
    expect(studio.expression).to_have_accessible_description(str(told.value))
    studio.button("Show the place").click()
    place = studio.expression.evaluate("area => [area.selectionStart, area.selectionEnd]")
    start, end = curve["error"]["start"], curve["error"]["end"]
    assert place == [start, start + 1 if end is None else end] or (start >= len(wrong) and place[0] == len(wrong))
    studio.expression.fill(PLAIN)
    expect(studio.expression).not_to_have_attribute("aria-invalid", "true")


def test_a_mistake_in_a_field_stands_beside_it_and_in_the_text(studio: Studio) -> None:
    box = studio.box(1, "steps")
    box.fill("0")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description(re.compile("Cosine.steps must be a positive integer, got 0"))
    studio.shows("Cosine(0.0003, steps=0, end=3e-05).warmup(2000)")
    box.fill("50000")
    expect(box).not_to_have_attribute("aria-invalid", "true")
    studio.shows("Cosine(0.0003, steps=50000, end=3e-05).warmup(2000)")


def handle(studio: Studio, says: str) -> Locator:
    return studio.page.get_by_role("figure").get_by_role("slider", name=says, exact=True)


def middle(one: Locator) -> tuple[float, float]:
    box = one.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


PEAK = "peak, end of the warmup"
HANDLES = {
    "start": ((0, -60), r"Cosine\(0\.0003, steps=100000, end=3e-05\)\.warmup\(2000, start=.+\)"),
    PEAK: ((60, 40), r"Cosine\((?!0\.0003).+, steps=100000, end=3e-05\)\.warmup\((?!2000).+\)"),
    "end": ((-80, -50), r"Cosine\(0\.0003, steps=(?!100000).+, end=(?!3e-05).+\)\.warmup\(2000\)"),
}


@pytest.mark.parametrize("name", HANDLES)
def test_a_handle_stays_under_the_pointer_and_changes_its_own_numbers_only(studio: Studio, name: str) -> None:
    (across, up), pattern = HANDLES[name]
    before = studio.expression.input_value()
    x, y = middle(handle(studio, name))
    mouse = studio.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + across, y + up, steps=8)
    differs(studio, before)
    assert middle(handle(studio, name)) == (pytest.approx(x + across, abs=2), pytest.approx(y + up, abs=2))
    mouse.up()
    studio.settle()
    assert re.fullmatch(pattern, studio.expression.input_value())


@pytest.mark.parametrize(
    ("name", "key", "pattern"),
    [
        ("start", "ArrowUp", r"warmup\(2000, start=.*\)"),
        (PEAK, "ArrowRight", r"\.warmup\((?!2000)\d+\)"),
        (PEAK, "ArrowDown", r"Cosine\(0\.00029"),
        ("end", "ArrowLeft", r"steps=99[\d_]+,"),
        ("end", "Shift+ArrowUp", r"end=(?!3e-05)"),
    ],
)
def test_a_handle_follows_the_keys(studio: Studio, name: str, key: str, pattern: str) -> None:
    before = studio.expression.input_value()
    grip = handle(studio, name)
    grip.press(key)
    assert re.search(pattern, differs(studio, before))
    expect(grip).to_be_focused()


def test_the_points_of_an_interpolation_have_handles(studio: Studio) -> None:
    studio.open("Interpolate([[0, 0.0], [20, 0.1], [60, 0.06], [100, 0.0]])")
    expect(studio.page.get_by_role("figure").get_by_role("slider")).to_have_count(4 + 1)  # and the one that reads


def test_a_rate_is_read_exactly(studio: Studio) -> None:
    step = studio.page.get_by_role("spinbutton", name="Update to read, exactly")
    for at in (0, 1, 1_999, 77_777, 99_999):
        step.fill(str(at))
        step.press("Enter")
        expect(studio.page.get_by_role("columnheader", name="Update ").first).to_have_text(f"Update {at:,}")
        studio.settle()
        shown = studio.page.get_by_role("row", name="Curve A").get_by_role("cell").first.inner_text()
        assert float(shown) == lrcore.parse(studio.expression.input_value())(at)
