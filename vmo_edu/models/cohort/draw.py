"""Draws virtual knees: every factor from its published mean and spread (`data/cohort.csv`), nothing from this file.

Knees come in fixed blocks, each with a random stream of its own, so that no result depends on who computes what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from vmo_edu import evidence
from vmo_edu.knee import INPUTS, LANDMARKS, Knee
from vmo_edu.models import qangle
from vmo_edu.models.patella.parameters import Mechanics, mechanics

BLOCK = 256
"""Knees in a block; the solver is quickest with some 2000 equilibria at a time."""

FACTORS = (
    "q_angle",
    "tt_tg",
    "lateral_inclination",
    "vmo_area",
    "vl_vm_ratio",
    "tendon_length",
    "mpfl_stiffness",
    "lateral_stiffness",
)
"""What varies between knees, in the order of the table."""

PUBLISHED = tuple(name for name in FACTORS if name != "lateral_stiffness")
"""The factors whose spread is published or follows from published figures; the rest is illustrative."""

INPUT_COLUMNS = ("woman", *FACTORS, "tubercle_offset", "quadriceps_line", "trochlear_depth", "vmo", "vl", "redrawn")
"""Columns that describe a knee before anything is solved."""


@dataclass(frozen=True)
class Spread:
    """One row of `data/cohort.csv`: how one factor is spread between people.

    Attributes
    ----------
    name, label, unit, group : str
        `group` is "all", "men" or "women".
    mean, sd : float
        For a lognormal shape the median, and the SD of the logarithm; `sd` is 0 for a plain value.
    low, high : float
        Legal range.
    shape : {"normal", "lognormal", "value"}
    basis : {"published", "derived", "illustrative"}
    """

    name: str
    label: str
    unit: str
    group: str
    mean: float
    sd: float
    low: float
    high: float
    shape: str
    basis: str

    def at(self, z: np.ndarray) -> np.ndarray:
        """Return the values that lie `z` standard deviations from the middle."""
        return self.mean * np.exp(self.sd * z) if self.shape == "lognormal" else self.mean + self.sd * z


@cache
def spreads() -> dict[tuple[str, str], Spread]:
    """Return the table by (name, group)."""
    names = Spread.__dataclass_fields__
    return {
        (row["name"], row["group"]): Spread(**{**{name: row[name] for name in names}, "sd": row["sd"] or 0.0})
        for row in evidence.rows("cohort")
    }


def value(name: str) -> float:
    """Return one plain value of the table, such as the share of women."""
    return spreads()[name, "all"].mean


def pooled(name: str) -> tuple[float, float]:
    """Return mean and SD of a factor in men and women together.

    Examples
    --------
    >>> pooled("q_angle")
    (14.68, 4.50)
    """
    table = spreads()
    if (name, "all") in table:
        return table[name, "all"].mean, table[name, "all"].sd
    men, women, share = table[name, "men"], table[name, "women"], value("women")
    mean = (1 - share) * men.mean + share * women.mean
    variance = (1 - share) * (men.sd**2 + (men.mean - mean) ** 2) + share * (women.sd**2 + (women.mean - mean) ** 2)
    return mean, float(np.sqrt(variance))


def block(index: int, seed: int, vary: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return block `index` of the cohort that belongs to `seed`: `BLOCK` knees, columns `INPUT_COLUMNS`.

    A knee with any value outside its legal range is drawn again as a whole; `redrawn` counts how often.

    Parameters
    ----------
    index : int
        Number of the block, from 0.
    seed : int
    vary : tuple of str
        Those of `FACTORS` that vary; the others stay at their mean.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
    found = _draw(rng, BLOCK, vary)
    redrawn = np.zeros(BLOCK)
    while (bad := ~legal(found)).any():
        fresh = _draw(rng, int(bad.sum()), vary)
        for name, column in found.items():
            column[bad] = fresh[name]
        redrawn[bad] += 1
    return {**found, "redrawn": redrawn}


def _draw(rng: np.random.Generator, n: int, vary: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Draw n knees, legal or not."""
    woman = rng.random(n) < value("women")
    normal = dict(zip(FACTORS, rng.standard_normal((len(FACTORS), n)), strict=True))
    knees = {"woman": woman.astype(float)}
    mean, sd = pooled("q_angle")
    for name, z in normal.items():
        if name not in vary:
            knees[name] = np.full(n, pooled(name)[0])
        elif name == "tt_tg":
            # the published correlation is one of all knees together, so the Q-angle counts from its pooled mean
            r = value("q_with_tt_tg")
            z = r * (knees["q_angle"] - mean) / sd + np.sqrt(1 - r * r) * z
            knees[name] = spreads()[name, "all"].at(z)
        else:
            knees[name] = _by_sex(name, woman, z)
    return {**knees, **_as_inputs(knees)}


def _by_sex(name: str, woman: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Values of a factor at `z`, by the row of each sex where the table has one."""
    table = spreads()
    if (name, "all") in table:
        return table[name, "all"].at(z)
    return np.where(woman, table[name, "women"].at(z), table[name, "men"].at(z))


def _as_inputs(knees: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Turn anatomy into what `Knee` takes.

    The tubercle lies TT-TG minus its mean from that of the default knee and takes its part of the Q-angle; the line of
    the quadriceps takes the rest. VM is VMO plus an unchanged long part; VL follows from VL:VM.
    """
    m = mechanics()
    offset = knees["tt_tg"] - pooled("tt_tg")[0]
    x, y = LANDMARKS.tubercle
    distal = np.degrees(np.arctan2(x + offset, -y))
    vmo = knees["vmo_area"] / pooled("vmo_area")[0]
    vm = (m.share_vml + m.share_vmo * vmo) / (m.share_vml + m.share_vmo)
    depth = np.tan(np.radians(knees["lateral_inclination"])) / np.tan(np.radians(m.lateral_inclination))
    return {
        "tubercle_offset": offset,
        "quadriceps_line": knees["q_angle"] - distal - LANDMARKS.proximal,
        "trochlear_depth": depth,
        "vmo": vmo,
        "vl": vm * knees["vl_vm_ratio"] / pooled("vl_vm_ratio")[0],
    }


def legal(knees: dict[str, np.ndarray]) -> np.ndarray:
    """Return which knees lie inside every range of the table and of `Knee`."""
    fine = np.ones(len(knees["q_angle"]), bool)
    for (name, _), row in spreads().items():
        if name in FACTORS:
            fine &= (knees[name] >= row.low) & (knees[name] <= row.high)
    for name, of in (
        ("tubercle_offset",) * 2,
        ("quadriceps_line",) * 2,
        ("trochlear_depth",) * 2,
        ("vmo",) * 2,
        ("vl", "vll"),
    ):
        fine &= (knees[name] >= INPUTS[of].low) & (knees[name] <= INPUTS[of].high)
    return fine


def knees_of(columns: dict[str, np.ndarray]) -> list[Knee]:
    """Return the drawn knees as `Knee`; all pull with the same total force, shared by size.

    Ligament stiffness and tendon length are no inputs of `Knee`: see `values_of`.
    """
    m, total = mechanics(), INPUTS["quadriceps_force"].default
    pull = m.share_rf_vi + m.share_vml + m.share_vmo * columns["vmo"] + (m.share_vll + m.share_vlo) * columns["vl"]
    names = ("tubercle_offset", "quadriceps_line", "trochlear_depth", "vmo", "vl")
    return [
        Knee(
            tubercle_offset=offset,
            quadriceps_line=line,
            trochlear_depth=depth,
            vmo=vmo,
            vll=vl,
            vlo=vl,
            quadriceps_force=force,
        )
        for offset, line, depth, vmo, vl, force in zip(
            *(columns[name].tolist() for name in names), (total / pull).tolist(), strict=True
        )
    ]


def values_of(columns: dict[str, np.ndarray], angles: int) -> Mechanics:
    """Return the model's parameters with each knee's own ligaments and tendon, one value per equilibrium."""
    return mechanics().replace(
        **{name: np.repeat(columns[name], angles) for name in ("tendon_length", "mpfl_stiffness", "lateral_stiffness")}
    )


def q_seen(columns: dict[str, np.ndarray], patella: np.ndarray) -> np.ndarray:
    """Return the Q-angle measured to where the patella lies, `patella` mm lateral of the default place, degrees.

    The bones alone give `q_angle`; a patella that rides laterally lowers what the goniometer shows (herrington2004).
    NaN where `patella` is.
    """
    solved = np.isfinite(patella)
    place = np.where(solved, patella, 0.0)
    level = np.zeros(place.size)
    proximal = np.radians(LANDMARKS.proximal + columns["quadriceps_line"])
    (_, ya), (xt, yt) = LANDMARKS.asis, LANDMARKS.tubercle
    asis = np.stack([ya * np.tan(proximal), level + ya], axis=-1)
    tubercle = np.stack([xt + columns["tubercle_offset"], level + yt], axis=-1)
    q = qangle.angles(asis, np.stack([place, level], axis=-1), tubercle)[2]
    return np.where(solved, q, np.nan)
