"""Explorer of lesson 05: the weeks after a swelling, block by block, beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vmo_edu.describe import cycle as words
from vmo_edu.describe.words import number
from vmo_edu.explorers.base import Choice, Explorer, Slider, Toggle
from vmo_edu.figures.cycle import CycleScene
from vmo_edu.models import adaptation
from vmo_edu.models.adaptation import AdaptationResult, Block, Comparison

if TYPE_CHECKING:
    import pandas as pd

WEEKS = 26.0
"""Weeks that the picture shows: half a year."""
DRAINS = {"no": "Left alone", "returns": "Drawn off, back in a week", "stays": "Drawn off for good"}
MODELS = {"linear": "The measured line", "pressure": "Pressure in the joint",
          "rule": "The popular rule (20 / 80)"}
_QUIET = {"effusion": 0.0, "pain": 0.0, "rest": 0.0, "training": 0.0}


@dataclass(frozen=True)
class CycleState:
    """What the timeline shows.

    Attributes
    ----------
    result : AdaptationResult
        The whole course.
    week : float
        Where the cursor stands.
    now : dict of str to float
        Every quantity in that week.
    doing : tuple of str
        What is going on then, in words.
    targets : tuple of Comparison
        Published figures, where the schedule is that of a preset.
    healthy_force : float
        N on the lateral facet of the healthy knee in the same task.
    """

    result: AdaptationResult
    week: float
    now: dict[str, float]
    doing: tuple[str, ...]
    targets: tuple[Comparison, ...]
    healthy_force: float


def schedule_of(values: dict[str, Any]) -> list[Block]:
    """Return the schedule that the controls describe; blocks without amount or length are left out."""
    swollen, drained = values["effusion_weeks"], values["drain_week"]
    if values["drain"] == "stays":
        swollen = min(swollen, drained)
    start = values["training_start"]
    found = [Block("effusion", 0, swollen, values["effusion"]),
             Block("pain", 0, values["pain_weeks"], values["pain"]),
             Block("brace" if values["brace"] else "rest", 0, values["rest_weeks"], values["rest"]),
             Block("training", start, WEEKS - start, values["training"])]
    if values["drain"] == "returns" and drained < swollen:
        found.append(Block("aspiration", drained, 1.0, 1.0))
    return [block for block in found if block.amount > 0 and block.duration > 0]


def controls_of(schedule: Sequence[Block]) -> dict[str, Any]:
    """Return the controls of a schedule that starts everything but training and aspiration in week 0."""
    found: dict[str, Any] = dict(_QUIET)
    for block in schedule:
        if block.kind == "aspiration":
            found.update(drain="returns", drain_week=float(block.start))
        elif block.kind == "training":
            found.update(training=float(block.amount), training_start=float(block.start))
        else:
            name = "rest" if block.kind == "brace" else block.kind
            found.update({name: float(block.amount), f"{name}_weeks": float(block.duration)})
            if block.kind == "brace":
                found["brace"] = True
    return found


def _week_of(course: adaptation.Preset) -> dict[str, float]:
    """Where a preset puts the cursor: just before the last published figure of a course, if it has any.

    Before, because what was done to the knee often ends in that very week.
    """
    weeks = [target.week for target in course.targets]
    return {"week": (math.ceil(2 * max(weeks)) - 1) / 2} if weeks else {}


class CycleExplorer(Explorer):
    """Effusion, pain, rest, draining and training over half a year: size, drive, strength, lateral load."""

    name = "cycle"
    title = "The vicious cycle: half a year of a knee"
    controls = (
        Slider("week", "Week", "", 0, WEEKS, 0.5, 3, "Where the cursor stands."),
        Slider("effusion", "Fluid in the joint", "ml", 0, 120, 0.5, 40, "How much, from week 0 on."),
        Slider("effusion_weeks", "Fluid stays", "weeks", 0, WEEKS, 0.5, 6, "How long it is swollen."),
        Choice("drain", "Drawing it off", DRAINS),
        Slider("drain_week", "Drawn off in week", "", 0, WEEKS, 0.5, 3, "When the fluid is drawn off."),
        Slider("pain", "Pain takes", "", 0, 0.6, 0.01, 0.1, "Share of the drive that pain alone takes away."),
        Slider("pain_weeks", "Pain lasts", "weeks", 0, WEEKS, 0.5, 2, "How long it hurts."),
        Slider("rest", "Rest", "", 0, 1, 0.05, 0.5, "0 daily life, 1 the leg carries nothing."),
        Slider("rest_weeks", "Rest lasts", "weeks", 0, WEEKS, 0.5, 4, "How long the leg is spared."),
        Toggle("brace", "Knee locked in a brace", False, "A locked knee loses muscle faster."),
        Slider("training", "Training", "", 0, 1, 0.05, 0, "1: heavy leg extension on alternate days."),
        Slider("training_start", "Training from week", "", 0, WEEKS, 0.5, 6, "It goes on to the end."),
        Choice("model", "Fluid inhibits by", MODELS, "linear"),
        Slider("force_exponent", "Steeper map", "", 1, 5, 0.1, 1,
               "Strength goes with activation to this power: 4.6 fits one case only."),
        Slider("pain_gain", "Extra load hurts", "", 0, 5, 0.5, 0,
               "Illustrative, nothing was measured: pain from extra load on the lateral facet."),
    )
    presets = {
        "Nothing happens": dict(_QUIET),
        **{name: {**controls_of(course.schedule), **_week_of(course)} for name, course in adaptation.PRESETS.items()},
        "The circle closes (illustrative)": {"effusion": 60.0, "effusion_weeks": 12.0, "pain_gain": 5.0},
    }
    main = ("week", "effusion", "training")
    play = "week"
    play_mode = "once"
    scene = CycleScene
    sources = ("mizner2005", "thomas2015", "narici1996", "kilroe2020", "mulder2006", "marusic2021",
               "deboer2007", "vigelso2015", "fahrer1988", "palmierismith2013", "kssta2013")

    def solve(self, values: dict[str, Any]) -> CycleState:
        """Return the course of one set of values and where it stands in the chosen week."""
        return self.solve_sweep(values, "week", [values["week"]])[0]

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[CycleState]:
        """Solve every different schedule once, all tracking in one batch."""
        settings = [{**values, control: point} for point in points]
        if control in ("model", "force_exponent", "pain_gain"):
            runs = [_run([schedule_of(one)], one)[0] for one in settings]
            return [_state(one, run) for one, run in zip(settings, runs, strict=True)]
        schedules = [tuple(schedule_of(one)) for one in settings]
        different = list(dict.fromkeys(schedules))
        runs = dict(zip(different, _run(different, values), strict=True))
        return [_state(one, runs[schedule]) for one, schedule in zip(settings, schedules, strict=True)]

    def describe(self, state: CycleState | None = None) -> str:
        """Return what happens in this week, the published figures about it, and the pinned course."""
        text = [words.describe(state.now, state.healthy_force, state.doing)]
        near = [row for row in state.targets if abs(row.week - state.week) <= 1]
        if near:
            text.append(words.misses([(_short(row), row.measured, row.modelled, row.unit) for row in near]))
        if self.baseline is not None:
            then = self.baseline.result.at(state.week)
            text.append(words.compare(*(state.now[name] - then[name] for name in ("strength", "size"))))
        return " ".join(text)

    def readouts(self, state: CycleState | None = None) -> list[tuple[str, str, str, str]]:
        """Return strength and its parts in this week."""
        now, low = state.now, state.now["strength"] < 0.8
        load = number(100 * now["lateral_force"] / state.healthy_force, 1)
        facet = (load, "% of healthy", "") if words.usable(now) else ("no result", "", "bad")
        return [("Strength", number(100 * now["strength"]), "%", "warn" if low else ""),
                ("VMO size", number(100 * now["size_vmo"], 1), "%", ""),
                ("VL size", number(100 * now["size_vl"], 1), "%", ""),
                ("VMO drive", number(100 * now["activation_vmo"]), "%", ""),
                ("Lateral facet", *facet)]

    def table(self, state: CycleState | None = None) -> pd.DataFrame:
        """Return the course as a table: one row per time, sizes and strengths as shares of healthy."""
        wanted = ["weeks", "volume", "pain", "use", "training", "size_vmo", "size_vl", "activation_vmo",
                  "activation_vl", "neural", "strength", "loss_activation", "loss_size", "loss_neural",
                  "lateral_force", "lateral_share"]
        return state.result.to_frame()[wanted].round(4)


def _run(schedules: Sequence[Sequence[Block]], values: dict[str, Any]) -> list[AdaptationResult]:
    return adaptation.simulate_many(schedules, WEEKS, model=values["model"], pain_gain=values["pain_gain"],
                                    force_exponent=values["force_exponent"])


def _state(values: dict[str, Any], run: AdaptationResult) -> CycleState:
    week = float(values["week"])
    now = {**run.at(week), "weeks": week}
    draining = any(one.kind == "aspiration" and one.start <= week < one.end for one in run.blocks) or (
        values["drain"] == "stays" and values["drain_week"] <= week < values["drain_week"] + 1)
    doing = words.going_on(now["volume"], now["pain"], 1 - now["use"], values["brace"], now["training"],
                           draining)
    return CycleState(run, week, now, tuple(doing), _targets(run, values), run.healthy_force)


def _targets(run: AdaptationResult, values: dict[str, Any]) -> tuple[Comparison, ...]:
    """Published figures of the preset that has exactly this schedule, under the model's own settings."""
    if values["pain_gain"] or values["model"] != "linear":
        return ()
    for name, course in adaptation.PRESETS.items():
        wanted = adaptation.blocks(course.schedule)
        if len(wanted) == len(run.blocks) and set(wanted) == set(run.blocks):
            return tuple(adaptation.compare(name, run))
    return ()


def _short(row: Comparison) -> str:
    name = {"activation_change": "activation", "effused_share": "strength before draining"}.get(
        row.quantity, row.quantity)
    unverified = ", unverified" if "unverified" in row.source else ""
    return f"{name} in week {number(row.week, 0 if row.week == round(row.week) else 1)}{unverified}"
