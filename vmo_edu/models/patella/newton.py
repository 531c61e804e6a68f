"""Find the equilibrium of many patellae at once: damped Newton on all lanes, each stopping by itself."""

from __future__ import annotations

import numpy as np

from vmo_edu.models.patella.geometry import Lanes
from vmo_edu.models.patella.potential import evaluate

TOLERANCE = 1e-8                         # N (N mm / 20 for tilt)
MAX_STEP = 3.0                           # mm: no component moves further in one step
MAX_STEPS = 150
FLOOR = 0.05                             # N/mm: smallest curvature that a step may rely on


def minimise(lanes: Lanes, start: np.ndarray, hold_shift: bool = False):
    """Return the pose of least energy in every lane.

    Parameters
    ----------
    lanes : Lanes
        The n mechanical problems.
    start : (3, n) array
        First guess of the pose.
    hold_shift : bool
        Keep the lateral shift as given; only height and tilt are free (the laboratory's stability test).

    Returns
    -------
    pose : (3, n) array
    residual : (n,) array
        Largest component of the free gradient, N.
    """
    pose, residual = start.copy(), np.full(lanes.count, np.inf)
    active, now = np.arange(lanes.count), start.copy()
    part, size = lanes, np.ones(lanes.count)
    energy, gradient, hessian = _free(evaluate(now, part), hold_shift)
    for _ in range(MAX_STEPS):
        worst = np.abs(gradient).max(axis=0)
        pose[:, active], residual[active] = now, worst
        going = worst >= TOLERANCE
        if not going.any():
            break
        if going.sum() < 0.8 * going.size:                        # drop the lanes that are done
            active, now, size = active[going], now[:, going], size[going]
            energy, gradient, hessian = energy[going], gradient[:, going], hessian[:, going]
            part = part.take(going)
        step = newton_step(gradient, hessian)
        step *= MAX_STEP / np.maximum(MAX_STEP, np.abs(step).max(axis=0))
        trial = now + size * step
        energy2, gradient2, hessian2 = _free(evaluate(trial, part), hold_shift)
        down = energy2 <= energy + 1e-4 * size * (gradient * step).sum(axis=0)
        # close to the end the energy no longer resolves progress, but the gradient does
        close = np.abs(gradient2).max(axis=0) < 0.5 * np.abs(gradient).max(axis=0)
        good = down | (close & (energy2 - energy < 1e-9 * (1 + np.abs(energy))))
        now = np.where(good, trial, now)
        energy, gradient, hessian = (np.where(good, new, old) for new, old in (
            (energy2, energy), (gradient2, gradient), (hessian2, hessian)))
        size = np.where(good, np.minimum(1.0, 2 * size), 0.5 * size)
    return pose, residual


def _free(state, hold_shift):
    """Take the lateral shift out of gradient and Hessian where the laboratory holds it."""
    energy, gradient, hessian = state
    if hold_shift:
        gradient[0] = 0.0
        hessian[0], hessian[1], hessian[2] = 1.0, 0.0, 0.0
    return energy, gradient, hessian


def newton_step(gradient: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Return -H^-1 g; where H is not safely positive its eigenvalues are floored first."""
    xx, xz, xs, zz, zs, ss = hessian
    gx, gz, gs = gradient
    cx, cz, cs = zz * ss - zs * zs, xs * zs - xz * ss, xz * zs - xs * zz
    det = xx * cx + xz * cz + xs * cs
    minor = xx * zz - xz * xz
    safe = (xx > FLOOR) & (minor > FLOOR * xx) & (det > FLOOR * minor)
    safe_det = np.where(safe, det, 1.0)
    step = -np.stack([cx * gx + cz * gz + cs * gs,
                      cz * gx + (xx * ss - xs * xs) * gz + (xs * xz - xx * zs) * gs,
                      cs * gx + (xs * xz - xx * zs) * gz + minor * gs]) / safe_det
    odd = ~safe
    if odd.any():
        step[:, odd] = _floored_step(gradient[:, odd], hessian[:, odd])
    return step


def _floored_step(gradient, hessian):
    """Newton step with the size of every eigenvalue at least FLOOR and its sign taken as positive."""
    full = hessian[[0, 1, 2, 1, 3, 4, 2, 4, 5]].T.reshape(-1, 3, 3)
    values, vectors = np.linalg.eigh(full)
    values = np.maximum(np.abs(values), FLOOR)
    inside = np.einsum("nij,in->nj", vectors, gradient) / values
    return -np.einsum("nij,nj->in", vectors, inside)
