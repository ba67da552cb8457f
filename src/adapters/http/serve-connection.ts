// Read first: RFC 9112 sections 9.3 and 9.6.

import type { NetAddr } from '../deno/deno-address.ts'
import { bodyReader } from './body-reader.ts'
import { Deadline } from './deadline.ts'
import { lists } from './fields.ts'
import { requestFraming } from './framing.ts'
import { headOctets } from './head-writer.ts'
import type { HttpConnection } from './http-connection.ts'
import { HttpError } from './http-error.ts'
import { statusLine } from './reason-phrases.ts'
import { readRequestHead, requestUrl } from './request-head.ts'
import type { ServeLimits } from './serve-options.ts'
import { ServedExchange } from './served-exchange.ts'
import type { Serving } from './serving.ts'

/** Behind the last answer: octets that are thrown away so that it arrives, and milliseconds in which they have to come. */
const LINGER_OCTETS = 1 << 20
const LINGER = 2000

/** One connection to a server: requests one after the other, each answered before the next is read. */
export class ServeConnection {
  readonly #serving: Serving
  readonly #connection: HttpConnection
  readonly #localAddr: NetAddr
  readonly #remoteAddr: NetAddr
  readonly #reading: Deadline
  readonly #writing: Deadline
  #idle = true
  #closing = false
  #exchange: ServedExchange | null = null

  constructor(serving: Serving, connection: HttpConnection, localAddr: NetAddr, remoteAddr: NetAddr) {
    this.#serving = serving
    this.#connection = connection
    this.#localAddr = localAddr
    this.#remoteAddr = remoteAddr
    this.#reading = new Deadline(serving.clock)
    this.#writing = new Deadline(serving.clock)
  }

  /** Serves it to its end. Never rejects. */
  async run(): Promise<void> {
    const connection = this.#connection
    try {
      while (await this.#next()) {
        if (await this.#serve()) continue
        await this.#linger()
        break
      }
      connection.close()
    } catch (error) {
      connection.abort(error)
    }
  }

  /** Ends it when the request that is being answered was answered; at once where there is none. */
  shutdown(): void {
    this.#closing = true
    if (this.#idle) this.#connection.close()
  }

  /** Ends it now. */
  abort(reason: unknown): void {
    this.#closing = true
    this.#exchange?.abort(reason)
    this.#connection.abort(reason)
  }

  get #limits(): ServeLimits {
    return this.#serving.options.limits
  }

  /** Waits for a request; false where none comes. */
  async #next(): Promise<boolean> {
    const { reader, exchanges } = this.#connection
    if (this.#closing) return false
    this.#idle = true
    try {
      const { idleTimeout, headTimeout } = this.#limits
      const wait = exchanges === 0 ? headTimeout : idleTimeout
      return reader.buffered > 0 || (await this.#reading.within(wait, reader.fill(), 'the next request'))
    } catch (error) {
      if (this.#closing || (error instanceof HttpError && error.code === 'HTTP_TIMEOUT')) return false
      throw error
    } finally {
      this.#idle = false
    }
  }

  /** Reads a request and answers it; whether there may be another. */
  async #serve(): Promise<boolean> {
    const connection = this.#connection
    const { headOctets: octets, headFields: fields, headTimeout } = this.#limits
    connection.exchanges++
    try {
      const reading = readRequestHead(connection.reader, { octets, fields })
      const head = await this.#reading.within(headTimeout, reading, 'the head of a request')
      const { scheme } = this.#serving
      const { hostname, port } = this.#localAddr
      const url = requestUrl(head, scheme, `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`)
      const body = bodyReader(connection.reader, requestFraming(head))
      // "A server that receives … an expectation other than 100-continue … MAY respond with 417": section 10.1.1, which 1.0 does not have.
      const expects = head.minor > 0 && head.fields.some(([name]) => name === 'expect')
      if (expects && !lists(head.fields, 'expect', '100-continue')) {
        throw new HttpError('HTTP_UNSUPPORTED', 'the Expect is not known', 417)
      }
      this.#exchange = new ServedExchange(this.#serving, connection, this.#reading, this.#writing)
      return await this.#exchange.answer(head, url, body, {
        expects,
        remoteAddr: this.#remoteAddr,
        closing: () => this.#closing,
      })
    } catch (error) {
      if (!(error instanceof HttpError) || error.code === 'HTTP_CLOSED') throw error
      await this.#refuse(error.status)
      return false
    } finally {
      this.#exchange = null
    }
  }

  async #refuse(status: number): Promise<void> {
    const fields = [
      ['Date', new Date().toUTCString()],
      ['Content-Length', '0'],
      ['Connection', 'close'],
    ] as const
    const head = headOctets(statusLine(status), fields)
    await this.#writing.within(this.#limits.stallTimeout, this.#connection.channel.write(head), 'an answer')
  }

  // "If a server performs an immediate close of a TCP connection, there is a significant risk that the client will not be able to read
  // the last HTTP response": section 9.6. What comes meanwhile is for nobody.
  async #linger(): Promise<void> {
    const { channel, reader } = this.#connection
    const scratch = new Uint8Array(65_536)
    const drain = async () => {
      for (let left = LINGER_OCTETS; left > 0; ) {
        const count = await reader.read(scratch)
        if (count === 0) return
        left -= count
      }
    }
    await channel.end()
    // The body of a request that was too slow is still waited for.
    if (reader.taken) return
    await this.#reading.within(LINGER, drain(), 'the end of a connection').catch(() => {})
  }
}
