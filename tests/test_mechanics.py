"""The mechanics itself: derivatives, equilibria solved by hand, other solvers, symmetry, and very many random knees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize

from vmo_edu.knee import INPUTS, PRESETS, Knee
from vmo_edu.models import tracking
from vmo_edu.models.patella import geometry, newton, potential
from vmo_edu.models.patella.geometry import Lanes
from vmo_edu.models.patella.parameters import mechanics
from vmo_edu.models.patella.smooth import ramp, ramp_derivatives

RANGES = [(item.low, item.high) for item in INPUTS.values()]
knees = st.builds(lambda **inputs: Knee(**inputs),
                  **{item.name: st.floats(item.low, item.high) for item in INPUTS.values()})


def random_knees(count: int, seed: int) -> list[Knee]:
    """Knees drawn evenly from the whole legal box."""
    low, high = np.array(RANGES).T
    draws = np.random.default_rng(seed).uniform(low, high, (count, len(low)))
    return [Knee(**dict(zip(INPUTS, row, strict=True))) for row in draws]


def equilibria(lanes: Lanes) -> np.ndarray:
    pose, residual = newton.minimise(lanes, np.zeros((3, lanes.count)))
    assert (residual < newton.TOLERANCE).all()
    return pose


def full(hessian: np.ndarray) -> np.ndarray:
    """(6, n) upper triangles as (n, 3, 3) matrices."""
    return hessian[[0, 1, 2, 1, 3, 4, 2, 4, 5]].T.reshape(-1, 3, 3)


def functions(lanes: Lanes):
    """Energy, gradient and Hessian of a single lane as scipy wants them."""
    def energy(pose):
        return float(potential.evaluate(pose[:, None], lanes)[0][0])

    def gradient(pose):
        return potential.evaluate(pose[:, None], lanes)[1][:, 0]

    def hessian(pose):
        return full(potential.evaluate(pose[:, None], lanes)[2])[0]

    return energy, gradient, hessian


@pytest.fixture(scope="module")
def mixed():
    """Random knees at random poses, away from equilibrium."""
    lanes = geometry.build(random_knees(40, 1), np.array([0.0, 15.0, 40.0, 90.0]), mechanics())
    poses = np.random.default_rng(2).uniform(-1, 1, (3, lanes.count)) * np.array([[8.0], [2.0], [5.0]])
    return lanes, poses


class TestDerivatives:
    step = 1e-30

    def test_gradient_is_the_complex_step_of_the_energy(self, mixed):
        lanes, poses = mixed
        gradient = potential.evaluate(poses, lanes)[1]
        for axis in range(3):
            nudged = poses.astype(complex)
            nudged[axis] += 1j * self.step
            derivative = potential.evaluate(nudged, lanes)[0].imag / self.step
            np.testing.assert_allclose(gradient[axis], derivative, rtol=1e-9, atol=1e-8)

    def test_hessian_is_the_complex_step_of_the_gradient(self, mixed):
        lanes, poses = mixed
        hessian = full(potential.evaluate(poses, lanes)[2])
        for axis in range(3):
            nudged = poses.astype(complex)
            nudged[axis] += 1j * self.step
            derivative = potential.evaluate(nudged, lanes)[1].imag / self.step
            np.testing.assert_allclose(hessian[:, :, axis].T, derivative, rtol=1e-9, atol=1e-7)

    def test_ramp(self):
        x = np.linspace(-3, 3, 31)
        value, slope, bend = ramp_derivatives(x, 0.7)
        np.testing.assert_allclose(value, ramp(x, 0.7))
        np.testing.assert_allclose(slope, ramp(x + 1e-30j, 0.7).imag / 1e-30, rtol=1e-12)
        np.testing.assert_allclose(bend, (ramp_derivatives(x + 1e-6, 0.7)[1] - ramp_derivatives(x - 1e-6, 0.7)[1])
                                   / 2e-6, atol=1e-8)


def bench(points, anchors, tension, stiffness, rest, **contact) -> Lanes:
    """One lane with lines only, far above the groove unless told otherwise."""
    base = geometry.build([Knee()], np.array([30.0]), mechanics())
    column = [np.array(values, float)[:, None] for values in (tension, stiffness, rest)]
    lanes = replace(base, point=np.array(points, float), anchor=np.array(anchors, float)[:, :, None],
                    tension=column[0], stiffness=column[1], rest=column[2],
                    toe=np.full((len(points), 1), 1e-9), foundation=np.zeros(1))
    return replace(lanes, **{name: np.array([float(value)]) for name, value in contact.items()})


CENTRE = geometry.REST                                    # where the patella's middle is at the pose (0, 0, 0)


class TestByHand:
    def test_three_cables_meet_where_their_forces_balance(self):
        """Cables of 30, 40 and 50 N meet at right angles between the first two (3-4-5 triangle of forces)."""
        x, z = CENTRE
        far = 1e6
        anchors = [(x - far, 0, z), (x, 0, z - far), (x + 0.6 * far, 0, z + 0.8 * far)]
        lanes = bench([(0, 0, 0)] * 3, anchors, (30, 40, 50), (0, 0, 0), (0, 0, 0))
        _, gradient, _ = potential.evaluate(np.zeros((3, 1)), lanes)
        np.testing.assert_allclose(gradient, 0, atol=1e-9)

    def test_taut_cable_pushes_back_with_tension_times_sine(self):
        """Two cables of 100 N, 43 mm each, along the groove: 5 mm aside they pull back 2 x 100 x 5/sqrt(43^2+5^2)."""
        x, z = CENTRE
        lanes = bench([(0, 0, 0)] * 2, [(x, -43, z), (x, 43, z)], (100, 100), (0, 0), (0, 0))
        pose = equilibria(lanes)
        np.testing.assert_allclose(pose[:2], 0, atol=1e-9)
        force = potential.evaluate(np.array([[5.0], [0.0], [0.0]]), lanes)[1][0, 0]
        assert force == pytest.approx(2 * 100 * 5 / np.hypot(43, 5), rel=1e-12)

    def test_two_springs_share_as_their_stiffness(self):
        """Springs of 30 and 10 N/mm pulled apart 8 mm in all: the patella goes 3/4 of the way to the stiffer one."""
        x, z = CENTRE
        lanes = bench([(0, 0, 0)] * 2, [(x - 54, 0, z), (x + 54, 0, z)], (0, 0), (30, 10), (50, 50))
        pose = equilibria(lanes)
        assert pose[0, 0] == pytest.approx(-2.0, abs=1e-6)          # stretch 2 and 6 mm: 60 N each
        length = potential.line_state((x + pose[0], z + pose[1], np.ones(1), np.zeros(1)), lanes)[0]
        np.testing.assert_allclose(potential.pull_of(length, lanes)[1], 60, rtol=1e-6)

    def test_slack_spring_does_not_push(self):
        x, z = CENTRE
        lanes = bench([(0, 0, 0)], [(x - 40, 0, z)], (0,), (30,), (50,))
        assert np.abs(potential.evaluate(np.zeros((3, 1)), lanes)[1]).max() < 1e-9

    def test_flat_ground_carries_what_presses_on_it(self):
        """On a flat floor pressure is the same everywhere for a flat patella: N = stiffness x depth x area."""
        x, z = CENTRE
        lanes = bench([(0, 0, 0)], [(x, 0, z - 1e6)], (120,), (0,), (0,), foundation=2.0, band=10.0,
                      lateral=0.0, medial=0.0, fall=0.0)
        width = np.full(2, 10.0)
        lanes = replace(lanes, node_u=np.array([-8.0, 8.0]), node_v=np.full(2, -11.0), node_width=width)
        pose = equilibria(lanes)
        assert pose[2, 0] == pytest.approx(0, abs=1e-9)
        assert -pose[1, 0] == pytest.approx(120 / (2.0 * 10.0 * 20.0), abs=2e-3)      # the touch is rounded


class TestSolver:
    def test_agrees_with_scipy_minimize_on_200_random_knees(self):
        flexion = np.array([0.0, 10.0, 25.0, 50.0, 90.0])
        lanes = geometry.build(random_knees(40, 3), flexion, mechanics())
        pose, residual = newton.minimise(lanes, np.zeros((3, lanes.count)))
        assert (residual < newton.TOLERANCE).all()
        nudge = np.random.default_rng(4).uniform(-0.2, 0.2, pose.shape)
        for lane in range(lanes.count):
            energy, gradient, hessian = functions(lanes.take(np.array([lane])))
            found = optimize.minimize(energy, pose[:, lane] + nudge[:, lane], jac=gradient, hess=hessian,
                                      method="trust-exact", options={"gtol": 1e-9, "maxiter": 500})
            # it compares energies, which a soft direction resolves to no better than some 1e-6 mm
            np.testing.assert_allclose(found.x, pose[:, lane], atol=1e-5)

    def test_agrees_with_scipy_root(self):
        lanes = geometry.build([Knee(), Knee(vmo=0), Knee(tubercle_offset=10)], np.arange(0, 91, 10.0), mechanics())
        pose = equilibria(lanes)
        for lane in range(lanes.count):
            _, gradient, hessian = functions(lanes.take(np.array([lane])))
            found = optimize.root(gradient, pose[:, lane] + 0.1, jac=hessian, tol=1e-12)
            np.testing.assert_allclose(found.x, pose[:, lane], atol=1e-6)

    def test_equilibria_are_minima(self):
        lanes = geometry.build(random_knees(200, 5), np.array([0.0, 20.0, 60.0]), mechanics())
        pose, residual = newton.minimise(lanes, np.zeros((3, lanes.count)))
        stiffness = np.linalg.eigvalsh(full(potential.evaluate(pose, lanes)[2]))
        assert (stiffness[residual < newton.TOLERANCE] > 0).all()

    def test_result_does_not_depend_on_the_company(self):
        """A lane solved alone and one solved among others agree to the last digits."""
        knees_, flexion = random_knees(30, 6), np.array([0.0, 30.0, 75.0])
        together = tracking.solve(knees_, flexion)
        for index in (0, 11, 29):
            alone = tracking.solve(knees_[index], flexion)
            np.testing.assert_allclose(together.shift[index], alone.shift, atol=1e-9)
            np.testing.assert_allclose(together.tilt[index], alone.tilt, atol=1e-9)

    def test_newton_step_goes_downhill_where_the_hessian_is_indefinite(self):
        gradient = np.array([[1.0], [2.0], [-1.0]])
        hessian = np.array([[-3.0], [0.5], [0.0], [1.0], [0.0], [2.0]])
        assert float((newton.newton_step(gradient, hessian) * gradient).sum()) < 0

    def test_held_shift_stays(self):
        lanes = geometry.build([Knee()], np.array([30.0]), mechanics())
        pose, residual = newton.minimise(lanes, np.array([[7.0], [0.0], [0.0]]), hold_shift=True)
        assert pose[0, 0] == 7.0 and residual[0] < newton.TOLERANCE


def mirrored(lanes: Lanes) -> Lanes:
    """The same knee in a mirror: x of every point, anchor and contact node changes sign, the walls swap."""
    def flip(points, axis):
        sign = np.ones(points.shape[axis])
        sign[0] = -1
        return points * sign.reshape([-1 if i == axis else 1 for i in range(points.ndim)])
    return replace(lanes, point=flip(lanes.point, 1), anchor=flip(lanes.anchor, 1), node_u=-lanes.node_u,
                   lateral=lanes.medial, medial=lanes.lateral)


def test_mirrored_knee_gives_the_mirrored_pose(monkeypatch):
    """With the crest out of reach the problem has no handedness: x and tilt change sign, height stays."""
    lanes = geometry.build(random_knees(60, 7), np.array([0.0, 30.0, 90.0]), mechanics())
    lanes = replace(lanes, crest=np.full(lanes.count, 1e4), crest_radius=np.full(lanes.count, 1e-3))
    pose, residual = newton.minimise(lanes, np.zeros((3, lanes.count)))
    monkeypatch.setattr(potential, "REST", (-geometry.REST[0], geometry.REST[1]))
    other, residual2 = newton.minimise(mirrored(lanes), np.zeros((3, lanes.count)))
    assert (residual < newton.TOLERANCE).all() and (residual2 < newton.TOLERANCE).all()
    np.testing.assert_allclose(other, pose * np.array([[-1.0], [1.0], [-1.0]]), atol=1e-6)


def check_states(knees_: list[Knee], flexion: np.ndarray, result: tracking.TrackingResult) -> None:
    """What a result says of its states must be true of them: asked of the energy itself, not of the solver.

    Where it says `converged` no force is left over and the energy is a minimum; where it does not, a force is left.
    `in_groove` follows from the pose, the ridge turned here as a complex number. All numbers are finite.
    """
    lanes = geometry.build(knees_, flexion, mechanics())
    pose = np.array([result.groove_shift, result.height, np.radians(result.tilt) * potential.TILT_ARM]).reshape(3, -1)
    energy, gradient, hessian = potential.evaluate(pose, lanes)
    found, left = result.converged.ravel(), np.abs(gradient).max(axis=0)
    assert (left[found] < 1e-7).all() and (left[~found] > 1e-9).all()
    assert (np.linalg.eigvalsh(full(hessian))[found] > 0).all()
    for axis in range(3):
        for step in (-0.02, 0.02):
            aside = pose + step * (np.arange(3) == axis)[:, None]
            assert (potential.evaluate(aside, lanes)[0] > energy)[found].all(), (axis, step)
    turn = np.radians(result.tilt.ravel())
    ridge = pose[0] + geometry.REST[0] + (complex(*geometry.RIDGE) * np.exp(-1j * turn)).real
    m = mechanics()
    inside = ((np.maximum(ridge, pose[0]) < m.crest_lateral) & (np.minimum(ridge, pose[0]) > geometry.MEDIAL_EDGE)
              & (np.abs(np.degrees(turn)) < m.facet_lateral + m.crest_fall))
    np.testing.assert_array_equal(result.in_groove.ravel(), inside)
    for name in result._per_angle():
        assert np.isfinite(getattr(result, name)[result.converged]).all(), name
    forces = np.array([result.lateral_force, result.medial_force, result.mpfl_tension, result.tendon_force])
    assert forces.min() >= 0 and result.pressure.min() >= 0
    assert ((result.lateral_share >= 0) & (result.lateral_share <= 1)).all()


@settings(max_examples=60, deadline=None)
@given(knee=knees, flexion=st.floats(0, 90))
def test_every_legal_knee_is_at_rest_or_flagged(knee, flexion):
    check_states([knee], np.array([flexion]), tracking.solve(knee, flexion))


def test_a_solver_stopped_early_is_flagged(monkeypatch):
    """`converged` is about the forces that are left: some lanes need more steps than others."""
    some, flexion = random_knees(60, 8), np.array([0.0, 30.0, 90.0])
    whole = tracking.solve(some, flexion)
    assert whole.converged.all()
    monkeypatch.setattr(newton, "MAX_STEPS", 8)
    result = tracking.solve(some, flexion)
    assert 0 < result.converged.sum() < result.converged.size
    check_states(some, flexion, result)
    far = np.abs(result.groove_shift - whole.groove_shift)
    assert far[result.converged].max() < 1e-6 < far[~result.converged].max()
    force = tracking.restraint(some, flexion)
    assert np.isnan(force[~result.converged]).all() and np.isfinite(force).any()


class TestInGroove:
    def test_every_preset_keeps_its_patella_in_the_groove(self):
        result = tracking.solve([Knee.preset(name) for name in PRESETS], np.arange(0, 91, 5.0))
        assert result.in_groove.all() and result.usable.all()

    def test_a_dislocated_patella_is_flagged(self):
        """Converged, and yet no result: it lies beyond the crest of a flat groove."""
        result = tracking.solve(Knee(trochlear_depth=0, tubercle_offset=15), [0, 30, 90])
        assert result.converged.all() and result.groove_shift[-1] > mechanics().crest_lateral
        assert result.in_groove.tolist() == [True, True, False] and result.usable.tolist() == [True, True, False]
        assert result.at(90)["in_groove"] is False and result.at(0)["in_groove"] is True
        assert result.to_frame()["in_groove"].tolist() == [True, True, False]

    def test_some_corners_of_the_legal_box_throw_it_out_and_all_are_flagged(self):
        """Beyond the crest or turned by more than 45 degrees never counts as being in the groove."""
        result = tracking.solve(random_knees(1000, 9), np.array([0.0, 30.0, 60.0, 90.0]))
        gone = (np.abs(result.groove_shift) > mechanics().crest_lateral) | (np.abs(result.tilt) > 45)
        assert gone.mean() > 0.01 and not result.in_groove[gone].any()

    @pytest.mark.parametrize(("shift", "tilt", "inside"), [
        (0, 0, True), (21.4, 0, True), (21.6, 0, False), (-17.9, 0, True), (-18.1, 0, False), (0, 41, True),
        (0, 43, False), (0, -43, False), (25, 30, False), (-13, 35, False), (18, -30, False), (5, 20, True)])
    def test_bounds(self, shift, tilt, inside):
        """Crest 21.5 mm, medial edge -18 mm, tilt 21.9 + 20 degrees; at (-13, 35) and (18, -30) only the ridge is out.

        (25, 30): the turned ridge would stand at 20 mm, but a tilt does not bring a patella back.
        """
        m = mechanics()
        assert m.facet_lateral + m.crest_fall == pytest.approx(41.9, abs=0.1)
        found = geometry.in_groove(np.array([float(shift)]), np.radians([float(tilt)]), np.array([m.crest_lateral]), m)
        assert found.tolist() == [inside]

    def test_held_patella_is_flagged_too(self):
        assert not tracking.displaced(Knee(trochlear_depth=0, tubercle_offset=15), 60, 10).in_groove[0]
        assert tracking.displaced(Knee(), 60, 10).in_groove[0]


ordinary = st.builds(
    lambda **inputs: Knee(**inputs), quadriceps_force=st.floats(50, 600), vmo=st.floats(0, 1), vml=st.floats(0.5, 1.5),
    rf_vi=st.floats(0.5, 1.5), vll=st.floats(0.6, 1.5), vlo=st.floats(0.6, 1.5), tubercle_offset=st.floats(-3, 15),
    quadriceps_line=st.floats(-3, 12), trochlear_depth=st.floats(0.5, 1.25), medial_retinaculum=st.floats(0, 1),
    lateral_retinaculum=st.floats(0, 1), itb_tension=st.floats(0, 100))


@settings(max_examples=80, deadline=None)
@given(knee=ordinary, flexion=st.floats(0, 90), more=st.floats(0.02, 1))
def test_more_vmo_never_moves_the_patella_laterally(knee, flexion, more):
    """By over a tenth of a millimetre, unless it has climbed the medial wall: there VMO's posterior pull seats it."""
    result = tracking.solve([knee, knee.replace(vmo=knee.vmo + more)], flexion)
    weak, strong = result.groove_shift[:, 0]
    assume(result.converged.all() and weak > -4)
    assert strong <= weak + 0.1


def test_a_hundred_thousand_random_knees_are_at_rest_or_flagged():
    failed = 0
    for seed, flexion in enumerate(np.linspace(0, 90, 20)):
        some = random_knees(5000, 100 + seed)
        result = tracking.solve(some, flexion)
        check_states(some, np.array([flexion]), result)
        failed += int((~result.converged).sum())
    assert failed <= 100, f"{failed} of 100,000 knees did not converge"
