"""A person from the side who takes the posture of an exercise at any bend of the knee.

Lengths are in units in which the thigh is 0.95; the person faces +x. Directions are degrees clockwise from straight up.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vmo_edu.figures import anatomy, style
from vmo_edu.figures.scene import Curve

SKIN, SKIN_EDGE = "#F8E3D3", "#A07660"
FAR, FAR_EDGE = "#EAD2C0", "#A98A78"             # the leg on the other side
THIGH, SHANK, ANKLE, TRUNK, HEAD = 0.95, 0.955, 0.15, 1.12, 1.25
UPPER_ARM, FOREARM = 0.68, 0.57

# Outlines at rest: leg and arm hang down from hip and shoulder, trunk and head stand up from hip and neck.
LEG = ((0.20, 0.03), (0.215, -0.2), (0.205, -0.45), (0.165, -0.72), (0.138, -0.86), (0.15, -0.95), (0.125, -1.05),
       (0.10, -1.2), (0.085, -1.45), (0.07, -1.7), (0.075, -1.83), (0.16, -1.92), (0.30, -1.985), (0.425, -2.02),
       (0.44, -2.05), (0.38, -2.06), (0.2, -2.05), (0.05, -2.045), (-0.08, -2.06), (-0.15, -2.04), (-0.16, -1.97),
       (-0.10, -1.86), (-0.085, -1.72), (-0.13, -1.5), (-0.172, -1.3), (-0.16, -1.15), (-0.12, -1.02), (-0.115, -0.93),
       (-0.16, -0.75), (-0.21, -0.5), (-0.245, -0.25), (-0.275, 0.0), (-0.25, 0.12), (-0.215, 0.2))
LATERALIS = ((0.10, -0.06), (0.15, -0.3), (0.145, -0.55), (0.11, -0.76), (0.07, -0.84), (0.01, -0.8), (-0.035, -0.62),
             (-0.05, -0.38), (-0.01, -0.14))
RECTUS = ((0.16, -0.02), (0.20, -0.22), (0.192, -0.46), (0.155, -0.72), (0.125, -0.86), (0.105, -0.85), (0.115, -0.72),
          (0.145, -0.5), (0.15, -0.28), (0.12, -0.08))
PATELLA = ((0.125, -0.865), (0.158, -0.89), (0.172, -0.95), (0.155, -1.02), (0.12, -1.045), (0.105, -0.99),
           (0.105, -0.91))
TORSO = ((0.20, -0.04), (0.215, 0.15), (0.20, 0.38), (0.225, 0.62), (0.25, 0.84), (0.21, 1.02), (0.13, 1.14),
         (0.105, 1.24), (0.08, 1.38), (-0.08, 1.38), (-0.115, 1.22), (-0.21, 1.06), (-0.25, 0.86), (-0.21, 0.6),
         (-0.165, 0.38), (-0.19, 0.22), (-0.25, 0.05), (-0.245, -0.1), (-0.16, -0.2), (0.03, -0.19))
FACE = ((-0.10, -0.01), (-0.12, 0.1), (-0.185, 0.22), (-0.2, 0.36), (-0.12, 0.5), (0.03, 0.55), (0.16, 0.49),
        (0.205, 0.38), (0.207, 0.31), (0.25, 0.235), (0.212, 0.2), (0.212, 0.14), (0.185, 0.085), (0.13, 0.075),
        (0.108, 0.0))
ARM = ((-0.105, 0.06), (-0.115, -0.1), (-0.10, -0.35), (-0.08, -0.6), (-0.085, -0.7), (-0.08, -0.88), (-0.055, -1.18),
       (-0.06, -1.3), (-0.045, -1.46), (0.0, -1.52), (0.045, -1.46), (0.06, -1.32), (0.05, -1.18), (0.075, -0.9),
       (0.078, -0.7), (0.075, -0.58), (0.105, -0.35), (0.115, -0.1), (0.105, 0.06))
KNEE_AT, ELBOW_AT = (-THIGH, 0.14), (-UPPER_ARM, 0.10)           # height of the joint at rest, half its reach
ANKLE_AT = (-THIGH - SHANK, 0.10)


def towards(angle, length=1.0):
    """Vector of `length` that points `angle` degrees clockwise from straight up."""
    a = np.radians(angle)
    return length * np.array([np.sin(a), np.cos(a)])


def heading(vector):
    """Direction of a vector, degrees clockwise from straight up."""
    return float(np.degrees(np.arctan2(vector[0], vector[1])))


class Bendable:
    """A limb drawn as one outline that bends smoothly at its joints.

    joints : (height of the joint at rest, half the height over which the bend is spread) from the top down
    """

    def __init__(self, scene, gid, ax, outline, joints, z, closed=False, corners=(), **look):
        path = anatomy.bezier(np.asarray(outline, float), closed, corners)
        self.rest = path.vertices
        self.joints = [(y, _smooth((y + half - self.rest[:, 1]) / (2 * half))[:, None]) for y, half in joints]
        self.curve = scene.curve(gid, ax, path, zorder=z, **{"linewidth": 1.1, **look})

    def place(self, at, direction, *bends):
        """Put the upper end at `at`, the first segment along `direction`; each joint bends clockwise by degrees."""
        points = self.rest
        for (y, weight), bend in reversed(list(zip(self.joints, bends, strict=True))):
            a = np.radians(bend) * weight
            c, s, x, h = np.cos(a), np.sin(a), points[:, :1], points[:, 1:] - y
            points = np.hstack([x * c + h * s, y + h * c - x * s])
        self.curve.set(vertices=anatomy.place(points, anatomy.rigid((0, 0), at, direction - 180, from_origin=True)))


def _turn(degrees):
    """The same turn between -180 and 180 degrees."""
    return (degrees + 180.0) % 360.0 - 180.0


def _smooth(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


# -- postures -------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Pose:
    """Where every segment is. Directions in degrees; positions of hip and, where it differs, the far hip.

    thigh, knee, foot : direction of the near thigh, bend of the knee, direction of the foot
    far : the same three of the other leg
    trunk, head : lean of trunk and head (0 upright, forwards +)
    arm, elbow : direction of the upper arm, bend of the elbow
    """

    hip: np.ndarray
    thigh: float
    knee: float
    foot: float
    far: tuple[float, float, float]
    trunk: float
    head: float
    arm: float
    elbow: float

    def joints(self):
        """Hip, knee and ankle of the near leg, (3, 2)."""
        knee = self.hip + towards(self.thigh, THIGH)
        return np.array([self.hip, knee, knee + towards(self.thigh + self.knee, SHANK)])


def span(knee):
    """Distance from hip to ankle at a bend of the knee, degrees."""
    return float(np.sqrt(THIGH**2 + SHANK**2 + 2 * THIGH * SHANK * np.cos(np.radians(knee))))


def lead(knee):
    """How far the thigh points ahead of the line from hip to ankle, degrees."""
    return float(np.degrees(np.arctan2(SHANK * np.sin(np.radians(knee)), THIGH + SHANK * np.cos(np.radians(knee)))))


def fold(hip, ankle):
    """Direction of the thigh and bend of the knee that bring the ankle from `hip` to `ankle`, or towards it."""
    away = np.subtract(ankle, hip)
    reach = min(float(np.hypot(*away)), 0.9999 * (THIGH + SHANK))
    knee = float(np.degrees(np.arccos((reach**2 - THIGH**2 - SHANK**2) / (2 * THIGH * SHANK))))
    return heading(away) - lead(knee), knee


def _on_foot(ankle, knee, shank):
    """Hip, direction of the thigh when the shank leans `shank` degrees ahead over a standing foot."""
    hip = np.asarray(ankle, float) + towards(shank, SHANK) + towards(shank - knee, THIGH)
    return hip, shank - knee + 180.0


def squat(knee):
    """Both feet on the floor."""
    hip, thigh = _on_foot((-0.05, ANKLE), knee, 0.36 * knee)
    return Pose(hip, thigh, knee, 90.0, (thigh, knee, 90.0), 0.48 * knee, 0.25 * knee, 178 - 0.9 * knee, 8.0)


def wall_squat(knee):
    """Back on the wall, feet a good step ahead."""
    ahead = 0.7
    hip = np.array([-0.45, ANKLE + np.sqrt(span(knee) ** 2 - ahead**2)])
    thigh, bend = fold(hip, (hip[0] + ahead, ANKLE))
    return Pose(hip, thigh, bend, 90.0, (thigh, bend, 90.0), 0.0, 0.0, 168.0, 112.0)


def step_up(knee):
    """Near foot on a step, the other comes from the floor."""
    ankle = np.array([0.45, 0.4 + ANKLE])
    back = 0.5 * np.sin(np.radians(knee))
    hip = ankle + (-back, np.sqrt(span(knee) ** 2 - back**2))
    thigh, bend = fold(hip, ankle)
    far, far_knee = fold(hip, (-0.55, ANKLE + 0.12))
    return Pose(hip, thigh, bend, 90.0, (far, far_knee, far + far_knee - 88.0), 0.30 * knee, 0.1 * knee, 212.0,
                72.0)


def lunge(knee):
    """Near foot ahead, the other behind on its toes."""
    hip, thigh = _on_foot((0.75, ANKLE), knee, 0.14 * knee)
    low, reach = ANKLE + 0.20, 1.84 - 0.0035 * knee
    far, far_knee = fold(hip, (hip[0] - np.sqrt(max(reach**2 - (hip[1] - low) ** 2, 0.05)), low))
    return Pose(hip, thigh, knee, 90.0, (far, far_knee, far + far_knee - 96.0), 0.06 * knee, 0.0, 212.0, 78.0)


def leg_press(knee):
    """Seated, leaning back; the feet push a plate."""
    hip = np.array([-0.75, 0.72])
    thigh = 82.0 - lead(knee)
    return Pose(hip, thigh, knee, -6.0, (thigh, knee, -6.0), -38.0, -20.0, 178.0, 84.0)


def bridge(knee):
    """On the back, hips lifted."""
    shoulder, lift = np.array([-1.5, 0.27]), 24.0
    hip = shoulder + towards(90 - lift, TRUNK)
    thigh, bend = fold(hip, (hip[0] + np.sqrt(span(knee) ** 2 - (hip[1] - ANKLE) ** 2), ANKLE))
    return Pose(hip, thigh, bend, 90.0, (thigh, bend, 90.0), -90.0 - lift, -82.0, 94.0, 0.0)


CRANK_AT, CRANK, SADDLE = np.array([0.02, 0.62]), 0.34, np.array([-0.52, 2.32])


def cycling(knee):
    """On a bicycle; the crank stands where the knee has this bend (downstroke)."""
    axle = CRANK_AT + (-0.08, ANKLE + 0.02)                       # ankles circle a little above and behind the pedals
    line = axle - SADDLE
    far, reach = float(np.hypot(*line)), span(knee)
    along = (far**2 + reach**2 - CRANK**2) / (2 * far)
    u = line / far
    ankle = SADDLE + along * u + np.sqrt(max(reach**2 - along**2, 0.0)) * np.array([-u[1], u[0]])
    thigh, bend = fold(SADDLE, ankle)
    other, other_bend = fold(SADDLE, 2 * axle - ankle)
    return Pose(SADDLE, thigh, bend, 98.0, (other, other_bend, 104.0), 42.0, 22.0, 146.0, 10.0)


def one_leg(knee):
    """Standing on the near leg."""
    hip, thigh = _on_foot((-0.05, ANKLE), knee, 0.36 * knee)
    return Pose(hip, thigh, knee, 90.0, (184.0, 82.0, 168.0), 0.42 * knee, 0.2 * knee, 150 - 0.5 * knee, 8.0)


def running(knee):
    """Near foot on the ground."""
    hip, thigh = _on_foot((0.0, ANKLE), knee, 0.30 * knee)
    return Pose(hip, thigh, knee, 90.0, (128.0 - 0.3 * knee, 96.0, 130.0 - 0.3 * knee), 10.0, 4.0,
                214.0, 88.0)


CHAIR = np.array([-0.95, 1.25])


def extension(knee):
    """Seated, thigh on the seat, shank free."""
    return Pose(CHAIR, 90.0, knee, knee + 4.0, (90.0, 90.0, 98.0), -6.0, -2.0, 192.0, 6.0)


def squeeze(knee):
    """Seated, something between the knees."""
    return Pose(CHAIR, 90.0, knee, knee, (90.0, knee, knee), -4.0, 0.0, 192.0, 6.0)


FLOOR_HIP = np.array([-0.15, 0.29])


def leg_raise(knee):
    """On the back, near leg lifted, the other foot on the floor."""
    far, far_knee = fold(FLOOR_HIP, (FLOOR_HIP[0] + 1.2, ANKLE))
    return Pose(FLOOR_HIP, 52.0 - 0.3 * knee, knee, 0.7 * knee - 40.0, (far, far_knee, 90.0), -90.0, -84.0, 92.0, 0.0)


def short_arc(knee):
    """On the back, a roll under the thigh; the shank is lifted from the heel's rest."""
    up = max(20.0, 0.5 * knee)
    return Pose(FLOOR_HIP, 90.0 - up, knee, knee - up, (90.0, 0.0, 4.0), -90.0, -84.0, 92.0, 0.0)


def leg_flat(knee):
    """On the back, the leg lies or bends with the heel on the floor."""
    return Pose(FLOOR_HIP, 90.0 - 0.5 * knee, knee, 0.5 * knee, (90.0, 0.0, 4.0), -90.0, -84.0, 92.0, 0.0)


def kick(knee):
    """Standing on the other leg; the near shank swings."""
    hip = np.array([-0.35, ANKLE + span(36)])
    far, far_knee = fold(hip, (-0.4, ANKLE))
    thigh = 136.0 + 0.34 * knee
    toes = thigh + knee - 66.0
    return Pose(hip, thigh, knee, toes if knee > 70 else min(toes, 112.0), (far, far_knee, 90.0), 6.0, 2.0, 214.0, 30.0)


# posture -> function, words under the title of its panel
CLOSED = {"squat": (squat, "squat"), "wall_squat": (wall_squat, "wall squat"), "step_up": (step_up, "step-up"),
          "lunge": (lunge, "lunge"), "leg_press": (leg_press, "leg press"), "bridge": (bridge, "bridge"),
          "cycling": (cycling, "cycling"), "one_leg": (one_leg, "on one leg"), "running": (running, "running")}
OPEN = {"extension": (extension, "seated extension"), "leg_raise": (leg_raise, "leg raise"),
        "short_arc": (short_arc, "end of extension, roll under the thigh"),
        "leg_flat": (leg_flat, "tightening, lying"), "squeeze": (squeeze, "squeeze, seated"),
        "kick": (kick, "kick")}
MORE = {"ball": " with a ball", "turned": ", turned out"}           # what is added, in words

# exercise of data/exercises.csv -> posture, and what is added to it
DRAWN = {
    "Seated ball squeeze": ("squeeze", "ball"), "Isometric hip adduction": ("squeeze", "ball"),
    "Parker pinch": ("squeeze", "ball"), "Ball-clench knee extension": ("extension", "ball"),
    "Turned-out straight-leg raise": ("leg_raise", "turned"), "Straight-leg raise": ("leg_raise",),
    "Ball bridge": ("bridge", "ball"), "Bridge and other hip exercises": ("bridge",),
    "Wall squat with ball squeeze": ("wall_squat", "ball"), "Wall slide with ball to 30-45 deg": ("wall_squat", "ball"),
    "Wall squat with inner-thigh emphasis": ("wall_squat",), "Wall squat, closer feet": ("wall_squat",),
    "Cycling": ("cycling",), "Running": ("running",), "Hill walking and running": ("running",),
    "Isometric quadriceps contraction": ("leg_flat",), "Isometric work in a splint or brace": ("leg_flat",),
    "Terminal knee extension": ("short_arc",), "Short-arc quadriceps": ("short_arc",),
    "Knee extension in the last 30 deg": ("extension",),
    "Open-chain knee extension, variable resistance": ("extension",),
    "Isometric knee extension at 0, 45, 60, 90 deg": ("extension",),
    "Isometric knee extension with tibial rotation": ("extension",),
    "Isometric extension with abduction or adduction at 60 deg": ("extension",),
    "Leg extension training, 80% 1RM": ("extension",),
    "Step-up": ("step_up",), "Lunge": ("lunge",), "One-leg stance": ("one_leg",),
    "Proprioception and balance training": ("one_leg",),
    "Squat": ("squat",), "Squat, knees past toes": ("squat",), "Squat, feet turned out 30 deg": ("squat",),
    "Squat with active adduction": ("squat", "ball"), "Semisquat with adduction": ("squat", "ball"),
    "Squat depth 20, 50, 80 deg": ("squat",),
    "Leg press": ("leg_press",), "One-leg press": ("leg_press",), "Leg press with adduction": ("leg_press", "ball"),
    "Side-foot kick": ("kick",), "Instep kick": ("kick",), "Toe-drop short passes": ("kick",),
}


def drawn(name):
    """Posture of an exercise and what is added to it; None where it has no picture of its own."""
    found = DRAWN.get(name)
    return None if found is None else (found[0], found[1:])


def names(postures):
    """Words for every posture and for each addition that an exercise makes to it, by (posture, extras)."""
    wanted = dict.fromkeys([(posture, ()) for posture in postures]
                           + [(name, tuple(extras)) for name, *extras in DRAWN.values() if name in postures])
    return {key: postures[key[0]][1] + "".join(MORE[one] for one in key[1]) for key in wanted}


# -- the drawing ----------------------------------------------------------------------------------------

METAL, METAL_EDGE = "#D9D2C6", "#8C8474"


class Person:
    """One person on the axes `ax` of a scene, who can take several postures.

    Parameters
    ----------
    scene, ax : Scene and its axes with equal scales
    prefix : str
        Begins every gid.
    postures : mapping
        `CLOSED` or `OPEN`.
    """

    def __init__(self, scene, ax, prefix, postures):
        self.scene, self.ax, self.prefix, self.postures = scene, ax, prefix, postures
        skin = {"facecolor": SKIN, "edgecolor": SKIN_EDGE}
        leg = [KNEE_AT, ANKLE_AT]
        self.far = Bendable(scene, f"{prefix}far", ax, LEG, leg, 3.0, facecolor=FAR, edgecolor=FAR_EDGE)
        self.trunk = self._rigid("trunk", TORSO, 3.3, True)
        self.head = self._rigid("head", FACE, 3.4, False)
        self.near = Bendable(scene, f"{prefix}near", ax, LEG, leg, 3.6, **skin)
        self.muscles = [
            Bendable(scene, f"{prefix}{name}", ax, outline, leg[:1], z, closed=True, facecolor=fill, edgecolor=edge,
                     linewidth=0.9)
            for name, outline, z, fill, edge in (
                ("vl", LATERALIS, 3.7, style.VL_FILL, style.VL), ("rf", RECTUS, 3.72, style.RF_FILL, style.RF))
        ]
        self.arm = Bendable(scene, f"{prefix}arm", ax, ARM, [ELBOW_AT], 3.9, **skin)
        self.load = scene.curve(f"{prefix}knee", ax, xy=np.zeros((2, 2)), closed=True,
                                facecolor=style.pressure_colour(0), edgecolor=style.INK, linewidth=1.2, zorder=4.1)
        self.patella = Bendable(scene, f"{prefix}patella", ax, PATELLA, leg[:1], 4.3, closed=True,
                                facecolor=style.BONE_FILL, edgecolor=style.BONE, linewidth=1.2)
        self.ends = scene.curve(f"{prefix}range", ax, xy=np.zeros((2, 2)), edgecolor="#8A6D00", linewidth=2.2,
                                linestyle="--", zorder=2.9, visible=False)
        self.props = {}
        self._furnish()

    def _rigid(self, name, outline, z, closed):
        group = self.scene.group(self.prefix + name, self.ax, zorder=z)
        group.add(Curve(f"{self.prefix}{name}-skin", self.ax, anatomy.bezier(np.asarray(outline, float), closed),
                        facecolor=SKIN, edgecolor=SKIN_EDGE, linewidth=1.1))
        return group

    # -- things around the person ---------------------------------------------------------------------
    def _prop(self, name, z, *shapes):
        """A group of closed outlines, each (points, fill, edge) or an open line (points, None, colour)."""
        group = self.scene.group(self.prefix + name, self.ax, zorder=z, visible=False)
        for i, (points, fill, edge) in enumerate(shapes):
            group.add(Curve(f"{self.prefix}{name}-{i}", self.ax, xy=points, closed=fill is not None,
                            facecolor=fill or "none", edgecolor=edge, linewidth=1.2 if fill else 2.6, zorder=i))
        self.props[name] = group

    def _furnish(self):
        self.ax.plot([-2.3, 2.3], [-0.02, -0.02], color=style.SOFT_INK, lw=1.6, zorder=1)
        self._prop("ball", 3.2, (ring((0, 0), 0.24), "#D5C3E0", "#6B4C80"))
        if self.postures is CLOSED:
            self._prop("wall_squat", 2, (box(-0.95, 0, 0.2, 3.9), METAL, METAL_EDGE))
            self._prop("step_up", 2, (box(0.15, 0, 0.95, 0.39), METAL, METAL_EDGE))
            seat = towards(-38, 1)
            back = np.array([-0.75, 0.72]) - 0.36 * np.array([seat[1], -seat[0]])
            self._prop("leg_press", 2, (box(-1.2, 0.26, 0.75, 0.16), METAL, METAL_EDGE),
                       (box(-1.0, 0.0, 0.1, 0.26), METAL, METAL_EDGE),
                       (style.capsule(back, back + 1.2 * seat, 0.07, 0.07), METAL, METAL_EDGE),
                       ([(-0.2, 0.12), (2.2, 0.12)], None, METAL_EDGE))
            self._prop("plate", 3.5, (box(0.0, -0.62, 0.13, 1.1), METAL, METAL_EDGE))
            self._prop("cycling", 2, *bicycle())
            self._prop("crank", 2.5, ([(0, CRANK), (0, -CRANK)], None, style.SOFT_INK))
        else:
            self._prop("chair", 2, (box(-1.35, 0.84, 1.1, 0.13), METAL, METAL_EDGE),
                       (box(-1.42, 0.84, 0.13, 1.25), METAL, METAL_EDGE),
                       (box(-1.28, 0, 0.1, 0.84), METAL, METAL_EDGE), (box(-0.45, 0, 0.1, 0.84), METAL, METAL_EDGE))
            self._prop("weight", 4.0, (style.capsule((-0.1, -0.8), (0.1, -0.8), 0.085, 0.085), "#8C8C88", style.INK))
            self._prop("roll", 3.1, (ring((0, 0), 1.0), METAL, METAL_EDGE))
            self._prop("turned", 4.5, (turn_arrow(), None, style.INK))
            self._prop("kick", 2, (ring((1.25, 0.22), 0.22), "#FFFFFF", style.INK))

    def _show_props(self, posture, extras, pose):
        hip, knee, ankle = pose.joints()
        shown = {posture, *extras}
        shown |= {"extension": {"chair", "weight"}, "squeeze": {"chair"}, "short_arc": {"roll"},
                  "leg_press": {"plate"}, "cycling": {"crank"}}.get(posture, set())
        for name, group in self.props.items():
            group.set(visible=name in shown)
        where = anatomy.rigid
        if "ball" in shown:
            self.props["ball"].pose(where((0, 0), knee + towards(pose.thigh, -0.10) + towards(pose.thigh - 90, 0.10)))
        if "weight" in shown:
            self.props["weight"].pose(where((0, 0), knee, pose.thigh + pose.knee - 180))
        if "roll" in shown:
            middle = hip + towards(pose.thigh, 0.78)
            size = max(0.5 * (middle[1] - 0.19), 0.04)
            self.props["roll"].pose([[size, 0, middle[0]], [0, size, size], [0, 0, 1]])
        if "turned" in shown:
            self.props["turned"].pose(where((0, 0), ankle, pose.thigh + pose.knee - 90))
        if "plate" in shown:
            self.props["plate"].pose(where((0, 0), ankle + towards(84.0, 0.17), -6.0))
        if "crank" in shown:
            pedal = ankle - CRANK_AT - (-0.08, ANKLE + 0.02)
            self.props["crank"].pose(where((0, 0), CRANK_AT, heading(pedal)))

    # -- the person -----------------------------------------------------------------------------------
    def take(self, posture, knee, extras=()):
        """Take a posture at a bend of the knee (degrees); returns the place of the kneecap joint."""
        pose = self.postures[posture][0](float(knee))
        foot = _turn(pose.foot - (pose.thigh + pose.knee - 90))
        self.near.place(pose.hip, pose.thigh, pose.knee, foot)
        for part in (*self.muscles, self.patella):
            part.place(pose.hip, pose.thigh, pose.knee)
        thigh, bend, direction = pose.far
        self.far.place(pose.hip + (0.07, 0.02), thigh, bend, _turn(direction - (thigh + bend - 90)))
        self.trunk.pose(anatomy.rigid((0, 0), pose.hip, pose.trunk))
        neck = pose.hip + towards(pose.trunk, HEAD)
        self.head.pose(anatomy.rigid((0, 0), neck, pose.head))
        self.arm.place(pose.hip + towards(pose.trunk, 1.0), pose.arm, -pose.elbow)
        self._show_props(posture, extras, pose)
        self.at = pose.joints()[1] + towards(pose.thigh + 0.5 * pose.knee - 90, 0.075)
        return self.at

    def stress(self, radius, colour):
        """Show how much the kneecap joint is loaded: a disc of this radius (the thigh is 0.95 long)."""
        self.load.set(path=style.discs(self.ax, [self.at], radius / style.per_point(self.ax)[0]), facecolor=colour)

    def working(self, posture, angles):
        """Show the leg at both ends of the working range as dashed lines (nothing for None)."""
        self.ends.set(visible=angles is not None)
        if angles is not None:
            gap, points = (np.nan, np.nan), []
            for knee in dict.fromkeys(angles):
                points += [*self.postures[posture][0](float(knee)).joints(), gap]
            self.ends.set(xy=np.array(points))


@lru_cache(maxsize=1)
def bicycle():
    """Wheels, frame, saddle and handlebar as shapes for `Person._prop`."""
    rear, front, grey = (-0.98, 0.52), (1.25, 0.52), style.SOFT_INK
    saddle, head = SADDLE - (0.02, 0.30), np.array([0.82, 1.85])
    return ((ring(rear, 0.52), "none", grey), (ring(front, 0.52), "none", grey),
            ([rear, CRANK_AT, saddle, rear], None, METAL_EDGE),
            ([CRANK_AT, head - (0.0, 0.25), front], None, METAL_EDGE),
            ([saddle, head - (0, 0.12)], None, METAL_EDGE), ([front, head, head + (0.18, 0.08)], None, METAL_EDGE),
            (style.capsule(saddle - (0.2, 0.0), saddle + (0.2, 0.02), 0.06, 0.04), style.SOFT_INK, style.INK),
            (ring(CRANK_AT, 0.12), METAL, grey))


def box(x, y, width, height):
    """Corners of an upright box from its lower left corner."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def ring(centre, radius, steps=28):
    """Points of a circle."""
    a = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.asarray(centre, float) + radius * np.stack([np.cos(a), np.sin(a)], 1)


def turn_arrow():
    """A bent arrow beyond the foot: the leg is turned outwards."""
    a = np.radians(np.linspace(-120, 70, 16))
    bow = np.stack([0.46 + 0.11 * np.cos(a), -0.05 + 0.34 * np.sin(a)], 1)
    return np.vstack([bow, bow[-1] + (0.17, 0.05), bow[-1], bow[-1] + (0.10, -0.14)])
