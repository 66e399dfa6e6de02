"""The catalogue of slips: complete, readable, and held against the network's own mathematics."""

import inspect
import itertools
import re

import numpy as np
import pytest

from mlpcourse import network
from mlpcourse.derivation import DERIVATIONS
from mlpcourse.exercises import EXERCISES, fixtures, graph, model_answers, slips
from mlpcourse.exercises.code import CodeExercise, suspects
from mlpcourse.exercises.numbers import NumberExercise, _drawn
from mlpcourse.network import Params
from mlpcourse.widgets.mathml import mathml

ALL = list(slips.SLIPS.values())
CODE = [exercise for exercise in EXERCISES.values() if isinstance(exercise, CodeExercise)]


def case(N=6, seed=0):
    return next(fixtures.networks(np.random.default_rng(seed), (4, 5, 3, N)))


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_each_is_readable(one):
    for node, way in itertools.product(one.on, one.ways):
        for part in ("title", "tempts", "breaks", "hint", "latex"):
            text = way.text(part, node)
            assert text, f"{part} is missing"
            assert not re.search(r"<\w+>", text), text
        for part in ("tempts", "breaks", "hint"):
            assert way.text(part, node)[-1] in ".?", way.text(part, node)
        assert way.text("title", node)[-1] not in ".?"
        assert mathml(way.text("latex", node)).startswith("<math")
    assert len(inspect.getsource(one.function).splitlines()) < 60


def test_what_is_generated_says_what_it_breaks():
    """But for what one line of the handout alone asks for, which has no name that a sentence could use."""
    for exercise in CODE:
        for one in suspects(exercise, exercise.groups(0)[0]).generated:
            assert one.slip.title[-1] not in ".?"
            assert one.slip.hint[-1] in ".?"
            assert one.slip.breaks[-1:] == "." or one.node.startswith("mend_"), one


def test_every_one_can_be_made_in_some_exercise():
    """A slip that no exercise can show, or that always gives the truth there, is dead weight."""
    shown = set()
    for exercise in EXERCISES.values():
        if isinstance(exercise, CodeExercise):
            for group in exercise.groups(0):
                known = suspects(exercise, group)
                for one in known.candidates:
                    values = [known.values((one,), at) for at in range(len(group.cases))]
                    wrong = any(
                        value is not None and not known.same(value, truth)
                        for results, truths in zip(values, known.truths, strict=True)
                        for value, truth in zip(results, truths, strict=True)
                    )
                    if wrong:
                        shown.add(one.slip.name)
        if isinstance(exercise, NumberExercise):
            shown |= {one.slip.name for one in _drawn(exercise, 0)[1].candidates}
    only_square = {
        "factors_exchanged_forward",
        "weights_not_transposed",
        "inputs_not_transposed",
        "error_from_the_left",
    }
    only_square |= {"bias_before_product", "first_layer_again"}
    only_square |= {"inner_product", "multiplied_entry_by_entry"}
    assert set(slips.SLIPS) - shown <= only_square


def test_where_the_derivation_says_otherwise_can_be_shown():
    for node, (derivation, _, lesson) in graph.WHERE_TAUGHT.items():
        assert node in graph.STEPS
        assert not derivation or derivation in DERIVATIONS
        assert 1 <= lesson <= 11
    assert {node for one in ALL for node in one.on} <= set(graph.WHERE_TAUGHT)


def test_the_handouts_own_slips_are_in_it():
    from mlpcourse.derivation import handout

    named = {equation for one in ALL for equation in one.handout}
    for slip in handout.HANDOUT_SLIPS.values():
        if slip.name not in ("undefined_index", "kink"):  # these make no number wrong
            assert named & set(slip.ids), slip.name
    assert named <= set(handout.HANDOUT)


@pytest.mark.parametrize("N", [1, 6])
def test_the_steps_are_the_networks(N):
    values = case(N)
    params = Params(*(values[name] for name in Params._fields))
    X, y, delta2, dA1, z1 = (values[name] for name in ("X", "y", "delta2", "dA1", "z1"))
    held = {
        "z1": network.forward(params, X).z1, "A1": network.relu(z1), "z2": network.forward(params, X).z2,
        "A2": network.softmax(values["z2"]), "y": network.one_hot(values["labels"], 3),
        "log_A2": network.log_softmax(values["z2"]), "L": network.cross_entropy(values["z2"], y),
        "delta2": network.output_delta(values["A2"], y), "dw2": network.grad_w2(delta2, values["A1"]),
        "db2": network.grad_b2(delta2), "dA1": network.hidden_signal(params.w2, delta2),
        "delta1": network.hidden_delta(dA1, z1), "dw1": network.grad_w1(values["delta1"], X),
        "db1": network.grad_b1(values["delta1"]),
    }  # fmt: skip
    given = {name: values[name] for name in ("w1", "b1", "w2", "b2", "X", "labels", "K")}
    for node, value in held.items():
        np.testing.assert_allclose(graph.evaluate([node], given)[0], value, rtol=1e-12, atol=1e-12)
    if N == 1:
        np.testing.assert_allclose(
            graph.evaluate(["J"], {"z2": values["z2"]})[0], network.softmax_jacobian(values["z2"]), atol=1e-14
        )


@pytest.mark.parametrize("N", [1, 6])
def test_the_model_answers_are_the_networks(N):
    v = case(N, seed=1)
    params = Params(*(v[name] for name in Params._fields))
    grads = network.backward(params, v["X"], v["y"])
    same = np.testing.assert_allclose
    for mine, theirs in zip(model_answers.forward(*params, v["X"]), network.forward(params, v["X"]), strict=True):
        same(mine, theirs, rtol=1e-12)
    for mine, theirs in zip(model_answers.backward(*params, v["X"], v["y"]), grads, strict=True):
        same(mine, theirs, rtol=1e-10, atol=1e-14)
    for mine, old, grad in zip(model_answers.training_step(*params, v["X"], v["y"], 0.3), params, grads, strict=True):
        same(mine, old - 0.3 * grad, rtol=1e-10)
    same(model_answers.cross_entropy(v["z2"] + 900, v["y"]), network.cross_entropy(v["z2"] + 900, v["y"]), rtol=1e-12)
    same(model_answers.accuracy(*params, v["X"], v["y"]), np.mean(network.predict(params, v["X"]) == v["labels"]))
    x = v["w2"]
    same(model_answers.numerical_gradient(lambda w: float(np.sum(np.sin(w))), x), np.cos(x), atol=1e-8)
    if N == 1:
        same(model_answers.output_delta_one(v["A2"], v["y"]), network.output_delta(v["A2"], v["y"]))
        same(model_answers.softmax_jacobian(v["z2"]), network.softmax_jacobian(v["z2"]), atol=1e-14)
        for name, node in (("grad_w2", "A1"), ("grad_w1", "X")):
            delta = v["delta2" if node == "A1" else "delta1"]
            same(getattr(model_answers, f"{name}_one")(delta, v[node]), getattr(network, name)(delta, v[node]))


def test_the_mended_lines_are_the_derivations():
    v = case(1, seed=2)
    y, A2, z2 = v["y"][:, 0], v["A2"][:, 0], v["z2"][:, 0]
    delta2 = A2 - y
    jacobian = network.softmax_jacobian(v["z2"])
    exps = np.exp(z2)
    for i in range(3):
        assert model_answers.mend_H10(y, A2, i) == pytest.approx(delta2[i])
        assert A2[i] * y[i] - y[i] + model_answers.mend_H15(y, A2, i) == pytest.approx(delta2[i])
        assert model_answers.mend_H11(y[i], A2[i], exps[i], exps.sum()) == pytest.approx(-y[i] / A2[i] * jacobian[i, i])
        assert model_answers.mend_H18(z2, i, 0) == pytest.approx(exps[i])
        assert model_answers.mend_H19(exps[i], exps.sum()) == pytest.approx(A2[i])
        assert model_answers.mend_H20(int(y.argmax()), i) == y[i]
        for k in {0, 1, 2} - {i}:
            assert model_answers.mend_H12(y[i], y[k], A2[i], A2[k]) == pytest.approx(-y[k] / A2[k] * jacobian[k, i])
    np.testing.assert_allclose(model_answers.mend_H26(v["w1"], v["w2"], v["delta2"]), v["dA1"])
    np.testing.assert_allclose(model_answers.mend_H28(v["w1"], v["w2"], v["delta2"], v["z1"]), v["delta1"])
    np.testing.assert_allclose(model_answers.mend_H30(v["w2"], v["delta2"], v["z1"], v["X"]), v["delta1"] @ v["X"].T)
    assert model_answers.mend_H05(4) == [1, 2, 3, 4]


@pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.name)
def test_no_two_answers_coincide_for_any_learner(exercise):
    """Learners' seeds share ``VARIANTS`` sets of inputs, and all of them are gone through."""
    from mlpcourse.exercises.code import VARIANTS

    assert exercise.groups(VARIANTS + 3) is exercise.groups(3)
    for seed in range(VARIANTS):
        for group in exercise.groups(seed):
            if group is exercise.groups(seed)[0] or group.situation:
                assert not suspects(exercise, group).ambiguous


# Small whole numbers cannot show these: the logits are logarithms of whole numbers, and no probability is tiny.
NOT_BY_HAND = {"negative_logits_cut", "logarithm_capped", "bias_before_product", "softplus_for_relu"}


BY_HAND = [exercise for exercise in EXERCISES.values() if isinstance(exercise, NumberExercise)]


@pytest.mark.parametrize("exercise", BY_HAND, ids=lambda e: e.name)
def test_no_slip_gives_the_right_numbers_by_hand(exercise):
    """Two slips may agree on them: then neither is named."""
    for seed in (0, 1, 2, 12345, 2**31):
        right = {name for pair in _drawn(exercise, seed)[1].ambiguous if "" in pair for name in pair - {""}}
        assert right <= NOT_BY_HAND, seed


@pytest.mark.parametrize("exercise", BY_HAND, ids=lambda e: e.name)
def test_two_in_a_class_seldom_share_their_numbers(exercise):
    """Drawn as a learner's are, but without looking for the best of some draws, which is what takes time."""
    rng = np.random.default_rng(0)
    drawn = {repr(exercise.draw(rng)) for _ in range(500)}
    assert len(drawn) > 450


def test_ambiguity_is_noticed():
    """On a square network with one example, zero biases and open gates the same check finds many pairs."""
    rng = np.random.default_rng(0)
    values = fixtures.network(rng, (3, 3, 3, 1))
    given = {name: np.abs(values[name]) for name in ("w1", "w2", "X")} | {"y": values["y"]}
    given |= {"b1": np.zeros((3, 1)), "b2": np.zeros((3, 1))}
    exercise = EXERCISES["backward"]
    group = fixtures.Group((given,), single=True)
    pairs = suspects(exercise, group).ambiguous
    assert frozenset({"gate_never_closes", ""}) in pairs
    assert frozenset({"relu_inverted", "relu_of_minus"}) in pairs
    assert len(pairs) > 20
