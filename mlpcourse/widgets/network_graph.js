import { explained, STEPS, written } from "./network_formulas.js"
import {
  cross_entropy,
  forward,
  grad_b1,
  grad_b2,
  grad_w1,
  grad_w2,
  hidden_delta,
  hidden_signal,
  map,
  output_delta,
  replaced,
} from "./twin.js"
import { button, calm, handle, html, number, put, short, svg, symbol, view } from "./view.js"

const BACKWARD = STEPS.findIndex(({ result }) => result === "delta2") // the first step of the backward pass
const CELL = 60 // half a unit: its score, or its activation
const ROW = 20 // a line's number
const TOP = 30
const NARROWEST = 690 // a narrower view shows a part that follows the step

const range = n => Array.from({ length: n }, (_, i) => i)
const word = (attributes, text = "") => svg("text", { "text-anchor": "middle", ...attributes }, text)
const classes = (...names) =>
  names
    .filter(Boolean)
    .map(name => `mlp-net-${name}`)
    .join(" ")

/** Every array of the network, forward and backward. */
function compute(get) {
  const [X, w1, b1, w2, b2, y] = ["X", "w1", "b1", "w2", "b2", "y"].map(get)
  const { z1, A1, z2, A2 } = forward({ w1, b1, w2, b2 }, X)
  const [[L]] = cross_entropy(z2, y)
  const delta2 = output_delta(A2, y)
  const dA1 = hidden_signal(w2, delta2)
  const delta1 = hidden_delta(dA1, z1)
  const [dw2, db2, dw1, db1] = [grad_w2(delta2, A1), grad_b2(delta2), grad_w1(delta1, X), grad_b1(delta1)]
  return { X, w1, b1, w2, b2, y, z1, A1, z2, A2, L, delta2, dw2, db2, dA1, delta1, dw1, db1 }
}

/** An input, a weight or a bias, to be dragged up and down. Touching it chooses the units it belongs to. */
function framed(graph, name, i, j, indices, [width, height] = [38, 18]) {
  const { context, choose, now, given } = graph
  const { get, set } = context
  const frame = by => ({ width: width + by, height: height + by, x: -(width + by) / 2, y: -(height + by) / 2 })
  const ring = svg("rect", { class: "mlp-ring", rx: 7, ...frame(6) })
  const text = word({ y: 4.5 })
  const whole = svg(
    "g",
    { class: "mlp-net-given" },
    svg("rect", { class: "mlp-net-face", rx: 5, ...frame(0) }),
    ring,
    text,
  )
  for (const type of ["focus", "pointerdown"]) context.on(whole, type, () => choose(indices))
  handle(context, whole, {
    label: `${name}${get(name)[0].length > 1 ? `,${i + 1}${j + 1}` : i + 1}`, // as the text writes it: b13, w1,32,
    min: -5,
    max: 5,
    step: 0.1,
    vertical: true,
    value: () => get(name)[i][j],
    change: value => set({ [name]: replaced(get(name), i, j, value) }),
    at: event => -0.025 * event.clientY,
    text: value => (get("step") < BACKWARD ? number(value) : `${number(value)}, L = ${number(now().L)}`),
  })
  given.push(() => put(text, { text: short(get(name)[i][j]) }))
  return { whole, place: (x, y) => put(whole, { transform: `translate(${x} ${y})` }) }
}

const edges = (graph, layer, from, to) =>
  graph.context.get(`w${layer}`).flatMap((row, i) =>
    row.map((_, j) => ({
      i,
      j,
      layer,
      ends: { [to]: i, [from]: j },
      line: svg("path"),
      weight: framed(graph, `w${layer}`, i, j, { [to]: i, [from]: j }),
      cover: svg("rect", { class: "mlp-net-cover", width: 54, height: 16, rx: 3 }),
      carried: word({}),
    })),
  )

function units(graph, layer, n, index, names) {
  const { context, choose } = graph
  return range(n).map(i => {
    const frame = svg("rect", { rx: 7, width: 2 * CELL, height: 28, y: -14 })
    const below = svg("rect", {
      class: "mlp-net-box mlp-net-below",
      rx: 7,
      width: layer === 1 ? 2 * CELL : CELL,
      height: 24,
      y: 14,
    })
    const gate = svg("path", { class: "mlp-net-gate", d: `M${CELL} -14V14` })
    const cells = names.map((name, at) => ({
      name,
      text:
        at < 4
          ? word({ x: CELL * (0.5 + (at % 2)), y: [5, 31][at >> 1] })
          : word({ x: CELL / 2 + 42, y: -20, "text-anchor": "start" }), // beside the bias
    }))
    const bias = framed(graph, `b${layer}`, i, 0, { [index]: i })
    bias.place(CELL / 2 + 17, -25)
    const letter = symbol("b", `${layer}${i + 1}`, { x: -4, y: -20, class: "mlp-net-bias" })
    const whole = svg(
      "g",
      { class: "mlp-net-unit" },
      below,
      frame,
      gate,
      ...cells.map(({ text }) => text),
      letter,
      bias.whole,
    )
    context.on(whole, "pointerdown", () => choose({ [index]: i }))
    return { i, layer, index, whole, frame, gate, cells }
  })
}

const truthButtons = (context, K) =>
  range(K).map(i => {
    const text = word({ y: 5 })
    const face = svg("rect", { class: "mlp-net-face", rx: 6, width: 30, height: 26, x: -15, y: -13 })
    const ring = svg("rect", { class: "mlp-ring", rx: 8, width: 38, height: 34, x: -19, y: -17 })
    const whole = svg("g", { class: "mlp-net-truth", role: "button", tabindex: 0 }, face, ring, text)
    put(whole, { "aria-label": `y: the true class is ${i + 1}` })
    const turn = () => context.set({ y: range(K).map(k => [Number(k === i)]) })
    context.on(whole, "click", turn)
    context.on(whole, "keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return
      event.preventDefault()
      turn()
    })
    return { line: svg("path"), whole, text }
  })

/** What the drawing is made of. `now` gives the arrays that are drawn. */
function graphParts(context, { drawing, choose, now }) {
  const { get } = context
  const [D, H, K] = [get("X").length, get("w1").length, get("w2").length]
  const graph = { context, choose, now, given: [] }
  const layers = [edges(graph, 1, "d", "j"), edges(graph, 2, "j", "k")]

  const hidden = units(graph, 1, H, "j", ["z1", "A1", "delta1", "dA1", "", "db1"])
  const output = units(graph, 2, K, "k", ["z2", "A2", "delta2", "", "", "db2"])

  const inputs = range(D).map(d => framed(graph, "X", d, 0, { d }, [44, 28]))
  const truths = truthButtons(context, K)
  const lossFrame = svg("rect", { class: "mlp-net-box", rx: 7, width: 66, height: 28 })
  const lossText = word({})
  const heads = Object.fromEntries(
    ["X", "w1", "z1", "A1", "w2", "z2", "A2", "y", "L"].map(name => [
      name,
      symbol(name[0], name[1] ?? "", { "text-anchor": "middle", y: 16 }),
    ]),
  )
  const carriedHeads = [0, 1].map(() => word({ class: "mlp-symbol mlp-net-back", y: 16 }))
  const belowHeads = ["δ₁", "∂L/∂A₁", "δ₂"].map(text => word({ class: "mlp-symbol mlp-net-back mlp-net-below" }, text))
  const wholes = parts => parts.map(({ whole }) => whole)
  drawing.append(
    ...[...layers.flat(), ...truths].map(({ line }) => line),
    ...layers.flat().flatMap(({ cover, carried }) => [cover, carried]),
    ...wholes(inputs),
    ...[hidden, output].flatMap((column, n) => [...layers[n].map(({ weight }) => weight.whole), ...wholes(column)]),
    ...[...wholes(truths), lossFrame, lossText, ...Object.values(heads), ...carriedHeads, ...belowHeads],
  )
  const named = { layers, hidden, output, inputs, truths, lossFrame, lossText, heads, carriedHeads, belowHeads }
  return { ...named, drawing, given: graph.given }
}

const columnOf = (n, pitch, height) => range(n).map(i => TOP + height / 2 + (i - (n - 1) / 2) * pitch)

/** Puts everything in its place; the place to look at, for each result. */
function placeParts(graph, full) {
  const { layers, hidden, output, inputs, truths, lossFrame, lossText, heads, carriedHeads, belowHeads, drawing } =
    graph
  const [D, H, K] = [inputs.length, hidden.length, output.length]
  const sights = {}
  const W = Math.max(full - 2, NARROWEST)
  const gap = (W - 48 - 66 - 70 - 4 * CELL) / 2
  const x = { X: 24, hidden: 50 + gap, output: 50 + 2 * gap + 2 * CELL, y: W - 115, L: W - 68 }
  const pitch = { hidden: Math.max(88, ROW * D + 12), output: Math.max(88, ROW * H + 12) }
  const height = Math.max(H * pitch.hidden, K * pitch.output, D * 60)
  const rows = { X: columnOf(D, Math.min(88, height / D), height) }
  for (const [name, n] of [
    ["hidden", H],
    ["output", K],
  ])
    rows[name] = columnOf(n, pitch[name], height) // prettier-ignore
  put(drawing, { width: W, height: TOP + height + 22 })

  inputs.forEach((input, d) => input.place(x.X, rows.X[d]))
  layers.forEach((edges, n) => {
    const [from, to] = n === 0 ? ["X", "hidden"] : ["hidden", "output"]
    const [start, end] = [n === 0 ? 46 : x.hidden + 2 * CELL, x[to]]
    const bend = (start + end - 114) / 2
    for (const { i, j, line, weight, carried, cover } of edges) {
      const y = rows[to][i] + ROW * (j - (rows[from].length - 1) / 2)
      const fan = `M${start} ${rows[from][j]}C${bend} ${rows[from][j]} ${bend} ${y} ${end - 114} ${y}`
      put(line, { d: `${fan}H${end - 18}Q${end - 6} ${y} ${end} ${rows[to][i]}` })
      weight.place(end - 95, y)
      put(cover, { x: end - 75, y: y - 8 })
      put(carried, { x: end - 47, y: y + 4.5 })
    }
    put(heads[`w${n + 1}`], { x: end - 95 })
    put(carriedHeads[n], { x: end - 47 })
    for (const result of n === 0 ? ["z1", "dw1"] : ["z2", "dw2", "dA1"])
      sights[result] = n === 0 ? 0 : (start + end) / 2
  })
  for (const [name, column] of [
    ["hidden", hidden],
    ["output", output],
  ]) {
    // prettier-ignore
    column.forEach(({ whole, i }) => put(whole, { transform: `translate(${x[name]} ${rows[name][i]})` }))
    const layer = name === "hidden" ? 1 : 2
    put(heads[`z${layer}`], { x: x[name] + CELL / 2 })
    put(heads[`A${layer}`], { x: x[name] + CELL * 1.5 })
    for (const result of [`A${layer}`, `delta${layer}`, `db${layer}`]) sights[result] = x[name] + CELL
  }
  belowHeads.forEach((head, n) => {
    const name = n < 2 ? "hidden" : "output"
    put(head, { x: x[name] + CELL * [0.5, 1.5, 0.5][n], y: rows[name].at(-1) + 56 })
  })
  const middle = TOP + height / 2
  truths.forEach(({ line, whole }, k) => {
    const y = rows.output[k]
    put(line, {
      d: `M${x.output + 2 * CELL} ${y}H${x.y + 12}C${x.L - 12} ${y} ${x.L - 14} ${middle} ${x.L} ${middle}`,
    })
    put(whole, { transform: `translate(${x.y} ${y})` })
  })
  put(lossFrame, { x: x.L, y: middle - 14 })
  put(lossText, { x: x.L + 33, y: middle + 5 })
  put(heads.L, { x: x.L + 33, y: middle - 22 })
  put(heads.X, { x: x.X })
  put(heads.y, { x: x.y })
  sights.L = W
  return sights
}

/** What the lines of each layer carry at this step, and its name where the numbers are shown. */
function drawLines({ layers, carriedHeads }, v, { step, here, done }) {
  const { layer: active, result, sees } = STEPS[step - 1]
  const carrying = [
    done("dw1") ? [v.dw1, "∂L/∂w₁"] : [map((w, _j, d) => w * v.X[d][0], v.w1), result === "z1" ? "w₁ X →" : ""],
    [map((w, _k, j) => (done("z2") ? w * v.A1[j][0] : 0), v.w2), result === "z2" ? "w₂ A₁ →" : ""],
  ]
  if (result === "dA1") carrying[1] = [map((w, k) => w * v.delta2[k][0], v.w2), "← w₂ δ₂"]
  else if (done("dw2")) carrying[1] = [v.dw2, "∂L/∂w₂"]
  carrying.forEach(([amounts, head], n) => {
    put(carriedHeads[n], { text: head })
    for (const { i, j, ends, layer, line, weight, cover, carried } of layers[n]) {
      const amount = amounts[i][j]
      const text = head && number(amount)
      const mine = active === layer && [...sees].every(index => ends[index] === here[index])
      const sign = amount > 0 ? "up" : amount < 0 ? "down" : "none"
      put(line, {
        class: classes("edge", sign, active === layer && "active", mine && "here"),
        "stroke-width": (1.2 + (4 * Math.abs(amount)) / (Math.abs(amount) + 1)).toFixed(2),
      })
      put(cover, { visibility: head ? "visible" : "hidden" })
      put(carried, {
        text,
        class: classes("carried", head[0] === "∂" && "back", mine && "here", text.length > 7 && "long"),
      })
      weight.whole.classList.toggle("mlp-net-here", mine)
    }
  })
}

function drawUnits({ hidden, output, truths, lossText }, v, { step, here, done }) {
  const { result, sees } = STEPS[step - 1]
  for (const { i, layer, index, whole, frame, gate, cells } of [...hidden, ...output]) {
    const mine = (sees.includes(index) && here[index] === i) || (sees === "t" && layer === 2 && here.t === i)
    for (const { name, text } of cells) {
      const shown = name && done(name) ? number(v[name][i][0]) : ""
      const now = name === result || (result === "L" && mine && name === "A2")
      put(text, {
        text: shown,
        class: classes(now && "now", now && mine && "here", /^d/.test(name) && "back", shown.length > 7 && "long"),
      })
    }
    const shut = layer === 1 && done("A1") && v.z1[i][0] < 0
    const open = layer === 1 && done("A1") && !shut
    whole.classList.toggle("mlp-net-here", mine)
    put(frame, { class: classes("box", shut && "shut") })
    put(gate, {
      class: classes("gate", open && "open", shut && "closed"),
      d: open ? `M${CELL} -14v7m0 14v7m-5 -14h10m-4 -4l4 4l-4 4` : shut ? `M${CELL} -18v36` : `M${CELL} -14v28`,
    })
  }
  truths.forEach(({ line, whole, text }, k) => {
    const right = k === here.t
    put(text, { text: right ? "1" : "0" })
    put(whole, { "aria-pressed": right })
    put(line, {
      class: classes("edge", right ? "true" : "none", right && "active"),
      "stroke-width": right ? 2.5 : 1.2,
    })
  })
  put(lossText, {
    text: done("L") ? number(v.L) : "",
    class: classes(result === "L" && "now", result === "L" && "here"),
  })
}

export default view("The network as a graph", context => {
  const { box, get, set } = context
  const offered = STEPS.slice(0, get("steps"))
  const chosen = { d: 0, j: 0, k: 0 }
  const choose = indices => {
    Object.assign(chosen, indices)
    context.redraw()
  }
  let v = compute(get) // every array, as it is drawn

  // --- the steps
  const go = step => {
    if (step < 1 || step > offered.length) return
    set({ step })
    const { name, result } = STEPS[step - 1]
    context.announce(`Step ${step}, ${name}: ${[v[result]].flat(2).map(number).join(", ")}`)
  }
  const back = button(context, "← Back", () => go(get("step") - 1))
  const next = button(context, "Next →", () => go(get("step") + 1))
  const marks = offered.map(({ mark, name }, i) => {
    const element = html("span", { class: "mlp-net-mark", title: name }, mark)
    context.on(element, "click", () => go(i + 1))
    return element
  })
  const pass = (way, some) =>
    html("span", { class: "mlp-net-pass" }, html("span", { class: "mlp-net-way" }, way), ...some)
  const strip = html("div", { class: "mlp-net-strip", "aria-hidden": true })
  strip.append(pass("forward", marks.slice(0, BACKWARD)))
  if (offered.length > BACKWARD) strip.append(pass("backward", marks.slice(BACKWARD)))
  const drawing = svg("svg")
  const stage = html("div", { class: "mlp-net-stage", role: "group", tabindex: 0 }, drawing)
  put(stage, { "aria-label": "The graph. Left and right arrow: from step to step" })
  box.append(
    html("div", { class: "mlp-row" }, back, next, strip),
    stage,
    html("p", { class: "mlp-hint" }, "Drag an input, a weight or a bias, or focus it and use the arrow keys."),
  )
  context.on(box, "keydown", event => {
    if (event.target.getAttribute("role") === "slider" || event.ctrlKey || event.metaKey || event.altKey) return
    const step = get("step")
    const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 1, End: offered.length }[event.key]
    if (to === undefined) return
    event.preventDefault()
    go(to)
  })

  const graph = graphParts(context, { drawing, choose, now: () => v })
  const { given } = graph

  // --- the step in words, letters and numbers
  const title = html("strong")
  const [letters, figures] = [written("letters"), written("figures")]
  const words = html("p")
  box.append(html("div", { class: "mlp-net-panel" }, title, letters.element, figures.element, words))

  let sights = {} // the place to look at, for each result
  let placed = 0
  let before = null // the step that was drawn last
  return () => {
    const step = get("step")
    if (placed !== context.width) {
      placed = context.width
      box.classList.toggle("mlp-net-narrow", placed < 560)
      sights = placeParts(graph, placed)
      before = null
    }
    const { result, name } = STEPS[step - 1]
    if (before !== step) {
      const behavior = before === null || calm() ? "auto" : "smooth"
      stage.scrollTo({ left: sights[result] - stage.clientWidth / 2, behavior })
      before = step
    }
    v = compute(get)
    const here = { ...chosen, t: v.y.findIndex(([y]) => y === 1) }
    const done = name => STEPS.findIndex(({ result }) => result === name) < step
    box.classList.toggle("mlp-net-forward", step <= BACKWARD)
    marks.forEach((mark, i) => put(mark, { class: classes("mark", i + 1 === step && "here", i + 1 < step && "done") }))
    back.disabled = step === 1
    next.disabled = step === offered.length
    for (const write of given) write()

    drawLines(graph, v, { step, here, done })
    drawUnits(graph, v, { step, here, done })

    const said = explained(result, v, here)
    put(title, { text: `Step ${step} of ${offered.length}: ${name}` })
    letters.write([said.letters])
    figures.write(said.figures, said.texts)
    put(words, { text: said.words })
  }
})
