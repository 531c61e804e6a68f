"""The glossary: one term as a tooltip, or all of them in a panel that can be searched."""

from __future__ import annotations

from html import escape

from vmo_edu import evidence
from vmo_edu.lesson.card import Card, styled
from vmo_edu.lesson.text import term_html


class GlossaryPanel(Card):
    """All terms of `glossary.csv` with a search box. Made by `glossary_panel`."""

    def __init__(self, search: str = ""):
        entries = [
            {
                "term": row["term"],
                "meaning": row["meaning"],
                "symbol": row["symbol"],
                "unit": row["unit"],
                "also": row["also"].replace(";", ","),
            }
            for row in evidence.rows("glossary")
        ]
        super().__init__({"kind": "glossary", "entries": entries, "search": search}, {"error": ""})

    def handle(self, message: dict) -> None:
        """Nothing to do: the page searches by itself."""

    def static_html(self) -> str:
        """Return all terms, folded, for a page without kernel."""
        entries = "".join(
            f"<dt>{escape(_head(entry))}</dt><dd>{escape(entry['meaning'])}</dd>"
            for entry in self.spec["entries"]
        )
        summary = f"<summary>Glossary: {len(self.spec['entries'])} terms</summary>"
        return f"<details>{summary}<dl>{entries}</dl></details>"

    def static_text(self) -> str:
        """Return how many terms there are, for a terminal."""
        return f"Glossary of {len(self.spec['entries'])} terms; evidence.glossary() gives them as a table."


def _head(entry: dict[str, str]) -> str:
    """Return a term with its symbol and unit: "flexion (φ, deg)"."""
    extra = ", ".join(part for part in (entry["symbol"], entry["unit"]) if part)
    return f"{entry['term']} ({extra})" if extra else entry["term"]


def glossary_panel(search: str = "") -> GlossaryPanel:
    """Return the glossary as a panel that can be searched.

    Parameters
    ----------
    search : str
        What the search box holds at first.
    """
    return GlossaryPanel(search)


class Term:
    """One term; shows with its meaning as a tooltip. Made by `term`."""

    def __init__(self, name: str):
        self._name, _, self._words = name.partition("|")
        self._row = evidence.find_term(self._name)

    def __repr__(self) -> str:
        return f"{_head(self._row)}: {self._row['meaning']}"

    def _repr_html_(self) -> str:
        return styled(term_html(self._name, self._words))


def term(name: str) -> Term:
    """Return one term of the glossary, found by its name, symbol or another name.

    Raises
    ------
    InputError
        If there is no such term; the message proposes near ones.

    Examples
    --------
    >>> term("ASIS|the hip bone")
    anterior superior iliac spine (ASIS): The bony point that can be felt at the front of the hip; ...
    """
    return Term(name)
