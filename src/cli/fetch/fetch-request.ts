// Read first: RFC 9110 section 4.2 (URLs), RFC 9112 sections 3 and 5 (the request), curl(1) on -d, -H, -I and -X.

import { UsageError } from '../usage-error.ts'
import type { FetchCookies } from './fetch-cookies.ts'
import { FETCH_MALFORMED_URL, FETCH_UNSUPPORTED_PROTOCOL, FetchFailure } from './fetch-failure.ts'

/** What is asked for, wherever redirections lead. */
export interface FetchWish {
  /** -X. */
  readonly method: string | null
  /** -I: the header alone. */
  readonly head: boolean
  /** -d. */
  readonly data: Uint8Array | null
  /** Its Content-Type; left out, that of a form. Null: none. */
  readonly dataType?: string | null
  /** Fields that go with it. */
  readonly dataHeaders?: readonly (readonly [string, string])[]
  /** -T: it is sent by PUT. */
  readonly upload?: boolean
  /** -H, as `parseHeader` gives it. */
  readonly headers: readonly (readonly [string, string | null])[]
  /** -A. */
  readonly agent: string
  /** -u: "name:password". */
  readonly user?: string | undefined
  /** --oauth2-bearer */
  readonly bearer?: string | undefined
  /** -r */
  readonly range?: string | undefined
  readonly compressed?: boolean
  readonly referer?: string | undefined
  readonly cookies?: FetchCookies | undefined
}

/** One request. */
export interface FetchRequest {
  readonly url: URL
  /** Of the first request: what is secret is for it alone. */
  readonly origin: string
  readonly method: string
  /** Name and value by turns, in the order in which they are sent. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | null
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i
/** "//host" and "ht!tp://host": what stands in front could be taken for a host, and is none. */
const NO_HOST_IN_FRONT = /^(?:\/|[^/?#]*:\/\/)/

/** Reads a URL as people write them: "192.0.2.1/page" is http. */
export function parseFetchUrl(text: string, base?: URL): URL {
  const absolute = ABSOLUTE.test(text) || base !== undefined
  if (!absolute && NO_HOST_IN_FRONT.test(text)) throw malformed(text)
  let url: URL
  try {
    url = new URL(absolute ? text : `http://${text}`, base)
  } catch {
    throw malformed(text)
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  const protocol = JSON.stringify(url.protocol.slice(0, -1))
  throw new FetchFailure(FETCH_UNSUPPORTED_PROTOCOL, `protocol ${protocol} is not supported, write http:// or https://`)
}

function malformed(text: string): FetchFailure {
  return new FetchFailure(
    FETCH_MALFORMED_URL,
    `URL ${JSON.stringify(text)} is malformed; write http://HOST[:PORT]/PATH`,
  )
}

/** The first request for a wish. */
export function firstRequest(url: URL, wish: FetchWish): FetchRequest {
  const sent = wish.data === null ? 'GET' : wish.upload ? 'PUT' : 'POST'
  return request(url, url.origin, wish, wish.method ?? (wish.head ? 'HEAD' : sent), wish.data)
}

/**
 * The request that a redirection asks for: the same one, but 303, and 301 and 302 after a POST, lead to a GET, as RFC 9110
 * section 15.4 allows and curl does. A method that was given by -X stays.
 */
export function redirected(url: URL, wish: FetchWish, before: FetchRequest, status: number): FetchRequest {
  const get = (status === 303 && before.method !== 'HEAD') || (status <= 302 && before.method === 'POST')
  if (get && wish.method === null) return request(url, before.origin, wish, 'GET', null)
  return request(url, before.origin, wish, before.method, before.body)
}

// In curl's order. Fields of -H go behind, in place of ours; but for Host, which stays in front.
function request(url: URL, origin: string, wish: FetchWish, method: string, body: Uint8Array | null): FetchRequest {
  const own = url.origin === origin
  const user = urlUser(url) ?? (own ? wish.user : undefined)
  const bearer = own ? wish.bearer : undefined
  const cookies = wish.cookies?.headerFor(url) ?? ''
  const usual: (readonly [string, string])[] = [
    ['Host', url.host],
    ...field('Authorization', user === undefined ? '' : `Basic ${Buffer.from(user).toString('base64')}`),
    ...field('Authorization', bearer === undefined ? '' : `Bearer ${bearer}`),
    ...field('Range', wish.range === undefined ? '' : `bytes=${wish.range}`),
    ['User-Agent', wish.agent],
    ['Accept', '*/*'],
    ...field('Accept-Encoding', wish.compressed ? 'deflate, gzip, br' : ''),
    ...field('Referer', wish.referer ?? ''),
    ...field('Cookie', cookies),
  ]
  // curl: what is in -H and tells who we are is not told to others.
  const given = wish.headers.filter(([name]) => own || !/^(authorization|cookie)$/i.test(name))
  const written = (name: string) => given.some(([other]) => sameField(other, name))
  const more = body === null ? [] : (wish.dataHeaders ?? []).filter(([name]) => !written(name))
  const taken = (name: string) => written(name) || more.some(([other]) => sameField(other, name))
  const headers = usual.filter(([name]) => !taken(name))
  for (const [name, value] of [...more, ...given]) {
    if (value === null) continue
    if (sameField(name, 'Host')) headers.unshift([name, value])
    else headers.push([name, value])
  }
  if (body !== null) {
    const { dataType = 'application/x-www-form-urlencoded' } = wish
    if (!taken('Content-Length')) headers.push(['Content-Length', String(body.length)])
    if (!taken('Content-Type') && dataType !== null) headers.push(['Content-Type', dataType])
  }
  return { url, origin, method, headers, body }
}

function field(name: string, value: string): (readonly [string, string])[] {
  return value === '' ? [] : [[name, value]]
}

function sameField(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function urlUser({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
}

/** Reads what -X was given. */
export function parseMethod(text: string): string {
  if (TOKEN.test(text)) return text
  throw new UsageError(`-X ${JSON.stringify(text)} is no method; write one such as PUT`)
}

/** Reads what -H was given: "Name: value"; null for "Name:", which leaves the field out; '' for "Name;", an empty one. */
export function parseHeader(text: string): readonly [string, string | null] {
  const match = /^([^:;]*)(?::\s*(.*?)\s*|;\s*)$/s.exec(text)
  const name = match?.[1] ?? ''
  const value = match?.[2]
  if (match === null || !TOKEN.test(name) || /[\r\n\0]/.test(value ?? '')) {
    throw new UsageError(`-H ${JSON.stringify(text)} is no header; write it as in -H 'Name: value'`)
  }
  if (value === undefined) return [name, '']
  return [name, value === '' ? null : value]
}
