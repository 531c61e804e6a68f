"""Smooth corners: a ramp that is twice differentiable, so that Newton's method and exact Hessians work."""

from __future__ import annotations

import numpy as np


def ramp(x, radius):
    """Return a smooth version of max(x, 0): the hyperbola (x + sqrt(x^2 + r^2)) / 2.

    Parameters
    ----------
    x : array_like
        Where.
    radius : array_like
        Size of the rounded corner, in the unit of `x`; the ramp is radius/2 at x = 0.

    Returns
    -------
    numpy.ndarray
    """
    return 0.5 * (x + np.sqrt(x * x + radius * radius))


def ramp_derivatives(x, radius):
    """Return the ramp with its first and second derivative (the three share one square root)."""
    root = np.sqrt(x * x + radius * radius)
    value = 0.5 * (x + root)
    return value, value / root, 0.5 * radius * radius / (root * root * root)
