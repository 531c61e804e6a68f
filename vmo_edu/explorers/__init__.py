"""The explorers by name: ``from vmo_edu import explore; explore.tracking(preset="VMO off")``.

Each module is imported when its explorer is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Explore:
    """All explorers as methods; each takes ``preset="..."`` and values of its controls.

    An object and not this package itself: Python puts an imported module into its package under the module's
    name, so `vmo_edu.explorers.tracking` is the module and `explore.tracking` stays the explorer.
    """

    CLASSES = {
        "overview": "OverviewExplorer",
        "q_angle": "QAngleExplorer",
        "pull": "PullExplorer",
        "tracking": "TrackingExplorer",
        "effusion": "EffusionExplorer",
        "detection": "DetectionExplorer",
        "cycle": "CycleExplorer",
        "exercise": "ExerciseExplorer",
        "cramp": "CrampExplorer",
        "claims": "ClaimsExplorer",
        "cases": "CasesExplorer",
        "cohort": "CohortExplorer",
    }

    def __dir__(self) -> list[str]:
        return list(self.CLASSES)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"there is no explorer {name!r}; there are {', '.join(self.CLASSES)}")

    def __repr__(self) -> str:
        return f"<explore: {', '.join(self.CLASSES)}>"

    def _open(self, name: str, state: dict[str, Any]) -> Any:
        return getattr(import_module(f"vmo_edu.explorers.{name}"), self.CLASSES[name])(**state)

    def overview(self, **state: Any) -> Any:
        """Open the knee with its labels (lesson 00)."""
        return self._open("overview", state)

    def q_angle(self, **state: Any) -> Any:
        """Open the front view with draggable Q-angle landmarks (lesson 01)."""
        return self._open("q_angle", state)

    def pull(self, **state: Any) -> Any:
        """Open the five pulls of the quadriceps and their polygon (lesson 02)."""
        return self._open("pull", state)

    def tracking(self, **state: Any) -> Any:
        """Open the patella in its groove (lesson 03)."""
        return self._open("tracking", state)

    def effusion(self, **state: Any) -> Any:
        """Open the swollen knee (lesson 04)."""
        return self._open("effusion", state)

    def detection(self, **state: Any) -> Any:
        """Open the detection lab: thresholds out of straight lines (lesson 04)."""
        return self._open("detection", state)

    def cycle(self, **state: Any) -> Any:
        """Open the weeks after a swelling (lesson 05)."""
        return self._open("cycle", state)

    def exercise(self, **state: Any) -> Any:
        """Open the exercise laboratory (lesson 06)."""
        return self._open("exercise", state)

    def cramp(self, **state: Any) -> Any:
        """Open the cramp threshold (lesson 07)."""
        return self._open("cramp", state)

    def claims(self, **state: Any) -> Any:
        """Open the ledger of popular claims (lesson 08)."""
        return self._open("claims", state)

    def cases(self, **state: Any) -> Any:
        """Open the case clinic (lesson 09)."""
        return self._open("cases", state)

    def cohort(self, **state: Any) -> Any:
        """Open the virtual cohort: one factor among many, and small studies (lesson 10)."""
        return self._open("cohort", state)


explore = Explore()
"""The one that `from vmo_edu import explore` gives."""

__all__ = ["Explore", "explore"]
