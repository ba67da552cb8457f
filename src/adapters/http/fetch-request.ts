// Read first: the WHATWG Fetch Standard, sections 2.2.5 (requests), 4.4 (HTTP-redirect fetch) and 5.4 (Request); RFC 9110 sections 7 and 9.2.

import { lists } from './fields.ts'
import { type Framing, NO_BODY } from './framing.ts'
import { headOctets } from './head-writer.ts'
import { HttpError } from './http-error.ts'

/** What is sent behind a head. */
export interface RequestBody {
  /** Null: nobody knows. */
  readonly length: number | null
  /** It can be sent again. */
  readonly again: boolean
  open(): ReadableStream<Uint8Array> | Uint8Array
}

/** Fields that say how a message is carried: those are not the caller's. */
const CARRYING = ['connection', 'content-length', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']
/** Fields of a body that is not sent behind a redirection. */
const OF_BODIES = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']
/** Fields that are for one origin alone. */
const SECRET = ['authorization', 'cookie', 'host', 'proxy-authorization']
/** "Request methods are considered idempotent" (RFC 9110 section 9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']
/** Who we are. Some servers refuse those who do not say it. */
const AGENT = 'jackfield'

/** One request that `fetch` sends. */
export class FetchRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: RequestBody | null
  readonly signal: AbortSignal | null
  readonly redirect: RequestRedirect

  private constructor(parts: Pick<FetchRequest, 'url' | 'method' | 'headers' | 'body' | 'signal' | 'redirect'>) {
    this.url = parts.url
    this.method = parts.method
    this.headers = parts.headers
    this.body = parts.body
    this.signal = parts.signal
    this.redirect = parts.redirect
  }

  /** What `fetch` was given. Throws a TypeError where it is no request. */
  static async of(input: RequestInfo | URL, init: RequestInit = {}): Promise<FetchRequest> {
    const own = init?.headers === undefined ? null : new Headers(init.headers)
    const request = new Request(input, own === null ? init : { ...init, headers: own })
    const url = new URL(request.url)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TypeError(`the URL must be one of http: or https:, got ${request.url}`)
    }
    // A page's Request leaves out what only its browser may say: cookies, for one. Here there is nobody else to say it.
    const headers = new Headers(request.headers)
    for (const [name, value] of own ?? []) if (!headers.has(name)) headers.append(name, value)
    if (headers.has('upgrade')) throw new TypeError('fetch cannot change the protocol: leave Upgrade out')
    const signal = init?.signal ?? (input instanceof Request ? input.signal : null)
    const body = await bodyOf(request, init?.body, headers)
    return new FetchRequest({ url, method: request.method, headers, body, signal, redirect: request.redirect })
  }

  /** Whether to send it twice is the same as to send it once, and can be done. */
  get repeatable(): boolean {
    return IDEMPOTENT.includes(this.method) && (this.body === null || this.body.again)
  }

  /** Whether the connection is to be left open behind it. */
  get persists(): boolean {
    return !lists([...this.headers], 'connection', 'close')
  }

  /** The request that an answer with this status and Location leads to. */
  redirected(status: number, location: string): FetchRequest {
    const url = parse(location, this.url)
    if (url.hash === '') url.hash = this.url.hash
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TypeError(`a redirection leads to ${url.href}, which is neither http: nor https:`)
    }
    const away = url.origin !== this.url.origin
    if (away && (url.username !== '' || url.password !== '')) {
      throw new TypeError(`a redirection leads to ${url.origin} with a password`)
    }
    const get =
      status === 303 ? this.method !== 'GET' && this.method !== 'HEAD' : status <= 302 && this.method === 'POST'
    if (!get && this.body !== null && !this.body.again) {
      throw new TypeError('a redirection asks for the body again, which was a stream')
    }
    const headers = new Headers(this.headers)
    for (const name of [...(get ? OF_BODIES : []), ...(away ? SECRET : [])]) headers.delete(name)
    return new FetchRequest({ ...this, url, headers, ...(get ? { method: 'GET', body: null } : {}) })
  }

  get framing(): Framing {
    if (this.body === null) return NO_BODY
    return this.body.length === null ? { kind: 'chunked' } : { kind: 'length', length: this.body.length }
  }

  /** The head, as it is sent. */
  head(): Uint8Array {
    const { url, method } = this
    // "A user agent SHOULD generate Host as the first field": section 7.2.
    const fields: [string, string][] = [['Host', this.headers.get('host') ?? url.host]]
    fields.push(...[...this.headers].filter(([name]) => !CARRYING.includes(name)))
    const add = (name: string, value: string) => {
      if (!this.headers.has(name)) fields.push([name, value])
    }
    add('Accept', '*/*')
    add('Accept-Encoding', 'gzip, deflate')
    add('User-Agent', AGENT)
    if (!this.persists) fields.push(['Connection', 'close'])
    const { framing } = this
    if (framing.kind === 'chunked') fields.push(['Transfer-Encoding', 'chunked'])
    // "A user agent SHOULD send Content-Length in a request when the method defines a meaning for enclosed content": section 8.6.
    else if (this.body !== null || method === 'POST' || method === 'PUT') {
      fields.push(['Content-Length', String(framing.kind === 'length' ? framing.length : 0)])
    }
    return headOctets(`${method} ${url.pathname}${url.search} HTTP/1.1`, fields)
  }
}

// The Request has made octets of it all, and has a Content-Type for it; what it does not tell is how many there are, nor does it give them
// twice.
async function bodyOf(
  request: Request,
  given: BodyInit | null | undefined,
  headers: Headers,
): Promise<RequestBody | null> {
  const stream = request.body
  if (stream === null && (given === undefined || given === null)) return null
  if (given instanceof Blob) return { length: given.size, again: true, open: () => given.stream() }
  if (given !== undefined && given !== null && !isStream(given)) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    return { length: bytes.length, again: true, open: () => bytes }
  }
  if (stream === null) throw new TypeError('this browser does not take a stream for the body of a Request')
  const length = headers.get('content-length')
  if (length !== null && !/^\d{1,15}$/.test(length))
    throw new TypeError(`Content-Length must be a number, got ${length}`)
  return { length: length === null ? null : Number(length), again: false, open: () => stream }
}

function isStream(body: BodyInit): boolean {
  return typeof body === 'object' && ('getReader' in body || Symbol.asyncIterator in body)
}

function parse(location: string, base: URL): URL {
  try {
    return new URL(location, base)
  } catch (cause) {
    throw new HttpError(
      'HTTP_SYNTAX',
      `the Location ${JSON.stringify(location)} is no URL: ${(cause as Error).message}`,
    )
  }
}
