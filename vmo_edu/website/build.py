"""Write the site: lessons, index, tables of evidence, teaching guide, licence, and the live pages."""

from __future__ import annotations

import pathlib
import re
import shutil
from collections.abc import Callable
from html import escape
from string import Template

import vmo_edu
from vmo_edu import evidence
from vmo_edu.website import lessons, live, tables, words

HERE = pathlib.Path(__file__).parent / "looks"
ROOT = pathlib.Path(vmo_edu.__file__).parent.parent
MARK = '<meta name="generator" content="vmo_edu">'
NAME = "vmo_edu: the VMO and the kneecap"
LIVE = "The explorers below are live, with their main controls; pinning and all other controls are in the notebook."


class BuildError(Exception):
    """The site cannot be built; the message says why."""


def build(
    out: pathlib.Path | str,
    *,
    jobs: int = 1,
    notebooks: pathlib.Path | str | None = None,
    write_live: Callable = live.write_all,
    say: Callable[[str], object] = lambda _: None,
) -> list[pathlib.Path]:
    """Write the whole site and return the files.

    Parameters
    ----------
    out : path
        Folder to write. A site from before is replaced; anything else in it is an error.
    jobs : int
        Processes for the live pages.
    notebooks : path, optional
        Folder of the lessons; that of the checkout by default.
    write_live : callable
        ``write_live(list of Live, folder, jobs)`` -> paths; tests of the links give a quicker one.
    say : callable
        Told about progress, a line at a time.

    Raises
    ------
    BuildError
        If there are no notebooks, one of them cannot be shown, or `out` holds something else.
    """
    out = pathlib.Path(out)
    folder = pathlib.Path(notebooks or ROOT / "notebooks")
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        raise BuildError(f"There are no notebooks in {folder}; the site is built from a checkout.")
    try:
        course = [lessons.read(path) for path in paths]
    except ValueError as error:
        raise BuildError(str(error)) from error
    _empty(out)
    for name in ("site.css", "site.js"):
        shutil.copy(HERE / name, out / name)
    _style(out)
    _copy_files(out, folder)
    for index, lesson in enumerate(course):
        _lesson(out, course, index)
        say(f"{lesson.name}: {len(lesson.lives)} live, {len(lesson.pictures)} pictures")
    _others(out, course, folder)
    lives = list(dict.fromkeys(one for lesson in course for one in lesson.lives))
    for path in write_live(lives, out / "live", jobs):
        say(f"live/{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    return sorted(path for path in out.rglob("*") if path.is_file())


def _empty(out: pathlib.Path) -> None:
    """Make the folder, empty; only a site of ours is ever removed."""
    if out.exists() and any(out.iterdir()):
        index = out / "index.html"
        if not index.is_file() or MARK not in index.read_text(encoding="utf-8"):
            raise BuildError(f"{out} holds something that is no site of this course; name another folder.")
        shutil.rmtree(out)
    for part in ("live", "pictures", "data"):
        (out / part).mkdir(parents=True, exist_ok=True)


def _style(out: pathlib.Path) -> None:
    """Add the looks of the lesson cards, so that they are the same here and in a notebook."""
    from vmo_edu.lesson.card import STYLE

    with open(out / "site.css", "a", encoding="utf-8") as file:
        file.write("\n" + STYLE)


def _copy_files(out: pathlib.Path, folder: pathlib.Path) -> None:
    """Copy the tables, and the pictures that the Markdown shows."""
    for path in evidence.data_path().glob("*.csv"):
        shutil.copy(path, out / "data" / path.name)
    if (folder / "images").is_dir():
        shutil.copytree(folder / "images", out / "images")


def _page(out: pathlib.Path, name: str, title: str, body: str, menu: str) -> None:
    """Write one page into the frame that all share."""
    menu = menu.replace(f'href="{name}"', f'href="{name}" aria-current="page"')
    text = _filled("page", title=escape(title), course=NAME, mark=MARK, body=body, menu=menu)
    (out / name).write_text(text, encoding="utf-8")


def _filled(template: str, **values: str) -> str:
    """Return a template of `looks/` with its $places filled."""
    return Template((HERE / f"{template}.html").read_text(encoding="utf-8")).substitute(values)


def _menu(course: list[lessons.Lesson]) -> str:
    items = "".join(
        f'<li><a href="{one.name}.html"><span>{one.number}</span> {escape(one.short_title)}</a></li>'
        for one in course
    )
    return f"<ul>{items}</ul>"


def _lesson(out: pathlib.Path, course: list[lessons.Lesson], index: int) -> None:
    """Write the page of one lesson and its pictures."""
    lesson = course[index]
    for name, picture in lesson.pictures.items():
        (out / "pictures" / name).write_bytes(picture)
    parts = "".join(f'<li><a href="#{place}">{text}</a></li>' for place, text in lesson.sections)
    around = [
        ("prev", "Before", course[index - 1] if index else None),
        ("next", "Next", course[index + 1] if index + 1 < len(course) else None),
    ]
    links = "".join(
        f'<a rel="{rel}" href="{one.name}.html"><small>{word}</small> {escape(one.plain_title)}</a>'
        for rel, word, one in around
        if one
    )
    question = f'<p class="lead">{lesson.question}</p>' if lesson.question else ""
    effort = f'<p class="effort">{lesson.effort}</p>' if lesson.effort else ""
    body = _filled(
        "lesson",
        title=lesson.title,
        question=question,
        effort=effort,
        name=lesson.name,
        live=LIVE if lesson.lives else "",
        parts=parts,
        body=lesson.body,
        around=links,
    )
    _page(out, f"{lesson.name}.html", f"{lesson.plain_title} · {NAME}", body, _menu(course))


def _others(out: pathlib.Path, course: list[lessons.Lesson], folder: pathlib.Path) -> None:
    """Write index, tables, teaching guide and licence."""
    menu = _menu(course)
    cards = "".join(_card(lesson) for lesson in course)
    _page(out, "index.html", NAME, _filled("index", course=NAME, cards=cards), menu)
    lead = '<p>Also as a file: <a href="data/{0}.csv">{0}.csv</a>.</p>'
    for name, title, make in (
        ("facts", "Measured numbers", tables.facts),
        ("references", "Sources", tables.references),
        ("glossary", "Glossary", tables.glossary),
    ):
        _page(out, f"{name}.html", f"{title} · {NAME}", f"<h1>{title}</h1>{lead.format(name)}{make()}", menu)
    guide = folder / "teaching_guide.md"
    missing = "# Teaching guide\n\nNot part of this copy."
    text = guide.read_text(encoding="utf-8") if guide.exists() else missing
    _page(out, "teaching_guide.html", f"Teaching guide · {NAME}", words.html(text), menu)
    _page(out, "about.html", f"Licence · {NAME}", _about(), menu)


def _card(lesson: lessons.Lesson) -> str:
    """Return a lesson's entry in the index, with its first picture."""
    picture = "".join(
        f'<img src="pictures/{name}" alt="" loading="lazy">' for name in list(lesson.pictures)[:1]
    )
    effort = re.match(r"[^.]*", lesson.effort)[0]
    return (
        f'<li><a href="{lesson.name}.html">{picture}<strong><span>{lesson.number}</span> '
        f"{escape(lesson.plain_title)}</strong></a><p>{lesson.question}</p><p><small>{effort}</small></p></li>"
    )


def _about() -> str:
    """Return licence, citation and disclaimer."""
    files = [
        (ROOT / name, title)
        for name, title in (
            ("LICENSE-CONTENT", "Licence of text, pictures and data"),
            ("LICENSE", "Licence of the program"),
            ("CITATION.cff", "How to cite"),
        )
    ]
    texts = "".join(
        f'<h2>{title}</h2><pre class="out">{escape(path.read_text(encoding="utf-8").strip())}</pre>'
        for path, title in files
        if path.exists()
    )
    return _filled("about", version=vmo_edu.__version__, texts=texts)
