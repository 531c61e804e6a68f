"""Where the patella lies in its groove, and what presses on what: a planar rigid body on cables, springs and cartilage.

`solve` finds the equilibrium at every flexion angle of one knee or of many; `restraint` is the laboratory's stability
test; `pull` is the force balance of the quadriceps heads. Equations and parameters: `vmo_edu.models.patella`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu.errors import InputError, check_array, check_number, check_whole
from vmo_edu.knee import HEADS, Knee
from vmo_edu.models.patella import geometry, newton, potential
from vmo_edu.models.patella.parameters import Mechanics, Parameter, mechanics, shipped
from vmo_edu.models.patella.sensitivity import sensitivity

if TYPE_CHECKING:
    import pandas

__all__ = ["Mechanics", "Parameter", "PullResult", "TrackingResult", "check_knee", "displaced", "parameters", "pull",
           "restraint", "sensitivity", "solve"]

FLEXION_RANGE = (0.0, 90.0)
TOUCHED = 0.05                           # MPa: cartilage counts as in contact from here (an assumption)
MPFL, LATERAL_RETINACULUM, TENDON = -2, -1, 5      # their places among the lines of `geometry.build`


@dataclass(frozen=True)
class TrackingResult:
    """Equilibria of the patella. Single knee: arrays (flexion,); several knees: (knees, flexion).

    Attributes
    ----------
    flexion : (flexion,) array
        Knee flexion, degrees.
    shift : array
        Lateral shift of the patella's centre in the femur's frame, mm, lateral positive, as published by amis2006:
        0 is the middle between the epicondyles. Includes the groove's own course to lateral in flexion.
    groove_shift : array
        Lateral shift relative to the groove, mm: 0 = the median ridge stands over the floor of the groove.
        This is what a section through the joint shows.
    tilt : array
        Degrees, positive when the lateral edge goes posterior; 0 = facets of patella and groove parallel.
    height : array
        mm anterior of the seated rest place (the patella's centre 11 mm in front of the groove's floor).
    lateral_force, medial_force : array
        Force on the lateral and medial facet of the patella, N.
    lateral_share : array
        lateral_force / (lateral_force + medial_force), 0 to 1.
    peak_lateral_pressure, peak_medial_pressure : array
        Largest pressure on each facet, MPa.
    contact_area, lateral_area, medial_area : array
        Area that carries more than 0.05 MPa, mm2: both facets, and each.
    mpfl_tension, lateral_retinaculum_tension, tendon_force : array
        N.
    residual : array
        Largest unbalanced force (N; N mm / 20 for tilt).
    converged : array of bool
        Whether the residual is below 1e-8. Never use a lane where it is False.
    in_groove : array of bool
        Whether the patella is still in its groove (see `vmo_edu.models.patella.geometry.in_groove`). Where it is
        False the patella has left: a real one would be dislocated, and the model, which has no bone beyond the crest,
        no capsule and no third dimension, can say that it left but not where it ends up or what it then carries.
    pressure : array (..., points)
        Pressure at the contact points of the patella, MPa: lateral facet from the ridge outwards, then medial.
    points : (points, 2) array
        Those points in the patella's frame, mm (lateral, anterior of the middle of the section).
    """

    flexion: np.ndarray
    shift: np.ndarray
    groove_shift: np.ndarray
    tilt: np.ndarray
    height: np.ndarray
    lateral_force: np.ndarray
    medial_force: np.ndarray
    lateral_share: np.ndarray
    peak_lateral_pressure: np.ndarray
    peak_medial_pressure: np.ndarray
    contact_area: np.ndarray
    lateral_area: np.ndarray
    medial_area: np.ndarray
    mpfl_tension: np.ndarray
    lateral_retinaculum_tension: np.ndarray
    tendon_force: np.ndarray
    residual: np.ndarray
    converged: np.ndarray
    in_groove: np.ndarray
    pressure: np.ndarray
    points: np.ndarray

    @property
    def usable(self) -> np.ndarray:
        """Whether each state may be read as a result: an equilibrium (`converged`), and one `in_groove`."""
        return self.converged & self.in_groove

    def _per_angle(self) -> list[str]:
        return [item.name for item in fields(self) if item.name not in ("flexion", "pressure", "points")]

    def knee(self, index: int) -> TrackingResult:
        """Return the result of one of several knees, with arrays (flexion,); -1 is the last.

        Parameters
        ----------
        index : int
            Number of the knee, from 0.

        Returns
        -------
        TrackingResult

        Raises
        ------
        InputError
            If there is no such knee, or the result is that of a single knee.
        """
        if self.shift.ndim == 1:
            raise InputError("this result already belongs to one knee")
        index = check_whole("knee", index, -len(self.shift), len(self.shift) - 1)
        return replace(self, pressure=self.pressure[index],
                       **{name: getattr(self, name)[index] for name in self._per_angle()})

    def at(self, flexion: float) -> dict[str, float]:
        """Return the numbers at the solved angle nearest to `flexion` (one knee only), by name.

        Parameters
        ----------
        flexion : float
            Degrees, 0 to 90.

        Returns
        -------
        dict of str to float or bool
            In the units of the attributes.

        Raises
        ------
        InputError
            For an illegal angle, or a result of several knees.

        Examples
        --------
        >>> solve(Knee(), [0, 30]).at(28)["flexion"]
        30.0
        """
        if self.shift.ndim != 1:
            raise InputError("choose a knee first: result.knee(0).at(flexion)")
        flexion = check_number("flexion", flexion, *FLEXION_RANGE, "degrees")
        nearest = int(np.argmin(np.abs(self.flexion - flexion)))
        numbers = {name: getattr(self, name)[nearest].item() for name in self._per_angle()}
        return {"flexion": float(self.flexion[nearest]), **numbers}

    def to_frame(self) -> pandas.DataFrame:
        """Return a table: one row per angle (and knee), one column per quantity.

        Returns
        -------
        pandas.DataFrame
            In the units of the attributes.
        """
        import pandas as pd

        names = self._per_angle()
        if self.shift.ndim == 1:
            return pd.DataFrame({"flexion": self.flexion, **{name: getattr(self, name) for name in names}})
        knees, angles = self.shift.shape
        return pd.DataFrame({"knee": np.repeat(np.arange(knees), angles), "flexion": np.tile(self.flexion, knees),
                             **{name: getattr(self, name).ravel() for name in names}})


@dataclass(frozen=True)
class PullResult:
    """The quadriceps heads as forces on the patella, knee straight.

    Attributes
    ----------
    names : tuple of str
        The heads, in the order of `vmo_edu.knee.HEADS`.
    force : (5,) array
        Tension of each head, N.
    frontal : (5, 2) array
        Its lateral and proximal part, N.
    posterior : (5,) array
        Its part towards the femur, N.
    resultant : (2,) array
        Sum of `frontal`, N.
    angle : float
        Direction of the resultant, degrees lateral of the shaft.
    """

    names: tuple[str, ...]
    force: np.ndarray
    frontal: np.ndarray
    posterior: np.ndarray
    resultant: np.ndarray
    angle: float

    def to_frame(self) -> pandas.DataFrame:
        """Return one row per head: force and its parts, N.

        Returns
        -------
        pandas.DataFrame
        """
        import pandas as pd

        return pd.DataFrame({"head": self.names, "force (N)": self.force, "lateral (N)": self.frontal[:, 0],
                             "proximal (N)": self.frontal[:, 1], "posterior (N)": self.posterior}).set_index("head")


def vmo_angle() -> float:
    """Return the model's own fibre angle of the VMO, degrees medial of the shaft.

    Returns
    -------
    float
        Degrees.
    """
    return -float(mechanics().frontal_vmo)


def parameters() -> list[Parameter]:
    """Return the parameters of the model with value, range, source and what pinned them.

    Returns
    -------
    list of Parameter
    """
    return list(shipped())


def pull(knee: Knee, vmo_angle: float | None = None) -> PullResult:
    """Return the pull of each quadriceps head on the patella and their sum.

    Parameters
    ----------
    knee : Knee
    vmo_angle : float, optional
        Fibre angle of the VMO, degrees medial of the shaft, 0 to 90; the model's own if not given.

    Returns
    -------
    PullResult

    Raises
    ------
    InputError
        For an angle outside its range, or something that is not a knee.

    Examples
    --------
    >>> balance = pull(Knee())
    >>> round(float(balance.resultant[0]), 1)            # N lateral, of 175: nearly balanced
    5.1
    >>> round(float(pull(Knee(vmo=0)).resultant[0]), 1)
    16.7
    """
    check_knee(knee)
    m = mechanics()
    if vmo_angle is not None:
        m = replace(m, frontal_vmo=-check_number("vmo_angle", vmo_angle, 0, 90, "degrees medial"))
    force = geometry.head_tensions([knee], m)[:, 0]
    lines = geometry.turned(geometry.head_directions(m), np.array([knee.quadriceps_line]))[:, :, 0]
    frontal = force[:, None] * lines[:, :2]
    resultant = frontal.sum(axis=0)
    angle = float(np.degrees(np.arctan2(*resultant))) if force.any() else 0.0
    return PullResult(HEADS, force, frontal + 0.0, 0.0 - force * lines[:, 2], resultant, angle)   # no "-0"


def solve(knee: Knee | Sequence[Knee], flexion, *, values: Mechanics | None = None) -> TrackingResult:
    """Find the equilibrium of the patella at every flexion angle.

    Parameters
    ----------
    knee : Knee or sequence of Knee
        All knees and angles are solved at once.
    flexion : number or sequence of numbers
        Knee flexion, degrees, 0 to 90.
    values : Mechanics, optional
        Other parameter values than the shipped ones.

    Returns
    -------
    TrackingResult

    Raises
    ------
    InputError
        For an illegal angle, something that is not a knee, or values that are not a `Mechanics`.

    Examples
    --------
    >>> healthy, weak = Knee(), Knee(vmo=0)
    >>> result = solve([healthy, weak], [0, 30])
    >>> result.shift.shape
    (2, 2)
    >>> bool(result.shift[1, 0] > result.shift[0, 0])    # without VMO the patella lies further lateral
    True
    """
    knees, flexion, m = _checked(knee, flexion, values)
    lanes = geometry.build(knees, flexion, m)
    pose, residual = newton.minimise(lanes, _start(lanes))
    return _result(isinstance(knee, Knee), flexion, lanes, pose, residual, m)


def displaced(knee: Knee | Sequence[Knee], flexion, displacement: float = 10.0, *,
              values: Mechanics | None = None) -> TrackingResult:
    """Return the patella held away from its own equilibrium, height and tilt free: the picture of `restraint`.

    Parameters, shapes and errors are those of `restraint`; forces and pressures are those of the held patella,
    `residual` is that of height and tilt.

    Returns
    -------
    TrackingResult
    """
    knees, flexion, m = _checked(knee, flexion, values)
    lanes = geometry.build(knees, flexion, m)
    pose, residual, _ = _held(lanes, displacement)
    return _result(isinstance(knee, Knee), flexion, lanes, pose, residual, m)


def restraint(knee: Knee | Sequence[Knee], flexion, displacement: float = 10.0, *,
              values: Mechanics | None = None) -> np.ndarray:
    """Return the force that holds the patella away from its own equilibrium: the laboratory's stability test.

    The shift is held at equilibrium + displacement; height and tilt are free (senavongse2003, merican2009).

    Parameters
    ----------
    knee : Knee or sequence of Knee
    flexion : number or sequence of numbers
        Knee flexion, degrees.
    displacement : float
        mm, lateral positive, -20 to 20.

    Returns
    -------
    numpy.ndarray
        Restraining force, N, shape (flexion,) or (knees, flexion); positive when the knee pulls back.
        NaN where no equilibrium was found.

    Raises
    ------
    InputError
        For an illegal angle or displacement, or something that is not a knee.
    """
    knees, flexion, m = _checked(knee, flexion, values)
    lanes = geometry.build(knees, flexion, m)
    _, residual, force = _held(lanes, displacement)
    force = np.where(residual < newton.TOLERANCE, force, np.nan)
    return force if isinstance(knee, Knee) else force.reshape(len(knees), flexion.size)


def _held(lanes: geometry.Lanes, displacement: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Push the patella away from its own equilibrium and let height and tilt settle: pose, residual, force (N)."""
    displacement = check_number("displacement", displacement, -20, 20, "mm")
    rest, first = newton.minimise(lanes, _start(lanes))
    pose, second = newton.minimise(lanes, rest + np.array([[displacement], [0.0], [0.0]]), hold_shift=True)
    force = np.sign(displacement) * potential.evaluate(pose, lanes)[1][0]
    return pose, np.maximum(first, second), force


def check_knee(knee: object) -> Knee:
    """Return `knee` if it is a Knee.

    Parameters
    ----------
    knee : object
        The knee as it was given.

    Returns
    -------
    Knee

    Raises
    ------
    InputError
        Naming what it is instead.
    """
    if not isinstance(knee, Knee):
        raise InputError(f"knee must be a Knee or a sequence of Knee; got {type(knee).__name__}")
    return knee


def _checked(knee, flexion, values) -> tuple[list[Knee], np.ndarray, Mechanics]:
    """Return the arguments in one form: list of knees, array of angles, parameter values."""
    if isinstance(knee, Knee):
        knees = [knee]
    else:
        try:
            knees = list(knee)
        except TypeError:
            knees = [knee]
        if not knees:
            raise InputError("knee must be a Knee or a sequence of Knee; got an empty sequence")
    for one in knees:
        check_knee(one)
    if values is not None and not isinstance(values, Mechanics):
        raise InputError("values must be a Mechanics, such as tracking.mechanics().replace(mpfl_stiffness=10.0), "
                         f"or None; got {type(values).__name__}")
    flexion = check_array("flexion", flexion, *FLEXION_RANGE, "degrees")
    return knees, flexion, mechanics() if values is None else values


def _start(lanes: geometry.Lanes) -> np.ndarray:
    """First guess: seated in the groove, untilted."""
    return np.zeros((3, lanes.count))


def _result(single: bool, flexion, lanes, pose, residual, m) -> TrackingResult:
    """Shape the flat lanes into (knees, flexion), or (flexion,) for a single knee."""
    numbers = _report(np.tile(flexion, lanes.count // flexion.size), pose, residual, lanes, m)
    shape = (flexion.size,) if single else (lanes.count // flexion.size, flexion.size)
    pressure = numbers.pop("pressure").T.reshape(*shape, -1)
    return TrackingResult(flexion=flexion, pressure=pressure, points=np.stack([lanes.node_u, lanes.node_v], axis=1),
                          **{name: value.reshape(shape) for name, value in numbers.items()})


def _report(phi, pose, residual, lanes, m) -> dict[str, np.ndarray]:
    """Turn poses into the quantities of `TrackingResult` (flat arrays over the lanes)."""
    turn = pose[2] / potential.TILT_ARM
    frame = (pose[0] + geometry.REST[0], pose[1] + geometry.REST[1], np.cos(turn), np.sin(turn))
    length = potential.line_state(frame, lanes)[0]
    tension = potential.pull_of(length, lanes)[1]
    (deep, slope_of_depth, _), wall, *_ = potential.contact_state(frame, lanes)
    pressure = lanes.foundation * deep * slope_of_depth
    area = lanes.band * lanes.node_width[:, None]
    force = pressure * area * np.sqrt(1 + wall * wall)             # normal to the wall, not only anterior
    half = geometry.NODES
    lateral, medial = force[:half].sum(axis=0), force[half:].sum(axis=0)
    lateral_area, medial_area = (touched_width(pressure[facet], lanes.node_width[facet]) * lanes.band
                                 for facet in (slice(None, half), slice(half, None)))
    return {
        "shift": pose[0] + geometry.groove_position(phi, m), "groove_shift": pose[0],
        "tilt": np.degrees(turn), "height": pose[1],
        "lateral_force": lateral, "medial_force": medial, "lateral_share": lateral / (lateral + medial),
        "peak_lateral_pressure": pressure[:half].max(axis=0), "peak_medial_pressure": pressure[half:].max(axis=0),
        "contact_area": lateral_area + medial_area, "lateral_area": lateral_area, "medial_area": medial_area,
        "mpfl_tension": tension[MPFL], "lateral_retinaculum_tension": tension[LATERAL_RETINACULUM],
        "tendon_force": tension[TENDON], "residual": residual, "converged": residual < newton.TOLERANCE,
        "in_groove": geometry.in_groove(pose[0], turn, lanes.crest, m), "pressure": pressure,
    }


def touched_width(pressure: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Width of one facet that carries more than `TOUCHED`, mm, pressure taken as linear between contact points.

    Parameters
    ----------
    pressure : (points, lanes) array
        MPa, from the ridge outwards.
    width : (points,) array
        Width that each point stands for, mm (equal).

    Returns
    -------
    (lanes,) array
        mm.
    """
    high, low = np.maximum(pressure[1:], pressure[:-1]), np.minimum(pressure[1:], pressure[:-1])
    between = np.clip((high - TOUCHED) / np.maximum(high - low, 1e-12), 0.0, 1.0).sum(axis=0)
    ends = np.clip(pressure[[0, -1]] / TOUCHED - 1, 0.0, 1.0).sum(axis=0)
    return width[0] * (between + 0.5 * ends)
