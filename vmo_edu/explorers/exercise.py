"""Explorer of lesson 06: load on the kneecap in squat and seated extension, and every exercise's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import exercise as words
from vmo_edu.describe.words import number
from vmo_edu.explorers.base import Choice, Explorer, Slider
from vmo_edu.figures.exercise import ExerciseScene
from vmo_edu.models import exercise

if TYPE_CHECKING:
    import pandas as pd

NONE = "none"
"""No exercise is chosen: only the two curves are shown."""


class ExerciseChoice(Choice):
    """The exercises of the table; a name or an alias of any spelling is accepted."""

    def check(self, value: Any) -> str:
        """Return the exercise's name as in the table, or raise UnknownInputError proposing near ones."""
        return NONE if value == NONE else exercise.find(value).name


@dataclass(frozen=True)
class ExerciseState:
    """What the exercise picture shows.

    Attributes
    ----------
    flexion : float
        Degrees.
    stress : StressResult
        Both curves with the present loads.
    closed, opened : float
        Relative stress of squat and seated extension at that angle.
    exercise : Exercise or None
    limit : float
        Relative stress that is not to be passed.
    safe_closed, safe_open : tuple of (float, float)
        Ranges of flexion where it is not, degrees.
    """

    flexion: float
    stress: exercise.StressResult
    closed: float
    opened: float
    exercise: exercise.Exercise | None
    limit: float
    safe_closed: tuple[tuple[float, float], ...]
    safe_open: tuple[tuple[float, float], ...]


def _options() -> dict[str, str]:
    """Every exercise with its aliases, so that either can be found in the list."""
    found = {NONE: "no exercise chosen"}
    for one in sorted(exercise.exercises(), key=lambda item: item.name.lower()):
        found[one.name] = f"{one.name} ({'; '.join(one.aliases)})" if one.aliases else one.name
    return found


class ExerciseExplorer(Explorer):
    """Stress against flexion in two exercises; working range, ratio and verdict of any in the table."""

    name = "exercise"
    title = "The exercise laboratory: which exercise, at which angle?"
    controls = (
        Slider("flexion", "Knee flexion", "°", 0, 90, 1, 30, "0 is a straight knee."),
        ExerciseChoice("exercise", "Exercise", _options(), help="Type the first letters of a name."),
        Slider("limit", "Stress not above", "", 0, 3, 0.05, 1, "1 is the stress where the curves cross."),
        Slider("squat_load", "Load in the squat", "times", 0.2, 3, 0.05, 1, "1: the curves cross at 48°."),
        Slider("extension_load", "Weight at the ankle", "times", 0.2, 3, 0.05, 1, "1: they cross at 48°."),
    )
    presets = {
        "Near straight, 20°": {"flexion": 20},
        "Where they cross": {"flexion": 48},
        "Deep, 80°": {"flexion": 80},
        "The last 30 degrees": {"exercise": "Knee extension in the last 30 deg", "flexion": 15},
        "Squat": {"exercise": "Squat", "flexion": 45},
        "Ball squeeze": {"exercise": "Ball-clench knee extension", "flexion": 60},
        "Turned-out leg raise": {"exercise": "Turned-out straight-leg raise", "flexion": 0},
        "Step-up": {"exercise": "Step-up", "flexion": 45},
        "Half the load": {"squat_load": 0.5, "extension_load": 0.5},
    }
    main = ("flexion", "squat_load", "extension_load")
    play = "flexion"
    scene = ExerciseScene
    sources = ("powers2014", "steinkamp1993", "escamilla1998", "besier2005", "pmc4662057", "buff1988",
               "smith2009b")

    def solve(self, values: dict[str, Any]) -> ExerciseState:
        """Return both curves, the safe ranges and the chosen exercise."""
        flexion, limit = float(values["flexion"]), values["limit"]
        squat, extension = values["squat_load"], values["extension_load"]
        stress = exercise.curves(None, squat, extension)
        curves = stress.closed, stress.open
        closed, opened = (float(np.interp(flexion, stress.flexion, curve)) for curve in curves)
        chosen = None if values["exercise"] == NONE else exercise.find(values["exercise"])
        return ExerciseState(flexion, stress, closed, opened, chosen, limit,
                             tuple(exercise.safe_range(limit, "closed", squat)),
                             tuple(exercise.safe_range(limit, "open", extension)))

    def describe(self, state: ExerciseState | None = None) -> str:
        """Return which exercise loads the kneecap more here, the ranges below the limit, and the verdict."""
        text = [words.describe(state.flexion, state.closed, state.opened, state.stress.crossing)]
        one = state.exercise
        if one is None:
            text.append(words.ranges(state.limit, state.safe_closed, state.safe_open))
        else:
            loads = state.stress.squat_load, state.stress.extension_load
            text += [words.verdict(one.name, one.grade, one.verdict, one.ratio, one.vmo_mvic, one.missing,
                                   one.verified), words.working(one.flexion, one.stress(*loads), one.chain)]
        base = self.baseline
        if base is not None:
            text.append(words.compare(state.closed - base.closed, state.opened - base.opened,
                                      state.stress.crossing - base.stress.crossing))
        return " ".join(text)

    def readouts(self, state: ExerciseState | None = None) -> list[tuple[str, str, str, str]]:
        """Return stress in both exercises, the crossing, and ratio and verdict of the chosen one."""
        def stress(name: str, value: float) -> tuple[str, str, str, str]:
            above = value > state.limit + 1e-9
            return name, number(value, 1), "×, above the limit" if above else "×", "warn" if above else ""
        rows = [stress("Squat stress", state.closed), stress("Extension stress", state.opened),
                ("Curves cross", number(state.stress.crossing), "°", "")]
        one = state.exercise
        if one is not None:
            tones = {"supported": "good", "contradicted": "bad", "insufficient": "warn"}
            rows += [("VMO:VL ratio", one.ratio or "not measured", "", ""),
                     ("Verdict", words.GRADES[one.grade], "", tones.get(one.grade, ""))]
        return rows

    def table(self, state: ExerciseState | None = None) -> pd.DataFrame:
        """Return both curves as a table, every fifth degree."""
        return state.stress.to_frame().iloc[::5].round(2)
