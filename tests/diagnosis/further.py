"""Wrong answers in further dress: loops, helpers, closures, library habits, two mistakes at once, wrong conventions.

Kinds met in public notebooks and issue trackers (Keras and PyTorch habits in numpy, row convention, Octave and MATLAB
translations, gradient checking threads, CS231n and fast.ai forums), rewritten in the course's letters.
"""

_RET = "\nreturn dw1, db1, dw2, db2"
_E = "e = np.exp(z2 - z2.max(axis=0))\n"

FURTHER = [
    # --- loops, closures, helpers -------------------------------------------------------------------
    ("relu", "while, one too few", """
        A1 = z1.copy()
        i = 0
        while i < len(z1) - 1:
            A1[i] = np.maximum(z1[i], 0)
            i += 1
        return A1"""),
    ("relu", "while, columns for rows", """
        A1 = np.zeros_like(z1)
        n = 0
        while n < z1.shape[1]:
            A1[:, n] = np.minimum(z1[:, n], 0)
            n = n + 1
        return A1"""),
    ("relu", "closure with a slope", """
        #!
        def make(slope):
            def relu(z1):
                return np.where(z1 > 0, z1, slope * z1)
            return relu
        relu = make(0.01)"""),
    ("relu", "lambda, minimum", "#!\nrelu = lambda z1: np.minimum(z1, 0)"),
    ("relu", "helper with the wrong comparison", """
        #!
        def positive(z):
            return z if z < 0 else 0
        def relu(z1):
            return [[positive(z) for z in row] for row in z1]"""),
    ("relu", "in place on another", "A1 = z1\nA1[A1 > 0] = 0\nreturn A1"),
    ("relu", "6", "return np.minimum(np.maximum(z1, 0), 6)"),
    ("relu", "swish", "return z1 * (1 / (1 + np.exp(-z1)))"),
    ("relu", "mask returned", "mask = z1 > 0\nreturn mask.astype(float)"),
    ("relu", "of the absolute", "return np.maximum(np.abs(z1), 0)"),
    ("softmax", "loop over rows", """
        A2 = np.zeros(z2.shape)
        for k in range(z2.shape[0]):
            e = np.exp(z2[k] - z2[k].max())
            A2[k] = e / e.sum()
        return A2"""),
    ("softmax", "loop, running sum not reset", """
        A2 = np.zeros(z2.shape)
        total = 0
        for n in range(z2.shape[1]):
            e = np.exp(z2[:, n] - z2[:, n].max())
            total += e.sum()
            A2[:, n] = e / total
        return A2"""),
    ("softmax", "normalised twice by max", f"{_E}return e / e.max(axis=0)"),
    ("softmax", "Octave bsxfun along 2", "m = z2.max(axis=1, keepdims=True)\ne = np.exp(z2 - m)\n"
     "return e / e.sum(axis=1, keepdims=True)"),
    ("softmax", "exp of normalised", "z = z2 - z2.max(axis=0)\nreturn np.exp(z / z.sum(axis=0))"),
    ("softmax", "plus 1 in the sum", f"{_E}return e / (1 + e.sum(axis=0))"),
    ("softmax", "half temperature", "z = z2 - z2.max(axis=0)\ne = np.exp(0.5 * z)\nreturn e / e.sum(axis=0)"),
    ("softmax", "standardised first", "z = (z2 - z2.mean(axis=0)) / z2.std(axis=0)\ne = np.exp(z)\n"
     "return e / e.sum(axis=0)"),
    ("softmax", "softmin", "e = np.exp(z2.min(axis=0) - z2)\nreturn e / e.sum(axis=0)"),
    ("softmax", "1 - p", f"{_E}return 1 - e / e.sum(axis=0)"),
    ("forward", "A1 from z2", f"z1 = w1 @ X + b1\nz2 = w2 @ z1 + b2\nA1 = np.maximum(z1, 0)\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "b2 for b1", f"z1 = w1 @ X + b2.mean()\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "sigmoid hidden layer", f"z1 = w1 @ X + b1\nA1 = 1 / (1 + np.exp(-z1))\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "dropout left in", f"z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0) * 0.5\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "batch norm", f"z1 = w1 @ X + b1\nz1 = (z1 - z1.mean(axis=1, keepdims=True)) / z1.std(axis=1, "
     f"keepdims=True)\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n{_E}A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "minus b1", f"z1 = w1 @ X - b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "A2 sigmoid", "z1 = w1 @ X + b1\nA1 = np.maximum(z1, 0)\nz2 = w2 @ A1 + b2\n"
     "A2 = 1 / (1 + np.exp(-z2))\nreturn z1, A1, z2, A2"),
    ("forward", "in place relu spoils z1", f"z1 = w1 @ X + b1\nA1 = z1\nA1[A1 < 0] = 0\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "row convention", "z1 = X.T @ w1.T + b1.T\nA1 = np.maximum(z1, 0)\nz2 = A1 @ w2.T + b2.T\n"
     "e = np.exp(z2 - z2.max(axis=1, keepdims=True))\nA2 = e / e.sum(axis=1, keepdims=True)\nreturn z1, A1, z2, A2"),
    ("forward", "misspelled", f"z1 = w1 @ X + b1\nA1 = np.maximun(z1, 0)\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    ("forward", "undefined name", f"z1 = w1 @ X + b1\nA1 = np.maximum(Z1, 0)\nz2 = w2 @ A1 + b2\n{_E}"
     "A2 = e / e.sum(axis=0)\nreturn z1, A1, z2, A2"),
    # --- labels and losses --------------------------------------------------------------------------
    ("one_hot", "-1 for the others", "y = -np.ones((K, len(labels)))\n"
     "y[labels, np.arange(len(labels))] = 1\nreturn y"),
    ("one_hot", "one class too many",
     "y = np.zeros((K + 1, len(labels)))\ny[labels, np.arange(len(labels))] = 1\nreturn y"),
    ("one_hot", "added up", "y = np.zeros((K, len(labels)))\nfor n in range(len(labels)):\n"
     "    y[labels[n], n] += labels[n]\n"
     "return y"),
    ("one_hot", "reshaped", "y = np.eye(K)[labels]\nreturn y.reshape(K, len(labels))"),
    ("one_hot", "shifted by one", "y = np.zeros((K, len(labels)))\n"
     "y[(labels + 1) % K, np.arange(len(labels))] = 1\nreturn y"),
    ("one_hot", "while, last left out", """
        y = np.zeros((K, len(labels)))
        n = 0
        while n < len(labels) - 1:
            y[labels[n], n] = 1
            n += 1
        return y"""),
    ("one_hot", "smoothed", "y = np.full((K, len(labels)), 0.1 / K)\n"
     "y[labels, np.arange(len(labels))] += 0.9\nreturn y"),
    ("cross_entropy", "1 / log", f"{_E}p = e / e.sum(axis=0)\nreturn -(y / np.log(p)).sum(axis=0)"),
    ("cross_entropy", "log of one minus", f"{_E}p = e / e.sum(axis=0)\nreturn -(y * np.log(1 - p)).sum(axis=0)"),
    ("cross_entropy", "perplexity", "z = z2 - z2.max(axis=0)\n"
     "return np.exp(-(y * (z - np.log(np.exp(z).sum(axis=0)))).sum(axis=0))"),
    ("cross_entropy", "focal", f"{_E}p = (y * e).sum(axis=0) / e.sum(axis=0)\nreturn -(1 - p) ** 2 * np.log(p)"),
    ("cross_entropy", "label smoothing", "K = len(y)\nt = 0.9 * y + 0.1 / K\nz = z2 - z2.max(axis=0)\n"
     "return -(t * (z - np.log(np.exp(z).sum(axis=0)))).sum(axis=0)"),
    ("cross_entropy", "mean absolute error", f"{_E}return np.abs(e / e.sum(axis=0) - y).sum(axis=0)"),
    ("cross_entropy", "weights 0.5", "z = z2 - z2.max(axis=0)\n"
     "return -0.5 * (y * (z - np.log(np.exp(z).sum(axis=0)))).sum(axis=0)"),
    ("cross_entropy", "total", "z = z2 - z2.max(axis=0)\n"
     "losses = -(y * (z - np.log(np.exp(z).sum(axis=0)))).sum(axis=0)\n"
     "return losses.cumsum()"),
    ("cross_entropy", "loop, last example", """
        for n in range(z2.shape[1]):
            z = z2[:, n] - z2[:, n].max()
            loss = np.log(np.exp(z).sum()) - (y[:, n] * z).sum()
        return loss"""),
    ("cross_entropy", "loop, wrong class", """
        losses = []
        for n in range(z2.shape[1]):
            z = z2[:, n] - z2[:, n].max()
            losses.append(np.log(np.exp(z).sum()) - z[z.argmax()])
        return losses"""),
    ("cross_entropy", "logsumexp without the shift back", "m = z2.max(axis=0)\n"
     "lse = np.log(np.exp(z2 - m).sum(axis=0))\nreturn lse - (y * z2).sum(axis=0)"),
    ("cross_entropy", "entropy of the prediction", f"{_E}p = e / e.sum(axis=0)\nreturn -(p * np.log(p)).sum(axis=0)"),
    ("accuracy", "A2 == y", "FORWARD\nreturn np.mean(A2 == y)"),
    ("accuracy", "round(A2) == y", "FORWARD\nreturn np.mean(np.round(A2) == y)"),
    ("accuracy", "argmax of everything", "FORWARD\nreturn np.mean(A2.argmax() == y.argmax())"),
    ("accuracy", "along the rows", "FORWARD\nreturn np.mean(A2.argmax(axis=1) == y.argmax(axis=1))"),
    ("accuracy", "count", "FORWARD\nreturn np.sum(A2.argmax(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "errors", "FORWARD\nreturn np.mean(A2.argmax(axis=0) != y.argmax(axis=0))"),
    ("accuracy", "probability of the true class", "FORWARD\nreturn np.mean((A2 * y).sum(axis=0))"),
    ("accuracy", "threshold", "FORWARD\nreturn np.mean((A2 * y).sum(axis=0) > 0.5)"),
    ("accuracy", "argmin", "FORWARD\nreturn np.mean(A2.argmin(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "per cent", "FORWARD\nreturn 100 * np.mean(A2.argmax(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "over K", "FORWARD\nreturn np.sum(A2.argmax(axis=0) == y.argmax(axis=0)) / len(y)"),
    ("accuracy", "without the hidden bias", "z2 = w2 @ np.maximum(w1 @ X, 0) + b2\n"
     "return np.mean(z2.argmax(axis=0) == y.argmax(axis=0))"),
    ("accuracy", "loop returns early", "FORWARD\nright = 0\nfor n in range(X.shape[1]):\n"
     "    if A2[:, n].argmax() == y[:, n].argmax():\n        right += 1\n    return right / X.shape[1]"),
    # --- the softmax's derivative and the output error ----------------------------------------------
    ("softmax_jacobian", "loop, wrong sign off the diagonal", """
        p = (np.exp(z2) / np.exp(z2).sum()).ravel()
        J = np.empty((len(p), len(p)))
        for k in range(len(p)):
            for i in range(len(p)):
                if k == i:
                    J[k, i] = p[k] * (1 - p[k])
                else:
                    J[k, i] = p[k] * p[i]
        return J"""),
    ("softmax_jacobian", "while, only above the diagonal", """
        p = (np.exp(z2) / np.exp(z2).sum()).ravel()
        J = np.diag(p * (1 - p))
        k = 0
        while k < len(p):
            for i in range(k + 1, len(p)):
                J[k, i] = -p[k] * p[i]
            k += 1
        return J"""),
    ("softmax_jacobian", "of the logits", "return np.diagflat(z2) - z2 @ z2.T"),
    ("softmax_jacobian", "squares on the diagonal", "p = np.exp(z2) / np.exp(z2).sum()\n"
     "return np.diagflat(p ** 2) - p @ p.T"),
    ("softmax_jacobian", "without the sum", "p = np.exp(z2)\nreturn np.diagflat(p) - p @ p.T"),
    ("softmax_jacobian", "divided by K",
     "p = np.exp(z2) / np.exp(z2).sum()\nreturn (np.diagflat(p) - p @ p.T) / len(p)"),
    ("output_delta_one", "through the Jacobian, sign", "J = np.diagflat(A2) - A2 @ A2.T\nreturn J @ (y / A2)"),
    ("output_delta_one", "class number", "d = A2.copy()\nd[int(y.argmax()) - 1] -= 1\nreturn d"),
    ("output_delta_one", "squares", "return (A2 - y) ** 2"),
    ("output_delta_one", "A2 changed in place and doubled", "A2[y == 1] -= 2\nreturn A2"),
    ("output_delta_one", "abs", "return np.abs(A2 - y)"),
    ("output_delta", "mean over classes", "return (A2 - y) / A2.shape[0]"),
    ("output_delta", "loop, first example", "d = np.zeros(A2.shape)\nfor n in range(1, A2.shape[1]):\n"
     "    d[:, n] = (A2[:, n] - y[:, n]) / A2.shape[1]\nreturn d"),
    ("output_delta", "rounded", "return np.round((A2 - y) / y.shape[1], 2)"),
    ("output_delta", "integer division of labels", "return A2 / y.shape[1] - y // y.shape[1]"),
    ("output_delta", "times the slope", "return (A2 - y) * A2 * (1 - A2) / y.shape[1]"),
    # --- gradients ----------------------------------------------------------------------------------
    ("grad_w2_one", "kron", "return np.kron(A1, delta2.T)"),
    ("grad_w2_one", "twice", "return 2 * delta2 @ A1.T"),
    ("grad_w2", "einsum letters", "return np.einsum('kn,hn->hk', delta2, A1)"),
    ("grad_w2", "outer of sums", "return np.outer(delta2.sum(axis=1), A1.sum(axis=1))"),
    ("grad_w2", "mean in a loop", """
        dw2 = np.zeros((len(delta2), len(A1)))
        for n in range(A1.shape[1]):
            dw2 += np.outer(delta2[:, n], A1[:, n]) / A1.shape[1]
        return dw2"""),
    ("grad_w2", "not accumulated", """
        dw2 = np.zeros((len(delta2), len(A1)))
        for n in range(A1.shape[1]):
            dw2 = np.outer(delta2[:, n], A1[:, n])
        return dw2"""),
    ("grad_w2", "while, off by one", """
        dw2 = np.zeros((len(delta2), len(A1)))
        n = 1
        while n < A1.shape[1]:
            dw2 += np.outer(delta2[:, n], A1[:, n])
            n += 1
        return dw2"""),
    ("grad_b2", "last example", "return delta2[:, -1:]"),
    ("grad_b2", "product", "return delta2.prod(axis=1, keepdims=True)"),
    ("grad_b2", "squares", "return (delta2 ** 2).sum(axis=1, keepdims=True)"),
    ("grad_b2", "loop without the first",
     "db2 = np.zeros((len(delta2), 1))\nfor n in range(1, delta2.shape[1]):\n    db2[:, 0] += delta2[:, n]\n"
     "return db2"),
    ("grad_b2", "median", "return np.median(delta2, axis=1, keepdims=True)"),
    ("hidden_signal", "two sums", "return w2.sum(axis=0)[:, None] * delta2.sum(axis=0)[None, :]"),
    ("tanh_hidden_delta", "slope of the signal", "return 1 - np.square(np.tanh(dA1))"),
    ("hidden_signal", "inverse", "return np.linalg.pinv(w2) @ delta2"),
    ("hidden_signal", "sign", "return -w2.T @ delta2"),
    ("hidden_signal", "only the largest weight", "return w2.T.max(axis=1, keepdims=True) * delta2.sum(axis=0)"),
    ("hidden_signal", "loop, one class left out", """
        dA1 = np.zeros((w2.shape[1], delta2.shape[1]))
        for k in range(1, len(w2)):
            dA1 += np.outer(w2[k], delta2[k])
        return dA1"""),
    ("hidden_signal", "averaged over the classes", "return w2.T @ delta2 / len(delta2)"),
    ("hidden_delta", "gate of the signal", "return dA1 * (dA1 > 0)"),
    ("hidden_delta", "sigmoid's slope", "s = 1 / (1 + np.exp(-z1))\nreturn dA1 * s * (1 - s)"),
    ("hidden_delta", "where turned", "return np.where(z1 > 0, 0, dA1)"),
    ("hidden_delta", "relu of the product", "return np.maximum(dA1 * z1, 0)"),
    ("hidden_delta", "gate at 1", "return dA1 * (z1 > 1)"),
    ("hidden_delta", "loop, rows only", "d = dA1.copy()\nfor i in range(len(z1)):\n    if z1[i, 0] < 0:\n"
     "        d[i] = 0\nreturn d"),
    ("hidden_delta", "plus the gate", "return dA1 + (z1 > 0)"),
    ("grad_w1_one", "X first", "return X @ delta1.T"),
    ("grad_b1_one", "sum of all", "return delta1.sum()"),
    # --- all of it ----------------------------------------------------------------------------------
    ("backward", "two at once: gate and sum", """
        FORWARD
        delta2 = (A2 - y) / X.shape[1]
        dw2 = delta2 @ A1.T
        db2 = delta2.sum(axis=1, keepdims=True)
        dA1 = w2.T @ delta2
        delta1 = dA1 * (A1 < 0.5)
        dw1 = delta1 @ X.T
        db1 = delta1.max(axis=1, keepdims=True)
        return dw1, db1, dw2, db2"""),
    ("backward", "delta2 cubed", """
        FORWARD
        delta2 = (A2 - y) ** 3 / X.shape[1]
        dw2 = delta2 @ A1.T
        db2 = delta2.sum(axis=1, keepdims=True)
        dA1 = w2.T @ delta2
        delta1 = dA1 * (z1 >= 0)
        dw1 = delta1 @ X.T
        db1 = delta1.sum(axis=1, keepdims=True)
        return dw1, db1, dw2, db2"""),
    ("backward", "tanh's slope", """
        FORWARD
        dZ2 = (A2 - y) / X.shape[1]
        dW2 = dZ2 @ A1.T
        db2 = dZ2.sum(axis=1, keepdims=True)
        dZ1 = (w2.T @ dZ2) * (1 - np.tanh(z1) ** 2)
        dW1 = dZ1 @ X.T
        db1 = dZ1.sum(axis=1, keepdims=True)
        return dW1, db1, dW2, db2"""),
    ("backward", "softmax with sum over all", """
        z1 = w1 @ X + b1
        A1 = np.maximum(z1, 0)
        z2 = w2 @ A1 + b2
        A2 = np.exp(z2) / np.sum(np.exp(z2))
        GRADIENTS
        return dw1, db1, dw2, db2"""),
    ("backward", "clipped by norm", f"FORWARD\nGRADIENTS\nnorm = np.sqrt((dw1 ** 2).sum() + (dw2 ** 2).sum())\n"
     f"dw1 = dw1 / norm\ndw2 = dw2 / norm{_RET}"),
    ("backward", "X centred", f"X = X - X.mean(axis=1, keepdims=True)\nFORWARD\nGRADIENTS{_RET}"),
    ("backward", "updates returned", "FORWARD\nGRADIENTS\n"
     "return w1 - 0.1 * dw1, b1 - 0.1 * db1, w2 - 0.1 * dw2, b2 - 0.1 * db2"),
    ("backward", "db as rows", f"FORWARD\nGRADIENTS\ndb1 = delta1.sum(axis=0)\ndb2 = delta2.sum(axis=0){_RET}"),
    ("backward", "per-example loop over N twice", """
        N = X.shape[1]
        dw1, db1, dw2, db2 = 0 * w1, 0 * b1, 0 * w2, 0 * b2
        for n in range(N):
            x, t = X[:, [n]], y[:, [n]]
            z1 = w1 @ x + b1
            A1 = np.maximum(z1, 0)
            z2 = w2 @ A1 + b2
            d2 = (np.exp(z2) / np.exp(z2).sum() - t) / N
            d1 = (w2.T @ d2) * (z1 > 0)
            dw1 = dw1 + d1 @ x.T / N
            db1 = db1 + d1 / N
            dw2 = dw2 + d2 @ A1.T / N
            db2 = db2 + d2 / N
        return dw1, db1, dw2, db2"""),
    ("backward", "loop, w2 for its column", """
        N = X.shape[1]
        dw1, db1, dw2, db2 = 0 * w1, 0 * b1, 0 * w2, 0 * b2
        for n in range(N):
            x, t = X[:, [n]], y[:, [n]]
            z1 = w1 @ x + b1
            A1 = np.maximum(z1, 0)
            z2 = w2 @ A1 + b2
            d2 = (np.exp(z2) / np.exp(z2).sum() - t) / N
            d1 = (w2.T @ d2) * (A1 >= 0)
            dw1 = dw1 + d1 @ x.T
            db1 = db1 + d1
            dw2 = dw2 + d2 @ A1.T
            db2 = db2 + d2
        return dw1, db1, dw2, db2"""),
    ("training_step", "momentum", "FORWARD\nGRADIENTS\nv = 0.9 * dw1\nw1 = w1 - learning_rate * v\n"
     "b1 = b1 - learning_rate * db1\nw2 = w2 - learning_rate * dw2\nb2 = b2 - learning_rate * db2\n"
     "return w1, b1, w2, b2"),
    ("training_step", "an example at a time", """
        for n in range(X.shape[1]):
            z1 = w1 @ X[:, n:n+1] + b1
            A1 = np.maximum(z1, 0)
            e = np.exp(w2 @ A1 + b2)
            delta2 = e / e.sum(axis=0) - y[:, n:n+1]
            delta1 = (w2.T @ delta2) * (z1 >= 0)
            w1, b1 = w1 - learning_rate * delta1 @ X[:, n:n+1].T, b1 - learning_rate * delta1
            w2, b2 = w2 - learning_rate * delta2 @ A1.T, b2 - learning_rate * delta2
        return w1, b1, w2, b2"""),
    ("training_step", "fixed rate", "FORWARD\nGRADIENTS\nlearning_rate = 0.01\nUPDATE"),
    ("training_step", "rate over N", "FORWARD\nGRADIENTS\nlearning_rate = learning_rate / X.shape[1]\nUPDATE"),
    ("training_step", "Adam-like", "FORWARD\nGRADIENTS\nw1 = w1 - learning_rate * dw1 / (np.sqrt(dw1 ** 2) + 1e-8)\n"
     "b1 = b1 - learning_rate * db1\nw2 = w2 - learning_rate * dw2\nb2 = b2 - learning_rate * db2\n"
     "return w1, b1, w2, b2"),
    ("training_step", "squared gradient", "FORWARD\nGRADIENTS\nw1 = w1 - learning_rate * dw1 ** 2\n"
     "b1 = b1 - learning_rate * db1\nw2 = w2 - learning_rate * dw2\nb2 = b2 - learning_rate * db2\n"
     "return w1, b1, w2, b2"),
    ("training_step", "one example only", "X, y = X[:, :1], y[:, :1]\nFORWARD\nGRADIENTS\nUPDATE"),
    ("training_step", "w1 from the new w2, b1 plus", "FORWARD\ndelta2 = (A2 - y) / X.shape[1]\n"
     "w2 = w2 - learning_rate * delta2 @ A1.T\nb2 = b2 - learning_rate * delta2.sum(axis=1, keepdims=True)\n"
     "delta1 = (w2.T @ delta2) * (z1 >= 0)\nw1 = w1 - learning_rate * delta1 @ X.T\n"
     "b1 = b1 + learning_rate * delta1.sum(axis=1, keepdims=True)\nreturn w1, b1, w2, b2"),
    ("numerical_gradient", "forward difference", """
        g = np.zeros_like(x)
        h = 1e-2
        for i in np.ndindex(x.shape):
            up = x.copy()
            up[i] += h
            g[i] = (f(up) - f(x)) / h
        return g"""),
    ("numerical_gradient", "divided by h", """
        g = np.zeros_like(x)
        h = 1e-5
        for i in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[i] += h
            down[i] -= h
            g[i] = (f(up) - f(down)) / h
        return g"""),
    ("numerical_gradient", "down from up", """
        g = np.zeros_like(x)
        h = 1e-5
        for i in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[i] += h
            down[i] -= h
            g[i] = (f(down) - f(up)) / (2 * h)
        return g"""),
    ("numerical_gradient", "not put back", """
        g = np.zeros_like(x)
        h = 1e-5
        for i in np.ndindex(x.shape):
            x[i] += h
            up = f(x)
            x[i] -= 2 * h
            g[i] = (up - f(x)) / (2 * h)
        return g"""),
    ("numerical_gradient", "all at once", "h = 1e-5\nreturn (f(x + h) - f(x - h)) / (2 * h) * np.ones_like(x)"),
    ("numerical_gradient", "brackets", """
        g = np.zeros_like(x)
        h = 1e-5
        for i in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[i] += h
            down[i] -= h
            g[i] = (f(up) - f(down)) / 2 * h
        return g"""),
    # --- formulas -----------------------------------------------------------------------------------
    ("mend_H10", "two paths only", 'ANSWER = "-y[i] * (1 - A2[i]) + y[0] * A2[i]"'),
    ("mend_H10", "squared", 'ANSWER = "(A2[i] - y[i]) ** 2"'),
    ("mend_H10", "halved", 'ANSWER = "(A2[i] - y[i]) / 2"'),
    ("mend_H11", "S forgotten", 'ANSWER = "-y_i / A_i * A_i * (S - e_i)"'),
    ("mend_H11", "plus", 'ANSWER = "-y_i / A_i * A_i * (S + e_i) / S"'),
    ("mend_H12", "minus", 'ANSWER = "-y_k * A_i"'),
    ("mend_H12", "own label", 'ANSWER = "y_i * A_i"'),
    ("mend_H15", "with k = i", 'ANSWER = "sum(y[k] * A2[i] for k in range(len(y)))"'),
    ("mend_H15", "roles", 'ANSWER = "sum(y[i] * A2[k] for k in range(len(y)) if k != i)"'),
    ("mend_H18", "k", 'ANSWER = "exp(z2[k])"'),
    ("mend_H18", "sum", 'ANSWER = "sum(exp(z2))"'),
    ("mend_H18", "without exp", 'ANSWER = "z2[i]"'),
    ("mend_H19", "upside down", 'ANSWER = "S / e_i"'),
    ("mend_H19", "one minus", 'ANSWER = "1 - e_i / S"'),
    ("mend_H20", "difference", 'ANSWER = "t - i"'),
    ("mend_H20", "t", 'ANSWER = "t"'),
    ("mend_H26", "w1", 'ANSWER = "w1.T @ delta2"'),
    ("mend_H26", "not turned", 'ANSWER = "w2 @ delta2"'),
    ("mend_H28", "gate on the wrong side", 'ANSWER = "(w2.T @ delta2) * (z1 < 0)"'),
    ("mend_H28", "z1 for the gate", 'ANSWER = "(w2.T @ delta2) * z1"'),
    ("mend_H30", "no gate", 'ANSWER = "(w2.T @ delta2) @ X.T"'),
    ("mend_H30", "X not turned", 'ANSWER = "((w2.T @ delta2) * (z1 > 0)) * X"'),
]  # fmt: skip
