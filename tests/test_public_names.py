"""The names that notebooks use: what is in this list stays, because notebooks out there import it."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
PUBLIC = {
    "mlpcourse": "data gradcheck network training",
    "mlpcourse.data": "Examples Split Tiny blobs digits moons shifted spirals tiny",
    "mlpcourse.derivation": "notation show show_handout show_slips",
    "mlpcourse.exercises": "check derive given hint learner my_network progress solution",
    "mlpcourse.gradcheck": "check_gradients numerical_gradient",
    "mlpcourse.grading.assignment": "for_student",
    "mlpcourse.network": (
        "Grads Params Values backward cross_entropy forward grad_b1 grad_b2 grad_w1 grad_w2 hidden_delta hidden_signal "
        "init_params log_softmax loss one_hot output_delta predict relu relu_gate softmax softmax_jacobian"
    ),
    "mlpcourse.plots": (
        "draw_affine draw_backward draw_change draw_confusion draw_decision_regions draw_digits draw_history "
        "draw_jacobian draw_kink draw_losses draw_network draw_outer_product draw_outer_sum draw_output_error "
        "draw_overflow draw_path_sum draw_relu draw_row_and_column draw_shapes draw_softmax draw_step_sizes "
        "draw_surprise draw_weight_paths"
    ),
    "mlpcourse.training": "History evaluate train",
    "mlpcourse.widgets": (
        "Batch Gate Jacobian Loss NetworkGraph OuterProduct Paths Softmax StepSize Training step_through"
    ),
}


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_there(module: str):
    for name in PUBLIC[module].split():
        exec(f"from {module} import {name}")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_public_names_alone(path: Path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    statements = [node for source in sources for node in ast.walk(ast.parse(source))]
    imported = [node for node in statements if isinstance(node, ast.ImportFrom) and node.module]
    used = {
        (node.module, alias.name) for node in imported for alias in node.names if node.module.startswith("mlpcourse")
    }
    assert used <= {(module, name) for module, names in PUBLIC.items() for name in names.split()}
