import { learner } from "./learner.js"
import { button, calm, clamp, html, number, put, slider, svg, view } from "./view.js"

const HIDDEN = [1, 2, 4, 8, 16, 32]
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
const PARAMS = ["w1", "b1", "w2", "b2"]
const COLOURS = [0xa4620b, 0x0a47b3, 0x377f1a] // blue, green, red: those of view.css, backwards as canvases keep them
const BORDER = 0xe681766e
const MARKS = ["M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0Z", "M0-2.5L2.3 1.8H-2.3Z", "M-1.8-1.8H1.8V1.8H-1.8Z"]
const CELLS = 60 // the network is evaluated at the corners of CELLS x CELLS cells; between them its logits are nearly linear
const FINE = 6 // pixels to a cell
const PIXELS = CELLS * FINE
const SPANS = [100, 200, 500, 1000, 2000, 5000, 10000]
const [CHART, TOP] = [130, 2] // the height of the chart, in pixels and in units of the loss
const BUDGET = 6 // ms that the steps of a frame may take

// One run for all copies of a view; the key is the widget's layout, the one object that the copies share.
const runs = new WeakMap()

const nearest = (values, x) => values.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(values[best] - x) ? i : best), 0)
const percent = x => `${(100 * x).toFixed(1)} %`

/** The run of this widget: what plays, what was reached, and the losses on the way; `honest` runs beside a slip. */
function runOf({ get, set }) {
  const key = get("layout") ?? get
  if (!runs.has(key)) runs.set(key, { copies: new Set(), player: null, version: 0, told: {} })
  const run = runs.get(key)
  const settings = () => ["data", "hidden", "slip", "epoch", ...PARAMS].map(name => get(name))

  run.set = () => get("content").sets[get("data")]
  run.begin = changes => {
    const of = name => changes[name] ?? get(name)
    const { labels } = get("content").sets[of("data")]
    set({ ...changes, epoch: 0, ...get("content").starts[Math.max(...labels) + 1][of("hidden")] })
  }
  /** Takes over what Python, the hand, or another copy has set. */
  run.follow = () => {
    const now = settings()
    if (run.now && now.every((value, i) => value === run.told[i])) return
    const text = JSON.stringify(now)
    run.told = now
    const params = Object.fromEntries(PARAMS.map(name => [name, get(name)]))
    const { X, labels } = run.set()
    const fits = params.w1.length === get("hidden") && params.w2.length === Math.max(...labels) + 1
    if (text === run.text || !fits) return // the kernel's echo, or half of a change
    run.text = text
    run.epoch = run.from = get("epoch")
    run.now = learner(params, X, labels)
    run.honest = get("slip") ? learner(params, X, labels) : null
    run.losses = [run.now.loss]
    run.right = [run.now.loss]
    run.stopped = ""
    run.version += 1
  }
  run.tell = () => {
    set({ epoch: run.epoch, ...run.now.params() })
    run.told = settings()
    run.text = JSON.stringify(run.told)
  }
  run.step = () => {
    const rate = get("learning_rate")
    if (run.epoch >= get("content").last) run.stopped = `${run.epoch} steps are the most that it takes.`
    else if (!run.now.step(rate, get("slip"))) run.stopped = `Stopped at step ${run.epoch}: after one more, the loss is no longer finite.`
    if (run.stopped) return false
    run.epoch += 1
    run.version += 1
    run.losses.push(run.now.loss)
    if (run.honest?.step(rate, "")) run.right.push(run.honest.loss)
    return true
  }
  return run
}

export default view("Training: the regions and the loss while the network learns", context => {
  const { box, get, set } = context
  const { slips, sets } = get("content")
  const run = runOf(context)
  const refresh = () => run.copies.forEach(redraw => redraw())
  run.copies.add(context.redraw)

  // --- playing
  const speak = () => context.announce(`step ${run.epoch}: loss ${number(run.now.loss)}, accuracy ${percent(run.now.accuracy)}. ${run.stopped}`)
  const pause = () => {
    if (run.player !== frame) return
    run.player = null
    run.tell()
    speak()
    refresh()
  }
  let last = 0
  function frame(time) {
    if (run.player !== frame) return
    run.follow()
    if (!calm() || time - last >= 500) {
      last = time
      const steps = calm() ? 50 : clamp(1 + Math.floor(run.epoch / 30), 1, 10) // slowly at first, where most happens
      const end = performance.now() + (calm() ? 10 : 1) * BUDGET
      for (let i = 0; i < steps && run.step(); i++) if (performance.now() > end) break
      refresh()
    }
    if (run.stopped) pause()
    else requestAnimationFrame(frame)
  }
  const play = () => {
    if (run.player) return
    run.player = frame
    run.stopped = ""
    last = 0
    requestAnimationFrame(frame)
    refresh()
  }
  const halt = () => {
    run.player = null
    refresh()
  }
  const toggle = () => (run.player === frame ? pause() : run.player ? halt() : play())
  const oneStep = () => {
    run.player = null
    run.stopped = ""
    run.step()
    run.tell()
    speak()
    refresh()
  }
  const restart = () => {
    run.player = null
    run.begin({})
    refresh()
  }

  // --- controls
  const menu = (label, options, value, change) => {
    const select = html("select", { "aria-label": label }, ...options.map(([key, text]) => html("option", { value: key }, text)))
    context.on(select, "change", () => change(select.value))
    context.handles.push(() => select.value === value() || (select.value = value()))
    return html("label", { class: "mlp-menu" }, html("span", {}, label), select)
  }
  const indexed = (label, values, name, change) =>
    slider(context, {
      label,
      min: 0,
      max: values.length - 1,
      step: 1,
      value: () => nearest(values, get(name)),
      change: i => change(values[i]),
      text: () => String(get(name)),
    })
  const playing = button(context, "", toggle, { class: "mlp-button mlp-play" })
  box.append(
    html("div", { class: "mlp-row mlp-settings" },
      menu("data", Object.keys(sets).map(name => [name, name]), () => get("data"), data => run.begin({ data })),
      indexed("hidden units", HIDDEN, "hidden", hidden => run.begin({ hidden })),
      indexed("learning rate", RATES, "learning_rate", learning_rate => set({ learning_rate }))),
    html("div", { class: "mlp-row mlp-settings" },
      menu("slip", slips.map(({ name, title }) => [name, title || "none: the right gradient"]), () => get("slip"), slip => run.begin({ slip }))),
  ) // prettier-ignore

  // --- the regions, and the points on them
  const canvas = html("canvas", { width: PIXELS, height: PIXELS })
  const points = svg("svg", { viewBox: "-1 -1 2 2", "aria-hidden": "true" })
  const stage = html("div", { class: "mlp-stage", role: "group", tabindex: 0, "aria-label": "regions: space plays and pauses, right arrow takes a step" }, canvas, points)
  const pen = canvas.getContext("2d")
  const image = pen.createImageData(PIXELS, PIXELS)
  const ink = new Uint32Array(image.data.buffer)
  const winners = new Uint8Array(PIXELS)
  context.on(stage, "keydown", event => {
    if (event.key === " ") toggle()
    else if (event.key === "ArrowRight") oneStep()
    else return
    event.preventDefault()
  })
  let reach = 1
  let drawn = ""
  const placePoints = () => {
    if (drawn === get("data")) return
    drawn = get("data")
    const { X, labels } = run.set()
    reach = 1.05 * Math.max(...X.flat().map(Math.abs))
    const marks = labels.map((label, n) =>
      svg("path", { d: MARKS[label], class: `mlp-class-${label + 1}`, transform: `translate(${(100 * X[0][n]) / reach} ${(-100 * X[1][n]) / reach})` }))
    put(points, { viewBox: "-100 -100 200 200" }).replaceChildren(...marks)
  }
  let logits = new Float64Array(0)
  function paintRegions(K) {
    const side = CELLS + 1
    if (logits.length !== side * side * K) logits = new Float64Array(side * side * K)
    for (let row = 0; row < side; row++)
      for (let col = 0; col < side; col++)
        run.now.logits(reach * ((2 * col) / CELLS - 1), reach * (1 - (2 * row) / CELLS), logits, (row * side + col) * K)
    const z = new Float64Array(K)
    const slope = new Float64Array(K)
    for (let y = 0; y < PIXELS; y++) {
      const down = ((y + 0.5) / FINE) % 1
      const top = Math.floor(y / FINE) * side * K
      for (let x = 0; x < PIXELS; x++) {
        if (x % FINE === 0) {
          for (let k = 0, at = top + (x / FINE) * K; k < K; k++, at++) {
            const left = logits[at] * (1 - down) + logits[at + side * K] * down
            const right = logits[at + K] * (1 - down) + logits[at + side * K + K] * down
            slope[k] = (right - left) / FINE
            z[k] = left + slope[k] / 2
          }
        } else for (let k = 0; k < K; k++) z[k] += slope[k]
        let best = 0
        let second = -Infinity
        for (let k = 1; k < K; k++) {
          if (z[k] > z[best]) {
            second = z[best]
            best = k
          } else if (z[k] > second) second = z[k]
        }
        const border = (x > 0 && winners[x - 1] !== best) || (y > 0 && winners[x] !== best)
        winners[x] = best
        const lead = z[best] - second
        const opacity = 108 - 84 / (1 + lead) // the surer, the deeper
        ink[y * PIXELS + x] = border ? BORDER : COLOURS[best] | (opacity << 24)
      }
    }
    pen.putImageData(image, 0, 0)
  }

  // --- the loss
  const y = value => 20 + CHART * (1 - value / TOP)
  const chart = svg("svg", { height: CHART + 40, role: "img", "aria-label": "the loss, step by step" })
  const line = (attributes, ...children) => svg("text", { class: "mlp-faint", ...attributes }, ...children)
  const floor = svg("line", { class: "mlp-axis" })
  const chance = svg("line", { class: "mlp-grid" })
  const chanceText = line({})
  const ticks = [0, 1, 2].map(value => line({ x: 12, y: y(value) + 4, "text-anchor": "end" }, String(value)))
  const zero = line({ "text-anchor": "start" }, "0")
  const end = line({ "text-anchor": "end" })
  const steps = line({ "text-anchor": "middle" }, "step")
  const right = svg("path", { class: "mlp-curve mlp-right-curve" })
  const curve = svg("path", { class: "mlp-curve" })
  const over = line({ "text-anchor": "end", y: 36 }, "▲ above the chart")
  chart.append(floor, chance, chanceText, ...ticks, zero, end, steps, right, curve, over)
  const [at, L, accuracy] = [0, 0, 0].map(() => html("output"))
  const counts = html("div", { class: "mlp-counts" }, html("span", {}, "step ", at),
    html("span", {}, html("span", { class: "mlp-curve-key" }), html("var", {}, "L"), " = ", L), html("span", {}, "accuracy ", accuracy)) // prettier-ignore
  const key = html("p", { class: "mlp-hint mlp-key" }, html("span", { class: "mlp-curve-key mlp-right-key" }), "the same run without the slip")
  const path = (losses, x) => {
    const tenth = value => Math.round(10 * value) / 10
    const at = i => `${tenth(x(run.from + i))} ${tenth(y(Math.min(losses[i], 1.03 * TOP)))}`
    const stride = Math.max(1, Math.floor(losses.length / 300))
    let d = ""
    for (let i = 0; i < losses.length - 1; i += stride) d += `${at(i)}L`
    return `M${d}${at(losses.length - 1)}`
  }

  // --- the slip in words; all lie on top of each other, so that the tallest sets the height
  const notes = slips.map(({ title, formula, tempts, look }) => {
    const note = html("div")
    if (title) note.append(html("div", { class: "mlp-formula" }), html("p", {}), html("p", {}, html("strong", {}, "Look for: "), look))
    else note.append(html("p", {}, html("strong", {}, "Look for: "), look))
    if (title) {
      note.children[0].innerHTML = formula
      note.children[1].innerHTML = `<strong>Tempting:</strong> ${tempts}`
    }
    return note
  })
  const said = html("p", { class: "mlp-hint mlp-said" })
  const buttons = html("div", { class: "mlp-row" }, playing, button(context, "Step", oneStep), button(context, "Start anew", restart))
  const side = html("div", { class: "mlp-side" }, buttons, counts, chart, key, html("div", { class: "mlp-notes" }, ...notes), said)
  const floorplan = html("div", { class: "mlp-floorplan" }, stage, side)
  box.append(floorplan)

  // It plays only where it is seen.
  const seen = new IntersectionObserver(([entry]) => entry.isIntersecting || pause())
  seen.observe(stage)
  context.signal.addEventListener("abort", () => {
    seen.disconnect()
    run.copies.delete(context.redraw)
    pause()
  })

  let [painted, shownWidth] = [-1, 0]
  return () => {
    run.follow()
    if (!run.now) return
    const K = run.now.params().w2.length
    floorplan.classList.toggle("mlp-beside", context.width >= 620)
    const width = context.width >= 620 ? context.width - 396 : context.width
    put(playing, { text: run.player ? "❚❚ Pause" : "▶ Play" })
    put(at, { text: String(run.epoch) })
    put(L, { text: number(run.now.loss) })
    put(accuracy, { text: percent(run.now.accuracy) })
    put(said, { text: run.stopped })
    notes.forEach((note, i) => note.classList.toggle("mlp-on", slips[i].name === get("slip")))
    key.classList.toggle("mlp-on", Boolean(run.honest))
    if (painted === run.version && shownWidth === width) return
    painted = run.version
    shownWidth = width
    placePoints()
    paintRegions(K)

    const span = SPANS.find(length => length >= run.epoch)
    const x = step => 20 + ((width - 24) * step) / span
    put(chart, { width })
    put(floor, { x1: 20, x2: width - 4, y1: y(0), y2: y(0) })
    put(chance, { x1: 20, x2: width - 4, y1: y(Math.log(K)), y2: y(Math.log(K)) })
    put(chanceText, { x: width - 4, y: y(Math.log(K)) - 5, "text-anchor": "end", text: `log ${K}: knows nothing` })
    put(zero, { x: 20, y: y(0) + 16 })
    put(end, { x: width - 4, y: y(0) + 16, text: String(span) })
    put(steps, { x: (width + 16) / 2, y: y(0) + 16 })
    put(curve, { d: path(run.losses, x) })
    put(right, { d: run.honest ? path(run.right, x) : "" })
    put(over, { x: width - 4, visibility: run.now.loss > TOP ? "visible" : "hidden" })
  }
})
