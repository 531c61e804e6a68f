"""Which notebook cell makes a widget, and which widgets earlier runs of that cell have left.

Notebooks keep old results alive for long, so running a cell again would leak a widget each time.
"""

from __future__ import annotations

from typing import TypeVar

import ipywidgets

Cell = tuple[str, str]
"""(cell id, id of the run)."""
Kind = TypeVar("Kind", bound=ipywidgets.Widget)


def running_cell() -> Cell | None:
    """Return the notebook cell that runs now; None where no notebook says."""
    try:
        from IPython import get_ipython

        parent = get_ipython().kernel.get_parent("shell")
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except Exception:  # no notebook, or one that gives its cells no ids
        return None


def left_by_earlier_runs(cell: Cell | None, kind: type[Kind]) -> list[Kind]:
    """Return the open widgets of one kind (they know their `cell`) that earlier runs of this cell made."""
    if cell is None:
        return []
    alive = [one for one in ipywidgets.widgets.widget._instances.values() if isinstance(one, kind) and one.cell]
    return [one for one in alive if one.cell[0] == cell[0] and one.cell[1] != cell[1]]
