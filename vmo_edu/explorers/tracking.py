"""Explorer of lesson 03: the patella in its groove, and the curves of its whole path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import tracking as words
from vmo_edu.describe.words import number, sided
from vmo_edu.explorers.base import Explorer, Slider, Toggle, knee_slider
from vmo_edu.explorers.paths import Path, paths
from vmo_edu.figures.tracking import TrackingScene
from vmo_edu.knee import Knee
from vmo_edu.models import tracking

if TYPE_CHECKING:
    import pandas as pd

GRID = np.arange(0.0, 91.0, 5.0)
"""Angles of the curves, degrees."""
PUSH = 10.0
"""Displacement of the laboratory's stability test, mm (senavongse2003)."""


@dataclass(frozen=True)
class TrackingState:
    """What the tracking picture shows.

    Attributes
    ----------
    knee : Knee
    flexion : float
        Degrees.
    now : dict of str to float
        Every quantity of the model at that angle.
    curve : TrackingResult
        The whole path, at the angles of `GRID`.
    restraint : float or None
        N to hold the patella 10 mm lateral of equilibrium, where the test is switched on.
    pressure : numpy.ndarray
        Pressure at the contact points of the patella, MPa: lateral facet from the ridge outwards, then medial.
    """

    knee: Knee
    flexion: float
    now: dict[str, float]
    curve: tracking.TrackingResult
    restraint: float | None
    pressure: np.ndarray


def knee_of(values: dict[str, Any]) -> Knee:
    """Return the knee that the controls describe; `vl` sets both parts of vastus lateralis."""
    rest = {name: value for name, value in values.items() if name not in ("flexion", "vl", "push")}
    return Knee(vll=values["vl"], vlo=values["vl"], **rest)


class TrackingExplorer(Explorer):
    """Transverse view with contact pressure; shift, tilt and load share against flexion."""

    name = "tracking"
    title = "Patellar tracking: a section through a bent right knee"
    controls = (
        Slider("flexion", "Knee flexion", "°", 0, 90, 1, 20, "0 is a straight knee."),
        knee_slider("vmo"),
        knee_slider("vml"),
        Slider("vl", "VL, both parts", "", 0, 2, 0.05, 1, "Vastus lateralis: activation x relative size."),
        knee_slider("tubercle_offset"),
        knee_slider("quadriceps_line"),
        knee_slider("trochlear_depth"),
        knee_slider("medial_retinaculum"),
        knee_slider("lateral_retinaculum"),
        knee_slider("itb_tension"),
        knee_slider("quadriceps_force", low=50, high=600),
        Toggle("push", "Push 10 mm", help="The laboratory's stability test: force to hold the patella 10 mm lateral."),
    )
    presets = {
        "Healthy knee": {},
        "VMO half": {"vmo": 0.5},
        "VMO off": {"vmo": 0.0},
        "VMO and VML off": {"vmo": 0.0, "vml": 0.0},
        "VL strong": {"vl": 1.5},
        "Tubercle 10 mm out": {"tubercle_offset": 10.0},
        "Flat groove": {"trochlear_depth": 0.0},
        "MPFL torn": {"medial_retinaculum": 0.0},
        "Lateral release": {"lateral_retinaculum": 0.0},
        "Tight ITB": {"itb_tension": 60.0},
    }
    main = ("flexion", "vmo", "trochlear_depth")
    play = "flexion"
    scene = TrackingScene
    sources = ("amis2006", "senavongse2003", "senavongse2005", "farahmand1998")

    def solve(self, values: dict[str, Any]) -> TrackingState:
        """Return the path of one knee and where it stands now."""
        return self.solve_sweep(values, "vmo", [values["vmo"]])[0]

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[TrackingState]:
        """Solve all points in one batch: many angles of one knee, or one set of angles of many knees."""
        settings = [{**values, control: point} for point in points]
        found = paths([knee_of(one) for one in settings], [one["flexion"] for one in settings], GRID)
        push = _pushes([one["push"] for one in settings], found)
        return [TrackingState(path.knee, path.flexion, path.now, path.curve, force, path.pressure)
                for path, force in zip(found, push, strict=True)]

    def describe(self, state: TrackingState | None = None) -> str:
        """Return the meaning of the picture, and what differs from the pinned knee."""
        text = [words.describe(state.knee, state.now)]
        if state.restraint is not None:
            text.append(words.stability(state.restraint, PUSH))
        pinned = self.baseline
        if pinned is not None:
            base = pinned.curve
            old = {name: float(np.interp(state.flexion, base.flexion, getattr(base, name)))
                   for name in ("shift", "tilt", "lateral_share")}
            text.append(words.compare(*(state.now[name] - old[name] for name in old)))
        return " ".join(text)

    def readouts(self, state: TrackingState | None = None) -> list[tuple[str, str, str, str]]:
        """Return the key numbers at the present angle."""
        now = state.now
        rows = [("Shift", *sided(now["shift"], "mm"), ""),
                ("Tilt", *sided(now["tilt"], "°"), ""),
                ("Lateral facet", number(100 * now["lateral_share"]), "% of load", ""),
                ("Contact force", number(now["lateral_force"] + now["medial_force"]), "N", ""),
                ("Q-angle", number(state.knee.q_angle, 1), "°", "")]
        if state.restraint is not None:
            rows.append(("To hold 10 mm", number(state.restraint), "N", ""))
        return rows

    def table(self, state: TrackingState | None = None) -> pd.DataFrame:
        """Return the whole path as a table, one row per angle."""
        names = {"flexion": "flexion (deg)", "shift": "shift (mm)", "tilt": "tilt (deg)",
                 "lateral_force": "lateral force (N)", "medial_force": "medial force (N)",
                 "lateral_share": "lateral share", "peak_lateral_pressure": "peak lateral pressure (MPa)",
                 "contact_area": "contact area (mm2)", "mpfl_tension": "MPFL tension (N)"}
        frame = state.curve.to_frame()[list(names)].rename(columns=names)
        return frame.round(3)


def _pushes(asked: Sequence[bool], found: Sequence[Path]) -> list[float | None]:
    """The stability test for each path that asks for it: one batch for each angle, or for each knee if fewer."""
    forces: list[float | None] = [None] * len(found)
    where = [i for i, ask in enumerate(asked) if ask]
    by_angle = len({found[i].flexion for i in where}) <= len({found[i].knee for i in where})
    groups: dict = {}
    for i in where:
        groups.setdefault(found[i].flexion if by_angle else found[i].knee, []).append(i)
    for same, members in groups.items():
        if by_angle:
            held = tracking.restraint([found[i].knee for i in members], same, PUSH)
        else:
            held = tracking.restraint(same, [found[i].flexion for i in members], PUSH)
        for i, force in zip(members, np.ravel(held), strict=True):
            forces[i] = float(force)
    return forces
