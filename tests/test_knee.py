"""The knee object: defaults, bad input, presets, derived Q-angle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu import Knee, effusion, explore
from vmo_edu.errors import InputError, UnknownInputError, check_array, check_flag, check_number, check_whole
from vmo_edu.explorers.pull import PullExplorer
from vmo_edu.explorers.tracking import TrackingExplorer
from vmo_edu.knee import HEADS, INPUTS, PRESETS


def test_defaults_are_those_of_the_table():
    assert Knee().inputs() == {name: item.default for name, item in INPUTS.items()}
    assert Knee().quadriceps_force == 175 and Knee().heads() == (1,) * len(HEADS)


@pytest.mark.parametrize("value", [-1, 2.1, math.nan, math.inf, "0.5", None, True, [1], np.array([1.0]),
                                   np.complex128(1), np.complex128(1 + 1j), 1j, 10**400, -(10**400)])
def test_bad_value_names_input_and_range(value):
    with pytest.raises(InputError, match=r"vmo must be between 0 and 2; got"):
        Knee(vmo=value)


def test_unknown_input_lists_the_known():
    with pytest.raises(UnknownInputError, match="no input 'speed'; its inputs are quadriceps_force, rf_vi"):
        Knee(speed=3)
    with pytest.raises(TypeError):
        Knee(speed=3)
    with pytest.raises(UnknownInputError, match="speed"):
        Knee().replace(speed=3)


def test_unknown_preset_lists_the_known():
    with pytest.raises(UnknownInputError, match="'VMO off'"):
        Knee.preset("nope")
    assert all(isinstance(Knee.preset(name), Knee) for name in PRESETS)


def test_messages_stay_short_whatever_was_given():
    with pytest.raises(InputError) as error:
        Knee(vmo=10**400)
    assert len(str(error.value)) < 160
    with pytest.raises(InputError, match="that cannot be shown"):
        check_number("vmo", 10**5000, 0, 2)


@pytest.mark.parametrize("value", [1, 1.0, np.float32(1), np.int64(1), np.array(1.0)])
def test_every_kind_of_real_number_is_taken(value):
    assert Knee(vmo=value).vmo == 1.0 and type(Knee(vmo=value).vmo) is float


@pytest.mark.parametrize("value", [2.7, "a", True, None, math.nan, 10**400, [3]])
def test_whole_numbers_are_whole(value):
    with pytest.raises(InputError, match="observers must be .*between 1 and 1000"):
        check_whole("observers", value, 1, 1000)
    assert check_whole("observers", 3.0, 1, 1000) == 3 and type(check_whole("observers", 3.0, 1, 1000)) is int


@pytest.mark.parametrize("value", ["no", math.nan, 0, 1, None, [True]])
def test_flags_are_true_or_false(value):
    with pytest.raises(InputError, match="stretch must be True or False; got"):
        check_flag("stretch", value)
    assert check_flag("stretch", np.True_) is True


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_the_same_knee_everywhere(name):
    """One table, one set of names: the explorers once had a VL of 1.5 where the knee had 1.4."""
    lab = explore.tracking(preset=name)
    assert lab.solve(lab.state()).knee == Knee.preset(name)
    lab.close()
    if name in PullExplorer.presets:
        lab = explore.pull(preset=name)
        assert lab.solve(lab.state()).knee == Knee.preset(name)
        lab.close()


def test_the_explorers_of_knees_have_the_presets_of_the_knee():
    assert list(TrackingExplorer.presets) == list(PRESETS)
    heads_only = {name for name, inputs in PRESETS.items() if set(inputs) <= set(HEADS)}
    assert heads_only <= set(PullExplorer.presets) and "VL strong" in heads_only


def test_frozen_and_equal():
    with pytest.raises(AttributeError):
        Knee().vmo = 0
    assert Knee(vmo=0.5) == Knee(vmo=0.5) != Knee()
    assert len({Knee(), Knee(), Knee(vmo=0)}) == 2


def test_default_q_angle_is_that_of_the_drawing():
    assert Knee().q_angle == pytest.approx(math.degrees(math.atan(44 / 448) + math.atan(9 / 65)), abs=1e-9)


@pytest.mark.parametrize("degrees", [-12, 5])
def test_a_line_turned_to_lateral_raises_the_q_angle_as_much(degrees):
    turned = Knee(quadriceps_line=degrees).landmarks
    assert turned.proximal == pytest.approx(Knee().landmarks.proximal + degrees)
    assert turned.distal == Knee().landmarks.distal and turned.tubercle == Knee().landmarks.tubercle


@given(st.floats(0, 25), st.sampled_from(["tubercle", "quadriceps"]))
def test_with_q_angle_gives_that_q_angle(q, by):
    item = INPUTS[{"tubercle": "tubercle_offset", "quadriceps": "quadriceps_line"}[by]]
    low, high = (Knee(**{item.name: end}).q_angle for end in (item.low, item.high))
    if low <= q <= high:
        assert Knee().with_q_angle(q, by=by).q_angle == pytest.approx(q, abs=1e-9)
    else:
        with pytest.raises(InputError, match="must be between"):
            Knee().with_q_angle(q, by=by)


def test_q_angle_just_out_of_reach_is_refused_and_not_clipped():
    """The lowest that the quadriceps line gives is 1.4924 degrees; 1.4922 once came back as 1.4924."""
    with pytest.raises(InputError, match="q_angle"):
        Knee().with_q_angle(1.4921875, by="quadriceps")


def test_q_angle_out_of_reach_names_the_range():
    with pytest.raises(InputError, match=r"q_angle \(by quadriceps\) must be between .* degrees; got 60"):
        Knee().with_q_angle(60, by="quadriceps")
    with pytest.raises(UnknownInputError, match="'tubercle', 'quadriceps'"):
        Knee().with_q_angle(20, by="hip")


def test_effusion_weakens_and_is_not_applied_twice():
    swollen = Knee().with_effusion(40, model="linear")
    assert swollen.effusion == 40 and swollen.vmo < swollen.vlo < 1
    with pytest.raises(InputError, match="already holds 40 ml"):
        swollen.with_effusion(10)
    with pytest.raises(InputError, match="volume must be between 0 and 120 ml; got -5"):
        Knee().with_effusion(-5)
    with pytest.raises(InputError, match="flexion must be between 0 and 90 degrees; got 91"):
        Knee().with_effusion(40, model="pressure", flexion=91)


def test_effusion_weakens_each_head_of_this_knee_at_this_angle():
    weak = Knee(vmo=0.5, vlo=1.5)
    for flexion in (0.0, 45.0):
        left = effusion.activation(40, "pressure", flexion)
        swollen = weak.with_effusion(40, model="pressure", flexion=flexion)
        assert (swollen.vmo, swollen.vlo) == pytest.approx((0.5 * left.vm, 1.5 * left.vl))
        assert swollen.rf_vi == pytest.approx(left.rf) and swollen.q_angle == weak.q_angle


@pytest.mark.parametrize("value", [[], [[1, 2]], "30", [1, "a"], None, [math.nan], [200], [True], [1, True],
                                   [10**400], [1j], {1, 2}])
def test_arrays_are_checked(value):
    with pytest.raises(InputError, match="flexion"):
        check_array("flexion", value, 0, 90, "degrees")
