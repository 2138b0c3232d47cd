"""From and to: recipes, other libraries' code, findings, exports, undo, and links."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import xml.etree.ElementTree as ElementTree

import pytest
import yaml
from playwright.sync_api import Browser, Locator, expect

import browsing
import lrcore
from browsing import SCHEDULE, Studio
from lrcore.studio import answer
from lrcore.zoo import RECIPES

OFFER = answer({"ask": "offer"})


def dialog(studio: Studio, button: str, name: str) -> Locator:
    studio.button(button).click()
    opened = studio.page.get_by_role("dialog", name=name)
    expect(opened).to_be_visible()
    return opened


def test_a_published_recipe_is_found_and_used(studio: Studio) -> None:
    opened = dialog(studio, "Start from…", "Start from")
    expect(opened.get_by_role("listitem")).to_have_count(len(RECIPES))
    opened.get_by_role("searchbox").fill("gpt-2 nanogpt")
    opened.get_by_role("button", name="GPT-2 124M (nanoGPT)").click()
    expect(opened).to_be_hidden()
    studio.shows(next(one["text"] for one in OFFER["zoo"] if one["name"] == "gpt2-124m"))


def test_a_recipe_is_compared_with_what_is_drawn(studio: Studio) -> None:
    opened = dialog(studio, "Start from…", "Start from")
    opened.get_by_role("searchbox").fill("gpt-2 nanogpt")
    opened.get_by_role("checkbox", name="compare with what is drawn").check()
    opened.get_by_role("button", name="GPT-2 124M (nanoGPT)").click()
    expect(studio.page.get_by_role("radio", name="Curve ")).to_have_count(2)
    opened = dialog(studio, "Start from…", "Start from")
    opened.get_by_role("checkbox", name="compare with what is drawn").uncheck()
    studio.page.keyboard.press("Escape")
    expect(studio.button("Start from…")).to_be_focused()


PASTED = [
    ("optax.cosine_decay_schedule(init_value=0.1, decay_steps=1000)", "", "Cosine(0.1, steps=1000)"),
    ("torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.5, total_iters=100)", "0.1", "Linear("),
    ("keras.optimizers.schedules.CosineDecay(0.1, 1000)", "", "Cosine(0.1, steps=1000)"),
    ('{"learning_rate": 5e-5, "lr_scheduler_type": "cosine", "warmup_steps": 100, "max_steps": 1000}', "", ".warmup(100)"),
]


@pytest.mark.parametrize(("code", "rate", "text"), PASTED)
def test_another_librarys_code_is_read(studio: Studio, code: str, rate: str, text: str) -> None:
    opened = dialog(studio, "Start from…", "Start from")
    opened.get_by_role("tab", name="Your code").click()
    opened.get_by_role("textbox", name="Paste the code or the configuration of another library").fill(code)
    opened.get_by_role("textbox", name="Rate of the optimizer").fill(rate)
    opened.get_by_role("button", name="Read", exact=True).click()
    opened.get_by_role("button", name="Use ").first.click()
    expect(opened).to_be_hidden()
    studio.settle()
    assert text in studio.expression.input_value()


def test_what_cannot_be_read_says_why(studio: Studio) -> None:
    opened = dialog(studio, "Start from…", "Start from")
    opened.get_by_role("tab", name="Your code").click()
    area = opened.get_by_role("textbox", name="Paste the code or the configuration of another library")
    area.fill("print('hello')")
    opened.get_by_role("button", name="Read", exact=True).click()
    expect(opened.get_by_role("alert")).to_have_text(answer({"ask": "read", "text": "print('hello')"})["error"]["message"])
    expect(area).to_have_attribute("aria-invalid", "true")
    area.fill("")
    opened.get_by_role("button", name="Close").click()
    expect(opened).to_be_hidden()


def export(studio: Studio, to: str) -> tuple[str, bytes]:
    """The name and the bytes of the file that is saved."""
    opened = dialog(studio, "Export…", "Export")
    opened.get_by_role("combobox", name="Format").select_option(to)
    if to != "png":
        expect(opened.get_by_role("region", name="Export")).not_to_be_empty()
    with studio.page.expect_download() as saved:
        opened.get_by_role("button", name="Download").click()
    studio.page.keyboard.press("Escape")
    return saved.value.suggested_filename, saved.value.path().read_bytes()


def test_the_code_for_each_library_is_exported(studio: Studio) -> None:
    for to in (to for to in OFFER["write"] if to not in ("json", "yaml", "csv")):
        name, written = export(studio, to)
        expected = answer({"ask": "write", "text": SCHEDULE, "to": to, "total": 100_000})
        assert written.decode() == expected["code"]
        assert name == f"schedule.{expected.get('ending', 'py')}"
        compile(written, name, "exec")


def test_the_data_of_a_schedule_is_exported(studio: Studio) -> None:
    schedule = lrcore.parse(SCHEDULE)
    assert lrcore.from_dict(json.loads(export(studio, "json")[1])) == schedule
    assert lrcore.parse(yaml.safe_load(export(studio, "yaml")[1])["lr"]) == schedule
    studio.open("Cosine(0.1, steps=300)")
    schedule = lrcore.parse("Cosine(0.1, steps=300)")
    rows = list(csv.reader(io.StringIO(export(studio, "csv")[1].decode())))[1:]
    assert [float(row[1]) for row in rows] == [schedule(int(row[0])) for row in rows]
    assert len(rows) >= 300


def test_the_drawing_is_exported(studio: Studio) -> None:
    name, written = export(studio, "svg")
    assert name == "schedule.svg"
    root = ElementTree.fromstring(written)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert SCHEDULE in "".join(root.itertext())
    assert max(len(path.attrib["d"]) for path in root.iter("{http://www.w3.org/2000/svg}path")) > 1000
    name, written = export(studio, "png")
    assert name == "schedule.png"
    width, height = struct.unpack(">II", written[16:24])
    assert (written[:8], width > 400, height > 300) == (b"\x89PNG\r\n\x1a\n", True, True)


def test_an_export_is_copied(studio: Studio) -> None:
    opened = dialog(studio, "Export…", "Export")
    opened.get_by_role("combobox", name="Format").select_option("lrcore")
    opened.get_by_role("button", name="Copy").click()
    expect(opened.get_by_role("status")).to_have_text("Copied.")
    assert (
        studio.page.evaluate("navigator.clipboard.readText()")
        == answer({"ask": "write", "text": SCHEDULE, "to": "lrcore"})["code"]
    )


def test_a_finding_is_taken_over(studio: Studio) -> None:
    text = "Cosine(0.001, steps=100000)"
    studio.open(text, **{"run.optimizer": "adamw", "run.model": "transformer"})
    found = answer({"ask": "draw", "schedules": [text], "plan": {"optimizer": "adamw", "model": "transformer"}})["curves"][
        0
    ]["findings"]
    fix = next(one["fix"] for one in found if one["fix"])
    findings = studio.page.get_by_role("region", name="Findings", exact=True)
    expect(findings.get_by_role("listitem")).to_have_count(len(found))
    findings.get_by_role("button", name=f"Take over: {fix}").first.click()
    studio.shows(fix)


def test_a_loss_is_forecast_from_a_law(studio: Studio) -> None:
    law = "LossLaw(2.0, 1.0, 0.5, 100.0, 2.0, 0.6, 0.6, peaks=(0.0003, 0.0003))"
    reply = answer({"ask": "forecast", "text": SCHEDULE, "law": law, "total": 100_000})
    told = studio.page.get_by_role("region", name="Run", exact=True)
    told.get_by_text("Forecast of the loss").click()
    box = told.get_by_role("textbox", name="Law of the loss")
    box.fill(law)
    expect(box).to_have_accessible_description(f"Loss after 100,000 updates: {reply['loss']:.4g}.")
    expect(told.get_by_role("img", name="Forecast losses")).to_be_visible()
    box.fill("LossLaw(2.0)")
    expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("")
    told.get_by_text("Forecast of the loss").click()


def test_changes_are_undone_and_redone_by_button_and_by_key(studio: Studio) -> None:
    studio.box(1, "end").fill("1e-05")
    studio.shows(SCHEDULE.replace("3e-05", "1e-05"))
    studio.button("Remove warmup").click()
    studio.shows("Cosine(0.0003, steps=100000, end=1e-05)")
    studio.button("Undo").click()
    studio.shows(SCHEDULE.replace("3e-05", "1e-05"))
    studio.button("Undo").click()
    studio.shows(SCHEDULE)
    studio.button("Redo").click()
    studio.shows(SCHEDULE.replace("3e-05", "1e-05"))
    studio.button("Redo").focus()
    studio.page.keyboard.press("Control+Shift+z")
    studio.shows("Cosine(0.0003, steps=100000, end=1e-05)")
    expect(studio.button("Redo")).to_be_disabled()
    studio.page.keyboard.press("Control+z")
    studio.shows(SCHEDULE.replace("3e-05", "1e-05"))


def test_a_drag_is_one_step_back(studio: Studio) -> None:
    grip = studio.page.get_by_role("slider", name="end", exact=True)
    box = grip.bounding_box()
    assert box is not None
    studio.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    studio.page.mouse.down()
    studio.page.mouse.move(box["x"] - 200, box["y"] - 100, steps=20)
    studio.page.mouse.up()
    expect(studio.expression).not_to_have_value(SCHEDULE)
    studio.settle()
    studio.button("Undo").click()
    studio.shows(SCHEDULE)


def described(studio: Studio) -> str:
    """All that a screen reader finds on the page, but for what was said last and what can be undone."""
    studio.settle()
    words = studio.page.locator("body").aria_snapshot()
    return re.sub(r"- status.*|Copied|Copy link|- button \"(Undo|Redo)\".*", "", words)


def test_a_link_is_the_whole_state(studio: Studio, browser: Browser) -> None:
    texts = ("Cosine(0.1, steps=300)", "Linear(0.1, end=0.0, steps=300)", "Kosine(0.1)")
    run = {"run.steps_per_epoch": "100", "run.batch": "32", "run.optimizer": "sgd"}
    view = {"total": 300, "from": 10, "to": 200, "x": "log", "y": "log", "unit": "epochs", "at": 42}
    studio.open(*texts, active=1, above="0.05", minus="0-1", **run, **view)
    studio.button("Copy link").click()
    address, _, state = studio.page.evaluate("navigator.clipboard.readText()").partition("#")
    before = described(studio)
    with browsing.studio(browser, address, state) as other:
        assert described(other) == before
        other.assert_quiet()
    studio.open()
    assert described(studio) != before
