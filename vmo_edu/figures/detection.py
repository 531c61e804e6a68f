"""Scene of the detection lab: one study drawn from straight lines, and where many see a threshold."""

import numpy as np
from matplotlib.text import Text

from vmo_edu.figures import style
from vmo_edu.figures.scene import Scene

INCREMENTS = (10, 20, 30, 40, 50, 60)
MUSCLES = {
    "vm": ("VM", style.VMO, style.VMO_FILL, -1.7, "-"),
    "vl": ("VL", style.VL, style.VL_FILL, 1.7, "--"),
}
DRAWN = 12                                        # more people would be a cloud of dots, and slow to send
TOP = 164                                         # % of control; higher readings are drawn there, below the words
WINDOWS = {"vm": (20, 30), "vl": (50, 60)}         # first significant falls of spencer1984, ml (F0392, F0393)


class DetectionScene(Scene):
    """Thresholds out of nothing.

    The state is a `DetectionResult` with the increments 10 to 60 ml: `example` (people x volumes, column 0 dry),
    `truth`, and the shares `vm`, `vl` of studies whose first significant fall came at each increment.
    """

    sizes = {"wide": (9.1, 4.6), "tall": (3.6, 6.4)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        self._study([0.075, 0.135, 0.40, 0.73] if wide else [0.17, 0.60, 0.81, 0.345])
        self._many([0.565, 0.135, 0.42, 0.73] if wide else [0.17, 0.085, 0.81, 0.345])

    def _study(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(-5, 66), ylim=(0, 182), xticks=(0, *INCREMENTS),
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
        self.ghost_people = self.curve("ghost-people", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST, linewidth=1.6,
                                       linestyle="--", zorder=7, visible=False)
        self.some = self._note(ax, "some", f"{DRAWN} people drawn", 1.0, "right")
        self.ghost_name = self._note(ax, "ghost-name", "grey: pinned", 0.015, "left")
        self.study = ax

    def _note(self, ax, gid, text, x, align):
        """Words on the upper edge of the left panel that come and go."""
        group = self.group(gid, ax, 9, visible=False)
        group.add(Text(x, 0.985, text, fontsize=style.SMALL, color=style.SOFT_INK, ha=align, va="top",
                       transform=ax.transAxes))
        return group

    def _many(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(4, 66), ylim=(0, 100), xticks=INCREMENTS,
                             yticks=(0, 25, 50, 75, 100), xlabel="first significant fall at (ml)",
                             ylabel="% of simulated studies",
                             title="Where many studies see a fall" if self.layout == "wide" else
                             "Where studies see a fall")
        for muscle, (low, high) in WINDOWS.items():
            ax.axvspan(low - 4, high + 4, color=style.EVIDENCE_FILL, alpha=0.55, lw=0, zorder=1)
            ax.text((low + high) / 2, 97, f"published\n{MUSCLES[muscle][0]}", color=style.EVIDENCE,
                    ha="center", va="top", fontsize=style.SMALL, linespacing=1.1)
        self.bars = {}
        for muscle, (_name, edge, fill, _shift, _line) in MUSCLES.items():
            self.bars[muscle] = self.curve(f"bars-{muscle}", ax, xy=np.zeros((2, 2)), facecolor=fill,
                                           edgecolor=edge, linewidth=1.2, zorder=5)
        self.ghost_bars = self.curve("ghost-bars", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST, linewidth=1.8,
                                     linestyle="--", zorder=6, visible=False)

    def update(self, state):
        """Show a state; touches live things only."""
        for muscle, (_name, _edge, _fill, shift, _line) in MUSCLES.items():
            readings = 100 * np.asarray(state.example[muscle])
            volumes = np.array([0, *INCREMENTS]) + 0.45 * shift
            points = np.stack([np.broadcast_to(volumes, readings.shape), np.clip(readings, 0, TOP)], axis=-1)
            self.people[muscle].set(path=style.discs(self.study, points[:DRAWN].reshape(-1, 2), 2.3))
            line = np.stack([[0, *INCREMENTS], 100 * np.r_[1, state.truth[muscle]]], axis=1)
            self.truth[muscle].set(xy=line)
            shares = 100 * np.asarray(getattr(state, muscle))
            self.bars[muscle].set(xy=_bars(np.array(INCREMENTS) + shift, shares, 1.5))
        self.some.set(visible=len(state.example["vm"]) > DRAWN)

    def ghost(self, state):
        """Show another lab dashed: the range of the readings drawn of its study, and its bars; None hides them."""
        for one in (self.ghost_people, self.ghost_bars, self.ghost_name):
            one.set(visible=state is not None)
        if state is None:
            return
        readings = 100 * np.vstack([state.example[muscle][:DRAWN] for muscle in MUSCLES])
        low, high = (np.clip(edge(readings, axis=0), 0, TOP) for edge in (np.min, np.max))
        volumes = np.array([0, *INCREMENTS])
        gap = [(np.nan, np.nan)]
        self.ghost_people.set(xy=np.vstack([np.stack([volumes, low], 1), gap, np.stack([volumes, high], 1)]))
        self.ghost_bars.set(xy=np.vstack([
            _bars(np.array(INCREMENTS) + shift, 100 * np.asarray(getattr(state, muscle)), 1.5)
            for muscle, (_name, _edge, _fill, shift, _line) in MUSCLES.items()]))


def _bars(centres, heights, half):
    """Outlines of upright bars as one line with gaps, (n, 2)."""
    gap = [np.nan, np.nan]
    boxes = [[(x - half, 0), (x - half, h), (x + half, h), (x + half, 0), (x - half, 0), gap]
             for x, h in zip(centres, heights, strict=True)]
    return np.array(boxes, float).reshape(-1, 2)
