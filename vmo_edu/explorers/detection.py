"""Explorer of the detection lab in lesson 04: thresholds that appear in data drawn from straight lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmo_edu.describe import effusion as words
from vmo_edu.describe.words import number
from vmo_edu.explorers.base import Choice, Explorer, Slider
from vmo_edu.figures.detection import DRAWN, DetectionScene
from vmo_edu.models import inhibition

if TYPE_CHECKING:
    import pandas as pd

TRIALS = 400
"""Simulated studies for each setting: enough for shares within about five points, and quick."""


class DetectionExplorer(Explorer):
    """Draw small samples from a straight line and see where their first significant fall lies."""

    name = "detection"
    title = "Detection lab: thresholds out of straight lines"
    controls = (
        Slider("noise", "Noise of one reading", "%", 2, 30, 1, 15, "Standard deviation within a person, % of control."),
        Slider("n", "People in a study", "", 5, 60, 1, 10, "The published study had ten (spencer1984)."),
        Slider("seed", "Draw again", "", 1, 40, 1, 1, "Another number draws other people."),
        Choice("test", "Test", {"pooled": "Analysis of variance, all pairs", "paired": "Paired t tests"}),
    )
    presets = {"As published": {}, "Little noise": {"noise": 5}, "Noisy": {"noise": 22}, "40 people": {"n": 40}}
    main = ("noise", "n")
    scene = DetectionScene
    sources = ("spencer1984",)

    def solve(self, values: dict[str, Any]) -> inhibition.DetectionResult:
        """Return the simulated studies."""
        n, seed = int(values["n"]), int(values["seed"])
        return inhibition.detection_lab(n, values["noise"] / 100, trials=TRIALS, seed=seed, test=values["test"])

    def describe(self, state: inhibition.DetectionResult | None = None) -> str:
        """Return what share of studies shows the published pattern, and what differs from the pinned studies."""
        text = words.detection(state.vm_in_window, state.vl_in_window, state.trials, state.noise, state.n, DRAWN)
        base = self.baseline
        if base is not None:
            text += " " + words.compare_detection(state.vm_in_window - base.vm_in_window,
                                                  state.vl_in_window - base.vl_in_window, state.trials)
        return text

    def readouts(self, state: inhibition.DetectionResult | None = None) -> list[tuple[str, str, str, str]]:
        """Return the shares of studies that find the published thresholds."""
        return [("VM first at 20 to 30 ml", number(100 * state.vm_in_window), "% of studies", ""),
                ("VL first at 50 to 60 ml", number(100 * state.vl_in_window), "% of studies", ""),
                ("VL never", number(100 * state.vl_never), "% of studies", "")]

    def table(self, state: inhibition.DetectionResult | None = None) -> pd.DataFrame:
        """Return the share of studies by increment."""
        return state.to_frame().round(3)
