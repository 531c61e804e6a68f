"""The case clinic in words: the story, how well a knee fits the findings, and the feedback on a diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from vmo_edu.describe.tracking import difference, load, no_result, tilted
from vmo_edu.describe.words import listed, number, sentence, side
from vmo_edu.models.cases import CAUSES, NORMAL, UNITS, Case, Explanation, Finding, Match, Verdict, findings, reason

KINDS = {"shift": "shift", "tilt": "tilt", "push_out": "push outwards", "push_in": "push inwards",
         "q_angle": "Q-angle", "swelling": "swelling"}
"""Each kind of finding in running text."""
DIGITS = {"shift": 1, "tilt": 1}
MORE = {"shift": ("too lateral", "too medial"), "tilt": ("too lateral", "too medial"),
        "push_out": ("too strong", "too weak"), "push_in": ("too strong", "too weak"),
        "q_angle": ("too large", "too small"), "swelling": ("too much", "too little")}
AIM = "Move the sliders until your knee fits, then choose a diagnosis and commit it (feedback needs Python)."


def story(case: Case) -> str:
    """Return the case as it is told to the reader; says that it is invented."""
    return (f"Case {case.number}, {case.title}. An invented case, not a patient and not medical advice. {case.history} "
            f"{case.examination}")


def found(case: Case) -> str:
    """Return the findings of a case that have no curve, and the push tests, in one sentence."""
    values = dict(zip(case.taken, findings(case), strict=True))
    parts = []
    for kind in ("push_out", "push_in"):
        forces = [(one.flexion, value) for one, value in values.items() if one.kind == kind]
        if forces:
            parts.append(f"{KINDS[kind]} {listed([number(force) for _, force in forces])} N "
                         f"at {listed([number(angle) for angle, _ in forces])}°")
    parts += [f"{KINDS[one.kind]} {amount(one.kind, value)}" for one, value in values.items() if one.flexion is None]
    return f"Found: {listed(parts)}; shift and tilt are the diamonds in the picture."


def amount(kind: str, value: float) -> str:
    """Return a finding with its unit.

    Examples
    --------
    >>> amount("tilt", -2.04), amount("swelling", 0.0)
    ('−2.0°', 'none')
    """
    return "none" if kind == "swelling" and value < 5 else size(kind, value)


def size(kind: str, value: float) -> str:
    """Return a number of one kind of finding with its unit: "2.0°", "38 N"."""
    gap = "" if UNITS[kind] == "°" else " "
    return f"{number(value, DIGITS.get(kind, 0))}{gap}{UNITS[kind]}"


def name_of(one: Finding) -> str:
    """Return what a finding is: "tilt at 30°"."""
    return KINDS[one.kind] + ("" if one.flexion is None else f" at {number(one.flexion)}°")


def fit(match: Match) -> str:
    """Return in words how a knee fits the findings, kind by kind.

    Returns
    -------
    str
        One or two sentences; names, for each kind that does not fit, where it is furthest off and to which side.
    """
    if match.complete:
        return f"Your knee fits all {len(match.findings)} findings within their measurement errors."
    text = f"Your knee fits {int(match.fits.sum())} of {len(match.findings)} findings."
    good, bad = [], []
    for kind in dict.fromkeys(one.kind for one in match.findings):
        where = match.kind(kind)
        if match.fits[where].all():
            good.append(KINDS[kind])
        else:
            bad.append(off(match, int(where[np.argmax(np.abs(match.off[where]))])))
    fitting = f" {sentence(listed(good) + (' fits' if len(good) == 1 else ' fit'))}" if good else ""
    return f"{text}{fitting} Not so: {'; '.join(bad)}."


def off(match: Match, index: int) -> str:
    """Return how far one finding is missed: "tilt at 30° is 12.1° too medial"."""
    one = match.findings[index]
    if not np.isfinite(match.off[index]):
        return f"{name_of(one)} has no result"
    word = MORE[one.kind][0 if match.off[index] > 0 else 1]
    return f"{name_of(one)} is {size(one.kind, abs(match.off[index]) * one.error)} {word}"


def here(at: Mapping[str, float]) -> str:
    """Return where the reader's patella lies at the angle shown; keys of `at` as in `describe.tracking.describe`."""
    if not (at["converged"] and at["in_groove"]):
        return no_result(at)
    return (f"At {number(at['flexion'])}° your patella lies {side(at['shift'], 'mm')}, {tilted(at['tilt'])}; "
            f"{load(at)}.")


def lost(angles: Sequence[float]) -> str:
    """Return where the reader's knee gives no result, so that its numbers there count for nothing.

    Examples
    --------
    >>> lost([75, 80, 85])
    'From 75 to 85° your knee gives no result: its patella has left the groove, and no finding there can fit.'
    """
    first, last = (number(angle) for angle in (min(angles), max(angles)))
    place = f"At {first}°" if first == last else f"From {first} to {last}°"
    return f"{place} your knee gives no result: its patella has left the groove, and no finding there can fit."


def label(causes: Iterable[str]) -> str:
    """Return a diagnosis in words.

    Examples
    --------
    >>> label({"mpfl", "tubercle"}), label(())
    ('“Tibial tubercle too far out” with “MPFL torn”', '“Tracking is normal”')
    """
    wanted = set(causes)
    return " with ".join(f"“{CAUSES[name].label}”" for name in CAUSES if name in wanted) or "“Tracking is normal”"


def moved(settings: Mapping[str, float]) -> frozenset[str]:
    """Return the causes that some sliders stand for: those moved from normal towards that cause."""
    return frozenset(one.name for one in CAUSES.values()
                     if (settings.get(one.setting, NORMAL[one.setting]) - NORMAL[one.setting])
                     * (one.worst - one.mild) > 0)


def feedback(case: Case, verdict: Verdict, own: Match, settings: Mapping[str, float]) -> str:
    """Return the feedback on a committed diagnosis.

    Parameters
    ----------
    case : Case
    verdict : Verdict
        What the model can do with the diagnosis.
    own : Match
        The reader's knee.
    settings : mapping
        The reader's sliders.

    Returns
    -------
    str
        Paragraphs separated by line ends: verdict, reason, what else would explain it, the reader's own knee.
    """
    parts = [_grade(verdict), _reasons(case, verdict), _others(verdict), _own(verdict, own, settings)]
    if verdict.grade == "right":
        parts += [sentence(f"The hidden knee (violet, dashed): {difference(case.knee)}"), case.teaches]
    else:
        parts.append("The hidden knee is now in the picture (violet, dashed). Choose another diagnosis to try again.")
    return "\n".join(part for part in parts if part)


def _grade(verdict: Verdict) -> str:
    """What was right, and the finding that rules the rest out."""
    name = label(verdict.causes)
    if verdict.grade == "right":
        return f"Right: {name} explains every finding within its measurement error."
    if verdict.grade == "more than needed":
        each = all(frozenset({one}) in verdict.simpler for one in verdict.causes)
        why = ("each of the two explains every finding alone. Not both, but one or the other" if each else
               "a simpler diagnosis already explains every finding. A cause that is not needed is not a diagnosis")
        return f"{name} fits, but it is more than needed: {why}."
    if verdict.grade == "half":
        opening = (f"Half of it: {name} is part of an answer, but not all." if len(verdict.causes) == 1 else
                   f"Half of it: one of the two in {name} belongs to an answer, the other does not.")
    else:
        opening = f"Not so: {name} does not explain the findings."
    return f"{opening} {ruled_out(verdict.best)}"


def ruled_out(best: Explanation) -> str:
    """Return which finding speaks most against a diagnosis, and how far its best knee is off."""
    match, i = best.match, best.match.worst
    one = match.findings[i]
    knee = "A normal knee" if not best.causes else "Even the best knee of this kind"
    wanted = match.value[i] - match.off[i] * one.error
    if best.explains:
        return f"{knee} would fit all findings, but only with a part of it near normal."
    return (f"{knee} misses {name_of(one)}: it gives {amount(one.kind, match.value[i])}, "
            f"found was {amount(one.kind, wanted)} ({number(abs(match.off[i]), 1)} errors off).")


def _reasons(case: Case, verdict: Verdict) -> str:
    names = [name for name in CAUSES if name in verdict.causes] or ["none"]
    if verdict.grade == "right":
        return ""
    return " ".join(reason(case, name) for name in names)


def _others(verdict: Verdict) -> str:
    """What else explains the findings, and what would tell the two apart."""
    if not verdict.others:
        return "No other diagnosis of the list explains them as simply." if verdict.grade == "right" else ""
    text = (f"But {listed([label(other) for other in verdict.others])} explains them just as well: by these findings "
            "nobody can tell them apart. The honest diagnosis names both.")
    if verdict.test:
        one, mine, yours = verdict.test
        text += (f" A test that was not done would help: {name_of(one)} takes {amount(one.kind, mine)} with "
                 f"{label(verdict.causes)} and {amount(one.kind, yours)} with {label(verdict.others[0])}; one reading "
                 f"is good to {size(one.kind, one.error)}.")
    return text


def _own(verdict: Verdict, own: Match, settings: Mapping[str, float]) -> str:
    """Whether the reader's sliders bear out the diagnosis."""
    mine = moved(settings)
    if own.complete and mine == verdict.causes:
        return "Your sliders bear it out: your knee fits every finding."
    if mine != verdict.causes:
        return f"Your sliders show another knee, {label(mine)}; it fits {_count(own)}."
    return f"Your sliders show this diagnosis, but not yet its best: they fit {_count(own)}."


def _count(own: Match) -> str:
    return f"{int(own.fits.sum())} of {len(own.findings)} findings"
