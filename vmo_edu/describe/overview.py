"""The knee of the start lesson in words."""

from __future__ import annotations

from vmo_edu.describe.words import number, side, signed, strength


def describe(vmo: float, shift: float, effusion: float) -> str:
    """Return the meaning of the start picture.

    Parameters
    ----------
    vmo : float
        Activation x relative size of the VMO.
    shift : float
        Lateral shift of the patella against the healthy knee, mm.
    effusion : float
        Fluid in the joint, ml.

    Examples
    --------
    >>> describe(0, 2.6, 0)
    'The VMO is off: the patella rides 2.6 mm lateral of where the healthy knee holds it.'
    """
    where = ("the patella rides where the healthy knee holds it" if abs(shift) < 0.05 else
             f"the patella rides {side(shift, 'mm')} of where the healthy knee holds it")
    fluid = f" The joint holds {number(effusion)} ml of fluid." if effusion else ""
    return f"The VMO {strength(vmo)}: {where}.{fluid}"


def compare(vmo: float, shift: float, tilt: float) -> str:
    """Return what changed against the pinned knee: now minus pinned.

    Parameters
    ----------
    vmo : float
        Activation x relative size of the VMO.
    shift, tilt : float
        Lateral shift (mm) and tilt (degrees) of the patella.

    Examples
    --------
    >>> compare(-0.5, 0.31, 0.2)
    'Against the pinned knee: VMO −50 points, the patella 0.3 mm lateral, tilted 0.2° lateral.'
    """
    if abs(vmo) < 0.005:
        return "Against the pinned knee nothing has changed."
    turned = side(tilt, "°", nothing="").replace(" °", "°")
    return (f"Against the pinned knee: VMO {signed(100 * vmo)} points, the patella "
            f"{side(shift, 'mm', nothing='in the same place')}, {f'tilted {turned}' if turned else 'not tilted'}.")
