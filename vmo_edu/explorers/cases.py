"""Explorer of lesson 09, the case clinic: match the findings of an invented case, then commit a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import cases as words
from vmo_edu.describe.words import number
from vmo_edu.explorers.base import Choice, Explorer, Slider, Toggle, knee_slider
from vmo_edu.explorers.paths import Path, paths
from vmo_edu.explorers.tracking import GRID, SHARED, compared
from vmo_edu.figures.cases import CasesScene
from vmo_edu.knee import Knee
from vmo_edu.models import cases, tracking

if TYPE_CHECKING:
    import pandas as pd

OPEN, NO_SECOND = "open", "no"
LABELS = {name: cause.label for name, cause in cases.CAUSES.items()}


@dataclass(frozen=True)
class Truth:
    """The hidden knee, once a diagnosis was committed: its path and the findings without error."""

    knee: Knee
    curve: tracking.TrackingResult
    every: np.ndarray


@dataclass(frozen=True)
class CasesState:
    """What the clinic shows.

    Attributes
    ----------
    case : Case
        Its hidden fields stay out of everything shown before a diagnosis is committed.
    settings : dict of str to float
        The reader's sliders.
    knee, flexion, now, curve, pressure, usable
        The reader's knee, as in `TrackingState`; but the curve is whole, and the picture cuts it.
    findings : numpy.ndarray
        In the order of ``case.taken``.
    match : Match
        The reader's knee against the findings.
    every : numpy.ndarray
        What the reader's knee would give for every finding, taken or not.
    chosen, commit : bool
        Whether a diagnosis is chosen, and whether "commit" is on.
    verdict : Verdict or None
        The judgement of a committed diagnosis.
    truth : Truth or None
    """

    case: cases.Case
    settings: dict[str, float]
    knee: Knee
    flexion: float
    now: dict[str, float]
    curve: tracking.TrackingResult
    pressure: np.ndarray
    findings: np.ndarray
    match: cases.Match
    every: np.ndarray
    chosen: bool
    commit: bool
    verdict: cases.Verdict | None
    truth: Truth | None

    @property
    def usable(self) -> bool:
        """Whether the knee shown is a result: an equilibrium, with the patella in its groove."""
        return bool(self.now["converged"] and self.now["in_groove"])


class CaseChoice(Choice):
    """The choice of a case; takes its number as well as its text."""

    def check(self, value: Any) -> str:
        """Return the option, or raise UnknownInputError listing the options."""
        return super().check(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


class CasesExplorer(Explorer):
    """Findings of a hidden knee beside your own; a diagnosis to commit; feedback."""

    name = "cases"
    title = "Case clinic: what is wrong with this knee?"
    controls = (
        CaseChoice("case", "Case", {str(one.number): f"{one.number}: {one.title}" for one in cases.cases()}, "1",
                   "Choosing a case puts everything else back to normal.", stays=True,
                   clears=("flexion", *cases.NORMAL, "cause", "second", "commit")),
        Slider("flexion", "Knee flexion", "°", 0, 90, 1, 0, "0 is a straight knee."),
        knee_slider("vmo"),
        *SHARED,
        knee_slider("effusion", label="Fluid in the joint", help="Weakens all heads, as measured (lesson 04)."),
        Choice("cause", "Diagnosis", {OPEN: "Choose …", cases.NONE: "Tracking is normal", **LABELS}, OPEN,
               "What explains the findings?", clears=("commit",)),
        Choice("second", "Second cause", {NO_SECOND: "None", **LABELS}, NO_SECOND,
               "Only where one cause is not enough.", clears=("commit",)),
        Toggle("commit", "Commit this diagnosis", help="Opens the feedback; changing the diagnosis closes it again."),
    )
    presets = {f"Case {one.number}": {"case": str(one.number)} for one in cases.cases()}
    main = ("flexion", "vmo", "trochlear_depth")
    play = "flexion"
    scene = CasesScene
    sources = ("weiss2013", "senavongse2003", "senavongse2005", "amis2006", "spencer1984")

    def solve(self, values: dict[str, Any]) -> CasesState:
        """Return one knee beside the findings of one case."""
        return self.solve_sweep(values, "vmo", [values["vmo"]])[0]

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[CasesState]:
        """Solve all points in one batch for each case among them."""
        sets = [{**values, control: point} for point in points]
        settings = [{name: one[name] for name in cases.NORMAL} for one in sets]
        knees = [cases.knee_of(one) for one in settings]
        found = paths(knees, [one["flexion"] for one in sets], GRID)
        fits: dict[int, cases.Match] = {}
        for case in cases.cases():
            mine = [i for i, one in enumerate(sets) if one["case"] == str(case.number)]
            fits.update(zip(mine, cases.matches(case, [knees[i] for i in mine]) if mine else (), strict=True))
        return [_state(*each, fits[i]) for i, each in enumerate(zip(sets, settings, found, strict=True))]

    def describe(self, state: CasesState | None = None) -> str:
        """Return the story at first, then how the reader's knee fits, then the feedback on the diagnosis."""
        if state.verdict is not None:
            parts = [words.feedback(state.case, state.verdict, state.match, state.settings)]
        elif state.commit:
            parts = [words.fit(state.match), "There is nothing to commit yet: choose a diagnosis first."]
        elif state.settings == cases.NORMAL and not state.chosen:
            parts = [words.story(state.case), words.found(state.case), f"{words.fit(state.match)} {words.AIM}"]
        elif state.match.complete:
            parts = [words.fit(state.match), "What is your diagnosis? Could another knee fit as well?"]
        else:
            parts = [words.fit(state.match)]
        lost = state.curve.flexion[~state.curve.usable]
        if state.usable and lost.size:
            parts.append(words.lost(lost))
        if self.baseline is not None:
            parts.append(compared(state, self.baseline.curve))
        if state.verdict is None or not state.usable:
            parts.append(words.here(state.now))
        return "\n".join(parts)

    def readouts(self, state: CasesState | None = None) -> list[tuple[str, str, str, str]]:
        """Return how much fits, and for each kind of finding how far the worst one is off."""
        match = state.match
        tone = "good" if match.complete else "warn"
        rows = [("Findings that fit", f"{int(match.fits.sum())} of {len(match.findings)}", "", tone),
                ("Misfit", number(match.misfit, 1) if np.isfinite(match.misfit) else "–", "errors", tone)]
        return rows + [_tile(kind, state) for kind in dict.fromkeys(one.kind for one in match.findings)]

    def table(self, state: CasesState | None = None) -> pd.DataFrame:
        """Return one row per finding: what was found, its error, what the reader's knee gives, whether it fits."""
        import pandas as pd

        match = state.match
        return pd.DataFrame({
            "finding": [words.name_of(one) for one in match.findings],
            "unit": [cases.UNITS[one.kind] for one in match.findings],
            "found": state.findings,
            "error": [round(one.error, 1) for one in match.findings],
            "your knee": np.where(np.isfinite(match.value), match.value.round(1) + 0.0, np.nan),
            "fits": match.fits,
        })


def _tile(kind: str, state: CasesState) -> tuple[str, str, str, str]:
    """The number tile of one kind of finding: how far the worst one is off, or both values where there is but one."""
    match = state.match
    where = match.kind(kind)
    worst = int(where[np.argmax(np.abs(match.off[where]))])
    one, fits = match.findings[worst], bool(match.fits[where].all())
    name, tone = words.KINDS[kind][0].upper() + words.KINDS[kind][1:], "good" if fits else "bad"
    if one.flexion is None:
        found, here = (words.amount(kind, values[worst]) for values in (state.findings, match.value))
        return f"{name}, found {found}", here, "", tone
    if fits or not np.isfinite(match.off[worst]):
        return name, "fits" if fits else "no result", "", tone
    return name, words.size(kind, abs(match.off[worst]) * one.error), "off", tone


@lru_cache(maxsize=32)
def _truth(number: int) -> Truth:
    case = cases.case(number)
    every = cases.match(case, case.knee).every
    return Truth(case.knee, tracking.solve(case.knee, GRID), every)


def _state(values: dict[str, Any], settings: dict[str, float], path: Path, match: cases.Match) -> CasesState:
    """One state; the hidden knee and the verdict only for a committed diagnosis."""
    case = cases.case(int(values["case"]))
    causes = {values["cause"], values["second"]} - {OPEN, NO_SECOND}
    committed = values["commit"] and bool(causes)
    return CasesState(case, settings, path.knee, path.flexion, path.now, path.curve, path.pressure,
                      cases.findings(case), match, match.every, bool(causes), values["commit"],
                      cases.judge(case, causes) if committed else None, _truth(case.number) if committed else None)
