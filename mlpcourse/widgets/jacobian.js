import { bars } from "./bars.js"
import { by, formula, indexed, mo, slot } from "./formula.js"
import { grid } from "./grid.js"
import { roomFor, scrolling } from "./scroll.js"
import { softmax, softmax_jacobian } from "./twin.js"
import { html, number, put, svg, symbol, view } from "./view.js"

const LEFT = 180 // for the probabilities
const TOP = 216 // for the logits
const SUMS = 66 // for the rows' sums
const PANEL = 296 // for the chosen cell's formula
const LARGEST = 0.25 // no entry is farther from 0: a (1 - a) at a = 1/2

const zeroed = x => (Math.abs(x) < 1e-12 ? 0 : x) // what rounding leaves of an exact 0
const total = values => zeroed(values.reduce((sum, value) => sum + value, 0))

/** The chosen cell in words and numbers: one formula for the diagonal, one for all others. */
function explanation() {
  const which = html("strong")
  const meaning = html("p")
  const [A, open, close] = [indexed("A", 2), mo("("), mo(")")]
  const slope = by(A, indexed("z", 2)) + mo("=")
  const one = "<mn>1</mn>"
  // Two pieces of figures, so that a line can break between them.
  const own = [slope + A + open + one + mo("−") + A + close, mo("=") + slot + open + one + mo("−") + slot + close]
  const other = [slope + mo("−") + A + A, mo("=") + mo("−") + slot + mo("·") + slot]
  const cases = [other, own].map(pieces => [...pieces, mo("=") + slot].map(formula))
  const elements = cases.map(([rule, ...figures]) =>
    html("div", {}, rule.element, html("div", { class: "mlp-figures" }, ...figures.map(({ element }) => element))),
  )
  const write = (k, i, a, value) => {
    const same = k === i
    elements.forEach((element, n) => {
      element.hidden = n !== Number(same)
    })
    const [rule, figures, result] = cases[Number(same)]
    rule.fill([k + 1, i + 1, same ? i + 1 : k + 1, i + 1])
    figures.fill([number(a[k]), number(a[i])])
    result.fill([number(value)])
    put(which, { text: `k = ${k + 1}, i = ${i + 1}: ${same ? "its own logit" : "another class's logit"}` })
    const moves = same ? "rises" : "falls"
    put(meaning, { text: `Raise logit ${i + 1} a little: probability ${k + 1} ${moves}, at this rate.` })
  }
  return { element: html("div", { class: "mlp-panel" }, which, ...elements, meaning), write }
}

export default view("The softmax's derivative: every probability by every logit", context => {
  const { box, get } = context
  const z = () => get("z2").map(row => row[0])
  const A2 = () => softmax(get("z2")).map(row => row[0])
  const K = z().length
  const classes = Array.from({ length: K }, (_, i) => i)

  const drawing = svg("svg")
  const drawBars = bars(context, drawing, "z2", i => `probability ${number(A2()[i])}`)
  const faint = (anchor, text = "") => svg("text", { class: "mlp-faint", "text-anchor": anchor }, text)
  const scoreName = symbol("z", "2", { "text-anchor": "end" })
  const chanceName = symbol("A", "2", {})
  const [words, below, beside] = [
    faint("start", "drag the logits"),
    faint("end", "column sum"),
    faint("middle", "row sum"),
  ]
  const chances = classes.map(k => ({
    bar: svg("rect", { class: "mlp-chance" }),
    label: svg("text", { "text-anchor": "end" }),
    row: faint("start", `k = ${k + 1}`),
    rowSum: faint("middle"),
    head: faint("middle", `i = ${k + 1}`),
    columnSum: faint("middle"),
  }))
  drawing.append(scoreName, chanceName, words, below, beside, ...chances.flatMap(Object.values))
  const table = grid(context, {
    label: "dA2_k / dz2_i: row k, column i",
    rows: K,
    columns: K,
    inside: () => ({ face: svg("rect") }),
  })
  drawing.append(table.element)
  const chosen = explanation()
  const plot = html("div", { class: "mlp-plot" }, scrolling(context, "the matrix", drawing), chosen.element)
  box.append(plot)

  const placeCell = (k, i, { x, y, width, height }, value) => {
    const { face, text } = table.cells[k][i]
    const label = `k = ${k + 1}, i = ${i + 1}: ${number(value)}, ${k === i ? "A2_i (1 - A2_i)" : "-A2_k A2_i"}`
    table.place(k, i, { x, y, width, height }, label)
    put(face, { x: x + 1, y: y + 1, width: width - 2, height: height - 2 })
    put(face, {
      class: value < 0 ? "mlp-minus" : "mlp-plus",
      "fill-opacity": (0.4 * Math.min(Math.abs(value) / LARGEST, 1)).toFixed(3),
    })
    put(text, { x: x + width / 2, y: y + height / 2 + 5, text: number(value) })
  }

  let least = 0 // a cell's width, which only grows
  return () => {
    const a = A2()
    const matrix = softmax_jacobian(get("z2"))
    least = Math.max(least, roomFor([...z(), ...matrix.flat()].map(number)))
    const wide = context.width >= LEFT + least * K + SUMS + PANEL
    const room = (wide ? context.width - PANEL : context.width) - LEFT - SUMS
    const size = Math.max(least, Math.min(room / K, 84))
    const tall = Math.min(size, 46)
    const [right, bottom] = [LEFT + size * K, TOP + tall * K]
    plot.classList.toggle("mlp-beside", wide)
    put(drawing, { width: right + SUMS, height: bottom + 30 })
    drawBars({ left: LEFT, top: 44, pitch: size, height: 116 })
    put(scoreName, { x: LEFT - 12, y: 108 })
    put(words, { x: 0, y: 16 })
    put(chanceName, { x: 80, y: TOP - 10 })
    put(below, { x: LEFT - 10, y: bottom + 20 })
    put(beside, { x: right + SUMS / 2, y: TOP - 8 })

    const [ck, ci] = table.chosen()
    chances.forEach(({ bar, label, row, rowSum, head, columnSum }, k) => {
      const [x, y] = [LEFT + size * (k + 0.5), TOP + tall * k]
      put(bar, { x: LEFT - 8 - 56 * a[k], y: y + tall * 0.22, width: 56 * a[k], height: tall * 0.56 })
      put(label, { x: 108, y: y + tall / 2 + 5, text: number(a[k]) })
      for (const part of [bar, label]) part.classList.toggle("mlp-factor", k === ck || k === ci)
      put(row, { x: 0, y: y + tall / 2 + 5 })
      put(head, { x, y: TOP - 8 })
      put(rowSum, { x: right + SUMS / 2, y: y + tall / 2 + 5, text: number(total(matrix[k])) })
      put(columnSum, { x, y: bottom + 20, text: number(total(matrix.map(entries => entries[k]))) })
      classes.forEach(i => placeCell(k, i, { x: LEFT + size * i, y, width: size, height: tall }, matrix[k][i]))
    })
    chosen.write(ck, ci, a, matrix[ck][ci])
  }
})
