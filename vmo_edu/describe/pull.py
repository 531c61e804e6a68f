"""The pull of the five heads in words: who pulls where, and what is left over."""

from __future__ import annotations

from vmo_edu.describe.words import number, strength, way

NOTHING = "All five heads are off: nothing pulls the patella up the thigh."
"""Instead of `describe` where no head pulls: no pull has no direction."""


def describe(lateral: float, proximal: float, angle: float, vmo_force: float, vmo_medial: float,
             activation: float) -> str:
    """Return the meaning of one state of the pulls.

    Parameters
    ----------
    lateral, proximal : float
        Net pull of all heads, N; lateral and proximal positive.
    angle : float
        Its direction, degrees lateral of the femoral shaft.
    vmo_force, vmo_medial : float
        Force of the VMO and its medial part, N.
    activation : float
        Activation x relative size of the VMO.

    Returns
    -------
    str
    """
    net = (f"The five heads together pull {number(proximal)} N up the thigh and {number(abs(lateral), 1)} N "
           f"{way(lateral)}: {number(abs(angle), 1)}° {way(angle)} "
           f"of the shaft, {balance(angle)}.")
    if activation < 0.005:
        return f"{net} The VMO is off."
    return (f"{net} The VMO {strength(activation)}: {number(vmo_force, 1)} N, of which "
            f"{number(vmo_medial, 1)} N pull medially.")


def balance(angle: float) -> str:
    """Return how balanced a net direction is, in words.

    Examples
    --------
    >>> balance(1.8), balance(6.0)
    ('nearly balanced', 'clearly to lateral')
    """
    size = abs(angle)
    word = "lateral" if angle >= 0 else "medial"
    if size < 3:
        return "nearly balanced"
    return f"{'a little' if size < 5 else 'clearly'} to {word}"


def compare(change: float) -> str:
    """Return what changed against the pinned pull: `change` in N, lateral positive."""
    if abs(change) < 0.05:
        return "Against the pinned state the sideways pull is unchanged."
    return (f"Against the pinned state the pull moved {number(abs(change), 1)} N to "
            f"{'lateral' if change > 0 else 'medial'}.")
