import { by, formula, indexed, mo, slot } from "./formula.js"
import { grid } from "./grid.js"
import { scrolling } from "./scroll.js"
import { grad_w2, replaced } from "./twin.js"
import { handle, html, number, pointer, put, svg, symbol, view } from "./view.js"

const [LEFT, TOP] = [100, 76] // for the errors, for the activations
const [ACROSS, DOWN] = [14, 10] // what a cell keeps free around its rectangle, so that no two handles meet

/** The chosen cell in words and numbers. */
function chosenCell() {
  const which = html("strong")
  const w2 = indexed("w", 2, mo(",") + slot)
  const rule = formula(by("<mi>L</mi>", w2) + mo("=") + indexed("δ", 2) + indexed("A", 1))
  // Two, so that a line can break between them.
  const figures = [mo("=") + slot + mo("·") + slot, mo("=") + slot].map(formula)
  const meaning = html("p")
  const rank = html("p", { class: "mlp-hint" })
  const element = html(
    "div",
    { class: "mlp-panel" },
    which,
    rule.element,
    html("div", { class: "mlp-figures" }, ...figures.map(({ element }) => element)),
    meaning,
    rank,
  )
  const write = (k, j, delta2, A1, dw2) => {
    const weight = delta2.length > 9 || A1.length > 9 ? `${k + 1},${j + 1}` : `${k + 1}${j + 1}`
    put(which, { text: `from unit ${j + 1} to class ${k + 1}` })
    rule.fill([weight, k + 1, j + 1])
    figures[0].fill([number(delta2[k]), number(A1[j])])
    figures[1].fill([number(dw2[k][j])])
    put(meaning, {
      text:
        A1[j] === 0
          ? `Unit ${j + 1} is silent: its column is 0, whatever the errors are.`
          : `Row ${k + 1} is A₁ᵀ times ${number(delta2[k])}. Column ${j + 1} is δ₂ times ${number(A1[j])}.`,
    })
    const empty = !A1.some(Boolean) || !delta2.some(Boolean)
    put(rank, {
      text: empty
        ? "One factor is 0 everywhere, and so is the table."
        : "Every row is a multiple of the same A₁ᵀ: the matrix has rank 1.",
    })
  }
  return { element, write }
}

export default view("The outer product: each weight's derivative is an error times an activation", context => {
  const { box, get, set } = context
  const values = name => get(name).map(row => row[0])
  const numbered = name => values(name).map((_, i) => i)
  const [classes, units] = [numbered("delta2"), numbered("A1")]
  const [K, H] = [classes.length, units.length]
  const span = { delta2: 1, A1: 2.5 } // what a cell has room for; it grows when Python asks for more, and stays
  let [size, tall] = [1, 1]
  const wide = a => ((size - 2 * ACROSS) * a) / span.A1
  const high = delta => ((tall / 2 - DOWN) * delta) / span.delta2
  const leftOf = j => LEFT + size * j + ACROSS
  const lineOf = k => TOP + tall * (k + 0.5)

  const drawing = svg("svg")
  const bands = [0, 1].map(() => svg("rect", { class: "mlp-band" }))
  const lines = classes.map(() => svg("line", { class: "mlp-axis" }))
  const across = symbol("A", "1j", { "text-anchor": "end" })
  const down = symbol("δ", "2k", { x: 8 })
  drawing.append(...bands, ...lines, across, down)

  // --- the table
  const table = grid(context, {
    label: "dL/dw2: row k is a class, column j a hidden unit",
    rows: K,
    columns: H,
    inside: () => ({ face: svg("rect", { class: "mlp-face" }), block: svg("rect", { "fill-opacity": 0.55 }) }),
  })
  drawing.append(table.element)

  // --- the factors: a bar each, to drag by its end
  const factor = (name, i, options) => {
    const grip = svg("rect", { class: "mlp-grip" })
    const bar = svg("rect")
    const knob = svg("circle", { class: "mlp-knob", r: 7 })
    const ring = svg("circle", { class: "mlp-ring", r: 11 })
    const whole = svg("g", {}, grip, bar, knob, ring)
    const head = svg("text", { class: "mlp-faint" })
    const label = svg("text")
    drawing.append(head, label, whole)
    handle(context, whole, {
      value: () => values(name)[i],
      change: value => set({ [name]: replaced(get(name), i, 0, value) }),
      max: () => span[name],
      ...options,
    })
    context.on(whole, "focus", () =>
      name === "A1" ? table.choose(table.chosen()[0], i) : table.choose(i, table.chosen()[1]),
    )
    return { grip, bar, ends: [knob, ring], head, label }
  }
  const activations = units.map(j =>
    factor("A1", j, {
      label: `A1, unit ${j + 1}`,
      min: 0,
      step: 0.1,
      at: event => (pointer(event, drawing).x - leftOf(j)) / wide(1) || 0,
    }),
  )
  const errors = classes.map(k =>
    factor("delta2", k, {
      label: `delta2, class ${k + 1}`,
      vertical: true,
      min: () => -span.delta2,
      step: 0.05,
      at: event => (lineOf(k) - pointer(event, drawing).y) / high(1),
    }),
  )

  const panel = chosenCell()
  const plot = html("div", { class: "mlp-outer" }, scrolling(context, "the table", drawing), panel.element)
  box.append(plot)

  return () => {
    const [delta2, A1] = [values("delta2"), values("A1")]
    const dw2 = grad_w2(get("delta2"), get("A1"))
    const [k, j] = table.chosen()
    span.delta2 = Math.max(span.delta2, ...delta2.map(Math.abs))
    span.A1 = Math.max(span.A1, Math.ceil(Math.max(...A1)))
    const beside = context.width >= LEFT + 72 * H + 270
    plot.classList.toggle("mlp-beside", beside)
    const least = dw2.flat().some(x => number(x).length > 7) ? 76 : 58
    size = Math.max(least, Math.min(((beside ? context.width - 270 : context.width) - LEFT - 2) / H, 116))
    tall = K > 5 ? 52 : 84
    put(drawing, { width: LEFT + size * H + 2, height: TOP + tall * K + 2 })
    put(across, { x: LEFT - 16, y: 57 })
    put(down, { y: TOP - 8 })
    put(bands[0], { x: 0, y: lineOf(k) - tall / 2, width: LEFT + size * j, height: tall })
    put(bands[1], { x: LEFT + size * j, y: 0, width: size, height: TOP + tall * k })

    activations.forEach(({ grip, bar, ends, head, label }, i) => {
      const [x, middle] = [leftOf(i), LEFT + size * (i + 0.5)]
      put(head, { x: middle, y: 14, "text-anchor": "middle", text: `j = ${i + 1}`, class: i === j ? "" : "mlp-faint" })
      put(label, { x: middle, y: 33, "text-anchor": "middle", text: number(A1[i]), class: i === j ? "mlp-lit" : "" })
      put(bar, { x, y: 46, width: wide(A1[i]), height: 12, class: "mlp-activation" })
      put(grip, { x: x - ACROSS, y: 36, width: size, height: 36 })
      for (const end of ends) put(end, { cx: x + wide(A1[i]), cy: 52 })
    })
    errors.forEach(({ grip, bar, ends, head, label }, i) => {
      const [y, rise] = [lineOf(i), high(delta2[i])]
      const sign = delta2[i] < 0 ? "mlp-minus" : "mlp-plus"
      put(lines[i], { x1: LEFT - 34, x2: LEFT + size * H, y1: y, y2: y })
      put(head, { x: 8, y: y - 5, text: `k = ${i + 1}`, class: i === k ? "" : "mlp-faint" })
      put(label, { x: 8, y: y + 14, text: number(delta2[i]), class: i === k ? "mlp-lit" : "" })
      put(bar, { x: LEFT - 28, y: y - Math.max(rise, 0), width: 12, height: Math.abs(rise), class: sign })
      put(grip, { x: LEFT - 44, y: y - tall / 2, width: 44, height: tall })
      for (const end of ends) put(end, { cx: LEFT - 22, cy: y - rise })

      table.cells[i].forEach(({ face, block, text }, n) => {
        const place = { x: LEFT + size * n, y: TOP + tall * i, width: size, height: tall }
        const product = `${number(delta2[i])} times ${number(A1[n])} is ${number(dw2[i][n])}`
        table.place(i, n, place, `k = ${i + 1}, j = ${n + 1}: ${product}`)
        put(face, place)
        put(block, { x: leftOf(n), y: y - Math.max(rise, 0), width: wide(A1[n]), height: Math.abs(rise), class: sign })
        put(text, { x: place.x + size / 2, y: y + (tall / 4) * (delta2[i] < 0 ? -1 : 1) + 5, text: number(dw2[i][n]) })
        text.classList.toggle("mlp-faint", dw2[i][n] === 0)
      })
    })

    panel.write(k, j, delta2, A1, dw2)
  }
})
