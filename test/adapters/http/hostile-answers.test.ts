// Read first: RFC 9112 sections 4, 5, 6, 7 and 11. What a server sends that is no answer is a TypeError, and the connection is not used again.

import { describe, expect, test } from 'vitest'
import { httpFor } from '../../../src/adapters/web.ts'
import { Stack } from '../../../src/platform/stack.ts'
import { expectNoUnhandledRejections, failure } from '../web/hosts.ts'
import { answering } from './peers.ts'

expectNoUnhandledRejections()

async function fetched(answer: string, init: RequestInit = {}): Promise<Response> {
  const stack = new Stack()
  const { port } = answering(stack, answer)
  return httpFor(stack).fetch(`http://127.0.0.1:${port}/`, init)
}

const OK = 'HTTP/1.1 200 OK\r\n'

describe('an answer that is refused', () => {
  test.each([
    ['no octet', '', 'HTTP_CLOSED'],
    ['half a head', 'HTTP/1.1 200 OK\r\nA: b', 'HTTP_CLOSED'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'HTTP_SYNTAX'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n', 'HTTP_SYNTAX'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'HTTP_SYNTAX'],
    ['a status of four', 'HTTP/1.1 2000 OK\r\n\r\n', 'HTTP_SYNTAX'],
    ['a status of no class', 'HTTP/1.1 600 OK\r\n\r\n', 'HTTP_SYNTAX'],
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', 'HTTP_SYNTAX'],
    ['a bare CR in a field', `${OK}A: b\rC: d\r\n\r\n`, 'HTTP_SYNTAX'],
    ['obs-fold (5.2)', `${OK}A: b\r\n c\r\n\r\n`, 'HTTP_SYNTAX'],
    ['a space before the colon (5.1)', `${OK}Content-Length : 4\r\n\r\nbody`, 'HTTP_SYNTAX'],
    [
      'both Content-Length and Transfer-Encoding (6.3)',
      `${OK}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'HTTP_FRAMING',
    ],
    ['two lengths', `${OK}Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody`, 'HTTP_FRAMING'],
    ['a length that is none', `${OK}Content-Length: four\r\n\r\nbody`, 'HTTP_FRAMING'],
    ['a coding that is not known', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'HTTP_FRAMING'],
    ['a coding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'HTTP_FRAMING'],
    ['a protocol that nobody asked for', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', 'HTTP_UNSUPPORTED'],
    ['answers before the answer without end', 'HTTP/1.1 103 Early\r\n\r\n'.repeat(20), 'HTTP_LIMIT'],
    ['a head without end', `${OK}${`A: ${'b'.repeat(1000)}\r\n`.repeat(100)}\r\n`, 'HTTP_LIMIT'],
    ['a line without end', `${OK}A: ${'b'.repeat(70_000)}`, 'HTTP_LIMIT'],
    ['fields without end', `${OK}${'A: b\r\n'.repeat(1100)}\r\n`, 'HTTP_LIMIT'],
  ])('%s', async (_what, answer, code) => {
    const error = await failure(fetched(answer))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code } })
  })
})

describe('a body that breaks off is a TypeError for who reads it', () => {
  const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
  test.each([
    ['shorter than its length', `${OK}Content-Length: 5\r\n\r\nbody`, 'HTTP_CLOSED'],
    ['without a last chunk (8)', `${CHUNKED}4\r\nbody\r\n`, 'HTTP_CLOSED'],
    ['in the middle of a chunk', `${CHUNKED}8\r\nbody`, 'HTTP_CLOSED'],
    ['without the end of its trailer', `${CHUNKED}4\r\nbody\r\n0\r\nA: b\r\n`, 'HTTP_CLOSED'],
    ['with a size that is none', `${CHUNKED}four\r\nbody\r\n0\r\n\r\n`, 'HTTP_SYNTAX'],
    ['with a chunk that is longer than it says', `${CHUNKED}3\r\nbody\r\n0\r\n\r\n`, 'HTTP_SYNTAX'],
  ])('%s', async (_what, answer, code) => {
    const error = await failure((await fetched(answer)).text())
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'terminated', cause: { code } })
  })
})

describe('what is right, though rare', () => {
  test.each([
    ['no reason', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', 200, 'ok'],
    ['no reason, and no space', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 200, 'ok'],
    ['HTTP/1.0, and a body up to the end', 'HTTP/1.0 200 OK\r\n\r\nok', 200, 'ok'],
    ['HTTP/1.1, and a body up to the end (6.3)', `${OK}\r\nok`, 200, 'ok'],
    [
      'answers before the answer',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
      200,
      'ok',
    ],
    ['a trailer, which is forgotten', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n`, 200, 'ok'],
    ['octets behind the answer', `${OK}Content-Length: 2\r\n\r\nokHTTP/1.1 200 smuggled\r\n\r\n`, 200, 'ok'],
    ['a length with 304 (8.6)', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n', 304, ''],
    ['a status that nobody knows', 'HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok', 599, 'ok'],
  ])('%s', async (_what, answer, status, body) => {
    const response = await fetched(answer)
    expect([response.status, await response.text()]).toEqual([status, body])
  })

  test('several Set-Cookie are kept apart', async () => {
    const response = await fetched(`${OK}Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n`)
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.clone().headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })
})
