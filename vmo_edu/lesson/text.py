"""Text with evidence in it -> HTML or plain text. Everything is escaped on the way.

`@F0389` stands for a figure, `@spencer1984` for a citation, `[[Q-angle]]` for a glossary term (as in the
Markdown of the lessons, see `vmo_edu.prose`); `**bold**` and `*italic*` as in Markdown.
"""

from __future__ import annotations

import re
from html import escape

from vmo_edu import evidence, prose
from vmo_edu.evidence import Fact

TOKEN = re.compile(f"{prose.TOKEN.pattern}|{prose.TERM.pattern}")


def keys(text: str) -> list[str]:
    """Return the source keys that a text uses, directly or through its figures, in order and once each.

    Examples
    --------
    >>> keys("At 60 ml @F0389; no threshold in @iles1990.")
    ['spencer1984', 'iles1990']
    """
    return list(prose.keys(*prose.TOKEN.findall(text)))


def html(text: str) -> str:
    """Return the text as escaped HTML with tooltips and links.

    Raises
    ------
    InputError
        If a figure, source or term does not exist.
    """
    done, last = [], 0
    for match in TOKEN.finditer(text):
        done += [_style(escape(text[last : match.start()])), _token_html(match)]
        last = match.end()
    return "".join([*done, _style(escape(text[last:]))])


def plain(text: str) -> str:
    """Return the text without markup, for places that show no HTML.

    Examples
    --------
    >>> plain("**Left and right** differ: @F0052.")
    'Left and right differ: r = 0.53 (n = 75; Livingston & Mandigo 1999).'
    """
    return re.sub(r"\*\*?([^*]+)\*\*?", r"\1", TOKEN.sub(_token_plain, text))


def _style(escaped: str) -> str:
    escaped = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", escaped)


def _token_html(match: re.Match) -> str:
    name, term, words = match.groups()
    if term:
        return term_html(term, words)
    return fact_html(evidence.fact(name)) if prose.is_fact(name) else evidence.cite(name).html


def _token_plain(match: re.Match) -> str:
    name, term, words = match.groups()
    if term:
        return words or term
    return evidence.fact(name).text if prose.is_fact(name) else str(evidence.cite(name))


def tip(text: str, explanation: str) -> str:
    """Return a word or number that explains itself when hovered or focused; both are escaped."""
    return f'<abbr class="vmol-tip" tabindex="0" title="{escape(explanation)}">{escape(text)}</abbr>'


def fact_html(fact: Fact) -> str:
    """Return a figure with source, n, spread, status and note as its tooltip."""
    return tip(prose.figure(fact), " · ".join(filter(None, [prose.about(fact), fact.note])))


def term_html(name: str, words: str | None = None) -> str:
    """Return a term, or other words for it, with its meaning as tooltip."""
    return tip(words or name, evidence.explain(name))
