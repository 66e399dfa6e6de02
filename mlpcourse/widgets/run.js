import { init_params, learner } from "./learner.js"

const PARAMS = ["w1", "b1", "w2", "b2"]

// One run for all copies of a view; the key is the widget's layout, the one object that the copies share.
const runs = new WeakMap()

/**
 * The run of this widget: which copy plays, what was reached, and the losses on the way; `honest` runs beside a slip.
 */
export function runOf(get) {
  const key = get("layout") ?? get
  if (runs.has(key)) return runs.get(key)
  const run = { copies: new Set(), player: null, version: 0, stopped: "" }
  runs.set(key, run)
  const settings = () => ["data", "hidden", "slip", "epoch", ...PARAMS].map(name => get(name))

  run.examples = (data = get("data")) => get("content").sets[data]
  /** Takes over what is set next, even where it is what Python was told last, and may be its echo. */
  run.takeNext = () => {
    run.sent = []
    run.text = ""
  }
  /** All that changes when training begins anew, with these settings. */
  run.begin = ({ data = get("data"), hidden = get("hidden"), slip = get("slip") }) => {
    const K = Math.max(...run.examples(data).labels) + 1
    run.takeNext()
    return { data, hidden, slip, epoch: 0, ...init_params(hidden, K, get("content").normals) }
  }
  /** Takes over what Python, the hand, or another copy has set. */
  run.follow = () => {
    const now = settings()
    if (run.now && now.every((value, i) => value === run.sent[i])) return
    const text = JSON.stringify(now)
    run.sent = now
    const params = Object.fromEntries(PARAMS.map(name => [name, get(name)]))
    const { X, labels } = run.examples()
    const fits = params.w1.length === get("hidden") && params.w2.length === Math.max(...labels) + 1
    if (text === run.text || !fits) return // the kernel's echo, or half of a change
    run.text = text
    run.epoch = run.from = get("epoch")
    run.now = learner(params, X, labels)
    run.honest = get("slip") ? learner(params, X, labels) : null
    run.losses = [run.now.loss]
    run.right = [run.now.loss]
    run.stopped = ""
    run.version += 1
  }
  run.tell = set => {
    set({ epoch: run.epoch, ...run.now.params() })
    run.sent = settings()
    run.text = JSON.stringify(run.sent)
  }
  run.step = () => {
    const rate = get("learning_rate")
    if (run.epoch >= get("content").last) run.stopped = `It stops after ${run.epoch} steps.`
    else if (!run.now.step(rate, get("slip")))
      run.stopped = `Stopped: after step ${run.epoch} the loss is no longer finite.`
    if (run.stopped) return false
    run.epoch += 1
    run.version += 1
    run.losses.push(run.now.loss)
    if (run.honest?.step(rate, "")) run.right.push(run.honest.loss)
    return true
  }
  return run
}
