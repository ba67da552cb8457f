// Read first: RFC 9110 section 4.2 (URLs), RFC 9112 sections 3 and 5 (the request), curl(1) on -d, -H, -I and -X.

import { UsageError } from '../usage-error.ts'
import { FETCH_MALFORMED_URL, FETCH_UNSUPPORTED_PROTOCOL, FetchFailure } from './fetch-failure.ts'

/** What is asked for, wherever redirections lead. */
export interface FetchWish {
  /** -X. */
  readonly method: string | null
  /** -I: the header alone. */
  readonly head: boolean
  /** -d. */
  readonly data: Uint8Array | null
  /** -H, as `parseHeader` gives it. */
  readonly headers: readonly (readonly [string, string | null])[]
  /** -A. */
  readonly agent: string
}

/** One request. */
export interface FetchRequest {
  readonly url: URL
  readonly method: string
  /** Name and value by turns, in the order in which they are sent. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | null
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Reads a URL as people write them: "192.0.2.1/page" is http. */
export function parseFetchUrl(text: string, base?: URL): URL {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || base !== undefined ? text : `http://${text}`
  let url: URL
  try {
    url = new URL(absolute, base)
  } catch {
    throw new FetchFailure(
      FETCH_MALFORMED_URL,
      `URL ${JSON.stringify(text)} is malformed; write http://HOST[:PORT]/PATH`,
    )
  }
  if (url.protocol === 'http:') return url
  const protocol = url.protocol.slice(0, -1)
  const why = protocol === 'https' ? 'there is no TLS here: write http://' : 'write http://'
  throw new FetchFailure(FETCH_UNSUPPORTED_PROTOCOL, `protocol ${JSON.stringify(protocol)} is not supported, ${why}`)
}

/** The first request for a wish. */
export function firstRequest(url: URL, wish: FetchWish): FetchRequest {
  const usual = wish.head ? 'HEAD' : wish.data === null ? 'GET' : 'POST'
  return request(url, wish, wish.method ?? usual, wish.data)
}

/**
 * The request that a redirection asks for: the same one, but 303, and 301 and 302 after a POST, lead to a GET, as RFC 9110
 * section 15.4 allows and curl does. A method that was given by -X stays.
 */
export function redirected(url: URL, wish: FetchWish, before: FetchRequest, status: number): FetchRequest {
  const get = (status === 303 && before.method !== 'HEAD') || (status <= 302 && before.method === 'POST')
  if (get && wish.method === null) return request(url, wish, 'GET', null)
  return request(url, wish, before.method, before.body)
}

// In curl's order. Fields of -H go behind, or take the place of ours.
function request(url: URL, wish: FetchWish, method: string, body: Uint8Array | null): FetchRequest {
  const headers: [string, string][] = [
    ['Host', url.host],
    ['User-Agent', wish.agent],
    ['Accept', '*/*'],
  ]
  if (url.username !== '' || url.password !== '') {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    headers.splice(1, 0, ['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`])
  }
  for (const [name, value] of wish.headers) {
    const place = headers.findIndex(([other]) => other.toLowerCase() === name.toLowerCase())
    if (value === null) {
      if (place >= 0) headers.splice(place, 1)
    } else if (place >= 0) {
      headers[place] = [name, value]
    } else {
      headers.push([name, value])
    }
  }
  if (body !== null) {
    const said = (name: string) => [...headers, ...wish.headers].some(([other]) => other.toLowerCase() === name)
    if (!said('content-length')) headers.push(['Content-Length', String(body.length)])
    if (!said('content-type')) headers.push(['Content-Type', 'application/x-www-form-urlencoded'])
  }
  return { url, method, headers, body }
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
