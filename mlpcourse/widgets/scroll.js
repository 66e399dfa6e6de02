import { html, put } from "./view.js"

/** Pixels that the longest of some numbers needs in a column of its own, and one of so many characters at least. */
export const roomFor = (texts, least = 6) => 8.4 * Math.max(least, ...texts.map(text => text.length))

/** Holds what may be wider than the view. It scrolls sideways then, and is a tab stop for the arrow keys. */
export function scrolling(context, label, child) {
  const element = html("div", { class: "mlp-scroll" }, child)
  const observer = new ResizeObserver(() => {
    if (element.scrollWidth > element.clientWidth) put(element, { role: "group", tabindex: 0, "aria-label": label })
    else for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name)
  })
  for (const each of [element, child]) observer.observe(each)
  context.signal.addEventListener("abort", () => observer.disconnect())
  return element
}
