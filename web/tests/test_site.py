"""The reading site as a reader sees it: wide and narrow, light and dark, printed, and without a server."""

from __future__ import annotations

import functools
import importlib
import io
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from looks import inaccessible, unreadable
from PIL import Image
from playwright.sync_api import Locator, Page, TimeoutError, expect
from visits import SITE, Visit

from mlpcourse.lab.saving import ANSWER

ROOT = SITE.parent.parent
LESSONS = sorted(path.stem for path in ROOT.glob("notebooks/*.ipynb"))
PAGES = ["index", *LESSONS, "reference"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DARK = {"color_scheme": "dark"}


@functools.cache
def soup(name: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


@functools.cache
def anchors(name: str) -> set[str]:
    return {str(element["id"]) for element in soup(name).find_all(id=True)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small_and_whole(name: str):
    text = (SITE / f"{name}.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 1_000_000
    page = soup(name)
    assert "⟦" not in text
    words = [
        one for one in page.main.find_all(string=True) if not one.find_parent(["code", "pre", "script", "annotation"])
    ]
    assert not [one for one in words if re.search(r"\$[^$]+\$", one)], "a formula was left as it was written"
    for image in page.main.find_all("img"):
        assert image["alt"]
        assert (SITE / image["src"]).exists()


@pytest.mark.parametrize("name", LESSONS)
def test_what_answers_a_question_is_folded(name: str):
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    asked = sum(ANSWER in cell.metadata.get("tags", []) for cell in cells)
    assert len(soup(name).find_all("summary", string="What comes out")) == asked


@pytest.mark.parametrize("name", [*PAGES, "course"])
def test_every_link_within_the_site_leads_somewhere(name: str):
    for link in soup(name).find_all("a", href=True):
        address = unquote(link["href"])
        if re.match(r"\w+:", address) or address.startswith(("run/", "pdf/")):
            continue
        file, _, anchor = address.partition("#")
        target = file.removesuffix(".html") or name
        assert (SITE / (file or f"{name}.html")).exists(), address
        assert not anchor or anchor in anchors(target), address


def show(element: Locator) -> None:
    """Bring it into sight at once: Playwright's own scrolling waits for frames, which a busy machine draws late."""
    element.evaluate("element => element.scrollIntoView({ block: 'center' })")


def changes(page: Page, element: Locator, read: str, before: str) -> bool:
    """Whether what ``read`` makes of the element becomes something else; waits, since a busy machine draws late."""
    try:
        arguments = [element.element_handle(), before]
        page.wait_for_function(f"([element, before]) => ({read})(element) !== before", arg=arguments)
    except TimeoutError:
        return False
    return True


VALUE = "slider => slider.getAttribute('aria-valuenow') ?? slider.value"
INSIDE = "element => element.innerHTML"


def moves(page: Page, view: Locator) -> list[str]:
    """What is wrong with a view under a key and a mouse."""
    sliders = view.locator("[role=slider]:visible, input[type=range]:visible")
    if sliders.count():
        slider = sliders.first
        wrong = []
        before = slider.evaluate(VALUE)
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        if not changes(page, slider, VALUE, before):
            wrong.append("a key moves nothing")
        before = slider.evaluate(VALUE)
        show(slider)
        box = slider.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        vertical = slider.get_attribute("aria-orientation") == "vertical"  # across its way, nothing need move
        page.mouse.move(x + (0 if vertical else 23), y - (23 if vertical else 0), steps=4)
        page.mouse.up()
        return [*wrong, *([] if changes(page, slider, VALUE, before) else ["a mouse moves nothing"])]
    line = view.locator("input[type=text], input:not([type]), textarea")
    if line.count():  # only Python can judge a line
        line.first.fill("1")
        line.first.press("Enter")
        expect(view.locator("xpath=..").locator(".note")).to_contain_text("Python has to answer this.")
        return []
    before = view.inner_html()
    button = view.locator("button:visible:enabled").first
    button.focus()
    page.keyboard.press("Enter")
    return [] if changes(page, view, INSIDE, before) else ["a button changes nothing"]


@pytest.mark.parametrize("visit", [{}, {**PHONE, **DARK}], ids=["wide-light", "phone-dark"], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_a_browser(visit: Visit, site: str, name: str):
    page = visit.page
    page.goto(f"{site}/{name}.html")
    visit.to_the_end()
    views = page.locator("[data-view]").all()
    for view in views:
        show(view)
        expect(view).to_have_attribute("data-state", "awake")
        assert not moves(page, view.locator(".alive")), view.get_attribute("data-view")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert inaccessible(page, "body") == []
    visit.assert_clean()


@pytest.mark.parametrize(
    ("visit", "dark"), [(PHONE, False), ({**PHONE, **DARK}, True)], ids=["light", "dark"], indirect=["visit"]
)
def test_a_picture_on_a_phone_can_be_read_and_has_the_colours_of_the_page(visit: Visit, site: str, dark: bool):
    name = next(name for name in LESSONS if soup(name).select(".cell > .outputs > .scroll > img"))
    visit.page.goto(f"{site}/{name}.html")
    picture = visit.page.locator(".outputs > .scroll > img").first
    show(picture)
    picture.evaluate("image => image.decode()")
    share = picture.evaluate("image => image.getBoundingClientRect().width / image.getAttribute('width')")
    assert share > 0.79
    shot = Image.open(io.BytesIO(picture.screenshot())).convert("L")
    in_sight = shot.crop((0, 0, 200, shot.height))
    assert (np.median(in_sight) < 64) == dark


@pytest.mark.parametrize("visit", [PHONE], ids=["phone"], indirect=True)
def test_a_derivation_on_a_phone_needs_no_scrolling(visit: Visit, site: str):
    names = [name for name in LESSONS if soup(name).select("table.derivation")]
    assert names
    for name in names:
        visit.page.goto(f"{site}/{name}.html")
        visit.page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
        wide = "table => table.parentElement.scrollWidth > table.parentElement.clientWidth"
        for table in visit.page.locator("table.derivation").all():
            assert not table.evaluate(wide), f"{name}: {table.inner_text()[:80]}"


# A view fits its drawing to its width in the frame after it has one.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("visit", [{"viewport": {"width": 320, "height": 256}}], ids=["400 %"], indirect=True)
def test_every_kind_of_view_can_be_read_at_four_times_the_size(visit: Visit, site: str):
    """400 % of a window of 1280 by 1024."""
    shown: set[str] = set()
    wrong = []
    for name in LESSONS:
        kinds = {str(view["data-view"]) for view in soup(name).find_all(attrs={"data-view": True})}
        if kinds <= shown:
            continue
        visit.page.goto(f"{site}/{name}.html")
        for kind in sorted(kinds - shown):
            view = visit.page.locator(f"[data-view={kind}]").first
            show(view)
            expect(view).to_have_attribute("data-state", "awake")
            view.evaluate(DRAWN)
            wrong += [f"{name}, {kind}: {one}" for one in unreadable(view.locator(".mlp-view").first)]
        shown |= kinds
    assert shown
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], ids=["no script"], indirect=True)
def test_without_javascript_pictures_and_formulas_stand(visit: Visit, site: str):
    name = next(name for name in LESSONS if soup(name).find(attrs={"data-view": True}))
    visit.page.goto(f"{site}/{name}.html")
    assert visit.page.locator(".katex").first.is_visible()
    for still in visit.page.locator("[data-view] .still").all():
        assert still.is_visible()


def test_on_paper_a_view_is_its_picture_and_all_is_light(visit: Visit, site: str):
    name = next(name for name in LESSONS if soup(name).find(attrs={"data-view": True}))
    visit.page.goto(f"{site}/{name}.html")
    visit.page.locator(".theme").click()
    visit.page.locator(".theme").click()
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    visit.to_the_end()
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert visit.page.locator(".view .alive:visible").count() == 0
    assert all(still.is_visible() for still in visit.page.locator("[data-view] .still").all())
    assert not visit.page.locator(".bar").is_visible()


def test_the_switch_of_colours_is_remembered(visit: Visit, site: str):
    visit.page.goto(f"{site}/index.html")
    visit.page.get_by_role("button", name="Colours: system").click()
    visit.page.get_by_role("button", name="Colours: light").click()
    visit.page.goto(f"{site}/{LESSONS[0]}.html")
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("visit", [{}, PHONE], ids=["wide", "phone"], indirect=True)
def test_a_search_lands_on_the_heading(visit: Visit, site: str):
    section = soup("reference").find("h3", id=re.compile("jacobian"))
    assert section
    visit.page.goto(f"{site}/index.html")
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("softmax_jacobian")
    found = visit.page.get_by_role("option").first
    expect(found).to_be_visible()
    assert found.evaluate("found => found.getBoundingClientRect().left >= 0"), "its words begin beyond the edge"
    assert "displaystyle" not in found.inner_text()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(re.compile("#"))
    heading = visit.page.locator(f"[id='{visit.page.url.split('#')[1]}']")
    assert heading.evaluate("element => /^H[1-4]$/.test(element.tagName)")
    visit.assert_clean()


def test_a_search_without_an_answer_says_so(visit: Visit, site: str):
    visit.page.goto(f"{site}/index.html")
    visit.page.get_by_role("combobox").fill("qwertzuiop")
    expect(visit.page.get_by_text("Nothing holds")).to_be_visible()


def test_opened_from_a_folder_views_live_and_the_search_finds(visit: Visit):
    name = next(name for name in LESSONS if soup(name).find(attrs={"data-view": True}))
    visit.page.goto((SITE / f"{name}.html").as_uri())
    visit.to_the_end()
    view = visit.page.locator("[data-view]").first
    show(view)
    expect(view).to_have_attribute("data-state", "awake")
    visit.page.get_by_role("combobox").fill("softmax")
    expect(visit.page.get_by_role("option").first).to_be_visible()
    visit.assert_clean()


def test_the_reference_has_the_handouts_equations_beside_the_functions():
    page = soup("reference")
    names = [heading.get_text().removesuffix("#").strip() for heading in page.find_all("h3")]
    assert {"softmax", "backward", "numerical_gradient", "train", "tiny"} <= set(names)
    row = page.find("h3", id=re.compile("^softmax$")).find_next("table", class_="equations")
    assert row.find("th", string="H04")
    assert row.find(class_="katex")


def test_the_course_on_one_page_holds_every_lesson():
    page = soup("course")
    assert [article["id"] for article in page.find_all("article")] == LESSONS
    ids = [element["id"] for element in page.main.find_all(id=True)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", [*LESSONS, "course"])
def test_a_pdf_is_there(name: str):
    assert (SITE / "pdf" / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_where_the_repository_is_known_lessons_run_elsewhere_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "web")
    build = importlib.import_module("build")
    assert build.elsewhere(LESSONS[0], "", "gh-pages") == []
    links = dict(build.elsewhere(LESSONS[0], "owner/name", "gh-pages"))
    assert list(links) == ["Binder", "Colab", "Kaggle"]
    assert all("owner/name" in address and LESSONS[0] in address for address in links.values())
    source = ROOT / "notebooks" / f"{LESSONS[0]}.ipynb"
    build.notebooks_elsewhere([source], tmp_path / "colab", "owner/name")
    first, *others = nbformat.read(tmp_path / "colab" / source.name, as_version=4).cells
    assert first.source.endswith("%pip install --quiet git+https://github.com/owner/name")
    assert others == nbformat.read(source, as_version=4).cells


def test_no_address_of_this_machine_is_in_the_pages():
    for path in SITE.glob("*.html"):
        assert str(ROOT) not in path.read_text(encoding="utf-8")
        assert str(Path.home()) + "/" not in path.read_text(encoding="utf-8")
