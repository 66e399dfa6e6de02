"""Slips in one layer, z = w inputs + b (H01, H03)."""

from __future__ import annotations

from mlpcourse.exercises.graph import Array
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "z1 z2",
    "the bias <b> is left out of <result>",
    latex=r"<result> = <w> <inputs>",
    tempts="The product does the visible work, and a bias that starts at zero is not missed at first.",
    breaks="A unit whose inputs are all 0 gets <result> = 0, whatever its bias is.",
    hint="Set all inputs of the layer to 0. What should come out?",
)
def bias_left_out(w: Array, inputs: Array) -> Array:
    return w @ inputs


@slip(
    "z1 z2",
    "the bias <b> is subtracted",
    latex=r"<result> = <w> <inputs> - <b>",
    tempts="Some books write a threshold that is subtracted where others write a bias.",
    breaks="The forward pass belongs to another network: the one in which <b> has the other sign.",
    hint="Raise one entry of the bias a little. Which way should its row move?",
)
def bias_subtracted(w: Array, inputs: Array, b: Array) -> Array:
    return w @ inputs - b


@slip(
    "z1 z2",
    "the bias <b> is added twice",
    latex=r"<result> = <w> <inputs> + 2 <b>",
    tempts="It is added where the product is made, and once more where the activation is applied.",
    breaks="Every score has one bias too many in it.",
    hint="Raise one entry of the bias by 1. By how much does its row rise?",
)
def bias_twice(w: Array, inputs: Array, b: Array) -> Array:
    return w @ inputs + 2 * b


@slip(
    "z1 z2",
    "the bias <b> is multiplied in",
    latex=r"<result> = (<w> <inputs>) \odot <b>",
    tempts="A bias looks like one more weight.",
    breaks="A bias of zero silences its unit, and a negative one turns it round.",
    hint="Set the bias to 0. Should the rest of the layer still matter?",
)
def bias_multiplied(w: Array, inputs: Array, b: Array) -> Array:
    return (w @ inputs) * b


@slip(
    "z1 z2",
    "the weights <w> are read by columns, not by rows",
    latex=r"<result> = <w>^\top <inputs> + <b>",
    tempts="By hand, rows and columns are easily exchanged; where there are as many of both, nothing stops you.",
    breaks="A column of <w> holds one weight of every unit, and not all those of one.",
    hint="Which numbers of <w> belong to the first unit: its first row or its first column?",
)
def weights_transposed(w: Array, inputs: Array, b: Array) -> Array:
    return w.T @ inputs + b


@slip(
    "z2",
    "the logits are computed from z1, not from A1",
    latex=r"z_2 = w_2 z_1 + b_2",
    tempts="z1 was computed just before, and it has the same shape as A1.",
    breaks="Without ReLU in between, two layers are one linear map: the hidden layer adds nothing.",
    hint="Which of the two, z1 or A1, is what the hidden layer hands on?",
)
def logits_from_z1(w2: Array, z1: Array, b2: Array) -> Array:
    return w2 @ z1 + b2


@slip(
    "z1 z2",
    "the factors of the product <w> <inputs> are exchanged",
    latex=r"<result> = <inputs> <w> + <b>",
    tempts="Where examples are rows, the inputs stand on the left.",
    breaks="The left factor needs as many columns as the right one has rows: here that can be so by accident only.",
    hint="One column of <inputs> is one example. On which side of it must the weights stand?",
)
def factors_exchanged_forward(w: Array, inputs: Array, b: Array) -> Array:
    return inputs @ w + b


@slip(
    "z1 z2",
    "weights and <inputs> are multiplied entry by entry",
    latex=r"<result> = <w> \odot <inputs> + <b>",
    tempts="The handout writes no sign between the two, and `*` is the first that comes to mind.",
    breaks="A unit adds up its weighted inputs; entry by entry, nothing is added up, even if the shapes fit.",
    hint="A unit has several inputs and one z. What happens to the products?",
)
def affine_entry_by_entry(w: Array, inputs: Array, b: Array) -> Array:
    return w * inputs + b


@slip(
    "z1 z2",
    "the bias <b> is added before the product, not after it",
    latex=r"<result> = <w> (<inputs> + <b>)",
    tempts="A bracket too many, or a bias added to what comes in.",
    breaks="The bias belongs to the units of this layer, not to its inputs: the lengths can fit by accident only.",
    hint="How long is <b>, and which other column in this line is as long?",
)
def bias_before_product(w: Array, inputs: Array, b: Array) -> Array:
    return w @ (inputs + b)


@slip(
    "z2",
    "the first layer's weights and bias are used again",
    latex=r"z_2 = w_1 A_1 + b_1",
    tempts="The first layer's line is copied, and its parameters with it.",
    breaks="There is one logit for each hidden unit, and w2 is never used.",
    hint="How many logits should there be, and which weights have that many rows?",
)
def first_layer_again(w1: Array, A1: Array, b1: Array) -> Array:
    return w1 @ A1 + b1
