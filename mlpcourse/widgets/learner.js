// Gradient descent on all examples at once, for two inputs: network.backward and the update, in flat arrays made
// beforehand, so that many steps fit into a frame (twin.js takes about eight times as long). A test in a real browser
// holds it equal to Python's.

// What the catalogue's slips (slips.py, same names) do at the step that they spoil. a, z, y: one entry of A2, z2, y.
const ERRORS = {
  label_minus_probability: (a, _z, y, N) => (y - a) / N,
  mean_forgotten: (a, _z, y) => a - y,
  softmax_skipped: (_a, z, y, N) => (z - y) / N,
}
const GATES = {
  gate_never_closes: signal => signal,
  gate_on_signal: signal => (signal > 0 ? signal : 0),
}
const rightError = (a, _z, y, N) => (a - y) / N
const rightGate = (signal, z) => (z >= 0 ? signal : 0)

/** As in network.py, for two inputs, from what its random generator draws there. */
export function init_params(H, K, normals) {
  const draw = (from, rows, columns, scale) =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => scale * normals[from + i * columns + j]),
    )
  const zeros = rows => Array.from({ length: rows }, () => [0])
  return { w1: draw(0, H, 2, 1), b1: zeros(H), w2: draw(2 * H, K, H, Math.sqrt(1 / H)), b2: zeros(K) }
}

/**
 * A network { w1, b1, w2, b2 } that learns the examples X (2, N) of classes `labels`, counted from 0.
 *
 * loss and accuracy are those of the parameters as they are now. step(rate, slip) returns whether they are still
 * finite; if not, the step was not taken. params() gives the matrices, as arrays of rows. logits(x1, x2, out) evaluates
 * one point.
 */
export function learner(params, X, labels) {
  const [H, K, N] = [params.w1.length, params.w2.length, labels.length]
  const [x1, x2] = X.map(row => Float64Array.from(row))
  const flat = Float64Array.from(["w1", "b1", "w2", "b2"].flatMap(name => params[name].flat()))
  const before = flat.slice()
  const change = new Float64Array(flat.length)
  const split = all => {
    const ends = [2 * H, 3 * H, (3 + K) * H, (3 + K) * H + K]
    return ends.map((end, i) => all.subarray(ends[i - 1] ?? 0, end))
  }
  const [w1, b1, w2, b2] = split(flat)
  const [dw1, db1, dw2, db2] = split(change)
  const [z1, A1] = [0, 0].map(() => new Float64Array(H * N))
  const [z2, A2, delta2] = [0, 0, 0].map(() => new Float64Array(K * N))
  const [signal, seen] = [new Float64Array(N), new Float64Array(w2.length)]
  const own = { K, loss: 0, accuracy: 0 }

  function forward() {
    for (let j = 0; j < H; j++) {
      const [u, v, b] = [w1[2 * j], w1[2 * j + 1], b1[j]]
      for (let n = 0, at = j * N; n < N; n++, at++) {
        const z = u * x1[n] + v * x2[n] + b
        z1[at] = z
        A1[at] = z >= 0 ? z : 0
      }
    }
    for (let k = 0; k < K; k++) {
      const row = z2.subarray(k * N, (k + 1) * N).fill(b2[k])
      for (let j = 0; j < H; j++) {
        const w = w2[k * H + j]
        for (let n = 0, at = j * N; n < N; n++, at++) row[n] += w * A1[at]
      }
    }
    let [loss, right] = [0, 0]
    for (let n = 0; n < N; n++) {
      let top = 0
      for (let k = 1; k < K; k++) if (z2[k * N + n] > z2[top * N + n]) top = k
      const largest = z2[top * N + n]
      let others = 0
      for (let k = 0; k < K; k++) {
        const exp = Math.exp(z2[k * N + n] - largest)
        A2[k * N + n] = exp
        if (k !== top) others += exp
      }
      for (let k = 0; k < K; k++) A2[k * N + n] /= 1 + others
      loss += largest - z2[labels[n] * N + n] + Math.log1p(others)
      if (top === labels[n]) right += 1
    }
    own.loss = loss / N
    own.accuracy = right / N
  }

  function backward(rate, slip) {
    const error = ERRORS[slip] ?? rightError
    const gate = GATES[slip] ?? rightGate
    for (let k = 0; k < K; k++) {
      let sum = 0
      for (let n = 0, at = k * N; n < N; n++, at++) {
        delta2[at] = error(A2[at], z2[at], labels[n] === k ? 1 : 0, N)
        sum += delta2[at]
      }
      db2[k] = sum
      for (let j = 0; j < H; j++) {
        let product = 0
        for (let n = 0, at = k * N, unit = j * N; n < N; n++) product += delta2[at + n] * A1[unit + n]
        dw2[k * H + j] = product
        seen[k * H + j] = w2[k * H + j] - (slip === "updated_weights" ? rate * product : 0)
      }
    }
    for (let j = 0; j < H; j++) {
      signal.fill(0)
      for (let k = 0; k < K; k++) {
        const w = seen[k * H + j]
        for (let n = 0, at = k * N; n < N; n++, at++) signal[n] += w * delta2[at]
      }
      let [u, v, b] = [0, 0, 0]
      for (let n = 0, at = j * N; n < N; n++, at++) {
        const delta1 = gate(signal[n], z1[at])
        u += delta1 * x1[n]
        v += delta1 * x2[n]
        b += delta1
      }
      dw1[2 * j] = u
      dw1[2 * j + 1] = v
      db1[j] = slip === "not_updated" ? 0 : b
    }
  }

  own.step = (rate, slip) => {
    before.set(flat)
    backward(rate, slip)
    for (let i = 0; i < flat.length; i++) flat[i] -= rate * change[i]
    forward()
    const finite = Number.isFinite(own.loss) && flat.every(Number.isFinite)
    if (!finite) {
      flat.set(before)
      forward()
    }
    return finite
  }
  const rows = (part, width) =>
    Array.from({ length: part.length / width }, (_, i) => Array.from(part.subarray(i * width, (i + 1) * width)))
  own.params = () => ({ w1: rows(w1, 2), b1: rows(b1, 1), w2: rows(w2, H), b2: rows(b2, 1) })
  own.logits = (u, v, out, at) => {
    for (let k = 0; k < K; k++) out[at + k] = b2[k]
    for (let j = 0; j < H; j++) {
      const z = w1[2 * j] * u + w1[2 * j + 1] * v + b1[j]
      if (z > 0) for (let k = 0; k < K; k++) out[at + k] += w2[k * H + j] * z
    }
  }
  forward()
  return own
}
