"""Live pictures: matplotlib draws a scene once, the browser keeps it alive.

`LiveFigure` is the widget, `frames` what travels to it, `page` the same thing as a file without a kernel.
"""

from vmo_edu.live.figure import LiveFigure

__all__ = ["LiveFigure"]
