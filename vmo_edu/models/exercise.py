"""Which exercise presses the kneecap where: joint stress against flexion, safe ranges, an exercise finder.

Stress is relative: 1 is where the curves of squat and seated extension cross at the default loads. No MPa are
known for these exercises, so none are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import evidence
from vmo_edu.errors import InputError, UnknownInputError, check_array, check_choice, check_number
from vmo_edu.models.patella import geometry
from vmo_edu.models.patella.parameters import mechanics

if TYPE_CHECKING:
    import pandas as pd

CHAINS = ("closed", "open")
"""Closed chain: squat or leg press, foot on the ground. Open chain: seated extension, weight at the ankle."""

CROSSING = 48.0
"""Flexion at which leg press and leg extension load the joint alike, degrees (steinkamp1993; F0665)."""

AREA_ANGLES, AREA = (0.0, 30.0, 60.0), (210.0, 414.0, 520.0)
"""Contact area of men, mm2, at these degrees (besier2005; F0240 to F0242)."""

ARM_ANGLES, ARM = (10.0, 50.0), (46.3, 32.2)
"""Effective moment arm of the quadriceps, mm, women and men (pmc4662057; F0258 to F0261), held outside."""


@dataclass(frozen=True)
class StressResult:
    """Load on the patellofemoral joint against flexion: arrays (flexion,).

    Attributes
    ----------
    flexion : numpy.ndarray
        Degrees.
    closed, open : numpy.ndarray
        Stress in a squat and in a seated extension, relative: 1 = where they cross at the default loads.
    closed_force, open_force : numpy.ndarray
        Compressive force, in the same way relative to that at 48 degrees.
    area : numpy.ndarray
        Contact area, mm2.
    crossing : float
        Flexion at which both stresses are equal with these loads, degrees.
    squat_load, extension_load : float
        Load against the default.
    """

    flexion: np.ndarray
    closed: np.ndarray
    open: np.ndarray
    closed_force: np.ndarray
    open_force: np.ndarray
    area: np.ndarray
    crossing: float
    squat_load: float
    extension_load: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per angle.

        Returns
        -------
        pandas.DataFrame
            Angle in degrees, area in mm2; stress and force relative.
        """
        import pandas as pd

        return pd.DataFrame({"flexion (deg)": self.flexion, "squat stress": self.closed,
                             "extension stress": self.open, "squat force": self.closed_force,
                             "extension force": self.open_force, "area (mm2)": self.area})


def moments(flexion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the turning effect that quadriceps must hold in squat and in extension, relative.

    Squat: thigh and shank of one length with the load over the foot, ``sin(flexion / 2)``. Seated extension:
    a weight at the ankle, ``cos(flexion)``. The two loads are such that both are equal at 48 degrees.

    Parameters
    ----------
    flexion : numpy.ndarray
        Degrees.

    Returns
    -------
    squat, extension : numpy.ndarray
        1 at 48 degrees.
    """
    angle, cross = np.radians(flexion), np.radians(CROSSING)
    return np.sin(angle / 2) / np.sin(cross / 2), np.cos(angle) / np.cos(cross)


def force_per_moment(flexion: np.ndarray) -> np.ndarray:
    """Return the force that presses the patella into the groove for one newton metre at the knee, N/Nm.

    ``R / M = (sin a + k sin b) / r``: moment arm r (pmc4662057), tendon ratio k and the angles of the
    sagittal force triangle as in the tracking model (buff1988).

    Parameters
    ----------
    flexion : numpy.ndarray
        Degrees.

    Returns
    -------
    numpy.ndarray
    """
    m = mechanics()
    flexion = np.asarray(flexion, float)
    a, b = geometry.sagittal_angles(flexion, m)
    press = np.sin(a) + geometry.tendon_ratio(flexion, m) * np.sin(b)
    return 1000.0 * press / moment_arm(flexion)


def contact_area(flexion: np.ndarray) -> np.ndarray:
    """Return the contact area, mm2: the parabola through the three points of besier2005.

    Beyond 60 degrees it flattens and then falls, as biplane_nd found (F0248); no size is known there.

    Parameters
    ----------
    flexion : numpy.ndarray
        Degrees.

    Returns
    -------
    numpy.ndarray
        mm2.
    """
    return np.polyval(np.polyfit(AREA_ANGLES, AREA, 2), flexion)


def moment_arm(flexion: np.ndarray) -> np.ndarray:
    """Return the moment arm of the quadriceps, mm: falls smoothly from 10 to 50 degrees, held outside.

    Parameters
    ----------
    flexion : numpy.ndarray
        Degrees.

    Returns
    -------
    numpy.ndarray
        mm.
    """
    share = np.clip((np.asarray(flexion, float) - ARM_ANGLES[0]) / (ARM_ANGLES[1] - ARM_ANGLES[0]), 0.0, 1.0)
    return ARM[0] + (ARM[1] - ARM[0]) * share**2 * (3.0 - 2.0 * share)


def crossing(squat_load: float = 1.0, extension_load: float = 1.0) -> float:
    """Return the flexion at which squat and extension load the joint alike, degrees.

    ``s sin(x/2) = e cos(x)`` with ``cos(x) = 1 - 2 sin(x/2)^2`` is a quadratic in sin(x/2): arm, force
    triangle and area are those of the same knee and cancel.

    Parameters
    ----------
    squat_load, extension_load : float
        Load against the default, 0.1 to 5.

    Returns
    -------
    float
        Degrees.

    Raises
    ------
    InputError
        For a load outside its range.

    Examples
    --------
    >>> round(crossing(), 6)
    48.0
    >>> crossing(squat_load=2) < 48 < crossing(extension_load=2)
    True
    """
    squat_load = check_number("squat_load", squat_load, 0.1, 5.0, "times the default")
    extension_load = check_number("extension_load", extension_load, 0.1, 5.0, "times the default")
    half, whole = np.sin(np.radians(CROSSING / 2)), np.cos(np.radians(CROSSING))
    k = squat_load / half / (extension_load / whole)
    return float(2 * np.degrees(np.arcsin((np.sqrt(k * k + 8) - k) / 4)))


def curves(flexion: object = None, squat_load: float = 1.0, extension_load: float = 1.0) -> StressResult:
    """Return joint stress and force against flexion for squat and seated extension.

    The two curves cross at 48 degrees because the loads are set so (steinkamp1993); their order away from
    there (extension higher at 0, 15, 30; squat higher at 60, 75, 90: powers2014) is not set, it follows. The
    extension's *force* peaks in mid-range, as escamilla1998 found, while its *stress* is highest near
    straight, where the area is small: the two papers need not disagree.

    Parameters
    ----------
    flexion : sequence of float, optional
        Degrees, 0 to 90; every degree if not given.
    squat_load, extension_load : float
        Load against the default, 0.1 to 5.

    Returns
    -------
    StressResult

    Raises
    ------
    InputError
        For an angle or load outside its range.

    Examples
    --------
    >>> near = curves([0, 30, 60, 90])
    >>> [bool(higher) for higher in near.open > near.closed]
    [True, True, False, False]
    """
    angles = check_array("flexion", np.arange(91.0) if flexion is None else flexion, 0.0, 90.0, "degrees")
    cross = crossing(squat_load, extension_load)
    squat, extension = moments(angles)
    press, area = force_per_moment(angles), contact_area(angles)
    unit = float(force_per_moment(np.array(CROSSING)))
    per_area = float(contact_area(np.array(CROSSING))) / area
    closed_force = squat_load * squat * press / unit
    open_force = extension_load * extension * press / unit
    return StressResult(angles, closed_force * per_area, open_force * per_area, closed_force, open_force,
                        area, cross, float(squat_load), float(extension_load))


def safe_range(limit: float, chain: str = "closed", load: float = 1.0) -> list[tuple[float, float]]:
    """Return where in 0 to 90 degrees the stress stays at or below a limit.

    Parameters
    ----------
    limit : float
        Relative stress, 0 to 20; 1 is where the curves cross at the default loads.
    chain : {"closed", "open"}
        Squat, or seated extension.
    load : float
        Load against the default, 0.1 to 5.

    Returns
    -------
    list of (float, float)
        Ranges of flexion, degrees; empty if the stress is always higher.

    Raises
    ------
    InputError
        For a limit or load outside its range, or an unknown chain.

    Examples
    --------
    >>> safe_range(1.0, "closed")
    [(0.0, 48.0)]
    """
    limit = check_number("limit", limit, 0.0, 20.0, "times the stress at the crossing")
    load = check_number("load", load, 0.1, 5.0, "times the default")
    fine = np.linspace(0.0, 90.0, 721)
    curve = getattr(curves(fine), check_choice("chain", chain, CHAINS)) * load - limit
    below = curve <= 1e-9
    edges = np.flatnonzero(below[1:] != below[:-1])
    cuts = fine[edges] + 0.125 * curve[edges] / (curve[edges] - curve[edges + 1])
    ends = [*([0.0] if below[0] else []), *cuts.tolist(), *([90.0] if below[-1] else [])]
    return [(round(low, 1), round(high, 1)) for low, high in zip(ends[::2], ends[1::2], strict=True)]


# -- the finder ---------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Exercise:
    """One exercise of the table; a missing value is None.

    Attributes
    ----------
    name : str
    aliases, texts, sources : tuple of str
        Other names; popular texts that name it; keys of the references.
    chain : str
        "open", "closed", or as the table says.
    flexion : tuple of float or None
        Working range, degrees, low to high.
    vmo_mvic, vl_mvic, ratio : str or None
        VMO and VL activity (% of maximum) and VMO:VL ratio as published; may be a bound such as ">45".
    load_note, verdict, note : str
        Load on the joint; what the evidence says; remarks.
    grade : str
        First word of the verdict: "supported", "partly_supported", "contradicted", "insufficient", or ""
        where the table gives a finding instead.
    verified : bool
        False if it must be shown with the word "unverified".
    """

    name: str
    aliases: tuple[str, ...]
    texts: tuple[str, ...]
    sources: tuple[str, ...]
    chain: str
    flexion: tuple[float, float] | None
    vmo_mvic: str | None
    vl_mvic: str | None
    ratio: str | None
    load_note: str
    verdict: str
    note: str
    grade: str
    verified: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What no source in the table gives, in words."""
        words = {"flexion": "working range", "vmo_mvic": "VMO activity", "vl_mvic": "VL activity",
                 "ratio": "VMO:VL ratio"}
        return tuple(word for name, word in words.items() if getattr(self, name) is None)

    def stress(self, squat_load: float = 1.0, extension_load: float = 1.0) -> tuple[float, float] | None:
        """Return lowest and highest relative stress over the working range, or None where it is not known.

        Parameters
        ----------
        squat_load, extension_load : float
            Load against the default, 0.1 to 5.

        Returns
        -------
        low, high : float, or None
            1 where the curves cross at the default loads.

        Raises
        ------
        InputError
            For a load outside its range.
        """
        if self.flexion is None or not self.chain.startswith(CHAINS):
            return None
        chain = "closed" if self.chain.startswith("closed") else "open"
        curve = getattr(curves(np.linspace(*self.flexion, 31), squat_load, extension_load), chain)
        return float(curve.min()), float(curve.max())


GRADES = ("supported", "partly_supported", "contradicted", "insufficient")
"""Verdicts, as in the claims ledger."""


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _exercise(row: dict[str, str]) -> Exercise:
    """Turn a row of the table into an exercise."""
    angles = sorted(float(number) for number in re.findall(r"\d+(?:\.\d+)?", row["flexion_range_deg"]))
    verdict = row["evidence_verdict"]
    grade = re.match("|".join(sorted(GRADES, key=len, reverse=True)), verdict)
    return Exercise(row["name"], _list(row["aliases"]), _list(row["texts"]), _list(row["source_keys"]),
                    row["open_or_closed_chain"], (angles[0], angles[-1]) if angles else None,
                    row["vmo_mvic_pct"] or None, row["vl_mvic_pct"] or None, row["vmo_vl_ratio"] or None,
                    row["pfj_load_note"], verdict, row["note"], grade[0] if grade else "",
                    row["status"] != "unchecked")


@cache
def exercises() -> tuple[Exercise, ...]:
    """Return every exercise of the table, in its order.

    Returns
    -------
    tuple of Exercise
    """
    return tuple(_exercise(row) for row in evidence.rows("exercises"))


def _plain(text: str) -> str:
    """Text as it is compared: small letters, single blanks."""
    return " ".join(re.sub(r"[^a-z0-9%]+", " ", text.lower()).split())


def find(name: str) -> Exercise:
    """Return the exercise with this name or alias; capitals and punctuation do not matter.

    Parameters
    ----------
    name : str
        Name or alias.

    Returns
    -------
    Exercise

    Raises
    ------
    UnknownInputError
        If there is none; the message proposes the nearest names.

    Examples
    --------
    >>> find("slr").name
    'Straight-leg raise'
    """
    if not isinstance(name, str):
        raise InputError(f"name must be the name of an exercise; got {name!r}")
    known = _index()
    if _plain(name) in known:
        return known[_plain(name)]
    near = [known[key].name for key in get_close_matches(_plain(name), known, n=4, cutoff=0.5)]
    near = list(dict.fromkeys([*(one.name for one in search(name)[:4]), *near]))[:5]
    hint = f"; nearest: {', '.join(near)}" if near else "; exercise.exercises() lists them"
    raise UnknownInputError(f"no exercise is called {name!r}{hint}")


@cache
def _index() -> dict[str, Exercise]:
    """Return every exercise by its names; a name goes before an alias, an earlier row before a later one."""
    known: dict[str, Exercise] = {}
    for one in exercises():
        known.setdefault(_plain(one.name), one)
    for one in exercises():
        for alias in one.aliases:
            known.setdefault(_plain(alias), one)
    return known


def table(text: str = "", named_only: bool = False) -> pd.DataFrame:
    """Return exercises with chain, range, VMO:VL ratio and verdict; a missing value is a dash.

    Parameters
    ----------
    text : str
        Only exercises whose name or alias holds all these words (see `search`).
    named_only : bool
        Only those that a popular text names.

    Returns
    -------
    pandas.DataFrame
    """
    import pandas as pd

    rows = [{"exercise": one.name, "also called": "; ".join(one.aliases) or "—", "chain": one.chain,
             "range (°)": "–".join(f"{angle:g}" for angle in dict.fromkeys(one.flexion or ())) or "—",
             "VMO (% of maximum)": one.vmo_mvic or "—", "VMO:VL": one.ratio or "—",
             "verdict": one.verdict.replace("_", " ") + ("" if one.verified else " (unverified)")}
            for one in search(text) if one.texts or not named_only]
    return pd.DataFrame(rows)


def search(text: str, among: Iterable[Exercise] | None = None) -> list[Exercise]:
    """Return the exercises whose name or alias holds all words of `text`, in the order of the table.

    Parameters
    ----------
    text : str
        Words in any order; empty finds all.
    among : iterable of Exercise, optional
        Where to look; all exercises if not given.

    Returns
    -------
    list of Exercise

    Examples
    --------
    >>> [one.name for one in search("ball knee extension")]
    ['Ball-clench knee extension']
    """
    words = _plain(text).split()
    among = exercises() if among is None else among
    return [one for one in among if any(all(word in _plain(name) for word in words)
                                        for name in (one.name, *one.aliases))]
