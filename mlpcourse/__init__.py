"""mlpcourse: backpropagation through one small network, derived completely."""

__version__ = "0.1.0"
