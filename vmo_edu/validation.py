"""Published experiments against the tracking model: every row of `data/validation_cases.csv`, run or out of scope.

`python -m vmo_edu.validation` prints the table with its counts; `table()` returns it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import evidence
from vmo_edu.knee import INPUTS, LANDMARKS, Knee, Landmarks
from vmo_edu.models import tracking
from vmo_edu.models.tracking import Mechanics, TrackingResult

if TYPE_CHECKING:
    import pandas

ANGLES = np.arange(0.0, 91.0, 10.0)
EARLY, FLEXED = ANGLES <= 20, ANGLES >= 60
NO_CHANGE_FORCE = 30.0                   # %: "no effect" on a restraining force = the band those forces have
NO_CHANGE_SHIFT = 1.5                    # mm: "no change" of shift = the band of VC032
NO_CHANGE_LOAD = 2.0                     # %: "no change" of the quadriceps force needed
PUSH = 50.0                              # N: displacement force of lorenz2015, whose size the abstract does not give
Q_CHANGE = 8.0                           # mm the tubercle moves for "Q-angle increased" (about 7 degrees)
VM_OFF = {"vmo": 0.0, "vml": 0.0}
WITH_BAND = {"itb_tension": 30.0}        # stephen2018: 205 N including the iliotibial band


@dataclass(frozen=True)
class Outcome:
    """What the model says to one case: a number or a trend in words, and whether the finding is reproduced."""

    model: float | str
    agrees: bool


class Laboratory:
    """The experiments, each knee solved once when first asked for.

    Parameters
    ----------
    values : Mechanics, optional
        Parameter values; the shipped ones if not given.
    """

    def __init__(self, values: Mechanics | None = None) -> None:
        self.values = values
        self._solved: dict[Knee, TrackingResult] = {}
        self._forces: dict[tuple[Knee, float], np.ndarray] = {}

    def solve(self, **inputs: float) -> TrackingResult:
        """Return the equilibria at `ANGLES` of a knee with these inputs."""
        knee = Knee(**inputs)
        if knee not in self._solved:
            self._solved[knee] = tracking.solve(knee, ANGLES, values=self.values)
        return self._solved[knee]

    def restraint(self, displacement: float = 10.0, **inputs: float) -> np.ndarray:
        """Return the restraining forces at `ANGLES`, N."""
        key = (Knee(**inputs), displacement)
        if key not in self._forces:
            self._forces[key] = tracking.restraint(key[0], ANGLES, displacement, values=self.values)
        return self._forces[key]

    def loss(self, displacement: float = 10.0, **inputs: float) -> np.ndarray:
        """Return the change of the restraining force against the intact knee, %."""
        return 100 * (self.restraint(displacement, **inputs) / self.restraint(displacement) - 1)

    def change(self, quantity: str, reference: dict[str, float] | None = None, **inputs: float) -> np.ndarray:
        """Return a quantity of `TrackingResult` minus that of a reference knee (the default one)."""
        return getattr(self.solve(**inputs), quantity) - getattr(self.solve(**(reference or {})), quantity)

    def pushed_shift(self, force: float, **inputs: float) -> np.ndarray:
        """Return the lateral shift under a lateral push on the patella, mm (from the force-displacement curve)."""
        steps = np.arange(0.0, 20.1, 1.0)
        forces = np.array([self.restraint(step, **inputs) if step else np.zeros(ANGLES.size) for step in steps])
        moved = [np.interp(force, np.maximum.accumulate(column), steps) for column in forces.T]
        return self.solve(**inputs).shift + np.array(moved)

    def pushed_tilt(self, force: float, **inputs: float) -> np.ndarray:
        """Return the tilt under the same push, degrees."""
        away = self.pushed_shift(force, **inputs) - self.solve(**inputs).shift
        tilts = [tracking.displaced(Knee(**inputs), angle, float(mm), values=self.values).tilt[0]
                 for angle, mm in zip(ANGLES, away, strict=True)]
        return np.array(tilts)


def at(values: np.ndarray, flexion: float) -> float:
    """Return the value at one of `ANGLES`."""
    return float(values[ANGLES == flexion][0])


def _trend(text: str, agrees: bool | np.bool_) -> Outcome:
    return Outcome(text, bool(agrees))


# --- stability -------------------------------------------------------------------------------------------------

def no_effect_on_medial_stability(lab: Laboratory) -> Outcome:
    """VC006: none of the three conditions changes the medial restraining force."""
    worst = max(float(np.abs(lab.loss(-10.0, **knee)).max()) for knee in (
        {"trochlear_depth": 0.0}, {"vmo": 0.0}, {"medial_retinaculum": 0.0}))
    return _trend(f"largest change {worst:.0f} %", worst <= NO_CHANGE_FORCE)


def trochlea_before_vmo(lab: Laboratory) -> Outcome:
    """VC004: at 30 degrees a flat groove loses more restraint than a relaxed VMO."""
    flat, vmo = at(lab.loss(trochlear_depth=0.0), 30), at(lab.loss(vmo=0.0), 30)
    return _trend(f"groove {flat:.0f} %, VMO {vmo:.0f} %", flat < vmo)


def retinaculum_matters_straight(lab: Laboratory) -> Outcome:
    """VC005: the cut retinaculum has its largest effect at 0 degrees."""
    worst = float(ANGLES[np.argmin(lab.loss(medial_retinaculum=0.0))])
    return Outcome(worst, worst == 0)


def weakest_angle(lab: Laboratory) -> Outcome:
    """VC009: lateral restraint is least between 10 and 30 degrees."""
    worst = float(ANGLES[np.argmin(lab.restraint())])
    return Outcome(worst, 10 <= worst <= 30)


def whole_range(lab: Laboratory) -> Outcome:
    """VC010: the lateral restraining force lies in the band at every angle from 0 to 90 degrees."""
    low, high = lab.restraint().min(), lab.restraint().max()
    return _trend(f"{low:.0f} to {high:.0f}", low >= 57.4 and high <= 131.3)


def more_load_no_more_restraint(lab: Laboratory) -> Outcome:
    """VC085: more quadriceps tension does not raise lateral restraint, 0 to 60 degrees."""
    ratio = (lab.restraint(quadriceps_force=350.0) / lab.restraint())[ANGLES <= 60]
    return _trend(f"double tension: x {ratio.min():.1f} to {ratio.max():.1f}", ratio.max() <= 1.1)


# --- weak or strong heads --------------------------------------------------------------------------------------

def lateral_load_without_vmo(lab: Laboratory) -> Outcome:
    """VC026: without VMO the lateral facet takes more of the load throughout motion (where it did not carry it all)."""
    rise = lab.change("lateral_share", vmo=0.0)
    shared = lab.solve().lateral_share < 0.995
    return _trend(f"share {100 * rise[shared].min():+.1f} to {100 * rise.max():+.1f} points",
                  shared.sum() >= 7 and rise[shared].min() > 0 and rise.min() > -0.005)


def weaker_vl_restores(lab: Laboratory) -> Outcome:
    """VC027: with VMO off, a VL 40 % weaker brings the patella back: less than half of the shift is left."""
    off = np.abs(lab.change("shift", vmo=0.0)).max()
    back = np.abs(lab.change("shift", vmo=0.0, vll=0.6, vlo=0.6)).max()
    return _trend(f"largest shift {off:.1f} -> {back:.1f} mm", back < 0.5 * off)


def largest_change(quantity: str, *knees: dict[str, float]) -> Callable[[Laboratory], float]:
    """Largest change over all angles and conditions, with stephen2018's loading."""
    def measure(lab: Laboratory) -> float:
        return float(max(lab.change(quantity, WITH_BAND, **WITH_BAND, **knee).max() for knee in knees))
    return measure


def pressure_moves_lateral(lab: Laboratory) -> Outcome:
    """VC030: medial vasti unloaded: lateral pressure up, medial down (mean over the angles)."""
    lateral, medial = (lab.change(f"peak_{side}_pressure", WITH_BAND, **WITH_BAND, **VM_OFF).mean()
                       for side in ("lateral", "medial"))
    return _trend(f"lateral {lateral:+.2f}, medial {medial:+.2f} MPa", lateral > 0 > medial)


def vmo_in_steps(lab: Laboratory) -> Outcome:
    """VC031: sakai2000's loads (60, 50, 40 N): each step down of VMO shifts laterally, most in early flexion."""
    total = 250.0
    rig = {"quadriceps_force": total, "rf_vi": 60 / (0.35 * total), "vml": 0.0,
           "vll": 50 / (0.42 * total), "vlo": 50 / (0.42 * total)}
    shifts = np.array([lab.solve(**rig, vmo=level * 40 / (0.09 * total)).shift for level in (1, 0.75, 0.5, 0.25, 0)])
    steps = np.diff(shifts, axis=0)[:, ANGLES <= 10]
    total_shift = shifts[-1] - shifts[0]
    agrees = steps.min() > 0 and total_shift[EARLY].max() > total_shift[~EARLY].max()
    return _trend(f"{total_shift[0]:.1f} mm at 0 deg, {at(total_shift, 60):.1f} mm at 60 deg", agrees)


def vm_plateau(lab: Laboratory) -> float:
    """VC032: largest change of shift with VM at 75 or 125 %, mm."""
    changes = [lab.change("shift", vmo=level, vml=level) for level in (0.75, 1.25)]
    worst = max(changes, key=lambda change: np.abs(change).max())
    return float(worst[np.abs(worst).argmax()])


def pressure_change(level: float) -> Callable[[Laboratory], float]:
    """VC033, VC034: mean size of the change of peak pressure, %."""
    def measure(lab: Laboratory) -> float:
        changes = [lab.change(name, vmo=level, vml=level) / getattr(lab.solve(), name)
                   for name in ("peak_lateral_pressure", "peak_medial_pressure")]
        return float(100 * np.abs(changes).mean())
    return measure


def push_and_asymmetry(what: str) -> Callable[[Laboratory], float]:
    """VC059, VC060: what weak medial and strong lateral vasti add under a lateral push of 50 N."""
    def measure(lab: Laboratory) -> float:
        uneven = {"vmo": 0.5, "vml": 0.5, "vll": 1.3, "vlo": 1.3}
        pushed = lab.pushed_shift if what == "shift" else lab.pushed_tilt
        return float(np.abs(pushed(PUSH, **uneven) - pushed(PUSH)).max())
    return measure


def vmo_stimulated(lab: Laboratory) -> Outcome:
    """VC061: a stronger VMO moves and tilts the straight knee's patella medially."""
    shift, tilt = at(lab.change("shift", vmo=2.0), 0), at(lab.change("tilt", vmo=2.0), 0)
    return _trend(f"{shift:+.1f} mm, {tilt:+.1f} deg", shift < 0 and tilt < 0)


def smaller_when_flexed(lab: Laboratory) -> Outcome:
    """VC062: the motion that any stimulated head causes is smaller in flexion than straight."""
    ratios = []
    for head in ("vmo", "vml", "vll", "vlo"):
        motion = np.abs(lab.change("shift", **{head: 2.0}))
        ratios.append(motion[FLEXED].max() / motion[0])
    return _trend(f"flexed / straight: {min(ratios):.2f} to {max(ratios):.2f}", max(ratios) < 1)


def vm_in_running(lab: Laboratory) -> Outcome:
    """VC066: VM 25 % stronger at 1000 N, 10 to 40 degrees: no shift to speak of, load moves medially."""
    run = {"quadriceps_force": 1000.0}
    stance = (ANGLES >= 10) & (ANGLES <= 40)
    shift = lab.change("shift", run, **run, vmo=1.25, vml=1.25)[stance]
    share = lab.change("lateral_share", run, **run, vmo=1.25, vml=1.25)[stance]
    agrees = np.abs(shift).max() < NO_CHANGE_SHIFT and share.max() < 0
    return _trend(f"{shift.min():+.1f} mm, share {100 * share.max():+.1f} points or less", agrees)


# --- Q-angle ---------------------------------------------------------------------------------------------------

def more_q_shifts(lab: Laboratory) -> Outcome:
    """VC043: a larger Q-angle shifts the patella laterally, 20 to 60 degrees."""
    change = lab.change("shift", tubercle_offset=Q_CHANGE)[(ANGLES >= 20) & (ANGLES <= 60)]
    return _trend(f"{change.min():+.1f} to {change.max():+.1f} mm", change.min() > 0)


def more_q_tilts(lab: Laboratory) -> Outcome:
    """VC044: a larger Q-angle tilts the patella medially, 20 to 80 degrees."""
    change = lab.change("tilt", tubercle_offset=Q_CHANGE)[(ANGLES >= 20) & (ANGLES <= 80)]
    return _trend(f"{change.min():+.1f} to {change.max():+.1f} deg", change.max() < 0)


def less_q_shifts(lab: Laboratory) -> Outcome:
    """VC045: a smaller Q-angle does not shift the patella medially, 20 to 90 degrees."""
    change = lab.change("shift", tubercle_offset=-Q_CHANGE)[ANGLES >= 20]
    return _trend(f"{change.min():+.1f} mm", change.min() > -NO_CHANGE_SHIFT)


def more_q_loads(lab: Laboratory) -> Outcome:
    """VC047: a larger Q-angle, by tubercle or quadriceps: lateral shift, lateral force and lateral pressure up."""
    names = ("shift", "lateral_force", "peak_lateral_pressure")
    means = [lab.change(name, **knee).mean() for name in names
             for knee in ({"tubercle_offset": Q_CHANGE}, {"quadriceps_line": 6.0})]
    return _trend(f"{means[0]:+.1f} mm, {means[2]:+.0f} N, {means[4]:+.2f} MPa (tubercle)", min(means) > 0)


def medialisation(lab: Laboratory) -> Outcome:
    """VC048: after the quadriceps line turned lateral, a medial tubercle brings the patella back."""
    turned = np.abs(lab.change("shift", quadriceps_line=6.0)).mean()
    moved = np.abs(lab.change("shift", quadriceps_line=6.0, tubercle_offset=-6.0)).mean()
    return _trend(f"mean shift {turned:.1f} -> {moved:.1f} mm", moved < 0.5 * turned)


def line_of_pull(lab: Laboratory) -> Outcome:
    """VC070: turning the quadriceps line changes shift and tilt; the shift changes most near extension."""
    agrees, largest = True, 0.0
    for angle in (-12.0, -6.0, 6.0, 12.0):
        shift, tilt = (np.abs(lab.change(name, quadriceps_line=angle)) for name in ("shift", "tilt"))
        agrees &= bool(min(shift.min(), tilt.max()) > 0 and shift[EARLY].max() > shift[~EARLY].max())
        largest = max(largest, float(shift.max()))
    return _trend(f"shift up to {largest:.1f} mm", agrees)


def q_and_quadriceps_force(lab: Laboratory) -> Outcome:
    """VC073: the quadriceps force needed for a given tendon force does not depend on Q +/- 5 degrees."""
    changes = [100 * np.abs(lab.change("tendon_force", quadriceps_line=turn) / lab.solve().tendon_force).max()
               for turn in (-5.0, 5.0)]
    return _trend(f"{max(changes):.1f} %", max(changes) <= NO_CHANGE_LOAD)


def patella_lowers_q(lab: Laboratory) -> Outcome:
    """VC089: with the patella 5 mm lateral the measured Q-angle is smaller (exact geometry)."""
    moved = Landmarks(LANDMARKS.asis, (5.0, 0.0), LANDMARKS.tubercle).q_angle - LANDMARKS.q_angle
    return _trend(f"{moved:+.1f} deg for 5 mm", moved < 0)


# --- groove and contact ----------------------------------------------------------------------------------------

def bisect_offset(inclination: float) -> Callable[[Laboratory], Outcome]:
    """VC067 to VC069: the flatter the lateral wall, the further lateral the straight knee's patella."""
    def measure(lab: Laboratory) -> Outcome:
        normal = 20.2                                             # shih2004, what depth 1 stands for
        steps = {angle: min(angle / normal, INPUTS["trochlear_depth"].high) for angle in (24.0, 12.0, 6.0)}
        offset = {angle: 0.5 + float(lab.solve(trochlear_depth=depth).groove_shift[0]) / 44.8
                  for angle, depth in steps.items()}
        return _trend(f"{offset[inclination]:.2f}", offset[24.0] < offset[12.0] < offset[6.0])
    return measure


def facet_areas(lab: Laboratory) -> Outcome:
    """VC081: the lateral facet's contact area is the larger one, and both together grow, 0 to 60 degrees."""
    knee = lab.solve()
    upto = ANGLES <= 60
    share = (knee.lateral_area / knee.contact_area)[upto]
    grows = knee.contact_area[ANGLES == 60] > knee.contact_area[0]
    return _trend(f"lateral {100 * share.min():.0f} to {100 * share.max():.0f} %", share.min() > 0.5 and grows[0])


def area_with_load(lab: Laboratory) -> float:
    """VC080: growth of the contact area when the load is three times as large, %, mean of 0, 30 and 60 degrees."""
    some = np.isin(ANGLES, (0, 30, 60))
    return float(100 * (lab.solve(quadriceps_force=525.0).contact_area / lab.solve().contact_area - 1)[some].mean())


Measure = Callable[[Laboratory], "Outcome | float"]

RUN: dict[str, Measure] = {
    "VC001": lambda lab: at(lab.loss(trochlear_depth=0.0), 30),
    "VC002": lambda lab: at(lab.loss(vmo=0.0), 30),
    "VC003": lambda lab: at(lab.loss(medial_retinaculum=0.0), 0),
    "VC004": trochlea_before_vmo,
    "VC005": retinaculum_matters_straight,
    "VC006": no_effect_on_medial_stability,
    "VC007": lambda lab: at(lab.restraint(), 20),
    "VC008": lambda lab: at(lab.restraint(), 0),
    "VC009": weakest_angle,
    "VC010": whole_range,
    "VC013": lambda lab: at(lab.restraint(-10.0), 0),
    "VC017": lambda lab: at(lab.solve().shift, 20) - at(lab.solve().shift, 0),
    "VC018": lambda lab: at(lab.solve().shift, 90) - at(lab.solve().shift, 20),
    "VC022": lambda lab: at(lab.solve().shift, 30),
    "VC023": lambda lab: at(lab.solve().shift, 90),
    "VC025": lambda lab: float(lab.change("shift", vmo=0.0).max()),
    "VC026": lateral_load_without_vmo,
    "VC027": weaker_vl_restores,
    "VC028": largest_change("shift", {"vmo": 0.0}, VM_OFF),
    "VC029": largest_change("tilt", {"vmo": 0.0}, VM_OFF),
    "VC030": pressure_moves_lateral,
    "VC031": vmo_in_steps,
    "VC032": vm_plateau,
    "VC043": more_q_shifts,
    "VC044": more_q_tilts,
    "VC045": less_q_shifts,
    "VC047": more_q_loads,
    "VC048": medialisation,
    "VC059": push_and_asymmetry("shift"),
    "VC060": push_and_asymmetry("tilt"),
    "VC061": vmo_stimulated,
    "VC062": smaller_when_flexed,
    "VC066": vm_in_running,
    "VC067": bisect_offset(24.0),
    "VC068": bisect_offset(12.0),
    "VC069": bisect_offset(6.0),
    "VC070": line_of_pull,
    "VC073": q_and_quadriceps_force,
    "VC075": lambda lab: at(lab.solve().contact_area, 0),
    "VC076": lambda lab: at(lab.solve().contact_area, 30),
    "VC077": lambda lab: at(lab.solve().contact_area, 60),
    "VC078": lambda lab: at(lab.solve().contact_area, 30),
    "VC079": lambda lab: at(lab.solve().contact_area, 60),
    "VC081": facet_areas,
    "VC085": more_load_no_more_restraint,
    "VC089": patella_lowers_q,
}

INPUT: dict[str, str] = {
    "VC016": "the flexion of the patella is an input (0.7 of the knee's)",
    "VC021": "the patella's centre is put on a planar circle",
    "VC071": "the tendon ratio was given this value",
    "VC072": "the tendon ratio was given this value",
    "VC074": "follows from the tendon ratio that was given",
    "VC087": "the groove's shape is given; the model's walls do not change after engagement (farahmand1998)",
    "VC088": "the tubercle's course in flexion is given",
    "VC091": "the tubercle's course in flexion was given this slope",
}

OUT_OF_SCOPE: dict[str, str] = {
    "VC019": "absolute tilt depends on the axis definition; this row and VC024 have opposite signs",
    "VC020": "rotation in the frontal plane is not one of the model's three degrees of freedom",
    "VC024": "absolute tilt depends on the axis definition; this row and VC019 have opposite signs",
    "VC033": "no sign and no band in the abstract; the model's number is shown for comparison",
    "VC034": "no sign and no band in the abstract; the model's number is shown for comparison",
    "VC046": "tibial rotation is not an output of the model",
    "VC057": "female and male knees differ in size; the model has one size (cohort)",
    "VC058": "explained by rotation of a free tibia in a moment-controlled squat",
    "VC063": "unverified: recalled, not read; not a bar before the paper is read",
    "VC064": "unverified; tibial rotation is not an output of the model",
    "VC065": "whole-body running simulation with muscle timing",
    "VC080": "no band; the model's number is shown for comparison",
    "VC086": "contradicts senavongse2005, goh1995 and stephen2018; the row itself says it is no bar",
    "VC090": "correlation between people, not a manipulation (cohort)",
    "VC092": "motion of the femur under the patella is not modelled",
    "VC093": "unverified; comparison of patients with controls (cohort)",
}

FOR_COMPARISON: dict[str, Measure] = {
    "VC033": pressure_change(0.0), "VC034": pressure_change(1.5), "VC080": area_with_load,
}

REASONS: dict[str, str] = {
    "VC045": "the tibia is held here; a free tibia turns outward and takes the tubercle back (VC046)",
    "VC085": "in the model all of the restraint but the ligaments' grows with the tension that presses the patella in",
}


FITTED = frozenset(f"VC{number:03}" for number in (
    1, 2, 3, 5, 6, 7, 8, 10, 13, 17, 18, 22, 23, 25, 26, 28, 29, 30, 31, 32, 43, 47, 70, 75, 76, 77, 78, 79, 80, 81))
"""Cases that `vmo_edu.calibrate` looked at: agreeing there is a fit."""

IMPLIED: dict[str, str] = {
    "VC004": "follows from VC001 and VC002: two fitted losses, the one larger than the other",
    "VC009": "follows from VC007, VC008 and VC010: the least of fitted forces",
    "VC068": "the same order as VC067, judged once",
    "VC069": "the same order as VC067, judged once",
    "VC073": "geometry alone: the given tendon ratio and the cosine of the turn; no fitted value enters",
    "VC089": "geometry alone: the definition of the Q-angle; no value of the model enters",
}
"""Cases that were no target but could not come out otherwise: neither a fit nor a prediction. Why, for each.

What is run, not fitted and not implied is a prediction."""


def table(values: Mechanics | None = None) -> pandas.DataFrame:
    """Run every published case and compare.

    Parameters
    ----------
    values : Mechanics, optional
        Parameter values; the shipped ones if not given.

    Returns
    -------
    pandas.DataFrame
        One row per case: id, source_key, quantity, unit, flexion, measured, low, high, model, comparison, status
        ("pass", "fail", "input": the model was given this number, "out_of_scope"), reason, fitted (whether the
        calibration looked at this case) and implied (why it could not come out otherwise; empty for the others).
    """
    import pandas as pd

    lab = Laboratory(values)
    return pd.DataFrame([_line(row, lab) for row in evidence.rows("validation_cases")])


def _line(row, lab: Laboratory) -> dict[str, object]:
    """Return one line of the table."""
    case = row["id"]
    model, status, reason = None, "out_of_scope", OUT_OF_SCOPE.get(case, "")
    if case in RUN:
        model, agrees = _compare(RUN[case](lab), row)
        status = "pass" if agrees else "fail"
        reason = "" if agrees else REASONS.get(case, "outside the band")
    elif case in INPUT:
        status, reason = "input", INPUT[case]
    elif case in FOR_COMPARISON:
        model = FOR_COMPARISON[case](lab)
    return {"id": case, "source_key": row["source_key"], "quantity": row["quantity"], "unit": row["unit"],
            "flexion": row["flexion_deg"], "measured": row["value"], "low": row["tolerance_low"],
            "high": row["tolerance_high"], "model": model, "comparison": row["comparison"], "status": status,
            "reason": reason, "fitted": case in FITTED,
            "implied": IMPLIED.get(case, "")}


def _compare(found: Outcome | float, row) -> tuple[float | str, bool]:
    """Return the model's answer and whether it agrees: an outcome as judged, a number against the row's band."""
    if isinstance(found, Outcome):
        return found.model, found.agrees
    low, high = row["tolerance_low"], row["tolerance_high"]
    return found, (low is None or found >= low) and (high is None or found <= high)


def counts(results: pandas.DataFrame | None = None) -> dict[str, int]:
    """Return how many cases were run and passed, in all and by kind.

    Returns
    -------
    dict
        pass, fail, input, out_of_scope; `banded_run`, `banded_pass` (rows with an acceptance band),
        `trend_run`, `trend_pass` (direction and order rows); and every run row once more as `fitted_run`,
        `fitted_pass` (the calibration looked at it), `implied_run`, `implied_pass` (it follows from fitted rows, from
        another row or from geometry alone) or `unseen_run`, `unseen_pass` (predictions).
    """
    results = table() if results is None else results
    run = results[results.status.isin(["pass", "fail"])]
    banded = run[run.low.notna() | run.high.notna()]
    trend = run[run.comparison != "quantitative"]
    kinds = {"fitted": run[run.fitted], "implied": run[run.implied != ""],
             "unseen": run[~run.fitted & (run.implied == "")]}
    by_status = Counter(results.status)
    return {**{name: by_status[name] for name in ("pass", "fail", "input", "out_of_scope")},
            "banded_run": len(banded), "banded_pass": int((banded.status == "pass").sum()),
            "trend_run": len(trend), "trend_pass": int((trend.status == "pass").sum()),
            **{f"{kind}_run": len(rows) for kind, rows in kinds.items()},
            **{f"{kind}_pass": int((rows.status == "pass").sum()) for kind, rows in kinds.items()}}


def agreement() -> float:
    """Return the share of rows with a band that the model meets among those it was run against, %."""
    number = counts()
    return 100 * number["banded_pass"] / number["banded_run"]


def by_kind(results: pandas.DataFrame | None = None) -> pandas.DataFrame:
    """Return how many cases that were run are fits, foregone conclusions and predictions, and how many pass.

    Returns
    -------
    pandas.DataFrame
        Columns kind, run, with a band, pass, meaning.
    """
    import pandas as pd

    results = table() if results is None else results
    number, run = counts(results), results[results.status.isin(["pass", "fail"])]
    banded = run[run.low.notna() | run.high.notna()]
    kinds = {"fitted": ("fit", banded.fitted, "a target of the calibration: agreeing there shows that the fit worked"),
             "implied": ("implied", banded.implied != "", "no target, but it could not come out otherwise"),
             "unseen": ("prediction", ~banded.fitted & (banded.implied == ""), "the calibration did not look at it")}
    return pd.DataFrame([{"kind": name, "run": number[f"{kind}_run"], "with a band": int(own.sum()),
                          "pass": number[f"{kind}_pass"], "meaning": meaning}
                         for kind, (name, own, meaning) in kinds.items()])


def oddities() -> pandas.DataFrame:
    """Return what the model does that a reader should know before believing it, computed now.

    Returns
    -------
    pandas.DataFrame
        Columns what, model.
    """
    import pandas as pd

    angles = [0.0, 5.0, 10.0, 20.0, 30.0]
    knees = {"healthy": Knee(), "VMO off": Knee(vmo=0.0), "groove flat": Knee(trochlear_depth=0.0)}
    held = dict(zip(knees, tracking.restraint(list(knees.values()), angles), strict=True))
    solved = tracking.solve(list(knees.values()), angles)
    rows = [("force to hold the patella 10 mm lateral, healthy knee, N", _by_angle(angles, held["healthy"]))]
    rows += [(f"the same with {name}, change in %", _by_angle(angles, 100 * (held[name] / held["healthy"] - 1), "+"))
             for name in ("VMO off", "groove flat")]
    moved = solved.shift[1] - solved.shift[0]
    fitted = [item for item in tracking.parameters() if item.fitted]
    near = [item for item in fitted
            if min(item.value - item.low, item.high - item.value) < 0.01 * (item.high - item.low)]
    rows += [("shift by a lost VMO, mm", _by_angle(angles, moved, "+", 1)),
             ("force on the medial facet, healthy knee, N", _by_angle(angles, solved.medial_force[0])),
             ("tilt with a flat groove, deg", _by_angle(angles, solved.tilt[2])),
             ("fitted values within 1 % of their range from one of its ends", f"{len(near)} of {len(fitted)}")]
    return pd.DataFrame(rows, columns=["what", "model"])


def _by_angle(angles: list[float], values: np.ndarray, sign: str = "", digits: int = 0) -> str:
    """Return values with their angles as one text: "102 (0°), 76 (20°)"."""
    said = (f"{value:{sign}.{digits}f} ({angle:g}°)" for angle, value in zip(angles, values, strict=True))
    return ", ".join(said).replace("-", "−")


def main() -> None:
    """Print the table, failures first, and the counts."""
    results = table()
    order = {"fail": 0, "pass": 1, "input": 2, "out_of_scope": 3}
    results = results.sort_values("status", key=lambda column: column.map(order), kind="stable")
    for row in results.itertuples():
        model = f"{row.model:.3g}" if isinstance(row.model, float) else row.model or ""
        band = "" if row.low is None and row.high is None else f"[{_bound(row.low)}, {_bound(row.high)}]"
        print(f"{row.status:12} {row.id} {row.source_key:24} {row.quantity[:44]:44} {row.flexion:>6} "
              f"measured {row.measured[:24]:24} {band:16} model {model} {row.unit if row.model else ''}")
        if row.reason:
            print(f"{'':13}{row.reason}")
    number = counts(results)
    print(f"\n{number['pass']} pass, {number['fail']} fail, {number['input']} input, "
          f"{number['out_of_scope']} out of scope")
    print(f"rows with a band: {number['banded_pass']} of {number['banded_run']} run pass; "
          f"direction and order rows: {number['trend_pass']} of {number['trend_run']} run pass")
    print(f"rows that the calibration looked at: {number['fitted_pass']} of {number['fitted_run']} run pass; "
          f"that follow from others or from geometry alone: {number['implied_pass']} of {number['implied_run']}; "
          f"predictions: {number['unseen_pass']} of {number['unseen_run']}")


def _bound(value: float | None) -> str:
    return "" if value is None or np.isnan(value) else f"{value:g}"


if __name__ == "__main__":
    main()
