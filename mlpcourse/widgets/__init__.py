"""Views: every number moves when you touch it. Computed and drawn in the browser, readable and settable from Python."""

from mlpcourse.widgets.batch import Batch
from mlpcourse.widgets.gate import Gate
from mlpcourse.widgets.jacobian import Jacobian
from mlpcourse.widgets.loss import Loss
from mlpcourse.widgets.network_graph import NetworkGraph
from mlpcourse.widgets.outer_product import OuterProduct
from mlpcourse.widgets.paths import Paths
from mlpcourse.widgets.softmax import Softmax
from mlpcourse.widgets.step_size import StepSize
from mlpcourse.widgets.steps import step_through
from mlpcourse.widgets.training import Training

__all__ = [
    "Batch",
    "Gate",
    "Jacobian",
    "Loss",
    "NetworkGraph",
    "OuterProduct",
    "Paths",
    "Softmax",
    "StepSize",
    "Training",
    "step_through",
]
