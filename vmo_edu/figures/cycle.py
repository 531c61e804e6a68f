"""Scene of the weeks after a swelling: what is done to the knee; size, drive, strength, load over time."""

import numpy as np
from matplotlib.text import Text

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import Frontal
from vmo_edu.figures.scene import Curve, Handle, Rigid, Scene

# kind of block -> name, fill, edge, amount that fills the row
KINDS = {
    "effusion": ("effusion", style.FLUID_FILL, style.FLUID, 120.0),
    "pain": ("pain", "#E9A0AD", "#A01F3B", 1.0),
    "rest": ("rest", "#C9C9C9", "#6B6B6B", 1.0),
    "brace": ("brace", "#A89B84", "#5E5340", 1.0),
    "aspiration": ("drained", "#FFFFFF", style.FLUID, 1.0),
    "training": ("training", "#F2DF6B", "#8A7400", 1.0),
}
# muscle -> name, colour, width, line style
MUSCLES = {"vl": ("VL", style.VL, 2.2, "--"), "vmo": ("VMO", style.VMO, 2.8, "-")}
# part of the lost strength -> name, fill, edge
LOSSES = {"activation": ("inhibition", "#E9A0AD", "#A01F3B"), "size": ("lost size", "#F6C48E", "#9A611B"),
          "neural": ("other disuse", "#D6D6D6", "#6B6B6B")}
# quantity of a published figure -> panel it belongs to, and what 0 means there
FOUND = {"size": ("size", 100.0), "strength": ("strength", 100.0), "activation": ("activation", 0.0),
         "activation_change": ("activation", 100.0), "effused_share": ("activation", 0.0)}
# % at both ends of each panel
LIMITS = {"size": (60, 124), "activation": (0, 108), "strength": (0, 124), "load": (85, 150)}
SHOWN_LOSS = 3.0               # lost muscle size is drawn this many times as large
STEPS = ((8.1, 1), (16.1, 2), (30.1, 4), (60.1, 8), (1e9, 13))     # weeks shown -> weeks between two ticks


def tick_step(weeks):
    """Weeks between two ticks of a time axis that is `weeks` long."""
    return next(step for limit, step in STEPS if weeks <= limit)


class CycleScene(Scene):
    """Size, drive, strength and load over weeks.

    The state needs `result` (an `AdaptationResult`: `weeks`, `volume`, `size_vmo`, `size_vl`,
    `activation_vmo`, `activation_vl`, `activation_rf`, `size_rf`, `strength`, `loss_activation`,
    `loss_size`, `loss_neural`, `lateral_force`, `converged`, `in_groove` as arrays, `blocks` with `kind`,
    `start`, `duration`, `amount`), `week` (where the cursor stands) and `healthy_force` (N on the lateral facet
    of the healthy knee; without it the first value of `lateral_force` stands for 100 %). `targets`, if there
    are any, are published figures (`Comparison`: `quantity`, `week`, `measured`, `modelled`): a point, and a
    dotted line to the model as long as the miss. The time axis always shows the whole result: ticks move.
    """

    sizes = {"wide": (9.1, 7.0), "tall": (3.6, 8.6)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        x, width = (0.425, 0.555) if wide else (0.185, 0.785)
        knee = style.drawing_axes(self.figure, [0, 0.28, 0.29, 0.72] if wide else [0.0, 0.72, 0.62, 0.28],
                                  (84, -68, -80, 150))
        self.knee = Frontal(self, knee, pouch_on_top=True)
        style.fade(knee, 14.0)
        style.mask(self.figure, [0, 0, 0.30, 0.28] if wide else [0, 0, 1, 0.72], line=False)
        self._names(knee)
        self._key([0.015, 0.015, 0.27, 0.25] if wide else [0.575, 0.735, 0.415, 0.235])
        heights = ((0.80, 0.15), (0.595, 0.15), (0.395, 0.14), (0.215, 0.13), (0.075, 0.095)) if wide else (
            (0.565, 0.125), (0.425, 0.095), (0.29, 0.09), (0.158, 0.087), (0.056, 0.06))
        rects = [[x, y, width, h] for y, h in heights]
        self._pinned = None
        self._ticks(rects)
        self._schedule(rects[0])
        self._curves(rects[1:3])
        self._strength(rects[3])
        self._load(rects[4])
        self._time(rects)

    def _names(self, ax):
        names = self.group("labels", ax, 60)
        for text, at in (("VL", (50, 96)), ("RF", (10, 104)), ("VMO", (-41, 50))):
            anatomy.word(names, ax, text, at, style.TITLE if self.layout == "wide" else style.SMALL)

    def _key(self, rect):
        """What the colours of the strength panel mean."""
        ax = self.figure.add_axes(rect)
        ax.set(xlim=(0, 1), ylim=(6.9, -1.0))
        ax.axis("off")
        ax.text(0, -0.5, "What strength is lost to" if self.layout == "wide" else "Strength lost to",
                fontsize=style.SMALL, fontweight="bold", color=style.INK,
                va="center")
        for i, (name, fill, edge) in enumerate(LOSSES.values()):
            ax.fill([0, 0.09, 0.09, 0], [i + 0.2, i + 0.2, i + 0.7, i + 0.7], facecolor=fill, edgecolor=edge,
                    lw=1.0)
            ax.text(0.13, i + 0.45, name, fontsize=style.SMALL, color=style.INK, va="center")
        ax.plot([0.045], [3.45], "o", ms=7, mfc=style.EVIDENCE_FILL, mec=style.EVIDENCE, mew=1.5)
        ax.text(0.13, 3.45, "measured", fontsize=style.SMALL, color=style.EVIDENCE, va="center")
        ax.plot([0.0, 0.09], [4.65, 4.65], color=style.EVIDENCE, lw=1.6, ls=(0, (1.0, 1.6)))
        ax.text(0.13, 4.65, "how far the model\nmisses it", fontsize=style.SMALL, color=style.EVIDENCE, va="center",
                linespacing=1.1)
        ax.text(0, 6.15, f"Lost size is drawn\n{SHOWN_LOSS:g} times as large.", fontsize=style.SMALL,
                color=style.SOFT_INK, va="center", linespacing=1.1)

    def _panel(self, rect, title, ylim, yticks, last=False):
        ax = style.plot_axes(self.figure, rect, xlim=(0, 1), ylim=ylim, xticks=[], yticks=yticks,
                             xlabel="weeks" if last else "")
        ax.patch.set_visible(False)                     # the moving ticks lie behind
        ax.xaxis.labelpad = 22
        ax.set_title(title, fontsize=style.TEXT, fontweight="bold", color=style.INK, loc="left", pad=4)
        return ax

    def _schedule(self, rect):
        ax = self._panel(rect, "What is done to the knee", (6, 0), [])
        ax.grid(False)
        ax.spines["left"].set_visible(False)
        self.rows = {}
        for i, (kind, (name, fill, edge, _top)) in enumerate(KINDS.items()):
            self.rows[kind] = self.curve(f"block-{kind}", ax, xy=np.zeros((2, 2)), facecolor=fill,
                                         edgecolor=edge, linewidth=1.0, zorder=5)
            ax.text(-0.015, i + 0.5, name, fontsize=style.SMALL, color=style.INK, ha="right", va="center")
            if i:
                ax.plot([0, 1], [i, i], color=style.GRID, lw=0.7, zorder=1)

    def _curves(self, rects):
        self.lines, self.ghosts, self.found, self.missed = {}, {}, {}, {}
        titles = ("Muscle size (% of healthy)" if self.layout == "wide" else "Muscle size (%)",
                  "Drive left to the muscle (%)")
        for rect, quantity, title in zip(rects, ("size", "activation"), titles, strict=True):
            yticks = (60, 80, 100) if quantity == "size" else (0, 50, 100)
            ax = self._panel(rect, title, LIMITS[quantity], yticks)
            ax.axhline(100, color="#9A9A9A", lw=0.9, zorder=2)
            self._measured(quantity, ax)
            for muscle, (_name, colour, width, look) in MUSCLES.items():
                key = f"{quantity}_{muscle}"
                self.ghosts[key] = self.curve(f"ghost-{key}", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST,
                                              linewidth=1.4, linestyle="--", zorder=4, visible=False)
                self.lines[key] = self.curve(f"line-{key}", ax, xy=np.zeros((2, 2)), edgecolor=colour,
                                             linewidth=width, linestyle=look,
                                             zorder=6 if look == "-" else 7)      # dashes show where both are alike
            if quantity == "size":
                for at, muscle in ((0.74 if self.layout == "wide" else 0.66, "vmo"), (0.92, "vl")):
                    name, colour, width, look = MUSCLES[muscle]
                    ax.text(at, 1.045, name, fontsize=style.TEXT, color=colour, fontweight="bold", ha="left",
                            transform=ax.transAxes)
                    ax.plot([at - 0.075, at - 0.02], [1.085, 1.085], color=colour, lw=width,
                            transform=ax.transAxes, ls=look if look == "-" else (0, (2, 1)), clip_on=False)

    def _measured(self, panel, ax):
        """Room for the published figures of one panel."""
        look = {"xy": np.zeros((2, 2)), "edgecolor": style.EVIDENCE, "visible": False}
        self.found[panel] = self.curve(f"found-{panel}", ax, facecolor=style.EVIDENCE_FILL, linewidth=1.6,
                                       zorder=10, **look)
        self.missed[panel] = self.curve(f"missed-{panel}", ax, linewidth=1.4, linestyle=":", zorder=9,
                                        **look)

    def _strength(self, rect):
        ax = self._panel(rect, "Strength of the quadriceps (%)", LIMITS["strength"], (0, 50, 100))
        ax.axhline(100, color="#9A9A9A", lw=0.9, zorder=2)
        self._measured("strength", ax)
        self.losses = {name: self.curve(f"loss-{name}", ax, xy=np.zeros((3, 2)), closed=True, facecolor=fill,
                                        edgecolor=edge, linewidth=0.8, zorder=4)
                       for name, (_words, fill, edge) in LOSSES.items()}
        self.ghosts["strength"] = self.curve("ghost-strength", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST,
                                             linewidth=1.8, linestyle="--", zorder=7, visible=False)
        self.lines["strength"] = self.curve("line-strength", ax, xy=np.zeros((2, 2)), edgecolor=style.INK,
                                            linewidth=2.4, zorder=6)

    def _load(self, rect):
        title = "Lateral facet, same task (% of healthy)" if self.layout == "wide" else "Load, lateral facet (%)"
        ax = self._panel(
            rect, title, LIMITS["load"], (100, 120, 140), last=True)
        ax.axhline(100, color="#9A9A9A", lw=0.9, zorder=2)
        self.ghosts["load"] = self.curve("ghost-load", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST,
                                         linewidth=1.8, linestyle="--", zorder=4, visible=False)
        self.lines["load"] = self.curve(
            "line-load", ax, xy=np.zeros((2, 2)), edgecolor=style.FORCE, linewidth=2.4, zorder=6)

    def _overlay(self, rects):
        """Axes over all panels, x from 0 to 1, and a line that runs only inside the panels."""
        low, high = rects[-1][1], rects[0][1] + rects[0][3]
        ax = self.figure.add_axes([rects[0][0], low, rects[0][2], high - low])
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        ax.patch.set_visible(False)
        pieces = []
        for rect in reversed(rects):
            pieces += [(0, (rect[1] - low) / (high - low)), (0, (rect[1] + rect[3] - low) / (high - low)),
                       (np.nan, np.nan)]
        return ax, pieces

    def _ticks(self, rects):
        """Ticks that move with the length of the course, behind the curves."""
        ax, pieces = self._overlay(rects)
        below = 17 * style.per_point(ax)[1]
        self.ticks = {}
        wanted = sorted({w for limit, step in STEPS for w in range(0, int(min(limit, 104)) + 1, step)})
        for week in wanted:
            tick = self.group(f"tick-{week}", ax, zorder=3)
            tick.add(Curve(f"tick-{week}-line", ax, xy=pieces, edgecolor=style.GRID, linewidth=0.8))
            tick.add(
                Text(
                    0, -below, str(week), fontsize=style.SMALL, color=style.SOFT_INK, ha="center", va="center"
                )
            )
            self.ticks[week] = tick

    def _time(self, rects):
        """Cursor through all panels."""
        ax, pieces = self._overlay(rects)
        self.cursor = Rigid("cursor", ax, zorder=20)
        self.cursor.add(
            Curve("cursor-line", ax, xy=pieces, edgecolor=style.INK, linewidth=1.2, edge_alpha=0.75))
        self.cursor.add(Curve("cursor-grip", ax, style.discs(ax, [(0, 0)], 6.5), facecolor="#FFFFFF",
                              edgecolor=style.INK, linewidth=2.2, zorder=6))
        self.add(self.cursor)
        self.handles.append(Handle("cursor", "Week", ax, ("week", 26.0), None))
        self.time_axes = ax

    def update(self, state):
        """Show one course of weeks, and the knee in the week of the cursor."""
        r = state.result
        total = float(r.weeks[-1])
        for week, tick in self.ticks.items():
            tick.set(visible=week <= total + 1e-9 and week % tick_step(total) == 0)
            tick.pose(anatomy.rigid((0, 0), (week / total, 0)))
        self.cursor.pose(anatomy.rigid((0, 0), (min(state.week / total, 1.0), 0)))
        self.handles[0] = Handle("cursor", "Week", self.time_axes, ("week", total), None)
        self._show_blocks(r.blocks, total)
        for key, values in self._series(r, getattr(state, "healthy_force", None)).items():
            self.lines[key].set(xy=values)
        top, x = 100 * np.ones_like(r.weeks), r.weeks / total
        for name, curve in self.losses.items():
            bottom = top - 100 * np.maximum(getattr(r, f"loss_{name}"), 0.0)
            curve.set(xy=np.vstack([np.stack([x, top], 1), np.stack([x, bottom], 1)[::-1]]),
                      visible=bool((top - bottom).max() > 0.05))
            top = bottom
        self._show_knee(r, state.week)
        self._show_measured(getattr(state, "targets", ()), total)
        if self._pinned is not None:
            self._place_ghost(total)

    def _show_measured(self, targets, total):
        for panel, found in self.found.items():
            points, misses = [], []
            for one in targets:
                place, zero = FOUND[one.quantity]
                if place != panel or one.week > total:
                    continue
                x, low, high = one.week / total, *LIMITS[panel]
                points.append((x, float(np.clip(zero + one.measured, low, high))))
                misses += [points[-1], (x, float(np.clip(zero + one.modelled, low, high))), (np.nan, np.nan)]
            found.set(visible=bool(points))
            self.missed[panel].set(visible=bool(points))
            if points:
                found.set(path=style.discs(found.ax, points, 4.6))
                self.missed[panel].set(xy=misses)

    def _show_blocks(self, blocks, total):
        rows = {kind: [] for kind in KINDS}
        for block in blocks:
            height = 0.18 + 0.72 * min(block.amount / KINDS[block.kind][3], 1.0)
            bottom = list(KINDS).index(block.kind) + 0.95
            a, b = min(block.start / total, 1.0), min((block.start + block.duration) / total, 1.0)
            if b > a:
                rows[block.kind] += [
                    (a, bottom),
                    (b, bottom),
                    (b, bottom - height),
                    (a, bottom - height),
                    (a, bottom),
                    (np.nan, np.nan),
                ]
        for kind, points in rows.items():
            self.rows[kind].set(xy=points if points else np.zeros((0, 2)), visible=bool(points))

    @staticmethod
    def _series(r, healthy_force=None):
        """Every curve as points (share of the time shown, %)."""
        x = r.weeks / float(r.weeks[-1])
        found = {f"{q}_{m}": np.stack([x, np.clip(100 * getattr(r, f"{q}_{m}"), *LIMITS[q])], 1)
                 for q in ("size", "activation") for m in MUSCLES}
        found["strength"] = np.stack([x, np.clip(100 * r.strength, *LIMITS["strength"])], 1)
        force = np.asarray(r.lateral_force, float)
        healthy = healthy_force or (force[0] if len(force) else 0.0)
        load = 100 * force / healthy if healthy > 0 else np.full(len(x), np.nan)
        found["load"] = np.stack([x, np.clip(np.where(r.converged & r.in_groove, load, np.nan), *LIMITS["load"])], 1)
        return found

    def _show_knee(self, r, week):
        now = {
            name: float(np.interp(week, r.weeks, getattr(r, name)))
            for name in (
                "size_vmo",
                "size_vl",
                "size_rf",
                "activation_vmo",
                "activation_vl",
                "activation_rf",
                "volume",
            )
        }
        to = {"rf_vi": "rf", "vml": "vmo", "vmo": "vmo", "vll": "vl", "vlo": "vl"}
        # Losses of a tenth or two are real but hard to see: drawn larger, and the key says so.
        size = {head: 1 - SHOWN_LOSS * (1 - now[f"size_{m}"]) for head, m in to.items()}
        self.knee.update(
            {h: now[f"activation_{m}"] for h, m in to.items()}, size=size, effusion=now["volume"])

    def ghost(self, state):
        """Show another course as the dashed baseline, or hide it."""
        self._pinned = state
        for line in self.ghosts.values():
            line.set(visible=state is not None)
        if state is not None:
            self._place_ghost(float(state.result.weeks[-1]))

    def _place_ghost(self, total):
        """Draw the pinned course against a time axis that is `total` weeks long."""
        r = self._pinned.result
        series = self._series(r, getattr(self._pinned, "healthy_force", None))
        for key, line in self.ghosts.items():
            xy = series[key] * (float(r.weeks[-1]) / total, 1.0)
            line.set(xy=xy[xy[:, 0] <= 1.0 + 1e-9])
