// Read first: the WHATWG Fetch Standard, sections 4.3 to 4.6.

import type { Names } from '../../services/names/names.ts'
import type { Provider } from '../../socket/provider.ts'
import { connectHost, plainChannel, secureChannel } from '../web/open-channel.ts'
import type { TlsEngine } from '../web/tls-engine.ts'
import { BodyStream } from './body-stream.ts'
import { ConnectionPool } from './connection-pool.ts'
import { Exchange } from './exchange.ts'
import { FetchRequest } from './fetch-request.ts'
import { decoded, fetchedResponse, locationOf } from './fetched-response.ts'
import { HttpConnection } from './http-connection.ts'
import { HttpError } from './http-error.ts'
import { within } from './until-aborted.ts'

/** Redirections that are followed. */
const REDIRECTIONS = 20
/** Milliseconds for which a connection is kept: less than the five seconds for which Node's servers keep it. */
const IDLE = 4000
/** Less than a server has promised, since it counts from an earlier moment. */
const MARGIN = 1000
/** Octets of a body that are read before anybody asks: a small one comes whole, and its connection is free again. */
const AHEAD = 65_536
/** Octets of a redirection's body that are read for the sake of its connection. */
const WORTHWHILE = 65_536

/** What `fetch` is called. */
export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>

/** `fetch` over a provider. */
export function fetchOver(provider: Provider, names: Pick<Names, 'connect'> | null, engine: TlsEngine | null): Fetch {
  const client = new HttpClient(provider, names, engine)
  return (input, init) => client.fetch(input, init)
}

class HttpClient {
  readonly #provider: Provider
  readonly #names: Pick<Names, 'connect'> | null
  readonly #engine: TlsEngine | null
  readonly #pool: ConnectionPool

  constructor(provider: Provider, names: Pick<Names, 'connect'> | null, engine: TlsEngine | null) {
    this.#provider = provider
    this.#names = names
    this.#engine = engine
    this.#pool = new ConnectionPool(provider.clock)
  }

  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = await FetchRequest.of(input, init)
    const { signal } = request
    try {
      return await this.#follow(request)
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      throw new TypeError('fetch failed', { cause: error })
    }
  }

  async #follow(first: FetchRequest): Promise<Response> {
    let request = first
    for (let followed = 0; ; followed++) {
      const [connection, exchange] = await this.#ask(request)
      const location = locationOf(exchange.head)
      if (location === null || request.redirect === 'manual') {
        return this.#response(request, connection, exchange, followed > 0)
      }
      await this.#skip(request, connection, exchange)
      if (request.redirect === 'error') throw new TypeError(`the answer is a redirection, to ${location}`)
      if (followed === REDIRECTIONS) throw new TypeError(`there are more than ${REDIRECTIONS} redirections`)
      request = request.redirected(exchange.head.status, location)
    }
  }

  // "A client … MAY … automatically retry": RFC 9112 section 9.3.1, when a server closes a connection while a request is on its way.
  // That is known of a connection that was used before, where nothing of an answer has come.
  async #ask(request: FetchRequest): Promise<[HttpConnection, Exchange]> {
    const kept = this.#pool.take(request.url.origin)
    if (kept !== null) {
      const { received } = kept.reader
      try {
        return [kept, await this.#exchange(kept, request)]
      } catch (error) {
        const over = request.signal?.aborted === true || kept.reader.received > received || !request.repeatable
        if (over) throw error
      }
    }
    const connection = await this.#connect(request)
    return [connection, await this.#exchange(connection, request)]
  }

  async #connect({ url, signal }: FetchRequest): Promise<HttpConnection> {
    const secure = url.protocol === 'https:'
    if (secure && this.#engine === null) {
      throw new HttpError('HTTP_UNSUPPORTED', 'https: needs a TLS engine: give `tls`')
    }
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
    const stop = signal ?? new AbortController().signal
    stop.throwIfAborted()
    const socket = await connectHost(this.#provider, this.#names, { hostname, port }, stop)
    const plain = plainChannel(socket)
    if (!secure || this.#engine === null) return new HttpConnection(plain.channel, socket)
    const wishes = { servername: hostname, alpn: ['http/1.1'] }
    const { channel } = await secureChannel(plain, this.#engine, wishes, stop)
    return new HttpConnection(channel, socket)
  }

  async #exchange(connection: HttpConnection, request: FetchRequest): Promise<Exchange> {
    try {
      return await within(request.signal, Exchange.begin(connection, request))
    } catch (error) {
      connection.abort(error)
      throw error
    }
  }

  #response(request: FetchRequest, connection: HttpConnection, exchange: Exchange, redirected: boolean): Response {
    const { url, method, signal } = request
    const { head, body } = exchange
    const origin = { url: url.href.replace(/#.*$/, ''), redirected }
    if (body.done) {
      this.#free(request, connection, exchange)
      return fetchedResponse(method, head, null, origin)
    }
    const failed = (error: unknown) => {
      if (signal?.aborted === true) return signal.reason
      return error instanceof TypeError ? error : new TypeError('terminated', { cause: error })
    }
    const stop = (reason: unknown) => {
      signal?.removeEventListener('abort', aborted)
      exchange.stop(reason)
      connection.abort(reason)
    }
    const stream = new BodyStream(
      body,
      {
        ended: () => {
          signal?.removeEventListener('abort', aborted)
          this.#free(request, connection, exchange)
        },
        failed: (error) => {
          stop(error)
          return failed(error)
        },
        cancelled: stop,
      },
      AHEAD,
    )
    const aborted = () => {
      void stream.stop(signal?.reason)
      stop(signal?.reason)
    }
    signal?.addEventListener('abort', aborted)
    if (signal?.aborted === true) aborted()
    return fetchedResponse(method, head, decoded(head, stream.readable, failed), origin)
  }

  /** Reads an answer that nobody wants, where that is less than to make a new connection. */
  async #skip(request: FetchRequest, connection: HttpConnection, exchange: Exchange): Promise<void> {
    const { body } = exchange
    const scratch = new Uint8Array(4096)
    const drain = async () => {
      for (let left = WORTHWHILE; !body.done && left >= 0; ) {
        const count = await body.read(scratch)
        if (count === 0) break
        left -= count
      }
    }
    try {
      if (body.left <= WORTHWHILE || body.left === Number.POSITIVE_INFINITY) await within(request.signal, drain())
    } catch (error) {
      connection.abort(error)
      throw error
    }
    if (!body.done) {
      exchange.stop(null)
      connection.abort(null)
      return
    }
    this.#free(request, connection, exchange)
  }

  /** The answer was read. */
  #free(request: FetchRequest, connection: HttpConnection, exchange: Exchange): void {
    const { reusable, patience } = exchange
    const time = patience === null ? IDLE : Math.min(IDLE, patience - MARGIN)
    if (reusable && time > 0) {
      this.#pool.put(request.url.origin, connection, time)
      return
    }
    exchange.stop(new HttpError('HTTP_CLOSED', 'the answer came before all was sent'))
    connection.close()
  }
}
