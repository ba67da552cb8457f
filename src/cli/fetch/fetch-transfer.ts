// Read first: RFC 9112 (HTTP/1.1; Node's own client speaks it), RFC 9110 section 15.4 (redirections), curl(1).

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { AF_INET6 } from '../../base/constants.ts'
import { errnoText } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { FetchStream, openConnection } from './fetch-connection.ts'
import {
  FETCH_EMPTY_REPLY,
  FETCH_HTTP_ERROR,
  FETCH_NOT_CONNECTED,
  FETCH_PARTIAL,
  FETCH_RECEIVE_ERROR,
  FETCH_SEND_ERROR,
  FETCH_TOO_MANY_REDIRECTS,
  FETCH_WEIRD_REPLY,
  FetchFailure,
} from './fetch-failure.ts'
import { type FetchRequest, type FetchWish, firstRequest, parseFetchUrl, redirected } from './fetch-request.ts'

/** Where the addresses of a host come from, those to be tried first in front. Rejects with a FetchFailure. */
export type FetchLookup = (host: string, port: number) => Promise<readonly SocketAddress[]>

export interface FetchSettings extends FetchWish {
  readonly lookup: FetchLookup
  /** -L: follow so many redirections; 0: none. */
  readonly redirections: number
  /** -f: fail where the server says 400 or more. */
  readonly fail: boolean
  /** -i or -I: the header is a part of what is written. */
  readonly include: boolean
  /** Aborted with a FetchFailure when the time is over. */
  readonly signal: AbortSignal
  /** -v. */
  readonly verbose: (line: string) => void
  /** Takes a part of the page. */
  readonly write: (bytes: Uint8Array) => Promise<void>
}

const REDIRECTIONS: readonly number[] = [301, 302, 303, 307, 308]

/** Fetches a page over `provider`, and writes it as it comes. Rejects with a FetchFailure. */
export async function fetchPage(provider: Provider, url: URL, settings: FetchSettings): Promise<void> {
  let request = firstRequest(url, settings)
  for (let followed = 0; ; followed++) {
    const exchange = await Exchange.begin(provider, request, settings)
    try {
      const next = exchange.redirection()
      if (next === null || settings.redirections === 0) {
        await exchange.take(true)
        return
      }
      if (followed === settings.redirections) {
        throw new FetchFailure(FETCH_TOO_MANY_REDIRECTS, `maximum (${followed}) redirects followed`)
      }
      await exchange.take(false)
      settings.verbose(`* Issue another request to this URL: '${next.href}'`)
      request = redirected(next, settings, request, exchange.status)
    } finally {
      await exchange.end()
    }
  }
}

/** One request and its answer, on a connection of its own. */
class Exchange {
  readonly #request: FetchRequest
  readonly #settings: FetchSettings
  readonly #stream: FetchStream
  readonly #response: IncomingMessage

  private constructor(request: FetchRequest, settings: FetchSettings, stream: FetchStream, response: IncomingMessage) {
    this.#request = request
    this.#settings = settings
    this.#stream = stream
    this.#response = response
  }

  /** Resolves when the header of the answer is there. */
  static async begin(provider: Provider, request: FetchRequest, settings: FetchSettings): Promise<Exchange> {
    const socket = await connect(provider, request.url, settings)
    const stream = new FetchStream(socket)
    const abort = () => stream.destroy(settings.signal.reason as Error)
    settings.signal.addEventListener('abort', abort)
    stream.once('close', () => settings.signal.removeEventListener('abort', abort))
    try {
      return new Exchange(request, settings, stream, await ask(request, stream, settings))
    } catch (error) {
      await closed(stream)
      throw error
    }
  }

  get status(): number {
    return this.#response.statusCode ?? 0
  }

  /** Where the answer leads; null where it is no redirection. */
  redirection(): URL | null {
    const { location } = this.#response.headers
    if (!REDIRECTIONS.includes(this.status) || location === undefined) return null
    return parseFetchUrl(location, this.#request.url)
  }

  /** Reads the answer to its end, and writes it if it is `wanted`. */
  async take(wanted: boolean): Promise<void> {
    const { include, write, verbose, fail } = this.#settings
    const head = headOf(this.#response)
    for (const line of head) verbose(`< ${line}`)
    if (fail && this.status >= 400) {
      throw new FetchFailure(FETCH_HTTP_ERROR, `The requested URL returned error: ${this.status}`)
    }
    if (include) await write(Buffer.from(`${head.join('\r\n')}\r\n`, 'latin1'))
    try {
      for await (const chunk of this.#response as Readable) if (wanted) await write(chunk as Buffer)
    } catch (error) {
      if (error instanceof FetchFailure) throw error
      throw this.#broken(error as NodeJS.ErrnoException)
    }
    verbose(`* Closing connection`)
  }

  async end(): Promise<void> {
    await closed(this.#stream)
  }

  #broken(error: NodeJS.ErrnoException): FetchFailure {
    const { signal } = this.#settings
    if (signal.aborted) return signal.reason as FetchFailure
    if (this.#stream.errored instanceof SocketError) return lost(this.#stream.errored)
    // Node's word for an answer that ends before it is whole.
    if (error.code === 'ECONNRESET') {
      return new FetchFailure(FETCH_PARTIAL, 'transfer closed with outstanding read data remaining', error)
    }
    return weird(error)
  }
}

async function connect(provider: Provider, url: URL, settings: FetchSettings): Promise<Socket> {
  const port = url.port === '' ? 80 : Number(url.port)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = await settings.lookup(host, port)
  let last: SocketError | null = null
  for (const address of addresses) {
    settings.verbose(`*   Trying ${address}...`)
    try {
      const socket = await openConnection(provider, address, settings.signal)
      // curl asks for both ends, to tell them.
      const local = socket.getsockname()
      const peer = socket.getpeername()
      settings.verbose(`* Connected to ${host} (${peer.ip}) port ${peer.port} from ${endText(local)}`)
      return socket
    } catch (error) {
      if (settings.signal.aborted) throw settings.signal.reason
      if (!(error instanceof SocketError)) throw error
      settings.verbose(`* connect to ${address} failed: ${errnoText(error.errno)}`)
      last = error
    }
  }
  const why = last === null ? 'it has no address' : errnoText(last.errno)
  throw new FetchFailure(FETCH_NOT_CONNECTED, `Failed to connect to ${host} port ${port}: ${why}`, last)
}

function endText(address: SocketAddress): string {
  return address.family === AF_INET6 ? `[${address.ip}]:${address.port}` : `${address.ip}:${address.port}`
}

function ask(request: FetchRequest, stream: FetchStream, settings: FetchSettings): Promise<IncomingMessage> {
  const { url, method, headers, body } = request
  const path = `${url.pathname}${url.search}`
  settings.verbose(`> ${method} ${path} HTTP/1.1`)
  for (const [name, value] of headers) settings.verbose(`> ${name}: ${value}`)
  settings.verbose('>')
  return new Promise((resolve, reject) => {
    const fields: Record<string, string | string[]> = {}
    for (const [name, value] of headers) {
      const before = fields[name]
      fields[name] = before === undefined ? value : [before, value].flat()
    }
    const outgoing: ClientRequest = httpRequest({
      createConnection: () => stream,
      method,
      path,
      headers: fields,
      setHost: false,
    })
    // Node adds what nobody asked for.
    if (fields['Connection'] === undefined) outgoing.removeHeader('Connection')
    outgoing.on('response', resolve)
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unanswered(error, stream, settings.signal)))
    if (body === null) outgoing.end()
    else outgoing.end(body)
  })
}

// There is no answer, or none that is HTTP.
function unanswered(error: NodeJS.ErrnoException, stream: FetchStream, signal: AbortSignal): FetchFailure {
  if (signal.aborted) return signal.reason as FetchFailure
  if (error instanceof SocketError) return lost(error)
  if (stream.errored instanceof SocketError) return lost(stream.errored)
  if (error.code === 'ECONNRESET') return new FetchFailure(FETCH_EMPTY_REPLY, 'Empty reply from server', error)
  return weird(error)
}

function lost(error: SocketError): FetchFailure {
  const sending = error.syscall === 'send'
  const status = sending ? FETCH_SEND_ERROR : FETCH_RECEIVE_ERROR
  return new FetchFailure(status, `${sending ? 'Send' : 'Recv'} failure: ${errnoText(error.errno)}`, error)
}

function weird(error: Error): FetchFailure {
  return new FetchFailure(FETCH_WEIRD_REPLY, `Weird server reply: ${error.message}`, error)
}

/** The lines of an answer's header, an empty one at the end. */
function headOf(response: IncomingMessage): string[] {
  const lines = [`HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`.trimEnd()]
  const raw = response.rawHeaders
  for (let i = 0; i < raw.length; i += 2) lines.push(`${raw[i]}: ${raw[i + 1]}`)
  return [...lines, '']
}

function closed(stream: FetchStream): Promise<void> {
  if (stream.closed) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('close', resolve)
    stream.destroy()
  })
}
