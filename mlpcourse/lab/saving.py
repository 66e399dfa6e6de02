"""What of a lesson is written to disk: JupyterLab's server calls these hooks before it saves.

A view in a saved notebook is a number that only its own kernel knows; the day after, JupyterLab would show "model not
found" in its place. The still picture beside it is always true.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
ANSWER = "answer"  # tag of a cell whose output answers the question above it: it is folded until the cell is run
# JupyterLab shows the first line of what it folds. So this stands before it, and goes when the cell is run.
COVER = "Make your guess, then run this cell."
KEPT_METADATA = {"tags", "nbgrader", "not_compared"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# What JupyterLab writes, less Python's version: a lesson is the same whoever saved it.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


def normalise(notebook: Any) -> None:
    """Keep what a reader sees, once: no widget state or model numbers, no timings, no versions of what ran it."""
    notebook["metadata"].clear()
    notebook["metadata"].update(kernelspec=copy.copy(KERNEL), language_info=copy.deepcopy(LANGUAGE))
    for cell in notebook["cells"]:
        for key in set(cell["metadata"]) - KEPT_METADATA:
            del cell["metadata"][key]
    _drop_views(notebook, alive=frozenset())
    for cell in notebook["cells"]:
        keep_each_picture_once(cell.get("outputs", ()))
        if ANSWER in cell["metadata"].get("tags", []):
            cell["metadata"]["jupyter"] = {"outputs_hidden": True}
            if without_cover(cell["outputs"]) == cell["outputs"]:
                cover = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": COVER}}
                cell["outputs"].insert(0, type(cell)(cover))


def keep_each_picture_once(outputs: Iterable[Any]) -> None:
    """Keep a picture's PNG alone: its HTML holds the same PNG, and not every page that shows lessons shows it there."""
    for output in outputs:
        if "image/png" in output.get("data", ()):
            output["data"].pop("text/html", None)


def without_cover(outputs: Iterable[Any]) -> list[Any]:
    """What the cell itself shows."""
    return [output for output in outputs if "".join(output.get("data", {}).get("text/plain", "")) != COVER]


def _drop_views(notebook: Any, alive: frozenset[str] | set[str]) -> None:
    """Take out the views whose models are not ``alive``: the picture beside each stays, and a progress bar goes."""
    for cell in notebook["cells"]:
        kept = []
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            view = data.get(WIDGET_VIEW)
            if view is None or view.get("model_id") in alive:
                kept.append(output)
            elif set(data) != {WIDGET_VIEW, "text/plain"}:  # more beside it than the line of text of a progress bar
                del data[WIDGET_VIEW]
                kept.append(output)
        if "outputs" in cell:
            cell["outputs"] = kept


def leave_no_dead_views(model: dict[str, Any], **_: Any) -> None:
    """For a learner: the views whose state is saved with the notebook live on; the others become their pictures."""
    if model["type"] == "notebook" and model["content"]:
        notebook = model["content"]
        stored = notebook["metadata"].get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
        _drop_views(notebook, alive=set(stored))


def as_committed(model: dict[str, Any], **_: Any) -> None:
    """For an author: what `make notebooks` would leave, so that version control shows what was edited and no more."""
    if model["type"] == "notebook" and model["content"]:
        normalise(model["content"])
