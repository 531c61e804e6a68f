"""Card: the small widget behind predict, quiz and glossary.

The page (card.js) draws native HTML from `spec` and `state`; what is right or wrong stays in Python.
"""

from __future__ import annotations

import os
import pathlib
import threading
from typing import Any

import anywidget
import traitlets

from vmo_edu.live.cell import left_by_earlier_runs, running_cell
from vmo_edu.live.figure import explain

HERE = pathlib.Path(__file__).parent
STYLE = (HERE / "card.css").read_text(encoding="utf-8")
HELPERS = (HERE / "dom.js").read_text(encoding="utf-8")


class Card(anywidget.AnyWidget):
    """A widget that also shows as text where no kernel runs.

    Subclasses fill `spec` (built once) and `state` (what changes) and give `static_html` and `static_text`.
    """

    _esm = HELPERS + (HERE / "card.js").read_text(encoding="utf-8")
    _css = STYLE

    spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, spec: dict, state: dict):
        self.cell = running_cell()
        self.lock = threading.RLock()
        super().__init__(spec=spec, state=state)
        self.on_msg(self._on_message)

    def _on_message(self, _widget: Any, message: dict, _buffers: Any) -> None:
        """Answer the page; a refused input comes back as a sentence in the card."""
        with self.lock:
            try:
                self.handle(message)
            except Exception as error:
                self.state = {**self.state, "error": explain(error)}
                if os.environ.get("VMO_EDU_STRICT") == "1":
                    raise

    def handle(self, message: dict) -> None:
        """Do what the reader asked for on the page."""
        raise NotImplementedError

    def static_html(self) -> str:
        """Return what a page without kernel shows; must be escaped."""
        raise NotImplementedError

    def static_text(self) -> str:
        """Return what a terminal shows."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.static_text()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict, dict]:
        """Return the widget, and beside it the static text."""
        for older in left_by_earlier_runs(self.cell, Card):
            older.close()
        shown = super()._repr_mimebundle_()
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        return {**data, "text/html": styled(self.static_html()), "text/plain": self.static_text()}, metadata


def styled(body: str) -> str:
    """Return HTML that brings its own style: it must also look right where no widget was ever drawn."""
    return f'<style>{STYLE}</style><div class="vmol-card-root">{body}</div>'
