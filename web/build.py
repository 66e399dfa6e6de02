"""`make site`: the reading site and the browser edition, in one folder for any host of plain files.

Usage: python web/build.py FOLDER [--no-run] [--no-pdf]
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from executed import ROOT, executed
from formulas import Formulas
from pages import Page, Section, markdown, page_of, write_assets
from reference import reference

WEB = Path(__file__).parent
MARGIN = {"top": "15mm", "bottom": "15mm", "left": "14mm", "right": "14mm"}
COURSE = "Backpropagation, derived completely"


def npm(tools: Path) -> Path:
    """The packages of package.json, installed below ``tools``."""
    tools.mkdir(parents=True, exist_ok=True)
    wanted = (WEB / "package.json").read_text()
    done = tools / "package.json"
    shutil.copy(WEB / "katex.mjs", tools)
    if not done.exists() or done.read_text() != wanted or not (tools / "node_modules").is_dir():
        shutil.copy(WEB / "package.json", tools)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=tools, check=True)
    return tools


def lessons_list(pages: list[Page], current: str) -> str:
    """The lessons as links, the one that is read marked."""
    rows = []
    for page in pages:
        here = ' aria-current="page"' if page.name == current else ""
        number = page.name[:2] if page.name[:2].isdigit() else ""
        rows.append(f'<li><a href="{page.name}.html"{here}>{number} {html.escape(page.title)}</a></li>')
    return f"<ol>{''.join(rows)}</ol>"


def home(lessons: list[Page], formulas: Formulas) -> Page:
    """The first page: what the course is, and its lessons."""
    page = Page("index", COURSE, markdown((WEB / "home.md").read_text(encoding="utf-8"), formulas))
    heading = re.search(r"<h2[^>]*>The lessons</h2>", page.body)
    assert heading
    listed = f"{heading[0]}<div class='lessons'>{lessons_list(lessons, '')}</div>"
    page.body = page.body.replace(heading[0], listed)
    return page


def elsewhere(name: str, repository: str, branch: str) -> list[tuple[str, str]]:
    """Other places where a lesson runs, when it is known where the repository is: owner/name."""
    if not repository:
        return []
    copy = f"{repository}/blob/{branch}/colab/{name}.ipynb"
    return [
        ("Binder", f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/notebooks/{name}.ipynb"),
        ("Colab", f"https://colab.research.google.com/github/{copy}"),
        ("Kaggle", f"https://kaggle.com/kernels/welcome?src=https://github.com/{copy}"),
    ]


def notebooks_elsewhere(lessons: list[Path], folder: Path, repository: str) -> None:
    """Copies of the lessons for Colab and Kaggle, where a first cell has to install the course."""
    if not repository:
        return
    folder.mkdir()
    for lesson in lessons:
        notebook = nbformat.read(lesson, as_version=4)
        install = f"%pip install --quiet git+https://github.com/{repository}"
        cell = nbformat.v4.new_code_cell(f"# Once, before the lesson.\n{install}", id="install")
        notebook.cells.insert(0, cell)
        nbformat.write(notebook, folder / lesson.name)


def search_entries(pages: list[Page]) -> list[dict[str, Any]]:
    entries = []
    for page in pages:
        for section in page.sections:
            entries.append(
                {
                    "id": len(entries),
                    "lesson": page.title,
                    "heading": section.heading,
                    "address": f"{page.name}.html#{section.anchor}",
                    "words": re.sub(r"\s+", " ", section.words).strip(),
                }
            )
    return entries


def whole_course(lessons: list[Page]) -> Page:
    """All lessons below one another, for paper; anchors and links carry the lesson's name."""
    parts = []
    for page in lessons:
        body = re.sub(r'id="([^"]+)"', rf'id="{page.name}-\1"', page.body)
        body = re.sub(r'href="#([^"]+)"', rf'href="#{page.name}-\1"', body)
        body = re.sub(r'href="(\d\d_\w+)\.html"', r'href="#\1"', body)
        body = re.sub(r'<script type="application/json">.*?</script>', "", body, flags=re.DOTALL)
        body = body.replace(" data-view=", " data-kind=")
        parts.append(f'<article class="lesson" id="{page.name}">{body}</article>')
    return Page("course", "The whole course", "\n".join(parts))


def print_pdfs(out: Path, pages: list[Page]) -> None:
    """Each page as a PDF, printed by the Chromium of this machine."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import chromium

    (out / "pdf").mkdir(exist_ok=True)
    with chromium() as browser:
        for page in pages:
            tab = browser.new_page()
            tab.goto((out / f"{page.name}.html").absolute().as_uri())
            tab.evaluate("for (const image of document.images) image.loading = 'eager'")
            tab.wait_for_function("() => [...document.images].every(image => image.complete)")
            tab.pdf(path=out / "pdf" / f"{page.name}.pdf", format="A4", margin=MARGIN)
            tab.close()


def build(out: Path, work: Path, *, run: bool, pdf: bool) -> None:
    tools = npm(work / "npm")
    sources = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb"))
    formulas = Formulas()
    lessons = [page_of(name, notebook, formulas) for name, notebook in executed(sources, work / "executed").items()]
    about = reference(formulas)
    first = home(lessons, formulas)
    formulas.typeset(tools)

    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    shutil.copytree(WEB / "static", out / "static")
    for file in ("katex.min.css", "fonts"):
        source = tools / "node_modules" / "katex" / "dist" / file
        (shutil.copytree if source.is_dir() else shutil.copy)(source, out / "static" / file)
    for font in (out / "static" / "fonts").glob("*"):
        if font.suffix != ".woff2":
            font.unlink()
    style = out / "static" / "katex.min.css"
    style.write_text(re.sub(r",url\(fonts/[\w-]+\.(?:woff|ttf)\) format\(\"\w+\"\)", "", style.read_text()))
    shutil.copy(tools / "node_modules" / "minisearch" / "dist" / "umd" / "index.js", out / "static" / "minisearch.js")
    entries = search_entries([*lessons, about])
    (out / "static" / "search.js").write_text(f"mlpcourse.search = {json.dumps(entries)}\n")
    write_assets(lessons, out)

    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("page.html")
    repository, branch = os.environ.get("GITHUB_REPOSITORY", ""), "gh-pages"
    every = [*lessons, about]
    for page in [first, *every, whole_course(lessons)]:
        at = lessons.index(page) if page in lessons else None
        contents: list[Section] = [section for section in page.sections if section.level == 2]
        for section in contents:
            section.label = formulas.put_back(section.label)
        text = template.render(
            course=COURSE,
            title=page.title,
            description=f"{page.title}: {COURSE}",
            name=page.name,
            lesson=at is not None,
            run=run,
            lessons_list=jinja2.utils.markupsafe.Markup(lessons_list(every, page.name)),
            body=jinja2.utils.markupsafe.Markup(formulas.put_back(page.body)),
            contents=contents,
            before=lessons[at - 1] if at else None,
            after=lessons[at + 1] if at is not None and at + 1 < len(lessons) else None,
            elsewhere=elsewhere(page.name, repository, branch) if at is not None else [],
            pdf=pdf,
            whole=page.name != "course",
        )
        (out / f"{page.name}.html").write_text(text, encoding="utf-8")
    notebooks_elsewhere(sources, out / "colab", repository)
    (out / ".nojekyll").touch()  # GitHub Pages is to serve the folder as it is
    if pdf:
        print_pdfs(out, [*lessons, whole_course(lessons)])
    if run:
        from browser_edition import build_browser_edition

        build_browser_edition(out, work, tools, sources)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the folder to write; what is in it is replaced")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "web", help="where work in progress is kept")
    parser.add_argument("--no-run", action="store_true", help="without the browser edition")
    parser.add_argument("--no-pdf", action="store_true", help="without PDFs")
    args = parser.parse_args()
    build(args.out, args.work, run=not args.no_run, pdf=not args.no_pdf)
    size = sum(file.stat().st_size for file in args.out.rglob("*") if file.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
