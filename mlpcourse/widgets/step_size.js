import { derivatives } from "./numerical.js"
import { scrolling } from "./scroll.js"
import { clamp, handle, html, number, pointer, put, svg, view } from "./view.js"

const [LEFT, TOP, HEIGHT, RIGHT] = [50, 56, 300, 14]
const [FIRST, LAST] = [-20, 0] // the powers of ten of h
const [LOWEST, HIGHEST] = [-18, 1] // and of the error
const NONE = -17 // where an error of 0 is drawn
const EPS = 2 ** -52
const METHODS = [
  { key: "forward", kind: "difference", how: "(L(w + h) − L(w)) / h", shape: "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z" },
  { key: "central", kind: "difference", how: "(L(w + h) − L(w − h)) / 2h", shape: "m-7.5 -7.5h15v15h-15z" },
  { key: "complex", kind: "step", how: "Im L(w + ih) / h", shape: "m0 -5.5l5 9.5h-10z" },
]
const DECIMALS = 15

const power = x => Number((10 ** x).toPrecision(4))
const level = error => clamp(Math.log10(error), NONE, HIGHEST)
const written = x => x.toFixed(DECIMALS).replace("-", "\u2212")

const WIDE = 560 // of the view, for whole sentences
const bottom = TOP + HEIGHT
const xOf = (x, full) => LEFT + ((full - LEFT - RIGHT) * (x - FIRST)) / (LAST - FIRST)
const yOf = y => TOP + (HEIGHT * (HIGHEST - y)) / (HIGHEST - LOWEST)
const errorOf = (slope, { derived }) => Math.abs(slope - derived)

/** Cut where the first wrong digit stands, and how many digits are right before it. */
function compared(text, truth) {
  let same = 0
  while (same < text.length && text[same] === truth[same]) same += 1
  return {
    right: text.slice(0, same),
    wrong: text.slice(same),
    digits: text.slice(0, same).replace(/\D/g, "").replace(/^0+/, "").length,
  }
}

/** The axes, the clouds of errors, and the laws that they follow. */
function plotElements() {
  const drawing = svg("svg", { height: bottom + 52 })
  const line = name => svg("line", { class: name })
  const faint = (anchor, ...content) => svg("text", { class: "mlp-faint", "text-anchor": anchor }, ...content)
  const tick = (x, anchor) =>
    x === 0
      ? faint(anchor, "1")
      : faint(anchor, "10", svg("tspan", { class: "mlp-power", dy: "-0.5em" }, `\u2212${-x}`))
  const axes = [line("mlp-axis"), line("mlp-axis")]
  const across = [-20, -16, -12, -8, -4, 0].map(x => ({ x, label: tick(x, "middle"), mark: line("mlp-axis") }))
  const up = [-16, -12, -8, -4, 0].map(y => ({ y, label: tick(y, "end"), mark: line("mlp-grid") }))
  up.push({ y: NONE, label: faint("end", "0"), mark: line("mlp-grid") })
  const titles = [
    put(
      faint(
        "start",
        "error, where ∂L / ∂w",
        svg("tspan", { class: "mlp-index", dy: "0.3em" }, "2,11"),
        svg("tspan", { dy: "-0.22em" }),
      ),
      { y: 16 },
    ),
    faint("middle", "step h"),
  ]
  const laws = [
    { slope: 1, at: [-1.8, -5], lift: -10, words: "forward: Taylor, h", short: "Taylor: h" },
    { slope: 2, at: [-5.3, -5.3], lift: 20, words: "central, complex: h²", short: "Taylor: h²" },
    { slope: -1, at: [-11.6, -11.6], lift: -10, words: "forward, central: rounding, ε / h", short: "rounding: ε / h" },
  ].map(law => ({ ...law, guide: line("mlp-guide"), word: put(faint("middle"), { class: "mlp-faint mlp-halo" }) }))
  const clouds = METHODS.map(({ key }) => svg("path", { class: `mlp-cloud mlp-${key}` }))
  const ticks = [...up, ...across]
  drawing.append(
    ...ticks.map(({ mark }) => mark),
    ...laws.map(({ guide }) => guide),
    ...clouds,
    ...laws.map(({ word }) => word),
  )
  // After the words, which are turned: what is painted after them keeps its bounds then, while the handle moves.
  drawing.append(...axes, ...ticks.map(({ label }) => label), ...titles)
  return { drawing, axes, across, up, titles, laws, clouds }
}

function drawScales({ drawing, axes, across, up, titles }, full) {
  put(drawing, { width: full })
  const right = full - RIGHT
  put(axes[0], { x1: LEFT, x2: right, y1: bottom, y2: bottom })
  put(axes[1], { x1: LEFT, x2: LEFT, y1: TOP, y2: bottom })
  for (const { x, label, mark } of across) {
    put(label, { x: xOf(x, full), y: bottom + 28, visibility: full < 300 && x % 8 ? "hidden" : "visible" })
    put(mark, { x1: xOf(x, full), x2: xOf(x, full), y1: bottom, y2: bottom + 5 })
  }
  for (const { y, label, mark } of up) {
    put(label, { x: LEFT - 8, y: yOf(y) + 5 })
    put(mark, { x1: LEFT, x2: right, y1: yOf(y), y2: yOf(y) })
  }
  put(titles[1], { x: (LEFT + right) / 2, y: bottom + 48 })
}

function drawErrors({ clouds, laws }, full, samples, numerical) {
  clouds.forEach((cloud, i) => {
    const { key } = METHODS[i]
    put(cloud, {
      d: samples
        .map(
          ({ x, slopes }) => `M${xOf(x, full).toFixed(1)} ${yOf(level(errorOf(slopes[key], numerical))).toFixed(1)}h0`,
        )
        .join(""),
    })
  })
  // What Taylor leaves, measured where rounding plays no part, and what rounding costs: EPS of L, divided by h.
  const error = (x, method) => Math.log10(errorOf(numerical.at(10 ** x)[method], numerical))
  const [h1, h2, rounding] = [error(-3, "forward") + 3, error(-2, "central") + 4, Math.log10(EPS * numerical.L)]
  const best = [(rounding - h1) / 2, (rounding - h2) / 3] // where the two meet
  const places = [
    { at0: h1, from: best[0], to: LAST },
    { at0: h2, from: (NONE - h2) / 2, to: LAST },
    { at0: rounding, from: rounding - HIGHEST, to: best[1] },
  ]
  laws.forEach(({ slope, at, lift, words, short, guide, word }, i) => {
    const x = at[Number(full >= WIDE)]
    const { at0, from, to } = places[i]
    const of = x => yOf(at0 + slope * x)
    const drawn = Number.isFinite(at0 + from + to) // not so where an error is exactly 0
    for (const element of [guide, word]) put(element, { visibility: drawn ? "visible" : "hidden" })
    if (!drawn) return
    put(guide, { x1: xOf(from, full), x2: xOf(to, full), y1: of(from), y2: of(to) })
    const turn = (Math.atan2(of(1) - of(0), xOf(1, full) - xOf(0, full)) * 180) / Math.PI
    put(word, { transform: `translate(${xOf(x, full)} ${of(x)}) rotate(${turn}) translate(0 ${lift})` })
    put(word, { text: full >= WIDE ? words : short })
  })
}

function methodsTable() {
  const rows = METHODS.map(({ key, kind, how, shape }) => {
    const icon = svg(
      "svg",
      { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": true },
      svg("path", { class: `mlp-marker mlp-${key}`, d: shape }),
    )
    const [right, wrong] = [html("span", { class: "mlp-sure" }), html("span")]
    const [digits, error] = [html("td"), html("td")]
    const head = html("th", { scope: "row" }, icon, key, html("span", { class: "mlp-kind" }, ` ${kind}`))
    const element = html(
      "tr",
      {},
      head,
      html("td", { class: "mlp-how" }, how),
      html("td", { class: "mlp-digits" }, right, wrong),
      digits,
      error,
    )
    return { element, right, wrong, digits, error }
  })
  const truth = html("td", { class: "mlp-digits" })
  const heads = ["method", "formula", "∂L / ∂w", "right digits", "error"].map(text =>
    html("th", { scope: "col" }, text),
  )
  const body = html(
    "tbody",
    {},
    ...rows.map(({ element }) => element),
    html(
      "tr",
      { class: "mlp-truth" },
      html("th", { scope: "row" }, "derived"),
      html("td", { class: "mlp-how" }, "backward pass"),
      truth,
      html("td"),
      html("td"),
    ),
  ) // prettier-ignore
  const table = html("table", { class: "mlp-table mlp-numerical" }, html("thead", {}, html("tr", {}, ...heads)), body)
  return { table, rows, truth }
}

export default view("The error of a numerical derivative against its step", context => {
  const { box, get, set } = context
  const names = ["w1", "b1", "w2", "b2", "X", "y"]

  // --- computed anew only when the network changes
  let known = []
  let numerical = null
  let samples = []
  const refresh = () => {
    const now = names.map(get)
    if (now.every((array, i) => array === known[i])) return false
    known = now
    const [w1, b1, w2, b2, X, y] = now
    numerical = derivatives({ w1, b1, w2, b2 }, X, y)
    const steps = Array.from({ length: 10 * (LAST - FIRST) + 1 }, (_, n) => FIRST + n / 10)
    samples = steps.map(x => ({ x, slopes: numerical.at(power(x)) }))
    return true
  }
  const results = () => {
    const slopes = numerical.at(get("h"))
    return METHODS.map(({ key }) => ({
      value: slopes[key],
      error: errorOf(slopes[key], numerical),
      ...compared(written(slopes[key]), written(numerical.derived)),
    }))
  }

  // --- the plot
  const plot = plotElements()
  const { drawing } = plot
  const stem = svg("line", { class: "mlp-plumb" })
  const markers = METHODS.map(({ key }) => svg("path", { class: `mlp-marker mlp-${key}` }))
  const grip = svg("rect", { class: "mlp-grip", width: 44, height: HEIGHT + 24, y: TOP })
  const knob = svg("circle", { class: "mlp-knob", r: 8, cy: bottom })
  const ring = svg("circle", { class: "mlp-ring", r: 13, cy: bottom })
  const now = svg("text", { class: "mlp-now mlp-halo", y: TOP - 16 })
  const whole = svg("g", {}, grip, stem, ...[1, 0, 2].map(i => markers[i]), knob, ring, now)
  drawing.append(whole)
  handle(context, whole, {
    label: "step h",
    min: FIRST,
    max: LAST,
    step: 0.1,
    value: () => Math.log10(get("h")),
    change: x => set({ h: power(x) }),
    at: event => FIRST + ((pointer(event, drawing).x - LEFT) * (LAST - FIRST)) / (context.width - LEFT - RIGHT),
    text: () =>
      `${number(get("h"))}; right digits: ${results()
        .map(({ digits }, i) => `${METHODS[i].key} ${digits}`)
        .join(", ")}`,
  })

  const { table, rows, truth } = methodsTable()
  box.append(drawing, scrolling(context, "the numbers", table))

  let shown = 0
  return () => {
    const fresh = refresh()
    if (fresh || shown !== context.width) {
      shown = context.width
      table.classList.toggle("mlp-wide", context.width >= WIDE)
      table.classList.toggle("mlp-widest", context.width >= 740)
      table.classList.toggle("mlp-narrow", context.width < 400)
      drawScales(plot, context.width)
      drawErrors(plot, context.width, samples, numerical)
    }
    const h = get("h")
    const x = xOf(clamp(Math.log10(h), FIRST, LAST), context.width)
    put(grip, { x: x - 22 })
    for (const element of [knob, ring]) put(element, { cx: x })
    put(stem, { x1: x, x2: x, y1: TOP - 8, y2: bottom })
    put(now, { x: clamp(x, LEFT + 40, context.width - RIGHT - 40), "text-anchor": "middle", text: `h = ${number(h)}` })
    results().forEach(({ right, wrong, digits, error }, i) => {
      put(markers[i], { d: `M${x} ${yOf(level(error))}${METHODS[i].shape}` })
      put(rows[i].right, { text: right })
      put(rows[i].wrong, { text: wrong })
      put(rows[i].digits, { text: String(digits) })
      put(rows[i].error, { text: number(error) })
    })
    put(truth, { text: written(numerical.derived) })
    put(plot.titles[0].lastChild, { text: ` is ${number(numerical.derived)}` })
  }
})
