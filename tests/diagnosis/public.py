"""Wrong answers of kinds met in public notebooks, courses and bug reports, rewritten in the course's letters.

Where a kind is known from: MNIST from scratch in numpy (S. Zhang's notebook and its descendants; vishwagw, cain877 and
Varshitha-kommuri on GitHub), bighuang624's deep learning notes (issue 10, the planted slips of gradient checking),
scikit-learn (issue 14244, the gate at 0), Grokking Deep Learning (issue 9, the gate's argument), crysx_nn (issue 7,
the maximum of the whole array), Kaggler (issue 14, the gate left out), NLP specialisation forks (week 4, ReLU on the
wrong side), CS231n solutions (one-hot on rows, h left in place), ai.stackexchange 35741 (Jacobian and loss apart).
"""

_RET = "\nreturn dw1, db1, dw2, db2"
_E = "e = np.exp(z2 - z2.max(axis=0))\n"


def _back(line: str, new: str) -> str:
    lines = [
        "delta2 = (A2 - y) / X.shape[1]", "dw2 = delta2 @ A1.T", "db2 = delta2.sum(axis=1, keepdims=True)",
        "dA1 = w2.T @ delta2", "delta1 = dA1 * (z1 >= 0)", "dw1 = delta1 @ X.T",
        "db1 = delta1.sum(axis=1, keepdims=True)",
    ]  # fmt: skip
    return "FORWARD\n" + "\n".join(new if one.startswith(f"{line} =") else one for one in lines) + _RET


def _step(line: str, new: str) -> str:
    lines = ["w1 = w1 - learning_rate * dw1", "b1 = b1 - learning_rate * db1", "w2 = w2 - learning_rate * dw2",
             "b2 = b2 - learning_rate * db2"]  # fmt: skip
    changed = "\n".join(new if one.startswith(f"{line} =") else one for one in lines)
    return f"FORWARD\nGRADIENTS\n{changed}\nreturn w1, b1, w2, b2"


BACKWARD = [
    ("backward", "gate by sigmoid's derivative", _back("delta1", "delta1 = dA1 * A1 * (1 - A1)")),
    ("backward", "dZ2 * A1.T", _back("dw2", "dw2 = (delta2[:, None, :] * A1[None]).mean(axis=2)")),
    ("backward", "dW2 twice", _back("dw2", "dw2 = delta2 @ A1.T * 2")),
    ("backward", "db1 = 4/m", _back("db1", "db1 = 4 * delta1.sum(axis=1, keepdims=True)")),
    ("backward", "db2 scalar", _back("db2", "db2 = np.sum(delta2)")),
    ("backward", "db2 over rows", _back("db2", "db2 = delta2.sum(axis=0)")),
    ("backward", "gate left out", _back("delta1", "delta1 = dA1")),
    ("backward", "gate on the signal", _back("delta1", "delta1 = dA1 * (dA1 > 0)")),
    ("backward", "gate on A1 >= 0", _back("delta1", "delta1 = dA1 * (A1 >= 0)")),
    ("backward", "gate inverted", _back("delta1", "delta1 = dA1 * (z1 < 0)")),
    ("backward", "relu for its derivative", _back("delta1", "delta1 = dA1 * np.maximum(z1, 0)")),
    ("backward", "w1 for w2", _back("dA1", "dA1 = (w1 @ w1.T)[:, : delta2.shape[0]] @ delta2")),
    ("backward", "(A2 - y) not over N", _back("delta2", "delta2 = A2 - y")),
    ("backward", "over N twice", _back("dw2", "dw2 = delta2 @ A1.T / X.shape[1]")),
    ("backward", "db1 over N twice", _back("db1", "db1 = delta1.mean(axis=1, keepdims=True)")),
    ("backward", "y - A2", _back("delta2", "delta2 = (y - A2) / X.shape[1]")),
    ("backward", "over the features", _back("delta2", "delta2 = (A2 - y) / X.shape[0]")),
    ("backward", "over the classes", _back("delta2", "delta2 = (A2 - y) / len(y)")),
    ("backward", "2 (A2 - y)", _back("delta2", "delta2 = 2 * (A2 - y) / X.shape[1]")),
    ("backward", "squared error through softmax", _back("delta2", "delta2 = (A2 - y) * A2 * (1 - A2) / X.shape[1]")),
    ("backward", "z1 for A1", _back("dw2", "dw2 = delta2 @ z1.T")),
    ("backward", "A1 for X", _back("dw1", "dw1 = delta1 @ A1.T")),
    ("backward", "dA1 for delta1", _back("dw1", "dw1 = dA1 @ X.T")),
    ("backward", "db1 from dA1", _back("db1", "db1 = dA1.sum(axis=1, keepdims=True)")),
    ("backward", "db1 from dw1", _back("db1", "db1 = dw1.sum(axis=1, keepdims=True)")),
    ("backward", "db2 from dw2", _back("db2", "db2 = dw2.sum(axis=1, keepdims=True)")),
    ("backward", "outer product turned", _back("dw2", "dw2 = A1 @ delta2.T")),
    ("backward", "clipped gradient", _back("dw1", "dw1 = np.clip(delta1 @ X.T, -0.01, 0.01)")),
    ("backward", "label smoothing", _back("delta2", "delta2 = (A2 - (0.9 * y + 0.1 / len(y))) / X.shape[1]")),
    ("backward", "weight decay in dw1", _back("dw1", "dw1 = delta1 @ X.T + 0.1 * w1")),
    ("backward", "gate at 0.5", _back("delta1", "delta1 = dA1 * (z1 > 0.5)")),
    ("backward", "first example only", _back("dw1", "dw1 = delta1[:, :1] @ X[:, :1].T")),
    ("backward", "max for sum", _back("db2", "db2 = delta2.max(axis=1, keepdims=True)")),
    ("backward", "argmax prediction", _back("delta2", "delta2 = ((A2 == A2.max(axis=0)) - y) / X.shape[1]")),
    ("backward", "order of results", "FORWARD\nGRADIENTS\nreturn dw2, db2, dw1, db1"),
    ("backward", "dw2 returned twice", "FORWARD\nGRADIENTS\nreturn dw1, db2, dw2, db2"),
]  # fmt: skip

STEPS = [
    ("training_step", "plus", _step("w1", "w1 = w1 + learning_rate * dw1")),
    ("training_step", "plus everywhere", "FORWARD\nGRADIENTS\n" + "\n".join(
        f"{p} = {p} + learning_rate * d{p}" for p in ("w1", "b1", "w2", "b2")) + "\nreturn w1, b1, w2, b2"),
    ("training_step", "no learning rate", _step("w2", "w2 = w2 - dw2")),
    ("training_step", "b1 not updated", _step("b1", "pass")),
    ("training_step", "divided by the rate", _step("w1", "w1 = w1 - dw1 / learning_rate")),
    ("training_step", "gradients returned", "FORWARD\nGRADIENTS\nreturn dw1, db1, dw2, db2"),
    ("training_step", "old ones returned", "FORWARD\nGRADIENTS\nreturn w1, b1, w2, b2"),
    ("training_step", "b2 minus db1 sum", _step("b2", "b2 = b2 - learning_rate * db1.sum()")),
    ("training_step", "sign only", _step("w1", "w1 = w1 - learning_rate * np.sign(dw1)")),
    ("training_step", "rate halved", "FORWARD\nGRADIENTS\nlearning_rate = learning_rate / 2\nUPDATE"),
    ("training_step", "rate on all", _step("w1", "w1 = learning_rate * (w1 - dw1)")),
    ("training_step", "w2 first", """
        FORWARD
        delta2 = (A2 - y) / X.shape[1]
        w2 = w2 - learning_rate * delta2 @ A1.T
        b2 = b2 - learning_rate * delta2.sum(axis=1, keepdims=True)
        delta1 = (w2.T @ delta2) * (z1 >= 0)
        w1 = w1 - learning_rate * delta1 @ X.T
        b1 = b1 - learning_rate * delta1.sum(axis=1, keepdims=True)
        return w1, b1, w2, b2"""),
    ("training_step", "weight decay", "FORWARD\nGRADIENTS\nw1 = w1 - learning_rate * (dw1 + 0.1 * w1)\n"
     "w2 = w2 - learning_rate * (dw2 + 0.1 * w2)\nb1 = b1 - learning_rate * db1\nb2 = b2 - learning_rate * db2\n"
     "return w1, b1, w2, b2"),
    ("training_step", "two steps", """
        for _ in range(2):
            FORWARD
            GRADIENTS
            w1 = w1 - learning_rate * dw1
            b1 = b1 - learning_rate * db1
            w2 = w2 - learning_rate * dw2
            b2 = b2 - learning_rate * db2
        return w1, b1, w2, b2"""),
]  # fmt: skip

FORWARD = [
    ("relu", "np.max(0, z)", "return np.max(0, z1)"),
    ("relu", "where turned", "return np.where(z1 > 0, 0, z1)"),
    ("relu", "in a loop, range too short",
     "A1 = np.zeros(z1.shape)\nfor i in range(len(z1) - 1):\n    A1[i] = np.maximum(z1[i], 0)\nreturn A1"),
    ("relu", "z1 * (z1 > 1)", "return z1 * (z1 > 1)"),
    ("relu", "abs plus z", "return z1 + np.abs(z1)"),
    ("relu", "elu", "return np.where(z1 > 0, z1, np.exp(z1) - 1)"),
    ("relu", "clip(0, 1)", "return np.clip(z1, 0, 1)"),
    ("relu", "max of a row", "return np.array([[max(0, row.max())] * z1.shape[1] for row in z1])"),
    ("relu", "bool", "return z1 > 0"),
    ("relu", "only the positive ones", "return [z for z in z1.ravel() if z > 0]"),
    ("softmax", "max of the whole array and sum of all", "e = np.exp(z2 - np.max(z2))\nreturn e / np.sum(e)"),
    ("softmax", "over examples", "e = np.exp(z2)\nreturn e / e.sum(axis=1, keepdims=True)"),
    ("softmax", "no shift", "return np.exp(z2) / np.exp(z2).sum(axis=0)"),
    ("softmax", "min for max", "e = np.exp(z2 - z2.min(axis=0))\nreturn e / e.sum(axis=0)"),
    ("softmax", "shift added", "e = np.exp(z2 + z2.max(axis=0))\nreturn e / e.sum(axis=0)"),
    ("softmax", "shift of one side", "e = np.exp(z2 - z2.max(axis=0))\nreturn e / np.exp(z2).sum(axis=0)"),
    ("softmax", "mean for sum", "e = np.exp(z2 - z2.max(axis=0))\nreturn e / e.mean(axis=0)"),
    ("softmax", "2 ** z", "e = 2 ** (z2 - z2.max(axis=0))\nreturn e / e.sum(axis=0)"),
    ("softmax", "sigmoid", "return 1 / (1 + np.exp(-z2))"),
    ("softmax", "plus 1e-3", "e = np.exp(z2 - z2.max(axis=0))\nreturn e / (e.sum(axis=0) + 1e-3)"),
    ("softmax", "norm", "e = np.exp(z2 - z2.max(axis=0))\nreturn e / np.linalg.norm(e, axis=0)"),
    ("softmax", "minus z", "e = np.exp(-(z2 - z2.min(axis=0)))\nreturn e / e.sum(axis=0)"),
    ("softmax", "log forgotten", f"{_E}return np.log(e / e.sum(axis=0))"),
    ("softmax", "argmax", "return np.eye(len(z2))[:, z2.argmax(axis=0)]"),
    ("forward", "ReLU on z2", "z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0)\nz2 = np.maximum(w2 @ A1 + b2, 0)\n"
     f"{_E}return z1, A1, z2, e / e.sum(axis=0)"),
    ("forward", "z1 for A1", f"z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ z1 + b2\n{_E}"
     "return z1, A1, z2, e / e.sum(axis=0)"),
    ("forward", "b2 forgotten", f"z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1\n{_E}"
     "return z1, A1, z2, e / e.sum(axis=0)"),
    ("forward", "tanh", f"z1 = w1 @ X + b1\nA1 = np.tanh(z1)\nz2 = w2 @ A1 + b2\n{_E}"
     "return z1, A1, z2, e / e.sum(axis=0)"),
    ("forward", "softmax over all", "z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n"
     "e = np.exp(z2 - z2.max())\nreturn z1, A1, z2, e / e.sum()"),
    ("forward", "A2 left out", "z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\nreturn z1, A1, z2, z2"),
    ("forward", "b1 as a mean", f"z1 = w1 @ X + b1.mean()\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n{_E}"
     "return z1, A1, z2, e / e.sum(axis=0)"),
    ("one_hot", "rows", "return np.eye(K)[labels]"),
    ("one_hot", "from 1",
     "y = np.zeros((K, len(labels)))\nfor n, t in enumerate(labels):\n    y[t - 1, n] = 1\nreturn y"),
    ("one_hot", "class number for 1",
     "y = np.zeros((K, len(labels)))\nfor n, t in enumerate(labels):\n    y[t, n] = t\nreturn y"),
    ("one_hot", "ones for zeros",
     "y = np.ones((K, len(labels)))\nfor n, t in enumerate(labels):\n    y[t, n] = 0\nreturn y"),
    ("one_hot", "return in the loop",
     "y = np.zeros((K, len(labels)))\nfor n, t in enumerate(labels):\n    y[t, n] = 1\n    return y"),
    ("one_hot", "first label only", "y = np.zeros((K, len(labels)))\ny[labels[0]] = 1\nreturn y"),
    ("one_hot", "whole rows set", "y = np.zeros((K, len(labels)))\ny[labels] = 1\nreturn y"),
]  # fmt: skip

LOSSES = [
    ("cross_entropy", "sign", f"{_E}p = e / e.sum(axis=0)\nreturn np.log((y * p).sum(axis=0))"),
    ("cross_entropy", "floor inside", f"{_E}p = e / e.sum(axis=0)\nreturn -(y * np.log(p + 1e-8)).sum(axis=0)"),
    ("cross_entropy", "log2",
     "z = z2 - z2.max(axis=0)\nreturn -(y * (z - np.log(np.exp(z).sum(axis=0)))).sum(axis=0) / np.log(2)"),
    ("cross_entropy", "binary", f"{_E}p = np.clip(e / e.sum(axis=0), 1e-12, 1 - 1e-12)\n"
     "return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=0)"),
    ("cross_entropy", "mean of classes", "z = z2 - z2.max(axis=0)\n"
     "return -(y * (z - np.log(np.exp(z).sum(axis=0)))).mean(axis=0)"),
    ("cross_entropy", "over examples", "z = z2 - z2.max(axis=0)\n"
     "return -(y * (z - np.log(np.exp(z).sum(axis=0)))).sum(axis=1)"),
    ("cross_entropy", "one number", "z = z2 - z2.max(axis=0)\n"
     "return -(y * (z - np.log(np.exp(z).sum(axis=0)))).sum() / y.shape[1]"),
    ("cross_entropy", "squares", f"{_E}return ((e / e.sum(axis=0) - y) ** 2).sum(axis=0)"),
    ("cross_entropy", "shift forgotten at the end", "c = z2.max(axis=0)\n"
     "return np.log(np.exp(z2 - c).sum(axis=0)) - (y * z2).sum(axis=0)"),
    ("cross_entropy", "shift added",
     "c = z2.max(axis=0)\nreturn c + np.log(np.exp(z2 - c).sum(axis=0)) + (y * z2).sum(axis=0)"),
    ("cross_entropy", "log of the sum of y p", "z = z2 - z2.max(axis=0)\n"
     "return -(y * z - np.log(np.exp(z).sum(axis=0))).sum(axis=0)"),
    ("softmax_jacobian", "diagonal only", "p = np.exp(z2) / np.exp(z2).sum()\nreturn np.diagflat(p * (1 - p))"),
    ("softmax_jacobian", "sign", "p = np.exp(z2) / np.exp(z2).sum()\nreturn p @ p.T - np.diagflat(p)"),
    ("softmax_jacobian", "plus", "p = np.exp(z2) / np.exp(z2).sum()\nreturn np.diagflat(p) + p @ p.T"),
    ("softmax_jacobian", "p.T @ p", "p = np.exp(z2) / np.exp(z2).sum()\nreturn np.diagflat(p) - p.T @ p"),
    ("softmax_jacobian", "eye for diag", "p = np.exp(z2) / np.exp(z2).sum()\nreturn np.eye(len(p)) - p @ p.T"),
    ("softmax_jacobian", "loop, i == j only",
     "p = (np.exp(z2) / np.exp(z2).sum()).ravel()\nJ = np.zeros((len(p), len(p)))\nfor i in range(len(p)):\n"
     "    for j in range(len(p)):\n        J[i, j] = p[i] * (1 - p[j]) if i == j else p[i] * p[j]\nreturn J"),
    ("softmax_jacobian", "a column into an entry",
     "p = np.exp(z2) / np.exp(z2).sum()\nK = len(p)\nJ = np.zeros((K, K))\nfor k in range(K):\n"
     "    for i in range(K):\n        J[k, i] = p * ((k == i) - p[i, 0])\nreturn J"),
    ("output_delta_one", "y - A2", "return y - A2"),
    ("output_delta_one", "A2 - 1", "return A2 - 1"),
    ("output_delta_one", "one path", "return -y * (1 - A2)"),
    ("output_delta_one", "-y / A2", "return -y / A2"),
    ("output_delta_one", "Jacobian apart", "J = np.diagflat(A2) - A2 @ A2.T\nreturn J @ (y / A2)"),
    ("output_delta_one", "2 (A2 - y)", "return 2 * (A2 - y)"),
    ("output_delta", "sum over N", "return (A2 - y).sum(axis=1, keepdims=True) / y.shape[1]"),
    ("output_delta", "over y.size", "return (A2 - y) / y.size"),
    ("output_delta", "over len(y)", "return (A2 - y) / len(y)"),
    ("output_delta", "brackets", "return A2 - y / y.shape[1]"),
    ("output_delta", "times N", "return (A2 - y) * y.shape[1]"),
]  # fmt: skip

LAYERS = [
    ("grad_w2_one", "entry by entry", "return delta2 * A1"),
    ("grad_w2_one", "A1 first", "return A1 @ delta2.T"),
    ("grad_w2_one", "inner", "return delta2.T @ A1"),
    ("grad_w2", "mean again", "return delta2 @ A1.T / A1.shape[1]"),
    ("grad_w2", "last example", "for n in range(A1.shape[1]):\n    dw2 = np.outer(delta2[:, n], A1[:, n])\nreturn dw2"),
    ("grad_w2", "loop too short",
     "dw2 = 0\nfor n in range(1, A1.shape[1]):\n    dw2 = dw2 + np.outer(delta2[:, n], A1[:, n])\nreturn dw2"),
    ("grad_w2", "return in the loop",
     "dw2 = 0\nfor n in range(A1.shape[1]):\n    dw2 = dw2 + np.outer(delta2[:, n], A1[:, n])\n    return dw2"),
    ("grad_w2", "tensordot over rows", "return np.tensordot(delta2, A1[: delta2.shape[0]], axes=((0,), (0,)))"),
    ("grad_b2", "mean", "return delta2.mean(axis=1, keepdims=True)"),
    ("grad_b2", "over rows", "return delta2.sum(axis=0, keepdims=True)"),
    ("grad_b2", "all", "return np.sum(delta2)"),
    ("grad_b2", "first column", "return delta2[:, [0]]"),
    ("grad_b2", "itself", "return delta2"),
    ("grad_b2", "abs", "return np.abs(delta2).sum(axis=1, keepdims=True)"),
    ("hidden_signal", "not turned", "return w2 @ delta2"),
    ("hidden_signal", "delta first", "return delta2 @ w2.T"),
    ("hidden_signal", "entry by entry", "return w2.T * delta2"),
    ("hidden_signal", "signs of the weights", "return np.sign(w2).T @ delta2"),
    ("hidden_delta", "delta[Z == 0] = 0", "d = dA1.copy()\nd[z1 == 0] = 0\nreturn d"),
    ("hidden_delta", "gate inverted", "return np.where(z1 > 0, 0, dA1)"),
    ("hidden_delta", "relu of the signal", "return np.maximum(dA1, 0)"),
    ("hidden_delta", "value for gate", "return dA1 * np.maximum(z1, 0)"),
    ("hidden_delta", "leaky", "return np.where(z1 > 0, dA1, 0.01 * z1)"),
    ("hidden_delta", "gate alone", "return (z1 > 0) * 1.0"),
    ("hidden_delta", "dA1 @ gate", "return dA1 @ (z1 > 0)"),
    ("grad_w1_one", "turned", "return X @ delta1.T"),
    ("grad_w1_one", "plus", "return delta1 + X.T"),
    ("grad_b1_one", "sum", "return delta1.sum(axis=0)"),
    ("grad_b1_one", "halved", "return delta1 / 2"),
]  # fmt: skip

CHECKS = [
    ("numerical_gradient", "one side", "g = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    u = x.copy()\n"
     "    u[i] += 1e-5\n    g[i] = (f(u) - f(x)) / 1e-5\nreturn g"),
    ("numerical_gradient", "divided by h",
     "g = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    u, d = x.copy(), x.copy()\n"
     "    u[i] += 1e-5\n    d[i] -= 1e-5\n    g[i] = (f(u) - f(d)) / 1e-5\nreturn g"),
    ("numerical_gradient", "not put back",
     "g = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    x[i] += 1e-5\n    up = f(x)\n"
     "    x[i] -= 2e-5\n    g[i] = (up - f(x)) / 2e-5\nreturn g"),
    ("numerical_gradient", "brackets", "h = 1e-5\ng = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n"
     "    u, d = x.copy(), x.copy()\n    u[i] += h\n    d[i] -= h\n    g[i] = (f(u) - f(d)) / 2 * h\nreturn g"),
    ("numerical_gradient", "no copy", "h = 1e-5\ng = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n"
     "    u, d = x, x\n    u[i] += h\n    d[i] -= h\n    g[i] = (f(u) - f(d)) / (2 * h)\nreturn g"),
    ("numerical_gradient", "all at once", "h = 1e-5\nreturn (f(x + h) - f(x - h)) / (2 * h) * np.ones(x.shape)"),
    ("numerical_gradient", "sum", "h = 1e-5\ng = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n"
     "    u, d = x.copy(), x.copy()\n    u[i] += h\n    d[i] -= h\n    g[i] = (f(u) + f(d)) / (2 * h)\nreturn g"),
    ("accuracy", "sum",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.sum(z2.argmax(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "axis 1",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.mean(z2.argmax(axis=1) == y.argmax(axis=1))"),
    ("accuracy", "no axis", "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn float(z2.argmax() == y.argmax())"),
    ("accuracy", "wrong ones",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.mean(z2.argmax(axis=0) != y.argmax(axis=0))"),
    ("accuracy", "no ReLU", "z2 = w2 @ (w1 @ X + b1) + b2\nreturn np.mean(z2.argmax(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "argmin",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.mean(z2.argmin(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "entries", "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.mean((z2 == z2.max(axis=0)) == y)"),
    ("accuracy", "per cent",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn 100 * np.mean(z2.argmax(axis=0) == y.argmax(axis=0))"),
]  # fmt: skip

FORMULAS = [
    ("mend_H05", "0..K", 'ANSWER = "range(0, K + 1)"'),
    ("mend_H05", "0..K-1", 'ANSWER = "range(K)"'),
    ("mend_H10", "one path", 'ANSWER = "-y[i] / A2[i] * A2[i] * (1 - A2[i])"'),
    ("mend_H10", "own path left out",
     'ANSWER = "sum(-y[k] / A2[k] * A2[k] * ((i == k) - A2[i]) for k in range(len(y)) if k != i)"'),
    ("mend_H10", "plus", 'ANSWER = "sum(-y[k] / A2[k] * A2[k] * ((i == k) + A2[i]) for k in range(len(y)))"'),
    ("mend_H10", "sign", 'ANSWER = "y[i] - A2[i]"'),
    ("mend_H11", "as printed", 'ANSWER = "-y_i / A_i * (A_i * S - e_i) / S"'),
    ("mend_H11", "without A_i", 'ANSWER = "-y_i / A_i * (S - e_i) / S"'),
    ("mend_H12", "as printed", 'ANSWER = "y_i * A_k"'),
    ("mend_H12", "sign", 'ANSWER = "-y_k * A_i"'),
    ("mend_H15", "one k", 'ANSWER = "y[(i + 1) % len(y)] * A2[i]"'),
    ("mend_H15", "own class too", 'ANSWER = "sum(y[k] * A2[i] for k in range(len(y)))"'),
    ("mend_H15", "k twice", 'ANSWER = "sum(y[k] * A2[k] for k in range(len(y)) if k != i)"'),
    ("mend_H18", "k for i", 'ANSWER = "exp(z2[k])"'),
    ("mend_H18", "z e^z", 'ANSWER = "z2[i] * exp(z2[i])"'),
    ("mend_H19", "square", 'ANSWER = "e_i / S**2"'),
    ("mend_H19", "upside down", 'ANSWER = "S / e_i"'),
    ("mend_H20", "turned round", 'ANSWER = "I(t != i)"'),
    ("mend_H21", "turned", 'ANSWER = "A1 @ delta2.T"'),
    ("mend_H21", "entry by entry", 'ANSWER = "delta2 * A1"'),
    ("mend_H26", "w1", 'ANSWER = "w1.T @ delta2"'),
    ("mend_H26", "not turned", 'ANSWER = "w2 @ delta2"'),
    ("mend_H28", "gate dropped", 'ANSWER = "w2.T @ delta2"'),
    ("mend_H28", "w1", 'ANSWER = "(w1.T @ delta2) * (z1 >= 0)"'),
    ("mend_H30", "gate dropped", 'ANSWER = "w2.T @ delta2 @ X.T"'),
    ("mend_H30", "gate on X", 'ANSWER = "(w2.T @ delta2) @ (X * (X >= 0)).T"'),
    ("mend_H30", "as printed", 'ANSWER = "delta2 * w2 * X"'),
]  # fmt: skip

WRONG = [*BACKWARD, *STEPS, *FORWARD, *LOSSES, *LAYERS, *CHECKS, *FORMULAS]
