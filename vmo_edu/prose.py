"""Citations in the Markdown of the lessons: short tokens become links that carry their source.

Write `@spencer1984` for a reference, `@F0389` for a number, `[[Q-angle]]` for a term of the glossary;
`python3 run.py notebooks` turns them into links whose tooltip gives source, n, spread and status (or the
meaning of the term), and refreshes the links to sources and numbers that are there already.
"""

from __future__ import annotations

import re

from vmo_edu import evidence

TOKEN = re.compile(r"(?<![\w/`])@(F\d{4}|[a-z][a-z_]*\d*[a-z0-9_]*)")
LINK = re.compile(r'\[[^\]]*\]\([^)\s]+ "(F\d{4}|[a-z0-9_]+) · [^"]*"\)')
TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")
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
    return _fact(name) if re.fullmatch(r"F\d{4}", name) else _reference(name)


def used(text: str) -> tuple[str, ...]:
    """Return the reference keys behind all links and tokens of a text, each once, in order."""
    keys: dict[str, None] = {}
    for name in re.findall(f"{LINK.pattern}|{TOKEN.pattern}", text):
        name = name[0] or name[1]
        found = evidence.fact(name).source_keys if re.fullmatch(r"F\d{4}", name) else [name]
        keys.update(dict.fromkeys(key for key in found if key != "unattributed"))
    return tuple(keys)


def _term(name: str, words: str) -> str:
    """Return a term of the glossary as a link whose tooltip is its meaning."""
    return f'[{words}]({DATA.format("glossary")} "{_plain(evidence.explain(name))}")'


def _reference(key: str) -> str:
    citation = evidence.cite(key)
    about = " ".join(filter(None, [citation.title, citation.journal])) or "see the table of references"
    return f'[{_plain(str(citation))}]({citation.link or DATA.format("references")} "{key} · {_plain(about)}")'


def _fact(name: str) -> str:
    fact = evidence.fact(name)
    source = fact.sources[0]
    about = " · ".join(filter(None, [
        fact.quantity, fact.condition, "; ".join(map(str, fact.sources)), f"n = {fact.n}" if fact.n else "n not given",
        f"spread {fact.spread} ({fact.spread_type})" if fact.spread else "no spread given",
        evidence.STATUS_WORDS[fact.status]]))
    return f'[{_plain(_figure(fact))}]({source.link or DATA.format("facts")} "{name} · {_plain(about)}")'


def _figure(fact: evidence.Fact) -> str:
    """The figure for running text: kinds of spread other than SD and SE are left to the tooltip."""
    spread = f" ± {fact.spread}" if fact.spread and fact.spread_type in ("SD", "SE") else ""
    unit = "" if fact.unit in ("", "-", "ratio", "papers") else fact.unit
    named = unit in ("r", "R2", "ICC", "OR", "RR", "SMD", "d", "g", "p", "kappa")
    shown = re.sub(r"^-", "−", fact.shown)
    text = f"{unit} = {shown}" if named else f"{shown}{spread} {unit}".strip()
    return text if fact.verified else f"{text} (unverified)"


def _plain(text: str) -> str:
    """Text that cannot end a link or its tooltip early."""
    return text.replace('"', "'").replace("[", "(").replace("]", ")").replace("|", "/").replace("\n", " ")
