"""vmo_edu: see and try how the vastus medialis obliquus works and fails.

`Knee` describes a knee, `vmo_edu.models` computes with it, `explore` opens the live explorers in Jupyter.
"""

from importlib import import_module
from typing import Any

from vmo_edu.knee import Knee

__version__ = "1.0.0"
__all__ = ["Knee", "explore", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the explorers when first asked for: models alone then need neither matplotlib nor widgets."""
    if name == "explore":
        return import_module("vmo_edu.explorers").explore
    raise AttributeError(f"module 'vmo_edu' has no attribute {name!r}")
