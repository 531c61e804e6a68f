"""Fit the open parameters of the tracking model to the laboratory, all experiments jointly; fixed seed.

`python -m vmo_edu.calibrate` prints the fitted table; `--output FILE` writes it as a new parameters.csv.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np

from vmo_edu.knee import Knee
from vmo_edu.models import tracking
from vmo_edu.models.patella.parameters import Mechanics, Parameter, mechanics, shipped

ANGLES = np.arange(0.0, 91.0, 10.0)
SEED, STARTS, SPREAD = 7, 3, 0.02         # starts around START, scattered by 2 % of each range
PRIOR = 0.8                              # weight of staying near the middle of each range
START = {
    "turn_extension": 25.999, "tendon_length": 48.909, "tt_tg_extension": 10.94, "lateral_inclination": 25.332,
    "sulcus_angle": 140.6, "entry_fraction": 0.62208, "engagement": 16.001, "groove_radius": 1.0005,
    "facet_lateral": 21.948, "facet_medial": 21.019, "ridge_radius": 4.3447, "foundation": 3.1996,
    "band_extension": 19.021, "band_flexed": 23.787, "mpfl_stiffness": 19.002, "mpfl_slack": 8.9229,
    "mpfl_toe": 2.134, "mpfl_loosening": 0.29992, "mpfl_behind": 17.235, "lateral_slack": 3.5558,
    "lateral_loosening": -0.052806, "path_angle": 19.099, "path_zero": -0.012929,
}
"""Where the fit starts: found by a long evolution search over the same misfit, rounded to three digits."""

KNEES = {
    "intact": {}, "vmo": {"vmo": 0.0}, "flat": {"trochlear_depth": 0.0}, "mpfl": {"medial_retinaculum": 0.0},
    "itb": {"itb_tension": 90.0}, "vm 75": {"vmo": 0.75, "vml": 0.75}, "vm 125": {"vmo": 1.25, "vml": 1.25},
    "205 N": {"itb_tension": 30.0}, "205 N, vmo": {"itb_tension": 30.0, "vmo": 0.0},
    "205 N, vm": {"itb_tension": 30.0, "vmo": 0.0, "vml": 0.0},
    "q": {"tubercle_offset": 8.0}, "line 12": {"quadriceps_line": 12.0}, "line -12": {"quadriceps_line": -12.0},
    "loaded": {"quadriceps_force": 525.0}, "vl": {"vll": 1.4, "vlo": 1.4},
}
PUSHED = ("intact", "vmo", "flat", "mpfl", "itb")


def outside(value, low, high):
    """Distance of a value outside a band; 0 within."""
    return np.maximum(0.0, value - high) - np.maximum(0.0, low - value)


class Experiments:
    """What the calibration looks at, for one set of parameter values."""

    def __init__(self, values: Mechanics) -> None:
        knees = {name: Knee(**inputs) for name, inputs in KNEES.items()}
        result = tracking.solve(list(knees.values()), ANGLES, values=values)
        self.at = {name: result.knee(index) for index, name in enumerate(knees)}
        pushed = [knees[name] for name in PUSHED]
        self.lateral = dict(zip(PUSHED, tracking.restraint(pushed, ANGLES, 10.0, values=values), strict=True))
        self.medial = dict(zip(PUSHED, tracking.restraint(pushed, ANGLES, -10.0, values=values), strict=True))
        self.held_tilt = tracking.displaced(knees["intact"], ANGLES, 10.0, values=values).tilt
        self.values = values

    def loss(self, name: str, forces: dict[str, np.ndarray] | None = None) -> np.ndarray:
        """Change of the restraining force, %."""
        forces = forces or self.lateral
        return 100 * (forces[name] / forces["intact"] - 1)

    def moved(self, name: str, reference: str = "intact") -> np.ndarray:
        """Change of lateral shift, mm."""
        return self.at[name].shift - self.at[reference].shift

    def tilted(self, name: str, reference: str = "intact") -> np.ndarray:
        """Change of lateral tilt, degrees."""
        return self.at[name].tilt - self.at[reference].tilt


def targets(lab: Experiments) -> Iterator[tuple[str, np.ndarray, np.ndarray, float]]:
    """Yield every target: name, model, measured (or wanted), scale of one unit of misfit."""
    yield from restraint_targets(lab)
    yield from motion_targets(lab)
    yield from contact_targets(lab)


def restraint_targets(lab: Experiments):
    """Stability, N and %: senavongse2003, senavongse2005, merican2009."""
    lateral = lab.lateral["intact"]
    yield "VC008 lateral restraint at 0 deg", lateral[0], 108, 9
    yield "VC007 lateral restraint at 20 deg", lateral[2], 78, 8
    yield "VC010 lateral restraint at 10 deg", lateral[1], 78, 9
    yield "VC010 lateral restraint elsewhere", lateral[3:], np.array([88, 92, 95, 96, 96, 96, 96]), 12
    yield "VC013 medial restraint", lab.medial["intact"][0], 74, 9
    yield "medial restraint elsewhere (assumed)", lab.medial["intact"][2:], 85, 40
    yield "VC001 flat groove", lab.loss("flat")[3], -62, 2
    yield "flat groove elsewhere (assumed)", lab.loss("flat")[4:], -60, 30
    yield "VC002 VMO off", lab.loss("vmo")[3], -26, 6
    yield "VMO off, knee straight (assumed)", lab.loss("vmo")[0], 0, 18
    yield "VMO off, 10 deg (assumed)", lab.loss("vmo")[1], -18, 14
    yield "VMO off elsewhere (assumed)", lab.loss("vmo")[4:], -20, 15
    yield "VC003 retinaculum cut", lab.loss("mpfl")[0], -47, 6
    yield "VC005 retinaculum cut elsewhere", outside(lab.loss("mpfl")[1:], -42, 5), 0, 10
    for name in ("vmo", "flat", "mpfl"):
        yield f"VC006 medial restraint, {name}", outside(lab.loss(name, lab.medial), -25, 25), 0, 1.5
    yield "iliotibial band weakens lateral restraint (assumed)", outside(lab.loss("itb"), -40, -3), 0, 40
    yield "iliotibial band adds medial restraint (assumed)", outside(lab.loss("itb", lab.medial), 3, 90), 0, 20


def motion_targets(lab: Experiments):
    """Shift, mm, and tilt, degrees."""
    intact = lab.at["intact"]
    shift = intact.shift
    yield "VC017 medial shift to 20 deg", shift[2] - shift[0], -3.2, 1
    yield "VC018 lateral shift 20 to 90 deg", shift[9] - shift[2], 7, 1.5
    yield "VC022 shift at 30 deg", outside(shift[3], 0.0, 3.3), 0, 1
    yield "VC023 shift at 90 deg", outside(shift[9], 1, 5.9), 0, 1
    yield "seated in the groove (drawing)", intact.groove_shift[2:], 0, 1.5
    yield "facets parallel, engaged (drawing)", intact.tilt[2:], 0, 2
    yield "little tilt before (assumed)", intact.tilt[0], 1.0, 1.5
    yield "tilt runs smoothly (assumed)", np.diff(intact.tilt), 0, 3
    yield "held tilt stays moderate (assumed)", outside(lab.held_tilt, -6, 15), 0, 4
    yield "VC025 shift without VMO", lab.moved("vmo")[0], 2.0, 0.4
    yield "VC031 less when flexed", outside(lab.moved("vmo")[2:] - lab.moved("vmo")[0], -9, -0.5), 0, 0.5
    yield "VC028 shift without VM", lab.moved("205 N, vm", "205 N")[0], 3.4, 0.8
    yield "VC029 tilt without VM", lab.tilted("205 N, vm", "205 N")[0], 1.9, 0.4
    yield "VMO off does not tilt medially (assumed)", outside(lab.tilted("vmo"), 0.1, 4), 0, 1
    yield "VC032 VM 75-125 %", lab.moved("vm 75")[0] - lab.moved("vm 125")[0], 1.8, 0.5
    for name in ("line 12", "line -12"):
        shift, tilt = np.abs(lab.moved(name)), np.abs(lab.tilted(name))
        yield f"VC070 most near extension, {name}", outside(shift[3:] - shift[0], -20, -0.3), 0, 0.3
        yield f"VC070 tilt, {name}", outside(tilt, 0, 4), 0, 2
    yield "VC043 more Q, more lateral", outside(lab.moved("q"), 0.3, 6), 0, 0.5
    yield "iliotibial band moves to lateral (assumed)", outside(lab.moved("itb"), 0.3, 4), 0, 1
    yield "iliotibial band tilts to lateral (assumed)", outside(lab.tilted("itb"), 0.2, 5), 0, 1
    yield "little tension at rest (assumed)", intact.lateral_retinaculum_tension, 0, 12
    yield "stronger VL, more lateral (assumed)", outside(lab.moved("vl"), 0.05, 6), 0, 0.1


def contact_targets(lab: Experiments):
    """Area, mm2; share of the lateral facet; pressures, MPa."""
    intact = lab.at["intact"]
    yield "VC075-079 contact area", intact.contact_area[[0, 3, 6]], np.array([195, 316, 436]), np.array([11, 15, 30])
    yield "VC077 area grows", outside(np.diff(intact.contact_area[:7]), 5, 200), 0, 10
    yield "VC081 larger lateral area", outside(intact.lateral_area / intact.contact_area, 0.53, 0.8), 0, 0.05
    yield "VC080 area with load", (lab.at["loaded"].contact_area / intact.contact_area - 1)[[0, 3, 6]], 0.24, 0.2
    yield "lateral share (assumed)", intact.lateral_share[2:], 0.58, 0.04
    gained = lab.at["vmo"].lateral_share - intact.lateral_share
    yield "VC026 share rises without VMO", outside(gained, 0.005, 1), 0, 0.02
    yield "peaks of the two facets (assumed)", np.log(peak(intact, "lateral") / peak(intact, "medial"))[1:], 0.1, 0.2
    for name, rest in (("205 N, vm", "205 N"), ("q", "intact")):
        change = peak(lab.at[name], "lateral") - peak(lab.at[rest], "lateral")
        yield f"VC030, VC047 lateral peak rises, {name}", outside(change.mean(), 0.03, 1), 0, 0.05
    yield "VC030 medial peak", peak(lab.at["205 N"], "medial")[[3, 6]], 0.45, 0.25


def peak(result: tracking.TrackingResult, side: str) -> np.ndarray:
    """Smooth stand-in for the peak pressure of a facet, MPa: the 8-norm of its points (a maximum has corners)."""
    half = len(result.points) // 2
    pressure = result.pressure[:, :half] if side == "lateral" else result.pressure[:, half:]
    return (pressure**8).mean(axis=1) ** 0.125


def free(table: tuple[Parameter, ...]) -> list[Parameter]:
    """Parameters that the calibration moves."""
    return [item for item in table if item.fitted]


def misfit(position: np.ndarray, table: tuple[Parameter, ...], base: Mechanics) -> np.ndarray:
    """Residuals of all targets and of the priors; `position` runs from 0 to 1 over each free parameter's range."""
    values = at_position(position, table, base)
    lines = [np.atleast_1d((np.asarray(model) - wanted) / scale) / np.sqrt(np.size(model))
             for _, model, wanted, scale in targets(Experiments(values))]
    residuals = np.nan_to_num(np.concatenate(lines), nan=10.0)
    return np.concatenate([np.clip(residuals, -10, 10), PRIOR * (position - 0.5)])


def at_position(position: np.ndarray, table: tuple[Parameter, ...], base: Mechanics) -> Mechanics:
    """Parameter values at a position between 0 (low) and 1 (high) of each free range."""
    return base.replace(**{item.name: float(item.low + (item.high - item.low) * part)
                           for item, part in zip(free(table), position, strict=True)})


def fit(table: tuple[Parameter, ...], report: Callable[[str], None] = lambda line: None) -> dict[str, float]:
    """Fit the free parameters: least squares from `START` and from seeded points around it; the best wins.

    Returns
    -------
    dict
        Fitted values by name.
    """
    from scipy.optimize import least_squares

    base = Mechanics(**{item.name: item.value for item in table})
    moved = free(table)
    centre = np.array([(START[item.name] - item.low) / (item.high - item.low) for item in moved])
    generator = np.random.default_rng(SEED)
    best = None
    for number in range(STARTS):
        start = centre if number == 0 else centre + generator.normal(0, SPREAD, len(moved))
        found = least_squares(misfit, np.clip(start, 1e-4, 1 - 1e-4), bounds=(0, 1), diff_step=1e-3, xtol=1e-8,
                              ftol=1e-10, gtol=1e-10, max_nfev=100, args=(table, base))
        report(f"start {number + 1} of {STARTS}: misfit {found.cost:.4f} after {found.nfev} steps")
        if best is None or found.cost < best.cost:
            best = found
    values = at_position(best.x, table, base)
    return {item.name: float(f"{getattr(values, item.name):.6g}") for item in moved}


def write(path: str, table: tuple[Parameter, ...], fitted: dict[str, float]) -> None:
    """Write the table with the fitted values in place."""
    columns = [item.name for item in fields(Parameter)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for item in table:
            row = {name: getattr(item, name) for name in columns} | {"value": fitted.get(item.name, item.value)}
            writer.writerow([f"{cell:g}" if isinstance(cell, float) else cell for cell in row.values()])


def main() -> None:
    """Run the calibration, print how it differs from the shipped table and what it reproduces."""
    parser = argparse.ArgumentParser(prog="python -m vmo_edu.calibrate", description=__doc__)
    parser.add_argument("--output", metavar="FILE", help="write the fitted table here")
    chosen = parser.parse_args()
    table = shipped()
    fitted = fit(table, print)
    for item in free(table):
        part = abs(fitted[item.name] - item.value) / (item.high - item.low)
        print(f"{item.name:20} {fitted[item.name]:10.5g} {item.unit:8} range {item.low:g} to {item.high:g}; "
              f"differs from the shipped value by {part:.1e} of the range")
    for name, model, wanted, scale in targets(Experiments(mechanics().replace(**fitted))):
        size = np.mean(((np.asarray(model) - wanted) / scale) ** 2) / 2
        print(f"{size:7.2f}  {name:52} {np.round(model, 2)} wanted {wanted}")
    if chosen.output:
        write(chosen.output, table, fitted)


if __name__ == "__main__":
    main()
