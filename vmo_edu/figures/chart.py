"""Chart: a still picture with its description, for pages where nothing moves (the model card).

Shows in Jupyter as an image whose alternative text is the description.
"""

import base64
import io
from html import escape

from matplotlib.figure import Figure
from PIL import Image

from vmo_edu.figures.scene import DPI, drawing


class Chart:
    """A matplotlib figure and the words that say the same.

    Parameters
    ----------
    width, height : float
        Size in inches; 9 wide fills a notebook.
    words : str
        What the picture shows, in plain English; becomes its alternative text and caption.
    """

    def __init__(self, width, height, words):
        self.figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        self.words = words

    def png(self, width=1100):
        """The picture as PNG bytes, `width` pixels wide."""
        buffer = io.BytesIO()
        with drawing("chart"):
            self.figure.savefig(buffer, format="png", dpi=width / self.figure.get_figwidth())
        small = io.BytesIO()                     # few colours: a quarter of the size, and it is stored twice
        Image.open(buffer).convert("RGB").quantize(96).save(small, format="PNG", optimize=True)
        return small.getvalue()

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, **_):
        code = base64.b64encode(self.png()).decode()
        words = escape(self.words)
        # on a narrow screen the picture scrolls: its words would be too small
        html = ('<figure style="margin:0;max-width:1000px"><div style="overflow-x:auto" tabindex="0" role="region" '
                f'aria-label="Picture"><img style="width:100%;min-width:700px" alt="{words}" '
                f'src="data:image/png;base64,{code}"></div><figcaption>{words}</figcaption></figure>')
        return {"text/html": html, "image/png": code, "text/plain": self.words}
