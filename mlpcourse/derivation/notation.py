"""Every letter and every name of the course in one table, to be opened in any lesson."""

from __future__ import annotations

from mlpcourse.derivation.letters import COUNTS
from mlpcourse.derivation.typesetting import column
from mlpcourse.network import SHAPES

_SIZES = {"D": "inputs of one example", "H": "hidden units", "K": "classes", "N": "examples"}

# name: formula, what it is
_NAMES = {
    "X": ("X", "the inputs"),
    "w1": ("w_1", "weights of the hidden layer; $w_{1,jd}$ leads from input $d$ to unit $j$"),
    "b1": ("b_1", "biases of the hidden layer"),
    "z1": ("z_1 = w_1 X + b_1", "hidden scores, before the ReLU"),
    "A1": (r"A_1 = \mathrm{ReLU}(z_1)", "hidden activations: $z_1$ where it is not negative, else 0"),
    "w2": ("w_2", "weights of the output layer; $w_{2,kj}$ leads from unit $j$ to class $k$"),
    "b2": ("b_2", "biases of the output layer"),
    "z2": ("z_2 = w_2 A_1 + b_2", "logits: one score for each class"),
    "A2": (r"A_2 = \mathrm{softmax}(z_2)", "one probability for each class"),
    "y": ("y", "the truth, one-hot: 1 for the true class, else 0; the handout's $t$ in $y_{ti}$ means *true*"),
    "delta2": (r"\delta_2 = \partial L/\partial z_2", "the error at the output"),
    "dA1": (r"\partial L/\partial A_1", "the signal that comes back to the hidden layer"),
    "delta1": (r"\delta_1 = \partial L/\partial z_1", "the error at the hidden layer"),
}

_SIGNS = {
    r"L = -\sum_i y_i \log A_{2i}": "the loss: how surprised the network is by the truth; of a batch, the mean",
    r"I(i = k)": r"1 where the statement holds, else 0; also written $\delta_{ik}$, Kronecker's delta",
    "t": "in $I(t = i)$: the number of the true class",
    "c": "any number by which all logits are shifted",
    r"\odot": "multiplies entry by entry; in code `*`",
    r"w^\top": "rows and columns exchanged; in code `w.T`",
    r"\eta": "the learning rate: how far one step goes",
}


_SOFTMAX = "In the sum of the softmax alone, $j$ counts classes, as in the handout."


class Notation:
    """The table; made by ``notation``."""

    def _letters(self) -> list[tuple[str, str, str]]:
        """(size, what it counts, the letters that run from 1 to it)."""
        running = {size: [str(name) for name, count in COUNTS.items() if str(count) == size] for size in _SIZES}
        return [(size, what, ", ".join(sorted(set(running[size]) - {"t"}))) for size, what in _SIZES.items()]

    def _repr_markdown_(self) -> str:
        rows = ["| size | counts | letters that run from 1 to it |", "|:--|:--|:--|"]
        rows += [f"| ${size}$ | {what} | ${letters}$ |" for size, what, letters in self._letters()]
        rows += ["", _SOFTMAX, "", f"| name | in code | shape | {column('what it is')} |", "|:--|:--|:--|:--|"]
        for name, (formula, what) in _NAMES.items():
            rows.append(f"| ${formula}$ | `{name}` | $({', '.join(SHAPES[name])})$ | {what} |")
        rows += ["", "| sign | what it means |", "|:--|:--|"]
        rows += [f"| ${sign}$ | {what} |" for sign, what in _SIGNS.items()]
        rows += ["", "A gradient has the shape of what it is a gradient of. Formulas count from 1, Python from 0."]
        return "\n".join(rows)

    def __repr__(self) -> str:
        lines = [f"{size}: {what}, counted by {letters}" for size, what, letters in self._letters()]
        lines.append(_SOFTMAX.replace("$", ""))
        lines += [f"{name} ({', '.join(SHAPES[name])}): {what.replace('$', '')}" for name, (_, what) in _NAMES.items()]
        return "\n".join(lines)


def notation() -> Notation:
    """Every letter and every name of the course, with its shape and what it stands for."""
    return Notation()
