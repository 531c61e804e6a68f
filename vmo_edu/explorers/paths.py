"""Patellar paths for the explorers: many knees, each with its whole curve and its state at one angle, in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from vmo_edu.knee import Knee
from vmo_edu.models import tracking


@dataclass(frozen=True)
class Path:
    """The path of one patella.

    Attributes
    ----------
    knee : Knee
    flexion : float
        The angle shown, degrees.
    curve : TrackingResult
        At the angles of the grid, and at no other: a curve must not depend on where its cursor stands.
    now : dict of str to float
        Every quantity of the model at `flexion`; `converged` and `in_groove` as 1 or 0.
    pressure : numpy.ndarray
        Pressure at the contact points at `flexion`, MPa: lateral facet from the ridge outwards, then medial.
    """

    knee: Knee
    flexion: float
    curve: tracking.TrackingResult
    now: dict[str, float]
    pressure: np.ndarray


def paths(knees: Sequence[Knee], flexion: Sequence[float], grid: np.ndarray) -> list[Path]:
    """Solve each knee at the angles of `grid` and at its own angle; equal knees are solved once.

    Parameters
    ----------
    knees : sequence of Knee
    flexion : sequence of float
        One angle for each knee, degrees.
    grid : numpy.ndarray
        Angles of the curves, degrees.
    """
    index = {knee: i for i, knee in enumerate(dict.fromkeys(knees))}
    own = sorted(set(map(float, flexion)))
    found = tracking.solve(list(index), np.concatenate([grid, own]))
    results = [found.knee(i) for i in range(len(index))]
    curves = [_part(result, slice(len(grid))) for result in results]
    shown = []
    for knee, angle in zip(knees, flexion, strict=True):
        i, column = index[knee], len(grid) + own.index(float(angle))
        now = {name: float(getattr(results[i], name)[column]) for name in _quantities()}
        shown.append(Path(knee, float(angle), curves[i], now, results[i].pressure[column]))
    return shown


def _quantities() -> list[str]:
    return [item.name for item in fields(tracking.TrackingResult) if item.name not in ("pressure", "points")]


def _part(result: tracking.TrackingResult, which: slice) -> tracking.TrackingResult:
    """The same result at some of its angles."""
    return replace(result, **{name: getattr(result, name)[which] for name in [*_quantities(), "pressure"]})
