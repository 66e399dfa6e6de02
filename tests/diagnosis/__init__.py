"""Answers that learners give, none written with the catalogue in mind: wrong ones, and right ones in other styles.

An entry is (exercise, what it is, body). The body stands below ``def exercise(its arguments):``; FORWARD, GRADIENTS and
UPDATE stand for the lines that the entry does right. A body that begins with ``def`` or ``import`` is a whole cell.
"""

import textwrap

from answers import written

from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.verdict import Verdict

PARTS = {
    "FORWARD": """z1 = w1 @ X + b1
A1 = np.maximum(z1, 0)
z2 = w2 @ A1 + b2
e = np.exp(z2 - z2.max(axis=0, keepdims=True))
A2 = e / e.sum(axis=0, keepdims=True)""",
    "GRADIENTS": """delta2 = (A2 - y) / X.shape[1]
dw2 = delta2 @ A1.T
db2 = delta2.sum(axis=1, keepdims=True)
dA1 = w2.T @ delta2
delta1 = dA1 * (z1 >= 0)
dw1 = delta1 @ X.T
db1 = delta1.sum(axis=1, keepdims=True)""",
    "UPDATE": """w1 = w1 - learning_rate * dw1
b1 = b1 - learning_rate * db1
w2 = w2 - learning_rate * dw2
b2 = b2 - learning_rate * db2
return w1, b1, w2, b2""",
}


def source(exercise: str, body: str) -> str:
    """The cell that defines the answer."""
    body = textwrap.dedent(body).strip("\n")
    lines = []
    for line in body.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.indent(PARTS[line.strip()], indent).split("\n") if line.strip() in PARTS else [line]
    body = "\n".join(lines)
    if body.startswith((f"def {exercise}", "import ", "from ", "async ", "class ", "#!")):
        return body.removeprefix("#!\n")
    return f"def {exercise}({', '.join(EXERCISES[exercise].inputs)}):\n{textwrap.indent(body, '    ')}"


def answer(exercise: str, body: str):
    """The answer itself: a function, or for a formula in quotes or numbers the value."""
    if not isinstance(body, str):
        return body
    if body.startswith("ANSWER = "):
        return eval(body.removeprefix("ANSWER = "))
    return written(source(exercise, body), exercise)


def verdict(exercise: str, body: str, seed: int) -> Verdict:
    """What a check says."""
    return EXERCISES[exercise].judge(answer(exercise, body), seed)
