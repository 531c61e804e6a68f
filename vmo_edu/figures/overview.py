"""Scene of the start lesson: the knee from the front with every part named, and its section."""

from matplotlib.patches import Rectangle

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.frontal import Frontal
from vmo_edu.figures.scene import Scene
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
    ("lateral\nretinaculum", (93, 2), (38, 1)),
    ("patella", (93, -26), (14, -8)),
    ("groove", (93, -46), (20, -27)),
    ("fibula", (93, -66), (48, -62)),
    ("tibial\ntubercle", (93, -92), (11, -73)),
    ("RF", (-73, 172), (8, 160)),
    ("VML", (-73, 132), (-38, 126)),
    ("VMO", (-73, 84), (-41, 64)),
    ("quadriceps\ntendon", (-73, 44), (-2, 40)),
    ("MPFL", (-73, 6), (-37, 0.4)),
    ("medial\nretinaculum", (-73, -30), (-32, -38)),
    ("patellar\ntendon", (-73, -68), (6, -52)),
    ("tibia", (-73, -104), (-14, -92)),
)


class OverviewScene(Scene):
    """The knee with its names.

    The state needs: `activation` (dict head -> 0..2) or `vmo` (0..2); `shift` (mm lateral), `tilt` (deg
    lateral); `effusion` (ml).
    """

    sizes = {"wide": (9.0, 6.7), "tall": (5.2, 10.4)}

    def build(self):
        """Draw everything once."""
        wide = self.layout == "wide"
        main = [0, 0, 0.70, 1] if wide else [0, 0.38, 1, 0.62]
        ax = style.drawing_axes(self.figure, main, (150, -140, -126, 194) if wide else (142, -124, -126, 194))
        self.knee = Frontal(self, ax)
        names = self.group("labels", ax, 60)
        for text, at, to in WIDE if wide else TALL:
            anatomy.label(names, ax, text, at, to)
        style.sides(ax)
        self._section([0.705, 0.46, 0.295, 0.47] if wide else [0.1, 0.0, 0.8, 0.34])
        if wide:
            self._key([0.73, 0.03, 0.26, 0.36])

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
        activation = getattr(state, "activation", None) or {"vmo": state.vmo}
        self.knee.update(activation, state.shift, state.tilt, effusion=state.effusion)
        self.section.update(shift=state.shift, tilt=state.tilt, effusion=state.effusion)
