"""Scene of the cramp threshold: every factor with its interval, and where the threshold stands now."""
import numpy as np
from matplotlib.text import Text

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Curve, Handle, Scene
from vmo_edu.models import cramp

LOW, HIGH = 0.0, 55.0                               # Hz
CHANGES = (-12.0, 27.0)                             # Hz
CRAMP, CRAMP_FILL = "#A01F3B", "#F3C9D1"
SHORT = {"fatigue": "local fatigue", "dehydration": "dehydration, 3 %", "water": "plain water",
         "solution": "rehydration solution", "stretch": "static stretch"}


def pulses(frequency, seconds=1.0):
    """Upright strokes of a train of pulses, as points with NaN between them."""
    times = np.arange(0.0, seconds, 1.0 / frequency) / seconds if frequency > 0 else np.zeros(0)
    strokes = np.full((len(times), 3, 2), np.nan)
    strokes[:, 0], strokes[:, 1] = np.stack([times, 0 * times], 1), np.stack([times, 0 * times + 1], 1)
    return strokes.reshape(-1, 2)


class CrampScene(Scene):
    """The threshold frequency and what moves it.

    The state needs `result` (a `ThresholdResult`: `baseline`, `baseline_low`, `baseline_high`, `threshold`,
    `low`, `high` in Hz, and `parts`, tuples of label, change, low, high) and `frequency` (Hz of the test
    pulses, or None). The rows are `cramp.factors()` with a measured effect.
    """

    sizes = {"wide": (9.4, 5.4), "tall": (4.2, 6.1)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        self.factors = [f for f in cramp.factors() if f.effect is not None]
        self._scale([0.05, 0.60, 0.90, 0.17] if wide else [0.06, 0.67, 0.88, 0.11])
        self._train([0.05, 0.84, 0.90, 0.075] if wide else [0.06, 0.86, 0.88, 0.055])
        self._effects([0.30, 0.125, 0.65, 0.30] if wide else [0.40, 0.085, 0.56, 0.40])

    def _train(self, rect):
        ax = self.figure.add_axes(rect)
        ax.set(xlim=(-0.005, 1.005), ylim=(-0.1, 1.1))
        ax.axis("off")
        ax.text(0, 1.25, "Test pulses in one second", fontsize=style.TITLE, fontweight="bold",
                color=style.INK, transform=ax.transAxes, va="bottom")
        ax.plot([0, 1], [0, 0], color=style.SOFT_INK, lw=1.0)
        self.train = self.curve("pulses", ax, xy=np.zeros((2, 2)), edgecolor=style.INK, linewidth=1.6)
        words = (
            self.group("verdict-cramp", ax, 5),
            self.group("verdict-none", ax, 5),
            self.group("verdict-maybe", ax, 5),
        )
        for group, text, colour in zip(words, ("the muscle cramps", "no cramp", "it may or may not cramp"),
                                       (CRAMP, style.SOFT_INK, "#8A5A00"), strict=True):
            group.add(Text(1.0, -0.62, text, fontsize=style.TITLE, color=colour, ha="right", va="center",
                           fontweight="bold"))
        self.verdicts = words

    def _scale(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(LOW, HIGH), ylim=(0, 1), xticks=range(0, 56, 10),
                             yticks=[], xlabel="frequency (Hz, pulses a second)")
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="x", pad=7)
        self.zone = self.curve("zone", ax, xy=np.zeros((4, 2)), closed=True, facecolor=CRAMP_FILL, zorder=1)
        self.zone_name = self.group("zone-name", ax, 2)
        self.zone_name.add(Text(0.7, 0.12, "cramp", fontsize=style.TEXT, color=CRAMP, va="center", ha="left"))
        ax.text(0.5, 0.12, "no cramp", fontsize=style.TEXT, color=style.SOFT_INK, va="center")
        self.base_band = self.curve("base-band", ax, xy=np.zeros((4, 2)), closed=True,
                                    facecolor=style.EVIDENCE_FILL, alpha=0.8, edgecolor=style.EVIDENCE,
                                    linewidth=0.9, zorder=3)
        self.base = self.curve(
            "base", ax, xy=np.zeros((2, 2)), edgecolor=style.EVIDENCE, linewidth=2.0, zorder=4)
        self.base_name = self.group("base-name", ax, 5)
        self.base_name.add(
            Text(0, 0.385, "before", fontsize=style.SMALL, color=style.EVIDENCE, ha="center", va="center"))
        self.ghost_line = self.curve("ghost-threshold", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST,
                                     linewidth=2.0, linestyle="--", zorder=6, visible=False)
        self.bar = self.curve("interval", ax, xy=np.zeros((2, 2)), edgecolor=CRAMP, linewidth=3.0, zorder=7)
        self.dot = self.group("threshold", ax, zorder=8)
        self.dot.add(
            Curve("threshold-mark", ax, style.discs(ax, [(0, 0.78)], 6.5), facecolor=CRAMP,
                  edgecolor="#FFFFFF", linewidth=1.2)
        )
        self.cursor = self.group("cursor", ax, zorder=20)
        self.cursor.add(Curve("cursor-line", ax, xy=[(0, 0), (0, 1.0)], edgecolor=style.INK, linewidth=1.3))
        self.cursor.add(Curve("cursor-grip", ax, style.discs(ax, [(0, 0)], 6.5), facecolor="#FFFFFF",
                              edgecolor=style.INK, linewidth=2.2, zorder=6))
        self.handles.append(Handle("cursor", "Test pulses", ax, ("frequency", 1.0), None))

    def _effects(self, rect):
        n = len(self.factors)
        ax = style.plot_axes(self.figure, rect, xlim=CHANGES, ylim=(n - 0.4, -0.7), xticks=(-10, 0, 10, 20),
                             yticks=[], xlabel="change of the threshold (Hz)")
        ax.set_xticklabels(["−10", "0", "+10", "+20"])
        ax.spines["left"].set_visible(False)
        ax.axvline(0, color=style.INK, lw=1.0, zorder=2)
        figure = self.figure
        figure.text(0.05, rect[1] + rect[3] + 0.03, "What was measured, factor by factor",
                    fontsize=style.TITLE, fontweight="bold", color=style.INK)
        for x, text, align in ((CHANGES[0], "easier", "left"), (CHANGES[1], "harder", "right")):
            ax.text(x, -0.62, text, fontsize=style.SMALL, style="italic", color=style.SOFT_INK, ha=align,
                    va="center")
        self.bars, self.marks = {}, {}
        for i, factor in enumerate(self.factors):
            e = factor.effect
            y = rect[1] + rect[3] * (n - 0.4 - i) / (n + 0.3)
            figure.text(rect[0] - 0.012, y, SHORT.get(factor.name, factor.label), fontsize=style.TEXT,
                        color=style.INK, ha="right", va="center")
            known = np.isfinite(e.low)
            self.bars[factor.label] = self.curve(
                f"effect-{factor.name}", ax, xy=[(e.low, i), (e.high, i)] if known else [(e.change, i)] * 2,
                edgecolor=style.EVIDENCE, linewidth=2.0, zorder=4)
            self.marks[factor.label] = self.curve(f"mark-{factor.name}", ax,
                                                  style.discs(ax, [(e.change, i)], 5.2), facecolor="#FFFFFF",
                                                  edgecolor=style.EVIDENCE, linewidth=1.6, zorder=5)
            words = f"n = {factor.n}" + ("" if known else ", no interval")
            right = max(e.high, e.change) if known else e.change
            ax.text(right + 1.0, i, words, fontsize=style.SMALL, color=style.EVIDENCE, va="center", ha="left",
                    zorder=3, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})

    def update(self, state):
        """Show the threshold with the factors in force."""
        r = state.result
        at = {
            name: float(np.clip(getattr(r, name), LOW, HIGH))
            for name in ("threshold", "low", "high", "baseline", "baseline_low", "baseline_high")
        }
        t = at["threshold"]
        self.zone.set(xy=[(t, 0), (HIGH, 0), (HIGH, 1), (t, 1)])
        self.zone_name.pose(anatomy.rigid((0, 0), (t, 0)))
        self.base_band.set(
            xy=[
                (at["baseline_low"], 0.28),
                (at["baseline_high"], 0.28),
                (at["baseline_high"], 0.5),
                (at["baseline_low"], 0.5),
            ]
        )
        self.base.set(xy=[(at["baseline"], 0.24), (at["baseline"], 0.54)], visible=False)
        self.base_name.pose(anatomy.rigid((0, 0), (at["baseline"], 0)))
        self.bar.set(xy=[(at["low"], 0.78), (at["high"], 0.78)])
        self.dot.pose(anatomy.rigid((0, 0), (t, 0)))
        active = {part[0] for part in r.parts}
        for label, mark in self.marks.items():
            mark.set(facecolor=style.EVIDENCE if label in active else "#FFFFFF")
            self.bars[label].set(linewidth=4.0 if label in active else 2.0)
        self._show_pulses(getattr(state, "frequency", None), r)

    def _show_pulses(self, frequency, r):
        shown = frequency is not None
        self.train.set(visible=shown and frequency > 0)
        self.cursor.set(visible=shown)
        low, high = min(r.low, r.threshold), max(r.high, r.threshold)
        verdict = (0 if frequency >= high else 1 if frequency < low else 2) if shown else None
        for i, words in enumerate(self.verdicts):
            words.set(visible=i == verdict)
        if shown:
            self.cursor.pose(anatomy.rigid((0, 0), (float(np.clip(frequency, LOW, HIGH)), 0)))
            if frequency > 0:
                self.train.set(xy=pulses(frequency))

    def ghost(self, state):
        """Show the pinned threshold as a dashed line, or hide it."""
        self.ghost_line.set(visible=state is not None)
        if state is not None:
            t = float(np.clip(state.result.threshold, LOW, HIGH))
            self.ghost_line.set(xy=[(t, 0), (t, 1)])
