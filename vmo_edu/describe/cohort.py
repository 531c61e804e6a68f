"""The virtual cohort in words: how close a factor goes with an outcome, and how far studies of it disagree."""

from __future__ import annotations

from typing import Any

import numpy as np

from vmo_edu.describe.words import number, sentence
from vmo_edu.models import cohort

VARY = {
    "all": "every factor varies",
    "q_angle": "only the Q-angle varies",
    "lateral_inclination": "only the groove varies",
}
READERS = {"one": "each Q-angle read by one trained tester", "many": "each Q-angle read by a different tester"}


def closeness(r: float) -> str:
    """Return how close a correlation is, in words.

    Examples
    --------
    >>> closeness(0.05), closeness(-0.3), closeness(0.6), closeness(-0.95)
    ('next to no relation', 'a weak relation', 'a clear relation', 'a close relation')
    """
    bounds = (0.1, "next to no relation"), (0.4, "a weak relation"), (0.8, "a clear relation")
    return next((text for bound, text in bounds if abs(r) < bound), "a close relation")


def percent(share: float) -> str:
    """Return a share of the variance in words.

    Examples
    --------
    >>> percent(0.304), percent(0.001)
    ('30 %', 'less than 1 %')
    """
    return "less than 1 %" if share < 0.01 else f"{number(100 * share)} %"


def low_first(name: str) -> str:
    """Return a label as it reads inside a sentence; names such as "Q-angle" and "VMO" keep their capitals."""
    return name if name[:2].isupper() or name[1] == "-" else name[0].lower() + name[1:]


def describe(state: Any) -> str:
    """Return the meaning of the picture.

    Parameters
    ----------
    state : CohortState
        See `vmo_edu.explorers.cohort`.
    """
    factor = low_first(cohort.labels()[state.factor])
    outcome = low_first(cohort.OUTCOME_LABELS[state.outcome][0])
    dots = f"{state.x.size} of them are the dots"
    first = sentence(f"in {state.knees:,} virtual knees ({dots}) {VARY[state.vary]}")
    text = f"{first} At {number(state.flexion)}° of flexion the "
    if state.studies is None:
        text += f"{factor} or the {outcome} is the same in all of them: there is nothing to correlate."
        return text + lost(state)
    r = state.r[state.factor]
    text += (
        f"{factor} and the {outcome} have {closeness(r)} (r {number(r, 2)}): it alone explains {percent(r * r)} of the "
        f"differences, all factors together {percent(state.together)}. "
    )
    return text + studied(state) + lost(state)


def studied(state: Any) -> str:
    """Return what the simulated studies report."""
    many = state.studies
    reader = f", {READERS[state.reader]}" if state.reader in READERS and many.error else ""
    found = int(many.significant.sum())
    share = "all" if found == many.trials else "none" if not found else str(found)
    text = (
        f"Of {many.trials} studies with {many.n} knees each{reader}, {share} report a significant correlation; their "
        f"estimates run from {number(many.estimate.min(), 2)} to {number(many.estimate.max(), 2)}."
    )
    wrong = int(np.sum(many.estimate * np.sign(many.truth) < 0))
    if wrong:
        text += f" In {wrong} the sign is the wrong way round."
    return text


def lost(state: Any) -> str:
    """Return how many knees were left out, or nothing."""
    why = "knees are left out: they found no equilibrium, or the patella left its groove"
    return f" {state.lost} {why}." if state.lost else ""


def compare(state: Any, pinned: Any) -> str:
    """Return what changed against the pinned state, and what was pinned if it is another question."""
    if state.studies is None or pinned.studies is None:
        return "With the pinned state there is nothing to compare."
    now, then = state.r[state.factor], pinned.r[pinned.factor]
    found, before = (f"{int(s.studies.significant.sum())} of {s.studies.trials}" for s in (state, pinned))
    other = "" if _question(state) == _question(pinned) else f" ({_question(pinned)})"
    return (
        f"Against the pinned state{other} r is {number(now, 2)} instead of {number(then, 2)}, and {found} studies are "
        f"significant instead of {before}."
    )


def _question(state: Any) -> str:
    """What is correlated with what: "Q-angle of the bones and tilt at 30°"."""
    factor, outcome = cohort.labels()[state.factor], cohort.OUTCOME_LABELS[state.outcome][0]
    return f"{low_first(factor)} and {low_first(outcome)} at {number(state.flexion)}°"
