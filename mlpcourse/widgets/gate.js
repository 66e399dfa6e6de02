import { bars } from "./bars.js"
import { choice } from "./choice.js"
import { scrolling } from "./scroll.js"
import { hidden_delta, relu, relu_gate, replaced } from "./twin.js"
import { handle, html, number, pointer, put, svg, symbol, view } from "./view.js"

const [LEFT, RIGHT] = [62, 8] // for the names of the rows, for the last handle
// The foot of the curves, and where each row begins.
const [GROUND, ARRIVES, GATE, PASSES, END] = [94, 166, 290, 396, 510]
const [RISE, SIGNAL] = [66, 88] // heights of the curve and of the bars
const POST = 20 // from the middle of a gate to its posts

/** What one unit is drawn with, from its curve down to the signal that passes. */
function unitElements(j) {
  const line = kind => svg("line", { class: kind })
  const text = (kind = "", words = "") => svg("text", { class: kind, "text-anchor": "middle" }, words)
  const part = {
    head: text("mlp-faint", `unit ${j + 1}`),
    axis: line("mlp-axis"),
    zero: line("mlp-grid"),
    fan: [0.25, 0.5, 0.75].map(() => line("mlp-fan")),
    flat: line("mlp-branch"),
    steep: line("mlp-branch"),
    slope: [0, 1].map(() => svg("text", { class: "mlp-faint", "text-anchor": "end" })),
    z: text(),
    stream: line("mlp-stream"),
    tip: svg("path"),
    leaves: [1, -1].map(way => svg("line", { class: "mlp-leaf", x1: 4 * way, x2: POST * way })),
    word: text(),
    bar: svg("rect"),
    signal: text("mlp-passes"),
  }
  const hinges = part.leaves.map((leaf, n) =>
    svg("g", { transform: `translate(${n ? POST : -POST} 0)` }, svg("circle", { r: 4.5 }), leaf),
  )
  part.gate = svg("g", { class: "mlp-gate" }, ...hinges)
  const { head, axis, zero, fan, flat, steep, slope, z, stream, tip, word, bar, signal } = part
  const grip = svg("rect", { class: "mlp-grip", y: GROUND - RISE - 8, height: RISE + 40 })
  const knob = svg("circle", { class: "mlp-knob", r: 8 })
  const ring = svg("circle", { class: "mlp-ring", r: 13 })
  const whole = svg("g", {}, grip, knob, ring)
  const inOrder = [head, axis, zero, ...fan, flat, steep, ...slope, z, stream, tip, word, bar, signal]
  return { ...part, inOrder, whole, grip, ends: [knob, ring] }
}

function drawCurve(part, { x, pitch, far, span }, z1) {
  const on = z1 >= 0
  put(part.head, { x, y: 14 })
  put(part.axis, { x1: x - far, x2: x + far, y1: GROUND, y2: GROUND })
  put(part.zero, { x1: x, x2: x, y1: GROUND - RISE, y2: GROUND })
  put(part.flat, { x1: x - far, x2: x, y1: GROUND, y2: GROUND, class: `mlp-branch ${on ? "" : "mlp-on"}` })
  put(part.steep, { x1: x, x2: x + far, y1: GROUND, y2: GROUND - RISE, class: `mlp-branch ${on ? "mlp-on" : ""}` })
  part.fan.forEach((line, n) => {
    const slope = (n + 1) / 4
    const up = slope * RISE
    put(line, {
      x1: x - far / 4,
      x2: x + far,
      y1: GROUND + up / 4,
      y2: GROUND - up,
      visibility: z1 === 0 ? "visible" : "hidden",
    })
  })
  part.slope.forEach((text, n) =>
    put(text, { x: x - 7, y: GROUND - 48 + 18 * n, text: n ? String(Number(on)) : "slope" }),
  )
  put(part.z, { x, y: GROUND + 28, text: number(z1) })
  put(part.grip, { x: x - pitch / 2, width: pitch })
  for (const end of part.ends) put(end, { cx: x + (far * z1) / span, cy: GROUND - (RISE * Math.max(z1, 0)) / span })
}

function drawGate(part, { x, pitch, reach }, dA1, open) {
  const sign = dA1 < 0 ? "mlp-minus" : "mlp-plus"
  const width = 2 + (8 * Math.abs(dA1)) / reach
  const gate = GATE + 22
  put(part.gate, { transform: `translate(${x} ${gate})` })
  part.gate.classList.toggle("mlp-open", open)
  put(part.stream, {
    x1: x,
    x2: x,
    y1: GATE,
    y2: open ? gate + 22 : gate - 4,
    class: `mlp-stream ${sign}`,
    "stroke-width": width,
  })
  put(part.tip, {
    d: `M${x - width / 2 - 4} ${gate + 21}h${width + 8}l${-width / 2 - 4} 9z`,
    class: sign,
    visibility: open ? "visible" : "hidden",
  })
  put(part.word, { x, y: gate + 50, text: `${pitch < 84 ? "" : `× ${Number(open)}, `}${open ? "open" : "closed"}` })
}

function drawUnit(part, place, { z1, dA1, open, out }) {
  const { x, base, reach, thick } = place
  drawCurve(part, place, z1)
  drawGate(part, place, dA1, open)
  const height = ((SIGNAL / 2) * Math.abs(out)) / reach
  const wrong = open && z1 < 0
  put(part.bar, {
    x: x - thick / 2,
    y: out < 0 ? base : base - height,
    width: thick,
    height,
    class: `mlp-passed ${dA1 < 0 ? "mlp-minus" : "mlp-plus"} ${wrong ? "mlp-wrong" : ""}`,
  })
  put(part.signal, {
    x,
    y: out < 0 ? base + height + 16 : base - height - 6,
    text: `${wrong ? "✗ " : ""}${number(out)}`,
  })
}

export default view("ReLU on the way back: open gates let the signal pass, closed gates stop it", context => {
  const { box, get, set } = context
  const values = name => get(name).map(row => row[0])
  const units = values("z1").map((_, j) => j)
  const H = units.length
  const looksAt = () => (get("gate_on") === "A1" ? relu(get("z1")) : get("z1"))
  const isOpen = j => relu_gate(looksAt())[j][0] === 1
  const state = j => `gate ${isOpen(j) ? "open" : "closed"}`
  const passes = j => hidden_delta(get("dA1"), looksAt())[j][0]
  let span = 3 // of z1; it grows when Python asks for more, and stays
  let far = 1 // pixels from 0 to the end of an axis
  let pitch = 1
  const middle = j => LEFT + pitch * (j + 0.5)

  const drawing = svg("svg", { height: END })
  const name = (letter, index, y, word) => [
    put(symbol(letter, index), { x: 0, y }),
    put(svg("text", { class: "mlp-faint" }, word), { x: 0, y: y + 20 }),
  ]
  drawing.append(
    ...name("z", "1", GROUND - 6, "drag"),
    ...name("∂L/∂A", "1", ARRIVES + SIGNAL / 2, "arrives"),
    ...name("", "", GATE + 5, "gate"),
    ...name("δ", "1", PASSES + SIGNAL / 2, "passes"),
  )
  const floor = svg("line", { class: "mlp-axis" })
  drawing.append(floor)
  const arriving = svg("g")
  const drawArriving = bars(context, arriving, "dA1", j => `${number(passes(j))} passes, ${state(j)}`, {
    span: 2,
    each: "unit",
  })

  const parts = units.map(j => {
    const part = unitElements(j)
    const { whole } = part
    drawing.append(...part.inOrder, whole)
    handle(context, whole, {
      label: `z1, unit ${j + 1}`,
      min: () => -span,
      max: () => span,
      step: 0.1, // for the pointer too, so that it meets 0
      value: () => values("z1")[j],
      change: value => set({ z1: replaced(get("z1"), j, 0, value) }),
      at: event => ((pointer(event, drawing).x - middle(j)) * span) / far,
      text: value => `${number(value)}, ${state(j)}${value === 0 ? ", at the kink: the slope 1 is chosen" : ""}`,
    })
    return part
  })
  drawing.append(...parts.map(({ gate }) => gate)) // last: what is moved by a transform splits the picture into layers

  drawing.append(arriving) // after the handles of z1, for whoever goes from handle to handle

  const ways = ["z1", "A1"]
  const looks = choice(context, {
    label: "Gate open where",
    options: [[html("span", {}, "z₁ ≥ 0")], [html("span", {}, "A₁ ≥ 0, a slip")]],
    value: () => ways.indexOf(get("gate_on")),
    change: n => set({ gate_on: ways[n] }),
  })
  const verdict = html("p", { class: "mlp-verdict" })
  box.append(html("div", { class: "mlp-gates" }, scrolling(context, "the gates", drawing), looks, verdict))

  const listed = chosen =>
    chosen.length === 1 ? `unit ${chosen[0] + 1}` : `units ${chosen.map(j => j + 1).join(", ")}`
  const says = () => {
    const z1 = values("z1")
    const shut = units.filter(j => z1[j] < 0)
    const kinks = units.filter(j => z1[j] === 0)
    if (get("gate_on") === "A1") {
      const wrong = shut.length ? ` It should be closed for ${listed(shut)}, where z₁ < 0.` : ""
      return `✗ ReLU leaves nothing negative, so A₁ ≥ 0 holds for every unit: this gate never closes.${wrong}`
    }
    if (kinks.length)
      return (
        `The kink, ${listed(kinks)}: at z₁ = 0 ReLU has no slope. The handout chooses 1 (H27), so the gate is open. ` +
        "Any number from 0 to 1 is allowed (dotted)."
      )
    return shut.length
      ? `Closed for ${listed(shut)}: whatever arrives, nothing passes.`
      : "All gates are open: what arrives passes."
  }

  return () => {
    const [z1, dA1] = [values("z1"), values("dA1")]
    pitch = Math.max([...z1, ...dA1].some(x => number(x).length > 7) ? 88 : 66, (context.width - LEFT - RIGHT) / H)
    span = Math.max(span, ...z1.map(Math.abs))
    far = Math.min(pitch / 2 - 9, RISE)
    put(drawing, { width: LEFT + pitch * H + RIGHT })
    const reach = drawArriving({ left: LEFT, top: ARRIVES, pitch, height: SIGNAL })
    const base = PASSES + SIGNAL / 2
    put(floor, { x1: LEFT, x2: LEFT + pitch * H, y1: base, y2: base })
    const thick = Math.min(pitch * 0.56, 46)

    parts.forEach((part, j) => {
      const place = { x: middle(j), pitch, far, span, base, reach, thick }
      drawUnit(part, place, { z1: z1[j], dA1: dA1[j], open: isOpen(j), out: passes(j) })
    })
    const slip = get("gate_on") === "A1"
    put(verdict, {
      text: says(),
      class: `mlp-verdict ${slip ? "mlp-wrong" : ""} ${context.width < 520 ? "mlp-narrow" : ""}`,
    })
  }
})
