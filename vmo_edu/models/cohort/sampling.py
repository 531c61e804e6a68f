"""What a study of the cohort would find: correlations, explained variance, and the same small study many times over.

Everything here takes columns of a cohort by name: a DataFrame of `simulate`, or any mapping of arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.errors import InputError, UnknownInputError, check_choice, check_number, check_whole
from vmo_edu.models import qangle
from vmo_edu.models.cohort import draw

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
"""A result with a smaller p is called significant."""
AT_ONCE = 2_000_000
"""Readings drawn at a time: bounds the memory of many large studies."""
ALIKE = 1e-9
"""Columns that vary less than this are constant: nothing correlates with them."""


def reading_error(reader: str) -> float:
    """Return the error (SD, degrees) of one Q-angle reading.

    Parameters
    ----------
    reader : {"none", "one", "many"}
        No error; one trained tester (weiss2013); a different tester each time (greene2001).

    Examples
    --------
    >>> reading_error("one"), round(reading_error("many"), 1)
    (1.0, 4.0)
    """
    check_choice("reader", reader, ("none", "one", "many"))
    if reader == "many":
        return qangle.sem_from_icc(draw.value("icc_many_testers"), draw.pooled("q_angle")[1])
    return draw.value("sem_one_tester") if reader == "one" else 0.0


def column(knees: Any, name: str) -> np.ndarray:
    """Return one column as floats, or raise UnknownInputError listing the columns."""
    if name not in knees:
        raise UnknownInputError(f"the cohort has no column {name!r}; it has {', '.join(map(str, knees))}")
    return np.asarray(knees[name], float)


def correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Pearson's r along the last axis; NaN where a side does not vary."""
    x, y = (side - side.mean(axis=-1, keepdims=True) for side in (x, y))
    sx, sy = np.sqrt((x * x).mean(axis=-1)), np.sqrt((y * y).mean(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (x * y).mean(axis=-1) / (sx * sy)
    return np.where((sx > ALIKE) & (sy > ALIKE), np.clip(r, -1, 1), np.nan)


def interval(r: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % confidence interval of r on n knees (Fisher's z).

    Examples
    --------
    >>> low, high = interval(0.3, 50)
    >>> round(float(low), 2), round(float(high), 2)
    (0.02, 0.53)
    """
    z, reach = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15)), 1.959964 / np.sqrt(n - 3)
    return np.tanh(z - reach), np.tanh(z + reach)


@dataclass(frozen=True)
class Explained:
    """How far each factor goes with one outcome.

    Attributes
    ----------
    outcome : str
    factors : tuple of str
    r, low, high : (factors,) array
        Correlation and its 95 % interval; NaN where a factor does not vary.
    without : (factors,) array
        R2 that is lost if the factor is taken out of the straight-line model of all factors.
    together : float
        R2 of all factors together in a straight-line model; what is missing to 1 is curvature and interplay.
    n : int
        Knees used: those with an equilibrium.
    """

    outcome: str
    factors: tuple[str, ...]
    r: np.ndarray
    low: np.ndarray
    high: np.ndarray
    without: np.ndarray
    together: float
    n: int

    def of(self, factor: str) -> float:
        """Return r of one factor."""
        return float(self.r[self.factors.index(check_choice("factor", factor, self.factors))])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per factor, the strongest first."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                "factor": self.factors,
                "r": self.r,
                "low": self.low,
                "high": self.high,
                "R2 alone": self.r**2,
                "R2 lost without it": self.without,
            }
        )
        return frame.sort_values("r", key=abs, ascending=False, ignore_index=True)


def explain(knees: Any, outcome: str, factors: Sequence[str] = draw.FACTORS) -> Explained:
    """Correlate each factor with one outcome, and fit all of them together by least squares.

    Parameters
    ----------
    knees : DataFrame or mapping of arrays
        A cohort of `simulate`.
    outcome : str
        A column such as "groove_shift_30".
    factors : sequence of str
        Columns; by default all that were drawn.

    Raises
    ------
    InputError
        For an unknown column, or fewer than 20 knees with an equilibrium.
    """
    y = column(knees, outcome)
    good = np.isfinite(y)
    x = np.stack([column(knees, name)[good] for name in factors])
    y, n = y[good], int(good.sum())
    if n < 20:
        raise InputError(f"knees must hold at least 20 with an equilibrium; got {n}")
    r = correlation(x, y)
    low, high = interval(r, n)
    moving = np.isfinite(r)
    together = _r2(x[moving], y)
    without = [together - _r2(x[moving & (np.arange(len(x)) != i)], y) if moving[i] else np.nan for i in range(len(x))]
    return Explained(outcome, tuple(factors), r, low, high, np.array(without), together, n)


def _r2(x: np.ndarray, y: np.ndarray) -> float:
    """Share of the variance of y that a straight-line model of the rows of x explains."""
    if not len(x) or y.std() <= ALIKE:
        return 0.0
    z = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    slopes = np.linalg.lstsq(z @ z.T, z @ (y - y.mean()), rcond=None)[0]
    return float(1 - np.var(y - y.mean() - slopes @ z) / np.var(y))


@dataclass(frozen=True)
class Studies:
    """The same study done many times on new people.

    Attributes
    ----------
    estimate, low, high, p : (trials,) array
        What each study reports: its estimate, the 95 % interval, and p against zero.
    truth : float
        The estimate in the whole cohort, read without error.
    test : {"correlation", "groups"}
        Estimates are r, or mean difference between cases and the others in units of the factor.
    n, trials : int
        Knees in a study, and studies.
    error : float
        SD of the error of one reading of the factor.
    """

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    truth: float
    test: str
    n: int
    trials: int
    error: float

    @property
    def significant(self) -> np.ndarray:
        """Which studies report p below `LEVEL`."""
        return self.p < LEVEL

    @property
    def power(self) -> float:
        """Share of studies that are significant."""
        return float(self.significant.mean())

    @property
    def wrong_way(self) -> float:
        """Share of studies whose estimate has the opposite sign of the truth."""
        return float((self.estimate * np.sign(self.truth) < 0).mean())

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study."""
        import pandas as pd

        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "low": self.low,
                "high": self.high,
                "p": self.p,
                "significant": self.significant,
            }
        )


def studies(
    knees: Any,
    factor: str = "q_angle",
    outcome: str = "groove_shift_30",
    n: int = 30,
    trials: int = 1000,
    seed: int = 1,
    error: float = 0.0,
    test: str = "correlation",
    worst: float = 0.2,
) -> Studies:
    """Do the same study many times: draw n knees, read the factor, test it against the outcome.

    Parameters
    ----------
    knees : DataFrame or mapping of arrays
        The cohort the knees are drawn from (with replacement); those without equilibrium are left out.
    factor, outcome : str
        Columns. The outcome is known exactly, the factor is read with `error`.
    n : int
        Knees in a study, 6 to 5000; for "groups" half of them cases (rounded down).
    trials : int
        Studies, 1 to 100,000.
    seed : int
        The same seed gives the same studies.
    error : float
        SD of the error of one reading, in units of the factor, 0 to 100 (`reading_error` for the Q-angle).
    test : {"correlation", "groups"}
        Pearson's r with Fisher's interval; or Student's t test of cases against the others.
    worst : float
        "groups" only: share of the cohort with the largest outcome that counts as cases, 0.01 to 0.99.

    Returns
    -------
    Studies

    Raises
    ------
    InputError
        For a value outside its range, an unknown column or one that does not vary.
    """
    n, trials = check_whole("n", n, 6, 5000, "knees"), check_whole("trials", trials, 1, 100_000, "studies")
    seed, error = check_whole("seed", seed, 0, 2**31), check_number("error", error, 0, 100)
    worst = check_number("worst", worst, 0.01, 0.99)
    check_choice("test", test, ("correlation", "groups"))
    x, y = column(knees, factor), column(knees, outcome)
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    for name, values in ((factor, x), (outcome, y)):
        if len(values) < 20 or values.std() <= ALIKE:
            raise InputError(
                f"{name} must vary over at least 20 knees; this cohort has {len(values)} solved knees"
                f"{' that are all alike in it' if len(values) else ''}"
            )
    job = _correlations(x, y, n) if test == "correlation" else _groups(x, y, n, worst)
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(4)]
    step = max(1, AT_ONCE // n)
    parts = [job["study"](streams, min(step, trials - done), error) for done in range(0, trials, step)]
    estimate, low, high, p = (np.concatenate(found) for found in zip(*parts, strict=True))
    return Studies(estimate, low, high, p, job["truth"], test, n, trials, error)


def _correlations(x: np.ndarray, y: np.ndarray, n: int) -> dict[str, Any]:
    """The study that correlates, as a function of (streams, trials, error), and its truth."""

    def study(streams: list[np.random.Generator], trials: int, error: float) -> tuple[np.ndarray, ...]:
        from scipy.special import stdtr  # only studies need SciPy

        who = streams[0].integers(len(x), size=(trials, n))
        # a study whose few knees happen to be all alike has found no correlation
        r = np.nan_to_num(correlation(x[who] + error * streams[1].standard_normal(who.shape), y[who]))
        t = np.abs(r) * np.sqrt((n - 2) / np.maximum(1 - r * r, 1e-15))
        return r, *interval(r, n), 2 * stdtr(n - 2, -t)

    return {"study": study, "truth": float(correlation(x, y))}


def _groups(x: np.ndarray, y: np.ndarray, n: int, worst: float) -> dict[str, Any]:
    """The study that compares cases with the others, as a function of (streams, trials, error), and its truth."""
    case = y > np.quantile(y, 1 - worst)
    if not case.any():
        raise InputError(f"worst must leave some cases: {worst:g} of these knees have no larger outcome than the rest")
    sides, half = (x[case], x[~case]), n // 2

    def study(streams: list[np.random.Generator], trials: int, error: float) -> tuple[np.ndarray, ...]:
        from scipy.special import stdtr, stdtrit

        read = [
            side[streams[i].integers(len(side), size=(trials, half))]
            + error * streams[2 + i].standard_normal((trials, half))
            for i, side in enumerate(sides)
        ]
        difference = read[0].mean(axis=1) - read[1].mean(axis=1)
        spread = np.sqrt((read[0].var(axis=1, ddof=1) + read[1].var(axis=1, ddof=1)) / half)
        reach = stdtrit(2 * half - 2, 0.975) * spread
        return (
            difference,
            difference - reach,
            difference + reach,
            2 * stdtr(2 * half - 2, -np.abs(difference) / np.maximum(spread, 1e-300)),
        )

    return {"study": study, "truth": float(sides[0].mean() - sides[1].mean())}


def thinning(
    alone: Any, everything: Any, outcome: str = "groove_shift_30", n: int = 20, trials: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Return what is left of the Q-angle's correlation, step by step from one knee to a clinic's reading.

    Parameters
    ----------
    alone, everything : DataFrame or mapping of arrays
        A cohort in which only the Q-angle varies, and one in which everything does.
    outcome : str
        A column of both.
    n, trials, seed
        As in `studies`.

    Returns
    -------
    pandas.DataFrame
        One row per step: `r` in the whole cohort with the reading error of that step (the true correlation times
        ``s / sqrt(s**2 + e**2)``), its R2, and the share of studies of n knees that are significant.
    """
    import pandas as pd

    steps = (
        ("only the Q-angle varies", alone, "q_angle", "none"),
        ("everything varies", everything, "q_angle", "none"),
        ("measured to where the patella lies", everything, "q_seen", "none"),
        ("read by one trained tester", everything, "q_seen", "one"),
        ("read by a different tester each time", everything, "q_seen", "many"),
    )
    rows = []
    for step, knees, factor, reader in steps:
        error = reading_error(reader)
        many = studies(knees, factor, outcome, n, trials, seed, error)
        spread = np.nanstd(column(knees, factor))
        r = many.truth * spread / np.hypot(spread, error)
        rows.append((step, r, r * r, many.power))
    return pd.DataFrame(rows, columns=["step", "r", "R2", f"significant with n = {n}"])


def labels() -> Mapping[str, str]:
    """Return the name on screen of every factor, and of the Q-angle as a goniometer shows it."""
    drawn = {name: row.label for (name, _), row in draw.spreads().items() if name in draw.FACTORS}
    return {"q_angle": drawn["q_angle"], "q_seen": "Q-angle as measured", **drawn}
