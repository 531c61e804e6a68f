"""A small explorer with every kind of control, for tests of the live machinery (no model needed)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vmo_edu.errors import InputError
from vmo_edu.explorers.base import Choice, Explorer, Slider, Toggle
from vmo_edu.figures.scene import Handle, Scene

ANGLES = np.linspace(0.0, 90.0, 61)
LOOKS = {"low": "#0072B2", "high": "#D55E00"}


@dataclass(frozen=True)
class Wave:
    """Values of the controls and nine curves computed from them."""

    values: dict
    curves: np.ndarray


class DemoScene(Scene):
    """Nine live curves, one rigid part with a handle, labels and a ghost."""

    sizes = {"wide": (9.0, 5.0)}

    def build(self):
        """Draw everything once."""
        self.ax = ax = self.figure.add_axes((0.08, 0.12, 0.9, 0.82))
        ax.set(xlim=(0, 90), ylim=(-3, 12), xlabel="angle (degrees)", ylabel="height")
        self.ghosts = self.curve("ghost", ax, edgecolor="#777777", linestyle="--", visible=False, zorder=2)
        self.lines = [self.curve(f"line{i}", ax, edgecolor="#0072B2", linewidth=1 + i / 5) for i in range(9)]
        self.area = self.curve("area", ax, facecolor="#009E73", alpha=0.3, closed=True)
        self.knob = self.group("knob", ax)
        self.curve(
            "dot",
            ax,
            xy=[[-2, -0.5], [2, -0.5], [2, 0.5], [-2, 0.5]],
            facecolor="#D55E00",
            closed=True,
            into=self.knob,
        )
        self.named = self.group("labels", ax)
        self.named.add(ax.text(5, 11, "nine waves < & >", fontsize=11))
        self.handles = [Handle("knob", "Angle", ax, x=("angle", 1.0))]
        self.parts = {
            "area": ("Area", "What lies under the lowest wave."),
            "knob": ("Knob", "Drag me sideways."),
        }

    def update(self, state):
        """Show a Wave."""
        for i, line in enumerate(self.lines):
            line.set(
                xy=np.column_stack([ANGLES, state.curves[i]]),
                edgecolor=LOOKS[state.values["look"]],
                visible=state.values["more"] or i < 3,
            )
        low = state.curves[0]
        self.area.set(xy=np.column_stack([np.r_[ANGLES, ANGLES[::-1]], np.r_[low, np.zeros_like(low)]]))
        pose = np.eye(3)
        pose[0, 2] = state.values["angle"]
        self.knob.pose(pose)

    def ghost(self, state):
        """Show the lowest wave of the baseline."""
        if state is None:
            self.ghosts.set(visible=False)
        else:
            self.ghosts.set(xy=np.column_stack([ANGLES, state.curves[0]]), visible=True)


class DemoExplorer(Explorer):
    """Waves."""

    name = "demo"
    title = "Waves to try the controls"
    controls = (
        Slider("angle", "Angle", "°", 0, 90, 1, 30, "Where the knob stands."),
        Slider("size", "Size", "", 0, 2, 0.05, 1),
        Choice("look", "Colour", {"low": "Low (blue)", "high": "High (orange)"}),
        Toggle("more", "All nine waves", True),
    )
    presets = {"Flat": {"size": 0.0}, "Tall and red": {"size": 2.0, "look": "high"}}
    main = ("angle", "size")
    play = "angle"
    scene = DemoScene
    sources = ("spencer1984",)

    def solve(self, values):
        """Waves; a size of exactly 1.95 fails, to show what an error looks like."""
        if values["size"] == 1.95:
            raise InputError("size must not be 1.95 in this demonstration")
        phase = np.radians(values["angle"] + ANGLES)
        return Wave(
            dict(values), np.array([i + values["size"] * np.sin(phase * (1 + i / 9)) for i in range(9)])
        )

    def describe(self, state):
        """Say it in words."""
        return f"The waves are {state.values['size']:g} high at {state.values['angle']:g} degrees."

    def readouts(self, state):
        """Two numbers."""
        return [
            ("Highest", f"{state.curves.max():.2f}", "mm", ""),
            ("Lowest", f"{state.curves.min():.2f}", "mm", "good" if state.curves.min() > -1 else "bad"),
        ]
