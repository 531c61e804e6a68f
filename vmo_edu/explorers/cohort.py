"""Explorer of lesson 10: one factor against one outcome in thousands of virtual knees, and what small studies see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import cohort as words
from vmo_edu.describe.cohort import percent
from vmo_edu.describe.words import number
from vmo_edu.explorers.base import Choice, Explorer, Slider
from vmo_edu.figures.cohort import STUDIES, CohortScene
from vmo_edu.models import cohort

if TYPE_CHECKING:
    import pandas as pd

KNEES = {"all": 3000, "q_angle": 1000, "lateral_inclination": 1000}
"""Knees solved for each choice of what varies: with one factor alone there is nothing that more would show."""
ANGLES = (0, 15, 30, 45, 60, 75, 90)
SHOWN = 500
"""Knees drawn as dots."""
OUTCOMES = ("groove_shift", "tilt", "lateral_share", "peak_lateral_pressure")


@dataclass(frozen=True)
class CohortState:
    """What the cohort picture shows.

    Attributes
    ----------
    factor, outcome : str
        Names of the columns; the outcome without its angle.
    flexion : float
        Degrees.
    x, y : numpy.ndarray
        Factor and outcome of the knees drawn as dots; a share in %.
    slope : (float, float) or None
        Regression of y on x in the whole cohort (slope, intercept); None where x does not vary.
    r : dict of str to float
        Correlation of every factor with the outcome; NaN where one of them does not vary.
    low, high : float
        95 % interval of the chosen factor's correlation.
    together : float
        R2 of all drawn factors together.
    knees, lost : int
        Knees solved, and how many of them are left out: no equilibrium, or a patella that left its groove.
    studies : Studies or None
        The simulated studies; None where there is nothing to correlate.
    n : int
        Knees in each study.
    reader, vary : str
        As the controls say.
    """

    factor: str
    outcome: str
    flexion: float
    x: np.ndarray
    y: np.ndarray
    slope: tuple[float, float] | None
    r: dict[str, float]
    low: float
    high: float
    together: float
    knees: int
    lost: int
    studies: cohort.Studies | None
    n: int
    reader: str
    vary: str


class CohortExplorer(Explorer):
    """Scatter of one factor against one outcome, correlations of all factors, and many small studies."""

    name = "cohort"
    title = "A virtual cohort: knees that differ as people were found to differ"
    controls = (
        Choice("factor", "Factor", cohort.labels(), help="What differs between knees."),
        Slider("flexion", "Knee flexion", "°", 0, 90, 15, 30, "0 is a straight knee."),
        Choice(
            "outcome",
            "Outcome",
            {name: cohort.OUTCOME_LABELS[name][0] for name in OUTCOMES},
            help="What the model finds for each knee.",
        ),
        Choice(
            "vary",
            "What varies",
            {
                "all": "everything",
                "q_angle": "only the Q-angle",
                "lateral_inclination": "only the groove",
            },
            help="Factors that do not vary stay at their published mean.",
        ),
        Slider("n", "Knees in a study", "", 10, 500, 10, 30, "Each study draws its own knees."),
        Slider("seed", "Another set of studies", "", 1, 40, 1, 1, "Another number draws other knees."),
        Choice(
            "reader",
            "Who reads the Q-angle",
            {"none": "no error", "one": "one trained tester", "many": "a different tester each time"},
            help="Error of each reading in the studies; it touches the Q-angle only.",
        ),
    )
    presets = {
        "Q-angle and shift": {},
        "Only Q varies": {"vary": "q_angle"},
        "Q-angle and load": {"outcome": "lateral_share"},
        "Q-angle and tilt": {"outcome": "tilt"},
        "Groove and tilt": {"factor": "lateral_inclination", "outcome": "tilt"},
        "VMO size and shift": {"factor": "vmo_area", "flexion": 0},
        "Q as a clinic reads it": {"factor": "q_seen", "reader": "many"},
        "Small studies, n = 20": {"factor": "q_seen", "reader": "one", "n": 20},
        "Big studies, n = 500": {"factor": "q_seen", "reader": "one", "n": 500},
    }
    main = ("n", "seed", "flexion")
    play = "seed"
    scene = CohortScene
    sources = (
        "ajprs51309",
        "rbort1718511",
        "kssta2016",
        "shih2004",
        "pattyn2011",
        "farahmand1998",
        "pmid32399156",
        "criscenti2016",
        "merican2009b",
        "weiss2013",
        "greene2001",
    )

    def __init__(self, *, preset: str | None = None, **values: Any):
        self._cohorts: dict[str, dict[str, np.ndarray]] = {}
        self._found: dict[tuple[str, str], cohort.Explained] = {}
        super().__init__(preset=preset, **values)

    def knees(self, vary: str = "all") -> dict[str, np.ndarray]:
        """Return the columns of the cohort behind the picture; solved when first asked for, then kept."""
        if vary not in self._cohorts:
            factors = cohort.FACTORS if vary == "all" else (vary,)
            self._cohorts[vary] = cohort.arrays(KNEES[vary], flexion=ANGLES, vary=factors)
        return self._cohorts[vary]

    def _explained(self, vary: str, column: str) -> cohort.Explained:
        if (vary, column) not in self._found:
            self._found[vary, column] = cohort.explain(self.knees(vary), column)
        return self._found[vary, column]

    def solve(self, values: dict[str, Any]) -> CohortState:
        """Return the scatter, the correlations and the studies."""
        factor, outcome, vary, n = values["factor"], values["outcome"], values["vary"], int(values["n"])
        column = f"{outcome}_{values['flexion']:g}"
        knees, found = self.knees(vary), self._explained(vary, column)
        good = np.isfinite(knees[column]) & np.isfinite(knees["q_seen"])
        x, y = knees[factor][good], knees[column][good] * (100 if outcome == "lateral_share" else 1)
        r = dict(zip(found.factors, found.r.tolist(), strict=True))
        r["q_seen"] = float(cohort.correlation(knees["q_seen"][good], y))
        slope = studies = None
        low = high = np.nan
        if np.isfinite(r[factor]):
            low, high = map(float, cohort.interval(r[factor], good.sum()))
            steep = r[factor] * y.std() / x.std()
            slope = (float(steep), float(y.mean() - steep * x.mean()))
            error = cohort.reading_error(values["reader"]) if factor.startswith("q_") else 0.0
            studies = cohort.studies(knees, factor, column, n, STUDIES, int(values["seed"]), error)
        return CohortState(
            factor,
            outcome,
            float(values["flexion"]),
            x[:SHOWN],
            y[:SHOWN],
            slope,
            {name: r[name] for name in cohort.labels()},
            low,
            high,
            found.together,
            good.size,
            int((~good).sum()),
            studies,
            n,
            values["reader"],
            vary,
        )

    def describe(self, state: CohortState | None = None) -> str:
        """Return what the cohort shows, what the studies found, and what differs from the pinned state."""
        text = words.describe(state)
        if self.baseline is not None:
            text += " " + words.compare(state, self.baseline)
        return text

    def readouts(self, state: CohortState | None = None) -> list[tuple[str, str, str, str]]:
        """Return correlation, explained variance and the verdicts of the studies."""
        rows = []
        if state.lost:
            rows.append(("Without a result", number(state.lost), "left out", "warn"))
        if state.studies is None:
            return [*rows, ("Explained by all factors", percent(state.together), "", "")]
        r, many = state.r[state.factor], state.studies
        return [
            *rows,
            ("r, all knees", number(r, 2), "", ""),
            ("its 95 % interval", f"{number(state.low, 2)} to {number(state.high, 2)}", "", ""),
            ("Explained by this factor", percent(r * r), "", ""),
            ("Explained by all factors", percent(state.together), "", ""),
            ("Studies with p < 0.05", number(many.significant.sum()), f"of {many.trials}", ""),
            ("r in the studies", f"{number(many.estimate.min(), 2)} to {number(many.estimate.max(), 2)}", "", ""),
        ]

    def table(self, state: CohortState | None = None) -> pd.DataFrame:
        """Return one row per factor: correlation with the outcome, and what it explains alone, in %."""
        import pandas as pd

        names = cohort.labels()
        frame = pd.DataFrame({"factor": [names[name] for name in state.r], "r": list(state.r.values())})
        frame["explained alone (%)"] = 100 * frame["r"] ** 2
        return frame.sort_values("r", key=abs, ascending=False, ignore_index=True).round({"r": 2, frame.columns[2]: 0})
