"""One figure or finding of `facts.csv` with what a reader may ask of it: unit, spread, n, source, status."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from types import MappingProxyType

from vmo_edu.errors import InputError
from vmo_edu.evidence._citations import Citation, cite
from vmo_edu.evidence._tables import number, resolved, row_of

STATUS_WORDS = MappingProxyType(
    {
        "abstract": "read in the abstract or the paper",
        "secondary": "read in another work that quotes it",
        "unchecked": "unverified",
        "derived": "derived by arithmetic or simulation from other rows",
    }
)

# Statistics are read with their name in front ("r = -0.49"), measurements with their unit behind ("47 %").
_NAMED_BEFORE = ("r", "R2", "ICC", "OR", "RR", "SMD", "d", "g", "p", "kappa")


@dataclass(frozen=True)
class Fact:
    """One figure or finding.

    Attributes
    ----------
    id : str
        Permanent id such as "F0001".
    topic, quantity, condition : str
        What was measured, and on whom.
    value : float or str
        A number where the figure is one, otherwise the range or finding in words.
    unit, spread, spread_type, n : str
        As printed; n counts people unless it says knees, limbs or studies.
    source_keys : tuple of str
        Keys into `references.csv`.
    status : str
        One of `STATUS_WORDS`.
    note : str
        Doubts and remarks.
    shown : str
        The value as written in the table ("12.30", not 12.3).
    """

    id: str
    topic: str
    quantity: str
    condition: str
    value: float | str
    unit: str
    spread: str
    spread_type: str
    n: str
    source_keys: tuple[str, ...]
    status: str
    note: str
    shown: str
    folder: str | None = None

    def __str__(self) -> str:
        return self.text

    def __float__(self) -> float:
        if isinstance(self.value, str):
            raise InputError(f"fact {self.id} is not one number but {self.shown!r}")
        return self.value

    @property
    def source_key(self) -> str:
        """All keys as in the table, separated by semicolons."""
        return ";".join(self.source_keys)

    @property
    def sources(self) -> tuple[Citation, ...]:
        """The sources as citations."""
        return tuple(cite(key, self.folder) for key in self.source_keys)

    @property
    def verified(self) -> bool:
        """False if the figure must be shown with the word "unverified"."""
        return self.status != "unchecked"

    @property
    def figure(self) -> str:
        """Value, spread and unit without the source: "10.98 ± 1.75 deg"; says "unverified" where it is."""
        return self._measure + ("" if self.verified else " (unverified)")

    @property
    def brief(self) -> str:
        """As `figure`, but without a spread whose kind the source does not say, and without intervals."""
        known = self.spread_type in ("SD", "SE")
        short = self if known else replace(self, spread="", spread_type="")
        return short.figure

    @property
    def _measure(self) -> str:
        ranged = bool(self.spread) and number(self.spread) is None
        text = self.shown + (f" ± {self.spread}" if self.spread and not ranged else "")
        if self.unit in _NAMED_BEFORE:
            text = f"{self.unit} = {text}"
        elif self.unit not in ("", "-", "ratio"):
            text += f" {self.unit}"
        if ranged:
            return f"{text}, {'CI' if self.spread_type == 'CI' else 'range'} {self.spread}"
        kinds = {"": "", "SD": "", "SE": " (SE)"}
        return text + kinds.get(self.spread_type if self.spread else "", " (kind of spread not stated)")

    @property
    def text(self) -> str:
        """The figure for use in a sentence: with n, source and, where due, "unverified" or "derived"."""
        sources = ", ".join(str(source) for source in self.sources if source.identified)
        if not sources and self.status != "derived":
            sources = "source not identified"
        word = {"unchecked": "unverified", "derived": "derived"}.get(self.status, "")
        parts = [f"n = {self.n}" if self.n else "", sources, word]
        return f"{self._measure} ({'; '.join(part for part in parts if part)})"

    @property
    def what(self) -> str:
        """Quantity and condition: "Q-angle, men, supine, relaxed"."""
        return ", ".join(part for part in (self.quantity, self.condition) if part)

    @property
    def html(self) -> str:
        """`text` with linked sources; escaped."""
        sources = ", ".join(source.html for source in self.sources if source.identified)
        word = {"unchecked": "unverified", "derived": "derived"}.get(self.status, "")
        parts = [f"n = {escape(self.n)}" if self.n else "", sources, word]
        return f"{escape(self._measure)} ({'; '.join(part for part in parts if part)})"

    def _repr_html_(self) -> str:
        return f"{escape(self.what)}: {self.html}"


def fact(id: str, folder: str | Path | None = None) -> Fact:  # noqa: A002 - the column is called id
    """Return one figure or finding.

    Parameters
    ----------
    id : str
        Id in `facts.csv`, such as "F0001".
    folder : path, optional
        Read another copy of the tables.

    Returns
    -------
    Fact

    Raises
    ------
    InputError
        If there is no such id; the message proposes the nearest ones.

    Examples
    --------
    >>> float(fact("F0052")), fact("F0052").figure
    (0.53, 'r = 0.53')
    """
    row = row_of("facts", "fact", id, folder)
    value = number(row["value"])
    return Fact(
        id=row["id"],
        topic=row["topic"],
        quantity=row["quantity"],
        condition=row["population_or_condition"],
        value=row["value"] if value is None else value,
        unit=row["unit"],
        spread=row["spread"],
        spread_type=row["spread_type"],
        n=row["n"],
        source_keys=tuple(row["source_key"].split(";")),
        status=row["status"],
        note=row["note"],
        shown=row["value"],
        folder=resolved(folder),
    )
