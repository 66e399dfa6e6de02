import { descent } from "./descent.js"
import { regions } from "./regions.js"
import { runOf } from "./run.js"
import { button, calm, clamp, html, number, put, slider, view } from "./view.js"

const BUDGET = 6 // ms that the steps of a frame may take
const RATE = 0.5 // at which the notes say what there is to see

const percent = x => `${(100 * x).toFixed(1)} %`

/** Playing and pausing: what the buttons do. The frame of one copy takes the steps, and all copies are drawn anew. */
function player(context, run) {
  const { set } = context
  const refresh = () => {
    for (const redraw of run.copies) redraw()
  }
  const speak = () =>
    context.announce(
      `step ${run.epoch}: loss ${number(run.now.loss)}, accuracy ${percent(run.now.accuracy)}. ${run.stopped}`,
    )
  const tell = () => {
    run.player = null
    run.tell(set)
    speak()
    refresh()
  }
  let last = 0
  function frame(time) {
    if (run.player !== frame) return
    run.follow()
    if (!calm() || time - last >= 500) {
      last = time
      const steps = calm() ? 50 : clamp(1 + Math.floor(run.epoch / 30), 1, 6) // slowly at first, where most happens
      const end = performance.now() + (calm() ? 10 : 1) * BUDGET
      for (let i = 0; i < steps && run.step(); i++) if (performance.now() > end) break
      refresh()
    }
    if (run.stopped) tell()
    else requestAnimationFrame(frame)
  }
  const toggle = () => {
    if (run.player) return tell()
    run.player = frame
    run.stopped = ""
    last = 0
    requestAnimationFrame(frame)
    refresh()
  }
  const oneStep = () => {
    run.stopped = ""
    run.step()
    tell()
  }
  const leave = () => run.player === frame && tell()
  const begin = changes => set(run.begin(changes))
  const restart = () => {
    run.player = null
    begin({})
    refresh()
  }
  context.on(context.box, "click", event => {
    if (!event.target.closest(".mlp-reset")) return
    run.player = null
    run.takeNext()
    refresh()
  })
  return { toggle, oneStep, restart, leave, begin }
}

/** What the run starts with: data, hidden units, learning rate, slip. */
function settings(context, begin) {
  const { get, set } = context
  const { slips, sets } = get("content")
  const menu = (label, options, value, change) => {
    const select = html(
      "select",
      { "aria-label": label },
      ...options.map(([key, text]) => html("option", { value: key }, text)),
    )
    context.on(select, "change", () => change(select.value))
    context.handles.push(() => {
      if (select.value !== value()) select.value = value()
    })
    return html("label", { class: "mlp-menu" }, html("span", {}, label), select)
  }
  const hidden = slider(context, {
    label: "hidden units",
    min: 1,
    max: get("content").most,
    step: 1,
    value: () => get("hidden"),
    change: value => begin({ hidden: value }),
    text: String,
  })
  const rate = slider(context, {
    label: "learning rate",
    min: -3,
    max: 2,
    step: 0.1,
    value: () => Math.log10(get("learning_rate")),
    change: value => set({ learning_rate: Number((10 ** value).toPrecision(2)) }),
    text: () => String(get("learning_rate")),
  })
  return [
    html(
      "div",
      { class: "mlp-row mlp-settings" },
      menu(
        "data",
        Object.keys(sets).map(name => [name, name]),
        () => get("data"),
        data => begin({ data }),
      ),
      hidden,
      rate,
    ),
    html(
      "div",
      { class: "mlp-row mlp-settings" },
      menu(
        "slip",
        slips.map(({ name, title }) => [name, title || "none: the right gradient"]),
        () => get("slip"),
        slip => begin({ slip }),
      ),
    ),
  ]
}

/** All notes lie on top of each other, so that the tallest sets the height. */
function slipInWords({ title, formula, tempts, look }) {
  const note = html("div")
  if (title) {
    note.innerHTML = `<div class="mlp-formula">${formula}</div><p><strong>Tempting:</strong> ${tempts}</p>`
    const key = html("span", { class: "mlp-descent-key mlp-right-key" })
    note.prepend(
      html("p", { class: "mlp-hint" }, key, "the same run without the slip"),
      html("p", { class: "mlp-slip-name" }, title),
    )
  }
  note.append(html("p", { class: "mlp-look" }, html("strong", {}, "Look for: "), look))
  return note
}

export default view("Training: the regions and the loss while the network learns", context => {
  const { box, get } = context
  const { slips } = get("content")
  const run = runOf(get)
  run.copies.add(context.redraw)
  const { toggle, oneStep, restart, leave, begin } = player(context, run)
  box.append(...settings(context, begin))

  // --- what is seen of it
  const plane = regions()
  const chart = descent()
  const stage = html(
    "div",
    {
      class: "mlp-plane",
      role: "group",
      tabindex: 0,
      "aria-label": "regions: space plays and pauses, right arrow takes a step",
    },
    ...plane.parts,
  )
  context.on(stage, "keydown", event => {
    if (event.key === " ") toggle()
    else if (event.key === "ArrowRight") oneStep()
    else return
    event.preventDefault()
  })
  const [at, L, accuracy] = [0, 0, 0].map(() => html("strong"))
  const counts = html(
    "div",
    { class: "mlp-counts" },
    html("span", {}, "step ", at),
    html("span", {}, html("span", { class: "mlp-descent-key" }), html("var", {}, "L"), " = ", L),
    html("span", {}, "accuracy ", accuracy),
  ) // prettier-ignore

  const notes = slips.map(slipInWords)
  const playing = button(context, "", toggle, { class: "mlp-button mlp-play" })
  const said = html("p", { class: "mlp-hint mlp-said" })
  const ownKey = html("span", { class: "mlp-descent-key mlp-right-key" })
  const ownNote = html("p", { class: "mlp-hint" }, ownKey, "your own backward, from the same start")
  const buttons = html(
    "div",
    { class: "mlp-row" },
    playing,
    button(context, "Step", oneStep),
    button(context, "Start anew", restart),
  )
  const side = html(
    "div",
    { class: "mlp-beside-plane" },
    buttons,
    counts,
    chart.drawing,
    ownNote,
    html("div", { class: "mlp-slip-notes" }, ...notes),
    said,
  )
  const plan = html("div", { class: "mlp-plan" }, stage, side)
  box.append(plan)

  // It plays only where it is seen.
  const seen = new IntersectionObserver(([entry]) => entry.isIntersecting || leave())
  seen.observe(stage)
  context.signal.addEventListener("abort", () => {
    seen.disconnect()
    run.copies.delete(context.redraw)
    leave()
  })

  let [painted, shownWidth] = [-1, 0]
  return () => {
    run.follow()
    if (!run.now) return
    const K = run.now.K
    plan.classList.toggle("mlp-beside", context.width >= 620)
    const width = context.width >= 620 ? context.width - 396 : context.width
    put(playing, { text: run.player ? "❚❚ Pause" : "▶ Play", "aria-label": run.player ? "Pause" : "Play" })
    put(at, { text: String(run.epoch) })
    put(L, { text: number(run.now.loss) })
    put(accuracy, { text: percent(run.now.accuracy) })
    put(said, { text: run.stopped })
    ownNote.hidden = !get("own")?.length
    side.classList.toggle("mlp-other-rate", get("learning_rate") !== RATE)
    notes.forEach((note, i) => note.classList.toggle("mlp-shown", slips[i].name === get("slip")))
    if (painted === run.version && shownWidth === width) return
    painted = run.version
    shownWidth = width
    plane.draw(run.now, run.examples(), K)
    const own = (get("own") ?? []).slice(run.from, run.from + run.losses.length)
    const faint = own.length > 0 ? own : run.honest && run.right
    chart.draw({ width, K, from: run.from, curve: run.losses, faint })
  }
})
