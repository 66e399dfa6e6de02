"""Wrong answers that an earlier check named falsely, in part, or not at all."""

_BACK = "FORWARD\nGRADIENTS\n"
_RET = "\nreturn dw1, db1, dw2, db2"
_P = "p = np.exp(z2) / np.exp(z2).sum(0)\n"

FALSELY_NAMED = [
    ("training_step", "Zhang's notebook: scalars for db", """
        FORWARD
        m = X.shape[1]
        dZ2 = A2 - y
        dW2 = 1 / m * dZ2 @ A1.T
        db2 = 1 / m * np.sum(dZ2)
        dZ1 = w2.T @ dZ2 * (z1 > 0)
        dW1 = 1 / m * dZ1 @ X.T
        db1 = 1 / m * np.sum(dZ1)
        w1 = w1 - learning_rate * dW1
        b1 = b1 - learning_rate * db1
        w2 = w2 - learning_rate * dW2
        b2 = b2 - learning_rate * db2
        return w1, b1, w2, b2"""),
    ("cross_entropy", "label and prediction exchanged, floor 1e-16",
     _P + "return -np.sum(p * np.log(y + 1e-16), axis=0)"),
    ("accuracy", "divided by y.size", "A1 = np.maximum(w1 @ X + b1, 0)\nz2 = w2 @ A1 + b2\n"
     "return np.sum(np.argmax(z2, 0) == np.argmax(y, 0)) / y.size"),
    ("output_delta", "fixed N = 6", "return (A2 - y) / 6"),
    ("output_delta", "floor division", "return (A2 - y) // y.shape[1]"),
    ("accuracy", "softmax over examples", "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\n"
     "A2 = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)\nreturn np.mean(A2.argmax(axis=0) == y.argmax(axis=0))"),
    ("mend_H20", "!=", 'ANSWER = "t != i"'),
]  # fmt: skip

IN_PART = [
    ("cross_entropy", "mean over all entries", _P + "return -np.mean(y * np.log(p))"),
    ("backward", "not gated but cut, db from dW", """
        FORWARD
        delta2 = (A2 - y) / X.shape[1]
        dw2 = delta2 @ A1.T
        db2 = np.sum(delta2 @ A1.T, axis=1, keepdims=True)
        dA1 = w2.T @ delta2
        delta1 = np.maximum(dA1, 0)
        dw1 = delta1 @ X.T
        db1 = np.sum(delta1 @ X.T, axis=1, keepdims=True)
        return dw1, db1, dw2, db2"""),
    ("backward", "dW2 times 2 and db1 = 4/m", f"{_BACK}dw2 = 2 * dw2\ndb1 = 4 * db1{_RET}"),
    ("forward", "both biases forgotten", "z1 = w1 @ X\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1\n"
     "e = np.exp(z2 - z2.max(axis=0, keepdims=True))\nA2 = e / e.sum(axis=0, keepdims=True)\nreturn z1, A1, z2, A2"),
    ("mend_H15", "minus", 'ANSWER = "-sum(y[k] * A2[i] for k in range(len(y)) if k != i)"'),
    ("mend_H30", "X first", 'ANSWER = "X @ ((w2.T @ delta2) * (z1 >= 0)).T"'),
]  # fmt: skip

NAMELESS = [
    ("backward", "sigma prime at the output", "FORWARD\ndelta2 = (A2 - y) / X.shape[1] * A2 * (1 - A2)\n"
     "dw2 = delta2 @ A1.T\ndb2 = delta2.sum(axis=1, keepdims=True)\ndA1 = w2.T @ delta2\ndelta1 = dA1 * (z1 >= 0)\n"
     f"dw1 = delta1 @ X.T\ndb1 = delta1.sum(axis=1, keepdims=True){_RET}"),
    ("relu", "a global that holds another z1", "#!\nZ = np.ones((5, 6))\ndef relu(z1):\n    return np.maximum(Z, 0)"),
    ("relu", "gelu-like", "return z1 / (1 + np.exp(-z1))"),
    ("forward", "b1 twice", "z1 = w1 @ X + b1 + b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n"
     "e = np.exp(z2 - z2.max(axis=0, keepdims=True))\nA2 = e / e.sum(axis=0, keepdims=True)\nreturn z1, A1, z2, A2"),
    ("cross_entropy", "hinge loss", "t = (z2 * y).sum(axis=0)\nreturn np.maximum(0, z2 - t + 1).sum(axis=0) - 1"),
    ("grad_b1_one", "positive part", "return np.maximum(delta1, 0)"),
    ("grad_w1_one", "relu(X)", "return delta1 @ np.maximum(X, 0).T"),
    ("hidden_signal", "normalised weights", "return (w2 / w2.sum(axis=1, keepdims=True)).T @ delta2"),
    ("hidden_signal", "gate with w2 > 0", "return (w2 > 0).T @ delta2"),
    ("hidden_signal", "reshape for transpose", "return w2.reshape(w2.shape[1], w2.shape[0]) @ delta2"),
    ("backward", "both biases forgotten", "z1 = w1 @ X\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1\n"
     f"e = np.exp(z2 - z2.max(axis=0))\nA2 = e / e.sum(axis=0)\nGRADIENTS{_RET}"),
    ("training_step", "loop of ten steps", """
        for _ in range(10):
            z1 = w1 @ X + b1; A1 = np.maximum(z1, 0)
            z2 = w2 @ A1 + b2
            e = np.exp(z2 - z2.max(axis=0)); A2 = e / e.sum(axis=0)
            d2 = (A2 - y) / X.shape[1]; d1 = (w2.T @ d2) * (z1 > 0)
            w1 = w1 - learning_rate * d1 @ X.T; b1 = b1 - learning_rate * d1.sum(1, keepdims=True)
            w2 = w2 - learning_rate * d2 @ A1.T; b2 = b2 - learning_rate * d2.sum(1, keepdims=True)
        return w1, b1, w2, b2"""),
    ("mend_H10", "A2", 'ANSWER = "A2[i]"'),
    ("mend_H10", "range(1, K)",
     'ANSWER = "sum(-y[k] / A2[k] * A2[k] * ((i == k) - A2[i]) for k in range(1, len(y)))"'),
    ("mend_H12", "with quotient", 'ANSWER = "y_k / A_k * A_i"'),
    ("mend_H19", "e*S", 'ANSWER = "e_i * S"'),
    ("mend_H20", "1", 'ANSWER = "1"'),
    ("backward", "regularised by 0.01 w", f"{_BACK}dw1 = dw1 + 0.01 * w1\ndw2 = dw2 + 0.01 * w2{_RET}"),
    ("backward", "gate without bias", f"FORWARD\n{_BACK[8:]}delta1 = dA1 * (w1 @ X > 0)\ndw1 = delta1 @ X.T\n"
     f"db1 = delta1.sum(axis=1, keepdims=True){_RET}"),
    ("training_step", "0.9 * old", """
        FORWARD
        GRADIENTS
        w1 = 0.9 * w1 - learning_rate * dw1
        b1 = b1 - learning_rate * db1
        w2 = 0.9 * w2 - learning_rate * dw2
        b2 = b2 - learning_rate * db2
        return w1, b1, w2, b2"""),
    ("training_step", "forward pass again after the first update", """
        def fw():
            z1 = w1 @ X + b1; A1 = np.maximum(z1, 0); z2 = w2 @ A1 + b2
            e = np.exp(z2 - z2.max(axis=0))
            return z1, A1, e / e.sum(axis=0)
        N = X.shape[1]
        z1, A1, A2 = fw()
        d2 = (A2 - y) / N
        d1 = (w2.T @ d2) * (z1 > 0)
        w1 = w1 - learning_rate * d1 @ X.T
        b1 = b1 - learning_rate * d1.sum(1, keepdims=True)
        z1, A1, A2 = fw()
        d2 = (A2 - y) / N
        w2 = w2 - learning_rate * d2 @ A1.T
        b2 = b2 - learning_rate * d2.sum(1, keepdims=True)
        return w1, b1, w2, b2"""),
    ("training_step", "normalised gradient", """
        FORWARD
        GRADIENTS
        w1 = w1 - learning_rate * dw1 / np.linalg.norm(dw1)
        b1 = b1 - learning_rate * db1
        w2 = w2 - learning_rate * dw2 / np.linalg.norm(dw2)
        b2 = b2 - learning_rate * db2
        return w1, b1, w2, b2"""),
    ("training_step", "returns w1 twice", "FORWARD\nGRADIENTS\nw1 = w1 - learning_rate * dw1\n"
     "b1 = b1 - learning_rate * db1\nw2 = w2 - learning_rate * dw2\nb2 = b2 - learning_rate * db2\n"
     "return w1, b1, w1, b2"),
    ("one_hot", "one vector for all", "vector = np.zeros(K)\nfor l in labels:\n    vector[l] = 1\nreturn vector"),
    ("hidden_delta", "leak 0.03", "derivative = np.ones_like(z1)\nderivative[z1 < 0] = 0.03\nreturn dA1 * derivative"),
    ("softmax_jacobian", "times ones", "s = np.exp(z2[:, 0]) / np.exp(z2[:, 0]).sum()\n"
     "J = np.diag(s) - np.outer(s, s)\nreturn J.dot(np.ones(len(s)))"),
    ("output_delta", "labels on rows", "p = A2.copy()\np[range(y.shape[0]), y.argmax(axis=0)[:y.shape[0]]] -= 1\n"
     "return p / y.shape[1]"),
    ("backward", "db1 = 4/m", f"{_BACK}db1 = 4 * db1{_RET}"),
    ("numerical_gradient", "both points x + h", """
        h = 1e-5
        grad = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            tmp = x[i]
            x[i] = tmp + h
            fxh1 = f(x)
            x[i] = tmp + h
            fxh2 = f(x)
            grad[i] = (fxh1 - fxh2) / (2 * h)
            x[i] = tmp
        return grad"""),
    ("numerical_gradient", "f of the entry alone", """
        h = 1e-4
        grad = np.zeros_like(x)
        for idx in np.ndindex(x.shape):
            tmp_val = x[idx]
            grad[idx] = (f(tmp_val + h) - f(tmp_val - h)) / (2 * h)
        return grad"""),
    ("relu", "A1 squared", "return np.maximum(z1, 0) ** 2"),
    ("softmax", "float16", "z = z2.astype(np.float16)\ne = np.exp(z - z.max(axis=0))\nreturn e / e.sum(axis=0)"),
    ("softmax", "rounded", "e = np.exp(z2 - z2.max(axis=0))\nreturn np.round(e / e.sum(axis=0), 2)"),
    ("softmax", "temperature 2", "e = np.exp((z2 - z2.max(axis=0)) / 2)\nreturn e / e.sum(axis=0)"),
    ("softmax", "max after exp", "e = np.exp(z2) - z2.max(axis=0)\nreturn e / e.sum(axis=0)"),
    ("softmax", "e^z squared", "e = np.exp(z2 - z2.max(axis=0)) ** 2\nreturn e / e.sum(axis=0)"),
    ("softmax", "1/len", "return np.ones_like(z2) / len(z2)"),
    ("one_hot", "shared rows",
     "y = [[0] * len(labels)] * K\nfor n, t in enumerate(labels):\n    y[t][n] = 1\nreturn y"),
    ("one_hot", "range(K) pairs only first K",
     "y = np.zeros((K, len(labels)))\nfor n in range(K):\n    y[labels[n % len(labels)], n % len(labels)] = 1\n"
     "return y"),
    ("one_hot", "cumulative", "return (labels >= np.arange(K)[:, None]).astype(int)"),
    ("cross_entropy", "log of y*p", "e = np.exp(z2 - z2.max(axis=0))\np = e / e.sum(axis=0)\n"
     "return -np.log((y * p).sum(axis=1))"),
    ("softmax_jacobian", "half off the diagonal", "p = (np.exp(z2) / np.exp(z2).sum()).ravel()\n"
     "return np.diag(p - p ** 2) - 0.5 * (np.outer(p, p) - np.diag(p ** 2))"),
    ("output_delta_one", "norm", "return np.linalg.norm(A2 - y)"),
    ("output_delta_one", "(A2 - y) * A2", "return (A2 - y) * A2"),
    ("grad_b2", "cumsum", "return np.cumsum(delta2, axis=1)"),
    ("grad_b2", "zeros", "return np.zeros((delta2.shape[0], 1))"),
    ("grad_b2", "delta2 @ delta2.T", "return delta2 @ delta2.T"),
    ("hidden_delta", "2 at the kink", "return dA1 * np.where(z1 > 0, 1, np.where(z1 == 0, 2, 0))"),
    ("hidden_delta", "-1 at the kink", "return dA1 * np.where(z1 > 0, 1, np.where(z1 == 0, -1, 0))"),
    ("backward", "dw2 regularised", f"{_BACK}dw2 = dw2 + 0.01 * w2{_RET}"),
    ("backward", "dw2 by reshape", f"{_BACK}dw2 = delta2 @ A1.reshape(A1.shape[1], A1.shape[0]){_RET}"),
    ("accuracy", "rounded", "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\n"
     "return round(np.mean(z2.argmax(axis=0) == y.argmax(axis=0)), 2)"),
    ("accuracy", "np.all", "z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2\n"
     "return np.all(z2.argmax(axis=0) == y.argmax(axis=0))"),
    ("numerical_gradient", "h = 0.5", """
        h = 0.5
        g = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            a, b = x.copy(), x.copy()
            a[i] += h; b[i] -= h
            g[i] = (f(a) - f(b)) / (2 * h)
        return g"""),
    ("numerical_gradient", "float32 copy", """
        x, h = x.astype(np.float32), 1e-5
        g = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            a, b = x.copy(), x.copy()
            a[i] += h; b[i] -= h
            g[i] = (f(a) - f(b)) / (2 * h)
        return g"""),
    ("mend_H11", "sign dropped", 'ANSWER = "y_i * (1 - A_i)"'),
    ("mend_H18", "0", 'ANSWER = "0"'),
]  # fmt: skip

RAISED = [
    ("backward", "np.sum(.., 2)", "FORWARD\ndelta2 = (A2 - y) / X.shape[1]\ndw2 = delta2 @ A1.T\n"
     "db2 = np.sum(delta2, 2)\ndA1 = w2.T @ delta2\ndelta1 = dA1 * (z1 >= 0)\ndw1 = delta1 @ X.T\n"
     f"db1 = np.sum(delta1, 2){_RET}"),
    ("one_hot", "np.zeros(n, k)", "one_hot_Y = np.zeros(labels.size, labels.max() + 1)\n"
     "one_hot_Y[np.arange(labels.size), labels] = 1\nreturn one_hot_Y.T"),
    ("one_hot", "np.arrange", "Y = np.zeros((labels.size, K))\nY[np.arrange(labels.size), labels] = 1\nreturn Y.T"),
    ("one_hot", "len(np.unique(labels))", "n = len(labels)\nout = np.zeros((n, len(np.unique(labels))))\n"
     "out[np.arange(n), labels] = 1\nreturn out.T"),
    ("hidden_delta", "if z > 0", "if z1 > 0:\n    return dA1 * np.ones(z1.shape)\nreturn dA1 * np.zeros(z1.shape)"),
    ("cross_entropy", "np.dot(log p, -y)", _P + "return np.dot(np.log(p), -1 * y)"),
    ("one_hot", "y[n, t]", "y = np.zeros((K, len(labels)))\nfor n, t in enumerate(labels):\n    y[n, t] = 1\nreturn y"),
    ("output_delta_one", "float index", "d = A2.copy()\nd[y] -= 1\nreturn d"),
    ("grad_w2_one", "A1 @ delta2", "return A1 @ delta2"),
    ("mend_H05", "1..K", 'ANSWER = "i = 0..K"'),
    ("mend_H19", "^", 'ANSWER = "e_i^2 / S"'),
]  # fmt: skip

RIGHT_BUT_REFUSED = [
    ("forward", "object array", "FORWARD\nout = np.empty(4, dtype=object); out[:] = [z1, A1, z2, A2]\nreturn out"),
    ("mend_H15", "!=", 'ANSWER = "sum(y[k] * A2[i] for k in range(len(y)) if k != i)"'),
    ("mend_H20", "not t != i", 'ANSWER = "int(not t != i)"'),
    ("mend_H30", "keyword", 'ANSWER = "((w2.T @ delta2) * (z1 > 0)).sum(axis=1, keepdims=True) @ X.T"'),
    ("mend_H28", ">=", 'ANSWER = "(w2.T @ delta2) * (z1 >= 0)"'),
    ("mend_H20", "I(t = i)", 'ANSWER = "I(t = i)"'),
    ("mend_H05", "1..K", 'ANSWER = "i = 1..K"'),
    ("mend_H05", "range", 'ANSWER = "i = range(1, K + 1)"'),
    ("mend_H12", "named", 'ANSWER = "mended = y_k * A_i"'),
    ("mend_H12", "middle dot", 'ANSWER = "y_k · A_i"'),
    ("mend_H11", "side by side", 'ANSWER = "-y_i (S - e_i)/S"'),
    ("mend_H12", "side by side with a space", 'ANSWER = "y_k A_i"'),
    ("mend_H15", "side by side in a sum", 'ANSWER = "sum(y[k] A2[i] for k in range(len(y)) if k != i)"'),
    ("mend_H10", "indices below", 'ANSWER = "A2_i - y_i"'),
    ("mend_H30", "brackets side by side", 'ANSWER = "((w2.T @ delta2) (z1 >= 0)) @ X.T"'),
    ("training_step", "natural keys", "FORWARD\nGRADIENTS\n"
     "return {'w1': w1 - learning_rate * dw1, 'b1': b1 - learning_rate * db1, 'w2': w2 - learning_rate * dw2, "
     "'b2': b2 - learning_rate * db2}"),
    ("backward", "a generator", "FORWARD\nGRADIENTS\nyield dw1\nyield db1\nyield dw2\nyield db2"),
    ("relu", "a generator of rows", "return (np.maximum(row, 0) for row in z1)"),
    ("backward", "a dictionary with more in it", "FORWARD\nGRADIENTS\n"
     "return dict(dw1=dw1, dw2=dw2, db1=db1, db2=db2, delta2=delta2)"),
]  # fmt: skip
