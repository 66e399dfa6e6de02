"""`import mlpcourse` against `import numpy`: whole processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

from timing import Row, race


def process(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def rows() -> Iterator[Row]:
    both = race({"ours": process("import mlpcourse.network"), "numpy": process("import numpy")}, rounds=11, least=0)
    yield Row("import mlpcourse.network", both["ours"], "import numpy", both["numpy"], aim=1 / 1.2)
