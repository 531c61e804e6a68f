"""Effusion in words: what each response model leaves of the muscles, how sure that is, what tracking does."""

from __future__ import annotations

from collections.abc import Mapping

from vmo_edu.describe.tracking import no_result
from vmo_edu.describe.words import number, side, signed
from vmo_edu.effusion import MEASURED_LIMIT, activation

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
        Both knees at this angle, without and with the effusion: as `TrackingResult.at` returns them.

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
        lost = not (swollen["converged"] and swollen["in_groove"])
        parts.insert(0 if lost else len(parts), no_result(swollen) if lost else tracking(dry, swollen, flexion, model))
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
    >>> certainty(20, "rule")
    'That is a claim: no study shows a muscle shut down. The measured lines leave 85 % of the VM reflex and 88 % of
    the VL at 20 ml.'
    """
    if model == "rule":
        return f"That is a claim: no study shows a muscle shut down. {confronted(volume)}"
    reflex = "The numbers are H-reflexes; a reflex is not a force."
    if model == "pressure":
        reflex = (f"They hold at {number(flexion)}° of flexion; the stiffness of the capsule is assumed, not "
                  f"measured. {reflex}")
    if volume > MEASURED_LIMIT:
        return f"Nobody measured beyond {number(MEASURED_LIMIT)} ml: this is extrapolated. {reflex}"
    return reflex


def confronted(volume: float) -> str:
    """Return what was measured at a volume for which the popular rule makes its claim.

    Examples
    --------
    >>> confronted(80)
    'Nobody measured beyond 60 ml; the measured lines would leave 41 % of the VM reflex and 54 % of the VL there.'
    """
    found = activation(volume, "linear")
    left = f"{number(100 * found.vm)} % of the VM reflex and {number(100 * found.vl)} % of the VL"
    if found.extrapolated:
        return f"Nobody measured beyond {number(MEASURED_LIMIT)} ml; the measured lines would leave {left} there."
    return f"The measured lines leave {left} at {number(volume)} ml."


def tracking(dry: Mapping[str, float], swollen: Mapping[str, float], flexion: float, model: str = "linear") -> str:
    """Return what inhibition does to the patella: `shift` (mm), `lateral_share` (0..1), before and after."""
    moved = swollen["shift"] - dry["shift"]
    way = "does not move" if abs(moved) < 0.05 else f"moves {side(moved, 'mm')}"
    given = "If the rule were true" if model == "rule" else "If force falls as the reflex does"
    before, after = (number(100 * knee["lateral_share"]) for knee in (dry, swollen))
    share = f"stays at {after} %" if before == after else f"goes from {before} to {after} %"
    return f"{given}, the patella {way} at {number(flexion)}°, and the lateral facet's share of the load {share}."


def detection(vm_in_window: float, vl_in_window: float, trials: int, noise: float, people: int, drawn: int) -> str:
    """Return the result of the detection lab.

    Parameters
    ----------
    vm_in_window, vl_in_window : float
        Share of studies whose first significant fall came where the published one did.
    trials, people, drawn : int
        Studies; people in each; people of one study that the picture can show.
    noise : float
        Standard deviation of one reading, share of control.

    Examples
    --------
    >>> detection(0.56, 0.33, 2000, 0.15, 10, 12)[:61]
    'In 2000 studies of straight lines (10 people each, noise 15 %'
    """
    shown = f" The picture shows {drawn} of the {people} people of one study." if people > drawn else ""
    return (f"In {trials} studies of straight lines ({people} people each, noise {number(100 * noise)} %), VM was "
            f"first found to fall at 20 to 30 ml in {number(100 * vm_in_window)} % and VL at 50 to 60 ml in "
            f"{number(100 * vl_in_window)} % (chance: up to {number(chance(trials))} points either way). "
            f"There was no threshold in any of them: the first detectable fall is not a shut-down.{shown}")


def chance(trials: int) -> float:
    """Return by how many points a share of `trials` studies may be off by chance: 95 %, at its widest (a half).

    Examples
    --------
    >>> round(chance(400), 1)
    4.9
    """
    return 196.0 * (0.25 / trials) ** 0.5


def compare_detection(vm: float, vl: float, trials: int) -> str:
    """Return what changed against the pinned studies: shares that find the published pattern, now minus pinned.

    Examples
    --------
    >>> compare_detection(0.2, -0.02, 400)
    'Against the pinned studies: VM +20 points, VL −2 points (up to 7 can be chance).'
    """
    return (f"Against the pinned studies: VM {signed(100 * vm)} points, VL {signed(100 * vl)} points "
            f"(up to {number(2**0.5 * chance(trials))} can be chance).")


def compare(vm: float, vl: float, shift: float | None, model: str = "linear") -> str:
    """Return what changed against the pinned state, now minus pinned.

    Parameters
    ----------
    vm, vl : float
        Activation, 0 to 1.
    shift : float or None
        Lateral place of the patella, mm; None where one of the two gives no result.
    model : {"rule", "linear", "pressure"}
        The present response model: the rule speaks of the VMO, the others of the whole VM.

    Examples
    --------
    >>> compare(-0.15, -0.12, 0.3)
    'Against the pinned state: VM −15 points, VL −12 points, the patella 0.3 mm lateral.'
    """
    vasti = f"{'VMO' if model == 'rule' else 'VM'} {signed(100 * vm)} points, VL {signed(100 * vl)} points"
    if abs(vm) < 0.005 and abs(vl) < 0.005:
        vasti = "both vasti unchanged"
    if shift is None:
        return f"Against the pinned state: {vasti}; the patella is not compared: one of the two gives no result."
    return f"Against the pinned state: {vasti}, the patella {side(shift, 'mm', nothing='in the same place')}."
