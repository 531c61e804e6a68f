"""Sentences of lessons 04 to 07: they say the meaning, mark what was not measured, show a real minus sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu.describe import cramp, cycle, effusion, exercise
from vmo_edu.models import adaptation, inhibition
from vmo_edu.models import cramp as cramp_model
from vmo_edu.models import exercise as exercise_model


def said(volume, model, flexion=30.0, **more):
    left = inhibition.activation(volume, model, flexion)
    return effusion.describe(volume, model, flexion, left.vm, left.vl, left.rf, **more)


def test_a_dry_joint():
    assert said(0, "linear") == "The joint is dry: no muscle is inhibited."


def test_the_rule_is_called_a_claim():
    text = said(20, "rule")
    assert "VMO off, VL untouched" in text and "silent about rectus femoris" in text and "a claim" in text


@pytest.mark.parametrize("volume", [5, 20, 60])
def test_the_rule_is_confronted_with_the_measured_lines(volume):
    found = inhibition.activation(volume, "linear")
    left = f"{100 * found.vm:.0f} % of the VM reflex and {100 * found.vl:.0f} % of the VL"
    assert f"The measured lines leave {left} at {volume} ml." in said(volume, "rule")
    assert "The measured lines" not in said(volume, "linear") and "Nobody measured" not in said(volume, "rule")


def test_beyond_what_was_measured_the_rule_is_confronted_with_that():
    assert "Nobody measured beyond 60 ml; the measured lines would leave" in said(80, "rule")


def test_the_line_says_that_a_reflex_is_not_a_force():
    text = said(20, "linear")
    assert "leave 85 % of the VM reflex, 88 % of the VL" in text and "a reflex is not a force" in text
    assert "extrapolated" not in text


@pytest.mark.parametrize("model", ["linear", "pressure"])
def test_beyond_60_ml_it_says_extrapolated(model):
    assert "Nobody measured beyond 60 ml: this is extrapolated." in said(80, model)


def test_the_pressure_model_names_its_angle_and_its_assumption():
    text = said(40, "pressure", 45)
    assert "They hold at 45°" in text and "assumed, not measured" in text


def at(**more):
    """A patella at 30°, in its groove unless told otherwise."""
    return {"flexion": 30.0, "shift": -1.0, "groove_shift": -1.0, "tilt": 2.0, "lateral_share": 0.60, "converged": 1.0,
            "in_groove": 1.0, **more}


def test_tracking_is_said_with_its_condition():
    text = said(40, "linear", dry=at(), swollen=at(shift=-0.2, lateral_share=0.66))
    assert "If force falls as the reflex does, the patella moves 0.8 mm lateral" in text
    assert "goes from 60 to 66 %" in text
    assert "the lateral facet's share of the load stays at 60 %" in said(40, "linear", dry=at(), swollen=at())
    assert "If the rule were true, the patella does not move" in said(40, "rule", dry=at(), swollen=at())


@pytest.mark.parametrize(("lost", "words"), [
    ({"in_groove": 0.0, "groove_shift": 28.0, "tilt": 38.0}, "The patella has left the groove"),
    ({"converged": 0.0}, "At 30° of flexion the model found no equilibrium"),
])
def test_a_swollen_knee_without_a_result_is_said_first(lost, words):
    text = said(40, "linear", dry=at(), swollen=at(**lost))
    assert text.startswith(words) and "lateral facet" not in text
    assert effusion.compare(-0.1, -0.1, None).endswith("not compared: one of the two gives no result.")


def test_detection_says_there_was_no_threshold():
    text = effusion.detection(0.56, 0.33, 400, 0.15, people=10, drawn=12)
    assert "56 %" in text and "33 %" in text and "no threshold in any of them" in text
    assert "10 people each" in text and "up to 5 points either way" in text and "picture shows" not in text
    assert "shows 12 of the 40 people of one study" in effusion.detection(0.5, 0.5, 400, 0.1, people=40, drawn=12)
    assert "VM +20 points, VL 0 points (up to 7 can be chance)" in effusion.compare_detection(0.2, 0, 400)


def test_effusion_against_the_pinned_state():
    same = "Against the pinned state: both vasti unchanged, the patella in the same place."
    assert effusion.compare(0, 0, 0) == same
    changed = effusion.compare(-0.15, 0.12, -0.4)
    assert changed == "Against the pinned state: VM −15 points, VL +12 points, the patella 0.4 mm medial."


def test_a_week_of_the_cycle():
    run = adaptation.simulate(adaptation.PRESETS["After knee arthroplasty"].schedule, 26)
    text = cycle.describe(run.at(3), run.healthy_force,
                          cycle.going_on(20, 0.17, 0.8, False, 0.0))
    assert text.startswith("Week 3: 20 ml in the joint, pain and the leg rested. The quadriceps has lost")
    assert "by inhibition" in text and "by lost size" in text
    assert text.index("by inhibition") < text.index("by other effects")


@given(st.floats(-0.3, 1), st.floats(-0.3, 1), st.floats(0, 1))
def test_any_loss_has_a_sentence(activation, size, neural):
    now = {"weeks": 3, "strength": 1 - activation - size - neural, "loss_activation": activation,
           "loss_size": size, "loss_neural": neural}
    assert cycle.describe(now, 97.0).endswith(".")


def test_daily_life_and_gains():
    base = {"weeks": 10, "strength": 1.12, "size": 1.1, "activation": 1, "loss_size": 0, "loss_activation": 0,
            "loss_neural": 0, "lateral_force": 97.0, "converged": 1.0, "in_groove": 1.0}
    assert cycle.describe(base, 97.0) == "Week 10: daily life. The quadriceps is 12 % stronger than before."
    found = {"converged": 1.0, "in_groove": 1.0}
    assert "carries 5.0 % more" in cycle.load({"lateral_force": 105, **found}, 100)
    assert cycle.load({"lateral_force": 100.1, **found}, 100) == ""


@pytest.mark.parametrize(("lost", "words"), [({"in_groove": 0.4}, "leaves its groove"),
                                             ({"converged": 0.0}, "found no equilibrium")])
def test_a_week_without_a_result_gives_no_load(lost, words):
    text = cycle.load({"lateral_force": 150.0, "converged": 1.0, "in_groove": 1.0, **lost}, 100.0)
    assert words in text and "carries" not in text


def test_a_gap_that_reads_as_3_agrees_within_3():
    assert "agrees within 3 points" in cycle.misses([("strength", -23.0, -19.6, "%")])
    assert "a miss of 4 points" in cycle.misses([("strength", -23.0, -19.4, "%")])


def test_what_is_going_on():
    assert cycle.going_on(0, 0, 1.0, True, 0) == ["the knee in a brace"]
    assert cycle.going_on(0, 0, 1.0, False, 0) == ["complete rest"]
    drained = cycle.going_on(10, 0, 0, False, 0.5, draining=True)
    assert drained == ["10 ml in the joint, some drawn off", "training"]
    assert cycle.going_on(0, 0, 0, False, 0) == []


def test_misses_are_said():
    rows = [(row.what, row.measured, row.modelled, row.unit)
            for row in adaptation.compare("After knee arthroplasty")]
    text = cycle.misses(rows)
    assert "a miss of 33 points" in text and "agrees within 3 points" in text
    assert cycle.misses([]) == ""


def test_cycle_against_the_pinned_course():
    assert "nothing has changed" in cycle.compare(0, 0)
    assert "strength differs by −10 and size by −2 points" in cycle.compare(-0.10, -0.02)


@pytest.mark.parametrize(("angle", "words"), [
    (30, "the seated extension loads the kneecap about 2 times"), (48, "load the kneecap alike"),
    (75, "the squat loads the kneecap about 4 times"), (0, "far more than"), (90, "far more than"),
])
def test_two_curves_in_words(angle, words):
    at = exercise_model.curves([angle])
    text = exercise.describe(angle, float(at.closed[0]), float(at.open[0]), at.crossing)
    assert words in text and "cross at 48°" in text and "relative" in text


def test_safe_ranges_in_words():
    assert exercise.ranges(0.5, [(0.0, 28.9)], []).endswith("squat from 0 to 29°, seated extension nowhere.")


def test_every_exercise_has_a_sentence_with_its_missing_values():
    for one in exercise_model.exercises():
        text = exercise.verdict(one.name, one.grade, one.verdict, one.ratio, one.vmo_mvic, one.missing,
                                one.verified)
        assert text.startswith(one.name) and "None" not in text
        assert ("unverified" in text) == (not one.verified)
        assert "VL activity" in text                            # missing everywhere in the table
        assert exercise.working(one.flexion, one.stress(), one.chain)


def test_working_range_in_words():
    assert exercise.working(None, None, "open") == "No study sets its working range."
    text = exercise.working((0, 30), (1.06, 1.2), "open")
    assert text.endswith("from 0 to 30°; there the seated extension has a relative stress of up to 1.2.")
    assert exercise.working((60, 60), (0.76, 0.76), "closed") == (
        "It works at 60°; there the squat has a relative stress of 0.8.")


def tell(**choice):
    found = cramp_model.threshold(**choice)
    return cramp.describe(found.baseline, found.threshold, found.low, found.high, found.parts, found.unsure)


def test_cramp_in_words():
    assert "Nothing is changed" in tell() and "never in the VMO" in tell()
    assert "harder to provoke a cramp" in tell(fatigue=1) and "+12.9 Hz (+6.1 to +19.7)" in tell(fatigue=1)
    assert "easier to provoke" in tell(drink="water")
    assert "may not have changed at all" in tell(dehydration=3)
    assert "interval not known" in tell(stretch=True)
    assert "Nobody measured these together" in tell(fatigue=1, dehydration=3)


@pytest.mark.parametrize(("frequency", "words"), [(40, "the muscle cramps"), (10, "no cramp"),
                                                  (22, "may or may not cramp")])
def test_stimulus_in_words(frequency, words):
    assert words in cramp.stimulus(frequency, 21, 15, 27)


def test_verdicts_of_cramp_in_words():
    for one in cramp_model.factors():
        text = cramp.verdict(one.belief, one.verdict, one.finding, one.n)
        assert one.belief in text and one.finding in text and f"{one.n} people" in text


def test_no_sentence_has_a_hyphen_for_a_minus():
    texts = [tell(drink="water"), cycle.compare(-0.1, -0.1), effusion.compare(-0.1, -0.1, -0.1),
             cycle.misses([("strength", -62.0, -29.4, "%")])]
    assert not any(f"-{digit}" in text for text in texts for digit in range(10))
