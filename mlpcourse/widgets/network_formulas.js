// What each step of NetworkGraph computes: its name, its formula, the formula with the chosen unit's numbers, a
// sentence.
import { by, mi, mo, over, slot, sumTo } from "./formula.js"
import { html, number, put, short } from "./view.js"

const glyph = c => (/[a-z]/i.test(c) ? mi(c) : c === "," ? `<mo lspace="0" rspace="0">,</mo>` : `<mn>${c}</mn>`)
const at = (letter, index) => `<msub>${mi(letter)}<mrow>${[...index].map(glyph).join("")}</mrow></msub>`
const [equals, plus, minus, times] = ["=", "+", "−", "·"].map(mo)
const slope = below => by(mi("L"), below)
const share = (part, whole) => over(part, `<mrow>${whole}</mrow>`)
const power = exponent => `<msup>${mi("e")}<mrow>${exponent}</mrow></msup>`
const gateOf = index => [mi("I"), mo("("), at("z", index), mo("≥"), "<mn>0</mn>", mo(")")].join("")
const negative = `<mo form="prefix" lspace="0" rspace="0">−</mo>`
const log = `<mi class="mlp-function">log</mi><mo>&#x2061;</mo>`

/**
 * A place for a formula in pieces, between which a line may break: the element, and write(pieces, texts), one text for
 * each slot. MathML is built anew only for another formula.
 */
export function written(name) {
  const element = html("div", { class: `mlp-net-${name}` })
  let shown = ""
  let slots = []
  const write = (pieces, texts = []) => {
    const source = pieces.map(piece => `<math displaystyle="true"><mrow>${piece}</mrow></math>`).join(" ")
    if (source !== shown) {
      shown = source
      element.innerHTML = source
      slots = element.querySelectorAll("[data-slot]")
    }
    texts.forEach((text, n) => put(slots[n], { text }))
  }
  return { element, write }
}

/**
 * The steps in order. `layer`: whose lines are at work; `sees`: the indices that the formula has, t is the true class.
 */
export const STEPS = [
  { mark: "z₁", name: "hidden scores z₁", result: "z1", layer: 1, sees: "j" },
  { mark: "A₁", name: "hidden activations A₁", result: "A1", sees: "j" },
  { mark: "z₂", name: "logits z₂", result: "z2", layer: 2, sees: "k" },
  { mark: "A₂", name: "probabilities A₂", result: "A2", sees: "k" },
  { mark: "L", name: "loss L", result: "L", sees: "t" },
  { mark: "δ₂", name: "output error δ₂", result: "delta2", sees: "k" },
  { mark: "∂w₂", name: "gradient of w₂", result: "dw2", layer: 2, sees: "kj" },
  { mark: "∂b₂", name: "gradient of b₂", result: "db2", sees: "k" },
  { mark: "∂A₁", name: "gradient of A₁", result: "dA1", layer: 2, sees: "j" },
  { mark: "δ₁", name: "hidden error δ₁", result: "delta1", sees: "j" },
  { mark: "∂w₁", name: "gradient of w₁", result: "dw1", layer: 1, sees: "jd" },
  { mark: "∂b₁", name: "gradient of b₁", result: "db1", sees: "j" },
]

/**
 * A step for unit j, class k, input d and the true class t, counted from 0: { letters, figures, texts, words }.
 * `figures` are pieces of MathML with slots, `texts` the numbers in the slots.
 */
export function explained(result, v, { d, j, k, t }) {
  const texts = []
  const say = text => {
    texts.push(text)
    return slot
  }
  const exp = ([z]) => power(say(number(z)))
  const braced = write => x => say(x < 0 ? `(${write(x)})` : write(x))
  const [given, made] = [braced(short), braced(number)]
  const [D, J, K] = [d + 1, j + 1, k + 1]
  const z1 = v.z1[j][0]
  const shut = z1 < 0
  const affine = (left, products, bias, sum) => [
    left + equals,
    ...products.map(product => product() + plus),
    given(bias) + equals + say(number(sum)),
  ]
  const formulas = {
    z1: () => ({
      letters: at("z", "1j") + equals + sumTo("d", mi("D")) + at("w", "1,jd") + at("X", "d") + plus + at("b", "1j"),
      figures: affine(
        at("z", `1${J}`),
        v.w1[j].map((w, i) => () => given(w) + times + given(v.X[i][0])),
        v.b1[j][0],
        z1,
      ),
      words: `Each line into unit ${J} brings its weight times its input. The unit adds them up, and its bias.`,
    }),
    A1: () => ({
      letters: at("A", "1j") + equals + at("z", "1j") + times + gateOf("1j"),
      figures: [at("A", `1${J}`) + equals, made(z1) + times + say(shut ? "0" : "1") + equals + say(number(v.A1[j][0]))],
      words: shut
        ? `The score of unit ${J} is negative: its gate is closed, and nothing goes further.`
        : `The score of unit ${J} is not negative: its gate is open, and it passes unchanged.`,
    }),
    z2: () => ({
      letters: at("z", "2k") + equals + sumTo("j", mi("H")) + at("w", "2,kj") + at("A", "1j") + plus + at("b", "2k"),
      figures: affine(
        at("z", `2${K}`),
        v.w2[k].map((w, i) => () => given(w) + times + made(v.A1[i][0])),
        v.b2[k][0],
        v.z2[k][0],
      ),
      words: `Each line into class ${K} brings its weight times its activation. The class adds them up, and its bias.`,
    }),
    A2: () => ({
      letters: at("A", "2k") + equals + share(power(at("z", "2k")), sumTo("i", mi("K"), true) + power(at("z", "2i"))),
      figures: [
        at("A", `2${K}`) + equals + share(exp(v.z2[k]), v.z2.map(exp).join(plus)),
        equals + say(number(v.A2[k][0])),
      ],
      words: `The exponential of one logit, divided by the sum of all. The probabilities add up to 1.`,
    }),
    L: () => ({
      letters: `<mi>L</mi>${equals}${negative}${sumTo("k", mi("K"))}${at("y", "k")}${log}${at("A", "2k")}`,
      figures: [
        `<mi>L</mi>${equals}${negative}${log}${at("A", `2${t + 1}`)}`,
        equals + negative + log + say(number(v.A2[t][0])),
        equals + say(number(v.L)),
      ],
      words: `Only the true class, class ${t + 1}, is left of the sum.`,
    }),
    delta2: () => ({
      letters: at("δ", "2k") + equals + at("A", "2k") + minus + at("y", "k"),
      figures: [
        at("δ", `2${K}`) + equals,
        say(number(v.A2[k][0])) + minus + say(short(v.y[k][0])) + equals + say(number(v.delta2[k][0])),
      ],
      words: `The probability that the network gave class ${K}, minus the truth.`,
    }),
    dw2: () => ({
      letters: slope(at("w", "2,kj")) + equals + at("δ", "2k") + times + at("A", "1j"),
      figures: [
        slope(at("w", `2,${K}${J}`)) + equals,
        made(v.delta2[k][0]) + times + made(v.A1[j][0]) + equals + say(number(v.dw2[k][j])),
      ],
      words:
        v.A1[j][0] === 0
          ? `Unit ${J} sends 0 along this line, so the weight on it does not move the loss.`
          : `The error at the right end of the line, times the activation at its left end.`,
    }),
    db2: () => ({
      letters: slope(at("b", "2k")) + equals + at("δ", "2k"),
      figures: [slope(at("b", `2${K}`)) + equals + say(number(v.db2[k][0]))],
      words: `A bias is added as it is, so it gets the error of class ${K} as it is.`,
    }),
    dA1: () => ({
      letters: slope(at("A", "1j")) + equals + sumTo("k", mi("K")) + at("w", "2,kj") + at("δ", "2k"),
      figures: [
        slope(at("A", `1${J}`)) + equals,
        ...v.w2.map((row, i) => given(row[j]) + times + made(v.delta2[i][0]) + (i + 1 < v.w2.length ? plus : equals)),
        say(number(v.dA1[j][0])),
      ],
      words: `Back along the lines that leave unit ${J}: every class sends its error times the weight.`,
    }),
    delta1: () => ({
      letters: at("δ", "1j") + equals + slope(at("A", "1j")) + times + gateOf("1j"),
      figures: [
        at("δ", `1${J}`) + equals,
        made(v.dA1[j][0]) + times + say(shut ? "0" : "1") + equals + say(number(v.delta1[j][0])),
      ],
      words: shut
        ? `The gate of unit ${J} is closed: nothing goes further back.`
        : `The gate of unit ${J} is open: the signal passes back unchanged.`,
    }),
    dw1: () => ({
      letters: slope(at("w", "1,jd")) + equals + at("δ", "1j") + times + at("X", "d"),
      figures: [
        slope(at("w", `1,${J}${D}`)) + equals,
        made(v.delta1[j][0]) + times + given(v.X[d][0]) + equals + say(number(v.dw1[j][d])),
      ],
      words: shut
        ? `The gate of unit ${J} is closed, so no weight into it moves the loss.`
        : `The error at the right end of the line, times the input at its left end.`,
    }),
    db1: () => ({
      letters: slope(at("b", "1j")) + equals + at("δ", "1j"),
      figures: [slope(at("b", `1${J}`)) + equals + say(number(v.db1[j][0]))],
      words: shut
        ? `The gate of unit ${J} is closed, so its bias does not move the loss.`
        : `A bias is added as it is, so it gets the error of unit ${J} as it is.`,
    }),
  }
  return { ...formulas[result](), texts }
}
