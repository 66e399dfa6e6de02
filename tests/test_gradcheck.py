"""Numerical derivatives against formulas and autograd, and the report against mistakes made on purpose."""

import re
import tracemalloc

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpcourse import gradcheck, network
from mlpcourse.gradcheck import check_gradients, numerical_gradient
from mlpcourse.network import Grads, Params

METHODS = {"central": 1e-8, "forward": 1e-5, "complex": 1e-13}  # and how far each may be off


def wavy(x):
    """A smooth function of any (3, 2) array."""
    weights = anp.arange(1, 7).reshape(3, 2) / 7
    return anp.sum(anp.sin(weights * x) * anp.exp(x / 3) + x**3)


def problem(seed=0, D=4, H=5, K=3, N=6):
    rng = np.random.default_rng(seed)
    params = Params(*(rng.normal(size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
    return params, rng.normal(size=(D, N)), network.one_hot(rng.integers(K, size=N), K)


# --- numerical_gradient -------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_agrees_with_automatic_differentiation(method):
    x = np.random.default_rng(0).normal(size=(3, 2))
    np.testing.assert_allclose(numerical_gradient(wavy, x, method), grad(wavy)(x), rtol=0, atol=METHODS[method])


@settings(max_examples=50, deadline=None)
@given(x=st.floats(-1e6, 1e6), method=st.sampled_from(["central", "complex"]))
def test_the_step_suits_the_size_of_the_entry(x, method):
    assert numerical_gradient(lambda v: v**2, x, method) == pytest.approx(2 * x, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_a_scalar_gives_a_scalar(method):
    derivative = numerical_gradient(lambda v: v * v * v, 2.0, method)
    assert derivative.shape == ()
    assert derivative == pytest.approx(12, abs=1e-6)


def test_the_error_falls_with_the_step_as_theory_says():
    """Lesson 09's curve: h for the forward difference, h^2 for the central one, until rounding takes over."""

    def error(method, step):
        return abs(numerical_gradient(np.exp, 1.0, method, step=step) - np.e)

    assert error("forward", 1e-3) / error("forward", 1e-4) == pytest.approx(10, rel=0.02)
    assert error("central", 1e-2) / error("central", 1e-3) == pytest.approx(100, rel=0.02)
    assert error("central", 1e-12) > 1e3 * error("central", 1e-5)
    assert error("complex", 1e-12) < 1e-15
    assert error("complex", 1e-100) < 1e-15


def test_x_is_not_changed_and_float32_is_computed_in_float64():
    x = np.full((3, 2), 0.5, dtype=np.float32)
    np.testing.assert_allclose(numerical_gradient(wavy, x), grad(wavy)(x.astype(float)), atol=1e-8)
    assert (x == 0.5).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: numerical_gradient(wavy, [1.0], "midpoint"), ValueError, "method must be one of central, forward, "),
        (lambda: numerical_gradient(wavy, [1.0], step=0), ValueError, "step must be a positive number, but is 0"),
        (
            lambda: numerical_gradient(wavy, [1.0], step=np.nan),
            ValueError,
            "step must be a positive number, but is nan",
        ),
        (lambda: numerical_gradient(wavy, [np.inf]), ValueError, "x has shape (1,) and holds inf at [0]"),
        (lambda: numerical_gradient(wavy, "one"), TypeError, "x must be an array of numbers, but is str"),
        (lambda: numerical_gradient(wavy, [1j]), TypeError, "x must hold real numbers, but is complex"),
        (
            lambda: numerical_gradient(lambda x: x, [1.0, 2.0]),
            ValueError,
            "f returned shape (2,), but must return one number",
        ),
        (
            lambda: numerical_gradient(lambda x: np.abs(x).sum(), [1.0], "complex"),
            ValueError,
            'f returned a real number for a complex array: method "complex" needs an f that keeps it',
        ),
        (lambda: numerical_gradient(lambda x: None, [1.0]), TypeError, "f(x) must be an array of numbers, but is None"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        call()


# --- numerical_grads ----------------------------------------------------------------------------


def independent_loss(params, X, y):
    """For autograd, and written for this test alone."""
    w1, b1, w2, b2 = params
    z2 = anp.dot(w2, anp.maximum(anp.dot(w1, X) + b1, 0)) + b2
    return anp.mean(anp.log(anp.sum(anp.exp(z2), axis=0)) - anp.sum(y * z2, axis=0))


def one_at_a_time(params, X, y, method):
    """The usual loop: every entry of every parameter shifted in turn, and the whole loss computed again."""
    return [
        numerical_gradient(
            lambda shifted, name=name: network.loss(params._replace(**{name: shifted}), X, y), at, method
        )
        for name, at in params._asdict().items()
    ]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("at_once", [1, 20, 8192])  # an entry, three, all of them
@pytest.mark.parametrize("sizes", [{}, {"N": 1}, {"K": 2}, {"H": 1}, {"D": 1}])
def test_only_what_changes_is_computed_again_and_the_slopes_are_the_same(monkeypatch, method, at_once, sizes):
    monkeypatch.setattr(gradcheck, "AT_ONCE", at_once)
    params, X, y = problem(**sizes)
    found = gradcheck.numerical_grads(params, X, y, method)
    looped = one_at_a_time(params, X, y, method)
    derived = grad(independent_loss)(tuple(params), X, y)
    for slopes, loop, exact in zip(found, looped, derived, strict=True):
        np.testing.assert_allclose(slopes, loop, rtol=0, atol=METHODS[method])
        np.testing.assert_allclose(slopes, exact, rtol=0, atol=METHODS[method])


@pytest.mark.parametrize("method", ["central", "forward"])
def test_a_shift_across_the_kink_gives_what_the_loop_gives(method):
    params, X, y = at_the_kink()
    found = gradcheck.numerical_grads(params, X, y, method)
    looped = one_at_a_time(params, X, y, method)
    derived = network.backward(params, X, y)
    assert abs(looped[1][0] - derived.b1[0]) > 1e-2 or method == "forward"  # the kink is felt: halfway between slopes
    for slopes, loop in zip(found, looped, strict=True):
        np.testing.assert_allclose(slopes, loop, rtol=0, atol=METHODS[method])


@pytest.mark.parametrize(("top", "noise"), [(30.0, 1e-8), (1000.0, 1e-6)])
def test_logits_far_apart_neither_overflow_nor_lose_precision(top, noise):
    params, X, _ = problem()
    params = params._replace(b2=np.array([[top], [0], [0]]))
    for labels in (0, 1):
        certain = network.one_hot([labels] * 6, 3)
        for slopes, exact in zip(
            gradcheck.numerical_grads(params, X, certain), network.backward(params, X, certain), strict=True
        ):
            np.testing.assert_allclose(slopes, exact, rtol=0, atol=noise)


# --- check_gradients ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sizes", [{}, {"N": 1}, {"K": 2}, {"H": 1}, {"D": 1}])
def test_the_right_gradients_are_right(method, sizes):
    report = check_gradients(*problem(**sizes), method=method)
    assert report.ok
    assert [check.wrong for check in report] == [0] * 4
    assert [check.skipped for check in report] == [0] * 4
    assert all(check.relative < METHODS[method] for check in report)


@pytest.mark.parametrize("name", Params._fields)
def test_a_wrong_entry_is_found_and_named(name):
    params, X, y = problem()
    grads = network.backward(params, X, y)
    wrong = getattr(grads, name).copy()
    wrong[-1, 0] += 0.01
    report = check_gradients(params, X, y, grads._replace(**{name: wrong}))
    assert not report.ok
    assert [check.name for check in report if check.wrong] == [name]
    check = getattr(report, name)
    assert check.wrong == 1
    assert check.where == (len(wrong) - 1, 0)
    assert check.absolute == pytest.approx(0.01, rel=1e-6)
    assert check.relative == pytest.approx(0.01 / np.abs(wrong).max(), rel=1e-6)
    assert (check.yours, check.numerical) == pytest.approx((wrong[-1, 0], wrong[-1, 0] - 0.01), abs=1e-8)


@pytest.mark.parametrize("factor", [0, -1, 6, 1 + 1e-5])
def test_a_wrong_factor_is_found_in_every_parameter(factor):
    params, X, y = problem()
    grads = Grads(*(factor * array for array in network.backward(params, X, y)))
    assert all(check.wrong for check in check_gradients(params, X, y, grads))


def test_the_relative_error_is_against_the_larger_of_the_two():
    params, X, y = problem()
    grads = network.backward(params, X, y)
    for factor, relative in ((0, 1), (-1, 2), (4, 0.75)):
        report = check_gradients(params, X, y, Grads(*(factor * array for array in grads)))
        assert [check.relative for check in report] == pytest.approx([relative] * 4, rel=1e-6)


def at_the_kink(rounded=0):
    """Unit 0 has z1 = 0 for example 0, whose input 0 is 0: the gradient for w1[0, 0] does not notice the kink.

    rounded: misses 0 by the last digit of b1, to this side.
    """
    params, X, y = problem()
    X[0, 0] = 0
    params.b1[0] = -(params.w1 @ X)[0, 0]
    if rounded:
        params.b1[0] = np.nextafter(params.b1[0], rounded)
    return params, X, y


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("gate", [0, 0.5, 1])
@pytest.mark.parametrize("rounded", [0, -9, 9])
def test_any_slope_at_a_kink_is_accepted(method, gate, rounded):
    params, X, y = at_the_kink(rounded)
    z1, A1, _, A2 = network.forward(params, X)
    gates = network.relu_gate(z1)
    gates[0, 0] = gate
    delta2 = network.output_delta(A2, y)
    delta1 = network.hidden_signal(params.w2, delta2) * gates
    mine = Grads(
        network.grad_w1(delta1, X), network.grad_b1(delta1), network.grad_w2(delta2, A1), delta2.sum(1)[:, None]
    )
    report = check_gradients(params, X, y, mine, method=method)
    assert report.ok
    assert [check.skipped for check in report] == [3, 1, 0, 0]


def test_what_is_wrong_away_from_the_kink_is_still_found():
    params, X, y = at_the_kink()
    grads = network.backward(params, X, y)
    for row, wrong in ((0, 1), (1, 4)):  # in row 0 the entry for input 0 alone is judged
        spoilt = grads.w1.copy()
        spoilt[row] += 1
        assert check_gradients(params, X, y, grads._replace(w1=spoilt)).w1.wrong == wrong


def test_nothing_at_all_can_be_judged():
    params, X, y = problem(N=1)
    params = params._replace(w1=0 * params.w1, b1=0 * params.b1)
    report = check_gradients(params, X, y)
    assert [check.skipped for check in report] == [20, 5, 0, 0]
    assert "not judged" in repr(report).splitlines()[2]


def test_float32_gradients_are_held_to_float32s_precision():
    params, X, y = problem()
    far = params._replace(b1=params.b1 + 100, b2=params.b2 - 100 * params.w2.sum(axis=1, keepdims=True))
    single = Params(*(array.astype(np.float32) for array in far))
    report = check_gradients(single, X.astype(np.float32), y)
    assert report.ok
    assert 1e-6 < max(check.relative for check in report) < 1e-4  # A1 is near 100 and cancels in z2


def test_a_certain_network_is_not_called_wrong_for_its_rounding():
    params, X, y = problem()
    params = params._replace(b2=np.array([[40.0], [0], [0]]))
    y = network.one_hot([0] * 6, 3)
    for dtype in (np.float32, np.float64):
        assert check_gradients(Params(*(array.astype(dtype) for array in params)), X.astype(dtype), y).ok


def test_the_report_reads_as_a_table():
    params, X, y = problem()
    grads = network.backward(params, X, y)
    lines = repr(check_gradients(params, X, y, grads._replace(b2=-grads.b2))).splitlines()
    assert lines[0].split("  ")[0] == "gradient"
    assert [line.split("  ")[0] for line in lines[2:6]] == ["dL/dw1", "dL/db1", "dL/dw2", "dL/db2"]
    assert ["right" in line for line in lines[2:6]] == [True, True, True, False]
    assert "3 of 3 wrong" in lines[5]
    assert lines[-1] == "Look again at dL/db2."
    columns = lines[0].index("numerical")
    assert all(line[columns - 1] == " " for line in lines[2:6])
    assert repr(check_gradients(params, X, y)).endswith("All agree with the numerical gradient.")


def test_memory_is_bounded():
    params, X, y = problem(D=40, H=40, N=100)
    tracemalloc.start()
    try:
        assert check_gradients(params, X, y).ok
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * 2**20  # the logits for all 1600 shifts of w1 are 4 MB, and all shifted w1 20 MB


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match=r"^method must be one of central, forward, complex, but is 'midpoint'$"):
        check_gradients(*problem(), method="midpoint")


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda g: g._replace(w2=g.w2.T), ValueError, "grads.w2 has shape (5, 3), but w2 and its gradient need (3, 5)"),
        (
            lambda g: g._replace(b1=g.b1[:, 0]),
            ValueError,
            "grads.b1 has shape (5,), but b1 and its gradient need (5, 1)",
        ),
        (lambda g: g._replace(w1=g.w1 * np.nan), ValueError, "grads.w1 has shape (5, 4) and holds nan at [0, 0]"),
        (lambda g: g._replace(w1=None), TypeError, "grads.w1 must be an array of numbers, but is None"),
        (lambda g: g._replace(w1=g.w1 + 1j), TypeError, "grads.w1 must hold real numbers, but is complex"),
        (lambda g: g[:3], TypeError, "grads must be Grads(w1, b1, w2, b2), but is tuple"),
        (lambda g: g.w1, TypeError, "grads must be Grads(w1, b1, w2, b2), but is ndarray"),
    ],
)
def test_gradients_of_another_kind_are_named(spoil, error, message):
    params, X, y = problem()
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        check_gradients(params, X, y, spoil(network.backward(params, X, y)))


def test_a_stack_of_networks_is_refused():
    params, X, y = problem()
    with pytest.raises(ValueError, match=r"^w1 has shape \(2, 5, 4\), but needs two axes: shape \(H, D\)$"):
        check_gradients(params._replace(w1=np.stack([params.w1] * 2)), X, y)
