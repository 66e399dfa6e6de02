// Sets formulas: reads [{ "tex": …, "display": … }, …] as JSON and writes their HTML, in the same order.
import katex from "katex"

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const formulas = JSON.parse(Buffer.concat(chunks).toString("utf8"))
const set = ({ tex, display }) => katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "error", trust: false })
process.stdout.write(JSON.stringify(formulas.map(set)))
