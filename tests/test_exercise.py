"""Exercises: stress curves against published orders and angles, safe ranges, and the finder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu import evidence
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.models import exercise
from vmo_edu.models.exercise import crossing, curves, find, safe_range, search


def test_the_curves_cross_at_the_published_angle():
    assert crossing() == pytest.approx(float(evidence.fact("F0665")))
    at = curves([48])
    assert at.closed[0] == pytest.approx(1) and at.open[0] == pytest.approx(1)


@pytest.mark.parametrize("angle", [0, 15, 30])
def test_extension_is_higher_near_straight(angle):
    at = curves([angle])                                    # powers2014: F0660; steinkamp1993: F0663
    assert at.open[0] > at.closed[0]


@pytest.mark.parametrize("angle", [60, 75, 90])
def test_squat_is_higher_when_bent(angle):
    at = curves([angle])                                    # powers2014: F0659; steinkamp1993: F0664
    assert at.closed[0] > at.open[0]


def test_force_peaks_where_escamilla_found_it():
    found = curves()
    assert found.flexion[np.argmax(found.closed_force)] == 90                   # F0666: near full flexion
    assert 30 < found.flexion[np.argmax(found.open_force)] < 60                 # F0667: mid-range
    assert found.open[0] > found.open[45]                                       # and yet the stress does not


def test_a_limit_of_one_gives_the_advised_ranges():
    assert safe_range(1.0, "closed") == [(0.0, 48.0)]       # powers2014: squat 45 to 0 (F0661)
    assert safe_range(1.0, "open") == [(48.0, 90.0)]        # powers2014: extension 90 to 45 (F0662)


@given(st.floats(0.1, 5), st.floats(0.1, 5))
def test_the_crossing_is_where_the_curves_meet(squat, extension):
    angle = crossing(squat, extension)
    at = curves([angle], squat, extension)
    assert 0 < angle < 90
    assert at.closed[0] == pytest.approx(at.open[0], rel=1e-9)


def test_stress_is_proportional_to_load():
    assert curves([60], 2.0, 0.5).closed[0] == pytest.approx(2 * curves([60]).closed[0])
    assert curves([60], 2.0, 0.5).open[0] == pytest.approx(0.5 * curves([60]).open[0])


def test_shape_rests_on_the_published_figures():
    area = [float(evidence.fact(fact)) for fact in ("F0240", "F0241", "F0242")]
    assert list(exercise.AREA) == area
    assert exercise.contact_area(np.array(exercise.AREA_ANGLES)) == pytest.approx(area)
    assert exercise.moment_arm(np.array([0.0, 10.0, 50.0, 90.0])) == pytest.approx([46.3, 46.3, 32.2, 32.2])
    arms = [np.mean([float(evidence.fact(a)), float(evidence.fact(b))])
            for a, b in (("F0259", "F0261"), ("F0258", "F0260"))]
    assert list(exercise.ARM) == pytest.approx(arms)


@given(st.floats(0, 5), st.sampled_from(["closed", "open"]), st.floats(0.2, 3))
def test_inside_a_safe_range_the_stress_is_below_the_limit(limit, chain, load):
    fine = np.linspace(0, 90, 181)
    curve = getattr(curves(fine), chain) * load
    inside = np.zeros(fine.size, bool)
    for low, high in safe_range(limit, chain, load):
        inside |= (fine > low + 0.1) & (fine < high - 0.1)
    assert (curve[inside] <= limit * 1.01 + 0.02).all()


def test_a_range_that_does_not_exist_is_empty():
    assert safe_range(0.5, "open", load=5.0)[0][0] > 80
    low, high = safe_range(0.0, "closed")[0]
    assert (low, high) == (0, pytest.approx(0, abs=0.1))        # a squat loads nothing when standing straight


@pytest.mark.parametrize(("call", "words"), [
    (lambda: safe_range(-1), "limit must be between 0 and 20"),
    (lambda: safe_range(float("nan")), "limit must be between"),
    (lambda: safe_range(1, "half"), "chain must be one of 'closed', 'open'"),
    (lambda: safe_range(1, load=0), "load must be between 0.1 and 5"),
    (lambda: curves([100]), "flexion must be between 0 and 90 degrees"),
    (lambda: curves([]), "flexion must hold at least one number"),
    (lambda: crossing("heavy"), "squat_load must be between"),
])
def test_bad_input_says_what_is_allowed(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_every_exercise_is_found_by_its_name_and_by_every_alias():
    rows = evidence.rows("exercises")
    assert len(exercise.exercises()) == len(rows) == 62
    for row in rows:
        assert find(row["name"]).name == row["name"]
        for alias in filter(None, (part.strip() for part in row["aliases"].split(";"))):
            assert find(alias).name == row["name"], alias
            assert find(alias.upper()).name == row["name"]


def test_missing_values_stay_missing():
    assert all(one.vl_mvic is None for one in exercise.exercises())             # the table gives none
    squeeze = find("Seated ball squeeze")
    assert squeeze.ratio is None and "VMO:VL ratio" in squeeze.missing
    assert find("PNF diagonal patterns").ratio == "0.96"
    assert find("Step-up").vmo_mvic == ">45"


def test_ranges_and_grades_are_read_from_the_table():
    assert find("Open-chain knee extension, variable resistance").flexion == (45, 90)
    assert find("SLR").flexion == (0, 0) and find("Running").flexion is None
    assert find("Squat").grade == "supported" and find("Instep kick").grade == ""
    assert find("Side-foot kick").grade == "contradicted" and not find("Parker pinch").verified
    assert {one.grade for one in exercise.exercises()} == {*exercise.GRADES, ""}


def test_stress_in_the_working_range():
    low, high = find("Squat").stress()
    assert low == 0 and high == pytest.approx(float(curves([90]).closed[0]))
    assert find("Last 30 degrees only").stress()[0] > 1          # seated: above the crossing all the way
    assert find("Running").stress() is None and find("Vastus medialis stretch").stress() is None


def test_search_wants_all_words():
    names = {one.name for one in search("ball squeeze")}
    assert {"Seated ball squeeze", "Wall squat with ball squeeze"} <= names
    assert search("ball handstand") == []


def test_an_unknown_exercise_proposes_near_ones():
    with pytest.raises(UnknownInputError, match="is called 'wall sqat'; nearest: .*[Ww]all squat"):
        find("wall sqat")
    with pytest.raises(InputError, match="name must be the name of an exercise"):
        find(None)


def test_no_exercise_here_is_shown_to_train_the_vmo_alone():
    claims = [one for one in exercise.exercises() if one.grade == "supported"]
    assert all("preferential" not in one.verdict and "isolat" not in one.verdict for one in claims)


def test_table_of_exercises_shows_missing_values_as_a_dash():
    everything, named = exercise.table(), exercise.table(named_only=True)
    assert len(everything) == 62 and 20 < len(named) < 62
    row = everything.set_index("exercise").loc["Step-up"]
    assert row["VMO:VL"] == "—" and row["VMO (% of maximum)"] == ">45"
    assert everything.set_index("exercise").loc["Straight-leg raise", "range (°)"] == "0"
    assert "(unverified)" in everything.set_index("exercise").loc["Parker pinch", "verdict"]
    assert set(exercise.table("ball squeeze")["exercise"]) == {one.name for one in search("ball squeeze")}


def test_table_of_the_curves():
    frame = curves([0, 45, 90]).to_frame()
    assert len(frame) == 3 and "squat stress" in frame
