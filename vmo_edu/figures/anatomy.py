"""The anatomical outlines of the course as movable drawings: how each looks, what it moves with.

`outlines.json` holds smooth curves in mm (right knee, x lateral). Everything costly happens once at load:
curves become Beziers, fibres are trimmed to their muscle, shaded rims are cut out. Moving a part is then
one weighted sum over its control points.
"""
import json
from functools import lru_cache
from pathlib import Path as File

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.text import Text

from vmo_edu.figures import style
from vmo_edu.figures.scene import Rigid

STEPS = 12                     # samples along one Bezier segment when it is cut or measured

ABOUT = {
    "femur": "Thigh bone. Its front end carries the groove in which the kneecap glides.",
    "tibia": "Shin bone. The patellar tendon pulls on it.",
    "fibula": "Thin bone on the lateral side of the leg; it carries no part of the kneecap joint.",
    "trochlear cartilage": "The groove (trochlea): its higher lateral wall stops a lateral slip.",
    "lateral meniscus": "Cushion between femur and tibia on the lateral side.",
    "medial meniscus": "Cushion between femur and tibia on the medial side.",
    "vastus intermedius": "Deep head of the quadriceps; pulls straight up the shaft of the femur.",
    "suprapatellar pouch": "Upper pocket of the joint cavity: extra fluid (effusion) gathers here first.",
    "medial patellofemoral ligament": "MPFL: from femur to medial border; the main passive check to lateral.",
    "medial retinaculum": "Fibrous sheet on the medial side, from patella and tendon to the tibia.",
    "lateral retinaculum": "Fibrous sheet on the lateral side, tied to the iliotibial band.",
    "patellar tendon": "From the apex of the kneecap to the tibial tubercle; also called patellar ligament.",
    "vastus medialis, long part": "VML: long part of the vastus medialis; fibres some 20° medial.",
    "vastus lateralis, long part": "VLL: long part of the vastus lateralis, the largest of the five pulls.",
    "vastus lateralis obliquus": "VLO: lowest fibres of the vastus lateralis; pulls up and lateral.",
    "vastus medialis obliquus": "VMO: lowest fibres of the vastus medialis; pulls the kneecap medial.",
    "quadriceps tendon": "Common tendon of the quadriceps, into the upper border of the kneecap.",
    "iliotibial band": "ITB: strong band from hip to tibia; some of its fibres hold the kneecap.",
    "rectus femoris": "RF: the head of the quadriceps that also crosses the hip; fibres run like a feather.",
    "patella": "Kneecap: a pulley that gives the quadriceps a longer lever.",
    "tibial tubercle": "Where the patellar tendon ends on the tibia: the lower landmark of the Q-angle.",
}


@lru_cache(maxsize=1)
def outlines():
    """The content of outlines.json (do not change it)."""
    return json.loads((File(__file__).parent / "outlines.json").read_text(encoding="utf-8"))


def bezier(points, closed=True, corners=()):
    """Centripetal Catmull-Rom through `points` (n, 2) as one Bezier Path, sharp at `corners`."""
    p = np.asarray(points, float)
    n = len(p)
    sharp = np.zeros(n, bool)
    sharp[list(corners)] = True
    if not closed:
        sharp[[0, -1]] = True
    i = np.arange(n if closed else n - 1)
    j = (i + 1) % n
    a, b = p[i], p[j]
    before = np.where(sharp[i, None], a, p[i - 1])
    after = np.where(sharp[j, None], b, p[(i + 2) % n])
    d1, d2, d3 = (np.sqrt(np.maximum(np.hypot(*v.T), 1e-9))[:, None] for v in (a - before, b - a, after - b))
    c1 = (d1**2 * b - d2**2 * before + (2 * d1**2 + 3 * d1 * d2 + d2**2) * a) / (3 * d1 * (d1 + d2))
    c2 = (d3**2 * a - d2**2 * after + (2 * d3**2 + 3 * d3 * d2 + d2**2) * b) / (3 * d3 * (d3 + d2))
    c1 = np.where(sharp[i, None], a + (b - a) / 3, c1)
    c2 = np.where(sharp[j, None], b + (a - b) / 3, c2)
    vertices = np.vstack([p[:1], np.stack([c1, c2, b], 1).reshape(-1, 2)])
    codes = np.r_[Path.MOVETO, np.full(3 * len(i), Path.CURVE4)]
    if closed:
        vertices, codes = np.vstack([vertices, vertices[:1]]), np.r_[codes, Path.CLOSEPOLY]
    return Path(vertices, codes.astype(np.uint8))


def sample(vertices, steps=STEPS):
    """Points along a chain of Bezier segments, vertices (1 + 3 k, 2) -> (1 + steps * k, 2)."""
    k = (len(vertices) - 1) // 3
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = (vertices[i:i + 3 * k:3][:, None, :] for i in (0, 1, 2, 3))
    points = (1 - t)**3 * a + 3 * t * (1 - t)**2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
    return np.vstack([points.reshape(-1, 2), vertices[-1:]])


def _cut(segment, t0, t1):
    """The piece between t0 and t1 of one Bezier segment (4, 2)."""
    def left(s, t):
        a = s[:-1] + t * np.diff(s, axis=0)
        b = a[:-1] + t * np.diff(a, axis=0)
        return np.array([s[0], a[0], b[0], b[0] + t * (b[1] - b[0])])

    head = left(segment, t1)
    return left(head[::-1], 1 - t0 / t1 if t1 else 1.0)[::-1]


def trim(vertices, outline):
    """Pieces of a Bezier chain (1 + 3 k, 2) that lie inside the closed polygon Path `outline`."""
    t = np.arange(STEPS * ((len(vertices) - 1) // 3) + 1) / STEPS

    def at(s):
        k = min(int(s), (len(vertices) - 4) // 3)
        return _cut(vertices[3 * k:3 * k + 4], 0.0, s - k)[3]

    inside = outline.contains_points(sample(vertices))
    edges = np.flatnonzero(np.diff(inside.astype(int)))
    ends = [0.0] if inside[0] else []
    for e in edges:
        low, high = t[e], t[e + 1]
        for _ in range(6):
            middle = (low + high) / 2
            low, high = (middle, high) if outline.contains_point(at(middle)) == inside[e] else (low, middle)
        ends.append((low + high) / 2)
    if inside[-1]:
        ends.append(t[-1])
    pieces = []
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        first, last = int(start), int(np.ceil(stop))
        run = [
            _cut(vertices[3 * k : 3 * k + 4], max(start - k, 0.0), min(stop - k, 1.0))
            for k in range(first, last)
        ]
        pieces.append(np.vstack([run[0][:1], *[r[1:] for r in run]]))
    return pieces


def rim(polygon, shift):
    """What a polygon (n, 2) covers and its copy moved by `shift` does not: closed outlines."""
    a = polygon if _area(polygon) > 0 else polygon[::-1]
    b = a + np.asarray(shift, float)
    ia, ib, ta, tb = _crossings(a, b)
    if len(ia) < 2:
        return []
    points = a[ia] + ta[:, None] * (np.roll(a, -1, 0)[ia] - a[ia])
    da, db = np.roll(a, -1, 0)[ia] - a[ia], np.roll(b, -1, 0)[ib] - b[ib]
    leaving = da[:, 0] * db[:, 1] - da[:, 1] * db[:, 0] > 0  # here the outline comes out of the moved one
    on_a, on_b = np.argsort(ia + ta), np.argsort(ib + tb)
    next_a = {on_a[i]: on_a[(i + 1) % len(on_a)] for i in range(len(on_a))}
    before_b = {on_b[i]: on_b[i - 1] for i in range(len(on_b))}
    todo, found = set(np.flatnonzero(leaving)), []
    while todo:
        start = k = todo.pop()
        loop = []
        for _ in range(len(ia)):
            stop = next_a[k]
            loop += [points[k:k + 1], _between(a, ia[k] + ta[k], ia[stop] + ta[stop])]
            back = before_b[stop]
            loop += [points[stop:stop + 1], _between(b, ib[back] + tb[back], ib[stop] + tb[stop])[::-1]]
            k = back
            if k == start:
                break
            todo.discard(k)
        found.append(np.vstack(loop))
    return [simplify(f, 0.12) for f in found if abs(_area(f)) > 0.5]


def _area(polygon):
    x, y = polygon.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _beyond(polygon, u, limit):
    """The piece of a polygon (n, 2) where ``u @ point >= limit``."""
    side = polygon @ u - limit
    found = []
    for i, (p, s) in enumerate(zip(polygon, side, strict=True)):
        before, b = polygon[i - 1], side[i - 1]
        if (s >= 0) != (b >= 0):
            found.append(before + b / (b - s) * (p - before))
        if s >= 0:
            found.append(p)
    return np.array(found)


def _crossings(a, b):
    """Where the edges of closed polygons a and b cross: edge numbers and positions along the edges."""
    r, s = np.roll(a, -1, 0) - a, np.roll(b, -1, 0) - b
    cross = r[:, None, 0] * s[None, :, 1] - r[:, None, 1] * s[None, :, 0]
    gap = b[None] - a[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (gap[..., 0] * s[None, :, 1] - gap[..., 1] * s[None, :, 0]) / cross
        u = (gap[..., 0] * r[:, None, 1] - gap[..., 1] * r[:, None, 0]) / cross
    ia, ib = np.nonzero((t >= 0) & (t < 1) & (u >= 0) & (u < 1) & (cross != 0))
    return ia, ib, t[ia, ib], u[ia, ib]


def _between(polygon, start, stop):
    """Corners of a closed polygon between positions `start` and `stop` (edge number + part of it)."""
    n = len(polygon)
    first, count = int(start) + 1, int(stop) - int(start)
    if stop < start:
        count += n
    return polygon[(first + np.arange(count)) % n]


def simplify(points, tolerance):
    """Fewer points for the same line, never further than `tolerance` away (Douglas and Peucker)."""
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    stack = [(0, len(points) - 1)]
    while stack:
        i, j = stack.pop()
        if j - i < 2:
            continue
        u, v = points[j] - points[i], points[i + 1:j] - points[i]
        length = np.hypot(*u)
        away = np.hypot(*v.T) if length < 1e-9 else np.abs(u[0] * v[:, 1] - u[1] * v[:, 0]) / length
        k = int(np.argmax(away))
        if away[k] > tolerance:
            k += i + 1
            keep[k] = True
            stack += [(i, k), (k, j)]
    return points[keep]


def share(points, part):
    """How far each point goes along with the part's second body: 0 not at all, 1 fully."""
    blend = part["blend"]
    if isinstance(blend, dict):  # full inside a box round the centre, fading out over `reach`
        away = np.abs(points - np.array(blend["centre"])) - np.array(blend["inner"])
        t = 1 - np.hypot(*(np.maximum(away, 0) / np.array(blend["reach"])).T)
    else:  # fading in along a line from its first to its second point
        start, end = np.asarray(blend, float)
        t = (points - start) @ (end - start) / ((end - start) @ (end - start))
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


IDENTITY = np.eye(3)


def rigid(centre, shift=(0.0, 0.0), turn=0.0, from_origin=False):
    """Pose (3 x 3) of a body that turns by `turn` degrees about its centre (+x towards -y), then shifts.

    from_origin: the points are in the body's own frame, with its centre at (0, 0).
    """
    a = np.radians(turn)
    turned = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    centre = np.asarray(centre, float)
    pose = np.eye(3)
    pose[:2, :2] = turned
    pose[:2, 2] = centre + np.asarray(shift, float) - (0 if from_origin else turned @ centre)
    return pose


def place(points, pose):
    """Points (n, 2) moved by a 3 x 3 pose."""
    return points @ pose[:2, :2].T + pose[:2, 2]


def _compound(paths):
    return Path(
        np.vstack([p.vertices for p in paths]), np.concatenate([p.codes for p in paths]).astype(np.uint8))


def _chain(vertices):
    return Path(vertices, np.r_[Path.MOVETO, np.full(len(vertices) - 1, Path.CURVE4)].astype(np.uint8))


def _loop(points):
    return Path(np.vstack([points, points[:1]]),
                np.r_[Path.MOVETO, np.full(len(points) - 1, Path.LINETO), Path.CLOSEPOLY].astype(np.uint8))


class Part:
    """One anatomical part, ready to draw and to move.

    Attributes
    ----------
    name, slug, role, colour, z : from the outline data (`slug`: the name as part of a gid)
    pieces : dict of str to Path at rest: "outline", "shade1", "shade2", "lines" (fibres and details)
    thin_by : (n, 2) array
        Where every point goes when the muscle is fully wasted, minus where it is (zero for other parts).
    """

    def __init__(self, data):
        self.data = data
        self.name, self.role, self.colour, self.z = (data[k] for k in ("name", "role", "colour", "z"))
        self.slug = data.get("abbr", data["name"]).lower().replace(",", "").replace(" ", "-")
        self.bodies = data["moves_with"]
        corners = data.get("corners", ())
        states = data.get("states")
        outline = bezier(states["empty"] if states else data["points"], data["closed"], corners)
        self.polygon = sample(outline.vertices[:-1] if data["closed"] else outline.vertices)[:-1]
        self.pieces = {"outline": _compound([outline, *[bezier(h) for h in data.get("holes", ())]])}
        if states:
            self.full = bezier(states["full"], data["closed"], corners).vertices
        elif data.get("shade"):
            for k, name in ((1.0, "shade1"), (0.5, "shade2")):
                loops = rim(self.polygon, k * np.asarray(data["shade"], float))
                if loops:
                    self.pieces[name] = _compound([_loop(loop) for loop in loops])
        lines = [bezier(d["points"], d["closed"], d.get("corners", ())) for d in data.get("details", ())]
        clip = Path(np.vstack([self.polygon, self.polygon[:1]]))
        for fibre in data.get("fibres", ()):
            lines += [_chain(v) for v in trim(bezier(fibre, False).vertices, clip)]
        if lines:
            self.pieces["lines"] = _compound(lines)
        if self.role == "ligament" and isinstance(data.get("blend"), list):
            self.pieces["stump"] = self._stumps()
        sizes = [len(p.vertices) for p in self.pieces.values()]
        stops = np.cumsum(sizes)
        self.slices = {k: slice(e - n, e) for k, n, e in zip(self.pieces, sizes, stops, strict=True)}
        self.rest = np.vstack([p.vertices for p in self.pieces.values()])
        self.thin_by = np.zeros_like(self.rest)
        self.weight = self._weights()

    def _weights(self):
        if len(self.bodies) == 1:
            return None
        if "weights" not in self.data:
            return share(self.rest, self.data)[:, None]
        w = np.asarray(self.data["weights"], float)                # per outline point; fluid recesses only
        v = np.roll(w, -1)
        w = np.r_[w[0], np.stack([(2 * w + v) / 3, (w + 2 * v) / 3, v], 1).ravel()]
        return np.r_[w, w[:1]][:len(self.rest), None]

    def _stumps(self):
        """What is left at both ends of a band that has been cut through: it gapes in the middle."""
        start, end = np.asarray(self.data["blend"], float)
        u = (end - start) / ((end - start) @ (end - start))
        return _compound([_loop(simplify(_beyond(self.polygon, -u, -u @ start - 0.40), 0.1)),
                          _loop(simplify(_beyond(self.polygon, u, u @ start + 0.66), 0.1))])

    def moved(self, poses, thin=0.0, fill=0.0, field=None):
        """All control points with bodies at `poses` (body -> 3 x 3), wasted by `thin`, filled by `fill`.

        field : function of (n, 2), optional
            A further change of shape of what is fixed to the first body (flattening the groove).
        """
        points = self.rest
        if fill:
            points = (1 - fill) * points + fill * self.full
        if thin:
            points = points + thin * self.thin_by
        first = place(points if field is None else field(points), poses.get(self.bodies[0], IDENTITY))
        if self.weight is None:
            return first
        return first + self.weight * (place(points, poses.get(self.bodies[1], IDENTITY)) - first)


# Muscles waste towards a line near the border shared with a neighbour: (two points of it, share lost)
THIN = {"VMO": (((-15, 24), (-40, 112)), 0.42), "VML": (((-4, 60), (-12, 200)), 0.16),
        "VLL": (((22, 40), (30, 200)), 0.16), "VLO": (((17, 30), (60, 86)), 0.40),
        "RF": (((6, 48), (16, 200)), 0.20), "VI": (((4, 30), (10, 200)), 0.20)}


THICKER = 1.3                  # mm that each border of a ligament in the section moves out under full tension


def _set_thick(part):
    """Let a ligament of the section grow thicker (negative `thin`) along the normals of its outline."""
    piece = part.slices["outline"]
    v = part.rest[piece][:-1]
    along = np.roll(v, -1, 0) - np.roll(v, 1, 0)
    normal = np.stack([along[:, 1], -along[:, 0]], 1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    outward = normal if _area(part.polygon) > 0 else -normal
    part.thin_by[piece] = -THICKER * np.vstack([outward, outward[:1]])


def _set_thin(part):
    rule = THIN.get(part.data.get("abbr"))
    if rule is None:
        return
    (start, end), lost = np.asarray(rule[0], float), rule[1]
    u = (end - start) / np.hypot(*(end - start))
    across = part.rest - start
    across = across - (across @ u)[:, None] * u
    hold = np.clip((np.hypot(*(part.rest - part.rest[0] * 0).T) - 22) / 30, 0, 1)[
        :, None]  # stays on the patella
    part.thin_by = -lost * hold * across


def frontal_part(data):
    """A Part of the frontal scene, with its way of wasting."""
    part = Part(data)
    _set_thin(part)
    return part


@lru_cache(maxsize=8)
def parts(scene):
    """The parts of a scene ("frontal", "limb", "transverse") by name, in drawing order."""
    found = {}
    for data in outlines()[scene]["parts"]:
        part = frontal_part(data) if scene == "frontal" else Part(data)
        if scene == "transverse" and part.role == "ligament":
            _set_thick(part)
        found[part.name] = part
    return dict(sorted(found.items(), key=lambda item: item[1].z))


def anchors(scene, key="anchors"):
    """Named points of a scene as arrays, mm."""
    return {name: np.asarray(point, float) for name, point in outlines()[scene][key].items()}


class View:
    """A Part drawn on axes: outline, shaded rim and inner lines, as one group that can be pointed at.

    live : bool
        Whether its pieces may move or change (then they are registered with the scene).
    """

    LOOKS = {"shade1": 0.15, "shade2": 0.15}

    def __init__(self, scene, ax, part, prefix="", live=True, into=None, z=None, shade=True, colours=None):
        self.part, self.scene = part, scene
        self.gid = prefix + part.slug
        face, edge, alpha = colours or style.COLOURS[part.colour]
        self.alpha, self.face, self.edge = alpha, face, edge
        self.group = Rigid(self.gid, ax, zorder=part.z if z is None else z)
        self.curves = {}
        width = 1.2 if part.data.get("outline", True) else 0.0
        for i, (name, path) in enumerate(part.pieces.items()):
            if name.startswith("shade") and not shade:
                continue
            look = {
                "outline": {
                    "facecolor": face,
                    "edgecolor": edge if width else "none",
                    "linewidth": width,
                    "alpha": alpha,
                },
                "stump": {
                    "facecolor": face,
                    "edgecolor": edge,
                    "linewidth": 1.2,
                    "alpha": alpha,
                    "visible": False,
                },
                "lines": {"edgecolor": edge, "linewidth": 0.75, "edge_alpha": 0.6},
            }.get(name, {"facecolor": edge, "edgecolor": "none", "alpha": self.LOOKS.get(name, 0.15) * alpha})
            curve = _curve(f"{self.gid}-{name}", ax, path, look, i)
            self.curves[name] = curve
            if live:
                scene.live[curve.gid] = curve
            self.group.add(curve)
        if into is not None:
            into.add(self.group)
        else:
            ax.add_artist(self.group.artist)
        self._last = None

    def move(self, poses, thin=0.0, fill=0.0, field=None):
        """Show the part with its bodies at `poses`; see `Part.moved`."""
        points = self.part.moved(poses, thin, fill, field)
        for name, curve in self.curves.items():
            curve.set(vertices=points[self.part.slices[name]])

    def become(self, part):
        """Show another Part of the same kind (fibres turned) in the same place."""
        self.part = part
        for name, curve in self.curves.items():
            curve.set(path=part.pieces[name])

    def fade(self, level):
        """Opacity: 1 as at rest, 0 only the outline is left."""
        level = float(np.clip(level, 0.0, 1.0))
        for name, curve in self.curves.items():
            if name == "outline":
                curve.set(alpha=round(self.alpha * (0.10 + 0.90 * level), 3),
                          edge_alpha=round(0.55 + 0.45 * level, 3))
            elif name == "lines":
                curve.set(edge_alpha=round(0.12 + 0.48 * level, 3))
            else:
                curve.set(alpha=round(self.LOOKS[name] * self.alpha * (0.2 + 0.8 * level), 3))

    def cut(self, is_cut):
        """Show a band whole, or only the two stumps that are left of it."""
        for name, curve in self.curves.items():
            curve.set(visible=(name == "stump") == bool(is_cut))

    def show(self, visible):
        """Show or hide all pieces."""
        for curve in self.curves.values():
            curve.set(visible=bool(visible))


def _curve(gid, ax, path, look, zorder):
    from vmo_edu.figures.scene import Curve
    return Curve(gid, ax, path, zorder=zorder, **look)


def label(group, ax, text, at, to, size=style.TEXT, colour=style.INK, dot=True):
    """Add a name beside the drawing with a thin leader to its part; all of it goes into `group`."""
    on_left = (at[0] > to[0]) == (ax.get_xlim()[0] > ax.get_xlim()[1])
    name = Text(*at, text, fontsize=size, color=colour, linespacing=1.1, va="center",
                ha="right" if on_left else "left", zorder=61)
    gap = 3 * style.per_point(ax)[0] * np.sign(np.subtract(to, at)[0] or 1)
    leader = Line2D([at[0] + gap, to[0]], [at[1], to[1]], color=colour, lw=0.7, zorder=60)
    group.add(leader)
    if dot:
        group.add(Line2D([to[0]], [to[1]], marker="o", ms=2.8, color=colour, lw=0, zorder=61))
    group.add(name)


def word(group, ax, text, at, size=style.TEXT, colour=style.INK):
    """Add a name that stands on its part; it goes into `group`."""
    group.add(
        Text(*at, text, fontsize=size, color=colour, linespacing=1.1, ha="center", va="center", zorder=61))
