import { put, svg } from "./view.js"

/**
 * Cells in rows and columns with one tab stop: arrow keys, Home and End go from cell to cell, pointer or focus chooses
 * one.
 *
 * Each of cells[row][column] is { cell, text, frame, ring } and, beneath the text, what `inside` makes. chosen() is
 * [row, column]. place(row, column, { x, y, width, height }, label) is called in each frame; the label is for a screen
 * reader.
 */
export function grid(context, { label, rows, columns, inside }) {
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
      const own = inside()
      const text = svg("text", { "text-anchor": "middle" })
      const frame = svg("rect", { class: "mlp-frame", rx: 3 })
      const ring = svg("rect", { class: "mlp-ring", rx: 5 })
      const cell = svg("g", { role: "gridcell", class: "mlp-cell" }, ...Object.values(own), text, frame, ring)
      row.append(cell)
      // Not pointerenter: a page that scrolls beneath a resting pointer chooses nothing.
      for (const type of ["pointermove", "pointerdown", "focus"]) context.on(cell, type, () => choose(k, j))
      return { cell, ...own, text, frame, ring }
    })
  })
  context.on(element, "keydown", event => {
    const [k, j] = chosen
    const to = {
      ArrowUp: [k - 1, j],
      ArrowDown: [k + 1, j],
      ArrowLeft: [k, j - 1],
      ArrowRight: [k, j + 1],
      Home: [k, 0],
      End: [k, columns - 1],
    }[event.key] // prettier-ignore
    if (!to) return
    event.preventDefault()
    cells[to[0]]?.[to[1]]?.cell.focus()
  })
  const place = (k, j, { x, y, width, height }, label) => {
    const { cell, frame, ring } = cells[k][j]
    const here = k === chosen[0] && j === chosen[1]
    put(cell, { tabindex: here ? 0 : -1, "aria-selected": here, "aria-label": label })
    cell.classList.toggle("mlp-here", here)
    put(frame, { x: x + 2, y: y + 2, width: width - 4, height: height - 4 })
    put(ring, { x: x - 1, y: y - 1, width: width + 2, height: height + 2 })
  }
  return { element, cells, choose, place, chosen: () => chosen }
}
