"""Scene of the virtual cohort: knees as dots, the correlation of every factor, and many small studies side by side."""

import numpy as np
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from vmo_edu.figures import style
from vmo_edu.figures.scene import Curve, Scene, line_path
from vmo_edu.models import cohort

# outcome -> limits and ticks of its axis (a share in %); wide enough for the straight knee, where knees differ most
OUTCOMES = {
    "groove_shift": ((-4.5, 10.5), (-4, 0, 4, 8), "Shift in the groove (mm, lateral up)"),
    "groove_shift_bent": ((-5.2, 4.2), (-4, -2, 0, 2, 4), "Shift, bent knee (mm, lateral up)"),
    "tilt": ((-9, 17), (-5, 0, 5, 10, 15), "Tilt (°, lateral up)"),
    "lateral_share": ((15, 103), (25, 50, 75, 100), "Load on the lateral facet (%)"),
    "peak_lateral_pressure": ((0.2, 1.5), (0.4, 0.8, 1.2), "Peak lateral pressure (MPa)"),
}
BENT = 30.0  # degrees: from here on all knees lie in the groove, and the shift has a finer axis
REACH = 3.2  # SDs of a factor shown to each side of its mean
DOT = 0.6  # points: length of the line that makes a dot
FOUND, UNSURE = style.INK, "#8A8A8A"
STUDIES = 40
CORRELATIONS = (-1, -0.5, 0, 0.5, 1)


def span(factor):
    """Ends of the axis of a factor, in its own unit."""
    if factor == "q_seen":
        factor = "q_angle"  # the same scale, so that both Q-angles can be compared
    mean, sd = cohort.pooled(factor)
    if any(row.shape == "lognormal" for (name, _), row in cohort.spreads().items() if name == factor):
        return mean * np.exp(-REACH * sd), mean * np.exp(REACH * sd)
    return mean - REACH * sd, mean + REACH * sd


def units(factor):
    """Unit of a factor as it is written on an axis."""
    name = "q_angle" if factor == "q_seen" else factor
    unit = next(row.unit for (of, _), row in cohort.spreads().items() if of == name)
    return {"deg": "°", "cm2": "cm²", "ratio": ""}.get(unit, unit)


def axis(state):
    """Which of `OUTCOMES` is the upright axis of a state."""
    return "groove_shift_bent" if state.outcome == "groove_shift" and state.flexion >= BENT else state.outcome


class CohortScene(Scene):
    """One factor against one outcome, all factors, and what studies of it report.

    The state needs `factor`, `outcome`, `flexion` (degrees), `x`, `y` (knees drawn as dots; a share in %), `slope`
    (slope and intercept, or None), `r` (factor -> correlation, NaN where it does not vary) and `studies` (`Studies`
    with at most 40, or None).
    """

    sizes = {"wide": (9.4, 7.0), "tall": (3.6, 9.6)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        self._base = None
        self._title_size = style.TITLE if wide else style.TEXT
        self._scatter([0.055, 0.505, 0.375, 0.425] if wide else [0.10, 0.722, 0.86, 0.248])
        self._factors(*(([0.69, 0.505, 0.29, 0.425], 0.49) if wide else ([0.56, 0.385, 0.40, 0.235], 0.02)))
        self._studies([0.055, 0.075, 0.925, 0.265] if wide else [0.13, 0.05, 0.83, 0.225], wide)

    # -- knees as dots
    def _scatter(self, rect):
        ax = self.ax = style.plot_axes(self.figure, rect, xlim=(0, 1), ylim=(0, 1), xticks=(), yticks=())
        ax.grid(False)
        self.x_axes = {name: self._x_axis(name, label) for name, label in cohort.labels().items()}
        self.y_axes = {name: self._y_axis(name) for name in OUTCOMES}
        self.dots = self.curve(
            "knees", ax, xy=np.zeros((2, 2)), edgecolor=style.BONE, linewidth=3.0, edge_alpha=0.55, zorder=4
        )
        self.pinned = self.curve(
            "ghost-trend",
            ax,
            xy=np.zeros((2, 2)),
            edgecolor=style.GHOST,
            linewidth=2.2,
            linestyle="--",
            zorder=5,
            visible=False,
        )
        self.trend = self.curve("trend", ax, xy=np.zeros((2, 2)), edgecolor=style.INK, linewidth=2.4, zorder=6)

    def _x_axis(self, name, label):
        """Ticks and name of one factor; shown while it is chosen. Drawn once, so that no text changes live."""
        low, high = span(name)
        group = self.group(f"x-{name}", self.ax, zorder=2, visible=False)
        size = style.per_point(self.ax)
        ticks = [t for t in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= t <= high]
        at = (np.array(ticks) - low) / (high - low)
        group.add(_lines(f"x-grid-{name}", self.ax, [((x, 0), (x, 1)) for x in at]))
        for x, tick in zip(at, ticks, strict=True):
            group.add(
                Text(x, -5 * size[1], f"{tick:g}", fontsize=style.SMALL, color=style.SOFT_INK, ha="center", va="top")
            )
        unit = units(name)
        group.add(
            Text(
                0.5,
                -20 * size[1],
                f"{label} ({unit})" if unit else label,
                fontsize=style.TEXT,
                color=style.INK,
                ha="center",
                va="top",
            )
        )
        return group

    def _y_axis(self, name):
        (low, high), ticks, title = OUTCOMES[name]
        group = self.group(f"y-{name}", self.ax, zorder=2, visible=False)
        size = style.per_point(self.ax)
        at = (np.array(ticks, float) - low) / (high - low)
        group.add(_lines(f"y-grid-{name}", self.ax, [((0, y), (1, y)) for y in at]))
        for y, tick in zip(at, ticks, strict=True):
            group.add(
                Text(
                    -5 * size[0],
                    y,
                    f"{tick:g}".replace("-", "−"),
                    fontsize=style.SMALL,
                    color=style.SOFT_INK,
                    ha="right",
                    va="center",
                )
            )
        group.add(
            Text(
                0,
                1 + 8 * size[1],
                title,
                fontsize=self._title_size,
                color=style.INK,
                ha="left",
                va="bottom",
                fontweight="bold",
            )
        )
        return group

    # -- correlation of every factor
    def _factors(self, rect, left):
        names = cohort.labels()
        illustrative = {name for (name, _), row in cohort.spreads().items() if row.basis == "illustrative"}
        ax = style.plot_axes(self.figure, rect, xlim=(-1.02, 1.02), ylim=(len(names) - 0.4, -0.6),
                             xticks=CORRELATIONS, yticks=range(len(names)), xlabel="r")
        ax.set_xticklabels([_signed(r) for r in CORRELATIONS])
        ax.set_yticklabels([f"{label} *" if name in illustrative else label for name, label in names.items()],
                           fontsize=style.SMALL, color=style.INK)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="y", visible=False)
        ax.axvline(0, color="#9A9A9A", lw=0.9, zorder=2)
        point = 1 / 72 / self.figure.get_figheight()
        self._title(left, rect[1] + rect[3] + 8 * point, "Every factor's correlation r with it")
        self.figure.text(left, rect[1] - 20 * point, "* spread illustrative", fontsize=style.SMALL,
                         color=style.SOFT_INK, va="top")
        start = np.zeros((2, 2))
        self.bars = self.curve("bars", ax, xy=start, closed=True, facecolor="#C9CED3", edgecolor="#6C7680",
                               linewidth=1.0, zorder=4)
        self.chosen = self.curve("bar-chosen", ax, xy=start, closed=True, facecolor=style.INK, edgecolor=style.INK,
                                 linewidth=1.0, zorder=5)
        self.bars_pinned = self.curve("ghost-bars", ax, xy=start, edgecolor=style.GHOST, linewidth=1.8,
                                      linestyle="--", zorder=6, visible=False)

    def _title(self, x, y, text):
        self.figure.text(x, y, text, fontsize=self._title_size, color=style.INK, fontweight="bold", va="bottom")

    # -- studies
    def _studies(self, rect, wide):
        ax = self.strip = style.plot_axes(self.figure, rect, xlim=(0, STUDIES + 1), ylim=(-1.03, 1.03),
                                          xticks=range(10, STUDIES + 1, 10), yticks=CORRELATIONS, xlabel="study")
        ax.set_yticklabels([_signed(r) for r in CORRELATIONS])
        ax.grid(axis="x", visible=False)
        ax.axhline(0, color="#6C6C6C", lw=1.2, zorder=2)
        self._key(rect, wide)
        start = np.zeros((2, 2))
        self.truth = self.curve("truth", ax, xy=start, edgecolor=style.INK, linewidth=1.6, zorder=3, edge_alpha=0.75)
        self.marks = {}
        for name, colour, fill in (("found", FOUND, FOUND), ("unsure", UNSURE, "#FFFFFF")):
            bars = self.curve(f"interval-{name}", ax, xy=start, edgecolor=colour, linewidth=1.7, zorder=5)
            dots = self.curve(f"estimate-{name}", ax, xy=start, edgecolor=colour, linewidth=1.5, zorder=6,
                              facecolor=fill)
            self.marks[name] = bars, dots
        self.size = 4.0 if wide else 3.0

    def _key(self, rect, wide):
        """Title of the studies, and what their marks mean."""
        top, line = rect[1] + rect[3], 1.45 * style.TEXT / 72 / self.figure.get_figheight()
        self._title(rect[0], top + 1.45 * line, "Forty studies of the same question: r with its 95 % interval" if wide
                    else "Forty studies, 95 % intervals")
        key = self.figure.add_axes([rect[0], top + 0.1 * line, rect[2], 1.1 * line])
        key.axis("off")
        key.set(xlim=(0, rect[2] * self.figure.get_figwidth() * 72), ylim=(-1, 1))
        found, unsure, together = (6, 151, 330) if wide else (-22, 59, 145)
        key.add_patch(Curve("key-found", key, style.discs(key, [(found, 0)], 4.0), facecolor=FOUND).artist)
        key.add_patch(Curve("key-unsure", key, _diamonds(key, [(unsure, 0)], 4.4), facecolor="white",
                            edgecolor=UNSURE, linewidth=1.5).artist)
        key.plot([together, together + 16], [0, 0], color=style.INK, lw=1.6, alpha=0.75)
        words = ("misses zero: “found”", "includes zero: “not found”", "all knees together") if wide else (
            "misses zero", "includes zero", "all knees")
        for x, text in zip((found + 8, unsure + 9, together + 21), words, strict=True):
            key.text(x, 0, text, fontsize=style.SMALL, color=style.INK, va="center")

    # -- live
    def update(self, state):
        """Show a state; touches live things only."""
        for axes, chosen in ((self.x_axes, state.factor), (self.y_axes, axis(state))):
            for name, group in axes.items():
                group.set(visible=name == chosen)
        x, y = _unit(state.x, span(state.factor)), _unit(state.y, OUTCOMES[axis(state)][0])
        # a very short line with round ends is the shortest way to write a dot
        end = x + DOT * style.per_point(self.ax)[0]
        self.dots.set(xy=np.stack([x, y, end, y, np.full(x.size, np.nan), y], axis=1).reshape(-1, 2))
        self.trend.set(visible=state.slope is not None)
        if state.slope is not None:
            self.trend.set(xy=_trend(state, axis(state)))
        base = self._base  # a pinned trend belongs to its own axes only
        same = (
            base is not None and base.slope is not None and (base.factor, base.outcome) == (state.factor, state.outcome)
        )
        line = _trend(base, axis(state)) if same else None
        self.pinned.set(visible=line is not None)
        if line is not None:
            self.pinned.set(xy=line)
        self._show_bars(state)
        self._show_studies(state.studies)

    def _show_bars(self, state):
        rows = list(state.r)
        self.bars.set(xy=_boxes([(i, state.r[n]) for i, n in enumerate(rows) if n != state.factor]))
        self.chosen.set(xy=_boxes([(rows.index(state.factor), state.r[state.factor])]))

    def _show_studies(self, many):
        self.truth.set(visible=many is not None)
        for pair in self.marks.values():
            for curve in pair:
                curve.set(visible=many is not None)
        if many is None:
            return
        at = np.arange(1, many.trials + 1)
        self.truth.set(xy=np.array([(0, many.truth), (STUDIES + 1, many.truth)]))
        for name, which in (("found", many.significant), ("unsure", ~many.significant)):
            bars, dots = self.marks[name]
            gap = np.full(which.sum(), np.nan)
            ends = np.stack([at[which], many.low[which], at[which], many.high[which], gap, gap], axis=1)
            bars.set(xy=ends.reshape(-1, 2))
            points = np.stack([at[which], many.estimate[which]], axis=1)
            shape = style.discs if name == "found" else _diamonds
            dots.set(path=shape(self.strip, points, self.size))

    def ghost(self, state):
        """Show the pinned trend and correlations dashed, or hide them."""
        self._base = state
        self.bars_pinned.set(visible=state is not None)
        if state is None:
            self.pinned.set(visible=False)
        else:
            self.bars_pinned.set(xy=_boxes(list(enumerate(state.r.values()))))


def _signed(value):
    return f"{value:g}".replace("-", "−")


def _unit(values, ends):
    """Values as shares of an axis; what lies beyond is put at its edge."""
    return np.clip((np.asarray(values, float) - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)


def _trend(state, upright):
    """The regression line across the dots on one of `OUTCOMES`, as shares of the axes; None if it lies outside."""
    slope, start = state.slope
    (left, right), (low, high) = span(state.factor), OUTCOMES[upright][0]
    ends = np.clip([state.x.min(), state.x.max()], left, right)
    if slope:
        reach = np.sort((np.array([low, high]) - start) / slope)
        ends = np.clip(ends, *reach)
        if ends[0] == ends[1]:
            return None
    return np.stack([(ends - left) / (right - left), (start + slope * ends - low) / (high - low)], axis=1)


def _lines(gid, ax, pairs):
    """Thin grid lines as one curve."""
    xy = np.array([[*pair, (np.nan, np.nan)] for pair in pairs], float).reshape(-1, 2)
    return Curve(gid, ax, xy=xy, edgecolor=style.GRID, linewidth=0.8)


def _boxes(rows):
    """Outlines of lying bars from 0 to r as one line with gaps; rows without r have none."""
    gap = (np.nan, np.nan)
    boxes = [
        [(0, i - 0.3), (r, i - 0.3), (r, i + 0.3), (0, i + 0.3), (0, i - 0.3), gap] for i, r in rows if np.isfinite(r)
    ]
    return np.array(boxes, float).reshape(-1, 2)


def _diamonds(ax, points, radius):
    """Diamonds of `radius` points at data `points` (n, 2), as one path."""
    corners = np.array([(0, 1), (1, 0), (0, -1), (-1, 0), (0, 1), (np.nan, np.nan)])
    size = radius * np.array(style.per_point(ax))
    return line_path((np.asarray(points, float).reshape(-1, 1, 2) + corners * size).reshape(-1, 2))
