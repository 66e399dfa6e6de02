"""Still pictures, by subject: each function returns a ``Picture``, a PNG with its alt text."""

from mlpcourse.plots.backward import (
    draw_backward,
    draw_outer_product,
    draw_output_error,
    draw_path_sum,
    draw_relu,
    draw_row_and_column,
    draw_weight_paths,
)
from mlpcourse.plots.checking import draw_kink, draw_outer_sum, draw_step_sizes
from mlpcourse.plots.forward import draw_affine, draw_network, draw_shapes
from mlpcourse.plots.picture import Picture
from mlpcourse.plots.probabilities import draw_change, draw_jacobian, draw_overflow, draw_softmax, draw_surprise
from mlpcourse.plots.training import draw_confusion, draw_decision_regions, draw_digits, draw_history, draw_losses

__all__ = [
    "Picture",
    "draw_affine",
    "draw_backward",
    "draw_change",
    "draw_confusion",
    "draw_decision_regions",
    "draw_digits",
    "draw_history",
    "draw_jacobian",
    "draw_kink",
    "draw_losses",
    "draw_network",
    "draw_outer_product",
    "draw_outer_sum",
    "draw_output_error",
    "draw_overflow",
    "draw_path_sum",
    "draw_relu",
    "draw_row_and_column",
    "draw_shapes",
    "draw_softmax",
    "draw_step_sizes",
    "draw_surprise",
    "draw_weight_paths",
]
