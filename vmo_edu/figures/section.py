"""The section through the kneecap joint of several scenes: kneecap in its groove, ligaments, fluid.

A scene makes one `Section` on its drawing axes and calls `update` with plain numbers.
"""
import numpy as np
from matplotlib.lines import Line2D

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import POUCH_FULL

SLOPES = {"lateral": 20.0, "medial": 14.0}       # inclination of the drawn facets of the groove, degrees
FACET = 27.0                                     # the lateral facet ends here, mm lateral of the groove
FULL_TENSION = 80.0                              # N at which a ligament is drawn thickest
RIDGE = -3.5                                     # the median ridge of the kneecap in its own frame, mm
BAND = 2.2                                       # half width of the pressure band at the top of the scale, mm
NAMES = {"patella": "patella", "medial retinaculum and MPFL": "medial", "lateral retinaculum": "lateral",
         "iliotibial band": "itb"}


def groove(depth):
    """Change of shape (a function of (n, 2) points) of a femur with `depth` of its lateral wall."""
    slope = np.tan(np.radians(SLOPES["lateral"]))

    def field(points):
        x, y = points.T
        near = np.clip((y + 34.0) / 26.0, 0, 1)
        raised = (depth - 1) * slope * np.clip(x, 0, FACET) * near * near * (3 - 2 * near)
        return np.stack([x, y + raised], axis=1)

    return field


class Section:
    """The transverse section on the axes `ax` of a scene.

    Parameters
    ----------
    scene, ax : Scene and its drawing axes (mm)
    prefix : str
        Begins every gid.
    contact : bool
        Draw the loaded facets and the arrows of the contact forces.
    """

    def __init__(self, scene, ax, prefix="", contact=False):
        self.scene, self.ax, self.prefix = scene, ax, prefix
        data = anatomy.outlines()["transverse"]
        self.rest = np.asarray(data["patella_rest"]["centre"], float)
        self.lines = {body: {side: np.asarray(points, float) for side, points in sides.items()}
                      for body, sides in data["contact"].items()}
        self.views = {}
        known = {name.split(" (")[0].lower() for name, _text in scene.parts.values()}
        self.patella = scene.group(prefix + "patella-body", ax, zorder=10)
        for name, part in anatomy.parts("transverse").items():
            own = part.data.get("frame") == "patella"
            moving = not own and (
                len(part.bodies) == 2 or name in ("femur", "trochlear cartilage", "iliotibial band")
            )
            self.views[name] = view = anatomy.View(scene, ax, part, prefix, live=moving,
                                                   into=self.patella if own else None)
            if part.name in anatomy.ABOUT and part.name not in known:
                scene.parts[view.gid] = (part.name[0].upper() + part.name[1:], anatomy.ABOUT[part.name])
        self._depth = 1.0
        self._field = groove(1.0)
        self.contact = self._draw_contact() if contact else {}

    def _draw_contact(self):
        found = {}
        for side in ("lateral", "medial"):
            found[side] = self.scene.curve(f"{self.prefix}pressure-{side}", self.ax, zorder=9.7,
                                           xy=np.zeros((2, 2)), closed=True,
                                           facecolor=style.pressure_colour(0), edgecolor=style.INK,
                                           linewidth=0.8, into=self.patella)
            found[side + "-force"] = self.scene.curve(
                f"{self.prefix}force-{side}", self.ax, zorder=12, xy=np.zeros((8, 2)), closed=True,
                facecolor=style.FORCE, edgecolor="#FFFFFF", linewidth=0.9)
        return found

    def pose(self, shift, tilt, depth=1.0):
        """Pose of the kneecap's own frame when it lies on the drawn groove."""
        return anatomy.rigid(self.rest, (shift, self.seat(shift, tilt, depth)), tilt, from_origin=True)

    def seat(self, shift, tilt, depth=1.0):
        """Height (mm over its rest) at which the moved kneecap just touches the drawn groove."""
        pose = anatomy.rigid(self.rest, (shift, 0.0), tilt, from_origin=True)
        femur, patella = self.lines["femur"], self.lines["patella"]
        wall = np.vstack([femur["medial"][::-1], groove(depth)(femur["lateral"])])
        facets = anatomy.place(np.vstack([patella["medial"], patella["lateral"]]), pose)
        wall, facets = (p[np.argsort(p[:, 0])] for p in (wall, facets))
        x = np.linspace(max(wall[0, 0], facets[0, 0]), min(wall[-1, 0], facets[-1, 0]), 80)
        return float(np.max(np.interp(x, *wall.T) - np.interp(x, *facets.T)))

    def update(
        self,
        shift=0.0,
        tilt=0.0,
        depth=1.0,
        lift=0.0,
        effusion=0.0,
        ligaments=None,
        itb=0.0,
        contact=None,
        points=None,
        pressure=None,
    ):
        """Show the section.

        shift, tilt : mm lateral of the groove, degrees lateral; the drawn height follows from the drawn
            contact
        depth : height of the lateral wall of the groove, 1 normal, 0 flat
        lift : mm that the kneecap floats above the groove
        effusion : ml
        ligaments : mapping "medial" / "lateral" -> (stiffness 0..1, tension N)
        itb : N
        contact : mapping "lateral" / "medial" -> (force N, peak pressure MPa)
        points, pressure : (n, 2) points of the kneecap's surface in its own frame, lateral facet first from
            the ridge outwards, then medial; MPa at each
        """
        if depth != self._depth:
            self._depth, self._field = depth, groove(depth)
            for name in ("femur", "trochlear cartilage"):
                self.views[name].move({}, field=self._field)
        move = (shift, self.seat(shift, tilt, depth) + lift)
        self.patella.pose(anatomy.rigid(self.rest, move, tilt, from_origin=True))
        poses = {"patella": anatomy.rigid(self.rest, move, tilt)}
        self._soft(poses, effusion)
        ligaments = ligaments or {}
        self._ligament("medial retinaculum and MPFL", poses, *ligaments.get("medial", (1.0, 0.0)))
        self._ligament("lateral retinaculum", poses, *ligaments.get("lateral", (1.0, 0.0)))
        self._tension(self.views["iliotibial band"], 1.0, itb / 100.0)
        if self.contact:
            self._show_contact(contact or {}, points, pressure)

    def _soft(self, poses, effusion):
        """Skin and joint fluid."""
        fill = min(max(effusion / POUCH_FULL, 0.0), 1.0)
        for name, view in self.views.items():
            if len(view.part.bodies) < 2 or NAMES.get(name):
                continue
            view.move(poses, fill=fill if view.part.role == "fluid" else 0.0, field=self._field
                      if view.part.role == "fluid" else None)
            if view.part.role == "fluid":
                view.curves["outline"].set(alpha=round(view.alpha * (0.5 + 0.5 * fill), 3))

    def _ligament(self, name, poses, stiffness, tension):
        view = self.views[name]
        level = min(max(tension / FULL_TENSION, 0.0), 1.0) ** 0.5
        view.move(poses, thin=-round(level, 3))
        view.cut(stiffness <= 0.0)
        self._tension(view, stiffness, level)

    @staticmethod
    def _tension(view, stiffness, level):
        level = min(max(level, 0.0), 1.0)
        fill = style.mix(view.face, "#8F8468", round(level, 2))
        strong = round(0.35 + 0.65 * min(stiffness, 1.0), 3) if stiffness > 0 else 1.0
        view.curves["outline"].set(facecolor=fill, edgecolor=style.mix(view.edge, "#3F3A2E", round(level, 2)),
                                   linewidth=round(1.2 + 0.9 * level, 2), alpha=round(view.alpha * strong, 3))
        if "lines" in view.curves:
            view.curves["lines"].set(edge_alpha=round(0.2 + 0.5 * strong * (1 - level), 3))

    def _show_contact(self, contact, points, pressure):
        pose = self.patella.affine.get_matrix()
        for side, mine in (("lateral", points[:, 0] > RIDGE), ("medial", points[:, 0] <= RIDGE)):
            force, peak = contact.get(side, (0.0, 0.0))
            loaded = mine & (pressure > 0.01)
            line, load = (
                (points[loaded], pressure[loaded]) if loaded.sum() > 1 else (points[mine], pressure[mine])
            )
            seen = peak > 0.01
            along = line[-1] - line[0]
            up = np.array([-along[1], along[0]]) / np.hypot(*along)
            up = up if up[1] > 0 else -up
            band = (0.3 + BAND * np.sqrt(np.minimum(load / style.PRESSURE_TOP, 1.5)))[:, None] * up
            self.contact[side].set(xy=np.vstack([line + band, (line - band)[::-1]]), visible=seen,
                                   facecolor=style.pressure_colour(peak))
            middle = (load @ line) / max(load.sum(), 1e-9) - 2.6 * up
            length = min(force * self.FORCE_SCALE, 44.0)
            ends = anatomy.place(np.array([middle - length * up, middle]), pose)
            self.contact[side + "-force"].set(xy=style.arrow(*ends, 3.0), visible=seen and length > 0.3)

    FORCE_SCALE = 0.16         # mm of arrow for one newton of contact force (cut at 44 mm)


class SideLeg:
    """A small leg from the side that bends: shows which knee angle a section belongs to.

    Parameters
    ----------
    scene, ax : Scene and axes with equal scales
    knee : (x, y) of the knee; the thigh comes from the viewer's left, the shank turns down
    length : length of thigh and of shank, data units
    """

    def __init__(self, scene, ax, knee, length, gid="leg"):
        self.knee = np.asarray(knee, float)
        way = np.sign(ax.get_xlim()[1] - ax.get_xlim()[0])
        self.way = way
        width = length * 0.36 / style.per_point(ax)[0]
        hip, foot = self.knee - (way * length, 0), self.knee + (way * length, 0)
        for z, colour, extra in ((11, style.COLOURS["skin"][1], 2.4), (11.2, style.COLOURS["skin"][0], 0.0)):
            ax.add_line(
                Line2D([hip[0], self.knee[0]], [hip[1], self.knee[1]], lw=width + extra, color=colour,
                       zorder=z, solid_capstyle="round")
            )
        self.shank = scene.group(gid, ax, zorder=11.4)
        for z, colour, extra in ((1, style.COLOURS["skin"][1], 2.4), (2, style.COLOURS["skin"][0], 0.0)):
            self.shank.add(
                Line2D([self.knee[0], foot[0]], [self.knee[1], foot[1]], lw=0.8 * width + extra, color=colour,
                       zorder=z, solid_capstyle="round")
            )
        ax.add_line(
            Line2D([hip[0], self.knee[0]], [hip[1], self.knee[1]], lw=width, color=style.COLOURS["skin"][0],
                   zorder=11.6, solid_capstyle="round")
        )
        cap = self.knee + (way * 0.12 * length, 0.24 * length)
        ax.add_line(
            Line2D([cap[0]], [cap[1]], marker="o", ms=0.42 * width, mfc=style.BONE_FILL, mec=style.BONE,
                   mew=1.0, zorder=11.8)
        )

    def bend(self, flexion):
        """Turn the shank: 0 is a straight knee, 90 a right angle."""
        self.shank.pose(anatomy.rigid(self.knee, (0.0, 0.0), self.way * flexion))
