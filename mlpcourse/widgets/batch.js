import { scrolling } from "./scroll.js"
import { forward, grad_b2, grad_w2, map, output_delta, replaced, transpose } from "./twin.js"
import { handle, html, number, put, short, svg, view } from "./view.js"

const ROW = 24
const GAP = 2
const WIDEST = 60
const UNIT = 24 // pixels that the hand moves for a change by 1
const REACH = 5 // what is dragged stays within -5 and 5

const range = n => Array.from({ length: n }, (_, i) => i)
const share = (x, half) => Math.abs(x) / (Math.abs(x) + half) // from 0 to 1, however large x is

/** A matrix as cells; fill() writes its numbers. */
function matrix(rows, columns, name) {
  const cells = range(rows).map(() => range(columns).map(() => html("div", { class: "mlp-entry" })))
  const element = html("div", { class: "mlp-array", role: "img" }, ...cells.flat())
  element.style.setProperty("--columns", columns)
  const fill = (values, half) => {
    map((value, i, n) => {
      const text = number(value)
      put(cells[i][n], { text, style: `--share: ${half ? share(value, half).toFixed(3) : 0}` })
      cells[i][n].classList.toggle("mlp-negative", value < 0)
      cells[i][n].classList.toggle("mlp-long", text.length > 7)
    }, values)
    if (element.role === "img")
      put(element, { "aria-label": `${name}: ${values.map(row => row.map(number).join(", ")).join("; ")}` })
  }
  return { element, cells, fill }
}

/** All parts under their headings. */
function arranged(N, { top, X, A1, copies, b2, delta2, db2, outer, dw2, which, terms, product }) {
  const titled = (title, { element }) =>
    html("div", {}, html("div", { class: "mlp-heading" }, ...[title].flat()), element)
  const ones = () => html("b", {}, "1")
  const name = text => html("span", { class: "mlp-heading" }, text)
  const words = text => html("span", { class: "mlp-words" }, text)
  const way = (arrow, text) =>
    html("div", { class: "mlp-arrow" }, html("span", {}, arrow), html("span", { class: "mlp-words" }, text))
  const line = (...parts) => html("div", { class: "mlp-pair" }, ...parts)
  const [count, soFar] = [words(""), words("")]
  const batch = html(
    "div",
    { class: "mlp-columns" },
    titled(["examples", count], { element: top }),
    titled(["X", words("drag a number up or down")], X),
    titled("A₁ = ReLU(w₁X + b₁)", A1),
    line(titled(["b₂", ones(), "ᵀ", words("in every column")], copies), way("←", "copied"), titled("b₂", b2)),
    line(
      titled(`δ₂ = (A₂ − y) / ${N}`, delta2),
      way("→", "added"),
      titled(["∂L/∂b₂", html("span", { class: "mlp-rest" }, " = δ₂", ones())], db2),
    ),
    line(
      titled(["δ₂A₁ᵀ", words("of each column; below 0 hollow")], { element: outer }),
      way("→", "added"),
      titled(["∂L/∂w₂ = δ₂A₁ᵀ", soFar], dw2),
    ),
    html("div", { class: "mlp-one" }, which, name(`δ₂ = (A₂ − y) / ${N}`), ...terms, name("δ₂A₁ᵀ"), product.element),
  )
  return { batch, count, soFar }
}

/** An outer product: larger is farther from 0, hollow is negative. */
function drawProduct({ drawing, marks }, n, { entries, on, cell }) {
  put(drawing, {
    class: on ? "" : "mlp-off",
    "aria-label": `example ${n + 1}: ${entries.map(row => row.map(number).join(", ")).join("; ")}`,
  })
  map((value, k, j) => {
    const size = 0.94 * Math.sqrt(share(value, 0.1))
    const [w, h] = [(size * cell) / entries[0].length, size * ROW]
    put(marks[k][j], {
      x: ((j + 0.5) * cell) / entries[0].length - w / 2,
      y: k * (ROW + GAP) + ROW / 2 - h / 2,
      width: w,
      height: h,
      class: value < 0 ? "mlp-hollow" : "mlp-plus",
    })
  }, entries)
}

/** Its entries can be dragged up and down. */
function draggable(context, made, trait, says, light) {
  const { get, set } = context
  put(made.element, { role: "group", "aria-label": trait })
  map((_, i, n) => {
    const cell = made.cells[i][n]
    cell.classList.add("mlp-given")
    handle(context, cell, {
      label: says(i + 1, n + 1),
      vertical: true,
      min: () => Math.min(-REACH, get(trait)[i][n]),
      max: () => Math.max(REACH, get(trait)[i][n]),
      step: 0.1,
      value: () => get(trait)[i][n],
      change: value => set({ [trait]: replaced(get(trait), i, n, value) }),
      at: event => -event.clientY / UNIT,
      text: short,
    })
    if (light) context.on(cell, "focus", () => light(n))
  }, get(trait))
  return made
}

export default view("A batch: examples in columns, and gradients that add", context => {
  const { box, get, set } = context
  const [D, N, H, K] = [get("X").length, get("X")[0].length, get("w1").length, get("w2").length]
  const added = () => get("added").map(([on]) => on === 1)
  let lit = 0
  const light = n => {
    if (n === lit) return
    lit = n
    context.redraw()
  }

  // --- matrices: where columns are examples, the pointer lights one; a page that scrolls beneath it lights none
  const pointed = ["pointermove", "pointerdown"]
  const ofExamples = (each, element) => {
    element.classList.add("mlp-by-example")
    for (const type of pointed) each.forEach((cell, n) => context.on(cell, type, () => light(n)))
  }
  const examples = (rows, name) => {
    const made = matrix(rows, N, name)
    for (const row of made.cells) ofExamples(row, made.element)
    return made
  }
  const X = draggable(context, examples(D, "X"), "X", (d, n) => `X, row ${d}, example ${n}`, light)
  const A1 = examples(H, "A1")
  const copies = examples(K, "b2 copied")
  const b2 = draggable(context, matrix(K, 1, "b2"), "b2", k => `b2, class ${k}`)
  const delta2 = examples(K, "delta2")
  const db2 = matrix(K, 1, "sum for b2")
  const dw2 = matrix(K, H, "sum for w2")

  // --- an outer product for each example: larger is farther from 0, hollow is negative
  const products = range(N).map(() => {
    const marks = range(K).map(() => range(H).map(() => svg("rect", { rx: 1.5 })))
    return { drawing: svg("svg", { height: K * (ROW + GAP) - GAP, role: "img" }, ...marks.flat()), marks }
  })
  const outer = html("div", { class: "mlp-array" }, ...products.map(({ drawing }) => drawing))
  outer.style.setProperty("--columns", N)
  ofExamples(
    products.map(({ drawing }) => drawing),
    outer,
  )

  // --- which examples are added
  const toggles = range(N).map(n => {
    const button = html("button", { type: "button", class: "mlp-button" })
    context.on(button, "click", () => set({ added: get("added").map((on, m) => (m === n ? [1 - on[0]] : on)) }))
    for (const type of ["focus", ...pointed]) context.on(button, type, () => light(n))
    return button
  })
  const top = html(
    "div",
    { class: "mlp-array mlp-toggles", role: "group", "aria-label": "examples to add" },
    ...toggles,
  )
  top.style.setProperty("--columns", N)

  // --- the example that is lit: where its column of delta2 comes from, and its outer product in numbers
  const which = html("strong")
  const terms = range(K).map(() => html("div", { class: "mlp-term" }))
  const product = matrix(K, H, "its outer product")

  const { batch, count, soFar } = arranged(N, {
    top,
    X,
    A1,
    copies,
    b2,
    delta2,
    db2,
    outer,
    dw2,
    which,
    terms,
    product,
  })
  box.append(scrolling(context, "the batch", batch))

  let drawn = 0
  return () => {
    const wide = context.width >= (N + H) * (WIDEST + GAP) + 90
    const cell = Math.max(50, Math.min(WIDEST, Math.floor((context.width - 32) / (N + 1)) - GAP))
    if (drawn !== context.width) {
      drawn = context.width
      batch.classList.toggle("mlp-beside", wide)
      batch.style.setProperty("--cell", `${cell}px`)
      batch.style.setProperty("--all", `${N * (cell + GAP)}px`)
      for (const { drawing } of products) put(drawing, { width: cell })
    }
    batch.style.setProperty("--lit", lit)
    const params = { w1: get("w1"), b1: get("b1"), w2: get("w2"), b2: get("b2") }
    const values = forward(params, get("X"))
    const delta = output_delta(values.A2, get("y"))
    const on = added()
    const counted = map((entry, _, n) => (on[n] ? entry : 0), delta)

    X.fill(get("X"))
    A1.fill(values.A1, 1)
    copies.fill(map((_, k) => get("b2")[k][0], delta))
    b2.fill(get("b2"))
    delta2.fill(delta, 1 / N)
    db2.fill(grad_b2(counted), 0.2)
    dw2.fill(grad_w2(counted, values.A1), 0.2)
    const [deltas, activations] = [delta, values.A1].map(transpose)
    products.forEach(({ drawing, marks }, n) => {
      const entries = deltas[n].map(d => activations[n].map(a => d * a))
      drawProduct({ drawing, marks }, n, { entries, on: on[n], cell })
      if (n === lit) product.fill(entries, 0.2)
      const t = get("y").findIndex(row => row[n] === 1) + 1
      put(toggles[n], {
        text: on[n] ? `✓ ${n + 1}` : `${n + 1}`,
        "aria-pressed": on[n],
        "aria-label": `example ${n + 1}, true class ${t}`,
      })
      for (const row of delta2.cells) row[n].classList.toggle("mlp-off", !on[n])
      if (n === lit) put(which, { text: `Example ${n + 1}, of class ${t}${on[n] ? "" : ": not added"}` })
    })
    terms.forEach((term, k) =>
      put(term, { text: `(${number(values.A2[k][lit])} − ${get("y")[k][lit]}) / ${N} = ${number(delta[k][lit])}` }),
    )
    const many = on.filter(Boolean).length
    const some = many === 1 ? `one of ${N} is added: 1/${N} of its own gradient` : `${many} of ${N} are added`
    put(count, { text: many === N ? `all ${N} are added: switch some off` : some })
    put(soFar, { text: many === N ? "" : "of the examples that are on" })
  }
})
