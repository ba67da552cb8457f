// Read first: RFC 9112 section 9, RFC 9110 section 15.2.

import { type BodyReader, bodyReader } from './body-reader.ts'
import { BodyWriter } from './body-writer.ts'
import type { FetchRequest } from './fetch-request.ts'
import { persists } from './fields.ts'
import { responseFraming } from './framing.ts'
import type { HttpConnection } from './http-connection.ts'
import { HttpError } from './http-error.ts'
import { type ResponseHead, readResponseHead } from './response-head.ts'

const HEAD = { octets: 65_536, fields: 1000 }
/** Answers with a status below 200 in front of the answer: 103 now and then, 100 and 102. */
const INTERIM = 16

/** One request on a connection, and its answer. */
export class Exchange {
  readonly head: ResponseHead
  readonly body: BodyReader
  readonly #connection: HttpConnection
  readonly #request: FetchRequest
  readonly #sending: Sending

  private constructor(connection: HttpConnection, request: FetchRequest, sending: Sending, head: ResponseHead) {
    this.#connection = connection
    this.#request = request
    this.#sending = sending
    this.head = head
    this.body = bodyReader(connection.reader, responseFraming(request.method, head))
  }

  /** Sends the request, and resolves when the head of the answer has come, be it before all was sent. */
  static async begin(connection: HttpConnection, request: FetchRequest): Promise<Exchange> {
    connection.exchanges++
    const sending = new Sending(connection, request)
    try {
      return new Exchange(connection, request, sending, await finalHead(connection))
    } catch (error) {
      sending.stop(request.signal?.aborted === true ? request.signal.reason : error)
      throw sending.failure === null ? error : sending.failure.error
    }
  }

  /** Whether another request may be sent on the connection: the answer was read, all was sent, and neither side closes. */
  get reusable(): boolean {
    const { minor, fields, status } = this.head
    const ended = responseFraming(this.#request.method, this.head).kind !== 'close'
    // What has come behind the answer nobody has asked for.
    const quiet = this.#connection.reader.buffered === 0 && status !== 101
    return ended && quiet && this.#sending.done && this.#request.persists && persists(minor, fields)
  }

  /** Milliseconds for which the server has promised to wait; null where it said nothing. */
  get patience(): number | null {
    const field = this.head.fields.find(([name]) => name === 'keep-alive')
    const seconds = /(?:^|[,\s])timeout=(\d{1,6})/.exec(field?.[1] ?? '')?.[1]
    return seconds === undefined ? null : Number(seconds) * 1000
  }

  /** Nothing more is sent. */
  stop(reason: unknown): void {
    this.#sending.stop(reason)
  }
}

async function finalHead({ reader }: HttpConnection): Promise<ResponseHead> {
  for (let i = 0; i < INTERIM; i++) {
    if (reader.buffered === 0 && !(await reader.fill())) {
      throw new HttpError('HTTP_CLOSED', 'the connection was closed before there was an answer')
    }
    const head = await readResponseHead(reader, HEAD)
    if (head.status === 101)
      throw new HttpError('HTTP_UNSUPPORTED', 'the server changes to a protocol that nobody asked for')
    if (head.status >= 200) return head
  }
  throw new HttpError('HTTP_LIMIT', `there are more than ${INTERIM} answers before the answer`)
}

/** A request on its way. */
class Sending {
  done = false
  /** Why its body could not be had. (That it could not be sent is for the answer to tell: there may be one that says why.) */
  failure: { readonly error: unknown } | null = null
  readonly #connection: HttpConnection
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null

  constructor(connection: HttpConnection, request: FetchRequest) {
    this.#connection = connection
    const writer = new BodyWriter((bytes) => connection.channel.write(bytes), request.head(), request.framing)
    this.#send(writer, request).then(
      () => {
        this.done = true
      },
      () => {},
    )
  }

  stop(reason: unknown): void {
    if (!this.done) this.#reader?.cancel(reason).catch(() => {})
  }

  async #send(writer: BodyWriter, { body }: FetchRequest): Promise<void> {
    const source = body === null ? null : body.open()
    if (source instanceof Uint8Array) await writer.write(source)
    if (source === null || source instanceof Uint8Array) return writer.end()
    this.#reader = source.getReader()
    await writer.flush()
    for (;;) {
      const { done, value } = await this.#ours(this.#reader.read())
      if (done) return this.#ours(writer.end())
      await this.#write(writer, value)
    }
  }

  async #write(writer: BodyWriter, value: unknown): Promise<void> {
    try {
      await writer.write(value)
    } catch (error) {
      if (error instanceof TypeError) this.#failed(error)
      this.stop(error)
      throw error
    }
  }

  async #ours<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  // The server is not to take for a whole request what is none.
  #failed(error: unknown): void {
    this.failure ??= { error }
    this.#connection.abort(error)
  }
}
