// Read first: the WHATWG Fetch Standard, section 5.5 (Response); RFC 9110 section 8.4.

import { ContentDecoder } from './content-decoder.ts'
import { valuesOf } from './fields.ts'
import { isBodiless } from './framing.ts'
import type { ResponseHead } from './response-head.ts'

/** What a Response does not take from its maker, but has. */
interface Origin {
  readonly url: string
  readonly redirected: boolean
}

/** Codings of bodies that are undone, in the words of DecompressionStream. */
const CODINGS: Readonly<Record<string, CompressionFormat>> = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' }

/** An answer as a Response. */
export function fetchedResponse(
  method: string,
  { status, reason, fields }: ResponseHead,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  origin: Origin,
): Response {
  const headers = new Headers(fields as [string, string][])
  const bodiless = method === 'HEAD' || isBodiless(status) || status === 205
  const content = bodiless ? null : (body ?? new Uint8Array(0))
  return described(new Response(content, { status, statusText: reason, headers }), headers, origin)
}

// A constructed Response has no URL, and in a page it keeps no Set-Cookie.
function described(response: Response, headers: Headers, origin: Origin): Response {
  const clone = () => described(Response.prototype.clone.call(response), new Headers(headers), origin)
  const own: Record<string, unknown> = { url: origin.url, redirected: origin.redirected, type: 'basic', headers, clone }
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(response, name, { value, configurable: true, enumerable: false })
  }
  return response
}

/** The body without its codings; as it is where there are some that are not known here. `failed` makes the error that is told. */
export function decoded(
  { fields }: ResponseHead,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  failed: (error: unknown) => unknown,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const names = valuesOf(fields, 'content-encoding')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  const formats = names.map((name) => CODINGS[name])
  // Each coding may make a thousand octets of one: nobody needs many.
  if (names.length === 0 || names.length > 3 || formats.includes(undefined)) return body
  return formats.reduceRight((stream, format, i) => {
    return new ContentDecoder(stream, format as CompressionFormat, i === 0 ? failed : (error) => error).readable
  }, body)
}

/** Whether an answer leads elsewhere, and where: null where not. */
export function locationOf({ status, fields }: ResponseHead): string | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null
  return valuesOf(fields, 'location')[0] ?? null
}
