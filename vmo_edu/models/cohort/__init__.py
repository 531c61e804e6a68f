"""The virtual cohort: thousands of knees drawn from published spreads, and studies done on them.

It shows what the model's mechanics imply if people differ as published. It holds no data on people.

>>> knees = simulate(200, flexion=[0, 30])
>>> bool(abs(explain(knees, "groove_shift_30").of("lateral_inclination")) > 0.3)
True
"""

from vmo_edu.models.cohort.draw import BLOCK, FACTORS, INPUT_COLUMNS, PUBLISHED, Spread, pooled, spreads
from vmo_edu.models.cohort.run import ANGLES, OUTCOME_LABELS, OUTCOMES, arrays, report, simulate
from vmo_edu.models.cohort.sampling import (
    Explained,
    Studies,
    correlation,
    explain,
    interval,
    labels,
    reading_error,
    studies,
    thinning,
)

__all__ = [
    "ANGLES",
    "BLOCK",
    "FACTORS",
    "INPUT_COLUMNS",
    "OUTCOMES",
    "OUTCOME_LABELS",
    "PUBLISHED",
    "Explained",
    "Spread",
    "Studies",
    "arrays",
    "correlation",
    "explain",
    "interval",
    "labels",
    "pooled",
    "reading_error",
    "report",
    "simulate",
    "spreads",
    "studies",
    "thinning",
]
