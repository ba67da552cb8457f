// Read first: RFC 9112 section 4.

import { type Field, type HeadLimits, readFields } from './fields.ts'
import { HttpError, quoted } from './http-error.ts'
import type { OctetReader } from './octet-reader.ts'

export interface ResponseHead {
  /** 100 to 599. */
  readonly status: number
  readonly reason: string
  /** Of the version: 1 for HTTP/1.1. */
  readonly minor: number
  readonly fields: readonly Field[]
}

// The space behind the status MUST be there, even where no reason follows; many leave it out, and nothing can be meant but that.
const STATUS_LINE = /^HTTP\/1\.(\d) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/

export async function readResponseHead(reader: OctetReader, limits: HeadLimits): Promise<ResponseHead> {
  const line = await reader.line(limits.octets)
  const match = STATUS_LINE.exec(line)
  if (match === null) throw new HttpError('HTTP_SYNTAX', `${quoted(line)} is no status line of HTTP/1`)
  const [, minor, status, reason = ''] = match
  const fields = await readFields(reader, limits, limits.octets - line.length - 2)
  return { status: Number(status), reason, minor: Number(minor), fields }
}
