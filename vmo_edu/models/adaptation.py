"""Weeks and months of a knee: swelling and rest take a muscle away, training brings it back.

`simulate` follows muscle size, activation and strength through a schedule of blocks and says what that does
to the load on the lateral facet; `compare` sets the presets beside published figures, misses included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vmo_edu import effusion, evidence
from vmo_edu.errors import InputError, check_choice, check_number
from vmo_edu.knee import HEADS, INPUTS, Knee
from vmo_edu.models import tracking
from vmo_edu.models.muscle import PARAMETERS, neural_rate, size_rate, values
from vmo_edu.models.schedule import KINDS, WEEKS_MAX, Block, Demand, amount, blocks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "MUSCLES", "PARAMETERS", "PRESETS", "WEEKS_MAX", "AdaptationResult", "Block",
           "Comparison", "Preset", "Target", "blocks", "compare", "comparison_table", "preset", "simulate",
           "simulate_many"]

MUSCLES = ("vmo", "vl", "rf")
"""The muscles that are followed: vastus medialis (both parts), vastus lateralis, rectus with intermedius."""

_TO_MUSCLE = {"rf_vi": 2, "vml": 0, "vmo": 0, "vll": 1, "vlo": 1}
_TRACKED = ("lateral_force", "lateral_share", "shift", "tilt", "converged", "in_groove")


@dataclass(frozen=True)
class AdaptationResult:
    """A knee over the weeks: arrays (times,). The edge of a block appears twice, before and after it.

    Attributes
    ----------
    weeks : numpy.ndarray
        Time, weeks.
    volume, pain, use, training : numpy.ndarray
        What the schedule asks for: ml, share of activation lost, use (1 daily life), training (0..1).
    size_vmo, size_vl, size_rf : numpy.ndarray
        Cross-section, 1 = healthy.
    activation_vmo, activation_vl, activation_rf : numpy.ndarray
        Activation left by effusion and pain, 0 to 1.
    neural : numpy.ndarray
        Strength left by disuse beside size and activation, 0 to 1.
    strength_vmo, strength_vl, strength_rf, strength : numpy.ndarray
        size x activation ** force_exponent x neural; the last is the whole quadriceps.
    size, activation : numpy.ndarray
        Of the whole quadriceps, weighted by share of the pull.
    loss_size, loss_activation, loss_neural : numpy.ndarray
        Parts of 1 - strength; they add up to it (shared by the logarithms of the three factors).
    lateral_force, lateral_share, shift, tilt : numpy.ndarray
        Patellar tracking at `flexion` for the *same total pull*: N, 0..1, mm, degrees. Empty without `track`.
    converged : numpy.ndarray of bool
        Whether each of these equilibria was found.
    in_groove : numpy.ndarray of bool
        Whether the patella is still in its groove there: see `vmo_edu.models.tracking.TrackingResult`.
    healthy_force : float
        lateral_force of the healthy knee, N; NaN without `track`.
    blocks : tuple of Block
    flexion : float
        Degrees.
    """

    weeks: np.ndarray
    volume: np.ndarray
    pain: np.ndarray
    use: np.ndarray
    training: np.ndarray
    size_vmo: np.ndarray
    size_vl: np.ndarray
    size_rf: np.ndarray
    activation_vmo: np.ndarray
    activation_vl: np.ndarray
    activation_rf: np.ndarray
    neural: np.ndarray
    strength_vmo: np.ndarray
    strength_vl: np.ndarray
    strength_rf: np.ndarray
    strength: np.ndarray
    size: np.ndarray
    activation: np.ndarray
    loss_size: np.ndarray
    loss_activation: np.ndarray
    loss_neural: np.ndarray
    lateral_force: np.ndarray
    lateral_share: np.ndarray
    shift: np.ndarray
    tilt: np.ndarray
    converged: np.ndarray
    in_groove: np.ndarray
    healthy_force: float
    blocks: tuple[Block, ...]
    flexion: float

    def _series(self) -> list[str]:
        return [item.name for item in fields(self)
                if item.name not in ("healthy_force", "blocks", "flexion") and getattr(self, item.name).size]

    def at(self, week: float) -> dict[str, float]:
        """Return every quantity at one week, by name; at the edge of a block the value after it.

        Parameters
        ----------
        week : float
            0 to the end of the simulation.

        Returns
        -------
        dict of str to float
            In the units of the attributes.

        Raises
        ------
        InputError
            If the week lies outside the simulation.
        """
        week = check_number("week", week, 0.0, float(self.weeks[-1]), "weeks")
        after = min(int(np.searchsorted(self.weeks, week, side="right")), len(self.weeks) - 1)
        before = max(after - 1, 0)
        span = self.weeks[after] - self.weeks[before]
        share = float(np.clip((week - self.weeks[before]) / span, 0.0, 1.0)) if span > 0 else 1.0
        return {name: float((1 - share) * getattr(self, name)[before] + share * getattr(self, name)[after])
                for name in self._series()}

    def to_frame(self) -> pd.DataFrame:
        """Return one row per time, one column per quantity.

        Returns
        -------
        pandas.DataFrame
            In the units of the attributes.
        """
        import pandas as pd

        return pd.DataFrame({name: getattr(self, name) for name in self._series()})


def simulate(schedule: Iterable[Block | Mapping[str, object]], weeks: float = 26.0, *, model: str = "linear",
             flexion: float = 30.0, knee: Knee | None = None, force_exponent: float = 1.0,
             pain_gain: float = 0.0, parameters: Mapping[str, float] | None = None,
             track: bool = True) -> AdaptationResult:
    """Follow muscle size, activation and strength through a schedule, and the load on the kneecap.

    Parameters
    ----------
    schedule : list of Block or of dict
        See `blocks`. Blocks of different kinds may overlap; an empty list is daily life.
    weeks : float
        How long to follow, 0.5 to 104 weeks.
    model : {"rule", "linear", "pressure"}
        How effusion inhibits (see `vmo_edu.models.inhibition.activation`).
    flexion : float
        Knee angle of the tracking results and of the pressure model, degrees, 0 to 90.
    knee : Knee, optional
        The healthy knee to start from.
    force_exponent : float
        Strength = size x activation ** force_exponent x neural. 1 as default; 4.6 fits one case only (F0619).
    pain_gain : float
        Illustrative: share of activation that pain takes away for each 100 % of extra lateral load, 0 to 5.
        Nothing measured stands behind it; 0 leaves pain to the schedule.
    parameters : mapping of str to float, optional
        Other values for some of `PARAMETERS`.
    track : bool
        Whether to solve patellar tracking too.

    Returns
    -------
    AdaptationResult

    Raises
    ------
    InputError
        Naming the block or input that is wrong; also if the same total pull from fewer heads would take more
        than the largest quadriceps force a knee may have.

    Examples
    --------
    >>> bed = simulate([Block("rest", 0, 8, 1.0)], weeks=8, track=False)
    >>> round(100 * (bed.at(8)["size_vmo"] - 1), 1)             # measured after 56 days: -14.1 (mulder2006)
    -14.4
    """
    return simulate_many([schedule], weeks, model=model, flexion=flexion, knee=knee, pain_gain=pain_gain,
                         force_exponent=force_exponent, parameters=parameters, track=track)[0]


def simulate_many(schedules: Iterable[Iterable[Block | Mapping[str, object]]], weeks: float = 26.0, *,
                  model: str = "linear", flexion: float = 30.0, knee: Knee | None = None,
                  force_exponent: float = 1.0, pain_gain: float = 0.0,
                  parameters: Mapping[str, float] | None = None,
                  track: bool = True) -> list[AdaptationResult]:
    """Follow several schedules under one set of settings, all equilibria of the patella in one batch.

    Parameters
    ----------
    schedules : iterable of schedules
        Each as for `simulate`; so are the other parameters.

    Returns
    -------
    list of AdaptationResult

    Raises
    ------
    InputError
        As `simulate`.
    """
    checked = [blocks(schedule) for schedule in schedules]
    weeks = check_number("weeks", weeks, 0.5, WEEKS_MAX, "weeks")
    check_choice("model", model, effusion.MODELS)
    flexion = check_number("flexion", flexion, 0.0, 90.0, "degrees")
    exponent = check_number("force_exponent", force_exponent, 0.5, 6.0)
    gain = check_number("pain_gain", pain_gain, 0.0, 5.0)
    knee = Knee() if knee is None else tracking.check_knee(knee)
    vicious = _Pain(gain, _load_curve(knee, flexion)) if gain else None
    p = values(parameters)
    found = [_strengths(_integrate(Demand(schedule, model, flexion), weeks, p, vicious), knee, exponent)
             for schedule in checked]
    tracked = _tracked_many([one["strength_of"] for one in found], knee, flexion, track)
    for one, path in zip(found, tracked, strict=True):
        one.pop("strength_of")
        one.update(path)
    return [AdaptationResult(**one, blocks=schedule, flexion=flexion)
            for one, schedule in zip(found, checked, strict=True)]


@dataclass(frozen=True)
class _Pain:
    """Illustrative feedback: extra lateral load hurts, and pain inhibits."""

    gain: float
    curve: tuple[np.ndarray, np.ndarray]

    def __call__(self, size: Sequence[float], left: Sequence[float]) -> float:
        balance = size[0] * left[0] / max(size[1] * left[1], 1e-9)
        return min(self.gain * max(float(np.interp(balance, *self.curve)), 0.0), 0.9)


def _integrate(demand: Demand, weeks: float, p: dict[str, float],
               vicious: _Pain | None) -> dict[str, np.ndarray]:
    """Solve the equations from edge to edge; returns the raw series."""
    state, rows = np.ones(4), []
    edges = demand.edges(weeks)
    for start, end in zip(edges, edges[1:], strict=False):
        times = np.linspace(start, end, max(2, int(np.ceil(2.0 * (end - start))) + 1))
        found, now, inhibited = _segment(demand, times, state, p, vicious)
        use, training = 1.0 - max(amount(now, "rest"), amount(now, "brace")), amount(now, "training")
        for week, y in zip(times, found, strict=True):
            active, volume, pain = inhibited(week, y)
            rows.append((week, volume, pain, use, training, *y, *active))
        state = found[-1]
    names = ("weeks", "volume", "pain", "use", "training", "size_vmo", "size_vl", "size_rf", "neural",
             "activation_vmo", "activation_vl", "activation_rf")
    return dict(zip(names, np.array(rows).T, strict=True))


def _segment(demand: Demand, times: np.ndarray, state: np.ndarray, p: dict[str, float],
             vicious: _Pain | None) -> tuple:
    """Solve between two edges (weeks); returns states (times, 4), the blocks in force and the inhibition."""
    from scipy.integrate import solve_ivp  # only a simulation needs SciPy

    now = demand.between(times[0], times[-1])
    use, training = 1.0 - max(amount(now, "rest"), amount(now, "brace")), amount(now, "training")
    braced = amount(now, "brace") > 0

    def inhibited(week: float, size: Sequence[float]) -> tuple[tuple[float, ...], float, float]:
        """Activation of the three muscles, volume and pain: the larger of two inhibitions counts."""
        volume = demand.volume(now, week)
        left, pain = demand.activation(volume), amount(now, "pain")
        if vicious is not None:
            pain = max(pain, vicious(size, left))
        return tuple(min(part, 1.0 - pain) for part in left), volume, pain

    def rates(day: float, y: np.ndarray) -> list[float]:
        y = y.tolist()
        active = inhibited(day / 7.0, y)[0]
        return [*(size_rate(y[i], active[i], use, training, braced, p) for i in range(3)),
                neural_rate(y[3], use, training, p)]

    days = 7.0 * times
    found = solve_ivp(rates, (days[0], days[-1]), state, t_eval=days, rtol=1e-6, atol=1e-8,
                      first_step=min(1.0, days[-1] - days[0]))
    if not found.success:
        raise RuntimeError(f"simulate failed in weeks {times[0]:g} to {times[-1]:g}: {found.message}")
    return found.y.T, now, inhibited


# -- from muscles to strength and load ----------------------------------------------------------------------

def _weights(knee: Knee) -> np.ndarray:
    """Return the share of each head in the pull of this knee, in the order of `HEADS`."""
    force = tracking.pull(knee).force
    if force.sum() <= 0:
        raise InputError("this knee has no working quadriceps head; at least one must be above 0")
    return force / force.sum()


def _strengths(series: dict[str, np.ndarray], knee: Knee, exponent: float) -> dict[str, np.ndarray]:
    """Add strength and its parts to the raw series; "strength_of" holds that of the muscles, (3, times)."""
    size, active = (np.array([series[f"{kind}_{name}"] for name in MUSCLES])
                    for kind in ("size", "activation"))
    working = active**exponent
    strength = size * working * series["neural"]
    heads = _weights(knee)
    share = np.bincount([_TO_MUSCLE[head] for head in HEADS], weights=heads, minlength=3)
    whole, mean_size = share @ strength, share @ size
    parts = _parts(np.stack([mean_size, (share @ (size * working)) / mean_size, series["neural"]]), whole)
    named = {f"strength_{name}": row for name, row in zip(MUSCLES, strength, strict=True)}
    return {**series, **named, "strength": whole, "size": mean_size, "activation": share @ active,
            "loss_size": parts[0], "loss_activation": parts[1], "loss_neural": parts[2],
            "strength_of": strength}


def _parts(factors: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Return the part of 1 - strength that belongs to each of the factors whose product strength is."""
    logs = np.log(np.maximum(factors, 1e-12))
    total = logs.sum(axis=0)
    return np.divide(logs * (1.0 - strength), total, out=np.zeros_like(logs), where=np.abs(total) > 1e-12)


def _knees(factors: np.ndarray, knee: Knee) -> list[Knee]:
    """Return one knee for each column of factors, its heads multiplied by them: the balance of the muscles.

    A weak muscle must be driven harder for the same stairs: the task fixes the total, the balance changes.

    Raises
    ------
    InputError
        If that asks for more than a knee may have: a smaller pull in silence would not be the same task.
    """
    limit, own = INPUTS["quadriceps_force"].high, np.array(knee.heads())[:, None] * factors
    spare = np.maximum(1.0, own.max(axis=0) / INPUTS["vmo"].high)   # a head has its limit: the total takes the rest
    if knee.quadriceps_force * spare.max() > limit * (1 + 1e-9):
        raise InputError(f"quadriceps_force must be at most {np.floor(limit / spare.max()):g} N here, so that what is "
                         f"left of the muscles can give the same total pull; got {knee.quadriceps_force:g}")
    total = np.minimum(knee.quadriceps_force * spare, limit)         # rounding only
    return [knee.replace(quadriceps_force=force, **dict(zip(HEADS, heads.tolist(), strict=True)))
            for force, heads in zip(total.tolist(), (own / spare).T, strict=True)]


def _tracked(strength: np.ndarray, knee: Knee, heads: np.ndarray, flexion: float) -> dict[str, np.ndarray]:
    """Solve all equilibria in one batch; times with the same balance (to 0.0001) are solved once."""
    factors = strength[[_TO_MUSCLE[head] for head in HEADS]]
    total = heads @ factors
    # With nothing left at all the balance has no meaning; the healthy one stands in.
    factors = np.where(total > 1e-9, factors / np.maximum(total, 1e-9), 1.0).round(4)
    different, where = np.unique(factors, axis=1, return_inverse=True)
    found = tracking.solve(_knees(different, knee), [flexion])
    return {name: getattr(found, name)[:, 0][where.ravel()] for name in _TRACKED}


def _tracked_many(strengths: list[np.ndarray], knee: Knee, flexion: float,
                  track: bool) -> list[dict[str, np.ndarray]]:
    """Solve the equilibria of several courses in one batch."""
    if not track:
        return [{**dict.fromkeys(_TRACKED, np.empty(0)), "healthy_force": np.nan} for _ in strengths]
    found = _tracked(np.concatenate([*strengths, np.ones((3, 1))], axis=1), knee, _weights(knee), flexion)
    ends = np.cumsum([one.shape[1] for one in strengths])
    pieces = {name: np.split(values, ends) for name, values in found.items()}
    healthy = float(found["lateral_force"][-1])
    return [{**{name: pieces[name][i] for name in _TRACKED}, "healthy_force": healthy}
            for i in range(len(strengths))]


@lru_cache(maxsize=32)
def _load_curve(knee: Knee, flexion: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (VM strength / VL strength, extra lateral load as a share) for the illustrative feedback."""
    balance = np.linspace(0.0, 1.6, 17)
    strength = np.stack([balance, np.ones_like(balance), 0.5 * (1.0 + balance)])
    force = _tracked(strength, knee, _weights(knee), flexion)["lateral_force"]
    return balance, force / np.interp(1.0, balance, force) - 1.0


# -- presets beside published figures -----------------------------------------------------------------------

@dataclass(frozen=True)
class Target:
    """A published figure that a preset is held against.

    Attributes
    ----------
    fact : str
        Id in `facts.csv`.
    week : float
        When it was measured, weeks.
    quantity : str
        "size" or "strength" (change in %), "activation" (%), "effused_share" (strength as % of drained).
    """

    fact: str
    week: float
    quantity: str


@dataclass(frozen=True)
class Preset:
    """A course of events: schedule, weeks, published figures, and what was assumed.

    Attributes
    ----------
    schedule : tuple of Block
    weeks : float
        Weeks to follow.
    targets : tuple of Target
    note : str
        What of the schedule is an assumption.
    """

    schedule: tuple[Block, ...]
    weeks: float
    targets: tuple[Target, ...]
    note: str


PRESETS: dict[str, Preset] = {
    "Immobilised 2 weeks": Preset(
        (Block("brace", 0, 2, 1.0),), 12,
        (Target("F0515", 2 / 7, "size"), Target("F0522", 5 / 7, "size"), Target("F0516", 1, "size"),
         Target("F0523", 2, "size"), Target("F0524", 5 / 7, "strength"), Target("F0525", 2, "strength"),
         Target("F0543", 2, "strength"), Target("F0544", 2, "strength")),
        "A locked brace or a cast for two weeks, then daily life without training. The loss of size is "
        "calibrated on the brace (7 days); in a cast it was slower (wall2014)."),
    "Effusion left alone 6 weeks": Preset(
        (Block("effusion", 0, 6, 19.5),), 12,
        (Target("F0403", 6, "effused_share"),),
        "19.5 ml is the median of effusions on MRI (F0505); the volumes behind the figure are not known."),
    "Aspirated and trained": Preset(
        (Block("effusion", 0, 6, 60), Block("rest", 0, 6, 0.3), Block("training", 6, 20, 1.0)), 26,
        (Target("F0422", 17, "size"), Target("F0422", 17, "strength")),
        "60 ml and some rest for six weeks, drained for good in week 6, then strength training. The figure "
        "is one patient, normal 11 weeks after the aspiration (reeves2008); volume and rest are assumed."),
    "Aspirated, fluid returns": Preset(
        (Block("effusion", 0, 12, 40), Block("aspiration", 6, 1, 1.0)), 16,
        (),
        "40 ml; drawn off in week 6 and back within a week (F0513: the gain lasts about a week)."),
    "After ACL reconstruction": Preset(
        (Block("effusion", 0, 6, 30), Block("pain", 0, 2, 0.3), Block("rest", 0, 6, 0.6),
         Block("training", 6, 20, 0.5)), 52,
        (Target("F0555", 26, "size"), Target("F0552", 26, "strength"), Target("F0569", 26, "activation")),
        "Swelling, pain and half rest for six weeks, then moderate training: amounts are assumed. The "
        "figures are differences between the legs; the model knows no lasting deficit and follows one leg. "
        "Activation was measured on a scale where uninjured people reach 91 % (F0568), not 100 %: against "
        "them the deficit is 2 points."),
    "After knee arthroplasty": Preset(
        (Block("effusion", 0, 6, 20), Block("pain", 0, 6, 0.17), Block("rest", 0, 6, 0.8),
         Block("training", 6, 20, 0.5)), 52,
        (Target("F0548", 27 / 7, "size"), Target("F0547", 27 / 7, "activation_change"),
         Target("F0546", 27 / 7, "strength")),
        "Pain is set to the measured loss of activation (-17 %); rest and training are assumed. Size x "
        "activation as measured give -25 % (F0618), measured is -62 %: most of the loss is unexplained."),
    "Bed rest 8 weeks": Preset(
        (Block("rest", 0, 8, 1.0),), 26,
        (Target("F0526", 2, "size"), Target("F0527", 23 / 7, "size"), Target("F0537", 8, "size"),
         Target("F0528", 2, "strength"), Target("F0529", 23 / 7, "strength"), Target("F0538", 8, "strength")),
        "Size is calibrated on these figures; strength is not."),
    "Training 6 months": Preset(
        (Block("training", 0, 26, 1.0),), 52,
        (Target("F0593", 26, "size"),),
        "The rate of growth is calibrated on this figure. What happens after training stops is assumed."),
}
"""Courses of events with what has been measured about them. Each note says what is assumed."""


@dataclass(frozen=True)
class Comparison:
    """One published figure beside the model.

    Attributes
    ----------
    what, unit : str
    week, measured, modelled, gap : float
        Weeks; the figure; the model at that week; modelled minus measured.
    spread : str
        As published, with its kind.
    source : str
        Figure with n and source, as a sentence may hold it; says "unverified" where it is.
    quantity : str
        As in `Target`.
    """

    what: str
    week: float
    measured: float
    modelled: float
    gap: float
    unit: str
    spread: str
    source: str
    quantity: str


def preset(name: str) -> Preset:
    """Return one of the `PRESETS`.

    Parameters
    ----------
    name : str
        One of `PRESETS`.

    Returns
    -------
    Preset

    Raises
    ------
    UnknownInputError
        Listing the presets.
    """
    return PRESETS[check_choice("preset", name, PRESETS)]


def compare(name: str, result: AdaptationResult | None = None) -> list[Comparison]:
    """Return every published figure of a preset beside the model, misses included.

    Parameters
    ----------
    name : str
        One of `PRESETS`.
    result : AdaptationResult, optional
        A run of that preset; simulated with the defaults if not given.

    Returns
    -------
    list of Comparison

    Examples
    --------
    >>> [(row.measured, round(row.modelled, 1)) for row in compare("Training 6 months")]
    [(18.8, 18.8)]
    """
    course = preset(name)
    result = simulate(course.schedule, course.weeks, track=False) if result is None else result
    return [_comparison(target, result) for target in course.targets]


def comparison_table(*names: str) -> pd.DataFrame:
    """Return published figures and model side by side, one row each, for some presets or for all.

    Parameters
    ----------
    *names : str
        Some of `PRESETS`; all if none is named.

    Returns
    -------
    pandas.DataFrame
        Columns course, quantity, week, measured, model, gap, unit, source.

    Raises
    ------
    UnknownInputError
        For an unknown preset.
    """
    import pandas as pd

    rows = [{"course": name, "quantity": row.quantity.replace("_", " "), "week": round(row.week, 1),
             "measured": row.measured, "model": round(row.modelled, 1), "gap": round(row.gap, 1),
             "unit": row.unit, "source": row.source}
            for name in names or PRESETS for row in compare(name)]
    return pd.DataFrame(rows)


def _comparison(target: Target, result: AdaptationResult) -> Comparison:
    """Set one figure beside the model."""
    fact = evidence.fact(target.fact)
    now = result.at(max(target.week - 1e-6, 0.0))                   # at the edge of a block: before it
    modelled = {"size": 100 * (now["size"] - 1), "strength": 100 * (now["strength"] - 1),
                "activation": 100 * now["activation"], "activation_change": 100 * (now["activation"] - 1),
                "effused_share": 100 * now["activation"]}[target.quantity]
    # reeves2008 gives a finding, "normal at 11 weeks" (note of F0422): no change left.
    measured = 0.0 if target.fact == "F0422" else float(fact)
    unit = "% of drained" if target.quantity == "effused_share" else "%"
    spread = f"{fact.spread} ({fact.spread_type})" if fact.spread and target.fact != "F0422" else ""
    what = "size and torque normal at 11 weeks, one patient" if target.fact == "F0422" else fact.what
    return Comparison(what, target.week, measured, modelled, modelled - measured, unit, spread, fact.text,
                      target.quantity)
