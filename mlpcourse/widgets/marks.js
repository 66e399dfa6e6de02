// Lines to be marked with what is wrong in them: a kind is chosen from a list, and taken back with its button.
import { button, html, view } from "./view.js"

export default view("Lines to mark", context => {
  const { box, get, set, announce } = context
  const chosen = new Map() // line -> the element that holds its marks
  const meanings = new Map(get("kinds"))

  function mark(name, kinds) {
    const marks = { ...get("marks") }
    if (kinds.length > 0) marks[name] = kinds
    else delete marks[name]
    set({ marks })
  }

  function item({ name, mathml }) {
    const formula = html("div", {
      class: "mlp-marks-formula",
      role: "group",
      tabindex: 0,
      "aria-label": `Line ${name}`,
    })
    formula.innerHTML = mathml
    const select = html(
      "select",
      { class: "mlp-marks-select", "aria-label": `What is wrong in ${name}` },
      html("option", { value: "" }, "what is wrong …"),
      ...[...meanings.keys()].map(kind => html("option", { value: kind }, kind)),
    )
    const meaning = html("span", { class: "mlp-hint mlp-marks-meaning" })
    const explain = () => meaning.replaceChildren(meanings.get(select.value) ?? "")
    select.addEventListener("change", explain, { signal: context.signal })
    // Arrow keys change a closed list at once, so that choosing alone must not mark.
    const add = button(
      context,
      "Mark",
      () => {
        const kinds = get("marks")[name] ?? []
        if (!select.value) return announce("Choose what is wrong first.")
        if (!kinds.includes(select.value)) mark(name, [...kinds, select.value])
        announce(`${name} is marked: ${select.value}.`)
        select.value = ""
        explain()
      },
      { "aria-label": `Mark ${name}` },
    )
    const marks = html("span", { class: "mlp-row mlp-marks-chosen" })
    chosen.set(name, marks)
    const row = html("span", { class: "mlp-row" }, marks, select, add)
    return html("li", {}, html("strong", {}, name), formula, row, meaning)
  }

  function chip(name, kind) {
    const remove = () => {
      mark(
        name,
        get("marks")[name].filter(other => other !== kind),
      )
      announce(`${name} is no longer marked: ${kind}.`)
    }
    return button(context, `${kind} \u00d7`, remove, { "aria-label": `${name}: take back ${kind}` })
  }

  box.append(
    html("p", {}, get("title")),
    html("ul", { class: "mlp-marks" }, ...get("lines").map(item)),
    html(
      "details",
      { class: "mlp-marks-kinds", ...(get("explained") && { open: "" }) },
      html("summary", {}, "What the kinds mean"),
      html("dl", {}, ...[...meanings].flatMap(([kind, means]) => [html("dt", {}, kind), html("dd", {}, means)])),
    ),
    html(
      "p",
      { class: "mlp-hint" },
      "Choose what is wrong and press Mark. A line may have several marks, or none; × takes one back.",
    ),
  )

  const drawn = new Map()
  return () => {
    for (const [name, element] of chosen) {
      const kinds = get("marks")[name] ?? []
      const key = kinds.join("|")
      if (drawn.get(name) === key) continue
      drawn.set(name, key)
      element.replaceChildren(...kinds.map(kind => chip(name, kind)))
      element.closest("li").classList.toggle("mlp-marks-marked", kinds.length > 0)
    }
  }
})
