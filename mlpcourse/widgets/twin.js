// The JavaScript twin of network.py, name for name. Matrices are arrays of rows; columns are examples.
// A test in a real browser holds every function here equal to numpy's.

export const map = (f, matrix) => matrix.map((row, i) => Array.from(row, (entry, j) => f(entry, i, j)))
export const transpose = matrix => Array.from(matrix[0], (_, j) => matrix.map(row => row[j]))
/** `matrix` with another entry in row i, column j. */
export const replaced = (matrix, i, j, value) => map((old, r, c) => (r === i && c === j ? value : old), matrix)
export const column = values => values.map(value => [value])

export function matmul(a, b) {
  const columns = b[0].length
  return a.map(row => {
    const out = new Array(columns).fill(0)
    for (let k = 0; k < b.length; k++) for (let j = 0; j < columns; j++) out[j] += row[k] * b[k][j]
    return out
  })
}

const perColumn = (f, matrix) => transpose(transpose(matrix).map(f))
const sumOf = values => values.reduce((sum, value) => sum + value, 0)
const rowSums = matrix => matrix.map(row => [sumOf(row)])

// --- hidden layer

export const relu = z1 => map(z => (z >= 0 ? z : 0), z1)
export const relu_gate = z1 => map(z => (z >= 0 ? 1 : 0), z1)

// --- output layer

export const softmax = z2 =>
  perColumn(z => {
    const top = Math.max(...z)
    const exps = z.map(value => Math.exp(value - top))
    const total = sumOf(exps)
    return exps.map(value => value / total)
  }, z2)

export const log_softmax = z2 =>
  perColumn(z => {
    const top = z.indexOf(Math.max(...z))
    const others = sumOf(z.map((value, i) => (i === top ? 0 : Math.exp(value - z[top]))))
    return z.map(value => value - z[top] - Math.log1p(others))
  }, z2)

export function softmax_jacobian(z2) {
  const a = softmax(z2).map(row => row[0])
  return a.map((ak, k) => a.map((ai, i) => (k === i ? ak - ak * ak : -ak * ai)))
}

export function cross_entropy(z2, y) {
  const logs = log_softmax(z2)
  return [Array.from(z2[0], (_, n) => -sumOf(logs.map((row, k) => row[n] * y[k][n])))]
}

export const output_delta = (A2, y) => map((a, k, n) => (a - y[k][n]) / A2[0].length, A2)

// --- gradients, from the output back

export const grad_w2 = (delta2, A1) => matmul(delta2, transpose(A1))
export const grad_b2 = delta2 => rowSums(delta2)
export const hidden_signal = (w2, delta2) => matmul(transpose(w2), delta2)
export const hidden_delta = (dA1, z1) => map((d, j, n) => (z1[j][n] >= 0 ? d : 0), dA1)
export const grad_w1 = (delta1, X) => matmul(delta1, transpose(X))
export const grad_b1 = delta1 => rowSums(delta1)

// --- the whole network

const affine = (w, x, b) => map((value, i) => value + b[i][0], matmul(w, x))

export function forward(params, X) {
  const z1 = affine(params.w1, X, params.b1)
  const A1 = relu(z1)
  const z2 = affine(params.w2, A1, params.b2)
  return { z1, A1, z2, A2: softmax(z2) }
}

export function loss(params, X, y) {
  const [losses] = cross_entropy(forward(params, X).z2, y)
  return sumOf(losses) / losses.length
}

export function backward(params, X, y) {
  const { z1, A1, A2 } = forward(params, X)
  const delta2 = output_delta(A2, y)
  const delta1 = hidden_delta(hidden_signal(params.w2, delta2), z1)
  return { w1: grad_w1(delta1, X), b1: grad_b1(delta1), w2: grad_w2(delta2, A1), b2: grad_b2(delta2) }
}
