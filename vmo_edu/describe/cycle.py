"""The weeks after a swelling in words: how weak, why, what the kneecap feels, and where the model misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmo_edu.describe.words import listed, number, sentence, whole_parts


def describe(now: Mapping[str, float], healthy_force: float, blocks: Sequence[str] = ()) -> str:
    """Return the meaning of one week.

    Parameters
    ----------
    now : mapping of str to float
        `weeks`, `strength`, `size`, `activation` and the parts of the loss `loss_size`, `loss_activation`,
        `loss_neural` (shares), `lateral_force` (N), `converged`, `in_groove`: as `AdaptationResult.at` returns them.
    healthy_force : float
        Lateral contact force of the healthy knee at the same pull, N.
    blocks : sequence of str
        What is going on, in words (see `going_on`).

    Returns
    -------
    str

    Examples
    --------
    >>> describe({"weeks": 0, "strength": 1, "size": 1, "activation": 1, "loss_size": 0, "loss_activation": 0,
    ...           "loss_neural": 0, "lateral_force": 97.0, "converged": 1, "in_groove": 1}, 97.0)
    'Week 0: nothing is wrong yet. The quadriceps has its full strength.'
    """
    quiet = "nothing is wrong yet" if now["weeks"] < 0.05 else "daily life"
    what = listed(list(blocks)) if blocks else quiet
    text = [f"Week {number(now['weeks'], 1).removesuffix('.0')}: {what}.", strength(now), load(now, healthy_force)]
    return " ".join(text).strip()


def strength(now: Mapping[str, float]) -> str:
    """Return how strong the quadriceps is, and what the loss is made of.

    Examples
    --------
    >>> strength({"strength": 0.94, "loss_activation": 0.19, "loss_size": -0.13, "loss_neural": 0.0})
    'The quadriceps has lost 6 % of its strength: 19 points by inhibition, less 13 points that training has added.'
    """
    lost = 1.0 - now["strength"]
    if abs(lost) < 0.005:
        return "The quadriceps has its full strength."
    if lost < 0:
        return f"The quadriceps is {number(-100 * lost)} % stronger than before."
    parts = sorted(((now["loss_activation"], "by inhibition"), (now["loss_size"], "by lost size"),
                    (now["loss_neural"], "by other effects of disuse")), reverse=True)
    counts = whole_parts([100 * part for part, _ in parts])
    said = [f"{points(count)} {name}" for count, (_, name) in zip(counts, parts, strict=True) if count > 0]
    gained = -sum(count for count in counts if count < 0)
    less = f", less {points(gained)} that training has added" if said and gained else ""
    why = f": {listed(said)}{less}" if said else ""
    return f"The quadriceps has lost {number(100 * lost)} % of its strength{why}."


def points(value: float) -> str:
    """Return a difference of two percentages.

    Examples
    --------
    >>> points(1.2), points(16.4)
    ('1 point', '16 points')
    """
    text = number(value)
    return f"{text} {'point' if text == '1' else 'points'}"


def load(now: Mapping[str, float], healthy_force: float) -> str:
    """Return what the changed balance of the vasti does to the lateral facet, for the same task."""
    if "lateral_force" not in now or healthy_force <= 0:
        return ""
    if not usable(now):
        return ("For the same task the model found no equilibrium of the patella: no load is given."
                if now["converged"] < 1 else
                "For the same task the patella leaves its groove: that is beyond what this model can show.")
    change = now["lateral_force"] / healthy_force - 1.0
    if abs(change) < 0.005:
        return ""
    return (f"For the same task the lateral facet carries {number(abs(100 * change), 1)} % "
            f"{'more' if change > 0 else 'less'}.")


def usable(now: Mapping[str, float]) -> bool:
    """Return whether the load of a week is a result: `converged` and `in_groove`, from 0 to 1 between two weeks.

    Examples
    --------
    >>> usable({"converged": 1.0, "in_groove": 1.0}), usable({"converged": 1.0, "in_groove": 0.5})
    (True, False)
    """
    return now["converged"] == 1 and now["in_groove"] == 1


def going_on(volume: float, pain: float, rest: float, braced: bool, training: float,
             draining: bool = False) -> list[str]:
    """Return what is going on in a week, in words; an empty list in daily life.

    Examples
    --------
    >>> going_on(40, 0.2, 0.5, False, 0)
    ['40 ml in the joint', 'pain', 'the leg rested']
    """
    found = []
    if volume >= 0.5:
        found.append(f"{number(volume)} ml in the joint" + (", some drawn off" if draining else ""))
    elif draining:
        found.append("the joint drained")
    if pain > 0:
        found.append("pain")
    if rest > 0:
        free = "complete rest" if rest > 0.95 else "the leg rested"
        found.append("the knee in a brace" if braced else free)
    if training > 0:
        found.append("training")
    return found


def misses(rows: Sequence[tuple[str, float, float, str]]) -> str:
    """Return how far the curve is from published figures.

    Parameters
    ----------
    rows : sequence of (what, measured, modelled, unit)

    Examples
    --------
    >>> misses([("strength", -62.0, -29.4, "%")])
    'Strength: measured −62 %, model −29 %, a miss of 33 points.'
    """
    parts = []
    for what, measured, modelled, unit in rows:
        gap = abs(modelled - measured)
        verdict = "agrees within 3 points" if round(gap) <= 3 else f"a miss of {points(gap)}"
        parts.append(f"{what}: measured {number(measured)} {unit}, model {number(modelled)} {unit}, "
                     f"{verdict}")
    return sentence("; ".join(parts)) if parts else ""


def compare(strength_change: float, size_change: float) -> str:
    """Return what changed against the pinned course at the same week: shares, now minus pinned."""
    if abs(strength_change) < 0.005 and abs(size_change) < 0.005:
        return "Against the pinned course nothing has changed in this week."
    return (f"Against the pinned course strength differs by {number(100 * strength_change)} and size by "
            f"{number(100 * size_change)} points in this week.")
