"""Explorer of the start lesson: the knee with its names and one slider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vmo_edu.describe import overview as words
from vmo_edu.describe.words import number, sided
from vmo_edu.explorers.base import Explorer, knee_slider
from vmo_edu.figures.overview import OverviewScene
from vmo_edu.knee import Knee
from vmo_edu.models import tracking

if TYPE_CHECKING:
    import pandas as pd

FLEXION = 0.0
"""Flexion of the start picture, degrees: straight as it is drawn, and where the VMO has most to say."""


@dataclass(frozen=True)
class State:
    """What the start picture shows: heads, patella against the healthy knee (mm, deg), fluid (ml)."""

    activation: dict[str, float]
    vmo: float
    shift: float
    tilt: float
    effusion: float


class OverviewExplorer(Explorer):
    """The knee with its labels: turn the VMO down and see what follows."""

    name = "overview"
    title = "A right knee from the front"
    controls = (knee_slider("vmo", high=1.5, help="1 is a healthy VMO, 0 one that is switched off."),)
    presets = {"Healthy knee": {}, "VMO half": {"vmo": 0.5}, "VMO off": {"vmo": 0.0}}
    main = ("vmo",)
    scene = OverviewScene
    sources = ("senavongse2003",)

    def solve(self, values: dict[str, Any]) -> State:
        """Return the state: the patella against the healthy knee, both straight."""
        return self.solve_sweep(values, "vmo", [values["vmo"]])[0]

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[State]:
        """Solve all points and the healthy knee in one batch."""
        knees = [Knee(**{control: point}) for point in points]
        found = tracking.solve([Knee(), *knees], FLEXION)
        shift = found.shift[:, 0] - found.shift[0, 0]
        tilt = found.tilt[:, 0] - found.tilt[0, 0]
        return [State({"vmo": knee.vmo}, knee.vmo, float(shift[i]), float(tilt[i]), 0.0)
                for i, knee in enumerate(knees, start=1)]

    def describe(self, state: State | None = None) -> str:
        """Return the meaning of the picture, and what differs from the pinned knee."""
        text, base = words.describe(state.vmo, state.shift, state.effusion), self.baseline
        if base is not None:
            text += " " + words.compare(state.vmo - base.vmo, state.shift - base.shift, state.tilt - base.tilt)
        return text

    def readouts(self, state: State | None = None) -> list[tuple[str, str, str, str]]:
        """Return the key numbers."""
        return [("VMO", number(100 * state.vmo), "%", ""),
                ("Patella moves", *sided(state.shift, "mm", 1), ""),
                ("Patella tilts", *sided(state.tilt, "°", 1), "")]

    def table(self, state: State | None = None) -> pd.DataFrame:
        """Return the numbers as a table."""
        import pandas as pd  # only tables need it

        return pd.DataFrame({"VMO activation x size": [state.vmo], "flexion (deg)": [FLEXION],
                             "shift against healthy (mm)": [round(state.shift, 2)],
                             "tilt against healthy (deg)": [round(state.tilt, 2)]})
