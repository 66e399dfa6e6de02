import { bars } from "./bars.js"
import { roomFor, scrolling } from "./scroll.js"
import { column, softmax } from "./twin.js"
import { clamp, html, number, put, short, slider, svg, symbol, view } from "./view.js"

const TOP = 62
const HEIGHT = 160
const UNDER = 34 // for the number of a logit at the bottom

// The places of the shift's slider: units near 0, where the text is, and hundreds, where an exponential overflows.
const UNITS = 20
const SHIFTS = [
  ...Array.from({ length: UNITS + 1 }, (_, i) => i),
  50,
  100,
  200,
  300,
  400,
  500,
  600,
  700,
  800,
  900,
  1000,
]
const shiftAt = place => Math.sign(place) * SHIFTS[Math.abs(place)]
const exact = s => s.toFixed(1).replace("-", "\u2212") // what tells it from its neighbours
const placeOf = shift => Math.sign(shift) * SHIFTS.findLastIndex(value => value <= Math.abs(shift))

/** The exponentials and their shares, as they stand and with the largest taken off: a table, and whether they agree. */
function bothWays(K) {
  const rows = [
    ["s = (z₂ − c) / T", "", "", "", "s"],
    ["e", "s", "", "as it stands", "straight"],
    ["e", "s", " / Σ", "as it stands", "ratio"],
    ["e", "s − max s", "", "the largest s taken off", "shifted"],
    ["e", "s − max s", " / Σ = A₂", "the largest s taken off", "A2"],
  ]
  const cells = {}
  const body = html("tbody")
  for (const [base, exponent, rest, way, key] of rows) {
    cells[key] = Array.from({ length: K + 1 }, () => html("td"))
    body.append(
      html(
        "tr",
        { class: `mlp-${key}` },
        html("th", { scope: "row" }, base, html("sup", {}, exponent), rest),
        ...cells[key],
        html("td", { class: "mlp-way" }, way),
      ),
    )
  }
  const head = html(
    "tr",
    {},
    html("td"),
    ...Array.from({ length: K }, (_, i) => html("th", { scope: "col" }, `${i + 1}`)),
    html("th", { scope: "col" }, "Σ"),
    html("td"),
  )
  const table = html("table", { class: "mlp-table" }, html("thead", {}, head), body)
  const verdict = html("p", { class: "mlp-hint mlp-verdict-line" })
  const sum = values => values.reduce((total, value) => total + value, 0)
  const fillRow = (key, values, total) =>
    [...values, total].forEach((value, i) => put(cells[key][i], { text: number(value) }))
  const write = (s, A2) => {
    const m = Math.max(...s)
    const straight = s.map(Math.exp)
    const shifted = s.map(value => Math.exp(value - m))
    const ratio = straight.map(value => value / sum(straight))
    s.forEach((value, i) => put(cells.s[i], { text: Math.abs(value) < 1000 ? number(value) : exact(value) }))
    fillRow("straight", straight, sum(straight))
    fillRow("ratio", ratio, sum(ratio))
    fillRow("shifted", shifted, sum(shifted))
    fillRow("A2", A2, sum(A2))
    const fails = ratio.some(Number.isNaN)
    const lost = !fails && ratio.some((value, i) => Math.abs(value - A2[i]) > 1e-9)
    for (const key of ["straight", "ratio"]) cells[key][0].parentElement.classList.toggle("mlp-fails", fails || lost)
    verdict.classList.toggle("mlp-fails", fails || lost)
    const [zero, large] = ["0, and 0 / 0", "too large for a float, and ∞ / ∞"]
    put(verdict, {
      text: fails
        ? `✗ As it stands, every exponential is ${sum(straight) === 0 ? zero : large} is no number. ` +
          "With the largest s taken off, nothing changes."
        : lost
          ? "✗ As they stand, the exponentials are too small for all their digits. " +
            "With the largest s taken off, nothing is lost."
          : "✓ Both ways agree.",
    })
  }
  return { table, verdict, write }
}

export default view("Softmax: scores in, probabilities out", context => {
  const { box, get, set } = context
  const K = get("z2").length
  const classes = Array.from({ length: K }, (_, i) => i)
  const z = () => get("z2").map(row => row[0])

  // --- the two bar charts
  const drawing = svg("svg")
  box.append(scrolling(context, "the bars", drawing))
  const scoreTitle = symbol("z", "2", {})
  const chanceTitle = symbol("A", "2", {})
  const floor = svg("line", { class: "mlp-axis" })
  const ceiling = svg("line", { class: "mlp-grid" })
  const one = svg("text", { class: "mlp-faint", "text-anchor": "end" })
  one.textContent = "1"
  const scoreWords = svg("text", { class: "mlp-faint" }, "logits: drag them")
  const chanceWords = svg("text", { class: "mlp-faint" }, "probabilities: they follow")
  drawing.append(floor, ceiling, one, scoreTitle, chanceTitle, scoreWords, chanceWords)

  const drawBars = bars(context, drawing, "z2", i => `probability ${number(probabilities()[i])}`)
  const chances = classes.map(i => {
    const bar = svg("rect", { class: "mlp-chance" })
    const label = svg("text", { "text-anchor": "middle" })
    const names = [0, 1].map(() => svg("text", { "text-anchor": "middle", class: "mlp-faint" }, `${i + 1}`))
    drawing.append(bar, label, ...names)
    return { bar, label, names }
  })

  // --- shift and temperature
  const exponents = () => z().map(value => (value - get("shift")) / get("temperature"))
  const probabilities = () => softmax(column(exponents())).map(row => row[0])
  const row = html("div", { class: "mlp-row" })
  row.append(
    slider(context, {
      label: "shift c",
      min: 1 - SHIFTS.length,
      max: SHIFTS.length - 1,
      step: 1,
      value: () => placeOf(get("shift")),
      change: value => set({ shift: shiftAt(value) }),
      text: () => short(get("shift")),
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

  const ways = bothWays(K)
  box.append(scrolling(context, "the numbers", ways.table), ways.verdict)

  let least = 0 // a bar's room, which only grows
  return () => {
    const s = exponents()
    const A2 = probabilities()
    const beside = context.width >= 520
    least = Math.max(least, roomFor([...z(), ...A2].map(number)))
    const width = Math.max(K * least, beside ? (context.width - 48) / 2 : context.width - 24)
    const right = beside ? width + 48 : 24
    const down = beside ? 0 : TOP + HEIGHT + UNDER + 14
    put(drawing, { width: right + width, height: down + TOP + HEIGHT + (beside ? UNDER : 28) })
    put(scoreTitle, { x: 4, y: 18 })
    put(scoreWords, { x: 32, y: 18 })
    put(chanceTitle, { x: right + 4, y: down + 18 })
    put(chanceWords, { x: right + 32, y: down + 18 })
    const base = down + TOP + HEIGHT
    put(floor, { x1: right, x2: right + width, y1: base, y2: base })
    put(ceiling, { x1: right, x2: right + width, y1: down + TOP, y2: down + TOP })
    put(one, { x: right - 6, y: down + TOP + 4 })

    const pitch = width / K
    drawBars({ left: 0, top: TOP, pitch, height: HEIGHT })
    const thick = Math.min(pitch * 0.56, 46)
    chances.forEach(({ bar, label, names }, i) => {
      const x = right + pitch * (i + 0.5)
      const height = HEIGHT * A2[i]
      put(bar, { x: x - thick / 2, y: base - height, width: thick, height })
      put(label, { x, y: base - height - 6, text: number(A2[i]) })
      put(names[0], { x: x - right, y: TOP + HEIGHT / 2 + (z()[i] < 0 ? -14 : 26) }) // where no bar is
      put(names[1], { x, y: base + 18 })
    })

    ways.write(s, A2)
  }
})
