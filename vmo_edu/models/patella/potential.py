"""The potential energy of the patella with its exact gradient and Hessian.

``U(x, z, theta) = sum T_i L_i + sum 1/2 k_j <L_j - L0_j>^2 + sum 1/2 K <penetration>^2 area``
The pose is (x, z, s): lateral shift and height in mm from the rest pose, and s = 20 mm x tilt, so that the three
components of the gradient are all in N (the third is N mm / 20).
"""

from __future__ import annotations

import numpy as np

from vmo_edu.models.patella.geometry import REST, Lanes
from vmo_edu.models.patella.smooth import ramp, ramp_derivatives

TILT_ARM = 20.0                          # mm: turns radians of tilt into a length
TOUCH_CORNER = 0.04                      # mm: rounding of the first touch of cartilage


def evaluate(pose: np.ndarray, lanes: Lanes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return energy (n,), gradient (3, n) and Hessian (6, n): xx, xz, xs, zz, zs, ss.

    Parameters
    ----------
    pose : (3, n) array
        Shift and height, mm; 20 mm x tilt in radians.
    lanes : Lanes
        The n mechanical problems.

    Notes
    -----
    Works on complex poses too (complex-step derivatives in the tests).
    """
    turn = pose[2] / TILT_ARM
    frame = (pose[0] + REST[0], pose[1] + REST[1], np.cos(turn), np.sin(turn))
    parts = _lines(frame, lanes), _contact(frame, lanes)
    energy, gradient, hessian = (first + second for first, second in zip(*parts, strict=True))
    gradient[2] /= TILT_ARM
    hessian[[2, 4]] /= TILT_ARM
    hessian[5] /= TILT_ARM**2
    return energy, gradient, hessian


def arms(u, v, frame):
    """Lever of patellar points (u, v) in the groove's frame: place minus centre (rx, rz); d/dtheta is (rz, -rx)."""
    _, _, c, s = frame
    return u * c + v * s, v * c - u * s


def line_state(frame, lanes: Lanes):
    """Length of every line and its derivatives by x, z, theta: length, unit vector (ex, ez), arm, (rx, rz)."""
    rx, rz = arms(lanes.point[:, 0, None], lanes.point[:, 2, None], frame)
    dx = frame[0] + rx - lanes.anchor[:, 0]
    dy = lanes.point[:, 1, None] - lanes.anchor[:, 1]
    dz = frame[1] + rz - lanes.anchor[:, 2]
    length = np.sqrt(dx * dx + dy * dy + dz * dz)
    ex, ez = dx / length, dz / length
    return length, ex, ez, ex * rz - ez * rx, rx, rz


def pull_of(length, lanes: Lanes):
    """Energy, tension and stiffness of every line: constant tension, or a spring that only pulls."""
    stretch, slope, bend = ramp_derivatives(length - lanes.rest, lanes.toe)
    energy = lanes.tension * length + 0.5 * lanes.stiffness * stretch * stretch
    tension = lanes.tension + lanes.stiffness * stretch * slope
    return energy, tension, lanes.stiffness * (slope * slope + stretch * bend)


def _lines(frame, lanes):
    """Cables and springs: with f(L), gradient f' dL and Hessian f'' dL dL^T + f' d2L."""
    length, ex, ez, et, rx, rz = line_state(frame, lanes)
    energy, f1, f2 = pull_of(length, lanes)
    per = f1 / length                                             # f' / L: stiffness across the line
    f2 = f2 - per
    # d2L = (I - e e^T)/L carried to (x, z, theta), plus the turning of the lever itself in theta-theta
    hessian = np.stack([
        (per + f2 * ex * ex).sum(0), (f2 * ex * ez).sum(0), (per * rz + f2 * ex * et).sum(0),
        (per + f2 * ez * ez).sum(0), (-per * rx + f2 * ez * et).sum(0),
        (per * (rx * rx + rz * rz) + f2 * et * et - f1 * (ex * rx + ez * rz)).sum(0)])
    gradient = np.stack([(f1 * ex).sum(0), (f1 * ez).sum(0), (f1 * et).sum(0)])
    return energy.sum(0), gradient, hessian


def groove(x, lanes: Lanes):
    """Height of the groove's surface at x, with its slope and curvature (mm, 1, 1/mm); 0 over the floor.

    ``h = tan(lateral) R(x) + tan(medial) R(-x) - (tan(lateral) + tan(fall)) R(x - crest)`` with the ramp R; since
    ``R(-x) = R(x) - x`` the medial wall needs no second square root.
    """
    up, up1, up2 = ramp_derivatives(x, lanes.groove_radius)
    over, over1, over2 = ramp_derivatives(x - lanes.crest, lanes.crest_radius)
    walls, turn = lanes.lateral + lanes.medial, lanes.lateral + lanes.fall
    floor = 0.5 * walls * lanes.groove_radius - turn * ramp(-lanes.crest, lanes.crest_radius)
    height = walls * up - lanes.medial * x - turn * over - floor
    return height, walls * up1 - lanes.medial - turn * over1, walls * up2 - turn * over2


def contact_state(frame, lanes: Lanes):
    """Penetration at every contact point, smoothed, with what its derivatives need."""
    rx, rz = arms(lanes.node_u[:, None], lanes.node_v[:, None], frame)
    height, slope, curve = groove(frame[0] + rx, lanes)
    depth = ramp_derivatives(height - frame[1] - rz, TOUCH_CORNER)
    return depth, slope, curve, rx, rz


def _contact(frame, lanes):
    """Elastic foundation: pressure = foundation x penetration on strips of the contact band."""
    (deep, deep1, deep2), slope, curve, rx, rz = contact_state(frame, lanes)
    stiff = lanes.foundation * lanes.band * lanes.node_width[:, None]
    f1 = stiff * deep * deep1
    f2 = stiff * (deep1 * deep1 + deep * deep2)
    turn = slope * rz + rx                                        # d penetration / d theta; d/dx = slope, d/dz = -1
    bend = f1 * curve
    hessian = np.stack([
        (f2 * slope * slope + bend).sum(0), -(f2 * slope).sum(0), (f2 * slope * turn + bend * rz).sum(0),
        f2.sum(0), -(f2 * turn).sum(0),
        (f2 * turn * turn + bend * rz * rz + f1 * (rz - slope * rx)).sum(0)])
    gradient = np.stack([(f1 * slope).sum(0), -f1.sum(0), (f1 * turn).sum(0)])
    return (0.5 * stiff * deep * deep).sum(0), gradient, hessian
