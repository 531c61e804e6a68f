"""The cramp threshold in words: what moved it, how sure that is, and what it does not say."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from vmo_edu.describe.words import number, signed


def describe(baseline: float, threshold: float, low: float, high: float,
             parts: Sequence[tuple[str, float, float, float]], unsure: bool = False,
             ranged: Collection[str] = ()) -> str:
    """Return the meaning of one threshold frequency.

    Parameters
    ----------
    baseline, threshold, low, high : float
        Hz; low and high hold the range of the baseline and the factors' intervals.
    parts : sequence of (label, change, low, high)
        Factors in force, Hz; NaN where no interval is known.
    unsure : bool
        True if one of them has none.
    ranged : collection of str
        Labels of those whose low and high are a range over several times, not an interval.

    Returns
    -------
    str

    Examples
    --------
    >>> describe(21.3, 34.2, 27.4, 40.9, [("Local fatigue", 12.9, 6.1, 19.7)])[:64]
    'Threshold 34 Hz, from 21 Hz: harder to provoke a cramp. Local fa'
    """
    if not parts:
        return (f"Nothing is changed: a threshold of about {number(baseline)} Hz ({number(low)} to "
                f"{number(high)}). It was measured in muscles of foot and calf, never in the VMO.")
    change = threshold - baseline
    word = ("about as easy as before to provoke a cramp" if abs(change) < 0.5 else
            "harder to provoke a cramp" if change > 0 else "easier to provoke a cramp")
    text = [f"Threshold {number(threshold)} Hz, from {number(baseline)} Hz: {word}.",
            *(part(*one, one[0] in ranged) for one in parts)]
    if len(parts) > 1:
        text.append("Nobody measured these together; here their effects are added.")
    elif not unsure and parts[0][2] < 0 < parts[0][3]:
        text.append("The interval holds zero: it may not have changed at all.")
    return " ".join(text)


def part(label: str, change: float, low: float, high: float, ranged: bool = False) -> str:
    """Return one measured effect; `ranged` if low and high are only the range over several times.

    Examples
    --------
    >>> part("Dehydration", -2.4, -5.6, 0.8)
    'Dehydration: −2.4 Hz (−5.6 to +0.8).'
    >>> part("Plain water", -4.15, -4.5, -3.8, ranged=True)
    'Plain water: −4.2 Hz (−4.5 to −3.8 at different times; no interval known).'
    """
    if math.isnan(low):
        return f"{label}: {signed(change, 1)} Hz (interval not known)."
    times = " at different times; no interval known" if ranged else ""
    return f"{label}: {signed(change, 1)} Hz ({signed(low, 1)} to {signed(high, 1)}{times})."


def compare(change: float) -> str:
    """Return what changed against the pinned threshold: now minus pinned, Hz.

    Examples
    --------
    >>> compare(12.9)
    'Against the pinned threshold it is 12.9 Hz higher.'
    """
    if abs(change) < 0.05:
        return "Against the pinned threshold it is unchanged."
    return f"Against the pinned threshold it is {number(abs(change), 1)} Hz {'higher' if change > 0 else 'lower'}."


def stimulus(frequency: float, threshold: float, low: float, high: float) -> str:
    """Return whether pulses of this frequency would make the muscle cramp, Hz."""
    if frequency >= max(high, threshold):
        return f"Pulses at {number(frequency)} Hz lie above the threshold: the muscle cramps."
    if frequency < min(low, threshold):
        return f"Pulses at {number(frequency)} Hz lie below the threshold: no cramp."
    return f"Pulses at {number(frequency)} Hz lie within the uncertainty: it may or may not cramp."


def verdict(belief: str, verdict_word: str, finding: str, n: str) -> str:
    """Return a common belief beside what was measured."""
    people = f" ({n} people)" if n else ""
    return f"“{belief}” {verdict_word[:1].upper()}{verdict_word[1:]}{people}: {finding}"
