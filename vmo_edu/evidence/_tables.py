"""Reads the tables of `data/` and checks them against `data/datapackage.json` on the way in.

Rows come back as read-only dictionaries, or from `table` as a pandas DataFrame. Nothing here writes.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vmo_edu.errors import InputError, check_choice

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_PLAIN_NUMBER = re.compile(_NUMBER)
# One number, a bound (<45), a range (2-12, -1.1 to 0.8), or a list or pair (0, 20; 146 v 132).
_NUMERIC = re.compile(rf"(?:[<>]=?)?{_NUMBER}(?:(?:-| to | and | v |, ){_NUMBER})*")


class DataError(ValueError):
    """A table of `data/` that is missing or damaged; the message names file, row and column."""


def number(text: str | float | None) -> float | None:
    """Return a cell as a number, or None where it is a range, a finding in words, or empty.

    Parameters
    ----------
    text : str, float or None
        A cell.

    Returns
    -------
    float or None

    Examples
    --------
    >>> number("10.98"), number("11-14"), number("")
    (10.98, None, None)
    """
    if isinstance(text, (int, float)):
        return float(text)
    return float(text) if text and _PLAIN_NUMBER.fullmatch(text) else None


def data_path(name: str = "", folder: str | Path | None = None) -> Path:
    """Return the path of a file in `data/`, in a checkout as well as in an installed wheel.

    Parameters
    ----------
    name : str
        File name such as "facts.csv" or "quizzes/01_q_angle.json"; empty for the folder itself.
    folder : path, optional
        Another folder to look in, for instance a damaged copy in a test.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DataError
        If there is no such file.
    """
    if folder is None:
        package = Path(__file__).resolve().parent.parent
        folder = package / "data" if (package / "data").is_dir() else package.parent / "data"
    path = Path(folder) / name
    if not path.exists():
        raise DataError(f"{name or 'data'} is missing from {Path(folder)}")
    return path


def _schemas(folder: str | None) -> dict[str, dict]:
    """Return the schema of each table of a folder, by table name."""
    path = data_path("datapackage.json", folder)
    return _read_schemas(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read_schemas(path: Path, changed: int) -> dict[str, dict]:
    """Read `datapackage.json`; `changed` makes an edited file be read again."""
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        return {r["name"]: {**r["schema"], "path": r["path"]} for r in package["resources"]}
    except (ValueError, KeyError, TypeError) as fault:
        raise DataError(f"{path.name} is not a data package: {fault!r}") from fault


def tables(folder: str | Path | None = None) -> list[str]:
    """Return the names of all tables.

    Parameters
    ----------
    folder : path, optional
        Read another copy of the tables.

    Returns
    -------
    list of str

    Examples
    --------
    >>> "facts" in tables()
    True
    """
    return list(_schemas(str(folder) if folder else None))


def rows(table: str, folder: str | Path | None = None) -> tuple[Row, ...]:
    """Return the rows of one table, checked, as read-only dictionaries.

    Parameters
    ----------
    table : str
        Name of the table, such as "facts"; `tables()` lists them.
    folder : path, optional
        Where to read it from, if not from the `data/` of this package.

    Returns
    -------
    tuple of read-only dict
        Columns that the schema calls number or integer hold numbers (None if empty), all others text as
        written in the file. Read once in a process: ask as often as you like.

    Raises
    ------
    UnknownInputError
        If there is no such table.
    DataError
        If the file is missing or damaged; names file, row and column. The heading is row 1.
    """
    folder = resolved(folder)
    check_choice("table", table, _schemas(folder))
    return _checked_rows(table, folder)


def resolved(folder: str | Path | None) -> str | None:
    """Return a folder under the one name by which its tables are kept; None stands for that of this package."""
    return str(Path(folder).resolve()) if folder else None


@lru_cache(maxsize=16)
def _by_key(table: str, folder: str | None) -> Mapping[str, Row]:
    """Return the rows of a table by their primary key."""
    column = _schemas(folder)[table]["primaryKey"][0]
    return MappingProxyType({row[column]: row for row in rows(table, folder)})


def row_of(table: str, what: str, key: str, folder: str | Path | None = None) -> Row:
    """Return the row with this primary key; `what` says in the message what a row is.

    Raises
    ------
    InputError
        If there is no such row; the message proposes the nearest keys.
    """
    folder = resolved(folder)
    known = _by_key(table, folder)
    if isinstance(key, str) and key in known:
        return known[key]
    column = _schemas(folder)[table]["primaryKey"][0]
    near = get_close_matches(str(key), known, n=4) or list(known)[:4]
    raise InputError(f"no {what} has the {column} {key!r} in {table}.csv; nearest {column}s: {', '.join(near)}")


@lru_cache(maxsize=64)
def _checked_rows(table: str, folder: str | None) -> tuple[Row, ...]:
    """Read and check one table."""
    schema = _schemas(folder)[table]
    path = data_path(schema["path"], folder)
    fields = {field["name"]: field for field in schema["fields"]}
    known = {f["keysOf"]: _known_keys(f["keysOf"], folder) for f in schema["fields"] if "keysOf" in f}
    seen: dict[tuple, int] = {}
    checked = []
    for line, cells in _read_lines(path, list(fields)):
        where = f"{path.name}, row {line}"
        row = {name: _cell(cells, field, known, where) for name, field in fields.items()}
        checked.append(MappingProxyType(row))
        key = tuple(cells[name] for name in schema.get("primaryKey", ()))
        if key and key in seen:
            column = ", ".join(schema["primaryKey"])
            raise DataError(f"{where}, column {column}: {' '.join(key)!r} is already in row {seen[key]}")
        seen[key] = line
    return tuple(checked)


def _known_keys(table: str, folder: str | None) -> frozenset[str]:
    """Return the primary keys of another table that cells may refer to."""
    column = _schemas(folder)[table]["primaryKey"][0]
    return frozenset(row[column] for row in _checked_rows(table, folder))


def _read_lines(path: Path, columns: list[str]) -> list[tuple[int, dict[str, str]]]:
    """Return (row number, cells by column) of a CSV file whose heading is exactly `columns`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as fault:
        raise DataError(
            f"{path.name} is not UTF-8 text: byte {fault.start} is {fault.object[fault.start]:#x}"
        ) from fault
    except csv.Error as fault:
        raise DataError(f"{path.name} is not a readable CSV file: {fault}") from fault
    if not lines or lines[0] != columns:
        found = lines[0] if lines else []
        fault = next((name for name in columns if name not in found), None)
        extra = next((name for name in found if name not in columns), None)
        what = (
            f"column {fault!r} is missing"
            if fault
            else f"column {extra!r} is not known"
            if extra
            else "wrong order"
        )
        raise DataError(f"{path.name}, row 1: {what}; the heading must be {','.join(columns)}")
    body = []
    for line, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(columns) and cells:
            column = columns[min(len(cells), len(columns) - 1)]
            raise DataError(
                f"{path.name}, row {line}, column {column}: "
                f"{len(cells)} cells where the heading has {len(columns)}"
            )
        if cells:
            body.append((line, dict(zip(columns, cells, strict=True))))
    return body


def _cell(
    cells: dict[str, str], field: dict, known: Mapping[str, frozenset[str]], where: str
) -> str | float | None:
    """Check one cell against its field and return it, as a number where the field is one."""
    name, text = field["name"], cells[field["name"]]
    rules = field.get("constraints", {})
    where = f"{where}, column {name}"
    if not text:
        if rules.get("required"):
            raise DataError(f"{where}: is empty")
        return None if field["type"] in ("number", "integer") else ""
    if field["type"] in ("number", "integer"):
        return _number_cell(text, field["type"], rules, where)
    if "enum" in rules and text not in rules["enum"]:
        raise DataError(f"{where}: {text!r} is not one of {', '.join(rules['enum'])}")
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        raise DataError(f"{where}: {text!r} does not have the form {field.get('example', rules['pattern'])}")
    if _must_be_numeric(field, cells) and not _NUMERIC.fullmatch(text):
        raise DataError(f"{where}: expected a number, a range or a list of numbers, got {text!r}")
    if "keysOf" in field:
        for key in text.split(";"):
            if key not in known[field["keysOf"]]:
                raise DataError(f"{where}: {key!r} is not in {field['keysOf']}.csv")
    return text


def _number_cell(text: str, kind: str, rules: dict, where: str) -> float:
    """Return the number in a cell that must hold one."""
    if not re.fullmatch(r"[+-]?\d+" if kind == "integer" else _NUMBER, text):
        raise DataError(
            f"{where}: expected {'a whole number' if kind == 'integer' else 'a number'}, got {text!r}"
        )
    value = int(text) if kind == "integer" else float(text)
    if not rules.get("minimum", value) <= value <= rules.get("maximum", value):
        raise DataError(f"{where}: {text} is not between {rules.get('minimum')} and {rules.get('maximum')}")
    return value


def _must_be_numeric(field: dict, cells: dict[str, str]) -> bool:
    """Tell whether this text cell must read as a number: always, or because of another column of its row."""
    rule = field.get("numericWhen")
    if rule is None or rule is True:
        return rule is True
    other = cells[rule["column"]]
    return other in rule["in"] if "in" in rule else bool(other)


def table(name: str, folder: str | Path | None = None) -> pd.DataFrame:
    """Return one table as a fresh pandas DataFrame, yours to change.

    Parameters
    ----------
    name : str
        Name of the table; `tables()` lists them.
    folder : path, optional
        As in `rows`.

    Returns
    -------
    pandas.DataFrame
        One column for each column of the file; empty numbers are NaN, empty text is "".
    """
    import pandas as pd  # only a reader of tables pays for loading pandas

    folder = resolved(folder)
    content = rows(name, folder)
    kinds = {field["name"]: field["type"] for field in _schemas(folder)[name]["fields"]}
    frame = pd.DataFrame([dict(row) for row in content], columns=list(kinds))
    types = {"number": "float", "integer": "Int64"}
    return frame.astype({column: types[kind] for column, kind in kinds.items() if kind in types})


def facts() -> pd.DataFrame:
    """Return one row for each figure or finding (`facts.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("facts")


def references() -> pd.DataFrame:
    """Return one row for each source (`references.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("references")


def claims() -> pd.DataFrame:
    """Return the popular claims with their verdicts (`claims.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("claims")


def exercises() -> pd.DataFrame:
    """Return the exercises with their verdicts (`exercises.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("exercises")


def dose_response() -> pd.DataFrame:
    """Return effusion volume against quadriceps response (`effusion_dose_response.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("effusion_dose_response")


def validation_cases() -> pd.DataFrame:
    """Return the published experiments that the model is tested against (`validation_cases.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("validation_cases")


def glossary() -> pd.DataFrame:
    """Return the terms of the field in plain words (`glossary.csv`).

    Returns
    -------
    pandas.DataFrame
        As `table` gives it.
    """
    return table("glossary")
