// Says what is happening while Python starts in the page, and goes when it can be used.

const note = document.createElement("aside")
note.setAttribute("role", "status")
note.style.cssText =
  "position:fixed;right:1rem;bottom:2.5rem;z-index:10000;max-width:22rem;padding:.9rem 1.1rem;border-radius:8px;" +
  "background:#0b3d66;color:#fff;font:15px/1.45 system-ui,sans-serif;box-shadow:0 4px 20px #0006"
const started = performance.now()
const kernel = () => globalThis.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel
const say = () => {
  const seconds = Math.round((performance.now() - started) / 1000)
  if (kernel()?.status === "idle") {
    note.textContent = "Python is ready: click into a cell and press Shift+Enter."
    clearInterval(timer)
    setTimeout(() => note.remove(), 6000)
    return
  }
  note.textContent =
    `Python is starting in this page (${seconds} s). It takes half a minute, the first time a little longer. ` +
    "Read on meanwhile; what you do is kept in this browser."
}
const timer = setInterval(say, 500)
say()
document.body.append(note)
