"""The knee of the start lesson in words."""

from __future__ import annotations

from vmo_edu.describe.words import side, strength


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
    fluid = f" The joint holds {effusion:g} ml of fluid." if effusion else ""
    return f"The VMO {strength(vmo)}: {where}.{fluid}"
