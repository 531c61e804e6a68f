"""Scene of patellar tracking: the section through the groove; shift, tilt and load against flexion."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text

from vmo_edu import evidence
from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Curve, Handle, Scene
from vmo_edu.figures.section import Section, SideLeg

# quantity -> title, limits, ticks, (how to read it from a result)
PANELS = (("shift", "Shift (mm, lateral up)", (-6, 13), (-5, 0, 5, 10)),
          ("tilt", "Tilt (°, lateral up)", (-17, 27), (-10, 0, 10, 20)),
          ("lateral_share", "Load on the lateral facet (%)", (0, 104), (0, 25, 50, 75, 100)))
# published places of the kneecap: panel -> (row of facts.csv, flexion, marker)
PUBLISHED = {"shift": (("F0309", 20, "o"), ("F0310", 90, "o"), ("F0315", 30, "s"), ("F0316", 90, "s")),
             "tilt": (("F0311", 90, "o"), ("F0313", 30, "s"), ("F0314", 90, "s"))}
# name, where it stands, what it points at while the kneecap is at rest, how far that goes along with the kneecap
NAMES = (
    ("patella", (44, 38), (12, 15), 1.0),
    ("cartilage of\nthe patella", (-38.5, 37), (-14, 6.4), 1.0),
    ("lateral\nretinaculum", (45.5, 22), (42, -9.5), 0.2),
    ("MPFL and\nmedial\nretinaculum", (-47.5, 17), (-43.5, -11.5), 0.2),   # by the femur: the stump of a torn one
)


def _shown(curve, name, limits):
    """Points of a curve; what is no result, or lies outside the panel, is left out, not bent onto its edge."""
    values = _percent(name, getattr(curve, name))
    seen = curve.usable & (values >= limits[0]) & (values <= limits[1])
    return np.stack([np.asarray(curve.flexion, float), np.where(seen, values, np.nan)], axis=1)


def _percent(name, values):
    return 100 * np.asarray(values, float) if name == "lateral_share" else np.asarray(values, float)


class TrackingScene(Scene):
    """The kneecap in its groove.

    The state needs `knee` (`trochlear_depth`, `medial_retinaculum`, `lateral_retinaculum`, `itb_tension`,
    `effusion`), `flexion` (deg), `now` (dict: `groove_shift`, `shift`, `tilt`, `lateral_share`,
    `lateral_force`, `medial_force`, `peak_lateral_pressure`, `peak_medial_pressure`, `mpfl_tension`,
    `lateral_retinaculum_tension`), `curve` (`flexion`, `shift`, `tilt`, `lateral_share` as arrays, and
    `points` (n, 2) of the kneecap's surface), `pressure` (n,) at those points, MPa, lateral facet first,
    `restraint` (N, or None), and with it `held`: where the pushed kneecap is (mm lateral in its groove, tilt in
    degrees, mm of height over its rest).
    """

    sizes = {"wide": (9.4, 6.4), "tall": (3.6, 8.6)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        f = self.figure
        ax = style.drawing_axes(
            f, [0.0, 0.115, 0.575, 0.885] if wide else [0.0, 0.545, 1.0, 0.455],
            (73, -73, -106, 46) if wide else (79, -79, -106, 46))
        self.section = Section(self, ax, "", contact=True)
        self._names(ax)
        self._push(ax)
        self._key([0.03, 0.0, 0.52, 0.115] if wide else [0.04, 0.478, 0.92, 0.066])
        if wide:
            rects = [[0.655, 0.10 + i * 0.305, 0.325, 0.225] for i in (2, 1, 0)]
        else:
            rects = [[0.12, 0.06 + i * 0.141, 0.84, 0.1] for i in (2, 1, 0)]
        self.panels, self.lines, self.ghosts, self.dots = {}, {}, {}, {}
        for rect, (name, title, limits, ticks) in zip(rects, PANELS, strict=True):
            self._panel(rect, name, title, limits, ticks)
        self._cursor(rects)

    def _names(self, ax):
        names = self.group("labels", ax, 60)
        wide = self.layout == "wide"
        size = style.TEXT if wide else style.SMALL
        self._pointing(ax, names, size)
        for text, x, y in (("lateral\ncondyle", 30, -39), ("medial\ncondyle", -33, -39), ("ITB", 53, -42)):
            anatomy.word(names, ax, text, (x, y), size)
        style.sides(ax)

    def _pointing(self, ax, names, size):
        """Names with leaders, one path for all, that follow the kneecap."""
        starts, ends, codes = [], [], []
        for text, (x, y), to, share in NAMES:
            side = np.sign(x)
            if self.layout == "tall" and abs(x) > 45:              # the words are larger, as seen on the drawing
                x -= 5.5 * side
            names.add(Text(x, y, text, fontsize=size, color=style.INK, linespacing=1.1, va="center",
                           ha="right" if side > 0 else "left", zorder=61))
            a = np.radians(np.arange(0, 361, 45))
            dot = 1.5 * style.per_point(ax)[0] * np.stack([np.cos(a), np.sin(a)], 1)
            end = np.vstack([(0, 0), dot]) + (1 - share) * np.array(to)
            starts.append(np.vstack([(x - 3 * side * style.per_point(ax)[0], y), end]))
            riding = share * np.array([*(to - self.section.rest), 1])
            ends.append(np.vstack([(0, 0, 0), np.tile(riding, (len(end), 1))]))
            codes += [Path.MOVETO, Path.LINETO, Path.MOVETO, *[Path.LINETO] * (len(dot) - 1)]
        starts = np.vstack(starts)
        self.leaders = self.curve("leaders", ax, Path(starts, np.array(codes, np.uint8)), facecolor=style.INK,
                                  edgecolor=style.INK, linewidth=0.7, zorder=60, into=names)
        self.section.follow(self.leaders, starts, np.vstack(ends))

    def _push(self, ax):
        """The stability test: where the kneecap is pushed to, and the force it takes."""
        outline = anatomy.parts("transverse")["patella"].pieces["outline"]
        self.pushed = self.group("pushed", ax, zorder=12, visible=False)
        self.pushed.add(
            Curve("pushed-outline", ax, outline, edgecolor=style.INK, linewidth=1.6, linestyle="--"))
        self.pinned = self.group("pinned", ax, zorder=11.5, visible=False)
        self.pinned.add(Curve("pinned-outline", ax, outline, edgecolor=style.GHOST, linewidth=2.0,
                              linestyle="--"))
        self._baseline = None
        self.push_name = self.group("push-name", ax, zorder=60, visible=False)
        self.push_name.add(Text(np.mean(ax.get_xlim()), ax.get_ylim()[0] + 3, "dashed black: pushed 10 mm",
                                fontsize=style.SMALL, color=style.INK, ha="center", va="bottom"))
        self.push = self.curve("push", ax, xy=np.zeros((8, 2)), closed=True, facecolor=style.INK,
                               edgecolor="#FFFFFF", linewidth=1.0, zorder=13, visible=False)

    def _key(self, rect):
        """Scale of the pressure colours and of the arrows; the bend of the knee."""
        ax = self.figure.add_axes(rect)
        width, height = rect[2] * self.figure.get_figwidth() * 72, rect[3] * self.figure.get_figheight() * 72
        ax.set(xlim=(0, width), ylim=(0, height))
        ax.axis("off")
        n, length, top = 60, 0.31 * width, height - 20
        for i in range(n):
            level = style.PRESSURE_TOP * (i + 0.5) / n
            ax.add_patch(Rectangle((i * length / n, top - 9), length / n + 0.4, 9, lw=0,
                                   facecolor=style.pressure_colour(level)))
        for value in range(int(style.PRESSURE_TOP) + 1):
            ax.text(value / style.PRESSURE_TOP * length, top - 12, f"{value:g}", fontsize=style.SMALL,
                    ha="center", va="top", color=style.SOFT_INK)
        ax.text(length + 6, top - 12, "MPa", fontsize=style.SMALL, va="top", color=style.SOFT_INK)
        ax.text(0, height - 4, "peak pressure", fontsize=style.SMALL, va="top", color=style.INK)
        scale = Section.FORCE_SCALE * 100 / style.per_point(self.section.ax)[0]      # points for 100 N
        x = 0.44 * width
        ax.add_patch(
            _patch(style.arrow((x, top - 5), (x + scale, top - 5), 3.0 / style.per_point(self.section.ax)[0]))
        )
        ax.text(x, height - 4, "contact force", fontsize=style.SMALL, va="top", color=style.INK)
        self.leg = SideLeg(self, ax, (0.89 * width, top - 5), min(0.068 * width, 17.0))
        ax.text(0.89 * width, height - 4, "knee bend", fontsize=style.SMALL, va="top", ha="center", color=style.INK)
        ax.text(x + scale + 6, top - 5, "100 N", fontsize=style.SMALL, va="center", color=style.SOFT_INK)

    def _panel(self, rect, name, title, limits, ticks):
        last = name == PANELS[-1][0]
        ax = style.plot_axes(self.figure, rect, xlim=(-2, 92), ylim=limits, xticks=range(0, 91, 15),
                             yticks=ticks, xlabel="knee flexion (°)" if last else "", xnames=last)
        ax.set_title(title, fontsize=style.TEXT, fontweight="bold", color=style.INK, loc="left", pad=5)
        ax.tick_params(axis="x", pad=7 if last else 3)          # room for the grip
        if limits[0] < 0:
            ax.axhline(0, color="#9A9A9A", lw=0.9, zorder=2)
        self._published(ax, name)
        self.panels[name] = ax
        self.ghosts[name] = self.curve(f"ghost-{name}", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST,
                                       linewidth=2.0, linestyle="--", zorder=6, visible=False)
        self.lines[name] = self.curve(
            f"line-{name}", ax, xy=np.zeros((2, 2)), edgecolor=style.INK, linewidth=2.4, zorder=7)
        self.dots[name] = self.group(f"dot-{name}", ax, zorder=9)
        self.dots[name].add(Curve(f"dot-{name}-ring", ax, style.discs(ax, [(0, 0)], 4.6), facecolor=style.INK,
                                  edgecolor="#FFFFFF", linewidth=1.2))

    def _published(self, ax, name):
        for fact_id, flexion, marker in PUBLISHED.get(name, ()):
            fact = evidence.fact(fact_id)
            value, spread = float(fact.value), fact.spread
            x = flexion + (1.5 if marker == "s" else 0) - (5 if flexion == 90 and marker == "s" else 0)
            if spread:
                ax.plot([x, x], [value - float(spread), value + float(spread)], color=style.EVIDENCE, lw=1.6,
                        zorder=4)
            ax.plot([x], [value], marker=marker, ms=6, color=style.EVIDENCE, mfc="white" if marker == "s" else
                    style.EVIDENCE, mew=1.5, zorder=5, lw=0)
        if name == "tilt":
            for y, marker, words in ((0.22, "o", "Amis 2006"), (0.07, "s", "von Eisenhart-Rothe 2004")):
                ax.plot([0.36], [y], marker=marker, ms=5.5, color=style.EVIDENCE, mew=1.4, lw=0,
                        transform=ax.transAxes, mfc="white" if marker == "s" else style.EVIDENCE)
                ax.text(0.39, y, words, fontsize=style.SMALL, color=style.EVIDENCE, va="center",
                        transform=ax.transAxes)

    def _cursor(self, rects):
        """One line through all panels, with a grip at its foot: drag it to bend the knee."""
        low, high = rects[-1][1], rects[0][1] + rects[0][3]
        ax = self.figure.add_axes([rects[0][0], low, rects[0][2], high - low])
        ax.set(xlim=(-2, 92), ylim=(0, 1))
        ax.axis("off")
        ax.patch.set_visible(False)
        self.cursor = self.group("cursor", ax, zorder=20)
        pieces = []
        for rect in reversed(rects):                    # only inside the panels, never through their titles
            pieces += [(0, (rect[1] - low) / (high - low)), (0, (rect[1] + rect[3] - low) / (high - low)),
                       (np.nan, np.nan)]
        self.cursor.add(Curve("cursor-line", ax, xy=pieces, edgecolor=style.INK, linewidth=1.1,
                              edge_alpha=0.75))
        self.cursor.add(Curve("cursor-grip", ax, style.discs(ax, [(0, 0)], 6.5), facecolor="#FFFFFF",
                              edgecolor=style.INK, linewidth=2.2, zorder=6))
        self.handles.append(Handle("cursor", "Knee flexion", ax, ("flexion", 1.0), None))

    def update(self, state):
        """Show a state; touches live things only."""
        now, curve = state.now, state.curve
        for name, _title, limits, _ticks in PANELS:
            value = float(_percent(name, now[name]))
            self.lines[name].set(xy=_shown(curve, name, limits))
            good = now["converged"] and now["in_groove"]
            self.dots[name].set(visible=bool(good) and limits[0] <= value <= limits[1])
            self.dots[name].pose(anatomy.rigid((0, 0), (state.flexion, value)))
        self.leg.bend(state.flexion)
        self.cursor.pose(anatomy.rigid((0, 0), (state.flexion, 0)))
        self.section.show(state)
        if self._baseline is not None:
            self._place_pinned(state.flexion)
        force = state.restraint
        for one in (self.pushed, self.push, self.push_name):
            one.set(visible=force is not None)
        if force is not None:
            shift, tilt, height = state.held
            self.pushed.pose(self.section.pose(shift, tilt, height=height))
            at = self.section.pose(now["groove_shift"], now["tilt"], height=now["height"])
            tip = anatomy.place(np.array([[-22.0, 2.0]]), at)[0]
            length = min(abs(force) * Section.FORCE_SCALE, 34.0) * np.sign(force)
            self.push.set(xy=style.arrow(tip - (length, 0.0), tip, 4.0))

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None)."""
        self._baseline = state
        self.pinned.set(visible=state is not None)
        if state is not None:
            self._place_pinned(state.flexion)
        for name, _title, limits, _ticks in PANELS:
            self.ghosts[name].set(visible=state is not None)
            if state is not None:
                self.ghosts[name].set(xy=_shown(state.curve, name, limits))

    def _place_pinned(self, flexion):
        """Outline of the pinned kneecap at the angle shown now."""
        curve, depth = self._baseline.curve, self._baseline.knee.trochlear_depth
        shift, tilt, height = (float(np.interp(flexion, curve.flexion, values))
                               for values in (curve.groove_shift, curve.tilt, curve.height))
        self.pinned.pose(self.section.pose(shift, tilt, depth, flexion, height))


def _patch(xy):
    from matplotlib.patches import Polygon
    return Polygon(xy, closed=True, facecolor=style.FORCE, edgecolor="none")
