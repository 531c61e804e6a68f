"""The section through the kneecap joint as it is drawn in several scenes: kneecap in its groove, ligaments, fluid.

A scene makes one `Section` on its drawing axes and calls `update` with plain numbers.
"""
import numpy as np

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import POUCH_FULL
from vmo_edu.figures.scene import Curve, Rigid

SLOPES = {"lateral": 20.0, "medial": 14.0}       # inclination of the drawn facets of the groove, degrees
FACET = 27.0                                     # the lateral facet ends here, mm lateral of the groove
FULL_TENSION = 60.0                              # N at which a ligament is drawn thickest
NAMES = {"patella": "patella", "medial retinaculum and MPFL": "medial", "lateral retinaculum": "lateral",
         "iliotibial band": "itb"}


def groove(depth):
    """Change of shape (a function of (n, 2) points) of a femur whose lateral facet has `depth` of its height."""
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
        self.patella = scene.group(prefix + "patella-body", ax, zorder=10)
        for name, part in anatomy.parts("transverse").items():
            own = part.data.get("frame") == "patella"
            moving = not own and (len(part.bodies) == 2 or name in ("femur", "trochlear cartilage", "iliotibial band"))
            self.views[name] = view = anatomy.View(scene, ax, part, prefix, live=moving,
                                                   into=self.patella if own else None)
            if part.name in anatomy.ABOUT and view.gid not in scene.parts:
                scene.parts[view.gid] = (part.name[0].upper() + part.name[1:], anatomy.ABOUT[part.name])
        self._depth = 1.0
        self._field = groove(1.0)
        self.contact = self._draw_contact() if contact else {}

    def _draw_contact(self):
        found = {}
        for side in ("lateral", "medial"):
            found[side] = self.scene.curve(f"{self.prefix}contact-{side}", self.ax, zorder=9.2, linewidth=2,
                                           xy=self.lines["femur"][side], edgecolor=style.pressure_colour(0))
            found[side + "-rim"] = self.scene.curve(
                f"{self.prefix}contact-{side}-rim", self.ax, zorder=9.1, linewidth=3.4, xy=self.lines["femur"][side],
                edgecolor=style.INK, edge_alpha=0.55)
            found[side + "-force"] = self.scene.curve(
                f"{self.prefix}force-{side}", self.ax, zorder=9.3, xy=np.zeros((8, 2)), closed=True,
                facecolor=style.FORCE, edgecolor="#FFFFFF", linewidth=0.7, alpha=0.95)
        return found

    def seat(self, shift, tilt, depth=1.0):
        """Height (mm over its rest) at which the moved kneecap just touches the drawn groove."""
        pose = anatomy.rigid(self.rest, (shift, 0.0), tilt, from_origin=True)
        femur, patella = self.lines["femur"], self.lines["patella"]
        wall = np.vstack([femur["medial"][::-1], groove(depth)(femur["lateral"])])
        facets = anatomy.place(np.vstack([patella["medial"], patella["lateral"]]), pose)
        wall, facets = (p[np.argsort(p[:, 0])] for p in (wall, facets))
        x = np.linspace(max(wall[0, 0], facets[0, 0]), min(wall[-1, 0], facets[-1, 0]), 80)
        return float(np.max(np.interp(x, *wall.T) - np.interp(x, *facets.T)))

    def update(self, shift=0.0, tilt=0.0, depth=1.0, lift=0.0, effusion=0.0, ligaments=None, itb=0.0, contact=None):
        """Show the section.

        shift, tilt : mm lateral of the groove, degrees lateral; the drawn height follows from the drawn contact
        depth : height of the lateral wall of the groove, 1 normal, 0 flat
        lift : mm that the kneecap floats above the groove
        effusion : ml
        ligaments : mapping "medial" / "lateral" -> (stiffness 0..1, tension N)
        itb : N
        contact : mapping "lateral" / "medial" -> (force N, pressure MPa)
        """
        if depth != self._depth:
            self._depth, self._field = depth, groove(depth)
            for name in ("femur", "trochlear cartilage"):
                self.views[name].move({}, field=self._field)
        move = (shift, self.seat(shift, tilt, depth) + lift)
        self.patella.pose(anatomy.rigid(self.rest, move, tilt, from_origin=True))
        poses = {"patella": anatomy.rigid(self.rest, move, tilt)}
        fill = min(max(effusion / POUCH_FULL, 0.0), 1.0)
        for name, view in self.views.items():
            if len(view.part.bodies) < 2 or NAMES.get(name):
                continue
            view.move(poses, fill=fill if view.part.role == "fluid" else 0.0, field=self._field
                      if view.part.role == "fluid" else None)
            if view.part.role == "fluid":
                view.curves["outline"].set(alpha=round(view.alpha * (0.5 + 0.5 * fill), 3))
        ligaments = ligaments or {}
        self._ligament("medial retinaculum and MPFL", poses, *ligaments.get("medial", (1.0, 0.0)))
        self._ligament("lateral retinaculum", poses, *ligaments.get("lateral", (1.0, 0.0)))
        self._tension(self.views["iliotibial band"], 1.0, itb / 100.0)
        if self.contact:
            self._show_contact(contact or {}, depth)

    def _ligament(self, name, poses, stiffness, tension):
        view = self.views[name]
        level = min(max(tension / FULL_TENSION, 0.0), 1.0)
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

    def _show_contact(self, contact, depth):
        for side in ("lateral", "medial"):
            force, pressure = contact.get(side, (0.0, 0.0))
            line = self.lines["femur"][side]
            line = groove(depth)(line) if side == "lateral" else line
            level = min(max(pressure / style.PRESSURE_TOP, 0.0), 1.0)
            seen = pressure > 0.01
            self.contact[side].set(xy=line, edgecolor=style.pressure_colour(pressure), visible=seen,
                                   linewidth=round(2.2 + 5.5 * level, 2))
            self.contact[side + "-rim"].set(xy=line, visible=seen, linewidth=round(3.6 + 5.5 * level, 2))
            middle = line[4]
            along = line[-1] - line[0]
            up = np.array([-along[1], along[0]]) / np.hypot(*along)
            up = up if up[1] > 0 else -up
            length = min(force * self.FORCE_SCALE, 40.0)
            tip = middle - 2.2 * up
            self.contact[side + "-force"].set(xy=style.arrow(tip - length * up, tip, 3.0), visible=length > 0.3)

    FORCE_SCALE = 0.16         # mm of arrow for one newton of contact force (cut at 40 mm)
