import { bars } from "./bars.js"
import { choice } from "./choice.js"
import { by, flowing, formula, indexed, mi, mo, slot, sumTo } from "./formula.js"
import { roomFor, scrolling } from "./scroll.js"
import { column, cross_entropy, softmax, softmax_jacobian } from "./twin.js"
import { html, number, put, short, svg, symbol, view } from "./view.js"

const TOP = 32 // of the first path's row
const NODE = 16
const WORDS = 104 // beside the logits
const LABELS = 112 // the names of the rows
const NUMBERS = 58 // their products

/** The shaft and the head of an arrow with room for a node at both ends, as paths. */
function arrow(x1, y1, x2, y2) {
  const length = Math.hypot(x2 - x1, y2 - y1)
  const [u, v] = [(x2 - x1) / length, (y2 - y1) / length]
  const [x, y] = [x2 - u * (NODE + 4), y2 - v * (NODE + 4)]
  const side = sign => `${x - 9 * u - sign * 5 * v} ${y - 9 * v + sign * 5 * u}`
  return [`M${x1 + u * (NODE + 2)} ${y1 + v * (NODE + 2)}L${x} ${y}`, `M${side(1)}L${x} ${y}L${side(-1)}`]
}

const signed = x => (x < 0 ? "mlp-minus" : x > 0 ? "mlp-plus" : "mlp-none")
const shown = x => (x === 0 ? "0" : number(x))

const node = (letter, index) => {
  const parts = [
    svg("circle", { class: "mlp-node", r: NODE }),
    symbol(letter, index, { "text-anchor": "middle" }),
    svg("text", { class: "mlp-faint mlp-halo", "text-anchor": "middle" }),
  ]
  return { parts, index: parts[1].querySelector("tspan") }
}
const edge = () => ({
  shaft: svg("path"),
  head: svg("path"),
  factor: svg("text", { class: "mlp-factor mlp-halo", "text-anchor": "middle" }),
})
const bar = (attributes = {}) => ({
  face: svg("rect", { height: 18, rx: 1, ...attributes }),
  drop: svg("line", { class: "mlp-drop" }),
  name: svg("text"),
  product: svg("text", { "text-anchor": "end" }),
})

const place = ({ parts, index }, x, y, value, text) => {
  put(parts[0], { cx: x, cy: y })
  put(parts[1], { x, y: y + 4 })
  put(parts[2], { x, y: y + NODE + 15, text: number(value) })
  if (text) put(index, { text })
}
const join = ({ shaft, head, factor }, from, to, slope, alive) => {
  const look = `mlp-edge ${signed(slope)} ${alive ? "mlp-alive" : ""}`
  const [along, tip] = arrow(...from, ...to)
  put(shaft, { d: along, class: look })
  put(head, { d: tip, class: `${look} mlp-tip` })
  put(factor, { x: (from[0] + to[0]) / 2, y: (from[1] + to[1]) / 2 + 4, text: shown(slope) })
}

/** The logits as bars, and which logit and which class are meant. */
function logitsAndChoices(context, { classes, scores, A2, truth }) {
  const { get, set } = context
  const logits = svg("svg")
  const hint = svg("text", { class: "mlp-faint" }, "drag the logits")
  const drawBars = bars(context, logits, "z2", i => `probability ${number(A2()[i])}`)
  const names = classes.map(k => symbol("z", `2${k + 1}`, { "text-anchor": "middle" }))
  logits.append(hint, ...names)
  const numbered = () => classes.map(k => [String(k + 1)])
  const ofLogit = choice(context, {
    label: "logit i",
    options: numbered(),
    value: () => get("i") - 1,
    change: i => set({ i: i + 1 }),
  })
  const ofClass = choice(context, {
    label: "true class t",
    options: numbered(),
    value: truth,
    change: t => set({ y: column(classes.map(k => Number(k === t))) }),
  })
  const top = html(
    "div",
    { class: "mlp-top" },
    scrolling(context, "the logits", logits),
    html("div", { class: "mlp-chosen" }, ofLogit, ofClass),
  )
  let least = 0 // a logit's room, which only grows
  const drawSettings = i => {
    const K = classes.length
    least = Math.max(least, roomFor(scores().map(number)))
    const words = context.width < WORDS + least * K ? 0 : WORDS // or above the bars
    const each = Math.max(least, Math.min((context.width - words) / K, 84))
    put(logits, { width: words + each * K, height: words ? 184 : 202 })
    put(hint, { y: words ? 104 : 14 })
    drawBars({ left: words, top: words ? 50 : 68, pitch: each, height: 100 })
    names.forEach((name, k) => {
      put(name, { x: words + each * (k + 0.5), y: words ? 14 : 34 })
      name.classList.toggle("mlp-strong", k === i)
    })
  }
  return { top, drawSettings }
}

/** The chain rule with its sum, and what one path alone would say (the handout's H09). */
function chainRule(K) {
  const [z, A] = [indexed("z", 2), indexed("A", 2, mi("k"))]
  const chain = formula(by(mi("L"), z) + mo("=") + sumTo("k", `<mn>${K}</mn>`) + by(mi("L"), A) + by(A, z))
  const result = formula(mo("=") + slot)
  const alone = html("p", { class: "mlp-hint" })
  const formulas = html("div", { class: "mlp-formulas" }, chain.element, flowing([result]))
  const write = (i, t, total) => {
    chain.fill([i + 1, i + 1])
    result.fill([number(total)])
    const lost =
      i === t
        ? "is the one that carries something: nothing would be left out without the others."
        : `carries nothing here: without the others, the ${number(total)} on the path k = ${t + 1}, dashed above, is left out.`
    put(alone, { text: `The path k = ${i + 1} alone ${lost}` })
  }
  return { formulas, alone, write }
}

export default view("Every path from one logit to the loss", context => {
  const { box, get } = context
  const scores = () => get("z2").map(row => row[0])
  const K = scores().length
  const classes = Array.from({ length: K }, (_, k) => k)
  const A2 = () => softmax(get("z2")).map(row => row[0])
  const truth = () => get("y").findIndex(row => row[0] === 1)

  const settings = logitsAndChoices(context, { classes, scores, A2, truth })
  // --- the paths, and beside each its product
  const drawing = svg("svg", { role: "img" })
  const start = node("z", "")
  const end = node("L", "")
  const paths = classes.map(k => ({ output: node("A", `2${k + 1}`), first: edge(), second: edge(), term: bar() }))
  const sum = bar()
  const alone = bar({ class: "mlp-alone" })
  const missing = svg("rect", { class: "mlp-missing", height: 18, rx: 1 })
  const zero = svg("line", { class: "mlp-axis" })
  const under = svg("line", { class: "mlp-axis" })
  const heads = ["∂A₂ₖ / ∂z₂ᵢ", "∂L / ∂A₂ₖ", "their product"].map(text => svg("text", { class: "mlp-column" }, text))
  const edges = paths.flatMap(({ first, second }) => [first, second])
  const rows = [...paths.map(({ term }) => term), sum, alone]
  drawing.append(
    ...heads,
    zero,
    under,
    ...edges.flatMap(({ shaft, head }) => [shaft, head]),
    ...edges.map(({ factor }) => factor),
  )
  for (const { parts } of [start, end, ...paths.map(({ output }) => output)]) drawing.append(...parts)
  const scale = [-1, 0, 1].map(value => svg("text", { class: "mlp-faint", "text-anchor": "middle" }, short(value)))
  drawing.append(
    missing,
    ...scale,
    svg("g", { class: "mlp-terms" }, ...rows.flatMap(({ face, drop, name, product }) => [drop, face, name, product])),
  )
  put(sum.name, { text: "sum over k", class: "mlp-strong" })
  put(sum.product, { class: "mlp-strong" })
  put(alone.name, { class: "mlp-faint" })
  put(sum.face, { class: "mlp-chance" })

  const rules = chainRule(K)
  box.append(settings.top, scrolling(context, "the paths", drawing), rules.formulas, rules.alone)

  let least = 0 // the graph's room, which only grows
  return () => {
    const beside = context.width >= 620
    rules.formulas.classList.toggle("mlp-beside", beside)
    const pitch = 66
    const top = beside ? TOP : TOP + K * pitch + 40
    const gap = beside ? pitch : 34
    const a = A2()
    const i = get("i") - 1
    const t = truth()
    const jacobian = softmax_jacobian(get("z2"))
    // A2_k cancelled, as in H12: no division by 0.
    const terms = classes.map(k => (k === t ? a[i] - Number(k === i) : 0))
    const total = a[i] - Number(i === t)
    const before = jacobian.map(row => row[i])
    const after = classes.map(k => (k === t ? -1 / a[k] : 0))
    const loss = cross_entropy(get("z2"), get("y"))[0][0]
    const side = roomFor([scores()[i], loss].map(number)) / 2
    // Half of an output's number and half of an arrow's lie between their middles, a quarter of the way.
    const numbers = roomFor(a.map(number), 5) + roomFor([...before, ...after].map(shown))
    least = Math.max(least, 2 * side + 2 * numbers)
    const wide = Math.max(least, context.width * (beside ? 0.56 : 1))

    settings.drawSettings(i)

    // the graph
    const row = k => TOP + pitch * (k + 0.5) - 10
    const center = row((K - 1) / 2)
    const [x0, x1, x2] = [side, wide / 2, wide - side]
    place(start, x0, center, scores()[i], `2${i + 1}`)
    place(end, x2, center, loss)
    paths.forEach(({ output, first, second }, k) => {
      place(output, x1, row(k), a[k])
      join(first, [x0, center], [x1, row(k)], before[k], k === t)
      join(second, [x1, row(k)], [x2, center], after[k], k === t)
    })
    put(heads[0], { x: (x0 + x1) / 2, y: 14 })
    put(heads[1], { x: (x1 + x2) / 2, y: 14 })

    // the products, each from where the one before it ended
    const left = (beside ? wide + 18 : 0) + LABELS
    const room = context.width - left - NUMBERS
    const xOf = value => left + (room * (value + 1)) / 2
    const line = k => (k < K ? top + gap * (k + 0.5) - 10 : top + gap * K + (k === K ? 10 : 44))
    const draw = ({ face, drop, name, product }, k, from, to, text) => {
      put(face, { x: xOf(Math.min(from, to)), y: line(k) - 9, width: (room * Math.abs(to - from)) / 2 })
      put(drop, { x1: xOf(to), x2: xOf(to), y1: line(k) - 9, y2: k < K ? line(k + 1) + 9 : line(k) + 9 })
      put(name, { x: left - LABELS, y: line(k) + 5 })
      put(product, { x: context.width - 2, y: line(k) + 5, text })
    }
    let reached = 0
    paths.forEach(({ term }, k) => {
      draw(term, k, reached, reached + terms[k], shown(terms[k]))
      reached += terms[k]
      put(term.face, { class: signed(terms[k]) })
      put(term.name, { text: k === i ? `k = ${k + 1} = i` : `k = ${k + 1}`, class: k === t ? "" : "mlp-faint" })
      put(term.product, { class: k === t ? "" : "mlp-faint" })
    })
    draw(sum, K, 0, total, number(total))
    draw(alone, K + 1, 0, terms[i], shown(terms[i]))
    put(alone.name, { text: `k = ${i + 1} alone` })
    const [low, high] = [Math.min(terms[i], total), Math.max(terms[i], total)]
    put(missing, { x: xOf(low), y: line(K + 1) - 9, width: (room * (high - low)) / 2 })
    put(missing, { visibility: high > low ? "visible" : "hidden" })
    put(heads[2], { x: xOf(0), y: top - TOP + 14 })
    put(zero, { x1: xOf(0), x2: xOf(0), y1: line(0) - 16, y2: line(K + 1) + 14 })
    scale.forEach((text, n) => put(text, { x: xOf(n - 1), y: line(K + 1) + 30 }))
    put(under, { x1: left - LABELS, x2: context.width, y1: line(K) - 17, y2: line(K) - 17 })
    put(drawing, { width: Math.max(context.width, wide), height: line(K + 1) + 36 })
    put(drawing, {
      "aria-label": [...paths.map((_, k) => `through A2_${k + 1}: ${shown(terms[k])}`), `sum: ${number(total)}`].join(
        "; ",
      ),
    })

    rules.write(i, t, total)
  }
})
