"""Turns a row of `references.csv` into a citation for people (author-year, link) or for BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from vmo_edu.evidence._tables import Row, row_of, rows

# "Horton MG" -> "Horton"; also "Dixon AStJ". A surname alone ("Ando") has no second word to drop.
_INITIALS = re.compile(r" (?:[A-Z]{1,4}|[A-Z]St[A-Z])$")

# Keys that stand for the lack of a source.
_NO_SOURCE = MappingProxyType({
    "unattributed": "source not identified",
    "illustrative": "chosen for illustration",
    "vmo_article": "popular article, not evidence",
})


@dataclass(frozen=True)
class Citation:
    """One source. `str()` gives author and year, `full` the whole reference, `html` author-year with a link.

    Attributes
    ----------
    key : str
        Key in `references.csv`.
    authors : str
        "Surname AB; Surname C" or "Surname AB et al."; empty if not known.
    year, title, journal, volume, pages, doi, pmid, pmcid, url, note : str
        As in `references.csv`; empty if not known.
    """

    key: str
    authors: str = ""
    year: str = ""
    title: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    url: str = ""
    note: str = ""

    def __str__(self) -> str:
        if self.key in _NO_SOURCE:
            return _NO_SOURCE[self.key]
        if not self.authors:
            return f"{self._work} {self.year}".strip()
        return f"{self.short_authors} {self.year or 'n.d.'}"

    @property
    def identified(self) -> bool:
        """False for the keys that stand for the lack of a source."""
        return self.key not in _NO_SOURCE

    @property
    def short_authors(self) -> str:
        """Surnames as they stand in running text; where none are recorded, what else names the work."""
        names = [name.strip() for name in self.authors.split(";") if name.strip()]
        others = bool(names) and names[-1].endswith(" et al.")
        names = [_INITIALS.sub("", name.removesuffix(" et al.")) for name in names]
        if others or len(names) > 2:
            return f"{names[0]} et al."
        return " & ".join(names) or self._work

    @property
    def _work(self) -> str:
        """What names a work without recorded authors: journal (with its year), title, record, or what it is about."""
        journal = self.journal.partition(" (")[0]
        if journal and self.year:
            return journal
        if self.title:
            return f"“{self.title if len(self.title) < 60 else self.title[:55].rsplit(' ', 1)[0] + ' …'}”"
        record = f"PubMed record {self.pmid}" if self.pmid else self.pmcid
        return journal or record or re.split("[;,]", self.note)[0] or self.key

    @property
    def link(self) -> str:
        """Address of the record: DOI, else PubMed, PubMed Central or publisher's page; may be empty."""
        if self.doi:
            return "https://doi.org/" + quote(self.doi, safe="/().:;-_")
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        if self.pmcid:
            return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmcid}/"
        return self.url

    @property
    def full(self) -> str:
        """The whole reference as one line of text, with what is known and nothing else."""
        place = self.journal
        if self.volume:
            place += f" {self.volume}"
        if self.pages:
            place += f": {self.pages}"
        numbers = [
            f"doi:{self.doi}" if self.doi else "",
            f"PMID {self.pmid}" if self.pmid else "",
            self.pmcid,
        ]
        if not any(numbers) and self.url:
            numbers = [self.url]
        authors = self.authors or "Authors not recorded"
        parts = [f"{authors} ({self.year or 'n.d.'})", self.title, place.strip(), *numbers]
        return ". ".join(part.rstrip(".") for part in parts if part) + "."

    @property
    def html(self) -> str:
        """Author and year as a link, the whole reference as its tooltip; escaped."""
        text, title = escape(str(self)), escape(self.full)
        if not self.link:
            return f'<span class="vmo-cite" title="{title}">{text}</span>'
        return f'<a class="vmo-cite" href="{escape(self.link)}" title="{title}" rel="noopener">{text}</a>'

    @property
    def full_html(self) -> str:
        """The whole reference with its link; escaped."""
        if not self.link:
            return escape(self.full)
        shown = (
            f"doi:{self.doi}" if self.doi else f"PMID {self.pmid}" if self.pmid else self.pmcid or self.url
        )
        text = escape(self.full)
        anchor = f'<a href="{escape(self.link)}" rel="noopener">{escape(shown)}</a>'
        return text.replace(escape(shown), anchor, 1)

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        text = re.sub(r"([\\`*_\[\]<>&])", r"\\\1", str(self))
        return f"[{text}](<{self.link}>)" if self.link else text

    @property
    def bibtex(self) -> str:
        """The source as a BibTeX entry; fields that are not known are left out."""
        names = [name.strip() for name in self.authors.split(";") if name.strip()]
        fields = {
            "author": " and ".join(_bibtex_name(name) for name in names),
            "title": f"{{{_tex(self.title)}}}" if self.title else "",
            "journal": _tex(self.journal),
            "year": self.year,
            "volume": _tex(self.volume),
            "pages": re.sub(r"(?<=\d)-(?=\d)", "--", _tex(self.pages)),
            "doi": self.doi,
            "pmid": self.pmid,
            "pmcid": self.pmcid,
            "url": self.url or ("" if self.doi else self.link),
            "note": _tex(self.note),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        kind = "article" if self.journal and names else "misc"
        return f"@{kind}{{{self.key},\n" + ",\n".join(lines) + "\n}"


def _tex(text: str) -> str:
    """Escape what TeX would read as a command."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)


def _bibtex_name(name: str) -> str:
    """Return "Horton MG" as "Horton, M. G." and "X et al." as "X and others"."""
    if name.endswith(" et al."):
        return f"{_bibtex_name(name.removesuffix(' et al.'))} and others"
    initials = _INITIALS.search(name)
    if not initials:
        return f"{{{_tex(name)}}}" if " " in name else _tex(name)
    letters = re.findall(r"St|[A-Z]", initials.group())
    return f"{_tex(name[: initials.start()])}, {' '.join(f'{letter}.' for letter in letters)}"


def cite(key: str, folder: str | Path | None = None) -> Citation:
    """Return the citation of one source.

    Parameters
    ----------
    key : str
        Key in `references.csv`.
    folder : path, optional
        Read another copy of the tables.

    Returns
    -------
    Citation

    Raises
    ------
    InputError
        If there is no such key; the message proposes the nearest ones.

    Examples
    --------
    >>> str(cite("spencer1984"))
    'Spencer et al. 1984'
    """
    return _citation(row_of("references", "source", key, folder))


def _citation(row: Row) -> Citation:
    """Return a row of `references.csv` as a Citation."""
    return Citation(**{**row, "year": "" if row["year"] is None else str(row["year"])})


def bibtex(folder: str | Path | None = None) -> str:
    """Return all identified sources as one BibTeX file.

    Parameters
    ----------
    folder : path, optional
        Read another copy of the tables.

    Returns
    -------
    str
    """
    entries = [_citation(row) for row in rows("references", folder)]
    return "\n\n".join(entry.bibtex for entry in entries if entry.identified)
