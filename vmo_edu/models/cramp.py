"""Why does it cramp: what moves the threshold frequency, by how much, how sure that is, a verdict per factor.

The threshold frequency is the lowest rate of electric pulses to the nerve that makes the muscle cramp. Higher
means harder to provoke. All was measured in muscles of foot and calf, none in the vastus medialis (F0720).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import evidence
from vmo_edu.errors import InputError, check_choice, check_flag, check_number, check_whole

if TYPE_CHECKING:
    import pandas as pd

BASELINES = ("F0691", "F0697", "F0699", "F0701", "F0703")
"""Threshold frequencies before any treatment in four studies, Hz."""

DRINKS = ("none", "water", "solution")
"""What is drunk after running in the heat: nothing considered, plain water, oral rehydration solution."""

FULL_DEHYDRATION = 3.0
"""Loss of body mass in miller2010a, %."""


@dataclass(frozen=True)
class Effect:
    """A measured change of the threshold frequency, Hz.

    Attributes
    ----------
    change : float
        After minus before; the middle of a published range.
    low, high : float
        95 % interval, or the published range; NaN where neither can be had.
    interval : str
        Where low and high come from.
    """

    change: float
    low: float
    high: float
    interval: str

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low))


@dataclass(frozen=True)
class Factor:
    """One thing said to cause, prevent or treat cramp.

    Attributes
    ----------
    name, label : str
        Name in code, name for people.
    effect : Effect or None
        Its measured effect on the threshold frequency; None where none was measured.
    belief : str
        What is commonly said.
    verdict : str
        "supported", "contradicted", "no effect found", "not significant" or "direction only".
    finding : str
        What was measured, in a sentence.
    facts : tuple of str
        Ids in `facts.csv`.
    n : str
        People in the study.
    sources : tuple of str
        Keys of the references.
    """

    name: str
    label: str
    effect: Effect | None
    belief: str
    verdict: str
    finding: str
    facts: tuple[str, ...]
    n: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class RedFlag:
    """A reason to see a professional, worded as information.

    Attributes
    ----------
    text, urgency, source : str
        What; how soon the guideline asks for it; figure with its source.
    fact : str
        Id in `facts.csv`.
    """

    text: str
    urgency: str
    source: str
    fact: str


def interval_from_p(change: float, p: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a paired change whose P value was published.

    ``t = t_quantile(1 - p/2, n - 1)``, SE = |change| / t, interval = change -+ t_quantile(0.975) SE.
    For "P < x" use x: the interval is then at most this wide.

    Parameters
    ----------
    change : float
        Mean change, in any unit, -1e6 to 1e6.
    p : float
        Two-sided P value, above 0 and below 1: P = 0 and P = 1 say nothing about the spread.
    n : int
        Pairs, 2 to 1,000,000: one pair has no spread.

    Returns
    -------
    low, high : float

    Raises
    ------
    InputError
        For a value outside its range.

    Examples
    --------
    >>> low, high = interval_from_p(-2.4, 0.12, 10)
    >>> round(low, 1), round(high, 1)
    (-5.6, 0.8)
    """
    from scipy.special import stdtrit  # only the intervals need SciPy

    change, n = check_number("change", change, -1e6, 1e6), check_whole("n", n, 2, 1_000_000, "pairs")
    p = check_number("p", p, 0.0, 1.0)
    if p in (0.0, 1.0):
        raise InputError(f"p must be above 0 and below 1, or it tells nothing about the spread; got {p:g}")
    error = abs(change) / stdtrit(n - 1, 1 - p / 2)
    half = float(stdtrit(n - 1, 0.975) * error)
    return change - half, change + half


def _value(fact: str) -> float:
    return float(evidence.fact(fact))


def _from_p(before: str, after: str, p: float, words: str) -> Effect:
    """Effect of a study that gives means before and after, and P."""
    change = round(_value(after) - _value(before), 2)
    return Effect(change, *interval_from_p(change, p, int(evidence.fact(before).n)), words)


def _from_range(fact: str) -> Effect:
    """Effect of a study that gives the range over its times of measurement ("-3.8 to -4.5")."""
    low, high = sorted(float(part) for part in str(evidence.fact(fact).value).split(" to "))
    words = "range over the times after drinking; no interval published"
    return Effect((low + high) / 2, low, high, words)


def _stretch() -> Effect:
    change = (_value("F0700") - _value("F0699")) - (_value("F0702") - _value("F0701"))
    words = "P = .97 against control; no interval can be had from that"
    return Effect(round(change, 2), np.nan, np.nan, words)


# name, label, effect, common belief, verdict, finding, facts
_FACTORS = (
    ("fatigue", "Local fatigue",
     lambda: _from_p("F0697", "F0698", 0.001, "from P < .001: at most this wide"),
     "A tired muscle cramps because fatigue lowers its threshold.", "contradicted",
     "After fatiguing the muscle the threshold rose, so it was harder to make it cramp.", ("F0697", "F0698")),
    ("dehydration", "Dehydration, 3 % of body mass",
     lambda: _from_p("F0691", "F0692", 0.12, "from P = .12"),
     "Losing fluid makes muscles cramp.", "not significant",
     "The threshold fell a little; with ten people it may also not have changed.", ("F0691", "F0692")),
    ("water", "Plain water after running in the heat", lambda: _from_range("F0704"),
     "Drinking water prevents cramp.", "contradicted",
     "After plain water the threshold was lower: easier to make it cramp; ten people, one study.", ("F0704",)),
    ("solution", "Rehydration solution after running in the heat", lambda: _from_range("F0705"),
     "Salt in the drink helps.", "supported",
     "After a solution with salts the threshold was higher; ten people, one study.", ("F0705",)),
    ("stretch", "Static stretch beforehand", _stretch,
     "Stretching before sport prevents cramp.", "no effect found",
     "The threshold rose as much without the stretch. (Stretching a cramping muscle does end the cramp.)",
     ("F0699", "F0700", "F0701", "F0702", "F0714")),
    ("training", "Repeated induced cramps", None, "Muscles can get used to it.", "direction only",
     "Inducing cramps again and again raised the threshold; the size is not in our table.", ("F0713",)),
    ("magnesium", "Magnesium tablets", None, "Magnesium prevents cramp.", "no effect found",
     "No fewer cramps in a week; no trial in exercise cramp.", ("F0711", "F0712")),
    ("pickle", "Pickle juice", None, "Pickle juice stops a cramp.", "supported",
     "The cramp was shorter than with water while the blood plasma had not changed: a reflex.",
     ("F0707", "F0708")),
    ("sodium", "Sodium or weight lost in a race", None, "Salt lost in sweat explains cramp.",
     "no effect found", "Ironman finishers with and without cramp had lost the same.", ("F0709",)),
    ("pace", "Racing faster than usual, and earlier cramps", None, "Pushing too hard brings cramp.",
     "supported", "These two foretold cramp in an Ironman.", ("F0710",)),
)


@cache
def factors() -> tuple[Factor, ...]:
    """Return every factor with its measured effect and verdict.

    Returns
    -------
    tuple of Factor
    """
    found = []
    for name, label, effect, belief, verdict, finding, facts in _FACTORS:
        rows = [evidence.fact(fact) for fact in facts]
        sources = tuple(dict.fromkeys(key for row in rows for key in row.source_keys))
        found.append(Factor(name, label, effect() if effect else None, belief, verdict, finding, facts,
                            rows[0].n, sources))
    return tuple(found)


def factor(name: str) -> Factor:
    """Return one factor.

    Parameters
    ----------
    name : str
        Name in code, such as "fatigue".

    Returns
    -------
    Factor

    Raises
    ------
    UnknownInputError
        Listing the factors.
    """
    known = {item.name: item for item in factors()}
    return known[check_choice("factor", name, known)]


@dataclass(frozen=True)
class ThresholdResult:
    """Threshold frequency with the chosen factors.

    Attributes
    ----------
    baseline, baseline_low, baseline_high : float
        Before: mean of the published means and their lowest and highest (of one study if cramp-prone), Hz.
    threshold, low, high : float
        With the factors, Hz; low and high combine the range of the baseline and the factors' intervals.
    parts : tuple of (str, float, float, float)
        Label, change, low, high of each factor in force, Hz; low and high NaN where unknown.
    unsure : bool
        True if one of the parts has no interval, so that low and high are too narrow.
    prone : bool
    """

    baseline: float
    baseline_low: float
    baseline_high: float
    threshold: float
    low: float
    high: float
    parts: tuple[tuple[str, float, float, float], ...]
    unsure: bool
    prone: bool

    def to_frame(self) -> pd.DataFrame:
        """Return one row per factor in force, with the baseline first and the sum last, Hz.

        Returns
        -------
        pandas.DataFrame
            Columns part, Hz, low, high.
        """
        import pandas as pd

        rows = [("Baseline", self.baseline, self.baseline_low, self.baseline_high), *self.parts,
                ("Threshold frequency", self.threshold, self.low, self.high)]
        return pd.DataFrame(rows, columns=["part", "Hz", "low", "high"])


def baseline(prone: bool = False) -> tuple[float, float, float]:
    """Return mean, low and high of the threshold frequency before anything happens, Hz.

    Healthy: the mean of the published means and their range. Cramp-prone: mean and spread of miller2012.

    Parameters
    ----------
    prone : bool
        Start from people who often cramp.

    Returns
    -------
    mean, low, high : float
        Hz.

    Raises
    ------
    InputError
        If `prone` is neither True nor False.
    """
    if check_flag("prone", prone):
        fact = evidence.fact("F0706")
        return float(fact), float(fact) - float(fact.spread), float(fact) + float(fact.spread)
    means = [_value(fact) for fact in BASELINES]
    return float(np.mean(means)), min(means), max(means)


def threshold(fatigue: float = 0.0, dehydration: float = 0.0, drink: str = "none", stretch: bool = False,
              prone: bool = False) -> ThresholdResult:
    """Return the threshold frequency with some factors in force.

    Effects are added; half intervals (also that of the baseline) combine as roots of squares. Nobody has
    measured them together, and they come from different muscles and laboratories: this explores the evidence
    and predicts no cramp. Between nothing and what was measured the effect is taken as proportional.

    Parameters
    ----------
    fatigue : float
        0 none, 1 as in stone2010.
    dehydration : float
        Loss of body mass, %, 0 to 3 (miller2010a measured 3).
    drink : {"none", "water", "solution"}
        After running in the heat (lau2021).
    stretch : bool
        Static stretch beforehand (panza2017).
    prone : bool
        Start from people who often cramp (miller2012).

    Returns
    -------
    ThresholdResult

    Raises
    ------
    InputError
        For a value outside its range, an unknown drink, or a `stretch` or `prone` that is not True or False.

    Examples
    --------
    >>> round(threshold(fatigue=1).threshold - threshold().threshold, 1)
    12.9
    """
    shares = {"fatigue": check_number("fatigue", fatigue, 0.0, 1.0, "of the measured protocol"),
              "dehydration": check_number("dehydration", dehydration, 0.0, FULL_DEHYDRATION,
                                          "% of body mass") / FULL_DEHYDRATION,
              "stretch": float(check_flag("stretch", stretch))}
    if check_choice("drink", drink, DRINKS) != "none":
        shares[drink] = 1.0
    base, base_low, base_high = baseline(prone)
    parts, unsure = [], False
    variance = np.array([base - base_low, base_high - base]) ** 2
    for name, share in shares.items():
        if share == 0.0:
            continue
        effect = factor(name).effect
        change, low, high = share * effect.change, share * effect.low, share * effect.high
        parts.append((factor(name).label, change, low, high))
        unsure = unsure or not effect.known
        variance += np.nan_to_num([(change - low) ** 2, (high - change) ** 2])
    total = base + sum(part[1] for part in parts)
    below, above = np.sqrt(variance)
    return ThresholdResult(base, base_low, base_high, total, float(total - below), float(total + above),
                           tuple(parts), unsure, prone)


_RED_FLAGS = (
    ("F0754", "An infected joint is suspected, or the knee swelled within 12 hours of an injury", "at once"),
    ("F0755", "A tumour is suspected", "within a week"),
    ("F0756", "An inflammatory disease is suspected", "within six weeks"),
    ("F0757", "After an acute injury: age 55 or more, tenderness of the kneecap alone or of the head of the "
     "fibula, the knee does not bend to 90°, or four steps are not possible (Ottawa knee rule)",
     "to decide on an X-ray"),
)


def red_flags() -> tuple[RedFlag, ...]:
    """Return when guidelines ask for a professional: information about guidelines, not advice on a knee.

    Returns
    -------
    tuple of RedFlag
    """
    return tuple(RedFlag(text, urgency, evidence.fact(fact).text, fact)
                 for fact, text, urgency in _RED_FLAGS)


def checklist() -> pd.DataFrame:
    """Return the red flags as a table: what, how soon a professional is asked for, source.

    Returns
    -------
    pandas.DataFrame
    """
    import pandas as pd

    rows = [(flag.text, flag.urgency, flag.source) for flag in red_flags()]
    return pd.DataFrame(rows, columns=["see a professional when", "how soon", "source"])


def table() -> pd.DataFrame:
    """Return one row per factor: effect on the threshold, interval, verdict, n and sources.

    Returns
    -------
    pandas.DataFrame
        Change, low and high in Hz; NaN where none was measured.
    """
    import pandas as pd

    return pd.DataFrame([{
        "factor": item.label, "belief": item.belief, "verdict": item.verdict, "finding": item.finding,
        "change (Hz)": item.effect.change if item.effect else np.nan,
        "low (Hz)": item.effect.low if item.effect else np.nan,
        "high (Hz)": item.effect.high if item.effect else np.nan,
        "n": item.n, "sources": "; ".join(item.sources),
    } for item in factors()])
