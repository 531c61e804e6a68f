"""Charts of the model card: every element of the model, every experiment beside it, and what moves what."""

from textwrap import shorten

import numpy as np

from vmo_edu import evidence
from vmo_edu.figures import anatomy, style
from vmo_edu.figures.chart import Chart
from vmo_edu.figures.scene import Scene
from vmo_edu.figures.section import GRID, Section, surface
from vmo_edu.knee import INPUTS
from vmo_edu.models.tracking import parameters

MARKS = {"pass": ("o", style.INK, "agrees"), "fail": ("X", "#B3261E", "fails")}
ORDER = {"fail": 0, "pass": 1}
UNITS = {"deg": "°", "mm2": " mm²", "-": ""}
ROW = 0.42                              # inches: two lines of words


def validation_chart(table):
    """Every number with a band that the model was run against: measurement, band and model, failures first, by study.

    Parameters
    ----------
    table : pandas.DataFrame
        As `vmo_edu.validation.table()` returns it.

    Returns
    -------
    Chart
    """
    numbers = table.assign(measured=table.measured.map(_number), model=table.model.map(_number))
    rows = numbers[numbers.status.isin(MARKS) & (numbers.low.notna() | numbers.high.notna()) & numbers.model.notna()]
    rows = rows.assign(rank=rows.status.map(ORDER)).sort_values(["rank", "source_key", "id"]).reset_index(drop=True)
    counts = rows.status.value_counts()
    words = (f"{len(rows)} measured quantities with their acceptance bands and the model's value on a common scale: "
             f"{counts.get('fail', 0)} fail, {counts.get('pass', 0)} agree.")
    height = 1.2 + ROW * len(rows)
    chart = Chart(9.4, height, words)
    ax = chart.figure.add_axes([0.54, 0.7 / height, 0.25, 1 - 1.2 / height])
    done = {row["id"]: row["manipulation"] for row in evidence.rows("validation_cases")}
    for i, row in rows.iterrows():
        _validation_row(ax, len(rows) - 1 - i, row, done[row.id])
    ax.set(xlim=(-2.6, 2.6), ylim=(-0.7, len(rows) - 0.3), yticks=[], xticks=[-1, 0, 1])
    ax.set_xticklabels(["low\nend", "band", "high\nend"], fontsize=style.SMALL)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    ax.axvspan(-1, 1, color=style.EVIDENCE_FILL, alpha=0.35, lw=0, zorder=0)
    handles = [ax.plot([], [], mark, color=colour, ms=8, label=f"model, {name}")[0]
               for key, (mark, colour, name) in MARKS.items() if key in counts]
    handles.append(ax.plot([], [], "|", color=style.EVIDENCE, ms=14, mew=3, label="measured")[0])
    chart.figure.legend(handles=handles, loc="upper center", ncol=4, frameon=False, fontsize=style.TEXT)
    return chart


def _number(value):
    """A float, or NaN for words and ranges."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _ends(row):
    """The band of a row; a missing end mirrors the other about the measured value (or about 0)."""
    low, high = row.low, row.high
    middle = row.measured if np.isfinite(row.measured) else 0.0
    if not np.isfinite(low):
        low = min(2 * middle - high, 0.0) if np.isfinite(high) else -1.0
    if not np.isfinite(high):
        high = 2 * middle - low
    return (low, high) if high > low else (low - 1, high + 1)


def _validation_row(ax, y, row, done):
    """One quantity: what it is and how it was measured (`done`), its band on the common scale, its numbers."""
    low, high = _ends(row)
    place = lambda value: float(np.clip((value - (low + high) / 2) / ((high - low) / 2), -2.4, 2.4))  # noqa: E731
    mark, colour, _ = MARKS[row.status]
    ax.plot([-1, 1], [y, y], color=style.EVIDENCE, lw=3, alpha=0.5, solid_capstyle="butt", zorder=2)
    if np.isfinite(row.measured):
        ax.plot(place(row.measured), y, "|", color=style.EVIDENCE, ms=13, mew=3, zorder=3)
    ax.plot(place(row.model), y, mark, color=colour, ms=8, mec="white", zorder=4)
    angle = str(row.flexion)
    at = f", {angle}°" if angle[:1].isdigit() else ""
    ax.text(-2.7, y, f"{row.quantity}{at}", ha="right", va="bottom", fontsize=style.SMALL, color=style.INK)
    how = done.removeprefix("none").lstrip("; ")
    source = f"{evidence.cite(row.source_key)}{f': {how}' if how else ''}"
    ax.text(-2.7, y - 0.04, shorten(source, 71, placeholder=" …"), ha="right", va="top", fontsize=9,
            color=style.SOFT_INK)
    unit = UNITS.get(row.unit, f" {row.unit}")
    ax.text(2.7, y, f"{row.model:.3g}{unit} ({_band(row)})".replace("-", "−"), ha="left", va="center",
            fontsize=style.SMALL, color=colour)


def _band(row):
    """The band in words; it may be open at one end."""
    if not np.isfinite(row.low):
        return f"up to {row.high:.3g}"
    return f"{row.low:.3g} or more" if not np.isfinite(row.high) else f"{row.low:.3g} to {row.high:.3g}"


def sensitivity_chart(frame, flexion=30.0, kind="parameter", shown=14):
    """How far each parameter moves each result over its range, as a table of shaded cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `sensitivity()` of the tracking model returns it.
    flexion : float
        One of its angles, degrees.
    kind : {"parameter", "input"}
        Parameters of the model, or inputs of the knee.
    shown : int
        How many of the most powerful rows to show.

    Returns
    -------
    Chart
    """
    here = frame[(frame.flexion == flexion) & (frame.kind == kind)]
    names = {q: f"{q.replace('_', ' ')} ({u})" if u else q.replace("_", " ")
             for q, u in zip(here.quantity, here.quantity_unit, strict=True)}
    numbers = here.pivot(index="parameter", columns="quantity", values="effect")[list(names)].rename(columns=names)
    scale = numbers.abs().max().replace(0, 1)
    keep = (numbers.abs() / scale).max(axis=1).sort_values(ascending=False).index[:shown]
    part = numbers.loc[keep]
    strongest = part.abs().idxmax()
    words = f"What moves what at {flexion:g}° of flexion, over each range. Strongest for each result: " + "; ".join(
        f"{column}: {row}" for column, row in strongest.items()) + "."
    height = 1.1 + ROW * len(part)
    chart = Chart(9.4, height, words)
    ax = chart.figure.add_axes([0.36, 0.15 / height, 0.63, 1 - 1.1 / height])
    share = (part / scale).to_numpy()
    ax.imshow(share, cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
    for i in range(part.shape[0]):
        for j in range(part.shape[1]):
            ax.text(j, i, _effect(part.iloc[i, j]), ha="center", va="center", fontsize=style.SMALL,
                    color="white" if abs(share[i, j]) > 0.65 else style.INK)
    ax.set_yticks([])
    meaning = {one.name: one.meaning for one in parameters()} | {n: i.label for n, i in INPUTS.items()}
    for i, name in enumerate(part.index):
        ax.text(-0.56, i - 0.05, name, ha="right", va="bottom", fontsize=style.SMALL, color=style.INK)
        ax.text(-0.56, i, shorten(meaning[name], 46, placeholder=" …"), ha="right", va="top", fontsize=9,
                color=style.SOFT_INK)
    ax.set_xticks(range(part.shape[1]), [str(c).replace(" ", "\n") for c in part.columns], fontsize=style.SMALL)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return chart


def _effect(value):
    """A change with its sign, at most three figures, and a dot where it is nothing to speak of."""
    if abs(value) < 0.005:
        return "·"
    return f"{value:+.{0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2}f}".replace("-", "−")


class ElementsScene(Scene):
    """Every element of the model drawn on the section: what pulls, what stretches, what presses. Takes no state."""

    sizes = {"wide": (9.4, 5.4)}

    def build(self):
        """Draw the section, its cables and springs, and their names."""
        ax = style.drawing_axes(self.figure, [0.0, 0.0, 1.0, 1.0], (126, -126, -72, 60))
        self.section = Section(self, ax)
        self.section.update()
        for tail, tip, colour in (((22, 15), (44, 10), style.VL), ((-19, 15), (-41, 6), style.VMO),
                                  ((3, 44), (3, 25), style.RF)):
            ax.fill(*style.arrow(tail, tip, 3.0).T, facecolor=colour, edgecolor="white", lw=0.8, zorder=50)
        for x in np.linspace(-15, 20, 8):                # the bed of small springs between the two cartilages
            y = np.interp(x, GRID, surface(1.0)) - 0.4
            ax.plot([x, x], [y, y + 2.6], color="#C4284B", lw=2.2, zorder=51)
        names = self.group("labels", ax, 60)
        for text, at, to in (
                ("cables RF + VI and patellar tendon:\ntogether they press it in", (-26, 51), (3, 36)),
                ("cables VLL, VLO:\nto lateral, VLO also back", (66, 22), (40, 11)),
                ("cables VML, VMO:\nto medial, VMO also back", (-64, 29), (-36, 8)),
                ("spring: lateral retinaculum\n(pulls only)", (66, 0), (37, -2)),
                ("cable: iliotibial band\n(0 N unless set)", (66, -24), (47, -22)),
                ("springs: MPFL and\nmedial retinaculum\n(pull only)", (-66, 8), (-43, -10)),
                ("elastic foundation:\npatella and groove\npress on each other", (-66, -24), (-13, 4.5)),
                ("rigid patella: free to\nshift, rise and tilt", (62, 44), (10, 18)),
                ("fixed femur; the groove\ndeepens as the knee bends", (-66, -54), (-24, -24))):
            anatomy.label(names, ax, text, at, to)

    def update(self, state):
        """Nothing moves here."""


def elements_chart():
    """Return the picture of every element of the model.

    Returns
    -------
    Chart
    """
    words = ("Section through the groove with the elements of the model: cables for the five quadriceps heads, the "
             "patellar tendon and the iliotibial band; springs that only pull for the MPFL and the "
             "lateral retinaculum; an elastic foundation between the cartilages; "
             "a rigid patella that can shift, rise and tilt.")
    chart = Chart(9.4, 5.4, words)
    chart.figure = ElementsScene().figure
    return chart
