"""The Q-angle against closed forms, its inputs, norms and observer error."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu import evidence
from vmo_edu.describe import q_angle as words
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.models import qangle


def test_closed_form():
    proximal, distal, q = qangle.angles((0, 100), (0, 0), (65, -65))
    assert (proximal, distal, q) == pytest.approx((0, 45, 45))


def test_published_sensitivities_of_the_evidence_table():
    """ASIS-patella 470 mm, patella-tubercle 65 mm: +0.9 deg/mm, +1.2 deg per 10 mm, -1.0 deg per mm (F0033-F0035)."""
    # The rows describe a straight limb: A above P above T.
    q = lambda a=0.0, p=0.0, t=0.0: float(qangle.angles((a, 470), (p, 0), (t, -65))[2])  # noqa: E731
    rows = [float(evidence.fact(f"F00{n}").value) for n in (33, 34, 35)]
    assert [round(q(t=1) - q(), 1), round(q(a=10) - q(), 1), round(q(p=1) - q(), 1)] == rows


def test_tubercle_beats_pelvis_and_lateral_patella_lowers_q():
    slope = qangle.sensitivity()
    assert slope["tubercle_offset"] > 10 * slope["pelvic_width"] > 0
    assert slope["patella_offset"] < 0
    assert slope["flexion"] < 0 < slope["foot_pronation"]


@given(st.floats(170, 290), st.floats(-15, 15), st.floats(-10, 10))
def test_parts_add_up(width, tubercle, patella):
    result = qangle.solve(pelvic_width=width, tubercle_offset=tubercle, patella_offset=patella)
    assert result.q_angle == pytest.approx(result.proximal + result.distal)
    assert result.asis[0, 0] == pytest.approx(qangle.MIDLINE + width / 2)


def test_many_settings_at_once_equal_one_by_one():
    offsets = np.linspace(-15, 15, 7)
    many = qangle.solve(tubercle_offset=offsets).q_angle
    assert many == pytest.approx([qangle.solve(tubercle_offset=x).q_angle[0] for x in offsets])
    assert len(qangle.solve(tubercle_offset=offsets).to_frame()) == 7


@pytest.mark.parametrize("inputs", [{"flexion": 31}, {"flexion": []}, {"flexion": "x"}, {"pelvic_width": math.nan},
                                    {"flexion": [0, 1], "leg_length": [0, 1, 2]}])
def test_bad_input(inputs):
    with pytest.raises(InputError, match="|".join([*inputs, "one length"])):
        qangle.solve(**inputs)


def test_unknown_input():
    with pytest.raises(UnknownInputError, match="pelvic_width"):
        qangle.solve(hip=3)


def test_norms_come_from_the_table():
    norms = qangle.norms()
    assert {"men", "women"} == {norm.sex for norm in norms} and len(norms) > 15
    first = next(norm for norm in norms if norm.fact == "F0002")
    assert (first.sex, first.mean, first.sd, first.source_key) == ("women", 14.48, 2.02, "raveendranath2009")


def test_observers():
    readings = qangle.readings(15, observers=1000, sem=1.0)
    assert readings.std() == pytest.approx(1.0, abs=0.1) and readings.mean() == pytest.approx(15, abs=0.1)
    assert np.array_equal(readings, qangle.readings(15, observers=1000, sem=1.0))
    assert qangle.smallest_real_change(1.0) == pytest.approx(3, abs=0.3)          # weiss2013 gives 3 degrees
    assert qangle.sem_from_icc(0.88, sd=3.0) == pytest.approx(1.04, abs=0.01)     # weiss2013: ICC 0.88, SEM 1.0


@pytest.mark.parametrize(("settings", "words"), [
    ({"observers": 2.7}, "observers must be a whole number between 1 and 1000; got 2.7"),
    ({"observers": "ten"}, "observers must be between 1 and 1000"), ({"observers": True}, "observers must be"),
    ({"seed": "a"}, "seed must be between 0 and"), ({"seed": 1.5}, "seed must be a whole number"),
    ({"seed": -1}, "seed must be between 0 and"), ({"sem": math.nan}, "sem must be between 0 and 10 degrees")])
def test_bad_observers_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        qangle.readings(15, **settings)


@pytest.mark.parametrize("point", ["a", (0,), 3, (math.nan, 100), (0, math.inf), [[0, 1], [2]], (1j, 100)])
def test_bad_landmarks_are_refused(point):
    with pytest.raises(InputError, match="asis must be points"):
        qangle.angles(point, (0, 0), (9, -65))


def test_words():
    text = words.describe(5.6, 20.0, qangle.norms())
    assert "25.6°" in text and "above the published means for women" in text
    assert "tubercle 5.0 mm lateral" in words.compare(4.2, {"tubercle": 5.0, "patella": 0.0})
    assert "unchanged" in words.compare(0.0, {})
