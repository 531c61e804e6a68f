"""How much of each muscle is left when the knee is swollen: three response models side by side.

The popular rule (a claim), the straight lines measured by spencer1984, and a model driven by joint pressure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vmo_edu.errors import UnknownInputError, check_array, check_choice, check_number

MODELS = ("rule", "linear", "pressure")
"""The response models: the popular rule, the measured straight line, the pressure-driven model."""

VOLUME_MAX = 120.0
"""Largest volume the course lets you try, ml. Nothing above 60 ml was measured muscle by muscle."""

MEASURED_LIMIT = 60.0
"""Largest volume of spencer1984, ml (F0396); beyond it every curve is extrapolated."""

MEASURED_AT_60 = {"vm": 0.557, "vl": 0.653, "rf": 0.691}
"""H-reflex left at 60 ml, share of control, 10 healthy knees (spencer1984; F0389, F0390, F0391)."""

SLOPES = {muscle: (1.0 - left) / MEASURED_LIMIT for muscle, left in MEASURED_AT_60.items()}
"""Fall per ml of the straight lines through those means: VM 0.0074, VL 0.0058, RF 0.0052 (F0471 to F0473)."""

RESTING_PRESSURE = -5.0
"""Pressure in a dry resting knee, mmHg (wood1988; F0476)."""

LEAST_PRESSURE_ANGLE = 45.0
"""Flexion at which the joint holds most, degrees: the middle of the reported 30 to 60 (F0478)."""

DEEP_FLEXION = 120.0
"""Flexion at which the capsule is taken to be as tight again as in full extension, degrees (assumption)."""

REFERENCE_FLEXION = 30.0
"""Posture to which the pressure model is calibrated, degrees (assumed: that of spencer1984 is not known)."""

ELASTANCE = 0.5
"""Assumed stiffness of the capsule in mid-flexion, mmHg/ml, 0.2 to 1.0 (F0494, unverified)."""

END_FACTOR = 3.0
"""Assumed rise of that stiffness in full extension and deep flexion, 2 to 4 times (F0495, unverified)."""

RELAXATION_MINUTES = 3.5 / 3.0
"""Time constant of relief by easy movement, minutes: 95 % gone after 3.5 (mcnair1996; F0409)."""


@dataclass(frozen=True)
class Option:
    """One setting of a response model: default, legal range, unit and meaning."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str


_PAIN = {"pain": Option(0.0, 0.0, 1.0, "", "share of activation that pain alone takes away (illustrative)")}
OPTIONS: dict[str, dict[str, Option]] = {
    "rule": {
        "vmo_threshold": Option(20.0, 1.0, VOLUME_MAX, "ml", "volume said to shut the VMO down (a claim)"),
        "vl_threshold": Option(80.0, 1.0, VOLUME_MAX, "ml", "volume said to shut the VL down (a claim)"),
        "steepness": Option(1.0, 0.01, 1000.0, "per ml", "fall of activation per ml below the threshold"),
        **_PAIN},
    "linear": {
        "vm_vl_ratio": Option(SLOPES["vm"] / SLOPES["vl"], 1.0, 1.3, "",
                              "slope of VM over slope of VL: 1.28 spencer1984, 1.0 fits later studies"),
        **_PAIN},
    "pressure": {
        "elastance": Option(ELASTANCE, 0.1, 3.0, "mmHg/ml", "stiffness of the capsule in mid-flexion"),
        "end_factor": Option(END_FACTOR, 1.0, 4.0, "", "how much stiffer the capsule is in full extension"),
        "minutes": Option(0.0, 0.0, 60.0, "min", "minutes of easy movement since the joint was filled"),
        **_PAIN},
}
"""Settings of each response model, beside volume and flexion."""


@dataclass(frozen=True)
class Activation:
    """What is left of each muscle, 0 (off) to 1 (as in a dry knee).

    Attributes
    ----------
    vm, vl, rf : float or numpy.ndarray
        Vastus medialis, vastus lateralis, rectus femoris; shape of volume and flexion broadcast together. The
        measured figures are H-reflexes as a share of control: a reflex, not a force.
    extrapolated : bool or numpy.ndarray of bool
        True where the volume lies beyond the 60 ml that were measured. (Of the rule nothing was measured.)
    model : str
        "rule", "linear" or "pressure".
    """

    vm: float | np.ndarray
    vl: float | np.ndarray
    rf: float | np.ndarray
    extrapolated: bool | np.ndarray
    model: str

    def heads(self) -> dict[str, float | np.ndarray]:
        """Return the activation of the five heads of the knee model by name.

        The measurements tell VM, VL and RF apart, not their parts, and say nothing of vastus intermedius:
        here the two parts of a muscle share its value and intermedius follows rectus femoris. The rule names
        the VMO alone, so under the rule the long part of VM keeps what pain leaves (the value of RF).

        Returns
        -------
        dict of str to float or numpy.ndarray
            0 to 1, by the names of `vmo_edu.knee.HEADS`.
        """
        long_part = self.rf if self.model == "rule" else self.vm
        return {"rf_vi": self.rf, "vml": long_part, "vmo": self.vm, "vll": self.vl, "vlo": self.vl}


def _checked(name: str, value: object, low: float, high: float, unit: str) -> np.ndarray:
    """Return a float array of any shape, every element inside the range."""
    shape = np.shape(value) if isinstance(value, np.ndarray) else None
    if shape is None or len(shape) < 2:
        flat = check_array(name, value, low, high, unit)
        return flat.reshape(()) if np.ndim(value) == 0 else flat
    return check_array(name, value.ravel(), low, high, unit).reshape(shape)


def _settings(model: str, given: dict[str, object]) -> dict[str, float]:
    """Return every setting of the model: those given, checked, and the defaults of the others."""
    known = OPTIONS[check_choice("model", model, MODELS)]
    for name in given:
        if name not in known:
            listed = ", ".join(known)
            raise UnknownInputError(f"model {model!r} has no option {name!r}; its options are {listed}")
    settings = {name: item.default for name, item in known.items()}
    for name, value in given.items():
        settings[name] = check_number(name, value, known[name].low, known[name].high, known[name].unit)
    return settings


def _plain(array: np.ndarray) -> float | np.ndarray:
    """Return a plain float for a single number, else the array."""
    return float(array) if np.ndim(array) == 0 else array


def capsule_elastance(flexion: float | np.ndarray, elastance: float = ELASTANCE,
                      end_factor: float = END_FACTOR) -> np.ndarray:
    """Return how many mmHg one more ml adds at this knee angle.

    ``E = elastance (1 + (end_factor - 1) d^2)``, where d runs from 0 at 45 degrees (least pressure, F0478) to
    1 in full extension and at 120 degrees. The figures are assumptions inside the ranges of F0494 and F0495.

    Parameters
    ----------
    flexion : float or numpy.ndarray
        Degrees, 0 to 120.
    elastance, end_factor : float
        mmHg/ml in mid-flexion, and its factor at the ends.

    Returns
    -------
    numpy.ndarray
        mmHg/ml.

    Examples
    --------
    >>> [float(value) for value in capsule_elastance(np.array([0.0, 45.0, 120.0]))]
    [1.5, 0.5, 1.5]
    """
    away = np.asarray(flexion, float) - LEAST_PRESSURE_ANGLE
    span = np.where(away < 0, LEAST_PRESSURE_ANGLE, DEEP_FLEXION - LEAST_PRESSURE_ANGLE)
    return elastance * (1.0 + (end_factor - 1.0) * (away / span) ** 2)


def pressure(volume: float | np.ndarray, flexion: float | np.ndarray = 0.0,
             **options: float) -> float | np.ndarray:
    """Return the pressure in the joint, mmHg.

    ``P = P0 + E(flexion) V exp(-minutes / 1.17)``: linear in the volume (spencer1984), lowest in mid-flexion,
    relieved by easy movement (wood1988, mcnair1996). P0 is measured, E assumed: read differences, not mmHg.

    Parameters
    ----------
    volume : float or array
        Fluid in the joint, ml, 0 to 120.
    flexion : float or array
        Knee angle, degrees, 0 to 120; broadcast with `volume`.
    **options : float
        `elastance`, `end_factor`, `minutes` (see `OPTIONS["pressure"]`).

    Returns
    -------
    float or numpy.ndarray

    Raises
    ------
    InputError
        For a value outside its range or an unknown option.

    Examples
    --------
    >>> pressure(0), pressure(40, flexion=45)
    (-5.0, 15.0)
    """
    settings = _settings("pressure", options)
    volume = _checked("volume", volume, 0.0, VOLUME_MAX, "ml")
    flexion = _checked("flexion", flexion, 0.0, DEEP_FLEXION, "degrees")
    return _plain(RESTING_PRESSURE + _pressure_rise(volume, flexion, settings))


def _pressure_rise(volume: np.ndarray, flexion: np.ndarray, settings: dict[str, float]) -> np.ndarray:
    """Return the pressure above that of the dry knee, mmHg."""
    stiffness = capsule_elastance(flexion, settings["elastance"], settings["end_factor"])
    return stiffness * volume * np.exp(-settings["minutes"] / RELAXATION_MINUTES)


def _rule(volume: np.ndarray, flexion: np.ndarray, settings: dict[str, float]) -> tuple[np.ndarray, ...]:
    """Cliffs: full activation, then a fall of `steepness` per ml that reaches zero at the threshold."""
    parts = []
    for name in ("vmo_threshold", "vl_threshold"):
        steepness = max(settings["steepness"], 1.0 / settings[name])   # a dry knee is always at 1
        parts.append(np.clip((settings[name] - volume) * steepness, 0.0, 1.0))
    return (*parts, np.ones_like(volume))


def _linear(volume: np.ndarray, flexion: np.ndarray, settings: dict[str, float]) -> tuple[np.ndarray, ...]:
    """Straight lines; another VM:VL ratio keeps the mean slope of the two vasti."""
    ratio, both = settings["vm_vl_ratio"], SLOPES["vm"] + SLOPES["vl"]
    slopes = (both * ratio / (1.0 + ratio), both / (1.0 + ratio), SLOPES["rf"])
    return tuple(np.clip(1.0 - slope * volume, 0.0, 1.0) for slope in slopes)


def _pressure_driven(volume: np.ndarray, flexion: np.ndarray,
                     settings: dict[str, float]) -> tuple[np.ndarray, ...]:
    """Activation = exp(-k rise), k set so that 60 ml at the reference posture gives the measured figures.

    The rise over the dry knee drives it, so there is no threshold pressure (iles1990).
    """
    reference = capsule_elastance(REFERENCE_FLEXION) * MEASURED_LIMIT
    share = _pressure_rise(volume, flexion, settings) / reference
    return tuple(MEASURED_AT_60[muscle] ** share for muscle in ("vm", "vl", "rf"))


_RESPONSES = {"rule": _rule, "linear": _linear, "pressure": _pressure_driven}


def activation(volume: float | np.ndarray, model: str = "linear", flexion: float | np.ndarray = 0.0,
               **options: float) -> Activation:
    """Return what effusion leaves of VM, VL and RF under one of three response models.

    - "rule": "20 cc shuts the VMO, 80 cc the VL", a cliff at each threshold. A *claim*: no source is known
      for the 80 ml. It does not mention rectus femoris; here its silence leaves RF at 1.
    - "linear": straight lines through the 60 ml means of spencer1984 (VM 55.7 %, VL 65.3 %, RF 69.1 % of the
      control H-reflex). `vm_vl_ratio` from 1.0 to 1.3 covers later studies (torry2005, palmierismith2007).
    - "pressure": ``activation = a60 ** (rise / rise60)``, driven by the rise of joint pressure (see
      `pressure`), so it depends on `flexion` and eases with movement; calibrated to the same 60 ml figures
      at 30 degrees.

    Pain and effusion do not add up (palmierismith2013): the larger of the two losses counts.

    Parameters
    ----------
    volume : float or array
        Fluid in the joint, ml, 0 to 120.
    model : {"rule", "linear", "pressure"}
        Response model.
    flexion : float or array
        Knee angle, degrees, 0 to 120; broadcast with `volume`. Only "pressure" depends on it.
    **options : float
        Settings of the model, with ranges in `OPTIONS[model]`. "rule": vmo_threshold, vl_threshold (ml),
        steepness (per ml). "linear": vm_vl_ratio (same mean of both vasti). "pressure": elastance (mmHg/ml),
        end_factor, minutes. All: pain.

    Returns
    -------
    Activation
        `vm`, `vl`, `rf` from 0 to 1, and `extrapolated`, true beyond the measured 60 ml.

    Raises
    ------
    InputError
        For a value outside its range; the message names it, its unit and the range.
    UnknownInputError
        For an unknown model or option; the message lists those that exist.

    Examples
    --------
    >>> left = activation(60)
    >>> round(left.vm, 3), round(left.vl, 3), round(left.rf, 3)
    (0.557, 0.653, 0.691)
    >>> activation(20, model="rule").vm, activation(20, model="rule").vl
    (0.0, 1.0)
    >>> round(activation(60, model="pressure", flexion=30, minutes=3.5).vm, 2)
    0.97
    >>> activation(-5)
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: volume must be between 0 and 120 ml; got -5
    """
    settings = _settings(model, options)
    volume = _checked("volume", volume, 0.0, VOLUME_MAX, "ml")
    flexion = _checked("flexion", flexion, 0.0, DEEP_FLEXION, "degrees")
    volume, flexion = np.broadcast_arrays(volume, flexion)
    left = _RESPONSES[model](volume, flexion, settings)
    vm, vl, rf = (_plain(np.minimum(part, 1.0 - settings["pain"])) for part in left)
    beyond = volume > MEASURED_LIMIT
    return Activation(vm, vl, rf, bool(beyond) if volume.ndim == 0 else beyond, model)
