// Numbers for a formula's tree, as notation.as_json writes it.

/**
 * compile(tree)(scope) is a number. The scope holds the arrays (rows), the sizes and the index letters, by name;
 * indices count from 1. A sum puts its index there while it runs.
 */
export function compile(tree) {
  if (typeof tree === "number") return () => tree
  if (typeof tree === "string") return scope => scope[tree]
  const [sign, ...parts] = tree
  if (sign === "at") {
    const [name, ...indices] = parts
    const [row, column = () => 1] = indices.map(compile)
    return scope => scope[name][row(scope) - 1][column(scope) - 1]
  }
  if (sign === "sum") {
    const [body, , low, high] = parts.map(compile)
    const letter = parts[1]
    return scope => {
      const outer = scope[letter]
      const last = high(scope)
      let total = 0
      for (let index = low(scope); index <= last; index++) {
        scope[letter] = index
        total += body(scope)
      }
      scope[letter] = outer
      return total
    }
  }
  const terms = parts.map(compile)
  const [a, b, c] = terms
  switch (sign) {
    case "+":
      return scope => terms.reduce((total, term) => total + term(scope), 0)
    case "*":
      return scope => {
        let product = 1
        for (let i = 0; i < terms.length && product !== 0; i++) product *= terms[i](scope)
        return product
      }
    case "^":
      return scope => a(scope) ** b(scope)
    case "exp":
      return scope => Math.exp(a(scope))
    case "log":
      return scope => Math.log(a(scope))
    case "delta":
    case "=":
      return scope => Number(a(scope) === b(scope))
    case ">=":
      return scope => Number(a(scope) >= b(scope))
    case "cases":
      return scope => (a(scope) ? b(scope) : c(scope))
  }
  throw new Error(`no such sign in a formula: ${sign}`)
}
