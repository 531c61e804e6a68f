"""The picture of the ledger of claims for places that run no kernel: how many claims have each verdict."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from vmo_edu.figures import style
from vmo_edu.figures.scene import drawing, written

# verdict -> face, hatch; told apart by pattern as well as by colour
LOOKS = {
    "supported": (style.EVIDENCE, None),
    "partly_supported": (style.EVIDENCE_FILL, "///"),
    "insufficient": ("#D5D5D5", None),
    "contradicted": (style.CLAIM, None),
}


def verdict_picture(counts: Mapping[str, int], words: Mapping[str, str], kind: str, width: int) -> bytes:
    """Return a bar chart of claims by verdict as the bytes of a picture file.

    Parameters
    ----------
    counts : mapping of verdict to int
        How many claims have each verdict.
    words : mapping of verdict to str
        What to call each verdict.
    kind : str
        Format as matplotlib calls it, such as "png" or "svg".
    width : int
        Pixels, where the format has any.
    """
    with drawing("claims"):
        return written(_chart(counts, words), kind, width)


def _chart(counts: Mapping[str, int], words: Mapping[str, str]) -> Figure:
    figure = Figure(figsize=(9, 2.6))
    ax = figure.add_axes((0.2, 0.05, 0.74, 0.8))
    for row, (verdict, count) in enumerate(counts.items()):
        face, hatch = LOOKS[verdict]
        ax.barh(row, count, color=face, edgecolor=style.EVIDENCE if hatch else face, hatch=hatch, height=0.68)
        ax.text(count, row, f" {count}", va="center", fontsize=style.TEXT, color=style.INK)
    ax.set_yticks(range(len(counts)), [words[verdict] for verdict in counts], fontsize=style.TEXT)
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.tick_params(length=0, colors=style.INK)
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
    title = f"Verdicts on {sum(counts.values())} claims"
    ax.set_title(title, fontsize=style.TITLE, color=style.INK, loc="left")
    return figure
