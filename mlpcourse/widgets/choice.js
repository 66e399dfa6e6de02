import { html, put } from "./view.js"

/**
 * One of several, as native radio buttons. `options` holds what stands beside each, and says(n) is what is spoken, if
 * that is more; value() and change(n) count from 0.
 */
export function choice(context, { label, options, value, change, says }) {
  // Radio buttons of one name are one group, in the whole page.
  const name = `mlp-${Math.random().toString(36).slice(2)}`
  const inputs = options.map((_, n) => {
    const input = html("input", { type: "radio", name })
    context.on(input, "change", () => change(n))
    return input
  })
  context.handles.push(() =>
    inputs.forEach((input, n) => {
      input.checked = n === value()
      if (says) put(input, { "aria-label": says(n) })
    }),
  )
  const rows = options.map((parts, n) => html("label", { class: "mlp-option" }, inputs[n], ...parts))
  return html("fieldset", { class: "mlp-choice-of" }, html("legend", {}, label), ...rows)
}
