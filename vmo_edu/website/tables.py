"""The tables of evidence as pages, so that a number in a lesson leads to its own row."""

from __future__ import annotations

from html import escape

from vmo_edu import evidence
from vmo_edu.website.words import slug


def facts() -> str:
    """Return every measured number with source, n, spread and status."""
    rows = []
    for row in evidence.rows("facts"):
        fact = evidence.fact(row["id"])
        found = ", ".join(source.html for source in fact.sources if source.identified) or "not identified"
        note = f"<br><small>{escape(fact.note)}</small>" if fact.note else ""
        rows.append(
            f'<tr id="{row["id"]}"><th scope="row">{escape(fact.what)}</th><td>{escape(fact.brief)}</td>'
            f"<td>{escape(fact.n or '–')}</td><td>{found}</td>"
            f"<td>{evidence.STATUS_WORDS[fact.status]}{note}</td></tr>"
        )
    return _table(("What", "Figure", "n", "Source", "Status"), rows, "Measured numbers")


def references() -> str:
    """Return every source in full, with what is still open about its record."""
    rows = []
    for row in evidence.rows("references"):
        source = evidence.cite(row["key"])
        note = f" <small>[{escape(source.note)}]</small>" if source.note else ""
        rows.append(
            f'<tr id="{row["key"]}"><th scope="row"><code>{row["key"]}</code></th>'
            f"<td>{source.full_html}{note}</td></tr>"
        )
    return _table(("Key", "Source"), rows, "Sources")


def glossary() -> str:
    """Return every term with its meaning, symbol and unit."""
    rows = []
    for row in sorted(evidence.rows("glossary"), key=lambda row: row["term"].casefold()):
        names = "; ".join(filter(None, (row["symbol"], *row["also"].split(";"))))
        rows.append(
            f'<tr id="{slug(row["term"])}"><th scope="row">{escape(row["term"])}</th>'
            f"<td>{escape(row['meaning'])}</td><td>{escape(names)}</td><td>{escape(row['unit'])}</td></tr>"
        )
    return _table(("Term", "Meaning", "Also called", "Unit"), rows, "Terms")


def _table(heads: tuple[str, ...], rows: list[str], label: str) -> str:
    head = "".join(f'<th scope="col">{title}</th>' for title in heads)
    return (
        f'<div class="scroll wide" tabindex="0" role="region" aria-label="{label}"><table class="long">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
