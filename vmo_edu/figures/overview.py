"""Scene of the start lesson: the knee from the front with every part named, and its section."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import Frontal
from vmo_edu.figures.scene import Curve, Scene
from vmo_edu.figures.section import Section

# name on the picture, where the text goes, what it points at (mm); one set for each layout
WIDE = (
    ("vastus lateralis,\nlong part (VLL)", (91, 152), (66, 132)),
    ("iliotibial band\n(ITB)", (91, 96), (75, 96)),
    ("vastus lateralis\nobliquus (VLO)", (91, 44), (48, 40)),
    ("lateral\nretinaculum", (91, 4), (38, 1)),
    ("patella\n(kneecap)", (91, -22), (14, -8)),
    ("groove of\nthe femur", (91, -47), (20, -27)),
    ("fibula", (91, -70), (48, -62)),
    ("tibial tubercle", (91, -96), (11, -73)),
    ("rectus\nfemoris (RF)", (-74, 172), (8, 160)),
    ("vastus medialis,\nlong part (VML)", (-74, 132), (-38, 126)),
    ("vastus medialis\nobliquus (VMO)", (-74, 84), (-41, 64)),
    ("quadriceps tendon", (-74, 46), (-2, 40)),
    ("medial patello-\nfemoral ligament\n(MPFL)", (-74, 10), (-37, 0.4)),
    ("medial\nretinaculum", (-74, -34), (-32, -38)),
    ("patellar tendon", (-74, -66), (6, -52)),
    ("tibia", (-74, -100), (-14, -92)),
)
TALL = (
    ("VLL", (93, 150), (66, 132)),
    ("iliotibial\nband", (93, 94), (75, 94)),
    ("VLO", (93, 40), (48, 40)),
    ("lateral\nretinaculum", (79, 2), (38, 1)),
    ("patella", (93, -26), (14, -8)),
    ("groove", (93, -46), (20, -27)),
    ("fibula", (93, -66), (48, -62)),
    ("tibial\ntubercle", (93, -92), (11, -73)),
    ("RF", (-73, 172), (8, 160)),
    ("VML", (-73, 132), (-38, 126)),
    ("VMO", (-73, 84), (-41, 64)),
    ("quadriceps\ntendon", (-67, 34), (-2, 40)),
    ("MPFL", (-73, 6), (-37, 0.4)),
    ("medial\nretinaculum", (-62, -30), (-32, -38)),
    ("patellar\ntendon", (-73, -68), (6, -52)),
    ("tibia", (-73, -104), (-14, -92)),
)


class OverviewScene(Scene):
    """The knee with its names.

    The state needs: `activation` (dict head -> 0..2) or `vmo` (0..2); `shift` (mm lateral), `tilt` (deg
    lateral); `effusion` (ml).
    """

    sizes = {"wide": (9.0, 6.7), "tall": (3.6, 7.0)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        main = [0, 0, 0.70, 1] if wide else [0, 0.39, 1, 0.61]
        ax = style.drawing_axes(self.figure, main, (150, -140, -126, 194) if wide else (143, -127, -126, 194))
        self.knee = Frontal(self, ax)
        style.fade(ax)
        names = self.group("labels", ax, 60)
        for text, at, to in WIDE if wide else TALL:
            anatomy.label(names, ax, text, at, to, style.TEXT if wide else style.SMALL)
        style.sides(ax)
        self._section([0.705, 0.46, 0.295, 0.47] if wide else [0.1, 0.0, 0.8, 0.34])
        if wide:
            self._key([0.73, 0.03, 0.26, 0.36])
        self._ghosts(ax, wide)

    def _ghosts(self, ax, wide):
        """Dashed outlines of the pinned knee: its kneecap in both views, and its VMO."""
        self._shown = None
        look = {"edgecolor": style.GHOST, "linewidth": 2.0, "linestyle": "--"}
        self.ghost_vmo = self.curve("ghost-vmo", ax, zorder=40, visible=False, **look)
        self.ghost_patella = self.group("ghost-patella", ax, 41, visible=False)
        self.ghost_patella.add(Curve("ghost-patella-outline", ax, self._outline(self.knee, "patella"), **look))
        section = self.section
        self.ghost_section = self.group("ghost-section-patella", section.ax, 41, visible=False)
        self.ghost_section.add(
            Curve("ghost-section-outline", section.ax, self._outline(section, "patella"), **look))
        self.ghost_name = self.group("ghost-name", ax, 61, visible=False)
        if not wide:                                             # the wide picture has a key
            x, y = np.mean(ax.get_xlim()), ax.get_ylim()[0] + 3
            self.ghost_name.add(Text(x, y, "dashed: pinned", fontsize=style.SMALL, color=style.INK, ha="center",
                                     va="bottom"))

    @staticmethod
    def _outline(drawn, name):
        return drawn.views[name].curves["outline"].path

    def _section(self, rect):
        ax = style.drawing_axes(self.figure, rect, (64, -64, -104, 42))
        self.section = Section(self, ax, "section-")
        ax.text(0.5, 1.01, "Section through the groove", transform=ax.transAxes, fontsize=style.TEXT,
                color=style.INK, ha="center", va="bottom", fontweight="bold")

    def _key(self, rect):
        """What the colours mean, here and in every lesson."""
        ax = self.figure.add_axes(rect)
        ax.set(xlim=(0, 1), ylim=(7.6, -0.9))
        ax.axis("off")
        ax.text(0, -0.35, "Colours in every lesson", fontsize=style.TEXT, fontweight="bold", color=style.INK,
                va="center")
        rows = (
            (style.VMO_FILL, style.VMO, "vastus medialis, VMO"),
            (style.VL_FILL, style.VL, "vastus lateralis"),
            (style.RF_FILL, style.RF, "rectus femoris, intermedius"),
            (style.FLUID_FILL, style.FLUID, "joint fluid"),
            (style.EVIDENCE_FILL, style.EVIDENCE, "measured by somebody"),
            (style.CLAIM_FILL, style.CLAIM, "a popular claim"),
        )
        for i, (fill, edge, words) in enumerate(rows):
            ax.add_patch(Rectangle((0, i + 0.72), 0.11, 0.56, facecolor=fill, edgecolor=edge, lw=1.2))
            ax.text(0.16, i + 1, words, fontsize=style.SMALL, color=style.INK, va="center")
        ax.plot([0, 0.11], [7, 7], color=style.GHOST, lw=1.8, ls=(0, (3, 1.6)))
        ax.text(0.16, 7, "pinned, for comparison", fontsize=style.SMALL, color=style.INK, va="center")

    def update(self, state):
        """Show a state; touches live things only."""
        self._shown = state
        activation = getattr(state, "activation", None) or {"vmo": state.vmo}
        self.knee.update(activation, state.shift, state.tilt, effusion=state.effusion)
        self.section.update(shift=state.shift, tilt=state.tilt, effusion=state.effusion)

    def ghost(self, state):
        """Show a state as the dashed baseline, or hide it (None): the outlines are taken off the picture of it."""
        for one in (self.ghost_vmo, self.ghost_patella, self.ghost_section, self.ghost_name):
            one.set(visible=state is not None)
        if state is None:
            return
        shown = self._shown
        self.update(state)
        self.ghost_vmo.set(path=self._outline(self.knee, "vastus medialis obliquus"))
        self.ghost_patella.pose(self.knee.views["patella"].group.affine.get_matrix())
        self.ghost_section.pose(self.section.patella.affine.get_matrix())
        self.update(state if shown is None else shown)
