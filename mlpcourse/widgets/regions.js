import { html, svg } from "./view.js"

// The first, second and third of view.css, backwards as canvases keep them.
const COLOURS = [0x377f1a, 0x5b19a3, 0x006d8a]
const BORDER = 0x81766e
const MARKS = ["M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0Z", "M0-2.5L2.3 1.8H-2.3Z", "M-1.8-1.8H1.8V1.8H-1.8Z"]
// The network is evaluated at the corners of CELLS x CELLS cells; between them its logits are nearly linear.
const CELLS = 60
const FINE = 6 // pixels to a cell
const PIXELS = CELLS * FINE
const SIDE = CELLS + 1

/**
 * The plane: a colour for each class where it is the most probable, the deeper the surer, with a line between; and the
 * examples.
 */
export function regions() {
  const canvas = html("canvas", { width: PIXELS, height: PIXELS })
  const points = svg("svg", { viewBox: "-100 -100 200 200", "aria-hidden": "true" })
  const pen = canvas.getContext("2d")
  const image = pen.createImageData(PIXELS, PIXELS)
  const ink = new Uint32Array(image.data.buffer)
  const winners = new Uint8Array(SIDE * SIDE)
  const depths = new Float64Array(SIDE * SIDE)
  const [z, alongX] = [0, 0].map(() => new Float64Array(3))
  const depth = lead => 108 - 84 / (1 + lead) // of the colour
  let shown = null
  let reach = 1
  let logits = new Float64Array(0)

  function place({ X, labels }) {
    reach = 1.05 * Math.max(...X.flat().map(Math.abs))
    const at = n => `translate(${(100 * X[0][n]) / reach} ${(-100 * X[1][n]) / reach})`
    points.replaceChildren(
      ...labels.map((label, n) => svg("path", { d: MARKS[label], class: `mlp-class-${label + 1}`, transform: at(n) })),
    )
  }

  function evaluate(network, K) {
    if (logits.length !== SIDE * SIDE * K) logits = new Float64Array(SIDE * SIDE * K)
    for (let row = 0, at = 0; row < SIDE; row++) {
      const x2 = reach * (1 - (2 * row) / CELLS)
      for (let col = 0; col < SIDE; col++, at++) {
        network.logits(reach * ((2 * col) / CELLS - 1), x2, logits, at * K)
        let [best, second] = [0, -Infinity]
        for (let k = 1; k < K; k++) {
          const [z, top] = [logits[at * K + k], logits[at * K + best]]
          second = Math.max(second, Math.min(z, top))
          if (z > top) best = k
        }
        winners[at] = best
        depths[at] = depth(logits[at * K + best] - second)
      }
    }
  }

  /** A cell that one class has for itself. */
  function shade(at, pixel) {
    const colour = COLOURS[winners[at]]
    for (let y = 0; y < FINE; y++) {
      const down = (y + 0.5) / FINE
      const left = depths[at] * (1 - down) + depths[at + SIDE] * down
      const slope = (depths[at + 1] * (1 - down) + depths[at + SIDE + 1] * down - left) / FINE
      for (let x = 0; x < FINE; x++) ink[pixel + y * PIXELS + x] = colour | ((left + slope * (x + 0.5)) << 24)
    }
  }

  /** A cell through which a border may run. */
  function divide(at, pixel, K) {
    const [here, below] = [at * K, (at + SIDE) * K]
    for (let y = 0; y < FINE; y++) {
      const down = (y + 0.5) / FINE
      for (let k = 0; k < K; k++) {
        const left = logits[here + k] * (1 - down) + logits[below + k] * down
        alongX[k] = (logits[here + K + k] * (1 - down) + logits[below + K + k] * down - left) / FINE
        z[k] = left - alongX[k] / 2
      }
      for (let x = 0; x < FINE; x++) {
        let best = 0
        for (let k = 0; k < K; k++) {
          z[k] += alongX[k]
          if (z[k] > z[best]) best = k
        }
        let second = best === 0 ? 1 : 0
        for (let k = 0; k < K; k++) if (k !== best && z[k] > z[second]) second = k
        const lead = z[best] - z[second]
        const slopeX = alongX[best] - alongX[second]
        const slopeY =
          (logits[below + best] - logits[here + best] - logits[below + second] + logits[here + second]) / FINE
        const line = 1.2 - lead / Math.sqrt(slopeX * slopeX + slopeY * slopeY) // 0 from 1.2 pixels off the border on
        ink[pixel + y * PIXELS + x] =
          line > 0.5 ? BORDER | (Math.min(230 * line, 230) << 24) : COLOURS[best] | (depth(lead) << 24)
      }
    }
  }

  function paint(K) {
    for (let row = 0; row < CELLS; row++) {
      for (let col = 0; col < CELLS; col++) {
        const at = row * SIDE + col
        const pixel = FINE * (row * PIXELS + col)
        const best = winners[at]
        if (winners[at + 1] === best && winners[at + SIDE] === best && winners[at + SIDE + 1] === best) shade(at, pixel)
        else divide(at, pixel, K)
      }
    }
    pen.putImageData(image, 0, 0)
  }

  const draw = (network, examples, K) => {
    if (shown !== examples) place(examples)
    shown = examples
    evaluate(network, K)
    paint(K)
  }
  return { parts: [canvas, points], draw }
}
