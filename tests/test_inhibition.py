"""Effusion: the three response models against published figures, joint pressure, the detection lab."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu import Knee, evidence
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.models import inhibition
from vmo_edu.models.inhibition import activation, detection_lab, pressure

VOLUMES = st.floats(0, 120)


@pytest.mark.parametrize(("muscle", "fact"), [("vm", "F0389"), ("vl", "F0390"), ("rf", "F0391")])
def test_the_line_and_the_pressure_model_meet_the_measured_means_at_60_ml(muscle, fact):
    measured = float(evidence.fact(fact)) / 100
    assert getattr(activation(60), muscle) == pytest.approx(measured)
    assert getattr(activation(60, "pressure", flexion=30), muscle) == pytest.approx(measured)


@pytest.mark.parametrize(("muscle", "fact"), [("vm", "F0471"), ("vl", "F0472"), ("rf", "F0473")])
def test_slopes_are_those_of_the_evidence_table(muscle, fact):
    assert inhibition.SLOPES[muscle] == pytest.approx(float(evidence.fact(fact)), abs=5e-5)


def test_the_line_gives_the_derived_table():
    rows = {10: ("F0447", "F0448", "F0449"), 40: ("F0459", "F0460", "F0461"), 80: ("F0467", "F0468", "F0469")}
    for volume, facts in rows.items():
        left = activation(volume)
        for muscle, fact in zip(("vm", "vl", "rf"), facts, strict=True):
            assert 100 * getattr(left, muscle) == pytest.approx(float(evidence.fact(fact)), abs=0.6)


def test_beyond_60_ml_is_marked_as_extrapolated():
    assert activation([40, 60, 61]).extrapolated.tolist() == [False, False, True]
    assert activation(60).extrapolated is False and activation(61).extrapolated is True


def test_the_rule_is_a_cliff_at_each_threshold_and_silent_on_the_rest():
    left = activation([0, 18, 20, 78, 80, 120], model="rule")
    assert left.vm.tolist() == [1, 1, 0, 0, 0, 0]
    assert left.vl.tolist() == [1, 1, 1, 1, 0, 0]
    assert (left.rf == 1).all()
    heads = activation(30, model="rule").heads()
    assert heads["vmo"] == 0 and heads["vml"] == heads["rf_vi"] == heads["vll"] == 1


def test_the_rule_takes_thresholds_and_steepness():
    left = activation([25, 28, 30], model="rule", vmo_threshold=30, steepness=0.2)
    assert left.vm == pytest.approx([1, 0.4, 0])
    assert activation(0, model="rule", vmo_threshold=1, steepness=0.01).vm == 1


@pytest.mark.parametrize("ratio", [1.0, 1.1, 1.3])
def test_another_ratio_keeps_the_mean_of_the_vasti(ratio):
    left, measured = activation(40, vm_vl_ratio=ratio), activation(40)
    assert (1 - left.vm) / (1 - left.vl) == pytest.approx(ratio)
    assert left.vm + left.vl == pytest.approx(measured.vm + measured.vl)
    assert left.rf == measured.rf


def test_pressure_is_least_in_mid_flexion_and_so_is_inhibition():
    angles = np.arange(0, 121.0)
    assert angles[np.argmin(pressure(60, angles))] == pytest.approx(45)
    left = activation(60, "pressure", flexion=angles)
    assert angles[np.argmax(left.vm)] == 45 and left.vm[0] < left.vm[30]


def test_a_dry_knee_has_the_measured_suction_and_no_inhibition():
    assert pressure(0) == float(evidence.fact("F0476"))
    assert activation(0, "pressure").vm == 1


def test_five_ml_turn_suction_to_pressure_in_extension():
    # wood1988 (F0477); in mid-flexion the model needs more
    assert pressure(5, 0) > 0


def test_torque_loss_at_60_degrees_is_near_the_measured_30_percent():
    left = activation(60, "pressure", flexion=60)
    share = 0.25 * left.vm + 0.40 * left.vl + 0.35 * left.rf      # farahmand1998: F0100, F0099, F0098
    assert 100 * (share - 1) == pytest.approx(float(evidence.fact("F0408")), abs=5)


def test_easy_movement_brings_the_muscle_back():
    assert activation(60, "pressure", flexion=60, minutes=4).vm > 0.97
    # mcnair1994: no loss even at 90 ml
    assert activation(90, "pressure", flexion=60, minutes=4).vm > 0.96
    assert pressure(60, 0, minutes=4) < pressure(60, 0)


@given(VOLUMES, st.floats(0, 1), st.sampled_from(inhibition.MODELS))
def test_pain_and_effusion_do_not_add_up(volume, pain, model):
    alone, both = activation(volume, model), activation(volume, model, pain=pain)
    for muscle in ("vm", "vl", "rf"):
        assert getattr(both, muscle) == pytest.approx(min(getattr(alone, muscle), 1 - pain))


@given(VOLUMES, VOLUMES, st.floats(0, 120), st.sampled_from(inhibition.MODELS))
def test_more_fluid_never_leaves_more(one, other, flexion, model):
    low, high = sorted((one, other))
    less, more = activation(low, model, flexion), activation(high, model, flexion)
    for muscle in ("vm", "vl", "rf"):
        assert 0 <= getattr(more, muscle) <= getattr(less, muscle) <= 1


def test_arrays_broadcast_and_numbers_stay_numbers():
    grid = activation(np.array([[0.0], [60.0]]), "pressure", flexion=np.array([0.0, 45.0, 90.0]))
    assert grid.vm.shape == (2, 3) and grid.extrapolated.shape == (2, 3)
    assert isinstance(activation(10).vm, float) and isinstance(pressure(10), float)


def test_with_effusion_uses_these_numbers():
    left, knee = activation(40), Knee().with_effusion(40)
    assert knee.vmo == knee.vml == left.vm and knee.vll == left.vl and knee.rf_vi == left.rf
    rule = Knee().with_effusion(30, model="rule")
    assert rule.vmo == 0 and rule.vml == rule.vll == rule.rf_vi == 1


@pytest.mark.parametrize("bad", [-5, 121, float("nan"), float("inf"), "20", True, None, [], [[1, 2]],
                                 [10, -1]])
def test_bad_volumes_name_unit_and_range(bad):
    with pytest.raises(InputError, match="volume .*between 0 and 120 ml"):
        activation(bad)


@pytest.mark.parametrize(("options", "words"), [
    ({"model": "cliff"}, "model must be one of 'rule', 'linear', 'pressure'"),
    ({"steepness": 2}, "model 'linear' has no option 'steepness'; its options are vm_vl_ratio, pain"),
    ({"vm_vl_ratio": 2}, "vm_vl_ratio must be between 1 and 1.3"),
    ({"pain": -0.1}, "pain must be between 0 and 1"),
    ({"flexion": 200}, "flexion must be between 0 and 120 degrees"),
    ({"model": "pressure", "minutes": -1}, "minutes must be between 0 and 60 min"),
])
def test_bad_settings_say_what_is_allowed(options, words):
    with pytest.raises(InputError, match=words):
        activation(20, **options)


@pytest.mark.parametrize(("noise", "vm", "vl"), [(0.15, "F0443", "F0444"), (0.10, "F0445", "F0446")])
def test_the_detection_lab_gives_the_derived_figures(noise, vm, vl):
    lab = detection_lab(noise=noise, trials=10000)
    assert 100 * lab.vm_in_window == pytest.approx(float(evidence.fact(vm)), abs=3)
    assert 100 * lab.vl_in_window == pytest.approx(float(evidence.fact(vl)), abs=3)


def test_the_lab_shares_add_up_and_repeat():
    lab, again = detection_lab(trials=300, seed=7), detection_lab(trials=300, seed=7)
    assert lab.vm.sum() + lab.vm_never == pytest.approx(1) and np.array_equal(lab.vm, again.vm)
    assert lab.example["vm"].shape == (10, 7)
    assert lab.to_frame().shape == (6, 3)
    assert not np.array_equal(lab.vm, detection_lab(trials=300, seed=8).vm)


def test_the_paired_test_agrees_with_scipy():
    from scipy.stats import ttest_rel

    readings = detection_lab(trials=1).example["vl"]
    t, freedom = inhibition._statistic(readings[None], "paired")
    expected = ttest_rel(readings[:, :1] * np.ones(6), readings[:, 1:])
    assert t[0] == pytest.approx(expected.statistic) and freedom == 9


def test_without_noise_every_small_fall_is_found_at_once():
    lab = detection_lab(noise=0.01, trials=100, spread="SD")
    assert lab.vm[0] > 0.9 and lab.vm_in_window < 0.1


def test_a_shut_down_never_hides_in_a_detected_fall():
    assert detection_lab(trials=10).truth["vm"][1] == pytest.approx(0.852, abs=1e-3)    # 20 ml: 85 % left


@pytest.mark.parametrize(("settings", "words"), [
    ({"n": 2}, "n must be between 3 and 200"), ({"n": 10.5}, "n must be a whole number"),
    ({"noise": 0}, "noise must be between 0.01 and 0.5"), ({"increments": [20, 10]}, "increments must rise"),
    ({"increments": []}, "increments must hold at least one"), ({"test": "sign"}, "test must be one of"),
    ({"trials": 10**6}, "trials must be between"),
    ({"increments": 5}, "increments must be a list of rising volumes between 0.1 and 120 ml; got 5"),
    ({"increments": None}, "increments must be a list"), ({"increments": "abc"}, "increments must be"),
    ({"seed": "a"}, "seed must be between"), ({"seed": 0.5}, "seed must be a whole number"),
])
def test_bad_settings_of_the_lab(settings, words):
    with pytest.raises(InputError, match=words):
        detection_lab(**settings)


def test_unknown_names_are_a_type_error_too():
    with pytest.raises(UnknownInputError):
        activation(20, speed=3)
    with pytest.raises(TypeError):
        activation(20, speed=3)
