"""On machines whose matrix products raise floating-point flags for nothing, nothing warns; a real overflow does."""

import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from spurious_flags import MODES, environment, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

SETUP = """
import warnings
import numpy as np
from mlpcourse import data, gradcheck, network, training
rng = np.random.default_rng(0)
params, X = network.init_params(64, 32, 10, rng), rng.normal(size=(64, 40))
y = network.one_hot(rng.integers(0, 10, 40), 10)
"""
QUIET = """
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="matplotlib")  # its own products, which Run All never shows
network.backward(params, X, y), network.loss(params, X, y), network.predict(params, X)
network.backward(network.Params(*(array + 0j for array in params)), X, y)
gradcheck.check_gradients(params, X, y)
training.train(params, X, y, epochs=1, batch_size=16, learning_rate=0.1, rng=rng, progress=False)
training.evaluate(params, X, y)
from mlpcourse import plots
from mlpcourse.widgets import Batch
plots.draw_affine(np.ones((16, 2)), np.ones((2, 1)), np.ones((16, 1))), plots.draw_jacobian(np.ones((16, 1)))
plots.draw_outer_sum(np.ones((16, 2)), np.ones((2, 2)))
Batch().still()
"""
LOUD = """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    network.grad_w2(np.full((10, 40), 1e200), np.full((32, 40), 1e200))
assert [str(warning.message) for warning in caught] == ["overflow in grad_w2: its result is not finite"], caught
with np.errstate(over="raise"):
    try:
        network.grad_w2(np.full((10, 40), 1e200), np.full((32, 40), 1e200))
    except FloatingPointError:
        pass
    else:
        raise AssertionError("errstate was not asked")
"""
RAW = """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    params.w1 @ X
assert len(caught), "the flags are not raised: this proves nothing"
"""


def warns_of_dot() -> bool:
    """Whether this numpy looks at the flags of ``w.dot(X)`` at all: 2.0 does not."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.full((2, 2), 1e300).dot(np.full((2, 2), 1e300))
    return bool(caught)


# What a learner runs, cell by cell, and whether numpy's warning belongs under it.
CELLS = [
    ("import numpy as np\nimport mlpcourse\nw, X = np.ones((20, 20)), np.ones((20, 20))\nz = w @ X", False),
    ("w @ X", False),
    ("def step(w, X):\n    return {'w': [w.dot(X)]}\nfor _ in range(3):\n    w = step(w, X)['w'][0]", False),
    ("old = np.array([np.inf])", False),
    ("w @ X", False),
    ("z = (w * 1e300) @ (X * 1e300)", True),
    ("(w * 1e300) @ (X * 1e300)", True),
    ("out = step(w * 1e300, X * 1e300)", warns_of_dot()),
    ("z = w @ X", False),
]
SHELL = """
import contextlib, io, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source, loud in CELLS:
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell(source).raise_error()
    assert ("RuntimeWarning" in err.getvalue()) == loud, (source, err.getvalue())
"""


# A learner's cells under each kind of flags, what computes under an M4's: `.ci/run` runs its tests under the others.
@pytest.mark.parametrize(
    ("code", "mode"),
    [*((f"{CELLS = }" + SHELL, mode) for mode in MODES), (SETUP + RAW + QUIET + LOUD, "m4")],
    ids=[*(f"a learner's cells, {mode}" for mode in MODES), "the course's functions, m4"],
)
def test_flags_alone_never_warn(code: str, mode: str, tmp_path: Path):
    env = {**environment(mode, tmp_path), "IPYTHONDIR": str(tmp_path), "MPLCONFIGDIR": matplotlib.get_configdir()}
    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
