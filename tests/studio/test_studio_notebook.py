"""The studio as a notebook's widget, without a notebook: its own script, and a model that leads to its Python half."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

import lrcore
from browsing import Studio
from lrcore.studio import widget

MODEL = """async ({ esm, css, state }) => {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const heard = [];
  const model = {
    get: (name) => state[name],
    set: (name, value) => (state[name] = value),
    save_changes: () => python("set", state.texts),
    on: (_, listener) => heard.push(listener),
    send: async (content) => {
      for (const message of await python("ask", content)) heard.forEach((listener) => listener(message));
    },
  };
  const script = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
  await script.default.render({ model, el: document.body });
}"""


@pytest.fixture(scope="module")
def shown(browser: Browser) -> Iterator[tuple[Any, Studio]]:
    """A widget of a cosine, and the page that shows it."""
    made = widget(lrcore.Cosine(0.1, steps=100))
    sent: list[Any] = []
    made.send = lambda content, buffers=None: sent.append(content)

    def python(what: str, given: Any) -> list[Any]:
        if what == "set":
            made.texts = given
            return []
        sent.clear()
        made._handle_custom_msg(given, [])
        return list(sent)

    context = browser.new_context()
    studio = Studio(context.new_page(), "about:blank")
    studio.listen()
    studio.page.expose_function("python", python)
    studio.page.goto("about:blank")
    state = {"files": made.files, "first": made.first, "texts": made.texts}
    studio.page.evaluate(MODEL, {"esm": str(made._esm), "css": str(made._css), "state": state})
    studio.page.wait_for_selector("[data-ready]")
    yield made, studio
    context.close()


def test_the_widget_shows_its_schedule_and_knows_what_becomes_of_it(shown: tuple[Any, Studio]) -> None:
    made, studio = shown
    studio.shows("Cosine(0.1, steps=100)")
    studio.button("Add warmup").click()
    expect(studio.part(2)).to_be_visible()
    studio.settle()
    assert lrcore.parse(made.texts[0]) == lrcore.parse(studio.expression.input_value())
    assert made.texts[0].startswith("Cosine(0.1, steps=100).warmup(")
    assert studio.page.url == "about:blank"
    studio.assert_quiet()


def test_a_mistake_of_the_pages_is_told_to_it() -> None:
    made: Any = widget()
    sent: list[Any] = []
    made.send = lambda content, buffers=None: sent.append(content)
    made._handle_custom_msg({"id": "1", "request": '{"ask": "read", "text": 1}'}, [])
    assert sent == [{"id": "1", "error": "The request cannot be answered: answer.text must be a text, got 1."}]


def test_without_anywidget_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError) as told:
        widget()
    assert str(told.value) == "lrcore.studio.widget needs anywidget: pip install 'lrcore[notebook]'."
