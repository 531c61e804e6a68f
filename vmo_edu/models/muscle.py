"""How a muscle wastes and grows: the two equations behind `adaptation.simulate`, and their parameters.

Size goes with use and training; a neural part of strength goes quickly in disuse and comes back slowly.
"""

from __future__ import annotations

from collections.abc import Mapping

from vmo_edu.errors import check_choice, check_number
from vmo_edu.models.patella.parameters import Parameter

_BED = "deboer2007;marusic2021;akima1997;mulder2006"
_TABLE = (
    Parameter("unload_limit", 0.205, 0.159, 0.251, "share", _BED, "fit of nine points (F0610)",
              "size lost in the end when the leg carries nothing"),
    Parameter("unload_days", 46.0, 31.0, 61.0, "days", _BED, "the same fit (F0611)",
              "time constant of that loss"),
    Parameter("brace_days", 17.7, 12.0, 25.0, "days", "kilroe2020",
              "6.7 % in 7 days (F0516) with the same limit; a fit with wall2014 gives 23 days (F0614)",
              "time constant of the loss in a brace or cast"),
    Parameter("neural_limit", 0.10, 0.05, 0.20, "share", "marusic2021",
              "strength lost per size lost: 4.2, 2.4, 1.9 at days 5, 14, 35 (F0539 to F0541)",
              "strength lost in disuse that neither size nor measured activation explains"),
    Parameter("neural_days", 5.0, 3.0, 8.0, "days", "marusic2021", "the same three ratios",
              "time constant of that loss"),
    Parameter("neural_return_days", 60.0, 30.0, 120.0, "days", "vigelso2015",
              "six weeks of cycling do not bring strength back (direction only)", "its return in daily life"),
    Parameter("neural_training_days", 14.0, 7.0, 28.0, "days", "suetta2009",
              "strength regained in four weeks (direction only)", "its return with strength training"),
    Parameter("regrow_days", 100.0, 50.0, 200.0, "days", "narici1996",
              "about 0.1 % a day when 10 % are missing (F0617)", "time constant of regrowth in daily life"),
    Parameter("growth", 0.188 / 182.0, 0.0004, 0.0026, "share/day", "narici1996",
              "18.8 % in six months (F0593)", "growth of a full-sized muscle in training"),
    Parameter("retraining", 0.002, 0.001, 0.003, "share/day", "narici1996;suetta2009",
              "middle of the range to offer (F0617)", "growth of a wasted muscle in training"),
)
PARAMETERS: dict[str, Parameter] = {item.name: item for item in _TABLE}
"""Parameters with range, source and what pinned them; share of full size or strength, days."""


def values(changes: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the value of every parameter by name, some of them replaced.

    Parameters
    ----------
    changes : mapping of str to float, optional
        Other values for some of `PARAMETERS`, in their units.

    Returns
    -------
    dict of str to float

    Raises
    ------
    InputError
        For an unknown parameter or a value outside its range.

    Examples
    --------
    >>> values({"brace_days": 23})["brace_days"]
    23.0
    """
    found = {name: item.value for name, item in PARAMETERS.items()}
    for name, value in (changes or {}).items():
        item = PARAMETERS[check_choice("parameter", name, PARAMETERS)]
        found[name] = check_number(name, value, item.low, item.high, item.unit)
    return found


def size_rate(size: float, activation: float, use: float, training: float, braced: bool,
              p: Mapping[str, float]) -> float:
    """Return how fast the size of a muscle changes, share per day.

    ``dm/dt = (target - m) / tau + training x activation x gain`` with ``target = 1 - limit (1 - activation x
    use)``. On the way down tau is that of bed rest or of the brace, and training holds what is there; on the
    way up it is that of regrowth. The gain is that of retraining while the muscle is more than 2 % too small,
    and that of new growth above. Inhibition alone therefore wastes a muscle, but far less than bed rest.

    Parameters
    ----------
    size, activation, use, training : float
        Size (1 healthy), activation (0..1), use of the leg (1 daily life, 0 none), training (0..1).
    braced : bool
        Whether the knee is held still.
    p : mapping of str to float
        As `values` returns them.

    Returns
    -------
    float

    Examples
    --------
    >>> round(100 * size_rate(1, 1, 0, 0, False, values()), 2)     # first day of bed rest, % (F0612: 0.44)
    -0.45
    """
    gap = 1.0 - p["unload_limit"] * (1.0 - activation * use) - size
    if gap < 0.0:
        rate = gap / (p["brace_days"] if braced else p["unload_days"]) * (1.0 - training)
    else:
        rate = gap / p["regrow_days"]
    wasted = min(max((1.0 - size) / 0.02, 0.0), 1.0)
    return rate + training * activation * (p["growth"] + (p["retraining"] - p["growth"]) * wasted)


def neural_rate(neural: float, use: float, training: float, p: Mapping[str, float]) -> float:
    """Return how fast the neural part of strength changes, share per day: quick to go, slow to come back.

    Parameters
    ----------
    neural, use, training : float
        Neural part (1 healthy), use of the leg (1 daily life), training (0..1).
    p : mapping of str to float
        As `values` returns them.

    Returns
    -------
    float
    """
    gap = 1.0 - p["neural_limit"] * (1.0 - use) - neural
    if gap < 0.0:
        return gap / p["neural_days"]
    back = 1.0 / p["neural_return_days"]
    return gap * (back + training * (1.0 / p["neural_training_days"] - back))
