"""Effusion and inhibition: the three response models, joint pressure, and the detection lab.

The lab repeats a published experiment on simulated people whose response is a straight line, and counts how
often "thresholds" appear although there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu.effusion import (
    MEASURED_AT_60,
    MEASURED_LIMIT,
    MODELS,
    OPTIONS,
    SLOPES,
    VOLUME_MAX,
    Activation,
    activation,
    capsule_elastance,
    pressure,
)
from vmo_edu.errors import InputError, check_array, check_choice, check_number, check_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DETECTION_WINDOWS", "MEASURED_AT_60", "MEASURED_LIMIT", "MODELS", "OPTIONS", "SLOPES",
           "SPREAD_AT_60", "VOLUME_MAX", "Activation", "DetectionResult", "activation", "capsule_elastance",
           "detection_lab", "pressure"]

SPREAD_AT_60 = {"vm": 0.043, "vl": 0.040}
"""Spread of the 60 ml means of spencer1984 (F0389, F0390). SE or SD: the abstract does not say."""

DETECTION_WINDOWS = {"vm": (20.0, 30.0), "vl": (50.0, 60.0)}
"""First increments with a significant fall in spencer1984, ml (F0392, F0393)."""

INCREMENT_MIN = 0.1
"""Smallest volume that the detection lab can test, ml."""

_STUDY_SIZE = 10
"""People in spencer1984, to whom its spread belongs."""


@dataclass(frozen=True)
class DetectionResult:
    """How a threshold can appear in data drawn from a straight line.

    Attributes
    ----------
    increments : numpy.ndarray
        Volumes tested, ml.
    vm, vl : numpy.ndarray
        Share of simulated studies in which the first significant fall came at each increment.
    vm_never, vl_never : float
        Share of studies that found no significant fall at all.
    vm_in_window, vl_in_window : float
        Share of studies whose first fall came where spencer1984 found it: VM 20 to 30 ml, VL 50 to 60 ml.
    example : dict of str to numpy.ndarray
        One simulated study: "vm" and "vl", shape (people, increments + 1), share of control; column 0 is dry.
    truth : dict of str to numpy.ndarray
        The straight lines everything was drawn from, share of control at each increment.
    n, trials : int
        People in a study, and studies.
    noise : float
        Standard deviation of one reading, share of control.
    test : str
        "pooled" or "paired".
    """

    increments: np.ndarray
    vm: np.ndarray
    vl: np.ndarray
    vm_never: float
    vl_never: float
    vm_in_window: float
    vl_in_window: float
    example: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]
    n: int
    noise: float
    trials: int
    test: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per increment: share of studies that first detected VM and VL there.

        Returns
        -------
        pandas.DataFrame
            Increments in ml, shares from 0 to 1.
        """
        import pandas as pd

        return pd.DataFrame({"increment (ml)": self.increments, "VM first detected": self.vm,
                             "VL first detected": self.vl})


def _readings(rng: np.random.Generator, muscle: str, volumes: np.ndarray, shape: tuple[int, int],
              noise: float, spread: str) -> np.ndarray:
    """Draw (studies, people, volumes) readings, share of control: a personal straight line plus noise."""
    deviation = SPREAD_AT_60[muscle] * (np.sqrt(_STUDY_SIZE) if spread == "SE" else 1.0)
    # The published spread holds both differences between people and the noise of one reading.
    between = np.sqrt(max(deviation**2 - noise**2, 0.0)) / MEASURED_LIMIT
    slopes = SLOPES[muscle] + between * rng.standard_normal((*shape, 1))
    return 1.0 - slopes * volumes + noise * rng.standard_normal((*shape, volumes.size))


def _statistic(readings: np.ndarray, test: str) -> tuple[np.ndarray, int]:
    """Return t of (dry - swollen) for each study and increment, and its degrees of freedom."""
    people, columns = readings.shape[1:]
    if test == "paired":
        fall = readings[:, :, :1] - readings[:, :, 1:]
        error = np.sqrt(fall.var(axis=1, ddof=1) / people)
        return fall.mean(axis=1) / error, people - 1
    mean = readings.mean(axis=1)
    rest = readings - readings.mean(axis=2, keepdims=True)
    rest -= (mean - mean.mean(axis=1, keepdims=True))[:, None, :]
    freedom = (people - 1) * (columns - 1)
    variance = np.einsum("ijk,ijk->i", rest, rest) / freedom
    return (mean[:, :1] - mean[:, 1:]) / np.sqrt(2.0 * variance / people)[:, None], freedom


def _first(readings: np.ndarray, test: str) -> np.ndarray:
    """Return the share of studies whose first significant fall came at each increment."""
    from scipy.special import stdtrit  # only the lab needs SciPy

    t, freedom = _statistic(readings, test)
    columns = readings.shape[2]
    comparisons = columns * (columns - 1) // 2 if test == "pooled" else columns - 1
    found = t > stdtrit(freedom, 1.0 - 0.05 / comparisons / 2.0)
    first = np.where(found.any(axis=1), found.argmax(axis=1), columns - 1)
    return np.bincount(first, minlength=columns)[:columns - 1] / len(readings)


def detection_lab(n: int = 10, noise: float = 0.15, increments: tuple[float, ...] = (10, 20, 30, 40, 50, 60),
                  trials: int = 2000, seed: int = 1, test: str = "pooled",
                  spread: str = "SE") -> DetectionResult:
    """Repeat the experiment of spencer1984 on people whose reflex falls in a straight line: no threshold.

    Each person has an own slope around the measured one; each reading adds noise. Every study then asks at
    which increment the fall is first significant. With a noise of 15 % "thresholds" like the published ones
    (VM 20 to 30 ml, VL 50 to 60 ml) appear in 56 % and 33 % of studies (F0443, F0444), with 10 % in 86 % and
    4 % (F0445, F0446). So the published pattern can come from a straight line; that is not proof that it did.

    Parameters
    ----------
    n : int
        People in a study, 3 to 200.
    noise : float
        Standard deviation of one reading within a person, share of control, 0.01 to 0.5.
    increments : sequence of float
        Volumes tested, ml, rising, above 0 up to 120 (the line is measured up to 60).
    trials : int
        Number of studies, 1 to 20000.
    seed : int
        Seed of the random numbers: the same seed gives the same studies.
    test : {"pooled", "paired"}
        "pooled": analysis of variance with repeated measures, then all pairs of volumes (Bonferroni); this
        gives the figures above within 3 points. "paired": a paired t test of each increment against the dry
        knee (Bonferroni), which is less sensitive.
    spread : {"SE", "SD"}
        How the unlabelled spread of spencer1984 is read.

    Returns
    -------
    DetectionResult

    Raises
    ------
    InputError
        For a value outside its range, or increments that do not rise.

    Examples
    --------
    >>> lab = detection_lab(trials=500)
    >>> lab.vm_in_window > 0.4, lab.vl_in_window > 0.2
    (True, True)
    """
    n = check_whole("n", n, 3, 200, "people")
    trials = check_whole("trials", trials, 1, 20000, "studies")
    seed = check_whole("seed", seed, 0, 2**31)
    noise = check_number("noise", noise, 0.01, 0.5, "of control")
    volumes = _rising(increments)
    check_choice("test", test, ("pooled", "paired"))
    check_choice("spread", spread, ("SE", "SD"))
    rng, steps = np.random.default_rng(seed), np.concatenate([[0.0], volumes])
    shares, example = {}, {}
    for muscle in ("vm", "vl"):
        readings = _readings(rng, muscle, steps, (trials, n), noise, spread)
        shares[muscle], example[muscle] = _first(readings, test), readings[0]
    inside = {muscle: float(shares[muscle][(volumes >= low) & (volumes <= high)].sum())
              for muscle, (low, high) in DETECTION_WINDOWS.items()}
    truth = {muscle: 1.0 - SLOPES[muscle] * volumes for muscle in ("vm", "vl")}
    never = {muscle: max(0.0, 1.0 - float(shares[muscle].sum())) for muscle in shares}
    return DetectionResult(volumes, shares["vm"], shares["vl"], never["vm"], never["vl"], inside["vm"],
                           inside["vl"], example, truth, n, noise, trials, test)


def _rising(increments: object) -> np.ndarray:
    """Return the volumes of the detection lab, ml, checked."""
    try:
        given = list(increments)
    except TypeError:
        raise InputError("increments must be a list of rising volumes between "
                         f"{INCREMENT_MIN:g} and {VOLUME_MAX:g} ml; got {increments!r}") from None
    volumes = check_array("increments", given, INCREMENT_MIN, VOLUME_MAX, "ml")
    if np.any(np.diff(volumes) <= 0):
        raise InputError(f"increments must rise from one to the next, in ml; got {given}")
    return volumes
