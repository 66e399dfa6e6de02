"""The exercises of lesson 11, correct the handout, in their order: what is wrong on each part of the page.

The key is ``derivation.HANDOUT_SLIPS``, as far as its lines stand in the section.
"""

from __future__ import annotations

import functools

from mlpcourse.exercises.find import FindExercise, Finding, HandoutPart
from mlpcourse.exercises.fixtures import Group
from mlpcourse.exercises.mend import mending

_BOTH_SIDES = "it names the vector on the left and its entry on the right, which nobody misreads: shorthand."
_NO_INDEX = "the bias's index is left out, and nobody can mean another one: shorthand."
_INDICES = ("index mismatch", "undefined index")
# What is answered to a false mark: to a kind, on these lines.
REPLIES = (
    (_INDICES, "H02 H04", _BOTH_SIDES),
    (_INDICES, "H22 H31", _NO_INDEX),
    (_INDICES, "H23", "the vector stands for its entries: shorthand."),
    (("one letter twice",), "H02 H22 H23 H31", "there is no sum here whose letter it could be."),
    (("one letter twice",), "H04", "the sum has the letter $j$ to itself; $i$ names the entry."),
    (("one path only", "missing sum"), "H22 H23", "$b_{2i}$ reaches $z_{2i}$ only, so there is one path."),
    (("one path only", "missing sum"), "H08", "$w_{2,ij}$ reaches $z_{2i}$ only, so there is one path."),
    (("one path only", "missing sum"), "H25", "$w_{1,jd}$ reaches $z_{1j}$ only, so there is one path."),
    (("one path only", "missing sum"), "H27", "$A_{1j}$ depends on $z_{1j}$ only, so there is one path."),
    (("one path only", "missing sum"), "H29", "from one $A_{1j}$ to one $z_{2k}$ there is one path."),
    (("one path only", "missing sum"), "H31", "$b_{1j}$ reaches $z_{1j}$ only, so there is one path."),
    (("missing sum",), "H07 H09 H10 H24 H26 H32", "paths are missing, and have another kind; no cases are added."),
    (("gate dropped",), "H07 H08 H09 H10 H21 H22 H23", "from the logits to this there is no ReLU."),
    (("gate dropped",), "H24", "ReLU's derivative is there: $\\partial A_{1i} / \\partial z_{1i}$."),
    (("gate dropped",), "H25 H31", "it ends at $z_1$, before the gate."),
    (("gate dropped",), "H26 H29", "it begins at $A_1$, behind the gate."),
    (("gate dropped",), "H27", "this line is the gate itself."),
    (("wrong weights",), "H29 H30", "$A_1$ enters $z_2$ through $w_2$: these are the right ones."),
    (("wrong sign",), "H06", "the dash is no minus: it asks what these are."),
    (("wrong sign",), "H05 H10", "no logarithm of a probability is above 0: the minus makes the loss positive."),
    (("wrong function",), "H08 H22 H25 H29 H31", "it is the derivative of the line in which it enters: H01 or H03."),
)
MENDED = {
    f"H{n:02}" for n in (5, 10, 11, 12, 15, 16, 18, 19, 20, 21, 24, 26, 28, 30, 32)
}  # exercises ask what is right
CHOICES = ("kink",)  # no mistake, but nobody says so: who marks it is right, and so is who does not
NEVER = {
    "wrong sign": "a minus is lost, or there is one too many",
    "wrong function": "the derivative is that of another function",
}


@functools.cache
def _part(section: str) -> HandoutPart:
    from mlpcourse.derivation import latex  # SymPy comes when a line is shown
    from mlpcourse.derivation.handout import HANDOUT, HANDOUT_SLIPS, SECTIONS

    ids = SECTIONS[section]
    findings = {
        slip.title: Finding(
            tuple(line for line in slip.ids if line in ids and slip.name not in CHOICES),
            tuple(line for line in (*slip.ids, *slip.also) if line in ids),
            slip.why,
            "" if MENDED & {*slip.ids} else " and ".join(f"${latex(line.expr)}$" for line in slip.right),
            {
                line: (one.why, "" if MENDED & {*one.ids} else f"${latex(one.lhs)} = {latex(one.right)}$")
                for one in slip.mended_otherwise
                for line in one.ids
            },
        )
        for slip in HANDOUT_SLIPS.values()
        if set(ids) & {*slip.ids, *slip.also}
    }
    return HandoutPart(
        lines={line: HANDOUT[line] for line in ids},
        findings=findings,
        kinds={slip.title: slip.means for slip in HANDOUT_SLIPS.values()} | NEVER,
        replies={(line, kind): why for of, lines, why in REPLIES for line in lines.split() for kind in of},
    )


def _find(
    name: str, section: str, task: str, hints: tuple[str, str, str], *, explains_kinds: bool = False
) -> FindExercise:
    return FindExercise(name, 11, task, hints, part=lambda: _part(section), explains_kinds=explains_kinds)


find_model = _find(
    "find_model",
    "The model",
    "Mark what is wrong in the definitions of the network.",
    (
        "How many numbers are there from 1 to K, and how many from 0 to K?",
        "Compare the two sums. Both are over the classes.",
        "The sum of H05 has ____ terms, and y has ____ entries.",
    ),
    explains_kinds=True,
)
find_output_layer = _find(
    "find_output_layer",
    "The output layer",
    "Mark what is wrong on the way from the loss to the logits.",
    (
        "Through which outputs does one logit reach the loss? And which letters does each line have on its left side?",
        "Follow the letters: i is summed over and differentiated by; k comes from nowhere. Put numbers into both cases "
        "of H11, and compare the second with what reaches z_2i through output k: y_k A_2i.",
        "H15: cases are ____, not terms. H08: w_2 has ____ indices. H13: y_ti is ____ or ____.",
    ),
)
find_notes = _find(
    "find_notes",
    "The two notes",
    "Mark what is wrong in note (1), on the softmax, and in note (2), on the label.",
    (
        "Which function does each case of H16 differentiate?",
        "Of the sum in H18, which terms move with z_2i? What do the right sides of H19 add up to, and the left sides?",
        "H20: y_ti is ____ or ____, and k counts from 1 to ____.",
    ),
)
find_second_layer = _find(
    "find_second_layer",
    "The second layer",
    "Mark what is wrong in the gradients of the second layer.",
    (
        "How many entries does w_2 have, and how many numbers does the right side of H21 give?",
        "A_2 - y has K entries, A_1 has H. What does one letter i for both say?",
        "dL/dw_2,____ = (A_2____ - y_____) A_1____",
    ),
)
find_hidden_layer = _find(
    "find_hidden_layer",
    "The hidden layer",
    "Mark what is wrong on the way back through the hidden layer.",
    (
        "In which line of the forward pass does A_1 occur, and with which weights?",
        "One hidden unit reaches the loss through every class. Look for a sum over k, for the factor of H27, and for "
        "the shapes of every product.",
        "H29 says w____, H26 says w____. H30 has no ____. H25 has X, but one weight meets X____.",
    ),
)


@mending(
    11,
    task="H05 sums over i = 0..K. Say over which i it should.",
    hints=(
        "How many classes are there, and how many numbers are there from 0 to K?",
        "H04 counts the same classes: its sum starts at j = 1.",
        "return list(range(____, ____))",
    ),
    see="L",
    draw=lambda rng: [Group(tuple({"K": K} for K in (3, 5, 4)))],
    taught_in=3,
)
def mend_H05(K: int) -> list[int]:
    """The values that i takes in the sum of H05, in order: classes are counted as in H04."""
    return list(range(1, K + 1))
