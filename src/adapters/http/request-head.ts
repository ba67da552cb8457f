// Read first: RFC 9112 sections 2.2, 2.3 and 3.

import { type Field, type HeadLimits, isToken, readFields } from './fields.ts'
import { HttpError, quoted } from './http-error.ts'
import type { OctetReader } from './octet-reader.ts'

export interface RequestHead {
  readonly method: string
  /** As it was sent. */
  readonly target: string
  /** Of the version: 1 for HTTP/1.1. */
  readonly minor: number
  readonly fields: readonly Field[]
}

export async function readRequestHead(reader: OctetReader, limits: HeadLimits): Promise<RequestHead> {
  let line = await startLine(reader, limits.octets)
  // "A server … SHOULD ignore at least one empty line (CRLF) received prior to the request-line."
  if (line === '') line = await startLine(reader, limits.octets)
  const [method = '', target = '', version = '', ...rest] = line.split(' ')
  if (!isToken(method) || !/^[\x21-\x7e]+$/.test(target) || rest.length > 0) {
    throw new HttpError('HTTP_SYNTAX', `${quoted(line)} is no request`)
  }
  const minor = /^HTTP\/1\.(\d)$/.exec(version)?.[1]
  if (minor === undefined) {
    const status = /^HTTP\/\d\.\d$/.test(version) ? 505 : 400
    throw new HttpError('HTTP_SYNTAX', `${quoted(version)} is no version of HTTP/1`, status)
  }
  const fields = await readFields(reader, limits, limits.octets - line.length - 2)
  return { method, target, minor: Number(minor), fields }
}

// A request line that is too long is most of all a target that is: section 3 has 414 for it.
async function startLine(reader: OctetReader, limit: number): Promise<string> {
  try {
    return await reader.line(limit)
  } catch (error) {
    if (error instanceof HttpError && error.status === 431) throw new HttpError(error.code, error.message, 414)
    throw error
  }
}

const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.~_!$&'()*+,;=-]*)(?::\d*)?$/

/**
 * What is asked for, as a URL: section 3.3. `authority` is what is meant where nothing is said: HTTP/1.0, or an empty Host.
 */
export function requestUrl({ method, target, minor, fields }: RequestHead, scheme: string, authority: string): URL {
  const hosts = fields.filter(([name]) => name === 'host').map(([, value]) => value)
  // "A server MUST respond with a 400 … to any HTTP/1.1 request message that lacks a Host header field and to any request message
  // that contains more than one Host header field line or a Host header field with an invalid field value": section 3.2.
  if (hosts.length > 1 || (hosts.length === 0 && minor > 0)) {
    throw new HttpError('HTTP_SYNTAX', `there must be one Host, not ${hosts.length}`)
  }
  const host = hosts[0] ?? ''
  if (!HOST.test(host)) throw new HttpError('HTTP_SYNTAX', `${quoted(host)} is no Host`)
  const base = `${scheme}://${host === '' ? authority : host}`
  const star = target === '*' && method === 'OPTIONS'
  const url = parse(star ? base : target.startsWith('/') ? base + target : target)
  if (url === null || target.includes('#') || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new HttpError('HTTP_SYNTAX', `${quoted(target)} is no target`)
  }
  return url
}

function parse(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
