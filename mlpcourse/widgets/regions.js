import { html, svg } from "./view.js"

const COLOURS = [0xa4620b, 0x0a47b3, 0x377f1a] // blue, orange, green: those of view.css, backwards as canvases keep them
const BORDER = 0xe681766e
const MARKS = ["M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0Z", "M0-2.5L2.3 1.8H-2.3Z", "M-1.8-1.8H1.8V1.8H-1.8Z"]
const CELLS = 60 // the network is evaluated at the corners of CELLS x CELLS cells; between them its logits are nearly linear
const FINE = 6 // pixels to a cell
const PIXELS = CELLS * FINE
const SIDE = CELLS + 1

/** The plane: a colour for each class where it is the most probable, the deeper the surer, with a line between; and the examples. */
export function regions() {
  const canvas = html("canvas", { width: PIXELS, height: PIXELS })
  const points = svg("svg", { viewBox: "-100 -100 200 200", "aria-hidden": "true" })
  const pen = canvas.getContext("2d")
  const image = pen.createImageData(PIXELS, PIXELS)
  const ink = new Uint32Array(image.data.buffer)
  const above = new Uint8Array(PIXELS) // the classes of the row above, and of this row so far
  let shown = null
  let reach = 1
  let logits = new Float64Array(0)

  function place({ X, labels }) {
    reach = 1.05 * Math.max(...X.flat().map(Math.abs))
    const at = n => `translate(${(100 * X[0][n]) / reach} ${(-100 * X[1][n]) / reach})`
    points.replaceChildren(...labels.map((label, n) => svg("path", { d: MARKS[label], class: `mlp-class-${label + 1}`, transform: at(n) })))
  }

  function evaluate(network, K) {
    if (logits.length !== SIDE * SIDE * K) logits = new Float64Array(SIDE * SIDE * K)
    for (let row = 0; row < SIDE; row++) {
      const x2 = reach * (1 - (2 * row) / CELLS)
      for (let col = 0; col < SIDE; col++) network.logits(reach * ((2 * col) / CELLS - 1), x2, logits, (row * SIDE + col) * K)
    }
  }

  function paint(K) {
    const [z, slope] = [new Float64Array(K), new Float64Array(K)]
    for (let y = 0; y < PIXELS; y++) {
      const down = ((y + 0.5) / FINE) % 1
      const corner = Math.floor(y / FINE) * SIDE * K
      for (let x = 0; x < PIXELS; x++) {
        if (x % FINE === 0) {
          for (let k = 0, at = corner + (x / FINE) * K; k < K; k++, at++) {
            const left = logits[at] * (1 - down) + logits[at + SIDE * K] * down
            const right = logits[at + K] * (1 - down) + logits[at + SIDE * K + K] * down
            slope[k] = (right - left) / FINE
            z[k] = left + slope[k] / 2
          }
        } else for (let k = 0; k < K; k++) z[k] += slope[k]
        let best = 0
        let second = -Infinity
        for (let k = 1; k < K; k++) {
          if (z[k] > z[best]) {
            second = z[best]
            best = k
          } else if (z[k] > second) second = z[k]
        }
        const border = (x > 0 && above[x - 1] !== best) || (y > 0 && above[x] !== best)
        above[x] = best
        const opacity = 108 - 84 / (1 + z[best] - second)
        ink[y * PIXELS + x] = border ? BORDER : COLOURS[best] | (opacity << 24)
      }
    }
    pen.putImageData(image, 0, 0)
  }

  const draw = (network, examples, K) => {
    if (shown !== examples) place((shown = examples))
    evaluate(network, K)
    paint(K)
  }
  return { parts: [canvas, points], draw }
}
