"""mlpcourse: backpropagation through one small network, derived completely."""

import builtins

__version__ = "0.1.0"

if hasattr(builtins, "get_ipython"):  # in a notebook
    from mlpcourse.matmul_warnings import show_only_with_cause

    show_only_with_cause(builtins.get_ipython())
