"""Explorer of lesson 02: the pulls of the five quadriceps heads, added head to tail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vmo_edu.describe import pull as words
from vmo_edu.describe.words import number, sided
from vmo_edu.explorers.base import Choice, Explorer, knee_slider
from vmo_edu.figures.pull import PullScene
from vmo_edu.knee import HEADS, PRESETS, Knee
from vmo_edu.models import tracking

if TYPE_CHECKING:
    import pandas as pd

ANGLES = {
    "rig": "47°, cadaver rigs (unverified)",
    "popular": "55°, the popular figure",
    "sedentary": "53.6°, sedentary (ultrasound)",
    "athletic": "67.8°, athletic (ultrasound)",
}
DEGREES = {"rig": None, "popular": 55.0, "sedentary": 53.6, "athletic": 67.8}
"""Fibre angle of the VMO, degrees medial of the shaft: F0102 (the model's own), F0128, F0124, F0123."""


@dataclass(frozen=True)
class PullState:
    """What the picture of pulls shows: the knee, its pulls, and the fibre angle of the VMO (degrees medial)."""

    knee: Knee
    pull: tracking.PullResult
    vmo_angle: float

    @property
    def activation(self) -> dict[str, float]:
        """Activation x relative size by head."""
        return dict(zip(HEADS, self.knee.heads(), strict=True))


class PullExplorer(Explorer):
    """Five force vectors, their polygon and resultant."""

    name = "pull"
    title = "Five pulls on one kneecap"
    controls = (
        knee_slider("vmo"),
        knee_slider("vml"),
        knee_slider("vll"),
        knee_slider("vlo"),
        knee_slider("rf_vi"),
        Choice("angle", "Fibre angle of the VMO", ANGLES, help="Measured from the shaft of the femur."),
        knee_slider("quadriceps_force", low=50, high=600),
    )
    presets = {
        **{name: inputs for name, inputs in PRESETS.items() if set(inputs) <= set(HEADS)},
        "VMO strong": {"vmo": 1.5},
        "Slanting fibres": {"angle": "athletic"},
    }
    main = ("vmo", "vll", "angle")
    scene = PullScene
    sources = ("farahmand1998", "lieb1968", "benjafield2015")

    def solve(self, values: dict[str, Any]) -> PullState:
        """Return the pulls of one knee."""
        knee = Knee(**{name: value for name, value in values.items() if name != "angle"})
        pull = tracking.pull(knee, vmo_angle=DEGREES[values["angle"]])
        return PullState(knee, pull, DEGREES[values["angle"]] or tracking.vmo_angle())

    def describe(self, state: PullState | None = None) -> str:
        """Return the meaning of the picture, and what differs from the pinned pulls."""
        pull, vmo = state.pull, HEADS.index("vmo")
        text = words.NOTHING
        if pull.force.any():
            text = words.describe(*map(float, pull.resultant), pull.angle, float(pull.force[vmo]),
                                  -float(pull.frontal[vmo, 0]), state.knee.vmo)
        if self.baseline is not None:
            text += " " + words.compare(float(pull.resultant[0] - self.baseline.pull.resultant[0]))
        return text

    def readouts(self, state: PullState | None = None) -> list[tuple[str, str, str, str]]:
        """Return the net pull and the share of the VMO."""
        pull, vmo = state.pull, HEADS.index("vmo")
        total = float(pull.force.sum())
        share = number(100 * float(pull.force[vmo]) / total, 1) if total else "–"
        direction = sided(pull.angle, "°", 1) if total else ("–", "°")
        return [("Net pull sideways", *sided(pull.resultant[0], "N", 1), ""),
                ("Net direction", *direction, ""),
                ("Net pull up", number(float(pull.resultant[1])), "N", ""),
                ("VMO", number(float(pull.force[vmo]), 1), "N", ""), ("VMO share", share, "% of all", "")]

    def table(self, state: PullState | None = None) -> pd.DataFrame:
        """Return force and components of each head, N."""
        return state.pull.to_frame().round(2)
