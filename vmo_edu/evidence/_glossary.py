"""Finds a term of `glossary.csv` under any of its names."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from vmo_edu.errors import InputError
from vmo_edu.evidence._tables import Row, resolved, rows


@lru_cache(maxsize=8)
def _by_name(folder: str | None) -> MappingProxyType[str, Row]:
    """Return the rows of the glossary by term, symbol and other names, in lower case."""
    names: dict[str, Row] = {}
    for row in rows("glossary", folder):
        for alias in (row["term"], row["symbol"], *row["also"].split(";")):
            if alias.strip():
                names.setdefault(alias.strip().casefold(), row)
    return MappingProxyType(names)


def find_term(name: str, folder: str | Path | None = None) -> Row:
    """Return the glossary row of a term, its symbol or one of its other names.

    Parameters
    ----------
    name : str
        In any case.
    folder : path, optional
        Read another copy of the tables.

    Returns
    -------
    read-only dict
        A row of `glossary.csv`.

    Raises
    ------
    InputError
        If there is none; the message proposes near ones.

    Examples
    --------
    >>> find_term("VMO")["term"]
    'vastus medialis obliquus'
    """
    known = _by_name(resolved(folder))
    wanted = name.strip().casefold()
    if wanted not in known:
        near = ", ".join(get_close_matches(wanted, known, n=4)) or "see glossary.csv"
        raise InputError(f"the glossary has no term {name!r}; nearest: {near}")
    return known[wanted]


def explain(name: str) -> str:
    """Return a term with its meaning as one line.

    Parameters
    ----------
    name : str
        The term, its symbol or another of its names.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If there is no such term.

    Examples
    --------
    >>> explain("TF")
    'threshold frequency: The lowest rate of electrical stimulation that makes a muscle cramp; ... Unit: Hz.'
    """
    row = find_term(name)
    known_as = row["symbol"] and row["symbol"].casefold() != name.strip().casefold()
    symbol = f" ({row['symbol']})" if known_as else ""
    unit = f" Unit: {row['unit']}." if row["unit"] else ""
    return f"{row['term']}{symbol}: {row['meaning'].rstrip('.')}.{unit}"
