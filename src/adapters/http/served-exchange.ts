// Read first: RFC 9110 sections 9.3.1 and 10.1.1.

import type { NetAddr } from '../deno/deno-address.ts'
import { Answer, type AnswerTo } from './answer.ts'
import type { BodyReader } from './body-reader.ts'
import { BodyStream } from './body-stream.ts'
import type { Deadline } from './deadline.ts'
import { persists } from './fields.ts'
import { headOctets } from './head-writer.ts'
import type { HttpConnection } from './http-connection.ts'
import { HttpError } from './http-error.ts'
import { statusLine } from './reason-phrases.ts'
import type { RequestHead } from './request-head.ts'
import type { ServeHandler, ServeLimits } from './serve-options.ts'
import { servedRequest } from './served-request.ts'
import type { Serving } from './serving.ts'
import { within } from './until-aborted.ts'

/** What of the connection a request needs. */
export interface Circumstances {
  /** The client waits for a 100 before it sends the body. */
  readonly expects: boolean
  readonly remoteAddr: NetAddr
  readonly closing: () => boolean
}

/** One request that came, and its answer. */
export class ServedExchange {
  readonly #serving: Serving
  readonly #connection: HttpConnection
  readonly #reading: Deadline
  readonly #writing: Deadline
  readonly #gone = new AbortController()

  constructor(serving: Serving, connection: HttpConnection, reading: Deadline, writing: Deadline) {
    this.#serving = serving
    this.#connection = connection
    this.#reading = reading
    this.#writing = writing
  }

  /** Whether there may be another request. */
  async answer(head: RequestHead, url: URL, body: BodyReader, circumstances: Circumstances): Promise<boolean> {
    let expects = circumstances.expects && !body.done
    const permitted: BodyReader = {
      get done() {
        return body.done
      },
      get left() {
        return body.left
      },
      read: async (into) => {
        if (expects) await this.#send(headOctets(statusLine(100), []))
        expects = false
        return this.#reading.within(this.#limits.stallTimeout, body.read(into), 'the body of a request')
      },
    }
    const stream = this.#streamOf(head.method, permitted)
    if (body.done) this.#watch()
    const request = servedRequest(head, url, stream?.readable ?? null, this.#gone.signal)
    const ends = endings()
    const info = { remoteAddr: circumstances.remoteAddr, completed: ends.completed }
    const to = { method: head.method, minor: head.minor, persists: persists(head.minor, head.fields) }
    try {
      const answer = await this.#handle(request, info, () => ({
        ...to,
        persists: to.persists && !circumstances.closing() && this.#bearable(body, expects),
      }))
      await this.#sent(answer)
      await stream?.stop(new TypeError('the answer was sent: the body of the request is gone'))
      ends.resolve()
      // What goes wrong from here on is no answer to be sent behind the answer.
      return answer.persists && (await this.#drained(body, expects).catch(() => false))
    } catch (error) {
      ends.reject(error)
      this.abort(error)
      throw error
    }
  }

  /** Nobody waits for the answer any more. */
  abort(reason: unknown): void {
    if (!this.#gone.signal.aborted) this.#gone.abort(reason)
  }

  get #limits(): ServeLimits {
    return this.#serving.options.limits
  }

  // Content of a GET has no meaning (RFC 9110 section 9.3.1), and a Request cannot have it: it is read for the sake of what follows it.
  #streamOf(method: string, body: BodyReader): BodyStream | null {
    if (body.done || method === 'GET' || method === 'HEAD') return null
    const owner = {
      ended: () => this.#watch(),
      failed: (error: unknown) => {
        this.abort(error)
        return new TypeError('the body of the request broke off', { cause: error })
      },
      cancelled: () => {},
    }
    return new BodyStream(body, owner, 0)
  }

  // Whoever has reset the connection waits for no answer. One who has but ended his direction may.
  #watch(): void {
    const { reader } = this.#connection
    if (reader.buffered === 0) reader.fill().catch((error) => this.abort(error))
  }

  // A handler is not waited for where nobody is left to hear its answer, or where the body of its request turns out to be none.
  async #handle(request: Request, info: Parameters<ServeHandler>[1], to: () => AnswerTo): Promise<Answer> {
    const { handler, options } = this.#serving
    const { signal } = this.#gone
    const answerOf = async (call: () => Response | Promise<Response>) => {
      const work = Promise.resolve().then(call)
      const response = await within(signal, work).catch((error) => {
        if (signal.aborted) work.then((late) => late.body?.cancel()).catch(() => {})
        throw error
      })
      return new Answer(response, to())
    }
    try {
      return await answerOf(() => handler(request, info))
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (options.onError !== undefined) {
        const { onError } = options
        const answer = await answerOf(() => onError(error)).catch(() => null)
        if (answer !== null) return answer
      }
      return new Answer(new Response('Internal Server Error', { status: 500 }), to())
    }
  }

  // An answer has begun: what is missing must be missed.
  async #sent(answer: Answer): Promise<void> {
    try {
      await answer.send((bytes) => this.#send(bytes))
    } catch (cause) {
      throw new HttpError('HTTP_CLOSED', `the answer could not be sent: ${(cause as Error)?.message}`)
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const { stallTimeout } = this.#limits
    await this.#writing.within(stallTimeout, this.#connection.channel.write(bytes), 'an answer')
  }

  // "A server that responds with a final status code instead of reading the entire request content SHOULD indicate whether it intends
  // to close the connection … or continue reading": section 10.1.1. A client that was not told to go on may send the body or not.
  #bearable(body: BodyReader, expects: boolean): boolean {
    if (body.done) return true
    return !expects && (body.left === Number.POSITIVE_INFINITY || body.left <= this.#limits.unreadOctets)
  }

  /** Reads what the handler did not; whether it came to the end. */
  async #drained(body: BodyReader, expects: boolean): Promise<boolean> {
    if (expects && !body.done) return false
    const scratch = new Uint8Array(16_384)
    for (let left = this.#limits.unreadOctets; !body.done; ) {
      const count = await this.#reading.within(this.#limits.stallTimeout, body.read(scratch), 'the body of a request')
      left -= count
      if (left < 0) return false
      if (count === 0) break
    }
    return true
  }
}

/** A promise that nobody need look at, and its ends. */
function endings(): { readonly completed: Promise<void>; resolve(): void; reject(reason: unknown): void } {
  let [resolve, reject]: [() => void, (reason: unknown) => void] = [() => {}, () => {}]
  const completed = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  completed.catch(() => {})
  return { completed, resolve: () => resolve(), reject: (reason) => reject(reason) }
}
