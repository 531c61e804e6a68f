"""Scene of the exercise laboratory: a person in each chain, and the load on the kneecap at every angle."""

import re

import numpy as np
from matplotlib.text import Text

from vmo_edu.figures import anatomy, person, style
from vmo_edu.figures.scene import Curve, Handle, Scene
from vmo_edu.models import exercise

SQUAT, EXTENSION = "#2B2B2B", "#8A5A00"
BAND, BAND_EDGE = "#FFF1B8", "#A98600"             # working range of the chosen exercise
TOP = 3.0                                          # relative stress at the upper end of the axis
ACTIVITY = (0.0, 100.0)                            # % of maximum
RATIO = (0.5, 1.5)
VIEWS = {"closed": (-2.35, 2.35, -0.12, 4.1), "open": (-2.35, 2.35, -0.12, 3.75)}     # what the drawings show
GENERIC = {"closed": "squat", "open": "extension"}


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


class ExerciseScene(Scene):
    """Load on the kneecap joint in two exercises.

    The state needs `flexion` (deg), `stress` (a `StressResult`: `flexion`, `closed`, `open` as arrays,
    `crossing`), `exercise` (an `Exercise` with `chain`, `flexion`, `vmo_mvic`, `ratio`, or None) and, where a
    limit is to be shown, `limit` (relative stress).
    """

    sizes = {"wide": (9.1, 6.2), "tall": (3.6, 7.6)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        f = self.figure
        places = {"closed": [0.0, 0.475, 0.40, 0.465], "open": [0.0, 0.0, 0.40, 0.40]} if wide else {
            "closed": [0.0, 0.72, 0.5, 0.21], "open": [0.5, 0.72, 0.5, 0.21]}
        self.people, self.captions = {}, {}
        for chain, postures in (("closed", person.CLOSED), ("open", person.OPEN)):
            ax = style.drawing_axes(f, places[chain], VIEWS[chain])
            self.people[chain] = person.Person(self, ax, f"{chain}-", postures)
            self._captions(chain, ax, postures)
        self._titles(wide)
        self._curves([0.45, 0.43, 0.52, 0.44] if wide else [0.10, 0.36, 0.85, 0.265])
        strips = ([0.45, 0.225, 0.52, 0.065], [0.45, 0.075, 0.52, 0.065]) if wide else (
            [0.06, 0.20, 0.88, 0.045], [0.06, 0.05, 0.88, 0.045])
        everything = exercise.exercises()
        self.strips = [
            self._strip(strips[0], "VMO activity (% of its maximum)" if wide else "VMO activity (%)", ACTIVITY,
                        (0, 25, 50, 75, 100), [e.vmo_mvic for e in everything], "activity"),
            self._strip(strips[1], "VMO : VL ratio", RATIO, (0.5, 0.75, 1.0, 1.25, 1.5),
                        [e.ratio for e in everything], "ratio"),
        ]

    def _captions(self, chain, ax, postures):
        """The name of every posture beside it, and what is said where an exercise has none of its own."""
        words = {"-".join([posture, *extras]): text for (posture, extras), text in person.names(postures).items()}
        words[chain] = postures[GENERIC[chain]][1] + "\n(no picture of\nthe chosen one)"
        x, y = ax.get_xlim()[0] + 8 * style.per_point(ax)[0], ax.get_ylim()[1]
        for key, text in words.items():
            name = self.captions[key] = self.group(f"{chain}-is-{key}", ax, 60, visible=False)
            name.add(Text(x, y, text.replace(" with", "\nwith").replace(", ", ",\n"), fontsize=style.SMALL,
                          color=style.INK, va="top", linespacing=1.15))

    def _titles(self, wide):
        places = ((0.012, 0.955), (0.012, 0.415)) if wide else ((0.027, 0.97), (0.527, 0.97))
        how = (": foot fixed", ": foot free") if wide else ("", "")
        titles = (f"Closed chain{how[0]}", SQUAT), (f"Open chain{how[1]}", EXTENSION)
        for (x, y), (text, colour) in zip(places, titles, strict=True):
            self.figure.text(x, y, text, fontsize=style.TITLE if wide else style.TEXT, fontweight="bold",
                             color=colour, ha="left")
        if wide:
            self.figure.text(0.392, 0.933, "VL blue, RF rose;\nVMO hidden, on\nthe inner side", fontsize=style.SMALL,
                             color=style.SOFT_INK, ha="right", va="top", linespacing=1.15)

    def _curves(self, rect):
        ax = style.plot_axes(self.figure, rect, xlim=(-2, 92), ylim=(0, TOP), xticks=range(0, 91, 15),
                             yticks=(0, 1, 2, 3), xlabel="knee flexion (°)")
        ax.tick_params(axis="x", pad=7)
        wide = self.layout == "wide"
        ax.text(-0.06, 1.13 if wide else 1.16, f"Stress on the {'kneecap ' if wide else ''}joint (1 = at 48°)",
                fontsize=style.TITLE if wide else style.TEXT, fontweight="bold", color=style.INK,
                transform=ax.transAxes)
        self.band = self.curve("band", ax, xy=np.zeros((4, 2)), closed=True, facecolor=BAND,
                               edgecolor=BAND_EDGE, linewidth=0.8, zorder=1, visible=False)
        look = {"xy": np.zeros((2, 2))}
        self.ghosts = {
            c: self.curve(f"ghost-{c}", ax, edgecolor=style.GHOST, linewidth=1.6, linestyle="--", zorder=4,
                          visible=False, **look)
            for c in ("closed", "open")
        }
        self.ghost_flexion = self.curve("ghost-flexion", ax, edgecolor=style.GHOST, linewidth=1.6, linestyle="--",
                                        zorder=4, visible=False, **look)
        self.used = self.curve(
            "used", ax, edgecolor=BAND_EDGE, linewidth=8.0, edge_alpha=0.45, zorder=5, visible=False, **look)
        self.lines = {
            "closed": self.curve("line-closed", ax, edgecolor=SQUAT, linewidth=2.6, zorder=6, **look),
            "open": self.curve(
                "line-open", ax, edgecolor=EXTENSION, linewidth=2.6, linestyle="--", zorder=6, **look),
        }
        for x, words, colour, dashes in (
            (0.0, "squat", SQUAT, "-"),
            (0.30, "extension", EXTENSION, (0, (2, 1.2))),
        ):
            ax.plot([x, x + 0.065], [1.07, 1.07], color=colour, lw=2.6, ls=dashes, transform=ax.transAxes,
                    clip_on=False)
            ax.text(x + 0.08, 1.07, words, fontsize=style.TEXT, color=colour, va="center", transform=ax.transAxes)
        self._marks(ax)

    def _marks(self, ax):
        """Crossing, limit and cursor on the stress curves."""
        self.cross = self.group("crossing", ax, zorder=7)
        self.cross.add(Curve("crossing-ring", ax, style.discs(ax, [(0, 0)], 6.0), facecolor="#FFFFFF",
                             edgecolor=style.EVIDENCE, linewidth=2.0))
        self.cross.add(Text(-2.5, 0.34, "crossing", fontsize=style.SMALL, color=style.EVIDENCE, ha="right",
                            va="center"))
        self.limit = self.group("limit", ax, zorder=8, visible=False)
        self.limit.add(Curve("limit-line", ax, xy=[(0, 0), (90, 0)], edgecolor=style.SOFT_INK, linewidth=1.6,
                             linestyle="-."))
        self.limit.add(Text(86, 0.07, "limit", fontsize=style.SMALL, color=style.SOFT_INK, ha="right"))
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
            Text(limits[1], 1.32, "not measured", fontsize=style.SMALL, color=style.SOFT_INK,
                 ha="right", va="center")
        )
        every = self.group(f"{name}-all", ax, zorder=9)
        every.add(Text(limits[1], 1.32, "○ published values", fontsize=style.SMALL, color=style.EVIDENCE, ha="right",
                       va="center"))
        return ax, limits, chosen, dots, none, every

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
        self._people(state.exercise, s, phi)
        limit = getattr(state, "limit", None)
        self.limit.set(visible=limit is not None and limit <= TOP)
        if limit is not None:
            self.limit.pose(anatomy.rigid((0, 0), (0, limit)))
        self._chosen(state.exercise, s)

    def _people(self, chosen, stress, phi):
        """Put both persons into a posture: that of the chosen exercise where it has one, else squat and extension."""
        own = person.drawn(chosen.name) if chosen is not None else None
        for words in self.captions.values():
            words.set(visible=False)
        for chain, one in self.people.items():
            mine = own if own is not None and own[0] in one.postures else None
            posture, extras = mine or (GENERIC[chain], ())
            lacking = chosen is not None and own is None and not (
                chain == "closed" if chosen.chain.startswith("open") else
                chain == "open" if chosen.chain.startswith("closed") else False)
            self.captions[chain if lacking else "-".join([posture, *extras])].set(visible=True)
            one.take(posture, phi, extras)
            load = float(np.interp(phi, stress.flexion, getattr(stress, chain)))
            one.stress(0.07 + 0.085 * np.sqrt(min(load, 2 * TOP)),
                       style.pressure_colour(load * style.PRESSURE_TOP / TOP))
            span = chosen.flexion if mine is not None else None
            one.working(posture, span)

    def _chosen(self, chosen, stress):
        span = chosen.flexion if chosen is not None else None
        self.band.set(visible=span is not None)
        self.used.set(visible=False)
        if span is not None:
            a, b = (span[0] - 0.6, span[1] + 0.6) if span[0] == span[1] else span
            self.band.set(xy=[(a, 0), (b, 0), (b, TOP), (a, TOP)])
            chain = next((c for c in ("closed", "open") if chosen.chain.startswith(c)), None)
            if chain is not None:
                inside = (stress.flexion >= a) & (stress.flexion <= b)
                self.used.set(xy=_shown(stress.flexion[inside], getattr(stress, chain)[inside]), visible=True)
        for (ax, limits, bar, dots, none, every), text in zip(
            self.strips, (getattr(chosen, "vmo_mvic", None), getattr(chosen, "ratio", None)), strict=True):
            value = bounds(text)
            none.set(visible=chosen is not None and value is None)
            every.set(visible=chosen is None or value is not None)
            for curve in (bar, dots):
                curve.set(visible=value is not None)
            if value is not None:
                bar.set(xy=[(x, 0.5) for x in _ends(value, limits)])
                dots.set(path=style.discs(ax, [(v, 0.5) for v in value if np.isfinite(v)], 6.5))

    def ghost(self, state):
        """Show other stress curves as the dashed baseline, or hide them."""
        for chain, line in self.ghosts.items():
            line.set(visible=state is not None)
            if state is not None:
                line.set(xy=_shown(state.stress.flexion, getattr(state.stress, chain)))
        self.ghost_flexion.set(visible=state is not None)
        if state is not None:
            self.ghost_flexion.set(xy=[(state.flexion, 0), (state.flexion, 0.9 * TOP)])


def _shown(flexion, values):
    """Points of a stress curve; what lies above the axis is left out."""
    values = np.asarray(values, float)
    return np.stack([np.asarray(flexion, float), np.where(values <= TOP, values, np.nan)], axis=1)
