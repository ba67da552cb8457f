// Read first: RFC 9112 (HTTP/1.1; Node's own client speaks it), RFC 9110 section 15.4 (redirections), curl(1).

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { endText } from '../../base/ends-text.ts'
import { errnoText } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { ProxyServer } from '../proxy/proxy.ts'
import { ConnectTimer, type ConnectTo, isLed, placeOf } from './fetch-connect.ts'
import { type ConnectionSource, FetchStream, openConnection } from './fetch-connection.ts'
import { decoded } from './fetch-decoding.ts'
import {
  FETCH_BAD_ENCODING,
  FETCH_EMPTY_REPLY,
  FETCH_HTTP_ERROR,
  FETCH_NO_RANGES,
  FETCH_NOT_CONNECTED,
  FETCH_PARTIAL,
  FETCH_PROXY_UNRESOLVED,
  FETCH_RECEIVE_ERROR,
  FETCH_SEND_ERROR,
  FETCH_TOO_LONG,
  FETCH_TOO_MANY_REDIRECTS,
  FETCH_WEIRD_REPLY,
  FetchFailure,
} from './fetch-failure.ts'
import type { FetchProgress } from './fetch-progress.ts'
import { absoluteForm, connectBy, forwards, withProxyFields } from './fetch-proxy.ts'
import { FetchRecord } from './fetch-record.ts'
import { type FetchRequest, type FetchWish, firstRequest, parseFetchUrl, redirected } from './fetch-request.ts'
import { type SecureOptions, secure } from './fetch-secure.ts'
import { RateLimit } from './rate-limit.ts'

/** Where the addresses of a host come from, those to be tried first in front. Rejects with a FetchFailure. */
export type FetchLookup = (host: string, port: number) => Promise<readonly SocketAddress[]>

export interface FetchSettings extends FetchWish {
  readonly lookup: FetchLookup
  /** -L: follow so many redirections; 0: none. */
  readonly redirections: number
  /** Whether 0 is that none may be followed, and one is an error. */
  readonly follows?: boolean
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
  /** -0: version 1.0 of HTTP. */
  readonly oldVersion?: boolean
  /** --fail-with-body: as -f, behind the page. */
  readonly failWithBody?: boolean
  /** -D: takes the header of every answer. */
  readonly dump?: ((head: string) => void) | undefined
  /** --connect-to, as `parseConnectTo` gives it. */
  readonly connectTo?: readonly ConnectTo[]
  /** --connect-timeout, in milliseconds. */
  readonly connectTimeout?: number | undefined
  /** --unix-socket: connect there, whatever the URL says. */
  readonly unix?: SocketAddress | undefined
  readonly secure?: SecureOptions
  /** -C: the page is to begin where -r says, or the server cannot go on with it. */
  readonly resumes?: boolean
  /** -x, or what the environment says of this URL. */
  readonly proxyFor?: ((url: URL) => ProxyServer | undefined) | undefined
  /** -p: it connects, whatever is asked for. */
  readonly tunnels?: boolean
  /** --interface and --local-port */
  readonly source?: ConnectionSource | undefined
  /** --limit-rate: octets a second. */
  readonly limitRate?: number | undefined
  /** --max-filesize: octets of a page. */
  readonly longest?: number | undefined
  readonly progress?: FetchProgress | undefined
  readonly record?: FetchRecord
}

/** For one URL. */
interface ExchangeSettings extends FetchSettings {
  readonly proxy: ProxyServer | undefined
}

const REDIRECTIONS: readonly number[] = [301, 302, 303, 307, 308]

/** Fetches a page over `provider`, and writes it as it comes. Rejects with a FetchFailure. */
export async function fetchPage(provider: Provider, url: URL, settings: FetchSettings): Promise<void> {
  let request = firstRequest(url, settings)
  const { record = new FetchRecord() } = settings
  for (let followed = 0; ; followed++) {
    const startedAt = performance.now()
    const proxy = settings.unix === undefined ? settings.proxyFor?.(request.url) : undefined
    // Where --connect-to leads, a proxy that is asked for the page would not know.
    const tunnels = settings.tunnels === true || isLed(request.url, settings.connectTo ?? [])
    const exchange = await Exchange.begin(provider, request, { ...settings, proxy, tunnels }, record)
    try {
      const next = exchange.redirection()
      record.redirectUrl = next?.href ?? ''
      if (next === null || (settings.redirections === 0 && !settings.follows)) {
        await exchange.take(true)
        return
      }
      if (followed === settings.redirections) {
        throw new FetchFailure(FETCH_TOO_MANY_REDIRECTS, `maximum (${followed}) redirects followed`)
      }
      await exchange.take(false)
      record.redirects++
      record.redirecting += performance.now() - startedAt
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
  readonly #record: FetchRecord

  private constructor(
    request: FetchRequest,
    settings: FetchSettings,
    stream: FetchStream,
    response: IncomingMessage,
    record: FetchRecord,
  ) {
    this.#record = record
    this.#request = request
    this.#settings = settings
    this.#stream = stream
    this.#response = response
  }

  /** Resolves when the header of the answer is there. */
  static async begin(
    provider: Provider,
    request: FetchRequest,
    settings: ExchangeSettings,
    record: FetchRecord,
  ): Promise<Exchange> {
    const haste = new ConnectTimer(settings)
    const socket = await connect(provider, request.url, { ...settings, signal: haste.signal }, record).catch(
      (error) => {
        haste.end()
        throw error
      },
    )
    const stream = new FetchStream(socket)
    const abort = () => stream.destroy(settings.signal.reason as Error)
    settings.signal.addEventListener('abort', abort)
    stream.once('close', () => settings.signal.removeEventListener('abort', abort))
    try {
      const outer =
        request.url.protocol === 'https:' ? await haste.within(stream, shaken(request, stream, settings)) : stream
      haste.end()
      if (outer !== stream) record.securedAt = performance.now()
      const response = await ask(request, outer, stream, settings, record)
      record.answeredAt = performance.now()
      return new Exchange(request, settings, stream, response, record)
    } catch (error) {
      await closed(stream)
      throw error
    } finally {
      haste.end()
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
    const { include, write, verbose, fail, failWithBody, dump, resumes, progress, compressed } = this.#settings
    const record = this.#record
    const head = headOf(this.#response)
    const headText = `${head.join('\r\n')}\r\n`
    note(record, this.#response, headText)
    const { cookies } = this.#settings
    for (const field of this.#response.headers['set-cookie'] ?? []) cookies?.set(this.#request.url, field)
    for (const line of head) verbose(`< ${line}`)
    dump?.(headText)
    const failed = this.status >= 400
    const failure = () => new FetchFailure(FETCH_HTTP_ERROR, `The requested URL returned error: ${this.status}`)
    if (fail && failed) throw failure()
    if (resumes && wanted && this.status === 200) {
      throw new FetchFailure(FETCH_NO_RANGES, "HTTP server doesn't seem to support byte ranges. Cannot resume.")
    }
    if (include) await write(Buffer.from(headText, 'latin1'))
    const announced = Number(this.#response.headers['content-length']) || null
    if (progress !== undefined && wanted) progress.total = announced
    const { longest = Number.POSITIVE_INFINITY, limitRate, signal } = this.#settings
    if (wanted && (announced ?? 0) > longest) throw tooLong(longest)
    const limit = limitRate === undefined ? null : new RateLimit(limitRate)
    let length = 0
    try {
      for await (const chunk of compressed ? decoded(this.#response) : (this.#response as Readable)) {
        if (!wanted) continue
        record.downloaded += (chunk as Buffer).length
        length += (chunk as Buffer).length
        if (length > longest) throw tooLong(longest)
        progress?.took((chunk as Buffer).length)
        await write(chunk as Buffer)
        const pause = limit?.took((chunk as Buffer).length, performance.now()) ?? 0
        if (pause > 0) await inTime(sleep(pause), signal)
      }
    } catch (error) {
      if (error instanceof FetchFailure) throw error
      throw this.#broken(error as NodeJS.ErrnoException)
    }
    verbose(`* Closing connection`)
    if (failWithBody && failed) throw failure()
  }

  async end(): Promise<void> {
    await closed(this.#stream)
  }

  #broken(error: NodeJS.ErrnoException): FetchFailure {
    const { signal } = this.#settings
    if (signal.aborted) return signal.reason as FetchFailure
    if (this.#stream.errored instanceof SocketError) return lost(this.#stream.errored)
    if (/^Z_|^ERR_.*(BROTLI|ZLIB)|^ERR__/.test(error.code ?? '')) {
      return new FetchFailure(FETCH_BAD_ENCODING, `Error while processing content unencoding: ${error.message}`, error)
    }
    // Node's word for an answer that ends before it is whole.
    if (error.code === 'ECONNRESET') {
      return new FetchFailure(FETCH_PARTIAL, 'transfer closed with outstanding read data remaining', error)
    }
    return weird(error)
  }
}

async function connect(provider: Provider, url: URL, settings: ExchangeSettings, record: FetchRecord): Promise<Socket> {
  const { unix, connectTo = [], proxy, signal } = settings
  const [targetHost, targetPort] = placeOf(url, connectTo)
  const [host, port] = proxy === undefined ? [targetHost, targetPort] : [proxy.host, proxy.port]
  const addresses = unix !== undefined ? [unix] : await inTime(found(settings, host, port), signal)
  record.namedAt = performance.now()
  let last: SocketError | null = null
  let opened: Socket | null = null
  for (const address of addresses) {
    settings.verbose(`*   Trying ${address}...`)
    try {
      const socket = await openConnection(provider, address, signal, settings.source)
      // curl asks for both ends, to tell them.
      const local = socket.getsockname()
      const peer = socket.getpeername()
      record.connectedAt = performance.now()
      record.connects++
      if (unix !== undefined) {
        settings.verbose(`* Connected to ${host} (${unix.path})`)
        return socket
      }
      record.local = local
      record.peer = peer
      settings.verbose(
        `* Connected to ${host} (${peer.ip}) port ${peer.port} from ${endText(local.ip.toString(), local.port)}`,
      )
      if (proxy === undefined || forwards(proxy, url, settings.tunnels === true)) return socket
      opened = socket
      break
    } catch (error) {
      if (settings.signal.aborted) throw settings.signal.reason
      if (!(error instanceof SocketError)) throw error
      settings.verbose(`* connect to ${address} failed: ${errnoText(error.errno)}`)
      last = error
    }
  }
  if (proxy !== undefined && opened !== null) return tunnelled(opened, proxy, targetHost, targetPort, settings)
  const why = last === null ? 'it has no address' : errnoText(last.errno)
  throw new FetchFailure(FETCH_NOT_CONNECTED, `Failed to connect to ${host} port ${port}: ${why}`, last)
}

/** The addresses of the URL's host, or of the proxy. */
async function found(
  { lookup, proxy }: ExchangeSettings,
  host: string,
  port: number,
): Promise<readonly SocketAddress[]> {
  try {
    return await lookup(host, port)
  } catch (error) {
    if (proxy === undefined || !(error instanceof FetchFailure)) throw error
    throw new FetchFailure(FETCH_PROXY_UNRESOLVED, error.message.replace('resolve host', 'resolve proxy'), error)
  }
}

/** Of SOCKS without "h" and "a" we look up names ourselves. */
async function tunnelled(
  socket: Socket,
  proxy: ProxyServer,
  host: string,
  port: number,
  { lookup, signal, verbose, agent }: FetchSettings,
): Promise<Socket> {
  try {
    const asked = proxy.kind === 'socks4' || proxy.kind === 'socks5'
    const named = asked ? ((await inTime(lookup(host, port), signal))[0]?.address ?? host) : host
    await connectBy(proxy, socket, named, port, signal, agent)
    verbose(`* The proxy has connected to ${named} port ${port}`)
    return socket
  } catch (error) {
    await socket.close()
    if (signal.aborted) throw signal.reason
    throw error instanceof SocketError ? lost(error) : error
  }
}

function tooLong(longest: number): FetchFailure {
  return new FetchFailure(FETCH_TOO_LONG, `Maximum file size exceeded: more than ${longest} octets`)
}

function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(signal.reason)
    signal.addEventListener('abort', late, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}

/** The handshake of TLS, with the host of the URL wherever it was connected to. */
async function shaken({ url }: FetchRequest, stream: FetchStream, settings: FetchSettings): Promise<Duplex> {
  const tls = await secure(stream, url.hostname.replace(/^\[(.*)\]$/, '$1'), settings.secure ?? NODE_TRUST)
  settings.verbose(`* SSL connection using ${tls.getProtocol()} / ${tls.getCipher().standardName}`)
  return tls
}

const NODE_TRUST: SecureOptions = { insecure: false, authorities: null }

function note(record: FetchRecord, response: IncomingMessage, head: string): void {
  record.status = response.statusCode ?? 0
  record.httpVersion = response.httpVersion
  record.rawHeaders = response.rawHeaders
  record.headerLength += head.length
}

function requestLength(line: string, headers: FetchRequest['headers']): number {
  return headers.reduce((length, [name, value]) => length + name.length + value.length + 4, line.length + 4)
}

/** Node's client writes 1.1 into the first line of a request, and has no word for another version. */
function withOldVersion(stream: Duplex): Duplex {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean
  stream.write = ((chunk: unknown, ...rest: unknown[]) => {
    stream.write = write as typeof stream.write
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('latin1')
    return write(Buffer.from(text.replace(' HTTP/1.1\r\n', ' HTTP/1.0\r\n'), 'latin1'), ...rest.slice(-1))
  }) as typeof stream.write
  return stream
}

function ask(
  request: FetchRequest,
  outer: Duplex,
  stream: FetchStream,
  settings: ExchangeSettings,
  record: FetchRecord,
): Promise<IncomingMessage> {
  const { url, method, body } = request
  const { proxy } = settings
  const forwarded = proxy !== undefined && forwards(proxy, url, settings.tunnels === true)
  const path = forwarded ? absoluteForm(url) : `${url.pathname}${url.search}`
  const headers = forwarded ? withProxyFields(request.headers, proxy) : request.headers
  const version = settings.oldVersion ? '1.0' : '1.1'
  record.url = url
  record.method = method
  record.askedAt = performance.now()
  record.uploaded += body?.length ?? 0
  record.requestLength += requestLength(`${method} ${path} HTTP/${version}`, headers)
  settings.verbose(`> ${method} ${path} HTTP/${version}`)
  for (const [name, value] of headers) settings.verbose(`> ${name}: ${value}`)
  settings.verbose('>')
  return new Promise((resolve, reject) => {
    const fields: Record<string, string | string[]> = {}
    for (const [name, value] of headers) {
      const before = fields[name]
      fields[name] = before === undefined ? value : [before, value].flat()
    }
    const outgoing: ClientRequest = httpRequest({
      createConnection: () => (settings.oldVersion ? withOldVersion(outer) : outer),
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
