"""The saved pages of lessons 01 to 04, opened from disk in a real browser with the network off."""

from __future__ import annotations

import json
import pathlib
import re
import types

import pytest

from tests.pages import ExplorerOnPage
from vmo_edu import explore
from vmo_edu.website import live

NAMES = ("q_angle", "pull", "tracking", "effusion")
LIMIT = 3_000_000

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


class SavedPage(ExplorerOnPage):
    """An explorer on a saved page: no kernel confirms, the page itself has every frame."""

    def settle(self, timeout: float = 20.0) -> None:
        """Wait until the picture shows what the controls say; the words follow at rest, see `same_as_python`."""
        shown = "root => root.vmo?.session.shown && root.vmo.session.isShown()"
        self.page.wait_for_function(shown, arg=self.root.element_handle(), timeout=timeout * 1000)

    def values(self) -> dict:
        """The value of every control."""
        return self.root.evaluate("root => ({...root.vmo.session.values})")

    def moving(self) -> list:
        """The sliders that can be moved here."""
        return [slider for slider in self.sliders() if slider.is_enabled()]

    def name_of(self, slider) -> str:
        """The control of a slider, found by what moves when it does."""
        return slider.evaluate("""slider => { const {session} = slider.closest('.vmo-edu').vmo;
            const label = slider.labels[0]?.textContent ?? slider.getAttribute('aria-label');
            return [...session.controls.values()].find((c) => label.trim().startsWith(c.label)).name; }""")

    def same_as_python(self, explorer) -> None:
        """The words and numbers on the page become those that the model gives for these values."""
        explorer.set(**self.values())
        told = [explorer.describe(), *(f"{text} {unit}".strip() for _, text, unit, _ in explorer.readouts())]
        self.page.wait_for_function(
            """([root, told]) => { const found = root.querySelectorAll('.vmo-description, .vmo-tile dd');
                 const texts = [...found].map(one => one.textContent.replace(/\\s+/g, ' ').trim());
                 return told.every(text => texts.includes(text)) && texts.length === told.length; }""",
            arg=[self.root.element_handle(), told],
            polling=50,
            timeout=10_000,
        )

    def frame_as_python(self, explorer) -> None:
        """The same without waiting for the words: the frame that is shown holds them already."""
        explorer.set(**self.values())
        says = self.root.evaluate("root => root.vmo.session.shown.says")
        assert says == json.loads(json.dumps(explorer.frame().says))


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, pathlib.Path]:
    """The four pages, as `run.py site` and *Save page* write them."""
    folder = tmp_path_factory.mktemp("pages")
    return dict(zip(NAMES, live.write_all([live.Live(name) for name in NAMES], folder, 2), strict=True))


@pytest.fixture(scope="module", params=NAMES)
def saved(request, files, chrome):
    """One page in the browser; what it asked for and what went wrong is written down."""
    context = chrome.new_context(offline=True, viewport={"width": 1200, "height": 1000})
    context.route(re.compile("^(http|ws)s?:"), lambda route: route.abort())
    page = context.new_page()
    heard = types.SimpleNamespace(
        name=request.param, path=files[request.param], errors=[], asked=[], page=page
    )
    page.on("pageerror", lambda error: heard.errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and heard.errors.append(said.text))
    page.on("request", lambda request: heard.asked.append(request.url))
    page.goto(heard.path.as_uri())
    page.wait_for_selector(".vmo-picture svg")
    heard.explorer = SavedPage(page, page.locator(".vmo-edu"))
    heard.explorer.settle()
    heard.lab = getattr(explore, heard.name)()
    yield heard
    context.close()


def test_opens_in_the_state_in_which_it_was_saved(saved):
    assert saved.explorer.values() == json.loads(json.dumps(saved.lab.state()))
    saved.explorer.same_as_python(saved.lab)
    assert saved.page.title() == saved.lab.title


def test_dragging_a_slider_changes_picture_and_words(saved):
    slider, before = saved.explorer.moving()[0], saved.explorer.picture()
    saved.explorer.drag(slider, 0.9)
    assert saved.explorer.moved(before)
    saved.explorer.same_as_python(saved.lab)
    share = slider.evaluate("s => (s.value - s.min) / (s.max - s.min)")
    assert 0.75 < share <= 1


def test_arrow_keys_move_every_slider(saved):
    for slider in saved.explorer.moving():
        name = saved.explorer.name_of(slider)
        start = saved.explorer.values()[name]
        saved.explorer.press(slider, "ArrowLeft", "ArrowLeft")
        lower, picture = saved.explorer.values()[name], saved.explorer.picture()
        saved.explorer.frame_as_python(saved.lab)
        saved.explorer.press(slider, "ArrowRight", "ArrowRight", "ArrowRight")
        assert lower < start and saved.explorer.values()[name] > lower
        assert saved.explorer.moved(picture), name
        saved.explorer.frame_as_python(saved.lab)
        assert slider.get_attribute("aria-valuetext"), name


def test_home_and_end_reach_the_ends(saved):
    slider = saved.explorer.moving()[0]
    control = next(c for c in saved.lab.controls if c.name == saved.explorer.name_of(slider))
    saved.explorer.press(slider, "Home")
    assert saved.explorer.values()[control.name] == control.low
    saved.explorer.press(slider, "End")
    assert saved.explorer.values()[control.name] == control.high
    saved.explorer.same_as_python(saved.lab)


def test_every_preset_shows_what_the_model_says(saved):
    for name in saved.lab.presets:
        saved.explorer.click(name)
        saved.lab.set(preset=name)
        assert saved.explorer.values() == json.loads(json.dumps(saved.lab.state())), name
        saved.explorer.frame_as_python(saved.lab)
    saved.explorer.same_as_python(saved.lab)


def test_a_preset_can_be_moved_on_from(saved):
    """Sliders stay alive in a preset that sets controls which the page does not keep."""
    saved.explorer.click(list(saved.lab.presets)[-1])
    for slider in saved.explorer.moving()[:1]:
        before = saved.explorer.picture()
        saved.explorer.press(slider, "Home")
        saved.explorer.press(slider, "ArrowRight", "ArrowRight")
        assert saved.explorer.moved(before)
        saved.explorer.same_as_python(saved.lab)


def test_every_option_of_a_choice_can_be_taken(saved):
    saved.explorer.click("Reset")
    for control in saved.lab.controls:
        if control.kind != "choice" or control.name not in saved.lab.main:
            continue
        for value, words in reversed(control.options.items()):
            saved.explorer.root.get_by_label(words, exact=True).check()
            saved.explorer.settle()
            assert saved.explorer.values()[control.name] == value
            saved.explorer.frame_as_python(saved.lab)


def test_reset_brings_back_the_start(saved):
    saved.explorer.press(saved.explorer.moving()[0], "End")
    saved.explorer.click("Reset")
    saved.lab.reset()
    assert saved.explorer.values() == json.loads(json.dumps(saved.lab.state()))
    saved.explorer.same_as_python(saved.lab)


def test_a_phone_gets_the_picture_for_a_phone(saved):
    saved.page.set_viewport_size({"width": 400, "height": 800})
    saved.page.wait_for_function(
        "() => document.querySelector('.vmo-edu').vmo.session.picture.layout === 'tall'"
    )
    saved.explorer.settle()
    assert saved.page.evaluate("document.documentElement.scrollWidth") <= 400
    before = saved.explorer.picture()
    saved.explorer.press(saved.explorer.moving()[0], "Home", "ArrowRight")
    assert saved.explorer.moved(before)
    saved.explorer.same_as_python(saved.lab)


def test_file_is_small_and_nothing_came_from_elsewhere(saved):
    """Last of this page: after all that was done with it."""
    assert saved.path.stat().st_size <= LIMIT
    own = saved.path.as_uri()
    assert [url for url in saved.asked if url != own and not url.startswith(("blob:", "data:"))] == []
    text = saved.path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"'<>)]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert saved.errors == []
