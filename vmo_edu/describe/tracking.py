"""Patellar tracking in words: where the patella lies, which facet carries the load, what differs from usual."""

from __future__ import annotations

from collections.abc import Mapping

from vmo_edu.describe.words import listed, number, sentence, side, signed, strength
from vmo_edu.knee import INPUTS, Knee


def describe(knee: Knee, at: Mapping[str, float]) -> str:
    """Return the meaning of one knee at one angle.

    Parameters
    ----------
    knee : Knee
        The knee that was solved.
    at : mapping of str to float
        `flexion` (deg), `shift`, `groove_shift` (mm), `tilt` (deg), `lateral_share` (0..1), `lateral_force`,
        `medial_force` (N), `converged`, `in_groove`: as `TrackingResult.at` returns them.

    Returns
    -------
    str
    """
    if not (at["converged"] and at["in_groove"]):
        return f"{no_result(at)} {sentence(difference(knee))}"
    text = (f"At {number(at['flexion'])}° of flexion the patella lies {side(at['shift'], 'mm')}, {tilted(at['tilt'])}; "
            f"{load(at)}.")
    return f"{text} {sentence(difference(knee))}"


def no_result(at: Mapping[str, float]) -> str:
    """Return why a state cannot be read as a result: no equilibrium was found, or the patella left its groove.

    Examples
    --------
    >>> no_result({"flexion": 90.0, "groove_shift": 28.6, "tilt": 38.0, "converged": True, "in_groove": False})
    'The patella has left the groove: this is beyond what this model can show. At 90° of flexion it ends up
    roughly 30 mm lateral of the floor of the groove, tilted by roughly 40°.'
    """
    if not at["converged"]:
        return (f"At {number(at['flexion'])}° of flexion the model found no equilibrium: what the picture shows is "
                "not a result.")
    place = side(5 * round(at["groove_shift"] / 5), "mm", 0, nothing="not far")
    return (f"The patella has left the groove: this is beyond what this model can show. At {number(at['flexion'])}° of "
            f"flexion it ends up roughly {place} of the floor of the groove, tilted by roughly "
            f"{number(5 * round(abs(at['tilt']) / 5))}°.").replace("roughly not far of", "not far from")


def tilted(tilt: float) -> str:
    """Return a tilt in words.

    Examples
    --------
    >>> tilted(4.2), tilted(-1.0), tilted(0.1)
    ('tilted 4° laterally', 'tilted 1° medially', 'not tilted')
    """
    if abs(tilt) < 0.5:
        return "not tilted"
    return f"tilted {number(abs(tilt))}° {'laterally' if tilt > 0 else 'medially'}"


def load(at: Mapping[str, float]) -> str:
    """Return which facet carries how much of the contact load."""
    total = at["lateral_force"] + at["medial_force"]
    if total < 1:
        return "it hardly touches the groove"
    return f"the lateral facet carries {number(100 * at['lateral_share'])} % of the {number(total)} N contact load"


def difference(knee: Knee) -> str:
    """Return how a knee differs from the healthy default, as one clause.

    Examples
    --------
    >>> difference(Knee(vmo=0)), difference(Knee())
    ('the VMO is off', 'every input is at its default')
    """
    heads = {"vmo": "the VMO", "vml": "the long part of VM", "vll": "the long part of VL",
             "vlo": "the oblique part of VL", "rf_vi": "RF and VI"}
    found = [f"{name} {strength(getattr(knee, head))}" for head, name in heads.items()
             if abs(getattr(knee, head) - 1) >= 0.005]
    if knee.tubercle_offset:
        found.append(f"the tubercle lies {side(knee.tubercle_offset, 'mm')} of its usual place")
    if knee.quadriceps_line:
        found.append(f"the quadriceps line is turned {side(knee.quadriceps_line, '°').replace(' °', '°')}")
    found += _structures(knee)
    return listed(found) if found else "every input is at its default"


def _structures(knee: Knee) -> list[str]:
    found = []
    if knee.trochlear_depth != 1:
        found.append("the lateral wall of the groove is flat" if knee.trochlear_depth == 0 else
                     f"the lateral wall of the groove has {number(100 * knee.trochlear_depth)} % of its height")
    for name, words in (("medial_retinaculum", "the MPFL"), ("lateral_retinaculum", "the lateral retinaculum")):
        stiffness = getattr(knee, name)
        if stiffness != 1:
            found.append(f"{words} is cut" if stiffness == 0 else f"{words} has {number(100 * stiffness)} % stiffness")
    if knee.itb_tension:
        found.append(f"the iliotibial band pulls with {number(knee.itb_tension)} N")
    if knee.quadriceps_force != INPUTS["quadriceps_force"].default:
        found.append(f"the quadriceps pulls with {number(knee.quadriceps_force)} N")
    if knee.effusion:
        found.append(f"the joint holds {number(knee.effusion)} ml of fluid")
    return found


NOT_COMPARED = "It is not compared with the pinned knee: at this angle one of the two gives no result."
"""Instead of `compare` where a patella has left its groove or no equilibrium was found."""


def compare(shift: float, tilt: float, share: float) -> str:
    """Return what changed against the pinned knee at the same angle.

    Parameters
    ----------
    shift, tilt, share : float
        Differences now minus pinned: mm, degrees, and share of the lateral facet (0..1).
    """
    if abs(shift) < 0.05 and abs(tilt) < 0.05 and abs(share) < 0.005:
        return "Against the pinned knee nothing has changed."
    return (f"Against the pinned knee: {side(shift, 'mm', nothing='no shift')}, "
            f"{side(tilt, '°', nothing='no tilt').replace(' °', '°')}, lateral share {signed(100 * share)} points.")


def stability(force: float | None, displacement: float, over_edge: bool = False) -> str:
    """Return the result of a stability test in words.

    Parameters
    ----------
    force : float or None
        N that hold the patella displaced from equilibrium; negative where it no longer pulls back; None where the test
        has no meaning (no equilibrium, or a patella that had left its groove before).
    displacement : float
        mm from equilibrium, lateral positive.
    over_edge : bool
        Whether the displaced patella is beyond the crest of the groove.
    """
    way = "lateral" if displacement > 0 else "medial"
    if force is None:
        return "So the stability test has no meaning here."
    edge = " There it is over the edge of the groove." if over_edge else ""
    if force < 0:
        return (f"Held {number(abs(displacement))} mm {way} of where it settled, the patella no longer pulls back: it "
                f"pushes on with {number(-force)} N.{edge}")
    return (f"It takes {number(force)} N to hold the patella {number(abs(displacement))} mm {way} of where it "
            f"settled.{edge}")
