"""Explorer of lesson 07: what was measured to move the cramp threshold, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vmo_edu.describe import cramp as words
from vmo_edu.describe.words import number, signed
from vmo_edu.explorers.base import Choice, Explorer, Slider, Toggle
from vmo_edu.figures.cramp import CrampScene
from vmo_edu.models import cramp

if TYPE_CHECKING:
    import pandas as pd

DRINKS = {"none": "Not considered", "water": "Plain water", "solution": "Rehydration solution"}


@dataclass(frozen=True)
class CrampState:
    """What the threshold picture shows.

    Attributes
    ----------
    result : ThresholdResult
    frequency : float
        Test pulses to the nerve, Hz.
    """

    result: cramp.ThresholdResult
    frequency: float


class CrampExplorer(Explorer):
    """The threshold frequency with fatigue, dehydration, drinks and stretching."""

    name = "cramp"
    title = "The cramp threshold: what moved it in the laboratory"
    controls = (
        Slider("fatigue", "Local fatigue", "", 0, 1, 0.05, 0, "1: tired as in the laboratory."),
        Slider("dehydration", "Fluid lost", "% of body mass", 0, 3, 0.1, 0, "3 % was measured."),
        Choice("drink", "After running in the heat", DRINKS),
        Toggle("stretch", "Static stretch beforehand"),
        Toggle("prone", "Someone who often cramps"),
        Slider("frequency", "Test pulses", "Hz", 5, 50, 0.5, 22, "Electric pulses a second to the nerve."),
    )
    presets = {
        "Nothing changed": {},
        "Tired muscle": {"fatigue": 1.0},
        "Lost 3 % of body mass": {"dehydration": 3.0},
        "Plain water": {"drink": "water"},
        "Rehydration solution": {"drink": "solution"},
        "Stretched": {"stretch": True},
        "Hot race": {"fatigue": 1.0, "dehydration": 3.0, "drink": "water"},
        "Often cramps": {"prone": True},
    }
    main = ("fatigue", "dehydration", "drink")
    play = "fatigue"
    scene = CrampScene
    sources = ("miller2010a", "stone2010", "panza2017", "lau2021", "miller2012")

    def solve(self, values: dict[str, Any]) -> CrampState:
        """Return the threshold with the chosen factors."""
        result = cramp.threshold(values["fatigue"], values["dehydration"], values["drink"], values["stretch"],
                                 values["prone"])
        return CrampState(result, float(values["frequency"]))

    def describe(self, state: CrampState | None = None) -> str:
        """Return what moved the threshold, how sure that is, what the test pulses do, and what differs if pinned."""
        r = state.result
        ranged = [one.label for one in cramp.factors() if one.effect and one.effect.interval.startswith("range")]
        text = [words.describe(r.baseline, r.threshold, r.low, r.high, r.parts, r.unsure, ranged),
                words.stimulus(state.frequency, r.threshold, r.low, r.high)]
        if self.baseline is not None:
            text.append(words.compare(r.threshold - self.baseline.result.threshold))
        return " ".join(text)

    def readouts(self, state: CrampState | None = None) -> list[tuple[str, str, str, str]]:
        """Return baseline, threshold and its interval."""
        r = state.result
        change = r.threshold - r.baseline
        tone = "good" if change > 0.5 else "warn" if change < -0.5 else ""
        interval = f"{number(r.low)} to {number(r.high)}{' or more' if r.unsure else ''}"
        return [("Before", number(r.baseline), "Hz", ""), ("Threshold", number(r.threshold), "Hz", ""),
                ("Change", signed(change, 1), "Hz", tone),
                ("Interval", interval, "Hz", "")]

    def table(self, state: CrampState | None = None) -> pd.DataFrame:
        """Return the baseline, each factor in force and the sum, Hz."""
        return state.result.to_frame().round(2)
