"""The live picture: what travels to the browser, and what a reader sees in JupyterLab and in a saved page."""

from __future__ import annotations

import json
import pathlib
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path

from tests import lab
from tests.demo import DemoExplorer
from vmo_edu import evidence
from vmo_edu.live.frames import Frame, changed, clean_svg, decode, encode
from vmo_edu.live.page import page as page_of

HERE = pathlib.Path(__file__).parent
CELLS = ["from tests.demo import DemoExplorer", "lab = DemoExplorer(); lab", "lab", "lab.code()"]


# -- frames --------------------------------------------------------------------------------------
def shape(draw, letters):
    """Coordinates for path letters, anywhere a 16-bit number reaches."""
    count = 2 * sum(letter != "Z" for letter in letters)
    return letters, np.array(draw(st.lists(st.integers(-32768, 32767), min_size=count, max_size=count)), np.int16)


@st.composite
def sweeps(draw):
    """A few frames with curves that change, change their kind, come and go."""
    frames = []
    for i in range(draw(st.integers(1, 6))):
        shapes = {
            gid: shape(draw, draw(st.sampled_from(["ML", "MLLZ", "MCCC", "", "MQQLLZ"])))
            for gid in ("a", "b", "c")
            if draw(st.booleans())
        }
        looks = {gid: {"fill": draw(st.sampled_from(["none", "#ff0000"]))} for gid in ("a", "z") if draw(st.booleans())}
        frames.append(Frame({"x": i}, shapes, looks, {"describe": draw(st.text(max_size=8))}))
    return frames


def assert_same(one: Frame, other: Frame):
    """Two frames are equal to the last coordinate."""
    assert (one.values, one.looks, one.says) == (other.values, other.looks, other.says)
    assert one.shapes.keys() == other.shapes.keys()
    for gid, (letters, points) in one.shapes.items():
        assert other.shapes[gid][0] == letters
        np.testing.assert_array_equal(other.shapes[gid][1], points)


@settings(max_examples=150, deadline=None)
@given(sweeps())
def test_packing_loses_nothing(frames):
    back, head = decode(encode(frames, {"rev": 3}))
    assert head["rev"] == 3
    for one, other in zip(frames, back, strict=True):
        assert_same(one, other)


def test_changed_holds_only_differences():
    a = Frame({"x": 1}, {"p": ("ML", np.int16([0, 0, 1, 1]))}, {"p": {"fill": "none"}, "q": {"transform": "t"}})
    b = Frame({"x": 2}, {"p": ("ML", np.int16([0, 0, 1, 2]))}, {"p": {"fill": "none"}, "q": {"transform": "u"}})
    part = changed(b, a)
    assert set(part.shapes) == {"p"} and set(part.looks) == {"q"}
    assert changed(b, b).shapes == {} and changed(b, None) is b


def test_what_lies_far_outside_stays_at_the_edge():
    """Coordinates are 16-bit: one that wrapped around would draw a line across the picture."""
    lab = DemoExplorer()
    lab.frame()
    lab._scene.lines[0].set(xy=[[0.0, 0.0], [1e7, -1e7]])
    letters, points = lab._recorder.record({}, {}).shapes["line0"]
    assert letters == "ML" and points[2:].tolist() == [32767, 32767]              # to the right and below
    lab.close()


def test_paths_of_ever_new_lengths_do_not_fill_the_memory():
    lab = DemoExplorer()
    lab.frame()
    for n in range(2, 1202):
        codes = np.array([Path.MOVETO, *[Path.LINETO] * (n - 1)], Path.code_type)
        assert lab._recorder._letters_of(codes, n) == "M" + "L" * (n - 1)
    assert len(lab._recorder._letters) < 600
    lab.close()


def test_svg_stands_alone_in_a_page():
    lab = DemoExplorer()
    lab._drawn()
    svg = lab._recorder.svg
    assert "<style" not in svg and "xmlns" not in svg and "http" not in svg
    assert set(re.findall(r'data-gid="([^"]+)"', svg)) == set(lab._scene.live)
    assert "nine waves &lt; &amp; &gt;" in svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    other = DemoExplorer()
    other._drawn()
    assert not set(ids) & set(re.findall(r'\bid="([^"]+)"', other._recorder.svg))
    assert (
        clean_svg('<svg><g id="u-a"/><g id="u-patch_1"/><g id="x"/></svg>', "u", {"a": None})
        == '<svg><g data-gid="a"/><g/><g/></svg>'
    )


def test_sweep_is_small():
    lab = DemoExplorer()
    lab.frame()
    sets = [{**lab.state(), "angle": float(a)} for a in range(61)]
    assert len(encode(list(lab.frames(sets)))) < 60_000
    assert len(encode([lab.frame()])) < 30_000


# -- in JupyterLab -------------------------------------------------------------------------------
def number(value: float) -> str:
    """A coordinate as JavaScript writes it."""
    return str(int(value)) if value == int(value) else repr(float(value))


def path_text(letters: str, points: np.ndarray) -> str:
    """The same as pathText in front.js."""
    if not letters:
        return "M0 0"
    text, k, left = "", 0, 0
    for letter in letters:
        if letter == "Z":
            text += "Z"
            continue
        if left:
            left, text = left - 1, text + " "
        else:
            left, text = {"C": 2, "Q": 1}.get(letter, 0), text + letter
        text += f"{number(points[k] / 20)} {number(points[k + 1] / 20)}"
        k += 2
    return text


def differences(snapshot: dict, frame: Frame) -> list[str]:
    """Live attributes of a snapshot that are not those of the kernel's frame."""
    wrong = []
    for gid, look in frame.looks.items():
        seen = snapshot["picture"][gid]
        wrong += [
            f"{gid}.{name}: {seen.get(name)} not {value}" for name, value in look.items() if seen.get(name) != value
        ]
        if gid in frame.shapes and seen.get("d") != path_text(*frame.shapes[gid]):
            wrong.append(f"{gid}.d")
    return wrong


SNAPSHOT = """
window.snapshot = () => {
  const root = document.querySelector('.vmo-edu'), s = root.vmo.session, picture = {};
  for (const [gid, {group, path}] of root.vmo.groups) {
    const kept = picture[gid] = {};
    for (const e of [group, path]) if (e) for (const a of e.attributes) kept[a.name] = a.value;
  }
  return {values: {...s.shown.values}, wanted: {...s.values}, shown: s.isShown(),
          pinned: s.pinned && {...s.pinned}, read: root.querySelector('.vmo-readouts').innerText, picture};
};
"""

WANDER = """
async ({seed, steps}) => {
  const s = document.querySelector('.vmo-edu').vmo.session, out = [];
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let i = 0; i < steps; i++) {
    const dice = random(), controls = [...s.controls.values()];
    if (dice < 0.06) {
      const [name, values] = s.spec.presets[Math.floor(random() * 2)];
      s.change({...values}, name);
    }
    else if (dice < 0.09) s.reset();
    else if (dice < 0.12) s.act(s.pinned ? 'unpin' : 'pin');
    else if (dice < 0.25) s.want(controls[Math.floor(random() * 4)].name);
    else {
      const c = controls[Math.floor(random() * 4)];
      const values = c.points(s.values[c.name]).filter((v) => !(c.name === 'size' && v === 1.95));
      s.change({[c.name]: values[Math.floor(random() * values.length)]});
    }
    if (random() < 0.5) await wait(random() < 0.8 ? random() * 40 : random() * 400);
    out.push(snapshot());
  }
  for (let late = Date.now() + 15000; !s.isShown() && Date.now() < late;) await wait(50);
  out.push(snapshot());
  return out;
}
"""

# Nothing of an explorer stands out of it, nor it out of the window; controls beside the picture only where told so.
FITS = """
([root, beside]) => {
  const box = (e) => e.getBoundingClientRect(), all = box(root), panel = box(root.querySelector('.vmo-panel'));
  return all.right <= innerWidth && (panel.x > all.x + 300) === beside
    && ['.vmo-picture', '.vmo-panel', '.vmo-readouts', '.vmo-presets'].map((s) => box(root.querySelector(s)))
      .every((part) => part.width > 0 && part.x >= all.x - 1 && part.right <= all.right + 1);
}
"""

RESTART_SEEN = f"""
() => {{ {lab.PANEL}.sessionContext.statusChanged.connect((_, status) => {{
           if (status.includes('restarting')) window.restarted = true; }}); }}
"""


@pytest.fixture(scope="module")
def notebook(lab_page):
    """One notebook with the demo explorer shown twice."""
    page = lab_page(CELLS, height=1700)
    page.page.wait_for_selector(".vmo-edu")
    page.page.evaluate(SNAPSHOT)
    return page


@pytest.fixture
def explorer(notebook):
    """The first of the two views, at its defaults."""
    explorer = notebook.explorer()
    explorer.click("Reset")
    explorer.settle()
    return explorer


def value(explorer, name):
    """What a control holds on the page."""
    return explorer.root.evaluate("(root, name) => root.vmo.session.values[name]", name)


@pytest.mark.browser
@pytest.mark.timeout(240)
class TestInJupyterLab:
    """What a reader does."""

    @pytest.mark.parametrize("seed", [11, 222, 3333])
    def test_never_a_wrong_frame(self, notebook, explorer, seed):
        """Whatever is moved, however quickly: each picture is the kernel's for the values it claims."""
        lab, pinned = DemoExplorer(), None
        snapshots = notebook.page.evaluate(WANDER, {"seed": seed, "steps": 120})
        shown = 0
        for snapshot in snapshots:
            if snapshot["pinned"] != pinned:
                pinned = snapshot["pinned"]
                lab.set(**pinned).pin() if pinned else lab.pin(False)
            lab.set(**snapshot["values"])
            shown += snapshot["shown"]
            if snapshot["shown"]:  # between a pin and its answer the ghost is still to come
                assert differences(snapshot, lab.frame()) == []
        assert shown > 20
        last = snapshots[-1]
        assert last["shown"] and last["values"] == last["wanted"]
        explorer.settle()
        assert explorer.root.get_attribute("data-exact") == "true"
        code = explorer.root.evaluate("root => root.vmo.session.code")
        mine = eval(code, {"explore": type("E", (), {"demo": DemoExplorer})})  # noqa: S307 our own kernel's text
        assert mine.state() == last["values"]
        assert explorer.description() == mine.describe()
        assert notebook.errors == []

    def test_ten_thousand_events_end_in_the_right_state(self, notebook, explorer):
        """Sliders, choices, presets, resets and pins at random, in bursts; the last ones count."""
        heap = notebook.page.evaluate("() => performance.memory.usedJSHeapSize")
        notebook.page.evaluate(
            """async () => {
              const s = document.querySelector('.vmo-edu').vmo.session, controls = [...s.controls.values()];
              let seed = 99;
              const random = (n) => { seed = (seed * 16807) % 2147483647; return seed % n; };
              for (let i = 0; i < 10000; i++) {
                const dice = random(100), c = controls[random(4)];
                if (dice < 3) { const [name, values] = s.spec.presets[random(2)]; s.change({...values}, name); }
                else if (dice < 4) s.reset();
                else if (dice < 5) s.act(s.pinned ? 'unpin' : 'pin');
                else if (dice < 8) s.want(c.name);
                else if (c.kind === 'slider') s.change({[c.name]: c.step_by(s.values[c.name], random(21) - 10)});
                else s.change({[c.name]: c.points(0)[random(2)]});
                if (i % 25 === 0) await new Promise((done) => setTimeout(done, 0));
              }
              s.change({angle: 17, size: 0.35, look: 'high', more: false});
            }"""
        )
        explorer.settle()
        assert explorer.description() == "The waves are 0.35 high at 17 degrees." and explorer.fault() == ""
        assert explorer.root.evaluate("root => root.vmo.session.store.bytes") < 25e6
        assert notebook.page.evaluate("() => performance.memory.usedJSHeapSize") - heap < 150e6
        mine = DemoExplorer(angle=17, size=0.35, look="high", more=False)
        snapshot = notebook.page.evaluate("() => snapshot()")
        if snapshot["pinned"]:
            mine.set(**snapshot["pinned"]).pin().set(angle=17, size=0.35, look="high", more=False)
        assert differences(snapshot, mine.frame()) == []

    def test_keys_move_sliders_and_nothing_else(self, notebook, explorer):
        active = (
            "() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')].findIndex(c => c.matches('.jp-mod-active'))"
        )
        slider = explorer.sliders()[0]
        slider.click(position={"x": 3, "y": 10})
        cell = notebook.page.evaluate(active)
        expected = {
            "ArrowRight": 1,
            "ArrowUp": 2,
            "ArrowLeft": 1,
            "ArrowDown": 0,
            "PageUp": 10,
            "PageDown": 0,
            "End": 90,
            "Home": 0,
            "Shift+ArrowRight": 5,
        }
        explorer.press(slider, "Home")
        for key, wanted in expected.items():
            explorer.page.keyboard.press(key)
            assert value(explorer, "angle") == wanted
        for key in (
            "a",
            "b",
            "d",
            "d",
            "m",
            "Escape",
        ):  # in JupyterLab's command mode these do things to cells
            explorer.page.keyboard.press(key)
        assert notebook.page.evaluate(active) == cell
        assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)

    def test_accessible_names_and_value_text(self, explorer):
        slider = explorer.root.get_by_role("slider", name="Angle").first
        assert slider.get_attribute("aria-valuetext") == "30°"
        for group in explorer.root.locator(".vmo-handle").all():
            assert group.get_attribute("aria-valuetext") == "30°" and group.get_attribute("aria-label") == "Angle"
        assert explorer.root.get_by_role("spinbutton", name="Angle, exact value in °").count() == 1
        assert explorer.root.locator(".vmo-description[aria-live=polite]").count() == 1
        assert explorer.root.locator("svg[aria-label='Waves to try the controls'][aria-describedby]").count() == 1

    def test_drag_shows_frames_at_once_and_the_kernel_agrees(self, explorer):
        slider = explorer.sliders()[1]
        slider.focus()
        explorer.page.wait_for_function("() => document.querySelector('.vmo-edu').vmo.session.ready('size')")
        before = explorer.picture()
        explorer.drag(slider, 0.25)
        assert value(explorer, "size") == 0.5
        assert "line0" in explorer.moved(before) and "knob" not in explorer.moved(before)
        assert explorer.description() == "The waves are 0.5 high at 30 degrees."
        assert explorer.root.evaluate("root => root.vmo.session.code") == "explore.demo(size=0.5)"

    def test_drag_a_handle(self, explorer):
        knob = explorer.root.locator("[data-gid=knob]")
        knob.scroll_into_view_if_needed()
        box = knob.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        width = explorer.root.locator(".vmo-picture svg").bounding_box()["width"]
        per_degree = width * 0.9 / 90
        explorer.page.mouse.move(x, y)
        explorer.page.mouse.down()
        explorer.page.mouse.move(x + 20 * per_degree, y + 60, steps=15)
        explorer.page.mouse.up()
        explorer.settle()
        assert value(explorer, "angle") == 50
        moved = knob.bounding_box()
        assert moved["x"] - box["x"] == pytest.approx(20 * per_degree, abs=1.5)
        explorer.press(knob, "ArrowLeft", "ArrowLeft", "ArrowRight", "Shift+ArrowLeft")
        assert value(explorer, "angle") == 44
        assert "44 degrees" in explorer.description()

    def test_preset_pin_reset(self, explorer):
        explorer.click("Tall and red")
        assert value(explorer, "look") == "high"
        chip = explorer.root.get_by_role("button", name="Tall and red")
        assert chip.get_attribute("aria-pressed") == "true"
        explorer.click("Pin baseline")
        assert explorer.picture()["ghost"]["display"] == "inline"
        assert explorer.root.locator(".vmo-pinned").first.is_visible()
        assert explorer.root.get_by_role("button", name="Pin baseline", pressed=True).count() == 1
        explorer.press(explorer.sliders()[0], "ArrowRight")
        assert chip.get_attribute("aria-pressed") == "false"
        explorer.click("Reset")
        explorer.settle()
        assert explorer.picture()["ghost"]["display"] == "none"
        assert value(explorer, "look") == "low"

    def test_choice_and_toggle(self, explorer):
        explorer.root.get_by_role("radio", name="High (orange)").check()
        explorer.root.get_by_role("checkbox", name="All nine waves").uncheck()
        explorer.settle()
        picture = explorer.picture()
        assert picture["line0"]["stroke"].lower() == "#d55e00" and picture["line5"]["display"] == "none"
        explorer.press(explorer.root.get_by_role("radio", name="High (orange)"), "ArrowUp")
        assert value(explorer, "look") == "low"

    def test_exact_value_by_typing(self, explorer):
        box = explorer.root.get_by_role("spinbutton", name="Size, exact value")
        box.fill("0.777")
        box.press("Enter")
        explorer.settle()
        assert value(explorer, "size") == 0.777 and "0.777" in explorer.description()
        explorer.press(explorer.sliders()[1], "ArrowRight")
        assert value(explorer, "size") == 0.8
        box.fill("99")
        box.press("Enter")
        assert value(explorer, "size") == 2 and box.input_value() == "2.00"
        assert "Size goes from 0.00 to 2.00" in explorer.root.locator(".vmo-note").inner_text()
        box.fill("98")
        box.press("Enter")
        assert box.input_value() == "2.00"
        box.press("ArrowDown")
        box.press("ArrowDown")
        assert value(explorer, "size") == 1.9 and box.input_value() == "1.90"
        assert explorer.root.evaluate("root => root.contains(document.activeElement)")
        box.fill("")
        box.press("Enter")
        assert value(explorer, "size") == 1.9 and box.input_value() == "1.90"

    def test_error_is_shown_with_its_inputs_and_goes(self, explorer):
        before = explorer.picture()
        box = explorer.root.get_by_role("spinbutton", name="Size, exact value")
        box.fill("1.95")
        box.press("Enter")
        explorer.root.locator(".vmo-error").wait_for(state="visible")
        assert "size must not be 1.95" in explorer.fault() and "Angle 30°" in explorer.fault()
        assert explorer.moved(before) == []
        explorer.press(explorer.sliders()[1], "ArrowRight")
        explorer.settle()
        assert explorer.fault() == "" and value(explorer, "size") == 2

    def test_labels_parts_and_copy(self, explorer):
        words = explorer.root.locator("[data-gid=labels]")
        assert words.is_visible()
        explorer.click("Labels")
        assert not words.is_visible()
        explorer.click("Labels")
        explorer.click("Next part")
        assert explorer.root.locator(".vmo-part-text").inner_text() == "What lies under the lowest wave."
        assert explorer.root.locator(".vmo-on").get_attribute("data-gid") == "area"
        explorer.click("Previous part")
        assert explorer.root.locator(".vmo-part-text").inner_text() == "Drag me sideways."
        explorer.press(explorer.sliders()[0], "ArrowRight")
        explorer.click("Copy state")
        explorer.root.locator(".vmo-note code").wait_for()
        assert explorer.root.locator(".vmo-note code").inner_text() == "explore.demo(angle=31)"

    def test_full_screen_and_back(self, explorer):
        full = explorer.root.get_by_role("button", name="Full screen")
        width = explorer.root.bounding_box()["width"]
        full.click()
        explorer.page.wait_for_function("() => document.fullscreenElement?.classList.contains('vmo-edu')")
        explorer.root.get_by_role("button", name="Full screen", pressed=True).wait_for()
        assert explorer.root.bounding_box()["width"] >= explorer.page.evaluate("innerWidth") > width
        before = explorer.picture()
        explorer.press(explorer.sliders()[0], "ArrowRight")
        assert "knob" in explorer.moved(before)
        full.click()
        explorer.page.wait_for_function("() => !document.fullscreenElement")
        explorer.root.get_by_role("button", name="Full screen", pressed=False).wait_for()

    def test_at_rest_the_likeliest_sweeps_come_by_themselves(self, explorer):
        main = explorer.root.evaluate("root => root.vmo.session.spec.main")
        assert len(main) > 1
        explorer.page.mouse.move(2, 2)
        ready = "main.every((name) => document.querySelector('.vmo-edu').vmo.session.ready(name))"
        change = "document.querySelector('.vmo-edu').vmo.session.change({size: 1.15})"
        assert not explorer.page.evaluate(f"main => {{ {change}; return {ready}; }}", main)
        explorer.page.wait_for_function(f"main => {ready}", arg=main)

    def test_play_and_pause(self, explorer):
        explorer.click("▶ Play angle")
        explorer.page.wait_for_function("() => document.querySelector('.vmo-edu').vmo.session.values.angle > 35")
        explorer.root.get_by_role("button", name="⏸ Pause").click()
        explorer.settle()
        assert explorer.root.get_by_role("button", name="▶ Play angle").count() == 1
        assert f"{value(explorer, 'angle')} degrees" in explorer.description()

    def test_reduced_motion_plays_in_a_few_still_pictures(self, explorer):
        explorer.page.emulate_media(reduced_motion="reduce")
        try:
            seen = explorer.root.evaluate("""async (root) => {
                const s = root.vmo.session, values = new Set();
                s.play();
                for (let i = 0; i < 40; i++) {
                  await new Promise((d) => setTimeout(d, 50));
                  values.add(s.values.angle);
                }
                s.pause();
                return values.size; }""")
        finally:
            explorer.page.emulate_media(reduced_motion="no-preference")
        assert 2 <= seen <= 5

    def test_two_views_and_python_stay_in_step(self, notebook, explorer):
        other = notebook.explorer(1)
        explorer.click("Tall and red")
        assert other.description() == explorer.description() == "The waves are 2 high at 30 degrees."
        assert other.picture() == explorer.picture()
        notebook.page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(3).click()
        notebook.page.keyboard.press("Control+A")
        notebook.page.keyboard.type("lab.set(preset='Flat', angle=12); lab.code()")
        notebook.page.keyboard.press("Control+Enter")
        notebook.page.wait_for_function("() => document.querySelector('.vmo-edu').vmo.session.values.angle === 12")
        explorer.settle()
        assert "0 high at 12 degrees" in explorer.description()
        assert 'explore.demo(preset="Flat", angle=12)' in notebook.page.locator(".jp-OutputArea").last.inner_text()

    def test_files(self, explorer):
        for label, name, start in (
            ("Picture (PNG)", "demo.png", b"\x89PNG"),
            ("Numbers (CSV)", "demo.csv", b"quantity"),
            ("Page that works without Python", "demo.html", b"<!DOCTYPE"),
        ):
            explorer.root.locator(".vmo-save summary").click()
            with explorer.page.expect_download() as waiting:
                explorer.root.get_by_role("button", name=label).click()
            assert waiting.value.suggested_filename == name
            assert pathlib.Path(waiting.value.path()).read_bytes().startswith(start)

    @pytest.mark.parametrize("width", [1400, 900, 400])
    def test_fits_every_width(self, explorer, width):
        explorer.page.set_viewport_size({"width": width, "height": 1700})
        try:
            explorer.page.wait_for_function(FITS, arg=[explorer.root.element_handle(), width == 1400])
        finally:
            explorer.page.set_viewport_size({"width": 1400, "height": 1700})

    def test_reload_shows_the_present_state(self, notebook, explorer):
        explorer.click("Tall and red")
        notebook.page.locator(".jp-Notebook .jp-InputPrompt").first.click()
        notebook.page.keyboard.press("Control+s")
        notebook.page.wait_for_function(f"() => !{lab.PANEL}.context.model.dirty")
        notebook.page.goto(notebook.page.url.replace("?reset", ""))
        notebook.page.wait_for_selector(".vmo-edu", timeout=60000)
        again = notebook.explorer()
        again.settle()
        assert again.description() == "The waves are 2 high at 30 degrees."
        assert again.picture()["line0"]["stroke"].lower() == "#d55e00"
        again.press(again.sliders()[0], "ArrowRight")
        assert "31 degrees" in again.description()

    def test_restarted_kernel_is_said_and_what_is_here_still_moves(self, lab_page):
        notebook = lab_page(CELLS[:2])
        explorer = notebook.explorer()
        explorer.settle()
        explorer.sliders()[0].focus()
        notebook.page.wait_for_function("() => document.querySelector('.vmo-edu').vmo.session.ready('angle')")
        notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        notebook.page.locator(".lm-Menu-item[data-command='kernelmenu:restart']").click()
        notebook.page.evaluate(RESTART_SEEN)
        notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
        notebook.page.wait_for_function("() => window.restarted")
        lab.kernel_ready(notebook.page)
        before = explorer.picture()
        explorer.sliders()[0].focus()
        notebook.page.keyboard.press("ArrowRight")
        explorer.root.locator(".vmo-error").wait_for(state="visible", timeout=10000)
        assert "lost its Python" in explorer.fault()
        assert "knob" in explorer.moved(before) and value(explorer, "angle") == 31
        explorer.root.get_by_role("button", name="Copy state").click()
        explorer.root.locator(".vmo-note", has_text="no line to copy").wait_for()
        notebook.close()


# -- a saved page --------------------------------------------------------------------------------
def test_page_is_small_and_names_no_other_host(tmp_path):
    path = DemoExplorer(preset="Tall and red").save_page(tmp_path / "demo.html")
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < 3_000_000
    assert not re.search(
        r"(?:src|href)\s*=|https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)",
        text.replace("xlink:href", ""),
    ), re.search(r"(?:src|href)\s*=.{40}|https?://.{40}|@import.{40}", text)
    assert "Spencer" in text and "CC BY 4.0" in text


def test_a_page_that_would_be_too_large_gets_a_coarser_grid(monkeypatch):
    from vmo_edu.live import page

    fine = len(page.page(DemoExplorer()).encode())
    monkeypatch.setattr(page, "LIMIT", 150_000)
    assert len(page.page(DemoExplorer()).encode()) <= 150_000 < fine


def test_states_are_found_by_numbers_as_javascript_writes_them():
    text = page_of(type("One", (DemoExplorer,), {"main": ("angle",)})())
    data = json.loads(re.search(r'id="vmo-data">(.*?)</script>', text, re.S)[1])
    assert set(data["grids"]) == {'[1,"low",true]', '[0,"low",true]', '[2,"high",true]'}


def test_addresses_of_sources_are_text_without_protocol():
    row = next(row for row in evidence.rows("references") if "://" in evidence.cite(row["key"]).full)
    text = page_of(type("Cited", (DemoExplorer,), {"sources": (row["key"],)})())
    assert row["url"].partition("://")[2] in text and row["url"] not in text


def test_page_escapes_what_comes_from_data():
    class Nasty(DemoExplorer):
        title = "</script><script>alert(1)</script>"

        def describe(self, state):
            return "<img src=x onerror=alert(1)>"

    text = page_of(Nasty())
    assert "<script>alert" not in text and "<img" not in text


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_page_works_from_disk_without_network(chrome, tmp_path):
    path = DemoExplorer(angle=45).save_page(tmp_path / "demo.html")
    context = chrome.new_context(offline=True, viewport={"width": 1100, "height": 1000})
    page = context.new_page()
    errors, asked = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(".vmo-picture svg")
    page.evaluate(SNAPSHOT)
    lab = DemoExplorer()
    sliders = page.get_by_role("slider", name="Angle").first, page.get_by_role("slider", name="Size").first
    assert page.evaluate("() => snapshot().values.angle") == 45
    for name, slider, keys in (
        ("", sliders[0], "ArrowRight"),
        ("Tall and red", sliders[0], "ArrowLeft"),
        ("Flat", sliders[1], "End"),
        ("", sliders[0], "Home"),
    ):
        if name:
            page.get_by_role("button", name=name, exact=True).click()
        slider.focus()
        for _ in range(3):
            page.keyboard.press(keys)
            snapshot = page.evaluate("() => snapshot()")
            assert snapshot["shown"] and snapshot["values"] == snapshot["wanted"]
            assert differences(snapshot, lab.set(**snapshot["values"]).frame()) == []
    words = "words => document.querySelector('.vmo-description').innerText.replaceAll('\u00a0', ' ') === words"
    page.wait_for_function(words, arg=lab.describe())
    page.get_by_role("button", name="▶ Play angle").click()
    page.wait_for_function("() => snapshot().values.angle > 0")
    page.get_by_role("button", name="⏸ Pause").click()
    page.get_by_role("button", name="Reset").click()
    assert page.evaluate("() => snapshot().values") == json.loads(json.dumps(DemoExplorer().state()))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save picture").click()
    assert waiting.value.suggested_filename == "demo.svg"
    context.close()
    assert errors == [] and [url for url in asked if not url.startswith(("file:", "blob:"))] == []
