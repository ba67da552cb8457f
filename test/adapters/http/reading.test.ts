// Messages that come in pieces, and octets that are anything.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyReader } from '../../../src/adapters/http/body-reader.ts'
import { requestFraming } from '../../../src/adapters/http/framing.ts'
import { HttpError } from '../../../src/adapters/http/http-error.ts'
import { OctetReader } from '../../../src/adapters/http/octet-reader.ts'
import { readRequestHead } from '../../../src/adapters/http/request-head.ts'
import type { OctetChannel } from '../../../src/adapters/web/octet-channel.ts'

const LIMITS = { octets: 1024, fields: 10 }

/** A connection that gives these octets, so many at a time. */
function channelOf(text: string, pieces: readonly number[]): OctetChannel {
  let at = 0
  let turn = 0
  return {
    async read(into) {
      const most = pieces.length === 0 ? into.length : (pieces[turn++ % pieces.length] as number)
      const count = Math.min(into.length, most, text.length - at)
      for (let i = 0; i < count; i++) into[i] = text.charCodeAt(at + i)
      at += count
      return count
    },
    write: async () => {},
    end: () => {},
    mute: () => {},
    abort: async () => {},
    close: async () => {},
  }
}

/** The requests in these octets, as text; the code of what is wrong with them at the end. */
async function requestsIn(text: string, pieces: readonly number[]): Promise<string[]> {
  const reader = new OctetReader(channelOf(text, pieces))
  const requests: string[] = []
  const into = new Uint8Array(7)
  try {
    while (reader.buffered > 0 || (await reader.fill())) {
      const head = await readRequestHead(reader, LIMITS)
      for (const part of [head.method, head.target, ...head.fields.flat()]) expect(part).not.toMatch(/[\r\n\0]/)
      let body = ''
      const source = bodyReader(reader, requestFraming(head))
      for (let count = await source.read(into); count > 0; count = await source.read(into)) {
        body += String.fromCharCode(...into.subarray(0, count))
      }
      requests.push(JSON.stringify([head, body]))
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    requests.push(error.code)
  }
  return requests
}

const MESSAGES = [
  'GET /one HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 14\r\n\r\nGET / HTTP\r\n\r\n',
  'POST /three HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;x="y"\r\nbody\r\n00a\r\n0123456789\r\n0\r\nA: b\r\n\r\n',
  `PUT /four HTTP/1.0\r\nA: ${'a'.repeat(500)}\r\n\r\n`,
]
const messages = fc.array(fc.constantFrom(...MESSAGES), { minLength: 1, maxLength: 4 }).map((list) => list.join(''))
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 })

describe('octets of requests', () => {
  test('mean the same in whatever pieces they come', async () => {
    await fc.assert(
      fc.asyncProperty(messages, pieces, async (text, cuts) => {
        const whole = await requestsIn(text, [])
        expect(whole.every((request) => request.startsWith('['))).toBe(true)
        expect(await requestsIn(text, cuts)).toEqual(whole)
      }),
    )
  })

  const damage = fc.array(
    fc.tuple(
      fc.nat(400),
      fc.constantFrom('', '\r', '\n', '\r\n', ' ', '\t', '\0', ':', ',', ';', '0', 'f', '\x80', 'chunked'),
    ),
    { minLength: 1, maxLength: 4 },
  )

  test('that are damaged are requests or an HttpError, and the same in whatever pieces they come', async () => {
    await fc.assert(
      fc.asyncProperty(messages, damage, pieces, fc.boolean(), async (text, changes, cuts, replace) => {
        let wrong = text
        for (const [at, what] of changes) wrong = wrong.slice(0, at) + what + wrong.slice(at + (replace ? 1 : 0))
        expect(await requestsIn(wrong, cuts)).toEqual(await requestsIn(wrong, []))
      }),
      { numRuns: 500 },
    )
  })
})
