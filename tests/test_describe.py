"""The words of lessons 00 to 03: they must say the meaning of the state, and follow it when it changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu import Knee, explore
from vmo_edu.describe import overview, pull, q_angle, tracking, words
from vmo_edu.models import tracking as model

AT = {"flexion": 20.0, "shift": 3.2, "tilt": 4.0, "lateral_share": 0.71, "lateral_force": 71.0, "medial_force": 29.0,
      "groove_shift": 1.0, "converged": True, "in_groove": True}


def test_tracking_says_side_tilt_load_and_cause():
    text = tracking.describe(Knee(vmo=0), AT)
    assert text == ("At 20° of flexion the patella lies 3.2 mm lateral, tilted 4° laterally; the lateral facet carries "
                    "71 % of the 100 N contact load. The VMO is off.")
    medial = tracking.describe(Knee(), {**AT, "shift": -1.0, "tilt": -2.0})
    assert "1.0 mm medial, tilted 2° medially" in medial
    assert "hardly touches" in tracking.describe(Knee(), {**AT, "lateral_force": 0.2, "medial_force": 0.1})


@pytest.mark.parametrize(("inputs", "says"), [
    ({"vmo": 0.5}, "the VMO works at 50 %"), ({"vll": 1.4}, "the long part of VL works at 140 %"),
    ({"tubercle_offset": 5}, "the tubercle lies 5.0 mm lateral"), ({"trochlear_depth": 0}, "groove is flat"),
    ({"medial_retinaculum": 0}, "the MPFL is cut"), ({"lateral_retinaculum": 0.5}, "50 % stiffness"),
    ({"itb_tension": 60}, "pulls with 60 N"), ({"quadriceps_line": -6}, "turned 6.0° medial"),
    ({"quadriceps_force": 300}, "quadriceps pulls with 300 N"), ({"effusion": 40}, "40 ml of fluid"),
    ({"rf_vi": 0.2}, "RF and VI works at 20 %"), ({"vml": 0.0}, "the long part of VM is off"),
    ({"vlo": 0.0}, "the oblique part of VL is off")])
def test_every_input_of_the_knee_is_named(inputs, says):
    assert says in tracking.difference(Knee(**inputs))


def test_tracking_compares():
    assert "2.0 mm lateral, 1.5° medial, lateral share −12 points" in tracking.compare(2.0, -1.5, -0.12)
    assert "nothing has changed" in tracking.compare(0, 0, 0)
    assert "74 N to hold the patella 10 mm lateral" in tracking.stability(74, 10)


def test_a_patella_that_left_its_groove_is_not_reported_calmly():
    gone = {**AT, "shift": 30.4, "groove_shift": 28.6, "tilt": 38.0, "in_groove": False}
    text = tracking.describe(Knee(trochlear_depth=0), gone)
    assert text.startswith("The patella has left the groove: this is beyond what this model can show.")
    assert "roughly 30 mm lateral" in text and "roughly 40°" in text and "groove is flat" in text
    assert "load" not in text and "71" not in text                     # no load is claimed
    assert "not far from the floor of the groove, tilted by roughly 95°" in tracking.describe(
        Knee(), {**gone, "groove_shift": 0.4, "tilt": -94.0})


def test_a_state_without_equilibrium_says_so():
    text = tracking.describe(Knee(vmo=0), {**AT, "converged": False})
    assert "found no equilibrium" in text and "not a result" in text and "carries" not in text


def test_stability_in_words_keeps_the_sign():
    assert "no longer pulls back" in tracking.stability(-12, 10) and "12 N" in tracking.stability(-12, 10)
    assert "no meaning" in tracking.stability(None, 10)
    assert "over the edge" in tracking.stability(50, 10, over_edge=True)


def test_pull_names_balance_and_vmo():
    healthy = model.pull(Knee())
    text = pull.describe(*healthy.resultant, healthy.angle, healthy.force[2], -healthy.frontal[2, 0], 1.0)
    assert "nearly balanced" in text and "works normally" in text
    off = model.pull(Knee(vmo=0))
    assert "The VMO is off." in pull.describe(*off.resultant, off.angle, 0, 0, 0)
    assert "to lateral" in pull.compare(4.0) and "unchanged" in pull.compare(0.0)
    idle = explore.pull(vmo=0, vml=0, vll=0, vlo=0, rf_vi=0)
    assert "nothing pulls" in idle.describe() and "balanced" not in idle.describe()


def test_q_angle_observers():
    text = q_angle.observers(np.array([13.0, 17.0]), 15, 2.8)
    assert "2 observers" in text and "13.0 to 17.0°" in text and "2.8°" in text


def test_overview_mentions_fluid_only_where_there_is_some():
    assert "fluid" not in overview.describe(1, 0, 0) and "40 ml" in overview.describe(1, 0, 40)


@given(st.floats(-1e4, 1e4), st.integers(0, 3))
def test_numbers_never_read_minus_zero(value, digits):
    text = words.number(value, digits)
    assert "-" not in text and not (text.startswith("−") and float(text.replace("−", "-")) == 0)


GONE = {"trochlear_depth": 0.0, "tubercle_offset": 15.0, "flexion": 90}


def test_the_explorer_warns_where_the_patella_has_left():
    lab = explore.tracking(**GONE, push=True)
    assert lab.describe().startswith("The patella has left the groove") and "no meaning" in lab.describe()
    tones = {label: (text, tone) for label, text, _unit, tone in lab.readouts()}
    assert tones["Shift"] == ("out of groove", "bad") and tones["Lateral facet"] == ("–", "bad")
    assert tones["Contact force"] == tones["Tilt"] == tones["To hold 10 mm"] == ("–", "bad")
    state = lab.solve(lab.state())
    assert state.restraint is None and not state.usable
    assert "nan" not in str(lab.frame().looks).lower()
    lab.close()


def test_curves_and_table_break_where_the_patella_has_left():
    lab = explore.tracking(**GONE)
    curve, table = lab.solve(lab.state()).curve, lab.table()
    out = ~curve.in_groove
    assert 0 < out.sum() < out.size
    for values in (curve.shift, curve.lateral_share, table["shift (mm)"], table["lateral force (N)"]):
        np.testing.assert_array_equal(np.isnan(values), out)
    np.testing.assert_array_equal(table["in groove"], ~out)
    assert np.isfinite(curve.tilt).all() and np.isfinite(curve.groove_shift).all()
    lab.close()


def test_a_patella_that_has_left_is_not_compared():
    lab = explore.tracking(**GONE)
    lab.pin()
    lab.set(preset="Healthy knee", flexion=90)
    assert "not compared with the pinned knee" in lab.describe() and "Against the pinned" not in lab.describe()
    lab.set(flexion=30)
    assert "Against the pinned knee" in lab.describe() and "nan" not in lab.describe()
    lab.close()


def test_a_lane_without_equilibrium_is_said_and_marked(monkeypatch):
    """No legal knee is known to fail, so the solver is stopped early."""
    from vmo_edu.models.patella import newton
    monkeypatch.setattr(newton, "MAX_STEPS", 1)
    lab = explore.tracking(vmo=0.0, push=True)
    assert "found no equilibrium" in lab.describe() and "carries" not in lab.describe()
    assert lab.readouts()[0][1:] == ("no equilibrium", "", "bad")
    assert lab.table()["shift (mm)"].isna().all()
    lab.close()


def test_live_words_follow_the_slider():
    lab = explore.tracking(flexion=0)
    healthy = lab.describe()
    assert "VMO is off" in lab.set(vmo=0.0).describe() and lab.describe() != healthy
    assert lab.set(vmo=1.0).describe() == healthy
    lab.close()
