// Read first: RFC 9110 section 8.4 (codings of content), curl(1) on --compressed.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** The page of an answer without the codings that its header names, the last of them first. */
export function decoded(response: IncomingMessage): Readable {
  const codings = (response.headers['content-encoding'] ?? '').split(',').map((one) => one.trim().toLowerCase())
  let stream: Readable = response
  for (const coding of codings.reverse()) {
    const decoder =
      coding === 'gzip' || coding === 'x-gzip'
        ? createGunzip()
        : coding === 'deflate'
          ? createInflate()
          : coding === 'br'
            ? createBrotliDecompress()
            : null
    if (decoder === null) continue
    const before = stream
    before.on('error', (error) => decoder.destroy(error))
    stream = before.pipe(decoder)
  }
  return stream
}
