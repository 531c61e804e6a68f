"""The knee from the front as it is drawn in several scenes: muscles fade and waste, kneecap and pouch move.

A scene makes one `Frontal` on its drawing axes and calls `update` with plain numbers.
"""
import numpy as np

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Curve, Rigid

MUSCLES = {"rf_vi": ("rectus femoris", "vastus intermedius"), "vml": ("vastus medialis, long part",),
           "vmo": ("vastus medialis obliquus",), "vll": ("vastus lateralis, long part",),
           "vlo": ("vastus lateralis obliquus",)}
POUCH_FULL = 120.0             # ml at which the pouch is drawn full


class Frontal:
    """The frontal knee on the axes `ax` of a scene.

    Parameters
    ----------
    scene, ax : Scene and its drawing axes (mm)
    prefix : str
        Begins every gid.
    names : sequence of str, optional
        Only these parts (default: all).
    pouch_on_top : bool
        Draw the joint fluid over the muscles, where the effusion is the subject.
    """

    def __init__(self, scene, ax, prefix="", names=None, pouch_on_top=False):
        self.scene, self.ax = scene, ax
        self.views = {}
        for name, part in anatomy.parts("frontal").items():
            if names is not None and name not in names:
                continue
            on_top = pouch_on_top and part.role == "fluid"
            moving = "patella" in part.bodies and len(part.bodies) == 2
            view = anatomy.View(scene, ax, part, prefix, live=moving or part.role == "fluid",
                                z=15 if on_top else None)
            self.views[name] = view
            if part.bodies == ["patella"]:
                scene.live[view.gid] = view.group
            if part.name in anatomy.ABOUT:
                title = part.name + (f" ({part.data['abbr']})" if "abbr" in part.data else "")
                scene.parts[view.gid] = (title[0].upper() + title[1:], anatomy.ABOUT[part.name])
        if names is None:
            self._tubercle(prefix)

    def _tubercle(self, prefix):
        """A faint disc where the patellar tendon ends, so that the tubercle can be pointed at."""
        at = anatomy.anchors("frontal")["tibial_tubercle"]
        gid = f"{prefix}tibial-tubercle"
        group = Rigid(gid, self.ax, zorder=8.5)
        disc = style.discs(self.ax, [at], 5.0)
        group.add(Curve(f"{gid}-disc", self.ax, disc, facecolor=style.BONE, alpha=0.22))
        self.ax.add_artist(group.artist)
        self.scene.parts[gid] = ("Tibial tubercle", anatomy.ABOUT["tibial tubercle"])

    def update(self, activation=None, shift=0.0, tilt=0.0, turn=0.0, effusion=0.0, size=None):
        """Show the knee.

        activation : mapping head -> activation x relative size (0..2); sets how full the colour is
        size : mapping head -> relative size (default: the activation); sets how far a muscle has wasted
        shift, tilt, turn : lateral shift (mm), lateral tilt (deg, seen as a narrower kneecap), turn in the
            plane
        effusion : ml
        """
        activation = activation or {}
        size = activation if size is None else size
        pose = anatomy.rigid((0, 0), (shift, 0.0), turn)
        pose[:, :1] *= np.cos(np.radians(tilt)) if abs(tilt) > 0.5 else 1.0
        poses = {"patella": pose}
        heads = {name: head for head, names in MUSCLES.items() for name in names}
        for name, view in self.views.items():
            part = view.part
            if part.bodies == ["patella"]:
                view.group.pose(pose)
            elif part.role == "fluid":
                fill = min(max(effusion / POUCH_FULL, 0.0), 1.0)
                view.move({}, fill=fill)
                view.curves["outline"].set(alpha=round(view.alpha * (0.35 + 0.65 * fill), 3))
            elif name in heads:
                level = float(activation.get(heads[name], 1.0))
                view.move(poses, thin=float(np.clip(1 - size.get(heads[name], 1.0), -0.4, 1.0)))
                view.fade(level)
            elif len(part.bodies) == 2 and "patella" in part.bodies:
                view.move(poses)
