"""Scene of the case clinic: the story, the section of your knee, its curves beside the findings of the case.

Findings are violet diamonds with the errors within which a knee fits; the hidden knee comes violet and dashed.
"""
import textwrap

import numpy as np
from matplotlib.path import Path
from matplotlib.text import Text

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Curve
from vmo_edu.figures.section import Section
from vmo_edu.figures.tracking import PANELS, TrackingScene
from vmo_edu.models import cases

FINDING = "#5B2E91"            # the findings of an invented case: neither measured by anybody nor a claim
FINDING_FILL = "#D9C8F0"
CURVES = PANELS[:2]
PUSH_TOP = 240.0               # N at the top of the push panel
SLOTS = tuple((one, 4 * (one.kind == "push_in") + cases.PUSH_ANGLES.index(one.flexion))
              for one in cases.EVERY if one.kind.startswith("push"))
SIZE = 3.3                      # of a diamond, points
INVENTED = "Invented for teaching: not a patient, not medical advice."
WRAP = {"wide": (90, 120), "tall": (33, 43)}   # letters in a line of the title, of the story


def diamonds(ax, points, radius):
    """Diamonds of `radius` points at data `points` (n, 2), as one Path."""
    points = np.asarray(points, float).reshape(-1, 2)
    corners = radius * np.array([(0, 1.25), (1, 0), (0, -1.25), (-1, 0), (0, 1.25)]) * np.array(style.per_point(ax))
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path((points[:, None] + corners).reshape(-1, 2), np.tile(codes, len(points)))


def error_bars(points, errors):
    """Vertical bars of plus and minus `errors` about `points` (n, 2), interrupted by NaN."""
    rows = [[(x, y - e), (x, y + e), (np.nan, np.nan)] for (x, y), e in zip(points, errors, strict=True)]
    return np.array(rows, float).reshape(-1, 2)


class CasesScene(TrackingScene):
    """One case of the clinic.

    The state needs what `TrackingScene` needs of `knee`, `flexion`, `now`, `curve` and `pressure`; `case` (number,
    taken), `findings` (in the order of ``case.taken``), `every` (what your knee gives for all of `cases.EVERY`), and
    `truth`: None, or the hidden knee with `knee`, `curve` and `every`.
    """

    sizes = {"wide": (9.4, 7.8), "tall": (3.6, 13.2)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        self._stories([0.012, 0.848, 0.976, 0.147] if wide else [0.02, 0.797, 0.96, 0.198])
        ax = style.drawing_axes(
            self.figure, [0.0, 0.10, 0.575, 0.735] if wide else [0.0, 0.527, 1.0, 0.264],
            (73, -73, -106, 46) if wide else (79, -79, -106, 46))
        self.section = Section(self, ax, "", contact=True)
        self._names(ax)
        self._shadows(ax)
        self._key([0.03, 0.0, 0.52, 0.10] if wide else [0.04, 0.485, 0.92, 0.044])
        if wide:
            rects = [[0.655, at, 0.325, high] for at, high in ((0.633, 0.19), (0.386, 0.19), (0.112, 0.158))]
        else:
            rects = [[0.14, at, 0.82, high] for at, high in ((0.365, 0.085), (0.24, 0.085), (0.075, 0.09))]
        self.panels, self.lines, self.ghosts, self.dots, self.truth, self.found = {}, {}, {}, {}, {}, {}
        for rect, (name, title, limits, ticks) in zip(rects[:2], CURVES, strict=True):
            self._panel(rect, name, title, limits, ticks)
            self._marks(self.panels[name], name)
        self.panels["tilt"].tick_params(labelbottom=True, pad=7)          # room for the grip
        self.panels["tilt"].set_xlabel("knee flexion (°)", fontsize=style.TEXT, color=style.INK, labelpad=3)
        self._pushes(rects[2])
        self._cursor(rects[:2])

    def _published(self, ax, name):
        """No published points here: these are findings of an invented case."""

    def _stories(self, rect):
        """The text of every case; one of them shows."""
        ax = self.figure.add_axes(rect)
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        self.stories = {}
        high = rect[3] * self.figure.get_figheight() * 72
        title, body = WRAP[self.layout]
        for one in cases.cases():
            group = self.stories[one.number] = self.group(f"story-{one.number}", ax, 60, visible=False)
            told = textwrap.wrap(one.history, body) + textwrap.wrap(one.examination, body)
            down = 0.03 * high
            for lines, look in (
                (textwrap.wrap(f"Case {one.number}: {one.title}", title),
                 {"fontsize": style.TITLE, "fontweight": "bold", "color": FINDING}),
                (told, {"fontsize": style.SMALL, "color": style.INK}),
                (textwrap.wrap(INVENTED, body), {"fontsize": style.SMALL, "color": style.SOFT_INK, "style": "italic"}),
            ):
                for line in lines:
                    group.add(Text(0, 1 - down / high, line, va="top", **look))
                    down += 1.45 * look["fontsize"]

    def _shadows(self, ax):
        """Outlines of the pinned and of the hidden kneecap."""
        outline = anatomy.parts("transverse")["patella"].pieces["outline"]
        self.pinned = self.group("pinned", ax, zorder=11.5, visible=False)
        self.pinned.add(Curve("pinned-outline", ax, outline, edgecolor=style.GHOST, linewidth=2.0, linestyle="--"))
        self.hidden = self.group("hidden", ax, zorder=11.6, visible=False)
        self.hidden.add(Curve("hidden-outline", ax, outline, edgecolor=FINDING, linewidth=2.2, linestyle="--"))
        self._baseline = None

    def _marks(self, ax, name):
        """Findings of one panel, and the line of the hidden knee."""
        self.truth[name] = self.curve(f"truth-{name}", ax, xy=np.zeros((2, 2)), edgecolor=FINDING, linewidth=2.0,
                                      linestyle="--", zorder=6.5, visible=False)
        bars = self.curve(f"found-{name}-error", ax, xy=np.zeros((2, 2)), edgecolor=FINDING, linewidth=2.0, zorder=10)
        marks = self.curve(f"found-{name}", ax, diamonds(ax, [(0, 0)], SIZE), facecolor=FINDING_FILL,
                           edgecolor=FINDING, linewidth=1.4, zorder=10.2)
        self.found[name] = bars, marks

    def _pushes(self, rect):
        """Force to hold the kneecap 10 mm out or in: your knee as bars, the findings as diamonds."""
        ax = style.plot_axes(self.figure, rect, xlim=(-0.7, 6.7), ylim=(0, PUSH_TOP), xticks=[at for _, at in SLOTS],
                             yticks=(0, 100, 200))
        ax.set_xticklabels([f"{one.flexion:g}°" for one, _ in SLOTS])
        ax.set_title("Force to push it 10 mm (N)", fontsize=style.TEXT, fontweight="bold", color=style.INK, loc="left",
                     pad=5)
        below = -31 / (rect[3] * self.figure.get_figheight() * 72)
        for x, words in ((1, "outwards"), (5, "inwards")):
            ax.text(x, below * PUSH_TOP, words, fontsize=style.SMALL, ha="center", va="center", color=style.INK)
        self.panels["push"] = ax
        self.bars = [self.curve(f"bar-{one.kind}-{one.flexion:g}", ax, xy=np.zeros((4, 2)), closed=True,
                                facecolor="#B9B9B9", edgecolor=style.INK, linewidth=1.2, zorder=4)
                     for one, _ in SLOTS]
        self.ghosts["push"] = self.curve("ghost-push", ax, xy=np.zeros((2, 2)), edgecolor=style.GHOST, linewidth=2.2,
                                         linestyle="--", zorder=6, visible=False)
        self._marks(ax, "push")
        self.untested = self.group("untested", ax, zorder=9)
        self.untested.add(Text(5, 0.88 * PUSH_TOP, "not tested", fontsize=style.SMALL, ha="center", va="center",
                               color=FINDING, style="italic"))
        self._legend(rect[0])

    def _legend(self, left):
        """What line and diamond mean, below all panels: inside one, curves would run through it."""
        high = 16 / 72 / self.figure.get_figheight()
        ax = self.figure.add_axes([left, 0.0, 1 - left, high])
        ax.set(xlim=(0, (1 - left) * self.figure.get_figwidth() * 72), ylim=(0, 16))
        ax.axis("off")
        ax.plot([2, 18], [10, 10], color=style.INK, lw=2.4)
        ax.text(23, 10, "your knee", fontsize=style.SMALL, va="center", color=style.INK)
        ax.add_patch(Curve("key-found", ax, diamonds(ax, [(95, 10)], 3.6), facecolor=FINDING_FILL, edgecolor=FINDING,
                           linewidth=1.6).artist)
        ax.text(103, 10, "finding ± 2 errors", fontsize=style.SMALL, va="center", color=FINDING)

    def update(self, state):
        """Show a state; touches live things only."""
        for number, group in self.stories.items():
            group.set(visible=number == state.case.number)
        self._own(state)
        self.section.show(state)
        self._show_findings(state)
        self._show_truth(state)
        if self._baseline is not None:
            self._place_pinned(state.flexion)

    def _own(self, state):
        for name, _title, limits, _ticks in CURVES:
            value = float(state.now[name])
            self.lines[name].set(xy=_inside(state.curve, name, limits))
            self.dots[name].set(visible=bool(state.now["in_groove"]) and limits[0] <= value <= limits[1])
            self.dots[name].pose(anatomy.rigid((0, 0), (state.flexion, value)))
        for bar, (one, x) in zip(self.bars, SLOTS, strict=True):
            force = float(state.every[cases.EVERY.index(one)])
            bar.set(visible=bool(np.isfinite(force)))
            force = min(max(force, 0.0), PUSH_TOP)
            bar.set(xy=[(x - 0.36, 0), (x - 0.36, force), (x + 0.36, force), (x + 0.36, 0)])
        self.leg.bend(state.flexion)
        self.cursor.pose(anatomy.rigid((0, 0), (state.flexion, 0)))

    def _show_findings(self, state):
        slots = dict(SLOTS)
        for name in (*(panel[0] for panel in CURVES), "push"):
            rows = [(slots.get(one, one.flexion), value, one.error)
                    for one, value in zip(state.case.taken, state.findings, strict=True) if one.kind.startswith(name)]
            points = np.array([row[:2] for row in rows])
            bars, marks = self.found[name]
            bars.set(xy=error_bars(points, [cases.LIMIT * row[2] for row in rows]))
            marks.set(path=diamonds(self.panels[name], points, SIZE))
        self.untested.set(visible="push_in" not in state.case.tests)

    def _show_truth(self, state):
        truth = state.truth
        self.hidden.set(visible=truth is not None)
        for curve in self.truth.values():
            curve.set(visible=truth is not None)
        if truth is None:
            return
        for name, _title, limits, _ticks in CURVES:
            self.truth[name].set(xy=_inside(truth.curve, name, limits))
        self.truth["push"].set(xy=_caps(truth.every))
        self.hidden.pose(self._pose(truth, state.flexion))

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None)."""
        self._baseline = state
        self.pinned.set(visible=state is not None)
        for curve in self.ghosts.values():
            curve.set(visible=state is not None)
        if state is not None:
            self._place_pinned(state.flexion)
            self.ghosts["push"].set(xy=_caps(state.every))
            for name, _title, limits, _ticks in CURVES:
                self.ghosts[name].set(xy=_inside(state.curve, name, limits))

    def _place_pinned(self, flexion):
        """Outline of the pinned kneecap at the angle shown now."""
        self.pinned.pose(self._pose(self._baseline, flexion))

    def _pose(self, state, flexion):
        """Where the kneecap of another knee lies in the section at this angle."""
        curve = state.curve
        shift, tilt, height = (float(np.interp(flexion, curve.flexion, values))
                               for values in (curve.groove_shift, curve.tilt, curve.height))
        return self.section.pose(shift, tilt, state.knee.trochlear_depth, flexion, height)


def _inside(curve, name, limits):
    """Points of a curve; what is no result is left out, and what lies outside the panel is not bent onto its edge."""
    values = np.asarray(getattr(curve, name), float)
    inside = (values >= limits[0]) & (values <= limits[1]) & curve.usable
    return np.stack([np.asarray(curve.flexion, float), np.where(inside, values, np.nan)], axis=1)


def _caps(every):
    """Short level lines at the forces of all push tests."""
    forces = [float(every[cases.EVERY.index(one)]) for one, _ in SLOTS]
    rows = [[(x - 0.42, min(force, PUSH_TOP)), (x + 0.42, min(force, PUSH_TOP)), (np.nan, np.nan)]
            for (_, x), force in zip(SLOTS, forces, strict=True) if np.isfinite(force)]
    return np.array(rows, float).reshape(-1, 2)
