"""The pictures: outlines, the live vocabulary, and every scene in several states and layouts."""

import re
import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.path import Path

from vmo_edu import Knee
from vmo_edu.figures import anatomy, person, style
from vmo_edu.figures.cases import CasesScene
from vmo_edu.figures.cohort import CohortScene
from vmo_edu.figures.cramp import CrampScene
from vmo_edu.figures.cycle import CycleScene, tick_step
from vmo_edu.figures.effusion import EffusionScene
from vmo_edu.figures.exercise import ExerciseScene, bounds
from vmo_edu.figures.overview import OverviewScene
from vmo_edu.figures.pull import PullScene, turned_vmo
from vmo_edu.figures.q_angle import QAngleScene
from vmo_edu.figures.scene import Curve, Rigid, Scene, Swap, line_path, matrix_of
from vmo_edu.figures.section import GRID as PLACES
from vmo_edu.figures.section import groove, spanned, surface
from vmo_edu.figures.tracking import TrackingScene
from vmo_edu.models import adaptation, cases, cohort, cramp, exercise, inhibition, qangle, tracking
from vmo_edu.models.patella import geometry, potential
from vmo_edu.models.patella.parameters import mechanics

HEADS = ("rf_vi", "vml", "vmo", "vll", "vlo")
GRID = np.arange(0.0, 91.0, 10.0)


# -- states, made from the models as the explorers make them --------------------------------------------

def overview_state(vmo=1.0, shift=0.0, tilt=0.0, effusion=0.0):
    return SimpleNamespace(activation={"vmo": vmo}, vmo=vmo, shift=shift, tilt=tilt, effusion=effusion)


def pull_state(vmo_angle=47.0, **inputs):
    knee = Knee(**inputs)
    return SimpleNamespace(pull=tracking.pull(knee), vmo_angle=vmo_angle,
                           activation=dict(zip(HEADS, knee.heads(), strict=True)))


def tracking_state(flexion=20.0, restraint=None, **inputs):
    knee = Knee(**inputs)
    pushed = tracking.displaced(knee, flexion)
    found = tracking.solve(knee, np.append(GRID, flexion))
    last = len(GRID)
    names = [n for n in found.__dataclass_fields__ if n not in ("pressure", "points")]
    now = {n: float(getattr(found, n)[last]) for n in names}
    return SimpleNamespace(knee=knee, flexion=flexion, now=now, curve=tracking.solve(knee, GRID),
                           restraint=restraint, pressure=found.pressure[last],
                           held=(pushed.groove_shift.item(), pushed.tilt.item(), pushed.height.item()))


def effusion_state(volume=0.0, model="linear", flexion=10.0):
    left = inhibition.activation(volume, model, flexion)
    ml = np.arange(0.0, 121.0, 2.5)
    curves = {}
    for name in ("rule", "linear", "pressure"):
        found = inhibition.activation(ml, name, flexion)
        curves[name] = {"vm": found.vm, "vl": found.vl, "rf": found.rf}
    knee = Knee().with_effusion(volume, model, flexion)
    dry, swollen = (tracking.solve(k, np.append(GRID, flexion)) for k in (Knee(), knee))
    return SimpleNamespace(volume=volume, flexion=flexion, model=model, vm=left.vm, vl=left.vl, rf=left.rf,
                           curves=curves, thresholds=(20.0, 80.0), knee=knee, dry=dry, swollen=swollen,
                           dry_now=dry.at(flexion), swollen_now=swollen.at(flexion))


def cycle_state(name="Bed rest 8 weeks", week=4.0):
    preset = adaptation.PRESETS[name]
    return SimpleNamespace(result=adaptation.simulate(preset.schedule, weeks=preset.weeks), week=week,
                           healthy_force=97.0)


def exercise_state(flexion=30.0, chosen=None, squat_load=1.0, limit=1.0):
    found = exercise.find(chosen) if chosen else None
    return SimpleNamespace(flexion=flexion, exercise=found, limit=limit,
                           stress=exercise.curves(squat_load=squat_load))


def cramp_state(frequency=18.0, **factors):
    return SimpleNamespace(frequency=frequency, result=cramp.threshold(**factors))


def cohort_state(factor="q_angle", outcome="groove_shift", n=30):
    knees = cohort.arrays(256, flexion=[30])
    x, y = knees[factor], knees[f"{outcome}_30"]
    found = cohort.explain(knees, f"{outcome}_30", tuple(cohort.labels()))
    return SimpleNamespace(factor=factor, outcome=outcome, flexion=30.0, x=x, y=y, slope=tuple(np.polyfit(x, y, 1)),
                           r=dict(zip(found.factors, found.r, strict=True)),
                           studies=cohort.studies(knees, factor, f"{outcome}_30", n, trials=40))


def cases_state(number=1, committed=False, **inputs):
    state, one = tracking_state(0.0, **inputs), cases.case(number)
    hidden = SimpleNamespace(knee=one.knee, curve=tracking.solve(one.knee, GRID),
                             every=cases.match(one, one.knee).every)
    state.case, state.findings, state.truth = one, cases.findings(one), hidden if committed else None
    state.every = cases.match(one, state.knee).every
    return state


SCENES = {
    "overview": (
        OverviewScene,
        (overview_state, {}),
        (overview_state, {"vmo": 0.0, "shift": 6.0, "tilt": 12.0, "effusion": 80.0}),
    ),
    "q_angle": (
        QAngleScene,
        (qangle.solve, {}),
        (qangle.solve, {"pelvic_width": 262, "tubercle_offset": 12}),
    ),
    "pull": (
        PullScene,
        (pull_state, {}),
        (pull_state, {"vmo": 0.0, "vll": 1.6, "vmo_angle": 67.8, "quadriceps_force": 600.0}),
    ),
    "tracking": (
        TrackingScene,
        (tracking_state, {}),
        (
            tracking_state,
            {
                "flexion": 60.0,
                "vmo": 0.0,
                "trochlear_depth": 0.0,
                "medial_retinaculum": 0.0,
                "restraint": 40.0,
                "quadriceps_force": 500.0,
            },
        ),
    ),
    "effusion": (EffusionScene, (effusion_state, {}), (effusion_state, {"volume": 90.0, "model": "rule"})),
    "cycle": (
        CycleScene,
        (cycle_state, {}),
        (cycle_state, {"name": "After ACL reconstruction", "week": 30.0}),
    ),
    "exercise": (
        ExerciseScene,
        (exercise_state, {}),
        (exercise_state, {"flexion": 90.0, "chosen": "Lunge", "squat_load": 2.0}),
    ),
    "cramp": (
        CrampScene,
        (cramp_state, {}),
        (cramp_state, {"frequency": 40.0, "fatigue": 1.0, "drink": "water"}),
    ),
    "cohort": (
        CohortScene,
        (cohort_state, {}),
        (cohort_state, {"factor": "lateral_inclination", "outcome": "tilt", "n": 100}),
    ),
    "cases": (CasesScene, (cases_state, {}), (cases_state, {"number": 4, "committed": True, "vmo": 0.5})),
}
LAYOUTS = [(name, layout) for name, (cls, *_rest) in SCENES.items() for layout in cls.sizes]


def make(name, layout="wide", which=0):
    cls, *states = SCENES[name]
    scene = cls(layout)
    function, given = states[which]
    scene.update(function(**given))
    return scene


def shapes(d):
    """Absolute points of an SVG path of M, l, c and z."""
    points, at = [], np.zeros(2)
    for command, text in re.findall(r"([Mlcz])([^Mlcz]*)", d):
        numbers = np.array([float(n) for n in re.findall(r"-?\d*\.?\d+(?:e-?\d+)?", text)]).reshape(-1, 2)
        if command == "M":
            at = numbers[0]
            points.append(at)
        step = 3 if command == "c" else 1
        for i in range(0, len(numbers) if command in "lc" else 0, step):
            points += list(at + numbers[i:i + step])
            at = points[-1]
    return np.array(points)


# -- outlines -------------------------------------------------------------------------------------------

def catmull_rom_by_hand(p, i):
    """Control points of one inner segment, from the formula, with scalars."""
    d = [np.hypot(*(p[i + k + 1] - p[i + k])) ** 0.5 for k in (-1, 0, 1)]
    c1 = (d[0]**2 * p[i + 1] - d[1]**2 * p[i - 1] + (2 * d[0]**2 + 3 * d[0] * d[1] + d[1]**2) * p[i]) / (
        3 * d[0] * (d[0] + d[1]))
    c2 = (d[2]**2 * p[i] - d[1]**2 * p[i + 2] + (2 * d[2]**2 + 3 * d[2] * d[1] + d[1]**2) * p[i + 1]) / (
        3 * d[2] * (d[2] + d[1]))
    return c1, c2


def test_bezier_passes_through_its_points_with_centripetal_tangents():
    p = np.random.default_rng(3).normal(size=(9, 2)).cumsum(axis=0)
    path = anatomy.bezier(p)
    assert np.allclose(path.vertices[:-1:3][:9], p)
    assert np.allclose(path.vertices[3 * 4 + 1:3 * 4 + 3], catmull_rom_by_hand(p, 4))
    opened = anatomy.bezier(p, closed=False, corners=(4,))
    assert np.allclose(opened.vertices[13], p[4] + (p[5] - p[4]) / 3)        # straight out of a corner


def test_trim_keeps_exactly_what_lies_inside():
    square = Path([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)])
    line = anatomy.bezier([(-5, 5), (5, 5), (15, 5)], closed=False)
    (piece,) = anatomy.trim(line.vertices, square)
    assert np.allclose(piece[0], (0, 5), atol=0.05) and np.allclose(piece[-1], (10, 5), atol=0.05)
    assert anatomy.trim(anatomy.bezier([(20, 20), (30, 30)], closed=False).vertices, square) == []


@pytest.mark.parametrize("shift", [(3.0, 1.5), (-2.0, 4.0)])
def test_rim_is_the_outline_without_its_shifted_copy(shift):
    for part in anatomy.parts("frontal").values():
        polygon = part.polygon
        inside, moved = Path(polygon), Path(polygon + shift)
        loops = anatomy.rim(polygon, shift)
        low, high = polygon.min(0) - 1, polygon.max(0) + 1
        points = np.random.default_rng(1).uniform(low, high, size=(3000, 2))
        wanted = inside.contains_points(points) & ~moved.contains_points(points)
        got = np.zeros(len(points), bool)
        for loop in loops:
            got |= Path(loop).contains_points(points)
        assert np.mean(wanted != got) < 0.02, part.name


def test_every_part_keeps_its_fibres_inside_its_outline():
    for scene in ("frontal", "limb", "transverse"):
        for part in anatomy.parts(scene).values():
            if part.data.get("fibres"):
                grown = part.polygon + 0.6 * np.sign(part.polygon - part.polygon.mean(0))
                fibres = part.pieces["lines"].vertices
                share = np.mean(
                    Path(grown).contains_points(fibres) | Path(part.polygon).contains_points(fibres))
                assert share > 0.9, part.name


def test_a_rigid_pose_turns_lateral_tilt_to_posterior():
    pose = anatomy.rigid((3.5, 11), (2.0, 0.0), 90.0)
    assert np.allclose(anatomy.place(np.array([[4.5, 11.0]]), pose), [[5.5, 10.0]])
    from_own_frame = anatomy.rigid((3.5, 11), (0.0, 0.0), 0.0, from_origin=True)
    assert np.allclose(anatomy.place(np.zeros((1, 2)), from_own_frame), [[3.5, 11.0]])


def test_parts_of_two_bodies_stay_attached_at_both_ends():
    tendon = anatomy.parts("limb")["patellar tendon"]
    moved = tendon.moved({"patella": anatomy.rigid((0, 0), (8.0, 0.0))})
    top, bottom = tendon.rest[:, 1] > -22, tendon.rest[:, 1] < -64
    assert np.allclose((moved - tendon.rest)[top], (8.0, 0.0), atol=0.3)
    assert np.allclose((moved - tendon.rest)[bottom], 0.0, atol=0.3)


def model_groove(depth, flexion, x):
    """Height of the model's groove at x, straight from the mechanics."""
    lanes = geometry.build([Knee(trochlear_depth=depth)], np.array([flexion]), mechanics())
    return potential.groove(np.asarray(x, float)[:, None], lanes)[0][:, 0]


@pytest.mark.parametrize("depth, flexion", [(1, 0), (1, 8), (1, 60), (0, 20), (0.5, 0), (1.25, 90)])
def test_the_drawn_groove_is_the_groove_of_the_model(depth, flexion):
    """Down to a quarter of a millimetre between the crests, as the outline on the picture has it."""
    section = make("overview").section
    section.update(depth=depth, flexion=flexion)
    outline = anatomy.sample(section.views["trochlear cartilage"].curves["outline"].path.vertices[:-1])
    outline = outline[(outline[:, 0] > -15) & (outline[:, 0] < 19)]
    wanted = model_groove(depth, flexion, outline[:, 0])
    top = outline[:, 1] > wanted - 1.2                                   # the rest is the bone under the cartilage
    assert 40 < top.sum() < 0.8 * len(top)
    assert np.abs(outline[top, 1] - wanted[top]).max() < 0.25


def test_a_flat_groove_has_no_lateral_wall_and_the_medial_one_stays():
    x = np.array([-12.0, 0.0, 6.0, 12.0, 18.0])
    flat, normal = (np.interp(x, PLACES, surface(depth, 60)) for depth in (0.0, 1.0))
    assert np.ptp(flat[1:]) < 0.6 < 5 < np.ptp(normal[1:])
    assert abs(flat[0] - normal[0]) < 0.3
    back = np.array([[10.0, -60.0], [-30.0, -50.0]])
    assert np.allclose(groove(0.0)(back), back)


def test_the_drawn_groove_is_shallower_under_a_straight_knee():
    section = make("overview").section
    heights = []
    for flexion in (0, 10, 30, 90):
        section.update(flexion=flexion)
        heights.append(section.views["trochlear cartilage"].curves["outline"].path.vertices[:, 1].max())
    assert heights[0] < heights[1] - 1 and heights[1] < heights[2] - 0.2
    assert abs(heights[3] - heights[2]) < 0.01


def overlap(section, shift, tilt, height, depth, flexion):
    """How deep (mm) the drawn kneecap's cartilage and bone lie in the drawn groove, negative for a gap."""
    pose = section.pose(shift, tilt, depth, flexion, height)
    found = []
    for name in ("patellar cartilage", "patella"):
        x, y = anatomy.place(section.views[name].part.polygon, pose).T
        found.append(float(np.max(np.interp(x, PLACES, surface(depth, flexion)) - y)))
    return found


@pytest.mark.parametrize("depth", [0, 0.5, 1, 1.25])
@pytest.mark.parametrize("flexion", [0, 20, 90])
def test_a_kneecap_without_a_given_height_just_touches_the_groove(depth, flexion):
    section = make("tracking").section
    for shift in (-10, 0, 10):
        for tilt in (-15, 0, 15):
            cartilage, bone = overlap(section, shift, tilt, None, depth, flexion)
            assert abs(cartilage) < 0.15 and bone < 0.0, (shift, tilt)


def test_at_the_models_height_the_cartilages_overlap_by_what_they_are_pressed_together():
    section, knees = make("tracking").section, [
        Knee(), Knee(vmo=0, vml=0), Knee(trochlear_depth=0), Knee(trochlear_depth=1.25), Knee(tubercle_offset=15),
        Knee(tubercle_offset=-15), Knee(quadriceps_force=600), Knee(vll=0, vlo=0), Knee(itb_tension=100)]
    for knee in knees:
        found = tracking.solve(knee, [0, 10, 20, 40, 60, 90])
        for i, flexion in enumerate(found.flexion):
            cartilage, bone = overlap(section, found.groove_shift[i], found.tilt[i], found.height[i],
                                      knee.trochlear_depth, flexion)
            pressed = found.pressure[i].max() / mechanics().foundation
            assert abs(cartilage - pressed) < 0.3, (knee, flexion)
            assert bone < -1.0


def test_pressure_lies_on_the_interface_in_one_piece_for_each_loaded_stretch():
    scene = make("tracking")
    pressure = np.zeros(48)
    pressure[[3, 4, 5, 15, 16]] = 0.8                                    # two stretches of the lateral facet
    state = tracking_state()
    state.now.update(lateral_force=50.0, peak_lateral_pressure=0.8, medial_force=0.0, peak_medial_pressure=0.0)
    state.pressure = pressure
    scene.update(state)
    path = scene.section.contact["lateral"].path
    assert (path.codes == Path.MOVETO).sum() == 2
    surface_y = np.interp(path.vertices[:, 0], *state.curve.points[:24].T)
    assert np.abs(path.vertices[:, 1] - surface_y).max() < 2.0
    assert not scene.section.contact["medial"].look["visible"]


def test_vmo_fibres_turn_with_the_chosen_angle():
    def direction(part):
        v = part.pieces["lines"].vertices
        starts = np.flatnonzero(part.pieces["lines"].codes == Path.MOVETO)
        run = v[starts + 3] - v[starts]
        return np.degrees(np.arctan2(-run[:, 0], run[:, 1])).mean()

    turned = direction(turned_vmo(67.8)) - direction(turned_vmo(47.0))
    assert 14 < turned < 27


# -- the live vocabulary --------------------------------------------------------------------------------

class Small(Scene):
    """One axes with a curve inside a moving group."""

    def build(self):
        ax = self.ax = self.figure.add_axes([0.1, 0.1, 0.8, 0.8])
        ax.set(xlim=(10, -10), ylim=(-5, 5))
        self.body = self.group("body", ax)
        self.curve(
            "inside", ax, xy=[[0, 0], [1, 0], [1, 1]], closed=True, facecolor="#ff0000", into=self.body)
        self.curve("free", ax, xy=[[-5, 0], [5, 1], [np.nan, 0], [2, 3], [4, 4]], edgecolor="#0000ff",
                   linestyle="--")
        self.add(Swap("words", ax.text(3, 3, "<script>alert(1)</script>"), ax))

    def update(self, state):
        self.body.pose([[1, 0, state], [0, 1, 0], [0, 0, 1]])


def test_path_text_is_the_path_within_a_twentieth_of_a_pixel():
    scene = Small()
    rng = np.random.default_rng(0)
    path = anatomy.bezier(rng.normal(size=(12, 2)).cumsum(0))
    curve = scene.live["free"]
    curve.set(path=path)
    wanted = (
        path.vertices[path.codes != Path.CLOSEPOLY] @ matrix_of(scene.ax)[:2, :2].T
        + matrix_of(scene.ax)[:2, 2]
    )
    assert np.abs(shapes(curve.attributes()["d"]) - wanted).max() <= 0.0251


def test_a_curve_interrupted_by_nan_has_two_pieces():
    assert Small().live["free"].attributes()["d"].count("M") == 2
    assert len(line_path(np.full((3, 2), np.nan)).vertices) == 0


def test_a_group_moves_by_one_attribute_and_agg_draws_the_same():
    scene = Small()
    before = scene.frame()
    scene.update(-2.0)
    after = scene.frame()
    assert [gid for gid in before if before[gid] != after[gid]] == ["body"]
    moved = float(re.match(r"matrix\(1 0 0 1 ([-\d.e]+) ", after["body"]["transform"]).group(1))
    assert abs(moved - 2.0 * 0.8 * 9 * 72 / 20) < 0.06  # 2 units to the right of a falling x axis
    canvas = FigureCanvasAgg(scene.figure)
    canvas.draw()
    red = np.asarray(canvas.buffer_rgba())[..., :3]
    columns = np.flatnonzero((red == (255, 0, 0)).all(-1).any(0))
    left = shapes(after["inside"]["d"])[:, 0].min() + moved
    assert abs(columns.min() - left) <= 2


def test_a_curve_refuses_looks_it_does_not_have():
    with pytest.raises(TypeError, match="colour.*facecolor"):
        Small().live["free"].set(colour="red")


def test_unknown_layouts_list_the_known_ones():
    with pytest.raises(ValueError, match="wide, tall"):
        TrackingScene("round")


def test_text_is_escaped_in_the_picture_and_in_swaps():
    scene = Small()
    assert "<script>" not in scene.svg()
    assert "<script>" not in scene.frame()["words"]["markup"]
    assert "&lt;script&gt;" in scene.frame()["words"]["markup"]


def test_no_scene_loads_pyplot_or_shapely():
    code = ("import sys\nimport vmo_edu.figures.tracking as t\nt.TrackingScene()\n"
            "assert not {'matplotlib.pyplot', 'shapely', 'pandas', 'scipy'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)


# -- every scene ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, layout", LAYOUTS)
def test_svg_holds_every_live_thing_once_and_no_id_of_others(name, layout):
    scene, other = make(name, layout), make(name, layout)
    root = ElementTree.fromstring(scene.svg())
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert {f"{scene.uid}-{gid}" for gid in scene.live} <= set(ids)
    assert {f"{scene.uid}-{gid}" for gid in scene.parts} <= set(ids)
    foreign = set(ids) & set(re.findall(r'id="([^"]+)"', other.svg()))
    assert not foreign
    assert "<style" not in scene.svg() and "http://www.w3.org/2000/svg" in scene.svg()


@pytest.mark.parametrize("name", SCENES)
def test_a_recorded_frame_is_what_drawing_again_would_show(name):
    scene = make(name)
    scene.svg()
    function, given = SCENES[name][2]
    scene.update(function(**given))
    frame = scene.frame()
    fresh = type(scene)()
    fresh.update(function(**given))
    drawn = ElementTree.fromstring(fresh.svg())
    by_id = {e.get("id"): e for e in drawn.iter() if e.get("id")}
    for gid, attributes in frame.items():
        group = by_id[f"{fresh.uid}-{gid}"]
        element = group if isinstance(scene.live[gid], Rigid) else group[0]
        for key, value in attributes.items():
            assert element.get(key) == value, (gid, key)


@pytest.mark.parametrize("name", SCENES)
def test_every_number_in_a_frame_is_finite(name):
    for which in (0, 1):
        for gid, attributes in make(name, which=which).frame().items():
            for key, value in attributes.items():
                assert "nan" not in value and "inf" not in value.replace("infin", ""), (gid, key)


@pytest.mark.parametrize("name, layout", LAYOUTS)
def test_words_do_not_overlap_and_stay_on_the_picture(name, layout):
    """Where Agg puts the words at 600 px (wide) or 400 px (tall)."""
    scene = make(name, layout, which=1)
    canvas = FigureCanvasAgg(scene.figure)
    scene.figure.set_dpi((600 if layout == "wide" else 400) / scene.figure.get_figwidth())
    canvas.draw()
    width, height = canvas.get_width_height()
    boxes = [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in words(scene)]
    for i, (word, box) in enumerate(boxes):
        assert box.x0 > -2 and box.x1 < width + 2 and box.y0 > -2 and box.y1 < height + 2, word
        for other, place in boxes[:i]:
            across = min(box.x1, place.x1) - max(box.x0, place.x0)
            down = min(box.y1, place.y1) - max(box.y0, place.y0)
            assert min(across, down) < 1.5, (word, other)


def words(scene):
    """All visible texts, also those inside live groups that are shown."""
    found = []

    def collect(artist):
        rigid = getattr(artist, "rigid", None)
        if rigid is not None and not rigid.visible:
            return
        if hasattr(artist, "get_text") and artist.get_visible() and str(artist.get_text()).strip():
            found.append(artist)
        for child in artist.get_children():
            collect(child)

    for ax in scene.figure.axes:
        if ax.axison:
            collect(ax)
        else:
            for child in ax.get_children():
                if child not in (ax.xaxis, ax.yaxis):
                    collect(child)
    return found + [t for t in scene.figure.texts]


def on(live):
    """Whether a Curve or a Rigid is shown."""
    return live.look["visible"] if isinstance(live, Curve) else live.visible


@pytest.mark.parametrize("name", SCENES)
def test_ghost_appears_dashed_and_goes_again(name):
    scene = make(name)
    function, given = SCENES[name][2]
    ghosts = {g: live for g, live in scene.live.items() if "ghost" in g}
    assert ghosts and not any(on(live) for live in ghosts.values())
    scene.ghost(function(**given))
    shown = [live for live in ghosts.values() if on(live)]
    assert shown
    assert all(live.linestyle == "--" for live in shown if isinstance(live, Curve))
    assert "stroke-dasharray" in scene.svg()
    scene.ghost(None)
    assert not any(on(live) for live in ghosts.values())


@pytest.mark.parametrize("name", [n for n in SCENES if n not in ("exercise", "cramp", "cohort")])
def test_labels_can_be_hidden_for_a_self_test(name):
    scene = make(name)
    scene.labels(False)
    hidden = [g for g, a in scene.frame().items() if g.startswith("labels") and a["display"] == "none"]
    assert hidden == [g for g in scene.live if g.startswith("labels")]
    scene.labels(True)
    assert scene.frame()["labels"]["display"] == "inline"


def test_muscles_fade_and_waste_and_the_kneecap_moves():
    scene = make("overview")
    before, after = scene.frame(), make("overview", which=1).frame()
    assert float(after["vmo-outline"]["fill-opacity"]) < 0.2 < float(before["vmo-outline"]["fill-opacity"])
    area = [np.ptp(shapes(f["vmo-outline"]["d"]), axis=0).prod() for f in (before, after)]
    assert area[1] < 0.9 * area[0]
    assert before["patella"]["transform"] != after["patella"]["transform"]
    assert before["suprapatellar-pouch-outline"]["d"] != after["suprapatellar-pouch-outline"]["d"]


def test_force_arrows_are_as_long_as_their_forces():
    scene = PullScene()
    for state in (pull_state(), pull_state(vmo=0.5, vll=1.5)):
        scene.update(state)
        lengths = {}
        for head, force in zip(HEADS, state.pull.frontal, strict=True):
            xy = scene.arrows[head].path.vertices
            lengths[head] = np.hypot(*(xy[3] - (xy[0] + xy[6]) / 2)) / np.hypot(*force)
        values = np.array(list(lengths.values()))
        assert np.ptp(values) < 1e-6 * values.mean()
    ends = scene.chain["vmo"].path.vertices[3]
    assert np.allclose(ends, scene.sum.path.vertices[3])  # head to tail ends where the sum ends


def test_the_pinned_kneecap_stays_at_the_angle_shown():
    scene = TrackingScene()
    scene.update(tracking_state(20.0))
    scene.ghost(tracking_state(20.0))
    same = scene.frame()
    assert same["pinned"]["transform"] == same["patella-body"]["transform"]
    scene.update(tracking_state(60.0, vmo=0.0))
    frame = scene.frame()
    assert frame["pinned"]["transform"] != same["pinned"]["transform"]


def test_curves_break_where_the_kneecap_is_not_in_its_groove():
    state = tracking_state(flexion=30.0, vmo=0.0, trochlear_depth=0.0, medial_retinaculum=0.0, tubercle_offset=15.0)
    assert not state.curve.usable.all() and not state.now["in_groove"]
    scene = TrackingScene()
    scene.update(state)
    for name, line in scene.lines.items():
        assert set(line.path.vertices[:, 0]) <= set(state.curve.flexion[state.curve.usable]), name
        assert not on(scene.dots[name]), name


def test_the_pushed_kneecap_lies_where_the_model_holds_it():
    state, scene = tracking_state(trochlear_depth=0.0, restraint=40.0), TrackingScene()
    scene.update(state)
    shift, tilt, height = state.held
    assert shift == pytest.approx(state.now["groove_shift"] + 10) and abs(tilt - state.now["tilt"]) > 1
    drawn = scene.section.pose(shift, tilt, height=height)
    assert np.allclose(scene.pushed.affine.get_matrix(), drawn) and on(scene.pushed)


def test_a_ligament_spans_straight_between_its_ends():
    start, end, pose = (0.0, 0.0), (0.0, 10.0), anatomy.rigid((0, 10), (4.0, -3.0), 30)
    points = np.array([start, (0, 5), end, (1, 5)])
    moved = spanned((start, end), pose)(points)
    assert np.allclose(moved[[0, 2]], [start, (4, 7)]) and np.allclose(moved[1], (2, 3.5))
    assert np.hypot(*(moved[3] - moved[1])) == pytest.approx(1)           # its width stays


@pytest.mark.parametrize("inputs, side", [({"tubercle_offset": 15, "patella_offset": -10, "pelvic_width": 290,
                                            "femoral_rotation": 15}, 1),
                                          ({"tubercle_offset": -15, "patella_offset": 10, "pelvic_width": 170}, -1)])
def test_a_q_angle_off_the_ruler_is_said_to_be_off_it(inputs, side):
    scene, result = QAngleScene(), qangle.solve(**inputs)
    scene.update(result)
    edge = scene.ruler.get_xlim()[(1 + side) // 2]
    assert side * (result.q_angle[0] - edge) > 0                          # else the case says nothing
    tip = scene.beyond.path.vertices[:3, 0]
    assert on(scene.beyond) and not on(scene.mark) and side * (tip[2] - tip[0]) > 0 and tip[0] == edge
    scene.update(qangle.solve())
    assert on(scene.mark) and not on(scene.beyond)


def test_the_leaders_of_the_landmarks_follow_them():
    scene = QAngleScene()
    ends = []
    for offset in (0.0, 7.0):
        scene.update(qangle.solve(tubercle_offset=offset))
        ends.append(scene.leaders["tubercle"][0].path.vertices[-1])
    assert np.allclose(ends[1] - ends[0], (7, 0))


def test_the_scale_bar_of_the_pulls_stays_on_the_picture_when_nothing_pulls():
    scene = PullScene()
    scene.update(pull_state(vmo=0.0, vml=0.0, vll=0.0, vlo=0.0, rf_vi=0.0))
    bar = scene.bar
    assert bar.path.vertices[:, 1].max() < bar.ax.get_ylim()[1]


def test_a_cut_ligament_shows_two_stumps():
    frame = make("tracking", which=1).frame()
    band = "medial-retinaculum-and-mpfl"
    assert frame[f"{band}-outline"]["display"] == "none"
    assert frame[f"{band}-stump"]["display"] == "inline"
    assert frame[f"{band}-stump"]["d"].count("M") == 2
    assert make("tracking").frame()[f"{band}-outline"]["display"] == "inline"


def test_tension_makes_a_ligament_thicker_and_darker():
    scene = TrackingScene()
    state = tracking_state()
    scene.update(state)
    slack = scene.frame()["medial-retinaculum-and-mpfl-outline"]
    state.now["mpfl_tension"] = 80.0
    scene.update(state)
    tight = scene.frame()["medial-retinaculum-and-mpfl-outline"]
    assert float(tight["stroke-width"]) > float(slack["stroke-width"]) and tight["fill"] < slack["fill"]


def test_pressure_colours_darken_and_stop_at_the_end_of_the_scale():
    light = [
        sum(int(style.pressure_colour(p)[i : i + 2], 16) for i in (1, 3, 5)) for p in np.linspace(0, 3, 13)
    ]
    assert all(a > b for a, b in zip(light, light[1:], strict=False))
    assert style.pressure_colour(99) == style.pressure_colour(3.0)


def luminance(colour):
    parts = np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)])
    parts = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return parts @ (0.2126, 0.7152, 0.0722)


@pytest.mark.parametrize(
    "text, ground",
    [
        (style.INK, "#FFFFFF"),
        (style.SOFT_INK, "#FFFFFF"),
        (style.EVIDENCE, "#FFFFFF"),
        (style.GHOST, "#FFFFFF"),
        (style.EVIDENCE, style.EVIDENCE_FILL),
        (style.CLAIM, style.CLAIM_FILL),
        (style.INK, style.VMO_FILL),
        (style.INK, style.VL_FILL),
        (style.INK, style.RF_FILL),
        (style.INK, style.BONE_FILL),
        *((edge, "#FFFFFF") for _fill, edge in style.HEAD_COLOURS.values()),
    ],
)
def test_text_stands_out_from_its_ground(text, ground):
    low, high = sorted((luminance(text), luminance(ground)))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_week_ticks_follow_the_length_of_the_course():
    assert [tick_step(w) for w in (8, 12, 26, 52, 104)] == [1, 2, 4, 8, 13]
    scene = CycleScene()
    scene.update(cycle_state())                                          # 26 weeks
    shown = [w for w, tick in scene.ticks.items() if tick.visible]
    assert shown == [0, 4, 8, 12, 16, 20, 24]


def test_published_values_are_read_with_their_bounds():
    assert bounds("46") == (46, 46) and bounds("50-66") == (50, 66)
    assert bounds(">45") == (45, np.inf) and bounds("<45") == (-np.inf, 45)
    assert bounds(None) is None and bounds("not given") is None


POSTURES = [(name, take) for group in (person.CLOSED, person.OPEN) for name, (take, _words) in group.items()]


@pytest.mark.parametrize("name, take", POSTURES)
def test_every_posture_has_the_bend_that_is_asked_for_and_stands_on_the_floor(name, take):
    for knee in (0, 30, 60, 90):
        pose = take(float(knee))
        hip, joint, ankle = pose.joints()
        thigh, shank = joint - hip, ankle - joint
        bend = np.degrees(np.arccos(np.clip(thigh @ shank / np.hypot(*thigh) / np.hypot(*shank), -1, 1)))
        assert abs(bend - knee) < 3.0, (name, knee)
        thigh, bend, foot = pose.far
        other = pose.hip + person.towards(thigh, person.THIGH) + person.towards(thigh + bend, person.SHANK)
        for place, direction in ((ankle, pose.foot), (other, foot)):
            assert place[1] > 0.05 and (place + person.towards(direction, 0.4))[1] > -0.06, (name, knee)


def test_every_exercise_has_its_own_picture_or_none_and_never_a_wrong_chain():
    table = {one.name: one for one in exercise.exercises()}
    assert set(person.DRAWN) <= set(table)
    for name, (posture, *extras) in person.DRAWN.items():
        chain = "closed" if posture in person.CLOSED else "open"
        assert posture in {**person.CLOSED, **person.OPEN} and set(extras) <= set(person.MORE)
        assert table[name].chain.startswith(chain) or table[name].chain == "not applicable", name


@pytest.mark.parametrize("chosen, shown", [
    (None, {"closed-is-squat", "open-is-extension"}),
    ("Lunge", {"closed-is-lunge", "open-is-extension"}),
    ("Seated ball squeeze", {"closed-is-squat", "open-is-squeeze-ball"}),
    ("Turned-out straight-leg raise", {"closed-is-squat", "open-is-leg_raise-turned"}),
    ("Closed-chain quadriceps exercise", {"closed-is-closed", "open-is-extension"}),
    ("Quadriceps stretch", {"closed-is-closed", "open-is-open"}),
])
def test_the_picture_names_what_it_draws_and_says_where_it_has_no_picture(chosen, shown):
    scene = ExerciseScene()
    scene.update(exercise_state(30.0, chosen))
    assert {g for g, live in scene.live.items() if "-is-" in g and live.visible} == shown
    assert scene.live["open-ball"].visible == (chosen == "Seated ball squeeze")


def test_a_chosen_posture_follows_the_bend_of_the_knee():
    scene = ExerciseScene()
    frames = []
    for flexion in (10.0, 80.0):
        scene.update(exercise_state(flexion, "Lunge"))
        frames.append(scene.frame())
    assert frames[0]["closed-near"]["d"] != frames[1]["closed-near"]["d"]
    assert frames[0]["closed-trunk"]["transform"] != frames[1]["closed-trunk"]["transform"]


def test_the_figures_say_what_they_draw_larger_or_smaller():
    said = " ".join(t.get_text() for name in ("cycle", "pull") for t in words(make(name)))
    assert "3 times as large" in said and "× 0.2)" in said


@pytest.mark.parametrize("name", [n for n, layout in LAYOUTS if layout == "tall"])
def test_words_are_readable_on_a_phone(name):
    """No word below 11 px where JupyterLab leaves a picture 288 px, on a screen of 400 px."""
    scene = make(name, "tall")
    smallest = min(t.get_fontsize() for t in words(scene))
    assert smallest * 288 / (72 * scene.figure.get_figwidth()) >= 11


def test_the_leaders_of_the_kneecap_and_its_ligaments_end_on_them():
    scene = TrackingScene()
    for state in (tracking_state(), tracking_state(vmo=0.0, flexion=0.0),
                  tracking_state(tubercle_offset=15.0, flexion=5.0), tracking_state(trochlear_depth=0.0, flexion=60.0)):
        scene.update(state)
        dots = scene.leaders.path.vertices[[1, 12, 23, 34]]
        pose = scene.section.patella.affine.get_matrix()
        for name, dot in zip(("patella", "patellar cartilage"), dots[:2], strict=True):
            assert Path(anatomy.place(scene.section.views[name].part.polygon, pose)).contains_point(dot)
        for name, dot in zip(("lateral retinaculum", "medial retinaculum and MPFL"), dots[2:], strict=True):
            assert scene.section.views[name].curves["outline"].path.contains_point(dot), name


def test_missing_values_are_said_to_be_missing():
    frame = make("exercise", which=1).frame()                            # the lunge: a bound, no ratio
    assert frame["ratio-none"]["display"] == "inline" and frame["activity-none"]["display"] == "none"


# -- what the pointer drags -----------------------------------------------------------------------------

def centre(scene, gid):
    """Where a dragged group stands, SVG units from where it was drawn."""
    return np.array([float(n) for n in scene.frame()[gid]["transform"][7:-1].split()[4:]])


@pytest.mark.parametrize("name, function, start", [
    ("q_angle", qangle.solve, {"tubercle_offset": 0.0, "patella_offset": 0.0, "pelvic_width": 227.0,
                               "femur_length": 435.0}),
    ("tracking", tracking_state, {"flexion": 20.0}), ("effusion", effusion_state, {"volume": 20.0}),
    ("exercise", exercise_state, {"flexion": 30.0, "limit": 1.0}),
    ("cramp", cramp_state, {"frequency": 20.0}),
    ("cycle", cycle_state, {"week": 6.0})])
def test_dragging_a_handle_by_pixels_moves_it_by_those_pixels(name, function, start):
    scene = SCENES[name][0]()
    scene.update(function(**start))
    assert scene.handles
    for handle in scene.handles:
        for axis, (control, per_pixel) in handle.per_pixel().items():
            scene.update(function(**start))
            here = centre(scene, handle.gid)
            scene.update(function(**{**start, control: start[control] + 6 * per_pixel}))
            moved = centre(scene, handle.gid) - here
            assert np.allclose(moved, (6, 0) if axis == "x" else (0, 6), atol=0.15), (handle.label, axis)


def test_ids_stay_apart_in_one_process():
    assert len({OverviewScene().uid for _ in range(5)}) == 5
    assert OverviewScene(uid="fixed").svg() == OverviewScene(uid="fixed").svg()


def test_png_has_the_asked_width():
    data = make("cramp").png(700)
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(data[16:20], "big") == 700


def test_curve_needs_a_scene_only_to_be_registered():
    scene = Small()
    with pytest.raises(ValueError, match="two live things"):
        scene.add(Curve("free", scene.ax, xy=[[0, 0], [1, 1]]))
