"""The types of the package fit: a test among others, so that no core waits for the type checker."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_types_fit():
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
