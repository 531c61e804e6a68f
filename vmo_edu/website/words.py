"""Markdown of a lesson -> HTML of the site: links between notebooks join pages, formulas become MathML.

Nothing here needs a network: formulas are turned into MathML, which browsers draw themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from urllib.parse import urlsplit

from vmo_edu import evidence, prose

TABLES = ("facts", "references", "glossary")
"""Tables of `data/` that are pages of the site; other files of `data/` are copied as they are."""

PAGES = {
    "teaching_guide.md": "teaching_guide.html",
    "../README.md": "index.html",
    "../LICENSE": "about.html",
    "../LICENSE-CONTENT": "about.html",
    "../CITATION.cff": "about.html",
}


def slug(text: str) -> str:
    """Return a text as an id for a link.

    Examples
    --------
    >>> slug("1 · The Q-angle")
    '1-the-q-angle'
    """
    return "-".join(re.findall(r"\w+", re.sub("<[^>]*>", "", text).lower()))


def address(url: str, title: str = "") -> str:
    """Return where a link of a notebook leads on the site.

    Parameters
    ----------
    url : str
        As written in the notebook; addresses of other hosts and places on the same page stay.
    title : str, optional
        Tooltip of the link. A number or source carries its id there, which leads to its own row.

    Examples
    --------
    >>> address("01_q_angle.ipynb")
    '01_q_angle.html'
    >>> address("../data/facts.csv", "F0033 · Q-angle change")
    'facts.html#F0033'
    """
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not parts.path:
        return url
    place = f"#{parts.fragment}" if parts.fragment else ""
    table = re.fullmatch(r"\.\./data/(\w+)\.csv", parts.path)
    if table and table[1] in TABLES:
        return f"{table[1]}.html{_row(table[1], title)}"
    if parts.path.endswith(".ipynb"):
        return parts.path.rpartition("/")[2].removesuffix(".ipynb") + ".html" + place
    return PAGES.get(parts.path, parts.path.removeprefix("../")) + place


def _row(table: str, title: str) -> str:
    """Return "#id" of the row that a tooltip speaks of, or nothing."""
    if table == "glossary":
        term = _terms().get(title)
        return f"#{slug(term)}" if term else ""
    key = re.match(r"(\w+) · ", title)
    return f"#{key[1]}" if key else ""


@cache
def _terms() -> Mapping[str, str]:
    """Meaning, as the tooltip of a term writes it -> term."""
    terms = (row["term"] for row in evidence.rows("glossary"))
    return {prose.expand(f"[[{term}]]").partition('"')[2].removesuffix('")'): term for term in terms}


def formula(tex: str, *, block: bool = False) -> str:
    """Return a TeX formula as MathML, which browsers draw and screen readers read.

    Examples
    --------
    >>> formula("M")
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mi>M</mi></mrow></math>'
    """
    from latex2mathml.converter import convert

    text = convert(tex.strip(), display="block" if block else "inline")
    # The brace below a term only stretches where a mathematical font is installed; a line always does.
    return re.sub(
        r"<munder>((?:(?!<munder>).)*?)<mo>&#x23DF;</mo></munder>", r'<mrow class="brace">\1</mrow>', text
    )


def html(markdown: str) -> str:
    """Return Markdown as HTML: linked, with ids at its headings and tables that scroll by themselves."""
    # Imported when needed: only `run.py lab` and `site` bring nbconvert.
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    return scrolling(MarkdownWithMath(renderer=_renderer()).render(markdown))


def scrolling(text: str) -> str:
    """Return HTML in which every table scrolls sideways on a narrow screen, also by keyboard."""
    opening = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    return re.sub(r"<table\b[^>]*>", opening, text).replace("</table>", "</table></div>")


def _renderer():
    """The renderer; made here so that importing this module does not import nbconvert."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer

    class Renderer(IPythonRenderer):
        """nbconvert's renderer with our links, formulas, headings and pictures."""

        def link(self, text, url, title=None):
            tip = f' title="{escape(title)}"' if title else ""
            outside = ' rel="noopener"' if urlsplit(url).scheme else ""
            return f'<a href="{escape(address(url, title or ""))}"{tip}{outside}>{text}</a>'

        def heading(self, text, level, **_):
            return f'<h{level} id="{slug(text)}">{text}</h{level}>\n'

        def image(self, text, url, title=None):
            return f'<img src="{escape(address(url))}" alt="{escape(text)}" loading="lazy">'

        def block_math(self, body):
            return f'<span class="formula" tabindex="0">{formula(body, block=True)}</span>'

        def inline_math(self, body):
            return formula(body)

    return Renderer(escape=False)
