"""mlpcourse: backpropagation through one small network, derived completely."""

import builtins

__version__ = "2.0.0"

if hasattr(builtins, "get_ipython"):  # in a notebook
    from mlpcourse.matmul_warnings import show_only_with_cause

    show_only_with_cause(builtins.get_ipython())
