// What every view shares: elements, handles, frames, and the word to the kernel.

const REST = 150 // ms without a change before the kernel is told

// What the hand has set and the kernel was not told yet, one map for all copies of a view. The key is the widget's
// layout, the one object that the copies share.
const waiting = new WeakMap()

// --- elements

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children)

export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children)

/** Sets the attributes that differ; `text` is the text of an element that holds nothing else. */
export function put(element, { text, ...attributes }) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value)
  }
  if (text !== undefined && element.textContent !== text) {
    if (element.firstChild)
      element.firstChild.data = text // the same node: another would be laid out from scratch
    else element.textContent = text
  }
  return element
}

/** A symbol of the handout as SVG text: put(...) it where it belongs. symbol("A", "2,1") is A with a subscript. */
export const symbol = (letter, index, attributes = {}) =>
  svg(
    "text",
    { ...attributes, class: `mlp-symbol ${attributes.class ?? ""}` },
    letter,
    svg("tspan", { class: "mlp-index", dy: "0.3em" }, index),
  )

// --- numbers

/** As `number` in view.py writes it. */
export function number(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "∞" : "\u2212∞"
  const size = Math.abs(x)
  const text = size === 0 || (size >= 0.001 && size < 10000) ? x.toFixed(3) : x.toExponential(2)
  return text.replaceAll("-", "\u2212")
}

/** The same without idle zeros, for numbers that the learner sets. */
export const short = x =>
  number(x)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "")

export const clamp = (x, low, high) => Math.min(Math.max(x, low), high)

const snapped = (x, step) => Number((Math.round(x / step) * step).toFixed(10))

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches

// --- a view

/**
 * The `{ render }` that anywidget asks for. `setup(context)` builds the elements inside `context.box` once and returns
 * `draw()`, called once a frame when a trait or the width has changed.
 *
 * context: box; width (CSS pixels); get(name); set({ name: value }), which moves every copy of the view at once and
 * tells the kernel when the hand rests; tell({ name: value }), which tells it at once; redraw(); on(target, type,
 * listener), removed with the view; announce(text), spoken. Trait values are never changed in place: set a new array.
 */
export function view(label, setup) {
  return {
    render({ model, el }) {
      const gone = new AbortController()
      const live = html("div", { class: "mlp-live", "aria-live": "polite" })
      const ruler = html("div", { class: "mlp-ruler" })
      const box = html("div", { class: "mlp-view", role: "group", "aria-label": label }, ruler)
      let draw = null
      let frame = 0
      let rest = 0
      let due = false

      const key = model.get("layout") ?? model
      const unsaved = waiting.get(key) ?? new Map()
      waiting.set(key, unsaved)
      const save = () => {
        rest = 0
        unsaved.clear()
        // null or disposed when it has ended, undefined where hosts do not tell
        const kernel = model.widget_manager?.kernel
        if (kernel !== null && !kernel?.isDisposed) model.save_changes()
      }
      const paint = () => {
        cancelAnimationFrame(frame)
        frame = 0
        due = false
        if (draw && context.width > 0) {
          draw()
          for (const refresh of context.handles) refresh()
          box.getBoundingClientRect() // style and layout now: the frame has only to paint
        }
      }
      const context = {
        box,
        width: 0,
        signal: gone.signal,
        handles: [],
        get: name => model.get(name),
        set(changes) {
          for (const [name, value] of Object.entries(changes)) {
            unsaved.set(name, value)
            model.set(name, value)
          }
          clearTimeout(rest)
          rest = setTimeout(save, REST)
        },
        tell(changes) {
          context.set(changes)
          clearTimeout(rest)
          save()
        },
        redraw() {
          frame ||= requestAnimationFrame(paint)
        },
        on: (target, type, listener) => target.addEventListener(type, listener, { signal: gone.signal }),
        announce(text) {
          live.textContent = text
        },
      }

      // The notebook takes single keys (arrows leave the cell, "dd" deletes it). Inside a view they are the view's:
      // kept from listeners further out, and by the attribute from Notebook 7, which listens before anybody else.
      const isViewKey = event =>
        !(
          event.ctrlKey ||
          event.metaKey ||
          event.altKey ||
          event.key === "Escape" ||
          (event.shiftKey && event.key === "Enter")
        )
      const suppressShortcuts = event => {
        if (box.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", isViewKey(event))
      }
      window.addEventListener("keydown", suppressShortcuts, { capture: true, signal: gone.signal })
      context.on(box, "keydown", event => {
        if (isViewKey(event)) event.stopPropagation()
      })

      draw = setup(context)
      const initial = model.get("initial") ?? {}
      if (Object.keys(initial).length > 0) {
        const reset = button(context, "Reset", () => context.set(initial), { class: "mlp-button mlp-reset" })
        box.append(html("div", { class: "mlp-foot" }, reset))
      }
      box.append(live)
      el.append(box)
      const changed = () => {
        // A busy kernel confirms late what it was told, and would take back what the hand has set meanwhile.
        for (const [name, value] of unsaved) if (model.get(name) !== value) model.set(name, value)
        // What the hand does is drawn in its own event: a frame that comes later has only to paint it.
        if (unsaved.size === 0) context.redraw()
        else if (!due) {
          due = true
          queueMicrotask(paint)
        }
      }
      model.on("change", changed)
      // The ruler has the view's width and no height, so drawing cannot change what is observed.
      const observer = new ResizeObserver(([entry]) => {
        if (entry.contentRect.width > 0 && entry.contentRect.width !== context.width) {
          context.width = entry.contentRect.width
          paint()
        }
      })
      observer.observe(ruler)

      return () => {
        gone.abort()
        observer.disconnect()
        cancelAnimationFrame(frame)
        model.off("change", changed)
        if (rest) {
          clearTimeout(rest)
          save()
        }
        box.remove()
      }
    },
  }
}

// --- handles

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }

/**
 * Makes `element` (SVG or HTML) a slider for hand and keyboard: arrows one step, with Shift or Page keys ten, Home and
 * End the ends.
 *
 * options: label; min, max, step; value() reads and change(x) writes; at(event) is the value under the pointer;
 * text(x), what is spoken (default: number); vertical; fine, the pointer's step (default: step). min and max may be
 * functions.
 */
export function handle(context, element, options) {
  const { label, step, fine = step, value, change, at, text = number, vertical = false } = options
  const limit = name => (typeof options[name] === "function" ? options[name]() : options[name])
  const move = (x, by = step) => change(clamp(snapped(x, by), limit("min"), limit("max")))
  element.classList.add("mlp-handle")
  put(element, {
    role: "slider",
    tabindex: 0,
    "aria-label": label,
    "aria-orientation": vertical ? "vertical" : "horizontal",
  })

  context.on(element, "keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key in KEYS) move(value() + KEYS[event.key] * step * (event.shiftKey ? 10 : 1))
    else if (event.key === "Home") move(limit("min"))
    else if (event.key === "End") move(limit("max"))
    else return
    event.preventDefault()
  })

  let grip = null // what lies between the value and the pointer, so that taking hold moves nothing
  context.on(element, "pointerdown", event => {
    if (event.button !== 0) return
    element.setPointerCapture(event.pointerId)
    element.focus({ preventScroll: true })
    element.classList.add("mlp-held")
    grip = value() - at(event)
    event.preventDefault()
  })
  // A move waits for its frame. This comes at once, so that the frame has only to paint; one a frame, however fast a
  // mouse reports.
  let ahead = false
  context.on(element, "pointerrawupdate", event => {
    if (grip !== null && !ahead) move(at(event) + grip, fine)
    ahead = true
  })
  context.on(element, "pointermove", event => {
    if (grip !== null) move(at(event) + grip, fine)
    ahead = false
  })
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    context.on(element, type, () => {
      grip = null
      element.classList.remove("mlp-held")
    })
  }

  context.handles.push(() =>
    put(element, {
      "aria-valuemin": limit("min"),
      "aria-valuemax": limit("max"),
      "aria-valuenow": value(),
      "aria-valuetext": text(value()),
    }),
  )
}

/** Where the pointer is, in the coordinates of the SVG element. */
export const pointer = (event, drawing) =>
  new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse())

/** A button with its listener. */
export function button(context, label, pressed, attributes = {}) {
  const element = html("button", { type: "button", class: "mlp-button", ...attributes }, label)
  context.on(element, "click", pressed)
  return element
}

/** A native range with its name and its value beside it. */
export function slider(context, { label, min, max, step, value, change, text = number }) {
  const input = html("input", { type: "range", min, max, step, "aria-label": label })
  const shown = html("output")
  context.on(input, "input", () => change(Number(input.value)))
  context.handles.push(() => {
    if (Number(input.value) !== value()) input.value = value()
    put(input, { "aria-valuetext": text(value()) })
    put(shown, { text: text(value()) })
  })
  return html("label", { class: "mlp-slider" }, html("span", {}, label), input, shown)
}
