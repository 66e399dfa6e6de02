import { choice } from "./choice.js"
import { by, flowing, formula, indexed, mi, mo, over, slot } from "./formula.js"
import { column, log_softmax, replaced, softmax } from "./twin.js"
import { handle, html, number, pointer, put, svg, view } from "./view.js"

const [LEFT, TOP, HEIGHT, RIGHT] = [84, 36, 250, 16]
const HIGHEST = 5 // the loss at the top of the drawing
const RADIUS = 11

const sigmoid = s => 1 / (1 + Math.exp(-s))

/** Beside the curve: every class with its probability and loss, and the formulas of the true one. */
function classesAndFormulas(context, { classes, truth, A2, losses }) {
  const rows = classes.map(() => ({ bar: html("span"), p: html("span"), L: html("span") }))
  const heads = html(
    "div",
    { class: "mlp-heads", "aria-hidden": "true" },
    ...["", "k", "", "A₂ₖ", "−log A₂ₖ"].map(head => html("span", {}, head)),
  )
  const options = choice(context, {
    label: "Which class is the true one?",
    options: rows.map(({ bar, p, L }, k) => [
      html("span", {}, String(k + 1)),
      html("span", { class: "mlp-track" }, bar),
      p,
      L,
    ]),
    value: truth,
    change: t => context.set({ y: column(classes.map(k => Number(k === t))) }),
    says: k => `class ${k + 1}: probability ${number(A2()[k])}, loss ${number(losses()[k])}`,
  })
  options.children[0].after(heads)
  const words = html("p", { class: "mlp-hint" }, "Drag a class along the curve: the others keep their proportions.")
  const p = indexed("A", 2)
  const value = formula(mi("L") + mo("=") + mo("−") + mi("log") + p + mo("=") + slot)
  const steep = [by(mi("L"), p) + mo("=") + mo("−") + over("<mn>1</mn>", p), mo("=") + slot].map(formula)
  const aside = html("div", { class: "mlp-aside" }, options, value.element, flowing(steep), words)
  const write = (a, L, t) => {
    rows.forEach((row, k) => {
      row.bar.style.backgroundSize = `${100 * a[k]}% 100%`
      put(row.p, { text: number(a[k]) })
      put(row.L, { text: number(L[k]) })
    })
    value.fill([t + 1, number(L[t])])
    steep[0].fill([t + 1, t + 1])
    steep[1].fill([number(-1 / a[t])])
  }
  return { aside, write }
}

/** Where the logit of class k would have the probability 1/2. */
function halfway(z, k) {
  const others = column(z.filter((_, j) => j !== k))
  return others[0][0] - log_softmax(others)[0][0]
}

export default view("The loss: minus the logarithm of the true class's probability", context => {
  const { box, get, set } = context
  const z = () => get("z2").map(row => row[0])
  const A2 = () => softmax(get("z2")).map(row => row[0])
  const losses = () => log_softmax(get("z2")).map(row => 0 - row[0])
  const truth = () => get("y").findIndex(row => row[0] === 1)
  const classes = z().map((_, k) => k)

  let width = 1
  const xOf = p => LEFT + width * p
  const yOf = L => TOP + HEIGHT * (1 - Math.min(L, HIGHEST) / HIGHEST)

  // --- the curve
  const drawing = svg("svg", { height: TOP + HEIGHT + 50 })
  const line = name => svg("line", { class: name })
  const axes = [line("mlp-axis"), line("mlp-axis")]
  const faint = text => svg("text", { class: "mlp-faint", "text-anchor": "end" }, text)
  const levels = [0, 1, 2, 3, 4, 5].map(L => faint(String(L)))
  const shares = [0, 0.5, 1].map(p => put(faint(String(p)), { "text-anchor": "middle" }))
  const across = put(faint(""), { "text-anchor": "middle" })
  const up = put(svg("text", { class: "mlp-symbol" }, "L"), { x: LEFT - 14, y: 14, "text-anchor": "end" })
  const name = put(svg("text", { class: "mlp-symbol", "text-anchor": "end" }, "L = −log p"), { y: TOP + 10 })
  const curve = svg("path", { class: "mlp-curve" })
  const guide = line("mlp-grid")
  const stem = line("mlp-stem")
  const tangent = line("mlp-tangent")
  const slope = svg("text", { class: "mlp-slope" })
  const nowL = svg("text", { class: "mlp-now", "text-anchor": "end" })
  const nowP = svg("text", { class: "mlp-now", "text-anchor": "middle" })
  drawing.append(...axes, ...levels, ...shares, across, up, name, guide, stem, curve, tangent, slope, nowL, nowP)

  // --- the classes on it. A class moves by its logit: the others keep their proportions, and the sum stays 1.
  const nearest = event => {
    const { x, y } = pointer(event, drawing)
    let best = [Infinity, 0]
    for (let s = -HIGHEST; s <= HIGHEST; s += 0.02) {
      const away = Math.hypot(xOf(sigmoid(s)) - x, yOf(-Math.log(sigmoid(s))) - y)
      if (away < best[0]) best = [away, s]
    }
    return best[1]
  }
  const points = classes.map(k => {
    const grip = svg("circle", { class: "mlp-grip", r: 18 })
    const knob = svg("circle", { class: "mlp-knob", r: RADIUS })
    const ring = svg("circle", { class: "mlp-ring", r: RADIUS + 5 })
    const label = svg("text", { "text-anchor": "middle" }, String(k + 1))
    const whole = svg("g", { class: "mlp-point" }, grip, knob, ring, label)
    drawing.append(whole)
    handle(context, whole, {
      label: `z2, class ${k + 1}`,
      min: () => halfway(z(), k) - HIGHEST,
      max: () => halfway(z(), k) + HIGHEST,
      step: 0.1,
      fine: 0.01,
      value: () => z()[k],
      change: value => set({ z2: replaced(get("z2"), k, 0, value) }),
      at: event => halfway(z(), k) + nearest(event),
      text: value => {
        const ifTrue = k === truth() ? "" : " if it were the true class"
        return `${number(value)}, probability ${number(A2()[k])}, loss ${number(losses()[k])}${ifTrue}`
      },
    })
    return { whole, parts: [grip, knob, ring], label }
  })

  const beside = classesAndFormulas(context, { classes, truth, A2, losses })
  const plot = html("div", { class: "mlp-loss" }, drawing, beside.aside)
  box.append(plot)

  return () => {
    const wide = context.width >= 620
    plot.classList.toggle("mlp-beside", wide)
    const full = wide ? context.width - 300 : context.width
    const right = full - RIGHT
    const bottom = TOP + HEIGHT
    if (width !== right - LEFT) {
      width = right - LEFT
      const steps = Array.from({ length: 161 }, (_, n) => Math.exp((-HIGHEST * n) / 160))
      put(curve, { d: `M${steps.map(p => `${xOf(p).toFixed(2)} ${yOf(-Math.log(p)).toFixed(2)}`).join("L")}` })
    }
    put(drawing, { width: full })
    put(axes[0], { x1: LEFT, x2: right, y1: bottom, y2: bottom })
    put(axes[1], { x1: LEFT, x2: LEFT, y1: TOP, y2: bottom })
    put(across, {
      x: xOf(0.5),
      y: bottom + 42,
      text: full < 330 ? "p of the true class" : "p, the probability of the true class",
    })
    put(name, { x: right })

    const a = A2()
    const L = losses()
    const t = truth()
    const [x, y] = [xOf(a[t]), yOf(L[t])]
    levels.forEach((level, n) =>
      put(level, { x: LEFT - 14, y: yOf(n) + 5, visibility: Math.abs(yOf(n) - y) < 16 ? "hidden" : "visible" }),
    )
    shares.forEach((share, n) =>
      put(share, { x: xOf(n / 2), y: bottom + 20, visibility: Math.abs(xOf(n / 2) - x) < 36 ? "hidden" : "visible" }),
    )
    put(nowL, {
      x: Math.min(LEFT - 14, x - RADIUS - 6),
      y: y + 5,
      text: `${L[t] > HIGHEST + 0.01 ? "↑ " : ""}${number(L[t])}`,
    })
    put(nowP, { x, y: bottom + 20, text: number(a[t]) })
    put(guide, { x1: LEFT, x2: x, y1: y, y2: y })
    put(stem, { x1: x, x2: x, y1: y, y2: bottom })

    const fall = HEIGHT / HIGHEST / a[t] / width // in pixels
    const unit = [1 / Math.hypot(1, fall), fall / Math.hypot(1, fall)]
    const before = Math.min(80, (x - LEFT) / unit[0], (y - TOP) / unit[1])
    const after = Math.min(80, (right - x) / unit[0], (bottom - y) / unit[1])
    put(tangent, {
      x1: x - before * unit[0],
      y1: y - before * unit[1],
      x2: x + after * unit[0],
      y2: y + after * unit[1],
    })
    const from = Math.min(x + 20, right - 96)
    put(slope, {
      x: from,
      y: Math.min(y - 16, yOf(-Math.log((from - LEFT) / width)) - 18),
      text: `slope ${number(-1 / a[t])}`,
    })

    points.forEach(({ whole, parts, label }, k) => {
      for (const part of parts) put(part, { cx: xOf(a[k]), cy: yOf(L[k]) })
      put(label, { x: xOf(a[k]), y: yOf(L[k]) + 4 })
      whole.classList.toggle("mlp-true", k === t)
    })
    beside.write(a, L, t)
  }
})
