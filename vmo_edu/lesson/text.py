"""Text with evidence in it -> HTML or plain text. Everything is escaped on the way.

`@F0389` stands for a figure, `@spencer1984` for a citation, `[[Q-angle]]` for a glossary term,
`**bold**` and `*italic*` as in Markdown.
"""

from __future__ import annotations

import re
from html import escape

from vmo_edu import evidence
from vmo_edu.evidence import Fact

TOKEN = re.compile(r"(?<![\w/`@])@(?P<key>F\d{4}|[a-z][a-z0-9_]*[a-z0-9])|\[\[(?P<term>[^\]]+)\]\]")


def keys(text: str) -> list[str]:
    """Return the source keys that a text uses, directly or through its figures, in order and once each.

    Examples
    --------
    >>> keys("At 60 ml @F0389; no threshold in @iles1990.")
    ['spencer1984', 'iles1990']
    """
    found: list[str] = []
    for match in TOKEN.finditer(text):
        key = match["key"]
        if key:
            found += evidence.fact(key).source_keys if key.startswith("F") else [key]
    return list(dict.fromkeys(found))


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
    if match["term"]:
        return term_html(match["term"])
    key = match["key"]
    return fact_html(evidence.fact(key)) if key.startswith("F") else evidence.cite(key).html


def _token_plain(match: re.Match) -> str:
    if match["term"]:
        return match["term"].split("|")[-1]
    key = match["key"]
    return evidence.fact(key).text if key.startswith("F") else str(evidence.cite(key))


def tip(text: str, explanation: str) -> str:
    """Return a word or number that explains itself when hovered or focused; both are escaped."""
    return f'<abbr class="vmol-tip" tabindex="0" title="{escape(explanation)}">{escape(text)}</abbr>'


def fact_html(fact: Fact) -> str:
    """Return a figure with source, n, spread and status as its tooltip."""
    sources = (
        "; ".join(source.full for source in fact.sources if source.identified) or "source not identified"
    )
    parts = [
        fact.what,
        f"n = {fact.n}" if fact.n else "n not given",
        f"spread {fact.spread} ({fact.spread_type})" if fact.spread else "",
        sources,
        f"status: {evidence.STATUS_WORDS[fact.status]}",
        fact.note,
    ]
    return tip(fact.brief, " · ".join(part for part in parts if part))


def term_html(name: str) -> str:
    """Return a term with its meaning as tooltip; "Q-angle|the angle" shows other words for it."""
    wanted, _, shown = name.partition("|")
    return tip(shown or wanted, evidence.explain(wanted))
