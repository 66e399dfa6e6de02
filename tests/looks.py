"""How a view looks, whatever it shows: no text over another or cut off, nothing that axe-core calls serious."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

# Texts of a view that lie over one another, are cut off, or leave the view or their button. A formula is one piece, as
# is a text of a drawing; other texts have a piece for each line. Of a font's height, some is left free of ink.
TEXTS = """view => {
    const clip = (rect, element) => {
        let { left, top, right, bottom } = rect
        let cut = false
        for (let outer = element; outer !== view.parentElement; outer = outer.parentElement) {
            const { overflowX, overflowY } = getComputedStyle(outer)
            if (outer instanceof SVGElement || (overflowX === 'visible' && overflowY === 'visible')) continue
            const edge = outer.getBoundingClientRect()
            if (overflowX === 'hidden' && (left < edge.left - 1 || right > edge.right + 1)) cut = true
            if (overflowY === 'hidden' && (top < edge.top - 1 || bottom > edge.bottom + 1)) cut = true
            left = Math.max(left, edge.left); right = Math.min(right, edge.right)
            top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom)
        }
        return { left, top, right, bottom, cut }
    }
    const visible = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && !element.closest('.mlp-live')
    const pieces = []
    const add = (element, text, rects) => {
        if (!text.trim() || !visible(element)) return
        for (const rect of rects) {
            const part = clip(rect, element)
            if (rect.width > 0 && (part.cut || (part.right > part.left && part.bottom > part.top)))
                pieces.push({ text: text.trim().replace(/\\s+/g, ' ').slice(0, 60), element, ...part })
        }
    }
    for (const element of view.querySelectorAll('math, svg text'))
        if (!element.parentElement.closest('math')) add(element, element.textContent, [element.getBoundingClientRect()])
    const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const { currentNode } = walker
        if (currentNode.parentElement.closest('math, svg')) continue
        const range = document.createRange()
        range.selectNodeContents(currentNode)
        add(currentNode.parentElement, currentNode.data, range.getClientRects())
    }
    const wrong = []
    const leaves = (piece, outer) => {
        const edge = outer.getBoundingClientRect()
        return piece.left < edge.left - 1 || piece.right > edge.right + 1
            || piece.top < edge.top - 1 || piece.bottom > edge.bottom + 1
    }
    for (const piece of pieces) {
        const button = piece.element.closest('button')
        if (piece.cut) wrong.push(`"${piece.text}" is cut off`)
        else if (leaves(piece, view)) wrong.push(`"${piece.text}" leaves the view`)
        else if (button && leaves(piece, button)) wrong.push(`"${piece.text}" leaves its button`)
    }
    const inner = ({ left, top, right, bottom }) => {
        const height = bottom - top
        return { left: left + 1, right: right - 1, top: top + 0.2 * height, bottom: bottom - 0.2 * height }
    }
    const cores = pieces.map(inner)
    for (let i = 0; i < pieces.length; i += 1) for (let j = i + 1; j < pieces.length; j += 1) {
        const [a, b] = [cores[i], cores[j]]
        const over = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
        if (over && pieces[i].element !== pieces[j].element)
            wrong.push(`"${pieces[i].text}" lies over "${pieces[j].text}"`)
    }
    return wrong
}"""

# Texts of drawings, which axe-core leaves out, that stand out too little from what is drawn below them (WCAG 2, AA).
FAINT = """view => {
    const colour = text => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g)?.map(Number) ?? [0, 0, 0, 0]
        return text.startsWith('color') ? [255 * r, 255 * g, 255 * b, a] : [r, g, b, a]
    }
    const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => a * c + (1 - a) * below[i])
    const light = rgb => rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
    const opacity = element => element === view ? 1
        : Number(getComputedStyle(element).opacity) * opacity(element.parentElement)
    const painted = element => {
        const style = getComputedStyle(element)
        if (!(element instanceof SVGElement)) return colour(style.backgroundColor)
        if (!(element instanceof SVGGeometryElement)) return [0, 0, 0, 0]
        const [r, g, b, a] = colour(element instanceof SVGLineElement ? style.stroke : style.fill)
        return [r, g, b, a * Number(style.fillOpacity) * opacity(element)]
    }
    const wrong = []
    for (const text of view.querySelectorAll('svg text')) {
        const visible = text.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        if (!text.textContent.trim() || !visible) continue
        text.scrollIntoView({ block: 'nearest' })
        const { left, top, width, height } = text.getBoundingClientRect()
        const stack = document.elementsFromPoint(left + width / 2, top + height / 2)
        const below = stack.filter(other => !text.contains(other)).map(painted)
        const style = getComputedStyle(text)
        const halo = style.paintOrder.startsWith('stroke') && style.stroke !== 'none' ? [colour(style.stroke)] : []
        const ground = [...halo, ...below].reduceRight((rgb, layer) => over(layer, rgb), [255, 255, 255])
        const [r, g, b, a] = colour(style.fill)
        const ink = over([r, g, b, a * opacity(text)], ground)
        const [dark, bright] = [light(ink), light(ground)].sort((x, y) => x - y)
        const size = parseFloat(style.fontSize)
        const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
        const ratio = (bright + 0.05) / (dark + 0.05)
        if (stack.length && ratio < needed) wrong.push(`"${text.textContent}" has a contrast of ${ratio.toFixed(2)}`)
    }
    return wrong
}"""


def unreadable(view: Locator) -> list[str]:
    """What is wrong with where a view's texts are."""
    wrong: list[str] = view.evaluate(TEXTS)
    return wrong


def faint(view: Locator) -> list[str]:
    """The texts in a view's drawings with too little contrast."""
    wrong: list[str] = view.evaluate(FAINT)
    return wrong


def inaccessible(page: Page, part: str) -> list[str]:
    """What axe-core calls serious or critical in the parts of the page that the selector names."""
    options = {"resultTypes": ["violations"]}
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]
