"""Effusion in words: what each response model leaves of the muscles, how sure that is, what tracking does."""

from __future__ import annotations

from collections.abc import Mapping

from vmo_edu.describe.words import number, side
from vmo_edu.effusion import MEASURED_LIMIT

MODEL_NAMES = {"rule": "the popular rule", "linear": "the measured straight lines",
               "pressure": "the pressure model"}
"""How sentences call the response models."""


def describe(volume: float, model: str, flexion: float, vm: float, vl: float, rf: float,
             dry: Mapping[str, float] | None = None, swollen: Mapping[str, float] | None = None) -> str:
    """Return the meaning of one swollen knee.

    Parameters
    ----------
    volume : float
        Fluid in the joint, ml.
    model : {"rule", "linear", "pressure"}
        Response model.
    flexion : float
        Knee angle, degrees.
    vm, vl, rf : float
        Activation left, 0 to 1.
    dry, swollen : mapping of str to float, optional
        `shift` (mm) and `lateral_share` (0..1) of the tracking results without and with the effusion.

    Returns
    -------
    str

    Examples
    --------
    >>> describe(0, "linear", 30, 1, 1, 1)
    'The joint is dry: no muscle is inhibited.'
    """
    if volume < 0.5:
        return "The joint is dry: no muscle is inhibited."
    parts = [f"With {number(volume)} ml, {MODEL_NAMES[model]} {leaves(model, vm, vl, rf)}.",
             certainty(volume, model, flexion)]
    if dry is not None and swollen is not None:
        parts.append(tracking(dry, swollen, flexion))
    return " ".join(parts)


def leaves(model: str, vm: float, vl: float, rf: float) -> str:
    """Return what a response model leaves of the muscles.

    Examples
    --------
    >>> leaves("linear", 0.852, 0.884, 0.897)
    'leave 85 % of the VM reflex, 88 % of the VL and 90 % of the RF'
    >>> leaves("rule", 0, 1, 1)
    'says: VMO off, VL untouched; it is silent about rectus femoris'
    """
    if model == "rule":
        return f"says: VMO {_left(vm)}, VL {_left(vl)}; it is silent about rectus femoris"
    verb = "leave" if model == "linear" else "leaves"
    return (f"{verb} {number(100 * vm)} % of the VM reflex, {number(100 * vl)} % of the VL and "
            f"{number(100 * rf)} % of the RF")


def _left(activation: float) -> str:
    if activation < 0.005:
        return "off"
    return "untouched" if activation > 0.995 else f"at {number(100 * activation)} %"


def certainty(volume: float, model: str, flexion: float = 0.0) -> str:
    """Return how far this state is covered by measurements.

    Examples
    --------
    >>> certainty(80, "linear")
    'Nobody measured beyond 60 ml: this is extrapolated. The numbers are H-reflexes; a reflex is not a force.'
    """
    if model == "rule":
        return "This is a claim: no study shows a muscle shut down at these volumes."
    reflex = "The numbers are H-reflexes; a reflex is not a force."
    if model == "pressure":
        reflex = (f"They hold at {number(flexion)}° of flexion; the stiffness of the capsule is assumed, not "
                  f"measured. {reflex}")
    if volume > MEASURED_LIMIT:
        return f"Nobody measured beyond {number(MEASURED_LIMIT)} ml: this is extrapolated. {reflex}"
    return reflex


def tracking(dry: Mapping[str, float], swollen: Mapping[str, float], flexion: float) -> str:
    """Return what inhibition does to the patella: `shift` (mm), `lateral_share` (0..1), before and after."""
    moved = swollen["shift"] - dry["shift"]
    way = "does not move" if abs(moved) < 0.05 else f"moves {side(moved, 'mm')}"
    return (f"If force falls as the reflex does, the patella {way} at {number(flexion)}°, and the share of "
            f"the lateral facet goes from {number(100 * dry['lateral_share'])} to "
            f"{number(100 * swollen['lateral_share'])} %.")


def joint_pressure(volume: float, flexion: float, pressure: float, minutes: float = 0.0) -> str:
    """Return the pressure in the joint in words: ml, degrees, mmHg, minutes of movement since filling."""
    kind = "suction" if pressure < 0 else "pressure"
    moved = f" after {number(minutes, 1)} minutes of easy movement" if minutes else ""
    return (f"{number(volume)} ml at {number(flexion)}° of flexion make a {kind} of about "
            f"{number(abs(pressure))} mmHg{moved}: read differences, the stiffness is assumed.")


def detection(vm_in_window: float, vl_in_window: float, trials: int, noise: float) -> str:
    """Return the result of the detection lab.

    Examples
    --------
    >>> detection(0.56, 0.33, 2000, 0.15)[:61]
    'In 2000 studies of straight lines (noise 15 %), VM was first '
    """
    return (f"In {trials} studies of straight lines (noise {number(100 * noise)} %), VM was first found to "
            f"fall at 20 to 30 ml in {number(100 * vm_in_window)} % and VL at 50 to 60 ml in "
            f"{number(100 * vl_in_window)} %. "
            "There was no threshold in any of them: the first detectable fall is not a shut-down.")


def compare(vm: float, vl: float) -> str:
    """Return what changed against the pinned state: differences of activation (now minus pinned), 0..1."""
    if abs(vm) < 0.005 and abs(vl) < 0.005:
        return "Against the pinned state both vasti are unchanged."
    return (f"Against the pinned state VM changes by {number(100 * vm)} and VL by {number(100 * vl)} points.")
