// Read first: the WHATWG Fetch Standard, sections 2.2.1 (forbidden methods), 2.2.2 (forbidden request-headers) and 5.4 (Request).

import { HttpError, quoted } from './http-error.ts'
import type { RequestHead } from './request-head.ts'

/** Whether what a Request is made with keeps what a page may not say: a Cookie. */
let keepsAll: boolean | null = null

/** A request that came, as a Request. Throws an HttpError for a method that none can have. */
export function servedRequest(
  { method, fields }: RequestHead,
  url: URL,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  signal: AbortSignal,
): Request {
  keepsAll ??= new Request('http://a/', { headers: { cookie: 'a' } }).headers.has('cookie')
  const headers = new Headers(fields as [string, string][])
  const request = make(url, { method, headers, signal, ...(body === null ? {} : { body, duplex: 'half' }) })
  // Methods are case-sensitive (RFC 9110 section 9.1), and a Request writes some of them large.
  if (request?.method !== method)
    throw new HttpError('HTTP_UNSUPPORTED', `the method ${quoted(method)} is not known`, 501)
  if (!keepsAll) Object.defineProperty(request, 'headers', { value: headers, configurable: true })
  return request
}

function make(url: URL, init: RequestInit): Request | null {
  try {
    return new Request(url, init)
  } catch {
    return null
  }
}
