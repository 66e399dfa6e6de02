import { backward, forward } from "./twin.js"

// The numerical derivatives of gradcheck.py, for one weight: w2_11.

/** L with another number in place of w2_11. It is complex, [real, imaginary], and so is L. */
function lossByWeight({ w1, b1, w2, b2 }, X, y) {
  const { A1, z2 } = forward({ w1, b1, w2: w2.map((row, k) => row.map((w, j) => (k + j === 0 ? 0 : w))), b2 }, X)
  const [input] = A1
  const ofExample = (n, [re, im]) => {
    const z = z2.map((row, k) => (k === 0 ? [row[n] + re * input[n], im * input[n]] : [row[n], 0]))
    const top = z.reduce((best, [real], k) => (real > z[best][0] ? k : best), 0)
    const shifted = z.map(([a, b]) => [a - z[top][0], b - z[top][1]])
    let [c, d] = [0, 0] // the sum of the other exponentials
    shifted.forEach(([a, b], k) => {
      if (k === top) return
      c += Math.exp(a) * Math.cos(b)
      d += Math.exp(a) * Math.sin(b)
    })
    const log = [Math.log1p(2 * c + c * c + d * d) / 2, Math.atan2(d, 1 + c)]
    const truth = shifted[y.findIndex(row => row[n] === 1)]
    return [log[0] - truth[0], log[1] - truth[1]]
  }
  return x => {
    const sum = [0, 0]
    for (let n = 0; n < input.length; n++) {
      const [re, im] = ofExample(n, x)
      sum[0] += re
      sum[1] += im
    }
    return sum.map(part => part / input.length)
  }
}

/** dL/dw2_11 from the derivation, L itself, and at(h): the three numerical derivatives with the step h. */
export function derivatives(params, X, y) {
  const f = lossByWeight(params, X, y)
  const x = params.w2[0][0]
  const L = f([x, 0])[0]
  const at = h => {
    const [above, below] = [f([x + h, 0])[0], f([x - h, 0])[0]]
    return { forward: (above - L) / h, central: (above - below) / (2 * h), complex: f([x, h])[1] / h }
  }
  return { derived: backward(params, X, y).w2[0][0], L, at }
}
