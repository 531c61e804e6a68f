"""Which input and which parameter moves which result: plain derivatives times the range each may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu.errors import check_array
from vmo_edu.knee import INPUTS, Knee

if TYPE_CHECKING:
    import pandas

QUANTITIES = {"shift": "mm", "tilt": "deg", "lateral_share": "", "contact_area": "mm2",
              "peak_lateral_pressure": "MPa", "peak_medial_pressure": "MPa"}
RESTRAINTS = {"lateral_restraint": 10.0, "medial_restraint": -10.0}
STEP = 0.01                              # of the range: half the span of a central difference


def sensitivity(flexion=(0.0, 30.0, 60.0)) -> pandas.DataFrame:
    """Return how strongly each parameter and each input of the knee moves each result.

    The derivative at the shipped values (central difference over 2 % of the range; one-sided at an end of the range)
    and the change that it would mean over the whole range.

    Parameters
    ----------
    flexion : number or sequence of numbers
        Knee flexion, degrees.

    Returns
    -------
    pandas.DataFrame
        Columns kind ("parameter" or "input"), parameter, low, high, unit, quantity, quantity_unit, flexion,
        slope (quantity per unit), effect (slope x range).

    Raises
    ------
    InputError
        For an angle that is not a number from 0 to 90.
    """
    import pandas as pd

    flexion = check_array("flexion", flexion, 0.0, 90.0, "degrees")
    rows = []
    for kind, item, nearby in _steps():
        (at_low, low), (at_high, high) = ((value, _results(*changed, flexion)) for value, changed in nearby)
        for name, unit in {**QUANTITIES, **dict.fromkeys(RESTRAINTS, "N")}.items():
            slope = (high[name] - low[name]) / (at_high - at_low)
            rows += [{"kind": kind, "parameter": item.name, "low": item.low, "high": item.high, "unit": item.unit,
                      "quantity": name, "quantity_unit": unit, "flexion": angle, "slope": each,
                      "effect": each * (item.high - item.low)} for angle, each in zip(flexion, slope, strict=True)]
    return pd.DataFrame(rows)


def _steps() -> Iterator[tuple]:
    """Yield kind, item and its two neighbouring states: (value, (knee, parameter values))."""
    from vmo_edu.models import tracking

    shipped, knee = tracking.mechanics(), Knee()
    for item in tracking.parameters():
        if item.high > item.low:
            yield "parameter", item, [(value, (knee, shipped.replace(**{item.name: value})))
                                      for value in _around(item.value, item)]
    for item in INPUTS.values():
        if item.name != "effusion":                               # moves no force by itself
            yield "input", item, [(value, (knee.replace(**{item.name: value}), shipped))
                                  for value in _around(item.default, item)]


def _around(value: float, item) -> tuple[float, float]:
    """Return the two ends of the difference, inside the range."""
    step = STEP * (item.high - item.low)
    return max(item.low, value - step), min(item.high, value + step)


def _results(knee, values, flexion) -> dict[str, np.ndarray]:
    """Return every quantity at every angle."""
    from vmo_edu.models import tracking

    result = tracking.solve(knee, flexion, values=values)
    found = {name: getattr(result, name) for name in QUANTITIES}
    for name, displacement in RESTRAINTS.items():
        found[name] = tracking.restraint(knee, flexion, displacement, values=values)
    return found
