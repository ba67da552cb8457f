// The frame in which the thread of a run is: programs come with scenarios, from anybody, so that what runs them has an origin of its own,
// without a network and without anything of the page's; in Chromium a process of its own too.

import engineAddress from '../../engine/worker.ts?worker&url'

/** The thread's text. It is asked for once, while the page is painted. */
let text: Promise<string> | null = null

async function loadText(): Promise<string> {
  const response = await fetch(engineAddress)
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim())
  return await response.text()
}

function engineText(): Promise<string> {
  text ??= loadText()
  // Asked for again by the next frame.
  text.catch(() => {
    text = null
  })
  return text
}

/** Resolves when the page has been painted; soon, where nobody sees it. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(alarm)
      observer.disconnect()
      resolve()
    }
    const alarm = setTimeout(done, 3000)
    // A background is painted sooner than there is anything to be read.
    const observer = new PerformanceObserver((list) => {
      if (list.getEntriesByName('first-contentful-paint').length > 0) done()
    })
    observer.observe({ type: 'paint', buffered: true })
  })
}

export class EngineFrame {
  /** Joined to the thread. What is posted before that has begun is read when it has. */
  readonly port: MessagePort
  readonly #frame = document.createElement('iframe')
  readonly #failed: () => void
  #closed = false
  readonly #heard = (event: MessageEvent) => {
    if (event.source === this.#frame.contentWindow) this.#failed()
  }

  /** `failed` is called when the thread has ended by an error, `missing` when there is none to begin with. */
  constructor(failed: () => void, missing: (error: Error) => void) {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.#failed = failed
    this.#begin(port2).catch(missing)
  }

  async #begin(port: MessagePort): Promise<void> {
    const frame = this.#frame
    // By no other right than to run: its origin is none of the page's.
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.referrerPolicy = 'no-referrer'
    frame.hidden = true
    frame.title = 'Engine'
    frame.src = './engine.html'
    const code = engineText()
    await painted()
    if (this.#closed) return
    addEventListener('message', this.#heard)
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
    document.body.append(frame)
    const [program] = await Promise.all([code, loaded])
    frame.contentWindow?.postMessage(program, '*', [port])
  }

  /** Ends the thread, whatever it does. */
  close(): void {
    this.#closed = true
    removeEventListener('message', this.#heard)
    this.port.close()
    this.#frame.remove()
  }
}
