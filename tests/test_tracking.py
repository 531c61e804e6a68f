"""The tracking model as its users meet it: shapes, errors, the force balance, and what the knee is known to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vmo_edu import evidence
from vmo_edu.errors import InputError
from vmo_edu.knee import HEADS, PRESETS, Knee
from vmo_edu.models import tracking
from vmo_edu.models.patella.parameters import read

ANGLES = np.arange(0, 91, 10)
SWEEP = np.arange(0.0, 91.0)


@pytest.fixture(scope="module")
def healthy():
    return tracking.solve(Knee(), SWEEP)


class TestShapes:
    def test_single_knee_and_angle(self):
        result = tracking.solve(Knee(), 30)
        assert result.shift.shape == result.converged.shape == (1,)
        assert result.pressure.shape == (1, len(result.points))

    def test_several_knees(self):
        result = tracking.solve([Knee(), Knee(vmo=0)], [0, 30, 60])
        assert result.shift.shape == (2, 3) and result.flexion.shape == (3,)
        np.testing.assert_array_equal(result.knee(1).shift, tracking.solve(Knee(vmo=0), [0, 30, 60]).shift)

    def test_generator_and_tuple_are_sequences_too(self):
        assert tracking.solve((Knee(vmo=v) for v in (0, 1)), [10]).shift.shape == (2, 1)

    def test_frame(self):
        frame = tracking.solve([Knee(), Knee(vmo=0)], [0, 30, 60]).to_frame()
        assert list(frame.columns[:2]) == ["knee", "flexion"] and len(frame) == 6
        assert len(tracking.solve(Knee(), [0, 30]).to_frame()) == 2
        assert {"converged", "in_groove"} <= set(frame.columns)

    def test_the_last_knee_can_be_counted_from_the_end(self):
        result = tracking.solve([Knee(), Knee(vmo=0)], [0, 30])
        np.testing.assert_array_equal(result.knee(-1).shift, result.knee(1).shift)

    def test_at_takes_the_nearest_angle(self, healthy):
        assert healthy.at(30.4)["flexion"] == 30
        assert healthy.at(30)["shift"] == healthy.shift[30]

    def test_restraint_shapes(self):
        assert tracking.restraint(Knee(), [0, 30]).shape == (2,)
        assert tracking.restraint([Knee(), Knee(vmo=0)], [0, 30]).shape == (2, 2)

    def test_result_is_frozen(self, healthy):
        with pytest.raises(AttributeError):
            healthy.shift = 0


class TestBadInput:
    @pytest.mark.parametrize("flexion", [[], 200, -1, float("nan"), "30", [[0, 1]], True, None])
    def test_flexion(self, flexion):
        with pytest.raises(InputError, match="flexion"):
            tracking.solve(Knee(), flexion)

    @pytest.mark.parametrize("knee", [None, 3, "knee", [], [Knee(), 1], {"vmo": 1}])
    def test_knee(self, knee):
        with pytest.raises(InputError, match="knee"):
            tracking.solve(knee, 30)

    @pytest.mark.parametrize("displacement", [50, float("inf"), "10"])
    def test_displacement(self, displacement):
        with pytest.raises(InputError, match="displacement"):
            tracking.restraint(Knee(), 30, displacement)

    def test_choosing_a_knee(self, healthy):
        with pytest.raises(InputError, match="one knee"):
            healthy.knee(0)
        with pytest.raises(InputError, match="knee must be"):
            tracking.solve([Knee()], 30).knee(1)
        with pytest.raises(InputError, match="choose a knee"):
            tracking.solve([Knee()], 30).at(30)

    @pytest.mark.parametrize("index", [0.5, True, "0", None, float("nan"), 2, -3])
    def test_number_of_a_knee(self, index):
        with pytest.raises(InputError, match="knee must be .*between -2 and 1"):
            tracking.solve([Knee(), Knee(vmo=0)], 30).knee(index)

    @pytest.mark.parametrize("values", ["x", 3, {"mpfl_stiffness": 10}, [], 0, False])
    def test_values(self, values):
        for call in (tracking.solve, tracking.restraint, tracking.displaced):
            with pytest.raises(InputError, match="values must be a Mechanics"):
                call(Knee(), 30, values=values)

    @pytest.mark.parametrize("flexion", ["a", [], 91, None, float("nan"), True])
    def test_angle_of_the_sensitivity(self, flexion):
        with pytest.raises(InputError, match="flexion"):
            tracking.sensitivity(flexion)


class TestPull:
    def test_published_balance(self):
        """F0115 to F0121: nearly balanced; 9.5 % lateral without VMO; VMO pulls 11.5 N medially of 15.8 N."""
        balance = tracking.pull(Knee())
        assert balance.names == HEADS
        assert balance.force.sum() == pytest.approx(175)
        assert balance.resultant[0] / 175 == pytest.approx(0.029, abs=5e-4)
        assert balance.angle == pytest.approx(1.8, abs=0.06)
        assert tracking.pull(Knee(vmo=0)).resultant[0] / 175 == pytest.approx(0.095, abs=5e-4)
        assert tracking.pull(Knee(vmo=0, vml=0)).resultant[0] / 175 == pytest.approx(0.132, abs=1e-3)
        vmo = HEADS.index("vmo")
        assert balance.force[vmo] == pytest.approx(15.75) and balance.frontal[vmo, 0] == pytest.approx(-11.5, abs=0.05)

    def test_parts_make_up_the_force(self):
        balance = tracking.pull(Knee(quadriceps_line=7))
        size = np.sqrt((balance.frontal**2).sum(axis=1) + balance.posterior**2)
        np.testing.assert_allclose(size, balance.force)
        np.testing.assert_allclose(balance.resultant, balance.frontal.sum(axis=0))

    def test_every_head_pulls_towards_the_femur_or_along_it(self):
        posterior = dict(zip(HEADS, tracking.pull(Knee()).posterior, strict=True))
        assert posterior["vmo"] > 5 and posterior["vlo"] > 5 and min(posterior.values()) == 0

    def test_the_angle_of_the_vmo_is_medial(self):
        vmo = HEADS.index("vmo")
        along, across = (tracking.pull(Knee(), vmo_angle=angle) for angle in (0, 90))
        assert along.frontal[vmo, 0] == 0 and across.frontal[vmo, 0] == pytest.approx(-across.force[vmo])
        own = tracking.pull(Knee(), vmo_angle=tracking.vmo_angle())
        np.testing.assert_allclose(own.frontal, tracking.pull(Knee()).frontal)

    def test_turned_line_turns_the_resultant(self):
        tilt = tracking.pull(Knee(quadriceps_line=6)).angle - tracking.pull(Knee()).angle
        assert tilt == pytest.approx(6)

    def test_nothing_pulls(self):
        balance = tracking.pull(Knee(**dict.fromkeys(HEADS, 0.0)))
        assert balance.angle == 0 and not balance.resultant.any()


class TestBalance:
    """Forces that the result reports are those that hold the patella."""

    def test_every_preset_converges_at_every_degree(self):
        for name in PRESETS:
            result = tracking.solve(Knee.preset(name), SWEEP)
            assert result.converged.all() and result.residual.max() < 1e-8, name

    def test_shares_and_areas_add_up(self, healthy):
        np.testing.assert_allclose(healthy.lateral_share,
                                   healthy.lateral_force / (healthy.lateral_force + healthy.medial_force))
        np.testing.assert_allclose(healthy.lateral_area + healthy.medial_area, healthy.contact_area)
        half = len(healthy.points) // 2
        np.testing.assert_array_equal(healthy.pressure[:, :half].max(axis=1), healthy.peak_lateral_pressure)

    def test_forces_of_the_facets_carry_what_the_lines_press(self):
        """They stand on the walls of the groove, so their anterior parts together are what presses the patella in."""
        from vmo_edu.models.patella import geometry, newton, potential
        angles = np.array([30.0, 60.0, 90.0])
        lanes = geometry.build([Knee()], angles, tracking.mechanics())
        pose, _ = newton.minimise(lanes, np.zeros((3, 3)))
        pressed = potential.evaluate(pose, replace(lanes, foundation=np.zeros(3)))[1][1]
        result = tracking.solve(Knee(), angles)
        walls = np.cos(np.arctan([lanes.lateral, lanes.medial]))
        carried = result.lateral_force * walls[0] + result.medial_force * walls[1]
        np.testing.assert_allclose(carried, pressed, rtol=0.02)           # the floor between the walls is round

    def test_a_facet_that_is_loaded_evenly_carries_over_its_whole_width(self):
        width = np.full(24, 0.5)
        evenly, free = np.ones((24, 1)), np.full((24, 1), 0.9 * tracking.TOUCHED)
        assert tracking.touched_width(evenly, width)[0] == pytest.approx(12.0)
        assert tracking.touched_width(free, width)[0] == 0
        half = np.where(np.arange(24)[:, None] < 12, 1.0, 0.0)
        assert tracking.touched_width(half, width)[0] == pytest.approx(6.0, abs=0.25)

    def test_tendon_follows_the_published_ratio(self):
        """buff1988: quadriceps over tendon force 0.86 +/- 0.15 at 10 and 1.55 +/- 0.25 at 70 degrees."""
        force = tracking.solve(Knee(), [10, 70]).tendon_force
        assert 0.71 < 175 / force[0] < 1.01 and 1.30 < 175 / force[1] < 1.80

    def test_shift_frames_differ_by_the_course_of_the_groove(self):
        two = tracking.solve([Knee(), Knee(vmo=0)], ANGLES)
        np.testing.assert_allclose(*(two.shift - two.groove_shift))

    def test_restraint_is_the_slope_of_the_energy(self):
        """The work of pushing the patella 10 mm aside is the sum of the restraining forces."""
        from vmo_edu.models.patella import geometry, newton, potential
        lanes = geometry.build([Knee()], np.array([30.0]), tracking.mechanics())
        rest, _ = newton.minimise(lanes, np.zeros((3, 1)))
        held, _ = newton.minimise(lanes, rest + np.array([[10.0], [0], [0]]), hold_shift=True)
        work = float((potential.evaluate(held, lanes)[0] - potential.evaluate(rest, lanes)[0])[0])
        steps = np.linspace(0, 10, 101)
        forces = np.array([tracking.restraint(Knee(), 30, float(step))[0] if step else 0.0 for step in steps])
        assert np.trapezoid(forces, steps) == pytest.approx(work, rel=1e-3)


class TestPhysiology:
    def test_first_medial_then_lateral(self, healthy):
        """amis2006: medial until engagement, then lateral to 90 degrees."""
        assert healthy.shift[20] < healthy.shift[0] - 1.5 and healthy.shift[90] > healthy.shift[20] + 5

    def test_curves_have_no_jumps(self, healthy):
        assert np.abs(np.diff(healthy.shift)).max() < 0.8                     # mm per degree
        assert np.abs(np.diff(healthy.tilt)).max() < 1.0                      # degrees per degree
        for name in ("peak_lateral_pressure", "peak_medial_pressure"):
            pressure = getattr(healthy, name)
            assert np.abs(np.diff(pressure)).max() < 0.2 * pressure.max(), name

    def test_vmo_matters_most_near_extension(self):
        change = tracking.solve(Knee(vmo=0), ANGLES).shift - tracking.solve(Knee(), ANGLES).shift
        assert change.min() > 0 and change[:3].max() > change[3:].max()

    def test_more_vmo_more_medial_in_ordinary_knees(self):
        for inputs in ({}, {"tubercle_offset": 8}, {"quadriceps_line": 6}, {"trochlear_depth": 0.3}):
            shifts = tracking.solve([Knee(vmo=level, **inputs) for level in np.linspace(0, 2, 21)], ANGLES).shift
            assert (np.diff(shifts, axis=0) < 1e-9).all(), inputs

    def test_loads_up_to_600_newton_stay_ordinary(self):
        knees = [Knee(quadriceps_force=force) for force in (50, 175, 300, 450, 600)]
        result = tracking.solve(knees, ANGLES)
        total = result.lateral_force + result.medial_force
        assert result.converged.all() and (np.diff(total, axis=0) > 0).all()
        assert (np.diff(result.contact_area, axis=0) > 0).all()
        assert np.abs(result.tilt).max() < 10 and np.abs(result.groove_shift[:, 2:]).max() < 5

    def test_force_grows_with_displacement(self):
        forces = np.array([tracking.restraint(Knee(), ANGLES, step) for step in (1, 2, 5, 10)])
        assert (np.diff(forces, axis=0) > 0).all()

    def test_the_knee_pulls_back_from_both_sides(self):
        for displacement in (-10, 10):
            assert (tracking.restraint(Knee(), ANGLES, displacement) > 0).all(), displacement

    def test_ligaments_are_taut_on_the_side_from_which_the_patella_is_held_and_a_cut_one_never(self):
        lateral, medial = (tracking.displaced(Knee(), 0, displacement) for displacement in (10, -10))
        assert lateral.mpfl_tension[0] > 10 > 1 > medial.mpfl_tension[0]
        assert medial.lateral_retinaculum_tension[0] > lateral.lateral_retinaculum_tension[0]
        cut = Knee(medial_retinaculum=0, lateral_retinaculum=0)
        for displacement in (10, -10):
            held = tracking.displaced(cut, 0, displacement)
            assert held.mpfl_tension[0] == held.lateral_retinaculum_tension[0] == 0 < held.tendon_force[0]

    def test_iliotibial_band_pulls_laterally(self):
        change = tracking.solve(Knee(itb_tension=90), ANGLES).shift - tracking.solve(Knee(), ANGLES).shift
        assert change.min() > 0 and change.max() < 5

    def test_iliotibial_band_presses_the_patella_in(self):
        """It runs backwards round the lateral condyle."""
        plain, tight = (tracking.solve(Knee(itb_tension=tension), ANGLES) for tension in (0, 90))
        assert (tight.lateral_force + tight.medial_force > plain.lateral_force + plain.medial_force + 2).all()

    def test_a_relaxed_quadriceps_still_keeps_the_patella_on_the_femur(self):
        result = tracking.solve(Knee(**dict.fromkeys(HEADS, 0.0)), ANGLES)
        assert result.usable.all() and (result.lateral_force + result.medial_force > 1).all()

    def test_q_angle_of_both_signs(self):
        base = tracking.solve(Knee(), ANGLES).shift
        for more, less in (({"tubercle_offset": 8}, {"tubercle_offset": -8}),
                           ({"quadriceps_line": 6}, {"quadriceps_line": -6})):
            assert (tracking.solve(Knee(**more), ANGLES).shift > base).all()
            assert (tracking.solve(Knee(**less), ANGLES).shift < base).all()

    def test_flat_groove_and_cut_ligament(self):
        intact = tracking.restraint(Knee(), [0, 30])
        assert tracking.restraint(Knee(trochlear_depth=0), 30)[0] < 0.5 * intact[1]
        assert tracking.restraint(Knee(medial_retinaculum=0), 0)[0] < 0.7 * intact[0]


@pytest.mark.parametrize(("line", "old", "new", "said"), [
    (0, "name,value", "value,name", "columns must be name, value, low"), (0, "pinned_by", "pinned", "columns must be"),
    (1, ",", ",about ", "line 2: value, low, high must be numbers")])
def test_a_damaged_table_of_parameters_is_named(tmp_path, line, old, new, said):
    lines = evidence.data_path("parameters.csv").read_text(encoding="utf-8").splitlines()
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new, 1)
    table = tmp_path / "parameters.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=f"parameters.csv.*{said}"):
        read(table)


def test_parameters_lie_in_their_ranges():
    for item in tracking.parameters():
        assert item.low <= item.value <= item.high, item.name
        assert item.source_key and item.pinned_by and item.meaning


def test_sensitivity_table():
    frame = tracking.sensitivity()
    assert {"parameter", "quantity", "effect"} <= set(frame.columns)
    assert np.isfinite(frame.effect).all() and len(frame) > 100


def test_sensitivity_is_the_slope_of_the_results():
    """Inside the range, and one-sided where the default lies at its end (a cut ligament cannot be cut further)."""
    frame = tracking.sensitivity(30).set_index(["parameter", "quantity"])
    for name, ends in (("tubercle_offset", (-0.3, 0.3)), ("medial_retinaculum", (0.99, 1.0))):
        low, high = tracking.solve([Knee(**{name: end}) for end in ends], 30).shift[:, 0]
        row = frame.loc[(name, "shift")]
        assert row.slope == pytest.approx((high - low) / (ends[1] - ends[0]), rel=1e-3)
        assert row.effect == pytest.approx(row.slope * (row.high - row.low))
