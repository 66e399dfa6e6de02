import { STEPS, explained } from "./network_formulas.js"
import { cross_entropy, forward, grad_b1, grad_b2, grad_w1, grad_w2, hidden_delta, hidden_signal, map, output_delta } from "./twin.js"
import { button, calm, handle, html, number, put, short, svg, symbol, view } from "./view.js"

const BACK = STEPS.findIndex(({ result }) => result === "delta2") + 1 // where the backward pass begins
const CELL = 60 // half a unit: its score, or its activation
const ROW = 20 // a number on a line
const TOP = 30
const NARROWEST = 690

const range = n => Array.from({ length: n }, (_, i) => i)

export default view("The network as a graph", context => {
  const { box, get, set } = context
  const [H, D, K] = [get("w1").length, get("X").length, get("w2").length]
  const chosen = { d: 0, j: 0, k: 0 }
  const choose = indices => {
    Object.assign(chosen, indices)
    context.redraw()
  }
  const compute = () => {
    const [X, y, w2] = [get("X"), get("y"), get("w2")]
    const params = { w1: get("w1"), b1: get("b1"), w2, b2: get("b2") }
    const { z1, A1, z2, A2 } = forward(params, X)
    const delta2 = output_delta(A2, y)
    const dA1 = hidden_signal(w2, delta2)
    const delta1 = hidden_delta(dA1, z1)
    return { ...params, X, y, z1, A1, z2, A2, L: cross_entropy(z2, y)[0], delta2, dw2: grad_w2(delta2, A1), db2: grad_b2(delta2),
      dA1, delta1, dw1: grad_w1(delta1, X), db1: grad_b1(delta1) } // prettier-ignore
  }

  // --- the steps
  const go = step => {
    if (step < 1 || step > STEPS.length) return
    set({ step })
    const { name, result } = STEPS[step - 1]
    context.announce(`Step ${step} of ${STEPS.length}, ${name}: ${[compute()[result]].flat(2).map(number).join(", ")}`)
  }
  const back = button(context, "← Back", () => go(get("step") - 1))
  const next = button(context, "Next →", () => go(get("step") + 1))
  const marks = STEPS.map(({ mark }) => html("span", { class: "mlp-mark" }, mark))
  const strip = html("div", { class: "mlp-strip", "aria-hidden": true },
    html("span", { class: "mlp-way" }, "forward"), ...marks.slice(0, BACK - 1),
    html("span", { class: "mlp-way" }, "backward"), ...marks.slice(BACK - 1)) // prettier-ignore
  marks.forEach((mark, i) => context.on(mark, "click", () => go(i + 1)))
  box.append(html("div", { class: "mlp-row mlp-head" }, back, next, strip))

  const drawing = svg("svg")
  const stage = html("div", { class: "mlp-graph", role: "group", tabindex: 0, "aria-label": "The graph. Left and right arrow: from step to step" }, drawing)
  box.append(stage, html("p", { class: "mlp-hint" }, "Drag a framed number up or down, or focus it and use the arrow keys."))
  context.on(box, "keydown", event => {
    if (event.target.getAttribute("role") === "slider" || event.ctrlKey || event.metaKey || event.altKey) return
    const to = { ArrowLeft: get("step") - 1, ArrowRight: get("step") + 1, Home: 1, End: STEPS.length }[event.key]
    if (to === undefined) return
    event.preventDefault()
    go(to)
  })

  // --- what the drawing is made of
  /** A number of the network that can be dragged up and down. */
  const given = (name, i, j, indices, [width, height] = [38, 18]) => {
    const face = svg("rect", { class: "mlp-face", rx: 5, width, height, x: -width / 2, y: -height / 2 })
    const ring = svg("rect", { class: "mlp-ring", rx: 7, width: width + 6, height: height + 6, x: -width / 2 - 3, y: -height / 2 - 3 })
    const text = svg("text", { "text-anchor": "middle", y: 4.5 })
    const whole = svg("g", { class: "mlp-given" }, face, ring, text)
    for (const type of ["focus", "pointerdown"]) context.on(whole, type, () => choose(indices))
    handle(context, whole, {
      label: `${name}[${i + 1}${get(name)[0].length > 1 ? `, ${j + 1}` : ""}]`,
      min: -5, max: 5, step: 0.1, vertical: true, // prettier-ignore
      value: () => get(name)[i][j],
      change: value => set({ [name]: map((old, r, c) => (r === i && c === j ? value : old), get(name)) }),
      at: event => -0.025 * event.clientY,
      text: value => (get("step") < 5 ? number(value) : `${number(value)}, L = ${number(compute().L[0])}`),
    })
    return { whole, place: (x, y) => put(whole, { transform: `translate(${x} ${y})` }), write: () => put(text, { text: short(get(name)[i][j]) }) }
  }
  const word = (attributes, text = "") => svg("text", { "text-anchor": "middle", ...attributes }, text)
  const edges = (layer, w, from, to) => w.flatMap((row, i) => row.map((_, j) => ({
    i, j, layer,
    line: svg("path", { class: "mlp-edge" }),
    weight: given(`w${layer}`, i, j, { [to]: i, [from]: j }),
    carried: word({ class: "mlp-carried" }),
    cover: svg("rect", { class: "mlp-cover", width: 50, height: 16, rx: 3 }),
  }))) // prettier-ignore
  const layers = [edges(1, get("w1"), "d", "j"), edges(2, get("w2"), "j", "k")]
  const all = layers.flat()
  const inputs = range(D).map(d => given("X", d, 0, { d }, [44, 28]))
  const units = (layer, n, key) => range(n).map(i => {
    const unit = { i, layer, bias: given(`b${layer}`, i, 0, { [key]: i }), biasGradient: word({}), whole: svg("g", { class: "mlp-unit" }) }
    unit.frame = svg("rect", { class: "mlp-box", rx: 7, width: 2 * CELL, height: 28, y: -14 })
    unit.lower = svg("rect", { class: "mlp-box mlp-lower mlp-going-back", rx: 7, width: layer === 1 ? 2 * CELL : CELL, height: 24, y: 14 })
    unit.gate = layer === 1 ? svg("path", { class: "mlp-gate" }) : svg("path", { class: "mlp-wall", d: `M${CELL} -14V14` })
    unit.cells = range(4).map(at => word({ x: CELL * (0.5 + (at % 2)), y: at < 2 ? 5 : 31 }))
    unit.whole.append(unit.lower, unit.frame, unit.gate, ...unit.cells, symbol("b", "", { x: 5, y: -20 }))
    context.on(unit.whole, "pointerdown", () => choose({ [key]: i }))
    return unit
  }) // prettier-ignore
  const hidden = units(1, H, "j")
  const output = units(2, K, "k")
  const truths = output.map(({ i }) => {
    const line = svg("path", { class: "mlp-edge" })
    const text = word({ y: 5 })
    const ring = svg("rect", { class: "mlp-ring", rx: 8, width: 38, height: 34, x: -19, y: -17 })
    const face = svg("rect", { class: "mlp-face", rx: 6, width: 30, height: 26, x: -15, y: -13 })
    const whole = svg("g", { class: "mlp-truth", role: "button", tabindex: 0, "aria-label": `y: the true class is ${i + 1}` }, face, ring, text)
    const choice = () => set({ y: range(K).map(k => [Number(k === i)]) })
    context.on(whole, "click", choice)
    context.on(whole, "keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return
      event.preventDefault()
      choice()
    })
    return { line, whole, text }
  })
  const lossBox = svg("rect", { class: "mlp-box", rx: 7, width: 66, height: 28 })
  const lossText = word({})
  const heads = ["X", "w1", "z1", "A1", "w2", "z2", "A2", "y"].map(name => symbol(name[0], name[1] ?? "", { "text-anchor": "middle", y: 16 }))
  const lossHead = symbol("L", "", { "text-anchor": "middle" })
  const carriedHeads = [0, 1].map(() => word({ class: "mlp-symbol mlp-back", y: 16 }))
  const lowerHeads = ["δ₁", "∂L/∂A₁", "δ₂"].map(text => word({ class: "mlp-symbol mlp-back mlp-going-back" }, text))
  drawing.append(
    ...all.map(({ line }) => line), ...truths.map(({ line }) => line),
    ...all.flatMap(({ cover, carried }) => [cover, carried]),
    ...inputs.map(({ whole }) => whole), ...layers[0].map(({ weight }) => weight.whole),
    ...hidden.flatMap(({ whole, bias, biasGradient }) => [whole, bias.whole, biasGradient]), ...layers[1].map(({ weight }) => weight.whole),
    ...output.flatMap(({ whole, bias, biasGradient }) => [whole, bias.whole, biasGradient]), ...truths.map(({ whole }) => whole),
    lossBox, lossText, lossHead, ...heads, ...carriedHeads, ...lowerHeads,
  ) // prettier-ignore
  const numbersGiven = [...inputs, ...all.map(({ weight }) => weight), ...hidden.map(({ bias }) => bias), ...output.map(({ bias }) => bias)]

  // --- the step in words, letters and numbers
  const title = html("strong")
  const general = html("div", { class: "mlp-formula" })
  const figures = html("div", { class: "mlp-figures" })
  const meaning = html("p")
  box.append(html("div", { class: "mlp-net-panel" }, title, general, figures, meaning))
  const write = (element, source) => {
    if (element.source !== source) element.innerHTML = element.source = source
  }

  // --- places
  const spread = (n, pitch, height) => range(n).map(i => TOP + height / 2 + (i - (n - 1) / 2) * pitch)
  let placed = null
  let inSight = null
  const place = () => {
    placed = context.width
    const W = Math.max(context.width - 4, NARROWEST)
    const gap = (W - 48 - 66 - 70 - 4 * CELL) / 2
    const left = { X: 2, hidden: 50 + gap, output: 50 + 2 * gap + 2 * CELL, y: W - 66 - 36, L: W - 67 }
    const pitch = [Math.max(88, ROW * D + 12), Math.max(88, ROW * H + 12)]
    const height = Math.max(H * pitch[0], K * pitch[1], D * 60)
    const rows = { X: spread(D, Math.min(pitch[0], height / D), height), hidden: spread(H, pitch[0], height), output: spread(K, pitch[1], height) }
    put(drawing, { width: W + 2, height: TOP + height + 22 })
    inputs.forEach(({ place }, d) => place(left.X + 22, rows.X[d]))
    layers.forEach((edges, n) => {
      const [from, to] = n === 0 ? ["X", "hidden"] : ["hidden", "output"]
      const start = left[from] + (n === 0 ? 42 : 2 * CELL)
      const end = left[to]
      for (const { i, j, line, weight, carried, cover } of edges) {
        const y = rows[to][i] + ROW * (j - (edges.length / rows[to].length - 1) / 2)
        const [a, b] = [end - 114, end - 18]
        put(line, { d: `M${start} ${rows[from][j]}C${(start + a) / 2} ${rows[from][j]} ${(start + a) / 2} ${y} ${a} ${y}H${b}Q${end - 6} ${y} ${end} ${rows[to][i]}` })
        weight.place(a + 19, y)
        put(cover, { x: a + 42, y: y - 8 })
        put(carried, { x: a + 67, y: y + 4.5 })
      }
      put(heads[n === 0 ? 1 : 4], { x: end - 95 })
      put(carriedHeads[n], { x: end - 47 })
    })
    for (const [units, name] of [[hidden, "hidden"], [output, "output"]]) {
      units.forEach(({ whole, bias, biasGradient, i }) => {
        const [x, y] = [left[name], rows[name][i]]
        put(whole, { transform: `translate(${x} ${y})` })
        bias.place(x + CELL / 2 + 8, y - 25)
        put(biasGradient, { x: x + CELL * 1.5, y: y - 20 })
      })
    }
    const middle = TOP + height / 2
    truths.forEach(({ line, whole }, k) => {
      const y = rows.output[k]
      put(line, { d: `M${left.output + 2 * CELL} ${y}H${left.y}C${left.L - 12} ${y} ${left.L - 14} ${middle} ${left.L} ${middle}` })
      put(whole, { transform: `translate(${left.y - 12} ${y})` })
    })
    put(lossBox, { x: left.L, y: middle - 14 })
    put(lossText, { x: left.L + 33, y: middle + 5 })
    put(lossHead, { x: left.L + 33, y: middle - 22 })
    const columns = { 0: left.X + 22, 2: left.hidden + CELL / 2, 3: left.hidden + CELL * 1.5, 5: left.output + CELL / 2, 6: left.output + CELL * 1.5, 7: left.y - 12 }
    for (const [n, x] of Object.entries(columns)) put(heads[n], { x })
    lowerHeads.forEach((head, n) => put(head, { x: [columns[2], columns[3], columns[5]][n], y: n < 2 ? rows.hidden[H - 1] + 56 : rows.output[K - 1] + 56 }))
    const middles = { hidden: left.hidden + CELL, output: left.output + CELL, L: W }
    inSight = step => {
      const { layer, result } = STEPS[step - 1]
      return layer ? middles[layer === 1 ? "hidden" : "output"] - CELL - gap / 2 : result === "L" ? W : middles[/2/.test(result) ? "output" : "hidden"]
    }
  }

  let before = 0
  return () => {
    if (placed !== context.width) place()
    const step = get("step")
    const { layer: active, result, name, sees } = STEPS[step - 1]
    const v = compute()
    const done = name => STEPS.findIndex(({ result }) => result === name) < step
    if (before !== step) {
      before = step
      stage.scrollTo({ left: inSight(step) - stage.clientWidth / 2, behavior: calm() ? "auto" : "smooth" })
      marks.forEach((mark, i) => {
        mark.classList.toggle("mlp-here", i + 1 === step)
        mark.classList.toggle("mlp-done", i + 1 < step)
      })
      box.classList.toggle("mlp-backward", step >= BACK)
    }
    back.disabled = step === 1
    next.disabled = step === STEPS.length
    for (const { write } of numbersGiven) write()

    // what each line carries at this step: forward, back, or the gradient of its weight
    const layerState = [
      done("dw1") ? [v.dw1, "∂L/∂w₁"] : [map((w, j, d) => w * v.X[d][0], v.w1), step === 1 ? "w₁ X" : ""],
      result === "dA1" ? [map((w, k) => w * v.delta2[k][0], v.w2), "w₂ δ₂"]
        : done("dw2") ? [v.dw2, "∂L/∂w₂"]
          : [done("z2") ? map((w, k, j) => w * v.A1[j][0], v.w2) : null, step === 3 ? "w₂ A₁" : ""],
    ] // prettier-ignore
    layerState.forEach(([, head], n) => put(carriedHeads[n], { text: head }))
    for (const { i, j, layer, line, weight, carried, cover } of all) {
      const [amounts, head] = layerState[layer - 1]
      const amount = amounts ? amounts[i][j] : 0
      const indices = layer === 1 ? { j: i, d: j } : { k: i, j }
      const here = active === layer && [...sees].every(index => indices[index] === chosen[index])
      put(line, {
        class: `mlp-edge ${amount > 0 ? "mlp-up" : amount < 0 ? "mlp-down" : "mlp-none"} ${active === layer ? "mlp-active" : ""} ${here ? "mlp-here" : ""}`,
        "stroke-width": (1.2 + (4 * Math.abs(amount)) / (Math.abs(amount) + 1)).toFixed(2),
      })
      put(cover, { visibility: head ? "visible" : "hidden" })
      put(carried, { text: head ? number(amount) : "", class: `mlp-carried ${head[0] === "∂" ? "mlp-back" : ""} ${here ? "mlp-here" : ""}` })
      weight.whole.classList.toggle("mlp-here", here)
    }
    for (const [units, index, names] of [[hidden, "j", ["z1", "A1", "delta1", "dA1", "db1"]], [output, "k", ["z2", "A2", "delta2", "", "db2"]]]) {
      for (const { i, whole, frame, gate, cells, biasGradient, layer } of units) {
        const here = sees.includes(index) && chosen[index] === i
        const shown = [...cells, biasGradient]
        names.forEach((name, n) => {
          put(shown[n], { text: name && done(name) ? number(v[name][i][0]) : "", class: name === result ? (here ? "mlp-now mlp-here" : "mlp-now") : n > 1 ? "mlp-back" : "" })
        })
        whole.classList.toggle("mlp-here", here)
        if (layer === 1) {
          const shut = v.z1[i][0] < 0
          frame.classList.toggle("mlp-shut", done("A1") && shut)
          put(gate, { d: !done("A1") ? `M${CELL} -14V14` : shut ? `M${CELL} -18V18` : `M${CELL} -14V-7M${CELL} 7V14M${CELL - 5} 0h10m-4 -4l4 4l-4 4` })
          put(gate, { class: `mlp-gate ${done("A1") ? (shut ? "mlp-closed" : "mlp-open") : ""}` })
        }
      }
    }
    truths.forEach(({ line, whole, text }, k) => {
      const right = v.y[k][0] === 1
      put(text, { text: String(v.y[k][0]) })
      put(whole, { "aria-pressed": right })
      put(line, { class: `mlp-edge ${right ? "mlp-true mlp-active" : "mlp-none"}`, "stroke-width": right ? 2.5 : 1.2 })
    })
    put(lossText, { text: done("L") ? number(v.L[0]) : "", class: result === "L" ? "mlp-now mlp-here" : "" })

    const { general: letters, pieces, texts, words } = explained(result, v, { ...chosen, t: v.y.findIndex(([y]) => y === 1) })
    put(title, { text: `Step ${step} of ${STEPS.length}: ${name}` })
    write(general, `<math displaystyle="true">${letters}</math>`)
    write(figures, pieces.map(piece => `<math displaystyle="true">${piece}</math>`).join(" "))
    figures.querySelectorAll(".mlp-n").forEach((element, i) => put(element, { text: texts[i] }))
    put(meaning, { text: words })
  }
})
