"""From a knee and a flexion angle to a mechanical problem: which lines pull where, and what the groove looks like.

Everything lives in the frame of the groove at that flexion angle: x lateral, y proximal along the groove, z anterior,
with the origin in the floor of the groove where the patella touches it. mm, N, radians.

Below, `flexion` is a (lanes,) array in degrees and `m` the parameter values; a function of both returns one value for
each lane unless its docstring says more.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from vmo_edu.knee import HEADS, Knee
from vmo_edu.models.patella.parameters import Mechanics
from vmo_edu.models.patella.smooth import ramp

# Points of the patella in its own section (origin in the middle of the section; lateral, proximal, anterior).
# They are those of the course's drawing (width 44.8, ridge 3.5 mm medial of the middle and 11 mm behind it).
REST = (3.5, 11.0)                       # middle of the section when the ridge stands in the groove
RIDGE = (-3.5, -11.0)
INSERTIONS = {"rf_vi": (0.0, 17.0, 5.0), "vml": (-8.0, 14.0, 4.0), "vmo": (-18.0, 6.0, 2.0),
              "vll": (8.0, 15.0, 4.0), "vlo": (17.0, 9.0, 3.0)}
APEX = (-2.0, -17.0, 3.0)                 # origin of the patellar tendon
MEDIAL_BORDER = (-21.0, 4.0, 3.4)        # MPFL and medial retinaculum
LATERAL_BORDER = (21.0, 0.0, 5.0)        # lateral retinaculum and iliotibial band
MPFL_LENGTH, LATERAL_LENGTH, ITB_LENGTH = 50.0, 40.0, 50.0
ITB_DIRECTION = np.array([0.88, 0.20, -0.43])     # round the lateral condyle: lateral, a little proximal, posterior
LATERAL_TOE = 1.5                        # mm: recruitment of the lateral retinaculum
FACET_WIDTHS = (20.5, 14.5)              # lateral and medial articular width from the ridge
MEDIAL_EDGE = -18.0                      # the medial facet of the drawn groove ends here; the model's wall goes on
NODES = 24                               # contact points on each facet
PASSIVE_TENSION = 2.0                    # N in the relaxed quadriceps: keeps the patella on the femur


@dataclass(frozen=True)
class Lanes:
    """Many knees at many angles, side by side: the last axis of every array is the lane.

    Attributes
    ----------
    point : (lines, 3) array
        Where each line is fixed to the patella, in the patella's own frame.
    anchor : (lines, 3, lanes) array
        Where it goes, in the frame of the groove.
    tension : (lines, lanes) array
        Constant tension, N (cables; 0 for springs).
    stiffness, rest : (lines, lanes) array
        N/mm and slack length, mm (springs; stiffness 0 for cables).
    toe : (lines, 1) array
        Stretch over which a ligament's strands are recruited, mm.
    node_u, node_v : (nodes,) array
        Contact points of the patella: lateral and anterior, mm.
    node_width : (nodes,) array
        Width that each stands for, mm.
    band : (lanes,) array
        Height of the contact band, mm.
    foundation : (lanes,) array
        Stiffness of the cartilage, MPa/mm.
    lateral, medial, fall : (lanes,) array
        Slopes of the two walls and of the fall beyond the lateral crest (tangents).
    groove_radius, crest, crest_radius : (lanes,) array
        Rounding of the floor, place and rounding of the lateral crest, mm.
    """

    point: np.ndarray
    anchor: np.ndarray
    tension: np.ndarray
    stiffness: np.ndarray
    rest: np.ndarray
    toe: np.ndarray
    node_u: np.ndarray
    node_v: np.ndarray
    node_width: np.ndarray
    band: np.ndarray
    foundation: np.ndarray
    lateral: np.ndarray
    medial: np.ndarray
    fall: np.ndarray
    groove_radius: np.ndarray
    crest: np.ndarray
    crest_radius: np.ndarray

    @property
    def count(self) -> int:
        """How many lanes there are."""
        return self.band.size

    def take(self, keep: np.ndarray) -> Lanes:
        """Return only some of the lanes (a boolean mask or indices)."""
        shared = ("point", "toe", "node_u", "node_v", "node_width")
        return replace(self, **{item.name: getattr(self, item.name)[..., keep]
                                for item in fields(self) if item.name not in shared})


def turning_angle(flexion: np.ndarray, m: Mechanics) -> np.ndarray:
    """Angle between the quadriceps and the patellar tendon, radians: grows with flexion, less once it wraps."""
    return np.radians(m.turn_extension + m.turn_rate * flexion - m.turn_wrap * flexion**2)


def tendon_ratio(flexion: np.ndarray, m: Mechanics) -> np.ndarray:
    """Force of the patellar tendon over the pull of the quadriceps (buff1988)."""
    return m.ratio_flexed + (m.ratio_extension - m.ratio_flexed) / (1 + (flexion / m.ratio_half) ** 2)


def sagittal_angles(flexion: np.ndarray, m: Mechanics) -> tuple[np.ndarray, np.ndarray]:
    """Angles a, b by which quadriceps and tendon point behind the groove's tangent, radians.

    The pulls along the groove balance, ``cos a = k cos b`` with ``a + b = beta``, so
    ``tan a = (1 - k cos beta) / (k sin beta)``; what is left, ``F sin a + k F sin b``, presses into the groove.
    """
    k, beta = tendon_ratio(flexion, m), turning_angle(flexion, m)
    a = np.arctan2(1 - k * np.cos(beta), k * np.sin(beta))
    return a, beta - a


def tubercle(flexion: np.ndarray, m: Mechanics) -> np.ndarray:
    """How far the default tubercle lies lateral of the groove, mm: falls as the knee flexes (suomalainen2018)."""
    come_in = ramp(m.tt_tg_until, 10.0) - ramp(m.tt_tg_until - flexion, 10.0)
    return m.tt_tg_extension - m.tt_tg_slope * come_in


def steepness(flexion: np.ndarray, m: Mechanics) -> np.ndarray:
    """Steepness of the walls under the patella: a share at the entry, 1 once the groove is engaged."""
    formed = 1 / (1 + np.exp(-(flexion - 0.5 * m.engagement) / (0.15 * m.engagement)))
    return m.entry_fraction + (1 - m.entry_fraction) * formed


def groove_position(flexion: np.ndarray, m: Mechanics) -> np.ndarray:
    """Lateral position of the groove in the femur, mm, 0 in the middle between the epicondyles.

    The patella's centre runs on a circle (iranpour2010) in a plane that leans to lateral as it goes distal.
    """
    patella, engaged = (np.sin(np.radians(m.patellar_flexion * angle)) for angle in (flexion, m.engagement))
    along = ramp(patella - engaged, 0.05)
    return m.path_zero + np.tan(np.radians(m.path_angle)) * m.path_radius * along


def band_height(flexion: np.ndarray, m: Mechanics) -> np.ndarray:
    """Height of the contact band along the groove, mm: grows until about 60 degrees (besier2005)."""
    return m.band_flexed + (m.band_extension - m.band_flexed) * np.exp(-((flexion / 40) ** 2))


def head_directions(m: Mechanics) -> np.ndarray:
    """Unit pull of each head in the femur's frame, knee straight: (heads, 3), lateral, proximal, anterior."""
    frontal = np.radians([0.0, m.frontal_vml, m.frontal_vmo, m.frontal_vll, m.frontal_vlo])
    behind = np.radians([0.0, 0.0, m.posterior_vmo, 0.0, m.posterior_vlo])
    return np.stack([np.sin(frontal), np.cos(frontal) * np.cos(behind), -np.cos(frontal) * np.sin(behind)], axis=1)


def head_tensions(knees: list[Knee], m: Mechanics) -> np.ndarray:
    """Tension of each head, N: total force x share x (activation x relative size); shape (heads, knees)."""
    share = np.array([getattr(m, f"share_{head}") for head in HEADS])
    active = np.array([knee.heads() for knee in knees]).T
    return share[:, None] * active * np.array([knee.quadriceps_force for knee in knees])


def turned(directions: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Turn directions (heads, 3) in the frontal plane to lateral by one angle per knee -> (heads, 3, knees)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y, z = (directions[:, i, None] for i in range(3))
    return np.stack([x * c + y * s, y * c - x * s, z + 0 * c], axis=1)


def pitched(directions: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Tip directions (heads, 3, lanes) backwards by one angle per lane: the line of the quadriceps in flexion."""
    c, s = np.cos(angle), np.sin(angle)
    x, y, z = directions[:, 0], directions[:, 1], directions[:, 2]
    return np.stack([x, y * c + z * s, z * c - y * s], axis=1)


def at_rest(point: np.ndarray) -> np.ndarray:
    """Place of a patellar point in the groove's frame with the patella in its rest pose."""
    return np.asarray(point, float) + np.array([REST[0], 0.0, REST[1]])


def in_groove(shift: np.ndarray, turn: np.ndarray, crest: np.ndarray, m: Mechanics) -> np.ndarray:
    """Whether the patella is still in its groove: between the crests, and not turned away from it.

    Its ridge must stand between the medial edge and the lateral crest, both as it is turned and as it would stand
    untilted (`shift`: a tilt alone must not bring a patella back that has left). And the tilt must stay below the sum
    of the lateral facet's own slope and that of the fall beyond the crest: there this facet lies flat on the *outer*
    side of the crest (41.9 degrees with the shipped values); a patella turned further faces away from the groove.

    Parameters
    ----------
    shift : (lanes,) array
        Shift from the rest pose, mm.
    turn : (lanes,) array
        Tilt, radians.
    crest : (lanes,) array
        Place of the lateral crest, mm.
    m : Mechanics

    Returns
    -------
    (lanes,) array of bool
    """
    ridge = shift + REST[0] + RIDGE[0] * np.cos(turn) + RIDGE[1] * np.sin(turn)
    between = (np.minimum(shift, ridge) > MEDIAL_EDGE) & (np.maximum(shift, ridge) < crest)
    return between & (np.abs(turn) < np.radians(m.facet_lateral + m.crest_fall))


def contact_nodes(m: Mechanics) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contact points of the patella, lateral facet from the ridge outwards, then medial: u, v, width (mm)."""
    middle = (np.arange(NODES) + 0.5) / NODES
    lateral, medial = FACET_WIDTHS
    across = np.concatenate([lateral * middle, -medial * middle])
    width = np.concatenate([np.full(NODES, lateral / NODES), np.full(NODES, medial / NODES)])
    rise = (np.tan(np.radians(m.facet_lateral)) * ramp(across, m.ridge_radius)
            + np.tan(np.radians(m.facet_medial)) * ramp(-across, m.ridge_radius)
            + 0.5 * m.facet_bulge * across**2)
    floor = 0.5 * m.ridge_radius * (np.tan(np.radians(m.facet_lateral)) + np.tan(np.radians(m.facet_medial)))
    return RIDGE[0] + across, RIDGE[1] + rise - floor, width


def build(knees: list[Knee], flexion: np.ndarray, m: Mechanics) -> Lanes:
    """Set up the mechanical problem of every knee at every angle; lane = knee * len(flexion) + angle.

    Parameters
    ----------
    knees : list of Knee
    flexion : (angles,) array
        Knee flexion, degrees.
    m : Mechanics

    Returns
    -------
    Lanes
    """
    def of_knee(name: str) -> np.ndarray:
        return np.repeat([getattr(knee, name) for knee in knees], len(flexion))

    phi = np.tile(flexion, len(knees))
    points, anchors, tension = _cables(knees, phi, of_knee, m)
    ends, stiffness, rest = _springs(phi, of_knee, m)
    none = np.zeros((len(tension), phi.size))                     # cables have no stiffness, springs no tension
    return Lanes(
        point=np.array([*points, MEDIAL_BORDER, LATERAL_BORDER]), anchor=np.concatenate([anchors, ends]),
        tension=np.concatenate([tension, np.zeros_like(stiffness)]),
        stiffness=np.concatenate([none, stiffness]), rest=np.concatenate([none, rest]),
        toe=np.array([1.0] * len(tension) + [m.mpfl_toe, LATERAL_TOE])[:, None],
        **_contact(phi, of_knee("trochlear_depth"), m))


def _contact(phi: np.ndarray, depth: np.ndarray, m: Mechanics) -> dict[str, np.ndarray]:
    """The two surfaces: contact points of the patella, and the groove under it at each angle."""
    u, v, width = contact_nodes(m)
    steep, full = steepness(phi, m), np.ones(phi.size)
    medial_inclination = 180 - m.sulcus_angle - m.lateral_inclination
    return {"node_u": u, "node_v": v, "node_width": width,
            "band": band_height(phi, m), "foundation": m.foundation * full,
            "lateral": np.tan(np.radians(m.lateral_inclination)) * steep * depth,
            "medial": np.tan(np.radians(medial_inclination)) * steep,
            "fall": np.tan(np.radians(m.crest_fall)) * full,
            "groove_radius": m.groove_radius / steep,             # a shallower entry is a rounder one
            "crest": m.crest_lateral * full, "crest_radius": m.crest_radius * full}


def _cables(knees, phi, of_knee, m):
    """Quadriceps heads, patellar tendon and iliotibial band: points (3,), anchors (3, lanes), tensions (lanes)."""
    a, b = sagittal_angles(phi, m)
    tension = np.repeat(head_tensions(knees, m), phi.size // len(knees), axis=1)
    tension[0] += PASSIVE_TENSION
    straight = turned(head_directions(m), of_knee("quadriceps_line"))
    guide = np.array([m.guide_long, m.guide_long, m.guide_oblique, m.guide_long, m.guide_oblique])
    points = [*(INSERTIONS[head] for head in HEADS), APEX, LATERAL_BORDER]
    anchors = [at_rest(point)[:, None] + length * line
               for point, length, line in zip(points, guide, pitched(straight, a), strict=False)]
    apex, band = at_rest(APEX), at_rest(LATERAL_BORDER) + ITB_LENGTH * ITB_DIRECTION
    anchors.append(np.stack([tubercle(phi, m) + of_knee("tubercle_offset"),
                             apex[1] - m.tendon_length * np.cos(b), apex[2] - m.tendon_length * np.sin(b)]))
    anchors.append(np.repeat(band[:, None], phi.size, axis=1))
    along = (tension * straight[:, 1]).sum(axis=0)                # what the heads pull along the thigh
    return points, np.array(anchors), np.array(
        [*tension, tendon_ratio(phi, m) * along, m.itb_share * of_knee("itb_tension")])


def _springs(phi, of_knee, m):
    """The medial and the lateral ligaments as springs that only pull: anchors, stiffness, slack lengths."""
    full = np.ones(phi.size)
    anchors, rest = [], []
    for border, side, length, behind, slack in (
            (MEDIAL_BORDER, -1, MPFL_LENGTH, m.mpfl_behind, m.mpfl_slack + m.mpfl_loosening * phi),
            (LATERAL_BORDER, 1, LATERAL_LENGTH, m.lateral_behind, m.lateral_slack + m.lateral_loosening * phi)):
        behind = np.radians(behind)
        line = np.array([side * np.cos(behind), 0.0, -np.sin(behind)])
        anchors.append((at_rest(border) + length * line)[:, None] * full)
        rest.append(length + slack)
    stiffness = [m.mpfl_stiffness * of_knee("medial_retinaculum"),
                 m.lateral_stiffness * of_knee("lateral_retinaculum")]
    return np.array(anchors), np.array(stiffness), np.array(rest)
