"""Explorers of lessons 05 to 07: presets are courses of the model, aliases open exercises, misses show."""

from dataclasses import replace

import pytest

from vmo_edu import explore
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.explorers.cycle import controls_of, schedule_of
from vmo_edu.models import adaptation, exercise


@pytest.fixture(scope="module")
def cycle():
    return explore.cycle()


@pytest.fixture(scope="module")
def lab():
    return explore.exercise()


@pytest.fixture(scope="module")
def cramp():
    return explore.cramp()


@pytest.mark.parametrize("name", list(adaptation.PRESETS))
def test_a_preset_of_the_model_survives_the_way_through_the_controls(cycle, name):
    course = adaptation.blocks(adaptation.PRESETS[name].schedule)
    values = {**cycle.reset().state(), **controls_of(course)}
    assert set(adaptation.blocks(schedule_of(values))) == set(course)


def test_published_figures_appear_with_their_preset_only(cycle):
    assert cycle.set(preset="After knee arthroplasty", week=4)._current.targets
    assert "a miss of 33 points" in cycle.describe()
    assert not cycle.set(effusion=60)._current.targets
    assert "a miss of" not in cycle.describe()
    assert not cycle.set(preset="After knee arthroplasty", pain_gain=2)._current.targets


def test_drawing_the_fluid_off(cycle):
    left = cycle.set(preset="Effusion left alone 6 weeks", week=3.5)._current.now["strength"]
    drained = cycle.set(drain="stays", drain_week=3)._current.now["strength"]
    back = cycle.set(drain="returns")._current
    assert drained > back.now["strength"] > left
    assert any("drawn off" in words for words in back.doing)


def test_the_week_of_training_is_said(cycle):
    assert "training" in cycle.set(preset="Training 6 months", week=10).describe()
    assert "stronger than before" in cycle.describe()


def test_the_pinned_course_is_compared(cycle):
    cycle.set(preset="Effusion left alone 6 weeks", week=5).pin()
    cycle.set(preset="Aspirated and trained")
    assert "Against the pinned course strength differs by" in cycle.describe()
    assert "Against the pinned course" not in cycle.reset().describe()


def test_an_exercise_opens_by_any_of_its_names(lab):
    for one in exercise.exercises():
        for name in (one.name, *one.aliases):
            assert lab.set(exercise=name).state()["exercise"] == one.name
            assert lab.describe().count(one.name) >= 1
    assert explore.exercise(exercise="SLR").code() == 'explore.exercise(exercise="Straight-leg raise")'


def test_an_unknown_exercise_proposes_others(lab):
    with pytest.raises(UnknownInputError, match="no exercise is called 'squatt'; nearest: .*Squat"):
        lab.set(exercise="squatt")


def test_missing_values_are_said(lab):
    lab.set(preset="Step-up")
    assert ("VMO:VL ratio", "not measured", "", "") in lab.readouts()
    assert "Not given by any source here: working range" in lab.describe()


def test_stress_above_the_limit_is_marked(lab):
    tones = {row[0]: row[3] for row in lab.reset().set(flexion=20, limit=1.0).readouts()}
    assert tones["Extension stress"] == "warn" and tones["Squat stress"] == ""
    assert "squat from 0 to" in lab.describe()
    units = {row[0]: row[2] for row in lab.readouts()}                 # not by colour alone
    assert "above the limit" in units["Extension stress"] and "above" not in units["Squat stress"]


def test_a_limit_is_said_as_it_was_set(lab):
    assert "Below a stress of 1.05:" in lab.reset().set(limit=1.05).describe()
    assert "Below a stress of 0.5:" in lab.set(limit=0.5).describe()


def test_the_pinned_loads_are_compared(lab):
    lab.reset().set(flexion=60).pin()
    assert "Against the pinned state: squat stress unchanged, extension stress unchanged" in lab.describe()
    text = lab.set(extension_load=2.0).describe()
    change = lab._current.opened - lab.baseline.opened
    assert f"squat stress unchanged, extension stress +{change:.1f}, the crossing +" in text


def test_the_pinned_threshold_is_compared(cramp):
    cramp.reset().pin()
    assert cramp.describe().endswith("Against the pinned threshold it is unchanged.")
    cramp.set(fatigue=1.0)
    change = cramp._current.result.threshold - cramp.baseline.result.threshold
    assert cramp.describe().endswith(f"Against the pinned threshold it is {change:.1f} Hz higher.")
    assert "pinned" not in cramp.reset().describe()


def test_numbers_of_the_threshold_agree_with_the_words(cramp):
    cramp.reset().set(fatigue=1.0)
    shown = {row[0]: row[1] for row in cramp.readouts()}
    assert f"Threshold {shown['Threshold']} Hz, from {shown['Before']} Hz" in cramp.describe()
    assert f"Local fatigue: {shown['Change']} Hz" in cramp.describe()


def test_the_pinned_swelling_is_compared():
    lab = explore.effusion(preset="60 ml, as measured").pin()
    lab.set(preset="80 ml, by the rule")
    vm, vl = (100 * (getattr(lab._current, m) - getattr(lab.baseline, m)) for m in ("vm", "vl"))
    assert f"VMO −{abs(vm):.0f} points, VL −{abs(vl):.0f} points" in lab.describe()
    lab.close()


def test_the_rule_stands_beside_what_was_measured():
    lab = explore.effusion(preset="20 ml, by the rule")
    shown = {label: (value, unit) for label, value, unit, _tone in lab.readouts()}
    assert shown["VMO left"] == ("0", "%") and shown["Measured line: VM"] == ("85", "%")
    beyond = {label: unit for label, _value, unit, _tone in lab.set(volume=80).readouts()}
    assert beyond["Measured line: VL"] == "% (not measured)"
    assert "Measured line: VM" not in {row[0] for row in lab.set(model="linear").readouts()}
    lab.close()


def test_the_cliff_is_drawn_where_its_sliders_put_it():
    lab = explore.effusion(model="rule", vmo_threshold=21, vl_threshold=107)
    lab.frame()
    for muscle, at in (("vm", 21), ("vl", 107)):
        xy = lab._scene.lines["rule", muscle, "all"].path.vertices
        assert xy.tolist() == [[0, 100], [at, 100], [at, 0], [120, 0]]
    lab.close()


def test_a_patella_out_of_its_groove_gives_no_shift():
    lab = explore.effusion(preset="60 ml, as measured")
    state = lab._current
    lost = replace(state, swollen_now={**state.swollen_now, "in_groove": 0.0})
    assert state.usable and not lost.usable
    assert ("Patella", "out of groove", "", "bad") in lab.readouts(lost)
    assert lab.describe(lost).startswith("The patella has left the groove")
    lab.pin()
    assert lab.describe(lost).endswith("not compared: one of the two gives no result.")
    lab.close()


def test_a_week_out_of_the_groove_gives_no_load(cycle):
    state = cycle.reset()._current
    lost = replace(state, now={**state.now, "in_groove": 0.0})
    assert ("Lateral facet", "no result", "", "bad") in cycle.readouts(lost)
    assert "leaves its groove" in cycle.describe(lost) and "leaves its groove" not in cycle.describe(state)


def test_a_preset_opens_where_something_was_measured(cycle):
    for name, course in adaptation.PRESETS.items():
        cycle.set(preset=name)
        assert bool(course.targets) == any(abs(one.week - cycle._current.week) <= 1 for one in course.targets)


def test_the_largest_load_is_drawn_and_not_cut(cycle):
    state = cycle.reset().set(model="rule", effusion=40)._current
    cycle.frame()
    largest = 100 * state.result.lateral_force.max() / state.healthy_force
    assert largest > 130                                # VMO off and VL on: as uneven as the rule can make it
    assert cycle._scene.lines["load"].path.vertices[:, 1].max() == pytest.approx(largest)


def test_a_range_is_not_called_an_interval(cramp):
    assert "at different times; no interval known" in cramp.set(preset="Plain water").describe()
    assert "no interval known" not in cramp.set(preset="Tired muscle").describe()


def test_the_pinned_knee_of_the_start_is_compared():
    lab = explore.overview().pin().set(vmo=0.5)
    assert "Against the pinned knee: VMO −50 points, the patella" in lab.describe()
    assert lab.set(vmo=1.0).describe().endswith("Against the pinned knee nothing has changed.")
    lab.close()


def test_a_study_of_many_says_how_many_are_drawn():
    lab = explore.detection(preset="40 people")
    assert "(40 people each" in lab.describe() and "shows 12 of the 40 people" in lab.describe()
    assert lab.frame().looks["some"]["display"] == "inline"
    drawn = len(lab._scene.people["vm"].path.vertices)
    assert "shows 12" not in lab.set(n=12).describe() and lab.frame().looks["some"]["display"] == "none"
    assert len(lab._scene.people["vm"].path.vertices) == drawn                # 12 again, and now all of them
    lab.set(n=6).frame()
    assert len(lab._scene.people["vm"].path.vertices) == drawn / 2
    lab.close()


def test_a_load_moves_the_crossing(lab):
    crossing = lab.reset().set(extension_load=2.0)._current.stress.crossing
    assert crossing > 55 and f"cross at {crossing:.0f}°" in lab.describe()


def test_cramp_says_what_moved_and_what_the_pulses_do(cramp):
    assert "harder to provoke a cramp" in cramp.set(preset="Tired muscle", frequency=10).describe()
    assert cramp.describe().endswith("no cramp.")
    assert cramp.set(frequency=50).describe().endswith("the muscle cramps.")
    assert {row[0] for row in cramp.readouts()} == {"Before", "Threshold", "Change", "Interval"}
    assert list(cramp.table()["part"]) == ["Baseline", "Local fatigue", "Threshold frequency"]


@pytest.mark.parametrize(("name", "values", "words"), [
    ("cycle", {"week": 30}, "week must be between 0 and 26"),
    ("cycle", {"drain": "twice"}, "drain must be one of 'no', 'returns', 'stays'"),
    ("exercise", {"flexion": 120}, "flexion must be between 0 and 90"),
    ("cramp", {"drink": "beer"}, "drink must be one of 'none', 'water', 'solution'"),
    ("cramp", {"stretch": 1}, "stretch must be True or False"),
])
def test_bad_values_say_what_is_allowed(name, values, words):
    with pytest.raises(InputError, match=words):
        getattr(explore, name)(**values)
