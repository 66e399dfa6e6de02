"""A notebook as the body of a page, its views ready to wake."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from formulas import Formulas
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from mlpcourse.lab.saving import ANSWER, WIDGET_STATE, WIDGET_VIEW

REGION = 'tabindex="0" role="group" aria-label="{}"'  # what may scroll sideways is reached by the keyboard, too
STATE = re.compile(r"^_|^(layout|tabbable|tooltip)$")  # what the host, not the view, would need


@dataclass
class Section:
    """A heading and the words below it, for the search."""

    heading: str
    anchor: str
    level: int
    label: str = ""  # the heading with its formulas
    words: str = ""


@dataclass
class Page:
    """A lesson for reading: HTML with marks for formulas, pictures and modules of views by file name."""

    name: str
    title: str = ""
    body: str = ""
    sections: list[Section] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    modules: dict[str, dict[str, str]] = field(default_factory=dict)
    style: str = ""


def markdown(text: str, formulas: Formulas) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(formulas.take(text)))


def code(source: str) -> str:
    inner = highlight(source, get_lexer_by_name("python"), HtmlFormatter(nowrap=True))
    return (
        f'<div class="scroll code" tabindex="0" role="region" aria-label="code"><pre><code>{inner}</code></pre></div>'
    )


def page_of(name: str, notebook: Any, formulas: Formulas) -> Page:
    page = Page(name)
    states = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(markdown(cell.source, formulas))
        elif cell.cell_type == "code" and (cell.source.strip() or cell.outputs):
            shown = [one for output in cell.outputs if (one := _output(output, page, states, formulas))]
            outputs = f'<div class="outputs">{"".join(shown)}</div>' if shown else ""
            if shown and ANSWER in cell.metadata.get("tags", []):
                outputs = f"<details><summary>What comes out</summary>{outputs}</details>"
            derivation = re.match(r'show\("(\w+)"', cell.source)  # an anchor for who wants to read one again
            anchor = f' id="{derivation[1]}"' if derivation else ""
            parts.append(f'<div class="cell"{anchor}>{code(cell.source)}{outputs}</div>')
    _finish(page, "\n".join(parts), formulas)
    return page


def _output(output: Any, page: Page, states: dict[str, Any], formulas: Formulas) -> str:
    if output.output_type == "stream":
        return _text(output.text)
    if output.output_type == "error":
        return _text("\n".join(output.traceback))
    data = output.data
    if WIDGET_VIEW in data:
        state = states.get(data[WIDGET_VIEW]["model_id"], {}).get("state", {})
        if "_esm" in state:
            return _view(state, _picture(output, page) or _still(data, formulas), page)
        if set(data) == {WIDGET_VIEW, "text/plain"}:
            return ""  # a progress bar that has gone
    return _picture(output, page) or _still(data, formulas)


def _still(data: Any, formulas: Formulas) -> str:
    if "text/html" in data:
        return f'<div class="rich">{formulas.take(data["text/html"], escaped=True)}</div>'
    if "text/markdown" in data:
        return f'<div class="rich">{markdown(data["text/markdown"], formulas)}</div>'
    if "text/latex" in data:
        return f'<div class="rich">{markdown(data["text/latex"], formulas)}</div>'
    return _text(data.get("text/plain", ""))


def _text(text: str) -> str:
    text = html.escape(strip_ansi(text).rstrip())
    return f'<div class="scroll" {REGION.format("output")}><pre>{text}</pre></div>' if text else ""


def _picture(output: Any, page: Page) -> str:
    if "image/png" not in output.data:
        return ""
    file = f"pictures/{page.name}-{len(page.pictures) + 1}.png"
    page.pictures[file] = png = base64.b64decode(output.data["image/png"])
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    about = output.metadata.get("image/png", {})
    shown = about.get("width", width)
    alt = html.escape(about.get("alt") or output.data.get("text/plain", ""), quote=True)
    size = f'width="{shown}" height="{round(height * shown / width)}"'
    image = f'<img src="{file}" alt="{alt}" {size} style="--width: {shown}px" loading="lazy">'
    return f'<div class="scroll" {REGION.format("picture")}>{image}</div>'


def _view(state: dict[str, Any], still: str, page: Page) -> str:
    scope = next(name for name in state["_dom_classes"] if name.startswith("mlp-"))
    kind = scope.removeprefix("mlp-")
    page.modules[kind] = {"module": state["_esm"], "style": state.get("_css", "")}
    values = {name: value for name, value in state.items() if not STATE.match(name)}
    text = json.dumps(values, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<div class="view" data-view="{kind}" data-scope="{scope}"><div class="still">{still}</div>'
        f'<div class="alive"></div><script type="application/json">{text}</script></div>'
    )


def _finish(page: Page, body: str, formulas: Formulas) -> None:
    """Anchors, links between lessons as links between pages, and the text of each section."""
    soup = BeautifulSoup(body, "html.parser")
    taken: set[str] = set()
    section = Section("", "", 1)
    for element in soup.find_all(True):
        if element.name in ("h1", "h2", "h3", "h4"):
            words = formulas.as_words(element.get_text(" ", strip=True))
            label = element.decode_contents()
            anchor = _slug(words, taken)
            element["id"] = anchor
            if element.name != "h1":
                link = soup.new_tag(
                    "a", href=f"#{anchor}", attrs={"class": "anchor", "aria-label": f"link to: {words}"}
                )
                link.string = "#"
                element.append(link)
            section = Section(words, anchor, int(element.name[1]), label)
            page.sections.append(section)
            page.title = page.title or re.sub(r"^\d\d\. ", "", words)  # a list of pages numbers them itself
        elif element.name == "a" and isinstance(element.get("href"), str):
            element["href"] = re.sub(r"^(?!\w+:)([\w./-]+)\.ipynb", r"\1.html", str(element["href"]))
        elif element.name == "table":
            if "why" in [head.get_text() for head in element.find_all("th")]:
                element["class"] = "derivation"
            element.wrap(soup.new_tag("div", attrs=SCROLL))
        elif element.name == "pre" and not element.find_parent(class_="scroll"):
            element.wrap(soup.new_tag("div", attrs={**SCROLL, "aria-label": "as written"}))
        if element.name in ("p", "li", "td", "th", "summary", "pre") and not element.find_parent(("p", "li", "pre")):
            section.words += f" {formulas.as_words(element.get_text(' ', strip=True))}"
    _heading_levels(soup)
    page.body = str(soup)


SCROLL = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "table"}


def _slug(words: str, taken: set[str]) -> str:
    plain = re.sub(r"[^\w]+", "-", words.lower()).strip("-")[:60] or "section"
    anchor, number = plain, 2
    while anchor in taken:
        anchor, number = f"{plain}-{number}", number + 1
    taken.add(anchor)
    return anchor


def _heading_levels(soup: BeautifulSoup) -> None:
    """No level is left out on the way down: a screen reader counts them."""
    before = 0
    for element in soup.find_all(re.compile(r"^h[1-6]$")):
        assert isinstance(element, Tag)
        level = min(int(element.name[1]), before + 1)
        element.name = f"h{level}"
        before = level


def write_assets(pages: list[Page], out: Path) -> None:
    """The pictures, and each kind of view once: its module as text, which lives without a server, too."""
    for page in pages:
        for file, png in page.pictures.items():
            (out / file).parent.mkdir(exist_ok=True)
            (out / file).write_bytes(png)
        for kind, parts in page.modules.items():
            (out / "views").mkdir(exist_ok=True)
            text = f"mlpcourse.views[{json.dumps(kind)}] = {json.dumps(parts)}\n"
            (out / "views" / f"{kind}.js").write_text(text, encoding="utf-8")
