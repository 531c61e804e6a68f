"""Colours, sizes and the plain plot axes that all scenes share. One colour has one meaning everywhere.

Base palette: Okabe and Ito (told apart by colour-blind readers); labels and line styles say the same again.
"""
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.path import Path

INK = "#2B2B2B"
SOFT_INK = "#5A5A5A"           # second-rank text: still 4.5:1 and more on white
GRID = "#E3E3E3"
GHOST = "#767676"              # pinned baseline, always dashed
EVIDENCE = "#006B4F"           # measured by somebody: points and bars (bluish green, dark enough for text)
EVIDENCE_FILL = "#BFE5D8"
CLAIM = "#963869"              # a popular claim (reddish purple)
CLAIM_FILL = "#F3DCE8"
VMO, VMO_FILL = "#A64A00", "#E8834A"
VL, VL_FILL = "#0A588C", "#6FA8D0"
RF, RF_FILL = "#8D6661", "#D9B9B5"
FLUID, FLUID_FILL = "#0072B2", "#56B4E9"
BONE, BONE_FILL = "#7A6A4F", "#F3E9D2"
FORCE = "#3A3A3A"              # joint and tendon forces; muscle forces take their muscle's colour

TEXT = 11.0                    # pt on a figure 9 inches wide
SMALL = 10.0
TITLE = 12.5

# role -> fill, outline, opacity of the fill (the plates of the anatomy)
COLOURS = {
    "bone": ("#F3E9D2", "#7A6A4F", 1.0), "cartilage": ("#C9D9E4", "#6F8798", 1.0),
    "tendon": ("#F7F4EC", "#8C8C88", 0.95), "ligament": ("#EFEDE4", "#8C8C88", 0.88),
    "muscle_vmo": ("#E8834A", "#A64A00", 0.94), "muscle_vml": ("#F6C48E", "#B5782F", 0.86),
    "muscle_vl": ("#6FA8D0", "#0A588C", 0.86), "muscle_vlo": ("#9CCBEB", "#2C7FB5", 0.90),
    "muscle_rf": ("#D9B9B5", "#8D6661", 0.88), "muscle_vi": ("#CDB6B4", "#98807D", 0.60),
    "fluid": ("#56B4E9", "#0072B2", 0.45), "skin": ("#FBF1E9", "#D8BBA6", 1.0),
    "soft": ("#F3DCD3", "#D9B3A4", 0.9),
}
# head of Knee -> (fill, line) for arrows, bars and curves
HEAD_COLOURS = {"rf_vi": ("#C79F9A", "#7E5752"), "vml": ("#F0B26E", "#9A611B"), "vmo": ("#E8834A", "#A64A00"),
                "vll": ("#6FA8D0", "#0A588C"), "vlo": ("#9CCBEB", "#24709F")}
HEAD_NAMES = {"rf_vi": "RF + VI", "vml": "VML", "vmo": "VMO", "vll": "VLL", "vlo": "VLO"}

PRESSURE_STOPS = ("#DCE6EC", "#FBE38E", "#EE8A5F", "#C4284B", "#5E0B33")
PRESSURE_TOP = 3.0             # MPa at the dark end of the scale


def pressure_colour(pressure):
    """Hex colour for a cartilage pressure in MPa (clipped to the scale)."""
    level = min(max(float(pressure) / PRESSURE_TOP, 0.0), 1.0) * (len(PRESSURE_STOPS) - 1)
    i = min(int(level), len(PRESSURE_STOPS) - 2)
    return mix(PRESSURE_STOPS[i], PRESSURE_STOPS[i + 1], level - i)


def mix(first, second, share):
    """Hex colour between two hex colours: share 0 is the first, 1 the second."""
    a, b = ([int(c[i:i + 2], 16) for i in (1, 3, 5)] for c in (first, second))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))


def drawing_axes(figure, rect, view):
    """Axes without frame for a drawing: `view` (left, right, bottom, top) in mm, widened to fill `rect`.

    `rect` is in figure fractions. x falls to the right when left > right (a right knee seen from the front).
    """
    ax = figure.add_axes(rect)
    left, right, bottom, top = view
    width, height = rect[2] * figure.get_figwidth(), rect[3] * figure.get_figheight()
    scale = max(abs(right - left) / width, (top - bottom) / height)       # mm per inch
    middle, direction = (left + right) / 2, np.sign(right - left)
    half = scale * width / 2
    centre = (bottom + top) / 2
    ax.set(xlim=(middle - direction * half, middle + direction * half),
           ylim=(centre - scale * height / 2, centre + scale * height / 2))
    ax.axis("off")
    return ax


def sides(ax, up=3.0):
    """Write "lateral" and "medial" into the lower corners of a drawing, `up` mm above its edge."""
    (left, right), bottom = ax.get_xlim(), ax.get_ylim()[0]
    gap = 6 * per_point(ax)[0] * np.sign(right - left)
    for x, align in ((left + gap, "left"), (right - gap, "right")):
        ax.text(x, bottom + up, "lateral" if x > 0 else "medial", fontsize=SMALL, style="italic",
                color=SOFT_INK, ha=align, va="bottom", zorder=60)


def mask(figure, rect, line=True):
    """A white sheet over what is drawn so far in `rect` (figure fractions); a thin line on top."""
    ax = figure.add_axes(rect)
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
    if line:
        ax.plot([0.03, 0.97], [1, 1], color="#C4C4C4", lw=0.9, clip_on=False)
    return ax


def fade(ax, depth=16.0):
    """Let a drawing that goes on beyond the upper edge of its axes fade out over `depth` data units."""
    (left, right), top = ax.get_xlim(), ax.get_ylim()[1]
    for i in range(1, 21):                               # one above the other, the deepest the faintest: no seams
        deep = depth * i / 20
        ax.add_patch(Rectangle((min(left, right), top - deep), abs(right - left), deep + 60, facecolor="white",
                               edgecolor="none", alpha=0.04 + 0.25 * (1 - i / 20), zorder=30))


def plot_axes(
    figure, rect, *, xlim, ylim, xlabel="", ylabel="", title="", xticks=None, yticks=None, xnames=True
):
    """Axes for a curve: two thin spines, light grid, title at the upper left."""
    ax = figure.add_axes(rect)
    ax.set(xlim=xlim, ylim=ylim)
    if xticks is not None:
        ax.set_xticks(xticks)
    if yticks is not None:
        ax.set_yticks(yticks)
    ax.set_xlabel(xlabel, fontsize=TEXT, color=INK, labelpad=3)
    ax.set_ylabel(ylabel, fontsize=TEXT, color=INK, labelpad=4)
    if title:
        ax.set_title(title, fontsize=TITLE, color=INK, loc="left", pad=6, fontweight="bold")
    ax.tick_params(labelsize=SMALL, colors=SOFT_INK, length=3, width=0.8, labelbottom=xnames)
    ax.grid(color=GRID, lw=0.8)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set(color="#9A9A9A", linewidth=0.9)
    return ax


def per_point(ax):
    """Data units of `ax` for one point (1/72 inch): (x, y), always positive."""
    figure = ax.figure
    box = ax.get_position()
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    return (abs(x1 - x0) / (box.width * figure.get_figwidth() * 72),
            abs(y1 - y0) / (box.height * figure.get_figheight() * 72))


_CIRCLE = Path.unit_circle()


def discs(ax, points, radius):
    """Round dots of `radius` points at data `points` (n, 2), as one Path whatever the scales of the axes."""
    points = np.asarray(points, float).reshape(-1, 2)
    size = radius * np.array(per_point(ax))
    circle = Path(_CIRCLE.vertices[:-1], _CIRCLE.codes[:-1])
    vertices = (points[:, None, :] + circle.vertices[None] * size).reshape(-1, 2)
    return Path(vertices, np.tile(circle.codes, len(points)))


def sign(ax, marker, radius):
    """Outline of one mark at the origin, `radius` points large: "o" round, "s" square, "^" triangle."""
    if marker == "o":
        return discs(ax, [(0, 0)], radius)
    corners = {"s": ((-1, -1), (1, -1), (1, 1), (-1, 1)), "^": ((-1.15, -0.8), (1.15, -0.8), (0, 1.25))}[
        marker
    ]
    points = 0.88 * radius * np.array(corners, float) * np.array(per_point(ax))
    return Path(
        np.vstack([points, points[:1]]), [Path.MOVETO, *[Path.LINETO] * (len(points) - 1), Path.CLOSEPOLY])


def capsule(start, end, first, second, steps=10):
    """Closed outline of a limb: a tapered bar with round ends of radius `first` and `second`."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    heading = np.arctan2(*(end - start)[::-1])
    turn = np.linspace(-np.pi / 2, np.pi / 2, steps)
    tip = end + second * np.stack([np.cos(heading + turn), np.sin(heading + turn)], 1)
    tail = start + first * np.stack([np.cos(heading + np.pi + turn), np.sin(heading + np.pi + turn)], 1)
    return np.vstack([tip, tail])


def arrow(tail, tip, width, head=2.6, least=0.0):
    """Outline (8, 2) of a straight arrow from `tail` to `tip` in axes with equal scales; shrinks to nothing.

    width : thickness of the shaft in data units; the head is `head` times as wide. Below a length of 1.5
    heads the whole arrow shrinks.
    """
    tail, tip = np.asarray(tail, float), np.asarray(tip, float)
    along = tip - tail
    length = float(np.hypot(*along))
    if length <= least or length == 0:
        return np.tile(tail, (8, 1))
    u = along / length
    n = np.array([-u[1], u[0]])
    size = min(1.0, length / (1.5 * head * width))          # a short arrow is a small one of the same shape
    w, h = 0.5 * width * size, 0.5 * head * width * size
    neck = tip - u * (0.95 * head * width * size)
    return np.array([tail - n * w, neck - n * w, neck - n * h, tip, neck + n * h, neck + n * w, tail + n * w,
                     tail - n * w])
