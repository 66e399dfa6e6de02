"""What an error that a learner's function raised means: where, in which expression, and what to do about it."""

from __future__ import annotations

import ast
import difflib
import linecache
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcourse.exercises.comparing import shape_of
from mlpcourse.exercises.running import FORMULA, is_formula

Function = Callable[..., Any]


class Meaning(NamedTuple):
    """name: of the kind of mistake, "" where it is none of the known ones. said: what happened. ask: a question."""

    name: str
    said: str
    ask: str


class _Place(NamedTuple):
    """The last line of the learner's own code on the way to an error, and the expression that raised it."""

    frame: types.FrameType
    line: int
    source: str
    expression: str


TURNED = "Which of the two has to be turned, or do they stand in the wrong order?"
_WHOLE_ARRAY = "Where the function takes whole arrays, what works entry by entry: `np.where`, `np.maximum`, a product?"
_ONE_NUMBER = "Is one entry meant, such as `A2[k, 0]`? Or does `np` have the function that takes the whole array?"

# By the kind of mistake: what it means, and a question.
_MEANINGS: dict[str, tuple[str, str]] = {
    "numpy_not_imported": ("Numpy is not imported.", "Was the cell run that says `import numpy as np`?"),
    "name_not_defined": (
        "A name is used that is not defined here.",
        "Is it spelled right, is it imported, and was its cell run?",
    ),
    "factors_do_not_fit": ("The columns of a left factor are not as many as the rows of the right one.", TURNED),
    "shapes_do_not_fit": (
        "Two shapes do not fit entry by entry.",
        "What do the rows of each of the two count, and what their columns?",
    ),
    "condition_on_an_array": (
        "A whole array is asked for one yes or no, and each of its entries has its own.",
        _WHOLE_ARRAY,
    ),
    "where_without_else": (
        "`np.where` needs two values beside its condition.",
        "What stands in an entry where the condition is not true?",
    ),
    "number_in_a_product": (
        "`@` multiplies two arrays, and one of these is a number.",
        "Is `*` meant? Or does a comparison such as `z1 >= 0` lack its brackets: `@` and `*` come before it?",
    ),
    "rows_of_different_lengths": (
        "The rows that are put together differ in length.",
        "How many numbers has each row, and how many should it have?",
    ),
    "one_number_needed": ("One number is needed, and a whole array came.", _ONE_NUMBER),
    "sign_missing": ("Something that is no function stands before a bracket.", "Is a `*`, a `@` or a comma missing?"),
    "module_called": ("A module is called as if it were a function.", "Which function of it is meant?"),
    "power_sign": ("`^` is no power in Python.", "How does Python write a power? `x**2`."),
    "argument_as_axis": (
        "A whole number is needed there, and something else came.",
        "`np.max` takes an axis second: is `np.maximum` meant? Or a shape in brackets, `np.zeros((2, 3))`?",
    ),
    "no_such_argument": (
        "The function that is called has no such argument.",
        "What are its arguments called? `help(...)` lists them.",
    ),
    "number_of_arguments": (
        "A function is called with too many arguments or too few.",
        "What does it take, and in which order?",
    ),
    "nothing_was_returned": ("A value there is None.", "Which of your functions ends without `return`?"),
    "too_many_indices": (
        "There are more indices than the array has axes.",
        "What is its shape, and which of its entries are meant?",
    ),
    "index_not_whole": (
        "An index must be a whole number, and this one is not.",
        "Which of your names holds class numbers?",
    ),
    "indices_do_not_fit": (
        "Two lists of indices stand side by side, and they differ in length.",
        "How many entries are meant, and how many indices does each list hold?",
    ),
    "index_past_the_end": ("An index ran past the end.", "How many entries are there, and which one is asked for?"),
    "no_such_axis": ("There is no such axis.", "How many axes has the array? The first one is axis 0."),
    "wrong_length": (
        "So many numbers do not fit into that shape.",
        "How many numbers are there, and how many would the shape hold?",
    ),
    "unpacked_wrongly": (
        "There are not as many names on the left as values on the right.",
        "How many values come, and in which order?",
    ),
    "outside_the_domain": (
        "That function has no value for such a number.",
        "Is something negative in a logarithm, or 0?",
    ),
    "too_large": (
        "A number became too large.",
        "How large can the argument of `exp` become, and what may be taken off it?",
    ),
    "calls_itself": ("The function calls itself without an end.", "Which function did you mean to call there?"),
    "divided_by_zero": ("Something is divided by 0.", "What is divided by there, and when is it 0?"),
    "no_such_key": ("There is nothing under that key.", "Which keys are there?"),
    "not_iterable": (
        "One number is gone through as if it were a list.",
        "Is `range(...)` missing there, or is an array meant?",
    ),
    "no_entries": (
        "Something is asked for an entry, or has one set, and has none.",
        "Which of your names holds an array, which a number, and which a function, that takes round brackets?",
    ),
    "kinds_do_not_fit": (
        "Two things are computed with that do not go together.",
        "What kind is each of the two: a number, an array, a list, a function?",
    ),
    "dots_for_a_range": (
        "`1..K` is the number 1 with something after a dot.",
        "How does Python write a range, and where does it end?",
    ),
    "no_such_attribute": (
        "What stands before a dot has nothing of that name.",
        "What kind of thing stands before that dot? Print its type in a cell of its own.",
    ),
    "used_before_set": (
        "A name is used before it has a value.",
        "In which line does it get one, and is that line always reached?",
    ),
}
# By the type of the error and words of its message: the kind of mistake.
_KINDS: list[tuple[type[BaseException], str, str]] = [
    (UnboundLocalError, "", "used_before_set"),
    (NameError, "'np'", "numpy_not_imported"),
    (NameError, "", "name_not_defined"),
    (ValueError, "does not have enough dimensions", "number_in_a_product"),
    (ValueError, "matmul", "factors_do_not_fit"),
    (ValueError, "not aligned", "factors_do_not_fit"),
    (ValueError, "broadcast", "shapes_do_not_fit"),
    (ValueError, "must match exactly", "shapes_do_not_fit"),
    (ValueError, "must have the same shape", "shapes_do_not_fit"),
    (ValueError, "shape-mismatch", "factors_do_not_fit"),
    (ValueError, "truth value", "condition_on_an_array"),
    (ValueError, "inhomogeneous", "rows_of_different_lengths"),
    (ValueError, "either both or neither", "where_without_else"),
    (ValueError, "setting an array element with a sequence", "one_number_needed"),
    (TypeError, "length-1 arrays", "one_number_needed"),
    (TypeError, "0-dimensional", "one_number_needed"),
    (TypeError, "'tuple' object is not callable", "sign_missing"),
    (TypeError, "'module' object is not callable", "module_called"),
    (TypeError, "not callable", "sign_missing"),
    (TypeError, "bitwise_xor", "power_sign"),
    (TypeError, "for ^", "power_sign"),
    (TypeError, "cannot be interpreted as an integer", "argument_as_axis"),
    (TypeError, "data type", "argument_as_axis"),
    (TypeError, "unexpected keyword", "no_such_argument"),
    (TypeError, "positional argument", "number_of_arguments"),
    (TypeError, "NoneType", "nothing_was_returned"),
    (TypeError, "not iterable", "not_iterable"),
    (TypeError, "not subscriptable", "no_entries"),
    (TypeError, "item assignment", "no_entries"),
    (TypeError, "unsupported operand", "kinds_do_not_fit"),
    (TypeError, "not supported between", "kinds_do_not_fit"),
    (TypeError, "did not contain a loop", "kinds_do_not_fit"),
    (TypeError, "scalar index", "index_not_whole"),
    (AttributeError, "'float' object has no attribute 'K'", "dots_for_a_range"),
    (AttributeError, "", "no_such_attribute"),
    (IndexError, "too many indices", "too_many_indices"),
    (IndexError, "must be of integer", "index_not_whole"),
    (IndexError, "only integers", "index_not_whole"),
    (IndexError, "shape mismatch", "indices_do_not_fit"),
    (IndexError, "out of bounds", "index_past_the_end"),
    (IndexError, "out of range", "index_past_the_end"),
    (ValueError, "out of bounds for array", "no_such_axis"),
    (ValueError, "reshape", "wrong_length"),
    (ValueError, "unpack", "unpacked_wrongly"),
    (ValueError, "math domain", "outside_the_domain"),
    (OverflowError, "", "too_large"),
    (RecursionError, "", "calls_itself"),
    (ZeroDivisionError, "", "divided_by_zero"),
    (KeyError, "", "no_such_key"),
]  # fmt: skip
# Where it is none of these: a question.
_OTHERS: list[tuple[type[BaseException], str]] = [
    (IndexError, "How many entries are there, and which one is asked for?"),
    (TypeError, "One thing there is of another kind than is needed. Print the type of each in a cell of its own."),
    (ValueError, "One value there is not as it must be. Print each one and its shape in a cell of its own."),
]


def error_line(function: Function, error: BaseException) -> str:
    """'line 3 of `softmax`, `exps / total`': the last line of the learner's own code on the way to ``error``."""
    place = _place(function, error)
    if place is None or is_formula(function):
        return ""
    source = f", `{place.source}`" if place.source else ""
    return f"line {place.line} of `{place.frame.f_code.co_name}`{source}"


def meaning(function: Function, error: BaseException, names: Sequence[str]) -> Meaning:
    """What the error means; ``names`` are the function's arguments."""
    known = names if isinstance(error, NameError) else dir(getattr(error, "obj", None))
    if isinstance(error, NameError | AttributeError) and error.name:
        near = difflib.get_close_matches(error.name, known, n=1, cutoff=0.6)
        if near and near[0] != error.name:
            return Meaning("name_misspelled", f"There is no `{error.name}`.", f"Did you mean `{near[0]}`?")
    name = next((name for kind, words, name in _KINDS if isinstance(error, kind) and words in str(error)), "")
    if not name:
        return Meaning("", "", next((ask for kind, ask in _OTHERS if isinstance(error, kind)), ""))
    found = Meaning(name, *_MEANINGS[name])
    if isinstance(error, NameError) and is_formula(function):
        found = found._replace(ask=f"The letters of this formula are {', '.join(names)}.")
    place = _place(function, error)
    return found._replace(said=(place and _with_its_operands(found, place)) or found.said)


def _place(function: Function, error: BaseException) -> _Place | None:
    home = getattr(getattr(function, "__code__", None), "co_filename", None)
    trace, found = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == home:
            found = trace
        trace = trace.tb_next
    if found is None or home is None:
        return None
    code = found.tb_frame.f_code
    source = linecache.getline(home, found.tb_lineno)
    line, end, first, last = list(code.co_positions())[found.tb_lasti // 2]
    expression = ""
    if line == end == found.tb_lineno and first is not None and last is not None:
        expression = source.encode()[first:last].decode(errors="ignore")
    return _Place(found.tb_frame, found.tb_lineno - code.co_firstlineno + 1, source.strip(), expression)


def _with_its_operands(meant: Meaning, place: _Place) -> str:
    """The same with the expression that raised it, and where its operands can be had, their shapes."""
    if not place.expression:
        return ""
    match meant.name, _operands(place):
        case "factors_do_not_fit", [(left, (_, *_) as a), (right, (_, *_) as b)]:
            return (
                f"In `{place.expression}` the columns of `{left}`, {a}, are not as many as the rows of `{right}`, {b}."
            )
        case "shapes_do_not_fit", [(left, a), (right, b)]:
            return f"In `{place.expression}` two shapes do not fit entry by entry: `{left}` is {a}, `{right}` is {b}."
    return f"{meant.said.removesuffix('.')}: `{place.expression}`."


def _operands(place: _Place) -> list[tuple[str, tuple[int, ...]] | None]:
    """The two operands of the expression with their shapes; None for one that would have to be computed by a call."""
    try:
        tree = ast.parse(place.expression.strip(), mode="eval").body
    except SyntaxError:
        return []
    parts: list[ast.expr] = []
    if isinstance(tree, ast.BinOp):
        parts = [tree.left, tree.right]
    elif isinstance(tree, ast.Compare) and len(tree.comparators) == 1:
        parts = [tree.left, *tree.comparators]
    elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute) and not tree.keywords:
        parts = tree.args if len(tree.args) == 2 else [tree.func.value, *tree.args]
    return [_computed(part, place.frame) for part in parts] if len(parts) == 2 else []


_PLAIN = (ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Compare, ast.Subscript, ast.Slice,
          ast.Tuple, ast.operator, ast.unaryop,
          ast.cmpop, ast.expr_context)  # fmt: skip


def _computed(node: ast.expr, frame: types.FrameType) -> tuple[str, tuple[int, ...]] | None:
    if not all(isinstance(part, _PLAIN) for part in ast.walk(node)):
        return None
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    space = {name: frame.f_locals[name] for name in names & {*frame.f_locals}}
    if (
        not names
        or names != space.keys()
        or not all(isinstance(one, np.ndarray | int | float) for one in space.values())
    ):
        return None
    try:
        with np.errstate(all="ignore"):
            value = eval(compile(ast.Expression(node), FORMULA, "eval"), {}, space)
    except Exception:
        return None
    shape = shape_of(value)
    return None if shape is None else (ast.unparse(node), shape)
