"""Solves a whole cohort, block by block, on one core or on any executor, and lays it out as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu.errors import InputError, check_array, check_choice, check_whole
from vmo_edu.knee import Knee
from vmo_edu.models import tracking
from vmo_edu.models.cohort import draw

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("groove_shift", "tilt", "lateral_share", "peak_lateral_pressure", "contact_area")
"""What is kept of each equilibrium: names of `TrackingResult`; the table adds the angle, as in ``tilt_30``."""

OUTCOME_LABELS = {
    "groove_shift": ("Shift in the groove", "mm"),
    "tilt": ("Tilt", "°"),
    "lateral_share": ("Load on the lateral facet", "%"),
    "peak_lateral_pressure": ("Peak lateral pressure", "MPa"),
    "contact_area": ("Contact area", "mm²"),
}
"""Name on screen and unit of each; the share is 0 to 1 in the table and % on screen."""

ANGLES = (0, 10, 20, 30, 45, 60, 90)
"""Flexion angles that are solved if none are asked for, degrees."""

MOST = 1_000_000


def simulate(
    n: int,
    seed: int = 1,
    flexion: Sequence[float] = ANGLES,
    executor: Executor | None = None,
    progress: Callable | None = None,
    vary: Iterable[str] = draw.FACTORS,
) -> pd.DataFrame:
    """Draw virtual knees from published spreads and solve each at every angle.

    Parameters
    ----------
    n : int
        How many knees, 1 to 1,000,000. The first knees of a larger cohort are those of a smaller one.
    seed : int
        The same seed gives the same knees, whatever the executor.
    flexion : sequence of float
        Knee flexion, degrees, 0 to 90, no angle twice.
    executor : concurrent.futures.Executor, optional
        Where to compute: ``ProcessPoolExecutor(2)``, or that of a Dask cluster (``client.get_executor()``).
    progress : callable, optional
        Wraps the blocks as they are finished, called as ``progress(blocks, total=count)``: pass ``tqdm.auto.tqdm``.
    vary : iterable of str
        Those of `FACTORS` that vary between knees; the others stay at their mean.

    Returns
    -------
    pandas.DataFrame
        One row per knee: its anatomy (`INPUT_COLUMNS`), `q_seen` (the Q-angle to where the patella lies with the
        knee straight), then `OUTCOMES` at each angle, then `converged` and `in_groove`. Where no equilibrium was
        found, or the patella has left its groove, the outcome is NaN and one of these is False; such rows stay in
        the table (`report` counts them).

    Raises
    ------
    InputError
        Naming the argument that is not legal.

    Examples
    --------
    >>> knees = simulate(300, flexion=[0, 30])
    >>> len(knees), bool(knees["converged"].all())
    (300, True)
    >>> bool(knees["q_seen"].std() < knees["q_angle"].std())    # a goniometer sees less than the bones hold
    True
    """
    import pandas as pd

    return pd.DataFrame(arrays(n, seed, flexion, executor, progress, vary))


def arrays(
    n: int,
    seed: int = 1,
    flexion: Sequence[float] = ANGLES,
    executor: Executor | None = None,
    progress: Callable | None = None,
    vary: Iterable[str] = draw.FACTORS,
) -> dict[str, np.ndarray]:
    """Return what `simulate` does as a dictionary of columns, without pandas."""
    n, seed = check_whole("n", n, 1, MOST, "knees"), check_whole("seed", seed, 0, 2**31)
    flexion = check_array("flexion", flexion, *tracking.FLEXION_RANGE, "degrees")
    if len(set(flexion)) < len(flexion):
        raise InputError(f"flexion must not hold an angle twice; got {flexion.tolist()}")
    if executor is not None and not isinstance(executor, Executor):
        raise InputError(f"executor must be a concurrent.futures.Executor; got {type(executor).__name__}")
    if progress is not None and not callable(progress):
        raise InputError(f"progress must be callable, like tqdm.auto.tqdm; got {type(progress).__name__}")
    vary = _factors(vary)
    count = -(-n // draw.BLOCK)
    sizes = [min(draw.BLOCK, n - index * draw.BLOCK) for index in range(count)]
    jobs = (range(count), sizes, repeat(seed), repeat(tuple(flexion.tolist())), repeat(vary))
    blocks = (map if executor is None else executor.map)(solve_block, *jobs)
    if progress is not None:
        blocks = progress(blocks, total=count)
    found = list(blocks)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def solve_block(
    index: int, size: int, seed: int, flexion: tuple[float, ...], vary: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Draw one block and solve its first `size` knees; runs in any process."""
    inputs = {name: column[:size] for name, column in draw.block(index, seed, vary).items()}
    angles = flexion if 0.0 in flexion else (*flexion, 0.0)  # the straight knee is where Q is measured
    result = tracking.solve(draw.knees_of(inputs), angles, values=draw.values_of(inputs, len(angles)))
    straight = angles.index(0.0)
    resting = np.where(result.usable[:, straight], result.groove_shift[:, straight], np.nan)
    columns = dict(inputs, q_seen=draw.q_seen(inputs, resting - _default_place()))
    for name in OUTCOMES:
        kept = np.where(result.usable, getattr(result, name), np.nan)
        columns.update({f"{name}_{angle:g}": kept[:, i] for i, angle in enumerate(flexion)})
    return {**columns, "converged": result.converged.all(axis=1), "in_groove": result.in_groove.all(axis=1)}


def _default_place() -> float:
    """Where the patella of the default knee lies in extension, mm: the place its landmarks were drawn for."""
    return float(tracking.solve(Knee(), 0.0).groove_shift[0])


def report(knees: pd.DataFrame) -> dict[str, int]:
    """Return how many knees there are, how many were drawn again, and how many gave no result, by reason.

    Examples
    --------
    >>> report(simulate(100, flexion=30))["not converged"]
    0
    """
    return {
        "knees": len(knees["redrawn"]),
        "drawn again": int((np.asarray(knees["redrawn"]) > 0).sum()),
        "not converged": int((~np.asarray(knees["converged"], bool)).sum()),
        "out of the groove": int((~np.asarray(knees["in_groove"], bool)).sum()),
    }


def _factors(vary: Iterable[str]) -> tuple[str, ...]:
    if isinstance(vary, str):
        vary = (vary,)
    if not isinstance(vary, Iterable):
        raise InputError(f"vary must be names out of {', '.join(draw.FACTORS)}; got {vary!r}")
    asked = {check_choice("vary", name, draw.FACTORS) for name in vary}
    return tuple(name for name in draw.FACTORS if name in asked)
