// Read first: RFC 9112 sections 6 and 11.2, RFC 9110 section 8.6.

import { type Field, valuesOf } from './fields.ts'
import { HttpError, quoted } from './http-error.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

/** Where a body ends. */
export type Framing =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** With the connection. */
  | { readonly kind: 'close' }

export const NO_BODY: Framing = { kind: 'length', length: 0 }

/** Statuses whose answers have no body, whatever their fields say: section 6.3, number 1. */
export function isBodiless(status: number): boolean {
  return status < 200 || status === 204 || status === 304
}

/** Of a request: no body where nothing is said. */
export function requestFraming({ minor, fields }: RequestHead): Framing {
  return said(minor, fields) ?? NO_BODY
}

export function responseFraming(method: string, { status, minor, fields }: ResponseHead): Framing {
  if (method === 'HEAD' || isBodiless(status)) return NO_BODY
  return said(minor, fields) ?? { kind: 'close' }
}

// One length or one coding, and nothing that two readers could understand in two ways: who disagrees with us about where a message
// ends could be made to take a part of it for another message. Some of it RFC 9112 lets pass: both fields (the coding has it), a list
// of equal lengths.
function said(minor: number, fields: readonly Field[]): Framing | null {
  const codings = valuesOf(fields, 'transfer-encoding')
  const lengths = valuesOf(fields, 'content-length')
  if (codings.length > 0) {
    if (lengths.length > 0) throw new HttpError('HTTP_FRAMING', 'there are both Transfer-Encoding and Content-Length')
    // "MUST treat the message as if the framing is faulty": section 6.1.
    if (minor === 0) throw new HttpError('HTTP_FRAMING', 'there is a Transfer-Encoding in HTTP/1.0')
    const all = codings.join(',').toLowerCase()
    if (all === 'chunked') return { kind: 'chunked' }
    const known = /^[a-z-]+[ \t]*,[ \t]*chunked$/.test(all) && !all.startsWith('chunked')
    throw new HttpError('HTTP_FRAMING', `the Transfer-Encoding ${quoted(all)} is not "chunked"`, known ? 501 : 400)
  }
  if (lengths.length === 0) return null
  const [text = ''] = lengths
  const length = Number(text)
  if (lengths.length > 1 || !/^\d+$/.test(text) || !Number.isSafeInteger(length)) {
    throw new HttpError('HTTP_FRAMING', `the Content-Length ${quoted(lengths.join(', '))} is no length`)
  }
  return { kind: 'length', length }
}
