"""Scene of the five pulls: arrows on the knee, the same head to tail, and each head's pull sideways."""

from functools import lru_cache

import numpy as np

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import Frontal
from vmo_edu.figures.scene import Scene

HEADS = ("rf_vi", "vml", "vmo", "vll", "vlo")
ORDER = ("rf_vi", "vll", "vlo", "vml", "vmo")      # head to tail: out to lateral, then back
DRAWN_ANGLE = 50.0                                 # how the fibres of the VMO are drawn, degrees medial
REACH = 1.22                                       # mm of arrow for one newton at 175 N in all
LEAST = 60.0                                       # N in all: weaker pulls are drawn to the scale of this one
BAR = -34.0                                        # where the scale bar stands
TENDON = 0.2                                       # the arrow of the tendon is drawn this much shorter
SIDE = 16.0                                        # ends of the sideways axis, % of the whole pull


def arrow_scale(total):
    """Length (mm) of the arrow of one newton when all heads pull `total` N: the less, the stronger the pull."""
    return REACH * (175.0 / max(total, LEAST)) ** 0.85


@lru_cache(maxsize=16)
def turned_vmo(angle):
    """The VMO with fibres turned to `angle` degrees medial of the shaft, trimmed to the same outline."""
    part = anatomy.parts("frontal")["vastus medialis obliquus"]
    turn = np.radians(angle - DRAWN_ANGLE)
    m = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    fibres = []
    for fibre in part.data["fibres"]:
        p = np.asarray(fibre, float)
        fibres.append((p[0] + 1.6 * (p - p[0]) @ m).tolist())
    return anatomy.frontal_part({**part.data, "fibres": fibres})


class PullScene(Scene):
    """Five pulls on one kneecap.

    The state needs `pull` (with `names`, `force` (5,), `frontal` (5, 2) lateral and proximal, N,
    `resultant` (2,), `angle`), `activation` (dict head -> activation x size) and `vmo_angle` (degrees
    medial, for the fibres).
    """

    sizes = {"wide": (9.4, 6.2), "tall": (3.6, 7.2)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        f = self.figure
        ax = style.drawing_axes(
            f, [0.0, 0.0, 0.545, 1.0] if wide else [0.0, 0.43, 1.0, 0.57], (122, -95, -84, 176))
        if not wide:
            style.mask(f, [0, 0, 1, 0.43])
        self.knee = Frontal(self, ax)
        style.fade(ax)
        self.thick = (5.0, 5.0, 2.2) if wide else (6.5, 8.5, 2.8)       # arrows on the knee, in the chain, their sum
        self.at = {h: anatomy.anchors("frontal")["pull_" + h] for h in HEADS}
        self.at["tendon"] = anatomy.anchors("frontal")["patella_apex"]
        self.arrows = {h: self._arrow(f"arrow-{h}", ax, h, 40) for h in (*HEADS, "tendon")}
        style.sides(ax)
        self._names(ax)
        self._polygon([0.55, 0.045, 0.17, 0.845] if wide else [0.01, 0.012, 0.38, 0.36])
        self._sideways([0.80, 0.14, 0.185, 0.68] if wide else [0.53, 0.065, 0.44, 0.265])

    def _arrow(self, gid, ax, head, z, **look):
        fill = style.HEAD_COLOURS.get(head, ("", style.FORCE))[1]
        return self.curve(gid, ax, xy=np.zeros((8, 2)), closed=True, zorder=z,
                          **{"facecolor": fill, "edgecolor": "#FFFFFF", "linewidth": 1.4, **look})

    def _names(self, ax):
        names = self.group("labels", ax, 60)
        wide = self.layout == "wide"
        right = -70 if wide else -62
        for text, at, to, head in (
            ("VLL", (94, 128), (64, 122), "vll"),
            ("VLO", (94, 46), (52, 44), "vlo"),
            ("RF + VI", (right, 158), (-2, 152), "rf_vi"),
            ("VML", (right, 112), (-40, 108), "vml"),
            ("VMO", (right - 4, 64), (-46, 62), "vmo"),
        ):
            anatomy.label(names, ax, text, at, to, style.TITLE if wide else style.TEXT, style.HEAD_COLOURS[head][1])
        anatomy.label(names, ax, "patella", (94 if wide else 90, -20), (16, -8))
        tendon = f"patellar tendon\n(arrow × {TENDON:g})" if wide else f"patellar\ntendon\n(× {TENDON:g})"
        anatomy.label(names, ax, tendon, (-42, -56) if wide else (-57, -52), (4, -52))

    def _title(self, rect, text, under=""):
        x, y = rect[0] + rect[2] / 2, 0.955 if self.layout == "wide" else 0.405
        self.figure.text(x, y, text, fontsize=style.TITLE, fontweight="bold", color=style.INK, ha="center")
        self.figure.text(x, y - 0.26 / self.figure.get_figheight(), under, fontsize=style.SMALL,
                         color=style.SOFT_INK, ha="center")

    def _polygon(self, rect):
        ax = style.drawing_axes(self.figure, rect, (36, -36, -16, 280))
        self._title(rect, "Head to tail", "black: their sum")
        ax.plot([0, 0], [-8, 276], color=style.SOFT_INK, lw=1.0, ls=(0, (1.2, 2.6)), zorder=3)
        self.ghost_sum = self.curve("sum-ghost", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST,
                                    linewidth=2.0, linestyle="--", zorder=30, visible=False)
        self.sum = self.curve("sum", ax, xy=np.zeros((8, 2)), closed=True, facecolor=style.INK,
                              edgecolor="#FFFFFF", linewidth=0.8, zorder=31)
        self.chain = {h: self._arrow(f"chain-{h}", ax, h, 20, linewidth=1.0) for h in ORDER}
        self.bar = self.curve(
            "scale-bar", ax, xy=np.zeros((2, 2)), edgecolor=style.INK, linewidth=2.4, zorder=32)
        ax.text(BAR, -6, "50 N", fontsize=style.SMALL, color=style.INK, ha="center", va="top")

    def _sideways(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(SIDE, -SIDE), ylim=(6.6, -0.7),
                             xticks=(15, 10, 5, 0, -5, -10, -15), yticks=[], xlabel="% of the whole pull")
        ax.set_xticklabels(["15", "", "5", "0", "5", "", "15"])
        ax.spines["left"].set_visible(False)
        self._title(rect, "Pull sideways")
        for x, text, align in ((SIDE, "lateral", "left"), (-SIDE, "medial", "right")):
            ax.text(x, -0.95, text, fontsize=style.SMALL, style="italic", color=style.SOFT_INK, ha=align,
                    va="bottom")
        ax.plot([0, 0], [-0.6, 6.5], color=style.INK, lw=1.0, zorder=3)
        ax.plot([SIDE, -SIDE], [4.92, 4.92], color="#9A9A9A", lw=0.8, zorder=3)
        self.bars, self.ghost_bars = {}, {}
        left = rect[0] - 0.008
        for i, head in enumerate((*HEADS, "sum")):
            y = i + (0.35 if head == "sum" else 0)
            name = style.HEAD_NAMES.get(head, "net")
            fill, edge = style.HEAD_COLOURS.get(head, (style.INK, style.INK))
            self.figure.text(left, rect[1] + rect[3] * (6.6 - y) / 7.3, name, fontsize=style.TEXT, color=edge,
                             ha="right", va="center", fontweight="bold")
            self.bars[head] = self.curve(f"side-{head}", ax, xy=np.zeros((4, 2)), closed=True, facecolor=fill,
                                         edgecolor=edge, linewidth=1.1, zorder=5)
            self.ghost_bars[head] = self.curve(f"side-ghost-{head}", ax, xy=np.zeros((2, 2)),
                                               edgecolor=style.GHOST, linewidth=2.0, linestyle="--", zorder=6,
                                               visible=False)
        self.rows = {head: i + (0.35 if head == "sum" else 0) for i, head in enumerate((*HEADS, "sum"))}

    @staticmethod
    def _sides_of(state):
        """Lateral pull of each head and of all, % of the sum of forces."""
        total = max(float(np.sum(state.pull.force)), 1e-9)
        sides = {h: 100 * float(x) / total for h, x in zip(HEADS, state.pull.frontal[:, 0], strict=True)}
        sides["sum"] = 100 * float(state.pull.resultant[0]) / total
        return {h: min(max(v, -SIDE), SIDE) for h, v in sides.items()}

    def update(self, state):
        """Show a state; touches live things only."""
        part = turned_vmo(round(float(state.vmo_angle), 1))
        view = self.knee.views[part.name]
        if view.part is not part:
            view.become(part)
        self.knee.update(state.activation)
        forces = dict(zip(HEADS, np.asarray(state.pull.frontal, float), strict=True))
        total = float(np.sum(state.pull.force))
        scale = arrow_scale(total)
        for head, force in forces.items():
            self.arrows[head].set(
                xy=style.arrow(self.at[head], self.at[head] + scale * force, self.thick[0], least=0.3))
        down = anatomy.anchors("frontal")["tibial_tubercle"] - self.at["tendon"]
        pull = float(np.hypot(*state.pull.resultant))
        self.arrows["tendon"].set(
            xy=style.arrow(self.at["tendon"],
                           self.at["tendon"] + TENDON * scale * pull * down / np.hypot(*down), self.thick[0],
                           least=0.3)
        )
        at = np.zeros(2)
        for head in ORDER:
            end = at + scale * forces[head]
            self.chain[head].set(xy=style.arrow(at, end, self.thick[1], least=0.3))
            at = end
        self.sum.set(xy=style.arrow((0, 0), at, self.thick[2], head=3.6))
        self.bar.set(xy=[(BAR, 0), (BAR, 50 * scale)])
        for head, value in self._sides_of(state).items():
            y = self.rows[head]
            self.bars[head].set(xy=[(0, y - 0.3), (value, y - 0.3), (value, y + 0.3), (0, y + 0.3)])

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None)."""
        self.ghost_sum.set(visible=state is not None)
        for line in self.ghost_bars.values():
            line.set(visible=state is not None)
        if state is None:
            return
        end = arrow_scale(float(np.sum(state.pull.force))) * np.asarray(state.pull.resultant, float)
        self.ghost_sum.set(xy=np.array([(0.0, 0.0), end]))
        for head, value in self._sides_of(state).items():
            self.ghost_bars[head].set(xy=[(value, self.rows[head] - 0.42), (value, self.rows[head] + 0.42)])
