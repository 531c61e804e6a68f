"""A stored notebook -> the parts of its page: text, pictures with their words, tables, explorers, quiz."""

from __future__ import annotations

import base64
import json
import pathlib
import re
from dataclasses import dataclass, field
from html import escape

from vmo_edu.website import live, words

ASIDES = {
    "Run this notebook to commit your guess.": "Decide now, before you read on.",
    "Run this notebook to answer; each answer opens after an attempt.": "",
}
"""What the cards say to somebody in a notebook, and what they say here."""


@dataclass
class Lesson:
    """One notebook, read.

    Attributes
    ----------
    name : str
        File name without ending.
    title, question, effort : str
        From its first cell: heading (HTML), question (HTML), and the line in italics.
    body : str
        HTML of all cells.
    sections : list of (str, str)
        Id and text of its main headings.
    lives : list of Live
        The explorers that it shows.
    pictures : dict of str to bytes
        Stored pictures by file name.
    """

    name: str
    title: str = ""
    question: str = ""
    effort: str = ""
    body: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)
    lives: list[live.Live] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The number in front of its name."""
        return self.name.partition("_")[0]

    @property
    def short_title(self) -> str:
        """The title up to a colon, for the menu."""
        return self.plain_title.partition(":")[0]

    @property
    def plain_title(self) -> str:
        """The title as plain text, without its number."""
        return re.sub(r"^\d+ · ", "", re.sub("<[^>]*>", "", self.title))


def read(path: pathlib.Path) -> Lesson:
    """Read a notebook as it is stored.

    Raises
    ------
    ValueError
        If it has no heading, is not executed, holds an error, or a picture without words.
    """
    lesson = Lesson(path.stem)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    body = "".join(
        words.html(_join(cell["source"])) if cell["cell_type"] == "markdown" else _code(cell, lesson)
        for cell in cells
        if cell["cell_type"] != "raw"
    )
    head = re.match(
        r"\s*<h1[^>]*>(?P<title>.*?)</h1>\s*(<h3[^>]*>(?P<question>.*?)</h3>\s*)?"
        r"(<p><em>(?P<effort>.*?)</em></p>)?",
        body,
        re.S,
    )
    if head is None:
        raise ValueError(f"{path.name} must start with a heading (# ...)")
    lesson.title, lesson.question, lesson.effort = (
        head[part] or "" for part in ("title", "question", "effort")
    )
    lesson.body = body[head.end() :]
    lesson.sections = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', lesson.body)
    return lesson


def _join(text: str | list[str]) -> str:
    """Return a text that a notebook keeps whole or as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def _data(output: dict) -> dict[str, str]:
    """Return what an output holds, by kind."""
    return {
        kind: _join(content) for kind, content in output.get("data", {}).items() if not kind.endswith("json")
    }


def _code(cell: dict, lesson: Lesson) -> str:
    """Return a code cell: its code folded, then what it showed."""
    source = _join(cell["source"])
    if cell["execution_count"] is None and source.strip():
        raise ValueError(f"{lesson.name} is not stored as executed; run: python3 run.py notebooks")
    code = (
        f'<details class="code"><summary>Code</summary><pre><code>{escape(source)}</code></pre></details>\n'
    )
    quizzes = [call[1][0] for call in live.called(source, "lesson") if call[0] == "quiz" and call[1]]
    if quizzes:
        return code + "".join(quiz(name) for name in quizzes)
    outputs = list(cell["outputs"])
    shown = live.shown(source)
    if shown and any("image/png" in _data(output) for output in outputs):
        still, alt = _picture(outputs, lesson)
        lesson.lives.append(shown)
        return live.frame(shown, still, alt) + code
    parts = []
    while outputs:
        parts.append(_output(outputs, lesson))
    return code + "".join(parts)


def _picture(outputs: list[dict], lesson: Lesson) -> tuple[str, str]:
    """Keep the first picture for the site; returns its address and its words, stored with it or after it."""
    found = [_data(output) for output in outputs]
    picture = next(data["image/png"] for data in found if "image/png" in data)
    texts = [data["text/plain"] for data in found if "text/plain" in data]
    alt = next((text for text in texts if not text.startswith("<")), "")
    if not alt:
        raise ValueError(f"{lesson.name}: a picture is stored without words for those who cannot see it")
    name = f"{lesson.name}_{len(lesson.pictures) + 1}.png"
    lesson.pictures[name] = base64.b64decode(picture)
    return f"pictures/{name}", " ".join(alt.split())


def _output(outputs: list[dict], lesson: Lesson) -> str:
    """Return the first of the outputs as HTML and take it, with the words that belong to it, off the list."""
    output = outputs.pop(0)
    if output["output_type"] == "error":
        raise ValueError(f"{lesson.name} holds an error: {output['ename']}: {output['evalue']}")
    if output["output_type"] == "stream":
        return _text(_join(output["text"]))
    data = _data(output)
    if "image/png" in data:  # before HTML, which may hold the same picture again
        follows = outputs[:1] if "text/plain" not in data else []
        still, alt = _picture([output, *follows], lesson)
        if follows and "text/html" not in _data(follows[0]):
            outputs.pop(0)
        shown = f'<img src="{still}" alt="{escape(alt)}" loading="lazy">'
        return f'<figure class="picture broad" tabindex="0" aria-label="Picture">{shown}</figure>\n'
    if "text/html" in data:
        return _html(data["text/html"])
    if "text/markdown" in data:
        return words.html(data["text/markdown"])
    return _text(data.get("text/plain", ""))


def _text(text: str) -> str:
    """Return printed text; nothing for nothing."""
    return f'<pre class="out">{escape(text.rstrip())}</pre>\n' if text.strip() else ""


def _html(text: str) -> str:
    """Return stored HTML without the styles that each output carries; the site has them once."""
    text = re.sub(r"<style\b.*?</style>", "", text, flags=re.S)
    for old, new in ASIDES.items():
        text = text.replace(old, new)
    if "vmol-scroll" not in text:
        text = words.scrolling(text)
    columns = len(re.findall(r"<t[hd]\b", text.partition("</tr>")[0]))
    broad = " broad" if "vmol-scroll" in text or columns > 5 else ""
    return f'<div class="out{broad}">{text}</div>\n'


def quiz(name: str) -> str:
    """Return a quiz that needs no kernel: each choice opens its own feedback.

    Parameters
    ----------
    name : str
        Name of the lesson, as for `vmo_edu.lesson.quiz`.
    """
    from vmo_edu.lesson.questions import load
    from vmo_edu.lesson.text import html

    items = []
    for question in load(name)["questions"]:
        choices = "".join(
            f"<details><summary>{html(choice['text'])}</summary><p><strong>"
            f"{'Right.' if choice.get('right') else 'Not so.'}</strong> {html(choice['feedback'])}"
            f"{' ' + html(question['why']) if choice.get('right') else ''}</p></details>"
            for choice in question["choices"]
        )
        items.append(f"<li><p>{html(question['text'])}</p>{choices}</li>")
    return (
        '<div class="quiz vmol-card-root"><p>Open the answer that you would give; it says why it is right '
        f"or not.</p><ol>{''.join(items)}</ol></div>\n"
    )
