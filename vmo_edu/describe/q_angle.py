"""The Q-angle in words: its two parts, where it lies among published means, and what observers would read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from vmo_edu.describe.words import listed, number, side
from vmo_edu.models.qangle import Norm


def describe(proximal: float, distal: float, norms: Iterable[Norm] = ()) -> str:
    """Return the meaning of one Q-angle.

    Parameters
    ----------
    proximal, distal : float
        The two parts, degrees.
    norms : iterable of Norm
        Published means to place it among; rows marked unchecked are left out.

    Returns
    -------
    str

    Examples
    --------
    >>> describe(5.6, 7.9)
    'The Q-angle is 13.5°: 5.6° from the line to the ASIS and 7.9° from the line to the tubercle.'
    """
    total = proximal + distal
    text = (f"The Q-angle is {number(total, 1)}°: {number(proximal, 1)}° from the line to the ASIS and "
            f"{number(distal, 1)}° from the line to the tubercle.")
    norms = tuple(norms)
    places = list(filter(None, (place(total, sex, norms) for sex in ("men", "women"))))
    return f"{text} It lies {listed(places)}." if places else text


def place(total: float, sex: str, norms: Iterable[Norm]) -> str:
    """Return where a Q-angle lies among the published means of one sex, or "" without norms."""
    means = [norm.mean for norm in norms if norm.sex == sex and norm.status != "unchecked"]
    if not means:
        return ""
    low, high = min(means), max(means)
    where = "below" if total < low else "above" if total > high else "within"
    return f"{where} the published means for {sex} ({number(low, 1)} to {number(high, 1)}°)"


def compare(change: float, moved: Mapping[str, float]) -> str:
    """Return what changed against the pinned limb.

    Parameters
    ----------
    change : float
        Q-angle now minus pinned, degrees.
    moved : mapping of str to float
        Lateral movement of each landmark since, mm.
    """
    parts = [f"the {name} {side(by, 'mm')}" for name, by in moved.items() if abs(by) >= 0.05]
    how = "is unchanged"
    if abs(change) >= 0.05:
        how = f"is {number(abs(change), 1)}° {'larger' if change > 0 else 'smaller'}"
    return f"Against the pinned limb the Q-angle {how}" + (f" ({', '.join(parts)})." if parts else ".")


def observers(readings: np.ndarray, true: float, real_change: float) -> str:
    """Return what a group of observers read, and when two readings really differ.

    Parameters
    ----------
    readings : numpy.ndarray
        Degrees, one per observer.
    true : float
        The angle they all measured, degrees.
    real_change : float
        Smallest difference of two readings that is more than error (95 %), degrees.
    """
    return (f"{len(readings)} observers measure the same {number(true, 1)}° and read {number(readings.min(), 1)} to "
            f"{number(readings.max(), 1)}°. Before a change counts as real, two readings must differ by "
            f"{number(real_change, 1)}°.")
