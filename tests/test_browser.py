"""Every lesson in a real JupyterLab and Chromium: what a reader does there, and that its meaning follows.

The tests of one lesson share one page and run in the order in which they stand.
"""

from __future__ import annotations

import json
import pathlib

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NOTEBOOKS = sorted((pathlib.Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def shows_explorer(path: pathlib.Path) -> bool:
    """Whether a notebook opens an explorer; the ledger of claims is a list and has its own tests."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return "explore." in code.replace("explore.claims", "")


LESSONS = [path for path in NOTEBOOKS if shows_explorer(path)]
BROKEN = (
    "model not found",
    "Error displaying widget",
    "Loading widget",
    "A Jupyter widget could not be displayed",
)


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def unrun(request, lab_page):
    """A lesson as it was committed, opened and not run."""
    page = lab_page(request.param, run=False)
    yield page
    page.close()


@pytest.fixture(scope="module")
def lesson(unrun):
    """The same page after Run All."""
    unrun.unrun_words = unrun.words()
    unrun.unrun_pictures = unrun.page.locator(".jp-RenderedImage img").count()
    unrun.run_all()
    return unrun


@pytest.fixture
def explorer(lesson):
    """The lesson's first explorer, every control at its default."""
    explorer = lesson.explorer()
    explorer.settle()
    explorer.click("Reset")
    return explorer


class TestLesson:
    """One lesson, from opening it to leaving it."""

    def test_shows_pictures_and_words_before_it_is_run(self, lesson):
        assert lesson.unrun_pictures > 0
        assert not [broken for broken in BROKEN if broken in lesson.unrun_words]

    def test_runs_from_top_to_bottom(self, lesson):
        words = lesson.words()
        assert not [broken for broken in BROKEN if broken in words]
        assert lesson.page.locator(".vmo-edu").count() > 0

    def test_dragging_a_slider_changes_picture_and_meaning(self, explorer):
        slider = explorer.sliders()[0]
        words, picture, value = explorer.description(), explorer.picture(), slider.input_value()
        low, high, now = (float(slider.evaluate(f"s => s.{name}")) for name in ("min", "max", "value"))
        explorer.drag(slider, 0.9 if (now - low) / (high - low) < 0.5 else 0.1)
        assert slider.input_value() != value
        assert explorer.description() != words
        assert explorer.moved(picture)
        assert not explorer.fault()

    def test_arrow_keys_move_every_slider(self, explorer):
        for slider in explorer.sliders():
            name = slider.evaluate("s => s.labels[0].textContent")
            value, spoken = float(slider.input_value()), slider.get_attribute("aria-valuetext")
            sign = -1 if slider.evaluate("s => s.valueAsNumber >= Number(s.max)") else 1
            explorer.press(slider, "ArrowRight" if sign == 1 else "ArrowLeft")
            there = float(slider.input_value())
            assert (there - value) * sign > 0, f"an arrow key did not move {name}"
            assert slider.get_attribute("aria-valuetext") != spoken, name
            assert not explorer.fault(), name
            explorer.press(slider, "ArrowLeft" if sign == 1 else "ArrowRight")
            assert (float(slider.input_value()) - there) * sign < 0, f"an arrow key did not bring {name} back"

    def test_presets_change_the_meaning_and_reset_undoes_everything(self, explorer):
        words, picture, numbers = explorer.description(), explorer.picture(), explorer.readouts()
        told = {words}
        for chip in explorer.root.locator(".vmo-chip").all():
            chip.click()
            explorer.settle()
            assert chip.get_attribute("aria-pressed") == "true"
            assert not explorer.fault(), chip.inner_text()
            told.add(explorer.description())
        assert len(told) > 1, "no preset says anything else than the default"
        if explorer.root.evaluate("e => e.vmo.session.spec.controls.some((c) => c.stays)"):
            explorer.click("Reset")
            assert explorer.description() != words, "Reset leaves the chosen case alone"
            explorer.root.locator(".vmo-chip").first.click()
        explorer.click("Reset")
        assert explorer.description() == words
        assert explorer.readouts() == numbers
        assert not explorer.moved(picture)

    def test_the_kernel_follows(self, lesson, explorer):
        """What Python holds after a drag is what the page shows: ask for the state as code."""
        explorer.drag(explorer.sliders()[0], 0.3)
        if explorer.root.evaluate("e => { const s = e.vmo.session; return s.code.endsWith('()'); }"):
            explorer.drag(explorer.sliders()[0], 0.8)  # 0.3 was the default, which the code leaves out
        explorer.root.get_by_role("button", name="Copy state", exact=True).click()
        code = explorer.root.locator(".vmo-note code")
        code.wait_for()
        name = explorer.sliders()[0].evaluate("s => s.closest('[data-control]').dataset.control")
        assert f"{name}={float(explorer.sliders()[0].input_value()):.10g}" in code.inner_text()

    def test_accessible_by_axe(self, lesson, explorer):
        assert lesson.accessibility_faults(".vmo-edu") == []

    def test_fits_a_phone(self, lesson, explorer):
        """At 400 px nothing of the explorer stands out to the right, and every control can be hit."""
        lesson.page.set_viewport_size({"width": 400, "height": 800})
        try:
            explorer.settle()
            outside = explorer.root.evaluate(
                """root => { const edge = root.getBoundingClientRect().right + 1;
                     return [...root.querySelectorAll('*')]
                       .filter(e => !e.closest('svg, .vmo-hidden, details:not([open]) .vmo-menu'))
                       .filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().right > edge)
                       .map(e => e.outerHTML.slice(0, 120)); }"""
            )
            assert not outside
            assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth")
            assert explorer.root.bounding_box()["width"] <= 400
        finally:
            lesson.page.set_viewport_size({"width": 1400, "height": 900})

    def test_the_console_stayed_clean(self, lesson):
        assert lesson.errors == []


# ---------------------------------------------------------------------------------- beside JupyterLab

TWO = [
    "from vmo_edu import explore",
    "first = explore.q_angle()\nfirst",
    "second = explore.q_angle()\nsecond",
]


def test_two_copies_on_one_page_are_independent(lab_page):
    page = lab_page(TWO)
    first, second = page.explorer(0), page.explorer(1)
    first.settle()
    second.settle()
    words, picture = second.description(), second.picture()
    first.drag(first.sliders()[0], 0.95)
    second.settle()
    assert first.description() != words
    assert second.description() == words
    assert not second.moved(picture)
    ids = page.page.evaluate("[...document.querySelectorAll('.vmo-edu [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert page.errors == []


@pytest.mark.parametrize("app", ["notebook", "voila"])
def test_works_in_other_programs(lab_page, app):
    """Arrow keys, presets and reset in Notebook 7 (where cells listen for arrows as well) and in Voila."""
    page = lab_page(NOTEBOOKS[1], app=app)
    explorer = page.explorer()
    explorer.settle()
    explorer.click("Reset")
    words, picture = explorer.description(), explorer.picture()
    slider = explorer.sliders()[0]
    value = float(slider.input_value())
    explorer.press(slider, *["ArrowRight"] * 5)
    assert float(slider.input_value()) > value
    assert explorer.description() != words
    assert explorer.moved(picture)
    explorer.press(slider, *["ArrowLeft"] * 5)
    assert float(slider.input_value()) == value
    explorer.root.locator(".vmo-chip").last.click()
    explorer.settle()
    assert explorer.description() != words
    explorer.click("Reset")
    assert explorer.description() == words
    assert not explorer.moved(picture)
    assert page.own_errors() == []
