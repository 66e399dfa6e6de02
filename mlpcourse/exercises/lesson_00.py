"""The exercises of lesson 00, start here, in their order."""

from __future__ import annotations

from mlpcourse.exercises.shapes import ShapeExercise

shape_of_X = ShapeExercise(
    "shape_of_X",
    0,
    "What shape does X have?",
    (
        "What stands in one column of X, and how many columns are there?",
        "Columns are examples: X is (D, N), with one row for each input.",
        "(number of ____, number of ____)",
    ),
    nodes=("X",),
    labels=("X",),
    sizes=(2, 4, 3, 5),
)
