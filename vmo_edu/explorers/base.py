"""Explorer: what all explorers share. A lesson's explorer says which controls, which model and which scene.

Controls -> `solve` -> (`scene.update`, `describe`, `readouts`, `table`); nothing flows back.
"""

from __future__ import annotations

import base64
import functools
import pathlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vmo_edu.errors import InputError, check_choice, check_number
from vmo_edu.explorers.common import check_known, csv_bytes, picture_format, save_csv, start_of
from vmo_edu.knee import INPUTS
from vmo_edu.live.figure import LiveFigure
from vmo_edu.live.frames import Frame, Recorder

UNIT_SIGNS = {"deg": "°", "degrees": "°"}


@dataclass(frozen=True)
class Slider:
    """A number that the reader sets.

    Attributes
    ----------
    name, label, unit : str
        Name in code, name on screen, unit on screen ("" for a plain factor).
    low, high, step, default : float
        In `unit`.
    help : str
        One sentence: what this is.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    default: float
    help: str = ""

    kind = "slider"

    def check(self, value: Any) -> float:
        """Return the legal float, or raise InputError naming control, range and unit."""
        return check_number(self.name, value, self.low, self.high, self.unit)


@dataclass(frozen=True)
class Choice:
    """One of a few named options.

    Attributes
    ----------
    name, label : str
        Name in code, name on screen.
    options : dict of str to str
        Value in code -> words on screen.
    default : str
        The first option if not given.
    help : str
        One sentence: what this is.
    clears : tuple of str
        Controls that go back to their default whenever this one changes.
    stays : bool
        Reset leaves it alone.
    """

    name: str
    label: str
    options: Mapping[str, str]
    default: str = ""
    help: str = ""
    clears: tuple[str, ...] = ()
    stays: bool = False

    kind = "choice"

    def __post_init__(self) -> None:
        object.__setattr__(self, "default", self.default or next(iter(self.options)))

    def check(self, value: Any) -> str:
        """Return the option, or raise UnknownInputError listing the options."""
        return check_choice(self.name, value, self.options)


@dataclass(frozen=True)
class Toggle:
    """Something that is on or off.

    Attributes
    ----------
    name, label : str
        Name in code, name on screen.
    default : bool
    help : str
        One sentence: what this is.
    """

    name: str
    label: str
    default: bool = False
    help: str = ""

    kind = "toggle"

    def check(self, value: Any) -> bool:
        """Return the bool, or raise InputError."""
        if not isinstance(value, bool):
            raise InputError(f"{self.name} must be True or False; got {value!r}")
        return value


def knee_slider(name: str, **changes: Any) -> Slider:
    """Return the slider of one input of `Knee`; keyword arguments replace fields (``label="..."``).

    Raises
    ------
    UnknownInputError
        If `Knee` has no such input.

    Examples
    --------
    >>> knee_slider("vmo").high
    2
    """
    item = INPUTS[check_choice("knee_slider", name, INPUTS)]
    given = {
        "name": name,
        "label": item.label,
        "unit": UNIT_SIGNS.get(item.unit, item.unit),
        "low": item.low,
        "high": item.high,
        "step": item.step,
        "default": item.default,
        "help": item.meaning,
    }
    return Slider(**{**given, **changes})


class Explorer:
    """One live explorer.

    Subclasses give the class attributes below and the methods `solve`, `describe`, `readouts` and `table`
    (each takes the state that `solve` returned; called without it they speak of the state on screen).

    Attributes
    ----------
    name, title : str
        ``explore.<name>``; the title above the picture.
    controls : tuple of Slider, Choice, Toggle
    presets : dict of str to dict
        Values by control; controls not named go to their default.
    main : tuple of str
        Controls that a saved page keeps.
    play : str or None
        The control that Play moves.
    play_mode : {"bounce", "once"}
        To and fro for ever, or once from low to high.
    scene : type
        The Scene class.
    sources : tuple of str
        Keys of the references used.
    baseline : state or None
        What `solve` returned for the pinned baseline; `describe` may compare with it.

    Raises
    ------
    UnknownInputError
        For a control or preset that does not exist; the message lists those that do.
    InputError
        For a value outside its range.
    """

    name = ""
    title = ""
    controls: tuple = ()
    presets: Mapping[str, Mapping[str, Any]] = {}
    main: tuple[str, ...] = ()
    play: str | None = None
    play_mode = "bounce"
    scene: type
    sources: tuple[str, ...] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let `describe()`, `readouts()`, `table()` of a subclass, given no state, speak of the present one."""
        super().__init_subclass__(**kwargs)
        for name in ("describe", "readouts", "table"):
            if name in cls.__dict__:
                setattr(cls, name, _of_current(cls.__dict__[name]))

    def __init__(self, *, preset: str | None = None, **values: Any):
        self.lock = threading.RLock()
        self._defaults = {control.name: control.default for control in self.controls}
        self._preset: str | None = None
        self._pinned: dict[str, Any] | None = None
        self._era = 0
        self.baseline: Any = None
        self._scene = self._recorder = self._widget = None
        self._frame: Frame | None = None
        self._closed = False
        self._adopt(*self._request(preset, values))

    # -- for subclasses ---------------------------------------------------------------------------
    def solve(self, values: dict[str, Any]) -> Any:
        """Return the state (values and model results) for the values of all controls. Must be pure."""
        raise NotImplementedError

    def solve_sweep(self, values: dict[str, Any], control: str, points: Sequence[Any]) -> list[Any]:
        """Return the states for several values of one control; override where a batch is faster."""
        return [self.solve({**values, control: point}) for point in points]

    def describe(self, state: Any = None) -> str:
        """Return in plain English what the picture shows and what it means."""
        raise NotImplementedError

    def readouts(self, state: Any = None) -> list[tuple[str, str, str, str]]:
        """Return the key numbers: (label, text, unit, tone) with tone "", "good", "warn" or "bad"."""
        return []

    def table(self, state: Any = None) -> Any:
        """Return the numbers behind the picture as a pandas DataFrame."""
        import pandas as pd

        rows = [(label, text, unit) for label, text, unit, _ in self.readouts(state)]
        return pd.DataFrame(rows, columns=["quantity", "value", "unit"])

    @property
    def widget(self) -> LiveFigure:
        """The widget, made when first shown or asked for; put it into a layout of your own if you like."""
        if self._widget is None:
            if self._closed:
                raise InputError("this explorer was closed, maybe by running its cell again; open a new one")
            with self.lock:
                self._widget = LiveFigure(self, self._spec())
        return self._widget

    # -- for users --------------------------------------------------------------------------------
    def set(self, *, preset: str | None = None, **values: Any) -> Explorer:
        """Change controls; with `preset` start from that preset. Returns the explorer.

        Raises
        ------
        InputError
            For an unknown preset or control, or a value outside its range. Nothing changes then.
        """
        with self.lock:
            self._adopt(*self._request(preset, values))
            self._push()
        return self

    def reset(self) -> Explorer:
        """Put every control back to its default (but those that stay) and take the pinned baseline away."""
        with self.lock:
            self.act("reset")
            self._push()
        return self

    def pin(self, on: bool = True) -> Explorer:
        """Keep the present state as the dashed baseline (or, with False, take the baseline away).

        Raises
        ------
        InputError
            If `on` is neither True nor False.
        """
        if not isinstance(on, bool):
            raise InputError(f"pin takes True or False; got {on!r}")
        with self.lock:
            self.act("pin" if on else "unpin")
            self._push()
        return self

    def state(self) -> dict[str, Any]:
        """Return the value of every control."""
        with self.lock:
            return dict(self._values)

    def code(self) -> str:
        """Return the line of Python that opens this explorer in this state."""
        with self.lock:
            base = {**self._defaults, **self.presets.get(self._preset, {})}
            words = [f"preset={_literal(self._preset)}"] if self._preset else []
            words += [
                f"{name}={_literal(value)}" for name, value in self._values.items() if value != base[name]
            ]
            return f"explore.{self.name}({', '.join(words)})"

    def save_picture(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write the picture as it is now; the ending decides the format: .svg and .pdf are vectors, .png pixels.

        Raises
        ------
        InputError
            For an ending that no picture has; lists those that can be written.
        """
        path = pathlib.Path(path)
        kind = picture_format(path)
        with self.lock:
            self._show(self._current)
            path.write_bytes(self._scene.file(kind))
        return path

    def save_data(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write `table()` as a CSV file."""
        return save_csv(self.table(), path)

    def save_page(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write one self-contained HTML page that works without Python, kernel or network."""
        from vmo_edu.live.page import page

        path = pathlib.Path(path)
        path.write_text(page(self), encoding="utf-8")
        return path

    def close(self) -> None:
        """Take the explorer off the page; its numbers can still be asked for."""
        if self._widget is not None:
            self._widget.close()
        else:
            self.closed()

    def __repr__(self) -> str:
        return f"<{self.code()}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict, dict] | dict:
        """The widget, and for places that run no kernel the picture and its description."""
        bundle = {"text/plain": f"{self.title}{'' if self.title.endswith('?') else '.'} {self.describe()}"}
        if self._closed:
            return bundle
        with self.lock:
            self._show(self._current)
            png = base64.b64encode(self._scene.png(900)).decode()
        shown = self.widget._repr_mimebundle_()
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**data, **bundle, "image/png": png}, metadata

    # -- for LiveFigure (the protocol `Source`) ---------------------------------------------------
    def frame(self) -> Frame:
        """Return the picture and the words now."""
        with self.lock:
            if self._frame is None:
                self._frame = self._record(self._values, self._current)
            return self._frame

    def take(self, values: Mapping[str, Any], preset: str | None) -> None:
        """Adopt all values that the reader has chosen on the page."""
        checked = {name: self._control(name).check(value) for name, value in values.items()}
        self._adopt({**self._defaults, **checked}, preset if preset in self.presets else None)

    def frames(self, changes: Sequence[Mapping[str, Any]]) -> Iterator[Frame]:
        """Yield a frame for each complete set of values; sets that the model refuses are left out."""
        with self.lock:
            sets = [
                {**self._defaults, **{n: self._control(n).check(v) for n, v in one.items()}}
                for one in changes
            ]
            for values, state in zip(sets, self._states(sets), strict=True):
                if state is not None:
                    yield self._record(values, state)

    def act(self, action: str) -> None:
        """Do what a button asks for: "pin", "unpin" or "reset"."""
        check_choice("action", action, ("pin", "unpin", "reset"))
        if action == "reset":
            kept = {c.name: self._values[c.name] for c in self.controls if getattr(c, "stays", False)}
            self._adopt({**self._defaults, **kept}, None)
        self._pinned = dict(self._values) if action == "pin" else None
        self.baseline = self._current if action == "pin" else None
        self._era += 1
        self._frame = None
        self._drawn().ghost(self.baseline)

    def arrange(self, layout: str) -> None:
        """Draw the picture in another of the scene's layouts ("wide" or "tall")."""
        check_choice("layout", layout, self.scene.sizes)
        with self.lock:
            self._scene = None
            self._drawn(layout)
            self._frame = None
            self._era += 1

    def picture(self) -> dict[str, Any]:
        """Return the drawn picture: its layout, SVG and handles."""
        scene = self._drawn()
        return {
            "layout": scene.layout,
            "svg": self._recorder.svg,
            "handles": [{"gid": h.gid, "label": h.label, **h.per_pixel()} for h in scene.handles],
            "labels": any(gid == "labels" or gid.startswith("labels-") for gid in scene.live),
        }

    def files(self, what: str) -> tuple[str, bytes]:
        """Return (file name, content) for the page's save buttons: "picture", "data" or "page"."""
        check_choice("what", what, ("picture", "data", "page"))
        if what == "page":
            from vmo_edu.live.page import page

            return f"{self.name}.html", page(self).encode()
        if what == "data":
            return f"{self.name}.csv", csv_bytes(self.table())
        with self.lock:
            self._show(self._current)
            return f"{self.name}.png", self._scene.png(1600)

    def status(self) -> dict[str, Any]:
        """Return preset, era, baseline and code line for the page."""
        return {"preset": self._preset, "era": self._era, "pinned": self._pinned, "code": self.code()}

    def closed(self) -> None:
        """Let go of the picture after the widget was closed: notebooks keep old results alive for long."""
        with self.lock:
            self._scene = self._recorder = self._frame = self._widget = None
            self._closed = True

    # -- inside -----------------------------------------------------------------------------------
    def _control(self, name: str) -> Any:
        check_known(self.name, "control", [name], self._defaults)
        return next(control for control in self.controls if control.name == name)

    def _request(self, preset: str | None, values: Mapping[str, Any]) -> tuple[dict, str | None]:
        """Check what a user asked for; returns all values and the preset they start from."""
        checked = {name: self._control(name).check(value) for name, value in values.items()}
        base = start_of(preset, self.presets, self._defaults, getattr(self, "_values", self._defaults))
        if preset is not None:
            return {**base, **checked}, preset
        changed = [self._control(name) for name, value in checked.items() if value != base[name]]
        cleared = {other: self._defaults[other] for one in changed for other in getattr(one, "clears", ())}
        return {**base, **cleared, **checked}, self._preset

    def _adopt(self, values: dict[str, Any], preset: str | None) -> None:
        """Solve first, so that an error leaves the old state whole."""
        current = self.solve(dict(values))
        self._values, self._preset, self._current = dict(values), preset, current
        self._frame = None

    def _states(self, sets: list[dict[str, Any]]) -> list[Any]:
        """States of several sets of values, in one batch if only one control differs; None where refused."""
        differing = [name for name in self._defaults if any(one[name] != sets[0][name] for one in sets)]
        if len(differing) == 1:
            try:
                return self.solve_sweep(sets[0], differing[0], [one[differing[0]] for one in sets])
            except InputError:
                pass  # one bad point must not take the others with it
        return [self._try(one) for one in sets]

    def _try(self, values: dict[str, Any]) -> Any:
        try:
            return self.solve(values)
        except InputError:
            return None

    def _drawn(self, layout: str = "wide") -> Any:
        """The scene; drawn when first needed, since numbers alone need no picture."""
        if self._scene is None:
            if self._closed:
                raise InputError("this explorer was closed, maybe by running its cell again; open a new one")
            self._scene = self.scene(layout=layout) if len(self.scene.sizes) > 1 else self.scene()
            self._recorder = Recorder(self._scene)
            if self.baseline is not None:
                self._scene.ghost(self.baseline)
        return self._scene

    def _push(self) -> None:
        if self._widget is not None:
            self._widget.push()

    def _show(self, state: Any) -> None:
        self._drawn().update(state)

    def _record(self, values: dict[str, Any], state: Any) -> Frame:
        self._show(state)
        says = {"describe": self.describe(state), "readouts": [list(row) for row in self.readouts(state)]}
        return self._recorder.record(values, says)

    def _spec(self) -> dict[str, Any]:
        """Everything the front end builds once."""
        scene = self._drawn()
        return {
            "name": self.name,
            "title": self.title,
            "defaults": self._defaults,
            "controls": [
                {
                    **asdict(c),
                    "kind": c.kind,
                    **({"options": list(c.options.items())} if c.kind == "choice" else {}),
                }
                for c in self.controls
            ],
            "presets": [[name, {**self._defaults, **values}] for name, values in self.presets.items()],
            "main": list(self.main),
            "play": self.play,
            "playMode": self.play_mode,
            "parts": [[gid, name, text] for gid, (name, text) in scene.parts.items()],
            "layouts": list(scene.sizes),
        }


def _of_current(method: Any) -> Any:
    """`method(self, state)` that takes the state on screen when called without one."""

    @functools.wraps(method)
    def of_current(self: Explorer, state: Any = None) -> Any:
        if state is None:
            with self.lock:
                state = self._current
        return method(self, state)

    return of_current


def _literal(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return f'"{value}"' if isinstance(value, str) else repr(value)
