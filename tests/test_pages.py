"""What README, CHANGELOG and CITATION say is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mlpcourse

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.relative_to(ROOT).as_posix() for pattern in ("*.md", "*/*.md") for path in ROOT.glob(pattern))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_readme_is_short():
    text = re.sub(r"^```.*?^```|\]\([^)]*\)", "", README, flags=re.MULTILINE | re.DOTALL)  # no code, no addresses
    assert len(re.findall(r"[^\W\d_]\S*", text)) < 700


def test_the_readmes_answer_is_what_check_says():
    answer = blocks("python")[0].replace("check(hidden_delta)", "print(check(hidden_delta))")
    assert run(f"from mlpcourse.exercises import check\n{answer}") == blocks("text")[0]


def test_the_readmes_own_code_runs():
    assert "dL/dw1" in run(blocks("python")[1])


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str):
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_newest_change_is_this_versions():
    newest = re.search(r"^## (\S+):", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == mlpcourse.__version__


def test_the_version_stands_in_one_place():
    for name in ("README.md", "CITATION.cff", "pyproject.toml", "environment.yml"):
        assert mlpcourse.__version__ not in (ROOT / name).read_text(), name
