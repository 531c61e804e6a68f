"""Cramp: measured effects and their intervals, combinations, verdicts and red flags."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmo_edu import evidence
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.models import cramp
from vmo_edu.models.cramp import baseline, factor, factors, interval_from_p, red_flags, threshold


def test_fatigue_raised_the_threshold_by_the_published_amount():
    change = float(evidence.fact("F0698")) - float(evidence.fact("F0697"))
    effect = factor("fatigue").effect
    assert effect.change == pytest.approx(change) == pytest.approx(12.9)
    assert effect.low > 0                                               # P < .001: it did rise
    assert factor("fatigue").verdict == "contradicted"


def test_dehydration_is_not_significant_and_its_interval_says_so():
    effect = factor("dehydration").effect
    assert effect.change == pytest.approx(-2.4)
    assert effect.low < 0 < effect.high


def test_water_lowered_and_solution_raised_it():
    water, solution = factor("water").effect, factor("solution").effect
    assert (water.low, water.high) == (-4.5, -3.8) and (solution.low, solution.high) == (6.5, 13.6)
    assert water.low <= water.change <= water.high < 0 < solution.low


def test_stretch_did_no_more_than_its_control():
    effect = factor("stretch").effect
    assert effect.change == pytest.approx(0, abs=0.05) and not effect.known and math.isnan(effect.low)


@pytest.mark.parametrize("p", [0.01, 0.05, 0.2])
def test_intervals_from_p_touch_zero_at_five_percent(p):
    low, high = interval_from_p(2.0, p, 12)
    assert (low > 0) == (p < 0.05) or p == 0.05
    assert (low + high) / 2 == pytest.approx(2.0)
    if p == 0.05:
        assert low == pytest.approx(0, abs=1e-9)


def test_interval_from_p_agrees_with_scipy():
    import numpy as np
    from scipy.stats import ttest_1samp

    sample = np.array([1.0, 2.5, -0.4, 3.1, 0.9, 1.7])
    test = ttest_1samp(sample, 0)
    expected = test.confidence_interval(0.95)
    assert interval_from_p(sample.mean(), test.pvalue, 6) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("inputs", "words"), [
    ((1, 0, 10), "p must be above 0 and below 1"), ((1, 1, 10), "p must be above 0 and below 1"),
    ((1, 1.2, 10), "p must be between 0 and 1"), ((1, "small", 10), "p must be between"),
    ((1, 0.05, 1), "n must be between 2 and"), ((1, 0.05, 2.5), "n must be a whole number"),
    ((math.nan, 0.05, 10), "change must be"), (("up", 0.05, 10), "change must be")])
def test_an_interval_needs_a_real_p_and_pairs(inputs, words):
    with pytest.raises(InputError, match=words):
        interval_from_p(*inputs)


def test_baseline_takes_true_or_false():
    with pytest.raises(InputError, match="prone must be True or False"):
        baseline("no")


def test_baselines_come_from_the_table():
    mean, low, high = baseline()
    published = [float(evidence.fact(fact)) for fact in cramp.BASELINES]
    assert (low, high) == (min(published), max(published)) and low < mean < high
    assert baseline(prone=True)[0] == 16.2 < low


def test_effects_add_and_intervals_combine_as_roots_of_squares():
    one, two, both = threshold(fatigue=1), threshold(dehydration=3), threshold(fatigue=1, dehydration=3)
    base, base_high = threshold().threshold, threshold().baseline_high
    assert both.threshold - base == pytest.approx(one.threshold + two.threshold - 2 * base)
    above = math.hypot(base_high - base, *(part[3] - part[1] for part in (*one.parts, *two.parts)))
    assert both.high - both.threshold == pytest.approx(above)
    assert len(both.parts) == 2 and len(both.to_frame()) == 4


def test_half_the_fatigue_is_half_the_effect():
    assert threshold(fatigue=0.5).threshold - threshold().threshold == pytest.approx(6.45)


def test_nothing_chosen_is_the_baseline():
    found = threshold()
    assert found.threshold == found.baseline and found.parts == ()
    assert (found.low, found.high) == pytest.approx((found.baseline_low, found.baseline_high))


def test_an_effect_without_interval_is_marked():
    assert threshold(stretch=True).unsure and not threshold(fatigue=1).unsure


@given(st.floats(0, 1), st.floats(0, 3), st.sampled_from(cramp.DRINKS), st.booleans(), st.booleans())
def test_any_choice_is_finite_and_ordered(fatigue, dehydration, drink, stretch, prone):
    found = threshold(fatigue, dehydration, drink, stretch, prone)
    assert found.low <= found.threshold <= found.high
    assert 5 < found.threshold < 50


@pytest.mark.parametrize(("given_", "words"), [
    ({"fatigue": 2}, "fatigue must be between 0 and 1"), ({"fatigue": "much"}, "fatigue must be between"),
    ({"dehydration": -1}, "dehydration must be between 0 and 3 % of body mass"),
    ({"drink": "beer"}, "drink must be one of 'none', 'water', 'solution'; got 'beer'"),
    ({"dehydration": float("nan")}, "dehydration must be"),
    ({"stretch": "no"}, "stretch must be True or False; got 'no'"),
    ({"stretch": float("nan")}, "stretch must be True or False"), ({"stretch": 1}, "stretch must be True or False"),
    ({"prone": "no"}, "prone must be True or False"), ({"prone": float("nan")}, "prone must be True or False"),
])
def test_bad_input_says_what_is_allowed(given_, words):
    with pytest.raises(InputError, match=words):
        threshold(**given_)


def test_every_factor_has_a_verdict_a_finding_and_a_source():
    for one in factors():
        assert one.verdict and one.finding and one.belief and one.sources
        for fact in one.facts:
            assert evidence.fact(fact).topic == "cramp"
    assert {"magnesium", "pickle", "sodium", "training"} <= {one.name for one in factors()}
    with pytest.raises(UnknownInputError, match="factor must be one of 'fatigue'"):
        factor("moonlight")


def test_red_flags_come_from_the_evidence():
    flags = red_flags()
    assert {flag.fact for flag in flags} == {"F0754", "F0755", "F0756", "F0757"}
    assert flags[0].urgency == "at once" and all(flag.source for flag in flags)
    assert "you should" not in " ".join(flag.text for flag in flags).lower()        # information, not advice


def test_the_checklist_has_every_flag():
    assert list(cramp.checklist()["how soon"]) == [flag.urgency for flag in red_flags()]


def test_table_shows_missing_effects_as_missing():
    frame = cramp.table()
    assert len(frame) == len(factors())
    assert frame["change (Hz)"].isna().sum() == sum(one.effect is None for one in factors())
