"""my_network.py: the learner's own right answers, importable, in the order of the course, and nothing lost."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from answers import written

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.exercises import EXERCISES, check, my_network, own_code


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a lesson in it, where a learner works."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "01_compute.ipynb").touch()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path / "data"))
    return folder


def learner(source: str, tmp_path: Path) -> ModuleType:
    """What a learner has typed into cells."""
    file = tmp_path / f"cells_{len(list(tmp_path.glob('cells_*')))}.py"
    file.write_text(source)
    module = ModuleType(file.stem)
    exec(compile(source, str(file), "exec"), module.__dict__)
    return module


RELU = """
import numpy as np

slope = 0

low = "not a number"

def floor(z, low=0):
    return np.where(z >= low, z, slope)

def relu(z1):
    \"\"\"My own words.\"\"\"
    return floor(z1)
"""


def test_a_right_answer_joins_with_what_it_needs(lessons: Path, tmp_path: Path):
    verdict = check(learner(RELU, tmp_path).relu)
    assert verdict.right
    assert "It stands in `my_network.py` now" in verdict.facts[-1]
    text = (lessons / "my_network.py").read_text()
    assert "# relu: lesson 01, right on 20" in text
    assert "My own words." in text
    assert "not a number" not in text  # an argument of that name hides it
    code = "import my_network as m; print(m.relu(m.np.array([[-1.0, 2.0]])), m.relu.__module__, m.backward.__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shown = done.stdout
    assert shown.split()[:3] == ["[[0.", "2.]]", "my_network"]
    assert shown.split()[3].startswith("mlpcourse.")


def test_it_can_be_imported_where_a_folder_has_no_time(lessons: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As in the browser edition: Python remembers what is in a folder until the folder's time changes."""
    monkeypatch.syspath_prepend(lessons)
    os.utime(lessons, (0, 0))
    assert importlib.util.find_spec("my_network") is None
    check(learner(RELU, tmp_path).relu)
    os.utime(lessons, (0, 0))
    assert importlib.util.find_spec("my_network") is not None


def test_a_wrong_answer_does_not(lessons: Path, tmp_path: Path):
    check(learner("import numpy as np\ndef relu(z1):\n    return np.abs(z1)\n", tmp_path).relu)
    assert not (lessons / "my_network.py").exists()


def test_the_last_right_answer_counts_and_the_order_is_that_of_the_course(lessons: Path, tmp_path: Path):
    check(
        learner(
            "import numpy as np\ndef softmax(z2):\n    e = np.exp(z2 - z2.max(0))\n    return e / e.sum(0)\n", tmp_path
        ).softmax
    )
    check(learner(RELU, tmp_path).relu)
    check(learner("import numpy as np\ndef relu(z1):\n    return np.maximum(z1, 0)\n", tmp_path).relu)
    text = (lessons / "my_network.py").read_text()
    assert "floor" not in text
    assert text.index("def relu") < text.index("def softmax")
    assert "relu" not in text[text.index(own_code.NOT_MINE) : text.index("# relu:")]


def test_a_forward_pass_without_the_safe_softmax_is_told_of(lessons: Path, tmp_path: Path):
    """Lesson 01's softmax overflows. Whoever wrote it out in `forward` is told, once lesson 02's is right."""
    safe = "import numpy as np\n" + EXERCISES["softmax"].solution(0)
    said = "write `A2 = softmax(z2)` there"
    assert said not in repr(check(learner("import numpy as np\n" + EXERCISES["forward"].solution(0), tmp_path).forward))
    assert said in repr(check(learner(safe, tmp_path).softmax)).replace("\n    ", " ")
    _, plain, _ = re.split(r"(    exps = .*\n    A2 = .*\n)", EXERCISES["forward"].solution(0))
    calls = EXERCISES["forward"].solution(0).replace(plain, "    A2 = softmax(z2)\n")
    assert said not in repr(check(learner(f"{safe}\n\n{calls}", tmp_path).forward))
    large = np.array([[1000.0], [0.0]])
    assert my_network().forward(np.eye(2), 0, np.eye(2), 0, large)[3].tolist() == [[1.0], [0.0]]


def test_every_model_answer_joins_and_trains(lessons: Path, tmp_path: Path):
    """A learner who got everything right has a network without a line of ours."""
    joining = [exercise for exercise in EXERCISES.values() if own_code.joins(exercise)]
    for exercise in joining:
        source = "import numpy as np\n\n" + exercise.solution(0)
        verdict = check(exercise.name, vars(learner(source, tmp_path))[exercise.name])
        assert "my_network.py` now" in verdict.facts[-1], verdict
    text = (lessons / "my_network.py").read_text()
    assert "mlpcourse" not in text
    mine = my_network()
    assert mine.ours == ()
    assert mine.mine == tuple(exercise.name for exercise in joining)
    (w1, b1, w2, b2), X, y = tiny()
    before = network.loss(network.Params(w1, b1, w2, b2), X, y)
    assert network.loss(network.Params(*mine.training_step(w1, b1, w2, b2, X, y, 0.1)), X, y) < before


def test_untouched_it_is_the_course_s_and_says_so(lessons: Path):
    mine = my_network()
    assert repr(mine).startswith("Yours: nothing yet.")
    params, X, y = tiny()
    for got, right in zip(mine.backward(*params, X, y), network.backward(params, X, y), strict=True):
        np.testing.assert_allclose(got, right)


def test_a_file_changed_by_hand_is_not_lost(lessons: Path, tmp_path: Path):
    (lessons / "my_network.py").write_text("mine = 1\n")
    verdict = check(learner(RELU, tmp_path).relu)
    assert "my_network_before.py" in verdict.facts[-1]
    assert (lessons / "my_network_before.py").read_text() == "mine = 1\n"


def test_where_the_file_cannot_be_written_a_sentence_says_so(lessons: Path, tmp_path: Path):
    """For root no folder is read-only; so a folder lies where the file should be, and cannot be moved away."""
    (lessons / "my_network.py").mkdir()
    (lessons / "my_network_before.py" / "full").mkdir(parents=True)
    verdict = check(learner(RELU, tmp_path).relu)
    assert verdict.right
    assert "Your answer is kept, but `my_network.py` cannot be written here" in verdict.facts[-1]
    assert my_network().mine == ("relu",)


def test_elsewhere_and_in_tests_it_leaves_no_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLPCOURSE_DATA", raising=False)
    (tmp_path / "lesson.ipynb").touch()
    assert check(learner(RELU, tmp_path).relu).facts == ()
    assert not (tmp_path / "my_network.py").exists()
    assert "PYTEST_VERSION" in os.environ


def test_what_cannot_join_says_why(lessons: Path, tmp_path: Path):
    verdict = check("relu", learner("import numpy as np\nrelu = lambda z1: np.maximum(z1, 0)\n", tmp_path).relu)
    assert verdict.right
    assert "not written as `def`" in verdict.facts[-1]
    other = (
        "import numpy as np\ndef forward(params, X): ...\ndef relu(z1):\n    forward\n    return np.maximum(z1, 0)\n"
    )
    verdict = check(learner(other, tmp_path).relu)
    assert "takes other arguments than (w1, b1, w2, b2, X)" in verdict.facts[-1]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("output_delta", "return (A2 - y) / y.shape[1]", ""),
        ("output_delta_one", "return (A2 - y)[:, 0]", "delta2 has shape (3,), where later lessons compute with (3, 1)"),
        ("grad_b2", "return delta2.sum(axis=1)", "db2 has shape (3,), where later lessons compute with (3, 1)"),
        (
            "relu",
            "return np.maximum(z1, 0).tolist()",
            "A1 is a list, where later lessons compute with an array of numbers",
        ),
        ("relu", "return np.maximum(z1, 0)[..., None]", "A1 has shape"),
        ("relu", "z1[z1 < 0] = 0; return z1", "later lessons need z1 as before the call"),
        ("numerical_gradient", "x += 1e-5; x -= 1e-5; return ours(f, x)", ""),
        ("grad_w2", "return delta2 @ A1.T", "later lessons call it with (delta2, A1), in this order"),
        ("backward", "return dict(zip(('dw1', 'db1', 'dw2', 'db2'), ours(w1, b1, w2, b2, X, y)))", "come as a dict"),
        ("cross_entropy", "return ours(z2, y)[0]", ""),
        ("accuracy", "return ours(w1, b1, w2, b2, X, y)", ""),
    ],
)
def test_a_right_answer_that_others_cannot_compute_with_does_not_join(lessons: Path, name: str, body: str, said: str):
    inputs = EXERCISES[name].inputs[:: -1 if name == "grad_w2" else 1]
    ours = EXERCISES[name].reference
    verdict = check(name, written(f"def {name}({', '.join(inputs)}):\n    {body}", name, ours=ours))
    assert verdict.right, verdict
    assert said in verdict.facts[-1]
    assert (lessons / "my_network.py").exists() == (not said)
