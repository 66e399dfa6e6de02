import { html, put } from "./view.js"

// MathML that is built once; its slots are filled anew in each frame.

export const slot = "<mn data-slot=''></mn>"
export const mo = sign => `<mo stretchy="false">${sign}</mo>`
export const mi = letter => `<mi>${letter}</mi>`
export const indexed = (letter, layer, index = slot) =>
  `<msub>${mi(letter)}<mrow><mn>${layer}</mn>${index}</mrow></msub>`
export const over = (above, below) => `<mfrac>${above}${below}</mfrac>`
export const by = (above, below) => `<mfrac><mrow>${mo("∂")}${above}</mrow><mrow>${mo("∂")}${below}</mrow></mfrac>`
/** The sign of a sum from 1 to `last`; `beside`: its limits stand beside it. */
export const sumTo = (letter, last, beside = false) =>
  `<munderover><mo movablelimits="${beside}">∑</mo><mrow>${mi(letter)}${mo("=")}<mn>1</mn></mrow>${last}</munderover>`

/** The element, and fill(texts): one text for each slot, in the order of the source. */
export function formula(source) {
  const element = html("div", { class: "mlp-formula" })
  element.innerHTML = `<math displaystyle='true'><mrow>${source}</mrow></math>`
  const slots = element.querySelectorAll("[data-slot]")
  return { element, fill: texts => slots.forEach((each, n) => put(each, { text: String(texts[n]) })) }
}

/** Formulas that read on from one to the next, with a line break between them where the room ends. */
export const flowing = formulas => html("div", { class: "mlp-flowing" }, ...formulas.map(({ element }) => element))
