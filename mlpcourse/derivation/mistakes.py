"""What can be wrong with a line, in words: the kinds of ``edits``, and what their undoing shows."""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """In words: what is wrong with the line, why it tempts, and what to ask oneself."""

    title: str
    tempts: str
    hint: str


MISTAKES = {
    "wrong_sign": Mistake(
        "a sign is turned round", "A minus that stands far in front is easily left behind while a line is rewritten.",
        "Follow the minus signs through your lines, one by one.",
    ),
    "term_lost": Mistake(
        "a term is lost", "While a bracket is multiplied out, one of its terms is easily left behind.",
        "Multiply the brackets out once more: how many terms are there?",
    ),
    "factor_lost": Mistake(
        "a factor is lost", "A factor that all terms share is easily left behind when the others are rewritten.",
        "Which factors belong to each term? Go through them one by one.",
    ),
    "divisor_lost": Mistake(
        "a divisor is lost", "A fraction is rewritten, and what stood below it is forgotten.",
        "What is each term divided by, and where does it stand in your line?",
    ),
    "delta_dropped": Mistake(
        "Kronecker's delta is dropped", "It is 1 where one looks first, at equal indices.",
        "For which indices does this depend on what you differentiate by?",
    ),
    "gate_dropped": Mistake(
        "the gate is dropped", "With an open gate the factor is 1, and nothing seems to be missing.",
        "What does a hidden unit with z1 < 0 pass on?",
    ),
    "mean_forgotten": Mistake(
        "the division by N is missing", "For one example this is the whole line, and it is carried over to the batch.",
        "L is the mean over the examples. By how much does one example's loss move it?",
    ),
    "one_path_only": Mistake(
        "only one path is followed", "The chain rule for one variable has one product and no sum.",
        "Through how many quantities does this variable reach the loss?",
    ),
    "index_swapped": Mistake(
        "an index is another one", "Two letters count the same classes, and one is written for the other.",
        "What does each letter number: the output, or the logit that is moved?",
    ),
    "exclusion_lost": Mistake(
        "the sum runs over one index too many", "The term that was split off is still in the sum.",
        "Which term stands outside the sum already?",
    ),
    "square_lost": Mistake(
        "a square is lost", "Of a squared denominator, one factor looks like the whole.",
        "How often is the sum divided by?",
    ),
    "square_of_terms": Mistake(
        "each term of a sum is squared, not the sum", "A square behind a sum is read as that of its term.",
        "What is squared: each term, or what they add up to? A sum in brackets is squared as a whole.",
    ),
    "cases_swapped": Mistake(
        "the two cases are exchanged", "Both have the same factors in another order.",
        "Put i = k into your line: which case?",
    ),
    "square_too_many": Mistake(
        "there is a square too many", "A factor is easily counted once more than it stands there.",
        "Which steps bring this factor in, and how often?",
    ),
    "wrong_operation": Mistake(
        "plus and times are exchanged", "Both join two parts, and one of them is written out of habit.",
        "Does the rule of this step multiply the two, or add them?",
    ),
    "one_for_delta": Mistake(
        "a 1 stands where Kronecker's delta belongs", "The delta is 1 where one looks first, at equal indices.",
        "For which indices does this depend on what you differentiate by?",
    ),
    "complement": Mistake(
        "1 minus a quantity stands where the quantity itself belongs",
        "Where a probability is p, 1 - p is never far away.",
        "What is it for p = 0, and what should it be?",
    ),
    "function_too_many": Mistake(
        "a function is applied that does not belong there", "It stands in the formula that was differentiated.",
        "Which rule leaves this function in the derivative?",
    ),
    "wrong_number": Mistake(
        "a number is another one", "0, 1 and 2 come from rules that look alike.",
        "Which rule gives this number?",
    ),
    "wrong_array": Mistake(
        "one array stands for another", "Arrays that stand side by side in a line are easily taken for each other.",
        "Which array is it by the rule of this step, and which stands there?",
    ),
    "bracket_lost": Mistake(
        "a factor reaches only one of two terms", "Without its bracket, a product ends at the next plus or minus.",
        "What does the factor in front of the bracket multiply?",
    ),
    "bracket_too_wide": Mistake(
        "a factor reaches a term that it does not belong to", "A common factor is taken out, and one more with it.",
        "Multiply the bracket out again. Which factors has each of its terms?",
    ),
    "parts_of_quotient": Mistake(
        "numerator and denominator are differentiated each on its own, and then divided",
        "A sum is differentiated term by term; a quotient looks as if it were, too.",
        "What does the quotient rule say about u/v? Try it on x^2/x.",
    ),
    "factor_too_many": Mistake(
        "there is a factor too many", "It belongs to a neighbouring quantity, or it had been cancelled already.",
        "Where does each factor come from? Name the step that brings it in.",
    ),
    "divisor_too_many": Mistake(
        "it is divided once too often", "A divisor that was right one line before is easily carried along.",
        "Where does this divisor come from, and does anything cancel it?",
    ),
    "wrong_gate": Mistake(
        "the gate tests another array than z1", "What enters the layer stands nearer than what opens its gates.",
        "Which number decides whether a hidden unit hands something on?",
    ),
    "gate_too_many": Mistake(
        "a gate stands where none belongs, or the wrong one", "Gates come one step later, or look at the other side.",
        "Between which two quantities does the ReLU stand?",
    ),
    "term_too_many": Mistake(
        "there is a term too many", "What was rewritten as something else still stands beside it.",
        "Where does each term come from?",
    ),
    "sum_too_many": Mistake(
        "there is a sum too many", "The chain rule sums over all paths, and here only one of them is left.",
        "For how many values of the sum's letter is the term not 0?",
    ),
    "sum_lost": Mistake(
        "a sum is lost", "The chain rule for one variable has one product and no sum.",
        "Which index stands on the right only? All its values count.",
    ),
    "wrong_layer_weights": Mistake(
        "the weights are those of the other layer", "Both layers have weights, and the hidden layer's are nearest.",
        "Which weights lead from the hidden unit to the class?",
    ),
    "weights_transposed": Mistake(
        "the two indices of the weights are exchanged", "Going back, one reads the weights from the other side.",
        "The first index counts rows: what does a row of the matrix lead to?",
    ),
    "sum_leaves_out_one": Mistake(
        "the sum leaves out an index that belongs in it", "One term was split off before, and here it was not.",
        "Does the term that the sum leaves out stand anywhere else?",
    ),
    "terms_counted": Mistake(
        "a sum over all classes is taken for K", "A sum of K terms looks like K ones.",
        "What do the K terms add up to? Write them out for y = (1, 0, 0).",
    ),
    "terms_cancel": Mistake(
        "everything cancels: the line is 0 on every network", "What adds up to 0 seldom looks like it.",
        "Can the left-hand side be 0 on every network?",
    ),
    "other_term": Mistake(
        "one term is another one", "What was differentiated last, or stands next to it, is written in its place.",
        "Which step brings this term in, and what does its rule put there?",
    ),
    "upside_down": Mistake(
        "a factor is upside down", "A fraction is easily turned while a line is copied.",
        "Which of the two is divided by the other, and which rule says so?",
    ),
    "not_differentiated": Mistake(
        "the function itself stands where its slope belongs", "The formula is rewritten before it is differentiated.",
        "How much does it change when what you differentiate by grows a little?",
    ),
    "softmax_path_missing": Mistake(
        "the path through the softmax is missing: this is the derivative by A2, not by z2",
        "The function is differentiated by its argument, and that looks like the end.",
        "Which function lies between z2 and A2, and where is its derivative in your line?",
    ),
    "only_for_two_classes": Mistake(
        "it holds for two classes only", "With K = 2, 1 minus one probability is the other one.",
        "Try it with three classes: what do the probabilities of the other two have in common?",
    ),
    "only_for_equal_indices": Mistake(
        "it holds only where the two indices are equal", "The own logit is looked at first, and its case is kept.",
        "What does raising one logit do to the probability of another class?",
    ),
    "only_for_different_indices": Mistake(
        "it holds only where the two indices differ", "The case of another class is kept for the own one.",
        "What does raising a logit do to its own probability?",
    ),
    "kink": Mistake(
        "it differs at z1 = 0 alone, where the course's ReLU has slope 1 by convention",
        "At 0 ReLU has no slope: every number from 0 to 1 would do, and many libraries take 0.",
        "The handout opens the gate at z1 >= 0. Which sign is that?",
    ),
}  # fmt: skip

# What was done wrong where undoing it is such an edit.
UNDONE = {
    "term_lost": "term_too_many", "factor_lost": "factor_too_many", "delta_dropped": "factor_too_many",
    "square_lost": "square_too_many", "divisor_lost": "divisor_too_many", "mean_forgotten": "divisor_too_many",
    "gate_dropped": "gate_too_many", "gate_too_many": "gate_dropped", "one_path_only": "sum_too_many",
    "exclusion_lost": "sum_leaves_out_one", "sum_leaves_out_one": "exclusion_lost",
}  # fmt: skip
