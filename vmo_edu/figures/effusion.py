"""Scene of the swollen knee: fluid in the joint, what it leaves of each muscle, and the kneecap then."""

import numpy as np

from vmo_edu import evidence
from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import Frontal
from vmo_edu.figures.scene import Curve, Handle, Scene
from vmo_edu.figures.section import Section

HEADS = ("rf_vi", "vml", "vmo", "vll", "vlo")
MEASURED = 60.0                                    # ml; beyond it every curve is dashed
# muscle -> name, colour, width when chosen, marker, row of facts.csv (at 60 ml), sideways place of its point
MUSCLES = {"rf": ("RF", style.RF, 2.0, "^", "F0391", 2.4), "vl": ("VL", style.VL, 2.6, "s", "F0390", -2.4),
           "vm": ("VM", style.VMO, 3.2, "o", "F0389", 0.0)}
MODELS = ("rule", "linear", "pressure")
SHIFT = (-3.0, 13.0)


class EffusionScene(Scene):
    """Effusion, activation and tracking.

    The state needs `volume` (ml), `flexion` (deg), `model` ("rule", "linear", "pressure"), `vm`, `vl`, `rf`
    (0..1), `curves` (model -> muscle -> activation over 0..120 ml, evenly spaced), `thresholds` (ml, ml),
    `knee` (with the five heads), `dry` and `swollen` (`flexion`, `shift` as arrays), `dry_now` and
    `swollen_now` (dicts with `shift`, `groove_shift`, `tilt`).
    """

    sizes = {"wide": (9.1, 6.7), "tall": (3.6, 8.4)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        f = self.figure
        knee = style.drawing_axes(
            f, [0.0, 0.40, 0.40, 0.60] if wide else [0.0, 0.66, 0.53, 0.34], (80, -66, -46, 112))
        self.knee = Frontal(self, knee, pouch_on_top=True)
        style.fade(knee, 12.0)
        style.mask(f, [0, 0, 0.41, 0.40] if wide else [0, 0, 0.53, 0.66], line=False)
        section = style.drawing_axes(f, [0.0, 0.01, 0.40, 0.38] if wide else [0.53, 0.66, 0.47, 0.31],
                                     (66, -66, -98, 44) if wide else (66, -66, -80, 46))
        self.section = Section(self, section, "section-")
        style.mask(f, [0, -0.3, 0.41, 0.3] if wide else [0.53, 0.36, 0.47, 0.3], line=False)
        self._names(knee, section)
        self._response([0.485, 0.455, 0.50, 0.435] if wide else [0.14, 0.338, 0.83, 0.232])
        self._tracking([0.485, 0.09, 0.50, 0.215] if wide else [0.14, 0.062, 0.83, 0.165])

    def _names(self, knee, section):
        names = self.group("labels", knee, 60)
        size = style.TITLE if self.layout == "wide" else style.SMALL
        for text, at in (("VL", (52, 80)), ("RF", (10, 84)), ("VMO", (-46, 42))):
            anatomy.word(names, knee, text, at, size)
        anatomy.word(names, knee, "patella", (0, 0), style.SMALL)
        more = self.group("labels-section", section, 60)
        for text, y in (("patella", 12), ("femur", -22)):
            anatomy.word(more, section, text, (4 if y > 0 else 0, y), style.SMALL)

    def labels(self, show=True):
        """Show or hide the anatomical names."""
        for gid in ("labels", "labels-section"):
            self.live[gid].set(visible=show)

    def _response(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(-3, 123), ylim=(-3, 112), xticks=range(0, 121, 20),
                             yticks=(0, 25, 50, 75, 100), xlabel="fluid in the joint (ml = cc)")
        y = 1.115 if self.layout == "wide" else 1.25
        ax.text(-0.085, y, "What is left of each muscle (%)", fontsize=style.TITLE, fontweight="bold",
                color=style.INK, transform=ax.transAxes)
        ax.tick_params(axis="x", pad=7)                         # room for the grip
        self.response = ax
        self.claim = self.curve(
            "claim", ax, xy=np.zeros((4, 2)), closed=True, facecolor=style.CLAIM_FILL, alpha=0.9, zorder=1)
        self.claim_name = self.group("claim-name", ax, zorder=2)
        anatomy.word(self.claim_name, ax, "rule: VMO off, VL on", (0, 106.5), style.SMALL, style.CLAIM)
        ax.plot([MEASURED, MEASURED], [-3, 100], color=style.EVIDENCE, lw=1.0, ls=(0, (1.2, 2.6)), zorder=2)
        ax.text(122, 92, "dashed: not\nmeasured", fontsize=style.SMALL, color=style.EVIDENCE, va="top",
                ha="right", linespacing=1.1)
        self.lines, self.ghosts, self.dots = {}, {}, {}
        for muscle, (_name, colour, _width, _marker, _fact, _dx) in MUSCLES.items():
            for model in MODELS:
                for part in ("all",) if model == "rule" else ("near", "far"):
                    look = {"all": ":", "near": "-", "far": "--"}[part]
                    self.lines[model, muscle, part] = self.curve(f"{model}-{muscle}-{part}", ax,
                                                                 xy=np.zeros((2, 2)), edgecolor=colour,
                                                                 linestyle=look, zorder=6)
            self.ghosts[muscle] = self.curve(f"ghost-{muscle}", ax, xy=np.zeros((2, 2)),
                                             edgecolor=style.GHOST, linewidth=1.6, linestyle="--", zorder=5,
                                             visible=False)
        self.ghost_volume = self.curve("ghost-volume", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST, linewidth=1.6,
                                       linestyle="--", zorder=5, visible=False)
        self._measured(ax)
        self._legend(rect)
        self._cursor(ax)

    def _cursor(self, ax):
        """Line at the present volume with a grip, and a mark on each chosen curve."""
        self.cursor = self.group("cursor", ax, zorder=20)
        self.cursor.add(Curve("cursor-line", ax, xy=[(0, -3), (0, 101)], edgecolor=style.INK, linewidth=1.1,
                              edge_alpha=0.75))
        self.cursor.add(
            Curve("cursor-grip", ax, style.discs(ax, [(0, -3)], 6.5), facecolor="#FFFFFF",
                  edgecolor=style.INK, linewidth=2.2, zorder=6)
        )
        for muscle, (_name, colour, _width, marker, _fact, _dx) in MUSCLES.items():
            self.dots[muscle] = self.group(f"dot-{muscle}", ax, zorder=21)
            self.dots[muscle].add(
                Curve(f"dot-{muscle}-mark", ax, style.sign(ax, marker, 5.2), facecolor=colour,
                      edgecolor="#FFFFFF", linewidth=1.1)
            )
        self.handles.append(Handle("cursor", "Fluid in the joint", ax, ("volume", 1.0), None))

    def _measured(self, ax):
        """The means of spencer1984 at 60 ml with their spread (the abstract does not say SD or SE)."""
        for _muscle, (_name, _colour, _width, marker, fact_id, dx) in MUSCLES.items():
            fact = evidence.fact(fact_id)
            value, x = float(fact.value), MEASURED + dx
            if fact.spread:
                ax.plot([x, x], [value - float(fact.spread), value + float(fact.spread)],
                        color=style.EVIDENCE, lw=1.8, zorder=7)
            ax.plot([x], [value], marker=marker, ms=7, mfc=style.EVIDENCE_FILL, mec=style.EVIDENCE, mew=1.5,
                    zorder=8)

    def _legend(self, rect):
        """What the lines are, and in a second row where there is no room beside them, what the points are."""
        wide = self.layout == "wide"
        ax = self.figure.add_axes([rect[0], rect[1] + rect[3] + 0.004, rect[2], 0.042])
        ax.set(xlim=(0, rect[2] * self.figure.get_figwidth() * 72), ylim=(0, 1))
        ax.axis("off")
        y = 0.5 if wide else 0.75
        x = 0.0
        for muscle in ("vm", "vl", "rf"):
            name, colour, width, marker, _fact, _dx = MUSCLES[muscle]
            ax.plot([x, x + 22], [y, y], color=colour, lw=width, solid_capstyle="butt")
            ax.plot([x + 11], [y], marker=marker, ms=7, color=colour, mec="white", mew=1.0)
            ax.text(x + 27, y - 0.03, name, fontsize=style.TEXT, color=colour, fontweight="bold", va="center")
            x += 60
        x, y = (x, y) if wide else (3, 0.25)
        ax.plot([x + 8], [y], marker="o", ms=7, mfc=style.EVIDENCE_FILL, mec=style.EVIDENCE, mew=1.5)
        ax.text(x + 17, y - 0.03, "Spencer 1984: H-reflex", fontsize=style.SMALL, color=style.EVIDENCE, va="center")

    def _tracking(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(-2, 92), ylim=SHIFT, xticks=range(0, 91, 15),
                             yticks=(0, 5, 10), xlabel="knee flexion (°)")
        ax.text(-0.085, 1.07, "Shift (mm, lateral up): dry thin, swollen thick" if self.layout == "wide" else
                "Shift (mm): dry thin, swollen thick", fontsize=style.TEXT,
                fontweight="bold", color=style.INK, transform=ax.transAxes)
        ax.axhline(0, color="#9A9A9A", lw=0.9, zorder=2)
        look = {"xy": np.zeros((2, 2))}
        self.gap = self.curve(
            "gap", ax, closed=True, facecolor=style.FLUID_FILL, alpha=0.25, zorder=3, **look)
        self.dry = self.curve("dry", ax, edgecolor=style.INK, linewidth=1.2, zorder=8, **look)
        self.swollen = self.curve("swollen", ax, edgecolor=style.FLUID, linewidth=3.0, zorder=7, **look)
        self.swollen_ghost = self.curve("ghost-swollen", ax, edgecolor=style.GHOST, linewidth=2.0,
                                        linestyle="--", zorder=5, visible=False, **look)
        self.now = self.group("dot-shift", ax, zorder=9)
        self.now.add(Curve("dot-shift-ring", ax, style.discs(ax, [(0, 0)], 5.0), facecolor=style.FLUID,
                           edgecolor="#FFFFFF", linewidth=1.2))

    def update(self, state):
        """Show a state; touches live things only."""
        heads = {h: float(getattr(state.knee, h)) for h in HEADS}
        moved = state.swollen_now["shift"] - state.dry_now["shift"]
        self.knee.update(heads, size=dict.fromkeys(HEADS, 1.0), shift=moved, effusion=state.volume)
        wet = state.swollen_now
        self.section.update(wet["groove_shift"], wet["tilt"], effusion=state.volume, flexion=state.flexion,
                            height=wet["height"])
        self._show_response(state)
        dry, wet = _path(state.dry), _path(state.swollen)
        self.dry.set(xy=dry)
        self.swollen.set(xy=wet)
        known = np.isfinite(wet).all(axis=1)                    # no curve where the patella is not in its groove
        self.gap.set(xy=np.vstack([dry[known], wet[known][::-1]]), visible=bool(np.abs(wet - dry)[known].max(
            initial=0) > 0.02))
        self.now.pose(
            anatomy.rigid((0, 0), (state.flexion, float(np.clip(state.swollen_now["shift"], *SHIFT)))))

    def _show_response(self, state):
        low, high = state.thresholds
        chosen_rule = state.model == "rule"
        self.claim.set(xy=[(low, -3), (high, -3), (high, 112), (low, 112)], alpha=1.0 if chosen_rule else 0.6)
        self.claim_name.set(visible=low < high)
        self.claim_name.pose(anatomy.rigid((0, 0), ((low + high) / 2, 0)))
        for (model, muscle, part), line in self.lines.items():
            xy = _response_path(state, model, muscle)
            if part != "all":
                xy = xy[xy[:, 0] <= MEASURED if part == "near" else xy[:, 0] >= MEASURED]
            chosen = model == state.model
            line.set(xy=xy, linewidth=MUSCLES[muscle][2] if chosen else 1.0, edge_alpha=1.0 if chosen else 0.45)
        self.cursor.pose(anatomy.rigid((0, 0), (state.volume, 0)))
        for muscle, dot in self.dots.items():
            dot.pose(anatomy.rigid((0, 0), (state.volume, 100 * float(getattr(state, muscle)))))

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None)."""
        for muscle, line in self.ghosts.items():
            line.set(visible=state is not None)
            if state is not None:
                line.set(xy=_response_path(state, state.model, muscle))
        self.swollen_ghost.set(visible=state is not None)
        self.ghost_volume.set(visible=state is not None)
        if state is not None:
            self.ghost_volume.set(xy=[(state.volume, -3), (state.volume, 101)])
            self.swollen_ghost.set(xy=_path(state.swollen))


def _response_path(state, model, muscle):
    """What a model leaves of a muscle (%) against volume (ml): the rule's cliff upright, whatever its thresholds."""
    values = 100 * np.asarray(state.curves[model][muscle], float)
    if model == "rule":
        at = dict(zip(("vm", "vl"), state.thresholds, strict=True)).get(muscle, 120.0)
        return np.array([(0, values[0]), (at, values[0]), (at, values[-1]), (120, values[-1])])
    return np.stack([np.linspace(0, 120, len(values)), values], axis=1)


def _path(result):
    """Shift against flexion, in order of flexion."""
    order = np.argsort(result.flexion, kind="stable")
    return np.stack([result.flexion[order], np.clip(result.shift[order], *SHIFT)], axis=1)
