"""The static site: every lesson a page that holds together, loads nothing from elsewhere and can be read by all.

Live pages are slow to write and tested in test_pages.py; here one is real and the others are stand-ins.
"""

from __future__ import annotations

import json
import pathlib
import re
from html import escape, unescape

import pytest

from vmo_edu.website import BuildError, build, faults, lessons, live, tables, words

ROOT = pathlib.Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
REAL = live.Live("overview")


def stand_ins(lives: list[live.Live], folder: pathlib.Path, jobs: int) -> list[pathlib.Path]:
    """One real live page, and for the others an empty one under the right name."""
    for one in lives:
        if one == REAL:
            live.write(one, folder)
        else:
            (folder / one.file).write_text("<!DOCTYPE html><html lang='en'><title>x</title></html>")
    return [folder / one.file for one in lives]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    build(folder, write_live=stand_ins)
    return folder


def text_of(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8")


def cell(kind: str, source: str, outputs: list | None = None, count: int | None = 1) -> dict:
    extra = {"outputs": outputs or [], "execution_count": count} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **extra}


def notebook(folder: pathlib.Path, *cells: dict) -> pathlib.Path:
    """A folder with one small lesson."""
    folder.mkdir(exist_ok=True)
    content = {"cells": [cell("markdown", "# 9 · Try\n\n### Why?\n\n*2 minutes.*"), *cells], "metadata": {}}
    (folder / "09_try.ipynb").write_text(json.dumps(content | {"nbformat": 4, "nbformat_minor": 5}))
    return folder


PICTURE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo="}}
SAYS = {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": 'A knee "bent".'}}


# ------------------------------------------------------------------------------------------- the real site


def test_every_link_holds_and_nothing_comes_from_elsewhere(site):
    assert faults(site) == []


def test_every_notebook_is_a_page_and_in_the_index(site):
    index = text_of(site / "index.html")
    for path in NOTEBOOKS:
        page = text_of(site / f"{path.stem}.html")
        assert f'href="{path.stem}.html"' in index and f'href="{path.stem}.html" aria-current="page"' in page
        assert (
            page.count("<h1") == 1
            and "<main" in page
            and 'lang="en"' in page
            and "not medical advice" in page
        )


def test_every_explorer_of_a_lesson_is_live_in_it(site):
    for path in NOTEBOOKS:
        page = text_of(site / f"{path.stem}.html")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for one in cells:
            found = live.shown("".join(one["source"])) if one["cell_type"] == "code" else None
            if found and any("image/png" in output.get("data", {}) for output in one["outputs"]):
                assert f'src="live/{found.file}"' in page and escape(found.title) in page


def test_every_text_of_a_notebook_is_on_its_page(site):
    for path in NOTEBOOKS:
        page = " ".join(unescape(re.sub("<[^>]*>", " ", text_of(site / f"{path.stem}.html"))).split())
        for one in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(one["source"])
            if one["cell_type"] == "code":
                assert " ".join(source.split()) in page
                continue
            # Neither formulas nor addresses with their tooltips nor the language of a fenced block.
            bare = re.sub(r"\$\$.*?\$\$|\$.*?\$", "", source, flags=re.S)
            bare = re.sub(r"^```\w+", "", bare, flags=re.M)
            bare = re.sub(r"\]\((?:[^()\s]|\([^()]*\))*(\s+\"[^\"]*\")?\)", "", bare)  # DOIs may hold brackets
            assert [word for word in re.findall(r"\b[A-Za-z]{5,}\b", bare) if word not in page] == []


def test_pictures_carry_the_words_stored_with_them(site):
    path = next(path for path in NOTEBOOKS if path.stem.startswith("01"))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for one in cells:
        texts = ["".join(o.get("data", {}).get("text/plain", "")) for o in one.get("outputs", [])]
        if any("image/png" in o.get("data", {}) for o in one.get("outputs", [])):
            said = " ".join(next(text for text in texts if text).split())
            assert f'alt="{escape(said)}"' in text_of(site / "01_q_angle.html")


def test_formulas_are_drawn_without_a_script(site):
    for page in site.glob("*.html"):
        text = text_of(page)
        assert not re.search(
            r"\$\$|\\frac|\\text\{|MathJax", re.sub(r"<pre.*?</pre>", "", text, flags=re.S)
        ), page
    assert text_of(site / "01_q_angle.html").count('<mrow class="brace">') == 2


def test_quiz_answers_without_a_kernel(site):
    page = text_of(site / "01_q_angle.html")
    from vmo_edu.lesson.questions import load

    questions = load("01_q_angle")["questions"]
    quiz = page[page.index('class="quiz') :]
    assert quiz.count("<strong>Right.</strong>") == len(questions)
    assert quiz.count("<strong>Not so.</strong>") == sum(len(q["choices"]) - 1 for q in questions)
    for one in site.glob("*.html"):
        assert "Run this notebook" not in text_of(one)


def test_the_live_page_tells_its_height_to_the_frame(site):
    assert "vmoHeight" in text_of(site / "live" / REAL.file) and "vmoHeight" in text_of(site / "site.js")


# ------------------------------------------------------------------------------------------------ its parts


def test_opens_the_explorer_in_the_state_of_the_cell(tmp_path):
    source = 'lab = explore.tracking(preset="VMO off", vmo=0.5)\nlab'
    folder = notebook(tmp_path / "in", cell("code", source, [PICTURE, SAYS]))
    asked = []
    picture = lessons.read(folder / "09_try.ipynb")
    assert picture.lives == [live.Live("tracking", (("preset", "VMO off"), ("vmo", 0.5)))]
    assert (
        'alt="A knee &quot;bent&quot;."' in picture.body
        and picture.pictures["09_try_1.png"][:4] == b"\x89PNG"
    )
    assert asked == [] and re.fullmatch(r"[\w.-]+\.html", picture.lives[0].file)


def test_a_picture_without_explorer_is_a_picture(tmp_path):
    folder = notebook(tmp_path / "in", cell("code", "show()", [PICTURE, SAYS]))
    lesson = lessons.read(folder / "09_try.ipynb")
    assert lesson.lives == [] and "<iframe" not in lesson.body
    assert lesson.body.count("A knee") == 1, "the words are the picture's alt text and not printed again"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([cell("code", "1 + 1", count=None)], "not stored as executed"),
        ([cell("code", "show()", [PICTURE])], "without words"),
        ([cell("code", "x", [{"output_type": "error", "ename": "NameError", "evalue": "x"}])], "NameError"),
    ],
)
def test_refuses_a_lesson_that_cannot_be_read_by_all(tmp_path, cells, says):
    with pytest.raises(BuildError, match=says):
        build(tmp_path / "site", notebooks=notebook(tmp_path / "in", *cells), write_live=stand_ins)
    assert not (tmp_path / "site").exists()


def test_removes_nothing_but_a_site_of_its_own(tmp_path):
    folder, out = notebook(tmp_path / "in", cell("markdown", "## One")), tmp_path / "site"
    build(out, notebooks=folder, write_live=stand_ins)
    (out / "old.html").write_text("old")
    build(out, notebooks=folder, write_live=stand_ins)
    assert not (out / "old.html").exists()
    (out / "index.html").write_text("my own page")
    with pytest.raises(BuildError, match="holds something"):
        build(out, notebooks=folder, write_live=stand_ins)
    with pytest.raises(BuildError, match="no notebooks"):
        build(tmp_path / "other", notebooks=tmp_path / "nowhere")


def test_text_from_the_tables_is_escaped(monkeypatch):
    nasty = {"term": "<script>x</script>", "meaning": "<b>", "symbol": "", "also": "", "unit": '"<i>'}
    monkeypatch.setattr(tables.evidence, "rows", lambda name: (nasty,))
    page = tables.glossary()
    assert "<script>" not in page and "<b>" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("url", "title", "leads"),
    [
        ("01_q_angle.ipynb#explain", "", "01_q_angle.html#explain"),
        ("../data/facts.csv", "F0033 · Q-angle", "facts.html#F0033"),
        ("../data/references.csv", "smith2009a · Clinical Anatomy", "references.html#smith2009a"),
        ("../data/claims.csv", "", "data/claims.csv"),
        ("teaching_guide.md", "", "teaching_guide.html"),
        ("images/a.png", "", "images/a.png"),
        ("#here", "", "#here"),
        ("https://doi.org/10.1/x.ipynb", "", "https://doi.org/10.1/x.ipynb"),
    ],
)
def test_links_of_notebooks_become_links_of_the_site(url, title, leads):
    assert words.address(url, title) == leads


def test_every_term_number_and_source_has_a_row_to_lead_to():
    from vmo_edu import evidence, prose

    for row in evidence.rows("glossary"):
        _, url, title = re.fullmatch(
            r'\[(.*?)\]\((\S+) "(.*)"\)', prose.expand(f"[[{row['term']}]]")
        ).groups()
        assert words.address(url, title) == f"glossary.html#{words.slug(row['term'])}"
    ids = {name: re.findall(r'<tr id="([^"]+)"', getattr(tables, name)()) for name in words.TABLES}
    for name, key in (("facts", "id"), ("references", "key")):
        assert ids[name] == [row[key] for row in evidence.rows(name)]
    assert all(len(set(found)) == len(found) for found in ids.values())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<a href="gone.html">x</a>', "leads nowhere"),
        ('<a href="#gone">x</a>', "names a place"),
        ('<a href="../index.html">x</a>', "leaves the site"),
        ('<a href="ftp://host/x">x</a>', "leaves the site"),
        ('<script src="https://host/x.js"></script>', "from another place"),
        ('<link rel="stylesheet" href="//host/x.css">', "from another place"),
        ('<img src="http://host/x.png" alt="">', "from another place"),
        ('<img src="index.html">', "without alt"),
        ('<iframe src="live/gone.html"></iframe>', "leads nowhere"),
        ('<p id="a"></p><p id="a"></p>', "twice"),
    ],
)
def test_the_link_check_finds_each_kind_of_fault(tmp_path, body, says):
    (tmp_path / "index.html").write_text(f"<p>{body}<a href='https://doi.org/10.1'>fine</a>")
    assert [fault for fault in faults(tmp_path) if says in fault]


# --------------------------------------------------------------------------------------------- in a browser


@pytest.fixture
def visit(chrome, site):
    """`visit(name, width=..)` opens a page from disk without a network; nothing may go wrong in it."""
    opened, errors = [], []

    def go(name: str, *, width: int = 1400, **options):
        context = chrome.new_context(offline=True, viewport={"width": width, "height": 900}, **options)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.goto((site / name).as_uri())
        opened.append(context)
        return page

    yield go
    for context in opened:
        context.close()
    assert errors == []


@pytest.mark.browser
def test_explorer_in_a_lesson_moves_and_has_its_full_height(visit):
    page = visit("00_start_here.html")
    page.locator(".live iframe").scroll_into_view_if_needed()
    frame = page.frame_locator(".live iframe")
    words_before = frame.locator(".vmo-description").inner_text()
    slider = frame.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("Home")
    frame.locator(".vmo-description", has_text="VMO is off").wait_for(timeout=10_000)
    assert "VMO is off" not in words_before
    page.wait_for_function("() => document.querySelector('.live iframe').offsetHeight > 600")
    inside = frame.locator("body").evaluate("() => [document.documentElement.scrollHeight, innerHeight]")
    assert inside[0] <= inside[1] + 1, "no scroll bar of its own"
    assert not frame.locator("footer").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 400])
def test_pages_fit_the_screen(visit, width):
    for name in ("index.html", "01_q_angle.html", "facts.html", "teaching_guide.html", "about.html"):
        page = visit(name, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.browser
def test_without_scripts_the_picture_stands_in(visit):
    page = visit("00_start_here.html", java_script_enabled=False)
    picture = page.locator(".live img.still")
    assert picture.is_visible() and not page.locator(".live iframe").is_visible()
    assert "knee" in picture.get_attribute("alt")


@pytest.mark.browser
def test_keyboard_skips_to_the_text(visit):
    page = visit("01_q_angle.html")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, scheme):
    from axe_playwright_python.sync_playwright import Axe

    for name in (
        "index.html",
        "01_q_angle.html",
        "08_claims_and_evidence.html",
        "glossary.html",
        "about.html",
    ):
        page = visit(name, color_scheme=scheme)
        found = Axe().run(page, options={"preload": False}).response["violations"]
        grave = [
            (v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")
        ]
        assert grave == [], name
