"""Explorers of lessons 05 to 07: presets are courses of the model, aliases open exercises, misses show."""

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
