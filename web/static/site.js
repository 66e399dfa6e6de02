// What a page of the course does besides being read: the theme's switch, the search, and the views, which wake when they come near.
// A plain script, no module: a browser loads it from a folder, too, where modules may not be fetched.

const mlpcourse = { views: {}, search: null }
globalThis.mlpcourse = mlpcourse
const here = document.currentScript.src.replace(/static\/site\.js.*$/, "")
const root = document.documentElement

const script = address =>
  new Promise((done, failed) => {
    const element = document.createElement("script")
    element.src = here + address
    element.onload = done
    element.onerror = () => failed(new Error(`${address} cannot be loaded`))
    document.head.append(element)
  })

// --- light and dark

const NEXT = { system: "light", light: "dark", dark: "system" }
const dark = matchMedia("(prefers-color-scheme: dark)")
const button = document.querySelector(".theme")

function show() {
  const { choice } = root.dataset
  root.dataset.theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice
  if (!button) return
  button.textContent = { system: "Auto", light: "Light", dark: "Dark" }[choice]
  button.setAttribute("aria-label", `Colours: ${choice}. Change to ${NEXT[choice]}.`)
}

if (button) {
  button.hidden = false
  button.addEventListener("click", () => {
    root.dataset.choice = NEXT[root.dataset.choice]
    try {
      localStorage.setItem("mlpcourse-theme", root.dataset.choice)
    } catch {
      // A browser that keeps nothing still shows what was chosen.
    }
    show()
  })
}
dark.addEventListener("change", show)
show()

// --- what is wider than the page

const SMALLEST = 0.75 // of the usual size: what would have to be smaller still is hard to read, and scrolls

/** A formula that is a little too wide gets smaller, so that its end is in sight. */
function fit() {
  for (const formula of document.querySelectorAll(".katex-display")) {
    formula.style.fontSize = ""
    const share = formula.clientWidth / formula.scrollWidth
    if (share >= SMALLEST && share < 1) formula.style.fontSize = `${share * 0.98}em`
  }
}

const WIDE = ".scroll, .rich, .katex-display"

/** What goes on to the right fades there. */
function fade(element) {
  element.classList.toggle("goes-on", element.scrollLeft + element.clientWidth < element.scrollWidth - 1)
}

/** Only what can be scrolled sideways takes the keyboard's focus. */
function reach() {
  fit()
  for (const element of document.querySelectorAll(WIDE)) {
    fade(element)
    const wide = element.scrollWidth > element.clientWidth
    if (wide) element.tabIndex = 0
    else element.removeAttribute("tabindex")
  }
}
document.addEventListener("scroll", ({ target }) => target.matches?.(WIDE) && fade(target), { capture: true, passive: true })
addEventListener("load", reach)
addEventListener("resize", reach)
document.addEventListener("toggle", reach, { capture: true })

// --- views without a kernel

/** The model that a view asks for: its values, and who wants to know when they change. */
function modelOf(values, element) {
  // What only Python can answer (a custom message, or the trait `asked`) needs the running lesson.
  const ask = () => {
    if (element.querySelector(".note")) return
    const note = document.createElement("p")
    note.className = "note"
    note.setAttribute("role", "status")
    note.append("Python has to answer this. ", document.querySelector(".ways .run")?.cloneNode(true) ?? "")
    element.append(note)
  }
  const listeners = new Map()
  const tell = type => {
    for (const listener of listeners.get(type) ?? []) listener()
  }
  return {
    get: name => values[name],
    set(name, value) {
      if (Object.is(values[name], value)) return
      values[name] = value
      tell(`change:${name}`)
      tell("change")
      if (name === "asked") ask()
    },
    on(type, listener) {
      listeners.set(type, (listeners.get(type) ?? new Set()).add(listener))
    },
    off(type, listener) {
      listeners.get(type)?.delete(listener)
    },
    save_changes() {},
    send: ask,
  }
}

const modules = new Map()

function moduleOf(kind) {
  if (!modules.has(kind)) {
    modules.set(
      kind,
      script(`views/${kind}.js`).then(() => {
        const { module, style } = mlpcourse.views[kind]
        const sheet = document.createElement("style")
        sheet.textContent = style
        document.head.append(sheet)
        return import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })))
      }),
    )
  }
  return modules.get(kind)
}

async function wake(element) {
  if (element.dataset.state) return
  element.dataset.state = "waking"
  try {
    const { default: view } = await moduleOf(element.dataset.view)
    const values = JSON.parse(element.querySelector("script").textContent)
    const place = element.querySelector(".alive")
    place.classList.add(element.dataset.scope)
    const model = modelOf(values, element)
    await view.initialize?.({ model })
    await view.render({ model, el: place })
    element.classList.add("awake")
    element.dataset.state = "awake"
  } catch (error) {
    element.dataset.state = "asleep"
    console.error(error)
  }
}

const near = new IntersectionObserver(
  entries => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        near.unobserve(entry.target)
        wake(entry.target)
      }
    }
  },
  { rootMargin: "600px" },
)
for (const element of document.querySelectorAll("[data-view]")) near.observe(element)

// On paper every picture is there, and what can be opened is open.
addEventListener("beforeprint", () => {
  for (const image of document.images) image.loading = "eager"
})

// --- search

const form = document.querySelector(".search")
if (form) {
  form.hidden = false
  const input = form.querySelector("input")
  const list = form.querySelector("ul")
  let index = null
  let chosen = -1

  const ready = async () => {
    index ??= Promise.all([script("static/minisearch.js"), script("static/search.js")]).then(() => {
      const made = new globalThis.MiniSearch({
        fields: ["heading", "words"],
        storeFields: ["heading", "lesson", "address", "words"],
        searchOptions: { boost: { heading: 3 }, prefix: true, fuzzy: 0.15, combineWith: "AND" },
      })
      made.addAll(mlpcourse.search)
      return made
    })
    return index
  }

  const close = () => {
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    input.removeAttribute("aria-activedescendant")
    chosen = -1
  }

  const around = (words, terms) => {
    const at = Math.max(0, ...terms.map(term => words.toLowerCase().indexOf(term)))
    const from = Math.max(0, at - 40)
    return `${from > 0 ? "…" : ""}${words.slice(from, from + 120)}…`
  }

  const search = async () => {
    const query = input.value.trim()
    if (!query) return close()
    const found = (await ready()).search(query).slice(0, 12)
    if (input.value.trim() !== query) return
    list.replaceChildren(
      ...found.map((one, at) => {
        const link = document.createElement("a")
        link.href = here + one.address
        link.tabIndex = -1
        const where = document.createElement("small")
        where.textContent = `${one.lesson}: ${around(one.words, one.terms)}`
        link.append(one.heading, where)
        const item = document.createElement("li")
        item.id = `found-${at}`
        item.setAttribute("role", "option")
        item.append(link)
        return item
      }),
    )
    if (found.length === 0) {
      const none = document.createElement("li")
      none.setAttribute("role", "option")
      none.setAttribute("aria-disabled", "true")
      const text = document.createElement("p")
      text.textContent = `Nothing holds “${query}”.`
      none.append(text)
      list.append(none)
    }
    chosen = -1
    list.hidden = false
    input.setAttribute("aria-expanded", "true")
  }

  const choose = at => {
    const items = [...list.querySelectorAll("li[id]")]
    if (items.length === 0) return
    chosen = (at + items.length) % items.length
    for (const [number, item] of items.entries()) item.setAttribute("aria-selected", String(number === chosen))
    input.setAttribute("aria-activedescendant", items[chosen].id)
    items[chosen].scrollIntoView({ block: "nearest" })
  }

  input.addEventListener("focus", ready, { once: true })
  input.addEventListener("input", search)
  input.addEventListener("keydown", event => {
    if (event.key === "ArrowDown") choose(chosen + 1)
    else if (event.key === "ArrowUp") choose(chosen - 1)
    else if (event.key === "Escape") close()
    else return
    event.preventDefault()
  })
  form.addEventListener("submit", event => {
    event.preventDefault()
    const items = list.querySelectorAll("li[id] a")
    if (items.length > 0) {
      items[Math.max(chosen, 0)].click()
      close()
    }
  })
  list.addEventListener("click", close)
  document.addEventListener("click", event => {
    if (!form.contains(event.target)) close()
  })
  document.addEventListener("keydown", event => {
    if (event.key === "/" && !event.target.closest("input, textarea, [contenteditable], .alive")) {
      input.focus()
      event.preventDefault()
    }
  })
}
