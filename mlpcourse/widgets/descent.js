import { put, svg } from "./view.js"

const SPANS = [100, 200, 500, 1000, 2000, 5000, 10000] // steps; the axis waits until it is full, and then shows more
// The height of the chart, in pixels and in units of the loss; room for the numbers.
const [CHART, TOP, LEFT] = [130, 2, 20]

/**
 * The loss after each step, and a fainter curve beside it. draw({ width, K, from, curve, faint }): `from` is the first
 * step.
 */
export function descent() {
  const y = value => LEFT + CHART * (1 - value / TOP)
  const words = (attributes, ...children) => svg("text", { class: "mlp-faint", ...attributes }, ...children)
  const drawing = svg("svg", { height: CHART + 40, role: "img", "aria-label": "the loss after each step" })
  const floor = svg("line", { class: "mlp-axis", x1: LEFT, y1: y(0), y2: y(0) })
  const chance = svg("line", { class: "mlp-grid", x1: LEFT })
  const chanceName = words({ "text-anchor": "end" })
  const ticks = [0, 1, 2].map(value => words({ x: 12, y: y(value) + 4, "text-anchor": "end" }, String(value)))
  const zero = words({ x: LEFT, y: y(0) + 16 }, "0")
  const farthest = words({ y: y(0) + 16, "text-anchor": "end" })
  const name = words({ y: y(0) + 16, "text-anchor": "middle" }, "step")
  const above = words({ y: 36, "text-anchor": "end" }, "▲ above the chart")
  const second = svg("path", { class: "mlp-descent mlp-right-descent" })
  const first = svg("path", { class: "mlp-descent" })
  const reached = svg("circle", { class: "mlp-reached", r: 3.5 })
  drawing.append(floor, chance, chanceName, ...ticks, zero, farthest, name, second, first, reached, above)

  const tenth = value => Math.round(10 * value) / 10
  const path = (values, x) => {
    const at = i => `${tenth(x(i))} ${tenth(y(Math.min(values[i], 1.03 * TOP)))}`
    const stride = Math.max(1, Math.floor(values.length / 300))
    let d = "M"
    for (let i = 0; i < values.length - 1; i += stride) d += `${at(i)}L`
    return d + at(values.length - 1)
  }
  const draw = ({ width, K, from, curve, faint }) => {
    const right = width - 4
    const steps = from + curve.length - 1
    const span = SPANS.find(length => length >= steps)
    const x = i => LEFT + ((right - LEFT) * (from + i)) / span
    put(drawing, { width })
    put(floor, { x2: right })
    put(chance, { x2: right, y1: y(Math.log(K)), y2: y(Math.log(K)) })
    put(chanceName, { x: right, y: y(Math.log(K)) - 5, text: `log ${K}: knows nothing` })
    put(farthest, { x: right, text: String(span) })
    put(name, { x: (LEFT + right) / 2 })
    put(first, { d: path(curve, x) })
    put(reached, { cx: x(curve.length - 1), cy: y(Math.min(curve.at(-1), 1.03 * TOP)) })
    put(second, { d: faint ? path(faint, x) : "" })
    put(above, { x: right, visibility: curve.at(-1) > TOP ? "visible" : "hidden" })
  }
  return { drawing, draw }
}
