// Lines to be put in order: by dragging, with the buttons, or with Alt and the arrow keys.
import { button, html, view } from "./view.js"

export default view("Lines to put in order", context => {
  const { box, get, on, set, announce } = context
  const list = html("ol", { class: "mlp-order", "aria-label": get("title") })
  const items = new Map(get("lines").map(line => [line.letter, item(line)]))

  function item({ letter, mathml, plain }) {
    const formula = html("div", { class: "mlp-order-formula", role: "group", tabindex: 0, "aria-label": plain })
    formula.innerHTML = mathml
    const grip = html("span", { class: "mlp-order-grip", "aria-hidden": "true" }, "\u2261")
    const up = button(context, "\u2191", () => move(letter, -1), { "aria-label": `Move line ${letter} up` })
    const down = button(context, "\u2193", () => move(letter, 1), { "aria-label": `Move line ${letter} down` })
    const element = html(
      "li",
      { tabindex: 0, "aria-label": `Line ${letter}: ${plain}` },
      grip,
      html("strong", {}, letter),
      formula,
      html("span", { class: "mlp-row" }, up, down),
    )

    on(element, "keydown", event => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
      if (!by || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      event.stopPropagation()
      if (event.altKey) {
        move(letter, by)
        element.focus()
      } else if (event.target === element) items.get(get("order")[get("order").indexOf(letter) + by])?.focus()
    })

    on(grip, "pointerdown", event => {
      if (event.button !== 0) return
      grip.setPointerCapture(event.pointerId)
      element.classList.add("mlp-order-held")
      element.focus({ preventScroll: true })
      event.preventDefault()
    })
    on(grip, "pointermove", event => {
      if (!grip.hasPointerCapture(event.pointerId)) return
      const others = [...get("order")].filter(other => other !== letter)
      const above = others.filter(other => {
        const { top, height } = items.get(other).getBoundingClientRect()
        return event.clientY > top + height / 2
      })
      place(letter, above.length)
    })
    on(grip, "lostpointercapture", () => {
      element.classList.remove("mlp-order-held")
      tell(letter)
    })
    return element
  }

  function place(letter, at) {
    const others = [...get("order")].filter(other => other !== letter)
    const order = [...others.slice(0, at), letter, ...others.slice(at)].join("")
    if (order !== get("order")) set({ order })
  }

  function move(letter, by) {
    const at = get("order").indexOf(letter) + by
    if (at < 0 || at >= items.size) return
    place(letter, at)
    tell(letter)
  }

  const tell = letter => announce(`Line ${letter} is now number ${get("order").indexOf(letter) + 1} of ${items.size}.`)

  const heading = html("p")
  heading.innerHTML = get("heading")
  box.append(
    heading,
    list,
    html("p", { class: "mlp-hint" }, "Drag a line, use its arrows, or focus it and press Alt with \u2191 or \u2193."),
  )

  return () => {
    const wanted = [...get("order")].map(letter => items.get(letter))
    if (wanted.every((element, at) => list.children[at] === element)) return
    // The others move around the line that a hand holds: out of the page it would be let go, and lose its focus.
    const held = wanted.find(element => element.contains(document.activeElement)) ?? wanted[0]
    if (!list.contains(held)) list.append(held)
    const at = wanted.indexOf(held)
    held.before(...wanted.slice(0, at))
    held.after(...wanted.slice(at + 1))
  }
})
