"""The parameters of the tracking model: one table, `data/parameters.csv`, read once and frozen.

Every value comes with its published range, its source and the measurement that pinned it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from vmo_edu import evidence


@dataclass(frozen=True)
class Parameter:
    """One parameter of the tracking model.

    Attributes
    ----------
    name : str
        Its name in `Mechanics`.
    value, low, high : float
        Shipped value and published (or declared) range, in `unit`.
    unit : str
    source_key : str
        Keys of `data/references.csv`; "unattributed" marks a figure without a known source,
        "illustrative" an assumption of this model.
    pinned_by : str
        "given", or the measurement that fixed it in the calibration.
    meaning : str
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    source_key: str
    pinned_by: str
    meaning: str

    @property
    def fitted(self) -> bool:
        """Whether the calibration moves this parameter."""
        return self.pinned_by != "given"


@dataclass(frozen=True)
class Mechanics:
    """The values of all parameters, by name (mm, N, degrees, MPa; meanings in `data/parameters.csv`)."""

    share_rf_vi: float
    share_vml: float
    share_vmo: float
    share_vll: float
    share_vlo: float
    frontal_vml: float
    frontal_vmo: float
    frontal_vll: float
    frontal_vlo: float
    posterior_vmo: float
    posterior_vlo: float
    guide_long: float
    guide_oblique: float
    ratio_extension: float
    ratio_flexed: float
    ratio_half: float
    turn_extension: float
    turn_rate: float
    turn_wrap: float
    tendon_length: float
    tt_tg_extension: float
    tt_tg_slope: float
    tt_tg_until: float
    lateral_inclination: float
    sulcus_angle: float
    entry_fraction: float
    engagement: float
    groove_radius: float
    crest_lateral: float
    crest_fall: float
    crest_radius: float
    facet_lateral: float
    facet_medial: float
    ridge_radius: float
    facet_bulge: float
    foundation: float
    band_extension: float
    band_flexed: float
    mpfl_stiffness: float
    mpfl_slack: float
    mpfl_toe: float
    mpfl_loosening: float
    mpfl_behind: float
    lateral_stiffness: float
    lateral_slack: float
    lateral_loosening: float
    lateral_behind: float
    itb_share: float
    path_angle: float
    path_radius: float
    path_zero: float
    patellar_flexion: float

    def replace(self, **changes: float) -> Mechanics:
        """Return a copy with some values changed.

        Parameters
        ----------
        **changes : float
            In the units of `data/parameters.csv`.

        Returns
        -------
        Mechanics
        """
        return replace(self, **changes)


def read(path: Path) -> tuple[Parameter, ...]:
    """Read a parameter table.

    Parameters
    ----------
    path : pathlib.Path
        A file like `data/parameters.csv`.

    Returns
    -------
    tuple of Parameter

    Raises
    ------
    ValueError
        If the columns are not those of `Parameter` or a number is not one; the message names file and row.
    """
    numbers = ("value", "low", "high")
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        wanted = [item.name for item in fields(Parameter)]
        if rows.fieldnames != wanted:
            raise ValueError(f"{path}: the columns must be {', '.join(wanted)}; found {rows.fieldnames}")
        table = []
        for line, row in enumerate(rows, start=2):
            try:
                row.update({name: float(row[name]) for name in numbers})
            except (TypeError, ValueError):
                raise ValueError(f"{path}, line {line}: {', '.join(numbers)} must be numbers") from None
            table.append(Parameter(**row))
    return tuple(table)


@cache
def shipped() -> tuple[Parameter, ...]:
    """Return the shipped parameter table.

    Returns
    -------
    tuple of Parameter
    """
    return read(evidence.data_path("parameters.csv"))


@cache
def mechanics() -> Mechanics:
    """Return the shipped values.

    Returns
    -------
    Mechanics
    """
    return Mechanics(**{item.name: item.value for item in shipped()})
