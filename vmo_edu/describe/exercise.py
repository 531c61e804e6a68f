"""The exercise laboratory in words: what loads the kneecap at this angle, what an exercise is good for."""

from __future__ import annotations

from collections.abc import Sequence

from vmo_edu.describe.words import listed, number, sentence, signed

GRADES = {"supported": "Supported by evidence", "partly_supported": "Partly supported",
          "contradicted": "Contradicted by evidence", "insufficient": "Not enough evidence", "": "Finding"}
"""How sentences call the verdicts."""


def describe(flexion: float, closed: float, opened: float, crossing: float) -> str:
    """Return the meaning of the two stress curves at one angle.

    Parameters
    ----------
    flexion : float
        Degrees.
    closed, opened : float
        Relative stress in the squat and in the seated extension.
    crossing : float
        Where the curves cross, degrees.

    Returns
    -------
    str

    Examples
    --------
    >>> describe(30, 0.52, 1.06, 48)[:70]
    'At 30° the seated extension loads the kneecap about 2 times as much as'
    """
    if max(closed, opened) < 0.02:
        which = "neither exercise loads the kneecap"
    elif abs(closed - opened) < 0.05 * max(closed, opened):
        which = "squat and seated extension load the kneecap alike"
    else:
        higher, lower = ("squat", "seated extension") if closed > opened else ("seated extension", "squat")
        ratio = max(closed, opened) / max(min(closed, opened), 1e-9)
        times = f"about {number(ratio, 0 if ratio >= 2.5 else 1).removesuffix('.0')} times as much as"
        which = f"the {higher} loads the kneecap {times if ratio < 10 else 'far more than'} the {lower}"
    return (f"At {number(flexion)}° {which}; with these loads the curves cross at {number(crossing)}°. "
            "The scale is relative: 1 is the crossing at 48°.")


def compare(closed: float, opened: float, crossing: float) -> str:
    """Return what changed against the pinned state, now minus pinned.

    Parameters
    ----------
    closed, opened : float
        Relative stress in the squat and in the seated extension.
    crossing : float
        Where the curves cross, degrees.

    Examples
    --------
    >>> compare(0.31, -0.5, 0)
    'Against the pinned state: squat stress +0.3, extension stress −0.5, the crossing in the same place.'
    """
    parts = [f"{name} stress {signed(change, 1) if abs(change) >= 0.05 else 'unchanged'}"
             for name, change in (("squat", closed), ("extension", opened))]
    where = f"{signed(crossing)}°" if abs(crossing) >= 0.5 else "in the same place"
    return f"Against the pinned state: {', '.join(parts)}, the crossing {where}."


def ranges(limit: float, closed: Sequence[tuple[float, float]], opened: Sequence[tuple[float, float]]) -> str:
    """Return where the stress stays below a limit.

    Examples
    --------
    >>> ranges(1, [(0.0, 48.0)], [(48.0, 90.0)])
    'Below a stress of 1.0: squat from 0 to 48°, seated extension from 48 to 90°.'
    """
    digits = 1 if abs(limit - round(limit, 1)) < 1e-9 else 2                 # the limit is set, so all of it is said
    return f"Below a stress of {number(limit, digits)}: squat {_spans(closed)}, seated extension {_spans(opened)}."


def _spans(spans: Sequence[tuple[float, float]]) -> str:
    return listed([f"from {number(low)} to {number(high)}°" for low, high in spans]) if spans else "nowhere"


def verdict(name: str, grade: str, text: str, ratio: str | None, vmo: str | None, missing: Sequence[str],
            verified: bool) -> str:
    """Return what is known of one exercise, missing values as missing.

    Parameters
    ----------
    name, grade, text : str
        Exercise, grade and verdict as in the table.
    ratio, vmo : str or None
        VMO:VL ratio and VMO activity (% of maximum), None where no study in the table gives them.
    missing : sequence of str
        What no source gives.
    verified : bool

    Examples
    --------
    >>> verdict("Squat", "supported", "supported: ratio higher", None, None, ["VMO:VL ratio"], True)
    'Squat. Supported by evidence: ratio higher. Not given by any source here: VMO:VL ratio.'
    """
    detail = text.removeprefix(grade).lstrip(":, ") if grade else text
    parts = [f"{name}.", sentence(f"{GRADES[grade]}: {detail}")]
    known = [f"VMO:VL ratio {ratio}" if ratio else "", f"VMO at {vmo} % of its maximum" if vmo else ""]
    if any(known):
        parts.append(sentence(listed([part for part in known if part])))
    if missing:
        parts.append(f"Not given by any source here: {listed(list(missing))}.")
    if not verified:
        parts.append("This row is unverified.")
    return " ".join(parts)


def working(span: tuple[float, float] | None, stress: tuple[float, float] | None, chain: str) -> str:
    """Return the working range of an exercise, and the stress there of the squat or the extension it is read from.

    Examples
    --------
    >>> working((0, 30), (1.06, 1.36), "open")
    'It works from 0 to 30°; there the seated extension has a relative stress of up to 1.4.'
    """
    if span is None:
        return "No study sets its working range."
    low, high = (number(angle) for angle in span)
    where = f"at {low}°" if low == high else f"from {low} to {high}°"
    if stress is None:
        return f"It works {where}."
    how = number(stress[1], 1) if span[0] == span[1] else f"up to {number(stress[1], 1)}"
    like = "squat" if chain.startswith("closed") else "seated extension"
    return f"It works {where}; there the {like} has a relative stress of {how}."
