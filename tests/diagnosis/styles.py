"""Right answers in styles that learners bring along: other formulas, loops, other libraries' habits, other packing."""

_G = "FORWARD\nGRADIENTS\n"

RELU = [
    ("relu", "maximum", "return np.maximum(z1, 0)"),
    ("relu", "maximum turned", "return np.maximum(0.0, z1)"),
    ("relu", "product with a comparison", "return z1 * (z1 >= 0)"),
    ("relu", "where", "return np.where(z1 < 0, 0, z1)"),
    ("relu", "clip", "return np.clip(z1, 0, None)"),
    ("relu", "clip method", "return z1.clip(min=0)"),
    ("relu", "half of the sum", "return 0.5 * (z1 + abs(z1))"),
    ("relu", "a copy, then zeros", "A1 = z1.copy()\nA1[A1 < 0] = 0\nreturn A1"),
    ("relu", "nested loops",
     "A1 = np.empty(z1.shape)\nfor j in range(z1.shape[0]):\n    for n in range(z1.shape[1]):\n"
     "        A1[j, n] = max(z1[j, n], 0)\nreturn A1"),
    ("relu", "lists", "return [[max(0.0, z) for z in row] for row in z1]"),
    ("relu", "vectorize with floats", "return np.vectorize(lambda z: max(0.0, float(z)))(z1)"),
    ("relu", "frompyfunc", "return np.frompyfunc(lambda z: z if z > 0 else 0, 1, 1)(z1)"),
    ("relu", "heaviside", "return z1 * np.heaviside(z1, 1)"),
    ("relu", "fmax", "return np.fmax(z1, 0)"),
    ("relu", "logical_and", "return z1 * np.logical_and(z1 > 0, True)"),
    ("relu", "a helper", "#!\ndef step(z):\n    return z > 0\n\ndef relu(z1):\n    return step(z1) * z1"),
    ("relu", "a lambda", "#!\nrelu = lambda z1: np.maximum(z1, 0)\nrelu.__name__ = 'relu'"),
    ("relu", "columns one by one", "return np.column_stack([np.maximum(column, 0) for column in z1.T])"),
    ("relu", "out", "return np.maximum(z1, 0, out=np.empty_like(z1))"),
    ("relu", "choose", "return np.select([z1 > 0], [z1], default=0)"),
    ("relu", "matrix", "return np.asmatrix(np.maximum(z1, 0))"),
    ("relu", "a dictionary", "return {'A1': np.maximum(z1, 0)}"),
]  # fmt: skip

SOFTMAX = [
    ("softmax", "max kept",
     "e = np.exp(z2 - np.max(z2, axis=0, keepdims=True))\nreturn e / np.sum(e, axis=0, keepdims=True)"),
    ("softmax", "through the logarithm", "return np.exp(z2 - np.logaddexp.reduce(z2, axis=0))"),
    ("softmax", "columns", "return np.stack([np.exp(c - c.max()) / np.exp(c - c.max()).sum() for c in z2.T], axis=1)"),
    ("softmax", "apply_along_axis",
     "return np.apply_along_axis(lambda c: np.exp(c - c.max()) / np.exp(c - c.max()).sum(), 0, z2)"),
    ("softmax", "transposed and back",
     "z = z2.T - z2.T.max(axis=1, keepdims=True)\ne = np.exp(z)\nreturn (e / e.sum(axis=1, keepdims=True)).T"),
    ("softmax", "differences", "return 1 / np.exp(z2[:, None, :] - z2[None, :, :]).sum(axis=0)"),
    ("softmax", "in place", "e = z2 - z2.max(axis=0)\nnp.exp(e, out=e)\ne /= e.sum(axis=0)\nreturn e"),
    ("softmax", "reduce", "e = np.exp(z2 - np.maximum.reduce(z2))\nreturn e / np.add.reduce(e)"),
    ("softmax", "einsum", "e = np.exp(z2 - z2.max(0))\nreturn e / np.einsum('kn->n', e)"),
    ("softmax", "mean shift where it is safe",
     "top = z2.max(axis=0)\nreturn np.exp(z2 - top) / np.exp(z2 - top).sum(axis=0)[None]"),
    ("softmax", "divide", "e = np.exp(np.subtract(z2, z2.max(axis=0)))\nreturn np.divide(e, e.sum(axis=0))"),
    ("softmax", "a loop over examples",
     "A2 = np.zeros_like(z2)\nfor n in range(z2.shape[1]):\n    e = np.exp(z2[:, n] - max(z2[:, n]))\n"
     "    A2[:, n] = e / sum(e)\nreturn A2"),
    ("softmax", "float128 not needed",
     "e = np.exp((z2 - z2.max(axis=0)).astype(np.longdouble))\nreturn (e / e.sum(axis=0)).astype(float)"),
]  # fmt: skip

FORWARD = [
    ("forward", "np.dot", "z1 = np.dot(w1, X) + b1\nA1 = np.maximum(0, z1)\nz2 = np.dot(w2, A1) + b2\n"
     "e = np.exp(z2)\nreturn z1, A1, z2, e / e.sum(axis=0)"),
    ("forward", "a list", "FORWARD\nreturn [z1, A1, z2, A2]"),
    ("forward", "a dictionary", "FORWARD\nreturn {'z1': z1, 'A1': A1, 'z2': z2, 'A2': A2}"),
    ("forward", "a cache with capitals", "FORWARD\nreturn {'Z1': z1, 'A1': A1, 'Z2': z2, 'A2': A2, 'X': X}"),
    ("forward", "a generator", "FORWARD\nyield from (z1, A1, z2, A2)"),
    ("forward", "einsum",
     "z1 = np.einsum('hd,dn->hn', w1, X) + b1\nA1 = z1 * (z1 > 0)\nz2 = np.einsum('kh,hn->kn', w2, A1) + b2\n"
     "e = np.exp(z2 - z2.max())\nreturn z1, A1, z2, e / e.sum(axis=0)"),
    ("forward", "bias as a column of ones",
     "one = np.ones((1, X.shape[1]))\nz1 = np.hstack([w1, b1]) @ np.vstack([X, one])\nA1 = np.maximum(z1, 0)\n"
     "z2 = np.hstack([w2, b2]) @ np.vstack([A1, one])\ne = np.exp(z2 - z2.max(0))\nreturn z1, A1, z2, e / e.sum(0)"),
    ("forward", "rows are examples", "z1 = (X.T @ w1.T + b1.T).T\nA1 = np.maximum(z1, 0)\nz2 = (A1.T @ w2.T + b2.T).T\n"
     "e = np.exp(z2.T)\nreturn z1, A1, z2, (e / e.sum(axis=1, keepdims=True)).T"),
    ("forward", "helpers",
     "#!\ndef act(z):\n    return np.where(z > 0, z, 0)\n\ndef soft(z):\n    e = np.exp(z - z.max(axis=0))\n"
     "    return e / e.sum(axis=0)\n\ndef forward(w1, b1, w2, b2, X):\n    z1 = w1 @ X + b1\n"
     "    z2 = w2 @ act(z1) + b2\n"
     "    return z1, act(z1), z2, soft(z2)"),
    ("forward", "arguments in another order",
     "#!\ndef forward(X, w1, w2, b1, b2):\n    z1 = w1 @ X + b1\n    A1 = np.maximum(z1, 0)\n"
     "    z2 = w2 @ A1 + b2\n    e = np.exp(z2)\n    return z1, A1, z2, e / e.sum(axis=0)"),
]  # fmt: skip

LABELS = [
    ("one_hot", "eye", "return np.eye(K)[:, labels]"),
    ("one_hot", "eye turned", "return np.eye(K)[labels].T"),
    ("one_hot", "comparison", "return (labels == np.arange(K)[:, None]).astype(float)"),
    ("one_hot", "fancy index", "y = np.zeros((K, len(labels)))\ny[labels, np.arange(len(labels))] = 1\nreturn y"),
    ("one_hot", "loop",
     "y = np.zeros((K, labels.size))\nfor n in range(labels.size):\n    y[labels[n], n] = 1.0\nreturn y"),
    ("one_hot", "lists", "return [[1 if t == k else 0 for t in labels] for k in range(K)]"),
    ("one_hot", "equal.outer", "return np.equal.outer(np.arange(K), labels)"),
    ("one_hot", "put_along_axis",
     "y = np.zeros((K, labels.size))\nnp.put_along_axis(y, labels[None], 1, axis=0)\nreturn y"),
    ("one_hot", "flat",
     "y = np.zeros(K * labels.size)\ny[labels * labels.size + np.arange(labels.size)] = 1\nreturn y.reshape(K, -1)"),
    ("one_hot", "take", "return np.identity(K).take(labels, axis=1)"),
]  # fmt: skip

LOSSES = [
    ("cross_entropy", "log-sum-exp",
     "c = z2.max(axis=0)\nreturn c + np.log(np.exp(z2 - c).sum(axis=0)) - (y * z2).sum(axis=0)"),
    ("cross_entropy", "logaddexp", "return np.logaddexp.reduce(z2) - np.sum(y * z2, axis=0)"),
    ("cross_entropy", "true class picked", "t = y.argmax(axis=0)\nz = z2 - z2.max(axis=0)\n"
     "return np.log(np.exp(z).sum(axis=0)) - z[t, np.arange(len(t))]"),
    ("cross_entropy", "differences",
     "d = z2 - (y * z2).sum(axis=0)\nm = d.max(axis=0)\nreturn m + np.log(np.exp(d - m).sum(axis=0))"),
    ("cross_entropy", "a loop", "out = []\nfor n in range(z2.shape[1]):\n    z = z2[:, n] - z2[:, n].max()\n"
     "    out.append(np.log(np.exp(z).sum()) - z[np.argmax(y[:, n])])\nreturn np.array(out)"),
    ("cross_entropy", "where",
     "z = z2 - z2.max(axis=0)\nlogs = z - np.log(np.exp(z).sum(axis=0))\n"
     "return -np.where(y == 1, logs, 0).sum(axis=0, keepdims=True)"),
    ("cross_entropy", "einsum",
     "z = z2 - z2.max(axis=0)\nreturn -np.einsum('kn,kn->n', y, z - np.log(np.exp(z).sum(axis=0)))"),
    ("softmax_jacobian", "diag minus outer",
     "p = (np.exp(z2 - z2.max()) / np.exp(z2 - z2.max()).sum()).ravel()\nreturn np.diag(p) - np.outer(p, p)"),
    ("softmax_jacobian", "loops", "p = (np.exp(z2) / np.exp(z2).sum()).ravel()\nK = len(p)\nJ = np.zeros((K, K))\n"
     "for k in range(K):\n    for i in range(K):\n        J[k, i] = p[k] * ((k == i) - p[i])\nreturn J"),
    ("softmax_jacobian", "cases", "p = (np.exp(z2) / np.exp(z2).sum()).flatten()\n"
     "return [[p[k] * (1 - p[k]) if k == i else -p[k] * p[i] for i in range(len(p))] for k in range(len(p))]"),
    ("softmax_jacobian", "p * (I - p.T)", "p = np.exp(z2) / np.exp(z2).sum()\nreturn p * (np.eye(len(p)) - p.T)"),
    ("softmax_jacobian", "quotient rule", "e = np.exp(z2)\nS = e.sum()\nreturn (np.diagflat(e) * S - e @ e.T) / S**2"),
    ("softmax_jacobian", "einsum",
     "p = (np.exp(z2) / np.exp(z2).sum())[:, 0]\n"
     "return np.einsum('k,ki->ki', p, np.eye(len(p))) - np.einsum('k,i->ki', p, p)"),
    ("output_delta_one", "minus", "return A2 - y"),
    ("output_delta_one", "turned twice", "return -(y - A2)"),
    ("output_delta_one", "subtract", "return np.subtract(A2, y)"),
    ("output_delta_one", "in place on a copy", "d = np.array(A2)\nd -= y\nreturn d"),
    ("output_delta_one", "chain rule", "return (np.diagflat(A2) - A2 @ A2.T).T @ (-y / A2)"),
    ("output_delta_one", "true class", "d = 1.0 * A2\nd[np.argmax(y), 0] -= 1\nreturn d"),
    ("output_delta_one", "sum over k",
     "K = len(y)\n"
     "return [[sum(-y[k, 0] / A2[k, 0] * A2[k, 0] * ((i == k) - A2[i, 0]) for k in range(K))] for i in range(K)]"),
    ("output_delta", "minus over N", "N = A2.shape[1]\nreturn (A2 - y) / N"),
    ("output_delta", "times 1/N", "return 1 / len(A2.T) * (A2 - y)"),
    ("output_delta", "labels picked",
     "t = y.argmax(axis=0)\nd = A2.copy()\nd[t, range(len(t))] -= 1\nreturn d / len(t)"),
    ("output_delta", "column by column",
     "return np.column_stack([(A2[:, n] - y[:, n]) / y.shape[1] for n in range(y.shape[1])])"),
    ("output_delta", "sum of y", "return (A2 - y) / y.sum()"),
    ("output_delta", "true_divide", "return np.true_divide(A2 - y, np.shape(y)[1])"),
]  # fmt: skip

_PAIRS = {
    "grad_w2_one": ("delta2", "A1"),
    "grad_w1_one": ("delta1", "X"),
    "grad_w2": ("delta2", "A1"),
    "mend_H21": ("delta2", "A1"),
}
OUTER = [
    (name, how, f"return {how.format(d=d, a=a)}")
    for name, (d, a) in _PAIRS.items()
    for how in ("{d} @ {a}.T", "np.dot({d}, {a}.T)", "np.matmul({d}, np.transpose({a}))", "({a} @ {d}.T).T",
                "np.einsum('in,jn->ij', {d}, {a})", "sum(np.outer(p, q) for p, q in zip({d}.T, {a}.T))",
                "np.tensordot({d}, {a}, axes=(1, 1))", "({d}[:, None, :] * {a}[None]).sum(axis=2)",
                "np.inner({d}, {a})")
]  # fmt: skip
SUMS = [
    (name, how, f"return {how.format(d=d)}")
    for name, d in (("grad_b2", "delta2"), ("grad_b2_one", "delta2"), ("grad_b1_one", "delta1"))
    for how in ("{d}.sum(axis=1, keepdims=True)", "np.sum({d}, axis=1)", "{d} @ np.ones(({d}.shape[1], 1))",
                "[[sum(row)] for row in {d}]", "np.add.reduce({d}, axis=1)", "sum({d}.T)[:, None]",
                "np.einsum('kn->k', {d})", "{d}.mean(axis=1) * {d}.shape[1]", "{d}.dot(np.ones({d}.shape[1]))")
]  # fmt: skip

HIDDEN = [
    ("hidden_signal", "transposed", "return w2.T @ delta2"),
    ("hidden_signal", "np.dot", "return np.dot(w2.T, delta2)"),
    ("hidden_signal", "turned twice", "return np.transpose(delta2.T @ w2)"),
    ("hidden_signal", "einsum", "return np.einsum('kh,kn->hn', w2, delta2)"),
    ("hidden_signal", "loops",
     "H, N = w2.shape[1], delta2.shape[1]\nout = np.zeros((H, N))\nfor j in range(H):\n    for n in range(N):\n"
     "        for k in range(len(w2)):\n            out[j, n] += w2[k, j] * delta2[k, n]\nreturn out"),
    ("hidden_signal", "tensordot", "return np.tensordot(w2, delta2, axes=(0, 0))"),
    ("hidden_signal", "over classes", "return sum(w2[k][:, None] * delta2[k] for k in range(len(w2)))"),
    ("hidden_delta", "product", "return dA1 * (z1 >= 0)"),
    ("hidden_delta", "strict", "return dA1 * (z1 > 0)"),
    ("hidden_delta", "where", "return np.where(z1 >= 0, dA1, 0.0)"),
    ("hidden_delta", "a copy", "d = np.array(dA1, copy=True)\nd[z1 <= 0] = 0\nreturn d"),
    ("hidden_delta", "through A1", "A1 = np.maximum(z1, 0)\nreturn dA1 * (A1 > 0)"),
    ("hidden_delta", "sign", "return dA1 * (np.sign(z1) + 1) / 2"),
    ("hidden_delta", "multiply with int64", "return np.multiply(dA1, np.int64(z1 > 0))"),
    ("hidden_delta", "lists", "return [[d if z > 0 else 0 for d, z in zip(a, b)] for a, b in zip(dA1, z1)]"),
    ("hidden_delta", "diagonal matrices",
     "return np.stack([np.diag(z1[:, n] > 0) @ dA1[:, n] for n in range(z1.shape[1])], axis=1)"),
    ("hidden_delta", "half at 0", "return dA1 * np.heaviside(z1, 0.5)"),
]  # fmt: skip

WHOLE = [
    ("backward", "plain", f"{_G}return dw1, db1, dw2, db2"),
    ("backward", "a list", f"{_G}return [dw1, db1, dw2, db2]"),
    ("backward", "a dictionary", f"{_G}return {{'dw1': dw1, 'db1': db1, 'dw2': dw2, 'db2': db2}}"),
    ("backward", "capitals", f"{_G}return dict(dW1=dw1, db1=db1, dW2=dw2, db2=db2)"),
    ("backward", "rows are examples", """
        P = X.T
        Z1 = P @ w1.T + b1.T
        A = np.maximum(Z1, 0)
        Z2 = A @ w2.T + b2.T
        S = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
        S /= S.sum(axis=1, keepdims=True)
        D2 = (S - y.T) / len(P)
        D1 = (D2 @ w2) * (Z1 > 0)
        return (P.T @ D1).T, D1.sum(axis=0)[:, None], (A.T @ D2).T, D2.sum(axis=0)[:, None]"""),
    ("backward", "1/m at the end", """
        FORWARD
        m = y.shape[1]
        dZ2 = A2 - y
        dZ1 = (w2.T @ dZ2) * (z1 > 0)
        return dZ1 @ X.T / m, dZ1.sum(1, keepdims=True) / m, dZ2 @ A1.T / m, dZ2.sum(1, keepdims=True) / m"""),
    ("backward", "means", """
        FORWARD
        d2 = A2 - y
        d1 = np.where(z1 > 0, w2.T @ d2, 0)
        outer = lambda d, a: np.einsum('in,jn->ij', d, a) / X.shape[1]
        return outer(d1, X), d1.mean(axis=1, keepdims=True), outer(d2, A1), d2.mean(axis=1, keepdims=True)"""),
    ("backward", "by measuring", """
        def loss(p):
            w1, b1, w2, b2 = p
            z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2
            return np.mean(np.logaddexp.reduce(z2) - (y * z2).sum(axis=0))
        grads = []
        params = [w1.copy(), b1.copy(), w2.copy(), b2.copy()]
        for p in params:
            g = np.zeros_like(p)
            for i in np.ndindex(p.shape):
                old = p[i]
                p[i] = old + 1e-6; up = loss(params)
                p[i] = old - 1e-6; g[i] = (up - loss(params)) / 2e-6
                p[i] = old
            grads.append(g)
        FORWARD
        if abs(z1).min() == 0:
            GRADIENTS
            return dw1, db1, dw2, db2
        return grads"""),
    ("training_step", "plain", f"{_G}UPDATE"),
    ("training_step", "in place",
     f"{_G}w1 -= learning_rate * dw1\nb1 -= learning_rate * db1\nw2 -= learning_rate * dw2\n"
     "b2 -= learning_rate * db2\nreturn w1, b1, w2, b2"),
    ("training_step", "natural keys", f"{_G}return dict(w1=w1 - learning_rate * dw1, b1=b1 - learning_rate * db1, "
     "w2=w2 - learning_rate * dw2, b2=b2 - learning_rate * db2)"),
    ("training_step", "zip",
     f"{_G}return tuple(p - learning_rate * g for p, g in zip((w1, b1, w2, b2), (dw1, db1, dw2, db2)))"),
    ("training_step", "a generator",
     f"{_G}for p, g in ((w1, dw1), (b1, db1), (w2, dw2), (b2, db2)):\n    yield p - learning_rate * g"),
    ("training_step", "plus minus",
     f"{_G}return w1 + -learning_rate * dw1, b1 + -learning_rate * db1, w2 + -learning_rate * dw2, "
     "b2 + -learning_rate * db2"),
    ("accuracy", "mean",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.mean(z2.argmax(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "sum over N",
     "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\nreturn np.sum(z2.argmax(0) == y.argmax(0)) / X.shape[1]"),
    ("accuracy", "picked", "FORWARD\nreturn y[A2.argmax(axis=0), np.arange(y.shape[1])].mean()"),
    ("accuracy", "a loop",
     "FORWARD\nright = 0\nfor n in range(y.shape[1]):\n    right += np.argmax(A2[:, n]) == np.argmax(y[:, n])\n"
     "return right / y.shape[1]"),
    ("accuracy", "1 minus the rest", "FORWARD\nreturn 1 - np.mean(A2.argmax(0) != y.argmax(0))"),
    ("accuracy", "as an array", "FORWARD\nreturn np.array([np.mean(A2.argmax(0) == y.argmax(0))])"),
    ("numerical_gradient", "copies",
     "h = 1e-5\ng = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    u, d = x.copy(), x.copy()\n"
     "    u[i] += h\n    d[i] -= h\n    g[i] = (f(u) - f(d)) / (2 * h)\nreturn g"),
    ("numerical_gradient", "nditer",
     "h = 1e-5\ng = np.zeros_like(x)\nit = np.nditer(x, flags=['multi_index'])\nfor _ in it:\n    i = it.multi_index\n"
     "    e = np.zeros_like(x)\n    e[i] = h\n    g[i] = (f(x + e) - f(x - e)) / (2 * h)\nreturn g"),
    ("numerical_gradient", "flat",
     "h = 1e-5\nbase = x.astype(float).ravel()\ng = np.empty(base.size)\nfor k in range(base.size):\n"
     "    e = np.zeros(base.size)\n    e[k] = h\n"
     "    g[k] = (f((base + e).reshape(x.shape)) - f((base - e).reshape(x.shape))) / 2 / h\nreturn g.reshape(x.shape)"),
    ("numerical_gradient", "unit arrays", "h = 1e-5\neye = np.eye(x.size).reshape(x.size, *x.shape)\n"
     "return np.reshape([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in eye], x.shape)"),
]  # fmt: skip

FORMULAS = [
    ("mend_H05", "a list", 'ANSWER = "list(range(1, K + 1))"'),
    ("mend_H05", "on paper", 'ANSWER = "1..K"'),
    ("mend_H05", "a set", 'ANSWER = "i in {1, ..., K}"'),
    ("mend_H05", "a set by its first two", 'ANSWER = "{1, 2, …, K}"'),
    ("mend_H05", "arange", 'ANSWER = "np.arange(1, K + 1)"'),
    ("mend_H10", "short", 'ANSWER = "A2[i] - y[i]"'),
    ("mend_H10", "sum", 'ANSWER = "sum(-y[k] / A2[k] * A2[k] * ((i == k) - A2[i]) for k in range(len(y)))"'),
    ("mend_H10", "two parts", 'ANSWER = "-y[i] * (1 - A2[i]) + sum(y[k] * A2[i] for k in range(len(y)) if k != i)"'),
    ("mend_H11", "with S", 'ANSWER = "-y_i / A_i * (A_i * (S - e_i)) / S"'),
    ("mend_H11", "short", 'ANSWER = "-y_i * (1 - A_i)"'),
    ("mend_H11", "named", 'ANSWER = "dL = y_i * (e_i / S - 1)"'),
    ("mend_H12", "long", 'ANSWER = "-y_k / A_k * (-A_k * A_i)"'),
    ("mend_H12", "times sign", 'ANSWER = "y_k \u00d7 A_i"'),
    ("mend_H15", "sum", 'ANSWER = "sum(y[k] * A2[i] for k in range(len(y)) if k != i)"'),
    ("mend_H15", "1 - y", 'ANSWER = "A2[i] * (1 - y[i])"'),
    ("mend_H15", "A2 sum", 'ANSWER = "A2[i] * (sum(y) - y[i])"'),
    ("mend_H18", "exp", 'ANSWER = "exp(z2[i])"'),
    ("mend_H18", "np.e", 'ANSWER = "np.e ** z2[i]"'),
    ("mend_H19", "quotient", 'ANSWER = "e_i / S"'),
    ("mend_H19", "power", 'ANSWER = "e_i * S^-1"'),
    ("mend_H20", "==", 'ANSWER = "t == i"'),
    ("mend_H20", "if", 'ANSWER = "1 if t == i else 0"'),
    ("mend_H20", "I", 'ANSWER = "y_i = I(t = i)"'),
    ("mend_H26", "transposed", 'ANSWER = "w2.T @ delta2"'),
    ("mend_H26", "paper", 'ANSWER = "w2^T @ delta2"'),
    ("mend_H28", "where", 'ANSWER = "np.where(z1 >= 0, w2.T @ delta2, 0)"'),
    ("mend_H28", "gate", 'ANSWER = "delta1 = (z1 ≥ 0) * (w2.T @ delta2)"'),
    ("mend_H30", "whole", 'ANSWER = "((w2.T @ delta2) * (z1 >= 0)) @ X.T"'),
    ("mend_H30", "where", 'ANSWER = "np.where(z1 > 0, w2.T @ delta2, 0) @ X.T"'),
    ("mend_H30", "I", 'ANSWER = "((w2.T @ delta2) ⊙ I(z1 >= 0)) @ X.T"'),
]  # fmt: skip

RIGHT = [*RELU, *SOFTMAX, *FORWARD, *LABELS, *LOSSES, *OUTER, *SUMS, *HIDDEN, *WHOLE, *FORMULAS]
