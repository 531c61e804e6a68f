"""The knee: every input of the models in one frozen object, with its unit, its range and its default.

A `Knee` never changes; `replace`, `with_q_angle` and `with_effusion` return new ones.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, fields

import numpy as np

from vmo_edu import effusion as _effusion
from vmo_edu.errors import InputError, UnknownInputError, check_choice, check_number

HEADS = ("rf_vi", "vml", "vmo", "vll", "vlo")
"""The five pulls of the quadriceps: rectus femoris with vastus intermedius, then medial and lateral vasti."""


@dataclass(frozen=True)
class Input:
    """One input of the knee.

    Attributes
    ----------
    name, label, unit : str
        Name in code, name for people, unit ("" for a plain factor).
    low, high, default, step : float
        Legal range, default, and the step of its slider, in `unit`.
    meaning : str
        One sentence: what this input is.
    source_key : str
        Where the default comes from (a key of `data/references.csv`), or "illustrative".
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    default: float
    step: float
    meaning: str
    source_key: str = "illustrative"


_TABLE = (
    Input("quadriceps_force", "Quadriceps force", "N", 20, 1000, 175, 5,
          "Total tension of the quadriceps, shared between the heads by cross-section.", "senavongse2003"),
    Input("rf_vi", "RF + VI", "", 0, 2, 1, 0.05,
          "Rectus femoris and vastus intermedius: activation x relative size.", "farahmand1998"),
    Input("vml", "VM, long part", "", 0, 2, 1, 0.05,
          "Long part of vastus medialis: activation x relative size.", "farahmand1998"),
    Input("vmo", "VMO", "", 0, 2, 1, 0.05,
          "Vastus medialis obliquus: activation x relative size.", "farahmand1998"),
    Input("vll", "VL, long part", "", 0, 2, 1, 0.05,
          "Long part of vastus lateralis: activation x relative size.", "farahmand1998"),
    Input("vlo", "VL, oblique part", "", 0, 2, 1, 0.05,
          "Oblique part of vastus lateralis: activation x relative size.", "farahmand1998"),
    Input("tubercle_offset", "Tibial tubercle", "mm", -15, 15, 0, 0.5,
          "How far the tibial tubercle lies lateral of the default knee's.", "raveendranath2009"),
    Input("quadriceps_line", "Quadriceps line", "deg", -12, 12, 0, 0.5,
          "How far the line of the whole quadriceps is turned to lateral.", "maioli2025"),
    Input("trochlear_depth", "Groove", "", 0, 1.25, 1, 0.05,
          "Height of the lateral wall of the groove: 1 normal, 0 lateral facet flat.", "senavongse2005"),
    Input("medial_retinaculum", "MPFL and medial retinaculum", "", 0, 1, 1, 0.05,
          "Stiffness of the medial ligaments: 1 intact, 0 cut.", "senavongse2005"),
    Input("lateral_retinaculum", "Lateral retinaculum", "", 0, 1, 1, 0.05,
          "Stiffness of the lateral retinaculum: 1 intact, 0 cut.", "merican2009"),
    Input("itb_tension", "Iliotibial band", "N", 0, 100, 0, 5,
          "Extra tension of the iliotibial band on the lateral border of the patella.", "merican2009"),
    Input("effusion", "Effusion", "ml", 0, 120, 0, 1,
          "Fluid in the joint. It is shown in the pictures; `with_effusion` lets it weaken the heads.",
          "spencer1984"),
)
INPUTS: dict[str, Input] = {item.name: item for item in _TABLE}
"""Every input of `Knee` by name, in the order of its fields."""


@dataclass(frozen=True)
class Landmarks:
    """The three points of the Q-angle in the frontal plane, mm; x lateral, y proximal.

    The defaults are those of the course's limb drawing: Q = 5.6 (proximal) + 7.9 (distal) = 13.5 degrees.
    """

    asis: tuple[float, float] = (44.0, 448.0)
    patella: tuple[float, float] = (0.0, 0.0)
    tubercle: tuple[float, float] = (9.0, -65.0)

    @property
    def proximal(self) -> float:
        """Angle of the line patella-ASIS with the vertical, degrees lateral."""
        (xa, ya), (xp, yp) = self.asis, self.patella
        return float(np.degrees(np.arctan2(xa - xp, ya - yp)))

    @property
    def distal(self) -> float:
        """Angle of the line patella-tubercle with the vertical, degrees lateral."""
        (xt, yt), (xp, yp) = self.tubercle, self.patella
        return float(np.degrees(np.arctan2(xt - xp, yp - yt)))

    @property
    def q_angle(self) -> float:
        """Q-angle, degrees: the proximal part plus the distal part (almeida2016)."""
        return self.proximal + self.distal


LANDMARKS = Landmarks()
"""The default knee's landmarks."""

PRESETS: dict[str, dict[str, float]] = {
    "Healthy knee": {},
    "VMO half": {"vmo": 0.5},
    "VMO off": {"vmo": 0.0},
    "VMO and VML off": {"vmo": 0.0, "vml": 0.0},
    "VL strong": {"vll": 1.5, "vlo": 1.5},
    "Tubercle 10 mm out": {"tubercle_offset": 10.0},
    "Flat groove": {"trochlear_depth": 0.0},
    "MPFL torn": {"medial_retinaculum": 0.0},
    "Lateral release": {"lateral_retinaculum": 0.0},
    "Tight ITB": {"itb_tension": 60.0},
}
"""Knees the lessons talk about: what differs from the healthy default. The explorers' presets come from here.

0 stands for a loss that was tested in the laboratory (senavongse2005, goh1995, stephen2018, merican2009). All other
amounts are illustrative: half a VMO, half as much VL again, 10 mm at the tubercle, 60 N on the iliotibial band.
"""


@dataclass(frozen=True, init=False)
class Knee:
    """One knee, described by all inputs of the models.

    Attributes
    ----------
    quadriceps_force : float
        Total quadriceps tension, N. 20 to 1000, default 175 as in the laboratory (senavongse2003).
    rf_vi, vml, vmo, vll, vlo : float
        Activation x relative size of each head, 0 to 2, default 1.
    tubercle_offset : float
        mm lateral of the default tibial tubercle, -15 to 15.
    quadriceps_line : float
        Degrees by which the line of the quadriceps is turned lateral, -12 to 12.
    trochlear_depth : float
        1 normal, 0 lateral facet flat; 0 to 1.25.
    medial_retinaculum, lateral_retinaculum : float
        1 intact, 0 cut.
    itb_tension : float
        Iliotibial band tension, N, 0 to 100.
    effusion : float
        Fluid in the joint, ml, 0 to 120. By itself it changes no force: see `with_effusion`.

    Raises
    ------
    InputError
        For a value outside its range; the message names input, unit and range.
    UnknownInputError
        For an input that does not exist; the message lists those that do.

    Examples
    --------
    >>> weak = Knee(vmo=0.5)
    >>> weak.vmo, weak.vll
    (0.5, 1.0)
    >>> Knee(vmo=-1)
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: vmo must be between 0 and 2; got -1
    """

    quadriceps_force: float = field(default=175.0)
    rf_vi: float = field(default=1.0)
    vml: float = field(default=1.0)
    vmo: float = field(default=1.0)
    vll: float = field(default=1.0)
    vlo: float = field(default=1.0)
    tubercle_offset: float = field(default=0.0)
    quadriceps_line: float = field(default=0.0)
    trochlear_depth: float = field(default=1.0)
    medial_retinaculum: float = field(default=1.0)
    lateral_retinaculum: float = field(default=1.0)
    itb_tension: float = field(default=0.0)
    effusion: float = field(default=0.0)

    def __init__(self, **inputs: float) -> None:
        check_names(inputs)
        for item in _TABLE:
            value = inputs.get(item.name, item.default)
            value = check_number(item.name, value, item.low, item.high, item.unit)
            object.__setattr__(self, item.name, value)

    @classmethod
    def preset(cls, name: str) -> Knee:
        """Return one of the named knees of `PRESETS`.

        Parameters
        ----------
        name : str
            One of `PRESETS`.

        Returns
        -------
        Knee

        Raises
        ------
        UnknownInputError
            If there is no preset of that name; the message lists them.

        Examples
        --------
        >>> Knee.preset("VMO off").vmo
        0.0
        """
        return cls(**PRESETS[check_choice("preset", name, PRESETS)])

    def inputs(self) -> dict[str, float]:
        """Return every input by name.

        Returns
        -------
        dict of str to float
            In the units of `INPUTS`.
        """
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def replace(self, **changes: float) -> Knee:
        """Return a new knee with some inputs changed.

        Parameters
        ----------
        **changes : float
            Any inputs of the knee, in the units of `INPUTS`.

        Returns
        -------
        Knee

        Raises
        ------
        InputError
            For a value outside its range.
        UnknownInputError
            For an input that does not exist.

        Examples
        --------
        >>> Knee(vmo=0.5).replace(itb_tension=30).itb_tension
        30.0
        """
        check_names(changes)
        return Knee(**{**self.inputs(), **changes})

    def heads(self) -> tuple[float, ...]:
        """Return activation x relative size of the five heads in the order of `HEADS`.

        Returns
        -------
        tuple of float
            Without unit, 1 as in the default knee.
        """
        return tuple(getattr(self, head) for head in HEADS)

    @property
    def landmarks(self) -> Landmarks:
        """The Q-angle landmarks of this knee, mm: a turned quadriceps line moves the ASIS, a moved tubercle itself."""
        xa, ya = LANDMARKS.asis
        proximal = np.radians(LANDMARKS.proximal + self.quadriceps_line)
        xt, yt = LANDMARKS.tubercle
        return Landmarks((float(ya * np.tan(proximal)), ya), LANDMARKS.patella, (xt + self.tubercle_offset, yt))

    @property
    def q_angle(self) -> float:
        """Q-angle, degrees, derived from the landmarks (the patella at rest in its default place)."""
        return self.landmarks.q_angle

    def with_q_angle(self, q_angle: float, by: str = "tubercle") -> Knee:
        """Return this knee with another Q-angle.

        Parameters
        ----------
        q_angle : float
            The Q-angle wanted, degrees.
        by : {"tubercle", "quadriceps"}
            Which part does it: the tubercle moves, or the line of the quadriceps turns.

        Returns
        -------
        Knee

        Raises
        ------
        InputError
            If that part alone cannot give this Q-angle; the message names the range it can give.

        Examples
        --------
        >>> round(Knee().with_q_angle(20).q_angle, 6)
        20.0
        """
        name = {"tubercle": "tubercle_offset", "quadriceps": "quadriceps_line"}[
            check_choice("by", by, ("tubercle", "quadriceps"))]
        ends = [self.replace(**{name: end}).q_angle for end in (INPUTS[name].low, INPUTS[name].high)]
        q_angle = check_number(f"q_angle (by {by})", q_angle, *ends, "degrees")
        marks = self.landmarks
        if by == "tubercle":
            x, y = LANDMARKS.tubercle
            change = -y * np.tan(np.radians(q_angle - marks.proximal)) - x
        else:
            change = q_angle - marks.distal - LANDMARKS.proximal
        return self.replace(**{name: float(np.clip(change, INPUTS[name].low, INPUTS[name].high))})

    def with_effusion(self, volume: float, model: str = "linear", flexion: float = 0.0, **options: float) -> Knee:
        """Return this knee swollen, its vasti and rectus weakened as the chosen response model says.

        Parameters
        ----------
        volume : float
            Fluid in the joint, ml, 0 to 120.
        model : {"rule", "linear", "pressure"}
            See `vmo_edu.models.inhibition.activation`.
        flexion : float
            Knee angle at which the inhibition is taken, degrees (it matters to "pressure").
        **options : float
            Settings of that model, for instance ``minutes=4`` of easy movement.

        Returns
        -------
        Knee

        Raises
        ------
        InputError
            For an illegal volume, model or angle, or if this knee is swollen already (it would be weakened twice).

        Examples
        --------
        >>> Knee().with_effusion(40.0, model="linear").vmo < 1
        True
        """
        if self.effusion:
            raise InputError(f"with_effusion starts from a dry knee; this one already holds {self.effusion:g} ml")
        volume = check_number("volume", volume, 0, INPUTS["effusion"].high, "ml")
        flexion = check_number("flexion", flexion, 0, 90, "degrees")
        left = _effusion.activation(volume, model=model, flexion=flexion, **options).heads()
        return self.replace(effusion=volume, **{head: getattr(self, head) * left[head] for head in HEADS})


# The inputs live in one table; this lets `help(Knee)` and the Tab key show them.
Knee.__signature__ = inspect.Signature(
    [inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=item.default) for item in _TABLE])


def check_names(inputs: dict[str, object]) -> None:
    """Refuse names that are not inputs of the knee.

    Parameters
    ----------
    inputs : mapping
        Anything with the names as keys.

    Raises
    ------
    UnknownInputError
        Naming the first unknown input and listing the known ones.
    """
    for name in inputs:
        if name not in INPUTS:
            raise UnknownInputError(f"a knee has no input {name!r}; its inputs are {', '.join(INPUTS)}")
