"""Evidence in a lesson: the list of sources, figures with their source, and claims with their verdict."""

from __future__ import annotations

from html import escape
from types import MappingProxyType
from typing import Any

from vmo_edu import evidence, prose
from vmo_edu.errors import InputError
from vmo_edu.evidence import Citation, Fact
from vmo_edu.lesson.card import styled
from vmo_edu.lesson.text import fact_html, html, keys, plain

VERDICT_SIGNS = MappingProxyType(
    {"supported": "✓", "partly_supported": "◐", "insufficient": "?", "contradicted": "✕"}
)


class Shown:
    """Something to read: HTML in a notebook, plain text elsewhere.

    Attributes
    ----------
    keys : tuple of str
        Keys of the sources that it shows.
    """

    def __init__(self, body: str, text: str, keys: tuple[str, ...] = ()):
        self._body, self._text, self.keys = body, text, keys

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys again, under the name that `sources()` asks for."""
        return self.keys

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return styled(self._body)


def sources(*used: Any) -> Shown:
    """Return the list of sources of a lesson.

    Parameters
    ----------
    *used : str or object
        Keys ("spencer1984"), ids of figures ("F0389"), or anything with a `sources` attribute: an explorer,
        a quiz, what `numbers` and `verdicts` returned.

    Returns
    -------
    Shown
        Ordered by author (those without recorded authors last), each with its link and what is still
        unconfirmed about the record.

    Raises
    ------
    InputError
        If a key or id does not exist.
    """
    keys: list[str] = []
    for item in used:
        if isinstance(item, str):
            keys += prose.keys(item)
        elif isinstance(item, Citation):
            keys.append(item.key)
        elif hasattr(item, "sources"):
            keys += [one.key if isinstance(one, Citation) else one for one in item.sources]
        else:
            raise InputError(f"sources takes keys, ids of figures, or things that have sources; got {item!r}")
    found = [evidence.cite(key) for key in dict.fromkeys(keys)]
    found = sorted(
        (one for one in found if one.identified), key=lambda one: (not one.authors, str(one).casefold(), one.key)
    )
    rows = "".join(f"<li>{one.full_html}{_record_note(one)}</li>" for one in found)
    unlinked = sum(not one.link for one in found)
    note = (
        f"{len(found)} sources; {unlinked} without a link known to this course. "
        "Remarks in brackets say what was confirmed about a record and what is still open."
    )
    body = f'<ol class="vmol-sources">{rows}</ol><p class="vmol-quiet">{note}</p>'
    text = "\n".join([*(f"- {one.full}{f' [{one.note}]' if one.note else ''}" for one in found), note])
    return Shown(body, text, tuple(one.key for one in found))


def _record_note(source: Citation) -> str:
    return f' <span class="vmol-quiet">[{escape(source.note)}]</span>' if source.note else ""


def numbers(*ids: str) -> Shown:
    """Return figures as a table: what, figure, n, source, status.

    Parameters
    ----------
    *ids : str
        Ids in `facts.csv`.

    Raises
    ------
    InputError
        If an id does not exist.
    """
    found = [evidence.fact(one) for one in ids]
    body = "".join(_number_row(one) for one in found)
    head = "".join(f'<th scope="col">{title}</th>' for title in ("What", "Figure", "n", "Source", "Status"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    text = "\n".join(f"{one.what}: {one.text}" for one in found)
    keys = prose.keys(*ids)
    return Shown(
        f'<div class="vmol-scroll" tabindex="0" role="region" aria-label="Measured figures">{table}</div>',
        text,
        keys,
    )


def _number_row(fact: Fact) -> str:
    sources = ", ".join(one.html for one in fact.sources if one.identified) or "not identified"
    status = evidence.STATUS_WORDS[fact.status]
    status = f"<strong>{status}</strong>" if not fact.verified else status
    note = f'<br><span class="vmol-quiet">{escape(fact.note)}</span>' if fact.note else ""
    head = f'<th scope="row">{escape(fact.what)}</th>'
    cells = (fact_html(fact), escape(fact.n or "–"), sources, status + note)
    return f"<tr>{head}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def evidence_note(text: str) -> Shown:
    """Return a paragraph whose figures, sources and terms explain themselves when hovered or focused.

    Parameters
    ----------
    text : str
        With `@F0389`, `@spencer1984` and `[[Q-angle]]`, see `vmo_edu.lesson.text`. A blank line starts a new
        paragraph.

    Examples
    --------
    >>> evidence_note("Left and right sides go together only loosely: @F0052.")
    Left and right sides go together only loosely: r = 0.53 (n = 75; Livingston & Mandigo 1999).
    """
    paragraphs = [part.strip() for part in text.split("\n\n")]
    body = "".join(f"<p>{html(part)}</p>" for part in paragraphs)
    return Shown(body, "\n\n".join(plain(part) for part in paragraphs), tuple(keys(text)))


def verdicts(*ids: str) -> Shown:
    """Return popular claims as a table: claim, verdict, evidence, sources.

    Parameters
    ----------
    *ids : str
        Ids in `claims.csv`, such as "S2-17".

    Raises
    ------
    InputError
        If an id does not exist.
    """
    known = {row["id"]: row for row in evidence.rows("claims")}
    for one in ids:
        if one not in known:
            raise InputError(
                f"no claim has the id {one!r} in claims.csv; ids run from {min(known)} to {max(known)}"
            )
    found = [known[one] for one in ids]
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Claim", "Verdict", "Evidence", "Sources"))
    body = "".join(_verdict_row(row) for row in found)
    text = "\n".join(f"{row['claim']}: {verdict_words(row)}. {row['evidence']}" for row in found)
    keys = tuple(dict.fromkeys(key for row in found for key in row["source_keys"].split(";") if key))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return Shown(
        f'<div class="vmol-scroll" tabindex="0" role="region" aria-label="Popular claims">{table}</div>',
        text,
        keys,
    )


def verdict_words(row: Any) -> str:
    """Return the verdict of a claim in words; says "unverified" where its evidence is unchecked."""
    words = row["verdict"].replace("_", " ")
    return words if row["status"] != "unchecked" else f"{words} (unverified)"


def _verdict_row(row: Any) -> str:
    cites = ", ".join(evidence.cite(key).html for key in row["source_keys"].split(";") if key) or "none known"
    sign = f'<span aria-hidden="true">{VERDICT_SIGNS[row["verdict"]]}</span>'
    return (
        f'<tr><th scope="row">“{escape(row["claim"])}”</th>'
        f'<td class="vmol-verdict" data-verdict="{row["verdict"]}">{sign} {verdict_words(row)}</td>'
        f"<td>{escape(row['evidence'])}</td><td>{cites}</td></tr>"
    )
