// The page's end of the thread in which the run is.

import type { InspectedFrame } from '../../engine/lab-run.ts'
import type { Order, Tidings } from '../../engine/messages.ts'
import { EngineFrame } from './engine-frame.ts'
import { PATIENCE, Patience } from './patience.ts'
import { isPlain } from './plain-data.ts'
import { TidingsCheck } from './tidings-check.ts'

type Answer = Extract<Tidings, { tell: 'inspected' } | { tell: 'captured' }>
/** What is told of a run without being asked for. */
export type RunTidings = Exclude<Tidings, Answer | { tell: 'begun' } | { tell: 'busy' }>

/** Milliseconds before its silence in which a program was busy that is taken for its cause. */
const RECENT = 3000

export interface EngineListener {
  told(tidings: RunTidings): void
  /** The thread has not answered for long, or has ended; who was busy last, if anybody has said so. */
  hung(busy: { readonly host: string; readonly program: string; readonly line: number } | null): void
  /** There is no thread: it could not be loaded. */
  missing(reason: string): void
}

export class EngineLink {
  readonly #listener: EngineListener
  #frame: EngineFrame
  #patience = new Patience()
  /** Who waits for an answer; null: there will be none. */
  readonly #answers = new Map<number, (answer: Answer | null) => void>()
  #requests = 0
  #isMissing = false
  #busy: { host: string; program: string; line: number } | null = null
  #busyAt = 0

  constructor(listener: EngineListener) {
    this.#listener = listener
    this.#frame = this.#start()
    setInterval(() => this.#look(), 500)
  }

  /** Has the thread do something. What comes of it is told. */
  order(order: Order): void {
    if (order.do === 'commands') this.#patience.gives(performance.now())
    else this.#patience.asks(performance.now())
    this.#frame.port.postMessage(order)
  }

  async inspect(number: number): Promise<InspectedFrame | null> {
    const answer = await this.#ask((request) => ({ do: 'inspect', number, request }))
    return answer?.tell === 'inspected' ? answer.frame : null
  }

  /** The frames so far: of the next thread, where this one ends before it has answered. null: there is no thread. */
  async capture(): Promise<Uint8Array<ArrayBuffer> | null> {
    while (!this.#isMissing) {
      const answer = await this.#ask((request) => ({ do: 'capture', request }))
      if (answer?.tell === 'captured') return answer.bytes
    }
    return null
  }

  /** Ends the thread, whatever it does, and starts another, which knows of nothing. */
  restart(): void {
    this.#frame.close()
    this.#patience = new Patience()
    this.#isMissing = false
    this.#giveUp()
    this.#busy = null
    this.#frame = this.#start()
  }

  #giveUp(): void {
    for (const resolve of this.#answers.values()) resolve(null)
    this.#answers.clear()
  }

  #ask(order: (request: number) => Order): Promise<Answer | null> {
    const request = ++this.#requests
    return new Promise((resolve) => {
      this.#answers.set(request, resolve)
      this.order(order(request))
    })
  }

  #start(): EngineFrame {
    const frame = new EngineFrame(
      () => this.#hung(),
      (error) => this.#missing(error.message),
    )
    const check = new TidingsCheck()
    frame.port.onmessage = ({ data }: MessageEvent<Tidings>) => {
      // A program that has broken out of its scope may speak in the engine's place: it can tell lies of its run, and no more.
      if (isPlain(data) && check.isSound(data)) this.#hears(data)
      else this.#hung()
    }
    return frame
  }

  // Who was busy before it fell silent, though it has told of the run since.
  #hung(): void {
    const isRecent = performance.now() - this.#busyAt < PATIENCE + RECENT
    this.#listener.hung(isRecent ? this.#busy : null)
  }

  #missing(reason: string): void {
    this.#patience.ends()
    this.#isMissing = true
    this.#giveUp()
    this.#listener.missing(reason)
  }

  #hears(tidings: Tidings): void {
    if (tidings.tell === 'begun') {
      this.#patience.begins(performance.now())
      return
    }
    // Whoever says that he is busy has not answered yet.
    if (tidings.tell === 'busy') {
      this.#busy = { host: tidings.host, program: tidings.program, line: tidings.line }
      this.#busyAt = performance.now()
      return
    }
    if (tidings.tell === 'wants') this.#patience.owes()
    else this.#patience.hears(performance.now(), tidings.tell === 'news' && tidings.playing)
    if (tidings.tell !== 'inspected' && tidings.tell !== 'captured') {
      if (tidings.tell === 'loaded') this.#busy = null
      this.#listener.told(tidings)
      return
    }
    this.#answers.get(tidings.request)?.(tidings)
    this.#answers.delete(tidings.request)
  }

  #look(): void {
    const found = this.#patience.look(performance.now())
    if (found === 'missing') this.#missing('it has not begun for a minute')
    else if (found === 'hung') this.#hung()
  }
}
