"""Citations in the Markdown of the lessons: short tokens become links that carry their source.

Write `@spencer1984` for a reference, `@F0389` for a number, `[[Q-angle]]` for a term of the glossary;
`python3 run.py notebooks` turns them into links whose tooltip gives source, n, spread and status (or the
meaning of the term), and refreshes the links to sources and numbers that are there already.
"""

from __future__ import annotations

import re

from vmo_edu import evidence

TOKEN = re.compile(r"(?<![\w/`@])@(F\d{4}|[a-z][a-z0-9_]*[a-z0-9])")
LINK = re.compile(r'\[[^\]]*\]\(\S+ "(F\d{4}|[a-z0-9_]+) · [^"]*"\)')
TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")
MINUS = re.compile(r"(?<![\w.])-(?=[\d.])")
DATA = "../data/{}.csv"


def expand(text: str) -> str:
    """Return Markdown with every token turned into a link, and every such link refreshed from the tables.

    Raises
    ------
    InputError
        If a key or a fact id does not exist.

    Examples
    --------
    >>> expand("Measured by @spencer1984.").startswith("Measured by [Spencer")
    True
    """
    text = TERM.sub(lambda match: _term(match[1], match[2] or match[1]), text)
    return TOKEN.sub(lambda match: link(match[1]), LINK.sub(lambda match: "@" + match[1], text))


def link(name: str) -> str:
    """Return the Markdown link of one reference key or fact id."""
    return _fact(name) if is_fact(name) else _reference(name)


def is_fact(name: str) -> bool:
    """Tell the id of a figure ("F0389") from the key of a source ("spencer1984")."""
    return re.fullmatch(r"F\d{4}", name) is not None


def keys(*names: str) -> tuple[str, ...]:
    """Return the source keys behind figures and sources, each once, in order.

    Examples
    --------
    >>> keys("F0389", "iles1990", "spencer1984")
    ('spencer1984', 'iles1990')
    """
    found = (evidence.fact(name).source_keys if is_fact(name) else (name,) for name in names)
    return tuple(dict.fromkeys(key for group in found for key in group))


def used(text: str) -> tuple[str, ...]:
    """Return the keys of the identified sources behind all links and tokens of a text, each once, in order."""
    names = [link or token for link, token in re.findall(f"{LINK.pattern}|{TOKEN.pattern}", text)]
    return tuple(key for key in keys(*names) if evidence.cite(key).identified)


def _term(name: str, words: str) -> str:
    """Return a term of the glossary as a link whose tooltip is its meaning."""
    return f'[{words}]({DATA.format("glossary")} "{_plain(evidence.explain(name))}")'


def _reference(key: str) -> str:
    citation = evidence.cite(key)
    about = " ".join(filter(None, [citation.title, citation.journal])) or "see the table of references"
    return f'[{_plain(str(citation))}]({citation.link or DATA.format("references")} "{key} · {_plain(about)}")'


def _fact(name: str) -> str:
    fact = evidence.fact(name)
    link = fact.sources[0].link or DATA.format("facts")
    return f'[{_plain(figure(fact))}]({link} "{name} · {_plain(about(fact))}")'


def figure(fact: evidence.Fact) -> str:
    """Return the figure as it stands in running text, its minus signs as long as they are read.

    Examples
    --------
    >>> figure(evidence.fact("F0704"))
    '−3.8 to −4.5 Hz'
    """
    return MINUS.sub("−", fact.brief)


def about(fact: evidence.Fact) -> str:
    """Return what the tooltip of a figure tells: what, who measured it, n, spread and status."""
    return " · ".join(filter(None, [
        fact.quantity, fact.condition, "; ".join(map(str, fact.sources)), f"n = {fact.n}" if fact.n else "n not given",
        f"spread {fact.spread} ({fact.spread_type})" if fact.spread else "no spread given",
        evidence.STATUS_WORDS[fact.status]]))


def _plain(text: str) -> str:
    """Text that cannot end a link or its tooltip early."""
    return text.replace('"', "'").replace("[", "(").replace("]", ")").replace("|", "/").replace("\n", " ")
