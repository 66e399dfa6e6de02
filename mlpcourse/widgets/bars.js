import { replaced } from "./twin.js"
import { clamp, handle, number, pointer, put, svg } from "./view.js"

/**
 * The entries of a column trait as bars up and down from a zero line, each with a knob to drag.
 *
 * Returns draw({ left, top, pitch, height }): the place of the bars and the distance from one to the next; draw returns
 * how far the axis reaches up and down. That is `span`; it grows when Python asks for more, and stays. `text(i)` is
 * what is spoken beside the number, `each` what an entry belongs to.
 */
export function bars(context, drawing, name, text, { span = 5, each = "class" } = {}) {
  const values = () => context.get(name).map(row => row[0])
  let place = { left: 0, top: 0, pitch: 1, height: 1 }
  const yOf = value => place.top + (place.height / 2) * (1 - value / span)
  const zero = svg("line", { class: "mlp-axis" })
  drawing.append(zero)
  const parts = values().map((_, i) => {
    const grip = svg("rect", { class: "mlp-grip", height: 44 })
    const bar = svg("rect")
    const knob = svg("circle", { r: 8, class: "mlp-knob" })
    const ring = svg("circle", { r: 13, class: "mlp-ring" })
    const label = svg("text", { "text-anchor": "middle" })
    const whole = svg("g", {}, grip, bar, knob, ring, label)
    drawing.append(whole)
    handle(context, whole, {
      label: `${name}, ${each} ${i + 1}`,
      vertical: true,
      min: () => -span,
      max: () => span,
      step: 0.1,
      value: () => values()[i],
      change: value => context.set({ [name]: replaced(context.get(name), i, 0, value) }),
      at: event => span * (1 - (pointer(event, drawing).y - place.top) / (place.height / 2)),
      text: value => `${number(value)}, ${text(i)}`,
    })
    return { grip, bar, knob, ring, label }
  })

  return where => {
    place = where
    const now = values()
    span = Math.max(span, Math.ceil(Math.max(...now.map(Math.abs))))
    const { left, pitch } = place
    const thick = Math.min(pitch * 0.56, 46)
    const middle = yOf(0)
    put(zero, { x1: left, x2: left + pitch * now.length, y1: middle, y2: middle })
    parts.forEach(({ grip, bar, knob, ring, label }, i) => {
      const x = left + pitch * (i + 0.5)
      const y = yOf(clamp(now[i], -span, span))
      const down = now[i] < 0
      put(bar, { x: x - thick / 2, y: Math.min(y, middle), width: thick, height: Math.abs(y - middle) })
      put(bar, { class: down ? "mlp-minus" : "mlp-plus" })
      put(knob, { cx: x, cy: y })
      put(ring, { cx: x, cy: y })
      put(grip, { x: x - pitch / 2, y: y - 22, width: pitch })
      put(label, { x, y: down ? y + 28 : y - 18, text: number(now[i]) })
    })
    return span
  }
}
