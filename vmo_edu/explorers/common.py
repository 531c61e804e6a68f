"""What the explorers and the ledger of claims share: files and checks of what people ask for.

Imports nothing that draws, so that the ledger opens without matplotlib.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vmo_edu.errors import InputError, UnknownInputError, check_choice

if TYPE_CHECKING:
    import pandas as pd

PICTURES = ("png", "svg", "pdf", "jpg", "tif", "webp")
"""Endings of picture files."""


def csv_bytes(frame: pd.DataFrame) -> bytes:
    r"""Return a table as CSV; an index that has a name becomes the first column. Lines end in \n everywhere.

    Examples
    --------
    >>> import pandas
    >>> csv_bytes(pandas.DataFrame({"force": [1.5]}, index=pandas.Index(["vmo"], name="head")))
    b'head,force\nvmo,1.5\n'
    """
    named = any(name is not None for name in frame.index.names)
    return frame.to_csv(index=named, lineterminator="\n").encode()


def save_csv(frame: pd.DataFrame, path: str | pathlib.Path) -> pathlib.Path:
    """Write a table as a CSV file and return its path."""
    path = pathlib.Path(path)
    path.write_bytes(csv_bytes(frame))
    return path


def picture_format(path: pathlib.Path) -> str:
    """Return the format that a file's ending asks for.

    Raises
    ------
    InputError
        If it is none of `PICTURES`.

    Examples
    --------
    >>> picture_format(pathlib.Path("knee.PDF"))
    'pdf'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in PICTURES:
        raise InputError(f"a picture's file name must end in .{', .'.join(PICTURES)}; got {path.name!r}")
    return ending


def check_known(explorer: str, kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raise UnknownInputError listing the `known` names unless all `names` are among them.

    Examples
    --------
    >>> check_known("tracking", "control", ["speed"], ["vmo", "flexion"])
    Traceback (most recent call last):
        ...
    vmo_edu.errors.UnknownInputError: explore.tracking has no control 'speed'; it has vmo, flexion
    """
    known = list(known)
    for name in names:
        if name not in known:
            raise UnknownInputError(f"explore.{explorer} has no {kind} {name!r}; it has {', '.join(known)}")


def start_of(preset: str | None, presets: Mapping[str, Mapping[str, Any]], defaults: Mapping[str, Any],
             present: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a change starts from: those of the preset, or without one the `present` ones.

    Raises
    ------
    UnknownInputError
        If there is no such preset; lists those that there are.
    """
    if preset is None:
        return dict(present)
    return {**defaults, **presets[check_choice("preset", preset, presets)]}
