"""Scene of the Q-angle: the limb, the knee close up with landmarks to drag, and the published norms."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from vmo_edu import evidence
from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Handle, Scene
from vmo_edu.models import qangle

PROXIMAL, PROXIMAL_FILL = style.VL, "#CFE1EF"      # part of the angle above the patella
DISTAL, DISTAL_FILL = "#B04A00", "#F8D3BA"         # part below it
LOW, HIGH = -5.0, 40.0                             # range of the ruler, degrees


def _wedge(centre, start, stop, radius, steps=12):
    """Sector between two directions (degrees lateral of straight up) as an outline."""
    a = np.radians(np.linspace(start, stop, steps))
    return np.vstack([centre, centre + radius * np.stack([np.sin(a), np.cos(a)], 1)])


def _tubercle_field(shift):
    """The bump of the tubercle moves by `shift`; the shaft around it hardly does."""
    centre = anatomy.anchors("frontal")["tibial_tubercle"]

    def field(points):
        near = np.exp(-np.sum(((points - centre) / (22, 34)) ** 2, axis=1))
        return points + near[:, None] * shift

    return field


class _Limb:
    """One drawing of the limb: its movable bones, the lines of the angle, the landmarks."""

    def __init__(self, scene, ax, prefix, radius, reach, names=None, source="limb"):
        self.scene, self.prefix, self.radius, self.reach = scene, prefix, radius, reach
        self.rest = anatomy.anchors("limb")
        curve = scene.curve
        self.wedges = [
            curve(f"{prefix}wedge-{name}", ax, xy=np.zeros((13, 2)), closed=True, facecolor=fill,
                  edgecolor=edge, linewidth=1.0, alpha=0.85, zorder=19)
            for name, fill, edge in (("proximal", PROXIMAL_FILL, PROXIMAL), ("distal", DISTAL_FILL, DISTAL))
        ]
        look = {"xy": np.zeros((2, 2)), "zorder": 20}
        self.lines = {
            "shaft": curve(
                f"{prefix}vertical", ax, edgecolor=style.SOFT_INK, linewidth=1.0, linestyle=":", **look),
            "proximal": curve(f"{prefix}line-proximal", ax, edgecolor=PROXIMAL, linewidth=2.2, **look),
            "distal": curve(f"{prefix}line-distal", ax, edgecolor=DISTAL, linewidth=2.2, **look),
            "beyond": curve(
                f"{prefix}line-beyond", ax, edgecolor=DISTAL, linewidth=1.8, linestyle="--", **look),
        }
        self.ghosts = [
            curve(f"{prefix}ghost-{i}", ax, edgecolor=style.GHOST, linewidth=1.5, linestyle="--",
                  visible=False, **look)
            for i in range(2)
        ]
        self.views = {}
        for name, part in anatomy.parts(source).items():
            if names is not None and name not in names:
                continue
            moving = (
                name in ("hip bone", "hip socket", "femur", "tibia", "patellar tendon", "patella")
                and source == "limb"
            )
            moving = moving or (source == "frontal" and name in ("tibia", "patellar tendon", "patella"))
            self.views[name] = anatomy.View(scene, ax, part, prefix, live=moving)
            self.views[name].moving = moving
        self.top = ax.get_ylim()[1] - 1.0              # lines end at the frame
        self.middle = anatomy.outlines()["limb"]["midline"]

    def show(self, asis, patella, tubercle, q):
        move = asis - self.rest["ASIS"]
        hip = anatomy.rigid((0, 0), move)
        knee = anatomy.rigid((0, 0), patella)
        shift = tubercle - self.rest["tibial_tubercle"]
        poses = {"pelvis": hip, "patella": knee, "tibia": anatomy.rigid((0, 0), shift)}
        for name, view in self.views.items():
            if not view.moving:
                continue
            if name == "femur":
                def with_hip(p):                       # the head follows the pelvis, the condyles stay
                    w = np.clip((p[:, 1] - 20.0) / 360.0, 0, 1)
                    return p + (w * w * (3 - 2 * w))[:, None] * move
                view.move({}, field=with_hip)
            elif name == "tibia":
                view.move({}, field=_tubercle_field(shift))
            else:
                view.move(poses)
        down = patella - tubercle
        end = patella + down / np.hypot(*down) * self.reach
        share = min(1.0, (self.top - patella[1]) / (asis[1] - patella[1]))
        self.lines["proximal"].set(xy=np.array([patella, patella + share * (asis - patella)]))
        self.lines["distal"].set(xy=np.array([patella, tubercle]))
        self.lines["beyond"].set(xy=np.array([patella, end]))
        self.lines["shaft"].set(xy=np.array([patella, patella + (0, self.reach)]))
        proximal = np.degrees(np.arctan2(*(asis - patella)))
        self.wedges[0].set(xy=_wedge(patella, 0, proximal, self.radius))
        self.wedges[1].set(xy=_wedge(patella, 0, proximal - q, self.radius * 0.94))

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None)."""
        for line in self.ghosts:
            line.set(visible=state is not None)
        if state is not None:
            asis, patella, tubercle = (_point(getattr(state, n)) for n in ("asis", "patella", "tubercle"))
            share = min(1.0, (self.top - patella[1]) / (asis[1] - patella[1]))
            self.ghosts[0].set(xy=np.array([patella, patella + share * (asis - patella)]))
            self.ghosts[1].set(
                xy=np.array([tubercle, patella, patella + (patella - tubercle) * self.reach / 66]))


def _point(value):
    return np.ravel(np.asarray(value, float))[:2]


class QAngleScene(Scene):
    """The Q-angle on the limb.

    The state needs `asis`, `patella`, `tubercle` (x lateral, y proximal of the default patella centre, mm),
    and `proximal`, `distal`, `q_angle` (degrees): a `QAngleResult` of one setting will do. The published
    norms on the ruler come from `qangle.norms()`.
    """

    sizes = {"wide": (9.2, 6.9), "tall": (3.6, 10.2)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        f = self.figure
        limb = style.drawing_axes(
            f, [0.0, 0.0, 0.29, 1.0] if wide else [0.0, 0.53, 0.45, 0.47], (190, -200, -500, 560))
        close = style.drawing_axes(f, [0.295, 0.075, 0.345, 0.865] if wide else [0.455, 0.56, 0.54, 0.405],
                                   (88, -76, -108, 122) if wide else (76, -66, -108, 122))
        self.limb = _Limb(self, limb, "limb-", 150.0, 300.0)
        if wide:
            self._other_side(limb)
        front = {"femur", "trochlear cartilage", "tibia", "fibula", "lateral meniscus", "medial meniscus",
                 "patellar tendon", "patella"}
        self.close = _Limb(self, close, "knee-", 88.0, 108.0, front, "frontal")
        self._frame(close)
        self._handles(limb, close)
        self._names(limb, close)
        self._ruler([0.665, 0.075, 0.32, 0.70] if wide else [0.05, 0.045, 0.91, 0.405])
        for view in (*self.limb.views.values(), *self.close.views.values()):
            if view.part.name in anatomy.ABOUT and view.gid.startswith("knee-"):
                self.parts[view.gid] = (
                    view.part.name[0].upper() + view.part.name[1:],
                    anatomy.ABOUT[view.part.name],
                )

    def _other_side(self, ax):
        """The left hip bone as a ghost (it stays), and the body's middle."""
        part = anatomy.parts("limb")["hip bone"]
        view = anatomy.View(self, ax, part, "other-", live=False, z=1.5, shade=False,
                            colours=("#F5F1E8", "#CFC8B8", 1.0))
        mirror = np.diag([-1.0, 1, 1])
        mirror[0, 2] = 2 * self.limb.middle
        view.move({"pelvis": mirror})

    def _frame(self, ax):
        left, right = ax.get_xlim()
        low, high = ax.get_ylim()
        for y in (high, low - 90):  # what the drawing holds above and below the frame
            ax.add_patch(
                Rectangle((right, y), left - right, 90, clip_on=False, facecolor="white", edgecolor="none",
                          zorder=23)
            )
        ax.add_patch(
            Rectangle((right, low), left - right, high - low, facecolor="none", edgecolor="#B9B9B9", lw=1.0,
                      zorder=24, clip_on=False)
        )
        title = "Close up: drag the rings" if self.layout == "wide" else "Drag the rings"
        ax.text(0.5, 1.012, title, transform=ax.transAxes, fontsize=style.TEXT,
                fontweight="bold", color=style.INK, ha="center", va="bottom", zorder=25)

    def _handles(self, limb, close):
        """Rings to drag: ASIS on the limb, patella and tubercle in the close-up (plain dots on the limb)."""
        self.rings = {}
        rings = (("asis", limb, PROXIMAL, "ASIS: pelvic width and length of the femur",
                  ("pelvic_width", 2.0), ("femur_length", 1.0)),
                 ("patella", close, style.INK, "Patella centre", ("patella_offset", 1.0), None),
                 ("tubercle", close, DISTAL, "Tibial tubercle", ("tubercle_offset", 1.0), None))
        for key, ax, colour, label, x, y in rings:
            self.rings[key] = self._ring(f"handle-{key}", ax, colour, 8.5)
            self.handles.append(Handle(f"handle-{key}", label, ax, x, y))
        for key, colour in (("patella", style.INK), ("tubercle", DISTAL)):
            self.rings["limb-" + key] = self._ring(f"dot-{key}", limb, colour, 4.0)

    def _ring(self, gid, ax, colour, radius):
        group = self.group(gid, ax, zorder=26)
        group.add(
            _still(gid + "-ring", ax, style.discs(ax, [(0, 0)], radius), facecolor="#FFFFFF",
                   edgecolor=colour, linewidth=2.4 if radius > 5 else 1.6)
        )
        if radius > 5:
            group.add(_still(gid + "-middle", ax, style.discs(ax, [(0, 0)], 2.2), facecolor=colour, zorder=6))
        return group

    def _names(self, limb, close):
        wide = self.layout == "wide"
        names = self.group("labels", close, 60)
        more = self.group("labels-limb", limb, 60)
        self.leaders = {}
        for key, group, ax, text, at, gap in (
            ("patella", names, close, "patella", (52, 34) if wide else (38, 44), (17, 8)),
            ("tubercle", names, close, "tibial\ntubercle" if wide else "tibial tubercle",
             (52, -94) if wide else (-10, -133), (8, -6) if wide else (-2, -9)),
            ("asis", more, limb, "ASIS", (124, 500) if wide else (94, 526), (20, 8) if wide else (24, 24)),
        ):
            group.add(Text(*at, text, fontsize=style.SMALL, color=style.INK, linespacing=1.1, va="center", ha="right"))
            start = np.array(at, float) - (3 * style.per_point(ax)[0], 0)
            leader = self.curve(f"leader-{key}", ax, xy=[start, start], edgecolor=style.INK, linewidth=0.7, into=group)
            self.leaders[key] = leader, start, np.array(gap, float)
        anatomy.label(more, limb, "femur", (112, 150) if wide else (80, 150), (32, 150), style.SMALL)
        anatomy.label(more, limb, "tibia", (-85, -220), (-12, -220), style.SMALL)

    def _ruler(self, rect):
        """Published means +- SD by source: men hollow squares, women filled dots; the present Q as a line."""
        blocks = {}
        for norm in qangle.norms():
            blocks.setdefault((norm.source_key, norm.status), []).append(norm)
        blocks = dict(sorted(blocks.items(), key=lambda item: (item[0][1] == "unchecked", item[1][0].group)))
        rows, y = [], 0.0
        for (key, status), norms in blocks.items():
            words = str(evidence.cite(key))
            if not evidence.cite(key).authors:          # no authors known: say who was measured, and the key
                words = f"{norms[0].group.split(',')[0].replace(' men', ' adults')} ({key})"
            rows.append(
                (y, words[0].upper() + words[1:] + (" (unverified)" if status == "unchecked" else ""), norms))
            y += 1.75 + 0.5 * len(norms)
        ax = style.plot_axes(self.figure, rect, xlim=(LOW, HIGH), ylim=(y - 0.2, -0.7), xlabel="Q-angle (°)",
                             xticks=range(0, 41, 5), yticks=[])
        ax.spines["left"].set_visible(False)
        for top, words, norms in rows:
            ax.text(LOW + 0.2, top, words, fontsize=style.SMALL, color=style.INK,
                    va="center", zorder=9, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.8})
            for i, norm in enumerate(norms):
                self._norm(ax, norm, top + 0.92 + 0.5 * i)
        self.ruler = ax
        self.mark = self.curve(
            "q-line", ax, xy=[(0, 0), (0, 1)], edgecolor=style.INK, linewidth=2.0, zorder=8)
        self.ghost_mark = self.curve("q-ghost", ax, xy=[(0, 0), (0, 1)], edgecolor=style.GHOST, linewidth=1.6,
                                     linestyle="--", zorder=7, visible=False)
        self.beyond = self.curve("q-beyond", ax, xy=np.zeros((3, 2)), closed=True, facecolor=style.INK, zorder=12,
                                 visible=False)
        self.top, self.bottom = -0.7, y - 0.2
        self._sum(rect)

    @staticmethod
    def _norm(ax, norm, y):
        women = norm.sex == "women"
        colour = style.EVIDENCE
        if norm.sd is not None:
            ax.plot([norm.mean - norm.sd, norm.mean + norm.sd], [y, y], color=colour,
                    lw=2.2 if women else 1.4, solid_capstyle="butt", zorder=10,
                    alpha=0.55 if norm.status == "unchecked" else 0.9)
        ax.plot([norm.mean], [y], marker="o" if women else "s", ms=5.0 if women else 4.6,
                mfc=colour if women else "white", mec=colour, mew=1.3, lw=0, zorder=11)

    def _sum(self, rect):
        """Above the ruler: proximal + distal = Q as two bars on the same scale, and the key of the signs."""
        height = 0.125 if self.layout == "wide" else 0.065
        ax = self.figure.add_axes([rect[0], rect[1] + rect[3] + 0.012, rect[2], height])
        ax.set(xlim=(LOW, HIGH), ylim=(0, 3))
        ax.axis("off")
        pt = style.per_point(ax)[0]
        for x, words, colour in (
            (0, "Proximal", PROXIMAL),
            (70, "+ distal", DISTAL),
            (129, "= Q", style.INK),
        ):
            ax.text(LOW + x * pt, 2.95, words, fontsize=style.TITLE, fontweight="bold", color=colour, va="top")
        self.bars = [
            self.curve(f"bar-{name}", ax, xy=np.zeros((4, 2)), closed=True, facecolor=fill, edgecolor=edge,
                       linewidth=1.2, zorder=5)
            for name, fill, edge in (("proximal", PROXIMAL_FILL, PROXIMAL), ("distal", DISTAL_FILL, DISTAL))
        ]
        for x, marker, words in ((6, "s", "men"), (48, "o", "women")):
            ax.add_artist(
                Line2D([LOW + x * pt], [0.32], marker=marker, ms=5, mfc="white" if marker == "s" else style.EVIDENCE,
                       mec=style.EVIDENCE, mew=1.3, lw=0)
            )
            ax.text(LOW + (x + 8) * pt, 0.32, words, fontsize=style.SMALL, color=style.INK, va="center")
        ax.text(HIGH, 0.32, "published mean ± SD", fontsize=style.SMALL,
                color=style.EVIDENCE, va="center", ha="right")

    def update(self, state):
        """Show a state; touches live things only."""
        asis, patella, tubercle = (_point(getattr(state, name)) for name in ("asis", "patella", "tubercle"))
        proximal, distal, q = (
            float(np.ravel(getattr(state, name))[0]) for name in ("proximal", "distal", "q_angle")
        )
        for drawing in (self.limb, self.close):
            drawing.show(asis, patella, tubercle, q)
        for key, at in (
            ("asis", asis),
            ("patella", patella),
            ("tubercle", tubercle),
            ("limb-patella", patella),
            ("limb-tubercle", tubercle),
        ):
            self.rings[key].pose(anatomy.rigid((0, 0), at))
        for key, (leader, start, gap) in self.leaders.items():
            end = {"asis": asis, "patella": patella, "tubercle": tubercle}[key] + gap
            leader.set(xy=[start, end])
        edge = min(max(q, LOW), HIGH)
        self.mark.set(xy=[(q, self.bottom), (q, self.top)], visible=edge == q)
        side = 1.0 if q > HIGH else -1.0                      # off the ruler: a tip that says where to
        self.beyond.set(xy=[(edge, self.top + 0.5), (edge, self.top - 0.5), (edge + side, self.top)], visible=edge != q)
        for bar, a, b in zip(self.bars, (0.0, proximal), (proximal, proximal + distal), strict=True):
            a, b = (min(max(v, LOW), HIGH) for v in (a, b))
            bar.set(xy=[(a, 0.95), (b, 0.95), (b, 1.85), (a, 1.85)])

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None)."""
        for drawing in (self.limb, self.close):
            drawing.ghost(state)
        self.ghost_mark.set(visible=state is not None)
        if state is not None:
            q = min(max(float(np.ravel(state.q_angle)[0]), LOW), HIGH)
            self.ghost_mark.set(xy=[(q, self.bottom), (q, self.top)])

    def labels(self, show=True):
        """Show or hide the anatomical names."""
        for gid in ("labels", "labels-limb"):
            self.live[gid].set(visible=show)


def _still(gid, ax, path, **look):
    from vmo_edu.figures.scene import Curve
    return Curve(gid, ax, path, **look)
