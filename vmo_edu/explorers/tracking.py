"""Explorer of lesson 03: the patella in its groove, and the curves of its whole path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import tracking as words
from vmo_edu.describe.words import number, sided
from vmo_edu.explorers.base import Explorer, Slider, Toggle, knee_slider
from vmo_edu.explorers.paths import Path, paths
from vmo_edu.figures.tracking import TrackingScene
from vmo_edu.knee import PRESETS, Knee
from vmo_edu.models import tracking

if TYPE_CHECKING:
    import pandas as pd

GRID = np.arange(0.0, 91.0, 5.0)
"""Angles of the curves, degrees."""
PUSH = 10.0
"""Displacement of the laboratory's stability test, mm (senavongse2003)."""
SHARED = (
    Slider("vl", "VL, both parts", "", 0, 2, 0.05, 1, "Vastus lateralis: activation x relative size."),
    *map(knee_slider, ("tubercle_offset", "quadriceps_line", "trochlear_depth", "medial_retinaculum",
                       "lateral_retinaculum", "itb_tension")),
)
"""Sliders that the case clinic has as well."""


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
        The whole path, at the angles of `GRID`; shift and lateral share are NaN where the patella is not in its
        groove, so that the curves break there (the outline of a pinned patella needs its place and tilt).
    restraint : float or None
        N to hold the patella 10 mm lateral of equilibrium, where the test is switched on and has a meaning.
    pressure : numpy.ndarray
        Pressure at the contact points of the patella, MPa: lateral facet from the ridge outwards, then medial.
    pushed : bool
        Whether the stability test is switched on.
    held : tuple of float or None
        Where `restraint` holds the patella: mm lateral in its groove, tilt (degrees), mm anterior.
    """

    knee: Knee
    flexion: float
    now: dict[str, float]
    curve: tracking.TrackingResult
    restraint: float | None
    pressure: np.ndarray
    pushed: bool = False
    held: tuple[float, float, float] | None = None

    @property
    def usable(self) -> bool:
        """Whether the state shown is a result: an equilibrium, with the patella in its groove."""
        return bool(self.now["converged"] and self.now["in_groove"])


def knee_of(values: dict[str, Any]) -> Knee:
    """Return the knee that the controls describe; `vl` sets both parts of vastus lateralis."""
    rest = {name: value for name, value in values.items() if name not in ("flexion", "vl", "push")}
    return Knee(vll=values["vl"], vlo=values["vl"], **rest)


def controls_of(inputs: Mapping[str, float]) -> dict[str, float]:
    """Return the controls that give a knee with these inputs: one slider stands for both parts of vastus lateralis.

    Examples
    --------
    >>> controls_of({"vll": 1.5, "vlo": 1.5})
    {'vl': 1.5}
    """
    rest = {name: value for name, value in inputs.items() if name not in ("vll", "vlo")}
    return {**rest, "vl": inputs["vlo"]} if "vlo" in inputs else rest


def cut(curve: tracking.TrackingResult) -> tracking.TrackingResult:
    """Return a path whose curves break where its states are not results: see `TrackingState`."""
    if curve.usable.all():
        return curve
    return replace(curve, **{name: np.where(curve.usable, getattr(curve, name), np.nan)
                             for name in ("shift", "lateral_share")})


class TrackingExplorer(Explorer):
    """Transverse view with contact pressure; shift, tilt and load share against flexion."""

    name = "tracking"
    title = "Patellar tracking: a section through a bent right knee"
    controls = (
        Slider("flexion", "Knee flexion", "°", 0, 90, 1, 20, "0 is a straight knee."),
        knee_slider("vmo"),
        knee_slider("vml"),
        *SHARED,
        knee_slider("quadriceps_force", low=50, high=600),
        Toggle("push", "Push 10 mm", help="The laboratory's stability test: force to hold the patella 10 mm lateral."),
    )
    presets = {name: controls_of(inputs) for name, inputs in PRESETS.items()}
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
        return [TrackingState(path.knee, path.flexion, path.now, cut(path.curve), force, path.pressure, one["push"],
                              held)
                for path, (force, held), one in zip(found, push, settings, strict=True)]

    def describe(self, state: TrackingState | None = None) -> str:
        """Return the meaning of the picture, and what differs from the pinned knee."""
        text = [words.describe(state.knee, state.now)]
        if state.pushed:
            held = state.now["groove_shift"] + PUSH
            text.append(words.stability(state.restraint, PUSH, held >= tracking.mechanics().crest_lateral))
        if self.baseline is not None:
            text.append(compared(state, self.baseline.curve))
        return " ".join(text)

    def readouts(self, state: TrackingState | None = None) -> list[tuple[str, str, str, str]]:
        """Return the key numbers at the present angle."""
        now, good = state.now, state.usable
        tone, why = ("", "") if good else ("bad", "out of groove" if now["converged"] else "no equilibrium")
        rows = [("Shift", *((why, "") if why else sided(now["shift"], "mm")), tone),
                ("Tilt", *(sided(now["tilt"], "°") if good else ("–", "°")), tone),
                ("Lateral facet", number(100 * now["lateral_share"]) if good else "–", "% of load", tone),
                ("Contact force", number(now["lateral_force"] + now["medial_force"]) if good else "–", "N", tone),
                ("Q-angle", number(state.knee.q_angle, 1), "°", "")]
        if state.pushed:
            held = state.restraint
            rows.append(("To hold 10 mm", "–" if held is None else number(held), "N",
                         "bad" if held is None or held < 0 else ""))
        return rows

    def table(self, state: TrackingState | None = None) -> pd.DataFrame:
        """Return the whole path as a table, one row per angle; empty where the patella is not in its groove."""
        names = {"flexion": "flexion (deg)", "shift": "shift (mm)", "tilt": "tilt (deg)",
                 "lateral_force": "lateral force (N)", "medial_force": "medial force (N)",
                 "lateral_share": "lateral share", "peak_lateral_pressure": "peak lateral pressure (MPa)",
                 "contact_area": "contact area (mm2)", "mpfl_tension": "MPFL tension (N)", "in_groove": "in groove"}
        frame = state.curve.to_frame()[list(names)].rename(columns=names)
        frame.loc[~state.curve.usable, frame.columns[1:-1]] = np.nan
        return frame.round(3)


def compared(state: Any, base: tracking.TrackingResult) -> str:
    """Return what differs from a pinned path at the angle of a state with `flexion`, `now` and `usable`."""
    if not state.usable or np.interp(state.flexion, base.flexion, base.usable) < 1:
        return words.NOT_COMPARED
    names = ("shift", "tilt", "lateral_share")
    return words.compare(*(state.now[name] - float(np.interp(state.flexion, base.flexion, getattr(base, name)))
                           for name in names))


def _pushes(asked: Sequence[bool], found: Sequence[Path]) -> list[tuple[float | None, tuple | None]]:
    """The stability test for each path that asks for it: force, and place of the held patella.

    One batch for each angle, or for each knee if fewer.

    None where it has no meaning: without an equilibrium in the groove there is nothing to be pushed away from.
    """
    tests: list[tuple[float | None, tuple | None]] = [(None, None)] * len(found)
    where = [i for i, ask in enumerate(asked) if ask and found[i].now["converged"] and found[i].now["in_groove"]]
    by_angle = len({found[i].flexion for i in where}) <= len({found[i].knee for i in where})
    groups: dict = {}
    for i in where:
        groups.setdefault(found[i].flexion if by_angle else found[i].knee, []).append(i)
    for same, members in groups.items():
        what = ([found[i].knee for i in members], same) if by_angle else (same, [found[i].flexion for i in members])
        held = tracking.displaced(*what, PUSH)
        places = zip(np.ravel(held.groove_shift), np.ravel(held.tilt), np.ravel(held.height), strict=True)
        for i, force, place in zip(members, np.ravel(tracking.restraint(*what, PUSH)), places, strict=True):
            if np.isfinite(force):
                tests[i] = float(force), tuple(map(float, place))
    return tests
