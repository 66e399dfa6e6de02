"""What a hand does to a view in JupyterLab, and what has to be true meanwhile: for every view, whatever it shows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from playwright.sync_api import ElementHandle, Locator, Page

from mlpcourse.widgets.view import number

VIEWS = ".jp-NotebookPanel:visible .mlp-view"
SLIDERS = "[role=slider]:visible, input[type=range]:visible"

# Watches the page. A word to the kernel is early if, within the last 100 ms, the hand moved something: views wait 150.
WATCH = """() => {
    if (window.hand) return
    const hand = window.hand = { moved: -Infinity, seen: -Infinity, early: 0, heights: [] }
    for (const type of ['pointermove', 'keydown', 'input'])
        addEventListener(type, () => { hand.moved = performance.now() }, { capture: true })
    new MutationObserver(() => { hand.seen = hand.moved }).observe(document, {
        subtree: true, attributeFilter: ['aria-valuenow', 'aria-valuetext'],
    })
    const observer = new ResizeObserver(([{ target }]) => hand.heights.push(target.offsetHeight))
    hand.watch = view => {
        observer.disconnect()
        observer.observe(view)
        hand.heights = [view.offsetHeight]
    }
    const { send } = WebSocket.prototype
    WebSocket.prototype.send = function (data) {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data)
        const last = performance.now() - 100
        if (text.includes('comm_msg') && hand.seen > last) hand.early += 1
        return send.call(this, data)
    }
}"""

# After the frame in which the view draws what it was just told.
READ = """async sliders => {
    await new Promise(requestAnimationFrame)
    return sliders.map(slider => {
        const value = name => slider.getAttribute(`aria-value${name}`)
        return {
            label: slider.getAttribute('aria-label'),
            value: Number(value('now') ?? slider.value),
            low: Number(value('min') ?? slider.min),
            high: Number(value('max') ?? slider.max),
            vertical: slider.getAttribute('aria-orientation') === 'vertical',
            native: value('now') === null,
            spoken: slider.getAttribute('aria-valuetext') ?? '',
        }
    })
}"""

# Each slider a step up or down, one a frame, as by a key: what a key itself does is tried on one of each kind.
STEP = """async ([sliders, ups]) => {
    for (const [n, slider] of sliders.entries()) {
        slider.focus()
        if (slider.type === 'range') {
            slider[ups[n] ? 'stepUp' : 'stepDown']()
            slider.dispatchEvent(new Event('input', { bubbles: true }))
        } else {
            const key = ups[n] ? 'ArrowUp' : 'ArrowDown'
            slider.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
        }
        await new Promise(requestAnimationFrame)
    }
}"""

# Where a mouse can take hold of each: at the knob, if nothing lies on it.
HOLD = """sliders => sliders.map(slider => {
    const places = () => {
        const { left, top, width, height } = slider.getBoundingClientRect()
        if (slider.type === 'range') {
            const share = (slider.value - slider.min) / (slider.max - slider.min)
            return [[left + 8 + share * (width - 16), top + height / 2]]
        }
        const knob = slider.querySelector('.mlp-knob')?.getBoundingClientRect() ?? { left, top, width, height }
        const grid = [0.5, 0.3, 0.7, 0.1, 0.9].flatMap(x => [0.5, 0.3, 0.7, 0.1, 0.9].map(y => [x, y]))
        return [
            [knob.left + knob.width / 2, knob.top + knob.height / 2],
            ...grid.map(([x, y]) => [left + x * width, top + y * height]),
        ]
    }
    const hit = () => places().find(([x, y]) => slider.contains(document.elementFromPoint(x, y)))
    const here = hit()
    if (here) return here
    slider.scrollIntoView({ block: 'center' })
    return hit() ?? null
})"""

# What a view writes, piece by piece.
TEXTS = """view => {
    const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT)
    const texts = []
    while (walker.nextNode()) if (walker.currentNode.parentElement.checkVisibility({ visibilityProperty: true }))
        texts.push(walker.currentNode.data)
    return texts
}"""

# The model numbers of the notebook's widgets, in its order.
SHOWN = """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(({ model }) => model.type === 'code')
    .flatMap(({ model }) => model.sharedModel.getOutputs())
    .map(({ data }) => data?.['application/vnd.jupyter.widget-view+json']?.model_id).filter(Boolean)
"""

# What Python has for those of them that are views.
PYTHON = """async ids => {
    const code = `__import__('json').dumps({id: [
        {name: state for name, state in view.get_state().items() if name[0] != '_'}, view.text()]
        for id, view in ((id, __import__('ipywidgets').widgets.widget._instances[id]) for id in ${JSON.stringify(ids)})
        if isinstance(view, __import__('mlpcourse.widgets.view', fromlist=['View']).View)
    }, default=str)`.replace(/\\n\\s*/g, ' ')
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session
    const future = kernel.requestExecute({ code: '', user_expressions: { views: code } })
    const { content: { user_expressions: { views } } } = await future.done
    if (views.status !== 'ok') throw new Error(JSON.stringify(views))
    return views.data['text/plain']
}"""

NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d+(?:\.\d+)?(?:e[-+\u2212]?\d+)?")


class Reading(NamedTuple):
    label: str
    value: float
    low: float
    high: float
    vertical: bool
    native: bool
    spoken: str


class State(NamedTuple):
    """A view as Python sees it: its traits' numbers by place, and its line of text."""

    numbers: dict[str, float]
    text: str


def read(page: Page, *sliders: ElementHandle) -> list[Reading]:
    return [Reading(**found) for found in page.evaluate(READ, list(sliders))]


def shown(page: Page) -> list[str]:
    """The model numbers of the notebook's views, in the order in which they are shown."""
    return list(python(page, page.evaluate(SHOWN)))


def python(page: Page, ids: Sequence[str]) -> dict[str, State]:
    """Those of the widgets that are views, as Python sees them."""
    views = json.loads(eval(page.evaluate(PYTHON, ids)))
    return {id: State(dict(leaves("", traits)), text) for id, (traits, text) in views.items()}


def leaves(name: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict | list):
        for at, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(f"{name}/{at}", part)
    elif isinstance(value, int | float):
        yield name, float(value)


def numbers(text: str) -> list[float]:
    return [float(found.replace("\u2212", "-")) for found in NUMBER.findall(text)]


def moves(before: Reading, there: Reading, back: Reading) -> bool:
    """It went somewhere, and came back as near as a step allows (a value between two steps is rounded to one)."""
    return there.value != before.value and abs(back.value - before.value) < abs(there.value - before.value)


def has_room_above(reading: Reading) -> bool:
    return reading.value < (reading.low + reading.high) / 2


def press(page: Page, slider: ElementHandle) -> str | None:
    """A key and its opposite. What is wrong, if anything."""
    (before,) = read(page, slider)
    key, opposite = ("ArrowUp", "ArrowDown") if has_room_above(before) else ("ArrowDown", "ArrowUp")
    slider.press(key)
    (there,) = read(page, slider)
    slider.press(opposite)
    (back,) = read(page, slider)
    if not moves(before, there, back):
        return f"{before.label}: by {key} and {opposite} from {before.value} to {there.value} to {back.value}"
    return None


def drag(page: Page, slider: ElementHandle) -> str | None:
    """There and back by mouse, in one go. What is wrong, if anything."""
    (before,) = read(page, slider)
    (hold,) = page.evaluate(HOLD, [slider])
    if hold is None:
        return f"{before.label}: something lies over it, a mouse cannot take hold of it"
    x, y = hold
    up = has_room_above(before)
    page.mouse.move(x, y)
    page.mouse.down()
    there = before
    for way in (1, -1):
        along = 36 * way * (1 if up else -1)
        page.mouse.move(x + (0 if before.vertical else along), y - (along if before.vertical else 0), steps=3)
        (there,) = read(page, slider)
        if there.value != before.value:
            break
    page.mouse.move(x, y, steps=3)
    page.mouse.up()
    (back,) = read(page, slider)
    if not moves(before, there, back):
        return f"{before.label}: by mouse from {before.value} to {there.value} to {back.value}"
    return None


def follows(reading: Reading, before: State, after: State) -> bool:
    """What the slider says is a number that changed in Python: a trait's (or its logarithm), or one of the text's."""
    changed = [x for place, x in after.numbers.items() if before.numbers.get(place) != x]
    if reading.native and any(spoken in changed for spoken in numbers(reading.spoken)[:1]):
        return True
    if any(math.isclose(x, reading.value, rel_tol=1e-9, abs_tol=1e-9) for x in changed):
        return True
    if any(math.isclose(math.log10(x), reading.value, abs_tol=1e-3) for x in changed if x > 0):
        return True
    return numbers(number(reading.value))[0] in set(numbers(after.text)) - set(numbers(before.text))


def kind(label: str) -> str:
    """Handles and buttons of one kind differ in a number or a letter alone, and share their code."""
    return re.sub(r"\d+|\b[A-Z]\b", "#", label)


def one_of_each(page: Page, elements: Sequence[ElementHandle]) -> list[ElementHandle]:
    """The last element of each kind."""
    names = "elements => elements.map(element => element.getAttribute('aria-label') ?? element.textContent)"
    return list(dict(zip(map(kind, page.evaluate(names, elements)), elements, strict=True)).values())


def work(page: Page, view: Locator, id: str) -> list[str]:
    """Moves every slider of a view, one of each kind by key and by mouse. id: of its model. What is wrong."""
    page.evaluate(WATCH)
    view.evaluate(
        "view => { view.scrollIntoView({ block: 'center' }); window.hand.watch(view); window.hand.early = 0 }"
    )
    sliders = view.locator(SLIDERS).element_handles()  # found once: a locator looks for visible ones at each step
    before = python(page, [id])[id]
    wrong = [
        said for slider in one_of_each(page, sliders) for said in (press(page, slider), drag(page, slider)) if said
    ]
    page.evaluate(STEP, [sliders, list(map(has_room_above, read(page, *sliders)))])
    readings = read(page, *sliders)
    lost = [reading.label for reading in readings]
    for _ in range(50):
        after = python(page, [id])[id]
        lost = [f"{reading.label}: it says {reading.value}, Python has {after.text}"
                for reading in readings if not follows(reading, before, after)]  # fmt: skip
        if not lost:
            break
        page.wait_for_timeout(100)  # the kernel is told when the hand rests, and a busy machine takes its time
    shown = {x for text in view.evaluate(TEXTS) for x in numbers(text)}
    unseen = [x for x in numbers(after.text) if x not in shown] if "\n" not in after.text else []
    if unseen:
        wrong.append(f"Python says {unseen}, which is not seen: {after.text}")
    heights, early = page.evaluate("() => [[...new Set(window.hand.heights)], window.hand.early]")
    if len(heights) > 1:
        wrong.append(f"its height changes while a hand moves: {heights}")
    if early > len(sliders):  # on a machine that stutters, one or the other is late and not early
        wrong.append(f"{early} messages to the kernel while a hand moves")
    wrong += [
        f"{reading.label}: something lies over it, a mouse cannot take hold of it"
        for hold, reading in zip(page.evaluate(HOLD, sliders), readings, strict=True)
        if hold is None
    ]
    return wrong + lost


def click(page: Page, view: Locator) -> list[str]:
    """Presses one button of each kind by key. What is wrong.

    Where lines are typed, only one that types: an answer to the others is a line more.
    """
    page.evaluate(WATCH)
    view.evaluate("view => window.hand.watch(view)")
    typing = view.get_by_role("group", name="Symbols")
    buttons = (typing.get_by_role("button").first if typing.count() else view.get_by_role("button")).element_handles()
    for button in one_of_each(page, [button for button in buttons if button.is_visible() and button.is_enabled()]):
        button.press("Enter")
    heights = page.evaluate(
        "async () => { await new Promise(requestAnimationFrame); return [...new Set(window.hand.heights)] }"
    )
    return [f"its height changes when its buttons are pressed: {heights}"] if len(heights) > 1 else []


def handled(page: Page) -> Iterator[str]:
    """What is wrong with the views of the notebook in front, once a hand has moved all that it can."""
    views = page.locator(VIEWS).all()
    ids = shown(page)
    assert len(views) == len(ids), "every view is drawn"
    for view, id in zip(views, ids, strict=True):
        yield from (f"{view.get_attribute('aria-label')}: {one}" for one in work(page, view, id))
    for view in views:
        yield from (f"{view.get_attribute('aria-label')}: {one}" for one in click(page, view))
