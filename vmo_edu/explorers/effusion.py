"""Explorer of lesson 04: fluid in the joint, what it leaves of the muscles, and what the patella does then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmo_edu.describe import effusion as words
from vmo_edu.describe.words import number, sided
from vmo_edu.explorers.base import UNIT_SIGNS, Choice, Explorer, Slider
from vmo_edu.explorers.paths import Path, paths
from vmo_edu.explorers.tracking import cut
from vmo_edu.figures.effusion import EffusionScene
from vmo_edu.knee import Knee
from vmo_edu.models import inhibition, tracking

if TYPE_CHECKING:
    import pandas as pd

CURVE = np.arange(0.0, 121.0, 2.5)
"""Volumes of the response curves, ml."""
ANGLES = np.arange(0.0, 91.0, 5.0)
"""Angles of the tracking curves, degrees."""
MODELS = {"rule": "The popular rule (20 / 80)", "linear": "The measured line", "pressure": "Pressure in the joint"}


@dataclass(frozen=True)
class EffusionState:
    """What the effusion picture shows.

    Attributes
    ----------
    volume, flexion : float
        ml, degrees.
    model : {"rule", "linear", "pressure"}
        The response model that drives the knee.
    vm, vl, rf : float
        What it leaves of the muscles at this volume, 0 to 1.
    extrapolated : bool
        Beyond what was measured.
    curves : dict of str to dict of str to numpy.ndarray
        model -> muscle -> activation at the volumes of `CURVE`.
    thresholds : tuple of float
        The popular rule's two volumes, ml.
    dry, swollen : TrackingResult
        The patella's path without and with the fluid; its curves break where the patella is not in its groove.
    dry_now, swollen_now : dict of str to float
        Both at the present angle.
    knee : Knee
        The swollen knee.
    pressure : float
        Joint pressure of the pressure model, mmHg (an assumption: read differences).
    """

    volume: float
    flexion: float
    model: str
    vm: float
    vl: float
    rf: float
    extrapolated: bool
    curves: dict[str, dict[str, np.ndarray]]
    thresholds: tuple[float, float]
    dry: tracking.TrackingResult
    swollen: tracking.TrackingResult
    dry_now: dict[str, float]
    swollen_now: dict[str, float]
    knee: Knee
    pressure: float

    @property
    def usable(self) -> bool:
        """Whether the swollen knee shown is a result: an equilibrium, with the patella in its groove."""
        return bool(self.swollen_now["converged"] and self.swollen_now["in_groove"])


def _option(model: str, name: str, label: str, step: float, low: float, high: float) -> Slider:
    item = inhibition.OPTIONS[model][name]
    return Slider(name, label, UNIT_SIGNS.get(item.unit, item.unit), low, high, step, round(item.default, 2),
                  f"{item.meaning[0].upper()}{item.meaning[1:]}.")


class EffusionExplorer(Explorer):
    """Effusion 0 to 120 ml under three response models, coupled to tracking."""

    name = "effusion"
    title = "A swollen knee: the rule, the measurement, the model"
    controls = (
        Slider("volume", "Fluid in the joint", "ml", 0, 120, 1, 0, "1 ml is 1 cc."),
        Choice("model", "The knee follows", MODELS, "linear"),
        Slider("flexion", "Knee flexion", "°", 0, 90, 1, 10, "Matters to the pressure model, and to tracking."),
        _option("rule", "vmo_threshold", "Rule: VMO off at", 1, 5, 60),
        _option("rule", "vl_threshold", "Rule: VL off at", 1, 30, 120),
        _option("linear", "vm_vl_ratio", "Line: VM falls faster by", 0.01, 1.0, 1.3),
        _option("pressure", "minutes", "Pressure: easy movement", 0.25, 0, 10),
        _option("pressure", "pain", "Pain alone takes", 0.05, 0, 1),
    )
    presets = {
        "Dry knee": {},
        "20 ml, by the rule": {"volume": 20, "model": "rule"},
        "20 ml, as measured": {"volume": 20, "model": "linear"},
        "60 ml, as measured": {"volume": 60, "model": "linear"},
        "80 ml, by the rule": {"volume": 80, "model": "rule"},
        "60 ml, straight knee": {"volume": 60, "model": "pressure", "flexion": 0},
        "60 ml, bent 45°": {"volume": 60, "model": "pressure", "flexion": 45},
        "60 ml, after 4 min": {"volume": 60, "model": "pressure", "flexion": 0, "minutes": 4},
    }
    main = ("volume", "model")
    play = "volume"
    scene = EffusionScene
    sources = ("spencer1984", "torry2005", "palmierismith2007", "palmierismith2013", "mcnair1996", "iles1990",
               "wood1988")

    def solve(self, values: dict[str, Any]) -> EffusionState:
        """Return the swollen knee of one set of values."""
        return self.solve_sweep(values, "volume", [values["volume"]])[0]

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[EffusionState]:
        """Solve the patella of all points in one batch."""
        settings = [{**values, control: point} for point in points]
        flexion = [one["flexion"] for one in settings]
        dry = paths([Knee()] * len(settings), flexion, ANGLES)
        swollen = paths([_knee(one) for one in settings], flexion, ANGLES)
        return [_state(*each) for each in zip(settings, dry, swollen, strict=True)]

    def describe(self, state: EffusionState | None = None) -> str:
        """Return the meaning of the picture, and what differs from the pinned state."""
        text = words.describe(state.volume, state.model, state.flexion, state.vm, state.vl, state.rf,
                              state.dry_now, state.swollen_now)
        base = self.baseline
        if base is not None:
            moved = state.swollen_now["shift"] - base.swollen_now["shift"] if state.usable and base.usable else None
            text += " " + words.compare(state.vm - base.vm, state.vl - base.vl, moved, state.model)
        return text

    def readouts(self, state: EffusionState | None = None) -> list[tuple[str, str, str, str]]:
        """Return what is left, beside the measured lines where the rule is chosen, and what the patella does."""
        vm = "VMO" if state.model == "rule" else "VM"
        tone = "warn" if state.extrapolated and state.volume else ""
        rows = [(f"{vm} left", number(100 * state.vm), "%", tone), ("VL left", number(100 * state.vl), "%", tone)]
        if state.model == "rule":
            found = inhibition.activation(state.volume, "linear")
            unit = "% (not measured)" if found.extrapolated else "%"
            rows += [("Measured line: VM", number(100 * found.vm), unit, ""),
                     ("Measured line: VL", number(100 * found.vl), unit, "")]
        else:
            rows.append(("RF left", number(100 * state.rf), "%", tone))
        if state.usable:
            rows.append(("Patella moves", *sided(state.swollen_now["shift"] - state.dry_now["shift"], "mm", 1), ""))
        else:
            rows.append(("Patella", "out of groove" if state.swollen_now["converged"] else "no equilibrium", "", "bad"))
        if state.model == "pressure":
            rows.append(("Pressure (assumed)", number(state.pressure), "mmHg", "warn"))
        return rows

    def table(self, state: EffusionState | None = None) -> pd.DataFrame:
        """Return what each model leaves at the volumes of the curves, in percent."""
        names = {"vm": "VM", "vl": "VL", "rf": "RF"}
        columns = {f"{model}: {names[muscle]} (%)": 100 * state.curves[model][muscle]
                   for model in MODELS for muscle in names}
        import pandas as pd  # only tables need it

        return pd.DataFrame({"volume (ml)": CURVE, **columns}).round(1)


def _options(values: dict[str, Any], model: str) -> dict[str, float]:
    return {name: values[name] for name in inhibition.OPTIONS[model] if name in values}


def _knee(values: dict[str, Any]) -> Knee:
    model = values["model"]
    return Knee().with_effusion(values["volume"], model, values["flexion"], **_options(values, model))


def _state(values: dict[str, Any], dry: Path, swollen: Path) -> EffusionState:
    volume, flexion, model = values["volume"], values["flexion"], values["model"]
    left = inhibition.activation(volume, model, flexion, **_options(values, model))
    curves = {}
    for name in MODELS:
        curve = inhibition.activation(CURVE, name, flexion, **_options(values, name))
        curves[name] = {"vm": curve.vm, "vl": curve.vl, "rf": curve.rf}
    options = {name: value for name, value in _options(values, "pressure").items() if name != "pain"}
    return EffusionState(volume, flexion, model, left.vm, left.vl, left.rf, left.extrapolated, curves,
                         (values["vmo_threshold"], values["vl_threshold"]), cut(dry.curve), cut(swollen.curve), dry.now,
                         swollen.now, swollen.knee, inhibition.pressure(volume, flexion, **options))
