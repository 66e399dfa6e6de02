import { svg } from "./view.js"

/**
 * Cells in rows and columns with one tab stop: arrow keys, Home and End go from cell to cell, pointer or focus chooses one.
 *
 * `parts(row, column)` makes what is inside a cell, an object of elements in drawing order. cells[row][column] holds them, and the
 * cell itself as `cell`. chosen() is [row, column]; mark(row, column, label) sets in each frame what a screen reader is told.
 */
export function grid(context, { label, rows, columns, parts }) {
  let chosen = [0, 0]
  const choose = (k, j) => {
    if (chosen[0] === k && chosen[1] === j) return
    chosen = [k, j]
    context.redraw()
  }
  const element = svg("g", { role: "grid", "aria-label": label })
  const cells = Array.from({ length: rows }, (_, k) => {
    const row = svg("g", { role: "row" })
    element.append(row)
    return Array.from({ length: columns }, (_, j) => {
      const inside = parts(k, j)
      const cell = svg("g", { role: "gridcell", class: "mlp-cell" }, ...Object.values(inside))
      row.append(cell)
      for (const type of ["pointerenter", "pointerdown", "focus"]) context.on(cell, type, () => choose(k, j))
      return { cell, ...inside }
    })
  })
  context.on(element, "keydown", event => {
    const [k, j] = chosen
    const to = { ArrowUp: [k - 1, j], ArrowDown: [k + 1, j], ArrowLeft: [k, j - 1], ArrowRight: [k, j + 1],
      Home: [k, 0], End: [k, columns - 1] }[event.key] // prettier-ignore
    if (!to) return
    event.preventDefault()
    cells[to[0]]?.[to[1]]?.cell.focus()
  })
  return { element, cells, choose, chosen: () => chosen }
}
