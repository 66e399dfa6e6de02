import { column, softmax } from "./twin.js"
import { clamp, handle, html, number, pointer, put, slider, svg, symbol, view } from "./view.js"

const SUBSCRIPT = [..."₀₁₂₃₄₅₆₇₈₉"]
const subscript = n => [...String(n)].map(digit => SUBSCRIPT[digit]).join("")

export default view("Softmax: scores in, probabilities out", context => {
  const { box, get, set } = context
  const K = get("z2").length
  const classes = Array.from({ length: K }, (_, i) => i)
  const z = () => get("z2").map(row => row[0])
  let span = 5 // the scores' axis reaches from -span to span; it grows when Python asks for more, and stays

  // --- the two bar charts
  const drawing = svg("svg", { height: 250 })
  box.append(drawing)
  const scoreTitle = symbol("z", "2", {})
  const chanceTitle = symbol("A", "2", {})
  const zero = svg("line", { class: "mlp-axis" })
  const floor = svg("line", { class: "mlp-axis" })
  const ceiling = svg("line", { class: "mlp-grid" })
  const one = svg("text", { class: "mlp-faint", "text-anchor": "end" })
  one.textContent = "1"
  const scoreWords = svg("text", { class: "mlp-faint" }, "scores: drag them")
  const chanceWords = svg("text", { class: "mlp-faint" }, "probabilities: they follow")
  drawing.append(zero, floor, ceiling, one, scoreTitle, chanceTitle, scoreWords, chanceWords)

  const TOP = 44
  const HEIGHT = 160
  let scale = { x: 0, y: 0 }
  const scoreY = value => TOP + (HEIGHT / 2) * (1 - clamp(value, -span, span) / span) + scale.y
  const bars = classes.map(i => {
    const bar = svg("rect")
    const knob = svg("circle", { r: 8, class: "mlp-knob" })
    const ring = svg("circle", { r: 13, class: "mlp-ring" })
    const grip = svg("rect", { class: "mlp-grip", height: 44 })
    const label = svg("text", { "text-anchor": "middle" })
    const score = svg("g", {}, grip, bar, knob, ring, label)
    const chance = svg("rect", { class: "mlp-chance" })
    const chanceLabel = svg("text", { "text-anchor": "middle" })
    const names = [0, 1].map(() => svg("text", { "text-anchor": "middle", class: "mlp-faint" }, `${i + 1}`))
    drawing.append(chance, chanceLabel, ...names, score)
    handle(context, score, {
      label: `score z2 of class ${i + 1}`,
      vertical: true,
      min: () => -span,
      max: () => span,
      step: 0.1,
      value: () => z()[i],
      change: value => set({ z2: column(z().map((old, j) => (j === i ? value : old))) }),
      at: event => span * (1 - (pointer(event, drawing).y - scale.y - TOP) / (HEIGHT / 2)),
      text: value => `${number(value)}, probability ${number(probabilities()[i])}`,
    })
    return { bar, knob, ring, grip, label, chance, chanceLabel, names }
  })

  // --- shift and temperature
  const exponents = () => z().map(value => (value + get("shift")) / get("temperature"))
  const probabilities = () => softmax(column(exponents())).map(row => row[0])
  const row = html("div", { class: "mlp-row" })
  row.append(
    slider(context, {
      label: "shift c",
      min: -1000,
      max: 1000,
      step: 10,
      value: () => get("shift"),
      change: value => set({ shift: value }),
      text: value => number(value).replace(/\.000$/, ""),
    }),
    slider(context, {
      label: "temperature T",
      min: -1,
      max: 1,
      step: 0.05,
      value: () => Math.log10(get("temperature")),
      change: value => set({ temperature: clamp(Number((10 ** value).toPrecision(3)), 0.1, 10) }),
      text: () => String(get("temperature")),
    }),
  )
  box.append(row)

  // --- the same, straight and with the largest score taken off
  const rows = [
    ["s = (z₂ + c) / T", "the exponents", "s"],
    ["eˢ", "straight", "straight"],
    ["eˢ / Σ", "straight", "ratio"],
    ["eˢ⁻ᵐ", "m is the largest s", "shifted"],
    ["A₂ = eˢ⁻ᵐ / Σ", "m is the largest s", "A2"],
  ]
  const cells = {}
  const body = html("tbody")
  for (const [formula, , key] of rows) {
    cells[key] = Array.from({ length: K + 1 }, () => html("td"))
    body.append(html("tr", { class: `mlp-${key}` }, html("th", { scope: "row" }, formula), ...cells[key]))
  }
  const head = html("tr", {}, html("td"), ...classes.map(i => html("th", { scope: "col" }, `${i + 1}`)), html("th", { scope: "col" }, "Σ"))
  const table = html("table", { class: "mlp-table" }, html("thead", {}, head), body)
  const verdict = html("p", { class: "mlp-hint" })
  box.append(html("div", { class: "mlp-scroll", role: "region", tabindex: 0, "aria-label": "the numbers" }, table), verdict)

  const sum = values => values.reduce((total, value) => total + value, 0)
  const fillRow = (key, values, total) =>
    [...values, total].forEach((value, i) => put(cells[key][i], { text: value === null ? "" : number(value) }))

  return () => {
    const scores = z()
    const s = exponents()
    const A2 = probabilities()
    span = Math.max(span, Math.ceil(Math.max(...scores.map(Math.abs))))

    const beside = context.width >= 520
    const width = beside ? (context.width - 48) / 2 : context.width - 24
    const right = beside ? width + 48 : 24
    const down = beside ? 0 : TOP + HEIGHT + 40
    scale = { x: 0, y: 0 }
    put(drawing, { width: context.width, height: down + TOP + HEIGHT + 28 })
    put(scoreTitle, { x: 4, y: 18 })
    put(scoreWords, { x: 32, y: 18 })
    put(chanceTitle, { x: right + 4, y: down + 18 })
    put(chanceWords, { x: right + 32, y: down + 18 })
    put(zero, { x1: 0, x2: width, y1: scoreY(0), y2: scoreY(0) })
    const base = down + TOP + HEIGHT
    put(floor, { x1: right, x2: right + width, y1: base, y2: base })
    put(ceiling, { x1: right, x2: right + width, y1: down + TOP, y2: down + TOP })
    put(one, { x: right - 6, y: down + TOP + 4 })

    const pitch = width / K
    const thick = Math.min(pitch * 0.56, 46)
    bars.forEach((part, i) => {
      const x = pitch * (i + 0.5)
      const y = scoreY(scores[i])
      const sign = scores[i] < 0 ? "mlp-minus" : "mlp-plus"
      put(part.bar, { x: x - thick / 2, y: Math.min(y, scoreY(0)), width: thick, height: Math.abs(y - scoreY(0)), class: sign })
      put(part.knob, { cx: x, cy: y })
      put(part.ring, { cx: x, cy: y })
      put(part.grip, { x: x - pitch / 2, y: y - 22, width: pitch })
      put(part.label, { x, y: scores[i] < 0 ? y + 27 : y - 15, text: number(scores[i]) })
      put(part.names[0], { x, y: TOP + HEIGHT + 22 })
      const height = HEIGHT * A2[i]
      put(part.chance, { x: right + x - thick / 2, y: base - height, width: thick, height })
      put(part.chanceLabel, { x: right + x, y: base - height - 6, text: number(A2[i]) })
      put(part.names[1], { x: right + x, y: base + 18 })
    })

    const m = Math.max(...s)
    const straight = s.map(Math.exp)
    const shifted = s.map(value => Math.exp(value - m))
    const ratio = straight.map(value => value / sum(straight))
    fillRow("s", s, null)
    fillRow("straight", straight, sum(straight))
    fillRow("ratio", ratio, sum(ratio))
    fillRow("shifted", shifted, sum(shifted))
    fillRow("A2", A2, sum(A2))
    const fails = ratio.some(Number.isNaN)
    const lost = !fails && ratio.some((value, i) => Math.abs(value - A2[i]) > 1e-9)
    put(table, { "data-fails": fails || lost })
    put(verdict, {
      text: fails
        ? `✗ Straight, every exponential is ${sum(straight) === 0 ? "0, and 0 / 0" : "too large for a float, and ∞ / ∞"} is no number. With the largest score taken off, nothing changes.`
        : lost
          ? "✗ Straight, the exponentials are too small for all their digits. With the largest score taken off, nothing is lost."
          : "✓ Both ways agree.",
    })
  }
})
