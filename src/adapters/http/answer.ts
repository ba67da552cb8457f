// Read first: RFC 9112 sections 6 and 9.6, RFC 9110 sections 6.6.1, 8.6 and 9.3.2.

import { checkMethods, given } from '../../base/argument.ts'
import { BodyWriter, type Send } from './body-writer.ts'
import { type Framing, isBodiless, NO_BODY } from './framing.ts'
import { headOctets } from './head-writer.ts'
import { statusLine } from './reason-phrases.ts'

/** Fields that say how a message is carried: those are not the handler's. */
const CARRYING = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length', 'date']
/** Turns of microtasks for which a body is given the chance to be short. */
const TURNS = 10

type Read = { readonly done: boolean; readonly value?: unknown }

/** What a request allows an answer to be. */
export interface AnswerTo {
  readonly method: string
  /** Of the version of HTTP/1. */
  readonly minor: number
  /** The connection may be kept. */
  readonly persists: boolean
}

/** The answer of a handler, on its way to the peer. */
export class Answer {
  /** Whether the connection is kept behind it, as the head says. */
  persists: boolean
  readonly #response: Response
  readonly #to: AnswerTo
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | null
  #first: Promise<Read> | null = null
  #second: Promise<Read> | null = null

  /** Throws a TypeError for what is no Response, or one that cannot be sent. */
  constructor(response: Response, to: AnswerTo) {
    checkMethods('what a handler gives', response, 'a Response', 'clone')
    const { status } = response
    if (!(status >= 200 && status <= 599))
      throw new TypeError(`the status of an answer must be 200 to 599, got ${given(status)}`)
    if (response.bodyUsed) throw new TypeError('the body of the Response was read already')
    this.#response = response
    this.#to = to
    this.#reader = response.body === null ? null : response.body.getReader()
    this.persists = to.persists && !/(?:^|,)\s*close\s*(?:,|$)/i.test(response.headers.get('connection') ?? '')
  }

  /** Sends it. Rejects where the body cannot be had, or the peer has gone. */
  async send(send: Send): Promise<void> {
    const { method, minor } = this.#to
    const { status } = this.#response
    try {
      const framing = await this.#framing()
      if (framing.kind === 'close') this.persists = false
      const bodiless = method === 'HEAD' || isBodiless(status) || status === 205
      const writer = new BodyWriter(send, this.#head(framing, minor), bodiless ? NO_BODY : framing)
      if (!bodiless) await this.#sendBody(writer)
      await writer.end()
      if (bodiless) this.cancel(null)
    } catch (error) {
      this.cancel(error)
      throw error
    }
  }

  /** Nobody wants the body any more. */
  cancel(reason: unknown): void {
    this.#reader?.cancel(reason).catch(() => {})
  }

  async #sendBody(writer: BodyWriter): Promise<void> {
    const reader = this.#reader
    if (reader === null) return
    // A head does not wait for a body that is slow to come.
    if ((await soon(this.#next(reader))) === null) await writer.flush()
    for (;;) {
      const { done, value } = await this.#next(reader)
      if (done) return
      this.#first = this.#second
      this.#second = null
      await writer.write(value)
    }
  }

  // The length of what a Response was made of is not told: a body that is there at once, and is one chunk, has the length of that.
  async #framing(): Promise<Framing> {
    const { headers, status } = this.#response
    const length = headers.get('content-length')
    if (length !== null) {
      if (/^\d{1,15}$/.test(length)) return { kind: 'length', length: Number(length) }
      throw new TypeError(`the Content-Length of an answer must be a number, got ${given(length)}`)
    }
    const reader = this.#reader
    if (reader === null || isBodiless(status) || status === 205) return NO_BODY
    const first = await soon(this.#next(reader))
    if (first?.done === true) return NO_BODY
    if (first !== null) {
      this.#second = reader.read()
      const second = await soon(this.#second)
      if (second?.done === true) return { kind: 'length', length: (first.value as Uint8Array).length }
    }
    return this.#to.minor > 0 ? { kind: 'chunked' } : { kind: 'close' }
  }

  #next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Read> {
    this.#first ??= reader.read()
    return this.#first
  }

  #head(framing: Framing, minor: number): Uint8Array {
    const { status, statusText, headers } = this.#response
    const fields = [...headers].filter(([name]) => !CARRYING.includes(name))
    // "An origin server with a clock MUST generate a Date": section 6.6.1.
    fields.push(['Date', headers.get('date') ?? new Date().toUTCString()])
    if (framing.kind === 'chunked') fields.push(['Transfer-Encoding', 'chunked'])
    // None with 204 (section 8.6); that of 304 is of what would have been sent, which is the handler's to know.
    const silent = status === 204 || (status === 304 && !headers.has('content-length'))
    if (framing.kind === 'length' && !silent) fields.push(['Content-Length', String(framing.length)])
    if (!this.persists) fields.push(['Connection', 'close'])
    else if (minor === 0) fields.push(['Connection', 'keep-alive'])
    return headOctets(statusLine(status, statusText), fields)
  }
}

/** What a promise gives that is settled already, or will be in a few microtasks; null where it takes longer, or is rejected. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let result: T | null = null
  promise.then(
    (value) => {
      result = value
    },
    () => {},
  )
  for (let i = 0; i < TURNS && result === null; i++) await undefined
  return result
}
