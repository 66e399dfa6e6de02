"""Views: every number moves when you touch it. Computed and drawn in the browser, readable and settable from Python."""

from mlpcourse.widgets.softmax import Softmax

__all__ = ["Softmax"]
