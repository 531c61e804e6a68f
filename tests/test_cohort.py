"""The virtual cohort: draws against the table, executors and blocks, what does not converge, honest studies."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from vmo_edu import Knee, evidence, explore
from vmo_edu.describe import cohort as words
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.figures import cohort as figure
from vmo_edu.knee import INPUTS, LANDMARKS
from vmo_edu.models import cohort, qangle, tracking
from vmo_edu.models.cohort import draw, sampling
from vmo_edu.models.patella import geometry, newton


@pytest.fixture(scope="module")
def knees():
    """A cohort at two angles."""
    return cohort.simulate(2000, seed=3, flexion=[0, 30])


@pytest.fixture(scope="module")
def drawn():
    """Forty blocks of knees, not solved."""
    blocks = [draw.block(i, 5, cohort.FACTORS) for i in range(40)]
    return {name: np.concatenate([one[name] for one in blocks]) for name in blocks[0]}


@pytest.fixture(scope="module")
def lab():
    return explore.cohort()


def truncated(row):
    """Mean and SD of a row's distribution cut at its legal range, by numerical integration."""
    if row.shape == "lognormal":
        x = np.linspace(np.log(row.low), np.log(row.high), 20_001)
        middle, value = np.log(row.mean), np.exp(x)
    else:
        x = value = np.linspace(row.low, row.high, 20_001)
        middle = row.mean
    weight = np.exp(-0.5 * ((x - middle) / row.sd) ** 2)
    mean = (weight * value).sum() / weight.sum()
    return mean, np.sqrt((weight * (value - mean) ** 2).sum() / weight.sum())


# -- the table
def test_figures_are_those_of_the_facts():
    for row in evidence.rows("cohort"):
        if row["shape"] == "value" or row["basis"] != "published":
            continue
        fact = evidence.fact(row["facts"])
        scale = 10.0 if (fact.unit, row["unit"]) == ("cm", "mm") else 1.0
        assert scale * float(fact.value) == pytest.approx(row["mean"]) and fact.unit.startswith(("cm", row["unit"]))
        assert scale * float(fact.spread) == pytest.approx(row["sd"]), row["name"]
        assert row["source_key"] in fact.source_keys and fact.verified


def test_derived_figures_follow_from_the_facts():
    low, high = map(float, evidence.fact("F0113").value.split("-"))
    row = cohort.spreads()["vl_vm_ratio", "all"]
    assert row.mean == pytest.approx(np.sqrt(low * high), abs=1e-3)
    assert row.sd == pytest.approx(np.log(high / low) / 4, abs=1e-3)
    low, high = map(float, evidence.fact("F0058").value.split("-"))
    assert draw.value("icc_many_testers") == pytest.approx((low + high) / 2)
    assert str(draw.value("q_with_tt_tg")) in evidence.fact("F0084").value
    borrowed, lender = cohort.spreads()["lateral_stiffness", "all"], cohort.spreads()["mpfl_stiffness", "all"]
    assert borrowed.sd / borrowed.mean == pytest.approx(lender.sd / lender.mean, abs=1e-3)


def test_what_is_not_published_says_so():
    basis = {row["name"]: row["basis"] for row in evidence.rows("cohort")}
    assert {name for name, said in basis.items() if said == "illustrative"} == {"lateral_stiffness", "women"}
    assert set(cohort.FACTORS) - set(cohort.PUBLISHED) == {"lateral_stiffness"}


# -- draws
def test_draws_have_the_mean_and_spread_of_the_table(drawn):
    n = len(drawn["woman"])
    for (name, group), row in cohort.spreads().items():
        if name not in cohort.FACTORS:
            continue
        who = {"all": np.ones(n, bool), "men": drawn["woman"] == 0, "women": drawn["woman"] == 1}[group]
        values, (mean, sd) = drawn[name][who], truncated(row)
        # the line of the quadriceps and the groove cut a few knees too: 0.15 SD and 6 % are room for that
        assert values.mean() == pytest.approx(mean, abs=0.15 * sd), (name, group)
        assert values.std() == pytest.approx(sd, rel=0.06), (name, group)


def test_only_the_published_correlation_is_there(drawn):
    r = np.corrcoef([drawn[name] for name in cohort.FACTORS])
    q, tt = cohort.FACTORS.index("q_angle"), cohort.FACTORS.index("tt_tg")
    assert r[q, tt] == pytest.approx(0.33, abs=0.06)              # truncation takes opposite extremes: a little more
    r[[q, tt], [tt, q]] = 0
    assert np.abs(r - np.eye(len(r))).max() < 0.08                # women: larger Q and shorter tendons


def test_a_drawn_knee_is_legal_and_has_the_q_angle_it_was_drawn_with(drawn):
    assert draw.legal(drawn).all()
    first = {name: column[:50] for name, column in drawn.items()}
    made = draw.knees_of(first)
    assert [one.q_angle for one in made] == pytest.approx(first["q_angle"].tolist())
    m = tracking.mechanics()
    share = np.array([m.share_rf_vi, m.share_vml, m.share_vmo, m.share_vll, m.share_vlo])
    pulls = [one.quadriceps_force * (share * one.heads()).sum() for one in made]
    assert pulls == pytest.approx([INPUTS["quadriceps_force"].default] * 50)
    slope = np.arctan([np.tan(np.radians(m.lateral_inclination)) * one.trochlear_depth for one in made])
    assert np.degrees(slope) == pytest.approx(first["lateral_inclination"])
    ratio = [one.vll * (m.share_vml + m.share_vmo) / (m.share_vml + m.share_vmo * one.vmo) for one in made]
    assert ratio == pytest.approx(first["vl_vm_ratio"] / 1.4007)


def test_knees_outside_a_range_are_drawn_again_and_counted(drawn):
    again = drawn["redrawn"] > 0
    assert 0.01 < again.mean() < 0.10
    fine = np.ones(again.size, bool)
    assert cohort.report({**drawn, "converged": fine, "in_groove": fine})["drawn again"] == again.sum()


def test_factors_that_do_not_vary_stay_at_their_mean():
    only = cohort.simulate(300, flexion=30, vary=["q_angle"])
    for name in set(cohort.FACTORS) - {"q_angle"}:
        assert np.ptp(only[name]) == 0 and only[name][0] == pytest.approx(cohort.pooled(name)[0]), name
    assert only["q_angle"].std() > 3
    found = cohort.explain(only, "groove_shift_30")
    assert found.of("q_angle") > 0.95 and np.isnan(found.of("tt_tg"))
    assert cohort.simulate(300, flexion=30, vary="q_angle").equals(only)
    still = cohort.simulate(300, flexion=30, vary=())
    assert np.ptp(still["groove_shift_30"]) < 1e-6


def test_the_q_angle_seen_falls_by_a_degree_for_each_mm_of_the_patella():
    inputs = {"quadriceps_line": np.zeros(3), "tubercle_offset": np.zeros(3)}
    seen = draw.q_seen(inputs, np.array([0.0, 1.0, 5.0]))
    assert seen[0] == pytest.approx(LANDMARKS.q_angle) and seen[1] - seen[0] == pytest.approx(-1.0, abs=0.05)
    knee = Knee(quadriceps_line=4.0, tubercle_offset=-3.0)
    inputs = {"quadriceps_line": np.array([4.0]), "tubercle_offset": np.array([-3.0])}
    assert draw.q_seen(inputs, np.zeros(1))[0] == pytest.approx(knee.q_angle)


# -- solving
def test_outcomes_are_those_of_the_tracking_model(knees):
    first = {name: knees[name].to_numpy()[:3] for name in knees}
    alone = draw.knees_of(first)
    for i, one in enumerate(alone):
        own = tracking.mechanics().replace(**{name: float(first[name][i]) for name in
                                              ("tendon_length", "mpfl_stiffness", "lateral_stiffness")})
        result = tracking.solve(one, [0, 30], values=own)
        for name in cohort.OUTCOMES:
            assert knees[f"{name}_30"][i] == pytest.approx(getattr(result, name)[1], abs=1e-6), name


def test_neither_number_nor_executor_nor_angles_change_a_knee(knees):
    assert cohort.simulate(300, seed=3, flexion=[0, 30]).equals(knees[:300])
    with ThreadPoolExecutor(2) as threads:
        assert cohort.simulate(2000, seed=3, flexion=[0, 30], executor=threads).equals(knees)
    with ProcessPoolExecutor(2) as pair:
        assert cohort.simulate(700, seed=3, flexion=[0, 30], executor=pair).equals(knees[:700])
    bent = cohort.simulate(300, seed=3, flexion=[30])              # the straight knee is solved for q_seen, not kept
    assert "tilt_0" not in bent
    # another batch rounds its last digits elsewhere
    assert np.allclose(bent[["q_seen", "tilt_30"]], knees[["q_seen", "tilt_30"]][:300], atol=1e-6)
    assert not cohort.simulate(300, seed=4, flexion=[0, 30])["q_angle"].equals(knees["q_angle"][:300])


def test_blocks_are_worked_off_with_progress():
    seen = []

    def progress(blocks, total):
        for block in blocks:
            seen.append(total)
            yield block

    assert len(cohort.simulate(600, flexion=30, progress=progress)) == 600
    assert seen == [3, 3, 3]


def test_most_knees_converge(knees):
    assert cohort.report(knees)["not converged"] == cohort.report(knees)["out of the groove"] == 0
    assert knees.notna().all().all()


def test_a_knee_out_of_its_groove_is_flagged_and_gives_no_number(monkeypatch):
    whole = cohort.simulate(300, flexion=[0, 30])
    monkeypatch.setattr(geometry, "in_groove", lambda shift, *_: shift < 6)
    cut = cohort.simulate(300, flexion=[0, 30])
    out = whole[["groove_shift_0", "groove_shift_30"]].max(axis=1) >= 6
    assert 0 < cohort.report(cut)["out of the groove"] == out.sum() < 300
    assert (cut["tilt_0"].isna() == (whole["groove_shift_0"] >= 6)).all() and cut["converged"].all()
    assert (cut["in_groove"] == ~out).all() and (cut["q_seen"].isna() == cut["tilt_0"].isna()).all()


def test_what_does_not_converge_is_flagged_and_kept(monkeypatch):
    monkeypatch.setattr(newton, "MAX_STEPS", 8)
    knees = cohort.simulate(300, flexion=[0, 30])
    lost = cohort.report(knees)["not converged"]
    assert len(knees) == 300 and 0 < lost < 280
    assert (knees[["tilt_0", "tilt_30"]].isna().any(axis=1) == ~(knees["converged"] & knees["in_groove"])).all()
    found = cohort.explain(knees, "tilt_30")
    assert found.n == knees["tilt_30"].notna().sum() < 300
    assert np.isfinite(found.r).all() and np.isfinite(cohort.studies(knees, n=20, trials=5).estimate).all()


def test_a_cohort_loads_no_pictures_and_pandas_only_for_tables():
    code = ("import sys; from vmo_edu.models import cohort; cohort.arrays(10, flexion=30); "
            "print({'pandas', 'matplotlib', 'scipy', 'ipywidgets'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# -- statistics
def test_correlation_and_interval_are_those_of_scipy(knees):
    from scipy.stats import pearsonr

    x, y = knees["q_angle"], knees["tilt_30"]
    found, theirs = cohort.explain(knees, "tilt_30"), pearsonr(x, y)
    assert found.of("q_angle") == pytest.approx(theirs.statistic)
    low, high = theirs.confidence_interval()
    i = found.factors.index("q_angle")
    assert (found.low[i], found.high[i]) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_explained_variance_of_a_known_mixture():
    rng = np.random.default_rng(1)
    a, b, c, noise = rng.standard_normal((4, 20_000))
    mix = {"a": a, "b": b, "c": c, "same": np.ones(20_000), "y": 3 * a + 2 * b + noise}
    found = cohort.explain(mix, "y", ["a", "b", "c", "same"])
    assert found.r[:3] ** 2 == pytest.approx([9 / 14, 4 / 14, 0], abs=0.02) and np.isnan(found.r[3])
    assert found.together == pytest.approx(13 / 14, abs=0.01)
    assert found.without[:3] == pytest.approx([9 / 14, 4 / 14, 0], abs=0.02)
    assert found.to_frame()["factor"][0] == "a"


@pytest.mark.parametrize("test", ["correlation", "groups"])
def test_one_study_in_twenty_is_significant_where_nothing_is_there(knees, test):
    rng = np.random.default_rng(7)
    null = {"q_angle": knees["q_angle"].to_numpy(), "y": rng.permutation(knees["groove_shift_30"].to_numpy())}
    # a shuffled cohort has a tiny correlation of its own: take that out
    x = null["q_angle"] - null["q_angle"].mean()
    null["y"] = null["y"] - x * (x @ null["y"]) / (x @ x)
    many = cohort.studies(null, "q_angle", "y", n=40, trials=6000, test=test)
    assert many.power == pytest.approx(0.05, abs=0.012)
    inside = (many.low <= many.truth) & (many.truth <= many.high)
    assert inside.mean() == pytest.approx(0.95, abs=0.015)


def test_significant_means_that_the_interval_misses_zero(knees):
    many = cohort.studies(knees, "q_seen", n=60, trials=2000)
    misses = (many.low > 0) | (many.high < 0)
    assert (misses == many.significant).mean() > 0.99                  # Fisher's z and t differ by a hair
    groups = cohort.studies(knees, "q_seen", n=60, trials=2000, test="groups")
    assert (((groups.low > 0) | (groups.high < 0)) == groups.significant).all()


def test_a_group_study_is_students_test(knees):
    from scipy.stats import ttest_ind

    case = knees["groove_shift_30"] > knees["groove_shift_30"].quantile(0.8)
    one = cohort.studies(knees, n=40, trials=1, test="groups", seed=9)
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(9).spawn(4)]
    first, second = knees["q_angle"][case].to_numpy(), knees["q_angle"][~case].to_numpy()
    cases = first[streams[0].integers(len(first), size=(1, 20))]
    others = second[streams[1].integers(len(second), size=(1, 20))]
    theirs = ttest_ind(cases[0], others[0])
    low, high = theirs.confidence_interval()
    assert (one.p[0], one.low[0], one.high[0]) == pytest.approx((theirs.pvalue, low, high))
    assert one.truth == pytest.approx(first.mean() - second.mean())


def test_larger_studies_agree_more_and_error_hides_the_relation(knees):
    few, lots = (cohort.studies(knees, "q_seen", n=n, trials=500) for n in (20, 500))
    assert lots.estimate.std() < 0.3 * few.estimate.std() and lots.power > few.power
    error = cohort.reading_error("many")
    blind = cohort.studies(knees, "q_seen", n=500, trials=500, error=error)
    spread = knees["q_seen"].std()
    assert blind.estimate.mean() == pytest.approx(blind.truth * spread / np.hypot(spread, error), abs=0.01)
    assert error == pytest.approx(qangle.sem_from_icc(0.23, cohort.pooled("q_angle")[1]))


def test_each_step_thins_the_correlation(lab):
    table = cohort.thinning(lab.knees("q_angle"), lab.knees(), trials=400)
    r, power = table["r"].to_numpy(), table.iloc[:, -1].to_numpy()
    assert (np.diff(r) < 0).all() and r[0] > 0.95 and r[-1] < 0.2
    assert power[0] == 1.0 and (np.diff(power[1:]) < 0.02).all() and power[-1] < 0.2
    read = cohort.studies(lab.knees(), "q_seen", n=5000, trials=50, error=cohort.reading_error("many"))
    assert read.estimate.mean() == pytest.approx(r[-1], abs=0.01)


def test_studies_repeat_and_do_not_depend_on_how_many_are_held_at_once(knees, monkeypatch):
    whole = cohort.studies(knees, n=20, trials=50, seed=2)
    assert np.array_equal(whole.p, cohort.studies(knees, n=20, trials=50, seed=2).p)
    assert not np.array_equal(whole.p, cohort.studies(knees, n=20, trials=50, seed=3).p)
    assert len(whole.to_frame()) == 50
    for test in ("correlation", "groups"):
        given = {"n": 20, "trials": 50, "seed": 2, "error": 1.0, "test": test}
        whole = cohort.studies(knees, **given)
        with monkeypatch.context() as patch:
            patch.setattr(sampling, "AT_ONCE", 140)                # seven studies at a time
            assert np.array_equal(cohort.studies(knees, **given).p, whole.p)


# -- mistakes
@pytest.mark.parametrize(("given", "named"), [
    ({"n": 0}, "n must be between 1"), ({"n": 2.5}, "n must be a whole number"), ({"n": True}, "n must be"),
    ({"n": 5, "seed": -1}, "seed must be"), ({"n": 5, "flexion": [0, 120]}, "flexion must be"),
    ({"n": 5, "flexion": []}, "flexion must hold"), ({"n": 5, "flexion": [30, 30]}, "flexion must not hold an"),
    ({"n": 5, "executor": 2}, "executor must be"), ({"n": 5, "progress": True}, "progress must be callable"),
    ({"n": 5, "vary": ["luck"]}, "vary must be one of .*'q_angle'"), ({"n": 5, "vary": 3}, "vary must be names"),
])
def test_a_mistake_in_simulate_is_named(given, named):
    with pytest.raises(InputError, match=named):
        cohort.simulate(**given)


@pytest.mark.parametrize(("given", "named"), [
    ({"factor": "luck"}, "no column 'luck'; it has .*q_angle"), ({"outcome": "tilt_31"}, "no column 'tilt_31'"),
    ({"n": 3}, "n must be between 6"), ({"trials": 0}, "trials must be"), ({"error": -1}, "error must be"),
    ({"test": "magic"}, "test must be one of"), ({"test": "groups", "worst": 1.5}, "worst must be"),
    ({"seed": "x"}, "seed must be"),
])
def test_a_mistake_in_studies_is_named(knees, given, named):
    with pytest.raises(InputError, match=named):
        cohort.studies(knees, **given)


def test_what_does_not_vary_cannot_be_studied():
    only = cohort.simulate(60, flexion=30, vary=["q_angle"])
    with pytest.raises(InputError, match="vl_vm_ratio must vary"):
        cohort.studies(only, "vl_vm_ratio")
    with pytest.raises(InputError, match="at least 20"):
        cohort.explain(only[:10], "tilt_30")
    with pytest.raises(UnknownInputError):
        cohort.reading_error("nobody")


# -- what lesson 10 says
def test_the_lesson_tells_what_the_cohort_shows(knees):
    shift, tilt, load = (cohort.explain(knees, f"{name}_30") for name in ("groove_shift", "tilt", "lateral_share"))
    assert abs(tilt.of("q_angle")) < 0.3 < shift.of("q_angle") < load.of("q_angle")
    assert tilt.of("lateral_inclination") < -0.9 and shift.of("lateral_inclination") < -0.6
    assert abs(tilt.of("vmo_area")) < 0.1                         # at odds with people (F0592): the lesson says so
    q = np.corrcoef(knees["q_seen"], knees["groove_shift_0"])[0, 1]
    assert 0 < q < 0.6 * np.corrcoef(knees["q_angle"], knees["groove_shift_0"])[0, 1]     # the moving ruler
    assert knees["q_seen"].std() < 0.8 * knees["q_angle"].std()


def test_the_prediction_of_lesson_10_is_right(lab):
    state = lab.set(preset="Small studies, n = 20")._current
    assert state.n == 20 and state.studies.trials == 40
    for seed in range(1, 11):
        assert int(lab.set(seed=seed)._current.studies.significant.sum()) < 10
    lab.reset()
    r = 0.44                                                      # "beyond about 0.44", "almost 0.9 wide"
    t = r * np.sqrt(18 / (1 - r * r))
    assert t == pytest.approx(2.10, abs=0.03)                     # Student's t with 18 degrees of freedom, 5 %
    low, high = cohort.interval(0.2, 20)
    assert 0.8 < high - low < 0.9


# -- explorer and words
def test_the_cohort_is_solved_once_and_belongs_to_its_explorer(lab):
    before = lab.knees()
    lab.set(factor="vmo_area", n=200)
    assert lab.knees() is before
    other = explore.cohort()
    assert other.knees() is not before and np.array_equal(other.knees()["tilt_30"], before["tilt_30"])
    lab.reset()


def test_numbers_on_screen_are_those_of_the_model(lab):
    state = lab.set(preset="Small studies, n = 20")._current
    knees = lab.knees()
    assert state.r["q_seen"] == pytest.approx(np.corrcoef(knees["q_seen"], knees["groove_shift_30"])[0, 1])
    assert (state.slope[0], state.slope[1]) == pytest.approx(np.polyfit(knees["q_seen"], knees["groove_shift_30"], 1))
    tiles = {label: text for label, text, *_ in lab.readouts()}
    assert tiles["Studies with p < 0.05"] == str(int(state.studies.significant.sum()))
    assert state.studies.error == cohort.reading_error("one") and state.studies.n == 20
    lab.reset()


def test_reader_errors_touch_the_q_angle_only(lab):
    assert lab.set(factor="vmo_area", reader="many")._current.studies.error == 0.0
    assert lab.set(factor="q_angle")._current.studies.error > 3
    lab.reset()


def test_nothing_to_correlate_is_said_and_drawn(lab):
    lab.set(vary="lateral_inclination", factor="q_angle")
    assert "nothing to correlate" in lab.describe()
    assert lab._current.studies is None and lab._current.slope is None
    lab.pin()
    assert "nothing to compare" in lab.describe()
    frame = lab.frame()
    assert all("nan" not in str(value).lower() for look in frame.looks.values() for value in look.values())
    lab.reset()


def test_knees_without_equilibrium_are_counted_on_screen(monkeypatch):
    monkeypatch.setattr(newton, "MAX_STEPS", 9)
    lab = explore.cohort()
    assert "left out" in lab.describe() and any(row[0] == "Without a result" for row in lab.readouts())


def test_words_name_how_close_a_relation_is():
    assert [words.closeness(r) for r in (0.0, -0.2, 0.5, -0.9)] == [
        "next to no relation", "a weak relation", "a clear relation", "a close relation"]
    assert words.low_first("Q-angle as measured")[0] == "Q" and words.low_first("Tilt") == "tilt"
    assert words.low_first("VMO cross-section") == "VMO cross-section" and words.low_first("VL:VM size")[:2] == "VL"


def test_a_pinned_trend_is_drawn_on_the_axis_of_the_present_picture_or_not_at_all():
    lab = explore.cohort(flexion=0)
    scene, straight = lab._drawn(), lab._current
    lab.pin().set(flexion=30)
    scene.update(lab._current)
    low, high = figure.OUTCOMES[figure.axis(lab._current)][0]
    x, y = scene.pinned.path.vertices[0] * (1, high - low) + (0, low)
    factor = figure.span("q_angle")[0] + x * np.ptp(figure.span("q_angle"))
    assert scene.pinned.look["visible"] and y == pytest.approx(straight.slope[0] * factor + straight.slope[1])
    lab.set(flexion=0, factor="vmo_area").pin().set(flexion=30)         # all of it above the finer axis
    scene.update(lab._current)
    assert not scene.pinned.look["visible"] and scene.trend.look["visible"]
