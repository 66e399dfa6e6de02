// What each step of NetworkGraph computes: its name, the formula, and the formula with the numbers of the chosen unit.
import { number, short } from "./view.js"

const token = c => (/[a-z]/i.test(c) ? `<mi>${c}</mi>` : c === "," ? `<mo lspace="0" rspace="0">,</mo>` : `<mn>${c}</mn>`)
const at = (letter, index) => `<msub><mi>${letter}</mi><mrow>${[...String(index)].map(token).join("")}</mrow></msub>`
const op = sign => `<mo>${sign}</mo>`
const [equals, plus, minus, times] = ["=", "+", "−", "·"].map(op)
const by = what => `<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo>${what}</mrow></mfrac>`
const total = (letter, count, beside = false) =>
  `<munderover><mo movablelimits="${beside}">∑</mo><mrow><mi>${letter}</mi><mo lspace="0" rspace="0">=</mo><mn>1</mn></mrow><mi>${count}</mi></munderover>`
const exp = exponent => `<msup><mi>e</mi><mrow>${exponent}</mrow></msup>`
const gate = index => `<mi>I</mi><mo stretchy="false">(</mo>${at("z", index)}<mo>≥</mo><mn>0</mn><mo stretchy="false">)</mo>`
const log = `<mi>log</mi><mo>&#x2061;</mo>`

/** The steps in order. `sees` names the indices that the formula has, `wide` the layer whose lines are at work. */
export const STEPS = [
  { mark: "z₁", name: "hidden scores", result: "z1", layer: 1, sees: "j" },
  { mark: "A₁", name: "hidden activations", result: "A1", sees: "j" },
  { mark: "z₂", name: "logits", result: "z2", layer: 2, sees: "k" },
  { mark: "A₂", name: "probabilities", result: "A2", sees: "k" },
  { mark: "L", name: "loss", result: "L", sees: "" },
  { mark: "δ₂", name: "error of the output", result: "delta2", sees: "k" },
  { mark: "∂w₂", name: "gradient of the weights w₂", result: "dw2", layer: 2, sees: "kj" },
  { mark: "∂b₂", name: "gradient of the biases b₂", result: "db2", sees: "k" },
  { mark: "∂A₁", name: "what comes back to the activations", result: "dA1", layer: 2, sees: "j" },
  { mark: "δ₁", name: "error of the hidden units", result: "delta1", sees: "j" },
  { mark: "∂w₁", name: "gradient of the weights w₁", result: "dw1", layer: 1, sees: "jd" },
  { mark: "∂b₁", name: "gradient of the biases b₁", result: "db1", sees: "j" },
]

/**
 * { general, pieces, texts, words } of a step: MathML of the formula; MathML of the same with numbers, in pieces between which a
 * line may break; the numbers themselves, which go into the <mn class="mlp-n"> of the pieces in order; and a sentence.
 * d, j, k, t (the true class) count from 0.
 */
export function explained(result, v, { d, j, k, t }) {
  const texts = []
  const say = text => (texts.push(text), `<mn class="mlp-n"></mn>`)
  const braced = (x, form) => say(x < 0 ? `(${form(x)})` : form(x))
  const [given, made] = [x => braced(x, short), x => braced(x, number)]
  const [D, J, K] = [d + 1, j + 1, k + 1]
  const z1 = v.z1[j][0]
  const shut = z1 < 0
  const affine = (left, products, bias, sum) => [
    left + equals,
    ...products.map(product => product + plus),
    given(bias) + equals + say(number(sum)),
  ]
  const formulas = {
    z1: () => ({
      general: at("z", "1j") + equals + total("d", "D") + at("w", "1,jd") + at("X", "d") + plus + at("b", "1j"),
      pieces: affine(at("z", `1${J}`), v.w1[j].map((w, i) => given(w) + times + given(v.X[i][0])), v.b1[j][0], z1),
      words: `Each line into unit ${J} brings its weight times its input. The unit adds them up, and its bias.`,
    }),
    A1: () => ({
      general: at("A", "1j") + equals + at("z", "1j") + times + gate("1j"),
      pieces: [at("A", `1${J}`) + equals, given(z1) + times + say(shut ? "0" : "1") + equals + say(number(v.A1[j][0]))],
      words: shut
        ? `The score of unit ${J} is negative: its gate is closed, and nothing goes further.`
        : `The score of unit ${J} is not negative: its gate is open, and it passes unchanged.`,
    }),
    z2: () => ({
      general: at("z", "2k") + equals + total("j", "H") + at("w", "2,kj") + at("A", "1j") + plus + at("b", "2k"),
      pieces: affine(at("z", `2${K}`), v.w2[k].map((w, i) => given(w) + times + made(v.A1[i][0])), v.b2[k][0], v.z2[k][0]),
      words: `Each line into class ${K} brings its weight times its activation. The class adds them up, and its bias.`,
    }),
    A2: () => ({
      general: `${at("A", "2k")}${equals}<mfrac>${exp(at("z", "2k"))}<mrow>${total("i", "K", true)}${exp(at("z", "2i"))}</mrow></mfrac>`,
      pieces: [
        `${at("A", `2${K}`)}${equals}<mfrac>${exp(say(number(v.z2[k][0])))}<mrow>${v.z2.map(([z]) => exp(say(number(z)))).join(plus)}</mrow></mfrac>`,
        equals + say(number(v.A2[k][0])),
      ],
      words: `The exponential of one logit, divided by the sum of all. The probabilities add up to 1.`,
    }),
    L: () => ({
      general: `<mi>L</mi>${equals}${minus}${total("k", "K")}${at("y", "k")}${log}${at("A", "2k")}`,
      pieces: [`<mi>L</mi>${equals}${minus}${log}${at("A", `2${t + 1}`)}`, equals + minus + log + say(number(v.A2[t][0])), equals + say(number(v.L))],
      words: `Only the true class, class ${t + 1}, is left of the sum.`,
    }),
    delta2: () => ({
      general: at("δ", "2k") + equals + at("A", "2k") + minus + at("y", "k"),
      pieces: [at("δ", `2${K}`) + equals, say(number(v.A2[k][0])) + minus + say(short(v.y[k][0])) + equals + say(number(v.delta2[k][0]))],
      words: `The probability that the network gave class ${K}, minus the truth.`,
    }),
    dw2: () => ({
      general: by(at("w", "2,kj")) + equals + at("δ", "2k") + times + at("A", "1j"),
      pieces: [by(at("w", `2,${K}${J}`)) + equals, made(v.delta2[k][0]) + times + made(v.A1[j][0]) + equals + say(number(v.dw2[k][j]))],
      words: v.A1[j][0] === 0
        ? `Unit ${J} sends 0 along this line, so the weight on it does not move the loss.`
        : `The error at the right end of the line, times the activation at its left end.`,
    }),
    db2: () => ({
      general: by(at("b", "2k")) + equals + at("δ", "2k"),
      pieces: [by(at("b", `2${K}`)) + equals + say(number(v.db2[k][0]))],
      words: `A bias is added as it is, so it gets the error of class ${K} as it is.`,
    }),
    dA1: () => ({
      general: by(at("A", "1j")) + equals + total("k", "K") + at("w", "2,kj") + at("δ", "2k"),
      pieces: [
        by(at("A", `1${J}`)) + equals,
        ...v.w2.map((row, i) => given(row[j]) + times + made(v.delta2[i][0]) + (i + 1 < v.w2.length ? plus : equals)),
        say(number(v.dA1[j][0])),
      ],
      words: `Back along the lines that leave unit ${J}: every class sends its error times the weight.`,
    }),
    delta1: () => ({
      general: at("δ", "1j") + equals + by(at("A", "1j")) + times + gate("1j"),
      pieces: [at("δ", `1${J}`) + equals, made(v.dA1[j][0]) + times + say(shut ? "0" : "1") + equals + say(number(v.delta1[j][0]))],
      words: shut
        ? `The gate of unit ${J} is closed: nothing goes further back.`
        : `The gate of unit ${J} is open: the signal passes back unchanged.`,
    }),
    dw1: () => ({
      general: by(at("w", "1,jd")) + equals + at("δ", "1j") + times + at("X", "d"),
      pieces: [by(at("w", `1,${J}${D}`)) + equals, made(v.delta1[j][0]) + times + given(v.X[d][0]) + equals + say(number(v.dw1[j][d]))],
      words: shut
        ? `The gate of unit ${J} is closed, so no weight into it moves the loss.`
        : `The error at the right end of the line, times the input at its left end.`,
    }),
    db1: () => ({
      general: by(at("b", "1j")) + equals + at("δ", "1j"),
      pieces: [by(at("b", `1${J}`)) + equals + say(number(v.db1[j][0]))],
      words: shut
        ? `The gate of unit ${J} is closed, so its bias does not move the loss.`
        : `A bias is added as it is, so it gets the error of unit ${J} as it is.`,
    }),
  }
  return { ...formulas[result](), texts }
}
