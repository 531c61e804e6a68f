"""Scene of the exercise laboratory: a squat, a seated extension, and the load on the kneecap in each."""

import re

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Curve, Handle, Scene
from vmo_edu.models import exercise

SQUAT, EXTENSION = "#2B2B2B", "#8A5A00"
BAND, BAND_EDGE = "#FFF1B8", "#A98600"             # working range of the chosen exercise
TOP = 3.0                                          # relative stress at the upper end of the axis
SKIN, SKIN_EDGE = "#F8E3D3", "#A9806A"
ACTIVITY = (0.0, 100.0)                            # % of maximum
RATIO = (0.5, 1.5)


def bounds(text):
    """Numbers behind a published value: "46" -> (46, 46), ">45" -> (45, inf); None if missing."""
    if not text:
        return None
    found = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", text)]
    if not found:
        return None
    if text.strip().startswith(">"):
        return found[0], np.inf
    if text.strip().startswith("<"):
        return -np.inf, found[0]
    return min(found), max(found)


def _ends(value, limits):
    """Both ends of a value on its axis; a bound gets a short stroke towards its open side."""
    stroke = 0.05 * (limits[1] - limits[0])
    low, high = value
    low, high = (high - stroke if low == -np.inf else low), (low + stroke if high == np.inf else high)
    return float(np.clip(low, *limits)), float(np.clip(high, *limits))


class _Figure:
    """A person from the side whose segments are groups: each turns about its lower or upper joint."""

    def __init__(self, scene, ax, prefix):
        self.scene, self.ax, self.prefix = scene, ax, prefix
        self.segments = {}

    def segment(self, name, end, first, second, z, more=()):
        group = self.scene.group(f"{self.prefix}{name}", self.ax, zorder=z)
        group.add(
            Curve(f"{self.prefix}{name}-skin", self.ax, xy=style.capsule((0, 0), end, first, second),
                  closed=True, facecolor=SKIN, edgecolor=SKIN_EDGE, linewidth=1.3, zorder=1)
        )
        for i, (xy, look) in enumerate(more):
            group.add(Curve(f"{self.prefix}{name}-{i}", self.ax, xy=xy, closed=True, zorder=2 + i, **look))
        self.segments[name] = group
        return group

    def place(self, name, joint, angle):
        """Put a segment drawn upwards from (0, 0) at `joint`, turned by `angle` degrees towards +x."""
        self.segments[name].pose(anatomy.rigid((0, 0), joint, angle))


def _ahead(joint, length, angle):
    a = np.radians(angle)
    return np.asarray(joint, float) + length * np.array([np.sin(a), np.cos(a)])


VASTUS = (
    (
        style.capsule((0.075, 0.10), (0.06, 0.72), 0.05, 0.07),
        {"facecolor": style.VMO_FILL, "edgecolor": style.VMO, "linewidth": 1.0, "alpha": 0.9},
    ),
)


class ExerciseScene(Scene):
    """Load on the kneecap joint in two exercises.

    The state needs `flexion` (deg), `stress` (a `StressResult`: `flexion`, `closed`, `open` as arrays,
    `crossing`), `exercise` (an `Exercise` with `chain`, `flexion`, `vmo_mvic`, `ratio`, or None) and, where a
    limit is to be shown, `limit` (relative stress).
    """

    sizes = {"wide": (9.4, 6.2), "tall": (5.2, 10.2)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        f = self.figure
        self._squat(style.drawing_axes(f, [0.0, 0.47, 0.36, 0.47] if wide else [0.0, 0.735, 0.5, 0.225],
                                       (-1.35, 1.35, -0.2, 3.55)))
        self._seat(style.drawing_axes(f, [0.0, 0.0, 0.36, 0.41] if wide else [0.5, 0.735, 0.5, 0.225],
                                      (-1.3, 1.5, -0.35, 2.6)))
        self._titles(wide)
        self._curves([0.45, 0.43, 0.53, 0.46] if wide else [0.12, 0.36, 0.84, 0.30])
        strips = ([0.45, 0.225, 0.53, 0.065], [0.45, 0.075, 0.53, 0.065]) if wide else (
            [0.12, 0.205, 0.84, 0.045], [0.12, 0.06, 0.84, 0.045])
        everything = exercise.exercises()
        self.strips = [
            self._strip(strips[0], "VMO activity (% of its maximum)", ACTIVITY, (0, 25, 50, 75, 100),
                        [e.vmo_mvic for e in everything], "activity"),
            self._strip(strips[1], "VMO : VL ratio", RATIO, (0.5, 0.75, 1.0, 1.25, 1.5),
                        [e.ratio for e in everything], "ratio"),
        ]

    def _titles(self, wide):
        places = ((0.18, 0.955), (0.18, 0.425)) if wide else ((0.25, 0.968), (0.75, 0.968))
        for (x, y), text, colour in zip(
            places, ("Squat: closed chain", "Extension: open chain"), (SQUAT, EXTENSION), strict=True):
            self.figure.text(x, y, text, fontsize=style.TITLE if wide else style.TEXT, fontweight="bold",
                             color=colour, ha="center")

    def _squat(self, ax):
        ax.plot([-1.2, 1.2], [-0.11, -0.11], color=style.SOFT_INK, lw=1.6)
        ax.add_patch(_closed(style.capsule((-0.14, -0.03), (0.30, -0.05), 0.075, 0.055), 3))
        man = self.squat = _Figure(self, ax, "squat-")
        man.segment("trunk", (0, 1.05), 0.15, 0.21, 3.2)
        man.segment("head", (0, 0.16), 0.17, 0.17, 3.1)
        man.segment("shank", (0, 0.92), 0.075, 0.125, 3.4)
        man.segment("thigh", (0, 0.95), 0.13, 0.17, 3.6, VASTUS)
        man.segment("arm", (0, 0.78), 0.085, 0.06, 3.8)
        self.squat_ends = self._ends_of_range("squat-range", ax)
        self.squat_knee = self._load("squat-knee", ax)

    def _seat(self, ax):
        ax.add_patch(
            Rectangle((-1.15, 0.78), 1.0, 0.12, facecolor="#D9D2C6", edgecolor="#8C8474", lw=1.2, zorder=2))
        ax.add_patch(
            Rectangle((-1.2, 0.78), 0.12, 1.1, facecolor="#D9D2C6", edgecolor="#8C8474", lw=1.2, zorder=2))
        for x in (-1.05, -0.3):
            ax.add_patch(
                Rectangle((x, -0.25), 0.09, 1.03, facecolor="#D9D2C6", edgecolor="#8C8474", lw=1.2, zorder=2))
        ax.plot([-1.3, 1.4], [-0.25, -0.25], color=style.SOFT_INK, lw=1.6)
        man = self.seat = _Figure(self, ax, "seat-")
        man.segment("trunk", (0, 1.0), 0.17, 0.21, 3.2)
        man.segment("head", (0, 0.16), 0.17, 0.17, 3.1)
        weight = (
            style.capsule((-0.13, -0.82), (0.13, -0.82), 0.075, 0.075),
            {"facecolor": "#8C8C88", "edgecolor": style.INK, "linewidth": 1.0},
        )
        foot = (
            style.capsule((0.0, -0.98), (0.26, -1.0), 0.07, 0.055),
            {"facecolor": SKIN, "edgecolor": SKIN_EDGE, "linewidth": 1.3},
        )
        man.segment("shank", (0, -0.92), 0.12, 0.075, 3.4, (foot, weight))
        man.segment("thigh", (0, 0.95), 0.13, 0.17, 3.6, VASTUS)
        man.segment("arm", (0, 0.72), 0.085, 0.06, 3.8)
        hip, knee = np.array([-0.83, 1.07]), np.array([0.12, 1.07])
        man.place("trunk", hip, -6)
        man.place("head", _ahead(hip, 1.28, -4), 0)
        man.place("thigh", knee, -90)
        man.place("arm", _ahead(hip, 0.95, -6), 172)
        self.seat_joint = knee
        self.seat_ends = self._ends_of_range("seat-range", ax)
        self.seat_knee = self._load("seat-knee", ax)

    def _ends_of_range(self, gid, ax):
        """The leg at both ends of the working range, as dashed lines behind the figure."""
        return self.curve(gid, ax, xy=np.zeros((2, 2)), edgecolor=BAND_EDGE, linewidth=2.6, linestyle="--",
                          zorder=2.9, visible=False)

    def _load(self, gid, ax):
        """A disc on the knee: its area and colour say how much stress."""
        return self.curve(gid, ax, xy=np.zeros((2, 2)), closed=True, facecolor=style.pressure_colour(0),
                          edgecolor=style.INK, linewidth=1.2, zorder=9)

    def _curves(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(-2, 92), ylim=(0, TOP), xticks=range(0, 91, 15),
                             yticks=(0, 1, 2, 3), xlabel="knee flexion (°)")
        ax.tick_params(axis="x", pad=7)
        at = 1.06 if self.layout == "wide" else 1.08
        ax.text(-0.06, at, "Stress on the kneecap joint (1 = at 48°)",
                fontsize=style.TITLE if self.layout == "wide" else style.TEXT, fontweight="bold",
                color=style.INK, transform=ax.transAxes)
        self.band = self.curve("band", ax, xy=np.zeros((4, 2)), closed=True, facecolor=BAND,
                               edgecolor=BAND_EDGE, linewidth=0.8, zorder=1, visible=False)
        look = {"xy": np.zeros((2, 2))}
        self.ghosts = {
            c: self.curve(f"ghost-{c}", ax, edgecolor=style.GHOST, linewidth=1.6, linestyle="--", zorder=4,
                          visible=False, **look)
            for c in ("closed", "open")
        }
        self.used = self.curve(
            "used", ax, edgecolor=BAND_EDGE, linewidth=8.0, edge_alpha=0.45, zorder=5, visible=False, **look)
        self.lines = {
            "closed": self.curve("line-closed", ax, edgecolor=SQUAT, linewidth=2.6, zorder=6, **look),
            "open": self.curve(
                "line-open", ax, edgecolor=EXTENSION, linewidth=2.6, linestyle="--", zorder=6, **look),
        }
        for x, words, colour, dashes in (
            (0.30, "squat", SQUAT, "-"),
            (0.53, "extension", EXTENSION, (0, (2, 1.2))),
        ):
            ax.plot([x, x + 0.065], [0.945, 0.945], color=colour, lw=2.6, ls=dashes, transform=ax.transAxes)
            ax.text(
                x + 0.08, 0.945, words, fontsize=style.TEXT, color=colour, va="center", transform=ax.transAxes
            )
        self._marks(ax)

    def _marks(self, ax):
        """Crossing, limit and cursor on the stress curves."""
        self.cross = self.group("crossing", ax, zorder=7)
        self.cross.add(Curve("crossing-ring", ax, style.discs(ax, [(0, 0)], 6.0), facecolor="#FFFFFF",
                             edgecolor=style.EVIDENCE, linewidth=2.0))
        self.cross.add(Text(-2.5, 0.24, "they cross", fontsize=style.SMALL, color=style.EVIDENCE, ha="right",
                            va="center"))
        self.limit = self.group("limit", ax, zorder=8, visible=False)
        self.limit.add(Curve("limit-line", ax, xy=[(0, 0), (90, 0)], edgecolor=style.SOFT_INK, linewidth=1.6,
                             linestyle="-."))
        self.limit.add(Text(90, 0.09, "limit", fontsize=style.SMALL, color=style.SOFT_INK, ha="right"))
        self.limit.add(Curve("limit-grip", ax, style.discs(ax, [(90, 0)], 6.5), facecolor="#FFFFFF",
                             edgecolor=style.SOFT_INK, linewidth=2.2, zorder=6))
        self.handles.append(Handle("limit", "Stress not above", ax, None, ("limit", 1.0)))
        self.cursor = self.group("cursor", ax, zorder=20)
        self.cursor.add(
            Curve("cursor-line", ax, xy=[(0, 0), (0, 0.9 * TOP)], edgecolor=style.INK, linewidth=1.1,
                  edge_alpha=0.75)
        )
        self.cursor.add(Curve("cursor-grip", ax, style.discs(ax, [(0, 0)], 6.5), facecolor="#FFFFFF",
                              edgecolor=style.INK, linewidth=2.2, zorder=6))
        self.handles.append(Handle("cursor", "Knee flexion", ax, ("flexion", 1.0), None))

    def _strip(self, rect, title, limits, ticks, values, name):
        """All published values on one line; the chosen exercise in colour, or the words that it has none."""
        ax = style.plot_axes(self.figure, rect, xlim=limits, ylim=(0, 1), xticks=ticks, yticks=[])
        ax.spines["left"].set_visible(False)
        ax.set_title(title, fontsize=style.TEXT, fontweight="bold", color=style.INK, loc="left", pad=5)
        for value in filter(None, (bounds(v) for v in values)):
            inner = [v for v in value if np.isfinite(v)]
            ends = _ends(value, limits)
            ax.plot(ends, [0.5, 0.5], color=style.EVIDENCE, lw=1.8)
            if len(inner) == 1:  # only a bound: an arrow away from it
                ax.plot(ends[0] if ends[0] < inner[0] else ends[1], 0.5,
                        marker="<" if ends[0] < inner[0] else ">", ms=5, color=style.EVIDENCE)
            ax.plot(inner, [0.5] * len(inner), "o", ms=5.5, mfc="white", mec=style.EVIDENCE, mew=1.4)
        chosen = self.curve(f"{name}-chosen", ax, xy=np.zeros((2, 2)), edgecolor=style.VMO, linewidth=5.0,
                            zorder=7, visible=False)
        dots = self.curve(f"{name}-dots", ax, xy=np.zeros((2, 2)), facecolor=style.VMO_FILL,
                          edgecolor=style.VMO, linewidth=1.6, zorder=8, visible=False)
        none = self.group(f"{name}-none", ax, zorder=9, visible=False)
        none.add(
            Text(limits[1], 1.32, "not measured for this one", fontsize=style.SMALL, color=style.SOFT_INK,
                 ha="right", va="center")
        )
        return ax, limits, chosen, dots, none

    def update(self, state):
        """Show one angle and one exercise."""
        s, phi = state.stress, float(state.flexion)
        for chain, line in self.lines.items():
            line.set(xy=_shown(s.flexion, getattr(s, chain)))
        cross = float(s.crossing) if s.crossing is not None else np.nan
        height = float(np.interp(cross, s.flexion, s.closed)) if np.isfinite(cross) else np.nan
        seen = bool(np.isfinite(height) and 0 < cross < 90 and height < TOP)
        self.cross.set(visible=seen)
        if seen:
            self.cross.pose(anatomy.rigid((0, 0), (cross, height)))
        self.cursor.pose(anatomy.rigid((0, 0), (phi, 0)))
        self._bend(phi)
        for disc, ax, chain, joint in ((self.squat_knee, self.squat.ax, "closed", self.squat_joint),
                                       (self.seat_knee, self.seat.ax, "open", self.seat_joint)):
            stress = float(np.interp(phi, s.flexion, getattr(s, chain)))
            disc.set(path=style.discs(ax, [joint], 3.0 + 7.0 * np.sqrt(min(stress, 2 * TOP))),
                     facecolor=style.pressure_colour(stress * style.PRESSURE_TOP / TOP))
        limit = getattr(state, "limit", None)
        self.limit.set(visible=limit is not None and limit <= TOP)
        if limit is not None:
            self.limit.pose(anatomy.rigid((0, 0), (0, limit)))
        self._chosen(state.exercise, s)

    def _bend(self, phi):
        man = self.squat
        (shank, thigh, trunk), (ankle, knee, hip, shoulder) = _squatting(phi)
        man.place("shank", ankle, shank)
        man.place("thigh", knee, thigh)
        man.place("trunk", hip, trunk)
        man.place("head", _ahead(hip, 1.34, trunk * 0.9), trunk * 0.5)
        man.place("arm", shoulder, 172 - 0.85 * phi)
        self.squat_joint = knee + 0.07 * np.array([1.0, 0.0])
        self.seat.place("shank", self.seat_joint, phi - 90)

    def _chosen(self, chosen, stress):
        span = chosen.flexion if chosen is not None else None
        self.band.set(visible=span is not None)
        self.used.set(visible=False)
        self.squat_ends.set(visible=False)
        self.seat_ends.set(visible=False)
        if span is not None:
            a, b = (span[0] - 0.6, span[1] + 0.6) if span[0] == span[1] else span
            self.band.set(xy=[(a, 0), (b, 0), (b, TOP), (a, TOP)])
            chain = next((c for c in ("closed", "open") if chosen.chain.startswith(c)), None)
            if chain is not None:
                inside = (stress.flexion >= a) & (stress.flexion <= b)
                self.used.set(xy=_shown(stress.flexion[inside], getattr(stress, chain)[inside]), visible=True)
                self._show_range(chain, span)
        for (ax, limits, bar, dots, none), text in zip(
            self.strips, (getattr(chosen, "vmo_mvic", None), getattr(chosen, "ratio", None)), strict=True):
            value = bounds(text)
            none.set(visible=chosen is not None and value is None)
            for curve in (bar, dots):
                curve.set(visible=value is not None)
            if value is not None:
                bar.set(xy=[(x, 0.5) for x in _ends(value, limits)])
                dots.set(path=style.discs(ax, [(v, 0.5) for v in value if np.isfinite(v)], 6.5))

    def _show_range(self, chain, span):
        """Mark the working range in the drawing of its chain: the leg at both ends."""
        gap, points = (np.nan, np.nan), []
        for phi in dict.fromkeys(span):
            if chain == "closed":
                points += [*_squatting(phi)[1], gap]
            else:
                points += [self.seat_joint, _ahead(self.seat_joint, 1.0, 90 + phi), gap]
        (self.squat_ends if chain == "closed" else self.seat_ends).set(xy=np.array(points), visible=True)

    def ghost(self, state):
        """Show other stress curves as the dashed baseline, or hide them."""
        for chain, line in self.ghosts.items():
            line.set(visible=state is not None)
            if state is not None:
                line.set(xy=_shown(state.stress.flexion, getattr(state.stress, chain)))


def _squatting(phi):
    """Angles of shank, thigh and trunk (degrees ahead) and ankle, knee, hip and shoulder in a squat."""
    shank, trunk = 0.36 * phi, 0.48 * phi
    ankle = np.array([0.0, 0.0])
    knee = _ahead(ankle, 0.92, shank)
    hip = _ahead(knee, 0.95, shank - phi)
    return (shank, shank - phi, trunk), (ankle, knee, hip, _ahead(hip, 1.0, trunk))


def _shown(flexion, values):
    """Points of a stress curve; what lies above the axis is left out."""
    values = np.asarray(values, float)
    return np.stack([np.asarray(flexion, float), np.where(values <= TOP, values, np.nan)], axis=1)


def _closed(xy, zorder):
    from matplotlib.patches import Polygon
    return Polygon(xy, closed=True, facecolor=SKIN, edgecolor=SKIN_EDGE, lw=1.3, zorder=zorder)
