"""Explorer of lesson 01: the limb from the front with the three landmarks of the Q-angle to drag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import q_angle as words
from vmo_edu.describe.words import number
from vmo_edu.explorers.base import UNIT_SIGNS, Explorer, Slider
from vmo_edu.figures.q_angle import QAngleScene
from vmo_edu.models import qangle

if TYPE_CHECKING:
    import pandas as pd

LANDMARKS = ("asis", "patella", "tubercle")


@dataclass(frozen=True)
class QAngleState:
    """What the Q-angle picture shows.

    Attributes
    ----------
    asis, patella, tubercle : tuple of float
        x lateral, y proximal, mm.
    proximal, distal, q_angle : float
        Degrees.
    """

    asis: tuple[float, float]
    patella: tuple[float, float]
    tubercle: tuple[float, float]
    proximal: float
    distal: float
    q_angle: float


def _slider(name: str) -> Slider:
    item = qangle.INPUTS[name]
    note = " Illustrative: no source gives the size." if item.source_key == "illustrative" else ""
    return Slider(item.name, item.label, UNIT_SIGNS.get(item.unit, item.unit), item.low, item.high, item.step,
                  item.default, item.meaning + note)


class QAngleExplorer(Explorer):
    """Front view with draggable ASIS, patella and tubercle, beside a ruler of published means."""

    name = "q_angle"
    title = "The Q-angle of a right leg from the front"
    controls = tuple(_slider(name) for name in qangle.INPUTS)
    presets = {
        "Usual limb": {},
        "Pelvis 20 mm wider": {"pelvic_width": 247},
        "Tubercle 10 mm out": {"tubercle_offset": 10},
        "Patella 8 mm out": {"patella_offset": 8},
        "Femur turned in": {"femoral_rotation": 10},
        "Pronated foot": {"foot_pronation": 8},
        "Knee bent 30°": {"flexion": 30},
        "Leg 20 mm longer": {"leg_length": 20},
    }
    main = ("tubercle_offset", "patella_offset", "pelvic_width")
    scene = QAngleScene
    sources = tuple(dict.fromkeys(norm.source_key for norm in qangle.norms()))

    def solve(self, values: dict[str, Any]) -> QAngleState:
        """Return landmarks and angles."""
        return _states(qangle.solve(**values))[0]

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[QAngleState]:
        """Solve all points at once."""
        return _states(qangle.solve(**{**values, control: list(points)}))

    def describe(self, state: QAngleState | None = None) -> str:
        """Return the meaning of the picture, and what differs from the pinned limb."""
        text = words.describe(state.proximal, state.distal, qangle.norms())
        if self.baseline is not None:
            moved = {name: getattr(state, name)[0] - getattr(self.baseline, name)[0] for name in LANDMARKS}
            moved = {name.upper() if name == "asis" else name: by for name, by in moved.items()}
            text += " " + words.compare(state.q_angle - self.baseline.q_angle, moved)
        return text

    def readouts(self, state: QAngleState | None = None) -> list[tuple[str, str, str, str]]:
        """Return the angle and its parts."""
        parts = {"Q-angle": state.q_angle, "above the patella": state.proximal, "below the patella": state.distal}
        return [(name, number(value, 1), "°", "") for name, value in parts.items()]

    def table(self, state: QAngleState | None = None) -> pd.DataFrame:
        """Return landmarks (mm) and angles (degrees), one row each."""
        rows = [(name, *np.round(getattr(state, name), 1)) for name in LANDMARKS]
        import pandas as pd  # only tables need it

        marks = pd.DataFrame(rows, columns=["landmark", "x lateral (mm)", "y proximal (mm)"]).set_index("landmark")
        angles = {"asis": state.proximal, "tubercle": state.distal, "patella": state.q_angle}
        means = {"asis": "proximal part", "tubercle": "distal part", "patella": "Q-angle"}
        marks["angle"] = [means[name] for name in marks.index]
        marks["degrees"] = [round(angles[name], 2) for name in marks.index]
        return marks


def _states(result: qangle.QAngleResult) -> list[QAngleState]:
    return [QAngleState(*(tuple(map(float, getattr(result, name)[i])) for name in LANDMARKS),
                        float(result.proximal[i]), float(result.distal[i]), float(result.q_angle[i]))
            for i in range(len(result.q_angle))]
