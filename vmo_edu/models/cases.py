"""The case clinic: invented knees with a hidden fault, what an examination finds of it, and which faults explain that.

Everything is computed from the tracking model: the findings of a case, how well another knee matches them, and which
causes, each at its best setting, match them as well as the true one. Text and hidden knees: `data/cases.csv`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import evidence
from vmo_edu.errors import InputError, check_choice, check_number
from vmo_edu.knee import INPUTS, Knee
from vmo_edu.models import qangle, tracking

if TYPE_CHECKING:
    import pandas as pd

ANGLES = (0.0, 15.0, 30.0, 60.0, 90.0)
"""Flexion at which shift and tilt are measured, degrees."""
PUSH_ANGLES = (0.0, 20.0, 60.0)
"""Flexion of the 10 mm push, degrees."""
LIMIT = 2.0
"""A finding fits when the knee lies within this many measurement errors of it."""
ERRORS = MappingProxyType({"shift": 0.5, "tilt": 1.0, "push_out": 6.0, "push_in": 6.0,
                           "q_angle": qangle.sem_from_icc(float(evidence.fact("F0055").value)), "swelling": 10.0})
"""One standard error of each kind of finding: mm, degrees, N, N, degrees, ml. That of the Q-angle follows from the
published reliability (weiss2013); the others are illustrative, and smaller than a bedside examination can reach."""
UNITS = MappingProxyType({"shift": "mm", "tilt": "°", "push_out": "N", "push_in": "N", "q_angle": "°",
                          "swelling": "ml"})
_ROUNDING = {"shift": 1, "tilt": 1, "push_out": 0, "push_in": 0, "q_angle": 0, "swelling": -1}


@dataclass(frozen=True)
class Finding:
    """What one measurement is: its kind (a key of `ERRORS`) and the flexion, degrees, or None."""

    kind: str
    flexion: float | None = None

    @property
    def error(self) -> float:
        """One standard error, in the unit of the kind."""
        return ERRORS[self.kind]


EVERY = (*(Finding(kind, angle) for kind in ("shift", "tilt") for angle in ANGLES),
         *(Finding(kind, angle) for kind in ("push_out", "push_in") for angle in PUSH_ANGLES),
         Finding("q_angle"), Finding("swelling"))
"""All findings that an examination can have, in the order of `respond`."""


@dataclass(frozen=True)
class Cause:
    """One possible diagnosis: the slider that makes it, from nearly normal to the worst.

    Attributes
    ----------
    name, label : str
    setting : str
        The slider.
    mild, worst : float
        Ends of what counts as this cause, in the unit of the slider.
    """

    name: str
    label: str
    setting: str
    mild: float
    worst: float


_CAUSES = (
    Cause("vmo", "VMO weak", "vmo", 0.9, 0.0),
    Cause("vl", "VL too strong", "vl", 1.1, 2.0),
    Cause("tubercle", "Tibial tubercle too far out", "tubercle_offset", 2.0, 15.0),
    Cause("line", "Line of the quadriceps turned out", "quadriceps_line", 2.0, 12.0),
    Cause("groove", "Groove too shallow", "trochlear_depth", 0.9, 0.0),
    Cause("mpfl", "MPFL torn", "medial_retinaculum", 0.9, 0.0),
    Cause("retinaculum", "Lateral retinaculum loose", "lateral_retinaculum", 0.9, 0.0),
    Cause("itb", "Iliotibial band tight", "itb_tension", 10.0, 100.0),
    Cause("effusion", "Swelling inhibits the quadriceps", "effusion", 15.0, 120.0),
)
CAUSES: Mapping[str, Cause] = MappingProxyType({cause.name: cause for cause in _CAUSES})
"""Every diagnosis except "none": tracking is normal."""
NONE = "none"
NORMAL: Mapping[str, float] = MappingProxyType(
    {cause.setting: 1.0 if cause.setting == "vl" else float(INPUTS[cause.setting].default) for cause in _CAUSES})
"""The sliders of the clinic at their normal values."""


@dataclass(frozen=True)
class Case:
    """One invented case.

    Attributes
    ----------
    number, level : int
        1, 2, 3 ...; difficulty from 1.
    title, history, examination, teaches : str
        What the reader is told; `teaches` only after a diagnosis was committed.
    tests : tuple of str
        Kinds of findings that were taken.
    pelvis : mapping
        Measured inputs of `qangle.solve` that change the Q-angle but not the pull.
    knee : Knee
        The hidden knee.
    causes : frozenset of str
        The hidden diagnosis.
    seed : int
        Of the measurement errors.
    """

    number: int
    level: int
    title: str
    history: str
    examination: str
    teaches: str = field(repr=False)
    tests: tuple[str, ...]
    pelvis: Mapping[str, float] = field(hash=False)
    knee: Knee = field(repr=False)
    causes: frozenset[str] = field(repr=False)
    seed: int = field(repr=False)

    @property
    def taken(self) -> tuple[Finding, ...]:
        """The findings of this case."""
        return tuple(one for one in EVERY if one.kind in self.tests)

    @property
    def mask(self) -> np.ndarray:
        """Which of `EVERY` were taken."""
        return np.array([one.kind in self.tests for one in EVERY])


def knee_of(settings: Mapping[str, float]) -> Knee:
    """Return the knee of some sliders; `vl` sets both parts of VL, `effusion` weakens the heads (measured line).

    Raises
    ------
    InputError
        For an unknown slider or a value outside its range.

    Examples
    --------
    >>> knee_of({"effusion": 60}).vmo < 1
    True
    """
    for name in settings:
        check_choice("setting", name, NORMAL)
    given = dict(settings)
    volume, vl = given.pop("effusion", 0.0), given.pop("vl", 1.0)
    return Knee(vll=vl, vlo=vl, **given).with_effusion(volume, model="linear")


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """Return all cases in rising difficulty.

    Examples
    --------
    >>> len(cases()) >= 6
    True
    """
    return tuple(_case(row) for row in evidence.rows("cases"))


def case(number: int) -> Case:
    """Return one case by its number.

    Raises
    ------
    InputError
        If there is no case of that number.
    """
    number = check_number("case", number, 1, len(cases()))
    if number != int(number):
        raise InputError(f"case must be a whole number from 1 to {len(cases())}; got {number:g}")
    return cases()[int(number) - 1]


def _case(row: Mapping) -> Case:
    hidden = _numbers(row["knee"])
    causes = frozenset(cause.name for cause in _CAUSES if hidden.get(cause.setting, NORMAL[cause.setting])
                       != NORMAL[cause.setting])
    return Case(number=int(row["case"]), level=int(row["level"]), title=row["title"], history=row["history"],
                examination=row["examination"], teaches=row["teaches"], tests=tuple(row["tests"].split(";")),
                pelvis=MappingProxyType(_numbers(row["pelvis"])), knee=knee_of(hidden), causes=causes,
                seed=int(row["seed"]))


def _numbers(text: str) -> dict[str, float]:
    """"vmo=0;itb_tension=60" as a dictionary."""
    pairs = (part.split("=") for part in text.split(";") if part)
    return {name: float(value) for name, value in pairs}


def respond(knees: Sequence[Knee], q_extra: float = 0.0) -> np.ndarray:
    """Return what a perfect examination would find in each knee: (knees, findings) in the order of `EVERY`.

    Infinite where the patella has left its groove or no equilibrium was found: no finding can fit that.

    Parameters
    ----------
    knees : sequence of Knee
    q_extra : float
        Degrees that pelvis and femur length add to the Q-angle.
    """
    angles = sorted({*ANGLES, *PUSH_ANGLES})
    path = tracking.solve(knees, angles)
    seen, pushed = ([angles.index(angle) for angle in some] for some in (ANGLES, PUSH_ANGLES))
    forces = [np.where(path.usable[:, pushed], tracking.restraint(knees, PUSH_ANGLES, push), np.nan)
              for push in (10.0, -10.0)]
    places = [np.where(path.usable, one, np.nan)[:, seen] for one in (path.shift, path.tilt)]
    rest = np.array([[knee.q_angle + q_extra, knee.effusion] for knee in knees])
    return np.nan_to_num(np.hstack([*places, *forces, rest]), nan=np.inf)


def q_extra(one: Case) -> float:
    """Return what the pelvis and femur of a case add to the Q-angle, degrees (`vmo_edu.models.qangle`)."""
    return float(qangle.solve(**one.pelvis).q_angle[0] - qangle.solve().q_angle[0]) if one.pelvis else 0.0


def compare(first: Knee, second: Knee) -> pd.DataFrame:
    """Return what a perfect examination would find in two knees: one row per finding.

    The last column is their difference in measurement errors: below `LIMIT` one reading cannot tell them apart.

    Examples
    --------
    >>> float(compare(Knee(), Knee())["errors apart"].max())
    0.0
    """
    import pandas as pd

    one, two = respond([first, second])
    errors = np.array([finding.error for finding in EVERY])
    return pd.DataFrame({"finding": [finding.kind for finding in EVERY],
                         "flexion (deg)": [finding.flexion for finding in EVERY],
                         "first": one, "second": two, "errors apart": np.abs(one - two) / errors}).round(1)


@lru_cache(maxsize=32)
def _found(number: int) -> np.ndarray:
    one = case(number)
    true = respond([one.knee], q_extra(one))[0]
    noise = np.random.default_rng(one.seed).standard_normal(len(EVERY))
    value = true + noise * [finding.error for finding in EVERY]
    value = np.array([np.round(v, _ROUNDING[f.kind]) for v, f in zip(value, EVERY, strict=True)])
    swelling = EVERY.index(Finding("swelling"))
    value[swelling] = max(value[swelling], 0.0) + 0.0                  # no joint holds less than nothing
    value.flags.writeable = False                                      # it is kept and given out again
    return value


def findings(one: Case) -> np.ndarray:
    """Return the findings of a case: the hidden knee by the model, with seeded measurement errors, rounded.

    Returns
    -------
    numpy.ndarray
        In the order of ``one.taken``: mm, degrees, N, ml; shift and tilt lateral positive.
    """
    return _found(one.number)[one.mask]


@dataclass(frozen=True)
class Match:
    """How a knee fits the findings of a case.

    Attributes
    ----------
    findings : tuple of Finding
    value : (n,) array
        What this knee would give.
    every : array
        The same for all findings of `EVERY`, taken or not.
    off : (n,) array
        Knee minus finding, in measurement errors.
    """

    findings: tuple[Finding, ...]
    value: np.ndarray
    every: np.ndarray
    off: np.ndarray

    @property
    def fits(self) -> np.ndarray:
        """Which findings fit."""
        return np.abs(self.off) <= LIMIT

    @property
    def complete(self) -> bool:
        """Whether every finding fits."""
        return bool(self.fits.all())

    @property
    def misfit(self) -> float:
        """Root mean square of `off`: about 1 is noise alone."""
        return float(np.sqrt(np.mean(self.off**2)))

    @property
    def worst(self) -> int:
        """Index of the finding that is furthest off."""
        return int(np.argmax(np.abs(self.off)))

    def kind(self, kind: str) -> np.ndarray:
        """Return the indices of one kind of finding."""
        return np.array([i for i, one in enumerate(self.findings) if one.kind == kind], int)


def match(one: Case, knee: Knee) -> Match:
    """Return how a knee fits the findings of a case.

    Raises
    ------
    InputError
        If `knee` is not a Knee.

    Examples
    --------
    >>> match(case(1), case(1).knee).complete
    True
    """
    if not isinstance(knee, Knee):
        raise InputError(f"knee must be a Knee; got {type(knee).__name__}")
    return matches(one, [knee])[0]


def matches(one: Case, knees: Sequence[Knee]) -> list[Match]:
    """Return the match of several knees, solved in one batch; equal knees are solved once."""
    index = {knee: i for i, knee in enumerate(dict.fromkeys(knees))}
    found = [_match(one, row) for row in respond(list(index), q_extra(one))]
    return [found[index[knee]] for knee in knees]


def _match(one: Case, every: np.ndarray) -> Match:
    errors = np.array([finding.error for finding in one.taken])
    value = every[one.mask]
    return Match(one.taken, value, every, (value - findings(one)) / errors)


# -- which causes explain the findings ---------------------------------------------------------------------------

@dataclass(frozen=True)
class Explanation:
    """The best that some causes can do for the findings of a case.

    Attributes
    ----------
    causes : frozenset of str
        Empty: a normal knee.
    settings : mapping
        The sliders of the best knee.
    match : Match
    """

    causes: frozenset[str]
    settings: Mapping[str, float]
    match: Match

    @property
    def explains(self) -> bool:
        """Whether every finding fits."""
        return self.match.complete


COARSE, FINE, ROUNDS, HOPELESS = 6, 7, 3, 4.0


def explain(one: Case, causes: Iterable[str]) -> Explanation:
    """Return the knee with only these causes, none to two of them, that fits the findings of a case best.

    A grid over the sliders, then finer grids around its best point. Least squares of `Match.off`.

    Raises
    ------
    InputError
        For an unknown cause, or more than two.
    """
    return _explain(one.number, check_causes(causes))


def check_causes(causes: Iterable[str]) -> frozenset[str]:
    """Return the causes without "none", or raise InputError."""
    wanted = {check_choice("cause", cause, (*CAUSES, NONE)) for cause in causes} - {NONE}
    if len(wanted) > 2:
        raise InputError(f"a diagnosis names at most two causes; got {', '.join(sorted(wanted))}")
    return frozenset(wanted)


@lru_cache(maxsize=1024)
def _explain(number: int, causes: frozenset[str]) -> Explanation:
    one = case(number)
    chosen = [CAUSES[name] for name in sorted(causes)]
    points, values = _coarse(causes)
    extra = np.array([q_extra(one) if finding.kind == "q_angle" else 0.0 for finding in EVERY])
    best, fit = _best(one, points, values + extra)
    step = np.array([(c.worst - c.mild) / (COARSE - 1) for c in chosen])
    for _ in range(ROUNDS if chosen and fit.misfit < HOPELESS else 0):
        points = _grid([np.clip(np.linspace(at - abs(d), at + abs(d), FINE), *sorted((c.mild, c.worst)))
                        for at, d, c in zip(best, step, chosen, strict=True)])
        best, fit = _best(one, points, respond([_knee(chosen, point) for point in points], q_extra(one)))
        step = step / 3
    settings = {c.setting: float(at) for c, at in zip(chosen, best, strict=True)}
    return Explanation(causes, MappingProxyType(settings), fit)


@lru_cache(maxsize=64)
def _coarse(causes: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
    """Points over the whole range of some causes and the response of each; the same for all cases."""
    chosen = [CAUSES[name] for name in sorted(causes)]
    points = _grid([np.linspace(c.mild, c.worst, COARSE) for c in chosen])
    return points, respond([_knee(chosen, point) for point in points])


def _grid(axes: list[np.ndarray]) -> np.ndarray:
    """Every combination of some axes, (points, axes); one empty point if there are none."""
    return np.array(list(itertools.product(*axes)), float)


def _knee(chosen: list[Cause], point: np.ndarray) -> Knee:
    return knee_of({cause.setting: value for cause, value in zip(chosen, point, strict=True)})


def _best(one: Case, points: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, Match]:
    fits = [_match(one, row) for row in values]
    best = int(np.argmin([fit.misfit for fit in fits]))
    return points[best], fits[best]


@lru_cache(maxsize=32)
def _answers(number: int) -> tuple[frozenset[str], ...]:
    one = case(number)
    for size in range(3):
        sets = [frozenset(names) for names in itertools.combinations(CAUSES, size)]
        found = [causes for causes in sets if explain(one, causes).explains]
        if found:
            return tuple(found)
    return ()


def answers(one: Case) -> tuple[frozenset[str], ...]:
    """Return every simplest diagnosis that explains all findings: a normal knee, else single causes, else pairs.

    Examples
    --------
    >>> [sorted(causes) for causes in answers(case(1))]
    [['groove']]
    """
    return _answers(one.number)


# -- the verdict on a committed diagnosis --------------------------------------------------------------------------

@dataclass(frozen=True)
class Verdict:
    """What is to be said about a committed diagnosis.

    Attributes
    ----------
    causes : frozenset of str
        The diagnosis; empty: tracking is normal.
    grade : {"right", "more than needed", "half", "wrong"}
    best : Explanation
        The best that this diagnosis can do.
    others : tuple of frozenset of str
        Diagnoses as simple that explain the findings equally well.
    test : (Finding, float, float) or None
        A test not taken that would tell this answer from the first other one, and what each would give.
    simpler : tuple of frozenset of str
        Answers that are part of this diagnosis.
    """

    causes: frozenset[str]
    grade: str
    best: Explanation
    others: tuple[frozenset[str], ...]
    test: tuple[Finding, float, float] | None
    simpler: tuple[frozenset[str], ...] = ()


def judge(one: Case, causes: Iterable[str]) -> Verdict:
    """Return the verdict on a diagnosis, by what the model can explain with it.

    Parameters
    ----------
    one : Case
    causes : iterable of str
        One or two causes, or "none".

    Raises
    ------
    InputError
        For an unknown cause, or more than two.
    """
    causes = check_causes(causes)
    good = answers(one)
    if causes in good:
        grade = "right"
    elif any(answer < causes for answer in good) and explain(one, causes).explains:
        grade = "more than needed"
    elif any(causes & answer for answer in good):
        grade = "half"
    else:
        grade = "wrong"
    others = tuple(answer for answer in good if answer != causes) if grade == "right" else ()
    simpler = tuple(answer for answer in good if answer < causes)
    return Verdict(causes, grade, explain(one, causes), others, _separating(one, causes, others), simpler)


def _separating(one: Case, causes: frozenset[str], others: Sequence[frozenset[str]]
                ) -> tuple[Finding, float, float] | None:
    """The test not taken that differs most, in errors, between two answers."""
    left = [i for i, taken in enumerate(one.mask) if not taken]
    if not others or not left:
        return None
    mine, yours = (explain(one, answer).match.every for answer in (causes, others[0]))
    i = max(left, key=lambda at: abs(mine[at] - yours[at]) / EVERY[at].error)
    return EVERY[i], float(mine[i]), float(yours[i])


def reason(one: Case, cause: str) -> str:
    """Return what speaks for or against a cause in a case, or about it in general (`case_feedback.csv`)."""
    cause = check_choice("cause", cause, (*CAUSES, NONE))
    found = {row["case"]: row["text"] for row in evidence.rows("case_feedback") if row["cause"] == cause}
    return found.get(one.number) or found[None]
