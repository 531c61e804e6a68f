"""Scene of the detection lab: one study drawn from straight lines, and where many see a threshold."""

import numpy as np

from vmo_edu.figures import style
from vmo_edu.figures.scene import Scene

INCREMENTS = (10, 20, 30, 40, 50, 60)
MUSCLES = {
    "vm": ("VM", style.VMO, style.VMO_FILL, -1.7, "-"),
    "vl": ("VL", style.VL, style.VL_FILL, 1.7, "--"),
}
WINDOWS = {"vm": (20, 30), "vl": (50, 60)}         # first significant falls of spencer1984, ml (F0392, F0393)


class DetectionScene(Scene):
    """Thresholds out of nothing.

    The state is a `DetectionResult` with the increments 10 to 60 ml: `example` (people x volumes, column 0 dry),
    `truth`, and the shares `vm`, `vl` of studies whose first significant fall came at each increment.
    """

    sizes = {"wide": (9.4, 4.6), "tall": (5.2, 8.6)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        self._study([0.075, 0.135, 0.40, 0.73] if wide else [0.15, 0.58, 0.82, 0.35])
        self._many([0.565, 0.135, 0.42, 0.73] if wide else [0.15, 0.08, 0.82, 0.35])

    def _study(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(-5, 66), ylim=(0, 165), xticks=(0, *INCREMENTS),
                             yticks=(0, 50, 100, 150), xlabel="fluid in the joint (ml)",
                             ylabel="H-reflex, % of control", title="One study: the truth is a line")
        self.truth, self.people = {}, {}
        for muscle, (name, edge, fill, _, line) in MUSCLES.items():
            self.people[muscle] = self.curve(f"people-{muscle}", ax, xy=np.zeros((2, 2)), facecolor=fill,
                                             edgecolor=edge, linewidth=0.6, alpha=0.75, zorder=4)
            self.truth[muscle] = self.curve(f"truth-{muscle}", ax, xy=np.zeros((2, 2)), edgecolor=edge,
                                            linewidth=2.4, linestyle=line, zorder=6)
            ax.text(3 if muscle == "vm" else 22, 8, f"{name} {'solid' if muscle == 'vm' else 'dashed'}",
                    color=edge, fontsize=style.TEXT, fontweight="bold")
        self.study = ax

    def _many(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(4, 66), ylim=(0, 100), xticks=INCREMENTS,
                             yticks=(0, 25, 50, 75, 100), xlabel="first significant fall at (ml)",
                             ylabel="% of simulated studies",
                             title="Many studies: where they see a threshold")
        for muscle, (low, high) in WINDOWS.items():
            ax.axvspan(low - 4, high + 4, color=style.EVIDENCE_FILL, alpha=0.55, lw=0, zorder=1)
            ax.text((low + high) / 2, 97, f"published\n{MUSCLES[muscle][0]}", color=style.EVIDENCE,
                    ha="center", va="top", fontsize=style.SMALL, linespacing=1.1)
        self.bars = {}
        for muscle, (_name, edge, fill, _shift, _line) in MUSCLES.items():
            self.bars[muscle] = self.curve(f"bars-{muscle}", ax, xy=np.zeros((2, 2)), facecolor=fill,
                                           edgecolor=edge, linewidth=1.2, zorder=5)

    def update(self, state):
        """Show a state; touches live things only."""
        for muscle, (_name, _edge, _fill, shift, _line) in MUSCLES.items():
            readings = 100 * np.asarray(state.example[muscle])
            volumes = np.array([0, *INCREMENTS]) + 0.45 * shift
            points = np.stack([np.broadcast_to(volumes, readings.shape), np.clip(readings, 0, 164)], axis=-1)
            self.people[muscle].set(path=style.discs(self.study, points[:12].reshape(-1, 2), 2.3))
            line = np.stack([[0, *INCREMENTS], 100 * np.r_[1, state.truth[muscle]]], axis=1)
            self.truth[muscle].set(xy=line)
            shares = 100 * np.asarray(getattr(state, muscle))
            self.bars[muscle].set(xy=_bars(np.array(INCREMENTS) + shift, shares, 1.5))


def _bars(centres, heights, half):
    """Outlines of upright bars as one line with gaps, (n, 2)."""
    gap = [np.nan, np.nan]
    boxes = [[(x - half, 0), (x - half, h), (x + half, h), (x + half, 0), (x - half, 0), gap]
             for x, h in zip(centres, heights, strict=True)]
    return np.array(boxes, float).reshape(-1, 2)
