"""The section through the kneecap joint of several scenes: kneecap in its groove, ligaments, fluid.

A scene makes one `Section` on its drawing axes and calls `update` with plain numbers.
"""
from functools import lru_cache

import numpy as np
from matplotlib.lines import Line2D

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import POUCH_FULL
from vmo_edu.knee import Knee
from vmo_edu.models.patella import geometry, potential
from vmo_edu.models.patella.parameters import mechanics

GRID = np.arange(-34.0, 38.25, 0.25)             # mm lateral of the groove: places of its drawn surface
FACETS = (-18.0, 22.0)                           # the drawn facets of the groove end here, mm
FORMED = 40                                      # degrees of flexion: from here on the groove keeps its shape
FULL_TENSION = 80.0                              # N at which a ligament is drawn thickest
RIDGE = -3.5                                     # the median ridge of the kneecap in its own frame, mm
BAND = 2.3                                       # half width of the pressure band at the top of the scale, mm
NAMES = {"patella": "patella", "medial retinaculum and MPFL": "medial", "lateral retinaculum": "lateral",
         "iliotibial band": "itb"}


def groove(depth, flexion=FORMED):
    """Change of shape (a function of (n, 2) points) that gives the drawn femur the groove of the model.

    depth : height of the lateral wall, 1 normal, 0 flat
    flexion : degrees; under a straight knee the walls are lower than further down the groove
    """
    raised = _raised(float(depth), _stage(flexion))

    def field(points):
        x, y = points.T
        near = np.clip((y + 34.0) / 26.0, 0, 1)
        return np.stack([x, y + np.interp(x, GRID, raised) * near * near * (3 - 2 * near)], axis=1)

    return field


def surface(depth, flexion=FORMED):
    """Height (mm) of the drawn groove at the places of `GRID`: between its crests exactly the model's."""
    return _outline() + _raised(float(depth), _stage(flexion))


def spanned(ends, pose):
    """Change of shape (a function of (n, 2) points) that spans a band between its ends, with no wave in it.

    ends : its end on the femur, which stays, and its end on the kneecap, which takes `pose`
    """
    start, end = np.asarray(ends, float)
    before, after = end - start, anatomy.place(end[None], pose)[0] - start
    length = np.hypot(*before)
    along, now = before / length, after / np.hypot(*after)
    stretch = np.hypot(*after) / length

    def field(points):
        far, off = (points - start) @ along, (points - start) @ np.array([-along[1], along[0]])
        return start + stretch * far[:, None] * now + off[:, None] * np.array([-now[1], now[0]])

    return field


def _stage(flexion):
    return FORMED if flexion is None else min(round(float(flexion)), FORMED)


@lru_cache(maxsize=1)
def _outline():
    """Upper edge of the femur and its cartilage as they are in the outline data, at the places of `GRID`."""
    top = np.full(len(GRID), -np.inf)
    for name in ("femur", "trochlear cartilage"):
        a = anatomy.parts("transverse")[name].polygon
        b = np.roll(a, -1, axis=0)
        run = np.where(a[:, 0] == b[:, 0], 1e-9, b[:, 0] - a[:, 0])
        t = (GRID[:, None] - a[:, 0]) / run
        top = np.maximum(top, np.where((t >= 0) & (t <= 1), a[:, 1] + t * (b[:, 1] - a[:, 1]), -np.inf).max(axis=1))
    return top


@lru_cache(maxsize=512)
def _raised(depth, flexion):
    """How much higher than in the outline data the groove of the model is, mm; beyond its crests as on them."""
    x = np.clip(GRID, *FACETS)
    lanes = geometry.build([Knee(trochlear_depth=depth)], np.array([float(flexion)]), mechanics())
    return potential.groove(x[:, None], lanes)[0][:, 0] - np.interp(x, GRID, _outline())


@lru_cache(maxsize=1)
def _parts():
    """The parts of the section; articular surfaces drawn finely enough to take the shape of the model's."""
    found = dict(anatomy.parts("transverse"))
    data = found["patellar cartilage"].data
    u, v, _width = geometry.contact_nodes(mechanics())
    order = np.argsort(u)
    across = np.array([18.6, 16.5, 14, 11, 8, 5, 2.5, 0.5, -1, -2.3, -3.5, -4.7, -6, -8, -10.5, -13, -15.5, -17.6])
    under = np.interp(across, u[order], v[order])
    under[0] = under[1] + 0.9 * (across[0] - across[1])         # beyond the last contact point it turns up
    more = len(across) - 10                        # they stand for the ten articular points of the data
    points = [*data["points"][:2], *np.stack([across, under], 1).tolist(), *data["points"][12:]]
    corners = [c if c < 2 else c + more for c in data["corners"]]
    found["patellar cartilage"] = anatomy.Part({**data, "points": points, "corners": corners})
    data = found["trochlear cartilage"].data
    across = np.array([21.5, 19, 16, 13, 10, 7, 4.5, 2.5, 1, 0, -1, -2.5, -4.5, -7, -10, -13, -16, -18.6])
    points = [*data["points"][:3], *np.stack([across, np.interp(across, GRID, _outline())], 1).tolist(),
              *data["points"][14:]]
    corners = [c if c < 3 else c + len(across) - 11 for c in data["corners"]]
    found["trochlear cartilage"] = anatomy.Part({**data, "points": points, "corners": corners})
    for name in ("lateral recess", "medial recess"):                # open where the two meet: no line there
        found[name] = anatomy.Part({**found[name].data, "closed": False})
    skin = found["skin"].data                      # a wide blend: a narrow one would fold the skin over a shift
    found["skin"] = anatomy.Part({**skin, "blend": {"centre": [0, 30], "inner": [14, 4], "reach": [46, 46]}})
    return found


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
        self.rest = np.asarray(anatomy.outlines()["transverse"]["patella_rest"]["centre"], float)
        self.views = {}
        known = {name.split(" (")[0].lower() for name, _text in scene.parts.values()}
        self.patella = scene.group(prefix + "patella-body", ax, zorder=10)
        for name, part in _parts().items():
            own = part.data.get("frame") == "patella"
            moving = not own and (
                len(part.bodies) == 2 or name in ("femur", "trochlear cartilage", "iliotibial band")
            )
            self.views[name] = view = anatomy.View(scene, ax, part, prefix, live=moving,
                                                   into=self.patella if own else None)
            if part.name in anatomy.ABOUT and part.name not in known:
                scene.parts[view.gid] = (part.name[0].upper() + part.name[1:], anatomy.ABOUT[part.name])
        lower = self.views["patellar cartilage"].part.polygon
        self._facets = lower[(lower[:, 1] < 1.0) & (np.abs(lower[:, 0]) < 22.3)]
        self._followers = []
        self._shape = None
        self._form(1.0, None)
        self.contact = self._draw_contact() if contact else {}

    def _draw_contact(self):
        self._foundation = mechanics().foundation                 # MPa for 1 mm of overlap
        found = {}
        for side in ("lateral", "medial"):
            found[side] = self.scene.curve(f"{self.prefix}pressure-{side}", self.ax, zorder=9.7,
                                           xy=np.zeros((2, 2)), facecolor=style.pressure_colour(0),
                                           edgecolor=style.INK,
                                           linewidth=0.8, into=self.patella)
            found[side + "-force"] = self.scene.curve(
                f"{self.prefix}force-{side}", self.ax, zorder=12, xy=np.zeros((8, 2)), closed=True,
                facecolor=style.FORCE, edgecolor="#FFFFFF", linewidth=0.9)
        return found

    def pose(self, shift, tilt, depth=1.0, flexion=None, height=None):
        """Pose of the kneecap's own frame: at `height` mm over its rest, or lying on the groove (None)."""
        height = self.seat(shift, tilt, depth, flexion) if height is None else height
        return anatomy.rigid(self.rest, (shift, height), tilt, from_origin=True)

    def seat(self, shift, tilt, depth=1.0, flexion=None):
        """Height (mm over its rest) at which the moved kneecap just touches the drawn groove."""
        x, y = anatomy.place(self._facets, anatomy.rigid(self.rest, (shift, 0.0), tilt, from_origin=True)).T
        return float(np.max(np.interp(x, GRID, surface(depth, flexion)) - y))

    def follow(self, curve, still, riding):
        """Let a curve keep up with the kneecap.

        still : (n, 2) array, the part of its vertices that stays
        riding : (n, 3) array, points (x, y, 1) of the kneecap's own frame, or zeros, added to it
        """
        self._followers.append((curve, still, riding))

    def _form(self, depth, flexion):
        """Give the drawn groove the shape that the model's has at this angle."""
        shape = float(depth), _stage(flexion)
        if shape != self._shape:
            self._shape, self._field = shape, groove(*shape)
            for name in ("femur", "trochlear cartilage"):
                self.views[name].move({}, field=self._field)

    def show(self, state):
        """Show a whole state of a knee: its `knee`, `now`, `flexion`, `curve.points` and `pressure`."""
        now, knee = state.now, state.knee
        self.update(
            now["groove_shift"],
            now["tilt"],
            depth=knee.trochlear_depth,
            effusion=knee.effusion,
            itb=knee.itb_tension,
            ligaments={
                "medial": (knee.medial_retinaculum, now["mpfl_tension"]),
                "lateral": (knee.lateral_retinaculum, now["lateral_retinaculum_tension"]),
            },
            contact={
                side: (now[f"{side}_force"], now[f"peak_{side}_pressure"])
                for side in ("lateral", "medial")
                if now["converged"] and now["in_groove"]  # beyond its groove no load of the patella is a result
            },
            points=state.curve.points,
            pressure=state.pressure,
            flexion=state.flexion,
            height=now["height"],
        )

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
        flexion=None,
        height=None,
    ):
        """Show the section.

        shift, tilt : mm lateral of the groove, degrees lateral
        depth : height of the lateral wall of the groove, 1 normal, 0 flat
        lift : mm that the kneecap floats above the groove
        effusion : ml
        ligaments : mapping "medial" / "lateral" -> (stiffness 0..1, tension N)
        itb : N
        contact : mapping "lateral" / "medial" -> (force N, peak pressure MPa)
        points, pressure : (n, 2) points of the kneecap's surface in its own frame, lateral facet first from
            the ridge outwards, then medial; MPa at each
        flexion : degrees, for the shape of the groove there (default: the formed groove)
        height : mm over the rest place, from the model: cartilages overlap by what they are pressed together;
            without it the kneecap just touches
        """
        self._form(depth, flexion)
        move = (shift, (self.seat(shift, tilt, depth, flexion) if height is None else height) + lift)
        self.patella.pose(anatomy.rigid(self.rest, move, tilt, from_origin=True))
        pose = self.patella.affine.get_matrix()
        for curve, still, riding in self._followers:
            curve.set(vertices=still + riding @ pose[:2].T)
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
        field = spanned(view.part.data["blend"], poses["patella"]) if stiffness > 0 else None
        view.move(poses, thin=-round(level, 3), field=field)
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
            seen = peak > 0.01
            line, load = points[mine], pressure[mine]
            touched = np.flatnonzero(load > 0.02)                     # the force stands upright on what is pressed
            along = line[min(touched[-1] + 1, len(line) - 1)] - line[max(touched[0] - 1, 0)] if len(
                touched) else line[-1] - line[0]
            up = np.array([-along[1], along[0]]) / np.hypot(*along)
            up = up if up[1] > 0 else -up
            self.contact[side].set(xy=self._patches(line, load, up), visible=seen,
                                   facecolor=style.pressure_colour(peak))
            middle = (load @ line) / max(load.sum(), 1e-9) - 2.6 * up
            length = min(force * self.FORCE_SCALE, 44.0)
            ends = anatomy.place(np.array([middle - length * up, middle]), pose)
            self.contact[side + "-force"].set(xy=style.arrow(*ends, 3.0), visible=seen and length > 0.3)

    def _patches(self, line, load, up):
        """Outlines of the loaded stretches of one facet: as thick as the load is high, ending in tips."""
        inside = np.r_[False, load > 0.02, False]
        starts, stops = np.flatnonzero(~inside[:-1] & inside[1:]), np.flatnonzero(inside[:-1] & ~inside[1:])
        # centred on the interface: half of what the two cartilages are pressed into each other
        centre = line + (0.5 * load / self._foundation)[:, None] * up
        band = (0.1 + BAND * np.sqrt(np.minimum(load / style.PRESSURE_TOP, 1.5)))[:, None] * up
        step, loops = 0.5 * (line[-1] - line[0]) / (len(line) - 1), []
        for i, j in zip(starts, stops, strict=True):
            first, last = centre[i] - step, centre[j - 1] + step
            loops += [first, *(centre + band)[i:j], last, *(centre - band)[i:j][::-1], first, (np.nan, np.nan)]
        return np.array(loops) if loops else np.zeros((0, 2))

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
