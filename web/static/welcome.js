// Says what is happening while Python starts in the page, warms it up, and goes when it can be used.

// What the first cells of a lesson would wait for; and a name of a cell that was not run gets a sentence.
const WARM = `
import logging, warnings
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import numpy, mlpcourse.data, mlpcourse.plots, mlpcourse.widgets, mlpcourse.exercises, mlpcourse.lab.kernel
    import matplotlib.backends.backend_agg, tqdm
tqdm.tqdm.monitor_interval = 0  # no threads here
mlpcourse.lab.kernel.load_ipython_extension(get_ipython())
del logging, warnings, numpy, mlpcourse, matplotlib, tqdm
`

const note = document.createElement("aside")
note.setAttribute("role", "status")
note.style.cssText =
  "position:fixed;right:1rem;bottom:2.5rem;z-index:10000;max-width:22rem;padding:.9rem 1.1rem;border-radius:8px;" +
  "background:#0b3d66;color:#fff;font:15px/1.45 system-ui,sans-serif;box-shadow:0 4px 20px #0006"
let started = performance.now()
let warmed = null // the kernel that is ready, or is being made so

// JupyterLite asks the host for a file even where the browser has it, and without a network it then neither downloads
// the file nor keeps a checkpoint. Told that the host has none, it takes the browser's.
const ask = globalThis.fetch
globalThis.fetch = (asked, options) =>
  ask(asked, options).catch(problem => {
    if (/\/run\/files\//.test(asked.url ?? asked)) return new Response(null, { status: 404 })
    throw problem
  })

async function warm(kernel) {
  warmed = kernel
  kernel.statusChanged.connect((_, status) => {
    if (/restarting/.test(status) && warmed === kernel) {
      warmed = null
      started = performance.now()
    }
  })
  // Loaded now, since from here on the lesson has to do without the network.
  const fonts = Promise.allSettled([...document.fonts].map(font => font.load()))
  await kernel.requestExecute({ code: WARM, silent: true, store_history: false }).done
  await fonts
  document.documentElement.dataset.python = "ready"
  note.textContent = "Python is ready: click into a cell and press Shift+Enter."
  setTimeout(() => note.remove(), 5000)
}

/** JupyterLite takes the lesson's name out of the address once it is open: put back, a reload comes here again. */
function name(path) {
  const address = `${location.pathname}?path=${encodeURIComponent(path)}`
  if (location.pathname + location.search !== address) history.replaceState(history.state, "", address)
}

setInterval(() => {
  const { context, sessionContext } = globalThis.jupyterapp?.shell?.currentWidget ?? {}
  if (context?.isReady && context.path.endsWith(".ipynb")) name(context.path)
  const kernel = sessionContext?.session?.kernel
  if (!kernel || kernel === warmed) return
  if (kernel.status === "idle") {
    warm(kernel)
    return
  }
  document.documentElement.dataset.python = "starting"
  note.textContent =
    `Python is starting in this page (${Math.round((performance.now() - started) / 1000)} s). It takes half a minute, ` +
    "the first time a little longer. Read on meanwhile; what you do is kept in this browser."
  if (!note.isConnected) document.body.append(note)
}, 500)
