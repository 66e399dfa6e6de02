"""What JupyterLab saves in the tests: below "author" what it saves for an author, elsewhere what for a learner."""

from typing import Any

from mlpcourse.lab.saving import as_committed, leave_no_dead_views


def save(model: dict[str, Any], path: str, **_: Any) -> None:
    (as_committed if path.startswith("author/") else leave_no_dead_views)(model)
