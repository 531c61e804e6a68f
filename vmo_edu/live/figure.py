"""LiveFigure: one widget that shows a scene with its controls, and keeps it in step with the kernel.

The front end (front.js) sends the values of its controls; this side answers with what changed in the picture.
"""

from __future__ import annotations

import os
import pathlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import anywidget
import traitlets

from vmo_edu.errors import InputError
from vmo_edu.live.cell import left_by_earlier_runs, running_cell
from vmo_edu.live.frames import Frame, changed, encode

HERE = pathlib.Path(__file__).parent


class Source(Protocol):
    """What a LiveFigure needs from whoever owns it (an explorer)."""

    lock: threading.RLock

    def frame(self) -> Frame:
        """Return the picture and the words now."""

    def take(self, values: Mapping[str, Any], preset: str | None) -> None:
        """Adopt the values that the reader has chosen."""

    def frames(self, changes: Sequence[Mapping[str, Any]]) -> Iterator[Frame]:
        """Yield a frame for each set of values, without adopting any."""

    def act(self, action: str) -> None:
        """Do what a button asks for: "pin", "unpin" or "reset"."""

    def arrange(self, layout: str) -> None:
        """Draw the picture in another layout."""

    def picture(self) -> dict[str, Any]:
        """Return the drawn picture: its layout, SVG and handles."""

    def files(self, what: str) -> tuple[str, bytes]:
        """Return (file name, content) of the "picture", the "data" or the "page"."""

    def status(self) -> dict[str, Any]:
        """Return preset, era, baseline and code line. A new era: every frame from before is out of date."""

    def closed(self) -> None:
        """Let go of the picture: the widget has been closed."""


class LiveFigure(anywidget.AnyWidget):
    """The widget of one explorer. Everything on screen is native HTML made by front.js.

    Parameters
    ----------
    source : Source
        Solves, draws and describes.
    spec : dict
        Title, controls, presets, parts: what the front end builds once.

    Notes
    -----
    JupyterLab 4.4 with ipykernel 7 calls `_on_message` from other threads, so everything that touches the
    scene holds ``source.lock``. Messages leave under the same lock and are numbered (`rev`): none overtakes
    another.
    """

    _esm = HERE / "front.js"
    _css = HERE / "front.css"

    spec = traitlets.Dict().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    """The SVG as matplotlib has drawn it, with its layout and handles."""
    now = traitlets.Bytes().tag(sync=True)
    """The full frame as a view that opens now must see it."""

    def __init__(self, source: Source, spec: dict):
        self._source: Source | None = source
        self._sent: Frame | None = None
        self._rev = 0
        self.cell = running_cell()
        for older in left_by_earlier_runs(self.cell, LiveFigure):
            older.close()
        super().__init__(spec=spec, picture=source.picture(), now=self._full())
        self.on_msg(self._on_message)

    # -- towards the browser ----------------------------------------------------------------------
    def _full(self) -> bytes:
        source = self._source
        with source.lock:
            frame = source.frame()
            self._sent = frame
            return encode([frame], {"rev": self._rev, "full": True, **source.status()})

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict:
        """Return the synced traits; a page that opens later gets the picture as it is then."""
        source = getattr(self, "_source", None)
        if source is not None and self.comm is not None and key is None:
            with source.lock, self._silent():
                self.now = self._full()
        return super().get_state(key, drop_defaults)

    @contextmanager
    def _silent(self) -> Iterator[None]:
        """Change a synced trait without sending it to the views that are open already."""
        comm, self.comm = self.comm, None
        try:
            yield
        finally:
            self.comm = comm

    def push(self, reply: Mapping | None = None) -> None:
        """Send what changed since the last message.

        Parameters
        ----------
        reply : mapping, optional
            ``{"client": ..., "seq": ...}`` of the message that this answers.
        """
        source = self._source
        if source is None:
            return
        with source.lock:
            frame = source.frame()
            head = {"rev": self._rev + 1, "basis": self._rev, **source.status(), **(reply or {})}
            data = encode([changed(frame, self._sent)], head)
            self._rev, self._sent = self._rev + 1, frame        # only what was encoded counts as sent
            self.send({"type": "frame"}, buffers=[data])

    def push_picture(self) -> None:
        """Send a picture drawn anew, and its frame with it so that nothing half done is ever shown."""
        with self._source.lock:
            picture = self._source.picture()
            with self._silent():
                self.picture = picture
            self._rev += 1
            self.send({"type": "picture", "picture": picture}, buffers=[self._full()])

    def close(self) -> None:
        """Take the widget off the page and let go of the picture."""
        source = self._source
        if source is None:
            return
        with source.lock:  # not in the middle of an answer
            super().close()
            self._source = None
            source.closed()

    # -- from the browser -------------------------------------------------------------------------
    def _on_message(self, _widget: Any, message: dict, _buffers: Any) -> None:
        source = self._source
        if source is None:
            return
        reply = {"client": message.get("client"), "seq": message.get("seq")}
        try:
            with source.lock:
                self._answer(source, message, reply)
        except Exception as error:
            self.send({"type": "error", "text": explain(error), "values": message.get("values"), **reply})
            if os.environ.get("VMO_EDU_STRICT") == "1":
                raise

    def _answer(self, source: Source, message: dict, reply: dict) -> None:
        kind = message.get("type")
        if kind == "set":
            source.take(message["values"], message.get("preset"))
            self.push(reply)
        elif kind == "sweep":
            self._sweep(source, message, reply)
        elif kind == "hello":
            self.send({"type": "frame"}, buffers=[self._full()])
        elif kind == "act":
            source.take(message["values"], message.get("preset"))
            source.act(message["action"])
            self.push(reply)
        elif kind == "layout":
            source.arrange(message["layout"])
            self.push_picture()
        elif kind == "file":
            source.take(message["values"], message.get("preset"))
            name, content = source.files(message["what"])
            self.send({"type": "file", "name": name, **reply}, buffers=[content])
        else:
            raise InputError(f"the page sent a message of unknown type {kind!r}")

    def _sweep(self, source: Source, message: dict, reply: dict) -> None:
        """Send the frames asked for; a request of an older era is not worth computing."""
        frames = []
        if message.get("era") == source.status()["era"]:
            frames = list(source.frames([{**message["values"], **change} for change in message["changes"]]))
        if frames:
            self.send({"type": "block", "era": message["era"], **reply}, buffers=[encode(frames)])
        else:
            self.send({"type": "block", **reply})


def explain(error: Exception) -> str:
    """One line for the reader: our own messages as they are, others with their type."""
    return str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
