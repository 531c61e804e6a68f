"""The small vocabulary of live pictures: a scene is drawn once, then only its live things change.

Matplotlib draws the picture; a frame of a sweep is a handful of SVG attributes and never a second drawing.
"""
import io
import itertools
import re
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

DPI = 72                       # one matplotlib point is one SVG unit
FONT_STACK = "'DejaVu Sans', Verdana, Arial, Helvetica, sans-serif"
_DRAWING = threading.RLock()   # a constant that remembers nothing between two drawings: no state of the module
DASHES = {"-": None, "--": (5.0, 3.0), ":": (1.2, 2.6), "-.": (6.0, 2.5, 1.2, 2.5)}


def to_svg(ax):
    """The affine map from data of `ax` to SVG units (y downwards) as a 3 x 3 array."""
    size = DPI / ax.figure.dpi                     # a figure being saved as PNG has another dpi for a while
    flip = np.array([[size, 0, 0], [0, -size, ax.figure.get_figheight() * DPI], [0, 0, 1]])
    return flip @ ax.transData.get_affine().get_matrix()


def matrix_of(ax):
    """`to_svg(ax)`, computed once for each axes: a scene never moves its axes after drawing them."""
    found = getattr(ax, "vmo_to_svg", None)
    if found is None:
        found = ax.vmo_to_svg = to_svg(ax)
    return found


def number(value):
    """A number as short SVG text, rounded to 0.05."""
    return f"{round(20 * float(value)) / 20:g}"


def line_path(xy, closed=False):
    """A Path of straight lines through `xy` (n, 2). Rows with NaN interrupt the line."""
    xy = np.asarray(xy, float).reshape(-1, 2)
    good = np.isfinite(xy).all(axis=1)
    codes = np.full(len(xy), Path.LINETO, dtype=np.uint8)
    codes[good & ~np.r_[False, good[:-1]]] = Path.MOVETO
    xy, codes = xy[good], codes[good]
    if closed and len(xy):
        xy, codes = np.vstack([xy, xy[:1]]), np.r_[codes, Path.CLOSEPOLY].astype(np.uint8)
    return Path(xy, codes) if len(xy) else Path(np.zeros((0, 2)), np.zeros(0, np.uint8))


class Writer:
    """Turns the vertices of paths that share one list of codes into SVG path text.

    Commands after each `M` are relative, which keeps a sweep small on the wire. Rounding happens before the
    differences are taken, so it never adds up along a path.
    """

    def __init__(self, codes):
        codes = np.asarray(codes)
        self.codes = codes
        self.keep = codes != Path.CLOSEPOLY
        base = np.zeros(len(codes), int)           # the vertex that each vertex is written relative to
        words, i, last, letter = [], 0, 0, ""
        while i < len(codes):
            code = codes[i]
            if code == Path.MOVETO:
                words.append("M%g %g")
                base[i], last, i, letter = -1, i, i + 1, "M"
            elif code == Path.CLOSEPOLY:
                words.append("z")
                i, letter = i + 1, "z"
            else:
                n, command = {Path.LINETO: (1, "l"), Path.CURVE3: (2, "q"), Path.CURVE4: (3, "c")}[code]
                base[i:i + n] = last
                words.append((command if command != letter else " ") + " ".join(["%g %g"] * n))
                last, i, letter = i + n - 1, i + n, command
        self.template = "".join(words)
        self.absolute = (base < 0)[self.keep]
        self.base = base[self.keep]
        self.kept = np.cumsum(self.keep) - 1       # where a vertex sits once CLOSEPOLY rows are gone

    def text(self, vertices, matrix):
        """SVG text for `vertices` (n, 2) in data units, mapped by the 3 x 3 `matrix`."""
        if not len(vertices):
            return "M0 0"
        v = vertices[self.keep] if not self.keep.all() else vertices
        units = np.rint(20 * (v @ matrix[:2, :2].T + matrix[:2, 2]))
        start = units[self.kept[np.maximum(self.base, 0)]]
        start[self.absolute] = 0
        return self.template % tuple(((units - start) / 20).ravel().tolist())


def _same(path, other):
    return path is other or (len(path.vertices) == len(other.vertices)
                             and np.array_equal(path.vertices, other.vertices)
                             and np.array_equal(path.codes, other.codes))


class Curve:
    """One live path: an outline, a line, all fibres of a muscle, an arrow.

    Parameters
    ----------
    gid : str
        Name of the live thing; in the SVG the group is ``{uid}-{gid}``.
    ax : matplotlib.axes.Axes
        The axes whose data units `path` is in.
    path, xy : matplotlib Path, or array (n, 2) joined by straight lines
        The geometry. ``set(path=...)`` or ``set(xy=...)`` changes it later.
    facecolor, edgecolor : colour or "none"
    alpha, edge_alpha : float
        Opacity of the fill and of the line.
    linestyle : "-", "--", ":" or "-."
        Fixed for the life of the curve.
    """

    KEYS = ("facecolor", "edgecolor", "linewidth", "alpha", "edge_alpha", "visible")

    def __init__(
        self,
        gid,
        ax,
        path=None,
        *,
        xy=None,
        facecolor="none",
        edgecolor="none",
        linewidth=1.2,
        alpha=1.0,
        edge_alpha=1.0,
        zorder=5,
        closed=False,
        linestyle="-",
        visible=True,
    ):
        self.gid, self.ax, self.closed, self.linestyle = gid, ax, closed, linestyle
        self.zorder = zorder
        self.look = {"facecolor": facecolor, "edgecolor": edgecolor, "linewidth": linewidth, "alpha": alpha,
                     "edge_alpha": edge_alpha, "visible": visible}
        self._svg = {}
        self._writer = None
        self.path = line_path(() if xy is None else xy, closed) if path is None else path
        self.artist = _LivePatch(self)

    def set(self, *, path=None, xy=None, vertices=None, **look):
        """Change the geometry (`path`, `xy`, or `vertices` under the same codes) or the look."""
        if vertices is not None and not np.array_equal(vertices, self.path.vertices):
            path = Path.__new__(Path)                 # same codes: skip the checks of the constructor
            path.__dict__.update(self.path.__dict__)
            path._vertices = vertices
        if xy is not None:
            path = line_path(xy, self.closed)
        if path is not None and not _same(path, self.path):       # an unchanged path is not recorded again
            self.path = path
            self._svg.pop("d", None)
        for key, value in look.items():
            if key not in self.KEYS:
                raise TypeError(f"a Curve has no {key!r}; it has {', '.join(self.KEYS)}")
            if self.look[key] != value:
                self.look[key] = value
                if self._svg:
                    self._svg = {"d": self._svg["d"]} if "d" in self._svg else {}

    def attributes(self):
        """The SVG attributes that may change, as text; hidden curves only say so."""
        if not self.look["visible"]:
            return {"display": "none"}
        if "d" not in self._svg:
            self._svg["d"] = self._text()
        if "display" not in self._svg:
            self._svg.update(self.paint())
        return dict(self._svg)

    def fixed(self):
        """SVG attributes that never change."""
        given = {"stroke-linejoin": "round", "stroke-linecap": "round" if self.linestyle == "-" else "butt"}
        if DASHES[self.linestyle]:
            given["stroke-dasharray"] = " ".join(f"{d:g}" for d in DASHES[self.linestyle])
        return given

    def _text(self):
        codes = self.path.codes
        if self._writer is None or (
            codes is not self._writer.codes and not np.array_equal(codes, self._writer.codes)
        ):
            self._writer = Writer(codes)
        return self._writer.text(self.path.vertices, matrix_of(self.ax))

    def paint(self):
        """Return the SVG attributes of the look: fill, stroke and their opacity, width, display."""
        face, edge = self.look["facecolor"], self.look["edgecolor"]
        given = {"display": "inline", "fill": "none", "stroke": "none"}
        if face != "none":
            given.update({"fill": to_hex(face), "fill-opacity": f"{self.look['alpha']:.3g}"})
        if edge != "none" and self.look["linewidth"] > 0:
            given.update({"stroke": to_hex(edge), "stroke-opacity": f"{self.look['edge_alpha']:.3g}",
                          "stroke-width": number(self.look["linewidth"])})
        return given


class _LivePatch(PathPatch):
    """The matplotlib side of a Curve. Looks at the Curve whenever it is drawn."""

    def __init__(self, curve):
        super().__init__(Path([[0, 0]]), zorder=curve.zorder, joinstyle="round",
                         capstyle="round" if curve.linestyle == "-" else "butt")
        self.curve = curve
        self.set_clip_on(False)

    def draw(self, renderer):
        curve, look = self.curve, self.curve.look
        writer = getattr(renderer, "writer", None)
        if writer is not None:
            uid = getattr(self.axes.figure, "vmo_uid", "")
            writer.start("g", attrib={"id": f"{uid}-{curve.gid}"})
            writer.element("path", attrib={**curve.attributes(), **curve.fixed()})
            writer.end("g")
            return
        if not look["visible"] or not len(curve.path.vertices):
            return
        self.set_path(curve.path)
        self.set_facecolor(
            "none" if look["facecolor"] == "none" else to_rgba(look["facecolor"], look["alpha"]))
        self.set_edgecolor(
            "none" if look["edgecolor"] == "none" else to_rgba(look["edgecolor"], look["edge_alpha"]))
        self.set_linewidth(look["linewidth"])
        self.set_linestyle("-" if DASHES[curve.linestyle] is None else
                           (0, [d / max(look["linewidth"], 0.1) for d in DASHES[curve.linestyle]]))
        super().draw(renderer)


class _Group(Artist):
    """Artists drawn together, in their own zorder, as one SVG group."""

    def __init__(self, rigid, zorder):
        super().__init__()
        self.rigid, self.zorder = rigid, zorder
        self.set_clip_on(False)

    def get_children(self):
        return self.rigid.artists

    def get_tightbbox(self, renderer=None):
        return None

    @allow_rasterization
    def draw(self, renderer):
        writer = getattr(renderer, "writer", None)
        artists = sorted(self.rigid.artists, key=lambda a: a.zorder)
        if writer is None:
            if self.rigid.visible:
                for artist in artists:
                    artist.draw(renderer)
            return
        uid = getattr(self.axes.figure, "vmo_uid", "")
        writer.start("g", attrib={"id": f"{uid}-{self.rigid.gid}", **self.rigid.attributes()})
        pose, _ = self.rigid.affine.get_matrix().copy(), self.rigid.affine.clear()
        for artist in artists:
            artist.draw(renderer)
        self.rigid.affine.set_matrix(pose)
        writer.end("g")


class Rigid:
    """A group that moves as one body: `pose` costs one SVG attribute whatever is inside.

    Also used for things that only come and go (all labels) or that share a name (the pieces of one part).
    Members are Curves, other Rigids or any matplotlib artist; Curves and Rigids inside may be live
    themselves.
    """

    def __init__(self, gid, ax, artists=(), zorder=5, visible=True):
        self.gid, self.ax, self.visible, self.artists = gid, ax, visible, []
        self.affine, self._frames = Affine2D(), None
        self.artist = _Group(self, zorder)
        for artist in artists:
            self.add(artist)

    def add(self, member):
        """Put a Curve, Rigid or matplotlib artist into the group; returns it."""
        artist = member.artist if isinstance(member, (Curve, Rigid, Swap)) else member
        artist.axes = None
        artist.set_figure(self.ax.figure)
        artist.axes = self.ax
        if isinstance(member, Rigid):
            member._under(self.affine)
        elif not artist.is_transform_set() or isinstance(member, Curve):
            artist.set_transform(self.affine + self.ax.transData)
        self.artists.append(artist)
        return member

    def _under(self, affine):
        for artist in self.artists:
            if isinstance(artist, _Group):
                artist.rigid._under(self.affine + affine)
            else:
                artist.set_transform(self.affine + affine + self.ax.transData)

    def pose(self, matrix):
        """Move the group: `matrix` is a 3 x 3 affine in data units of the axes."""
        self.affine.set_matrix(np.asarray(matrix, float))

    def set(self, *, visible):
        """Show or hide the group."""
        self.visible = bool(visible)

    def attributes(self):
        """SVG attributes: transform and display."""
        given = {"display": "inline" if self.visible else "none"}
        if self.affine.get_matrix() is not None:
            if self._frames is None:
                s = matrix_of(self.ax)
                self._frames = s, np.linalg.inv(s)
            m = self._frames[0] @ self.affine.get_matrix() @ self._frames[1]
            given["transform"] = (
                f"matrix({m[0, 0]:.5g} {m[1, 0]:.5g} {m[0, 1]:.5g} {m[1, 1]:.5g} "
                f"{round(20 * m[0, 2]) / 20:.6g} {round(20 * m[1, 2]) / 20:.6g})"
            )
        return given


class Swap:
    """Anything else that changes (rare): its group is drawn again alone and swapped whole."""

    def __init__(self, gid, artist, ax):
        self.gid, self.artist, self.ax = gid, artist, ax
        artist.set_gid(f"{getattr(ax.figure, 'vmo_uid', '')}-{gid}")

    def attributes(self):
        """One entry, `markup`: the inside of the group as SVG text."""
        text, figure = io.StringIO(), self.ax.figure
        with drawing(figure.vmo_uid):
            width, height = figure.get_size_inches() * DPI
            renderer = RendererSVG(width, height, text, image_dpi=DPI)
            before = text.tell()
            self.artist.draw(renderer)
            renderer.writer.flush()
        inner = re.sub(r"^\s*<g[^>]*>|</g>\s*$", "", text.getvalue()[before:])
        return {"markup": stack_fonts(re.sub(r' transform="rotate\(-0 [^"]*"', "", inner))}


def tidy_svg(text, width, height):
    """Return matplotlib's SVG without header, size, page-wide CSS and ids other than those of live groups."""
    text = text[text.index("<svg"):]
    text = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.S)
    text = re.sub(r"<svg[^>]*>", f'<svg xmlns="http://www.w3.org/2000/svg" '
                  f'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {width:g} {height:g}" '
                  'stroke-linejoin="round" stroke-linecap="butt">', text, count=1)
    text = re.sub(r'(<g) id="[A-Za-z0-9.]+_\d+"', r"\1", text)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    return stack_fonts(re.sub(r"\s*\n\s*", "\n", text))


@dataclass(frozen=True)
class Handle:
    """Something the pointer drags. `x`, `y`: (control, its change for one data unit) or None.

    Dragging the group `gid` by dx data units changes its control by ``dx * x[1]``; arrow keys move the
    control by its own step.
    """

    gid: str
    label: str
    ax: object
    x: tuple | None = None
    y: tuple | None = None

    def per_pixel(self):
        """{"x": (control, change for one SVG unit to the right), "y": (control, ... one SVG unit down)}."""
        s = matrix_of(self.ax)
        return {
            name: (axis[0], axis[1] / s[i, i])
            for i, (name, axis) in enumerate((("x", self.x), ("y", self.y)))
            if axis is not None
        }


def svg_settings(uid):
    """Return settings under which every piece of SVG is written."""
    return {"svg.fonttype": "none", "svg.hashsalt": uid, "font.family": "DejaVu Sans", "path.simplify": False}


@contextmanager
def drawing(uid):
    """Draw under `svg_settings(uid)`, one thread at a time.

    Matplotlib's settings belong to the whole process: two threads that changed them at once would draw with each
    other's and could leave them behind in the user's session. Everything in this package that draws, does it in
    here. An explorer's own lock is always taken before this one, and nothing in here takes another.
    """
    with _DRAWING, rc_context(svg_settings(uid)):
        yield


def stack_fonts(text):
    """Let the browser choose a like font where DejaVu Sans is missing (Verdana has the same widths)."""
    return re.sub(r"'DejaVu Sans'(?:, sans-serif)?", FONT_STACK, text)


def written(figure, kind, width):
    """A figure as the bytes of a file of that kind ("png", "pdf" ...), `width` pixels wide if it has pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=width / figure.get_figwidth())
    return buffer.getvalue()


class Scene:
    """A picture that is drawn once and then updated.

    Subclasses set `sizes` (layout -> inches), and write `build()` and `update(state)`; where a baseline makes
    sense also `ghost(state)`.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    live : dict of str to Curve, Rigid or Swap
        Everything that may change.
    handles : list of Handle
    parts : dict of str to (name, sentence)
        Groups that can be pointed at or stepped through, in a sensible order.
    """

    sizes = {"wide": (9.0, 6.0)}
    _count = itertools.count(1)

    def __init__(self, layout="wide", uid=None):
        if layout not in self.sizes:
            raise ValueError(f"layout must be one of {', '.join(self.sizes)}; got {layout!r}")
        self.layout = layout
        self.uid = uid or f"s{next(self._count)}{uuid.uuid4().hex[:6]}"
        self.figure = Figure(figsize=self.sizes[layout], dpi=DPI, facecolor="white")
        self.figure.vmo_uid = self.uid
        self.live, self.handles, self.parts = {}, [], {}
        with drawing(self.uid):
            self.build()

    # -- for subclasses -----------------------------------------------------------------------------------
    def build(self):
        """Draw everything once."""
        raise NotImplementedError

    def add(self, live, into=None):
        """Register a live thing and put it on its axes (or into the group `into`); returns it."""
        if live.gid in self.live:
            raise ValueError(f"two live things are called {live.gid!r}")
        self.live[live.gid] = live
        if into is not None:
            return into.add(live)
        if isinstance(live, Curve):
            live.ax.add_patch(live.artist)
        elif isinstance(live, Rigid):
            live.ax.add_artist(live.artist)
        return live

    def curve(self, gid, ax, *args, into=None, **look):
        """Short for ``add(Curve(gid, ax, ...))``."""
        return self.add(Curve(gid, ax, *args, **look), into)

    def group(self, gid, ax, zorder=5, into=None, visible=True):
        """Short for ``add(Rigid(gid, ax))``."""
        return self.add(Rigid(gid, ax, zorder=zorder, visible=visible), into)

    # -- for users ----------------------------------------------------------------------------------------
    def update(self, state):
        """Show `state`; touches live things only."""
        raise NotImplementedError

    def ghost(self, state):
        """Show `state` as the pinned baseline, or hide the baseline (None)."""

    def labels(self, show=True):
        """Show or hide the names of anatomical parts (self-test)."""
        if "labels" in self.live:
            self.live["labels"].set(visible=show)

    def frame(self):
        """All live attributes now: {gid: {attribute: text}}."""
        return {gid: live.attributes() for gid, live in self.live.items()}

    def svg(self):
        """The whole picture as one <svg> element, live groups with their ids in place."""
        text = io.StringIO()
        with drawing(self.uid):
            FigureCanvasSVG(self.figure).print_svg(
                text, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        width, height = self.figure.get_size_inches() * DPI
        return tidy_svg(text.getvalue(), width, height)

    def png(self, width=900):
        """The picture as PNG bytes, `width` pixels wide."""
        return self.file("png", width)

    def file(self, kind, width=1600):
        """The picture as the bytes of a file: "svg" as `svg` gives it, else by matplotlib; `width` in pixels."""
        if kind == "svg":
            return self.svg().encode()
        with drawing(self.uid):
            return written(self.figure, kind, width)
