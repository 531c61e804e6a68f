"""The Q-angle: exact frontal-plane geometry, what moves its three landmarks, published norms, observer error.

`Q = atan((xA - xP)/(yA - yP)) + atan((xT - xP)/(yP - yT))` with ASIS A, patella centre P, tibial tubercle T.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import evidence
from vmo_edu.errors import InputError, UnknownInputError, check_array, check_number, check_whole
from vmo_edu.knee import LANDMARKS, Input

if TYPE_CHECKING:
    import pandas as pd

MIDLINE = -69.5
"""x of the body's middle in the frame of the right patella, mm: half of 227 mm medial of the ASIS (skelradiol2009)."""
HIP = (12.0, 380.0)
"""Hip centre of the course's limb drawing, mm."""
HIP_DISTANCE = 160.0
"""Between the femoral heads, mm (skelradiol2009)."""
TUBERCLE_PER_DEGREE = -0.29
"""How far the tubercle moves to lateral per degree of flexion, mm, 0 to 30 degrees (suomalainen2018, TT-TG)."""
PATELLA_RADIUS, TUBERCLE_RADIUS = 45.0, 40.0
"""Illustrative: how far in front of the limb's axis of rotation the patella and the tubercle lie, mm."""
CONTRACTION_SHIFT = (2.0, 5.0)
"""Illustrative: lateral and proximal movement of the patella when the quadriceps is tensed, mm."""

_TABLE = (
    Input("pelvic_width", "Pelvic width", "mm", 170, 290, 227, 1, "Distance between the two ASIS.", "skelradiol2009"),
    Input("femur_length", "Femur length", "mm", 380, 500, 435, 1, "Length of the femur.", "jcdr3465"),
    Input("tubercle_offset", "Tibial tubercle", "mm", -15, 15, 0, 0.5,
          "Tubercle lateral of the default place.", "raveendranath2009"),
    Input("patella_offset", "Patella", "mm", -10, 10, 0, 0.5,
          "Patella lateral of the default place.", "herrington2004"),
    Input("flexion", "Knee flexion", "deg", 0, 30, 0, 1,
          "The tibia turns inward as the knee unlocks: the tubercle moves medially.", "suomalainen2018"),
    Input("leg_length", "Leg longer by", "mm", -30, 30, 0, 1,
          "This leg longer than the other (negative: shorter); the pelvis tilts."),
    Input("femoral_rotation", "Femur turned inward", "deg", -10, 15, 0, 1,
          "Inward turn of the femur, as with more anteversion; the tibia stays."),
    Input("foot_pronation", "Foot pronation", "deg", -10, 15, 0, 1,
          "Pronation turns the whole limb inward (negative: supination)."),
    Input("contraction", "Quadriceps tensed", "", 0, 1, 0, 0.1, "0 relaxed, 1 tensed."),
)
INPUTS: dict[str, Input] = {item.name: item for item in _TABLE}
"""What moves the landmarks. An input whose size no source gives has the source "illustrative"."""


@dataclass(frozen=True)
class QAngleResult:
    """Landmarks and Q-angle for one or many settings.

    Attributes
    ----------
    asis, patella, tubercle : numpy.ndarray
        Shape (n, 2): x lateral and y proximal of the default patella centre, mm.
    proximal, distal, q_angle : numpy.ndarray
        Shape (n,), degrees; the Q-angle is the sum of the other two.
    """

    asis: np.ndarray
    patella: np.ndarray
    tubercle: np.ndarray
    proximal: np.ndarray
    distal: np.ndarray
    q_angle: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Return one row per setting: landmarks in mm, angles in degrees.

        Returns
        -------
        pandas.DataFrame
        """
        import pandas as pd

        columns = {f"{name}_{axis} (mm)": getattr(self, name)[:, i]
                   for name in ("asis", "patella", "tubercle") for i, axis in enumerate("xy")}
        angles = {f"{name} (deg)": getattr(self, name) for name in ("proximal", "distal", "q_angle")}
        return pd.DataFrame({**columns, **angles})


def angles(asis: object, patella: object, tubercle: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the proximal part, the distal part and the Q-angle of any landmarks.

    Parameters
    ----------
    asis, patella, tubercle : array_like
        Shape (..., 2): x lateral, y proximal, mm.

    Returns
    -------
    proximal, distal, q_angle : numpy.ndarray
        Shape (...), degrees.

    Raises
    ------
    InputError
        If they are not points of two numbers, the ASIS is not above the patella, or the tubercle not below it.

    Notes
    -----
    Exact geometry of the definition in almeida2016 and park2011.

    Examples
    --------
    >>> proximal, distal, q = angles((44, 448), (0, 0), (9, -65))
    >>> round(float(q), 1)
    13.5
    """
    a, p, t = _points(asis=asis, patella=patella, tubercle=tubercle)
    if not (np.all(a[..., 1] > p[..., 1]) and np.all(p[..., 1] > t[..., 1])):
        raise InputError("asis must lie above the patella (larger y, mm) and the tubercle below it")
    proximal = np.degrees(np.arctan2(a[..., 0] - p[..., 0], a[..., 1] - p[..., 1]))
    distal = np.degrees(np.arctan2(t[..., 0] - p[..., 0], p[..., 1] - t[..., 1]))
    return proximal, distal, proximal + distal


def _points(**points: object) -> Iterator[np.ndarray]:
    """Yield each landmark as an array (..., 2) of finite numbers."""
    for name, point in points.items():
        try:
            array = np.asarray(point, float)
        except (TypeError, ValueError, OverflowError):
            array = np.empty(0)
        if array.ndim == 0 or array.shape[-1] != 2 or not np.isfinite(array).all():
            raise InputError(f"{name} must be points (x, y) of two finite numbers each, mm")
        yield array


def solve(**inputs: object) -> QAngleResult:
    """Return landmarks and Q-angle for settings of the inputs in `INPUTS`.

    Parameters
    ----------
    **inputs : float or sequence of float
        Any of `INPUTS`; sequences must have one length.

    Returns
    -------
    QAngleResult

    Raises
    ------
    UnknownInputError
        For an input that does not exist.
    InputError
        For a value outside its range, or sequences of different lengths.

    Examples
    --------
    >>> float(solve().q_angle[0].round(1))
    13.5
    >>> wide, lateral = solve(pelvic_width=247), solve(tubercle_offset=5)
    >>> bool(lateral.q_angle[0] > wide.q_angle[0])
    True
    """
    value = _checked(inputs)
    return _result(*_landmarks(value))


def _checked(inputs: dict[str, object]) -> dict[str, np.ndarray]:
    for name in inputs:
        if name not in INPUTS:
            raise UnknownInputError(f"the Q-angle has no input {name!r}; its inputs are {', '.join(INPUTS)}")
    arrays = [check_array(i.name, inputs.get(i.name, i.default), i.low, i.high, i.unit) for i in _TABLE]
    lengths = {len(array) for array in arrays} - {1}
    if len(lengths) > 1:
        raise InputError(f"inputs must be single numbers or sequences of one length; got lengths {sorted(lengths)}")
    return dict(zip(INPUTS, np.broadcast_arrays(*arrays), strict=True))


def _landmarks(value: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the inputs put ASIS, patella and tubercle, each (n, 2), mm."""
    # Pelvis: half its width from the midline; a longer leg lifts this side and turns the ASIS about the hip.
    x = MIDLINE + value["pelvic_width"] / 2 - HIP[0]
    y = LANDMARKS.asis[1] - HIP[1]
    tilt = np.arcsin(value["leg_length"] / HIP_DISTANCE)
    asis = np.stack([HIP[0] + x * np.cos(tilt) - y * np.sin(tilt),
                     HIP[1] + value["femur_length"] - INPUTS["femur_length"].default
                     + x * np.sin(tilt) + y * np.cos(tilt)], axis=-1)
    # Inward turns carry what lies in front of the axis to medial.
    foot, femur = np.radians(value["foot_pronation"]), np.radians(value["femoral_rotation"])
    patella = np.stack([value["patella_offset"] - PATELLA_RADIUS * np.sin(foot + femur)
                        + CONTRACTION_SHIFT[0] * value["contraction"],
                        CONTRACTION_SHIFT[1] * value["contraction"]], axis=-1)
    tubercle = np.stack([LANDMARKS.tubercle[0] + value["tubercle_offset"] - TUBERCLE_RADIUS * np.sin(foot)
                         + TUBERCLE_PER_DEGREE * value["flexion"],
                         np.full_like(foot, LANDMARKS.tubercle[1])], axis=-1)
    return asis, patella, tubercle


def _result(asis: np.ndarray, patella: np.ndarray, tubercle: np.ndarray) -> QAngleResult:
    return QAngleResult(asis, patella, tubercle, *angles(asis, patella, tubercle))


def sensitivity(**inputs: float) -> dict[str, float]:
    """Return how much the Q-angle changes per step of each input: degrees per unit of that input.

    Central differences of the exact formula about the given settings.

    Parameters
    ----------
    **inputs : float
        Settings as for `solve`, single numbers.

    Returns
    -------
    dict of str to float
        Degrees per unit of each input.

    Raises
    ------
    UnknownInputError
        For an input that does not exist.
    InputError
        For a value outside its range.

    Examples
    --------
    >>> per = sensitivity()
    >>> round(per["tubercle_offset"], 2), round(10 * per["pelvic_width"], 2), round(per["patella_offset"], 2)
    (0.86, 0.63, -0.99)
    """
    base = {item.name: float(check_number(item.name, inputs.get(item.name, item.default), item.low, item.high,
                                          item.unit)) for item in _TABLE}
    _checked(dict(inputs))
    slopes = {}
    for item in _TABLE:
        reach = 1e-3 * (item.high - item.low)
        ends = np.clip([base[item.name] - reach, base[item.name] + reach], item.low, item.high)
        low, high = solve(**{**base, item.name: ends}).q_angle
        slopes[item.name] = float((high - low) / (ends[1] - ends[0]))
    return slopes


@dataclass(frozen=True)
class Norm:
    """A published mean Q-angle of one group.

    Attributes
    ----------
    fact : str
        Id of the row in `data/facts.csv`.
    sex : {"men", "women"}
    group : str
        Population and posture as given.
    mean, sd : float
        Degrees; `sd` is None where the source gives none.
    n, source_key, status : str
        As in the table.
    """

    fact: str
    sex: str
    group: str
    mean: float
    sd: float | None
    n: str
    source_key: str
    status: str


def norms() -> tuple[Norm, ...]:
    """Return the published mean Q-angles by sex that the evidence table holds.

    Returns
    -------
    tuple of Norm
    """
    found = []
    for row in evidence.rows("facts"):
        if row["topic"] != "q_angle" or row["status"] == "derived" or not row["quantity"].startswith("Q-angle"):
            continue
        sex = next((word for word in ("women", "men") if word in row["population_or_condition"].split(",")[0].split()),
                   None)
        if sex is None or row["unit"] != "deg":
            continue
        spread = float(row["spread"]) if row["spread"] and row["spread_type"] == "SD" else None
        found.append(Norm(row["id"], sex, row["population_or_condition"], float(row["value"]), spread,
                          row["n"], row["source_key"], row["status"]))
    return tuple(found)


def readings(q_angle: float, observers: int = 10, sem: float = 1.0, seed: int = 1) -> np.ndarray:
    """Return what several observers would read of one true Q-angle.

    Parameters
    ----------
    q_angle : float
        True angle, -20 to 60 degrees.
    observers : int
        How many readings, 1 to 1000.
    sem : float
        Standard error of measurement, 0 to 10 degrees. 1.0 with a standardised method and one tester (weiss2013);
        `sem_from_icc` gives that of other published reliabilities.
    seed : int
        The same seed gives the same observers; 0 to 2**31.

    Returns
    -------
    numpy.ndarray
        Shape (observers,), degrees: normal about the true angle.

    Raises
    ------
    InputError
        For a value outside its range, or observers and seed that are not whole numbers.
    """
    q_angle = check_number("q_angle", q_angle, -20, 60, "degrees")
    observers, seed = check_whole("observers", observers, 1, 1000), check_whole("seed", seed, 0, 2**31)
    sem = check_number("sem", sem, 0, 10, "degrees")
    return q_angle + sem * np.random.default_rng(seed).standard_normal(observers)


def sem_from_icc(icc: float, sd: float = 4.0) -> float:
    """Return the standard error of measurement behind an intraclass correlation: `sd * sqrt(1 - icc)`, degrees.

    Parameters
    ----------
    icc : float
        0 to 1; 0.17 to 0.29 between observers in greene2001, 0.88 in weiss2013.
    sd : float
        Spread between people, degrees; 3 to 5 in the published norms.

    Returns
    -------
    float
        Degrees.

    Raises
    ------
    InputError
        For a value outside its range.
    """
    icc = check_number("icc", icc, 0, 1)
    return float(check_number("sd", sd, 0, 20, "degrees") * np.sqrt(1 - icc))


def smallest_real_change(sem: float) -> float:
    """Return the difference of two readings that is more than error: `1.96 * sqrt(2) * sem`, degrees (95 %).

    With `sem` 1.0 this is 2.8 degrees; weiss2013 gives 3.

    Parameters
    ----------
    sem : float
        Standard error of measurement, 0 to 10 degrees.

    Returns
    -------
    float
        Degrees.

    Raises
    ------
    InputError
        For a value outside its range.
    """
    return float(1.96 * np.sqrt(2) * check_number("sem", sem, 0, 10, "degrees"))
