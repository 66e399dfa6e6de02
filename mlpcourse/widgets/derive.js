// A derivation, line by line: a field, its preview in mathematics, the verdicts.
import { button, html, put, view } from "./view.js"

const PAUSE = 60 // ms without a key before the line is read
const PATIENCE = 4000 // ms until a kernel that does not answer is missed
const SYMBOLS = [
  ["\u03a3", "sum_k ", "sum over k"],
  ["\u2202/\u2202", "dL/dz2_i", "derivative"],
  ["I(=)", "I(i = k)", "1 where two indices are equal"],
  ["e^", "e^(", "exponential"],
  ["log", "log(", "logarithm"],
  ["I(\u2265)", "I(z1_j >= 0)", "1 where the gate is open"],
  ["{ if", "{ if i = k, else }", "two cases"],
  ["\u2260", " != ", "not equal"],
  ["\u2265", " >= ", "greater or equal"],
  ["\u2299", " .* ", "entry by entry"],
  ["\u1d40", "^T", "transposed"],
  ["( )", "()", "brackets"],
]
const PAIRS = { "(": ")", "[": "]", "{": "}" }

/** The places of the bracket beside `caret` and of its partner; null where there is none. */
export function partners(text, caret) {
  const places = []
  const open = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] in PAIRS) open.push(at)
    else if (Object.values(PAIRS).includes(text[at]) && open.length && PAIRS[text[open.at(-1)]] === text[at])
      places.push([open.pop(), at])
  }
  return places.find(pair => pair.includes(caret - 1)) ?? places.find(pair => pair.includes(caret)) ?? null
}

export default view("A derivation to write", context => {
  const { box, get, on } = context
  const list = html("ol", { class: "mlp-lines", "aria-label": "Lines so far" })
  const end = html("div", { class: "mlp-end" })
  const hint = html("p", { class: "mlp-derive-hint" })
  const entry = field(context)

  function answered({ kind, verdict, message, column, mathml, text, hint: said, spoken }) {
    if (kind === "preview") entry.preview(mathml, message, column)
    if (kind === "judge" && verdict) {
      if (verdict === "unreadable") entry.preview(null, message, column, true)
      else entry.accepted()
      hint.innerHTML = ""
    }
    if (kind === "hint") hint.innerHTML = said
    if (kind === "back") {
      entry.write(text)
      hint.innerHTML = ""
    }
    if (spoken) context.announce(spoken)
  }
  entry.listen(answered)

  const heading = html("p")
  heading.innerHTML = get("heading")
  const start = html("div", { class: "mlp-start" })
  start.innerHTML = get("start")
  box.append(heading, start, list, end, entry.element, hint)

  let shown = null
  let ended = null
  return () => {
    if (get("lines") !== shown) {
      shown = get("lines")
      list.replaceChildren(...shown.map((line, at) => item(line, at)))
    }
    if (get("end") !== ended) {
      ended = get("end")
      end.innerHTML = ended
    }
  }

  function item(line, at) {
    const formula = html("div", { class: "mlp-line-formula", role: "group", tabindex: 0, "aria-label": line.plain })
    formula.innerHTML = line.mathml
    const verdict = html("p", { class: "mlp-verdict" }, html("strong", {}, `${line.mark} ${line.words}. `))
    verdict.insertAdjacentHTML("beforeend", line.message.replace(/^Proven for/, "For"))
    const element = html("li", { class: `mlp-${line.verdict}`, "aria-label": `Line ${at + 1}` }, formula, verdict)
    for (const [label, said] of line.details) {
      const row = html("p", { class: "mlp-detail" }, html("strong", {}, `${label}: `))
      row.insertAdjacentHTML("beforeend", said)
      element.append(row)
    }
    if (line.network) {
      const fold = html("details", {}, html("summary", {}, "A network to check it on"), html("pre", {}, line.network))
      element.append(fold)
    }
    on(formula, "keydown", event => {
      if (event.key === "Enter") entry.write(line.text)
    })
    return element
  }
})

/** The field with its preview and its buttons. */
function field(context) {
  const { box, get, on } = context
  const input = html("input", {
    type: "text",
    class: "mlp-derive-input",
    "aria-label": "Your next line",
    placeholder: "your next line",
    autocomplete: "off",
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "done",
  })
  const mirror = html("div", { class: "mlp-derive-mirror", "aria-hidden": "true" })
  const preview = html("div", { class: "mlp-derive-preview" })
  const problem = html("p", { class: "mlp-problem" })
  const { ask, listen } = asking(context, missing => put(problem, { text: missing }))
  const past = { at: 0, draft: "" }
  let pause = 0
  let sent = "" // the line that is being judged
  let place = 0 // the column where reading stopped

  function match() {
    const pair =
      document.activeElement === input || box.contains(document.activeElement)
        ? partners(input.value, input.selectionStart ?? 0)
        : null
    mirror.replaceChildren(
      ...[...`${input.value} `].map((sign, at) => {
        if (at === place - 1) return html("span", { class: "mlp-place" }, sign)
        return pair?.includes(at) ? html("mark", {}, sign) : document.createTextNode(sign)
      }),
    )
    mirror.scrollLeft = input.scrollLeft
  }

  function changed() {
    place = 0
    match()
    clearTimeout(pause)
    pause = setTimeout(() => ask("preview", input.value), PAUSE)
  }

  function write(text) {
    input.value = text
    input.focus({ preventScroll: true })
    input.setSelectionRange(text.length, text.length)
    changed()
  }

  function insert(text) {
    const { selectionStart: from, selectionEnd: to, value } = input
    input.value = value.slice(0, from) + text + value.slice(to)
    const inside = text.indexOf("()") + 1 || (text.startsWith("{ if") ? 1 : text.length)
    input.focus({ preventScroll: true })
    input.setSelectionRange(from + inside, from + inside)
    changed()
  }

  function recall(by) {
    const texts = get("lines").map(line => line.text)
    if (past.at === 0) past.draft = input.value
    past.at = Math.min(Math.max(past.at + by, 0), texts.length)
    write(past.at === 0 ? past.draft : texts.at(-past.at))
  }

  const judge = () => {
    clearTimeout(pause)
    sent = input.value
    if (sent.trim()) ask("judge", sent)
  }
  on(input, "input", () => {
    past.at = 0
    changed()
  })
  for (const type of ["keyup", "click", "focus", "scroll"]) on(input, type, match)
  on(input, "keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Enter" && !event.shiftKey) judge()
    else if (event.key === "ArrowUp") recall(1)
    else if (event.key === "ArrowDown") recall(-1)
    else return
    event.preventDefault()
  })

  const symbols = SYMBOLS.map(([label, text, says]) => {
    const element = button(context, label, () => insert(text), { "aria-label": `Write ${says}` })
    on(element, "pointerdown", event => event.preventDefault()) // the field keeps its cursor
    return element
  })
  const element = html(
    "div",
    { class: "mlp-derive-entry" },
    html("div", { class: "mlp-row mlp-symbols", role: "group", "aria-label": "Symbols" }, ...symbols),
    html(
      "div",
      { class: "mlp-derive-row" },
      html("span", { class: "mlp-equals", "aria-hidden": "true" }, "="),
      html("div", { class: "mlp-derive-field" }, mirror, input),
    ),
    preview,
    problem,
    html(
      "div",
      { class: "mlp-row" },
      button(context, "Judge (Enter)", judge),
      button(context, "Hint", () => ask("hint", "")),
      button(context, "Take back", () => ask("back", ""), { "aria-label": "Take back the last line" }),
    ),
  )

  return {
    element,
    listen,
    write,
    preview(mathml, message, column, judged = false) {
      place = column ?? 0
      match()
      problem.classList.toggle("mlp-soft", !judged)
      if (mathml !== null) preview.innerHTML = mathml ?? preview.innerHTML
      preview.classList.toggle("mlp-stale", mathml === undefined)
      problem.innerHTML = message ? `${column ? `Column ${column}: ` : ""}${message}` : ""
      put(input, { "aria-invalid": String(judged && Boolean(message)) })
    },
    accepted() {
      past.at = 0
      input.value = input.value.startsWith(sent) ? input.value.slice(sent.length) : "" // what was typed on meanwhile
      sent = ""
      preview.innerHTML = problem.innerHTML = ""
      changed()
    },
  }
}

/** ask(kind, text) asks the kernel; listen(handler) calls handler(answer) with each answer to its kind's last question. */
function asking(context, missed) {
  let id = 0
  let wait = 0
  let handle = () => {}
  const latest = {}
  context.handles.push(() => {
    for (const answer of Object.values(context.get("answer"))) {
      if (latest[answer.kind] !== answer.id) continue
      delete latest[answer.kind]
      clearTimeout(wait)
      handle(answer)
    }
  })
  return {
    ask(kind, text) {
      id = Date.now() + Math.random()
      latest[kind] = id
      clearTimeout(wait)
      wait = setTimeout(() => missed("No kernel answers. Run the cell (again) to derive here."), PATIENCE)
      // Beside what was asked before: while the kernel is busy only the newest value of a trait is sent.
      context.tell({ asked: { ...context.get("asked"), [kind]: { id, text } } })
    },
    listen(handler) {
      handle = handler
    },
  }
}
