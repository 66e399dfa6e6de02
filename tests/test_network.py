"""network.py against autograd, numerical differentiation, and its own promises.

The oracle is the handout's H01 to H05 written plainly and differentiated by autograd: nothing of network.py is in it.
"""

import math
import re
from fractions import Fraction

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, jacobian
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpcourse import network
from mlpcourse.gradcheck import numerical_gradient
from mlpcourse.network import Params

SIZES = (4, 5, 3, 6)  # D, H, K, N, all different: no matrix fits the wrong way round


def plain_loss(params, X, y):
    """H01 to H05 for autograd. Its gates close at z1 < 0 only, as in H02."""
    w1, b1, w2, b2 = params
    z1 = anp.dot(w1, X) + b1
    A1 = anp.where(z1 >= 0, z1, 0.0)
    z2 = anp.dot(w2, A1) + b2
    A2 = anp.exp(z2) / anp.sum(anp.exp(z2), axis=0)
    return -anp.sum(y * anp.log(A2)) / X.shape[1]


def plain_gradients(params, X, y):
    return grad(plain_loss)(tuple(params), X, y)


def problem(D, H, K, N, seed=0):
    rng = np.random.default_rng(seed)
    params = Params(*(rng.normal(size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
    return params, rng.normal(size=(D, N)), network.one_hot(rng.integers(K, size=N), K)


def assert_same(one, other, atol=1e-12):
    for name, a, b in zip(Params._fields, one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=atol, err_msg=name)


# --- the gradient -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(2, 5), st.integers(1, 7)),
    seed=st.integers(0, 2**32 - 1),
)
def test_value_and_gradients_agree_with_automatic_differentiation(sizes, seed):
    params, X, y = problem(*sizes, seed)
    np.testing.assert_allclose(network.loss(params, X, y), plain_loss(params, X, y), rtol=1e-12, atol=1e-13)
    assert_same(network.backward(params, X, y), plain_gradients(params, X, y))


@pytest.mark.parametrize("sizes", [SIZES, (4, 5, 3, 1), (4, 5, 2, 6), (4, 1, 3, 6), (1, 1, 2, 1)])
@pytest.mark.parametrize(("method", "atol"), [("central", 1e-8), ("complex", 1e-14)])
def test_gradients_agree_with_numerical_ones(sizes, method, atol):
    params, X, y = problem(*sizes)
    assert np.abs(params.w1 @ X + params.b1).min() > 1e-4, "too near a kink for this comparison"
    for name, mine in network.backward(params, X, y)._asdict().items():
        numerical = numerical_gradient(
            lambda p, name=name: network.loss(params._replace(**{name: p}), X, y), getattr(params, name), method
        )
        np.testing.assert_allclose(mine, numerical, rtol=1e-7, atol=atol, err_msg=name)


def test_closed_gates_pass_nothing_back():
    params, X, y = problem(*SIZES)
    params = params._replace(b1=np.array([[-100.0], [0], [-100], [0], [0]]))
    grads = network.backward(params, X, y)
    assert_same(grads, plain_gradients(params, X, y))
    assert not grads.w1[[0, 2]].any()
    assert not grads.b1[[0, 2]].any()
    assert not grads.w2[:, [0, 2]].any()
    assert grads.w1[[1, 3, 4]].any()


def test_the_gate_is_open_at_exactly_zero():
    params, X, y = problem(*SIZES)
    params = params._replace(w1=np.zeros((5, 4)), b1=np.zeros((5, 1)))
    assert_same(network.backward(params, X, y), plain_gradients(params, X, y))
    assert network.backward(params, X, y).b1.any()
    np.testing.assert_array_equal(network.relu_gate(np.array([[-1.0, -0.0, 0.0, 1.0]])), [[0, 1, 1, 1]])


def test_each_step_of_the_backward_pass_is_the_derivative_it_says_it_is():
    """dL/dz2, dL/dA1 and dL/dz1 are inside ``backward``; here each is differentiated for itself."""
    params, X, y = problem(*SIZES)
    z1, A1, z2, A2 = network.forward(params, X)

    def from_z2(z2):
        return -anp.sum(y * anp.log(anp.exp(z2) / anp.sum(anp.exp(z2), axis=0))) / 6

    def from_A1(A1):
        return from_z2(anp.dot(params.w2, A1) + params.b2)

    def from_z1(z1):
        return from_A1(anp.where(z1 >= 0, z1, 0.0))

    delta2 = network.output_delta(A2, y)
    dA1 = network.hidden_signal(params.w2, delta2)
    np.testing.assert_allclose(delta2, grad(from_z2)(z2), atol=1e-14)
    np.testing.assert_allclose(dA1, grad(from_A1)(A1), atol=1e-14)
    np.testing.assert_allclose(network.hidden_delta(dA1, z1), grad(from_z1)(z1), atol=1e-14)


def test_softmax_jacobian_agrees_with_automatic_differentiation():
    z2 = np.array([[0.3], [-1.2], [2.0], [0.0]])
    expected = jacobian(lambda z: anp.exp(z) / anp.sum(anp.exp(z)))(z2)[:, 0, :, 0]
    np.testing.assert_allclose(network.softmax_jacobian(z2), expected, atol=1e-15)


# --- values -------------------------------------------------------------------------------------


def test_forward_by_hand():
    """Two inputs, two hidden units (one closed), two classes, worked out on paper."""
    params = Params(
        w1=np.array([[1, 2], [3, -4]]), b1=np.array([[1], [0]]), w2=np.array([[1, 9], [2, 9]]), b2=np.array([[0], [-4]])
    )
    z1, A1, z2, A2 = network.forward(params, [[1], [1]])
    np.testing.assert_array_equal(z1, [[4], [-1]])
    np.testing.assert_array_equal(A1, [[4], [0]])
    np.testing.assert_array_equal(z2, [[4], [4]])
    np.testing.assert_array_equal(A2, [[0.5], [0.5]])
    assert network.loss(params, [[1], [1]], [[1], [0]]) == pytest.approx(np.log(2), rel=1e-15)
    np.testing.assert_array_equal(network.predict(params, [[1], [1]]), [0])


def test_one_hot():
    np.testing.assert_array_equal(network.one_hot([2, 0], 3), [[0, 1], [0, 0], [1, 0]])


def test_predict_is_the_largest_probability():
    params, X, _ = problem(*SIZES)
    np.testing.assert_array_equal(network.predict(params, X), network.forward(params, X).A2.argmax(axis=0))


def test_init_params_keeps_sizes_and_scale():
    params = network.init_params(400, 300, 10, np.random.default_rng(0), dtype=np.float32)
    assert [array.shape for array in params] == [(300, 400), (300, 1), (10, 300), (10, 1)]
    assert {array.dtype for array in params} == {np.dtype(np.float32)}
    assert not params.b1.any()
    assert not params.b2.any()
    z1, A1, z2, _ = network.forward(params, np.random.default_rng(1).normal(size=(400, 100)))
    assert 1.3 < z1.std() < 1.5  # the variance of z1 is 2, half of which the gates let through
    assert 0.9 < np.sqrt((A1**2).mean()) < 1.1
    assert 0.8 < z2.std() < 1.2


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype):
    params, X, y = problem(*SIZES)
    params, X = Params(*(array.astype(dtype) for array in params)), X.astype(dtype)
    values, grads = network.forward(params, X), network.backward(params, X, y)
    assert {array.dtype for array in (*values, *grads, network.loss(params, X, y))} == {np.dtype(dtype)}
    assert network.softmax_jacobian(values.z2[:, :1]).dtype == dtype


def test_integers_and_lists_become_floats():
    assert network.softmax([[0], [0]]).dtype == np.float64


# --- extreme logits -----------------------------------------------------------------------------


def exact_loss(z2, k):
    """log sum_j exp(z2_j - z2_k) in fractions, but for the exp of what is at most 0."""
    gaps = [Fraction(float(z)) - Fraction(float(z2[k])) for z in z2]
    top = max(gaps)
    rest = sum(math.exp(float(gap - top)) for i, gap in enumerate(gaps) if i != gaps.index(top))
    return float(top) + math.log1p(rest)


@settings(max_examples=200, deadline=None)
@given(
    z2=st.lists(st.floats(-1e4, 1e4) | st.sampled_from([-1e4, 1e4, 0.0]), min_size=2, max_size=6),
    data=st.data(),
)
def test_softmax_and_loss_are_finite_and_exact_for_any_logits(z2, data):
    k = data.draw(st.integers(0, len(z2) - 1))
    column, y = np.array(z2)[:, np.newaxis], network.one_hot([k], len(z2))
    with np.errstate(all="raise"):
        A2, log_A2 = network.softmax(column), network.log_softmax(column)
        loss = network.cross_entropy(column, y)[0, 0]
        jacobian = network.softmax_jacobian(column)
        delta2 = network.output_delta(A2, y)
    for array in (A2, log_A2, loss, jacobian, delta2):
        assert np.isfinite(array).all()
    assert A2.sum() == pytest.approx(1, abs=1e-14)
    assert (log_A2 <= 0).all()
    assert loss == pytest.approx(exact_loss(z2, k), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("scale", [1.0, 1e2, 372.0, 1e4])  # exp(-2 * 372) is too small for a normal float
@pytest.mark.parametrize("k", [0, 1, 2])
def test_saturated_networks_have_finite_gradients(scale, k):
    params = Params(np.eye(2) * scale, np.zeros((2, 1)), np.array([[1.0, 0], [0, -1], [0, 0]]), np.zeros((3, 1)))
    with np.errstate(all="raise"):
        grads = network.backward(params, [[1.0, 1, 0], [1, 0, 1]], network.one_hot([k, k, k], 3))
    assert all(np.isfinite(array).all() for array in grads)


def test_a_certain_and_right_prediction_still_has_a_loss():
    loss = network.cross_entropy([[50.0], [0.0]], [[1], [0]])[0, 0]
    assert loss == pytest.approx(np.exp(-50), rel=1e-14, abs=0)  # log(1 - exp(-50)) would be 0


# --- errors -------------------------------------------------------------------------------------

PARAMS, X, Y = problem(*SIZES)
Z1, A1, Z2, A2 = network.forward(PARAMS, X)
D2 = network.output_delta(A2, Y)

CALLS = {  # every function with good arguments; below, one of them is spoilt at a time
    "relu": {"z1": Z1},
    "relu_gate": {"z1": Z1},
    "softmax": {"z2": Z2},
    "log_softmax": {"z2": Z2},
    "softmax_jacobian": {"z2": Z2[:, :1]},
    "cross_entropy": {"z2": Z2, "y": Y},
    "output_delta": {"A2": A2, "y": Y},
    "grad_w2": {"delta2": D2, "A1": A1},
    "grad_b2": {"delta2": D2},
    "hidden_signal": {"w2": PARAMS.w2, "delta2": D2},
    "hidden_delta": {"dA1": A1, "z1": Z1},
    "grad_w1": {"delta1": A1, "X": X},
    "grad_b1": {"delta1": A1},
    "forward": {"params": PARAMS, "X": X},
    "loss": {"params": PARAMS, "X": X, "y": Y},
    "backward": {"params": PARAMS, "X": X, "y": Y},
    "predict": {"params": PARAMS, "X": X},
}
ARGUMENTS = [(function, name) for function, arguments in CALLS.items() for name in arguments if name != "params"]


def raises(error, message):
    return pytest.raises(error, match=f"^{re.escape(message)}$")


def call(function, **spoilt):
    getattr(network, function)(**{**CALLS[function], **spoilt})


def test_every_checked_function_is_listed_here():
    names = {name for name, value in vars(network).items() if hasattr(value, "__wrapped__") and name[0] != "_"}
    assert names == set(CALLS)
    for function in CALLS:
        call(function)


@pytest.mark.parametrize(("function", "name"), ARGUMENTS)
@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda a: a[:, 0], ValueError, r"{name} has shape \(\d,\), but needs two axes: shape \(\w, \w\)"),
        (lambda a: 1.0, ValueError, r"{name} has shape \(\), but needs two axes: shape \(\w, \w\)"),
        (lambda a: a[:, :0], ValueError, r"{name} has shape \(\d, 0\), but shape \(\w, \w\) must not be empty"),
        (lambda a: a * np.nan, ValueError, r"{name} has shape \(\d, \d\) and holds nan at \[0, 0\]: .* finite"),
        (lambda a: a + np.inf, ValueError, r"{name} has shape \(\d, \d\) and holds inf at \[0, 0\]: .* finite"),
        (lambda a: None, TypeError, r"{name} must be an array of numbers, but is None"),
        (lambda a: a.astype(str), TypeError, r"{name} must be an array of numbers, but is ndarray of dtype <U\d+"),
        (lambda a: a.astype(object), TypeError, r"{name} must be an array of numbers, but is ndarray of dtype object"),
        (lambda a: [[1, 2], [3]], TypeError, r"{name} must be an array of numbers, but its rows differ in length"),
    ],
    ids=["1-D", "0-D", "empty", "nan", "inf", "None", "text", "objects", "ragged"],
)
def test_a_bad_array_is_named(function, name, spoil, error, message):
    with pytest.raises(error, match=f"^{message.format(name=name)}$"):
        call(function, **{name: spoil(CALLS[function][name])})


@pytest.mark.parametrize(
    ("function", "spoilt", "message"),
    [
        ("cross_entropy", {"y": Y[:, :4]}, "y has shape (3, 4), but z2 has 6 columns: y needs shape (3, 6)"),
        ("cross_entropy", {"y": Y.T}, "y has shape (6, 3), but z2 has 3 rows: y needs shape (3, 6)"),
        ("output_delta", {"y": Y[:2]}, "y has shape (2, 6), but A2 has 3 rows: y needs shape (3, 6)"),
        ("grad_w2", {"A1": A1.T}, "A1 has shape (6, 5), but delta2 has 6 columns: A1 needs shape (6, 6)"),
        ("hidden_signal", {"delta2": D2[:2]}, "delta2 has shape (2, 6), but w2 has 3 rows: delta2 needs shape (3, 6)"),
        ("hidden_delta", {"z1": Z1[:1]}, "z1 has shape (1, 6), but dA1 has 5 rows: z1 needs shape (5, 6)"),
        ("grad_w1", {"X": X[:, :1]}, "X has shape (4, 1), but delta1 has 6 columns: X needs shape (4, 6)"),
        ("forward", {"X": X.T}, "X has shape (6, 4), but w1 has 4 columns: X needs shape (4, 4)"),
        ("loss", {"y": Y[:, :1]}, "y has shape (3, 1), but X has 6 columns: y needs shape (3, 6)"),
        ("loss", {"y": np.vstack([Y, 0 * Y])}, "y has shape (6, 6), but w2 has 3 rows: y needs shape (3, 6)"),
        (
            "softmax_jacobian",
            {"z2": Z2},
            "z2 has shape (3, 6), but a Jacobian is of one example: z2 needs shape (3, 1)",
        ),
    ],
)
def test_shapes_that_do_not_fit_together(function, spoilt, message):
    with raises(ValueError, message):
        call(function, **spoilt)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        ({"w1": PARAMS.w1[:2]}, "b1 has shape (5, 1), but w1 has 2 rows: b1 needs shape (2, 1)"),
        ({"b1": PARAMS.b1.T}, "b1 has shape (1, 5), but w1 has 5 rows: b1 needs shape (5, 1)"),
        ({"b1": PARAMS.b1[:, 0]}, "b1 has shape (5,), but needs two axes: shape (H, 1)"),
        ({"b1": np.zeros((5, 6))}, "b1 has shape (5, 6), but a bias is one column: b1 needs shape (5, 1)"),
        ({"w2": PARAMS.w2.T}, "w2 has shape (5, 3), but w1 has 5 rows: w2 needs shape (5, 5)"),
        ({"b2": PARAMS.b2[:2]}, "b2 has shape (2, 1), but w2 has 3 rows: b2 needs shape (3, 1)"),
    ],
)
@pytest.mark.parametrize("function", ["forward", "loss", "backward", "predict"])
def test_parameters_that_do_not_fit_together(function, spoilt, message):
    with raises(ValueError, message):
        call(function, params=PARAMS._replace(**spoilt))


@pytest.mark.parametrize("params", [PARAMS[:3], list(PARAMS), None, PARAMS.w1])
def test_parameters_of_another_kind(params):
    with pytest.raises(TypeError, match=r"^params must be Params\(w1, b1, w2, b2\), but is \w+"):
        network.forward(params, X)


@pytest.mark.parametrize("spoilt", [2 * Y, 0 * Y, Y * 0.5, 1 - Y, np.where(Y == 1, -1.0, 0)])
def test_labels_that_are_not_one_hot(spoilt):
    with pytest.raises(ValueError, match=r"^y has shape \(3, 6\), but column 0 is \[.*\]: y must be one-hot"):
        network.loss(PARAMS, X, spoilt)


@pytest.mark.parametrize(
    ("labels", "K", "error", "message"),
    [
        ([0, 3], 3, ValueError, "labels holds 3 at [1], but K = 3 classes are numbered 0 to 2"),
        ([-1], 3, ValueError, "labels holds -1 at [0], but K = 3 classes are numbered 0 to 2"),
        ([[0], [1]], 3, ValueError, "labels has shape (2, 1), but needs one axis: shape (N,)"),
        ([], 3, ValueError, "labels has shape (0,), but needs at least one example"),
        ([0.0, 1.0], 3, TypeError, "labels must be integers, but have dtype float64"),
    ],
)
def test_labels_out_of_range(labels, K, error, message):
    with raises(error, message):
        network.one_hot(labels, K)


@pytest.mark.parametrize("sizes", [(0, 5, 3), (4, -1, 3), (4, 5, 2.0)])
def test_sizes_that_no_network_has(sizes):
    with pytest.raises(ValueError, match=r"^[DHK] must be a positive integer, but is"):
        network.init_params(*sizes, np.random.default_rng(0))


def test_a_real_network_takes_no_complex_numbers():
    params, inputs, _ = network.check_real_network(PARAMS, X.tolist(), Y)
    assert isinstance(params, Params)
    np.testing.assert_array_equal(inputs, X)
    with raises(ValueError, "X has shape (2, 4, 6), but needs two axes: shape (D, N)"):
        network.check_real_network(PARAMS, np.stack([X] * 2), Y)
    with raises(TypeError, "w2 must hold real numbers, but is complex"):
        network.check_real_network(PARAMS._replace(w2=PARAMS.w2 + 0j), X, Y)
    with raises(ValueError, "y has shape (3, 1), but X has 6 columns: y needs shape (3, 6)"):
        network.check_real_network(PARAMS, X, Y[:, :1])


def test_arguments_are_not_changed():
    before = [array.copy() for array in (*PARAMS, X, Y)]
    for function in CALLS:
        call(function)
    for array, copy in zip((*PARAMS, X, Y), before, strict=True):
        np.testing.assert_array_equal(array, copy)
