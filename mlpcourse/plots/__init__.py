from mlpcourse.plots.backward import *  # noqa: F403
