import { bars } from "./bars.js"
import { grid } from "./grid.js"
import { roomFor, scrolling } from "./scroll.js"
import { softmax, softmax_jacobian } from "./twin.js"
import { html, number, put, svg, symbol, view } from "./view.js"

const LEFT = 156 // for the probabilities
const TOP = 176 // for the logits
const PANEL = 296 // for the chosen cell's formula
const LARGEST = 0.25 // no entry is farther from 0: a (1 - a) at a = 1/2

const mi = (letter, layer, index) => `<msub><mi>${letter}</mi><mrow><mn>${layer}</mn>${index}</mrow></msub>`
const mn = x => `<mn>${number(x)}</mn>`
const mn1 = "<mn>1</mn>"
const mo = sign => `<mo>${sign}</mo>`
const by = (k, i) => `<mfrac><mrow><mo>∂</mo>${mi("A", 2, k)}</mrow><mrow><mo>∂</mo>${mi("z", 2, i)}</mrow></mfrac>`
const index = n => `<mn>${n}</mn>`
const open = `<mo stretchy="false">(</mo>`
const close = `<mo stretchy="false">)</mo>`
const zeroed = x => (Math.abs(x) < 1e-12 ? 0 : x) // what rounding leaves of an exact 0
const math = content => `<math display="block"><mrow>${content}</mrow></math>`

export default view("The softmax's derivative: every probability by every logit", context => {
  const { box, get } = context
  const z = () => get("z2").map(row => row[0])
  const A2 = () => softmax(get("z2")).map(row => row[0])
  const K = z().length
  const classes = Array.from({ length: K }, (_, i) => i)

  const drawing = svg("svg")
  const drawBars = bars(context, drawing, "z2", i => `probability ${number(A2()[i])}`)
  const scoreName = symbol("z", "2", { "text-anchor": "end" })
  const chanceName = symbol("A", "2", {})
  const words = svg("text", { class: "mlp-faint" }, "drag the logits")
  const below = svg("text", { class: "mlp-faint", "text-anchor": "end" }, "column sum")
  drawing.append(scoreName, chanceName, words, below)

  // --- probabilities, beside their rows
  const chances = classes.map(() => {
    const bar = svg("rect", { class: "mlp-chance" })
    const label = svg("text", { "text-anchor": "end" })
    const row = svg("text", { class: "mlp-faint" })
    drawing.append(bar, label, row)
    return { bar, label, row }
  })
  const sums = classes.map(() => svg("text", { "text-anchor": "middle", class: "mlp-faint" }))
  const heads = classes.map(i => svg("text", { "text-anchor": "middle", class: "mlp-faint" }, `i = ${i + 1}`))
  drawing.append(...sums, ...heads)

  // --- the matrix
  const table = grid(context, {
    label: "dA2_k / dz2_i: row k, column i",
    rows: K,
    columns: K,
    inside: () => ({ face: svg("rect") }),
  })
  drawing.append(table.element)

  // --- the chosen cell in words and numbers
  const which = html("strong")
  const formula = html("div", { class: "mlp-formula" })
  const figures = html("div", { class: "mlp-formula mlp-figures" })
  const meaning = html("p")
  const panel = html("div", { class: "mlp-panel" }, which, formula, figures, meaning)
  const plot = html("div", { class: "mlp-plot" }, scrolling(context, "the matrix", drawing), panel)
  box.append(plot)
  const write = (element, source) => {
    if (element.source !== source) element.innerHTML = element.source = source
  }

  let least = 0 // a cell's width, which only grows
  return () => {
    const a = A2()
    const matrix = softmax_jacobian(get("z2"))
    least = Math.max(least, roomFor([...z(), ...matrix.flat()].map(number)))
    const beside = context.width >= LEFT + least * K + 2 + PANEL
    const room = (beside ? context.width - PANEL : context.width) - LEFT - 2
    const size = Math.max(least, Math.min(room / K, 84))
    const tall = Math.min(size, 46)
    plot.classList.toggle("mlp-beside", beside)
    put(drawing, { width: LEFT + size * K + 2, height: TOP + tall * K + 30 })
    drawBars({ left: LEFT, top: 26, pitch: size, height: 116 })
    put(scoreName, { x: LEFT - 12, y: 90 })
    put(words, { x: 0, y: 16 })
    put(chanceName, { x: 56, y: TOP - 10 })
    put(below, { x: LEFT - 10, y: TOP + tall * K + 20 })

    const [ck, ci] = table.chosen()
    classes.forEach(k => {
      const y = TOP + tall * k
      const width = 56 * a[k]
      put(chances[k].bar, { x: LEFT - 8 - width, y: y + tall * 0.22, width, height: tall * 0.56 })
      chances[k].bar.classList.toggle("mlp-factor", k === ck || k === ci)
      put(chances[k].row, { x: 0, y: y + tall / 2 + 5, text: `k = ${k + 1}` })
      put(chances[k].label, { x: 84, y: y + tall / 2 + 5, text: number(a[k]) })
      chances[k].label.classList.toggle("mlp-factor", k === ck || k === ci)
      const x = LEFT + size * k
      put(heads[k], { x: x + size / 2, y: TOP - 8 })
      put(sums[k], {
        x: x + size / 2,
        y: TOP + tall * K + 20,
        text: number(zeroed(matrix.reduce((sum, row) => sum + row[k], 0))),
      })
      classes.forEach(i => {
        const { face, text } = table.cells[k][i]
        const value = matrix[k][i]
        const left = LEFT + size * i
        const label = `k = ${k + 1}, i = ${i + 1}: ${number(value)}, ${k === i ? "A2_i (1 - A2_i)" : "-A2_k A2_i"}`
        table.place(k, i, { x: left, y, width: size, height: tall }, label)
        put(face, {
          x: left + 1,
          y: y + 1,
          width: size - 2,
          height: tall - 2,
          class: value < 0 ? "mlp-minus" : "mlp-plus",
        })
        put(face, { "fill-opacity": (0.4 * Math.min(Math.abs(value) / LARGEST, 1)).toFixed(3) })
        put(text, { x: left + size / 2, y: y + tall / 2 + 5, text: number(value) })
      })
    })

    const [k, i] = [ck + 1, ci + 1].map(index)
    const same = ck === ci
    put(which, {
      text: same
        ? `k = ${ck + 1}, i = ${ci + 1}: its own logit`
        : `k = ${ck + 1}, i = ${ci + 1}: another class's logit`,
    })
    write(
      formula,
      math(
        by(k, i) +
          mo("=") +
          (same
            ? mi("A", 2, i) + open + mn1 + mo("−") + mi("A", 2, i) + close
            : mo("−") + mi("A", 2, k) + mi("A", 2, i)),
      ),
    )
    const value = matrix[ck][ci]
    write(
      figures,
      math(
        mo("=") +
          (same
            ? mn(a[ci]) + open + mn1 + mo("−") + mn(a[ci]) + close
            : `${mo("−")}${mn(a[ck])}${mo("·")}${mn(a[ci])}`),
      ) + math(mo("=") + mn(value)), // two, so that a line can break between them
    )
    put(meaning, {
      text: same
        ? `Raise logit ${ci + 1} a little: probability ${ck + 1} rises, at this rate.`
        : `Raise logit ${ci + 1} a little: probability ${ck + 1} falls, at this rate.`,
    })
  }
})
