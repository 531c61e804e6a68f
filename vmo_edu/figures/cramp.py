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

    sizes = {"wide": (9.1, 5.4), "tall": (3.6, 5.9)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        self.factors = [f for f in cramp.factors() if f.effect is not None]
        self._scale([0.05, 0.60, 0.90, 0.17] if wide else [0.06, 0.67, 0.88, 0.11])
        self._train([0.05, 0.84, 0.90, 0.075] if wide else [0.06, 0.86, 0.88, 0.055])
        self._effects([0.30, 0.125, 0.65, 0.30] if wide else [0.06, 0.09, 0.88, 0.40])

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
        ax.text(HIGH - 0.5, 0.12, "cramp", fontsize=style.TEXT, color=CRAMP, va="center", ha="right")
        ax.text(LOW + 0.5, 0.12, "no cramp", fontsize=style.TEXT, color=style.SOFT_INK, va="center")
        self.base_band = self.curve("base-band", ax, xy=np.zeros((4, 2)), closed=True,
                                    facecolor=style.EVIDENCE_FILL, alpha=0.8, edgecolor=style.EVIDENCE,
                                    linewidth=0.9, zorder=3)
        self.base_name = self.group("base-name", ax, 5)
        self.base_name.add(
            Text(-0.6, 0.385, "before", fontsize=style.SMALL, color=style.EVIDENCE, ha="right", va="center"))
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
        wide, top = self.layout == "wide", -0.7 if self.layout == "wide" else -1.15
        ax = style.plot_axes(self.figure, rect, xlim=CHANGES, ylim=(len(self.factors) - 0.4, top),
                             xticks=(-10, 0, 10, 20), yticks=[], xlabel="change of the threshold (Hz)")
        ax.set_xticklabels(["−10", "0", "+10", "+20"])
        ax.spines["left"].set_visible(False)
        ax.axvline(0, color=style.INK, lw=1.0, zorder=2)
        self.figure.text(0.05, rect[1] + rect[3] + 0.03, f"What was measured{', factor by factor' if wide else ''}",
                         fontsize=style.TITLE, fontweight="bold", color=style.INK)
        for x, text, align in ((CHANGES[0], "easier", "left"), (CHANGES[1], "harder", "right")):
            ax.text(x, top + 0.08, text, fontsize=style.SMALL, style="italic", color=style.SOFT_INK, ha=align,
                    va="center")
        self.bars, self.marks = {}, {}
        for i, factor in enumerate(self.factors):
            e = factor.effect
            known = np.isfinite(e.low)
            self.bars[factor.label] = self.curve(
                f"effect-{factor.name}", ax, xy=[(e.low, i), (e.high, i)] if known else [(e.change, i)] * 2,
                edgecolor=style.EVIDENCE, linewidth=2.0, zorder=4)
            self.marks[factor.label] = self.curve(f"mark-{factor.name}", ax,
                                                  style.discs(ax, [(e.change, i)], 5.2), facecolor="#FFFFFF",
                                                  edgecolor=style.EVIDENCE, linewidth=1.6, zorder=5)
            how = ", range" if e.interval.startswith("range") else "" if known else ", no interval"
            self._row(ax, i, SHORT.get(factor.name, factor.label), f"n = {factor.n}{how}",
                      max(e.high, e.change) if known else e.change)

    def _row(self, ax, i, name, people, right):
        """Name a factor and who was tested: beside its bar, which ends at `right` (Hz), or above it in "tall"."""
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        gap = style.per_point(ax)[0]
        green = {"fontsize": style.SMALL, "color": style.EVIDENCE, "va": "center", "zorder": 3, "bbox": box}
        if self.layout == "wide":
            ax.text(CHANGES[0] - 8 * gap, i, name, fontsize=style.TEXT, color=style.INK, ha="right", va="center")
            ax.text(right + 9 * gap, i, people, **green)
            return
        ax.text(CHANGES[0], i - 0.42, name, fontsize=style.TEXT, color=style.INK, va="center", zorder=3, bbox=box)
        ax.text(CHANGES[1], i - 0.42, people, ha="right", **green)

    def update(self, state):
        """Show the threshold with the factors in force."""
        r = state.result
        at = {
            name: float(np.clip(getattr(r, name), LOW, HIGH))
            for name in ("threshold", "low", "high", "baseline_low", "baseline_high")
        }
        t = at["threshold"]
        self.zone.set(xy=[(t, 0), (HIGH, 0), (HIGH, 1), (t, 1)])
        self.base_band.set(
            xy=[
                (at["baseline_low"], 0.28),
                (at["baseline_high"], 0.28),
                (at["baseline_high"], 0.5),
                (at["baseline_low"], 0.5),
            ]
        )
        self.base_name.pose(anatomy.rigid((0, 0), (at["baseline_low"], 0)))
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
