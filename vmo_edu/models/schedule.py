"""Schedules of the weeks after an injury: plain lists of blocks (what, from which week, how long, how much).

`blocks` checks one and names the block that is wrong; `Demand` says what it asks of the knee at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vmo_edu import effusion
from vmo_edu.errors import InputError, check_choice, check_number

WEEKS_MAX = 104.0
"""Longest simulation and latest end of a block, weeks: two years."""

_KEYS = ("kind", "start", "duration", "amount")


@dataclass(frozen=True)
class Kind:
    """One kind of block: unit and range of its amount, the amount if none is given, and its meaning."""

    unit: str
    low: float
    high: float
    default: float
    meaning: str


KINDS: dict[str, Kind] = {
    "effusion": Kind("ml", 0.0, effusion.VOLUME_MAX, 20.0, "fluid in the joint"),
    "pain": Kind("", 0.0, 1.0, 0.2, "share of activation that pain takes away"),
    "rest": Kind("", 0.0, 1.0, 0.5, "unloading: 0 daily life, 1 bed rest"),
    "brace": Kind("", 0.0, 1.0, 1.0, "knee held still: 0 free, 1 cast or locked brace"),
    "aspiration": Kind("", 0.0, 1.0, 1.0, "share of the fluid drawn off; it returns during the block"),
    "training": Kind("", 0.0, 1.0, 1.0, "1: heavy leg extension on alternate days (narici1996)"),
}
"""What a block can be."""


@dataclass(frozen=True)
class Block:
    """One block of a schedule.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    start, duration : float
        Weeks, 0 to 104.
    amount : float or None
        In the unit of its kind; None takes the default of the kind.
    """

    kind: str
    start: float
    duration: float
    amount: float | None = None

    @property
    def end(self) -> float:
        """Week in which the block ends."""
        return self.start + self.duration


def blocks(schedule: Iterable[Block | Mapping[str, object]]) -> tuple[Block, ...]:
    """Check a schedule and return it as blocks with their amounts filled in, in order of time.

    Parameters
    ----------
    schedule : iterable of Block or of dict
        Dicts hold "kind", "start", "duration" (weeks) and, if wanted, "amount".

    Returns
    -------
    tuple of Block

    Raises
    ------
    InputError
        Naming the block: unknown kind or key, negative or missing times, an end beyond two years, an amount
        outside its range, or two blocks of one kind at the same time.

    Examples
    --------
    >>> blocks([{"kind": "rest", "start": 0, "duration": 2}])
    (Block(kind='rest', start=0.0, duration=2.0, amount=0.5),)
    >>> blocks([Block("rest", 0, 2), Block("rest", 1, 2)])
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: block 2 (rest, weeks 1 to 3) overlaps block 1 (rest, weeks 0 to 2); ...
    """
    if isinstance(schedule, (str, bytes, Mapping, Block)) or not isinstance(schedule, Iterable):
        raise InputError(f"schedule must be a list of blocks; got {schedule!r}")
    checked = [_block(number, given) for number, given in enumerate(schedule, start=1)]
    numbered = [(one.start, number, one) for number, one in enumerate(checked, start=1)]
    for kind in KINDS:
        _refuse_overlaps([item for item in numbered if item[2].kind == kind])
    return tuple(sorted(checked, key=lambda block: block.start))


def _refuse_overlaps(same: list[tuple[float, int, Block]]) -> None:
    """Refuse two blocks of one kind at the same time."""
    same = sorted(same, key=lambda item: item[:2])
    for (_, first, one), (_, second, other) in zip(same, same[1:], strict=False):
        if other.start < one.end - 1e-9:
            raise InputError(f"{_called(second, other)} overlaps {_called(first, one)}; two blocks of one "
                             "kind must follow each other")


def _called(number: int, block: Block) -> str:
    return f"block {number} ({block.kind}, weeks {block.start:g} to {block.end:g})"


def _block(number: int, given: Block | Mapping[str, object]) -> Block:
    """Check one block."""
    if isinstance(given, Block):
        given = {name: getattr(given, name) for name in _KEYS}
    if not isinstance(given, Mapping):
        raise InputError(f"block {number} must be a Block or a dict of {', '.join(_KEYS)}; got {given!r}")
    for name in given:
        check_choice(f"block {number}: key", name, _KEYS)
    for name in _KEYS[:3]:
        if name not in given:
            raise InputError(f"block {number} has no {name!r}; it needs kind, start and duration (weeks)")
    kind = check_choice(f"block {number}: kind", given["kind"], KINDS)
    where, rule = f"block {number} ({kind})", KINDS[kind]
    start = check_number(f"{where}: start", given["start"], 0.0, WEEKS_MAX, "weeks")
    duration = check_number(f"{where}: duration", given["duration"], 0.0, WEEKS_MAX, "weeks")
    if start + duration > WEEKS_MAX:
        raise InputError(f"{where}: ends in week {start + duration:g}, beyond two years (week {WEEKS_MAX:g})")
    amount = given.get("amount")
    amount = rule.default if amount is None else amount
    amount = check_number(f"{where}: amount", amount, rule.low, rule.high, rule.unit)
    return Block(kind, start, duration, amount)


class Demand:
    """What a checked schedule asks of the knee at any time; constant between edges but for returning fluid.

    Parameters
    ----------
    schedule : sequence of Block
        As `blocks` returns it.
    model : {"rule", "linear", "pressure"}
        How effusion inhibits.
    flexion : float
        Knee angle for the pressure model, degrees.
    """

    def __init__(self, schedule: Sequence[Block], model: str, flexion: float):
        self.schedule, self.model, self.flexion = schedule, model, flexion
        self._known: dict[float, tuple[float, ...]] = {}

    def edges(self, weeks: float) -> list[float]:
        """Return the weeks at which something starts or ends, with start and end of the simulation.

        Parameters
        ----------
        weeks : float
            Length of the simulation.

        Returns
        -------
        list of float
            Rising, from 0 to `weeks`.
        """
        inner = {time for block in self.schedule for time in (block.start, block.end) if 0 < time < weeks}
        return sorted({0.0, float(weeks), *inner})

    def between(self, start: float, end: float) -> dict[str, Block]:
        """Return the blocks in force between two neighbouring edges (weeks), by kind.

        Parameters
        ----------
        start, end : float
            Two neighbouring edges, weeks.

        Returns
        -------
        dict of str to Block
        """
        middle = 0.5 * (start + end)
        return {block.kind: block for block in self.schedule if block.start <= middle < block.end}

    def volume(self, now: Mapping[str, Block], week: float) -> float:
        """Return the fluid in the joint, ml; what was drawn off comes back steadily over its block.

        Parameters
        ----------
        now : mapping of str to Block
            The blocks in force.
        week : float

        Returns
        -------
        float
            ml.
        """
        if "effusion" not in now:
            return 0.0
        drawn, left = now.get("aspiration"), 1.0
        if drawn is not None:
            left -= drawn.amount * (1.0 - min(max((week - drawn.start) / drawn.duration, 0.0), 1.0))
        return now["effusion"].amount * left

    def activation(self, volume: float) -> tuple[float, float, float]:
        """Return what the effusion alone leaves of VM, VL and RF.

        Parameters
        ----------
        volume : float
            Fluid in the joint, ml.

        Returns
        -------
        tuple of float
            0 to 1 each.
        """
        if volume not in self._known:
            left = effusion.activation(volume, model=self.model, flexion=self.flexion)
            self._known[volume] = (left.vm, left.vl, left.rf)
        return self._known[volume]


def amount(now: Mapping[str, Block], kind: str) -> float:
    """Return the amount of the block of this kind that is in force, or 0.

    Parameters
    ----------
    now : mapping of str to Block
        The blocks in force.
    kind : str
        One of `KINDS`.

    Returns
    -------
    float
        In the unit of its kind.
    """
    return now[kind].amount if kind in now else 0.0
