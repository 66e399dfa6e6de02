"""nbval compares what comes out of every cell, also where a lesson is committed without it."""

from __future__ import annotations

import pytest

from mlpcourse.lab.saving import COMES_OUT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        cell = getattr(item, "cell", None)  # nbval's items have one
        if cell is not None and COMES_OUT in cell.metadata:
            cell.outputs, cell.execution_count = cell.metadata[COMES_OUT], 1  # any number: nbval wants it to have run
