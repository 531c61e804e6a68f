"""Published experiments against the tracking model: every row of `data/validation_cases.csv`, run or out of scope.

`python -m vmo_edu.validation` prints the table with its counts; `table()` returns it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import evidence
from vmo_edu.knee import LANDMARKS, Knee, Landmarks
from vmo_edu.models import tracking
from vmo_edu.models.tracking import Mechanics, TrackingResult

if TYPE_CHECKING:
    import pandas

ANGLES = np.arange(0.0, 91.0, 10.0)
NO_CHANGE_FORCE = 30.0                   # %: "no effect" on a restraining force, the band used for those forces
NO_CHANGE_SHIFT = 1.5                    # mm: "no change" of shift, the band of VC032
PUSH = 50.0                              # N: lateral displacement force of lorenz2015, whose size is not known to us


class Laboratory:
    """The experiments, each computed once when first asked for.

    Parameters
    ----------
    values : Mechanics, optional
        Parameter values; the shipped ones if not given.
    """

    VM_OFF = {"vmo": 0.0, "vml": 0.0}

    def __init__(self, values: Mechanics | None = None) -> None:
        self.values = values
        self._solved: dict[Knee, TrackingResult] = {}
        self._forces: dict[tuple[Knee, float], np.ndarray] = {}

    def solve(self, **inputs: float) -> TrackingResult:
        """Equilibria at `ANGLES` of a knee with these inputs."""
        knee = Knee(**inputs)
        if knee not in self._solved:
            self._solved[knee] = tracking.solve(knee, ANGLES, values=self.values)
        return self._solved[knee]

    def restraint(self, displacement: float = 10.0, **inputs: float) -> np.ndarray:
        """Restraining forces at `ANGLES`, N."""
        key = (Knee(**inputs), displacement)
        if key not in self._forces:
            self._forces[key] = tracking.restraint(key[0], ANGLES, displacement, values=self.values)
        return self._forces[key]

    def change_of_restraint(self, displacement: float = 10.0, **inputs: float) -> np.ndarray:
        """Change of the restraining force against the intact knee, %."""
        return 100 * (self.restraint(displacement, **inputs) / self.restraint(displacement) - 1)

    def shift(self, reference: dict[str, float] | None = None, **inputs: float) -> np.ndarray:
        """Lateral shift against a reference knee (the default one), mm."""
        return self.solve(**inputs).shift - self.solve(**(reference or {})).shift

    def tilt(self, reference: dict[str, float] | None = None, **inputs: float) -> np.ndarray:
        """Lateral tilt against a reference knee (the default one), degrees."""
        return self.solve(**inputs).tilt - self.solve(**(reference or {})).tilt
