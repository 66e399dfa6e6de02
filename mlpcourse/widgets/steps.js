import { compile } from "./evaluate.js"
import { map, matmul, relu, replaced, softmax } from "./twin.js"
import { button, handle, html, number, put, short, view } from "./view.js"

const SHAPE = { X: "DN", w1: "HD", b1: "H1", z1: "HN", A1: "HN", w2: "KH", b2: "K1", z2: "KN", y: "KN" }
const AGREE = 1e-9

/** Every array of the network that follows from those the learner sets, and its sizes. */
function network(arrays) {
  const all = { ...arrays }
  const affine = (w, x, b) => map((value, i) => value + b[i][0], matmul(w, x))
  if (all.X) all.z1 = affine(all.w1, all.X, all.b1)
  if (all.z1) all.A1 = relu(all.z1)
  if (all.A1) all.z2 = affine(all.w2, all.A1, all.b2)
  if (all.z2) {
    all.A2 = softmax(all.z2)
    all.c = Math.max(...all.z2.flat())
  }
  if (all.y) all.t = all.y.findIndex(row => row[0] === 1) + 1
  for (const [name, shape] of Object.entries(SHAPE)) {
    if (all[name]) [all[shape[0]], all[shape[1]]] = [all[name].length, all[name][0].length]
  }
  return all
}

const name = letters => {
  const [letter, layer] = letters
  return html("span", { class: "mlp-name" }, letter, ...(layer ? [html("sub", {}, layer)] : []))
}

/** A matrix in brackets; `cell(i, j)` makes the content of an entry. */
const matrix = (rows, columns, cell) =>
  html(
    "table",
    { class: "mlp-matrix", role: "presentation" },
    html(
      "tbody",
      {},
      ...Array.from({ length: rows }, (_, i) =>
        html("tr", {}, ...Array.from({ length: columns }, (_, j) => html("td", {}, cell(i, j)))),
      ),
    ),
  )

/** One line under the one before it, and the question why they are equal. */
function stepElement(context, lines, at, explain) {
  const line = lines[at + 1]
  const formula = (sign, source, kind) => {
    const math = html("div", { class: "mlp-formula" })
    math.innerHTML = source
    return html("div", { class: `mlp-equation ${kind}` }, html("span", { class: "mlp-sign" }, sign), math)
  }
  const choices = line.options.map(option => {
    const words = html("span")
    words.innerHTML = lines[option].reason
    const mark = html("span", { class: "mlp-verdict" })
    const choice = button(context, "", () => choose(option), { class: "mlp-button mlp-choice" })
    choice.append(mark, words)
    return { option, choice, mark }
  })
  const refused = html("p", { class: "mlp-refused" })
  const choose = option => {
    if (option === at + 1) explain()
    else {
      wrong.add(option)
      put(refused, { text: `✗ No: that is the reason for line ${option}.` })
      context.announce(`No: that is the reason for line ${option}.`)
      context.redraw()
    }
  }
  const wrong = new Set()
  const tell = button(context, "Tell me", () => explain())
  const question = html(
    "div",
    { class: "mlp-why" },
    html("p", {}, "Why is this equal to the line above?"),
    html("div", { class: "mlp-row" }, ...choices.map(({ choice }) => choice), tell),
    refused,
  )
  const element = html(
    "div",
    { class: "mlp-step" },
    formula(at === 0 ? "" : "=", line.before, "mlp-before"),
    formula("=", line.after, "mlp-after"),
    question,
  )
  return { element, choices, wrong, refused, tell }
}

/** The arrays that the learner sets. */
function networkInputs(context, inputs) {
  const { get, set } = context
  const change = (input, i, j, value) => set({ [input]: replaced(get(input), i, j, value) })
  const shown = []
  const entry = (input, i, j) => {
    const at = `${input}[${i + 1}, ${j + 1}]`
    if (input === "y") {
      const label =
        get("y")[0].length > 1 ? `the true class of example ${j + 1} is ${i + 1}` : `the true class is ${i + 1}`
      const chosen = button(
        context,
        "",
        () => set({ y: get("y").map((row, r) => row.map((old, c) => (c === j ? Number(r === i) : old))) }),
        {
          class: "mlp-scrub",
          "aria-label": label,
        },
      )
      shown.push(() => put(chosen, { text: String(get("y")[i][j]), "aria-pressed": get("y")[i][j] === 1 }))
      return chosen
    }
    const scrub = html("span", { class: "mlp-scrub" })
    handle(context, scrub, {
      label: at,
      min: -5,
      max: 5,
      step: 0.1,
      vertical: true,
      value: () => get(input)[i][j],
      change: value => change(input, i, j, value),
      at: event => -0.025 * event.clientY,
      text: short,
    })
    shown.push(() => put(scrub, { text: short(get(input)[i][j]) }))
    return scrub
  }
  const hint = html(
    "p",
    { class: "mlp-hint" },
    "The network: drag a number up or down, or focus it and use the arrow keys.",
  )
  const element = html(
    "div",
    { class: "mlp-row mlp-inputs" },
    ...inputs.map(input =>
      html(
        "div",
        { class: "mlp-row mlp-input" },
        name(input),
        html("span", {}, "="),
        matrix(get(input).length, get(input)[0].length, (i, j) => entry(input, i, j)),
      ),
    ),
  )
  const refresh = () => {
    for (const write of shown) write()
  }
  return { hint, element, refresh }
}

export default view("A derivation, line by line", context => {
  const { box, get, set, announce } = context
  const lines = get("lines")
  const last = lines.length - 1
  const compiled = lines.map(({ tree }) => compile(tree))

  // --- where we are
  const place = html("span", { class: "mlp-place" })
  const back = button(context, "← Back", () => go(get("line") - 1))
  const next = button(context, "Next →", () => go(get("line") + 1))
  box.append(
    html(
      "div",
      { class: "mlp-row mlp-head" },
      html("strong", {}, get("title")),
      place,
      html("span", { class: "mlp-row" }, back, next),
    ),
  )

  // --- the lines, all in one place, so that nothing jumps
  const stage = html("div", {
    class: "mlp-stage",
    role: "group",
    tabindex: 0,
    "aria-label": "The line, and the line before it. Left and right arrow: from line to line. Enter: the reason.",
  })
  box.append(stage)
  const steps = lines.slice(1).map((_, at) => {
    const step = stepElement(context, lines, at, () => explain(at + 1))
    stage.append(step.element)
    return step
  })

  const go = line => {
    const to = Math.min(Math.max(line, 1), last)
    if (to === get("line")) return
    set({ line: to })
    announce(`Line ${to} of ${last}: ${lines[to].plain}`)
  }
  const explain = line => {
    if (get("explained").includes(line)) return
    set({ explained: [...get("explained"), line].sort((a, b) => a - b) })
    announce(`The reason: ${steps[line - 1].choices.find(({ option }) => option === line).choice.textContent}`)
  }
  context.on(box, "keydown", event => {
    if (event.target.getAttribute("role") === "slider" || event.ctrlKey || event.metaKey || event.altKey) return
    const to = { ArrowLeft: get("line") - 1, ArrowRight: get("line") + 1, Home: 1, End: last }[event.key]
    if (to !== undefined) go(to)
    else if (event.key === "Enter" && event.target === stage) explain(get("line"))
    else return
    event.preventDefault()
  })

  // --- both sides' numbers
  const names = get("inputs")
  const values = () => network(Object.fromEntries(names.map(input => [input, get(input)])))
  const axes = get("axes")
  const [rows, columns] = [0, 1].map(axis => (axes[axis] ? values()[axes[axis][1]] : 1))
  const entries = () => {
    const cells = []
    const table = matrix(rows, columns, () => {
      cells.push(html("span"))
      return cells.at(-1)
    })
    return { table, cells }
  }
  const [left, right] = [entries(), entries()]
  const [leftName, rightName] = [html("span", { class: "mlp-label" }), html("span", { class: "mlp-label" })]
  const sign = html("span", { class: "mlp-sign" })
  const verdict = html("span", { class: "mlp-agree" })
  const counted = axes.map(([letter, size], axis) => `${letter} = 1..${size} ${axis ? "across" : "down"}`).join(", ")
  box.append(
    html(
      "div",
      { class: "mlp-row mlp-numbers" },
      html("div", { class: "mlp-side" }, leftName, left.table),
      sign,
      html("div", { class: "mlp-side" }, rightName, right.table),
      html("div", { class: "mlp-side" }, verdict, html("span", { class: "mlp-label" }, counted)),
    ),
  )

  const inputs = networkInputs(context, names)
  box.append(inputs.hint, inputs.element)

  const numbersOf = (f, scope) => {
    const out = []
    for (let i = 1; i <= rows; i++) {
      for (let j = 1; j <= columns; j++) {
        if (axes[0]) scope[axes[0][0]] = i
        if (axes[1]) scope[axes[1][0]] = j
        out.push(f(scope))
      }
    }
    return out
  }

  return () => {
    const line = get("line")
    const explained = get("explained").includes(line)
    put(place, { text: `line ${line} of ${last}${lines[line].ids ? ` · handout ${lines[line].ids}` : ""}` })
    back.disabled = line === 1
    next.disabled = line === last
    steps.forEach(({ element, choices, wrong, refused, tell }, at) => {
      element.classList.toggle("mlp-here", at + 1 === line)
      if (at + 1 !== line) return
      if (explained) {
        wrong.clear()
        put(refused, { text: "" })
      }
      for (const { option, choice, mark } of choices) {
        const right = explained && option === line
        const no = wrong.has(option)
        choice.classList.toggle("mlp-right", right)
        choice.classList.toggle("mlp-other", (explained && !right) || no)
        choice.disabled = explained || no
        put(mark, { text: right ? "✓ " : no ? "✗ " : "" })
        put(choice, { "aria-label": choice.textContent }) // with its formulas, which a button's name leaves out
      }
      tell.disabled = explained
    })

    const scope = values()
    const [before, after] = [line - 1, line].map(at => numbersOf(compiled[at], scope))
    const apart = Math.max(...before.map((value, at) => Math.abs(value - after[at])))
    const equal = apart <= AGREE * Math.max(1, ...after.map(Math.abs))
    before.forEach((value, at) => put(left.cells[at], { text: number(value) }))
    after.forEach((value, at) => put(right.cells[at], { text: number(value) }))
    put(leftName, { text: line === 1 ? "left side" : `line ${line - 1}` })
    put(rightName, { text: `line ${line}` })
    put(sign, { text: equal ? "=" : "≠" })
    put(verdict, { text: equal ? "✓ equal to rounding" : `✗ apart by ${number(apart)}` })
    verdict.classList.toggle("mlp-differ", !equal)
    inputs.refresh()
  }
})
