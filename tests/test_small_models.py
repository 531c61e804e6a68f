"""The small models: each input does what its description says, and as much."""

from __future__ import annotations

import numpy as np
import pytest

from vmo_edu import evidence
from vmo_edu.models import adaptation, cramp, exercise, inhibition, qangle
from vmo_edu.models.muscle import PARAMETERS, neural_rate, size_rate, values
from vmo_edu.models.schedule import Block, Demand, blocks


class TestMuscle:
    @pytest.mark.parametrize(("size", "share"), [(1.05, 0.0), (1.0, 0.0), (0.99, 0.5), (0.98, 1.0), (0.9, 1.0)])
    def test_a_muscle_more_than_two_percent_too_small_is_retrained_and_no_longer_grown(self, size, share):
        p = values()
        gained = size_rate(size, 1, 1, 1, False, p) - size_rate(size, 1, 1, 0, False, p)
        held = (size - 1) / p["unload_days"] if size > 1 else 0.0  # training also stops the fall back to normal
        assert gained - held == pytest.approx(p["growth"] + share * (p["retraining"] - p["growth"]))

    def test_training_brings_the_neural_part_back_sooner(self):
        p = values()
        daily, trained = (0.1 / neural_rate(0.9, 1, training, p) for training in (0, 1))
        assert daily == pytest.approx(p["neural_return_days"]) and trained == pytest.approx(p["neural_training_days"])
        assert p["neural_training_days"] < p["neural_return_days"]

    def test_disuse_takes_the_neural_part_down_to_its_limit(self):
        p = values()
        assert neural_rate(1.0, 0, 0, p) == pytest.approx(-p["neural_limit"] / p["neural_days"])
        assert neural_rate(1 - p["neural_limit"], 0, 0, p) == pytest.approx(0, abs=1e-12)

    def test_a_brace_is_quicker_than_bed_rest_and_training_holds_what_is_there(self):
        p = values()
        rest, brace, trained = (size_rate(1, 1, 0, training, braced, p) for training, braced in
                                ((0, False), (0, True), (1, False)))
        assert brace / rest == pytest.approx(p["unload_days"] / p["brace_days"])
        assert trained == pytest.approx(p["growth"])

    def test_parameters_are_checked(self):
        for name, item in PARAMETERS.items():
            with pytest.raises(ValueError, match=name):
                values({name: 2 * item.high})


class TestSchedule:
    def test_what_was_drawn_off_comes_back_steadily_over_its_block(self):
        demand = Demand(blocks([Block("effusion", 0, 12, 40), Block("aspiration", 6, 2, 0.5)]), "linear", 30.0)
        now = demand.between(6, 8)
        assert [demand.volume(now, week) for week in (6.0, 7.0, 8.0)] == pytest.approx([20.0, 30.0, 40.0])
        assert demand.volume(demand.between(0, 6), 3.0) == 40.0
        assert demand.volume({}, 3.0) == 0.0

    def test_the_worse_of_two_pains_counts(self):
        """The illustrative feedback never takes away pain that the schedule asks for."""
        course = [Block("effusion", 0, 4, 40), Block("pain", 0, 4, 0.6)]
        plain, fed = (adaptation.simulate(course, 4, pain_gain=gain, track=False) for gain in (0.0, 0.1))
        assert plain.activation_vmo[0] == pytest.approx(0.4)
        np.testing.assert_array_equal(fed.activation_vmo, plain.activation_vmo)

    def test_the_feedback_alone_hurts_too(self):
        course = [Block("effusion", 0, 4, 20)]                  # by the rule the VMO is off and the VL is not
        plain, fed = (adaptation.simulate(course, 4, model="rule", pain_gain=gain, track=False) for gain in (0.0, 5.0))
        assert plain.activation_vl[0] == 1.0 > fed.activation_vl[0]


def test_the_spread_of_spencer_can_be_read_in_two_ways():
    """As a standard error of ten people it means that they differ by sqrt(10) as much."""
    spread = {}
    for kind in ("SE", "SD"):
        lab = inhibition.detection_lab(n=200, noise=0.01, increments=(60,), trials=1, spread=kind)
        spread[kind] = lab.example["vm"][:, -1].std(ddof=1)
    told = float(evidence.fact("F0389").spread) / 100
    assert spread["SD"] == pytest.approx(told, rel=0.15)
    assert spread["SE"] == pytest.approx(told * np.sqrt(10), rel=0.15)


class TestCramp:
    def test_dehydration_counts_in_proportion(self):
        measured = float(evidence.fact("F0692")) - float(evidence.fact("F0691"))
        dry = cramp.threshold().threshold
        for loss in (1.0, 1.5, 3.0):
            assert cramp.threshold(dehydration=loss).threshold - dry == pytest.approx(measured * loss / 3)

    @pytest.mark.parametrize("drink", cramp.DRINKS)
    def test_one_part_without_interval_makes_the_sum_unsure(self, drink):
        assert cramp.threshold(stretch=True, drink=drink).unsure
        assert not cramp.threshold(drink=drink).unsure


def test_a_figure_measured_at_the_end_of_a_block_is_compared_before_the_end():
    """Once the fluid is gone the model has nothing left of the inhibition that was measured."""
    (row,) = adaptation.compare("Effusion left alone 6 weeks")
    course = adaptation.simulate(adaptation.PRESETS["Effusion left alone 6 weeks"].schedule, 12, track=False)
    assert row.week == 6 and row.modelled == pytest.approx(100 * course.at(5.99)["activation"]) != 100
    assert course.at(6)["activation"] == 1


def test_the_moment_arm_has_no_corner():
    change = -np.diff(exercise.moment_arm(np.arange(0.0, 91.0)))
    assert change[10] < 0.2 * change.max() and change[49] < 0.2 * change.max() and (change[15:45] > 0).all()
    assert exercise.moment_arm(np.array([0.0, 90.0])).tolist() == list(exercise.ARM)


class TestLandmarks:
    def test_a_tensed_quadriceps_moves_the_patella(self):
        half, full = qangle.solve(contraction=[0.5, 1.0]).patella
        np.testing.assert_allclose(full, qangle.CONTRACTION_SHIFT)
        np.testing.assert_allclose(half, 0.5 * full)

    @pytest.mark.parametrize(("femur", "foot"), [(10, 0), (0, 10), (10, 5), (-10, -10)])
    def test_inward_turns_add_up_and_carry_what_lies_in_front_to_medial(self, femur, foot):
        found = qangle.solve(femoral_rotation=femur, foot_pronation=foot)
        assert found.patella[0, 0] == pytest.approx(-qangle.PATELLA_RADIUS * np.sin(np.radians(femur + foot)))
        moved = found.tubercle[0, 0] - qangle.solve().tubercle[0, 0]
        assert moved == pytest.approx(-qangle.TUBERCLE_RADIUS * np.sin(np.radians(foot)))

    def test_a_longer_leg_turns_the_pelvis_about_the_hip(self):
        found = qangle.solve(leg_length=[-30, 0, 30])
        arms = found.asis - qangle.HIP
        np.testing.assert_allclose(np.hypot(*arms.T), np.hypot(*arms[1]))
        directions = np.degrees(np.arctan2(arms[:, 1], arms[:, 0]))
        tilt = np.degrees(np.arcsin(30 / qangle.HIP_DISTANCE))
        np.testing.assert_allclose(np.diff(directions), tilt)                # the side of the longer leg rises
